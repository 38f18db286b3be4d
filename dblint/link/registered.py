"""The models for which classes of the project are registered (`@admin.register(Book)`, `site.register(Book, Books)`).

Rows of tables say which calls do that, and which type parameter of the class the model then is (`registers`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.showing import Registers
from dblint.link.arguments import Site, find
from dblint.link.values import UNKNOWN, BoundMember, Expression, LibraryFunction, ProjectClass, Value, join, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

MODELS = 3
"""Models that one class is registered for, up to which its rows may be of each."""


class Registered:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.words = registering(evaluator.tables)
        """The last words of what registers classes."""
        self._parameters = _parameters(evaluator.tables)
        self._of: Mapping[tuple[str, int], tuple[tuple[str, ProjectClass], ...]] | None = None
        self._reading = False

    def model(self, cls: ProjectClass, parameter: str) -> Value:
        """The model that a class's type parameter is, by what the class is registered for; `UNKNOWN` where it is
        registered for none, or for many."""
        if parameter not in self._parameters:
            return UNKNOWN
        if self._of is None:
            if self._reading:
                self.evaluator.cut()
                return UNKNOWN
            self._reading = True
            try:
                self._of = self._read()
            finally:
                self._reading = False
        models = [model for name, model in self._of.get((cls.path, cls.node), ()) if name == parameter]
        return join(list(models)) if 0 < len(models) <= MODELS else UNKNOWN

    def _read(self) -> Mapping[tuple[str, int], tuple[tuple[str, ProjectClass], ...]]:
        found: defaultdict[tuple[str, int], dict[tuple[str, ProjectClass], None]] = defaultdict(dict)
        for cls, model, word in self.every():
            found[cls.path, cls.node][word.parameter, model] = None
        return {key: tuple(models) for key, models in found.items()}

    def every(self) -> Iterator[tuple[ProjectClass, ProjectClass, Registers]]:
        """The classes of the project that are registered for a model, each with the model."""
        for name in sorted(self.words):
            for path, node in self.evaluator.words.called(name):
                word, _ = self.said(path, node)
                cls = self.by(path, node, word) if word is not None else None
                if word is not None and cls is not None:
                    yield from ((cls, model, word) for model in self.models(path, node, word))

    def said(self, path: str, node: int) -> tuple[Registers | None, str]:
        """How a call registers a class for a model, and the library that says so."""
        callees = options(self.evaluator.value(path, node + 1))
        callee = callees[0] if len(callees) == 1 else None
        if not isinstance(callee, (LibraryFunction, BoundMember)):
            return None, ""
        row = self.evaluator.rows.row_of(callee)
        return row.registers if row is not None else None, self.evaluator.rows.library_of(callee)

    def by(self, path: str, node: int, word: Registers) -> ProjectClass | None:
        """The class that a call registers; None where it is none of the project's."""
        tree = self.evaluator.tree(path)
        if not word.by:
            around = tree.parents[node]
            decorates = around >= 0 and tree.kinds[around] == Kind.CLASS and tree.roles[node] == Role.DECORATOR
            return ProjectClass(path, around) if decorates else None
        site = next(iter(find(self.evaluator, word.by, Site(path, node, None)).sites), None)
        held = options(self.evaluator.value(site.path, site.node, site.context)) if site is not None else ()
        return held[0] if len(held) == 1 and isinstance(held[0], ProjectClass) else None

    def models(self, path: str, node: int, word: Registers) -> Iterator[ProjectClass]:
        """The models that a call registers a class for: one, or the elements of a list."""
        tree = self.evaluator.tree(path)
        if word.by:
            places = list(find(self.evaluator, word.model, Site(path, node, None)).sites)[:1]
        else:
            places = [Site(path, each, None) for each in tree.with_role(node, Role.ARGUMENT)]
        for site in places:
            for option in options(self.evaluator.value(site.path, site.node, site.context)):
                if isinstance(option, ProjectClass):
                    yield option
                elif isinstance(option, Expression):
                    listed = self.evaluator.tree(option.path)
                    if listed.kinds[option.node] in (Kind.LIST, Kind.TUPLE, Kind.SET):
                        for child in listed.children(option.node):
                            held = options(self.evaluator.value(option.path, child, option.context))
                            yield from (each for each in held if isinstance(each, ProjectClass))


@derived
def registering(tables: Tables) -> frozenset[str]:
    """The last words of members and functions that register classes."""
    return frozenset(
        name for row in tables.types.values() for name, member in row.members.items() if member.registers
    ) | frozenset(path.rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.registers)


@derived
def _parameters(tables: Tables) -> frozenset[str]:
    """The type parameters that are models for which classes are registered."""
    said = [member.registers for row in tables.types.values() for member in row.members.values()]
    said += [row.registers for _, row in tables.functions.values()]
    return frozenset(each.parameter for each in said if each is not None)
