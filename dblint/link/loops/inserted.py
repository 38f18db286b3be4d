"""Rows that a turn of a loop inserts: what belongs to them, no query before the loop can load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.query import Verb
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryFunction,
    ProjectClass,
    Scalar,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 8
"""Names and functions through which a row is followed to where it is made."""
_PLAIN = (Kind.AWAIT, Kind.CAST)


class Inserted:
    """Answers which values are such rows. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def row(self, path: str, node: int) -> int:
        """The expression of the row that a value is, is the key of, or gives the many rows of another table of; the
        value itself where it is none of these."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _PLAIN:
            node += 1
        if tree.kinds[node] != Kind.ATTRIBUTE:
            return node
        relations = self.evaluator.relations
        of = self._models(path, node + 1)
        if relations is None or not of:
            return node
        name = tree.value(node)
        related = [relations.relation(model, name) for model in of]
        many = all(each is not None and each.many for each in related)
        return node + 1 if many or all(name in relations.key(model) for model in of) else node

    def element(self, path: str, node: int, names: tuple[str, ...]) -> str:
        """The model of the row that a loop's name holds, where a value is that row or its key; "" for anything else."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _PLAIN:
            node += 1
        name = ""
        if tree.kinds[node] == Kind.ATTRIBUTE:
            name = tree.value(node)
            node += 1
        if tree.kinds[node] != Kind.NAME or tree.value(node) not in names:
            return ""
        models = self._models(path, node)
        if len(models) != 1 or not isinstance(models[0], ProjectClass) or (name and name not in self._keys(models)):
            return ""
        return self.evaluator.classes.class_name(models[0])

    def of_row(self, path: str, node: int, names: tuple[str, ...]) -> bool:
        """Whether a value is the row that a loop's name holds, or one of that row's attributes."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _PLAIN:
            node += 1
        node += tree.kinds[node] == Kind.ATTRIBUTE
        if tree.kinds[node] != Kind.NAME or tree.value(node) not in names:
            return False
        found = options(self.evaluator.value(path, node))
        plain = bool(found) and all(isinstance(value, Scalar) and value.kind == "row" for value in found)
        return plain or bool(self._models(path, node))

    def parameter(self, path: str, node: int, function: int) -> str:
        """The parameter of a function whose value's row, key or related rows stand at `node`; "self" for a method's
        receiver, "" where it is anything else."""
        node = self.row(path, node)
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return ""
        if tree.has(node, Flag.SELF):
            return "self"
        bound = self.evaluator.scope(path).bindings(node, tree.value(node)) or ()
        if len(bound) != 1 or tree.kinds[bound[0][0]] != Kind.PARAMETER or tree.parents[bound[0][0]] != function:
            return ""
        receives = self.evaluator.parameters.position(path, function, bound[0][0]) == -1
        return "self" if receives else tree.value(node)

    def made(self, path: str, node: int, region: int) -> bool:
        """Whether a value is surely a row that a turn of a loop, or a call of a function (`region`), inserts under a
        key that nobody chose before, or belongs to one. A row that is made in memory is: what asks for rows of it
        needs its key, which it has once it is saved."""
        return self._made(path, self.row(path, node), region, STEPS)

    def _made(self, path: str, node: int, region: int, steps: int) -> bool:
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _PLAIN:
            node += 1
        if steps <= 0:
            return False
        if tree.kinds[node] == Kind.CALL:
            return self._inserts(path, tree, node, steps)
        if tree.kinds[node] != Kind.NAME:
            return False
        bound = self.evaluator.scope(path).bindings(node, tree.value(node))
        if not bound or not all(self._assigned(path, tree, binding, region, steps) for binding, _ in bound):
            return False
        return not self._chosen(path, tree, node, region)

    def _assigned(self, path: str, tree: Tree, binding: int, region: int, steps: int) -> bool:
        if tree.kinds[binding] != Kind.ASSIGN or tree.value(binding) or not tree.contains(region, binding):
            return False
        value = tree.child(binding, Role.VALUE)
        whole = tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME
        return value >= 0 and whole and self._made(path, value, region, steps - 1)

    def _inserts(self, path: str, tree: Tree, call: int, steps: int) -> bool:
        """Whether a call inserts a row and gives it, makes one in memory, or calls a function that gives such."""
        models = self._models(path, call)
        if not models:
            return False
        found = options(self.evaluator.value(path, call + 1))
        return bool(found) and all(self._gives(tree, call, value, models, steps) for value in found)

    def _gives(self, tree: Tree, call: int, callee: Value, models: list[Value], steps: int) -> bool:
        if isinstance(callee, FunctionValue):
            other = self.evaluator.tree(callee.path)
            returned = [node for node in self.evaluator.returns(callee) if other.kinds[node] != Kind.CONSTANT]
            plain = not other.has(callee.node, Flag.GENERATOR)
            return (
                plain
                and bool(returned)
                and all(self._made(callee.path, node, callee.node, steps - 1) for node in returned)
            )
        if isinstance(callee, (BoundMember, LibraryFunction)):
            row = self.evaluator.rows.row_of(callee)
            if row is None or row.run != Verb.INSERT.value:
                return False
        elif not isinstance(callee, ProjectClass) or self._spreads(tree, call):
            return False
        return not self._keyed(tree, call, models)

    def _keyed(self, tree: Tree, call: int, models: list[Value]) -> bool:
        """Whether a call is given the key of the row that it makes."""
        keys = self._keys(models)
        return any(
            tree.kinds[node] in (Kind.KEYWORD, Kind.PAIR) and tree.value(node) in keys
            for node in range(call, tree.ends[call])
        )

    def _chosen(self, path: str, tree: Tree, node: int, region: int) -> bool:
        """Whether the program sets the key of the row that a name holds."""
        keys, name = self._keys(self._models(path, node)), tree.value(node)
        attribute = tree.kinds.find(Kind.ATTRIBUTE, region, tree.ends[region])
        while attribute >= 0:
            if tree.roles[attribute] == Role.TARGET and tree.value(attribute) in keys:
                if tree.kinds[attribute + 1] == Kind.NAME and tree.value(attribute + 1) == name:
                    return True
            attribute = tree.kinds.find(Kind.ATTRIBUTE, attribute + 1, tree.ends[region])
        return False

    @staticmethod
    def _spreads(tree: Tree, call: int) -> bool:
        """Whether a call is given what cannot be seen, the key of a row that is there perhaps."""
        return tree.kinds.find(Kind.SPREAD, call, tree.ends[call]) >= 0

    def _keys(self, models: list[Value]) -> frozenset[str]:
        relations = self.evaluator.relations
        return frozenset().union(*(relations.key(model) for model in models)) if relations is not None else frozenset()

    def _models(self, path: str, node: int) -> list[Value]:
        """The models of which an expression is a row, whichever it is; none where it may be anything else."""
        relations = self.evaluator.relations
        found = options(self.evaluator.value(path, node))
        models = [value.cls for value in found if isinstance(value, Instance)]
        of_models = relations is not None and all(relations.key(model) for model in models)
        return list(models) if of_models and len(models) == len(found) else []
