"""SQL texts to `Query` and `Operation`: what the rest of dblint calls.

`parse` reads one statement, `parse_script` a file or a string with several. Both take a plain string or
an assembled `Text`; the latter is read with all of its optional pieces and with none of them, and what
both agree on is ALWAYS, the rest SOMETIMES.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import msgspec
from sqlglot import exp

from dblint.facts.query import Clause, Element, Query, Source, Verb
from dblint.facts.schema import Change, Operation
from dblint.facts.text import Literal, Place, Text
from dblint.sql import ddl
from dblint.sql.dialects import normal
from dblint.sql.fragments import ORDER
from dblint.sql.merge import merged
from dblint.sql.pieces import Leaf, Raw, leaves, literal
from dblint.sql.placeholders import chosen, prepare_raw
from dblint.sql.prepared import Prepared
from dblint.sql.queries import QUERIES, QueryReader
from dblint.sql.recognise import only_in, plausible
from dblint.sql.render import render
from dblint.sql.statements import Directive, LexicalFault, boundaries, split
from dblint.sql.tokens import NUMBER, PLACEHOLDER, STRING, TEMPLATE, scan
from dblint.sql.trees import SqlError, bounded, tree

__all__ = ["Parsed", "Script", "looks_like_sql", "only_in", "parse", "parse_script", "render"]

_CANDIDATES = 100
"""Places at which a text that is no statement is tried to be taken apart."""
_EXTENSIONS = 4
"""How many of the parts are tried together."""
_LOOKED_AT = 20_000
"""Characters by which a string is judged to be SQL."""
_ALTERNATIVES = 8
"""Optional pieces that are tried one by one where all of them together give no statement."""

_TOLD = 100
"""Statements of one text whose queries are told."""
_LONGEST_ROW = 4_000
"""Characters of an INSERT that is compared with others; a longer one has rows enough of its own."""


class Parsed(NamedTuple):
    """A statement that was read.

    `query` is None only for an error and for what is no SQL (`kind`); a statement that is no query has
    one with the verb DDL, COMMAND or CALL. `operations` always has what the statement does, data
    statements as DATA. `error` says why it could not be read, `error_place` where. `dialect` is the one
    by which it was read. `prepared` is its text as it was parsed, with the placeholders. `queries`: of a text of
    several statements what each of them asks, in order.
    """

    query: Query | None = None
    operations: tuple[Operation, ...] = ()
    error: str = ""
    dialect: str = ""
    error_place: Place | None = None
    kind: str = "sql"
    section: str = ""
    prepared: Prepared | None = None
    queries: tuple[Query, ...] = ()


class Script(NamedTuple):
    """The statements of a text in order.

    Offsets of `faults` and `directives` are characters of it; `fault_places` are the same faults in the
    source.
    """

    statements: tuple[Parsed, ...]
    faults: tuple[LexicalFault, ...] = ()
    directives: tuple[Directive, ...] = ()
    fault_places: tuple[Place | None, ...] = ()


def parse(source: str | Text | Prepared, dialect: str = "") -> Parsed:
    """Reads one statement.

    Without a dialect it is read by the only one that has its syntax, else as PostgreSQL, MySQL, SQLite
    and by sqlglot's own rules, in this order. Of several statements the first query and all operations
    are given. Never raises.
    """
    dialect = normal(dialect)
    if isinstance(source, Prepared):
        return _read(source, dialect)
    raw, optionals = _raw(source)
    if ";" in raw.text.rstrip("; \t\r\n"):
        several = split(raw.text, dialect)
        if len(several.statements) > 1:
            return _together(_script(raw, optionals, dialect).statements)
    return _variants(raw, optionals, dialect)


def looks_like_sql(text: str | Text) -> bool:
    """Whether a string is a SQL statement and no prose: its words say so, and some dialect reads it."""
    raw, _ = _raw(text)
    head = raw.text[:_LOOKED_AT]
    if not plausible(head):
        return False
    if len(raw.text) > _LOOKED_AT:
        return True
    parsed = parse(text)
    return parsed.query is not None and not parsed.error


def parse_script(source: str | Text, dialect: str = "") -> Script:
    """Reads all statements of a file or string. Never raises."""
    raw, optionals = _raw(source)
    return _script(raw, optionals, normal(dialect))


def _raw(source: str | Text) -> tuple[Raw, int]:
    if isinstance(source, str):
        return literal(source), 0
    parts, optionals = leaves(source)
    return Raw(parts, open_=source.open), optionals


def _script(raw: Raw, optionals: int, dialect: str) -> Script:
    result = split(raw.text, dialect)
    found: list[Parsed] = []
    rows = _Rows(dialect)
    for statement in result.statements:
        if statement.kind != "sql":
            found.append(Parsed(kind=statement.kind, section=statement.section))
            continue
        if any(statement.start <= fault.start < statement.stop for fault in result.faults):
            continue  # said by the fault
        part = raw.cut(statement.start, statement.stop)
        parsed = rows.like(part)
        if parsed is None:
            parsed = rows.remembered(_variants(part, optionals, dialect))
        several = _unterminated(part, optionals, dialect) if parsed.error or _swallows(parsed, dialect) else []
        found += [each._replace(section=statement.section) for each in several or [parsed]]
    places = tuple(raw.place(fault.start, fault.start + 1) for fault in result.faults)
    return Script(tuple(found), result.faults, result.directives, places)


class _Rows:
    """INSERT statements of a script that differ in nothing but their literals: dumps and seeds have thousands of
    them, and parsing the first says what all of them are."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._known: dict[tuple[str, ...], Parsed] = {}
        self._shape: tuple[str, ...] = ()
        self._span = (0, 0)

    def like(self, raw: Raw) -> Parsed | None:
        """The statement, as one of its shape was read before; its values keep the places of that one."""
        self._shape = self._shape_of(raw)
        known = self._known.get(self._shape) if self._shape else None
        if known is None or known.query is None:
            return None
        start, stop = self._span
        place, sql = raw.place(start, stop), raw.text[start:stop]
        query = msgspec.structs.replace(known.query, place=place, sql=sql)
        operation = msgspec.structs.replace(known.operations[0], place=place, sql=sql, query=query)
        return known._replace(query=query, operations=(operation,))

    def remembered(self, parsed: Parsed) -> Parsed:
        """Keeps what was read of the statement that `like` was asked for last, and gives it back."""
        if self._shape and parsed.query is not None and not parsed.error and len(parsed.operations) == 1:
            self._known[self._shape] = parsed
        return parsed

    def _shape_of(self, raw: Raw) -> tuple[str, ...]:
        """The statement without its strings and numbers; nothing where it is no INSERT or is put together."""
        if len(raw.leaves) != 1 or not isinstance(raw.leaves[0].piece, Literal):
            return ()
        if len(raw.text) > _LONGEST_ROW or raw.text.lstrip()[:6].upper() != "INSERT":
            return ()
        tokens, faults = scan(raw.text, self._dialect)
        if faults or any(token.kind in (PLACEHOLDER, TEMPLATE) for token in tokens):
            return ()
        self._span = tokens[0].start, tokens[-1].stop
        return tuple(str(t.kind) if t.kind in (STRING, NUMBER) else raw.text[t.start : t.stop] for t in tokens)


