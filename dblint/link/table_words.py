"""Words of library tables by which calls are looked for, before anything is said of a receiver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dblint.facts.query import KEY_VALUE_STORES
from dblint.libraries.calling import Callback
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Library, Member, Type
from dblint.libraries.reader import Tables, parts_of_names
from dblint.link.returns import parse

LANGUAGES = ("python", "javascript")
WAITING = frozenset({"await", "callback"})
"""The uses of a value by which somebody waits for it."""


def last_word(path: str) -> str:
    """The last word of a path, which calls of it end in."""
    return path.replace("#", ".").rpartition(".")[2]


@derived
def told_by_name(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Language → names of what may run or hold a statement, without those that the host's own methods have, too."""
    return {
        language: frozenset(
            name for library in _of(tables, language) for name in _names(library) if not _host(tables, library, name)
        )
        for language in LANGUAGES
    }


@derived
def told_by_library(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → names of what may run or hold a statement that the host's own methods have, too."""
    return {
        library.name: frozenset(name for name in _names(library) if _host(tables, library, name))
        for library in tables.libraries.values()
    }


@derived
def acting(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → names of what may run or hold a statement, or has effects."""
    return {
        library.name: frozenset(_names(library)).union(
            last_word(path) for path, function in library.functions.items() if function.effects or function.opens
        )
        for library in tables.libraries.values()
    }


def _host(tables: Tables, library: Library, name: str) -> bool:
    return "python" in library.languages and name in tables.untyped["python"]


def _names(library: Library) -> Iterator[str]:
    """The last words of what may run or hold a statement: members of types, constructors, functions."""
    parts = parts_of_names(library)
    for name, row in library.types.items():
        yield from row.members if name not in parts else ()
        if row.construct is not None and acts(row.construct):
            yield from map(last_word, row.path)
    for path, function in library.functions.items():
        if function.text is not None or function.run:
            yield last_word(path)


def acts(construct: Member) -> bool:
    """Whether making a value of a type does something by itself."""
    return construct.text is not None or bool(construct.effects) or bool(construct.run)


@derived
def running_a_text(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Language → members of types that run a text."""
    return {
        language: frozenset(name for _, name, member in _members(tables, language) if member.run == "text")
        for language in LANGUAGES
    }


@derived
def given_a_text(tables: Tables) -> frozenset[str]:
    """Members of types that run a text that they are given, in the language that has a `with`."""
    return frozenset(
        name for _, name, member in _members(tables, "python") if member.run == "text" and member.text is not None
    )


@derived
def telling(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → its members, without the host's own names where it is a key-value store: these tell nothing."""
    host = tables.untyped["python"]
    return {
        library.name: frozenset(
            name
            for row in library.types.values()
            for name in row.members
            if not (name in host and library.dialect in KEY_VALUE_STORES)
        )
        for library in _of(tables, "python")
    }


@derived
def taking_functions(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Language → members of types that take a function."""
    return {
        language: frozenset(name for _, name, member in _members(tables, language) if member.callback is not None)
        for language in LANGUAGES
    }


@derived
def starting(tables: Tables) -> frozenset[str]:
    """The languages in which something makes an event loop for a function that it is handed."""
    return frozenset(
        language
        for language in LANGUAGES
        if any(callback is not None and callback.fate == "start" for callback in _callbacks(tables, language))
    )


def _callbacks(tables: Tables, language: str) -> Iterator[Callback | None]:
    """How the rows of a language treat the functions that they are handed."""
    for library in _of(tables, language):
        yield from (row.callback for row in library.functions.values())
        for type_row in library.types.values():
            rows = (*type_row.members.values(), type_row.construct, type_row.call)
            yield from (row.callback for row in rows if row is not None)
    yield from (row.callback for row in tables.untyped[language].values())


@derived
def described_in_modules(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Module → the names of the functions and types that rows describe in it."""
    named: dict[str, set[str]] = {}
    for path in (*tables.functions, *tables.by_path):
        module, _, word = path.rpartition(".")
        named.setdefault(module, set()).add(word)
    return {module: frozenset(words) for module, words in named.items()}


@derived
def run_by_waiting(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → members of its types that give what is run by waiting for it."""
    found: dict[str, set[str]] = {library: set() for library in tables.libraries}
    for language in LANGUAGES:
        for word, name, member in _members(tables, language):
            if not member.run and _awaited(tables, word, member):
                found[tables.library(word)].add(name)
    return {library: frozenset(names) for library, names in found.items()}


@derived
def called_for_waiting(tables: Tables) -> frozenset[str]:
    """Libraries with types whose values are called themselves, and then give what is run by waiting for it."""
    return frozenset(
        tables.library(word)
        for word, row in tables.types.items()
        if row.call is not None and _awaited(tables, word, row.call)
    )


def _awaited(tables: Tables, own: str, member: Member) -> bool:
    row = _given(tables, own, member)
    return row is not None and "await" in row.runs_on


@derived
def begun_without_member(tables: Tables) -> frozenset[str]:
    """Libraries in which something else than a call of a member begins what is run by waiting for it: a function, a
    tag, a value that is called, a type that is made, an attribute."""
    return frozenset(
        library.name
        for library in tables.libraries.values()
        if library.name in called_for_waiting(tables)
        or any(_awaited(tables, f"{library.name}:", row) for row in library.functions.values())
        or any(
            (row.call is not None and row.call.tagged)
            or (row.construct is not None and "await" in row.runs_on)
            or any(each.attribute and _awaited(tables, f"{library.name}:{word}", each) for each in row.members.values())
            for word, row in ((word, tables.types[f"{library.name}:{word}"]) for word in library.types)
        )
    )


@derived
def waiting_types(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library some of whose values run by waiting for them → its types, and those that they extend."""
    return {
        library.name: frozenset().union(*(tables.lineages[f"{library.name}:{word}"] for word in library.types))
        for library in tables.libraries.values()
        if not WAITING.isdisjoint(running_uses(tables)[library.name])
    }


@derived
def lazy_attributes(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Language → attributes of types that hold what is run by a later use."""
    return {
        language: frozenset(
            name
            for word, name, member in _members(tables, language)
            if member.attribute and _runs(_given(tables, word, member))
        )
        for language in LANGUAGES
    }


def _runs(row: Type | None) -> bool:
    return row is not None and bool(row.runs_on)


def _given(tables: Tables, own: str, member: Member) -> Type | None:
    """The type of what a member of a type gives, as far as a table describes it."""
    if not member.returns:
        return None
    name = parse(member.returns).name
    if name == "self":
        return tables.types[own]
    return tables.types.get(name if ":" in name else f"{tables.library(own)}:{name}")


@derived
def running_uses(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → the uses by which values of its types run."""
    return {
        library.name: frozenset(
            trigger for word in library.types for trigger in tables.types[f"{library.name}:{word}"].runs_on
        )
        for library in tables.libraries.values()
    }


@derived
def built_further(tables: Tables) -> frozenset[str]:
    """Members by which a statement is built further that runs by a later use."""
    return frozenset(
        word for row in tables.types.values() if row.runs_on for word, member in row.members.items() if not member.run
    )


@derived
def asking_when_read(tables: Tables) -> Mapping[str, frozenset[str]]:
    """Library → attributes of its types that ask the database when they are read (properties)."""
    return {
        library.name: frozenset(
            name
            for row in library.types.values()
            for name, member in row.members.items()
            if member.attribute and (member.run or member.effects)
        )
        for library in tables.libraries.values()
    }


def _of(tables: Tables, language: str) -> Iterator[Library]:
    return (library for library in tables.libraries.values() if language in library.languages)


def _members(tables: Tables, language: str) -> Iterator[tuple[str, str, Member]]:
    """The rows of members of a language's types, each with the type and the member's name."""
    for library in _of(tables, language):
        for word, row in library.types.items():
            for name, member in row.members.items():
                yield f"{library.name}:{word}", name, member
