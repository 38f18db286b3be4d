"""What a call gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Import, Kind, Role
from dblint.link import hosts
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
    Super,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Called:
    """Answers what calls give. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def given(self, path: str, node: int, callee: Value, context: Context | None) -> Value:
        """What a call gives."""
        candidates: Sequence[Value] = tuple(options(callee))
        if len(candidates) > 1:
            signature, candidates = self.evaluator.generics.overload(candidates, path, node)
            if signature is not None:
                declared = self._of(path, node, signature, context)
                if self.evaluator.complete(declared):
                    return declared
        results = [self._of(path, node, option, context) for option in candidates]
        made = results[0] if len(results) == 1 else join(results)
        return self._looked_up(path, node, context) if isinstance(made, Unknown) else made

    def _looked_up(self, path: str, node: int, context: Context | None) -> Value:
        """What a call of a mapping's own method gives that looks for an entry, and what one of a function's own gives
        that binds it (`connection.query.bind(connection)`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        callee = node + 1
        if tree.kinds[callee] != Kind.ATTRIBUTE:
            return UNKNOWN
        if evaluator.javascript(path) and tree.value(callee) == hosts.BIND:
            bound: list[Value] = [
                each for each in options(evaluator.value(path, callee + 1, context)) if isinstance(each, BoundMember)
            ]
            return join(bound) if bound else UNKNOWN
        if evaluator.javascript(path):
            return evaluator.array_methods.given(path, node, context)
        row = evaluator.tables.untyped["python"].get(tree.value(callee))
        if row is None or not (row.part or row.itself or row.list in ("lookup", "take", "same")):
            return UNKNOWN
        held = evaluator.value(path, callee + 1, context)
        if row.itself:
            return held
        if row.part:
            return evaluator.elements.part(held, row.part)
        if row.list == "same":
            return Expression(path, node, context) if evaluator.kept.fills(held) else UNKNOWN
        return evaluator.elements.looked_up(held, path, node)

    def _of(self, path: str, node: int, callee: Value, context: Context | None) -> Value:
        evaluator = self.evaluator
        if isinstance(callee, BoundMember):
            return evaluator.rows.call_member(callee, path, node, context)
        if isinstance(callee, FunctionValue):
            name = evaluator.described.get((callee.path, callee.node), "")
            if name and evaluator.tables.functions[name][1].returns:
                return evaluator.rows.result(evaluator.tables.functions[name][1], None, name, path, node, context)
            overridden = evaluator.overrides.behind(callee) if callee.receiver is not None else None
            if overridden is not None:
                return evaluator.rows.call_member(overridden, path, node, context)
            if evaluator.tree(path).has(node, Flag.NEW) and evaluator.constructors.constructs(callee.path, callee.node):
                return FunctionValue(callee.path, callee.node)
            return self.result(callee, path, node, context)
        if isinstance(callee, LibraryClass):
            return evaluator.rows.construct(callee, path, node, context)
        if isinstance(callee, ProjectClass):
            cls = evaluator.generics.instantiated(callee, path, node, context)
            return evaluator.rows.construct_own(cls, path, node, context)
        if isinstance(callee, LibraryFunction):
            _, row = evaluator.tables.functions[callee.path]
            if row.loads:
                return evaluator.globals.folder(row.loads, path, node, context)
            if row.string and not row.returns:
                listed = self._listed(path, node, context) if row.iterates == "same" else UNKNOWN
                if not isinstance(listed, ListOf) and row.gathers and not evaluator.javascript(path):
                    return Expression(path, node, context)
                return listed if isinstance(listed, ListOf) else ExternalValue(f"{callee.path}()")
            if (row.gathers or row.records >= 0) and not evaluator.javascript(path):
                return Expression(path, node, context)
            return evaluator.rows.result(row, None, callee.path, path, node, context)
        if isinstance(callee, Instance):
            if evaluator.tables_know(callee):
                return evaluator.rows.call_instance(callee, path, node, context)
            results = [self.result(item, path, node, context) for item in evaluator.contextual.signatures(callee)]
            return join(results) if results else UNKNOWN
        if isinstance(callee, Super):
            return callee
        if isinstance(callee, Expression):
            return Expression(path, node, context) if evaluator.records.fields(callee) else UNKNOWN
        if isinstance(callee, ExternalValue):
            if callee.path in (hosts.REQUIRE, hosts.IMPORT) and evaluator.javascript(path):
                return self._required(path, node, "*" if callee.path == hosts.IMPORT else "")
            if callee.path in hosts.NEW_TYPES:
                return evaluator.rows.argument(path, node, 1, context)
            return ExternalValue(f"{callee.path}()")
        return UNKNOWN

    def _required(self, path: str, node: int, name: str) -> Value:
        """What `require("m")`, or `import("m")`, gives where it stands in an expression."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        argument = tree.child(node, Role.ARGUMENT)
        if argument < 0 or tree.kinds[argument] != Kind.STRING:
            modules = evaluator.module_objects.computed(path, argument) if argument >= 0 else []
            held = [
                evaluator.target(evaluator.names.imported(path, Import(module, name, "", node))) for module in modules
            ]
            return join(held) if held else UNKNOWN
        return evaluator.target(evaluator.names.imported(path, Import(tree.value(argument), name, "", node)))

    def _listed(self, path: str, node: int, context: Context | None) -> Value:
        """What a call gives that lists its first argument (`list(query)`), where that holds what tables describe."""
        evaluator = self.evaluator
        element = evaluator.elements.element(evaluator.rows.argument(path, node, 0, context))
        known = evaluator.any_known(element) or any(map(evaluator.any_known, self._paired(element)))
        return ListOf(element) if known else UNKNOWN

    def _paired(self, element: Value) -> Iterator[Value]:
        """What lies second in elements that are written as lists of two (`new Map(rows.map((row) => [1, row]))`)."""
        for option in options(element):
            if isinstance(option, Expression) and self.evaluator.tree(option.path).kinds[option.node] == Kind.LIST:
                yield self.evaluator.elements.item(option, 1)

    def result(self, function: FunctionValue, path: str, node: int, context: Context | None) -> Value:
        """What a project function returns when called at `node`."""
        inner = self.context(function, path, node, context)
        returned = self.evaluator.returned(function, inner)
        if isinstance(returned, (Unknown, Scalar, ExternalValue)):
            for _, argument in inner.arguments:
                # A generic helper hands back what the function given to it makes.
                if isinstance(argument, FunctionValue) and not self._has_parameters(argument):
                    made = self.evaluator.returned(
                        argument, Context(argument.node, argument.path, argument.receiver, (), argument.context)
                    )
                    if isinstance(made, Instance):
                        return made
        return returned

    def context(self, function: FunctionValue, path: str, node: int, context: Context | None) -> Context:
        """In whose name the body of a project function is read when it is called at `node`."""
        given = (*function.bound, *self.evaluator.parameters.arguments(function, path, node, context))
        types = self.evaluator.generics.arguments(function, path, node, context)
        return Context(function.node, function.path, function.receiver, given, function.context, types)

    def _has_parameters(self, function: FunctionValue) -> bool:
        return self.evaluator.tree(function.path).child(function.node, Role.PARAMETER) >= 0
