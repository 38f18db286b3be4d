"""Prisma schemas: files → one schema with its tables, and what Prisma would reject about it.

`groups` sorts files into schemas, `join` makes one of each. The stages are those of Prisma itself
(names, types, attributes, then the rest); a stage that finds faults ends the checking, because what
follows would mostly repeat them. The tables are made in any case, of whatever could be read.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dblint.facts.blocks import PrismaFile
from dblint.facts.schema import Table
from dblint.facts.text import Place
from dblint.facts.tree import Fault
from dblint.link.prisma import attributes, checks, configuration, names
from dblint.link.prisma import relations as relation_stage
from dblint.link.prisma.configuration import Generator
from dblint.link.prisma.connectors import ANY, CONNECTORS, Connector
from dblint.link.prisma.declarations import Declarations, Report
from dblint.link.prisma.folders import groups
from dblint.link.prisma.tables import TableMaker

__all__ = ["Generator", "PrismaSchema", "SchemaEnum", "groups", "join"]


class SchemaEnum(msgspec.Struct, frozen=True, array_like=True):
    """An enum. `values` are the database's names, `members` those of the code, in the same order."""

    name: str
    model: str
    values: tuple[str, ...]
    members: tuple[str, ...]
    schema: str = ""
    place: Place | None = None


class PrismaSchema(msgspec.Struct, frozen=True, array_like=True):
    """One schema.

    `provider` is Prisma's word for the database, `dialect` that of the SQL reader; both are "" where no
    datasource says it. `url_variable` is the name in `url = env("…")`; the URL itself is not kept, because
    it may hold a password. `emulated`: foreign keys are Prisma's doing (`relationMode = "prisma"`), the
    database has none. `faults` has what joining found, with paths; the faults of reading are in the files.
    `sound` says that there is neither kind.
    """

    paths: tuple[str, ...]
    provider: str = ""
    dialect: str = ""
    datasource: str = ""
    url_variable: str = ""
    direct_url_variable: str = ""
    emulated: bool = False
    generators: tuple[Generator, ...] = ()
    tables: tuple[Table, ...] = ()
    enums: tuple[SchemaEnum, ...] = ()
    faults: tuple[tuple[str, Fault], ...] = ()
    sound: bool = True


def join(files: Sequence[PrismaFile]) -> PrismaSchema:
    """Join the files of one schema. Its tables are complete when nothing in any of them is at fault."""
    report = Report()
    declared = names.declare(files, report)
    declared.configuration, generators = configuration.read(files, report)
    connector = CONNECTORS.get(declared.configuration.provider, ANY)
    broken = any(file.faults for file in files)
    names.resolve(declared, _unless(broken or bool(report), report))
    attributes.read(declared, _unless(broken or bool(report), report))
    pairs = relation_stage.pair(declared)
    if not (broken or report):
        _check(declared, pairs, connector, report)
    sound = not (broken or report)
    block = declared.configuration.block
    return PrismaSchema(
        tuple(file.path for file in files),
        connector.provider,
        connector.dialect,
        "" if block is None else block.name,
        declared.configuration.url_variable,
        declared.configuration.direct_url_variable,
        declared.configuration.emulated,
        generators,
        TableMaker(declared, pairs, connector, complete=sound).tables(),
        tuple(
            SchemaEnum(
                enum.map or enum.name,
                enum.name,
                tuple(name for _member, name in enum.members),
                tuple(member.name for member, _name in enum.members),
                enum.schema,
                Place(enum.path, enum.block.name_start, enum.block.name_stop),
            )
            for enum in declared.enums
        ),
        report.faults(),
        sound,
    )


def _unless(faulty: bool, report: Report) -> Report:
    """Return a report that nobody reads where an earlier stage found faults."""
    return Report() if faulty else report


def _check(
    declared: Declarations, pairs: Sequence[relation_stage.PairedRelation], connector: Connector, report: Report
) -> None:
    emulated = declared.configuration.emulated
    checker = relation_stage.Checker(connector, emulated=emulated, report=report)
    if checker.ambiguous(declared.models):
        return
    checks.check(declared, pairs, connector, report)
    for model in declared.models:
        for field in model.relations:
            checker.field(field)
    for pair in pairs:
        checker.relation(pair)
    relation_stage.cascades(pairs, connector, emulated=emulated, report=report)
