"""How the program uses its tables: what is deleted, and by which foreign keys rows are looked for."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dblint.facts.program import FileRole
from dblint.facts.text import Place

PROGRAM = frozenset({FileRole.APP, FileRole.SCRIPT})
"""The roles of files that are the running program."""


class Removal(msgspec.Struct, frozen=True, array_like=True):
    """Where rows of a table are deleted. `through`: the table whose rows are deleted there, where the table's own rows
    go with them because a foreign key says so; "" where they are deleted themselves. `seldom`: only scripts, commands
    and administrators do it, as far as the names of files and functions tell, and what guards those. `alone`: rows are
    only deleted one at a time and for their own sake (the functions around it make and change no rows of the table, as
    they would where one takes another's place), and those of `along` and `through` likewise. `along`: where they are
    deleted themselves, the table with whose rows they go as well, and where."""

    place: Place
    through: str = ""
    seldom: bool = False
    alone: bool = False
    along: tuple[str, Place] | None = None


class Lookup(msgspec.Struct, frozen=True, array_like=True):
    """Where rows of a table are looked for by a foreign key of it. `kind`: condition (a value of the column), relation
    (the rows that belong to those of the other table), join (from a condition on the other table). `seldom`: only
    scripts and commands do it, as far as the names of files and functions tell. `beside`: the first columns of other
    foreign keys of the table whose values are always named there, too: an index of one of them serves as well."""

    place: Place
    kind: str
    seldom: bool = False
    beside: tuple[str, ...] = ()


class Making(msgspec.Struct, frozen=True, array_like=True):
    """Where the program makes rows of a table: the id of the function around, "" at module level. `administrators`:
    nobody else runs it, by what guards it, or it is a script or command, by its name or its file's. `granted`: only
    those run it to whom a permission or a role was granted, by the names of what guards it. `new`: the row was not
    there before; false where that is not said of a row that is saved. `form`: a form of the model may make it, which
    the function uses."""

    function: str
    path: str
    administrators: bool = False
    granted: bool = False
    new: bool = True
    form: bool = False


class Uses(msgspec.Struct, frozen=True):
    """What the program's own queries do with its tables, names in lower case. Tests, migrations and seeds are not the
    program, nor are functions that tests alone call."""

    removals: Mapping[str, Removal] = msgspec.field(default_factory=dict)
    """Table → where rows of it are deleted: the first place that does it often, else the first."""
    lookups: Mapping[tuple[str, str], Lookup] = msgspec.field(default_factory=dict)
    """Table and first column of a foreign key → where rows are looked for by it and no better index serves, chosen like
    a deletion; among these the plainest."""
    whole: frozenset[str] = frozenset()
    """Tables of which the application reads every row at once, or every row of the few that it is set up for: to its
    authors they are small."""
    few: frozenset[str] = frozenset()
    """Tables that have few rows: those that many others refer to and whose rows are made where the program is set up
    and nowhere else (its tenants), and those that do nothing but pair rows of tables in `whole`."""
    anything: bool = False
    """Something deletes rows of a table of which nobody can say which one it is, in a database that may check keys."""
    chosen: frozenset[tuple[str, str]] = frozenset()
    """Table and first column of the foreign keys by whose values the program often looks for rows, with an index or
    without."""

    derived: frozenset[str] = frozenset()
    """Tables whose rows a function of the program makes of other tables': it deletes all that are there and inserts
    them anew."""

    def removal(self, table: str) -> Removal | None:
        """Where rows of the table are deleted."""
        return self.removals.get(table.lower())

    def lookup(self, table: str, column: str) -> Lookup | None:
        """Where rows of the table are looked for by the foreign key that begins with the column."""
        return self.lookups.get((table.lower(), column.lower()))
