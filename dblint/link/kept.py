"""What the project keeps on an object from outside: attributes that other code sets on it, entries that it puts there.

A connection is often made in one place and kept on something that everybody can get at: the application, the context
of a request, a class, a module, a mapping, a context variable. Which object that is says its type, or where it was
made; what lies under a name there is what the project puts under that name, anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link.classes import class_key
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Class,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ModuleValue,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    options,
)
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

WRITES = 40
"""Places that put something under one name and are looked at; a name with more of them is a common word."""
SELF = "self"
"""In a row's places, what its member is called on."""
_FILLED = frozenset({Kind.OBJECT, Kind.LIST, Kind.SET, Kind.CALL})
"""Lists and mappings: literals, and calls that make or copy one."""
_PLAIN = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT, Kind.TEMPLATE, Kind.REGEX, Kind.UNARY})
"""Values that nobody asks for."""

_ASSIGNED = re.compile(re.escape(bytes([Role.TARGET])))


class _Write(NamedTuple):
    """Something that is put under a name: where, on what, and what it is. Nodes of the file."""

    path: str
    owner: int
    value: int


class _Kept(NamedTuple):
    path: str
    owner: Value
    value: Value


class Kept:
    """Answers what is kept on objects. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._kept: dict[str, tuple[_Kept, ...]] = {}
        self._places: dict[str, list[tuple[_Write, int]]] | None = None
        """What `_index` gives."""
        self._open: dict[tuple[str, str], int] = {}
        """The questions that are open, with the depth at which they began."""

    def says_nothing(self, value: Value) -> bool:
        """Whether what an object has of its own leaves open what is kept there: nothing is known, or it is empty until
        somebody puts something there (`pool = None`)."""
        if isinstance(value, Scalar):
            return value.kind == "constant"
        return isinstance(value, ExternalValue) or (isinstance(value, Unknown) and value.cause in _MISSING)

    def attribute(self, owner: Value, name: str) -> Value:
        """What the project keeps under a name on an object; an attribute and an entry of that name are one."""
        if not name or not _identified(owner):
            return UNKNOWN
        return self._on(owner, self._of_name(name))

    def module(self, path: str, name: str) -> Value:
        """What other modules keep under a name of this one."""
        return self.attribute(ModuleValue(path), name)

    def element(self, owner: Value) -> Value:
        """What a list, or a mapping under a key that cannot be said, holds: what it is made with, and what is put
        there under any key."""
        if not isinstance(owner, Expression):
            return UNKNOWN
        if self.evaluator.javascript(owner.path) and not self.by_any_key(owner):
            return UNKNOWN
        return self.evaluator.guarded((f"{owner.path}[]", owner.node, owner.context), self._element, owner)

    def fills(self, owner: Value) -> bool:
        """Whether a value is a list or mapping of the program, to which it may add."""
        return any(
            isinstance(option, Expression)
            and not self.evaluator.javascript(option.path)
            and self.evaluator.tree(option.path).kinds[option.node] in _FILLED
            for option in options(owner)
        )

    def _element(self, owner: Expression) -> Value:
        tree = self.evaluator.tree(owner.path)
        if tree.kinds[owner.node] not in _FILLED:
            return UNKNOWN
        own = self._own(owner)
        mapping = tree.kinds[owner.node] == Kind.OBJECT
        found = [option for value in own for option in options(value) if _worthwhile(option) or not mapping]
        put = self._on(owner, self._named(owner.path, owner.node, "[]"))
        found += [] if isinstance(put, Unknown) else [put]
        joined = join(found) if found else UNKNOWN
        return self._shared(found) if found and isinstance(joined, Unknown) else joined

    def _own(self, owner: Expression) -> list[Value]:
        """What a list or mapping is made with."""
        evaluator = self.evaluator
        tree = evaluator.tree(owner.path)
        kind = tree.kinds[owner.node]
        if kind == Kind.CALL:
            # A copy: a method of what is copied, or a function that is handed it.
            given = tree.child(owner.node, Role.ARGUMENT)
            copied = given if given >= 0 or tree.kinds[owner.node + 1] != Kind.ATTRIBUTE else owner.node + 2
            if copied < 0 or tree.kinds[copied] in (Kind.KEYWORD, Kind.SPREAD):
                return []
            held = options(evaluator.value(owner.path, copied, owner.context))
            return [self.element(option) for option in held]
        if kind == Kind.OBJECT:
            pairs = [pair for pair in tree.children(owner.node) if tree.kinds[pair] == Kind.PAIR]
            nodes = [node for pair in pairs if (node := tree.child(pair, Role.VALUE)) >= 0]
            return [evaluator.value(owner.path, node, owner.context) for node in nodes]
        return [evaluator.elements.listed(owner, node) for node in tree.children(owner.node)]

    def _shared(self, found: Sequence[Value]) -> Value:
        """The class of the project that all of many classes extend, the nearest one."""
        classes = [value for value in found if isinstance(value, ProjectClass)]
        above = [dict.fromkeys(map(class_key, self.evaluator.classes.mro(cls))) for cls in classes]
        if not classes or len(classes) < len(found):
            return UNKNOWN
        bases = (cls for cls in self.evaluator.classes.mro(classes[0]) if isinstance(cls, ProjectClass))
        return next((cls for cls in bases if all(class_key(cls) in keys for keys in above)), UNKNOWN)

    def by_any_key(self, owner: Expression) -> bool:
        """Whether a script puts something into an object literal under keys that it computes."""
        tree = self.evaluator.tree(owner.path)
        above = tree.parents[owner.node]
        target = tree.child(above, Role.TARGET) if above >= 0 and tree.kinds[above] == Kind.ASSIGN else -1
        if target < 0 or tree.kinds[target] not in NAMES:
            return False
        for node in tree.spelled(tree.value(target)):
            around = tree.parents[node]
            if tree.roles[node] != Role.OBJECT or tree.kinds[around] != Kind.SUBSCRIPT:
                continue
            index = tree.child(around, Role.INDEX)
            if tree.roles[around] == Role.TARGET and index >= 0 and tree.kinds[index] != Kind.STRING:
                return True
        return False

    def content(self, owner: Value) -> Value:
        """What an object holds that holds one thing (a context variable): what is put into it where it has the name
        that it was given where it was made."""
        if not isinstance(owner, Instance) or not owner.connection:
            return UNKNOWN
        path, _, node = owner.connection.rpartition(":")
        return self._on(owner, self._named(path, int(node), ""))

    def _on(self, owner: Value, kept: tuple[_Kept, ...]) -> Value:
        """What is kept on this object. What tests and examples put there counts where the program puts nothing."""
        found = [each for each in kept if self._same(each.owner, owner)]
        program = [each.value for each in found if each.path not in self.evaluator.aside]
        values = program or [each.value for each in found]
        return join(values) if values else UNKNOWN

    # Who writes

    def _of_name(self, name: str) -> tuple[_Kept, ...]:
        return self._read(("", name), self._writes(name)) if name not in self._kept else self._kept[name]

    def _named(self, path: str, node: int, how: str) -> tuple[_Kept, ...]:
        """What is put into what has the name that the thing made at `node` is assigned to."""
        tree = self.evaluator.tree(path)
        above = tree.parents[node]
        target = tree.child(above, Role.TARGET) if above >= 0 and tree.kinds[above] == Kind.ASSIGN else -1
        if target < 0 or tree.kinds[target] not in NAMES:
            return ()
        name = tree.value(target)
        key = f"{how or '()'}{name}"
        if key in self._kept:
            return self._kept[key]
        return self._read((how or "()", name), self._filled(name) if not how else self._put(name))

    def _read(self, question: tuple[str, str], writes: Iterator[_Write]) -> tuple[_Kept, ...]:
        """What the writes put, and on what; remembered unless an open question cut it short."""
        evaluator = self.evaluator
        if question in self._open:
            evaluator.cut(self._open[question])
            return ()
        opened = self._open[question] = evaluator.depth()
        outer = evaluator.begin()
        found: list[_Kept] = []
        try:
            listed = list(islice(writes, WRITES + 1))
            for write in listed if len(listed) <= WRITES else ():
                value = evaluator.value(write.path, write.value)
                entry = question[0] == "[]"
                several = self._several if entry else self._handles
                if any(_worthwhile(option) or several(option) for option in options(value)):
                    found.append(_Kept(write.path, evaluator.value(write.path, write.owner), value))
        finally:
            del self._open[question]
            cut = evaluator.closed(outer, opened)
        answer = tuple(found)
        if not cut:
            self._kept["".join(question)] = answer
        return answer

    def _writes(self, name: str) -> Iterator[_Write]:
        """`owner.name = value`, `owner["name"] = value`, and calls whose row says so (`setattr`)."""
        if self._places is None:
            self._places = self._index()
        for write, named in self._places.get(name, ()):
            if named < 0:
                yield write
            else:
                yield from self._by_row(write.path, write.owner, named)

    def _index(self) -> dict[str, list[tuple[_Write, int]]]:
        """Word → what is put under it, in the order of files and their sources; of a call that may put something, where
        the name stands that it is given (else -1), and the call in the place of the owner."""
        evaluator = self.evaluator
        calling: dict[str, list[int]] = {}
        for word in evaluator.tables.putting:
            for path, call in evaluator.words.called(word):
                calling.setdefault(path, []).append(call)
        found: dict[str, list[tuple[_Write, int]]] = {}
        for path in sorted(evaluator.files):
            tree = evaluator.tree(path)
            kinds, javascript = tree.kinds, evaluator.javascript(path)
            written: list[tuple[int, _Write, int]] = []
            for match in _ASSIGNED.finditer(tree.roles):
                node = match.start()
                name = node
                if kinds[node] == Kind.SUBSCRIPT and not javascript:
                    name = tree.child(node, Role.INDEX)
                    if name < 0 or kinds[name] != Kind.STRING:
                        continue
                elif kinds[node] != Kind.ATTRIBUTE:
                    continue
                written += [(name, write, -1) for write in _assigned(path, tree, node, node + 1)]
            for call in calling.get(path, ()):
                for name in tree.with_role(call, Role.ARGUMENT):
                    if kinds[name] == Kind.STRING:
                        written.append((name, _Write(path, call, call), name))
            for name, write, named in sorted(written):
                found.setdefault(tree.value(name), []).append((write, named))
        return found

    def _put(self, name: str) -> Iterator[_Write]:
        """`name[key] = value`, whatever the key is, and `name.append(value)`."""
        methods = self.evaluator.tables.untyped["python"]
        for path, node in self.evaluator.words.standing(name, Role.OBJECT):
            tree = self.evaluator.tree(path)
            above = tree.parents[node]
            if tree.kinds[node] not in NAMES or above < 0:
                continue
            if tree.kinds[above] == Kind.SUBSCRIPT:
                yield from _assigned(path, tree, above, node)
            elif self.evaluator.javascript(path):
                continue
            elif tree.roles[above] == Role.CALLEE and tree.kinds[tree.parents[above]] == Kind.CALL:
                method = methods.get(tree.value(above))
                given = tree.child(tree.parents[above], Role.ARGUMENT)
                if method is not None and method.list == "append" and given >= 0 and tree.kinds[given] not in _PLAIN:
                    yield _Write(path, node, given)

    def _filled(self, name: str) -> Iterator[_Write]:
        """`name.set(value)`, where a row says that the member puts it there."""
        for path, node in self.evaluator.words.spelled(name):
            tree = self.evaluator.tree(path)
            above = tree.parents[node]
            if tree.kinds[node] not in NAMES or above < 0 or tree.kinds[above] != Kind.ATTRIBUTE:
                continue
            call = tree.parents[above]
            if tree.roles[above] == Role.CALLEE and call >= 0 and tree.kinds[call] == Kind.CALL:
                yield from self._by_row(path, call, -1)

    def _by_row(self, path: str, call: int, named: int) -> Iterator[_Write]:
        """What a call puts by its row, under the name that stands at `named`, or under none (-1)."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] not in NAMES or tree.value(call + 1) not in self.evaluator.tables.putting:
            return
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        for option in options(self.evaluator.value(path, call + 1)):
            row = self._row(option)
            if row is None or not row.puts:
                continue
            owner, name, value = row.puts.split("/")
            owned = call + 2 if owner == SELF else _argument(arguments, owner)
            given = _argument(arguments, value)
            if owned >= 0 and given >= 0 and _argument(arguments, name) == named and tree.kinds[given] not in _PLAIN:
                yield _Write(path, owned, given)

    def _row(self, option: Value) -> Member | None:
        return self.evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None

    def _several(self, value: Value) -> bool:
        """Whether a script puts several things there as an object (`handles[key] = { db, models }`)."""
        if not isinstance(value, Expression) or not self.evaluator.javascript(value.path):
            return False
        return self.evaluator.tree(value.path).kinds[value.node] == Kind.OBJECT

    def _handles(self, value: Value) -> bool:
        """Whether a script puts a module there, or an object of which something more than plain values is known
        (`request.models = { Shelf, Jar }`)."""
        if isinstance(value, ModuleValue):
            return self.evaluator.javascript(value.path)
        if not isinstance(value, Expression) or not self._several(value):
            return False
        return any(_worthwhile(option) for entry in self._own(value) for option in options(entry))

    # Whether it is the same object

    def _same(self, one: Value, other: Value) -> bool:
        """Whether two values can be one object, by what they are: of one class, the same module or literal, made at
        one place where what is asked for is what lies in them."""
        return any(self._alike(left, right) for left in options(one) for right in options(other))

    def _alike(self, one: Value, other: Value) -> bool:
        if isinstance(one, Instance) and isinstance(other, Instance):
            if one.connection and other.connection and one.connection != other.connection:
                return False
            return self._related(one.cls, other.cls)
        if isinstance(one, (ProjectClass, LibraryClass)):  # kept on the class, its instances have it, too
            cls = other.cls if isinstance(other, Instance) else other
            return isinstance(cls, (ProjectClass, LibraryClass)) and self._related(one, cls)
        if isinstance(one, Expression) and isinstance(other, Expression):
            return (one.path, one.node) == (other.path, other.node)
        if isinstance(one, FunctionValue) and isinstance(other, FunctionValue):
            return (one.path, one.node) == (other.path, other.node)
        return isinstance(one, (ModuleValue, ExternalValue)) and one == other

    def _related(self, one: Class, other: Class) -> bool:
        """Whether one of two classes is the other, or extends it."""
        return class_key(one) in self._ancestors(other) or class_key(other) in self._ancestors(one)

    def _ancestors(self, cls: Class) -> set[tuple[str, int]]:
        found: set[tuple[str, int]] = set()
        for ancestor in self.evaluator.classes.mro(cls):
            if isinstance(ancestor, LibraryClass):
                found |= {(name, -1) for name in self.evaluator.tables.lineages.get(ancestor.name, (ancestor.name,))}
            found.add(class_key(ancestor))
        return found


