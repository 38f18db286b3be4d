"""The formats of reports. A further one is a module in this folder, with a function `render`, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from dblint.report import beginnings

if TYPE_CHECKING:
    from dblint.facts.report import Report
    from dblint.facts.review import Review
    from dblint.rule import Rule


def _nobody(_: str) -> None:
    """Listens to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much of a report a person asks for. `everything`: every finding in full, and not the first few of a rule.
    `statistics`: only how many findings each rule has. `files`: also every file with its role, and those of which a
    part could not be read where nothing points to a database. `quiet`: findings, and places where one may be
    hidden, and nothing else."""

    everything: bool = False
    statistics: bool = False
    files: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a report can be told besides the run. `rules` are those that ran, by id; `packs`: those that others than
    dblint bring → name and version of their pack; `category` tells several uploads of one commit to code scanning
    apart; `complain` is told what a format has no room for."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    packs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    colour: bool = False
    wanted: Wanted = Wanted()
    category: str = "dblint"
    complain: Callable[[str], None] = _nobody


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its module, what it is for, and the options that its `render` takes. `tells`: people who read it
    are told what could not be analysed, so that standard error need not repeat it; `notes`: also what hides no finding.
    `begins`: an expression for how its reports begin, from which a further run knows what it may replace; without one,
    only an empty file. `says_nothing`: one for a report without findings that might be anybody's: only a report of the
    same format replaces that. `fixes`: it tells the fixes of findings."""

    module: str
    purpose: str
    takes: tuple[str, ...] = ()
    tells: bool = False
    notes: bool = False
    begins: str = ""
    says_nothing: str = ""
    fixes: bool = False


FORMATS: Mapping[str, Format] = {
    "text": Format(
        "text", "for people, with source", ("wanted", "colour"), tells=True, notes=True, begins=beginnings.TEXT
    ),
    "concise": Format(
        "concise",
        "a line per finding, as compilers write them",
        ("wanted",),
        tells=True,
        notes=True,
        begins=beginnings.CONCISE,
    ),
    "json": Format("json", "everything that is known, by docs/report.schema.json", begins=beginnings.JSON, fixes=True),
    "sarif": Format(
        "sarif",
        "SARIF 2.1.0 for code scanning and editors",
        ("rules", "packs", "category", "complain"),
        begins=beginnings.SARIF,
        fixes=True,
    ),
    "github": Format("github", "annotations of GitHub Actions", tells=True, begins=beginnings.GITHUB),
    "gitlab": Format(
        "gitlab", "GitLab's Code Quality report", begins=beginnings.GITLAB, says_nothing=beginnings.EMPTY_LIST
    ),
    "junit": Format("junit", "JUnit's XML, which test reports of most CI systems read", begins=beginnings.JUNIT),
    "markdown": Format(
        "markdown",
        "for job summaries and comments",
        ("wanted", "complain"),
        tells=True,
        notes=True,
        begins=beginnings.MARKDOWN,
    ),
}
"""Every format by the name that `--output` takes."""


def render(name: str, report: Report, options: Options) -> bytes:
    """A report in one of `FORMATS`: UTF-8 on every machine."""
    row = FORMATS[name]
    module = import_module(f"dblint.report.{row.module}")
    text: str = module.render(report, **{option: getattr(options, option) for option in row.takes})
    return text.encode("utf-8", "backslashreplace")


REVIEW_FORMATS: Mapping[str, Format] = {
    "text": Format("review_text", "for people", ("everything", "quiet", "colour"), begins=beginnings.REVIEW_TEXT),
    "markdown": Format(
        "review_markdown",
        "for pull requests, issues and wikis",
        ("everything", "quiet"),
        begins=beginnings.REVIEW_MARKDOWN,
    ),
}
"""The formats of a review. A further one is a module with a function `render(review, …)`, and a row here."""


def render_review(
    name: str, review: Review, *, everything: bool = False, quiet: bool = False, colour: bool = False
) -> bytes:
    """A review in one of `REVIEW_FORMATS`: UTF-8 on every machine."""
    row = REVIEW_FORMATS[name]
    given = {"everything": everything, "quiet": quiet, "colour": colour}
    module = import_module(f"dblint.report.{row.module}")
    text: str = module.render(review, **{option: given[option] for option in row.takes})
    return text.encode("utf-8", "backslashreplace")
