"""The neutral tree: what a front end lowers a source file to.

A file's tree is held flat: one record per node, in pre-order, in parallel arrays. A node's children
are found by jumping over subtrees (`Body.children`), its surroundings by climbing `parents`; nothing
here or above ever recurses over input. The tree knows no library, no dialect and no configuration,
so it is a pure function of the file's bytes.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence

import msgspec


class Kind:
    """What a node is. The comment names the children by their roles, in source order.

    Plain numbers, and so are `Role` and `Flag`: they are compared for nearly every node, and looking up a member
    of an enumeration costs more than the comparison. `names_of` gives their names.
    """

    MODULE = 1  # BODY*: the file
    # Definitions
    # value: name or ""; DECORATOR*, TYPE_PARAMETER*, PARAMETER*, RETURNS?, BODY (BLOCK, or an expression for a lambda)
    FUNCTION = 2
    CLASS = 3  # value: name or ""; DECORATOR*, TYPE_PARAMETER*, BASE*, BODY (BLOCK); interfaces carry Flag.INTERFACE
    PARAMETER = 4  # value: name, or "" when destructured; DECORATOR*, TARGET?, ANNOTATION?, DEFAULT?
    ALIAS = 5  # value: name; VALUE: `type X = ...`
    IMPORT = 6  # one import statement; its bindings are in `Interface.imports` by node
    EXPORT = 7  # VALUE?: `export default <expression>`; exported names are in `Interface.exports`
    TYPE_PARAMETER = 8  # value: name; ANNOTATION? (what it extends), DEFAULT?: `T` of a generic function or class
    # Statements
    BLOCK = 10  # value: name of a namespace or of a module that is declared, or ""; BODY*
    ASSIGN = 11  # value: operator of an augmented assignment or ""; TARGET+, ANNOTATION?, VALUE?
    RETURN = 12  # VALUE?
    YIELD = 13  # VALUE?; flag DELEGATE for `yield from` / `yield*`
    RAISE = 14  # VALUE?
    BREAK = 15
    CONTINUE = 16
    DELETE = 17  # VALUE*
    IF = 18  # CONDITION, BODY, ELSE? (an `elif` is an IF with role ELSE)
    SWITCH = 19  # value: "switch" where a `break` ends it, else "" (Python's `match`); CONDITION, CASE*
    CASE = 20  # TARGET* (patterns; none: default), CONDITION? (guard), BODY
    LOOP = 21  # value: "for" | "while" | "do" | "counter"; INIT?, TARGET?, ITERABLE?, CONDITION?, UPDATE?, BODY, ELSE?
    TRY = 22  # BODY, CATCH*, ELSE?, FINALLY?
    CATCH = 23  # ANNOTATION? (what is caught), TARGET?, BODY
    WITH = 24  # ITEM+, BODY
    ITEM = 25  # VALUE, TARGET?: one context of a `with`; `using x = v` is a bare ITEM in a block
    DIRECTIVE = 26  # value: "use server", …
    # Expressions
    NAME = 30  # value: identifier; `this` is lowered to "self" with Flag.SELF
    ATTRIBUTE = 31  # value: attribute; OBJECT
    SUBSCRIPT = 32  # OBJECT, INDEX+; also generic types: `Repository<User>`, `list[User]`
    SLICE = 33  # START?, STOP?, STEP?
    CALL = 34  # CALLEE, TYPE_ARGUMENT*, ARGUMENT* (also KEYWORD and SPREAD); flag NEW for `new X()`
    KEYWORD = 35  # value: name; VALUE: `name=value` in a call
    SPREAD = 36  # VALUE; flag PAIRS for `**value`
    TAGGED = 37  # CALLEE, ARGUMENT (TEMPLATE): tagged template
    STRING = 38  # value: the text as the program sees it; the span is the text without prefix and quotes
    TEMPLATE = 39  # STRING and HOLE in order: f-string, template literal, adjacent strings
    HOLE = 40  # value: conversion and format specification or ""; VALUE
    NUMBER = 41  # value: as written, without separators
    CONSTANT = 42  # value: "true" | "false" | "null" | "undefined" | "..."
    REGEX = 43  # value: pattern
    BINARY = 44  # value: operator, one word for one thing in all languages (see BINARY_OPERATORS); LEFT, RIGHT+
    UNARY = 45  # value: "not" | "-" | "+" | "~" | "typeof" | "void" | "delete" | "++" | "--"; VALUE
    CONDITIONAL = 46  # CONDITION, BODY, ELSE: `a if c else b`, `c ? a : b`
    AWAIT = 47  # VALUE
    OBJECT = 48  # PAIR and SPREAD: dict, object literal, and a destructuring object pattern
    PAIR = 49  # value: key when it is constant, else ""; KEY? (computed), VALUE
    LIST = 50  # ELEMENT*; also array patterns
    TUPLE = 51  # ELEMENT*
    SET = 52  # ELEMENT*
    # value: "list" | "set" | "dict" | "generator"; BODY+ (dict: KEY, VALUE), then CLAUSE and CONDITION
    COMPREHENSION = 53
    CLAUSE = 54  # TARGET, ITERABLE: one `for` of a comprehension
    CAST = 55  # VALUE, ANNOTATION: `x as T`, `x satisfies T`, `<T>x`
    DEFAULTED = 56  # TARGET, DEFAULT: a default inside a destructuring pattern
    OPAQUE = 57  # any children: a construct without a word; its calls are seen, its value is unknown


BINARY_OPERATORS = frozenset(
    "+ - * / // % ** @ << >> & | ^ == != < <= > >= and or ?? in not-in is is-not instanceof ,".split()
)
"""Host operators are written with these words: `&&` is `and`, `||` is `or`, `===` is `==`, `!==` is `!=`."""


class Role:
    """What a node is to its parent."""

    NONE = 0
    BODY = 1
    DECORATOR = 2
    PARAMETER = 3
    RETURNS = 4
    BASE = 5
    ANNOTATION = 6
    DEFAULT = 7
    TARGET = 8
    VALUE = 9
    CONDITION = 10
    ELSE = 11
    CASE = 12
    INIT = 13
    ITERABLE = 14
    UPDATE = 15
    CATCH = 16
    FINALLY = 17
    ITEM = 18
    OBJECT = 19
    INDEX = 20
    START = 21
    STOP = 22
    STEP = 23
    CALLEE = 24
    TYPE_ARGUMENT = 25
    ARGUMENT = 26
    LEFT = 27
    RIGHT = 28
    KEY = 29
    ELEMENT = 30
    CLAUSE = 31
    TYPE_PARAMETER = 32


class Flag:
    """Details of a node that need one bit."""

    ASYNC = 1  # FUNCTION, LOOP, WITH, CLAUSE
    GENERATOR = 2  # FUNCTION
    STATIC = 4  # FUNCTION or ASSIGN in a class
    REST = 8  # PARAMETER `*args`, `...rest`; SPREAD in a pattern
    PAIRS = 16  # PARAMETER or SPREAD of keywords, `**kwargs`
    OPTIONAL = 32  # ATTRIBUTE, SUBSCRIPT, CALL behind `?.`; PARAMETER or field written `name?`
    NEW = 64  # CALL written with `new`
    INTERFACE = 128  # CLASS that declares a shape only
    SELF = 256  # NAME that is the receiver of its method (`this`)
    ARROW = 512  # FUNCTION that keeps its surroundings' `this`; lambda
    METHOD = 1024  # FUNCTION that belongs to a class or object by its syntax
    GETTER = 2048  # FUNCTION read as an attribute by its syntax (`get x()`)
    FIELD = 4096  # PARAMETER that also declares an attribute (`constructor(private x: X)`)
    CONSTANT = 8192  # ASSIGN that cannot be reassigned (`const`)
    DECLARATION = 16384  # ASSIGN that introduces its names in this block (`const`, `let`)
    DELEGATE = 32768  # YIELD


def names_of(numbers: type[Kind] | type[Role] | type[Flag]) -> dict[int, str]:
    """The names of the numbers, for people."""
    return {number: name for name, number in vars(numbers).items() if isinstance(number, int)}


class Import(msgspec.Struct, frozen=True, array_like=True):
    """One name bound by an import.

    `module` is as written (`"..models"`, `"@/lib/prisma"`). `name` is the imported name, `"default"`,
    `"*"` for a star import that binds every name (Python) or, with a `local`, the namespace
    (`import * as ns`), and `""` when the module itself is bound (`import a.b`: local `a`, module `a`).
    """

    module: str
    name: str
    local: str
    node: int
    type_only: bool = False


class Export(msgspec.Struct, frozen=True, array_like=True):
    """One exported name. `module` set: re-exported from there, `local` being the name in that module.

    `name == "*"` with a module re-exports everything; with `node >= 0` and no `local` the exported
    value is that expression (`export default …`, `module.exports = …`).
    """

    name: str
    local: str = ""
    module: str = ""
    node: int = -1


class ClassInterface(msgspec.Struct, frozen=True, array_like=True):
    """A class as its file declares it: the node, and where each member is bound in its body."""

    name: str
    node: int
    bases: tuple[int, ...]
    members: dict[str, tuple[int, ...]]
    """Member name → binding nodes in order: FUNCTION, ASSIGN, PARAMETER (Flag.FIELD), nested CLASS, and
    attribute assignments through `self` in any method (ASSIGN whose target is an ATTRIBUTE)."""


class Interface(msgspec.Struct, frozen=True, array_like=True):
    """What other files can ask of a file."""

    imports: tuple[Import, ...] = ()
    exports: tuple[Export, ...] = ()
    names: dict[str, tuple[int, ...]] = {}
    """Module-level name → binding nodes in order (FUNCTION, CLASS, ASSIGN, ALIAS, LOOP, ITEM …)."""
    classes: dict[int, ClassInterface] = {}
    """CLASS node → the class, for every class of the file, nested ones and class expressions too."""


class Suppression(msgspec.Struct, frozen=True, array_like=True):
    """A comment that speaks to dblint, as written; check validates it."""

    start: int
    stop: int
    text: str


class Remark(msgspec.Struct, frozen=True, array_like=True):
    """A comment in which the author says of the code beside it what a rule would say: that others may do the same
    meanwhile, or that another linter is to be silent about the line. `line`: where its line begins."""

    start: int
    stop: int
    line: int
    text: str


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """A part of a file that could not be read. `start`/`stop` are byte offsets."""

    start: int
    stop: int
    message: str


class Body(msgspec.Struct, frozen=True, array_like=True):
    """The flat tree. Arrays are bytes of native `array` items, so storing them costs no conversion."""

    kinds: bytes  # u8 per node
    roles: bytes  # u8 per node
    flags: bytes  # u16 per node
    parents: bytes  # i32: index of the parent, -1 for the root
    ends: bytes  # i32: index after the node's subtree
    starts: bytes  # i32: byte offset in the source
    stops: bytes  # i32
    values: bytes  # i32: index into `strings`
    strings: tuple[str, ...]


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """Everything that one host-language file says by itself."""

    path: str
    language: str  # "python" | "typescript" | "javascript"
    interface: Interface
    body: Body
    faults: tuple[Fault, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    written: str = ""
    """The first time that stands before the code, in a comment or the module's own text (ISO 8601)."""
    remarks: tuple[Remark, ...] = ()


