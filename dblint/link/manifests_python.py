"""Reading the files that say how Python modules are found: pyproject.toml, setup.cfg, requirements and their like."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dblint.link.manifests import mapping_of, strings_of
from dblint.link.paths import join, parent

_DISTRIBUTION_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")


class PythonManifests(msgspec.Struct, frozen=True):
    """What a project's Python manifests say about its modules."""

    roots: frozenset[str]
    """Folders that hold a manifest, or are named by one as the folder of the source."""
    dependencies: frozenset[str]
    """Distributions that the project installs and does not hold: lower case, with "_" for "-" and "."."""


def read_python_manifests(manifests: Mapping[str, bytes]) -> PythonManifests:
    """Reads pyproject.toml, setup.cfg, pytest.ini, tox.ini, Pipfile and requirements files."""
    roots: set[str] = set()
    dependencies: set[str] = set()
    own: set[str] = set()
    for path, content in manifests.items():
        folder, _, file = path.rpartition("/")
        named: Iterable[str] = ()
        required: Iterable[str] = ()
        if file == "pyproject.toml":
            roots.add(folder)
            name, named, required = _pyproject(content)
            own.add(distribution(name))
        elif file in ("setup.cfg", "pytest.ini", "tox.ini"):
            if file == "setup.cfg":
                roots.add(folder)
            name, named, required = _configuration_file(content)
            own.add(distribution(name))
        elif file == "Pipfile":
            value = toml(content)
            required = [*mapping_of(value.get("packages")), *mapping_of(value.get("dev-packages"))]
        elif file.endswith((".txt", ".in")) and "requirements" in path:
            required = content.decode("utf-8-sig", errors="replace").splitlines()
        roots.update(root for name in named if (root := join(folder, name)) is not None)
        dependencies.update(name for line in required if (name := distribution(line)))
    return PythonManifests(frozenset(roots), frozenset(dependencies - own))


def distribution(requirement: str) -> str:
    """The normal form of the name that a requirement begins with; "" where there is none."""
    text = requirement.strip().lower()
    length = 0
    while length < len(text) and text[length] in _DISTRIBUTION_NAME:
        length += 1
    name = text[:length].replace("-", "_").replace(".", "_")
    return "" if name.startswith("_") else name


def _above_package(folder: str, package: str) -> str:
    """The source folder that an entry of `package-dir` means: `{"a.b": "lib/a/b"}` means `lib`."""
    inner = "/" + package.replace(".", "/")
    return f"/{folder}".removesuffix(inner)[1:] if package else folder


def toml(content: bytes) -> Mapping[str, Any]:
    """The table that a TOML text holds; an empty one where it cannot be read."""
    try:
        return tomllib.loads(content.decode("utf-8-sig", errors="replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _pyproject(content: bytes) -> tuple[str, list[str], list[str]]:
    """Name, source folders and requirements of a pyproject.toml."""
    value = toml(content)
    tool = mapping_of(value.get("tool"))

    def table(*keys: str) -> Mapping[str, Any]:
        current = tool
        for key in keys:
            current = mapping_of(current.get(key))
        return current

    roots = [
        _above_package(folder, package)
        for package, folder in table("setuptools", "package-dir").items()
        if isinstance(folder, str)
    ]
    roots += strings_of(table("setuptools", "packages", "find").get("where"))
    roots += strings_of(table("pytest", "ini_options").get("pythonpath"))
    roots += strings_of(table("pdm", "build").get("package-dir"))
    roots += strings_of(table("maturin").get("python-source"))
    roots += strings_of(table("pyright").get("extraPaths"))
    roots += strings_of(table("hatch", "build", "targets", "wheel").get("sources"))
    roots += [parent(package) for package in strings_of(table("hatch", "build", "targets", "wheel").get("packages"))]
    roots += [
        where for path in strings_of(table("mypy").get("mypy_path")) for where in path.replace(",", ":").split(":")
    ]
    packages = table("poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        roots += strings_of(mapping_of(package).get("from"))

    project = mapping_of(value.get("project"))
    required = list(strings_of(project.get("dependencies")))
    for group in (mapping_of(project.get("optional-dependencies")), mapping_of(value.get("dependency-groups"))):
        for requirements in group.values():
            required += strings_of(requirements)
    poetry = table("poetry")
    required += mapping_of(poetry.get("dependencies"))
    for settings in mapping_of(poetry.get("group")).values():
        required += mapping_of(mapping_of(settings).get("dependencies"))
    name = project.get("name") or poetry.get("name")
    return name if isinstance(name, str) else "", roots, required


def _configuration_file(content: bytes) -> tuple[str, list[str], list[str]]:
    """Name, source folders and requirements of a setup.cfg, pytest.ini or tox.ini."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content.decode("utf-8-sig", errors="replace"))
    except configparser.Error:
        return "", [], []
    roots: list[str] = []
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, equals, folder = line.partition("=")
        if equals:
            roots.append(_above_package(folder.strip(), package.strip()))
    for section, option in (
        ("options.packages.find", "where"),
        ("tool:pytest", "pythonpath"),
        ("pytest", "pythonpath"),
    ):
        roots += parser.get(section, option, fallback="").split()
    required = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        for _, lines in parser.items("options.extras_require"):
            required += lines.splitlines()
    return parser.get("metadata", "name", fallback=""), roots, required
