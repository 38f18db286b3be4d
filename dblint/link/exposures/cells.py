"""What an object of the program's own shows of a row that it is given: attributes that it reads by names it was made
with, and templates that it fills with the row (a column of a table, for one)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.arguments import Site
from dblint.link.exposures.settled import Settled
from dblint.link.exposures.showing import Seed
from dblint.link.values import Context, FunctionValue, Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.facts.text import Place
    from dblint.link.accesses.origins import Row
    from dblint.link.exposures.rendering import Rendering
    from dblint.link.exposures.showing import Showing
    from dblint.link.exposures.templates import Templates

CALLS = 12
"""Methods through which what a template is given is put together."""


class _Put(msgspec.Struct, frozen=True):
    """An expression of a method that makes what a template is given, and which of its parameters are the parameters of
    the method that fills the template."""

    function: FunctionValue
    node: int
    context: Context
    parameters: Mapping[str, str]


class Cells:
    """Reads such objects. One per evaluator."""

    def __init__(self, showing: Showing, templates: Templates, rendering: Rendering) -> None:
        self.showing = showing
        self.evaluator = showing.evaluator
        self.plain = showing.plain
        self.templates = templates
        self.rendering = rendering
        self.settled = Settled(showing)

    def methods(self, cls: ProjectClass) -> Iterator[int]:
        """The methods that a class writes."""
        tree = self.evaluator.tree(cls.path)
        for nodes in self.evaluator.files[cls.path].interface.classes[cls.node].members.values():
            if nodes and tree.kinds[nodes[-1]] == Kind.FUNCTION and tree.child(nodes[-1], Role.PARAMETER) >= 0:
                yield nodes[-1]

    def _once(self, seeds: Iterable[Seed]) -> Iterator[Seed]:
        """Each of several reads of the same once: that which the object is named for comes before its template's."""
        told: set[object] = set()
        for seed in seeds:
            function = (seed.function.path, seed.function.node) if seed.function is not None else None
            key = (seed.row.path, seed.related, function, seed.parameter, seed.runs, seed.counts)
            if key not in told:
                told.add(key)
                yield seed

    def of(self, cls: ProjectClass, made: Site, row: Row) -> Iterator[Seed]:
        """What the object of a class, made by the call at `made`, reads of a row."""
        yield from self._once(self._all(cls, made, row))

    def _all(self, cls: ProjectClass, made: Site, row: Row) -> Iterator[Seed]:
        place = self.plain.place(made)
        receiver = Instance(cls)
        for ancestor in self.evaluator.classes.mro(cls):
            if not isinstance(ancestor, ProjectClass):
                continue
            for node in self.methods(ancestor):
                function = FunctionValue(ancestor.path, node, receiver)
                name = self.evaluator.tree(ancestor.path).value(node)
                if self.evaluator.classes.owner(cls, name) != ancestor:
                    continue  # a class below writes it anew
                for parts in self._reads(cls, function, made):
                    yield from self._path(place, row, parts)
                yield from self._filled(cls, function, made, row)

    def _path(self, place: Place, row: Row, parts: tuple[str, ...]) -> Iterator[Seed]:
        """What is read of a row by a path of names, as far as reading it asks."""
        for seed in self.showing.path(place, row, parts):
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
            or not self.rendering.of_itself(function.path, arguments[1], own)
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
            if splits and self.rendering.is_parameter(function.path, node + 2, parameters[1]):
                first = inner.child(node, Role.ARGUMENT)
                separator = inner.value(first) if first >= 0 and inner.kinds[first] == Kind.STRING else ""
            node = inner.kinds.find(Kind.CALL, node + 1)
        return separator or None if reads else None

    def _parameter(self, function: FunctionValue, node: int) -> str:
        """The name of the parameter that an expression is; "" for anything else, and for the object itself."""
        tree = self.evaluator.tree(function.path)
        for parameter in list(tree.with_role(function.node, Role.PARAMETER))[1:]:
            if self.rendering.is_parameter(function.path, node, parameter):
                return tree.value(parameter)
        return ""

    # Templates that one of them fills with a row

    def _filled(self, cls: ProjectClass, function: FunctionValue, made: Site, row: Row) -> Iterator[Seed]:
        receiver = Instance(cls)
        context = Context(function.node, function.path, receiver)
        tree = self.evaluator.tree(function.path)
        call, stop = tree.kinds.find(Kind.CALL, function.node), tree.ends[function.node]
        while 0 <= call < stop:
            named, given = self.rendering.of(Site(function.path, call, context))
            if given is not None and self.templates.each(named):
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
                for key, value in self.rendering.put(path, current.function.node, current.node):
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
                    pending += (_Put(function, node, context, parameters) for node in self.evaluator.returns(function))
            elif kind not in (Kind.CONSTANT, Kind.STRING):
                for child in tree.children(current.node):
                    if tree.kinds[child] == Kind.PAIR and tree.value(child) and tree.child(child, Role.VALUE) >= 0:
                        yield tree.value(child), msgspec.structs.replace(current, node=tree.child(child, Role.VALUE))
