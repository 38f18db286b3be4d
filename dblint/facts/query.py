"""`Query`: what is asked of a database, from SQL and from an ORM's calls alike.

Every clause answers yes, sometimes, no or cannot say. A rule asks `surely()`, `possibly()`,
`surely_absent()` and `unknown()`; only *cannot say* is silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

import msgspec

from dblint.facts.text import Origin, Place

KEY_VALUE_STORES = frozenset({"redis"})
"""Databases of keys: what is asked of them are commands of keys and no statements of rows. See `Query.of_keys`."""
DOCUMENT_STORES = frozenset({"mongodb"})
"""Databases whose filters are documents, in which an object is read as operators."""


class When(StrEnum):
    """Whether an element of a clause always stands there."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"  # under a branch, in a spread, a possibly undefined value


class Verb(StrEnum):
    """What a statement does."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    UPSERT = "upsert"
    MERGE = "merge"
    AGGREGATE = "aggregate"  # a count, sum or existence test as an ORM asks it
    DDL = "ddl"
    COMMAND = "command"  # SET, VACUUM, SAVEPOINT …
    CALL = "call"
    UNKNOWN = "unknown"

    @property
    def reads(self) -> bool:
        """Whether rows are asked for and nothing is changed."""
        return self in (Verb.SELECT, Verb.AGGREGATE)

    @property
    def writes(self) -> bool:
        """Whether rows are changed."""
        return self in (Verb.INSERT, Verb.UPDATE, Verb.DELETE, Verb.UPSERT, Verb.MERGE)


T = TypeVar("T")


class Element(msgspec.Struct, Generic[T], frozen=True, array_like=True):
    """One element of a clause, when it stands, and what decides that it does: `Origin.PARAMETER` where that is nothing
    but parameters which callers may leave out, and none is seen to hand in what may be empty."""

    value: T
    when: When = When.ALWAYS
    condition: Origin = Origin.CONSTANT


class Clause(msgspec.Struct, Generic[T], frozen=True, array_like=True):
    """The elements that were seen; `open` means that more may be there."""

    elements: tuple[Element[T], ...] = ()
    open: bool = False

    def surely(self) -> bool:
        """Yes: at least one element always stands there."""
        return any(element.when is When.ALWAYS for element in self.elements)

    def possibly(self) -> bool:
        """Yes, sometimes or cannot say."""
        return bool(self.elements) or self.open

    def sometimes(self) -> bool:
        """Sometimes: elements were seen, none of which always stands there, and nothing was hidden."""
        return bool(self.elements) and not self.surely() and not self.open

    def surely_absent(self) -> bool:
        """No: nothing was seen and nothing is hidden."""
        return not self.elements and not self.open

    def unknown(self) -> bool:
        """Cannot say."""
        return self.open and not self.surely()

    def values(self) -> Iterator[T]:
        """The elements' values, whenever they stand."""
        return (element.value for element in self.elements)


class Column(msgspec.Struct, frozen=True, array_like=True, tag="column"):
    """A column. `table` is the alias or table as written, "" when unqualified; `relation` is the path of
    relations walked to reach it (an ORM's `author__name`)."""

    name: str
    table: str = ""
    relation: tuple[str, ...] = ()
    place: Place | None = None


class Value(msgspec.Struct, frozen=True, array_like=True, tag="value"):
    """A literal or a parameter. `kind` is number, string, null, boolean, parameter, list or unknown. `place` is where
    the host's expression stands that is handed in, or the placeholder for it; None for literals. `begins`: the
    program's own text that a handed-in pattern begins with (`"%" + word`), "" where there is none or it is not seen."""

    kind: str
    text: str = ""
    origin: Origin = Origin.CONSTANT
    place: Place | None = None
    begins: str = ""


class Function(msgspec.Struct, frozen=True, array_like=True, tag="function"):
    """A function or operator applied to expressions; `name` in lower case."""

    name: str
    arguments: tuple[Expression, ...] = ()


class Cast(msgspec.Struct, frozen=True, array_like=True, tag="cast"):
    """An explicit cast to `target`, a type as written."""

    expression: Expression
    target: str


class Star(msgspec.Struct, frozen=True, array_like=True, tag="star"):
    """`*` or `table.*`."""

    table: str = ""
    place: Place | None = None


class Subquery(msgspec.Struct, frozen=True, array_like=True, tag="subquery"):
    """A nested query used as an expression."""

    query: Query


class OpaqueExpression(msgspec.Struct, frozen=True, array_like=True, tag="opaque"):
    """An expression without a word; the columns that were seen in it."""

    text: str = ""
    columns: tuple[Column, ...] = ()


Expression: TypeAlias = Column | Value | Function | Cast | Star | Subquery | OpaqueExpression


