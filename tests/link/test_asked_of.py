"""Receivers that nobody declares: known by what callers of a common word import, and by what is asked of them."""

from __future__ import annotations

import pytest

from tests.link.linked import asked, linked

MODELS = """
from sqlalchemy import select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Part(Base):
    __tablename__ = "part"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def receivers(**files: str) -> list[tuple[str, str, str]]:
    project = linked({"models.py": MODELS, **{f"{name}.py": text for name, text in files.items()}})
    return [
        (call.place.path, call.receiver, query.table)
        for call in project.calls
        for query in call.queries
        if call.place.path != "models.py"
    ]


MANY = "".join(f"\ndef read_{number}(values):\n    return values.get({number})\n" for number in range(20))


def test_callers_of_a_common_word_are_those_that_import_it() -> None:
    service = """
        from models import Part

        def get(db, key):
            return db.get(Part, key)
        """
    view = """
        from sqlalchemy.orm import Session
        import service
        from service import get as find

        def show(session: Session, key):
            return service.get(session, key)
        """
    others = "import other\n" + "".join(f"other.get({number})\n" for number in range(20))
    assert receivers(
        service=service, view=view, noise=MANY, others=others, other="def get(key):\n    return key\n"
    ) == [("service.py", "sqlalchemy:Session", "part")]


def test_nobody_who_imports_it_is_nobody() -> None:
    service = "from models import Part\n\ndef get(db, key):\n    return db.get(Part, key)\n"
    view = """
        from sqlalchemy.orm import Session
        from other import get

        def show(session: Session, key):
            return get(session, key)
        """
    assert receivers(service=service, view=view, noise=MANY, other="def get(db, key):\n    return db\n") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(db):\n    return db.query(Part).all()", "sqlalchemy:Query"),
        ("def f(request):\n    return request.db.query(Part.id).all()", "sqlalchemy:Query"),
        ("def f(db):\n    return db.scalars(select(Part)).all()", "sqlalchemy:Session"),
        ("async def f(db):\n    return (await db.scalars(select(Part))).all()", "sqlalchemy:AsyncSession"),
        ("class Parts:\n    def f(self):\n        return self.db.query(Part).all()", "sqlalchemy:Query"),
        ("def f(db):\n    def g():\n        return db.query(Part).all()\n    return g()", "sqlalchemy:Query"),
        # Nothing that is asked says what it is.
        ("def f(session):\n    return session.query('Part')", ""),
        ("def f(session, part):\n    return session.query(part).all()", ""),
        ("def f(db):\n    return db.find(Part)", ""),
        (
            "class Index:\n    def query(self, model):\n        return []\n\ndef f():\n    return Index().query(Part)",
            "",
        ),
        ("def f(db):\n    return db.query()", ""),
        ("def f(db, given):\n    return db.query(*given)", ""),
    ],
)
def test_what_is_asked_of_a_receiver_says_what_it_is(code: str, expected: str) -> None:
    found = receivers(app=f"from sqlalchemy import select\nfrom models import Part\n\n{code}\n")
    assert sorted({receiver for _, receiver, table in found if table}) == ([expected] if expected else [])


def test_what_one_call_says_holds_for_the_others_of_the_same_code() -> None:
    code = """
        from models import Part

        def f(db, key):
            part = db.query(Part).filter(Part.id == key).one()
            db.delete(part)
            db.commit()

        def g(db, part):
            db.delete(part)
        """
    project = linked({"models.py": MODELS, "app.py": code})
    assert [(call.source, call.receiver) for call in project.calls if call.place.path == "app.py"] == [
        ("db.query().filter().one()", "sqlalchemy:Query"),
        ("db.delete()", "sqlalchemy:Session"),
        ("db.commit()", "sqlalchemy:Session"),
    ]


def test_the_name_of_an_attribute_says_nothing() -> None:
    code = """
        from django.db import models

        def purge(bucket, kind):
            bucket.objects.filter(Prefix="a").delete()
            kind.objects.get(pk=1)
        """
    assert asked(linked({"app.py": code})) == []


MADE = """
import sqlite3

class Page:
    def __init__(self, shelf):
        self.shelf = shelf

    @classmethod
    def made(cls, *given):
        return cls(*given)

    def read(self):
        return self.shelf.execute("SELECT 1 FROM page")

def use(other):
    shelf = sqlite3.connect("a")
"""


@pytest.mark.parametrize(
    ("one", "told"),
    [
        ("shelf", [("execute", "sqlite3:Connection", "select", "page")]),
        ("sqlite3.connect('b').cursor()", []),
        ("other", []),
    ],
)
def test_what_some_of_many_calls_agree_on(one: str, told: list[tuple[str, str, str, str]]) -> None:
    code = MADE
    for number in range(20):
        code += f"    Page{number}.made({one if number == 10 else 'shelf'})\n"
        code += f"\nclass Page{number}(Page):\n    pass\n\ndef use_{number}(other, shelf=sqlite3.connect('a')):\n"
    assert asked(linked({"page.py": code + "    pass\n"})) == told
