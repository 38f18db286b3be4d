"""An assembled text to one SQL string that a parser can read, with the way back to the source.

What stands for a value or is interpolated becomes an identifier `dblint__N__`: an identifier parses as
a value, a column, a table, a condition and as part of a longer name. Which of these it is, is decided by
the tokens around:

- a bound value (`Parameter`, `%s`, `%(name)s`, `:name`, `$1`, `?`, `@p`, `{x:Type}`) is a value;
- a hole (`Hole`, `{name}`, `{0}`, `${x}`, `{{ x }}`) where an operand is due stands for that operand;
  glued to a word it is part of that name, inside a string part of that string;
- a hole where a query is due (`UNION {q}`, `EXISTS ({q})`, `AS {q}`) becomes `SELECT dblint__N__`;
- a hole between two operands of a condition stands for an operator, which is then unknown;
- any other hole is a fragment: it is left out, and every clause that could begin there is open
  (`Fragment`), because the fragment may hold it.

Comments become blanks of the same length, `%%` becomes `%`, Jinja blocks (`{% if %}`) and Go template
blocks are read like `Optional` pieces, and long VALUES and IN lists are shortened (`lists`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from dblint.facts.text import Hole, Origin, Parameter, Place, Text
from dblint.sql.dialects import normal
from dblint.sql.lists import Cut, cuts
from dblint.sql.pieces import Leaf, Raw, leaves
from dblint.sql.tokens import (
    BOUND,
    COMMENT,
    HOLE,
    NUMBER,
    OPERATOR,
    PIECE,
    PLACEHOLDER,
    QUOTED,
    STRING,
    TEMPLATE,
    WORD,
    LexicalFault,
    Scanner,
    Token,
    words,
)

__all__ = ["Fragment", "Marker", "Prepared", "prepare", "prepare_raw"]

PREFIX = "dblint__"
MAXIMUM_TOKENS = 60_000
"""A statement with more tokens than this, after long lists were shortened, is not parsed."""


class Marker(NamedTuple):
    """What an identifier `dblint__N__` stands for.

    `style`: bound (a `Parameter`), hole, percent, named-percent, colon, dollar, question,
    identifier-question, at, brace, template. `text` is as written. `quoted`: it stands in a string or a
    quoted identifier.
    """

    style: str
    text: str
    origin: Origin = Origin.UNKNOWN
    place: Place | None = None
    words: tuple[str, ...] = ()
    quoted: bool = False

    @property
    def value(self) -> bool:
        """Whether the statement's text cannot be changed by it."""
        return self.style not in ("hole", "brace", "template", "identifier-question")


class Fragment(NamedTuple):
    """A hole that was left out: the clauses that may stand in it, by the names of `Query`'s fields, and
    whether it stands inside parentheses."""

    marker: int
    clauses: tuple[str, ...]
    nested: bool


@dataclass(slots=True)
class Prepared:
    """A statement as the parser is given it. Positions are characters of `sql`."""

    sql: str
    raw: Raw
    dialect: str
    tokens: list[Token] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    fragments: list[Fragment] = field(default_factory=list)
    operators: list[int] = field(default_factory=list)  # where an unknown operator stands
    copies: list[tuple[int, int]] = field(default_factory=list)  # (position in sql, position in raw)
    repeats: list[tuple[int, int]] = field(default_factory=list)  # spans in sql that stand any number of times
    cuts: list[tuple[int, int]] = field(default_factory=list)  # (position in sql, the list's whole length)
    faults: list[LexicalFault] = field(default_factory=list)
    depth: int = 0
    open: bool = False
    conditional: bool = False  # has template blocks, which variant "none" leaves out
    alternatives: bool = False  # some hole could be read in another way

    def back(self, position: int) -> int:
        """The position in the raw text."""
        index = bisect_right(self.copies, (position, 1 << 60)) - 1
        if index < 0:
            return position
        in_sql, in_raw = self.copies[index]
        following = self.copies[index + 1][1] if index + 1 < len(self.copies) else len(self.raw.text)
        return min(in_raw + position - in_sql, following)

    def place(self, start: int, stop: int) -> Place | None:
        """Where a part of the statement stands in the source."""
        return self.raw.place(self.back(start), self.back(stop))

    def show(self, start: int, stop: int) -> str:
        """A part of the statement as written, for people."""
        return self.raw.show(self.back(start), self.back(stop))

    @property
    def whole(self) -> Place | None:
        """Where the statement stands."""
        if not self.tokens:
            return self.raw.place(0, len(self.raw.text)) if self.raw.text else None
        return self.place(self.tokens[0].start, self.tokens[-1].stop)

    @property
    def shown(self) -> str:
        """The statement as written, for people."""
        return self.show(self.tokens[0].start, self.tokens[-1].stop) if self.tokens else ""


