"""The review as Markdown, for a pull request, an issue or a wiki. Whatever comes from the code is literal in it."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.review import IN_PART, Harm, Review, ReviewedLine
from dblint.report import review_words as words
from dblint.report.diagnostics import labels
from dblint.report.grouping import places
from dblint.report.markdown import code, fenced, literal
from dblint.report.text import summary_lines


def render(review: Review, *, everything: bool = False, quiet: bool = False) -> str:
    """The review as Markdown. `quiet`: without the summary and notes."""
    lines = ["# dblint review"]
    for line in [] if quiet else summary_lines(review.report):
        lines += ["", literal(line)]
    lines += _notes(review, quiet=quiet)
    lines += _environment(review)
    lines += _checklist(review)
    lines += _inventory(review)
    if review.harms:
        lines += ["", "## Findings", "", f"{words.ORDER.capitalize()}."]
    for each in review.harms:
        lines += _harm(each, everything=everything)
    return "\n".join(lines) + "\n"


def _notes(review: Review, *, quiet: bool) -> Iterator[str]:
    diagnostics, more = words.diagnostics(review, quiet=quiet)
    if diagnostics:
        yield from ("", "## Notes", "")
    for diagnostic in diagnostics:
        place = diagnostic.path + (f":{diagnostic.line}" if diagnostic.line else "")
        start = f"{code(place)} " if place else ""
        severity, kind = labels(diagnostic)
        yield f"- {start}{severity} {f'{code(kind)} ' if kind else ''}{literal(diagnostic.message)}"
    if more:
        yield f"- {more}"


def _environment(review: Review) -> Iterator[str]:
    yield from ("", "## Environment", "")
    for kind, title in words.KINDS.items():
        named = words.found(review, kind)
        if not named:
            yield f"- {title}: {literal(words.none_found(kind, review))}"
        for each in named:
            note = f" ({each.note})" if each.note else ""
            yield f"- {title}: **{literal(each.name)}**{note}, {literal(words.sign(each))}"
    if review.not_understood:
        yield from ("", f"{words.NOT_UNDERSTOOD}:", "")
        yield from (
            f"- **{literal(each.name)}** ({each.kind}), {literal(words.sign(each))}" for each in review.not_understood
        )


def _checklist(review: Review) -> Iterator[str]:
    yield from ("", "## Checklist", "", f"{words.tally(review)}.")
    if unresolved := words.unresolved(review):
        yield from ("", f"{unresolved.capitalize()}.")
    yield from ("", f"{literal(words.SILENCE)}.")
    for group in review.groups:
        yield from ("", f"### {group.title}", "", "| line | | state | looked at |", "|---|---|---|---|")
        yield from map(_row, group.lines)
    if review.besides:
        yield from ("", f"{words.BESIDES}:", "")
        yield from (f"- {code(each.rule)}: {literal(words.looked(each))}" for each in review.besides)


def _row(line: ReviewedLine) -> str:
    looked = [f"{code(each.rule)}: {literal(words.looked(each))}" for each in line.looked]
    part = words.part(line)
    told = [literal(text) for text in (line.reason, words.proxy(line), words.silent(line)) if text]
    if line.state != IN_PART:
        told += [literal(part)] if part else []
    state = literal(part) if line.state == IN_PART else line.state
    return f"| {line.id} | {literal(line.title)} | {state} | {'<br>'.join([*looked, *told])} |"


def _inventory(review: Review) -> Iterator[str]:
    yield from ("", "## How SQL is sent", "", f"For line 4.5: {words.inventory_head(review.inventory)}.")
    rows = [(count, what) for count, what in words.inventory(review.inventory) if count]
    if rows:
        yield from ("", "| places | how |", "|---:|---|")
    yield from (f"| {count} | {literal(what)} |" for count, what in rows)


def _harm(each: Harm, *, everything: bool) -> Iterator[str]:
    yield from ("", f"### {each.severity} {code(each.rule)}", "")
    yield f"{literal(each.summary)}: {literal(words.harm(each))}"
    if each.verify:
        yield from ("", f"{literal(words.verify(each)[:1].upper() + words.verify(each)[1:])}:", "")
        yield from fenced(each.verify.splitlines(), "sql")
    shown = each.findings if everything else each.findings[: words.IN_FULL]
    for finding in shown:
        place = f"{finding.region.path}:{finding.region.start.line}"
        yield from ("", f"**{code(place)}** {literal(finding.message)}", "")
        further, rest = places(finding, everything=everything)
        for related in further:
            region = related.region
            yield f"- {code(f'{region.path}:{region.start.line}')}: {literal(related.message)}"
        yield from [f"- {literal(rest)}"] if rest else []
        yield from (f"- **{step}**: {literal(getattr(finding, step))}" for step in words.STEPS)
        if finding.repair:
            yield from ("", "The minimal remedy as it is written here:", "")
            yield from fenced(finding.repair.splitlines(), "")
    if left := words.rest(each, shown):
        yield from ("", literal(left))
