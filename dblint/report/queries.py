"""What `dblint queries` prints: every database call that was understood, or those that were not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator

from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.report import Position
from dblint.facts.text import Place
from dblint.report.visible import visible

Locate = Callable[[Place], Position | None]
"""Gives the line and column of a place, None where its file is gone."""


def calls(
    project: Project, reports_on: Callable[[str], bool], locate: Locate, *, as_json: bool = False
) -> Iterator[str]:
    """Every call that runs queries, in the order of places, as lines of text or of JSON."""
    for call in sorted(project.calls, key=lambda call: (call.place, call.member)):
        if call.queries and reports_on(call.place.path):
            yield json.dumps(_entry(call, locate)) if as_json else _text(call, locate)


def _entry(call: Call, locate: Locate) -> dict[str, object]:
    position = locate(call.place)
    return {
        "path": call.place.path,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "receiver": call.receiver,
        "member": call.member,
        "trigger": call.trigger,
        "function": call.function,
        "role": call.role.value,
        "dialect": call.dialect,
        "queries": [
            {"verb": query.verb.value, "tables": list(query.tables()), "sql": query.sql} for query in call.queries
        ],
        "resolved": list(call.resolved),
    }


def _text(call: Call, locate: Locate) -> str:
    trigger = "" if call.trigger == "call" else f" ({call.trigger})"
    lines = [f"{_place(call.place, locate)} {visible(f'{call.receiver}.{call.member}')}{trigger}"]
    for query in call.queries:
        lines.append(f"    {query.verb.value} {visible(', '.join(query.tables())) or '-'}")
        if query.sql:
            lines.append(f"    {visible(' '.join(query.sql.split()))}")
    if call.resolved:
        lines.append(f"    resolved: {visible(' <- '.join(call.resolved))}")
    return "\n".join(lines)


def _place(place: Place, locate: Locate) -> str:
    position = locate(place)
    return f"{visible(place.path)}:{position.line}:{position.column}" if position else visible(place.path)


def unresolved(
    project: Project, reports_on: Callable[[str], bool], locate: Locate, *, as_json: bool = False
) -> Iterator[str]:
    """Calls whose receiver could not be resolved: first the causes with their counts, then the places."""
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
    total = sum(1 for call in project.calls if call.queries and reports_on(call.place.path))
    yield f"{len(entries)} unresolved beside {total} resolved calls"
    for cause, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6} {visible(cause)}"
    for entry in entries:
        yield f"{_place(entry.place, locate)} {visible(entry.member)}: {visible(entry.cause)}: {visible(entry.source)}"
