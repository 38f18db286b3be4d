"""What the program puts under keys of mappings that are handed around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import Scalar, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

WRITERS = 12
"""Places that put something under a key until nobody can say what is there."""


class Written:
    """Answers what keys hold. One per reader of origins."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self._sites: dict[str, list[Site]] | None = None

    def number(self, call: Site) -> bool:
        """Whether a look-up with a number for a default (`context.get("timeout", 60)`) reads a key under which the
        program itself puts something, and only numbers: whose mapping it is decides nothing then."""
        tree = self.evaluator.tree(call.path)
        given = list(tree.with_role(call.node, Role.ARGUMENT))
        if len(given) != 2 or tree.kinds[given[0]] != Kind.STRING or not self._is_number(call, given[1]):
            return False
        sites = self._written().get(tree.value(given[0]), [])
        return 0 < len(sites) <= WRITERS and all(self.origins.of(site) is Origin.NUMBER for site in sites)

    def _is_number(self, call: Site, node: int) -> bool:
        held = self.evaluator.value(call.path, node, call.context)
        return all(isinstance(option, Scalar) and option.kind == "number" for option in options(held))

    def _written(self) -> dict[str, list[Site]]:
        """Key → what is put under it, in Python's literals and assignments."""
        if self._sites is None:
            self._sites = {}
            for path in sorted(self.evaluator.files):
                if not self.evaluator.javascript(path) and self.origins.passing.counts(path):
                    for key, value in self._of(path):
                        self._sites.setdefault(key, []).append(Site(path, value, None))
        return self._sites

    def _of(self, path: str) -> Iterator[tuple[str, int]]:
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.PAIR)
        while node >= 0:
            value = tree.child(node, Role.VALUE)
            if value >= 0 and tree.value(node):
                yield tree.value(node), value
            node = tree.kinds.find(Kind.PAIR, node + 1)
        node = tree.kinds.find(Kind.ASSIGN)
        while node >= 0:
            target, value = tree.child(node, Role.TARGET), tree.child(node, Role.VALUE)
            key = tree.child(target, Role.INDEX) if target >= 0 and tree.kinds[target] == Kind.SUBSCRIPT else -1
            if min(key, value) >= 0 and tree.kinds[key] == Kind.STRING:
                yield tree.value(key), value
            node = tree.kinds.find(Kind.ASSIGN, node + 1)
