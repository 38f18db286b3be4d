"""Our reading of Prisma schemas against what Prisma says of them: its verdict, and the models of its client.

    python -m tests.oracles.dmmf PATH…

asks about every schema below the paths, a folder of several files being one: whether it is sound exactly where either
generation of Prisma accepts it, and whether the catalogue's tables are the client's models, field by field. What
differs is printed, a line each, then how much was compared; the exit status is 1 if anything differs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dblint.facts.blocks import Attribute, Block, BlockKind, Field
from dblint.facts.schema import SchemaColumn, Table
from dblint.frontends.prisma import extract
from dblint.link.prisma import PrismaSchema, SchemaEnum, groups, join
from tests.oracles import npm

_ACTIONS = {"SetNull": "set null", "NoAction": "no action", "SetDefault": "set default"}
_QUOTED = ("String", "Json", "Bytes", "DateTime")
_CLIENT = ("uuid", "cuid", "nanoid", "ulid")
_NEVER_READ = {"node_modules", ".git"}

Files = Sequence[tuple[str, str]]


def verdict(files: Files, answer: Mapping[str, Any]) -> list[str]:
    """What is wrong with our verdict of a schema; `answer` is that of `prisma.mjs`."""
    schema = join([extract(text.encode(), path) for path, text in files])
    refusals = answer["refusals"]
    if schema.sound == (None in refusals):
        return []
    if schema.sound:
        return [f"we accept what Prisma refuses: {refusals[0].strip().splitlines()[0]}"]
    read = [fault.message for path, text in files for fault in extract(text.encode(), path).faults]
    return [f"we refuse what Prisma accepts: {', '.join([*read, *(fault.message for _path, fault in schema.faults)])}"]


def differences(files: Files, theirs: Mapping[str, Any]) -> list[str]:
    """Where the catalogue of a sound schema is not its data model as `get_dmmf` of Prisma has it."""
    return list(_Comparison(files).all(theirs))


class _Comparison:
    def __init__(self, files: Files) -> None:
        read = [extract(text.encode(), path) for path, text in files]
        self.schema: PrismaSchema = join(read)
        self.blocks: dict[str, Block] = {block.name: block for file in read for block in file.blocks}
        self.tables: dict[str, Table] = {table.model: table for table in self.schema.tables if table.model}
        self.enums: dict[str, SchemaEnum] = {enum.model: enum for enum in self.schema.enums}
        self.words: dict[str, dict[str, str]] = {}
        self.ignored = {name for name, block in self.blocks.items() if _has(block, "ignore")}

    def all(self, theirs: Mapping[str, Any]) -> Iterator[str]:
        models = {model["name"]: model for model in theirs["models"]}
        for enum in theirs["enums"]:
            self.words[enum["name"]] = {value["name"]: value["dbName"] or value["name"] for value in enum["values"]}
        yield from _differ("models", set(self.tables) - self.ignored, set(models))
        for name in sorted(models.keys() & self.tables.keys()):
            for said in self._model(models[name], models):
                yield f"{name}: {said}"
        yield from self._indexes(theirs["indexes"])
        yield from self._enums(theirs["enums"])

    def _model(self, model: Any, models: Mapping[str, Any]) -> Iterator[str]:
        table, block = self.tables[model["name"]], self.blocks[model["name"]]
        yield from _differ("table", table.name, model["dbName"] or model["name"])
        yield from _differ("schema", table.schema, model["schema"] or "")
        yield from _differ("documentation", _words(block.documentation), _words(model.get("documentation", "")))
        yield from self._fields(model, table, block, models)
        yield from self._keys(model, table)

    def _fields(self, model: Any, table: Table, block: Block, models: Mapping[str, Any]) -> Iterator[str]:
        written = {field.name: field for field in block.fields}
        shown = {
            name
            for name, field in written.items()
            if not (field.type.unsupported or _has(field, "ignore") or field.type.name in self.ignored)
        }
        yield from _differ("fields", shown, {field["name"] for field in model["fields"]})
        for theirs in model["fields"]:
            if theirs["name"] not in written:
                continue
            field = written[theirs["name"]]
            found = [
                *_differ("type", (field.type.name, field.type.many), (theirs["type"], theirs["isList"])),
                *_differ("required", not field.type.optional, theirs["isRequired"]),
                *_differ("documentation", _words(field.documentation), _words(theirs.get("documentation", ""))),
            ]
            if theirs["kind"] == "object" and theirs["type"] in self.tables:
                found += self._relation(theirs, table, models)
            else:
                found += self._column(theirs, table, field)
            yield from (f"{theirs['name']}: {said}" for said in found)

    def _column(self, theirs: Any, table: Table, field: Field) -> Iterator[str]:
        column = next((column for column in table.columns if column.attribute == theirs["name"]), None)
        if column is None:
            yield "no such column"
            return
        yield from _differ("column", column.name, theirs.get("dbName", theirs["name"]))
        yield from _differ("nullable", column.nullable, not theirs["isRequired"])
        yield from _differ("updated", _has(field, "updatedAt"), theirs["isUpdatedAt"])
        yield from _differ("default", bool(column.default), theirs["hasDefaultValue"] or theirs["isUpdatedAt"])
        native = [attribute for attribute in field.attributes if "." in attribute.path]
        yield from _differ("native type", _native(native), theirs.get("nativeType") or None)
        if native and native[0].arguments and theirs.get("nativeType"):
            arguments = f"({','.join(theirs['nativeType'][1]).lower()})"
            if arguments not in column.type:
                yield f"type: {column.type!r} without {arguments}"
        if theirs["kind"] == "enum":
            yield from _differ("words", column.enum, tuple(self.words[theirs["type"]].values()))
        if "default" in theirs:
            yield from self._default(theirs, theirs["default"], column)

    def _default(self, theirs: Any, default: Any, column: SchemaColumn) -> Iterator[str]:
        ours = column.default
        if isinstance(default, dict):
            if default["name"] not in ("dbgenerated", "sequence"):
                # Prisma fills in the version of `uuid` and `cuid` where none is written.
                yield from _differ("default", ours.partition("(")[0], default["name"])
            if default["name"] in _CLIENT:
                yield from _differ("default by", column.default_by, "client")
        elif isinstance(default, list):
            if not ours.startswith("array[") or ours.count(", ") < len(default) - 1:
                yield f"default: {ours!r} is no list of {len(default)}"
        elif isinstance(default, bool):
            yield from _differ("default", ours, str(default).lower())
        elif theirs["kind"] == "enum":
            yield from _differ("default", ours, "'" + self.words[theirs["type"]][default].replace("'", "''") + "'")
        elif theirs["type"] in ("String", "Json", "Bytes"):
            yield from _differ("default", ours, "'" + default.replace("'", "''") + "'")
        elif theirs["type"] not in _QUOTED:
            try:
                yield from _differ("default", float(ours.strip("'")), float(default))
            except ValueError:
                yield f"default: {ours!r} is no number"

    def _relation(self, theirs: Any, table: Table, models: Mapping[str, Any]) -> Iterator[str]:
        relation = next((one for one in table.relations if one.name == theirs["name"]), None)
        if relation is None:
            yield "no such relation"
            return
        target = self.tables[theirs["type"]]
        yield from _differ("target", relation.target, target.name)
        yield from _differ("to one", relation.kind == "to-one", not theirs["isList"])
        others = [
            field["name"]
            for field in models.get(theirs["type"], {"fields": []})["fields"]
            if (field.get("relationName"), field["type"]) == (theirs["relationName"], table.model)
            and (field["name"] != theirs["name"] or theirs["type"] != table.model)
        ]
        if others:
            yield from _differ("inverse", relation.inverse, others[0])
        here = {column.attribute: column.name for column in table.columns}
        there = {column.attribute: column.name for column in target.columns}
        if not theirs["relationFromFields"]:
            return
        columns = tuple(here[name] for name in theirs["relationFromFields"])
        references = tuple(there[name] for name in theirs["relationToFields"])
        yield from _differ("columns", relation.columns, columns)
        yield from _differ("target columns", relation.target_columns, references)
        if theirs["isList"]:
            return
        own = [
            key
            for key in table.keys
            if key.kind == "foreign"
            and (key.columns, key.target) == (columns, target.name)
            and key.target_columns == references
        ]
        if not own:
            yield f"no foreign key over {columns}"
        for said in ("relationOnDelete", "relationOnUpdate"):
            if own and said in theirs:
                ours = {key.on_delete if said == "relationOnDelete" else key.on_update for key in own}
                word = _ACTIONS.get(theirs[said], theirs[said].lower())
                if word not in ours:
                    yield f"{said}: {sorted(ours)}, not {word!r}"

    def _keys(self, model: Any, table: Table) -> Iterator[str]:
        columns = {column.attribute: column.name for column in table.columns}
        primary = [key.columns for key in table.keys if key.kind == "primary"]
        by_field = [(columns[field["name"]],) for field in model["fields"] if field["isId"]]
        compound = model["primaryKey"]
        expected = [tuple(columns[name] for name in compound["fields"])] if compound else by_field
        if expected or not any(len(key) == 1 for key in primary):
            yield from _differ("primary key", primary, expected)
        sets = set(table.unique_sets())
        partial = any(index.unique and index.predicate for index in table.indexes)
        unique = [[field["name"]] for field in model["fields"] if field["isUnique"]]
        for names in (*unique, *model["uniqueFields"]):
            if frozenset(columns.get(name, name) for name in names) not in sets and not partial:
                yield f"not unique: {', '.join(names)}"

    def _indexes(self, theirs: Any) -> Iterator[str]:
        for model, table in self.tables.items():
            if model in self.ignored or self.blocks[model].kind is BlockKind.VIEW:
                continue
            own = [index for index in theirs if index["model"] == model]
            expected = sorted(
                (
                    index["type"],
                    tuple(
                        (self._column_name(field["name"], model), field.get("sortOrder") == "desc")
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
            for said in _differ("indexes", sorted(ours), expected):
                yield f"{model}: {said}"
            written = {index["dbName"] for index in own if "dbName" in index}
            names = {key.name for key in table.keys} | {index.name for index in table.indexes}
            if not written <= names:
                yield f"{model}: no index is named {', '.join(sorted(written - names))}"

    def _column_name(self, path: str, model: str) -> str:
        """The database's name of a field, or of a part of a document."""
        names, owner = [], model
        for step in path.split("."):
            (field,) = [field for field in self.blocks[owner].fields if field.name == step]
            mapped = [attribute.arguments[0].value.text for attribute in field.attributes if attribute.path == "map"]
            names.append(mapped[0] if mapped else step)
            owner = field.type.name
        return ".".join(names)

    def _enums(self, theirs: Any) -> Iterator[str]:
        yield from _differ("enums", set(self.enums), {enum["name"] for enum in theirs})
        for enum in theirs:
            mine, block = self.enums.get(enum["name"]), self.blocks[enum["name"]]
            if mine is None:
                continue
            found = [
                *_differ("name", mine.name, enum["dbName"] or enum["name"]),
                *_differ("members", list(mine.members), [value["name"] for value in enum["values"]]),
                *_differ("values", list(mine.values), [value["dbName"] or value["name"] for value in enum["values"]]),
                *_differ("documentation", _words(block.documentation), _words(enum.get("documentation", ""))),
                *_differ(
                    "documentation of members",
                    [_words(member.documentation) for member in block.members],
                    [_words(value.get("documentation", "")) for value in enum["values"]],
                ),
            ]
            yield from (f"{enum['name']}: {said}" for said in found)


