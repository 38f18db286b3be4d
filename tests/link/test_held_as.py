"""Attributes that hold a library's value by their names alone, and relations that other columns or queries make."""

from __future__ import annotations

from tests.link.linked import linked

MODELS = """
    from django.contrib.contenttypes.fields import GenericRelation
    from django.db import models

    class Note(models.Model):
        text = models.TextField()

        class Meta:
            app_label = "stock"

    class Noted(models.Model):
        notes = GenericRelation(to="stock.Note")

        class Meta:
            abstract = True

        def latest(self):
            return self.notes.first()

    class Crate(Noted):
        own = GenericRelation(Note)
    """


def _told(text: str) -> list[tuple[str, str, str, str]]:
    project = linked({"stock/__init__.py": "", "stock/models.py": MODELS, "stock/use.py": text})
    return [
        (call.member, call.receiver, query.verb.value, query.table)
        for call in project.calls
        for query in call.queries
        if call.trigger != "built"
    ]


def test_a_name_that_only_one_library_has_tells_what_an_attribute_of_anything_holds() -> None:
    told = _told(
        """
        from django.db import transaction
        from stock.models import Crate

        def touched(model, account, chosen, crate: Crate):
            model.objects.filter(name="a").update(name="b")
            account.keys_set.exists()
            crate.label_set.count()
            (Crate if chosen else model).objects.count()
            chosen.notes.count()
        """
    )
    assert told == [
        ("first", "django:RelatedManager", "select", "stock_note"),
        ("update", "django:Manager", "update", ""),
        ("exists", "django:RelatedManager", "aggregate", ""),
        ("count", "django:RelatedManager", "aggregate", ""),
        ("count", "django:Manager", "aggregate", "stock_crate"),
    ]


def test_a_file_without_the_library_says_nothing_by_names() -> None:
    assert _told("def touched(bucket):\n    bucket.objects.filter(name='a').delete()\n")[1:] == []


def test_rows_that_refer_by_other_columns_are_a_relation() -> None:
    told = _told(
        """
        from stock.models import Crate

        def noted(crate: Crate):
            crate.notes.filter(text="a").exists()
            for note in crate.own.all():
                note.delete()
        """
    )
    assert told[1:] == [
        ("exists", "django:RelatedManager", "aggregate", "stock_note"),
        ("iterate", "django:RelatedManager", "select", "stock_note"),
        ("delete", "Note : django:Model", "delete", "stock_note"),
    ]
