"""Reads, validates and compiles library tables. Every error names the file and the row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import tomli
from msgspec.structs import replace

from dblint.facts.fixes import FIXES, Rewriting
from dblint.libraries.compiled import kept
from dblint.libraries.grammar import Library, Member, Slot, Type, Untyped


class TableError(ValueError):
    """A library table that says something the grammar has no word for."""


SLOT_NAMES = frozenset(
    name
    for name in Member.__struct_fields__
    if name
    in (
        "where having columns set group order limit offset eager into lock returning table cte join text query key "
        "field value index validator parameters stages transaction"
    ).split()
)


class Tables(msgspec.Struct, frozen=True, dict=True):
    """All tables, compiled for look-ups. Types are named `library:Type`."""

    libraries: Mapping[str, Library]
    types: Mapping[str, Type]
    by_path: Mapping[str, str]
    """Where a type lives in its package (`django.db.models.QuerySet`, `typeorm#Repository`) → its name."""
    functions: Mapping[str, tuple[str, Member]]
    """Where a function lives → its library and row."""
    untyped: Mapping[str, Mapping[str, Untyped]]
    """Language → method name → row."""
    members: Mapping[str, frozenset[str]]
    """Language → every member name that runs something on some type."""
    packages: Mapping[str, str] = msgspec.field(default_factory=dict)
    globals: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """Language → the names of types and functions that the host language has without an import."""
    hooks: frozenset[str] = frozenset()
    """Names of methods that some library calls on subclasses of its types."""
    naming: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """Keyword by which a value that a class keeps names a method of that class → the types of such values."""
    entries: frozenset[str] = frozenset()
    """Names of methods for which some library starts a process."""
    looping: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """Language → last words of what runs a function that it is given: per element, or with what stands behind it."""
    lineages: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Type → itself and all types it extends, nearest first."""
    putting: frozenset[str] = frozenset()
    """Last words of what keeps something on an object."""
    direct: frozenset[str] = frozenset()
    """Members of decorated functions that are the function itself."""
    beginnings: tuple[str, ...] = ()
    """How names begin of which a type has many (`get_next_by_*`)."""
    asked_by: Mapping[str, Mapping[str, tuple[str, ...]]] = msgspec.field(default_factory=dict)
    """Language → member → the types that it tells a receiver by."""

    def member(self, type_name: str, name: str) -> tuple[str, Member] | None:
        """The row for a member, looked up through `extends`, with the type that declares it."""
        for owner in self.lineages.get(type_name, ()):
            row = self.types[owner].members.get(name)
            if row is not None:
                return owner, row
        if self.beginnings and name.startswith(self.beginnings):
            for owner in self.lineages.get(type_name, ()):
                row = self.row(owner, name)
                if row is not None:
                    return owner, row
        return None

    def row(self, type_name: str, name: str) -> Member | None:
        """A type's own row for a member, by its name or by how it begins."""
        members = self.types[type_name].members
        row = members.get(name)
        if row is None and self.beginnings and name.startswith(self.beginnings):
            row = next((row for key, row in members.items() if key[-1] == "*" and name.startswith(key[:-1])), None)
        return row

    def library(self, type_name: str) -> str:
        """The library that declares a type."""
        return type_name.partition(":")[0]


def _spread_names(table: dict[str, Any], where: str) -> dict[str, Any]:
    """Opens rows whose key names several members (`"first last"`)."""
    opened: dict[str, Any] = {}
    for names, row in table.items():
        for name in names.split():
            if name in opened:
                raise TableError(f"{where}.{name}: named twice")
            opened[name] = row
    return opened


def with_slots(row: Any) -> Any:
    """Writes short slots (`where = 0`, `where = "0.where"`) as tables."""
    if not isinstance(row, dict):
        return row
    return {
        key: {"at": str(value)} if key in SLOT_NAMES and isinstance(value, str | int) else value
        for key, value in row.items()
    }


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _column(value: Any) -> Any:
    """Writes a short column (`"text"`, `{ type = "varchar", size = "0|length" }`) in full."""
    row = dict(value) if isinstance(value, dict) else {"type": value}
    row["type"] = _dialects(row.get("type", {}))
    if "size" in row:
        row["size"] = _many(row["size"])
    if isinstance(row.get("variants"), dict):
        row["variants"] = {slot: _dialects(word) for slot, word in row["variants"].items()}
    return row


