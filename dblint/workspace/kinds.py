"""Which files matter: source that is read for facts, and manifests that say something about the environment."""

from __future__ import annotations

import re
from fnmatch import translate

SOURCE_SUFFIXES = frozenset(
    (".py", ".pyi", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".sql", ".prisma")
)
"""Endings of the files that a front end reads."""

TEMPLATE_SUFFIXES = frozenset((".html", ".htm", ".jinja", ".jinja2", ".j2"))
"""Endings of templates, which are read where a folder of `TEMPLATE_FOLDERS` is around them."""

TEMPLATE_FOLDERS = frozenset(("templates", "jinja2", "jinja"))
"""Folders in which frameworks look for templates."""

SCRIPT_SUFFIXES = frozenset((".js", ".jsx", ".mjs", ".cjs"))
"""Endings that bundlers write."""

DEPENDENCY_FOLDERS = {
    "node_modules": "installed by npm, pnpm and yarn",
    "bower_components": "installed by bower",
    "jspm_packages": "installed by jspm",
    ".yarn": "yarn's own cache and releases",
    ".pnpm-store": "pnpm's store",
    "site-packages": "installed by pip",
    "dist-packages": "installed by Debian's Python",
    "__pypackages__": "installed by PDM",
    ".venv": "a virtual environment",
    "venv": "a virtual environment",
    ".tox": "tox's virtual environments",
    ".nox": "nox's virtual environments",
    ".eggs": "fetched by setuptools",
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    "__pycache__": "compiled Python",
    ".mypy_cache": "a tool's cache",
    ".ruff_cache": "a tool's cache",
    ".pytest_cache": "a tool's cache",
    ".turbo": "a tool's cache",
    ".next": "built by Next.js",
    ".nuxt": "built by Nuxt",
    ".svelte-kit": "built by SvelteKit",
}
"""Folders that are never walked, tracked or not, and why. `vendor` is not here: what is vendored is committed
and imported from there, so it is read for facts, and its role keeps findings away."""

VIRTUAL_ENVIRONMENT_MARK = "pyvenv.cfg"
"""A folder that holds this file is a virtual environment, whatever its name."""

_MANIFESTS = (
    "package.json",
    "tsconfig*.json",
    "jsconfig*.json",
    "pnpm-workspace.yaml",
    "lerna.json",
    "deno.json",
    "deno.jsonc",
    "ormconfig.*",
    "drizzle.config.*",
    "prisma.config.*",
    ".sequelizerc",
    "migration_lock.toml",
    "_journal.json",
    "pyproject.toml",
    "setup.cfg",
    "pipfile",
    "requirements*.txt",
    "requirements*.in",
    "alembic.ini",
    "dbt_project.yml",
    "sqlc.yaml",
    "sqlc.yml",
)
_MANIFEST = re.compile("|".join(map(translate, _MANIFESTS)))


def is_source(path: str) -> bool:
    """Whether a front end reads files of this name."""
    name = path.rpartition("/")[2].lower()
    dot = name.rfind(".")
    if dot >= 0 and name[dot:] in TEMPLATE_SUFFIXES:
        return not TEMPLATE_FOLDERS.isdisjoint(path.split("/")[:-1])
    return dot >= 0 and name[dot:] in SOURCE_SUFFIXES


def is_manifest(path: str) -> bool:
    """Whether a file of this name says something about the environment."""
    folder, _, name = path.lower().rpartition("/")
    if _MANIFEST.match(name):
        return True
    return name.endswith((".txt", ".in")) and folder.rpartition("/")[2] == "requirements"


def in_dependency_folder(path: str) -> bool:
    """Whether a folder on the path (not the file's own name) holds what others installed or built."""
    return any(segment in DEPENDENCY_FOLDERS for segment in path.split("/")[:-1])


def is_minified(path: str, data: bytes) -> bool:
    """Whether a script was written by a bundler: nearly all of it stands on very long lines of code.

    A long line of data (an encoded image) is no code: its lines hold hardly any brackets or semicolons.
    """
    name = path.rpartition("/")[2].lower()
    if name[name.rfind(".") :] not in SCRIPT_SUFFIXES:
        return False
    if ".min." in name:
        return True
    if len(data) < 20_000 or data.count(b"\n") > len(data) // 200:
        return False
    long_lines = [line for line in data.split(b"\n") if len(line) > 1_000]
    size = sum(map(len, long_lines))
    if size < 0.8 * len(data):
        return False
    marks = sum(line.count(mark) for line in long_lines for mark in (b"(", b")", b";", b"="))
    return marks > 0.03 * size
