"""What decides that conditions stand which only a branch adds to a statement.

Where the statement runs only if one of the branches was taken (`if a or b:` around it, `if not narrowed: return` before
it), one of the conditions always stands there. Where every branch is for a parameter that a caller may leave out, the
statement for all rows is what leaving it out asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.query import And, Clause, Column, Compare, Condition, Element, OpaqueCondition, Or, Query, Value, Verb
from dblint.facts.query import Not as Negated
from dblint.facts.text import Literal, Origin, Place, Repeat, Text
from dblint.facts.text import Optional as Piece
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.conditions.branches import TRUE, Asked, Branches, Every, Formula, Not, Some, asked, truthy

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator

Bounds: TypeAlias = dict[tuple[object, ...], tuple[int, int]]
"""Between what the values lie that tests ask of."""
ATTEMPTS = 2_000
"""Assignments that are tried for one statement."""
ADDED = 40
"""Branches that are looked at for one statement."""
LINKS = 8
"""Links of a chain among which a choice is looked for."""
MOST = 3


class Standing:
    """Answers what decides about conditions. One per evaluator."""

    def __init__(self, evaluator: Evaluator, texts: Texts) -> None:
        self.evaluator = evaluator
        self.texts = texts
        self.branches = Branches(evaluator)

    def read(self, query: Query, site: Site, added: Sequence[Site], texts: Sequence[Text] = ()) -> Query:
        """The statement that runs at `site`, with what decides about its conditions. `added`: the calls and values by
        which branches add them, where they are not seen by the places of the conditions and the `texts`."""
        if query.verb not in (Verb.UPDATE, Verb.DELETE) or not query.where.sometimes():
            return query
        scope = self.evaluator.scope(site.path)
        function = scope.function(site.node)
        nodes = {each.node for each in added if each.path == site.path and each.node >= 0}
        elsewhere = any(each.path != site.path for each in added)
        for text in texts if not nodes else ():
            nodes |= self._written(site.path, text)
        while function >= 0 and not any(scope.tree.contains(function, node) for node in nodes):
            function = scope.function(function)  # it runs in a closure that is handed on
        nodes = {node for node in nodes if function < 0 or scope.tree.contains(function, node)}
        if not nodes or len(nodes) > ADDED:
            return query
        runs = self.branches.around(site.path, site.node, function) or ()
        ways = [self.branches.around(site.path, node, function, site.node) for node in sorted(nodes)]
        shared = {_tests(part) for part in runs}
        own = [tuple(part for part in way if _tests(part) not in shared) for way in ways if way is not None]
        known = [Every(way) for way, parts in zip((w for w in ways if w is not None), own, strict=True) if parts]
        tested = [*runs, *(self._flagged(site.path, part, function) for part in runs)]
        if known and _excluded([*tested, *(Not(way) for way in known)]):
            return replace(query, where=Clause((*query.where.elements, Element(OpaqueCondition()))))
        left_out = not elsewhere and None not in ways and bool(own)
        if left_out and all(self._left_out(site.path, parts) for parts in own):
            elements = tuple(replace(element, condition=Origin.PARAMETER) for element in query.where.elements)
            return replace(query, where=Clause(elements))
        return query

    # Flags

    def _flagged(self, path: str, formula: Formula, function: int) -> Formula:
        """What follows from a test of names that the function sets in its branches: it went through one of them."""
        if isinstance(formula, Asked):
            return self._set(path, formula, function)
        if isinstance(formula, Not):
            inner = formula.part
            if isinstance(inner, Not):
                return self._flagged(path, inner.part, function)
            if isinstance(inner, Some):
                return Every(tuple(self._flagged(path, Not(part), function) for part in inner.parts))
            if isinstance(inner, Every):
                return Some(tuple(self._flagged(path, Not(part), function) for part in inner.parts))
            return formula
        return type(formula)(tuple(self._flagged(path, part, function) for part in formula.parts))

    def _set(self, path: str, test: Asked, function: int) -> Formula:
        scope = self.evaluator.scope(path)
        tree = scope.tree
        if test.level < TRUE or test.node < 0 or tree.kinds[test.node] != Kind.NAME:
            return test
        reached = scope.reaching(test.node, tree.value(test.node)) or []
        ways: list[Formula] = []
        for binding, _ in reached:
            if tree.kinds[binding] not in (Kind.ASSIGN, Kind.CALL) or scope.function(binding) != function:
                return test
            if not truthy(tree, binding):
                continue
            way = self.branches.around(path, binding, function, test.node)
            if way is None:
                return test
            ways.append(Every(way))
        return Every((test, Some(tuple(ways)))) if reached else test

    # Parameters that may be left out

    def _left_out(self, path: str, parts: tuple[Formula, ...]) -> bool:
        """Whether these tests are for parameters that callers may leave out, and nobody hands in what may be empty."""
        tests = list(asked(iter(parts)))
        return bool(tests) and all(wanted and test.node >= 0 and self._optional(path, test) for test, wanted in tests)

    def _optional(self, path: str, test: Asked) -> bool:
        scope = self.evaluator.scope(path)
        tree = scope.tree
        if tree.kinds[test.node] != Kind.NAME:
            return False
        bound = scope.bindings(test.node, tree.value(test.node)) or []
        if len(bound) != 1 or tree.kinds[bound[0][0]] != Kind.PARAMETER:
            return False
        parameter = bound[0][0]
        function = tree.parents[parameter]
        default = tree.child(parameter, Role.DEFAULT)
        if not tree.has(parameter, Flag.OPTIONAL) and (default < 0 or not _nothing(tree, default)):
            return False
        if self.texts.origins.passing.served(path, parameter):
            return False
        passed = self.evaluator.parameters.passed(path, function, parameter)
        return test.level < TRUE or not any(self._may_be_empty(*each) for each in passed)

    def _may_be_empty(self, path: str, node: int) -> bool:
        """Whether a value that is handed in was made by choosing or collecting, or by a client: it may hold nothing."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        if tree.kinds[node] == Kind.NAME:
            reached = scope.reaching(node, tree.value(node)) or []
            if any(tree.kinds[binding] == Kind.CALL for binding, _ in reached):
                return True  # it is put together element by element
            bound = [binding for binding, _ in reached]
            if len(bound) == 1 and tree.kinds[bound[0]] == Kind.ASSIGN and not tree.value(bound[0]):
                value, target = tree.child(bound[0], Role.VALUE), tree.child(bound[0], Role.TARGET)
                if value >= 0 and tree.kinds[target] == Kind.NAME:
                    node = value
        if self._chosen(path, node):
            return True
        origin = self.texts.origins.of(Site(path, node, None))
        return origin in (Origin.REQUEST, Origin.DATABASE) and not self._passed_on(path, node)

    def _passed_on(self, path: str, node: int) -> bool:
        """Whether a value is made of what its function is handed by other functions: what an empty one means there is
        theirs to say."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        pending, seen = [node], set[int]()
        while pending and len(seen) < ADDED:
            each, end = (start := pending.pop()), tree.ends[start]
            seen.add(start)
            while each < end:
                if tree.kinds[each] == Kind.FUNCTION:
                    each = tree.ends[each]
                    continue
                for binding, _ in (
                    (scope.bindings(each, tree.value(each)) or ()) if tree.kinds[each] == Kind.NAME else ()
                ):
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value >= 0 and value not in seen:
                        pending.append(value)
                    if tree.kinds[binding] == Kind.PARAMETER and not tree.has(each, Flag.SELF):
                        if self.evaluator.parameters.passed(path, tree.parents[binding], binding):
                            return True
                each += 1
        return False

    def _chosen(self, path: str, node: int) -> bool:
        """Whether a list holds those elements of another one that pass a test."""
        tree = self.evaluator.tree(path)
        for _ in range(LINKS):
            if tree.kinds[node] == Kind.COMPREHENSION:
                return tree.child(node, Role.CONDITION) >= 0
            if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
                return False
            row = self.texts.origins.row(Site(path, node, None))
            if not isinstance(row, Untyped) or row.callback is None:
                return False
            if row.list == "same":
                return True
            node += 2
        return False

    # Where conditions are added

    def _written(self, path: str, text: Text) -> set[int]:
        """The nodes by which pieces of a text come that do not always stand in it."""
        tree = self.evaluator.tree(path)
        found: set[int] = set()
        for place in _places(text):
            node = _node(tree, place) if place.path == path else -1
            if node >= 0:
                found |= {node, *_instead(tree, node)}
        return found


def _tests(formula: Formula) -> tuple[int, ...]:
    """The tests of a formula by where they stand."""
    return tuple(test.node for test, _ in asked(iter((formula,))))


def places(condition: Condition) -> Iterator[Place]:
    """Where the values stand that a condition is handed."""
    pending = [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, And | Or):
            pending.extend(part.parts)
        elif isinstance(part, Negated):
            pending.append(part.part)
        elif isinstance(part, Compare):
            for side in (part.left, part.right):
                if isinstance(side, Column | Value) and side.place is not None:
                    yield side.place


def _places(text: Text) -> Iterator[Place]:
    """The places of optional pieces: one of each."""
    for piece in text.pieces:
        if isinstance(piece, Piece | Repeat):
            pending = list(reversed(piece.pieces))
            while pending:
                inner = pending.pop()
                if isinstance(inner, Piece | Repeat):
                    pending.extend(reversed(inner.pieces))
                elif inner.place is not None and (not isinstance(inner, Literal) or inner.text.strip()):
                    yield inner.place
                    break


def _node(tree: Tree, place: Place) -> int:
    """The innermost node around a place; -1 where there is none."""
    node = bisect_right(tree.starts, place.start) - 1
    while node >= 0 and tree.stops[node] < place.stop:
        node = tree.parents[node]
    return node


def _instead(tree: Tree, node: int) -> Iterator[int]:
    """The assignments to the same name in the other branches of the `if` that adds a piece of text: of a text only one
    of them is seen."""
    assigned = next((each for each in tree.ancestors(node) if tree.kinds[each] == Kind.ASSIGN), -1)
    branch = tree.parents[tree.parents[assigned]] if assigned >= 0 and tree.parents[assigned] >= 0 else -1
    if branch < 0 or tree.kinds[branch] != Kind.IF:
        return
    while tree.roles[branch] == Role.ELSE and tree.kinds[tree.parents[branch]] == Kind.IF:
        branch = tree.parents[branch]
    target = tree.child(assigned, Role.TARGET)
    other = tree.kinds.find(Kind.ASSIGN, branch, tree.ends[branch])
    while other >= 0:
        named = tree.child(other, Role.TARGET)
        same = named >= 0 and tree.kinds[named] == Kind.NAME and tree.value(named) == tree.value(target)
        value = tree.child(other, Role.VALUE)
        if same and other != assigned and value >= 0 and tree.value(other) == tree.value(assigned):
            yield value
        other = tree.kinds.find(Kind.ASSIGN, other + 1, tree.ends[branch])


def _nothing(tree: Tree, default: int) -> bool:
    kind = tree.kinds[default]
    if kind == Kind.CONSTANT:
        return tree.value(default) in ("null", "undefined", "false")
    empty = kind in (Kind.LIST, Kind.TUPLE, Kind.OBJECT) and tree.ends[default] == default + 1
    return empty or (kind == Kind.STRING and not tree.value(default))


def _excluded(formulas: Sequence[Formula]) -> bool:
    """Whether these formulas cannot all be true at once."""
    left = ATTEMPTS
    pending: list[Bounds] = [{}]
    while pending:
        left -= 1
        if left < 0:
            return False
        bounds = pending.pop()
        undecided: Asked | None = None
        for formula in reversed(formulas):
            value, test = _value(formula, bounds)
            if value is False:
                break
            if value is None and undecided is None:
                undecided = test
        else:
            if undecided is None:
                return False
            key, level = _state(undecided)
            low, high = bounds.get(key, (0, MOST))
            pending.append({**bounds, key: (low, level - 1)})
            pending.append({**bounds, key: (level, high)})
    return True


def _state(test: Asked) -> tuple[tuple[object, ...], int]:
    return (test.key, test.level) if test.level else (("whole", *test.key), 1)


def _value(formula: Formula, bounds: Bounds) -> tuple[bool | None, Asked | None]:
    """Whether a formula is true as far as it is decided, else what to decide next. Formulas are as deep as `DEPTH`."""
    if isinstance(formula, Asked):
        key, level = _state(formula)
        low, high = bounds.get(key, (0, MOST))
        if low >= level:
            return True, None
        return (False, None) if high < level else (None, formula)
    if isinstance(formula, Not):
        value, test = _value(formula.part, bounds)
        return (None if value is None else not value), test
    ending = isinstance(formula, Some)
    undecided: Asked | None = None
    for part in formula.parts:
        value, test = _value(part, bounds)
        if value is ending:
            return ending, None
        undecided = undecided or test
    return (None, undecided) if undecided is not None else (not ending, None)
