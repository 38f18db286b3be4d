"""Wrappers: functions of the project whose parameter is a statement."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from dblint.facts.program import Call, Effect, FileRole, Shape
from dblint.facts.query import Query
from dblint.facts.text import Hole, Optional, Origin, Piece, Place, Repeat, Text
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site, find
from dblint.link.blocking import awaited, moved
from dblint.link.handles import member_stop
from dblint.link.loops.filling import filled
from dblint.link.shapes import starred
from dblint.link.texts.quoting import settled
from dblint.link.values import BoundMember, FunctionValue, options
from dblint.sql.query import looks_like_sql

if TYPE_CHECKING:
    from dblint.link.calls.calls import Calls
    from dblint.link.loops.handing import Given

LEVELS = 3
"""Functions through which a statement is followed on its way to a sink."""


class _Sink(NamedTuple):
    """A call, and the text by which it is followed. `built`: a builder of statements was given that text (`text(query)`
    inside `execute(…)`): it is judged at that call, and this one has no text of its own."""

    call: Call
    text: Text | None
    built: bool

    def of(self, text: Text) -> _Sink:
        """The same call of another text."""
        return _Sink(self.call if self.built else replace(self.call, text=text), text, self.built)

    def repeats(self, hole: Hole) -> bool:
        """Whether a statement that was handed in is run by a loop of the function itself: it is told there."""
        return self.built and hole.origin is Origin.RENDERED and any(frame.kind == "loop" for frame in self.call.frames)

    def without(self, told: frozenset[Place | None]) -> _Sink:
        """The same call without statements that are told where they are handed in: who does so runs them."""
        kept = tuple(query for query in self.call.queries if query.place is None or query.place not in told)
        return self if kept == self.call.queries else self._replace(call=replace(self.call, queries=kept))


class Wrappers:
    """Follows statements to where they are written. One per collector of calls."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def wrapped(self, calls: list[Call]) -> list[Call]:
        """Judges statements where they are written: a parameter that a function hands to a sink, as the
        whole text or as a part that is a statement itself, makes every call of the function a sink."""
        result = [self._begun(call) for call in calls]
        pending = list(range(len(result)))
        handed: list[int] = []
        seen: set[tuple[str, str, bool]] = set()
        for _ in range(LEVELS):
            further: list[int] = []
            for index in pending:
                sink = result[index]
                function = sink.call.function
                if not function or sink.text is None:
                    continue
                text = sink.text
                described = self._described(function)
                for hole in _parameters(text):
                    if hole.parameter in described:
                        # A row says so of every call of the function: they are judged, and not what stands here.
                        text = _rendered(text, hole)
                        sink = result[index] = sink.of(text)
                        continue
                    if sink.repeats(hole):
                        continue
                    whole = text.pieces == (hole,)
                    sites = list(self._sites(sink, hole, whole))
                    if not sites:
                        continue
                    if sink.built and hole.origin is Origin.RENDERED:
                        handed.append(index)
                    if not whole or sink.call.piece:
                        text = _rendered(text, hole)
                        sink = result[index] = sink.of(text)
                    if (function, hole.parameter, sink.built) in seen:
                        continue
                    seen.add((function, hole.parameter, sink.built))
                    further += range(len(result), len(result) + len(sites))
                    result += sites
            pending = further
        told = frozenset(query.place for sink in result[len(calls) :] if sink.built for query in sink.call.queries)
        for index in handed:
            result[index] = result[index].without(told)
        return [sink.call for sink in [*result[: len(calls)], *_merged(result[len(calls) :])]]

    def _begun(self, call: Call) -> _Sink:
        text = call.text if call.text is not None else self.calls.statements.get((call.place, call.member))
        return _Sink(call, text, call.text is None)

    def _described(self, identifier: str) -> set[str]:
        """The parameters of a function that are statements because a row says so."""
        function = self.calls.functions.value(identifier)
        evaluator = self.calls.evaluator
        name = evaluator.described.get((function.path, function.node)) if function is not None else None
        row = evaluator.tables.functions[name][1] if name is not None else None
        if function is None or row is None or row.text is None:
            return set()
        tree = evaluator.tree(function.path)
        names = [tree.value(node) for node in tree.with_role(function.node, Role.PARAMETER)]
        above = next(iter(tree.ancestors(function.node)), -1)
        while above >= 0 and tree.kinds[above] not in (Kind.CLASS, Kind.FUNCTION):
            above = tree.parents[above]
        if above >= 0 and tree.kinds[above] == Kind.CLASS and not evaluator.javascript(function.path):
            names = names if "staticmethod" in evaluator.decorator_names(function.path, function.node) else names[1:]
        places = set(row.text.at.replace("|", " ").split())
        first = min((int(place[:-1]) for place in places if place.endswith("+")), default=len(names))
        return {name for number, name in enumerate(names) if {name, str(number)} & places or number >= first}

    def _stays(self, function: FunctionValue, path: str, node: int) -> bool:
        """Whether a call of a function runs it there and then: it is no coroutine function, what it gives is not
        awaited, and nothing that is known moves it to a thread."""
        evaluator = self.calls.evaluator
        if evaluator.tree(function.path).has(function.node, Flag.ASYNC) or awaited(evaluator.tree(path), node):
            return False
        rows = self.calls.functions.entries.rows(function)
        return not moved(evaluator, path, node) and not any(row.callback and row.callback.thread for row, _ in rows)

    def _sites(self, sink: _Sink, hole: Hole, whole: bool) -> Iterator[_Sink]:
        call = sink.call
        function, wanted = self._taking(call.function, hole.parameter)
        if function is None:
            return
        tree = self.calls.evaluator.tree(function.path)
        for path, node, argument, thread in self._handing(function, wanted):
            given = Site(path, argument, None)
            # What a builder of statements was given (`text(…)`) is judged at that call.
            made = self.calls.chains.built(given) if Effect.QUERY in call.effects else []
            taken = sink.built and hole.origin is Origin.RENDERED
            passed = self.calls.passed(given) if taken or made else ""
            if taken and not (made or passed):
                continue
            if passed:
                made = [statement(passed)]
            texts = made or self.calls.chains.texts.of(given)
            if not whole and not any(looks_like_sql(text) for text in texts):
                continue
            queries = [query for text in texts for query in self.calls.chains.parse(text, call.dialect)]
            # Nothing but the text says which table is asked.
            unsaid = () if any(query.table for query in queries) else (argument,)
            targets = partial(self._targets, path, node, unsaid)
            given_values = partial(self._values, sink, function, Site(path, node, None), queries, texts)
            frames, around = self.calls.frames.of(path, node, targets, given_values)
            here = self.calls.chains.built(given, here=True) if made and not passed else texts
            text, built = worst(here), sink.built or bool(made)
            place = self.calls.chains.place(Site(path, node, None))
            self.calls.stands(place, node, given_values, targets)
            further = replace(
                call,
                place=place,
                member=tree.value(function.node) or call.member,
                resolved=(*call.resolved, f"through {self.calls.functions.name(function)} in {function.path}"),
                queries=tuple(queries),
                text=None if built else text,
                piece=call.piece and whole,
                function=self.calls.functions.id(path, around) if around >= 0 else "",
                frames=frames,
                role=self.calls.roles.get(path, FileRole.APP),
                source=self.calls.chains.texts.origins.source(Site(path, node, None)),
                trigger="wrapper",
                blocking=call.blocking and not thread and self._stays(function, path, node),
                member_stop=member_stop(self.calls.evaluator.tree(path), node),
                result=self.calls.frames.becoming.result(path, node),
                shape=self._shape(call, path, node) if starred(queries) else None,
            )
            yield _Sink(further, text, built)

    def _handing(self, function: FunctionValue, wanted: int) -> Iterator[tuple[str, int, int, bool]]:
        """The calls that hand something in as a parameter of the function, or hand it over together with the function:
        the file, the call, what they hand in, and whether the function then runs in a thread of its own."""
        evaluator = self.calls.evaluator
        for path, node in self.calls.functions.callers(function):
            for parameter, argument in evaluator.parameters.matched(function, path, node):
                if parameter == wanted:
                    yield path, node, argument, False
        for handed in evaluator.handed_arguments.of(function.path, function.node):
            if handed.parameter == wanted:
                yield handed.path, handed.call, handed.node, handed.thread

    def _targets(self, path: str, node: int, unsaid: tuple[int, ...]) -> tuple[int, ...]:
        """What decides which table of which database a statement asks that is handed in here."""
        return (*unsaid, *self.calls.subjects.connections(path, node))

    def _values(
        self, sink: _Sink, function: FunctionValue, site: Site, queries: list[Query], texts: list[Text]
    ) -> tuple[Given, ...]:
        """What the conditions of a statement are handed, where the wrapper hands on values that come with it."""
        slot = self._values_slot(sink.call, function)
        if not slot:
            return ()
        values = filled(self.calls.evaluator, slot, site, texts, sink.call.dialect)
        return self.calls.frames.handing.given(site.path, queries, values)

    def _values_slot(self, call: Call, function: FunctionValue) -> str:
        """The slot of the wrapper's own parameter that it hands to the statement as its values; "" for none."""
        evaluator, origin = self.calls.evaluator, self.calls.origins.get(call.place)
        if origin is None or call.place.path != function.path:
            return ""
        tree = evaluator.tree(function.path)
        for option in options(evaluator.value(function.path, origin.node + 1)):
            row = evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
            if row is None or row.parameters is None:
                continue
            sites = find(evaluator, row.parameters.at, Site(function.path, origin.node, None)).sites
            name = self.calls.passed(sites[0]) if len(sites) == 1 else ""
            for parameter in tree.with_role(function.node, Role.PARAMETER) if name else ():
                if tree.value(parameter) == name and not tree.has(parameter, Flag.REST | Flag.PAIRS):
                    position = evaluator.parameters.position(function.path, function.node, parameter)
                    return f"{position}|{name}" if position >= 0 else ""
        return ""

    def _taking(self, identifier: str, parameter: str) -> tuple[FunctionValue | None, int]:
        """The function that has a parameter, with its node: the one that runs the statement, or one around it."""
        function = self.calls.functions.value(identifier)
        if function is None:
            return None, -1
        tree = self.calls.evaluator.tree(function.path)
        for node in (function.node, *tree.ancestors(function.node)):
            if tree.kinds[node] == Kind.FUNCTION:
                for wanted in tree.with_role(node, Role.PARAMETER):
                    if tree.value(wanted) == parameter:
                        return FunctionValue(function.path, node), wanted
        return None, -1

    def _shape(self, call: Call, path: str, node: int) -> Shape | None:
        """What rows are read as: by who hands the text over, else by the function that it is handed to."""
        shape = self.calls.shapes.of(path, node) or call.shape
        sink = self.calls.origins.get(call.place)
        if shape is None and sink is not None:
            shape = self.calls.shapes.of(call.place.path, sink.node)
        return shape


