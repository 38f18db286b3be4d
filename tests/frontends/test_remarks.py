"""Comments in which an author says of the code beside it what a rule would say."""

from __future__ import annotations

from dblint.frontends import python, typescript

PYTHON = b'''\
# A race condition: two at once may do it.
one = "race condition"  # noqa: E711
# The race is over.
two = """
# concurrent
"""
if one:
    three = one == None  # simultaneous (noqa)
'''
TYPESCRIPT = b"""\
// concurrent calls may overwrite each other
const one = '// racy';
/* A data race. */ const two = 1;
// the race is over
"""


def test_comments_that_name_a_race_or_silence_a_linter_are_kept() -> None:
    found = python.extract(PYTHON, "a.py").remarks
    assert [(one.text, one.line) for one in found] == [
        ("# A race condition: two at once may do it.", 0),
        ("# noqa: E711", 43),
        ("# simultaneous (noqa)", PYTHON.index(b"    three")),
    ]
    assert [PYTHON[one.start : one.stop].decode() for one in found] == [one.text for one in found]


def test_in_typescript_too() -> None:
    found = typescript.extract(TYPESCRIPT, "a.ts").remarks
    assert [one.text for one in found] == [
        "// concurrent calls may overwrite each other",
        "/* A data race. */",
    ]
