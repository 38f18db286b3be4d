"""Values of a key-value store that the program sets to what it computes from what it read under the same key
(`Recomputed.key`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Call
from dblint.facts.races import Recomputed
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member, Slot
from dblint.link.arguments import Site, find
from dblint.link.keys import patterns
from dblint.link.races.values import alike, words
from dblint.link.values import BoundMember, LibraryClass, options

if TYPE_CHECKING:
    from dblint.link.races.recomputed import Recomputing

DEPTH = 6
"""Names and operators between a computation and what it is made of."""


class _Command(NamedTuple):
    """A command that reads or sets what lies under a key: the expressions of the key, of the part of it (-1: all of it)
    and of what it is set to (-1: it is read)."""

    key: int
    field: int
    value: int


class KeyCommands:
    """Finds them. One per project."""

    def __init__(self, recomputing: Recomputing) -> None:
        self.recomputing = recomputing
        self.evaluator = recomputing.evaluator

    def of(self, call: Call) -> Iterator[Recomputed]:
        """What a command sets to what is computed from what was read there before."""
        path = call.place.path
        node = self.recomputing.node(path, call)
        write = self._command(path, node) if node >= 0 and any(one.verb.writes for one in call.commands) else None
        if write is None or write.value < 0:
            return
        tree = self.evaluator.tree(path)
        reads: list[Call] = []

        def test(at: int) -> bool:
            sent = self.recomputing.reads.at(path, at) if tree.kinds[at] == Kind.CALL else ()
            found = [one for one in sent if any(command.verb.reads for command in one.commands)]
            read = self._command(path, at) if found else None
            if read is None or not self._same(path, read, write):
                return False
            reads.extend(found)
            return True

        made = self.recomputing.computed(path, write.value, test)
        if made is None:
            return
        locks = self.recomputing.locks
        yield Recomputed(
            place=self.recomputing.place(path, made.node),
            table="",
            column=next((name for one in call.commands for name in patterns(one)), ""),
            operator=made.operator,
            amount=self.recomputing.written(path, made.amount),
            number=self.recomputing.number(path, made.amount) or self._converted(path, made.node),
            write=call.place,
            reads=tuple(sorted({read.place for read in reads})),
            locked=locks.held(path, node, call.function, before=True),
            conceded=locks.conceded(path, node),
            owner=words(tree, node + 2) if tree.kinds[node + 1] == Kind.ATTRIBUTE else "",
            function=call.function,
            role=call.role,
            idiom=call.idiom,
            key=self._pasted(path, write.key) or "key",
            field=(self._pasted(path, write.field) or "field") if write.field >= 0 else "",
        )

    def _command(self, path: str, node: int) -> _Command | None:
        """What stands where in a command that reads or sets what lies under one key; None for others."""
        row = self._row(path, node)
        if (
            row is None
            or row.key is None
            or row.key.reader == "each"
            or (row.value is None and row.expects != "unique")
        ):
            return None
        site = Site(path, node, None)
        key, field, value = (self._argument(slot, site) for slot in (row.key, row.field, row.value))
        if key < 0 or (row.field is not None and field < 0):
            return None
        return _Command(key, field, value)

    def _row(self, path: str, node: int) -> Member | None:
        for callee in options(self.evaluator.value(path, node + 1)):
            if isinstance(callee, BoundMember):
                return self.evaluator.rows.row_of(callee)
        return None

    def _argument(self, slot: Slot | None, call: Site) -> int:
        sites = find(self.evaluator, slot.at, call).sites if slot is not None and slot.at else ()
        return sites[0].node if len(sites) == 1 and sites[0].path == call.path else -1

    def _same(self, path: str, read: _Command, write: _Command) -> bool:
        """Whether a command reads what another one sets."""
        tree = self.evaluator.tree(path)
        if (read.field < 0) != (write.field < 0) or not alike(tree, read.key, tree, write.key):
            return False
        return read.field < 0 or alike(tree, read.field, tree, write.field)

    def _converted(self, path: str, node: int) -> bool:
        """Whether a side of a computation is a number, whatever was read: it is made one, there or under its name."""
        tree = self.evaluator.tree(path)
        pending = [(child, DEPTH) for child in tree.children(node)]
        while pending:
            at, depth = pending.pop()
            kind = tree.kinds[at]
            if depth <= 0:
                continue
            if kind in (Kind.AWAIT, Kind.CAST) or (kind == Kind.BINARY and tree.value(at) in ("or", "??")):
                pending.append((at + 1, depth - 1))
            elif kind == Kind.CALL and tree.kinds[at + 1] == Kind.NAME and self._makes_numbers(path, at + 1):
                return True
            elif kind == Kind.CONDITIONAL and tree.child(at, Role.BODY) >= 0:
                pending.append((tree.child(at, Role.BODY), depth - 1))
            elif kind == Kind.NAME:
                for binding, _ in self.evaluator.scope(path).bindings(at, tree.value(at)) or ():
                    if tree.kinds[binding] == Kind.ASSIGN and tree.child(binding, Role.VALUE) >= 0:
                        pending.append((tree.child(binding, Role.VALUE), depth - 1))
        return False

    def _makes_numbers(self, path: str, callee: int) -> bool:
        return any(
            isinstance(cls, LibraryClass) and self.evaluator.tables.types[cls.name].scalar == "number"
            for cls in options(self.evaluator.value(path, callee))
        )

    def _pasted(self, path: str, node: int) -> str:
        """An expression as it may be pasted: a text, or a chain of words; "" for any other."""
        tree = self.evaluator.tree(path)
        return json.dumps(tree.value(node)) if tree.kinds[node] == Kind.STRING else words(tree, node)
