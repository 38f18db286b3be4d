"""Whether the query that gave a row loaded a relation of it."""

from __future__ import annotations

from collections.abc import Sequence

from dblint.facts.query import Clause, Column, Compare, Eager, Value, When
from dblint.link.accesses.origins import Origin, Row
from dblint.link.model_readers.shared import ON_READ, Related

YES, NO, UNSAID = "yes", "no", ""
RAISES = "raises"
"""It was not, and reading it raises an error, as nothing is loaded later."""
LOADED = frozenset({"joined", "selectin", "subquery", "immediate"})
"""How mappings load a relation with its row."""
NEVER = frozenset({"raise", "raise_on_sql", "noload"})
"""How mappings say that reading a relation asks nothing."""
DEPTH = 8
"""Relations of relations that are followed."""


def loaded(row: Row, related: Related) -> str:
    """Whether a relation of a row was loaded before it is read: `yes`, `no`, `raises`, or "" where that cannot be
    said."""
    origin = row.origin
    if origin is None or (origin.awaited and not origin.raises):
        return YES if _by_mapping(related) == YES else UNSAID
    found = _by_mapping(related) or _by_query(row, origin, related)
    return RAISES if found == NO and origin.raises else found


def _by_mapping(related: Related) -> str:
    """What the relation itself says: `yes`, or "" where the query decides."""
    mapping = related.relation.eager if not related.inverse else ""
    return YES if mapping in LOADED or mapping in NEVER else UNSAID


def _by_query(row: Row, origin: Origin, related: Related) -> str:
    mapping = related.relation.eager if not related.inverse else ""
    if mapping not in ("", ON_READ) or related.relation.kind == "":
        return UNSAID
    names = [each.name for each in row.path]
    if [*names, related.name][0] in origin.looked:
        return UNSAID
    if not related.many and not related.inverse and not row.path and _absent(origin, related):
        return YES
    if not related.many and row.path and goes_back(row.path[-1], related):
        return YES
    above = origin.relation
    if row.path and above is not None and not row.path[0].many and goes_back(above, row.path[0]):
        return YES  # of the one row that all these belong to
    return _by(origin, names, related)


def _absent(origin: Origin, related: Related) -> bool:
    """Whether a query asks for rows that have no row at the other end of a relation: their key says so."""
    found = (element.value for element in origin.query.conjuncts())
    return any(
        isinstance(condition, Compare)
        and condition.operator == "is"
        and condition.right == Value("null")
        and isinstance(condition.left, Column)
        and not condition.left.relation
        and condition.left.name in related.relation.columns
        for condition in found
    )


def _by(origin: Origin, names: Sequence[str], related: Related) -> str:
    names = [*names, related.name]
    current: Origin | None = origin
    for _ in range(DEPTH):
        if current is None:
            return UNSAID
        said = covers(current.query.eager, names)
        if said != NO:
            return said
        above = current.relation
        if above is None:
            return NO if current.parent is None and not current.bare else UNSAID
        if len(names) == 1 and not related.many and goes_back(above, related):
            return YES
        if not current.bare:
            return NO  # a query of its own, for this row alone
        parent = current.parent
        if parent is None or parent.origin is None:
            return NO if current.alone else UNSAID
        inside = loaded(parent, above)
        if inside != YES:
            return inside
        names = [*(each.name for each in parent.path), above.name, *names]
        current = parent.origin
    return UNSAID


def covers(eager: Clause[Eager], names: Sequence[str]) -> str:
    """Whether a query loads the relation at the end of a path."""
    found = [element for element in eager.elements if list(element.value.path[: len(names)]) == list(names)]
    if any(element.when is When.ALWAYS for element in found):
        return YES
    return UNSAID if found or eager.open else NO


def goes_back(walked: Related, related: Related) -> bool:
    """Whether a relation leads back to the row whose relation gave this one: its library sets it, or finds the row by
    its key."""
    return walked.relation == related.relation or related.name == walked.relation.inverse
