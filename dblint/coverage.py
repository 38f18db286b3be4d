"""What the rules of a pack are shown to work on: rule × language or source, from the pack's own examples.

A cell holds the `Bad` examples that fire there. Which cell an example fills is read from the run of it: rules that are
fed tables or migrations speak of what declares a table and of the tool that runs a migration, all others of the
language of the file. A cell without an example has a reason, in the file `coverage.toml` of the pack: under
`not-applicable` where there is nothing to find, under `not-yet` where there is and the rule does not see it. A reason
stands under a rule's id, or under a group where it holds for all of its rules.

`python -m dblint.coverage PACK [PROGRAMS]` prints the matrix in Markdown, and behind it that of `coverage_programs`,
where a folder of programs is named.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from dblint import coverage_programs
from dblint.coverage_reasons import CoverageError, Reason, Sheet, reasons
from dblint.facts.project import Project
from dblint.facts.schema import Migration, Table
from dblint.packs import LoadedRule, PackError
from dblint.rule import Good
from dblint.testing import Example, all_examples

STATED = "coverage.toml"
"""The file of a pack that says why cells have no example."""

LANGUAGES: Mapping[str, str] = {
    "python": "Python",
    "typescript": "TypeScript, JavaScript",
    "prisma": "Prisma schema",
    "sql": "SQL file",
}
DECLARATIONS: Mapping[str, str] = {
    "django-models": "Django models",
    "sqlalchemy-models": "SQLAlchemy models",
    "peewee-models": "Peewee models",
    "tortoise-models": "Tortoise models",
    "mongoengine-models": "MongoEngine documents",
    "beanie-models": "Beanie documents",
    "typeorm-models": "TypeORM entities",
    "prisma-schema": "Prisma schema",
    "sql-ddl": "SQL DDL",
}
MIGRATIONS: Mapping[str, str] = {
    "django-migrations": "Django migrations",
    "alembic-migrations": "Alembic migrations",
    "typeorm-migrations": "TypeORM migrations",
    "prisma-migrations": "Prisma migrations",
    "sql-migrations": "SQL migrations",
}

_SUFFIXES: Mapping[str, str] = {".py": "python", ".pyi": "python", ".prisma": "prisma", ".sql": "sql"}
_DDL = "sql-ddl"
_DECLARED: Mapping[str, str] = {"prisma": "prisma-schema", "ddl": _DDL}


@dataclass(frozen=True, slots=True)
class Section:
    """Rules that are asked about the same sources. `sources`: key → how the column is headed; `fed`: a rule
    that is fed this belongs here; None: a rule that belongs nowhere else."""

    title: str
    sources: Mapping[str, str]
    fed: type | None = None


SECTIONS: tuple[Section, ...] = (
    Section("Rules about code", LANGUAGES),
    Section("Rules about tables", {**DECLARATIONS, **MIGRATIONS}, Table),
    Section("Rules about migrations", MIGRATIONS, Migration),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule on one source: the numbers of the `Bad` examples that fire there, or why there is none."""

    rule: str
    source: str
    examples: tuple[int, ...] = ()
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The cells of a pack, by section and rule in the order of the sources."""

    pack: str
    sections: Sequence[tuple[Section, Mapping[str, tuple[Cell, ...]]]]

    def empty(self) -> list[str]:
        """The cells that hold neither an example nor a reason."""
        return [
            f"{cell.rule}: {cell.source}"
            for _, rows in self.sections
            for cells in rows.values()
            for cell in cells
            if not cell.examples and cell.reason is None
        ]


def matrix(pack: str) -> Matrix:
    """Runs a pack's `Bad` examples and reads its reasons.

    Raises `AssertionError` for an example that does not report exactly its marked lines, and `CoverageError`.
    """
    shown: dict[tuple[str, str], list[int]] = {}
    rules: dict[str, LoadedRule] = {}
    for example in all_examples(pack):
        rules[example.rule.id] = example.rule
        if isinstance(example.example, Good):
            continue
        number = example.rule.rule.bad.index(example.example) + 1
        for source in sources(example):
            shown.setdefault((example.rule.id, source), []).append(number)
    why = {(reason.scope, reason.source): reason for reason in stated(pack)}
    used: set[tuple[str, str]] = set()
    rows: dict[str, tuple[Cell, ...]] = {}
    for name, rule in rules.items():
        section = _section(rule)
        cells = []
        for source in section.sources:
            scopes = [(scope, source) for scope in (name, name.partition("/")[0]) if (scope, source) in why]
            examples = tuple(shown.get((name, source), ()))
            if examples and scopes:
                raise CoverageError(f"{pack}: {STATED}: {scopes[0][0]}: {source}: {name} has an example that fires")
            used.update(scopes[:1])
            cells.append(Cell(name, source, examples, why[scopes[0]] if scopes else None))
        rows[name] = tuple(cells)
    for scope, source in why:
        if (scope, source) not in used:
            raise CoverageError(f"{pack}: {STATED}: {scope}: {source}: no rule has such a cell to give a reason for")
    by_section = [
        (section, {name: cells for name, cells in rows.items() if _section(rules[name]) is section})
        for section in SECTIONS
    ]
    return Matrix(pack, [(section, held) for section, held in by_section if held])


def sources(example: Example) -> list[str]:
    """The sources in which an example's findings stand, as the run of it sees them, in the order of the columns."""
    result = example.verify()
    section = _section(example.rule)
    found: set[str] = set()
    for path in {finding.region.path for finding in result.report.findings}:
        seen = {_language(path)} if section.fed is None else _declaring(path, result.analysis.project, section)
        if len(seen) != 1 or not seen <= section.sources.keys():
            what = ", ".join(sorted(seen)) or "nothing that is declared"
            raise CoverageError(f"{example.id}: {path} shows {what}: it fills no cell")
        found |= seen
    return [source for source in section.sources if source in found]


