"""The door to the front ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dblint.extraction import Task, extract_one
from dblint.facts.blocks import PrismaFile
from dblint.facts.templates import TemplateFile
from dblint.facts.tree import Fault, FileFacts, Import, Interface, Kind, Tree
from dblint.frontends import extract as extract_module
from dblint.frontends import source
from dblint.frontends.extract import FRONT_ENDS, extract, language_of, lower


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("a/b.PYI", "python"),
        ("a.ts", "typescript"),
        ("a.d.mts", "typescript"),
        ("a.tsx", "typescript"),
        ("a.cts", "typescript"),
        ("a.js", "javascript"),
        ("a.jsx", "javascript"),
        ("a.mjs", "javascript"),
        ("a.cjs", "javascript"),
        ("schema.prisma", "prisma"),
        ("a.sql", "sql"),
        ("templates/a.html", "template"),
        ("py", None),
        (".py", None),
        ("a.py.txt", None),
    ],
)
def test_language_of(path: str, language: str | None) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize("suffix", [suffix for suffix, end in FRONT_ENDS.items() if end.language != "sql"])
def test_every_language(suffix: str) -> None:
    facts = extract(b"\xef\xbb\xbf", f"a/b{suffix}")
    assert facts.path == f"a/b{suffix}"
    assert facts.faults == ()
    if isinstance(facts, FileFacts):
        assert facts.language == language_of(suffix.replace(".", "a."))
        assert list(facts.body.kinds) == [Kind.MODULE]
    else:
        assert isinstance(facts, (PrismaFile, TemplateFile))


def test_unknown_suffix() -> None:
    with pytest.raises(ValueError, match="no front end"):
        extract(b"", "a.rb")


@pytest.mark.parametrize(("path", "language"), [("a.py", "python"), ("a.ts", "typescript"), ("a.js", "javascript")])
def test_no_text_gives_an_empty_tree(path: str, language: str) -> None:
    facts = extract(b"x\xff", path)
    assert isinstance(facts, FileFacts)
    assert (facts.path, facts.language, facts.interface) == (path, language, Interface())
    assert facts.faults == (Fault(1, 2, "not valid UTF-8 at byte 1"),)
    assert list(Tree(facts.body).kinds) == [Kind.MODULE]


def test_no_text_as_a_schema() -> None:
    assert extract(b"\xff", "a.prisma") == PrismaFile("a.prisma", faults=(Fault(0, 1, "not valid UTF-8 at byte 0"),))


def test_declared_encoding_reaches_the_tree() -> None:
    facts = extract("# coding: latin-1\nx = 'é'\nimport a\n".encode("latin-1"), "a.py")
    assert "é" in facts.body.strings
    assert facts.interface.imports == (Import("a", "", "a", 4),)


def test_only_the_language_that_is_read_is_imported() -> None:
    program = (
        "import sys; from dblint.frontends.extract import extract; extract(b'x', 'a.py');"
        "print(*(name for name in sys.modules if name.startswith(('tree_sitter_', 'sqlglot', 'dblint.frontends'))))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "tree_sitter_python" in run.stdout
    assert "typescript" not in run.stdout
    assert "sqlglot" not in run.stdout


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.sql", "a.prisma", "a.html"])
def test_a_file_of_a_run_is_decoded_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def counted(data: bytes, language: str) -> source.Decoded | Fault:
        decoded.append(data)
        return decode(data, language)

    decode = source.decode
    monkeypatch.setattr(source, "decode", counted)
    monkeypatch.setattr(extract_module, "decode", counted)
    text = b"a = 1\r\rb = 2\r\n"
    assert extract_one(Task("", path, 1_000_000, text)).facts == lower(text, path)
    assert decoded == [text]


def test_a_run_reads_a_declared_encoding() -> None:
    text = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    facts = extract_one(Task("", "a.py", 1_000_000, text)).facts
    assert isinstance(facts, FileFacts)
    assert "é" in facts.body.strings
    assert facts == extract(text, "a.py")
