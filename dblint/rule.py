"""What a rule author imports: `Rule`, `Bad`, `Good`, `Finding`, `Related`, `Remedy`, `Fix`, `Edit`.

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

__all__ = ["Bad", "Edit", "Finding", "Fix", "Good", "Related", "Remedy", "Rule"]

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
class Edit:
    """The source at `place` is written anew as the remedy `remedy` (a name of `dblint.facts.fixes.FIXES`), as the
    finding's library writes it. A hole is filled by the source of a place inside of `place`, which stays as it is, with
    parentheses where it needs some, or by words of the schema. The place of a hole may be the place of another edit of
    the same fix, or hold it: then what that one has written fills it."""

    remedy: str
    place: Place
    holes: Mapping[str, Place | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair that a program can make, wholly or not at all. All edits stand in the finding's own file. `title` says
    in a few words what it does. Safe is what changes nothing but what is wrong: the same rows, the same answers, no
    step that somebody has to make besides; of any other `unsafe` says why it is not, and it is made where people ask
    for it.

    Whether it can be written is found out later: where the library has no way of writing it, or a comment would be
    lost, the finding has no fix."""

    title: str
    edits: tuple[Edit, ...]
    unsafe: str = ""


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
    further: tuple[Remedy, ...] = ()  # what its other parts need besides
    idiom: str = ""
    sub: str = ""
    confidence: str = ""  # where it differs from the rule's
    secret: str = ""  # text that must never be printed; redacted when the finding is built
    fix: Fix | None = None


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
