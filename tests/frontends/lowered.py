"""Python source → its tree as text, and expected trees, for the tests of the Python front end."""

from __future__ import annotations

from textwrap import dedent

from dblint.frontends.python import extract
from tests.frontends.dump import dump


def lowered(source: str) -> str:
    """The tree below MODULE of a source without faults."""
    facts = extract(dedent(source).strip("\n").encode(), "a.py")
    assert facts.faults == ()
    first, *lines = dump(facts).splitlines()
    assert first == "MODULE"
    return "\n".join(line[2:] for line in lines)


def tree(expected: str) -> str:
    """An expected tree, written indented."""
    return dedent(expected).strip("\n")
