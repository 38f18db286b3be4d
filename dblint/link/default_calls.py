"""The calls of what scripts export as their whole: `import users from "./users"; users(connection)`.

Such a function often has no name, or is imported under another. A module that loads all files of a folder
(`require(path.join(__dirname, file))(connection)`) calls what each of them exports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.targets import Definition

if TYPE_CHECKING:
    from dblint.facts.tree import Tree
    from dblint.link.types import Evaluator

HERE = "__dirname"
"""What a script's own folder is called."""
JOINING = frozenset({"join", "resolve"})
"""Functions that put a path together."""


class DefaultCalls:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._sites: dict[str, list[tuple[str, int]]] | None = None
        self._folders: dict[str, list[tuple[str, int]]] = {}
        """Folder → the calls of what each script in it exports."""
        self._loaded: set[tuple[str, int]] = set()

    def of(self, path: str, function: int) -> list[tuple[str, int]]:
        """The calls of a function that its file exports as its whole; none for any other function."""
        target = self.evaluator.names.export(path, "default")
        if not isinstance(target, Definition) or target.path != path or function not in self._nodes(target):
            return []
        if self._sites is None:
            self._sites = {}
            for held, site in self._read():
                self._sites.setdefault(held, []).append(site)
        return [*self._sites.get(path, ()), *self._folders.get(path.rpartition("/")[0], ())]

    def loads_folder(self, path: str, call: int) -> bool:
        """Whether a call is one of what each script of a folder exports."""
        return (path, call) in self._loaded

    def _nodes(self, target: Definition) -> Iterator[int]:
        """The nodes that a definition binds, and the expressions that stand there."""
        tree = self.evaluator.tree(target.path)
        for node in target.nodes:
            yield node
            value = tree.child(node, Role.VALUE)
            if value >= 0:
                yield value

    def _read(self) -> Iterator[tuple[str, tuple[str, int]]]:
        names = self.evaluator.names
        for path, facts in sorted(self.evaluator.files.items()):
            if facts.language == "python":
                continue
            tree = self.evaluator.tree(path)
            for one in facts.interface.imports:
                target = names.imported(path, one) if one.local else None
                if isinstance(target, Definition) and target.name == "default":
                    for node in tree.spelled(one.local):
                        if tree.kinds[node] == Kind.NAME and tree.roles[node] == Role.CALLEE:
                            yield target.path, (path, node - 1)
        for path, node in self.evaluator.words.standing("require", Role.CALLEE):
            tree = self.evaluator.tree(path)
            required = node - 1
            if tree.kinds[required] != Kind.CALL or tree.roles[required] != Role.CALLEE:
                continue
            argument = tree.child(required, Role.ARGUMENT)
            site = (path, tree.parents[required])
            if argument >= 0 and tree.kinds[argument] == Kind.STRING:
                module = names.module(path, tree.value(argument))
                if isinstance(module, str):
                    yield module, site
            elif argument >= 0 and (folder := self._folder(path, tree, argument)) is not None:
                self._folders.setdefault(folder, []).append(site)
                self._loaded.add(site)

    def _folder(self, path: str, tree: Tree, node: int) -> str | None:
        """The folder in which a file lies whose name is computed; None where that cannot be said."""
        own = path.rpartition("/")[0]
        parts: list[str] = []
        if tree.kinds[node] == Kind.CALL and tree.value(node + 1) in JOINING:
            given = list(tree.with_role(node, Role.ARGUMENT))
            if not given or tree.value(given[0]) != HERE or tree.kinds[given[-1]] == Kind.STRING:
                return None
            if any(tree.kinds[each] != Kind.STRING for each in given[1:-1]):
                return None
            parts = [tree.value(each) for each in given[1:-1]]
        elif tree.kinds[node] in (Kind.TEMPLATE, Kind.BINARY):
            first = node + 1
            if tree.kinds[first] == Kind.STRING and tree.value(first).startswith("./"):
                parts = [tree.value(first).rpartition("/")[0]]
            elif not any(tree.value(each) == HERE for each in range(first, tree.ends[node])):
                return None
        else:
            return None
        folder = own
        for part in "/".join(parts).split("/"):
            if part == "..":
                folder = folder.rpartition("/")[0]
            elif part not in ("", "."):
                folder = f"{folder}/{part}" if folder else part
        return folder
