"""Whether a string is SQL at all, and which dialect alone has the syntax that it uses."""

from __future__ import annotations

from itertools import pairwise

from dblint.sql.dialects import words
from dblint.sql.tokens import NUMBER, OPERATOR, PIECE, PLACEHOLDER, QUOTED, STRING, WORD, Token, scan

__all__ = ["only_in", "plausible"]

_COMMON = frozenset({"postgres", "mysql", "sqlite", "tsql", "oracle"})
_CASTS = words("postgres redshift duckdb snowflake clickhouse databricks materialize risingwave")
_BACKTICKS = words("mysql sqlite bigquery clickhouse spark databricks hive doris starrocks singlestore")
_POSTGRES = frozenset({"postgres"})
_MYSQL = words("mysql singlestore doris starrocks")
_SQLITE = frozenset({"sqlite"})
_TSQL = words("tsql fabric")
_CLICKHOUSE = frozenset({"clickhouse"})
_ORACLE = frozenset({"oracle"})
_BIGQUERY = frozenset({"bigquery"})

_WORDS: dict[str, frozenset[str]] = {}
for _dialects, _found in (
    (_POSTGRES, "CONCURRENTLY JSONB BYTEA UNLOGGED PLPGSQL BIGSERIAL SMALLSERIAL TSVECTOR TSQUERY HSTORE CITEXT"),
    (_POSTGRES, "SERIAL"),
    (_CASTS, "ILIKE TIMESTAMPTZ"),
    (
        _MYSQL,
        "AUTO_INCREMENT UNSIGNED ZEROFILL STRAIGHT_JOIN MEDIUMTEXT LONGTEXT TINYTEXT MEDIUMBLOB LONGBLOB TINYBLOB",
    ),
    (
        _MYSQL,
        "SQL_CALC_FOUND_ROWS LOW_PRIORITY HIGH_PRIORITY SQL_NO_CACHE MYISAM INNODB UTF8MB4 STR_TO_DATE FROM_UNIXTIME",
    ),
    (words("sqlite snowflake"), "AUTOINCREMENT"),
    (_SQLITE, "ROWID SQLITE_MASTER SQLITE_SCHEMA SQLITE_SEQUENCE UNIXEPOCH JULIANDAY"),
    (words("sqlite duckdb"), "PRAGMA"),
    (
        _TSQL,
        "NOLOCK UNIQUEIDENTIFIER NEWID SCOPE_IDENTITY NONCLUSTERED SYSDATETIME GETUTCDATE UPDLOCK ROWGUIDCOL CHARINDEX",
    ),
    (words("tsql fabric redshift snowflake"), "GETDATE"),
    (
        _CLICKHOUSE,
        "LOWCARDINALITY PREWHERE UINT8 UINT16 UINT32 UINT64 INT128 UINT128 FLOAT64 DATETIME64 UNIQEXACT ARRAYJOIN",
    ),
    (
        _CLICKHOUSE,
        "TOSTARTOFHOUR TOSTARTOFDAY TOSTARTOFMINUTE TOSTARTOFMONTH TOSTARTOFWEEK TOSTARTOFINTERVAL TODATETIME",
    ),
    (
        _CLICKHOUSE,
        "TODATETIME64 TOYYYYMM TOUINT64 TOUINT32 TOSTRING TODATE GROUPARRAY ARGMAX ARGMIN SUMIF UNIQIF",
    ),
    (_CLICKHOUSE, "MERGETREE REPLACINGMERGETREE SUMMINGMERGETREE COLLAPSINGMERGETREE REPLICATEDMERGETREE FIXEDSTRING"),
    (_ORACLE, "VARCHAR2 NVARCHAR2 SYSDATE ROWNUM DUAL SYSTIMESTAMP"),
    (_BIGQUERY, "SAFE_CAST SAFE_DIVIDE FORMAT_TIMESTAMP PARSE_TIMESTAMP"),
    (words("duckdb"), "READ_CSV_AUTO READ_PARQUET READ_JSON_AUTO"),
    (words("snowflake"), "VARIANT TRY_TO_NUMBER PARSE_JSON"),
):
    for _word in _found.split():
        _WORDS[_word] = _dialects

