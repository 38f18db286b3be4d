"""Finds what a slot points at in a call: arguments, keywords, members of object literals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dblint.facts.query import When
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.values import (
    Alternatives,
    Context,
    Expression,
    Instance,
    LibraryClass,
    ListOf,
    ProjectClass,
    Scalar,
    SchemaModel,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_SPREADS = 5
"""Objects in objects that are followed for the names that surely stand there."""


class Site(msgspec.Struct, frozen=True):
    """An expression in its file and context, and when it stands there."""

    path: str
    node: int
    context: Context | None
    when: When = When.ALWAYS


class Found(msgspec.Struct, frozen=True):
    """What a slot holds. `open`: something stands there that could not be read."""

    sites: tuple[Site, ...] = ()
    open: bool = False


def find(evaluator: Evaluator, at: str, call: Site) -> Found:
    """The sites that `at` points to in the call. The first alternative that stands there counts, at each of several
    places."""
    if " " in at:
        several = [find(evaluator, place, call) for place in at.split()]
        return Found(tuple(site for found in several for site in found.sites), any(found.open for found in several))
    tree = evaluator.tree(call.path)
    missing_open = tree.kinds[call.node] == Kind.ATTRIBUTE and tree.kinds[passed_on(evaluator, call)[0]] != Kind.CALL
    for alternative in _alternatives(at):
        found = _find(evaluator, alternative, call)
        if found.sites:
            return found
        missing_open = missing_open or found.open
    return Found((), missing_open)


def passed_on(evaluator: Evaluator, member: Site) -> tuple[int, int]:
    """The call whose arguments a member is given that is handed to it as a function (`to_thread(rows.get, 1)`), and how
    many of them stand before these; the member itself where it cannot be said what it is given."""
    handed = handed_to(evaluator.tree(member.path), member.node)
    callback = callback_of(evaluator, member.path, *handed) if handed is not None else None
    if handed is None or callback is None or not callback.passes or not isinstance(handed[1], int):
        return member.node, 0
    return handed[0], handed[1] + 1


def positional(evaluator: Evaluator, call: Site) -> Iterator[tuple[int, bool]]:
    """A call's positional arguments, each with whether it is a spread."""
    tree = evaluator.tree(call.path)
    outer, behind = (call.node, 0) if tree.kinds[call.node] != Kind.ATTRIBUTE else passed_on(evaluator, call)
    for node in islice(tree.with_role(outer, Role.ARGUMENT), behind, None):
        if tree.kinds[node] == Kind.SPREAD:
            if not tree.flags[node] & 16:
                yield node, True
        elif tree.kinds[node] != Kind.KEYWORD:
            yield node, False


def keywords(evaluator: Evaluator, call: Site, named: str | None = None) -> tuple[list[tuple[str, Site]], bool]:
    """A call's keywords, or those of one name, with those of `**{…}` literals; True when more may be there. An object
    in the place of a call has its entries as keywords."""
    tree = evaluator.tree(call.path)
    found: list[tuple[str, Site]] = []
    hidden = False
    if tree.kinds[call.node] == Kind.OBJECT:
        found, hidden = entries(evaluator, call)
        return [pair for pair in found if named is None or pair[0] == named], hidden
    outer = call.node if tree.kinds[call.node] != Kind.ATTRIBUTE else passed_on(evaluator, call)[0]
    for node in tree.with_role(outer, Role.ARGUMENT):
        if tree.kinds[node] == Kind.KEYWORD:
            name = tree.value(node)
            if named is None or name == named:
                found.append((name, Site(call.path, tree.child(node, Role.VALUE), call.context, call.when)))
        elif tree.kinds[node] == Kind.SPREAD and tree.flags[node] & 16:
            value = tree.child(node, Role.VALUE)
            pairs, more = (
                entries(evaluator, Site(call.path, value, call.context, call.when)) if value >= 0 else ([], True)
            )
            found += [pair for pair in pairs if named is None or pair[0] == named]
            hidden = hidden or more
    return found, hidden


def listed(evaluator: Evaluator, call: Site) -> bool:
    """Whether the call's first argument is surely a list. A tuple is none: it may be one row."""
    found = find(evaluator, "0", call)
    held = [one for site in found.sites for one in options(evaluator.value(site.path, site.node, site.context))]
    return bool(held) and all(
        isinstance(one, ListOf)
        or (isinstance(one, Expression) and evaluator.tree(one.path).kinds[one.node] == Kind.LIST)
        for one in held
    )


