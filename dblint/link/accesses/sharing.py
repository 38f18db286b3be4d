"""Methods by which the project overrides a library's own for asking rows: `all()` of a manager that models share.

All models that share it ask in there, and each of its callers asks for rows of one: that is where a query is told what
to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.query import Column, Compare, Element
from dblint.facts.query import Value as Handed
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site, keywords
from dblint.link.values import FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origin, Origins, Row
    from dblint.link.model_readers.shared import Related


class Sharing:
    """Answers for them. One per `Origins`."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.models = origins.models

    def asked(self, origin: Origin, call: Site) -> Origin:
        """A query of such a method, as this call asks it: in its place, with the keywords that it hands on."""
        tree = self.evaluator.tree(call.path)
        place, elements = self.origins.chains.place(call), list(origin.query.where.elements)
        for option in options(self.evaluator.value(call.path, call.node + 1)):
            if isinstance(option, FunctionValue) and self.evaluator.overrides.behind(option) is not None:
                break  # the query has them from here already
            if isinstance(option, FunctionValue) and self._hands_on(option, tree.value(call.node + 1)):
                for name, _ in keywords(self.evaluator, call)[0]:
                    related = self.models.relation(origin.model, name)
                    column = self.models.column(origin.model, name)
                    columns = related.relation.columns if related is not None and not related.inverse else ()
                    named = (column.name,) if column is not None else columns
                    elements += [Element(Compare(Column(each), "=", Handed("unknown"))) for each in named]
                break
        where = replace(origin.query.where, elements=tuple(elements))
        query = replace(origin.query, where=where)
        if origin.relation is None:
            related, parent = self._begun(call)
            origin = replace(origin, relation=related, parent=parent)
        return replace(origin, place=place, query=query)

    def _begun(self, call: Site) -> tuple[Related | None, Row | None]:
        """The relation whose rows a method is asked for (`shelf.books.all()`), and the row that it is read of."""
        tree, handle = self.evaluator.tree(call.path), call.node + 2
        if tree.kinds[handle] != Kind.ATTRIBUTE:
            return None, None
        owner = self.evaluator.value(call.path, handle + 1)
        related = self.models.relation(owner.cls, tree.value(handle)) if isinstance(owner, Instance) else None
        return related, self.origins.row(call.path, handle + 1)

    def _hands_on(self, function: FunctionValue, name: str) -> bool:
        """Whether a method gives the keywords that it gets to the one that it overrides."""
        tree = self.evaluator.tree(function.path)
        call = tree.kinds.find(Kind.CALL, function.node, tree.ends[function.node])
        while call >= 0:
            if tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.value(call + 1) == name:
                spread = (each for each in tree.with_role(call, Role.ARGUMENT) if tree.kinds[each] == Kind.SPREAD)
                if any(tree.has(each, Flag.PAIRS) for each in spread):
                    return True
            call = tree.kinds.find(Kind.CALL, call + 1, tree.ends[function.node])
        return False

    def call(self, path: str, node: int) -> Site | None:
        """The call, where it is one of a method by which the project overrides a library's (`all()` of a manager of its
        own): all models that share it ask in there, and each of its callers asks for rows of one."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
            return None
        for option in options(self.evaluator.value(path, node + 1)):
            if isinstance(option, FunctionValue) and self._overrides(option.path, option.node):
                return Site(path, node, None)
        return None

    def holds(self, path: str, node: int) -> bool:
        """Whether a node stands in such a method."""
        function = self.evaluator.scope(path).function(node)
        return function >= 0 and self._overrides(path, function)

    def _overrides(self, path: str, function: int) -> bool:
        """Whether a function is a method that a class of the project has in place of its library's, by which rows of
        any model are asked for."""
        tree, tables = self.evaluator.tree(path), self.evaluator.tables
        body = tree.parents[function]
        owner = tree.parents[body] if body >= 0 else -1
        if owner < 0 or tree.kinds[owner] != Kind.CLASS:
            return False
        name = tree.value(function)
        return any(
            tables.types[each.name].model
            and (tables.member(each.name, name) is not None or name == tables.types[each.name].begins)
            for each in self.evaluator.classes.library_types(ProjectClass(path, owner))
        )
