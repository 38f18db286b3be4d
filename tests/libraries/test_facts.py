"""What each library's calls mean, by the comments in `fixtures/libraries`: one folder per library.

`# fact: get select jar, where yes` on a line: the call `get` there runs one `select` on `jar`, whose `where`
surely stands, and in which `order` and `limit` surely do not. Several facts are divided by `;`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dblint.facts.program import Effect
from dblint.facts.project import Project
from dblint.facts.query import Clause
from dblint.frontends.extract import language_of
from tests.link.linked import answer, linked

FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "libraries"
LIBRARIES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
FACT = re.compile(r"(?:#|//) fact: (.+?)\s*$")


def sources(library: str) -> dict[str, str]:
    root = FOLDER / library
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and language_of(path.name) is not None
    }


def expected(files: dict[str, str]) -> list[tuple[str, int, str]]:
    return sorted(
        (path, number, fact.strip())
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := FACT.search(line))
        for fact in match[1].split(";")
    )


def facts(files: dict[str, str], project: Project) -> list[tuple[str, int, str]]:
    told = []
    for call in project.calls:
        if Effect.QUERY not in call.effects:
            continue
        line = files[call.place.path].encode()[: call.place.start].count(b"\n") + 1
        for query in call.asked:
            clauses: list[tuple[str, Clause[Any]]] = [
                ("where", query.where),
                ("order", query.order),
                ("limit", query.limit),
            ]
            words = [f"{call.member} {query.verb} {query.table}".strip()]
            words += [f"{name} {said}" for name, clause in clauses if (said := answer(clause)) != "no"]
            told.append((call.place.path, line, ", ".join(words)))
    return sorted(told)


@pytest.mark.parametrize("library", LIBRARIES)
def test_facts(library: str) -> None:
    files = sources(library)
    assert expected(files) != []
    assert facts(files, linked(files)) == expected(files)
