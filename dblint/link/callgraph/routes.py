"""Routes from functions to the queries that they lead to, with what they ask of those who call."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dblint.facts.program import Call, Invocation, Route
from dblint.facts.text import Place
from dblint.link.loops.preconditions import Guard, Store
from dblint.link.loops.subjects import Begun

ROUTES = 4
"""Routes kept per function and kind (reads, others): enough of each to speak."""


class Value(msgspec.Struct, frozen=True):
    """A value that a query's condition is handed, and the parameters that decide it; `listed`: it may be a list;
    `anew`: it may be another one with each call. `row`: the parameter whose row it is, or the key of whose row, or what
    its related rows are read from, "" where it is anything else; `inserted`: that row is inserted on the way."""

    place: Place
    parameters: frozenset[str]
    listed: bool
    anew: bool = False
    row: str = ""
    inserted: bool = False


class Reach(msgspec.Struct, frozen=True):
    """A route with what it asks of the callers of its first function.

    `guards`: what parameters must be for the query to run. `values`: what the query's conditions are handed.
    `stores`: parameters whose store keeps the answer. `inputs`: parameters that decide what is asked. `targets`:
    parameters that decide which table or database is asked. `begun`: a statement that the function got handed in,
    until the route has passed where it was begun.
    """

    route: Route
    guards: tuple[Guard, ...] = ()
    values: tuple[Value, ...] = ()
    stores: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    begun: Begun | None = None
    unsure: bool = False
    """Whether a call on the way gives what nobody can say for a parameter that decides whether the query runs."""


class Edge(msgspec.Struct, frozen=True):
    """A call of one project function by another; `handed`: the function is given to what runs it by name. `surely`: the
    call can be of no other function."""

    invocation: Invocation
    path: str
    node: int
    around: int
    handed: bool
    surely: bool


def stored(stores: Iterable[Store]) -> frozenset[str]:
    """The parameters in whose store the answers are kept."""
    return frozenset(store.root for store in stores if store.reach == "parameter")


def best(reaches: Iterable[Reach]) -> tuple[Reach, ...]:
    """The shortest routes, as many of each kind (reads, commands of keys, others, with what may ask nothing apart), one
    per place and table: which table a place asks may depend on who calls."""
    ordered = sorted(reaches, key=lambda reach: (len(reach.route.steps), reach.route.call.place))
    seen: set[tuple[Place, str]] = set()
    places: set[Place] = set()
    kept: list[Reach] = []
    counts: dict[tuple[bool, bool, bool], int] = {}
    for reach in ordered:
        call = reach.route.call
        key = (call.place, table(call))
        kind = (any(query.verb.reads for query in call.queries), call.memoised, bool(call.commands))
        if key in seen or (call.place not in places and counts.get(kind, 0) >= ROUTES):
            continue
        if call.place not in places:
            counts[kind] = counts.get(kind, 0) + 1
        seen.add(key)
        places.add(call.place)
        kept.append(reach)
    return tuple(kept)


def table(call: Call) -> str:
    """The table that a call asks first, or ""."""
    return call.queries[0].table if call.queries else ""
