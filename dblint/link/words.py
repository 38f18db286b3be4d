"""Where the project writes a word: the nodes of all files that are spelled so.

Many questions that concern all files ("who calls `save`?", "what is assigned to `timeout`?") are about a word, and
few words are asked for. No file is searched for a word that its string table does not hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dblint.facts.tree import FileFacts, Kind, Role, Tree

NAMES = (Kind.NAME, Kind.ATTRIBUTE)
_TELLING = (Role.CALLEE, Role.ARGUMENT, Role.VALUE, Role.OBJECT, Role.TARGET, Role.INDEX)
"""The roles by which somebody asks for a word."""


class Given(NamedTuple):
    """A name as an argument: the file, the call, the callee's last word or "", its position or keyword, its node."""

    path: str
    call: int
    callee: str
    key: int | str
    node: int


class Words:
    """Finds nodes by their word, in the order of files and of their sources."""

    def __init__(self, files: Mapping[str, FileFacts], tree: Callable[[str], Tree]) -> None:
        self._files = files
        self._tree = tree
        self._order = sorted(files)
        self._holding: dict[str, list[int]] | None = None
        """Word → the numbers of the files whose string table has it."""
        self._by_role: dict[str, dict[int, list[tuple[str, int]]]] = {}
        self._calls: dict[str, list[tuple[str, int]]] = {}
        self._given: dict[str, list[Given]] = {}
        self._locals: dict[str, dict[tuple[str, str], None]] | None = None
        """Word → the files that import it under another name, with that name."""

    def spelled(self, word: str, within: Sequence[str] | None = None) -> Iterator[tuple[str, int]]:
        """The nodes whose word this is, in these files or in all; none for the empty word."""
        if not word:
            return
        files: Sequence[str] = self._files_with(word)
        if within is not None:
            holding = frozenset(files)
            files = [path for path in within if path in holding]
        for path in files:
            for node in self._tree(path).spelled(word):
                yield path, node

    def _files_with(self, word: str) -> list[str]:
        if self._holding is None:
            self._holding = self._index()
        return [self._order[number] for number in self._holding.get(word, ())]

    def standing(self, word: str, *roles: int) -> list[tuple[str, int]]:
        """The nodes of the project whose word this is and that stand in one of these roles, in the same order. A word
        is looked for once, for all who ask how it is used."""
        sorted_out = self._by_role.get(word)
        if sorted_out is None:
            sorted_out = self._by_role[word] = {role: [] for role in _TELLING}
            for path in self._files_with(word) if word else ():
                tree = self._tree(path)
                roles_of = tree.roles
                for node in tree.spelled(word):
                    nodes = sorted_out.get(roles_of[node])
                    if nodes is not None:
                        nodes.append((path, node))
        if len(roles) == 1:
            return sorted_out[roles[0]]
        found: list[tuple[str, int]] = []
        for role in roles:
            found += sorted_out[role]
        found.sort()
        return found

    def called(self, word: str) -> list[tuple[str, int]]:
        """The calls of the project whose callee's last word this is."""
        found = self._calls.get(word)
        if found is None:
            found = self._calls[word] = []
            for path, node in self.standing(word, Role.CALLEE):
                tree = self._tree(path)
                if tree.kinds[node] in NAMES and tree.kinds[node - 1] == Kind.CALL:
                    found.append((path, node - 1))
        return found

    def imported(self, word: str) -> list[tuple[str, int]]:
        """The calls of what a library calls so: by this word, and by the names under which files import it (`from
        sqlite3 import connect as opened`)."""
        found = list(self.called(word))
        if self._locals is None:
            self._locals = {}
            for path in self._order:
                for binding in self._files[path].interface.imports:
                    if binding.local and binding.name not in (binding.local, "*", ""):
                        self._locals.setdefault(binding.name, {})[path, binding.local] = None
        for path, local in self._locals.get(word, ()):
            found += [site for site in self.called(local) if site[0] == path]
        return found

    def given(self, word: str) -> list[Given]:
        """The calls that are given what this word names, in the order of the calls."""
        found = self._given.get(word)
        if found is None:
            found = self._given[word] = sorted(self._arguments(word), key=lambda given: (*given[:2], given.node))
        return found

    def _arguments(self, word: str) -> Iterator[Given]:
        for path, node in self.standing(word, Role.ARGUMENT, Role.VALUE):  # of a keyword it is the value
            tree = self._tree(path)
            if tree.kinds[node] not in NAMES:
                continue
            above = tree.parents[node]
            keyword = tree.kinds[above] == Kind.KEYWORD and above + 1 == node
            argument = above if keyword else node
            call = tree.parents[argument]
            if tree.roles[argument] != Role.ARGUMENT or tree.kinds[call] != Kind.CALL:
                continue
            callee = tree.value(call + 1) if tree.kinds[call + 1] in NAMES else ""
            key: int | str = tree.value(argument)
            if not keyword:
                key = list(tree.with_role(call, Role.ARGUMENT)).index(argument)
            yield Given(path, call, callee, key, node)

    def _index(self) -> dict[str, list[int]]:
        holding: defaultdict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(self._order):
            for word in self._files[path].body.strings:
                holding[word].append(number)
        return dict(holding)
