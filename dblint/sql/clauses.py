"""The clauses that queries share: projection, conditions, grouping, order, limit, locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from sqlglot import exp

from dblint.facts.query import Bound, Clause, Condition, Element, Expression, Order
from dblint.facts.text import Origin
from dblint.sql.expressions import unwrapped
from dblint.sql.prepared import EVERY, Prepared
from dblint.sql.sources import SourceReader
from dblint.sql.trees import syntax

__all__ = ["ClauseReader"]

T = TypeVar("T")


class ClauseReader(SourceReader):
    """Reads clauses. `tag` is the dialect that a `Query` names."""

    def __init__(self, prepared: Prepared, dialect: str, tag: str = "") -> None:
        super().__init__(prepared, dialect)
        self.tag = tag
        top = set(EVERY) if prepared.open else set()
        nested = set(top)
        for fragment in prepared.fragments:
            (nested if fragment.nested else top).update(fragment.clauses)
        self.top, self.nested = frozenset(top), frozenset(nested)

    def clause(
        self, name: str, elements: Iterable[Element[T]], opens: frozenset[str], *, open_: bool = False
    ) -> Clause[T]:
        """A clause with its elements, open where something can hide in it."""
        return Clause(tuple(elements), open_ or name in opens)

    def projection(self, items: Iterable[exp.Expr], level: int) -> tuple[list[Element[Expression]], bool]:
        """The expressions that are asked for, and whether more may be."""
        elements: list[Element[Expression]] = []
        hidden = False
        for item in items:
            inner = item.this if isinstance(item, exp.Alias) else item
            hidden = hidden or self.hole(inner) is not None
            elements.append(Element(self.visible(inner, level + 1)))
        return elements, hidden

    def conditions(self, level: int, *clauses: object) -> tuple[list[Element[Condition]], bool]:
        """The conjuncts of WHERE-like clauses, and whether one of them is interpolated."""
        elements: list[Element[Condition]] = []
        open_ = False
        for clause in clauses:
            if isinstance(clause, exp.Expr) and isinstance(clause.this, exp.Expr):
                parts, hidden = self.conjuncts(clause.this, level + 1)
                open_ = open_ or hidden
                elements += [Element(part) for part in parts]
        return elements, open_

    def grouping(self, node: exp.Select, level: int, items: list[exp.Expr]) -> tuple[list[Element[Expression]], bool]:
        """GROUP BY, with positions and aliases resolved."""
        clause = node.args.get("group")
        if not isinstance(clause, exp.Group):
            return [], False
        elements: list[Element[Expression]] = []
        open_ = False
        for value in clause.args.values():
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, exp.Expr):
                    open_ = open_ or self.hole(item) is not None
                    elements.append(Element(self.visible(self.meant(item, items, columns=True), level + 1)))
        return elements, open_

    def meant(self, node: exp.Expr, items: Iterable[exp.Expr], *, columns: bool = False) -> exp.Expr:
        """What a sort or group key stands for where it is a position or an alias of the projection.

        `columns`: a name that is also a column's own stays that column (GROUP BY prefers it).
        """
        node = unwrapped(node)
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
            listed = list(items)
            position = int(node.this) - 1 if len(node.this) < 5 else -1
            if 0 <= position < len(listed) and not any(item.is_star for item in listed[: position + 1]):
                found = listed[position]
                return found.this if isinstance(found, exp.Alias) else found
            return node
        if isinstance(node, exp.Column) and len(node.parts) == 1 and isinstance(node.this, exp.Identifier):
            name = node.name.lower()
            for item in items:
                if isinstance(item, exp.Alias) and item.alias.lower() == name:
                    if not (columns and isinstance(item.this, exp.Column)):
                        return item.this if isinstance(item.this, exp.Expr) else node
        return node

    def tail(
        self, node: exp.Expr, level: int, opens: frozenset[str], items: Iterable[exp.Expr]
    ) -> tuple[Clause[Order], Clause[Bound], Clause[Bound]]:
        """ORDER BY, LIMIT and OFFSET."""
        elements: list[Element[Order]] = []
        hidden = False
        clause = node.args.get("order")
        if isinstance(clause, exp.Order):
            for item in clause.expressions:
                inner = item.this if isinstance(item, exp.Ordered) else item
                hidden = hidden or self.hole(inner) is not None
                descending = bool(item.args.get("desc"))
                key = self.visible(self.meant(inner, items), level + 1)
                elements.append(Element(Order(key, descending, self.nulls(item, descending=descending))))
        limit, offset = node.args.get("limit"), node.args.get("offset")
        return (
            self.clause("order", elements, opens, open_=hidden),
            self.clause("limit", self.bound(limit), opens),
            self.clause("offset", self.bound(offset), opens),
        )

    def nulls(self, item: exp.Expr, *, descending: bool) -> str:
        """Where nulls sort, when that is not the dialect's own habit."""
        first = item.args.get("nulls_first")
        if not isinstance(item, exp.Ordered) or first is None:
            return ""
        habit = syntax(self.dialect).NULL_ORDERING
        usual = descending if habit == "nulls_are_large" else not descending if habit == "nulls_are_small" else False
        return "" if bool(first) == usual else "first" if first else "last"

    def bound(self, clause: object) -> Iterator[Element[Bound]]:
        """A LIMIT, FETCH, TOP or OFFSET. `LIMIT ALL`, `LIMIT NULL` and a negative number are none."""
        if not isinstance(clause, exp.Limit | exp.Fetch | exp.Offset):
            return
        if isinstance(clause, exp.Limit) and clause.args.get("expressions"):
            return  # ClickHouse: LIMIT n BY columns
        node = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.args.get("expression")
        if not isinstance(node, exp.Expr):
            if isinstance(clause, exp.Fetch):
                yield Element(Bound(1, Origin.CONSTANT))
            return
        node = unwrapped(node)
        if isinstance(node, exp.Null) or (isinstance(node, exp.Var | exp.Column) and node.name.upper() == "ALL"):
            return
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
            yield Element(Bound(int(node.this[:18]), Origin.CONSTANT))
            return
        if isinstance(node, exp.Neg):
            return
        marker = self.bare(node)
        if marker is None:
            yield Element(Bound())
        else:
            yield Element(Bound(None, marker.origin, place=marker.place if marker.value else None))

    def locks(self, node: exp.Expr) -> Iterator[Element[str]]:
        """Row locks, as written, without the tables."""
        for lock in node.args.get("locks") or ():
            update, key, wait = bool(lock.args.get("update")), bool(lock.args.get("key")), lock.args.get("wait")
            words = (
                ("for no key update" if key else "for update") if update else ("for key share" if key else "for share")
            )
            if wait is True:
                words += " nowait"
            elif wait is False:
                words += " skip locked"
            yield Element(words)
        table = node.args.get("from_")
        if isinstance(table, exp.From) and isinstance(table.this, exp.Table):
            for hint in table.this.args.get("hints") or ():
                for word in hint.expressions:
                    if word.name.upper() in ("UPDLOCK", "XLOCK", "TABLOCKX", "HOLDLOCK"):
                        yield Element(word.name.lower())

    def returning(self, node: exp.Expr, level: int) -> tuple[list[Element[Expression]], bool]:
        """RETURNING or OUTPUT."""
        clause = node.args.get("returning")
        return self.projection(clause.expressions, level) if isinstance(clause, exp.Returning) else ([], False)
