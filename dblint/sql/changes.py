"""INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlglot import exp

from dblint.facts.query import Assignment, Element, Expression, OpaqueExpression, Query, Verb, When
from dblint.sql.clauses import ClauseReader
from dblint.sql.sources import nameless

__all__ = ["ChangeReader"]


class ChangeReader(ClauseReader):
    """Reads the statements that change rows."""

    def insert(self, node: exp.Insert, level: int, scope: frozenset[str], opens: frozenset[str], *, top: bool) -> Query:
        """An INSERT or REPLACE."""
        target = node.this
        columns: list[exp.Expr] = []
        if isinstance(target, exp.Schema):
            columns, target = target.expressions, target.this
        sources = list(self.sources(target, level)) if isinstance(target, exp.Expr) else []
        feed = node.args.get("expression")
        parts: tuple[Query, ...] = ()
        rows = "one" if node.args.get("default") else ""
        values: list[exp.Expr] = []
        feed = feed.this if isinstance(feed, exp.Subquery) and isinstance(feed.this, exp.Values) else feed
        if isinstance(feed, exp.Values | exp.Tuple):
            tuples = feed.expressions if isinstance(feed, exp.Values) else [feed]
            rows, values = self.rows(tuples)
        elif isinstance(feed, exp.Expr):
            part = self.query(feed, level + 1, scope, top=top)
            if part.verb is Verb.UNKNOWN:
                opens |= frozenset({"assignments"})
            else:
                rows = "query"
            parts = (part,)
        assignments, hidden = self.assigned(columns, values, level)
        conflict = self.conflict(node)
        returning, more = self.returning(node, level)
        replaces = bool(self.prepared.tokens) and self.prepared.tokens[0].word == "REPLACE"
        return Query(
            Verb.UPSERT if replaces else Verb.INSERT,
            None,
            self.tag,
            self.clause(
                "sources", [Element(source) for source in sources], opens, open_=any(not s.name for s in sources)
            ),
            assignments=self.clause("assignments", assignments, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
            parts=parts,
            conflict="update" if replaces else conflict,
            rows=rows,
        )

    def rows(self, tuples: list[exp.Expr]) -> tuple[str, list[exp.Expr]]:
        """How many rows are inserted, and the values of the first."""
        first = tuples[0] if tuples else None
        values = list(first.expressions) if isinstance(first, exp.Tuple) else [first] if first is not None else []
        if len(tuples) > 1:
            return "many", values
        start = self.values_start()
        if start < 0:
            return "one", values
        if any(begin <= start < end for begin, end in self.prepared.repeats):
            return "many", values
        if self.prepared.sql[start] == "(":
            return "one", values
        marker = self.bare(values[0]) if values else None
        if marker is not None:
            return ("many" if marker.value else ""), []
        return "one", values

    def values_start(self) -> int:
        """Where the first row of VALUES begins, -1 where the word is missing."""
        seen = False
        for token in self.prepared.tokens:
            if seen and token.word != "ROW" and self.prepared.sql[token.start] not in ",)":  # no column of that name
                return token.start
            seen = token.word in ("VALUES", "VALUE") or (seen and token.word == "ROW")
        return -1

    def assigned(
        self, columns: list[exp.Expr], values: list[exp.Expr], level: int
    ) -> tuple[list[Element[Assignment]], bool]:
        """Column by column what an INSERT writes; the column is "" where none are listed."""
        found: list[Element[Assignment]] = []
        hidden = False
        for index, column in enumerate(columns):
            if self.hole(column) is not None:
                hidden = True
                continue
            value: Expression = OpaqueExpression()
            if index < len(values) and not hidden:
                value = self.expression(values[index], level + 1)
            found.append(Element(Assignment(self.named(column), value)))
        if not columns:
            found = [Element(Assignment("", self.expression(value, level + 1))) for value in values]
        return found, hidden

    def conflict(self, node: exp.Insert) -> str:
        """What an INSERT does with a row that is there already."""
        alternative = str(node.args.get("alternative") or "").upper()
        if alternative == "REPLACE":
            return "update"
        if node.args.get("ignore") or alternative == "IGNORE":
            return "nothing"
        clause = node.args.get("conflict")
        if not isinstance(clause, exp.OnConflict):
            return ""
        if clause.args.get("duplicate"):
            return "update"
        action = clause.args.get("action")
        return "nothing" if isinstance(action, exp.Expr) and "NOTHING" in action.name.upper() else "update"

    def update(self, node: exp.Update, level: int, opens: frozenset[str]) -> Query:
        """An UPDATE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        for element in self.all_sources(node, level)[0]:
            source = element.value
            sources.append(source if source.join else msgspec.structs.replace(source, join="cross"))
        assignments, hidden = self.settings(node.expressions, level)
        where, where_open = self.conditions(level, node.args.get("where"))
        order, limit, _ = self.tail(node, level, opens, ())
        returning, more = self.returning(node, level)
        return Query(
            Verb.UPDATE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=nameless(sources)),
            where=self.clause("where", where, opens, open_=where_open),
            order=order,
            limit=limit,
            assignments=self.clause("assignments", assignments, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
        )

    def settings(self, items: Iterable[exp.Expr], level: int) -> tuple[list[Element[Assignment]], bool]:
        """The assignments of a SET, and whether more may be there."""
        found: list[Element[Assignment]] = []
        hidden = False
        for item in items:
            if not isinstance(item, exp.EQ):
                hidden = True
                continue
            left, right = item.this, item.expression
            if isinstance(left, exp.Tuple):
                values = right.expressions if isinstance(right, exp.Tuple) else []
                for index, column in enumerate(left.expressions):
                    value = self.expression(values[index] if index < len(values) else right, level + 1)
                    found.append(Element(Assignment(self.named(column), value)))
                continue
            name = self.named(left)
            hidden = hidden or not name
            found.append(Element(Assignment(name, self.expression(right, level + 1))))
        return found, hidden

    def delete(self, node: exp.Delete, level: int, opens: frozenset[str]) -> Query:
        """A DELETE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        using = node.args.get("using")
        for item in using if isinstance(using, list) else ():
            sources += self.sources(item, level, "cross")
        for element in self.all_sources(node, level)[0]:
            sources.append(
                element.value if element.value.join else msgspec.structs.replace(element.value, join="cross")
            )
        where, where_open = self.conditions(level, node.args.get("where"))
        order, limit, _ = self.tail(node, level, opens, ())
        returning, more = self.returning(node, level)
        return Query(
            Verb.DELETE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=nameless(sources)),
            where=self.clause("where", where, opens, open_=where_open),
            order=order,
            limit=limit,
            returning=self.clause("returning", returning, opens, open_=more),
        )

    def merge(self, node: exp.Merge, level: int, opens: frozenset[str]) -> Query:
        """A MERGE."""
        sources = list(self.sources(node.this, level)) if isinstance(node.this, exp.Expr) else []
        on = node.args.get("on")
        using = node.args.get("using")
        if isinstance(using, exp.Expr):
            condition = self.condition(on, level + 1) if isinstance(on, exp.Expr) else None
            sources += [msgspec.structs.replace(source, on=condition) for source in self.sources(using, level, "inner")]
        found: list[Element[Assignment]] = []
        hidden = False
        whens = node.args.get("whens")
        for when in whens.expressions if isinstance(whens, exp.Whens) else ():
            action = when.args.get("then")
            elements: list[Element[Assignment]] = []
            if isinstance(action, exp.Update):
                elements, more = self.settings(action.expressions, level)
                hidden = hidden or more
            elif isinstance(action, exp.Insert) and isinstance(action.this, exp.Tuple):
                values = action.args.get("expression")
                row = values.expressions if isinstance(values, exp.Tuple) else []
                elements, more = self.assigned(action.this.expressions, row, level)
                hidden = hidden or more
            found += [Element(element.value, When.SOMETIMES) for element in elements]
        returning, more = self.returning(node, level)
        return Query(
            Verb.MERGE,
            None,
            self.tag,
            self.clause("sources", [Element(source) for source in sources], opens, open_=nameless(sources)),
            assignments=self.clause("assignments", found, opens, open_=hidden),
            returning=self.clause("returning", returning, opens, open_=more),
        )
