"""Elements of values: what iterating, unpacking, indexing and entering give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member, Slot
from dblint.libraries.words import PartWord
from dblint.link.returns import parse
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
    PairOf,
    ProjectClass,
    Scalar,
    Step,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

COMBINING = frozenset({"|", "&"})
"""Operators by which two queries become one, also in an augmented assignment."""


ENTRIES = 8
"""Entries of an object up to which one whose key is not known may be any of them."""
ENTERED = ".__enter__()"
"""Stands in the path of what a `with` gives that is entered with something of a package that no table describes."""


class Elements:
    """Answers what parts of values hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def element(self, value: Value) -> Value:
        """What iterating gives."""
        if isinstance(value, Alternatives):
            return join([self.element(option) for option in value.options])
        if isinstance(value, ListOf):
            return value.element
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            if not self.evaluator.javascript(value.path) and tree.kinds[value.node] not in (Kind.TUPLE, Kind.OBJECT):
                return self.evaluator.kept.element(value)
            if tree.kinds[value.node] in (Kind.LIST, Kind.TUPLE, Kind.SET):
                values = [self.listed(value, child) for child in tree.children(value.node)]
                return join(values) if values else UNKNOWN
            return UNKNOWN
        if isinstance(value, Instance):
            for cls in self.evaluator.classes.library_types(value.cls):
                row = self.evaluator.tables.types[cls.name]
                if row.element:
                    return self.evaluator.rows.expression(parse(row.element), value, cls, "", -1, None, value.cls)
        return UNKNOWN

    def iterated(self, path: str, node: int, context: Context | None) -> Value:
        """What iterating an expression gives: of a call of the project's generators, what they yield."""
        evaluator = self.evaluator
        generators = self._generators(path, node, context)
        yielded: list[Value] = []
        for each in generators:
            inner = evaluator.called.context(each, path, node, context)
            # A generator may go on with what it yields for something else: that ends like every cycle.
            key = (each.path, each.node, inner, "yielded")
            yielded.append(evaluator.guarded(key, self._yielded, each, inner))
        if any(not isinstance(value, Unknown) for value in yielded):
            return join(yielded)
        value = evaluator.value(path, node, context)
        element = self.element(value)
        # `Generator[X]` is read as what such a function yields, for contexts that are made of it.
        return value if generators and isinstance(element, Unknown) and isinstance(value, Instance) else element

    def _generators(self, path: str, node: int, context: Context | None) -> list[FunctionValue]:
        """The generators of the project that a call may be of; none where it may be of anything else."""
        evaluator = self.evaluator
        if evaluator.tree(path).kinds[node] != Kind.CALL:
            return []
        called = options(evaluator.value(path, node + 1, context))
        functions = [option for option in called if isinstance(option, FunctionValue)]
        generate = all(evaluator.tree(each.path).has(each.node, Flag.GENERATOR) for each in functions)
        return functions if generate and len(functions) == len(called) else []

    def _yielded(self, function: FunctionValue, context: Context) -> Value:
        """What a generator yields for a call of it."""
        tree = self.evaluator.tree(function.path)
        values: list[Value] = []
        for given in self.evaluator.returns(function):
            around = tree.parents[given]
            if tree.kinds[around] == Kind.YIELD:
                made = self.iterated if tree.has(around, Flag.DELEGATE) else self.evaluator.value
                values.append(made(function.path, given, context))
        return join(values) if values else UNKNOWN

    def listed(self, around: Expression, child: int) -> Value:
        """What stands in a list literal; of a list that is spread there, what lies in that."""
        tree = self.evaluator.tree(around.path)
        if tree.kinds[child] != Kind.SPREAD:
            return self.evaluator.value(around.path, child, around.context)
        # A list may be spread into what it is assigned to (`all = [...all, one]`): that ends like every cycle.
        key = (around.path, child, around.context, "[]")
        return self.evaluator.guarded(key, self._spread, around, tree.child(child, Role.VALUE))

    def _spread(self, around: Expression, inner: int) -> Value:
        return self.element(self.evaluator.value(around.path, inner, around.context)) if inner >= 0 else UNKNOWN

    def awaited(self, value: Value) -> Value:
        """What awaiting a value gives, where its row says it; else the value."""
        if isinstance(value, Instance):
            for cls in self.evaluator.classes.library_types(value.cls):
                row = self.evaluator.tables.types[cls.name]
                if row.settles:
                    made = self.evaluator.rows.expression(parse(row.settles), value, cls, "", -1, None, value.cls)
                    return replace(made, how=value.how) if isinstance(made, Instance) else made
        return value

    def item(self, value: Value, position: int) -> Value:
        """What unpacking gives at a position."""
        if isinstance(value, Alternatives):
            return join([self.item(option, position) for option in value.options])
        if isinstance(value, PairOf):
            return value.value if position else UNKNOWN
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            if tree.kinds[value.node] in (Kind.LIST, Kind.TUPLE):
                nodes = list(tree.children(value.node))
                if position < len(nodes):
                    held = self.evaluator.value(value.path, nodes[position], value.context)
                    if not self.evaluator.javascript(value.path):
                        return held
                    # Lists of promises are unpacked once all of them were waited for (`await Promise.all([…])`).
                    return join([self.awaited(option) for option in options(held)])
            if tree.kinds[value.node] == Kind.CALL:
                placed = self.evaluator.records.at(value, position)
                if not isinstance(placed, Unknown):
                    return placed
        return self.element(value)

    def subscript(self, value: Value, path: str, node: int, context: Context | None) -> Value:
        """What `value[index]` gives: a slice of a query, an element, a member, a class with arguments."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        indices = list(tree.with_role(node, Role.INDEX))
        if isinstance(value, (LibraryClass, ProjectClass)):
            return self.evaluator.classes.parametrised(value, path, indices, context)
        name = tree.value(indices[0]) if len(indices) == 1 and tree.kinds[indices[0]] == Kind.STRING else None
        results: list[Value] = []
        for option in options(value):
            entry = self._entry(option, path, indices, context) if isinstance(option, Instance) else None
            if entry is not None:
                results.append(entry)
            elif name is not None and not (isinstance(option, ListOf) and evaluator.javascript(path)):
                results.append(self._under(option, name, path))
            elif isinstance(option, Instance):
                results.append(self._indexed(option, path, node, indices, context))
            elif isinstance(option, ListOf):
                sliced = bool(indices) and tree.kinds[indices[0]] == Kind.SLICE
                results.append(option if sliced else option.element)
            elif isinstance(option, (ExternalValue, Unknown)):
                # `Annotated[Session, Depends(get)]` as a value is an alias for an annotation.
                alias = isinstance(option, ExternalValue) and not evaluator.javascript(path)
                results.append(Expression(path, node, context) if alias else UNKNOWN)
            elif isinstance(option, ModuleValue) and evaluator.javascript(path) and option.path in evaluator.files:
                whole = evaluator.names.whole(option.path)
                results.append(self._one_of(Expression(option.path, whole)) if whole >= 0 else UNKNOWN)
            elif isinstance(option, Expression):
                entry = self.evaluator.kept.element(option)
                held = self.element(option) if isinstance(entry, Unknown) else entry
                results.append(self._one_of(option) if isinstance(held, Unknown) else held)
            else:
                results.append(self.element(option))
        return join(results) if results else UNKNOWN

    def _under(self, value: Value, name: str, path: str) -> Value:
        """What lies under a key that is said; in a mapping that a call makes or copies, under any."""
        found = self.evaluator.members.attribute(value, name, path)
        called = isinstance(value, Expression) and self.evaluator.tree(value.path).kinds[value.node] == Kind.CALL
        return self.evaluator.kept.element(value) if called and isinstance(found, Unknown) else found

    def _one_of(self, value: Expression) -> Value:
        """What an object literal of JavaScript gives for a key that is not known, where each of its few entries is an
        object literal, too (`settings[environment]`): one of these."""
        tree = self.evaluator.tree(value.path)
        if not self.evaluator.javascript(value.path) or tree.kinds[value.node] != Kind.OBJECT:
            return UNKNOWN
        inside = [tree.child(pair, Role.VALUE) for pair in tree.children(value.node) if tree.kinds[pair] == Kind.PAIR]
        whole = len(inside) == sum(1 for _ in tree.children(value.node)) <= ENTRIES
        if not inside or not whole or any(node < 0 or tree.kinds[node] != Kind.OBJECT for node in inside):
            return UNKNOWN
        return join([self.evaluator.value(value.path, node, value.context) for node in inside])

    def part(self, value: Value, word: PartWord) -> Value:
        """What a call gives that lists a part of a mapping (`handles.values()`, `handles.items()`)."""
        found = [self.evaluator.kept.element(option) for option in options(value) if isinstance(option, Expression)]
        held = join(found) if found else UNKNOWN
        if isinstance(held, Unknown):
            return UNKNOWN
        return ListOf(held if word == "values" else PairOf(held))

    def looked_up(self, value: Value, path: str, call: int) -> Value:
        """What a call gives that looks for an entry of a mapping by a key (`handles.get("main")`), or takes an element
        of a list."""
        tree = self.evaluator.tree(path)
        key = tree.child(call, Role.ARGUMENT)
        if key < 0:
            taken = [self.evaluator.kept.element(option) for option in options(value)]
            return join(taken) if taken else UNKNOWN
        if tree.kinds[key] in (Kind.KEYWORD, Kind.SPREAD):
            return UNKNOWN
        found = [
            self._under(option, tree.value(key), path)
            if tree.kinds[key] == Kind.STRING
            else self.evaluator.kept.element(option)
            for option in options(value)
            if isinstance(option, Expression)
        ]
        return join(found) if found else UNKNOWN

    def _entry(self, value: Instance, path: str, indices: list[int], context: Context | None) -> Value | None:
        """What a value gives for any key, where a row says so."""
        for cls in self.evaluator.classes.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name]
            if row.named and len(indices) == 1:
                names = self.evaluator.rows.texts(path, indices[0], context) or [""]
                return join([self.evaluator.members.named(value, cls, name) for name in names])
            if row.keyed:
                return self.evaluator.rows.expression(parse(row.keyed), value, cls, "", -1, None, value.cls)
        return None

    def _indexed(self, value: Instance, path: str, node: int, indices: list[int], context: Context | None) -> Value:
        tree = self.evaluator.tree(path)
        for cls in self.evaluator.classes.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name]
            if row.slice and indices and tree.kinds[indices[0]] == Kind.SLICE:
                return self.cut(value, "[:]", path, node, context)
            if indices and tree.kinds[indices[0]] == Kind.SLICE and "slice" in row.runs_on:
                return ListOf(self.element(value))
        return self.element(value)

    @staticmethod
    def cut(value: Instance, name: str, path: str, node: int, context: Context | None) -> Instance:
        """The query of a slice (`[:]`) or of one row (`[i]`) of those that a lazy value asks for."""
        steps, opened = value.stepped(Step(_SLICE, name, path, node, context))
        return replace(value, steps=steps, open=opened)

    def entered(self, value: Value) -> Value:
        """What `with value as x` gives to x."""
        results: list[Value] = []
        for option in options(value):
            if isinstance(option, Instance):
                for cls in self.evaluator.classes.library_types(option.cls):
                    row = self.evaluator.tables.types[cls.name]
                    word = row.enter
                    if word.startswith("argument:"):
                        results.append(self._held(word, option, row.construct))
                        break
                    if word and word != "self":
                        results.append(self.evaluator.rows.word(word, option, "", -1, None))
                        break
                else:
                    results.append(option)
            elif isinstance(option, ListOf):
                results.append(option.element)  # what a generator yields that is made a context (`Iterator[X]`)
            else:
                results.append(_entered(option))
        return join(results)

    def _held(self, word: str, value: Instance, construct: Member | None) -> Value:
        """What the calls were given that made a value which is entered in the place of that."""
        rows = self.evaluator.rows
        given = [
            rows.word(word, None, step.path, step.node, step.context)
            for step in value.steps
            if step.member is construct
        ]
        return join([_entered(option) for one in given for option in options(one)]) if given else UNKNOWN

    def operator(self, word: str, values: list[Value]) -> Value:
        """What an overloaded operator gives: a query combined with another stays one."""
        if word not in COMBINING:
            return Scalar("scalar")
        if values and any(map(self._merges, options(values[0]))):
            merged = [self._merged(word, first, values[1:]) for first in options(values[0])]
            if all(each is not None for each in merged):
                return join([each for each in merged if each is not None])
        queries = [value for value in values if isinstance(value, Instance) and value.steps]
        if word == "|":  # of nothing or something, what is something
            queries = [value for value in queries if not value.empty()] or [
                value.without_empty() for value in queries[:1]
            ]
            some = [value for value in values if not (isinstance(value, Instance) and value.empty())]
            if len(some) > 1 and queries:
                # What one of them asks for does not hold of all rows.
                first = queries[0].steps[0]
                kept = tuple(step for step in queries[0].steps if step.member.where is None)
                begun = Step(Member(), word, first.path, first.node, first.context)
                return replace(queries[0], steps=kept or (begun,), open=True)
        return replace(queries[0], open=True) if queries else Scalar("scalar")

    def _merges(self, value: Value) -> bool:
        """Whether a value is a query that becomes one with another by an operator."""
        return isinstance(value, Instance) and any(
            self.evaluator.tables.types[name].merges for name in self.evaluator.classes.lineage(value.cls)
        )

    def _merged(self, word: str, first: Value, others: list[Value]) -> Value | None:
        """The query of two: it loads what the first does, under conditions of both. None where one of them may hold
        only a part of its rows, or nothing is known of it."""
        if not isinstance(first, Instance) or not first.steps or not self._merges(first):
            return None
        behind = [option for other in others for option in options(other)]
        known: list[Instance] = [each for each in behind if isinstance(each, Instance) and self._merges(each)]
        if any(map(_cut, (first, *known))):
            return None
        if first.empty():
            if word == "&":
                return first
            return join(behind) if len(known) == len(behind) else None
        if known and all(other.empty() for other in known) and len(known) == len(behind):
            return first if word == "|" else known[0]
        ordered = len(known) < len(behind) or any(
            other.open or any(step.member.order is not None for step in other.steps) for other in known
        )
        kept = [step for step in first.steps if word == "&" or step.member.where is None]
        row = _MERGED_IN_ORDER if ordered else _MERGED
        # It stands where the first query is made, by which findings name the whole.
        last = next((step for step in reversed(first.steps) if step.node >= 0), first.steps[-1])
        step = Step(row, word, last.path, last.node, last.context)
        return replace(first, steps=(*kept, step))


def _cut(value: Instance) -> bool:
    """Whether a query holds only some of the rows that its conditions say."""
    return any(
        step.member is _SLICE or step.member.limit is not None or step.member.offset is not None for step in value.steps
    )


def _entered(value: Value) -> Value:
    return ExternalValue(f"{value.path}{ENTERED}") if isinstance(value, ExternalValue) else value


_SLICE = Member(loaded=True)
"""The row behind a slice step; chains read its bounds from the node. Of rows that were loaded a slice asks nothing."""

_MERGED = Member(where=Slot(value="unsaid"))
_MERGED_IN_ORDER = Member(where=Slot(value="unsaid"), order=Slot(value="unsaid"))
"""The rows behind a step that merges two queries: some further conditions, and an order where the other has one."""
