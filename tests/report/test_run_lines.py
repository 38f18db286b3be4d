from __future__ import annotations

from dblint.facts.report import NotUnderstood, Summary
from dblint.report.run_lines import run_lines


def test_what_was_read_and_what_was_not_understood() -> None:
    summary = Summary(
        read=1,
        queries=2,
        tables=1,
        databases=("mysql: driver pymysql in requirements.txt", "postgres: engine postgresql://… in a.py and 2 more"),
        not_understood=(NotUnderstood("knex", 0, "package.json"), NotUnderstood("peewee", 31, "a.py")),
        known=1,
    )
    assert list(run_lines(summary, 1.26, "known.json")) == [
        "1 file read in 1.3 s: 2 queries, 1 table",
        "database mysql: driver pymysql in requirements.txt",
        "database postgres: engine postgresql://… in a.py and 2 more",
        "found `knex`: not understood yet, required by package.json",
        "found `peewee`: not understood yet, 31 files",
        "baseline of 1 finding written to known.json",
    ]


def test_a_database_that_nothing_names() -> None:
    assert list(run_lines(Summary(read=2, calls=1, queries=1), 0.04)) == [
        "2 files read in 0.0 s: 1 query, 0 tables",
        "database unknown: nothing says which it is (--dialect does)",
    ]
    assert list(run_lines(Summary(read=2), 0)) == ["2 files read in 0.0 s: 0 queries, 0 tables"]
    assert list(run_lines(Summary(read=2), 0, above="../..")) == [
        "2 files of the project in ../.. read in 0.0 s: 0 queries, 0 tables"
    ]
