"""Rules that dblint itself reports: about suppressions, and about rules that fail."""

from __future__ import annotations

from collections.abc import Mapping

from dblint.facts.program import FileRole
from dblint.packs import OWN, LoadedRule
from dblint.rule import Rule

INVALID_SUPPRESSION = "invalid-suppression"
UNUSED_SUPPRESSION = "unused-suppression"
INTERNAL_ERROR = "internal-error"

_EVERYWHERE = frozenset(FileRole)


def _nothing() -> None:
    """Stands where a pack's rule has its check: these rules are reported by the conductor."""


def _builtin(name: str, rule: Rule) -> LoadedRule:
    return LoadedRule(name, rule, _nothing, (), wants_project=False, module="dblint.builtin", pack=OWN)


BUILTIN: Mapping[str, LoadedRule] = {
    INTERNAL_ERROR: _builtin(
        INTERNAL_ERROR,
        Rule(
            summary="A rule failed while it looked at this place",
            why="What the rule would have said here is not known, so the run cannot be called clean.",
            minimal="Run again with --debug to see where the rule failed, and report it to the rule's author.",
            better="Leave the rule out with --ignore until it is repaired.",
            complete="Add the place, cut down to its essence, to the rule's Good or Bad examples.",
            severity="error",
            confidence="very-high",
            roles=_EVERYWHERE,
        ),
    ),
    INVALID_SUPPRESSION: _builtin(
        INVALID_SUPPRESSION,
        Rule(
            summary="A comment that speaks to dblint cannot be understood",
            why="It hides nothing: the finding that it was written for is reported, or comes back unseen under "
            "another name.",
            minimal="Write `dblint: ignore[group/rule] reason`, with the rule's full id.",
            better="Look the rule's id up with `dblint rules`.",
            complete="Remove the comment and repair what the rule reports.",
            severity="error",
            confidence="very-high",
            roles=_EVERYWHERE,
        ),
    ),
    UNUSED_SUPPRESSION: _builtin(
        UNUSED_SUPPRESSION,
        Rule(
            summary="A suppression hides nothing, or gives no reason",
            why="A suppression without a finding will hide the next one that appears there; one without a reason "
            "cannot be reviewed.",
            minimal="Remove the comment, or say why the finding is no fault here.",
            better="Move the comment to the line of the finding, or to a line of its own just above.",
            complete="Remove the comment and repair what the rule reports.",
            severity="warning",
            confidence="very-high",
            roles=_EVERYWHERE,
        ),
    ),
}
