"""What runs beside the rows of a model, and which tables a model's rows go on in."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dblint.facts.program import FileRole
from tests.link.linked import linked

MODELS = """
    from django.db import models

    class Stamped:
        def save(self, *arguments, **named):
            super().save(*arguments, **named)

    class Base(models.Model):
        class Meta:
            abstract = True

    class Plain(Base):
        text = models.TextField()

    class Marked(Base):
        mark = models.TextField()

        def delete(self, *arguments, **named):
            super().delete(*arguments, **named)

    class Kept(Stamped, Base):
        text = models.TextField()

    class Special(Marked):
        more = models.TextField()

    class Shown(Plain):
        class Meta:
            proxy = True

        def save(self, *arguments, **named):
            super().save(*arguments, **named)
    """


def beside(signals: str = "", role: FileRole = FileRole.APP, models: str = MODELS) -> dict[str, list[tuple[str, str]]]:
    """Table → name and verbs of what runs beside its rows."""
    files = {"shop/__init__.py": "", "shop/models.py": models, "shop/signals.py": dedent(signals)}
    project = linked(files, roles={"shop/signals.py": role})
    return {
        name.removeprefix("shop_"): [(one.name, " ".join(one.verbs)) for one in table.beside]
        for name, table in project.tables.items()
        if table.beside
    }


METHODS = {
    "marked": [("delete", "delete")],
    "special": [("delete", "delete")],
    "kept": [("save", "insert upsert")],
    "plain": [("save", "insert upsert")],
}
"""Of the proxy `Shown` the table is that of `Plain`."""
TOLD = ("told", "insert upsert")


def heard(signals: str, unread: bool = False) -> set[str]:
    """The tables whose rows a function `told` hears of; or those that something may do nothing for."""
    if unread:
        project = linked({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/signals.py": dedent(signals)})
        return {
            name.removeprefix("shop_")
            for name, table in project.tables.items()
            if any(one.unread and " ".join(one.verbs) == "insert upsert" for one in table.beside)
        }
    return {name for name, several in beside(signals).items() if TOLD in several}


def test_methods_of_a_class_its_bases_and_its_proxies() -> None:
    assert beside() == METHODS


def test_where_it_stands() -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": MODELS})
    (only,) = project.tables["shop_kept"].beside
    text = dedent(MODELS).encode()
    assert text[only.place.start :].startswith(b"def save")


def test_tables_that_rows_go_on_in() -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": MODELS})
    assert {name: table.extends for name, table in project.tables.items() if table.extends} == {
        "shop_special": ("shop_marked",)
    }


@pytest.mark.parametrize(
    "signals",
    [
        """
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from shop.models import Marked

        @receiver(post_save, sender=Marked)
        def told(sender, instance, **named):
            print(instance)
        """,
        """
        from django.db.models import signals
        from django.dispatch import receiver
        from shop.models import Marked

        @receiver([signals.pre_save, signals.post_delete], sender=Marked)
        def told(sender, instance, **named):
            print(instance)
        """,
        """
        from django.db import models
        from shop import models as own

        def told(sender, instance, **named):
            print(instance)

        models.signals.post_save.connect(told, sender=own.Marked)
        """,
        """
        from django.apps import apps
        from django.db.models.signals import pre_save

        def told(sender, instance, **named):
            print(instance)

        class Config:
            def ready(self):
                pre_save.connect(told, apps.get_model("shop", "Marked"))
        """,
        """
        from django.db.models.signals import pre_save

        def told(sender, instance, **named):
            print(instance)

        pre_save.connect(told, sender="shop.Marked")
        """,
    ],
)  # fmt: skip
def test_functions_that_listen_to_one_model(signals: str) -> None:
    assert heard(signals) == {"marked"}


@pytest.mark.parametrize(
    "signals",
    [
        """
        from django.db.models.signals import post_delete
        from shop.models import Marked

        def told(sender, instance, **named):
            print(instance)

        post_delete.connect(told, sender=Marked)
        """,
        """
        from django.dispatch import Signal, receiver
        from shop.models import Marked

        asked = Signal()

        @receiver(asked, sender=Marked)
        def told(sender, **named):
            print(sender)
        """,
        """
        from django.db.models.signals import post_save

        def told(sender, instance, **named):
            print(instance)

        def attach(names):
            for model in names:
                post_save.connect(told, sender=model)
        """,
    ],
    ids=["a statement for many rows sends it, too", "another signal", "a model that cannot be said"],
)
def test_functions_that_no_row_is_told_to(signals: str) -> None:
    assert heard(signals) == set()


EVERY = """
    from django.db.models.signals import post_save
    from django.dispatch import receiver
    from shop.models import Base, Kept, Marked, Plain, Special

    @receiver(post_save)
    def told(sender, instance, created, **named):
        "Tells."
        {guard}
        print(instance)
    """


@pytest.mark.parametrize(
    ("guard", "tables"),
    [
        ("pass", {"plain", "marked", "kept", "special"}),
        ("if not created: return", {"plain", "marked", "kept", "special"}),
        ("if not isinstance(instance, Marked): return", {"marked", "special"}),
        ("if not issubclass(sender, (Marked, Kept)): return", {"marked", "special", "kept"}),
        ("if sender != Marked: return", {"marked"}),
        ("if not created or sender not in (Marked, Kept): return", {"marked", "kept"}),
        ("if not hasattr(instance, 'mark'): return", {"marked", "special"}),
        ("if not hasattr(instance, 'unknown'): return", set()),
        ("if isinstance(instance, Base): return", set()),
        ("named = dict(named)\n        if sender is Marked: return", {"plain", "kept", "special"}),
    ],
)
def test_functions_that_listen_to_every_model(guard: str, tables: set[str]) -> None:
    assert heard(EVERY.format(guard=guard)) == tables


@pytest.mark.parametrize(
    ("guard", "tables"),
    [
        ("if sender._meta.label not in WATCHED: return", {"plain", "marked", "kept", "special"}),
        ("label = name_of(instance)\n        if label not in WATCHED: return", {"plain", "marked", "kept", "special"}),
        ("if watched(instance): print(sender)\n        return", {"plain", "marked", "kept", "special"}),
        ("for act in WATCHED.get(sender, []): act(instance)\n        return", {"plain", "marked", "kept", "special"}),
        ("if not hasattr(instance, 'mark'): return\n        if watched(instance): return", {"marked", "special"}),
        ("if watched(): return", set()),
        ("if instance.pk in WATCHED: return", set()),
        ("if sender is Marked: print(sender)", set()),
    ],
)
def test_functions_that_may_do_nothing_for_a_model(guard: str, tables: set[str]) -> None:
    assert heard(EVERY.format(guard=guard), unread=True) == tables


def test_a_listener_of_every_model_that_nobody_can_read() -> None:
    signals = """
        from django.db.models.signals import post_save
        from shop.backends import backend

        post_save.connect(backend().keep)
        """
    assert heard(signals, unread=True) == {"plain", "marked", "kept", "special"}
    assert heard(signals.replace("keep)", "keep, sender='shop.Plain')"), unread=True) == set()


@pytest.mark.parametrize(
    ("guard", "verbs"),
    [
        ("if named.get('created'): return", "upsert"),
        ("if not named.get('created'): return", "insert upsert"),
        ("if named.get('raw'): return", "insert upsert"),
        ("def inner(): print(sender)\n        if created: return", "upsert"),
    ],
)
def test_what_is_done_for_rows_that_were_there(guard: str, verbs: str) -> None:
    signals = EVERY.format(guard=guard)
    if "get" in guard:
        signals = signals.replace("created, ", "")
    assert {one[1] for several in beside(signals).values() for one in several if one[0] == "told"} == {verbs}


def test_what_is_done_for_changed_rows_only() -> None:
    signals = EVERY.format(guard="if created: return")
    assert [one for several in beside(signals).values() for one in several if one[0] == "told"] == [
        ("told", "upsert")
    ] * 4


def test_a_function_whose_whole_body_is_for_some() -> None:
    signals = EVERY.format(guard="if isinstance(instance, Kept) and created:\n            print(sender)")
    assert heard(signals.replace("\n        print(instance)", "")) == {"kept"}


def test_functions_of_tests_are_none_of_the_program() -> None:
    assert beside(EVERY.format(guard="pass"), FileRole.TEST) == METHODS


def test_what_a_library_keeps_of_a_model() -> None:
    signals = """
        from auditlog.registry import auditlog
        from shop.models import Marked

        auditlog.register(Marked)
        """
    assert beside(signals)["marked"] == [("delete", "delete"), ("", "insert upsert")]
    assert set(beside(signals)) == set(METHODS)


def test_what_a_model_keeps_hears_of_its_rows_and_methods_that_a_hook_decorates_do() -> None:
    models = (
        MODELS
        + """
    from functools import partial

    from django.contrib.auth.models import User
    from django_lifecycle import AFTER_DELETE, BEFORE_UPDATE, LifecycleModelMixin, hook
    from simple_history import register
    from simple_history.models import HistoricalRecords

    class Records(HistoricalRecords):
        pass

    Short = partial(Records, inherit=True)

    def recorded(why):
        class Recorded(models.Model):
            history = Records(inherit=True)

            class Meta:
                abstract = True

        return Recorded

    class Account(models.Model):
        past = HistoricalRecords()

    class Bill(models.Model):
        history = Short()

    class Line(recorded("who")):
        text = models.TextField()

    class Note(models.Model):
        text = models.TextField()

    class Hooked(LifecycleModelMixin, Base):
        @hook(BEFORE_UPDATE, when="text")
        @hook(AFTER_DELETE)
        def told(self):
            print(self)

        @hook("after_save")
        def named(self):
            print(self)

        class Meta:
            abstract = True

    class Sent(Hooked):
        text = models.TextField()

    register(Note)
    """
    )
    assert beside(models=models) == METHODS | {
        "account": [("past", "insert upsert")],
        "bill": [("history", "insert upsert")],
        "line": [("history", "insert upsert")],
        "note": [("", "insert upsert")],
        "sent": [("told", "delete"), ("told", "upsert"), ("named", "insert delete upsert")],
    }
