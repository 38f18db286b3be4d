"""Members, modules and receivers of which a condition decides which one is used."""

from __future__ import annotations

from dblint.facts.program import Effect
from tests.link.linked import linked

PYTHON = """
    import os
    import sqlite3

    pymysql = None
    if os.environ.get("SHELF"):
        import pymysql

    def expression(cursor: sqlite3.Cursor, many, rows):
        run = cursor.executemany if many else cursor.execute
        run("INSERT INTO a VALUES (?)", rows)

    def branches(cursor: sqlite3.Cursor, many, rows):
        if many:
            write = cursor.executemany
        else:
            write = cursor.execute
        write("INSERT INTO b VALUES (?)", rows)

    def at_once(cursor: sqlite3.Cursor, many, rows):
        (cursor.executemany if many else cursor.execute)("INSERT INTO c VALUES (?)", rows)

    def nothing(cursor: sqlite3.Cursor, dry):
        perhaps = None if dry else cursor.execute
        if perhaps:
            perhaps("DELETE FROM d")

    def none_of_them(shop, dry):
        told = shop.execute if dry else print
        told("DELETE FROM e")

    def anew():
        pymysql.connect(host="shelf").cursor().execute("DELETE FROM f")
    """
SCRIPT = """
    import { Client, Pool } from "pg";
    const pool = new Pool();

    export async function bound(client: Client, inside: boolean) {
      const run = inside ? client.query.bind(client) : pool.query.bind(pool);
      await run("DELETE FROM g");
    }
    """


def test_each_member_that_may_be_called_is_told_by_its_own_name() -> None:
    project = linked({"chosen.py": PYTHON, "chosen.ts": SCRIPT}, {"package.json": '{"dependencies": {"pg": "8"}}'})
    told: dict[str, set[str]] = {}
    for call in project.calls:
        if Effect.QUERY in call.effects:
            told.setdefault(call.queries[0].table, set()).add(f"{call.receiver}.{call.member}")
    both = {"sqlite3:Cursor.execute", "sqlite3:Cursor.executemany"}
    assert told == {
        "a": both,
        "b": both,
        "c": both,
        "d": {"sqlite3:Cursor.execute"},
        "f": {"pymysql:Cursor.execute"},
        "g": {"pg:Client.query", "pg:Pool.query"},
    }
