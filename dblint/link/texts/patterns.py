"""What the program's own regular expressions say of a text: they are tried on a handful of dangerous ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dblint.facts.tree import Role
from dblint.link.arguments import Site
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

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


def catches(pattern: str) -> bool:
    """Whether every dangerous character is found wherever it stands, so that a text without a match has none."""
    compiled = _compiled(pattern)
    if compiled is None:
        return False
    return all(compiled.search(text) for character in CHARACTERS for text in (character, f"a{character}b"))


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


def compiled(evaluator: Evaluator, site: Site) -> Site | None:
    """The pattern that a compiled expression was made of, where it is one."""
    for option in options(evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Instance) and option.steps:
            step = option.steps[0]
            node = evaluator.tree(step.path).child(step.node, Role.ARGUMENT) if step.node >= 0 else -1
            if node >= 0:
                return Site(step.path, node, step.context)
    return None
