"""Methods that override a library's own and hand everything on: a call of one asks what the library's own would."""

from __future__ import annotations

from textwrap import dedent

from tests.link.linked import linked

BASE = """
    import peewee

    class Measured(peewee.Model):
        @classmethod
        def select(cls, *args, **kwargs):
            return cls._measured("select", args, kwargs)

        @classmethod
        def _measured(cls, name, args, kwargs):
            result = getattr(super(Measured, cls), name)(*args, **kwargs)
            result.name = name
            return result

    class Plain(peewee.Model):
        @classmethod
        def select(cls, *columns):
            return super().select(*columns)

    class Narrowed(peewee.Model):
        @classmethod
        def select(cls, *columns):
            return super().select(*columns, cls.title)

    class Another(peewee.Model):
        @classmethod
        def select(cls, *columns):
            found = super().select(*columns)
            if columns:
                return found.where(cls.id > 0)
            return found
    """
MODELS = """
    import peewee
    from shop.base import BASE

    class Publisher(BASE):
        city = peewee.CharField()

    class Author(BASE):
        name = peewee.CharField()

    class Book(BASE):
        title = peewee.CharField()
        author = peewee.ForeignKeyField(Author)
        publisher = peewee.ForeignKeyField(Publisher)

    def pages():
        for book in Book.select().where(Book.title == "x"):
            book.author.name, book.publisher.city
        for book in Book.select(Book, Author, Publisher.city).join(Author).switch(Book).join(Publisher):
            book.author.name, book.publisher.city
    """


def _accesses(base: str) -> list[tuple[str, str]]:
    models = dedent(MODELS).replace("BASE", base)
    project = linked({"shop/base.py": dedent(BASE), "shop/models.py": models})
    return [(each.relation, each.loaded) for each in project.accesses]


def test_a_member_is_found_behind_what_hands_everything_on() -> None:
    expected = [("author", "no"), ("publisher", "no"), ("author", "yes"), ("publisher", "yes")]
    assert _accesses("Measured") == expected
    assert _accesses("Plain") == expected


def test_a_method_that_adds_something_is_its_own() -> None:
    # what it was given may say more than what is seen where it calls the library's
    for base in ("Narrowed", "Another"):
        assert "yes" not in {said for _, said in _accesses(base)}, base


SAVING = """
    from django.db import models

    class Touched(models.Model):
        class Meta:
            abstract = True

        def save(self, *args, **kwargs):
            self.touched = True
            super().save(*args, **kwargs)

    class Logged(models.Model):
        class Meta:
            abstract = True

        def save(self, **kwargs):
            super().save(**kwargs)

        def delete(self):
            self.gone = True

    class Counting(models.QuerySet):
        def update(self, **values):
            return super().update(**values)

    class Tagged(Counting):
        def update(self, **values):
            return super().update(**values)

    class Crate(Touched, Logged):
        objects = Tagged.as_manager()

        def save(self, *args, **kwargs):
            super().save(*args, **kwargs)
            super().delete()
            self.save()

    class Box(Touched):
        def delete(self):
            if self.touched:
                super().delete()

    def boxed():
        Box().save()
        Box().delete()
    """


def test_super_reaches_the_member_behind_methods_that_call_on() -> None:
    text = dedent(SAVING)
    told = [
        (text[: call.place.start].count("\n") + 1, call.member, query.verb.value, query.table)
        for call in linked({"stock/models.py": text}).calls
        for query in call.queries
        if call.trigger != "built"
    ]
    # Not `super().delete()` of Crate, of which one on the way calls no further, nor what a branch decides.
    assert told == [
        (10, "save", "upsert", ""),
        (17, "save", "upsert", ""),
        (24, "update", "update", "stock_crate"),
        (28, "update", "update", "stock_crate"),
        (34, "save", "upsert", "stock_crate"),
        (36, "save", "upsert", "stock_crate"),
        (41, "delete", "delete", "stock_box"),
        (44, "save", "upsert", "stock_box"),
    ]
