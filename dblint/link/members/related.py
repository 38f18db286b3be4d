"""Members that are relations: the row of another model, or what gives several of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.libraries.grammar import Member, Slot, Type
from dblint.link.members.declared import type_rows
from dblint.link.returns import parse
from dblint.link.values import UNSAID, Class, Instance, LibraryClass, ListOf, ProjectClass, Step, Value

if TYPE_CHECKING:
    from dblint.link.members.members import Members


class Related:
    """Answers what the relations of models give. One per evaluator."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.evaluator = members.evaluator

    def member(self, cls: Class, name: str) -> Value | None:
        """What a relation gives: a row of the other model, or what gives several of them."""
        classes = self.evaluator.classes
        relations = self.evaluator.relations
        if relations is None or not any(
            self.evaluator.tables.types[item.name].declares for item in classes.library_types(cls)
        ):
            return None
        model = classes.behind(cls)
        related = relations.relation(model, name)
        if related is None or not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        how = (f"{name} of {classes.class_name(cls)}",)
        if not related.many:
            lazy = any("await" in row.runs_on or loads(row) for row in type_rows(self.evaluator, related.model))
            steps = (self._narrowed(name, related.relation.target_columns, single=True),) if lazy else ()
            return Instance(related.model, steps=steps, how=how)
        asked = next(
            (
                word
                for row in type_rows(self.evaluator, related.model)
                if (word := row.asked.get(related.relation.eager))
            ),
            "",
        )
        if asked:
            query = self._giving(related.model, asked)
            ordered = related.relation.ordered and not related.inverse
            narrowed = self._narrowed(name, related.relation.columns, ordered=ordered)
            return replace(query, steps=(*query.steps, narrowed), how=how) if isinstance(query, Instance) else query
        row = next((row for row in type_rows(self.evaluator, related.model) if row.related), None)
        if row is None:
            return ListOf(Instance(related.model, how=how))
        manager = self.handle(related.model)
        if manager is None:
            return None
        step = self._narrowed(name, related.relation.columns)
        arguments = manager.arguments
        made: Class = manager.cls
        between = related.relation.kind == "many-to-many"
        if word := row.joined if between else row.referring:
            made = LibraryClass(word, (("B", manager.cls),))
            if between and isinstance(related.join, (ProjectClass, LibraryClass)):
                arguments = (*arguments, ("J", related.join))
        return replace(manager, cls=made, arguments=arguments, steps=(*manager.steps, step), how=how)

    def handle(self, model: Class) -> Instance | None:
        """What asks for all rows of a model, where its library has such a thing."""
        row = next((row for row in type_rows(self.evaluator, model) if row.related), None)
        gives = (self._giving(model, word) for word in row.related.split()) if row is not None else ()
        return next((value for value in gives if isinstance(value, Instance)), None)

    @staticmethod
    def _narrowed(name: str, columns: Sequence[str], *, single: bool = False, ordered: bool = False) -> Step:
        """What keeps the rows of a relation to those of one row; `single`: there is only one; `ordered`: they come in
        an order, which is not read."""
        column = columns[0] if columns else "*"
        limit, order = Slot(value=1) if single else None, Slot(value=UNSAID) if ordered else None
        row = Member(where=Slot(value=column), limit=limit, order=order, expects="one" if single else "")
        return Step(row, f"{name}.{column}", "", -1)

    def _giving(self, model: Class, word: str) -> Value:
        """What one of the words in `related` gives: an attribute of the model, or a type made with it."""
        if "<" not in word:
            return self.members.of_class((model, word))
        declaring = next((cls for cls in self.evaluator.classes.library_types(model) if self._declares(cls)), None)
        return self.evaluator.rows.expression(parse(word), None, declaring, "", -1, None, model)

    def _declares(self, cls: LibraryClass) -> bool:
        return bool(self.evaluator.tables.types[cls.name].declares)

    def referred(self, cls: Class, name: str) -> Value | None:
        """What a model's class has under the name of a relation that another model's adds to it (`Author.books`)."""
        word = next((row.referred for row in type_rows(self.evaluator, cls) if row.referred), "")
        relations = self.evaluator.relations
        related = (
            relations.relation(self.evaluator.classes.behind(cls), name) if word and relations is not None else None
        )
        if related is None or not related.inverse or not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        given = (("R", related.model),)
        return Instance(LibraryClass(word, given), given, how=(f"{name} of {self.evaluator.classes.class_name(cls)}",))


def loads(row: Type) -> bool:
    """Whether a row has members by which the relation that gave it is loaded where it was not."""
    return any(member.run and member.loaded for member in row.members.values())
