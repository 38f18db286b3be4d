"""What the columns of models say of the texts that the attributes of their rows can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.schema import prints_plainly
from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import BoundMember, Instance, LibraryClass, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

NAMES = 4
"""Names between a row and the call that gives it."""


class Columns:
    """Answers what columns hold. One per reader of origins."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def of(self, site: Site, owner: Value) -> Origin | None:
        """NUMBER where an attribute of a row is a column that holds nothing else, whichever row it is; None where a
        text may be there. What the program puts into a row itself stays what it is until the database has it."""
        relations = self.evaluator.relations
        name = self.evaluator.tree(site.path).value(site.node)
        found = list(options(owner))
        if relations is None or not found:
            return None
        for option in found:
            if not isinstance(option, Instance):
                return None
            column = relations.column(option.cls, name)
            if column is None or not prints_plainly(column.type):
                return None
        given = Site(site.path, site.node + 1, site.context)
        if self._put(site, name) or self._made(given) or self.origins.of(given) is Origin.REQUEST:
            return None
        return Origin.NUMBER

    def _put(self, site: Site, name: str) -> bool:
        """Whether the function around a use puts something into an attribute of that name."""
        tree = self.evaluator.tree(site.path)
        function = max(self.evaluator.scope(site.path).function(site.node), 0)
        node = tree.kinds.find(Kind.ASSIGN, function, tree.ends[function])
        while node >= 0:
            for target in tree.with_role(node, Role.TARGET):
                if tree.kinds[target] == Kind.ATTRIBUTE and tree.value(target) == name:
                    return True
            node = tree.kinds.find(Kind.ASSIGN, node + 1, tree.ends[function])
        return False

    def _made(self, site: Site) -> bool:
        """Whether a row was made in memory, of whatever it was given."""
        tree = self.evaluator.tree(site.path)
        pending = [site.node]
        for _ in range(NAMES):
            following: list[int] = []
            for node in pending:
                while tree.kinds[node] in (Kind.AWAIT, Kind.CAST):
                    node = tree.child(node, Role.VALUE)
                if tree.kinds[node] == Kind.CALL and self._makes(Site(site.path, node, site.context)):
                    return True
                if tree.kinds[node] == Kind.NAME:
                    reached = self.evaluator.scope(site.path).reaching(node, tree.value(node)) or ()
                    values = (tree.child(at, Role.VALUE) for at, _ in reached if tree.kinds[at] == Kind.ASSIGN)
                    following += [value for value in values if value >= 0]
            pending = following
        return False

    def _makes(self, call: Site) -> bool:
        for option in options(self.evaluator.value(call.path, call.node + 1, call.context)):
            if isinstance(option, (ProjectClass, LibraryClass)):
                return True
            row = self.evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
            if row is not None and row.inert == "entity":
                return True
        return False
