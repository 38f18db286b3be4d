"""What `query/n-plus-one` leaves to the work that a turn of a loop does with what it reads."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from dblint.run import Request, run

MANIFEST = """\
{"dependencies": {"@prisma/client": "6", "axios": "1", "bullmq": "5"}}
"""
SCHEMA = """\
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-js"
}
model Shelf {
  id Int @id
}
model Jar {
  id Int @id
  shelfId Int
  @@index([shelfId])
}
"""
PROGRAM = """\
import { PrismaClient } from '@prisma/client';
import axios from 'axios';
import { Queue } from 'bullmq';

const client = new PrismaClient();
const queue = new Queue('jars');

async function empty(id: number) {
  await queue.add('empty', { id });
  await client.jar.delete({ where: { id } });
}
async function take(id: number) {
  await client.jar.delete({ where: { id } });
}
async function close(id: number) {
  await client.shelf.delete({ where: { id } });
}
async function dust(id: number) {
  await client.shelf.update({ where: { id }, data: { id: -id } });
}

export async function tidy(shelves: { id: number }[]) {
TURNS
}
"""
READ = "const jars = await client.jar.findMany({ where: { shelfId: shelf.id } });"
ROW = "const jar = await client.jar.findFirst({ where: { shelfId: shelf.id } });"
EACH = "for (const shelf of shelves) {\n  TURN\n}"
AT_ONCE = "await Promise.all(shelves.map(async (shelf) => {\n  TURN\n}));"


@pytest.mark.parametrize(
    ("loop", "turn", "told"),
    [
        # Rows of one query could be handed on as well, whatever is done with them.
        (EACH, f"{READ}\n  for (const jar of jars) {{ await empty(jar.id); }}", True),
        (EACH, f"{READ}\n  for (const jar of jars) {{ await take(jar.id); }}", True),
        (EACH, f"{READ}\n  console.log(jars);\n  await empty(shelf.id);", True),
        (EACH, f"{ROW}\n  console.log(jar);\n  await empty(shelf.id);", False),
        (EACH, f"{READ}\n  console.log(jars);\n  await take(shelf.id);", True),
        # A count that decides whether the turn does anything.
        (
            EACH,
            f"{READ}\n  if (jars.length > 0) continue;\n  await take(1);\n  await close(1);\n  await dust(1);",
            False,
        ),
        (EACH, f"{READ}\n  if (!jars.length) {{ await take(1); await close(1); await dust(1); }}", False),
        (EACH, f"{READ}\n  if (jars.length > 0) continue;\n  await take(1);\n  await close(1);", True),
        (EACH, f"{READ}\n  if (shelf.id > 0) continue;\n  await take(1);\n  await close(1);\n  await dust(1);", True),
        (
            EACH,
            f"{READ}\n  await take(1);\n  await close(1);\n  await dust(1);\n  if (jars.length > 0) continue;",
            True,
        ),
        # What another service gives is waited for.
        (EACH, f"{ROW}\n  const page = await axios.get('/shelf');\n  console.log(jar, page);", False),
        (EACH, f"{READ}\n  const page = await axios.get('/shelf');\n  console.log(jars, page);", True),
        (AT_ONCE, f"{READ}\n  const page = await axios.get('/shelf');\n  console.log(jars, page);", True),
        (AT_ONCE, f"{ROW}\n  const page = await axios.get('/shelf');\n  console.log(jar, page);", False),
        (EACH, f"const page = await axios.get('/shelf');\n  {READ}\n  console.log(jars, page);", True),
        (
            EACH,
            f"{READ}\n  if (shelf.id > 1) {{ const page = await axios.get('/shelf'); console.log(jars, page); }}",
            True,
        ),
    ],
)
def test_what_is_read_for_more_work_than_that_is_left_to_it(tmp_path: Path, loop: str, turn: str, told: bool) -> None:
    (tmp_path / "package.json").write_text(MANIFEST)
    (tmp_path / "schema.prisma").write_text(SCHEMA)
    (tmp_path / "shop.ts").write_text(PROGRAM.replace("TURNS", indent(loop.replace("TURN", turn), "  ")))
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    assert [finding.message.partition(" once")[0] for finding in run(request).report.findings] == (
        [f"`client.jar.{'findMany' if READ in turn else 'findFirst'}()` reads Jar"] if told else []
    )
