"""The comparison itself: it has to see what is wrong, and only that."""

from __future__ import annotations

from textwrap import dedent

import pytest
from msgspec.structs import replace

from dblint.facts.query import Clause, Compare, Element, Query, Subquery
from dblint.facts.schema import Key, SchemaColumn, Table
from dblint.sql.query import parse
from tests.link.linked import linked
from tests.truth.compare import Comparison
from tests.truth.judge import Entry, judge, listed, read
from tests.truth.notes import Note

JAR = Table(
    "jar",
    model="Jar",
    columns=tuple(map(SchemaColumn, ("id", "shelf_id", "label", "weight", "note"))),
    keys=(Key("primary", ("id",)), Key("foreign", ("shelf_id",), target="shelf", target_columns=("id",))),
)
SHELF = Table("shelf", model="Shelf", columns=tuple(map(SchemaColumn, ("id", "room"))), keys=(Key("primary", ("id",)),))
TABLES = {"jar": JAR, "shelf": SHELF}


def query(sql: str, dialect: str = "sqlite") -> Query:
    parsed = parse(sql, dialect)
    assert parsed.query is not None, parsed.error
    return parsed.query


def differs(said: str, sent: str, *parameters: object, dialect: str = "sqlite") -> list[str]:
    """The clauses in which the query that `said` is does not agree with what was sent."""
    note = Note("use.py", 1, 1, "reads", sent, list(parameters), False)
    (seen,) = read(note, dialect)
    result = Comparison(query(said, dialect), seen.query, TABLES, seen.bound).result()
    return [name for name, _ in result.differs]


