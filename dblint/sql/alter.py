"""ALTER TABLE: one operation per action."""

from __future__ import annotations

import msgspec

from dblint.facts.schema import Change, Index, Key, Operation, SchemaColumn, Table
from dblint.sql.columns import column, expression, type_of
from dblint.sql.cursor import Cursor
from dblint.sql.fragments import expression_of
from dblint.sql.keys import begins_constraint, begins_index, constraint, table_index
from dblint.sql.tokens import words

_ACTIONS = words(
    "ADD DROP ALTER MODIFY CHANGE RENAME VALIDATE ENABLE DISABLE FORCE NO OWNER SET RESET ATTACH DETACH INHERIT "
    "REPLICA CLUSTER CONVERT ENGINE ALGORITHM LOCK AUTO_INCREMENT COMMENT DEFAULT CHARACTER CHARSET COLLATE "
    "ROW_FORMAT ORDER PARTITION COALESCE REORGANIZE EXCHANGE TRUNCATE IMPORT DISCARD OPTIMIZE ANALYZE REBUILD "
    "REMOVE CHECK UPDATE DELETE MATERIALIZE CLEAR FREEZE OF NOT WITH WITHOUT KEY_BLOCK_SIZE TABLESPACE SWITCH"
)
_ADDED = frozenset(
    {("PARTITION", "("), ("PARTITION", "BY"), ("PARTITION", "PARTITIONS"), ("PERIOD", "FOR"), ("SYSTEM", "VERSIONING")}
)
_MODIFIED = words("ORDER TTL SETTING QUERY COMMENT")
_PARTS = words("PARTITION PROJECTION INDEX COLUMN TTL STATISTICS TABLESPACE IDENTITY INHERIT BY TO KEYS CHARACTER")
_OPTIONS = words("ALGORITHM LOCK ENGINE AUTO_INCREMENT COMMENT ROW_FORMAT COLLATE CHARSET KEY_BLOCK_SIZE")


def alter_table(cursor: Cursor, dialect: str) -> list[Operation]:
    """Reads the rest of an ALTER TABLE, from behind its words."""
    if_exists = cursor.accept("IF", "EXISTS")
    cursor.accept("ONLY")
    schema, table = cursor.qualified()
    cursor.accept("*")
    if cursor.accept("ON", "CLUSTER"):
        cursor.skip()
    base = Operation(Change.OTHER, table, schema, if_exists=if_exists, dialect=dialect)
    if cursor.done:
        raise cursor.unexpected("an action")
    reader = _Alter(cursor, base)
    stop = cursor.stop
    for first, last in cursor.items(cursor.index, stop):
        cursor.index, cursor.stop = first, last
        reader.action(first)
    cursor.index = cursor.stop = stop
    if reader.options:
        return [msgspec.structs.replace(operation, options=tuple(reader.options)) for operation in reader.found]
    return reader.found


