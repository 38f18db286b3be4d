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

_WHOLE_FILE: Lines = (1, sys.maxsize)


def unanalysed(path: str, facts: object, project: Project, document: Document, start: Start) -> Sequence[Lines]:
    """Where nothing is known of a file: where a part of it cannot be read, in all of it, as what stands there may be
    what rules would speak of elsewhere (a table is not known before all that alters it); where SQL in a call cannot be
    parsed, in the statement around the call."""
    faults: Sequence[Fault] = getattr(facts, "faults", ())
    of_file = (diagnostic for diagnostic in project.diagnostics if diagnostic.path == path)
    if faults or any(diagnostic.start >= 0 or diagnostic.fails for diagnostic in of_file):
        return (_WHOLE_FILE,)
    spans = [
        (call.place.start, call.place.stop)
        for call in project.calls
        if call.place.path == path and call.text is not None and Effect.QUERY in call.effects and not call.queries
    ]
    return [(document.line_of(start(first)), document.line_of(last)) for first, last in spans]
