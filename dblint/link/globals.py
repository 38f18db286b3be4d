"""What JavaScript keeps on objects from elsewhere: globals (`global.APP = …`), what is put on them (`APP.db = …`), what
an object's own methods put on it (`this.db = …`), and folders whose files a package loads by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Import, Kind, Role
from dblint.link import hosts
from dblint.link.arguments import Site, find
from dblint.link.values import UNKNOWN, Context, Expression, ModuleValue, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Globals:
    """Answers for them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._assigned: dict[str, list[tuple[str, int]]] | None = None
        self._literals: dict[tuple[str, int], str] | None = None

    def value(self, name: str) -> Value:
        """What a global of the project holds; `Unknown` where none is assigned."""
        places = self._names().get(name, ())
        values = [self.evaluator.value(path, node) for path, node in places]
        return join(values) if values else self.evaluator.annotations.declared("global", name)

    def _names(self) -> dict[str, list[tuple[str, int]]]:
        """The expressions that are assigned to globals, by name."""
        if self._assigned is None:
            self._assigned = {}
            for holder in sorted(hosts.GLOBALS):
                for path, node in self.evaluator.words.standing(holder, Role.OBJECT, Role.VALUE):
                    tree = self.evaluator.tree(path)
                    target = tree.parents[node]
                    while target >= 0 and tree.kinds[target] == Kind.CAST:
                        target = tree.parents[target]
                    if target < 0:
                        continue
                    if not self.evaluator.javascript(path) or tree.kinds[target] != Kind.ATTRIBUTE:
                        continue
                    value = self._given(path, target)
                    if value >= 0:
                        self._assigned.setdefault(tree.value(target), []).append((path, value))
        return self._assigned

    def _given(self, path: str, target: int) -> int:
        """The expression that is assigned to a target; -1 where nothing is."""
        tree = self.evaluator.tree(path)
        above = tree.parents[target]
        if tree.roles[target] != Role.TARGET or tree.kinds[above] != Kind.ASSIGN:
            return -1
        if tree.value(above) not in _KEEPS:
            return -1
        return tree.child(above, Role.VALUE)

    def member(self, literal: Expression, name: str) -> Value:
        """What is put on an object literal under a name where it is a global, or by its own methods."""
        values = [*self._on_global(literal, name), *self._by_methods(literal, name)]
        known: list[Value] = [value for value in values if not isinstance(value, Unknown)]
        return join(known) if known else UNKNOWN

    def _on_global(self, literal: Expression, name: str) -> list[Value]:
        if self._literals is None:
            self._literals = {}
            for name_of, places in self._names().items():
                for path, node in places:
                    for option in options(self.evaluator.value(path, node)):
                        if isinstance(option, Expression):
                            self._literals[option.path, option.node] = name_of
        word = self._literals.get((literal.path, literal.node))
        if word is None:
            return []
        found: list[Value] = []
        for path, target in self.evaluator.words.standing(name, Role.TARGET):
            tree = self.evaluator.tree(path)
            if not self.evaluator.javascript(path) or tree.kinds[target] != Kind.ATTRIBUTE:
                continue
            owner = target + 1
            if tree.kinds[owner] != Kind.NAME or tree.value(owner) != word:
                continue
            value = self._given(path, target)
            if value >= 0 and self._means(path, owner, word, literal):
                found.append(self.evaluator.value(path, value))
        return found

    def _means(self, path: str, node: int, word: str, literal: Expression) -> bool:
        """Whether a name stands for the global: nothing else of that name is there, or it holds the very object."""
        evaluator = self.evaluator
        if evaluator.scope(path).bindings(node, word) is None and evaluator.names.binding(path, word) is None:
            return True
        held = options(evaluator.value(path, node))
        return any(
            isinstance(option, Expression) and (option.path, option.node) == (literal.path, literal.node)
            for option in held
        )

    def _by_methods(self, literal: Expression, name: str) -> list[Value]:
        tree = self.evaluator.tree(literal.path)
        found: list[Value] = []
        node, stop = literal.node, tree.ends[literal.node]
        for target in tree.spelled(name):
            if not node < target < stop or tree.kinds[target] != Kind.ATTRIBUTE or target + 1 >= stop:
                continue
            owner = target + 1
            if tree.has(owner, Flag.SELF) and self.owner(literal.path, owner) == node:
                value = self._given(literal.path, target)
                if value >= 0:
                    found.append(self.evaluator.value(literal.path, value, literal.context))
        return found

    def owner(self, path: str, node: int) -> int:
        """The object literal of which a `this` at `node` is, by the method around it; -1 for none."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.CLASS:
                return -1
            if tree.kinds[parent] == Kind.FUNCTION and not tree.has(parent, Flag.ARROW):
                pair = tree.parents[parent]
                if pair < 0 or tree.kinds[pair] != Kind.PAIR or tree.roles[parent] != Role.VALUE:
                    return -1
                literal = tree.parents[pair]
                return literal if literal >= 0 and tree.kinds[literal] == Kind.OBJECT else -1
        return -1

    # Folders

    def folder(self, at: str, path: str, node: int, context: Context | None) -> Value:
        """The folder whose files a call loads, by the texts in its argument; `Unknown` where several have that name."""
        evaluator = self.evaluator
        words: list[str] = []
        for site in find(evaluator, at, Site(path, node, context)).sites:
            tree = evaluator.tree(site.path)
            inside = range(site.node, tree.ends[site.node])
            words += [tree.value(each).strip("/") for each in inside if tree.kinds[each] == Kind.STRING]
        tail = "/".join(word.removeprefix("./").removeprefix("../") for word in words if word and word != ".")
        if not tail:
            return UNKNOWN
        folders = {other.rpartition("/")[0] for other in evaluator.files if evaluator.javascript(other)}
        found = [each for each in folders if f"/{each}".endswith(f"/{tail}")]
        return ModuleValue(f"{found[0]}/") if len(found) == 1 else UNKNOWN

    def in_folder(self, folder: str, name: str) -> Value:
        """What the file of a name in a folder exports."""
        for path in self.evaluator.files:
            if path.rpartition("/")[0] == folder.rstrip("/") and path.rpartition("/")[2].partition(".")[0] == name:
                imported = Import(f"./{name}", "", "", 0)
                return self.evaluator.target(self.evaluator.names.imported(path, imported))
        return UNKNOWN


_KEEPS = frozenset({"", "??", "or"})
"""How something is assigned that holds it afterwards: always, or where nothing was there."""
