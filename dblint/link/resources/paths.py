"""The ways out of a function on which a value that it opened is still open.

Read from the structured statements of the tree: what follows what, what a `try` catches, what `finally` always runs.
Where two branches meet and one of them closed the value, it is taken to be closed: the other may be the branch in which
it never was opened, which no flow can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec

from dblint.facts.tree import Kind, Role, Tree

DEPTH = 60
"""Statements inside one another that are read; below, nothing can be said."""
BEFORE, MADE, OPEN, CLOSED = "before", "made", "open", "closed"
_HELD = frozenset({MADE, OPEN})
States: TypeAlias = frozenset[str]
_NONE: States = frozenset()
_ANY_ERROR = frozenset({"Exception", "BaseException"})
_ERRORS = frozenset({"error", "raise"})
_SKIPPED = frozenset({Kind.FUNCTION, Kind.CLASS})


class TooDeepError(Exception):
    """The statements nest deeper than is read."""


class Events(msgspec.Struct, frozen=True):
    """What happens to a value, by node.

    `opens`: the call that opens it. `ends`: calls that close it. `uses`: calls and awaits on it that may fail.
    `leaves`: calls that end the program. `contexts`: expressions whose `with` closes it. `names`: uses of the name that
    holds it. `wakes`: of a value that takes nothing before it is used, the uses by which it does; None for one that is
    open at once. `takes`: those of them that do nothing else, so that one which fails has taken nothing.
    """

    opens: int
    ends: frozenset[int]
    uses: frozenset[int]
    leaves: frozenset[int]
    contexts: frozenset[int]
    names: frozenset[int]
    wakes: frozenset[int] | None = None
    takes: frozenset[int] = frozenset()


class _Ways(msgspec.Struct):
    """How statements end: the states in which they go on, and the jumps out of them (word, state → first node)."""

    states: States = _NONE
    jumps: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)

    def take(self, jumps: Mapping[tuple[str, str], int]) -> None:
        """Adds jumps; of equal ones the first stays."""
        for key, node in jumps.items():
            self.jumps.setdefault(key, node)


def exits(tree: Tree, function: int, events: Events) -> list[tuple[str, int]] | None:
    """The ways out with the value open, as word (`return`, `raise`, `error`, `end`) and node; None: cannot say."""
    body = tree.child(function, Role.BODY)
    if body < 0:
        return None
    try:
        ways = _Reader(tree, events).run(body, frozenset({BEFORE}), 0)
    except TooDeepError:
        return None
    found = [(word, node) for (word, state), node in ways.jumps.items() if state == OPEN]
    if OPEN in ways.states:
        found.append(("end", function))
    return found


class _Reader:
    """Walks the statements of one function."""

    def __init__(self, tree: Tree, events: Events) -> None:
        self.tree = tree
        self.events = events
        self._marks = sorted({events.opens, *events.ends, *events.uses, *events.leaves, *(events.wakes or ())})
        self._readers: dict[int, Callable[[int, States, int], _Ways]] = {
            Kind.BLOCK: self._block,
            Kind.IF: self._if,
            Kind.LOOP: self._loop,
            Kind.TRY: self._try,
            Kind.WITH: self._with,
            Kind.SWITCH: self._switch,
            Kind.RETURN: self._jump,
            Kind.RAISE: self._jump,
            Kind.BREAK: self._jump,
            Kind.CONTINUE: self._jump,
        }

    def run(self, node: int, states: States, depth: int) -> _Ways:
        """What a statement makes of the states in which it is begun."""
        if depth > DEPTH:
            raise TooDeepError
        kind = self.tree.kinds[node]
        if kind in _SKIPPED:
            return _Ways(states)
        reader = self._readers.get(kind)
        return self._expression(node, states) if reader is None else reader(node, states, depth + 1)

    def _expression(self, node: int, states: States) -> _Ways:
        """An expression: it may fail before it is done, and opens or closes the value once it is."""
        if node < 0:
            return _Ways(states)
        ways = _Ways(states)
        inside = [mark for mark in self._marks if node <= mark < self.tree.ends[node]]
        if not inside:
            return ways
        events = self.events
        ending = not events.ends.isdisjoint(inside)
        wakes = frozenset(events.wakes or ()).intersection(inside)
        for state in states:
            if events.opens in inside:
                ways.jumps["error", state] = node
            elif ending:
                ways.jumps["error", CLOSED if state in _HELD else state] = node
            elif not events.uses.isdisjoint(inside):
                first = min(events.uses.intersection(inside))
                ways.jumps["error", OPEN if state == MADE and wakes - events.takes else state] = first
        if not events.leaves.isdisjoint(inside):
            ways.states = _NONE
        elif events.opens in inside:
            opened = MADE if events.wakes is not None and not wakes else OPEN
            ways.states = frozenset({CLOSED if ending else opened}) if states else _NONE
        elif ending:
            ways.states = frozenset(CLOSED if state in _HELD else state for state in states)
        elif wakes:
            ways.states = frozenset(OPEN if state == MADE else state for state in states)
        return ways

    def _block(self, node: int, states: States, depth: int) -> _Ways:
        return self._sequence(self.tree.children(node), states, depth)

    def _sequence(self, nodes: Iterable[int], states: States, depth: int) -> _Ways:
        ways = _Ways(states)
        for child in nodes:
            if not ways.states:
                break
            step = self.run(child, ways.states, depth)
            ways.states = step.states
            ways.take(step.jumps)
        return ways

    def _if(self, node: int, states: States, depth: int) -> _Ways:
        tree = self.tree
        condition = tree.child(node, Role.CONDITION)
        ways = self._expression(condition, states)
        held = self._tested(condition)
        yes, no = ways.states, ways.states
        if held is not None:
            there, away = yes - {BEFORE}, no - _HELD
            yes, no = (there, away) if held else (away, there)
        results: list[States] = []
        for role, begun in ((Role.BODY, yes), (Role.ELSE, no)):
            branch = tree.child(node, role)
            if not begun:
                continue
            step = self.run(branch, begun, depth) if branch >= 0 else _Ways(begun)
            results.append(step.states)
            ways.take(step.jumps)
        ways.states = _met(ways.states, results)
        return ways

    def _tested(self, condition: int) -> bool | None:
        """Whether a condition says that the name holds something (True), or that it does not."""
        tree, wanted = self.tree, True
        while condition >= 0:
            kind, word = tree.kinds[condition], tree.value(condition)
            if kind == Kind.NAME:
                return wanted if condition in self.events.names else None
            if kind == Kind.UNARY and word == "not":
                wanted, condition = not wanted, condition + 1
            elif kind == Kind.BINARY and word in ("is", "==", "is-not", "!="):
                right = tree.child(condition, Role.RIGHT)
                if right < 0 or tree.kinds[right] != Kind.CONSTANT or tree.value(right) not in ("null", "undefined"):
                    return None
                wanted = wanted == (word in ("is-not", "!="))
                condition = tree.child(condition, Role.LEFT)
            else:
                return None
        return None

    def _loop(self, node: int, states: States, depth: int) -> _Ways:
        tree = self.tree
        ways = _Ways(states)
        for role in (Role.INIT, Role.ITERABLE, Role.CONDITION):
            step = self._expression(tree.child(node, role), ways.states)
            ways.states = step.states
            ways.take(step.jumps)
        begun = ways.states
        body = tree.child(node, Role.BODY)
        inner = self.run(body, begun, depth) if body >= 0 else _Ways(begun)
        left = frozenset(state for word, state in inner.jumps if word == "break")
        again = inner.states | frozenset(state for word, state in inner.jumps if word == "continue")
        ways.take({key: at for key, at in inner.jumps.items() if key[0] not in ("break", "continue")})
        condition, iterable = tree.child(node, Role.CONDITION), tree.child(node, Role.ITERABLE)
        endless = iterable < 0 and (condition < 0 or tree.value(condition) in ("true", "1"))
        ways.states = left if endless else _met(begun, [begun, again, left] if again or left else [begun])
        otherwise = tree.child(node, Role.ELSE)
        if otherwise >= 0 and ways.states:
            step = self.run(otherwise, ways.states, depth)
            ways.take(step.jumps)
            ways.states = _met(begun, [step.states, left])
        return ways

    def _try(self, node: int, states: States, depth: int) -> _Ways:
        tree = self.tree
        ways = self.run(tree.child(node, Role.BODY), states, depth)
        handlers = list(tree.with_role(node, Role.CATCH))
        results: list[States] = []
        if handlers:
            failed = frozenset(state for word, state in ways.jumps if word in _ERRORS)
            caught = any(self._catches_all(handler) for handler in handlers)
            escaping = {key: at for key, at in ways.jumps.items() if not caught or key[0] not in _ERRORS}
            normal = ways.states
            ways = _Ways(normal, escaping)
            for handler in handlers:
                step = self.run(tree.child(handler, Role.BODY), failed, depth) if failed else _Ways()
                results.append(step.states)
                ways.take(step.jumps)
        otherwise = tree.child(node, Role.ELSE)
        if otherwise >= 0 and ways.states:
            step = self.run(otherwise, ways.states, depth)
            ways.states = step.states
            ways.take(step.jumps)
        ways.states = ways.states.union(*results)
        last = tree.child(node, Role.FINALLY)
        return ways if last < 0 else self._finally(last, ways, depth)

    def _finally(self, last: int, ways: _Ways, depth: int) -> _Ways:
        """Runs what always runs behind each way out."""
        found = _Ways()
        if ways.states:
            step = self.run(last, ways.states, depth)
            found.states = step.states
            found.take(step.jumps)
        for (word, state), at in ways.jumps.items():
            step = self.run(last, frozenset({state}), depth)
            found.take(step.jumps)
            found.take({(word, after): at for after in step.states})
        return found

    def _catches_all(self, handler: int) -> bool:
        tree = self.tree
        kept = tree.child(handler, Role.ANNOTATION)
        if kept < 0:
            return True
        return any(
            tree.value(node) in _ANY_ERROR
            for node in range(kept, tree.ends[kept])
            if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE)
        )

    def _with(self, node: int, states: States, depth: int) -> _Ways:
        tree = self.tree
        ways = _Ways(states)
        closing = False
        for item in tree.with_role(node, Role.ITEM):
            step = self._expression(item, ways.states)
            ways.states = step.states
            ways.take(step.jumps)
            closing = closing or any(item <= context < tree.ends[item] for context in self.events.contexts)
        if closing:
            ways.states = frozenset(CLOSED if state in _HELD else state for state in ways.states)
        body = tree.child(node, Role.BODY)
        if body >= 0 and ways.states:
            step = self.run(body, ways.states, depth)
            ways.states = step.states
            ways.take(step.jumps)
        return ways

    def _switch(self, node: int, states: States, depth: int) -> _Ways:
        tree = self.tree
        ways = self._expression(tree.child(node, Role.CONDITION), states)
        results = [ways.states]
        ended = tree.value(node) == "switch"
        for case in tree.with_role(node, Role.CASE):
            body = tree.child(case, Role.BODY)
            step = self.run(body, ways.states, depth) if body >= 0 and ways.states else _Ways(ways.states)
            results.append(step.states)
            if ended:
                results.append(frozenset(state for word, state in step.jumps if word == "break"))
            ways.take({key: at for key, at in step.jumps.items() if not ended or key[0] != "break"})
            if not any(True for _ in tree.with_role(case, Role.TARGET)):
                results[0] = _NONE  # a default: one of the cases is taken
        ways.states = _met(ways.states, results)
        return ways

    def _jump(self, node: int, states: States, _: int) -> _Ways:
        ways = self._expression(node, states) if self.tree.ends[node] > node + 1 else _Ways(states)
        word = {Kind.RETURN: "return", Kind.RAISE: "raise", Kind.BREAK: "break"}.get(self.tree.kinds[node], "continue")
        ways.take({(word, state): node for state in ways.states})
        ways.states = _NONE
        return ways


def _met(begun: States, results: list[States]) -> States:
    """The states where branches meet: open is forgotten where one of them closed it."""
    states = _NONE.union(*results)
    return states - {OPEN} if CLOSED in states and CLOSED not in begun else states
