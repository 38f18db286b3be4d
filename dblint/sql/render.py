"""A `Query` as SQL for people: readable and deterministic, not meant to be run.

What stands only sometimes is marked `/* sometimes */`, a clause that may hold more than was seen ends
in `/* … */`, and eager loads follow the statement as a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from dblint.facts import spelling
from dblint.facts.query import (
    And,
    Assignment,
    Bound,
    Cast,
    Clause,
    Column,
    Compare,
    Condition,
    Eager,
    Element,
    Expression,
    Function,
    Not,
    OpaqueCondition,
    OpaqueExpression,
    Or,
    Order,
    Query,
    Source,
    Star,
    Subquery,
    Value,
    Verb,
    When,
)

__all__ = ["render", "render_condition", "render_expression"]

T = TypeVar("T")
MORE = "/* … */"
SOMETIMES = "/* sometimes */ "
_DEEPEST = 60
_INFIX = frozenset(
    {
        "+",
        "-",
        "*",
        "/",
        "%",
        "||",
        "->",
        "->>",
        "#>",
        "#>>",
        "&",
        "|",
        "^",
        "<<",
        ">>",
        "and",
        "or",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
    }
)
_OPERATORS = {
    "in": "IN",
    "not-in": "NOT IN",
    "like": "LIKE",
    "not-like": "NOT LIKE",
    "ilike": "ILIKE",
    "not-ilike": "NOT ILIKE",
    "is": "IS",
    "is-not": "IS NOT",
    "between": "BETWEEN",
    "not-between": "NOT BETWEEN",
    "is-distinct": "IS DISTINCT FROM",
    "is-not-distinct": "IS NOT DISTINCT FROM",
    "holds": "@>",
    "held-by": "<@",
    "overlaps": "&&",
    "search": "@@",
    "similar": "%",
    "has-key": "?",
    "regexp": "~",
    "iregexp": "~*",
    "not-regexp": "!~",
    "not-iregexp": "!~*",
    "": "/* ? */",
}
_PATTERNS = {"contains": ("%", "%"), "starts-with": ("", "%"), "ends-with": ("%", "")}
"""Operators that libraries have words for → what stands around the value in a LIKE. With an `i` in front, in ILIKE."""
_JOINS = {"inner": "JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "full": "FULL JOIN", "cross": "CROSS JOIN"}


def render(query: Query) -> str:
    """The query as one line of SQL."""
    return _query(query, 0)


def render_condition(condition: Condition) -> str:
    """A condition as it stands in a WHERE."""
    return _condition(condition, 0)


def render_expression(expression: Expression) -> str:
    """An expression as it stands in a SELECT."""
    return _expression(expression, 0)


def _query(query: Query, level: int) -> str:
    if level > _DEEPEST:
        return MORE
    text = ""
    if query.ctes:
        text = "WITH " + ", ".join(f"{_name(name)} AS ({_query(cte, level + 1)})" for name, cte in query.ctes) + " "
    verb = query.verb
    if verb in (Verb.SELECT, Verb.AGGREGATE):
        text += _select(query, level)
    elif verb in (Verb.INSERT, Verb.UPSERT):
        text += _insert(query, level)
    elif verb is Verb.UPDATE:
        sources = _sources(query.sources, level)
        text += f"UPDATE {sources} SET {_assignments(query, level)}" + _rest(query, level)  # noqa: S608 -- for people
    elif verb is Verb.DELETE:
        text += f"DELETE FROM {_sources(query.sources, level)}" + _rest(query, level)  # noqa: S608 -- for people
    elif verb is Verb.MERGE:
        text += f"MERGE INTO {_sources(query.sources, level, ' USING ')} SET {_assignments(query, level)}"
    else:
        text += query.sql or f"/* {verb.value} */"
    if query.eager.elements:
        text += f" /* with {_list(query.eager, lambda eager: _eager(eager, level))} */"
    return text


def _select(query: Query, level: int) -> str:
    if query.set_operation:
        operands = f" {query.set_operation.upper()} ".join(_operand(part, level + 1) for part in query.parts)
        return operands + _rest(query, level)
    if not query.projection.possibly() and not query.sources.possibly():
        return query.sql or MORE
    projected = _list(query.projection, lambda each: _expression(each, level)) or "*"
    text = f"SELECT {'DISTINCT ' if query.distinct else ''}{projected}"
    if query.sources.elements or query.sources.open:
        text += f" FROM {_sources(query.sources, level)}"
    return text + _rest(query, level)


def _operand(query: Query, level: int) -> str:
    """An operand of a set operation, in parentheses where its own clauses would read as the whole's."""
    text = _query(query, level)
    own = (
        query.set_operation
        or query.ctes
        or any(clause.possibly() for clause in (query.order, query.limit, query.offset))
    )
    return f"({text})" if own else text


