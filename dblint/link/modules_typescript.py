"""What a JavaScript or TypeScript module specifier means: which file of the project, if any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dblint.link.manifests import Package, PathMapping, ScriptManifests, split_package
from dblint.link.paths import ancestors, generated_folders, join, parent, shared_depth
from dblint.link.targets import External

# Of the files that can stand for one path the first is meant; a declaration has no code, so it comes last.
_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".d.mts", ".d.cts")
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".js", ".jsx", ".d.ts"),
    ".jsx": (".tsx", ".jsx", ".d.ts"),
    ".mjs": (".mts", ".mjs", ".d.mts"),
    ".cjs": (".cts", ".cjs", ".d.cts"),
}
"""A suffix in an import → what the file may have: output is imported where the source is meant."""

_OUTPUT_FOLDERS = frozenset(("dist", "build", "lib", "out", "output", "es", "esm", "cjs", "types", "umd", "compiled"))
_OTHER_HOSTS = frozenset(("browser", "react-native", "react-server", "edge-light", "workerd", "worker", "deno"))
_LOCAL_VERSIONS = ("workspace:", "file:", "link:", "portal:", "*")


class _Scope:
    """What importers of one folder share: the path mappings, the package around them, and what was found."""

    __slots__ = ("found", "mappings", "package")

    def __init__(self, mappings: tuple[PathMapping, ...], package: Package | None) -> None:
        self.mappings = mappings
        self.package = package
        self.found: dict[str, str | External | None] = {}


class ScriptModules:
    """Finds the modules of a project's JavaScript and TypeScript files."""

    def __init__(self, paths: Iterable[str], manifests: ScriptManifests, generated: Mapping[str, str]) -> None:
        self._manifests = manifests
        self._generated = generated_folders(generated)
        self._files: set[str] = set()
        self._stems: dict[str, str] = {}  # path without suffix → file
        ranks: dict[str, int] = {}
        for path in paths:
            self._files.add(path)
            stem, suffix = _split_suffix(path)
            rank = _SUFFIXES.index(suffix) if suffix in _SUFFIXES else len(_SUFFIXES)
            if rank < ranks.get(stem, len(_SUFFIXES)):
                ranks[stem] = rank
                self._stems[stem] = path
        self._scopes: dict[str, _Scope] = {}
        self._shared_scopes: dict[tuple[tuple[PathMapping, ...], str], _Scope] = {}
        self._relative: dict[tuple[str, str], str | External | None] = {}

    def resolve(self, importer: str, module: str) -> str | External | None:
        """The project file of a module, or what lies outside; None where a path of the project does not exist."""
        folder = parent(importer)
        if module.startswith("."):
            key = (folder, module)
            if key not in self._relative:
                self._relative[key] = self._probe(folder, module) or self._built(folder, module)
            return self._relative[key]
        scope = self._scope(folder)
        if module not in scope.found:
            scope.found[module] = self._bare(scope, module)
        return scope.found[module]

    def _scope(self, folder: str) -> _Scope:
        scope = self._scopes.get(folder)
        if scope is None:
            mappings = self._manifests.mappings(folder)
            packages = self._manifests.packages
            package = next((packages[above] for above in ancestors(folder) if above in packages), None)
            key = (mappings, package.folder if package else "/")
            scope = self._scopes[folder] = self._shared_scopes.setdefault(key, _Scope(mappings, package))
        return scope

    def _bare(self, scope: _Scope, module: str) -> str | External | None:
        """A module that is not written as a path: an alias, a package of the workspace, or a library."""
        outside = External(module, "", "node")
        if module.startswith("/"):
            return self._probe("", module)
        if ":" in module:
            return outside
        if module.startswith("#") and scope.package is not None:
            for target in _targets(scope.package.imports, module):
                if target.startswith("."):
                    found = self._package_path(scope.package, target)
                else:
                    found = None if target.startswith("#") else self._bare(scope, target)
                if found is not None:
                    return found
        found, aliased = self._mapped(scope, module)
        if found is not None:
            return found
        name, inner = split_package(module)
        for package in self._candidates(scope, name):
            # What a package does not say of itself, its own compiler options may.
            found = self._in_package(package, inner) or self._mapped(self._scope(package.folder), module)[0]
            if found is not None:
                return found
            aliased = aliased or package.folder in self._manifests.members
        return None if aliased else outside

    def _mapped(self, scope: _Scope, module: str) -> tuple[str | External | None, bool]:
        """What the compiler's options make of a module, and whether it must be a path of the project."""
        aliased = False
        for mapping in scope.mappings:
            for pattern, targets in mapping.paths:
                inner = _matched(pattern, module)
                if inner is None:
                    continue
                for target in targets:
                    found = self._probe("", target.replace("*", inner))
                    if found is not None:
                        return found, True
                # What a pattern catches with words of its own is a path of the project, whether it exists or not.
                installed = any("node_modules" in target.split("/") for target in targets)
                aliased = aliased or ("*" in pattern and pattern != "*" and not installed)
                break
            if mapping.base is not None:
                found = self._probe(mapping.base, module)
                if found is not None:
                    return found, True
        return None, aliased

    def _candidates(self, scope: _Scope, name: str) -> list[Package]:
        """Packages of the project that a name can mean, the one nearest to the importer first."""
        packages = self._manifests.named.get(name)
        if not packages:
            return []
        own = scope.package
        version = own.dependencies.get(name) if own is not None else None
        installed = version is not None and not version.startswith(_LOCAL_VERSIONS)
        chosen = [
            package
            for package in packages
            # A version from the registry means a package of the project only where a workspace lists that one.
            if not installed or (package.folder in self._manifests.members and package is not own)
        ]
        home = own.folder if own is not None else ""
        chosen.sort(
            key=lambda package: (-shared_depth(package.folder, home), package.folder.count("/"), package.folder)
        )
        return chosen

    def _in_package(self, package: Package, inner: str) -> str | External | None:
        """A package's entry (`inner` is "") or a path inside it, as its package.json maps them."""
        if package.exports is not None:
            exports = package.exports
            if not isinstance(exports, dict) or not any(key.startswith(".") for key in exports):
                exports = {".": exports}
            targets = list(_targets(exports, f"./{inner}" if inner else "."))
            found = self._first(package, targets)
            if found is not None:
                return found
        return self._package_path(package, inner) if inner else self._entry(package)

    def _entry(self, package: Package) -> str | External | None:
        found = self._first(package, list(package.entries))
        if found is not None:
            return found
        source = f"{package.folder}/src" if package.folder else "src"
        return self._index(package.folder) or self._index(source)

    def _first(self, package: Package, targets: list[str]) -> str | External | None:
        """The first of a package's own paths that exists, code before declarations; else the source of one."""
        declaration: str | None = None
        for target in targets:
            base = join(package.folder, target)
            found = None if base is None else self._file_or_index(base)
            if isinstance(found, str) and _split_suffix(found)[1].startswith(".d."):
                declaration = declaration or found
            elif found is not None:
                return found
        if declaration is not None:
            return declaration
        return next((found for target in targets if (found := self._source(package, target)) is not None), None)

    def _package_path(self, package: Package, inner: str) -> str | External | None:
        return self._probe(package.folder, inner) or self._source(package, inner)

    def _built(self, folder: str, module: str) -> str | External | None:
        """The source of a relative path into what a build of a package writes."""
        base = join(folder, module)
        if not base:
            return None
        packages = self._manifests.packages
        package = next((packages[above] for above in ancestors(parent(base)) if above in packages), None)
        return None if package is None else self._source(package, base[len(package.folder) :])

    def _source(self, package: Package, target: str) -> str | External | None:
        """The source of a path in a folder that a build writes: `dist/esm/a.js` is `src/a.ts` or `a.ts`."""
        inner = join("", target)
        while inner:
            for candidate in (f"src/{inner}", inner):
                base = join(package.folder, candidate)
                found = None if base is None else self._file_or_index(base)
                if found is not None:
                    return found
            first, _, inner = inner.partition("/")
            if first not in _OUTPUT_FOLDERS:
                return None
        return self._index(join(package.folder, "src") or "")

    def _probe(self, folder: str, path: str) -> str | External | None:
        """The file that a path seen from a folder means, a folder's entry among them."""
        base = join(folder, path)
        if base is None:
            return None
        only_folder = path.endswith(("/", "/.", "/..")) or path in (".", "..")
        found = None if only_folder else self._file(base)
        if found is not None:
            return found
        package = self._manifests.packages.get(base)
        return self._generated_at(base) or (self._index(base) if package is None else self._entry(package))

    def _file_or_index(self, base: str) -> str | External | None:
        found = self._file(base)
        return self._index(base) if found is None else found

    def _index(self, folder: str) -> str | None:
        return self._stems.get(f"{folder}/index" if folder else "index")

    def _file(self, base: str) -> str | External | None:
        """The file of a path with its suffix, another one's or none."""
        outside = self._generated_at(base)
        if outside is not None:
            return outside
        dot = base.rfind(".")
        if dot > base.rfind("/"):
            stem = base[:dot]
            for suffix in _WRITTEN_FOR.get(base[dot:], ()):
                if stem + suffix in self._files:
                    return stem + suffix
            if base in self._files:
                return base
            if base.endswith(".d"):
                return f"{base}.ts" if f"{base}.ts" in self._files else None
        return self._stems.get(base)

    def declaration(self, path: str) -> str | None:
        """The `.d.ts` that stands beside a JavaScript file; None where there is none."""
        stem, suffix = _split_suffix(path)
        beside = f"{stem}.d.{'ts' if suffix == '.jsx' else suffix[1:].replace('js', 'ts')}"
        return beside if suffix in _WRITTEN_FOR and beside in self._files else None

    def _generated_at(self, base: str) -> External | None:
        for folder, library in self._generated:
            if base == folder or base.startswith(f"{folder}/"):
                return External(library, "", "node")
        return None


