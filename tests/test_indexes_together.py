"""That `migration/index-not-concurrent` tells the indexes of a migration together: what it says of two and of many,
which repairs stand apart, where the places are, and what a suppression hides."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.report.text import render
from dblint.run import Request, run
from tests.test_index_not_concurrent import INDEX, findings

RAN = (
    "A migration that has run stays as it is and goes into the baseline, and a table that stays small is named in "
    "the configuration's `small-tables`; otherwise "
)


def sql(folder: Path, *statements: str) -> list[ReportedFinding]:
    """The findings in a migration of these lines."""
    return findings(folder, {"migrations/2.sql": "".join(f"{line}\n" for line in statements)}, INDEX)


def places(found: ReportedFinding) -> list[tuple[int, int, str]]:
    return [(place.region.start.line, place.region.start.column, place.message) for place in found.related]


def test_one_index_is_told_by_itself(tmp_path: Path) -> None:
    [found] = sql(tmp_path, "CREATE INDEX invoice_paid ON invoice (paid);")
    assert found.message == "writes to invoice wait until the index invoice_paid is built"
    assert found.related == ()
    assert (found.minimal, found.better, found.complete) == (
        (
            RAN + "build the index on invoice CONCURRENTLY, outside a transaction: "
            "CREATE INDEX CONCURRENTLY invoice_paid ON invoice (paid);"
        ),
        (
            "Give the index on invoice a migration of its own, and drop an INVALID index of that name before "
            "trying again."
        ),
        (
            "Build indexes on invoice as a step of the release that watches pg_stat_progress_create_index, with "
            "lock_timeout set for every other migration."
        ),
    )


def test_two_indexes(tmp_path: Path) -> None:
    [found] = sql(
        tmp_path,
        "CREATE INDEX invoice_paid ON invoice (paid);",
        "CREATE INDEX ON parcel (depot, sent DESC);",
    )
    assert (found.region.start.line, found.message) == (
        1,
        (
            "writes to invoice wait until the index invoice_paid is built; the same holds for 1 more index of this "
            "migration, on parcel"
        ),
    )
    assert places(found) == [(2, 1, "an index on parcel (depot, sent DESC)")]
    assert (found.minimal, found.better, found.complete) == (
        (
            RAN + "build each of the 2 indexes on invoice and parcel CONCURRENTLY, outside a transaction: "
            "CREATE INDEX CONCURRENTLY invoice_paid ON invoice (paid); "
            "CREATE INDEX CONCURRENTLY ON parcel (depot, sent DESC);"
        ),
        (
            "Give each of the 2 indexes on invoice and parcel a migration of its own, and drop an INVALID index of "
            "that name before trying again."
        ),
        (
            "Build indexes on invoice and parcel as a step of the release that watches "
            "pg_stat_progress_create_index, with lock_timeout set for every other migration."
        ),
    )


def test_further_indexes_on_the_same_table(tmp_path: Path) -> None:
    [found] = sql(tmp_path, *(f"CREATE INDEX i{number} ON invoice (paid);" for number in range(4)))
    assert found.message == (
        "writes to invoice wait until the index i0 is built; the same holds for 3 more indexes of this migration, on "
        "the same table"
    )
    assert found.minimal == (
        RAN + "build each of the 4 indexes on invoice CONCURRENTLY, outside a transaction: "
        "CREATE INDEX CONCURRENTLY i0 ON invoice (paid); CREATE INDEX CONCURRENTLY i1 ON invoice (paid); "
        "CREATE INDEX CONCURRENTLY i2 ON invoice (paid); and 1 more in the same way"
    )


@pytest.mark.parametrize(
    ("count", "others", "tables"),
    [
        (4, "t1, t2 and t3", "t0, t1, t2 and t3"),
        (5, "t1, t2, t3 and t4", "t0, t1, t2 and 2 more tables"),
        (40, "t1, t2, t3 and 36 more tables", "t0, t1, t2 and 37 more tables"),
    ],
)
def test_of_many_tables_the_first_are_named(tmp_path: Path, count: int, others: str, tables: str) -> None:
    lines = [f"CREATE INDEX i{number} ON t{number} (paid);" for number in range(count)]
    [found] = sql(tmp_path, *lines)
    assert found.message == (
        f"writes to t0 wait until the index i0 is built; the same holds for {count - 1} more indexes of this "
        f"migration, on {others}"
    )
    assert found.minimal.startswith(
        "A migration that has run stays as it is and goes into the baseline, and a table that stays small is named in "
        "the configuration's `small-tables`; otherwise "
        f"build each of the {count} indexes on {tables} CONCURRENTLY, outside"
    )
    assert found.minimal.endswith(f"CREATE INDEX CONCURRENTLY i2 ON t2 (paid); and {count - 3} more in the same way")
    assert places(found) == [(number + 1, 1, f"the index i{number} on t{number} (paid)") for number in range(1, count)]


def test_partitioned_tables_stand_apart(tmp_path: Path) -> None:
    first = "".join(f"CREATE TABLE {name} (at date) PARTITION BY RANGE (at);\n" for name in ("event", "visit"))
    second = (
        "CREATE INDEX invoice_paid ON invoice (paid);\n"
        "CREATE INDEX event_at ON event (at);\n"
        "CREATE INDEX invoice_sent ON invoice (sent);\n"
        "CREATE INDEX visit_at ON visit (at);\n"
    )
    plain, apart = findings(tmp_path, {"migrations/1.sql": first, "migrations/2.sql": second}, INDEX)
    assert (plain.region.start.line, plain.message) == (
        1,
        (
            "writes to invoice wait until the index invoice_paid is built; the same holds for 1 more index of this "
            "migration, on the same table"
        ),
    )
    assert places(plain) == [(3, 1, "the index invoice_sent on invoice (sent)")]
    assert (apart.region.start.line, apart.message) == (
        2,
        (
            "writes to event wait until the index event_at is built, and event is partitioned, so that CONCURRENTLY is "
            "refused: index its partitions one by one; the same holds for 1 more index of this migration, on visit"
        ),
    )
    assert places(apart) == [(4, 1, "the index visit_at on visit (at)")]
    assert apart.minimal.endswith("ALTER INDEX event_at ATTACH PARTITION partition_index; and 1 more in the same way")
    assert apart.repair == ""


ALEMBIC = """\
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index("free", "invoice", ["paid"])
    late()
    op.create_index("sent", "invoice", ["sent"])
    for table in op.get_context().opts["tables"]:
        op.create_index("at", table, ["at"])


