"""How names and definitions are written in SQL that a person pastes: quoted where the dialect needs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from dblint.facts.schema import DOCUMENT_DATABASES, Index, IndexColumn, Operation

_RESERVED = frozenset(
    """
    ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC AUTHORIZATION BINARY BOTH CASE CAST CHECK COLLATE COLLATION
    COLUMN CONCURRENTLY CONSTRAINT CREATE CROSS CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME
    CURRENT_TIMESTAMP CURRENT_USER DEFAULT DEFERRABLE DESC DISTINCT DO ELSE END EXCEPT FALSE FETCH FOR FOREIGN FREEZE
    FROM FULL GRANT GROUP HAVING ILIKE IN INITIALLY INNER INTERSECT INTO IS ISNULL JOIN LATERAL LEADING LEFT LIKE LIMIT
    LOCALTIME LOCALTIMESTAMP NATURAL NOT NOTNULL NULL OFFSET ON ONLY OR ORDER OUTER OVERLAPS PLACING PRIMARY REFERENCES
    RETURNING RIGHT SELECT SESSION_USER SIMILAR SOME SYMMETRIC SYSTEM_USER TABLE TABLESAMPLE THEN TO TRAILING TRUE UNION
    UNIQUE USER USING VARIADIC VERBOSE WHEN WHERE WINDOW WITH
    ADD ALTER BEFORE BETWEEN BY CALL CASCADE CHANGE CHARACTER CONDITION DATABASE DATABASES DELETE DESCRIBE DROP EACH
    EXISTS EXPLAIN FUNCTION GROUPS IF IGNORE INDEX INSERT INTERVAL KEY KEYS KILL LAG LEAD LOAD LOCK MATCH OF OPTIMIZE
    OPTION OUT OVER PARTITION PROCEDURE PURGE RANGE RANK READ RECURSIVE RELEASE RENAME REPEAT REPLACE RETURN REVOKE ROW
    ROWS SCHEMA SCHEMAS SET SHOW SIGNAL SQL STORED SYSTEM TRIGGER UPDATE USAGE USE VALUES WHILE WRITE
    """.split()
)
"""Words that PostgreSQL 18 (its manual, appendix C) or MySQL 8.4 (its manual, section 11.3) reserve, the latter as far
as they are likely names. Quoting one too many does no harm."""
_FOLDING = frozenset({"", "postgres", "redshift", "materialize", "risingwave", "duckdb", "snowflake", "oracle"})
"""Dialects in which a bare name is not the same as a quoted one with capitals; "" stands for any."""
_QUOTES = {
    "mysql": ("`", "`"),
    "singlestore": ("`", "`"),
    "doris": ("`", "`"),
    "starrocks": ("`", "`"),
    "bigquery": ("`", "`"),
    "tsql": ("[", "]"),
    "fabric": ("[", "]"),
}

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in their order, however they are joined: unit_price, unitPrice, UNIT-PRICE."""
    return tuple(word.lower() for word in _WORD.findall(name))


def name(word: str, dialect: str = "") -> str:
    """A table's or column's name as it stands in a statement."""
    plain = word.replace("_", "a")
    if plain.isascii() and plain.isalnum() and not plain[0].isdigit() and word.upper() not in _RESERVED:
        if dialect not in _FOLDING or word == word.lower():
            return word
    before, behind = _QUOTES.get(dialect, ('"', '"'))
    return f"{before}{word.replace(behind, behind * 2)}{behind}"


def qualified(table: str, schema: str = "", dialect: str = "") -> str:
    """A table's name behind its schema's."""
    return f"{name(schema, dialect)}.{name(table, dialect)}" if schema else name(table, dialect)


def concurrent_index(operation: Operation) -> str:
    """The CREATE INDEX of an operation with CONCURRENTLY in it: as written where it is SQL, else put together, with
    `…` for what cannot be said. "" where not even the table can be."""
    if operation.sql and (written := _inserted(operation.sql)):
        return written
    return _created(operation, " CONCURRENTLY")


