"""Functions that give one field of an object which others hand out in lists: a GraphQL server calls them once for each
object of such a list.

Where they stand is said by words of tables: methods under a decorator that `resolves`, in a class under one that names
the class whose fields they give (`fields_of`), or functions in an object of objects that is given as `resolvers`, by
type and field. Which types are handed out in lists say the decorators with `answers` (`() => [Author]`), or the
schema's own text (`[Author!]!`). What nobody hands out in a list that can be read is asked for once, as far as one can
say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.classes import class_key
from dblint.link.values import (
    BoundMember,
    Expression,
    FunctionValue,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

ROOTS = frozenset({"Query", "Mutation", "Subscription"})
"""GraphQL's types of which there is one object (GraphQL specification, "Root Operation Types")."""
_DECLARES = re.compile(r"\b(?:type|interface)\s+\w+")
_LISTED = re.compile(r"\[\s*(\w+)\s*!?\s*\]")
SITES = 400
"""Decorators and calls of one name that are looked at."""


class Resolvers:
    """Answers for them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._answering = _answering(evaluator.tables)
        self._handed = _handed(evaluator.tables)

    def listed(self, path: str, function: int) -> str:
        """The list, as people name it, for each of whose objects a function gives a field; "" where there is none."""
        tree = self.evaluator.tree(path)
        above = tree.parents[function]
        if above >= 0 and tree.kinds[above] == Kind.PAIR:
            name = self._objects.get((path, tree.parents[above]), "")
            return f"[{name}]" if name in self._in_schema else ""
        if tree.child(function, Role.DECORATOR) < 0:
            return ""
        if not any(row.resolves for row in self._rows(path, function)):
            return ""
        owner = next((node for node in tree.ancestors(function) if tree.kinds[node] == Kind.CLASS), -1)
        for decorator, row in self._decorators(path, owner) if owner >= 0 else ():
            for value in self._named(path, decorator, row.fields_of) if row.fields_of else ():
                if isinstance(value, ProjectClass) and class_key(value) in self._in_lists:
                    return f"[{self.evaluator.classes.class_name(value)}]"
        return ""

    def _rows(self, path: str, node: int) -> Iterator[Member]:
        for _, row in self._decorators(path, node):
            yield row

    def _decorators(self, path: str, node: int) -> Iterator[tuple[int, Member]]:
        tree = self.evaluator.tree(path)
        for decorator in tree.with_role(node, Role.DECORATOR):
            if tree.kinds[decorator] == Kind.CALL:
                for row in self._described(path, decorator):
                    yield decorator, row

    def _described(self, path: str, call: int) -> Iterator[Member]:
        """The rows of what is called, or made."""
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
            else:
                row = self.evaluator.tables.types[option.name].construct if isinstance(option, LibraryClass) else None
            if row is not None:
                yield row

    def _named(self, path: str, call: int, at: str) -> Iterator[Value]:
        """The classes that an argument names, itself or by a function that gives one."""
        for site in find(self.evaluator, at, Site(path, call, None)).sites:
            for option in options(self.evaluator.value(site.path, site.node)):
                if isinstance(option, FunctionValue):
                    for returned in self.evaluator.returns(option):
                        yield from options(self.evaluator.value(option.path, returned))
                else:
                    yield option

    @cached_property
    def _in_lists(self) -> frozenset[tuple[str, int]]:
        """The classes that functions or fields of the project are declared to give lists of."""
        found: set[tuple[str, int]] = set()
        for path, call, row in self._calls(self._answering):
            for value in self._named(path, call, row.answers) if row.answers else ():
                if not isinstance(value, Expression):
                    continue
                tree = self.evaluator.tree(value.path)
                if tree.kinds[value.node] != Kind.LIST:
                    continue
                for element in tree.children(value.node):
                    for option in options(self.evaluator.value(value.path, element)):
                        if isinstance(option, ProjectClass):
                            found.add(class_key(option))
        return frozenset(found)

    def _calls(self, names: frozenset[str]) -> Iterator[tuple[str, int, Member]]:
        """The calls of what has one of these names, with the rows of what is called."""
        for name in sorted(names):
            for path, node in self.evaluator.words.standing(name, Role.CALLEE)[:SITES]:
                if self.evaluator.javascript(path):
                    call = self.evaluator.tree(path).parents[node]
                    for row in self._described(path, call):
                        yield path, call, row

    @cached_property
    def _objects(self) -> dict[tuple[str, int], str]:
        """The object literals that hold functions for the fields of a type → the type's name."""
        found: dict[tuple[str, int], str] = {}
        for path, call, row in self._calls(self._handed):
            for site in find(self.evaluator, row.resolvers, Site(path, call, None)).sites if row.resolvers else ():
                self._of_map(self.evaluator.value(site.path, site.node), found)
        return found

    def _of_map(self, value: Value, found: dict[tuple[str, int], str]) -> None:
        pending, seen = list(options(value)), set[tuple[str, int]]()
        while pending:
            option = pending.pop()
            if not isinstance(option, Expression) or (option.path, option.node) in seen:
                continue
            seen.add((option.path, option.node))
            tree = self.evaluator.tree(option.path)
            for child in tree.children(option.node):
                inner = tree.child(child, Role.VALUE) if tree.kinds[child] in (Kind.PAIR, Kind.SPREAD) else child
                if inner < 0 or tree.kinds[option.node] not in (Kind.OBJECT, Kind.LIST):
                    continue
                held = options(self.evaluator.value(option.path, inner, option.context))
                if tree.kinds[child] != Kind.PAIR:
                    pending += held
                elif tree.value(child) and tree.value(child) not in ROOTS:
                    found |= {(one.path, one.node): tree.value(child) for one in held if isinstance(one, Expression)}

    @cached_property
    def _in_schema(self) -> frozenset[str]:
        """The types of which schemas written in the program's own texts have lists."""
        found: set[str] = set()
        for path in self.evaluator.files if self._objects else ():
            if not self.evaluator.javascript(path):
                continue
            tree = self.evaluator.tree(path)
            for node in range(len(tree.kinds)):
                if tree.kinds[node] == Kind.STRING and "[" in (text := tree.value(node)) and _DECLARES.search(text):
                    found.update(_LISTED.findall(text))
        return frozenset(found)


def _last(path: str) -> str:
    return path.replace("#", ".").replace("/", ".").rpartition(".")[2]


@derived
def _answering(tables: Tables) -> frozenset[str]:
    return frozenset(_last(path) for path, (_, row) in tables.functions.items() if row.answers)


@derived
def _handed(tables: Tables) -> frozenset[str]:
    handed = frozenset(_last(path) for path, (_, row) in tables.functions.items() if row.resolvers)
    return handed | frozenset(
        _last(path)
        for path, name in tables.by_path.items()
        if (made := tables.types[name].construct) is not None and made.resolvers
    )
