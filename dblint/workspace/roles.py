"""What a file is for, by general conventions of naming and by what generators write at the top of a file.

The first convention that fits decides, unless the file's first bytes speak against it (`signs`); where none fits, they
may say that it is a test. Matching is on the path below the project's root, in lower case, so that a checkout in a
folder named `tests` is no test.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cached_property, lru_cache
from itertools import pairwise

from dblint.facts.program import FileRole
from dblint.workspace.signs import (
    COMMANDS,
    THIRD_PARTY,
    is_dated_step,
    is_migration,
    is_own,
    is_revision,
    is_up_and_down,
    tested_with,
)

WORKSPACES = frozenset("apps libs packages plugins services".split())
"""Folders that hold the packages of a repository with several."""
SOURCES = frozenset({"src", "lib", "app"})
"""Folders whose folders are parts of the application."""
HEAD_SIZE = 4096
"""Bytes from the start of a file that `classify` looks at."""


@dataclass(frozen=True)
class Convention:
    """One convention. `folders`: a folder on the path has such a name (`a/b`: two folders in a row; a leading
    `/`: only directly below the root; `//`: there, or directly below the root of a package of a workspace;
    `///`: there, or one folder deeper, outside of the folder of the source). `names`: the file has such a name. Both
    are shell patterns."""

    role: FileRole
    reason: str
    folders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @cached_property
    def of_name(self) -> re.Pattern[str]:
        """Fits the names of files."""
        return _any_of(self.names)

    @cached_property
    def of_folder(self) -> re.Pattern[str]:
        """Fits the folders on a path: each, two in a row as `a/b`, and the first as `/a` and `//a`."""
        return _any_of(self.folders)


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for several shell patterns; it fits nothing where there are none."""
    return re.compile("|".join(translate(pattern) for pattern in patterns) or r"(?!)")


def _words(text: str) -> tuple[str, ...]:
    """The patterns of one row, apart."""
    return tuple(text.split())


CONVENTIONS = (
    Convention(
        FileRole.VENDORED,
        "copies of other people's code are repaired upstream",
        folders=_words(
            "vendor vendors vendored _vendor _vendored third_party third-party thirdparty "
            "node_modules bower_components jspm_packages site-packages .yarn"
        ),
    ),
    Convention(
        FileRole.GENERATED,
        "built from something else, which is where a repair belongs",
        folders=_words("__generated__ _generated generated autogen dist .next .nuxt .output .svelte-kit"),
        names=_words(
            "*_pb2.py *_pb2.pyi *_pb2_grpc.py *.pb.ts *_pb.ts *_pb.js *_pb.d.ts "
            "*.generated.ts *.generated.tsx *.generated.d.ts *.generated.mts *.generated.js *.generated.jsx "
            "*.generated.mjs *.generated.cjs *.generated.py *.generated.pyi *.generated.sql *.generated.prisma "
            "*.gen.ts *.gen.tsx *.gen.js *.min.js *.min.mjs *.bundle.js"
        ),
    ),
    Convention(
        FileRole.TEST,
        "runs against a throw-away database",
        folders=_words(
            "test tests testing unittest unittests __tests__ __mocks__ mocks spec specs e2e __e2e__ "
            "testdata fixtures __fixtures__ cypress playwright test_* test-* *_test *-test *_tests *-tests tests_* "
            "tests-* *-e2e e2e-*"
        ),
        names=_words(
            "test.py tests.py test_*.py *_test.py *_tests.py conftest.py test.js test.ts "
            "*.test.* *.spec.* *.e2e-spec.* *.cy.*"
        ),
    ),
    Convention(
        FileRole.EXAMPLE,
        "shown to readers or measured, never deployed; words that are also subjects of applications (samples,"
        " benchmarks, docs) count only where they name a part of the repository or of a package",
        folders=_words(
            "//example //examples ///demos //benchmark //benchmarks //perftest //perftests //loadtest //loadtests "
            "//load-testing //perf-testing //performance-testing //stress-testing .storybook /demo "
            "/sample /samples /doc /docs "
            "/documentation /tutorial /tutorials /playground apps/docs packages/docs apps/playground "
            "packages/playground"
        ),
        names=_words("*.stories.*"),
    ),
    Convention(
        FileRole.MIGRATION,
        "changes a schema, once, on a database that is in use",
        folders=_words(
            "migrations migration migrate alembic/versions "
            "db_migrations db-migrations database_migrations database-migrations schema_migrations schema-migrations "
            "sql_migrations sql-migrations data_migrations data-migrations"
        ),
        names=_words(
            "migrations.py migration.py migrations.ts migrations.js "
            "*.up.sql *.down.sql v[0-9]*__*.sql u[0-9]*__*.sql r__*.sql [0-9][0-9][0-9]*_*.sql [0-9][0-9][0-9]*-*.sql"
        ),
    ),
    Convention(
        FileRole.SEED,
        "fills a database with first data, or with data to show and try it with",
        folders=_words("seed seeds seeder seeders seeding"),
        names=_words(
            "seed.* seeds.* seeder.* seed_* seed-* *_seed.* *-seed.* *.seed.* *_seeder.* *-seeder.* *.seeder.* "
            "sample_data* sample-data* demo_data* demo-data* dummy_data* dummy-data*"
        ),
    ),
    Convention(
        FileRole.SCRIPT,
        "run by hand or by a scheduler, not inside a request",
        folders=_words("script scripts bin /tools /ci .github management/commands"),
        names=_words("manage.py noxfile.py gulpfile.* gruntfile.*"),
    ),
)
"""From the strongest to the weakest: a test inside a vendored copy is vendored."""

