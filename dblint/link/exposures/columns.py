"""Objects of the program's own that a class hands on together with the rows that it shows, and of which each shows
something of every row: the columns of a table (`Table(self.columns, context["object_list"])`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.accesses.origins import Row
from dblint.link.arguments import Site
from dblint.link.exposures.settled import Settled
from dblint.link.exposures.showing import Seed
from dblint.link.values import Context, Expression, FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.exposures.filling import Filling
    from dblint.link.exposures.showing import Showing
    from dblint.link.exposures.templates import Templates

COLUMNS = 100
"""Objects of one list that are read."""
CALLS = 12
"""Methods through which what a template is given is put together."""


class _Handed(msgspec.Struct):
    """What the methods of one class do with rows: attributes that they hand on together with rows, each with the names
    by which a template knows what comes of it; methods that they give rows, with the position, and the same names; and
    attributes that they hand on together with a parameter, and give what comes of it to their caller."""

    attributes: dict[str, set[str]] = msgspec.field(default_factory=dict)
    given: dict[tuple[str, int], set[str]] = msgspec.field(default_factory=dict)
    passed: dict[tuple[str, int], set[str]] = msgspec.field(default_factory=dict)


class _Put(msgspec.Struct, frozen=True):
    """An expression of a method that makes what a template is given, and which of its parameters are the parameters of
    the method that fills the template."""

    function: FunctionValue
    node: int
    context: Context
    parameters: Mapping[str, str]


class Columns:
    """Reads such objects. One per evaluator."""

    def __init__(self, showing: Showing, templates: Templates, filling: Filling) -> None:
        self.showing = showing
        self.evaluator = showing.evaluator
        self.plain = showing.plain
        self.templates = templates
        self.filling = filling
        self.settled = Settled(showing)
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
                yield from self._seeds(made, site, row)

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
            for attribute, known in handed.attributes.items():
                found.setdefault(attribute, set()).update(known)
            for place, known in handed.given.items():
                given.setdefault(place, set()).update(known)
            for place, attributes in handed.passed.items():
                passed.setdefault(place, attributes)  # the nearest of the methods of one name
        for place, known in given.items():
            for attribute in passed.get(place, ()):
                found.setdefault(attribute, set()).update(known)
        return found

    def _of_class(self, cls: ProjectClass, names: frozenset[str]) -> _Handed:
        key = (cls.path, cls.node, names)
        found = self._handed.get(key)
        if found is not None:
            return found
        found = self._handed[key] = _Handed()
        tree = self.evaluator.tree(cls.path)
        for node in self._methods(cls):
            call, stop = tree.kinds.find(Kind.CALL, node), tree.ends[node]
            while 0 <= call < stop:
                self._call(cls.path, node, call, names, found)
                call = tree.kinds.find(Kind.CALL, call + 1)
        return found

    def _call(self, path: str, function: int, call: int, names: frozenset[str], found: _Handed) -> None:
        """Takes down what one call of a method hands on."""
        tree = self.evaluator.tree(path)
        own = tree.value(tree.child(function, Role.PARAMETER))
        arguments = [node for node in tree.with_role(call, Role.ARGUMENT) if tree.kinds[node] != Kind.SPREAD]
        values = [tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.KEYWORD else node for node in arguments]
        attributes = {tree.value(node) for node in values if self._of_itself(path, node, own)} - names
        rows = [at for at, node in enumerate(values) if self._rows(path, node, own, names)]
        if rows:
            known, _ = self._becomes(path, function, call)
            for attribute in attributes:
                found.attributes.setdefault(attribute, set()).update(known)
            for at in rows if self._of_itself(path, call + 1, own) else ():
                if tree.kinds[arguments[at]] != Kind.KEYWORD:
                    found.given.setdefault((tree.value(call + 1), at), set()).update(known)
        elif attributes:
            for at, parameter in enumerate(list(tree.with_role(function, Role.PARAMETER))[1:]):
                handed = any(self.filling.is_parameter(path, node, parameter) for node in values)
                if handed and self._becomes(path, function, call)[1]:
                    found.passed.setdefault((tree.value(function), at), set()).update(attributes)

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

    def _of_itself(self, path: str, node: int, own: str) -> bool:
        tree = self.evaluator.tree(path)
        return tree.kinds[node] == Kind.ATTRIBUTE and tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) == own

    def _rows(self, path: str, node: int, own: str, names: frozenset[str]) -> bool:
        """Whether an expression is the rows that the class shows: by what they are called there."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            return index >= 0 and tree.kinds[index] == Kind.STRING and tree.value(index) in names
        return self._of_itself(path, node, own) and tree.value(node) in names

    def _methods(self, cls: ProjectClass) -> Iterator[int]:
        tree = self.evaluator.tree(cls.path)
        for nodes in self.evaluator.files[cls.path].interface.classes[cls.node].members.values():
            if nodes and tree.kinds[nodes[-1]] == Kind.FUNCTION and tree.child(nodes[-1], Role.PARAMETER) >= 0:
                yield nodes[-1]

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

    # What one of them reads

    def _seeds(self, cls: ProjectClass, made: Site, row: Row) -> Iterator[Seed]:
        place = self.plain.place(made)
        receiver = Instance(cls)
        for ancestor in self.evaluator.classes.mro(cls):
            if not isinstance(ancestor, ProjectClass):
                continue
            for node in self._methods(ancestor):
                function = FunctionValue(ancestor.path, node, receiver)
                name = self.evaluator.tree(ancestor.path).value(node)
                if self.evaluator.classes.owner(cls, name) != ancestor:
                    continue  # a class below writes it anew
                for parts in self._reads(cls, function, made):
                    yield from self._path(place, row, parts)
                yield from self._filled(cls, function, made, row)

    def _path(self, place: object, row: Row, parts: tuple[str, ...]) -> Iterator[Seed]:
        """What is read of a row by a path of names, as far as reading it asks."""
        for seed in self.showing.path(place, row, parts):  # type: ignore[arg-type]
            if seed.related is None or not (seed.related.many and self.showing.origins.gives_handle(seed.related)):
                yield seed

    def _reads(self, cls: ProjectClass, function: FunctionValue, made: Site) -> Iterator[tuple[str, ...]]:
        """The attributes of a parameter that a method reads by names which its object was given."""
        tree = self.evaluator.tree(function.path)
        call, stop = tree.kinds.find(Kind.CALL, function.node), tree.ends[function.node]
        while 0 <= call < stop:
            parts = self._read(cls, function, call, made)
            if parts:
                yield parts
            call = tree.kinds.find(Kind.CALL, call + 1)

    def _read(self, cls: ProjectClass, function: FunctionValue, call: int, made: Site) -> tuple[str, ...]:
        """The attributes that `getattr(row, self.name)` reads, or a function of the program that does this for each
        part of a name."""
        tree = self.evaluator.tree(function.path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        own = tree.value(tree.child(function.node, Role.PARAMETER))
        if (
            len(arguments) < 2
            or tree.kinds[call + 1] != Kind.NAME
            or not self._of_itself(function.path, arguments[1], own)
        ):
            return ()
        if not self._parameter(function, arguments[0]):
            return ()
        separator = self._separator(function.path, call)
        if separator is None:
            return ()
        text = self.settled.text(cls, made, tree.value(arguments[1]))
        parts = text.split(separator) if separator else [text]
        return tuple(parts) if all(part.isidentifier() for part in parts) else ()

    def _separator(self, path: str, call: int) -> str | None:
        """What a call that reads an attribute by its name takes the name apart at: "" for nothing; None of a call that
        does anything else."""
        tree = self.evaluator.tree(path)
        if (
            tree.value(call + 1) == hosts.READS_BY_NAME
            and self.evaluator.names.binding(path, tree.value(call + 1)) is None
        ):
            return ""
        held = options(self.evaluator.value(path, call + 1))
        function = held[0] if len(held) == 1 else None
        if not isinstance(function, FunctionValue):
            return None
        inner = self.evaluator.tree(function.path)
        parameters = list(inner.with_role(function.node, Role.PARAMETER))[:2]
        if len(parameters) < 2:
            return None
        reads = separator = ""
        node, stop = inner.kinds.find(Kind.CALL, function.node), inner.ends[function.node]
        while 0 <= node < stop:
            if inner.kinds[node + 1] == Kind.NAME and inner.value(node + 1) == hosts.READS_BY_NAME:
                reads = inner.value(node + 1)
            splits = inner.kinds[node + 1] == Kind.ATTRIBUTE and inner.value(node + 1) == hosts.SPLITS
            if splits and self.filling.is_parameter(function.path, node + 2, parameters[1]):
                first = inner.child(node, Role.ARGUMENT)
                separator = inner.value(first) if first >= 0 and inner.kinds[first] == Kind.STRING else ""
            node = inner.kinds.find(Kind.CALL, node + 1)
        return separator or None if reads else None

    def _parameter(self, function: FunctionValue, node: int) -> str:
        """The name of the parameter that an expression is; "" for anything else, and for the object itself."""
        tree = self.evaluator.tree(function.path)
        for parameter in list(tree.with_role(function.node, Role.PARAMETER))[1:]:
            if self.filling.is_parameter(function.path, node, parameter):
                return tree.value(parameter)
        return ""

    # Templates that one of them fills with a row

    def _filled(self, cls: ProjectClass, function: FunctionValue, made: Site, row: Row) -> Iterator[Seed]:
        receiver = Instance(cls)
        context = Context(function.node, function.path, receiver)
        tree = self.evaluator.tree(function.path)
        call, stop = tree.kinds.find(Kind.CALL, function.node), tree.ends[function.node]
        while 0 <= call < stop:
            named, given = self.filling.of(Site(function.path, call, context))
            if given is not None and self.templates.named(named) is not None:
                parameters = [tree.value(node) for node in tree.with_role(function.node, Role.PARAMETER)][1:]
                put = _Put(function, given.node, context, {name: name for name in parameters})
                yield from self._of_template(cls, named, put, made, row)
            call = tree.kinds.find(Kind.CALL, call + 1)

    def _of_template(self, cls: ProjectClass, named: str, put: _Put, made: Site, row: Row) -> Iterator[Seed]:
        """What a template reads of the row that it is filled with, under whatever names."""
        held: dict[str, dict[str, tuple[str, ...]]] = {}
        for key, value in self._entries(put):
            parameter, parts = self._shown(cls, value, made)
            if parameter:
                held.setdefault(parameter, {}).setdefault(key, parts)
        if len(held) != 1:
            return  # of several parameters, or none, it cannot be said which one is the row
        yield from self.templates.filled(named, next(iter(held.values())), row)

    def _shown(self, cls: ProjectClass, put: _Put, made: Site) -> tuple[str, tuple[str, ...]]:
        """The parameter that a value is, or is read from, and the attributes by which."""
        tree = self.evaluator.tree(put.function.path)
        bare = self._parameter(put.function, put.node)
        if bare:
            return put.parameters.get(bare, ""), ()
        if tree.kinds[put.node] != Kind.CALL:
            return "", ()
        inner = self._called(put)
        if inner is None:
            return "", ()
        function, parameters = inner
        body = self.evaluator.tree(function.path)
        for returned in self.evaluator.returns(function):
            parts = self._read(cls, function, returned, made) if body.kinds[returned] == Kind.CALL else ()
            if parts:
                name = self._parameter(function, next(body.with_role(returned, Role.ARGUMENT)))
                return parameters.get(name, ""), parts
        return "", ()

    def _called(self, put: _Put) -> tuple[FunctionValue, dict[str, str]] | None:
        """The method that a call is of, and which of its parameters are those of the method that fills the template."""
        path = put.function.path
        tree = self.evaluator.tree(path)
        held = options(self.evaluator.value(path, put.node + 1, put.context))
        function = held[0] if len(held) == 1 else None
        if not isinstance(function, FunctionValue):
            return None
        target = self.evaluator.tree(function.path)
        found: dict[str, str] = {}
        for parameter, argument in self.evaluator.parameters.matched(function, path, put.node):
            name = self._parameter(put.function, argument)
            if name in put.parameters:
                found[target.value(parameter)] = put.parameters[name]
        return function, found

    def _entries(self, put: _Put) -> Iterator[tuple[str, _Put]]:
        """What stands in the mapping that a template is given: by key, the last that is put there first."""
        pending = [put]
        for _ in range(CALLS):
            if not pending:
                return
            current = pending.pop(0)
            path = current.function.path
            tree = self.evaluator.tree(path)
            kind = tree.kinds[current.node]
            if kind == Kind.NAME:
                for key, value in self.filling.put(path, current.function.node, current.node):
                    yield key, msgspec.structs.replace(current, node=value)
                reached = self.evaluator.scope(path).reaching(current.node, tree.value(current.node)) or []
                for binding, _ in reached:
                    value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                    if value >= 0 and not tree.value(binding):
                        pending.append(msgspec.structs.replace(current, node=value))
            elif kind == Kind.CALL:
                called = self._called(current)
                if called is not None:
                    function, parameters = called
                    context = Context(function.node, function.path, function.receiver)
                    for returned in self.evaluator.returns(function):
                        pending.append(_Put(function, returned, context, parameters))
            elif kind not in (Kind.CONSTANT, Kind.STRING):
                for child in tree.children(current.node):
                    if tree.kinds[child] == Kind.PAIR and tree.value(child) and tree.child(child, Role.VALUE) >= 0:
                        yield tree.value(child), msgspec.structs.replace(current, node=tree.child(child, Role.VALUE))
