"""Many small schemas, made by combining and by damaging, against Prisma's own verdict."""

from __future__ import annotations

import random
import re
from itertools import product
from pathlib import Path

import pytest

from dblint.frontends.prisma import extract
from dblint.link.prisma import join
from dblint.link.prisma.connectors import CONNECTORS, SCALARS
from dblint.link.prisma.operator_classes import KNOWN
from tests.oracles.conftest import Answers

FIXTURES = Path(__file__).parents[2] / "fixtures" / "prisma"
MOST = 1_000  # schemas of one kind; more would only take longer
PROVIDERS = ("postgresql", "mysql", "sqlite", "sqlserver", "cockroachdb", "mongodb")
# fmt: off
DEFAULTS = (
    "autoincrement()", "now()", "uuid()", "uuid(7)", "uuid(8)", "cuid(2)", "cuid(3)", "nanoid(1)", "nanoid(9)",
    "ulid()", "dbgenerated()", "dbgenerated(1)", "auto()", "sequence(start: 2)", "other()", "1", "-1", "1.5",
    '"x"', '"1.5"', '"{}"', '"[1"', '"2020-01-01T00:00:00Z"', '"2020-01-01"', '"AAAA"', '"AAA"', "true", "yes",
    "X", "Y", "[]", "[1]", '["x"]', "[X]", "9223372036854775808",
)
# fmt: on
# fmt: off
KEYS = (
    "@@id([f])", "@@id([f, g])", "@@id([f(length: 5), g])", "@@id([f(sort: Desc)])", '@@id([f], map: "k")',
    "@@id([f], clustered: true)", "@@unique([f, g])", "@@unique([f(length: 5)])",
    "@@unique([f], clustered: false)", '@@unique([f, g], name: "g")', "@@index([f])", "@@index([f(sort: Desc)])",
    "@@index([f], type: Hash)", "@@index([f(sort: Asc)], type: Hash)", "@@index([f], clustered: true)",
    '@@index([f], name: "")', "@@fulltext([f])", "@@fulltext([f, g])", "@@fulltext([f(sort: Desc)])",
)
# fmt: on


def _head(provider: str, extra: str = "") -> str:
    return f'datasource db {{\n  provider = "{provider}"\n  url = env("U")\n{extra}}}\n'


def _id(provider: str) -> str:
    return '  id String @id @map("_id")\n' if provider == "mongodb" else "  id Int @id\n"


def native_types() -> list[str]:
    found = []
    for provider in PROVIDERS:
        for scalar, name in product(SCALARS, [*CONNECTORS[provider].natives, "Nothing"]):
            arguments = (
                ("", "(1)", "(300)", "(5, 2)", "(2, 5)", "(Max)") if scalar in ("String", "Decimal") else ("", "(7)")
            )
            for argument in arguments:
                line = f"  f {scalar} @db.{name}{argument}\n"
                found.append(f"{_head(provider)}model A {{\n{_id(provider)}{line}}}\n")
    return found


def defaults() -> list[str]:
    found = []
    for provider in PROVIDERS:
        for scalar, many, default in product((*SCALARS, "E"), ("", "[]"), DEFAULTS):
            line = f"  f {scalar}{many} @default({default})\n"
            found.append(f"{_head(provider)}enum E {{\n  X\n}}\nmodel A {{\n{_id(provider)}{line}}}\n")
    return found


def operator_classes() -> list[str]:
    natives = CONNECTORS["postgresql"].natives
    types = [(scalar, "") for scalar in SCALARS]
    types += [(scalar, f"@db.{name}") for name, native in natives.items() for scalar in native.scalars]
    found = []
    for (scalar, native), many, method in product(types, ("", "[]"), ("BTree", "Gist", "Gin", "SpGist", "Brin")):
        for name in ("", 'raw("x")', *sorted(KNOWN)):
            ops = f"(ops: {name})" if name else ""
            line = f"  f {scalar}{many} {native}\n  @@index([f{ops}], type: {method})\n"
            found.append(f"{_head('postgresql')}model A {{\n  id Int @id\n{line}}}\n")
    return found


def keys() -> list[str]:
    found = []
    for provider in PROVIDERS:
        natives = CONNECTORS[provider].natives
        types = [("String", ""), ("Bytes", ""), ("Int", "")]
        types += [
            (native.scalars[0], f"@db.{name}" + ("(9)" if native.required else "")) for name, native in natives.items()
        ]
        for (scalar, native), key in product(types, KEYS):
            first = "" if key.startswith("@@id") else _id(provider)
            found.append(f"{_head(provider)}model A {{\n{first}  f {scalar} {native}\n  g String\n  {key}\n}}\n")
    return found


