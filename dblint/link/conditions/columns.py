"""`columns`: an equality map, as keywords or as a dictionary."""

from __future__ import annotations

from collections.abc import Container

from dblint.facts.query import Column, Compare, Condition, Element
from dblint.link.arguments import Site, entries, keywords
from dblint.link.conditions import Reading, Scene, equal


def read(scene: Scene, pairs: list[tuple[str, Site]], hidden: bool) -> Reading:
    """Each pair as `column = value`."""
    elements: list[Element[Condition]] = [
        Element(Compare(Column(scene.column(name)), equal(value), value), site.when)
        for name, value, site in ((name, scene.value(site), site) for name, site in pairs)
    ]
    return Reading(tuple(elements), hidden)


def of_keywords(scene: Scene, call: Site, without: Container[str] = ()) -> Reading:
    """The keywords of a call, `without` those that say something else."""
    pairs, hidden = keywords(scene.evaluator, call)
    return read(scene, [pair for pair in pairs if pair[0] not in without], hidden)


def of_object(scene: Scene, site: Site) -> Reading:
    """The pairs of a dictionary."""
    return read(scene, *entries(scene.evaluator, site))
