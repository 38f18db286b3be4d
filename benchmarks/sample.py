"""Draws places at random, reproducibly, for people to read in their source.

    python benchmarks/sample.py --per-rule 20 REPO…             findings
    python benchmarks/sample.py --per-rule 20 --silent REPO…    what the rules looked at and passed over
    python benchmarks/sample.py --functions 40 REPO…            functions of files that import a database library

The seed is derived from the hash of this project's commit, so that a draw cannot be chosen and a repair brings a
new one; `--seed` replaces it. At least `--per-repository` findings come from each repository that has them; the
rest are drawn from all. `REPO` may end in `@COMMIT`, to be told with each place. With `--record DIR`, a row per place
is added to `DIR/RULE.csv`, with empty columns for the verdicts of two readers: findings are *right*, *wrong* or
*opinion*, places passed over are *silent* (rightly) or *deserved* a finding.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dblint.check import feed
from dblint.facts.program import Call, FileRole, Invocation
from dblint.facts.project import Project
from dblint.facts.query import Query, Star
from dblint.facts.schema import Change, Migration
from dblint.facts.text import Place
from dblint.facts.tree import FileFacts, Kind, Tree
from dblint.libraries.grammar import Library
from dblint.libraries.reader import bundled
from dblint.libraries.undescribed import undescribed
from dblint.packs import LoadedRule
from dblint.run import Analysis, Request, Result, run

CONTEXT = 4
_HOSTS = {"python", "javascript"}


@dataclass(frozen=True, order=True)
class Drawable:
    """A place that may be drawn, with what is said there."""

    repository: str
    path: str
    line: int
    message: str


COLUMNS = ("draw", "kind", "repository", "path", "line", "verdict", "reason", "second", "second_reason", "message")
"""Of a record: `draw` is the commit whose hash was the seed, `kind` finding or silent, `repository` NAME@COMMIT."""


def main() -> None:
    """Draws and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="REPO[@COMMIT]")
    parser.add_argument("--seed", default="", help="[this project's commit]")
    parser.add_argument("--per-rule", type=int, default=20, metavar="K", help="places per rule [20]")
    parser.add_argument("--per-repository", type=int, default=3, metavar="K", help="at least this many of each [3]")
    parser.add_argument("--select", action="append", default=[], metavar="RULE", help="rules; repeatable")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--silent", action="store_true", help="draw what was passed over")
    kind.add_argument("--functions", type=int, default=0, metavar="K", help="draw functions instead")
    parser.add_argument("--record", type=Path, metavar="DIR", help="add rows to fill in to DIR/RULE.csv")
    options = parser.parse_args()
    seed = options.seed or commit()
    commits: dict[str, str] = {}
    paths: list[Path] = []
    for text in options.repositories:
        name, _, at = text.rpartition("@") if "@" in Path(text).name else (text, "", "")
        paths.append(Path(name).resolve())
        commits[paths[-1].name] = f"{paths[-1].name}@{at}" if at else paths[-1].name
    results = {path: _review(path, options.select) for path in paths}
    drawn: list[tuple[str, Drawable]] = []
    if options.functions:
        found = [item for path, result in results.items() for item in functions(path, result.analysis)]
        drawn = [("function", item) for item in draw(found, options.functions, 0, f"{seed}:functions")]
    else:
        gather = passed_over if options.silent else findings
        by_rule: dict[str, list[Drawable]] = defaultdict(list)
        for path, result in results.items():
            for rule, item in gather(path, result):
                by_rule[rule].append(item)
        for rule, items in sorted(by_rule.items()):
            chosen = draw(items, options.per_rule, options.per_repository, f"{seed}:{rule}")
            print(f"{rule}: {len(chosen)} of {len(set(items))}", file=sys.stderr)
            drawn += [(rule, item) for item in chosen]
    print(f"seed {seed}", file=sys.stderr)
    by_name = {path.name: path for path in results}
    if options.record:
        _record(options.record, seed, "silent" if options.silent else "finding", drawn, commits)
        return
    for rule, item in drawn:
        print(f"\n=== {rule} {item.repository}/{item.path}:{item.line}\n    {item.message}")
        print("\n".join(_context(by_name[item.repository] / item.path, item.line)))


