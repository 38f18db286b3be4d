"""Column definitions, from tokens."""

from __future__ import annotations

from typing import NamedTuple

from dblint.facts.schema import Key, SchemaColumn
from dblint.sql.cursor import Cursor
from dblint.sql.keys import check, references
from dblint.sql.tokens import QUOTED, STRING, WORD, unstring, words

_AFTER_TYPE = words(
    "NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK CONSTRAINT COLLATE GENERATED AUTO_INCREMENT AUTOINCREMENT "
    "IDENTITY COMMENT ON AS CHARSET KEY STORAGE COMPRESSION USING VISIBLE INVISIBLE CODEC TTL MATERIALIZED ALIAS "
    "EPHEMERAL ENCODE VIRTUAL STORED DEFERRABLE INITIALLY FIRST AFTER SET ROWGUIDCOL SPARSE PERSISTED OPTIONS "
    "EXCLUDE HIDDEN"
)
"""Words that end a column's type."""
_AFTER_DEFAULT = words(
    "NOT NULL CONSTRAINT PRIMARY UNIQUE REFERENCES CHECK COLLATE GENERATED ON COMMENT AUTO_INCREMENT KEY FIRST "
    "AFTER CODEC TTL DEFAULT DEFERRABLE IDENTITY VISIBLE INVISIBLE STORAGE ENABLE"
)
"""Words that end a column's default."""
_COUNTERS = words("SERIAL BIGSERIAL SMALLSERIAL SERIAL2 SERIAL4 SERIAL8")


class Defined(NamedTuple):
    """A column definition and the constraints that stand in it."""

    column: SchemaColumn
    keys: tuple[Key, ...] = ()
    not_valid: bool = False
    position: str = ""  # MySQL: FIRST or AFTER x


def type_of(cursor: Cursor) -> tuple[str, tuple[str, ...]]:
    """Reads a type and gives it in lower case, with the words of an enumeration."""
    first = cursor.index
    enum: tuple[str, ...] = ()
    while not cursor.done:
        token = cursor.peek()
        word = cursor.word()
        if word in ("(", "["):
            inner, last = cursor.group()
            head = cursor.tokens[first].word
            if head in ("ENUM", "SET", "ENUM8", "ENUM16") and word == "(":
                enum = tuple(
                    unstring(cursor.prepared.sql[token.start : token.stop])
                    for token in cursor.tokens[inner:last]
                    if token.kind == STRING
                )
            continue
        if word == ".":
            cursor.index += 1
            continue
        if token is None or token.kind not in (WORD, QUOTED):
            break
        if cursor.index > first:
            if word == "CHARACTER" and cursor.word(1) == "SET":
                break
            if word == "WITH" and not cursor.at("WITH", "TIME", "ZONE") and not cursor.at("WITH", "LOCAL"):
                break
            if word in _AFTER_TYPE:
                break
        elif word in _AFTER_TYPE and word != "SET":
            break
        cursor.index += 1
    if enum:
        return cursor.tokens[first].word.lower(), enum
    return cursor.text(first, cursor.index).replace('"', "").replace("`", "").lower(), enum


def column(cursor: Cursor) -> Defined:
    """Reads a column definition up to the cursor's end or the next comma."""
    start = cursor.position()
    name = cursor.name()
    kind, enum = type_of(cursor)
    reader = _Column(cursor, name)
    if any(word.upper() in _COUNTERS for word in kind.split(" ")[:1]):
        reader.default_by = "database"
        reader.nullable = False
    if cursor.prepared.dialect == "clickhouse":
        reader.nullable = "nullable(" in kind
    reader.read()
    end = cursor.tokens[cursor.index - 1].stop if cursor.index else start
    place = cursor.prepared.place(start, end)
    made = SchemaColumn(name, kind, reader.nullable, reader.default, "", reader.default_by, place, enum)
    return Defined(made, tuple(reader.keys), reader.not_valid, reader.place_words)


