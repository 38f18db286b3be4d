"""Members that a class of the project declares in its own body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Type
from dblint.link import hosts
from dblint.link.values import (
    UNKNOWN,
    Class,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryFunction,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator


RELATION = Unknown("relation")
"""What an attribute holds that a model declares as a relation, until it is known where it leads."""


class Declared:
    """Answers what a class's own body puts under a name. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._reading = _reading(evaluator.tables)
        """The last words of decorators by which a method is read as an attribute."""

    def annotated(self, cls: ProjectClass, name: str) -> bool:
        """Whether a class says of a member what type it has (`comments: QuerySet["Comment"]`): what it is, another
        class may say, or the field that it is given."""
        tree = self.evaluator.tree(cls.path)
        nodes = self.evaluator.files[cls.path].interface.classes[cls.node].members[name]
        return all(tree.kinds[node] == Kind.ASSIGN and tree.child(node, Role.ANNOTATION) >= 0 for node in nodes)

    def only_annotated(self, cls: ProjectClass, name: str) -> bool:
        """Whether a class says of a member what type it has and gives it no value."""
        tree = self.evaluator.tree(cls.path)
        nodes = self.evaluator.files[cls.path].interface.classes[cls.node].members[name]
        return all(tree.kinds[node] == Kind.ASSIGN and tree.child(node, Role.VALUE) < 0 for node in nodes)

    def member(self, cls: ProjectClass, name: str, instance: Instance | None, through: Class) -> Value:
        """A member that a project class declares itself."""
        evaluator = self.evaluator
        nodes = evaluator.files[cls.path].interface.classes[cls.node].members[name]
        tree = evaluator.tree(cls.path)
        receiver: Value = instance if instance is not None else through
        values: list[Value] = []
        said: list[Value] = []
        for node in nodes:
            kind = tree.kinds[node]
            if kind == Kind.FUNCTION:
                decorators = evaluator.decorator_names(cls.path, node)
                if "staticmethod" in decorators:
                    return FunctionValue(cls.path, node)
                if "classmethod" in decorators:
                    return FunctionValue(cls.path, node, through)
                function = FunctionValue(cls.path, node, receiver)
                if self._is_read(cls.path, node, decorators):
                    held = evaluator.returned(FunctionValue(cls.path, node, through), Context(node, cls.path, through))
                    return self._bind(held, through)
                if decorators & hosts.PROPERTY_DECORATORS or tree.has(node, Flag.GETTER):
                    return evaluator.returned(function, Context(node, cls.path, receiver))
                values.append(function)
            elif kind == Kind.CLASS:
                return ProjectClass(cls.path, node)
            elif kind == Kind.PARAMETER:
                context = evaluator.generics.context(cls, receiver)
                values.append(evaluator.parameters.parameter(cls.path, node, name, context))
            elif kind == Kind.ASSIGN:
                # What only says the type says less than what is put there.
                only = tree.child(node, Role.VALUE) < 0
                (said if only else values).append(self._field(cls, node, name, receiver))
        if not any(map(evaluator.complete, values)):
            values = [*said, *values]
        value = join(values)
        return self._bind(value, through)

    def _is_read(self, path: str, function: int, decorators: set[str]) -> bool:
        """Whether a row says of a decorator that what the function returns is read under its name."""
        evaluator = self.evaluator
        if decorators.isdisjoint(self._reading):
            return False
        for decorator in evaluator.tree(path).with_role(function, Role.DECORATOR):
            for option in options(evaluator.value(path, decorator)):
                if isinstance(option, LibraryFunction) and evaluator.tables.functions[option.path][1].reads:
                    return True
        return False

    def _field(self, cls: ProjectClass, node: int, name: str, receiver: Value) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(cls.path)
        inside = evaluator.scope(cls.path).function(node)
        context = (
            Context(inside, cls.path, receiver, evaluator.constructors.arguments(receiver, inside, cls.path))
            if inside >= 0 and tree.contains(cls.node, inside)
            else evaluator.generics.context(cls, receiver)
        )
        value_node = tree.child(node, Role.VALUE)
        annotation = tree.child(node, Role.ANNOTATION)
        value = evaluator.value(cls.path, value_node, context) if value_node >= 0 else UNKNOWN
        for target in tree.with_role(node, Role.TARGET):
            if tree.kinds[target] in (Kind.TUPLE, Kind.LIST, Kind.OBJECT) and value_node >= 0:
                value = evaluator.bindings.project(cls.path, target, value, name)
        if isinstance(receiver, Instance) and isinstance(value, Instance):
            value = self._kept(value)
        if isinstance(value, FunctionValue) and value.receiver is None and inside < 0:
            if evaluator.tree(value.path).has(value.node, Flag.METHOD) and not evaluator.javascript(value.path):
                value = replace(value, receiver=receiver)  # a method by another name (`load = partialmethod(_load, 1)`)
        if annotation >= 0 and isinstance(value, (Unknown, Scalar, ExternalValue, Expression)):
            declared = evaluator.annotations.annotation(cls.path, annotation, context)
            if not isinstance(declared, Unknown) and (
                not isinstance(value, Expression) or evaluator.any_known(declared)
            ):
                return declared
        injected = isinstance(value, Unknown) and value != RELATION and tree.child(node, Role.DECORATOR) >= 0
        if injected and evaluator.javascript(cls.path):
            return evaluator.injected.of(cls.path, node)
        return value

    def _kept(self, value: Instance) -> Value:
        """What a row has under the name of a model's field: a plain value where the field is a column."""
        for cls in self.evaluator.classes.library_types(value.cls):
            kind = self.evaluator.tables.types[cls.name].field
            if kind:
                return Scalar("column") if kind == "column" else RELATION
        return value

    def _bind(self, value: Value, through: Class) -> Value:
        """A value read as a model's attribute learns the class it was read through (descriptors)."""
        if not isinstance(value, Instance) or not any(row.declares for row in type_rows(self.evaluator, through)):
            return value
        for cls in self.evaluator.classes.library_types(value.cls):
            parameter = self.evaluator.tables.types[cls.name].bind
            if parameter and value.argument(parameter) is None:
                return value.bound(parameter, through)
        return value


def type_rows(evaluator: Evaluator, cls: Class) -> Iterator[Type]:
    """The rows of the libraries' types that a class is or extends."""
    for item in evaluator.classes.library_types(cls):
        yield evaluator.tables.types[item.name]


@derived
def _reading(tables: Tables) -> frozenset[str]:
    return frozenset(
        path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.reads
    )
