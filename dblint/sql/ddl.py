"""Statements that are no queries to `Operation`s, from their tokens.

sqlglot leaves much of DDL as unparsed commands, and reads some statements as expressions; DDL is flat,
so its tokens say all that the vocabulary has words for. Conventions beyond `dblint.facts.schema`:

- RENAME_TABLE and RENAME_COLUMN have the new name in `name`; RENAME_COLUMN has the old one in
  `columns`, RENAME_INDEX in `index`;
- ADD_COLUMN has the keys that stand in the column's definition in `definition.keys`;
- ADD_KEY … USING INDEX has that index in `index`; DROP_KEY names the key in `key`;
- SET has the setting in `name`, its value in `value`; `temporary` says SET LOCAL; PRAGMA is a SET;
- DO is an OTHER, followed by the statements in its block, which have the option `within`; its own options say what
  routines it calls (`calls`), and that it may change any table (`unread`);
- OTHER has its command in `name`, in lower case (`reindex`, `create function`, `enable row level security`).
"""

from __future__ import annotations

import msgspec

from dblint.facts.schema import Change, Index, Operation, SchemaColumn
from dblint.sql.alter import alter_table
from dblint.sql.creation import MODIFIERS, OBJECTS, CreateReader
from dblint.sql.cursor import Cursor
from dblint.sql.fold import fold
from dblint.sql.fragments import query_in
from dblint.sql.pieces import literal
from dblint.sql.placeholders import prepare_raw
from dblint.sql.prepared import Prepared
from dblint.sql.procedures import Body, block, routine
from dblint.sql.tokens import words
from dblint.sql.trees import SqlError

__all__ = ["called_routine", "fold", "is_query", "operations"]

_QUERY_WORDS = words("SELECT INSERT UPDATE DELETE WITH MERGE REPLACE VALUES TABLE FROM (")
_COMMANDS = words(
    "VACUUM ANALYZE ANALYSE CLUSTER REINDEX GRANT REVOKE DO LOCK UNLOCK LISTEN NOTIFY UNLISTEN PREPARE DEALLOCATE "
    "DISCARD CHECKPOINT COPY COMMENT SECURITY REFRESH REASSIGN IMPORT LOAD FETCH MOVE CLOSE DECLARE CALL EXECUTE "
    "EXEC USE SHOW DESCRIBE DESC FLUSH OPTIMIZE REPAIR CHECK KILL HANDLER XA PURGE CHANGE STOP RESET ATTACH "
    "DETACH EXCHANGE SYSTEM PRINT IF WHILE RETURN RAISERROR THROW WAITFOR GOTO BACKUP RESTORE DBCC BULK OPEN DENY "
    "UPDATE_STATISTICS SIGNAL INSTALL UNINSTALL PIVOT UNPIVOT SUMMARIZE EXPORT UNDROP CACHE UNCACHE MSCK LIST PUT "
    "GET REMOVE RENAME HELP CREATE ALTER DROP INITIALIZE PLAN BINLOG CLONE SHUTDOWN RESTART EXPLAIN FLASHBACK "
    "AUDIT NOAUDIT"
)
"""First words of the statements that are known and have no word of their own."""


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
    return [msgspec.structs.replace(each, place=each.place or place, sql=each.sql or shown) for each in found]


def made_by_query(prepared: Prepared, operation: Operation) -> tuple[Operation, ...]:
    """The table that `SELECT … INTO name FROM …` makes, which PostgreSQL and SQL Server have; elsewhere INTO is
    followed by variables or a file."""
    tokens = prepared.tokens
    if tokens[0].word not in ("SELECT", "WITH") or operation.dialect in ("mysql", "oracle"):
        return ()
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if token.word != "INTO" or depth:
            continue
        cursor = Cursor(prepared)
        cursor.index = index + 1
        temporary = cursor.accept("TEMP") or cursor.accept("TEMPORARY")
        _ = cursor.accept("UNLOGGED"), cursor.accept("TABLE")
        if not cursor.is_name() or cursor.word(1) == ",":
            return ()
        schema, name = cursor.qualified()
        temporary = temporary or name.startswith("#")
        made = msgspec.structs.replace(operation, change=Change.CREATE_TABLE, table=name, schema=schema)
        return (msgspec.structs.replace(made, temporary=temporary),)
    return ()


def called_routine(text: str, dialect: str) -> Body:
    """What the routine that a CREATE FUNCTION or PROCEDURE makes does where it is called."""
    cursor = Cursor(prepare_raw(literal(text), "all", dialect))
    return routine(cursor, Body(_Ddl(cursor, dialect).inner, dialect))


class _Ddl(CreateReader):
    """Reads one statement."""

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
        if word == "DO":
            return self.block()
        if word in _COMMANDS:
            return self.command(word)
        cursor.index -= 1
        raise cursor.unexpected("a statement")

    # ALTER, DROP, TRUNCATE, RENAME

    def alter(self) -> list[Operation]:
        """ALTER anything."""
        cursor = self.cursor
        if cursor.accept("TABLE") or cursor.accept("FOREIGN", "TABLE"):
            return alter_table(cursor, self.dialect)
        phrase = self.object_ahead()
        kind = phrase or cursor.word()
        if not phrase and kind not in OBJECTS and kind not in MODIFIERS:
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
        if not phrase and kind not in OBJECTS and kind not in ("OWNED", "PREPARE"):
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

    def block(self) -> list[Operation]:
        """DO: the block itself, and the statements in it, with the option `within`.

        A statement under an IF, in a loop or in an exception's handler has the option `conditional` too. What else
        the block may do, its own options say.
        """
        body = block(self.cursor, Body(self.inner, self.dialect))
        return [*self.other("do", options=tuple(body.options)), *body.operations]

    def inner(self, part: Prepared) -> list[Operation]:
        """What a statement of a block does."""
        if not is_query(part):
            return operations(part, self.dialect)
        query, _ = query_in(part, self.dialect)
        source = next(query.sources.values(), None)
        return self.one(
            Change.DATA,
            table=query.table,
            schema=source.schema if source else "",
            query=query,
            place=part.whole,
            sql=part.shown,
        )

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
