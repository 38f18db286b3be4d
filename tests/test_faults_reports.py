"""Bad input as reports show it, through the real command. The numbers are rows of the project's table of faults."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from dblint.cli import command
from dblint.report.formats import FORMATS, Options, render
from tests.report.samples import RULE, finding, region, report

SCHEMA = 'CREATE TABLE "{0}" (id INTEGER PRIMARY KEY, "{0}" TEXT);\n'
QUERY = "import sqlite3\n\nrows = sqlite3.connect('app.db').execute('SELECT * FROM \"{0}\"')  # {0}\n"


def reports(root: Path, *arguments: str, code: int = 1) -> dict[str, str]:
    """What every format makes of one run over a folder, and what the command itself says."""
    folder = root.parent / "out"
    folder.mkdir(exist_ok=True)
    outputs = [word for name in FORMATS for word in ("--output", f"{name}={folder / name}")]
    done = CliRunner().invoke(command, ["check", str(root), "--dialect", "sqlite", "--debug", *outputs, *arguments])
    assert done.exit_code == code, done.output
    told = {name: (folder / name).read_bytes().decode() for name in FORMATS}
    return {**told, "the command": done.output}


def checkout(folder: Path, name: str) -> Path:
    """A project with a table of that name, of which everything is selected."""
    root = folder / "checkout"
    root.mkdir()
    (root / "setup.cfg").touch()
    (root / "schema.sql").write_bytes(SCHEMA.format(name).encode())
    (root / "a.py").write_bytes(QUERY.format(name).encode())
    return root


HOSTILE = {
    "colour": "\x1b[31mbooks",
    "link": "\x1b]8;;http://elsewhere\x07books",
    "clipboard": "\x1b]52;c;QUJD\x07books",
    "backspace": "books\x08\x08",
    "C1": "\x9b31mbooks",
    "direction": "\u202ebooks\u2066",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_35_control_characters_are_shown(tmp_path: Path, name: str) -> None:
    told = reports(checkout(tmp_path, name))
    for format_name, text in told.items():
        raw = {character for character in text if not character.isprintable() and character not in "\n "}
        assert (format_name, raw) == (format_name, set())
    shown = name.replace("\x1b", "␛").replace("\x07", "␇").replace("\x08", "␈")
    shown = re.sub("[\x9b\u202e\u2066]", lambda found: f"\\u{ord(found[0]):04x}", shown).replace("\\u009b", "\\x9b")
    assert f"every column of {shown} is asked for" in told["text"]
    assert f'FROM "{shown}"' in told["text"]
    [found] = json.loads(told["json"])["findings"]
    assert found["message"] == f"every column of {shown} is asked for; it has 2"
    excerpt = found["excerpt"]
    line = excerpt["lines"][excerpt["line"] - excerpt["first"]]
    assert shown in line
    assert line[excerpt["start"] : excerpt["stop"]] == "*"
    [violation] = json.loads(told["gitlab"])
    assert violation["description"] == found["message"]
    [result] = json.loads(told["sarif"])["runs"][0]["results"]
    assert f"every column of {shown} is asked for" in re.sub(r"\\\\([\[\]\\\\])", r"\1", result["message"]["text"])


MARKUP = {
    "rich": "[/x][bold]books",
    "code": "`books` ``",
    "script": "<script>alert(1)</script>",
    "table": "a | b | c",
    "link": "[books](http://elsewhere)",
    "command": "::error::books",
    "escape": "books%0A::error::x",
    "mention": "@somebody #1",
    "end": "]]></failure>",
}


@pytest.mark.parametrize("name", MARKUP.values(), ids=MARKUP)
def test_36_markup_is_literal(tmp_path: Path, name: str) -> None:
    root = checkout(tmp_path, name)
    told = reports(root)
    message = f"every column of {name} is asked for; it has 2"
    assert message in told["text"]
    assert message in told["concise"]
    assert json.loads(told["json"])["findings"][0]["message"] == message
    assert json.loads(told["gitlab"])[0]["description"].startswith(message)
    for line in told["github"].splitlines():
        assert re.fullmatch(r"::(error|warning|notice) [^:]*(?:%3A[^:]*)*::.*", line), line
    assert len(told["github"].splitlines()) == 1
    assert message.replace("%", "%25") in told["github"]
    parsed = ElementTree.fromstring(told["junit"])  # noqa: S314 - our own report
    assert message in "".join(failure.get("message", "") for failure in parsed.iter("failure"))
    assert not [element.tag for element in parsed.iter() if element.tag == "script"]
    prose = re.sub(r"^(`{3,}).*?^\1$", "", told["markdown"], flags=re.MULTILINE | re.DOTALL)
    for live in ("<script", "](http", "[bold]", "\n::error", " | b | c"):
        assert live not in prose.replace("\\" + live, "").replace("\\]\\(http", ""), live


def test_39_a_password_is_in_no_output(tmp_path: Path) -> None:
    canary = "Kx93-canary-blue"
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "setup.cfg").touch()
    program = """
