"""`query/get-or-create-race` where the function that reads calls the one that inserts."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query.get_or_create_race import check

from tests.link.linked import linked

TAGS = """
    from sqlalchemy import String, select
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
    from fastapi import FastAPI
    from pydantic import BaseModel

    app = FastAPI()

    class Base(DeclarativeBase):
        pass

    class Tag(Base):
        __tablename__ = "tag"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str] = mapped_column(String, unique=True)

    def create(session: Session, tag_in):
        tag = Tag(name=tag_in.name)
        session.add(tag)
        session.commit()
        return tag

    def create_met(session: Session, name):
        tag = Tag(name=name)
        session.add(tag)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
        return tag

    def create_user(session: Session, email):
        session.add(User(email=email))
        session.commit()

    def by_email(session: Session, email):
        return session.scalars(select(User).where(User.email == email)).first()

    @app.post("/tags")
    def get_or_create(session: Session, tag_in):
        tag = session.query(Tag).filter(Tag.name == tag_in.name).first()
        if tag:
            return tag
        return create(session, tag_in)

    @app.post("/met")
    def get_or_met(session: Session, name):
        tag = session.query(Tag).filter(Tag.name == name).first()
        if tag is None:
            tag = create_met(session, name)
        return tag

    @app.post("/other")
    def other(session: Session, name, tag_in):
        tag = session.query(Tag).filter(Tag.name == name).first()
        if tag is None:
            tag = create(session, tag_in)
        return tag

    def create_lower(session: Session, name):
        name = name.lower()
        session.add(Tag(name=name))
        session.commit()

    @app.post("/lower")
    def get_or_lower(session: Session, name):
        tag = session.query(Tag).filter(Tag.name == name).first()
        if tag is None:
            create_lower(session, name)

    class TagIn(BaseModel):
        id: int | None = None
        name: str

    def create_dumped(session: Session, tag_in: TagIn):
        session.add(Tag(**tag_in.model_dump(exclude={"id"})))
        session.commit()

    def create_unnamed(session: Session, tag_in: TagIn):
        session.add(Tag(**tag_in.model_dump(exclude={"name"})))
        session.commit()

    @app.post("/either")
    def get_by_either(session: Session, tag_in: TagIn):
        if tag_in.id:
            query = session.query(Tag).filter(Tag.id == tag_in.id)
        else:
            query = session.query(Tag).filter_by(name=tag_in.name)
        tag = query.first()
        if tag:
            return tag
        create_dumped(session, tag_in)

    @app.post("/unnamed")
    def get_or_unnamed(session: Session, tag_in: TagIn):
        if session.query(Tag).filter_by(name=tag_in.name).first() is None:
            create_unnamed(session, tag_in)

    @app.post("/more")
    def get_by_more(session: Session, tag_in: TagIn):
        if tag_in.id:
            query = session.query(Tag).filter(Tag.id == tag_in.id)
        else:
            query = session.query(Tag).filter_by(name=tag_in.name)
        if tag_in.name:
            query = query.filter(Tag.id > 3)
        if query.first() is None:
            create_dumped(session, tag_in)

    def create_whole(session: Session, tag_in: TagIn):
        session.add(Tag(**tag_in.model_dump(exclude={"name"}), name=tag_in.name.lower()))
        session.commit()

    @app.post("/whole")
    def get_by_key(session: Session, tag_in: TagIn):
        if tag_in.id:
            query = session.query(Tag).filter(Tag.id == tag_in.id)
        else:
            query = session.query(Tag).filter_by(name=tag_in.name)
        if query.first() is None:
            create_whole(session, tag_in)

    @app.post("/users")
    def register(session: Session, email):
        if by_email(session, email):
            raise ValueError
        create_user(session, email)
    """


def test_a_function_that_is_called_inserts() -> None:
    project = linked({"app.py": TAGS})
    lines = dedent(TAGS).encode()
    told = "a row of {} is inserted because a read found none: of two that do this at once, {}"
    unmet = "the second gets a violation of the unique constraint on email, which nothing meets"
    assert [
        (lines[: finding.place.start].count(b"\n") + 1, finding.message)
        for ensured in project.ensured
        for finding in check(ensured, project)
    ] == [
        (50, told.format("tag", "both insert, as no unique constraint covers name")),
        (98, told.format("tag", "both insert, as no unique constraint covers name")),
        (133, told.format("user", unmet)),
    ]