_PAIRS: dict[tuple[str, str], frozenset[str]] = {
    ("ON", "CONFLICT"): words("postgres sqlite duckdb"),
    ("ON", "DUPLICATE"): _MYSQL,
    ("INSERT", "OR"): _SQLITE,
    ("INSERT", "IGNORE"): _MYSQL,
    ("WITHOUT", "ROWID"): _SQLITE,
    ("VIRTUAL", "TABLE"): _SQLITE,
    ("DISTINCT", "ON"): words("postgres duckdb clickhouse materialize"),
    ("CREATE", "EXTENSION"): _POSTGRES,
    ("LEVEL", "SECURITY"): _POSTGRES,
    ("NOT", "VALID"): _POSTGRES,
    ("USING", "GIN"): _POSTGRES,
    ("USING", "GIST"): _POSTGRES,
    ("USING", "BRIN"): _POSTGRES,
    ("SHARE", "MODE"): words("mysql postgres oracle"),
    ("SHOW", "TABLES"): words("mysql duckdb snowflake databricks clickhouse"),
    ("CROSS", "APPLY"): words("tsql fabric oracle"),
    ("OUTER", "APPLY"): words("tsql fabric oracle"),
    ("CHANGE", "COLUMN"): _MYSQL,
    ("CONNECT", "BY"): words("oracle snowflake"),
    ("ON", "CLUSTER"): _CLICKHOUSE,
    ("ARRAY", "JOIN"): _CLICKHOUSE,
    ("OUTPUT", "INSERTED"): _TSQL,
    ("OUTPUT", "DELETED"): _TSQL,
    ("LANGUAGE", "PLPGSQL"): _POSTGRES,
    ("CHARACTER", "SET"): words("mysql oracle"),
    ("DEFAULT", "CHARSET"): _MYSQL,
    ("START", "TRANSACTION"): words("postgres mysql"),
}
_OPERATORS: dict[str, frozenset[str]] = {
    "::": _CASTS,
    "@>": words("postgres duckdb materialize"),
    "<@": words("postgres duckdb materialize"),
    "#>>": _POSTGRES,
    "#>": _POSTGRES,
    "~*": words("postgres redshift materialize"),
    "!~*": words("postgres redshift materialize"),
    "?|": _POSTGRES,
    "?&": _POSTGRES,
    "<=>": words("mysql spark databricks postgres"),
}
_FORMATS = words("JSON JSONEACHROW CSV TABSEPARATED TSV CSVWITHNAMES JSONCOMPACT PRETTY ROWBINARY NATIVE")
_AFTER_NAME = words("FROM JOIN INTO UPDATE TABLE . ( ,")


def only_in(text: str) -> str:
    """The dialect that alone has the text's syntax, "" where several have it or none has all of it.

    Among the dialects that remain, one of the five that are common (PostgreSQL, MySQL, SQLite,
    SQL Server, Oracle) wins over those that borrow its syntax.
    """
    tokens, faults = scan(text[:20_000])
    if faults and "`" in text:
        tokens, _ = scan(text[:20_000], "mysql")
    remaining: frozenset[str] | None = None
    previous: Token | None = None
    for index, token in enumerate(tokens):
        found = _feature(text, tokens, index, token, previous)
        previous = token
        if found is not None:
            remaining = found if remaining is None else remaining & found
            if not remaining:
                return ""
    if not remaining:
        return ""
    if len(remaining) == 1:
        return next(iter(remaining))
    common = remaining & _COMMON
    return next(iter(common)) if len(common) == 1 else ""


