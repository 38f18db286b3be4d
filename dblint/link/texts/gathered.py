"""Lists of values: where their elements come from, whoever put them there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.values import Expression, FunctionValue, Scalar, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

DECIDED = (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE)
"""Origins of values that somebody outside the program decides, the worst first."""
JOINING = frozenset({"or", "??", "and", "+"})
"""Operators that give the elements of their operands."""
LISTS = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET})


class Gathered:
    """Answers where elements come from. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def of(self, site: Site) -> Origin:
        """The origin of the elements of what stands at `site`."""
        tree = self.evaluator.tree(site.path)
        node, kind = site.node, tree.kinds[site.node]
        each = self.origins.iterated
        if kind in LISTS:
            return self._worst([self._put(site, child) for child in tree.children(node)])
        if kind == Kind.OBJECT:
            return self._worst([self._key(site, pair) for pair in tree.children(node)])
        if kind in (Kind.CAST, Kind.AWAIT):
            return each(site, tree.child(node, Role.VALUE))
        if kind == Kind.CONDITIONAL:
            return self._worst([each(site, tree.child(node, role)) for role in (Role.BODY, Role.ELSE)])
        if kind == Kind.BINARY and tree.value(node) in JOINING:
            return self._worst([each(site, child) for child in tree.children(node)])
        if kind == Kind.COMPREHENSION:
            return self.origins.child(site, node)
        if kind == Kind.SUBSCRIPT and tree.kinds[tree.child(node, Role.INDEX)] == Kind.SLICE:
            return each(site, node + 1)
        found: Origin | None = None
        if kind == Kind.CALL:
            found = self._call(site)
        elif kind == Kind.NAME and not tree.has(node, Flag.SELF):
            found = self._name(site)
        return found if found is not None else self._held(site)

    def _worst(self, found: list[Origin]) -> Origin:
        """Nothing in a list is nobody's text."""
        return self.origins.worst(found or [Origin.CONSTANT])

    def _put(self, site: Site, node: int) -> Origin:
        """One element of a literal, or what is spread into it."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[node] == Kind.SPREAD:
            return self.origins.iterated(site, tree.child(node, Role.VALUE))
        return self.origins.child(site, node)

    def _key(self, site: Site, pair: int) -> Origin:
        """One key of an object, which is what iterating it gives."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[pair] == Kind.SPREAD:
            return self.origins.iterated(site, tree.child(pair, Role.VALUE))
        key = tree.child(pair, Role.KEY)
        return self.origins.child(site, key) if key >= 0 else Origin.CONSTANT

    def _call(self, site: Site) -> Origin | None:
        """The elements of what a method of lists or a function of the project gives; None for neither."""
        origins = self.origins
        tree = self.evaluator.tree(site.path)
        callee, closure = site.node + 1, tree.child(site.node, Role.ARGUMENT)
        row = origins.row(site)
        if isinstance(row, Untyped) and tree.kinds[callee] == Kind.ATTRIBUTE:
            if row.element and closure >= 0 and tree.kinds[closure] == Kind.FUNCTION:
                returned = self.evaluator.returns(FunctionValue(site.path, closure, None, site.context))
                return origins.worst([origins.child(site, node) for node in returned])
            if row.list == "same":
                proved = origins.guards.filtered(site, closure) if row.callback is not None and closure >= 0 else None
                more = tree.with_role(site.node, Role.ARGUMENT) if row.string == "concat" else ()
                return proved or self._worst([origins.iterated(site, node) for node in (callee + 1, *more)])
            return None
        if row is not None:
            return None
        for option in options(self.evaluator.value(site.path, callee, site.context)):
            if isinstance(option, FunctionValue):
                found = [
                    origins.iterated(Site(option.path, node, option.context), node)
                    for node in self.evaluator.returns(option)
                ]
                return origins.returned(site, found) if found else None
        return None

    def _name(self, site: Site) -> Origin | None:
        """The elements of what a name of this file holds: of each value that reaches it, and what is appended."""
        origins = self.origins
        tree = self.evaluator.tree(site.path)
        if self._rows(site):
            return origins.answers.read(site)
        reached = self.evaluator.scope(site.path).reaching(site.node, tree.value(site.node))
        if reached is None:
            return None
        found: list[Origin] = []
        for binding, _ in reached:
            kind = tree.kinds[binding]
            value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
            if kind == Kind.CALL:
                continue
            if kind == Kind.ASSIGN and min(value, target) >= 0 and tree.kinds[target] == Kind.NAME:
                origin = origins.iterated(site, value)
                if tree.value(binding):
                    found.append(origins.iterated(site, target))
            else:
                origin = origins.through(origins.bound_by(site, binding, tree.value(site.node)))
            found.append(origins.tested(site, binding, origin))
        return origins.worst([*found, *self.appended(site)])

    def _held(self, site: Site) -> Origin:
        """What is known of the elements from what the whole is."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                kind = self.evaluator.tree(option.path).kinds[option.node]
                if kind in LISTS or kind == Kind.OBJECT:
                    return self.origins.iterated(Site(option.path, option.node, option.context), option.node)
        return self.origins.answers.read(site) if self._rows(site) else self.origins.through(self.origins.of(site))

    def _rows(self, site: Site) -> bool:
        """Whether the elements are rows of a query."""
        element = self.evaluator.elements.element(self.evaluator.value(site.path, site.node, site.context))
        return any(isinstance(option, Scalar) and option.kind == "row" for option in options(element))

    def appended(self, site: Site) -> list[Origin]:
        """The origins of what is put into the list behind a name."""
        return [
            self._put(given, given.node) if single else self.origins.iterated(given, given.node)
            for given, single in self.additions(site)
        ]

    def additions(self, site: Site) -> Iterator[tuple[Site, bool]]:
        """What statements put into the list behind a name, each with whether it is one element."""
        tree = self.evaluator.tree(site.path)
        for call in self.evaluator.scope(site.path).statements_below(site.node, tree.value(site.node)):
            row = self.origins.untyped(site.path, call)
            if row is None or row.list not in ("append", "extend"):
                continue
            # `extend` takes a list of elements in Python, elements one by one in JavaScript.
            single = row.list == "append" or self.evaluator.javascript(site.path)
            for argument in tree.with_role(call, Role.ARGUMENT):
                yield Site(site.path, argument, site.context), single
