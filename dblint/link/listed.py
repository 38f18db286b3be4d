"""Lists that become text: their elements, what is appended to them, and joins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Hole, Literal, Optional, Piece, Repeat, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.values import Expression, FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.text import Texts


class Lists:
    """Reads lists of strings. One per reader of texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.evaluator = texts.evaluator

    def joined(self, separator: Site, items: Site) -> list[Text]:
        """What joining the items gives."""
        words = self.texts.of(separator)
        between = "".join(piece.text for piece in words[0].pieces if isinstance(piece, Literal))
        listed = self.elements(items)
        if listed is not None:
            return [Text(_separated(listed, between))]
        pieces = self.items(items)
        return [Text((Repeat(pieces, between),))] if pieces is not None else [self.texts.unknown(items)]

    def elements(self, site: Site) -> list[tuple[tuple[Piece, ...], bool]] | None:
        """The elements of a list that stands in the source, each with whether it always is there."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        pushed: list[tuple[tuple[Piece, ...], bool]] = []
        while tree.kinds[site.node] == Kind.CALL:
            inner = self._kept(site)
            if inner is None:
                break
            site = inner
        if tree.kinds[site.node] == Kind.NAME:
            for call, word in self._statements(site):
                if word != "append" or any(tree.kinds[parent] == Kind.LOOP for parent in tree.ancestors(call)):
                    return None
                always = not evaluator.scope(site.path).conditional(call, -1)
                for argument in tree.with_role(call, Role.ARGUMENT):
                    if tree.kinds[argument] == Kind.SPREAD:
                        return None
                    pushed.append((self.texts.inlined(Site(site.path, argument, site.context))[0], always))
            value = evaluator.value(site.path, site.node, site.context)
            if not isinstance(value, Expression):
                return None
            site = Site(value.path, value.node, value.context)
            tree = evaluator.tree(site.path)
        if tree.kinds[site.node] not in (Kind.LIST, Kind.TUPLE):
            return None
        found: list[tuple[tuple[Piece, ...], bool]] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.SPREAD:
                return None
            found.append((self.texts.inlined(Site(site.path, child, site.context))[0], True))
        return [*found, *pushed]

    def _kept(self, call: Site) -> Site | None:
        """The list behind `list.filter(Boolean)`, which drops what is empty and keeps the rest as it is."""
        tree = self.evaluator.tree(call.path)
        row = self.texts.origins.row(call)
        if not isinstance(row, Untyped) or row.list != "same" or tree.kinds[call.node + 1] != Kind.ATTRIBUTE:
            return None
        argument = tree.child(call.node, Role.ARGUMENT)
        if argument >= 0 and row.callback is None:
            return None
        return Site(call.path, call.node + 2, call.context)

    def _statements(self, site: Site) -> Iterator[tuple[int, str]]:
        """The statements that change a list by its name, with what they do."""
        tree = self.evaluator.tree(site.path)
        for call in self.evaluator.scope(site.path).statements_on(site.node, tree.value(site.node)):
            row = self.texts.origins.untyped(site.path, call)
            if row is not None and row.list in ("append", "extend"):
                yield call, row.list

    def items(self, site: Site) -> tuple[Piece, ...] | None:
        """What the elements of a list look like; None when that cannot be said."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        kind = tree.kinds[node]
        inlined = self.texts.inlined
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
            pieces: list[Piece] = []
            for child in tree.children(node):
                if tree.kinds[child] == Kind.SPREAD:
                    value = tree.child(child, Role.VALUE)
                    spread = self.items(Site(site.path, value, site.context)) if value >= 0 else None
                    pieces += spread or (self.texts.hole(Site(site.path, child, site.context)),)
                else:
                    pieces += inlined(Site(site.path, child, site.context))[0]
            return tuple(pieces)
        if kind == Kind.COMPREHENSION:
            body = tree.child(node, Role.BODY)
            return inlined(Site(site.path, body, site.context))[0] if body >= 0 else None
        if kind == Kind.BINARY and tree.value(node) == "*":
            left = Site(site.path, tree.child(node, Role.LEFT), site.context)
            return self.items(left) or inlined(left)[0]
        if kind == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            found = self._made(site)
            if found is not None:
                return found
        for option in options(self.evaluator.value(site.path, node, site.context)):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                found = self.items(Site(option.path, option.node, option.context))
                if found is not None:
                    return (*found, *self._pushed(site))
        return None

    def _made(self, call: Site) -> tuple[Piece, ...] | None:
        """The elements of what a list's own method gives."""
        tree = self.evaluator.tree(call.path)
        row = self.texts.origins.untyped(call.path, call.node)
        if row is None:
            return None
        closure = tree.child(call.node, Role.ARGUMENT)
        if row.element and closure >= 0 and tree.kinds[closure] == Kind.FUNCTION:
            parts: list[Piece] = []
            for returned in self.evaluator.returns(FunctionValue(call.path, closure, None, call.context)):
                parts += self.texts.inlined(Site(call.path, returned, call.context))[0]
            return tuple(parts)
        if row.list != "same":
            return None
        receiver = Site(call.path, call.node + 2, call.context)
        if row.callback is not None and closure >= 0:
            proved = self.texts.origins.guards.filtered(call, closure)
            if proved is not None:
                return (Hole(proved, self.texts.origins.source(receiver)),)
        return self.items(receiver)

    def _pushed(self, site: Site) -> tuple[Piece, ...]:
        """What is appended to the list after its literal."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.NAME:
            return ()
        pieces: list[Piece] = []
        for call, _ in self._statements(site):
            for argument in tree.with_role(call, Role.ARGUMENT):
                inner = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.SPREAD else argument
                given = Site(site.path, inner, site.context)
                pieces += (self.items(given) if inner != argument else None) or self.texts.inlined(given)[0]
        return tuple(pieces)


def _separated(elements: list[tuple[tuple[Piece, ...], bool]], between: str) -> tuple[Piece, ...]:
    """Elements with the separator between them; one that is there sometimes brings its separator along."""
    pieces: list[Piece] = []
    for number, (element, always) in enumerate(elements):
        separated = (Literal(between), *element) if number and between else element
        if always:
            pieces += separated
        else:
            pieces.append(Optional(separated))
    return tuple(pieces)
