"""What the class of a receiver has under a name, by which rows say what a member gives or which table it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.link.arguments import Site, find
from dblint.link.returns import parse
from dblint.link.values import (
    UNKNOWN,
    Class,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    ProjectClass,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_CLASSES = 3
"""Classes that a method gives, one or another, up to which an object may be of each."""


class Owned:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def first(self, names: list[str], receiver: Instance | None) -> Value:
        """What the class of a receiver has under the first of these names: a query, or those of a model's rows."""
        members = self.evaluator.members
        if receiver is None:
            return UNKNOWN
        for name in names:
            held = self._bound(name, receiver)
            if held is None and isinstance(receiver.cls, ProjectClass):
                held = self._under(name, receiver, receiver.cls)
            found: list[Value] = []
            for option in options(held) if held is not None else ():
                given = members.related.handle(option) if isinstance(option, (LibraryClass, ProjectClass)) else option
                if isinstance(given, Instance) and given not in found:
                    found.append(given)
            if found:
                return join(found)
        return UNKNOWN

    def _bound(self, name: str, receiver: Instance) -> Value | None:
        """What a type parameter of a receiver's class is: as the receiver holds it, or by what the class, or one that
        it extends, is registered for."""
        held = receiver.argument(name)
        if held is not None or not isinstance(receiver.cls, ProjectClass):
            return held
        for cls in self.evaluator.classes.mro(receiver.cls):
            if isinstance(cls, ProjectClass):
                model = self.evaluator.registered.model(cls, name)
                if not isinstance(model, Unknown):
                    return model
        return None

    def _under(self, name: str, receiver: Instance, cls: ProjectClass) -> Value:
        """What an object of a class has under a name, or at a path (`Meta.model`) that begins in a class on the way."""
        first, *further = name.split(".")
        if further and self.evaluator.classes.owner(cls, first) is None:
            return UNKNOWN  # what only subclasses say is many things
        held = self.evaluator.members.attribute(receiver, first, cls.path)
        for word in further:
            held = self.evaluator.members.attribute(held, word, cls.path)
        return held

    def classes(self, names: str, receiver: Instance | None) -> list[Class]:
        """The classes that the class of a receiver has under the first of these names (`A|B`) that gives some, also by
        a method of its own; none where they cannot be said, or are many."""
        if receiver is None:
            return []
        for name in names.split("|"):
            held, cls = self._bound(name, receiver), receiver.cls
            if held is None and isinstance(cls, ProjectClass):
                known = self.evaluator.classes.owner(cls, name.partition(".")[0]) is not None
                held = self._under(name, receiver, cls) if known else None
            if held is None:
                continue
            found = self._given(held)
            classes: list[Class] = [each for each in found if isinstance(each, (ProjectClass, LibraryClass))]
            if classes or any(isinstance(option, FunctionValue) for option in options(held)):
                return classes if len(classes) == len(found) <= _CLASSES else []
        return []

    def _given(self, held: Value) -> list[Value]:
        """What a member is, or what it gives where it is a method."""
        found: list[Value] = []
        for option in options(held):
            if isinstance(option, FunctionValue):
                around = Context(option.node, option.path, option.receiver, option.bound, option.context)
                found += options(self.evaluator.returned(option, around))
            else:
                found.append(option)
        return found

    def query(self, names: str, receiver: Instance | None) -> Instance | None:
        """The query that the class of a receiver has under the first of these names (`A|B`) that gives one, also by a
        method of its own; None where it cannot be said. Behind a name whose query cannot be said, clauses are open."""
        evaluator, opened = self.evaluator, False
        cls = receiver.cls if receiver is not None else None
        if receiver is None or not isinstance(cls, ProjectClass):
            return None
        for name in names.split("|"):
            if evaluator.classes.owner(cls, name) is None:
                continue  # what only subclasses say is many things
            held = evaluator.members.attribute(receiver, name, cls.path)
            found: list[Value] = []
            for option in options(held):
                if isinstance(option, FunctionValue):
                    around = Context(option.node, option.path, option.receiver, option.bound, option.context)
                    found += options(evaluator.returned(option, around))
                elif isinstance(option, (LibraryClass, ProjectClass)):
                    handle = evaluator.members.related.handle(option)
                    found += [handle] if handle is not None else []
                else:
                    found.append(option)
            queries = [each for each in found if isinstance(each, Instance)]
            if queries and len({self._rows_of(each) for each in queries}) == 1:
                return replace(queries[0], open=queries[0].open or opened or len(found) > 1)
            opened = opened or any(isinstance(option, FunctionValue) for option in options(held))
        return None

    def _rows_of(self, query: Instance) -> Value:
        row = self.evaluator.elements.element(query)
        return row.cls if isinstance(row, Instance) else row

    def made_with(self, name: str, receiver: Instance | None, cls: LibraryClass | None, owner: Value | None) -> Value:
        """What the call that made a receiver was given (`made-with:1|queryset=own:Meta.model`), else what stands behind
        the sign; where something was given of which nothing is known, more of it than is said there."""
        evaluator = self.evaluator
        if receiver is None:
            return UNKNOWN
        slots, _, otherwise = name.partition("=")
        makes = [evaluator.tables.types[base.name].construct for base in evaluator.classes.library_types(receiver.cls)]
        sites = [
            site
            for step in receiver.steps
            if any(step.member is each for each in makes)
            for site in find(evaluator, slots, Site(step.path, step.node, step.context)).sites
        ]
        given = [option for site in sites for option in options(evaluator.value(site.path, site.node, site.context))]
        known: list[Value] = [option for option in given if isinstance(option, Instance)]
        if known or not otherwise:
            return join(known) if known else UNKNOWN
        said = evaluator.rows.expression(parse(otherwise), receiver, cls, "", -1, None, owner)
        return join([evaluator.opened(option) for option in options(said)]) if sites else said
