"""What is told of statements that a function of the project runs for its callers, and of DDL beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

Told = list[tuple[str, int, int, str]]


def told(folder: Path, program: str) -> Told:
    (folder / "app.py").write_text(program, "utf-8")
    request = Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("all",)})
    return [
        (item.rule, item.region.start.line, item.region.start.column, item.message)
        for item in run(request).report.findings
    ]


WRAPPER = """\
from sqlalchemy import text
from sqlalchemy.orm import Session


def run(session: Session, query, values=None):
    RUN


def forget(session: Session):
    run(session, GIVEN("DELETE FROM wallet"))


def each(session: Session, keys):
    for key in keys:
        run(session, GIVEN("SELECT id FROM wallet WHERE id = :id"), {"id": key})


def store(session: Session, keys):
    for key in keys:
        run(session, GIVEN("INSERT INTO wallet (id) VALUES (:id)"), {"id": key})


def search(session: Session, name):
    run(session, GIVEN(f"SELECT * FROM wallet WHERE name = '{name}'"))


def outside(session: Session):
    run(session, GIVEN("UPDATE wallet SET open = 1 WHERE id = 1"))
    for key in (1, 2):
        run(session, GIVEN("SELECT id FROM wallet WHERE id = :id"), {"id": key})
"""
HELPED = """\
    def rewritten(query):
        return query.replace("?", "%s")

    return session.execute(text(rewritten(query)), values)
"""


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("return session.execute(text(query), values)", ""),
        ("statement = text(query)\n    return session.execute(statement, values)", ""),
        ("return session.execute(query, values)", "text"),
        ("return session.execute(statement=text(query), params=values)", ""),
    ],
)
def test_a_statement_that_a_wrapper_runs_is_its_callers(tmp_path: Path, body: str, given: str) -> None:
    found = told(tmp_path, WRAPPER.replace("RUN", body).replace("GIVEN(", f"{given}("))
    down = body.count("\n")
    wide = len(given) + 1
    injected = f"`name` is put into the SQL text of `{given or 'run'}()`, and is a parameter of the function"
    assert found == [
        ("security/sql-injection", 24 + down, 18 if given else 5, injected),
        ("query/n-plus-one", 15 + down, 9, "`run()` reads wallet once per element of `keys`"),
        ("query/select-star", 24 + down, 27 + wide, "every column of wallet is asked for"),
        (
            "query/write-in-loop",
            20 + down,
            9,
            "`run()` inserts into wallet once per element of `keys`; one statement can do it for all",
        ),
        ("query/write-without-where", 10 + down, 18 + wide, "every row of wallet is deleted: the statement has no condition"),
    ]  # fmt: skip
