"""Bad input, through the real command. The numbers are rows of the project's table of faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dblint.cli import command

CALL = 'import sqlite3\nsqlite3.connect("app.db").execute("SELECT id FROM books WHERE id = 1")\n'
SOURCES = ("a.py", "a.ts", "a.js", "a.sql", "a.prisma")


class Checkout:
    """A folder to review. `good.py` runs one query, to see that other files are still read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("setup.cfg", "")
        self.write("good.py", CALL)

    def write(self, path: str, data: str | bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())

    def check(self, *arguments: str) -> tuple[int, list[str]]:
        """The exit code, and the diagnostics and findings as lines without their frames."""
        result = CliRunner().invoke(command, ["check", *(arguments or (".",))])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        assert "Traceback" not in result.output
        told = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
        return result.exit_code, [
            line for line in told if any(f" {word} " in line for word in ("error", "warning", "info", "note"))
        ]

    def calls(self, path: str) -> list[dict[str, Any]]:
        """The database calls that were understood in a file."""
        result = CliRunner().invoke(command, ["queries", "--json", "."])
        entries = [json.loads(line) for line in result.stdout.splitlines()]
        return [entry for entry in entries if entry["path"] == path]

    def places(self, path: str) -> list[tuple[int, int]]:
        """Line and column of the calls in a file."""
        return [(entry["line"], entry["column"]) for entry in self.calls(path)]

    def process(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """The command in a process of its own."""
        run = [sys.executable, "-m", "dblint", *arguments]
        return subprocess.run(run, cwd=self.root, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(tmp_path)
    return Checkout(tmp_path)


def test_01_invalid_utf8_in_python(checkout: Checkout) -> None:
    checkout.write("bad.py", b"x = 1\ny = '\xff'\n")
    assert checkout.check() == (1, ["bad.py:2 error parse-error not valid UTF-8 at byte 11"])
    assert checkout.places("good.py") == [(2, 1)]
    assert checkout.check("--allow-parse-errors", ".")[0] == 0


def test_02_a_declared_encoding(checkout: Checkout) -> None:
    text = '# coding: latin-1\nimport sqlite3\ns = "é"; sqlite3.connect("a").execute("SELECT 1")\n'
    checkout.write("latin.py", text.encode("latin-1"))
    assert checkout.check() == (0, [])
    assert checkout.places("latin.py") == [(3, 10)]


@pytest.mark.parametrize("codec", ["nosuch", "rot13", "idna"])
def test_03_a_cheating_declaration(checkout: Checkout, codec: str) -> None:
    checkout.write("bad.py", f"# coding: {codec}\nx = 1\n")
    assert checkout.check() == (1, [f"bad.py:1 error parse-error unknown source encoding: {codec}"])


@pytest.mark.parametrize("name", ["bad.sql", "bad.ts", "bad.prisma"])
def test_04_invalid_utf8_elsewhere(checkout: Checkout, name: str) -> None:
    checkout.write(name, b"\n\n\xff\n")
    assert checkout.check() == (1, [f"{name}:3 error parse-error not valid UTF-8 at byte 2"])
    assert checkout.places("good.py") == [(2, 1)]


def test_05_byte_order_marks(checkout: Checkout) -> None:
    texts = {
        "a.py": 'import sqlite3; sqlite3.connect("a").execute("SELECT 1")\n',
        "a.ts": "import { Pool } from 'pg'; new Pool().query('SELECT 1')\n",
        "a.sql": "SELECT id FROM books;\n",
        "a.prisma": "model Book {\n  id Int @id\n}\n",
        "dblint.toml": 'fail-on = "error"\n',
    }
    for path, text in texts.items():
        checkout.write(path, text)
    plain = checkout.check(), checkout.places("a.py"), checkout.places("a.ts")
    for path, text in texts.items():
        checkout.write(path, b"\xef\xbb\xbf" + text.encode())
    assert (checkout.check(), checkout.places("a.py"), checkout.places("a.ts")) == plain
    assert plain[0] == (0, [])
    assert plain[1] == [(1, 17)]


def test_06_utf16(checkout: Checkout) -> None:
    checkout.write("a.sql", "SELECT 1;".encode("utf-16"))
    checkout.write("b.py", "x = 1".encode("utf-16-le"))
    code, lines = checkout.check()
    assert code == 1
    assert lines == [
        "a.sql:1 error parse-error UTF-16 is not supported; save the file as UTF-8",
        "b.py:1 error parse-error UTF-16 is not supported; save the file as UTF-8",
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_07_line_ends(checkout: Checkout, end: str) -> None:
    lines = ["import sqlite3", "s = 'a\u2028b\x0c'", "", 'sqlite3.connect("a").execute("SELECT 1")', ""]
    checkout.write("a.py", end.join(lines))
    assert checkout.check() == (0, [])
    assert checkout.places("a.py") == [(4, 1)]


def test_07_mixed_line_ends(checkout: Checkout) -> None:
    checkout.write("a.py", 'import sqlite3\r\nx = 1\ry = 2\nsqlite3.connect("a").execute("SELECT 1")\r\n')
    assert checkout.places("a.py") == [(4, 1)]


def test_08_nul_bytes_and_binary_files(checkout: Checkout) -> None:
    checkout.write("a.sql", b"SELECT 1;\nSELECT '\0';\n")
    checkout.write("b.sql", b"SQLite format 3\0" + bytes(2_000))
    assert checkout.check() == (
        1,
        ["a.sql:2 error parse-error NUL byte at byte 18", "b.sql note skipped: binary"],
    )


@pytest.mark.parametrize("name", SOURCES)
def test_09_nearly_nothing(checkout: Checkout, name: str) -> None:
    comment = {"py": b"# x", "sql": b"-- x"}.get(name.rpartition(".")[2], b"// x")
    for data in (b"", b"\n", b"\xef\xbb\xbf", comment, comment + b"\n", b"  \n\t"):
        checkout.write(name, data)
        assert checkout.check() == (0, []), data


def test_10_too_large(checkout: Checkout) -> None:
    checkout.write("dblint.toml", 'max-file-size = "1 kB"\n')
    checkout.write("big.sql", b"-- x\n" * 300)
    assert checkout.check() == (
        0,
        ["big.sql note skipped: too large (0.0 MB is over max-file-size, 0.0 MB)"],
    )


def test_11_minified(checkout: Checkout) -> None:
    checkout.write("app.js", b"function a(b){return b(1,2);}var c=a(d);" * 1_000)
    assert checkout.check() == (0, ["app.js note skipped: minified"])


def survives(checkout: Checkout, name: str, text: str) -> None:
    """The process ends by itself, without a traceback, and the other file is read."""
    checkout.write(name, text)
    answer = checkout.process("check", ".")
    assert answer.returncode in (0, 1), answer.stderr[-2_000:]
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "internal-error" not in answer.stdout
    assert checkout.places("good.py") == [(2, 1)]


def test_12_nested_brackets(checkout: Checkout) -> None:
    survives(
        checkout, "deep.py", "x = " + "(" * 5_000 + "1" + ")" * 5_000 + "\ny = " + "[" * 5_000 + "]" * 5_000 + "\n"
    )


def test_13_a_long_sum(checkout: Checkout) -> None:
    survives(checkout, "deep.py", "x = " + "1+" * 20_000 + "1\n")


@pytest.mark.parametrize(
    "text",
    [
        "import sqlite3\nq = sqlite3.connect('a').execute('SELECT 1')" + ".filter(a=1)" * 1_000 + "\n",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 500,
        "x = " + "not " * 500 + "a\n",
    ],
)
def test_14_long_chains(checkout: Checkout, text: str) -> None:
    survives(checkout, "deep.py", text)


@pytest.mark.parametrize(("depth", "code", "told"), [(100, 0, []), (5_000, 1, ["nested too deep to be analysed"])])
def test_15_nesting_in_sql(checkout: Checkout, depth: int, code: int, told: list[str]) -> None:
    nested = "(" * depth + "1" + ")" * depth
    checkout.write("a.sql", f"SELECT id FROM books;\n\nSELECT {nested};\nSELECT 2;\n")  # noqa: S608
    assert checkout.check() == (code, [f"a.sql:3 error parse-error {message}" for message in told])


@pytest.mark.parametrize("text", ["(" * 100_000, "{" * 100_000, "`${" * 50_000, "f(" * 20_000 + ")" * 20_000])
def test_16_nesting_in_typescript(checkout: Checkout, text: str) -> None:
    survives(checkout, "deep.ts", text)


def test_17_long_lists(checkout: Checkout) -> None:
    rows = ", ".join(f"({number}, 'x')" for number in range(50_000))
    numbers = ", ".join(map(str, range(100_000)))
    checkout.write("rows.sql", f"INSERT INTO books (id, title) VALUES {rows};\nSELECT id FROM books;\n")  # noqa: S608
    checkout.write("list.sql", f"SELECT id FROM books WHERE id IN ({numbers});\nSELECT id FROM books;\n")  # noqa: S608
    checkout.write("dblint.toml", 'dialect = "postgres"\nfile-timeout = 30\n')
    assert checkout.check() == (0, [])


def test_20_unread_parts_that_hold_a_query(checkout: Checkout) -> None:
    checkout.write("a.py", CALL + "\ndef f(:\n    db.execute('SELECT * FROM books'\n")  # noqa: S608
    checkout.write("b.ts", "import { Pool } from 'pg'\nconst pool = new Pool()\n\npool.query('SELECT 1' +* 'x')\n")
    code, lines = checkout.check()
    assert code == 1
    assert [line.split(" error parse-error ")[0] for line in lines] == ["a.py:4", "b.ts:4"]
    assert checkout.places("a.py") == [(2, 1)]


def test_20_unread_parts_without_a_database(checkout: Checkout) -> None:
    checkout.write("a.py", "def f(:\n    return 1\n")
    result = CliRunner().invoke(command, ["check", "."])
    assert result.exit_code == 0
    assert "1 file read in part, nothing about databases in the unread parts" in result.stdout
    assert "a.py" not in result.stdout
    assert "a.py:1 note parse-error" in CliRunner().invoke(command, ["check", ".", "--show-files"]).stdout


def test_20_merge_conflicts(checkout: Checkout) -> None:
    conflict = (
        "<<<<<<< HEAD\n    rows = db.execute('SELECT 1')\n=======\n    rows = db.execute('SELECT 2')\n>>>>>>> x\n"
    )
    checkout.write("a.py", "x = 1\n\ndef f(db):\n" + conflict)
    code, lines = checkout.check()
    assert code == 1
    assert lines[0].startswith("a.py:4 error parse-error ")


def test_21_one_bad_statement(checkout: Checkout) -> None:
    statements = [f"INSERT INTO books (id) VALUES ({number});" for number in range(500)]  # noqa: S608
    statements[250] = "INSERT INTO books id) VALUES (;"
    checkout.write("a.sql", "\n".join(statements) + "\n")
    code, lines = checkout.check()
    assert code == 1
    assert [line.split(" error parse-error ")[0] for line in lines] == ["a.sql:251"]


@pytest.mark.parametrize("opening", ["SELECT 'abc", "/* abc", "DO $body$ BEGIN", 'SELECT "abc'])
def test_22_unterminated(checkout: Checkout, opening: str) -> None:
    checkout.write("a.sql", f"SELECT id FROM books;\n\n{opening}\nSELECT 2;\n")  # noqa: S608
    code, lines = checkout.check()
    assert code == 1
    assert [line.split(" error parse-error ")[0] for line in lines] == ["a.sql:3"]


@pytest.mark.parametrize(
    "text",
    [
        "COPY books (id, title) FROM stdin;\n1\tone ' (\n2\ttwo\n\\.\nSELECT id FROM books WHERE id = 1;\n",
        "\\set ON_ERROR_STOP on\n\\i other.sql\nSELECT id FROM books WHERE id = 1;\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT id FROM books WHERE id = 1;\n",
        "SELECT id FROM books WHERE id = 1\nGO\nSELECT id FROM books WHERE id = 2\nGO\n",
        "SELECT id FROM {{ ref('books') }} WHERE id = {{ id }};\n",
        "SELECT id FROM books WHERE id = :id AND a = %s AND b = ? AND c = $1 AND d = %(d)s;\n",
    ],
)
def test_23_what_is_no_fault(checkout: Checkout, text: str) -> None:
    checkout.write("a.sql", text)
    assert checkout.check() == (0, [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model Book {\n  id Int @id\n", 1),
        ("model Book {\n  id Int @id\n}\n\ntable X {\n}\n", 5),
        ("model Book {\n  id Int @id\n}\nmodel Book {\n  id Int @id\n}\n", 4),
        ("model Book {\n  id Int @id\n  author Author @relation(fields: [a], references: [id])\n}\n", 3),
    ],
)
def test_24_malformed_prisma(checkout: Checkout, text: str, line: int) -> None:
    checkout.write("schema.prisma", text)
    code, lines = checkout.check()
    assert code == 1
    assert [entry.split(" error parse-error ")[0] for entry in lines] == [f"schema.prisma:{line}"]


def test_26_special_files(checkout: Checkout) -> None:
    os.mkfifo(checkout.root / "pipe.py")
    for arguments in ((".",), ("pipe.py", "."), ("/dev/zero", "good.py")):
        answer = checkout.process("check", *arguments, timeout=20)
        assert answer.returncode == 1
        name = "/dev/zero" if "/dev/zero" in arguments else "pipe.py"
        assert f"{name} error io-error not a regular file\n" in answer.stdout


def test_27_folders_named_like_source(checkout: Checkout) -> None:
    checkout.write("x.py/a.py", CALL)
    checkout.write("y.sql/b.py", CALL)
    assert checkout.check() == (0, [])
    assert checkout.places("x.py/a.py") == [(2, 1)]
    assert checkout.places("y.sql/b.py") == [(2, 1)]


def test_28_links(checkout: Checkout) -> None:
    for name, target in (("loop", "loop"), ("up", ".."), ("slash", "/"), ("again.py", "good.py"), ("dead.py", "none")):
        (checkout.root / name).symlink_to(target)
    assert checkout.check() == (0, [])
    result = CliRunner().invoke(command, ["queries", "--json", "."])
    assert [json.loads(line)["path"] for line in result.stdout.splitlines()] == ["good.py"]
    assert checkout.check("dead.py", ".") == (1, ["dead.py error io-error a symbolic link to nothing"])


UNREADABLE = """
import contextlib, io, os
from dblint import run
from dblint.cli import command
installed = run.installed_packs()  # nor may it see then what is installed
run.installed_packs = lambda: installed
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    command.main(["check", "good.py"], standalone_mode=False)  # imports everything while it still can
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
command.main(["check", "."])
"""


@pytest.mark.parametrize("repository", [False, True])
def test_29_unreadable_files_and_folders(checkout: Checkout, repository: bool) -> None:
    checkout.write("locked.py", CALL)
    checkout.write("closed/a.py", CALL)
    if repository:
        subprocess.run(["git", "init", "-q"], check=True)
    (checkout.root / "locked.py").chmod(0)
    (checkout.root / "closed").chmod(0)
    if os.getuid() == 0:
        for path in (checkout.root, *checkout.root.rglob("*")):
            os.chown(path, 65534, 65534)
        temporary = Path(tempfile.gettempdir()).resolve()
        for folder in checkout.root.resolve().parents:
            if folder != temporary and folder.is_relative_to(temporary):
                folder.chmod(0o755)
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent"}
    run = [sys.executable, "-c", UNREADABLE]
    answer = subprocess.run(run, capture_output=True, text=True, env=environment, check=False)
    (checkout.root / "closed").chmod(0o755)
    told = [line for line in answer.stdout.splitlines() if " io-error " in line or " note " in line]
    assert told == [
        "closed error io-error the folder cannot be read: Permission denied",
        "locked.py error io-error cannot be read: Permission denied",
    ], answer
    assert answer.returncode == 1


def test_31_a_path_that_does_not_exist(checkout: Checkout) -> None:
    checkout.write("bad.py", b"\xff")
    result = CliRunner().invoke(command, ["nothing.py", ".", "--quiet"])
    assert result.exit_code == 2
    assert result.stderr == "dblint: nothing.py: no such file or folder\n"
    assert "bad.py:1 error parse-error not valid UTF-8 at byte 0" in result.stdout


@pytest.mark.parametrize(
    "named",
    [("a.py", "a.py"), ("./a.py", "a.py"), ("a.py", "."), ("inner/../a.py", "{root}/a.py"), (".", "{root}")],
)
def test_33_a_file_that_is_named_twice(checkout: Checkout, named: tuple[str, str]) -> None:
    checkout.write("inner/x.py", "")
    checkout.write("a.py", b"\xff")
    told = ["a.py:1 error parse-error not valid UTF-8 at byte 0"]
    assert checkout.check(*(name.format(root=checkout.root) for name in named)) == (1, told)


def test_33_names_that_differ_in_case(checkout: Checkout) -> None:
    checkout.write("a.py", b"\xff")
    checkout.write("A.PY", b"\xff\xff")
    code, lines = checkout.check(".", "a.py")
    files = sorted({path.name for path in checkout.root.iterdir()} & {"a.py", "A.PY"})
    assert (code, [line.split(":")[0] for line in lines]) == (1, files)


def test_34_odd_names(checkout: Checkout) -> None:
    names = ["a b.py", "a\nb.py", "a%20#?.py", "'\".py", "-a.py", "\x1b[31m.py", "a" * 250 + ".py", "\u202ea.py"]
    names.append(os.fsdecode(b"\xff.py"))
    for name in names:
        checkout.write(name, b"\xff")
    answer = checkout.process(".", "--output", "sarif=out.sarif", "--output", "text=-")
    assert answer.returncode == 1
    assert answer.stdout.count("error parse-error not valid UTF-8 at byte 0") == len(names)
    assert "\x1b" not in answer.stdout
    assert "\u202e" not in answer.stdout
    document = json.loads((checkout.root / "out.sarif").read_text())
    notifications = document["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    uris = [entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for entry in notifications]
    assert len(set(uris)) == len(names)
    assert all(uri.isascii() and " " not in uri and "#" not in uri for uri in uris)


def test_40_no_absolute_path_and_the_same_bytes_from_everywhere(checkout: Checkout) -> None:
    checkout.write("bad.py", b"\xff")
    checkout.write("inner/x.py", CALL)
    first = checkout.process("check", ".", "--output", "sarif=-").stdout
    second = subprocess.run(
        [sys.executable, "-m", "dblint", "check", str(checkout.root), "--output", "sarif=-"],
        cwd=checkout.root / "inner",
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Asia/Tokyo"},
    ).stdout
    assert first == second
    for telltale in (str(checkout.root), str(Path.home()), "file://", os.uname().nodename):
        assert telltale not in first.replace("https://json.schemastore.org", ""), telltale


def test_43_a_reader_that_goes_away(checkout: Checkout) -> None:
    shell = f"{sys.executable} -m dblint rules | true; {sys.executable} -m dblint check . >/dev/full; echo $?"
    answer = subprocess.run(["sh", "-c", shell], cwd=checkout.root, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == ("2\n", "dblint: standard output: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("--help", 0), ("check --help", 0), ("--version", 0), ("--nosuch", 2), ("check --jobs 0", 2)],
)
def test_43_help_and_usage_where_nobody_can_read_them(checkout: Checkout, arguments: str, code: int) -> None:
    asked = f"{sys.executable} -m dblint {arguments}"
    shell = f"({asked}; echo $? >code) 2>&1 | true; cat code; {asked} 2>/dev/full >/dev/null; echo $?"
    answer = subprocess.run(["sh", "-c", shell], cwd=checkout.root, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == (f"{code}\n{code}\n", "")
    shell = f"{asked} >/dev/full; echo $?"
    answer = subprocess.run(["sh", "-c", shell], cwd=checkout.root, capture_output=True, text=True, check=False)
    assert answer.stdout == "2\n"
    told = "dblint: standard output: No space left on device\n"
    assert answer.stderr == told if code == 0 else answer.stderr.startswith("Usage: ")


def test_48_nothing_of_the_checkout_is_run(checkout: Checkout) -> None:
    code = "import pathlib\npathlib.Path('canary').touch()\n"
    for name in ("settings.py", "models.py", "conftest.py", "click.py", "msgspec.py", "dblint_rules.py", "setup.py"):
        checkout.write(name, code)
    checkout.write("sitecustomize.py", "")
    answer = checkout.process("check", ".")
    assert answer.returncode == 0, answer.stderr
    assert not (checkout.root / "canary").exists()


def test_51_baselines(checkout: Checkout) -> None:
    query = 'import sqlite3\nconnection = sqlite3.connect("app.db")\nrows = connection.execute("SELECT * FROM books")\n'
    checkout.write("schema.sql", "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);\n")
    checkout.write("a.py", query)
    here = (".", "--dialect", "sqlite")
    known = str(checkout.root / "known.json")
    found = "query/select-star every column of books is asked for; it has 2"
    assert checkout.check(*here) == (1, [f"a.py:3:35 warning {found}"])
    assert checkout.check(*here, "--write-baseline", known) == (0, [])
    assert checkout.check(*here, "--baseline", known) == (0, [])
    line = query.splitlines()[2]
    checkout.write("a.py", f"# moved\n\n{query}")
    assert checkout.check(*here, "--baseline", known) == (0, [])
    checkout.write("a.py", f"{query}{line}\n")
    assert checkout.check(*here, "--baseline", known) == (1, [f"a.py:4:35 warning {found}"])
    (checkout.root / "a.py").rename(checkout.root / "b.py")
    told = [f"b.py:3:35 warning {found}", f"b.py:4:35 warning {found}"]
    assert checkout.check(*here, "--baseline", known) == (1, told)
    result = CliRunner().invoke(command, [".", "--baseline", known])
    assert "1 finding of the baseline fixed: query/select-star in a.py\n" in result.stdout
    for content in (None, "{", '{"version": 2, "findings": []}'):
        Path(known).unlink() if content is None else Path(known).write_text(content)
        assert checkout.check(*here, "--baseline", known) == (2, [])
