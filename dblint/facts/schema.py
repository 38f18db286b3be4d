"""Tables as the catalogue holds them, and the operations that change them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dblint.facts.query import Clause, Expression, Order, Query, Verb
from dblint.facts.text import Place

DOCUMENT_DATABASES = frozenset({"mongodb"})
"""Databases whose tables are collections of documents: they have no columns, no foreign keys and no SQL."""

DOCUMENT_KEY = "_id"
"""The key of every document."""

OF_REFERENCE = ".$id"
"""The end of a path to the key in a reference, which stands for the reference."""


class SchemaColumn(msgspec.Struct, frozen=True, array_like=True):
    """A column. `type` is the database's own word, lower case (`varchar(255)`), "" when unknown;
    `attribute` is the name that the model's code uses. `enum` are the words that the database allows,
    `choices` the values that the code allows, of which the database knows nothing."""

    name: str
    type: str = ""
    nullable: bool | None = None
    default: str = ""
    attribute: str = ""
    default_by: str = ""  # "" | "client" | "database"
    place: Place | None = None
    enum: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class Key(msgspec.Struct, frozen=True, array_like=True):
    """A primary, unique or foreign key, or a check or exclusion constraint. `expression` is a check's
    condition as written; `columns` of a check are the columns it names. `on_delete_by`: who does what
    `on_delete` says; "client": the library that the model belongs to, and the database has no action. `sought`: of a
    reference in a document, the fields by which it is looked for, where these are not `columns` (`customer.$id`)."""

    kind: str  # primary | unique | foreign | check | exclude
    columns: tuple[str, ...]
    name: str = ""
    target: str = ""
    target_columns: tuple[str, ...] = ()
    on_delete: str = ""
    on_update: str = ""
    enforced: bool = True
    place: Place | None = None
    expression: str = ""
    on_delete_by: str = "database"
    sought: tuple[str, ...] = ()


class IndexColumn(msgspec.Struct, frozen=True, array_like=True):
    """One column or expression of an index."""

    name: str
    descending: bool = False
    expression: bool = False
    length: int = 0
    operator_class: str = ""


class Index(msgspec.Struct, frozen=True, array_like=True):
    """An index."""

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool = False
    method: str = ""
    predicate: str = ""
    include: tuple[str, ...] = ()
    place: Place | None = None


class Relation(msgspec.Struct, frozen=True, array_like=True):
    """A relation that a model declares. `kind`: to-one, to-many, many-to-many, "" for cannot say. `inverse`: what
    the other end calls it. `eager`: how the library loads it where that is not when it is read: joined, selectin …
    `ordered`: it says in which order its rows come."""

    name: str
    target: str
    kind: str
    columns: tuple[str, ...] = ()
    target_columns: tuple[str, ...] = ()
    inverse: str = ""
    eager: str = ""
    place: Place | None = None
    ordered: bool = False


class Beside(msgspec.Struct, frozen=True, array_like=True):
    """Code of the project that the model's library runs for each row that a statement of these verbs writes by
    itself, and that a statement for many rows passes by: a method of the model, or a function that listens. `name`
    is its own, "" for what a library runs; `place` where it stands, or where it is connected. `unread`: it hears of
    every model, and whether it does anything for this one cannot be said."""

    name: str
    verbs: tuple[Verb, ...]
    place: Place
    unread: bool = False


class Table(msgspec.Struct, frozen=True, array_like=True):
    """A table or view. `complete` says that every column, key and index is known. `database`: the dialect of the
    database that it lies in, "" where that is not known or several have it. `idiom`: key into `Project.idioms`.
    `extends`: the tables that have a row of their own for each of its rows, which its model's library writes with it.
    `beside`: what runs beside statements on single rows, whichever of the table's models they are written by.
    `small`: the user says that it holds few rows and stays so. `schemaless`: nothing declares its columns, and a row
    may have any; `complete` then says only that its keys and indexes are all known."""

    name: str
    schema: str = ""
    model: str = ""
    origin: str = ""  # prisma | model | ddl | migration | calls
    database: str = ""
    view: bool = False
    columns: tuple[SchemaColumn, ...] = ()
    keys: tuple[Key, ...] = ()
    indexes: tuple[Index, ...] = ()
    relations: tuple[Relation, ...] = ()
    complete: bool = False
    place: Place | None = None
    options: tuple[tuple[str, str], ...] = ()  # what DDL says besides: ("engine", "innodb"), ("partition by", "…")
    idiom: str = ""
    order: Clause[Order] = Clause()  # what the model's library sorts by where a query says nothing else
    extends: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()
    small: bool = False
    schemaless: bool = False

    def is_named(self, word: str) -> bool:
        """Whether a person may call it so: by its name, with or without the schema, or by its model's."""
        return word.lower() in {name.lower() for name in (self.name, f"{self.schema}.{self.name}", self.model) if name}

    def column(self, name: str) -> SchemaColumn | None:
        """The column of that name or attribute; of a table without a schema, any that is asked for."""
        for column in self.columns:
            if name in (column.name, column.attribute):
                return column
        return SchemaColumn(name) if self.schemaless and name else None

    def relation(self, name: str) -> Relation | None:
        """The relation of that name."""
        return next((relation for relation in self.relations if relation.name == name), None)

    def unique_sets(self) -> tuple[frozenset[str], ...]:
        """The sets of columns that name at most one row."""
        sets = [frozenset(key.columns) for key in self.keys if key.kind in ("primary", "unique")]
        sets += [
            frozenset(column.name for column in index.columns)
            for index in self.indexes
            if index.unique and not index.predicate
        ]
        return tuple(sets)


