"""Whether SARIF of real code is what its consumers take: the JSON schema, and Microsoft's sarif-multitool with its
rules for GitHub, whose report is read because its exit code says nothing.

    python benchmarks/valid.py REPO… [--select RULE] [--json]

Each code base is reviewed by `dblint REPO --isolated --exit-zero --select all --output sarif=FILE`. The validators are
those of the tests; npm installs them once, at locked versions. What is told of each document: its results, its size as
it is uploaded (gzip), what the schema has against it, and what the tool has, errors and warnings. One warning is known
and is not told: SARIF2005, because dblint has no public address. Exits 1 where an error is told.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jsonschema import Draft202012Validator

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.oracles import multitool  # noqa: E402 - the tests are no package that is installed

KNOWN = ("warning", "SARIF2005")
LARGEST = 10_000_000
"""Bytes that code scanning takes, compressed."""
MOST = 25_000
"""Results that it takes."""
SHOWN = 20


@dataclass(frozen=True)
class Checked:
    """What the validators say of one document, "level rule" or words, each once."""

    name: str
    results: int
    compressed: int
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def main() -> None:
    """Reviews, validates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--select", action="append", default=[], metavar="RULE", help="[all]; repeatable")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    checked = []
    with tempfile.TemporaryDirectory() as scratch:
        for repository in options.repositories:
            text = review(repository, options.select or ["all"], Path(scratch))
            checked.append(check(repository.resolve().name, text, Path(scratch)))
            print(f"{repository.name}: validated", file=sys.stderr)
    print(json.dumps([asdict(entry) for entry in checked]) if options.json else "\n".join(table(checked)))
    sys.exit(any(entry.errors for entry in checked))


def review(repository: Path, select: Sequence[str], scratch: Path) -> str:
    """The SARIF of a review. Raises CalledProcessError where the review fails."""
    target = scratch / "review.sarif"
    command = [sys.executable, "-m", "dblint", str(repository), "--isolated", "--exit-zero", "--quiet"]
    command += [word for rule in select for word in ("--select", rule)]
    subprocess.run([*command, "--output", f"sarif={target}"], check=True)
    return target.read_text(encoding="utf-8")


def check(name: str, text: str, scratch: Path) -> Checked:
    """What the validators say of a document."""
    document = json.loads(text)
    validator = Draft202012Validator(multitool.schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = [f"schema: {error.json_path}: {error.message}"[:300] for error in validator.iter_errors(document)]
    told = [entry for entry in multitool.validate({name: text}, scratch)[name] if entry != KNOWN]
    errors += [f"multitool: {rule}" for level, rule in told if level == "error"]
    results, compressed = len(document["runs"][0]["results"]), len(gzip.compress(text.encode()))
    errors += [f"{compressed} bytes compressed, over {LARGEST}"] if compressed > LARGEST else []
    errors += [f"{results} results, over {MOST}"] if results > MOST else []
    warnings = [f"multitool: {rule}" for level, rule in told if level != "error"]
    return Checked(name, results, compressed, tuple(errors[:SHOWN]), tuple(warnings))


def table(checked: Sequence[Checked]) -> list[str]:
    """What was told, as a table of Markdown."""
    lines = ["| code base | results | kB compressed | errors | warnings |", "|---|---|---|---|---|"]
    for entry in checked:
        told = " | ".join("; ".join(words).replace("|", "\\|") or "none" for words in (entry.errors, entry.warnings))
        lines.append(f"| {entry.name} | {entry.results} | {entry.compressed / 1e3:.0f} | {told} |")
    return lines


if __name__ == "__main__":
    main()
