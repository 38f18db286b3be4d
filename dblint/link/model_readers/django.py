"""Django models as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.schema import Table
from dblint.facts.tree import Kind
from dblint.link.model_readers import assigned, place_of, string
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
    """The table of a concrete model; None for abstract ones."""
    tree = evaluator.tree(model.path)
    meta = _meta(evaluator, model)
    name = ""
    label = _application(model.path)
    if meta is not None:
        abstract = assigned(evaluator, meta, "abstract")
        if abstract >= 0 and tree.kinds[abstract] == Kind.CONSTANT and tree.value(abstract) == "true":
            return None
        name = string(evaluator, meta, "db_table")
        label = string(evaluator, meta, "app_label") or label
    class_name = tree.value(model.node)
    return Table(
        name or f"{label}_{class_name.lower()}",
        model=class_name,
        origin="model",
        place=place_of(evaluator, model),
    )


def _meta(evaluator: Evaluator, model: ProjectClass) -> ProjectClass | None:
    interface = evaluator.files[model.path].interface.classes.get(model.node)
    for node in interface.members.get("Meta", ()) if interface is not None else ():
        if evaluator.tree(model.path).kinds[node] == Kind.CLASS:
            return ProjectClass(model.path, node)
    return None


def _application(path: str) -> str:
    """The application's label: the package that holds `models`."""
    parts = path.removesuffix(".py").split("/")
    if "models" in parts:
        position = len(parts) - 1 - parts[::-1].index("models")
        if position > 0:
            return parts[position - 1]
    return parts[-2] if len(parts) > 1 else parts[-1]
