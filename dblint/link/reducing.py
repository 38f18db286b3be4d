"""What a program makes of the rows of a read that a database could have made: it leaves some out, picks one, adds them
up. Said where that is all that becomes of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.program import Reduced
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree

if TYPE_CHECKING:
    from dblint.link.taking import Takings
    from dblint.link.types import Evaluator

STEPS = 8
"""Names and members through which rows are followed."""
PARTS = 40
"""Parts of one condition that are looked at."""
TRUTH = "?"
"""Before the name of an attribute of which only the truth is asked."""
_LISTS = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET})
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST})
_COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not-in", "is", "is-not"})


class Reductions:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator, takings: Takings) -> None:
        self.evaluator = evaluator
        self.takings = takings

    def of(self, path: str, node: int) -> Reduced | None:
        """What is made of the rows that the expression at `node` gives."""
        tree = self.evaluator.tree(path)
        if not self._only(path, tree, node):
            return None
        begun = node
        for _ in range(STEPS):
            parent = tree.parents[node]
            while parent >= 0 and tree.kinds[parent] in _PLAIN:
                node, parent = parent, tree.parents[parent]
            if parent < 0:
                return None
            kind, role = tree.kinds[parent], tree.roles[node]
            if kind == Kind.ASSIGN and role == Role.VALUE:
                uses = self.takings.uses(path, parent)
                if uses is None or len(uses) != 1:
                    return None
                node = uses[0]
            elif kind == Kind.ATTRIBUTE and role == Role.OBJECT:
                call = tree.parents[parent]
                rows = self.takings.rows(path, parent)
                if tree.kinds[call] != Kind.CALL or not rows or not all(row.takes == "all" for row in rows):
                    return None
                node = call
            elif kind == Kind.CLAUSE and role == Role.ITERABLE:
                return self._comprehension(path, tree, parent) if self._once(tree, begun, node) else None
            elif kind == Kind.LOOP and role == Role.ITERABLE:
                return self._loop(path, tree, parent) if self._once(tree, begun, node) else None
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                rows = self.takings.rows(path, parent + 1)
                if not rows or not all(row.iterates == "same" and not row.distinct for row in rows):
                    return self._filtered(path, tree, parent, node)
                node = parent
            else:
                return None
        return None

    def _only(self, path: str, tree: Tree, node: int) -> bool:
        """Whether an expression gives rows that nothing else holds: what it makes itself, or a name that is read here
        and nowhere else."""
        if tree.kinds[node] in (Kind.CALL, Kind.SUBSCRIPT):
            return True
        if tree.kinds[node] == Kind.ATTRIBUTE:
            return self.takings.fresh(path, node)
        if tree.kinds[node] != Kind.NAME:
            return False
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
        bindings = [binding for binding, _ in reached]
        return bool(bindings) and all(
            tree.kinds[binding] == Kind.ASSIGN
            and self.takings.uses(path, binding) == [node]
            and self.takings.fresh(path, tree.child(binding, Role.VALUE))
            and self._once(tree, binding, node)
            for binding in bindings
        )

    @staticmethod
    def _once(tree: Tree, begun: int, use: int) -> bool:
        """Whether rows are used once for each time that they are read: no loop or function around the use alone."""
        for around in tree.ancestors(use):
            if tree.contains(around, begun):
                return True
            if tree.kinds[around] in (Kind.FUNCTION, Kind.LOOP):
                return False
            if tree.kinds[around] == Kind.COMPREHENSION and tree.kinds[tree.parents[use]] != Kind.CLAUSE:
                return False
        return True

    # Ways of doing it

    def _comprehension(self, path: str, tree: Tree, clause: int) -> Reduced | None:
        whole = tree.parents[clause]
        element = self._element(tree, clause)
        if not element or sum(tree.kinds[child] == Kind.CLAUSE for child in tree.children(whole)) != 1:
            return None
        columns: list[str] = []
        conditions = list(tree.with_role(whole, Role.CONDITION))
        for condition in conditions:
            named = self._columns(tree, condition, element)
            if named is None:
                return None
            columns += named
        word = self._reduces(path, tree, whole)
        body = tree.child(whole, Role.BODY)
        if word in ("sum", "max", "min"):
            column = self._column(tree, body, element)
            if not column:
                return None
            return self._made(path, word, tree.parents[whole], [column, *columns], bool(conditions))
        if word == "some":
            named = self._columns(tree, body, element)
            made = [*columns, *named] if named is not None else None
            return self._made(path, "some", tree.parents[whole], made, True) if made else None
        if not conditions or word == "every":
            return None
        place = tree.parents[whole] if word == "first" else whole
        return self._made(path, "first" if word == "first" else "filter", place, columns, True)

    def _loop(self, path: str, tree: Tree, loop: int) -> Reduced | None:
        """`for row in rows:` with a condition around all of its body, or with a sum as its body."""
        element, body = self._element(tree, loop), tree.child(loop, Role.BODY)
        statements = list(tree.children(body)) if body >= 0 and tree.kinds[body] == Kind.BLOCK else []
        if not element or not statements or tree.child(loop, Role.ELSE) >= 0:
            return None
        first = statements[0]
        if tree.kinds[first] == Kind.ASSIGN and len(statements) == 1 and tree.value(first) in ("+", "+="):
            column = self._column(tree, tree.child(first, Role.VALUE), element)
            return self._made(path, "sum", loop, [column], False) if column else None
        if tree.kinds[first] != Kind.IF or tree.child(first, Role.ELSE) >= 0:
            return None
        inner = tree.child(first, Role.BODY)
        skips = inner >= 0 and [tree.kinds[child] for child in tree.children(inner)] == [Kind.CONTINUE]
        if skips == (len(statements) == 1):
            return None
        condition = tree.child(first, Role.CONDITION)
        columns = self._columns(tree, condition, element)
        if columns is None or self._changes(tree, condition, body, element):
            return None
        return self._made(path, "filter", loop, columns, True)

    def _filtered(self, path: str, tree: Tree, call: int, node: int) -> Reduced | None:
        """`filter(lambda row: …, rows)`."""
        rows = self.takings.rows(path, call + 1)
        given = list(tree.with_role(call, Role.ARGUMENT))
        if not rows or any(row.reduces != "filter" for row in rows) or len(given) != 2 or given[1] != node:
            return None
        if tree.kinds[given[0]] != Kind.FUNCTION:
            return None
        parameters = list(tree.with_role(given[0], Role.PARAMETER))
        element = tree.value(parameters[0]) if len(parameters) == 1 else ""
        columns = self._columns(tree, tree.child(given[0], Role.BODY), element) if element else None
        return self._made(path, "filter", call, columns, True) if columns else None

    def _reduces(self, path: str, tree: Tree, node: int) -> str:
        """The word for what a call makes of the elements that it is given first, "" for any other use of them."""
        call = tree.parents[node]
        if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
            return ""
        rows = self.takings.rows(path, call + 1)
        words = {row.reduces for row in rows}
        first = next(iter(tree.with_role(call, Role.ARGUMENT)), -1)
        return words.pop() if len(words) == 1 and first == node else ""

    # Conditions

    @staticmethod
    def _element(tree: Tree, binding: int) -> str:
        target = tree.child(binding, Role.TARGET)
        return tree.value(target) if target >= 0 and tree.kinds[target] == Kind.NAME else ""

    @staticmethod
    def _column(tree: Tree, node: int, element: str) -> str:
        """The attribute of the element that an expression is, "" for any other."""
        if node < 0 or tree.kinds[node] != Kind.ATTRIBUTE or tree.kinds[node + 1] != Kind.NAME:
            return ""
        return tree.value(node) if tree.value(node + 1) == element else ""

    def _columns(self, tree: Tree, condition: int, element: str) -> list[str] | None:
        """The attributes that a condition compares with what does not depend on the element; None for any other."""
        found: list[str] = []
        pending = [condition]
        for _ in range(PARTS):
            if not pending:
                return found
            node = pending.pop()
            kind = tree.kinds[node] if node >= 0 else 0
            column = self._column(tree, node, element)
            if column:
                found.append(f"{TRUTH}{column}")
            elif kind == Kind.UNARY and tree.value(node) == "not":
                pending.append(tree.child(node, Role.VALUE))
            elif kind == Kind.BINARY and tree.value(node) in ("and", "or"):
                pending += tree.children(node)
            elif kind == Kind.BINARY and tree.value(node) in _COMPARING:
                sides = list(tree.children(node))
                columns = [self._column(tree, side, element) for side in sides]
                others = [side for side, column in zip(sides, columns, strict=True) if not column]
                if len(sides) != 2 or not any(columns) or any(self._names(tree, side, element) for side in others):
                    return None
                if tree.value(node) in ("in", "not-in") and (not columns[0] or tree.kinds[sides[1]] not in _LISTS):
                    return None  # a part of what the column holds, or what the program has gathered
                found += filter(None, columns)
            else:
                return None
        return None

    @staticmethod
    def _changes(tree: Tree, condition: int, body: int, element: str) -> bool:
        """Whether a name that the condition of a loop reads is written in its body besides, where it may change."""
        held = {tree.value(node) for node in range(condition, tree.ends[condition]) if tree.kinds[node] == Kind.NAME}
        return any(
            tree.kinds[node] == Kind.NAME and tree.value(node) in held - {element}
            for node in range(body, tree.ends[body])
            if not condition <= node < tree.ends[condition]
        )

    @staticmethod
    def _names(tree: Tree, node: int, name: str) -> bool:
        inner: Iterator[int] = iter(range(node, tree.ends[node]))
        return any(tree.kinds[each] == Kind.NAME and tree.value(each) == name for each in inner)

    def _made(self, path: str, kind: str, node: int, columns: list[str] | None, some: bool) -> Reduced | None:
        if columns is None:
            return None
        tree = self.evaluator.tree(path)
        place = Place(path, tree.starts[node], tree.stops[node])
        names = dict.fromkeys(name.removeprefix(TRUTH) for name in columns)
        flags = dict.fromkeys(name.removeprefix(TRUTH) for name in columns if name.startswith(TRUTH))
        return Reduced(kind, place, tuple(names), some, tuple(flags))