def _worthwhile(value: Value) -> bool:
    """Whether something is known of what is put somewhere that is more than a plain value."""
    return isinstance(value, (BoundMember, Instance, ProjectClass, LibraryClass, FunctionValue, ListOf))


_MISSING = frozenset({"", "unknown member", "receiver unknown"})
"""Causes of an answer that something kept there would be a better one than."""


def _identified(owner: Value) -> bool:
    """Whether a value says which object it is. A name that nothing binds says nothing."""
    if isinstance(owner, ExternalValue):
        return "." in owner.path
    if isinstance(owner, Expression):
        return True
    return isinstance(owner, (Instance, ProjectClass, LibraryClass, ModuleValue, FunctionValue))


def _assigned(path: str, tree: Tree, target: int, owner: int) -> Iterator[_Write]:
    """The assignment whose target this is."""
    above = tree.parents[target]
    if tree.roles[target] != Role.TARGET or above < 0 or tree.kinds[above] != Kind.ASSIGN:
        return
    value = tree.child(above, Role.VALUE)
    if value >= 0 and tree.value(above) in ("", "or", "??") and tree.kinds[value] not in _PLAIN:
        yield _Write(path, owner, value)


def _argument(arguments: list[int], position: str) -> int:
    return arguments[int(position)] if position.isdecimal() and int(position) < len(arguments) else -1