def is_row(evaluator: Evaluator, at: str, call: Site) -> bool:
    """Whether the first of the arguments that is no class is surely one row: an instance of a class."""
    for place in at.split():
        for site in find(evaluator, place, call).sites:
            held = options(evaluator.value(site.path, site.node, site.context))
            if held and all(isinstance(one, (ProjectClass, LibraryClass, SchemaModel)) for one in held):
                continue
            return bool(held) and all(
                one.kind == "row" if isinstance(one, Scalar) else isinstance(one, Instance) and not one.steps
                for one in held
            )
    return False


def _find(evaluator: Evaluator, at: str, call: Site) -> Found:
    tree = evaluator.tree(call.path)
    if at == "tagged":
        node = tree.child(call.node, Role.ARGUMENT)
        return Found((Site(call.path, node, call.context, call.when),)) if node >= 0 else Found()
    if at == "*":
        sites: list[Site] = []
        hidden = False
        for node, spread in positional(evaluator, call):
            site = Site(call.path, node, call.context, call.when)
            inside = _laid_out(evaluator, site) if spread else [site]
            hidden = hidden or inside is None
            sites += inside or ()
        return Found(tuple(sites), hidden)
    slot = _slot(at)
    keys = slot.keys
    if slot.first >= 0:
        sites = []
        position = 0
        for node, spread in positional(evaluator, call):
            if not spread and not slot.first <= position <= slot.last:
                position += 1  # another argument's place, which nobody asks for
                continue
            site = Site(call.path, node, call.context, call.when)
            inside = _laid_out(evaluator, site) if spread else [site]
            if inside is None:
                return Found(tuple(sites), True)
            for each in inside:
                if slot.first <= position <= slot.last:
                    sites.append(each)
                position += 1
        found = Found(tuple(sites))
    else:
        pairs, hidden = keywords(evaluator, call, slot.keyword)
        found = Found(tuple([site for _, site in pairs]), hidden)
    for key in keys:
        found = _member(evaluator, found, key)
    return found


class _Slot(NamedTuple):
    """A place in a call: the first and the last of its positions (-1: none), or its keyword; and the keys behind."""

    first: int
    last: int
    keyword: str
    keys: tuple[str, ...]


# Rows have few different places, and each of them is looked at for every call of the row.


@cache
def _alternatives(at: str) -> tuple[str, ...]:
    return tuple(at.split("|"))


@cache
def _slot(at: str) -> _Slot:
    head, *keys = at.split(".")
    position = head.rstrip("+")
    if not position.isdigit():
        return _Slot(-1, -1, head, tuple(keys))
    return _Slot(int(position), sys.maxsize if head.endswith("+") else int(position), "", tuple(keys))


def _laid_out(evaluator: Evaluator, spread: Site) -> list[Site] | None:
    """The elements of a list that an argument spreads: of one that a class keeps (`*self.fields`), or that the function
    has put together under a name. None where it cannot be said which they are."""
    tree = evaluator.tree(spread.path)
    value = tree.child(spread.node, Role.VALUE)
    if value >= 0 and tree.kinds[value] == Kind.NAME:
        return _put_together(evaluator, Site(spread.path, value, spread.context, spread.when))
    if value < 0 or tree.kinds[value] != Kind.ATTRIBUTE:
        return None
    held = options(evaluator.value(spread.path, value, spread.context))
    literal = held[0] if len(held) == 1 else None
    if not isinstance(literal, Expression):
        return None
    return _of_literal(evaluator, Site(literal.path, literal.node, literal.context, spread.when))


def _of_literal(evaluator: Evaluator, literal: Site) -> list[Site] | None:
    tree = evaluator.tree(literal.path)
    if tree.kinds[literal.node] not in (Kind.LIST, Kind.TUPLE):
        return None
    children = list(tree.children(literal.node))
    if any(tree.kinds[child] == Kind.SPREAD for child in children):
        return None
    return [Site(literal.path, child, literal.context, literal.when) for child in children]


