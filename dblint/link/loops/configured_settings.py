"""Whether a collection is read from the program's settings, and so as long as somebody has written it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.targets import Definition, External
from dblint.link.values import BoundMember, FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.loops.counters import Counters

WRITTEN = frozenset({"schema", "configuration"})
"""Origins of collections whose number of elements stands in the program's source or settings."""
STEPS = 8
"""Members and alternatives through which a setting is followed."""


class Settings:
    """Knows what is a setting. One per reader of loops."""

    def __init__(self, counters: Counters) -> None:
        self.evaluator = counters.evaluator
        self.counters = counters

    def holds(self, path: str, node: int) -> bool:
        """Whether it is read from an object that a row calls configuration, an entry of what is, or what an object of
        the project answers for members that it does not have, out of such an entry."""
        pending = [(path, node)]
        for _ in range(STEPS):
            if not pending:
                break
            behind = self._behind(*pending.pop())
            if isinstance(behind, bool):
                if behind:
                    return True
            else:
                pending += behind
        return False

    def of_the_source(self, path: str, node: int) -> bool:
        """Whether a member gives what the program's schema or settings list, and so as many as stand there."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.CALL:
            return any(row.origin in WRITTEN for row in self.counters.rows(path, node))
        owners = options(self.evaluator.value(path, node + 1)) if tree.kinds[node] == Kind.ATTRIBUTE else ()
        for owner in owners:
            for cls in self.evaluator.classes.library_types(owner.cls) if isinstance(owner, Instance) else ():
                found = self.evaluator.tables.member(cls.name, tree.value(node))
                if found is not None:
                    return found[1].origin in WRITTEN
        return False

    def _behind(self, path: str, node: int) -> bool | list[tuple[str, int]]:
        """Whether an expression is a setting, or the expressions of which one has to be."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.BINARY and tree.value(node) in ("or", "??"):
            return [(path, tree.child(node, Role.LEFT)), (path, tree.child(node, Role.RIGHT))]
        member = -1
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL):
            if tree.kinds[node] == Kind.CALL and not self._looks_up(path, node):
                return False
            if tree.kinds[node] == Kind.ATTRIBUTE:
                if self.of_the_source(path, node):
                    return True
                member = node
            node += 2 if tree.kinds[node] == Kind.CALL else 1
        if tree.kinds[node] != Kind.NAME:
            return False
        answered = self._answered(path, member) if member == node - 1 else []
        if answered or self.evaluator.scope(path).reaching(node, tree.value(node)) is not None:
            return answered
        target = self.evaluator.names.binding(path, tree.value(node))
        if isinstance(target, Definition):
            other, bound = self.evaluator.tree(target.path), target.nodes[0]
            value = other.child(bound, Role.VALUE) if other.kinds[bound] == Kind.ASSIGN else -1
            called = len(target.nodes) == 1 and value >= 0 and other.kinds[value] == Kind.CALL
            return called and any(row.origin == "configuration" for row in self.counters.rows(target.path, value))
        if not isinstance(target, External):
            return False
        found = self.evaluator.tables.functions.get(target.path)
        return found is not None and found[1].origin == "configuration"

    def _answered(self, path: str, member: int) -> list[tuple[str, int]]:
        """What an object of the project gives for a member: what a property returns, or what it answers for members
        that it does not have."""
        tree = self.evaluator.tree(path)
        found: list[tuple[str, int]] = []
        for owner in options(self.evaluator.value(path, member + 1)):
            if not isinstance(owner, Instance) or not isinstance(owner.cls, ProjectClass):
                return []
            classes, name = self.evaluator.classes, tree.value(member)
            cls = classes.owner(owner.cls, name)
            if cls is None:
                name = hosts.MISSING_MEMBER
                cls = classes.owner(owner.cls, name)
            if cls is None:
                return []
            other = self.evaluator.tree(cls.path)
            for node in self.evaluator.files[cls.path].interface.classes[cls.node].members[name]:
                if other.kinds[node] == Kind.FUNCTION:
                    function = FunctionValue(cls.path, node)
                    found += [(cls.path, value) for value in self.evaluator.returns(function)]
        return found

    def _looks_up(self, path: str, call: int) -> bool:
        """Whether a call reads an entry of a mapping, on something of which no type is known."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return False
        language = "javascript" if self.evaluator.javascript(path) else "python"
        row = self.evaluator.tables.untyped[language].get(tree.value(call + 1))
        if row is None or row.list != "lookup":
            return False
        known = options(self.evaluator.value(path, call + 1))
        return not any(isinstance(option, (BoundMember, FunctionValue)) for option in known)
