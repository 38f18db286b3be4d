"""Where the project writes a word: the nodes of all files that are spelled so.

Most questions that concern all files ("who calls `save`?", "what is assigned to `timeout`?") are about a word, and
few words are asked for. So no file is searched for a word that its string table does not hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from dblint.facts.tree import FileFacts, Kind, Role, Tree

NAMES = (Kind.NAME, Kind.ATTRIBUTE)


class Words:
    """Finds nodes by their word, in the order of files and of their sources."""

    def __init__(self, files: Mapping[str, FileFacts], tree: Callable[[str], Tree]) -> None:
        self._files = files
        self._tree = tree
        self._order = sorted(files)
        self._holding: dict[str, list[int]] | None = None
        """Word → the numbers of the files whose string table has it."""
        self._calls: dict[str, list[tuple[str, int]]] = {}

    def spelled(self, word: str, within: Sequence[str] | None = None) -> Iterator[tuple[str, int]]:
        """The nodes whose word this is, in these files or in all."""
        if within is None:
            if self._holding is None:
                self._holding = self._index()
            within = [self._order[number] for number in self._holding.get(word, ())]
        for path in within:
            for node in self._tree(path).spelled(word):
                yield path, node

    def called(self, word: str) -> list[tuple[str, int]]:
        """The calls whose callee's last word this is."""
        found = self._calls.get(word)
        if found is None:
            found = self._calls[word] = []
            for path, node in self.spelled(word):
                tree = self._tree(path)
                if tree.roles[node] == Role.CALLEE and tree.kinds[node] in NAMES and tree.kinds[node - 1] == Kind.CALL:
                    found.append((path, node - 1))
        return found

    def given(self, word: str) -> list[tuple[str, int, int | str, int]]:
        """The calls that are given what this word names: the file, the call, the argument's position or keyword, the
        argument."""
        found: list[tuple[str, int, int | str, int]] = []
        for path, node in self.spelled(word):
            tree = self._tree(path)
            if tree.kinds[node] not in NAMES:
                continue
            above = tree.parents[node]
            argument = above if tree.kinds[above] == Kind.KEYWORD and above == node - 1 else node
            call = tree.parents[argument]
            if tree.roles[argument] != Role.ARGUMENT or tree.kinds[call] != Kind.CALL:
                continue
            if argument != node:
                found.append((path, call, tree.value(argument), node))
            else:
                found.append((path, call, list(tree.with_role(call, Role.ARGUMENT)).index(node), node))
        found.sort(key=lambda one: one[:2])
        return found

    def _index(self) -> dict[str, list[int]]:
        holding: defaultdict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self._order):
            for word in self._files[path].body.strings:
                holding[word].append(number)
        return dict(holding)
