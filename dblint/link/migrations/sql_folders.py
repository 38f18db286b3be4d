"""Folders of SQL files: plain ones, and those of tools that keep a migration in a file or folder of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from dblint.facts.program import Diagnostic
from dblint.facts.schema import Change, Direction, Migration, Operation, Step
from dblint.facts.text import Literal
from dblint.frontends.sql import SqlFile
from dblint.link.migrations import statements
from dblint.link.migrations.dialects import Choice, Dialects, database, folder

FOLDERS = frozenset({"migrations", "migration", "migrate", "schema_migrations"})
"""What tools call the folder of all migrations."""
WHOLE = frozenset({"up", "down", "migration"})
"""File names that say nothing: the migration is named by its folder."""
DOWN_ENDS = (".down", "_down", "-down", ".undo", ".rollback")
SQITCH = {"deploy": Direction.UP, "revert": Direction.DOWN}
NO_TRANSACTION = ("+goose no transaction", "migrate:up transaction:false", "+migrate up notransaction")
"""Comments by which a tool is told to run the file outside of a transaction."""
IN_TRANSACTION = ("+goose up", "migrate:up", "+migrate up")
"""Comments of tools that run a file in one transaction unless told otherwise."""
BREAKPOINT = "> statement-breakpoint"
SCHEMA_CHANGES = frozenset(Change) - {
    Change.DATA, Change.BEGIN, Change.COMMIT, Change.ROLLBACK, Change.SET, Change.OTHER,
}  # fmt: skip
MISSING = Operation(Change.OTHER)


class _File(msgspec.Struct, frozen=True):
    """A SQL file and its place among the migrations."""

    path: str
    file: SqlFile
    chain: str
    text: str

    @property
    def alone(self) -> bool:
        """Whether it is no part of a folder of migrations."""
        return self.chain == self.path


def read(
    files: Sequence[SqlFile], manifests: Mapping[str, bytes], schemas: frozenset[str], dialects: Dialects
) -> tuple[list[Migration], list[Diagnostic]]:
    """The migrations of all SQL files. A file outside of a migrations folder that changes no schema is none.

    `schemas`: the folders of schema files that name a database, beside which Prisma keeps its migrations.
    """
    chains: dict[str, list[_File]] = {}
    numbered = _numbered(files)
    for file in sorted(files, key=lambda item: item.path):
        chain = _chain(file.path, numbered)
        chains.setdefault(chain, []).append(_File(file.path, file, chain, _text(file)))
    migrations: list[Migration] = []
    diagnostics: list[Diagnostic] = []
    for chain, members in sorted(chains.items()):
        choice = dialects.choose(folder(chain) if members[0].alone else chain, (member.text for member in members))
        if choice.foreign:
            message = f"read as {choice.dialect} ({choice.reason}), whose migrations are not judged"
            diagnostics.append(Diagnostic("note", chain, message, fails=False))
            continue
        downs = {_stem(member.path) for member in members if _direction(member.path) is Direction.DOWN}
        runner = _runner(members, manifests, schemas)
        for member in members:
            migration, found = _migration(member, choice, runner, downs, dialects.others(choice.dialect))
            if migration is not None:
                migrations.append(migration)
            diagnostics += found
    return migrations, diagnostics


def _migration(
    member: _File, choice: Choice, runner: str, downs: set[tuple[str, ...]], others: Sequence[str]
) -> tuple[Migration | None, list[Diagnostic]]:
    if runner == "prisma" and not _whole(member.path):
        runner = "sql"
    direction = _direction(member.path)
    # An assumed dialect decides what is judged, not how the text is taken apart.
    dialect = choice.dialect if choice.sure else ""
    read = statements.read(member.file.text, dialect, member.path, Step(MISSING, direction), others=others)
    changes = {step.operation.change for step in read.steps}
    if member.alone and not changes & SCHEMA_CHANGES:
        return None, read.diagnostics
    directions = {step.direction for step in read.steps}
    reversible = True if Direction.DOWN in directions or _stem(member.path) in downs else None
    literal = member.file.text.pieces[0] if member.file.text.pieces else None
    return Migration(
        member.path,
        runner,
        member.chain,
        _order(member.path, member.chain, runner),
        name=_name(member.path),
        dialect=choice.dialect,
        dialect_reason=choice.reason,
        dialect_sure=choice.sure,
        transactional=_transactional(runner, choice.dialect, read, member.text),
        steps=tuple(read.steps),
        reversible=reversible,
        place=literal.place if isinstance(literal, Literal) else None,
        idiom=runner if runner != "sql" else "",
        sealed=runner == "prisma" or (direction is Direction.UP and _is_versioned(member.path)),
    ), read.diagnostics


def _is_versioned(path: str) -> bool:
    """Whether it has a name of Flyway's, which keeps a checksum of what has run (documentation of `validate`)."""
    name = path.rpartition("/")[2]
    return name[:1] == "V" and name[1:2].isdigit() and "__" in name


