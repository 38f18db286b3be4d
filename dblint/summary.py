"""What a run was, in numbers and names, for the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.baseline import Compared
from dblint.facts.blocks import PrismaFile
from dblint.facts.program import Diagnostic, FileRole
from dblint.facts.project import Project
from dblint.facts.report import FixedFinding, NotUnderstood, Summary
from dblint.facts.tree import FileFacts
from dblint.facts.uses import PROGRAM
from dblint.frontends.sql import SqlFile
from dblint.libraries.reader import bundled

if TYPE_CHECKING:
    from dblint.config import Configuration
    from dblint.run import Analysis

REVIEWED = PROGRAM | {FileRole.MIGRATION}
"""The roles that rules speak in."""


def summarise(analysis: Analysis, suppressed: int, diagnostics: Sequence[Diagnostic], compared: Compared) -> Summary:
    """The summary of a run whose findings were set beside a baseline (an empty one where none was given)."""
    workspace, project = analysis.workspace, analysis.project
    read_files = [path for path, extracted in analysis.files.items() if extracted.facts is not None]
    failing = {diagnostic.path for diagnostic in diagnostics if diagnostic.fails}
    partial = {
        diagnostic.path
        for diagnostic in diagnostics
        if diagnostic.kind == "parse-error" and diagnostic.path not in failing
    }
    calls = [call for call in project.calls if call.asked and workspace.reports_on(call.place.path)]
    summary = Summary(
        checked=sum(map(workspace.reports_on, read_files)),
        read=len(read_files),
        excluded=workspace.excluded,
        skipped=sum(diagnostic.message.startswith("skipped") for diagnostic in diagnostics),
        partial=len(partial),
        suppressed=suppressed,
        calls=len(calls),
        unresolved=sum(1 for entry in project.unresolved if workspace.reports_on(entry.place.path)),
        migrations=sum(map(workspace.reports_on, {migration.path for migration in project.migrations})),
        assumptions=_assumptions(project),
        configuration=analysis.configuration.sources(),
        queries=sum(len(call.asked) for call in calls),
        tables=_tables(analysis),
        databases=_databases(project, analysis.configuration),
        not_understood=tuple(NotUnderstood(entry.package, entry.files, entry.path) for entry in project.undescribed),
        known=len(compared.known),
        fixed=tuple(FixedFinding(entry.path, entry.rule) for entry in compared.fixed),
        named=tuple(dict.fromkeys(one.name for one in project.technologies if workspace.reports_on(one.place.path))),
        calls_read=analysis.calls_read or bool(calls),
    )
    if summary.touches_a_database:
        return summary
    return msgspec.structs.replace(summary, unreviewed=_unreviewed(analysis))


def _unreviewed(analysis: Analysis) -> tuple[str, ...]:
    """The roles of checked files that use databases and that rules do not speak in, with how many there are. SQL that
    is no migration is among them, whatever its role: no rule is fed the queries of a file."""
    counts: Counter[str] = Counter()
    for path, extracted in analysis.files.items():
        if not analysis.workspace.reports_on(path):
            continue
        if extracted.role in REVIEWED:
            counts["SQL that is no migration"] += isinstance(extracted.facts, SqlFile)
            continue
        if isinstance(extracted.facts, (SqlFile, PrismaFile)) or (
            isinstance(extracted.facts, FileFacts) and _imports_a_library(extracted.facts)
        ):
            counts[extracted.role.value] += 1
    return tuple(f"{role}: {count}" for role, count in sorted(counts.items()) if count)


def _imports_a_library(facts: FileFacts) -> bool:
    packages, separator = bundled().packages, "." if facts.language == "python" else "/"
    modules = [imported.module for imported in facts.interface.imports]
    return any(module in packages or module.partition(separator)[0] in packages for module in modules)


def _tables(analysis: Analysis) -> int:
    """The tables that stand in the checked files; a name that is declared twice is one table each time."""
    project, reports_on = analysis.project, analysis.workspace.reports_on
    several = [table for tables in project.ambiguous.values() for table in tables]
    return sum(
        1 for table in (*project.tables.values(), *several) if table.place is not None and reports_on(table.place.path)
    )


def _databases(project: Project, configuration: Configuration) -> tuple[str, ...]:
    """Each database with where it is known from: what the user says, else each that the project's configuration and
    manifests name, those that only a library's calls name, and those that a review names besides."""
    if configuration.dialect:
        return (f"{configuration.dialect}: {configuration.place('dialect')}",)
    signs: dict[str, list[str]] = {}
    for setting in project.settings:
        if setting.name in ("schema-provider", "engine", "driver"):
            # Written as `dialect: word (path)` or `dialect (path)`.
            before, _, path = setting.value.rpartition(" (")
            dialect, _, word = before.partition(": ")
            sign = f"{setting.name.replace('-', ' ')} {word}".rstrip()
            signs.setdefault(dialect, []).append(f"{sign} in {path.removesuffix(')')}")
    spoken = {call.dialect: call for call in reversed(project.calls) if call.dialect and call.dialect_sure}
    for dialect, call in spoken.items():
        if dialect not in signs:
            signs[dialect] = [f"{call.receiver.partition(':')[0]} in {call.place.path}"]
    besides: dict[str, dict[str, str]] = {}
    for one in project.technologies:
        if one.kind == "database" and one.key not in signs:
            besides.setdefault(one.key, {}).setdefault(one.place.path, f"{one.sign} in {one.place.path}")
    signs |= {key: list(places.values()) for key, places in besides.items()}
    return tuple(
        f"{dialect}: {found[0]}{f' and {len(found) - 1} more' if len(found) > 1 else ''}"
        for dialect, found in sorted(signs.items())
    )


def _assumptions(project: Project) -> tuple[str, ...]:
    """What was taken for granted because nothing said it."""
    assumed = Counter(call.dialect for call in project.calls if call.queries and call.dialect and not call.dialect_sure)
    assumed.update(
        migration.dialect for migration in project.migrations if migration.dialect and not migration.dialect_sure
    )
    return tuple(
        f"dialect {dialect} assumed in {count} place{'' if count == 1 else 's'}"
        for dialect, count in sorted(assumed.items())
    )
