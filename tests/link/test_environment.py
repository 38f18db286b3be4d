"""Which databases a project talks to: configuration, drivers, and drivers for development only."""

from __future__ import annotations

import pytest

from dblint.libraries.reader import bundled
from dblint.link import environment
from dblint.link.groups import for_development


def read(manifests: dict[str, str], providers: dict[str, str] | None = None) -> environment.Environment:
    given = {path: text.encode() for path, text in manifests.items()}
    return environment.read(bundled(), "", {}, {}, given, providers or {})


MAIN, BOTH = ("mysql",), ("mysql", "postgres")


@pytest.mark.parametrize(
    ("manifests", "databases"),
    [
        (
            {
                "pyproject.toml": """
                [project]
                dependencies = ["PyMySQL[rsa]==1.1.1"]
                [dependency-groups]
                dev = ["psycopg2-binary==2.9", {include-group = "lint"}]
                """
            },
            MAIN,
        ),
        (
            {
                "pyproject.toml": """
                [project]
                dependencies = ["PyMySQL"]
                [project.optional-dependencies]
                postgres = ["psycopg2-binary"]
                """
            },
            BOTH,
        ),
        (
            {
                "pyproject.toml": """
                [tool.poetry.dependencies]
                pymysql = "*"
                [tool.poetry.group.test.dependencies]
                psycopg2 = "*"
                """
            },
            MAIN,
        ),
        ({"package.json": '{"dependencies": {"mysql2": "3"}, "devDependencies": {"pg": "8"}}'}, MAIN),
        ({"package.json": '{"dependencies": {"mysql2": "3", "pg": "8"}, "devDependencies": {"pg": "8"}}'}, BOTH),
        ({"Pipfile": "[packages]\npymysql = '*'\n[dev-packages]\npsycopg2 = '*'\n"}, MAIN),
        ({"setup.cfg": "[options]\ninstall_requires =\n  pymysql\ntests_require =\n  psycopg2\n"}, MAIN),
        ({"setup.cfg": "[options]\n[options.extras_require]\na =\n  pymysql\nlint =\n  psycopg2\n"}, MAIN),
        ({"requirements.txt": "pymysql\n", "requirements-dev.txt": "psycopg2\n"}, MAIN),
        ({"requirements/main.in": "pymysql\n", "requirements/tests.in": "psycopg2\n"}, MAIN),
        ({"requirements/main.in": "pymysql\n", "requirements/postgres.in": "psycopg2\n"}, BOTH),
        # Nothing but groups for development: they say more than nothing does.
        ({"requirements-dev.txt": "psycopg2\n"}, ("postgres",)),
        ({"requirements.txt": "aiosqlite\n", "requirements-dev.txt": "psycopg2\n"}, ("postgres", "sqlite")),
    ],
)
def test_drivers_for_development_weigh_less(manifests: dict[str, str], databases: tuple[str, ...]) -> None:
    found = read(manifests)
    assert found.databases == databases
    assert set(found.named) >= set(databases)
    if databases == MAIN:
        assert found.named == BOTH


def test_a_schema_says_more_than_any_driver() -> None:
    found = read({"package.json": '{"dependencies": {"mysql2": "3"}}'}, {"schema.prisma": "postgres"})
    assert (found.databases, found.named) == (("postgres",), ("mysql", "postgres"))


@pytest.mark.parametrize("path", ["pyproject.toml", "package.json", "Pipfile", "setup.cfg", "setup.py"])
def test_what_cannot_be_read_has_no_groups(path: str) -> None:
    assert for_development(path, b"[[[ {") == frozenset()
