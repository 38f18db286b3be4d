"""Whether a rule's statement can show a finding on a server: the database of the finding itself says which know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from dblint.facts.project import Project
from dblint.facts.report import Region, ReportedFinding
from dblint.facts.text import Place
from dblint.libraries.reader import Tables
from dblint.rule import Rule
from dblint.run import Result
from dblint.sql.dialects import normal
from dblint.sql.readonly import complaint

Where = tuple[str, int, int]
"""A path, a line and a column."""


class Verifying:
    """Says of findings whether a statement fits. `databases`: those of the project, which count where nothing says
    of which one a finding is."""

    def __init__(self, result: Result, databases: Collection[str], tables: Tables) -> None:
        self._databases = databases
        told = {region.path for finding in result.report.findings for region in _regions(finding)}
        position = result.analysis.position()
        found: dict[Where, set[str]] = {}
        for place, dialect in _spoken(result.analysis.project, tables):
            if dialect and place.path in told and (start := position(place)) is not None:
                found.setdefault((place.path, start.line, start.column), set()).add(normal(dialect))
        self._found: Mapping[Where, Collection[str]] = found

    def fitting(self, rule: Rule, findings: Iterable[ReportedFinding]) -> int:
        """How many of the findings of a rule its statement can show. It is handed to people, and what they paste into a
        server must not change it, whoever wrote the rule."""
        if not rule.verify or complaint(rule.verify):
            return 0
        known = {normal(database) for database in rule.verify_on}
        return sum(not known or self._is_known(finding, known) for finding in findings)

    def _is_known(self, finding: ReportedFinding, known: Collection[str]) -> bool:
        spoken = next(filter(None, map(self._at, _regions(finding))), self._databases)
        return not spoken or not set(known).isdisjoint(spoken)

    def _at(self, region: Region) -> Collection[str]:
        return self._found.get((region.path, region.start.line, region.start.column), ())


def _regions(finding: ReportedFinding) -> Iterator[Region]:
    """Where a finding is, then what explains it: a call of a function leads to the query that is meant."""
    yield finding.region
    yield from (related.region for related in finding.related)


def _spoken(project: Project, tables: Tables) -> Iterator[tuple[Place, str]]:
    """The places of which findings are told, with the dialects of their databases."""
    for call in project.calls:
        yield call.place, call.dialect
    for migration in project.migrations:
        for step in migration.steps:
            if step.operation.place is not None:
                yield step.operation.place, step.operation.dialect or migration.dialect
    for several in (*((table,) for table in project.tables.values()), *project.ambiguous.values()):
        for table in several:
            for place in (table.place, *(column.place for column in table.columns)):
                if place is not None:
                    yield place, table.database
    for opened in project.resources:
        yield opened.place, tables.libraries[opened.idiom].dialect if opened.idiom in tables.libraries else ""
    for connection in project.connections:
        library = connection.library
        spoken = tables.libraries[library].dialect if library in tables.libraries else connection.database
        yield connection.place, spoken
        for given in connection.passwords:
            yield given.place, spoken
