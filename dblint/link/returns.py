"""The little language in which rows say what a call gives.

`self` the receiver itself, one step further · `scalar`, `none`, `unknown` · `M`, `Self` an instance of the
class that a type parameter holds (`Self`: the class that the member was read from) · `Type<M>` an instance
of a table's type (`library:Type` for another table's) · `X[]` a list · `class:X` the class itself ·
`argument:N` what was given as argument N · `instance:N` an instance of the class given as argument N
(`instance:N=row`: where that is not known, any row) ·
`result:N` what calling argument N gives (`result:N|M=X`: the one of them that is a function, else X) ·
`handed:N` what the function given as argument N hands to the function that it is given ·
`element:N` what iterating argument N gives ·
`partial:N` the function given as argument N, with those behind it given ·
`element` what iterating the receiver gives ·
`named:A/B=X` the model class that the arguments at the slots A (application) and B (name) name, A alone
holding both (`"app.Name"`), else the class X · `setting:NAME=app.Name` the model class that a setting names
(`library:NAME` one of another library's) · `row-of-setting:NAME=app.Name` a row of it ·
`M=X` what M holds, and where that is not known X · `member:A/B/C` the member of argument A (`self`: the receiver)
that argument B names (nothing: what the project puts into it), or argument C ·
`related:S` the model to which the relation leads that the text at the slot S names ·
`name:S` the table that the text at the slot S names ·
`declared:A/K` the class that the entry K of the mapping in the attribute A of the class holds ·
`typed:N` what is of the type written as type argument N, of a function that stands there what it gives ·
`cast:N/M` argument M, and where that says nothing an instance of the type written as argument N ·
`class-of:N` the class of argument N · `entered:N` what entering argument N by `with` gives ·
`subclass:X/S` a class that the call makes, which extends X; its name stands at the slot S, or without one is that of
what holds it; `subclass:X/S/N`: where the call has no argument N, the class that another one makes under that name ·
`rows-of-related:S` a row, or the rows, of the receiver's relation that the text at the slot S names ·
`entity:N` a row of the model whose rows the statement in argument N selects, and nothing else of them
(`entity:N=row`: else any row) ·
`own:A|B` what the receiver's class has under the first of these names, of a model what its relations give; a name
may be a type parameter, or a path (`Meta.model`); `own:A=X`: X where that cannot be said · `row-of-own:A|B` a row of
it, where a name may be a method of the class that gives it · `instance-of-own:A|B` an instance of the class that the
receiver's class has under the first of these names, or that its method of that name gives, else `=X` ·
`made-with:S=X` what stands at the slot S of the call that made the receiver, else X.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

import msgspec
from msgspec.structs import replace


class TypeExpression(msgspec.Struct, frozen=True):
    """A parsed `returns` word."""

    name: str
    arguments: tuple[TypeExpression, ...] = ()
    listed: bool = False
    prefix: str = ""


@cache
def parse(text: str) -> TypeExpression:
    """Reads a `returns` word. Raises ValueError when it is not one."""
    expression, rest = _parse(text.replace(" ", ""))
    if rest:
        raise ValueError(f"not a type expression: {text!r}")
    return expression


def _parse(text: str) -> tuple[TypeExpression, str]:
    prefix = ""
    for word in (
        "class:",
        "subclass:",
        "rows-of-related:",
        "related:",
        "argument:",
        "instance:",
        "result:",
        "handed:",
        "named:",
        "setting:",
        "row-of-setting:",
        "row-of-own:",
        "instance-of-own:",
        "made-with:",
        "member:",
        "name:",
        "declared:",
        "class-of:",
        "cast:",
        "typed:",
        "entered:",
        "entity:",
        "element:",
        "own:",
        "partial:",
    ):
        if text.startswith(word):
            prefix, text = word[:-1], text[len(word) :]
            break
    end = 0
    while end < len(text) and text[end] not in "<>,[":
        end += 1
    name, text = text[:end], text[end:]
    if not name:
        raise ValueError("a type expression needs a name")
    arguments: list[TypeExpression] = []
    if text.startswith("<"):
        text = text[1:]
        while True:
            argument, text = _parse(text)
            arguments.append(argument)
            if text.startswith(","):
                text = text[1:]
            elif text.startswith(">"):
                text = text[1:]
                break
            else:
                raise ValueError("a type expression's arguments end with '>'")
    listed = text.startswith("[]")
    if listed:
        text = text[2:]
    return TypeExpression(name, tuple(arguments), listed, prefix), text


OWN = "own:"
"""In a word, what says that the receiver's own class has it."""
_WORDS = frozenset({"self", "scalar", "dialect", "none", "unknown", "row", "element", "Self", "_"})
_OF_ARGUMENTS = frozenset(
    (
        "argument instance related rows-of-related result handed member name declared class-of cast entered entity"
        " partial own element row-of-own instance-of-own made-with typed"
    ).split()
)
"""Prefixes behind which no type stands."""


def names_nothing(text: str, library: str, parameters: Collection[str], types: Collection[str]) -> list[str]:
    """The names in a `returns` word of a library's table that are those of no type and no type parameter. Raises as
    `parse` does."""
    missing = []
    for part in _parts(parse(text)):
        if part.prefix == "subclass":
            part = replace(part, name=part.name.partition("/")[0])
        if part.prefix in ("named", "setting", "row-of-setting"):
            part = replace(part, name=part.name.partition("=")[2] if part.prefix == "named" else "self")
        if part.prefix in _OF_ARGUMENTS or part.name.isdecimal():
            continue
        known = _WORDS.union(parameters)
        parameter, _, otherwise = part.name.partition("=")
        if parameter in known and not otherwise:
            continue
        word = otherwise if otherwise and parameter in known else part.name
        if parameter in known and word == "row":
            continue
        if (word if ":" in word else f"{library}:{word}") not in types:
            missing.append(part.name)
    return missing


def _parts(expression: TypeExpression) -> Iterator[TypeExpression]:
    pending = [expression]
    while pending:
        part = pending.pop()
        yield part
        pending += part.arguments
