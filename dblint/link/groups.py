"""Which of a manifest's requirements are for development only: its tests, its linters, its documentation."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Mapping

from dblint.link.manifests import mapping_of, read_json, strings_of
from dblint.link.manifests_python import distribution

_DEVELOPMENT = frozenset(
    "dev develop development devel test tests testing qa lint linting linters lints format formatting typing types "
    "typecheck mypy ci doc docs documentation local debug bench benchmark benchmarks tooling tools".split()
)
"""What groups of requirements, and files of them, are called that nobody deploys."""
_SEPARATORS = re.compile(r"[-_./\s]+")
_Groups = list[tuple[bool, Iterable[str]]]


def is_requirements(path: str) -> bool:
    """Whether it is one of the files in a folder `requirements`."""
    return path.endswith((".txt", ".in")) and path.rpartition("/")[0].rpartition("/")[2] == "requirements"


def for_development(path: str, content: bytes) -> frozenset[str]:
    """The distributions that a manifest requires for development and for nothing else: names of Python's in their
    normal form, those of npm as they are written."""
    name = path.rpartition("/")[2]
    if name == "package.json":
        value = mapping_of(read_json(content))
        aside = set(mapping_of(value.get("devDependencies")))
        needed = ("dependencies", "peerDependencies", "optionalDependencies")
        return frozenset(aside.difference(*(mapping_of(value.get(group)) for group in needed)))
    text = content.decode("utf-8-sig", errors="replace")
    if name == "pyproject.toml":
        groups = _pyproject(_toml(text))
    elif name == "Pipfile":
        value = _toml(text)
        groups = [(False, mapping_of(value.get("packages"))), (True, mapping_of(value.get("dev-packages")))]
    elif name == "setup.cfg":
        groups = _configuration(text)
    elif name.endswith((".txt", ".in")):
        groups = [(_is_development(name.rpartition(".")[0]), text.splitlines())]
    else:
        return frozenset()
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for development, required in groups:
        found[development].update(filter(None, map(distribution, required)))
    return frozenset(found[True] - found[False])


def _is_development(name: str) -> bool:
    return not _DEVELOPMENT.isdisjoint(_SEPARATORS.split(name.lower()))


def _toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _pyproject(value: Mapping[str, object]) -> _Groups:
    project, tool = mapping_of(value.get("project")), mapping_of(value.get("tool"))
    poetry = mapping_of(tool.get("poetry"))
    groups: _Groups = [
        (False, strings_of(project.get("dependencies"))),
        (False, mapping_of(poetry.get("dependencies"))),
        (True, mapping_of(poetry.get("dev-dependencies"))),
        (True, strings_of(mapping_of(tool.get("uv")).get("dev-dependencies"))),
    ]
    for of_group in (
        mapping_of(project.get("optional-dependencies")),
        mapping_of(value.get("dependency-groups")),
        mapping_of(mapping_of(tool.get("pdm")).get("dev-dependencies")),
    ):
        groups += [(_is_development(name), strings_of(required)) for name, required in of_group.items()]
    for name, settings in mapping_of(poetry.get("group")).items():
        groups.append((_is_development(name), mapping_of(mapping_of(settings).get("dependencies"))))
    return groups


def _configuration(text: str) -> _Groups:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    groups: _Groups = [
        (False, parser.get("options", "install_requires", fallback="").splitlines()),
        (True, parser.get("options", "tests_require", fallback="").splitlines()),
    ]
    if parser.has_section("options.extras_require"):
        extras = parser.items("options.extras_require")
        groups += [(_is_development(name), lines.splitlines()) for name, lines in extras]
    return groups
