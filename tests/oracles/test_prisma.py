"""Our reading of Prisma schemas against Prisma's own: the same verdict, and for sound ones the same models.

`fixtures/prisma/sound` and `unsound` hold files and folders (a schema of several files each);
`fixtures/prisma/variants.txt` holds many small schemas, each after a line `=== title`. They begin with
HEADER unless the title ends in `(whole)`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dblint.facts.blocks import Block, BlockKind, Field
from dblint.facts.schema import Table
from dblint.frontends.prisma import extract
from dblint.link.prisma import PrismaSchema, join
from tests.oracles.conftest import Answers

FIXTURES = Path(__file__).parents[2] / "fixtures" / "prisma"
HEADER = """generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
  url = env("X")
}
"""
# What a text file cannot hold without harm.
SPECIAL = {
    "lines end in CR LF": "model A {\r\n id Int @id\r\n}\r\n",
    "lines end in CR": "model A {\r id Int @id\r}\r",
    "a tab in a string": 'model A {\n id Int @id\n s String @default("a\tb")\n}',
    "a no-break space": "model A {\n id\u00a0Int @id\n}",
    "an ideographic space": "model A {\n\u3000id\u3000Int @id\n}",
    "a form feed": "model A {\n id\fInt @id\n}",
    "a line separator": "model A {\n id Int @id\u2028\n}",
    "a next line": "model A {\n id Int @id\u0085}",
}

Files = list[tuple[str, str]]


def _schemas() -> dict[str, Files]:
    found: dict[str, Files] = {}
    for kind in ("sound", "unsound"):
        for entry in sorted((FIXTURES / kind).iterdir()):
            paths = sorted(entry.rglob("*.prisma")) if entry.is_dir() else [entry]
            files = [(path.relative_to(FIXTURES).as_posix(), path.read_bytes().decode()) for path in paths]
            found[entry.relative_to(FIXTURES).as_posix()] = files
    for part in (FIXTURES / "variants.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        title, _, text = part.partition("\n")
        whole = title.endswith("(whole)")
        found[title] = [("schema.prisma", text.rstrip("\n") if whole else HEADER + text.rstrip("\n"))]
    found |= {title: [("schema.prisma", HEADER + text)] for title, text in SPECIAL.items()}
    return found


SCHEMAS = _schemas()
SOUND = [name for name in SCHEMAS if name.startswith("sound/")]
UNSOUND = [name for name in SCHEMAS if name.startswith("unsound/")]


def _joined(name: str) -> PrismaSchema:
    return join([extract(text.encode(), path) for path, text in SCHEMAS[name]])


@pytest.fixture(scope="module")
def answers(ask_prisma: Answers) -> dict[str, Any]:
    return ask_prisma(SCHEMAS)


def test_there_is_enough_to_compare() -> None:
    assert len(SOUND) >= 10
    assert len(UNSOUND) >= 16
    assert len(SCHEMAS) >= 300


def test_25_what_is_compared() -> None:
    """The number is a row of the project's table of faults, which names these."""
    written = "\n".join(text for files in SCHEMAS.values() for _, text in files)
    for said in (r"^\s*model \w+ *\{.*\}", r"/\*.*\*/", "///"):
        assert re.search(said, written, re.MULTILINE), said
    assert [name for name, files in SCHEMAS.items() if len(files) > 1]


@pytest.mark.parametrize("name", SCHEMAS)
def test_25_same_verdict(name: str, answers: dict[str, Any]) -> None:
    refusals = answers[name]["refusals"]
    assert _joined(name).sound == (None in refusals), refusals


@pytest.mark.parametrize("name", SOUND)
def test_sound_fixtures_are_sound(name: str) -> None:
    schema = _joined(name)
    assert schema.sound
    assert all(table.complete for table in schema.tables)


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_fixtures_give_incomplete_tables(name: str) -> None:
    schema = _joined(name)
    assert not schema.sound
    assert not any(table.complete for table in schema.tables)


ACCEPTED = [name for name in SCHEMAS if _joined(name).sound]


