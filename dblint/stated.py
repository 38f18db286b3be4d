"""What the configuration says of the project, set beside what the project is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dblint.config import Configuration, ConfigurationError, nearest
from dblint.config_calls import library
from dblint.facts.program import Diagnostic
from dblint.facts.project import Project
from dblint.libraries.reader import Tables, with_functions
from dblint.workspace.discover import Workspace
from dblint.workspace.globs import Patterns
from dblint.workspace.listing import WHOLE_PROJECT
from dblint.workspace.roles import overriding


def described(tables: Tables, configuration: Configuration) -> Tables:
    """The library tables with the configuration's own rows. Raises `ConfigurationError` with every row that gives what
    no table has."""
    if not configuration.call:
        return tables
    mistakes = []
    for number, call in enumerate(configuration.call):
        name = call.row.returns.removesuffix("[]")
        owner, mark, _ = name.partition(":")
        if not mark or owner in ("argument", "instance") or name in tables.types:
            continue
        what, word, known = "library table", owner, list(tables.libraries)
        if owner in tables.libraries:
            what, word, known = "type", name, [each for each in tables.types if each.startswith(f"{owner}:")]
        place = configuration.place("call", f"[{number}]", "returns")
        mistakes.append(f'{place}: there is no {what} "{word}"{nearest(word, known)}')
    if mistakes:
        raise ConfigurationError(*mistakes)
    return with_functions(tables, library(configuration.call))


def idle(workspace: Workspace, configuration: Configuration, options: Collection[str]) -> Iterator[Diagnostic]:
    """A note for each pattern of paths that fits nothing, where the whole project is reviewed. `options`: the patterns
    of `--role`."""
    if workspace.named != ("",):
        return
    places = [f'{configuration.place("exclude")}: "{pattern}"' for pattern in workspace.idle]
    for row in configuration.paths:
        patterns = Patterns([row.pattern])
        if not any(map(patterns.match, workspace.sources)):
            places.append(f"{configuration.place('paths', row.pattern)}:")
    for pattern, role in configuration.roles.items():
        if not any(overriding(path, {pattern: role}) for path in workspace.sources):
            named = f'--role: "{pattern}"' if pattern in options else f"{configuration.place('roles', pattern)}:"
            places.append(named)
    for place in places:
        yield Diagnostic("note", WHOLE_PROJECT, f"{place} fits no file that dblint reads", fails=False)


def mistaken(project: Project, configuration: Configuration) -> Iterator[Diagnostic]:
    """A note for each name in the configuration that nothing in the project has. It is no error of the configuration:
    what it named may have been removed, and no finding is hidden."""
    tables = [*project.tables.values(), *(table for several in project.ambiguous.values() for table in several)]
    known = {name for table in tables for name in (table.name, table.model) if name}
    for word in configuration.small_tables:
        if not any(table.is_named(word) for table in tables):
            place = configuration.place("small-tables")
            message = f'{place}: there is no table or model "{word}"{nearest(word, known)}'
            yield Diagnostic("note", WHOLE_PROJECT, message, fails=False)
