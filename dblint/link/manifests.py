"""Reading the files that say how JavaScript and TypeScript modules are found: package.json, tsconfig.json.

Everything is read from bytes that the caller gives; nothing here touches the file system. A manifest
that cannot be read is as good as none: module resolution then does with less.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dblint.link.paths import ancestors, join, parent

_DEPENDENCY_GROUPS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_TYPESCRIPT_CONFIGURATIONS = ("tsconfig.json", "jsconfig.json")


def read_json(content: bytes) -> Any:
    """The value of a JSON text that may have a byte order mark, comments and trailing commas; None if it is none."""
    text = content.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_without_comments(text))
    except (ValueError, RecursionError):
        return None


def _without_comments(text: str) -> str:
    """The text without comments and without commas before a closing bracket, in one pass."""
    pieces: list[str] = []
    comma = -1  # where in `pieces` a comma stands that nothing but space has followed
    position, length = 0, len(text)
    while position < length:
        character = text[position]
        start = position
        position += 1
        if character == '"':
            while position < length and text[position] != '"':
                position += 2 if text[position] == "\\" else 1
            position += 1
        elif character == "/" and text.startswith(("//", "/*"), start):
            closing = "\n" if text[position] == "/" else "*/"
            stop = text.find(closing, position + 1)
            position = length if stop < 0 else stop + len(closing)
            pieces.append(" ")
            continue
        elif character in "]}" and comma >= 0:
            pieces[comma] = ""
        if character == ",":
            comma = len(pieces)
        elif not character.isspace():
            comma = -1
        pieces.append(text[start:position])
    return "".join(pieces)


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def strings_of(value: Any) -> tuple[str, ...]:
    """The strings of a value that is one or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


class Package(msgspec.Struct, frozen=True):
    """A package.json. `entries` are the files that it names as its entry, the source first."""

    folder: str
    name: str
    entries: tuple[str, ...]
    exports: Any
    imports: Mapping[str, Any]
    dependencies: Mapping[str, str]
    """Every declared dependency → its version or where it comes from."""
    workspaces: tuple[str, ...]


def read_package(folder: str, content: bytes) -> Package | None:
    """The package that a package.json in `folder` describes; None when it is not an object."""
    value = read_json(content)
    if not isinstance(value, dict):
        return None
    dependencies: dict[str, str] = {}
    for group in _DEPENDENCY_GROUPS:
        for name, version in mapping_of(value.get(group)).items():
            if isinstance(version, str):
                dependencies.setdefault(name, version)
    workspaces = value.get("workspaces")
    own_name = value.get("name")
    keys = ("source", "module", "main", "types", "typings")
    return Package(
        folder,
        own_name if isinstance(own_name, str) else "",
        tuple(entry for key in keys for entry in strings_of(value.get(key)) if entry),
        value.get("exports"),
        mapping_of(value.get("imports")),
        dependencies,
        strings_of(workspaces.get("packages") if isinstance(workspaces, dict) else workspaces),
    )


def read_pnpm_workspace(content: bytes) -> tuple[str, ...]:
    """The globs under `packages:` of a pnpm-workspace.yaml, in its block or its one-line form."""
    globs: list[str] = []
    inside = False
    for line in content.decode("utf-8-sig", errors="replace").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not inside:
            if line.startswith("packages:"):
                inside = True
                rest = _scalar(text.removeprefix("packages:"))
                if rest.startswith("["):
                    return tuple(glob for item in rest.strip("[]").split(",") if (glob := _scalar(item)))
        elif text.startswith("- "):
            globs.append(_scalar(text[2:]))
        elif not line[0].isspace():
            break
    return tuple(glob for glob in globs if glob)


def _scalar(text: str) -> str:
    """A YAML scalar without its quotes or the comment after it."""
    text = text.strip()
    if text[:1] in ('"', "'"):
        return text[1:].partition(text[0])[0]
    return text.partition(" #")[0].strip()


def matches_glob(folder: str, glob: str) -> bool:
    """Whether a workspace glob (`packages/*`, `apps/**`) names the folder. A `*` does not cross a "/"."""
    parts = folder.split("/")
    pattern = [part for part in glob.split("/") if part not in ("", ".")]
    reached = {0}  # positions in `pattern` that the parts so far can have led to
    for part in parts:
        ahead: set[int] = set()
        for position in _over_stars(reached, pattern):
            if position == len(pattern):
                continue
            if pattern[position] == "**":
                ahead.add(position)
            elif _matches_part(part, pattern[position]):
                ahead.add(position + 1)
        reached = ahead
    return len(pattern) in _over_stars(reached, pattern)


def _over_stars(positions: set[int], pattern: list[str]) -> set[int]:
    """The positions, and those behind each `**` that may also stand for nothing."""
    reached = set(positions)
    for position in range(len(pattern)):
        if position in reached and pattern[position] == "**":
            reached.add(position + 1)
    return reached


