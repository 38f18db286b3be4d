"""What a Python import's module means: which file of the project, if any."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping

import msgspec

from dblint.link.manifests_python import PythonManifests
from dblint.link.paths import ancestors, generated_folders, parent, shared_depth
from dblint.link.targets import External

# Of the files that can stand for one module the first is meant: code before a stub, a package before a module.
_SUFFIXES = ("/__init__.py", ".py", "/__init__.pyi", ".pyi")
_PACKAGE_FILES = ("__init__.py", "__init__.pyi")
_PROJECT_FILES = ("setup.py", "manage.py")
_STANDARD_LIBRARY = sys.stdlib_module_names - {"test"}  # the interpreter's own tests, which nobody else imports


class _Root(msgspec.Struct, frozen=True):
    """A folder that imports may start from.

    `sure`: it lies above the importer and a manifest stands there or names it. In any other root
    something that has the name of an installed library is not what an absolute import means.
    """

    folder: str
    sure: bool


class PythonModules:
    """Finds the modules of a project's Python files."""

    def __init__(self, paths: Iterable[str], manifests: PythonManifests, generated: Mapping[str, str]) -> None:
        self._dependencies = manifests.dependencies
        self._generated = generated_folders(generated)
        self._modules: dict[str, str] = {}  # path without suffix → file
        self._children: dict[str, set[str]] = {"": set()}  # folder → names of modules and folders in it
        packages: set[str] = set()
        declared = {"", *manifests.roots}
        ranks: dict[str, int] = {}
        for path in paths:
            folder, _, file = path.rpartition("/")
            if file in _PACKAGE_FILES:
                packages.add(folder)
                self._add_folder(folder)
            else:
                if file in _PROJECT_FILES:
                    declared.add(folder)
                self._add_folder(folder)
                self._children[folder].add(file.partition(".")[0])
            for rank, suffix in enumerate(_SUFFIXES):
                if f"/{path}".endswith(suffix):
                    stem = f"/{path}".removesuffix(suffix)[1:]
                    if rank < ranks.get(stem, len(_SUFFIXES)):
                        ranks[stem] = rank
                        self._modules[stem] = path
                    break
        self._packages = packages
        self._roots = self._find_roots(declared)
        self._shared = sorted(folder for folder, root in self._roots.items() if root.sure or self._is_source(folder))
        self._orders: dict[str, tuple[_Root, ...]] = {}
        self._found: dict[tuple[str, str], str | External | None] = {}

    def _add_folder(self, folder: str) -> None:
        """Enters a folder and those above it."""
        children = self._children
        inner = ""
        while folder not in children:
            children[folder] = {inner} if inner else set()
            folder, _, inner = folder.rpartition("/")
        if inner:
            children[folder].add(inner)

    def _find_roots(self, declared: Collection[str]) -> dict[str, _Root]:
        roots = {folder: _Root(folder, True) for folder in declared if folder in self._children}
        for folder in declared:
            source = f"{folder}/src" if folder else "src"
            if source in self._children:
                roots.setdefault(source, _Root(source, False))
        for package in self._packages:
            # A folder that contains a top-level package; one that lies in a package itself is part of it.
            above = parent(package)
            if package and above not in roots and not any(folder in self._packages for folder in ancestors(above)):
                roots[above] = _Root(above, False)
        return roots

    def _is_source(self, folder: str) -> bool:
        return folder.rpartition("/")[2] == "src"

    def resolve(self, importer: str, module: str) -> str | External | None:
        """The project file (or package folder with "/") of a module, or what lies outside; None for a
        relative module that does not exist."""
        key = (parent(importer), module)
        if key in self._found:
            found = self._found[key]
        else:
            found = self._found[key] = self._resolve(key[0], module, "")
        if found == importer and "." not in module and importer.rpartition("/")[2] not in _PACKAGE_FILES:
            # A module does not import itself: `redis.py` that imports `redis` means the library.
            return self._resolve(key[0], module, importer)
        return found

    def _resolve(self, folder: str, module: str, excluded: str) -> str | External | None:
        rest = module.lstrip(".")
        if level := len(module) - len(rest):
            for _ in range(level - 1):
                if not folder:
                    return None
                folder = parent(folder)
            return self._at(folder, rest)
        for root in self._order(folder):
            if rest.partition(".")[0] not in self._children[root.folder] and not self._generated:
                continue
            found = self._at(root.folder, rest)
            if found is None or found == excluded or self._is_library(root, rest, found):
                continue
            return found
        return External(module)

    def _at(self, folder: str, dotted: str) -> str | External | None:
        """The module of that name in the folder."""
        inner = dotted.replace(".", "/")
        path = f"{folder}/{inner}" if folder and inner else folder or inner
        for output, library in self._generated:
            if path == output or path.startswith(f"{output}/"):
                return External(library)
        found = self._modules.get(path)
        if found is None and path in self._children:
            return f"{path}/"
        return found

    def _is_library(self, root: _Root, module: str, found: str | External) -> bool:
        """Whether a library rather than this find in the project is meant."""
        top = module.partition(".")[0]
        folder = f"{root.folder}/{top}" if root.folder else top
        if isinstance(found, External) or (root.sure and (folder in self._packages or folder in self._modules)):
            return False
        # What is left gives way to an installed package of the name; only a file below it is surely meant.
        if top in _STANDARD_LIBRARY or top.lower() in self._dependencies:
            return found.endswith("/") or "." not in module
        return False

    def _order(self, folder: str) -> tuple[_Root, ...]:
        """The roots that an importer in the folder sees, nearest first."""
        order = self._orders.get(folder)
        if order is None:
            chain = list(ancestors(folder))
            near = [self._roots[above] for above in chain if above in self._roots]
            if folder not in self._roots and folder not in self._packages:
                near.insert(0, _Root(folder, False))  # a script finds what lies beside it
            far = [other for other in self._shared if other not in chain]
            far.sort(key=lambda other: -shared_depth(other, folder))
            order = self._orders[folder] = (*near, *(_Root(other, False) for other in far))
        return order

    def submodule(self, path: str, name: str) -> str | None:
        """The module `name` of a package, given by its file or folder; None where there is none."""
        if path.endswith("/"):
            folder = path[:-1]
        elif path.rpartition("/")[2] in _PACKAGE_FILES:
            folder = parent(path)
        else:
            return None
        found = self._at(folder, name)
        return found if isinstance(found, str) else None

    def library_name(self, path: str) -> str | None:
        """The installed package that a top-level folder without `__init__.py` may stand before:
        `alembic/` with migrations in it is no reason why `alembic.op` should not be the library's."""
        if not path.endswith("/"):
            return None
        folder, _, name = path[:-1].rpartition("/")
        return name if folder in self._roots and name and path[:-1] not in self._roots else None
