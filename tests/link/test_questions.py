"""What is remembered of questions that ask each other: the order in which they are asked changes no answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dblint.facts.tree import FileFacts, Kind
from dblint.frontends.extract import extract
from dblint.libraries.reader import bundled
from dblint.link.names import Names
from dblint.link.types import DEPTH_LIMIT, Evaluator
from dblint.link.values import Scalar, Value, join

KNOWN = Scalar("number")


class Questions:
    """Questions by number: each is what those that it asks give, and what it knows by itself."""

    def __init__(self, asks: dict[int, Sequence[int]], known: int) -> None:
        self.evaluator = Evaluator({}, Names({}, {}, {}), bundled(), {})
        self.asks = asks
        self.known = known
        self.asked = 0

    def ask(self, number: int) -> Value:
        return self.evaluator.guarded(("", number, None), self._found, number)

    def _found(self, number: int) -> Value:
        self.asked += 1
        found = [self.ask(other) for other in self.asks[number]]
        return join([*found, KNOWN] if number == self.known else found)


@pytest.mark.parametrize("first", [0, 5, 9])
def test_the_first_question_decides_nothing(first: int) -> None:
    # The last asks only the first, which knows its answer once it has asked all of those that ask each other.
    crowd = range(1, 12)
    asks: dict[int, Sequence[int]] = {number: [other for other in (*crowd, 12) if other != number] for number in crowd}
    questions = Questions({**asks, 0: [*crowd], 12: [0]}, known=0)
    questions.ask(first)
    assert [questions.ask(number) for number in range(13)] == [KNOWN] * 13
    assert questions.asked < 20_000


def test_what_a_cycle_cuts_short_is_asked_again() -> None:
    questions = Questions({0: [1], 1: [0]}, known=0)
    assert questions.ask(0) == KNOWN
    assert questions.ask(1) == KNOWN


def test_what_is_asked_on_the_way_is_asked_once_while_what_cut_it_short_is_open() -> None:
    evaluator = Evaluator({}, Names({}, {}, {}), bundled(), {})
    asked: list[str] = []

    def outermost() -> Value:
        return join([way(), way(), KNOWN])

    def way() -> Value:
        return evaluator.remembered(("", 2, None, "way"), behind)

    def behind() -> Value:
        asked.append("way")
        return question()

    def question() -> Value:
        return evaluator.guarded(("", 1, None), outermost)

    assert evaluator.guarded(("", 0, None), question) == KNOWN
    assert asked == ["way"]
    assert way() == KNOWN  # the question that cut it short is closed by now: it is asked anew, and kept
    assert way() == KNOWN
    assert asked == ["way", "way"]


def test_what_was_asked_too_deep_is_asked_again_where_fewer_questions_are_open() -> None:
    evaluator = Evaluator({}, Names({}, {}, {}), bundled(), {})

    def way() -> Value:
        return evaluator.remembered(("", -1, None, "way"), lambda: evaluator.guarded(("", -2, None), lambda: KNOWN))

    def deeper(left: int) -> Value:
        return evaluator.guarded(("", left, None), (lambda: deeper(left - 1)) if left else way)

    assert evaluator.guarded(("", -3, None), lambda: join([deeper(DEPTH_LIMIT - 2), way()])) == KNOWN


def test_a_tree_is_unpacked_for_who_asks_for_names() -> None:
    read = extract(b"def total(rows):\n    return rows\n", "a.py")
    assert isinstance(read, FileFacts)
    evaluator = Evaluator({"a.py": read}, Names({"a.py": read}, {}, {}), bundled(), {})
    tree = evaluator.tree("a.py")
    before = [*tree.parents], [*tree.ends], [*map(tree.value, range(len(tree)))]
    assert not isinstance(tree.parents, list)
    scopes = evaluator.scope("a.py")
    assert scopes.tree is tree
    assert isinstance(tree.parents, list)
    assert ([*tree.parents], [*tree.ends], [*map(tree.value, range(len(tree)))]) == before
    function = tree.kinds.find(Kind.FUNCTION)
    assert scopes.function(tree.kinds.find(Kind.RETURN)) == function
