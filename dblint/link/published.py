"""Which folders hold packages that other programs take functions from, as their manifests say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dblint.link.manifests import mapping_of, read_json
from dblint.link.manifests_python import toml

PYTHON, JAVASCRIPT = "python", "javascript"
ENTRIES = ("main", "module", "exports", "types", "bin")
"""What a package.json names for those who import the package."""
SOURCES = (".ts", ".tsx", ".mts", ".cts")
"""Endings of files that have to be compiled before others can load them."""


def read(manifests: Mapping[str, bytes], files: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Language and folder of every package that can be built or published: a Python project that says how it is built,
    a package.json that is not private and names an entry which Node.js loads. One whose entries are sources in
    TypeScript is for the packages of its own workspace."""
    found: set[tuple[str, str]] = set()
    for path, content in manifests.items():
        folder, _, file = path.rpartition("/")
        if file == "pyproject.toml" and _built(toml(content)):
            found.add((PYTHON, folder))
        elif file == "package.json":
            value = read_json(content)
            if isinstance(value, dict) and value.get("private") is not True and _offers(value):
                found.add((JAVASCRIPT, folder))
    found |= {(PYTHON, path.rpartition("/")[0]) for path in files if path.rpartition("/")[2] == "setup.py"}
    return frozenset(found)


def _offers(value: Mapping[str, Any]) -> bool:
    """Whether a package.json names an entry, and not sources in TypeScript alone that nothing replaces when it is
    published."""
    named: list[str] = []
    pending = [value[key] for key in ENTRIES if key in value]
    given = bool(pending)
    while pending:
        entry = pending.pop()
        if isinstance(entry, str):
            named.append(entry)
        elif isinstance(entry, dict):
            pending += entry.values()
        elif isinstance(entry, list):
            pending += entry
    sources = named and all(name.endswith(SOURCES) and ".d." not in name.rpartition("/")[2] for name in named)
    return given and not (sources and "publishConfig" not in value)


def _built(value: Mapping[str, Any]) -> bool:
    """Whether a pyproject.toml says how the project is built, and not that there is nothing to build (Poetry's
    `package-mode`)."""
    poetry = mapping_of(mapping_of(value.get("tool")).get("poetry"))
    return "build-system" in value and poetry.get("package-mode") is not False
