"""What a function is given by whoever runs it: a library, the host, or a function of the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.link.loops.callbacks import iterated_by, option_of
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    Unknown,
    Value,
    join,
    options,
)
from dblint.link.words import Given

if TYPE_CHECKING:
    from dblint.libraries.calling import Callback
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

USES_LIMIT = 8
"""Uses of a function-valued parameter that are asked what they give to it."""


class _Holders:
    """The calls that are given something under one name: the functions that each was found to be given, None where an
    open question cut the answer short; and all of them by function, once none is."""

    __slots__ = ("asked", "by_function", "places")

    def __init__(self, asked: list[Given]) -> None:
        self.asked = asked
        self.places: list[tuple[tuple[str, int], ...] | None] = [None] * len(asked)
        self.by_function: Mapping[tuple[str, int], Sequence[Given]] | None = None


class Closures:
    """Answers what functions that are handed on are given. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._by_name: dict[str, _Holders] = {}
        self._receiving = _receiving(evaluator.tables)
        """Members that run a function with a `this` of their own."""

    def given(self, path: str, function: int, position: int, context: Context | None) -> Value:
        """What a function literal is given as the parameter at `position`, where it stands."""
        tree = self.evaluator.tree(path)
        call = tree.parents[function]
        if call < 0 or position < 0:
            return UNKNOWN
        if tree.roles[function] == Role.ARGUMENT and tree.kinds[call] == Kind.CALL:
            return self._by_callee(path, call, function, position, context)
        option = option_of(tree, function)
        if option is not None:
            given = self._by_callee(path, option[0], option[1], position, context, tree.value(call))
            if not isinstance(given, Unknown):
                return given
        return self._expected(path, function, position, context) if self.evaluator.javascript(path) else UNKNOWN

    def handed_by(self, path: str, call: int, argument: int, context: Context | None) -> Value:
        """What a call hands first to the function that is its argument there."""
        return self._by_callee(path, call, argument, 0, context)

    def receiver(self, path: str, node: int, context: Context | None) -> Value | None:
        """What `this` is at `node` in a function that is handed to a call whose row says it; None elsewhere."""
        tree = self.evaluator.tree(path)
        function = next(
            (
                each
                for each in tree.ancestors(node)
                if tree.kinds[each] == Kind.CLASS
                or (tree.kinds[each] == Kind.FUNCTION and not tree.has(each, Flag.ARROW))
            ),
            -1,
        )
        if function < 0 or tree.roles[function] != Role.ARGUMENT or tree.kinds[function] != Kind.FUNCTION:
            return None
        call = tree.parents[function]
        if tree.kinds[call] != Kind.CALL or tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return None
        if tree.value(call + 1) not in self._receiving:
            return None
        index = str(list(tree.with_role(call, Role.ARGUMENT)).index(function))
        found: list[Value] = []
        for option in options(self.evaluator.value(path, call + 1, context)):
            row = self.evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
            if row is not None and row.callback is not None and row.callback.at_argument(index):
                if row.callback.receiver and isinstance(option, BoundMember):
                    found.append(self.evaluator.rows.word(row.callback.receiver, option.receiver, path, call, context))
        return join(found) if found else None

    def _by_callee(
        self, path: str, call: int, argument: int, position: int, context: Context | None, option_name: str = ""
    ) -> Value:
        """What the function given at `argument` of a call, or there as an option, is given as its parameter at
        `position`."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        callee_node = call + 1
        callee = evaluator.value(path, callee_node, context)
        index = list(tree.with_role(call, Role.ARGUMENT)).index(argument)
        results: list[Value] = []
        for option in options(callee):
            if isinstance(option, (BoundMember, LibraryFunction, LibraryClass)):
                row = (
                    evaluator.tables.types[option.name].construct
                    if isinstance(option, LibraryClass)
                    else evaluator.rows.row_of(option)
                )
                at = f"{index}.{option_name}" if option_name else str(index)
                if row is not None and row.callback is not None and row.callback.at_argument(at):
                    results += self._said(row.callback, option, position, path, call, context)
        if option_name:
            return join(results) if results else UNKNOWN
        if not results and position == 1 and tree.ends[argument] == tree.ends[call]:
            results += self._called_back(path, call, options(callee), context)
        if not results:
            results.append(self._expected(path, argument, position, context))
        if not isinstance(results[0], Unknown) or len(results) > 1:
            return join(results)
        if tree.kinds[callee_node] == Kind.ATTRIBUTE:
            untyped = evaluator.tables.untyped["javascript" if evaluator.javascript(path) else "python"]
            method = untyped.get(tree.value(callee_node))
            given = method.callback if method is not None else None
            if given is not None and given.at_argument(str(index)) and position < len(given.gives):
                receiver_node = callee_node + 1
                receiver = evaluator.value(path, receiver_node, context)
                if given.gives[position] == "element":
                    return evaluator.elements.element(receiver)
                if given.gives[position] == "self":
                    return join([evaluator.elements.awaited(option) for option in options(receiver)])
        results = [
            self._by_body(option, index, position) for option in options(callee) if isinstance(option, FunctionValue)
        ]
        return join(results) if results else UNKNOWN

    def _said(
        self, callback: Callback, option: Value, position: int, path: str, call: int, context: Context | None
    ) -> Iterator[Value]:
        """What a row says that the function at a call is given as its parameter at `position`."""
        evaluator = self.evaluator
        word = callback.gives[position] if position < len(callback.gives) else ""
        if not word:
            return  # of that parameter nothing is said
        if word == "element" and callback.over:
            iterated = iterated_by(evaluator.tree(path), call, callback)
            if iterated >= 0:
                yield evaluator.elements.element(evaluator.value(path, iterated, context))
            return
        owner = option.receiver if isinstance(option, BoundMember) else None
        yield evaluator.rows.word(word, owner, path, call, context)

    def _called_back(self, path: str, call: int, callees: Sequence[Value], context: Context | None) -> Iterator[Value]:
        """What a function is given behind an error that runs a lazy query by being its last argument: what awaiting
        that gives."""
        evaluator = self.evaluator
        types = evaluator.tables.types
        for option in callees:
            if isinstance(option, BoundMember):
                for made in options(evaluator.value(path, call, context)):
                    held = (made, option.receiver)
                    if any(
                        "callback" in types[cls.name].runs_on
                        for value in held
                        if isinstance(value, Instance)
                        for cls in evaluator.classes.library_types(value.cls)
                    ):
                        yield evaluator.elements.awaited(made)

    def _by_body(self, function: FunctionValue, index: int, position: int) -> Value:
        """What a function of the project gives to the function that it is given as its parameter at `index`."""
        parameter = self.evaluator.parameters.parameter_at(function, index)
        if parameter < 0 or self.evaluator.tree(function.path).has(parameter, Flag.REST | Flag.PAIRS):
            return UNKNOWN
        context = Context(function.node, function.path, function.receiver, (), function.context)
        key = (f"{function.path}({position})", parameter, context)
        return self.evaluator.guarded(key, self._by_uses, function.path, parameter, position, context)

    def _by_uses(self, path: str, parameter: int, position: int, context: Context) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        name = tree.value(parameter)
        body = tree.child(context.function, Role.BODY)
        if not name or body < 0:
            return UNKNOWN
        results: list[Value] = []
        scopes = evaluator.scope(path)
        node = tree.kinds.find(Kind.NAME, body, tree.ends[body])
        while node >= 0 and len(results) < USES_LIMIT:
            call = tree.parents[node]
            if tree.value(node) == name and tree.kinds[call] == Kind.CALL:
                reached = scopes.reaching(node, name) or ()
                if any(binding == parameter or _wrapped(tree, binding, name) for binding, _ in reached):
                    if tree.roles[node] == Role.CALLEE:
                        arguments = list(tree.with_role(call, Role.ARGUMENT))
                        if position < len(arguments):
                            results.append(evaluator.value(path, arguments[position], context))
                    elif tree.roles[node] == Role.ARGUMENT:
                        results.append(self._by_callee(path, call, node, position, context))
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[body])
        return join(results) if results else UNKNOWN

    def given_by_name(self, path: str, function: int, position: int) -> Value:
        """What a library hands to a function of the project that is given to it by name."""
        key = (path, function, None, f"by name {position}")
        return self.evaluator.remembered(key, self._by_names, path, function, position)

    def _by_names(self, path: str, function: int, position: int) -> Value:
        evaluator = self.evaluator
        name = evaluator.tree(path).value(function) or evaluator.parameters.assigned_name(path, function)
        if not name or position < 0:
            return UNKNOWN
        results: list[Value] = []
        for site, call, callee, key, _ in self._given_by_name(name).get((path, function), ()):
            for option in options(evaluator.value(site, call + 1)):
                if callee not in self._telling:
                    if isinstance(option, FunctionValue) and isinstance(key, int):
                        given = self._by_body(option, key, position)
                        results += [] if isinstance(given, Unknown) else [given]
                    continue
                row = evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
                if row is None or row.callback is None or not row.callback.at_argument(str(key)):
                    continue
                results += self._said(row.callback, option, position, site, call, None)
        return join(results) if results else UNKNOWN

    def _given_by_name(self, name: str) -> Mapping[tuple[str, int], Sequence[Given]]:
        """File and node of the functions that calls are given under this name, with those calls: many functions have
        one name, and each of their parameters asks. Of the calls of what no row describes, those count that a function
        of the project may be behind, which is told by its positions."""
        evaluator = self.evaluator
        known = self._by_name.get(name)
        if known is None:
            known = self._by_name[name] = _Holders(list(filter(self._counts, evaluator.words.given(name))))
        if known.by_function is not None:
            return known.by_function
        by_function: dict[tuple[str, int], list[Given]] = {}
        open_yet = False
        for number, given in enumerate(known.asked):
            places = known.places[number]
            if places is None:
                # One name that a question still open decides must not have all the others asked again.
                with evaluator.partial() as partial:
                    places = self._functions(given)
                if partial:
                    open_yet = True
                else:
                    known.places[number] = places
            for place in places:
                by_function.setdefault(place, []).append(given)
        if not open_yet:
            known.by_function = by_function
        return by_function

    def _counts(self, given: Given) -> bool:
        """Whether what a call is given may be run there."""
        return given.callee in self._telling or (
            isinstance(given.key, int) and not self.evaluator.javascript(given.path)
        )

    def _functions(self, given: Given) -> tuple[tuple[str, int], ...]:
        """File and node of the functions that a call may be given."""
        held = options(self.evaluator.value(given.path, given.node))
        return tuple({(one.path, one.node): None for one in held if isinstance(one, FunctionValue)})

    @cached_property
    def _telling(self) -> frozenset[str]:
        """The words of rows that take a function and say what it is given."""
        tables = self.evaluator.tables
        functions = {
            path.replace("#", ".").rpartition(".")[2]
            for path, (_, row) in tables.functions.items()
            if row.callback is not None and row.callback.gives
        }
        members = {
            name
            for row in tables.types.values()
            for name, member in row.members.items()
            if member.callback is not None and member.callback.gives
        }
        return frozenset(functions | members)

    def _expected(self, path: str, function: int, position: int, context: Context | None) -> Value:
        """What the type that is expected of a function says of its parameter."""
        evaluator = self.evaluator
        results: list[Value] = []
        for declared in evaluator.contextual.signatures(evaluator.contextual.expected(path, function, context)):
            inner = evaluator.parameters.parameter_at(declared, position)
            if inner >= 0 and (declared.path, declared.node) != (path, function):
                tree = evaluator.tree(declared.path)
                annotation = tree.child(inner, Role.ANNOTATION)
                if annotation >= 0:
                    results.append(evaluator.annotations.annotation(declared.path, annotation, declared.context))
        return join(results) if results else UNKNOWN


def _wrapped(tree: Tree, binding: int, name: str) -> bool:
    """Whether a name is given what a call makes of what it held (`work = with_hooks(work)`)."""
    if tree.kinds[binding] != Kind.ASSIGN:
        return False
    value = tree.child(binding, Role.VALUE)
    if value < 0 or tree.kinds[value] != Kind.CALL:
        return False
    return any(
        tree.kinds[argument] == Kind.NAME and tree.value(argument) == name
        for argument in tree.with_role(value, Role.ARGUMENT)
    )


@derived
def _receiving(tables: Tables) -> frozenset[str]:
    return frozenset(
        name
        for row in tables.types.values()
        for name, member in row.members.items()
        if member.callback is not None and member.callback.receiver
    )
