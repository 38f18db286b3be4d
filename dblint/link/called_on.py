"""What `this`, the first parameter of a method, or `super` holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.values import (
    UNKNOWN,
    Context,
    Expression,
    FunctionValue,
    Instance,
    LibraryClass,
    ProjectClass,
    Super,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class CalledOn:
    """Answers what methods are called on. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def receiver(self, path: str, node: int, context: Context | None) -> Value:
        """What `this` or the first parameter of a method holds."""
        evaluator = self.evaluator
        handed = evaluator.closures.receiver(path, node, context) if evaluator.javascript(path) else None
        if handed is not None:
            return handed
        seen = context
        while seen is not None:
            if seen.receiver is not None:
                return seen.receiver
            seen = seen.outer
        tree = evaluator.tree(path)
        method = -1
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION and not tree.has(parent, Flag.ARROW):
                above = tree.parents[parent]
                added = evaluator.added.receiver(path, parent) if method < 0 and evaluator.javascript(path) else UNKNOWN
                if not isinstance(added, Unknown):
                    return added
                grown = evaluator.grown.receiver(path, parent) if method < 0 and evaluator.javascript(path) else UNKNOWN
                if not isinstance(grown, Unknown):
                    return grown
                literal = evaluator.globals.owner(path, node) if method < 0 and evaluator.javascript(path) else -1
                if literal >= 0:
                    return Expression(path, literal, evaluator.around(path, literal, context))
                if method < 0 and evaluator.javascript(path) and evaluator.constructors.constructs(path, parent):
                    return FunctionValue(path, parent)
                if method < 0 and tree.kinds[above] == Kind.ASSIGN and evaluator.javascript(path):
                    if tree.kinds[tree.child(above, Role.TARGET)] == Kind.ATTRIBUTE:
                        return self._put_on(path, above, context)
                    method = above  # a field of a class says whether it is the class's own
                    continue
                method = parent
            if tree.kinds[parent] == Kind.CLASS:
                if method >= 0 and tree.has(method, Flag.STATIC):
                    return ProjectClass(path, parent)
                other = evaluator.classes.called_on(ProjectClass(path, parent))
                if other is not None and not isinstance(other, Unknown):
                    return other
                how = (f"the class {tree.value(parent)} around it",)
                return Instance(ProjectClass(path, parent), how=how, virtual=True)
        return UNKNOWN

    def _put_on(self, path: str, assignment: int, context: Context | None) -> Value:
        """The model, the row of it, the library's value, or what a function makes, that a function is a method of which
        is assigned to an attribute (`Order.prototype.pay = function () { … }`)."""
        tree = self.evaluator.tree(path)
        target = tree.child(assignment, Role.TARGET)
        prototype = tree.value(target + 1) == hosts.PROTOTYPE
        found: list[Value] = [
            option
            for option in options(self.evaluator.value(path, target + 1, context))
            if isinstance(option, (Instance, ProjectClass)) or (prototype and isinstance(option, FunctionValue))
        ]
        return join(found) if found else UNKNOWN

    def above(self, path: str, node: int, context: Context | None) -> Value:
        """What `super` holds: the members of the classes behind the one around it."""
        receiver = self.receiver(path, node, context)
        tree = self.evaluator.tree(path)
        around = next((parent for parent in tree.ancestors(node) if tree.kinds[parent] == Kind.CLASS), -1)
        if around < 0 or not isinstance(receiver, (Instance, LibraryClass, ProjectClass)):
            return UNKNOWN
        return Super(receiver, ProjectClass(path, around))
