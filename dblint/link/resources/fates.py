"""What becomes of a value inside the function that opened it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Effect
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member, Type
from dblint.link.loops.callbacks import callback_of
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

ENDING = frozenset({Effect.RELEASE.value, Effect.CLOSE.value})
_TAKING = frozenset({Effect.CONNECT.value, Effect.ACQUIRE.value})
_PLAIN = frozenset({Kind.IF, Kind.LOOP, Kind.UNARY, Kind.BLOCK, Kind.TEMPLATE, Kind.HOLE})
_LEAVING = frozenset({Kind.RETURN, Kind.TUPLE, Kind.LIST, Kind.PAIR})
_PARTS = frozenset({Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL})
_OF_WHOLE = frozenset({Role.OBJECT, Role.ARGUMENT})
_CALLS = frozenset({Kind.CALL, Kind.TAGGED})
_OUTER = frozenset({"global", "nonlocal"})
_CONTAINERS = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT, Kind.PAIR, Kind.SPREAD, Kind.KEYWORD})


class Fate(msgspec.Struct):
    """What is done with a value. `escapes`: how it leaves the function ("" for not at all). `closing`: the name of a
    member that closes it, where the value's own type has one. `kept`: a `with` that is entered with it does not
    close it. `wakes`: the uses by which it takes what it holds, where it did not at once; `takes`: those of them that
    do nothing else."""

    name: str = ""
    escapes: str = ""
    ends: set[int] = msgspec.field(default_factory=set)
    contexts: set[int] = msgspec.field(default_factory=set)
    uses: set[int] = msgspec.field(default_factory=set)
    names: set[int] = msgspec.field(default_factory=set)
    wakes: set[int] = msgspec.field(default_factory=set)
    takes: set[int] = msgspec.field(default_factory=set)
    handed: bool = False
    kept: bool = False


class Fates:
    """Follows values by the names that hold them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._ending = _closing(evaluator.tables)
        """The names of members that close or release something."""
        self._looking = False
        """Whether a function is looked into that is given a value."""

    def of(self, path: str, call: int, function: int) -> Fate:
        """The fate of what a call gives."""
        tree = self.evaluator.tree(path)
        fate = Fate()
        fate.ends.update(self._of_its_source(path, call, function))
        top = _outermost(tree, call)
        above = tree.parents[top]
        kind, role = tree.kinds[above], tree.roles[top]
        if kind == Kind.ASSIGN and role == Role.VALUE:
            self._assigned(path, above, function, fate)
        elif kind == Kind.ITEM:
            self._entered(path, top, above, fate)
            target = tree.child(above, Role.TARGET)
            if not fate.escapes and target >= 0 and tree.kinds[target] == Kind.NAME:
                fate.name = tree.value(target)
                self._followed(path, function, fate)
        elif kind == Kind.BLOCK and role == Role.BODY:
            pass
        elif kind == Kind.RETURN:
            fate.escapes = "returned"
        elif kind == Kind.ATTRIBUTE and role == Role.OBJECT:
            self._chained(path, above, function, fate)
        else:
            fate.escapes = "handed"
        return fate

    def _of_its_source(self, path: str, call: int, function: int) -> Iterator[int]:
        """The calls that close what opened the value (`dataSource.destroy()`), and the value with it."""
        tree = self.evaluator.tree(path)
        source = call + 2
        if tree.kinds[call + 1] != Kind.ATTRIBUTE or tree.kinds[source] != Kind.NAME or tree.has(source, Flag.SELF):
            return
        for node in tree.spelled(tree.value(source)):
            member = tree.parents[node]
            if (
                tree.contains(function, node)
                and tree.kinds[node] == Kind.NAME
                and tree.kinds[member] == Kind.ATTRIBUTE
                and tree.kinds[tree.parents[member]] == Kind.CALL
                and tree.roles[member] == Role.CALLEE
            ):
                row = self._member(path, member)
                if row is not None and Effect.CLOSE.value in row.effects:
                    yield tree.parents[member]

    def _chained(self, path: str, member: int, function: int, fate: Fate) -> None:
        """A member of it, called where it is opened: nothing else holds it."""
        tree = self.evaluator.tree(path)
        call = tree.parents[member]
        row = self._member(path, member)
        if tree.kinds[call] not in _CALLS or tree.roles[member] != Role.CALLEE or row is None:
            fate.escapes = "handed"
            return
        if not ENDING.isdisjoint(row.effects):
            fate.ends.add(call)
            return
        if row.returns == "self":
            found = self.of(path, call, function)
            fate.name, fate.escapes, fate.kept = found.name, found.escapes, found.kept
            fate.ends, fate.contexts, fate.uses = found.ends, found.contexts, {call, *found.uses}
            fate.names, fate.handed = found.names, found.handed
            fate.wakes, fate.takes = {call, *found.wakes}, found.takes
            return
        fate.uses.add(call)
        fate.wakes.add(call)
        last = _outermost(tree, call)
        while tree.kinds[tree.parents[last]] == Kind.ATTRIBUTE or (
            tree.kinds[tree.parents[last]] == Kind.CALL and tree.roles[last] == Role.CALLEE
        ):
            last = _outermost(tree, tree.parents[last])
        if not row.run and tree.kinds[tree.parents[last]] != Kind.BLOCK:
            fate.escapes = "handed"  # what it gave may be all that is needed to close it

    def _assigned(self, path: str, assign: int, function: int, fate: Fate) -> None:
        tree = self.evaluator.tree(path)
        targets = list(tree.with_role(assign, Role.TARGET))
        if len(targets) != 1 or tree.kinds[targets[0]] != Kind.NAME:
            fate.escapes = "stored"
            return
        fate.name = tree.value(targets[0])
        if self.evaluator.javascript(path) and not tree.has(assign, Flag.DECLARATION):
            if not self._declared(path, function, fate.name):
                fate.escapes = "stored"
                return
        self._followed(path, function, fate)

    def _declared(self, path: str, function: int, name: str) -> bool:
        """Whether a function declares the name itself."""
        tree = self.evaluator.tree(path)
        for node in tree.spelled(name):
            parent = tree.parents[node]
            if (
                tree.contains(function, node)
                and tree.kinds[node] == Kind.NAME
                and tree.roles[node] == Role.TARGET
                and tree.kinds[parent] == Kind.ASSIGN
                and tree.has(parent, Flag.DECLARATION)
                and self.evaluator.scope(path).function(node) == function
            ):
                return True
        return False

    def _followed(self, path: str, function: int, fate: Fate) -> None:
        """Looks at every use of the name inside the function."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        scope = evaluator.scope(path)
        for node in tree.spelled(fate.name):
            if tree.kinds[node] != Kind.NAME or not tree.contains(function, node):
                continue
            inner = scope.function(node)
            if inner != function:
                if not self._in_closure(path, node) or not self._stays(path, inner, function, fate):
                    fate.escapes = "closure"
                    return
                continue
            fate.names.add(node)
            self._use(path, node, fate)
            if fate.escapes:
                return

    def _in_closure(self, path: str, node: int) -> bool:
        """Whether a function inside only works with the value: it calls its members, and none that closes it."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        if tree.kinds[parent] == Kind.KEYWORD or tree.roles[node] == Role.KEY:
            return True
        if tree.kinds[parent] == Kind.CALL and tree.roles[node] == Role.CALLEE:
            return self._callable(path, node)
        if tree.kinds[parent] != Kind.ATTRIBUTE or tree.kinds[tree.parents[parent]] not in _CALLS:
            return False
        row = self._member(path, parent)
        return row is not None and ENDING.isdisjoint(row.effects)

    def _callable(self, path: str, node: int) -> bool:
        """Whether an expression holds a value of a library that is called itself (`trx("jar")`)."""
        types = self.evaluator.tables.types
        return any(
            types[cls.name].call is not None
            for option in options(self.evaluator.value(path, node))
            if isinstance(option, Instance)
            for cls in self.evaluator.classes.library_types(option.cls)
        )

    def _stays(self, path: str, inner: int, function: int, fate: Fate) -> bool:
        """Whether a function inside is only called where it stands, or by its name; one that is given to a call may be
        kept there, unless it is known what becomes of it."""
        tree = self.evaluator.tree(path)
        scope = self.evaluator.scope(path)
        while (outer := scope.function(tree.parents[inner])) != function:
            if outer < 0:
                return False
            inner = outer
        between = itertools.takewhile(lambda node: node != function, tree.ancestors(inner))
        if any(tree.kinds[node] == Kind.CLASS for node in between) or tree.child(inner, Role.DECORATOR) >= 0:
            return False
        top = _outermost(tree, inner)
        above, role = tree.parents[top], tree.roles[top]
        if tree.kinds[above] == Kind.CALL:
            fate.wakes.add(above)
            given = list(tree.with_role(above, Role.ARGUMENT))
            callback = callback_of(self.evaluator, path, above, given.index(top)) if top in given else None
            fate.handed = fate.handed or (
                role != Role.CALLEE and (callback is None or callback.fate in ("later", "resolver"))
            )
            return True
        named = tree.kinds[above] == Kind.ASSIGN and role == Role.VALUE
        name = tree.value(tree.child(above, Role.TARGET)) if named else tree.value(inner)
        for node in tree.spelled(name) if name else ():
            if tree.kinds[node] == Kind.NAME and tree.contains(function, node) and tree.roles[node] != Role.TARGET:
                if tree.kinds[tree.parents[node]] != Kind.CALL or tree.roles[node] != Role.CALLEE:
                    return False
                fate.wakes.add(tree.parents[node])
        return bool(name)

    def _use(self, path: str, node: int, fate: Fate) -> None:
        tree = self.evaluator.tree(path)
        top = _outermost(tree, node)
        while self._given_back(path, top):  # `Promise.resolve(session)` is the session
            top = _outermost(tree, tree.parents[top])
        parent = tree.parents[top]
        kind, role = tree.kinds[parent], tree.roles[top]
        if role == Role.TARGET or kind in _PLAIN or (kind == Kind.BINARY and tree.value(parent) not in ("or", "??")):
            return
        if kind in _PARTS and role in _OF_WHOLE and self._is_part(path, parent):
            self._parted(path, parent, fate)
        elif kind == Kind.ATTRIBUTE and role == Role.OBJECT:
            self._member_used(path, parent, fate)
        elif kind == Kind.SUBSCRIPT and role == Role.OBJECT:
            return
        elif kind == Kind.ITEM:
            self._entered(path, top, parent, fate)
        elif kind == Kind.YIELD:
            fate.handed = True
            fate.uses.add(parent)
            fate.wakes.add(parent)
        elif kind == Kind.CALL and role == Role.CALLEE and self._callable(path, node):
            fate.uses.add(parent)
            fate.wakes.add(parent)
        elif kind == Kind.CALL or kind in _CONTAINERS:
            self._passed(path, top, fate)
        elif kind == Kind.OPAQUE and tree.value(parent) in _OUTER:
            fate.escapes = "stored"
        elif kind == Kind.DELETE:
            return
        elif kind == Kind.RETURN:
            fate.escapes = "returned"
        else:
            fate.escapes = "stored"

    def _given_back(self, path: str, node: int) -> bool:
        """Whether a value is the argument of a call of a library's function that gives it back."""
        tree = self.evaluator.tree(path)
        call = tree.parents[node]
        if tree.kinds[call] != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
            return False
        word = f"argument:{list(tree.with_role(call, Role.ARGUMENT)).index(node)}"
        return any(
            isinstance(option, LibraryFunction) and self.evaluator.tables.functions[option.path][1].returns == word
            for option in options(self.evaluator.value(path, call + 1))
        )

    def _is_part(self, path: str, node: int) -> bool:
        """Whether an expression is a handle that works through the value it was taken from (`client.shop`)."""
        return any(
            self.evaluator.tables.types[cls.name].named
            for option in options(self.evaluator.value(path, node))
            if isinstance(option, Instance)
            for cls in self.evaluator.classes.library_types(option.cls)
        )

    def _parted(self, path: str, node: int, fate: Fate) -> None:
        """What becomes of a handle on a part of the value: it needs the value for as long as somebody has it."""
        tree = self.evaluator.tree(path)
        while tree.kinds[tree.parents[node]] in _PARTS and self._is_part(path, tree.parents[node]):
            node = tree.parents[node]
        top = _outermost(tree, node)
        parent = tree.parents[top]
        kind = tree.kinds[parent]
        if kind == Kind.ATTRIBUTE:
            self._member_used(path, parent, fate)
        elif kind == Kind.ASSIGN and tree.roles[top] == Role.VALUE:
            target = tree.child(parent, Role.TARGET)
            if tree.kinds[target] != Kind.NAME:
                fate.escapes = "stored"
                return
            function = self.evaluator.scope(path).function(parent)
            for each in tree.spelled(tree.value(target)):
                if tree.kinds[each] != Kind.NAME or tree.roles[each] == Role.TARGET or fate.escapes:
                    continue
                if self.evaluator.scope(path).function(each) == function and each > parent:
                    self._parted(path, each, fate)
        elif kind not in _PLAIN and kind != Kind.BINARY and kind != Kind.SUBSCRIPT:
            fate.escapes = "derived"

    def _member_used(self, path: str, attribute: int, fate: Fate) -> None:
        tree = self.evaluator.tree(path)
        call = tree.parents[attribute]
        if tree.kinds[call] in _CALLS and tree.roles[attribute] == Role.CALLEE:
            row = self._member(path, attribute)
            if row is not None and row.kept:
                fate.escapes = "stored"
                return
            if row is not None and not ENDING.isdisjoint(row.effects):
                fate.ends.add(call)
            else:
                fate.uses.add(call)
                fate.wakes.add(call)
                if row is not None and not _TAKING.isdisjoint(row.effects):
                    fate.takes.add(call)
                if row is None and any(
                    tree.kinds[node] == Kind.FUNCTION for node in tree.with_role(call, Role.ARGUMENT)
                ):
                    fate.handed = True  # `client.on("notification", …)`: it is there for what comes later
            above = _outermost(tree, call)
            parent = tree.parents[above]
            if tree.kinds[parent] == Kind.RETURN and row is not None and row.returns and not row.run:
                fate.escapes = "derived"  # a cursor, or a query that was not run yet
            elif tree.kinds[parent] == Kind.ASSIGN:
                self._derived(path, parent, fate, row is not None and not row.run)
            return
        if self.types(self.evaluator.value(path, attribute)):
            fate.wakes.add(attribute)  # `runner.manager.save()`
            return
        row = self._member(path, attribute)
        if (row is None and tree.roles[attribute] != Role.TARGET) or (row is not None and not row.attribute):
            fate.handed = True  # `stack.callback(connection.close)`

    def _derived(self, path: str, assign: int, fate: Fate, needs: bool) -> None:
        """Calls on what the value gave (a cursor) may fail, too; `needs`: it works on the value later."""
        tree = self.evaluator.tree(path)
        target = tree.child(assign, Role.TARGET)
        if target < 0 or tree.kinds[target] != Kind.NAME:
            if needs and target >= 0 and tree.kinds[target] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                fate.escapes = "stored"
            return
        function = self.evaluator.scope(path).function(assign)
        for node in tree.spelled(tree.value(target)):
            parent = tree.parents[node]
            if tree.kinds[node] != Kind.NAME or self.evaluator.scope(path).function(node) != function:
                continue
            if needs and tree.kinds[parent] in _LEAVING:
                fate.escapes = "derived"
            if tree.kinds[parent] == Kind.ATTRIBUTE and tree.kinds[tree.parents[parent]] in _CALLS:
                row = self._member(path, parent)
                if row is not None and (row.run or "query" in row.effects):
                    fate.uses.add(tree.parents[parent])

    def _passed(self, path: str, top: int, fate: Fate) -> None:
        """It is given to a call, directly or inside a literal."""
        tree = self.evaluator.tree(path)
        position, direct = top, True
        while tree.kinds[tree.parents[position]] in _CONTAINERS:
            direct = direct and tree.kinds[tree.parents[position]] == Kind.KEYWORD
            position = _outermost(tree, tree.parents[position])
        call = tree.parents[position]
        if tree.kinds[call] == Kind.RETURN:
            fate.escapes = "returned"
            return
        if tree.kinds[call] != Kind.CALL or tree.roles[position] == Role.CALLEE:
            fate.escapes = "stored"
            return
        if direct and self._held(path, top, call, fate):
            return
        closes = self._closes(path, call, top) if direct else None
        if closes:
            fate.ends.add(call)
            return
        if closes is None:
            fate.handed = True
            if _clearing(tree, call):
                fate.ends.add(call)
                return
        fate.uses.add(call)
        fate.wakes.add(call)

    def _held(self, path: str, given: int, call: int, fate: Fate) -> bool:
        """Whether a call makes what is entered in the value's place (`closing(connection)`), or enters the value
        itself until something else is left (`stack.enter_context(connection)`), and what that does with it."""
        tree = self.evaluator.tree(path)
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, LibraryClass):
                kind = self.evaluator.tables.types[option.name]
                if not kind.enter.startswith("argument:"):
                    continue
                top = _outermost(tree, call)
                if ENDING.isdisjoint(kind.on_exit) or tree.kinds[tree.parents[top]] != Kind.ITEM:
                    fate.escapes = "handed"  # who enters it later, or gets it by `as`, may close it
                else:
                    fate.contexts.add(top)
                    fate.wakes.add(top)
                return True
            row = self.row(option)
            if row is not None and row.returns.startswith("entered:"):
                self._left(path, given, call, fate)
                return True
        return False

    def _closes(self, path: str, call: int, given: int) -> bool | None:
        """Whether a call closes what it is given at that node; None: cannot say."""
        called = list(options(self.evaluator.value(path, call + 1)))
        for option in called:
            row = self.row(option)
            if row is not None:
                return not ENDING.isdisjoint(row.effects)
            if isinstance(option, FunctionValue):
                matched = self.evaluator.parameters.matched(option, path, call)
                filled = {parameter for parameter, node in matched if node == given}
                if self._function_closes(option, filled):
                    return True
        if called and all(
            isinstance(option, FunctionValue) and self._works(option, path, call, given) for option in called
        ):
            return False
        return None

    def _works(self, function: FunctionValue, path: str, call: int, given: int) -> bool:
        """Whether a function of the project does nothing with what it is given but work with it: it calls members, none
        of which closes it, and neither keeps it nor hands it on."""
        if self._looking:
            return False  # one function deep
        tree = self.evaluator.tree(function.path)
        filled = [
            parameter for parameter, node in self.evaluator.parameters.matched(function, path, call) if node == given
        ]
        if (
            len(filled) != 1
            or tree.child(function.node, Role.DECORATOR) >= 0
            or tree.has(function.node, Flag.GENERATOR)
        ):
            return False
        fate = Fate(name=tree.value(filled[0]))
        self._looking = True
        try:
            self._followed(function.path, function.node, fate)
        finally:
            self._looking = False
        return bool(fate.uses) and not (fate.escapes or fate.ends or fate.contexts or fate.handed or fate.kept)

    def _function_closes(self, function: FunctionValue, filled: set[int]) -> bool:
        """Whether a function of the project closes the parameter that is filled; any of them, where that is not known
        (behind a list that is spread)."""
        tree = self.evaluator.tree(function.path)
        parameters = {
            tree.value(node)
            for node in tree.children(function.node)
            if tree.kinds[node] == Kind.PARAMETER and (not filled or node in filled)
        }
        closes = False
        for node in range(function.node, tree.ends[function.node]):
            if tree.kinds[node] == Kind.NAME and tree.value(node) in parameters:
                parent = tree.parents[node]
                if tree.kinds[parent] == Kind.ASSIGN and tree.roles[node] == Role.TARGET:
                    return False  # what it closes may be what it opened itself
                closes = closes or (tree.kinds[parent] == Kind.ATTRIBUTE and tree.value(parent) in self._ending)
        return closes

    def _entered(self, path: str, top: int, item: int, fate: Fate) -> None:
        """It is the context of a `with`, or what `using` holds."""
        tree = self.evaluator.tree(path)
        if tree.kinds[tree.parents[item]] != Kind.WITH:
            fate.escapes = "closed"  # `using`
            return
        self._left(path, top, top, fate)

    def _left(self, path: str, top: int, at: int, fate: Fate) -> None:
        """The value is entered: what leaving it does. `at`: where it is from then on closed."""
        fate.wakes.add(at)
        effects = {effect for row in self.types(self.evaluator.value(path, top)) for effect in row.on_exit}
        if not ENDING.isdisjoint(effects):
            (fate.contexts if at == top else fate.ends).add(at)
        elif effects:
            fate.kept = True
        else:
            fate.escapes = "closed"  # no row says what leaving it does

    def types(self, value: Value) -> list[Type]:
        """The rows of what a value is an instance of."""
        tables, classes = self.evaluator.tables, self.evaluator.classes
        return [
            tables.types[cls.name]
            for option in options(value)
            if isinstance(option, Instance)
            for cls in classes.library_types(option.cls)
        ]

    def _member(self, path: str, attribute: int) -> Member | None:
        for option in options(self.evaluator.value(path, attribute)):
            row = self.row(option)
            if row is not None:
                return row
        return None

    def row(self, option: Value) -> Member | None:
        """The row by which a value acts when it is called."""
        if isinstance(option, BoundMember | LibraryFunction):
            return self.evaluator.rows.row_of(option)
        if isinstance(option, LibraryClass):
            return self.evaluator.tables.types[option.name].construct
        if isinstance(option, Instance):
            for row in self.types(option):
                if row.call is not None:
                    return row.call
        return None


def _outermost(tree: Tree, node: int) -> int:
    """The expression with the awaits and casts around it."""
    parent = tree.parents[node]
    while parent >= 0 and tree.kinds[parent] in (Kind.AWAIT, Kind.CAST) and tree.roles[node] == Role.VALUE:
        node, parent = parent, tree.parents[parent]
    return node


def _clearing(tree: Tree, node: int) -> bool:
    """Whether a call stands where errors are handled or a function is left for good."""
    child = node
    for parent in tree.ancestors(node):
        kind = tree.kinds[parent]
        if kind == Kind.CATCH or (kind == Kind.TRY and tree.roles[child] == Role.FINALLY):
            return True
        if kind == Kind.FUNCTION:
            return False
        child = parent
    return False


@derived
def _closing(tables: Tables) -> frozenset[str]:
    return frozenset(
        name
        for row in tables.types.values()
        for name, member in row.members.items()
        if not ENDING.isdisjoint(member.effects)
    )
