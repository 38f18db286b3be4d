"""Conditions that a loop over the keywords of a function adds: where every call gives some, one always stands there."""

from __future__ import annotations

import pytest

from tests.link.linked import linked

MODELS = """
    from sqlalchemy import Column, Integer, select
    from sqlalchemy.orm import Session, declarative_base

    Base = declarative_base()

    class Shelf(Base):
        __tablename__ = "shelf"
        id = Column(Integer, primary_key=True)
        room = Column(Integer)

    def found(session: Session, first=0, **conditions):
        query = select(Shelf)
        for key, value in conditions.items():
            {turn}
        return session.scalars(query).all()
    """
ALWAYS = "query = query.where(getattr(Shelf, key) == value)"


@pytest.mark.parametrize(
    ("turn", "calls", "when"),
    [
        (ALWAYS, "found(session, room=1), found(session, id=key, room=2)", "always"),
        (ALWAYS, "found(session, room=1), found(session)", "sometimes"),
        (ALWAYS, "found(session, room=1), found(session, first=1)", "sometimes"),
        (ALWAYS, "found(session, room=1), found(session, **key)", "sometimes"),
        (ALWAYS, "found(session, room=1), map(found, key)", "sometimes"),
        (f"if value:\n                {ALWAYS}", "found(session, room=1)", "sometimes"),
        (f"if key == 'id': continue\n            {ALWAYS}", "found(session, id=1)", "sometimes"),
    ],
)
def test_conditions_of_keywords(turn: str, calls: str, when: str) -> None:
    uses = f"""
        from models import found
        from sqlalchemy.orm import Session

        def use(session: Session, key):
            return {calls}
        """
    project = linked({"models.py": MODELS.replace("{turn}", turn), "app.py": uses})
    (call,) = [call for call in project.calls if call.member == "scalars"]
    assert [str(element.when) for element in call.queries[0].where.elements] == [when]
