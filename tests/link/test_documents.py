"""MongoDB's documents as queries: what the readers make of filters, changes, sorts, projections and stages."""

from __future__ import annotations

from dblint.facts.program import Effect
from dblint.sql.render import render
from tests.link.linked import linked

CASES = {
    # Filters
    'find_one({"age": {"$gt": 3, "$lte": 9}})': "SELECT * FROM jar WHERE age > 3 AND age <= 9 LIMIT 1",
    'find_one({"$or": [{"a": 1, "b": 2}, {"c": 3}]})': "SELECT * FROM jar WHERE ((a = 1 AND b = 2) OR c = 3) LIMIT 1",
    'find_one({"$nor": [{"a": 1}, {"b": 2}]})': "SELECT * FROM jar WHERE NOT (a = 1 OR b = 2) LIMIT 1",
    'find_one({"$and": [{"a": 1}, {"b": None}]})': "SELECT * FROM jar WHERE a = 1 AND b IS NULL LIMIT 1",
    'find_one({"a": {"$not": {"$gt": 3}}})': "SELECT * FROM jar WHERE NOT (a > 3) LIMIT 1",
    'find_one({"a": {"b": 3}})': "SELECT * FROM jar WHERE a = ? LIMIT 1",
    'find_one({"a.b": word})': 'SELECT * FROM jar WHERE "a.b" = ? LIMIT 1',
    'find_one({"a": {"$elemMatch": {"b": 3}}})': 'SELECT * FROM jar WHERE "a.b" = 3 LIMIT 1',
    'find_one({"a": {"$elemMatch": {"$gt": 3}}})': "SELECT * FROM jar WHERE a > 3 LIMIT 1",
    'find_one({"author.$id": word})': "SELECT * FROM jar WHERE author = ? LIMIT 1",
    'find_one({"a": {"$in": words}, "$comment": "why"})': "SELECT * FROM jar WHERE a IN (?) LIMIT 1",
    'find_one({"$expr": {"$gt": ["$a", "$b"]}})': "SELECT * FROM jar WHERE $expr LIMIT 1",
    'find_one("plum")': "SELECT * FROM jar WHERE _id = 'plum' LIMIT 1",
    "find_one(None)": "SELECT * FROM jar LIMIT 1",
    "find_one(word)": "SELECT * FROM jar WHERE /* … */ LIMIT 1",
    'find_one({**word, "a": 1})': "SELECT * FROM jar WHERE a = 1 AND /* … */ LIMIT 1",
    'find_one({"$or": words})': "SELECT * FROM jar WHERE /* … */ LIMIT 1",
    # Patterns: a text says what it is, anything else is an expression
    'find_one({"a": {"$regex": "^plum"}})': "SELECT * FROM jar WHERE a LIKE 'plum%' LIMIT 1",
    'find_one({"a": {"$regex": "plum$", "$options": "i"}})': "SELECT * FROM jar WHERE a ILIKE '%plum' LIMIT 1",
    'find_one({"a": {"$regex": "a\\\\.b"}})': "SELECT * FROM jar WHERE a LIKE '%a.b%' LIMIT 1",
    'find_one({"a": {"$regex": "^plum$"}})': "SELECT * FROM jar WHERE a = 'plum' LIMIT 1",
    'find_one({"a": {"$regex": "^.*plum"}})': "SELECT * FROM jar WHERE a LIKE '%plum%' LIMIT 1",
    'find_one({"a": {"$regex": "^a+"}})': "SELECT * FROM jar WHERE a ~ '^a+' LIMIT 1",
    'find_one({"a": re.compile("^PL", re.IGNORECASE)})': "SELECT * FROM jar WHERE a ILIKE 'PL%' LIMIT 1",
    # Projections and sorts
    'find_one({}, {"a": 1, "_id": 0})': "SELECT a FROM jar LIMIT 1",
    'find_one({}, ["a", "b.c"])': 'SELECT a, "b.c" FROM jar LIMIT 1',
    'find_one({}, {"a": 0})': "SELECT /* … */ FROM jar LIMIT 1",
    'find_one(sort=[("a", 1), ("b", -1)])': "SELECT * FROM jar ORDER BY a, b DESC LIMIT 1",
    'find_one(sort={"a": -1})': "SELECT * FROM jar ORDER BY a DESC LIMIT 1",
    'find_one(sort=[("a", pymongo.DESCENDING)])': "SELECT * FROM jar ORDER BY a DESC LIMIT 1",
    "find_one(sort=words)": "SELECT * FROM jar ORDER BY /* … */ LIMIT 1",
    'find().sort("a", -1).skip(3).limit(5).to_list()': "SELECT * FROM jar ORDER BY a DESC LIMIT 5 OFFSET 3",
    'find().sort("a").sort("b").limit(0).to_list(None)': "SELECT * FROM jar ORDER BY b",
    # Changes
    'update_one({"a": 1}, {"$set": {"b": word, "c.d": 2}, "$inc": {"n": 1}})': (
        'UPDATE jar SET b = ?, "c.d" = 2, n = (n + 1) WHERE a = 1'
    ),
    'update_many({}, {"$unset": {"b": ""}, "$push": {"t": word}})': "UPDATE jar SET b = NULL, t = push(t, ?)",
    'update_one({"a": 1}, {"$set": {"b": 2}}, upsert=True)': "UPSERT INTO jar (b) VALUES (2) WHERE a = 1",
    'update_one({"a": 1}, word)': "UPDATE jar SET /* … */ WHERE a = 1",
    'insert_one({"a": 1, "b": word})': "INSERT INTO jar (a, b) VALUES (1, ?)",
    # Stages
    'aggregate([{"$match": {"a": 1}}, {"$sort": {"b": -1}}, {"$skip": 3}, {"$limit": 5}])': (
        "SELECT * FROM jar WHERE a = 1 ORDER BY b DESC LIMIT 5 OFFSET 3"
    ),
    'aggregate([{"$lookup": {"from": "shelf", "localField": "s", "foreignField": "_id", "as": "x"}}])': (
        "SELECT * FROM jar LEFT JOIN shelf ON jar.s = shelf._id"
    ),
    'aggregate([{"$group": {"_id": "$a", "n": {"$sum": 1}, "m": {"$avg": "$b"}}}, {"$match": {"n": {"$gt": 1}}}])': (
        "SELECT a, count(*), avg(b) FROM jar GROUP BY a HAVING n > 1"
    ),
    'aggregate([{"$match": {"a": 1}}, {"$count": "n"}])': "SELECT count(*) FROM jar WHERE a = 1",
    'aggregate([{"$limit": 5}, {"$unwind": "$tags"}])': "SELECT * FROM jar LIMIT /* … */",
    'aggregate([{"$project": {"a": 1, "b": "$c"}}])': "SELECT a, c FROM jar",
    'aggregate([{"$sample": {"size": 3}}])': "SELECT * FROM jar ORDER BY random() LIMIT 3",
    "aggregate(words)": (
        "SELECT /* … */ FROM jar /* … */ WHERE /* … */ GROUP BY /* … */ HAVING /* … */ ORDER BY /* … */"
        " LIMIT /* … */ OFFSET /* … */"
    ),
}


