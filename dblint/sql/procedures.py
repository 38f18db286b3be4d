"""What procedural code does: the body of a DO block, and of routines that are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from dblint.facts.schema import CALLS, UNREAD, Change, Operation
from dblint.facts.text import Literal
from dblint.sql.blocks import Inner, inner_statements
from dblint.sql.cursor import Cursor
from dblint.sql.dynamic import UNKNOWN, executed, parts, touched
from dblint.sql.pieces import Leaf, Raw
from dblint.sql.placeholders import prepare_raw
from dblint.sql.prepared import Prepared
from dblint.sql.tokens import BOUND, HOLE, QUOTED, STRING, WORD, Token, scan, unquote
from dblint.sql.trees import SqlError

__all__ = ["Body", "block", "called", "routine"]

_SETTINGS = frozenset({"set_config", "setval", "nextval", "currval", "lastval"})
_OF_ROWS = ("enable row", "disable row", "force row", "no force", "owner to")
"""Actions of ALTER TABLE that change no column, key or index, whatever the table is."""


class Body:
    """Reads the body of a block. `operations`: what it does, with the options `within` and, where it is not always
    run, `conditional`; `options`: what else it may do, for the block itself."""

    def __init__(self, read: Callable[[Prepared], list[Operation]], dialect: str) -> None:
        self.operations: list[Operation] = []
        self.options: list[tuple[str, str]] = []
        self._read = read
        self._dialect = dialect

    def run(self, raw: Raw, dialect: str) -> None:
        """All statements of a body."""
        found, whole = inner_statements(raw.text, dialect)
        if not whole:
            self.hide()
        for inner in found:
            part = prepare_raw(raw.cut(inner.start, inner.stop), "all", dialect)
            text = raw.text[inner.start : inner.stop]
            if inner.verb in ("PERFORM", "CALL"):
                name = called(text, dialect)
                if name and not (inner.verb == "PERFORM" and (name.startswith("pg_") or name in _SETTINGS)):
                    self._say((CALLS, name))
            elif inner.verb in ("EXECUTE", "EXEC"):
                for each in parts(executed(text[len(inner.verb) :], dialect), dialect):
                    self._execute(each, inner, part, dialect)
            else:
                self._plain(text, inner, part, dialect)

    def _plain(self, text: str, inner: Inner, part: Prepared, dialect: str) -> None:
        try:
            read = self._read(part)
        except SqlError:
            self._doubt(text.replace(HOLE, UNKNOWN).replace(BOUND, UNKNOWN), part, dialect)
            return
        self._add(read, conditional=inner.conditional)
        if any(_nameless(operation) for operation in read):
            self.hide()

    def _execute(self, text: str, inner: Inner, part: Prepared, dialect: str) -> None:
        """A statement that is made of texts. It stands where its EXECUTE does."""
        if HOLE in text or BOUND in text:
            text = text.replace(HOLE, UNKNOWN).replace(BOUND, UNKNOWN)
        if text[:2].upper() == "DO":  # a block within a block is not looked into
            self.hide()
            return
        try:
            read = self._read(prepare_raw(Raw([Leaf(Literal(text, part.whole, exact=False))]), "all", dialect))
        except SqlError:
            self._doubt(text, part, dialect)
            return
        if UNKNOWN not in text:
            self._add(read, conditional=inner.conditional)
        elif not all(each.change is Change.OTHER and each.name.startswith(_OF_ROWS) for each in read):
            self._doubt(text, part, dialect)

    def _doubt(self, text: str, part: Prepared, dialect: str) -> None:
        """A statement that cannot be read, of which is known at most the table that it changes."""
        found = touched(text, dialect)
        if found is None:
            self.hide()
        elif found[1]:
            schema, table = found
            unread = Operation(Change.OTHER, table, schema, "execute", part.whole, sql=part.shown)
            self._add([unread], conditional=True)

    def _add(self, operations: Iterable[Operation], *, conditional: bool) -> None:
        options = (("within", "do"), ("conditional", "")) if conditional else (("within", "do"),)
        self.operations += [msgspec.structs.replace(each, options=(*each.options, *options)) for each in operations]

    def hide(self) -> None:
        """Notes that it may change any table."""
        self._say((UNREAD, ""))

    def _say(self, option: tuple[str, str]) -> None:
        if option not in self.options:
            self.options.append(option)


def block(cursor: Cursor, body: Body) -> Body:
    """What a DO does, whose first word was read."""
    prepared = cursor.prepared
    quoted = next((token for token in cursor.tokens if token.kind == STRING), None)
    if quoted is not None and prepared.sql[quoted.start] == "$" and not _foreign(cursor):
        body.run(_quoted(prepared, quoted), prepared.dialect)
    elif cursor.word() == "LANGUAGE" or (quoted is not None and quoted is cursor.peek()):
        body.hide()
    return body


def routine(cursor: Cursor, body: Body) -> Body:
    """What a CREATE FUNCTION or PROCEDURE makes: its body in dollars, or from BEGIN on."""
    prepared = cursor.prepared
    quoted = [token for token in cursor.tokens if token.kind == STRING and prepared.sql[token.start] == "$"]
    begin = next((token for token in cursor.tokens if token.word == "BEGIN"), None)
    if _foreign(cursor) or not (quoted or begin):
        body.hide()
    elif quoted:
        body.run(_quoted(prepared, quoted[-1]), prepared.dialect)
    elif begin is not None:
        body.run(prepared.raw.cut(prepared.back(begin.start), len(prepared.raw.text)), prepared.dialect)
    return body


def _quoted(prepared: Prepared, body: Token) -> Raw:
    """What stands between the dollars of a body."""
    size = prepared.sql.index("$", body.start + 1) + 1 - body.start
    return prepared.raw.cut(prepared.back(body.start) + size, prepared.back(body.stop) - size)


def _foreign(cursor: Cursor) -> bool:
    """Whether a body is written in a language that is not made of SQL."""
    spelled = [token.word for token in cursor.tokens]
    after = spelled[spelled.index("LANGUAGE") + 1 :] if "LANGUAGE" in spelled else []
    return bool(after) and after[0] not in ("SQL", "PLPGSQL", "")


def _nameless(operation: Operation) -> bool:
    """Whether a table is changed whose name is not known."""
    if operation.change in (Change.DATA, Change.OTHER, Change.SET, Change.CREATE_TABLE, Change.CREATE_VIEW):
        return False
    if operation.change in (Change.DROP_INDEX, Change.RENAME_INDEX):
        return not operation.name
    return not operation.table and operation.change not in (Change.BEGIN, Change.COMMIT, Change.ROLLBACK)


def called(text: str, dialect: str) -> str:
    """The routine that `CALL f(…)`, `PERFORM f(…)` or `SELECT f(…)` calls, in lower case without its schema; "" where
    something else is read."""
    tokens, _ = scan(text[:300], dialect)
    name = ""
    for index in range(1, len(tokens) - 1, 2):
        if tokens[index].kind not in (WORD, QUOTED):
            return ""
        name = unquote(text[tokens[index].start : tokens[index].stop]).lower()
        if tokens[index + 1].word == "(":
            return name
        if tokens[index + 1].word != ".":
            break
    return name if tokens and tokens[0].word == "CALL" else ""
