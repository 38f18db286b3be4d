"""What the rules about rows that nobody needs share: which reads they judge, and how a repair is written."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, Taking
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare, Function, Query, Subquery, Verb
from dblint.rule import Edit, Finding, Fix, Related, Remedy
from dblint_rules.query._loops import model_of

_KEYS = frozenset({"id", "pk", "_id"})
"""What keys are called, of tables of which nothing else is known."""
_OF_ALL = frozenset({"count", "sum", "max", "min", "avg", "exists", "string_agg", "array_agg", "json_agg", "jsonb_agg"})
"""Functions that make one row of many."""


_OUTER = frozenset({"left", "right", "full"})


def reads(call: Call) -> Query | None:
    """The query of a call that asks the database, each time, for rows of which there may be many, whatever is done with
    them; None for any other call. A lock is taken, and a database that describes itself has few rows."""
    if Effect.QUERY not in call.effects or call.memoised or call.refreshes or len(call.queries) != 1:
        return None
    query = call.queries[0]
    sources = list(query.sources.values())
    if not query.verb.reads or not sources or all(source.of_catalogue or not source.real for source in sources):
        return None
    absent = (query.limit, query.offset, query.locks)
    if not all(clause.surely_absent() for clause in absent) or query.several:
        return None
    if not all(part.verb.reads for _, part in query.ctes):
        return None
    return query


def lists(query: Query) -> bool:
    """Whether rows are asked for as they are, and not what is computed of all of them."""
    made = list(query.projection.values())
    computed = bool(made) and all(
        isinstance(each, Subquery) or (isinstance(each, Function) and each.name in _OF_ALL) for each in made
    )
    return query.verb is Verb.SELECT and not (computed and query.grouping.surely_absent())


def one_at_most(project: Project, query: Query) -> bool:
    """Whether the conditions name a row by a key, or the table has few rows."""
    table = project.table(query.table)
    compared = {
        condition.left.name: condition.operator
        for element in query.conjuncts()
        if isinstance(condition := element.value, Compare)
        and condition.operator in ("=", "is")
        and isinstance(condition.left, Column)
        and not condition.left.relation
    }
    equal = {name for name, operator in compared.items() if operator == "="}
    if table is None:
        return bool(equal & _KEYS)
    # What is no column is something that the model compares in its own way, by columns that nobody names here.
    hidden = any(table.column(name) is None for name in equal)
    return table.small or any(
        key and (key <= compared.keys() or (hidden and key & compared.keys())) and key & equal
        for key in table.unique_sets()
    )


def related(call: Call) -> Iterator[Related]:
    """The expressions that take something of rows which were loaded before."""
    for one in call.taken.by if call.taken is not None else ():
        if not (one.place.start <= call.place.start and call.place.stop <= one.place.stop):
            yield Related(one.place, "how many there are" if one.kind == "number" else "whether there is one")


def finding(call: Call, project: Project, query: Query, message: str, remedy: str) -> Finding:
    """What is told of a call, with its repair. `remedy`: count or exists."""
    table = query.table
    return Finding(
        call.place,
        message,
        names={"table": table or "the table"},
        related=tuple(related(call)),
        remedy=Remedy(remedy, {"table": table, "model": model_of(call) if table else ""}),
        idiom=call.idiom,
        fix=_fix(call, project, query, remedy),
    )


def _fix(call: Call, project: Project, query: Query, remedy: str) -> Fix | None:
    """The one expression that takes something of the rows, written as a query of its own; None where there are several,
    or where the rows are loaded in another place than that."""
    by: tuple[Taking, ...] = call.taken.by if call.taken is not None else ()
    if len(by) != 1 or by[0].query is None:
        return None
    word = "not-exists" if remedy == "exists" and by[0].absent else remedy
    title = "count the rows in the database" if remedy == "count" else "ask the database whether there is a row"
    return Fix(title, (Edit(word, by[0].place, {"query": by[0].query}),), _unsafe(project, query, remedy))


def _unsafe(project: Project, query: Query, remedy: str) -> str:
    """Why another number may come of it, "" where the same does."""
    if remedy != "count":
        outer = query.sources.open or any(source.join in _OUTER for source in query.sources.values())
        return "what an outer join gives first may be nothing" if outer else ""
    if query.sources.open or len(query.sources.elements) > 1:
        return "a row that a join gives several times may have been one object"
    if _sorted_apart(project, query):
        return "what the rows are sorted by may have made several of one, and a count leaves it out"
    return ""


def _sorted_apart(project: Project, query: Query) -> bool:
    """Whether there may be rows only because of what they are sorted by: it is in another table, of which each of them
    may have many rows; or groups, or rows that are all different, differ in it alone."""
    if query.order.open:
        return True
    folded = query.distinct or not query.grouping.surely_absent()
    shown = {made.name for made in query.projection.values() if isinstance(made, Column) and not made.relation}
    for key in (element.value.expression for element in query.order.elements):
        if not isinstance(key, Column) or (key.relation and not _of_one(project, query.table, key.relation)):
            return True
        if folded and (key.relation or not (query.projection.surely_absent() or key.name in shown)):
            return True
    return False


def _of_one(project: Project, name: str, path: tuple[str, ...]) -> bool:
    """Whether a path of relations leads from a row of the table to one row at most."""
    table = project.table(name)
    for step in path:
        relation = table.relation(step) if table is not None else None
        if relation is None or relation.kind != "to-one":
            return False
        table = project.table(relation.target)
    return True