def _dialects(value: Any) -> Any:
    return {"any": value} if isinstance(value, str) else value


def parse(data: bytes, source: str) -> Library:
    """One table from its bytes. Raises `TableError` with `source` and the row at fault."""
    try:
        raw = tomli.loads(data.decode("utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{source}: {error}") from error
    types: dict[str, Any] = {}
    for name, row in raw.get("types", {}).items():
        row = dict(row)
        for key in ("path", "extends", "runs_on", "parameters", "on_enter", "on_exit"):
            if key in row:
                row[key] = _many(row[key])
        row["awaited"] = tuple(row.get("awaited", "").split())
        row["asked_by"] = tuple(row.get("asked_by", "").split())
        members = _spread_names(row.get("members", {}), f"{source}: types.{name}.members")
        row["members"] = {member: with_slots(value) for member, value in members.items()}
        for key in ("construct", "call"):
            if key in row:
                row[key] = with_slots(row[key])
        if "calls" in row and not str(row["calls"].get("at", "")).replace("|", "").isidentifier():
            raise TableError(f"{source}: types.{name}.calls: the name of a method stands under a keyword")
        if "column" in row:
            row["column"] = _column(row["column"])
        if isinstance(row.get("lists"), dict) and "by" in row["lists"]:
            row["lists"] = {**row["lists"], "by": _many(row["lists"]["by"])}
        row["hooks"] = _spread_names(row.get("hooks", {}), f"{source}: types.{name}.hooks")
        row["entries"] = _spread_names(row.get("entries", {}), f"{source}: types.{name}.entries")
        row["ignored"] = _spread_names(row.get("ignored", {}), f"{source}: types.{name}.ignored")
        for member in sorted(row["ignored"].keys() & row["members"].keys()):
            raise TableError(f"{source}: types.{name}.ignored.{member}: is a row of members, too")
        row["beside"] = _spread_names(row.get("beside", {}), f"{source}: types.{name}.beside")
        row["defaults"] = {
            key: value if isinstance(value, dict) else {"value": value}
            for key, value in row.get("defaults", {}).items()
        }
        types[name] = _row(row, Type, f"{source}: types.{name}")
    functions = {
        name: _row(with_slots(row), Member, f"{source}: functions.{name}")
        for name, row in _spread_names(raw.get("functions", {}), f"{source}: functions").items()
    }
    untyped = {
        name: _row(row, Untyped, f"{source}: untyped.{name}")
        for name, row in _spread_names(raw.get("untyped", {}), f"{source}: untyped").items()
    }
    for name, row in untyped.items():
        if row.element and row.callback is None:
            raise TableError(f"{source}: untyped.{name}: element says what a callback gives, and there is none")
    for name, described in types.items():
        for word, member in described.members.items():
            if member.rows == "listed" and member.run:
                raise TableError(f'{source}: types.{name}.{word}: rows "listed" is for steps, which run nothing')
    fixes = {name: _fix(name, row, f"{source}: fixes.{name}") for name, row in raw.get("fixes", {}).items()}
    head = {key: value for key, value in raw.items() if key not in ("types", "functions", "untyped", "fixes")}
    library: Library = _row(head, Library, source)
    return msgspec.structs.replace(library, types=types, functions=functions, untyped=untyped, fixes=fixes)


def _fix(name: str, row: Any, where: str) -> Rewriting:
    """A way of writing a remedy; a short one (`"{query}.count()"`) is an expression."""
    found: Rewriting = _row({"text": row} if isinstance(row, str) else row, Rewriting, where)
    remedy = next((each for each in FIXES if name == each or name.startswith(f"{each}-")), "")
    if not remedy:
        raise TableError(f"{where}: is no remedy that a program writes: {', '.join(FIXES)}")
    unknown = sorted(holes(found.text) - FIXES[name if name in FIXES else remedy])
    if unknown:
        raise TableError(f"{where}: {{{unknown[0]}}} is no hole of {remedy}")
    if (found.form == "words") != bool(found.behind):
        raise TableError(f"{where}: words stand behind a word, and nothing else does")
    if found.form in ("expression", "argument"):
        code = _HOLE.sub(lambda match: match[1] or match[0][0], found.text)
        try:
            ast.parse(f"f({code})" if found.form == "argument" else code, mode="eval")
        except SyntaxError:
            raise TableError(f"{where}: is no {found.form} of Python") from None
    return found


_HOLE = re.compile(r"\{\{|\}\}|\{([a-z]+)\}")


def holes(text: str) -> frozenset[str]:
    """The names of its holes."""
    return frozenset(match[1] for match in _HOLE.finditer(text) if match[1])


def _row(row: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise TableError(f"{where}: {error}") from error


def compile_tables(libraries: Mapping[str, Library]) -> Tables:
    """Joins tables and checks that what their rows name exists."""
    types: dict[str, Type] = {}
    by_path: dict[str, str] = {}
    functions: dict[str, tuple[str, Member]] = {}
    untyped: dict[str, dict[str, Untyped]] = {"python": {}, "javascript": {}}
    members: dict[str, set[str]] = {"python": set(), "javascript": set()}
    packages: dict[str, str] = {}
    bare: dict[str, set[str]] = {"python": set(), "javascript": set()}
    looping: dict[str, set[str]] = {"python": set(), "javascript": set()}
    for library in libraries.values():
        for package in library.packages:
            packages[package] = library.name
        for name, row in library.types.items():
            full = f"{library.name}:{name}"
            types[full] = row
            for path in row.path:
                if by_path.setdefault(path, full) != full:
                    raise TableError(f"{library.name}: types.{name}: {path} is {by_path[path]} already")
        for path, member in library.functions.items():
            if path in functions:
                raise TableError(f"{library.name}: functions.{path}: {functions[path][0]} describes it already")
            functions[path] = (library.name, member)
        for language in library.languages:
            twice = sorted(untyped[language].keys() & library.untyped.keys())
            if twice:
                raise TableError(f"{library.name}: untyped.{twice[0]}: is described for {language} already")
            untyped[language].update(library.untyped)
            members[language].update(_running(library))
            paths = [*library.functions, *(path for row in library.types.values() for path in row.path)]
            bare[language].update(path for path in paths if not {".", "#"} & set(path) and path not in library.packages)
            looping[language].update(_looping(library))
    for library in libraries.values():
        for path, other in _exported_again(library):
            if path in by_path:
                by_path.setdefault(other, by_path[path])
            elif path in functions:
                functions.setdefault(other, functions[path])
    lineages = {name: tuple(_lineage(name, types)) for name in types}
    libraries = {name: _with_words_of_bases(library, libraries) for name, library in libraries.items()}
    types = {name: _inherited(row, [types[base] for base in lineages[name][1:]]) for name, row in types.items()}
    _check_openings(libraries, types, lineages)
    _check_listeners(libraries, types)
    return Tables(
        libraries,
        types,
        by_path,
        functions,
        untyped,
        {language: frozenset(names) for language, names in members.items()},
        packages,
        {language: frozenset(names) for language, names in bare.items()},
        frozenset(name for row in types.values() for name in row.hooks),
        _naming(types),
        frozenset(name for row in types.values() for name in row.entries),
        {language: frozenset(names) for language, names in looping.items()},
        lineages,
        frozenset(word for library in libraries.values() for word in _putting(library)),
        frozenset(word for library in libraries.values() for row in _rows(library) for word in row.direct),
        tuple(sorted({key[:-1] for row in types.values() for key in row.members if key[-1] == "*"})),
        {language: _asked_by(libraries, language) for language in ("python", "javascript")},
    )


def _exported_again(library: Library) -> Iterator[tuple[str, str]]:
    """The paths of types and functions, each with those that they have in packages that export them, too."""
    paths = [*library.functions, *(path for row in library.types.values() for path in row.path)]
    for path in paths:
        package, mark, name = path.partition("#")
        for other in library.reexports.get(package, ()) if mark else ():
            yield path, f"{other}#{name}"


def _with_words_of_bases(library: Library, libraries: Mapping[str, Library]) -> Library:
    """A library, with the idioms and fixes that it takes over from those whose types its own extend."""
    bases = [libraries[base.partition(":")[0]] for row in library.types.values() for base in row.extends if ":" in base]
    idioms = {name: text for base in reversed(bases) for name, text in base.idioms.items()}
    fixes = {name: fix for base in reversed(bases) for name, fix in base.fixes.items()}
    return msgspec.structs.replace(library, idioms={**idioms, **library.idioms}, fixes={**fixes, **library.fixes})


_ENDING = frozenset({"close", "release"})


def _check_openings(
    libraries: Mapping[str, Library], types: Mapping[str, Type], lineages: Mapping[str, tuple[str, ...]]
) -> None:
    """What a row opens can be closed: its type has a member that does."""

    def closes(name: str) -> bool:
        owners = [types[owner] for owner in lineages.get(name, ())]
        return any(_ENDING.intersection(member.effects) for owner in owners for member in owner.members.values())

    for library in libraries.values():
        rows = [(f"functions.{path}", row.returns, row) for path, row in library.functions.items()]
        for name, described in library.types.items():
            rows += [(f"types.{name}.{member}", row.returns, row) for member, row in described.members.items()]
            if described.call is not None:
                rows.append((f"types.{name}.call", described.call.returns, described.call))
            if described.construct is not None:
                rows.append((f"types.{name}.construct", described.construct.returns or name, described.construct))
        for where, said, row in rows:
            gives = said.rpartition("=")[2]
            if row.opens and not closes(gives if ":" in gives else f"{library.name}:{gives}"):
                raise TableError(f"{library.name}: {where}: opens what no member of {gives or 'its type'} closes")


def _check_listeners(libraries: Mapping[str, Library], types: Mapping[str, Type]) -> None:
    """Of what listens it is said when that runs: by signals, by verbs, or by the type that it is a member of."""
    for library in libraries.values():
        rows = [(f"functions.{path}", row.listener, False) for path, row in library.functions.items()]
        for name in library.types:
            described = types[f"{library.name}:{name}"]
            rows += [
                (f"types.{name}.{member}", row.listener, bool(described.tells))
                for member, row in described.members.items()
            ]
        for where, listener, tells in rows:
            if listener is None:
                continue
            said = bool(listener.signals) + (bool(listener.verbs) and not listener.within) + tells
            heard = listener.row and not listener.within  # what it does is said elsewhere, and its row here
            if said > 1 or not (said or heard) or (listener.within and not listener.verbs):
                raise TableError(f"{library.name}: {where}: listens to what is not said, or said twice")


def _naming(types: Mapping[str, Type]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, row in types.items():
        for word in row.calls.at.split("|") if row.calls is not None else ():
            found.setdefault(word, set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


def _asked_by(libraries: Mapping[str, Library], language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for library in libraries.values():
        for name, row in library.types.items() if language in library.languages else ():
            for member in row.asked_by:
                found[member] = (*found.get(member, ()), f"{library.name}:{name}")
    return found


def _running(library: Library) -> Iterator[str]:
    parts = parts_of_names(library)
    for word, row in library.types.items():
        for name, member in row.members.items() if word not in parts else ():
            if member.run or member.effects:
                yield name


def parts_of_names(library: Library) -> frozenset[str]:
    """The types whose members nobody calls by their names, as those of relations stand behind them."""
    rows = [row.relation_members for row in library.types.values() if row.relation_members is not None]
    return frozenset(name for row in rows for name in (row.one, row.many))


def _rows(library: Library) -> Iterator[Member]:
    """The rows of functions and members."""
    yield from library.functions.values()
    for described in library.types.values():
        yield from described.members.values()


def _putting(library: Library) -> Iterator[str]:
    """Last words of what keeps something on an object."""
    for path, row in library.functions.items():
        if row.puts:
            yield path.replace("#", ".").rpartition(".")[2]
    for described in library.types.values():
        yield from (name for name, member in described.members.items() if member.puts)


def _looping(library: Library) -> Iterator[str]:
    rows = [item for row in library.types.values() for item in row.members.items()]
    rows += [(path.replace("#", ".").rpartition(".")[2], row) for path, row in library.functions.items()]
    for name, member in rows:
        if member.callback is not None and (member.callback.fate == "each" or member.callback.passes):
            yield name
    for name, method in library.untyped.items():
        if method.callback is not None and method.callback.fate == "each":
            yield name


def _lineage(name: str, types: Mapping[str, Type]) -> Iterator[str]:
    pending, seen = [name], set()
    while pending:
        current = pending.pop(0)
        if current in seen:
            continue
        seen.add(current)
        if current not in types:
            raise TableError(f"{name}: extends {current}, which no table declares")
        yield current
        library = current.partition(":")[0]
        pending += [base if ":" in base else f"{library}:{base}" for base in types[current].extends]


_INHERITED = (
    "lazy", "identity", "statics", "relation_members",
    "parameters", "model", "step", "element", "keyed", "named", "settles", "runs_on",
    "slice", "delegates", "dynamic", "unknown",
    "declares", "related", "joined", "referring", "referred", "base", "bind", "bound_by", "begins",
    "caches", "awaited", "promises", "batches", "blocking", "undefined", "enter", "on_enter", "on_exit", "call",
    "scalar", "composes", "column", "field", "indexed", "tracked", "represents", "shown", "lists", "serves", "pages",
    "contexts", "embedded", "calls", "prepared", "holds", "raises_later",
)  # fmt: skip
"""What a type takes over from the types it extends where it says nothing itself."""
_PLAIN = tuple((name, getattr(Type(), name)) for name in _INHERITED)
"""What each of them is where a type says nothing."""


def _inherited(row: Type, bases: list[Type]) -> Type:
    changes: dict[str, Any] = {}
    for name, plain in _PLAIN if bases else ():
        if getattr(row, name) != plain:
            continue
        for base in bases:
            said = getattr(base, name)
            if said != plain:
                changes[name] = said
                break
    return msgspec.structs.replace(row, **changes) if changes else row


@cache
def bundled() -> Tables:
    """The tables that come with dblint."""
    entries = sorted(resources.files("dblint.libraries").iterdir(), key=lambda item: item.name)
    texts = {entry.name: entry.read_bytes() for entry in entries if entry.name.endswith(".toml")}

    def compiled() -> Tables:
        read = (parse(text, name) for name, text in texts.items())
        return compile_tables({library.name: library for library in read})

    return kept(texts.values(), compiled)


def joined(tables: Tables, more: Iterable[Library]) -> Tables:
    """The tables, and further ones beside them. Raises `TableError` where one says what another says already."""
    libraries = dict(tables.libraries)
    for library in more:
        if library.name in libraries:
            raise TableError(f"{library.name}: there is a table of this name already")
        libraries[library.name] = library
    return compile_tables(libraries)


def with_functions(tables: Tables, library: Library) -> Tables:
    """The tables, and further functions, which win over those that another table describes."""
    functions = {**tables.functions, **{path: (library.name, row) for path, row in library.functions.items()}}
    named = frozenset(_looping(library))
    return replace(
        tables,
        libraries={**tables.libraries, library.name: library},
        functions=functions,
        looping={language: words | named for language, words in tables.looping.items()},
    )


__all__ = [
    "Slot",
    "TableError",
    "Tables",
    "bundled",
    "compile_tables",
    "joined",
    "parse",
    "with_functions",
    "with_slots",
]
