"""`mql`: the documents and lists that programs write, also those that they add to afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.query import When
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.conditions import Scene
from dblint.link.values import Expression as Literal
from dblint.link.values import ProjectClass, options

DEPTH = 30
"""Attributes in attributes that are followed."""
_BRANCHES = frozenset({Kind.IF, Kind.LOOP, Kind.TRY, Kind.SWITCH, Kind.CASE, Kind.CATCH})
_APPEND = "append"


def written(scene: Scene, site: Site) -> str:
    """The path of a field that is written as an attribute of a model (`Book.author.name`) or as a text that is known;
    "" for anything else."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    words: list[str] = []
    node = site.node
    while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT) and len(words) < DEPTH:
        if tree.kinds[node] == Kind.ATTRIBUTE:
            words.append(tree.value(node))
        else:
            index = tree.child(node, Role.INDEX)
            if index < 0 or tree.kinds[index] not in (Kind.STRING, Kind.NUMBER):
                return ""
            words.append(tree.value(index))
        node += 1
    if words and tree.kinds[node] == Kind.NAME:
        owner = evaluator.value(site.path, node, site.context)
        if isinstance(owner, ProjectClass) and any(
            evaluator.tables.types[cls.name].declares for cls in evaluator.classes.library_types(owner)
        ):
            return ".".join(reversed(words))
    texts = evaluator.rows.texts(site.path, site.node, site.context)
    return texts[0] if len(texts) == 1 else ""


def pairs(scene: Scene, site: Site) -> tuple[list[tuple[str, Site]], bool]:
    """The entries of a document, with those that are put into it by name; True when more may be there."""

    def key(inner: Site) -> str:
        return written(scene, inner)

    literal = _kept(scene, site, Kind.OBJECT)
    if literal is None:
        return entries(scene.evaluator, site, key)
    found, hidden = entries(scene.evaluator, literal, key)
    tree = scene.evaluator.tree(site.path)
    scope = scene.evaluator.scope(site.path)
    for assign, member in scope.growth(site.node, tree.value(site.node)):
        if assign > site.node:
            continue
        index = tree.child(member, Role.INDEX) if tree.kinds[member] == Kind.SUBSCRIPT else -1
        value = tree.child(assign, Role.VALUE)
        name = key(Site(site.path, index, site.context)) if index >= 0 else ""
        if index < 0 and tree.kinds[member] == Kind.ATTRIBUTE and scene.evaluator.javascript(site.path):
            name = tree.value(member)
        if not name or value < 0 or tree.value(assign) or tree.child(assign, Role.TARGET) != member:
            hidden = True
        else:
            when = _when(scene, site, assign)
            found = [each for each in found if each[0] != name or when is When.SOMETIMES]
            found.append((name, Site(site.path, value, site.context, when)))
    return found, hidden or any(call < site.node for call, _ in _calls(scene, site))


def elements(scene: Scene, site: Site) -> tuple[list[Site], bool]:
    """The elements of a list, with those that are appended to it; True when there may be others."""
    tree = scene.evaluator.tree(site.path)
    if tree.kinds[site.node] in (Kind.LIST, Kind.TUPLE):
        return _children(scene, site)
    literal = _kept(scene, site, Kind.LIST)
    if literal is not None:
        found, hidden = _children(scene, literal)
        for call, member in _calls(scene, site):
            given = list(tree.with_role(call, Role.ARGUMENT))
            when = _when(scene, site, call)
            looped = any(tree.kinds[parent] == Kind.LOOP for parent in tree.ancestors(call))
            if call > site.node:
                continue
            if member != _APPEND or len(given) != 1 or looped:
                hidden = True
            else:
                found.append(Site(site.path, given[0], site.context, when))
        return found, hidden
    found = []
    hidden = False
    for option in options(scene.evaluator.value(site.path, site.node, site.context)):
        if isinstance(option, Literal):
            kind = scene.evaluator.tree(option.path).kinds[option.node]
            if kind in (Kind.LIST, Kind.TUPLE):
                some, more = _children(scene, Site(option.path, option.node, option.context, site.when))
                found += some
                hidden = hidden or more
                continue
        hidden = True
    return found, hidden


def _children(scene: Scene, site: Site) -> tuple[list[Site], bool]:
    tree = scene.evaluator.tree(site.path)
    children = list(tree.children(site.node))
    found = [Site(site.path, child, site.context, site.when) for child in children if tree.kinds[child] != Kind.SPREAD]
    return found, len(found) < len(children)


def _kept(scene: Scene, site: Site, kind: int) -> Site | None:
    """The only literal of that kind that a name holds, in the function of its use."""
    evaluator = scene.evaluator
    tree = evaluator.tree(site.path)
    if tree.kinds[site.node] != Kind.NAME:
        return None
    value = evaluator.value(site.path, site.node, site.context)
    if not isinstance(value, Literal) or value.path != site.path or tree.kinds[value.node] != kind:
        return None
    scope = evaluator.scope(site.path)
    if scope.function(value.node) != scope.function(site.node):
        return None
    return Site(value.path, value.node, value.context, site.when)


def _calls(scene: Scene, site: Site) -> Iterator[tuple[int, str]]:
    """The calls of members of what a name holds whose results nobody uses: they change it."""
    tree = scene.evaluator.tree(site.path)
    scope = scene.evaluator.scope(site.path)
    for node in tree.spelled(tree.value(site.node)):
        member = tree.parents[node]
        call = tree.parents[member] if member >= 0 else -1
        if (
            tree.kinds[node] == Kind.NAME
            and call >= 0
            and tree.kinds[member] == Kind.ATTRIBUTE
            and tree.kinds[call] == Kind.CALL
            and tree.roles[member] == Role.CALLEE
            and tree.kinds[tree.parents[call]] == Kind.BLOCK
            and scope.function(node) == scope.function(site.node)
        ):
            yield call, tree.value(member)


def _when(scene: Scene, site: Site, node: int) -> When:
    """Whether what is added there is always there where the name is used."""
    tree = scene.evaluator.tree(site.path)
    around = set(tree.ancestors(site.node))
    branched = any(tree.kinds[parent] in _BRANCHES and parent not in around for parent in tree.ancestors(node))
    return When.SOMETIMES if branched else site.when


__all__ = ["elements", "pairs", "written"]
