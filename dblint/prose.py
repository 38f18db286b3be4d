"""Filling the holes of a rule's prose, and hiding what must not be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PLAIN = re.compile("[A-Z]?[a-z]+")
_IDIOM = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}")
_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")

REDACTED = "***"
"""What stands for a secret in every output."""


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with `{name}` replaced where the name is known; another hole becomes `<name>`. Braces that do
    not hold just one lower-case word are left alone: they are code."""
    return _HOLE.sub(lambda match: names.get(match[1]) or f"<{match[1]}>", text)


def instantiate(idiom: str, holes: Mapping[str, str]) -> str:
    """A library's way of writing a remedy with its holes filled. Idioms are code, so braces that stand for
    themselves are doubled in them."""

    def piece(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else holes.get(match[1]) or f"<{match[1]}>"

    return _IDIOM.sub(piece, idiom)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, longest first. Line ends stay, so that lines keep their numbers. A secret
    that is a word of the language is left in longer names: they are not it, and reports could not be read without."""
    for secret in sorted(secrets, key=lambda secret: (-len(secret), secret)):
        if secret not in text:
            continue
        if _PLAIN.fullmatch(secret):
            text = re.sub(rf"(?:(?<![A-Za-z0-9_])|(?<=\\[abfnrtv])){secret}(?![A-Za-z0-9_])", REDACTED, text)
        else:
            text = text.replace(secret, REDACTED + "\n" * secret.count("\n"))
    return text
