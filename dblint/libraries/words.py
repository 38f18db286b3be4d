"""The words that a row of a table may say, set by set; `docs/tables.md` explains each."""

from __future__ import annotations

from typing import Literal

Reader = Literal[
    "lookups",
    "document",
    "finder",
    "document-lookups",
    "mql",
    "operators",
    "columns",
    "fragment",
    "names",
    "relation-path",
    "paths",
    "tree",
    "each",
    "keys",
    "results",
    "statements",
    "models",
    "",
    "key",
    "key-list",
    "parent",
    "identifiers",
    "triple",
    "graph",
    "resources",
]
Trigger = Literal["iterate", "async-iterate", "len", "truth", "index", "slice", "await", "contains", "callback"]
Verb = Literal["select", "insert", "update", "delete", "upsert", "aggregate", "text", "ddl", "command"]
TriggerWord = Literal["", "iterate", "len", "truth", "await"]
TruthWord = Literal["", "true", "false", "raises"]
EffectWord = Literal[
    "begin", "lock", "commit", "rollback", "connect", "acquire", "release", "close", "change-schema", "query"
]
Direction = Literal["", "ascending", "descending"]
Fate = Literal["each", "once", "transaction", "builder", "later", "resolver", "conditional", "start"]
StringWord = Literal[
    "",
    "same",
    "extended",
    "last",
    "format",
    "format-map",
    "dollar",
    "percent",
    "concat",
    "join",
    "replace",
    "replace-first",
    "substitute",
    "derived",
    "keys",
    "filled",
    "mapping",
    "template",
]
ListWord = Literal["", "append", "extend", "same", "lookup", "take", "one"]
PartWord = Literal["", "values", "pairs"]
IteratesWord = Literal["", "same", "chunks", "numbers", "slice", "until-first", "entries", "parts", "groups", "joined"]
TestWord = Literal[
    "",
    "member",
    "position",
    "subset",
    "pattern",
    "pattern-inside",
    "whole-pattern",
    "matched",
    "plain",
    "number",
    "type",
    "every",
    "some",
    "subclass",
    "attribute",
]
EntryWord = Literal["", "command", "start"]
DeclaresWord = Literal[
    "",
    "beanie",
    "django",
    "drizzle",
    "mikroorm",
    "mongoengine",
    "mongoose",
    "objection",
    "peewee",
    "sequelize",
    "sqlalchemy",
    "tortoise",
    "typeorm",
]
AltersWord = Literal[
    "create-table",
    "drop-table",
    "rename-table",
    "add-column",
    "drop-column",
    "rename-column",
    "alter-type",
    "set-not-null",
    "drop-not-null",
    "set-default",
    "drop-default",
    "add-key",
    "drop-key",
    "create-index",
    "drop-index",
    "rename-index",
    "data",
    "other",
]
"""What a call changes of a schema, in the words of `dblint.facts.schema.Change`."""
LoadingWord = Literal["", "joined", "from-join", "separate", "on-read", "refused"]
OriginWord = Literal[
    "", "constant", "number", "rendered", "identifier", "placeholders", "schema", "request", "configuration", "database"
]
StandsWord = Literal["", "column", "outer", "value", "conditions", "and", "or", "not", "query", "exists"]
ShownWord = Literal["", "value", "key", "text", "attribute", "method", "rows", "nothing"]
