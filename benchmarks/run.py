"""What a review of a repository costs: seconds and memory per stage, and how many times the floor that is.

    python benchmarks/run.py REPO [--repeat 3] [--json]

- *Stages* (read, extract, link, check): CPU seconds in one process, and the peak of its resident memory when
  the stage ended. A peak never falls, so a stage that needs less than an earlier one shows the earlier one's.
- *Cold*: CPU seconds (user + system, workers included) and peak memory of `dblint REPO --isolated --exit-zero
  --no-cache` as users run it: a new interpreter, imports included. Minimum of the repetitions; the first compiles
  dblint's modules where nothing has yet, as pip does when it installs them.
- *Warm*: CPU seconds of the whole process, and seconds from its start to its end, of `dblint REPO --isolated
  --exit-zero --cache-dir FOLDER` where nothing has changed since the run before, whose cache was empty. Minima.
- *Floor*: CPU seconds to read exactly the files that the review read and to parse with tree-sitter those that
  have a grammar, in one process, imports and grammars loaded before the clock starts. Minimum of the repetitions.
- *Ratio*: (cold - 1.0 s) / floor, of the two minima.
- *Paired*: the same of each cold run and the floor measured right after it; the median of the repetitions. On a
  machine whose speed changes within seconds, the shortest floor is one of its best seconds, and the shortest cold run,
  several times as long, is not: the pairs say what the minima hide.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

START_UP = 1.0
"""CPU seconds that a run may take before it looks at a file."""

_GRAMMARS = {
    ".py": "python",
    ".pyi": "python",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
}


def main() -> None:
    """Measures one repository and prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of the cold run and of the floor [3]")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", choices=("stages", "floor"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only == "stages":
        print(json.dumps(stages(options.repository)))
    elif options.only == "floor":
        print(json.dumps(floor([Path(line) for line in sys.stdin.read().splitlines()])))
    else:
        measured = measure(options.repository, options.repeat)
        print(json.dumps(measured, indent=2) if options.json else table(measured))


def measure(repository: Path, repeat: int) -> dict[str, Any]:
    """All figures of one repository. Raises CalledProcessError where a measured process fails."""
    by_stage = json.loads(_worker("stages", repository))
    files = "\n".join(by_stage.pop("files"))
    cold: list[tuple[float, float]] = []
    floors: list[float] = []
    warm: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as cache:
        _command(repository, "--cache-dir", cache)
        for _ in range(repeat):  # in turns: what slows the machine for a minute slows all of them
            seconds, peak, _ = _command(repository, "--no-cache")
            cold.append((seconds, peak))
            floors.append(json.loads(_worker("floor", repository, files)))
            seconds, _, wall = _command(repository, "--cache-dir", cache)
            warm.append((seconds, wall))
    seconds = min(run[0] for run in cold)
    lowest = min(floors)
    return {
        **by_stage,
        "cold_seconds": round(seconds, 3),
        "cold_peak_megabytes": round(min(run[1] for run in cold), 1),
        "warm_seconds": round(min(run[0] for run in warm), 3),
        "warm_wall_seconds": round(min(run[1] for run in warm), 3),
        "floor_seconds": round(lowest, 3),
        "ratio": round((seconds - START_UP) / lowest, 2) if lowest else None,
        "paired": round(median((run[0] - START_UP) / each for run, each in zip(cold, floors, strict=True)), 2)
        if lowest
        else None,
        "repetitions": repeat,
    }


def _worker(name: str, repository: Path, given: str = "") -> str:
    command = [sys.executable, __file__, str(repository), "--only", name]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


def _command(repository: Path, *options: str) -> tuple[float, float, float]:
    """CPU seconds, peak megabytes and seconds on the clock of the command."""
    command = [sys.executable, "-m", "dblint", str(repository), "--isolated", "--exit-zero", *options]
    begin = time.perf_counter()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=kept)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    wall = time.perf_counter() - begin
    return usage.ru_utime + usage.ru_stime, _megabytes(usage.ru_maxrss), wall


