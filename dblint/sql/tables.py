"""What stands between the parentheses of a CREATE TABLE, and behind them."""

from __future__ import annotations

import msgspec

from dblint.facts.schema import Index, Key, SchemaColumn
from dblint.sql.columns import column
from dblint.sql.cursor import Cursor
from dblint.sql.keys import begins_constraint, begins_index, constraint, table_index
from dblint.sql.tokens import WORD, words

__all__ = ["TableReader", "table_option"]

_OPTION_STARTS = words(
    "ENGINE DEFAULT CHARSET CHARACTER COLLATE COMMENT AUTO_INCREMENT ROW_FORMAT WITHOUT STRICT PARTITION INHERITS "
    "WITH ON TABLESPACE ORDER PRIMARY SETTINGS TTL SAMPLE CLUSTER USING AS STATS_PERSISTENT KEY_BLOCK_SIZE "
    "DISTKEY SORTKEY DISTSTYLE DISTRIBUTED PROPERTIES STORED LOCATION ROW TBLPROPERTIES OPTIONS FOR SERVER"
)
_WITH_VALUE = words("COLLATE COMMENT CHARSET TABLESPACE PARTITION ORDER TTL USING FOR ON SERVER")


class TableReader:
    """What stands between the parentheses of a CREATE TABLE."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.columns: list[SchemaColumn] = []
        self.keys: list[Key] = []
        self.indexes: list[Index] = []
        self.options: list[tuple[str, str]] = []
        self.partial = False

    def body(self) -> None:
        """Reads the list of columns, constraints and indexes."""
        cursor = self.cursor
        first, last = cursor.group()
        after, stop = cursor.index, cursor.stop
        for start, end in cursor.items(first, last):
            cursor.index, cursor.stop = start, end
            if start == end:
                if start == last and cursor.tokens[start - 1].word == ",":
                    continue  # a trailing comma, which some databases allow
                raise cursor.unexpected("a column")
            self.item()
        cursor.index, cursor.stop = after, stop
        self.columns = [self.not_null(each) for each in self.columns]

    def not_null(self, each: SchemaColumn) -> SchemaColumn:
        """A column of the primary key is never null."""
        if each.nullable and any(key.kind == "primary" and each.name in key.columns for key in self.keys):
            return msgspec.structs.replace(each, nullable=False)
        return each

    def item(self) -> None:
        """Reads one of them."""
        cursor = self.cursor
        if cursor.accept("LIKE"):
            self.options.append(("like", cursor.qualified()[1]))
            if not cursor.done:
                self.options.append(("like options", cursor.text(cursor.index, cursor.stop).lower()))
            self.partial = True
        elif cursor.at("UNIQUE") and cursor.word(1) in ("KEY", "INDEX"):
            self.indexes.append(table_index(cursor))
        elif begins_constraint(cursor):
            key, _, _ = constraint(cursor)
            self.keys.append(key)
        elif begins_index(cursor):
            self.indexes.append(table_index(cursor))
        elif cursor.at("PERIOD", "FOR") or (cursor.at("PROJECTION") and cursor.word(2) == "("):
            return
        elif cursor.at("INDEX") and any(token.word == "TYPE" for token in cursor.tokens[cursor.index : cursor.stop]):
            return  # a data skipping index of ClickHouse
        elif cursor.word().startswith("DBLINT__") and cursor.stop - cursor.index == 1:
            self.partial = True
        else:
            self.column()

    def column(self) -> None:
        """Reads a column and the keys in its definition."""
        cursor = self.cursor
        defined = column(cursor)
        if not cursor.done:
            raise cursor.unexpected("`,` or `)`")
        self.columns.append(defined.column)
        self.keys += defined.keys

    def from_query(self, names: tuple[str, ...] | None) -> None:
        """CREATE TABLE … AS: the columns that were not defined are the query's."""
        if names is None:
            self.partial = True
        elif not self.columns:
            self.columns = [SchemaColumn(name) for name in names]


def table_option(cursor: Cursor) -> tuple[str, str]:
    """One option behind a table's columns, as (words, value)."""
    names: list[str] = []
    cursor.accept(",")
    while not cursor.done and cursor.word() not in ("=", "(", ",") and len(names) < 3:
        token = cursor.peek()
        if (
            token is None
            or token.kind != WORD
            or (names and cursor.word() in _OPTION_STARTS and names[-1] != "DEFAULT")
        ):
            break
        if names and names[0] in _WITH_VALUE:
            if token.word == "BY":
                names.append("BY")
                cursor.index += 1
            break
        names.append(token.word)
        cursor.index += 1
        if names[0] in ("STRICT", "TTL"):
            break
    first = cursor.index
    if cursor.accept("="):
        first = cursor.index
        cursor.skip()
        if cursor.word() == "(":
            cursor.group()
    elif (names[:1] and names[0] in _WITH_VALUE) or not names:
        cursor.skip()
        while not cursor.done and cursor.word() != "," and cursor.word() not in _OPTION_STARTS:
            cursor.skip()
    elif cursor.word() == "(":
        cursor.group()
    key = " ".join(name.lower() for name in names if name != "DEFAULT" or len(names) == 1)
    return key.replace("character set", "charset"), cursor.text(first, cursor.index).strip("'").lower()
