"""Collections that Mongoose's schemas declare: fields, keys, indexes, references, names."""

from __future__ import annotations

from collections.abc import Iterable

from dblint.facts.schema import Table
from tests.link.linked import linked

HEAD = "import mongoose, { Schema, Types, model } from 'mongoose';\n"
DEFINITIONS = {
    "name: String": "name:string:True",
    "name: 'String'": "name:string:True",
    "name: { type: String, required: true }": "name:string:False",
    "name: { type: String, required: [true, 'why'] }": "name:string:False",
    "name: { type: String, required() { return true; } }": "name:string:None",
    "age: Number": "age:double:True",
    "when: Date": "when:date:True",
    "on: { type: Boolean, default: false }": "on:bool:True=false",
    "any: Schema.Types.Mixed": "any::True",
    "big: BigInt": "big:long:True",
    "owner: Schema.Types.ObjectId": "owner:objectId:True",
    "tags: [String]": "tags:array:True",
    "tags: { type: [String] }": "tags:array:True",
    "tags: []": "tags:array:True",
    "of: { type: Map, of: Number }": "of:object:True",
    "lid: { colour: String }": "lid:object:True lid.colour:string:True",
    "lid: { type: { type: String }, wide: Number }": "lid:object:True lid.type:string:True lid.wide:double:True",
    "lid: new Schema({ wide: Number })": "lid:object:True lid.wide:double:True",
    "lids: [{ wide: Number }]": "lids:array:True lids.wide:double:True",
    "lids: { type: [{ type: Number }] }": "lids:array:True",
    "...shared": "kept:date:True",
}
INDEXES = {
    "name: { type: String, unique: true }": "unique name",
    "name: { type: String, index: true }": "name",
    "name: { type: String, index: { unique: true, sparse: true } }": "unique name",
    "name: { type: String, index: false }": "",
    "when: { type: Date, expires: 60 }": "when",
}
CALLS = {
    "jars.index({ name: 1, age: -1 })": "name,-age",
    "jars.index({ name: 1 }, { unique: true })": "unique name",
    "jars.index({ name: 'text' })": "name fulltext",
    "jars.index({ name: 1 }, { partialFilterExpression: { age: 3 } })": "name partial",
    "jars.add({ more: { type: String, unique: true } })": "unique more",
}
NAMES = {
    "model('Jar', new Schema({}))": "jars",
    "model('Person', new Schema({}))": "people",
    "model('Category', new Schema({}))": "categories",
    "model('Status', new Schema({}))": "status",
    "model('Mouse', new Schema({}))": "mice",
    "model('UserProfile', new Schema({}))": "userprofiles",
    "model('Jar', new Schema({}), 'shelf')": "shelf",
    "model('Jar', new Schema({}, { collection: 'shelf' }))": "shelf",
    "mongoose.connection.model('Jar', new Schema({}))": "jars",
    "mongoose.createConnection('x').model('Jar', new Schema({}))": "jars",
    "mongoose.models.Jar || mongoose.model('Jar', new Schema({}))": "jars",
}


def tables(text: str) -> list[Table]:
    return list(linked({"a.ts": HEAD + text}).tables.values())


def columns(table: Table) -> str:
    said = [
        f"{column.name}:{column.type}:{column.nullable}" + (f"={column.default}" if column.default else "")
        for column in table.columns
        if column.name not in ("_id", "__v")
    ]
    return " ".join(said)


def indexes(table: Table) -> str:
    return "; ".join(
        ("unique " if index.unique else "")
        + ",".join(("-" if column.descending else "") + column.name for column in index.columns)
        + (f" {index.method}" if index.method else "")
        + (f" {index.predicate}" if index.predicate else "")
        for index in table.indexes
    )


def numbered(models: Iterable[str]) -> list[Table]:
    """The tables of models that are made of one schema each, all in one program: `made0`, `made1`, …"""
    made = "".join(
        f"{{ {calls} model('M', jars, 'made{number}'); }}\n" for number, calls in enumerate(models)
    )  # names of models may be the same where nobody asks for them
    return sorted(tables(f"const shared = {{ kept: Date }};\n{made}"), key=lambda table: int(table.name[4:]))


