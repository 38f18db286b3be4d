"""What `query/lazy-relation-in-loop` says of rows whose statement branches make."""

from __future__ import annotations

from pathlib import Path

from tests.test_index_not_concurrent import findings

PROGRAM = """
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)


class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list[Line]] = relationship("Line")


def assigned(conditions):
    if conditions is not None:
        found = select(Invoice).filter(*conditions)
    else:
        found = select(Invoice)
    return found


def returned(conditions):
    if conditions is not None:
        return select(Invoice).filter(*conditions)
    return select(Invoice)


def loaded(conditions):
    if conditions is not None:
        return select(Invoice).options(selectinload(Invoice.lines)).filter(*conditions)
    return select(Invoice).options(selectinload(Invoice.lines))


def of_two(conditions):
    if conditions is not None:
        return select(Line).filter(*conditions)
    return select(Invoice)


def read(session: Session):
    return session.scalars(select(Invoice))
"""
LOOP = """

def show{number}(session: Session):
    for invoice in {rows}:
        print(invoice.lines)
"""


def test_rows_of_a_statement_that_branches_make(tmp_path: Path) -> None:
    told = {
        "session.scalars(assigned(None)).all()": True,
        "session.scalars(returned(None)).all()": True,
        "session.scalars(loaded(None)).all()": False,
        "session.scalars(of_two(None)).all()": False,
        "read(session)": True,
    }
    loops = "".join(LOOP.format(number=number, rows=rows) for number, rows in enumerate(told))
    found = findings(tmp_path, {"app.py": PROGRAM + loops}, "query/lazy-relation-in-loop")
    first = PROGRAM.count("\n") + 5
    expected = [first + 5 * number for number, each in enumerate(told.values()) if each]
    assert [finding.region.start.line for finding in found] == expected