import psycopg2

connection = psycopg2.connect("postgresql://app:CANARY@db.shop.io/app")
other = psycopg2.connect(host="db.shop.io", user="app", password="CANARY")
connection.cursor().execute("SELECT * FROM books WHERE token = 'CANARY'")
"""
    (root / "a.py").write_text(program.replace("CANARY", canary))
    known = tmp_path / "known.json"
    told = reports(root, "--select", "all", "--write-baseline", str(known), code=0)
    again = reports(root, "--select", "all", "--baseline", str(known), code=0)
    told |= {f"known {name}": text for name, text in again.items()}
    new = reports(root, "--select", "all", "--show-files", "--all")
    told |= {f"new {name}": text for name, text in new.items()}
    assert "security/hardcoded-credentials" in told["new text"]
    told["baseline"] = known.read_text()
    assert "security/hardcoded-credentials" in told["baseline"]
    assert [name for name, text in told.items() if canary in text] == []


def test_41_what_is_too_much_is_cut_and_counted() -> None:
    many = tuple(
        finding(region=region("a.py", number, 1, 2), line_hash=f"{number:x}:1", severity=severity)
        for number, severity in enumerate(["warning"] * 25_000 + ["error"] * 2, 1)
    )
    complaints: list[str] = []
    text = render("sarif", report(*many), Options(rules={"query/in-loop": RULE}, complain=complaints.append)).decode()
    [told] = json.loads(text)["runs"]
    assert [result["level"] for result in told["results"]].count("error") == 2
    assert len(told["results"]) == 25_000
    [notification] = told["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "2 findings are left out: code scanning takes no more in one run"
    assert complaints == ["sarif: 2 findings are left out: code scanning takes no more in one run"]


def test_41_long_texts_and_many_tags_are_cut() -> None:
    long = dataclasses.replace(RULE, summary="s" * 3_000, why="w" * 3_000, cwe=tuple(range(1, 40)))
    text = render("sarif", report(finding()), Options(rules={"query/in-loop": long})).decode()
    [rule] = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
    assert (len(rule["shortDescription"]["text"]), len(rule["fullDescription"]["text"])) == (1_024, 1_024)
    assert len(rule["properties"]["tags"]) == 10


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r", "\u2028"])
def test_42_regions_lie_in_the_file(tmp_path: Path, end: str) -> None:
    root = checkout(tmp_path, "books")
    source = 'import sqlite3\nx = sqlite3.connect("é😀").execute("""SELECT *\nFROM books""")'
    (root / "a.py").write_bytes((source + end).encode())
    (root / "b.sql").write_text("SELECT 'never closed")
    (root / "c.py").write_bytes(b"")
    told = json.loads(reports(root)["sarif"])["runs"][0]
    lines = source.split("\n")
    [result] = told["results"]
    notifications = told["invocations"][0]["toolExecutionNotifications"]
    places = [result["locations"][0], *(entry["locations"][0] for entry in notifications)]
    for place in places:
        region_of = place["physicalLocation"]["region"]
        assert region_of["startLine"] >= 1
        assert region_of.get("startColumn", 1) >= 1
        assert region_of.get("endLine", region_of["startLine"]) == region_of["startLine"]
        assert region_of.get("endColumn", 10**6) >= region_of.get("startColumn", 1)
    first = places[0]["physicalLocation"]["region"]
    assert first["startLine"] <= len(lines)
    assert first["endColumn"] <= len(lines[first["startLine"] - 1].encode("utf-16-le")) // 2 + 1