@pytest.mark.parametrize("name", ACCEPTED)
def test_same_models(name: str, answers: dict[str, Any]) -> None:
    theirs = answers[name]["models"]
    files = [extract(text.encode(), path) for path, text in SCHEMAS[name]]
    blocks = {block.name: block for file in files for block in file.blocks}
    schema = join(files)
    tables = {table.model: table for table in schema.tables if table.model}
    ignored = {name for name, block in blocks.items() if _has(block, "ignore")}
    assert {model["name"] for model in theirs["models"]} == set(tables) - ignored
    for model in theirs["models"]:
        table, block = tables[model["name"]], blocks[model["name"]]
        assert table.name == (model["dbName"] or model["name"])
        assert table.schema == (model["schema"] or "")
        assert _words(block.documentation) == _words(model.get("documentation", ""))
        _compare_fields(model, table, block, ignored, schema)
        _compare_keys(model, table)
    _compare_indexes(theirs["indexes"], tables, blocks)
    _compare_enums(theirs["enums"], schema, blocks)


def _words(documentation: str) -> list[str]:
    """Block comments come with asterisks and indentation of Prisma's making."""
    return documentation.replace("*", " ").split()


def _has(thing: Block | Field, attribute: str) -> bool:
    return any(one.path == attribute for one in thing.attributes)


def _compare_fields(model: Any, table: Table, block: Block, ignored: set[str], schema: PrismaSchema) -> None:
    written = {field.name: field for field in block.fields}
    shown = {
        name
        for name, field in written.items()
        if not (field.type.unsupported or _has(field, "ignore") or field.type.name in ignored)
    }
    assert {field["name"] for field in model["fields"]} == shown
    names = {one.model: one.name for one in schema.tables}
    for theirs in model["fields"]:
        field = written[theirs["name"]]
        assert (field.type.name, field.type.many) == (theirs["type"], theirs["isList"])
        assert (not field.type.optional) == theirs["isRequired"]
        assert _words(field.documentation) == _words(theirs.get("documentation", ""))
        if theirs["kind"] == "object" and theirs["type"] in names:
            _compare_relation(theirs, table, names[theirs["type"]], field)
        else:
            _compare_column(theirs, table, field)


def _compare_column(theirs: Any, table: Table, field: Field) -> None:
    column = table.column(theirs["name"])
    assert column is not None
    assert column.attribute == theirs["name"]
    assert column.name == theirs.get("dbName", theirs["name"])
    assert column.nullable == (not theirs["isRequired"])
    assert _has(field, "updatedAt") == theirs["isUpdatedAt"]
    assert bool(column.default) == (theirs["hasDefaultValue"] or theirs["isUpdatedAt"])
    native = [attribute for attribute in field.attributes if "." in attribute.path]
    if theirs.get("nativeType"):
        name, arguments = theirs["nativeType"]
        assert [attribute.path.partition(".")[2] for attribute in native] == [name]
        assert [argument.value.text for argument in native[0].arguments] == arguments
        if arguments:
            assert f"({','.join(arguments).lower()})" in column.type
    else:
        assert not native
    default = theirs.get("default")
    if isinstance(default, dict) and default["name"] not in ("dbgenerated", "sequence"):
        # Prisma fills in the version of `uuid` and `cuid` where none is written.
        assert column.default.partition("(")[0] == default["name"]
        client = default["name"] in ("uuid", "cuid", "nanoid", "ulid")
        assert column.default_by == ("client" if client else column.default_by)
    elif isinstance(default, bool):
        assert column.default == str(default).lower()
    elif isinstance(default, str) and theirs["type"] in ("String", "Json", "DateTime", "Bytes"):
        assert column.default == "'" + default.replace("'", "''") + "'" or theirs["type"] == "DateTime"
    elif isinstance(default, list):
        assert column.default.startswith("array[")
        assert column.default.count(", ") >= len(default) - 1


