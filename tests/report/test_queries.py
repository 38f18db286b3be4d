"""What `dblint queries` prints for handles; calls are tested with the command."""

from __future__ import annotations

import json

from dblint.facts.program import Handle
from dblint.facts.project import Project
from dblint.facts.report import Position
from dblint.facts.text import Place
from dblint.report import queries

HANDLE = Handle(
    Place("a.ts", 10, 40),
    "handle",
    "getRepository",
    "typeorm:Repository",
    "invoice",
    runs=(Place("b.ts", 20, 30),),
    resolved=("annotation DataSource",),
    function="a.ts::pay",
    member_stop=25,
)


def locate(place: Place) -> Position:
    """Lines of ten bytes."""
    return Position(place.start // 10 + 1, place.start % 10 + 1, 0)


def test_a_handle_as_text() -> None:
    project = Project(handles=(HANDLE, Handle(Place("a.ts", 0, 5), "entity", "create", "typeorm:Repository")))
    assert list(queries.calls(project, lambda _: True, locate)) == [
        "a.ts:1:1 typeorm:Repository.create (entity)\n    entity -",
        (
            "a.ts:2:1 typeorm:Repository.getRepository (handle)\n"
            "    handle invoice\n"
            "    runs: b.ts:3:1\n"
            "    resolved: annotation DataSource"
        ),
    ]


def test_a_handle_as_json() -> None:
    (line,) = queries.calls(Project(handles=(HANDLE,)), lambda _: True, locate, as_json=True)
    assert json.loads(line) == {
        "path": "a.ts",
        "line": 2,
        "column": 1,
        "member_line": 3,
        "receiver": "typeorm:Repository",
        "member": "getRepository",
        "trigger": "handle",
        "function": "a.ts::pay",
        "role": "app",
        "tables": ["invoice"],
        "runs": [{"path": "b.ts", "line": 3}],
        "queries": [],
        "resolved": ["annotation DataSource"],
    }


def test_a_handle_of_a_file_that_is_not_reported_on() -> None:
    assert list(queries.calls(Project(handles=(HANDLE,)), lambda path: path != "a.ts", locate)) == []