def _swallows(parsed: Parsed, dialect: str) -> bool:
    """Whether a command, whose end nothing says, may have taken the statements behind it along.

    Only SQL Server's statements commonly follow each other without a terminator.
    """
    first = parsed.operations[0] if parsed.operations else None
    command = first is not None and first.change in (Change.OTHER, Change.SET) and not first.name.startswith("create ")
    return command and dialect in ("tsql", "fabric")


def _unterminated(raw: Raw, optionals: int, dialect: str) -> list[Parsed]:
    """Statements that follow each other without a terminator, each from the beginning of a line.

    A candidate that is no statement by itself is tried with the lines that follow. Empty where that
    makes nothing readable.
    """
    starts = boundaries(raw.text, dialect)[:_CANDIDATES]
    if len(starts) < 2:
        return []
    starts.append(len(raw.text))
    found: list[Parsed] = []
    index = 0
    while index < len(starts) - 1:
        ends = starts[index + 1 : index + 1 + _EXTENSIONS]
        tried = [_variants(raw.cut(starts[index], ends[0]), optionals, dialect)]
        while tried[-1].error and len(tried) < len(ends):
            tried.append(_variants(raw.cut(starts[index], ends[len(tried)]), optionals, dialect))
        found.append(tried[0] if tried[-1].error else tried[-1])
        index += 1 if tried[-1].error else len(tried)
    return found if sum(not parsed.error for parsed in found) > 1 else []


