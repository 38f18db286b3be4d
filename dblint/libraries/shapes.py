"""How packages let a program say what rows are read as: bases without fields, names of fields."""

from __future__ import annotations

from functools import cache
from importlib import resources

import tomli

_LIST = "packages/shapes.toml"


@cache
def named(what: str) -> frozenset[str]:
    """The names under this word of the list (`bare`, `aliases`), of all languages."""
    rows = tomli.loads(resources.files("dblint.libraries").joinpath(_LIST).read_text("utf-8"))
    return frozenset(name for names in rows.values() for name in names[what])
