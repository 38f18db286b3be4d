"""What a run says of files that it could not read, or not whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.check import Surroundings
from dblint.facts.program import Diagnostic
from dblint.facts.tree import Fault
from dblint.workspace.listing import WHOLE_PROJECT

if TYPE_CHECKING:
    from dblint.extraction import Extracted

_WHOLE_FILE_LANGUAGES = (".sql", ".prisma")
"""Files in which every unread part can hide a finding."""


def unread(files: Mapping[str, Extracted], judged: set[str]) -> list[Diagnostic]:
    """What could not be read, in files of which link has said nothing. In a host language that is a note: link
    speaks where the unread part can hide a finding."""
    diagnostics = []
    for path, extracted in files.items():
        faults: tuple[Fault, ...] = getattr(extracted.facts, "faults", ())
        if path in judged:
            continue
        fails = path.lower().endswith(_WHOLE_FILE_LANGUAGES)
        diagnostics += [Diagnostic("parse-error", path, fault.message, fault.start, fails=fails) for fault in faults]
    return diagnostics


def told(
    diagnostics: Iterable[Diagnostic], surroundings: Surroundings, refused: Sequence[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The diagnostics of what is reported on, with lines, each once, sorted. What failed inside, and what was
    refused although it was named, is always told."""
    kept: set[tuple[str, int, int, str, str, bool]] = set()
    concerned = [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.kind == "internal-error"
        or diagnostic.path == WHOLE_PROJECT
        or surroundings.reports_on(diagnostic.path)
    ]
    for diagnostic in [*refused, *concerned]:
        line = diagnostic.line
        if not line and diagnostic.start >= 0:
            document = surroundings.document(diagnostic.path)
            line = document.line_of(diagnostic.start) if document is not None else 0
        kept.add((diagnostic.path, line, diagnostic.start, diagnostic.kind, diagnostic.message, diagnostic.fails))
    return tuple(
        Diagnostic(kind, path, message, start, fails, line) for path, line, start, kind, message, fails in sorted(kept)
    )
