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
        # Beside the fields, so that it is neither compared nor kept with the tables.
        answers: dict[Callable[[Tables], object], object] = tables.__dict__.setdefault("derived", {})
        if make not in answers:
            answers[make] = make(tables)
        return cast("W", answers[make])

    return kept
