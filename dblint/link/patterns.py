"""What the program's own regular expressions say of a text: they are tried on a handful of dangerous ones."""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of a pattern that is tried; a longer one says nothing."""
DANGEROUS = ("a'b", 'a"b', "a`b", "a;b", "a b", "a)b", "a-- ", "a/*", "1'", "a\\b", "'", '"', " ")
CHARACTERS = "'\"`;\\ ()-/*"


def refuses(pattern: str, *, whole: bool = False, anchored: bool = False) -> bool:
    """Whether no dangerous text matches. `whole`: the text as a whole must match; `anchored`: its beginning."""
    compiled = _compiled(pattern)
    if compiled is None:
        return False
    ask = compiled.fullmatch if whole else compiled.match if anchored else compiled.search
    return not any(ask(text) for text in DANGEROUS)


def strips(pattern: str) -> bool:
    """Whether every dangerous character matches by itself, so that removing all matches leaves none."""
    compiled = _compiled(pattern)
    return compiled is not None and all(compiled.fullmatch(character) for character in CHARACTERS)


def _compiled(pattern: str) -> re.Pattern[str] | None:
    if len(pattern) > LONGEST:
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
