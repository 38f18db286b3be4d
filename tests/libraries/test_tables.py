"""Library tables: the bundled ones are sound, and a broken one is refused with its file and row."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import pytest

from dblint.libraries.grammar import Library, Member, Slot, Type
from dblint.libraries.reader import SLOT_NAMES, TableError, bundled, compile_tables, parse
from dblint.link.returns import names_nothing

NAMES = sorted(entry.name for entry in resources.files("dblint.libraries").iterdir() if entry.name.endswith(".toml"))


def read(name: str) -> Library:
    return parse((resources.files("dblint.libraries") / name).read_bytes(), name)


def members(library: Library) -> Iterator[tuple[str, Type | None, Member]]:
    """Every row that describes a call: where it stands, its type, the row."""
    for type_name, row in library.types.items():
        for name, member in row.members.items():
            yield f"types.{type_name}.{name}", row, member
        for word, made in (("construct", row.construct), ("call", row.call)):
            if made is not None:
                yield f"types.{type_name}.{word}", row, made
    for name, member in library.functions.items():
        yield f"functions.{name}", None, member


def parameters(row: Type | None, library: Library) -> set[str]:
    """The type parameters that a type and all that it extends declare."""
    found: set[str] = set()
    pending = [(library.name, row)] if row is not None else []
    while pending:
        owner, current = pending.pop()
        found.update(current.parameters)
        for base in current.extends:
            full = base if ":" in base else f"{owner}:{base}"
            pending.append((full.partition(":")[0], bundled().types[full]))
    return found


def unknown_names(text: str, row: Type | None, library: Library) -> list[str]:
    """The names of a type expression that name nothing."""
    return names_nothing(text, library.name, parameters(row, library), bundled().types)


def is_place(text: str) -> bool:
    """Whether `at` says where something stands, in the words that the grammar explains."""
    if text in ("*", "**", "tagged"):
        return True
    for alternative in text.split("|"):
        head, *path = alternative.split(".")
        if not all(key.isidentifier() for key in path):
            return False
        if path and not (head.isdecimal() or head.isidentifier()):
            return False
        if not (head.isdecimal() or head.isidentifier() or (head.endswith("+") and head[:-1].isdecimal())):
            return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_table_loads(name: str) -> None:
    library = read(name)
    assert library.languages
    assert library.types or library.functions or library.untyped


def test_bundled_tables_fit_together() -> None:
    tables = bundled()
    assert {read(name).name for name in NAMES} == set(tables.libraries)
    again = {
        f"{other}#{path.partition('#')[2]}": path
        for library in tables.libraries.values()
        for package, others in library.reexports.items()
        for row in library.types.values()
        for path in row.path
        if path.startswith(f"{package}#")
        for other in others
    }
    for path, name in tables.by_path.items():
        assert path in tables.types[name].path or again[path] in tables.types[name].path


@pytest.mark.parametrize("name", NAMES)
def test_what_a_row_returns_exists(name: str) -> None:
    library = read(name)
    wrong = [
        (where, member.returns, unknown_names(member.returns, row, library))
        for where, row, member in members(library)
        if member.returns and unknown_names(member.returns, row, library)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_callback_is_given_exists(name: str) -> None:
    library = read(name)
    wrong = [
        (where, given)
        for where, row, member in members(library)
        if member.callback is not None
        for given in member.callback.gives
        if given and unknown_names(given, row, library)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_words_about_types_name_types_and_parameters(name: str) -> None:
    library = read(name)
    wrong = []
    for type_name, row in library.types.items():
        known = parameters(row, library)
        for word, value in (("model", row.model), ("bind", row.bind), ("base", row.base)):
            if value and value not in known:
                wrong.append((type_name, word, value))
        # What members are looked up on is a parameter, or a type.
        for word, value in (("element", row.element), ("enter", row.enter), ("delegates", row.delegates)):
            if value and unknown_names(value, row, library):
                wrong.append((type_name, word, value))
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_slots_say_where_something_stands(name: str) -> None:
    library = read(name)
    wrong = []
    for where, _, member in members(library):
        for slot_name in sorted(SLOT_NAMES):
            slot: Slot | None = getattr(member, slot_name)
            if slot is not None and not (all(map(is_place, slot.at.split())) if slot.at else slot.value != ""):
                wrong.append((where, slot_name, slot.at))
        if member.callback is not None and not all(map(is_place, member.callback.at.split())):
            wrong.append((where, "callback", member.callback.at))
        if member.listener is not None:
            places = (member.listener.signals, member.listener.function, member.listener.model)
            wrong += [(where, "listener", at) for at in places if at and not all(map(is_place, at.split()))]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_a_table_names_its_source(name: str) -> None:
    text = (resources.files("dblint.libraries") / name).read_text("utf-8")
    assert any(line.startswith("# Source: ") for line in text.splitlines())


HEAD = 'name = "ledger"\nlanguages = ["python"]\n'


@pytest.mark.parametrize(
    ("rows", "named", "message"),
    [
        ("[types.Book\n", "", "Expected"),
        ('[types.Book]\ncolour = "red"\n', "types.Book", "unknown field `colour`"),
        (
            '[types.Book.members]\n"read" = { effects = ["explode"] }\n',
            "types.Book",
            "Invalid enum value 'explode' - at `$.members[...].effects[0]`",
        ),
        ('[types.Book.members]\n"read" = { run = "peruse" }\n', "types.Book", "Invalid enum value 'peruse'"),
        (
            '[types.Book.members]\n"read" = { distinct = "yes" }\n',
            "types.Book",
            "Expected `bool`, got `str` - at `$.members[...].distinct`",
        ),
        (
            '[types.Book.members]\n"read" = { where = { at = "0", reader = "tea-leaves" } }\n',
            "types.Book",
            "Invalid enum value 'tea-leaves' - at `$.members[...].where.reader`",
        ),
        ('[types.Book.members]\n"read seek read" = {}\n', "types.Book.members.read", "named twice"),
        ('[types.Book.members]\n"read seek" = {}\n"close read" = {}\n', "types.Book.members.read", "named twice"),
        ('[types.Book.beside]\n"save" = ["persist"]\n', "types.Book", "Invalid enum value 'persist'"),
        ('[functions]\n"ledger.open" = { returns = 1 }\n', "functions.ledger.open", "Expected `str`, got `int`"),
        ('[functions]\n"ledger.open ledger.open" = {}\n', "functions.ledger.open", "named twice"),
        ('[untyped]\n"each" = { element = true }\n', "untyped.each", "element says what a callback gives"),
        ('[fixes]\nsort = "{query}.sort()"\n', "fixes.sort", "is no remedy that a program writes: count, exists"),
        ('[fixes]\ncount = "{book}.count()"\n', "fixes.count", "{book} is no hole of count"),
        ('[fixes]\ncount-book = "{query}.count("\n', "fixes.count-book", "is no expression of Python"),
        (
            '[fixes]\nindex = { form = "argument", text = "index" , behind = "a" }\n',
            "fixes.index",
            "words stand behind",
        ),
        ('[fixes]\nindex = { form = "page", text = "index" }\n', "fixes.index", "Invalid enum value 'page'"),
        ('colour = "red"\n', "", "unknown field `colour`"),
    ],
)
def test_a_broken_table_is_refused_with_its_row(rows: str, named: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        parse((HEAD + rows).encode(), "ledger.toml")
    assert str(caught.value).startswith(f"ledger.toml: {named}")
    assert message in str(caught.value)


def test_a_table_without_a_name_is_refused() -> None:
    with pytest.raises(TableError, match=r"^ledger\.toml: .*missing required field `name`"):
        parse(b'languages = ["python"]\n', "ledger.toml")


def test_a_table_that_is_no_text_is_refused() -> None:
    with pytest.raises(TableError, match=r"^ledger\.toml: "):
        parse(b"\xff\xfe", "ledger.toml")


def test_extending_a_type_that_nobody_declares_is_refused() -> None:
    library = parse((HEAD + '[types.Book]\nextends = "Volume"\n').encode(), "ledger.toml")
    with pytest.raises(TableError, match="ledger:Book: extends ledger:Volume, which no table declares"):
        compile_tables({"ledger": library})


def test_rows_by_a_list_are_those_of_a_step() -> None:
    rows = '[types.Book.members]\n"put" = { run = "insert", rows = "listed" }\n'
    with pytest.raises(TableError, match=r'ledger.toml: types.Book.put: rows "listed" is for steps'):
        parse((HEAD + rows).encode(), "ledger.toml")


@pytest.mark.parametrize(
    "rows",
    [
        '[functions]\n"ledger.listen" = { listener = { model = "0" } }\n',
        '[functions]\n"ledger.listen" = { listener = { signals = "0", verbs = ["insert"] } }\n',
        '[types.Book]\ntells = ["insert"]\n[types.Book.members]\n"listen" = { listener = { verbs = ["insert"] } }\n',
    ],
)
def test_a_listener_says_once_when_it_runs(rows: str) -> None:
    library = parse((HEAD + rows).encode(), "ledger.toml")
    with pytest.raises(TableError, match=r"ledger: .*listen: listens to what is not said, or said twice"):
        compile_tables({"ledger": library})


def test_two_types_at_one_path_are_refused() -> None:
    rows = '[types.Book]\npath = "ledger.Book"\n[types.Volume]\npath = "ledger.Book"\n'
    library = parse((HEAD + rows).encode(), "ledger.toml")
    with pytest.raises(TableError, match=r"ledger: types\.Volume: ledger\.Book is ledger:Book already"):
        compile_tables({"ledger": library})


def test_members_are_found_through_what_a_type_extends() -> None:
    rows = """
[types.Base.members]
"read" = { run = "select", returns = "self" }
"close" = { effects = ["close"] }
[types.Book]
extends = "Base"
[types.Book.members]
"close" = { returns = "none" }
"""
    tables = compile_tables({"ledger": parse((HEAD + rows).encode(), "ledger.toml")})
    assert tables.lineages["ledger:Book"] == ("ledger:Book", "ledger:Base")
    found = {name: tables.member("ledger:Book", name) for name in ("read", "close", "open")}
    assert {name: entry and entry[0] for name, entry in found.items()} == {
        "read": "ledger:Base",
        "close": "ledger:Book",
        "open": None,
    }


def test_types_that_extend_each_other_end() -> None:
    rows = '[types.Hen]\nextends = "Egg"\n[types.Egg]\nextends = "Hen"\n'
    tables = compile_tables({"ledger": parse((HEAD + rows).encode(), "ledger.toml")})
    assert tables.lineages == {"ledger:Hen": ("ledger:Hen", "ledger:Egg"), "ledger:Egg": ("ledger:Egg", "ledger:Hen")}