def prepare(text: Text, variant: str | int = "all", dialect: str = "") -> Prepared:
    """One variant of a text: with "all" of its optional pieces, with "none", or only with those of one
    Optional, by number in order from 1."""
    parts, _ = leaves(text)
    return prepare_raw(Raw(chosen(parts, variant), open_=text.open), variant, dialect)


def chosen(parts: list[Leaf], variant: str | int) -> list[Leaf]:
    """The leaves that stand in a variant."""
    if variant == "all":
        return parts
    if variant == "none":
        return [leaf for leaf in parts if not leaf.optionals]
    return [leaf for leaf in parts if all(number == variant for number in leaf.optionals)]


def prepare_raw(raw: Raw, variant: str | int = "all", dialect: str = "", *, markers_only: bool = False) -> Prepared:
    """Like `prepare`, for leaves that were chosen already. `markers_only`: no hole is left out."""
    return _Preparation(raw, normal(dialect), blocks=variant == "all", markers_only=markers_only).run()


_DUE = words(
    "SELECT DISTINCT ALL FROM JOIN WHERE AND OR NOT ON BY HAVING SET VALUES VALUE INTO UPDATE TABLE IN LIKE ILIKE RLIKE "
    "REGEXP BETWEEN IS AS CASE WHEN THEN ELSE LIMIT OFFSET RETURNING USING EXISTS INTERVAL TOP LATERAL WITH COLUMN INDEX "
    "CONSTRAINT REFERENCES KEY ONLY TO RENAME ADD DROP ALTER DEFAULT TYPE OF DELETE ESCAPE FETCH FIRST NEXT SCHEMA VIEW "
    "CALL EXEC EXECUTE SAVEPOINT ROLE INSERT UNION EXCEPT INTERSECT EXPLAIN ANALYZE DATE TIMESTAMP TIME ANY SOME IGNORE "
    "QUALIFY PREWHERE DATABASE EXTENSION FUNCTION TRIGGER SEQUENCE PROCEDURE USER GRANT REVOKE UNIQUE CHECK IF TRUNCATE "
    "RECURSIVE CONCURRENTLY FORMAT SIMILAR ILIKE MATCH GLOB DIV MOD XOR ROWS RANGE PRECEDING LOCAL SESSION GLOBAL DESCRIBE "
    "COLLATE ZONE CONFLICT PARTITION OVER FILTER WITHIN COPY CROSS INNER LEFT RIGHT OUTER FULL NATURAL SHOW USE PRAGMA"
)
"""Words after which an operand is due."""
_FOLLOWING = words(
    "FROM WHERE GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT RETURNING ON JOIN INNER LEFT RIGHT FULL CROSS SET "
    "VALUES AND OR AS IN IS NOT LIKE ILIKE BETWEEN THEN ELSE END WHEN ASC DESC NULLS FOR FETCH USING WINDOW QUALIFY INTO "
    "DEFAULT COLLATE SELECT REGEXP RLIKE WITH NATURAL OVER ESCAPE STRAIGHT_JOIN DO CONFLICT PREWHERE"
)
"""Words that cannot begin an operand."""
_LITERALS = words("INTERVAL DATE TIMESTAMP TIME")
_OPERAND_ONLY = words("SELECT WHERE AND OR NOT ON HAVING BY WHEN DISTINCT")
_DIRECTIONS = words("ASC DESC ALL DISTINCT FIRST LAST NULLS")
_TAILS = words("WHERE ORDER GROUP LIMIT HAVING JOIN LEFT INNER OFFSET FETCH")
_QUERY_DUE = words("UNION EXCEPT INTERSECT EXPLAIN ANALYZE MINUS")
_IN_PARENTHESES = words("EXISTS AS FROM JOIN LATERAL MATERIALIZED")
_VALUE_CONTEXT = words("WHERE AND OR ON HAVING WHEN NOT")
_FEEDS = words("VALUES VALUE SELECT SET DEFAULT")
_NATIVE_VARIABLES = words("mysql tsql fabric singlestore bigquery snowflake")
_OPENERS = words("if for range with block macro filter call raw unless each ifequal ifnotequal snapshot test")
_CLOSERS = words("endif endfor end endmacro endfilter endcall endraw endset endsnapshot endtest")


