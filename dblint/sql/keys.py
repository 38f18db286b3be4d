"""Keys, checks and indexes, from tokens."""

from __future__ import annotations

from dblint.facts.schema import Index, IndexColumn, Key
from dblint.sql.cursor import Cursor
from dblint.sql.tokens import NUMBER, QUOTED, STRING, WORD, words

__all__ = ["begins_constraint", "begins_index", "check", "constraint", "index_columns", "references", "table_index"]

_INDEX_WORDS = words("KEY INDEX FULLTEXT SPATIAL")


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
    "AND OR NOT NULL IS IN LIKE ILIKE BETWEEN TRUE FALSE CASE WHEN THEN ELSE END ANY ALL ARRAY SIMILAR TO ESCAPE "
    "DISTINCT FROM COLLATE CAST AS INTERVAL DATE TIMESTAMP CURRENT_DATE CURRENT_TIMESTAMP TEXT INTEGER NUMERIC "
    "REGEXP GLOB RLIKE"
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
        whole = cursor.pairs.get(start) == cursor.index - 1
        name = cursor.text(start + whole, cursor.index - whole)
    descending = False
    operator_class = ""
    while not cursor.done:
        if cursor.accept("DESC"):
            descending = True
        elif cursor.accept("COLLATE"):
            cursor.qualified()
        elif cursor.any_of("NULLS", "WITH"):
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
