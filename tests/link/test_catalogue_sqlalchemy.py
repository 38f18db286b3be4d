"""SQLAlchemy's models as tables, Flask-SQLAlchemy's among them, and tables without a class."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.schema import Table
from dblint.frontends.extract import extract
from dblint.link.project import LinkOptions, link
from dblint.link.values import ProjectClass
from tests.link.linked import linked
from tests.link.test_catalogue_django import columns, indexes, keys, relations
from tests.link.test_models import cls, end, models

BASE = """
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        pass
    """


def garden(text: str) -> Project:
    return linked({"base.py": BASE, "garden.py": text}, dialect="postgres")


def complete(table: Table | None) -> bool:
    assert table is not None
    return table.complete


def test_annotated_columns() -> None:
    project = garden(
        """
        from datetime import datetime
        from typing import Annotated, Optional
        import uuid
        from sqlalchemy import DateTime, Enum, ForeignKey, Numeric, String, func
        from sqlalchemy.dialects.postgresql import ARRAY, JSONB
        from sqlalchemy.orm import Mapped, mapped_column
        from base import Base

        key = Annotated[int, mapped_column(primary_key=True)]

        class Plant(Base):
            __tablename__ = "plants"
            id: Mapped[key]
            name: Mapped[str] = mapped_column(String(80), unique=True)
            note: Mapped[Optional[str]]
            seen: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
            height: Mapped[float] = mapped_column(Numeric(6, 2), index=True)
            label: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
            kind: Mapped[str] = mapped_column(Enum("tree", "herb", name="kind"))
            tags: Mapped[list[str]] = mapped_column(ARRAY(String(9)))
            extra: Mapped[dict] = mapped_column("more", JSONB, nullable=True)
            bed_id: Mapped[int] = mapped_column(ForeignKey("beds.number", ondelete="CASCADE"))
            plain: int = 3
        """
    )
    table = project.table("plants")
    assert columns(table) == [
        ("id", "integer", False),
        ("name", "varchar(80)", False),
        ("note", "varchar", True),
        ("seen", "timestamp with time zone", True),
        ("height", "numeric(6,2)", False),
        ("label", "uuid", False),
        ("kind", "enum", False),
        ("tags", "varchar(9)[]", False),
        ("more", "jsonb", True),
        ("bed_id", "integer", False),
    ]
    assert keys(table) == [
        ("primary", "id"),
        ("unique", "name"),
        ("foreign", "bed_id", "beds", "number", "cascade"),
    ]
    assert indexes(table) == ["ix_plants_height(height)"]
    assert table is not None
    assert [(each.attribute, each.default, each.default_by) for each in table.columns if each.default_by] == [
        ("id", "", "database"),
        ("seen", "now()", "database"),
        ("label", "", "client"),
    ]
    assert next(each for each in table.columns if each.name == "kind").enum == ("tree", "herb")
    assert table.column("extra") == table.column("more")
    assert table.complete


def test_columns_without_annotations_and_a_key_of_two() -> None:
    project = garden(
        """
        import enum
        import sqlalchemy as sa
        from base import Base

        class Kind(enum.Enum):
            TREE = 1
            HERB = 2

        class Stay(Base):
            __tablename__ = "stays"
            plant_id = sa.Column(sa.Integer, sa.ForeignKey("plants.id"), primary_key=True)
            bed_id = sa.Column(sa.BigInteger, sa.ForeignKey("beds.id"), primary_key=True)
            kind = sa.Column(sa.Enum(Kind), nullable=False)
            raw = sa.Column(sa.LargeBinary)
        """
    )
    table = project.table("stays")
    assert columns(table) == [
        ("plant_id", "integer", False),
        ("bed_id", "bigint", False),
        ("kind", "enum", False),
        ("raw", "bytea", True),
    ]
    assert keys(table) == [
        ("primary", "plant_id", "bed_id"),
        ("foreign", "plant_id", "plants", "id", ""),
        ("foreign", "bed_id", "beds", "id", ""),
    ]
    assert table is not None
    assert table.columns[2].enum == ("TREE", "HERB")
    assert {each.default_by for each in table.columns} == {""}


def test_arguments_of_the_table() -> None:
    project = garden(
        """
        from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
        from sqlalchemy import desc, text
        from base import Base

        class Plant(Base):
            __tablename__ = "plants"
            id = Column(Integer, primary_key=True)
            row = Column("line", Integer)
            place = Column(Integer)
            name = Column(String)
            __table_args__ = (
                UniqueConstraint("line", "place", name="one"),
                CheckConstraint("line > 0", name="positive"),
                ForeignKeyConstraint(["line", "place"], ["beds.row", "beds.place"], ondelete="SET NULL"),
                Index("by_name", desc(name), row, postgresql_using="btree"),
                Index("named", "name", unique=True, postgresql_where=text("line > 1")),
                Index("lower", text("lower(name)")),
                {"schema": "garden"},
            )
        """
    )
    table = project.table("plants")
    assert table is not None
    assert table.schema == "garden"
    assert [(key.kind, key.columns, key.name, key.expression) for key in table.keys] == [
        ("primary", ("id",), "", ""),
        ("unique", ("line", "place"), "one", ""),
        ("check", (), "positive", "line > 0"),
        ("foreign", ("line", "place"), "", ""),
    ]
    assert (table.keys[3].target, table.keys[3].target_columns, table.keys[3].on_delete) == (
        "beds", ("row", "place"), "set null",
    )  # fmt: skip
    assert indexes(table) == ["by_name(-name, line)", "named(name) unique where", "lower(?)"]
    assert table.complete


def test_mixins_types_of_the_project_and_helpers() -> None:
    project = garden(
        """
        from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
        from sqlalchemy.orm import declared_attr
        from sqlalchemy.types import TypeDecorator
        from base import Base

        class Code(TypeDecorator):
            impl = String(12)

        class Chosen(TypeDecorator):
            impl = String

            def load_dialect_impl(self, dialect):
                return dialect.type_descriptor(String(3))

        def counted():
            return Column(Integer, primary_key=True)

        class Stamped:
            made = Column(DateTime, nullable=False)

            @declared_attr
            def bed_id(cls):
                return Column(Integer, ForeignKey("beds.id"))

        class Named(Base):
            __abstract__ = True

            @declared_attr
            def __tablename__(cls):
                return cls.__name__.lower()

        class Plant(Stamped, Named):
            id = counted()
            code = Column(Code)
            chosen = Column(Chosen)

            @property
            def title(self):
                return ""
        """
    )
    assert sorted(project.tables) == ["plant"]
    table = project.table("plant")
    assert columns(table) == [
        ("id", "integer", False),
        ("code", "varchar(12)", True),
        ("chosen", "", True),
        ("made", "timestamp", False),
        ("bed_id", "integer", True),
    ]
    assert keys(table) == [("primary", "id"), ("foreign", "bed_id", "beds", "id", "")]
    assert complete(table)


def test_the_order_of_columns_that_a_class_takes_over() -> None:
    """As measured with SQLAlchemy 2.1.9 (`Mapped`) and 1.4.0 (`Column`)."""
    project = linked(
        {
            "new.py": """
                from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

                class Base(DeclarativeBase):
                    pass

                class Record(Base):
                    __abstract__ = True
                    id: Mapped[int] = mapped_column(primary_key=True)
                    created: Mapped[int]

                class Mix:
                    m: Mapped[int] = mapped_column(primary_key=True)

                class Plant(Mix, Record):
                    __tablename__ = "plant"
                    a: Mapped[int] = mapped_column(primary_key=True)
                    b: Mapped[int]

                class Tree(Record):
                    __tablename__ = "tree"
                    a: Mapped[int] = mapped_column(primary_key=True)
                    created: Mapped[int]
                    first: Mapped[int] = mapped_column(sort_order=-1)

                class Sorted(Base):
                    __abstract__ = True
                    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)

                class Leaf(Sorted):
                    __tablename__ = "leaf"
                    a: Mapped[int] = mapped_column(primary_key=True)
                    z: Mapped[int] = mapped_column(sort_order=5)
                    y: Mapped[int]
                """,
            "old.py": """
                from sqlalchemy import Column, Integer
                from sqlalchemy.ext.declarative import declarative_base

                Base = declarative_base()

                class Record(Base):
                    __abstract__ = True
                    id = Column(Integer, primary_key=True)
                    created = Column(Integer)

                class Stone(Record):
                    __tablename__ = "stone"
                    a = Column(Integer, primary_key=True)
                    created = Column(Integer)
                    z = Column(Integer)
                """,
        }
    )
    assert {
        table.name: ([column.name for column in table.columns], [key.columns for key in table.keys])
        for table in project.tables.values()
    } == {
        "plant": (["a", "b", "m", "id", "created"], [("a", "m", "id")]),
        "tree": (["first", "a", "created", "id"], [("a", "id")]),
        "leaf": (["id", "a", "y", "z"], [("id", "a")]),
        "stone": (["id", "a", "created", "z"], [("id", "a")]),
    }


def test_what_cannot_be_read_leaves_the_table_open() -> None:
    project = garden(
        """
        from sqlalchemy import Column, Integer
        from elsewhere import Searchable, money
        from base import Base

        class Plant(Base):
            __tablename__ = "plants"
            id = Column(Integer, primary_key=True)
            price = money("EUR")

        class Leaf(Searchable, Base):
            __tablename__ = "leaves"
            id = Column(Integer, primary_key=True)

        class Root(Base):
            __tablename__ = "roots"
            id = Column(Integer, primary_key=True)
            __table_args__ = made()
        """
    )
    assert [complete(project.table(name)) for name in ("plants", "leaves", "roots")] == [False, False, False]


def test_tables_that_extend_others_and_tables_that_are_shared() -> None:
    project = garden(
        """
        from sqlalchemy import Column, ForeignKey, Integer, String
        from base import Base

        class Plant(Base):
            __tablename__ = "plants"
            id = Column(Integer, primary_key=True)
            kind = Column(String)
            __mapper_args__ = {"polymorphic_on": kind}

        class Tree(Plant):
            __tablename__ = "trees"
            id = Column(Integer, ForeignKey(Plant.id), primary_key=True)
            height = Column(Integer)

        class Herb(Plant):
            smell = Column(String)
        """
    )
    assert sorted(project.tables) == ["plants", "trees"]
    assert not complete(project.table("plants"))
    assert columns(project.table("trees")) == [("id", "integer", False), ("height", "integer", True)]
    assert keys(project.table("trees")) == [("primary", "id"), ("foreign", "id", "plants", "id", "")]


def test_a_column_property_of_a_column_is_that_column() -> None:
    """As a class that extends another maps a column of both tables; of an expression the database computes it."""
    project = garden(
        """
        from sqlalchemy import Column, ForeignKey, Integer, String
        from sqlalchemy.orm import column_property, relationship
        from base import Base

        class Bed(Base):
            __tablename__ = "beds"
            id = Column(Integer, primary_key=True)

        class Plant(Base):
            __tablename__ = "plants"
            id = Column(Integer, primary_key=True)
            bed_id = Column(ForeignKey(Bed.id))
            name = Column(String)

        class Tree(Plant):
            __tablename__ = "trees"
            id = Column(Integer, ForeignKey(Plant.id), primary_key=True)
            bed_id = column_property(Column(ForeignKey(Bed.id)), Plant.bed_id)
            label = column_property(Plant.name + "!")
            bed = relationship(Bed, foreign_keys="Tree.bed_id")
        """
    )
    table = project.table("trees")
    assert table is not None
    assert [name for name, _, _ in columns(table)] == ["id", "bed_id"]
    assert [(each.name, each.kind, each.columns) for each in table.relations] == [("bed", "to-one", ("bed_id",))]


def test_options_of_a_mapper_hide_no_column() -> None:
    """Those of inheritance and versions do not; a subclass that shares the table, and what picks columns, do. A row of
    a table that extends another has one there, too."""
    project = garden(
        """
        from sqlalchemy import Column, ForeignKey, Integer, String
        from base import Base

        class Plant(Base):
            __tablename__ = "plants"
            id = Column(Integer, primary_key=True)
            kind = Column(String)
            __mapper_args__ = {"polymorphic_on": kind, "eager_defaults": True}

        class Tree(Plant):
            __tablename__ = "trees"
            id = Column(Integer, ForeignKey(Plant.id), primary_key=True)
            __mapper_args__ = {"polymorphic_identity": "tree"}

        class Herb(Plant):
            __mapper_args__ = {"polymorphic_identity": "herb"}

        class Moss(Plant):
            __tablename__ = "mosses"
            id = Column(Integer, primary_key=True)
            __mapper_args__ = {"concrete": True}

        class Stone(Base):
            __tablename__ = "stones"
            id = Column(Integer, primary_key=True)
            __mapper_args__ = {"exclude_properties": ["weight"]}

        class Soil(Base):
            __tablename__ = "soils"
            id = Column(Integer, primary_key=True)

        class Loam(Soil):
            depth = Column(Integer)
        """
    )
    tables = [project.table(name) for name in ("plants", "trees", "mosses", "stones", "soils")]
    assert [complete(table) for table in tables] == [True, True, True, False, False]
    assert [table.extends for table in tables if table is not None] == [(), ("plants",), (), (), ()]


RELATED = """
    from sqlalchemy import Column, ForeignKey, Integer, Table
    from sqlalchemy.orm import Mapped, backref, mapped_column, relationship
    from base import Base

    visits = Table(
        "visits",
        Base.metadata,
        Column("plant_id", ForeignKey("plants.id"), primary_key=True),
        Column("visitor_id", ForeignKey("visitors.id"), primary_key=True, index=True),
    )

    class Plant(Base):
        __tablename__ = "plants"
        id = Column(Integer, primary_key=True)
        bed_id = Column(Integer, ForeignKey("beds.id"))
        first_id = Column(Integer, ForeignKey("beds.id"))
        parent_id = Column(Integer, ForeignKey("plants.id"))
        bed = relationship("Bed", back_populates="plants", foreign_keys=[bed_id], lazy="joined")
        first = relationship(lambda: Bed, foreign_keys="Plant.first_id", backref="begun")
        parent = relationship("Plant", remote_side=[id], backref=backref("children", lazy="selectin"))
        visitors: Mapped[list["Visitor"]] = relationship(secondary=visits, backref="plants")
        ticket: Mapped["Ticket"] = relationship(back_populates="plant")
        missing = relationship("Nowhere")

    class Bed(Base):
        __tablename__ = "beds"
        id = Column(Integer, primary_key=True)
        plants = relationship("Plant", back_populates="bed", foreign_keys="Plant.bed_id")

    class Visitor(Base):
        __tablename__ = "visitors"
        id = Column(Integer, primary_key=True)

    class Ticket(Base):
        __tablename__ = "tickets"
        id: Mapped[int] = mapped_column(primary_key=True)
        plant_id: Mapped[int] = mapped_column(ForeignKey("plants.id"))
        plant: Mapped["Plant"] = relationship(back_populates="ticket")
    """


def test_relations() -> None:
    project = garden(RELATED)
    table = project.table("plants")
    assert relations(table) == [
        ("bed", "to-one", "beds", "plants"),
        ("first", "to-one", "beds", "begun"),
        ("parent", "to-one", "plants", "children"),
        ("visitors", "many-to-many", "visitors", "plants"),
        ("ticket", "to-one", "tickets", "plant"),
        ("missing", "", "", ""),
    ]
    assert table is not None
    assert [(each.name, each.columns, each.target_columns, each.eager) for each in table.relations[:3]] == [
        ("bed", ("bed_id",), ("id",), "joined"),
        ("first", ("first_id",), ("id",), ""),
        ("parent", ("parent_id",), ("id",), ""),
    ]
    assert relations(project.table("beds")) == [("plants", "to-many", "plants", "bed")]
    assert relations(project.table("tickets")) == [("plant", "to-one", "plants", "ticket")]


def test_a_table_without_a_class() -> None:
    project = garden(RELATED)
    table = project.table("visits")
    assert [name for name, _, _ in columns(table)] == ["plant_id", "visitor_id"]
    assert keys(table) == [
        ("primary", "plant_id", "visitor_id"),
        ("foreign", "plant_id", "plants", "id", ""),
        ("foreign", "visitor_id", "visitors", "id", ""),
    ]
    assert indexes(table) == ["ix_visits_visitor_id(visitor_id)"]
    assert complete(table)


def test_relations_by_attribute() -> None:
    found = models({"base.py": BASE, "garden.py": RELATED})
    plant: ProjectClass = cls(found, "Plant")
    assert end(found, plant, "bed") == ("Bed", False, False)
    assert end(found, plant, "visitors") == ("Visitor", True, False)
    assert end(found, plant, "children") == ("Plant", True, True)
    assert end(found, cls(found, "Bed"), "begun") == ("Plant", True, True)
    assert end(found, cls(found, "Visitor"), "plants") == ("Plant", True, True)
    assert end(found, plant, "missing") == ("?", False, False)
    assert end(found, plant, "bed_id") is None


def test_flask() -> None:
    project = linked(
        {
            "app.py": """
                from flask_sqlalchemy import SQLAlchemy

                db = SQLAlchemy()

                class PlantBed(db.Model):
                    id = db.Column(db.Integer, primary_key=True)
                    name = db.Column(db.String(20), nullable=False, unique=True)
                    owner_id = db.Column(db.Integer, db.ForeignKey("person.id"))
                    owner = db.relationship("Person", backref="beds")

                class Person(db.Model):
                    id = db.Column(db.Integer, primary_key=True)
                """,
        },
        dialect="postgres",
    )
    assert sorted(project.tables) == ["person", "plant_bed"]
    table = project.table("plant_bed")
    assert columns(table) == [("id", "integer", False), ("name", "varchar(20)", False), ("owner_id", "integer", True)]
    assert keys(table) == [("primary", "id"), ("unique", "name"), ("foreign", "owner_id", "person", "id", "")]
    assert relations(table) == [("owner", "to-one", "person", "beds")]
    assert complete(table)


def test_models_of_a_migration_are_of_its_time() -> None:
    old = """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import declarative_base

        Base = declarative_base()

        class Plant(Base):
            __tablename__ = "plants"
            number = Column(Integer, primary_key=True)
        """
    new = old.replace("number", "id")

    files = {"alembic/versions/1_old.py": old, "app.py": new}
    facts = [extract(dedent(text).encode(), path) for path, text in files.items()]
    options = LinkOptions(dialect="postgres", roles={"alembic/versions/1_old.py": FileRole.MIGRATION})
    assert columns(link(facts, {}, options).table("plants")) == [("id", "integer", False)]


NAMED = """
    from sqlalchemy import Column, Integer, MetaData, Table
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    CONVENTION = {{"ix": "{pattern}", "uq": "uq__%(table_name)s__%(column_0_name)s"}}

    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention=CONVENTION)

    class Plant(Base):
        __tablename__ = "plants"
        id: Mapped[int] = mapped_column(primary_key=True)
        height: Mapped[int] = mapped_column(index=True)
    """
REVISION = """
    from alembic import op
    import sqlalchemy as sa

    revision = "1"
    down_revision = None

    def upgrade():
        op.create_table("pots", sa.Column("id", sa.Integer, primary_key=True))
        op.add_column("pots", sa.Column("size", sa.Integer, index=True))
    """


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("ix__%(column_0_label)s", ["ix__plants_height(height)", "ix__pots_size(size)"]),
        ("%(table_name)s_by_%(column_0_name)s", ["plants_by_height(height)", "pots_by_size(size)"]),
        ("ix_%(own)s", ["(height)", "(size)"]),
    ],
)
def test_indexes_are_named_as_the_metadata_says(pattern: str, names: list[str]) -> None:
    files = {"shop/models.py": NAMED.format(pattern=pattern), "migrations/versions/1.py": REVISION}
    tables = linked(files).tables
    assert [*indexes(tables["plants"]), *indexes(tables["pots"])] == names
