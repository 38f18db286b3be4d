"""Prisma schemas as tables, and what Prisma would reject about them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.frontends.prisma import extract
from dblint.link.prisma import Generator, PrismaSchema, groups, join


def source(provider: str, extra: str = "") -> str:
    return f'datasource db {{\n  provider = "{provider}"\n  url = env("DATABASE_URL")\n{extra}}}\n'


def joined(text: str, provider: str = "postgresql", extra: str = "") -> PrismaSchema:
    return join([extract((source(provider, extra) + text).encode(), "schema.prisma")])


def faults(text: str, provider: str = "postgresql") -> list[tuple[int, str]]:
    """What joining reports, as (line of `text`, message)."""
    head = source(provider)
    whole = (head + text).encode()
    schema = join([extract(whole, "schema.prisma")])
    return [(whole[: fault.start].count(b"\n") + 1 - head.count("\n"), fault.message) for _path, fault in schema.faults]


def table(schema: PrismaSchema, name: str) -> Table:
    (found,) = [table for table in schema.tables if table.name == name]
    return found


def bare(node: Key | Index | Relation | SchemaColumn) -> Key | Index | Relation | SchemaColumn:
    return msgspec.structs.replace(node, place=None)


EVERY_TYPE = """model T {
  id Int @id
  s  String
  b  Boolean
  i  Int?
  l  BigInt
  f  Float
  n  Decimal
  t  DateTime
  j  Json
  y  Bytes
}
"""


@pytest.mark.parametrize(
    ("provider", "types"),
    [
        ("postgresql", "integer|text|boolean|integer|bigint|double precision|decimal(65,30)|timestamp(3)|jsonb|bytea"),
        ("mysql", "integer|varchar(191)|boolean|integer|bigint|double|decimal(65,30)|datetime(3)|json|longblob"),
        ("sqlite", "integer|text|boolean|integer|bigint|real|decimal|datetime|jsonb|blob"),
        ("cockroachdb", "int4|string|bool|int4|int8|float8|decimal(65,30)|timestamp(3)|jsonb|bytes"),
    ],
)
def test_default_types(provider: str, types: str) -> None:
    schema = joined(EVERY_TYPE, provider)
    assert schema.sound
    assert "|".join(column.type for column in table(schema, "T").columns) == types


def test_default_types_of_sql_server() -> None:
    text = EVERY_TYPE.replace("  j  Json\n", "")
    types = "int|nvarchar(1000)|bit|int|bigint|float(53)|decimal(32,16)|datetime2|varbinary(max)"
    assert "|".join(column.type for column in table(joined(text, "sqlserver"), "T").columns) == types


@pytest.mark.parametrize(
    ("provider", "written", "expected"),
    [
        ("postgresql", "String @db.VarChar(20)", "varchar(20)"),
        ("postgresql", "Decimal @db.Decimal(10, 2)", "decimal(10,2)"),
        ("postgresql", "DateTime @db.Timestamptz(6)", "timestamptz(6)"),
        ("postgresql", "DateTime @db.Timestamptz", "timestamptz"),
        ("postgresql", "Float @db.DoublePrecision", "double precision"),
        ("postgresql", "String[] @db.Uuid", "uuid[]"),
        ("postgresql", "Int[]", "integer[]"),
        ("postgresql", 'Unsupported("tsvector")?', "tsvector"),
        ("postgresql", "Kind", "kinds"),
        ("mysql", "Kind", "enum"),
        ("mysql", "Int @db.UnsignedInt", "integer unsigned"),
        ("mysql", "Boolean @db.TinyInt", "tinyint"),
        ("sqlserver", "String @db.NVarChar(Max)", "nvarchar(max)"),
        ("sqlite", "Kind", "text"),
    ],
)
def test_written_types(provider: str, written: str, expected: str) -> None:
    enum = "" if provider == "sqlserver" else 'enum Kind {\n  A\n  B @map("b!")\n  @@map("kinds")\n}\n'
    schema = joined(f"model T {{\n  id Int @id\n  f {written}\n}}\n{enum}", provider)
    assert schema.faults == ()
    column = table(schema, "T").columns[1]
    assert column.type == expected
    assert column.enum == (("A", "b!") if written == "Kind" else ())


@pytest.mark.parametrize(
    ("written", "default", "by"),
    [
        ("Int @default(autoincrement())", "autoincrement()", "database"),
        ("DateTime @default(now())", "now()", "database"),
        ('String @default(dbgenerated("gen_random_uuid()"))', "gen_random_uuid()", "database"),
        ("String @default(dbgenerated())", "dbgenerated()", "database"),
        ("String @default(uuid())", "uuid()", "client"),
        ("String @default(uuid(7))", "uuid(7)", "client"),
        ("String @default(cuid())", "cuid()", "client"),
        ("String @default(nanoid(10))", "nanoid(10)", "client"),
        ("String @default(ulid())", "ulid()", "client"),
        ("DateTime @updatedAt", "now()", "client"),
        ("DateTime @default(now()) @updatedAt", "now()", "database"),
        ('String @default("it\'s")', "'it''s'", "database"),
        ("Int @default(-3)", "-3", "database"),
        ("Boolean @default(true)", "true", "database"),
        ("Kind @default(B)", "'b!'", "database"),
        ('String[] @default(["a", "b"])', "array['a', 'b']", "database"),
        ("Int[] @default([])", "array[]", "database"),
        ("Int", "", ""),
    ],
)
def test_defaults(written: str, default: str, by: str) -> None:
    schema = joined(f'model T {{\n  id Int @id\n  f {written}\n}}\nenum Kind {{\n  A\n  B @map("b!")\n}}\n')
    assert schema.faults == ()
    column = table(schema, "T").columns[1]
    assert (column.default, column.default_by) == (default, by)


def test_columns_keys_and_indexes() -> None:
    text = """model User {
  id        Int      @id
  email     String?  @unique @map("mail")
  tenant    Int
  createdAt DateTime @map("created_at")
  name      String
  hidden    String?  @ignore

  @@unique([tenant, email], name: "who")
  @@index([createdAt(sort: Desc), id])
  @@index([name(ops: raw("gin_trgm_ops"))], type: Gin, map: "by_trigram")
  @@map("users")
}
"""
    schema = joined(text)
    assert schema.sound
    users = table(schema, "users")
    assert (users.model, users.origin, users.complete, users.view, users.schema) == ("User", "prisma", True, False, "")
    head = len(source("postgresql"))
    assert users.place is not None
    assert (users.place.path, users.place.start) == ("schema.prisma", head + text.index("User"))
    assert [(one.name, one.attribute, one.nullable) for one in users.columns] == [
        ("id", "id", False),
        ("mail", "email", True),
        ("tenant", "tenant", False),
        ("created_at", "createdAt", False),
        ("name", "name", False),
        ("hidden", "hidden", True),
    ]
    place = users.columns[1].place
    assert place is not None
    assert (place.start, place.stop) == (head + text.index("email"), head + text.index("email") + 5)
    assert [bare(key) for key in users.keys] == [
        Key("primary", ("id",), "users_pkey"),
        Key("unique", ("mail",), "users_mail_key"),
        Key("unique", ("tenant", "mail"), "users_tenant_mail_key"),
    ]
    assert [bare(index) for index in users.indexes] == [
        Index("users_created_at_id_idx", (IndexColumn("created_at", descending=True), IndexColumn("id"))),
        Index("by_trigram", (IndexColumn("name", operator_class="gin_trgm_ops"),), method="gin"),
    ]
    place = users.indexes[1].place
    assert place is not None
    written = '@@index([name(ops: raw("gin_trgm_ops"))], type: Gin, map: "by_trigram")'
    assert (place.start, place.stop) == (head + text.index(written), head + text.index(written) + len(written))


def test_unique_over_part_of_the_rows_is_an_index() -> None:
    text = """generator c {
  provider = "prisma-client"
  previewFeatures = ["partialIndexes"]
}
datasource db {
  provider = "postgresql"
}
model T {
  id   Int     @id
  done Boolean @map("is_done")
  note String?
  @@unique([id], map: "open", where: { done: false, note: { not: null } })
  @@index([note], where: raw("note <> ''"))
}
"""
    schema = join([extract(text.encode(), "a.prisma")])
    assert schema.faults == ()
    assert [bare(index) for index in table(schema, "T").indexes] == [
        Index("open", (IndexColumn("id"),), unique=True, predicate='"is_done" = false AND "note" IS NOT NULL'),
        Index("T_note_idx", (IndexColumn("note"),), predicate="note <> ''"),
    ]
    assert table(schema, "T").unique_sets() == (frozenset({"id"}),)


def test_index_lengths_and_full_text_of_mysql() -> None:
    text = "model T {\n  id Int @id\n  a String @db.Text\n  @@unique([a(length: 20)])\n  @@fulltext([a])\n}\n"
    found = table(joined(text, "mysql"), "T")
    assert [bare(key) for key in found.keys] == [Key("primary", ("id",), "")]
    assert [bare(index) for index in found.indexes] == [
        Index("T_a_key", (IndexColumn("a", length=20),), unique=True),
        Index("T_a_idx", (IndexColumn("a"),), method="fulltext"),
    ]


def test_long_names_are_cut_by_bytes() -> None:
    name = "é" * 40
    found = table(joined(f'model A {{\n  id Int @id\n  f Int @unique\n  @@map("{name}")\n}}\n'), name)
    assert [key.name for key in found.keys] == ["é" * 29 + "_pkey", "é" * 29 + "_key"]


RELATION = """model Parent {
  id       Int     @id @map("key")
  children Child[]
}
model Child {
  id       Int    @id
  parentId Int%s   @map("parent_id")
  parent   Parent%s @relation(fields: [parentId], references: [id]%s)
  @@map("kids")
}
"""


@pytest.mark.parametrize(
    ("provider", "optional", "actions", "on_delete", "on_update"),
    [
        ("postgresql", "", "", "restrict", "cascade"),
        ("postgresql", "?", "", "set null", "cascade"),
        ("sqlserver", "", "", "no action", "cascade"),
        ("mysql", "", ", onDelete: Cascade, onUpdate: Restrict", "cascade", "restrict"),
        ("postgresql", "?", ", onDelete: SetDefault, onUpdate: NoAction", "set default", "no action"),
    ],
)
def test_foreign_keys(provider: str, optional: str, actions: str, on_delete: str, on_update: str) -> None:
    schema = joined(RELATION % (optional, optional, actions), provider)
    assert schema.faults == ()
    key = table(schema, "kids").keys[-1]
    assert bare(key) == Key(
        "foreign", ("parent_id",), "kids_parent_id_fkey", "Parent", ("key",), on_delete, on_update, enforced=True
    )


def test_to_one_and_to_many() -> None:
    schema = joined(RELATION % ("", "", ""))
    assert [bare(one) for one in table(schema, "kids").relations] == [
        Relation("parent", "Parent", "to-one", ("parent_id",), ("key",), "children")
    ]
    assert [bare(one) for one in table(schema, "Parent").relations] == [
        Relation("children", "kids", "to-many", ("key",), ("parent_id",), "parent")
    ]


def test_an_optional_relation_over_required_columns_restricts() -> None:
    assert table(joined(RELATION % ("", "?", "")), "kids").keys[-1].on_delete == "restrict"


def test_relation_mode_prisma() -> None:
    schema = joined(RELATION % ("", "", ""), "mysql", '  relationMode = "prisma"\n')
    assert schema.emulated
    assert bare(table(schema, "kids").keys[-1]) == Key(
        "foreign", ("parent_id",), "", "Parent", ("key",), "restrict", "cascade", enforced=False
    )


def test_one_to_one() -> None:
    text = """model A {
  id  Int @id
  bId Int @unique
  b   B   @relation(fields: [bId], references: [id])
}
model B {
  id Int @id
  a  A?
}
"""
    schema = joined(text)
    assert schema.faults == ()
    assert [bare(one) for one in table(schema, "B").relations] == [Relation("a", "A", "to-one", ("id",), ("bId",), "b")]
    assert [key.kind for key in table(schema, "A").keys] == ["primary", "unique", "foreign"]
    assert [key.kind for key in table(schema, "B").keys] == ["primary"]


def test_many_to_many_has_a_table_of_its_own() -> None:
    text = """model Tag {
  code  String @id @map("tag_code") @db.Char(3)
  posts Post[]
  @@map("tags")
}
model Post {
  id   Int   @id
  tags Tag[]
}
"""
    schema = joined(text)
    assert schema.faults == ()
    assert [one.name for one in schema.tables] == ["tags", "Post", "_PostToTag"]
    assert [bare(one) for one in table(schema, "tags").relations] == [
        Relation("posts", "Post", "many-to-many", inverse="tags")
    ]
    between = table(schema, "_PostToTag")
    assert (between.model, between.origin, between.complete) == ("", "prisma", True)
    assert [(one.name, one.type, one.nullable) for one in between.columns] == [
        ("A", "integer", False),
        ("B", "char(3)", False),
    ]
    assert [bare(key) for key in between.keys] == [
        Key("primary", ("A", "B"), "_PostToTag_AB_pkey"),
        Key("foreign", ("A",), "_PostToTag_A_fkey", "Post", ("id",), "cascade", "cascade"),
        Key("foreign", ("B",), "_PostToTag_B_fkey", "tags", ("tag_code",), "cascade", "cascade"),
    ]
    assert [bare(index) for index in between.indexes] == [Index("_PostToTag_B_index", (IndexColumn("B"),))]
    mysql = table(joined(text, "mysql"), "_PostToTag")
    assert bare(mysql.keys[0]) == Key("unique", ("A", "B"), "_PostToTag_AB_unique")


def test_many_to_many_of_a_model_with_itself() -> None:
    text = """model User {
  id        Int    @id
  follows   User[] @relation("Follow")
  followers User[] @relation("Follow")
}
"""
    schema = joined(text)
    assert schema.faults == ()
    between = table(schema, "_Follow")
    assert [key.target for key in between.keys] == ["", "User", "User"]
    assert between.place is not None
    # A is the field that comes first by name.
    assert between.place.start == len(source("postgresql")) + text.index("followers")


def test_views_schemas_and_enums() -> None:
    text = """generator client {
  provider = "prisma-client-js"
  output   = "../src/db"
  previewFeatures = ["views"]
}
model A {
  id Int @id
  k  Kind
  @@schema("app")
}
view V {
  id Int
  @@map("the_view")
  @@schema("log")
}
enum Kind {
  X @map("x")
  Y
  @@map("kinds")
  @@schema("app")
}
"""
    schema = joined(text, extra='  schemas = ["app", "log"]\n')
    assert schema.faults == ()
    assert [(one.name, one.schema, one.view) for one in schema.tables] == [
        ("A", "app", False),
        ("the_view", "log", True),
    ]
    (enum,) = schema.enums
    assert (enum.name, enum.model, enum.values, enum.members, enum.schema) == (
        "kinds",
        "Kind",
        ("x", "Y"),
        ("X", "Y"),
        "app",
    )
    (generator,) = schema.generators
    assert msgspec.structs.replace(generator, place=None) == Generator(
        "client", "prisma-client-js", "schema.prisma", "../src/db", ("views",)
    )


def test_configuration() -> None:
    schema = joined("", "postgres", '  directUrl = env("DIRECT")\n')
    assert (schema.provider, schema.dialect, schema.datasource) == ("postgresql", "postgres", "db")
    assert (schema.url_variable, schema.direct_url_variable) == ("DATABASE_URL", "DIRECT")
    assert [
        joined("", provider).dialect for provider in ("mysql", "sqlite", "sqlserver", "cockroachdb", "mongodb")
    ] == [
        "mysql",
        "sqlite",
        "tsql",
        "postgres",
        "",
    ]
    secret = join([extract(b'datasource db {\n  provider = "mysql"\n  url = "mysql://u:hunter2@h/d"\n}\n', "a")])
    assert b"hunter2" not in msgspec.msgpack.encode(secret)


def test_documents() -> None:
    text = """type Spot {
  row Int @map("r")
}
model Plant {
  id   String @id @default(auto()) @map("_id") @db.ObjectId
  name String @default("fern")
  spot Spot
  made DateTime @default(now())
  @@index([spot.row])
}
"""
    schema = joined(text, "mongodb")
    assert schema.faults == ()
    plant = table(schema, "Plant")
    assert [(one.name, one.type, one.default_by) for one in plant.columns] == [
        ("_id", "objectid", "database"),
        ("name", "string", "client"),
        ("spot", "document", ""),
        ("made", "timestamp", "client"),
    ]
    assert plant.indexes[0].columns == (IndexColumn("spot.r"),)


def test_several_files() -> None:
    files = {
        "db/schema.prisma": source("postgresql"),
        "db/a.prisma": "model A {\n  id Int @id\n  bs B[]\n}\n",
        "db/sub/b.prisma": "model B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n",
    }
    read = {path: extract(text.encode(), path) for path, text in files.items()}
    schema = join(list(read.values()))
    assert schema.sound
    assert {one.name: one.place.path for one in schema.tables if one.place} == {
        "A": "db/a.prisma",
        "B": "db/sub/b.prisma",
    }
    again = extract(b"model A {\n  id Int @id\n}\n", "db/z.prisma")
    schema = join([*read.values(), again])
    assert not schema.sound
    ((path, fault),) = schema.faults
    assert (path, fault.start, fault.message) == (
        "db/z.prisma",
        6,
        "the model `A` is declared again; there is a model of that name",
    )
    assert not any(one.complete for one in schema.tables)


def test_groups() -> None:
    held, loose = source("postgresql").encode(), b"model A {\n  id Int @id\n}\n"
    texts = {
        "app/prisma/schema.prisma": held,
        "app/prisma/models/user.prisma": loose,
        "app/prisma/models/deep/er.prisma": loose,
        "web/schema/base/source.prisma": held,
        "web/schema/models/a.prisma": loose,
        "web/schema/b.prisma": loose,
        "two/one.prisma": held,
        "two/other.prisma": held,
        "two/whose.prisma": loose,
        "docs/example.prisma": loose,
        "schema.prisma": held,
        "models.prisma": loose,
    }
    # A datasource at the root takes what belongs to nobody else below it.
    assert groups(extract(text, path) for path, text in texts.items()) == [
        ("app/prisma/models/deep/er.prisma", "app/prisma/models/user.prisma", "app/prisma/schema.prisma"),
        ("docs/example.prisma", "models.prisma", "schema.prisma"),
        ("two/one.prisma",),
        ("two/other.prisma",),
        ("two/whose.prisma",),
        ("web/schema/b.prisma", "web/schema/base/source.prisma", "web/schema/models/a.prisma"),
    ]


SECOND = "model B {\n  id Int @id\n}\n"
NO_OPPOSITE = "the relation `%s` of `%s` has no opposite field in the model `%s`"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "model A {\n  id Int @id\n}\nenum A {\n  X\n}\n",
            [(4, "the enum `A` is declared again; there is a model of that name")],
        ),
        ("model A {\n  id Int @id\n  f Int\n  f Int\n}\n", [(4, "the field `f` is declared twice in the model `A`")]),
        ("model Int {\n  id Int @id\n}\n", [(1, "`Int` is a built-in type and cannot name a model")]),
        ("model class {\n  id Int @id\n}\n", [(1, "`class` is a reserved word and cannot name a model")]),
        ("model A {\n  a-b Int @id\n}\n", [(2, "the name of a field must not contain a hyphen")]),
        (
            "model A {\n  id Int @id\n  b Usre\n}\nmodel User {\n  id Int @id\n}\n",
            [(3, "the type `Usre` is neither built in nor declared; did you mean `User`?")],
        ),
        ("model A {\n  id Int @id\n  b X9\n}\n", [(3, "the type `X9` is neither built in nor declared")]),
        (
            "model A {\n  id Int @id\n  bId Int\n  b B @relation(fields: [bId], references: [id])\n}\n" + SECOND,
            [(4, NO_OPPOSITE % ("b", "A", "B"))],
        ),
        (
            "model A {\n  id Int @id\n  b B[]\n}\nmodel B {\n  id Int @id\n}\n",
            [(3, NO_OPPOSITE % ("b", "A", "B"))],
        ),
        (
            "model A {\n  id Int @id\n  b B @relation(fields: [x], references: [y])\n}\n" + SECOND,
            [(3, "the model `A` has no field `x`"), (3, "the model `B` has no field `y`")],
        ),
        ("model A {\n  id Int\n}\n", [(1, "the model `A` needs an id or a unique key of required fields")]),
        ("model A {\n  id Int? @id\n}\n", [(2, "an id may be neither optional nor a list")]),
        ("model A {\n  id Int @id @foo\n}\n", [(2, "the attribute `@foo` is not known here")]),
        ("model A {\n  id Int @id(foo: 1)\n}\n", [(2, "`@id` has no argument `foo`")]),
        ("model A {\n  id Int @id\n  @@index([x])\n}\n", [(3, "the model `A` has no field `x`")]),
        (
            "model A {\n  id Int @id @default(now())\n}\n",
            [(2, "`now()` cannot fill a field of type Int")],
        ),
        (
            "model A {\n  id Int @id\n  s String @db.Foo\n}\n",
            [(3, "postgresql has no type `Foo`")],
        ),
        (
            'model A {\n  id Int @id\n}\nmodel B {\n  id Int @id(map: "b")\n  @@map("A")\n}\n',
            [(4, "`B` and `A` are both the table `A`")],
        ),
        (
            "model A {\n  id Int @id\n  @@index([id])\n  @@index([id])\n}\n",
            [(4, "another constraint is named `A_id_idx` already; give one of them a `map`")],
        ),
    ],
)
def test_faults(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(text) == expected


def test_a_stage_with_faults_ends_the_checking() -> None:
    text = "model A {\n  id Int\n  x Foo\n  x Int @bar\n}\n"
    assert faults(text) == [(4, "the field `x` is declared twice in the model `A`")]
    schema = joined("model A {\n  id Int\n  !\n  x Foo\n}\n")
    assert (schema.faults, schema.sound) == ((), False)
    assert [column.name for column in table(schema, "A").columns] == ["id"]
    assert not table(schema, "A").complete


def test_tables_are_made_of_what_is_sound() -> None:
    schema = joined("model A {\n  id Int @id\n  b Missing\n}\nmodel A {\n  other Int\n}\nmodel C {\n  id Int @id\n}\n")
    assert [(one.name, [column.name for column in one.columns]) for one in schema.tables] == [
        ("A", ["id"]),
        ("C", ["id"]),
    ]


def test_an_empty_schema_is_sound() -> None:
    assert join([]) == PrismaSchema(())
    assert join([extract(b"", "a")]) == PrismaSchema(("a",))


# fmt: off
_LINES = (
    "model A {", "model B {", "view V {", "type T {", "enum E {", "}", "}", "id Int @id", "x Int?", "b B?",
    "a A[]", "t T",
    "b B @relation(fields: [x], references: [id])", "b B[] @relation(fields: [x], references: [id, x])",
    "e E @default(X)", "X", 'x String @db.VarChar(99999999999999999999) @map("")', "@@id([id, x])",
    "@@unique([x(length: 1)], where: {x: 1})",
    '@@index([t.x(ops: raw("q"))], type: Gin, map: "")', '@@map("A")', '@@schema("s")', "@@fulltext([])", "x X[]",
    'x Unsupported("Decimal(1,(2")', "x Json @default(\"[[\")", "x DateTime @default(\"2020-99-99T00:00:00Z\")",
    "x Int @default(99999999999999999999999)", "x Decimal @default(dbgenerated(1,)) @updatedAt", "@@shardKey(x)",
    'generator g {\nprovider = env(1)\noutput = [2]\npreviewFeatures = ["views", "partialIndexes", "shardKeys"]\n}',
)
# fmt: on


@given(
    st.sampled_from(["postgresql", "mysql", "sqlite", "sqlserver", "cockroachdb", "mongodb", "other", ""]),
    st.lists(st.sampled_from(_LINES), max_size=40),
)
def test_whatever_stands_there_is_joined(provider: str, lines: list[str]) -> None:
    text = (source(provider) if provider else "") + "\n".join(lines)
    schema = join([extract(text.encode(), "a.prisma")])
    assert all(one.complete == schema.sound for one in schema.tables)
    for _path, fault in schema.faults:
        assert 0 <= fault.start <= fault.stop <= len(text)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(schema), type=PrismaSchema) == schema
