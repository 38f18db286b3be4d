"""What the rules of a pack are shown to work on: rule × library, from small programs that use one library each.

A folder holds a folder per library, with a program as people write it. Each place where a rule has to speak ends in a
comment `finding: group/rule` (several rules by commas). Every rule of the pack is run over every program, and has to
report exactly these lines: a cell holds how many they are.

Which libraries there are, the pack says in `coverage_libraries.toml`: under `libraries`, by the heading of their table,
each with its `title` and the `kinds` of library that it is. A cell without a marked line has a reason there, in one of
the lists `not-applicable` and `not-yet`: `rules` (or their groups), `of` which libraries or kinds, and `why`. What is
said of a rule goes before what is said of its group, and what is said of a library before its kinds.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from dblint.coverage_reasons import KINDS, CoverageError, Reason, Sheet, listed
from dblint.packs import find
from dblint.run import Request, Result, run
from dblint.workspace.kinds import is_source

STATED = "coverage_libraries.toml"
"""The file of a pack that names the libraries, and says why cells hold nothing."""

_MARK = re.compile(r"(?:#|//|--) finding: ([a-z0-9/-]+(?:, [a-z0-9/-]+)*)\s*$")
_LIBRARIES = "libraries"


@dataclass(frozen=True, slots=True, order=True)
class Spoken:
    """A rule speaks on a line of a file."""

    path: str
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Library:
    """A column. `name` is that of its folder, `kinds` are what reasons may be stated of, besides the library itself."""

    name: str
    title: str
    section: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule on one library: how many lines of its program it speaks on, or why on none."""

    rule: str
    library: str
    lines: int = 0
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The cells of a pack: by rule, in the order of the libraries."""

    libraries: Sequence[Library]
    rows: Mapping[str, Sequence[Cell]]

    def cells(self) -> Iterable[Cell]:
        """All of them."""
        return (cell for row in self.rows.values() for cell in row)

    def empty(self) -> list[str]:
        """The cells that hold neither a line nor a reason."""
        return [f"{cell.rule}: {cell.library}" for cell in self.cells() if not cell.lines and cell.reason is None]


def shown(pack: str, folder: Path) -> Shown:
    """Runs the rules over the programs in the folder, and reads the pack's reasons.

    Raises `AssertionError` where a program's findings are not exactly its marked lines, and `CoverageError`.
    """
    libraries, why = stated(pack)
    _same(f"{pack}: {STATED}", folder, libraries)
    spoken = {
        library.name: Counter(each.rule for each in verified(pack, (folder / library.name).resolve()))
        for library in libraries
    }
    used: set[tuple[str, str]] = set()
    rows: dict[str, list[Cell]] = {}
    for rule in find([pack]):
        for library in libraries:
            place = _reason(pack, why, rule, library)
            lines = spoken[library.name][rule]
            if place is not None and lines:
                where = f"{pack}: {STATED}: {place[0]}: {place[1]}"
                raise CoverageError(f"{where}: {rule} speaks in the program of {library.name}")
            if place is not None:
                used.add(place)
            rows.setdefault(rule, []).append(Cell(rule, library.name, lines, why[place] if place is not None else None))
    for scope, source in why:
        if (scope, source) not in used:
            raise CoverageError(f"{pack}: {STATED}: {scope}: {source}: there is no cell to give a reason for")
    return Shown(libraries, rows)


def stated(pack: str) -> tuple[list[Library], dict[tuple[str, str], Reason]]:
    """The libraries and the reasons that a pack names, these by what they are stated of. Raises `CoverageError`."""
    where = f"{pack}: {STATED}"
    place = files(pack) / STATED
    if not place.is_file():
        raise CoverageError(f"{where}: is not there")
    try:
        document = tomllib.loads(place.read_text("utf-8"))
    except ValueError as error:
        raise CoverageError(f"{where}: is no TOML: {error}") from error
    libraries = list(_libraries(where, document.pop(_LIBRARIES, {})))
    known = {word for library in libraries for word in (library.name, *library.kinds)}
    why = {(reason.scope, reason.source): reason for reason in listed(where, document)}
    for scope, source in why:
        if source not in known:
            raise CoverageError(f"{where}: {scope}: {source}: is neither a library nor a kind of them")
    return libraries, why


def marked(root: Path) -> list[Spoken]:
    """The lines of a program on which its comments expect findings."""
    wanted = []
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if not path.is_file() or not is_source(relative):
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if match := _MARK.search(line):
                wanted += [Spoken(relative, number, rule) for rule in match[1].split(", ")]
    return sorted(wanted)


def verified(pack: str, root: Path) -> list[Spoken]:
    """Where the rules of a pack speak in a program, by default or not. Raises `AssertionError` where these are not
    exactly the marked lines, and where the program cannot be read whole."""
    result = run(Request(paths=[str(root)], root=root, isolated=True, overrides={"select": ("all",)}, packs=(pack,)))
    found = sorted(Spoken(each.region.path, each.region.start.line, each.rule) for each in result.report.findings)
    wanted = marked(root)
    faults = [
        f"  {each.kind}: {each.path}:{each.line}: {each.message}"
        for each in result.report.diagnostics
        if each.kind != "note"
    ]
    if found != wanted or faults:
        lines = [f"{root.name}:", *faults, *result.tracebacks]
        lines += [f"  not reported: {_told(each)}" for each in (Counter(wanted) - Counter(found)).elements()]
        lines += [
            f"  reported, but not marked: {_told(each)}: {_message(result, each)}"
            for each in (Counter(found) - Counter(wanted)).elements()
        ]
        raise AssertionError("\n".join(lines))
    return found


def render(found: Shown, folder: str, pack: str) -> str:
    """The matrix in Markdown: a table for each heading, reasons by letter below it."""
    cells = list(found.cells())
    kinds = Counter(cell.reason.kind for cell in cells if cell.reason is not None)
    counted = ", ".join(f"{kinds[kind]} {KINDS[kind]}" for kind in KINDS)
    lines = [
        "## Rules and libraries",
        "",
        f"The folder `{folder}` holds a small program for each library. All rules are run over all of them, and must",
        "report exactly the lines that are marked there. A number is how many lines of its program a rule reports.",
        "Where it reports none, a letter leads to the reason below the table; reasons are stated in",
        f"`{pack}/{STATED}`, once for each kind of library.",
        f"Of {len(cells)} cells, {sum(bool(cell.lines) for cell in cells)} hold lines; {counted}.",
    ]
    for section in dict.fromkeys(library.section for library in found.libraries):
        here = [number for number, library in enumerate(found.libraries) if library.section == section]
        sheet = Sheet([found.libraries[number].title for number in here])
        for rule, row in found.rows.items():
            sheet.add(rule, [(str(row[number].lines or ""), row[number].reason) for number in here])
        lines += ["", f"### {section}", "", *sheet.lines()]
    return "\n".join(lines) + "\n"


def _libraries(where: str, sections: object) -> Iterable[Library]:
    """The libraries as they are written down."""
    if not isinstance(sections, dict) or not sections:
        raise CoverageError(f"{where}: {_LIBRARIES} holds no headings")
    named: set[str] = set()
    for section, entries in sections.items():
        if not isinstance(entries, dict):
            raise CoverageError(f"{where}: {_LIBRARIES}: {section} holds no libraries")
        for name, entry in entries.items():
            match entry:
                case {"title": str(title), "kinds": list(kinds)} if len(entry) == 2 and name not in named:
                    named.add(name)
                    yield Library(name, title, section, tuple(map(str, kinds)))
                case _:
                    raise CoverageError(f"{where}: {name}: a library is there once, and has a title and kinds")


def _same(where: str, folder: Path, libraries: Sequence[Library]) -> None:
    """Raises `CoverageError` unless each library has a program, and each program a library."""
    programs = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    named = {library.name for library in libraries}
    for name in sorted(named - programs):
        raise CoverageError(f"{where}: {name}: has no program in {folder.name}")
    for name in sorted(programs - named):
        raise CoverageError(f"{where}: {name}: has a program in {folder.name}, and is named under no heading")


def _reason(pack: str, why: Mapping[tuple[str, str], Reason], rule: str, library: Library) -> tuple[str, str] | None:
    """What the reason is stated of that a cell has. Raises `CoverageError` where two kinds give one."""
    for scope in (rule, rule.partition("/")[0]):
        if (scope, library.name) in why:
            return scope, library.name
        kinds = [kind for kind in library.kinds if (scope, kind) in why]
        if len(kinds) > 1:
            raise CoverageError(f"{pack}: {STATED}: {scope}: {library.name} is {' and '.join(kinds)}: two reasons")
        if kinds:
            return scope, kinds[0]
    return None


def _told(spoken: Spoken) -> str:
    return f"{spoken.path}:{spoken.line}: {spoken.rule}"


def _message(result: Result, spoken: Spoken) -> str:
    return next(
        each.message
        for each in result.report.findings
        if Spoken(each.region.path, each.region.start.line, each.rule) == spoken
    )
