"""Database packages that are used and that no table describes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dblint.facts.program import Undescribed
from dblint.facts.text import Place
from dblint.run import Request, analyse, run


def found(tmp_path: Path, files: Mapping[str, str]) -> tuple[Undescribed, ...]:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tuple(analyse(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)).project.undescribed)


def test_an_import_is_told_once_with_its_files_and_the_first_place(tmp_path: Path) -> None:
    files = {
        "a.py": "import os\nimport pony\nfrom pony import orm\n",
        "b.py": "from pony.orm import select\n",
        "c.py": "from google.cloud import firestore, storage\n",
        "requirements.txt": "pony==0.7\n",
    }
    assert found(tmp_path, files) == (
        Undescribed("google-cloud-firestore", "python", 1, "c.py", Place("c.py", 0, 43)),
        Undescribed("pony", "python", 2, "a.py", Place("a.py", 10, 21)),
    )


def test_scripts(tmp_path: Path) -> None:
    files = {
        "a.ts": "import { Firestore } from '@google-cloud/firestore';\n",
        "b.js": "const water = require('waterline');\n",
        "c.ts": "import { water } from './waterline';\nimport { x } from 'waterline-schema';\n",
        "waterline.ts": "export const water = 1;\n",
        "package.json": '{"dependencies": {"@google-cloud/firestore": "7", "waterline": "3", "massive": "8"}}',
    }
    assert found(tmp_path, files) == (
        Undescribed("@google-cloud/firestore", "javascript", 1, "a.ts", Place("a.ts", 0, 52)),
        Undescribed("massive", "javascript", 0, "package.json"),
        Undescribed("waterline", "javascript", 1, "b.js", Place("b.js", 6, 34)),
    )


def test_a_module_of_the_project_is_no_package(tmp_path: Path) -> None:
    files = {"databases.py": "x = 1\n", "a.py": "from databases import x\nimport dataset.x\n", "dataset/x.py": ""}
    assert found(tmp_path, files) == ()


def test_a_package_of_another_language_is_not_meant(tmp_path: Path) -> None:
    assert found(tmp_path, {"a.py": "import mysql.connector\nimport sqlite3\nimport massive\n"}) == ()
    assert [entry.package for entry in found(tmp_path, {"b.ts": "import massive from 'massive';\n"})] == ["massive"]


def test_what_only_tests_and_vendored_files_import_is_not_told(tmp_path: Path) -> None:
    assert found(tmp_path, {"tests/a.py": "import pymongo\n", "vendor/b.py": "import pymongo\n"}) == ()


def test_the_summary(tmp_path: Path) -> None:
    found(tmp_path, {"a.py": "import pony\n", "b.py": "import pony\n", "pyproject.toml": "[project]\nname = 'x'\n"})
    summary = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)).report.summary
    assert [(entry.package, entry.files, entry.path) for entry in summary.not_understood] == [("pony", 2, "a.py")]
    assert not summary.touches_a_database
