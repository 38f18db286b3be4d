"""Templates of Django and Jinja: what they loop over, name and read."""

from __future__ import annotations

import os
import random
from textwrap import dedent

import pytest

from dblint.extraction import Extracted, decode, encode
from dblint.facts.templates import TemplateFile
from dblint.frontends.extract import extract
from dblint.frontends.templates import DEPTH, MARKS

SHOWN = """
    {% extends "base.html" %}{% load i18n %}
    {% block content %}
    {% for book in books|dictsort:"title"|slice:other.name %}
      {{ book.author.name|default:book.title }} {{- book }} {% if not book.editor.city == "a.b" %}x{% endif %}
      {% for tag in book.tags.all() if tag.name %}{{ tag.name|upper }}{% endfor %}
      {% with a=book.author b="x" %}{{ a.city }}{% endwith %}
      {% with book.author as c %}{{ c.name }}{% endwith %}{% set d = book.x %}{{ d.y }}
      {% include "row.html" with item=book only %}{% include other %}
      {% url 'page' book.author.pk as address %}{{ address }}
    {% endfor %}
    {% cache 500 %}{{ books.count }}{% endcache %}
    {% endblock %}
    {# {{ book.author }} #}{% comment %}{{ book.author }}{% endcomment %}{% raw %}{{ a.b }}{% endraw %}
    {{ books.0.title }}{{ "text" }}{{ call(book.author, key=book.editor) }}
    """


def read(text: str) -> list[tuple[str, ...]]:
    """The marks: what it is, its names, the path, filters, and the mark behind it."""
    source = dedent(text).encode()
    facts = extract(source, "templates/a.html")
    assert isinstance(facts, TemplateFile)
    assert not facts.faults
    return [
        (mark.kind, " ".join(mark.names), ".".join(mark.path), "|".join(mark.filters), str(mark.end))
        for mark in facts.marks
    ]


def test_marks() -> None:
    assert read(SHOWN) == [
        ("extends", "base.html", "", "", "1"),
        ("block", "content", "", "", "26"),
        ("for", "book", "books", "dictsort|slice", "24"),
        ("read", "", "other.name", "", "4"),
        ("text", "", "book.author.name", "default", "5"),
        ("read", "", "book.title", "", "6"),
        ("text", "", "book", "", "7"),
        ("read", "", "book.editor.city", "", "8"),
        ("for", "tag", "book.tags.all", "", "11"),
        ("read", "", "tag.name", "", "10"),
        ("text", "", "tag.name", "upper", "11"),
        ("set", "a", "book.author", "", "14"),
        ("set", "b", "", "", "14"),
        ("text", "", "a.city", "", "14"),
        ("set", "c", "book.author", "", "16"),
        ("text", "", "c.name", "", "16"),
        ("set", "d", "book.x", "", "24"),
        ("text", "", "d.y", "", "18"),
        ("set", "item", "book", "", "20"),
        ("include", "row.html", "", "", "20"),
        ("include", "", "", "", "21"),
        ("read", "", "book.author.pk", "", "22"),
        ("set", "address", "", "", "24"),
        ("text", "", "address", "", "24"),
        ("skip", "", "", "", "26"),
        ("text", "", "books.count", "", "26"),
        ("text", "", "books.0.title", "", "27"),
        ("text", "", "call", "", "28"),
        ("read", "", "book.author", "", "29"),
        ("read", "", "book.editor", "", "30"),
    ]


def test_places_are_bytes() -> None:
    source = "é{{ book.author }}".encode()
    [mark] = extract(source, "templates/a.jinja2").marks
    assert source[mark.start : mark.stop] == b"book.author"


def test_facts_are_kept_as_they_are() -> None:
    extracted = Extracted("templates/a.html", extract(SHOWN.encode(), "templates/a.html"))
    assert decode(encode(extracted)) == extracted


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"{{",
        b"{% for",
        b"{% for %}{% endfor %}{% endfor %}",
        b"{% with %}{% endblock %}",
        b"{% include %}{% extends x %}{% set %}{% block %}",
        b"{{ 'a }} {{ b.c }}",
        b"{% comment %} {{ a.b }}",
        b"{{ a." + b"b." * 50_000 + b" }}",
        b"{% with " + b"a=b " * 50_000 + b"%}",
        b"{% with a as b %}" * 50_000,
        b"{% for a in b %}" * 50_000,
        b"{{ a }}" * 50_000,
        b"{% for a in b %}{% endwith %}" * 20_000,
        b"{% if " + b"(" * 100_000 + b"a.b" + b")" * 100_000 + b" %}",
    ],
)
def test_hostile(source: bytes) -> None:
    marks = extract(source, "templates/a.html").marks
    assert len(marks) <= MARKS + DEPTH
    assert all(at < mark.end <= len(marks) for at, mark in enumerate(marks))


def test_noise() -> None:
    generator = random.Random(7)  # noqa: S311 - no secret
    pieces = [
        b"{{",
        b"}}",
        b"{%",
        b"%}",
        b" for ",
        b" in ",
        b"endfor",
        b"with",
        b"endwith",
        b"a.b",
        b"=",
        b"'",
        b"|",
        b"{#",
    ]
    for _ in range(200):
        source = b" ".join(generator.choices(pieces, k=60))
        marks = extract(source, "templates/a.html").marks
        assert all(at < mark.end <= len(marks) for at, mark in enumerate(marks))
    assert extract(os.urandom(64) + b"\xff", "templates/a.html").faults


def test_what_tags_are_given() -> None:
    assert read(
        "{% avatar user.profile size=other 'x' item|upper as a %}{% other %}{% show 1 last %}{% url 'x' user %}"
    ) == [
        ("given", "avatar 0", "user.profile", "", "1"),
        ("given", "avatar size", "other", "", "2"),
        ("given", "avatar 2", "item", "upper", "3"),
        ("set", "a", "", "", "5"),
        ("given", "show 1", "last", "", "5"),
    ]
