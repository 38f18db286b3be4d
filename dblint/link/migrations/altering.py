"""Migrations whose operations are calls of which a table says what they change (`alters`): numbered scripts, programs
that change their schema by themselves, and classes that list what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from dblint.facts.program import FileRole
from dblint.facts.schema import Change, Direction, Migration, Operation, Step
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.libraries.migrating import Script
from dblint.libraries.reader import Tables
from dblint.link.arguments import Site
from dblint.link.migrations.altering_operations import Altered, Models
from dblint.link.migrations.dialects import Choice, folder
from dblint.link.migrations.hosts import MISSING, Reading, framed
from dblint.link.own_libraries import library_files
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)

_UNREAD = Member()
"""Stands for the code of a function, of which nothing is known but its words."""
_SAYING = (Kind.NAME, Kind.ATTRIBUTE, Kind.STRING, Kind.KEYWORD, Kind.PAIR)
QUIET = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED})
"""Files whose changes happen to no database of the program's own."""
OPERATIONS = 2_000
"""Operations of one file that are read."""


class _Found(msgspec.Struct, frozen=True):
    """A file that is a migration. `calls`: what changes the schema, in order, and in which function it stands;
    `texts`: expressions whose SQL is run; `script`: what runs its functions."""

    path: str
    library: str
    calls: tuple[tuple[Site, Member, int], ...]
    texts: tuple[tuple[Site, int], ...] = ()
    script: Script | None = None
    listed: ProjectClass | None = None
    outside: str = ""