def _split_suffix(path: str) -> tuple[str, str]:
    """The path without its suffix, and the suffix; `.d.ts` is one."""
    stem, _, suffix = path.rpartition(".")
    if stem.endswith(".d") and suffix in ("ts", "mts", "cts"):
        return stem[:-2], f".d.{suffix}"
    return stem, f".{suffix}"


def _matched(pattern: str, module: str) -> str | None:
    """What the star of a pattern stands for; None where the pattern does not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if module == pattern else None
    if len(module) < len(before) + len(after) or not module.startswith(before) or not module.endswith(after):
        return None
    return module[len(before) : len(module) - len(after)]


def _targets(exports: Mapping[str, Any], path: str) -> Iterator[str]:
    """The targets of a path in an `exports` or `imports` map, those for this host first."""
    inner: str | None = ""
    value = exports.get(path)
    if value is None:
        patterns = [key for key in exports if "*" in key or key.endswith("/")]
        patterns.sort(key=lambda key: -len(key.partition("*")[0]))
        for pattern in patterns:
            inner = _matched(pattern if "*" in pattern else f"{pattern}*", path)
            if inner:
                value = exports[pattern]
                break
    later: list[str] = []
    pending: list[tuple[Any, bool]] = [(value, False)]
    while pending:
        value, other = pending.pop()
        if isinstance(value, str):
            target = value.replace("*", inner or "") if "*" in value else value + (inner or "") * value.endswith("/")
            if other:
                later.append(target)
            else:
                yield target
        elif isinstance(value, list):
            pending.extend((item, other) for item in reversed(value))
        elif isinstance(value, dict):
            pending.extend((item, other or key in _OTHER_HOSTS) for key, item in reversed(value.items()))
    yield from later
