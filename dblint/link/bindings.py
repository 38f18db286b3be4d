"""What a name holds through its bindings: assignments, parameters, loops, contexts, imports."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.query import When
from dblint.facts.tree import Import, Kind, Role, Tree
from dblint.link.building import Building
from dblint.link.elements import COMBINING
from dblint.link.keyword_loops import KeywordLoops
from dblint.link.names import Definition
from dblint.link.values import (
    UNKNOWN,
    Alternatives,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    ListOf,
    ModuleValue,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


STATEMENTS = 40
"""Statements on a builder that are asked what it holds behind them: the nearest."""
_Binding: TypeAlias = tuple[str, int, str, Context | None]
"""A file, the node that binds a name there, the name, and for whom it is asked."""


class Bindings:
    """Answers what names hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.building = Building(evaluator)
        self._module_names: dict[tuple[str, str], Value] = {}
        self.everywhere: dict[tuple[str, str], Value] = {}
        """File and name → what the name holds wherever the file uses it, as far as it was asked: nothing in the file
        binds it but an import, and most names are such."""
        self._of_classes: dict[str, frozenset[str]] = {}
        self._bound: dict[_Binding, Value] = {}
        self.keyword_loops = KeywordLoops(evaluator)

    def name(self, path: str, node: int, name: str, context: Context | None) -> Value:
        """What `name` holds where it is used at `node`."""
        scopes = self.evaluator.scope(path)
        if name in scopes.type_parameters():
            parameter = self.evaluator.generics.parameter(path, node, name)
            if parameter >= 0:
                return self.evaluator.generics.bound(path, parameter, context)
        reached = scopes.bindings(node, name)
        if reached is not None and not (
            self.evaluator.names.imports(path, name) and self._stands_in(path, name, reached)
        ):
            return self._reached(path, node, name, reached, context)
        own = self._of_class_body(path, node, name)
        if own is not None:
            return own
        value = self._module_names.get((path, name))
        if value is None:
            target = self.evaluator.names.binding(path, name)
            with self.evaluator.partial() as partial:
                value = self.evaluator.target(target) if target is not None else self.evaluator.host(path, name)
                if isinstance(target, Definition) and isinstance(value, Scalar) and not self.evaluator.javascript(path):
                    kept = self.evaluator.kept.module(target.path, target.name)
                    value = value if isinstance(kept, Unknown) else kept
            if not partial:
                self._module_names[path, name] = value
                if not scopes.binds(name) and name not in self._of_classes[path]:
                    self.everywhere[path, name] = value
        return value

    def _of_class_body(self, path: str, node: int, name: str) -> Value | None:
        """What a name holds that a class body binds and uses itself (`load = partialmethod(_load, 1)`); None for any
        other."""
        evaluator = self.evaluator
        members = self._of_classes.get(path)
        if members is None:
            members = self._members(path)
        if name not in members or evaluator.javascript(path):
            return None
        tree = evaluator.tree(path)
        around = next((each for each in tree.ancestors(node) if tree.kinds[each] in (Kind.FUNCTION, Kind.CLASS)), -1)
        if around < 0 or tree.kinds[around] != Kind.CLASS or tree.roles[node] in (Role.BASE, Role.DECORATOR):
            return None
        interface = evaluator.files[path].interface.classes.get(around)
        bound = interface.members.get(name, ()) if interface is not None else ()
        before = [each for each in bound if each < node and not tree.contains(each, node)]  # `model = model`
        return self.bound(path, before[-1], name, None) if before else None

    def _members(self, path: str) -> frozenset[str]:
        """The names of all members of the file's classes."""
        classes = self.evaluator.files[path].interface.classes.values()
        found = self._of_classes[path] = frozenset().union(*(each.members for each in classes))
        return found

    def _stands_in(self, path: str, name: str, bindings: list[tuple[int, bool]]) -> bool:
        """Whether all that a name is bound to only stands in for an import of the module that failed."""
        nodes = tuple([node for node, _ in bindings])
        if not self.evaluator.names.replaces(path, name, nodes):
            return False
        scopes = self.evaluator.scope(path)
        return all(scopes.scope(node) == 0 for node in nodes)

    def _reached(
        self, path: str, node: int, name: str, bindings: list[tuple[int, bool]], context: Context | None
    ) -> Value:
        evaluator = self.evaluator
        values: list[Value] = []
        said: list[Value] = []
        tree = evaluator.tree(path)
        if len(bindings) > 1 and not evaluator.javascript(path):
            bindings = self.keyword_loops.reaching(path, node, bindings)
        for binding, _ in bindings:
            around = evaluator.around(path, binding, context) if context is not None else None
            (said if _only_said(tree, binding) else values).append(self.bound(path, binding, name, around))
        if said and not any(map(evaluator.complete, values)):
            values = [*values, *said]
        held = join(values) if values else UNKNOWN
        # Most names hold no builder: asked without a generator.
        for option in options(held):
            if isinstance(option, Instance) and self._mutates(option):
                break
        else:
            return held
        # Statements on a builder count, for they change it in place: the nearest that is always passed holds what
        # all before it did. The first of them are asked first, so that none waits for the one before it.
        # What the nearest hold says what those before them did.
        scope = evaluator.scope(path)
        handing = dict(scope.handing(node, name, bindings)[:STATEMENTS])
        changed = {**handing, **dict(scope.changing(node, name, bindings)[:STATEMENTS])}
        changed = dict(sorted(changed.items(), reverse=True))
        by_statement: dict[int, Value] = {}
        for statement in reversed(changed):
            around = evaluator.around(path, statement, context)
            if statement in handing:
                value = self._handed(path, statement, name, around)
            else:
                value = evaluator.value(path, statement, around)
            if isinstance(value, Instance) and self._mutates(value):
                by_statement[statement] = value
        if not by_statement:
            return held
        merged = {**by_statement, **{binding: value for (binding, _), value in zip(bindings, values, strict=True)}}
        reached: list[Value] = []
        for each in sorted(merged, reverse=True):
            reached.append(merged[each])
            if changed.get(each):
                break
        return join(reached)

    def _handed(self, path: str, call: int, name: str, context: Context | None) -> Value:
        """What a name holds once a call has been given it: what it held, and what functions of the project add to it;
        unknown where none of them changes it."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        given = list(tree.with_role(call, Role.ARGUMENT))
        position = next(
            at for at, each in enumerate(given) if tree.kinds[each] == Kind.NAME and tree.value(each) == name
        )
        called = options(evaluator.value(path, call + 1, context))
        functions = [each for each in called if isinstance(each, FunctionValue)]
        if not functions:
            return UNKNOWN
        steps, hidden = self.building.added(functions[0], position, When.ALWAYS)
        hidden = hidden or len(called) > 1
        if not steps and not hidden:
            return UNKNOWN
        held = evaluator.value(path, given[position], context)
        if not isinstance(held, Instance) or not self._mutates(held):
            return UNKNOWN
        for step in steps:
            more, opened = held.stepped(step)
            held = replace(held, steps=more, open=opened)
        return replace(held, open=held.open or hidden)

    def _mutates(self, value: Instance) -> bool:
        types = self.evaluator.classes.library_types(value.cls)
        return bool(types) and self.evaluator.tables.types[types[0].name].step == "mutate"

    def of_module(self, path: str, nodes: Sequence[int], name: str) -> Value:
        """What a name of a module holds that these nodes bind it to, in order."""
        tree = self.evaluator.tree(path)
        values: list[Value] = []
        said: list[Value] = []
        for node in reversed(nodes):
            (said if _only_said(tree, node) else values).append(self.bound(path, node, name, None))
        if said and not any(map(self.evaluator.complete, values)):
            values = said + values
        return join(values) if values else UNKNOWN

    def bound(self, path: str, node: int, name: str, context: Context | None) -> Value:
        """What the binding at `node` gives to `name`, asked once for all uses of the name."""
        return self.evaluator.once(self._bound, (path, node, name, context), self._given)

    def _given(self, question: _Binding) -> Value:
        path, node, name, context = question
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        kind = tree.kinds[node]
        known = evaluator.own_libraries.get((path, node))
        if known is not None:
            return evaluator.external(known)
        if kind == Kind.FUNCTION:
            return FunctionValue(path, node, None, context)
        if kind == Kind.CLASS:
            return ProjectClass(path, node)
        if kind == Kind.ALIAS:
            value = tree.child(node, Role.VALUE)
            return self._alias(path, value, context)
        if kind == Kind.IMPORT:
            imported = evaluator.scope(path).local_import(evaluator.scope(path).scope(node), name)
            if imported is None:
                return UNKNOWN
            return evaluator.target(evaluator.names.imported(path, imported))
        if kind == Kind.PARAMETER:
            return self.evaluator.parameters.parameter(path, node, name, context)
        if kind == Kind.ASSIGN:
            return self._assigned(path, node, name, context)
        if kind in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(node, Role.ITERABLE)
            target = tree.child(node, Role.TARGET)
            if iterable < 0 or target < 0:
                return UNKNOWN
            if kind == Kind.LOOP and tree.value(node) == "for-in":
                return Scalar("string")
            return self.project(path, target, evaluator.elements.iterated(path, iterable, context), name)
        if kind == Kind.ITEM:
            value = tree.child(node, Role.VALUE)
            target = tree.child(node, Role.TARGET)
            if value < 0 or target < 0:
                return UNKNOWN
            entered = evaluator.elements.entered(evaluator.value(path, value, context))
            return self.project(path, target, entered, name)
        if kind == Kind.EXPORT:
            value = tree.child(node, Role.VALUE)
            return evaluator.value(path, value, context) if value >= 0 else UNKNOWN
        if kind in (Kind.CATCH, Kind.CASE):
            return UNKNOWN
        return evaluator.value(path, node, context)  # an exported expression

    def _alias(self, path: str, node: int, context: Context | None) -> Value:
        if node < 0:
            return UNKNOWN
        evaluator = self.evaluator
        kind = evaluator.tree(path).kinds[node]
        if kind == Kind.CLASS:
            return ProjectClass(path, node)
        if kind in (Kind.SUBSCRIPT, Kind.BINARY, Kind.UNARY, Kind.FUNCTION):
            return evaluator.annotations.annotation(path, node, context)
        return evaluator.value(path, node, context)

    def _assigned(self, path: str, node: int, name: str, context: Context | None) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        imported = evaluator.scope(path).import_at(node, name)
        if imported is not None:
            meant = evaluator.names.imported(path, imported)
            return evaluator.target(meant) if meant is not None else self._of_whole(path, imported)
        value_node = tree.child(node, Role.VALUE)
        annotation = tree.child(node, Role.ANNOTATION)
        value: Value = UNKNOWN
        if value_node >= 0:
            if tree.value(node) in COMBINING:
                parts = [evaluator.value(path, part, context) for part in (tree.child(node, Role.TARGET), value_node)]
                made = evaluator.elements.operator(tree.value(node), [one for part in parts for one in options(part)])
                return made if isinstance(made, Instance) else Expression(path, node, context)
            if tree.value(node) not in ("", "??", "or"):
                return Expression(path, node, context)
            for target in tree.with_role(node, Role.TARGET):
                if name in evaluator.scope(path).targets(target):
                    value = self.project(path, target, evaluator.value(path, value_node, context), name)
                    break
        if annotation >= 0 and isinstance(value, (Unknown, ExternalValue, Scalar, Expression)):
            declared = evaluator.annotations.annotation(path, annotation, context)
            if isinstance(declared, (Instance, ListOf, Alternatives, FunctionValue)):
                # A shape of the project's own: the literal that fills it says more than it does.
                if not isinstance(value, Expression) or evaluator.any_known(declared):
                    return declared
        elif annotation >= 0 and isinstance(value, Instance) and tree.kinds[annotation] == Kind.SUBSCRIPT:
            return self._filled_in(value, evaluator.annotations.annotation(path, annotation, context))
        return value

    def _of_whole(self, path: str, imported: Import) -> Value:
        """A name that a script takes of what another one exports as its whole (`module.exports = made`)."""
        evaluator = self.evaluator
        module = evaluator.names.module(path, imported.module)
        if not isinstance(module, str) or not imported.name or not evaluator.javascript(path):
            return UNKNOWN
        whole = evaluator.target(evaluator.names.export(module, "default"))
        return UNKNOWN if isinstance(whole, ModuleValue) else evaluator.members.attribute(whole, imported.name, path)

    @staticmethod
    def _filled_in(value: Value, declared: Value) -> Value:
        """A value of which only the annotation says what its type's parameters hold (`held: Box[Pool] = Box()`)."""
        if not isinstance(value, Instance) or not isinstance(declared, Instance) or value.arguments:
            return value
        same = isinstance(value.cls, LibraryClass) and isinstance(declared.cls, LibraryClass)
        if not same or value.cls.arguments or value.cls[0] != declared.cls[0]:
            return value
        return replace(value, cls=declared.cls, arguments=declared.arguments)

    def project(self, path: str, target: int, value: Value, name: str) -> Value:
        """The part of `value` that a destructuring target gives to `name`."""
        tree = self.evaluator.tree(path)
        route: list[int] = []
        for node in range(target, tree.ends[target]):
            if tree.kinds[node] == Kind.NAME and tree.value(node) == name:
                current = node
                while current != target:
                    route.append(current)
                    current = tree.parents[current]
                route.append(target)
                break
        else:
            return UNKNOWN
        route.reverse()
        for outer, inner in pairwise(route):
            kind = tree.kinds[outer]
            if kind == Kind.PAIR:
                value = self.evaluator.members.attribute(value, tree.value(outer), path)
            elif kind in (Kind.TUPLE, Kind.LIST):
                position = list(tree.children(outer)).index(inner)
                value = self.evaluator.elements.item(value, position)
            elif kind == Kind.SPREAD:
                return value if tree.kinds[tree.parents[outer]] != Kind.OBJECT else UNKNOWN
        return value


def _only_said(tree: Tree, binding: int) -> bool:
    """Whether a binding says the type and puts nothing there: that says less than what is put there."""
    return tree.kinds[binding] == Kind.ASSIGN and tree.child(binding, Role.VALUE) < 0
