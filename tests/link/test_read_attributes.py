"""Attributes whose reading asks the database, and statements about the schema that name their table."""

from __future__ import annotations

from tests.link.linked import linked


def told(source: str) -> list[tuple[int, str, str]]:
    """Line, member and queries of each call, in order."""
    project = linked({"use.py": source})
    return [
        (
            source.count("\n", 0, call.place.start) + 1,
            call.member,
            " ".join(f"{query.verb} {query.table}" for query in call.queries),
        )
        for call in project.calls
    ]


def test_a_property_asks_where_it_is_read_and_not_where_it_is_set() -> None:
    source = """\
import sqlite_utils


def describe(path, other):
    table = sqlite_utils.Database(path)["jar"]
    table.count = other.count
    table.indexes.append(other.indexes)
    return table.columns_dict, [row["id"] for row in table.rows], table.count
"""
    assert told(source) == [
        (7, "indexes", ""),
        (8, "columns_dict", ""),
        (8, "rows", "select jar"),
        (8, "count", "aggregate jar"),
    ]


def test_an_operation_of_a_migration_names_its_table() -> None:
    source = """\
from alembic import op


def upgrade():
    op.create_index("ix_jar_label", "jar", ["label"])
    op.create_foreign_key(None, source_table="jar", referent_table="lid", local_cols=["lid"], remote_cols=["id"])
    op.rename_table("lid", "cover")
    with op.batch_alter_table("jar") as batch:
        batch.drop_column("label")
"""
    assert [each for each in told(source) if each[1] != "batch_alter_table"] == [
        (5, "create_index", "ddl jar"),
        (6, "create_foreign_key", "ddl jar"),
        (7, "rename_table", "ddl lid"),
        (9, "drop_column", "ddl jar"),
    ]
