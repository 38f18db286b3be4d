"""sqlglot's expressions to `Expression` and `Condition`.

Recursion follows the tree's nesting, which `trees.bounded` limits; chains (`a AND b AND …`, `a + b + …`)
are walked in loops. Facts nest no deeper than `LEVELS`; what lies deeper becomes opaque.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dblint.facts.query import (
    And,
    Cast,
    Column,
    Compare,
    Condition,
    Expression,
    Function,
    Not,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Query,
    Star,
    Subquery,
    Value,
)
from dblint.facts.text import Origin, Place
from dblint.sql.placeholders import PREFIX, Marker, Prepared

LEVELS = 50
"""How deep facts nest."""
_LONGEST = 200
"""Characters of a value's or an opaque expression's text that are kept."""
TRUE = Value("boolean", "true")

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
    exp.ArrayContainsAll: "contains",
    exp.ArrayContainedBy: "contained",
    exp.ArrayOverlaps: "overlaps",
    exp.JSONBContains: "has-key",
    exp.JSONBContainsAnyTopKeys: "has-any-key",
    exp.JSONBContainsAllTopKeys: "has-all-keys",
    exp.Match: "match",
}
"""sqlglot's comparisons and the operator that `Compare` has for each."""
_NEGATED = {
    "in": "not-in",
    "like": "not-like",
    "ilike": "not-ilike",
    "is": "is-not",
    "between": "not-between",
    "regexp": "not-regexp",
    "iregexp": "not-iregexp",
    "similar": "not-similar",
    "glob": "not-glob",
}
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


def marker_number(name: str) -> int:
    """The number of the marker that a name is, -1 where it is none (or only has one in it)."""
    if name.startswith(PREFIX) and name.endswith("__"):
        digits = name[len(PREFIX) : -2]
        if digits.isdigit():
            return int(digits)
    return -1


def unwrapped(node: exp.Expr) -> exp.Expr:
    """The node without parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def operands(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    """The operands of a chain of one connector, in order."""
    pending = [node]
    while pending:
        inner = unwrapped(pending.pop())
        if type(inner) is kind:
            pending.append(inner.expression)
            pending.append(inner.this)
        else:
            yield inner


def children(node: exp.Expr) -> Iterator[exp.Expr]:
    """The node's direct children that are expressions, in order."""
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, exp.Expr):
                    yield item


