"""CREATE: tables, indexes, views, types and everything else."""

from __future__ import annotations

import msgspec

from dblint.facts.query import Query
from dblint.facts.schema import Change, Index, Operation, SchemaColumn, Table
from dblint.sql.cursor import Cursor
from dblint.sql.fragments import query_of
from dblint.sql.keys import index_columns
from dblint.sql.tables import TableReader, table_option
from dblint.sql.tokens import STRING, unstring, words

__all__ = ["MODIFIERS", "OBJECTS", "CreateReader"]

_PHRASES = (
    "MATERIALIZED VIEW",
    "FOREIGN DATA WRAPPER",
    "FOREIGN TABLE",
    "EVENT TRIGGER",
    "TEXT SEARCH",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "ACCESS METHOD",
    "DEFAULT PRIVILEGES",
    "LARGE OBJECT",
    "USER MAPPING",
    "ROW POLICY",
    "SETTINGS PROFILE",
    "RESOURCE GROUP",
)
OBJECTS = words(
    "TABLE VIEW INDEX FUNCTION PROCEDURE PROC TRIGGER EVENT SEQUENCE TYPE DOMAIN EXTENSION SCHEMA DATABASE ROLE "
    "USER GROUP POLICY RULE AGGREGATE CAST COLLATION CONVERSION LANGUAGE OPERATOR PUBLICATION SUBSCRIPTION SERVER "
    "STATISTICS TABLESPACE TRANSFORM ROUTINE SYSTEM SESSION INSTANCE SYNONYM PACKAGE LOGIN CERTIFICATE KEYSPACE "
    "DICTIONARY STREAM TASK STAGE PIPE WAREHOUSE MACRO SECRET QUOTA PROFILE LINK DIRECTORY CATALOG LOGFILE UNDO "
    "CONNECTION SHARE INTEGRATION MODEL ASSEMBLY PARTITION CREDENTIAL NAMED"
)
MODIFIERS = words(
    "OR REPLACE ALTER TEMP TEMPORARY UNLOGGED GLOBAL LOCAL TRANSIENT EXTERNAL UNIQUE CLUSTERED NONCLUSTERED "
    "FULLTEXT SPATIAL BITMAP COLUMNSTORE RECURSIVE DEFINER SQL SECURITY INVOKER ALGORITHM UNDEFINED MERGE "
    "TEMPTABLE CONSTRAINT VIRTUAL FORCE EDITIONABLE NONEDITIONABLE TRUSTED PROCEDURAL SECURE DYNAMIC HYBRID NO "
    "VOLATILE MULTISET SET VECTOR PERSISTENT"
)


