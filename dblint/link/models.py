"""Models of the project: which classes declare tables, and what those tables are called.

Each declaring library has a reader of its own, named by the type row's `declares` or, for classes marked
by a decorator, by the decorator's function row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dblint.facts.schema import Table
from dblint.facts.tree import Kind, Role
from dblint.link.model_readers import django, sqlalchemy, typeorm
from dblint.link.values import LibraryClass, LibraryFunction, ProjectClass, SchemaModel, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Reader = Callable[["Evaluator", ProjectClass], Table | None]
READERS: Mapping[str, Reader] = {"django": django.read, "sqlalchemy": sqlalchemy.read, "typeorm": typeorm.read}


class Models:
    """Tables by model. One per evaluator."""

    def __init__(self, evaluator: Evaluator, schema: Mapping[str, Table]) -> None:
        """`schema`: tables that schema files declare, by model name."""
        self.evaluator = evaluator
        self.schema = schema
        self._tables: dict[ProjectClass, Table | None] = {}

    def table(self, model: Value) -> Table | None:
        """The table of a model, or None where the class declares none."""
        if isinstance(model, SchemaModel):
            return self.schema.get(model.name)
        if isinstance(model, LibraryClass):
            row = self.evaluator.tables.types[model.name]
            return Table(row.table, model=model.name.partition(":")[2], origin="model") if row.table else None
        if not isinstance(model, ProjectClass):
            return None
        key = ProjectClass(model.path, model.node)
        if key not in self._tables:
            self._tables[key] = None
            self._tables[key] = self._read(key)
        return self._tables[key]

    def _read(self, model: ProjectClass) -> Table | None:
        reader = self.declared_by(model)
        if not reader:
            return None
        return READERS[reader](self.evaluator, model)

    def declared_by(self, model: ProjectClass) -> str:
        """The reader that a class's bases or decorators name, or ""."""
        evaluator = self.evaluator
        for cls in evaluator.classes.library_types(model):
            declares = evaluator.tables.types[cls.name].declares
            if declares:
                return declares
        tree = evaluator.tree(model.path)
        for decorator in tree.with_role(model.node, Role.DECORATOR):
            node = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(model.path, node)):
                if isinstance(option, LibraryFunction):
                    row = evaluator.tables.functions[option.path][1]
                    if row.declares:
                        return row.declares
        return ""

    def all(self) -> list[Table]:
        """Every table that the project's classes declare, in order of path."""
        found: list[Table] = []
        for path in sorted(self.evaluator.files):
            for node in self.evaluator.files[path].interface.classes:
                table = self.table(ProjectClass(path, node))
                if table is not None:
                    found.append(table)
        return found