_EDIT_BANS = (
    "do not edit",
    "don't edit",
    "do not modify",
    "don't modify",
    "do not change",
    "do not manually",
    "not be edited",
    "not be modified",
    "not edit manually",
    "will be overwritten",
    "will be lost",
)
_STATEMENTS = ("@generated", "code generated by", "file automatically generated")
_CODE = (".py", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_COMMENT = ("#", "//", "--", "/*", "*", ";")


def classify(path: str, head: bytes = b"") -> FileRole:
    """The role of the file at `path` (relative to the root, `/`-separated) whose first bytes are `head`."""
    return recognise(path, head)[0]


def recognise(path: str, head: bytes = b"") -> tuple[FileRole, str]:
    """The role, and the sign that gave it ("" for the application's own files, which need none)."""
    folder, _, name = path.lower().rpartition("/")
    role, around = _by_folder(folder)
    text = ""
    if around in THIRD_PARTY:
        text = head.decode("utf-8", "replace")
        if is_own(folder.split("/"), name, text):
            role, around = _by_folder("/".join(each for each in folder.split("/") if each not in THIRD_PARTY))
    for convention in CONVENTIONS:
        found = ""
        if role is convention.role:
            found = f'the folder "{around}"'
        elif convention.of_name.match(name) and not (
            convention.role is FileRole.TEST and f"{folder}/".endswith(COMMANDS)
        ):
            pattern = next(pattern for pattern in convention.names if fnmatchcase(name, pattern))
            found = f'the name "{pattern}"'
        if found and convention.role is FileRole.MIGRATION and name.endswith(".py"):
            text = text or head.decode("utf-8", "replace")
            if not is_migration(folder.split("/") if role is convention.role else [], name, text):
                found = ""
                role, around = _by_folder(folder, after=FileRole.MIGRATION)
        if found:
            return convention.role, found
        if convention.role is FileRole.MIGRATION and _is_generated(head):
            # After migrations: their tools head what they scaffold with "generated" too.
            return FileRole.GENERATED, "its first comment says that it was generated"
    if name.endswith(_CODE) and (framework := tested_with(name, text or head.decode("utf-8", "replace"))):
        return FileRole.TEST, f'it imports "{framework}"'
    if is_revision(folder, name, text or head.decode("utf-8", "replace")):
        return FileRole.MIGRATION, 'a revision in the folder "versions"'
    if is_up_and_down(folder, name, text or head.decode("utf-8", "replace")):
        return FileRole.MIGRATION, "a numbered script that exports up"
    if is_dated_step(folder, name, text or head.decode("utf-8", "replace")):
        return FileRole.MIGRATION, "a script of a version that exports its date and what it does"
    return FileRole.APP, ""


def shadowed(path: str, sources: Collection[str]) -> str:
    """The package that Python imports in the place of a module, as it lies beside it under the same name (`views.py`,
    `views/__init__.py`; "The import system", finders look for packages first); "" where there is none."""
    package = f"{path.removesuffix('.py')}/__init__.py" if path.endswith(".py") else ""
    return package if package in sources else ""


def override(path: str, rows: Mapping[str, FileRole]) -> FileRole | None:
    """The role that the first fitting pattern of the user's own rows gives, or None."""
    pattern = overriding(path, rows)
    return rows[pattern] if pattern is not None else None


def overriding(path: str, rows: Mapping[str, FileRole]) -> str | None:
    """The first pattern of the user's own rows that fits, or None."""
    for pattern in rows:
        if pattern == "**" or fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/"):
            return pattern
    return None


@lru_cache(maxsize=8192)
def _by_folder(folder: str, after: FileRole | None = None) -> tuple[FileRole | None, str]:
    """The role that a file has by the folders around it, and by which of them; the strongest convention wins, not
    the nearest. `after`: of the conventions that are weaker than this one."""
    if not folder:
        return None, ""
    segments = folder.split("/")
    candidates = [*segments, f"/{segments[0]}", f"//{segments[0]}", f"///{segments[0]}"]
    candidates += [f"{first}/{second}" for first, second in pairwise(segments)]
    if len(segments) > 2 and segments[0] in WORKSPACES:
        candidates += [f"//{segments[2]}", f"///{segments[2]}"]
    elif len(segments) > 1 and segments[0] not in SOURCES:
        candidates.append(f"///{segments[1]}")
    roles = [convention.role for convention in CONVENTIONS]
    for convention in CONVENTIONS[roles.index(after) + 1 if after is not None else 0 :]:
        around = next(filter(convention.of_folder.match, candidates), "")
        if around:
            return convention.role, around.lstrip("/")
    return None, ""


def _is_generated(head: bytes) -> bool:
    """Whether the comment at the top of the file says that a program wrote it."""
    if b"enerated" not in head[:HEAD_SIZE].lower():
        return False
    text = " ".join(_leading_comment(head[:HEAD_SIZE].decode("utf-8", "replace").lower()))
    if any(statement in text for statement in _STATEMENTS):
        return True
    if "generated" not in text:
        return False
    if any(ban in text for ban in _EDIT_BANS):
        return True
    return any(
        f"this file {verb} {adverb}generated" in text
        for verb in ("is", "was", "has been")
        for adverb in ("", "auto", "auto-", "automatically ", "auto ")
    )


def _leading_comment(text: str) -> list[str]:
    """The words of the comment or docstring that a file begins with, line by line."""
    taken: list[str] = []
    closing = ""
    for line in text.lstrip("\ufeff").splitlines():
        stripped = line.strip()
        if closing:
            taken.append(stripped.lstrip("* "))
            if closing in stripped:
                closing = ""
        elif stripped.startswith(('"""', "'''")):
            taken.append(stripped[3:])
            if stripped[:3] not in stripped[3:]:
                closing = stripped[:3]
        elif stripped.startswith(_COMMENT):
            taken.append(stripped.lstrip("#/*-; "))
            if stripped.startswith("/*") and "*/" not in stripped:
                closing = "*/"
        elif stripped:
            break
    return taken
