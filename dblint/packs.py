"""Rule packs: find, load, validate. One mechanism for the bundled rules and everyone else's.

A pack is a module name. Every module below it is a rule, unless its name begins with `_`; its path below the
pack is the rule's id (`query/select_star.py` is `query/select-star`). The folder `libraries` of the pack holds library
tables, and no rules; every other folder that holds modules is a package. A pack that cannot be read whole is a fatal
error that names it: a linter that silently misses rules gives a false green.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dblint.annotated import misfits
from dblint.config import SEVERITIES, Configuration, load_named, load_users, merged
from dblint.facts.program import (
    Access,
    Brought,
    Call,
    Client,
    Connection,
    Echo,
    Exposure,
    Function,
    Invocation,
    Resource,
    Setting,
)
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.schema import Migration, Table
from dblint.facts.text import Place
from dblint.interrupts import INTERRUPTS
from dblint.rule import Bad, Finding, Good, Rule
from dblint.workspace.discover import resolve

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from dblint.libraries.grammar import Library
    from dblint.libraries.reader import Tables

DEFAULT_PACK = "dblint_rules"
OWN = "dblint"
"""Where the rules are from that no pack brings."""
LIBRARIES = "libraries"
ENTRY_POINT_GROUP = "dblint.rules"

FEEDS: tuple[type, ...] = (
    Call,
    Query,
    Invocation,
    Access,
    Brought,
    Exposure,
    Function,
    Resource,
    Recomputed,
    Ensured,
    Table,
    Migration,
    Setting,
    Connection,
    Client,
    Echo,
    Project,
)
"""What a rule's `check` can be fed, one at a time; `Project` as first parameter means once per run."""

FROM_CALLS = frozenset(
    {Call, Query, Invocation, Access, Brought, Exposure, Function, Resource, Recomputed, Ensured, Project}
)
"""Those that need the calls of the files in whose roles a rule speaks; all others are read from declarations."""

CONFIDENCES = ("very-high", "high", "medium", "low")
LANGUAGES = ("python", "typescript", "javascript", "sql", "prisma")
NO_RULES = "no rules: no installed pack has any"
MARK = "finding"
"""The word that, in a comment of an example, marks a line that must be reported."""


class PackError(Exception):
    """Packs cannot be used; each text names the pack and the module."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Found(msgspec.Struct, frozen=True):
    """A rule that is known by its place and not imported yet."""

    id: str
    module: str
    pack: str

    @property
    def group(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]


class LoadedRule(msgspec.Struct, frozen=True):
    """A rule that is ready to run. `feeds` are the types that its `check` takes as first argument."""

    id: str
    rule: Rule
    check: Callable[..., Iterable[Finding] | None]
    feeds: tuple[type, ...]
    wants_project: bool
    module: str = ""
    pack: str = ""
    places: Callable[[Project], Iterable[Place]] | None = None

    @property
    def group(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]


def installed_packs() -> tuple[str, ...]:
    """What installed distributions register under `dblint.rules`, each once; the bundled pack, which is registered
    like any other, comes first."""
    names = {point.value for point in entry_points(group=ENTRY_POINT_GROUP)}
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_PACK, name)))


def strangers(rules: Mapping[str, LoadedRule]) -> dict[str, tuple[str, str]]:
    """The rules that neither dblint nor its bundled pack brings, by id → name and version of their pack."""
    packs = {rule.pack for rule in rules.values()} - {OWN, DEFAULT_PACK}
    versions = {pack: version(pack) for pack in packs}
    return {name: (rule.pack, versions[rule.pack]) for name, rule in rules.items() if rule.pack in packs}


def packs_in_use(configuration: str = "") -> tuple[str, ...]:
    """The installed packs, then those that the user names: in a file that is named here, or in their own
    configuration. Raises `ConfigurationError`."""
    root = resolve((".",)).root
    named = load_named(configuration, root) if configuration else Configuration()
    return tuple(dict.fromkeys([*installed_packs(), *merged(named, load_users(root)).packs]))


def version(pack: str) -> str:
    """The version of the distribution that registers a pack; "" where none does."""
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.value == pack and point.dist is not None:
            return point.dist.version
    return ""


def find(packs: Sequence[str]) -> dict[str, Found]:
    """The rules of these packs by id, sorted. Imports the packages, not the rules."""
    found: dict[str, Found] = {}
    for pack in packs:
        modules = _modules(pack)
        if not modules and not _library_files(pack):
            raise PackError(f"pack {pack}: {pack} brings neither a rule nor a library table")
        for module in modules:
            rule = Found(_id(pack, module), module, pack)
            earlier = found.get(rule.id)
            if earlier is not None:
                raise PackError(f'pack {pack}: the rule "{rule.id}" is already in pack {earlier.pack}')
            found[rule.id] = rule
    return dict(sorted(found.items()))


def found_in_use(configuration: str = "") -> dict[str, Found]:
    """The rules of `packs_in_use`, of which there is at least one. Raises `ConfigurationError` and `PackError`."""
    found = find(packs_in_use(configuration))
    if not found:
        raise PackError(NO_RULES)
    return found


def _modules(pack: str) -> list[str]:
    """The names of a pack's rule modules."""
    names: list[str] = []
    pending = [pack]
    while pending:
        name = pending.pop()
        path = getattr(_import(name, pack), "__path__", None)
        if path is None:
            raise PackError(f"pack {pack}: {name} is not a package")
        entries = list(pkgutil.iter_modules(path))
        for entry in entries:
            if not entry.name.startswith("_") and (name, entry.name) != (pack, LIBRARIES):
                (pending if entry.ispkg else names).append(f"{name}.{entry.name}")
        packages = {entry.name for entry in entries if entry.ispkg} | ({LIBRARIES} if name == pack else set())
        for folder in _with_modules(path):
            if folder not in packages:
                way_out = "add one, or begin the folder's name with _"
                raise PackError(
                    f"pack {pack}: {name}.{folder} has no __init__.py, so its rules are not found: {way_out}"
                )
    return sorted(names)


