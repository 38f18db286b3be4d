"""SQL text as it is handed to a library: what stands where a row says that text does, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.text import Hole, Origin, Repeat, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, entries, find
from dblint.link.texts.making import at, judged
from dblint.link.values import Expression, FunctionValue, Instance, ListOf, Scalar, Value, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts


class Slotted:
    """Reads the text slots of rows. One per reader of texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.evaluator = texts.evaluator

    def texts_of(self, row: Member, call: Site) -> list[Text]:
        """The texts that a call is given where its row says so."""
        if row.text is None:
            return []
        slot = row.text
        found: list[Text] = []
        for site in find(self.evaluator, slot.at, call).sites:
            if row.tagged:
                found += self._tagged(site, call, row)
            elif slot.reader == "results":
                found += self._results(site, row.piece)
            elif slot.reader == "keys":
                found += self._keys(site, row.piece)
            elif slot.reader == "statements":
                found += self._statements(site, slot.nested)
            elif slot.reader == "each":
                found += self._each(site, row.piece)
            else:
                found += self._plain(site, row.piece)
        return found

    def _tagged(self, site: Site, call: Site, row: Member) -> list[Text]:
        """The text of a template, or of pieces that were put together elsewhere, or one that is sent as it is."""
        if self._other(self._value(site)):
            return []
        if self._kind(call) == Kind.TAGGED:
            return [self.texts.fragments.template(site)]
        if row.tagged == "text":
            return self._plain(site, row.piece)
        return self.texts.fragments.handed(site)

    def _value(self, site: Site) -> Value:
        return self.evaluator.value(site.path, site.node, site.context)

    def _kind(self, site: Site) -> int:
        return self.evaluator.tree(site.path).kinds[site.node]

    def _other(self, value: Value) -> bool:
        """Whether a value is no text: an object of a library or of the project, unless it is one that text is put
        together with."""
        types = self.evaluator.tables.types
        return any(
            isinstance(option, Instance)
            and not any(types[cls.name].composes for cls in self.evaluator.classes.library_types(option.cls))
            for option in options(value)
        )

    def _plain(self, site: Site, piece: bool) -> list[Text]:
        """A text, or what a function that stands in its place gives."""
        if self._kind(site) == Kind.FUNCTION:
            return self._results(site, piece)
        value = self._value(site)
        if self._other(value):
            return []
        texts = self.texts.of(site)
        if self._kind(site) == Kind.CALL and self.texts.fragments.made(site):
            return [judged(text) for text in texts]  # that place is judged by itself
        return [self._said(site, value, text) for text in texts] if piece else texts

    def _said(self, site: Site, value: Value, text: Text) -> Text:
        """The text, of which nobody says who decides it where it is one value of which nobody says that it is a text:
        builders in JavaScript take texts and objects at the same place."""
        hole = text.pieces[0] if len(text.pieces) == 1 else None
        if not isinstance(hole, Hole) or hole.origin is not Origin.PARAMETER or not self._script(site):
            return text
        if self._kind(site) in (Kind.TEMPLATE, Kind.BINARY, Kind.TAGGED):
            return text
        held = [option.element if isinstance(option, ListOf) else option for option in options(value)]
        return text if _STRING in held else Text((replace(hole, origin=Origin.UNKNOWN),))

    def _script(self, site: Site) -> bool:
        return self.evaluator.javascript(site.path)

    def _results(self, site: Site, piece: bool) -> list[Text]:
        """What functions give that stand here, or under the keys of an object literal."""
        sites = [site]
        pairs, _ = entries(self.evaluator, site)
        sites += [value for _, value in pairs]
        return [
            text
            for each in sites
            for option in options(self._value(each))
            if isinstance(option, FunctionValue)
            for node in self.evaluator.returns(option)
            for text in self._plain(Site(option.path, node, option.context), piece)
        ]

    def _keys(self, site: Site, piece: bool) -> list[Text]:
        """A text, or the keys of an object literal that are worked out."""
        found: list[Text] = []
        literals = list(self._literals(site, Kind.OBJECT))
        for literal in literals:
            tree = self.evaluator.tree(literal.path)
            for pair in tree.children(literal.node):
                key = tree.child(pair, Role.KEY) if tree.kinds[pair] == Kind.PAIR else -1
                if key >= 0:
                    found += self._plain(at(literal, key), piece)
        return found if literals else self._plain(site, piece)

    def _each(self, site: Site, piece: bool) -> list[Text]:
        """A text, the elements of a list, or the values of an object literal."""
        if any(True for _ in self._literals(site, Kind.OBJECT)):
            return [text for _, value in entries(self.evaluator, site)[0] for text in self._plain(value, piece)]
        listed = isinstance(self._value(site), ListOf) or any(
            True for kind in (Kind.LIST, Kind.TUPLE) for _ in self._literals(site, kind)
        )
        pieces = self.texts.lists.items(site) if listed else None
        return self._plain(site, piece) if pieces is None else [Text((Repeat(pieces),))] if pieces else []

    def _statements(self, site: Site, key: str) -> list[Text]:
        """The texts of a list whose elements are statements: texts, lists that begin with one, or objects that hold it
        under the key; what is no list is one of these itself."""
        elements: list[Site] = []
        for option in options(self._value(site)):
            if not isinstance(option, Expression) or self.evaluator.tree(option.path).kinds[option.node] != Kind.LIST:
                held = options(self.evaluator.elements.element(option))
                elements += [Site(one.path, one.node, one.context) for one in held if isinstance(one, Expression)]
                continue
            tree = self.evaluator.tree(option.path)
            elements += [Site(option.path, child, option.context) for child in tree.children(option.node)]
        if not elements and self._kind(site) != Kind.LIST:
            elements = [site]
        found: list[Text] = []
        for each in elements:
            objects = list(self._literals(each, Kind.OBJECT))
            lists = [*self._literals(each, Kind.LIST), *self._literals(each, Kind.TUPLE)]
            for literal in objects:
                for name, value in entries(self.evaluator, literal)[0]:
                    found += self._plain(value, False) if name == key else []
            for literal in lists:
                first = next(iter(self.evaluator.tree(literal.path).children(literal.node)), -1)
                found += self._plain(at(literal, first), False) if first >= 0 else []
            if not objects and not lists:
                found += self._plain(each, False)
        return found

    def _literals(self, site: Site, kind: int) -> Iterator[Site]:
        """The literals of that kind that an expression may hold."""
        if self._kind(site) == kind:
            yield site
            return
        for option in options(self._value(site)):
            if isinstance(option, Expression) and self.evaluator.tree(option.path).kinds[option.node] == kind:
                yield Site(option.path, option.node, option.context)

    # What becomes of a text

    def piece(self, row: Member, call: Site) -> bool:
        """Whether the text of a call is a piece of a statement: by its row, or because the call stands where pieces
        are put together. Where it stands nowhere in particular, it may be a whole one."""
        if row.piece or row.run:
            return row.piece
        tree = self.evaluator.tree(call.path)
        node = call.node
        while (parent := tree.parents[node]) >= 0:
            kind, role = tree.kinds[parent], tree.roles[node]
            if kind == Kind.BINARY and tree.value(parent) not in _CHOOSING:
                return True
            if kind in _PASSING or (kind in (Kind.ATTRIBUTE, Kind.CALL) and role in (Role.OBJECT, Role.CALLEE)):
                node = parent
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                return self._puts_together(Site(call.path, parent, call.context))
            else:
                return kind == Kind.HOLE and tree.kinds[tree.parents[tree.parents[parent]]] == Kind.TAGGED
        return False

    def _puts_together(self, call: Site) -> bool:
        """Whether what a call is given becomes a part of a larger statement."""
        row = self.texts.origins.row(call)
        return (
            isinstance(row, Member)
            and row.run != "text"
            and (bool(row.string) or any(getattr(row, clause) is not None for clause in _CLAUSES))
        )


_STRING = Scalar("string")
_PASSING = frozenset(
    {Kind.CONDITIONAL, Kind.BINARY, Kind.AWAIT, Kind.CAST, Kind.LIST, Kind.TUPLE, Kind.KEYWORD, Kind.SPREAD}
)
_CHOOSING = ("or", "and", "??")
"""Operators that give one of their operands as it is."""
_CLAUSES = ("where", "having", "columns", "set", "group", "order", "join")
