"""Alembic's migrations: modules with `upgrade` and `downgrade` that call `alembic.op`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dblint.facts.schema import Direction, Migration, Step
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.migrations.alembic_operations import Operations
from dblint.link.migrations.dialects import folder
from dblint.link.migrations.hosts import Reading, framed
from dblint.link.values import FunctionValue

MODULE = "alembic"
WAYS = {"upgrade": Direction.UP, "downgrade": Direction.DOWN}


class _Revision(msgspec.Struct, frozen=True):
    """A module that is a migration."""

    path: str
    revision: str
    before: tuple[str, ...]
    ways: tuple[tuple[Direction, int], ...]
    imports: bool = True


class AlembicMigrations:
    """Reads the migrations of all modules that import `alembic` and define `upgrade`. A merge has nothing to import: a
    module is one, too, that is named in the folder of such modules as they are."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self) -> list[Migration]:
        """The migrations, by chain and order."""
        chains: dict[str, list[_Revision]] = {}
        for path in sorted(self.reading.evaluator.files):
            found = self._revision(path)
            if found is not None:
                chains.setdefault(folder(path), []).append(found)
        chains = {chain: members for chain, members in chains.items() if any(member.imports for member in members)}
        return [migration for chain, members in sorted(chains.items()) for migration in self._chain(chain, members)]

    def _revision(self, path: str) -> _Revision | None:
        facts = self.reading.evaluator.files[path]
        interface = facts.interface
        if facts.language != "python" or "upgrade" not in interface.names:
            return None
        imports = any(item.module.partition(".")[0] == MODULE for item in interface.imports)
        if not imports and not ("revision" in interface.names and "down_revision" in interface.names):
            return None
        tree = self.reading.evaluator.tree(path)
        ways: list[tuple[Direction, int]] = []
        for word, direction in WAYS.items():
            functions = [node for node in interface.names.get(word, ()) if tree.kinds[node] == Kind.FUNCTION]
            ways += [(direction, functions[-1])] if functions else []
        # `alembic` may be a folder of the project as well, with the package behind it: the revision decides.
        revision = self.reading.string(self._assigned(path, "revision"))
        if not ways or not revision:
            return None
        before = self._assigned(path, "down_revision")
        names = self.reading.strings(before) or ((self.reading.string(before),) if before is not None else ())
        return _Revision(path, revision, tuple(name for name in names if name), tuple(ways), imports)

    def _assigned(self, path: str, name: str) -> Site | None:
        evaluator = self.reading.evaluator
        tree = evaluator.tree(path)
        for node in reversed(evaluator.files[path].interface.names.get(name, ())):
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0:
                return Site(path, value, None)
        return None

    def _chain(self, chain: str, members: list[_Revision]) -> Iterator[Migration]:
        reading = self.reading
        choice = reading.dialects.choose(chain, self._samples(members))
        depth = _depths(members)
        for member in members:
            operations = Operations(reading, choice.dialect)
            steps: list[Step] = []
            for direction, node in member.ways:
                for call, frame in reading.calls(FunctionValue(member.path, node), direction, choice.dialect):
                    steps += self._steps(operations, call, frame, choice.dialect)
            tree = reading.evaluator.tree(member.path)
            yield Migration(
                member.path,
                "alembic",
                chain,
                (str(depth[member.revision]).rjust(8, "0"), member.revision),
                name=member.revision,
                dialect=choice.dialect,
                dialect_reason=choice.reason,
                dialect_sure=choice.sure,
                # Alembic opens one where the database can take DDL back (`transactional_ddl`).
                transactional=choice.dialect not in ("mysql", "oracle"),
                steps=tuple(steps),
                reversible=any(step.direction is Direction.DOWN for step in steps) or not steps,
                dependencies=member.before,
                place=reading.place(Site(member.path, 0, None)) if len(tree) else None,
                idiom="sqlalchemy",
                written=reading.evaluator.files[member.path].written,
            )

    def _steps(self, operations: Operations, call: Site, frame: Step, dialect: str) -> list[Step]:
        reading = self.reading
        row = reading.row(call)
        if row is not None and row.run == "text" and row.text is not None:
            text = reading.argument(call, row.text.at)
            return reading.sql(text, dialect, frame, reading.place(call)) if text is not None else []
        return [framed(frame, operation) for operation in operations.of(call)]

    def _samples(self, members: list[_Revision]) -> Iterator[str]:
        for member in members:
            for direction, node in member.ways:
                for call, _ in self.reading.calls(FunctionValue(member.path, node), direction):
                    row = self.reading.row(call)
                    if row is not None and row.run == "text" and row.text is not None:
                        text = self.reading.argument(call, row.text.at)
                        if text is not None:
                            yield self.reading.sample(text)


def _depths(members: list[_Revision]) -> dict[str, int]:
    """How many revisions at most lie before each one. A cycle ends where it closes."""
    before = {member.revision: member.before for member in members}
    depth: dict[str, int] = {}
    for start in sorted(before):
        pending, active = [start], {start}
        while pending:
            current = pending[-1]
            waiting = [name for name in before[current] if name in before and name not in depth and name not in active]
            if waiting:
                pending.append(waiting[0])
                active.add(waiting[0])
                continue
            depth[current] = 1 + max((depth.get(name, -1) for name in before[current]), default=-1)
            pending.pop()
    return depth