def _record(
    folder: Path, seed: str, kind: str, drawn: Sequence[tuple[str, Drawable]], commits: Mapping[str, str]
) -> None:
    """Adds a row per place to the record of its rule."""
    for rule in sorted({rule for rule, _ in drawn}):
        file = folder / f"{rule}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        new = not file.exists()
        with file.open("a", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream, lineterminator="\n")
            if new:
                rows.writerow(COLUMNS)
            for name, item in drawn:
                if name == rule:
                    place = [commits[item.repository], item.path, item.line]
                    rows.writerow([seed[:12], kind, *place, "", "", "", "", item.message])


def commit() -> str:
    """The hash of this project's commit. Raises CalledProcessError outside a checkout."""
    here = Path(__file__).resolve().parent
    return subprocess.run(
        ["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()


def _review(repository: Path, select: Sequence[str]) -> Result:
    root = repository.resolve()
    return run(Request(paths=[str(root)], root=root, isolated=True, overrides={"select": tuple(select)}))


def draw(items: Sequence[Drawable], count: int, per_repository: int, seed: str) -> list[Drawable]:
    """`count` items at random, at least `per_repository` of each repository that has them. The same items and
    seed give the same draw, in whatever order the items come."""
    rng = random.Random(seed)  # noqa: S311 - a draw that can be repeated, no secret
    shuffled = sorted(set(items))
    rng.shuffle(shuffled)
    taken: dict[str, int] = defaultdict(int)
    first: list[Drawable] = []
    rest: list[Drawable] = []
    for item in shuffled:
        taken[item.repository] += 1
        (first if taken[item.repository] <= per_repository else rest).append(item)
    return sorted((first + rest)[:count])


def findings(repository: Path, result: Result) -> Iterator[tuple[str, Drawable]]:
    """All findings."""
    for finding in result.report.findings:
        region = finding.region
        yield finding.rule, Drawable(repository.name, region.path, region.start.line, finding.message)


def passed_over(repository: Path, result: Result) -> Iterator[tuple[str, Drawable]]:
    """What each rule looked at without a finding: the facts that could have been one, where it is known what
    these are, else every fact that the rule was fed, in files of a role in which it speaks."""
    analysis = result.analysis
    position = analysis.position()
    said: dict[tuple[str, str], set[int]] = defaultdict(set)
    for finding in result.report.findings:
        said[finding.rule, finding.region.path].add(finding.region.start.line)
        if finding.rule in TOLD_TOGETHER:
            for related in finding.related:
                said[finding.rule, related.region.path].add(related.region.start.line)
    for name, rule in result.rules.items():
        candidates = CANDIDATES.get(name, _everything(rule))
        for place, message in candidates(analysis.project):
            file = analysis.files.get(place.path)
            found = position(place) if file is not None and file.role in rule.rule.roles else None
            last = position(Place(place.path, place.stop, place.stop)) if found is not None else None
            if found is None or last is None:
                continue
            if not any(found.line <= line <= last.line for line in said[name, place.path]):
                yield name, Drawable(repository.name, place.path, found.line, " ".join(message.split())[:300])


def _looped(project: Project) -> Iterator[tuple[Place, str]]:
    """Calls and invocations inside loops."""
    facts: list[Call | Invocation] = [*project.calls, *project.invocations]
    for fact in facts:
        loop = next((frame for frame in reversed(fact.frames) if frame.kind == "loop"), None)
        if loop is not None and not (isinstance(fact, Call) and not fact.queries):
            yield fact.place, f"in a {loop.construct} over {loop.source}: {fact.source}"


def _starred(project: Project) -> Iterator[tuple[Place, str]]:
    """Queries with a star somewhere."""
    for call in project.calls:
        for query in call.queries:
            if any(isinstance(item, Star) for item in query.projection.values()):
                yield query.place or call.place, query.sql or call.source


def _texts(project: Project) -> Iterator[tuple[Place, str]]:
    """Calls that run text of which not all is a literal."""
    for call in project.calls:
        if call.text is not None and any(type(piece).__name__ != "Literal" for piece in call.text.pieces):
            yield call.place, call.source


def _indexes(project: Project) -> Iterator[tuple[Place, str]]:
    """Indexes that migrations create."""
    for migration in project.migrations:
        for step in migration.steps:
            if step.operation.change is Change.CREATE_INDEX and step.operation.place is not None:
                yield step.operation.place, f"{step.direction}: index {step.operation.name} on {step.operation.table}"


CANDIDATES: Mapping[str, Callable[[Project], Iterator[tuple[Place, str]]]] = {
    "query/n-plus-one": _looped,
    "query/select-star": _starred,
    "security/sql-injection": _texts,
    "migration/index-not-concurrent": _indexes,
}
"""Rule → the facts that could have been a finding; of everything else there is far too much."""
TOLD_TOGETHER = frozenset({"migration/index-not-concurrent"})
"""Rules whose findings have the further facts of the same kind as related places: those are not passed over."""


def _everything(rule: LoadedRule) -> Callable[[Project], Iterator[tuple[Place, str]]]:
    def facts(project: Project) -> Iterator[tuple[Place, str]]:
        for kind in rule.feeds:
            for fact in feed(project, kind):
                place = getattr(fact, "place", None)
                if isinstance(place, Place):
                    yield place, _name(fact)

    return facts


def _name(fact: object) -> str:
    if isinstance(fact, Query):
        return fact.sql
    if isinstance(fact, Migration):
        return fact.name
    return str(getattr(fact, "source", "") or getattr(fact, "name", ""))


def functions(repository: Path, analysis: Analysis) -> Iterator[Drawable]:
    """All functions of the files that import a database library, themselves or through one module of the project;
    tests are left out. Taken from the trees and not from what link made of them, so that nothing is left out for
    not having been understood."""
    files = {
        path: file.facts
        for path, file in analysis.files.items()
        if file.role is not FileRole.TEST and isinstance(file.facts, FileFacts)
    }
    packages = _packages()
    direct = {
        path for path, facts in files.items() if any(_is_database(item, facts, packages) for item in _roots(facts))
    }
    endings = {ending for path in direct for ending in _endings(path)}
    position = analysis.position()
    for path, facts in files.items():
        if path not in direct and not any(_ending(item, facts.language) in endings for item in _roots(facts)):
            continue
        tree = Tree(facts.body)
        for node, kind in enumerate(tree.kinds):
            if kind == Kind.FUNCTION:
                found = position(Place(path, tree.starts[node], tree.stops[node]))
                if found is not None:
                    yield Drawable(repository.name, path, found.line, tree.value(node) or "(without a name)")


def _packages() -> frozenset[str]:
    """Import roots of database libraries; a scope (`@name`) stands for all of its packages."""
    tables = bundled()
    described = [
        package
        for library in tables.libraries.values()
        if library.name not in _HOSTS and _speaks(library)
        for package in library.packages
    ]
    # What is not understood shall be drawn as well.
    others = [root for packages in undescribed(tables).values() for roots in packages.values() for root in roots]
    scopes = {package.split("/")[0] for package in described if package.startswith("@")}
    return frozenset({*described, *scopes, *others})


def _speaks(library: Library) -> bool:
    """True of a library that sends or builds statements, or names a database; web frameworks and loops do not."""
    members = [member for kind in library.types.values() for member in kind.members.values()]
    return bool(library.dialect or library.engines or library.drivers) or any(
        member.run or member.builds for member in (*members, *library.functions.values())
    )


def _roots(facts: FileFacts) -> Iterator[str]:
    return (entry.module for entry in facts.interface.imports)


def _is_database(module: str, facts: FileFacts, packages: frozenset[str]) -> bool:
    parts = module.split("." if facts.language == "python" else "/")
    return not module.startswith(".") and bool({module, parts[0], "/".join(parts[:2])} & packages)


def _endings(path: str) -> Iterator[str]:
    """How the last two names of a file's path stand in imports of it."""
    parts = path.rsplit(".", 1)[0].split("/")
    if parts[-1] in ("__init__", "index"):
        parts.pop()
    if parts:
        yield "/".join(parts[-2:])


def _ending(module: str, language: str) -> str:
    """The last two names of an import."""
    parts = module.split(".") if language == "python" else module.removesuffix(".js").split("/")
    return "/".join(parts[-2:])


def _context(file: Path, line: int) -> Iterator[str]:
    """Source lines around a place."""
    lines = file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number in range(max(1, line - CONTEXT), min(len(lines), line + CONTEXT) + 1):
        mark = ">" if number == line else " "
        yield f"  {mark} {number:>5} {lines[number - 1][:200]}"


if __name__ == "__main__":
    main()
