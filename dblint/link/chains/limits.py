"""How many rows a statement is limited to, and where they begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Bound, Element, When
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Slot
from dblint.link.arguments import Found, Site, find
from dblint.link.chains.draft import Draft
from dblint.link.magnitudes import Magnitudes
from dblint.link.plain import Plain
from dblint.link.usual import Usual

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator


class Limits:
    """Reads limits and offsets. One per evaluator."""

    def __init__(self, evaluator: Evaluator, texts: Texts, plain: Plain, usual: Usual) -> None:
        self.evaluator = evaluator
        self.texts = texts
        self.plain = plain
        self.usual = usual
        self.magnitudes = Magnitudes(texts.origins)

    def read(self, draft: Draft, clause: str, slot: Slot, site: Site) -> None:
        """The limit or the offset that a call gives."""
        if slot.value == "unsaid":
            draft.opened.add(clause)
            return
        found = find(self.evaluator, slot.at, site) if slot.at else Found()
        if slot.value != "" and not found.sites:
            number = slot.value if isinstance(slot.value, int) else None
            draft.add(clause, Element(Bound(number, Origin.CONSTANT), site.when))
            return
        if found.open:
            draft.opened.add(clause)
        elif any(inner.when is When.ALWAYS for inner in found.sites):
            draft.opened.discard(clause)  # whatever may have been said before
        for inner in found.sites:
            bound = self.number(inner)
            for first in find(self.evaluator, slot.of, site).sites if slot.of else ():
                bound = _between(self.number(first), bound)
            if slot.capped and bound.asked:
                bound = msgspec.structs.replace(bound, asked="within")
            if not self._no_bound(inner, bound, slot):
                draft.add(clause, Element(bound, inner.when))

    def _no_bound(self, site: Site, number: Bound, slot: Slot) -> bool:
        """Whether what stands there says that there is none: nothing; of documents, zero."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.CONSTANT and tree.value(site.node) == "null":
            return True
        return slot.reader == "mql" and number.number == 0

    def number(self, site: Site) -> Bound:
        """What an expression says of a limit or an offset."""
        number = self.plain.constant(site)
        if number.isdecimal():
            return Bound(int(number), Origin.CONSTANT)
        asked = "freely" if self.magnitudes.asked(site, freely=True) else ""
        asked = asked or ("within" if self.magnitudes.asked(site, freely=False) else "")
        usual = self.usual.number(site.path, site.node) if not asked else None
        return Bound(None, self.texts.origins.of(site), asked, usual=usual)

    def sliced(self, draft: Draft, site: Site, *, row: bool) -> None:
        """The limit and the offset that a subscript gives. `row`: it takes one row by its number."""
        tree = self.evaluator.tree(site.path)
        index = tree.child(site.node, Role.INDEX)
        if row:
            skipped = self.number(Site(site.path, index, site.context))
            draft.add("limit", Element(Bound(1, Origin.CONSTANT)))
            if skipped.number != 0:
                draft.add("offset", Element(skipped))
            return
        if index < 0 or tree.kinds[index] != Kind.SLICE:
            return
        for role, clause in ((Role.STOP, "limit"), (Role.START, "offset")):
            bound = tree.child(index, role)
            if bound < 0:
                continue
            number = self.number(Site(site.path, bound, site.context))
            if clause == "limit" and number.number is not None:
                start = tree.child(index, Role.START)
                first = self.number(Site(site.path, start, site.context)).number if start >= 0 else 0
                number = Bound(None if first is None else max(number.number - first, 0), number.origin)
            elif clause == "limit" and (start := tree.child(index, Role.START)) >= 0:
                number = self._sliced(site, start, bound)
            draft.add(clause, Element(number, site.when))

    def _sliced(self, site: Site, start: int, stop: int) -> Bound:
        """How many rows a slice from one number to another takes: `start : start + size`."""
        tree = self.evaluator.tree(site.path)
        words = self.texts.origins.source
        first = words(Site(site.path, start, site.context))
        if tree.kinds[stop] == Kind.BINARY and tree.value(stop) == "+":
            left, right = tree.child(stop, Role.LEFT), tree.child(stop, Role.RIGHT)
            for same, size in ((left, right), (right, left)):
                if words(Site(site.path, same, site.context)) == first:
                    return self.number(Site(site.path, size, site.context))
        return Bound(None, self.texts.origins.of(Site(site.path, stop, site.context)))


def _between(first: Bound, last: Bound) -> Bound:
    """How many rows there are from one number to another, both included."""
    if first.number is None:
        return msgspec.structs.replace(last, number=None, asked="")  # as many as the program adds to the first
    if last.number is None:
        return last
    return msgspec.structs.replace(last, number=max(last.number - first.number + 1, 0))
