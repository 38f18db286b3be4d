"""What names mean across files: imports followed to definitions, through re-exports, packages and aliases."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

import msgspec

from dblint.facts.tree import Export, FileFacts, Import, Kind, Role, Tree
from dblint.link.manifests import ScriptManifests
from dblint.link.manifests_python import read_python_manifests
from dblint.link.modules_python import PythonModules
from dblint.link.modules_typescript import ScriptModules
from dblint.link.targets import Definition, External, Module, Target, python_external

__all__ = ["Definition", "External", "Module", "Names", "Target"]

_BUILTINS = frozenset(dir(builtins))
_Step: TypeAlias = tuple[str, str, bool]
"""File, name, and whether it is asked for from outside (an export) or inside (a binding)."""


class _Otherwise(msgspec.Struct, frozen=True):
    """What is meant if no other way leads anywhere: a name of a library that a file passes on as a whole."""

    target: Target


_Way: TypeAlias = _Step | Target | _Otherwise


class _File:
    """A file's interface, indexed by name."""

    def __init__(self, facts: FileFacts) -> None:
        interface = facts.interface
        self.path = facts.path
        self.python = facts.language == "python"
        self.tree = Tree(facts.body)
        self.names = interface.names
        self.imports: dict[str, Import] = {}
        self.stars: list[Import] = []
        """Imports that bind every public name of their module, in order."""
        for one in interface.imports:
            if not self._at_module_level(one.node):
                continue
            if one.local:
                before = self.imports.get(one.local)
                if before is None or not self._stands_in(one.node) or self._stands_in(before.node):
                    self.imports[one.local] = one
            elif one.name == "*":
                self.stars.append(one)
        self.exports: dict[str, Export] = {}
        self.exported: list[str] = []
        """Modules that are re-exported as a whole, in order."""
        for export in interface.exports:
            if export.name == "*":
                self.exported.append(export.module)
            else:
                self.exports[export.name] = export

    def _at_module_level(self, node: int) -> bool:
        tree = self.tree
        return not any(tree.kinds[above] in (Kind.FUNCTION, Kind.CLASS) for above in tree.ancestors(node))

    def _stands_in(self, node: int) -> bool:
        """Whether a binding counts only if another one did not happen: in a handler or an `else`."""
        tree = self.tree
        while node > 0:
            above = tree.parents[node]
            if tree.roles[node] == Role.CATCH or (tree.roles[node] == Role.ELSE and tree.kinds[above] == Kind.IF):
                return True
            node = above
        return False

    def is_replacement(self, nodes: tuple[int, ...], imported: Import) -> bool:
        """Whether definitions only stand in for an import of the same name (`except ImportError: x = None`), also for
        one that comes after them (`x = None`, `if wanted: import x`)."""
        if all(node < imported.node and self._is_nothing(node) for node in nodes):
            return True
        return not self._stands_in(imported.node) and all(self._stands_in(node) for node in nodes)

    def _is_nothing(self, node: int) -> bool:
        """Whether a binding assigns a constant (`x = None`)."""
        tree = self.tree
        value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
        return value >= 0 and tree.kinds[value] == Kind.CONSTANT

    @cached_property
    def module_value(self) -> int:
        """The expression that is assigned to `module.exports`; -1 where there is none."""
        export = self.exports.get("default")
        tree = self.tree
        node = export.node if export is not None else -1
        above = tree.parents[node] if node >= 0 else -1
        while above >= 0 and tree.kinds[above] == Kind.ASSIGN:
            target = tree.child(above, Role.TARGET)
            if target >= 0 and tree.kinds[target] in (Kind.ATTRIBUTE, Kind.NAME) and tree.value(target) == "exports":
                return node
            above = tree.parents[above]
        return -1

    def required(self, node: int) -> str:
        """The module that `require("m")` names; "" for any other expression."""
        tree = self.tree
        if tree.kinds[node] != Kind.CALL:
            return ""
        callee, argument = tree.child(node, Role.CALLEE), tree.child(node, Role.ARGUMENT)
        if callee < 0 or argument < 0 or tree.kinds[callee] != Kind.NAME or tree.value(callee) != "require":
            return ""
        return tree.value(argument) if tree.kinds[argument] == Kind.STRING else ""

    @cached_property
    def public(self) -> frozenset[str] | None:
        """The names that `__all__` lists; None where there is no `__all__` or it cannot be read."""
        nodes = self.names.get("__all__")
        if not nodes:
            return None
        tree = self.tree
        listed: set[str] = set()
        for node in nodes:
            pending = [tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1]
            while pending:
                value = pending.pop()
                kind = tree.kinds[value] if value >= 0 else Kind.OPAQUE
                if kind == Kind.STRING:
                    listed.add(tree.value(value))
                elif kind in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.BINARY):
                    pending.extend(tree.children(value))
                else:
                    return None
        return frozenset(listed)