def plain_index(operation: Operation) -> str:
    """The same without CONCURRENTLY, put together from what the operation says."""
    return _created(operation, "")


def _created(operation: Operation, how: str) -> str:
    index = operation.index
    if not operation.table or index is None:
        return ""
    if operation.dialect in DOCUMENT_DATABASES:
        keys = ", ".join(f"{_field(column.name)}: {-1 if column.descending else 1}" for column in index.columns)
        return f"db.{operation.table}.createIndex({{{keys}}})"
    table = qualified(operation.table, operation.schema, operation.dialect)
    parts = [f"CREATE UNIQUE INDEX{how}" if index.unique else f"CREATE INDEX{how}"]
    if operation.if_not_exists:
        parts.append("IF NOT EXISTS")
    named = operation.name or index.name
    if named:
        parts.append(name(named, operation.dialect))
    parts.append(f"ON {table}")
    if index.method and index.method != "btree":
        parts.append(f"USING {index.method}")
    columns = ", ".join(_column(column, operation.dialect) for column in index.columns)
    parts.append(f"({columns or '…'})")
    if index.include:
        parts.append(f"INCLUDE ({', '.join(name(column, operation.dialect) for column in index.include)})")
    if index.predicate:
        parts.append(f"WHERE {_known(index.predicate)}")
    return f"{' '.join(parts)};"


def kept_copy(table: str, schema: str = "", columns: tuple[str, ...] = (), dialect: str = "") -> str:
    """A statement that keeps some columns of a table, or all of them, in a table of its own."""
    source = qualified(table, schema, dialect)
    target = qualified("_".join((table, *columns[-1:], "before")), schema, dialect)
    listed = ", ".join(name(column, dialect) for column in columns) or "*"
    if dialect in ("tsql", "fabric"):
        return " ".join(("SELECT", listed, "INTO", target, "FROM", f"{source};"))
    return " ".join(("CREATE TABLE", target, "AS SELECT", listed, "FROM", f"{source};"))


def unique_constraint(operation: Operation) -> tuple[str, str]:
    """How a column gets a unique constraint without blocking its writers: an index, and the constraint that takes it
    over (PostgreSQL's manual, ALTER TABLE), named as PostgreSQL would name it."""
    table = qualified(operation.table, operation.schema, operation.dialect)
    columns = [column.name for column in operation.index.columns] if operation.index is not None else []
    named = name("_".join((operation.table, *columns, "key")), operation.dialect)
    listed = ", ".join(name(column, operation.dialect) for column in columns)
    return (
        f"CREATE UNIQUE INDEX CONCURRENTLY {named} ON {table} ({listed or '…'});",
        f"ALTER TABLE {table} ADD CONSTRAINT {named} UNIQUE USING INDEX {named};",
    )


def index_by_partition(operation: Operation) -> str:
    """How an index of a partitioned table is built without blocking its writers (PostgreSQL's manual, 5.12.2.2)."""
    table = qualified(operation.table, operation.schema, operation.dialect)
    index = operation.index
    columns = keys(index, operation.dialect) if index is not None else ""
    unique = "UNIQUE " if index is not None and index.unique else ""
    named = name(operation.name, operation.dialect) if operation.name else "parent_index"
    return (
        f"CREATE {unique}INDEX {named} ON ONLY {table} ({columns or '…'}); then for each partition "
        f"CREATE {unique}INDEX CONCURRENTLY partition_index ON partition ({columns or '…'}); "
        f"ALTER INDEX {named} ATTACH PARTITION partition_index;"
    )


