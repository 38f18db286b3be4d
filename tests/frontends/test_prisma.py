"""What one Prisma file says: nodes with byte offsets, documentation, suppressions, and faults for the rest."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dblint.facts.blocks import (
    Argument,
    Attribute,
    BlockKind,
    Field,
    FieldType,
    Member,
    PrismaFile,
    Property,
    Value,
    ValueKind,
)
from dblint.facts.tree import Fault
from dblint.frontends.prisma import extract
from dblint.frontends.prisma_values import DEEPEST


def read(text: str) -> PrismaFile:
    return extract(text.encode(), "schema.prisma")


def faults(text: str) -> list[tuple[int, str]]:
    """The faults as (line, message)."""
    source = text.encode()
    return [(source[: fault.start].count(b"\n") + 1, fault.message) for fault in read(text).faults]


def test_a_model() -> None:
    text = 'model User {\n  id  Int  @id\n  name String?\n\n  @@map("users")\n}\n'
    file = read(text)
    assert file.faults == ()
    (block,) = file.blocks
    assert (block.kind, block.name) == (BlockKind.MODEL, "User")
    assert text[block.name_start : block.name_stop] == "User"
    assert text[block.start : block.stop] == text.rstrip("\n")
    assert block.fields == (
        Field("id", FieldType("Int", 19, 22), 15, 27, 15, 17, (Attribute("id", 24, 27),)),
        Field("name", FieldType("String", 35, 42, optional=True), 30, 42, 30, 34),
    )
    mapped = Argument(Value(ValueKind.STRING, 52, 59, "users"), 52, 59)
    assert block.attributes == (Attribute("map", 46, 60, (mapped,)),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Int", FieldType("Int", 12, 15)),
        ("Int?", FieldType("Int", 12, 16, optional=True)),
        ("Int[]", FieldType("Int", 12, 17, many=True)),
        ("Int []", FieldType("Int", 12, 18, many=True)),
        ('Unsupported("a(1, 2)")?', FieldType("a(1, 2)", 12, 35, optional=True, unsupported=True)),
        ('Unsupported( "x" )[]', FieldType("x", 12, 32, many=True, unsupported=True)),
    ],
)
def test_field_types(written: str, expected: FieldType) -> None:
    file = read(f"model A {{\n f {written}\n}}\n".replace("\n f", "\nf"))
    assert file.faults == ()
    assert file.blocks[0].fields[0].type == expected


def test_argument_values() -> None:
    line = '@@index(fields: [a.b, c(sort: Desc, ops: raw("x"))], length: -1.5, where: { d: { not: null } })'
    text = f"model A {{\n  {line}\n}}\n"
    file = read(text)
    assert file.faults == ()
    (attribute,) = file.blocks[0].attributes
    assert [argument.name for argument in attribute.arguments] == ["fields", "length", "where"]
    fields, length, where = (argument.value for argument in attribute.arguments)
    assert [element.kind for element in fields.elements()] == [ValueKind.PATH, ValueKind.CALL]
    path, call = fields.elements()
    assert path.text == "a.b"
    assert (call.text, [item.name for item in call.items]) == ("c", ["sort", "ops"])
    assert call.items[1].value.items[0].value.text == "x"
    assert text[call.start : call.stop] == 'c(sort: Desc, ops: raw("x"))'
    assert (length.kind, length.text) == (ValueKind.NUMBER, "-1.5")
    assert length.elements() == (length,)
    assert (where.kind, where.items[0].name, where.items[0].value.kind) == (ValueKind.OBJECT, "d", ValueKind.OBJECT)


def test_offsets_are_bytes() -> None:
    text = '// é 🙂\nmodel Größe {\n  名 String @default("ü") // ö\n}\n'
    source = text.encode()
    (block,) = read(text).blocks
    (field,) = block.fields
    assert source[block.name_start : block.name_stop].decode() == "Größe"
    assert source[field.name_start : field.name_stop].decode() == "名"
    value = field.attributes[0].arguments[0].value
    assert (source[value.start : value.stop].decode(), value.text) == ('"ü"', "ü")
    assert source[field.start : field.stop].decode() == '名 String @default("ü")'


def test_enum() -> None:
    (block,) = read(
        'enum Kind {\n  A @map("a")\n  B // no documentation\n  C /// the last\n  @@map("kinds")\n}\n'
    ).blocks
    assert block.kind is BlockKind.ENUM
    renamed = Attribute("map", 16, 25, (Argument(Value(ValueKind.STRING, 21, 24, "a"), 21, 24),))
    assert block.members[0] == Member("A", 14, 25, 14, 15, (renamed,))
    assert [(member.name, member.documentation) for member in block.members] == [
        ("A", ""),
        ("B", ""),
        ("C", "the last"),
    ]
    assert [attribute.path for attribute in block.attributes] == ["map"]


def test_datasource_and_generator() -> None:
    file = read('datasource db {\n  url = env("U") // c\n}\ngenerator g {\n  x = [1, true, f(a: 2)]\n}\n')
    assert file.faults == ()
    source, generator = file.blocks
    inside = Argument(Value(ValueKind.STRING, 28, 31, "U"), 28, 31)
    assert source.properties == (Property("url", Value(ValueKind.CALL, 24, 32, "env", (inside,)), 18, 32, 18, 21),)
    assert [element.text for element in generator.properties[0].value.elements()] == ["1", "true", "f"]


def test_escapes() -> None:
    (block,) = read(r"model A {" + "\n" + r'  f String @default("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude42")' + "\n}\n").blocks
    assert block.fields[0].attributes[0].arguments[0].value.text == '"\\/\b\f\n\r\té🙂'


def test_documentation() -> None:
    file = read(
        "/// not of A\n\n/// of A,\n// not this\n/// two lines\nmodel A {\n"
        "  /// above\n  f Int /// beside\n  // nothing\n  g Int\n  /* block */ h Int\n}\n"
    )
    (block,) = file.blocks
    assert block.documentation == "of A,\ntwo lines"
    assert [field.documentation for field in block.fields] == ["above\nbeside", "", "block"]


def test_suppressions() -> None:
    text = (
        "// dblint: allow schema/x\nmodel A { // dblint: allow y\n  f Int // dblint: allow z\n"
        '  g String @default("// dblint: no")\n  /* dblint: w */\n}\n'
    )
    found = read(text).suppressions
    assert [suppression.text for suppression in found] == [
        "// dblint: allow schema/x",
        "// dblint: allow z",
        "/* dblint: w */",
    ]
    assert [text[one.start : one.stop] for one in found] == [one.text for one in found]


def test_line_ends_and_byte_order_mark() -> None:
    plain = "model A {\n  id Int @id\n}\n"
    for line_end in ("\r\n", "\r"):
        assert read(plain.replace("\n", line_end)).faults == ()
    marked = extract(b"\xef\xbb\xbf" + plain.encode(), "a")
    assert marked.faults == ()
    assert (marked.blocks[0].start, marked.blocks[0].name_start) == (3, 9)
    assert read("").blocks == read("\ufeff").blocks == read("// only this").blocks == ()
    assert read("").faults == read("\ufeff").faults == read("// only this").faults == ()


def test_what_is_no_text() -> None:
    assert extract(b"model \xff {", "a").faults == (Fault(6, 7, "not valid UTF-8 at byte 6"),)
    assert extract("model".encode("utf-16"), "a").faults == (Fault(0, 2, "the file is UTF-16; a schema is UTF-8"),)
    assert extract(b"model\0", "a").faults == (Fault(5, 6, "a NUL byte at byte 5"),)


def test_unclosed_model() -> None:
    text = "model Left {\n  id Int @id\n\nmodel Right {\n  id Int @id\n}\n"
    assert faults(text) == [(1, "the model `Left` is not closed")]
    left, right = read(text).blocks
    assert [(block.name, [field.name for field in block.fields]) for block in (left, right)] == [
        ("Left", ["id"]),
        ("Right", ["id"]),
    ]
    assert faults("enum E {\n  A\n") == [(1, "the enum `E` is not closed")]


def test_unknown_keyword() -> None:
    text = "table Thing {\n  id Int\n}\n\nmodel Other {\n  id Int @id\n}\n"
    assert faults(text) == [(1, "a block cannot begin with `table`")]
    assert [block.name for block in read(text).blocks] == ["Other"]
    assert faults("thing {\nmodel A {\n  id Int\n}\n") == [(1, "a block cannot begin with `thing`")]
    assert faults("model {\n  id Int\n}\n") == [(1, "a block cannot begin with `model`")]


def test_lines_that_mean_nothing_are_one_fault() -> None:
    text = "<<<<<<< ours\nhello\n=======\nmodel A {\n  id Int @id\n}\n>>>>>>> theirs\n"
    assert faults(text) == [
        (1, "this line begins no block and is no comment"),
        (7, "this line begins no block and is no comment"),
    ]
    assert [block.name for block in read(text).blocks] == ["A"]


def test_block_on_one_line() -> None:
    text = 'model A { id Int @id name String? @@map("a") }\nmodel B {\n  id Int @id\n}\n'
    message = "the model `A` stands on one line; a block needs a line for each of its parts"
    assert faults(text) == [(1, message)]
    first, second = read(text).blocks
    assert [field.name for field in first.fields] == ["id", "name"]
    assert first.fields[1].type.optional
    assert [attribute.path for attribute in first.attributes] == ["map"]
    assert [field.name for field in second.fields] == ["id"]
    assert faults("enum E { A B }") == [
        (1, "the enum `E` stands on one line; a block needs a line for each of its parts")
    ]


def test_what_follows_the_brace_is_passed_over() -> None:
    file = read("model A { whatever !! \n  id Int @id\n}\n")
    assert file.faults == ()
    assert [field.name for field in file.blocks[0].fields] == ["id"]


def test_arguments_over_several_lines() -> None:
    text = "model A {\n  a Int\n  b Int @default(\n    1 // one\n  )\n  @@unique([\n    a,\n    b,\n  ])\n}\n"
    message = "an attribute or a property may not go over several lines"
    assert faults(text) == [(3, message), (8, "a comma may not follow the last one"), (6, message)]
    (block,) = read(text).blocks
    assert [field.name for field in block.fields] == ["a", "b"]
    assert [element.text for element in block.attributes[0].arguments[0].value.elements()] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("f: Int", "a field's name is followed by its type, without a colon"),
        ("f Int!", "a field is required without an exclamation mark"),
        ("f [Int]", "a list is written `Int[]`"),
        ("f Int[]?", "a list cannot be optional"),
        ("f", "the field `f` has no type"),
        ("f Int;", "what follows on this line cannot be read"),
        ("f Int g Int", "what follows on this line cannot be read"),
        ("f Int @", "this line is neither a field nor an attribute"),
        ("_f Int", "this line is neither a field nor an attribute"),
        ("f /* x */ Int", "this line is neither a field nor an attribute"),
        ('f String @default("open)', "this line is neither a field nor an attribute"),
        ('f String @default("\\q")', "an unknown escape `\\q` in a string"),
        ('f String @default("\\ud800")', "an invalid Unicode escape"),
        ("f Int @map(name:)", "the argument `name` has no value"),
        ("f Int @default(1,)", "a comma may not follow the last one"),
    ],
)
def test_faults_of_a_line(line: str, message: str) -> None:
    assert [text for _line, text in faults(f"model A {{\n  id Int @id\n  {line}\n  last Int\n}}\n")][:1] == [message]
    (block,) = read(f"model A {{\n  id Int @id\n  {line}\n  last Int\n}}\n").blocks
    assert block.fields[0].name == "id"
    assert block.fields[-1].name == "last"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enum E {\n}\n", (1, "the enum `E` has no values")),
        ("enum E {\n  A B\n}\n", (2, "what follows on this line cannot be read")),
        ("datasource d {\n  url\n}\n", (2, "this line is neither a property nor a comment")),
        ("datasource d {\n  url =\n}\n", (2, "the property `url` has no value")),
        ("type T = Int\n", (1, "a type needs a block of fields; types have no aliases")),
        ("/* never closed\nmodel A {\n  id Int\n}\n", (1, "a comment that is not closed")),
        ("model A {\n  id Int}\n", (2, "the closing brace must stand on a line of its own")),
    ],
)
def test_faults_of_blocks(text: str, expected: tuple[int, str]) -> None:
    assert faults(text) == [expected]


def test_deep_nesting() -> None:
    for depth, message in (
        (DEEPEST, ""),
        (DEEPEST + 1, "nested too deep to be read"),
        (100_000, "nested too deep to be read"),
    ):
        text = f"model A {{\n  f Int @default({'[' * (depth - 1)}1{']' * (depth - 1)})\n  g Int\n}}\n"
        assert [found for _line, found in faults(text)] == ([message] if message else [])
        file = read(text)
        assert file.blocks[0].fields[-1].name == "g"
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(file), type=PrismaFile) == file


def test_facts_survive_encoding() -> None:
    file = read('/// d\nmodel A {\n  f Int[] @default([1]) // dblint: x\n  !\n}\nenum E {\n  A @map("a")\n}\n')
    assert file.faults
    assert file.suppressions
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(file), type=PrismaFile) == file


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a " * 300_000,
        "model A { id Int @id } " * 5_000,
        "model A {\n" * 20_000,
        "/* x\n" * 20_000,
        "model A {\n" + "a Int @x(\n" * 20_000,
        "model A {\n x String @default(" + '"' * 100_000,
        "model A {\n x Int @default(" + "a." * 100_000 + ")",
        "model A {\n" + (" " * 1000 + "\n") * 500,
    ],
    ids=["word", "words", "one line", "unclosed", "comments", "arguments", "quotes", "path", "spaces"],
)
def test_time_is_linear(text: str) -> None:
    read(text)  # quadratic time would meet the suite's time-out


@given(st.binary(max_size=200))
def test_any_bytes(source: bytes) -> None:
    file = extract(source, "a")
    for fault in file.faults:
        assert 0 <= fault.start <= fault.stop <= len(source)


_WORDS = (
    'model A {\n|enum E {\n|datasource d {\n|}\n|id Int| @id| @db.X(1)|@@index([a])|\n| |{|}|(|)|[|]|,|:|"|//|/*|*/|///'
)
_PIECES = st.sampled_from([*_WORDS.split("|"), "=", "é", "@", "?", "dblint:", "\r", "a b"])


@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_pieces(text: str) -> None:
    source = text.encode()
    file = extract(source, "a")
    for fault in file.faults:
        assert 0 <= fault.start <= fault.stop <= len(source)
        source[fault.start : fault.stop].decode()
    for block in file.blocks:
        assert source[block.name_start : block.name_stop].decode() == block.name
        for field in block.fields:
            assert block.start < field.start <= field.stop <= block.stop
            assert source[field.name_start : field.name_stop].decode() == field.name