class Names:
    """Module graph of a project. Answers do not depend on the order of files or questions."""

    def __init__(
        self, files: Mapping[str, FileFacts], manifests: Mapping[str, bytes], generated: Mapping[str, str]
    ) -> None:
        """`files`: path → facts. `manifests`: path → content of package.json, tsconfig.json, pyproject.toml and
        their like. `generated`: folder that a code generator writes → the library that it stands for.
        Paths are relative to the project root, with "/"."""
        self._files = files
        self._indexed: dict[str, _File] = {}
        self._barrels: dict[str, tuple[dict[str, str], External | None]] = {}
        self._found: dict[_Step, Target | None] = {}
        python = [path for path, facts in files.items() if facts.language == "python"]
        scripts = [path for path, facts in files.items() if facts.language != "python"]
        self._python = PythonModules(python, read_python_manifests(manifests), generated)
        self._scripts = ScriptModules(scripts, ScriptManifests(manifests), generated)

    def module(self, importer: str, module: str) -> str | External | None:
        """What an import string means in a file: a path of the project (see `Module.path`), something outside,
        or None for a path of the project that is not there."""
        if self._files[importer].language == "python":
            return self._python.resolve(importer, module)
        return self._scripts.resolve(importer, module)

    def package(self, module: str) -> str | None:
        """The Python file, or folder (see `Module.path`), that a module's absolute name means in the project's root;
        None where that is no file of the project."""
        found = self._python.resolve("", module)
        return found if isinstance(found, str) else None

    def binding(self, path: str, name: str) -> Target | None:
        """A module-level name as the file itself sees it. Its own definitions come before its imports, except
        definitions that only stand in for an import that failed."""
        return self._answer((path, name, False))

    def export(self, path: str, name: str) -> Target | None:
        """A name as other files see it; "default" for the default export. In Python that is any module-level
        name, a name bound by a star import, or a submodule of a package. `path` may be a package's folder."""
        return self._answer((path, name, True))

    def imports(self, path: str, name: str) -> bool:
        """Whether a module imports something under a name."""
        return name in (self._indexed.get(path) or self._file(path)).imports

    def replaces(self, path: str, name: str, nodes: tuple[int, ...]) -> bool:
        """Whether definitions of a module only stand in for its import of the same name."""
        file = self._file(path)
        imported = file.imports.get(name) if file.python else None
        return imported is not None and file.is_replacement(nodes, imported)

    def imported(self, path: str, imported: Import) -> Target | None:
        """What an import of the file binds, wherever it stands; for a star import the module that it reads."""
        followed = self._followed(self._file(path), imported)
        return self._answer(followed) if isinstance(followed, tuple) else followed

    def whole(self, path: str) -> int:
        """The expression that a script's `module.exports` is; -1 where it says each export by itself."""
        return self._file(path).module_value

    def attribute(self, target: Target, name: str) -> Target | None:
        """`target.name` for a module or something outside; a definition's attributes are not names of a module."""
        if isinstance(target, Module):
            return self.export(target.path, name)
        return target.attribute(name) if isinstance(target, External) else None

    def _file(self, path: str) -> _File:
        file = self._indexed.get(path)
        if file is None:
            file = self._indexed[path] = _File(self._files[path])
        return file

    def _answer(self, question: _Step) -> Target | None:
        if question not in self._found:
            self._found[question] = self._search(question)
        return self._found[question]

    def _search(self, question: _Step) -> Target | None:
        """Follows a name from file to file, depth first, each step once."""
        pending: list[_Way] = [question]
        seen: set[_Step] = set()
        otherwise: Target | None = None
        while pending:
            way = pending.pop()
            if isinstance(way, _Otherwise):
                otherwise = otherwise or way.target
            elif not isinstance(way, tuple):
                return way
            elif way not in seen:
                seen.add(way)
                pending.extend(reversed(list(self._ways(way))))
        return otherwise

    def _ways(self, step: _Step) -> Iterator[_Way]:
        """Where a step leads, the likeliest first."""
        path, name, exported = step
        if path.endswith("/"):
            return self._in_folder(path, name)
        file = self._file(path)
        if file.python:
            return self._in_python(file, name, exported)
        return self._exported_by_script(file, name) if exported else self._bound_by_script(file, name)

    def _in_folder(self, path: str, name: str) -> Iterator[_Way]:
        """A name of a Python package without `__init__.py`."""
        inner = self._python.submodule(path, name)
        if inner is not None:
            yield Module(inner)
        elif library := self._python.library_name(path):
            yield External(library, name)

    def _in_python(self, file: _File, name: str, exported: bool) -> Iterator[_Way]:
        own, imported = file.names.get(name), file.imports.get(name)
        definition = Definition(file.path, name, own) if own else None
        if definition and not (imported and file.is_replacement(own or (), imported)):
            yield definition
            return
        followed = self._followed(file, imported) if imported else None
        if followed:
            yield followed
        if definition:
            yield definition
        for star in reversed(file.stars):
            module = self._python.resolve(file.path, star.module)
            if isinstance(module, External):
                if not name.startswith("_") and name not in _BUILTINS:
                    yield _Otherwise(module.attribute(name))
            elif module is not None:
                listed = None if module.endswith("/") else self._file(module).public
                if name in listed if listed is not None else not name.startswith("_"):
                    yield module, name, listed is not None
        if exported:
            inner = self._python.submodule(file.path, name)
            if inner is not None:
                yield Module(inner)

    def _exported_by_script(self, file: _File, name: str) -> Iterator[_Way]:
        export = file.exports.get(name)
        if export is not None:
            if export.module:
                yield from self._reexported(file, export)
                return
            if name == "default" and file.module_value >= 0:
                passed = file.required(file.module_value)
                way = self._whole(file, passed) if passed else None
                if way is not None:
                    yield way
                elif file.tree.kinds[file.module_value] == Kind.OBJECT:
                    yield Module(file.path)
            if export.local:
                yield file.path, export.local, False
            if export.node >= 0:
                if file.tree.kinds[export.node] == Kind.NAME:
                    yield file.path, file.tree.value(export.node), False
                yield Definition(file.path, name, (export.node,))
        elif name == "default":
            if file.exports or file.exported:
                yield Module(file.path)  # a file without a default export is its own, as bundlers and node have it
        else:
            yield from self._passed_on(file, name)

    def _passed_on(self, file: _File, name: str) -> Iterator[_Way]:
        """A name that a script does not export by name: what it re-exports as a whole may have it."""
        names, outside = self._barrel(file)
        if name in names:
            yield names[name], name, True
            return
        declaration = self._scripts.declaration(file.path)
        if declaration is not None:
            yield declaration, name, True  # types of what is written in JavaScript
        if outside is not None:
            yield _Otherwise(outside.attribute(name))

    def _reexported(self, file: _File, export: Export) -> Iterator[_Way]:
        module = self._scripts.resolve(file.path, export.module)
        whole = export.local == "*"
        if isinstance(module, External):
            yield module if whole else module.attribute(export.local or export.name)
        elif module is not None:
            yield Module(module) if whole else (module, export.local or export.name, True)

    def _bound_by_script(self, file: _File, name: str) -> Iterator[_Way]:
        own, imported = file.names.get(name), file.imports.get(name)
        if imported is not None and (not own or own[-1] == imported.node):
            followed = self._followed(file, imported)
            if followed:
                yield followed
            if own:  # `const x = require("m")` is an assignment too, but the import says more
                yield _Otherwise(Definition(file.path, name, own))
        elif own:
            yield Definition(file.path, name, own)

    def _barrel(self, start: _File) -> tuple[dict[str, str], External | None]:
        """What a file re-exports as a whole: name → the file that exports it by name, and the first library."""
        known = self._barrels.get(start.path)
        if known is not None:
            return known
        names: dict[str, str] = {}
        outside: External | None = None
        seen = {start.path}
        pending = [(start.path, module) for module in reversed(start.exported)]
        while pending:
            module = self._scripts.resolve(*pending.pop())
            if isinstance(module, External):
                outside = outside or module
            elif module is not None and module not in seen:
                seen.add(module)
                file = self._file(module)
                for name in file.exports:
                    if name != "default":
                        names.setdefault(name, module)
                pending.extend((module, inner) for inner in reversed(file.exported))
        self._barrels[start.path] = (names, outside)
        return names, outside

    def _followed(self, file: _File, imported: Import) -> _Step | Target | None:
        """Where an import leads."""
        if imported.name in ("", "*"):
            way = self._whole(file, imported.module)
            if isinstance(way, Module) and not (file.python or imported.name):
                if file.tree.kinds[imported.node] == Kind.IMPORT and "default" in self._file(way.path).exports:
                    return way.path, "default", True  # `import x = require("m")` goes with `export =`
            return way
        module = self.module(file.path, imported.module)
        if isinstance(module, External):
            return module.attribute(imported.name)
        return None if module is None else (module, imported.name, True)

    def _whole(self, file: _File, written: str) -> _Step | Target | None:
        """Where an import of a module as one value leads."""
        module = self.module(file.path, written)
        if isinstance(module, External):
            return python_external(module.module) if file.python else module
        if module is None or file.python:
            return None if module is None else Module(module)
        # What is assigned to `module.exports` is the module, unless its members are as good as exports.
        value = self._file(module).module_value
        if value >= 0 and self._file(module).tree.kinds[value] != Kind.OBJECT:
            return module, "default", True
        return Module(module)
