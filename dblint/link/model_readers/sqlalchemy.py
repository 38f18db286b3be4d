"""SQLAlchemy declarative models (and SQLModel) as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.schema import Table
from dblint.facts.tree import Kind
from dblint.link.model_readers import assigned, place_of, string
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
    """The table of a mapped class; None for bases and mixins."""
    tree = evaluator.tree(model.path)
    abstract = assigned(evaluator, model, "__abstract__")
    if abstract >= 0 and tree.kinds[abstract] == Kind.CONSTANT and tree.value(abstract) == "true":
        return None
    name = string(evaluator, model, "__tablename__")
    if not name:
        for cls in evaluator.members.mro(model)[1:]:
            if isinstance(cls, ProjectClass):
                name = name or string(evaluator, cls, "__tablename__")
    class_name = tree.value(model.node)
    if not name:
        interface = evaluator.files[model.path].interface.classes.get(model.node)
        if interface is None or not interface.members:
            return None
        name = class_name.lower()
    return Table(name, model=class_name, origin="model", place=place_of(evaluator, model))
