"""Small projects linked in memory, and short forms of what was understood."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from dblint.facts.program import Call, Effect, FileRole
from dblint.facts.project import Project
from dblint.facts.query import Clause
from dblint.facts.text import Hole, Literal, Optional, Parameter, Piece, Repeat, Text
from dblint.frontends.extract import extract
from dblint.link.project import LinkOptions, link


def linked(
    files: Mapping[str, str],
    manifests: Mapping[str, str] | None = None,
    dialect: str = "",
    roles: Mapping[str, FileRole] | None = None,
) -> Project:
    """The project that these files make: path → text."""
    facts = [extract(dedent(text).encode(), path) for path, text in files.items()]
    texts = {path: dedent(text).encode() for path, text in (manifests or {}).items()}
    return link(facts, texts, LinkOptions(dialect=dialect, roles=roles or {}))


def asked(project: Project) -> list[tuple[str, str, str, str]]:
    """(member, receiver, verb, table) of every statement that runs, in the order of files and places."""
    return [
        (call.member, call.receiver, str(query.verb), query.table)
        for call in project.calls
        if Effect.QUERY in call.effects
        for query in call.queries
    ]


def only(project: Project) -> Call:
    """The one call of the project that runs a statement."""
    calls = [call for call in project.calls if Effect.QUERY in call.effects]
    assert len(calls) == 1, [call.source for call in calls]
    return calls[0]


def answer(clause: Clause[Any]) -> str:
    """Which of the four answers a clause gives; exactly one of them must hold."""
    answers = {
        "yes": clause.surely(),
        "sometimes": clause.sometimes(),
        "no": clause.surely_absent(),
        "cannot say": clause.unknown(),
    }
    held = [word for word, holds in answers.items() if holds]
    assert len(held) == 1, answers
    return held[0]


def shape(text: Text | None) -> str:
    """A text in one line: literals as they are, `{origin:source}` for holes,
    `{origin=word|word}` for holes whose words are known, `[…]` for optional pieces, `(…)*separator`
    for repeated ones, `…` at the end when it is open."""
    assert text is not None
    return _pieces(text.pieces) + ("…" if text.open else "")


def _pieces(pieces: tuple[Piece, ...]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if isinstance(piece, Literal):
        return piece.text
    if isinstance(piece, Parameter):
        return f"${piece.name}"
    if isinstance(piece, Hole):
        return f"{{{piece.origin}={'|'.join(piece.words)}}}" if piece.words else f"{{{piece.origin}:{piece.source}}}"
    if isinstance(piece, Optional):
        return f"[{_pieces(piece.pieces)}]"
    assert isinstance(piece, Repeat)
    return f"({_pieces(piece.pieces)})*{piece.separator!r}"
