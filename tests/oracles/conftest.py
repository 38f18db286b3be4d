"""Second opinions, each asked once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.oracles import npm

Answers = Callable[[dict[str, list[tuple[str, str]]]], dict[str, Any]]


@pytest.fixture(scope="session")
def ask_prisma() -> Answers:
    """Ask Prisma about schemas by name, each a list of (path, text); one Node process per call."""

    def ask(schemas: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
        try:
            answers = npm.run(npm.HERE / "prisma.mjs", list(schemas.values()))
        except npm.OracleMissingError as missing:
            pytest.fail(f"Prisma cannot be asked: {missing}", pytrace=False)
        return dict(zip(schemas, answers, strict=True))

    return ask
