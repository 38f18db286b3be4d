"""The relations of models that Django's tables declare themselves (`User.groups`), at both ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dblint.facts.schema import Relation
from dblint.link.model_readers.django_classes import Classes
from dblint.link.model_readers.shared import JOIN, Related
from dblint.link.values import UNKNOWN, LibraryClass, SchemaModel

_SET = "_set"
"""What Django puts behind a model's name for the rows that refer to one."""


class LibraryRelations:
    """Reads relations of a library's models. One per reader."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._own: dict[LibraryClass, Mapping[str, Related]] = {}

    def relations(self, model: LibraryClass) -> Mapping[str, Related]:
        """The relations of a model that has a table of its own, by attribute."""
        model = LibraryClass(model.name)
        found = self._own.get(model)
        if found is None:
            found = self._own[model] = {related.name: related for related in self._related(model)}
        return found

    def inverses(self) -> Iterator[tuple[LibraryClass, Related]]:
        """What such models' relations add to other models of theirs, with the one that gets it."""
        tables = self.classes.evaluator.tables
        for name, row in tables.types.items():
            model = LibraryClass(name)
            for related in self.relations(model).values() if row.table and row.declares == "django" else ():
                other = related.relation.inverse
                if other and isinstance(related.model, LibraryClass):
                    asked = other.removesuffix(_SET)
                    yield (
                        related.model,
                        Related(other, model, True, related.relation, model, True, asked, related.join),
                    )

    def _related(self, model: LibraryClass) -> Iterator[Related]:
        tables = self.classes.evaluator.tables
        own = tables.types[model.name].table
        for ancestor in tables.lineages[model.name] if own else ():
            for name, item in self.classes.library_fields(ancestor).items():
                to = item.written.to if item.written is not None else ""
                if not to or item.kind not in ("to-one", "many-to-many"):
                    continue
                target = (
                    model if to == "Self" else LibraryClass(to if ":" in to else f"{ancestor.partition(':')[0]}:{to}")
                )
                many = item.kind == "many-to-many"
                relation = Relation(
                    name,
                    self.classes.table_name(target),
                    "many-to-many" if many else "to-one",
                    () if many else (item.column,),
                    () if many else ("id",),
                    item.written.inverse if item.written is not None else "",
                )
                between = SchemaModel(f"{own}_{name}", JOIN)
                join = LibraryClass("django:JoinModel", (("J", between),)) if many else UNKNOWN
                yield Related(name, target, many, relation, model, query_name=name, join=join)
