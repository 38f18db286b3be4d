"""The door to sqlglot: one statement to one tree, within bounds.

sqlglot is recursive and speaks through a logger; this module bounds the first and silences the second.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError

from dblint.sql.placeholders import MAXIMUM_TOKENS
from dblint.sql.prepared import Prepared
from dblint.sql.words import as_names, unquoted

__all__ = ["SqlError", "bounded", "syntax", "tree"]

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
logging.getLogger("sqlglot").propagate = False

SHALLOW = 12
"""Nesting that needs no more stack than a caller leaves."""
DEEPEST = 250
"""Nesting that is analysed; a statement that nests deeper is refused."""
_FRAMES_PER_LEVEL = 60
_STACK_BYTES = 256 * 1024 * 1024
_CACHED = 512

T = TypeVar("T")
_trees: OrderedDict[tuple[str, str], exp.Expr | SqlError] = OrderedDict()
_lock = threading.Lock()


class SqlError(Exception):
    """A statement that cannot be parsed. `position` is a character of the prepared statement."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def bounded(depth: int, work: Callable[[], T]) -> T:
    """Does recursive work on a statement that nests so deep: deep statements get a thread with a large stack.

    Raises `SqlError` where the statement nests deeper than `DEEPEST`, or the stack does not suffice.
    """
    if depth > DEEPEST:
        raise SqlError("nested too deep to be analysed")
    if depth <= SHALLOW:
        try:
            return work()
        except RecursionError:
            depth = DEEPEST
    return _with_large_stack(work)


def _with_large_stack(work: Callable[[], T]) -> T:
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except RecursionError:
            errors.append(SqlError("nested too deep to be analysed"))
        except Exception as error:  # noqa: BLE001 -- handed over to the caller's thread, which raises it
            errors.append(error)

    with _lock:
        limit = sys.getrecursionlimit()
        size = threading.stack_size(_STACK_BYTES)
        try:
            sys.setrecursionlimit(max(limit, DEEPEST * _FRAMES_PER_LEVEL))
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        finally:
            threading.stack_size(size)
            sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


def syntax(dialect: str) -> Dialect:
    """The description of a dialect that sqlglot has."""
    return Dialect.get_or_raise(dialect or None)


def tree(prepared: Prepared, dialect: str) -> exp.Expr:
    """The statement's tree, which must not be changed: it is cached. To be called inside `bounded`.

    Raises `SqlError` where the dialect does not read the statement.
    """
    if len(prepared.tokens) > MAXIMUM_TOKENS:
        raise SqlError(f"statement too long: {len(prepared.tokens)} tokens, {MAXIMUM_TOKENS} are analysed")
    key = (prepared.sql, dialect)
    found = _trees.get(key)
    if found is None:
        try:
            found = _parse(prepared.sql, dialect)
        except SqlError as error:
            found = error
        _trees[key] = found
        if len(_trees) > _CACHED:
            _trees.popitem(last=False)
    if isinstance(found, SqlError):
        raise found
    return found


def _parse(sql: str, dialect: str) -> exp.Expr:
    try:
        try:
            parsed = syntax(dialect).parse(sql)
        except ParseError:
            parsed = _with_names(sql, dialect) or _with_rows(sql, dialect)
            if not parsed:
                raise
    except ParseError as error:
        raise _located(error, sql) from None
    except TokenError as error:
        raise SqlError("unreadable text", getattr(error, "start", None) or 0) from None
    except SqlglotError as error:
        raise SqlError(str(error).split("\n", 1)[0]) from None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError) as error:
        raise SqlError(f"unreadable statement ({type(error).__name__})") from None
    statements = [statement for statement in parsed if statement is not None]
    if len(statements) != 1:
        raise SqlError("no statement" if not statements else "several statements without a terminator")
    return statements[0]


def _with_names(sql: str, dialect: str) -> list[exp.Expr | None]:
    """The trees of a text in which words are names that sqlglot takes for keywords; empty where that does not help."""
    grammar = syntax(dialect)
    tokens = grammar.tokenize(sql)
    if not as_names(tokens, dialect):
        return []
    try:
        return [node and unquoted(node, sql) for node in grammar.parser().parse(tokens, sql)]
    except ParseError:
        return []


_UNSAID_ROWS = re.compile(r"(?is)\A(\s*INSERT\b.*?)\b(?:FORMAT\s+\w+|VALUES)\s*\Z")
"""Of an INSERT of ClickHouse, whose rows are sent behind the text: what stands before the word that says so."""


def _with_rows(sql: str, dialect: str) -> list[exp.Expr | None]:
    """The trees of an INSERT whose rows are sent behind its text; empty for any other text."""
    said = _UNSAID_ROWS.match(sql) if dialect == "clickhouse" else None
    if said is None:
        return []
    try:
        return list(syntax(dialect).parse(said[1]))
    except ParseError:
        return []


def _located(error: ParseError, sql: str) -> SqlError:
    """The place of an error: sqlglot says where the offending token ends, by line and column."""
    if not error.errors:
        return SqlError(str(error).split("\n", 1)[0])
    details = error.errors[0]
    token = str(details.get("highlight") or "")
    description = str(details.get("description") or "unreadable statement").rstrip(".")
    line, column = details.get("line"), details.get("col")
    position = 0
    if isinstance(line, int) and isinstance(column, int):
        start = 0
        for _ in range(line - 1):
            start = sql.find("\n", start) + 1
        position = max(start + column - len(token), 0)
    return SqlError(_message(description, token[:40]), min(position, len(sql)))


def _message(description: str, token: str) -> str:
    """What sqlglot says, in the words of this room and without its own classes."""
    shown = f"`{token}`"
    if not token:
        return description[:1].lower() + description[1:]
    if "missing for" in description:
        return f"incomplete after {shown}"
    if "Unexpected token" in description:
        return f"unexpected {shown}"
    if description.startswith("Expecting "):
        return f"`{description[10:]}` expected, not {shown}"
    return f"{description[:1].lower()}{description[1:].split(' but got', 1)[0]} at {shown}"
