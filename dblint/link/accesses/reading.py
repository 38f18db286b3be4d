"""What a piece of code reads of a row that a name holds there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.accesses.origins import Row
from dblint.link.model_readers.shared import Related
from dblint.link.races.values import KEYS
from dblint.link.values import FunctionValue, Instance, LibraryClass, LibraryFunction, Value, options

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origins
    from dblint.link.functions import Functions

NODES = 6_000
"""Names in one piece of code that are looked at."""


class Read(msgspec.Struct, frozen=True):
    """A relation that is read: the attribute's node, the row it is read of, the relation; `key`: of the other row only
    its key."""

    node: int
    row: Row
    related: Related
    key: bool = False


class Passed(msgspec.Struct, frozen=True):
    """A row that is handed to a function of the project: at which node, to which function, as which parameter (-1: as
    the one that the method is called on). `call`: the call that hands it, -1 where none is written."""

    node: int
    row: Row
    function: FunctionValue
    parameter: int
    call: int


class Readings(msgspec.Struct):
    """What was seen. `kept`: the row goes somewhere where it is not followed."""

    reads: list[Read] = msgspec.field(default_factory=list)
    passed: list[Passed] = msgspec.field(default_factory=list)
    others: list[tuple[Row, str]] = msgspec.field(default_factory=list)
    """Attributes that are no relations, with the rows of which they are read."""
    assigned: dict[tuple[str, ...], int] = msgspec.field(default_factory=dict)
    """Paths of relations that are given a value, and where first: -1 before all of this."""
    kept: bool = False


class Reading:
    """Reads pieces of code. One per evaluator."""

    def __init__(self, origins: Origins, functions: Functions) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.models = origins.models
        self.functions = functions

    def of(self, path: str, start: int, stop: int, seeds: Mapping[int, Row], element: int = -1) -> Readings:
        """What the nodes from `start` to `stop` read of the rows that bindings hold (`seeds`; the receiver of a method
        under -1). `element`: the NAME to which the loop in `seeds` gives its row, where that is not what it takes."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        rows = dict(seeds)
        own = dict.fromkeys(seeds, tree.value(element)) if element >= 0 else {}
        names = {own.get(binding) or self._bound(path, binding) for binding in seeds if binding >= 0}
        found = Readings()
        node, looked = tree.kinds.find(Kind.NAME, start, stop), 0
        while node >= 0 and looked < NODES:
            looked += 1
            if tree.has(node, Flag.SELF):
                row = rows.get(-1)
                if row is not None:
                    self._follow(path, node, row, rows, names, found)
            elif tree.value(node) in names and tree.roles[node] != Role.TARGET:
                reached = scope.bindings(node, tree.value(node)) or []
                held = [rows.get(binding) for binding, _ in reached]
                bound = (own.get(reached[0][0]) or self._bound(path, reached[0][0])) if held else ""
                if held and bound != tree.value(node):
                    held = []  # another part of what the loop takes apart
                if len(held) > 1 and any(row is not None for row in held):
                    found.kept = True
                if len(held) == 1 and held[0] is not None:
                    self._follow(path, node, held[0], rows, names, found)
            node = tree.kinds.find(Kind.NAME, node + 1, stop)
        return found

    def _bound(self, path: str, binding: int) -> str:
        """The name that holds the row which a binding gives."""
        tree = self.evaluator.tree(path)
        if tree.kinds[binding] in (Kind.LOOP, Kind.CLAUSE):
            element, _ = self.origins.taken(path, binding)
            return tree.value(element) if element >= 0 else ""
        target = tree.child(binding, Role.TARGET) if tree.kinds[binding] == Kind.ASSIGN else binding
        return tree.value(target) if target >= 0 else ""

    def _follow(self, path: str, node: int, row: Row, rows: dict[int, Row], names: set[str], found: Readings) -> None:
        """What is done with a row, from where it stands outwards."""
        tree = self.evaluator.tree(path)
        kinds, roles, parents = tree.kinds, tree.roles, tree.parents
        current: Row | None = row
        while current is not None:
            parent, role = parents[node], roles[node]
            if parent < 0:
                return
            kind = kinds[parent]
            if current.parts or current.numbers:
                if (inner := self._part(path, node, current)) is None:
                    found.kept = found.kept or not current.numbers
                    return
                node, current = parent, inner
            elif kind == Kind.ATTRIBUTE and role == Role.OBJECT:
                name = tree.value(parent)
                related = self.models.relation(current.model, name)
                through = self.models.through(current.model, name) if related is None else [related]
                if related is None:
                    found.others.append((current, name))
                if not through:
                    self._member(path, parent, current, name, found)
                    return
                if roles[parent] == Role.TARGET:
                    found.assigned.setdefault((*(each.name for each in current.path), through[0].name), parent)
                    return
                for each in through:
                    key = related is not None and self._key(path, parent, each)
                    found.reads.append(Read(parent, current, each, key))
                    further = None if each.many else current.along(each)
                    if further is None:
                        return
                    current = further
                if related is None and len(through) == 1:
                    return  # a column of the other row
                node = parent
            elif kind == Kind.CALL and role == Role.ARGUMENT and (name := self._asked(path, parent, node)):
                related = self.models.relation(current.model, name)
                if related is None:
                    return
                found.reads.append(Read(parent, current, related, self._key(path, parent, related)))
                current = None if related.many else current.along(related)
                node = parent
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                self._given(path, parent, node, current, found)
                return
            elif kind == Kind.KEYWORD and parents[parent] >= 0 and kinds[parents[parent]] == Kind.CALL:
                self._given(path, parents[parent], node, current, found)
                return
            elif kind == Kind.HOLE:
                self._text(parent, current, found)
                return
            elif kind == Kind.ASSIGN and role == Role.VALUE:
                target = tree.child(parent, Role.TARGET)
                if kinds[target] == Kind.NAME and not tree.value(parent):
                    found.kept = found.kept or rows.setdefault(parent, current) != current  # one of two rows
                    names.add(tree.value(target))
                else:
                    found.kept = True
                return
            elif kind == Kind.AWAIT or (kind, role) in _CHOICES or (kind == Kind.BINARY and tree.value(parent) in _OR):
                node = parent
            else:
                found.kept = found.kept or (kind, role) not in _LOOKED_AT
                return

    def _part(self, path: str, node: int, row: Row) -> Row | None:
        """The row that is taken out of a tuple by its number or by its class's name, or out of a list by its number."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        if tree.kinds[parent] == Kind.SUBSCRIPT:
            if row.numbers:
                listed = tree.kinds[parent + 1] == Kind.NAME and tree.value(parent + 1) == row.numbers
                taken = tree.roles[node] == Role.INDEX and tree.roles[parent] != Role.TARGET
                return msgspec.structs.replace(row, numbers="") if listed and taken else None
            index = tree.child(parent, Role.INDEX)
            number = tree.value(index) if index >= 0 and tree.kinds[index] == Kind.NUMBER else ""
            inside = tree.roles[node] == Role.OBJECT and number.isdecimal() and int(number) < len(row.parts)
            return row.parts[int(number)] if inside else None
        if tree.kinds[parent] != Kind.ATTRIBUTE or tree.roles[node] != Role.OBJECT:
            return None
        classes = self.evaluator.classes
        named = [part for part in row.parts if part and classes.class_name(part.model) == tree.value(parent)]
        return named[0] if len(named) == 1 else None

    def _asked(self, path: str, call: int, argument: int) -> str:
        """The attribute that a call reads of its first argument (`getattr(row, "author")`), "" for every other call."""
        tree = self.evaluator.tree(path)
        given = list(tree.with_role(call, Role.ARGUMENT))
        if not 2 <= len(given) <= 3 or given[0] != argument or tree.kinds[given[1]] != Kind.STRING:
            return ""
        rows = self.origins.loops.counters.rows(path, call)
        return tree.value(given[1]) if any(row.returns == MEMBER for row in rows) else ""

    def _key(self, path: str, node: int, related: Related) -> bool:
        """Whether only the key is read of the row that a relation leads to."""
        tree = self.evaluator.tree(path)
        above = tree.parents[node]
        if related.many or above < 0 or tree.kinds[above] != Kind.ATTRIBUTE or tree.roles[node] != Role.OBJECT:
            return False
        table = self.models.table(related.model)
        column = self.models.column(related.model, tree.value(above))
        if table is None or column is None:
            return table is not None and tree.value(above) in KEYS and tree.roles[above] != Role.CALLEE
        return any(key.kind == "primary" and key.columns == (column.name,) for key in table.keys)

    def _member(self, path: str, node: int, row: Row, name: str, found: Readings) -> None:
        """A method that is called on a row, or a property that is read of it."""
        tree = self.evaluator.tree(path)
        owner = self.evaluator.classes.owner(row.model, name)
        if owner is None:
            return
        interface = self.evaluator.files[owner.path].interface.classes[owner.node]
        called = tree.roles[node] == Role.CALLEE
        for member in interface.members[name]:
            if self.evaluator.tree(owner.path).kinds[member] != Kind.FUNCTION:
                continue
            decorators = self.evaluator.decorator_names(owner.path, member)
            if called == bool(decorators & hosts.PROPERTY_DECORATORS) or decorators & _OF_THE_CLASS:
                continue
            function = FunctionValue(owner.path, member, Instance(row.model))
            call = tree.parents[node] if called else -1
            found.passed.append(Passed(call if called else node, row, function, -1, call))

    def _text(self, node: int, row: Row, found: Readings) -> None:
        """A row that becomes a text."""
        for name in hosts.TEXT_METHODS:
            owner = self.evaluator.classes.owner(row.model, name)
            if owner is None:
                continue
            for member in self.evaluator.files[owner.path].interface.classes[owner.node].members[name]:
                if self.evaluator.tree(owner.path).kinds[member] == Kind.FUNCTION:
                    found.passed.append(
                        Passed(node, row, FunctionValue(owner.path, member, Instance(row.model)), -1, -1)
                    )
            return

    def _given(self, path: str, call: int, argument: int, row: Row, found: Readings) -> None:
        callees = options(self.evaluator.value(path, call + 1))
        functions = [option for option in callees if isinstance(option, FunctionValue)]
        if not functions or len(functions) < len(callees):
            if any(each.refreshes for each in self.origins.loops.counters.rows(path, call)):
                self._refreshed(path, call, argument, row, found)
            if all(self._prints(callee) for callee in callees):
                self._text(call, row, found)
            else:
                found.kept = True
            return
        for function in functions[:ALTERNATIVES]:
            for parameter, node in self.evaluator.parameters.matched(function, path, call):
                if node == argument:
                    found.passed.append(Passed(call, row, function, parameter, call))

    def _refreshed(self, path: str, call: int, argument: int, row: Row, found: Readings) -> None:
        """The relations that a call loads again of a row, by their names; all of them, where these cannot be read."""
        tree = self.evaluator.tree(path)
        before = tuple(each.name for each in row.path)
        for given in tree.with_role(call, Role.ARGUMENT):
            value = tree.child(given, Role.VALUE) if tree.kinds[given] == Kind.KEYWORD else given
            if tree.contains(given, argument) or value < 0:
                continue
            listed = list(tree.children(value)) if tree.kinds[value] in (Kind.LIST, Kind.TUPLE, Kind.SET) else []
            if listed and all(tree.kinds[each] == Kind.STRING for each in listed):
                for each in listed:
                    found.assigned.setdefault((*before, tree.value(each)), call)
            else:
                found.assigned.setdefault(before, call)

    def _prints(self, callee: Value) -> bool:
        """Whether a function makes a text of what it is given."""
        if isinstance(callee, LibraryFunction):
            return bool(self.evaluator.tables.functions[callee.path][1].string)
        if isinstance(callee, LibraryClass):
            return self.evaluator.tables.types[callee.name].scalar == "string"
        return False


MEMBER = "member:0/1/2"
"""What a row says that a call gives which reads an attribute by its name."""
ALTERNATIVES = 3
"""Functions that one call may be of, as far as they are followed."""
_OF_THE_CLASS = frozenset({"staticmethod", "classmethod"})
_OR = frozenset({"or", "and", "??"})
"""Operators that give one of their operands."""
_CHOICES = frozenset({(Kind.CONDITIONAL, Role.BODY), (Kind.CONDITIONAL, Role.ELSE)})
"""What gives one of its children."""
_LOOKED_AT = frozenset(
    {
        (Kind.IF, Role.CONDITION),
        (Kind.CONDITIONAL, Role.CONDITION),
        (Kind.UNARY, Role.VALUE),
        (Kind.BINARY, Role.LEFT),
        (Kind.BINARY, Role.RIGHT),
        (Kind.LOOP, Role.ITERABLE),
        (Kind.CLAUSE, Role.ITERABLE),
        (Kind.BLOCK, Role.BODY),
    }
)
"""Where a value is only looked at, as a child of which kind and in which role."""
