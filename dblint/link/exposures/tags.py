"""Functions of the program that templates call: tags and filters, by their names there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.accesses.origins import Row
from dblint.link.arguments import Site, entries
from dblint.link.exposures.showing import Seed
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.libraries.showing import Tags as Word
    from dblint.link.plain import Plain


class _Tag(msgspec.Struct, frozen=True):
    """A function that templates call; `behind`: how many of its parameters something else is given; `template`: the
    one that is filled with what it returns."""

    function: FunctionValue
    behind: int = 0
    template: str = ""


class Tags:
    """Finds tags and filters. One per evaluator."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.evaluator = plain.evaluator
        self._found: dict[tuple[str, str], list[_Tag]] | None = None

    def seeds(self, kind: str, name: str, given: str, row: Row, place: Place) -> Iterator[Seed]:
        """What a tag or filter reads of the row that it is given: at a position, or by a keyword."""
        tag, parameter = self._given(kind, name, given)
        if tag is not None:
            yield Seed(place, row, None, tag.function, parameter)

    def filled(self, name: str, given: str) -> tuple[str, list[str]]:
        """The template that a tag fills, and the names there of the row that it is given."""
        tag, parameter = self._given("tag", name, given)
        if tag is None or not tag.template:
            return "", []
        path = tag.function.path
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        names: list[str] = []
        for returned in self.evaluator.returns(tag.function):
            for key, site in entries(self.evaluator, Site(path, returned, None))[0]:
                held = site.path == path and tree.kinds[site.node] == Kind.NAME
                reached = scope.reaching(site.node, tree.value(site.node)) if held else None
                if reached and [binding for binding, _ in reached] == [parameter]:
                    names.append(key)
        return tag.template, names

    def _given(self, kind: str, name: str, given: str) -> tuple[_Tag | None, int]:
        """The tag or filter of a name, and its parameter that is given something there."""
        if self._found is None:
            self._found = {}
            for each, word, tag in self._all():
                self._found.setdefault((each, word), []).append(tag)
        tags = self._found.get((kind, name), [])
        if len(tags) != 1:
            return None, -1  # none, or several of which a template loads one
        tag = tags[0]
        tree = self.evaluator.tree(tag.function.path)
        if given.isdecimal():
            parameter = self.evaluator.parameters.parameter_at(tag.function, int(given) + tag.behind)
        else:
            nodes = tree.with_role(tag.function.node, Role.PARAMETER)
            parameter = next((node for node in nodes if tree.value(node) == given), -1)
        rest = parameter >= 0 and tree.has(parameter, Flag.REST | Flag.PAIRS)
        return (tag, parameter) if parameter >= 0 and not rest else (None, -1)

    def _all(self) -> Iterator[tuple[str, str, _Tag]]:
        rows = self.evaluator.tables.types.values()
        names = {name for row in rows for name, member in row.members.items() if member.tags is not None}
        names |= {path.rpartition(".")[2] for path, (_, row) in self.evaluator.tables.functions.items() if row.tags}
        for name in sorted(names):
            for path, node in self.evaluator.words.spelled(name):
                tree = self.evaluator.tree(path)
                called = tree.roles[node] == Role.CALLEE
                decorator = node - 1 if called else node
                function = tree.parents[decorator]
                if tree.roles[decorator] != Role.DECORATOR or tree.kinds[function] != Kind.FUNCTION:
                    continue
                for option in options(self.evaluator.value(path, node)):
                    row = (
                        self.evaluator.rows.row_of(option)
                        if isinstance(option, (BoundMember, LibraryFunction))
                        else None
                    )
                    if row is not None and row.tags is not None:
                        site = Site(path, decorator, None) if called else None
                        yield self._tag(row.tags, site, FunctionValue(path, function))

    def _tag(self, word: Word, call: Site | None, function: FunctionValue) -> tuple[str, str, _Tag]:
        own = self.evaluator.tree(function.path).value(function.node)
        if call is None:
            return word.kind, own, _Tag(function)
        given = self.plain.argument(call, word.name) if word.name else None
        context = self.plain.true(self.plain.argument(call, word.context)) if word.context else False
        named = self.plain.string(given) if given is not None else own
        template = self.plain.string(self.plain.argument(call, word.template)) if word.template else ""
        return word.kind, named, _Tag(function, int(context), template)
