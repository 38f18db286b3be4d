"""Runs a pack's examples as test cases, through the whole pipeline, exactly as a user's files would run.

A pack tests all of its rules with::

    import pytest
    from dblint.testing import Example, examples

    @pytest.mark.parametrize("example", examples("my_rules"))
    def test_example(example: Example) -> None:
        example.verify()
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dblint.facts.program import Diagnostic
from dblint.packs import MARK, LoadedRule, find, load
from dblint.rule import Bad, Good
from dblint.run import Request, Result, run
from dblint.sql.dialects import normal
from dblint.sql.readonly import complaint

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

_NAMES = {
    "python": "example.py",
    "typescript": "example.ts",
    "javascript": "example.js",
    "sql": "example.sql",
    "prisma": "schema.prisma",
}
_COMMENTS: Mapping[str, tuple[str, ...]] = {
    ".py": ("#",),
    ".pyi": ("#",),
    ".sql": ("--", "/*"),
    ".prisma": ("//",),
    ".toml": ("#",),
    ".cfg": ("#",),
    ".ini": ("#",),
}
_HOST_COMMENTS = ("//", "/*")
_MARK = re.compile(rf"\b{MARK}\b")


@dataclass(frozen=True, slots=True)
class Example:
    """One `Bad` or `Good` example of one rule."""

    rule: LoadedRule
    example: Bad
    id: str

    def files(self) -> dict[str, str]:
        """The example's files: path → text."""
        name = self.example.path or _NAMES[self.example.language]
        return {name: self.example.code, **self.example.files}

    def expected(self) -> set[tuple[str, int]]:
        """Path and line of every finding that the example asks for."""
        if isinstance(self.example, Good):
            return set()
        return {
            (path, number)
            for path, text in self.files().items()
            for number, line in enumerate(text.splitlines(), 1)
            if is_marked(path, line)
        }

    def run(self) -> Result:
        """Writes the example to a temporary folder and reviews it with its rule alone."""
        with tempfile.TemporaryDirectory(prefix="dblint-") as folder:
            root = Path(folder).resolve()
            for path, text in self.files().items():
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8", newline="")
            return run(request_of(self.rule, root))

    def verify(self) -> Result:
        """What the run gave. Raises `AssertionError` where the rule does not report exactly the marked lines, or hands
        people a statement for their servers that may do more than ask."""
        result = self.run()
        failed = [diagnostic for diagnostic in result.report.diagnostics if diagnostic.kind == "internal-error"]
        if failed:
            raise AssertionError("\n".join([*map(_shown, failed), *result.tracebacks]))
        reported = {(finding.region.path, finding.region.start.line) for finding in result.report.findings}
        expected = self.expected()
        if reported == expected:
            only_asks(self.rule)
            return result
        lines = [f"{self.id}: {self.rule.rule.summary}"]
        lines += [f"  not reported: {self._line(*place)}" for place in sorted(expected - reported)]
        lines += [f"  reported, but not marked: {self._line(*place)}" for place in sorted(reported - expected)]
        lines += [f"  {_shown(diagnostic)}" for diagnostic in result.report.diagnostics]
        calls = [f"{call.receiver}.{call.member}" for call in result.analysis.project.calls]
        lines.append(f"  calls that were understood: {', '.join(calls) or 'none'}")
        lines += [f"  unresolved: {entry.source}: {entry.cause}" for entry in result.analysis.project.unresolved]
        raise AssertionError("\n".join(lines))

    def _line(self, path: str, number: int) -> str:
        lines = self.files()[path].splitlines()
        text = lines[number - 1].strip() if number <= len(lines) else ""
        return f"{path}:{number}: {text}"


def request_of(rule: LoadedRule, root: Path) -> Request:
    """What is asked of an example in a folder: its rule alone."""
    databases = rule.rule.databases
    return Request(
        paths=[str(root)],
        root=root,
        isolated=True,
        overrides={"select": (rule.id,), "dialect": normal(databases[0]) if len(databases) == 1 else ""},
        packs=(rule.pack,),
    )


def is_marked(path: str, line: str) -> bool:
    """Whether a comment on the line holds the word `finding`."""
    comments = _COMMENTS.get(Path(path).suffix.lower(), _HOST_COMMENTS)
    starts = [line.find(comment) for comment in comments if comment in line]
    return bool(starts) and _MARK.search(line, min(starts)) is not None


def _shown(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.kind}: {diagnostic.path}:{diagnostic.line}: {diagnostic.message}"


def only_asks(rule: LoadedRule) -> None:
    """Raises `AssertionError` where the rule's `verify` is not known to change nothing on a server."""
    fault = complaint(rule.rule.verify) if rule.rule.verify else ""
    if fault:
        raise AssertionError(f"{rule.id}: verify is not read-only: {fault}: {rule.rule.verify}")


def all_examples(pack: str) -> list[Example]:
    """Every example of every rule of a pack, in the order of ids."""
    found = []
    for rule in map(load, find([pack]).values()):
        for kind, entries in (("bad", rule.rule.bad), ("good", rule.rule.good)):
            for number, example in enumerate(entries, 1):
                found.append(Example(rule, example, f"{rule.id}-{kind}-{example.language}-{number}"))
    return found


def examples(pack: str) -> list[ParameterSet]:
    """The examples as parameters for `pytest.mark.parametrize`, named after rule, kind and language."""
    import pytest

    return [pytest.param(example, id=example.id) for example in all_examples(pack)]