UNNAMED = ("named", "by class")
"""The option of a declared table whose name is not known: `Table.name` is that of its model."""
OUTLINE = ("columns", "elsewhere")
"""The option of a declared table whose model does not say which columns it has, but for some: the database does."""
OF_COLUMN: tuple[tuple[str, str], ...] = (("of", "column"),)
"""The options of an index that a migration makes because a column's declaration asks for one."""
UNSAID = ("concurrently", "unknown")
"""An option of an index of which cannot be said whether it is built concurrently."""
OF_CONSTRAINT: tuple[tuple[str, str], ...] = (("of", "constraint"),)
"""The options of an index that a database makes of what a migration calls a constraint."""
OF_UNIQUE: tuple[tuple[str, str], ...] = (("of", "unique"),)
"""The options of an index that a migration makes beside the unique constraint of a column's declaration."""

UNREAD = "unread"
"""The option of a block of procedural code that may change any table."""
CALLS = "calls"
"""The option of a block of procedural code that calls the routine of that name."""


class Change(StrEnum):
    """What an operation does to the schema."""

    CREATE_TABLE = "create-table"
    DROP_TABLE = "drop-table"
    RENAME_TABLE = "rename-table"
    ADD_COLUMN = "add-column"
    DROP_COLUMN = "drop-column"
    RENAME_COLUMN = "rename-column"
    ALTER_TYPE = "alter-type"
    SET_NOT_NULL = "set-not-null"
    DROP_NOT_NULL = "drop-not-null"
    SET_DEFAULT = "set-default"
    DROP_DEFAULT = "drop-default"
    ADD_KEY = "add-key"
    DROP_KEY = "drop-key"
    VALIDATE_KEY = "validate-key"
    CREATE_INDEX = "create-index"
    DROP_INDEX = "drop-index"
    RENAME_INDEX = "rename-index"
    CREATE_VIEW = "create-view"
    DROP_VIEW = "drop-view"
    TRUNCATE = "truncate"
    DATA = "data"  # a SELECT, INSERT, UPDATE or DELETE inside a migration: see `query`
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SET = "set"  # SET lock_timeout = …
    OTHER = "other"


class Operation(msgspec.Struct, frozen=True, array_like=True):
    """One change of the schema, in SQL or in a migration's own words."""

    change: Change
    table: str = ""
    schema: str = ""
    name: str = ""  # of the index, key, view, new name
    place: Place | None = None
    columns: tuple[SchemaColumn, ...] = ()
    key: Key | None = None
    index: Index | None = None
    concurrent: bool = False
    if_exists: bool = False
    if_not_exists: bool = False
    not_valid: bool = False
    using: Expression | None = None
    definition: Table | None = None
    query: Query | None = None
    cascade: bool = False
    temporary: bool = False
    dialect: str = ""
    sql: str = ""
    value: str = ""  # SET and PRAGMA: the value as written; renames of other things: the new name
    options: tuple[tuple[str, str], ...] = ()  # ("algorithm", "inplace"), ("lock", "none"), ("materialized", "")
    words: frozenset[str] = frozenset()  # code that runs: the names and texts in it, lower case; none where not known


class Direction(StrEnum):
    """Which way a migration's step goes."""

    UP = "up"
    DOWN = "down"


class Step(msgspec.Struct, frozen=True, array_like=True):
    """An operation of a migration, in order, with what surrounds it."""

    operation: Operation
    direction: Direction = Direction.UP
    conditional: bool = False
    loop: bool = False
    non_transactional: bool = False  # inside an explicit autocommit block


class Migration(msgspec.Struct, frozen=True, array_like=True):
    """One migration. `runner` names the tool that runs it (`prisma`, `django`, `alembic`, `typeorm`,
    `sql`); `transactional` is what that tool does around it: True, False, or None for cannot say.
    `chain` is the same for the migrations that build one database; `order` sorts within it."""

    path: str
    runner: str
    chain: str
    order: tuple[str, ...]
    name: str = ""
    dialect: str = ""
    dialect_reason: str = ""
    dialect_sure: bool = False
    transactional: bool | None = None
    steps: tuple[Step, ...] = ()
    reversible: bool | None = None
    dependencies: tuple[str, ...] = ()
    place: Place | None = None
    idiom: str = ""
    fresh: bool = False  # runs only where nothing was built yet: it stands for earlier migrations
    sealed: bool = False  # its runner notes what the file held when it ran, and complains where that has changed
    afterwards: bool = False  # runs when no release is left that used what it takes away
    written: str = ""  # when it was written, as its file says before the code (ISO 8601)
    concurrently: tuple[str, ...] = ()  # words of the other arm of its condition, where that builds an index so


_PLAIN = frozenset(
    """int int2 int4 int8 integer smallint tinyint mediumint bigint serial smallserial bigserial number numeric decimal
    real float float4 float8 double bool boolean date time timetz timestamp timestamptz datetime datetime2
    datetimeoffset smalldatetime year interval uuid uniqueidentifier""".split()
)
"""Types whose values are numbers or print like them: dates, times, UUIDs."""
_BESIDE = frozenset("unsigned zerofill precision with without time zone".split())
"""Words that such a type may have besides."""


def prints_plainly(kind: str) -> bool:
    """Whether all values of a column's type are numbers or print like them: `integer unsigned`, `numeric(9, 2)`,
    `timestamp with time zone`; an array prints its elements."""
    before, _, behind = kind.replace("[]", " ").partition("(")
    words = [*before.split(), *behind.partition(")")[2].split()]
    return bool(words) and words[0] in _PLAIN and _BESIDE.issuperset(words[1:])
