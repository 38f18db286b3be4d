"""Fixes of findings as check hands them on."""

from __future__ import annotations

import codecs

import pytest

from dblint.facts.fixes import Rewriting
from dblint.facts.project import Project
from dblint.facts.report import Position, Replacement, ReportedFix
from dblint.facts.text import Place
from dblint.fix.changes import Change, WithheldError
from dblint.fix.offer import made, offering
from dblint.rule import Edit, Finding, Fix
from dblint.workspace.document import Document

FIXES = {"store": {"count": Rewriting("{query}.count()")}}


def offered(
    source: str, hole: str, *, idiom: str = "store", secrets: frozenset[str] = frozenset()
) -> ReportedFix | None:
    data = source.encode()
    start = data.index(b"len(")
    whole = Place("a.py", start, data.rindex(b")") + 1)
    query = Place("a.py", data.index(hole.encode(), start), data.index(hole.encode(), start) + len(hole.encode()))
    fix = Fix("count them", (Edit("count", whole, {"query": query}),), unsafe="it is a test")
    return offering(Project(fixes=FIXES))(Finding(whole, "", idiom=idiom, fix=fix), Document("a.py", data), secrets)


def test_places_are_those_of_people_and_editors() -> None:
    text = Replacement(Position(2, 5, 6), Position(2, 16, 17), "f('é').count()", 13, 12)
    assert offered("x = 1\n'😀';len(f('é'))\n", "f('é')") == ReportedFix("count them", (text,), "it is a test")


def test_what_has_none() -> None:
    assert offered("len(a)", "a", idiom="other") is None


@pytest.mark.parametrize(
    ("source", "hole", "why"),
    [
        ("len(a('hunter22'))", "a('hunter22')", "it would tell a secret"),
        ("len(a('\x1b'))", "a('\x1b')", "it holds characters that cannot be shown"),
        ("len(a\n)# b)", "a", "a comment would be lost"),
    ],
)
def test_what_is_withheld(source: str, hole: str, why: str) -> None:
    assert offered(source, hole, secrets=frozenset({"hunter22"})) == ReportedFix("count them", (), "it is a test", why)


def test_places_within_a_character() -> None:
    data = "len('é')".encode()
    fix = Fix("", (Edit("count", Place("a.py", 0, 6), {"query": Place("a.py", 4, 6)}),))
    found = offering(Project(fixes=FIXES))(
        Finding(Place("a.py", 0, 1), "", idiom="store", fix=fix), Document("a.py", data), ()
    )
    assert found == ReportedFix("", (), "", "a place begins or ends within a character")


def test_a_file_keeps_its_encoding() -> None:
    latin = "# coding: latin-1\nx = 'é', a\n".encode("latin-1")
    text = latin.decode("latin-1").encode()
    change = Change(len(text) - 2, len(text) - 1, "b.ü".encode())
    assert made("a.py", latin, [change]) == "# coding: latin-1\nx = 'é', b.ü\n".encode("latin-1")
    with pytest.raises(WithheldError, match="its encoding, iso8859-1, cannot be kept"):
        made("a.py", latin, [change._replace(text="😀".encode())])
    marked = codecs.BOM_UTF8 + b"a\r\n"
    assert made("a.py", marked, [Change(3, 4, b"b")]) == codecs.BOM_UTF8 + b"b\r\n"