class CreateReader:
    """Reads one statement that is no query; knows CREATE, leaves the other verbs to its heirs."""

    def __init__(self, cursor: Cursor, dialect: str) -> None:
        self.cursor = cursor
        self.dialect = dialect

    def one(self, change: Change, **fields: object) -> list[Operation]:
        """A statement that is one operation."""
        return [msgspec.structs.replace(Operation(change, dialect=self.dialect), **fields)]

    def other(self, name: str, **fields: object) -> list[Operation]:
        """A statement that has no word of its own."""
        return self.one(Change.OTHER, name=name, **fields)

    def create(self) -> list[Operation]:
        """CREATE anything."""
        cursor = self.cursor
        modifiers: list[str] = []
        while not cursor.done and cursor.word() not in OBJECTS and not self.object_ahead():
            if cursor.word() not in MODIFIERS:
                if "DEFINER" not in modifiers and cursor.word() != "=":
                    raise cursor.unexpected("what to create")
                cursor.skip()
                continue
            modifiers.append(cursor.word())
            cursor.index += 1
        temporary = "TEMP" in modifiers or "TEMPORARY" in modifiers
        kind = self.object_ahead() or cursor.word()
        if kind in ("TABLE", "FOREIGN TABLE"):
            cursor.index += len(kind.split(" "))
            return self.create_table(modifiers, temporary=temporary, foreign=kind != "TABLE")
        if kind == "INDEX":
            cursor.index += 1
            return self.create_index(modifiers)
        if kind in ("VIEW", "MATERIALIZED VIEW"):
            cursor.index += len(kind.split(" "))
            return self.create_view(temporary=temporary, materialized=kind != "VIEW", replaces="REPLACE" in modifiers)
        if not kind:
            raise cursor.unexpected("what to create")
        cursor.index += len(kind.split(" "))
        if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
        if kind == "TYPE":
            return self.create_type()
        table = ""
        value = ""
        if cursor.is_name():
            value = cursor.qualified()[1]
        if kind in ("TRIGGER", "POLICY", "RULE", "CONSTRAINT TRIGGER"):
            while not cursor.done and not cursor.accept("ON"):
                cursor.skip()
            table = cursor.qualified()[1] if cursor.is_name() else ""
        return self.other(
            f"create {kind.lower()}", table=table, value=value, if_not_exists=if_not_exists, temporary=temporary
        )

    def object_ahead(self) -> str:
        """A kind of object that has several words."""
        for phrase in _PHRASES:
            if self.cursor.at(*phrase.split(" ")):
                return phrase
        return ""

    def create_table(self, modifiers: list[str], *, temporary: bool, foreign: bool) -> list[Operation]:
        """CREATE TABLE in all its forms."""
        cursor = self.cursor
        if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
        start = cursor.index
        schema, name = cursor.qualified()
        place = cursor.prepared.place(cursor.tokens[start].start, cursor.tokens[cursor.index - 1].stop)
        temporary = temporary or name.startswith("#")
        reader = TableReader(cursor)
        options: list[tuple[str, str]] = []
        if "UNLOGGED" in modifiers:
            options.append(("unlogged", ""))
        if foreign:
            options.append(("foreign", ""))
        query = None
        if cursor.accept("ON", "CLUSTER"):
            cursor.skip()
        if cursor.accept("PARTITION", "OF"):
            reader.partial = True
            options.append(("partition of", cursor.qualified()[1]))
        elif cursor.accept("OF"):
            reader.partial = True
            cursor.qualified()
        elif cursor.accept("LIKE"):
            options.append(("like", cursor.qualified()[1]))
            reader.partial = True
        elif cursor.accept("USING") and cursor.is_name():
            reader.partial = True
        listed = cursor.word() == "(" and cursor.word(1) not in ("SELECT", "WITH")
        if listed:
            reader.body()
        reader.partial = reader.partial or bool(cursor.prepared.fragments) or cursor.prepared.open
        options += reader.options
        while not cursor.done:
            if cursor.at("AS") or (cursor.word() in ("SELECT", "WITH") and self.selects()):
                cursor.accept("AS")
                query, columns = self.query_to_end()
                reader.from_query(columns)
                break
            options.append(table_option(cursor))
        if not (listed or query is not None or reader.partial):
            raise cursor.unexpected("`(`")
        definition = Table(
            name,
            schema,
            origin="ddl",
            columns=tuple(reader.columns),
            keys=tuple(reader.keys),
            indexes=tuple(reader.indexes),
            complete=not reader.partial and (bool(reader.columns) or query is None),
            place=place,
            options=tuple(options),
        )
        return self.one(
            Change.CREATE_TABLE,
            table=name,
            schema=schema,
            columns=definition.columns,
            if_not_exists=if_not_exists,
            definition=definition,
            query=query,
            temporary=temporary,
        )

    def selects(self) -> bool:
        """Whether a query follows and no storage options."""
        return self.cursor.word() == "SELECT" or (self.cursor.is_name(1) and self.cursor.word(2) in ("AS", "("))

    def query_to_end(self) -> tuple[Query, tuple[str, ...] | None]:
        """The query that the rest of the statement is."""
        cursor = self.cursor
        if cursor.done:
            raise cursor.unexpected("a query")
        stop = cursor.stop
        for tail in (("WITH", "NO", "DATA"), ("WITH", "DATA"), ("WITH", "CHECK", "OPTION")):
            if tuple(token.word for token in cursor.tokens[stop - len(tail) : stop]) == tail:
                stop -= len(tail)
                if cursor.tokens[stop - 1].word in ("CASCADED", "LOCAL") and cursor.tokens[stop - 2].word == "WITH":
                    stop -= 2
        query, columns = query_of(
            cursor.prepared, cursor.tokens[cursor.index].start, cursor.tokens[stop - 1].stop, self.dialect
        )
        cursor.index = cursor.stop
        return query, columns

    def create_index(self, modifiers: list[str]) -> list[Operation]:
        """CREATE INDEX."""
        cursor = self.cursor
        concurrent = cursor.accept("CONCURRENTLY")
        if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
        method = next(
            (word.lower() for word in modifiers if word in ("FULLTEXT", "SPATIAL", "COLUMNSTORE", "BITMAP")), ""
        )
        name = ""
        if not (cursor.at("ON") and (cursor.is_name(1) and cursor.word(2) != "ON")):
            name = cursor.qualified()[1]
        if cursor.accept("USING"):
            method = cursor.name().lower()
        if not cursor.at("ON") and cursor.accept("TYPE"):
            method = cursor.name().lower()
        cursor.expect("ON")
        only = cursor.at("ONLY") and cursor.is_name(1) and bool(cursor.accept("ONLY"))
        schema, table = cursor.qualified()
        if cursor.accept("USING"):
            method = cursor.name().lower()
        columns = index_columns(cursor)
        include: tuple[str, ...] = ()
        predicate = ""
        options: list[tuple[str, str]] = [("only", "")] if only else []
        while not cursor.done:
            if cursor.at("INCLUDE", "("):
                cursor.index += 1
                include = cursor.names()
            elif cursor.accept("WHERE"):
                first = cursor.index
                while not cursor.done and not cursor.at("WITH", "(") and cursor.word() not in ("ALGORITHM", "LOCK"):
                    cursor.skip()
                predicate = cursor.text(first, cursor.index)
            elif cursor.accept("USING"):
                method = cursor.name().lower()
            elif cursor.accept("INDEXTYPE", "IS"):
                method = cursor.qualified()[1].lower()
            elif cursor.word() in ("ALGORITHM", "LOCK"):
                key = cursor.word().lower()
                cursor.index += 1
                cursor.accept("=")
                options.append((key, cursor.word().lower()))
                cursor.skip()
            elif cursor.accept("NULLS", "NOT", "DISTINCT"):
                options.append(("nulls not distinct", ""))
            elif cursor.at("WITH", "("):
                cursor.index += 1
                first, last = cursor.group()
                options.append(("with", cursor.text(first, last).lower()))
            else:
                cursor.skip()
        prepared = cursor.prepared
        index = Index(name, columns, "UNIQUE" in modifiers, method, predicate, include, prepared.whole)
        return self.one(
            Change.CREATE_INDEX,
            table=table,
            schema=schema,
            name=name,
            index=index,
            concurrent=concurrent
            or ("online", "on") in [tuple(part.split(" = ")) for _, value in options for part in value.split(", ")],
            if_not_exists=if_not_exists,
            options=tuple(options),
        )

    def create_view(self, *, temporary: bool, materialized: bool, replaces: bool) -> list[Operation]:
        """CREATE VIEW."""
        cursor = self.cursor
        if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
        schema, name = cursor.qualified()
        options: list[tuple[str, str]] = [("materialized", "")] if materialized else []
        if replaces:
            options.append(("or replace", ""))
        listed: tuple[str, ...] = ()
        if cursor.word() == "(":
            listed = cursor.names()
        while not cursor.done and not cursor.accept("AS"):
            if cursor.accept("TO"):
                options.append(("to", cursor.qualified()[1]))
            else:
                cursor.skip()
        query, columns = self.query_to_end()
        names = listed or columns or ()
        definition = Table(
            name,
            schema,
            origin="ddl",
            view=True,
            columns=tuple(SchemaColumn(each) for each in names),
            complete=bool(names),
            place=cursor.prepared.whole,
            options=tuple(options),
        )
        return self.one(
            Change.CREATE_VIEW,
            table=name,
            schema=schema,
            name=name,
            if_not_exists=if_not_exists,
            definition=definition,
            query=query,
            temporary=temporary,
            options=tuple(options),
        )

    def create_type(self) -> list[Operation]:
        """CREATE TYPE; the words of an enumeration are kept."""
        cursor = self.cursor
        schema, name = cursor.qualified()
        enum: tuple[str, ...] = ()
        if cursor.accept("AS", "ENUM") and cursor.word() == "(":
            first, last = cursor.group()
            enum = self.strings(first, last)
        columns = (SchemaColumn(name, "enum", enum=enum),) if enum else ()
        return self.other("create type", schema=schema, value=name, columns=columns)

    def strings(self, first: int, last: int) -> tuple[str, ...]:
        """The string literals among tokens."""
        cursor = self.cursor
        sql = cursor.prepared.sql
        return tuple(unstring(sql[t.start : t.stop]) for t in cursor.tokens[first:last] if t.kind == STRING)
