"""What `dblint queries` prints: every database call that was understood, or those that were not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterator

from dblint.facts.program import Call, Effect, Handle
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.report import Position
from dblint.facts.text import Place
from dblint.report.visible import visible

Locate = Callable[[Place], Position | None]
"""Gives the line and column of a place, None where its file is gone."""
Show = Callable[[Query], str]
"""Gives the SQL that a query stands for, for people."""

SENDING = (Effect.QUERY, Effect.CHANGE_SCHEMA)
"""Effects of what is sent to a database."""


def calls(
    project: Project, reports_on: Callable[[str], bool], locate: Locate, show: Show, *, as_json: bool = False
) -> Iterator[str]:
    """Every call that runs queries, and every handle on a table, in the order of places, as lines of text or of
    JSON. SQL is told as it stands in the source, and what a library's calls ask for as SQL; of a call that sends
    something of which no statement can be told (a change of the schema by a migration tool, the driver's own questions)
    the effect."""
    entries: list[Call | Handle] = [call for call in project.calls if call.asked or _sent(call)]
    sent = {
        (call.place.path, call.place.start, query.sql)
        for call in project.calls
        if call.effects
        for query in call.queries
    }
    entries = [entry for entry in entries if not (isinstance(entry, Call) and _told(entry, sent))]
    entries += project.handles
    for entry in sorted(entries, key=lambda entry: (entry.place, entry.member)):
        if not reports_on(entry.place.path):
            continue
        if isinstance(entry, Handle):
            yield json.dumps(_handle_entry(entry, locate)) if as_json else _handle_text(entry, locate)
        else:
            yield json.dumps(_entry(entry, locate, show)) if as_json else _text(entry, locate, show)


def _told(call: Call, sent: Container[tuple[str, int, str]]) -> bool:
    """Whether a statement that stands in a tag or a function is told by the call in its chain that sends it."""
    return (
        not call.effects
        and call.text is not None
        and all((call.place.path, call.place.start, query.sql) in sent for query in call.queries)
    )


def _sent(call: Call) -> list[str]:
    """The effects by which a call sends something that is no query."""
    return [] if call.asked else [effect.value for effect in call.effects if effect in SENDING]


def _where(entry: Call | Handle, locate: Locate) -> dict[str, object]:
    """Where a chain begins, and the line on which its last member's name ends."""
    position = locate(entry.place)
    member = locate(Place(entry.place.path, entry.member_stop, entry.member_stop)) if entry.member_stop >= 0 else None
    return {
        "path": entry.place.path,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "member_line": member.line if member else None,
        "receiver": entry.receiver,
        "member": entry.member,
    }


def _handle_entry(handle: Handle, locate: Locate) -> dict[str, object]:
    runs = [(place.path, locate(place)) for place in handle.runs]
    return {
        **_where(handle, locate),
        "trigger": handle.kind,
        "function": handle.function,
        "role": handle.role.value,
        "tables": [handle.table] if handle.table else [],
        "runs": [{"path": path, "line": position.line if position else None} for path, position in runs],
        "queries": [],
        "resolved": list(handle.resolved),
    }


def _handle_text(handle: Handle, locate: Locate) -> str:
    lines = [f"{_place(handle.place, locate)} {visible(f'{handle.receiver}.{handle.member}')} ({handle.kind})"]
    lines.append(f"    {handle.kind} {visible(handle.table) or '-'}")
    if handle.runs:
        lines.append(f"    runs: {', '.join(_place(place, locate) for place in handle.runs)}")
    if handle.resolved:
        lines.append(f"    resolved: {visible(' <- '.join(handle.resolved))}")
    return "\n".join(lines)


def _entry(call: Call, locate: Locate, show: Show) -> dict[str, object]:
    return {
        **_where(call, locate),
        "trigger": call.trigger,
        "function": call.function,
        "role": call.role.value,
        "dialect": call.dialect,
        "queries": [
            {"verb": query.verb.value, "tables": list(_asked(query)), "sql": query.sql or show(query)}
            for query in call.asked
        ],
        "effects": _sent(call),
        "resolved": list(call.resolved),
    }


def _text(call: Call, locate: Locate, show: Show) -> str:
    trigger = "" if call.trigger == "call" else f" ({call.trigger})"
    lines = [f"{_place(call.place, locate)} {visible(f'{call.receiver}.{call.member}')}{trigger}"]
    for query in call.asked:
        lines.append(f"    {query.verb.value} {visible(', '.join(_asked(query))) or '-'}")
        lines.append(f"    {visible(' '.join((query.sql or show(query)).split()))}")
    lines += [f"    {effect}" for effect in _sent(call)]
    if call.resolved:
        lines.append(f"    resolved: {visible(' <- '.join(call.resolved))}")
    return "\n".join(lines)


def _place(place: Place, locate: Locate) -> str:
    position = locate(place)
    return f"{visible(place.path)}:{position.line}:{position.column}" if position else visible(place.path)


def unresolved(
    project: Project,
    reports_on: Callable[[str], bool],
    locate: Locate,
    role: Callable[[str], str],
    *,
    as_json: bool = False,
) -> Iterator[str]:
    """Calls whose receiver could not be resolved: first how many there are in files of which role, then the causes with
    their counts, then the places."""
    entries = [entry for entry in project.unresolved if reports_on(entry.place.path)]
    entries.sort(key=lambda entry: (entry.cause, entry.place, entry.member))
    if as_json:
        for entry in entries:
            position = locate(entry.place)
            yield json.dumps(
                {
                    "path": entry.place.path,
                    "line": position.line if position else None,
                    "column": position.column if position else None,
                    "member": entry.member,
                    "cause": entry.cause,
                    "source": entry.source,
                }
            )
        return
    counts = Counter(entry.cause for entry in entries)
    total = sum(1 for call in project.calls if call.asked and reports_on(call.place.path))
    roles = sorted(Counter(role(entry.place.path) for entry in entries).items())
    where = f" ({', '.join(f'{name}: {count}' for name, count in roles)})" if roles else ""
    yield f"{len(entries)} unresolved{where} beside {total} resolved calls"
    for cause, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6} {visible(cause)}"
    for entry in entries:
        yield f"{_place(entry.place, locate)} {visible(entry.member)}: {visible(entry.cause)}: {visible(entry.source)}"


def _asked(query: Query) -> tuple[str, ...]:
    """The stored tables that a statement names, or the keys of a command."""
    return tuple(source.name for source in query.sources.values()) if query.of_keys else query.tables()
