"""Migrations as classes with `up` and `down` that are given a query runner, or extend what runs queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.schema import (
    Change,
    Direction,
    Index,
    IndexColumn,
    Key,
    Migration,
    Operation,
    SchemaColumn,
    Step,
    Table,
)
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.migrations.dialects import folder
from dblint.link.migrations.hosts import Reading, framed
from dblint.link.values import FunctionValue, Instance, LibraryClass, ProjectClass, options

RUNNERS: Mapping[str, str] = {"typeorm:QueryRunner": "typeorm"}
"""The type of `up`'s first parameter → the tool that runs the migration."""
BASES: Mapping[str, str] = {"mikroorm:Migration": "mikroorm"}
"""The type that a migration extends → the tool that runs it."""
OUTSIDE: Mapping[str, str] = {"typeorm": "transaction", "mikroorm": "isTransactional"}
"""The member by which a migration of a tool keeps out of a transaction: false, or a method that gives false."""
DIRECTIONS = {"up": Direction.UP, "down": Direction.DOWN}
CALLS: Mapping[str, Change] = {
    "createTable": Change.CREATE_TABLE,
    "dropTable": Change.DROP_TABLE,
    "renameTable": Change.RENAME_TABLE,
    "clearTable": Change.TRUNCATE,
    "addColumn": Change.ADD_COLUMN,
    "addColumns": Change.ADD_COLUMN,
    "dropColumn": Change.DROP_COLUMN,
    "dropColumns": Change.DROP_COLUMN,
    "renameColumn": Change.RENAME_COLUMN,
    "changeColumn": Change.ALTER_TYPE,
    "createIndex": Change.CREATE_INDEX,
    "createIndices": Change.CREATE_INDEX,
    "dropIndex": Change.DROP_INDEX,
    "createForeignKey": Change.ADD_KEY,
    "createForeignKeys": Change.ADD_KEY,
    "createUniqueConstraint": Change.ADD_KEY,
    "createCheckConstraint": Change.ADD_KEY,
    "createPrimaryKey": Change.ADD_KEY,
    "dropForeignKey": Change.DROP_KEY,
    "dropUniqueConstraint": Change.DROP_KEY,
    "dropCheckConstraint": Change.DROP_KEY,
    "dropPrimaryKey": Change.DROP_KEY,
    "createView": Change.CREATE_VIEW,
    "dropView": Change.DROP_VIEW,
}
"""The query runner's own schema methods. All but the views' take the table first."""
KINDS = {
    "createForeignKey": "foreign",
    "createForeignKeys": "foreign",
    "createUniqueConstraint": "unique",
    "createCheckConstraint": "check",
    "createPrimaryKey": "primary",
}
TRANSACTION = {"startTransaction": Change.BEGIN, "commitTransaction": Change.COMMIT}


class _Class(msgspec.Struct, frozen=True):
    """A class that is a migration."""

    path: str
    node: int
    runner: str
    ways: tuple[tuple[Direction, int], ...]


