"""Statements that are no queries to `Operation`s, from their tokens.

sqlglot leaves much of DDL as unparsed commands, and reads some statements as expressions; DDL is flat,
so its tokens say all that the vocabulary has words for. Conventions beyond `dblint.facts.schema`:

- RENAME_TABLE and RENAME_COLUMN have the new name in `name`; RENAME_COLUMN has the old one in
  `columns`, RENAME_INDEX in `index`;
- ADD_COLUMN has the keys that stand in the column's definition in `definition.keys`;
- ADD_KEY … USING INDEX has that index in `index`; DROP_KEY names the key in `key`;
- SET has the setting in `name`, its value in `value`; `temporary` says SET LOCAL; PRAGMA is a SET;
- OTHER has its command in `name`, in lower case (`reindex`, `create function`, `enable row level security`).
"""

from __future__ import annotations

import msgspec

from dblint.facts.schema import Change, Index, Key, Operation, SchemaColumn, Table
from dblint.sql.alter import alter_table
from dblint.sql.columns import begins_constraint, begins_index, column, constraint, index_columns, table_index
from dblint.sql.cursor import Cursor
from dblint.sql.fold import fold
from dblint.sql.fragments import query_of
from dblint.sql.placeholders import Prepared
from dblint.sql.tokens import STRING, WORD, unstring, words
from dblint.sql.trees import SqlError

__all__ = ["fold", "is_query", "operations"]

