"""Trees that are read row by row, lists of keys of a row, and the twins of both that are no query per element."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query import n_plus_one

from dblint.facts.project import Project
from tests.link.linked import linked

SOURCE = """
    from django.db import models

    class Folder(models.Model):
        name = models.TextField()
        parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Note(models.Model):
        words = models.JSONField()

    class Word(models.Model):
        text = models.TextField()

    def below(folder):
        found = []
        for child in Folder.objects.filter(parent=folder):
            found.append(child)
            found += below(child)  # 1
        return found

    def first(folder):
        for child in Folder.objects.filter(parent=folder)[:3]:
            first(child)

    def above(folder):
        return [folder, *above(Folder.objects.get(pk=folder.parent_id))] if folder else []

    def removed(folder):
        for child in Folder.objects.filter(parent=folder):
            removed(child)  # 3
            child.delete()

    def drawn(nodes):
        Folder.objects.filter(name=nodes["name"]).first()
        for node in nodes["below"]:
            drawn(node)

    def words():
        for note in Note.objects.all():
            print(list(Word.objects.filter(text__in=note.words)))  # 2

    def parts(lists):
        for part in lists:
            print(list(Word.objects.filter(text__in=part)))

    below(None), first(None), above(None), removed(None), drawn({}), words(), parts([])
"""


def found(project: Project) -> list[tuple[int, str]]:
    source = dedent(SOURCE)
    told = [(source[: each.place.start].count("\n") + 1, each.message) for each in n_plus_one.check(project)]
    return sorted(told)


def test_a_tree_and_lists_of_keys() -> None:
    lines = {
        line.rpartition("# ")[2]: number for number, line in enumerate(dedent(SOURCE).splitlines(), 1) if "  # " in line
    }
    assert found(linked({"shop/models.py": dedent(SOURCE)})) == [
        (
            lines["1"],
            "`below()` reads shop_folder once per element of `Folder.objects.filter()`, level by level",
        ),
        (
            lines["3"],
            "`removed()` reads shop_folder once per element of `Folder.objects.filter()`, level by level",
        ),
        (lines["2"], "`Word.objects.filter()` reads shop_word once per element of `Note.objects.all()`"),
    ]


def test_a_list_that_is_spread_into_itself() -> None:
    project = linked(
        {
            "shown.js": """
            const { Pool } = require('pg');
            const pool = new Pool();
            let shown = [];
            function show(key) {
              shown = [...shown, key];
              shown = [...shown.filter((each) => each !== key)];
            }
            async function all() {
              for (const key of shown) {
                await pool.query('SELECT name FROM jar WHERE id = $1', [key]);
              }
            }
            module.exports = { show, all };
            """
        }
    )
    assert [each.message for each in n_plus_one.check(project)] == [
        "`pool.query()` reads jar once per element of `shown`"
    ]
