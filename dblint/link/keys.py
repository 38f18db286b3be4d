"""The keys that a command of a key-value store is about, as patterns: `user:*` for `f"user:{number}"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.query import Column, Compare, Element, Query, Source, Value
from dblint.facts.text import Literal, Origin, Text
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Site, find

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts

KEY = "key"
"""What the column is called that a command compares."""
ANY = "*"
"""Stands in a pattern for what the program puts in."""


def read(texts: Texts, slot: Slot, call: Site) -> Iterator[tuple[Element[Source] | None, Element[Compare]]]:
    """Each expression that gives keys: its pattern, None where nothing of it is known, and the condition that it is."""
    evaluator = texts.evaluator
    sites = find(evaluator, slot.at, call).sites if slot.at else ()
    if not sites and slot.value:
        place = evaluator.hand(call.path, call.node)
        everything = Element(Source(str(slot.value), real=False, place=place))
        yield everything, Element(Compare(Column(KEY), "like", Value("string", str(slot.value))))
    for site in sites:
        place = evaluator.hand(site.path, site.node)
        listed = slot.reader == "each"
        name = "" if listed else _pattern(texts.of(site))
        source = Element(Source(name, real=False, place=place), site.when) if name else None
        fixed = name and ANY not in name
        origin = Origin.CONSTANT if fixed else Origin.UNKNOWN
        value = Value("string" if fixed else "parameter", name if fixed else "", origin, place)
        yield source, Element(Compare(Column(KEY), "in" if listed else "=", value), site.when)


def patterns(query: Query) -> tuple[str, ...]:
    """The keys of a command, as far as they are known."""
    return tuple(source.name for source in query.sources.values()) + ((ANY,) if query.sources.open else ())


def _pattern(texts: list[Text]) -> str:
    """What the texts that an expression may be have in common: the one that it is, with `*` for its holes."""
    if len(texts) != 1 or texts[0].open:
        return ""
    pieces = [piece.text if isinstance(piece, Literal) else ANY for piece in texts[0].pieces]
    said = "".join(piece for at, piece in enumerate(pieces) if piece != ANY or pieces[at - 1 : at] != [ANY])
    return said if said.strip(ANY) else ""