def _insert(query: Query, level: int) -> str:
    names = [_name(each.column) for each in query.assignments.values() if each.column]
    text = f"{'UPSERT' if query.verb is Verb.UPSERT else 'INSERT'} INTO {_sources(query.sources, level)}"
    if names or query.assignments.open:
        text += f" ({', '.join([*names, *([MORE] if query.assignments.open else [])])})"
    if query.parts:
        text += f" {_query(query.parts[0], level + 1)}"
    else:
        values = ", ".join(_expression(each.value, level) for each in query.assignments.values())
        text += f" VALUES ({values or '…'})" + (", …" if query.rows == "many" else "")
    if query.conflict and query.verb is Verb.INSERT:
        text += f" ON CONFLICT DO {query.conflict.upper()}"
    return text + _rest(query, level)


def _rest(query: Query, level: int) -> str:
    """Everything behind the sources."""
    text = ""
    if query.where.elements or query.where.open:
        text += " WHERE " + _list(query.where, lambda each: _conjunct(each, level), " AND ")
    if query.grouping.elements or query.grouping.open:
        text += " GROUP BY " + _list(query.grouping, lambda each: _expression(each, level))
    if query.having.elements or query.having.open:
        text += " HAVING " + _list(query.having, lambda each: _conjunct(each, level), " AND ")
    if query.order.elements or query.order.open:
        text += " ORDER BY " + _list(query.order, lambda each: _order(each, level))
    for word, clause in (("LIMIT", query.limit), ("OFFSET", query.offset)):
        if clause.elements or clause.open:
            text += f" {word} " + _list(clause, _bound)
    if query.returning.elements or query.returning.open:
        text += " RETURNING " + _list(query.returning, lambda each: _expression(each, level))
    for element in query.locks.elements:
        text += " " + _marked(element, str.upper)
    return text


def _list(clause: Clause[T], show: Callable[[T], str], separator: str = ", ") -> str:
    """The elements of a clause."""
    parts = [_marked(element, show) for element in clause.elements]
    if clause.open:
        parts.append(MORE)
    return separator.join(parts)


def _marked(element: Element[T], show: Callable[[T], str]) -> str:
    return (SOMETIMES if element.when is When.SOMETIMES else "") + show(element.value)


def _sources(clause: Clause[Source], level: int, separator: str = "") -> str:
    text = ""
    for element in clause.elements:
        source = element.value
        shown = _source(source, level)
        mark = SOMETIMES if element.when is When.SOMETIMES else ""
        if not text:
            text = mark + shown
            continue
        text += separator or f" {mark}{_JOINS.get(source.join, 'CROSS JOIN')} "
        text += shown
        if source.on is not None:
            text += f" ON {_condition(source.on, level)}"
    return f"{text} {MORE}".lstrip() if clause.open else text


def _source(source: Source, level: int) -> str:
    if source.query is not None:
        text = f"({_query(source.query, level + 1)})"
    else:
        text = _name(source.name) if source.name else MORE
        if source.schema:
            text = f"{_name(source.schema)}.{text}"
    return f"{text} AS {_name(source.alias)}" if source.alias and source.alias != source.name else text


def _assignments(query: Query, level: int) -> str:
    def show(each: Assignment) -> str:
        return f"{_name(each.column) if each.column else MORE} = {_expression(each.value, level)}"

    return _list(query.assignments, show) or MORE


def _order(order: Order, level: int) -> str:
    text = _expression(order.expression, level)
    if order.descending:
        text += " DESC"
    return f"{text} NULLS {order.nulls.upper()}" if order.nulls else text


def _bound(bound: Bound) -> str:
    return str(bound.number) if bound.number is not None else f":{bound.origin.value}"


def _eager(eager: Eager, level: int) -> str:
    path = ".".join(eager.path)
    return f"{path} ({_query(eager.query, level + 1)})" if eager.query is not None else path


def _conjunct(condition: Condition, level: int) -> str:
    text = _condition(condition, level)
    return f"({text})" if isinstance(condition, Or) else text


