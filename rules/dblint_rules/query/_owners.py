"""Whose rows a table holds, as far as the program shows it: the columns by which it chooses several of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Query, Value, Verb
from dblint.facts.schema import Table
from dblint.facts.text import Origin

_REFERENCE = re.compile(r"(\w+?)(?:_id|_ID|(?<=[a-z\d])I[dD])")
_EQUAL = frozenset({"=", "in", "any"})


def owning_columns(project: Project) -> dict[str, tuple[str, ...]]:
    """By table in lower case the columns by which the program chooses several of its rows, where it never reads those
    of all owners: they say whose rows they are. Foreign keys, or where none is declared, columns named like one."""
    uses = project.uses
    found: dict[str, dict[str, None]] = {}
    across = set(uses.whole)
    for table, column in sorted({*uses.chosen, *(key for key, sought in uses.lookups.items() if not sought.seldom)}):
        known = project.table(table)
        said = known.column(column) if known is not None else None
        found.setdefault(table, {}).setdefault(said.name if said is not None else column)
    for call in project.calls:
        for query in call.queries if call.role is FileRole.APP else ():
            name = query.table.lower()
            if query.verb is not Verb.SELECT or len(query.sources.elements) != 1 or query.expects in ("one", "unique"):
                continue
            if _across(query):
                across.add(name)
            elif not _references(project.table(name)):
                for column in _handed(query):
                    if refers(column, name) and not _unique(project.table(name), column):
                        found.setdefault(name, {}).setdefault(column)
    return {table: tuple(sorted(columns)) for table, columns in found.items() if table not in across}


def _references(table: Table | None) -> bool:
    """Whether the table declares foreign keys: then they are what its rows belong to."""
    return table is not None and any(key.kind == "foreign" for key in table.keys)


def _unique(table: Table | None, column: str) -> bool:
    return table is not None and frozenset((column,)) in table.unique_sets()


def _handed(query: Query) -> Iterator[str]:
    """The columns that have to equal a value that is handed to the query."""
    for element in query.conjuncts():
        part = element.value
        if isinstance(part, Compare) and part.operator == "=" and isinstance(part.left, Column):
            if isinstance(part.right, Value) and not _constant(part):
                yield part.left.name


def _constant(part: Compare) -> bool:
    """Whether the column is compared with a literal of the program."""
    return isinstance(part.right, Value) and part.right.origin is Origin.CONSTANT and part.handed is None


def _across(query: Query) -> bool:
    """Whether a query gives rows whosever they are: all that it asks of them are constants and ranges."""
    return (
        not query.where.open
        and bool(query.where.elements)
        and all(
            isinstance(part, Compare)
            and isinstance(part.left, Column)
            and not part.left.relation
            and (part.operator not in _EQUAL or _constant(part))
            for part in (element.value for element in query.conjuncts())
        )
    )


def refers(column: str, table: str) -> bool:
    """Whether a column is named like a reference to rows of another table: `owner_id`, `ownerId`, not the own key."""
    named = _REFERENCE.fullmatch(column)
    if named is None:
        return False
    stem = named[1].lower().replace("_", "")
    return not table.replace("_", "").endswith((stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies"))
