"""Statements and tables of SQLAlchemy's Core: tables without a class, their columns, aliases, joins, statements to
select from."""

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from dblint.facts.project import Project
from dblint.sql.render import render
from tests.link.linked import linked

TABLES = """
    from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    metadata = MetaData()
    people = Table(
        "person", metadata,
        Column("id", Integer, primary_key=True), Column("name", String(50), nullable=False), Column("mail", String),
    )

    class Tables:
        orders = Table("order", metadata, Column("id", Integer, primary_key=True), Column("person_id", Integer))

    orders = Tables.orders
    engine = create_engine("sqlite://")

    class Base(DeclarativeBase):
        pass

    class Person(Base):
        __table__ = people

    class Visit(Base):
        __tablename__ = "visit"
        id: Mapped[int] = mapped_column(primary_key=True)
        place: Mapped[str]
    """
STATEMENTS = {
    "select(people).where(people.c.name == name)": 'SELECT person.* FROM person WHERE person.name = ?',
    'select(people.c.id).where(people.columns["mail"] == name).order_by(people.c.name).limit(3)': (
        "SELECT person.id FROM person WHERE person.mail = ? ORDER BY person.name LIMIT 3"
    ),
    "people.select().where(people.c.id == 1)": "SELECT * FROM person WHERE person.id = 1",
    "tables.people.update().where(people.c.id == 1).values(name=name)": (
        "UPDATE person SET name = ? WHERE person.id = 1"
    ),
    "people.delete().where(and_(people.c.id == 1, people.c.name.in_(name)))": (
        "DELETE FROM person WHERE person.id = 1 AND person.name IN (?)"
    ),
    "people.insert().values(name=name)": "INSERT INTO person (name) VALUES (?)",
    "select(also).where(also.c.name == name)": "SELECT person.* FROM person WHERE person.name = ?",
    "select(orders).join(people, people.c.id == orders.c.person_id).where(people.c.name == name)": (
        'SELECT "order".* FROM "order" JOIN person ON person.id = "order".person_id WHERE person.name = ?'
    ),
    "people.join(orders).select()": 'SELECT * FROM person JOIN "order"',
    "select(people.outerjoin(orders))": 'SELECT /* … */ FROM person LEFT JOIN "order"',
    "select(people).select_from(people.join(orders, people.c.id == orders.c.person_id))": (
        'SELECT person.* FROM person JOIN "order" ON person.id = "order".person_id'
    ),
    "select(func.max(orders.c.id)).where(orders.c.person_id == 1)": (
        'SELECT max("order".id) FROM "order" WHERE "order".person_id = 1'
    ),
    "select(sums.c.person_id).where(sums.c.person_id == 3)": (
        'SELECT sums.person_id FROM (SELECT "order".person_id FROM "order" GROUP BY "order".person_id) AS sums'
        " WHERE sums.person_id = 3 ORDER BY /* … */"
    ),
    "select(people).join(sums, sums.c.person_id == people.c.id)": (
        'SELECT person.* FROM person JOIN (SELECT "order".person_id FROM "order" GROUP BY "order".person_id) AS sums'
        " ON sums.person_id = person.id"
    ),
    "union_all(select(people.c.id).where(people.c.id == 1), select(orders.c.id))": (
        "SELECT /* … */ FROM person WHERE /* … */"
    ),
    'metadata.tables["person"].select()': "SELECT * FROM /* … */ ORDER BY /* … */",
    "select(Person).where(Person.name == name)": 'SELECT "Person".* FROM person WHERE "Person".name = ?',
    "Visit.__table__.delete().where(Visit.__table__.c.place == name)": (
        'DELETE FROM visit WHERE "Visit".place = ?'
    ),
    "people.delete().where(either(people.c.id == 1, conditions.not_(people.c.id == 2)))": (
        "DELETE FROM person WHERE (person.id = 1 OR NOT (person.id = 2))"
    ),
    "people.delete().where(or_(people.c.id == 1, people.c.id == 2))": "DELETE FROM person WHERE /* … */",
    "select(computed.max(orders.c.id))": 'SELECT max("order".id) FROM "order"',
    "select(again).where(again.place == name)": "SELECT \"Visit\".* FROM visit WHERE \"Visit\".place = ?",
    "select(tables.Visit.place).where(tables.Visit.place == name)": (
        'SELECT "Visit".place FROM visit WHERE "Visit".place = ?'
    ),
    "select(computed.count(tables.Visit.id), tables.Person).join(tables.Person, tables.Person.id == tables.Visit.id)": (
        'SELECT count("Visit".id), "Person".* FROM visit JOIN person ON "Person".id = "Visit".id'
    ),
    "select(computed.count()).where(tables.Visit.place == name)": (
        'SELECT count(*) FROM visit WHERE "Visit".place = ?'
    ),
    "select(computed.count()).where(conditions.exists().where(Visit.place == name))": (
        "SELECT count(*) FROM /* … */ WHERE /* … */ ORDER BY /* … */"
    ),
    "select(store.tables.Visit.id, store.tables.Visit.place.label('where')).limit(3)": (
        'SELECT "Visit".id, "Visit".place FROM visit LIMIT 3'
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    body = "".join(f"        connection.execute({statement})\n" for statement in STATEMENTS)
    using = (
        "import tables\nimport store\nimport sqlalchemy as conditions\n"
        "from sqlalchemy import and_, func, select, union_all\n"
        "from sqlalchemy import func as computed, or_ as either\nfrom sqlalchemy.orm import aliased\n"
        "from own import or_\n"
        "from tables import Person, Visit, engine, metadata, orders, people\n\n"
        "def ask(name):\n    also = people.alias('a')\n    again = aliased(Visit)\n"
        "    sums = select(orders.c.person_id).group_by(orders.c.person_id).subquery()\n"
        f"    with engine.connect() as connection:\n{body}"
    )
    return linked(
        {
            "tables.py": TABLES,
            "using.py": using,
            "own.py": "def or_(*parts): return parts[-1]\n",
            "store/__init__.py": "import tables\n",
        }
    )


def test_what_core_statements_ask(project: Project) -> None:
    found = [
        [render(query) for query in call.queries]
        for call in project.calls
        if Effect.QUERY in call.effects and call.member == "execute"
    ]
    assert dict(zip(STATEMENTS, found, strict=True)) == {
        statement: [rendered] for statement, rendered in STATEMENTS.items()
    }


def test_tables_without_a_class_are_in_the_catalogue_once(project: Project) -> None:
    assert [
        (table.name, table.model, [column.name for column in table.columns]) for table in project.tables.values()
    ] == [
        ("order", "", ["id", "person_id"]),
        ("person", "Person", ["id", "name", "mail"]),
        ("visit", "Visit", ["id", "place"]),
    ]


def test_what_is_selected_from_keeps_the_model_of_a_query_on_it() -> None:
    source = """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Rack(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            trays = db.relationship("Tray")

        class Tray(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            rack_id = db.Column(db.ForeignKey("rack.id"))

        def named():
            few = Rack.query.filter_by(id=1).subquery()
            return db.session.query(few).all()

        def of_another():
            few = Rack.query.filter(Rack.trays.any(Tray.id == 2)).subquery()
            return db.session.query(few).all()
        """
    calls = [call for call in linked({"racks.py": source}).calls if Effect.QUERY in call.effects]
    assert [[source.query.table for source in call.queries[0].sources.values() if source.query] for call in calls] == [
        ["rack"],
        ["rack"],
    ]


@pytest.mark.parametrize(("call", "listed"), [("func.execute(kind)", []), ("kind.execute('SELECT 1')", ["execute"])])
def test_a_function_of_the_database_is_no_call_that_could_not_be_resolved(call: str, listed: list[str]) -> None:
    source = f"from sqlalchemy import func, select\n\n\ndef ask(kind):\n    return select({call})\n"
    assert [entry.member for entry in linked({"use.py": source}).unresolved] == listed
