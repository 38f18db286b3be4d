"""What the body of a DO block can do to tables."""

from __future__ import annotations

import pytest

from dblint.facts.schema import Change, Operation
from dblint.facts.text import Place
from dblint.sql.query import parse
from tests.sql.build import PATH, hole, text

ANY = ("unread", "")
Told = tuple[str, str, str, bool]


def block(body: str) -> tuple[Operation, ...]:
    parsed = parse(text(f"DO $$ BEGIN {body} END $$"), "postgres")
    assert parsed.error == ""
    return parsed.operations


def told(body: str) -> tuple[list[tuple[str, str]], list[Told]]:
    """What a block says of itself, and of its statements the change, the table, the name and whether they are only
    sometimes run."""
    first, *rest = block(body)
    assert (first.change, first.name) == (Change.OTHER, "do")
    assert all(("within", "do") in each.options for each in rest)
    return list(first.options), [
        (str(each.change), each.table, each.name, ("conditional", "") in each.options) for each in rest
    ]


INDEX = [("create-index", "t", "i", False)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "CREATE TYPE e AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN NULL;",
            [("other", "", "create type", False)],
        ),
        ("EXECUTE 'SELECT 1';", [("data", "", "", False)]),
        ("EXECUTE 'UPDATE t SET a = $1' USING 'x';", [("data", "t", "", False)]),
        ("EXECUTE 'CREATE INDEX i ' 'ON t (a)';", INDEX),
        ("EXECUTE 'CREATE INDEX i ' || 'ON ' || quote_ident('t') || ' (a)';", INDEX),
        ("EXECUTE format('CREATE INDEX %I ON %I (%s)', 'i', 't', 'a');", INDEX),
        ("EXECUTE format('CREATE INDEX %2$I ON %1$I (a) WHERE b > ''%%''', 't', 'i');", INDEX),
        (
            "EXECUTE $q$ALTER TABLE t DROP COLUMN a; DROP TABLE u;$q$;",
            [("drop-column", "t", "a", False), ("drop-table", "u", "u", False)],
        ),
        ("IF a THEN EXECUTE 'DROP TABLE t'; END IF;", [("drop-table", "t", "t", True)]),
        ("IF a THEN RETURN; END IF; DROP TABLE t;", [("drop-table", "t", "t", True)]),
        ("IF a THEN RETURN NEXT b; END IF; DROP TABLE t;", [("drop-table", "t", "t", False)]),
        ("NULL; EXCEPTION WHEN others THEN IF a THEN NULL; END IF; DROP TABLE t;", [("drop-table", "t", "t", True)]),
        ("EXECUTE 'ALTER TABLE t DROP CONSTRAINT ' || quote_ident(c);", [("other", "t", "execute", True)]),
        ("EXECUTE format('ALTER TABLE ONLY s.\"T\" %s', a);", [("other", "T", "execute", True)]),
        ("EXECUTE format('CREATE INDEX %I ON t (a)', i);", [("other", "t", "execute", True)]),
        ("EXECUTE 'DROP TABLE IF EXISTS t ' || c;", [("other", "t", "execute", True)]),
        ("ALTER TABLE t FROBNICATE a;", [("other", "t", "execute", True)]),
        ("EXECUTE 'ALTER TABLE ' || quote_ident(a) || ' ENABLE ROW LEVEL SECURITY';", []),
        ("EXECUTE format('ALTER TABLE %I OWNER TO me', a);", []),
        ("EXECUTE 'CREATE EXTENSION ' || a; EXECUTE format('GRANT SELECT ON %I TO me', a);", []),
        ("EXECUTE 'CREATE TABLE ' || quote_ident(a) || ' (id int)';", []),
        ("FOR r IN EXECUTE 'SELECT ' || a LOOP NULL; END LOOP; RETURN QUERY EXECUTE a;", []),
        ("PERFORM 1 FROM t; PERFORM pg_notify('a', 'b'); PERFORM set_config('a', 'b', true);", []),
        ("RAISE NOTICE 'ALTER TABLE t'; a := 'DROP TABLE t'; -- DROP TABLE t\n", []),
    ],
)
def test_what_is_read(body: str, expected: list[Told]) -> None:
    assert told(body) == ([], expected)


@pytest.mark.parametrize(
    "body",
    [
        "EXECUTE change();",
        "EXECUTE a;",
        "EXECUTE a USING 1;",
        "EXECUTE a || ' TABLE t';",
        "EXECUTE 'ALTER TABLE ' || quote_ident(a) || ' DROP COLUMN b';",
        "EXECUTE format('ALTER TABLE t_%s DROP COLUMN b', a);",
        "EXECUTE format('%s TABLE t', a);",
        "EXECUTE format('CREATE INDEX ON %I (a)', b);",
        "EXECUTE 'DROP INDEX ' || a;",
        "EXECUTE 'DROP TABLE t, ' || a;",
        "EXECUTE 'DROP SCHEMA ' || a;",
        "EXECUTE 'DROP TYPE ' || a;",
        "EXECUTE E'DROP TABLE \\'t\\'';",
        "EXECUTE 'DO $x$ BEGIN DROP TABLE t; END $x$';",
        "WHILE a DO DROP TABLE t; END WHILE;",
    ],
)
def test_what_may_change_any_table(body: str) -> None:
    assert told(body) == ([ANY], [])


def test_routines_that_are_called() -> None:
    calls = [("calls", "f"), ("calls", "g"), ("calls", "p")]
    assert told("PERFORM f(1); PERFORM app.g(); CALL p(2); CALL p(3);") == (calls, [])


@pytest.mark.parametrize(
    ("dialect", "source", "options"),
    [
        ("postgres", "DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE t') $$", (ANY,)),
        ("postgres", "DO $$ plpy.execute('DROP TABLE t') $$ LANGUAGE plpython3u", (ANY,)),
        ("postgres", "DO $$ BEGIN NULL; END $$ LANGUAGE plpgsql", ()),
        ("postgres", "DO 'BEGIN DROP TABLE t; END'", (ANY,)),
        ("mysql", "DO RELEASE_LOCK('x')", ()),
    ],
)
def test_languages(dialect: str, source: str, options: tuple[tuple[str, str], ...]) -> None:
    (found,) = parse(source, dialect).operations
    assert (found.name, found.options) == ("do", options)


def test_what_is_executed_stands_where_it_is_executed() -> None:
    source = "DO $$ BEGIN EXECUTE 'CREATE TABLE té (id int PRIMARY KEY)'; END $$"
    _, made = parse(text(source), "postgres").operations
    place = Place(PATH, 12, 12 + len("EXECUTE 'CREATE TABLE té (id int PRIMARY KEY)'".encode()))
    assert made.sql == "CREATE TABLE té (id int PRIMARY KEY)"
    assert made.definition is not None
    assert [made.place, made.definition.place, made.definition.keys[0].place] == [place, place, place]


def test_a_text_with_holes_is_not_constant() -> None:
    found = parse(text("DO $$ BEGIN EXECUTE 'DROP TABLE ", hole("name"), "'; END $$"), "postgres").operations
    assert [(each.name, each.options) for each in found] == [("do", (ANY,))]
    found = parse(text("DO $$ BEGIN DROP TABLE ", hole("name"), "; END $$"), "postgres").operations
    assert found[0].options == (ANY,)
