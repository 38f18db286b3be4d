"""Whether a call holds up its thread until the database has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member, Type
from dblint.link.loops.callbacks import callback_of
from dblint.link.returns import parse
from dblint.link.values import BoundMember, Instance, LibraryClass, LibraryFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dblint.link.types import Evaluator

_WRAPPED = (Kind.CAST,)


class Blocking:
    """Reads the words `blocking`, `awaited`, `refuses` and `embedded` of tables. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def blocks(
        self,
        path: str,
        node: int,
        row: Member,
        option: BoundMember | LibraryFunction | LibraryClass | Instance,
        name: str,
    ) -> bool:
        """Whether what is called, or run where no call stands, surely holds up its thread there. What is awaited does
        not, whatever its type seems to be."""
        if awaited(self.evaluator.tree(path), node):
            return False
        if row.blocking is not None and not isinstance(option, Instance):
            return row.blocking
        for described in self._types(row, option):
            if name in described.awaited or "*" in described.awaited:
                return False
            if described.blocking is not None:
                return described.blocking
        return False

    def refuses(self, row: Member, option: BoundMember | LibraryFunction | LibraryClass | Instance) -> str:
        """What a call raises where it would hold up an event loop; "": it raises nothing."""
        return next((described.refuses for described in self._types(row, option) if described.refuses), "")

    def embedded(self, row: Member, option: BoundMember | LibraryFunction | LibraryClass | Instance) -> bool:
        """Whether the database that a call asks runs in the program itself."""
        return any(described.embedded for described in self._types(row, option))

    def prepared(self, row: Member, option: BoundMember | LibraryFunction | LibraryClass | Instance) -> bool:
        """Whether a call runs a statement that was parsed before."""
        return any(described.prepared for described in self._types(row, option))

    def _types(self, row: Member, option: BoundMember | LibraryFunction | LibraryClass | Instance) -> Iterator[Type]:
        """The rows of what is asked, nearest first; a function is as what it gives."""
        tables = self.evaluator.tables
        if isinstance(option, LibraryFunction):
            given = parse(row.returns).name if row.returns else ""
            library = tables.functions[option.path][0]
            full = given if ":" in given else f"{library}:{given}"
            names = tables.lineages.get(full, ())
        elif isinstance(option, LibraryClass):
            names = tables.lineages[option.name]
        else:
            cls = option.receiver.cls if isinstance(option, BoundMember) else option.cls
            names = tuple(each.name for each in self.evaluator.classes.library_types(cls))
        for each in names:
            for ancestor in tables.lineages[each]:
                yield tables.types[ancestor]


def awaited(tree: Tree, node: int) -> bool:
    """Whether what an expression gives is awaited where it stands, entered by `async with` or iterated by
    `async for`."""
    parent = tree.parents[node]
    while parent >= 0 and tree.kinds[parent] in _WRAPPED:
        node, parent = parent, tree.parents[parent]
    if parent < 0:
        return False
    kind, role = tree.kinds[parent], tree.roles[node]
    if kind == Kind.AWAIT:
        return True
    if kind == Kind.ITEM and role == Role.VALUE:
        return tree.has(tree.parents[parent], Flag.ASYNC)
    return kind in (Kind.LOOP, Kind.CLAUSE) and role == Role.ITERABLE and tree.has(parent, Flag.ASYNC)


def moved(evaluator: Evaluator, path: str, node: int) -> bool:
    """Whether what is called is what moves a function to a thread (`sync_to_async(load)(key)`)."""
    if evaluator.tree(path).kinds[node + 1] != Kind.CALL:
        return False
    callback = callback_of(evaluator, path, node + 1, 0)
    return callback is not None and callback.thread