class QueryRunnerMigrations:
    """Reads migrations that run queries through a runner."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, skip: frozenset[str]) -> list[Migration]:
        """The migrations of all files but those in `skip`."""
        chains: dict[str, list[_Class]] = {}
        for path in sorted(self.reading.evaluator.files):
            if path not in skip:
                for found in self._classes(path):
                    chains.setdefault(folder(path), []).append(found)
        return [migration for chain, classes in sorted(chains.items()) for migration in self._chain(chain, classes)]

    def _classes(self, path: str) -> Iterator[_Class]:
        evaluator = self.reading.evaluator
        if not evaluator.javascript(path):
            return
        tree = None
        for node, interface in sorted(evaluator.files[path].interface.classes.items()):
            if "up" not in interface.members:
                continue
            tree = tree or evaluator.tree(path)
            ways: list[tuple[Direction, int]] = []
            runner = self._extended(ProjectClass(path, node)) if interface.bases else ""
            for word, direction in DIRECTIONS.items():
                for member in interface.members.get(word, ()):
                    parameter = tree.child(member, Role.PARAMETER) if tree.kinds[member] == Kind.FUNCTION else -1
                    annotation = tree.child(parameter, Role.ANNOTATION) if parameter >= 0 else -1
                    if tree.kinds[member] == Kind.FUNCTION:
                        ways.append((direction, member))
                    if annotation >= 0:
                        for option in options(evaluator.annotations.annotation(path, annotation, None)):
                            if isinstance(option, Instance) and isinstance(option.cls, LibraryClass):
                                runner = RUNNERS.get(option.cls.name, runner)
            if runner:
                yield _Class(path, node, runner, tuple(ways))

    def _extended(self, cls: ProjectClass) -> str:
        """The tool of the type that a class extends, "" for none."""
        types = self.reading.evaluator.classes.library_types(cls)
        return next((BASES[base.name] for base in types if base.name in BASES), "")

    def _chain(self, chain: str, classes: list[_Class]) -> Iterator[Migration]:
        reading = self.reading
        choice = reading.dialects.choose(chain, self._samples(classes))
        for found in classes:
            tree = reading.evaluator.tree(found.path)
            steps: list[Step] = []
            for direction, method in found.ways:
                function = FunctionValue(found.path, method, Instance(ProjectClass(found.path, found.node)))
                for call, frame in reading.calls(function, direction):
                    steps += self._steps(call, frame, choice.dialect)
            name = tree.value(found.node)
            member = self._member(found, "name")
            name = reading.string(member) or name
            outside = reading.constant(self._member(found, OUTSIDE[found.runner])) == "false"
            downs = any(step.direction is Direction.DOWN for step in steps)
            yield Migration(
                found.path,
                found.runner,
                chain,
                (_timestamp(name), name),
                name=name,
                dialect=choice.dialect,
                dialect_reason=choice.reason,
                dialect_sure=choice.sure,
                transactional=not outside,
                steps=tuple(steps),
                reversible=downs,
                place=reading.place(Site(found.path, found.node, None)),
                idiom=found.runner,
            )

    def _samples(self, classes: list[_Class]) -> Iterator[str]:
        for found in classes:
            for direction, method in found.ways:
                function = FunctionValue(found.path, method, Instance(ProjectClass(found.path, found.node)))
                for call, _ in self.reading.calls(function, direction):
                    row = self.reading.row(call)
                    if row is not None and row.run == "text" and row.text is not None:
                        text = self.reading.argument(call, row.text.at)
                        if text is not None:
                            yield self.reading.sample(text)

    def _member(self, found: _Class, name: str) -> Site | None:
        tree = self.reading.evaluator.tree(found.path)
        interface = self.reading.evaluator.files[found.path].interface.classes[found.node]
        for node in interface.members.get(name, ()):
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0:
                return Site(found.path, value, None)
            given = list(self.reading.evaluator.returns(FunctionValue(found.path, node))) if value < 0 else []
            if tree.kinds[node] == Kind.FUNCTION and len(given) == 1:
                return Site(found.path, given[0], None)
        return None

    # One call

    def _steps(self, call: Site, frame: Step, dialect: str) -> list[Step]:
        reading = self.reading
        place = reading.place(call)
        row = reading.row(call)
        if row is not None:
            if row.run == "text" and row.text is not None:
                text = reading.argument(call, row.text.at)
                return reading.sql(text, dialect, frame, place) if text is not None else []
            change = TRANSACTION.get(reading.word(reading.callee(call)))
            if change:
                return [framed(frame, Operation(change, place=place, dialect=dialect))]
        return [framed(frame, operation) for operation in self._operations(call, dialect)]

    def _operations(self, call: Site, dialect: str) -> list[Operation]:
        reading = self.reading
        word = reading.word(reading.callee(call))
        if word not in CALLS or not self._on_runner(call):
            return []
        change, place = CALLS[word], reading.place(call)
        first, second = reading.argument(call, "0"), reading.argument(call, "1")
        table = self._name(first)
        made = Operation(change, table, place=place, dialect=dialect)
        several = [second] if second is not None else []
        if second is not None and word.endswith("s") and reading.elements(second):
            several = reading.elements(second)
        if change is Change.CREATE_TABLE:
            return [replace(made, definition=self._definition(first, table), if_not_exists=reading.true(second))]
        if change in (Change.DROP_TABLE, Change.TRUNCATE):
            return [replace(made, name=table, if_exists=reading.true(second))]
        if change is Change.RENAME_TABLE:
            return [replace(made, name=self._name(second))]
        if change in (Change.CREATE_VIEW, Change.DROP_VIEW):
            return [replace(made, table="", name=table)]
        if change is Change.RENAME_COLUMN:
            new = self._name(reading.argument(call, "2"))
            return [replace(made, name=new, columns=(SchemaColumn(self._name(second)),))]
        if change is Change.ALTER_TYPE:
            column = self._column(reading.argument(call, "2"))
            return [replace(made, name=column.name, columns=(column,))]
        if change is Change.ADD_COLUMN:
            columns = [self._column(site) for site in several]
            return [replace(made, name=column.name, columns=(column,)) for column in columns]
        if change is Change.DROP_COLUMN:
            return [replace(made, name=(name := self._name(site)), columns=(SchemaColumn(name),)) for site in several]
        if change is Change.CREATE_INDEX:
            indexes = [(self._index(site), self._options(site)) for site in several]
            return [
                replace(made, name=index.name, index=index, concurrent=reading.true(given.get("isConcurrent")))
                for index, given in indexes
            ]
        if change is Change.DROP_INDEX:
            name = self._name(second)
            return [replace(made, name=name, index=Index(name, ()))]
        if change is Change.ADD_KEY:
            keys = [self._key(site, KINDS[word]) for site in several]
            return [replace(made, name=key.name, key=key) for key in keys]
        name = self._name(second)
        return [replace(made, name=name, key=Key("", (), name))]

    def _on_runner(self, call: Site) -> bool:
        """Whether a call's receiver is the runner."""
        evaluator = self.reading.evaluator
        tree = evaluator.tree(call.path)
        owner = tree.child(call.node + 1, Role.OBJECT)
        if owner < 0:
            return False
        return any(
            isinstance(option, Instance) and isinstance(option.cls, LibraryClass) and option.cls.name in RUNNERS
            for option in options(evaluator.value(call.path, owner, call.context))
        )

    def _options(self, site: Site | None) -> dict[str, Site]:
        """The properties of `new X({…})` or of a plain object."""
        if site is None:
            return {}
        evaluator = self.reading.evaluator
        tree = evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.CALL:
            inner = self.reading.argument(site, "0")
            if inner is None:
                return {}
            site = inner
        pairs, _ = entries(evaluator, site)
        return dict(pairs)

    def _name(self, site: Site | None) -> str:
        """A name given as a string, or as the `name` of an object. A schema in front is left out."""
        if site is None:
            return ""
        text = self.reading.string(site) or self.reading.string(self._options(site).get("name"))
        return text.rpartition(".")[2]

    def _column(self, site: Site | None) -> SchemaColumn:
        reading, given = self.reading, self._options(site)
        default = reading.string(given.get("default")) or reading.constant(given.get("default"))
        generated = "isGenerated" in given and reading.constant(given["isGenerated"]) != "false"
        return SchemaColumn(
            reading.string(given.get("name")),
            reading.string(given.get("type")).lower(),
            nullable=reading.true(given.get("isNullable")),
            default=default,
            default_by="database" if default or "default" in given or generated else "",
            place=reading.place(site) if site is not None else None,
        )

    def _index(self, site: Site | None) -> Index:
        reading, given = self.reading, self._options(site)
        columns = tuple(IndexColumn(name) for name in reading.strings(given.get("columnNames")))
        return Index(
            reading.string(given.get("name")),
            columns,
            reading.true(given.get("isUnique")),
            predicate=reading.string(given.get("where")),
            place=reading.place(site) if site is not None else None,
        )

    def _key(self, site: Site | None, kind: str) -> Key:
        reading, given = self.reading, self._options(site)
        if not given and site is not None:
            return Key(kind, reading.strings(site), place=reading.place(site))
        return Key(
            kind,
            reading.strings(given.get("columnNames")),
            reading.string(given.get("name")),
            target=self._name(given.get("referencedTableName")),
            target_columns=reading.strings(given.get("referencedColumnNames")),
            on_delete=reading.string(given.get("onDelete")).lower(),
            on_update=reading.string(given.get("onUpdate")).lower(),
            expression=reading.string(given.get("expression")),
            place=reading.place(site) if site is not None else None,
        )

    def _definition(self, site: Site | None, name: str) -> Table:
        reading, given = self.reading, self._options(site)
        columns = [
            (self._column(element), self._options(element)) for element in reading.elements(given.get("columns"))
        ]
        primary = tuple(column.name for column, more in columns if reading.true(more.get("isPrimary")))
        keys = [Key("primary", primary)] if primary else []
        keys += [Key("unique", (column.name,)) for column, more in columns if reading.true(more.get("isUnique"))]
        keys += [self._key(element, "foreign") for element in reading.elements(given.get("foreignKeys"))]
        keys += [self._key(element, "unique") for element in reading.elements(given.get("uniques"))]
        keys += [self._key(element, "check") for element in reading.elements(given.get("checks"))]
        return Table(
            name,
            origin="migration",
            columns=tuple(column for column, _ in columns),
            keys=tuple(keys),
            indexes=tuple(self._index(element) for element in reading.elements(given.get("indices"))),
            complete=bool(columns) and all(column.name for column, _ in columns),
            place=reading.place(site) if site is not None else None,
        )


def _timestamp(name: str) -> str:
    """The digits at the end of a migration's name, by which the tool sorts."""
    digits = name[len(name.rstrip("0123456789")) :]
    return digits.rjust(20, "0")
