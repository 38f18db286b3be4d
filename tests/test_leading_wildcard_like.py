"""What `query/leading-wildcard-like` says, and both sides of what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "query/leading-wildcard-like"
TABLES = """\
CREATE TABLE shop (id bigint PRIMARY KEY);
CREATE TABLE author (
    id bigint PRIMARY KEY, name varchar(100) NOT NULL, code text, born date, shop_id bigint REFERENCES shop (id)
);
CREATE INDEX author_shop ON author (shop_id);
CREATE INDEX author_code ON author USING gin (code gin_trgm_ops);
CREATE TABLE note (id bigint PRIMARY KEY, body text, author_id bigint REFERENCES author (id));
CREATE INDEX note_body ON note USING gin (to_tsvector('english', body));
CREATE TABLE prize (id bigint PRIMARY KEY, author_id bigint REFERENCES author (id));
CREATE TABLE letter (id bigint PRIMARY KEY, author_id bigint REFERENCES author (id));
CREATE TABLE plan (id bigint PRIMARY KEY, name text);
CREATE VIEW names AS SELECT name FROM author;
"""


def said(folder: Path, statement: str, parameters: str = "") -> list[tuple[int, str]]:
    given = f", {parameters}" if parameters else ""
    program = (
        "import psycopg\n\n\ndef find(connection: psycopg.Connection, word, more):\n"
        f"    with connection.cursor() as cursor:\n        cursor.execute({statement}{given})\n"
    )
    found = findings(folder, {"app.py": program, "migrations/0001_all.sql": TABLES}, RULE)
    return [(each.region.start.line, each.message) for each in found]


NAME = "name of author is searched by a pattern that begins with a wildcard, which no index serves: every row is read"


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("\"SELECT id FROM author WHERE name LIKE '%%son'\"", ""),
        ('"SELECT id FROM author WHERE name ILIKE %s"', '(f"%{word}%",)'),
        ('"SELECT id FROM author WHERE name LIKE %s"', '["%" + word]'),
        ('"SELECT id FROM author WHERE name LIKE %(word)s"', '{"word": f"%{word}"}'),
        ("\"SELECT id FROM author WHERE name LIKE '%%' || %s\"", "(word,)"),
        ("\"SELECT id FROM author WHERE name LIKE concat('%%', %s, '%%')\"", "(word,)"),
        ('"SELECT id FROM author WHERE lower(name) LIKE %s"', '("%%%s" % word,)'),
        ("\"SELECT a.id FROM author a JOIN note n ON n.author_id = a.id WHERE a.name LIKE '%%son'\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' AND born = %s\"", "(word,)"),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' OR code LIKE '%%x' OR shop_id = 1\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' AND shop_id <> 1\"", ""),
    ],
)
def test_a_search_that_reads_every_row(tmp_path: Path, statement: str, parameters: str) -> None:
    assert said(tmp_path, statement, parameters) == [(6, NAME)]


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("\"SELECT id FROM author WHERE name LIKE 'son%%'\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%'\"", ""),
        ("\"SELECT id FROM author WHERE name NOT LIKE '%%son'\"", ""),
        ('"SELECT id FROM author WHERE name LIKE %s"', '(f"{word}%",)'),
        ('"SELECT id FROM author WHERE name LIKE %s"', "(word,)"),
        ("\"SELECT id FROM author WHERE code LIKE '%%son'\"", ""),
        ("\"SELECT id FROM note WHERE body LIKE '%%son'\"", ""),
        ("\"SELECT id FROM author WHERE born LIKE '%%01'\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' AND shop_id = 1\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' AND (id = 1 OR shop_id = 2)\"", ""),
        ("\"SELECT id FROM author WHERE name LIKE '%%son' AND code LIKE '%%x'\"", ""),
        ("f\"SELECT id FROM author WHERE name LIKE '%%son' {more}\"", ""),
        ("\"SELECT name FROM names WHERE name LIKE '%%son'\"", ""),
        ("\"SELECT id FROM plan WHERE name LIKE '%%son'\"", ""),
        ("\"SELECT name FROM stranger WHERE name LIKE '%%son'\"", ""),
        ("\"UPDATE author SET code = '' WHERE name LIKE '%%son'\"", ""),
    ],
)
def test_what_is_left_alone(tmp_path: Path, statement: str, parameters: str) -> None:
    assert said(tmp_path, statement, parameters) == []


MODELS = """\
from django.db import models
from django.db.models import Q

class Shop(models.Model):
    title = models.CharField(max_length=50)

class Author(models.Model):
    name = models.CharField(max_length=50)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)

class Bill(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)

class Till(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)

def find(word, shop):
    found = Author.objects.filter(Q(name__icontains=word) | Q(shop__title__contains=word))
    return found.count(), list(found)
"""


def test_an_or_over_two_tables_is_told_once_with_both_indexes(tmp_path: Path) -> None:
    settings = 'INSTALLED_APPS = ["shop"]\nDATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
    (found,) = findings(tmp_path, {"shop/models.py": MODELS, "shop/__init__.py": "", "settings.py": settings}, RULE)
    assert found.region.start.line == 18
    assert found.message == (
        "name of shop_author and title of shop_shop are searched by a pattern that begins with a wildcard, which no "
        "index serves: every row is read"
    )
    assert found.minimal == (
        "Give shop_author and shop_shop an index that serves a search inside of name, title: CREATE EXTENSION IF NOT "
        "EXISTS pg_trgm; CREATE INDEX CONCURRENTLY shop_author_name_trgm ON shop_author USING gin (upper(name) "
        "gin_trgm_ops); CREATE INDEX CONCURRENTLY shop_shop_title_trgm ON shop_shop USING gin (title gin_trgm_ops); An "
        "OR over several tables enters no index: ask each of them by itself and join the keys with UNION."
    )