class _Preparation:
    """One pass over a raw text."""

    def __init__(self, raw: Raw, dialect: str, *, blocks: bool, markers_only: bool) -> None:
        self.raw = raw
        self.text = raw.text
        self.dialect = dialect
        self.blocks = blocks
        self.markers_only = markers_only
        self.result = Prepared("", raw, dialect, open=raw.open)
        self.tokens: list[Token] = []
        self.cut: list[Cut] = []
        self.cut_starts: dict[int, Cut] = {}
        self.inserts = self.updates = False
        self.at = 0  # the token that is being decided
        self.starts: list[int] = []  # of the tokens of the markers

    def run(self) -> Prepared:
        """Reads, decides and writes."""
        self.scan()
        result = self.result
        if len(self.tokens) <= MAXIMUM_TOKENS:
            self.decide()
        else:
            self.write([None] * len(self.tokens))
        result.depth = _depth(result.tokens)
        if result.fragments:
            self.open_clauses()
        return result

    def scan(self) -> None:
        """Tokens without comments, cut lists and template blocks."""
        scanner = Scanner(self.text, self.dialect)
        self.cut = cuts(self.text, self.dialect)
        pending = list(reversed(self.cut))
        tokens: list[Token] = []
        templates = False
        step = scanner.next
        while True:
            if pending and scanner.position >= pending[-1].start:
                scanner.position = max(scanner.position, pending.pop().stop)
            token = step()
            if token is None:
                break
            if token.kind == COMMENT:
                continue
            if token.kind == TEMPLATE or (token.kind == PLACEHOLDER and self.text.startswith("{{", token.start)):
                templates = True
            tokens.append(token)
        while tokens and tokens[-1].word == ";":
            tokens.pop()
        if templates:
            tokens = self.without_blocks(tokens)
        self.cut_starts = {cut.start: cut for cut in self.cut}
        self.result.faults = scanner.faults
        self.tokens = tokens

    def without_blocks(self, tokens: list[Token]) -> list[Token]:
        """Takes template tags out, and with them the branches that do not stand in this variant."""
        kept: list[Token] = []
        stack: list[bool] = []
        hidden = 0
        for token in tokens:
            tag = self.tag(token)
            if not tag:
                if not hidden:
                    kept.append(token)
                continue
            if tag in _OPENERS:
                conditional = tag in ("if", "unless", "with", "ifequal", "ifnotequal")
                self.result.conditional = self.result.conditional or conditional
                hides = conditional and not self.blocks
                stack.append(hides)
                hidden += hides
            elif tag in _CLOSERS:
                if stack:
                    hidden -= stack.pop()
            elif tag in ("else", "elif", "elsif") and stack and not stack[-1]:
                stack[-1] = True
                hidden += 1
        return kept

    def tag(self, token: Token) -> str:
        """The word of a template tag, "" for everything that is none."""
        if token.kind == TEMPLATE:
            inner = self.text[token.start + 2 : token.stop - 2].strip("-+~ \t\r\n")
            return inner.split(None, 1)[0].split("(")[0] if inner and self.text[token.start + 1] == "%" else "comment"
        if token.kind == PLACEHOLDER and self.text.startswith("{{", token.start):
            inner = self.text[token.start + 2 : token.stop - 2].strip("- \t\r\n")
            if inner.startswith("/*"):
                return "comment"
            word = inner.lstrip("#^").split(None, 1)[0] if inner.strip("#^") else ""
            if inner.startswith("/"):
                return "end"
            if word in ("if", "range", "with", "block", "end", "else", "unless", "each", "define", "template"):
                return word if len(inner) == len(word) or not inner[len(word)].isalnum() else ""
        return ""

    def decide(self) -> None:
        """What each placeholder becomes; then the text is written."""
        tokens = self.tokens
        replaced: list[str | None] = [None] * len(tokens)
        marked = HOLE in self.text or BOUND in self.text
        if tokens and tokens[0].kind == WORD:
            head = {token.word for token in tokens[:400] if token.kind == WORD}
            self.inserts = tokens[0].word in ("INSERT", "REPLACE") and not head & _FEEDS
            self.updates = tokens[0].word == "UPDATE" and "SET" not in head
        for index, token in enumerate(tokens):
            kind = token.kind
            self.at = token.start
            if kind == PLACEHOLDER or kind == PIECE:
                replaced[index] = self.replace(index, token)
            elif kind == OPERATOR:
                if token.word == "%%":
                    replaced[index] = "%"
            elif marked and (kind == STRING or kind == QUOTED):
                text = self.text[token.start : token.stop]
                if HOLE in text or BOUND in text:
                    replaced[index] = self.inside(token, text)
        self.write(replaced)

    def inside(self, token: Token, text: str) -> str:
        """Pieces inside a string or a quoted identifier become part of it."""
        parts: list[str] = []
        for offset, sign in enumerate(text):
            if sign in (HOLE, BOUND):
                parts.append(self.mark(self.piece(token.start + offset, quoted=True)))
            else:
                parts.append(sign)
        return "".join(parts)

    def piece(self, position: int, *, quoted: bool = False) -> Marker:
        """The marker of a Hole or Parameter."""
        atom = self.raw.atom(position)
        if isinstance(atom, Hole):
            return Marker("hole", "{" + atom.source + "}", atom.origin, atom.place, atom.words, quoted)
        if isinstance(atom, Parameter):
            return Marker("bound", f":{atom.name}" if atom.name.isidentifier() else "?", atom.origin, quoted=quoted)
        return Marker("hole", "?", quoted=quoted)

    def mark(self, marker: Marker) -> str:
        """The identifier for a new marker."""
        self.result.markers.append(marker)
        self.starts.append(self.at)
        return f"{PREFIX}{len(self.result.markers) - 1}__"

    def replace(self, index: int, token: Token) -> str | None:
        """What a placeholder becomes: an identifier, "" when it is left out, None when it stays."""
        tokens = self.tokens
        text = self.text[token.start : token.stop]
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind == PIECE:
            marker = self.piece(token.start)
        else:
            style = self.style(text)
            if style == "at" and (self.dialect in _NATIVE_VARIABLES or self.ends_operand(index - 1)):
                return None
            if text in ("?", "??") and self.ends_operand(index - 1) and self.begins_operand(after):
                return "?"
            marker = Marker(style, text, place=self.raw.place(token.start, token.stop))
        name = self.mark(marker)
        if before is not None and before.kind == WORD and before.word in _LITERALS and self.before(index, 2) != ".":
            return f"'{name}'"
        if marker.value or self.markers_only or (before is not None and before.word == "."):
            return name
        if before is not None and before.stop == token.start and before.kind in (WORD, PIECE, PLACEHOLDER):
            return name
        if after is not None and after.start == token.stop and after.kind in (WORD, NUMBER):
            return name
        return self.hole(index, name, before, after)

    def before(self, index: int, steps: int) -> str:
        """The word of an earlier token, "" where there is none."""
        return self.tokens[index - steps].word if index >= steps else ""

    def hole(self, index: int, name: str, before: Token | None, after: Token | None) -> str:
        """What an interpolated value stands for, by its neighbours."""
        result = self.result
        result.alternatives = True
        marker = len(result.markers) - 1
        if before is None:
            if after is None or (after.kind == WORD and (after.word == "FROM" or after.word in _QUERY_DUE)):
                return f"SELECT {name}"
            if after.kind == WORD and after.word in _TAILS:
                return f"SELECT {name} FROM {name}"
            return self.leave_out(marker)
        word = before.word if before.kind == WORD else ""
        earlier = self.before(index, 2)
        if word in _QUERY_DUE or (word == "ALL" and earlier in _QUERY_DUE):
            return f"SELECT {name}"
        if word == "AS" and self.tokens[0].word == "CREATE":
            return f"SELECT {name}"
        if before.word == "(" and earlier in _IN_PARENTHESES and after is not None and after.word == ")":
            return f"SELECT {name}"
        if self.ends_operand(index - 1):
            if self.inserts and before.word == ")" and (after is None or after.word in ("ON", "RETURNING")):
                return f"SELECT {name}"
            if self.updates and (after is None or after.word in ("WHERE", "FROM", "RETURNING")):
                return f"SET {name}"
            if after is not None and after.kind in (STRING, NUMBER, PIECE, PLACEHOLDER) and self.compares(index):
                result.operators.append(marker)
                return "="
            return self.leave_out(marker)
        if word in _OPERAND_ONLY and after is not None and after.start > self.tokens[index].stop:
            if after.kind in (QUOTED, NUMBER, STRING) or (after.kind == WORD and after.word not in _FOLLOWING):
                return self.leave_out(marker)
        return name

    def leave_out(self, marker: int) -> str:
        """A fragment. Where all its words are known to be directions, nothing can hide in it."""
        known = self.result.markers[marker].words
        if not known or any(set(word.upper().split()) - _DIRECTIONS for word in known):
            self.result.fragments.append(Fragment(marker, (), nested=False))
        return ""

    def style(self, text: str) -> str:
        """The way a placeholder is written."""
        first = text[0]
        if first == "%":
            return "percent" if text[1] != "(" else "named-percent"
        if first == ":":
            return "colon"
        if first == "?":
            return "identifier-question" if text == "??" else "question"
        if first == "@":
            return "at"
        if first == "{":
            if text.startswith("{{"):
                return "template"
            _, colon, kind = text[1:-1].partition(":")
            return "typed-brace" if colon and kind[:1].isupper() else "brace"
        return "brace" if text[1:2] == "{" else "dollar"

    def ends_operand(self, index: int) -> bool:
        """Whether an operand is complete with this token."""
        if index < 0:
            return False
        kind, _, _, word = self.tokens[index]
        if kind == WORD:
            return word not in _DUE
        if kind == OPERATOR:
            if word == "*":
                return index == 0 or self.tokens[index - 1].word in (",", "SELECT", "DISTINCT", ".", "(", "ALL")
            return word in (")", "]")
        return True

    def begins_operand(self, token: Token | None) -> bool:
        """Whether an operand begins with this token."""
        if token is None:
            return False
        if token.kind == WORD:
            return token.word not in _FOLLOWING
        return token.kind != OPERATOR or token.word == "("

    def compares(self, index: int) -> bool:
        """Whether the token stands in a condition: the nearest clause word before it says so."""
        for before in range(index - 1, max(index - 12, -1), -1):
            token = self.tokens[before]
            if token.kind == WORD and token.word in _VALUE_CONTEXT:
                return True
            if token.kind == WORD and token.word in _FOLLOWING:
                return False
        return False

    def write(self, replaced: list[str | None]) -> None:
        """Writes `sql`, its tokens, and the map back."""
        result = self.result
        text = self.text
        out: list[str] = []
        length = 0
        copies: list[tuple[int, int]] = []
        tokens = result.tokens
        last = 0
        shift = 0  # position in sql minus position in raw
        clean = text.isascii()
        operators: list[int] = []
        for token, replacement in zip(self.tokens, replaced, strict=True):
            kind, start, stop, word = token
            gap = text[last:start]
            if gap and gap != " ":
                cut = self.cut_starts.get(last)
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
                tokens.append(token if not shift else Token(kind, length, length + stop - start, word))
                out.append(piece)
                length += stop - start
            else:
                if replacement == "=" and kind in (PIECE, PLACEHOLDER):
                    operators.append(length)
                copies.append((length, start))
                out.append(replacement)
                self.add_tokens(token, replacement, length)
                length += len(replacement)
                copies.append((length, stop))
                shift = length - stop
            last = stop
        cut = self.cut_starts.get(last)
        if cut is not None:
            result.cuts.append((length, cut.size))
        result.operators = operators
        result.copies = copies
        result.sql = "".join(out)
        self.find_repeats()

    def add_tokens(self, token: Token, replacement: str, position: int) -> None:
        """The tokens of a replacement. A marker glued to a word makes one word with it."""
        tokens = self.result.tokens
        if not replacement:
            return
        if token.kind in (STRING, QUOTED):
            tokens.append(Token(token.kind, position, position + len(replacement), ""))
            return
        for word in replacement.split(" "):
            kind = STRING if word.startswith("'") else WORD if word[0].isalpha() else OPERATOR
            value = "" if kind == STRING else word.upper()
            tokens.append(Token(kind, position, position + len(word), value))
            position += len(word) + 1

    def find_repeats(self) -> None:
        """The spans in sql of what stands any number of times."""
        spans: dict[int, tuple[int, int]] = {}
        position = 0
        for leaf in self.raw.leaves:
            size = len(leaf.piece.text) if hasattr(leaf.piece, "text") else 1
            for number in leaf.repeats:
                start = spans[number][0] if number in spans else position
                spans[number] = (start, position + size)
            position += size
        if not spans:
            return
        raw = [self.result.back(token.start) for token in self.result.tokens]
        for start, stop in spans.values():
            inside = [t for t, at in zip(self.result.tokens, raw, strict=True) if start <= at < stop]
            if inside:
                self.result.repeats.append((inside[0].start, inside[-1].stop))

    def open_clauses(self) -> None:
        """For each fragment, the clauses that may begin where it stood."""
        clauses: list[tuple[int, int, str]] = []  # raw position, depth, word
        levels: dict[int, int] = {}
        depth = 0
        for token in self.tokens:
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
        for fragment in self.result.fragments:
            start = self.starts[fragment.marker]
            level = levels.get(start, 0)
            before = [word for at, depth, word in clauses if depth == level and at < start]
            after = [word for at, depth, word in clauses if depth == level and at > start]
            first = _CLAUSES[before[-1]] if before else 0
            last = _CLAUSES[after[0]] if after else len(_ORDER)
            fragments.append(Fragment(fragment.marker, _ORDER[first : max(last, first + 1)], nested=level > 0))
        self.result.fragments = fragments


_ORDER = (
    "projection",
    "sources",
    "assignments",
    "where",
    "grouping",
    "having",
    "order",
    "limit",
    "offset",
    "locks",
    "returning",
)
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


def _depth(tokens: list[Token]) -> int:
    """How deep parentheses, CASE and prefix operators nest."""
    depth = deepest = prefix = 0
    for _, _, _, word in tokens:
        if word in ("(", "[", "CASE"):
            depth += 1
            if depth > deepest:
                deepest = depth
        elif word in (")", "]", "END"):
            depth -= 1
        if word in ("NOT", "-", "+", "~"):
            prefix += 1
            if depth + prefix > deepest:
                deepest = depth + prefix
        else:
            prefix = 0
    return deepest
