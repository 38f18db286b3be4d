"""Rows of the grammar: what migrations change, and how they are run."""

from __future__ import annotations

from typing import Literal

import msgspec

from dblint.libraries.words import AltersWord


class Alters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a call changes of a schema, where a migration makes it: places as slots have them.

    `table`: the table, or `model`: the model whose table it is. `name`: the column, index or key, or the new name of
    what gets one; `old`: the name before. `field`: the field that a column is read from, or the object that is the
    index or key; `columns`: the columns of an index or key; `unique`: whether the index is a unique one; `kind`: of
    the key. `fields`, `options`: a new model's fields as pairs of a name and a field, and what its `Meta` says.
    """

    change: AltersWord
    table: str = ""
    model: str = ""
    name: str = ""
    old: str = ""
    field: str = ""
    columns: str = ""
    unique: str = ""
    kind: Literal["", "unique", "foreign", "check", "primary"] = ""
    fields: str = ""
    options: str = ""
    body: str = ""
    """The function that builds the table, or what is changed of it: calls on what it is given say each thing."""
    called: str = ""
    """How the library calls what the call gives no name (`{table}_{columns}_index`); of columns, which they are."""
    hedged: bool = False
    """Nothing happens where it has happened before (IF EXISTS)."""
    target: str = ""
    """Of a foreign key: the table that it leads to, its columns there, and what happens to it."""
    target_columns: str = ""
    on_delete: str = ""
    on_update: str = ""


class Script(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a tool runs numbered files of migrations that are given a value of a type: the functions that it calls, by
    the way that they go. `within`: the entry of an object that holds it, where they are given one. `returned`: it runs
    the SQL that they return; `outside`: the name in the file that, where it is false, keeps them out of a
    transaction."""

    up: str
    down: str = ""
    within: str = ""
    returned: bool = False
    outside: str = ""


class ScriptTool(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a tool that is made by a call runs numbered files of migrations: the functions that it calls in them, by the
    way that they go, and what it gives to these. `listed`: where the list stands that holds it, in order; `entries`:
    where the object stands whose entries they are given in one, if there is no such list."""

    up: str
    down: str = ""
    listed: str = ""
    entries: str = ""


class MigrationClass(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a class is a migration. `operations`: its attribute that lists what it does; `outside`: the one that, where
    it is false, keeps it out of a transaction."""

    operations: str
    outside: str = ""
