"""Programs on Oracle: their SQL files are read because the program imports a driver that speaks to nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

TABLES = """\
CREATE TABLE customer (
    id number GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar2(400) NOT NULL, name varchar2(400) NOT NULL,
    note clob, paid number(1) DEFAULT 0 NOT NULL, joined date DEFAULT sysdate NOT NULL
);
CREATE TABLE invoice (
    id number GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id number NOT NULL REFERENCES customer (id)
);
CREATE TABLE letter (
    id number GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id number NOT NULL REFERENCES customer (id)
);
CREATE TABLE visit (
    id number GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id number NOT NULL REFERENCES customer (id)
);
CREATE INDEX customer_note ON customer (note) INDEXTYPE IS CTXSYS.CONTEXT PARAMETERS ('SYNC (ON COMMIT)');
"""
PROGRAM = """\
from flask import Flask, request
import {driver}

app = Flask(__name__)


@app.get("/customers")
def found():
    word = request.args["word"]
    start = int(request.args.get("start", 0))
    with {driver}.connect(**dict(request.args)) as connection, connection.cursor() as cursor:
        cursor.execute({statement})
        return cursor.fetchall()
"""
SEARCHED = (
    "name of customer is searched by a pattern that begins with a wildcard, which no index serves: every row is read"
)
UNSTABLE = (
    "pages of customer are sorted by joined, which several rows may share: rows may be on two pages, others on none"
)
KEYSET = "a client decides how many rows of customer are skipped, and the database reads them all; behind the last row "


def told(folder: Path, driver: str, rule: str, statement: str) -> list[tuple[int, str]]:
    (folder / "app.py").write_text(PROGRAM.format(driver=driver, statement=statement))
    (folder / "schema.sql").write_text(TABLES)
    result = run(Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": (rule,)}))
    return [(each.region.start.line, each.message) for each in result.report.findings]


@pytest.mark.parametrize(
    ("rule", "statement", "message"),
    [
        (
            "query/leading-wildcard-like",
            '"SELECT id FROM customer WHERE name LIKE :1", (f"%{word}%",)',
            SEARCHED,
        ),
        ("query/leading-wildcard-like", '"SELECT id FROM customer WHERE note LIKE :1", (f"%{word}%",)', ""),
        (
            "query/deep-offset",
            '"SELECT id FROM customer ORDER BY joined DESC OFFSET :1 ROWS FETCH NEXT 50 ROWS ONLY", (start,)',
            KEYSET + "that was shown: WHERE (joined < ? OR joined = ? AND id < ?) ORDER BY joined DESC, id DESC FETCH "
            "FIRST ? ROWS ONLY",
        ),
        (
            "query/deep-offset",
            '"SELECT id FROM customer ORDER BY id OFFSET :1 ROWS FETCH NEXT 50 ROWS ONLY", (start,)',
            KEYSET + "that was shown: WHERE id > ? ORDER BY id FETCH FIRST ? ROWS ONLY",
        ),
        (
            "query/unstable-pagination",
            '"SELECT id FROM customer ORDER BY joined OFFSET :1 ROWS FETCH NEXT 50 ROWS ONLY", (start,)',
            UNSTABLE,
        ),
        (
            "query/unstable-pagination",
            '"SELECT id FROM customer ORDER BY joined, id OFFSET :1 ROWS FETCH NEXT 50 ROWS ONLY", (start,)',
            "",
        ),
    ],
)
def test_what_is_said(tmp_path: Path, rule: str, statement: str, message: str) -> None:
    assert told(tmp_path, "oracledb", rule, statement) == ([(12, message)] if message else [])


def test_a_program_of_another_driver_leaves_such_files_alone(tmp_path: Path) -> None:
    statement = '"SELECT id FROM customer WHERE name LIKE %s", (f"%{word}%",)'
    assert told(tmp_path, "psycopg", "query/leading-wildcard-like", statement) == []