def _with_modules(path: Iterable[str]) -> list[str]:
    """The names of the folders directly below a package that hold modules and may hold rules."""
    below = [folder for each in path if Path(each).is_dir() for folder in Path(each).iterdir() if folder.is_dir()]
    named = [folder for folder in below if not folder.name.startswith("_") and "." not in folder.name]
    return sorted(folder.name for folder in named if any(folder.rglob("*.py")))


def _id(pack: str, module: str) -> str:
    """The rule's id: its path below the pack."""
    words = module.removeprefix(f"{pack}.").replace("_", "-").split(".")
    if len(words) < 2:
        raise PackError(f"pack {pack}: {module} lies in no group; put it into a folder")
    return "/".join(words)


def _import(name: str, pack: str) -> types.ModuleType:
    """Imports a module of a pack. Whatever goes wrong there is the pack's fault, and said."""
    try:
        return importlib.import_module(name)
    except INTERRUPTS:
        raise
    except BaseException as error:
        raise PackError(f"pack {pack}: {name} cannot be imported: {type(error).__name__}: {error}") from error


def tables(packs: Iterable[str]) -> Tables:
    """The bundled library tables, and those of these packs beside them."""
    from dblint.libraries.reader import TableError, bundled, joined

    known = bundled()
    for pack in packs:
        try:
            libraries = _libraries(pack)
            known = joined(known, libraries) if libraries else known
            for library in libraries:
                _check_returns(library, known)
        except (TableError, OSError) as error:
            raise PackError(f"pack {pack}: {error}") from error
    return known


def _check_returns(library: Library, tables: Tables) -> None:
    """What rows say that a call gives is a type that some table has."""
    from dblint.libraries.reader import TableError
    from dblint.link.returns import names_nothing

    rows = [(f"functions.{path}", "", row) for path, row in library.functions.items()]
    for name, described in library.types.items():
        rows += [(f"types.{name}.{member}", name, row) for member, row in described.members.items()]
        made = (("construct", described.construct), ("call", described.call))
        rows += [(f"types.{name}.{word}", name, row) for word, row in made if row is not None]
    for where, name, row in rows:
        owners = tables.lineages.get(f"{library.name}:{name}", ())
        parameters = {parameter for owner in owners for parameter in tables.types[owner].parameters}
        try:
            unknown = names_nothing(row.returns, library.name, parameters, tables.types) if row.returns else []
        except ValueError as error:
            raise TableError(f'{library.name}: {where}: returns "{row.returns}": {error}') from None
        if unknown:
            raise TableError(f'{library.name}: {where}: returns "{unknown[0]}", which no table declares')


