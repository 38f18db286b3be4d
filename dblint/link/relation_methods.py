"""Methods that the rows of a model have for each of its relations, by names made of both (`author.getBooks()`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.libraries.declaring import RelationMembers
from dblint.libraries.grammar import Member, Slot
from dblint.link.inflection import singular
from dblint.link.values import BoundMember, Instance, LibraryClass, ProjectClass, Step

if TYPE_CHECKING:
    from dblint.link.model_readers.shared import Related
    from dblint.link.types import Evaluator


class RelationMethods:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        types = evaluator.tables.types
        imported = {one.module for facts in evaluator.files.values() for one in facts.interface.imports}
        self._words = tuple(
            {
                member
                for name, row in types.items()
                if row.relation_members is not None
                and imported.intersection(evaluator.tables.libraries[name.partition(":")[0]].packages)
                for kind in (row.relation_members.one, row.relation_members.many)
                for member in types[f"{name.partition(':')[0]}:{kind}"].members
            }
        )
        """How the names of such methods begin, of the libraries that the project uses."""

    def may_be(self, name: str) -> bool:
        """Whether a name may be that of such a method."""
        return name.startswith(self._words) and any(name[len(word) : len(word) + 1].isupper() for word in self._words)

    def member(self, value: Instance, name: str) -> BoundMember | None:
        """The method of that name of a model's row, called on the rows of the relation that the name says; None where
        it is none."""
        words = [word for word in self._words if name.startswith(word) and name != word]
        relations = self.evaluator.relations
        if not words or relations is None or not isinstance(value.cls, ProjectClass):
            return None
        for cls in self.evaluator.classes.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name].relation_members
            if row is None:
                continue
            for word in words:
                for related in relations.relations(value.cls).values():
                    if name[len(word) :] in spellings(related):
                        found = self._bound(cls, row, related, word, value.cls)
                        if found is not None:
                            return found
        return None

    def _bound(
        self, cls: LibraryClass, row: RelationMembers, related: Related, word: str, owner: ProjectClass
    ) -> BoundMember | None:
        library = self.evaluator.tables.library(cls.name)
        kind = f"{library}:{row.many if related.many else row.one}"
        member = self.evaluator.tables.types[kind].members.get(word)
        if member is None:
            return None
        model = self.evaluator.tables.types[kind].model
        arguments = ((model, related.model),) if isinstance(related.model, (ProjectClass, LibraryClass)) else ()
        columns = related.relation.columns if related.many else related.relation.target_columns
        column = columns[0] if columns else "*"
        narrowed = Member(where=Slot(value=column), limit=None if related.many else Slot(value=1))
        step = Step(narrowed, f"{related.name}.{column}", "", -1)
        steps = (step,) if related.many or member.run != "insert" else ()
        how = (f"{related.name} of {self.evaluator.classes.class_name(owner)}",)
        return BoundMember(Instance(LibraryClass(kind), arguments, steps, how=how), kind, word)


def spellings(related: Related) -> Iterator[str]:
    """How a relation is written behind the word of a method: as it is called, and as one row of it is."""
    name = related.name
    for each in dict.fromkeys((name, singular(name) if related.many else name)):
        yield each[:1].upper() + each[1:]
