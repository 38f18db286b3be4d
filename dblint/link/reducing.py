"""What a program makes of the rows of a read that a database could have made: it leaves some out, picks one, adds them
up. Said where that is all that becomes of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Reduced
from dblint.facts.query import Column, Query, Star
from dblint.facts.schema import DOCUMENT_DATABASES
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.fetching import following

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


class Columns(NamedTuple):
    """How a program says which column of a row it means. `named`: by an attribute; `keyed`: by a key, `row["total"]`.
    `order`: the columns that a row has, by their position, () where that is not known; "" for one that is computed."""

    named: bool = True
    keyed: bool = False
    order: tuple[str, ...] = ()


class _Row(NamedTuple):
    """A row that a loop goes through: its name, or the names that its columns are given."""

    name: str
    unpacked: dict[str, str]
    columns: Columns

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.name, *self.unpacked} - {""})


class Reductions:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator, takings: Takings) -> None:
        self.evaluator = evaluator
        self.takings = takings

    def of(self, path: str, node: int, columns: Columns) -> Reduced | None:
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
            if kind in (Kind.BLOCK, Kind.MODULE):
                node = following(tree, node)
                if node < 0:
                    return None
            elif kind == Kind.ASSIGN and role == Role.VALUE:
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
                return self._comprehension(path, tree, parent, columns) if self._once(tree, begun, node) else None
            elif kind == Kind.LOOP and role == Role.ITERABLE:
                return self._loop(path, tree, parent, columns) if self._once(tree, begun, node) else None
            elif kind == Kind.CALL and role == Role.ARGUMENT:
                rows = self.takings.rows(path, parent + 1)
                if not rows or not all(row.iterates == "same" and not row.distinct for row in rows):
                    return self._filtered(path, tree, parent, node, columns)
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
        inner = use
        for around in tree.ancestors(use):
            if tree.contains(around, begun):
                return True
            if tree.kinds[around] == Kind.FUNCTION:
                return False
            if tree.kinds[around] == Kind.LOOP and tree.roles[inner] != Role.ITERABLE:
                return False
            inner = around
            if tree.kinds[around] == Kind.COMPREHENSION and tree.kinds[tree.parents[use]] != Kind.CLAUSE:
                return False
        return True

    # Ways of doing it

    def _comprehension(self, path: str, tree: Tree, clause: int, by: Columns) -> Reduced | None:
        whole = tree.parents[clause]
        element = self._element(tree, clause, by)
        if element is None or sum(tree.kinds[child] == Kind.CLAUSE for child in tree.children(whole)) != 1:
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

    def _loop(self, path: str, tree: Tree, loop: int, by: Columns) -> Reduced | None:
        """`for row in rows:` with a condition around all of its body, or with a sum as its body."""
        element, body = self._element(tree, loop, by), tree.child(loop, Role.BODY)
        statements = list(tree.children(body)) if body >= 0 and tree.kinds[body] == Kind.BLOCK else []
        if element is None or not statements or tree.child(loop, Role.ELSE) >= 0:
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

    def _filtered(self, path: str, tree: Tree, call: int, node: int, by: Columns) -> Reduced | None:
        """`filter(lambda row: …, rows)`."""
        rows = self.takings.rows(path, call + 1)
        given = list(tree.with_role(call, Role.ARGUMENT))
        if not rows or any(row.reduces != "filter" for row in rows) or len(given) != 2 or given[1] != node:
            return None
        if tree.kinds[given[0]] != Kind.FUNCTION:
            return None
        parameters = list(tree.with_role(given[0], Role.PARAMETER))
        name = tree.value(parameters[0]) if len(parameters) == 1 else ""
        columns = self._columns(tree, tree.child(given[0], Role.BODY), _Row(name, {}, by)) if name else None
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
    def _element(tree: Tree, binding: int, by: Columns) -> _Row | None:
        target = tree.child(binding, Role.TARGET)
        if target >= 0 and tree.kinds[target] == Kind.NAME:
            return _Row(tree.value(target), {}, by)
        parts = list(tree.children(target)) if target >= 0 and tree.kinds[target] in (Kind.TUPLE, Kind.LIST) else []
        if not parts or len(parts) != len(by.order) or any(tree.kinds[part] != Kind.NAME for part in parts):
            return None
        names = [tree.value(part) for part in parts]
        return _Row("", {name: by.order[place] for place, name in enumerate(names) if names.count(name) == 1}, by)

    @staticmethod
    def _column(tree: Tree, node: int, row: _Row) -> str:
        """The column of the row that an expression is, "" for any other."""
        if node < 0:
            return ""
        kind = tree.kinds[node]
        if kind == Kind.NAME:
            return row.unpacked.get(tree.value(node), "")
        if not row.name or node + 1 >= tree.ends[node]:
            return ""
        if kind == Kind.ATTRIBUTE:
            return tree.value(node) if row.columns.named and _is(tree, node + 1, row.name) else ""
        if kind == Kind.SUBSCRIPT and _is(tree, node + 1, row.name):
            index = tree.child(node, Role.INDEX)
            if index >= 0 and tree.kinds[index] == Kind.STRING and row.columns.keyed:
                return tree.value(index)
            number = tree.value(index) if index >= 0 and tree.kinds[index] == Kind.NUMBER else ""
            order = row.columns.order
            return order[int(number)] if number.isdecimal() and int(number) < len(order) else ""
        if kind == Kind.CALL and row.columns.keyed and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            given = list(tree.with_role(node, Role.ARGUMENT))
            if tree.value(node + 1) in hosts.LOOKUPS and _is(tree, node + 2, row.name) and len(given) == 1:
                return tree.value(given[0]) if tree.kinds[given[0]] == Kind.STRING else ""
        return ""

    def _columns(self, tree: Tree, condition: int, element: _Row) -> list[str] | None:
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
    def _changes(tree: Tree, condition: int, body: int, element: _Row) -> bool:
        """Whether a name that the condition of a loop reads is written in its body besides, where it may change."""
        held = {tree.value(node) for node in range(condition, tree.ends[condition]) if tree.kinds[node] == Kind.NAME}
        return any(
            tree.kinds[node] == Kind.NAME and tree.value(node) in held - element.names
            for node in range(body, tree.ends[body])
            if not condition <= node < tree.ends[condition]
        )

    @staticmethod
    def _names(tree: Tree, node: int, row: _Row) -> bool:
        inner: Iterator[int] = iter(range(node, tree.ends[node]))
        return any(tree.kinds[each] == Kind.NAME and tree.value(each) in row.names for each in inner)

    def _made(self, path: str, kind: str, node: int, columns: list[str] | None, some: bool) -> Reduced | None:
        if columns is None:
            return None
        tree = self.evaluator.tree(path)
        place = Place(path, tree.starts[node], tree.stops[node])
        names = dict.fromkeys(name.removeprefix(TRUTH) for name in columns)
        flags = dict.fromkeys(name.removeprefix(TRUTH) for name in columns if name.startswith(TRUTH))
        return Reduced(kind, place, tuple(names), some, tuple(flags))


def columns(query: Query, *, written: bool) -> Columns:
    """How the columns of a query's rows are named, where it is written as a text or asks for documents."""
    documents = query.dialect in DOCUMENT_DATABASES
    if not written:
        modelled = any(source.model for source in query.sources.values())
        return Columns(named=modelled or not documents, keyed=documents)
    made = [] if query.projection.open else list(query.projection.values())
    if any(isinstance(one, Star) for one in made):
        made = []
    return Columns(True, True, tuple(one.name if isinstance(one, Column) and not one.relation else "" for one in made))


def _is(tree: Tree, node: int, name: str) -> bool:
    return tree.kinds[node] == Kind.NAME and tree.value(node) == name