def _feature(text: str, tokens: list[Token], index: int, token: Token, previous: Token | None) -> frozenset[str] | None:
    """The dialects that have what stands here, None where all have it."""
    kind, start, stop, word = token
    before = previous.word if previous is not None else ""
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    if kind == WORD:
        pair = _PAIRS.get((before, word))
        if pair is not None:
            return pair
        if before == ".":
            return None
        if word == "TOP" and before in ("SELECT", "DISTINCT") and index + 1 < len(tokens):
            return (
                words("tsql fabric snowflake redshift teradata")
                if tokens[index + 1].kind == NUMBER or following == "("
                else None
            )
        if word == "ENGINE" and following == "=":
            engine = tokens[index + 2].word if index + 2 < len(tokens) else ""
            return _CLICKHOUSE if engine not in ("INNODB", "MYISAM", "MEMORY", "ARCHIVE", "ARIA", "CSV") else _MYSQL
        if word == "FORMAT" and following in _FORMATS and index + 2 >= len(tokens):
            return _CLICKHOUSE
        if (
            word == "MAX"
            and before == "("
            and index > 1
            and tokens[index - 2].word in ("NVARCHAR", "VARCHAR", "VARBINARY")
        ):
            return _TSQL
        if word.startswith("PG_"):
            return _POSTGRES
        if word == "INSERT" and following == "OVERWRITE":
            return words("spark hive databricks")
        if word in _NEED_CALL and following != "(":
            return None
        return _WORDS.get(word)
    if kind == OPERATOR:
        if word == "[" and before in _AFTER_NAME and index + 2 < len(tokens):
            if tokens[index + 1].kind == WORD and tokens[index + 2].word == "]" and before not in ("(", ","):
                return words("tsql fabric sqlite")
        return _OPERATORS.get(word)
    if kind == QUOTED and text[start] == "`":
        return _BIGQUERY if "." in text[start:stop] and before in ("FROM", "JOIN") else _BACKTICKS
    if kind == STRING and text[start] == "$":
        return words("postgres snowflake clickhouse duckdb databricks materialize")
    if kind == PLACEHOLDER and text[start] == "{" and text[start : start + 2] != "{{":
        _, colon, typed = text[start + 1 : stop - 1].partition(":")
        if colon and typed[:1].isupper():
            return _CLICKHOUSE
    return None


_NEED_CALL = words(
    "TOSTRING TODATE TODATETIME ARGMAX ARGMIN SUMIF GROUPARRAY VARIANT PARSE_JSON CHARINDEX NEWID UNIXEPOCH "
    "JULIANDAY GETDATE TOUINT64 TOUINT32"
)


# Is it SQL?

_BEGINNINGS = words(
    "SELECT INSERT UPDATE DELETE WITH CREATE ALTER DROP TRUNCATE MERGE REPLACE GRANT REVOKE EXPLAIN VACUUM PRAGMA "
    "REINDEX"
)
_OBJECTS = words(
    "TABLE INDEX VIEW UNIQUE DATABASE SCHEMA FUNCTION PROCEDURE TRIGGER SEQUENCE TYPE EXTENSION ROLE USER POLICY "
    "TEMP TEMPORARY MATERIALIZED UNLOGGED COLUMN CONSTRAINT DOMAIN PUBLICATION SUBSCRIPTION"
)
_PROSE = words(
    "A AN THE YOUR MY OUR HIS HER ITS THEIR THIS THAT THESE THOSE EACH EVERY WHICH WHAT ONE SOME ANY MORE ANOTHER "
    "YOU WE THEM IT PLEASE BELOW ABOVE FOLLOWING NEW"
)
_CLAUSES = words("FROM WHERE JOIN SET INTO VALUES ORDER GROUP LIMIT RETURNING TABLE INDEX VIEW HAVING UNION AS")


def plausible(text: str) -> bool:
    """Whether a string has the shape of a statement and not that of prose; its grammar is not looked at.

    The first words must be those of a statement. Where nothing but words says so (`delete from
    favorites`), the keywords must be in upper case.
    """
    head = text[:400].lstrip("\ufeff \t\r\n(")[:12].split(None, 1)
    if not head or not (head[0].upper() in _BEGINNINGS or head[0].startswith(("--", "/*"))):
        return False
    tokens, faults = scan(text)
    if faults and faults[0].start == 0:
        return False
    while tokens and tokens[0].word == "(":
        tokens = tokens[1:]
    return _shaped(tokens, text) and _evident(tokens, text)


