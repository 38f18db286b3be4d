"""What a rule author imports: `Rule`, `Bad`, `Good`, `Finding`, `Related`, `Remedy`.

A rule is one module with a value named `RULE` and a function named `check`. What `check` is fed is
what its first parameter is annotated with (a type of `dblint.facts`); a second parameter annotated
`Project` gives the linked view to look things up in. The module's path below its pack is the rule's
id: `query/select_star.py` is `query/select-star`.

A third function, `places(project)`, gives the places that the rule judges, right or wrong: a review tells how many
there are, and that nothing was looked at where there is none. Without it, every fact that `check` is fed is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dblint.facts.program import FileRole
from dblint.facts.text import Place

__all__ = ["Bad", "Finding", "Good", "Related", "Remedy", "Rule"]

APPLICATION = frozenset({FileRole.APP, FileRole.SCRIPT, FileRole.MIGRATION, FileRole.SEED})
"""The roles that most rules speak in."""


@dataclass(frozen=True, slots=True)
class Bad:
    """An example that must be reported on exactly the lines that hold the word `finding` in a comment."""

    language: str  # python | typescript | sql | prisma
    code: str
    title: str = ""
    path: str = ""  # the example's file name, where it matters (migrations)
    files: Mapping[str, str] = field(default_factory=dict)  # further files of the example, path → text


@dataclass(frozen=True, slots=True)
class Good(Bad):
    """An example that must stay silent."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A repair from the closed set of idioms. `holes` fill the library's own way of writing it."""

    name: str
    holes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Related:
    """A further place that explains the finding."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in one place. `message` says what happens and names table, column or
    relation. `names` fill the holes of the rule's ladder (`{table}`, `{relation}` …). `sub` sorts
    findings of one rule further (`cross-function`)."""

    place: Place
    message: str
    names: Mapping[str, str] = field(default_factory=dict)
    related: tuple[Related, ...] = ()
    remedy: Remedy | None = None
    idiom: str = ""
    sub: str = ""
    confidence: str = ""  # where it differs from the rule's
    secret: str = ""  # text that must never be printed; redacted when the finding is built


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule's documentation and its place in the product. Prose may name anything; conditions may not."""

    summary: str
    why: str
    minimal: str
    better: str
    complete: str
    symptoms: tuple[str, ...] = ()
    verify: str = ""
    verify_on: tuple[str, ...] = ()  # the databases that know this statement; none named: all that know SQL
    severity: str  # error | warning | info
    confidence: str = "high"  # very-high | high | medium | low: becomes SARIF's precision
    default: bool = True
    checklist: tuple[str, ...] = ()
    looks_at: str = (
        ""  # what it judges, in the plural ("foreign keys"); `places` of its module gives those of a project
    )
    cwe: tuple[int, ...] = ()
    security_severity: str = ""
    databases: tuple[str, ...] = ()
    roles: frozenset[FileRole] = APPLICATION
    uses: bool = False  # it asks what calls do with tables (`Project.uses`), and is fed no calls
    built: bool = False  # it wants to see calls that only build a query, too (`Call.trigger` is then "built")
    bad: tuple[Bad, ...] = ()
    good: tuple[Good, ...] = ()
