"""What each database can do under Prisma, and how Prisma's types are spelled there.

A connector says which schemas Prisma accepts for a `provider` and which columns they become. Database
types are the words of Prisma's own migrations in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCALARS = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")
"""The built-in types. No block may have one of these names."""

ACTIONS = ("Cascade", "Restrict", "NoAction", "SetNull", "SetDefault")
"""Referential actions, as `onDelete` and `onUpdate` name them."""


@dataclass(frozen=True, slots=True)
class NativeType:
    """A type written `@db.Name(…)`.

    `required` and `optional` count its arguments; an optional pair (precision, scale) is given whole or
    not at all. `lowest`/`highest` bound the first argument, `scale` the second. `maximum` says that the
    word `Max` is an argument too. `suffix` follows the arguments (`integer unsigned`).
    """

    word: str
    scalars: tuple[str, ...]
    required: int = 0
    optional: int = 0
    lowest: int = 0
    highest: int = 2**32 - 1
    scale: int = 2**32 - 1
    maximum: bool = False
    suffix: str = ""

    def spelled(self, arguments: tuple[str, ...]) -> str:
        """Return the column type with its arguments, lower case."""
        inside = f"({','.join(argument.lower() for argument in arguments)})" if arguments else ""
        return f"{self.word}{inside}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Connector:
    """A database as Prisma sees it.

    `can` holds the capabilities that the checks ask for, `actions` and `emulated_actions` the referential
    actions with and without foreign keys. `scopes` say within what extent (`database`, `schema`, `model`)
    the names of which kinds of constraints must differ.
    """

    provider: str
    dialect: str
    scalars: Mapping[str, str]
    natives: Mapping[str, NativeType] = field(default_factory=dict)
    longest_name: int = 63
    actions: frozenset[str] = frozenset(ACTIONS)
    emulated_actions: frozenset[str] = frozenset({"Cascade", "Restrict", "SetNull", "NoAction"})
    scopes: tuple[tuple[str, frozenset[str]], ...] = ()
    can: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset({"BTree"})

    @property
    def title(self) -> str:
        """The database as messages name it."""
        return self.provider or "a schema without a datasource"

    def allows(self, action: str, emulated: bool) -> bool:
        """Tell whether a referential action may be used; `emulated`: under `relationMode = "prisma"`."""
        return action in (self.emulated_actions if emulated else self.actions)


def _text(
    word: str, required: int = 0, optional: int = 0, lowest: int = 0, highest: int = 2**32 - 1, *, maximum: bool = False
) -> NativeType:
    return NativeType(word, ("String",), required, optional, lowest, highest, maximum=maximum)


def _plain(word: str, *scalars: str, suffix: str = "") -> NativeType:
    return NativeType(word, scalars, suffix=suffix)


def _moment(word: str) -> NativeType:
    return NativeType(word, ("DateTime",), optional=1, highest=6)


_COMMON = frozenset({"implicit-many-to-many", "autoincrement", "compound-id", "decimal"})
_ARBITRARY = frozenset({"references-in-any-order"})
_AUTOINCREMENT_ANYWHERE = frozenset({"autoincrement-multiple", "autoincrement-non-id", "autoincrement-unindexed"})
_KEY = frozenset({"primary", "index"})

_POSTGRESQL = Connector(
    provider="postgresql",
    dialect="postgres",
    scalars={
        "String": "text",
        "Boolean": "boolean",
        "Int": "integer",
        "BigInt": "bigint",
        "Float": "double precision",
        "Decimal": "decimal(65,30)",
        "DateTime": "timestamp(3)",
        "Json": "jsonb",
        "Bytes": "bytea",
    },
    natives={
        "SmallInt": _plain("smallint", "Int"),
        "Integer": _plain("integer", "Int"),
        "BigInt": _plain("bigint", "BigInt"),
        "Decimal": NativeType("decimal", ("Decimal",), optional=2, lowest=1, highest=1000),
        "Money": _plain("money", "Decimal"),
        "Inet": _plain("inet", "String"),
        "Oid": _plain("oid", "Int"),
        "Citext": _plain("citext", "String"),
        "Real": _plain("real", "Float"),
        "DoublePrecision": _plain("double precision", "Float"),
        "VarChar": _text("varchar", optional=1),
        "Char": _text("char", optional=1),
        "Text": _text("text"),
        "ByteA": _plain("bytea", "Bytes"),
        "Timestamp": _moment("timestamp"),
        "Timestamptz": _moment("timestamptz"),
        "Date": _plain("date", "DateTime"),
        "Time": _moment("time"),
        "Timetz": _moment("timetz"),
        "Boolean": _plain("boolean", "Boolean"),
        "Bit": _text("bit", optional=1, lowest=1),
        "VarBit": _text("varbit", optional=1, lowest=1),
        "Uuid": _text("uuid"),
        "Xml": _text("xml"),
        "Json": _plain("json", "Json"),
        "JsonB": _plain("jsonb", "Json"),
    },
    emulated_actions=frozenset({"Cascade", "Restrict", "SetNull"}),
    scopes=(("schema", _KEY), ("model", _KEY | {"foreign"})),
    can=_COMMON
    | _ARBITRARY
    | _AUTOINCREMENT_ANYWHERE
    | {"enum", "json", "list", "json-list", "schemas", "named-primary-key", "named-foreign-key", "extensions"}
    | {"set-null-on-required", "partial"},
    methods=frozenset({"BTree", "Hash", "Gist", "Gin", "SpGist", "Brin"}),
)

_MYSQL = Connector(
    provider="mysql",
    dialect="mysql",
    scalars={
        "String": "varchar(191)",
        "Boolean": "boolean",
        "Int": "integer",
        "BigInt": "bigint",
        "Float": "double",
        "Decimal": "decimal(65,30)",
        "DateTime": "datetime(3)",
        "Json": "json",
        "Bytes": "longblob",
    },
    natives={
        "Int": _plain("integer", "Int"),
        "UnsignedInt": _plain("integer", "Int", suffix=" unsigned"),
        "SmallInt": _plain("smallint", "Int"),
        "UnsignedSmallInt": _plain("smallint", "Int", suffix=" unsigned"),
        "TinyInt": _plain("tinyint", "Boolean", "Int"),
        "UnsignedTinyInt": _plain("tinyint", "Boolean", "Int", suffix=" unsigned"),
        "MediumInt": _plain("mediumint", "Int"),
        "UnsignedMediumInt": _plain("mediumint", "Int", suffix=" unsigned"),
        "BigInt": _plain("bigint", "BigInt"),
        "UnsignedBigInt": _plain("bigint", "BigInt", suffix=" unsigned"),
        "Decimal": NativeType("decimal", ("Decimal",), optional=2, highest=65, scale=30),
        "Float": _plain("float", "Float"),
        "Double": _plain("double", "Float"),
        "Bit": NativeType("bit", ("Boolean", "Bytes"), required=1, lowest=1, highest=64),
        "Char": _text("char", required=1, highest=255),
        "VarChar": _text("varchar", required=1, highest=65535),
        "Binary": NativeType("binary", ("Bytes",), required=1),
        "VarBinary": NativeType("varbinary", ("Bytes",), required=1),
        "TinyBlob": _plain("tinyblob", "Bytes"),
        "Blob": _plain("blob", "Bytes"),
        "MediumBlob": _plain("mediumblob", "Bytes"),
        "LongBlob": _plain("longblob", "Bytes"),
        "TinyText": _text("tinytext"),
        "Text": _text("text"),
        "MediumText": _text("mediumtext"),
        "LongText": _text("longtext"),
        "Date": _plain("date", "DateTime"),
        "Time": NativeType("time", ("DateTime",), optional=1),
        "DateTime": NativeType("datetime", ("DateTime",), optional=1),
        "Timestamp": NativeType("timestamp", ("DateTime",), optional=1),
        "Year": _plain("year", "Int"),
        "Json": _plain("json", "Json"),
    },
    longest_name=64,
    scopes=(("database", frozenset({"foreign"})), ("model", frozenset({"index"}))),
    can=_COMMON
    | _ARBITRARY
    | {"enum", "json", "length", "fulltext", "many-fulltext", "named-foreign-key", "autoincrement-non-id"}
    | {"shard-key"},
    methods=frozenset({"BTree"}),
)

_SQLITE = Connector(
    provider="sqlite",
    dialect="sqlite",
    scalars={
        "String": "text",
        "Boolean": "boolean",
        "Int": "integer",
        "BigInt": "bigint",
        "Float": "real",
        "Decimal": "decimal",
        "DateTime": "datetime",
        "Json": "jsonb",
        "Bytes": "blob",
    },
    longest_name=10_000,
    emulated_actions=frozenset({"Cascade", "Restrict", "SetNull"}),
    scopes=(("database", frozenset({"index"})),),
    can=_COMMON | _ARBITRARY | {"enum", "json", "partial"},
)

_SQLSERVER = Connector(
    provider="sqlserver",
    dialect="tsql",
    scalars={
        "String": "nvarchar(1000)",
        "Boolean": "bit",
        "Int": "int",
        "BigInt": "bigint",
        "Float": "float(53)",
        "Decimal": "decimal(32,16)",
        "DateTime": "datetime2",
        "Json": "nvarchar(1000)",
        "Bytes": "varbinary(max)",
    },
    natives={
        "TinyInt": _plain("tinyint", "Int"),
        "SmallInt": _plain("smallint", "Int"),
        "Int": _plain("int", "Int"),
        "BigInt": _plain("bigint", "BigInt"),
        "Decimal": NativeType("decimal", ("Decimal",), optional=2, lowest=1, highest=38, scale=38),
        "Money": _plain("money", "Float"),
        "SmallMoney": _plain("smallmoney", "Float"),
        "Bit": _plain("bit", "Boolean", "Int"),
        "Float": NativeType("float", ("Float",), optional=1, lowest=1, highest=53),
        "Real": _plain("real", "Float"),
        "Date": _plain("date", "DateTime"),
        "Time": _plain("time", "DateTime"),
        "DateTime": _plain("datetime", "DateTime"),
        "DateTime2": _plain("datetime2", "DateTime"),
        "DateTimeOffset": _plain("datetimeoffset", "DateTime"),
        "SmallDateTime": _plain("smalldatetime", "DateTime"),
        "Char": _text("char", optional=1, highest=8000),
        "NChar": _text("nchar", optional=1, highest=4000),
        "VarChar": _text("varchar", optional=1, highest=8000, maximum=True),
        "Text": _text("text"),
        "NVarChar": _text("nvarchar", optional=1, highest=4000, maximum=True),
        "NText": _text("ntext"),
        "Binary": NativeType("binary", ("Bytes",), optional=1, highest=8000),
        "VarBinary": NativeType("varbinary", ("Bytes",), optional=1, highest=8000, maximum=True),
        "Image": _plain("image", "Bytes"),
        "Xml": _text("xml"),
        "UniqueIdentifier": _text("uniqueidentifier"),
    },
    longest_name=128,
    actions=frozenset(ACTIONS) - {"Restrict"},
    scopes=(("schema", frozenset({"primary", "foreign", "default"})), ("model", _KEY)),
    can=_COMMON
    | _AUTOINCREMENT_ANYWHERE
    | {"schemas", "named-primary-key", "named-foreign-key", "named-default", "sorted-id", "clustered", "no-cycles"}
    | {"partial"},
)

_COCKROACHDB = Connector(
    provider="cockroachdb",
    dialect="postgres",
    scalars={
        "String": "string",
        "Boolean": "bool",
        "Int": "int4",
        "BigInt": "int8",
        "Float": "float8",
        "Decimal": "decimal(65,30)",
        "DateTime": "timestamp(3)",
        "Json": "jsonb",
        "Bytes": "bytes",
    },
    natives={
        "Bit": _text("bit", optional=1, lowest=1),
        "Bool": _plain("bool", "Boolean"),
        "Bytes": _plain("bytes", "Bytes"),
        "Char": _text("char", optional=1),
        "Date": _plain("date", "DateTime"),
        "Decimal": NativeType("decimal", ("Decimal",), optional=2, lowest=1, highest=1000),
        "Float4": _plain("float4", "Float"),
        "Float8": _plain("float8", "Float"),
        "Inet": _text("inet"),
        "Int2": _plain("int2", "Int"),
        "Int4": _plain("int4", "Int"),
        "Int8": _plain("int8", "BigInt"),
        "JsonB": _plain("jsonb", "Json"),
        "Oid": _plain("oid", "Int"),
        "CatalogSingleChar": _text('"char"'),
        "String": _text("string", optional=1),
        "Time": _moment("time"),
        "Timestamp": _moment("timestamp"),
        "Timestamptz": _moment("timestamptz"),
        "Timetz": _moment("timetz"),
        "Uuid": _text("uuid"),
        "VarBit": _text("varbit", optional=1, lowest=1),
    },
    scopes=(("model", _KEY | {"foreign"}),),
    can=_COMMON
    | _ARBITRARY
    | _AUTOINCREMENT_ANYWHERE
    | {"enum", "json", "list", "schemas", "named-primary-key", "named-foreign-key", "sequence"}
    | {"partial"},
    methods=frozenset({"BTree", "Gin"}),
)

_MONGODB = Connector(
    provider="mongodb",
    dialect="",
    scalars={
        "String": "string",
        "Boolean": "bool",
        "Int": "int",
        "BigInt": "long",
        "Float": "double",
        "DateTime": "timestamp",
        "Json": "json",
        "Bytes": "bindata",
    },
    natives={
        "String": _text("string"),
        "Double": _plain("double", "Float"),
        "BinData": _plain("bindata", "Bytes"),
        "ObjectId": _plain("objectid", "String", "Bytes"),
        "Bool": _plain("bool", "Boolean"),
        "Date": _plain("date", "DateTime"),
        "Int": _plain("int", "Int"),
        "Timestamp": _plain("timestamp", "DateTime"),
        "Long": _plain("long", "Int", "BigInt"),
        "Json": _plain("json", "Json"),
    },
    longest_name=127,
    actions=frozenset(),
    scopes=(("model", frozenset({"index"})),),
    can=_ARBITRARY
    | {"enum", "json", "list", "json-list", "composite", "fulltext", "sorted-fulltext", "auto"}
    | {"embedded-many-to-many", "emulated-only", "documents"},
)

# Without a datasource Prisma allows only what every database can do.
ANY = Connector(
    provider="",
    dialect="",
    scalars={},
    longest_name=10_000,
    can=frozenset({"implicit-many-to-many", "autoincrement", "compound-id", "enum", "json"}),
)

CONNECTORS: Mapping[str, Connector] = {
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "sqlserver": _SQLSERVER,
    "cockroachdb": _COCKROACHDB,
    "mongodb": _MONGODB,
}
"""By the word that a datasource's `provider` holds."""
