"""Files of settings: levels of loggers that a program reads from one, and addresses that one writes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

LOGGED = "security/logged-parameters"
SECRETS = "security/hardcoded-credentials"
ENVIRONMENT = """\
from logging.config import fileConfig

from alembic import context

config = context.config
print("configured")
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
"""
NAMED = "if config.config_file_name is not None:"
LEVELS = """\
[alembic]
script_location = {folder}

[loggers]
keys = {keys}

[logger_sqlalchemy]
level = {level}
handlers =
qualname = sqlalchemy.engine
"""
MESSAGE = "the logger sqlalchemy.engine at {} in {} writes every statement with its values to the log"


def told(folder: Path, files: dict[str, str], rule: str) -> list[tuple[str, int, str]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    report = run(Request(paths=[str(folder)], root=folder, isolated=True, overrides={"select": (rule,)})).report
    assert [each for each in report.diagnostics if each.kind != "note"] == []
    return [(each.region.path, each.region.start.line, each.message) for each in report.findings]


@pytest.mark.parametrize(
    ("file", "folder", "keys", "level", "program", "found"),
    [
        ("alembic.ini", "migrations", "root,sqlalchemy", "INFO", ENVIRONMENT, True),
        ("alembic.ini", "%(here)s/migrations", "sqlalchemy", "DEBUG", ENVIRONMENT, True),
        ("migrations/alembic.ini", ".", "sqlalchemy", "INFO", ENVIRONMENT, True),
        ("alembic.ini", "migrations", "root, sqlalchemy", "WARNING", ENVIRONMENT, False),
        ("alembic.ini", "migrations", "root", "INFO", ENVIRONMENT, False),
        ("alembic.ini", "elsewhere", "sqlalchemy", "INFO", ENVIRONMENT, False),
        ("alembic.ini", "migrations", "sqlalchemy", "INFO", ENVIRONMENT.replace("  fileConfig(", "  print("), False),
        ("alembic.ini", "migrations", "sqlalchemy", "INFO", ENVIRONMENT.replace(NAMED, "if DEBUG:"), False),
    ],
)
def test_levels(tmp_path: Path, file: str, folder: str, keys: str, level: str, program: str, found: bool) -> None:
    files = {file: LEVELS.format(folder=folder, keys=keys, level=level), "migrations/env.py": program}
    expected = [("migrations/env.py", 8, MESSAGE.format(level, file))] if found else []
    assert told(tmp_path, files, LOGGED) == expected


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql+psycopg://billing:gr33n-Kettle@db.workshop.io/billing", True),
        ("postgresql://billing:gr33n-K%%ettle@db.workshop.io/billing", True),
        ("postgresql://billing:%(PASSWORD)s@db.workshop.io/billing", False),
        ("driver://user:pass@localhost/dbname", False),
        ("postgresql://db.workshop.io/billing", False),
        ("", False),
    ],
)
def test_addresses(tmp_path: Path, address: str, found: bool) -> None:
    before = "[alembic]\n# sqlalchemy.url = postgresql://billing:gr33n-Kettle@db.workshop.io/x\n"
    text = f"{before}sqlalchemy.url = {address}\n"
    message = (
        "the password of billing at db.workshop.io stands in the source (sqlalchemy.url): everyone who reads it, or "
        "its history, can connect; read it from the environment without a default, and change it on the server"
    )
    files = {"alembic.ini": text, "migrations/env.py": "from alembic import context\n"}
    assert told(tmp_path, files, SECRETS) == ([("alembic.ini", 3, message)] if found else [])