def search_indexes(searched: Mapping[tuple[str, str], Mapping[str, str]], dialect: str = "") -> str:
    """The indexes that serve a search inside of texts: of PostgreSQL's trigrams (its manual, pg_trgm), of MySQL's
    n-grams (its manual, 14.9.8), which only MATCH reads, of Oracle Text (its guide for developers, "CONTEXT Index"),
    which only CONTAINS reads, or of MongoDB's words (its manual, "Text Indexes"), which only $text reads. `searched`:
    table and schema → column → the function of it that is compared, "" for none."""
    if dialect == "mongodb":
        indexes = [
            f"db.{table}.createIndex({json.dumps(dict.fromkeys(columns, 'text'))})"
            for (table, _), columns in searched.items()
        ]
        return f"{' '.join(indexes)} and {{$text: {{$search: …}}}} in the place of the pattern"
    statements = [] if dialect in ("mysql", "oracle") else ["CREATE EXTENSION IF NOT EXISTS pg_trgm;"]
    for (table, schema), columns in searched.items():
        whole = qualified(table, schema, dialect)
        quoted = {column: name(column, dialect) for column in columns}
        if dialect == "mysql":
            named = name("_".join((table, *columns, "ngram")), dialect)
            listed = ", ".join(quoted.values())
            statements.append(f"CREATE FULLTEXT INDEX {named} ON {whole} ({listed}) WITH PARSER ngram;")
        elif dialect == "oracle":
            statements += [
                f"CREATE INDEX {name('_'.join((table, column, 'text')), dialect)} ON {whole} ({word}) "
                "INDEXTYPE IS CTXSYS.CONTEXT PARAMETERS ('SYNC (ON COMMIT)');"
                for column, word in quoted.items()
            ]
        else:
            named = name("_".join((table, *columns, "trgm")), dialect)
            listed = ", ".join(
                f"{f'{columns[column]}({word})' if columns[column] else word} gin_trgm_ops"
                for column, word in quoted.items()
            )
            statements.append(f"CREATE INDEX CONCURRENTLY {named} ON {whole} USING gin ({listed});")
    if dialect == "mysql":
        statements.append("MATCH (…) AGAINST (… IN BOOLEAN MODE) in the place of LIKE")
    if dialect == "oracle":
        statements.append("CONTAINS (…, …) > 0 in the place of LIKE")
    return ("" if dialect else "on PostgreSQL ") + " ".join(statements)


def _field(word: str) -> str:
    """A field's name as MongoDB's shell has it."""
    return word if word.isidentifier() else json.dumps(word)


def documents_behind(fields: Sequence[str], *, descending: bool, others: bool) -> str:
    """The filter and the order of the documents behind the last one that was shown, in the words of MongoDB's shell
    (its manual, "$or", "cursor.sort()"). `others`: the query has conditions of its own, which stay."""
    words = [_field(field) for field in fields]
    operator, direction = ("$lt", "-1") if descending else ("$gt", "1")
    parts = []
    for number, word in enumerate(words):
        equal = [f"{before}: …" for before in words[:number]]
        parts.append(f"{{{', '.join([*equal, f'{word}: {{{operator}: …}}'])}}}")
    behind = parts[0][1:-1] if len(parts) == 1 else f"$or: [{', '.join(parts)}]"
    order = ", ".join(f"{word}: {direction}" for word in words)
    return f"find({{{'…, ' if others else ''}{behind}}}).sort({{{order}}}).limit(…)"


def keys(index: Index, dialect: str = "") -> str:
    """The columns and expressions of an index, as its definition lists them."""
    return ", ".join(_column(column, dialect) for column in index.columns)


def _column(column: IndexColumn, dialect: str) -> str:
    words = [f"({_known(column.name)})" if column.expression else name(column.name, dialect)]
    if column.length:
        words[0] += f"({column.length})"
    if column.operator_class:
        words.append(column.operator_class)
    if column.descending:
        words.append("DESC")
    return " ".join(words)


def _known(expression: str) -> str:
    return "…" if expression == "?" else expression


def _inserted(sql: str) -> str:
    """The word belongs behind INDEX, which only UNIQUE may part from CREATE."""
    words = sql.upper().split(None, 2)
    if words[:1] != ["CREATE"] or not any(word.startswith("INDEX") for word in words[1:3]):
        return ""
    at = sql.upper().index("INDEX")
    text = " ".join(f"{sql[: at + 5]} CONCURRENTLY{sql[at + 5 :]}".split())
    return text if text.endswith(";") else f"{text};"


def together(names: Iterable[str]) -> str:
    """Names in a sentence: `A, B and C`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
