"""What the constructor of one object was given: the classes by which a general class becomes a particular one.

`Repository(session, User)` and `Repository(session, Order)` are of one class and ask different tables. What each was
given is kept with the instance, and followed through the constructors of its bases (`super().__init__(User)`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.classes import class_key
from dblint.link.values import Context, FunctionValue, Instance, LibraryClass, ProjectClass, Value

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

BASES = 6
"""Constructors of bases that are followed."""
_CONSTRUCTORS = sorted(hosts.CONSTRUCTORS)
_NAMING = frozenset({Kind.NAME, Kind.ATTRIBUTE, Kind.CALL})
"""What may give a class: names, and functions (`get_user_model()`)."""
Given: TypeAlias = tuple[tuple[str, Value], ...]


class Constructors:
    """Answers what constructors were given. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._above: dict[tuple[str, int], int] = {}
        self._prototyped: dict[str, frozenset[str]] = {}
        self._of: dict[ProjectClass, tuple[FunctionValue, ...]] = {}

    def constructs(self, path: str, function: int) -> bool:
        """Whether a function of a script stands for a class: under its name, methods are put on its prototype. What it
        makes is the function itself, as far as what it keeps is asked for."""
        known = self._prototypes(path)
        tree = self.evaluator.tree(path)
        if not known or tree.value(function) in known:
            return bool(known)
        above = tree.parents[function]
        while above >= 0 and tree.kinds[above] == Kind.ASSIGN:  # `const Store = module.exports = function () { … }`
            target = tree.child(above, Role.TARGET)
            if target >= 0 and tree.kinds[target] == Kind.NAME and tree.value(target) in known:
                return True
            above = tree.parents[above]
        return False

    def _prototypes(self, path: str) -> frozenset[str]:
        """The names in a file whose `prototype` is spoken of."""
        found = self._prototyped.get(path)
        if found is None:
            tree = self.evaluator.tree(path)
            found = self._prototyped[path] = frozenset(
                tree.value(node + 1)
                for node in tree.spelled(hosts.PROTOTYPE)
                if tree.kinds[node] == Kind.ATTRIBUTE and tree.kinds[node + 1] == Kind.NAME
            )
        return found

    def given(self, cls: ProjectClass, path: str, call: int, context: Context | None) -> Given:
        """The classes that the call of a class gives to its constructor, by parameter."""
        function = self.of(cls)
        if function is None or self.evaluator.javascript(function.path):
            return ()
        return self._classes(function, path, call, context)

    def arguments(self, receiver: Value, function: int, path: str) -> Given:
        """What the constructor at `function` was given for this receiver, through those of the classes below."""
        if not isinstance(receiver, Instance) or not isinstance(receiver.cls, ProjectClass) or receiver.virtual:
            return ()
        if self.evaluator.tree(path).value(function) not in hosts.CONSTRUCTORS:
            return ()
        current, given = self.of(receiver.cls), receiver.made
        for _ in range(BASES):
            if current is None or (current.path, current.node) == (path, function):
                return given if current is not None else ()
            call = self.calling(current)
            above = self.behind(receiver.cls, current)
            if call < 0 or above is None:
                return ()
            given = self._classes(above, current.path, call, Context(current.node, current.path, receiver, given))
            current = above
        return ()

    def sites(self, path: str, function: int) -> list[tuple[str, int]]:
        """The calls by which classes below run a constructor: by their own names where they have none of their own,
        else by `super`."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        owner = next((node for node in tree.ancestors(function) if tree.kinds[node] == Kind.CLASS), -1)
        if owner < 0 or evaluator.javascript(path):
            return []
        found = list(self._by_class_methods(ProjectClass(path, owner)))
        for cls in evaluator.classes.subclasses(ProjectClass(path, owner)):
            nearest = self.of(cls)
            if nearest is None:
                continue
            if (nearest.path, nearest.node) == (path, function):
                found += evaluator.words.called(evaluator.tree(cls.path).value(cls.node))
                found += self._by_class_methods(cls)
            elif nearest.path == cls.path and evaluator.tree(cls.path).contains(cls.node, nearest.node):
                above, call = self.behind(cls, nearest), self.calling(nearest)
                if call >= 0 and above is not None and (above.path, above.node) == (path, function):
                    found.append((cls.path, call))
        return found

    def _by_class_methods(self, cls: ProjectClass) -> Iterator[tuple[str, int]]:
        """The calls by which the class methods of a class make an object of it (`cls(…)`), also under the name of an
        attribute that they keep it in (`view.made_of = cls`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(cls.path)
        interface = evaluator.files[cls.path].interface.classes.get(cls.node)
        for node in (node for nodes in interface.members.values() for node in nodes) if interface is not None else ():
            if tree.kinds[node] != Kind.FUNCTION or "classmethod" not in evaluator.decorator_names(cls.path, node):
                continue
            first = tree.child(node, Role.PARAMETER)
            for use in tree.spelled(tree.value(first)) if first >= 0 else ():
                above = tree.parents[use]
                if tree.kinds[use] != Kind.NAME or not tree.contains(node, use):
                    continue
                if tree.roles[use] == Role.CALLEE:
                    yield cls.path, above
                elif tree.roles[use] == Role.VALUE and tree.kinds[above] == Kind.ASSIGN:
                    target = tree.child(above, Role.TARGET)
                    if target >= 0 and tree.kinds[target] == Kind.ATTRIBUTE:
                        yield from evaluator.words.called(tree.value(target))

    def _classes(self, function: FunctionValue, path: str, call: int, context: Context | None) -> Given:
        found: list[tuple[str, Value]] = []
        tree = self.evaluator.tree(function.path)
        for parameter, node in self.evaluator.parameters.matched(function, path, call):
            if self.evaluator.tree(path).kinds[node] in _NAMING and tree.value(parameter):
                value = self.evaluator.value(path, node, context)
                if isinstance(value, (ProjectClass, LibraryClass)):
                    found.append((tree.value(parameter), value))
        return tuple(found)

    def of(self, cls: ProjectClass) -> FunctionValue | None:
        """The constructor of a class, its own or the nearest that it inherits."""
        nearest = self.evaluator.once(self._of, cls, self._nearest)
        return nearest[0] if nearest else None

    def _nearest(self, cls: ProjectClass) -> tuple[FunctionValue, ...]:
        """The one constructor, or none."""
        owner = next((found for name in _CONSTRUCTORS if (found := self.evaluator.classes.owner(cls, name))), None)
        constructor = self._constructor(owner) if owner is not None else None
        return (constructor,) if constructor is not None else ()

    def _constructor(self, cls: ProjectClass) -> FunctionValue | None:
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        tree = self.evaluator.tree(cls.path)
        for name in _CONSTRUCTORS if interface is not None else ():
            for node in reversed(interface.members.get(name, ()) if interface is not None else ()):
                if tree.kinds[node] == Kind.FUNCTION and tree.has(node, Flag.METHOD):
                    return FunctionValue(cls.path, node)
        return None

    def behind(self, cls: ProjectClass, function: FunctionValue) -> FunctionValue | None:
        """The constructor that `super()` means in this one, for an object of the class."""
        tree = self.evaluator.tree(function.path)
        around = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
        order = self.evaluator.classes.mro(cls)
        at = next((at for at, each in enumerate(order) if class_key(each) == (function.path, around)), len(order))
        for each in order[at + 1 :]:
            found = self._constructor(each) if isinstance(each, ProjectClass) else None
            if found is not None:
                return found
        return None

    def calling(self, function: FunctionValue) -> int:
        """The call of `super().__init__(…)` in a constructor, -1 where there is none."""
        key = (function.path, function.node)
        found = self._above.get(key)
        if found is None:
            tree = self.evaluator.tree(function.path)
            name = tree.value(function.node)
            found = -1
            for _, node in self.evaluator.words.spelled(name, [function.path]):
                inside = tree.kinds[node] == Kind.ATTRIBUTE and tree.contains(function.node, node)
                if inside and tree.kinds[node + 1] == Kind.CALL and tree.value(node + 2) == "super":
                    found = node - 1
                    break
            self._above[key] = found
        return found