@pytest.mark.parametrize(
    ("said", "sent", "parameters", "clauses"),
    [
        ("SELECT label FROM jar", "SELECT label FROM shelf", (), ["projection", "sources"]),
        ("SELECT label FROM jar", "SELECT label, note FROM jar", (), ["projection"]),
        ("SELECT label, note FROM jar", "SELECT label FROM jar", (), ["projection"]),
        ("SELECT max(weight) FROM jar", "SELECT min(weight) FROM jar", (), ["projection"]),
        ("SELECT DISTINCT label FROM jar", "SELECT label FROM jar", (), ["distinct"]),
        ("SELECT id FROM jar", "SELECT id FROM jar WHERE id = ?", (1,), ["where"]),
        ("SELECT id FROM jar WHERE id = ?", "SELECT id FROM jar", (), ["where"]),
        ("SELECT id FROM jar WHERE id = ?", "SELECT id FROM jar WHERE id > ?", (1,), ["where"]),
        ("SELECT id FROM jar WHERE id = ?", "SELECT id FROM jar WHERE weight = ?", (1,), ["where"]),
        ("SELECT id FROM jar WHERE id = 2", "SELECT id FROM jar WHERE id = ?", (1,), ["where"]),
        ("SELECT id FROM jar WHERE id = ?", "SELECT id FROM jar WHERE id = 1", (), ["where"]),
        ("SELECT id FROM jar WHERE NOT (id = ?)", "SELECT id FROM jar WHERE id = ?", (1,), ["where"]),
        ("DELETE FROM jar WHERE id = ? AND note = ?", "DELETE FROM jar WHERE id = ? OR note = ?", (1, 2), ["where"]),
        ("SELECT id FROM jar WHERE id = ? AND id = ?", "SELECT id FROM jar WHERE id = ?", (1,), ["where"]),
        ("SELECT id FROM jar WHERE label LIKE 'p%'", "SELECT id FROM jar WHERE label LIKE ?", ("%p",), ["where"]),
        ("SELECT id FROM jar WHERE note IS NULL", "SELECT id FROM jar WHERE note IS NOT NULL", (), ["where"]),
        ("SELECT id FROM jar WHERE id IN (1, 2)", "SELECT id FROM jar WHERE id IN (?, ?)", (1, 3), ["where"]),
        ("SELECT id FROM jar WHERE id IN (?)", "SELECT id FROM jar WHERE id NOT IN (?, ?)", (1, 3), ["where"]),
        (
            "SELECT id FROM jar WHERE shelf_id IN (SELECT id FROM shelf WHERE room = 'hall')",
            "SELECT id FROM jar WHERE shelf_id IN (SELECT id FROM shelf WHERE room = ?)",
            ("attic",),
            ["where"],
        ),
        ("SELECT id FROM jar ORDER BY label", "SELECT id FROM jar", (), ["order"]),
        ("SELECT id FROM jar", "SELECT id FROM jar ORDER BY label", (), ["order"]),
        ("SELECT id FROM jar ORDER BY label", "SELECT id FROM jar ORDER BY label DESC", (), ["order"]),
        ("SELECT id FROM jar ORDER BY label, id", "SELECT id FROM jar ORDER BY id, label", (), ["order"]),
        ("SELECT id FROM jar ORDER BY label", "SELECT id FROM jar ORDER BY label NULLS LAST", (), ["order"]),
        ("SELECT id FROM jar LIMIT 5", "SELECT id FROM jar LIMIT ?", (6,), ["limit"]),
        ("SELECT id FROM jar LIMIT 5", "SELECT id FROM jar LIMIT 5 OFFSET ?", (1,), ["offset"]),
        ("SELECT id FROM jar", "SELECT id FROM jar LIMIT 1", (), ["limit"]),
        (
            "SELECT jar.id FROM jar JOIN shelf ON shelf.id = jar.shelf_id",
            "SELECT jar.id FROM jar LEFT JOIN shelf ON shelf.id = jar.shelf_id",
            (),
            ["sources"],
        ),
        (
            "SELECT jar.id FROM jar JOIN shelf ON shelf.id = jar.shelf_id",
            "SELECT jar.id FROM jar JOIN shelf ON shelf.id = jar.id",
            (),
            ["sources"],
        ),
        ("SELECT jar.id FROM jar", "SELECT jar.id FROM jar, shelf", (), ["sources"]),
        (
            "SELECT shelf_id, count(*) FROM jar GROUP BY shelf_id",
            "SELECT shelf_id, count(*) FROM jar GROUP BY label",
            (),
            ["grouping"],
        ),
        (
            "SELECT shelf_id FROM jar GROUP BY shelf_id HAVING count(*) > 1",
            "SELECT shelf_id FROM jar GROUP BY shelf_id HAVING count(*) >= 1",
            (),
            ["having"],
        ),
        ("UPDATE jar SET weight = 1", "UPDATE jar SET weight = ?", (2,), ["assignments"]),
        ("UPDATE jar SET weight = ?", "UPDATE jar SET weight = weight + ?", (2,), ["assignments"]),
        ("UPDATE jar SET weight = ?", "UPDATE jar SET weight = ?, note = ?", (2, "x"), ["assignments"]),
        ("UPDATE jar SET weight = ? WHERE id = ?", "UPDATE jar SET weight = ?", (2,), ["where"]),
        ("DELETE FROM jar", "DELETE FROM jar WHERE id = ?", (2,), ["where"]),
        ("DELETE FROM jar WHERE id = ?", "UPDATE jar SET id = 1 WHERE id = ?", (2,), ["verb"]),
        ("INSERT INTO jar (label) VALUES (?)", "INSERT INTO jar (note) VALUES (?)", ("x",), ["assignments"]),
        ("INSERT INTO jar (id) VALUES (?)", "INSERT INTO jar (id, note) VALUES (?, ?)", (9, "y"), ["assignments"]),
        (
            "INSERT INTO jar (label) VALUES (?)",
            "INSERT INTO jar (label) VALUES (?) RETURNING label",
            ("x",),
            ["returning"],
        ),
        ("SELECT id FROM jar UNION SELECT id FROM shelf", "SELECT id FROM jar", (), ["set operation", "sources"]),
        (
            "SELECT id FROM jar UNION SELECT id FROM shelf WHERE id = 1",
            "SELECT id FROM jar UNION SELECT id FROM shelf WHERE id = ?",
            (2,),
            ["where"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_seen(said: str, sent: str, parameters: tuple[object, ...], clauses: list[str]) -> None:
    assert differs(said, sent, *parameters) == clauses


@pytest.mark.parametrize(
    ("said", "sent", "parameters"),
    [
        ("SELECT * FROM jar", 'SELECT j."id", j.label, j.weight, j.note, j.shelf_id FROM "jar" j', ()),
        ("SELECT label FROM jar WHERE id = ?", "SELECT jar.label AS jar_label FROM jar WHERE jar.id = ?", (1,)),
        ("SELECT id FROM jar WHERE label = 'plum'", "SELECT id FROM jar WHERE label = ?", ("plum",)),
        ("SELECT id FROM jar WHERE id IN (?)", "SELECT id FROM jar WHERE id IN (?, ?, ?)", (1, 2, 3)),
        ("SELECT id FROM jar WHERE id = ?", "SELECT id FROM jar WHERE id IN (?)", (1,)),
        ("SELECT id FROM jar WHERE NOT (id = 1 AND id < 2)", "SELECT id FROM jar WHERE id >= 2 OR id != 1", ()),
        ("SELECT id FROM jar WHERE 1 < weight", "SELECT id FROM jar WHERE weight > ?", (1,)),
        ("SELECT id FROM jar WHERE label ILIKE 'p%'", "SELECT id FROM jar WHERE lower(label) LIKE lower(?)", ("p%",)),
        ("SELECT id FROM jar LIMIT 5", "SELECT id FROM jar LIMIT ? OFFSET ?", (5, 0)),
        ("SELECT id FROM jar ORDER BY label DESC", "SELECT id FROM jar ORDER BY label DESC NULLS LAST", ()),
        ("SELECT shelf_id FROM jar GROUP BY shelf_id", "SELECT shelf_id FROM jar GROUP BY 1", ()),
        (
            "SELECT count(*) FROM jar WHERE weight = ?",
            "SELECT count(*) AS c FROM (SELECT jar.id AS i FROM jar WHERE jar.weight = ?) AS anon_1",
            (1,),
        ),
        ("INSERT INTO jar (label) VALUES (?)", "INSERT INTO jar (label) VALUES (?) RETURNING id", ("x",)),
        (
            "SELECT room FROM jar AS a JOIN shelf AS b ON b.id = a.shelf_id",
            "SELECT shelf.room FROM jar INNER JOIN shelf ON shelf.id = jar.shelf_id",
            (),
        ),
    ],
)
def test_what_is_only_spelling_is_not(said: str, sent: str, parameters: tuple[object, ...]) -> None:
    assert differs(said, sent, *parameters) == []


def test_case_counts_where_the_database_minds_it() -> None:
    said, sent = "SELECT id FROM jar WHERE label ILIKE 'p'", "SELECT id FROM jar WHERE label LIKE 'p'"
    assert differs(said, sent) == []
    assert differs(said, sent, dialect="postgres") == ["where"]


def test_models_rows_are_looked_through_by_their_keys() -> None:
    """Of a model's rows nothing says what is selected: it is the key, and as many rows as are asked for."""
    whole = "SELECT id FROM jar WHERE shelf_id IN (SELECT id FROM shelf WHERE room = 'hall')"
    outer = query(whole)
    (condition,) = outer.where.values()
    assert isinstance(condition, Compare)
    assert isinstance(condition.right, Subquery)
    inner = replace(condition.right.query, projection=Clause(), sql="")
    said = replace(outer, where=Clause((Element(replace(condition, right=Subquery(inner))),)))

    def clauses(sent: str) -> list[str]:
        return [name for name, _ in Comparison(said, query(sent), TABLES, ()).result().differs]

    assert clauses(whole) == []
    assert clauses(whole.replace("SELECT id FROM shelf", "SELECT room FROM shelf")) == ["where"]
    assert clauses(whole.replace("'hall'", "'hall' LIMIT 2")) == ["where"]
    assert clauses(whole.replace("'hall'", "'attic'")) == ["where"]


def test_relations_that_are_not_read_are_joined() -> None:
    said = replace(query("SELECT label FROM jar"), eager=Clause(open=True))

    def clauses(sent: str) -> list[str]:
        return [name for name, _ in Comparison(said, query(sent), TABLES, ()).result().differs]

    assert clauses("SELECT label, room FROM jar JOIN shelf ON shelf.id = jar.shelf_id") == []
    assert clauses("SELECT label, room FROM jar, shelf") == ["sources"]


FILES = {
    "use.py": dedent("""\
        import sqlite3

        def reads(connection: sqlite3.Connection, other, number):
            connection.execute("SELECT id FROM jar WHERE id = ?", (number,))
            other.ask("SELECT id FROM jar")
            connection.execute("SELECT id FROM jar WHERE id = %d" % number)
            for jar in connection.execute(
                "SELECT id FROM jar"
            ):
                connection.execute("SELECT id FROM shelf")
            connection.execute("SELECT room FROM shelf")  # unknown: where order  # unsaid: select jar, delete tag
        """)
}


def sent(line: int, sql: str, *parameters: object) -> Note:
    return Note("use.py", line, line, "reads", sql, list(parameters), False)


def test_statements_belong_to_the_line_that_sent_them() -> None:
    verdict = judge(
        FILES,
        linked(FILES),
        [
            sent(4, "SELECT id FROM jar WHERE id = ?", 1),
            sent(5, "SELECT id FROM jar"),
            sent(6, "SELECT id FROM jar WHERE id = 1"),
            sent(7, "SELECT id FROM jar"),
            sent(10, "SELECT id FROM shelf"),
            sent(10, "SELECT id FROM shelf"),
            sent(11, "SELECT id FROM shelf"),
            sent(11, "DELETE FROM tag"),
        ],
        "sqlite",
    )
    assert verdict.entries == (
        Entry("use.py", 5, "unheard", "select jar"),
        Entry("use.py", 6, "unknown", "where"),
        Entry("use.py", 11, "differs", "projection"),
        Entry("use.py", 11, "unsaid", "delete tag"),
    )
    assert verdict.statements == 7


def test_what_was_not_sent_is_told() -> None:
    verdict = judge(FILES, linked(FILES), [sent(4, "SELECT id FROM jar WHERE id = ?", 1)], "sqlite")
    assert [(entry.line, entry.word) for entry in verdict.entries] == [(line, "unsent") for line in (6, 7, 10, 11)]


def test_a_fixture_lists_what_is_not_known_in_comments() -> None:
    assert listed(FILES) == (
        Entry("use.py", 11, "unknown", "order"),
        Entry("use.py", 11, "unknown", "where"),
        Entry("use.py", 11, "unsaid", "delete tag"),
        Entry("use.py", 11, "unsaid", "select jar"),
    )
