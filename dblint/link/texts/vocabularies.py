"""Collections of the program's own words: what a test or a look-up may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.names import Definition
from dblint.link.values import Expression, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins
    from dblint.link.types import Evaluator

WRAPPERS = 6
"""Names and calls around a literal that are looked through."""


class Vocabularies:
    """Answers whose words a collection holds. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def holds(self, site: Site) -> Origin | None:
        """CONSTANT for a collection of the program's own words; UNKNOWN for one that no caller hands in."""
        tree = self.evaluator.tree(site.path)
        for _ in range(WRAPPERS):
            kind = tree.kinds[site.node]
            if kind in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT):
                if words_of(tree, site.node) is not None:
                    return Origin.CONSTANT
                put = self.origins.iterated(site, site.node)
                return None if put in (Origin.PARAMETER, Origin.REQUEST, Origin.DATABASE) else Origin.UNKNOWN
            if kind == Kind.CAST:
                site = Site(site.path, tree.child(site.node, Role.VALUE), site.context)
                continue
            if kind == Kind.CALL:
                inner = self._inside(site)
                if inner is not None:
                    site = inner
                    tree = self.evaluator.tree(site.path)
                    continue
            if kind == Kind.NAME:
                defined = self._defined(site)
                if defined is not None:
                    site = defined
                    tree = self.evaluator.tree(site.path)
                    continue
            break
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression):
                other = self.evaluator.tree(option.path)
                if words_of(other, option.node) is not None:
                    return Origin.CONSTANT
            if isinstance(option, ProjectClass):
                return Origin.CONSTANT  # an enumeration: whoever asks a class has one
        held = self.origins.of(site)
        return None if held in (Origin.PARAMETER, Origin.REQUEST, Origin.DATABASE) else Origin.UNKNOWN

    def _defined(self, site: Site) -> Site | None:
        """The one expression that a name is given, in this file or where it is imported from."""
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node)
        reached = self.evaluator.scope(site.path).reaching(site.node, name)
        path, nodes = site.path, [binding for binding, _ in reached or ()]
        if reached is None:
            target = self.evaluator.names.binding(site.path, name)
            if not isinstance(target, Definition):
                return None
            path, nodes = target.path, list(target.nodes)
        tree = self.evaluator.tree(path)
        if len(nodes) != 1 or tree.kinds[nodes[0]] != Kind.ASSIGN or tree.value(nodes[0]):
            return None
        value, target_node = tree.child(nodes[0], Role.VALUE), tree.child(nodes[0], Role.TARGET)
        plain = value >= 0 and target_node >= 0 and tree.kinds[target_node] == Kind.NAME
        return Site(path, value, None) if plain else None

    def _inside(self, call: Site) -> Site | None:
        """`frozenset({…})`, `Object.keys(OBJECT)`, `OBJECT.keys()`: the collection that is wrapped."""
        tree = self.evaluator.tree(call.path)
        row = self.origins.row(call)
        if row is None:
            return None
        argument = tree.child(call.node, Role.ARGUMENT)
        if isinstance(row, Untyped):
            wrapped = row.list == "same" or row.string == "keys"
            return Site(call.path, call.node + 2, call.context) if wrapped else None
        wrapped = argument >= 0 and row.string in ("derived", "keys", "mapping")
        return Site(call.path, argument, call.context) if wrapped else None


def constant(tree: Tree, node: int) -> bool:
    """Whether a node is a literal word or number."""
    return tree.kinds[node] in (Kind.STRING, Kind.NUMBER)


def words_of(tree: Tree, node: int) -> tuple[str, ...] | None:
    """The words of a literal collection (an object's are its keys); None when one is not a literal."""
    words: list[str] = []
    kind = tree.kinds[node]
    if kind not in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT):
        return None
    for child in tree.children(node):
        if kind == Kind.OBJECT:
            if tree.kinds[child] != Kind.PAIR or not tree.value(child):
                return None
        elif not constant(tree, child):
            return None
        words.append(tree.value(child))
    return tuple(words)


def entry_of_constants(evaluator: Evaluator, site: Site, owner: Value) -> bool:
    """Whether a subscript reads an entry of a mapping or list of nothing but literals."""
    entry = (Kind.STRING, Kind.NUMBER)
    tree = evaluator.tree(site.path)
    if tree.kinds[tree.child(site.node, Role.INDEX)] == Kind.SLICE:
        return False
    for option in options(owner):
        if not isinstance(option, Expression):
            return False
        other = evaluator.tree(option.path)
        if other.kinds[option.node] not in (Kind.OBJECT, Kind.LIST, Kind.TUPLE):
            return False
        for child in other.children(option.node):
            value = other.child(child, Role.VALUE) if other.kinds[child] == Kind.PAIR else child
            if value < 0 or other.kinds[value] not in entry:
                return False
    return True
