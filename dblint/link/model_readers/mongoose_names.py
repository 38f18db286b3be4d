"""How Mongoose names collections after models.

Source: Mongoose 9, lib/helpers/pluralize.js: the first rule whose pattern is in the name is applied.
"""

from __future__ import annotations

import re
from functools import cache

_RULES = (
    (r"human$", "humans"),
    (r"(m|wom)an$", r"\1en"),
    (r"(pe)rson$", r"\1ople"),
    (r"(child)$", r"\1ren"),
    (r"^(ox)$", r"\1en"),
    (r"(ax|test)is$", r"\1es"),
    (r"(octop|cact|foc|fung|nucle)us$", r"\1i"),
    (r"(alias|status|virus)$", r"\1es"),
    (r"(bu)s$", r"\1ses"),
    (r"(buffal|tomat|potat)o$", r"\1oes"),
    (r"([ti])um$", r"\1a"),
    (r"sis$", "ses"),
    (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
    (r"(hive)$", r"\1s"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"(matr|vert|ind)ix|ex$", r"\1ices"),
    (r"([m|l])ouse$", r"\1ice"),
    (r"(kn|w|l)ife$", r"\1ives"),
    (r"(quiz)$", r"\1zes"),
    (r"^goose$", "geese"),
    (r"s$", "s"),
    (r"([^a-z])$", r"\1"),
    (r"$", "s"),
)
_UNCOUNTABLE = frozenset(
    """advice energy excretion digestion cooperation health justice labour machinery equipment information pollution
    sewage paper money species series rain rice fish sheep moose deer news expertise status media""".split()
)


@cache
def collection(model: str) -> str:
    """The name of the collection of a model that names none."""
    name = model.lower()
    if name in _UNCOUNTABLE or model in ("system.profile", "system.indexes"):
        return name
    for pattern, ending in _RULES:
        if re.search(pattern, name):
            return re.sub(pattern, ending, name, count=1)
    return name
