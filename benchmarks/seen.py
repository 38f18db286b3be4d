r"""How much of a code base is seen: calls that a plain text count finds, against `dblint queries --json`.

    python benchmarks/seen.py REPO --preset delegates
    python benchmarks/seen.py REPO --pattern '\.objects\.' --paths '*.py'

A matched line outside tests counts as seen in one of these ways, which are counted apart and added up:

* `query`: a query begins on it whose receiver's type, verb and tables are resolved (for SQL text: parsed), or the
  line carries a later link of such a query's chain, up to its last member (`source\n  .getRepository(A)\n  .find()`);
* `handle`: no query runs there, but a value is made on which queries run (`const repo = source.getRepository(A)`).
  It counts only if its table is resolved and at least one query that runs on it is listed elsewhere;
* `entity`: no query runs there either: a row is made or filled in memory (`source.getRepository(A).create()`), and
  its table is resolved.

The text count knows nothing of languages, on purpose: it also matches comments, strings and receivers that are no
database's, and those stay in the denominator unless `--code-only` is given, which leaves out lines that are
comments. The rest is listed by cause.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A text count: what is looked for on a line, in which files."""

    pattern: str
    paths: tuple[str, ...]


_SCRIPTS = ("*.ts", "*.tsx", "*.mts", "*.cts", "*.js", "*.jsx", "*.mjs", "*.cjs")
PRESETS: Mapping[str, Preset] = {
    "delegates": Preset(r"\b(?:prisma|tx)\s*\.\s*\w+\s*\.\s*\w+\(", _SCRIPTS),
    "clients": Preset(r"\bprisma\.client\.\w+\.\w+\(|\$(?:query|execute)Raw", _SCRIPTS),
    "managers": Preset(r"\.objects\.", ("*.py",)),
    "repositories": Preset(r"\bgetRepository\(", _SCRIPTS),
    "sessions": Preset(r"\.query\.|\bdb\.session\.(?:query|execute|scalars?|get)\b", ("*.py",)),
}

_TEST_FOLDERS = {"test", "tests", "__tests__", "testing", "spec", "specs", "e2e", "cypress", "fixtures", "node_modules"}
_TEST_NAMES = ("test_*.py", "*_test.py", "tests.py", "conftest.py", "*.test.*", "*.spec.*", "*.cy.*")
_COMMENTS = ("#", "//", "/*", "*", "--")
_WAYS = ("query", "handle", "entity")
_SAID = {
    "query": "lead to a query",
    "handle": "make a handle whose queries are seen",
    "entity": "make or fill an entity and run nothing",
}
_CHAIN = 5
"""Lines above a match on which a chain that contains it may begin."""