def stages(repository: Path) -> dict[str, Any]:
    """One review in this process, watched from outside: the functions that begin and end its stages are
    wrapped with a clock."""
    pipeline: Any = import_module("dblint.run")
    extraction: Any = import_module("dblint.extraction")
    linking: Any = import_module("dblint.link.project")
    clock = Clock()
    linking.link = clock.around("link", linking.link)
    pipeline.check = clock.around("check", pipeline.check)

    def extracted(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        read = extraction.read
        extraction.read = clock.around("read", read)
        try:
            return iter(clock.around("extract", lambda: [function(task) for task in tasks])())
        finally:
            extraction.read = read

    begin = time.process_time()
    result = pipeline.run(pipeline.Request(paths=[str(repository)], isolated=True, mapper=extracted))
    total = time.process_time() - begin
    failed = [item.message for item in result.report.diagnostics if item.kind == "internal-error"]
    root = result.analysis.workspace.root
    files = [str(root / path) for path, file in result.analysis.files.items() if file.digest]
    clock.seconds["extract"] -= clock.seconds["read"]
    return {
        "repository": repository.name,
        "files": files,
        "file_count": len(files),
        "megabytes": round(sum(os.path.getsize(file) for file in files) / 1e6, 2),  # noqa: PTH202 - many files
        "stages": {
            name: {"seconds": round(clock.seconds[name], 3), "peak_megabytes": round(clock.peaks[name], 1)}
            for name in ("read", "extract", "link", "check")
            if name in clock.seconds
        },
        "other_seconds": round(total - sum(clock.seconds.values()), 3),
        "findings": len(result.report.findings),
        "calls": result.report.summary.calls,
        "unresolved": result.report.summary.unresolved,
        "internal_errors": failed,
    }


class Clock:
    """CPU seconds and peak memory by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.peaks: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added to `name`."""

        def timed(*arguments: Any, **keywords: Any) -> Any:
            begin = time.process_time()
            try:
                return function(*arguments, **keywords)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - begin
                self.peaks[name] = _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

        return timed


def floor(files: list[Path]) -> float:
    """CPU seconds to read these files and to parse those that have a grammar."""
    import tree_sitter_javascript
    import tree_sitter_python
    import tree_sitter_typescript
    from tree_sitter import Language, Parser

    parsers = {
        "python": Parser(Language(tree_sitter_python.language())),
        "typescript": Parser(Language(tree_sitter_typescript.language_typescript())),
        "tsx": Parser(Language(tree_sitter_typescript.language_tsx())),
        "javascript": Parser(Language(tree_sitter_javascript.language())),
    }
    begin = time.process_time()
    for file in files:
        data = file.read_bytes()
        grammar = _GRAMMARS.get(file.suffix.lower())
        if grammar is not None:
            parsers[grammar].parse(data)
    return time.process_time() - begin


def _megabytes(kilobytes: int) -> float:
    """What getrusage gives, which is bytes on macOS and kilobytes elsewhere."""
    return kilobytes / 1e6 if sys.platform == "darwin" else kilobytes / 1e3


def table(measured: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [
        f"{measured['repository']}: {measured['file_count']} files, {measured['megabytes']} MB",
        f"{'stage':10}{'CPU s':>10}{'peak MB':>10}",
    ]
    for name, stage in measured["stages"].items():
        lines.append(f"{name:10}{stage['seconds']:>10.3f}{stage['peak_megabytes']:>10.1f}")
    lines += [
        f"{'cold':10}{measured['cold_seconds']:>10.3f}{measured['cold_peak_megabytes']:>10.1f}",
        f"{'warm':10}{measured['warm_seconds']:>10.3f}    {measured['warm_wall_seconds']:.3f} s on the clock",
        f"{'floor':10}{measured['floor_seconds']:>10.3f}",
        f"(cold - {START_UP} s) / floor = {measured['ratio']}, in pairs {measured['paired']}",
        f"{measured['calls']} calls resolved, {measured['unresolved']} not; {measured['findings']} findings",
    ]
    lines += [f"failed inside: {message}" for message in measured["internal_errors"]]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
