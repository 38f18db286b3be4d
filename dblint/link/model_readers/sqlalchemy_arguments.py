"""What SQLAlchemy's tables are given besides their columns: constraints and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.migrations.alembic_columns import CONSTRAINTS, Columns
from dblint.link.model_readers.shared import arguments, place
from dblint.link.plain import Plain

COUNTERS = frozenset({"integer", "bigint", "smallint"})


class Arguments:
    """Reads arguments of tables. One per reader."""

    def __init__(self, plain: Plain, columns: Columns) -> None:
        self.plain = plain
        self.evaluator = plain.evaluator
        self.columns = columns

    def read(self, element: Site, named: Mapping[str, str], keys: list[Key], indexes: list[Index]) -> bool:
        """Adds a constraint or index; False where it is something else."""
        word = self.columns.word(element) if self.plain.is_call(element) else ""
        if word in CONSTRAINTS:
            key = self.columns.constraint(element, CONSTRAINTS[word])
            if key.kind in ("primary", "unique"):
                columns = tuple(self._column(site, named)[0] for site in arguments(self.plain, element))
                key = msgspec.structs.replace(key, columns=columns)
            if key.kind == "primary":
                keys[:] = [other for other in keys if other.kind != "primary"]
                keys.insert(0, key)
            else:
                keys.append(key)
            return True
        if word == "Index":
            indexes.append(self._index(element, named))
            return True
        return False

    def _index(self, site: Site, named: Mapping[str, str]) -> Index:
        given = arguments(self.plain, site)
        columns: list[IndexColumn] = []
        for argument in given[1:]:
            name, descending = self._column(argument, named)
            columns.append(IndexColumn(name or "?", descending, expression=not name))
        plain = self.plain
        using = plain.string(plain.argument(site, "postgresql_using"))
        where = any(plain.argument(site, f"{word}_where") is not None for word in ("postgresql", "sqlite"))
        return Index(
            plain.string(given[0]) if given else "",
            tuple(columns),
            plain.true(plain.argument(site, "unique")),
            using,
            "?" if where else "",
            plain.strings(plain.argument(site, "postgresql_include")),
            place=place(self.evaluator, site),
        )

    def _column(self, site: Site, named: Mapping[str, str]) -> tuple[str, bool]:
        """The column that a name, an attribute, or a text stands for, and whether it descends; "" for anything
        else."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind in (Kind.NAME, Kind.ATTRIBUTE):
            return named.get(tree.value(site.node), ""), False
        if kind == Kind.CALL and self.plain.word(self.plain.callee(site)) == "desc":
            callee = site.node + 1
            inner = callee + 1 if tree.kinds[callee] == Kind.ATTRIBUTE else -1
            argument = self.plain.argument(site, "0")
            if argument is not None:
                return self._column(argument, named)[0], True
            return (self._column(Site(site.path, inner, None), named)[0], True) if inner >= 0 else ("", False)
        return (self.plain.string(site), False) if kind == Kind.STRING else ("", False)


def counted(columns: tuple[SchemaColumn, ...], keys: Sequence[Key]) -> tuple[SchemaColumn, ...]:
    """Columns of which the database counts up the one that is the whole key and refers to nothing."""
    primary = next((key.columns for key in keys if key.kind == "primary"), ())
    foreign = {name for key in keys if key.kind == "foreign" for name in key.columns}
    return tuple(
        msgspec.structs.replace(column, default_by="database")
        if primary == (column.name,)
        and column.type in COUNTERS
        and not column.default_by
        and column.name not in foreign
        else column
        for column in columns
    )
