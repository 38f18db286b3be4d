"""What `dblint queries` prints for handles; calls are tested with the command."""

from __future__ import annotations

import json

from dblint.facts.program import Call, Effect, Handle
from dblint.facts.project import Project
from dblint.facts.query import Clause, Column, Compare, Element, Query, Source, Value, Verb
from dblint.facts.report import Position
from dblint.facts.text import Place
from dblint.report import queries
from dblint.sql.render import render

HANDLE = Handle(
    Place("a.ts", 10, 40),
    "handle",
    "getRepository",
    "typeorm:Repository",
    "invoice",
    runs=(Place("b.ts", 20, 30),),
    resolved=("annotation DataSource",),
    function="a.ts::pay",
    member_stop=25,
)


def locate(place: Place) -> Position:
    """Lines of ten bytes."""
    return Position(place.start // 10 + 1, place.start % 10 + 1, 0)


def test_a_handle_as_text() -> None:
    project = Project(handles=(HANDLE, Handle(Place("a.ts", 0, 5), "entity", "create", "typeorm:Repository")))
    assert list(queries.calls(project, lambda _: True, locate, render)) == [
        "a.ts:1:1 typeorm:Repository.create (entity)\n    entity -",
        (
            "a.ts:2:1 typeorm:Repository.getRepository (handle)\n"
            "    handle invoice\n"
            "    runs: b.ts:3:1\n"
            "    resolved: annotation DataSource"
        ),
    ]


def test_a_handle_as_json() -> None:
    (line,) = queries.calls(Project(handles=(HANDLE,)), lambda _: True, locate, render, as_json=True)
    assert json.loads(line) == {
        "path": "a.ts",
        "line": 2,
        "column": 1,
        "member_line": 3,
        "receiver": "typeorm:Repository",
        "member": "getRepository",
        "trigger": "handle",
        "function": "a.ts::pay",
        "role": "app",
        "tables": ["invoice"],
        "runs": [{"path": "b.ts", "line": 3}],
        "queries": [],
        "resolved": ["annotation DataSource"],
    }


def test_a_handle_of_a_file_that_is_not_reported_on() -> None:
    assert list(queries.calls(Project(handles=(HANDLE,)), lambda path: path != "a.ts", locate, render)) == []


def test_what_is_sent_without_a_statement_is_told_by_its_effect() -> None:
    sent = (Effect.CHANGE_SCHEMA, Effect.QUERY, Effect.COMMIT)
    calls = tuple(
        Call(Place("a.py", 10 * at, 10 * at + 1), "act", "alembic:Operations", effects=(effect,))
        for at, effect in enumerate(sent)
    )
    assert list(queries.calls(Project(calls=calls), lambda _: True, locate, render)) == [
        "a.py:1:1 alembic:Operations.act\n    change-schema",
        "a.py:2:1 alembic:Operations.act\n    query",
    ]


def test_what_a_librarys_call_asks_for_is_told_as_sql() -> None:
    sources = Clause((Element(Source("Parcel")),))
    comparisons = (
        Compare(Column("depotId"), "=", Value("parameter")),
        Compare(Column("gone"), "=", Value("null")),
        Compare(Column("code"), "istarts-with", Value("string", "it's")),
        Compare(Column("note"), "contains", Value("parameter")),
    )
    query = Query(Verb.SELECT, sources=sources, where=Clause(tuple(Element(each) for each in comparisons)))
    call = Call(Place("a.ts", 0, 1), "findMany", "prisma:Delegate", queries=(query,), effects=(Effect.QUERY,))
    sql = (
        "SELECT * FROM \"Parcel\" WHERE \"depotId\" = ? AND gone IS NULL AND code ILIKE 'it''s%' "
        "AND note LIKE '%' || ? || '%'"
    )
    (text,) = queries.calls(Project(calls=(call,)), lambda _: True, locate, render)
    assert text == f"a.ts:1:1 prisma:Delegate.findMany\n    select Parcel\n    {sql}"
    (line,) = queries.calls(Project(calls=(call,)), lambda _: True, locate, render, as_json=True)
    assert json.loads(line)["queries"] == [{"verb": "select", "tables": ["Parcel"], "sql": sql}]
