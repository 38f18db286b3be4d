"""What loops are for: elements, slices of a list, pages, attempts, or a handful of constants."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from dblint.facts.program import Nature
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link import hosts
from dblint.link.entries import Entries
from dblint.link.loops.begun import BegunLists
from dblint.link.loops.configured_settings import Settings
from dblint.link.loops.counters import FEW, GROWING, SHORT, Counters, Turns
from dblint.link.loops.differences import Differences
from dblint.link.loops.few_rows import FewRows
from dblint.link.loops.literals import Literals
from dblint.link.targets import Definition
from dblint.link.texts.declared import Declared
from dblint.link.values import (
    BoundMember,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    ModuleValue,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 16
"""Names, wrappers and alternatives through which what is iterated is followed."""
LISTED = 256
"""A list of literals up to this length is a constant for a command: who starts it once waits for what stands there."""


class Loops:
    """Reads loops. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.declared = Declared(evaluator)
        self.counters = Counters(evaluator, self.iterated)
        self.lists = BegunLists(self.counters)
        self.literals = Literals(self.counters)
        self.rows = FewRows(self.counters)
        self.entries = Entries(evaluator)
        self.settings = Settings(self.counters)
        self.differences = Differences(self.counters)

    def turns(self, path: str, loop: int) -> Turns:
        """What a LOOP without an iterable is for, what changes in it, and what it goes through."""
        return self.counters.turns(path, loop)

    def wrapped(self, path: str, call: int) -> int:
        """The argument whose elements a call gives, in whatever order and with whatever else, or -1."""
        if not any(row.iterates == "same" for row in self.counters.rows(path, call)):
            return -1
        return self.evaluator.tree(path).child(call, Role.ARGUMENT)

    def iterated(self, path: str, node: int) -> Nature:
        """What iterating an expression is: over literals, over slices of a list, over elements. Where it is one of
        several things, it is what all of them are."""
        pending = [(path, node)]
        found: set[Nature] = set()
        for _ in range(STEPS):
            if not pending:
                break
            over = pending.pop()
            behind = self._behind(*over)
            if behind is Nature.EACH and self._written_out(*over) and self._commanded(path, node):
                behind = Nature.CONSTANT
            if isinstance(behind, Nature):
                found.add(behind)
            else:
                pending += behind
        nature = found.pop() if len(found) == 1 and not pending else Nature.EACH
        # Nobody can say then that there are more than those that stand in the source.
        unsaid = nature is Nature.EACH and not self.evaluator.javascript(path) and self.lists.begun(path, node)
        return Nature.UNKNOWN if unsaid else nature

    def _behind(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What iterating an expression is, or the expressions that it stands for."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind in _LITERALS:
            return self._literal(tree, node)
        if kind == Kind.COMPREHENSION:
            return Nature.CHUNK if self._is_part(path, tree.child(node, Role.BODY)) else self._made(path, node)
        if kind == Kind.SUBSCRIPT:
            if self.settings.holds(path, node):
                return Nature.CONSTANT
            return self._entry(path, node) or self._sliced(path, node)
        if kind == Kind.CONDITIONAL:
            return [(path, tree.child(node, Role.BODY)), (path, tree.child(node, Role.ELSE))]
        if kind in (Kind.AWAIT, Kind.CAST):
            return [(path, node + 1)]
        if kind == Kind.BINARY and tree.value(node) in ("or", "??"):
            return [(path, tree.child(node, Role.LEFT))]
        if kind == Kind.BINARY and tree.value(node) in _JOINING:
            return [(path, tree.child(node, Role.LEFT)), (path, tree.child(node, Role.RIGHT))]
        if kind == Kind.CALL and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
            return self._behind_call(path, node)
        if kind in (Kind.NAME, Kind.ATTRIBUTE):
            return self._behind_name(path, node)
        return Nature.EACH

    @staticmethod
    def _literal(tree: Tree, node: int) -> Nature:
        children = list(tree.children(node))
        if any(tree.kinds[child] == Kind.SPREAD for child in children):
            return Nature.EACH
        return Nature.CONSTANT if len(children) <= SHORT else Nature.EACH

    def _written_out(self, path: str, node: int) -> bool:
        """Whether it is a literal all of whose elements stand in the source, be they many."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] not in _LITERALS:
            return False
        children = list(tree.children(node))
        return len(children) <= LISTED and not any(tree.kinds[child] == Kind.SPREAD for child in children)

    def _commanded(self, path: str, node: int) -> bool:
        """Whether an expression stands in a command, which a process is started for."""
        function = self.evaluator.scope(path).function(node)
        return function >= 0 and self.entries.command(FunctionValue(path, function))

    def _made(self, path: str, comprehension: int) -> Nature:
        """What a list is that a comprehension makes: as short as the literal, or the numbers, that it goes through."""
        tree = self.evaluator.tree(path)
        clauses = list(tree.with_role(comprehension, Role.CLAUSE))
        iterable = tree.child(clauses[0], Role.ITERABLE) if len(clauses) == 1 else -1
        if iterable < 0:
            return Nature.EACH
        found = Nature.EACH
        if tree.kinds[iterable] in _LITERALS:
            found = self._literal(tree, iterable)
        elif tree.kinds[iterable] == Kind.CALL:
            if any(row.iterates == "numbers" for row in self.counters.rows(path, iterable)):
                found = self.counters.numbers(path, iterable)
        return Nature.CONSTANT if found in (Nature.CONSTANT, Nature.RETRY) else Nature.EACH

    def _entry(self, path: str, node: int) -> Nature | None:
        """What iterating an entry of a literal is, for every element of a list that stands in the source
        (`for kind in KINDS: for name in kind["names"]`); None where it is anything else."""
        tree = self.evaluator.tree(path)
        index, owner = tree.child(node, Role.INDEX), tree.child(node, Role.OBJECT)
        if index < 0 or tree.kinds[index] != Kind.STRING or tree.kinds[owner] != Kind.NAME:
            return None
        reached = self.evaluator.scope(path).reaching(owner, tree.value(owner)) or []
        if len(reached) != 1 or tree.kinds[reached[0][0]] not in (Kind.LOOP, Kind.CLAUSE):
            return None
        iterable = tree.child(reached[0][0], Role.ITERABLE)
        listed = self.evaluator.value(path, iterable) if iterable >= 0 else None
        if not isinstance(listed, Expression) or self._grows(path, iterable):
            return None
        other = self.evaluator.tree(listed.path)
        if other.kinds[listed.node] not in _LITERALS:
            return None
        natures = {self._under(other, element, tree.value(index)) for element in other.children(listed.node)}
        return natures.pop() if len(natures) == 1 else Nature.EACH

    def _under(self, tree: Tree, element: int, key: str) -> Nature:
        """What iterating the literal under a key of an object literal is."""
        if tree.kinds[element] == Kind.OBJECT:
            for pair in tree.children(element):
                value = tree.child(pair, Role.VALUE) if tree.kinds[pair] == Kind.PAIR else -1
                if value >= 0 and tree.value(pair) == key and tree.kinds[value] in _LITERALS:
                    return self._literal(tree, value)
        return Nature.EACH

    def _sliced(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What iterating a part of a list is: a few elements, or what the list is."""
        tree = self.evaluator.tree(path)
        index = tree.child(node, Role.INDEX)
        if index < 0 or tree.kinds[index] != Kind.SLICE:
            return Nature.EACH
        stop = tree.child(index, Role.STOP)
        few = stop >= 0 and self.rows.small(path, stop)
        return Nature.CONSTANT if few else [(path, tree.child(node, Role.OBJECT))]

    def _behind_call(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What a call gives to iterate: the elements of an argument or receiver, or of what a function returns."""
        rows = self.counters.rows(path, node)
        words = {row.iterates for row in rows} - {""}
        if "numbers" in words:
            return self.counters.numbers(path, node)
        if "chunks" in words:
            return Nature.CHUNK
        tree = self.evaluator.tree(path)
        argument = tree.child(node, Role.ARGUMENT)
        if "joined" in words:
            joined = list(tree.with_role(node, Role.ARGUMENT))
            several = any(tree.kinds[each] in (Kind.SPREAD, Kind.KEYWORD) for each in joined)
            return Nature.EACH if several or not joined else [(path, each) for each in joined]
        if words and argument >= 0:
            if self.rows.picked(path, node):
                return Nature.CONSTANT
            return (self._entries(tree, node) if "entries" in words else None) or [(path, argument)]
        functions = list(options(self.evaluator.value(path, node + 1)))
        if not any(isinstance(option, (BoundMember, FunctionValue)) for option in functions):
            own = self._own(path, node)
            if own is not None:
                return own
        if self.settings.holds(path, node) or self.settings.of_the_source(path, node) or self.rows.few(path, node):
            return Nature.CONSTANT
        returned: list[tuple[str, int]] = []
        for option in functions:
            if not isinstance(option, FunctionValue):
                return Nature.CONSTANT if self.rows.limited(path, node) else Nature.EACH
            if self._yields_lists(option):
                return Nature.CHUNK
            returned += [(option.path, value) for value in self.evaluator.returns(option)]
        return returned or Nature.EACH

    @staticmethod
    def _entries(tree: Tree, call: int) -> Nature | None:
        """What iterating a mapping is whose entries are written as keywords (`dict(a=1)`), and nothing else; None where
        it is made of something."""
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        if not all(tree.kinds[argument] == Kind.KEYWORD for argument in arguments):
            return None
        return Nature.CONSTANT if len(arguments) <= SHORT else Nature.EACH

    def _own(self, path: str, call: int) -> Nature | list[tuple[str, int]] | None:
        """What a host's own method gives to iterate, known by its name; None where it says nothing."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return None
        language = "javascript" if self.evaluator.javascript(path) else "python"
        row = self.evaluator.tables.untyped[language].get(tree.value(call + 1))
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        if row is not None and (row.element or (row.list == "same" and not row.iterates and not row.string)):
            # No more elements than there were; callers of a destructured parameter pass an object, which is no list.
            return Nature.EACH if self._destructured(path, call + 2) else [(path, call + 2)]
        if row is None or not row.iterates:
            return None
        if row.iterates == "parts":
            return self._parts(path, call)
        if not arguments:
            return [(path, call + 2)]
        if row.iterates != "slice" or not all(_digits(tree, argument) for argument in arguments):
            return None
        first, last = int(tree.value(arguments[0])), int(tree.value(arguments[-1]))
        return Nature.CONSTANT if len(arguments) == 2 and last - first <= FEW else None

    def _parts(self, path: str, call: int) -> Nature | None:
        """What iterating the parts of a text is that stands in the source, split where another says or at white
        space; None for any other text."""
        tree = self.evaluator.tree(path)
        value = self.evaluator.value(path, call + 2)
        if not isinstance(value, Expression):
            return None
        other, arguments = self.evaluator.tree(value.path), list(tree.with_role(call, Role.ARGUMENT))
        if other.kinds[value.node] != Kind.STRING or any(tree.kinds[each] != Kind.STRING for each in arguments[:1]):
            return None
        between = tree.value(arguments[0]) if arguments else None
        text = other.value(value.node)
        return Nature.CONSTANT if len(text.split(between) if between != "" else text) <= SHORT else Nature.EACH

    # Lists of lists

    def _yields_lists(self, function: FunctionValue) -> bool:
        """Whether a generator of the project gives lists."""
        tree = self.evaluator.tree(function.path)
        if not tree.has(function.node, Flag.GENERATOR):
            return False
        given = [
            tree.child(node, Role.VALUE)
            for node in range(function.node, tree.ends[function.node])
            if tree.kinds[node] == Kind.YIELD and not tree.has(node, Flag.DELEGATE)
        ]
        return bool(given) and all(value >= 0 and self._is_list(function.path, value) for value in given)

    def _is_list(self, path: str, node: int) -> bool:
        """Whether an expression is a part of a list, a copy of one, or a list that the function fills."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            return index >= 0 and tree.kinds[index] == Kind.SLICE
        if kind == Kind.CALL:
            if tree.kinds[node + 1] == Kind.ATTRIBUTE:
                language = "javascript" if self.evaluator.javascript(path) else "python"
                row = self.evaluator.tables.untyped[language].get(tree.value(node + 1))
                return row is not None and row.iterates == "slice" and tree.child(node, Role.ARGUMENT) >= 0
            return self.wrapped(path, node) >= 0
        if kind == Kind.COMPREHENSION:
            return tree.value(node) == "list"
        if kind == Kind.NAME:
            given = self._given(path, node) or []
            return bool(given) and all(tree.kinds[each] == Kind.LIST or self._is_part(path, each) for each in given)
        return kind == Kind.LIST

    def _is_part(self, path: str, node: int) -> bool:
        return self.evaluator.tree(path).kinds[node] in (Kind.SUBSCRIPT, Kind.CALL) and self._is_list(path, node)

    def _of_lists(self, path: str, node: int) -> bool:
        """Whether what a name holds is filled with parts of a list, statement by statement, and nothing else."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return False
        added = self.evaluator.scope(path).statements_on(node, tree.value(node))
        first = [tree.child(call, Role.ARGUMENT) for call in added if self.counters.list_word(path, call) == "append"]
        return bool(first) and all(argument >= 0 and self._is_list(path, argument) for argument in first)

    def _behind_name(self, path: str, node: int) -> Nature | list[tuple[str, int]]:
        """What a name gives to iterate, or the expressions that it stands for."""
        tree = self.evaluator.tree(path)
        if self._of_lists(path, node):
            return Nature.CHUNK
        if self._keywords(path, node):
            return Nature.CONSTANT
        value = self.evaluator.value(path, node)
        if self._enumerates(path, node, value):
            return Nature.CONSTANT
        given = self._given(path, node)
        if given:
            followed = [tree.kinds[each] in _FOLLOWED for each in given]
            filled = [tree.kinds[each] in _LITERALS and tree.ends[each] - each > 1 for each in given]
            if all(followed) or (all(map(operator.or_, followed, filled)) and not self._grows(path, node)):
                return [(path, each) for each in given]
            if self.literals.filled(path, node, given):
                return Nature.CONSTANT
        parts = self.literals.parts(path, node) if given is None else []
        if parts:
            return parts
        if given is None and isinstance(value, Expression) and (value.path, value.node) != (path, node):
            other = self.evaluator.tree(value.path)
            literal = other.kinds[value.node] in _LITERALS
            if literal and other.ends[value.node] - value.node > 1 and not self._grows(path, node):
                return [(value.path, value.node)]
        made = self._made_by(path, node)
        if made is not None:
            return [made]
        if self.settings.holds(path, node) or self.settings.of_the_source(path, node):
            return Nature.CONSTANT
        return self._handed(path, node) or self._of_property(path, node) or Nature.EACH

    def _of_property(self, path: str, node: int) -> list[tuple[str, int]]:
        """The short lists that a property of the project's class returns, where it returns nothing else."""
        tree = self.evaluator.tree(path)
        found: list[tuple[str, int]] = []
        for owner in options(self.evaluator.value(path, node + 1)) if tree.kinds[node] == Kind.ATTRIBUTE else ():
            name = tree.value(node)
            cls = self.evaluator.classes.owner(owner.cls, name) if isinstance(owner, Instance) else None
            if cls is None:
                return []
            for member in self.evaluator.files[cls.path].interface.classes[cls.node].members[name]:
                function = FunctionValue(cls.path, member)
                if (
                    self.evaluator.tree(cls.path).kinds[member] != Kind.FUNCTION
                    or not self.evaluator.decorator_names(cls.path, member) & hosts.PROPERTY_DECORATORS
                ):
                    return []
                found += [(cls.path, value) for value in self.evaluator.returns(function)]
        trees = [(self.evaluator.tree(where), value) for where, value in found]
        literal = all(other.kinds[value] in _LITERALS for other, value in trees)
        return found if literal and all(self._literal(*each) is Nature.CONSTANT for each in trees) else []

    def _keywords(self, path: str, node: int) -> bool:
        """Whether a name is the mapping of the keywords that its function was called with."""
        tree = self.evaluator.tree(path)
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
        return bool(reached) and all(
            tree.kinds[binding] == Kind.PARAMETER and tree.has(binding, Flag.PAIRS) for binding, _ in reached or ()
        )

    def _handed(self, path: str, node: int) -> list[tuple[str, int]]:
        """What all callers pass for a parameter that is iterated; none where that cannot be said."""
        tree = self.evaluator.tree(path)
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
        parameter = reached[0][0] if reached and len(reached) == 1 else -1
        if parameter < 0 or tree.kinds[parameter] != Kind.PARAMETER:
            return []
        return self.evaluator.parameters.handed(path, tree.parents[parameter], parameter)

    def _destructured(self, path: str, node: int) -> bool:
        """Whether a name is a part of what is passed for a parameter."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return False
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
        return any(tree.kinds[each] == Kind.PARAMETER and not tree.value(each) for each, _ in reached)

    def _enumerates(self, path: str, node: int, value: Value) -> bool:
        """Whether the members of an enumeration are iterated: a class is iterated for nothing else, and so is what
        an enumeration itself gives (`Kind.values`)."""
        if isinstance(value, ProjectClass):
            return True
        if isinstance(value, ExternalValue):
            return value.path in self.evaluator.enumerations
        if self.evaluator.tree(path).kinds[node] != Kind.ATTRIBUTE:
            return False
        owner = self.evaluator.value(path, node + 1)
        return isinstance(owner, ProjectClass) and self.declared.plain(owner) == "constant"

    def _given(self, path: str, node: int) -> list[int] | None:
        """The expressions that a name of the function was given, each of which it may hold; none where that cannot
        be said. None where there is but one thing that it can hold, and that is no such expression."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return None
        reached = self.evaluator.scope(path).reaching(node, tree.value(node))
        if not reached:
            return None
        given: list[int] = []
        for binding, _ in reached:
            if tree.kinds[binding] == Kind.CALL:
                continue
            target, value = tree.child(binding, Role.TARGET), tree.child(binding, Role.VALUE)
            plain = tree.kinds[binding] == Kind.ASSIGN and not tree.value(binding)
            if not plain or value < 0 or tree.kinds[target] != Kind.NAME:
                return None if len(reached) == 1 else []
            given.append(value)
        return given

    def _made_by(self, path: str, node: int) -> tuple[str, int] | None:
        """The call or sum that a name of a module is given, and nothing else, where no function adds to it."""
        found = self._definition(path, node)
        if found is None or len(found.nodes) > 1:
            return None
        tree, bound = self.evaluator.tree(found.path), found.nodes[0]
        target, value = tree.child(bound, Role.TARGET), tree.child(bound, Role.VALUE)
        plain = tree.kinds[bound] == Kind.ASSIGN and not tree.value(bound) and tree.kinds[target] == Kind.NAME
        if not plain or value < 0 or tree.kinds[value] not in (Kind.CALL, Kind.BINARY) or self._grows(path, node):
            return None
        return found.path, value

    def _definition(self, path: str, node: int) -> Definition | None:
        """Where the name of a module is bound that a name, or the attribute of an imported module, means."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.NAME:
            if self.evaluator.scope(path).reaching(node, tree.value(node)) is not None:
                return None
            target = self.evaluator.names.binding(path, tree.value(node))
        else:
            owner = self.evaluator.value(path, node + 1) if tree.kinds[node] == Kind.ATTRIBUTE else None
            target = (
                self.evaluator.names.export(owner.path, tree.value(node)) if isinstance(owner, ModuleValue) else None
            )
        return target if isinstance(target, Definition) else None

    def _grows(self, path: str, node: int) -> bool:
        """Whether more is done to what a name holds than to give it: by statements beside its use, or by functions
        that add to it, which may run any number of times."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        if tree.kinds[node] == Kind.NAME and scope.statements_on(node, tree.value(node)):
            return True
        found = self._definition(path, node)
        where, use, name = (found.path, found.nodes[0], found.name) if found else (path, node, tree.value(node))
        scope = self.evaluator.scope(where)
        return any(
            self.counters.list_word(where, call) in GROWING and scope.function(call) >= 0
            for call in scope.statements_below(use, name)
        )


_JOINING = frozenset({"+", "|"})
"""Operators that make one list, set or mapping of two."""
_LITERALS = (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT)


_FOLLOWED = frozenset(
    {
        Kind.CONDITIONAL,
        Kind.CALL,
        Kind.AWAIT,
        Kind.CAST,
        Kind.SUBSCRIPT,
        Kind.NAME,
        Kind.ATTRIBUTE,
        Kind.BINARY,
        Kind.COMPREHENSION,
    }
)


def _digits(tree: Tree, node: int) -> bool:
    return tree.kinds[node] == Kind.NUMBER and tree.value(node).isascii() and tree.value(node).isdigit()
