"""The comparison with Prisma can fail, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles.conftest import Answers
from tests.oracles.dmmf import differences, main, verdict

_SCHEMA = """datasource db {
  provider = "postgresql"
  url = env("X")
}

enum Kind {
  SWEET
  SOUR @map("sour")
}

model Jar {
  id    Int    @id @default(autoincrement())
  label String @unique @db.VarChar(20)
  kind  Kind   @default(SOUR)
  shelf Shelf  @relation(fields: [shelfId], references: [id], onDelete: Cascade)
  shelfId Int  @map("shelf_id")
  weight Int   @default(3)

  @@unique([shelfId, label(sort: Desc)])
}

model Shelf {
  id   Int   @id
  jars Jar[]
}
"""
# What our reading would have to be wrong about → what is said then.
_CHANGES = {
    ('"shelf_id"', '"shelf"'): [
        "Jar: shelfId: column: 'shelf', not 'shelf_id'",
    ],
    ("Kind   @default(SOUR)", "Kind   @default(SWEET)"): ["Jar: kind: default: \"'SWEET'\", not \"'sour'\""],
    ("@default(3)", "@default(4)"): ["Jar: weight: default: 4.0, not 3.0"],
    ("onDelete: Cascade", "onDelete: SetNull"): ["Jar: shelf: relationOnDelete: ['set null'], not 'cascade'"],
    ("VarChar(20)", "VarChar(30)"): [
        "Jar: label: native type: ['VarChar', ['30']], not ['VarChar', ['20']]",
        "Jar: label: type: 'varchar(30)' without (20)",
    ],
    ("label(sort: Desc)", "label"): [
        (
            "Jar: indexes: [('id', (('id', False),), ''), ('unique', (('label', False),), ''), "
            "('unique', (('shelf_id', False), ('label', False)), '')], not [('id', (('id', False),), ''), "
            "('unique', (('label', False),), ''), ('unique', (('shelf_id', False), ('label', True)), '')]"
        )
    ],
    ('SOUR @map("sour")', "SOUR"): [
        "Jar: kind: default: \"'SOUR'\", not \"'sour'\"",
        "Jar: kind: words: ('SWEET', 'SOUR'), not ('SWEET', 'sour')",
        "Kind: values: ['SWEET', 'SOUR'], not ['SWEET', 'sour']",
    ],
}


def test_what_differs_is_said(ask_prisma: Answers) -> None:
    answer = ask_prisma({"schema": [("schema.prisma", _SCHEMA)]})["schema"]
    assert differences([("schema.prisma", _SCHEMA)], answer["models"]) == []
    for (old, new), said in _CHANGES.items():
        changed = _SCHEMA.replace(old, new)
        assert changed != _SCHEMA
        found = differences([("schema.prisma", changed)], answer["models"])
        assert set(said) <= set(found), found


def test_another_verdict_is_said(ask_prisma: Answers) -> None:
    unsound = [("schema.prisma", _SCHEMA.replace("SWEET\n", "SWEET\n  SWEET\n"))]
    answers = ask_prisma({"sound": [("schema.prisma", _SCHEMA)], "unsound": unsound})
    assert verdict(unsound, answers["unsound"]) == []
    (refused,) = verdict(unsound, answers["sound"])
    assert refused.startswith("we refuse what Prisma accepts: ")
    (accepted,) = verdict([("schema.prisma", _SCHEMA)], answers["unsound"])
    assert accepted.startswith("we accept what Prisma refuses: ")


def test_schemas_of_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "node_modules").mkdir()
    for name, text in (("a.prisma", _SCHEMA), ("node_modules/b.prisma", "model")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 schemas, 1 accepted, 2 models, 8 fields: nothing different\n"
    assert main([str(tmp_path / "node_modules" / "none")]) == 1
