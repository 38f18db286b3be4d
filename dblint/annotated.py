"""Whether the values that a rule pack hands over are what they are annotated as: nobody has checked its types."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any

import msgspec

_SEVERAL = {tuple: (tuple, list), frozenset: (frozenset, set, tuple, list)}
"""What is as good as the collection that an annotation names."""


def misfits(value: Any) -> Iterator[str]:
    """What is to be said of each field that holds something else."""
    for name, annotation in _fields(value.__class__).items():
        if not _fits(getattr(value, name), annotation):
            yield f"{name} is no {inspect.formatannotation(annotation)}"


@cache
def _fields(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _parts(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    return typing.get_origin(annotation), typing.get_args(annotation)


def _fits(value: object, annotation: Any) -> bool:
    origin, arguments = _parts(annotation)
    if origin is types.UnionType:
        return any(_fits(value, each) for each in arguments)
    if origin is Mapping:
        key, held = arguments
        return isinstance(value, Mapping) and all(_fits(k, key) and _fits(v, held) for k, v in value.items())
    if origin is not None:
        return isinstance(value, _SEVERAL[origin]) and all(_fits(each, arguments[0]) for each in value)
    if not isinstance(value, annotation):
        return False
    return not (is_dataclass(value) or isinstance(value, msgspec.Struct)) or not any(misfits(value))
