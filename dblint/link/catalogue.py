"""The catalogue: the tables that code declares, those that migrations leave behind, and what both say together.

What a model or schema file declares is what the code believes; what a chain of migrations leaves behind is
what a database has. `tables` joins the two: a declared table as it is declared, with what only the database
has added to it. Where they differ, each is still there for itself in `declared` and `stored`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby

import msgspec

from dblint.facts.program import FileRole
from dblint.facts.schema import (
    DOCUMENT_DATABASES,
    OUTLINE,
    Change,
    Direction,
    Index,
    Key,
    Migration,
    Operation,
    SchemaColumn,
    Step,
    Table,
)
from dblint.facts.text import Place
from dblint.link.routines import Routines, is_conditional
from dblint.link.unmanaged import UNMANAGED, under
from dblint.sql.fold import Folding

QUIET = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED})
"""Files whose tables count only where no other file has a table of that name."""
TOGETHER = frozenset({"django"})
"""Tools whose chains build one database together: one per application."""
SEEN = frozenset(
    "run code|alter column|create extension|create collation|drop collation|create trigger|drop trigger".split("|")
)
"""What a migration runs without SQL of its own and changes no table unseen."""

TAKING = frozenset({Change.DROP_TABLE, Change.DROP_COLUMN, Change.ALTER_TYPE, Change.TRUNCATE, Change.DATA})
"""Changes that can take rows or values away: of their tables is kept what they were before (`former`)."""

_CHANGES_OF_TABLES = frozenset(
    {Change.ADD_COLUMN, Change.DROP_COLUMN, Change.RENAME_COLUMN, Change.RENAME_TABLE, Change.ALTER_TYPE}
    | {Change.SET_NOT_NULL, Change.ADD_KEY, Change.DROP_KEY, Change.CREATE_INDEX, Change.DROP_INDEX}
)


class Catalogue(msgspec.Struct, frozen=True):
    """The tables of a project. Names are in lower case everywhere but in `Table.name`."""

    tables: Mapping[str, Table] = msgspec.field(default_factory=dict)
    ambiguous: Mapping[str, tuple[Table, ...]] = msgspec.field(default_factory=dict)
    declared: Mapping[str, Table] = msgspec.field(default_factory=dict)
    stored: Mapping[str, Mapping[str, Table]] = msgspec.field(default_factory=dict)
    history: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    former: Mapping[tuple[Place, str], Table] = msgspec.field(default_factory=dict)

    def with_collections(self, collections: Sequence[Table]) -> Catalogue:
        """The same catalogue with collections that are known by calls which make their indexes. Where a class
        declares one, it gets these indexes; where a table of another database has its name, nothing is said of it."""
        if not collections:
            return self
        tables = dict(self.tables)
        for collection in collections:
            name = collection.name.lower()
            own = tables.get(name)
            if own is None and name not in self.ambiguous:
                tables[name] = collection
            elif own is not None and own.database in DOCUMENT_DATABASES:
                tables[name] = _indexed(own, collection.indexes)
        return msgspec.structs.replace(self, tables=tables)

    def with_small(self, words: Sequence[str]) -> Catalogue:
        """The same catalogue, whose tables of these names (their own, or their models') are small."""
        if not words:
            return self
        everywhere = [self.tables, self.declared, *self.stored.values()]
        shapes = [table for tables in everywhere for table in tables.values()]
        shapes += [table for several in self.ambiguous.values() for table in several]
        small = {table.name.lower() for table in shapes if any(map(table.is_named, words))}

        def marked(table: Table) -> Table:
            return msgspec.structs.replace(table, small=True) if table.name.lower() in small else table

        def each(tables: Mapping[str, Table]) -> dict[str, Table]:
            return {name: marked(table) for name, table in tables.items()}

        return msgspec.structs.replace(
            self,
            tables=each(self.tables),
            ambiguous={name: tuple(map(marked, several)) for name, several in self.ambiguous.items()},
            declared=each(self.declared),
            stored={chain: each(tables) for chain, tables in self.stored.items()},
        )


def build(
    declared: Sequence[Table],
    migrations: Sequence[Migration],
    roles: Mapping[str, FileRole],
    unread: Collection[str] = frozenset(),
) -> Catalogue:
    """The catalogue of what schema files and models declare and of what migrations leave behind.

    `migrations` stand in the order in which their chains run them. `unread`: migrations of which a part could
    not be read. A name that is declared in several places, or that several databases have in different
    shapes, is not in `tables`: all of its shapes are in `ambiguous`.
    """
    stored, history, former = _fold(migrations, frozenset(unread))
    ambiguous: dict[str, tuple[Table, ...]] = {}

    def loud(table: Table) -> bool:
        return table.place is None or roles.get(table.place.path, FileRole.APP) not in QUIET

    said: dict[str, Table] = {}
    # A migration's own models are those of its time.
    now = [table for table in declared if table.place is None or roles.get(table.place.path) is not FileRole.MIGRATION]
    for name, several in _by_name(now, loud).items():
        if len(several) == 1:
            said[name] = several[0]
        else:
            ambiguous[name] = tuple(several)
    had = _by_name([table for tables in stored.values() for table in tables.values()], loud)
    tables: dict[str, Table] = {}
    for name in sorted({*said, *had}):
        if name in ambiguous:
            continue
        own, others = said.get(name), had.get(name, [])
        common = _common(others)
        if own is not None and common is not None and UNMANAGED in own.options and loud(common):
            tables[name] = under(own, common)
        elif own is not None:
            tables[name] = _joined(own, common) if common is not None else _doubted(own) if others else own
        elif common is not None:
            tables[name] = common
        else:
            ambiguous[name] = tuple(others)
    return Catalogue(tables, ambiguous, said, stored, history, former)


def _by_name(tables: Iterable[Table], loud: Callable[[Table], bool]) -> dict[str, list[Table]]:
    """Tables by name, each place once; those of quiet files where there is no other."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        several = found.setdefault(table.name.lower(), [])
        if not any(other.place == table.place for other in several):
            several.append(table)
    for name, several in found.items():
        if len(several) > 1:
            found[name] = [table for table in several if loud(table)] or several
    return found


# Migrations


def _fold(
    migrations: Sequence[Migration], unread: frozenset[str]
) -> tuple[dict[str, dict[str, Table]], dict[str, frozenset[str]], dict[tuple[Place, str], Table]]:
    """The tables that each chain leaves behind, the tables that each migration makes first, and what tables were
    before they lost something."""
    former: dict[tuple[Place, str], Table | None] = {}
    stored: dict[str, dict[str, Table]] = {}
    history: dict[str, frozenset[str]] = {}
    for members in _databases(migrations):
        folding = Folding({})
        routines = Routines()
        owners: dict[str, str] = {}
        read = True
        for migration in members:
            before = frozenset(folding.tables)
            made, sound = _apply(folding, migration, former, routines, read=read)
            sound = sound and migration.path not in unread
            read = read and sound
            if not sound:
                # What an application runs unread is taken to be about its own tables.
                own = [name for name in folding.tables if owners.get(name, migration.chain) == migration.chain]
                folding.doubt(None, own)
            if made:
                history[migration.path] = history.get(migration.path, frozenset()) | made
            owners.update(dict.fromkeys(folding.tables.keys() - before, migration.chain))
        first = {migration.chain: migration for migration in reversed(members)}
        for name, table in folding.tables.items():
            owner = first[owners[name]]
            stored.setdefault(owner.chain, {})[name] = msgspec.structs.replace(
                table, database=owner.dialect if owner.dialect_sure else "", idiom=owner.idiom
            )
    for chain in _steps(migrations, stored):
        stored[chain] = {name: _doubted(table) for name, table in stored[chain].items()}
    return stored, history, {key: table for key, table in former.items() if table is not None}


def _steps(migrations: Sequence[Migration], stored: Mapping[str, Mapping[str, Table]]) -> Collection[str]:
    """The chains of one file each, where one of them changes a table that only another one makes: they are steps of
    one order, which nobody tells, and what further steps the program has is not known either."""
    chains: dict[str, list[Migration]] = {}
    for migration in migrations:
        chains.setdefault(migration.chain, []).append(migration)
    alone = {chain: members[0] for chain, members in chains.items() if len(members) == 1 and chain == members[0].path}
    made = {name for chain in alone for name in stored.get(chain, {})}
    for chain, migration in alone.items():
        operations = [step.operation for step in migration.steps if step.operation.change in _CHANGES_OF_TABLES]
        if (made - stored.get(chain, {}).keys()) & {operation.table.lower() for operation in operations}:
            return [each for each in alone if each in stored]
    return ()


def _databases(migrations: Sequence[Migration]) -> Iterable[Sequence[Migration]]:
    """The migrations of each database in their order."""
    alone = [migration for migration in migrations if migration.runner not in TOGETHER]
    for _, members in groupby(alone, key=lambda migration: migration.chain):
        yield list(members)
    for runner in sorted(TOGETHER):
        chains: dict[str, list[Migration]] = {}
        named: dict[str, set[str]] = {}
        for migration in migrations:
            if migration.runner == runner:
                chains.setdefault(migration.chain, []).append(migration)
                named.setdefault(migration.name.partition(".")[0], set()).add(migration.chain)
        # Two applications of one name are those of two programs, with a database each.
        apart = {chain for several in named.values() if len(several) > 1 for chain in several}
        for chain in sorted(apart):
            yield chains.pop(chain)
        if chains:
            yield _sequence(chains)


def _sequence(chains: Mapping[str, Sequence[Migration]]) -> list[Migration]:
    """The migrations of several chains, each after those that it depends on and those before it in its chain."""
    named = {migration.name: migration for members in chains.values() for migration in members}
    before: dict[str, list[str]] = {}
    for _, members in sorted(chains.items()):
        last = ""
        for migration in members:
            wanted = [name for name in (last, *migration.dependencies) if name in named and name != migration.name]
            before[migration.name] = wanted
            last = migration.name
    order: list[Migration] = []
    done: set[str] = set()
    for start in before:
        pending, active = [start], {start}
        while pending:
            current = pending[-1]
            waiting = next((name for name in before[current] if name not in done and name not in active), "")
            if waiting and current not in done:
                pending.append(waiting)
                active.add(waiting)
                continue
            pending.pop()
            if current not in done:
                done.add(current)
                order.append(named[current])
    return order


def _apply(
    folding: Folding,
    migration: Migration,
    former: dict[tuple[Place, str], Table | None],
    routines: Routines,
    *,
    read: bool,
) -> tuple[frozenset[str], bool]:
    """Runs a migration upwards. Gives the tables that are not there before it, and whether all of it was read."""
    before = frozenset(folding.tables)
    made: set[str] = set()
    kept: dict[tuple[Place, str], Table] = {}
    sound = True
    for step in migration.steps:
        operation = step.operation
        if step.direction is not Direction.UP:
            continue
        if operation.change is Change.CREATE_TABLE and not operation.temporary:
            name = (operation.definition.name if operation.definition is not None else operation.table).lower()
            # A plain CREATE TABLE fails where the table is there; any other says only that it is afterwards.
            plain = not operation.if_not_exists or (read and sound)
            if name and plain and not _sometimes(step) and (name not in before or migration.fresh):
                made.add(name)
        if operation.change in TAKING and operation.place is not None:
            table = folding.tables.get(folding.key(operation.table, operation.schema))
            if table is not None:
                kept.setdefault((operation.place, table.name.lower()), table)
        sound = routines.run(operation, folding) and sound
        if _hides(operation):
            sound = False
        elif _sometimes(step):
            folding.maybe(operation)
        else:
            folding.apply(operation)
    for key, table in kept.items():
        former[key] = table if former.get(key, table) == table else None
    return frozenset(made), sound


def _sometimes(step: Step) -> bool:
    return step.conditional or is_conditional(step.operation)


def _hides(operation: Operation) -> bool:
    """Whether an operation may do to tables what is not said."""
    if operation.change is not Change.OTHER:
        return False
    return not operation.sql and not operation.table and operation.name not in SEEN


# Several shapes of one table


def _common(tables: Sequence[Table]) -> Table | None:
    """What several databases say of a table that has the same columns in all of them; None where it has not."""
    if not tables:
        return None
    first = tables[0]
    if len(tables) == 1:
        return first
    names = {column.name.lower() for column in first.columns}
    if any({column.name.lower() for column in other.columns} != names for other in tables[1:]):
        return None
    columns = [_agreed(column, [other.column(column.name) for other in tables[1:]]) for column in first.columns]
    keys = [key for key in first.keys if all(_has_key(other, key) for other in tables[1:])]
    indexes = [index for index in first.indexes if all(_has_index(other, index) for other in tables[1:])]
    same = all(len(other.keys) == len(keys) and len(other.indexes) == len(indexes) for other in tables)
    return msgspec.structs.replace(
        first,
        columns=tuple(columns),
        keys=tuple(keys),
        indexes=tuple(indexes),
        complete=same and all(table.complete for table in tables),
        database=first.database if all(table.database == first.database for table in tables) else "",
    )


def _agreed(column: SchemaColumn, others: Sequence[SchemaColumn | None]) -> SchemaColumn:
    same = [other for other in others if other is not None]
    return msgspec.structs.replace(
        column,
        type=column.type if all(other.type == column.type for other in same) else "",
        nullable=column.nullable if all(other.nullable == column.nullable for other in same) else None,
    )


def _joined(own: Table, stored: Table) -> Table:
    """A declared table with what only the database has."""
    if own is stored:
        return own
    outlined = OUTLINE in own.options and stored.complete
    declared = [column for column in own.columns if not outlined or stored.column(column.name) is not None]
    columns = [_completed(column, stored) for column in declared]
    names = {column.name.lower() for column in columns}
    if stored.complete:
        columns += [column for column in stored.columns if column.name.lower() not in names]
    said = [key for key in own.keys if not outlined or _has_key(stored, key)]
    keys = [*said, *(key for key in stored.keys if not _has_key(own, key))]
    indexes = [*own.indexes, *(index for index in stored.indexes if not _has_index(own, index))]
    return msgspec.structs.replace(
        own,
        schema=own.schema or stored.schema,
        database=own.database or stored.database,
        columns=tuple(columns),
        keys=tuple(keys),
        indexes=tuple(indexes),
        complete=outlined or (own.complete and stored.complete),
    )


def _completed(column: SchemaColumn, stored: Table) -> SchemaColumn:
    """A declared column with what the declaration leaves open."""
    other = next((each for each in stored.columns if each.name.lower() == column.name.lower()), None)
    if other is None:
        return column
    if (column.type or not other.type) and column.nullable is not None and (column.default_by or not other.default_by):
        return column
    return msgspec.structs.replace(
        column,
        type=column.type or other.type,
        nullable=column.nullable if column.nullable is not None else other.nullable,
        default=column.default if column.default_by else other.default,
        default_by=column.default_by or other.default_by,
        enum=column.enum or other.enum,
    )


def _indexed(own: Table, indexes: Sequence[Index]) -> Table:
    """A table with further indexes, whose columns may be called as the model's code does."""
    made: list[Index] = []
    for index in indexes:
        columns = [(column, own.column(column.name)) for column in index.columns]
        named = tuple(
            msgspec.structs.replace(column, name=known.name) if known is not None else column
            for column, known in columns
        )
        made.append(msgspec.structs.replace(index, columns=named))
    return msgspec.structs.replace(own, indexes=(*own.indexes, *(each for each in made if not _has_index(own, each))))


def _doubted(table: Table) -> Table:
    return msgspec.structs.replace(table, complete=False) if table.complete else table


def _has_key(table: Table, key: Key) -> bool:
    """Whether a table has this key, whatever it is called; a unique index is a unique key."""
    wanted = {column.lower() for column in key.columns}
    for other in table.keys:
        if other.kind != key.kind:
            continue
        if key.kind in ("check", "exclude"):
            if other.name.lower() == key.name.lower() or other.expression == key.expression != "":
                return True
        elif {column.lower() for column in other.columns} == wanted:
            return True
    if key.kind != "unique":
        return False
    return any(
        index.unique and not index.predicate and {column.name.lower() for column in index.columns} == wanted
        for index in table.indexes
    )


def _has_index(table: Table, index: Index) -> bool:
    """Whether a table has this index, whatever it is called; a unique key is a unique index."""
    parts = [(column.name.lower(), column.descending) for column in index.columns]
    for other in table.indexes:
        if other.unique != index.unique or bool(other.predicate) != bool(index.predicate):
            continue
        if [(column.name.lower(), column.descending) for column in other.columns] == parts:
            return True
    if not index.unique or index.predicate:
        return False
    wanted = {name for name, _ in parts}
    return any(
        key.kind in ("unique", "primary") and {name.lower() for name in key.columns} == wanted for key in table.keys
    )
