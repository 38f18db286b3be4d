"""What a declared type says of the texts that its values can have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link import hosts
from dblint.link.arguments import Site
from dblint.link.names import Definition
from dblint.link.values import (
    Expression,
    ExternalValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)

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
                # `keyof typeof OBJECT`, `keyof Interface`: one of the keys that stand in the source.
                if tree.kinds[node + 1] != Kind.UNARY and not self._keys_stand(path, node + 1):
                    return None
                continue
            if kind == Kind.SUBSCRIPT:
                inner = self._listed(tree, node) or self._arguments(path, node)
                if inner is None:
                    return None
                pending += [(path, argument) if isinstance(argument, int) else argument for argument in inner]
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

    @staticmethod
    def _listed(tree: Tree, node: int) -> list[int]:
        """The elements of a type of lists: a list prints what they print."""
        base = tree.child(node, Role.OBJECT)
        if base < 0 or tree.kinds[base] not in (Kind.NAME, Kind.ATTRIBUTE) or tree.value(base) not in hosts.LISTS:
            return []
        arguments = list(tree.with_role(node, Role.INDEX))
        if len(arguments) == 1 and tree.kinds[arguments[0]] == Kind.TUPLE:
            return list(tree.children(arguments[0]))
        return arguments

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
        if word in hosts.TRANSPARENT or word in hosts.SUBSETS:
            return [(path, arguments[0])]
        return None

    def _keys_stand(self, path: str, node: int) -> bool:
        """Whether a type is a class or an interface of the project whose every key has a name."""
        if self.evaluator.tree(path).kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE):
            return False
        found = list(options(self.evaluator.value(path, node)))
        classes = [option for option in found if isinstance(option, ProjectClass)]
        lineages = [one for cls in classes for one in self.evaluator.classes.mro(cls)]
        if not classes or len(classes) != len(found) or not all(isinstance(one, ProjectClass) for one in lineages):
            return False
        return not any(isinstance(one, ProjectClass) and self._takes_any_key(one) for one in lineages)

    def _takes_any_key(self, cls: ProjectClass) -> bool:
        """`[key: string]: A`."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        return body < 0 or any(tree.kinds[member] == Kind.OPAQUE for member in tree.children(body))

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

    def validated(self, path: str, parameter: int) -> bool:
        """Whether the declaration of a parameter may check a text before the function gets it: by metadata of its
        type that no table describes, or by a keyword that a table says does."""
        tree = self.evaluator.tree(path)
        pending = [(path, tree.child(parameter, role)) for role in (Role.ANNOTATION, Role.DEFAULT)]
        read = 0
        while pending and read < PARTS:
            path, node = pending.pop()
            read += 1
            if node < 0:
                continue
            tree = self.evaluator.tree(path)
            if tree.kinds[node] == Kind.CALL:
                if self._checks(path, node):
                    return True
            elif tree.kinds[node] == Kind.SUBSCRIPT:
                inner = list(tree.with_role(node, Role.INDEX))
                if len(inner) == 1 and tree.kinds[inner[0]] == Kind.TUPLE:
                    inner = list(tree.children(inner[0]))
                pending += [(path, child) for child in inner]
            elif tree.kinds[node] == Kind.BINARY:
                pending += [(path, child) for child in tree.children(node)]
            elif tree.kinds[node] == Kind.NAME:
                named = self._named(path, node)
                pending += [named] if isinstance(named, tuple) else []
        return False

    def _checks(self, path: str, call: int) -> bool:
        tree = self.evaluator.tree(path)
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, LibraryFunction):
                row = self.evaluator.tables.functions[option.path][1]
                given = {tree.value(node) for node in tree.with_role(call, Role.ARGUMENT)}
                return bool(given.intersection(row.validates))
        return True

    def member(self, owner: Instance, name: str) -> Origin | None:
        """What the declaration of a member says, or that the owner is one of an enumeration."""
        for path, annotation in self._of_member(owner, name):
            return self.of(path, annotation)
        return Origin.CONSTANT if self.plain(owner.cls) == "constant" else None

    def foreign(self, site: Site) -> bool:
        """Whether a name or a member is declared to hold a value of a class of a package that no table describes:
        what its methods compute is nobody's text as far as can be said."""
        pending = self._annotations(site)
        read = 0
        while pending and read < PARTS:
            path, node = pending.pop()
            read += 1
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if kind == Kind.BINARY and tree.value(node) == "|":
                pending += [(path, child) for child in tree.children(node)]
            elif kind == Kind.SUBSCRIPT:
                pending += self._arguments(path, node) or []
            elif kind in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node) not in hosts.UNTYPED:
                if any(
                    isinstance(option, ExternalValue) and self._of_package(path, option.path)
                    for option in options(self.evaluator.value(path, node, site.context))
                ):
                    return True
        return False

    def _of_package(self, path: str, name: str) -> bool:
        """Whether a path leads into a package: what a host brings along is no class of somebody else's."""
        root = name.partition("#")[0] if self.evaluator.javascript(path) else name.partition(".")[0]
        if root == name or root.startswith("node:"):
            return False
        return self.evaluator.javascript(path) or root not in sys.stdlib_module_names | hosts.NOTATION

    def _annotations(self, site: Site) -> list[tuple[str, int]]:
        """The types that are written at the declarations of a name or a member."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        node = site.node
        while tree.kinds[node] in (Kind.CAST, Kind.AWAIT):
            node = tree.child(node, Role.VALUE)
        if tree.kinds[node] == Kind.ATTRIBUTE:
            owner = evaluator.value(site.path, node + 1, site.context)
            return [
                found
                for option in options(owner)
                if isinstance(option, Instance)
                for found in self._of_member(option, tree.value(node))
            ]
        if tree.kinds[node] != Kind.NAME:
            return []
        written: list[tuple[str, int]] = []
        for binding, _ in evaluator.scope(site.path).reaching(node, tree.value(node)) or ():
            annotation = tree.child(binding, Role.ANNOTATION)
            target = tree.child(binding, Role.TARGET)
            whole = target < 0 or tree.kinds[target] == Kind.NAME
            if annotation >= 0 and whole and tree.kinds[binding] in (Kind.ASSIGN, Kind.PARAMETER):
                written.append((site.path, annotation))
        return written

    def _of_member(self, owner: Instance, name: str) -> Iterator[tuple[str, int]]:
        """The annotations of a member in the nearest of the project's classes that declares it."""
        evaluator = self.evaluator
        for cls in evaluator.classes.mro(owner.cls):
            if not isinstance(cls, ProjectClass):
                continue
            interface = evaluator.files[cls.path].interface.classes.get(cls.node)
            tree = evaluator.tree(cls.path)
            for node in interface.members.get(name, ()) if interface is not None else ():
                annotation = tree.child(node, Role.ANNOTATION)
                if tree.kinds[node] in (Kind.ASSIGN, Kind.PARAMETER) and annotation >= 0:
                    yield cls.path, annotation

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
