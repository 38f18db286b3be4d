"""What a client sends becomes operators of a filter, or code.

Not reported: parts of an address and headers, which are texts; values that the handler converts, asks the type of, or
hands to a function before; handlers that are registered behind something that may check what comes; projects in which
operators are refused everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.query import DOCUMENT_STORES
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="a client's value is read as operators of a filter",
    why=(
        'A body that was parsed holds what its sender wrote. Where a text is expected, {"$ne": null} may stand, which '
        "every document satisfies: a password is not asked for any more, or a change for one document goes to all."
    ),
    minimal="Make {what} what it is to be before it goes into the filter: String(…), or { $eq: … } around it.",
    better="Check the body against a schema when it comes in, and take {what} from what the check gives.",
    complete=(
        "Let the library refuse operators in all filters (sanitizeFilter in Mongoose), whoever built them and not only "
        "of {what}."
    ),
    symptoms=("CastError: Cast to string failed for value", "a login works with any password"),
    severity="error",
    confidence="high",
    default=False,
    checklist=("4.2",),
    looks_at="filters of document databases",
    cwe=(943,),
    security_severity="8.6",
    roles=frozenset({FileRole.APP}),
    bad=(
        Bad(
            "javascript",
            """\
const express = require('express');
const mongoose = require('mongoose');

const User = mongoose.model('User', new mongoose.Schema({ name: String, password: String }));
const app = express();

app.post('/login', async (req, res) => {
  const user = await User.findOne({ name: String(req.body.name), password: req.body.password }); // finding
  const { mail } = req.body;
  const again = await User.findOne({ $or: [{ mail }, { name: 'nobody' }] }); // finding
  await User.deleteMany(req.query); // finding
  res.json(user ?? again);
});
""",
            title="Mongoose",
        ),
        Bad(
            "typescript",
            """\
import express, { Request, Response } from 'express';
import { MongoClient } from 'mongodb';

const users = new MongoClient(process.env.MONGO_URL).db('shop').collection('users');
const router = express.Router();

async function found(req: Request, res: Response) {
  res.json(await users.findOne({ name: req.query.name })); // finding
  res.json(await users.findOne({ $where: `this.name == '${req.params.name}'` })); // finding
}

router.get('/users', found);
""",
            title="MongoDB: a filter, code",
        ),
    ),
    good=(
        Good(
            "javascript",
            """\
const express = require('express');
const mongoose = require('mongoose');

const User = mongoose.model('User', new mongoose.Schema({ name: String, password: String }));
const app = express();

app.post('/login/:id', async (req, res) => {
  const { name, mail, key } = req.body;
  if (typeof name !== 'string' || !checked(key)) {
    return res.status(400).end();
  }
  const user = await User.findOne({ name, mail: { $eq: mail }, key, _id: req.params.id });
  res.json(user ?? (await User.findOne({ name: String(req.body.other) })));
});

app.post('/logout', validated({ name: 'string' }), async (req, res) => {
  res.json(await User.findOne({ name: req.body.name }));
});
""",
            title="Mongoose: the handler has looked at it",
        ),
        Good(
            "javascript",
            """\
const express = require('express');
const mongoose = require('mongoose');

mongoose.set('sanitizeFilter', true);

const User = mongoose.model('User', new mongoose.Schema({ name: String }));
const app = express();

app.post('/login', async (req, res) => {
  res.json(await User.findOne({ name: req.body.name }));
});
""",
            title="Mongoose: operators are refused",
        ),
    ),
)

_SAYS = {
    "value": "an object in it is read as operators",
    "filter": "a client decides the whole filter",
    "code": "it is part of code that the database runs",
}


def check(call: Call) -> Iterator[Finding]:
    """One finding per call with such a value."""
    if not call.loose:
        return
    first = call.loose[0]
    table = next((query.table for query in call.queries if query.table), "")
    yield Finding(
        call.place,
        f"`{call.source}`{f' on {table}' if table else ''} takes what a client sends as it is: {_SAYS[first.kind]}",
        names={"what": "the value"},
        idiom=call.idiom,
        sub=first.kind,
    )


def places(project: Project) -> Iterator[Place]:
    """The queries of document databases that have a filter."""
    for call in project.calls:
        if call.dialect in DOCUMENT_STORES and any(query.where.possibly() for query in call.queries):
            yield call.place
