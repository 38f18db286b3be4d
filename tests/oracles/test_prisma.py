"""Our reading of Prisma schemas against Prisma's own: the same verdict, and for sound ones the same models.

`fixtures/prisma/sound` and `unsound` hold files and folders (a schema of several files each);
`fixtures/prisma/variants.txt` holds many small schemas, each after a line `=== title`. They begin with
HEADER unless the title ends in `(whole)`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dblint.frontends.prisma import extract
from dblint.link.prisma import PrismaSchema, join
from tests.oracles.conftest import Answers
from tests.oracles.dmmf import differences, verdict

FIXTURES = Path(__file__).parents[2] / "fixtures" / "prisma"
HEADER = """generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
  url = env("X")
}
"""
# What a text file cannot hold without harm.
SPECIAL = {
    "lines end in CR LF": "model A {\r\n id Int @id\r\n}\r\n",
    "lines end in CR": "model A {\r id Int @id\r}\r",
    "a tab in a string": 'model A {\n id Int @id\n s String @default("a\tb")\n}',
    "a no-break space": "model A {\n id\u00a0Int @id\n}",
    "an ideographic space": "model A {\n\u3000id\u3000Int @id\n}",
    "a form feed": "model A {\n id\fInt @id\n}",
    "a line separator": "model A {\n id Int @id\u2028\n}",
    "a next line": "model A {\n id Int @id\u0085}",
}

Files = list[tuple[str, str]]


def _schemas() -> dict[str, Files]:
    found: dict[str, Files] = {}
    for kind in ("sound", "unsound"):
        for entry in sorted((FIXTURES / kind).iterdir()):
            paths = sorted(entry.rglob("*.prisma")) if entry.is_dir() else [entry]
            files = [(path.relative_to(FIXTURES).as_posix(), path.read_bytes().decode()) for path in paths]
            found[entry.relative_to(FIXTURES).as_posix()] = files
    for part in (FIXTURES / "variants.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        title, _, text = part.partition("\n")
        whole = title.endswith("(whole)")
        found[title] = [("schema.prisma", text.rstrip("\n") if whole else HEADER + text.rstrip("\n"))]
    found |= {title: [("schema.prisma", HEADER + text)] for title, text in SPECIAL.items()}
    return found


SCHEMAS = _schemas()
SOUND = [name for name in SCHEMAS if name.startswith("sound/")]
UNSOUND = [name for name in SCHEMAS if name.startswith("unsound/")]


def _joined(name: str) -> PrismaSchema:
    return join([extract(text.encode(), path) for path, text in SCHEMAS[name]])


@pytest.fixture(scope="module")
def answers(ask_prisma: Answers) -> dict[str, Any]:
    return ask_prisma(SCHEMAS)


def test_there_is_enough_to_compare() -> None:
    assert len(SOUND) >= 10
    assert len(UNSOUND) >= 16
    assert len(SCHEMAS) >= 300


def test_25_what_is_compared() -> None:
    """The number is a row of the project's table of faults, which names these."""
    written = "\n".join(text for files in SCHEMAS.values() for _, text in files)
    for said in (r"^\s*model \w+ *\{.*\}", r"/\*.*\*/", "///"):
        assert re.search(said, written, re.MULTILINE), said
    assert [name for name, files in SCHEMAS.items() if len(files) > 1]


@pytest.mark.parametrize("name", SCHEMAS)
def test_25_same_verdict(name: str, answers: dict[str, Any]) -> None:
    assert verdict(SCHEMAS[name], answers[name]) == []


@pytest.mark.parametrize("name", SOUND)
def test_sound_fixtures_are_sound(name: str) -> None:
    schema = _joined(name)
    assert schema.sound
    assert all(table.complete for table in schema.tables)


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_fixtures_give_incomplete_tables(name: str) -> None:
    schema = _joined(name)
    assert not schema.sound
    assert not any(table.complete for table in schema.tables)


ACCEPTED = [name for name in SCHEMAS if _joined(name).sound]


@pytest.mark.parametrize("name", ACCEPTED)
def test_same_models(name: str, answers: dict[str, Any]) -> None:
    assert differences(SCHEMAS[name], answers[name]["models"]) == []
