"""Rows whose model says the object that is asked: methods of general classes, read for each object that has them."""

from __future__ import annotations

from textwrap import dedent

from dblint.facts.project import Project
from dblint.facts.text import Place
from tests.link.linked import linked

MODELS = """
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Label(Base):
        __tablename__ = "label"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Food(Base):
        __tablename__ = "food"
        id: Mapped[int] = mapped_column(primary_key=True)
        label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
        label: Mapped[Label] = relationship()

    class Unit(Base):
        __tablename__ = "unit"
        id: Mapped[int] = mapped_column(primary_key=True)
        label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
        label: Mapped[Label] = relationship(lazy="joined")
    """
SCHEMAS = """
    from pydantic import BaseModel

    class LabelOut(BaseModel):
        name: str

    class FoodOut(BaseModel):
        label: LabelOut

    class FoodShort(BaseModel):
        id: int

    class UnitOut(BaseModel):
        label: LabelOut
    """
REPOSITORIES = """
    from typing import Generic, TypeVar

    from pydantic import BaseModel
    from sqlalchemy import Select, func, select
    from sqlalchemy.orm import Session, joinedload

    from app.models import Base, Food, Unit
    from app.schemas import FoodOut, UnitOut

    Schema = TypeVar("Schema", bound=BaseModel)
    Model = TypeVar("Model", bound=Base)

    class Repository(Generic[Schema, Model]):
        def __init__(self, session: Session, model: type[Model], schema: type[Schema]) -> None:
            self.session = session
            self.model = model
            self.schema = schema

        def query(self):
            return select(self.model)

        def page(self, wanted, override=None):
            schema = override or self.schema
            statement = self.query().filter_by(**wanted.filter)
            statement, count = self.paged(statement, wanted)
            rows = self.session.execute(statement).scalars().all()
            return [schema.model_validate(row) for row in rows]

        def paged(self, statement: Select, wanted) -> tuple[Select, int]:
            count = self.session.scalar(select(func.count()).select_from(statement))
            if wanted.order:
                statement = statement.order_by(wanted.order)
            return statement.limit(wanted.size), count

        def everything(self):
            return self.page(None)

        def counted(self, count=True, limit=None):
            if count:
                return self.session.scalar(select(func.count(self.model.id)))
            if limit == 1:
                try:
                    return self.schema.model_validate(self.session.scalars(self.query()).first())
                except AttributeError:
                    return None
            return [self.schema.model_validate(row) for row in self.session.scalars(self.query()).all()]

        def rows(self) -> list[Model]:
            return self.session.execute(select(self.model)).scalars().all()

        def loaded(self) -> list[Model]:
            return self.session.execute(self.query().options(joinedload(self.model.label))).scalars().all()

    class Foods(Repository[FoodOut, Food]):
        def within(self, group) -> "Foods":
            return self

        def fresh(self):
            return [self.schema.model_validate(row) for row in self.session.scalars(select(Food)).all()]

    class Repositories:
        def __init__(self, session: Session):
            self.session = session

        @property
        def foods(self) -> Foods:
            return Foods(self.session, Food, FoodOut)

        @property
        def units(self) -> Repository[UnitOut, Unit]:
            return Repository(self.session, Unit, UnitOut)

        @property
        def others(self) -> Repository[FoodOut, Food]:
            return Repository(self.session, Food, FoodOut)
    """
SERVICES = """
    from sqlalchemy.orm import Session

    from app.models import Food, Unit
    from app.schemas import FoodOut, UnitOut

    class Service:
        model = None
        shown = None

        @classmethod
        def shown_all(cls, session: Session):
            return [cls.shown.model_validate(row) for row in session.query(cls.model).all()]

        @classmethod
        def all_rows(cls, session: Session):
            return session.query(cls.model).all()

    class FoodService(Service):
        model = Food
        shown = FoodOut

    class UnitService(Service):
        model = Unit
        shown = UnitOut
    """


def _project(pages: str) -> tuple[Project, str]:
    code = dedent(pages)
    files = {
        "app/models.py": MODELS, "app/schemas.py": SCHEMAS, "app/repositories.py": REPOSITORIES,
        "app/services.py": SERVICES, "app/pages.py": code,
    }  # fmt: skip
    return linked({path: dedent(text) for path, text in files.items()}), code


