"""Contextual types: what the surroundings of an expression expect it to be.

A function that is written where its type is known says nothing of its parameters: the type does. It is found by
climbing from the expression to where a type is written: a parameter of the function that is called, an annotation,
what a function returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.values import (
    UNKNOWN,
    Context,
    FunctionValue,
    Instance,
    ProjectClass,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Contextual:
    """Answers what is expected of expressions. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def expected(self, path: str, node: int, context: Context | None) -> Value:
        """What the surroundings of the expression at `node` expect it to be."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        kinds, roles, parents = tree.kinds, tree.roles, tree.parents
        route: list[str] = []
        while True:
            parent, role = parents[node], roles[node]
            if parent < 0:
                return UNKNOWN
            kind = kinds[parent]
            if kind == Kind.PAIR and role == Role.VALUE:
                if not tree.value(parent):
                    return UNKNOWN
                route.append(tree.value(parent))
                node = parents[parent]
            elif kind in _PASSING and role in _PASSING_ROLES:
                node = parent
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                found = self._of_argument(path, parent, node, context)
                break
            elif (kind == Kind.RETURN and role == Role.VALUE) or (kind == Kind.FUNCTION and role == Role.BODY):
                function = parent if kind == Kind.FUNCTION else evaluator.scope(path).function(node)
                if function < 0 or (kind == Kind.FUNCTION and kinds[node] == Kind.BLOCK):
                    return UNKNOWN
                annotation = tree.child(function, Role.RETURNS)
                if annotation >= 0:
                    found = evaluator.annotations.annotation(path, annotation, context)
                    break
                route.append(_RETURNED)
                node = function
            elif kind in (Kind.ASSIGN, Kind.CAST) and role == Role.VALUE:
                annotation = tree.child(parent, Role.ANNOTATION)
                if annotation < 0:
                    return UNKNOWN
                found = evaluator.annotations.annotation(path, annotation, context)
                break
            else:
                return UNKNOWN
        for step in reversed(route):
            if step is _RETURNED:
                found = join([evaluator.returned(item, item.context) for item in self.signatures(found)] or [UNKNOWN])
            else:
                found = evaluator.members.attribute(found, step, path)
        return found

    def _of_argument(self, path: str, call: int, node: int, context: Context | None) -> Value:
        evaluator = self.evaluator
        index = list(evaluator.tree(path).with_role(call, Role.ARGUMENT)).index(node)
        results: list[Value] = []
        for item in self.signatures(evaluator.value(path, call + 1, context)):
            tree = evaluator.tree(item.path)
            parameter = evaluator.parameters.parameter_at(item, index)
            annotation = tree.child(parameter, Role.ANNOTATION) if parameter >= 0 else -1
            if annotation < 0:
                continue
            types = evaluator.generics.arguments(item, path, call, context)
            inner = Context(item.node, item.path, item.receiver, (), item.context, types)
            declared = evaluator.annotations.annotation(item.path, annotation, inner)
            results.append(evaluator.elements.element(declared) if tree.has(parameter, Flag.REST) else declared)
        return join(results) if results else UNKNOWN

    def signatures(self, value: Value) -> Iterator[FunctionValue]:
        """What runs when a value is called: functions, call signatures of shapes, constructors of classes."""
        for option in options(value):
            if isinstance(option, FunctionValue):
                yield option
            elif isinstance(option, Instance):
                yield from self._call_signatures(option)
            elif isinstance(option, ProjectClass):
                owner = self.evaluator.classes.owner(option, "constructor")
                if owner is not None:
                    interface = self.evaluator.files[owner.path].interface.classes[owner.node]
                    for node in interface.members["constructor"]:
                        yield FunctionValue(owner.path, node, Instance(option))

    def _call_signatures(self, value: Instance) -> Iterator[FunctionValue]:
        for cls in self.evaluator.classes.mro(value.cls):
            if not isinstance(cls, ProjectClass):
                continue
            tree = self.evaluator.tree(cls.path)
            body = tree.child(cls.node, Role.BODY)
            if body < 0 or not tree.has(cls.node, Flag.INTERFACE):
                continue
            for member in tree.children(body):
                if tree.kinds[member] == Kind.FUNCTION and not tree.value(member) and tree.has(member, Flag.METHOD):
                    if tree.child(member, Role.KEY) < 0:
                        yield FunctionValue(cls.path, member, value)


_RETURNED = "()"
"""A step of the way: what calling the function gives."""
_PASSING = frozenset({Kind.CONDITIONAL, Kind.BINARY, Kind.AWAIT, Kind.EXPORT})
_PASSING_ROLES = frozenset({Role.BODY, Role.ELSE, Role.LEFT, Role.RIGHT, Role.VALUE})