def test_fields() -> None:
    found = numbered(f"const jars = new Schema({{ {written} }});" for written in DEFINITIONS)
    assert dict(zip(DEFINITIONS, map(columns, found), strict=True)) == DEFINITIONS
    assert {(table.complete, table.keys[0].kind, table.keys[0].columns) for table in found} == {
        (True, "primary", ("_id",))
    }


def test_indexes_of_fields() -> None:
    found = numbered(f"const jars = new Schema({{ {written} }});" for written in INDEXES)
    assert dict(zip(INDEXES, map(indexes, found), strict=True)) == INDEXES


def test_indexes_by_calls() -> None:
    found = numbered(f"const jars = new Schema({{ name: String, age: Number }}); {written};" for written in CALLS)
    assert dict(zip(CALLS, map(indexes, found), strict=True)) == CALLS
    assert all(table.complete for table in found)


def test_names() -> None:
    found = linked({f"m{number}.ts": f"{HEAD}export const Made = {each};\n" for number, each in enumerate(NAMES)})
    every = [*found.tables.values(), *(table for several in found.ambiguous.values() for table in several)]
    said = {table.place.path: table.name for table in every if table.place is not None}
    assert [said[f"m{number}.ts"] for number in range(len(NAMES))] == list(NAMES.values())


def test_options_of_a_schema_add_fields() -> None:
    (table,) = tables(
        "model('Jar', new Schema({}, { timestamps: { createdAt: 'made', updatedAt: false }, versionKey: false }));"
    )
    assert [column.name for column in table.columns] == ["_id", "made"]
    (table,) = tables("const jars = new Schema({});\njars.set('timestamps', true);\nmodel('Jar', jars);")
    assert [column.name for column in table.columns] == ["_id", "createdAt", "updatedAt", "__v"]


def test_what_a_plugin_or_a_computed_part_adds_is_not_known() -> None:
    for text in (
        "const jars = new Schema({});\njars.plugin(more);\nmodel('Jar', jars);",
        "model('Jar', new Schema({ ...more }));",
        "model('Jar', new Schema({ [name]: String }));",
    ):
        assert [table.complete for table in tables(text)] == [False], text


def test_references_are_relations_and_foreign_keys_that_nobody_enforces() -> None:
    found = tables(
        """
        const Owner = model('Owner', new Schema({ name: String }));
        model('Jar', new Schema({
          owner: { type: Schema.Types.ObjectId, ref: 'Owner' },
          by: { type: Schema.Types.ObjectId, ref: () => Owner },
          all: [{ type: Schema.Types.ObjectId, ref: 'Owner' }],
          other: { type: Schema.Types.ObjectId, refPath: 'kind' },
        }));
        """
    )
    table = next(table for table in found if table.name == "jars")
    assert [(relation.name, relation.target, relation.kind) for relation in table.relations] == [
        ("owner", "owners", "to-one"),
        ("by", "owners", "to-one"),
        ("all", "owners", "to-many"),
    ]
    foreign = [(key.columns, key.target, key.enforced) for key in table.keys if key.kind == "foreign"]
    assert foreign == [(("owner",), "owners", False), (("by",), "owners", False)]


def test_virtuals_lead_to_other_documents() -> None:
    found = tables(
        """
        const owners = new Schema({ name: String });
        owners.virtual('jars', { ref: 'Jar', localField: '_id', foreignField: 'owner' });
        owners.virtual('first', { ref: 'Jar', localField: '_id', foreignField: 'owner', justOne: true });
        owners.virtual('short').get(function () { return this.name; });
        model('Owner', owners);
        model('Jar', new Schema({ owner: Schema.Types.ObjectId }));
        """
    )
    table = next(table for table in found if table.name == "owners")
    assert [(each.name, each.target, each.kind, each.target_columns) for each in table.relations] == [
        ("jars", "jars", "to-many", ("owner",)),
        ("first", "jars", "to-one", ("owner",)),
    ]


def test_discriminators_lie_in_the_collection_of_their_model() -> None:
    (table,) = tables(
        """
        const Event = model('Event', new Schema({ at: Date }, { discriminatorKey: 'kind' }));
        export const Click = Event.discriminator('Click', new Schema({ url: { type: String, required: true } }));
        """
    )
    assert (table.name, columns(table)) == ("events", "at:date:True url:string:True kind:string:True")
