"""Of which entries of a baseline a run can say something: those of files that are gone, and of rules that could have
spoken in a file that was read whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dblint.baseline import Entry
from dblint.facts.program import Diagnostic, FileRole
from dblint.facts.schema import Migration, Table

if TYPE_CHECKING:
    from dblint.packs import LoadedRule
    from dblint.run import Analysis
    from dblint.selection import Selection


def gone(root: Path, entries: Iterable[Entry]) -> frozenset[str]:
    """The files of these entries that do not exist any more."""
    paths = {entry.path for entry in entries}
    return frozenset(path for path in paths if not os.path.lexists(root / path))


def judge(
    analysis: Analysis, selection: Selection, diagnostics: Iterable[Diagnostic], lost: frozenset[str]
) -> Callable[[str, str], bool]:
    """Says whether the rule of an id could have spoken in a file, and saw all of it. A file of `lost` holds nothing
    of which anybody could speak. What rules say of tables stands in all files that define them together: while one of
    these cannot be read, nothing is said of them in the others."""
    partial = {diagnostic.path for diagnostic in diagnostics if diagnostic.fails or diagnostic.kind == "io-error"}
    rules: Mapping[str, LoadedRule] = {rule.id: rule for rule in selection.rules}
    tables_unread = any(_defines_tables(path, analysis) for path in partial)

    def judged(rule: str, path: str) -> bool:
        if not analysis.workspace.reports_on(path) or not selection.runs_in(rule, path):
            return False
        if tables_unread and path not in lost and _OF_TABLES.intersection(rules[rule].feeds):
            return False
        extracted = analysis.files.get(path)
        if extracted is None:
            return path in lost
        seen = extracted.facts is not None and path not in partial
        return seen and extracted.role in rules[rule].rule.roles

    return judged


def _defines_tables(path: str, analysis: Analysis) -> bool:
    """Whether a file is a schema or a step of a migration, by its name."""
    extracted = analysis.files.get(path)
    return path.endswith(_SCHEMAS) or (extracted is not None and extracted.role is FileRole.MIGRATION)


_OF_TABLES = frozenset({Table, Migration})
"""What rules are fed that judge tables and what is done to them."""
_SCHEMAS = (".prisma", ".sql")