def _compare_relation(theirs: Any, table: Table, target: str, field: Field) -> None:
    relation = table.relation(theirs["name"])
    assert relation is not None
    assert relation.target == target
    assert (relation.kind == "to-one") == (not theirs["isList"])
    columns = {column.attribute: column.name for column in table.columns}
    if theirs["relationFromFields"]:
        assert relation.columns == tuple(columns[name] for name in theirs["relationFromFields"])
        assert len(relation.target_columns) == len(theirs["relationToFields"])
    if theirs["relationFromFields"] and relation.kind == "to-one":
        keys = [key for key in table.keys if key.kind == "foreign" and key.columns == relation.columns]
        assert len(keys) == 1
        key = keys[0]
        assert (key.target, key.target_columns) == (target, relation.target_columns)
        words = {"SetNull": "set null", "NoAction": "no action", "SetDefault": "set default"}
        for ours, name in ((key.on_delete, "relationOnDelete"), (key.on_update, "relationOnUpdate")):
            if name in theirs:
                assert ours == words.get(theirs[name], theirs[name].lower())


def _compare_keys(model: Any, table: Table) -> None:
    columns = {column.attribute: column.name for column in table.columns}
    primary = [key.columns for key in table.keys if key.kind == "primary"]
    by_field = [(columns[field["name"]],) for field in model["fields"] if field["isId"]]
    compound = model["primaryKey"]
    expected = [tuple(columns[name] for name in compound["fields"])] if compound else by_field
    if expected or not any(len(key) == 1 for key in primary):
        assert primary == expected
    sets = set(table.unique_sets())
    for field in model["fields"]:
        if field["isUnique"]:
            assert frozenset({columns[field["name"]]}) in sets or any(
                index.unique and index.predicate for index in table.indexes
            )
    for names in model["uniqueFields"]:
        assert frozenset(columns.get(name, name) for name in names) in sets or any(
            index.unique and index.predicate for index in table.indexes
        )


def _compare_indexes(theirs: Any, tables: dict[str, Table], blocks: dict[str, Block]) -> None:
    for model, table in tables.items():
        if _has(blocks[model], "ignore") or blocks[model].kind is BlockKind.VIEW:
            continue
        own = [index for index in theirs if index["model"] == model]
        expected = sorted(
            (
                index["type"],
                tuple(
                    (_column_name(field["name"], model, blocks), field.get("sortOrder") == "desc")
                    for field in index["fields"]
                ),
                index.get("algorithm", "").lower(),
            )
            for index in own
        )
        ours = [
            ({"primary": "id", "unique": "unique"}[key.kind], tuple((name, False) for name in key.columns), "")
            for key in table.keys
            if key.kind != "foreign"
        ]
        for index in table.indexes:
            kind = "unique" if index.unique else "fulltext" if index.method == "fulltext" else "normal"
            parts = tuple((part.name, part.descending) for part in index.columns)
            ours.append((kind, parts, "" if kind == "fulltext" else index.method))
        assert sorted(ours) == expected
        written = {index["dbName"] for index in own if "dbName" in index}
        assert written <= {key.name for key in table.keys} | {index.name for index in table.indexes}


def _column_name(path: str, model: str, blocks: dict[str, Block]) -> str:
    """The database's name of a field, or of a part of a document."""
    names, owner = [], model
    for step in path.split("."):
        (field,) = [field for field in blocks[owner].fields if field.name == step]
        mapped = [attribute.arguments[0].value.text for attribute in field.attributes if attribute.path == "map"]
        names.append(mapped[0] if mapped else step)
        owner = field.type.name
    return ".".join(names)


def _compare_enums(theirs: Any, schema: PrismaSchema, blocks: dict[str, Block]) -> None:
    ours = {enum.model: enum for enum in schema.enums}
    assert {enum["name"] for enum in theirs} == set(ours)
    for enum in theirs:
        mine, block = ours[enum["name"]], blocks[enum["name"]]
        assert mine.name == (enum["dbName"] or enum["name"])
        assert list(mine.members) == [value["name"] for value in enum["values"]]
        assert list(mine.values) == [value["dbName"] or value["name"] for value in enum["values"]]
        assert _words(block.documentation) == _words(enum.get("documentation", ""))
        assert [_words(member.documentation) for member in block.members] == [
            _words(value.get("documentation", "")) for value in enum["values"]
        ]
