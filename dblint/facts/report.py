"""What is told to people and machines: findings with lines and columns, and what the run was.

Built by check from a rule's findings, read by the reports. Lines and columns count from 1; `column` is in
code points, `utf16` in UTF-16 code units. No absolute path, no time and no secret ever stands here.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from dblint.facts.program import Diagnostic

Severity: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["error", "warning", "info"]})]
"""How grave a finding is."""
FromOne: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
"""A number of a line or a column."""


class Position(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A place in a file, as people and editors count."""

    line: FromOne
    column: FromOne
    utf16: FromOne


class Region(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A part of one line; `stop` is exclusive. Findings that span lines are shown at their first one."""

    path: str
    start: Position
    stop: Position


class Excerpt(msgspec.Struct, frozen=True, array_like=True):
    """Source lines to show. `first` is the number of `lines[0]`; the mark stands on the line numbered
    `line`, from code point `start` to `stop` (counted from 0, after secrets were replaced)."""

    first: int
    lines: tuple[str, ...]
    line: int
    start: int
    stop: int


class RelatedRegion(msgspec.Struct, frozen=True, array_like=True):
    """A further place that explains a finding."""

    region: Region
    message: str
    excerpt: Excerpt | None = None


class Replacement(msgspec.Struct, frozen=True, array_like=True):
    """What stands from `start` to `stop`, which is exclusive, becomes `text`; `start` = `stop`: it is put in there.
    `offset` and `length` say the same in bytes of the file's text as UTF-8."""

    start: Position
    stop: Position
    text: str
    offset: int
    length: int


class ReportedFix(msgspec.Struct, frozen=True, array_like=True):
    """A repair that a program can make in the finding's file: all replacements together, in the order of their places,
    none of which overlap. `unsafe`: why it is not made unasked, "" where it is safe. `withheld`: why it cannot be made
    here, so that there are no replacements."""

    title: str
    replacements: tuple[Replacement, ...]
    unsafe: str = ""
    withheld: str = ""


class ReportedFinding(msgspec.Struct, frozen=True, array_like=True):
    """A finding as every report shows it. `minimal`, `better` and `complete` are the rule's ladder with
    this finding's names filled in; `repair` is how the library at hand writes the remedy, "" where
    nothing is known. `route` says that the related places lead, in order, from the finding to its cause.
    `line_hash` is GitHub's primaryLocationLineHash, `key` dblint's own identity of the finding: neither
    changes when lines move. `confidence` is "" where it is the rule's. `fix` is looked for where a report has a
    place for it, or fixes are asked for."""

    rule: str
    severity: Severity
    message: str
    region: Region
    sub: str = ""
    excerpt: Excerpt | None = None
    related: tuple[RelatedRegion, ...] = ()
    route: bool = False
    minimal: str = ""
    better: str = ""
    complete: str = ""
    repair: str = ""
    line_hash: str = ""
    key: str = ""
    confidence: str = ""
    fix: ReportedFix | None = None


class ReportedFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that findings are told for, what it is taken to be for, and the sign that says so ("" for the
    application's own files)."""

    path: str
    role: str
    sign: str = ""


class NotUnderstood(msgspec.Struct, frozen=True, array_like=True):
    """A database package that dblint does not understand, how many files import it, and the first of them, or the
    manifest that requires it."""

    package: str
    files: int
    path: str


class FixedFinding(msgspec.Struct, frozen=True, array_like=True):
    """An entry of a baseline that no finding has any more."""

    path: str
    rule: str


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """What the run was: `checked` files that findings were reported for, `read` files that facts were taken
    from, `partial` files of which a part could not be read and nothing points to a database in that part, `calls`
    database calls that rules were fed and the `queries` that they run, `tables` of the checked files, and
    `migrations` by file. `databases`: each with where it is known from. `named`: databases, ORMs, drivers and poolers
    that the checked files name, whether or not anything of them was understood. `known`: how many findings are in the
    baseline; `fixed`: its entries that no finding has any more. `unreviewed`: where nothing about databases was
    understood, what files that use databases and are not reviewed are for, as `role: files`. `calls_read`: whether
    calls of the application were looked for; where no rule that runs is fed what comes of them, they were not."""

    checked: int = 0
    read: int = 0
    excluded: int = 0
    skipped: int = 0
    partial: int = 0
    suppressed: int = 0
    calls: int = 0
    unresolved: int = 0
    migrations: int = 0
    assumptions: tuple[str, ...] = ()
    configuration: str = ""
    queries: int = 0
    tables: int = 0
    databases: tuple[str, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    known: int = 0
    fixed: tuple[FixedFinding, ...] = ()
    unreviewed: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    calls_read: bool = True

    @property
    def touches_a_database(self) -> bool:
        """Whether anything about databases was understood in the checked files."""
        return bool(self.calls or self.tables or self.migrations)


class Report(msgspec.Struct, frozen=True, array_like=True):
    """Everything a report is made from, besides the rules' own prose. `findings` are in the order of their places;
    `order`: their numbers, from 0, in the order of harm, in which people are told them."""

    findings: tuple[ReportedFinding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    summary: Summary = Summary()
    version: str = ""
    files: tuple[ReportedFile, ...] = ()
    order: tuple[int, ...] = ()

    def by_harm(self) -> list[ReportedFinding]:
        """The findings, the most harmful first."""
        return [self.findings[number] for number in self.order or range(len(self.findings))]
