"""What `security/sql-injection` says of values that were put into a literal and are read back."""

# ruff: noqa: S608 - the texts are only read

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_sql_injection_sinks import findings

PYTHON = """\
import sqlite3
from flask import request

COLUMNS = {"a": "name", "b": "age"}

def find(opened: sqlite3.Connection, key):
    q = request.args
"""
TYPESCRIPT = """\
import express from 'express';
import { Pool } from 'pg';

const pool = new Pool();
const app = express();

app.post('/customers', async (request, response) => {
  const { body } = request;
  %s
});
"""


@pytest.mark.parametrize(
    ("before", "text", "source"),
    [
        ('o = {"n": q["n"]}', "f\"SELECT id FROM t WHERE n = '{o['n']}'\"", "q['n']"),
        ('o = {"m": {"n": q["n"]}}', "f\"SELECT id FROM t WHERE n = '{o['m']['n']}'\"", "q['n']"),
        ('o = (1, q["n"])', "f\"SELECT id FROM t WHERE n = '{o[1]}'\"", "q['n']"),
        ('o = [q["n"]]', "f\"SELECT id FROM t WHERE n = '{o[0]}'\"", "q['n']"),
        ('o = {"n": q["n"]}', "\"SELECT id FROM t WHERE n = '%(n)s'\" % o", "q['n']"),
        ('o = {"n": q["n"]}', "\"SELECT id FROM t WHERE n = '{n}'\".format(**o)", "q['n']"),
        ('o = (1, q["n"])', "\"SELECT id FROM t WHERE a = %s AND n = '%s'\" % o", "q['n']"),
        ('o = {**q}', "f\"SELECT id FROM t WHERE n = '{o['n']}'\"", "o['n']"),
        ('o = {}\no["n"] = q["n"]', "f\"SELECT id FROM t WHERE n = '{o['n']}'\"", "q['n']"),
        ('o = {}\nfor e in q.getlist("e"):\n    o[e] = e', "f\"SELECT id FROM t WHERE n = '{o[key]}'\"", "e"),
        ('o = {"n": q["n"]}', "f\"SELECT id FROM t WHERE n = '{o.get('n')}'\"", "q['n']"),
        ('o = {"n": "a"}\no["n"] = q["n"]', "f\"SELECT id FROM t WHERE n = '{o['n']}'\"", "q['n']"),
    ],
)  # fmt: skip
def test_an_entry_comes_from_where_it_was_put_in(tmp_path: Path, before: str, text: str, source: str) -> None:
    said = findings(tmp_path, _python(before, text), "app.py")
    assert said == [f"the request's `{source}` reaches the SQL text of `opened.execute()`"]


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ('o = {"n": q["n"], "t": "customer"}', "f\"SELECT id FROM {o['t']}\""),
        ('o = {"n": q["n"], "t": "customer"}', '"SELECT id FROM %(t)s" % o'),
        ('o = {"n": q["n"], "t": 3}', '"SELECT id FROM t LIMIT {t}".format(**o)'),
        ('o = ("id", q["n"])', 'f"SELECT {o[0]} FROM t"'),
        ('o = {"n": q["n"]}\no["n"] = int(o["n"])', "f\"SELECT id FROM t LIMIT {o['n']}\""),
        ('o = {"n": q["n"]}\nif o["n"] not in ("a", "b"):\n    raise ValueError', "f\"SELECT {o['n']} FROM t\""),
        ('o = {}\no["n"] = "id"', "f\"SELECT {o['n']} FROM t\""),
        ("", 'f"SELECT {COLUMNS[key]} FROM t"'),
        ("", "f\"SELECT {COLUMNS.get(key, 'id')} FROM t\""),
    ],
)
def test_an_entry_is_not_its_neighbours(tmp_path: Path, before: str, text: str) -> None:
    assert findings(tmp_path, _python(before, text), "app.py") == []


@pytest.mark.parametrize(
    ("before", "hole", "source"),
    [
        ("const o = { n: body.n, k: 1 };", "o.n", "body.n"),
        ("const o = { n: body.n, k: 1 };", "o['n']", "body.n"),
        ("const o = { ...body };", "o.n", "o.n"),
        ("const o = { m: { n: body.n } };", "o.m.n", "body.n"),
        ("const o = [body.n, 'x'];", "o[0]", "body.n"),
        ("const o: any = {}; o.n = body.n;", "o.n", "body.n"),
        ("const o = { n: body.n, k: 1 };", "o.k", ""),
        ("const o = { ...body, n: 1 };", "o.n", ""),
        ("const o = [body.n, 'x'];", "o[1]", ""),
    ],
)
def test_members_of_object_literals(tmp_path: Path, before: str, hole: str, source: str) -> None:
    text = TYPESCRIPT % f"{before} await pool.query(`SELECT id FROM t WHERE n = '${{{hole}}}'`);"
    expected = [f"the request's `{source}` reaches the SQL text of `pool.query()`"] if source else []
    assert findings(tmp_path, text, "app.ts") == expected


def _python(before: str, text: str) -> str:
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    return f"{PYTHON}{lines}    opened.execute({text})\n"


COMMANDS = """\
import sqlite3

import click
import typer
from flask import Flask, request

app = typer.Typer()
site = Flask(__name__)
opened = sqlite3.connect("shop.db")


def counted(text):
    return opened.execute(f"SELECT count(*) FROM ({text})").fetchone()


@click.command()
@click.option("--text")
def by_click(text):
    opened.execute(f"SELECT count(*) FROM ({text})")
    counted(text)


@app.command()
def by_typer(name: str):
    opened.execute(f"SELECT id FROM t WHERE name = '{name}'")


@app.command()
def by_both(text: str):
    opened.execute(f"SELECT count(*) FROM (SELECT {text} FROM t)")


@site.get("/")
def served():
    by_both(request.args["text"])


def by_function(name):
    opened.execute(f"SELECT id FROM u WHERE name = '{name}'")
"""


def test_an_option_of_a_command_is_its_users_own(tmp_path: Path) -> None:
    assert findings(tmp_path, COMMANDS, "app.py") == [
        "the request's `text` reaches the SQL text of `opened.execute()`",
        "`name` is put into the SQL text of `opened.execute()`, and is a parameter of the function",
    ]
