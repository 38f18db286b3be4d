"""Loops in which each turn asks another table, another relation or another database: no query serves them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

STORE = """\
import sqlite3

class Shelf:
    def __init__(self, path):
        self.opened = sqlite3.connect(path)

    def ask(self, sql, *values):
        return self.opened.execute(sql, values).fetchall()

class House:
    def __init__(self):
        self.main = Shelf("main.db")
        self.shelves: dict[str, Shelf] = {}

    def shelf(self, name) -> Shelf:
        return self.shelves[name]

    def jars(self, name, label):
        shelf = SHELF
        return shelf.ask(TEXT, label)

def report(house: House, names, labels):
    for name in names:
        print(house.jars(name, labels[name]))
"""
FIXED = '"SELECT id FROM jar WHERE label = ?"'
SCRIPT = """\
import { Pool } from 'pg';

class Shelf {
  pool = new Pool();
  ask(sql: string, values: string[]) { return this.pool.query(sql, values); }
}

class House {
  main = new Shelf();
  shelves: Map<string, Shelf> = new Map();
  shelf(name: string): Shelf { return this.shelves.get(name)!; }
  jars(name: string) {
    const shelf = SHELF;
    return shelf.ask('SELECT id FROM jar WHERE label = $1', [name]);
  }
}

export async function report(house: House, names: string[]) {
  for (const name of names) {
    console.log(await house.jars(name));
  }
}
"""
MODELS = """\
from django.db import models

class Shelf(models.Model):
    label = models.TextField()

class Jar(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="jars")
    label = models.TextField()

def value(shelf: Shelf, name, label):
    held = getattr(shelf, NAME)
    if isinstance(held, models.Manager):
        held = held.filter(label=label)
    return [str(each) for each in held]

def report(names, labels):
    shelf = Shelf.objects.get(pk=1)
    return [value(shelf, name, labels[name]) for name in names]
"""


def _told(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).write_text(text)
    request = Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("query/n-plus-one",)})
    return [finding.message for finding in run(request).report.findings]


@pytest.mark.parametrize(
    ("shelf", "text", "told"),
    [
        ("self.main", FIXED, 1),
        ("self.shelf(name)", FIXED, 0),
        ("self.main if name is None else self.shelf(name)", FIXED, 0),
        ("self.main or self.shelf('second')", FIXED, 1),
        ("self.main", 'f"SELECT id FROM {name} WHERE label = ?"', 0),
    ],
)
def test_a_statement_that_is_handed_to_another_database_or_names_another_table(
    tmp_path: Path, shelf: str, text: str, told: int
) -> None:
    files = {"app.py": STORE.replace("SHELF", shelf).replace("TEXT", text)}
    assert len(_told(tmp_path, files)) == told


@pytest.mark.parametrize(
    ("shelf", "told"),
    [("this.main", 1), ("this.shelf(name)", 0), ("name ? this.shelf(name) : this.main", 0)],
)
def test_the_same_in_typescript(tmp_path: Path, shelf: str, told: int) -> None:
    package = '{"dependencies": {"pg": "8"}}'
    assert len(_told(tmp_path, {"app.ts": SCRIPT.replace("SHELF", shelf), "package.json": package})) == told


@pytest.mark.parametrize(("name", "told"), [("name", 0), ("'jars'", 1)])
def test_a_relation_that_is_read_by_its_name(tmp_path: Path, name: str, told: int) -> None:
    assert len(_told(tmp_path, {"models.py": MODELS.replace("NAME", name)})) == told
