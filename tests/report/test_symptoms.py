from __future__ import annotations

import dataclasses

import pytest

from dblint.packs import find, load
from dblint.report.symptoms import Likeness, as_text, search
from dblint.rule import Rule
from tests.report.samples import RULE

RULES = {
    "connection/leak": ("too many connections", "QueuePool limit reached"),
    "connection/pool": ("sorry, too many clients already",),
    "query/list": ("responses of many megabytes", "a list gets slower every week"),
    "query/loop": ("hundreds of identical queries in one request", "N+1"),
    "schema/silent": (),
}


def rules() -> dict[str, Rule]:
    return {name: dataclasses.replace(RULE, symptoms=symptoms) for name, symptoms in RULES.items()}


@pytest.mark.parametrize(
    ("text", "likeness", "matched"),
    [
        ("too many connections", Likeness.PHRASE, {"connection/leak": ("too many connections",)}),
        ("Too many connection!", Likeness.PHRASE, {"connection/leak": ("too many connections",)}),
        (
            "FATAL:  sorry, too many clients already\n  at line 3",
            Likeness.PHRASE,
            {"connection/pool": ("sorry, too many clients already",)},
        ),
        ("n+1", Likeness.PHRASE, {"query/loop": ("N+1",)}),
        ("queries identical", Likeness.WORDS, {"query/loop": ("hundreds of identical queries in one request",)}),
        (
            "there are too many open things",
            Likeness.PARTLY,
            {"connection/leak": ("too many connections",), "connection/pool": ("sorry, too many clients already",)},
        ),
        ("many open things of the kind", None, {}),
        ("of the", None, {}),
        ("", None, {}),
        ("%§$", None, {}),
    ],
)
def test_search(text: str, likeness: Likeness | None, matched: dict[str, tuple[str, ...]]) -> None:
    found = search(rules(), text)
    assert (found[0] if found else None) == likeness
    assert {match.id: match.symptoms for match in (found[1] if found else ())} == matched


def test_every_symptom_of_every_rule_finds_its_rule() -> None:
    every = {name: load(found).rule for name, found in find(["dblint_rules"]).items()}
    for name, rule in every.items():
        for symptom in rule.symptoms:
            found = search(every, symptom)
            assert found is not None
            assert found[0] == Likeness.PHRASE
            assert name in [match.id for match in found[1]]


def test_a_long_message_is_cut() -> None:
    assert search(rules(), "a." * 500_000) is None
    assert search(rules(), "x " * 500_000) is None


def test_as_text() -> None:
    found = search(rules(), "too many connections")
    assert found is not None
    assert as_text("too many\x1b connections", *found) == (
        '1 rule with the symptom "too many␛ connections"\n'
        f"connection/leak: {RULE.summary}\n"
        "    symptom: too many connections\n"
        '"dblint explain RULE" says more of a rule.\n'
    )
    found = search(rules(), "too many things")
    assert found is not None
    assert as_text("too many things", *found, markdown=True) == (
        '2 rules with a symptom that has words of "too many things"; none has all\n'
        "\n"
        f"- `connection/leak`: {RULE.summary}\n"
        "  - too many connections\n"
        f"- `connection/pool`: {RULE.summary}\n"
        "  - sorry, too many clients already\n"
        "\n"
        "`dblint explain RULE` says more of a rule.\n"
    )