def test_documents() -> None:
    lines = "".join(f"    db.jar.{call}\n" for call in CASES)
    text = f"import re\nimport pymongo\n\ndb = pymongo.MongoClient().pantry\n\ndef run(word, words):\n{lines}"
    project = linked({"a.py": text})
    told = [render(query) for call in project.calls if Effect.QUERY in call.effects for query in call.queries]
    assert dict(zip(CASES, told, strict=True)) == CASES


ADDED = """\
from pymongo.collection import Collection

def by_name(jars: Collection, word, more):
    query = {"a": 1}
    query["b"] = word
    if word:
        query["c"] = {"$gt": 3}
    jars.find_one(query)
    query.update(more)
    jars.find_one(query)

def by_none(jars: Collection, word):
    query = {}
    if word:
        query["a"] = word
    return list(jars.find(query))

def by_any(jars: Collection, word):
    query = {}
    query[word] = 3
    return list(jars.find(query))

def steps(jars: Collection, word, words):
    stages = [{"$match": {"a": 1}}]
    stages.append({"$sort": {"a": 1}})
    if word:
        stages.append({"$limit": 5})
    jars.aggregate(stages)
    stages.extend(words)
    jars.aggregate(stages)
"""


def test_documents_that_are_added_to() -> None:
    project = linked({"a.py": ADDED})
    told = [render(query) for call in project.calls for query in call.queries]
    assert told == [
        "SELECT * FROM /* … */ WHERE a = 1 AND b = ? AND /* sometimes */ c > 3 ORDER BY /* … */ LIMIT 1",
        "SELECT * FROM /* … */ WHERE a = 1 AND b = ? AND /* sometimes */ c > 3 AND /* … */ ORDER BY /* … */ LIMIT 1",
        "SELECT * FROM /* … */ WHERE /* sometimes */ a = ? ORDER BY /* … */",
        "SELECT * FROM /* … */ WHERE /* … */ ORDER BY /* … */",
        "SELECT * FROM /* … */ WHERE a = 1 ORDER BY a LIMIT /* sometimes */ 5",
        (
            "SELECT /* … */ FROM /* … */ WHERE a = 1 AND /* … */ GROUP BY /* … */ HAVING /* … */ ORDER BY a, /* … */"
            " LIMIT /* sometimes */ 5, /* … */ OFFSET /* … */"
        ),
    ]


def test_a_document_database_is_asked_in_its_own_language() -> None:
    """Also where the configuration says what the others speak."""
    text = "from pymongo import MongoClient\n\ndef run():\n    MongoClient().pantry.jar.find_one()\n"
    project = linked({"a.py": text}, dialect="postgres")
    assert [(call.dialect, call.dialect_sure) for call in project.calls if call.queries] == [("mongodb", True)]
