"""Members that the program adds to a library's types by a call: functions of an object become members of the type's
values (`client.$extends({ model: { jar: { byLabel() {} } } })`).

So do values that a call grants (`prisma.$extends(kyselyExtension({ kysely: () => … }))`).

They are the whole project's, whichever value the call was made on: where several are called the same, each may be it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Kind
from dblint.libraries.derived import derived
from dblint.link.arguments import Site, entries, find
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    SchemaModel,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

ALL = "$"
"""How a key begins under which members of every model stand (`$allModels`)."""


class Grown(NamedTuple):
    """A function that becomes a member of a type's values; `model` as programs name it, "" for each."""

    owner: str
    model: str
    name: str
    path: str
    node: int


class GrownMembers:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        tables = evaluator.tables
        self._words = _growing(tables)
        """How the calls are written that add some."""
        self._granting = _granting(tables)
        self._granted = {f"{library}:{place}" for library, grants in self._granting.values() for place in grants}
        self._found: dict[tuple[str, str], list[Grown]] | None = None
        self._by_node: dict[tuple[str, int], Grown] = {}
        self._asking = False

    def member(self, value: Instance, cls: LibraryClass, name: str) -> Value | None:
        """What a value of a library's type has under a name by such a call; None: it has none."""
        if f"{cls.name}.{name}" in self._granted:
            granted = self._by_grants(f"{cls.name}.{name}")
            if granted is not None:
                return granted
        if not self._words:
            return None
        parameter = self.evaluator.tables.types[cls.name].model
        model = value.argument(parameter) if parameter else None
        held = model.name if isinstance(model, SchemaModel) else ""
        found: list[Value] = [
            FunctionValue(one.path, one.node, value)
            for one in self._all().get((cls.name, name), ())
            if not one.model or self.evaluator.models.get(one.model) == held
        ]
        return join(found) if found else None

    def _by_grants(self, member: str) -> Value | None:
        """What the calls grant that give values of a type this member."""
        evaluator = self.evaluator
        found: list[Value] = []
        for function, (library, grants) in self._granting.items():
            place = grants.get(member.removeprefix(f"{library}:"), "")
            for path, call in self._calls_of(function) if place else ():
                for site in find(evaluator, place, Site(path, call, None)).sites:
                    for option in options(evaluator.value(site.path, site.node)):
                        if isinstance(option, FunctionValue):
                            around = Context(option.node, option.path, option.receiver, option.bound, option.context)
                            found.append(evaluator.returned(option, around))
                        else:
                            found.append(option)
        return join(found) if found else None

    def _calls_of(self, function: str) -> Iterator[tuple[str, int]]:
        """The calls of a function of a package, under the names by which files import it."""
        module, _, word = function.partition("#")
        for path, facts in self.evaluator.files.items():
            for imported in facts.interface.imports:
                if imported.module == module and imported.name == word and self.evaluator.javascript(path):
                    yield from ((path, call) for at, call in self.evaluator.words.called(imported.local) if at == path)

    def receiver(self, path: str, function: int) -> Value:
        """What `this` is in such a function, of no model where it is of every one; unknown in any other."""
        if not self._words:
            return UNKNOWN
        self._all()
        one = self._by_node.get((path, function))
        model = self.evaluator.models.get(one.model) if one is not None else None
        if one is None or (one.model and model is None):
            return UNKNOWN
        parameter = self.evaluator.tables.types[one.owner].model
        arguments: tuple[tuple[str, Value], ...] = ((parameter, SchemaModel(model)),) if model is not None else ()
        return Instance(LibraryClass(one.owner, arguments), arguments, how=("a member that was added",))

    def _all(self) -> Mapping[tuple[str, str], list[Grown]]:
        """Type and name → what becomes its members."""
        if self._found is None:
            if self._asking:
                return {}
            self._asking = True
            found: dict[tuple[str, str], list[Grown]] = {}
            try:
                with self.evaluator.partial() as partial:
                    for one in self._grown():
                        found.setdefault((one.owner, one.name), []).append(one)
                        self._by_node[one.path, one.node] = one
            finally:
                self._asking = False
            if partial and self.evaluator.depth():
                return found
            self._found = found
        return self._found

    def _grown(self) -> Iterator[Grown]:
        for word in self._words:
            for path, call in self.evaluator.words.called(word):
                if not self.evaluator.javascript(path):
                    continue
                for callee in options(self.evaluator.value(path, call + 1)):
                    if not isinstance(callee, (BoundMember, LibraryFunction)):
                        continue
                    row = self.evaluator.rows.row_of(callee)
                    library = self._library(callee)
                    for place, owner in row.grows.items() if row is not None else ():
                        yield from self._at(place, f"{library}:{owner}", Site(path, call, None))

    def _library(self, callee: BoundMember | LibraryFunction) -> str:
        tables = self.evaluator.tables
        if isinstance(callee, BoundMember):
            return tables.library(callee.owner)
        return tables.functions[callee.path][0]

    def _at(self, place: str, owner: str, call: Site) -> Iterator[Grown]:
        """What stands in the objects at a place: functions, or of a type with a model, objects of them by model."""
        for site in find(self.evaluator, place, call).sites:
            if not self.evaluator.tables.types[owner].model:
                yield from self._functions(owner, "", site)
                continue
            for key, inner in entries(self.evaluator, site)[0]:
                yield from self._functions(owner, "" if key.startswith(ALL) else key, inner)

    def _functions(self, owner: str, model: str, site: Site) -> Iterator[Grown]:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.OBJECT:
            for child in tree.children(site.node):
                if tree.kinds[child] == Kind.FUNCTION:
                    yield Grown(owner, model, tree.value(child), site.path, child)
        for name, value in entries(evaluator, site)[0]:
            if evaluator.tree(value.path).kinds[value.node] == Kind.FUNCTION:
                yield Grown(owner, model, name, value.path, value.node)
                continue
            for option in options(evaluator.value(value.path, value.node, value.context)):
                if isinstance(option, FunctionValue):
                    yield Grown(owner, model, name, option.path, option.node)


@derived
def _granting(tables: Tables) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Functions that add members to what they are given → their library, and to what."""
    return {path: (library, row.grants) for path, (library, row) in tables.functions.items() if row.grants}


@derived
def _growing(tables: Tables) -> Sequence[str]:
    rows = [*((path, row) for path, (_, row) in tables.functions.items())]
    rows += [item for described in tables.types.values() for item in described.members.items()]
    return sorted({path.rpartition("#")[2].rpartition(".")[2] for path, row in rows if row.grows})