def _matches_part(part: str, pattern: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return part == pattern
    last = rest.pop()
    if len(part) < len(first) + len(last) or not part.startswith(first) or not part.endswith(last):
        return False
    position, stop = len(first), len(part) - len(last)
    for piece in rest:
        found = part.find(piece, position, stop)
        if found < 0:
            return False
        position = found + len(piece)
    return True


class PathMapping(msgspec.Struct, frozen=True):
    """`compilerOptions` that decide where modules are: all folders are relative to the project root."""

    folder: str
    """Where the configuration stands."""
    base: str | None = None
    """`baseUrl`."""
    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Pattern → targets in the project, in the order in which patterns are tried."""


class ScriptManifests:
    """package.json, tsconfig.json, jsconfig.json and pnpm-workspace.yaml of a project."""

    def __init__(self, manifests: Mapping[str, bytes]) -> None:
        self._contents = manifests
        self._configurations: dict[str, Mapping[str, Any]] = {}
        self._mappings: dict[str, PathMapping] = {}
        self.packages: dict[str, Package] = {}
        """Folder → its package."""
        self.named: dict[str, list[Package]] = {}
        """Name → packages of that name, sorted by folder."""
        globs: list[tuple[str, str]] = []
        for path in sorted(manifests):
            folder, _, file = path.rpartition("/")
            if file == "package.json":
                package = read_package(folder, manifests[path])
                if package is not None:
                    self.packages[folder] = package
                    globs.extend((folder, glob) for glob in package.workspaces)
                    if package.name:
                        self.named.setdefault(package.name, []).append(package)
            elif file == "pnpm-workspace.yaml":
                globs.extend((folder, glob) for glob in read_pnpm_workspace(manifests[path]))
            elif file == "lerna.json":
                value = mapping_of(read_json(manifests[path]))
                globs.extend((folder, glob) for glob in strings_of(value.get("packages")))
        self.members = frozenset(folder for folder in self.packages if _member(folder, globs))
        """Folders of packages that a workspace lists."""

    def mappings(self, folder: str) -> tuple[PathMapping, ...]:
        """The path mappings of the nearest configuration above the folder; several where it only refers to others."""
        for above in ancestors(folder):
            for name in _TYPESCRIPT_CONFIGURATIONS:
                path = f"{above}/{name}" if above else name
                if path in self._contents:
                    return self._referred(path, folder)
        return ()

    def _referred(self, path: str, folder: str) -> tuple[PathMapping, ...]:
        own = self._mapping(path)
        if own.paths or own.base is not None:
            return (own,)
        # A "solution" has no options of its own: the files belong to one of the configurations it refers to.
        found = [own]
        references = self._configuration(path).get("references")
        for reference in references if isinstance(references, list) else ():
            target = mapping_of(reference).get("path")
            other = self._file(parent(path), target) if isinstance(target, str) else None
            if other is not None and parent(other) in ancestors(folder):
                found.append(self._mapping(other))
        return tuple(mapping for mapping in found if mapping.paths or mapping.base is not None)

    def _mapping(self, path: str) -> PathMapping:
        """The options of a configuration with those that it inherits."""
        known = self._mappings.get(path)
        if known is not None:
            return known
        home = parent(path)
        base: str | None = None
        paths: tuple[tuple[str, tuple[str, ...]], ...] = ()
        declared = ""  # the folder that relative `paths` are relative to when there is no `baseUrl`
        for inherited in self._inherited(path):  # furthest first, so that the nearest wins
            options = mapping_of(self._configuration(inherited).get("compilerOptions"))
            url = options.get("baseUrl")
            if isinstance(url, str):
                base = _place(parent(inherited), url, home)
            if isinstance(options.get("paths"), dict):
                declared = parent(inherited)
                paths = tuple((pattern, strings_of(targets)) for pattern, targets in options["paths"].items())
        start = declared if base is None else base
        placed = [
            (pattern, tuple(place for target in targets if (place := _place(start, target, home)) is not None))
            for pattern, targets in paths
        ]
        # A pattern without a star first, then the one with the longest text before its star, as the compiler does.
        placed.sort(key=lambda item: ("*" in item[0], -len(item[0].partition("*")[0])))
        mapping = self._mappings[path] = PathMapping(home, base, tuple(placed))
        return mapping

    def _inherited(self, path: str) -> list[str]:
        """The configuration and those it extends, each before what overrides it."""
        order: dict[str, None] = {}
        pending = [path]
        while pending:
            current = pending.pop()
            if current in order:
                continue
            order[current] = None
            extended = strings_of(self._configuration(current).get("extends"))
            found = (self._extended(parent(current), item) for item in extended)
            pending.extend(item for item in found if item is not None)
        return list(reversed(order))

    def _extended(self, folder: str, name: str) -> str | None:
        if name.startswith("."):
            return self._file(folder, name)
        package, inner = split_package(name)
        for candidate in self.named.get(package, ()):
            found = self._file(candidate.folder, inner or "tsconfig.json")
            if found is not None:
                return found
        return None

    def _file(self, folder: str, name: str) -> str | None:
        base = join(folder, name)
        if base is None:
            return None
        candidates = (base, f"{base}.json", f"{base}/tsconfig.json" if base else "tsconfig.json")
        return next((path for path in candidates if path in self._contents), None)

    def _configuration(self, path: str) -> Mapping[str, Any]:
        value = self._configurations.get(path)
        if value is None:
            value = self._configurations[path] = mapping_of(read_json(self._contents[path]))
        return value


def split_package(module: str) -> tuple[str, str]:
    """The package that a bare module names and the path inside it: `@a/b/c` is `c` of `@a/b`."""
    parts = module.split("/", 2 if module.startswith("@") else 1)
    scope = 2 if module.startswith("@") else 1
    return "/".join(parts[:scope]), parts[scope] if len(parts) > scope else ""


def _place(folder: str, target: str, home: str) -> str | None:
    if target.startswith("${configDir}"):
        return join(home, target.removeprefix("${configDir}"))
    return None if target.startswith("/") else join(folder, target)


def _member(folder: str, globs: Iterable[tuple[str, str]]) -> bool:
    member = False
    for root, glob in globs:
        if root and not folder.startswith(root + "/"):
            continue
        inner = folder[len(root) + 1 :] if root else folder
        if inner and matches_glob(inner, glob.removeprefix("!")):
            if glob.startswith("!"):
                return False
            member = True
    return member
