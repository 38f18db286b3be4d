"""Whether a statement only asks: what a rule hands to people for their servers changes nothing there.

What is not known to be harmless is refused: functions that no list names, statements that sqlglot keeps as text,
comments (which MySQL may run), and several statements at once.
"""

from __future__ import annotations

import re

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from dblint.sql.shells import is_reading

_FUNCTIONS = frozenset(
    """
    age array_length array_position cardinality col_description current_setting current_database current_schema
    format_type has_table_privilege inet_server_addr left obj_description octet_length
    pg_blocking_pids pg_column_size pg_database_size pg_get_constraintdef pg_get_expr pg_get_indexdef pg_get_viewdef
    pg_get_serial_sequence pg_index_column_has_property pg_indexes_size pg_is_in_recovery pg_postmaster_start_time
    pg_relation_size pg_size_pretty pg_table_is_visible pg_table_size pg_total_relation_size
    pragma_foreign_key_list pragma_index_info pragma_index_list pragma_table_info pragma_table_list
    quote_ident regexp_like timediff to_regclass unnest
    """.split()
)
"""Functions without a class of sqlglot's own that read and do nothing else."""
_FIGURES = re.compile(r"INFO(?: \w+)?|SLOWLOG (?:GET(?: \d+)?|LEN)|LATENCY LATEST|DBSIZE")
"""Commands of Redis that give figures of the server; no database of tables knows them."""
_CHANGING = (
    exp.DML,
    exp.DDL,
    exp.Alter,
    exp.AlterColumn,
    exp.Analyze,
    exp.Attach,
    exp.Cache,
    exp.Command,
    exp.Commit,
    exp.Copy,
    exp.Detach,
    exp.Drop,
    exp.Grant,
    exp.Into,
    exp.Kill,
    exp.LoadData,
    exp.Lock,
    exp.Merge,
    exp.NextValueFor,
    exp.Parameter,
    exp.Pragma,
    exp.Predict,
    exp.PropertyEQ,
    exp.ReadCSV,
    exp.ReadParquet,
    exp.Rollback,
    exp.Set,
    exp.ToFile,
    exp.TruncateTable,
    exp.Use,
)
"""What changes rows, tables, locks, sequences, files or the session, wherever it stands."""
_EXPLAINED = re.compile(
    r"EXPLAIN\s+(?:\((?:\s*(?:ANALYZE|VERBOSE|BUFFERS|COSTS|SETTINGS|TIMING|SUMMARY|WAL|FORMAT\s+\w+)"
    r"(?:\s+(?:ON|OFF|TRUE|FALSE))?\s*,?)+\)|(?:ANALYZE|VERBOSE|EXTENDED|QUERY\s+PLAN|FORMAT\s*=\s*\w+|\s)*)",
    re.IGNORECASE,
)
_ANALYZED = re.compile(r"ANALYZE\s+(?:FORMAT\s*=\s*\w+\s+)?(?=(?:SELECT|WITH)\b)", re.IGNORECASE)
_SHOWN = re.compile(r"SHOW(?:\s+(?:[\w.]+|[`\"][\w ]+[`\"]|'[^'\\]*'|=))+", re.IGNORECASE)
_PRAGMA = re.compile(r"PRAGMA\s+(?:\w+\.)?(\w+)(?:\s*\(\s*['\"]?[\w$]+['\"]?\s*\))?", re.IGNORECASE)
_SETTINGS = re.compile(r"PRAGMA\s+(?:\w+\.)?(\w+)", re.IGNORECASE)
_ASKS = frozenset(
    """
    foreign_key_check foreign_key_list index_info index_list index_xinfo integrity_check quick_check table_info
    table_list table_xinfo
    """.split()
)
"""Pragmas that only ask, whatever they are given."""
_TELLS = frozenset(
    """
    application_id auto_vacuum busy_timeout cache_size collation_list compile_options database_list encoding
    foreign_keys freelist_count function_list journal_mode journal_size_limit locking_mode mmap_size page_count
    page_size read_uncommitted synchronous temp_store user_version
    """.split()
)
"""Pragmas that tell a setting where they are given nothing."""
_DIALECTS = ("postgres", "mysql", "sqlite")


def complaint(statement: str) -> str:
    """Why a statement is not known to only ask; "" where it is."""
    text = statement.strip()
    if text.endswith(";"):
        text = text[:-1].rstrip()
    if not text:
        return "it is empty"
    shell = text.startswith("db.")
    if "\\" in text or ("$" in text and not shell):
        return "it holds a sign that databases read in different ways"  # what is a string to one is code to another
    if shell:
        return "" if is_reading(text) else "it is no call of the shell that is known to only read"
    if _FIGURES.fullmatch(text):
        return ""
    word = re.split(r"[\s(]", text, maxsplit=1)[0].upper()
    if word == "SHOW":
        return "" if _SHOWN.fullmatch(text) else "it is more than a SHOW"
    if word == "PRAGMA":
        return _pragma(text)
    for opening in (_EXPLAINED, _ANALYZED):
        match = opening.match(text)
        if match is not None:
            return _query(text[match.end() :], f"what stands behind {word} ")
    return _query(text, "it ")


def _pragma(text: str) -> str:
    given, bare = _PRAGMA.fullmatch(text), _SETTINGS.fullmatch(text)
    asks = given is not None and given[1].lower() in _ASKS
    tells = bare is not None and bare[1].lower() in _TELLS
    return "" if asks or tells else "it is no PRAGMA that is known to only ask"


def _query(text: str, subject: str) -> str:
    """Why a text is no SELECT; it is one if any of the dialects reads it whole as one, and none sees more in it."""
    faults: list[str] = []
    read = False
    for dialect in _DIALECTS:
        try:
            tokens = sqlglot.tokenize(text, read=dialect)
            trees = sqlglot.parse(text, read=dialect)
        except (SqlglotError, RecursionError):
            continue
        read = True
        if any(token.comments for token in tokens) or any(sign in _unquoted(text) for sign in ("--", "/*", "#")):
            faults.append("holds a comment")
        elif len(trees) != 1 or ";" in _unquoted(text):
            faults.append("is more than one statement")
        else:
            faults += _faults(trees[0])
    if not read:
        return f"{subject}cannot be read"
    return f"{subject}{faults[0]}" if faults else ""


def _unquoted(text: str) -> str:
    """The text without its strings and quoted names."""
    return re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`", " ", text)


def _faults(tree: exp.Expr | None) -> list[str]:
    if not isinstance(tree, exp.Select | exp.SetOperation):
        return ["is no SELECT"]
    for node in tree.walk():
        if isinstance(node, _CHANGING):
            return [f"holds {type(node).__name__.upper()}"]
        if isinstance(node, exp.Anonymous) and node.name.lower() not in _FUNCTIONS:
            return [f"calls {node.name}, which is not known to only read"]
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
            return ["calls a function of a schema"]
    return []
