"""sqlglot's conditions to `Condition`. Chains of AND and OR are walked in loops."""

from __future__ import annotations

from sqlglot import exp

from dblint.facts.query import And, Compare, Condition, Expression, Function, Not, OpaqueCondition, Or, Value
from dblint.sql.expressions import COMPARISONS, LEVELS, ExpressionReader
from dblint.sql.nodes import operands, unwrapped

__all__ = ["ConditionReader"]

TRUE = Value("boolean", "true")
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


class ConditionReader(ExpressionReader):
    """Reads conditions."""

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
        written = self.written(left, right)
        operator = operator if written is None else written
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
            return Value("list", value.text, value.origin, value.place)
        return value
