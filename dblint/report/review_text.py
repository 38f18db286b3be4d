"""The review for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from dblint.facts.review import FINDINGS, IN_PART, Harm, Review, ReviewedLine
from dblint.report import review_words as words
from dblint.report.grouping import places
from dblint.report.text import diagnostic_line, summary_lines
from dblint.report.visible import visible, visible_line, visible_path

if TYPE_CHECKING:
    from typing import Any

Style = Callable[..., str]
_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "info": "blue",
    FINDINGS: "yellow",
    IN_PART: "cyan",
}
_STATE = 18


def _plain(text: Any, **_: object) -> str:
    return str(text)


def render(review: Review, *, everything: bool = False, quiet: bool = False, colour: bool = False) -> str:
    """The review as text. `quiet`: without the summary and notes."""
    style: Style = _plain
    if colour:
        from click import style as click_style

        style = click_style
    blocks = [
        [] if quiet else summary_lines(review.report),
        list(_notes(review, style, quiet=quiet)),
        list(_environment(review, style)),
        list(_checklist(review, style)),
        list(_inventory(review, style)),
        *_harms(review, style, everything=everything),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _notes(review: Review, style: Style, *, quiet: bool) -> Iterator[str]:
    diagnostics, more = words.diagnostics(review, quiet=quiet)
    yield from (diagnostic_line(diagnostic, style) for diagnostic in diagnostics)
    if more:
        yield more


def _environment(review: Review, style: Style) -> Iterator[str]:
    yield style("Environment", bold=True)
    for kind, title in words.KINDS.items():
        named = words.found(review, kind)
        if not named:
            yield f"  {title:<10} {visible(words.none_found(kind, review))}"
        for position, each in enumerate(named):
            note = f" ({each.note})" if each.note else ""
            yield f"  {title if position == 0 else '':<10} {each.name}{note}: {visible(words.sign(each))}"
    if review.not_understood:
        yield f"  {words.NOT_UNDERSTOOD}"
        for each in review.not_understood:
            yield f"  {'':<10} {each.name} ({each.kind}): {visible(words.sign(each))}"


def _checklist(review: Review, style: Style) -> Iterator[str]:
    yield f"{style('Checklist', bold=True)}, {words.tally(review)}"
    if unresolved := words.unresolved(review):
        yield f"  {unresolved}"
    yield f"  {words.SILENCE}"
    for group in review.groups:
        yield f"  {group.title}"
        for line in group.lines:
            yield from _line(line, style)
    if review.besides:
        yield f"  {words.BESIDES}"
    for each in review.besides:
        yield f"{'':<{_STATE + 8}} {visible(each.rule)}: {visible(words.looked(each))}"


def _line(line: ReviewedLine, style: Style) -> Iterator[str]:
    state = style(f"{line.state:<{_STATE}}", fg=_COLOURS.get(line.state))
    more = "; ".join(filter(None, (line.reason, words.proxy(line))))
    yield f"  {line.id:<4} {state} {line.title}{f' ({more})' if more else ''}"
    yield from (f"{'':<{_STATE + 8}} {visible(told)}" for told in (words.part(line), words.silent(line)) if told)
    for each in line.looked:
        yield f"{'':<{_STATE + 8}} {visible(each.rule)}: {visible(words.looked(each))}"


def _inventory(review: Review, style: Style) -> Iterator[str]:
    yield f"{style('How SQL is sent', bold=True)} (4.5): {words.inventory_head(review.inventory)}"
    for count, what in words.inventory(review.inventory):
        if count:
            yield f"  {count:>6}  {visible(what)}"


def _harms(review: Review, style: Style, *, everything: bool) -> Iterator[list[str]]:
    if review.harms:
        yield [f"{style('Findings', bold=True)}, {words.ORDER}"]
    for each in review.harms:
        yield list(_harm(each, style, everything=everything))


def _harm(each: Harm, style: Style, *, everything: bool) -> Iterator[str]:
    severity = style(each.severity, fg=_COLOURS[each.severity], bold=True)
    yield f"{severity} {style(visible(each.rule), bold=True)}: {visible(each.summary)}"
    yield f"  {visible(words.harm(each))}"
    if each.verify:
        yield f"  {words.verify(each)}: {visible_line(each.verify)}"
    shown = each.findings if everything else each.findings[: words.IN_FULL]
    for finding in shown:
        start = finding.region.start
        place = style(f"{visible_path(finding.region.path)}:{start.line}:{start.column}", bold=True)
        yield f"  {place} {visible(finding.message)}"
        further, rest = places(finding, everything=everything)
        for related in further:
            region = related.region
            yield f"    -> {visible(region.path)}:{region.start.line}:{region.start.column}: {visible(related.message)}"
        if rest:
            yield f"    -> {rest}"
        for step in words.STEPS:
            yield f"    {step + ':':<9} {visible(getattr(finding, step))}"
            if step == "minimal":
                for line in finding.repair.splitlines():
                    yield f"    {'':<9} {style(visible_line(line), fg='green')}"
    if left := words.rest(each, shown):
        yield f"  {left}"
