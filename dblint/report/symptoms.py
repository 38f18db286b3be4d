"""Finds rules by what a user sees: the symptoms and summaries of their documentation beside the words of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dblint.report.visible import visible
from dblint.rule import Rule

_WORD = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*")
_FILLERS = frozenset("a an and are as at be by for from in is it its of on or that the there to was with".split())


class Likeness(IntEnum):
    """How well a symptom fits."""

    PARTLY = 1
    """Half of the words or more."""
    WORDS = 2
    """All words, in any order."""
    PHRASE = 3
    """One says what the other says."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule, and its symptoms that fit."""

    id: str
    rule: Rule
    symptoms: tuple[str, ...]


def search(rules: Mapping[str, Rule], text: str) -> tuple[Likeness, tuple[Match, ...]] | None:
    """The rules with the symptoms that fit best, in the order of their ids; None where none does."""
    wanted = _words(text)
    found: dict[Likeness, list[Match]] = {}
    for name, rule in sorted(rules.items()):
        likenesses = [(_likeness(wanted, _words(said)), said) for said in (*rule.symptoms, rule.summary)]
        for likeness in Likeness:
            symptoms = tuple(symptom for own, symptom in likenesses if own == likeness)
            if symptoms:
                found.setdefault(likeness, []).append(Match(name, rule, symptoms))
    best = max(found, default=None)
    return None if best is None else (best, tuple(found[best]))


def _words(text: str) -> tuple[str, ...]:
    """The words, in lower case and the singular."""
    return tuple(
        word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
        for word in _WORD.findall(text[:1_000].lower())
    )


def _likeness(wanted: Sequence[str], symptom: Sequence[str]) -> Likeness | None:
    telling = {word for word in wanted if word not in _FILLERS}
    if not telling:
        return None
    if _holds(symptom, wanted) or _holds(wanted, symptom):
        return Likeness.PHRASE
    common = telling & set(symptom)
    if common == telling:
        return Likeness.WORDS
    return Likeness.PARTLY if len(common) > 1 and 2 * len(common) >= len(telling) else None


def _holds(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the phrase stands among the words, as it is."""
    size = len(phrase)
    return any(words[start : start + size] == phrase for start in range(len(words) - size + 1))


def as_text(text: str, likeness: Likeness, matches: Sequence[Match], *, markdown: bool = False) -> str:
    """The matches for people, with what matched."""
    return "\n".join(_lines(text, likeness, matches, markdown=markdown)) + "\n"


def _lines(text: str, likeness: Likeness, matches: Sequence[Match], *, markdown: bool) -> Iterator[str]:
    count = f"{len(matches)} rule{'' if len(matches) == 1 else 's'}"
    shown = visible(text)
    fits = f'{count} with the symptom "{shown}"'
    if likeness == Likeness.PARTLY:
        fits = f'{count} with a symptom that has words of "{shown}"; none has all'
    yield fits + ("" if not markdown else "\n")
    for match in matches:
        state = "" if match.rule.default else " (off by default)"
        yield f"- `{match.id}`: {match.rule.summary}{state}" if markdown else f"{match.id}: {match.rule.summary}{state}"
        yield from (f"{'  - ' if markdown else '    symptom: '}{symptom}" for symptom in match.symptoms)
    yield ("\n`dblint explain RULE`" if markdown else '"dblint explain RULE"') + " says more of a rule."