_QUERY_WORDS = words("SELECT INSERT UPDATE DELETE WITH MERGE REPLACE VALUES TABLE FROM (")
_COMMANDS = words(
    "VACUUM ANALYZE ANALYSE CLUSTER REINDEX GRANT REVOKE DO LOCK UNLOCK LISTEN NOTIFY UNLISTEN PREPARE DEALLOCATE DISCARD "
    "CHECKPOINT COPY COMMENT SECURITY REFRESH REASSIGN IMPORT LOAD FETCH MOVE CLOSE DECLARE CALL EXECUTE EXEC USE SHOW "
    "DESCRIBE DESC FLUSH OPTIMIZE REPAIR CHECK KILL HANDLER XA PURGE CHANGE STOP RESET ATTACH DETACH EXCHANGE SYSTEM "
    "PRINT IF WHILE RETURN RAISERROR THROW WAITFOR GOTO BACKUP RESTORE DBCC BULK OPEN DENY UPDATE_STATISTICS SIGNAL "
    "INSTALL UNINSTALL PIVOT UNPIVOT SUMMARIZE EXPORT UNDROP CACHE UNCACHE MSCK LIST PUT GET REMOVE RENAME HELP CREATE "
    "ALTER DROP INITIALIZE PLAN BINLOG CLONE SHUTDOWN RESTART EXPLAIN PURGE FLASHBACK AUDIT NOAUDIT"
)
"""First words of the statements that are known and have no word of their own."""
_OBJECTS = (
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
_SINGLE = words(
    "TABLE VIEW INDEX FUNCTION PROCEDURE PROC TRIGGER EVENT SEQUENCE TYPE DOMAIN EXTENSION SCHEMA DATABASE ROLE USER GROUP "
    "POLICY RULE AGGREGATE CAST COLLATION CONVERSION LANGUAGE OPERATOR PUBLICATION SUBSCRIPTION SERVER STATISTICS TABLESPACE "
    "TRANSFORM ROUTINE SYSTEM SESSION INSTANCE SYNONYM PACKAGE LOGIN CERTIFICATE KEYSPACE DICTIONARY STREAM TASK STAGE PIPE "
    "WAREHOUSE MACRO SECRET QUOTA PROFILE LINK DIRECTORY CATALOG LOGFILE UNDO CONNECTION SHARE INTEGRATION MODEL ASSEMBLY "
    "PARTITION CREDENTIAL NAMED"
)
_MODIFIERS = words(
    "OR REPLACE ALTER TEMP TEMPORARY UNLOGGED GLOBAL LOCAL TRANSIENT EXTERNAL UNIQUE CLUSTERED NONCLUSTERED FULLTEXT SPATIAL "
    "BITMAP COLUMNSTORE RECURSIVE DEFINER SQL SECURITY INVOKER ALGORITHM UNDEFINED MERGE TEMPTABLE CONSTRAINT VIRTUAL FORCE "
    "EDITIONABLE NONEDITIONABLE TRUSTED PROCEDURAL SECURE DYNAMIC HYBRID NO VOLATILE MULTISET SET VECTOR PERSISTENT"
)


def is_query(prepared: Prepared) -> bool:
    """Whether the statement begins like a query."""
    return bool(prepared.tokens) and prepared.tokens[0].word in _QUERY_WORDS


def operations(prepared: Prepared, dialect: str) -> list[Operation]:
    """The operations of a statement that is no query.

    Raises `SqlError` where the statement cannot be read: an unknown first word, a name that is missing,
    a parenthesis that is never closed.
    """
    cursor = Cursor(prepared)
    if cursor.done:
        raise SqlError("no statement")
    found = _Ddl(cursor, dialect).read()
    place, shown = prepared.whole, prepared.shown
    if len(found) == 1:
        return [msgspec.structs.replace(found[0], place=place, sql=shown)]
    return [msgspec.structs.replace(each, place=each.place or place, sql=shown) for each in found]


class _Ddl:
    """Reads one statement."""

    def __init__(self, cursor: Cursor, dialect: str) -> None:
        self.cursor = cursor
        self.dialect = dialect

    def one(self, change: Change, **fields: object) -> list[Operation]:
        """A statement that is one operation."""
        return [msgspec.structs.replace(Operation(change, dialect=self.dialect), **fields)]

    def other(self, name: str, **fields: object) -> list[Operation]:
        """A statement that has no word of its own."""
        return self.one(Change.OTHER, name=name, **fields)

    def read(self) -> list[Operation]:
        """The operations of the statement."""
        cursor = self.cursor
        word = cursor.word()
        cursor.index += 1
        if word == "CREATE":
            return self.create()
        if word == "ALTER":
            return self.alter()
        if word == "DROP":
            return self.drop()
        if word == "TRUNCATE":
            return self.truncate()
        if word in ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "SAVE"):
            return self.transaction(word)
        if word in ("SET", "RESET", "PRAGMA"):
            return self.setting(word)
        if word == "RENAME":
            return self.rename()
        if word == "EXPLAIN":
            return self.explain()
        if word in _COMMANDS:
            return self.command(word)
        cursor.index -= 1
        raise cursor.unexpected("a statement")

    # CREATE

    def create(self) -> list[Operation]:
        """CREATE anything."""
        cursor = self.cursor
        modifiers: list[str] = []
        while not cursor.done and cursor.word() not in _SINGLE and not self.object_ahead():
            if cursor.word() not in _MODIFIERS:
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
        for phrase in _OBJECTS:
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
        reader = _Table(cursor)
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
        if cursor.word() == "(" and not (cursor.word(1) in ("SELECT", "WITH")):
            reader.body()
        options += reader.options
        while not cursor.done:
            if cursor.at("AS") or cursor.word() in ("SELECT", "WITH") and self.selects():
                cursor.accept("AS")
                query, columns = self.query_to_end()
                reader.from_query(columns)
                break
            options.append(self.table_option())
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
        return self.cursor.word() == "SELECT" or self.cursor.is_name(1) and self.cursor.word(2) in ("AS", "(")

    def query_to_end(self) -> tuple[object, tuple[str, ...] | None]:
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

    def table_option(self) -> tuple[str, str]:
        """One option behind a table's columns, as (words, value)."""
        cursor = self.cursor
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
        elif names[:1] and names[0] in _WITH_VALUE or not names:
            cursor.skip()
            while not cursor.done and cursor.word() != "," and cursor.word() not in _OPTION_STARTS:
                cursor.skip()
        elif cursor.word() == "(":
            cursor.group()
        key = " ".join(name.lower() for name in names if name != "DEFAULT" or len(names) == 1)
        return key.replace("character set", "charset"), cursor.text(first, cursor.index).strip("'").lower()

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

    # ALTER, DROP, TRUNCATE, RENAME

    def alter(self) -> list[Operation]:
        """ALTER anything."""
        cursor = self.cursor
        if cursor.accept("TABLE") or cursor.accept("FOREIGN", "TABLE"):
            return alter_table(cursor, self.dialect)
        phrase = self.object_ahead()
        kind = phrase or cursor.word()
        if not phrase and kind not in _SINGLE and kind not in _MODIFIERS:
            raise cursor.unexpected("what to alter")
        cursor.index += len(kind.split(" "))
        if_exists = cursor.accept("IF", "EXISTS")
        name = cursor.qualified()[1] if cursor.is_name() else ""
        if kind == "INDEX" and cursor.accept("RENAME", "TO"):
            new = cursor.name()
            return self.one(Change.RENAME_INDEX, name=new, index=Index(name, ()), if_exists=if_exists)
        if kind in ("VIEW", "MATERIALIZED VIEW") and cursor.accept("RENAME", "TO"):
            return self.one(Change.RENAME_TABLE, table=name, name=cursor.name(), if_exists=if_exists)
        if kind == "TYPE":
            if cursor.accept("ADD", "VALUE"):
                cursor.accept("IF", "NOT", "EXISTS")
                values = self.strings(cursor.index, cursor.index + 1)
                columns = (SchemaColumn(name, "enum", enum=values),)
                return self.other("alter type add value", value=values[0] if values else "", columns=columns)
            if cursor.accept("RENAME", "TO"):
                return self.other("alter type rename", value=cursor.name(), columns=(SchemaColumn(name),))
            return self.other("alter type", value=name)
        return self.other(f"alter {kind.lower()}", value=name, if_exists=if_exists)

    def drop(self) -> list[Operation]:
        """DROP anything; one operation per name."""
        cursor = self.cursor
        cursor.accept("TEMPORARY")
        phrase = self.object_ahead()
        kind = phrase or cursor.word()
        if not phrase and kind not in _SINGLE and kind not in ("OWNED", "PREPARE"):
            raise cursor.unexpected("what to drop")
        cursor.index += len(kind.split(" "))
        concurrent = cursor.accept("CONCURRENTLY")
        if_exists = cursor.accept("IF", "EXISTS")
        changes = {
            "TABLE": Change.DROP_TABLE,
            "FOREIGN TABLE": Change.DROP_TABLE,
            "VIEW": Change.DROP_VIEW,
            "MATERIALIZED VIEW": Change.DROP_VIEW,
            "INDEX": Change.DROP_INDEX,
        }
        change = changes.get(kind)
        if change is None:
            value = cursor.qualified()[1] if cursor.is_name() else ""
            table = ""
            if kind in ("TRIGGER", "POLICY", "RULE") and cursor.accept("ON"):
                table = cursor.qualified()[1]
            cascade = bool(cursor.tokens) and cursor.tokens[-1].word == "CASCADE"
            return self.other(f"drop {kind.lower()}", value=value, table=table, if_exists=if_exists, cascade=cascade)
        named: list[tuple[str, str]] = [cursor.qualified()]
        while cursor.accept(","):
            named.append(cursor.qualified())
        schema = table = ""
        if change is Change.DROP_INDEX and cursor.accept("ON"):
            schema, table = cursor.qualified()
        cascade = cursor.accept("CASCADE")
        found: list[Operation] = []
        for qualifier, name in named:
            if change is Change.DROP_INDEX:
                fields = {"table": table, "schema": schema or qualifier, "name": name, "index": Index(name, ())}
            else:
                fields = {"table": name, "schema": qualifier, "name": name}
            found += self.one(change, **fields, concurrent=concurrent, if_exists=if_exists, cascade=cascade)
        return found

    def truncate(self) -> list[Operation]:
        """TRUNCATE; one operation per table."""
        cursor = self.cursor
        cursor.accept("TABLE")
        if_exists = cursor.accept("IF", "EXISTS")
        found: list[Operation] = []
        while True:
            cursor.accept("ONLY")
            schema, table = cursor.qualified()
            cursor.accept("*")
            found += self.one(Change.TRUNCATE, table=table, schema=schema, if_exists=if_exists)
            if not cursor.accept(","):
                break
        cascade = any(token.word == "CASCADE" for token in cursor.tokens[cursor.index :])
        return [msgspec.structs.replace(each, cascade=cascade) for each in found] if cascade else found

    def rename(self) -> list[Operation]:
        """RENAME TABLE a TO b, c TO d."""
        cursor = self.cursor
        if not cursor.accept("TABLE"):
            return self.other("rename")
        found: list[Operation] = []
        while True:
            schema, table = cursor.qualified()
            cursor.expect("TO")
            found += self.one(Change.RENAME_TABLE, table=table, schema=schema, name=cursor.qualified()[1])
            if not cursor.accept(","):
                return found

    # Everything else

    def transaction(self, word: str) -> list[Operation]:
        """Transaction control."""
        cursor = self.cursor
        if word == "START" and not cursor.at("TRANSACTION"):
            return self.other("start")
        if word == "BEGIN" or word == "START":
            return self.one(Change.BEGIN, value=cursor.text(cursor.index, cursor.stop).lower())
        if word == "SAVEPOINT":
            return self.other("savepoint", value=cursor.name())
        if word == "SAVE":
            return self.other("savepoint")
        if word == "RELEASE":
            cursor.accept("SAVEPOINT")
            return self.other("release savepoint", value=cursor.name())
        cursor.any_of("WORK", "TRANSACTION", "TRAN")
        if word == "ROLLBACK" and cursor.accept("TO"):
            cursor.accept("SAVEPOINT")
            return self.other("rollback to savepoint", value=cursor.name())
        if cursor.at("PREPARED"):
            return self.other(f"{word.lower()} prepared")
        return self.one(Change.COMMIT if word in ("COMMIT", "END") else Change.ROLLBACK)

    def setting(self, word: str) -> list[Operation]:
        """SET, RESET and PRAGMA."""
        cursor = self.cursor
        local = False
        if word == "SET":
            local = cursor.accept("LOCAL")
            if not local and not cursor.at("SESSION", "AUTHORIZATION"):
                cursor.any_of("SESSION", "GLOBAL", "PERSIST")
        if cursor.done:
            raise cursor.unexpected("a setting")
        first = cursor.index
        for phrase in (
            "TRANSACTION",
            "CHARACTERISTICS",
            "TIME ZONE",
            "SESSION AUTHORIZATION",
            "CONSTRAINTS",
            "ROLE",
            "NAMES",
        ):
            if cursor.accept(*phrase.split(" ")):
                name = phrase.lower()
                break
        else:
            while not cursor.done and cursor.word() not in ("=", "TO", ":=", "(", ","):
                if cursor.index > first and cursor.word() != "." and cursor.tokens[cursor.index - 1].word != ".":
                    break
                cursor.skip()
            if cursor.index == first:
                raise cursor.unexpected("a setting")
            name = cursor.text(first, cursor.index).lower().lstrip("@").strip('"`')
        for scope in ("session.", "local.", "global."):
            name = name.removeprefix(scope)
        cursor.any_of("=", "TO", ":=")
        start, stop = cursor.index, cursor.stop
        if cursor.word() == "(" and cursor.pairs.get(cursor.index) == stop - 1:
            start, stop = start + 1, stop - 1
        value = cursor.text(start, stop)
        if word == "RESET":
            value = "default"
        return self.one(Change.SET, name=name, value=value, temporary=local)

    def explain(self) -> list[Operation]:
        """EXPLAIN, with the query that it explains."""
        cursor = self.cursor
        options: list[tuple[str, str]] = []
        while not cursor.done and cursor.word() not in _QUERY_WORDS - {"("}:
            if cursor.word() == "(" and cursor.word(1) in _QUERY_WORDS:
                break
            if cursor.word() == "(":
                first, last = cursor.group()
                options += [
                    (cursor.tokens[index].word.lower(), "")
                    for index in range(first, last)
                    if cursor.tokens[index].word.isalpha()
                ]
                continue
            options.append((cursor.word().lower(), ""))
            cursor.skip()
        query = None
        if not cursor.done:
            query, _ = self.query_to_end()
        return self.other("explain", query=query, options=tuple(options))

    def command(self, word: str) -> list[Operation]:
        """A command by its first words."""
        cursor = self.cursor
        name = word.lower()
        fields: dict[str, object] = {}
        if word == "REINDEX":
            if cursor.word() == "(":
                cursor.group()
            fields["value"] = cursor.any_of("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM").lower()
            fields["concurrent"] = cursor.accept("CONCURRENTLY")
            target = cursor.qualified()[1] if cursor.is_name() else ""
            fields["table" if fields["value"] == "table" else "index"] = (
                target if fields["value"] == "table" else Index(target, ())
            )
        elif word == "VACUUM":
            options: list[str] = []
            if cursor.word() == "(":
                first, last = cursor.group()
                options = [token.word for token in cursor.tokens[first:last]]
            while cursor.word() in ("FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"):
                options.append(cursor.word())
                cursor.index += 1
            name = "vacuum full" if "FULL" in options else name
            fields["table"] = cursor.qualified()[1] if cursor.is_name() else ""
        elif word in ("ANALYZE", "CLUSTER", "OPTIMIZE", "REPAIR", "LOCK"):
            cursor.any_of("VERBOSE", "NO_WRITE_TO_BINLOG", "LOCAL")
            cursor.any_of("TABLE", "TABLES")
            cursor.accept("ONLY")
            fields["table"] = cursor.qualified()[1] if cursor.is_name() else ""
        elif word == "REFRESH":
            cursor.expect("MATERIALIZED", "VIEW")
            name = "refresh materialized view"
            fields["concurrent"] = cursor.accept("CONCURRENTLY")
            fields["table"] = cursor.qualified()[1] if cursor.is_name() else ""
        elif word in ("GRANT", "REVOKE"):
            first = cursor.index
            while not cursor.done and cursor.word() not in ("ON", "TO", "FROM"):
                cursor.skip()
            fields["value"] = cursor.text(first, cursor.index).lower()
            if cursor.accept("ON"):
                cursor.accept("TABLE")
                fields["table"] = (
                    cursor.qualified()[1] if cursor.is_name() and cursor.word(1) in ("TO", "FROM", ",", ".") else ""
                )
        elif word == "COPY":
            fields["table"] = cursor.qualified()[1] if cursor.is_name() else ""
        elif word == "COMMENT":
            name = "comment on"
            if cursor.accept("ON", "TABLE"):
                fields["table"] = cursor.qualified()[1]
        elif word == "PREPARE" and cursor.at("TRANSACTION"):
            name = "prepare transaction"
        elif word in ("CALL", "EXEC", "EXECUTE"):
            fields["value"] = cursor.qualified()[1] if cursor.is_name() else ""
        return self.other(name, **fields)


_OPTION_STARTS = words(
    "ENGINE DEFAULT CHARSET CHARACTER COLLATE COMMENT AUTO_INCREMENT ROW_FORMAT WITHOUT STRICT PARTITION INHERITS WITH ON "
    "TABLESPACE ORDER PRIMARY SETTINGS TTL SAMPLE CLUSTER USING AS STATS_PERSISTENT KEY_BLOCK_SIZE DISTKEY SORTKEY DISTSTYLE "
    "DISTRIBUTED PROPERTIES STORED LOCATION ROW TBLPROPERTIES OPTIONS FOR SERVER"
)
_WITH_VALUE = words("COLLATE COMMENT CHARSET TABLESPACE PARTITION ORDER TTL USING FOR ON SERVER")


class _Table:
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
        elif cursor.at("UNIQUE") and begins_index_after_unique(cursor):
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


def begins_index_after_unique(cursor: Cursor) -> bool:
    """Whether `UNIQUE KEY name (…)` follows, MySQL's way to write a unique index."""
    return cursor.word(1) in ("KEY", "INDEX")
