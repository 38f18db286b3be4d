"""Tables that have few rows, as far as the program tells.

A program that many installations run once has one tenant there, or a handful: the row is made where the program is set
up, by commands and scripts, and by nobody who uses it. A key to such a table has the same value in nearly every row,
and no database would use an index of it. Where people make tenants themselves (they sign up), the key tells rows apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dblint.facts import spelling
from dblint.facts.program import FileRole
from dblint.facts.schema import Table
from dblint.facts.uses import Removal
from dblint.link.makers import Maker, Makers

COMMANDS = frozenset("cli command commands console maintenance management".split())
"""Words in the names of files, folders and functions that somebody starts by hand."""
SETTING_UP = frozenset("bootstrap install installation installer seed seeds setup".split())
"""Words in the names of files and folders that run when a program is set up."""
STARTING = frozenset("bootstrap create init initialise initialize populate seed setup".split())
DATABASE = frozenset({"database", "db"})
"""A function that is named by one word of each sets a database up (`init_db`)."""
TENANTS = 3
"""Tables that refer to the one of the tenants, at least."""


def tenants(
    tables: Mapping[str, Table], asked: Iterable[str], removed: Mapping[str, Removal], makers: Makers
) -> frozenset[str]:
    """Of these tables, those that others refer to and whose rows are made where the program is set up only, and not
    deleted where it is used."""
    asked = {*asked}
    referring: dict[str, set[str]] = {}
    for name, table in tables.items():
        for key in table.keys:
            if key.kind == "foreign" and key.target.lower() in asked and key.target.lower() != name:
                referring.setdefault(key.target.lower(), set()).add(name)
    found: set[str] = set()
    for target, from_where in referring.items():
        removal = removed.get(target)
        if len(from_where) < TENANTS or (removal is not None and not removal.seldom):
            continue
        made = makers.of(target)
        if made and all(_sets_up(maker, makers) for maker in made):
            found.add(target)
    return frozenset(found)


def pairs(tables: Mapping[str, Table], short: frozenset[str], few: frozenset[str]) -> frozenset[str]:
    """The tables that do nothing but pair rows of short ones: foreign keys to two of them, and besides these at most
    the rows' own key, that of their tenant, and yes or no."""
    found: set[str] = set()
    for name, table in tables.items():
        keys = [key for key in table.keys if key.kind == "foreign"]
        targets = {key.target.lower() for key in keys} - few
        if len(targets) < 2 or not targets <= short:
            continue
        own = {column for key in table.keys if key.kind in ("foreign", "primary") for column in key.columns}
        rest = [column for column in table.columns if column.name not in own]
        if table.complete and all(column.type in ("boolean", "bool") for column in rest):
            found.add(name)
    return frozenset(found)


def _sets_up(maker: Maker, makers: Makers) -> bool:
    if makers.functions.role(maker.path) is FileRole.SCRIPT:
        return True
    named = frozenset(spelling.words(maker.path.replace("__init__", "")))
    function = frozenset(spelling.words(maker.function.rpartition("::")[2]))
    return bool(named & (COMMANDS | SETTING_UP) or function & COMMANDS or (function & STARTING and function & DATABASE))
