"""Why cells of the coverage matrices hold nothing, as a pack's TOML files say it, and how cells are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

KINDS: Mapping[str, str] = {"not-applicable": "not applicable", "not-yet": "not yet"}
"""What a reason can be, and how it is told."""


class CoverageError(Exception):
    """A matrix cannot be made, or what a pack says of it is wrong; the text says where."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cell has no example. `kind` is a key of `KINDS`, `scope` the rule or the group that it is stated of."""

    kind: str
    scope: str
    source: str
    text: str


def reasons(where: str, document: Mapping[str, object]) -> Iterator[Reason]:
    """The reasons in a document: kind → rule or group → source → text. Raises `CoverageError` for what is none."""
    told: set[tuple[str, str]] = set()
    for kind, scopes in document.items():
        _known(where, kind)
        if not isinstance(scopes, dict):
            raise CoverageError(f"{where}: {kind} holds no rules or groups")
        for scope, entries in scopes.items():
            if not isinstance(entries, dict):
                raise CoverageError(f"{where}: {kind}: {scope} holds no sources")
            for source, text in entries.items():
                yield _once(where, Reason(kind, scope, source, text), told)


def listed(where: str, document: Mapping[str, object]) -> Iterator[Reason]:
    """The reasons in a document that lists them: kind → entries with `rules` (or groups) and `of` (sources), each of
    words, and `why`, which holds for each of these. Raises `CoverageError` for what is none."""
    told: set[tuple[str, str]] = set()
    for kind, entries in document.items():
        _known(where, kind)
        if not isinstance(entries, list):
            raise CoverageError(f"{where}: {kind} is no list of reasons")
        for entry in entries:
            match entry:
                case {"rules": str(rules), "of": str(sources), "why": str(text)} if len(entry) == 3:
                    for scope, source in product(rules.split(), sources.split()):
                        yield _once(where, Reason(kind, scope, source, text), told)
                case _:
                    raise CoverageError(f"{where}: {kind}: {entry}: a reason has rules, of and why")


def _known(where: str, kind: str) -> None:
    if kind not in KINDS:
        raise CoverageError(f'{where}: "{kind}" is none of {", ".join(KINDS)}')


def _once(where: str, reason: Reason, told: set[tuple[str, str]]) -> Reason:
    """The reason, which was not told before."""
    at = f"{where}: {reason.scope}: {reason.source}"
    if not isinstance(reason.text, str) or not reason.text.strip():
        raise CoverageError(f"{at}: a reason is missing")
    if (reason.scope, reason.source) in told:
        raise CoverageError(f"{at}: a reason is there twice")
    told.add((reason.scope, reason.source))
    return reason


@dataclass(slots=True)
class Sheet:
    """A table in Markdown whose cells hold a text or the letter of a reason, which is told below it."""

    columns: Sequence[str]
    rows: list[str] = field(default_factory=list)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, name: str, cells: Sequence[tuple[str, Reason | None]]) -> None:
        """A row: what each cell holds, or why it holds nothing. A reason gets its letter where it is first told."""
        self.rows.append(f"| `{name}` | {' | '.join(self._shown(text, reason) for text, reason in cells)} |")

    def lines(self) -> list[str]:
        """The table and its reasons."""
        head = [f"| rule | {' | '.join(self.columns)} |", "|---" * (len(self.columns) + 1) + "|"]
        told = [f"- ({letter}) {kind}: {text}" for (kind, text), letter in self.letters.items()]
        return [*head, *self.rows, *(["", *told] if told else [])]

    def _shown(self, text: str, reason: Reason | None) -> str:
        if reason is None:
            return text or "**missing**"
        kind = KINDS[reason.kind]
        return f"{kind} ({self.letters.setdefault((kind, reason.text), _letter(len(self.letters)))})"


def _letter(number: int) -> str:
    """The letters of a number that counts from 0: a … z, aa, ab …"""
    tens, one = divmod(number, 26)
    return (_letter(tens - 1) if tens else "") + chr(ord("a") + one)
