"""Values that may be undefined in the filter of a library that drops such conditions.

Said is only what stands there: a parameter that a caller may leave out, or what is read by `?.`. Whatever the function
asks of that name before says that it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.values import Instance

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_DROPS = "drops-filter"
_ASKING = (Kind.UNARY, Kind.BINARY, Kind.CONDITIONAL, Kind.IF, Kind.SWITCH)


class Dropping:
    """Finds such values. One per collector of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def of(self, path: str, node: int, row: Member, receiver: Instance | None) -> tuple[Place, ...]:
        """The values of a call's filter that may be undefined; none where the library does not drop conditions."""
        if row.where is None or row.where.reader != "document" or receiver is None:
            return ()
        types, classes = self.evaluator.tables.types, self.evaluator.classes
        if not any(types[cls.name].undefined == _DROPS for cls in classes.library_types(receiver.cls)[:1]):
            return ()
        return tuple(
            self._place(path, value)
            for site in find(self.evaluator, row.where.at, Site(path, node, None)).sites
            if site.path == path
            for value in self._values(site)
            if self._undefined(path, value, node)
        )

    def _values(self, filter_: Site) -> Iterator[int]:
        tree = self.evaluator.tree(filter_.path)
        if tree.kinds[filter_.node] == Kind.OBJECT:
            for pair in tree.children(filter_.node):
                if tree.kinds[pair] == Kind.PAIR and (value := tree.child(pair, Role.VALUE)) >= 0:
                    yield value

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    def _undefined(self, path: str, value: int, call: int) -> bool:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        optional, node = False, value
        while tree.kinds[node] == Kind.ATTRIBUTE:
            optional = optional or tree.has(node, Flag.OPTIONAL)
            node += 1
        if tree.kinds[node] != Kind.NAME:
            return False
        bindings = scope.reaching(node, tree.value(node)) or []
        if len(bindings) != 1 or scope.function(node) < 0:
            return False
        binding, function = bindings[0][0], scope.function(bindings[0][0])
        if tree.kinds[binding] == Kind.PARAMETER:
            function = tree.parents[binding]
            bare = tree.kinds[value] == Kind.NAME and tree.child(binding, Role.DEFAULT) < 0
            optional = optional or (bare and tree.has(binding, Flag.OPTIONAL))
        return optional and not self._asked(path, function, call, tree.value(node))

    def _asked(self, path: str, function: int, call: int, name: str) -> bool:
        """Whether the function asks something of a name before the call, or in the conditions around it."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.NAME, max(function, 0), call)
        while node >= 0:
            if tree.value(node) == name:
                at = node
                while tree.kinds[tree.parents[at]] == Kind.ATTRIBUTE and tree.roles[at] == Role.OBJECT:
                    at = tree.parents[at]
                parent = tree.parents[at]
                if tree.kinds[parent] in _ASKING or (
                    tree.kinds[parent] == Kind.CALL and tree.roles[at] == Role.ARGUMENT
                ):
                    return True
            node = tree.kinds.find(Kind.NAME, node + 1, call)
        return False
