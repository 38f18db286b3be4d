"""`resources`: columns as PostgREST writes them, in one text: `id, name:full_name, author(id, books(*)), weight::text`.
What stands in brackets is of other rows, which come along."""

from __future__ import annotations

from dblint.facts.query import Column, Element, Expression, Function, OpaqueExpression, Star
from dblint.link.arguments import Site
from dblint.link.conditions import Scene, identifiers

AGGREGATES = frozenset({"avg", "count", "max", "min", "sum"})


def columns(scene: Scene, site: Site) -> tuple[list[Element[Expression]], bool]:
    """The table's own columns that a text names; True where it cannot be said."""
    text = identifiers.text(scene, site)
    if not text:
        return [], True
    found: list[Element[Expression]] = []
    for part in parts(text):
        one = _column(scene, part)
        if one is not None:
            found.append(Element(one, site.when))
    return found, not found


def parts(text: str) -> list[str]:
    """The parts of a text between the commas that stand in no brackets and no quotes."""
    found: list[str] = [""]
    depth, quoted = 0, False
    for letter in text:
        quoted = quoted is not (letter == '"')
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]


def _column(scene: Scene, part: str) -> Expression | None:
    """A column, or what is computed of it; None for other rows."""
    name, brackets, _ = part.partition("(")
    if brackets:
        # `weight.sum()` is an aggregate, and so is `count()`; `author(id)` are the rows of another table.
        column, _, word = name.rpartition(".")
        if word in AGGREGATES and part.partition("(")[2].startswith(")"):
            own = column.rpartition(":")[2]
            return Function(word, (Column(scene.column(own)),) if own else (Star(),))
        return None
    name = name.partition("::")[0]
    name = name.rpartition(":")[2].strip()
    if name == "*":
        return Star()
    base = name.partition("->")[0].strip('"')
    return Column(scene.column(base)) if base and not base.startswith("...") else OpaqueExpression()
