"""Text edits: SQL and Prisma."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dblint.fix import prisma, sql
from dblint.fix.changes import Change, WithheldError, apply, fitting

INDEX = "CREATE INDEX a ON t (b);"


def worded(text: str, start: str = "CREATE") -> str:
    data = text.encode()
    return apply(data, [sql.words(data, data.index(start.encode()), "CONCURRENTLY", "INDEX")]).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE INDEX a ON t (b)", "CREATE INDEX CONCURRENTLY a ON t (b)"),
        (
            "CREATE /* INDEX */ UNIQUE\r\n INDEX\tON t (b);",
            "CREATE /* INDEX */ UNIQUE\r\n INDEX CONCURRENTLY\tON t (b);",
        ),
        ("CREATE INDEX IF NOT EXISTS a ON t (b);", "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b);"),
        ("SELECT 'ü';\nCREATE INDEX \"INDEX\" ON t (b);", "SELECT 'ü';\nCREATE INDEX CONCURRENTLY \"INDEX\" ON t (b);"),
        ("\ufeffCREATE INDEX a ON t (b);", "\ufeffCREATE INDEX CONCURRENTLY a ON t (b);"),
    ],
)
def test_words(before: str, after: str) -> None:
    assert worded(before) == after


def test_words_in_the_case_of_the_statement() -> None:
    assert worded("create index a on t (b);", "create") == "create index concurrently a on t (b);"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("CREATE INDEX CONCURRENTLY a ON t (b);", "it says so already"),
        ("CREATE TABLE a (b int);", "there is no INDEX"),
        ("DO $$ BEGIN CREATE INDEX a ON t (b); END $$;", "it is a part of another statement"),
        ("CREATE INDEX a ON t (b); SELECT 'x", "the statement is not read"),
    ],
)
def test_no_words(source: str, why: str) -> None:
    with pytest.raises(WithheldError, match=why):
        worded(source)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE TABLE t (b int);\n", f"CREATE TABLE t (b int);\n{INDEX}\n"),
        ("CREATE TABLE t (b int)", f"CREATE TABLE t (b int);\n{INDEX}"),
        (
            "CREATE TABLE t (b int); -- all\r\nSELECT 1;\r\n",
            f"CREATE TABLE t (b int); -- all\r\n{INDEX}\r\nSELECT 1;\r\n",
        ),
        ("CREATE TABLE t (b int)\n;SELECT 1;", f"CREATE TABLE t (b int)\n;\n{INDEX}SELECT 1;"),
    ],
)
def test_a_statement(before: str, after: str) -> None:
    data = before.encode()
    assert apply(data, [sql.statement(data, data.index(b"b int"), INDEX)]).decode() == after


def test_no_statement_where_the_file_has_its_own_ends() -> None:
    with pytest.raises(WithheldError, match="the file says itself what ends a statement"):
        sql.statement(b"DELIMITER //\nCREATE TABLE t (b int)//\n", 20, INDEX)


MODEL = "model Note {\n  id Int @id\n  a  Int // first\n}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MODEL, "model Note {\n  id Int @id\n  a  Int // first\n\n  @@index([a])\n}\n"),
        (
            'model Note {\n\tid Int @id\n\n\t@@map("n")\n}',
            'model Note {\n\tid Int @id\n\n\t@@map("n")\n\t@@index([a])\n}',
        ),
        (
            "model Note {\n  id Int @id\n\n  // more\n\n}\n",
            "model Note {\n  id Int @id\n\n  // more\n\n  @@index([a])\n}\n",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line(before: str, after: str, end: str) -> None:
    data = before.replace("\n", end).encode()
    assert apply(data, [prisma.line(data, data.index(b"id"), "@@index([a])")]).decode() == after.replace("\n", end)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("model Note { id Int @id }\n", "the block stands on one line"),
        ("model Note {\n  id Int @id\n", "the block is not read"),
        ("model Note {\n}\n", "the block is empty"),
        ("// id\nmodel Note {\n  a Int @id\n}\n", "the block is not read"),
    ],
)
def test_no_line(source: str, why: str) -> None:
    data = source.encode()
    with pytest.raises(WithheldError, match=why):
        prisma.line(data, max(data.find(b"id"), 0) if "id" in source.partition("\n")[0] else 3, "@@index([a])")


CHANGES = st.builds(
    lambda start, length, text: Change(start, start + length, text),
    st.integers(0, 20),
    st.integers(0, 6),
    st.binary(max_size=3),
)


@given(st.binary(min_size=30, max_size=30), st.lists(st.lists(CHANGES, min_size=1, max_size=1), max_size=6))
def test_what_goes_together_keeps_the_rest(data: bytes, fixes: list[list[Change]]) -> None:
    kept = fitting(fixes)
    assert kept == sorted(kept)
    assert not fixes or kept[0] == 0
    changes = sorted(change for number in kept for change in fixes[number])
    left = apply(data, [change._replace(text=b"") for change in changes])
    gone = {offset for change in changes for offset in range(change.start, change.stop)}
    assert left == bytes(byte for offset, byte in enumerate(data) if offset not in gone)
    made = apply(data, changes)
    assert len(made) == len(left) + sum(len(change.text) for change in changes)
