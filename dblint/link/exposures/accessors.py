"""What a class that shows rows by columns reads of each of them: a table of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Role
from dblint.link.arguments import Site
from dblint.link.exposures.showing import Seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dblint.facts.text import Place
    from dblint.libraries.showing import Represents
    from dblint.link.accesses.origins import Row
    from dblint.link.exposures.showing import Showing
    from dblint.link.values import FunctionValue, ProjectClass


class Accessors:
    """Reads such classes, whose library says `adds`. One per evaluator."""

    def __init__(self, showing: Showing) -> None:
        self.showing = showing

    def of(self, cls: ProjectClass, row: Row) -> Iterator[Seed]:
        """What a class reads of each row: by the columns that it declares, and by those of its model."""
        word = self.showing.word(cls)
        if word is None:
            return
        declared = self.showing.declared(cls)
        without = set(self.showing.plain.strings(self.showing.setting(cls, word.without)))
        named = {name: self._place(path, node) for name, (path, node) in declared.items()}
        setting, model = self.showing.setting(cls, word.fields), self.showing.model(cls, word)
        for element in self.showing.plain.elements(setting) if setting is not None else ():
            named.setdefault(self.showing.plain.string(element), self._place(element.path, element.node))
        if setting is None and model is not None:
            for name, related in self.showing.models.relations(model).items():
                if not related.many:
                    named.setdefault(name, self._place(cls.path, cls.node))
        for name, place in named.items():
            if name in without or not name:
                continue
            resolver = self.showing.written(cls, word.resolver.replace("{name}", name)) if word.resolver else None
            if resolver is not None:
                given = self._parameter(resolver, word.row)
                yield from (Seed(place, row, None, resolver, given),) if given >= 0 else ()
            source, kind = self._column(word, name, declared[name]) if name in declared else (name, "")
            parts = source.replace(word.divides, ".").split(".") if word.divides else source.split(".")
            yield from self._cell(
                place, row, parts, "value" if resolver is not None else kind, declared=name in declared
            )

    def _column(self, word: Represents, name: str, field: tuple[str, int]) -> tuple[str, str]:
        """The path that a column reads of each row, "" for none, and what becomes of what it gives."""
        site = Site(*field, None)
        made = self.showing.made(*field)
        shown = self.showing.shown_as(made) if made is not None else None
        visible = self.showing.plain.argument(site, word.visible) if word.visible else None
        if shown is None or visible is not None:
            return "", ""
        given = self.showing.plain.argument(site, word.source)
        return (self.showing.plain.string(given) if given is not None else name), shown.kind

    def _cell(self, place: Place, row: Row, parts: list[str], kind: str, *, declared: bool) -> Iterator[Seed]:
        """What a column reads of a row by a path."""
        current: Row | None = row
        for at, name in enumerate(parts):
            related = self.showing.models.relation(current.model, name) if current is not None and name else None
            if current is None or not name:
                return
            if related is None:
                yield from self.showing.attribute(place, current, name)
                return
            if related.many and (at + 1 < len(parts) or (declared and kind != "rows")):
                return
            yield Seed(place, current, related)
            current = current.along(related) if not related.many else None
        if current is not None and kind in ("", "text"):
            yield from self.showing.text(place, current)

    def _parameter(self, function: FunctionValue, name: str) -> int:
        """The parameter of that name, -1 where there is none."""
        tree = self.showing.evaluator.tree(function.path)
        found = (node for node in tree.with_role(function.node, Role.PARAMETER) if tree.value(node) == name)
        return next(found, -1)

    def _place(self, path: str, node: int) -> Place:
        return self.showing.origins.chains.place(Site(path, node, None))
