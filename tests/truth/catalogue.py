"""Which table a name means: aliases of a statement, models, and paths of relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dblint.facts.query import Column, Query, Source
from dblint.facts.schema import Relation, Table

UNKNOWN = "?"
"""A source of which dblint cannot say the name."""
Tables = Mapping[str, Table]
"""Table name, lower case → table, as dblint's catalogue has them."""


class Hop:
    """A relation of a path: the table that it leads to, and what its own rows say of the key there."""

    def __init__(self, target: str, through: str = "", columns: tuple[str, ...] = ()) -> None:
        self.target = target
        self.through = through
        self.columns = columns


def hop(tables: Tables, table: str, name: str) -> Hop | None:
    """The relation of that name of a table, from either end."""
    own = tables.get(table)
    relation = own.relation(name) if own is not None else None
    if relation is not None and relation.target:
        return Hop(_named(tables, relation.target), _through(tables, table, relation), relation.columns)
    for other in tables.values():
        for back in other.relations:
            names = (back.inverse, f"{other.model.lower()}_set", other.model.lower())
            if _named(tables, back.target) == table and name in names:
                return Hop(other.name.lower(), _through(tables, other.name.lower(), back))
    return None


def _named(tables: Tables, word: str) -> str:
    """The table that a relation's target names, by its own name or its model's."""
    if word.lower() in tables:
        return word.lower()
    return next((key for key, table in tables.items() if table.model == word), word.lower())


def _through(tables: Tables, table: str, relation: Relation) -> str:
    """The table between the two of a many-to-many relation."""
    if relation.kind != "many-to-many":
        return ""
    ends = {table, _named(tables, relation.target)}
    for key, other in tables.items():
        if {_named(tables, each.target) for each in other.keys if each.kind == "foreign"} == ends:
            return key
    return ""


