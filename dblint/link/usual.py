"""What a parameter usually is: the number that is its default where no caller says another, the list of one that all
callers hand in."""

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
        self._of_one: dict[tuple[str, int], bool] = {}

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

    def lists_one(self, path: str, node: int) -> bool:
        """Whether a NAME is a parameter for which every call that is seen hands in a list of one element at most, also
        one that makes the function run elsewhere (`task.delay([key])`)."""
        tree = self.evaluator.tree(path)
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None
        parameter = reached[0][0] if reached and len(reached) == 1 else -1
        if parameter < 0 or tree.kinds[parameter] != Kind.PARAMETER:
            return False
        key = (path, parameter)
        if key not in self._of_one:
            self._of_one[key] = self._lists_one(path, parameter, tree.value(node))
        return self._of_one[key]

    def _lists_one(self, path: str, parameter: int, name: str) -> bool:
        tree = self.evaluator.tree(path)
        function = tree.parents[parameter]
        if tree.kinds[function] != Kind.FUNCTION or not tree.value(function) or tree.has(function, Flag.METHOD):
            return False
        position = self.evaluator.parameters.position(path, function, parameter)
        if position < 0 or self.evaluator.handlers.given(path, function, position)[0]:
            return False
        found: list[tuple[str, int]] = []
        for where, use in self.evaluator.words.spelled(tree.value(function)):
            other = self.evaluator.tree(where)
            if other.kinds[use] not in NAMES or (where in self.evaluator.aside and path not in self.evaluator.aside):
                continue
            callee = use
            while other.kinds[other.parents[callee]] == Kind.ATTRIBUTE and other.roles[callee] == Role.OBJECT:
                callee = other.parents[callee]
            if other.roles[callee] != Role.CALLEE:
                return False
            found.append((where, other.parents[callee]))
        return bool(found) and all(self._of_one_at(where, call, position, name) for where, call in found)

    def _of_one_at(self, path: str, call: int, position: int, name: str) -> bool:
        """Whether an argument is written as a list of one element at most."""
        tree = self.evaluator.tree(path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        if any(tree.kinds[each] == Kind.SPREAD for each in arguments):
            return False
        named = [each for each in arguments if tree.kinds[each] == Kind.KEYWORD and tree.value(each) == name]
        plain = [each for each in arguments if tree.kinds[each] != Kind.KEYWORD]
        given = tree.child(named[0], Role.VALUE) if named else plain[position] if position < len(plain) else -1
        if given < 0 or tree.kinds[given] not in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return False
        elements = list(tree.children(given))
        return len(elements) <= 1 and all(tree.kinds[each] != Kind.SPREAD for each in elements)

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
