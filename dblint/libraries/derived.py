"""What follows from library tables alone, made once for them however many projects are read with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables

W = TypeVar("W")


def derived(make: Callable[[Tables], W]) -> Callable[[Tables], W]:
    """The same function, whose answer is kept with the tables it was asked for. Nobody may change the answer."""

    @wraps(make)
    def kept(tables: Tables) -> W:
        if make not in tables.derived:
            tables.derived[make] = make(tables)
        return cast("W", tables.derived[make])

    return kept
