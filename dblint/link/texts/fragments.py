"""Tagged templates, and the pieces of SQL text that a library lets them be put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Hole, Literal, Origin, Parameter, Piece, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.texts.making import at, judged
from dblint.link.values import BoundMember, Instance, LibraryFunction, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts


class Fragments:
    """Reads tagged templates. One per `Texts`."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def template(self, site: Site) -> Text:
        """The template of a tagged call: its holes are bound, except for pieces of SQL text."""
        tree = self.texts.evaluator.tree(site.path)
        pieces: list[Piece] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.STRING:
                pieces += self.texts.of(at(site, child))[0].pieces
                continue
            value = tree.child(child, Role.VALUE)
            if value < 0:
                continue
            inner = at(site, value)
            name = self._name(inner)
            if name:
                pieces.append(Literal(name))
                continue
            shapes = self._pieces(inner)
            if shapes:
                pieces += self.texts.joined(shapes, inner)
            else:
                origins, handed = self.texts.origins, self.texts.evaluator.hand(inner.path, inner.node)
                pieces.append(Parameter(origins.source(inner), origins.of(inner), handed))
        return Text(tuple(pieces))

    def _name(self, site: Site) -> str:
        """The name of a table or column, where a model or its attribute stands (`sql`${jars.weight} > 3``)."""
        evaluator = self.texts.evaluator
        tree, relations = evaluator.tree(site.path), evaluator.relations
        if relations is None or tree.kinds[site.node] not in (Kind.NAME, Kind.ATTRIBUTE):
            return ""
        held = options(evaluator.value(site.path, site.node, site.context))
        if len(held) == 1 and isinstance(held[0], ProjectClass):
            table = relations.table(held[0])
            return table.name if table is not None else ""
        if tree.kinds[site.node] == Kind.NAME:
            return ""
        owner = options(evaluator.value(site.path, site.node + 1, site.context))
        column = relations.column(owner[0], tree.value(site.node)) if len(owner) == 1 else None
        return column.name if column is not None and isinstance(owner[0], ProjectClass) else ""

    def handed(self, site: Site) -> list[Text]:
        """The shapes of a piece that a member is called with instead of a template; one that cannot be said is
        judged where it is made."""
        return self._pieces(site) or [self._rendered(site)]

    def of(self, site: Site) -> list[Text]:
        """The shapes of a piece where it is made: a call, or a tagged template."""
        evaluator = self.texts.evaluator
        tagged = evaluator.tree(site.path).kinds[site.node] == Kind.TAGGED
        shapes: list[Text] = []
        for option in options(evaluator.value(site.path, site.node + 1, site.context)):
            row = self._called(option)
            if row is not None and row.text is not None and (tagged or row.tagged != "only"):
                for inner in find(evaluator, row.text.at, site).sites:
                    shapes += [self.template(inner)] if tagged else self.texts.of(inner)
        return shapes or [self._rendered(site)]

    def _called(self, callee: Value) -> Member | None:
        """The row of what is called: a function, a member, or a value that can be called itself."""
        evaluator = self.texts.evaluator
        if isinstance(callee, (LibraryFunction, BoundMember)):
            return evaluator.rows.row_of(callee)
        for cls in evaluator.classes.library_types(callee.cls) if isinstance(callee, Instance) else ():
            row = evaluator.tables.types[cls.name].call
            if row is not None:
                return row
        return None

    def fixed(self, value: Value) -> Text | None:
        """The text that a library's own piece always is; blank, it is none."""
        step = value.steps[-1] if isinstance(value, Instance) and value.steps else None
        if step is None or step.node >= 0 or step.member.text is None:
            return None
        text = str(step.member.text.value).strip()
        return Text((Literal(text),) if text else ())

    def _pieces(self, site: Site) -> list[Text]:
        """The shapes of an expression that holds pieces; none where it is a plain value."""
        return [judged(shape) for shape in self.texts.of(site)] if self.made(site) else []

    def made(self, site: Site) -> bool:
        """Whether an expression holds a piece."""
        value = self.texts.evaluator.value(site.path, site.node, site.context)
        return any(isinstance(option, Instance) and self._composes(option) for option in options(value))

    def _composes(self, value: Instance) -> bool:
        evaluator = self.texts.evaluator
        return any(evaluator.tables.types[cls.name].composes for cls in evaluator.classes.library_types(value.cls))

    def _rendered(self, site: Site) -> Text:
        return Text((Hole(Origin.RENDERED, self.texts.origins.source(site)),))