def packed(numbers: Sequence[int]) -> bytes:
    """A column of `Body`. (`struct` takes a third of the time that `array` does.)"""
    return struct.pack(f"{len(numbers)}i", *numbers)


class Builder:
    """Grows a flat tree in pre-order. `open` a node, add its children, `close` it."""

    __slots__ = ("_interned", "ends", "flags", "kinds", "parents", "roles", "starts", "stops", "strings", "values")

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.roles = bytearray()
        self.flags = array("H")
        self.parents = array("i")
        self.ends = array("i")
        self.starts = array("i")
        self.stops = array("i")
        self.values = array("i")
        self.strings: list[str] = [""]
        self._interned: dict[str, int] = {"": 0}

    def intern(self, value: str) -> int:
        """The index of a string in the file's string table."""
        index = self._interned.get(value)
        if index is None:
            index = len(self.strings)
            self._interned[value] = index
            self.strings.append(value)
        return index

    def open(self, kind: int, role: int, parent: int, start: int, stop: int, value: str = "", flags: int = 0) -> int:
        """Adds a node under `parent` (which must still be open) and gives its index."""
        index = len(self.kinds)
        self.kinds.append(kind)
        self.roles.append(role)
        self.flags.append(flags)
        self.parents.append(parent)
        self.ends.append(index + 1)
        self.starts.append(start)
        self.stops.append(stop)
        self.values.append(self.intern(value) if value else 0)
        return index

    def close(self, index: int) -> None:
        """Ends a node's subtree with everything added since."""
        self.ends[index] = len(self.kinds)

    def finish(self) -> Body:
        """The finished tree."""
        return Body(
            bytes(self.kinds),
            bytes(self.roles),
            self.flags.tobytes(),
            self.parents.tobytes(),
            self.ends.tobytes(),
            self.starts.tobytes(),
            self.stops.tobytes(),
            self.values.tobytes(),
            tuple(self.strings),
        )


