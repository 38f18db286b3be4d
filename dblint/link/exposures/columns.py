"""Objects of the program's own that a class hands on together with the rows that it shows, and of which each shows
something of every row: the columns of a table (`Table(self.columns, context["object_list"])`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link.accesses.origins import Row
from dblint.link.arguments import Site
from dblint.link.exposures.cells import Cells
from dblint.link.exposures.showing import Seed
from dblint.link.values import Expression, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.exposures.rendering import Rendering
    from dblint.link.exposures.showing import Showing
    from dblint.link.exposures.templates import Templates

COLUMNS = 100
"""Objects of one list that are read."""


class _Handed(msgspec.Struct):
    """What the methods of one class do with rows, by method: attributes that they hand on together with rows, each with
    the names by which a template knows what comes of it; methods that they give rows, with the position, and the same
    names; and attributes that they hand on together with a parameter, and give what comes of it to their caller."""

    attributes: dict[tuple[str, str], set[str]] = msgspec.field(default_factory=dict)
    given: dict[tuple[str, str, int], set[str]] = msgspec.field(default_factory=dict)
    passed: dict[tuple[str, int], set[str]] = msgspec.field(default_factory=dict)


class Columns:
    """Reads such objects. One per evaluator."""

    def __init__(self, showing: Showing, templates: Templates, rendering: Rendering) -> None:
        self.showing = showing
        self.evaluator = showing.evaluator
        self.plain = showing.plain
        self.templates = templates
        self.rendering = rendering
        self.cells = Cells(showing, templates, rendering)
        self._handed: dict[tuple[str, int, frozenset[str]], _Handed] = {}

    def of(self, cls: ProjectClass, names: Collection[str], row: Row, template: str, itself: str) -> Iterator[Seed]:
        """What the objects read of a row that a class hands on with its rows, where its template shows what comes of
        them. `names`: what the rows are called there; `itself`: what the class's object is called there."""
        attributes = self._attributes(cls, frozenset(names))
        if not attributes:
            return
        words = self.templates.words(template, partial(self._named, cls, itself))
        for attribute, known in sorted(attributes.items()):
            for made, site in self._objects(cls, attribute) if known & words else ():
                yield from self.cells.of(made, site, row)

    def _named(self, cls: ProjectClass, itself: str, path: tuple[str, ...]) -> str:
        """The template that a class names by one of its attributes."""
        if not itself or len(path) != 2 or path[0] != itself:
            return ""
        setting = self.showing.setting(cls, path[1])
        return self.plain.string(setting) if setting is not None else ""

    # Which objects

    def _attributes(self, cls: ProjectClass, names: frozenset[str]) -> dict[str, set[str]]:
        """The attributes of a class that its methods hand on together with its rows, with the names by which a template
        knows what comes of it."""
        found: dict[str, set[str]] = {}
        given: dict[tuple[str, int], set[str]] = {}
        passed: dict[tuple[str, int], set[str]] = {}
        for ancestor in self.evaluator.classes.mro(cls):
            if not isinstance(ancestor, ProjectClass):
                continue
            handed = self._of_class(ancestor, names)
            for (method, attribute), known in handed.attributes.items():
                if self._runs(cls, ancestor, method):
                    found.setdefault(attribute, set()).update(known)
            for (method, called, at), known in handed.given.items():
                if self._runs(cls, ancestor, method):
                    given.setdefault((called, at), set()).update(known)
            for (method, at), attributes in handed.passed.items():
                if self._runs(cls, ancestor, method):
                    passed.setdefault((method, at), set()).update(attributes)
        for place, known in given.items():
            for attribute in passed.get(place, ()):
                found.setdefault(attribute, set()).update(known)
        return found

    def _runs(self, cls: ProjectClass, ancestor: ProjectClass, method: str) -> bool:
        """Whether a method of a base runs for a class: none below writes it anew, or the one that does asks for it."""
        if self.evaluator.classes.owner(cls, method) == ancestor:
            return True
        written = self.showing.written(cls, method)
        return written is not None and self.showing.hands_on(written, method)

    def _of_class(self, cls: ProjectClass, names: frozenset[str]) -> _Handed:
        key = (cls.path, cls.node, names)
        found = self._handed.get(key)
        if found is not None:
            return found
        found = self._handed[key] = _Handed()
        tree = self.evaluator.tree(cls.path)
        for node in self.cells.methods(cls):
            call, stop = tree.kinds.find(Kind.CALL, node), tree.ends[node]
            while 0 <= call < stop:
                self._call(cls.path, node, call, names, found)
                call = tree.kinds.find(Kind.CALL, call + 1)
        return found

    def _call(self, path: str, function: int, call: int, names: frozenset[str], found: _Handed) -> None:
        """Takes down what one call of a method hands on."""
        tree = self.evaluator.tree(path)
        name, own = tree.value(function), tree.value(tree.child(function, Role.PARAMETER))
        arguments = [node for node in tree.with_role(call, Role.ARGUMENT) if tree.kinds[node] != Kind.SPREAD]
        if len(arguments) < 2 and not self.rendering.of_itself(path, call + 1, own):
            return  # neither hands on two things, nor gives rows to another method
        values = [tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.KEYWORD else node for node in arguments]
        attributes = {tree.value(node) for node in values if self.rendering.of_itself(path, node, own)} - names
        rows = [at for at, node in enumerate(values) if self._rows(path, node, own, names)]
        if rows:
            known, _ = self._becomes(path, function, call)
            for attribute in attributes:
                found.attributes.setdefault((name, attribute), set()).update(known)
            for at in rows if self.rendering.of_itself(path, call + 1, own) else ():
                if tree.kinds[arguments[at]] != Kind.KEYWORD:
                    found.given.setdefault((name, tree.value(call + 1), at), set()).update(known)
        elif attributes:
            for at, parameter in enumerate(list(tree.with_role(function, Role.PARAMETER))[1:]):
                handed = any(self.rendering.is_parameter(path, node, parameter) for node in values)
                if handed and self._becomes(path, function, call)[1]:
                    found.passed.setdefault((name, at), set()).update(attributes)

    def _becomes(self, path: str, function: int, call: int) -> tuple[set[str], bool]:
        """Under which names what a call gives stands in a mapping, and whether the function gives it to its caller."""
        tree = self.evaluator.tree(path)
        known: set[str] = set()
        returned = False
        places = [call]
        around = tree.parents[call]
        target = tree.child(around, Role.TARGET) if tree.kinds[around] == Kind.ASSIGN else -1
        if target >= 0 and tree.kinds[target] == Kind.NAME:
            places += self.showing.origins.lending.uses(path, function, tree.value(target))
        for place in places:
            parent = tree.parents[place]
            kind = tree.kinds[parent]
            if kind == Kind.RETURN:
                returned = True
            elif kind in (Kind.PAIR, Kind.KEYWORD) and tree.roles[place] == Role.VALUE:
                known.add(tree.value(parent))
            elif kind == Kind.ASSIGN and tree.roles[place] == Role.VALUE:
                put = tree.child(parent, Role.TARGET)
                index = tree.child(put, Role.INDEX) if put >= 0 and tree.kinds[put] == Kind.SUBSCRIPT else -1
                if index >= 0 and tree.kinds[index] == Kind.STRING:
                    known.add(tree.value(index))
        return known, returned

    def _rows(self, path: str, node: int, own: str, names: frozenset[str]) -> bool:
        """Whether an expression is the rows that the class shows: by what they are called there."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            return index >= 0 and tree.kinds[index] == Kind.STRING and tree.value(index) in names
        return self.rendering.of_itself(path, node, own) and tree.value(node) in names

    def _objects(self, cls: ProjectClass, attribute: str) -> Iterator[tuple[ProjectClass, Site]]:
        """The objects in a list that a class keeps or makes, each with the call that makes it."""
        held = options(self.evaluator.members.attribute(Instance(cls), attribute, cls.path))
        if len(held) != 1 or not isinstance(held[0], Expression):
            return
        listed = Site(held[0].path, held[0].node, held[0].context)
        for element in self.plain.elements(listed)[:COLUMNS]:
            if self.evaluator.tree(element.path).kinds[element.node] != Kind.CALL:
                continue
            made = options(self.evaluator.value(element.path, element.node, element.context))
            one = made[0] if len(made) == 1 else None
            if isinstance(one, Instance) and isinstance(one.cls, ProjectClass):
                callees = options(self.evaluator.value(element.path, element.node + 1, element.context))
                if callees and isinstance(callees[0], ProjectClass):
                    yield one.cls, element
