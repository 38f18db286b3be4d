"""TypeORM entities as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dblint.facts.schema import Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers import place_of, snake
from dblint.link.model_readers.shared import Related, Surroundings
from dblint.link.types import Evaluator
from dblint.link.values import ProjectClass, Value


class TypeOrmModels:
    """Reads the classes of this library. Relations are not read yet: nothing is said of them."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.evaluator = surroundings.evaluator

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a class; None for bases. A child entity's rows stand in the table of the entity that it
        extends."""
        if "ChildEntity" in self.evaluator.decorator_names(model.path, model.node):
            for base in self.evaluator.classes.mro(model)[1:]:
                if isinstance(base, ProjectClass):
                    if "Entity" in self.evaluator.decorator_names(base.path, base.node):
                        return _read(self.evaluator, base)
            return None
        return _read(self.evaluator, model)

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002
        """The tables that nobody declares."""
        return ()

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:  # noqa: ARG002
        """The relations of a class."""
        return {}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002
        """What its relations add to others."""
        return ()


def _read(evaluator: Evaluator, model: ProjectClass) -> Table | None:
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
