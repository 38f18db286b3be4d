"""Limits and offsets that fill placeholders of SQL texts."""

from __future__ import annotations

from dblint.facts.query import Bound, Clause
from tests.link.linked import linked

SOURCE = """
import sqlite3

import asyncpg
import oracledb
from flask import Flask, request

app = Flask(__name__)
SIZE = 50


@app.get("/")
def page(db: sqlite3.Connection, oracle: oracledb.Connection):
    size = int(request.args["size"])
    db.execute("SELECT id FROM jar LIMIT ? OFFSET ?", (SIZE, size))
    db.execute("SELECT id FROM jar WHERE label = ? LIMIT ?", ("plum", min(size, 100)))
    db.execute("SELECT id FROM jar LIMIT :size", {"size": size})
    db.execute(f"SELECT id FROM jar LIMIT {size}")
    db.execute("SELECT id FROM jar LIMIT ?", given())
    oracle.cursor().execute("SELECT id FROM jar OFFSET :1 ROWS FETCH NEXT :2 ROWS ONLY", [size, 10])


async def newest(connection: asyncpg.Connection, number):
    await connection.fetch("SELECT id FROM jar WHERE id > $2 LIMIT $1", 20, number)
"""


def told(clause: Clause[Bound]) -> list[tuple[int | None, str]]:
    return [(bound.number, bound.asked) for bound in clause.values()]


def test_what_fills_a_placeholder_is_read() -> None:
    calls = linked({"app.py": SOURCE}).calls
    assert [(told(query.limit), told(query.offset)) for call in calls for query in call.queries] == [
        ([(50, "")], [(None, "freely")]),
        ([(None, "within")], []),
        ([(None, "freely")], []),
        ([(None, "")], []),
        ([(None, "")], []),
        ([(10, "")], [(None, "freely")]),
        ([(20, "")], []),
    ]


BUNDLE = """
import express from 'express';
import { PrismaClient } from '@prisma/client';

const app = express();
const prisma = new PrismaClient();

function page(options) {
  return prisma.jar.findMany({ take: options.size, where: { label: options.word } });
}

app.get('/', (request, response) => {
  page({ size: sizeOf(request), word: request.query.word });
});
"""
JARS = """
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-js"
}
model jar {
  id Int @id
  label String
}
"""


def test_a_literal_that_holds_what_a_client_sent_is_no_request() -> None:
    calls = linked({"app.js": BUNDLE, "schema.prisma": JARS}).calls
    assert [told(query.limit) for call in calls for query in call.queries] == [[(None, "")]]
