"""What clients send reaches functions that frameworks call: by a decorator, as an argument, as an option, or because a
file exports them."""

# ruff: noqa: E501, S608 - one statement per line reads best; the texts are programs that are judged

from __future__ import annotations

import pytest

from dblint.facts.text import Literal, Origin
from tests.link.linked import linked

HEAD = "import { Pool } from 'pg';\nconst pool = new Pool();\n"
KOA = HEAD + (
    "import Koa from 'koa';\nimport Router from '@koa/router';\n"
    "const app = new Koa();\nconst router = new Router();\n"
    "router.get('/a/:id', async (ctx) => pool.query(`SELECT a FROM t WHERE a = ${ctx.params.id}`));\n"
    "router.post('/b', named);\n"
    "async function named(c, next) { return pool.query('SELECT b FROM t WHERE b = ' + c.request.body.id); }\n"
    "app.use(async ({ query }) => pool.query(`SELECT c FROM t WHERE c = ${query.id}`));\n"
    "const own = async (id) => pool.query(`SELECT x FROM t WHERE x = ${id}`);\n"
)
FASTIFY = HEAD + (
    "import Fastify from 'fastify';\nconst app = Fastify();\n"
    "app.get('/a', async (request) => pool.query(`SELECT a FROM t WHERE a = ${request.query.id}`));\n"
    "app.post('/b', { schema: {} }, async ({ body }) => pool.query(`SELECT b FROM t WHERE b = ${body.id}`));\n"
    "app.route({ url: '/c', handler: async (r) => pool.query(`SELECT c FROM t WHERE c = ${r.params.id}`) });\n"
    "app.route({ url: '/x', other: async (r) => pool.query(`SELECT x FROM t WHERE x = ${r.params.id}`) });\n"
)
HONO = HEAD + (
    "import { Hono } from 'hono';\nconst app = new Hono();\n"
    "app.get('/a', async (c) => pool.query(`SELECT a FROM t WHERE a = ${c.req.param('id')}`));\n"
    "app.post('/b', async (c) => { const { id } = await c.req.json();"
    " return pool.query(`SELECT b FROM t WHERE b = ${id}`); });\n"
)
TRPC = HEAD + (
    "import { initTRPC } from '@trpc/server';\nconst t = initTRPC.create();\n"
    "export const app = t.router({\n"
    "  a: t.procedure.input(text).query(({ input }) => pool.query(`SELECT a FROM t WHERE a = '${input}'`)),\n"
    "  b: t.procedure.use(own).mutation((call) => pool.query(`SELECT b FROM t WHERE b = ${call.input.id}`)),\n"
    "});\n"
)
ROUTE = HEAD + (
    "export async function GET(request, { params }) { return pool.query(`SELECT a FROM t WHERE a = ${params.id}`); }\n"
    "export const POST = async (request) => pool.query(`SELECT b FROM t WHERE b = ${(await request.json()).id}`);\n"
    "export const own = async (request) => pool.query(`SELECT x FROM t WHERE x = ${request.url}`);\n"
)
API = HEAD + (
    "const handler = async (req, res) => pool.query(`SELECT a FROM t WHERE a = ${req.query.id}`);\n"
    "export default handler;\n"
)
PAGE = HEAD + (
    "export async function getServerSideProps({ query }) { return pool.query(`SELECT a FROM t WHERE a = ${query.id}`); }\n"
    "export default function Page() {\n"
    "  async function act(form) { 'use server'; return pool.query(`SELECT b FROM t WHERE b = ${form.get('id')}`); }\n"
    "  async function own(form) { return pool.query(`SELECT x FROM t WHERE x = ${form.get('id')}`); }\n"
    "  return act ?? own;\n"
    "}\n"
)
ACTIONS = (
    "'use server';\n"
    + HEAD
    + (
        "export async function save(id) { return pool.query(`SELECT a FROM t WHERE a = ${id}`); }\n"
        "export const load = async (id) => pool.query(`SELECT b FROM t WHERE b = ${id}`);\n"
        "async function own(id) { return pool.query(`SELECT x FROM t WHERE x = ${id}`); }\n"
    )
)


@pytest.mark.parametrize(
    ("path", "text", "sent"),
    [
        ("koa.js", KOA, "abc"),
        ("fastify.js", FASTIFY, "abc"),
        ("hono.ts", HONO, "ab"),
        ("trpc.ts", TRPC, "ab"),
        ("src/app/jars/route.js", ROUTE, "ab"),
        ("src/jars/route.js", ROUTE, ""),
        ("src/pages/api/jars.js", API, "a"),
        ("src/api/jars.js", API, ""),
        ("src/pages/jars.jsx", PAGE, "ab"),
        ("src/actions.js", ACTIONS, "ab"),
        ("src/actions.ts", ACTIONS.replace("'use server'", "'use client'"), ""),
    ],
)
def test_what_a_client_sent(path: str, text: str, sent: str) -> None:
    """The columns of the statements into whose text a request comes."""
    project = linked({path: text})
    found = [
        literal.text.partition("SELECT ")[2][:1]
        for call in project.calls
        if call.text is not None and any(getattr(piece, "origin", "") == Origin.REQUEST for piece in call.text.pieces)
        for literal in call.text.pieces[:1]
        if isinstance(literal, Literal)
    ]
    assert "".join(sorted(found)) == sent
