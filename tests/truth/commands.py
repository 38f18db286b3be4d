"""Commands of MongoDB, as `monitoring` notes them, as queries. Nothing here is dblint's own reading of them.

Source: MongoDB 8.0 manual, "Database Commands", "Query Predicates", "Update Operators", "Aggregation Stages".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dblint.facts.query import (
    And,
    Assignment,
    Bound,
    Clause,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Function,
    Not,
    Or,
    Order,
    Query,
    Source,
    Star,
    Value,
    Verb,
)
from tests.truth.same import MARK

_WORDS = {
    "$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "$in": "in", "$nin": "not-in",
    "$exists": "set", "$size": "size", "$all": "holds", "$mod": "modulo", "$type": "type",
}  # fmt: skip
_LITERAL = re.compile(r"(\^?)((?:[^\\.^$*+?{}\[\]|()]|\\[^\w\s]|\\ )*)(\$?)")
_PATTERN = "$regularExpression"


def _different(statements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The statements of a batch that differ in more than their values."""
    return list({_shape(each): each for each in reversed(statements)}.values())[::-1]


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{_shape(each)}" for name, each in value.items()) + "}"
    return type(value).__name__


class Reader:
    """Reads one command. `bound`: the values that it holds, in the order of their marks."""

    def __init__(self) -> None:
        self.bound: list[Any] = []

    def queries(self, text: str) -> Iterator[Query]:
        """The statements of a command: one, except where it holds a list of them."""
        command = json.loads(text)
        word = next(iter(command))
        name = command[word]
        sources = Clause((Element(Source(str(name))),))
        if word == "find":
            yield self._find(command, sources)
        elif word == "aggregate":
            yield self._aggregate(command["pipeline"], sources)
        elif word == "count":
            counted: Clause[Expression] = Clause((Element(Function("count", (Star(),))),))
            yield Query(
                Verb.AGGREGATE, sources=sources, projection=counted, where=self._where(command.get("query", {}))
            )
        elif word == "distinct":
            key: Clause[Expression] = Clause((Element(Column(command["key"])),))
            where = self._where(command.get("query", {}))
            yield Query(Verb.SELECT, sources=sources, projection=key, where=where, distinct=True)
        elif word == "insert":
            given = self._changes(command["documents"][0])
            yield Query(Verb.INSERT, sources=sources, assignments=given)
        elif word == "update":
            for each in _different(command["updates"]):
                verb = Verb.UPSERT if each.get("upsert") else Verb.UPDATE
                yield Query(verb, sources=sources, where=self._where(each["q"]), assignments=self._changes(each["u"]))
        elif word == "delete":
            for each in _different(command["deletes"]):
                yield Query(Verb.DELETE, sources=sources, where=self._where(each["q"]))
        else:
            yield self._modified(command, sources)

    def _find(self, command: Mapping[str, Any], sources: Clause[Source]) -> Query:
        return Query(
            Verb.SELECT,
            sources=sources,
            projection=self._projection(command.get("projection") or {}),
            where=self._where(command.get("filter", {})),
            order=self._order(command.get("sort") or {}),
            limit=self._bounds(command.get("limit")),
            offset=self._bounds(command.get("skip")),
        )

    def _modified(self, command: Mapping[str, Any], sources: Clause[Source]) -> Query:
        verb = Verb.DELETE if command.get("remove") else Verb.UPSERT if command.get("upsert") else Verb.UPDATE
        return Query(
            verb,
            sources=sources,
            where=self._where(command.get("query", {})),
            order=self._order(command.get("sort") or {}),
            assignments=self._changes(command.get("update") or {}),
        )

    def _aggregate(self, stages: Sequence[Mapping[str, Any]], sources: Clause[Source]) -> Query:
        clauses: dict[str, Any] = {"sources": list(sources.elements)}
        verb = Verb.SELECT
        for stage in stages:
            ((word, value),) = stage.items()
            if word == "$match":
                clause = "having" if clauses.keys() & {"grouping", "limit", "offset"} else "where"
                clauses.setdefault(clause, []).extend(self._where(value).elements)
            elif word == "$sort":
                clauses["order"] = list(self._order(value).elements)
            elif word == "$limit":
                clauses["limit"] = list(self._bounds(value).elements)
            elif word == "$skip":
                clauses["offset"] = list(self._bounds(value).elements)
            elif word == "$lookup":
                on = Compare(Column(value["localField"]), "=", Column(value["foreignField"], value["from"]))
                clauses["sources"].append(Element(Source(value["from"], join="left", on=on)))
            elif word == "$project" and ("grouping" in clauses or verb is Verb.AGGREGATE):
                continue  # names of what groups are made into
            elif word == "$project":
                clauses["projection"] = list(self._projection(value).elements)
            elif word == "$group":
                keys = [Column(value["_id"].lstrip("$"))] if str(value["_id"]).startswith("$") else []
                made = [self._made(each) for name, each in value.items() if name != "_id"]
                clauses["grouping"] = [Element(key) for key in keys]
                clauses["projection"] = [Element(each) for each in (*keys, *made)]
                clauses.pop("order", None)
                verb = verb if keys else Verb.AGGREGATE
            elif word == "$count":
                clauses["projection"] = [Element(Function("count", (Star(),)))]
                verb = Verb.AGGREGATE
            elif word != "$unwind":
                raise AssertionError(f"not read: {word}")
        filled: dict[str, Any] = {name: Clause(tuple(elements)) for name, elements in clauses.items()}
        return Query(verb, **filled)

    @staticmethod
    def _made(value: Mapping[str, Any]) -> Expression:
        ((word, of),) = value.items()
        if word == "$sum" and of == 1:
            return Function("count", (Star(),))
        arguments = (Column(of.lstrip("$")),) if isinstance(of, str) else ()
        return Function(word.lstrip("$").lower(), arguments)

    # Clauses

    def _mark(self, value: Any) -> Value:
        if isinstance(value, list):
            return Value("list", ", ".join(self._mark(each).text for each in value))
        self.bound.append(value)
        return Value("number", str(MARK + len(self.bound) - 1))

    def _bounds(self, value: Any) -> Clause[Bound]:
        return Clause((Element(Bound(int(self._mark(value).text))),)) if value else Clause()

    @staticmethod
    def _order(keys: Mapping[str, int]) -> Clause[Order]:
        return Clause(tuple(Element(Order(Column(name), direction == -1)) for name, direction in keys.items()))

    @staticmethod
    def _projection(fields: Mapping[str, Any]) -> Clause[Expression]:
        kept: list[Expression] = [Column(name) for name, shown in fields.items() if shown]
        return Clause(tuple(Element(each) for each in kept), bool(fields) and not kept)

    def _changes(self, change: Mapping[str, Any]) -> Clause[Assignment]:
        found: list[Element[Assignment]] = []
        for word, value in change.items():
            if not word.startswith("$"):
                found.append(Element(Assignment(word, self._mark(value))))
                continue
            for name, given in value.items():
                made: Expression = self._mark(given)
                if word in ("$inc", "$mul"):
                    made = Function("+" if word == "$inc" else "*", (Column(name), made))
                elif word == "$unset":
                    made = Value("null")
                elif word not in ("$set", "$setOnInsert"):
                    made = Function(word.lstrip("$").lower(), (Column(name), made))
                found.append(Element(Assignment(name, made)))
        return Clause(tuple(found))

    # Conditions

    def _where(self, document: Mapping[str, Any]) -> Clause[Condition]:
        return Clause(tuple(Element(each) for each in self._conditions(document)))

    def _conditions(self, document: Mapping[str, Any], prefix: str = "") -> Iterator[Condition]:
        for name, value in document.items():
            if name in ("$and", "$or", "$nor"):
                parts = tuple(self._together(each, prefix) for each in value)
                either: Condition = And(parts) if name == "$and" else Or(parts)
                yield Not(either) if name == "$nor" else either
            elif name == "$comment":
                continue
            else:
                yield from self._field(Column(f"{prefix}{name}".removesuffix(".$id")), value)

    def _together(self, document: Mapping[str, Any], prefix: str = "") -> Condition:
        parts = tuple(self._conditions(document, prefix))
        return parts[0] if len(parts) == 1 else And(parts)

    def _field(self, column: Column, value: Any) -> Iterator[Condition]:
        if isinstance(value, dict) and _PATTERN in value:
            yield self._matched(column, value[_PATTERN]["pattern"], value[_PATTERN]["options"])
            return
        if not isinstance(value, dict) or not all(key.startswith("$") for key in value) or not value:
            yield Compare(column, "=", self._mark(value))
            return
        for word, given in value.items():
            if word == "$not":
                inner = tuple(self._field(column, given))
                yield Not(inner[0] if len(inner) == 1 else And(inner))
            elif word == "$elemMatch":
                yield from self._conditions(given, f"{column.name}.")
            elif word == "$regex":
                compiled = given[_PATTERN] if isinstance(given, dict) else {"pattern": given, "options": ""}
                yield self._matched(column, compiled["pattern"], value.get("$options", compiled["options"]))
            elif word != "$options":
                yield Compare(column, _WORDS[word], self._mark(given))

    def _matched(self, column: Column, pattern: str, options: str) -> Condition:
        """A pattern; of one that is a text with or without anchors, what it is in words."""
        letter = "i" if "i" in options else ""
        literal = _LITERAL.fullmatch(pattern)
        if literal is None or not literal[2]:
            return Compare(column, f"{letter}regexp", self._mark(pattern))
        text = self._mark(re.sub(r"\\(.)", r"\1", literal[2]))
        if literal[1] and literal[3]:
            return Compare(column, "ilike" if letter else "=", text)
        word = "starts-with" if literal[1] else "ends-with" if literal[3] else "contains"
        return Compare(column, f"{letter}{word}", text)
