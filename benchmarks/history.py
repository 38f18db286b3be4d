"""Asks dblint about queries per element that others have found and repaired: before the repair and after it.

    python benchmarks/history.py FOLDER [--only TEXT]… [--jobs N] [--cache-dir FOLDER] [--record]

`docs/precision/n-plus-one-history.csv` has a row per repair: the repository, the commit that repaired it, and what was
asked once per element (`relation`: a relation, a column or a table), with the places of it before (`parent`) and after
(`commit_places`) as `path:first-last`, several of them divided by a space. FOLDER holds the repositories by their names
(`git clone`); each row is checked out twice in a temporary folder. A finding of the rules below counts where it or one
of its related places stands in one of these places, and its message names the relation.

Printed are a line per row and the shares; `--record` writes `before` and `after` (found, missed; silent, told) into the
file. `cause` is for people: why a row is missed, or what of it cannot be seen from source.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from dblint.cache import CacheFolder
from dblint.facts.report import ReportedFinding
from dblint.packs import find
from dblint.run import Request, run

TABLE = Path(__file__).parent.parent / "docs" / "precision" / "n-plus-one-history.csv"
RULES = (
    "query/n-plus-one",
    "query/lazy-relation-in-loop",
    "query/lazy-relation-in-list",
    "query/prefetch-defeated",
    "query/loop-invariant-query",
    "query/write-in-loop",
)
"""The rules that say that something is asked once per element."""
LEFT_OUT = frozenset({"tests", "test", "docs", "locale", "client", "frontend", "node_modules", "static"})
"""Folders that are not looked at: no repair stands there, and they are most of what there is to read."""


def main() -> int:
    """Looks at every row and prints what was found of it. 1 where a row could not be looked at."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--only", action="append", default=[], help="rows whose repository or commit begins so; again for more"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache-dir", type=Path, help="keeps what files gave there: commits share most of theirs")
    parser.add_argument("--record", action="store_true", help="write what was found into the table")
    arguments = parser.parse_args()
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    only = tuple(arguments.only) or ("",)
    wanted = [row for row in rows if row["repository"].startswith(only) or row["commit"].startswith(only)]
    cache = CacheFolder(arguments.cache_dir) if arguments.cache_dir else None
    tasks = [(arguments.folder / row["repository"].rpartition("/")[2], row, cache) for row in wanted]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for row, (before, after) in zip(wanted, pool.map(look, tasks), strict=True):
            row["before"], row["after"] = "found" if before else "missed", "told" if after else "silent"
            said = f"{row['before']:6} {row['after']:6} {row['relation']}  {row['cause']}"
            lines = (*before, *(f"AFTER {line}" for line in after))
            print(
                f"{row['repository']} {row['commit'][:9]} {said}",
                *(f"    {line}" for line in lines),
                sep="\n",
                flush=True,
            )
    found = sum(row["before"] == "found" for row in wanted)
    silent = sum(row["after"] == "silent" for row in wanted)
    print(f"{len(wanted)} repairs: {found} found before, {silent} silent after")
    if arguments.record:
        record(wanted)
    return 0


def record(asked: list[dict[str, str]]) -> None:
    """Writes what was found into the table as it is now: its causes may have been edited since it was read."""
    answers = {(row["repository"], row["commit"]): {name: row[name] for name in ("before", "after")} for row in asked}
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(answers.get((row["repository"], row["commit"]), {}))
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def look(task: tuple[Path, dict[str, str], CacheFolder | None]) -> tuple[list[str], list[str]]:
    """What is found of a repair in the commit before it, and in it."""
    repository, row, cache = task
    before = told(repository, f"{row['commit']}^", row["parent"], row["relation"], cache)
    return before, told(repository, row["commit"], row["commit_places"], row["relation"], cache)


def told(repository: Path, commit: str, places: str, relation: str, cache: CacheFolder | None) -> list[str]:
    """The findings of one commit that speak of the relation in one of the places."""
    with tempfile.TemporaryDirectory(prefix="dblint-history-") as folder:
        index = Path(folder) / "index"
        tree = Path(folder) / "tree"
        tree.mkdir()
        # A work tree of its own: a bare repository has none, and checks nothing out without one.
        environment = {
            "GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(tree), "PATH": "/usr/bin:/bin:/usr/local/bin"
        }  # fmt: skip
        git = ["git", "-C", str(repository.resolve())]
        subprocess.run([*git, "read-tree", commit], check=True, env=environment)
        # What a partial copy lacks (large files of data) is left out: git says so, and checks out the rest.
        listed = subprocess.run([*git, "ls-files", "-z"], check=True, env=environment, capture_output=True).stdout
        wanted = [name for name in listed.split(b"\0") if name and not LEFT_OUT & set(name.decode().split("/"))]
        subprocess.run(
            [*git, "checkout-index", "--force", f"--prefix={tree}/", "-z", "--stdin"],
            check=False, env=environment, capture_output=True, input=b"\0".join(wanted) + b"\0",
        )  # fmt: skip
        if not any(tree.iterdir()):
            raise RuntimeError(f"{repository.name} at {commit}: nothing was checked out")
        request = Request(
            paths=[str(tree)], root=tree, isolated=True, packs=("dblint_rules",), select=rules(), cache=cache
        )
        report = run(request).report
    broken = [each.message for each in report.diagnostics if each.kind == "internal-error"]
    if broken:
        raise RuntimeError(f"{repository.name} at {commit}: {broken[0]}")
    return [text for finding in report.findings if (text := matched(finding, places, relation))]


def rules() -> tuple[str, ...]:
    """Those of `RULES` that the installed pack has."""
    there = find(["dblint_rules"])
    return tuple(rule for rule in RULES if rule in there)


def matched(finding: ReportedFinding, places: str, relation: str) -> str:
    """How the finding reads where it speaks of the relation in one of the places; "" where it does not."""
    words = [finding.message, finding.repair, *(related.message for related in finding.related)]
    names = relation.lower().split("|")
    if not any(name in word.lower() for name in names for word in words):
        return ""
    regions = [finding.region, *(related.region for related in finding.related)]
    for place in places.split():
        path, _, lines = place.rpartition(":")
        first, _, last = lines.partition("-")
        if any(region.path == path and int(first) <= region.start.line <= int(last or first) for region in regions):
            return f"{finding.region.path}:{finding.region.start.line}: {finding.rule}: {finding.message}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
