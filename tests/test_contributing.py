"""The pages of CONTRIBUTING.md: each example is what it says, and what the pages name exists."""

from __future__ import annotations

import json
import re
import sys
from types import ModuleType

import pytest

from dblint.facts.tree import Fault, FileFacts, Tree, names_of
from dblint.facts.tree import Kind as Kinds
from dblint.frontends.extract import FRONT_ENDS, FrontEnd, extract
from dblint.libraries.reader import compile_tables, parse
from dblint.link.project import LinkOptions, link
from dblint.report.formats import FORMATS, Format, Options, render
from dblint.testing import all_examples
from tests.conftest import Pack
from tests.libraries.test_facts import expected, facts
from tests.readme import PROJECT, block
from tests.report.samples import everything, hostile

PAGE = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NEW = {
    *("rules/dblint_rules/query/offset_pages.py", "dblint/libraries/quickdb.toml"),
    *("fixtures/libraries/quickdb/use.py", "dblint/frontends/talk.py", "dblint/report/jsonl.py"),
}
"""Files that the examples would be."""


def module(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The text as a module of that name, until the test ends."""
    made = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, made)
    exec(compile(text, name, "exec"), made.__dict__)  # noqa: S102 - it is ours
    return made


def test_what_the_pages_name_exists() -> None:
    named = set(re.findall(r"`((?:dblint|rules|tests|docs|fixtures|benchmarks)/[\w./]+)`", PAGE))
    named |= set(re.findall(r"\]\(([\w./]+)\)", PAGE))
    assert named >= NEW
    assert {path for path in named if not (PROJECT / path).exists()} <= NEW


def test_the_rule(pack: Pack) -> None:
    pack.add("query/offset_pages.py", block("rule"))
    examples = all_examples(pack.name)
    assert [example.id for example in examples] == [
        "query/offset-pages-bad-python-1",
        "query/offset-pages-bad-typescript-2",
        "query/offset-pages-good-python-1",
    ]
    for example in examples:
        for finding in example.verify().report.findings:
            assert finding.message == "rows of jar are skipped, and read to be skipped"
            assert finding.minimal == "Refuse pages of jar beyond a fixed number."


def test_the_library() -> None:
    named = {path.name: path.read_bytes() for path in (PROJECT / "dblint" / "libraries").glob("*.toml")}
    named["quickdb.toml"] = block("library").encode()
    libraries = [parse(data, name) for name, data in named.items()]
    tables = compile_tables({library.name: library for library in libraries})
    files = {"use.py": block("library-facts")}
    project = link([extract(text.encode(), path) for path, text in files.items()], {}, LinkOptions(tables=tables))
    assert facts(files, project) == expected(files) != []
    assert {call.dialect for call in project.calls} == {"sqlite"}
    assert project.unresolved == ()


def test_the_front_end(monkeypatch: pytest.MonkeyPatch) -> None:
    module("dblint.frontends.talk", block("front-end"), monkeypatch)
    monkeypatch.setitem(FRONT_ENDS, ".talk", FrontEnd("talk", "dblint.frontends.talk"))
    read = extract("# é\nrun SELECT 'é'\n\nwhat?\n".encode(), "a.talk")
    assert isinstance(read, FileFacts)
    tree, kinds = Tree(read.body), names_of(Kinds)
    assert [(kinds[tree.kinds[node]], tree.value(node)) for node in range(len(tree.kinds))] == [
        ("MODULE", ""),
        ("CALL", ""),
        ("NAME", "run"),
        ("STRING", "SELECT 'é'"),
    ]
    assert list(tree.children(1)) == [2, 3]
    assert read.faults == (Fault(22, 27, "not a call"),)
    assert extract(b"\xef\xbb\xbfrun x", "a.talk").faults == ()
    assert link([read], {}, LinkOptions()).calls == ()


def test_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    module("dblint.report.jsonl", block("format"), monkeypatch)
    monkeypatch.setitem(FORMATS, "jsonl", Format("jsonl", "one JSON object a line"))
    text = render("jsonl", everything(), Options()).decode()
    assert [tuple(json.loads(line).values())[:4] for line in text.splitlines()] == [
        ("app/views.py", 3, "warning", "query/in-loop"),
        ("app/views.py", 3, "info", "query/select-star"),
        ("app/é b.ts", 9, "error", "query/in-loop"),
        ("", 0, "error", "internal-error"),
        ("/dev/zero", 0, "error", "io-error"),
        ("a b.sql", 2, "error", "parse-error"),
        ("app", 0, "note", "note"),
    ]
    assert render("jsonl", hostile(), Options()).decode().replace("\n", "").isprintable()
