"""What a program takes of the rows that a read gives: all of what it does with them, or nothing where one cannot say.

Rows are followed through lists that are made of them, members that hand on every one, and names of the function
around. Whatever else is done with them needs the rows themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from dblint.facts.program import Taken, Taking
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link import hosts, truths
from dblint.link.fetching import following
from dblint.link.values import BoundMember, Instance, LibraryFunction, ListOf, options

if TYPE_CHECKING:
    from dblint.libraries.grammar import Member
    from dblint.link.consuming import Consuming
    from dblint.link.types import Evaluator

USES = 24
"""Uses of rows that are looked at; beyond, it cannot be said what is taken."""
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST})
_DECLARING = frozenset({"global", "nonlocal"})


class _Held(NamedTuple):
    """An expression that holds all rows (`rows`), what hands them out, or how many there are (`number`). `begun`: the
    expression whose elements it lists, -1 for itself."""

    node: int
    what: str  # rows | result | number
    begun: int = -1


class Takings:
    """Answers what is taken. One per evaluator."""

    def __init__(self, evaluator: Evaluator, consuming: Consuming) -> None:
        self.evaluator = evaluator
        self.consuming = consuming

    def of_call(self, path: str, node: int, *, counted: bool) -> Taken | None:
        """What is taken of what a call gives; `counted`: it gives how many rows there are."""
        tree = self.evaluator.tree(path)
        if counted and self._counted_elsewhere(path, tree, node):
            return None
        what = "number" if counted else self._what(path, node)
        found = self._all(path, [_Held(node, what)])
        if found is None or tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
            return found
        if what == "result":
            return found  # what it is called on sends the query, and is none
        place, query = self._place(path, node), self._place(path, node + 2)
        return Taken(found.kind, tuple(replace(one, query=query) if one.subject == place else one for one in found.by))

    def of_rows(self, path: str, node: int) -> Taken | None:
        """What an expression takes of the rows that a name in it holds."""
        return self._all(path, [_Held(node, "rows")])

    def of_lazy(self, path: str, node: int, *, caches: bool) -> Taken | None:
        """What is taken of the rows of a lazy query that runs at `node`; `caches`: it keeps its rows, so that every use
        of the same value is one of them."""
        tree = self.evaluator.tree(path)
        if not caches or tree.kinds[node] != Kind.NAME:
            whole = not caches or self.fresh(path, node)
            found = self._all(path, [_Held(node, "rows")]) if whole else None
            return self._asked(found, self._place(path, node)) if found is not None else None
        scope = self.evaluator.scope(path)
        held: list[_Held] = []
        for binding, _ in scope.reaching(node, tree.value(node)) or ():
            if tree.kinds[binding] == Kind.CALL:
                continue  # a statement on it; looked at as one of its uses
            value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
            uses = self.uses(path, binding) if value >= 0 and self.fresh(path, value) else None
            if uses is None:
                return None
            held += (_Held(use, "rows") for use in uses)
        found = self._all(path, list(dict.fromkeys(held)), lazy=True)
        return self._asked(found, None) if found is not None else None

    def fetches(self, path: str, node: int) -> bool:
        """Whether all rows that a call gives, or leaves in what ran it, become a list."""
        tree = self.evaluator.tree(path)
        pending = [node]
        for _ in range(USES):
            if not pending:
                return False
            node = pending.pop()
            made = tree.kinds[node] == Kind.CALL and any(row.generator for row in self.rows(path, node + 1))
            if not made and self._listed(path, node):
                return True
            parent = tree.parents[node]
            while parent >= 0 and tree.kinds[parent] in _PLAIN:
                node, parent = parent, tree.parents[parent]
            if made:
                return self.makes_list(path, tree, parent)
            kind = tree.kinds[parent] if parent >= 0 else 0
            if kind in (Kind.BLOCK, Kind.MODULE):
                use = following(tree, node)
                pending += [use] if use >= 0 else []
            elif kind == Kind.ASSIGN and tree.roles[node] == Role.VALUE:
                uses = self.uses(path, parent) or []
                if len([use for use in uses if self._all_of(path, tree, use)]) == 1:
                    return all(self._all_of(path, tree, use) or self._closes(path, tree, use) for use in uses)
            elif kind == Kind.ATTRIBUTE:
                return self._all_of(path, tree, node)
        return False

    def makes_list(self, path: str, tree: Tree, call: int) -> bool:
        """Whether a call makes a list of the elements of what it is given."""
        rows = self.rows(path, call + 1) if call >= 0 and tree.kinds[call] == Kind.CALL else []
        return bool(rows) and all(row.iterates == "same" and row.string == "derived" for row in rows)

    def _all_of(self, path: str, tree: Tree, node: int) -> bool:
        """Whether a member is called that gives all rows of what stands at `node`, in a list."""
        attribute = tree.parents[node]
        call = tree.parents[attribute] if tree.kinds[attribute] == Kind.ATTRIBUTE else -1
        if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[attribute] != Role.CALLEE:
            return False
        rows = self.rows(path, attribute)
        return bool(rows) and all(row.takes == "all" for row in rows) and self._listed(path, call)

    def _closes(self, path: str, tree: Tree, node: int) -> bool:
        attribute = tree.parents[node]
        if tree.kinds[attribute] != Kind.ATTRIBUTE:
            return False
        rows = self.rows(path, attribute)
        return bool(rows) and all(row.effects and not row.run for row in rows)

    @staticmethod
    def _asked(taken: Taken, query: Place | None) -> Taken:
        """What is taken of a query by expressions that hold it; `query`: where it stands, None: wherever rows do."""
        by = (replace(one, query=query or one.subject) if query in (None, one.subject) else one for one in taken.by)
        return Taken(taken.kind, tuple(by))

    def _all(self, path: str, pending: list[_Held], *, lazy: bool = False) -> Taken | None:
        """`lazy`: members that make a new query of what is held run that and not this one."""
        tree = self.evaluator.tree(path)
        found: list[Taking] = []
        for _ in range(USES):
            if not pending:
                break
            use = self._use(path, tree, pending.pop(), lazy=lazy)
            if use is None:
                return None
            for one in use:
                if isinstance(one, Taking):
                    found.append(one)
                else:
                    pending.append(one)
        if pending or not found:
            return None
        return Taken(
            "number" if any(one.kind == "number" for one in found) else "truth",
            tuple(sorted(found, key=lambda one: one.place)),
        )

    def _use(self, path: str, tree: Tree, held: _Held, *, lazy: bool) -> list[_Held | Taking] | None:
        """What one use takes, or where it is handed on to; None where it needs the rows themselves."""
        node = held.node
        parent = tree.parents[node]
        while parent >= 0 and tree.kinds[parent] in _PLAIN:
            node, parent = parent, tree.parents[parent]
        if parent < 0:
            return None
        kind, role = tree.kinds[parent], tree.roles[node]
        if kind in (Kind.BLOCK, Kind.MODULE):
            fetched = following(tree, node) if held.what == "result" else -1
            return [_Held(fetched, "result")] if fetched >= 0 else None
        if kind == Kind.ASSIGN and role == Role.VALUE:
            uses = self.uses(path, parent)
            if uses is None:
                return None
            handed: list[_Held | Taking] = [_Held(use, held.what) for use in uses]
            if tree.kinds[tree.parents[parent]] not in (Kind.BLOCK, Kind.MODULE):
                handed.append(_Held(parent, held.what))
            return handed
        if held.what == "number":
            return [self._number(path, tree, node, node)]
        if kind == Kind.ATTRIBUTE and role == Role.OBJECT:
            return self._member(path, tree, node, parent, lazy=lazy)
        begun = held.begun if held.begun >= 0 else node
        if held.what != "rows" and not (kind in (Kind.CALL, Kind.CLAUSE) and self._iterable(path, node)):
            return None
        if kind == Kind.CLAUSE and role == Role.ITERABLE:
            return self._one_by_one(path, tree, parent, begun)
        if self.evaluator.javascript(path):
            return None  # a list without elements is as true as any other
        if kind == Kind.CALL and role == Role.ARGUMENT:
            return self._argument(path, tree, node, parent, begun, rows=held.what == "rows")
        if kind == Kind.KEYWORD and lazy:
            return [] if self._asks(path, tree, tree.parents[parent]) else None
        if kind == Kind.BINARY and tree.value(parent) in ("==", "!="):
            other = [side for side in tree.children(parent) if side != node]
            if len(other) == 1 and tree.kinds[other[0]] == Kind.LIST and tree.ends[other[0]] == other[0] + 1:
                return [self._taking(path, "truth", parent, node, absent=tree.value(parent) == "==")]
            return None
        return [self._taking(path, "truth", node, node)] if truths.only(tree, node) else None

    def _member(self, path: str, tree: Tree, node: int, attribute: int, *, lazy: bool) -> list[_Held | Taking] | None:
        call = tree.parents[attribute]
        if tree.kinds[call] != Kind.CALL or tree.roles[attribute] != Role.CALLEE:
            if self.evaluator.javascript(path) and tree.value(attribute) in hosts.COUNTS and self._listed(path, node):
                return [self._number(path, tree, attribute, node)]
            rows = self.rows(path, attribute)
            if rows and all(row.attribute and row.takes == "all" for row in rows):
                return [_Held(attribute, self._what(path, attribute))]
            return None
        rows = self.rows(path, attribute)
        if rows and all(row.takes == "all" for row in rows):
            return [_Held(call, self._what(path, call))]
        if not lazy or not rows or any(row.takes or row.limit is not None for row in rows):
            return None  # the first one may be that which was loaded
        # Rows that were loaded answer these without a query.
        told = {"count": "number", "exists": "truth"}.get(rows[0].aggregate, "") if len(rows) == 1 else ""
        return [self._taking(path, told, call, node)] if told else []

    def _one_by_one(self, path: str, tree: Tree, clause: int, begun: int) -> list[_Held | Taking] | None:
        """What a comprehension makes of all rows that needs nothing of them but that they are there: as many elements
        (`[row for row in rows]`), or their number (`sum(1 for _ in rows)`)."""
        made = tree.parents[clause]
        target, body = tree.child(clause, Role.TARGET), tree.child(made, Role.BODY)
        if tree.kinds[made] != Kind.COMPREHENSION or len(list(tree.children(made))) != 2 or body < 0 or target < 0:
            return None
        if tree.has(clause, Flag.ASYNC):
            begun = -1  # what counts is awaited itself
        if tree.kinds[body] == Kind.NUMBER and tree.value(body) == "1" and tree.value(made) == "generator":
            call = tree.parents[made]
            given = tree.kinds[call] == Kind.CALL and list(tree.with_role(call, Role.ARGUMENT)) == [made]
            if given and any(row.reduces == "sum" for row in self.rows(path, call + 1)):
                return [self._number(path, tree, call, begun if begun >= 0 else made)]
        same = tree.kinds[body] == tree.kinds[target] == Kind.NAME and tree.value(body) == tree.value(target)
        if tree.value(made) == "set" or not (same or tree.kinds[body] in (Kind.NUMBER, Kind.STRING, Kind.CONSTANT)):
            return None
        return [_Held(made, "rows", begun if begun >= 0 else made)]

    def _argument(
        self, path: str, tree: Tree, node: int, call: int, begun: int, *, rows: bool
    ) -> list[_Held | Taking] | None:
        trigger, consumed = self.consuming.by(path, call)
        if node not in consumed or (trigger != "iterate" and not rows):
            return None
        if trigger == "len":
            # `reversed(rows)` asks for the length, too, and then for the rows.
            reads = any(row.iterates for row in self.rows(path, call + 1))
            return None if reads else [self._number(path, tree, call, begun)]
        if trigger == "truth":
            return [self._taking(path, "truth", call, node)]
        called = self.rows(path, call + 1)
        whole = bool(called) and all(row.iterates == "same" and not row.distinct for row in called)
        return [_Held(call, "rows", begun)] if whole else None

    def _number(self, path: str, tree: Tree, number: int, subject: int) -> Taking:
        parent = tree.parents[number]
        if tree.kinds[parent] == Kind.ASSIGN and tree.roles[number] == Role.VALUE:
            uses = self.uses(path, parent)
            tests = [truths.of_number(tree, use) for use in uses or ()]
            if tests and None not in tests:
                return self._taking(path, "truth", number, subject)
            return self._taking(path, "number", number, subject)
        called = tree.kinds[parent] == Kind.CALL and not self.evaluator.javascript(path)
        if called and self.consuming.by(path, parent)[0] == "truth":
            return self._taking(path, "truth", parent, subject)
        test = truths.of_number(tree, number)
        if test is None:
            return self._taking(path, "number", number, subject)
        whole, absent = test
        return self._taking(path, "truth", whole, subject, absent=absent)

    def _counted_elsewhere(self, path: str, tree: Tree, node: int) -> bool:
        """Whether the function around needs the number of the same rows in another place."""
        if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE or tree.kinds[node + 2] != Kind.NAME:
            return False
        for binding, _ in self.evaluator.scope(path).reaching(node + 2, tree.value(node + 2)) or ():
            uses = self.uses(path, binding) if tree.kinds[binding] == Kind.ASSIGN else None
            for use in uses or ():
                call = tree.parents[tree.parents[use]]
                if call == node or tree.kinds[call] != Kind.CALL or use != call + 2:
                    continue
                if any(row.aggregate == "count" for row in self.rows(path, call + 1)):
                    if self._number(path, tree, call, call).kind == "number":
                        return True
        return False

    def _asks(self, path: str, tree: Tree, call: int) -> bool:
        """Whether a call is given a query as a part of another one."""
        if tree.kinds[call] != Kind.CALL:
            return False
        rows = self.rows(path, call + 1)
        return bool(rows) and all(row.where is not None for row in rows)

    # What stands where

    def _taking(self, path: str, kind: str, node: int, subject: int, *, absent: bool = False) -> Taking:
        return Taking(kind, self._place(path, node), self._place(path, subject), absent)

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    def rows(self, path: str, callee: int) -> list[Member]:
        """The rows of what is called or read; none where one of its meanings has none."""
        found: list[Member] = []
        for option in options(self.evaluator.value(path, callee)):
            row = self.evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
            if row is None:
                return self._host(path, callee)
            found.append(row)
        return found or self._host(path, callee)

    def _host(self, path: str, callee: int) -> list[Member]:
        """The row of a function of the host's own that nothing in the file names otherwise."""
        tree = self.evaluator.tree(path)
        functions = self.evaluator.tables.functions
        name = tree.value(callee) if tree.kinds[callee] == Kind.NAME else ""
        return [functions[name][1]] if name in functions else []

    def _what(self, path: str, node: int) -> str:
        return "rows" if self._listed(path, node) else "result"

    def _listed(self, path: str, node: int) -> bool:
        found = list(options(self.evaluator.value(path, node)))
        return bool(found) and all(isinstance(option, ListOf) for option in found)

    def _iterable(self, path: str, node: int) -> bool:
        """Whether what hands out rows hands out all of them by being iterated."""
        found = list(options(self.evaluator.value(path, node)))
        return bool(found) and all(
            isinstance(option, Instance)
            and any(
                self.evaluator.tables.types[cls.name].element
                for cls in self.evaluator.classes.library_types(option.cls)
            )
            for option in found
        )

    def fresh(self, path: str, node: int) -> bool:
        """Whether an expression makes the query that it holds, here or as what a function gives each time."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] not in (Kind.CALL, Kind.SUBSCRIPT, Kind.ATTRIBUTE):
            return False
        for option in options(self.evaluator.value(path, node)):
            if not isinstance(option, Instance) or not option.steps:
                return False
            last = option.steps[-1]
            if tree.kinds[node] == Kind.ATTRIBUTE:
                # What a class gives by an attribute is made anew (`Invoice.objects`); others may hold what was made.
                if last.node >= 0 or not (last.member.attribute and last.member.static):
                    return False
                continue
            if last.node < 0 or (last.path, last.node) == (path, node):
                continue
            other = self.evaluator.tree(last.path)
            if other.kinds[other.parents[last.node]] != Kind.RETURN:
                return False
        return True

    def uses(self, path: str, binding: int) -> list[int] | None:
        """Where the name that an assignment binds is read in the function around; None where it is no such name, or
        others may read it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        targets = list(tree.with_role(binding, Role.TARGET))
        function = scope.function(binding)
        if function < 0 or len(targets) != 1 or tree.kinds[targets[0]] != Kind.NAME or tree.value(binding):
            return None
        if scope.scope(binding) != function:
            return None
        name = tree.value(targets[0])
        if any(name in words for words in self._declared(tree, function)):
            return None
        return [use for use in self._named(tree, function, name) if self._reads(path, use, binding)]

    @staticmethod
    def _named(tree: Tree, function: int, name: str) -> Iterator[int]:
        node = tree.kinds.find(Kind.NAME, function, tree.ends[function])
        while node >= 0:
            if tree.value(node) == name:
                yield node
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[function])

    @staticmethod
    def _declared(tree: Tree, function: int) -> Iterator[set[str]]:
        """The names that statements of a function declare to be those of the scope around it."""
        node = tree.kinds.find(Kind.OPAQUE, function, tree.ends[function])
        while node >= 0:
            if tree.value(node) in _DECLARING:
                yield {tree.value(child) for child in tree.children(node) if tree.kinds[child] == Kind.NAME}
            node = tree.kinds.find(Kind.OPAQUE, node + 1, tree.ends[function])

    def _reads(self, path: str, use: int, binding: int) -> bool:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        if tree.roles[use] == Role.TARGET and not tree.value(tree.parents[use]):
            return False
        return any(bound == binding for bound, _ in scope.reaching(use, tree.value(use)) or ())
