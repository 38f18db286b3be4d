"""Every example of every bundled rule, through the whole pipeline."""

from __future__ import annotations

import pytest

from dblint.testing import Example, all_examples, examples

PACK = "dblint_rules"


@pytest.mark.parametrize("example", examples(PACK))
def test_example(example: Example) -> None:
    example.verify()


def test_every_rule_has_both_kinds_of_examples() -> None:
    kinds: dict[str, set[str]] = {}
    for example in all_examples(PACK):
        kinds.setdefault(example.rule.id, set()).add(type(example.example).__name__)
    assert kinds
    assert {rule: found for rule, found in kinds.items() if found != {"Bad", "Good"}} == {}


def test_every_bad_example_marks_a_line() -> None:
    unmarked = [
        example.id
        for example in all_examples(PACK)
        if type(example.example).__name__ == "Bad" and not example.expected()
    ]
    assert unmarked == []