@dataclass
class Comparison:
    """Matched lines, the seen ones among them by the way in which they are seen, and the rest by cause."""

    matched: list[tuple[str, int, str]] = field(default_factory=list)
    ways: dict[str, list[tuple[str, int, str]]] = field(default_factory=lambda: {way: [] for way in _WAYS})
    causes: dict[str, list[tuple[str, int, str]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def seen(self) -> list[tuple[str, int, str]]:
        """The lines that are seen in any way."""
        return sorted(line for lines in self.ways.values() for line in lines)

    @property
    def share(self) -> float:
        """Seen of matched, from 0 to 1."""
        return len(self.seen) / len(self.matched) if self.matched else 0.0


def main() -> None:
    """Compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--pattern", help="a regular expression that is searched for on each line")
    wanted.add_argument("--preset", choices=sorted(PRESETS))
    parser.add_argument("--paths", action="append", help="shell pattern of file names; repeatable")
    parser.add_argument("--code-only", action="store_true", help="leave out lines that are comments")
    parser.add_argument("--list", type=int, default=10, metavar="N", help="places to list per cause [10]")
    parser.add_argument("--draw", type=int, default=0, metavar="N", help="seen places to draw at random for reading")
    parser.add_argument("--seed", default="0", help="of the draw")
    parser.add_argument("--json", action="store_true", help="print counts as JSON")
    options = parser.parse_args()
    preset = PRESETS[options.preset] if options.preset else Preset(options.pattern, ("*",))
    paths = tuple(options.paths) if options.paths else preset.paths
    matched = list(matches(options.repository, preset.pattern, paths, code_only=options.code_only))
    resolved = queries(options.repository)
    compared = compare(matched, resolved, queries(options.repository, "--unresolved"))
    if options.json:
        print(json.dumps(_counts(compared)))
        return
    print("\n".join(_lines(compared, options.list)))
    drawn = random.Random(options.seed).sample(compared.seen, min(options.draw, len(compared.seen)))  # noqa: S311
    by_line = _by_line(resolved)
    for path, line, text in sorted(drawn):
        print(f"\n{path}:{line}: {text}")
        for entry in filter(_way, by_line[path, line]):
            if not entry["queries"]:
                print(f"    {entry['receiver']}.{entry['member']}: {entry['trigger']} of {', '.join(entry['tables'])}")
            for query in entry["queries"]:
                print(f"    {entry['receiver']}.{entry['member']}: {query['verb']} {', '.join(query['tables']) or '-'}")
                print(f"    {query['sql']}")
            print(f"    {' <- '.join(entry['resolved'])}")


def matches(repository: Path, pattern: str, paths: Sequence[str], *, code_only: bool) -> Iterator[tuple[str, int, str]]:
    """Lines on which the pattern occurs outside tests: path, line, text."""
    expression = re.compile(pattern)
    for file in sorted(repository.rglob("*")):
        path = file.relative_to(repository)
        if not any(fnmatch(file.name, name) for name in paths) or _is_test(PurePosixPath(path.as_posix())):
            continue
        if not file.is_file() or file.is_symlink():
            continue
        lines = file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if expression.search(line) and not (code_only and text.startswith(_COMMENTS)):
                yield path.as_posix(), number, text


def _is_test(path: PurePosixPath) -> bool:
    return bool(_TEST_FOLDERS & set(path.parts[:-1])) or any(fnmatch(path.name, name) for name in _TEST_NAMES)


def queries(repository: Path, *options: str) -> list[dict[str, Any]]:
    """What the command prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "dblint", "queries", str(repository), "--isolated", "--json", *options]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    return [json.loads(line) for line in output.splitlines()]


def is_resolved(entry: dict[str, Any]) -> bool:
    """Whether receiver, verb and tables of a call are known. A query without a table is resolved when its SQL
    reads none (`SELECT 1`)."""
    if not entry["receiver"] or not entry["queries"]:
        return False
    return all(query["verb"] and (query["tables"] or _reads_no_table(query["sql"])) for query in entry["queries"])


def _reads_no_table(sql: str) -> bool:
    return bool(sql) and not {"from", "into", "update", "join"} & set(sql.lower().split())


def _way(entry: dict[str, Any]) -> str:
    """In which way a line is seen on which this entry stands; "" if it is not."""
    if is_resolved(entry):
        return "query"
    if entry["trigger"] == "handle" and entry["tables"] and entry["runs"]:
        return "handle"
    if entry["trigger"] == "entity" and entry["tables"]:
        return "entity"
    return ""


def compare(
    matched: Sequence[tuple[str, int, str]], resolved: Sequence[dict[str, Any]], unresolved: Sequence[dict[str, Any]]
) -> Comparison:
    """Which matched lines lead to a resolved query, and why the others do not."""
    at, lost = _by_line(resolved), _by_line(unresolved)
    compared = Comparison(list(matched))
    for match in matched:
        path, line, text = match
        entries = at.get((path, line), [])
        ways = {_way(entry) for entry in entries}
        way = next((way for way in _WAYS if way in ways), "")
        if way:
            compared.ways[way].append(match)
        elif any(entry["trigger"] in _WAYS for entry in entries):
            compared.causes["a handle or entity without table, or a handle on which no query is seen"].append(match)
        elif entries:
            compared.causes["a query without table or receiver"].append(match)
        elif (path, line) in lost:
            compared.causes[f"unresolved: {lost[path, line][0]['cause']}"].append(match)
        elif text.startswith(_COMMENTS):
            compared.causes["a comment"].append(match)
        elif any(is_resolved(entry) for above in range(1, _CHAIN + 1) for entry in at.get((path, line - above), [])):
            compared.causes[f"no query here, one that begins up to {_CHAIN} lines above"].append(match)
        else:
            compared.causes["no query here"].append(match)
    return compared


def _by_line(entries: Sequence[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """The entries by each line on which their chains stand."""
    lines: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        for line in range(entry["line"], (entry.get("member_line") or entry["line"]) + 1):
            lines[entry["path"], line].append(entry)
    return lines


def _counts(compared: Comparison) -> dict[str, Any]:
    return {
        "matched": len(compared.matched),
        "seen": len(compared.seen),
        **{way: len(lines) for way, lines in compared.ways.items()},
        "share": round(compared.share, 4),
        "causes": dict(Counter({cause: len(lines) for cause, lines in compared.causes.items()}).most_common()),
    }


def _lines(compared: Comparison, listed: int) -> Iterator[str]:
    yield f"{len(compared.seen)} of {len(compared.matched)} matched lines are seen: {compared.share:.1%}"
    for way, lines in compared.ways.items():
        yield f"{len(lines):>6} {_SAID[way]}"
    for cause, lines in sorted(compared.causes.items(), key=lambda item: -len(item[1])):
        yield f"{len(lines):>6} {cause}"
        for path, line, text in lines[:listed]:
            yield f"           {path}:{line}: {text[:110]}"


if __name__ == "__main__":
    main()