def _differ(what: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{what}: {ours!r}, not {theirs!r}"


def _words(documentation: str) -> list[str]:
    """Block comments come with asterisks and indentation of Prisma's making."""
    return documentation.replace("*", " ").split()


def _has(thing: Block | Field, attribute: str) -> bool:
    return any(one.path == attribute for one in thing.attributes)


def _native(attributes: Sequence[Attribute]) -> list[object] | None:
    """Prisma's word for a native type, with its arguments."""
    if not attributes:
        return None
    (one,) = attributes
    return [one.path.partition(".")[2], [argument.value.text for argument in one.arguments]]


def main(paths: Sequence[str]) -> int:
    """Compare all schemas below the paths. Returns the exit status."""
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        below = [path] if path.is_file() else sorted(path.rglob("*.prisma"))
        found |= {file.as_posix(): file for file in below if not _NEVER_READ.intersection(file.parts)}
    texts = {name: file.read_bytes().decode() for name, file in found.items()}
    schemas = [
        [(name, texts[name]) for name in group]
        for group in groups([extract(text.encode(), name) for name, text in texts.items()])
    ]
    counts: Counter[str] = Counter()
    differing = 0
    for files, answer in zip(schemas, npm.run(npm.HERE / "prisma.mjs", schemas) if schemas else (), strict=True):
        counts["schemas"] += 1
        wrong = verdict(files, answer)
        if answer["models"] is not None:
            counts["accepted"] += 1
            counts["models"] += len(answer["models"]["models"])
            counts["fields"] += sum(len(model["fields"]) for model in answer["models"]["models"])
            wrong = wrong or differences(files, answer["models"])
        differing += len(wrong)
        for said in wrong:
            sys.stdout.write(f"{files[0][0]}: {said}\n")
    told = ", ".join(f"{counts[word]} {word}" for word in ("schemas", "accepted", "models", "fields"))
    sys.stdout.write(f"{told}: {differing or 'nothing'} different\n")
    return 1 if differing or not schemas else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
