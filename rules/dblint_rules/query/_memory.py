"""What the rules about work that a database does better share: which reads they judge."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole, Reduced
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Function, Query, Verb
from dblint.facts.schema import DOCUMENT_DATABASES, DOCUMENT_KEY, Table

ROLES = frozenset({FileRole.APP, FileRole.SCRIPT})
_FLAGS = frozenset({"boolean", "bool", "tinyint(1)", "number(1)"})
"""Types whose values are true or not; MySQL and Oracle before 23ai have no word of their own for it."""
FEW = 20
"""Rows up to which it makes no difference who does it."""


def made(call: Call, project: Project) -> tuple[Reduced, Query, Table | None] | None:
    """What is made of the rows of a call that asks for any number of rows of one table; None for any other call. Every
    attribute that is read is a column of it. No table: documents of a collection that nothing declares, which have the
    fields that they are asked for."""
    reduced = call.reduced
    if reduced is None or Effect.QUERY not in call.effects or call.memoised or len(call.queries) != 1:
        return None
    query = call.queries[0]
    table = project.table(query.table)
    if not _many(query, table) or query.table.lower() in project.uses.few:
        return None
    if table is not None and table.small:
        return None
    if table is None or table.schemaless:
        # Whether a field is true asks for more than one value.
        documents = query.dialect in DOCUMENT_DATABASES and not reduced.flags
        return (reduced, query, None) if documents else None
    if any(table.column(name) is None or table.relation(name) is not None for name in reduced.columns):
        return None
    # Whether any other column is true asks for more than a value: it may be empty in several ways.
    flags = [column for name in reduced.flags if (column := table.column(name)) is not None]
    if any(column.type not in _FLAGS for column in flags):
        return None
    return reduced, query, table


def places(project: Project) -> Iterator[Call]:
    """The calls whose rows could be followed to all that becomes of them, or that read any number."""
    for call in project.calls:
        if call.role in ROLES and Effect.QUERY in call.effects and any(_lists(query) for query in call.queries):
            yield call


def _lists(query: Query) -> bool:
    return query.verb is Verb.SELECT and query.expects not in ("one", "unique", "stream")


def _many(query: Query, table: Table | None) -> bool:
    """Whether rows of one table are asked for as they are, and there may be many."""
    sources = list(query.sources.values())
    if not _lists(query) or query.sources.open or len(sources) != 1 or not sources[0].real or sources[0].of_catalogue:
        return False
    if not query.limit.surely_absent() or not query.offset.surely_absent() or not query.locks.surely_absent():
        return False
    if query.grouping.possibly() or query.parts or query.ctes or query.several or query.where.open:
        return False
    if any(isinstance(one, Function) for one in query.projection.values()):
        return False
    return not _keyed(query, table)


def _keyed(query: Query, table: Table | None) -> bool:
    """Whether a condition names rows by a key, or by a list of values: then there are as many as these."""
    named: set[str] = set()
    for element in query.conjuncts():
        condition = element.value
        if isinstance(condition, Compare) and isinstance(condition.left, Column) and not condition.left.relation:
            column = table.column(condition.left.name) if table is not None else None
            if condition.operator in ("in", "any"):
                return True
            if condition.operator == "=":
                named.add(column.name if column is not None else condition.left.name)
    if table is None:
        return DOCUMENT_KEY in named
    return any(columns and columns <= named for columns in table.unique_sets())