def _transactional(runner: str, dialect: str, read: statements.Statements, text: str) -> bool | None:
    if read.begins:
        return True
    if runner == "prisma":
        # The file is sent as one simple query. PostgreSQL runs the statements of one in an implicit
        # transaction; a single statement stands alone, so that CREATE INDEX CONCURRENTLY works there.
        if dialect == "postgres":
            return read.count > 1
        return False if dialect == "mysql" else None
    if runner == "drizzle":
        return True if dialect in ("postgres", "sqlite") else None
    comments = [
        " ".join(line[2:].lower().split()) for line in map(str.strip, text.splitlines()) if line.startswith("--")
    ]
    if any(comment.startswith(NO_TRANSACTION) for comment in comments):
        return False
    if any(comment.startswith(IN_TRANSACTION) for comment in comments):
        return True
    return None


def _runner(members: Sequence[_File], manifests: Mapping[str, bytes], schemas: frozenset[str]) -> str:
    chain = members[0].chain
    prisma = f"{chain}/migration_lock.toml" in manifests or folder(chain) in schemas
    if prisma and any(_whole(member.path) for member in members):
        return "prisma"
    if f"{chain}/meta/_journal.json" in manifests:
        return "drizzle"
    marked = any(line.rstrip().endswith(f"--{BREAKPOINT}") for member in members for line in member.text.splitlines())
    return "drizzle" if marked else "sql"


def _whole(path: str) -> bool:
    return path.rpartition("/")[2] == "migration.sql"


def _text(file: SqlFile) -> str:
    return "".join(piece.text for piece in file.text.pieces if isinstance(piece, Literal))


def _chain(path: str, numbered: frozenset[str]) -> str:
    """The folder whose files build one database together, or the file itself."""
    *parents, name = path.split("/")
    for index in range(len(parents) - 1, -1, -1):
        if parents[index].lower() in FOLDERS:
            end = index + 1
            if end < len(parents) and database(parents[end]):
                end += 1
            return "/".join(parents[:end])
    if parents and parents[-1] in SQITCH:
        return "/".join(parents[:-1])
    if _base(name) in WHOLE and len(parents) > 1:
        return "/".join(parents[:-1])
    if folder(path) in numbered and _number(name):
        return folder(path)
    return path


def _numbered(files: Iterable[SqlFile]) -> frozenset[str]:
    """The folders in which several files are numbered."""
    count: dict[str, int] = {}
    for file in files:
        if _number(file.path.rpartition("/")[2]):
            count[folder(file.path)] = count.get(folder(file.path), 0) + 1
    return frozenset(base for base, several in count.items() if several > 1)


def _number(name: str) -> str:
    """The number with which a file's name begins, behind one letter at most (`V2__x.sql`)."""
    rest = name[1:] if name[:1] in "VUvu" and name[1:2].isdigit() else name
    return rest[: len(rest) - len(rest.lstrip("0123456789"))]


def _base(name: str) -> str:
    return name.lower().removesuffix(".sql")


def _direction(path: str) -> Direction:
    *parents, name = path.split("/")
    base = _base(name)
    if base == "down" or base.endswith(DOWN_ENDS) or (name[:1] == "U" and _number(name) and "__" in name):
        return Direction.DOWN
    return SQITCH.get(parents[-1], Direction.UP) if parents else Direction.UP


def _stem(path: str) -> tuple[str, ...]:
    """What the two files of one migration have in common."""
    *parents, name = path.split("/")
    base = _base(name)
    for end in (*DOWN_ENDS, ".up", "_up", "-up"):
        base = base.removesuffix(end)
    if parents and parents[-1] in SQITCH:
        parents = parents[:-1]
    if base in WHOLE:
        base = ""
    return (*parents, base)


def _name(path: str) -> str:
    base = _base(path.rpartition("/")[2])
    return folder(path).rpartition("/")[2] if base in WHOLE and folder(path) else base


def _order(path: str, chain: str, runner: str) -> tuple[str, ...]:
    """Tools sort by the number in front; those of Prisma and Drizzle by name."""
    parts = path[len(chain) :].strip("/").split("/") if chain != path else [path.rpartition("/")[2]]
    if runner != "sql":
        return tuple(parts)
    order: list[str] = []
    for part in parts:
        number = _number(part)
        order.append(f"{number.rjust(20, '0')}{part.partition(number)[2]}" if number else part)
    return tuple(order)
