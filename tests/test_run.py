"""What a run asks of the files."""

from __future__ import annotations

from pathlib import Path

from dblint.run import Request, analyse, run

_QUERY = "import sqlite3\n\nconnection = sqlite3.connect('a.db')\nconnection.execute('SELECT id FROM invoice')\n"


def test_calls_are_collected_where_a_rule_speaks(tmp_path: Path) -> None:
    (tmp_path / "billing.py").write_text(_QUERY)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_billing.py").write_text(_QUERY)
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)
    reviewed = {call.place.path for call in run(request).analysis.project.calls}
    assert reviewed == {"billing.py"}
    everything = {call.place.path for call in analyse(request).project.calls}
    assert everything == {"billing.py", "tests/test_billing.py"}


def test_functions_of_files_that_nobody_asks_for_are_known(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("")
    (tmp_path / "tests" / "database.py").write_text(
        "import sqlite3\n\n\ndef connect():\n    return sqlite3.connect('a.db')\n"
    )
    (tmp_path / "load.py").write_text(
        "from tests.database import connect\n\nconnect().execute('SELECT id FROM invoice')\n"
    )
    project = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)).analysis.project
    assert [(call.place.path, call.receiver) for call in project.calls] == [("load.py", "sqlite3:Connection")]


def test_migrations_are_read_for_a_rule_of_migrations_and_their_calls_are_not_collected(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "migration"
    folder.mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"dependencies": {"typeorm": "0.3.20", "pg": "8.11.0"}}')
    (folder / "1700000000000-Index.ts").write_text(
        "import { MigrationInterface, QueryRunner } from 'typeorm';\n\n"
        "export class Index1700000000000 implements MigrationInterface {\n"
        "  async up(queryRunner: QueryRunner) {\n"
        "    await queryRunner.query('CREATE INDEX by_name ON customer (name)');\n  }\n"
        "  async down(queryRunner: QueryRunner) {\n    await queryRunner.query('DROP INDEX by_name');\n  }\n}\n"
    )
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)
    result = run(request)
    assert [finding.rule for finding in result.report.findings] == ["migration/index-not-concurrent"]
    assert (result.report.summary.calls, result.report.summary.migrations) == (0, 1)
    assert len(analyse(request).project.calls) == 2


def test_queries_that_are_only_built_are_for_those_who_ask(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("from django.db import models\n\n\nclass Book(models.Model):\n    pass\n")
    (tmp_path / "views.py").write_text(
        "from models import Book\n\n\ndef books(kind):\n    return Book.objects.filter(kind=kind)\n\n\n"
        "def shown(kind):\n    return list(books(kind))\n"
    )
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)
    told = [(call.place.path, call.trigger) for call in analyse(request).project.calls]
    assert told == [("views.py", "built"), ("views.py", "iterate")]
    assert [call.trigger for call in run(request).analysis.project.calls] == ["iterate"]


def test_files_with_database_code_that_nobody_reviews_are_told_where_there_are_no_others(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "billing.py").write_text(_QUERY)
    (tmp_path / "vendor" / "shape.py").write_text("x = 1\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_billing.py").write_text(_QUERY)
    (tmp_path / "report.py").write_text("x = 1\n")
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)
    assert run(request).report.summary.unreviewed == ("test: 1", "vendored: 1")
    (tmp_path / "report.sql").write_text("SELECT id FROM invoice;\n")
    assert run(request).report.summary.unreviewed == ("SQL that is no migration: 1", "test: 1", "vendored: 1")
    (tmp_path / "report.py").write_text(_QUERY)
    assert run(request).report.summary.unreviewed == ()