def _put_together(evaluator: Evaluator, name: Site) -> list[Site] | None:
    """The elements of a list that begins as a literal and then gets one after the other, each with whether it always
    does. None where something else may have changed it, or a loop adds to it."""
    scope = evaluator.scope(name.path)
    tree = scope.tree
    function, word = scope.function(name.node), tree.value(name.node)
    reached = scope.reaching(name.node, word)
    if function < 0 or not reached or evaluator.javascript(name.path):
        return None
    found: list[Site] = []
    begun = False
    for binding, always in reversed(reached):
        when = name.when if always else When.SOMETIMES
        if scope.function(binding) != function or any(
            tree.kinds[parent] == Kind.LOOP and not tree.contains(parent, name.node)
            for parent in tree.ancestors(binding)
        ):
            return None
        if tree.kinds[binding] == Kind.ASSIGN and tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME:
            added = tree.value(binding)
            if begun != bool(added) or not (begun or always):
                return None
            value = tree.child(binding, Role.VALUE)
            inside = _of_literal(evaluator, Site(name.path, value, name.context, when)) if value >= 0 else None
        else:
            inside = _appended(evaluator, Site(name.path, binding, name.context, when)) if begun else None
        if inside is None:
            return None
        begun = True
        found += inside
    use = tree.kinds.find(Kind.NAME, function, name.node)
    while use >= 0:
        if tree.value(use) == word and not _only_looked_at(evaluator, name.path, use):
            return None
        use = tree.kinds.find(Kind.NAME, use + 1, name.node)
    return found


def _appended(evaluator: Evaluator, call: Site) -> list[Site] | None:
    """What a statement adds to a list; None where it does something else to it."""
    tree = evaluator.tree(call.path)
    given = list(tree.with_role(call.node, Role.ARGUMENT))
    if tree.kinds[call.node] != Kind.CALL or tree.kinds[call.node + 1] != Kind.ATTRIBUTE or len(given) != 1:
        return None
    row = evaluator.tables.untyped["python"].get(tree.value(call.node + 1))
    if row is not None and row.list == "append" and tree.kinds[given[0]] not in (Kind.SPREAD, Kind.KEYWORD):
        return [Site(call.path, given[0], call.context, call.when)]
    if row is not None and row.list == "extend":
        return _of_literal(evaluator, Site(call.path, given[0], call.context, call.when))
    return None


def _only_looked_at(evaluator: Evaluator, path: str, use: int) -> bool:
    """Whether a use of a list hands it nowhere and changes it by nothing but statements on its name, which are read."""
    tree = evaluator.tree(path)
    parent, role = tree.parents[use], tree.roles[use]
    kind = tree.kinds[parent]
    if role == Role.TARGET or kind == Kind.SPREAD or role == Role.CONDITION or kind in (Kind.UNARY, Kind.BINARY):
        return True
    if kind == Kind.ATTRIBUTE:
        return tree.roles[parent] == Role.CALLEE
    callee = parent + 1
    return kind == Kind.CALL and tree.kinds[callee] == Kind.NAME and tree.value(callee) in hosts.LENGTHS | hosts.TRUTH


def _member(evaluator: Evaluator, found: Found, key: str) -> Found:
    sites: list[Site] = []
    hidden = found.open
    for site in found.sites:
        pairs, more = entries(evaluator, site)
        matching = [other for name, other in pairs if name == key]
        sites += matching[-1:]
        hidden = hidden or (more and not matching)
    return Found(tuple(sites), hidden)


def entries(
    evaluator: Evaluator, site: Site, key: Callable[[Site], str] | None = None
) -> tuple[list[tuple[str, Site]], bool]:
    """The pairs of an object literal or what the expression holds as one; True when more may be there. `key` says
    which name a computed key is, "" where that cannot be said."""
    literals, hidden = objects(evaluator, site)
    pairs: list[tuple[str, Site]] = []
    seen: set[tuple[str, int]] = set()
    always: set[str] = set()
    pending = [(literal, _in_each(evaluator, site, literals, hidden)) for literal in literals]
    for literal, certain in pending:
        if (literal.path, literal.node) in seen:
            continue  # `all = {...all, more}` in a loop
        seen.add((literal.path, literal.node))
        tree = evaluator.tree(literal.path)
        for child in tree.children(literal.node):
            if tree.kinds[child] == Kind.PAIR:
                value = tree.child(child, Role.VALUE)
                name = tree.value(child)
                if not name and key is not None and (computed := tree.child(child, Role.KEY)) >= 0:
                    name = key(Site(literal.path, computed, literal.context))
                if not name:
                    hidden = True
                elif value >= 0:
                    when = When.ALWAYS if name in certain and name not in always else literal.when
                    if when is When.ALWAYS:
                        always.add(name)
                    pairs.append((name, Site(literal.path, value, literal.context, when)))
            elif tree.kinds[child] == Kind.SPREAD:
                inner = _spread(literal, tree, child)
                literals_inside, more = objects(evaluator, inner)
                hidden = hidden or more
                whole = Site(inner.path, inner.node, inner.context, literal.when)
                shared = certain | _in_each(evaluator, whole, literals_inside, more)
                pending += [(each, shared) for each in literals_inside]
    return pairs, hidden


