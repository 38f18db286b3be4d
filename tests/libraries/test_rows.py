"""Rows are true and complete: what a table says of a library is there, and what carries queries is a row."""

from __future__ import annotations

import sys

import pytest

from dblint.libraries.reader import bundled
from tests.libraries.environments import environment
from tests.libraries.rows import ask, judged, packages, told

SAID = packages()


def refuted(name: str, python: str) -> dict[str, str]:
    tables = bundled()
    library = tables.libraries[name]
    return judged(tables, library, SAID[name], ask(python, tables, library, SAID[name]))


@pytest.mark.parametrize("name", sorted(name for name, said in SAID.items() if said.here))
def test_rows_are_true_and_complete(name: str) -> None:
    """By the version that the test environment has."""
    assert told(refuted(name, sys.executable), SAID[name].absent.get("newest", {})) == {}


def test_every_python_table_is_asked_or_says_why_not() -> None:
    python = {name for name, library in bundled().libraries.items() if "python" in library.languages}
    assert python - SAID.keys() == set()
    assert [name for name, said in SAID.items() if bool(said.nothing) == bool(said.lowest or said.newest)] == []


@pytest.mark.libraries
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "version"),
    [
        (name, version)
        for name, said in sorted(SAID.items())
        for version in ("lowest", "newest")
        if getattr(said, version)
    ],
)
def test_rows_by_version(name: str, version: str) -> None:
    """By the lowest version that installs and by the newest one, each in an environment of its own."""
    requirements = SAID[name].lowest if version == "lowest" else SAID[name].newest
    assert told(refuted(name, environment(requirements)), SAID[name].absent.get(version, {})) == {}