class AlteringMigrations:
    """Reads them. One per project."""

    def __init__(self, reading: Reading, roles: Mapping[str, FileRole]) -> None:
        self.reading = reading
        self.evaluator = reading.evaluator
        self._roles = roles
        evaluator = self.evaluator
        self._own = library_files(evaluator.own_libraries, evaluator.names, evaluator.files)
        """Files of a library that changes the databases of who calls it, and none of its own."""
        types = self.evaluator.tables.types
        self._members = _altering(self.evaluator.tables)
        self._scripts = {name: row.script for name, row in types.items() if row.script is not None}
        self._classes = {name: row.migrates for name, row in types.items() if row.migrates is not None}
        libraries = {name.partition(":")[0] for name in (*self._scripts, *self._classes)}
        self._packages = {
            package: name for name in libraries for package in self.evaluator.tables.libraries[name].packages
        }

    def read(self) -> list[Migration]:
        """The migrations, by chain and order."""
        chains: dict[str, list[_Found]] = {}
        for path in sorted(self.evaluator.files):
            found = self._found(path)
            if found is not None:
                alone = found.listed is None and not _numbered(path)
                chains.setdefault(path if alone else folder(path), []).append(found)
        return [migration for chain, members in sorted(chains.items()) for migration in self._chain(chain, members)]

    def _found(self, path: str) -> _Found | None:
        facts = self.evaluator.files[path]
        if facts.language != "python" or self._roles.get(path, FileRole.APP) in QUIET or path in self._own:
            return None
        roots = dict.fromkeys(one.module.partition(".")[0] for one in facts.interface.imports)
        library = next((self._packages[root] for root in roots if root in self._packages), "")
        if not library:
            return None
        return self._class(path) or (self._script(path) if _numbered(path) else None) or self._program(path)

    def _class(self, path: str) -> _Found | None:
        for node, interface in self.evaluator.files[path].interface.classes.items():
            if not any(row.operations in interface.members for row in self._classes.values()):
                continue
            cls = ProjectClass(path, node)
            for base in self.evaluator.classes.library_types(cls):
                row = self._classes.get(base.name)
                if row is None:
                    continue
                listed = self.reading.elements(self._assigned(path, interface.members.get(row.operations, ())))
                calls = tuple(
                    (site, member, -1)
                    for site in listed[:OPERATIONS]
                    if self.reading.is_call(site) and (member := self._row(site)) is not None
                )
                library = base.name.partition(":")[0]
                return _Found(path, library, calls, listed=cls, outside=row.outside) if len(calls) else None
        return None

    def _script(self, path: str) -> _Found | None:
        """A numbered file whose functions are given a value that changes the schema, or return SQL."""
        tree = self.evaluator.tree(path)
        names = self.evaluator.files[path].interface.names
        for name, script in self._scripts.items():
            function = next((node for node in names.get(script.up, ()) if tree.kinds[node] == Kind.FUNCTION), -1)
            parameter = tree.child(function, Role.PARAMETER) if function >= 0 else -1
            if parameter < 0:
                continue
            annotation = tree.child(parameter, Role.ANNOTATION)
            if annotation >= 0 and not self._annotated(path, annotation, name):
                continue
            if annotation < 0 and script.returned:
                continue
            library = name.partition(":")[0]
            if script.returned:
                texts = tuple(
                    (Site(path, node, None), one)
                    for word in (script.up, script.down)
                    for one in names.get(word, ())
                    if tree.kinds[one] == Kind.FUNCTION
                    for node in self.evaluator.returns(FunctionValue(path, one))
                )
                if texts:
                    return _Found(path, library, (), texts, script, outside=script.outside)
                continue
            calls = tuple(self._beside(path, list(self._calls(path, name))))
            if calls:
                return _Found(path, library, calls, (), script, outside=script.outside)
        return None

    def _annotated(self, path: str, node: int, name: str) -> bool:
        value = self.evaluator.annotations.annotation(path, node, None)
        return any(
            base.name == name
            for option in options(value)
            if isinstance(option, Instance)
            for base in self.evaluator.classes.library_types(option.cls)
        )

    def _program(self, path: str) -> _Found | None:
        """A file that changes a schema by itself."""
        calls = tuple(self._beside(path, list(self._calls(path, ""))))
        if not calls:
            return None
        owners = [option for call, _, _ in calls for option in self._callees(call) if isinstance(option, BoundMember)]
        library = owners[0].owner.partition(":")[0] if owners else ""
        return _Found(path, library, calls) if library else None

    def _calls(self, path: str, given: str) -> Iterator[tuple[Site, Member, int]]:
        """The calls in a file that change a schema. `given`: the type of the first parameter of each function that has
        no annotation; "": calls count only where their receiver's type is known."""
        tree = self.evaluator.tree(path)
        scope = self.evaluator.scope(path)
        node, seen = tree.kinds.find(Kind.CALL), 0
        while node >= 0 and seen < OPERATIONS:
            if tree.kinds[node + 1] == Kind.ATTRIBUTE and tree.value(node + 1) in self._members:
                site, seen = Site(path, node, None), seen + 1
                row = self._row(site)
                around = scope.function(node)
                if row is None and given and around >= 0 and tree.kinds[node + 2] == Kind.NAME:
                    first = tree.child(around, Role.PARAMETER)
                    if first >= 0 and tree.value(first) == tree.value(node + 2):
                        row = self.evaluator.tables.types[given].members.get(tree.value(node + 1))
                if row is not None and row.alters is not None:
                    yield site, row, around
            node = tree.kinds.find(Kind.CALL, node + 1)

    def _beside(self, path: str, altering: list[tuple[Site, Member, int]]) -> list[tuple[Site, Member, int]]:
        """The same calls with the statements that are run between them, and with the code of each function that names
        what they change: what is dropped may have been put elsewhere before."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        functions = {function for _, _, function in altering}
        inside = [range(site.node, tree.ends[site.node]) for site, _, _ in altering]
        found, first = list(altering), dict[int, int]()
        node = tree.kinds.find(Kind.CALL) if altering else -1
        while node >= 0 and len(found) < OPERATIONS:
            around = scope.function(node)
            if around in functions and not any(node in span for span in inside):
                first.setdefault(around, node)
                row = self.reading.row(Site(path, node, None))
                if row is not None and row.run == "text" and row.text is not None:
                    found.append((Site(path, node, None), row, around))
            node = tree.kinds.find(Kind.CALL, node + 1)
        for function, call in first.items():
            spans = [span for span, (_, _, own) in zip(inside, altering, strict=True) if own == function]
            changed = {name for span in spans for name in _named(tree, span)}
            if changed & self._words(path, function, found):
                found.append((Site(path, call, None), _UNREAD, function))
        return sorted(found, key=lambda one: (one[0].node, one[1] is not _UNREAD))

    def _callees(self, call: Site) -> Iterator[object]:
        callee = self.reading.callee(call)
        yield from options(self.evaluator.value(callee.path, callee.node, callee.context))

    def _row(self, call: Site) -> Member | None:
        """The row of a call that changes a schema."""
        tables = self.evaluator.tables
        for option in self._callees(call):
            row: Member | None = None
            if isinstance(option, BoundMember):
                row = self.evaluator.rows.row_of(option)
            elif isinstance(option, LibraryFunction):
                row = tables.functions[option.path][1]
            elif isinstance(option, (LibraryClass, ProjectClass)):
                bases = self.evaluator.classes.library_types(option)
                row = next((made for base in bases if (made := tables.types[base.name].construct) is not None), None)
            if row is not None and row.alters is not None:
                return row
        return None

    def _assigned(self, path: str, nodes: Sequence[int]) -> Site | None:
        tree = self.evaluator.tree(path)
        for node in reversed(nodes):
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0:
                return Site(path, value, None)
        return None

    # Migrations

    def _chain(self, chain: str, members: Sequence[_Found]) -> Iterator[Migration]:
        samples = [self.reading.sample(site) for found in members for site, _ in found.texts]
        choice = self.reading.dialects.choose(folder(chain) if chain == members[0].path else chain, samples)
        models = Models()
        for found in members:
            yield self._migration(chain, found, choice, models)

    def _migration(self, chain: str, found: _Found, choice: Choice, models: Models) -> Migration:
        reading, path = self.reading, found.path
        altered = Altered(reading, choice.dialect, models)
        steps: list[Step] = []
        tree = self.evaluator.tree(path)
        for call, row, function in found.calls:
            frame = self._frame(found, call, function)
            if row is _UNREAD:
                code = Operation(Change.OTHER, name="run code", place=reading.place(call), dialect=choice.dialect)
                words = self._words(call.path, function, found.calls)
                steps.append(framed(frame, replace(code, options=(("data", ""),), words=words)))
            elif row.text is not None:
                text = reading.argument(call, row.text.at)
                for one in self._each(text):
                    steps += reading.sql(one, choice.dialect, frame, reading.place(call))
            elif row.alters is not None:
                steps += [framed(frame, operation) for operation in altered.of(call, row.alters)]
        for site, function in found.texts:
            steps += reading.sql(site, choice.dialect, self._frame(found, site, function), reading.place(site))
        name = path.rpartition("/")[2].removesuffix(".py")
        return Migration(
            path,
            found.library,
            chain,
            (_order(name), name),
            name=name,
            dialect=choice.dialect,
            dialect_reason=choice.reason,
            dialect_sure=choice.sure,
            transactional=self._transactional(found, choice),
            steps=tuple(steps),
            reversible=True if any(step.direction is Direction.DOWN for step in steps) else None,
            place=reading.place(Site(path, 0, None)) if len(tree) else None,
            idiom=found.library,
            written=self.evaluator.files[path].written,
        )

    def _words(self, path: str, function: int, calls: Sequence[tuple[Site, Member, int]]) -> frozenset[str]:
        """The names and texts in a function, or outside of all, besides those of these calls and of what branches ask
        (whether a column is still there)."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        without = [range(site.node, tree.ends[site.node]) for site, row, _ in calls if row is not _UNREAD]
        found: set[str] = set()
        node, end = max(function, 0), tree.ends[max(function, 0)]
        while node < end:
            if tree.roles[node] == Role.CONDITION:
                node = tree.ends[node]
                continue
            if tree.kinds[node] in _SAYING and scope.function(node) == function:
                if not any(node in span for span in without):
                    text = tree.value(node).lower().replace("__", " ")
                    found.update("".join(each if each.isalnum() or each == "_" else " " for each in text).split())
            node += 1
        return frozenset(found)

    def _each(self, text: Site | None) -> list[Site]:
        """One text, or a list of texts and of pairs of a text and its parameters."""
        if text is None:
            return []
        literal = self.reading.literal(text)
        kinds = self.evaluator.tree(literal.path).kinds
        if kinds[literal.node] not in (Kind.LIST, Kind.TUPLE):
            return [text]
        found: list[Site] = []
        for element in self.reading.elements(literal):
            pair = self.evaluator.tree(element.path).kinds[element.node] == Kind.TUPLE
            found += self.reading.elements(element)[:1] if pair else [element]
        return found

    def _frame(self, found: _Found, site: Site, function: int) -> Step:
        if found.listed is not None:
            return Step(MISSING)
        tree = self.evaluator.tree(site.path)
        down = found.script is not None and function >= 0 and tree.value(function) == found.script.down
        conditional, loop = self.reading.surroundings(FunctionValue(site.path, max(function, 0)), site.node)
        return Step(MISSING, Direction.DOWN if down else Direction.UP, conditional, loop)

    def _transactional(self, found: _Found, choice: Choice) -> bool | None:
        """Whether a tool runs it in a transaction; None where the program runs it itself."""
        if found.script is None and found.listed is None:
            return None
        interface = self.evaluator.files[found.path].interface
        names = interface.names if found.listed is None else interface.classes[found.listed.node].members
        said = self.reading.constant(self._assigned(found.path, names.get(found.outside, ())))
        return said != "false" and choice.dialect not in ("mysql", "oracle")


def _named(tree: Tree, span: range) -> list[str]:
    """The texts in a call that changes a table, besides the table's name, which stands first of several."""
    texts = [tree.value(node).lower() for node in span if tree.kinds[node] == Kind.STRING]
    return texts[1:] or texts


def _numbered(path: str) -> bool:
    """Whether a file's name begins with a number."""
    return path.rpartition("/")[2][:1].isdigit()


def _order(name: str) -> str:
    """The number that a name begins with, as it sorts."""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return digits.rjust(20, "0")


@derived
def _altering(tables: Tables) -> frozenset[str]:
    return frozenset(
        word for row in tables.types.values() for word, member in row.members.items() if member.alters is not None
    )
