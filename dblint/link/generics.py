"""Type parameters: what `T` stands for in a generic function or class, and which overload a call means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.values import (
    Class,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    ListOf,
    ProjectClass,
    Unknown,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

UNBOUND = Unknown("type parameter")


class Generics:
    """Answers what type parameters stand for. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def parameter(self, path: str, node: int, name: str) -> int:
        """The type parameter that a name means where a type is written; -1 where it means none."""
        declared = self.evaluator.scope(path).type_parameters().get(name)
        if not declared:
            return -1
        tree = self.evaluator.tree(path)
        owners = {tree.parents[parameter]: parameter for parameter in declared}
        typed = tree.roles[node] in _TYPED
        child = node
        for parent in tree.ancestors(node):
            typed = typed or tree.roles[child] in _TYPED
            if typed and parent in owners:
                return owners[parent]
            child = parent
        return -1

    def bound(self, path: str, parameter: int, context: Context | None) -> Value:
        """The class that a type parameter stands for."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        owner = tree.parents[parameter]
        seen = context
        while seen is not None:
            if tree.kinds[owner] == Kind.CLASS:
                if seen.receiver is not None:
                    filled = self._filled(path, owner, parameter, seen.receiver)
                    if filled is not None:
                        return filled
                    break
            elif seen.function == owner and seen.path == path:
                for node, value in seen.types:
                    if node == parameter:
                        return value
                break
            seen = seen.outer
        default = tree.child(parameter, Role.DEFAULT)
        return evaluator.value(path, default, context) if default >= 0 else UNBOUND

    def _filled(self, path: str, owner: int, parameter: int, receiver: Value) -> Value | None:
        """What a class that is or extends the generic one writes for its parameter."""
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        if not isinstance(cls, ProjectClass):
            return None
        position = list(self.evaluator.tree(path).with_role(owner, Role.TYPE_PARAMETER)).index(parameter)
        for ancestor in self.evaluator.classes.mro(cls):
            if isinstance(ancestor, ProjectClass) and (ancestor.path, ancestor.node) == (path, owner):
                if position < len(ancestor.arguments):
                    value = ancestor.arguments[position]
                    return None if isinstance(value, Unknown) else value
        return None

    def context(self, cls: ProjectClass, receiver: Value) -> Context | None:
        """In whose name the types in a class's fields are read; None where the class is not generic."""
        if self.evaluator.tree(cls.path).child(cls.node, Role.TYPE_PARAMETER) < 0:
            return None
        return Context(-1, cls.path, receiver)

    # What a call fills in

    def arguments(
        self, function: FunctionValue, path: str, call: int, context: Context | None
    ) -> tuple[tuple[int, Value], ...]:
        """Type parameters of a function, with what a call of it writes or gives for them."""
        parameters = list(self.evaluator.tree(function.path).with_role(function.node, Role.TYPE_PARAMETER))
        return tuple(self._told(function, parameters, path, call, context).items()) if parameters else ()

    def instantiated(self, cls: ProjectClass, path: str, call: int, context: Context | None) -> ProjectClass:
        """A generic class with what `new` of it writes, or gives to its constructor, for its parameters."""
        tree = self.evaluator.tree(cls.path)
        parameters = list(tree.with_role(cls.node, Role.TYPE_PARAMETER))
        if not parameters or cls.arguments:
            return cls
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        constructors = interface.members.get("constructor", ()) if interface is not None else ()
        function = FunctionValue(cls.path, constructors[-1] if constructors else -1)
        told = self._told(function, parameters, path, call, context)
        if not told:
            return cls
        return ProjectClass(cls.path, cls.node, tuple(told.get(parameter, UNBOUND) for parameter in parameters))

    def _told(
        self, function: FunctionValue, parameters: Sequence[int], path: str, call: int, context: Context | None
    ) -> dict[int, Value]:
        evaluator = self.evaluator
        written = evaluator.tree(path).with_role(call, Role.TYPE_ARGUMENT)
        found: dict[int, Value] = {
            parameter: value
            for parameter, node in zip(parameters, written, strict=False)
            if isinstance(value := evaluator.value(path, node, context), LibraryClass | ProjectClass)
        }
        if found or function.node < 0:
            return found
        tree = evaluator.tree(function.path)
        names = {tree.value(parameter): parameter for parameter in parameters}
        for formal, actual in evaluator.parameters.matched(function, path, call):
            annotation = tree.child(formal, Role.ANNOTATION)
            if annotation < 0:
                continue
            for node in range(annotation, tree.ends[annotation]):
                if tree.kinds[node] != Kind.NAME or tree.value(node) not in names:
                    continue
                parameter = names[tree.value(node)]
                if parameter not in found:
                    given = self._given(function.path, annotation, node, evaluator.value(path, actual, context))
                    if given is not None:
                        found[parameter] = given
        return found

    def _given(self, path: str, annotation: int, node: int, value: Value) -> Class | None:
        """The class that an argument says for the type parameter named at `node` of its annotation."""
        tree = self.evaluator.tree(path)
        outer = node
        while outer != annotation and tree.kinds[tree.parents[outer]] == Kind.BINARY:
            outer = tree.parents[outer]
        for option in options(value):
            if isinstance(option, Instance):
                cls = self._of_instance(path, node, option, bare=outer == annotation)
                if cls is not None:
                    return cls
            elif isinstance(option, ListOf) and isinstance(option.element, Instance):
                above = tree.parents[node]
                base = tree.child(above, Role.OBJECT)
                if tree.kinds[above] == Kind.SUBSCRIPT and tree.value(base) in hosts.LISTS:
                    return self._class(option.element)
            elif isinstance(option, (LibraryClass, ProjectClass)) and outer != annotation:
                return option  # `Type<T>`, `new () => T`: a class is given for what makes a T
        return None

    def _of_instance(self, path: str, node: int, value: Instance, *, bare: bool) -> Class | None:
        if bare:
            return self._class(value)
        tree = self.evaluator.tree(path)
        above = tree.parents[node]
        if tree.kinds[above] != Kind.SUBSCRIPT or tree.roles[node] != Role.INDEX:
            return None
        position = list(tree.with_role(above, Role.INDEX)).index(node)
        wanted = self.evaluator.value(path, tree.child(above, Role.OBJECT))
        for ancestor in self.evaluator.classes.mro(value.cls):
            if isinstance(ancestor, LibraryClass) and isinstance(wanted, LibraryClass):
                parameters = self.evaluator.tables.types[wanted.name].parameters
                if ancestor.name == wanted.name and position < len(parameters):
                    filled = value.argument(parameters[position]) or dict(ancestor.arguments).get(parameters[position])
                    return filled if isinstance(filled, (LibraryClass, ProjectClass)) else None
            elif isinstance(ancestor, ProjectClass) and isinstance(wanted, ProjectClass):
                if (ancestor.path, ancestor.node) == (wanted.path, wanted.node) and position < len(ancestor.arguments):
                    argument = ancestor.arguments[position]
                    return argument if isinstance(argument, (LibraryClass, ProjectClass)) else None
        return None

    @staticmethod
    def _class(value: Instance) -> Class:
        return LibraryClass(value.cls.name, value.arguments) if isinstance(value.cls, LibraryClass) else value.cls

    # Overloads

    def overload(
        self, candidates: Sequence[Value], path: str, call: int
    ) -> tuple[FunctionValue | None, Sequence[Value]]:
        """The signature that a call of an overloaded function means, and what else it may be: the
        implementation. No signature where the candidates are no overloads of one function."""
        functions = [item for item in candidates if isinstance(item, FunctionValue)]
        if len(functions) != len(candidates):
            return None, candidates
        tree = self.evaluator.tree(functions[0].path)
        places = {(item.path, self.evaluator.tree(item.path).parents[item.node]) for item in functions}
        names = {self.evaluator.tree(item.path).value(item.node) for item in functions}
        if len(places) > 1 or len(names) > 1:
            return None, candidates
        bodies = [item for item in functions if tree.child(item.node, Role.BODY) >= 0]
        signatures = sorted(
            (item for item in functions if tree.child(item.node, Role.BODY) < 0), key=lambda item: item.node
        )
        fitting = [item for item in signatures if self._fits(item, path, call)]
        return (fitting[0] if fitting else None), (bodies or signatures)

    def _fits(self, function: FunctionValue, path: str, call: int) -> bool:
        """Whether a call's arguments are as many as a signature takes."""
        given = list(self.evaluator.tree(path).with_role(call, Role.ARGUMENT))
        if any(self.evaluator.tree(path).kinds[argument] == Kind.SPREAD for argument in given):
            return False
        tree = self.evaluator.tree(function.path)
        formals = list(tree.with_role(function.node, Role.PARAMETER))
        needed = [
            formal
            for formal in formals
            if not tree.has(formal, Flag.OPTIONAL | Flag.REST) and tree.child(formal, Role.DEFAULT) < 0
        ]
        rest = any(tree.has(formal, Flag.REST) for formal in formals)
        return len(needed) <= len(given) and (rest or len(given) <= len(formals))


_TYPED = frozenset({Role.ANNOTATION, Role.RETURNS, Role.TYPE_ARGUMENT, Role.TYPE_PARAMETER, Role.BASE})
"""Roles below which names are names of types."""
