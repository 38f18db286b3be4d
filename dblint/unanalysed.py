"""The lines of a file of which rules were told nothing because something there could not be read: whoever says that a
rule reports nothing there would not know."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.program import Effect
from dblint.facts.tree import Fault

if TYPE_CHECKING:
    from dblint.enclosing import Start
    from dblint.facts.project import Project
    from dblint.workspace.document import Document

Lines: TypeAlias = tuple[int, int]
"""A first and a last line."""

_WHOLE_FILE_LANGUAGES = (".sql", ".prisma")
"""Files in which what cannot be read may take along what stands behind it, whoever finds it."""


def unanalysed(path: str, facts: object, project: Project, document: Document, start: Start) -> Sequence[Lines]:
    """Where nothing is known of a file. A fault of its grammar takes along everything behind it; SQL in a call that
    cannot be parsed, the statement around the call."""
    faults: Sequence[Fault] = getattr(facts, "faults", ())
    offsets = [fault.start for fault in faults]
    spans = [
        (call.place.start, call.place.stop)
        for call in project.calls
        if call.place.path == path and call.text is not None and Effect.QUERY in call.effects and not call.queries
    ]
    for diagnostic in project.diagnostics:
        if diagnostic.path == path and diagnostic.start >= 0:
            if path.lower().endswith(_WHOLE_FILE_LANGUAGES):
                offsets.append(diagnostic.start)
            else:
                spans.append((diagnostic.start, diagnostic.start))
    lines = [(document.line_of(start(first)), document.line_of(last)) for first, last in spans]
    return [*lines, *((document.line_of(min(start(offset), offset)), sys.maxsize) for offset in offsets)]
