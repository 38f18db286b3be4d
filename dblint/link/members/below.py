"""Members that the classes below have: methods that are left open for them, and what they mix in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.classes import class_key
from dblint.link.members.declared import RELATION
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Class,
    FunctionValue,
    Instance,
    LibraryClass,
    ListOf,
    ProjectClass,
    Unknown,
    Value,
    join,
    options,
    widen,
)

if TYPE_CHECKING:
    from dblint.link.members.members import Members


IMPLEMENTATIONS = 3
"""Classes that write a method of an interface, up to which a call of it may be a call of each."""
_SAYS_NOTHING = frozenset({Kind.STRING, Kind.CONSTANT, Kind.RAISE})
"""Statements of a body that leaves a method open: its docstring, `...`, an error."""
_Mixing: TypeAlias = tuple[tuple[ProjectClass, tuple[tuple[Class, Mapping[str, Sequence[int]] | None], ...]], ...]
"""Classes that mix one in, each with what stands beside that one in its order, and what the body of each of these
declares; None for a table's type."""


class Below:
    """Answers what classes that extend another one have in its place. One per evaluator."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.evaluator = members.evaluator
        self._left_open: dict[tuple[str, int], bool] = {}
        """Functions → whether they have no body that does anything."""
        self._mixing: dict[tuple[ProjectClass, ProjectClass | None], _Mixing] = {}
        self._by_name: dict[tuple[str, int], list[FunctionValue]] = {}

    def left_open(self, found: Value) -> bool:
        """Whether a member is a method that the classes below have to write: a signature without a body, or one
        that only says so."""
        for option in options(found):
            if not isinstance(option, FunctionValue):
                return False
            key = (option.path, option.node)
            left = self._left_open.get(key)
            if left is None:
                left = self._left_open[key] = self._without_body(*key)
            if not left:
                return False
        return True

    def _without_body(self, path: str, function: int) -> bool:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        body = tree.child(function, Role.BODY)
        if body < 0 or evaluator.decorator_names(path, function) & hosts.ABSTRACT_DECORATORS:
            return True
        statements = list(tree.children(body)) if tree.kinds[body] == Kind.BLOCK else []
        return bool(statements) and all(tree.kinds[statement] in _SAYS_NOTHING for statement in statements)

    def overriding(self, function: FunctionValue) -> list[FunctionValue]:
        """The methods that classes below write in the place of one that is left open; none where it is not."""
        cls = self._owner(function)
        name = self.evaluator.tree(function.path).value(function.node)
        if cls is None or not name or not self.left_open(function):
            return []
        found: dict[tuple[str, int], FunctionValue] = {}
        for below in self.evaluator.classes.subclasses(cls):
            written = self._written(below, name)
            if written is not None and not self.left_open(written):
                found[written.path, written.node] = written
        return list(found.values())

    def written_for(self, name: str, given: int) -> list[FunctionValue]:
        """The methods that classes write in the place of those which are left open, of a name and as many parameters:
        what a call may be of which only this is known. In Python, whose methods name what they are called on."""
        found = self._by_name.get((name, given))
        if found is None:
            found = self._by_name[name, given] = []
            for path, node in self.evaluator.words.spelled(name):
                tree = self.evaluator.tree(path)
                if tree.kinds[node] != Kind.FUNCTION or self.evaluator.javascript(path):
                    continue
                if sum(1 for _ in tree.with_role(node, Role.PARAMETER)) == given + 1:
                    found += self.overriding(FunctionValue(path, node))
        return found

    def overridden(self, function: FunctionValue) -> list[FunctionValue]:
        """The methods of the classes above that are left open for this one to be written."""
        cls = self._owner(function)
        name = self.evaluator.tree(function.path).value(function.node)
        above = self.evaluator.classes.mro(cls)[1:] if cls is not None and name else ()
        found = [self._written(ancestor, name) for ancestor in above if isinstance(ancestor, ProjectClass)]
        return [each for each in found if each is not None and self.left_open(each)]

    def _owner(self, function: FunctionValue) -> ProjectClass | None:
        """The class in whose body a function is written."""
        tree = self.evaluator.tree(function.path)
        around = next((at for at in tree.ancestors(function.node) if tree.kinds[at] in (Kind.FUNCTION, Kind.CLASS)), -1)
        return ProjectClass(function.path, around) if around >= 0 and tree.kinds[around] == Kind.CLASS else None

    def _written(self, cls: ProjectClass, name: str) -> FunctionValue | None:
        """The method of a name that a class's own body has."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        for node in tree.children(body) if body >= 0 else ():
            if tree.kinds[node] == Kind.FUNCTION and tree.value(node) == name:
                return FunctionValue(cls.path, node)
        return None

    def implemented(self, value: Instance, cls: ProjectClass, name: str, found: Value) -> Value:
        """A method that is left open, and what the few classes that write it have; alone where they are many."""
        classes = self.evaluator.classes
        above = {class_key(ancestor) for ancestor in classes.mro(cls)}
        written: dict[tuple[str, int], Value] = {}
        for below in classes.subclasses(cls):
            owner = classes.owner(below, name)
            if owner is None or class_key(owner) in above or class_key(owner) in written:
                continue
            given = self.members.declared.member(owner, name, replace(value, cls=below, virtual=False), below)
            if isinstance(given, FunctionValue) and not self.left_open(given):
                written[class_key(owner)] = given
            if len(written) > IMPLEMENTATIONS:
                return found
        both = join([found, *written.values()])
        return found if isinstance(both, Unknown) else both

    def of_subclasses(self, question: tuple[Instance, ProjectClass, str]) -> Value:
        """What the classes that extend the receiver's put where it has nothing (`model = None`, a mixin)."""
        value, cls, name = question
        classes = self.evaluator.classes
        above = {class_key(ancestor) for ancestor in classes.mro(cls)}
        values: list[Value] = []
        for below in classes.subclasses(cls):
            owner = classes.owner(below, name)
            given: Value | None = None
            if owner is None:
                given = self.members.related.member(below, name)  # another model's relation adds it
            elif class_key(owner) not in above:
                given = self.members.declared.member(owner, name, replace(value, cls=below, virtual=False), below)
                given = (self.members.related.member(below, name) or given) if given == RELATION else given
            values += [
                option
                for option in (options(given) if given is not None else ())
                if isinstance(option, (Instance, ProjectClass, LibraryClass, ListOf))
            ]
        return self.mixed_in(value, None, name) if not values else widen(values, classes.lineage)

    def mixed_in(self, value: Instance, after: ProjectClass | None, name: str) -> Value:
        """What the classes that mix a receiver's class in have beside it under a name that it has not itself: what
        stands behind `after` in the order of each, or anywhere in it. Of many such classes, what is true of all."""
        classes = self.evaluator.classes
        cls = value.cls
        if not isinstance(cls, ProjectClass) or self.evaluator.javascript(cls.path):
            return UNKNOWN  # only Python has several bases
        found: list[Value] = []
        methods: dict[tuple[str, int], FunctionValue] = {}
        for below, beside in self.evaluator.once(self._mixing, (cls, after), self._mixed_with):
            receiver: Instance | None = None
            for each, declared in beside:
                if declared is not None and not declared.get(name):
                    continue  # most have nothing of that name
                receiver = receiver or replace(value, cls=below, virtual=False)
                given = self._of_base(receiver, each, name, below)
                if given is None:
                    continue
                for option in options(given):
                    if isinstance(option, FunctionValue) and isinstance(each, ProjectClass):
                        methods.setdefault(
                            (option.path, option.node), replace(option, receiver=replace(value, cls=each))
                        )
                    if not isinstance(option, Unknown) and option not in found:
                        found.append(option)
                break
        if len(found) <= IMPLEMENTATIONS:
            return join(found) if found else UNKNOWN
        bound = [option for option in found if isinstance(option, BoundMember)]
        rows: list[Value] = []
        if bound and len({(option.owner, option.name) for option in bound}) == 1:
            how = (f"one of {len(bound)} subclasses",)
            rows.append(replace(bound[0], receiver=Instance(LibraryClass(bound[0].owner), open=True, how=how)))
        if len(bound) + sum(isinstance(option, FunctionValue) for option in found) == len(found):
            few = len(methods) + len(rows) <= IMPLEMENTATIONS and bool(rows) == bool(bound)
            return join([*methods.values(), *rows]) if few else UNKNOWN
        return widen([option for option in found if isinstance(option, Instance)], classes.lineage)

    def _mixed_with(self, question: tuple[ProjectClass, ProjectClass | None]) -> _Mixing:
        """The classes that mix one in, each with those that stand in its order behind `after`, or anywhere, and are
        none that the one extends itself."""
        cls, after = question
        classes = self.evaluator.classes
        own = {class_key(ancestor) for ancestor in classes.mro(cls)}
        last = class_key(after) if after is not None else None
        found: list[tuple[ProjectClass, tuple[tuple[Class, Mapping[str, Sequence[int]] | None], ...]]] = []
        for below in classes.subclasses(cls):
            order = [(class_key(each), each) for each in classes.mro(below)]
            behind = next((at for at, (key, _) in enumerate(order) if key == last), -1) if last is not None else -1
            beside = (each for key, each in order[behind + 1 :] if key not in own)
            found.append((below, tuple([(each, self._body(each)) for each in beside])))
        return tuple(found)

    def _body(self, cls: Class) -> Mapping[str, Sequence[int]] | None:
        """What the body of a class of the project declares; None for a table's type."""
        if isinstance(cls, LibraryClass):
            return None
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        return interface.members if interface is not None else {}

    def _of_base(self, receiver: Instance, base: Class, name: str, through: Class) -> Value | None:
        """A member as one class has it that the receiver's extends and that declares it, or may have it by a row; None
        where it has none of that name."""
        if isinstance(base, LibraryClass):
            return self.members.row_attribute(receiver, base, name, through)
        return self.members.declared.member(base, name, receiver, through)
