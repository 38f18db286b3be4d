"""Comments that switch rules off: `dblint: ignore[group/rule] reason`, on the finding's line or above its statement.

A comment behind code speaks for its own line. A comment that stands alone speaks for the next line that is no comment,
so that several can be stacked, also with those for other tools, and for the rest of the statement that begins there.
`dblint: ignore-file[group/rule] reason` speaks for the whole file, wherever it stands. A comment hides the rules
that it names and no others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from dblint.builtin import BUILTIN, INTERNAL_ERROR, INVALID_SUPPRESSION, UNUSED_SUPPRESSION
from dblint.config import nearest
from dblint.facts.tree import Suppression
from dblint.workspace.document import Document

_LINE, _FILE = "ignore", "ignore-file"
_FORM = '"dblint: ignore[group/rule] reason"'

_SIGNS = {".py": ("#",), ".pyi": ("#",), ".sql": ("--", "# ")}
"""What a comment of one line begins with, by the endings of files; in all others as in JavaScript."""
_BLOCK = (("/*", "{/*"), ("*/", "*/}"))
"""How a comment between two signs begins and ends, also in JSX."""

_MEANT = re.compile(
    r"(?<![\w`'\"./@-])dblint(?:\s*:\s*|\s+|-)ignore(?:-file)?\s*\[|^dblint\s*:?\s+ignore(?:-file)?\b", re.IGNORECASE
)
"""What is meant as a directive, however it is spelled: with a bracket, or at the beginning of a comment."""


class _Comment(msgspec.Struct):
    """A suppression that was understood. `lines`: those that it speaks for, None for the whole file; `above`: the
    line of a statement that it speaks for, 0 for none; `used`: the rules that it has hidden something of."""

    start: int
    stop: int
    lines: tuple[int, ...] | None
    above: int
    rules: tuple[str, ...]
    reason: str
    used: set[str] = msgspec.field(default_factory=set)

    def meets(self, first: int, last: int) -> bool:
        """Whether it speaks for one of these lines."""
        return self.lines is None or any(first <= line <= last for line in self.lines)


class Complaint(msgspec.Struct, frozen=True):
    """A finding about a suppression: the built-in rule, the span of bytes and the message."""

    rule: str
    start: int
    stop: int
    message: str


class Suppressions:
    """The suppressions of one file."""

    def __init__(self, comments: Sequence[Suppression], document: Document, known: Collection[str]) -> None:
        """`known`: the ids of all rules, whether they run or not."""
        self._comments: list[_Comment] = []
        self._invalid: list[Complaint] = []
        alone = {
            line
            for comment in comments
            if _stands_alone(comment, document)
            for line in range(document.line_of(comment.start), document.line_of(comment.stop) + 1)
        }
        for comment in comments:
            self._read(comment, document, known, alone)

    def _read(self, comment: Suppression, document: Document, known: Collection[str], alone: set[int]) -> None:
        directive = _directive(comment.text)
        if directive is None:
            wrong = _misspelled(comment.text)
            if wrong:
                self._complain(comment, wrong)
            return
        word, rules, reason = directive
        if word not in (_LINE, _FILE):
            self._complain(comment, f'"dblint: {word}" says nothing; write {_FORM}')
            return
        if not rules:
            form = _FORM.replace(_LINE, word, 1)
            self._complain(comment, f"the suppression names no rule; write {form}")
            return
        valid: list[str] = []
        for rule in rules:
            if rule in known:
                valid.append(rule)
            elif rule in BUILTIN:
                way_out = "" if rule == INTERNAL_ERROR else ", and --ignore leaves it out"
                self._complain(comment, f'no comment hides "{rule}": it is dblint\'s own{way_out}')
            else:
                self._complain(comment, f'there is no rule "{rule}"{nearest(rule, list(known))}')
        first, last = document.line_of(comment.start), document.line_of(comment.stop)
        above = last + 1 if last in alone else 0
        while above in alone or (above and _is_comment(above, document)):
            above += 1
        lines = None if word == _FILE else (*range(first, last + 1), above)
        self._comments.append(_Comment(comment.start, comment.stop, lines, above, tuple(valid), reason))

    def _complain(self, comment: Suppression, message: str) -> None:
        self._invalid.append(Complaint(INVALID_SUPPRESSION, comment.start, comment.stop, message))

    def hides(self, rule: str, line: int, statement: int) -> bool:
        """Whether a finding of this rule on this line, in a statement that begins on the other, is suppressed;
        remembers that it was."""
        hidden = False
        for comment in self._comments:
            if rule in comment.rules and (comment.lines is None or line in comment.lines or statement == comment.above):
                comment.used.add(rule)
                hidden = True
        return hidden

    def complaints(self, ran: Collection[str], unread: Collection[tuple[int, int]] = ()) -> Iterator[Complaint]:
        """What is wrong with the suppressions; to be asked after all findings. `ran`: the rules that ran, as
        nothing can be said of the others, nor of lines of the `unread` ones, from the first to the last of each."""
        yield from self._invalid
        for comment in self._comments:
            seen = not any(comment.meets(first, last) for first, last in unread)
            for rule in comment.rules:
                if seen and rule in ran and rule not in comment.used:
                    message = f'"{rule}" reports nothing here: remove it from the suppression'
                    yield Complaint(UNUSED_SUPPRESSION, comment.start, comment.stop, message)
            if comment.used and not comment.reason:
                message = f'the suppression of "{", ".join(sorted(comment.used))}" gives no reason'
                yield Complaint(UNUSED_SUPPRESSION, comment.start, comment.stop, message)


def _is_comment(line: int, document: Document) -> bool:
    """Whether there is such a line, and nothing stands on it but a comment. The line before is one, so that no string
    goes on here."""
    if line > len(document):
        return False
    text = document.text(line).strip()
    signs = next((signs for ending, signs in _SIGNS.items() if document.path.lower().endswith(ending)), ("//",))
    if text.startswith(signs):
        return True
    begins, ends = _BLOCK
    return "#" not in signs and text.startswith(begins) and text.endswith(ends) and text.count("*/") == 1


def _stands_alone(comment: Suppression, document: Document) -> bool:
    """Whether nothing but space, or the braces that JSX needs around a comment, stands before and behind it."""
    before = document.line_before(comment.start).strip()
    behind = document.line_behind(comment.stop).strip()
    return before in ("", "{") and behind in ("", "}")


def _directive(text: str) -> tuple[str, tuple[str, ...], str] | None:
    """The word after `dblint:`, the rules in brackets and the reason; None where the comment only mentions
    the name."""
    inner = _inner(text)
    if not inner.startswith("dblint:"):
        return None
    rest = inner.removeprefix("dblint:").strip()
    bracket = rest.find("[")
    word = (rest if bracket < 0 else rest[:bracket]).split(maxsplit=1)
    name = word[0] if word else ""
    if bracket < 0 or len(word) > 1:
        return name, (), ""
    inside, closed, reason = rest[bracket + 1 :].partition("]")
    if not closed:
        return name, (), ""
    rules = tuple(dict.fromkeys(rule.strip() for rule in inside.split(",") if rule.strip()))
    return name, rules, reason.strip(" \t-:;,.–—")


def _misspelled(text: str) -> str:
    """What is wrong with a comment that is no directive and seems to be meant as one, "" where none is meant."""
    inner = _inner(text)
    match = _MEANT.search(inner)
    if match is None:
        return ""
    if match.start() and match[0].startswith("dblint:"):
        return f"the suppression stands behind other text; begin a comment with {_FORM}"
    return f'"{" ".join(match[0].split())}" says nothing; write {_FORM}'


def _inner(text: str) -> str:
    """What a comment says, without the signs of its language."""
    lines = text.strip().removesuffix("*/").splitlines()
    return " ".join(line.strip().lstrip("#/*-! \t").strip() for line in lines).strip()
