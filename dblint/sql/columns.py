"""Column definitions, constraints and index columns, from tokens."""

from __future__ import annotations

from typing import NamedTuple

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn
from dblint.sql.cursor import Cursor
from dblint.sql.tokens import NUMBER, QUOTED, STRING, WORD, unstring, words

_AFTER_TYPE = words(
    "NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK CONSTRAINT COLLATE GENERATED AUTO_INCREMENT AUTOINCREMENT IDENTITY "
    "COMMENT ON AS CHARSET KEY STORAGE COMPRESSION USING VISIBLE INVISIBLE CODEC TTL MATERIALIZED ALIAS EPHEMERAL ENCODE "
    "VIRTUAL STORED DEFERRABLE INITIALLY FIRST AFTER SET ROWGUIDCOL SPARSE PERSISTED OPTIONS EXCLUDE HIDDEN"
)
"""Words that end a column's type."""
_AFTER_DEFAULT = words(
    "NOT NULL CONSTRAINT PRIMARY UNIQUE REFERENCES CHECK COLLATE GENERATED ON COMMENT AUTO_INCREMENT KEY FIRST AFTER CODEC TTL "
    "DEFAULT DEFERRABLE IDENTITY VISIBLE INVISIBLE STORAGE ENABLE"
)
"""Words that end a column's default."""
_COUNTERS = words("SERIAL BIGSERIAL SMALLSERIAL SERIAL2 SERIAL4 SERIAL8")
_CONSTRAINTS = words("CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK EXCLUDE")
_INDEX_WORDS = words("KEY INDEX FULLTEXT SPATIAL")


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


def column(cursor: Cursor, table: str = "") -> Defined:
    """Reads a column definition up to the cursor's end or the next comma."""
    start = cursor.position()
    name = cursor.name()
    kind, enum = type_of(cursor)
    reader = _Column(cursor, name)
    if any(word.upper() in _COUNTERS for word in kind.split(" ")[:1]):
        reader.default_by = "database"
        reader.nullable = False
    if kind.startswith("nullable("):
        reader.nullable = True
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


def references(cursor: Cursor, columns: tuple[str, ...], name: str, start: int) -> Key:
    """Reads `REFERENCES table (columns) ON DELETE …`."""
    cursor.expect("REFERENCES")
    target = cursor.qualified()[1]
    target_columns: tuple[str, ...] = ()
    if cursor.word() == "(":
        target_columns = cursor.names()
    on_delete = on_update = ""
    enforced = True
    while not cursor.done:
        if cursor.accept("ON", "DELETE"):
            on_delete = _action(cursor)
        elif cursor.accept("ON", "UPDATE"):
            on_update = _action(cursor)
        elif cursor.accept("MATCH"):
            cursor.skip()
        elif cursor.accept("NOT", "ENFORCED"):
            enforced = False
        elif not (cursor.accept("NOT", "DEFERRABLE") or cursor.any_of("DEFERRABLE", "ENFORCED")):
            if not cursor.accept("INITIALLY"):
                break
            cursor.any_of("DEFERRED", "IMMEDIATE")
    place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
    return Key("foreign", columns, name, target, target_columns, on_delete, on_update, enforced, place)


def _action(cursor: Cursor) -> str:
    """What happens to referencing rows."""
    if cursor.accept("NO", "ACTION"):
        return "no action"
    if cursor.accept("SET"):
        word = f"set {cursor.any_of('NULL', 'DEFAULT').lower()}"
        if cursor.word() == "(":
            cursor.group()
        return word
    word = cursor.word().lower()
    cursor.skip()
    return word


def check(cursor: Cursor, name: str, start: int) -> Key:
    """Reads `(condition)` of a CHECK."""
    first, last = cursor.group()
    named: dict[str, None] = {}
    for index in range(first, last):
        token = cursor.tokens[index]
        following = cursor.tokens[index + 1].word
        if token.kind == QUOTED or (token.kind == WORD and token.word not in _NO_COLUMNS):
            if following != "(" and cursor.tokens[index - 1].word != "::":
                text = cursor.prepared.sql[token.start : token.stop]
                named.setdefault(text.strip('"`[]'))
    cursor.accept("NO", "INHERIT")
    enforced = not cursor.accept("NOT", "ENFORCED")
    cursor.accept("ENFORCED")
    place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
    return Key("check", tuple(named), name, enforced=enforced, place=place, expression=cursor.text(first, last))


