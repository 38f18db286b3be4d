"""Who decides how many rows one statement gets: a caller, or a query, where nothing makes parts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find, listed
from dblint.link.values import FunctionValue, Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

STEPS = 32
"""Expressions that are looked at for one list."""
GROWING = frozenset({"append", "extend", "add"})
"""The host's own methods that add to a list."""


class Batches:
    """Answers so. One per collector of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def unbatched(self, receiver: Instance | None, row: Member, site: Site, dialect: str) -> str:
        """`caller` or `query`, where one statement surely has all rows; "" where a size is given, the library makes
        parts itself, or nobody can say."""
        made = [receiver] if receiver is not None else []
        for given in find(self.evaluator, row.query.at, site).sites if row.query is not None else ():
            held = options(self.evaluator.value(given.path, given.node))
            made += [option for option in held if isinstance(option, Instance)]
        members = [(step.member, Site(step.path, step.node, None)) for one in made for step in one.steps]
        for member, where in (*members, (row, site)):
            batch = member.batch
            if batch is None or where.node < 0 or where.path != site.path or dialect in batch.parts:
                continue
            size = find(self.evaluator, batch.size, where) if batch.size else None
            if size is not None and (size.sites or size.open):
                continue
            if member.rows == "listed" and not listed(self.evaluator, where):
                continue
            for rows in find(self.evaluator, batch.rows, where).sites:
                return self._decided(rows.path, rows.node)
        return ""

    def _decided(self, path: str, node: int) -> str:
        tree = self.evaluator.tree(path)
        pending, seen = [node], {node}
        found = ""
        for _ in range(STEPS):
            if not pending:
                return found
            node = pending.pop()
            said, following = self._said(path, tree, node)
            if said == "bounded":
                return ""
            found = "query" if "query" in (said, found) else said or found
            pending += [each for each in following if each not in seen]
            seen.update(following)
        return ""

    def _said(self, path: str, tree: Tree, node: int) -> tuple[str, list[int]]:
        """What an expression says of its length, and the expressions that decide it besides."""
        kind = tree.kinds[node]
        if kind in (Kind.AWAIT, Kind.CAST):
            return "", [node + 1]
        if self._queried(path, node):
            return "query", []
        if kind == Kind.COMPREHENSION:
            return "", [tree.child(clause, Role.ITERABLE) for clause in tree.with_role(node, Role.CLAUSE)]
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT, Kind.SUBSCRIPT):
            return "bounded", []
        if kind == Kind.CALL:
            if any(isinstance(each, FunctionValue) for each in options(self.evaluator.value(path, node + 1))):
                return "bounded", []
            if tree.kinds[node + 1] == Kind.ATTRIBUTE:
                return "", [node + 2]  # `rows.values()`
            arguments = list(tree.with_role(node, Role.ARGUMENT))
            return ("", arguments[:1]) if arguments else ("bounded", [])
        if kind == Kind.NAME:
            return self._named(path, tree, node)
        return "bounded", []

    def _named(self, path: str, tree: Tree, node: int) -> tuple[str, list[int]]:
        name = tree.value(node)
        grown = self._grown(path, tree, node, name)
        following: list[int] = []
        for binding, _ in self.evaluator.scope(path).bindings(node, name) or ():
            kind = tree.kinds[binding]
            value = tree.child(binding, Role.VALUE) if kind == Kind.ASSIGN else -1
            if kind == Kind.PARAMETER:
                return "caller", []
            if value < 0 or tree.value(binding):
                return "bounded", []
            if tree.kinds[value] in (Kind.LIST, Kind.OBJECT) and tree.ends[value] == value + 1 and grown:
                following += grown
            else:
                following.append(value)
        return ("", following) if following else ("bounded", [])

    def _grown(self, path: str, tree: Tree, node: int, name: str) -> list[int]:
        """What the loops go through that add to a list; none where it is emptied in between, as parts are."""
        function = self.evaluator.scope(path).function(node)
        found: list[int] = []
        call = tree.kinds.find(Kind.CALL, max(function, 0), node)
        while call >= 0:
            added = tree.kinds[call + 1] == Kind.ATTRIBUTE and tree.value(call + 1) in GROWING
            if added and tree.kinds[call + 2] == Kind.NAME and tree.value(call + 2) == name:
                loops = [each for each in tree.ancestors(call) if tree.kinds[each] == Kind.LOOP and each > function]
                inside = [node, *(binding for binding, _ in self.evaluator.scope(path).bindings(node, name) or ())]
                if not loops or any(tree.contains(loop, each) for loop in loops for each in inside):
                    return []
                found += [each for loop in loops for each in tree.with_role(loop, Role.ITERABLE)]
            call = tree.kinds.find(Kind.CALL, call + 1, node)
        return found

    def _queried(self, path: str, node: int) -> bool:
        """Whether it is a query that runs where it is iterated, without a limit."""
        for option in options(self.evaluator.value(path, node)):
            if isinstance(option, Instance) and option.steps:
                types = self.evaluator.classes.library_types(option.cls)
                lazy = any(self.evaluator.tables.types[cls.name].runs_on for cls in types)
                if lazy and not any(step.member.limit is not None or step.name == "[:]" for step in option.steps):
                    return True
        return False
