"""Branches that a constant of the program closes: what stands in them never runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.names import Definition

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


def closed(evaluator: Evaluator, path: str, node: int) -> bool:
    """Whether a node stands in the branch of an `if` for which a constant never lets the program go: a literal, or a
    name that cannot be given anything else (`const`)."""
    tree = evaluator.tree(path)
    kinds, roles = tree.kinds, tree.roles
    child = node
    for parent in tree.ancestors(node):
        if kinds[parent] == Kind.IF and roles[child] in (Role.BODY, Role.ELSE):
            word = _constant(evaluator, path, tree.child(parent, Role.CONDITION))
            if word == ("false" if roles[child] == Role.BODY else "true"):
                return True
        child = parent
    return False


def _constant(evaluator: Evaluator, path: str, condition: int) -> str:
    """`true` or `false` where a condition always is, else ""."""
    tree = evaluator.tree(path)
    if condition < 0:
        return ""
    if tree.kinds[condition] == Kind.CONSTANT:
        return tree.value(condition)
    if tree.kinds[condition] != Kind.NAME:
        return ""
    name = tree.value(condition)
    reached = evaluator.scope(path).reaching(condition, name)
    places = [(path, binding) for binding, _ in reached or ()]
    if reached is None:
        target = evaluator.names.binding(path, name)
        places = [(target.path, each) for each in target.nodes] if isinstance(target, Definition) else []
    if len(places) != 1:
        return ""
    file, binding = places[0]
    other = evaluator.tree(file)
    value = other.child(binding, Role.VALUE)
    fixed = other.kinds[binding] == Kind.ASSIGN and other.has(binding, Flag.CONSTANT) and value >= 0
    return other.value(value) if fixed and other.kinds[value] == Kind.CONSTANT else ""