def _together(statements: tuple[Parsed, ...]) -> Parsed:
    """Several statements as one answer."""
    query = None
    operations: list[Operation] = []
    error = ""
    place = None
    for parsed in statements:
        operations += parsed.operations
        if parsed.error and not error:
            error, place = parsed.error, parsed.error_place
        if parsed.query is not None and (query is None or query.verb in (Verb.COMMAND, Verb.DDL)):
            if query is None or parsed.query.verb not in (Verb.COMMAND, Verb.DDL):
                query = parsed.query
    shaping = [parsed.query for parsed in statements if parsed.query is not None and parsed.query.verb is Verb.DDL]
    kept = all(each.housekeeping and (not number or not each.table) for number, each in enumerate(shaping))
    if query is not None and query.housekeeping and not kept:
        query = msgspec.structs.replace(query, housekeeping=False)
    verbs = [parsed.query.verb for parsed in statements if parsed.query is not None]
    if query is not None and sum(verb not in (Verb.COMMAND, Verb.DDL) for verb in verbs) > 1:
        query = msgspec.structs.replace(query, several=True)
    dialect = next((parsed.dialect for parsed in statements if parsed.dialect), "")
    asked = [parsed.query for parsed in statements if parsed.query is not None]
    each = [one for one in asked if one.verb is not Verb.COMMAND] or asked
    several = query is not None and query.several
    queries = tuple(
        msgspec.structs.replace(
            one, several=several and one.verb not in (Verb.COMMAND, Verb.DDL), housekeeping=one.housekeeping and kept
        )
        for one in each[:_TOLD]
    )
    return Parsed(query, tuple(operations), error, dialect, place, queries=queries)


def _variants(raw: Raw, optionals: int, dialect: str) -> Parsed:
    """Reads a statement in its variants and puts them together."""
    full = prepare_raw(raw, "all", dialect)
    parsed = _read(full, dialect)
    optional = sorted({number for leaf in raw.leaves for number in leaf.optionals}) if optionals else []
    if not optional and not full.conditional:
        return parsed
    others = [_variant(raw, "none", dialect)]
    if optional and (parsed.error or others[0].error):
        others += [_variant(raw, number, dialect) for number in optional[:_ALTERNATIVES]]
    sound = [other for other in others if other.query is not None and not other.error]
    if parsed.error or parsed.query is None:
        if not sound:
            return parsed
        parsed, sound = sound[-1], sound[:-1]
    query = parsed.query
    for other in sound:
        if query is not None and other.query is not None:
            query = merged(query, other.query)
    operations = tuple(
        msgspec.structs.replace(operation, query=query) if operation.change is Change.DATA else operation
        for operation in parsed.operations
    )
    return parsed._replace(query=query, operations=operations)


def _variant(raw: Raw, variant: str | int, dialect: str) -> Parsed:
    parts: list[Leaf] = chosen(raw.leaves, variant)
    return _read(prepare_raw(Raw(parts, open_=raw.open), variant, dialect), dialect)


def _read(prepared: Prepared, dialect: str) -> Parsed:
    """Reads one prepared statement."""
    if prepared.faults and not dialect and not prepared.dialect:
        prepared = _as_mysql(prepared)
    if prepared.faults:
        fault = prepared.faults[0]
        return Parsed(
            error=fault.message, error_place=prepared.raw.place(fault.start, fault.start + 1), prepared=prepared
        )
    if not prepared.tokens:
        return Parsed(kind="empty", prepared=prepared)
    if not ddl.is_query(prepared):
        return _command(prepared, dialect)
    read = _query(prepared, dialect)
    if read.error and prepared.alternatives:
        again = _query(prepare_raw(prepared.raw, "all", prepared.dialect, markers_only=True), dialect)
        if not again.error:
            return again
    return read


def _as_mysql(prepared: Prepared) -> Prepared:
    """A statement of an unknown dialect, that leaves something unclosed, by MySQL's rules if they do not."""
    other = prepare_raw(prepared.raw, "all", "mysql")
    return prepared if other.faults else other


def _query(prepared: Prepared, dialect: str) -> Parsed:
    """Reads a statement that begins like a query."""
    alone = dialect or only_in(prepared.sql)
    order = (alone,) if dialect else tuple(dict.fromkeys((alone, *ORDER))) if alone else ORDER
    first: Parsed | None = None
    for name in order:
        used = prepared
        if not dialect and name == "mysql" and ("#" in prepared.raw.text or "\\" in prepared.raw.text):
            used = prepare_raw(prepared.raw, "all", "mysql")
        try:
            query = bounded(used.depth, partial(_tree_query, used, name, alone))
        except _UNFORESEEN as error:
            first = first or Parsed(
                error=_not_understood(error), error_place=used.whole, dialect=name, prepared=prepared
            )
            continue
        except SqlError as error:
            place = used.place(error.position, error.position + 1)
            first = first or Parsed(error=error.message, error_place=place, dialect=name, prepared=prepared)
            continue
        operation = Operation(
            Change.DATA, query.table, _schema(query), place=query.place, query=query, dialect=alone, sql=query.sql
        )
        made = ddl.made_by_query(used, operation)
        return Parsed(query, (operation, *made), "", name, None, prepared=used)
    return first or Parsed(error="unreadable statement", prepared=prepared)


_UNFORESEEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What a tree or a text of an unforeseen shape makes the readers raise. A linter says so and goes on."""


def _not_understood(error: Exception) -> str:
    """The error of a statement that is probably sound and was not read because of a fault in this room."""
    return f"not understood ({type(error).__name__})"


def _tree_query(prepared: Prepared, name: str, tag: str) -> Query:
    """The query of a statement's tree."""
    node = tree(_without_modifiers(prepared), name)
    if not isinstance(node, QUERIES):
        raise SqlError("not a statement that is known", prepared.tokens[0].start)
    if isinstance(node, exp.Update) and not node.expressions:
        raise SqlError("`SET` expected at the end", prepared.tokens[-1].start)
    if isinstance(node, exp.Insert) and not (node.expression or node.args.get("default") or name == "clickhouse"):
        raise SqlError("`VALUES` or a query expected at the end", prepared.tokens[-1].start)
    return QueryReader(prepared, name, tag).read(node)


_MODIFIERS = frozenset({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"})


def _without_modifiers(prepared: Prepared) -> Prepared:
    """MySQL's words behind a verb, and REPLACE, written so that sqlglot reads the statement.

    Everything keeps its position.
    """
    tokens = prepared.tokens
    first = tokens[0]
    sql = prepared.sql
    if first.word == "REPLACE":
        sql = f"{sql[: first.start]}INSERT {sql[first.stop :]}"
    if first.word in ("INSERT", "REPLACE", "UPDATE", "DELETE"):
        for token in tokens[1:4]:
            if token.word in _MODIFIERS and not (first.word == "INSERT" and token.word == "IGNORE"):
                sql = f"{sql[: token.start]}{' ' * (token.stop - token.start)}{sql[token.stop :]}"
            elif token.word not in _MODIFIERS:
                break
    if sql is prepared.sql:
        return prepared
    return Prepared(sql, prepared.raw, prepared.dialect, prepared.tokens)


def _schema(query: Query) -> str:
    return next((source.schema for source in query.sources.values()), "")


def _command(prepared: Prepared, dialect: str) -> Parsed:
    """Reads a statement that is no query."""
    dialect = dialect or only_in(prepared.sql)
    try:
        found = bounded(min(prepared.depth, 1), lambda: ddl.operations(prepared, dialect))
    except _UNFORESEEN as error:
        return Parsed(error=_not_understood(error), error_place=prepared.whole, dialect=dialect, prepared=prepared)
    except SqlError as error:
        place = prepared.place(error.position, error.position + 1)
        return Parsed(error=error.message, error_place=place, dialect=dialect, prepared=prepared)
    tables = dict.fromkeys((operation.table, operation.schema) for operation in found if operation.table)
    sources = Clause(tuple(Element(Source(table, schema=schema)) for table, schema in tables))
    kept = _verb(found) is Verb.DDL and all(_keeps_house(operation) for operation in found)
    query = Query(_verb(found), prepared.whole, dialect, sources, sql=prepared.shown, housekeeping=kept)
    copied = _copied(prepared)
    if copied is not None:
        sources = msgspec.structs.replace(sources, open=not tables)
        rows = "many" if copied is Verb.INSERT else ""
        query = msgspec.structs.replace(query, verb=copied, sources=sources, rows=rows, housekeeping=False)
    return Parsed(query, tuple(found), "", dialect, None, prepared=prepared)


def _copied(prepared: Prepared) -> Verb | None:
    """What PostgreSQL's COPY does: writes rows FROM a file or the program, or reads them TO one; None: it is none."""
    tokens = prepared.tokens
    depth = 0
    for token in tokens if tokens[0].word == "COPY" else ():
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if depth == 0 and token.word in ("FROM", "TO"):
            return Verb.INSERT if token.word == "FROM" else Verb.SELECT
    return None


def _keeps_house(operation: Operation) -> bool:
    """Whether an operation makes a schema or an extension, or only what is missing."""
    if operation.change is Change.OTHER:
        made = operation.name.startswith("create ") and (operation.if_not_exists or operation.name in _AROUND_TABLES)
        return made and not operation.table
    return operation.if_not_exists and operation.table != ""


_AROUND_TABLES = ("create schema", "create extension")
_COMMANDS = frozenset({Change.BEGIN, Change.COMMIT, Change.ROLLBACK, Change.SET})


def _verb(operations: list[Operation]) -> Verb:
    """The verb of a statement that is no query."""
    first = operations[0] if operations else None
    if first is None or first.change in _COMMANDS:
        return Verb.COMMAND
    if first.change is Change.OTHER:
        if first.name in ("call", "exec", "execute"):
            return Verb.CALL
        return Verb.DDL if first.name.startswith(("create ", "alter ", "drop ")) or first.table else Verb.COMMAND
    return Verb.DDL
