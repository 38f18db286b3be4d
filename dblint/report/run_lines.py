"""What a run read, for standard error: nothing of it depends on what was found to be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.report import NotUnderstood, Summary
from dblint.report.visible import visible


def run_lines(summary: Summary, seconds: float, written: str | None = None, above: str = "") -> Iterator[str]:
    """How much was read in how long, which databases are meant, and what was found and not understood. `written`:
    where a baseline was written to; `above`: the way up to the project that was read."""
    queries = [_number(summary.queries, "query", "queries")] if summary.calls_read else []
    counts = ", ".join([*queries, _number(summary.tables, "table")])
    project = f" of the project in {visible(above)}" if above else ""
    yield f"{_number(summary.read, 'file')}{project} read in {seconds:.1f} s: {counts}"
    yield from (f"database {visible(database)}" for database in summary.databases)
    if summary.touches_a_database and summary.calls_read and not summary.databases:
        yield "database unknown: nothing says which it is (--dialect does)"
    yield from map(_not_understood, summary.not_understood)
    if written:
        yield f"baseline of {_number(summary.known, 'finding')} written to {visible(written)}"


def _not_understood(found: NotUnderstood) -> str:
    if found.files:
        return f"found `{visible(found.package)}`: not understood yet, {_number(found.files, 'file')}"
    return f"found `{visible(found.package)}`: not understood yet, required by {visible(found.path)}"


def _number(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"