def late():
    op.create_index("late", "event", ["at"])
"""


def test_what_runs_outside_a_transaction_stands_apart_and_places_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    free, inside = findings(tmp_path, {"migrations/versions/2_second.py": ALEMBIC}, INDEX)
    assert (free.region.start.line, free.message, free.related) == (
        9,
        "writes to invoice wait until the index free is built",
        (),
    )
    assert (inside.region.start.line, inside.message) == (
        11,
        (
            "writes to invoice wait until the index sent is built, and this migration runs inside a transaction, where "
            "CONCURRENTLY is refused; the same holds for 2 more indexes of this migration, on event and other tables"
        ),
    )
    assert places(inside) == [
        (13, 9, "the index at on the table (at)"),
        (17, 5, "the index late on event (at)"),
    ]


def test_no_table_is_named_that_is_not_known(tmp_path: Path) -> None:
    head = ALEMBIC.partition("    with")[0]
    loop = '    for table in op.get_context().opts["tables"]:\n'
    body = f"{loop}        op.create_index('a', table, ['a'])\n        op.create_index('b', table, ['b'])\n"
    inside = "is built, and this migration runs inside a transaction, where CONCURRENTLY is refused"
    [found] = findings(tmp_path, {"migrations/versions/2_second.py": head + body}, INDEX)
    assert found.message == (
        f"writes to the table wait until the index a {inside}; the same holds for 1 more index of this migration"
    )
    assert found.minimal == (
        RAN + "build each of the 2 indexes on the table CONCURRENTLY, outside a transaction: CREATE INDEX "
        "CONCURRENTLY …; "
        "and 1 more in the same way"
    )


def test_each_migration_has_its_own(tmp_path: Path) -> None:
    files = {
        f"migrations/{number}.sql": f"CREATE INDEX a{number} ON t (a);\nCREATE INDEX b{number} ON t (b);\n"
        for number in (2, 3)
    }
    made = findings(tmp_path, files, INDEX)
    assert [(found.region.path, found.region.start.line, places(found)) for found in made] == [
        ("migrations/2.sql", 1, [(2, 1, "the index b2 on t (b)")]),
        ("migrations/3.sql", 1, [(2, 1, "the index b3 on t (b)")]),
    ]


IGNORE = "-- dblint: ignore[migration/index-not-concurrent] it is small"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((IGNORE, "CREATE INDEX a ON t (a);", "CREATE INDEX b ON t (b);"), []),
        ((f"CREATE INDEX a ON t (a); {IGNORE}", "CREATE INDEX b ON t (b);"), []),
        (
            ("CREATE INDEX a ON t (a);", IGNORE, "CREATE INDEX b ON t (b);"),
            [(INDEX, 1), ("unused-suppression", 2)],
        ),
    ],
)
def test_a_suppression_at_the_first_index_speaks_for_all(
    tmp_path: Path, lines: tuple[str, ...], expected: list[tuple[str, int]]
) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/2.sql").write_text("\n".join(lines))
    request = Request(
        paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"extend-select": (), "dialect": "postgres"}
    )
    found = run(request).report.findings
    assert [(finding.rule, finding.region.start.line) for finding in found] == expected


def test_the_text_shows_where_the_first_ones_are(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    lines = [f"CREATE INDEX i{number} ON t{number} (a);\n" for number in range(8)]
    (tmp_path / "migrations/2.sql").write_text("".join(lines))
    request = Request(
        paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": (INDEX,), "dialect": "postgres"}
    )
    told = render(run(request).report).splitlines()
    assert told[5:8] == [
        "   -> migrations/2.sql:2:1: the index i1 on t1 (a)",
        " 2 | CREATE INDEX i1 ON t1 (a);",
        "   | -------------------------",
    ]
    assert told[20] == "   -> and 2 more places (--all)"
    assert told[21].startswith(
        f"   = repair: {RAN}build each of the 8 indexes on t0, t1, t2 and 5 more tables CONCURRENTLY"
    )