class Scope:
    """What names mean in one statement. A table that stands in it several times is told apart by a number."""

    def __init__(self, query: Query, tables: Tables, outer: Scope | None = None) -> None:
        self.tables = tables
        self.outer = outer
        self.labels: list[str] = []
        """The sources in order."""
        self.implied: dict[tuple[str, ...], str] = {}
        """Paths of relations that were walked → what they lead to."""
        self._names: dict[str, str] = {}
        self.places: list[tuple[Source, str]] = []
        for source in query.sources.values():
            unknown = source.real and not source.name
            label = self.label(source.name.lower() or (UNKNOWN if unknown else "(query)"))
            self.places.append((source, label))
            for word in (source.alias, source.name, source.model):
                if word:
                    self._names.setdefault(word.lower(), label)

    def label(self, name: str) -> str:
        """A new source of that name."""
        taken = sum(each.partition("#")[0] == name for each in self.labels)
        label = f"{name}#{taken + 1}" if taken else name
        self.labels.append(label)
        return label

    def table(self, label: str) -> Table | None:
        """What the catalogue says of a source."""
        return self.tables.get(label.partition("#")[0])

    def owner(self, name: str) -> str | None:
        """The source of that alias, table or model, also of statements around; None where there is none."""
        scope: Scope | None = self
        while scope is not None:
            found = scope._names.get(name.lower())
            if found is None:
                found = next((label for label in scope.labels if _model(scope.table(label)) == name), None)
            if found is not None:
                return found
            scope = scope.outer
        return None

    def of_column(self, column: Column) -> tuple[str, str]:
        """The source and the name of a column."""
        if column.relation:
            return self._walked(column)
        name = column.name
        if not column.table and self.labels and (end := self._end(self.labels[0], (), name)) is not None:
            return end
        if column.table:
            label = self.owner(column.table)
            label = column.table.lower() if label is None else label
        else:
            label = self._holder(name)
        return self._held(label, name)

    def _held(self, label: str, name: str) -> tuple[str, str]:
        """The source that holds a column of a model's, and its name there."""
        for each in (label, *self.above(label, name)):
            table = self.table(each)
            known = table.column(name) if table is not None else None
            if known is not None:
                return each, known.name.lower()
        return label, name.lower()

    def above(self, label: str, name: str = "") -> list[str]:
        """The tables that a source extends, as further sources; with a name only where it has no such column."""
        found: list[str] = []
        table = self.table(label)
        while table is not None and table.extends and not (name and table.column(name) is not None):
            above = table.extends[0].lower()
            found.append(self.reached((label, "(above)", above), Hop(above)))
            table = self.tables.get(above)
        return found

    def _holder(self, name: str) -> str:
        """The source of a column that is written without one."""
        scope: Scope | None = self
        while scope is not None:
            if len(scope.labels) == 1 and scope.outer is None:
                return scope.labels[0]
            holders = [each for each in scope.labels if (table := scope.table(each)) and table.column(name)]
            if holders:
                return holders[0]
            scope = scope.outer
        return self.labels[0] if self.labels else ""

    def _walked(self, column: Column) -> tuple[str, str]:
        """A column behind relations. The key of the row that a row refers to is what the row holds itself."""
        label = self.labels[0] if self.labels else ""
        path: tuple[str, ...] = ()
        for index, name in enumerate(column.relation):
            found = hop(self.tables, label.partition("#")[0], name)
            if found is None:
                return f"?{name}", column.name.lower()
            target = self.tables.get(found.target)
            key = next((each.columns for each in target.keys if each.kind == "primary"), ()) if target else ()
            last = index == len(column.relation) - 1
            if last and (column.name == "pk" or (column.name,) == key):
                if len(found.columns) == 1:
                    return label, found.columns[0].lower()
                if found.through:
                    return self._between((*path, name), found)
            path = (*path, name)
            label = self.reached(path, found)
        if (end := self._end(label, path, column.name)) is not None:
            return end
        return self._held(label, column.name)

    def _between(self, path: tuple[str, ...], found: Hop) -> tuple[str, str]:
        """The column of the table between two that refers to the rows at the end of a path."""
        table = self.tables[found.through]
        ends = [key.columns[0] for key in table.keys if key.kind == "foreign" and key.target.lower() == found.target]
        label = self.implied.get((*path, "(through)")) or self._through(path, found)
        return label, ends[-1].lower()

    def _through(self, path: tuple[str, ...], found: Hop) -> str:
        label = self.implied[*path, "(through)"] = self.label(found.through)
        return label

    def _end(self, label: str, path: tuple[str, ...], name: str) -> tuple[str, str] | None:
        """The key of the rows that a relation leads to which no column of its own holds; None for every other name."""
        table = self.table(label)
        if table is None or not table.columns or table.column(name) is not None:
            return None
        found = hop(self.tables, label.partition("#")[0], name)
        target = self.tables.get(found.target) if found is not None and not found.columns else None
        keys = [key.columns for key in target.keys if key.kind == "primary"] if target is not None else []
        if found is None or len(keys) != 1 or len(keys[0]) != 1:
            return None
        if found.through:
            return self._between((*path, name), found)
        return self.reached((*path, name), found), keys[0][0].lower()

    def reached(self, path: tuple[str, ...], found: Hop) -> str:
        """What a path of relations leads to; it is joined when it is walked first."""
        if path not in self.implied:
            if found.through and (*path, "(through)") not in self.implied:
                self._through(path, found)
            self.implied[path] = self.label(found.target)
        return self.implied[path]

    def along(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The tables that a path of relations leads over, hop by hop: those between two come with theirs."""
        table = self.labels[0].partition("#")[0] if self.labels else ""
        for name in path:
            found = hop(self.tables, table, name)
            if found is None:
                yield (f"?{name}",)
                return
            yield (found.through, found.target) if found.through else (found.target,)
            table = found.target


def _model(table: Table | None) -> str:
    return table.model if table is not None else ""
