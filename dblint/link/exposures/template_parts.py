"""Lists whose elements hold rows beside other things: tuples or mappings that a loop of the program puts into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.shared import Related

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origin, Origins

ELEMENTS = 6
"""Elements that one list is given, each where it stands in the source."""
_TOGETHER = frozenset({Kind.TUPLE, Kind.LIST})


class Part(msgspec.Struct, frozen=True):
    """Rows in the elements of a list: at a position or under a name, "" where the elements are the rows; behind the
    relations of `path` of the rows that the query gives."""

    key: str
    origin: Origin
    path: tuple[Related, ...] = ()


class Parts:
    """Finds such rows. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def of(self, site: Site) -> Iterator[Part]:
        """The rows that the elements of a list hold, where all that it is given holds rows of the same query there."""
        elements = self._elements(site.path, site.node)
        found = [dict(self._held(site.path, element)) for element in elements]
        for key, part in found[0].items() if found else ():
            if all(key in each and each[key].origin.place == part.origin.place for each in found):
                yield part

    def _elements(self, path: str, node: int) -> list[int]:
        """The expressions of which one makes each element of a list; none where there may be others."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.COMPREHENSION:
            body = tree.child(node, Role.BODY)
            return [body] if body >= 0 and tree.kinds[body] not in (Kind.PAIR, Kind.NAME) else []
        if tree.kinds[node] != Kind.NAME:
            return []
        name = tree.value(node)
        found: list[int] = []
        begun = 0
        for binding, _ in self.evaluator.scope(path).reaching(node, name) or ():
            if tree.kinds[binding] == Kind.ASSIGN and not tree.value(binding):
                value = tree.child(binding, Role.VALUE)
                if value < 0:
                    return []
                if tree.kinds[value] == Kind.COMPREHENSION:
                    found += self._elements(path, value)
                elif tree.kinds[value] != Kind.LIST or tree.ends[value] > value + 1:
                    return []
                begun += 1
            elif tree.kinds[binding] == Kind.CALL and self.origins.loops.counters.list_word(path, binding) == "append":
                found += list(tree.with_role(binding, Role.ARGUMENT))[:1]
            else:
                return []
        return found if begun == 1 and len(found) <= ELEMENTS else []

    def _held(self, path: str, element: int) -> Iterator[tuple[str, Part]]:
        """The rows that an element holds."""
        tree = self.evaluator.tree(path)
        if tree.kinds[element] in _TOGETHER:
            places = [(str(at), child) for at, child in enumerate(tree.children(element))]
        elif tree.kinds[element] == Kind.OBJECT:
            pairs = [child for child in tree.children(element) if tree.kinds[child] == Kind.PAIR]
            places = [(tree.value(pair), tree.child(pair, Role.VALUE)) for pair in pairs if tree.value(pair)]
        else:
            places = [("", element)]
        for key, child in places:
            row = self.origins.row(path, child) if child >= 0 else None
            if row is not None and row.origin is not None and row.origin.many:
                yield key, Part(key, row.origin, row.path)
