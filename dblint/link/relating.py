"""Which rows a statement writes that relates a row to others, or ends that (`author.$relatedQuery("books").relate(4)`):
what a relation is kept in decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.query import Verb
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import Instance, ProjectClass, Unknown, Value, options

if TYPE_CHECKING:
    from dblint.link.models import Models
    from dblint.link.plain import Plain
    from dblint.link.types import Evaluator


class Written(NamedTuple):
    """What is written: rows of `model`, by `verb`."""

    model: Value
    verb: Verb


def relating(evaluator: Evaluator, models: Models, plain: Plain, begun: Site, word: str) -> Written | None:
    """What a statement writes that was begun at a call on a row, or on its model, by the name of a relation; None where
    that cannot be said. `word`: whether it `adds` references or `removes` them."""
    tree = evaluator.tree(begun.path)
    first = tree.child(begun.node, Role.ARGUMENT) if tree.kinds[begun.node] == Kind.CALL else -1
    if first < 0 or tree.kinds[begun.node + 1] != Kind.ATTRIBUTE:
        return None
    name = plain.string(Site(begun.path, first, begun.context))
    for option in options(evaluator.value(begun.path, begun.node + 2, begun.context)):
        owner = option.cls if isinstance(option, Instance) else option
        related = models.relation(owner, name) if isinstance(owner, ProjectClass) and name else None
        if related is None:
            continue
        if not isinstance(related.join, Unknown):
            return Written(related.join, Verb.INSERT if word == "adds" else Verb.DELETE)
        kept_here = bool(related.relation.columns) and not related.many and not related.inverse
        return Written(owner if kept_here else related.model, Verb.UPDATE)
    return None