def _line(place: Place, code: str) -> str:
    text = code if place.path == "app/pages.py" else dedent(REPOSITORIES)
    start = text.rindex("\n", 0, place.start) + 1
    return text[start : text.index("\n", place.start)].strip()


def _shown(pages: str) -> list[tuple[str, str, str, str, str]]:
    """Where the query is told, what shows its rows, of which model, which relation, and whether it was loaded."""
    project, code = _project(pages)
    return [
        (_line(each.given, code), each.by, each.root, ".".join(shown.path), shown.loaded)
        for each in project.exposures
        for shown in each.shown
    ]


def test_a_general_method_shows_rows_of_the_object_that_is_asked() -> None:
    head = "from app.repositories import Repositories\nfrom app.schemas import FoodShort\n"
    asked = {
        # the model and the schema of a subclass, whose object another method gives
        "Repositories(session).foods.within(1).page(wanted)": [("FoodOut", "Food", "label", "no")],
        # those that a constructor was given
        "Repositories(session).others.page(wanted)": [("FoodOut", "Food", "label", "no")],
        # a mapping that loads the relation
        "Repositories(session).units.page(wanted)": [("UnitOut", "Unit", "label", "yes")],
        # a schema that the call hands in, which does not read it
        "Repositories(session).foods.page(wanted, override=FoodShort)": [],
        "Repositories(session).foods.page(wanted, None)": [("FoodOut", "Food", "label", "no")],
        # through another method of the same object
        "Repositories(session).foods.everything()": [("FoodOut", "Food", "label", "no")],
        # what the call gives decides whether rows are read at all
        "Repositories(session).foods.counted()": [],
        "Repositories(session).foods.counted(count=False)": [("FoodOut", "Food", "label", "no")],
        "Repositories(session).foods.counted(count=False, limit=1)": [],
        # methods of the class
        "FoodService.shown_all(session)": [("FoodOut", "Food", "label", "no")],
        "UnitService.shown_all(session)": [("UnitOut", "Unit", "label", "yes")],
        # of no object that is known
        "wanted.repository.page(wanted)": [],
    }
    head += "from app.services import FoodService, UnitService\n"
    for call, expected in asked.items():
        found = _shown(f"{head}\ndef page(session, wanted):\n    {call}\n")
        assert found == [(call, *each) for each in expected], call


def test_a_query_of_its_own_model_is_told_where_it_stands() -> None:
    found = _shown(
        """
        from app.repositories import Repositories

        def page(session):
            Repositories(session).foods.fresh()
            Repositories(session).foods.fresh()
        """
    )
    place = "return [self.schema.model_validate(row) for row in self.session.scalars(select(Food)).all()]"
    assert found == [(place, "FoodOut", "Food", "label", "no")]


def test_a_schema_of_several_objects_is_told_once_for_each_model() -> None:
    found = _shown(
        """
        from app.repositories import Repositories

        def page(session, wanted):
            first = Repositories(session).foods.page(wanted)
            again = Repositories(session).foods.page(wanted)
            units = Repositories(session).units.page(wanted)
        """
    )
    assert found == [
        ("first = Repositories(session).foods.page(wanted)", "FoodOut", "Food", "label", "no"),
        ("units = Repositories(session).units.page(wanted)", "UnitOut", "Unit", "label", "yes"),
    ]


def test_loops_over_what_a_general_method_gives() -> None:
    project, code = _project(
        """
        from app.repositories import Repositories
        from app.services import FoodService

        def page(session):
            for food in Repositories(session).foods.rows():
                food.label.name
            for food in Repositories(session).others.rows():
                food.label.name
            for food in Repositories(session).foods.loaded():
                food.label.name
            for unit in Repositories(session).units.rows():
                unit.label.name
            for food in FoodService.all_rows(session):
                food.label.name
        """
    )
    found = [(_line(each.given, code), each.model, ".".join(each.path), each.loaded) for each in project.accesses]
    assert found == [
        ("for food in Repositories(session).foods.rows():", "Food", "label", "no"),
        ("for food in Repositories(session).others.rows():", "Food", "label", "no"),
        ("for food in Repositories(session).foods.loaded():", "Food", "label", "yes"),
        ("for unit in Repositories(session).units.rows():", "Unit", "label", "yes"),
        ("for food in FoodService.all_rows(session):", "Food", "label", "no"),
    ]
