"""What the bundled rules tell people to do: it is safe to run, names the finding's object, and is no rule's twin."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from msgspec import structs

from dblint.packs import LoadedRule, find, load
from dblint.sql.readonly import complaint
from dblint.testing import all_examples, only_asks

RULES = [load(found) for found in find(["dblint_rules"]).values()]
STEPS = ("minimal", "better", "complete")
OF_DOCUMENTS = frozenset({"security/operator-injection"})
"""Seen on servers that take neither SQL nor commands of Redis."""
HOLE = re.compile(r"\{[a-z][a-z0-9_]*\}")


def sentences(rule: LoadedRule) -> set[str]:
    """Every sentence of a rule's prose, with its holes as one and without signs; not what is only a hole."""
    texts = [getattr(rule.rule, name) for name in ("summary", "why", *STEPS)] + list(rule.rule.symptoms)
    pieces = [piece for text in texts for piece in re.split(r"(?<=[.:;?!])\s+", text)]
    return {" ".join(re.findall(r"\w+", HOLE.sub(" hole ", piece).lower())) for piece in pieces} - {"hole"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_statement_that_verifies_only_asks(rule: LoadedRule) -> None:
    if rule.id in OF_DOCUMENTS:
        assert not rule.rule.verify
        return
    assert rule.rule.verify, "a rule says how its findings are seen on a server"
    assert complaint(rule.rule.verify) == ""
    wherever = ("postgres", "mysql", "tsql") if "information_schema" in rule.rule.verify else ()
    own = "pg_" in rule.rule.verify.replace("'pg_catalog'", "")  # which others know as a name that they do not have
    commands = ("redis",) if rule.rule.verify.partition(" ")[0] in ("INFO", "SLOWLOG") else wherever
    assert rule.rule.verify_on == (("postgres",) if own else commands)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_remedies_differ_and_name_what_was_found(rule: LoadedRule) -> None:
    texts = [getattr(rule.rule, step) for step in STEPS]
    split = [set(re.split(r"(?<=[.;])\s+", text)) for text in texts]
    assert len(set().union(*split)) == sum(map(len, split))
    assert [step for step, text in zip(STEPS, texts, strict=True) if not HOLE.search(text)] == []


def test_no_sentence_serves_two_rules() -> None:
    told: dict[str, set[str]] = {}
    for rule in RULES:
        for sentence in sentences(rule):
            told.setdefault(sentence, set()).add(rule.id)
    assert {sentence: rules for sentence, rules in told.items() if len(rules) > 1} == {}


def test_no_statement_verifies_two_rules() -> None:
    said = [rule.rule.verify for rule in RULES if rule.rule.verify]
    assert len(set(said)) == len(said)


def test_every_pack_s_examples_fail_where_a_statement_could_write() -> None:
    example = next(each for each in all_examples("dblint_rules") if each.rule.id == "query/select-star")
    statement = "WITH gone AS (DELETE FROM invoice RETURNING id) SELECT id FROM gone"
    writing = structs.replace(example.rule, rule=replace(example.rule.rule, verify=statement))
    said = f"^query/select-star: verify is not read-only: it holds DELETE: {re.escape(statement)}$"
    with pytest.raises(AssertionError, match=said):
        only_asks(writing)
    with pytest.raises(AssertionError, match=said):
        replace(example, rule=writing).verify()
