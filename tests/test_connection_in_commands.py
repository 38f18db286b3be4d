"""What a command of a command line opens ends with its process; what its loops leave open does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_connection_not_closed import RULE
from tests.test_index_not_concurrent import findings

OPENED = "c = sqlite3.connect(path)\nc.execute('DELETE FROM t')"
CLOSED = f"{OPENED}\nc.close()"
BRANCH = "on a branch that ends without closing it"
CALLED = "c = sqlite3.connect(item)\nc.execute('DELETE FROM t')"


def indented(body: str, by: int = 1) -> str:
    return "".join(f"{'    ' * by}{line}\n" for line in body.splitlines())


def told(folder: Path, program: str, **more: str) -> list[tuple[str, int, str]]:
    files = {"app.py": program, **{f"{name}.py": text for name, text in more.items()}}
    return [(found.region.path, found.region.start.line, found.message) for found in findings(folder, files, RULE)]


@pytest.mark.parametrize(
    "head",
    [
        "import click, sqlite3\n@click.command()\n",
        "import click, sqlite3\n@click.command\n",
        "import click, sqlite3\n@click.command('run')\n@click.argument('path')\n",
        "import click, sqlite3\n@click.group()\ndef cli():\n    pass\n@cli.command()\n",
        "import click, sqlite3\n@click.group()\ndef cli():\n    0\n@cli.group()\ndef more():\n    0\n@more.command()\n",
        "import click, sqlite3\ncli = click.Group()\n@cli.command()\n",
        "import click, sqlite3\n@click.group()\n",
        "import sqlite3, typer\napp = typer.Typer()\n@app.command()\n",
        "import sqlite3, typer\napp = typer.Typer()\n@app.callback()\n",
        "import sqlite3\nfrom flask import Flask\napp = Flask(__name__)\n@app.cli.command('run')\n",
        "import sqlite3\nfrom flask import Blueprint\nbooks = Blueprint('books', __name__)\n@books.cli.command()\n",
        "import sqlite3\nfrom flask.cli import AppGroup\nbooks = AppGroup('books')\n@books.command()\n",
    ],
)
def test_commands(tmp_path: Path, head: str) -> None:
    assert told(tmp_path, f"{head}def run(path):\n{indented(OPENED)}") == []
    assert told(tmp_path, f"{head}def run(path):\n{indented(CLOSED)}") == []


@pytest.mark.parametrize(
    "head",
    [
        "import click, sqlite3\n@click.pass_obj\n",
        "import click, sqlite3\n@click.group()\ndef cli():\n    pass\n@cli.result_callback()\n",
        "import sqlite3\ndef cli():\n    pass\n@cli.command()\n",
        "import sqlite3\nfrom flask import Flask\napp = Flask(__name__)\n@app.route('/')\n",
    ],
)
def test_other_decorators(tmp_path: Path, head: str) -> None:
    line = head.count("\n") + 2
    message = "`c`, opened by `sqlite3.connect()`, is never closed"
    assert told(tmp_path, f"{head}def run(path):\n{indented(OPENED)}") == [("app.py", line, message)]


def test_group_of_another_module(tmp_path: Path) -> None:
    group = "import click\n\n@click.group()\ndef shop():\n    pass\n"
    program = "import sqlite3\nfrom group import shop\n\n@shop.group()\ndef books():\n    pass\n\n"
    program += f"@books.command()\ndef run(path):\n{indented(OPENED)}"
    assert told(tmp_path, program, group=group) == []


def test_management_command(tmp_path: Path) -> None:
    program = (
        "import sqlite3\nfrom django.core.management.base import BaseCommand\n\nclass Base(BaseCommand):\n    pass\n"
    )
    program += f"\nclass Command(Base):\n    def handle(self, path, **options):\n{indented(OPENED, 2)}"
    assert told(tmp_path, program) == []
    other = program.replace("def handle", "def other")
    assert told(tmp_path, other) == [("app.py", 9, "`c`, opened by `sqlite3.connect()`, is never closed")]
    assert told(tmp_path, program.replace("(BaseCommand)", "")) == [
        ("app.py", 9, "`c`, opened by `sqlite3.connect()`, is never closed")
    ]


HEAD = "import click, sqlite3\n\n@click.command()\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (CALLED, "is never closed"),
        (f"try:\n{indented(CALLED)}    c.close()\nexcept sqlite3.Error:\n    print(item)", f"stays open {BRANCH}"),
        (f"{CALLED}\nif path:\n    continue\nc.close()", f"stays open {BRANCH}"),
        (f"{CALLED}\nc.close()", ""),  # the error leaves the command
        (f"{CALLED}\nif path:\n    return\nc.close()", ""),
        (f"{CALLED}\nbreak", ""),  # at most one
        ("with contextlib.closing(sqlite3.connect(item)) as c:\n    c.execute('DELETE FROM t')", ""),
    ],
)
def test_loops_of_commands(tmp_path: Path, body: str, said: str) -> None:
    program = f"import contextlib\n{HEAD}def run(path, items):\n    for item in items:\n{indented(body, 2)}"
    expected = f"`c`, opened by `sqlite3.connect()`, {said}"
    line = 8 if body.startswith("try") else 7
    assert told(tmp_path, program) == ([("app.py", line, expected)] if said else [])


@pytest.mark.parametrize(
    ("calls", "silent"),
    [
        ("helper(path)", True),
        ("between(path)", True),
        ("for item in items:\n    helper(item)", False),
        ("for item in items:\n    between(item)", False),
        ("[helper(item) for item in items]", False),
        ("while True:\n    helper(path)", False),
        ("helper(path)\nrun_later(helper)", False),
        ("helper(path)\nlater = lambda: helper(path)\nrun_later(later)", False),
    ],
)
def test_helpers_of_commands(tmp_path: Path, calls: str, silent: bool) -> None:
    between = "def between(path):\n    helper(path)\n\n" if "between" in calls else ""
    program = f"import sqlite3\n\ndef helper(path):\n{indented(OPENED)}\n{between}"
    program = f"import click\n{program}@click.command()\ndef run(path, items):\n{indented(calls)}"
    expected = [("app.py", 5, "`c`, opened by `sqlite3.connect()`, is never closed")]
    assert told(tmp_path, program) == ([] if silent else expected)


@pytest.mark.parametrize(
    ("more", "silent"),
    [
        ("def view(path):\n    helper(path)\n", False),
        ("@app.route('/')\ndef view(path):\n    helper(path)\n", False),
        ("if __name__ == '__main__':\n    helper('shop.db')\n", True),
    ],
)
def test_helpers_of_others(tmp_path: Path, more: str, silent: bool) -> None:
    program = f"import click, flask, sqlite3\napp = flask.Flask('shop')\n\ndef helper(path):\n{indented(OPENED)}\n"
    program += f"@click.command()\ndef run(path):\n    helper(path)\n\n{more}"
    expected = [("app.py", 5, "`c`, opened by `sqlite3.connect()`, is never closed")]
    assert told(tmp_path, program) == ([] if silent else expected)


def test_started_by_the_module(tmp_path: Path) -> None:
    program = (
        f"import sqlite3\n\ndef main(path):\n{indented(OPENED)}\nif __name__ == '__main__':\n    main('shop.db')\n"
    )
    assert told(tmp_path, program) == []
    looping = f"import sqlite3\n\ndef main(paths):\n    for item in paths:\n{indented(CALLED, 2)}\n\nmain(['a.db'])\n"
    assert told(tmp_path, looping) == [("app.py", 5, "`c`, opened by `sqlite3.connect()`, is never closed")]
