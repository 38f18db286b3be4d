"""What a rule says as a fix, as changes of the file's bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dblint.facts.fixes import Rewriting
from dblint.facts.text import Place
from dblint.fix import sql
from dblint.fix.changes import Change, UnwrittenError, WithheldError, apply
from dblint.prose import instantiate
from dblint.rule import Edit, Fix

_MOST = 200
"""Edits of one fix: each is made in what those inside of it have made."""

_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "expression": (".py", ".pyi"),
    "argument": (".py", ".pyi"),
    "line": (".prisma",),
    "statement": (".sql",),
    "words": (".sql",),
}
"""Form → the endings of the files in which there is a room that writes it."""

_BEFORE = re.compile(rb"(?:[\w\])\"'`]|[^\x00-\x7f])[ \t]*\Z")
_KEYWORD = re.compile(rb"\b(?:and|or|not|in|is|if|else|return|await|lambda|yield|while|elif|assert)[ \t]*\Z")


def resolve(fix: Fix, path: str, data: bytes, rewritings: Mapping[str, Rewriting]) -> tuple[Change, ...]:
    """The changes that a fix makes in a file, in the order of their places. `data`: the file as UTF-8; `rewritings`:
    how the finding's library writes remedies. Raises `WithheldError`, and `UnwrittenError` where there is no fix."""
    if not fix.edits or len(fix.edits) > _MOST:
        raise WithheldError("there are too many places")
    known = sql.WRITES if path.lower().endswith(".sql") else rewritings
    made: list[Change] = []
    for edit in sorted(fix.edits, key=lambda edit: (edit.place.stop - edit.place.start, edit.place)):
        if edit.place.path != path or not 0 <= edit.place.start <= edit.place.stop <= len(data):
            raise WithheldError("it is about another file")
        rewriting = known.get(edit.remedy)
        if rewriting is None or not path.lower().endswith(_WRITTEN[rewriting.form]):
            raise UnwrittenError("nothing says how it is written here")
        try:
            change, swallowed = _change(edit, rewriting, data, made)
        except UnicodeDecodeError:
            raise WithheldError("a place begins or ends within a character") from None
        made = [each for each in made if each not in swallowed]
        if any(change.clashes(other) for other in made):
            raise WithheldError("its own places overlap")
        made.append(change)
    return tuple(sorted(made))


def _change(edit: Edit, rewriting: Rewriting, data: bytes, made: Sequence[Change]) -> tuple[Change, Sequence[Change]]:
    """What an edit becomes, and which changes inside of its place are part of it."""
    start, stop = edit.place.start, edit.place.stop
    if rewriting.form == "expression":
        return _expression(edit, rewriting.text, data, made)
    words = {name: value for name, value in edit.holes.items() if isinstance(value, str) and value}
    text = instantiate(rewriting.text, words)
    if any(f"<{name}>" in text for name in re.findall(r"\{([a-z]+)\}", rewriting.text) if name not in words):
        raise WithheldError("what the repair needs is not all there")
    if rewriting.form == "words":
        return sql.words(data, start, text, rewriting.behind), ()
    if rewriting.form == "statement":
        return sql.statement(data, start, text), ()
    if rewriting.form == "line":
        from dblint.fix import prisma

        return prisma.line(data, start, text), ()
    from dblint.fix import python

    return Change(start, stop, python.argument(data[start:stop].decode(), text).encode()), ()


def _expression(edit: Edit, template: str, data: bytes, made: Sequence[Change]) -> tuple[Change, Sequence[Change]]:
    from dblint.fix.python import Hole, expression

    start, stop = edit.place.start, edit.place.stop
    inside = [change for change in made if start <= change.start and change.stop <= stop]
    holes: list[Hole] = []
    filled: list[Change] = []
    for name, value in edit.holes.items():
        if not isinstance(value, Place):
            raise WithheldError("an expression is filled with places")
        if value.path != edit.place.path or not start <= value.start <= value.stop <= stop:
            raise WithheldError("what the repair keeps stands elsewhere")
        first, last = _with_parentheses(data, value, edit.place)
        within = [change for change in inside if first <= change.start and change.stop <= last]
        moved = [Change(change.start - first, change.stop - first, change.text) for change in within]
        text = apply(data[first:last], moved).decode()
        holes.append(Hole(name, len(data[start:first].decode()), len(data[start:last].decode()), text))
        filled += within
    if len(filled) != len(inside):
        raise WithheldError("its own places overlap")
    written = expression(template, data[start:stop].decode(), holes)
    return Change(start, stop, written.encode()), inside


def _with_parentheses(data: bytes, hole: Place, around: Place) -> tuple[int, int]:
    """An expression with the parentheses that stand around it and are its own, not those of a call."""
    start, stop = hole.start, hole.stop
    while True:
        before = data[around.start : start].rstrip(b" \t\r\n")
        after = data[stop : around.stop]
        behind = after.lstrip(b" \t\r\n")
        if not before.endswith(b"(") or not behind.startswith(b")"):
            return start, stop
        if _BEFORE.search(before[:-1]) and not _KEYWORD.search(before[:-1]):
            return start, stop
        start = around.start + len(before) - 1
        stop += len(after) - len(behind) + 1
