"""SQLAlchemy declarative models (and SQLModel) as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dblint.facts.schema import Table
from dblint.facts.tree import Kind, Role
from dblint.link.model_readers import assigned, place_of, snake, string
from dblint.link.model_readers.shared import Related, Surroundings
from dblint.link.types import Evaluator
from dblint.link.values import ProjectClass, Value


class SqlAlchemyModels:
    """Reads the classes of this library. Relations are not read yet: nothing is said of them."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.evaluator = surroundings.evaluator

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a class; None for bases."""
        return _read(self.evaluator, model)

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002
        """The tables that nobody declares."""
        return ()

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:  # noqa: ARG002
        """The relations of a class."""
        return {}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002
        """What its relations add to others."""
        return ()


def _read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
    """The table of a mapped class; None for bases and mixins."""
    tree = evaluator.tree(model.path)
    abstract = assigned(evaluator, model, "__abstract__")
    if abstract >= 0 and tree.kinds[abstract] == Kind.CONSTANT and tree.value(abstract) == "true":
        return None
    name = string(evaluator, model, "__tablename__")
    if not name:
        for cls in evaluator.classes.mro(model)[1:]:
            if isinstance(cls, ProjectClass):
                name = name or string(evaluator, cls, "__tablename__")
    class_name = tree.value(model.node)
    if not name:
        name = _named(evaluator, model, class_name)
    if not name:
        return None
    return Table(name, model=class_name, origin="model", place=place_of(evaluator, model))


def _named(evaluator: Evaluator, model: ProjectClass, class_name: str) -> str:
    """The name that the library gives a table whose class does not name it, "" where it gives none."""
    naming = ""
    for cls in evaluator.classes.library_types(model):
        naming = naming or evaluator.tables.types[cls.name].naming
    if naming == "snake":
        return snake(class_name)
    if naming == "lower" and _marked(evaluator, model):
        return class_name.lower()
    return ""


def _marked(evaluator: Evaluator, model: ProjectClass) -> bool:
    """Whether the class says `table=True`, without which it is only a shape."""
    tree = evaluator.tree(model.path)
    for base in tree.with_role(model.node, Role.BASE):
        if tree.kinds[base] == Kind.KEYWORD and tree.value(base) == "table":
            value = tree.child(base, Role.VALUE)
            return value >= 0 and tree.value(value) == "true"
    return False