def _merged(sinks: list[_Sink]) -> list[_Sink]:
    """One call, one query: the builder inside a wrapper and what runs it there were handed the same statement, so that
    the call which hands it in runs that text."""
    texts = {
        (sink.call.place, sink.call.queries): sink.call.text
        for sink in sinks
        if not sink.built and sink.call.text is not None and Effect.QUERY not in sink.call.effects
    }
    found: list[_Sink] = []
    run: set[tuple[Place, tuple[Query, ...]]] = set()
    for sink in sinks:
        key = (sink.call.place, sink.call.queries)
        if sink.built and key in texts and Effect.QUERY in sink.call.effects:
            run.add(key)
            sink = sink._replace(call=replace(sink.call, text=texts[key]))
        found.append(sink)
    return [
        sink for sink in found if Effect.QUERY in sink.call.effects or (sink.call.place, sink.call.queries) not in run
    ]


def statement(parameter: str) -> Text:
    """What is followed where a function runs a statement that it got as a parameter, built already."""
    return Text((Hole(Origin.RENDERED, parameter, parameter=parameter),))


def _parameters(text: Text) -> list[Hole]:
    """The holes that hold a parameter of the function around them, each parameter once."""
    found: dict[str, Hole] = {}
    pending = list(text.pieces)
    while pending:
        piece = pending.pop(0)
        if isinstance(piece, Hole) and piece.parameter:
            found.setdefault(piece.parameter, piece)
        elif isinstance(piece, (Optional, Repeat)):
            pending += piece.pieces
    return list(found.values())


