"""The number that a parameter is where no caller says another: its default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_HOLDING = (Kind.SPREAD, Kind.OBJECT, Kind.LIST, Kind.TUPLE)
"""Arguments that may hold a value for the parameter: a queue is handed lists and mappings of them."""


class Usual:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._answers: dict[tuple[str, int], int | None] = {}

    def number(self, path: str, node: int) -> int | None:
        """The number that a NAME is unless somebody whom nobody sees says another; None: it is no such parameter."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return None
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
        bindings = [binding for binding, _ in reached]
        if len(bindings) != 1 or tree.kinds[bindings[0]] != Kind.PARAMETER:
            return None
        key = (path, bindings[0])
        if key not in self._answers:
            self._answers[key] = self._default(path, bindings[0], tree.value(node))
        return self._answers[key]

    def _default(self, path: str, parameter: int, name: str) -> int | None:
        tree = self.evaluator.tree(path)
        default, function = tree.child(parameter, Role.DEFAULT), tree.parents[parameter]
        if default < 0 or tree.kinds[default] != Kind.NUMBER or tree.kinds[function] != Kind.FUNCTION:
            return None
        digits = tree.value(default)
        if not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS:
            return None
        position = self.evaluator.parameters.position(path, function, parameter)
        if self.evaluator.handlers.given(path, function, position)[0]:
            return None  # a framework hands it in
        if not tree.value(function) or tree.has(function, Flag.METHOD):
            return None  # a method's name may be that of others, too
        changed = any(
            self._says(where, call, position, name, direct=direct)
            for where, call, direct in self._calls(tree.value(function))
            if where not in self.evaluator.aside or path in self.evaluator.aside  # tests say what they like
        )
        return None if changed else int(digits)

    def _calls(self, word: str) -> Iterator[tuple[str, int, bool]]:
        """The calls of what has this name, those that it is handed to, and those of a member of it (`task.delay(5)`);
        each with whether it is one of the first kind."""
        for path, node in self.evaluator.words.spelled(word):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] not in NAMES:
                continue
            above = tree.parents[node]
            direct = above >= 0 and tree.kinds[above] == Kind.CALL and above + 1 == node
            while above >= 0 and tree.kinds[above] in (Kind.ATTRIBUTE, Kind.KEYWORD):
                above = tree.parents[above]
            if above >= 0 and tree.kinds[above] == Kind.CALL:
                yield path, above, direct

    def _says(self, path: str, call: int, position: int, name: str, *, direct: bool) -> bool:
        """Whether a call may say another number: by position (a queue may hand a parameter itself), by the parameter's
        name, or in what cannot be read."""
        tree = self.evaluator.tree(path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        keywords = [each for each in arguments if tree.kinds[each] == Kind.KEYWORD]
        first = position if direct else max(position - 1, 0)
        if any(tree.value(each) == name for each in keywords) or len(arguments) - len(keywords) > first:
            return True
        values = [tree.child(each, Role.VALUE) if each in keywords else each for each in arguments]
        hidden = (Kind.SPREAD,) if direct else _HOLDING
        return any(value < 0 or tree.kinds[value] in hidden for value in values)


_DIGITS = 9
