"""What was tested of every element of a list before one of them is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.link.texts.guards import Guards

LISTS = 12
"""Lists that are put together to the one that is iterated, and names on the way to them."""
STATEMENTS = 400
"""Statements in front of a use that are looked at."""
DECIDED = (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE)


class Part(Site, frozen=True):
    """What stands under `keys` in the value at `node`."""

    keys: tuple[str, ...] = ()


class Tested:
    """Answers what loops prove of elements. One per evaluator."""

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.evaluator = guards.evaluator

    def element(self, site: Site) -> Origin | None:
        """What is proved of an element of a list, or of what stands under literal keys in it, because code before it
        looks at every element and raises. Where several lists are iterated as one, each must be harmless."""
        tree = self.evaluator.tree(site.path)
        opened = opening(self.guards, site)
        if opened is None or tree.kinds[opened[0]] != Kind.NAME:
            return None
        root, keys = opened
        bindings = self.evaluator.scope(site.path).reaching(root, tree.value(root)) or []
        if len(bindings) != 1 or tree.kinds[bindings[0][0]] not in (Kind.LOOP, Kind.CLAUSE):
            return None
        binding = bindings[0][0]
        target, iterable = tree.child(binding, Role.TARGET), tree.child(binding, Role.ITERABLE)
        if min(target, iterable) < 0 or tree.kinds[target] != Kind.NAME:
            return None
        proved: list[Origin] = []
        pending = [iterable]
        for _ in range(LISTS):
            if not pending:
                break
            listed = Site(site.path, pending.pop(), site.context)
            found = self._of_list(listed, keys)
            if found is None:
                inner = self._lists(listed)
                if inner:
                    pending += inner
                    continue
                found = self.guards.origins.iterated(listed, listed.node)
            if found in DECIDED:
                return None
            proved.append(found)
        return self.guards.origins.worst(proved) if proved and not pending else None

    def _lists(self, site: Site) -> list[int]:
        """The lists that one is put together from, or the one expression that its name is given."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        if tree.kinds[node] == Kind.BINARY and tree.value(node) == "+":
            return list(tree.children(node))
        if tree.kinds[node] == Kind.NAME:
            bindings = self.evaluator.scope(site.path).reaching(node, tree.value(node)) or []
            binding = bindings[0][0] if len(bindings) == 1 else -1
            if binding >= 0 and tree.kinds[binding] == Kind.ASSIGN and not tree.value(binding):
                value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
                if value >= 0 and tree.kinds[target] == Kind.NAME and tree.kinds[value] in (Kind.BINARY, Kind.NAME):
                    return [value]
        return []

    def _of_list(self, listed: Site, keys: tuple[str, ...]) -> Origin | None:
        """What the statements before a list prove of all its elements."""
        tree = self.evaluator.tree(listed.path)
        for statement in _before(tree, listed.node):
            kind = tree.kinds[statement]
            found: Origin | None = None
            if kind == Kind.LOOP and self._iterates(listed, statement):
                found = self.loop(listed.path, statement, keys)
            elif kind in (Kind.CALL, Kind.AWAIT):
                call = statement if kind == Kind.CALL else tree.child(statement, Role.VALUE)
                if call >= 0 and tree.kinds[call] == Kind.CALL:
                    found = self._called(listed, call, keys)
            if found is not None:
                return found
        return None

    def _iterates(self, listed: Site, loop: int) -> bool:
        tree = self.evaluator.tree(listed.path)
        iterable = tree.child(loop, Role.ITERABLE)
        return iterable >= 0 and self.guards.same(listed, iterable, -1)

    def _called(self, listed: Site, call: int, keys: tuple[str, ...]) -> Origin | None:
        """A function of the project that is given the list, and loops over it."""
        tree = self.evaluator.tree(listed.path)
        if not any(self.guards.same(listed, _value(tree, node), -1) for node in tree.with_role(call, Role.ARGUMENT)):
            return None
        for option in options(self.evaluator.value(listed.path, call + 1, listed.context)):
            if not isinstance(option, FunctionValue):
                continue
            for parameter, argument in self.evaluator.parameters.matched(option, listed.path, call):
                if self.guards.same(listed, argument, -1):
                    return self.parameter(option, parameter, keys)
        return None

    def parameter(self, function: FunctionValue, parameter: int, keys: tuple[str, ...]) -> Origin | None:
        """What a function proves of the elements of its parameter by looping over it."""
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        if body < 0 or tree.kinds[body] != Kind.BLOCK or not tree.value(parameter):
            return None
        given = Site(function.path, parameter, None)
        for statement in tree.children(body):
            iterable = tree.child(statement, Role.ITERABLE) if tree.kinds[statement] == Kind.LOOP else -1
            if iterable >= 0 and self.guards.same(given, iterable, parameter):
                found = self.loop(function.path, statement, keys)
                if found is not None:
                    return found
        return None

    def loop(self, path: str, loop: int, keys: tuple[str, ...]) -> Origin | None:
        """What a loop proves of each element by raising, or of what stands under `keys` in each."""
        tree = self.evaluator.tree(path)
        target, body = tree.child(loop, Role.TARGET), tree.child(loop, Role.BODY)
        if min(target, body) < 0 or tree.kinds[target] != Kind.NAME:
            return None
        element = Part(path, target, None, keys=keys)
        for statement in tree.children(body):
            found: Origin | None = None
            if tree.kinds[statement] == Kind.IF and raises(tree, tree.child(statement, Role.BODY)):
                found = self.guards.proofs.implied(element, tree.child(statement, Role.CONDITION), False, loop)
            elif tree.kinds[statement] == Kind.OPAQUE and tree.value(statement) == "assert":
                found = self.guards.proofs.implied(element, statement + 1, True, loop)
            if found is not None:
                return found
        return None


