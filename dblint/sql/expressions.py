"""sqlglot's expressions to `Expression`.

Recursion follows the tree's nesting, which `trees.bounded` limits; chains (`a + b + …`) are walked in
loops. Facts nest no deeper than `LEVELS`; what lies deeper becomes opaque.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dblint.facts.query import (
    Cast,
    Column,
    Compare,
    Expression,
    Function,
    OpaqueExpression,
    Query,
    Star,
    Subquery,
    Value,
)
from dblint.facts.text import Origin
from dblint.sql.nodes import LONGEST, NodeReader, marker_number, operands, unwrapped
from dblint.sql.prepared import PREFIX

__all__ = ["COMPARISONS", "LEVELS", "ExpressionReader", "operands", "unwrapped"]

LEVELS = 50
"""How deep facts nest."""
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Is: "is",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.NullSafeEQ: "is-not-distinct",
    exp.NullSafeNEQ: "is-distinct",
    exp.RegexpLike: "regexp",
    exp.RegexpILike: "iregexp",
    exp.SimilarTo: "similar",
    exp.Glob: "glob",
    exp.ArrayContainsAll: "holds",
    exp.ArrayContainedBy: "held-by",
    exp.ArrayOverlaps: "overlaps",
    exp.JSONBContains: "has-key",
    exp.JSONBContainsTopKey: "has-key",
    exp.JSONBContainsAnyTopKeys: "has-any-key",
    exp.JSONBContainsAllTopKeys: "has-all-keys",
    exp.Match: "match",
}
"""sqlglot's comparisons and the operator that `Compare` has for each."""
_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "div",
    exp.Mod: "%",
    exp.DPipe: "||",
    exp.JSONExtract: "->",
    exp.JSONExtractScalar: "->>",
    exp.JSONBExtract: "#>",
    exp.JSONBExtractScalar: "#>>",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "^",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
    exp.And: "and",
    exp.Or: "or",
    exp.Collate: "collate",
}