class ExpressionReader:
    """Reads the expressions of one prepared statement."""

    def __init__(self, prepared: Prepared, dialect: str) -> None:
        self.prepared = prepared
        self.dialect = dialect

    def subquery(self, node: exp.Expr, level: int) -> Query:
        """A nested query; the reader of clauses knows how."""
        raise NotImplementedError

    # Positions

    def span(self, node: exp.Expr) -> tuple[int, int] | None:
        """From the first to the last character of what is known of a node."""
        start, stop = -1, -1
        for inner in node.walk():
            meta = inner._meta
            if meta and "start" in meta:
                begin, end = meta["start"], meta["end"] + 1
                if start < 0 or begin < start:
                    start = begin
                if end > stop:
                    stop = end
        return (start, stop) if start >= 0 else None

    def place(self, node: exp.Expr) -> Place | None:
        """Where a node stands in the source."""
        span = self.span(node)
        return self.prepared.place(*span) if span else None

    def show(self, node: exp.Expr) -> str:
        """A node as written, shortened."""
        span = self.span(node)
        text = self.prepared.show(*span) if span else ""
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    # Markers

    def bare(self, node: exp.Expr) -> Marker | None:
        """The marker that an expression is, None for every other expression."""
        if isinstance(node, exp.Column):
            if len(node.parts) != 1:
                return None
            node = node.this
        if isinstance(node, exp.Identifier):
            number = marker_number(node.this)
            if 0 <= number < len(self.prepared.markers):
                return self.prepared.markers[number]
        return None

    def hole(self, node: exp.Expr) -> Marker | None:
        """The interpolated marker that an expression is."""
        marker = self.bare(unwrapped(node))
        return marker if marker is not None and not marker.value else None

    def known(self, name: str) -> str:
        """A name as far as it is known: "" where a part of it is interpolated."""
        return "" if PREFIX in name else name

    def filled(self, text: str) -> tuple[str, Origin]:
        """A literal's text with its holes as written, and where the first of them comes from."""
        origin = Origin.CONSTANT
        for number, marker in enumerate(self.prepared.markers):
            name = f"{PREFIX}{number}__"
            if name in text:
                text = text.replace(name, marker.text)
                if origin is Origin.CONSTANT:
                    origin = marker.origin
        return text, origin

    # Expressions

    def expression(self, node: exp.Expr, level: int = 0) -> Expression:
        """An expression. An interpolated one is a Value of kind "unknown"."""
        node = unwrapped(node)
        if level > LEVELS:
            return self.opaque(node)
        marker = self.bare(node)
        if marker is not None:
            return Value("parameter" if marker.value else "unknown", marker.text, marker.origin)
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
            return Value("parameter", self.show(node) or str(node.name), Origin.UNKNOWN)
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
                return Value("parameter" if marker.value else "unknown", marker.text, marker.origin)
            text, origin = self.filled(text)
            return Value("string", text[:_LONGEST], origin)
        return Value("string", text[:_LONGEST])

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
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, exp.Expr) and not isinstance(
                    item, exp.Var | exp.DataType | exp.WindowSpec | exp.IntervalSpan
                ):
                    found.append(self.expression(item, level + 1))
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
        name = _SIGNS.get(kind) or COMPARISONS.get(kind) or kind.__name__.lower()
        parts = list(operands(node, kind)) if kind in _ASSOCIATIVE else [node.this, node.expression]
        depth = 0
        inner: exp.Expr = parts[0]
        while isinstance(inner, exp.Binary) and depth <= LEVELS:
            inner = unwrapped(inner.this)
            depth += 1
        if depth > LEVELS or len(parts) > _LONGEST:
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

    # Conditions

    def conjuncts(self, node: exp.Expr, level: int = 0) -> tuple[list[Condition], bool]:
        """The conditions that all have to hold, and whether one of them is interpolated."""
        parts: list[Condition] = []
        open_ = False
        for part in operands(node, exp.And):
            open_ = open_ or self.hole(part) is not None
            parts.append(self.condition(part, level))
        return parts, open_

    def condition(self, node: exp.Expr, level: int = 0) -> Condition:
        """A condition. A bare expression is compared with true."""
        node = unwrapped(node)
        marker = self.hole(node)
        if marker is not None:
            return OpaqueCondition(marker.text)
        if level > LEVELS:
            return OpaqueCondition(self.show(node), self.columns(node))
        if isinstance(node, exp.And | exp.Or):
            parts = tuple(self.condition(part, level + 1) for part in operands(node, type(node)))
            return And(parts) if isinstance(node, exp.And) else Or(parts)
        if isinstance(node, exp.Not):
            inner = self.condition(node.this, level + 1)
            if isinstance(inner, Compare) and inner.operator in _NEGATED:
                return Compare(inner.left, _NEGATED[inner.operator], inner.right)
            return Not(inner)
        if isinstance(node, exp.In):
            return self.compare_in(node, level)
        if isinstance(node, exp.Between):
            low, high = node.args["low"], node.args["high"]
            bounds = Function("range", (self.expression(low, level + 1), self.expression(high, level + 1)))
            return Compare(self.visible(node.this, level + 1), "between", bounds)
        if isinstance(node, exp.Escape):
            return self.condition(node.this, level)
        operator = COMPARISONS.get(type(node))
        if operator is not None:
            return self.compare(node, operator, level)
        return Compare(self.expression(node, level + 1), "=", TRUE)

    def compare(self, node: exp.Expr, operator: str, level: int) -> Condition:
        """`left operator right`; `= ANY (…)` is an IN."""
        left, right = node.this, node.args.get("expression")
        if not isinstance(left, exp.Expr) or not isinstance(right, exp.Expr):
            return OpaqueCondition(self.show(node), self.columns(node))
        if self.prepared.operators and self.unknown_operator(left, right):
            operator = ""
        inner = unwrapped(right)
        if operator == "is" and isinstance(inner, exp.Not):
            operator, inner = "is-not", unwrapped(inner.this)
        if node.args.get("negate"):
            operator = _NEGATED.get(operator, operator)
        quantified = self.quantified(inner)
        if (operator, quantified) in (("=", "any"), ("<>", "all")):
            membership = "in" if operator == "=" else "not-in"
            return Compare(self.visible(left, level + 1), membership, self.members(inner, level))
        if isinstance(inner, exp.Escape):
            inner = inner.this
        return Compare(self.visible(left, level + 1), operator, self.expression(inner, level + 1))

    def quantified(self, node: exp.Expr) -> str:
        """Whether an operand is ANY (…) or ALL (…)."""
        if isinstance(node, exp.Any):
            return "any"
        if isinstance(node, exp.All):
            return "all"
        if isinstance(node, exp.Anonymous) and isinstance(node.this, str) and len(node.expressions) == 1:
            return {"ANY": "any", "SOME": "any", "ALL": "all"}.get(node.this.upper(), "")
        return ""

    def members(self, node: exp.Expr, level: int) -> Expression:
        """What is inside ANY (…) or ALL (…)."""
        inner = node.expressions[0] if isinstance(node, exp.Anonymous) else unwrapped(node.this)
        if isinstance(inner, exp.Tuple) and len(inner.expressions) == 1:
            inner = inner.expressions[0]
        if isinstance(inner, exp.Array):
            values = [self.expression(item, level + 1) for item in inner.expressions]
            if values and all(isinstance(value, Value) for value in values):
                return self.listed(inner.expressions, [value for value in values if isinstance(value, Value)])
        value = self.expression(inner, level + 1)
        if isinstance(value, Value) and value.kind in ("parameter", "unknown"):
            return Value("list", value.text, value.origin)
        return value

    def unknown_operator(self, left: exp.Expr, right: exp.Expr) -> bool:
        """Whether the operator between the two is interpolated."""
        before, after = self.span(left), self.span(right)
        if before is None or after is None:
            return False
        return any(before[1] <= position < after[0] for position in self.prepared.operators)

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
            return Compare(left, "in", Value("list", values[0].text, values[0].origin))
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
        if len(text) > _LONGEST or whole > len(values):
            text = f"{text[:_LONGEST]}, … ({whole} values)"
        return Value("list", text, origin)


_ASSOCIATIVE = frozenset({exp.Add, exp.Mul, exp.DPipe, exp.And, exp.Or, exp.BitwiseAnd, exp.BitwiseOr})
_UNARY: dict[type[exp.Expr], str] = {exp.Neg: "-", exp.Not: "not", exp.BitwiseNot: "~"}
_NAMED: dict[type[exp.Expr], str] = {
    exp.AtTimeZone: "at time zone",
    exp.Order: "order by",
    exp.WithinGroup: "within group",
}
