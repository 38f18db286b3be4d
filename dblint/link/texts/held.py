"""What stands under a key of a literal that was given a name before: `o = {"n": value}`, `o["n"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import Expression, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

KEYS = 4
"""Keys on the way from a name to what is read."""
ENTRIES = 40
"""Entries that one key can mean until nobody can say."""


class Entry(msgspec.Struct, frozen=True):
    """An expression that stands under a key, or (`whole`) one that has the key among its own."""

    site: Site
    whole: bool = False


class Held:
    """Answers what entries of literals are. One per reader of origins."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def of(self, site: Site) -> list[Entry] | None:
        """The entries that a subscript, an attribute or a look-up can read; None where that cannot be seen."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.CALL:
            return self._looked_up(site)
        keys: list[str] = []
        node = site.node
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
            key = self._key(site.path, node)
            if key is None or len(keys) >= KEYS:
                return None
            keys.append(key)
            node += 1
        if not keys or tree.kinds[node] not in _OWNERS:
            return None
        return self.under(Site(site.path, node, site.context), tuple(reversed(keys)))

    def _looked_up(self, call: Site) -> list[Entry] | None:
        """`found.get("n", otherwise)`."""
        tree = self.evaluator.tree(call.path)
        row = self.origins.untyped(call.path, call.node)
        arguments = list(tree.with_role(call.node, Role.ARGUMENT))
        if row is None or row.list != "lookup" or not arguments:
            return None
        key = tree.value(arguments[0]) if tree.kinds[arguments[0]] == Kind.STRING else ""
        entries = self.under(Site(call.path, call.node + 2, call.context), (key,))
        otherwise = [Entry(Site(call.path, node, call.context)) for node in arguments[1:2]]
        return None if entries is None else [*entries, *otherwise]

    def _key(self, path: str, node: int) -> str | None:
        """The key that a step reads, "" where it is worked out; None where it reads no entry."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.ATTRIBUTE:
            return tree.value(node) if self.evaluator.javascript(path) else None
        index = tree.child(node, Role.INDEX)
        if index < 0 or tree.kinds[index] == Kind.SLICE:
            return None
        return tree.value(index) if tree.kinds[index] in (Kind.STRING, Kind.NUMBER) else ""

    def under(self, owner: Site, keys: tuple[str, ...]) -> list[Entry] | None:
        """The entries under a way of keys; None where something on the way is no literal."""
        found = [Entry(owner)]
        for key in keys:
            further: list[Entry] = []
            for entry in found:
                inner = [entry] if entry.whole else self._under(entry.site, key)
                if inner is None or len(further) + len(inner) > ENTRIES:
                    return None
                further += inner
            found = further
        return found or None

    def _under(self, owner: Site, key: str) -> list[Entry] | None:
        found: list[Entry] = []
        pending = [(owner, False)]
        seen: set[tuple[str, int]] = set()
        while pending:
            site, spread = pending.pop()
            literals = self._literals(site)
            if literals is None and spread:
                found.append(Entry(site, whole=True))
                continue
            if literals is None:
                return None
            assigned, replaced = self._assigned(site, key)
            found += [Entry(each) for each in assigned]
            for literal in () if replaced else literals:
                if (literal.path, literal.node) in seen:
                    continue
                seen.add((literal.path, literal.node))
                entries, spreads = self._read(literal, key)
                found += [Entry(each) for each in entries]
                pending += [(each, True) for each in spreads]
        return found

    def listed(self, site: Site) -> dict[str, Site]:
        """The elements of the one tuple that an expression names, by their positions."""
        literals = self._literals(site) or []
        tree = self.evaluator.tree(literals[0].path) if len(literals) == 1 else None
        if tree is None or tree.kinds[literals[0].node] != Kind.TUPLE:
            return {}
        children = list(tree.children(literals[0].node))
        if any(tree.kinds[child] == Kind.SPREAD for child in children):
            return {}
        return {str(index): Site(literals[0].path, child, literals[0].context) for index, child in enumerate(children)}

    def _literals(self, site: Site) -> list[Site] | None:
        """The literals that an expression is or names; None where it may be anything else."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in _LITERALS:
            return [site]
        found: list[Site] = []
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if not isinstance(option, Expression):
                return None
            if self.evaluator.tree(option.path).kinds[option.node] not in _LITERALS:
                return None
            found.append(Site(option.path, option.node, option.context))
        return found

    def _read(self, literal: Site, key: str) -> tuple[list[Site], list[Site]]:
        """What a literal has under a key, and what is spread into it behind that."""
        tree = self.evaluator.tree(literal.path)
        entries: list[Site] = []
        spreads: list[Site] = []
        mapping = tree.kinds[literal.node] == Kind.OBJECT
        for position, child in enumerate(tree.children(literal.node)):
            kind = tree.kinds[child]
            value = tree.child(child, Role.VALUE) if kind in (Kind.PAIR, Kind.SPREAD) else child
            if value < 0:
                continue
            site = Site(literal.path, value, literal.context, literal.when)
            name = tree.value(child) if mapping else str(position)
            if kind == Kind.SPREAD:
                spreads.append(site)
            elif key and name == key:
                entries = [site]
                spreads = [] if mapping else spreads
            elif not key or (mapping and not name):
                entries.append(site)
        return entries, spreads

    def _assigned(self, owner: Site, key: str) -> tuple[list[Site], bool]:
        """What is assigned to the key of a name on the way to its use (`found["n"] = value`), and whether that always
        stands there in the end."""
        tree = self.evaluator.tree(owner.path)
        scope = self.evaluator.scope(owner.path)
        if tree.kinds[owner.node] != Kind.NAME or not scope.grown(owner.node, tree.value(owner.node)):
            return [], False
        exact: list[int] = []
        passed: list[tuple[int, bool]] = []
        for assignment, target in scope.growth(owner.node, tree.value(owner.node)):
            name = self._key(owner.path, target)
            if name and name == key:
                exact.append(assignment)
            elif name is not None and not (name and key):
                passed += scope.passed([assignment], owner.node)
        last = scope.passed(exact, owner.node)
        values = [tree.child(assignment, Role.VALUE) for assignment, _ in (*passed, *last)]
        sites = [Site(owner.path, value, owner.context) for value in values if value >= 0]
        return sites, any(always for _, always in last)

    def one(self, site: Site) -> Site | None:
        """The one expression that an entry is, where it is one and no test was made of the entry."""
        found = self.of(site)
        if found is None or len(found) != 1 or found[0].whole or self.origins.guards.of(site) is not None:
            return None
        return found[0].site

    def origin(self, entries: list[Entry]) -> Origin:
        """Where what stands under a key comes from."""
        return self.origins.worst(
            [
                self.origins.through(origin) if entry.whole else origin
                for entry in entries
                for origin in (self.origins.child(entry.site, entry.site.node),)
            ]
        )


_LITERALS = frozenset({Kind.OBJECT, Kind.LIST, Kind.TUPLE})
_OWNERS = _LITERALS | {Kind.NAME}