class Compare(msgspec.Struct, frozen=True, array_like=True, tag="compare"):
    """`left operator right`. Operators: = <> < <= > >= in not-in like ilike is is-not between …, and the words that
    libraries have for patterns: contains, starts-with, ends-with, and with an `i` in front, where both sides are
    compared in upper case. `place`: of a test for null that the program writes as an equality with a column itself
    (`column == None`), where that stands; `left` has its own place then."""

    left: Expression
    operator: str
    right: Expression
    place: Place | None = None

    @property
    def handed(self) -> Place | None:
        """Where the value stands that the column is compared with, casts aside; None for every other expression."""
        right = self.right
        while isinstance(right, Cast):
            right = right.expression
        return right.place if isinstance(right, Value) else None


class And(msgspec.Struct, frozen=True, array_like=True, tag="and"):
    """All hold."""

    parts: tuple[Condition, ...]


class Or(msgspec.Struct, frozen=True, array_like=True, tag="or"):
    """One holds."""

    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, array_like=True, tag="not"):
    """It does not hold."""

    part: Condition


class Decided(msgspec.Struct, frozen=True, array_like=True):
    """A condition that the program decides before the query is made, where its author meant to ask the database.

    `word`: and, or, not, in, not-in, is, is-not, chained (`1 < a < 5`), or a comparison. `outcome`: what is left of it:
    `true` or `false` for every row, the number of the part that is left alone (`0`), `raises`, or `bound`: nothing is
    left out, and what stands beside the comparison belongs to one side of it. `parts`: its operands, in order. `bits`:
    an operator that binds closer than a comparison stands in one of them (`a == 1 & b == 2`). `null`: the right one is
    the host's word for nothing."""

    word: str
    outcome: str
    place: Place
    parts: tuple[Place, ...] = ()
    bits: bool = False
    null: bool = False


class OpaqueCondition(msgspec.Struct, frozen=True, array_like=True, tag="opaque-condition"):
    """A condition without a word; the columns that were seen in it. `decided`: the program decides it itself."""

    text: str = ""
    columns: tuple[Column, ...] = ()
    decided: Decided | None = None


Condition: TypeAlias = Compare | And | Or | Not | OpaqueCondition


class Source(msgspec.Struct, frozen=True, array_like=True):
    """What rows come from: a table (`name`), a CTE (`cte`), a nested query or a function.

    `schema` is the qualifier as written. `join` is "" for the first source, else inner, left, right,
    full, cross. `real` says that it is a stored table or view and not a CTE, subquery or function.
    """

    name: str
    alias: str = ""
    schema: str = ""
    join: str = ""
    on: Condition | None = None
    query: Query | None = None
    real: bool = True
    place: Place | None = None
    model: str = ""

    @property
    def of_catalogue(self) -> bool:
        """Whether the database describes itself there: a schema of the SQL standard, of PostgreSQL, or of MySQL and SQL
        Server (`performance_schema`, `sys`), or a name that SQLite keeps for itself (`sqlite_`; `pragma_` for its
        functions), that begins like PostgreSQL's own relations (`pg_`), which are found without their schema, or that
        BigQuery gives each dataset (`__TABLES__`, `__TABLES_SUMMARY__`; all by their documentation)."""
        own = self.name.lower().startswith(("sqlite_", "pragma_", "pg_", "__tables_"))
        return own or self.schema.lower() in ("information_schema", "pg_catalog", "performance_schema", "sys")


class Order(msgspec.Struct, frozen=True, array_like=True):
    """One sort key."""

    expression: Expression
    descending: bool = False
    nulls: str = ""
    by: str = ""  # who says it: "" the query itself, "model" what its table is declared with, "library" by default


class Assignment(msgspec.Struct, frozen=True, array_like=True):
    """`column = value` of an INSERT or UPDATE."""

    column: str
    value: Expression


class Eager(msgspec.Struct, frozen=True, array_like=True):
    """Relations loaded with the query: a path, and the query that loads it where it has clauses of its own."""

    path: tuple[str, ...]
    strategy: str = ""
    query: Query | None = None


class Bound(msgspec.Struct, frozen=True, array_like=True):
    """A limit or an offset: the number when it is constant, else where it comes from. `asked`: a client's request
    decides it, `freely` where nothing limits what may be asked for, `within` where something does or may; "" where that
    is not so, or cannot be said. `place`: the placeholder of an SQL text that it is handed in for. `usual`: the number
    that it is unless a caller whom nobody sees says another: the default of a parameter."""

    number: int | None = None
    origin: Origin = Origin.UNKNOWN
    asked: str = ""
    place: Place | None = None
    usual: int | None = None


