"""What the configuration says of the project, set beside what the project is."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.config import Configuration, nearest
from dblint.facts.program import Diagnostic
from dblint.facts.project import Project
from dblint.workspace.listing import WHOLE_PROJECT


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