_NO_COLUMNS = words(
    "AND OR NOT NULL IS IN LIKE ILIKE BETWEEN TRUE FALSE CASE WHEN THEN ELSE END ANY ALL ARRAY SIMILAR TO ESCAPE DISTINCT FROM "
    "COLLATE CAST AS INTERVAL DATE TIMESTAMP CURRENT_DATE CURRENT_TIMESTAMP TEXT INTEGER NUMERIC REGEXP GLOB RLIKE"
)


def begins_constraint(cursor: Cursor) -> bool:
    """Whether a table constraint follows, and no column."""
    word = cursor.word()
    token = cursor.peek()
    if token is None or token.kind != WORD:
        return False
    if word in ("PRIMARY", "FOREIGN"):
        return cursor.word(1) == "KEY"
    if word in ("CHECK", "EXCLUDE"):
        return cursor.word(1) in ("(", "USING")
    if word == "UNIQUE":
        return True
    return word == "CONSTRAINT"


def constraint(cursor: Cursor) -> tuple[Key, bool, str]:
    """Reads a table constraint; gives it, whether it is NOT VALID, and the index it uses."""
    start = cursor.position()
    name = ""
    if cursor.accept("CONSTRAINT"):
        name = cursor.name() if cursor.word() not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") else ""
    cursor.accept("IF", "NOT", "EXISTS")
    used = ""
    if cursor.accept("PRIMARY", "KEY") or cursor.at("UNIQUE"):
        kind = "unique" if cursor.accept("UNIQUE") else "primary"
        cursor.any_of("CLUSTERED", "NONCLUSTERED")
        if cursor.accept("USING", "INDEX"):
            used = cursor.name()
            key = Key(kind, (), name, place=cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop))
        else:
            key = _keyed(cursor, kind, name, start)
    elif cursor.accept("FOREIGN", "KEY"):
        cursor.accept("IF", "NOT", "EXISTS")
        if cursor.is_name():
            name = name or cursor.name()
        columns = cursor.names()
        key = references(cursor, columns, name, start)
    elif cursor.accept("CHECK"):
        key = check(cursor, name, start)
    elif cursor.accept("NOT", "NULL"):
        column_name = cursor.name()
        place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
        key = Key("check", (column_name,), name, place=place, expression=f"{column_name} IS NOT NULL")
    elif cursor.accept("EXCLUDE"):
        first = cursor.index
        while not cursor.done and cursor.word() not in (",", "NOT", "DEFERRABLE", "INITIALLY"):
            cursor.skip()
        place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
        key = Key("exclude", (), name, place=place, expression=cursor.text(first, cursor.index))
    else:
        raise cursor.unexpected("a constraint")
    not_valid = False
    while not cursor.done and cursor.word() != ",":
        if cursor.accept("NOT", "VALID"):
            not_valid = True
        else:
            cursor.skip()
    return key, not_valid, used


def _keyed(cursor: Cursor, kind: str, name: str, start: int) -> Key:
    """`[KEY|INDEX] [name] [USING x] [NULLS NOT DISTINCT] (columns) …` of a PRIMARY KEY or UNIQUE."""
    cursor.any_of("KEY", "INDEX")
    if cursor.is_name() and cursor.word() not in ("USING", "NULLS"):
        name = name or cursor.name()
    if cursor.accept("USING"):
        cursor.name()
    if cursor.accept("NULLS"):
        cursor.accept("NOT")
        cursor.expect("DISTINCT")
    columns = cursor.names()
    return Key(kind, columns, name, place=cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop))


