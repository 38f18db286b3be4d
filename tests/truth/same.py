"""What counts as the same: a `Query` as plain forms, in which what is only spelling is gone.

`said` is what dblint says of a call, `seen` what the library sent. Both are read by the rules below, and by no others;
what is not named here has to be equal.

Names
- Aliases and qualifications are gone: a column is its table's name and its own. A column that is written without a
  table belongs to the only source, or to the first whose table in the catalogue has it. Names are in lower case.
- An attribute of a model is its column. A path of relations is the table that it leads to; the key of a row at the end
  of a path is the column that refers to it. What a path leads over is joined; what kind that join is is not said, and
  any kind counts, as does any ON. Where a join's ON is said it has to be equal.
- A table that extends others is joined with them: their columns are columns of its model.
- A condition that a library itself sends twice is one. What a set operation sorts by is of its first part.
- What IN looks through, where it is a model's rows and no select list says more, are their keys.
- A model or `*` in a select list is all columns of its table; no select list at all is that of the first source.
  The order of a select list does not count. The names of its elements (`AS "__count"`) do not.

Values
- What the library binds is the same as a literal of that value, and as a parameter. A literal is no parameter, and
  no other literal. `IN` with a list, or with a parameter that is one, is the same whatever the list's length, unless
  both say the values. `IN` with one value is `=`. `= ANY`
  with a bound array is `IN`.
- True is 1 and `x` alone is `x = TRUE`.

Conditions
- Of what EXISTS asks, what is selected and a limit do not count.
- The order of what AND and OR join does not count, nor do nested ANDs. NOT is moved inwards (De Morgan, and the
  opposite of a comparison: the same rows under SQL's three values). `= NULL` is `IS NULL`. `1 < x` is `x > 1`.
- contains, starts-with and ends-with are LIKE with `%` around; `lower(a) LIKE lower(b)` and `upper` are ILIKE, and so
  is `upper(a) = upper(b)` for what has no wildcards. A column that is cast to a text for LIKE is the column. In
  SQLite LIKE is ILIKE: it ignores case itself (SQLite, "The LIKE, GLOB, REGEXP, MATCH, and extract operators").

Statements
- `SELECT count(*) FROM (SELECT … FROM t WHERE …)` is the count of that query, and `count(1)` is `count(*)`.
  A test for existence is a `SELECT 1 … LIMIT 1`, whatever it selects, `SELECT EXISTS (…)` or
  `SELECT 1 FROM (SELECT 1) WHERE EXISTS (…)`. An aggregate is a SELECT of aggregates.
- A limit above one, where the call takes one row and dblint says no limit, is how a library notices that there are
  more; it is not compared.
- OFFSET 0 is no offset. NULLS FIRST and LAST are not there where the database sorts so by itself (SQLite takes NULL
  for the smallest value, PostgreSQL for the largest).
- A limit that the program hands to a library may be bound, or written as the number that it is.
- Groups by the key of a table and by other columns of it are groups by the key.
- An order by a number or by a selected column's own name is that column.
- An insert that dblint says as assignments of some columns may write others with their defaults: what is NULL,
  empty, or has a default in the model. RETURNING of the primary key alone is how a library reads a generated key.
- An UPDATE or DELETE of the rows whose keys a query of the same table finds is one by that query's conditions.
- Of rows that are made objects of, a library selects the primary key besides the columns it is told.
- Locks are compared where the database has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from dblint.facts.query import (
    And,
    Cast,
    Clause,
    Column,
    Compare,
    Condition,
    Element,
    Expression,
    Function,
    Not,
    OpaqueCondition,
    Or,
    Order,
    Query,
    Star,
    Subquery,
    Value,
    Verb,
    When,
)
from dblint.facts.schema import DOCUMENT_DATABASES
from tests.truth.catalogue import UNKNOWN, Scope, Tables

Form = tuple[Any, ...]
"""A nested tuple whose first element says what it is. `("any", …)` is what dblint cannot say."""

MARK = 770_000
"""A number from here on stands for a bound value in a captured statement."""
_TEXTS = ("text", "varchar")
_OPPOSITE = {
    "=": "<>",
    "<": ">=",
    "<=": ">",
    "in": "not-in",
    "like": "not-like",
    "ilike": "not-ilike",
    "is": "is-not",
    "between": "not-between",
    "regexp": "not-regexp",
    "iregexp": "not-iregexp",
    "is-distinct": "is-not-distinct",
}
_OPPOSITES = {**_OPPOSITE, **{opposite: operator for operator, opposite in _OPPOSITE.items()}}
_TURNED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_PATTERNS = {"contains": ("%", "%"), "starts-with": ("", "%"), "ends-with": ("%", "")}
_CASES = ("lower", "upper")
_FUNCTIONS = {"average": "avg", "rand": "random"}


class Part(NamedTuple):
    """An element of a clause; `always`: it surely stands there."""

    form: Form
    always: bool = True


class Said(NamedTuple):
    """A clause. `open`: more may stand there."""

    parts: tuple[Part, ...] = ()
    open: bool = False

    def __bool__(self) -> bool:
        return bool(self.parts) or self.open


class Forms:
    """One statement as forms. `bound`: the values that its marks stand for; None for what dblint says."""

    def __init__(
        self,
        query: Query,
        tables: Tables,
        bound: Sequence[object] | None = None,
        outer: Scope | None = None,
    ) -> None:
        self.tables = tables
        self.bound = bound
        self.query = query = _found(_counted(query))
        named = query.parts[0] if query.set_operation and query.parts else query
        self.scope = Scope(named, tables, outer)
        self.sqlite = query.dialect == "sqlite"

    def clause(self, clause: Clause[Any], read: Callable[[Any], Form]) -> Said:
        """The elements of a clause as forms."""
        parts = tuple(Part(read(each.value), each.when is When.ALWAYS) for each in clause.elements)
        return Said(parts, clause.open)

    # Clauses

    def sources(self) -> Said:
        """Tables and how they are joined: `("table", name, join, on)`; `on` and, of a path, `join` may be unsaid."""
        parts = []
        places = self.scope.places if self.query.sources.elements else []
        for (source, label), element in zip(places, self.query.sources.elements, strict=True):
            if label == UNKNOWN:
                continue  # the clause is open
            on = self.condition(source.on) if source.on is not None else None
            inner = self._query(source.query) if source.query is not None else None
            form = ("table", label, source.join, on, inner)
            parts.append(Part(form, element.when is When.ALWAYS))
        parts += [Part(("table", label, None, None, None)) for label in self.scope.implied.values()]
        return Said(tuple(parts), self.query.sources.open)

    def projection(self) -> Said:
        """What is selected."""
        clause = self.query.projection
        if not clause.possibly() and self.scope.labels and self.query.verb.reads:
            label = self.scope.labels[0]
            return Said(tuple(map(Part, self._all(label))), self._unread(label))
        parts: list[Part] = []
        open_ = clause.open
        for element in clause.elements:
            always = element.when is When.ALWAYS
            if isinstance(element.value, Star):
                named = self.scope.owner(element.value.table) if element.value.table else None
                labels = [named] if named is not None else self.scope.labels
                parts += [Part(form, always) for label in labels for form in self._all(label)]
                open_ = open_ or any(map(self._unread, labels))
            else:
                parts.append(Part(self.expression(element.value), always))
        return Said(tuple(parts), open_)

    def _unread(self, label: str) -> bool:
        """Whether dblint does not know the columns of a model, so that it cannot say which are selected. Of documents
        all is selected, whatever they hold."""
        if self.query.dialect in DOCUMENT_DATABASES:
            return False
        table = self.scope.table(label)
        plain = (source.model in ("", source.name) and named == label for source, named in self.scope.places)
        if table is None and any(plain):
            return False  # no model has it, so all that can be asked for is `*`
        return self.bound is None and not self.query.sql and (table is None or not table.columns)

    def _all(self, label: str) -> Iterator[Form]:
        """All columns of a source."""
        for each in (label, *self.scope.above(label)):
            table = self.scope.table(each)
            if self._unread(each):
                continue
            if table is None or not table.columns:
                yield ("star", each)
            else:
                # What lies inside of a document comes with it.
                yield from (("column", each, column.name.lower()) for column in table.columns if "." not in column.name)

    def where(self) -> Said:
        """Conditions, nested ANDs opened."""
        return self._conditions(self.query.where)

    def having(self) -> Said:
        """Conditions on groups."""
        return self._conditions(self.query.having)

    def _conditions(self, clause: Clause[Condition]) -> Said:
        parts: list[Part] = []
        for element in clause.elements:
            form = self.condition(element.value)
            inner = form[1] if form[0] == "and" else (form,)
            parts += [Part(each, element.when is When.ALWAYS) for each in inner]
        return Said(tuple(parts), clause.open)

    def grouping(self) -> Said:
        """What rows are grouped by; columns of a table of which the key is there are left out."""
        said = self.clause(self.query.grouping, self._selected)
        forms = {part.form for part in said.parts}
        whole: dict[str, list[Form]] = {}
        for label in self.scope.labels:
            table = self.scope.table(label)
            keys = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
            columns = [("column", label, name.lower()) for name in keys[0]] if keys else []
            if columns and forms.issuperset(columns):
                whole[label] = columns
        kept = [p for p in said.parts if p.form[0] != "column" or p.form in whole.get(p.form[1], (p.form,))]
        return Said(tuple(kept), said.open)

    def order(self) -> Said:
        """Sort keys: `("order", expression, descending, nulls)`."""
        return self.clause(
            self.query.order,
            lambda order: ("order", self._selected(order.expression), order.descending, self._nulls(order)),
        )

    def _nulls(self, order: Order) -> str:
        itself = "first" if order.descending is not self.sqlite else "last"
        return "" if order.nulls == itself else order.nulls

    def _selected(self, expression: Expression) -> Form:
        """An expression of ORDER BY or GROUP BY: a number is the column that stands there in the select list."""
        form = self.expression(expression)
        if self.bound is not None and form[0] == "literal" and form[1] == "number":
            chosen = [element.value for element in self.query.projection.elements]
            index = int(form[2]) - 1
            return self.expression(chosen[index]) if 0 <= index < len(chosen) else form
        return form

    def bounds(self, clause: Clause[Any]) -> Said:
        """A limit or an offset."""

        def read(bound: Any) -> Form:
            if bound.number is None:
                return ("parameter",) if self.query.sql else ("handed",)
            return self._number(str(bound.number))

        return self.clause(clause, read)

    def assignments(self) -> Said:
        """Assigned columns: `("assign", column, value)`."""

        def read(assignment: Any) -> Form:
            table = self.scope.table(self.scope.labels[0]) if self.scope.labels else None
            known = table.column(assignment.column) if table is not None else None
            name = known.name if known is not None else assignment.column
            return ("assign", name.lower(), self.expression(assignment.value))

        return self.clause(self.query.assignments, read)

    def returning(self) -> Said:
        """What a write gives back."""
        parts: list[Part] = []
        for element in self.query.returning.elements:
            if isinstance(element.value, Star) and self.scope.labels:
                parts += map(Part, self._all(self.scope.labels[0]))
            else:
                parts.append(Part(self.expression(element.value)))
        return Said(tuple(parts), self.query.returning.open)

    # Conditions

    def condition(self, condition: Condition, *, negated: bool = False) -> Form:
        """A condition, NOT moved inwards."""
        if isinstance(condition, Not):
            return self.condition(condition.part, negated=not negated)
        if isinstance(condition, And | Or):
            word = "and" if isinstance(condition, And) is not negated else "or"
            parts: list[Form] = []
            for part in condition.parts:
                form = self.condition(part, negated=negated)
                parts += form[1] if form[0] == word else (form,)
            return parts[0] if len(parts) == 1 else (word, tuple(parts))
        if isinstance(condition, OpaqueCondition):
            return ("any", tuple(self._column(column) for column in condition.columns))
        return self._compare(condition, negated)

    def _compare(self, compare: Compare, negated: bool) -> Form:
        left, right = self.expression(compare.left), self.expression(compare.right)
        operator = compare.operator
        word = operator.removeprefix("i")
        if word in _PATTERNS:
            before, behind = _PATTERNS[word]
            right = ("like", before, right, behind)
            operator = "ilike" if word != operator else "like"
        if left[0] in ("literal", "bound", "parameter") and operator in _TURNED and right[0] in ("column", "function"):
            left, operator, right = right, _TURNED[operator], left
        if left[0] == "function" and left[1] in _CASES and len(left[2]) == 1:
            same = right[0] == "function" and right[1] == left[1]
            operator = "like" if operator == "=" and same else operator
            if operator in ("like", "not-like") and same:
                left, right = left[2][0], right[2][0]
                operator = operator.replace("like", "ilike")
        if operator in ("like", "not-like", "ilike", "not-ilike"):
            left = left[1] if left[0] == "cast" and left[2] in _TEXTS else left
            right = _pattern(right)
            operator = operator.replace("ilike", "like") if self.sqlite else operator
        if operator in ("in", "not-in") and right == ("parameter",):
            right = ("list", ())
        if right == ("null",):
            operator = {"=": "is", "<>": "is-not"}.get(operator, operator)
        if negated:
            if operator not in _OPPOSITES:
                return ("not", ("compare", left, operator, right))
            operator = _OPPOSITES[operator]
        if operator == "<>" and right[0] == "boolean":
            operator, right = "=", ("boolean", not right[1])
        if operator in ("=", "<>") and left[0] == "function" and left[1] == "exists" and right[0] == "boolean":
            return ("compare", left, "=", ("boolean", right[1] is (operator == "=")))
        return ("compare", left, operator, right)

    # Expressions

    def expression(self, expression: Expression) -> Form:
        """An expression."""
        if isinstance(expression, Column):
            return self._column(expression)
        if isinstance(expression, Value):
            return self._value(expression)
        if isinstance(expression, Star):
            return ("star", self.scope.owner(expression.table) or "" if expression.table else "")
        if isinstance(expression, Function):
            name = _FUNCTIONS.get(expression.name, expression.name)
            return ("function", name, tuple(self.expression(each) for each in expression.arguments))
        if isinstance(expression, Cast):
            return ("cast", self.expression(expression.expression), expression.target.lower())
        if isinstance(expression, Subquery):
            return ("query", self._query(expression.query))
        return ("any", tuple(self._column(column) for column in expression.columns))

    def _query(self, query: Query) -> Forms:
        return Forms(query, self.tables, self.bound, self.scope)

    def _column(self, column: Column) -> Form:
        label, name = self.scope.of_column(column)
        return ("column", label, name)

    def _value(self, value: Value) -> Form:
        if value.kind == "number":
            return self._number(value.text)
        if value.kind == "null":
            return ("null",)
        if value.kind == "boolean":
            return ("boolean", value.text.lower() == "true")
        if value.kind == "string":
            return ("literal", "string", value.text)
        if value.kind == "list":
            items = tuple(map(self._listed, value.text.split(", ")))
            return ("list", () if self.bound is None and ("any", ()) in items else items)
        return ("parameter",) if value.kind == "parameter" else ("any", ())

    def _listed(self, text: str) -> Form:
        if text.startswith("'"):
            return ("literal", "string", text.strip("'"))
        return self._number(text) if text.isdigit() else ("any", ())

    def _number(self, text: str) -> Form:
        if self.bound is not None and text.isdigit() and MARK <= int(text) < MARK + len(self.bound):
            value = self.bound[int(text) - MARK]
            return ("null",) if value is None else ("bound", value)
        return ("literal", "number", text)


def _pattern(right: Form) -> Form:
    """What a LIKE is given: the value with what stands around it."""
    if right[0] == "function" and right[1] == "||":
        parts = list(right[2])
        before = behind = ""
        if parts and parts[0] == ("literal", "string", "%"):
            before, parts = "%", parts[1:]
        if parts and parts[-1] == ("literal", "string", "%"):
            behind, parts = "%", parts[:-1]
        if len(parts) == 1:
            return ("like", before, parts[0], behind)
    return right if right[0] == "like" else ("like", "", right, "")


def _counted(query: Query) -> Query:
    """`SELECT count(*) FROM (query)` as the count of that query; where the query is distinct or limited, it counts what
    is left, which is another question."""
    sources = list(query.sources.values())
    tested = next(iter(query.projection.values()), None)
    if not sources and isinstance(tested, Function) and tested.name == "exists" and query.verb.reads:
        inside = tested.arguments[0] if tested.arguments else None
        return inside.query if isinstance(inside, Subquery) else query
    chosen = list(query.projection.values())
    counted = (Function("count", (Star(),)), Function("count", (Value("number", "1"),)))
    counts = len(chosen) == 1 and chosen[0] in counted
    if counts:
        query = msgspec.structs.replace(query, projection=Clause((Element(counted[0]),)))
    if len(sources) != 1 or sources[0].query is None:
        return query
    inner = sources[0].query
    if query.where.possibly():
        asked = _asked(query)
        return query if asked is None or inner.sources.possibly() else asked
    plain = not (inner.distinct or inner.limit.possibly() or inner.grouping.possibly() or inner.set_operation)
    if not counts or not plain:
        return query
    return Query(
        query.verb,
        query.place,
        query.dialect,
        inner.sources,
        Clause((Element(Function("count", (Star(),))),)),
        inner.where,
    )


def _asked(query: Query) -> Query | None:
    """The query of which the one condition asks whether it has rows."""
    conditions = list(query.where.values())
    one = conditions[0] if len(conditions) == 1 else None
    exists = one.left if isinstance(one, Compare) and one.operator == "=" else None
    inside = exists.arguments[0] if isinstance(exists, Function) and exists.name == "exists" else None
    return inside.query if isinstance(inside, Subquery) else None


def _found(query: Query) -> Query:
    """An UPDATE or DELETE `WHERE id IN (SELECT id FROM t …)` of the same table, by the conditions of that query."""
    conditions = list(query.where.values())
    if query.verb not in (Verb.UPDATE, Verb.DELETE) or len(conditions) != 1:
        return query
    whole = conditions[0]
    if not isinstance(whole, Compare) or whole.operator != "in" or not isinstance(whole.right, Subquery):
        return query
    inner = whole.right.query
    chosen = list(inner.projection.values())
    same = isinstance(whole.left, Column) and len(chosen) == 1 and isinstance(chosen[0], Column)
    if not same or inner.table != query.table or inner.limit.possibly() or inner.grouping.possibly():
        return query
    if isinstance(whole.left, Column) and isinstance(chosen[0], Column) and whole.left.name != chosen[0].name:
        return query
    return msgspec.structs.replace(query, sources=inner.sources, where=inner.where)