def _shaped(tokens: list[Token], text: str) -> bool:
    """Whether the tokens have the shape of a statement: its verb and the word that belongs to it."""
    if len(tokens) < 2 or tokens[0].kind != WORD:
        return False
    first, second = tokens[0].word, tokens[1].word
    named = {token.word for token in tokens if token.kind == WORD}
    if first == "SELECT":
        return second != "FROM" and ("FROM" in named or _constant_select(tokens))
    if first == "WITH":
        return (
            bool(named & {"SELECT", "INSERT", "UPDATE", "DELETE"}) and "AS" in named and "(" in {t.word for t in tokens}
        )
    if first in ("INSERT", "REPLACE"):
        return "INTO" in named and bool(named & {"VALUES", "SELECT", "SET", "DEFAULT", "VALUE"} or _holes(tokens))
    if first == "UPDATE":
        return ("SET" in named and "=" in {t.word for t in tokens}) or ("SET" in named and _holes(tokens))
    if first == "DELETE":
        return second == "FROM" and len(tokens) > 2
    if first in ("CREATE", "ALTER", "DROP"):
        return second in _OBJECTS or (
            second in ("OR", "GLOBAL", "LOCAL", "FOREIGN", "EXTERNAL", "CLUSTERED", "NONCLUSTERED")
        )
    if first == "TRUNCATE":
        return second == "TABLE" or (len(tokens) == 2 and text[tokens[0].start : tokens[0].stop].isupper())
    if first == "MERGE":
        return "INTO" in named and "USING" in named
    if first in ("GRANT", "REVOKE"):
        return bool(named & {"TO", "FROM"}) and "ON" in named
    if first == "EXPLAIN":
        return bool(named & {"SELECT", "INSERT", "UPDATE", "DELETE"})
    return text[tokens[0].start : tokens[0].stop].isupper()


def _constant_select(tokens: list[Token]) -> bool:
    """`SELECT 1`, `SELECT f(…)`, `SELECT @@x`: no FROM, but surely no prose."""
    return tokens[1].kind in (NUMBER, PLACEHOLDER, STRING) or (
        len(tokens) > 2 and tokens[2].word == "(" and tokens[-1].word in (")", ";")
    )


def _holes(tokens: list[Token]) -> bool:
    return any(token.kind in (PIECE, PLACEHOLDER) for token in tokens)


def _evident(tokens: list[Token], text: str) -> bool:
    """Whether more than plain words speaks for SQL."""
    verb = text[tokens[0].start : tokens[0].stop]
    clauses = [text[token.start : token.stop] for token in tokens if token.kind == WORD and token.word in _CLAUSES]
    if verb.isupper() and (not clauses or clauses[0].isupper()):
        return not _is_prose(tokens)
    signs = {token.word for token in tokens if token.kind == OPERATOR}
    # Holes stand in prose too (`Delete from {name}?`), but then a capital begins it.
    written = {PLACEHOLDER, PIECE, QUOTED} if verb.islower() else {QUOTED}
    evidence = bool(signs & {"=", "*", "<", ">", "<>", "!=", "<=", ">=", "::", "||"}) or any(
        token.kind in written or (token.kind == WORD and "_" in token.word) for token in tokens
    )
    if tokens[0].word == "SELECT" and tokens[1].kind == NUMBER and len(tokens) <= 3:
        return True
    if not evidence:
        evidence = any(
            token.word == "(" and tokens[index].stop == token.start for index, token in enumerate(tokens[1:])
        ) or bool({token.word for token in tokens} & {"WHERE", "JOIN", "LIMIT"})
    return evidence and not _is_prose(tokens)


def _is_prose(tokens: list[Token]) -> bool:
    """Whether an article or the like stands where a table or a column is due."""
    for before, token in pairwise(tokens):
        if (
            token.kind == WORD
            and token.word in _PROSE
            and before.word in ("FROM", "INTO", "UPDATE", "TABLE", "SELECT", "JOIN")
        ):
            return True
    return False
