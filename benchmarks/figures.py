"""Writes docs/figures.md: commit, machine, and each figure with the command that gives it.

    python benchmarks/figures.py --corpora DIR --run NAME[@COMMIT]… --seen PRESET=NAME[@COMMIT]… --labels DIR
        --valid NAME… --density NAME…

DIR of `--corpora` holds one folder per code base; commands in the document name it `$CORPORA`. `--labels` is a
folder with `labels.jsonl` and `score.py`; the labelled code bases are looked for in `$CORPORA` too. What is not
asked for is not in the document: it is written whole, from one commit, on one machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
MAPPING = PROJECT / "tests" / "eval" / "mapping.json"
"""Kinds of labels, and the rules that answer to them."""
RECORDS = PROJECT / "docs" / "precision"
RUNS = (("default", ""), ("all", ""), ("default", "app"))
"""Selections of rules, and the role that each file is given ("": by its path), of the reviews of labelled code."""
LONGEST_REVIEW = 300
"""Seconds after which the review of a labelled code base is given up."""


@dataclass(frozen=True)
class CodeBase:
    """A folder below the corpora, and the commit that it holds, where that is said."""

    name: str
    commit: str

    @staticmethod
    def read(text: str) -> CodeBase:
        """`NAME` or `NAME@COMMIT`."""
        name, _, commit = text.partition("@")
        return CodeBase(name, commit)

    def __str__(self) -> str:
        return f"{self.name}@{self.commit}" if self.commit else self.name


def main() -> None:
    """Measures everything that was asked for and writes the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--run", nargs="*", default=[], metavar="NAME[@COMMIT]")
    parser.add_argument(
        "--interpreter", nargs="*", default=[], metavar="PYTHON", help="others with dblint, for what a review costs"
    )
    parser.add_argument("--seen", nargs="*", default=[], metavar="PRESET=NAME[@COMMIT]")
    parser.add_argument("--valid", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--density", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--labels", type=Path, help="folder with labels.jsonl and score.py")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "figures.md")
    options = parser.parse_args()
    corpora: Path = options.corpora.resolve()
    lines = list(head())
    if options.run:
        bases = [CodeBase.read(text) for text in options.run]
        lines += cost(corpora, bases)
        if options.interpreter:
            lines += interpreters(corpora, bases, options.interpreter)
    if options.seen:
        pairs = [text.partition("=") for text in options.seen]
        lines += seen(corpora, [(preset, CodeBase.read(text)) for preset, _, text in pairs])
    if options.valid:
        lines += valid(corpora, options.valid)
    lines += precision(RECORDS)
    lines += history(RECORDS / "n-plus-one-history.csv")
    if options.density:
        lines += density(corpora, options.density)
    if options.labels:
        lines += labels(corpora, options.labels.resolve())
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def head() -> Iterator[str]:
    """What was measured, and where."""
    commit = _git("rev-parse", "HEAD")
    changed = " with changes that are in no commit" if _git("status", "--porcelain", "--untracked-files=no") else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield from (
        "# Figures",
        "",
        "Written by `benchmarks/figures.py`; not edited by hand. `$CORPORA` holds one checkout per code base.",
        "",
        f"- dblint at {commit}{changed}",
        f"- {platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"- {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB",
        "",
    )


def cost(corpora: Path, bases: Sequence[CodeBase]) -> Iterator[str]:
    """The table of `run.py`."""
    yield from (
        "## What a review costs",
        "",
        "`python benchmarks/run.py $CORPORA/NAME --repeat 7`: CPU seconds, peak megabytes; the script explains them.",
        "Warm: nothing has changed since the run before; CPU seconds of the whole process / seconds on the clock.",
        "",
        "| code base | files | MB | read | extract | link | check | cold | peak MB | floor | ratio | in pairs | warm |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    )
    shares: list[str] = []
    for base in bases:
        measured = json.loads(_script("run.py", str(corpora / base.name), "--repeat", "7", "--json"))
        seconds = {name: measured["stages"][name]["seconds"] for name in ("read", "extract", "link", "check")}
        stages = (f"{each:.2f}" for each in seconds.values())
        floor = measured["floor_seconds"]
        multiples = (f"{seconds[name] / floor:.1f}" for name in ("extract", "link", "check"))
        shares.append(f"| {base} | {' | '.join(multiples)} | {6 * floor + 1:.1f} | {measured['cold_seconds']:.1f} |")
        cells = [
            str(base),
            str(measured["file_count"]),
            f"{measured['megabytes']:.1f}",
            *stages,
            f"{measured['cold_seconds']:.2f}",
            f"{measured['cold_peak_megabytes']:.0f}",
            f"{measured['floor_seconds']:.2f}",
            f"{measured['ratio']:.1f}",
            f"{measured['paired']:.1f}",
            f"{measured['warm_seconds']:.2f} / {measured['warm_wall_seconds']:.2f}",
        ]
        yield f"| {' | '.join(cells)} |"
    yield from (
        "",
        "The limit is 6 x floor + 1.0 s. In multiples of the floor, which parses and makes nothing of what it has",
        "parsed:",
        "",
        "| code base | extract | link | check | limit, s | cold, s |",
        "|---|---|---|---|---|---|",
        *shares,
        "",
        "Extraction is the parser and one walk over the tree in Python. Linking follows every receiver, and with what",
        "the rules of N+1 ask through functions, files, templates and relations it has become the larger part in",
        "Python; most of it does not depend on which rules are on. TypeScript, whose models stand in one schema file,",
        "links for less.",
        "",
    )


def interpreters(corpora: Path, bases: Sequence[CodeBase], others: Sequence[str]) -> Iterator[str]:
    """The ratio of `run.py` by other interpreters than the one that this script runs on."""
    yield from (
        "The floor is spent in compiled parsers, and the rest in the interpreter, so the ratio depends on how that was",
        "built. `python benchmarks/run.py $CORPORA/NAME --repeat 3`, in pairs, by others that stand on this machine;",
        "*plain loop*: CPU seconds of 3 million turns that fill a dictionary, of which the one above needs",
        f"{_plain_loop(sys.executable)}:",
        "",
        f"| interpreter | plain loop | {' | '.join(map(str, bases))} |",
        f"|---|---|{'---|' * len(bases)}",
    )
    for other in others:
        ratios = []
        for base in bases:
            command = [
                other,
                str(PROJECT / "benchmarks" / "run.py"),
                str(corpora / base.name),
                "--repeat",
                "3",
                "--json",
            ]
            measured = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
            ratios.append(f"{measured['paired']:.1f}")
        version = subprocess.run([other, "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        yield f"| {version} | {_plain_loop(other)} | {' | '.join(ratios)} |"
    yield ""


def _plain_loop(interpreter: str) -> str:
    code = (
        "import time\nbegin = time.process_time()\ndef run():\n    total = 0\n    for turn in range(3000000):\n"
        "        total += len({turn: (turn, str(turn))})\nrun()\nprint(f'{time.process_time() - begin:.2f}')"
    )
    return subprocess.run([interpreter, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def seen(corpora: Path, wanted: Sequence[tuple[str, CodeBase]]) -> Iterator[str]:
    """The shares of `seen.py`, and what is missing by cause."""
    yield from (
        "## What is seen",
        "",
        "`python benchmarks/seen.py $CORPORA/NAME --preset PRESET`: of the lines outside tests on which a plain text",
        "count finds a call, those that lead to a query whose receiver, verb and tables are resolved, make a handle",
        "whose table and queries are resolved, or that make or fill an entity in memory.",
        "",
        "| code base | preset | matched | query | handle | entity | seen | the rest, by cause |",
        "|---|---|---|---|---|---|---|---|",
    )
    for preset, base in wanted:
        counts = json.loads(_script("seen.py", str(corpora / base.name), "--preset", preset, "--json"))
        causes = "; ".join(f"{count} {cause}" for cause, count in counts["causes"].items()).replace("|", "\\|")
        ways = " | ".join(str(counts[way]) for way in ("query", "handle", "entity"))
        yield f"| {base} | {preset} | {counts['matched']} | {ways} | {counts['share']:.1%} | {causes} |"
    yield ""


def valid(corpora: Path, names: Sequence[str]) -> Iterator[str]:
    """The table of `valid.py`."""
    yield from (
        "## SARIF before its validators",
        "",
        "`python benchmarks/valid.py $CORPORA/NAME`: reviews with all rules, before the JSON schema and before",
        "sarif-multitool with its rules for GitHub.",
        "",
    )
    # An error is a figure too: what it is stands in the table.
    yield from _script("valid.py", *(str(corpora / name) for name in names), may_fail=True).splitlines()
    yield ""


def density(corpora: Path, names: Sequence[str]) -> Iterator[str]:
    """The table of `density.py`."""
    yield from (
        "## How loud the rules are",
        "",
        "`python benchmarks/density.py $CORPORA/NAME`: findings of each rule that is on by default, and in brackets",
        "per 500 lines of the files that touch a database; the script says which. Bold: more than one.",
        "",
        *_script("density.py", *(str(corpora / name) for name in names)).splitlines(),
        "",
    )


def precision(folder: Path) -> Iterator[str]:
    """What readers said of the places drawn, per rule and draw."""
    yield from (
        "## What is right",
        "",
        "Places drawn by `benchmarks/sample.py` with a seed from the commit named, and read in their source:",
        "`docs/precision/RULE.csv` holds each with its verdict and the reason. *Opinion* counts as wrong. A part was",
        "read again by somebody who had not seen the first verdict. Earlier draws are those before a repair.",
        "",
        "| rule | drawn at | kind | read | right | wrong | opinion | share | read again | agreed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    )
    for file in sorted(folder.rglob("*.csv")):
        rows = _rows(file)
        if not rows or "second" not in rows[0]:
            continue
        for draw, kind in dict.fromkeys((row["draw"], row["kind"]) for row in rows):
            read = [row for row in rows if (row["draw"], row["kind"]) == (draw, kind) and row["verdict"]]
            verdicts = Counter(row["verdict"] for row in read)
            good = verdicts["right"] + verdicts["silent"]
            bad = verdicts["wrong"] + verdicts["deserved"]
            again = [row for row in read if row["second"]]
            agreed = sum(row["second"] == row["verdict"] for row in again)
            share = f"{good / len(read):.0%}" if read else ""
            cells = [file.relative_to(folder).with_suffix("").as_posix(), draw, kind, len(read), good, bad]
            yield f"| {' | '.join(map(str, [*cells, verdicts['opinion'], share, len(again), agreed]))} |"
    yield ""


def history(file: Path) -> Iterator[str]:
    """What is found of repairs that others made, per repository."""
    yield from (
        "## Queries per element that others repaired",
        "",
        "Commits chosen by their diffs; `benchmarks/history.py FOLDER --record` asks about the state before each and",
        f"about the commit itself (`docs/precision/{file.name}`, and why each is missed). *Cannot*: of those missed,",
        "the ones that the source alone does not show.",
        "",
        "| repository | repairs | asked | found before | cannot | silent after |",
        "|---|---|---|---|---|---|",
    )
    rows = _rows(file)
    names = sorted({row["repository"] for row in rows})
    for name, some in [*((name, [row for row in rows if row["repository"] == name]) for name in names), ("all", rows)]:
        asked = [row for row in some if row["before"]]
        cannot = sum(row["before"] == "missed" and row["cause"].startswith("cannot:") for row in asked)
        found = _share(sum(row["before"] == "found" for row in asked), len(asked))
        silent = _share(sum(row["after"] == "silent" for row in asked), len(asked))
        yield f"| {name} | {len(some)} | {len(asked)} | {found} | {cannot} | {silent} |"
    yield ""


def labels(corpora: Path, folder: Path) -> Iterator[str]:
    """Recall and false-positive rate on places that others judged."""
    entries = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines() if line]
    rules = json.loads(MAPPING.read_text(encoding="utf-8"))
    kinds = sorted({entry["kind"] for entry in entries if rules.get(entry["kind"])})
    unanswered = Counter(entry["kind"] for entry in entries if entry["expect"] and not rules.get(entry["kind"]))
    names = sorted({entry["repo"] for entry in entries if entry["kind"] in kinds})
    missing = [name for name in names if not (corpora / name).is_dir()]
    present = [name for name in names if name not in missing]
    yield from (
        "## Places that others judged",
        "",
        "Each labelled code base reviewed with",
        "`dblint $CORPORA/NAME --isolated --exit-zero --select SELECTION --output sarif=FILE`,",
        "scored together with `score.py --mapping tests/eval/mapping.json --kind KIND`. Most labels lie in tests and",
        "examples, where some rules do not speak: in the rows with the role `app`, each file was given that role",
        "(`--role '**=app'`), so they show what is understood, not what a user is told.",
        "",
        f"Code bases: {', '.join(present)}." + (f" Not at hand: {', '.join(missing)}." if missing else ""),
        "",
        "No rule answers to these kinds yet (places that deserve a finding): "
        + ", ".join(f"{kind} ({count})" for kind, count in sorted(unanswered.items()))
        + ".",
        "",
        "| kind | labels | rules | role | recall | false positives |",
        "|---|---|---|---|---|---|",
    )
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for selection, role in RUNS:
            merged = Path(temporary) / f"{selection}{role}.sarif"
            failures += [
                f"{name} ({selection}{', ' if role else ''}{role})"
                for name in _review_all(corpora, present, selection, role, merged)
            ]
            for kind in kinds:
                chosen = [entry for entry in entries if entry["kind"] == kind and entry["repo"] in present]
                groups = {"all": chosen, "in Python": [entry for entry in chosen if entry.get("lang") == "python"]}
                for sub in sorted({entry["sub"] for entry in chosen if entry.get("sub")}):
                    groups[sub] = [entry for entry in chosen if entry.get("sub") == sub]
                for group, some in groups.items():
                    if group == "in Python" and len(some) in (0, len(chosen)):
                        continue
                    stat = _score(folder, merged, some, Path(temporary))
                    recall, wrong = _share(stat["TP"], stat["P"]), _share(stat["FP"], stat["N"])
                    yield f"| {kind} | {group} | {selection} | {role or 'by path'} | {recall} | {wrong} |"
    yield ""
    if failures:
        yield f"The review failed, and every label counts as silent, in: {', '.join(failures)}."
        yield ""


def _review_all(corpora: Path, names: Sequence[str], selection: str, role: str, target: Path) -> list[str]:
    """One SARIF file for several code bases, its paths relative to the folder that holds them. `role`: given to
    every file, "" for the role that its path says. Gives the names of those whose review failed or took longer than
    it may."""
    runs: list[Any] = []
    failed: list[str] = []
    for name in names:
        part = target.with_name(f"{selection}.part.sarif")
        command = [sys.executable, "-m", "dblint", str(corpora / name), "--isolated", "--exit-zero"]
        command += ["--select", selection, "--output", f"sarif={part}"]
        command += ["--role", f"**={role}"] if role else []
        try:
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST_REVIEW
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            failed.append(name)
            continue
        for run in json.loads(part.read_text(encoding="utf-8"))["runs"]:
            for result in run.get("results", ()):
                for location in result["locations"]:
                    place = location["physicalLocation"]["artifactLocation"]
                    place["uri"] = f"{name}/{place['uri']}"
            runs.append(run)
    target.write_text(json.dumps({"version": "2.1.0", "runs": runs}), encoding="utf-8")
    return failed


def _score(folder: Path, sarif: Path, entries: Sequence[dict[str, Any]], temporary: Path) -> dict[str, int]:
    """The counts over these labels."""
    chosen, output = temporary / "labels.jsonl", temporary / "score.json"
    chosen.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")
    command = [sys.executable, str(folder / "score.py"), str(sarif), "--labels", str(chosen), "--root", "."]
    command += ["--mapping", str(MAPPING), "--json", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for stat in json.loads(output.read_text(encoding="utf-8"))["stat"]:
        if stat["suite"] == "* all" and stat["kind"] == "* all":
            return {key: stat[key] for key in ("P", "TP", "N", "FP")}
    return {"P": 0, "TP": 0, "N": 0, "FP": 0}


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "none"


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _script(name: str, *arguments: str, may_fail: bool = False) -> str:
    command = [sys.executable, str(PROJECT / "benchmarks" / name), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=not may_fail).stdout


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(PROJECT), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
