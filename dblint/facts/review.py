"""What a review tells besides the findings: the environment, what was looked at line by line, and how SQL is sent."""

from __future__ import annotations

import msgspec

from dblint.facts.report import Report, ReportedFinding


class Named(msgspec.Struct, frozen=True, array_like=True):
    """A database, ORM, driver or pooler, and the surest place that says so. `sign`: see `Technology`. `more`: in how
    many more files it is seen so; `besides`: each further sign, with the number of files where none surer is seen.
    `note`: what is to be known of it."""

    kind: str
    name: str
    sign: str
    path: str
    line: int
    more: int = 0
    note: str = ""
    besides: tuple[tuple[str, int], ...] = ()


class Looked(msgspec.Struct, frozen=True, array_like=True):
    """What a rule of a line looked at. `places`: how many `noun` there are, None where the rule does not say.
    `unseen`: the names of libraries that no table describes, and through which there may be more of them."""

    rule: str
    noun: str
    places: int | None
    findings: int = 0
    unseen: tuple[str, ...] = ()


FINDINGS, NOTHING = "findings", "nothing to look at"
IN_PART = "no finding in part"
"""Nothing was found in the part of the line that rules look at: none looks at all that a line says."""
NOT_APPLICABLE, NOT_LOOKED = "not applicable", "not looked at"
"""`NOT_LOOKED` is also a line of which rules found nothing to look at, while a library is used that is not understood:
`NOTHING` would say that there is nothing."""


class ReviewedLine(msgspec.Struct, frozen=True, array_like=True):
    """A line of the checklist, what became of it (one of the words above), and why where nothing was looked at.
    `part`: what of the line rules look at; `silent`: its rules that the user leaves out, where others of it run."""

    id: str
    title: str
    state: str
    reason: str = ""
    looked: tuple[Looked, ...] = ()
    proxy: bool = False
    part: str = ""
    silent: tuple[str, ...] = ()


class ReviewedGroup(msgspec.Struct, frozen=True, array_like=True):
    """A chapter of the checklist."""

    title: str
    lines: tuple[ReviewedLine, ...]


class Inventory(msgspec.Struct, frozen=True, array_like=True):
    """How SQL is sent, in places of application code and scripts: `built` through calls of a library, all others as
    text, each counted once. `bound`: fixed text with parameters; `constant`: fixed text without; `own`: put
    together from the program's own words, numbers and quoted names; `passed`: handed in as a whole by callers, who
    are counted themselves; `decided`: holds what a request, a caller or a database gives; `unknown`: holds
    something of which cannot be said where it comes from. `first_decided`, `first_unknown`: where the first of
    these stands, as path and line. `unseen`: as in `Looked`."""

    built: int = 0
    bound: int = 0
    constant: int = 0
    own: int = 0
    passed: int = 0
    decided: int = 0
    unknown: int = 0
    first_decided: tuple[str, int] = ("", 0)
    first_unknown: tuple[str, int] = ("", 0)
    unseen: tuple[str, ...] = ()

    @property
    def texts(self) -> int:
        """The places that send SQL text."""
        return self.bound + self.constant + self.own + self.passed + self.decided + self.unknown


class Harm(msgspec.Struct, frozen=True, array_like=True):
    """The findings of one rule, severity and confidence. `verify`: a statement that shows them on a server and changes
    nothing there, `verify_on` the databases that know it, by name; `verifiable`: how many of the findings it can show,
    "" and 0 where none. `default`: whether the rule runs where nobody asks for it."""

    rule: str
    summary: str
    severity: str
    confidence: str
    default: bool
    checklist: tuple[str, ...]
    verify: str
    verify_on: tuple[str, ...]
    findings: tuple[ReportedFinding, ...]
    verifiable: int = 0


class Review(msgspec.Struct, frozen=True, array_like=True):
    """The whole review. `harms` are in the order of harm. `dialect`: what the user says the databases are. `besides`:
    what rules looked at that belong to no line."""

    report: Report
    environment: tuple[Named, ...] = ()
    not_understood: tuple[Named, ...] = ()
    dialect: str = ""
    groups: tuple[ReviewedGroup, ...] = ()
    inventory: Inventory = Inventory()
    harms: tuple[Harm, ...] = ()
    besides: tuple[Looked, ...] = ()
