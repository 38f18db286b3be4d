"""Writes a prepared statement, once it is decided what each placeholder becomes."""

from __future__ import annotations

from dblint.sql.lists import Cut
from dblint.sql.prepared import EVERY, Fragment, Prepared
from dblint.sql.tokens import NUMBER, OPERATOR, PIECE, PLACEHOLDER, QUOTED, STRING, WORD, Token

__all__ = ["depth_of", "open_clauses", "write"]

_CLAUSES = {
    "SELECT": 0,
    "FROM": 1,
    "JOIN": 1,
    "INTO": 1,
    "UPDATE": 1,
    "SET": 2,
    "VALUES": 2,
    "WHERE": 3,
    "GROUP": 4,
    "HAVING": 5,
    "ORDER": 6,
    "LIMIT": 7,
    "FETCH": 7,
    "OFFSET": 8,
    "FOR": 9,
    "RETURNING": 10,
}


_SQUARE = 8
"""Nested square brackets that are read. sqlglot's time doubles with each."""
_TOO_DEEP = 1 << 20


def depth_of(tokens: list[Token]) -> int:
    """How deep parentheses, CASE, prefix operators and subscripts of subscripts nest."""
    depth = deepest = prefix = suffix = square = 0
    before = ""
    for _, _, _, word in tokens:
        if word in ("(", "[", "CASE"):
            depth += 1
            if word == "[":
                suffix = suffix + 1 if before == "]" else 0
                square += 1
                if square > _SQUARE:
                    deepest = _TOO_DEEP
            deepest = max(deepest, depth + suffix)
        elif word in (")", "]", "END"):
            depth -= 1
            square -= word == "]"
        if word in ("NOT", "-", "+", "~"):
            prefix += 1
            deepest = max(deepest, depth + prefix)
        else:
            prefix = 0
        before = word
    return deepest


def write(result: Prepared, found: list[Token], replaced: list[str | None], cuts: dict[int, Cut]) -> None:
    """Writes `sql`, its tokens, and the map back."""
    text = result.raw.text
    out: list[str] = []
    length = 0
    copies: list[tuple[int, int]] = []
    tokens = result.tokens
    last = 0
    shift = 0  # position in sql minus position in raw
    clean = text.isascii()
    operators: dict[int, str] = {}
    for token, replacement in zip(found, replaced, strict=True):
        kind, start, stop, word = token
        gap = text[last:start]
        if gap and gap != " ":
            cut = cuts.get(last)
            if cut is not None:
                result.cuts.append((length, cut.size))
                gap = gap[cut.stop - cut.start :]
                copies.append((length, cut.stop))
                shift = length - cut.stop
            if not clean or not gap.isspace() or "\f" in gap or "\v" in gap:
                gap = "".join(sign if sign in "\r\n" else " " for sign in gap)
        out.append(gap)
        length += len(gap)
        if replacement is None:
            piece = text[start:stop]
            if length - start != shift:
                shift = length - start
                copies.append((length, start))
            _append(tokens, token if not shift else Token(kind, length, length + stop - start, word), piece)
            out.append(piece)
            length += stop - start
        else:
            if replacement == "=" and kind in (PIECE, PLACEHOLDER):
                operators[length] = ""
            elif kind == OPERATOR and replacement in ("=", "-"):
                operators[length] = word
            copies.append((length, start))
            out.append(replacement)
            _add_tokens(result.tokens, token, replacement, length)
            length += len(replacement)
            copies.append((length, stop))
            shift = length - stop
        last = stop
    cut = cuts.get(last)
    if cut is not None:
        result.cuts.append((length, cut.size))
    result.operators = operators
    result.copies = copies
    result.sql = "".join(out)
    _find_repeats(result)


def _append(tokens: list[Token], token: Token, text: str) -> None:
    """Adds a token; words that touch, as only a marker and a word do, are one word."""
    last = tokens[-1] if tokens else None
    joins = token.kind == WORD or (token.kind == NUMBER and text.isdigit())
    if joins and last is not None and last.stop == token.start and last.kind == WORD:
        tokens[-1] = Token(WORD, last.start, token.stop, last.word + text.upper())
    else:
        tokens.append(token)


def _add_tokens(tokens: list[Token], token: Token, replacement: str, position: int) -> None:
    """The tokens of a replacement."""
    if not replacement:
        return
    if token.kind in (STRING, QUOTED):
        tokens.append(Token(token.kind, position, position + len(replacement), ""))
        return
    for word in replacement.split(" "):
        kind = STRING if word.startswith("'") else WORD if word[0].isalpha() else OPERATOR
        value = "" if kind == STRING else word.upper()
        _append(tokens, Token(kind, position, position + len(word), value), word)
        position += len(word) + 1


def _find_repeats(result: Prepared) -> None:
    """The spans in sql of what stands any number of times."""
    spans: dict[int, tuple[int, int]] = {}
    position = 0
    for leaf in result.raw.leaves:
        size = len(leaf.piece.text) if hasattr(leaf.piece, "text") else 1
        for number in leaf.repeats:
            start = spans[number][0] if number in spans else position
            spans[number] = (start, position + size)
        position += size
    if not spans:
        return
    raw = [result.back(token.start) for token in result.tokens]
    for start, stop in spans.values():
        inside = [t for t, at in zip(result.tokens, raw, strict=True) if start <= at < stop]
        if inside:
            result.repeats.append((inside[0].start, inside[-1].stop))


def open_clauses(result: Prepared, found: list[Token], starts: list[int]) -> None:
    """For each fragment, the clauses that may begin where it stood."""
    clauses: list[tuple[int, int, str]] = []  # raw position, depth, word
    levels: dict[int, int] = {}
    depth = 0
    for token in found:
        if token.kind == OPERATOR:
            if token.word == "(":
                depth += 1
            elif token.word == ")":
                depth -= 1
        elif token.kind == WORD:
            if token.word in _CLAUSES:
                clauses.append((token.start, depth, token.word))
        elif token.kind == PIECE or token.kind == PLACEHOLDER:
            levels[token.start] = depth
    fragments: list[Fragment] = []
    for fragment in result.fragments:
        start = starts[fragment.marker]
        level = levels.get(start, 0)
        before = [word for at, depth, word in clauses if depth == level and at < start]
        after = [word for at, depth, word in clauses if depth == level and at > start]
        # In front of the statement there is room for EXPLAIN, a comment or CTEs, but for no clause.
        first = _CLAUSES[before[-1]] if before else len(EVERY)
        last = _CLAUSES[after[0]] if after else len(EVERY)
        fragments.append(Fragment(fragment.marker, EVERY[first : max(last, first + 1)], nested=level > 0))
    result.fragments = fragments