class Query(msgspec.Struct, frozen=True, array_like=True):
    """One statement. `place` is where it stands; `dialect` is "" where any dialect reads it alike."""

    verb: Verb
    place: Place | None = None
    dialect: str = ""
    sources: Clause[Source] = Clause()
    projection: Clause[Expression] = Clause()
    where: Clause[Condition] = Clause()
    grouping: Clause[Expression] = Clause()
    having: Clause[Condition] = Clause()
    order: Clause[Order] = Clause()
    limit: Clause[Bound] = Clause()
    offset: Clause[Bound] = Clause()
    assignments: Clause[Assignment] = Clause()
    returning: Clause[Expression] = Clause()
    locks: Clause[str] = Clause()
    eager: Clause[Eager] = Clause()
    distinct: bool = False
    set_operation: str = ""  # union, union all, intersect, except; operands are in `parts`
    parts: tuple[Query, ...] = ()
    ctes: tuple[tuple[str, Query], ...] = ()
    conflict: str = ""  # "" | "nothing" | "update"
    expects: str = ""  # "" | "one" | "unique" | "many" | "stream" (a few rows at a time): what the caller takes of it
    rows: str = ""  # INSERT: "one" | "many" | "query" | ""; UPDATE, DELETE of rows: "one" | "many" | "handed" | ""
    sql: str = ""  # as parsed, or as the ORM's call reads in SQL
    several: bool = False  # its text holds other statements that read or write rows
    housekeeping: bool = False  # DDL that makes a schema, an extension or what is missing: of no table but its sources
    whole: bool = False  # it goes through all that the database holds, whatever it is asked for
    nests: bool = False  # with its rows it writes, or may, those of relations that refer to them

    @property
    def of_keys(self) -> bool:
        """Whether it is a command of a key-value store: its sources are keys, `*` for what the program puts in, and
        its condition says which. It has no rows: nothing is said of their number, order or columns."""
        return self.dialect in KEY_VALUE_STORES

    def shapes(self, table: str = "") -> bool:
        """Whether the statement makes or changes that table, or may, by its name or the other's being unknown."""
        if self.verb is not Verb.DDL:
            return False
        named = {source.name.lower() for source in self.sources.values()}
        return not self.housekeeping or table.lower() in named or (not table and bool(named))

    @property
    def table(self) -> str:
        """The name of the first source, "" when there is none; it may be a function or a part of the statement."""
        for element in self.sources.elements:
            return element.value.name
        return ""

    @property
    def stored(self) -> str:
        """The stored table that it asks: its first source, or the first one behind a function or a part of it that
        comes first; "" where there is none."""
        for element in self.sources.elements:
            source = element.value
            return source.name if source.real or not source.name else next(iter(self.tables()), "")
        return ""

    def decided(self) -> tuple[Decided, ...]:
        """The conditions that the program decides itself, in the order of their places."""
        found: dict[Place, Decided] = {}
        pending: list[Condition | None] = [*self.where.values(), *self.having.values()]
        pending += [source.on for source in self.sources.values()]
        while pending:
            condition = pending.pop()
            if isinstance(condition, And | Or):
                pending += condition.parts
            elif isinstance(condition, Not):
                pending.append(condition.part)
            elif isinstance(condition, OpaqueCondition) and condition.decided is not None:
                found.setdefault(condition.decided.place, condition.decided)
        return tuple(found[place] for place in sorted(found))

    @property
    def counts(self) -> bool:
        """Whether it gives how many rows there are, and nothing else."""
        made = list(self.projection.values())
        return len(made) == 1 and isinstance(made[0], Function) and made[0].name == "count"

    @property
    def asked_order(self) -> Clause[Order]:
        """The order that the query itself says: its author wants the first rows of it. One that a model declares or a
        library adds says only that the rows have one."""
        return Clause(tuple(element for element in self.order.elements if not element.value.by), self.order.open)

    def tables(self) -> tuple[str, ...]:
        """The stored tables that this statement names, nested ones too, in order, each once."""
        found: dict[str, None] = {}
        pending: list[Query] = [self]
        while pending:
            query = pending.pop()
            for source in query.sources.values():
                if source.real and source.name:
                    found.setdefault(source.name)
                if source.query is not None:
                    pending.append(source.query)
            pending.extend(query.parts)
            pending.extend(nested for _, nested in query.ctes)
            pending.extend(reversed([*query.nested()]))
        return tuple(found)

    def nested(self) -> Iterator[Query]:
        """The queries that stand in its expressions and conditions; none that stand in those."""
        pending: list[Expression | Condition | None] = [*self.projection.values(), *self.grouping.values()]
        pending += [*self.where.values(), *self.having.values(), *self.returning.values()]
        pending += [source.on for source in self.sources.values()]
        pending += [order.expression for order in self.order.values()]
        pending += [assignment.value for assignment in self.assignments.values()]
        pending.reverse()
        while pending:
            part = pending.pop()
            if isinstance(part, Subquery):
                yield part.query
            elif isinstance(part, Function):
                pending += reversed(part.arguments)
            elif isinstance(part, Cast):
                pending.append(part.expression)
            elif isinstance(part, Compare):
                pending += (part.right, part.left)
            elif isinstance(part, And | Or):
                pending += reversed(part.parts)
            elif isinstance(part, Not):
                pending.append(part.part)

    def conjuncts(self) -> Iterator[Element[Condition]]:
        """The conditions of `where` that all have to hold, with nested ANDs opened."""
        pending = list(reversed(self.where.elements))
        while pending:
            element = pending.pop()
            if isinstance(element.value, And):
                pending.extend(Element(part, element.when, element.condition) for part in reversed(element.value.parts))
            else:
                yield element
