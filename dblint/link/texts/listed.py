"""Lists that become text: their elements, what is appended to them, and joins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.text import Hole, Literal, Optional, Piece, Repeat, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.texts.gathered import DECIDED, JOINING, LISTS
from dblint.link.values import Expression, FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts

PARTS = 12
"""Lists behind a list that are looked through for its elements."""


class Lists:
    """Reads lists of strings. One per reader of texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.evaluator = texts.evaluator
        self._open: set[tuple[str, int]] = set()

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
            pushed += [((hole,), False) for hole in self._besides(site)]
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
        key = (site.path, site.node)
        if key in self._open or len(self._open) >= PARTS:
            return None
        self._open.add(key)
        try:
            return self._items(site)
        finally:
            self._open.discard(key)

    def _items(self, site: Site) -> tuple[Piece, ...] | None:
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
        if kind == Kind.BINARY and tree.value(node) == "+":
            sides = [Site(site.path, child, site.context) for child in tree.children(node)]
            return tuple(piece for side in sides for piece in self.items(side) or (self.texts.hole(side),))
        if kind == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            found = self._made(site)
            if found is not None:
                return found
        for option in options(self.evaluator.value(site.path, node, site.context)):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                found = self.items(Site(option.path, option.node, option.context))
                if found is not None:
                    return (*found, *self._pushed(site))
        if kind == Kind.NAME:
            values, more = self._values(site)
            found = self.items(values[0]) if len(values) == 1 and not more else None
            return (*found, *self._pushed(site)) if found is not None else None
        return None

    def _besides(self, site: Site) -> list[Piece]:
        """What the list behind a name holds where it is none of those that stand in the source: as a rule what a
        caller handed in (`if not parts: parts = []`)."""
        evaluator, origins = self.evaluator, self.texts.origins
        tree = evaluator.tree(site.path)
        found: list[Piece] = []
        for binding, _ in evaluator.scope(site.path).reaching(site.node, tree.value(site.node)) or ():
            if tree.kinds[binding] == Kind.PARAMETER:
                hole = self.texts.hole(site)
                if isinstance(hole, Hole):
                    origin = origins.tested(site, binding, origins.bound_by(site, binding, tree.value(site.node)))
                    found.append(replace(hole, origin=origin))
                continue
            value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
            pending = [value] if value >= 0 else []
            while pending:
                node = pending.pop()
                if tree.kinds[node] == Kind.BINARY and tree.value(node) in ("or", "??"):
                    pending += tree.children(node)
                elif not isinstance(evaluator.value(site.path, node, site.context), Expression):
                    origin = origins.tested(site, binding, origins.iterated(site, node))
                    found.append(Hole(origin, origins.source(Site(site.path, node, site.context))))
        return [piece for piece in found if isinstance(piece, Hole) and piece.origin in DECIDED]

    def each(self, site: Site) -> list[Text] | None:
        """The elements of a list in which somebody else decides something, as the texts that they are; None where
        no such element stands in the source, and there are others."""
        found: list[Text] = []
        pending: list[Site] = [site]
        unseen = False
        for _ in range(PARTS):
            if not pending:
                break
            part = pending.pop()
            tree = self.evaluator.tree(part.path)
            kind = tree.kinds[part.node]
            spread = tree.child(part.node, Role.VALUE) if kind == Kind.SPREAD else -1
            if spread >= 0:
                pending.append(Site(part.path, spread, part.context))
            elif kind in LISTS:
                for child in tree.children(part.node):
                    element = Site(part.path, child, part.context)
                    if tree.kinds[child] == Kind.SPREAD:
                        pending.append(element)
                    else:
                        found += self.texts.of(element)
            elif kind == Kind.COMPREHENSION:
                body = tree.child(part.node, Role.BODY)
                found += self.texts.of(Site(part.path, body, part.context)) if body >= 0 else []
            elif kind == Kind.BINARY and tree.value(part.node) in JOINING:
                pending += [Site(part.path, child, part.context) for child in tree.children(part.node)]
            elif kind == Kind.CALL and (mapped := self._mapped(part)) is not None:
                found += mapped
            elif kind == Kind.NAME:
                values, more = self._values(part)
                unseen = unseen or more
                pending += values
                for given, single in self.texts.origins.gathered.additions(part):
                    if single and tree.kinds[given.node] != Kind.SPREAD:
                        found += self.texts.of(given)
                    else:
                        pending.append(given)
            else:
                unseen = True
        shapes = list(dict.fromkeys(text for text in found if decided(text.pieces)))
        return shapes if shapes or not (unseen or pending) else None

    def constants(self, site: Site, part: int) -> list[Text]:
        """The elements of a list that stands in the source and that nothing is added to, where all of them are
        constant texts, or, at the position `part` of each, hold one; none where one is anything else."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.NAME:
            if any(True for _ in self.texts.origins.gathered.additions(site)):
                return []
            value = evaluator.value(site.path, site.node, site.context)
            if not isinstance(value, Expression):
                return []
            within = evaluator.scope(value.path).function(value.node)
            if within >= 0 and (value.path, within) != (site.path, evaluator.scope(site.path).function(site.node)):
                return []  # another function has it, and may have put more into it
            site = Site(value.path, value.node, value.context)
            tree = evaluator.tree(site.path)
        if tree.kinds[site.node] not in LISTS:
            return []
        found: list[Text] = []
        for child in tree.children(site.node):
            node = child
            if part >= 0:
                parts = list(tree.children(child)) if tree.kinds[child] in (Kind.TUPLE, Kind.LIST) else []
                node = parts[part] if part < len(parts) else -1
            texts = self.texts.of(Site(site.path, node, site.context)) if node >= 0 else []
            if not texts or not all(text.constant for text in texts):
                return []
            found += texts
        return list(dict.fromkeys(found))

    def _values(self, site: Site) -> tuple[list[Site], bool]:
        """The expressions that a name is given in this file, and whether it is given something else."""
        tree = self.evaluator.tree(site.path)
        found: list[Site] = []
        more = False
        reached = self.evaluator.scope(site.path).reaching(site.node, tree.value(site.node))
        for binding, _ in reached or ():
            if tree.kinds[binding] == Kind.CALL:
                continue
            value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
            if tree.kinds[binding] != Kind.ASSIGN or min(value, target) < 0 or tree.kinds[target] != Kind.NAME:
                more = True
                continue
            found.append(Site(site.path, value, site.context))
            if tree.value(binding):
                found.append(Site(site.path, target, site.context))
        return found, more or not reached

    def _mapped(self, call: Site) -> list[Text] | None:
        """What `list.map(…)` makes of the elements; None where the call is no such thing."""
        tree = self.evaluator.tree(call.path)
        row = self.texts.origins.untyped(call.path, call.node)
        closure = tree.child(call.node, Role.ARGUMENT)
        if row is None or not row.element or closure < 0 or tree.kinds[closure] != Kind.FUNCTION:
            return None
        returned = self.evaluator.returns(FunctionValue(call.path, closure, None, call.context))
        return [text for node in returned for text in self.texts.of(Site(call.path, node, call.context))]

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


def decided(pieces: tuple[Piece, ...]) -> int:
    """How many values in these pieces somebody outside the program decides."""
    count = 0
    pending = list(pieces)
    while pending:
        piece = pending.pop()
        if isinstance(piece, Hole):
            count += piece.origin in DECIDED and not piece.words
        elif isinstance(piece, (Optional, Repeat)):
            pending += piece.pieces
    return count


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
