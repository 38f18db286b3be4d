"""Django models as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.schema import Table
from dblint.link.model_readers import place_of, string
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
    """The table of a concrete model; None for abstract ones."""
    applications = evaluator.applications
    if applications.abstract(model):
        return None
    meta = applications.meta(model)
    name = string(evaluator, meta, "db_table") if meta is not None else ""
    class_name = evaluator.tree(model.path).value(model.node)
    return Table(
        name or f"{applications.label_of(model)}_{class_name.lower()}",
        model=class_name,
        origin="model",
        place=place_of(evaluator, model),
    )
