"""The tree of one Python file while it grows."""

from __future__ import annotations

import unicodedata
from array import array
from typing import TypeAlias

from tree_sitter import Node

from dblint.facts.tree import Body, Import, Kind, Role, packed
from dblint.frontends import python_grammar as grammar

Frame: TypeAlias = tuple[int, int, "grammar.Fields | None", int]
"""What is known while a node's children are walked: the open neutral node, the children's role or their roles by
field, and the FUNCTION, CLASS or MODULE around."""

Entered: TypeAlias = tuple[int, int, "Frame | None"]
"""What a construct leaves: the open node and the role of its further siblings (-1: as before), and the frame for
its children, or None where they are not walked."""

_LEFTMOST = frozenset({Role.OBJECT, Role.CALLEE, Role.LEFT})

_successors: list[int] = []


def _ends(count: int) -> list[int]:
    """1, 2, … count: where each node ends as long as nothing is in it."""
    if len(_successors) < count:
        _successors.extend(range(len(_successors) + 1, count + 1))
    return _successors[:count]


class Growth:
    """Nodes in pre-order, in columns like those of `Body`; strings are interned."""

    __slots__ = (
        "ends",
        "flags",
        "imports",
        "inserted",
        "kinds",
        "minus",
        "misplaced",
        "names",
        "parents",
        "pending_targets",
        "roles",
        "source",
        "starts",
        "stops",
        "strings",
        "targets",
        "texts",
        "values",
    )

    def __init__(self, source: bytes, capacity: int) -> None:
        """`capacity`: at least the number of nodes to come; `reserve` makes room for more."""
        self.source = source
        self.kinds = bytearray()
        self.roles = bytearray()
        # Lists until `finish`: an array checks each number that is put into it, which costs several times as much.
        self.parents: list[int] = []
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.values: list[int] = []
        # These two are rarely other than their default, and so stand ready instead of growing.
        self.flags = array("H", bytes(2 * capacity))
        self.ends = _ends(capacity)
        self.strings: list[str] = [""]
        self.names: dict[bytes, int] = {}
        self.texts: dict[bytes, int] = {b"": 0}
        self.imports: list[Import] = []
        self.inserted: list[int] = []
        """Nodes that stay open for later siblings of the syntax node they began with; `finish` ends their parents."""
        self.pending_targets: list[tuple[int, int]] = []
        self.targets: list[tuple[int, int, int]] = []
        """See `leave_for_target`."""
        self.misplaced: list[int] = []
        """SPREAD nodes that the grammar puts below an expression instead of around it."""
        self.minus = -1
        """Where a `-` stands that belongs to the number after it (patterns have no unary operator)."""

    def reserve(self, count: int) -> None:
        """Makes room for `count` more nodes than were foreseen."""
        self.flags.extend(bytes(count))
        self.ends.extend(range(len(self.ends) + 1, len(self.ends) + count + 1))

    def text(self, text: bytes) -> int:
        """The index of a text in the file's string table."""
        index = self.texts.get(text)
        if index is None:
            index = len(self.strings)
            self.texts[text] = index
            self.strings.append(text.decode("utf-8", "replace"))
        return index

    def name(self, text: bytes) -> int:
        """The index of an identifier, in the form in which Python compares identifiers."""
        index = self.names.get(text)
        if index is None:
            normal = text
            if not text.isascii():
                normal = unicodedata.normalize("NFKC", text.decode("utf-8", "replace")).encode()
            index = self.names[text] = self.text(normal)
        return index

    def add(self, kind: int, role: int, parent: int, start: int, stop: int, value: int = 0, flags: int = 0) -> int:
        """Adds a node and gives its index."""
        index = len(self.kinds)
        self.kinds.append(kind)
        self.roles.append(role)
        self.parents.append(parent)
        self.starts.append(start)
        self.stops.append(stop)
        self.values.append(value)
        if flags:
            self.flags[index] = flags
        return index

    def root(self, length: int) -> None:
        """Makes the first node the MODULE of a file of that length, also where nothing but an error was read."""
        self.starts[0], self.stops[0] = 0, length
        if self.kinds[0] != Kind.MODULE:
            self.kinds[0] = Kind.MODULE
            for index, parent in enumerate(self.parents):
                if parent == 0:
                    self.roles[index] = Role.BODY

    def finish(self) -> Body:
        """The finished tree."""
        ends, parents, stops = self.ends, self.parents, self.stops
        for inner, outer, target in self.targets:
            self._cut(inner, outer, target)
        for index in reversed(self.inserted):
            parent = parents[index]
            ends[parent] = max(ends[parent], ends[index])
            child = index + 1
            while child < ends[index]:
                self.starts[index] = min(self.starts[index], self.starts[child])
                stops[index] = max(stops[index], stops[child])
                child = ends[child]
        for spread in self.misplaced:
            self._lift(spread)
        count = len(self.kinds)
        return Body(
            bytes(self.kinds),
            bytes(self.roles.translate(grammar.FINAL_ROLES)),
            self.flags[:count].tobytes(),
            packed(parents),
            packed(ends[:count]),
            packed(self.starts),
            packed(stops),
            packed(self.values),
            tuple(self.strings),
        )

    def leave_for_target(self, parent: int) -> int:
        """At an `as`: gives the node whose target follows.

        In `with a if b else c as d` the grammar puts `c as d` below the conditional. What follows `as` is
        added to the ITEM; `finish` ends the nodes between before it.
        """
        if not self.pending_targets or self.pending_targets[-1][0] != parent:
            return parent
        inner, outer = self.pending_targets.pop()
        self.targets.append((inner, outer, len(self.kinds)))
        return outer

    def _cut(self, inner: int, outer: int, target: int) -> None:
        """Ends the nodes from `inner` up to, not including, `outer` before the node `target`."""
        last = target - 1
        while self.parents[last] > inner:
            last = self.parents[last]
        while inner != outer:
            self.ends[inner] = target
            self.stops[inner] = self.stops[last]
            inner = self.parents[inner]

    def begins(self, parent: int, role: int) -> bool:
        """Whether an expression begins with its child of that role."""
        return role in _LEFTMOST or (role == Role.BODY and self.kinds[parent] == Kind.CONDITIONAL)

    def _lift(self, spread: int) -> None:
        """Puts a SPREAD around the expression that it begins: `*a.b()` is read as `(*a).b()`.

        The nodes from that expression down to the SPREAD follow each other, each the first child of the one
        before: each moves down by one, and the SPREAD takes the place of the first.
        """
        kinds, roles, parents, ends = self.kinds, self.roles, self.parents, self.ends
        first = spread
        while self.begins(parents[first], roles[first]):
            first = parents[first]
        for node in range(spread - 1, first - 1, -1):
            child = ends[node + 1]
            while child < ends[node]:
                parents[child] = node + 1
                child = ends[child]
        inner_role = roles[spread]
        kinds[first + 1 : spread + 1] = kinds[first:spread]
        self.flags[first + 1 : spread + 1] = self.flags[first:spread]
        for column in (self.values, ends, self.stops):
            column[first + 1 : spread + 1] = column[first:spread]
        roles[first + 2 : spread + 2] = roles[first + 1 : spread + 1]
        roles[first + 1] = Role.VALUE
        roles[spread + 1] = inner_role
        kinds[first], self.flags[first], self.values[first] = Kind.SPREAD, 0, 0
        for node in range(first + 1, spread + 1):
            self.starts[node] = self.starts[spread + 1]

    def walk(self, root: Node, parent: int, role: int, scope: int = 0, type_stop: int = 0) -> None:
        """Lowers what is below `root` under the open node `parent`. What ends before `type_stop` is a type."""
        raise NotImplementedError