def _spread(literal: Site, tree: Tree, spread: int) -> Site:
    value = tree.child(spread, Role.VALUE)
    when = When.SOMETIMES if _branching(tree.kinds[value]) else literal.when
    return Site(literal.path, value, literal.context, when)


def _in_each(
    evaluator: Evaluator, site: Site, literals: Sequence[Site], hidden: bool, depth: int = _SPREADS
) -> frozenset[str]:
    """The names that stand in the object whichever of these literals the expression holds; none where it may hold no
    object at all, or none of them is surely there."""
    if len(literals) < 2 or hidden or site.when is When.SOMETIMES:
        return frozenset()
    if evaluator.tree(site.path).kinds[site.node] == Kind.BINARY:  # `a && { … }` may be no object
        return frozenset()
    if any(isinstance(option, Scalar) for option in options(evaluator.value(site.path, site.node, site.context))):
        return frozenset()
    return frozenset.intersection(*(_names(evaluator, literal, depth) for literal in literals))


def _names(evaluator: Evaluator, literal: Site, depth: int) -> frozenset[str]:
    """The names that stand in an object literal whenever it is made."""
    tree = evaluator.tree(literal.path)
    found: set[str] = set()
    for child in tree.children(literal.node):
        if tree.kinds[child] == Kind.PAIR:
            found.add(tree.value(child))
        elif tree.kinds[child] == Kind.SPREAD and depth:
            inner = _spread(Site(literal.path, literal.node, literal.context), tree, child)
            inside, hidden = objects(evaluator, inner)
            if len(inside) == 1 and not hidden and inside[0].when is When.ALWAYS:
                found |= _names(evaluator, inside[0], depth - 1)
            else:
                whole = Site(inner.path, inner.node, inner.context)
                found |= _in_each(evaluator, whole, inside, hidden, depth - 1)
    return frozenset(found - {""})


def _branching(kind: int) -> bool:
    return kind in (Kind.CONDITIONAL, Kind.BINARY)


def objects(evaluator: Evaluator, site: Site) -> tuple[list[Site], bool]:
    """The object literals that an expression may hold; True when it may hold something else."""
    tree = evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if kind == Kind.OBJECT:
        return [site], False
    if kind == Kind.BINARY and tree.value(site.node) == "and":
        right = tree.child(site.node, Role.RIGHT)
        return objects(evaluator, Site(site.path, right, site.context, When.SOMETIMES)) if right >= 0 else ([], True)
    if kind == Kind.CONDITIONAL:
        given = [node for node in (tree.child(site.node, Role.BODY), tree.child(site.node, Role.ELSE)) if node >= 0]
        some = [node for node in given if tree.kinds[node] != Kind.CONSTANT]
        if len(some) == 1 and len(given) == 2:
            return objects(evaluator, Site(site.path, some[0], site.context, When.SOMETIMES))
    value: Value = evaluator.value(site.path, site.node, site.context)
    several = isinstance(value, Alternatives)
    found: list[Site] = []
    hidden = False
    for option in options(value):
        if isinstance(option, Expression):
            inner = evaluator.tree(option.path)
            if inner.kinds[option.node] == Kind.OBJECT:
                when = When.SOMETIMES if several or site.when is When.SOMETIMES else When.ALWAYS
                found.append(Site(option.path, option.node, option.context, when))
                hidden = hidden or _grows(evaluator, site, option)
                continue
            if inner.kinds[option.node] in (Kind.STRING, Kind.TEMPLATE):
                continue  # a text has no entries
        if isinstance(option, Scalar):
            continue
        hidden = True
    return found, hidden


def _grows(evaluator: Evaluator, site: Site, literal: Expression) -> bool:
    """Whether the object is built further after its literal (`where.status = …`), so that more may be there."""
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.NAME or literal.path != site.path:
        return False
    return evaluator.scope(site.path).grown(site.node, tree.value(site.node))


def positions(at: str) -> tuple[str, bool]:
    """The places of a slot without that of all keywords, and whether that is among them."""
    places = at.split()
    return " ".join(place for place in places if place != "**"), "**" in places
