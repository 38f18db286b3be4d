"""How loud the rules are: findings of each rule per 500 lines of the files that touch a database.

    python benchmarks/density.py REPO… [--select RULE] [--json]

A file touches a database if it holds at least one call that was resolved to a database library, a table, a migration or
a statement of SQL, and if a rule may speak in it at all: tests, examples, generated and vendored files do not count.
Its lines are all its lines, blank ones and comments too. By default the rules are those that are on by default.
A rule with more than one finding per 500 such lines is marked: its findings there are all to be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dblint.facts.program import FileRole
from dblint.facts.text import Literal
from dblint.frontends.sql import SqlFile
from dblint.run import Analysis, Request, run
from dblint.sql.statements import split

LINES = 500
LIMIT = 1.0
"""Findings per `LINES` lines above which all findings of a rule are to be read."""
_SILENT = {FileRole.TEST, FileRole.EXAMPLE, FileRole.GENERATED, FileRole.VENDORED}


@dataclass(frozen=True)
class Density:
    """One code base: its files that touch a database, their lines, and each rule's findings in all files."""

    name: str
    files: int
    lines: int
    findings: dict[str, int]

    def of(self, rule: str) -> float:
        """Findings of a rule per `LINES` lines; infinite where it has some and no line touches a database."""
        count = self.findings[rule]
        return LINES * count / self.lines if self.lines else (float("inf") if count else 0.0)


def main() -> None:
    """Reviews each code base and prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--select", action="append", default=[], metavar="RULE", help="[default]; repeatable")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    measured = []
    for repository in options.repositories:
        measured.append(density(repository.resolve(), options.select))
        print(f"{repository.name}: reviewed", file=sys.stderr)
    print(json.dumps([asdict(entry) for entry in measured]) if options.json else "\n".join(table(measured)))


def density(root: Path, select: Sequence[str] = ()) -> Density:
    """Reviews one code base with these rules."""
    result = run(Request(paths=[str(root)], root=root, isolated=True, overrides={"select": tuple(select)}))
    counted = Counter(finding.rule for finding in result.report.findings)
    findings = {rule: counted[rule] for rule in result.rules if "/" in rule}
    document = result.analysis.document()
    texts = [text for path in touching(result.analysis) if (text := document(path)) is not None]
    lines = sum(len(text) - (not text.text(len(text))) for text in texts)  # behind the last line's end is none
    return Density(root.name, len(texts), lines, findings)


def touching(analysis: Analysis) -> set[str]:
    """The files that touch a database and in which a rule may speak."""
    project = analysis.project
    tables = [*project.tables.values(), *(table for several in project.ambiguous.values() for table in several)]
    tables += [*project.declared.values(), *(table for chain in project.stored.values() for table in chain.values())]
    paths = {call.place.path for call in project.calls}
    paths |= {table.place.path for table in tables if table.place is not None}
    paths |= {migration.path for migration in project.migrations}
    for path, extracted in analysis.files.items():
        if isinstance(extracted.facts, SqlFile) and holds_a_statement(extracted.facts):
            paths.add(path)
    return {path for path in paths if path in analysis.files and analysis.files[path].role not in _SILENT}


def holds_a_statement(file: SqlFile) -> bool:
    """Whether the file holds more than blanks and comments."""
    return any(split(piece.text).statements for piece in file.text.pieces if isinstance(piece, Literal))


def table(measured: Sequence[Density]) -> list[str]:
    """The figures as a table of Markdown: a row per rule, a column per code base."""
    lines = [
        f"| rule | {' | '.join(f'{entry.name}: {entry.lines} lines of {entry.files} files' for entry in measured)} |",
        f"|---|{'---|' * len(measured)}",
    ]
    for rule in sorted({rule for entry in measured for rule in entry.findings}):
        cells = []
        for entry in measured:
            count, share = entry.findings.get(rule, 0), entry.of(rule) if rule in entry.findings else 0.0
            cells.append(f"{count} ({share:.2f})" if share <= LIMIT else f"**{count} ({share:.2f})**")
        lines.append(f"| {rule} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
