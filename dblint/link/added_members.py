"""Members that the program adds to a model by what it is made of: functions that are put on a schema
(`schema.statics.byName = function (name) { … }`), or that stand in its options, become the model's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.values import UNKNOWN, FunctionValue, Instance, LibraryClass, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Key = tuple[str, int]
"""The file and the node of the call that makes what holds such functions."""


class Added(NamedTuple):
    """A function that becomes a member: of the class itself or of its rows (`of`), of models made of `holder`."""

    holder: Key
    of: str
    name: str
    path: str
    node: int


class AddedMembers:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._words: dict[str, dict[str, str]] = {
            name: dict(row.adds_members) for name, row in evaluator.tables.types.items() if row.adds_members
        }
        """Types that hold such functions → by which words."""
        self._found: dict[Key, list[Added]] | None = None
        self._by_node: dict[Key, Added] = {}
        self._models: dict[Key, list[ProjectClass]] | None = None
        self._asking = False

    def holder(self, value: Value) -> Key | None:
        """Where a value is made that holds such functions; None for anything else."""
        if not isinstance(value, Instance) or not isinstance(value.cls, LibraryClass):
            return None
        if value.cls.name not in self._words:
            return None
        path, _, node = value.connection.rpartition(":")
        if path:
            return path, int(node)
        return next(((step.path, step.node) for step in value.steps if step.node >= 0), None)

    def member(self, cls: ProjectClass, of: str, name: str) -> FunctionValue | None:
        """The function that a model has under a name by what it is made of."""
        if not self._words or self.evaluator.tree(cls.path).kinds[cls.node] != Kind.CALL:
            return None
        for holder in self._holders(cls):
            for added in self._added().get(holder, ()):
                if added.of == of and added.name == name:
                    receiver: Value = Instance(cls) if of == "row" else cls
                    return FunctionValue(added.path, added.node, receiver)
        return None

    def receiver(self, path: str, function: int) -> Value:
        """What `this` is in such a function; unknown in any other."""
        if not self._words:
            return UNKNOWN
        self._added()
        added = self._by_node.get((path, function))
        models = self._made().get(added.holder, []) if added is not None else []
        if added is None or len(models) != 1:
            return UNKNOWN
        return (
            models[0] if added.of == "class" else Instance(models[0], how=("a row",)) if added.of == "row" else UNKNOWN
        )

    # What is made of what

    def _holders(self, cls: ProjectClass) -> Iterator[Key]:
        """What holds functions among the arguments of the call that makes a model."""
        tree = self.evaluator.tree(cls.path)
        for argument in tree.with_role(cls.node, Role.ARGUMENT):
            if tree.kinds[argument] in (Kind.NAME, Kind.ATTRIBUTE, Kind.CALL):
                for option in options(self.evaluator.value(cls.path, argument)):
                    key = self.holder(option)
                    if key is not None:
                        yield key

    def _made(self) -> Mapping[Key, list[ProjectClass]]:
        """The models by what they are made of."""
        if self._models is None:
            if self._asking:
                return {}
            self._asking = True
            found: dict[Key, list[ProjectClass]] = {}
            try:
                with self.evaluator.partial() as partial:
                    for cls in self.evaluator.classes.by_calls():
                        for key in self._holders(cls):
                            found.setdefault(key, []).append(cls)
            finally:
                self._asking = False
            if partial and self.evaluator.depth():
                return found
            self._models = found
        return self._models

    # What is added

    def _added(self) -> Mapping[Key, list[Added]]:
        if self._found is None:
            self._found = {}
            with self.evaluator.partial() as partial:
                found: dict[Key, list[Added]] = {}
                for each in self._all():
                    found.setdefault(each.holder, []).append(each)
                    self._by_node[each.path, each.node] = each
            self._found = None if partial and self.evaluator.depth() else found
            return found
        return self._found

    def _all(self) -> Iterator[Added]:
        words = {word: of for given in self._words.values() for word, of in given.items()}
        for word, of in words.items():
            for path, node in self.evaluator.words.spelled(word):
                if not self.evaluator.javascript(path):
                    continue
                tree = self.evaluator.tree(path)
                above = tree.parents[node]
                if tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.OBJECT:
                    yield from self._assigned(path, node, above, of)
                elif tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.TARGET:
                    yield from self._listed(path, node + 1, tree.child(above, Role.VALUE), of)
                elif tree.kinds[node] == Kind.ATTRIBUTE and tree.roles[node] == Role.CALLEE:
                    yield from self._called(path, node, above, of)
                elif tree.kinds[node] == Kind.PAIR:
                    call = tree.parents[above] if tree.kinds[above] == Kind.OBJECT else -1
                    if call >= 0 and tree.kinds[call] == Kind.CALL and tree.roles[above] == Role.ARGUMENT:
                        yield from self._listed(path, call, tree.child(node, Role.VALUE), of)

    def _assigned(self, path: str, node: int, member: int, of: str) -> Iterator[Added]:
        """`schema.statics.byName = function …`"""
        tree = self.evaluator.tree(path)
        if tree.kinds[member] != Kind.ATTRIBUTE or tree.roles[member] != Role.TARGET:
            return
        value = tree.child(tree.parents[member], Role.VALUE)
        yield from self._of(path, node + 1, tree.value(member), value, of)

    def _called(self, path: str, node: int, call: int, of: str) -> Iterator[Added]:
        """`schema.static("byName", function …)`"""
        tree = self.evaluator.tree(path)
        given = list(tree.with_role(call, Role.ARGUMENT))
        if len(given) == 1:
            yield from self._listed(path, node + 1, given[0], of)
        elif len(given) > 1 and tree.kinds[given[0]] == Kind.STRING:
            yield from self._of(path, node + 1, tree.value(given[0]), given[1], of)

    def _listed(self, path: str, holder: int, value: int, of: str) -> Iterator[Added]:
        """`new Schema({ … }, { statics: { byName() { … } } })`"""
        tree = self.evaluator.tree(path)
        if value < 0 or tree.kinds[value] != Kind.OBJECT:
            return
        for pair in tree.children(value):
            inner = pair if tree.kinds[pair] == Kind.FUNCTION else tree.child(pair, Role.VALUE)
            if tree.kinds[pair] in (Kind.PAIR, Kind.FUNCTION) and inner >= 0:
                yield from self._of(path, holder, tree.value(pair), inner, of)

    def _of(self, path: str, holder: int, name: str, value: int, of: str) -> Iterator[Added]:
        if value < 0:
            return
        keys = [self.holder(option) for option in options(self.evaluator.value(path, holder))]
        tree = self.evaluator.tree(path)
        functions = [(path, value)] if tree.kinds[value] == Kind.FUNCTION else []
        if not functions and tree.kinds[value] in (Kind.NAME, Kind.ATTRIBUTE):
            held = options(self.evaluator.value(path, value))
            functions = [(each.path, each.node) for each in held if isinstance(each, FunctionValue)]
        for key in keys:
            for file, function in functions:
                if key is not None and not self.evaluator.tree(file).has(function, Flag.ARROW):
                    yield Added(key, of, name, file, function)
