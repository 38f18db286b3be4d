"""The validators of SARIF: the JSON schema that Microsoft's sarif-multitool brings, and the tool itself with its rules
for GitHub's ingestion. The tool exits 0 whatever it finds, so the report that it writes is read."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tests.oracles import npm

_PLATFORMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
_NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
"""The tool asks for the schema's address, and waits. What it has to say of that is a note."""
SECONDS = 300


def folder() -> Path:
    """Return the folder of the package for this platform."""
    return npm.install(npm.HERE / "sarif") / "node_modules/@microsoft" / f"sarif-multitool-{_PLATFORMS[sys.platform]}"


def schema() -> dict[str, Any]:
    """Return the JSON schema of SARIF 2.1.0."""
    document: dict[str, Any] = json.loads((folder() / "sarif-2.1.0.json").read_text("utf-8-sig"))
    return document


def validate(documents: Mapping[str, str], scratch: Path) -> dict[str, list[tuple[str, str]]]:
    """Return what the tool has to say of each document: the level and the id of its rule, sorted, notes left out."""
    tool = folder() / ("Sarif.Multitool.exe" if sys.platform == "win32" else "Sarif.Multitool")
    if not tool.stat().st_mode & stat.S_IXUSR:  # npm sets this in a script, and no script is run
        tool.chmod(0o755)
    targets = {}
    for name, text in documents.items():
        targets[name] = scratch / f"{name}.sarif"
        targets[name].write_text(text, encoding="utf-8")
    told = scratch / "told.json"
    command = [str(tool), "validate", *map(str, targets.values()), "--rule-kind", "Sarif;Gh"]
    command += ["--level", "Error;Warning", "-o", str(told), "--log", "ForceOverwrite"]
    environment = {**os.environ, **_NO_NETWORK}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment)
    if not told.exists():
        message = f"sarif-multitool wrote no report:\n{done.stdout}{done.stderr}"
        raise npm.OracleMissingError(message)
    answers: dict[str, list[tuple[str, str]]] = {name: [] for name in documents}
    for run in json.loads(told.read_text("utf-8-sig"))["runs"]:
        assert run["invocations"][0]["executionSuccessful"] is True
        for result in run["results"]:
            place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            name = Path(unquote(urlparse(place).path)).stem
            answers[name].append((result.get("level", "warning"), result["ruleId"]))
    return {name: sorted(set(found)) for name, found in answers.items()}
