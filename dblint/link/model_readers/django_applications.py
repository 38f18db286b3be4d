"""Django's applications: which one a model belongs to, and the model that a written name means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.link.model_readers import assigned, string
from dblint.link.targets import Definition
from dblint.link.values import Class, LibraryClass, ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

MARKER = "INSTALLED_APPS"
"""A module that binds this name holds settings."""
CONFIGURATION = "apps.py"
MARKS = (CONFIGURATION, "migrations/__init__.py")
"""A folder with one of these is an application's, and so is what lies below it."""
MODULE = "models.py"
PACKAGE = "models"
"""Where an application's models stand: a module, or a package whose modules may be called like it. Parts of an
application may have such modules too, so that they count only where nothing above is said to be an application."""

_LISTS = frozenset({Kind.LIST, Kind.TUPLE, Kind.SET, Kind.SPREAD, Kind.BINARY, Kind.CONDITIONAL})


class Applications:
    """The applications of a project. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.quiet: Callable[[str], bool] = lambda _: False
        """Which files are none of the application's own: their settings count for nobody."""
        self._homes: dict[str, str] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._modules: dict[str, list[str]] = {}
        self._classes: dict[str, list[ProjectClass]] | None = None
        self._packaged: dict[tuple[str, str], LibraryClass] | None = None
        self._installed: dict[str, ProjectClass | None] | None = None

    def label(self, path: str) -> str:
        """The label of the application that a file belongs to: what its configuration says, else its folder's name."""
        home = self.home(path)
        return self.configured(path, "label") or home.rpartition("/")[2] or path.removesuffix(".py")

    def home(self, path: str) -> str:
        """The folder of the application that a file belongs to."""
        folder = path.rpartition("/")[0]
        found = self._homes.get(folder)
        if found is None:
            found = self._homes[folder] = self._home(folder)
        return found

    def _home(self, folder: str) -> str:
        files, installed = self.evaluator.files, self.installed()
        current, weak = folder, ""
        while current:
            if current in installed or any(f"{current}/{mark}" in files for mark in MARKS):
                return current
            module = current.rpartition("/")[2] != PACKAGE and f"{current}/{MODULE}" in files
            if not weak and (module or f"{current}/{PACKAGE}/__init__.py" in files):
                weak = current
            current = current.rpartition("/")[0]
        return weak or folder

    def installed(self) -> Mapping[str, ProjectClass | None]:
        """The folders of the applications that the settings install, each with its configuration where the settings
        name that; what cannot be read there is left out."""
        if self._installed is None:
            self._installed = {}
            for path, node in self.setting(MARKER, MARKER):
                for name in self._listed(path, node):
                    folder, configuration = self._application(path, name)
                    if folder and self._installed.get(folder) is None:
                        self._installed[folder] = configuration
        return self._installed

    def _listed(self, path: str, node: int) -> Iterator[str]:
        """The texts in a list, in lists that are added up or chosen from, and in those that names stand for."""
        pending, seen = [(path, node)], {(path, node)}
        while pending:
            file, current = pending.pop()
            tree = self.evaluator.tree(file)
            kind = tree.kinds[current]
            inner: list[tuple[str, int]] = []
            if kind == Kind.STRING:
                yield tree.value(current)
            elif kind == Kind.NAME:
                target = self.evaluator.names.binding(file, tree.value(current))
                if isinstance(target, Definition):
                    other = self.evaluator.tree(target.path)
                    inner = [
                        (target.path, other.child(binding, Role.VALUE))
                        for binding in target.nodes
                        if other.kinds[binding] == Kind.ASSIGN and other.child(binding, Role.VALUE) >= 0
                    ]
            elif kind == Kind.CALL:
                inner = [(file, argument) for argument in tree.with_role(current, Role.ARGUMENT)]
            elif kind in _LISTS:
                inner = [(file, child) for child in tree.children(current) if tree.roles[child] != Role.CONDITION]
            pending += [one for one in reversed(inner) if one not in seen]
            seen.update(inner)

    def _application(self, path: str, name: str) -> tuple[str, ProjectClass | None]:
        """The folder of the application that the settings call `name`, a package or a class that configures one."""
        folder = self._folder(path, name)
        if folder:
            return folder, None
        module, _, word = name.rpartition(".")
        found = self.evaluator.names.module(path, module) if module else None
        target = self.evaluator.names.export(found, word) if isinstance(found, str) else None
        if not isinstance(target, Definition) or not target.path.endswith(".py"):
            return "", None
        node = target.nodes[-1]
        if self.evaluator.tree(target.path).kinds[node] != Kind.CLASS:
            return "", None
        configuration = ProjectClass(target.path, node)
        named = self._folder(target.path, string(self.evaluator, configuration, "name"))
        return named or target.path.rpartition("/")[0], configuration

    def _folder(self, path: str, package: str) -> str:
        """The folder of a package of the project, "" where there is none."""
        found = self.evaluator.names.module(path, package) if package else None
        if not isinstance(found, str):
            return ""
        folder, _, file = found.rpartition("/")
        return folder if file in ("", "__init__.py") else ""

    def configured(self, path: str, name: str) -> str:
        """A text that the configuration of a file's application says, or ""."""
        return self.configured_at(self.home(path), name)

    def configured_at(self, home: str, name: str) -> str:
        """A text that the configuration of the application in a folder says, or ""."""
        found = self._texts.get((home, name))
        if found is None:
            chosen = self.installed().get(home)
            configuration = f"{home}/{CONFIGURATION}" if home else CONFIGURATION
            facts = self.evaluator.files.get(configuration)
            classes = [ProjectClass(configuration, node) for node in (facts.interface.classes if facts else ())]
            texts = (string(self.evaluator, cls, name) for cls in ([chosen] if chosen is not None else classes))
            found = self._texts[home, name] = next((text for text in texts if text), "")
        return found

    def label_of(self, model: ProjectClass) -> str:
        """The label of a model's application; its `Meta` may say another than its folder."""
        meta = self.meta(model)
        written = string(self.evaluator, meta, "app_label") if meta is not None else ""
        return written or self.label(model.path)

    def meta(self, model: ProjectClass) -> ProjectClass | None:
        """The class `Meta` that a model declares itself."""
        interface = self.evaluator.files[model.path].interface.classes.get(model.node)
        for node in interface.members.get("Meta", ()) if interface is not None else ():
            if self.evaluator.tree(model.path).kinds[node] == Kind.CLASS:
                return ProjectClass(model.path, node)
        return None

    def abstract(self, model: ProjectClass) -> bool:
        """Whether a model has no table of its own, for its subclasses only."""
        meta = self.meta(model)
        if meta is None:
            return False
        value = assigned(self.evaluator, meta, "abstract")
        tree = self.evaluator.tree(meta.path)
        return value >= 0 and tree.kinds[value] == Kind.CONSTANT and tree.value(value) == "true"

    def model(self, label: str, name: str) -> Class | None:
        """The concrete model `label.name`, of the project or of a package that a table describes; case counts
        for the label only. None: no such model is known."""
        for candidate in self._named(name.lower()):
            if self.label_of(candidate) == label and not self.abstract(candidate) and self._declares(candidate):
                return candidate
        return self._packages().get((label, name.lower()))

    def _declares(self, cls: ProjectClass) -> bool:
        evaluator = self.evaluator
        return any(evaluator.tables.types[base.name].declares for base in evaluator.classes.library_types(cls))

    def _named(self, name: str) -> list[ProjectClass]:
        if self._classes is None:
            self._classes = {}
            for path in sorted(self.evaluator.files):
                if self.evaluator.javascript(path):
                    continue
                tree = self.evaluator.tree(path)
                for node, interface in self.evaluator.files[path].interface.classes.items():
                    if tree.kinds[tree.parents[node]] == Kind.MODULE and interface.bases:
                        self._classes.setdefault(interface.name.lower(), []).append(ProjectClass(path, node))
        return self._classes.get(name, [])

    def _packages(self) -> dict[tuple[str, str], LibraryClass]:
        """Models that tables describe: they live in `package.label.models.Name`."""
        if self._packaged is None:
            self._packaged = {}
            for full, row in self.evaluator.tables.types.items():
                for path in row.path[:1] if row.table else ():
                    *_, label, module, name = ("", "", *path.split("."))
                    if module == "models":
                        self._packaged[label, name.lower()] = LibraryClass(full)
        return self._packaged

    def packaged(self) -> dict[tuple[str, str], str]:
        """The tables of the models that library tables describe, by label and name in lower case."""
        types = self.evaluator.tables.types
        return {key: types[cls.name].table for key, cls in self._packages().items()}

    # Settings

    def setting(self, marker: str, name: str) -> Sequence[tuple[str, int]]:
        """The values that the project's settings give to `name`: file and expression. A module that binds
        `marker` holds settings."""
        if marker not in self._modules:
            files = self.evaluator.files
            self._modules[marker] = [
                path
                for path in sorted(files)
                if marker in files[path].interface.names and not self.evaluator.javascript(path)
            ]
        found: list[tuple[str, int]] = []
        for path in self._modules[marker]:
            if self.quiet(path):
                continue
            tree = self.evaluator.tree(path)
            for node in self.evaluator.files[path].interface.names.get(name, ()):
                value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
                if value >= 0:
                    found.append((path, value))
        return found
