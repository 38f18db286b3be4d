"""Annotations: what a written type is an instance of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.generics import UNBOUND
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ProjectClass,
    Scalar,
    SchemaModel,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

NESTED = 4
"""Parameters of parameters that are followed."""


class Annotations:
    """Answers what annotations name. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._namespaces: dict[str, list[tuple[str, int]]] = {}
        self._by_model = {name: row for name, row in evaluator.tables.types.items() if row.of_model}

    def annotation(self, path: str, node: int, context: Context | None) -> Value:
        """An instance of what an annotation names."""
        return self.evaluator.guarded((path, -2_000_000_000 + node, context), self._annotation, path, node, context)

    def _annotation(self, path: str, node: int, context: Context | None) -> Value:
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.BINARY:
            return join([self.annotation(path, child, context) for child in tree.children(node)])
        if kind == Kind.UNARY and tree.value(node) == "typeof":
            child = tree.child(node, Role.VALUE)
            return self.evaluator.value(path, child, context) if child >= 0 else UNKNOWN
        if kind == Kind.SUBSCRIPT:
            return self._generic(path, node, context)
        if kind == Kind.CLASS:
            return Instance(ProjectClass(path, node), how=("an object type",))
        if kind == Kind.FUNCTION:
            return FunctionValue(path, node, None, context)
        if kind not in (Kind.NAME, Kind.ATTRIBUTE):
            return UNKNOWN
        value = self.evaluator.value(path, node, context)
        if value is UNBOUND:
            # A type parameter that nothing fills is at least what it extends.
            parameter = self.evaluator.generics.parameter(path, node, tree.value(node))
            constraint = tree.child(parameter, Role.ANNOTATION)
            return self.annotation(path, constraint, context) if constraint >= 0 else UNBOUND
        return self.instance_of(value, tree.value(node))

    @staticmethod
    def variable(value: Value) -> bool:
        """Whether what an annotation names is only a type variable: callers and subclasses say what it is."""
        return isinstance(value, ExternalValue) and value.path in hosts.TYPE_VARIABLES

    def instance_of(self, value: Value, word: str) -> Value:
        """An instance of what a class or alias stands for."""
        results: list[Value] = []
        for option in options(value):
            if isinstance(option, LibraryClass):
                plain = self.evaluator.tables.types[option.name].scalar
                how, underway = (f"annotation {word}",), self.evaluator.classes.underway(option)
                results.append(Scalar(plain) if plain else Instance(option, option.arguments, open=underway, how=how))
            elif isinstance(option, ProjectClass):
                underway = self.evaluator.classes.underway(option)
                results.append(Instance(option, open=underway, how=(f"annotation {word}",)))
            elif isinstance(option, Expression):
                tree = self.evaluator.tree(option.path)
                if tree.kinds[option.node] in (Kind.SUBSCRIPT, Kind.BINARY):
                    results.append(self.annotation(option.path, option.node, option.context))
                elif tree.kinds[option.node] == Kind.OBJECT and self.evaluator.javascript(option.path):
                    results.append(option)  # `type Made = ReturnType<typeof make>`: what the function makes
            elif isinstance(option, ExternalValue):
                results += self._of_model(option.path, word) or self._of_namespace(option, word)
            elif isinstance(option, (Instance, ListOf)):
                results.append(option)
            elif isinstance(option, FunctionValue):
                # A type of functions; a function that is named as a type says nothing.
                if self.evaluator.tree(option.path).child(option.node, Role.BODY) < 0:
                    results.append(option)
        return join(results) if results else UNKNOWN

    def _of_model(self, path: str, word: str) -> list[Value]:
        """Instances of a library's type for one model of a schema, by the path that it has for that model."""
        results: list[Value] = []
        for name, row in self._by_model.items():
            before, _, behind = row.of_model.partition("{model}")
            model = path[len(before) : len(path) - len(behind)]
            if path == f"{before}{model}{behind}" and model in self.evaluator.models.values():
                given: tuple[tuple[str, Value], ...] = ((row.model, SchemaModel(model)),)
                results.append(Instance(LibraryClass(name, given), given, how=(f"annotation {word}",)))
        return results

    def _of_namespace(self, value: ExternalValue, word: str) -> list[Value]:
        """Instances of what the project itself declares under a name of another package or of no file: in
        `declare module "m" { interface Request { … } }`, in `declare global { namespace N { … } }`."""
        namespace, _, name = value.path.replace("#", ".").rpartition(".")
        if not namespace:
            return []
        results: list[Value] = []
        for path, block in self._blocks(namespace):
            tree = self.evaluator.tree(path)
            results += [
                self.instance_of(self.evaluator.bindings.bound(path, child, name, None), word)
                for child in tree.children(block)
                if tree.kinds[child] in (Kind.CLASS, Kind.ALIAS) and tree.value(child) == name
            ]
        return results

    def declared(self, namespace: str, name: str) -> Value:
        """What a variable holds that the project only declares in a namespace or module (`declare global { var db: Pool
        }`)."""
        results: list[Value] = []
        for path, block in self._blocks(namespace):
            tree = self.evaluator.tree(path)
            results += [
                self.evaluator.bindings.bound(path, child, name, None)
                for child in tree.children(block)
                if tree.kinds[child] == Kind.ASSIGN and name in self.evaluator.scope(path).targets(child + 1)
            ]
        return join(results) if results else UNKNOWN

    def _blocks(self, namespace: str) -> list[tuple[str, int]]:
        """The blocks that declare a namespace or module of this name."""
        found = self._namespaces.get(namespace)
        if found is None:
            found = self._namespaces[namespace] = [
                (path, node)
                for path, node in self.evaluator.words.spelled(namespace)
                if self.evaluator.tree(path).kinds[node] == Kind.BLOCK and self.evaluator.javascript(path)
            ]
        return found

    def _parameter(self, path: str, node: int, context: Context | None) -> Value:
        """What `Parameters<F>[0]` is, of a function that is given a function also `Parameters<Parameters<F>[0]>[0]`:
        a parameter of a function of the project, or what a member of a library gives to the function that it takes."""
        tree = self.evaluator.tree(path)
        positions: list[int] = []
        while tree.kinds[node] == Kind.SUBSCRIPT and len(positions) <= NESTED:
            base, index = tree.child(node, Role.OBJECT), tree.child(node, Role.INDEX)
            if base < 0 or index < 0 or tree.kinds[index] != Kind.NUMBER or tree.kinds[base] != Kind.SUBSCRIPT:
                break
            named, inner = tree.child(base, Role.OBJECT), tree.child(base, Role.INDEX)
            if tree.kinds[named] != Kind.NAME or tree.value(named) != "Parameters" or not tree.value(index).isdigit():
                return UNKNOWN
            positions.insert(0, int(tree.value(index)))
            node = inner
        found: list[Value] = []
        for option in options(self.annotation(path, node, context)) if positions else ():
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
                given = row.callback if row is not None else None
                if given is not None and len(positions) == 2 and given.at_argument(str(positions[0])):
                    owner = option.receiver if isinstance(option, BoundMember) else None
                    words = given.gives[positions[1] : positions[1] + 1]
                    found += [self.evaluator.rows.word(word, owner, path, node, context) for word in words]
            elif isinstance(option, FunctionValue):
                found.append(self._declared_parameter(option, positions))
        return join(found) if found else UNKNOWN

    def _declared_parameter(self, function: FunctionValue, positions: list[int]) -> Value:
        """What a function declares its parameter to be, or the parameter of the function that it is given there."""
        held: Value = function
        for position in positions:
            options_held = [option for option in options(held) if isinstance(option, FunctionValue)]
            if len(options_held) != 1:
                return UNKNOWN
            declared = options_held[0]
            parameter = self.evaluator.parameters.parameter_at(declared, position)
            tree = self.evaluator.tree(declared.path)
            written = tree.child(parameter, Role.ANNOTATION) if parameter >= 0 else -1
            if written < 0:
                return UNKNOWN
            held = self.annotation(declared.path, written, declared.context)
        return held

    def _injected(self, path: str, arguments: list[int], context: Context | None) -> Value:
        """What stands beside a type that says nothing and hands in a value (`Annotated[Any, Depends(opened)]`)."""
        for node in arguments[1:]:
            if self.evaluator.tree(path).kinds[node] == Kind.CALL:
                value = self.evaluator.value(path, node, context)
                if isinstance(value, Instance):
                    return value
        return UNKNOWN

    def _given(self, function: Value, path: str) -> Value:
        """What a library's function gives, whatever it is called with."""
        if not isinstance(function, (LibraryFunction, BoundMember)):
            return UNKNOWN
        row = self.evaluator.rows.row_of(function)
        if row is None or not row.returns:
            return UNKNOWN
        if isinstance(function, LibraryFunction):
            return self.evaluator.rows.made(row.returns, self.evaluator.rows.library_of(function))
        return self.evaluator.rows.word(row.returns, function.receiver, path, -1, None)

    def _generic(self, path: str, node: int, context: Context | None) -> Value:
        tree = self.evaluator.tree(path)
        base = tree.child(node, Role.OBJECT)
        arguments = list(tree.with_role(node, Role.INDEX))
        if base < 0:
            return UNKNOWN
        word = tree.value(base) if tree.kinds[base] in (Kind.NAME, Kind.ATTRIBUTE) else ""
        value = (
            self.evaluator.value(path, base, context) if tree.kinds[base] in (Kind.NAME, Kind.ATTRIBUTE) else UNKNOWN
        )
        if arguments and tree.kinds[arguments[0]] == Kind.STRING and self.evaluator.javascript(path):
            # `T['key']` is the type of a member; `Store<'key'>` looks the same here, and `Store` has no such member.
            owner = self.annotation(path, base, context)
            found = self.evaluator.members.attribute(owner, tree.value(arguments[0]), path)
            if not isinstance(found, Unknown) or not isinstance(value, (LibraryClass, ProjectClass)):
                return found
        if arguments and tree.kinds[arguments[0]] == Kind.NUMBER and tree.kinds[base] == Kind.SUBSCRIPT:
            return self._parameter(path, node, context)
        if isinstance(value, LibraryClass) and arguments and self.evaluator.tables.types[value.name].transparent:
            return self.annotation(path, arguments[0], context)
        if isinstance(value, (LibraryClass, ProjectClass)):
            return self.instance_of(self.evaluator.classes.parametrised(value, path, arguments, context), word)
        if not arguments:
            return UNKNOWN
        if tree.kinds[arguments[0]] == Kind.TUPLE and word in hosts.LISTS | hosts.TRANSPARENT:
            arguments = list(tree.children(arguments[0]))
            if not arguments:
                return UNKNOWN  # `tuple[()]`
        first = arguments[0]
        if word == "ReturnType":
            function = self.annotation(path, first, context)
            results = [
                self.evaluator.returned(option, Context(option.node, option.path, option.receiver, (), option.context))
                for option in options(function)
                if isinstance(option, FunctionValue)
            ]
            libraries = [self._given(option, path) for option in options(function)]
            results += [given for given in libraries if not isinstance(given, Unknown)]
            return join(results) if results else UNKNOWN
        if word in hosts.TRANSPARENT:
            declared = self.annotation(path, first, context)
            return self._injected(path, arguments, context) if isinstance(declared, Unknown) else declared
        if word in hosts.LISTS:
            return ListOf(self.annotation(path, first, context))
        if word in hosts.CLASSES:
            return self.evaluator.value(path, first, context)
        if isinstance(value, Expression):
            return self.instance_of(value, word)
        return UNKNOWN