class _Alter:
    """The actions of one ALTER TABLE."""

    def __init__(self, cursor: Cursor, base: Operation) -> None:
        self.cursor = cursor
        self.base = base
        self.found: list[Operation] = []
        self.options: list[tuple[str, str]] = []
        self.previous = ""
        self.start = 0

    def add(self, change: Change, **fields: object) -> None:
        """An operation of this action."""
        cursor = self.cursor
        end = cursor.tokens[max(cursor.stop, self.start + 1) - 1].stop
        place = cursor.prepared.place(cursor.tokens[self.start].start, end)
        self.found.append(msgspec.structs.replace(self.base, change=change, place=place, **fields))

    def other(self, name: str, value: str = "") -> None:
        """An action that has no word of its own."""
        self.cursor.index = self.cursor.stop
        self.add(Change.OTHER, name=name, value=value)

    def action(self, first: int) -> None:
        """Reads one action."""
        cursor = self.cursor
        self.start = first
        word = cursor.word()
        if cursor.done:
            raise cursor.unexpected("an action")
        if word in _OPTIONS and cursor.word(1) != "COLUMN":
            self.option(word)
            return
        if word not in _ACTIONS:
            if self.previous != "ADD":
                raise cursor.unexpected("an action")
            self.add_item()
            return
        self.previous = word
        cursor.index += 1
        method = getattr(self, f"_{word.lower()}", None)
        if method is not None:
            method()
        else:
            second = cursor.word() if cursor.word() in _PARTS else ""
            self.other(f"{word.lower()} {second.lower()}".rstrip())

    def option(self, word: str) -> None:
        """`ALGORITHM = INPLACE` and the like hold for the whole statement."""
        cursor = self.cursor
        cursor.index += 1
        cursor.accept("=")
        first = cursor.index
        value = cursor.text(first, cursor.stop).lower()
        cursor.index = cursor.stop
        self.options.append((word.lower(), value))
        if word not in ("ALGORITHM", "LOCK"):
            self.add(Change.OTHER, name=word.lower(), value=value)

    # ADD

    def _add(self) -> None:
        if self.cursor.accept("GENERATED"):
            self.other("add generated")
            return
        self.add_item()

    def add_item(self) -> None:
        """What is added: a column, a list of columns, a key or an index."""
        cursor = self.cursor
        if cursor.at("UNIQUE", "INDEX") or cursor.at("UNIQUE", "KEY") or begins_index(cursor):
            self.add_index()
            return
        if begins_constraint(cursor):
            key, not_valid, used = constraint(cursor)
            index = Index(used, (), unique=True) if used else None
            self.add(Change.ADD_KEY, name=key.name, key=key, not_valid=not_valid, index=index)
            return
        if (cursor.word(), cursor.word(1)) in _ADDED or (cursor.at("PROJECTION") and cursor.word(2) == "("):
            self.other(f"add {cursor.word().lower()}")
            return
        cursor.accept("COLUMN")
        if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
        if cursor.word() == "(":
            first, last = cursor.group()
            after, stop = cursor.index, cursor.stop
            for start, end in cursor.items(first, last):
                cursor.index, cursor.stop = start, end
                if begins_constraint(cursor):
                    key, not_valid, _ = constraint(cursor)
                    self.add(Change.ADD_KEY, name=key.name, key=key, not_valid=not_valid)
                else:
                    self.add_column(if_not_exists=if_not_exists)
            cursor.index, cursor.stop = after, stop
            return
        self.add_column(if_not_exists=if_not_exists)

    def add_column(self, *, if_not_exists: bool) -> None:
        """A column, and the keys that stand in its definition."""
        cursor = self.cursor
        defined = column(cursor)
        cursor.index = cursor.stop
        definition = Table(self.base.table, self.base.schema, origin="ddl", keys=defined.keys) if defined.keys else None
        self.add(
            Change.ADD_COLUMN,
            name=defined.column.name,
            columns=(defined.column,),
            definition=definition,
            if_not_exists=if_not_exists,
            not_valid=defined.not_valid,
            value=defined.position,
        )

    def add_index(self) -> None:
        """An index, which MySQL adds by ALTER TABLE."""
        cursor = self.cursor
        if cursor.word() == "INDEX" and cursor.word(1) == "IF":
            cursor.index += 1
            cursor.accept("IF", "NOT", "EXISTS")
        index = table_index(cursor)
        self.add(Change.CREATE_INDEX, name=index.name, index=index)

    # DROP

    def _drop(self) -> None:
        cursor = self.cursor
        if cursor.accept("CONSTRAINT") or (cursor.at("FOREIGN", "KEY") and self.skip(2)):
            self.named(Change.DROP_KEY)
        elif cursor.at("PRIMARY", "KEY"):
            cursor.index = cursor.stop
            self.add(Change.DROP_KEY, key=Key("primary", ()))
        elif cursor.word() in ("INDEX", "KEY") and cursor.is_name(1):
            cursor.index += 1
            self.named(Change.DROP_INDEX)
        elif cursor.at("CHECK") and cursor.is_name(1):
            cursor.index += 1
            self.named(Change.DROP_KEY)
        elif cursor.word() in ("PARTITION", "PROJECTION", "PERIOD") and cursor.word(1):
            self.other(f"drop {cursor.word().lower()}")
        else:
            cursor.accept("COLUMN")
            if cursor.word() == "(":
                names = cursor.names()
                for name in names:
                    self.add(Change.DROP_COLUMN, name=name, columns=(SchemaColumn(name),))
                return
            self.named(Change.DROP_COLUMN)

    def skip(self, count: int) -> bool:
        """Reads so many tokens."""
        self.cursor.index += count
        return True

    def named(self, change: Change) -> None:
        """`[IF EXISTS] name [CASCADE]`."""
        cursor = self.cursor
        if_exists = cursor.accept("IF", "EXISTS")
        name = cursor.name()
        cascade = cursor.accept("CASCADE")
        cursor.accept("RESTRICT")
        self.finished()
        columns = (SchemaColumn(name),) if change is Change.DROP_COLUMN else ()
        key = Key("", (), name) if change in (Change.DROP_KEY, Change.VALIDATE_KEY) else None
        index = Index(name, ()) if change is Change.DROP_INDEX else None
        exists = if_exists or self.base.if_exists
        self.add(change, name=name, columns=columns, key=key, index=index, if_exists=exists, cascade=cascade)

    def finished(self) -> None:
        """Raises where something is left over."""
        if not self.cursor.done:
            raise self.cursor.unexpected("the end of the action")

    # ALTER COLUMN

    def _alter(self) -> None:
        cursor = self.cursor
        if cursor.word() in ("CONSTRAINT", "INDEX", "CHECK") and cursor.is_name(1):
            self.other(f"alter {cursor.word().lower()}")
            return
        if cursor.at("COLUMN") and cursor.is_name(1):
            cursor.index += 1
        if cursor.accept("IF", "EXISTS"):
            pass
        name = cursor.name()
        plain = SchemaColumn(name)
        if cursor.accept("SET", "DATA", "TYPE") or cursor.accept("TYPE"):
            self.change_type(name)
        elif cursor.accept("SET", "DEFAULT"):
            default = expression(cursor)
            made = SchemaColumn(name, default=default, default_by="database")
            self.add(Change.SET_DEFAULT, name=name, columns=(made,))
        elif cursor.accept("DROP", "DEFAULT"):
            self.add(Change.DROP_DEFAULT, name=name, columns=(plain,))
        elif cursor.accept("SET", "NOT", "NULL"):
            self.add(Change.SET_NOT_NULL, name=name, columns=(SchemaColumn(name, nullable=False),))
        elif cursor.accept("DROP", "NOT", "NULL"):
            self.add(Change.DROP_NOT_NULL, name=name, columns=(SchemaColumn(name, nullable=True),))
        elif cursor.word() in ("ADD", "DROP", "SET", "RESET", "RESTART"):
            verb = " ".join(word.lower() for word in (cursor.word(), cursor.word(1)) if word.isalpha())
            cursor.index = cursor.stop
            self.add(Change.OTHER, name=f"alter column {verb}", columns=(plain,))
        elif cursor.is_name():
            cursor.index -= 1
            defined = column(cursor)
            self.finished()
            self.add(Change.ALTER_TYPE, name=name, columns=(defined.column,))
        else:
            raise cursor.unexpected("what to alter")

    def change_type(self, name: str) -> None:
        """`TYPE type [COLLATE x] [USING expression]`."""
        cursor = self.cursor
        kind, enum = type_of(cursor)
        if not kind:
            raise cursor.unexpected("a type")
        if cursor.accept("COLLATE"):
            cursor.qualified()
        using = None
        if cursor.accept("USING"):
            if cursor.done:
                raise cursor.unexpected("an expression")
            first = cursor.index
            using = expression_of(
                cursor.prepared, cursor.tokens[first].start, cursor.tokens[cursor.stop - 1].stop, self.base.dialect
            )
            cursor.index = cursor.stop
        cursor.any_of("CASCADE", "RESTRICT")
        self.finished()
        self.add(Change.ALTER_TYPE, name=name, columns=(SchemaColumn(name, kind, None, enum=enum),), using=using)

    def _modify(self) -> None:
        cursor = self.cursor
        cursor.accept("COLUMN")
        cursor.accept("IF", "EXISTS")
        if cursor.done or (cursor.word() in _MODIFIED and cursor.word(1) in ("BY", "")):
            self.other("modify")
            return
        if cursor.word() == "(":
            first, _ = cursor.group()
            cursor.index = first
        defined = column(cursor)
        cursor.index = cursor.stop
        self.add(Change.ALTER_TYPE, name=defined.column.name, columns=(defined.column,), value=defined.position)

    def _change(self) -> None:
        cursor = self.cursor
        cursor.accept("COLUMN")
        old = cursor.name()
        defined = column(cursor)
        cursor.index = cursor.stop
        new = defined.column.name
        if new != old:
            self.add(Change.RENAME_COLUMN, name=new, columns=(SchemaColumn(old),))
        self.add(Change.ALTER_TYPE, name=new, columns=(defined.column,), value=defined.position)

    # RENAME and the rest

    def _rename(self) -> None:
        cursor = self.cursor
        if cursor.any_of("TO", "AS"):
            self.add(Change.RENAME_TABLE, name=cursor.qualified()[1])
        elif cursor.accept("CONSTRAINT"):
            old = cursor.name()
            cursor.expect("TO")
            self.add(Change.OTHER, name="rename constraint", key=Key("", (), old), value=cursor.name())
        elif cursor.word() in ("INDEX", "KEY") and cursor.word(2) == "TO":
            cursor.index += 1
            old = cursor.name()
            cursor.expect("TO")
            self.add(Change.RENAME_INDEX, name=cursor.name(), index=Index(old, ()))
        else:
            if cursor.peek(1) is not None and cursor.word(1) != "TO":
                cursor.accept("COLUMN")
                cursor.accept("IF", "EXISTS")
            old = cursor.name()
            if cursor.done:
                self.add(Change.RENAME_TABLE, name=old)
                return
            cursor.expect("TO")
            self.add(Change.RENAME_COLUMN, name=cursor.name(), columns=(SchemaColumn(old),))
        self.finished()

    def _validate(self) -> None:
        self.cursor.expect("CONSTRAINT")
        self.named(Change.VALIDATE_KEY)

    def _detach(self) -> None:
        cursor = self.cursor
        cursor.expect("PARTITION")
        _, name = cursor.qualified()
        concurrent = cursor.accept("CONCURRENTLY")
        cursor.accept("FINALIZE")
        self.add(Change.OTHER, name="detach partition", value=name, concurrent=concurrent)

    def _attach(self) -> None:
        self.cursor.expect("PARTITION")
        self.other("attach partition", self.cursor.name())

    def _enable(self) -> None:
        self.switch("enable")

    def _disable(self) -> None:
        self.switch("disable")

    def _force(self) -> None:
        self.switch("force")

    def switch(self, verb: str) -> None:
        """ENABLE, DISABLE or FORCE something: row level security, a trigger, a rule."""
        cursor = self.cursor
        if cursor.at("ROW", "LEVEL", "SECURITY"):
            self.other(f"{verb} row level security")
        else:
            self.other(f"{verb} {cursor.word().lower()}".rstrip())

    def _set(self) -> None:
        cursor = self.cursor
        self.other(f"set {cursor.word().lower()}".rstrip() if cursor.word().isalpha() else "set")

    def _owner(self) -> None:
        self.cursor.expect("TO")
        self.other("owner to")

    def _delete(self) -> None:
        self.other("delete")

    def _update(self) -> None:
        self.other("update")
