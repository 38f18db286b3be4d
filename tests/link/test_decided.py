"""Conditions that the program decides before the database is asked, and what is left of them."""

from __future__ import annotations

from tests.link.linked import linked


def test_what_is_left_of_a_condition() -> None:
    source = """\
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, func, or_, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

class Book(Base):
    __tablename__ = "book"
    id = Column(Integer, primary_key=True)
    a = Column(Integer)
    b = Column(Integer)
    f = Column(Boolean)

t = Table("t", MetaData(), Column("a", Integer), Column("f", Boolean))

def read(session: Session, flag, limit):
    q = session.query(Book)
    q.filter(Book.a == 1 and Book.b == 2).all()
    q.filter(Book.a == 1 or Book.b == 2).all()
    q.filter(Book.a != 1 and Book.b == 2).all()
    q.filter(Book.a != 1 and Book.b == 2 and Book.f).all()
    q.filter(Book.f and Book.f and Book.a != 3).all()
    q.filter(Book.a > 1 and Book.b == 2).all()
    q.filter(Book.a.in_([1]) or Book.b == 2).all()
    q.filter(func.lower(Book.a) == "x" and Book.f).all()
    q.filter(not Book.f, not (Book.a == 1)).all()
    q.filter(or_(Book.a in [1, 2], Book.a not in (1, 2), Book.a in [], Book.a in limit, Book.a not in flag)).all()
    q.filter(Book.a is None, Book.f is True, Book.a is not None).all()
    q.filter(1 < Book.a < 5, Book.a == limit == 2).all()
    q.filter(Book.a == Book.b & Book.f).all()
    session.execute(select(t).where(t.c.a == 1 and t.c.f, not t.c.f)).all()
    q.filter(flag and Book.a == 1, flag is None, flag in [1], Book.a == (flag or 1), ~Book.f).all()
"""
    project = linked({"app.py": source})
    text = source.encode()
    found = [
        (text[one.place.start : one.place.stop].decode(), one.word, one.outcome + (" bits" if one.bits else ""))
        for call in project.calls
        for query in call.queries
        for one in query.decided()
    ]
    assert found == [
        ("Book.a == 1 and Book.b == 2", "and", "0"),
        ("Book.a == 1 or Book.b == 2", "or", "1"),
        ("Book.a != 1 and Book.b == 2", "and", "1"),
        ("Book.a != 1 and Book.b == 2 and Book.f", "and", "1"),
        ("Book.f and Book.f and Book.a != 3", "and", "2"),
        ("Book.a > 1 and Book.b == 2", "and", "raises"),
        ("Book.a.in_([1]) or Book.b == 2", "or", "raises"),
        ('func.lower(Book.a) == "x" and Book.f', "and", "0"),
        ("not Book.f", "not", "false"),
        ("not (Book.a == 1)", "not", "true"),
        ("Book.a in [1, 2]", "in", "false"),
        ("Book.a not in (1, 2)", "not-in", "true"),
        ("Book.a in []", "in", "false"),
        ("Book.a in limit", "in", "false"),
        ("Book.a not in flag", "not-in", "true"),
        ("Book.a is None", "is", "false"),
        ("Book.f is True", "is", "false"),
        ("Book.a is not None", "is-not", "true"),
        ("1 < Book.a < 5", "chained", "raises"),
        ("Book.a == limit == 2", "chained", "0"),
        ("Book.a == Book.b & Book.f", "==", "bound bits"),
        ("t.c.a == 1 and t.c.f", "and", "0"),
        ("not t.c.f", "not", "raises"),
    ]