def _condition(condition: Condition, level: int) -> str:
    if level > _DEEPEST:
        return MORE
    if isinstance(condition, Compare):
        if condition.operator.removeprefix("i") in _PATTERNS:
            return _like(condition, level)
        operator = _OPERATORS.get(condition.operator, condition.operator)
        if isinstance(condition.right, Value) and condition.right.kind == "null":
            operator = {"=": "IS", "<>": "IS NOT"}.get(condition.operator, operator)
        left, right = _expression(condition.left, level + 1), _expression(condition.right, level + 1)
        if condition.operator in ("in", "not-in") and not (right.startswith("(") and right.endswith(")")):
            right = f"({right})"
        if condition.operator in ("between", "not-between") and isinstance(condition.right, Function):
            right = " AND ".join(_expression(each, level + 1) for each in condition.right.arguments)
        if (
            condition.operator == "="
            and condition.right == Value("boolean", "true")
            and isinstance(condition.left, Function)
        ):
            return left
        return f"{left} {operator} {right}"
    if isinstance(condition, And):
        return " AND ".join(_conjunct(part, level + 1) for part in condition.parts)
    if isinstance(condition, Or):
        return " OR ".join(_nested(part, level + 1) for part in condition.parts)
    if isinstance(condition, Not):
        return f"NOT ({_condition(condition.part, level + 1)})"
    return _opaque(condition)


def _like(condition: Compare, level: int) -> str:
    word = condition.operator.removeprefix("i")
    before, behind = _PATTERNS[word]
    value = condition.right
    if isinstance(value, Value) and value.kind == "string":
        right = _value(msgspec.structs.replace(value, text=f"{before}{value.text}{behind}"))
    else:
        parts = [f"'{before}'" if before else "", _expression(value, level + 1), f"'{behind}'" if behind else ""]
        right = " || ".join(filter(None, parts))
    return f"{_expression(condition.left, level + 1)} {'LIKE' if word == condition.operator else 'ILIKE'} {right}"


def _nested(condition: Condition, level: int) -> str:
    text = _condition(condition, level)
    return f"({text})" if isinstance(condition, And) else text


def _opaque(opaque: OpaqueCondition | OpaqueExpression) -> str:
    if opaque.text:
        return opaque.text
    return f"/* {_names(opaque.columns)} */" if opaque.columns else MORE


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(_expression(column, 0) for column in columns)


def _expression(expression: Expression, level: int) -> str:
    if level > _DEEPEST:
        return MORE
    if isinstance(expression, Column):
        parts = [*expression.relation, expression.name]
        if expression.table:
            parts.insert(0, expression.table)
        return ".".join(_name(part) for part in parts)
    if isinstance(expression, Value):
        return _value(expression)
    if isinstance(expression, Star):
        return f"{_name(expression.table)}.*" if expression.table else "*"
    if isinstance(expression, Subquery):
        return f"({_query(expression.query, level + 1)})"
    if isinstance(expression, Cast):
        return f"CAST({_expression(expression.expression, level + 1)} AS {expression.target})"
    if isinstance(expression, Function):
        return _function(expression, level)
    return _opaque(expression)


def _function(function: Function, level: int) -> str:
    arguments = [_expression(each, level + 1) for each in function.arguments]
    if function.name in _INFIX and len(arguments) > 1:
        return f"({f' {function.name.upper()} '.join(arguments)})"
    if function.name in ("list", "row"):
        return f"({', '.join(arguments)})"
    if function.name == "is-null" and len(arguments) == 1:
        return f"({arguments[0]} IS NULL)"
    if function.name == "exists" and len(arguments) == 1:
        return f"EXISTS {arguments[0]}"
    if function.name == "distinct":
        return f"DISTINCT {', '.join(arguments)}"
    return f"{function.name}({', '.join(arguments)})"


def _value(value: Value) -> str:
    if value.kind == "string":
        return "'" + value.text.replace("'", "''") + "'"
    if value.kind == "list":
        return f"({value.text})" if value.text else "(…)"
    if value.kind in ("null", "boolean"):
        return (value.text or value.kind).upper()
    return value.text or ("?" if value.kind == "parameter" else MORE)


def _name(name: str) -> str:
    if not name:
        return MORE
    # `*`, and words like ROWNUM, which are no names of the project's; a quoted one would be.
    return name if name == "*" or (name.isupper() and name.isalpha()) else spelling.name(name)