def _libraries(pack: str) -> list[Library]:
    """The library tables of a pack, in the order of their files' names."""
    from dblint.libraries.reader import parse

    return [parse(entry.read_bytes(), f"{LIBRARIES}/{entry.name}") for entry in _library_files(pack)]


def _library_files(pack: str) -> list[Traversable]:
    _import(pack, pack)
    folder = resources.files(pack) / LIBRARIES
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
    return [entry for entry in entries if entry.name.endswith(".toml")]


def load(found: Found) -> LoadedRule:
    """Imports and validates one rule."""
    module = _import(found.module, found.pack)
    problems: list[str] = []
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        problems.append("RULE is missing or not a dblint.rule.Rule")
    else:
        problems += validate(rule)
    check = getattr(module, "check", None)
    feeds: tuple[type, ...] = ()
    wants_project = False
    if not callable(check):
        problems.append("the function check is missing")
    else:
        feeds, wants_project, complaint = signature(check)
        if complaint:
            problems.append(complaint)
    places = getattr(module, "places", None)
    if places is not None and not callable(places):
        problems.append("places is no function")
    if problems:
        raise PackError(f"pack {found.pack}: {found.module}: {'; '.join(problems)}")
    assert isinstance(rule, Rule) and check is not None  # noqa: S101, PT018 - narrowed by the problems above
    return LoadedRule(found.id, rule, check, feeds, wants_project, found.module, found.pack, places)


def signature(check: Callable[..., object]) -> tuple[tuple[type, ...], bool, str]:
    """What `check` is fed, whether it takes the project too, and what is wrong with it ("" for nothing)."""
    try:
        parameters = list(inspect.signature(check).parameters.values())
    except (ValueError, TypeError) as error:
        return (), False, f"check's parameters are not known: {error}"
    try:
        annotations = typing.get_type_hints(check)
    except (NameError, TypeError, AttributeError) as error:
        return (), False, f"check's annotations cannot be resolved: {error}"
    if not 1 <= len(parameters) <= 2:
        return (), False, "check takes one fact and optionally the project"
    first = annotations.get(parameters[0].name)
    if first is None:
        return (), False, "check's first parameter has no annotation"
    members = typing.get_args(first) if isinstance(first, types.UnionType) or _is_union(first) else (first,)
    strangers = [getattr(member, "__name__", str(member)) for member in members if member not in FEEDS]
    if strangers:
        known = ", ".join(feed.__name__ for feed in FEEDS)
        return (), False, f"check cannot be fed {', '.join(strangers)} (known: {known})"
    if len(parameters) == 2 and annotations.get(parameters[1].name) is not Project:
        return (), False, "check's second parameter is annotated Project or left out"
    return typing.cast("tuple[type, ...]", tuple(members)), len(parameters) == 2, ""


def _is_union(annotation: object) -> bool:
    return typing.get_origin(annotation) is typing.Union


def validate(rule: Rule) -> list[str]:
    """What is wrong with a rule's documentation."""
    problems = list(misfits(rule))
    if problems:
        return problems
    problems = [
        f"{name} is empty"
        for name in ("summary", "why", "minimal", "better", "complete")
        if not getattr(rule, name).strip()
    ]
    if len({rule.minimal, rule.better, rule.complete}) < 3:
        problems.append("minimal, better and complete do not differ")
    if rule.severity not in SEVERITIES:
        problems.append(f'severity "{rule.severity}" is none of {", ".join(SEVERITIES)}')
    if rule.confidence not in CONFIDENCES:
        problems.append(f'confidence "{rule.confidence}" is none of {", ".join(CONFIDENCES)}')
    if rule.security_severity and not _is_score(rule.security_severity):
        problems.append(f'security_severity "{rule.security_severity}" is no number from 0.1 to 10.0')
    if not rule.bad or not rule.good:
        problems.append("an example is missing: a rule has at least one Bad and one Good")
    for example in (*rule.bad, *rule.good):
        problems += _validate_example(example)
    return problems


def _validate_example(example: Bad) -> list[str]:
    problems = []
    if example.language not in LANGUAGES:
        problems.append(f'the language "{example.language}" is none of {", ".join(LANGUAGES)}')
    marked = any(MARK in text for text in (example.code, *example.files.values()))
    if isinstance(example, Good):
        return problems
    if not marked:
        problems.append(f'a Bad example marks no line with the word "{MARK}" in a comment')
    return problems


def _is_score(text: str) -> bool:
    try:
        return 0.1 <= float(text) <= 10.0
    except ValueError:
        return False
