"""Numbered files of JavaScript whose functions a tool runs, and that change the schema by builders (`exports.up`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dblint.facts.program import FileRole
from dblint.facts.schema import Change, Direction, Migration, Step
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.migrations import statements
from dblint.link.migrations.built_tables import CHAIN, BuiltTables
from dblint.link.migrations.dialects import Choice, folder
from dblint.link.migrations.hosts import DATA, Reading, framed
from dblint.link.migrations.query_interface import is_interface
from dblint.link.scripts import ScriptFile
from dblint.link.values import FunctionValue, Instance, options
from dblint.link.values import Step as Link

QUIET = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED})
"""Files whose changes happen to no database of the program's own."""


class ScriptMigrations:
    """Reads them. One per project."""

    def __init__(self, reading: Reading, roles: Mapping[str, FileRole]) -> None:
        self.reading = reading
        self.evaluator = reading.evaluator
        self._roles = roles
        untyped = self.evaluator.tables.untyped["javascript"]
        self._settling = frozenset(name for name, row in untyped.items() if row.settles)

    def read(self) -> list[Migration]:
        """The migrations, by chain and order."""
        chains: dict[str, list[tuple[str, ScriptFile]]] = {}
        for path in sorted(self.evaluator.files):
            if self._roles.get(path, FileRole.APP) not in QUIET:
                found = self.evaluator.scripts.of(path)
                if found is not None and not is_interface(self.evaluator.tables, found.type):
                    chains.setdefault(folder(path), []).append((path, found))
        return [migration for chain, members in sorted(chains.items()) for migration in self._chain(chain, members)]

    def _chain(self, chain: str, members: list[tuple[str, ScriptFile]]) -> Iterator[Migration]:
        choice = self.reading.dialects.choose(chain, [])
        for path, found in members:
            yield self._migration(chain, path, found, choice)

    def _migration(self, chain: str, path: str, found: ScriptFile, choice: Choice) -> Migration:
        library = found.type.partition(":")[0]
        steps = list(self._steps(found.up, Direction.UP, choice.dialect, library))
        downs = list(self._steps(found.down, Direction.DOWN, choice.dialect, library)) if found.down else []
        name = path.rpartition("/")[2].rpartition(".")[0]
        tree = self.evaluator.tree(path)
        return Migration(
            path,
            library,
            chain,
            (_natural(name), name),
            name=name,
            dialect=choice.dialect,
            dialect_reason=choice.reason,
            dialect_sure=choice.sure,
            transactional=not self._outside(path, found) and choice.dialect not in ("mysql", "oracle"),
            steps=(*steps, *downs),
            reversible=bool(downs),
            place=self.reading.place(Site(path, 0, None)) if len(tree) else None,
            idiom=library,
            written=self.evaluator.files[path].written,
        )

    def _outside(self, path: str, found: ScriptFile) -> bool:
        """Whether the file says that it runs outside of a transaction (`exports.config = { transaction: false }`)."""
        name, _, key = found.script.outside.partition(".")
        target = self.evaluator.names.export(path, name) if name else None
        for option in options(self.evaluator.target(target)) if target is not None else ():
            literal = Site(getattr(option, "path", path), getattr(option, "node", -1), None)
            if literal.node >= 0 and key:
                tree = self.evaluator.tree(literal.path)
                for pair in tree.children(literal.node) if tree.kinds[literal.node] == Kind.OBJECT else ():
                    value = tree.child(pair, Role.VALUE) if tree.value(pair) == key else -1
                    if value >= 0 and self.reading.constant(Site(literal.path, value, None)) == "false":
                        return True
        return False

    # Steps

    def _steps(self, function: FunctionValue, way: Direction, dialect: str, library: str) -> Iterator[Step]:
        tables = BuiltTables(self.reading, dialect)
        bodies: list[tuple[str, range]] = []
        for call, frame in self.reading.calls(function, way, dialect):
            tree = self.evaluator.tree(call.path)
            inside = any(call.path == path and call.node in span for path, span in bodies)
            if inside or not self._top(call) or self._handed(call):
                continue
            schema = ""
            links = self._links(call)
            for at, link in enumerate(links):
                row = link.member
                site = Site(link.path, link.node, link.context)
                if row.alters is not None and row.alters.change == "other" and row.alters.table and not row.alters.body:
                    schema = self.reading.string(self.reading.argument(site, row.alters.table))
                    continue
                if row.alters is not None:
                    given = tree.with_role(link.node, Role.ARGUMENT)
                    functions = [argument for argument in given if tree.kinds[argument] == Kind.FUNCTION]
                    bodies += [(call.path, range(each, tree.ends[each])) for each in functions]
                if row.text is not None and not row.piece:
                    text = self.reading.argument(site, row.text.at)
                    if text is not None:
                        yield from self.reading.sql(text, dialect, frame, self.reading.place(site))
                elif row.alters is not None and row.alters.body == CHAIN:
                    inner = [
                        argument
                        for each in links[at + 1 :]
                        for argument in tree.with_role(each.node, Role.ARGUMENT)
                        if tree.kinds[argument] == Kind.FUNCTION
                    ]
                    bodies += [(call.path, range(each, tree.ends[each])) for each in inner]
                    for operation, sometimes in tables.chained(link, links[at + 1 :], library, schema):
                        yield framed(frame, operation, sometimes)
                    break
                elif row.alters is not None:
                    for operation, sometimes in tables.of(link, library, schema):
                        yield framed(frame, operation, sometimes)
            if self._writes(call):
                data = statements.opaque(self.reading.place(call), dialect, change=Change.DATA)
                yield framed(frame, data)

    def _top(self, call: Site) -> bool:
        """Whether a call is the last one of its chain, but for those that only wait for it."""
        tree = self.evaluator.tree(call.path)
        parent = tree.parents[call.node]
        if tree.roles[call.node] != Role.OBJECT or tree.kinds[parent] != Kind.ATTRIBUTE:
            return tree.roles[call.node] != Role.CALLEE
        return tree.value(parent) in self._settling

    def _handed(self, call: Site) -> bool:
        """Whether a call only makes what another one of a library is given: a piece of its statement."""
        tree = self.evaluator.tree(call.path)
        child = call.node
        for parent in tree.ancestors(call.node):
            if tree.kinds[parent] in (Kind.FUNCTION, Kind.BLOCK):
                return False
            if tree.kinds[parent] == Kind.CALL and tree.roles[child] == Role.ARGUMENT:
                if self.reading.row(Site(call.path, parent, call.context)) is not None:
                    return True
            child = parent
        return False

    def _links(self, call: Site) -> list[Link]:
        """The calls of a chain, in order, but for one that only runs it."""
        tree = self.evaluator.tree(call.path)
        row = self.reading.row(call)
        runs = row is not None and bool(row.run) and row.text is None and tree.kinds[call.node + 1] == Kind.ATTRIBUTE
        built = call.node + 2 if runs else call.node
        for option in options(self.evaluator.value(call.path, built, call.context)):
            if isinstance(option, Instance):
                inside = range(built, tree.ends[built])
                return [link for link in option.steps if link.path == call.path and link.node in inside]
        return []

    def _writes(self, call: Site) -> bool:
        """Whether a chain is a statement that writes rows."""
        built = [link.member.builds for link in self._links(call) if link.member.builds]
        return bool(built) and built[-1] in DATA and built[-1] != "select"


def _natural(name: str) -> str:
    """A name by whose order its numbers are in theirs, and a version stands behind what leads up to it
    (`2.0.0-rc.2` before `2.0.0`: Semantic Versioning 2.0.0, 11)."""
    # Behind every letter, and before the dot of a further number.
    whole = f"{name}-\x7f" if _VERSION.fullmatch(name) else name
    return re.sub(r"\d+", lambda found: found[0].rjust(20, "0"), whole)


_VERSION = re.compile(r"\d+(?:\.\d+)+")
"""A version that is out."""
