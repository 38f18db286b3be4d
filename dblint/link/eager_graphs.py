"""`graph`: relations inside relations as one text (`[pets.[toys, owner(named)], children.^2]`) or as objects of objects
(`{ pets: { toys: true } }`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dblint.facts.query import Eager, Element
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries, objects
from dblint.link.values import Expression, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

LIMIT = 200
"""Relations of one expression that are read."""
DEPTH = 8
_TOKEN = re.compile(r"\s*([\[\],.]|\([^()]*\)|as\s+\w+|\^\d*|\*|[\w$:]+)")


def read(evaluator: Evaluator, site: Site, strategy: str) -> tuple[list[Element[Eager]], bool]:
    """The paths that an expression names, those on the way to others among them; True when there may be more."""
    for option in options(evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Expression):
            tree = evaluator.tree(option.path)
            if tree.kinds[option.node] == Kind.STRING:
                paths, hidden = paths_of(tree.value(option.node))
                return [Element(Eager(path, strategy), site.when) for path in paths], hidden
    if not objects(evaluator, site)[0]:
        return [], True
    found: list[Element[Eager]] = []
    hidden = False
    pending: list[tuple[Site, tuple[str, ...]]] = [(site, ())]
    while pending and len(found) < LIMIT:
        current, above = pending.pop()
        pairs, more = entries(evaluator, current)
        hidden = hidden or more
        for name, value in pairs:
            tree = evaluator.tree(value.path)
            if name.startswith("$") or tree.value(value.node) == "false":
                continue
            path = (*above, name)
            found.append(Element(Eager(path, strategy), value.when))
            if tree.kinds[value.node] == Kind.OBJECT and len(path) < DEPTH:
                pending.append((value, path))
    return found, hidden or bool(pending)


def paths_of(text: str) -> tuple[list[tuple[str, ...]], bool]:
    """The paths of a relation expression; True where it names more than it says: whatever there is (`*`), or one
    relation as often as it goes on (`^`)."""
    found: dict[tuple[str, ...], None] = {}
    hidden = False
    stack: list[tuple[str, ...]] = [()]
    above: tuple[str, ...] = ()  # what stands before the next name
    position = 0
    while position < len(text) and len(found) < LIMIT:
        match = _TOKEN.match(text, position)
        if match is None:
            return list(found), bool(text[position:].strip()) or hidden
        position, word = match.end(), match[1]
        if word == "[":
            stack.append(above)
        elif word == "]":
            above = stack.pop() if len(stack) > 1 else ()
        elif word == ",":
            above = stack[-1]
        elif word in ("*",) or word.startswith("^"):
            hidden = True
        elif word != "." and not word.startswith("(") and not re.match(r"as\s", word):
            above = (*above, word)
            found[above] = None
    return list(found), hidden
