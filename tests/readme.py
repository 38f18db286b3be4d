"""The blocks of documents that tests run. A comment `<!-- tested: NAME -->` before a block gives it a name; a test asks
for it by `block("NAME")`, and `test_readme.py` sees that each is asked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md")
_NAME = re.compile(r"<!-- tested: ([a-z-]+) -->\s*")
_SHIPPED = ("pyproject.toml", "README.md", "LICENSE", "action.yml", ".pre-commit-hooks.yaml", "dblint", "rules")
"""What an installation is built from, and what names it to pre-commit and GitHub."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its name ("" where it has none), its language, its text."""

    document: str
    name: str
    language: str
    text: str


def blocks() -> list[Block]:
    """Every fenced block of the documents."""
    found = []
    for document in DOCUMENTS:
        before = ""
        for token in MarkdownIt().parse((PROJECT / document).read_text(encoding="utf-8")):
            if token.type == "fence":
                named = _NAME.fullmatch(before)
                found.append(Block(document, named[1] if named else "", token.info, token.content))
            before = token.content if token.type == "html_block" else ""
    return found


def block(name: str) -> str:
    """The text of the block of this name."""
    [text] = [entry.text for entry in blocks() if entry.name == name]
    return text


def programs(folder: Path) -> dict[str, str]:
    """An environment in which `dblint` is this very tree, run by this Python, and git knows nothing of its user."""
    program = folder / "bin" / "dblint"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\nfrom dblint.cli import main\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    return {
        **kept,
        "PATH": f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{PROJECT}:{PROJECT / 'rules'}",
        "HOME": str(home),
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        **{f"GIT_{who}_{what}": "dblint@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "NO_COLOR": "1",
    }


def git(folder: Path, *arguments: str, environment: dict[str, str]) -> str:
    """What git says."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def committed(folder: Path, environment: dict[str, str]) -> str:
    """The folder as a git repository with one commit, whose name is given."""
    git(folder, "init", "--quiet", "--initial-branch=main", environment=environment)
    git(folder, "add", "--all", environment=environment)
    git(folder, "commit", "--quiet", "--message=x", environment=environment)
    return git(folder, "rev-parse", "HEAD", environment=environment)


def shipped(target: Path) -> Path:
    """A copy of what an installation is built from: no history, no tag."""
    target.mkdir()
    for name in _SHIPPED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, target / name)
    return target
