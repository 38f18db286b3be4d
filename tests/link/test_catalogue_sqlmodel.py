"""SQLModel's tables: fields of a class and of its bases, with what `Field` says; its relations and its session."""

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from dblint.facts.schema import Table
from tests.link.linked import asked, linked

MODELS = """
    import uuid
    from datetime import date, datetime
    from decimal import Decimal
    from enum import Enum
    from typing import Annotated, ClassVar, List, Optional

    from sqlalchemy import JSON, Column, DateTime, Index, String, UniqueConstraint, text
    from sqlmodel import Field, Relationship, Session, SQLModel

    class Kind(str, Enum):
        near = "n"
        far = "f"

    class TeamBase(SQLModel):
        name: str = Field(index=True, max_length=50)
        since: date = Field(default_factory=date.today)

    class Team(TeamBase, table=True):
        limit: ClassVar[int] = 3
        id: Optional[int] = Field(default=None, primary_key=True)
        heroes: List["Hero"] = Relationship(back_populates="team", sa_relationship_kwargs={"lazy": "selectin"})

    class Link(SQLModel, table=True):
        team: int = Field(foreign_key="team.id", primary_key=True)
        hero: uuid.UUID = Field(foreign_key="heroes.id", primary_key=True)

    class Hero(SQLModel, table=True):
        __tablename__ = "heroes"
        __table_args__ = (UniqueConstraint("name", "age"), Index("ix_secret", "secret"))
        id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
        name: str
        secret: str | None = None
        age: int | None = Field(default=None, index=True)
        mail: str = Field(unique=True, max_length=255)
        price: Decimal = Field(max_digits=5, decimal_places=3)
        data: dict = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
        seen: datetime = Field(sa_type=DateTime(timezone=True), nullable=True)
        made: datetime = Field(sa_column_kwargs={"server_default": text("now()"), "name": "made_at"})
        kind: Kind = Kind.near
        active: bool = True
        extra: str = Field(sa_column=Column("extra_name", String(20)))
        note: Annotated[str, Field(max_length=3)]
        team_id: int | None = Field(default=None, foreign_key="team.id", ondelete="CASCADE")
        team: Team | None = Relationship(back_populates="heroes")
        teams: list[Team] = Relationship(link_model=Link)

    class HeroPublic(SQLModel):
        id: int

    class Held(SQLModel, table=True):
        id: int = Field(primary_key=True)
        what: Strange = Field(sa_type=Strange)
    """
COLUMNS = {
    "team": """
        name varchar(50) not null
        since date not null client
        id integer not null database
        """,
    "link": """
        team integer not null
        hero uuid not null
        """,
    "heroes": """
        id uuid not null client
        name varchar not null
        secret varchar null
        age integer null
        mail varchar(255) not null
        price numeric(5,3) not null
        data json not null client
        seen timestamp with time zone null
        made_at  not null database
        kind enum not null client
        active boolean not null client
        extra_name varchar(20) null
        note varchar(3) not null
        team_id integer null
        """,
    "held": """
        id integer not null database
        what  not null
        """,
}


@pytest.fixture(scope="module")
def project() -> Project:
    return linked(
        {
            "models.py": MODELS,
            "using.py": """
                from sqlmodel import Session, col, select
                from models import Hero, Team

                def ask(session: Session, number):
                    session.exec(select(Hero).where(Hero.age == number)).first()
                    session.exec(select(Hero, Team).join(Team).where(col(Hero.age) > 3)).all()
                    session.get(Team, number)
                """,
        },
        dialect="postgres",
    )


def written(table: Table) -> list[str]:
    return [
        f"{column.name} {column.type} {'null' if column.nullable else 'not null'} {column.default_by}".rstrip()
        for column in table.columns
    ]


def test_columns_of_annotations_and_fields(project: Project) -> None:
    assert {name: written(table) for name, table in project.tables.items()} == {
        name: [line.strip() for line in lines.strip().splitlines()] for name, lines in sorted(COLUMNS.items())
    }


def test_keys_and_indexes_of_fields(project: Project) -> None:
    heroes, link = project.tables["heroes"], project.tables["link"]
    assert [(key.kind, key.columns, key.target, key.target_columns, key.on_delete) for key in heroes.keys] == [
        ("primary", ("id",), "", (), ""),
        ("unique", ("mail",), "", (), ""),
        ("foreign", ("team_id",), "team", ("id",), "cascade"),
        ("unique", ("name", "age"), "", (), ""),
    ]
    assert [(index.name, [column.name for column in index.columns]) for index in heroes.indexes] == [
        ("ix_heroes_age", ["age"]),
        ("ix_secret", ["secret"]),
    ]
    assert next((key.kind, key.columns) for key in link.keys) == ("primary", ("team", "hero"))
    assert heroes.columns[9].enum == ("near", "far")
    assert [table.complete for table in project.tables.values()] == [True, True, True, True]


def test_relations_of_fields(project: Project) -> None:
    told = [
        (relation.name, relation.target, relation.kind, relation.columns, relation.eager)
        for table in project.tables.values()
        for relation in table.relations
    ]
    assert told == [
        ("team", "team", "to-one", ("team_id",), ""),
        ("teams", "team", "many-to-many", (), ""),
        ("heroes", "heroes", "to-many", (), "selectin"),
    ]


def test_its_session_runs_statements(project: Project) -> None:
    assert asked(project) == [
        ("exec", "sqlalchemy:Session", "select", "heroes"),
        ("exec", "sqlalchemy:Session", "select", "heroes"),
        ("get", "sqlalchemy:Session", "select", "team"),
    ]
