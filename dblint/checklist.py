"""The review checklist: its lines, and the databases for which one of them says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """A line. `proxy`: source alone cannot prove it, and rules look for the nearest sign of it. `pointless`: database →
    why the line says nothing about it. `elsewhere`: what `timeouts` of the configuration says → why the source need not
    answer. `parts`: rule → what of the line it looks at, in words to which nobody can hold up a counter-example: no
    rule looks at all that a line says, since each goes by what was understood and is silent where it cannot be sure.
    Another rule that is not named looks at an unknown part."""

    id: str
    title: str
    proxy: bool = False
    pointless: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)

    def part(self, rules: Iterable[str]) -> str:
        """What of the line these rules look at."""
        return "; ".join(dict.fromkeys(self.parts.get(rule, f"what {rule} is about") for rule in rules))


@dataclass(frozen=True, slots=True)
class Group:
    """A chapter of the checklist."""

    title: str
    lines: tuple[Line, ...]


_NO_KEYS = {
    "mongodb": "MongoDB has no foreign keys",
    "dynamodb": "DynamoDB has no foreign keys",
    "redis": "Redis has no foreign keys",
}
_NO_COLUMNS = {
    "mongodb": "MongoDB's collections have no columns",
    "dynamodb": "DynamoDB's tables have no columns",
    "redis": "Redis has no columns",
}
_TAKING = "steps of migrations that drop, empty or narrow what may still be in use"
_NO_SERVER = {"sqlite": "SQLite runs inside the program, with no server to connect to"}

CHECKLIST: Sequence[Group] = (
    Group(
        "Query performance",
        (
            Line(
                "1.1",
                "every query has a fitting index",
                parts={
                    "query/leading-wildcard-like": "LIKE patterns that begin with a wildcard, in queries whose"
                    " conditions are all understood",
                    "query/keyspace-scan": "whether a command to a key-value store goes through all keys",
                },
            ),
            Line(
                "1.2",
                "no N+1 (eager loading, joins)",
                parts={
                    "query/loop-invariant-query": "reads that are understood, in loops of application code and scripts",
                    "query/n-plus-one": "reads that are understood, in loops of application code and scripts or at most"
                    " six calls behind them",
                    "query/lazy-relation-in-loop": "relations that such loops, or what they call, read of rows whose"
                    " query is seen",
                    "query/lazy-relation-in-list": "relations that serializers, response models, admin lists and"
                    " templates show of rows whose query is seen",
                    "query/lazy-relation-in-async": "relations that such loops and lists read of rows whose"
                    " asynchronous query is seen",
                    "query/prefetch-defeated": "whether relations that were loaded are asked for again there",
                    "query/eager-load-unused": "whether relations that are loaded are read, of rows that stay in sight",
                    "query/eager-collection-with-limit": "which relations queries join that they are told to load",
                    "query/eager-collection-by-mapping": "which relations to several rows mappings load",
                    "query/command-in-loop": "commands to key-value stores that are understood, in such loops",
                },
            ),
            Line(
                "1.3",
                "pagination on large results",
                parts={
                    "query/aggregate-in-memory": "rows that are read to be added up",
                    "query/deep-offset": "offsets that a client decides, in calls of a library",
                    "query/filter-in-memory": "rows that are read to be left out",
                    "query/len-instead-of-count": "rows that are understood and that are only counted",
                    "query/limit-without-order": "whether pages have an order",
                    "query/rows-for-existence": "rows that are understood and that are only looked for",
                    "query/unbounded-result": "lists of whole tables that requests are seen to read",
                    "query/unstable-pagination": "whether the order of pages tells rows apart",
                    "query/user-controlled-limit": "limits that a client decides, in calls of a library",
                },
            ),
            Line(
                "1.4",
                "no SELECT * in production code",
                parts={
                    "query/select-star": "the outermost list of queries that are understood, in application code and"
                    " scripts"
                },
            ),
            Line(
                "1.5",
                "bulk inserts and updates are batched",
                parts={
                    "query/bulk-without-batch-size": "statements that write as many rows as they are given, of members"
                    " that make no parts",
                    "query/commit-in-loop": "commits in every turn of a loop, in application code and scripts",
                    "query/write-in-loop": "writes that are understood, in loops of application code and scripts or at"
                    " most six calls behind them, where the library can write many rows at once",
                },
            ),
            Line(
                "1.6",
                "query timeouts are set",
                parts={
                    "connection/no-statement-timeout": "calls and settings that configure a client and are understood"
                },
                elsewhere={"server": "the configuration says that the database server sets them (timeouts)"},
            ),
        ),
    ),
    Group(
        "Schema design",
        (
            Line("2.1", "normalised (3NF, unless denormalised for speed)", proxy=True),
            Line(
                "2.2",
                "foreign keys defined and enforced",
                pointless=_NO_KEYS,
                parts={
                    "schema/missing-primary-key": "whether tables have a key that others can refer to",
                    "schema/unindexed-foreign-key": "whether foreign keys that are defined have an index",
                },
            ),
            Line(
                "2.3",
                "fitting data types",
                pointless=_NO_COLUMNS,
                parts={"schema/float-for-money": "binary floating types of columns whose names speak of money"},
            ),
            Line(
                "2.4",
                "indexes match the queries",
                parts={"schema/unindexed-foreign-key": "indexes of foreign keys"},
            ),
            Line("2.5", "no nullable column that should be NOT NULL", pointless=_NO_COLUMNS),
            Line(
                "2.6",
                "defaults where they belong",
                pointless=_NO_COLUMNS,
                parts={
                    "schema/client-side-default": "columns with a default of the model alone that SQL text of the"
                    " program or its migrations leaves out"
                },
            ),
        ),
    ),
    Group(
        "Connection management",
        (
            Line("3.1", "pooling, sized right", pointless=_NO_SERVER),
            Line(
                "3.2",
                "connections closed or released",
                parts={
                    "connection/connection-not-closed": "what functions of application code open through calls that are"
                    " understood, and keep to themselves"
                },
            ),
            Line(
                "3.3",
                "clear transaction boundaries",
                parts={"query/commit-in-loop": "commits in every turn of a loop, in application code and scripts"},
            ),
            Line("3.4", "deadlock retry"),
            Line("3.5", "connection and idle timeouts", pointless=_NO_SERVER),
            Line("3.6", "no leak on error paths"),
        ),
    ),
    Group(
        "Security and validation",
        (
            Line(
                "4.1",
                "parameterised queries, no string concatenation",
                parts={
                    "security/sql-injection": "SQL text of calls that are understood, outside migrations, seeds and"
                    " tests; in scripts what a request brings",
                },
            ),
            Line(
                "4.2",
                "input validated before the database",
                parts={
                    "security/operator-injection": "filters of document databases in application code, of values that a"
                    " handler takes from a parsed body or query"
                },
            ),
            Line("4.3", "least privilege", pointless={"sqlite": "SQLite knows no users"}),
            Line("4.4", "sensitive data encrypted at rest", proxy=True),
            Line(
                "4.5",
                "injection prevention verified",
                parts={
                    "security/sql-injection": "how SQL text of calls that are understood is put together, outside"
                    " migrations, seeds and tests"
                },
            ),
            Line(
                "4.6",
                "credentials come from the environment",
                pointless={"sqlite": "SQLite takes no credentials"},
                parts={
                    "security/hardcoded-credentials": "passwords in calls and settings that are understood, and in"
                    " addresses to other machines, of the source and Prisma schemas (not in .env, compose, INI and"
                    " other files that are no source; no keys or tokens)"
                },
            ),
        ),
    ),
    Group(
        "Transaction handling",
        (
            Line("5.1", "ACID where required"),
            Line("5.2", "fitting isolation level", pointless={"sqlite": "SQLite has one isolation level"}),
            Line("5.3", "rollback on error paths"),
            Line("5.4", "no long-running transaction"),
            Line(
                "5.5",
                "optimistic or pessimistic locking where needed",
                parts={
                    "query/get-or-create-race": "rows that application code inserts where a read that is understood"
                    " found none",
                    "query/read-modify-write": "numbers that application code sets to what it computes from them, where"
                    " the statement that writes them is understood",
                },
            ),
            Line("5.6", "distributed transactions handled"),
        ),
    ),
    Group(
        "Migration safety",
        (
            Line("6.1", "tested on production-sized data", proxy=True),
            Line("6.2", "rollback provided"),
            Line(
                "6.3",
                "zero downtime on large tables",
                parts={
                    "migration/destructive-operation": _TAKING,
                    "migration/index-not-concurrent": "indexes that migrations build on PostgreSQL",
                },
            ),
            Line(
                "6.4",
                "indexes created CONCURRENTLY where supported",
                pointless={
                    "mysql": "InnoDB lets writes go on while it builds an index",
                    "sqlite": "SQLite has no concurrent index build",
                    "mongodb": "MongoDB lets writes go on while it builds an index",
                },
                parts={
                    "migration/index-not-concurrent": "indexes that migrations build on PostgreSQL, on tables that were"
                    " there before"
                },
            ),
            Line(
                "6.5",
                "data stays intact",
                parts={"migration/destructive-operation": _TAKING},
            ),
            Line("6.6", "order dependencies explicit"),
        ),
    ),
    Group(
        "Safety guidelines",
        (
            Line(
                "S.1",
                "no DROP, TRUNCATE, or DELETE/UPDATE without WHERE",
                parts={
                    "migration/destructive-operation": f"{_TAKING} (no DROP or TRUNCATE outside migrations, and of"
                    " migrations before the newest none that only take away)",
                    "query/write-without-where": "UPDATE and DELETE without any condition in calls of application code"
                    " and scripts, of tables whose rows the program chooses by their owner elsewhere (not in files of"
                    " SQL; WHERE 1 = 1 is a condition)",
                },
            ),
            Line(
                "S.2",
                "transactions around multi-statement work",
                parts={
                    "query/awaited-in-transaction-array": "lists of statements that a call runs together",
                    "query/missing-transaction-option": "queries in callbacks of transactions that are handed on by an"
                    " option",
                    "query/outer-client-in-transaction": "queries in callbacks of transactions, and writes of functions"
                    " that are called there without the handle",
                },
            ),
            Line("S.3", "backups before schema changes"),
            Line("S.4", "read-only diagnosis"),
        ),
    ),
)
"""The 36 lines in their groups, and the guidelines that hold for all of them."""

LINES: Mapping[str, Line] = {line.id: line for group in CHECKLIST for line in group.lines}
