"""The state of one lowering: the tree under construction and the work that is left.

Handlers are functions `(low, node, role, parent)`, one per kind of node. A handler emits its node
under `parent` (an index into the neutral tree) and pushes its children on `Lowering.stack`, last
child first, so that the tree grows in pre-order. Handlers never call each other for children that
may nest, so no input can exhaust Python's stack.

`role` is the node's role and flags, already in place: see `codes`.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from tree_sitter import Node

from dblint.facts.tree import Body, Export, Import, packed
from dblint.frontends.typescript import codes
from dblint.frontends.typescript.grammar import ERROR_KIND, NAMED, NUMBERS, Grammar
from dblint.frontends.typescript.literals import cook

Handler: TypeAlias = "Callable[[Lowering, Node, int, int], None]"
Work: TypeAlias = tuple[Handler, Node, int, int]
"""A node that is to be lowered: how, with which role and flags, under which index."""

Link: TypeAlias = tuple[int, Node, Sequence[Node]]
"""One step of a postfix chain: what it is (a kind of `grammar`), its node, its children."""

_FIELDS: Final = 5  # numbers per node in `Lowering.flat`: code, start, stop, value, parent


class Strings(dict[bytes, int]):
    """The file's string table, looked up by the bytes of the source: `strings[b"name"]` is its index."""

    def __init__(self) -> None:
        super().__init__({b"": 0})
        self.texts = [""]
        self._escaped: dict[str, int] = {}
        """Texts that have a backslash themselves: as bytes of the source they would mean another."""

    def __missing__(self, raw: bytes) -> int:
        text = raw.decode("utf-8", "replace")
        if "\\" in text:
            index = self[raw] = self.intern(cook(text))
        else:
            index = self[raw] = len(self.texts)
            self.texts.append(text)
        return index

    def intern(self, text: str) -> int:
        """The index of a text."""
        if "\\" not in text:
            return self[text.encode("utf-8", "surrogatepass")]
        index = self._escaped.get(text)
        if index is None:
            index = self._escaped[text] = len(self.texts)
            self.texts.append(text)
        return index


class Lowering:
    """One file's way from the syntax tree to the neutral tree."""

    __slots__ = (
        "blanked",
        "commonjs",
        "count",
        "decorators",
        "deferred",
        "exported",
        "flat",
        "grammar",
        "handlers",
        "imports",
        "kinds",
        "loads",
        "require",
        "source",
        "stack",
        "strings",
    )

    def __init__(self, source: bytes, grammar: Grammar, handlers: Sequence[Handler | None]) -> None:
        self.source = source
        self.grammar = grammar
        self.kinds = grammar.kinds
        self.handlers = handlers
        self.flat: list[int] = []
        self.count = 0
        self.strings = Strings()
        self.require = self.strings[b"require"]
        self.stack: list[Work] = []
        self.decorators: dict[int, list[Node]] = {}
        """Node id → decorators that stand outside of the node that they decorate."""
        self.deferred: dict[int, list[Link]] = {}
        """Node id → links of a chain that the grammar bound too loosely: see `chains`."""
        self.blanked: dict[int, int] = {}
        """Where type arguments end that the grammar was not given to read → where they start: see `blanking`."""
        self.imports: list[Import] = []
        self.exported: list[Export | tuple[str, int, int]] = []
        """Exports in source order; a tuple is a kind, the index of the first node, and a number of nodes."""
        self.loads: list[int] = []
        """CALL nodes of `require(…)` and `import(…)`."""
        self.commonjs: list[int] = []
        """ASSIGN nodes that may assign to `module.exports` or a member of it."""

    def emit(self, code: int, start: int, stop: int, value: int, parent: int) -> int:
        """Adds a node and gives its index. `code` is kind, role and flags; `value` an index into the strings."""
        index = self.count
        self.flat += (code, start, stop, value, parent)
        self.count = index + 1
        return index

    def parts(self, node: Node) -> list[Node]:
        """The node's children without punctuation, keywords, comments and errors."""
        kinds = self.kinds
        return [child for child in node.children if kinds[child.kind_id] >= NAMED]

    def push(self, node: Node, role: int, parent: int) -> None:
        """Leaves a child for later."""
        handler = self.handlers[node.kind_id]
        if handler is not None:
            self.stack.append((handler, node, role, parent))

    def push_all(self, nodes: Sequence[Node], role: int, parent: int) -> None:
        """Leaves children for later that all have one role."""
        handlers = self.handlers
        self.stack += [
            (handler, child, role, parent) for child in reversed(nodes) if (handler := handlers[child.kind_id])
        ]

    def cover(self, index: int, start: int, stop: int) -> None:
        """Widens a node and its parents until they contain a span."""
        flat = self.flat
        while index > 0:
            at = index * _FIELDS
            if flat[at + 1] <= start and flat[at + 2] >= stop:
                return
            flat[at + 1] = min(flat[at + 1], start)
            flat[at + 2] = max(flat[at + 2], stop)
            index = flat[at + 4]

    def kind_of(self, index: int) -> int:
        """The kind of a node of the neutral tree."""
        return self.flat[index * _FIELDS] & codes.KIND_MASK

    def record(self, index: int) -> tuple[int, int, int, int, int]:
        """A node's code, start, stop, value and parent."""
        at = index * _FIELDS
        code, start, stop, value, parent = self.flat[at : at + _FIELDS]
        return code, start, stop, value, parent

    def finish(self) -> Body:
        """The finished tree."""
        flat = self.flat
        raw = struct.pack(f"<{self.count}I", *flat[0::_FIELDS])
        flags = bytearray(2 * self.count)
        low, high = (0, 1) if sys.byteorder == "little" else (1, 0)
        flags[low::2], flags[high::2] = raw[2::4], raw[3::4]
        parents = flat[4::_FIELDS]
        count = len(parents)
        ends = list(range(1, count + 1))
        for index in range(count - 1, 0, -1):
            end = ends[index]
            parent = parents[index]
            if end > ends[parent]:
                ends[parent] = end
        return Body(
            kinds=raw[0::4],
            roles=raw[1::4],
            flags=bytes(flags),
            parents=packed(parents),
            ends=packed(ends),
            starts=packed(flat[1::_FIELDS]),
            stops=packed(flat[2::_FIELDS]),
            values=packed(flat[3::_FIELDS]),
            strings=tuple(self.strings.texts),
        )


def handler_table(grammar: Grammar, handlers: dict[str, Handler], fallback: Handler) -> list[Handler | None]:
    """Handlers by the grammar's own numbers. Named nodes without a handler get `fallback`, tokens none."""
    table: list[Handler | None] = [None] * NUMBERS
    for number, name in grammar.names.items():
        table[number] = handlers.get(name, fallback)
    table[ERROR_KIND] = fallback
    return table