def begins_index(cursor: Cursor) -> bool:
    """Whether an index definition of MySQL follows, and no column of that name."""
    ahead = 0
    token = cursor.peek()
    if token is None or token.kind != WORD or token.word not in _INDEX_WORDS:
        return False
    if cursor.word() in ("FULLTEXT", "SPATIAL"):
        ahead = 1 if cursor.word(1) in ("KEY", "INDEX") else 0
    ahead += 1
    if cursor.word(ahead) != "(":
        ahead += 1
        if cursor.word(ahead) == "USING":
            ahead += 2
    if cursor.word(ahead) != "(":
        return False
    inner = cursor.peek(ahead + 1)
    return inner is not None and inner.kind != NUMBER


def table_index(cursor: Cursor) -> Index:
    """Reads `[UNIQUE|FULLTEXT] KEY name (columns) …` inside a table."""
    start = cursor.position()
    unique = cursor.accept("UNIQUE")
    method = cursor.any_of("FULLTEXT", "SPATIAL").lower()
    cursor.any_of("KEY", "INDEX")
    name = cursor.name() if cursor.is_name() and cursor.word() != "USING" else ""
    if cursor.accept("USING"):
        method = cursor.name().lower()
    columns = index_columns(cursor)
    while not cursor.done and cursor.word() != ",":
        if cursor.accept("USING"):
            method = cursor.name().lower()
        else:
            cursor.skip()
    place = cursor.prepared.place(start, cursor.tokens[cursor.index - 1].stop)
    return Index(name, columns, unique, method, place=place)


def index_columns(cursor: Cursor) -> tuple[IndexColumn, ...]:
    """Reads `(column [length] [operator class] [ASC|DESC], (expression) …)`."""
    first, last = cursor.group()
    found: list[IndexColumn] = []
    after, limit = cursor.index, cursor.stop
    for start, stop in cursor.items(first, last):
        cursor.index, cursor.stop = start, stop
        found.append(_index_column(cursor, start, stop))
    cursor.index, cursor.stop = after, limit
    return tuple(found)


def _index_column(cursor: Cursor, start: int, stop: int) -> IndexColumn:
    """One column or expression."""
    if start >= stop:
        raise cursor.unexpected("a column")
    length = 0
    if cursor.is_name() and (cursor.word(1) != "(" or _is_length(cursor)):
        name = cursor.name()
        expressed = False
        if cursor.word() == "(":
            inner, _ = cursor.group()
            token = cursor.tokens[inner]
            digits = cursor.prepared.sql[token.start : token.stop]
            length = int(digits[:9]) if digits.isdigit() else 0
        if cursor.word() in ("->", "->>", "::", "+", "-", "||", ".", "#>>", "#>", "*", "/", "="):
            expressed = True
    else:
        expressed = True
        name = ""
    if expressed:
        cursor.index = start
        while not cursor.done and not (
            cursor.word() in _TAIL_WORDS or (cursor.index > start and _follows_operand(cursor))
        ):
            cursor.skip()
        name = cursor.text(start, cursor.index)
    descending = False
    operator_class = ""
    while not cursor.done:
        if cursor.accept("DESC"):
            descending = True
        elif cursor.accept("COLLATE"):
            cursor.qualified()
        elif cursor.accept("NULLS"):
            cursor.skip()
        elif cursor.accept("WITH"):
            cursor.skip()
        elif not cursor.accept("ASC") and cursor.is_name() and not operator_class:
            operator_class = cursor.qualified()[1].lower()
        else:
            cursor.skip()
    return IndexColumn(name, descending, expressed, length, operator_class)


_TAIL_WORDS = words("ASC DESC COLLATE NULLS WITH")


def _follows_operand(cursor: Cursor) -> bool:
    """Whether the next token is an operator class: a name behind a complete operand."""
    before = cursor.tokens[cursor.index - 1]
    complete = (
        before.kind in (QUOTED, STRING, NUMBER) or before.word == ")" or (before.kind == WORD and before.word != "AND")
    )
    return (
        complete
        and cursor.is_name()
        and cursor.word() not in ("AND", "OR", "IS", "NOT", "IN", "NULL", "AT", "TIME", "ZONE")
    )


def _is_length(cursor: Cursor) -> bool:
    """Whether `name (…)` is a column with a prefix length and no function call."""
    token = cursor.peek(2)
    return token is not None and token.kind == NUMBER and cursor.word(3) == ")"
