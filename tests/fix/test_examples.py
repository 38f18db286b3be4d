"""Every fix of every example of every rule: it parses, leaves nothing to fix, and keeps every other byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.program import Diagnostic
from dblint.fix.rounds import Outcome, fix
from dblint.rule import Good
from dblint.testing import Example, all_examples, request_of

BAD = [example for example in all_examples("dblint_rules") if not isinstance(example.example, Good)]
FIXED = frozenset(
    """
    migration/index-not-concurrent-bad-sql-1
    migration/index-not-concurrent-bad-sql-2
    migration/index-not-concurrent-bad-sql-6
    migration/index-not-concurrent-bad-sql-7
    migration/index-not-concurrent-bad-sql-8
    query/boolean-operator-on-columns-bad-python-1
    query/boolean-operator-on-columns-bad-python-2
    query/boolean-operator-on-columns-bad-python-3
    query/boolean-operator-on-columns-bad-python-4
    query/len-instead-of-count-bad-python-1
    query/len-instead-of-count-bad-python-2
    query/len-instead-of-count-bad-python-3
    query/null-comparison-bad-python-2
    query/null-comparison-bad-python-3
    query/null-comparison-bad-python-4
    query/null-equality-bad-python-1
    query/null-equality-bad-python-2
    query/null-equality-bad-python-3
    query/rows-for-existence-bad-python-1
    query/rows-for-existence-bad-python-2
    query/rows-for-existence-bad-python-3
    schema/unindexed-foreign-key-bad-prisma-1
    schema/unindexed-foreign-key-bad-prisma-2
    schema/unindexed-foreign-key-bad-python-3
    schema/unindexed-foreign-key-bad-python-4
    schema/unindexed-foreign-key-bad-sql-6
    schema/unindexed-foreign-key-bad-sql-8
    schema/unindexed-foreign-key-bad-sql-11
    """.split()
)
"""The examples with a fix: one that has none any more is a loss."""
CHANGED = {"\n": lambda text: text, "\r\n": lambda text: text.replace("\n", "\r\n")}


def fails(diagnostic: Diagnostic) -> bool:
    return diagnostic.fails


def fixed(example: Example, root: Path, end: str) -> Outcome:
    for path, text in example.files().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(CHANGED[end](text), "utf-8", newline="")
    return fix(request_of(example.rule, root), unsafe=True)


@pytest.mark.parametrize("example", [pytest.param(example, id=example.id) for example in BAD])
def test_a_fix_keeps_its_promises(example: Example, tmp_path: Path) -> None:
    first = fixed(example, tmp_path, "\n")
    assert bool(first.after) == (example.id in FIXED)
    if not first.after:
        return
    [rule] = {rule for rules in first.fixed.values() for rule in rules}
    assert rule == example.rule.id
    before, after = first.first.report, first.result.report
    assert list(filter(fails, after.diagnostics)) == list(filter(fails, before.diagnostics))
    count = sum(rules.total() for rules in first.fixed.values())
    # A fix may uncover what the rule could not see behind it, and which is fixed in the next round.
    assert len(before.findings) - count <= len(after.findings) < len(before.findings)
    assert all(finding.fix is None or not finding.fix.replacements for finding in after.findings)
    for path, text in first.after.items():
        (tmp_path / path).write_bytes(text)
    again = fix(request_of(example.rule, tmp_path), unsafe=True)
    assert again.after == {}
    other = fixed(example, tmp_path, "\r\n")
    assert {path: text.replace(b"\r\n", b"\n") for path, text in other.after.items()} == first.after
    assert all(text.count(b"\n") == text.count(b"\r\n") for text in other.after.values())
