"""Plain values of declarations: names, texts, flags and lists that a call is given.

A declaration (a model's field, a migration's operation) is read for what it says, without running it:
constants and names that hold them, nothing that is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dblint.facts.text import Hole, Literal, Optional, Piece, Place, Repeat, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.targets import Definition
from dblint.link.texts.text import Texts
from dblint.link.types import Evaluator
from dblint.link.values import (
    BoundMember,
    Expression,
    ExternalValue,
    LibraryClass,
    LibraryFunction,
    ModuleValue,
    ProjectClass,
    options,
)

ELEMENTS = 2_000
"""Elements of one list that are looked at."""
FOLLOWED = 5
"""Names of names that are followed."""
WRAPPED = 3
"""Calls around a text that are looked through."""


@dataclass(slots=True)
class Plain:
    """Reads plain values."""

    evaluator: Evaluator
    texts: Texts
    given: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict, kw_only=True)
    """What the call of the helper that is being read passes for its parameters."""

    def place(self, site: Site) -> Place:
        """The span of an expression."""
        tree = self.evaluator.tree(site.path)
        return Place(site.path, tree.starts[site.node], tree.stops[site.node])

    def string(self, site: Site | None) -> str:
        """The text of an expression that holds one of the program's own literals, else ""."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.STRING:
            return tree.value(site.node)
        shapes = self.shapes(site)
        pieces = shapes[0].pieces if shapes else ()
        if len(shapes) != 1 or not all(isinstance(piece, Literal) for piece in pieces):
            return ""
        return "".join(piece.text for piece in pieces if isinstance(piece, Literal))

    def shapes(self, site: Site) -> list[Text]:
        """The texts that an expression can hold, with what a helper was given for its parameters."""
        shapes = self.texts.of(self.unwrapped(site))
        if not self.given:
            return shapes
        return [Text(self._filled(shape.pieces), shape.open) for shape in shapes]

    def _filled(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        filled: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, Hole) and piece.parameter in self.given:
                filled += self.given[piece.parameter]
            elif isinstance(piece, Optional):
                filled.append(Optional(self._filled(piece.pieces)))
            elif isinstance(piece, Repeat):
                filled.append(Repeat(self._filled(piece.pieces), piece.separator))
            else:
                filled.append(piece)
        return tuple(filled)

    def strings(self, site: Site | None) -> tuple[str, ...]:
        """The texts of a list's elements; "" for those that cannot be said."""
        return tuple(self.string(element) for element in self.elements(site))

    def elements(self, site: Site | None) -> list[Site]:
        """The elements of a list, tuple or set, or of several that are added up."""
        found: list[Site] = []
        pending = [self.literal(site)] if site is not None else []
        while pending and len(found) < ELEMENTS:
            current = pending.pop()
            tree = self.evaluator.tree(current.path)
            kind = tree.kinds[current.node]
            if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
                for child in tree.children(current.node):
                    inner = tree.child(child, Role.VALUE) if tree.kinds[child] == Kind.SPREAD else -1
                    if inner >= 0:
                        found += self._spread(Site(current.path, inner, current.context))
                    else:
                        found.append(Site(current.path, child, current.context))
            elif kind == Kind.BINARY and tree.value(current.node) == "+":
                sides = [Site(current.path, child, current.context) for child in tree.children(current.node)]
                pending += [self.literal(side) for side in reversed(sides)]
        return found

    def _spread(self, site: Site) -> list[Site]:
        literal = self.literal(site)
        tree = self.evaluator.tree(literal.path)
        if tree.kinds[literal.node] not in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return []
        return [Site(literal.path, child, literal.context) for child in tree.children(literal.node)]

    def literal(self, site: Site) -> Site:
        """The expression that a name stands for, or the expression itself."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression):
                return Site(option.path, option.node, option.context)
        return site

    def constant(self, site: Site | None) -> str:
        """The word of a constant or number (`true`, `null`, `5`) or of a name that holds one, else ""."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE):
            site = self.held(site)
            tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] in (Kind.CONSTANT, Kind.NUMBER) else ""

    def held(self, site: Site) -> Site:
        """The only expression that a name, or a name of a module or class, is given; the site itself where
        there are several or none."""
        for _ in range(FOLLOWED):
            tree = self.evaluator.tree(site.path)
            kind = tree.kinds[site.node]
            if kind not in (Kind.NAME, Kind.ATTRIBUTE):
                break
            found = self._given_name(site) if kind == Kind.NAME else self._given_attribute(site)
            if found is None:
                break
            site = found
        return site

    def _given_name(self, site: Site) -> Site | None:
        name = self.evaluator.tree(site.path).value(site.node)
        reached = self.evaluator.scope(site.path).reaching(site.node, name)
        if reached is not None:
            return self._value(site.path, tuple(binding for binding, _ in reached))
        return self._defined(self.evaluator.names.binding(site.path, name))

    def _given_attribute(self, site: Site) -> Site | None:
        name = self.evaluator.tree(site.path).value(site.node)
        for owner in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(owner, ModuleValue):
                return self._defined(self.evaluator.names.export(owner.path, name))
            if isinstance(owner, ProjectClass):
                cls = self.evaluator.classes.owner(owner, name)
                if cls is not None:
                    members = self.evaluator.files[cls.path].interface.classes[cls.node].members
                    return self._value(cls.path, members[name])
        return None

    def _defined(self, target: object) -> Site | None:
        return self._value(target.path, target.nodes) if isinstance(target, Definition) else None

    def _value(self, path: str, bindings: tuple[int, ...]) -> Site | None:
        tree = self.evaluator.tree(path)
        if len(bindings) != 1 or tree.kinds[bindings[0]] != Kind.ASSIGN or tree.value(bindings[0]):
            return None
        target, value = tree.child(bindings[0], Role.TARGET), tree.child(bindings[0], Role.VALUE)
        return Site(path, value, None) if value >= 0 and tree.kinds[target] == Kind.NAME else None

    def true(self, site: Site | None) -> bool:
        """Whether an expression is the constant true."""
        return self.constant(site) == "true"

    def source(self, site: Site | None) -> str:
        """A constant, number or string as SQL would write it; "" when it is something else."""
        if site is None:
            return ""
        constant = self.constant(site)
        if constant:
            return constant
        text = self.string(site)
        return f"'{text}'" if text else ""

    def argument(self, call: Site, at: str) -> Site | None:
        """What stands at a slot of a call (`0|name`), or None."""
        sites = find(self.evaluator, at, call).sites
        return sites[0] if sites else None

    def path_of(self, site: Site) -> str:
        """Where a name of a package lives (`django.db.models.CharField`), of a project class that of the nearest
        base that lives in one; "" for anything else."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            found = self._path(option)
            if found:
                return found
        return ""

    def _path(self, option: object) -> str:
        if isinstance(option, (ExternalValue, LibraryFunction)):
            return option.path
        if isinstance(option, LibraryClass):
            return next(iter(self.evaluator.tables.types[option.name].path), "")
        if isinstance(option, ProjectClass):
            return next(self.bases(option), "")
        return ""

    def bases(self, cls: ProjectClass) -> Iterator[str]:
        """The package paths of a project class's bases, nearest first."""
        pending, seen = [cls], {(cls.path, cls.node)}
        while pending:
            current = pending.pop(0)
            tree = self.evaluator.tree(current.path)
            for base in tree.with_role(current.node, Role.BASE):
                for option in options(self.evaluator.value(current.path, base)):
                    if isinstance(option, ProjectClass):
                        if (option.path, option.node) not in seen:
                            seen.add((option.path, option.node))
                            pending.append(option)
                    elif path := self._path(option):
                        yield path

    def callee(self, call: Site) -> Site:
        """What is called."""
        return Site(call.path, call.node + 1, call.context)

    def word(self, site: Site) -> str:
        """The last word of a name or attribute."""
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def is_call(self, site: Site) -> bool:
        """Whether an expression is a call."""
        return self.evaluator.tree(site.path).kinds[site.node] == Kind.CALL

    # Rows

    def row(self, call: Site) -> Member | None:
        """The table row of what is called."""
        callee = self.callee(call)
        for option in options(self.evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, LibraryFunction):
                return self.evaluator.tables.functions[option.path][1]
            if isinstance(option, BoundMember):
                found = self.evaluator.tables.member(option.owner, option.name)
                if found is not None:
                    return found[1]
        return None

    def unwrapped(self, site: Site) -> Site:
        """The string inside of calls that only mark it as SQL or as a name (`text("…")`)."""
        for _ in range(WRAPPED):
            row = self.row(site) if self.is_call(site) else None
            if row is None or row.run:
                break
            inner = self.argument(site, row.text.at) if row.text is not None else None
            if row.text is None and row.returns == "self":
                # `text("…").bindparams(…)`: still the same text.
                tree = self.evaluator.tree(site.path)
                owner = tree.child(site.node + 1, Role.OBJECT)
                text = owner >= 0 and tree.kinds[owner] == Kind.CALL and self.row(Site(site.path, owner, site.context))
                inner = Site(site.path, owner, site.context) if text and (text.text or text.returns == "self") else None
            if inner is None:
                break
            site = inner
        return site