def relations() -> list[str]:
    found = []
    actions = ("", ", onDelete: SetNull", ", onDelete: Restrict", ", onUpdate: NoAction")
    columns = ("", "fields: [b]", "references: [id]", "fields: [b], references: [id]", "fields: [b], references: [x]")
    for provider, mode in product(PROVIDERS, ("", '  relationMode = "prisma"\n')):
        kind = "String" if provider == "mongodb" else "Int"
        for here, there, column, written in product(
            ("B", "B?", "B[]"), ("A", "A?", "A[]"), (kind, f"{kind}?", f"{kind} @unique", f"{kind}[]"), columns
        ):
            for action in actions if written == columns[3] else actions[:1]:
                relation = f" @relation({written}{action})" if written else ""
                found.append(
                    f"{_head(provider, mode)}model A {{\n{_id(provider)}  b {column}\n  r {here}{relation}\n}}\n"
                    f"model B {{\n{_id(provider)}  x {kind}\n  a {there}\n}}\n"
                )
    return found


def cascades() -> list[str]:
    """Random graphs of relations, for the database that refuses cycles and several paths."""
    chance = random.Random(1)  # noqa: S311 - the same schemas every time
    actions = ("", ", onDelete: NoAction", ", onDelete: NoAction, onUpdate: NoAction", ", onDelete: Cascade")
    found = []
    for _ in range(800):
        count = chance.randint(2, 5)
        lines: list[list[str]] = [[] for _ in range(count)]
        for edge in range(chance.randint(1, 6)):
            here, there = chance.randrange(count), chance.randrange(count)
            optional, action = chance.choice(("", "?")), chance.choice(actions)
            where = f'"e{edge}", fields: [f{edge}], references: [id]{action}'
            lines[here] += [f"f{edge} Int{optional}", f"r{edge} M{there}{optional} @relation({where})"]
            lines[there].append(f'b{edge} M{here}[] @relation("e{edge}")')
        mode = chance.choice(("", "", '  relationMode = "prisma"\n'))
        models = (
            f"model M{number} {{\n  id Int @id\n  " + "\n  ".join(own) + "\n}\n" for number, own in enumerate(lines)
        )
        found.append(_head("sqlserver", mode) + "".join(models))
    return found


_TOKEN = re.compile(r'[\w.-]+|"(?:\\.|[^"\\\n])*"|\s+|.', re.DOTALL)
# fmt: off
_INSERTED = (
    "@id", "@unique", "@default(", "@relation(", '@map("x")', "@updatedAt", "@ignore", "@db.Text", "?", "[]",
    "Int", "String", "DateTime", "Json", "now()", "1", '"s"', "[", "]", "(", ")", ",", ":", "{", "}",
    "onDelete: Cascade", "fields:", "@@id([id])", "@@unique([id])", '@@map("t")', "@@ignore", "type: Gin", "//",
    "/*", "*/", "model", "enum", "é",
)
# fmt: on


def damaged() -> list[str]:
    """The sound fixtures with one or two things deleted, doubled, moved or put in."""
    chance = random.Random(2)  # noqa: S311 - the same damage every time
    texts = [path.read_text(encoding="utf-8") for path in sorted((FIXTURES / "sound").glob("*.prisma"))]
    found = []
    for _ in range(1500):
        tokens = _TOKEN.findall(chance.choice(texts))
        for _change in range(chance.choice((1, 1, 2))):
            places = [number for number, token in enumerate(tokens) if not token.isspace()]
            here, there = chance.choice(places), chance.choice(places)
            match chance.randrange(5):
                case 0:
                    del tokens[here]
                case 1:
                    tokens.insert(here, tokens[there])
                case 2:
                    tokens[here], tokens[there] = tokens[there], tokens[here]
                case 3:
                    tokens[here] = chance.choice(_INSERTED)
                case _:
                    tokens.insert(
                        here, f"{chance.choice((' ', ''))}{chance.choice(_INSERTED)}{chance.choice((' ', chr(10)))}"
                    )
        found.append("".join(tokens))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [native_types, defaults, operator_classes, keys, relations, cascades, damaged],
    ids=lambda make: make.__name__,
)
def test_same_verdicts(make: object, ask_prisma: Answers) -> None:
    assert callable(make)
    made = make()
    chosen = random.Random(3).sample(made, min(len(made), MOST))  # noqa: S311 - the same choice every time
    schemas = {text: [("schema.prisma", text)] for text in chosen}
    answers = ask_prisma(schemas)
    theirs = {text for text in schemas if None in answers[text]["refusals"]}
    ours = {text for text in schemas if join([extract(text.encode(), "schema.prisma")]).sound}
    assert 20 <= len(theirs) <= len(schemas) - 20  # both verdicts are tried
    assert ours - theirs == set()
    assert theirs - ours == set()