class Tree:
    """Reads a `Body`. Indices are nodes; every method is iterative."""

    __slots__ = (
        "_body",
        "_indices",
        "_lows",
        "_values",
        "ends",
        "flags",
        "kinds",
        "parents",
        "roles",
        "starts",
        "stops",
        "strings",
    )

    def __init__(self, body: Body) -> None:
        self._body = body
        self.kinds = body.kinds
        self.roles = body.roles
        self.flags = memoryview(body.flags).cast("H")
        self.parents: Sequence[int] = memoryview(body.parents).cast("i")
        self.ends: Sequence[int] = memoryview(body.ends).cast("i")
        self.starts = memoryview(body.starts).cast("i")
        self.stops = memoryview(body.stops).cast("i")
        self._values: Sequence[int] = memoryview(body.values).cast("i")
        self.strings = body.strings
        self._indices: dict[str, int] | None = None
        """Word → its index in `strings`."""
        self._lows = b""
        """The lowest byte of each node's value: what a search for a word looks through."""

    def unpack(self) -> None:
        """Makes lists of the most read columns, which is worth it for a tree that is read over and over."""
        body = self._body
        self.parents = array("i", body.parents).tolist()
        self.ends = array("i", body.ends).tolist()
        self._values = array("i", body.values).tolist()

    def __len__(self) -> int:
        return len(self.kinds)

    def has(self, node: int, flag: int) -> bool:
        """Whether the node carries (one of) these flags."""
        return self.flags[node] & flag != 0

    def value(self, node: int) -> str:
        """The node's word: a name, an operator, a literal's text."""
        return self.strings[self._values[node]]

    def spelled(self, word: str) -> list[int]:
        """The nodes whose word this is, in source order."""
        indices = self._indices
        if indices is None:
            indices = self._indices = {text: index for index, text in enumerate(self.strings)}
            stored, size = self._body.values, array("i").itemsize
            self._lows = stored[0::size] if sys.byteorder == "little" else stored[size - 1 :: size]
        found: list[int] = []
        wanted = indices.get(word)
        if wanted is None:
            return found
        search, values, low = self._lows.find, self._values, wanted & 0xFF
        at = search(low)
        while at >= 0:
            if values[at] == wanted:
                found.append(at)
            at = search(low, at + 1)
        return found

    def children(self, node: int) -> Iterator[int]:
        """The node's children in source order."""
        ends = self.ends
        child, end = node + 1, ends[node]
        while child < end:
            yield child
            child = ends[child]

    def child(self, node: int, role: int) -> int:
        """The first child with this role, or -1."""
        ends, roles = self.ends, self.roles
        child, end = node + 1, ends[node]
        while child < end:
            if roles[child] == role:
                return child
            child = ends[child]
        return -1

    def with_role(self, node: int, role: int) -> Iterator[int]:
        """The children with this role, in source order."""
        ends, roles = self.ends, self.roles
        child, end = node + 1, ends[node]
        while child < end:
            if roles[child] == role:
                yield child
            child = ends[child]

    def ancestors(self, node: int) -> Iterator[int]:
        """The node's parents, nearest first."""
        parents = self.parents
        node = parents[node]
        while node >= 0:
            yield node
            node = parents[node]

    def contains(self, outer: int, inner: int) -> bool:
        """Whether `inner` lies in the subtree of `outer` (or is it)."""
        return outer <= inner < self.ends[outer]
