"""Where JavaScript runs what is lazily built: where it is awaited, or returned to who awaits it; in Python, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from dblint.facts.program import Effect
from dblint.facts.project import Project
from dblint.link.words import Words
from tests.link.linked import answer, asked, linked

MODELS = """
import { Schema, model } from 'mongoose';
export const Jar = model('Jar', new Schema({ label: String, weight: Number }));
export const Lid = model('Lid', new Schema({ label: String }));
"""
USES = """
import { Jar, Lid } from './models';

async function awaited() { return (await Jar.find({ a: 1 })).length; } // jars
async function handed() { return Jar.find({ a: 2 }); } // jars
const arrow = async () => Jar.find({ a: 3 }); // jars
async function again() { const jars = await handed(); return jars.map((jar) => jar.label); } //
async function saved() { const jar = await one('x'); await jar.save(); } // jars
function one(id) { return Jar.findById(id); } // jars
function base(weight) { return Jar.find({ weight }); } //
async function few(weight) { return base(weight).limit(3); } // jars
async function chosen(light) { return light ? Jar.find({ b: 1 }) : Lid.find({ b: 1 }); } // jars lids
async function several() { await Promise.all([Jar.find({ c: 1 }), Lid.find({ c: 1 })]); } // jars lids
async function each(ids) { await Promise.all(ids.map((id) => Jar.findById(id))); } // jars
async function streamed() { for await (const jar of Jar.find({ d: 1 })) { console.log(jar); } } // jars
function called(done) { Jar.findOne({ e: 1 }, (error, jar) => jar.save()); } // jars jars
function dropped() { Jar.find({ f: 1 }); } //
async function two() { return Promise.all([Jar.findOne(), Lid.findOne()]); } // jars lids
async function unpacked() { const [jar, lid] = await Promise.all([one(1), Lid.findOne()]); lid.save(); } // lids lids
async function grown(limit) { const query = Jar.find(); if (limit) { query.limit(limit); } return await query; } // jars
"""


def told(project: Project, text: str) -> dict[int, list[str]]:
    """The tables of the statements that run, by line."""
    found: dict[int, list[str]] = {}
    for call in project.calls:
        if Effect.QUERY in call.effects and call.place.path == "uses.js":
            line = text.encode()[: call.place.start].count(b"\n")
            found.setdefault(line, []).extend(query.table for query in call.queries)
    return {line: sorted(tables) for line, tables in found.items()}


def test_each_statement_runs_where_somebody_waits_for_it() -> None:
    text = USES.lstrip()
    project = linked({"models.js": MODELS, "uses.js": text})
    expected = {
        number: sorted(words.split())
        for number, line in enumerate(text.splitlines())
        if (words := line.partition("//")[2].strip())
    }
    assert told(project, text) == expected
    limits = {answer(call.queries[0].limit) for call in project.calls if call.place.start > text.index("grown")}
    assert "sometimes" in limits


OUTSIDE = {
    "store.js": """
const { MongoClient } = require('mongodb');
let db;
const store = module.exports;
store.open = async function () { const client = await MongoClient.connect('x'); db = client.db(); store.client = db; };
store.jar = async () => db.collection('jars').findOne({ a: 1 });
require('./part')(store);
""",
    "part.js": """
module.exports = function (store) {
  store.lid = async () => store.client.collection('lids').findOne({ a: 1 });
};
""",
    "use.js": """
const store = require('./store');
exports.lid = async function () { return await store.client.collection('shelves').findOne({ a: 1 }); };
""",
    "other.js": """
let shadowed;
function inner() { let shadowed = 1; shadowed = require('mongodb').MongoClient; return shadowed; }
exports.none = async () => shadowed.collection('none').findOne({ a: 1 });
""",
}


def test_what_functions_assign_outside_of_themselves_is_known_there() -> None:
    project = linked(OUTSIDE)
    assert [(call.place.path, query.table) for call in project.calls for query in call.queries] == [
        ("part.js", "lids"),
        ("store.js", "jars"),
        ("use.js", "shelves"),
    ]
    assert [(call.place.path, call.member) for call in project.unresolved] == [("other.js", "findOne")]


def test_python_waits_for_what_a_coroutine_gives() -> None:
    app = """
        import asyncio
        import asyncpg

        async def opened():
            return await asyncpg.connect("x")

        async def run():
            connection = await asyncio.wait_for(opened(), 3)
            await connection.execute("DELETE FROM a")
            await asyncio.wait_for(connection.execute("DELETE FROM b"), 3)
        """
    assert [table for *_, table in asked(linked({"app.py": app}))] == ["a", "b"]


SHELF = """
import { createClient } from '@supabase/supabase-js';
const client = createClient('https://shelf.example', 'key');
"""
READ = """
import type { PostgrestSingleResponse } from '@supabase/supabase-js';
export const first = (answer: PostgrestSingleResponse<object>) => answer.data;
"""


def test_an_attribute_of_what_was_answered_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: set[str] = set()
    spelled = Words.spelled

    def noted(words: Words, word: str, within: Sequence[str] | None = None) -> Iterator[tuple[str, int]]:
        looked.add(word)
        return spelled(words, word, within)

    monkeypatch.setattr(Words, "spelled", noted)
    assert not asked(linked({"shelf.ts": SHELF, "read.ts": READ}))
    assert "from" in looked
    assert "data" not in looked


def test_a_member_that_is_called_begins_what_is_waited_for() -> None:
    more = "export async function all() { return (await client.from('jars').select('label')).data; }"
    assert asked(linked({"shelf.ts": SHELF + more})) == [("await", "supabase:Filter", "select", "jars")]
