"""Runs a library's fixture with the real library and notes what it sends to the database.

`python -m tests.truth.capture NAME` prints a JSON list of `Note`s. It is a process of its own: a library may need
settings that hold for the whole process, and dblint's tests turn warnings into errors, which are others' here.

How a library is added (one in JavaScript: see `javascript`)
-----------------------------------------------------------
1. `fixtures/truth/NAME/`: a small program as people write it, with models of the tables of `pantry` (same names of
   tables and columns) and functions that call the library in all ways that carry queries. Everything in it has to run.
   Functions whose names begin with `_` are not called by the runner, classes neither. A function asks for what it needs
   by the names of its parameters, annotated as a program would, so that dblint knows the types. Coroutines are awaited.
   One database call a line reads best, but a statement may have several.
   The facts of `fixtures/libraries` stay beside it: they say which clauses stand there, also of calls that cannot run
   here (another database, a parameter that nobody fills). Here it is the library that says it.
2. `tests/truth/adapters/NAME.py`: a context manager `library(note)`, which sets the library up and has it tell `note`
   each statement with what is bound (an event, a wrapper, a cursor class of its own), and gives a context manager
   `each()`: it makes the tables, puts in `pantry.ROWS`, and gives the values that functions ask for by name. It is
   entered once for each function and may be asynchronous. `note` finds the line of the fixture by the stack, so it has
   to be called where the fixture waits for the library: not in a thread.
3. A row in `DIALECTS` of `test_truth` if the database is not SQLite, and the package in the extra `libraries` of
   `pyproject.toml`.
4. `./check tests/truth -k NAME`. Each difference is a defect of a table or of link, and is repaired there; what is only
   spelling becomes a rule of `same`, with its reason. What dblint says that it does not know is listed where it stands,
   by a comment on the line: `# unknown: where order`; a statement that it says nothing of beside another one by
   `# unsaid: insert tag`. Together they are at most a tenth of what was compared.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, redirect_stdout
from pathlib import Path
from types import FrameType, ModuleType
from typing import cast

from tests.truth.notes import FIXTURES, Note

Given = Mapping[str, object]
"""What functions of a fixture may ask for, by the name of the parameter."""
Context = AbstractContextManager[Given] | AbstractAsyncContextManager[Given]
Each = Callable[[], Context]
"""Makes what one function is given, on a database with the rows of `pantry`, and undoes what it did."""


class Recorder:
    """Notes statements. Adapters call it with what the library hands its driver."""

    def __init__(self, folder: Path) -> None:
        self._folder = f"{folder}/"
        self.function = ""
        """The function of the fixture that runs; "" between two of them: what is sent then is an adapter's."""
        self.notes: list[Note] = []

    def __call__(
        self, sql: str, parameters: object = (), *, many: bool = False, frame: FrameType | None = None
    ) -> None:
        """Notes one statement. `parameters`: a sequence or a mapping; with `many`, a sequence of these. `frame`: that
        of the fixture, where it is known; None: it is on the stack."""
        if not self.function:
            return
        if many:
            sets = [*parameters] if isinstance(parameters, Sequence) else []
            parameters = sets[0] if sets else ()
        frame = frame or self._frame()
        start, stop = _lines(frame)
        path = frame.f_code.co_filename.removeprefix(self._folder)
        self.notes.append(Note(path, start, stop, self.function, sql, _values(parameters), many))

    def innermost(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame in a file of the fixture, from this one on outwards; None where there is none."""
        while frame is not None and not frame.f_code.co_filename.startswith(self._folder):
            frame = frame.f_back
        return frame

    def _frame(self) -> FrameType:
        """The innermost frame in a file of the fixture. Greenlets, in which SQLAlchemy's asyncio runs, end in the
        frame that waits for them."""
        found = self.innermost(sys._getframe(1))
        if found is not None:
            return found
        current = sys.modules["greenlet"].getcurrent() if "greenlet" in sys.modules else None
        while current is not None:
            frame = current.gr_frame
            while frame is not None:
                if frame.f_code.co_filename.startswith(self._folder):
                    return cast("FrameType", frame)
                frame = frame.f_back
            current = current.parent
        raise AssertionError(f"no line of the fixture sent this, in {self.function}")


def _lines(frame: FrameType) -> tuple[int, int]:
    """The first and the last line of the expression that a frame is at."""
    positions = list(frame.f_code.co_positions())
    start, stop, _, _ = positions[frame.f_lasti // 2]
    return start or frame.f_lineno, stop or frame.f_lineno


def _values(parameters: object) -> list[object] | dict[str, object]:
    if isinstance(parameters, Mapping):
        return {str(name): _plain(value) for name, value in parameters.items()}
    return [_plain(value) for value in parameters] if isinstance(parameters, Sequence) else []


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def run(name: str) -> list[Note]:
    """Calls every function of a fixture whose name does not begin with `_`, in the order of files and lines."""
    folder = FIXTURES / name
    sys.path.insert(0, str(folder))
    recorder = Recorder(folder)
    adapter = importlib.import_module(f"tests.truth.adapters.{name}")
    with adapter.library(recorder) as each:
        for function in _functions(folder):
            _call(function, each, recorder)
    return recorder.notes


def _call(function: Callable[..., object], each: Each, recorder: Recorder) -> None:
    """Calls one function on a database of its own."""
    context = each()
    if isinstance(context, AbstractAsyncContextManager) or inspect.iscoroutinefunction(function):
        asyncio.run(_entered(function, context, recorder))
        return
    with context as given:
        arguments = _arguments(function, given)
        recorder.function = function.__name__
        try:
            function(**arguments)
        finally:
            recorder.function = ""


async def _entered(function: Callable[..., object], context: Context, recorder: Recorder) -> None:
    """Calls a coroutine. What it is given is made in its own task, to which some libraries tie their connections."""
    if isinstance(context, AbstractAsyncContextManager):
        async with context as given:
            await _ran(function, given, recorder)
    else:
        with context as given:
            await _ran(function, given, recorder)


async def _ran(function: Callable[..., object], given: Given, recorder: Recorder) -> None:
    arguments = _arguments(function, given)
    recorder.function = function.__name__
    try:
        ran = function(**arguments)
        if inspect.isawaitable(ran):
            await ran
    finally:
        recorder.function = ""


def _arguments(function: Callable[..., object], given: Given) -> dict[str, object]:
    return {name: given[name] for name in inspect.signature(function).parameters}


def _functions(folder: Path) -> Iterator[Callable[..., object]]:
    for path in sorted(folder.rglob("*.py")):
        module = importlib.import_module(".".join(path.relative_to(folder).with_suffix("").parts))
        if path.stem != "__init__":
            yield from _of_module(module)


def _of_module(module: ModuleType) -> Iterator[Callable[..., object]]:
    own = [
        value
        for value in vars(module).values()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not value.__name__.startswith("_")
    ]
    yield from sorted(own, key=lambda function: function.__code__.co_firstlineno)


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        found = run(sys.argv[1])
    print(json.dumps([note._asdict() for note in found]))  # noqa: T201 - what the test reads