def _rendered(text: Text, hole: Hole) -> Text:
    """The text with a parameter that holds statements marked as SQL that is judged elsewhere."""

    def marked(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        out: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, Hole) and piece.parameter == hole.parameter:
                out.append(Hole(Origin.RENDERED, piece.source, piece.place))
            elif isinstance(piece, Optional):
                out.append(Optional(marked(piece.pieces)))
            elif isinstance(piece, Repeat):
                out.append(Repeat(marked(piece.pieces), piece.separator))
            else:
                out.append(piece)
        return tuple(out)

    return Text(marked(text.pieces), text.open)


def worst(texts: list[Text]) -> Text | None:
    """The shape that says most about danger: one with a hole that a caller decides, if there is one."""
    if not texts:
        return None
    return max(map(settled, texts), key=lambda text: (_danger(text), len(text.pieces)))


def _danger(text: Text) -> int:
    worst = 0
    pending = list(text.pieces)
    while pending:
        piece = pending.pop()
        if isinstance(piece, Hole):
            worst = max(worst, _DANGER.get(piece.origin, 0))
        elif isinstance(piece, (Optional, Repeat)):
            pending += piece.pieces
    return worst


_DANGER = {Origin.REQUEST: 4, Origin.PARAMETER: 3, Origin.DATABASE: 2, Origin.UNKNOWN: 1}
