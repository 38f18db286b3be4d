"""What a declared type says of the texts that its values can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link import hosts
from dblint.link.names import Definition
from dblint.link.values import Expression, Instance, LibraryClass, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

PARTS = 60
"""Parts of a type that are read until nothing is said."""
LITERALS = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT})


class Declared:
    """Reads annotations. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def of(self, path: str, annotation: int) -> Origin | None:
        """NUMBER or CONSTANT where every value of the type prints so; None where a text may be among them."""
        pending = [(path, annotation)]
        numeric = False
        read = 0
        while pending:
            path, node = pending.pop()
            read += 1
            if read > PARTS:
                return None
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if kind in LITERALS:
                continue
            if kind == Kind.BINARY and tree.value(node) == "|":
                pending += [(path, child) for child in tree.children(node)]
                continue
            if kind == Kind.OPAQUE and node + 1 < tree.ends[node]:
                # `keyof typeof OBJECT`: one of the keys that stand in the source.
                operand = node + 1
                if tree.kinds[operand] != Kind.UNARY:
                    return None
                continue
            if kind == Kind.SUBSCRIPT:
                inner = self._arguments(path, node)
                if inner is None:
                    return None
                pending += inner
                continue
            if kind not in (Kind.NAME, Kind.ATTRIBUTE):
                return None
            word = tree.value(node)
            if word in ("undefined", "null", "None", "never", "void"):
                continue
            said = self._named(path, node)
            if said is None:
                return None
            if isinstance(said, tuple):
                pending.append(said)
            numeric = numeric or said is Origin.NUMBER
        return Origin.NUMBER if numeric else Origin.CONSTANT

    def _arguments(self, path: str, node: int) -> list[tuple[str, int]] | None:
        """The parts of a type with arguments that its values print."""
        tree = self.evaluator.tree(path)
        base = tree.child(node, Role.OBJECT)
        arguments = list(tree.with_role(node, Role.INDEX))
        if len(arguments) == 1 and tree.kinds[arguments[0]] == Kind.TUPLE:
            arguments = list(tree.children(arguments[0]))
        if base < 0 or not arguments:
            return None
        if tree.kinds[base] == Kind.UNARY and tree.value(base) == "typeof":
            # `(typeof NAMES)[number]`: an element of a list that stands in the source.
            listed = tree.child(base, Role.VALUE)
            for option in options(self.evaluator.value(path, listed)) if listed >= 0 else ():
                if isinstance(option, Expression):
                    other = self.evaluator.tree(option.path)
                    if other.kinds[option.node] in (Kind.LIST, Kind.OBJECT):
                        return [(option.path, child) for child in _elements(other, option.node)]
            return None
        word = tree.value(base)
        if word in hosts.UNIONS:
            return [(path, argument) for argument in arguments]
        if word in hosts.TRANSPARENT:
            return [(path, arguments[0])]
        return None

    def _named(self, path: str, node: int) -> Origin | tuple[str, int] | None:
        """What a name in an annotation stands for: an origin, or the expression that an alias names."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for option in options(evaluator.value(path, node)):
            if isinstance(option, (LibraryClass, ProjectClass)):
                return {"number": Origin.NUMBER, "constant": Origin.CONSTANT}.get(self.plain(option))
            if isinstance(option, Expression):
                return option.path, option.node
        # `type X = 'a' | 'b'`: an alias of plain words holds nothing that has members.
        return self._alias(path, node, tree.value(node)) if tree.kinds[node] == Kind.NAME else None

    def _alias(self, path: str, node: int, name: str) -> tuple[str, int] | None:
        evaluator = self.evaluator
        bindings = evaluator.scope(path).reaching(node, name)
        places = [(path, binding) for binding, _ in bindings or ()]
        if bindings is None:
            target = evaluator.names.binding(path, name)
            places = [(target.path, binding) for binding in target.nodes] if isinstance(target, Definition) else []
        for place, binding in places:
            tree = evaluator.tree(place)
            if tree.kinds[binding] in (Kind.ALIAS, Kind.ASSIGN):
                aliased = tree.child(binding, Role.VALUE)
                return (place, aliased) if aliased >= 0 else None
        return None

    def member(self, owner: Instance, name: str) -> Origin | None:
        """What the declaration of a member says, or that the owner is one of an enumeration."""
        evaluator = self.evaluator
        for cls in evaluator.classes.mro(owner.cls):
            if not isinstance(cls, ProjectClass):
                continue
            interface = evaluator.files[cls.path].interface.classes.get(cls.node)
            tree = evaluator.tree(cls.path)
            for node in interface.members.get(name, ()) if interface is not None else ():
                annotation = tree.child(node, Role.ANNOTATION)
                if tree.kinds[node] in (Kind.ASSIGN, Kind.PARAMETER) and annotation >= 0:
                    return self.of(cls.path, annotation)
        return Origin.CONSTANT if self.plain(owner.cls) == "constant" else None

    def plain(self, value: LibraryClass | ProjectClass) -> str:
        """What values of a class print as: `number`, `string`, `constant`; "" for cannot say."""
        evaluator = self.evaluator
        found = ""
        for cls in evaluator.classes.mro(value):
            if isinstance(cls, LibraryClass):
                plain = evaluator.tables.types[cls.name].scalar
                if plain == "constant":
                    return plain  # `class Colour(str, Enum)`
                found = found or plain
            elif evaluator.javascript(cls.path) and _enumeration(evaluator.tree(cls.path), cls.node):
                return "constant"
        return found


def _elements(tree: Tree, node: int) -> list[int]:
    """The elements of a list literal, the values of an object literal."""
    if tree.kinds[node] == Kind.OBJECT:
        return [value for pair in tree.children(node) if (value := tree.child(pair, Role.VALUE)) >= 0]
    return list(tree.children(node))


def _enumeration(tree: Tree, node: int) -> bool:
    """An enumeration of TypeScript is a class that has constant members and nothing else."""
    body = tree.child(node, Role.BODY)
    members = list(tree.children(body)) if body >= 0 else []
    return bool(members) and all(
        tree.kinds[member] == Kind.ASSIGN and tree.has(member, Flag.CONSTANT) and tree.has(member, Flag.STATIC)
        for member in members
    )