class ExpressionReader(NodeReader):
    """Reads expressions."""

    def subquery(self, node: exp.Expr, level: int) -> Query:
        """A nested query; the reader of clauses knows how."""
        raise NotImplementedError

    def expression(self, node: exp.Expr, level: int = 0) -> Expression:
        """An expression. An interpolated one is a Value of kind "unknown"."""
        node = unwrapped(node)
        if level > LEVELS:
            return self.opaque(node)
        marker = self.bare(node)
        if marker is not None:
            return Value("parameter" if marker.value else "unknown", marker.text, marker.origin, marker.place)
        if isinstance(node, exp.Column):
            return self.column(node)
        if isinstance(node, exp.Literal):
            return self.literal(node)
        if isinstance(node, exp.Star):
            return Star("", self.place(node))
        if isinstance(node, exp.Null):
            return Value("null", "null")
        if isinstance(node, exp.Boolean):
            return Value("boolean", "true" if node.this else "false")
        if isinstance(node, exp.Alias):
            return self.expression(node.this, level)
        if isinstance(node, exp.Ordered):
            return self.expression(node.this, level)
        if isinstance(node, exp.Cast):
            target = node.args["to"]
            return Cast(self.expression(node.this, level + 1), target.sql(dialect=self.dialect or None).lower())
        if isinstance(node, exp.Subquery | exp.Select | exp.SetOperation | exp.Values):
            return Subquery(self.subquery(node, level + 1))
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
            return Value("number", f"-{node.this.this}")
        if isinstance(node, exp.Placeholder | exp.Parameter | exp.SessionParameter):
            sign = "@@" if isinstance(node, exp.SessionParameter) else "@" if isinstance(node, exp.Parameter) else ":"
            return Value("parameter", f"{sign}{node.name}" if node.name else "?", Origin.UNKNOWN)
        if isinstance(node, exp.JSONPath):
            return Value(
                "string", ".".join(str(part.this) for part in node.expressions if part.args.get("this") is not None)
            )
        if isinstance(node, exp.Interval) and isinstance(node.this, exp.Literal):
            unit = node.args.get("unit")
            amount = self.literal(node.this)
            text = f"{amount.text} {unit.name.lower()}" if isinstance(unit, exp.Expr) and unit.name else amount.text
            return Function("interval", (Value(amount.kind, text, amount.origin),))
        if isinstance(node, exp.Identifier):
            return Column(self.known(node.this), place=self.place(node))
        if isinstance(node, exp.Dot):
            return self.dotted(node, level)
        return self.function(node, level)

    def column(self, node: exp.Column) -> Expression:
        """A column or `table.*`."""
        table = node.args.get("table")
        alias = table.this if isinstance(table, exp.Identifier) else ""
        if isinstance(node.this, exp.Star):
            return Star(self.known(alias), self.place(node))
        name = node.name
        if PREFIX in name:
            return OpaqueExpression(self.filled(name)[0])
        return Column(name, self.known(alias), (), self.place(node))

    def dotted(self, node: exp.Dot, level: int) -> Expression:
        """A qualified function, or a member of a composite value."""
        if isinstance(node.expression, exp.Func):
            return self.expression(node.expression, level + 1)
        return self.opaque(node)

    def literal(self, node: exp.Literal) -> Value:
        """A number or a string."""
        text = node.this
        if not node.is_string:
            return Value("number", text)
        if PREFIX in text:
            number = marker_number(text)
            if 0 <= number < len(self.prepared.markers) and not self.prepared.markers[number].quoted:
                marker = self.prepared.markers[number]
                return Value("parameter" if marker.value else "unknown", marker.text, marker.origin, marker.place)
            place = self.prepared.markers[number].place if 0 <= number < len(self.prepared.markers) else None
            text, origin = self.filled(text)
            return Value("string", text[:LONGEST], origin, place)
        return Value("string", text[:LONGEST])

    def function(self, node: exp.Expr, level: int) -> Expression:
        """A function, an operator, or something without a word."""
        kind = type(node)
        if isinstance(node, exp.Binary):
            return self.chain(node, level)
        if isinstance(node, exp.Case):
            return Function("case", tuple(self.case(node, level)))
        if isinstance(node, exp.Window):
            return Function("over", self.arguments(node, level, skip=("alias",)))
        if isinstance(node, exp.In):
            compared = self.compare_in(node, level)
            return Function(compared.operator, (compared.left, compared.right))
        if isinstance(node, exp.Func):
            return Function(self.function_name(node), self.arguments(node, level))
        if isinstance(node, exp.Unary):
            return Function(_UNARY.get(kind, kind.__name__.lower()), (self.expression(node.this, level + 1),))
        if isinstance(node, exp.Tuple):
            return Function("row", self.arguments(node, level))
        if isinstance(node, exp.Bracket):
            return Function("[]", self.arguments(node, level))
        if isinstance(
            node, exp.Filter | exp.WithinGroup | exp.Distinct | exp.Order | exp.AtTimeZone | exp.Interval | exp.Between
        ):
            return Function(_NAMED.get(kind, kind.__name__.lower()), self.arguments(node, level))
        if isinstance(node, exp.Any | exp.All):
            return Function(kind.__name__.lower(), self.arguments(node, level))
        if isinstance(node, exp.Where | exp.IgnoreNulls | exp.RespectNulls | exp.Limit | exp.HavingMax):
            inner = node.this if isinstance(node.this, exp.Expr) else node.args.get("expression")
            return self.expression(inner, level) if isinstance(inner, exp.Expr) else self.opaque(node)
        return self.opaque(node)

    def arguments(self, node: exp.Expr, level: int, skip: tuple[str, ...] = ()) -> tuple[Expression, ...]:
        """What a function is applied to. Type names, units and window frames are none."""
        found: list[Expression] = []
        for name, value in node.args.items():
            if name in skip:
                continue
            items = value if isinstance(value, list) else (value,)
            found += [
                self.expression(item, level + 1) for item in items if isinstance(item, exp.Expr) and not _silent(item)
            ]
        return tuple(found)

    def function_name(self, node: exp.Func) -> str:
        """The function's name as written, in lower case."""
        if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc) and isinstance(node.this, str):
            return self.known(node.this).lower()
        if isinstance(node, exp.Exists):
            return "exists"
        meta = node._meta
        if meta and "start" in meta:
            return self.prepared.sql[meta["start"] : meta["end"] + 1].strip('"`[]').lower()
        return node.sql_name().lower()

    def case(self, node: exp.Case, level: int) -> Iterator[Expression]:
        """What a CASE is made of, in order."""
        if isinstance(node.this, exp.Expr):
            yield self.expression(node.this, level + 1)
        for branch in node.args.get("ifs") or ():
            yield self.expression(branch.this, level + 1)
            result = branch.args.get("true")
            if isinstance(result, exp.Expr):
                yield self.expression(result, level + 1)
        default = node.args.get("default")
        if isinstance(default, exp.Expr):
            yield self.expression(default, level + 1)

    def chain(self, node: exp.Binary, level: int) -> Expression:
        """A binary operator; a long chain of one operator becomes one function of many."""
        kind = type(node)
        written = self.written(node.this, node.expression) if isinstance(node.this, exp.Expr) else None
        name = written or _SIGNS.get(kind) or COMPARISONS.get(kind) or kind.__name__.lower()
        parts = list(operands(node, kind)) if kind in _ASSOCIATIVE else [node.this, node.expression]
        depth = 0
        inner: exp.Expr = parts[0]
        while isinstance(inner, exp.Binary) and depth <= LEVELS:
            inner = unwrapped(inner.this)
            depth += 1
        if depth > LEVELS or len(parts) > LONGEST:
            return self.opaque(node)
        return Function(name, tuple(self.expression(part, level + 1) for part in parts if isinstance(part, exp.Expr)))

    def opaque(self, node: exp.Expr) -> OpaqueExpression:
        """An expression without a word."""
        return OpaqueExpression(self.show(node), self.columns(node))

    def columns(self, node: exp.Expr) -> tuple[Column, ...]:
        """The columns named below a node."""
        found: dict[Column, None] = {}
        for inner in node.walk():
            if isinstance(inner, exp.Column) and PREFIX not in inner.name and not isinstance(inner.this, exp.Star):
                read = self.column(inner)
                if isinstance(read, Column):
                    found.setdefault(read)
                if len(found) >= LEVELS:
                    break
        return tuple(found)

    def visible(self, node: exp.Expr, level: int = 0) -> Expression:
        """An expression where a column is due: an interpolated one is opaque, with the columns it can be."""
        marker = self.hole(node)
        if marker is None:
            return self.expression(node, level)
        return OpaqueExpression(marker.text, tuple(Column(word) for word in marker.words if word.isidentifier()))

    def compare_in(self, node: exp.In, level: int) -> Compare:
        """`x IN (list)`, `x IN (query)`, `x IN array`."""
        left = self.visible(node.this, level + 1)
        query = node.args.get("query")
        if isinstance(query, exp.Expr):
            return Compare(left, "in", self.expression(query, level + 1))
        for single in (node.args.get("unnest"), node.args.get("field")):
            if isinstance(single, exp.Expr):
                return Compare(left, "in", self.expression(single, level + 1))
        items = node.args.get("expressions") or []
        if len(items) == 1 and isinstance(unwrapped(items[0]), exp.Select | exp.SetOperation):
            return Compare(left, "in", self.expression(items[0], level + 1))
        values = [self.expression(item, level + 1) for item in items if isinstance(item, exp.Expr)]
        if len(values) == 1 and isinstance(values[0], Value) and values[0].kind in ("parameter", "unknown"):
            return Compare(left, "in", Value("list", values[0].text, values[0].origin, values[0].place))
        if not all(isinstance(value, Value) for value in values):
            return Compare(left, "in", Function("list", tuple(values)))
        return Compare(left, "in", self.listed(items, [value for value in values if isinstance(value, Value)]))

    def listed(self, items: list[exp.Expr], values: list[Value]) -> Value:
        """A list of values as one value: as written, with the origin of the first that is no constant."""
        origin = next((value.origin for value in values if value.origin is not Origin.CONSTANT), Origin.CONSTANT)
        texts = [f"'{value.text}'" if value.kind == "string" else value.text for value in values]
        text = ", ".join(texts)
        last = self.span(items[-1]) if items else None
        whole = next((count for position, count in self.prepared.cuts if last and position == last[1]), len(values))
        if len(text) > LONGEST or whole > len(values):
            text = f"{text[:LONGEST]}, … ({whole} values)"
        return Value("list", text, origin)


_ASSOCIATIVE = frozenset({exp.Add, exp.Mul, exp.DPipe, exp.And, exp.Or, exp.BitwiseAnd, exp.BitwiseOr})


def _silent(node: exp.Expr) -> bool:
    """Whether an argument is a word of the syntax and no value."""
    return isinstance(node, exp.Var | exp.DataType | exp.WindowSpec | exp.IntervalSpan)


_UNARY: dict[type[exp.Expr], str] = {exp.Neg: "-", exp.Not: "not", exp.BitwiseNot: "~"}
_NAMED: dict[type[exp.Expr], str] = {
    exp.AtTimeZone: "at time zone",
    exp.Order: "order by",
    exp.WithinGroup: "within group",
}
