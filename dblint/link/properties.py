"""Properties of open shapes: what the project's object literals put under a key.

An object whose type lists no members (`{ [key: string]: any }`) says nothing about what lies under a key, and
who fills it is often out of sight: a loaded plugin, a framework. What the *project* puts under that key, in every
object literal that has it, is in sight. Only where all of them hold one and the same thing is it the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.values import UNKNOWN, Class, Instance, ProjectClass, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

WRITES_LIMIT = 64
"""Object literals that are asked what they hold under one key; beyond, *cannot say*."""


class Properties:
    """Answers what keys of open shapes hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._open: dict[ProjectClass, bool] = {}

    def is_open(self, cls: Class) -> bool:
        """Whether a class is a shape that takes any key: one with an index signature, or that extends one."""
        if not isinstance(cls, ProjectClass):
            return False
        key = ProjectClass(cls.path, cls.node)
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = any(
                isinstance(ancestor, ProjectClass) and self._has_index_signature(ancestor)
                for ancestor in self.evaluator.classes.mro(key)
            )
        return found

    def says_nothing(self, value: Value) -> bool:
        """Whether a value is known only as an open shape."""
        return all(isinstance(option, Instance) and self.is_open(option.cls) for option in options(value))

    def _has_index_signature(self, cls: ProjectClass) -> bool:
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        return (
            tree.has(cls.node, Flag.INTERFACE)
            and body >= 0
            and any(
                tree.kinds[member] == Kind.OPAQUE and tree.child(member, Role.ANNOTATION) >= 0
                for member in tree.children(body)
            )
        )

    def read(self, name: str) -> Value:
        """What every object literal of the project that has this key holds under it."""
        return self.evaluator.guarded((f"{name}:", -1, None), self._read, name)

    def _read(self, name: str) -> Value:
        writes = self._writes(name)
        if len(writes) > WRITES_LIMIT:
            return UNKNOWN
        values: list[Value] = []
        for path, node in writes:
            for option in options(self.evaluator.value(path, node)):
                if (isinstance(option, Unknown) and option.cause == "cycle") or self.says_nothing(option):
                    continue  # handed on from an open shape: what that holds is asked for here
                if isinstance(option, Unknown):
                    return UNKNOWN
                values.append(option)
        found = join(values) if values else UNKNOWN
        return found if sum(1 for _ in options(found)) == 1 else UNKNOWN

    def _writes(self, name: str) -> list[tuple[str, int]]:
        """The values of the object literals that have this key."""
        found: list[tuple[str, int]] = []
        for path, node in self.evaluator.words.spelled(name):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] != Kind.PAIR or not self.evaluator.javascript(path):
                continue
            value = tree.child(node, Role.VALUE)
            if value >= 0 and tree.roles[tree.parents[node]] != Role.TARGET:
                found.append((path, value))
        return found