def raises(tree: Tree, branch: int) -> bool:
    """Whether a branch raises by a statement of its own."""
    if branch < 0:
        return False
    statements = tree.children(branch) if tree.kinds[branch] == Kind.BLOCK else [branch]
    return any(tree.kinds[statement] == Kind.RAISE for statement in statements)


def opening(guards: Guards, site: Site) -> tuple[int, tuple[str, ...]] | None:
    """What an expression reads by literal keys from, and those keys, the outermost first: `f["type"]`, `f.type`,
    `f.get("type")`. None for a key that is computed."""
    tree = guards.evaluator.tree(site.path)
    node = site.node
    keys: list[str] = []
    for _ in range(8):
        kind = tree.kinds[node]
        if kind in (Kind.CAST, Kind.AWAIT):
            node = tree.child(node, Role.VALUE)
        elif kind == Kind.ATTRIBUTE:
            keys.append(tree.value(node))
            node += 1
        elif kind == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            if index < 0 or tree.kinds[index] != Kind.STRING:
                return None
            keys.append(tree.value(index))
            node += 1
        elif kind == Kind.CALL:
            row = guards.origins.untyped(site.path, node)
            argument = tree.child(node, Role.ARGUMENT)
            if not isinstance(row, Untyped) or row.list != "lookup" or argument < 0:
                return None
            if tree.kinds[argument] != Kind.STRING:
                return None
            keys.append(tree.value(argument))
            node += 2
        else:
            return node, tuple(reversed(keys))
    return None


def _value(tree: Tree, argument: int) -> int:
    return tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.KEYWORD else argument


def _before(tree: Tree, node: int) -> Iterator[int]:
    """The statements of a function that stand before an expression, in the blocks around it."""
    left = STATEMENTS
    child, parent = node, tree.parents[node]
    while parent >= 0 and tree.kinds[parent] != Kind.FUNCTION:
        if tree.kinds[parent] in (Kind.BLOCK, Kind.MODULE, Kind.CASE):
            for statement in tree.children(parent):
                left -= 1
                if statement >= child or left < 0:
                    break
                yield statement
        child, parent = parent, tree.parents[parent]
