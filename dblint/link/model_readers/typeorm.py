"""TypeORM entities as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.schema import Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers import place_of, snake
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
    """The table of an entity class."""
    tree = evaluator.tree(model.path)
    class_name = tree.value(model.node)
    name = ""
    for decorator in tree.with_role(model.node, Role.DECORATOR):
        if tree.kinds[decorator] != Kind.CALL or tree.value(decorator + 1) != "Entity":
            continue
        for argument in tree.with_role(decorator, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.STRING:
                name = tree.value(argument)
            elif tree.kinds[argument] == Kind.OBJECT:
                pairs, _ = entries(evaluator, Site(model.path, argument, None))
                for key, site in pairs:
                    if key == "name" and evaluator.tree(site.path).kinds[site.node] == Kind.STRING:
                        name = evaluator.tree(site.path).value(site.node)
    return Table(name or snake(class_name), model=class_name, origin="model", place=place_of(evaluator, model))
