"""Rows that a loop puts into a list, or into the lists of a mapping, before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.accesses.origins import Origins

GIVING = frozenset({"items", "values", "keys", "get", "pop", "copy"})
"""Methods of a mapping that put nothing into it (Python documentation, "Mapping Types")."""
_LISTS = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET})
_TURNS = (Kind.LOOP, Kind.CLAUSE)


class Behind(msgspec.Struct, frozen=True):
    """What holds the rows that an expression has: expressions that are gone through (`rows`), or that hold mappings of
    lists of them (`mappings`). `looked`: the attributes that are read of each row when it is put there."""

    rows: tuple[tuple[str, int], ...] = ()
    mappings: tuple[tuple[str, int], ...] = ()
    looked: frozenset[str] = frozenset()


class GatheredRows:
    """Follows rows through what they are gathered in. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def behind(self, path: str, node: int, *, mapping: bool) -> Behind | None:
        """What the rows were put there from that an expression holds, or the lists of a mapping that it holds
        (`mapping`); None where they were not gathered, or where that cannot be said."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.NAME:
            return self._named(path, node, mapping=mapping)
        if kind == Kind.CALL:
            if mapping:
                return self._returned(path, node)
            callee = node + 1
            looked_up = tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in hosts.LOOKUPS
            return Behind(mappings=((path, callee + 1),)) if looked_up else None
        if kind == Kind.SUBSCRIPT and not mapping:
            index = tree.child(node, Role.INDEX)
            return Behind(mappings=((path, node + 1),)) if index >= 0 and tree.kinds[index] != Kind.SLICE else None
        return None

    def _returned(self, path: str, node: int) -> Behind | None:
        found: list[tuple[str, int]] = []
        for option in options(self.evaluator.value(path, node + 1)):
            returned = list(self.evaluator.returns(option)) if isinstance(option, FunctionValue) else []
            if not isinstance(option, FunctionValue) or not returned:
                return None
            found += [(option.path, each) for each in returned]
        return Behind(mappings=tuple(found)) if found else None

    def _named(self, path: str, node: int, *, mapping: bool) -> Behind | None:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        reached = scope.reaching(node, tree.value(node)) or []
        bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
        if len(bindings) != 1 or self.origins.lending.may_load(path, node, tree.value(node)):
            return None
        binding = bindings[0]
        kind = tree.kinds[binding]
        if kind in _TURNS and not mapping:
            held = self._of_turn(path, binding, tree.value(node))
            return Behind(mappings=((path, held),)) if held >= 0 else None
        if kind == Kind.PARAMETER and mapping:
            given = self.evaluator.parameters.handed(path, tree.parents[binding], binding)
            return Behind(mappings=tuple(given)) if given else None
        if kind != Kind.ASSIGN or tree.value(binding):
            return None
        target, value = tree.child(binding, Role.TARGET), tree.child(binding, Role.VALUE)
        if value < 0 or tree.kinds[target] != Kind.NAME:
            return None
        if self._empty(path, value, mapping=mapping):
            return self._put(path, binding, tree.value(node), mapping=mapping)
        return Behind(mappings=((path, value),)) if mapping else None

    def _of_turn(self, path: str, turn: int, name: str) -> int:
        """The mapping whose lists a loop gives one by one under a name; -1 where it gives none."""
        tree = self.evaluator.tree(path)
        target, iterable = tree.child(turn, Role.TARGET), tree.child(turn, Role.ITERABLE)
        if min(target, iterable) < 0 or tree.kinds[iterable] != Kind.CALL or tree.kinds[iterable + 1] != Kind.ATTRIBUTE:
            return -1
        parts = list(tree.children(target)) if tree.kinds[target] == Kind.TUPLE else [target]
        word = {1: hosts.ENTRY_VALUES, 2: hosts.ENTRIES}.get(len(parts))
        given = tree.value(iterable + 1) == word and tree.kinds[parts[-1]] == Kind.NAME
        return iterable + 2 if given and tree.value(parts[-1]) == name else -1

    def _empty(self, path: str, node: int, *, mapping: bool) -> bool:
        """Whether an expression is an empty list, or a mapping without entries."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind != Kind.CALL:
            return kind in ((Kind.OBJECT,) if mapping else (Kind.LIST,)) and tree.ends[node] == node + 1
        if tree.value(node + 1) not in (hosts.EMPTY_MAPPINGS if mapping else hosts.EMPTY_LISTS):
            return False
        return all(self._makes_lists(path, given) for given in tree.with_role(node, Role.ARGUMENT)) and (
            mapping or tree.child(node, Role.ARGUMENT) < 0
        )

    def _makes_lists(self, path: str, node: int) -> bool:
        """Whether what is given to a mapping makes the empty list of a new entry."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.FUNCTION:
            body = tree.child(node, Role.BODY)
            return body >= 0 and tree.kinds[body] == Kind.LIST and tree.ends[body] == body + 1
        return tree.kinds[node] == Kind.NAME and tree.value(node) in hosts.EMPTY_LISTS

    def _put(self, path: str, assignment: int, name: str, *, mapping: bool) -> Behind | None:
        """What is put into the list, or the lists of the mapping, that a name holds from an assignment on; None where
        something else may be."""
        scope = self.evaluator.scope(path)
        tree = self.evaluator.tree(path)
        own = tree.child(assignment, Role.TARGET)
        rows: list[tuple[str, int]] = []
        looked: set[str] = set()
        for use in self.origins.lending.uses(path, scope.function(assignment), name):
            if use == own:
                continue
            given = self._given(path, use, mapping=mapping)
            if given is None:
                return None
            for node, single in given:
                source = self._source(path, node, looked) if single else node
                if source < 0:
                    return None
                rows.append((path, source))
        return Behind(rows=tuple(rows), looked=frozenset(looked)) if rows else None

    def _given(self, path: str, use: int, *, mapping: bool) -> list[tuple[int, bool]] | None:
        """What a use of a name puts into what it holds, each with whether it is one row; None: cannot say."""
        tree = self.evaluator.tree(path)
        node, parent = use, tree.parents[use]
        if mapping and tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[use] == Role.OBJECT:
            node, parent = parent, tree.parents[parent]
            if tree.roles[node] == Role.TARGET:
                value = tree.child(parent, Role.VALUE) if tree.kinds[parent] == Kind.ASSIGN else -1
                listed = value >= 0 and not tree.value(parent) and tree.kinds[value] in _LISTS
                return [(child, True) for child in tree.children(value)] if listed else None
        elif mapping and tree.kinds[parent] == Kind.ATTRIBUTE and tree.kinds[tree.parents[parent]] == Kind.CALL:
            word, call = tree.value(parent), tree.parents[parent]
            if word in GIVING or tree.roles[parent] != Role.CALLEE:
                return []
            entry = list(tree.with_role(call, Role.ARGUMENT))
            if word != hosts.ENTERS or len(entry) != 2 or not self._empty(path, entry[1], mapping=False):
                return None
            node, parent = call, tree.parents[call]
        if tree.kinds[parent] == Kind.ATTRIBUTE and tree.roles[node] == Role.OBJECT:
            return self._called(path, parent)
        if tree.roles[node] == Role.TARGET:
            if tree.kinds[parent] == Kind.ASSIGN and tree.value(parent) == "+":
                return [(tree.child(parent, Role.VALUE), False)]
            return None
        indexed = tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[node] == Role.OBJECT
        return None if indexed and tree.roles[parent] == Role.TARGET else []

    def _called(self, path: str, member: int) -> list[tuple[int, bool]] | None:
        """What a method of a list is given that puts it there."""
        tree = self.evaluator.tree(path)
        call = tree.parents[member]
        if tree.kinds[call] != Kind.CALL or tree.roles[member] != Role.CALLEE:
            return []
        word = self.origins.loops.counters.list_word(path, call)
        if word not in ("append", "extend"):
            return []
        given = list(tree.with_role(call, Role.ARGUMENT))
        return [(given[0], word == "append")] if len(given) == 1 else None

    def _source(self, path: str, node: int, looked: set[str]) -> int:
        """What is gone through by the loop whose row this is; adds the attributes that its body reads of the row."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        if tree.kinds[node] != Kind.NAME:
            return -1
        name = tree.value(node)
        reached = scope.reaching(node, name) or []
        turn = reached[0][0] if len(reached) == 1 else -1
        if turn < 0 or tree.kinds[turn] not in _TURNS:
            return -1
        target = self.origins.element(path, turn)
        if target < 0 or tree.value(target) != name:
            return -1
        for use in self.origins.lending.uses(path, turn, name):
            parent = tree.parents[use]
            if tree.kinds[parent] == Kind.ATTRIBUTE and tree.roles[use] == Role.OBJECT:
                looked.add(tree.value(parent))
        return tree.child(turn, Role.ITERABLE)