class _Column:
    """What stands behind a column's type."""

    def __init__(self, cursor: Cursor, name: str) -> None:
        self.cursor = cursor
        self.name = name
        self.nullable: bool | None = True
        self.default = ""
        self.default_by = ""
        self.keys: list[Key] = []
        self.not_valid = False
        self.place_words = ""
        self.constraint = ""

    def read(self) -> None:
        """Reads constraint after constraint."""
        cursor = self.cursor
        while not cursor.done and cursor.word() != ",":
            start = cursor.position()
            if cursor.accept("CONSTRAINT"):
                self.constraint = cursor.name()
                continue
            self.one(start)

    def add(self, key: Key) -> None:
        """A constraint of this column."""
        self.keys.append(key)
        self.constraint = ""

    def one(self, start: int) -> None:
        """Reads one constraint or option."""
        cursor = self.cursor
        if cursor.accept("NOT", "NULL"):
            self.nullable = False
            self.constraint = ""
        elif cursor.accept("NULL"):
            self.nullable = True
        elif cursor.accept("NOT", "VALID"):
            self.not_valid = True
        elif cursor.accept("DEFAULT"):
            self.default = expression(cursor)
            self.default_by = "database"
        elif cursor.accept("PRIMARY", "KEY") or (self.nullable is not None and cursor.accept("KEY")):
            self.nullable = False
            cursor.any_of("ASC", "DESC")
            cursor.any_of("CLUSTERED", "NONCLUSTERED")
            place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
            self.add(Key("primary", (self.name,), self.constraint, place=place))
        elif cursor.accept("UNIQUE"):
            cursor.any_of("KEY", "CLUSTERED", "NONCLUSTERED")
            place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
            self.add(Key("unique", (self.name,), self.constraint, place=place))
        elif cursor.at("REFERENCES"):
            self.add(references(cursor, (self.name,), self.constraint, start))
        elif cursor.accept("CHECK"):
            self.add(check(cursor, self.constraint, start))
        elif cursor.accept("GENERATED"):
            self.generated()
        elif cursor.at("AS", "("):
            cursor.index += 1
            first, last = cursor.group()
            self.default, self.default_by = f"generated as ({cursor.text(first, last)})", "database"
        elif cursor.any_of("AUTO_INCREMENT", "AUTOINCREMENT"):
            self.default, self.default_by = "auto_increment", "database"
        elif cursor.accept("IDENTITY"):
            if cursor.word() == "(":
                cursor.group()
            self.default, self.default_by = "identity", "database"
        elif cursor.accept("ON", "UPDATE"):
            cursor.skip()
            if cursor.word() == "(":
                cursor.group()
        elif cursor.accept("FIRST"):
            self.place_words = "first"
        elif cursor.accept("AFTER"):
            self.place_words = f"after {cursor.name()}"
        else:
            self.option()

    def option(self) -> None:
        """Something about which no rule asks."""
        cursor = self.cursor
        word = cursor.word()
        cursor.skip()
        if (
            word in ("COLLATE", "COMMENT", "CHARSET", "STORAGE", "COMPRESSION", "ENCODE", "CODEC")
            or cursor.word() == "("
        ):
            if not cursor.done and cursor.word() != ",":
                cursor.skip()
                while cursor.accept("."):
                    cursor.skip()

    def generated(self) -> None:
        """`GENERATED … AS IDENTITY` or `GENERATED ALWAYS AS (expression)`."""
        cursor = self.cursor
        always = cursor.accept("ALWAYS")
        if not always:
            cursor.accept("BY", "DEFAULT")
        cursor.expect("AS")
        self.default_by = "database"
        if cursor.accept("IDENTITY"):
            if cursor.word() == "(":
                cursor.group()
            self.default = f"generated {'always' if always else 'by default'} as identity"
            self.nullable = False
            return
        first, last = cursor.group()
        stored = cursor.any_of("STORED", "VIRTUAL", "PERSISTED").lower()
        self.default = f"generated always as ({cursor.text(first, last)}) {stored}".rstrip()


def expression(cursor: Cursor) -> str:
    """Reads a default's expression and gives it as written."""
    first = cursor.index
    if cursor.done:
        raise cursor.unexpected("an expression")
    cursor.skip()
    while not cursor.done and cursor.word() != "," and cursor.word() not in _AFTER_DEFAULT:
        cursor.skip()
    return cursor.text(first, cursor.index)
