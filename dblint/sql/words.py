"""Words that the standard lets a column or a table be called, and that sqlglot takes for keywords."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

__all__ = ["as_names", "unquoted"]

_RESERVING = frozenset({"mysql", "singlestore", "doris", "starrocks", "tsql", "fabric", "oracle"})
"""Dialects in which these words are reserved."""
_CALLED = frozenset({"CUBE", "ROLLUP", "IF"})
"""Words that are something else in front of a parenthesis."""
_BEGINNING = frozenset({"ALTER", "DROP", "REVOKE", "ROLLBACK"})
"""Words that are keywords where a statement begins with them."""
_INSERTED = frozenset({"INTO", "OVERWRITE", "OR", "IGNORE"})


def as_names(tokens: Sequence[Token], dialect: str) -> bool:
    """Makes names of the words that are none of the statement's keywords where they stand; False for no such word."""
    if dialect in _RESERVING:
        return False
    found = False
    for index, token in enumerate(tokens):
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        before = tokens[index - 1].text.upper() if index else ""
        following = tokens[index + 1].text.upper() if index + 1 < len(tokens) else ""
        if _is_name(token.text.upper(), before, following):
            token.token_type = TokenType.IDENTIFIER
            found = True
    return found


def _is_name(word: str, before: str, following: str) -> bool:
    if word == "LOCK":
        return following != "IN"
    if word in _CALLED:
        return following != "("
    if word in _BEGINNING:
        return before != ""
    if word == "INSERT":
        return before not in ("", "THEN") and following not in _INSERTED
    return word == "RECURSIVE" and before == "WITH" and following == "AS"


def unquoted(node: exp.Expr, sql: str) -> exp.Expr:
    """The tree, in which the names that were made of words are written as they stand."""
    for name in node.find_all(exp.Identifier):
        start = name.meta.get("start")
        if name.args.get("quoted") and start is not None and sql[start].isalpha():
            name.set("quoted", False)
    return node
