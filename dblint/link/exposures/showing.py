"""What a class that represents rows reads of each of them: a serializer, by its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts
from dblint.link.accesses.origins import Row
from dblint.link.arguments import Site
from dblint.link.model_readers.shared import Related
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Class,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    ListOf,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.showing import Represents, ShownField
    from dblint.link.accesses.origins import Origins
    from dblint.link.plain import Plain

CLASSES = 40
"""Classes inside one class that are read."""
DEPTH = 6
"""Relations of relations that are shown."""


_CHOOSING = frozenset({"and", "or", "??"})


class Seed(msgspec.Struct, frozen=True):
    """Something that is read of each row: a relation of `row`, or whatever a function does with it.

    `row` is told from the row that is shown. `related`: the relation; `function` is given the row as `parameter` (-1:
    as the one that the method is called on). `counts`: only how many rows there are is asked. `runs`: what the
    function gives is gone through, and if it is a query, it runs then. `around`: the names that the loops of a template
    go through in which the row stays the same, innermost first. `branch`: a condition decides whether it is read.
    """

    place: Place
    row: Row
    related: Related | None = None
    function: FunctionValue | None = None
    parameter: int = -1
    counts: bool = False
    around: tuple[str, ...] = ()
    runs: bool = False
    branch: bool = False


class _Part(msgspec.Struct, frozen=True):
    """A class whose fields are still to be read: of which row, and how deep other rows are shown."""

    cls: ProjectClass | None
    row: Row
    place: Place | None = None
    depth: int = 0


class Showing:
    """Reads classes that represent rows. One per evaluator."""

    def __init__(self, origins: Origins, plain: Plain) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.models = origins.models
        self.plain = plain

    def word(self, cls: Class) -> Represents | None:
        """What its library says of a class that represents rows; None of any other."""
        types = self.evaluator.tables.types
        found = (types[base.name].represents for base in self.evaluator.classes.library_types(cls))
        return next((word for word in found if word is not None), None)

    def shown_as(self, cls: Class) -> ShownField | None:
        """What its library says of a field's class; None of any other."""
        types = self.evaluator.tables.types
        found = (types[base.name].shown for base in self.evaluator.classes.library_types(cls))
        return next((word for word in found if word is not None), None)

    def of(self, cls: ProjectClass, row: Row) -> Iterator[Seed]:
        """What a class reads of a row, and of those that it shows with it."""
        pending = [_Part(cls, row)]
        for _ in range(CLASSES):
            if not pending:
                return
            part = pending.pop(0)
            if len(part.row.path) >= DEPTH:
                continue
            if part.cls is None:
                yield from self._all(part, pending)
            else:
                yield from self._class(part, part.cls, pending)

    def leads_on(self, cls: ProjectClass) -> bool:
        """Whether a class may read more of a row than its columns: a cheap question before the dear one which rows it
        is given. Where it reads only what it annotates, one of the names must mean more to some model."""
        word = self.word(cls)
        if word is None or not word.annotated or word.fields or word.resolver or word.source:
            return word is not None
        return not self._leading.isdisjoint(self._annotations(cls))

    @cached_property
    def _leading(self) -> frozenset[str]:
        """What is a relation, method or property of some model."""
        every: list[Class] = [*self.models.classes(), *self.models.led_to()]
        found: set[str] = set()
        for model in every:
            found.update(self.models.relations(model), self.models.inverses(model))
            for cls in self.evaluator.classes.mro(model):
                if isinstance(cls, ProjectClass):
                    found.update(name for name in self._members(cls) if self.own(cls, name) is not None)
        return frozenset(found)

    # A class

    def _class(self, part: _Part, cls: ProjectClass, pending: list[_Part]) -> Iterator[Seed]:
        word = self.word(cls)
        if word is None:
            return
        if word.annotated:
            yield from self._annotated(part, cls, word, pending)
            yield from self._listed_too(part, cls, word, pending) if word.fields else ()
            return
        if word.method and (function := self.written(cls, word.method)) is not None:
            parameter = self.evaluator.parameters.parameter_at(function, 0)
            yield Seed(self._place(function.path, function.node), part.row, None, function, parameter)
            if not self.hands_on(function, word.method):
                return
        if any(self.evaluator.classes.owner(cls, name) is not None for name in word.decides):
            return
        declared = self.declared(cls)
        depth = self.plain.constant(self.setting(cls, word.depth))
        deep = min(int(depth), DEPTH) if depth.isdigit() else 0
        for name, said in self._names(cls, word, declared):
            place = part.place or said
            field = declared.get(name)
            if word.takes and self._takes(cls, name, word.takes):
                continue  # it says itself of which rows it reads what
            if field is None:
                yield from self._undeclared(_Part(cls, part.row, place, deep), name, pending)
            else:
                yield from self._field(cls, word, part, name, field, pending)

    def _annotations(self, cls: ProjectClass) -> dict[str, tuple[str, int]]:
        """What a class annotates, or a base of it, by name: the assignments."""
        found: dict[str, tuple[str, int]] = {}
        for ancestor in reversed(self.evaluator.classes.mro(cls)):
            if not isinstance(ancestor, ProjectClass):
                continue
            for name, nodes in self._members(ancestor).items():
                tree = self.evaluator.tree(ancestor.path)
                if nodes and tree.kinds[nodes[-1]] == Kind.ASSIGN and tree.child(nodes[-1], Role.ANNOTATION) >= 0:
                    found[name] = (ancestor.path, nodes[-1])
        return found

    def _listed_too(self, part: _Part, cls: ProjectClass, word: Represents, pending: list[_Part]) -> Iterator[Seed]:
        """What a class names beside what it annotates."""
        if self.setting(cls, word.fields) is None and self.setting(cls, word.without) is None:
            return
        annotated = self._annotations(cls)
        for name, said in self._names(cls, word, {}):
            if name not in annotated:
                yield from self._undeclared(_Part(cls, part.row, part.place or said), name, pending)

    def _annotated(self, part: _Part, cls: ProjectClass, word: Represents, pending: list[_Part]) -> Iterator[Seed]:
        """What a class reads that annotates what it reads; of a table's own class, relations are no part of it."""
        if self.models.table(cls) is not None:
            return
        for name, (path, node) in self._annotations(cls).items():
            place = part.place or self._place(path, node)
            resolver = self.written(cls, word.resolver.replace("{name}", name)) if word.resolver else None
            if resolver is not None:
                yield Seed(place, part.row, None, resolver, self.evaluator.parameters.parameter_at(resolver, 0))
                continue
            value = self.evaluator.tree(path).child(node, Role.VALUE) if word.source else -1
            said = self.plain.argument(Site(path, value, None), word.source) if self._calls(path, value) else None
            if said is not None:
                yield from self.path(place, part.row, self.plain.string(said).split("."))
                continue
            related = self.models.relation(part.row.model, name)
            if related is None:
                yield from self._attribute(place, part.row, name)
                continue
            yield Seed(place, part.row, related)
            further = part.row.along(related)
            inner = self.represented(path, self.evaluator.tree(path).child(node, Role.ANNOTATION))[0]
            if further is not None and inner is not None:
                pending.append(_Part(inner, further, part.place))

    def _calls(self, path: str, node: int) -> bool:
        return node >= 0 and self._kind(path, node) == Kind.CALL

    def represented(self, path: str, annotation: int) -> tuple[ProjectClass | None, bool]:
        """The class that represents what has an annotation, and whether there are several."""
        value = self.evaluator.annotations.annotation(path, annotation, None)
        for option in options(value):
            element = option.element if isinstance(option, ListOf) else option
            for one in options(element):
                if isinstance(one, Instance) and isinstance(one.cls, ProjectClass) and self.word(one.cls) is not None:
                    return one.cls, isinstance(option, ListOf)
        return None, False

    def _names(
        self, cls: ProjectClass, word: Represents, declared: dict[str, tuple[str, int]]
    ) -> Iterator[tuple[str, Place]]:
        """The names of what is read, each with the place that says so."""
        setting, without = self.setting(cls, word.fields), self.setting(cls, word.without)
        if setting is None and without is None:
            yield from ((name, self._place(path, node)) for name, (path, node) in declared.items())
            return
        everything = setting is None or (bool(word.all) and self.plain.string(setting) == word.all)
        if not everything and setting is not None:
            for element in self.plain.elements(setting):
                name = self.plain.string(element)
                if name:
                    yield name, self._place(element.path, element.node)
            return
        model = self.model(cls, word)
        site = setting or without
        if model is None or site is None:
            return
        place = self._place(site.path, site.node)
        left = set(self.plain.strings(without)) if without is not None else set()
        for name in [*declared, *(name for name in self.models.relations(model) if name not in declared)]:
            if name not in left:
                yield name, place

    def model(self, cls: ProjectClass, word: Represents) -> Class | None:
        """The model whose rows a class says that it represents."""
        owner = word.fields.rpartition(".")[0]
        site = self.setting(cls, f"{owner}.model" if owner else "model")
        for option in options(self.evaluator.value(site.path, site.node)) if site is not None else ():
            if isinstance(option, (ProjectClass, LibraryClass)):
                return option
        return None

    def setting(self, cls: ProjectClass, name: str) -> Site | None:
        """What a class is given under a name, or under one of a class in it (`Meta.fields`)."""
        current: Class | None = cls
        *owners, last = name.split(".")
        for owner in owners:
            at = self.evaluator.classes.owner(current, owner) if current is not None else None
            nodes = self._member(at, owner) if at is not None else []
            inner = next((node for node in reversed(nodes) if at and self._kind(at.path, node) == Kind.CLASS), -1)
            current = ProjectClass(at.path, inner) if at is not None and inner >= 0 else None
        at = self.evaluator.classes.owner(current, last) if current is not None and last else None
        for node in reversed(self._member(at, last)) if at is not None else ():
            value = self.evaluator.tree(at.path).child(node, Role.VALUE) if at is not None else -1
            if at is not None and value >= 0 and self._kind(at.path, node) == Kind.ASSIGN:
                return Site(at.path, value, None)
        return None

    def declared(self, cls: ProjectClass) -> dict[str, tuple[str, int]]:
        """The fields that a class declares or inherits, by name: the expressions that make them."""
        found: dict[str, tuple[str, int]] = {}
        for ancestor in reversed(self.evaluator.classes.mro(cls)):
            if not isinstance(ancestor, ProjectClass):
                continue
            tree = self.evaluator.tree(ancestor.path)
            body = tree.child(ancestor.node, Role.BODY)
            for name, nodes in self.evaluator.files[ancestor.path].interface.classes[ancestor.node].members.items():
                node = nodes[-1] if nodes else -1
                if node < 0 or tree.kinds[node] != Kind.ASSIGN or tree.parents[node] != body:
                    found.pop(name, None) if node >= 0 and tree.kinds[node] == Kind.FUNCTION else None
                    continue
                value = tree.child(node, Role.VALUE)
                if value < 0 or tree.kinds[value] != Kind.CALL:
                    found.pop(name, None)
                    continue
                made = self.made(ancestor.path, value)
                if made is not None and (self.shown_as(made) is not None or self.word(made) is not None):
                    found[name] = (ancestor.path, value)
        return found

    def _takes(self, cls: ProjectClass, name: str, method: str) -> bool:
        """Whether a field is declared whose class, one of the project's own, writes such a method."""
        owner = self.evaluator.classes.owner(cls, name)
        for node in self._member(owner, name)[-1:] if owner is not None else ():
            value = self.evaluator.tree(owner.path).child(node, Role.VALUE) if owner is not None else -1
            made = self.made(owner.path, value) if owner is not None and self._calls(owner.path, value) else None
            if isinstance(made, ProjectClass) and self.written(made, method) is not None:
                return True
        return False

    def made(self, path: str, call: int) -> Class | None:
        """The class of which a call makes an instance."""
        found = [option.cls for option in options(self.evaluator.value(path, call)) if isinstance(option, Instance)]
        if not found:
            callees = options(self.evaluator.value(path, call + 1))
            return next((option for option in callees if isinstance(option, (ProjectClass, LibraryClass))), None)
        return found[0]

    # Fields

    def _undeclared(self, part: _Part, name: str, pending: list[_Part]) -> Iterator[Seed]:
        """A name of a model's own: a relation by its keys, a method or a property."""
        place = part.place
        if place is None:
            return
        related = self.models.relation(part.row.model, name)
        if related is None:
            yield from self._attribute(place, part.row, name)
            return
        if related.many or related.inverse or part.depth:
            yield Seed(place, part.row, related)
        further = part.row.along(related)
        if part.depth and further is not None:
            pending.append(_Part(None, further, place, part.depth - 1))

    def _all(self, part: _Part, pending: list[_Part]) -> Iterator[Seed]:
        """All fields of a model whose rows are shown with those of another one."""
        for name in self.models.relations(part.row.model):
            yield from self._undeclared(part, name, pending)

    def _field(
        self, cls: ProjectClass, word: Represents, part: _Part, name: str, field: tuple[str, int], pending: list[_Part]
    ) -> Iterator[Seed]:
        path, node = field
        site = Site(path, node, None)
        made = self.made(path, node)
        if made is None or (word.hidden and self.plain.true(self.plain.argument(site, word.hidden))):
            return
        given = self.plain.argument(site, word.source) if word.source else None
        source = self.plain.string(given) if given is not None else name
        if not source:
            return
        place = part.place or self._place(path, node)
        inner = self.word(made)
        shown = self.shown_as(made)
        if shown is not None and shown.kind == "method" and inner is None:
            yield from self._method(cls, shown, name, site, part.row, place)
            return
        row: Row | None = part.row
        *parts, last = source.split(".")
        if source == word.whole:
            last = ""
        for each in parts:
            related = self.models.relation(row.model, each) if row is not None else None
            if row is None:
                return
            if related is None or related.many:
                yield from self._attribute(place, row, each)
                return
            yield Seed(place, row, related)
            row = row.along(related)
        if row is None or (shown is not None and shown.kind == "nothing"):
            return
        if not last:
            if inner is not None and isinstance(made, ProjectClass):
                pending.append(_Part(made, row, part.place))
            else:
                yield from self._given(made, shown, place, row)
            return
        related = self.models.relation(row.model, last)
        if related is None:
            yield from self._attribute(place, row, last)
            picked = self._picked(row, last) if inner is not None else None
            if picked is not None and isinstance(made, ProjectClass):
                pending.append(_Part(made, picked, part.place))
            return
        if inner is None and (shown is None or (shown.kind == "key" and not related.many and not related.inverse)):
            return
        yield Seed(place, row, related)
        further = row.along(related)
        if further is None:
            return
        if inner is not None:
            if isinstance(made, ProjectClass):
                pending.append(_Part(made, further, part.place))
        elif shown is not None:
            yield from self._behind(shown, site, place, further)
            yield from self._given(made, shown, place, further)

    def _picked(self, row: Row, name: str) -> Row | None:
        """The row that a method or property picks of those that a relation of its own row gives."""
        function = self.written(row.model, name)
        found: set[tuple[Related, ...]] = set()
        for returned in self.evaluator.returns(function) if function is not None else ():
            tree = self.evaluator.tree(function.path) if function is not None else None
            if function is None or tree is None or tree.kinds[returned] == Kind.CONSTANT:
                continue
            inner = self.origins.row(function.path, returned)
            origin = inner.origin if inner is not None else None
            if inner is None or origin is None or origin.relation is None or not origin.bare:
                return None
            if origin.parent is not None or self.models.relation(row.model, origin.relation.name) != origin.relation:
                return None
            found.add((origin.relation, *inner.path))
        walked = row
        for related in found.pop() if len(found) == 1 else ():
            further = walked.along(related)
            if further is None:
                return None
            walked = further
        return walked if walked is not row else None

    def _behind(self, shown: ShownField, site: Site, place: Place, row: Row) -> Iterator[Seed]:
        """What a field reads of the row that its attribute leads to."""
        if shown.kind == "text":
            yield from self.text(place, row)
        elif shown.kind == "attribute":
            name = self.plain.string(self.plain.argument(site, shown.name))
            yield from self.path(place, row, name.replace("__", ".").split(".")) if name else ()

    def _given(self, made: Class, shown: ShownField | None, place: Place, row: Row) -> Iterator[Seed]:
        """What the class of a field reads of the row that it is given, where it says so itself."""
        if shown is None or not shown.makes or not isinstance(made, ProjectClass):
            return
        function = self.written(made, shown.makes)
        if function is not None:
            yield Seed(place, row, None, function, self.evaluator.parameters.parameter_at(function, 0))

    def _method(
        self, cls: ProjectClass, shown: ShownField, name: str, site: Site, row: Row, place: Place
    ) -> Iterator[Seed]:
        wanted = self._maker(shown, name, site)
        function = self.written(cls, wanted) if wanted else None
        if function is not None:
            yield Seed(place, row, None, function, self.evaluator.parameters.parameter_at(function, 0))

    def _maker(self, shown: ShownField, name: str, site: Site) -> str:
        """The method that makes what a field shows."""
        given = self.plain.argument(site, shown.name) if shown.name else None
        return self.plain.string(given) if given is not None else shown.otherwise.replace("{name}", name)

    def methods(self, cls: ProjectClass) -> frozenset[str]:
        """The methods of a class that are given a row to be shown."""
        word = self.word(cls)
        found = {word.method} if word is not None and word.method else set()
        for name, (path, node) in self.declared(cls).items():
            made = self.made(path, node)
            shown = self.shown_as(made) if made is not None else None
            if shown is not None and shown.kind == "method":
                found.add(self._maker(shown, name, Site(path, node, None)))
        return frozenset(found - {""})

    # Rows

    def path(self, place: Place, row: Row, names: Sequence[str]) -> Iterator[Seed]:
        """What is read of a row by a path of attributes; what a relation to several rows gives ends it."""
        current: Row | None = row
        for name in names:
            related = self.models.relation(current.model, name) if current is not None else None
            if current is None:
                return
            if related is None:
                yield from self._attribute(place, current, name)
                return
            yield Seed(place, current, related)
            current = current.along(related) if not related.many else None

    def text(self, place: Place, row: Row) -> Iterator[Seed]:
        """What a row reads to become a text."""
        for name in hosts.TEXT_METHODS:
            if self.evaluator.classes.owner(row.model, name) is not None:
                yield from self._attribute(place, row, name)
                return

    def _attribute(self, place: Place, row: Row, name: str) -> Iterator[Seed]:
        """A method or property of the row's own class."""
        function = self.written(row.model, name)
        if function is not None and not self.evaluator.decorator_names(function.path, function.node) & _OF_THE_CLASS:
            yield Seed(place, row, None, msgspec.structs.replace(function, receiver=Instance(row.model)))

    def own(self, cls: ProjectClass, name: str) -> FunctionValue | None:
        """The method of that name in the body of a class."""
        for node in reversed(self._members(cls).get(name, ())):
            if self._kind(cls.path, node) == Kind.FUNCTION:
                return FunctionValue(cls.path, node)
        return None

    def written(self, cls: Class, name: str) -> FunctionValue | None:
        """The method of that name that a class of the project writes, or inherits."""
        owner = self.evaluator.classes.owner(cls, name)
        for node in reversed(self._member(owner, name)) if owner is not None else ():
            if owner is not None and self._kind(owner.path, node) == Kind.FUNCTION:
                return FunctionValue(owner.path, node, Instance(cls))
        return None

    def attribute(self, place: Place, row: Row, name: str) -> Iterator[Seed]:
        """What a method or property of a row reads."""
        yield from self._attribute(place, row, name)

    def asks(self, row: Row, related: Related, name: str) -> str:
        """What a member of what a relation to several rows gives asks of them: `all`, `counts`, or "" for what no query
        can load before."""
        members = self.evaluator.members
        program = next((each for each in (row.model, related.model) if isinstance(each, ProjectClass)), None)
        if program is None:
            return ""
        handle = members.attribute(Instance(row.model), related.name, program.path)
        member = members.attribute(handle, name, program.path)
        row_of = self.evaluator.rows.row_of(member) if isinstance(member, BoundMember) else None
        if row_of is None or not row_of.loaded:
            return ""
        return ("counts" if row_of.aggregate in ("count", "exists") else "") if row_of.run else "all"

    def hands_on(self, function: FunctionValue, name: str) -> bool:
        """Whether a method calls the one of the same name that it is written over."""
        tree = self.evaluator.tree(function.path)
        return any(
            tree.kinds[node + 1] == Kind.CALL and tree.value(node + 2) == "super"
            for node in self._attributes(function, name)
        )

    def asks_itself(self, function: FunctionValue, name: str) -> bool:
        """Whether a method calls another one of its own object."""
        tree = self.evaluator.tree(function.path)
        own = tree.child(function.node, Role.PARAMETER)
        return own >= 0 and any(
            tree.kinds[node + 1] == Kind.NAME
            and tree.value(node + 1) == tree.value(own)
            and tree.roles[node] == Role.CALLEE
            for node in self._attributes(function, name)
        )

    def _attributes(self, function: FunctionValue, name: str) -> Iterator[int]:
        tree = self.evaluator.tree(function.path)
        node, stop = tree.kinds.find(Kind.ATTRIBUTE, function.node), tree.ends[function.node]
        while 0 <= node < stop:
            if tree.value(node) == name:
                yield node
            node = tree.kinds.find(Kind.ATTRIBUTE, node + 1)

    def given(self, name: str, receiver: Instance) -> Value:
        """What an attribute of a class holds, or what a method of it returns."""
        path = receiver.cls.path if isinstance(receiver.cls, ProjectClass) else ""
        found = self.evaluator.members.attribute(receiver, name, path) if path else UNKNOWN
        for option in options(found):
            if isinstance(option, FunctionValue):
                context = Context(option.node, option.path, option.receiver, (), option.context)
                return self.evaluator.returned(option, context)
        return found

    def _members(self, cls: ProjectClass) -> Mapping[str, Sequence[int]]:
        return self.evaluator.files[cls.path].interface.classes[cls.node].members

    def _member(self, cls: ProjectClass | None, name: str) -> Sequence[int]:
        if cls is None:
            return ()
        return self.evaluator.files[cls.path].interface.classes[cls.node].members.get(name, ())

    def _kind(self, path: str, node: int) -> int:
        return self.evaluator.tree(path).kinds[node]

    def _place(self, path: str, node: int) -> Place:
        return self.origins.chains.place(Site(path, node, None))


_OF_THE_CLASS = frozenset({"staticmethod", "classmethod"})


def on_branch(tree: Tree, node: int) -> bool:
    """Whether a node stands on a branch of its function, other than one that asks whether a value is there."""
    while node >= 0 and tree.kinds[node] not in (Kind.FUNCTION, Kind.CLASS):
        parent, role = tree.parents[node], tree.roles[node]
        kind = tree.kinds[parent] if parent >= 0 else 0
        if kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE):
            condition = tree.child(parent, Role.CONDITION)
            if role == Role.ELSE or tree.kinds[condition] not in (Kind.NAME, Kind.ATTRIBUTE):
                return True
        elif kind == Kind.CASE or (kind == Kind.BINARY and role == Role.RIGHT and tree.value(parent) in _CHOOSING):
            return True
        node = parent
    return False
