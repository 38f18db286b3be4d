"""SQL that a procedure puts together and executes, and what statements that cannot be read can do to tables."""

from __future__ import annotations

from collections.abc import Sequence

from dblint.sql.prepared import PREFIX
from dblint.sql.tokens import OPERATOR, QUOTED, STRING, WORD, Token, scan, unquote, unstring, words

__all__ = ["UNKNOWN", "executed", "parts", "touched"]

UNKNOWN = f"{PREFIX}0__"
"""Stands in a text for what is not known, as a name that is none."""
_QUOTING = words("QUOTE_IDENT QUOTE_LITERAL QUOTE_NULLABLE")
_HARMLESS = words(
    "TRUNCATE INSERT UPDATE DELETE SELECT WITH MERGE COMMENT GRANT REVOKE REINDEX REFRESH LOCK COPY SET RESET ANALYZE "
    "VACUUM NOTIFY EXPLAIN CLUSTER SECURITY"
)
"""First words of statements that change rows, rights, comments and settings, but no table, key or index."""
_OF_TABLES = words("TABLE INDEX VIEW MATERIALIZED FOREIGN SCHEMA DATABASE OWNED")
_OF_COLUMNS = words("TYPE DOMAIN EXTENSION")
"""Objects that take columns along where they are dropped with CASCADE."""


def executed(text: str, dialect: str) -> str:
    """The text that `EXECUTE <text>` runs, where a part that is not constant is `UNKNOWN`."""
    tokens, _ = scan(text, dialect)
    depth = 0
    stop = len(tokens)
    for index, token in enumerate(tokens):
        depth += (token.word == "(") - (token.word == ")")
        if not depth and token.kind == WORD and token.word in ("USING", "INTO"):
            stop = index
            break
    return _value(text, tokens[:stop])


def _value(text: str, tokens: Sequence[Token]) -> str:
    """What an expression of texts gives."""
    return "".join(_operand(text, operand) for operand in _split(tokens, "||"))


def _operand(text: str, tokens: Sequence[Token]) -> str:
    if tokens and all(token.kind == STRING for token in tokens):
        return "".join(_constant(text[token.start : token.stop]) for token in tokens)
    if len(tokens) > 2 and tokens[1].word == "(" and tokens[-1].word == ")":
        arguments = _split(tokens[2:-1], ",")
        if tokens[0].word in _QUOTING and len(arguments) == 1:
            value = _operand(text, arguments[0])
            return value if tokens[0].word == "QUOTE_IDENT" and value.isidentifier() else UNKNOWN
        if tokens[0].word == "FORMAT" and arguments:
            return _formatted(_value(text, arguments[0]), [_value(text, each) for each in arguments[1:]])
    return UNKNOWN


def _constant(written: str) -> str:
    return UNKNOWN if written[:1] in "eE" and "\\" in written else unstring(written)


def _split(tokens: Sequence[Token], sign: str) -> list[Sequence[Token]]:
    """The parts between the signs of this level."""
    found: list[Sequence[Token]] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        depth += (token.word in ("(", "[")) - (token.word in (")", "]"))
        if not depth and token.kind == OPERATOR and token.word == sign:
            found.append(tokens[start:index])
            start = index + 1
    return [*found, tokens[start:]] if tokens else []


def _formatted(pattern: str, values: Sequence[str]) -> str:
    """PostgreSQL's `format`: `%I`, `%L`, `%s`, `%1$s`, `%%`; a width is not read."""
    pieces = pattern.split("%")
    found = [pieces[0]]
    following = 0
    position = 1
    while position < len(pieces):
        piece = pieces[position]
        if not piece and position + 1 < len(pieces):
            found.append(f"%{pieces[position + 1]}")
            position += 2
            continue
        number, dollar, rest = piece.partition("$")
        if dollar and number.isdecimal() and len(number) < 4:
            following, piece = int(number) - 1, rest
        value = values[following] if 0 <= following < len(values) else UNKNOWN
        following += 1
        kind, rest = piece[:1], piece[1:]
        if UNKNOWN in value or kind not in ("I", "L", "s"):
            found += [UNKNOWN, rest]
        elif kind == "s":
            found += [value, rest]
        else:
            quote = '"' if kind == "I" else "'"
            found += [quote, value.replace(quote, quote * 2), quote, rest]
        position += 1
    return "".join(found)


def parts(text: str, dialect: str) -> list[str]:
    """The statements of a text, a routine's body in quotes among them."""
    tokens, _ = scan(text, dialect)
    found: list[str] = []
    start = 0
    for token in tokens:
        if token.word == ";" and token.kind == OPERATOR:
            found.append(text[start : token.start].strip())
            start = token.stop
    found.append(text[start:].strip())
    return [each for each in found if each]


def touched(text: str, dialect: str) -> tuple[str, str] | None:
    """Schema and name of the one table that a statement which cannot be read may change, as its first words say; no
    name where it changes none, None where it may change any."""
    tokens, _ = scan(text, dialect)
    spelled = [token.word for token in tokens]
    if not tokens or tokens[0].kind != WORD:
        return None
    verb = spelled[0]
    kind = next((word for word in spelled[1:4] if word in _OF_TABLES), "")
    if verb in _HARMLESS:
        return "", ""
    if verb == "CREATE" and "INDEX" in spelled[1:3]:
        at = spelled.index("ON") + 1 if "ON" in spelled else len(tokens)
        return _table(text, tokens[at:])
    if verb == "CREATE":  # what is new changes nothing that is there
        return ("", "") if len(tokens) > 1 and not _unknown(text, tokens[1]) else None
    if verb == "ALTER" and spelled[1:2] == ["TABLE"]:
        return _table(text, tokens[2:])
    if verb == "DROP" and spelled[1:2] == ["TABLE"] and "," not in spelled:
        return _table(text, tokens[2:])
    if verb not in ("ALTER", "DROP") or kind or len(tokens) < 2 or _unknown(text, tokens[1]):
        return None
    taken = verb == "DROP" and spelled[1] in _OF_COLUMNS and ("CASCADE" in spelled or UNKNOWN in text)
    return None if taken else ("", "")


def _table(text: str, tokens: Sequence[Token]) -> tuple[str, str] | None:
    """The name that the tokens begin with."""
    index = 0
    while index < len(tokens) and tokens[index].word in ("IF", "EXISTS", "ONLY"):
        index += 1
    names: list[str] = []
    while index < len(tokens) and tokens[index].kind in (WORD, QUOTED):
        if _unknown(text, tokens[index]):
            return None
        names.append(unquote(text[tokens[index].start : tokens[index].stop]))
        if index + 1 >= len(tokens) or tokens[index + 1].word != ".":
            break
        index += 2
    return (names[-2] if len(names) > 1 else "", names[-1]) if names else None


def _unknown(text: str, token: Token) -> bool:
    return PREFIX in text[token.start : token.stop]
