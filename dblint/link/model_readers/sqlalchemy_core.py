"""Tables that SQLAlchemy's modules build without a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dblint.facts.program import FileRole
from dblint.facts.schema import Index, Key, SchemaColumn, Table
from dblint.link.arguments import Site
from dblint.link.migrations.alembic_columns import Columns
from dblint.link.model_readers.shared import Surroundings, arguments, place
from dblint.link.model_readers.sqlalchemy_arguments import Arguments, counted
from dblint.link.values import LibraryClass, options

TABLE = "Table"
"""The last word of what builds a table."""


class CoreTables:
    """Reads tables without a class. One per reader."""

    def __init__(
        self, surroundings: Surroundings, columns: Columns, others: Arguments, pointed: Callable[[Key, Site], Key]
    ) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.columns = columns
        self.arguments = others
        self.pointed = pointed

    def tables(self) -> Iterator[Table]:
        """The tables that the program builds (`people = Table("people", metadata, Column(…))`), in modules, classes and
        functions; those that a migration builds for itself are none."""
        for path, call in self.evaluator.words.imported(TABLE):
            facts = self.evaluator.files[path]
            if facts.language == "python" and self.surroundings.roles.get(path) is not FileRole.MIGRATION:
                built = self.built(Site(path, call, None))
                if built is not None:
                    yield built

    def built(self, site: Site) -> Table | None:
        """The table that a call builds; None where it builds none, or one whose name is not seen."""
        callee = self.evaluator.value(site.path, site.node + 1)
        if not any(
            isinstance(option, LibraryClass) and option.name == "sqlalchemy:Table" for option in options(callee)
        ):
            return None
        given = arguments(self.plain, site)
        name = self.plain.string(given[0]) if given else ""
        if not name:
            return None
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        primary: list[str] = []
        complete = self.plain.argument(site, "autoload_with") is None
        for element in given[2:]:
            word = self.columns.word(element) if self.plain.is_call(element) else ""
            if word == "Column":
                column, own, index, key = self.columns.column(element, name)
                columns.append(column)
                keys += [self.pointed(each, element) for each in own]
                indexes += [index] if index is not None else []
                primary += [column.name] if key else []
            else:
                complete = (
                    self.arguments.read(element, {column.name: column.name for column in columns}, keys, indexes)
                    and complete
                )
        if primary:
            keys.insert(0, Key("primary", tuple(primary), place=place(self.evaluator, site)))
        return Table(
            name,
            schema=self.plain.string(self.plain.argument(site, "schema")),
            origin="model",
            columns=counted(tuple(columns), keys),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=complete,
            place=place(self.evaluator, site),
        )