def stated(pack: str) -> Iterator[Reason]:
    """The reasons that a pack gives. Raises `CoverageError` for what is none."""
    place = files(pack) / STATED
    if not place.is_file():
        return
    where = f"{pack}: {STATED}"
    try:
        document = tomllib.loads(place.read_text("utf-8"))
    except ValueError as error:
        raise CoverageError(f"{where}: is no TOML: {error}") from error
    yield from reasons(where, document)


def render(found: Matrix, programs: str = "") -> str:
    """The matrix in Markdown: a table for each section, reasons by letter below it. `programs` is the folder that the
    command is given besides."""
    command = f"python -m dblint.coverage {found.pack} {programs}".rstrip()
    lines = [
        "# Coverage",
        "",
        f"Written by `{command}`; do not edit. A number is that of a `Bad` example in the",
        "rule's file, which is run and must report exactly its marked lines. Where",
        "there is none, a letter leads to the reason below the table: *not applicable* where there is nothing to find,",
        f"*not yet* where there is and the rule does not see it. Reasons are stated in `{found.pack}/{STATED}`.",
    ]
    for section, rows in found.sections:
        sheet = Sheet(tuple(section.sources.values()))
        for name, cells in rows.items():
            sheet.add(name, [(", ".join(map(str, cell.examples)), cell.reason) for cell in cells])
        lines += ["", f"## {section.title}", "", *sheet.lines()]
    return "\n".join(lines) + "\n"


def _section(rule: LoadedRule) -> Section:
    return next((section for section in SECTIONS if section.fed in rule.feeds), SECTIONS[0])


def _language(path: str) -> str:
    return _SUFFIXES.get(Path(path).suffix.lower(), "typescript")


def _declaring(path: str, project: Project, section: Section) -> set[str]:
    """What declares in this file: a tool's migration, or the libraries whose tables it holds."""
    found = set()
    for migration in project.migrations:
        if migration.path == path:
            alone = migration.runner == "sql" and migration.chain == path and _DDL in section.sources
            found.add(_DDL if alone else f"{migration.runner}-migrations")
    if found:
        return found
    tables = [*project.declared.values(), *(table for chain in project.stored.values() for table in chain.values())]
    return {
        _DECLARED.get(table.origin, f"{table.idiom}-models")
        for table in tables
        if table.place is not None and table.place.path == path
    }


def document(pack: str, programs: str = "") -> tuple[str, list[str]]:
    """The matrices in Markdown, and what is empty in them. Raises `AssertionError`, `CoverageError`, `PackError`."""
    found = matrix(pack)
    text, empty = render(found, programs), found.empty()
    if programs:
        beside = coverage_programs.shown(pack, Path(programs))
        text += "\n" + coverage_programs.render(beside, programs, pack)
        empty += beside.empty()
    return text, empty


def main(arguments: Sequence[str]) -> int:
    """Prints the matrices of the pack that is named, and of the programs in a folder; 1 where a cell is empty, 2 where
    there is no matrix."""
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m dblint.coverage PACK [PROGRAMS]\n")
        return 2
    try:
        text, empty = document(*arguments)
    except (AssertionError, CoverageError, PackError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(text)
    sys.stderr.writelines(f"{cell}: neither an example nor a reason\n" for cell in empty)
    return int(bool(empty))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
