"""Names of dialects, and how each one writes strings, comments and identifiers."""

from __future__ import annotations

from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_ALIASES = {
    "postgresql": "postgres",
    "pg": "postgres",
    "pgsql": "postgres",
    "cockroachdb": "postgres",
    "cockroach": "postgres",
    "timescale": "postgres",
    "mariadb": "mysql",
    "mysql2": "mysql",
    "tidb": "mysql",
    "sqlite3": "sqlite",
    "better-sqlite3": "sqlite",
    "libsql": "sqlite",
    "turso": "sqlite",
    "d1": "sqlite",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "azuresql": "tsql",
    "oracledb": "oracle",
}

KNOWN = words(
    "athena bigquery clickhouse databricks doris drill druid duckdb exasol fabric hive materialize mysql oracle "
    "postgres presto redshift risingwave singlestore snowflake spark spark2 sqlite starrocks teradata trino tsql"
)
"""The dialects that are understood, by sqlglot's names."""


class Profile(NamedTuple):
    """The lexical habits of a dialect."""

    backslash: bool  # strings have backslash escapes
    hash_comments: bool  # `#` begins a comment
    brackets: bool  # `[x]` is an identifier
    dollar: bool  # `$tag$ … $tag$` is a string
    nested: bool  # block comments nest
    conditional: bool  # `/*!40101 … */` is executed
    double_strings: bool  # "x" is a string


_STANDARD = Profile(False, False, False, True, True, False, False)
_MYSQL = Profile(True, True, False, False, False, True, True)

_PROFILES = {
    "": Profile(False, False, False, True, True, True, False),
    "postgres": _STANDARD,
    "redshift": _STANDARD,
    "materialize": _STANDARD,
    "risingwave": _STANDARD,
    "duckdb": _STANDARD,
    "mysql": _MYSQL,
    "singlestore": _MYSQL,
    "doris": _MYSQL,
    "starrocks": _MYSQL,
    "sqlite": Profile(False, False, True, False, False, False, False),
    "tsql": Profile(False, False, True, False, True, False, False),
    "fabric": Profile(False, False, True, False, True, False, False),
    "bigquery": Profile(True, True, False, False, False, False, True),
    "clickhouse": Profile(True, False, False, True, False, False, False),
    "snowflake": Profile(True, False, False, True, False, False, False),
    "spark": Profile(True, False, False, False, True, False, True),
    "spark2": Profile(True, False, False, False, True, False, True),
    "databricks": Profile(True, False, False, True, True, False, True),
    "hive": Profile(True, False, False, False, False, False, True),
}
_OTHER = Profile(False, False, False, False, False, False, False)


def normal(dialect: str) -> str:
    """The dialect's name as this room uses it (`postgresql` → `postgres`); "" when it is not known."""
    name = dialect.strip().lower()
    name = _ALIASES.get(name, name)
    return name if name in KNOWN else ""


def profile(dialect: str) -> Profile:
    """How the dialect (a name that `normal` gave) is written."""
    return _PROFILES.get(dialect, _OTHER)
