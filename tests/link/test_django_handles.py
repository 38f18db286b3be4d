"""What asks for a model's rows though nobody has read what it is, and queries that an operator makes of two."""

from __future__ import annotations

from textwrap import dedent

from dblint.facts.project import Project
from tests.link.linked import answer, linked

MODELS = """
    from django.db import models
    from hidden.models import HiddenManager, Hiding, made

    class Kept(HiddenManager):
        def live(self):
            return self.filter(old=False)

    class Deeper(Kept):
        pass

    class Loose(HiddenManager):
        pass

    class City(models.Model):
        name = models.TextField()

    class First(Hiding):
        city = models.ForeignKey(City, models.CASCADE)
        old = models.BooleanField()
        objects = Kept()

    class Second(models.Model):
        city = models.ForeignKey(City, models.CASCADE)
        old = models.BooleanField()
        objects = Deeper()

    class Third(models.Model):
        city = models.ForeignKey(City, models.CASCADE)
        objects = HiddenManager()

    class Fourth(models.Model):
        objects = made(City).as_manager()

    class Plain:
        objects = Loose()

    class Open(models.Model):
        city = models.ForeignKey(City, models.CASCADE)
        old = models.BooleanField()
    """


def project(views: str) -> Project:
    """A project of these models and this file of views."""
    head = "from shop.models import First, Second, Third, Fourth, Plain, Open\n"
    return linked({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": head + dedent(views)})


def asked(views: str) -> list[tuple[str, str, str, str, str]]:
    """Of each query of the views: what asks it, its table, and whether it has conditions, loads something along, and
    has an order."""
    return [
        (call.source, query.table, answer(query.where), answer(query.eager), answer(query.order))
        for call in project(views).calls
        if call.place.path == "shop/views.py"
        for query in call.queries
    ]


def test_what_stands_as_objects_of_a_model_asks_for_its_rows() -> None:
    lines = """
        list(First.objects.filter(old=True))
        First.objects.live().count()
        Second.objects.live().count()
        Third.objects.get(pk=1)
        Fourth.objects.public(1).count()
        Plain.objects.get(pk=1)
        """
    assert [(source, table, where, eager) for source, table, where, eager, _ in asked(lines)] == [
        ("First.objects.filter()", "shop_first", "yes", "no"),
        ("First.objects.live().count()", "shop_first", "yes", "no"),
        ("Second.objects.live().count()", "shop_second", "yes", "no"),
        ("Third.objects.get()", "shop_third", "yes", "no"),
        ("Fourth.objects.public().count()", "shop_fourth", "cannot say", "cannot say"),
    ]


def test_an_operator_makes_one_query_of_two() -> None:
    views = """
        def f(given, which):
            loaded = Open.objects.select_related("city").order_by("pk")
            old = Open.objects.filter(old=True)
            plain = Open.objects.all()
            list(old | plain)
            list(loaded | old)
            list(old | loaded)
            list(loaded & old)
            list(loaded[:5] | old)
            list(loaded | given)
            list(Open.objects.none() | loaded)
            list((old if which else loaded) | plain)
            rows = plain
            rows |= old
            list(rows)
        """
    assert asked(views)[3:] == [
        ("old", "shop_open", "cannot say", "no", "no"),
        ("loaded", "shop_open", "cannot say", "yes", "yes"),
        ("old", "shop_open", "cannot say", "no", "cannot say"),
        ("loaded", "shop_open", "cannot say", "yes", "yes"),
        ("loaded[]", "shop_open", "no", "yes", "yes"),
        ("loaded[]", "shop_open", "cannot say", "yes", "yes"),
        ("loaded", "shop_open", "cannot say", "yes", "yes"),
        ("Open.objects.none()", "shop_open", "no", "no", "no"),
        ("Open.objects.none()", "shop_open", "no", "yes", "yes"),
        ("old", "shop_open", "cannot say", "sometimes", "sometimes"),
        ("rows", "shop_open", "cannot say", "no", "no"),
    ]


def test_what_asks_for_the_rows_of_one_model_is_of_its_table() -> None:
    source = dedent("""
        from django.db import models

        class Books(models.QuerySet):
            def close(self):
                self.filter(open=True).update(open=False)
                self.update(open=False)

        class Book(models.Model):
            open = models.BooleanField()
            objects = Books.as_manager()

        class Named(models.QuerySet["Shelf"]):
            def one(self):
                return self.get(name="x")

        class Shared(models.QuerySet):
            def one(self):
                return self.get(name="x")

        class Shelf(models.Model):
            name = models.TextField()
            objects = models.Manager.from_queryset(Shared)()

        class Rack(models.Model):
            objects = models.Manager.from_queryset(Shared)()

        class Rooms(models.Manager):
            def make(self):
                return self.create(name="x")

        class Room(models.Model):
            name = models.TextField()
            objects = Rooms()
        """)
    calls = [call for call in linked({"shop/models.py": source}).calls if call.trigger == "call"]
    told = [(call.member, call.queries[0].table, answer(call.queries[0].where)) for call in calls]
    assert told == [
        ("update", "shop_book", "yes"),
        ("update", "shop_book", "cannot say"),  # whoever calls the method may have begun a query
        ("get", "shop_shelf", "yes"),
        ("get", "", "yes"),
        ("create", "shop_room", "no"),
    ]
