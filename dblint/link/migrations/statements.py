"""SQL inside migrations: texts to steps, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dblint.facts.program import Diagnostic
from dblint.facts.schema import Change, Direction, Operation, Step
from dblint.facts.text import Literal, Place, Text
from dblint.sql.query import Parsed, Script, parse_script

SECTIONS = {"up": Direction.UP, "down": Direction.DOWN}


class Statements(msgspec.Struct):
    """The steps of one text. `count`: its statements; `begins`: it opens a transaction itself."""

    steps: list[Step] = msgspec.field(default_factory=list)
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)
    count: int = 0
    begins: bool = False


def read(
    text: Text, dialect: str, path: str, frame: Step, place: Place | None = None, others: Sequence[str] = ()
) -> Statements:
    """The steps of a text with several statements. `frame` says what surrounds all of them; `place`
    stands in for statements whose own place is not known. `others`: the databases that a text may be for which
    cannot be read by the rules of `dialect`.

    A statement that cannot be read gives a diagnostic, and the others still count. Where the text is
    put together at run time that is a note: what stands in the holes is not dblint's to know.
    """
    result = Statements()
    script = _script(text, dialect, others)
    constant = text.constant
    for fault, where in zip(script.faults, script.fault_places, strict=True):
        result.diagnostics.append(_diagnostic(path, fault.message, where or place, constant))
    for parsed in script.statements:
        if parsed.kind != "sql":
            continue
        result.count += 1
        if parsed.error:
            result.diagnostics.append(_diagnostic(path, parsed.error, parsed.error_place or place, constant))
            continue
        result.steps += _steps(parsed, frame, place)
    _transactions(result)
    return result


def _script(text: Text, dialect: str, others: Sequence[str]) -> Script:
    """The statements by the rules of the first dialect that reads all of them, else of `dialect`."""
    first = parse_script(text, dialect)
    if _is_sound(first):
        return first
    return next(filter(_is_sound, (parse_script(text, other) for other in others)), first)


def _is_sound(script: Script) -> bool:
    return not script.faults and not any(parsed.error for parsed in script.statements)


def opaque(place: Place | None, dialect: str, name: str = "unread text", change: Change = Change.OTHER) -> Operation:
    """Something is run here, of which no more than this can be said."""
    return Operation(change, name=name, place=place, dialect=dialect)


def unreadable(text: Text) -> bool:
    """Whether nothing of a text stands in the source."""
    return not any(isinstance(piece, Literal) and piece.text.strip() for piece in text.pieces)


def _steps(parsed: Parsed, frame: Step, place: Place | None) -> list[Step]:
    direction = SECTIONS.get(parsed.section, frame.direction)
    steps: list[Step] = []
    for operation in parsed.operations:
        placed = operation if operation.place is not None else msgspec.structs.replace(operation, place=place)
        steps.append(msgspec.structs.replace(frame, operation=placed, direction=direction))
    return steps


def _transactions(result: Statements) -> None:
    """Marks what stands outside of the transactions that the text itself opens."""
    changes = [step.operation.change for step in result.steps]
    if Change.BEGIN not in changes or Change.COMMIT not in changes:
        return
    result.begins = True
    inside = False
    for index, step in enumerate(result.steps):
        change = step.operation.change
        if change is Change.BEGIN:
            inside = True
        elif change in (Change.COMMIT, Change.ROLLBACK):
            inside = False
        elif not inside:
            result.steps[index] = msgspec.structs.replace(step, non_transactional=True)


def _diagnostic(path: str, message: str, place: Place | None, constant: bool) -> Diagnostic:
    where = place.path if place is not None else path
    start = place.start if place is not None else -1
    if constant:
        return Diagnostic("parse-error", where, message, start)
    return Diagnostic("note", where, f"SQL put together at run time was not read: {message}", start, fails=False)
