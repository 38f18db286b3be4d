"""What the formats of a review have in common: its sentences, without anything that is made visible yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dblint.facts.program import Diagnostic
from dblint.facts.report import ReportedFinding
from dblint.facts.review import (
    FINDINGS,
    IN_PART,
    NOT_APPLICABLE,
    NOT_LOOKED,
    NOTHING,
    Harm,
    Inventory,
    Looked,
    Named,
    Review,
    ReviewedLine,
)
from dblint.facts.spelling import together
from dblint.report.diagnostics import told

IN_FULL = 3
"""Findings of one rule that are told in full where not all are asked for."""

NOTES = 5
"""Files that could not be read, or not whole, of which is told."""

KINDS = {"database": "Databases", "orm": "ORMs", "driver": "Drivers", "pooler": "Poolers"}
NOT_UNDERSTOOD = "Found and not understood yet: what goes through these was not looked at"
ORDER = "the most harmful first: by severity, by confidence, and by what can least be undone"
BESIDES = "Looked at besides, for no line of the list"
SILENCE = (
    'A rule keeps silent where it cannot be sure, so "no finding" speaks of what it looks at, and proves no more'
    " (dblint explain RULE says where it is silent)"
)
COUNTED = "outside migrations, seeds, tests and examples, which are not counted"
STEPS = ("minimal", "better", "complete")


def number(count: int, one: str, several: str = "") -> str:
    """A count with its noun."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def sign(named: Named) -> str:
    """Where something is named, and how often besides: every file once, by its surest sign."""
    line = f":{named.line}" if named.line else ""
    more = f", and in {number(named.more, 'more file')}" if named.more else ""
    besides = "".join(f"; {other} in {number(count, 'more file')}" for other, count in named.besides)
    return f"{named.sign} in {named.path}{line}{more}{besides}"


def found(review: Review, kind: str) -> list[Named]:
    """What was found of a kind, without what is not understood."""
    return [named for named in review.environment if named.kind == kind]


def none_found(kind: str, review: Review) -> str:
    """What is said where nothing of a kind was found."""
    if kind == "database" and review.dialect:
        return f"{review.dialect}, as the configuration says"
    if any(named.kind == kind for named in review.not_understood):
        return "none that is understood"
    return "none named in source, schemas or manifests"


def looked(each: Looked) -> str:
    """What a rule looked at, and what it found."""
    if each.places is None:
        places = "it does not say how many places it looked at"
    elif each.places == 0 and each.unseen:
        places = f"saw no {each.noun}, and cannot see what goes through {together(each.unseen)}"
    elif each.places == 0:
        places = f"no {each.noun} here"
    else:
        places = f"{number(each.places, 'place')} looked at ({each.noun})"
    return f"{number(each.findings, 'finding')}, {places}" if each.findings else places


def proxy(line: ReviewedLine) -> str:
    """What is said of lines that source cannot prove."""
    return "source alone cannot prove this line" if line.proxy else ""


def part(line: ReviewedLine) -> str:
    """What of a line is looked at, "" where nobody looks at it."""
    if not line.part:
        return ""
    if line.state in (NOTHING, NOT_LOOKED):
        return f"looked for in part: only {line.part}"
    found = "no finding, " if line.state == IN_PART else ""
    return f"{found}looked at in part: only {line.part}"


def silent(line: ReviewedLine) -> str:
    """Which rules of a line that others look at are silent because the user wants it."""
    return f"left out: {', '.join(line.silent)}" if line.silent else ""


def diagnostics(review: Review, *, quiet: bool = False) -> tuple[list[Diagnostic], str]:
    """The first few diagnostics, those first that can hide a finding, and what is said of the others. `quiet`: no
    notes."""
    every = told(review.report, quiet=quiet)
    left = len(every) - NOTES
    return every[:NOTES], f"and {left} more (dblint check --show-files tells them all)" if left > 0 else ""


def tally(review: Review) -> str:
    """How many lines came to what."""
    states = [line.state for group in review.groups for line in group.lines]
    phrases = {FINDINGS: "with findings", IN_PART: "without finding and looked at in part"}
    phrases |= {NOTHING: "with nothing to look at"}
    phrases |= {state: state for state in (NOT_APPLICABLE, NOT_LOOKED)}
    told = [f"{count} {phrase}" for state, phrase in phrases.items() if (count := states.count(state))]
    return f"{number(len(states), 'line')}: {', '.join(told)}"


def unresolved(review: Review) -> str:
    """What was not looked at because nobody knows what it is, "" where there is nothing."""
    count = review.report.summary.unresolved
    if not count:
        return ""
    what = "a call that may be one of a database was" if count == 1 else f"{count} calls that may be of a database were"
    tells = f"tells {'it' if count == 1 else 'them'}, and those of files in which no rule looks for queries"
    return f"{what} not understood, and not looked at (dblint queries --unresolved {tells})"


def inventory(counted: Inventory) -> Iterator[tuple[int, str]]:
    """How SQL is sent: how many places, and what they do."""
    yield counted.built, "through calls of a library, which binds values itself"
    yield counted.bound, "fixed text with bound parameters"
    yield counted.constant, "constant text"
    yield counted.own, "put together from the program's own words, numbers or quoted names"
    yield counted.passed, "text that a caller hands in whole"
    yield (
        counted.decided,
        f"put together from what a caller, a request or the database gives{_at(counted.first_decided)}",
    )
    yield counted.unknown, f"put together from something unknown{_at(counted.first_unknown)}"


def _at(first: tuple[str, int]) -> str:
    path, line = first
    return f" (first: {path}:{line})" if path and line else ""


def inventory_head(counted: Inventory) -> str:
    """How many places there are at all."""
    unseen = f", and neither is what goes through {together(counted.unseen)}" if counted.unseen else ""
    if not counted.built + counted.texts:
        return f"no place that sends queries was understood {COUNTED}{unseen}"
    places = number(counted.built + counted.texts, "place that runs queries", "places that run queries")
    return f"{places}, {counted.texts} with SQL text, {COUNTED}{unseen}"


def harm(each: Harm) -> str:
    """The rule's place in the product."""
    lines = f"; checklist {', '.join(each.checklist)}" if each.checklist else ""
    off = "" if each.default else "; off by default"
    return f"{number(len(each.findings), 'finding')}, {each.confidence} confidence{lines}{off}"


def verify(each: Harm) -> str:
    """What the statement is for."""
    some = f" ({each.verifiable} of the findings)" if each.verifiable < len(each.findings) else ""
    *others, last = each.verify_on or ("a server",)
    return f"to verify on {', '.join(others)}{' or ' if others else ''}{last}{some}"


def rest(each: Harm, shown: Sequence[ReportedFinding]) -> str:
    """What is said of findings that are not told in full, "" where all are."""
    left = each.findings[len(shown) :]
    if not left:
        return ""
    files = len({finding.region.path for finding in left})
    return f"and {len(left)} more in {number(files, 'file')} (--all)"
