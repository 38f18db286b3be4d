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

from dblint.facts.text import Hole, Parameter, Text
from dblint.sql.dialects import normal
from dblint.sql.lists import Cut, cuts
from dblint.sql.pieces import Leaf, Raw, leaves
from dblint.sql.prepared import PREFIX, Fragment, Marker, Prepared
from dblint.sql.templates import is_template, without_blocks
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
    WORD,
    Scanner,
    Token,
    words,
)
from dblint.sql.writing import depth_of, open_clauses, write

__all__ = ["MAXIMUM_TOKENS", "Fragment", "Marker", "Prepared", "chosen", "placeholders", "prepare", "prepare_raw"]

MAXIMUM_TOKENS = 60_000
"""A statement with more tokens than this, after long lists were shortened, is not parsed."""


def prepare(text: Text, variant: str | int = "all", dialect: str = "") -> Prepared:
    """One variant of a text.

    With "all" of its optional pieces, with "none", or only with those of one Optional, by number in order
    from 1.
    """
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


def placeholders(text: Text, dialect: str = "") -> list[Marker]:
    """What stands in a text for bound values, in order."""
    return [marker for marker in prepare(text, dialect=dialect).markers if marker.value]


_SPELT = {
    "%%": "%",
    **dict.fromkeys(
        ("<<=", ">>=", "&&&", "|>>", "<<|", "%>", "<%", "<<%", "%>>", "~=", "&<|", "|&>", "~<~", "<~>", "<%>"), "="
    ),
    **dict.fromkeys(("<#>", "<+>", "<@>", "<->>"), "-"),
}
"""Operators of PostgreSQL and its extensions that sqlglot does not read, and what it is given for them."""
_DUE = words(
    "SELECT DISTINCT ALL FROM JOIN WHERE AND OR NOT ON BY HAVING SET VALUES VALUE INTO UPDATE TABLE IN LIKE ILIKE "
    "RLIKE REGEXP BETWEEN IS AS CASE WHEN THEN ELSE LIMIT OFFSET RETURNING USING EXISTS INTERVAL TOP LATERAL WITH "
    "COLUMN INDEX CONSTRAINT REFERENCES KEY ONLY TO RENAME ADD DROP ALTER DEFAULT TYPE OF DELETE ESCAPE FETCH "
    "FIRST NEXT SCHEMA VIEW CALL EXEC EXECUTE SAVEPOINT ROLE INSERT UNION EXCEPT INTERSECT EXPLAIN ANALYZE DATE "
    "TIMESTAMP TIME ANY SOME IGNORE QUALIFY PREWHERE DATABASE EXTENSION FUNCTION TRIGGER SEQUENCE PROCEDURE USER "
    "GRANT REVOKE UNIQUE CHECK IF TRUNCATE RECURSIVE CONCURRENTLY FORMAT SIMILAR MATCH GLOB DIV MOD XOR ROWS "
    "RANGE PRECEDING LOCAL SESSION GLOBAL DESCRIBE COLLATE ZONE CONFLICT PARTITION OVER FILTER WITHIN COPY CROSS "
    "INNER LEFT RIGHT OUTER FULL NATURAL SHOW USE PRAGMA"
)
"""Words after which an operand is due."""
_FOLLOWING = words(
    "FROM WHERE GROUP ORDER HAVING LIMIT OFFSET UNION EXCEPT INTERSECT RETURNING ON JOIN INNER LEFT RIGHT FULL "
    "CROSS SET VALUES AND OR AS IN IS NOT LIKE ILIKE BETWEEN THEN ELSE END WHEN ASC DESC NULLS FOR FETCH USING "
    "WINDOW QUALIFY INTO DEFAULT COLLATE SELECT REGEXP RLIKE WITH NATURAL OVER ESCAPE STRAIGHT_JOIN DO CONFLICT "
    "PREWHERE"
)
"""Words that cannot begin an operand."""
_LITERALS = words("INTERVAL DATE TIMESTAMP TIME")
_OPERAND_ONLY = words("SELECT WHERE AND OR NOT ON HAVING BY WHEN DISTINCT")
_DIRECTIONS = words("ASC DESC ALL DISTINCT FIRST LAST NULLS")
_TAILS = words("WHERE ORDER GROUP LIMIT HAVING JOIN LEFT INNER OFFSET FETCH")
_ITEM_CONTEXT = words("SELECT DISTINCT , BY")
_VERBS = words("SELECT INSERT UPDATE DELETE")
_QUERY_DUE = words("UNION EXCEPT INTERSECT EXPLAIN ANALYZE MINUS")
_CLOSING = _TAILS | _QUERY_DUE | {")"}
_IN_PARENTHESES = words("EXISTS AS FROM JOIN LATERAL MATERIALIZED")
_VALUE_CONTEXT = words("WHERE AND OR ON HAVING WHEN NOT")
_FILLING = words("INSERT REPLACE")
_BEHIND_SET = words("ON AS RETURNING")
_FEEDS = words("VALUES VALUE SELECT SET DEFAULT")
_NATIVE_VARIABLES = words("mysql tsql fabric singlestore bigquery snowflake")


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
        self.cuts: dict[int, Cut] = {}
        self.inserts = self.updates = False
        self.at = 0  # the token that is being decided
        self.starts: list[int] = []  # of the tokens of the markers
        self.gone: set[int] = set()  # tokens that were left out
        self.operators: set[int] = set()  # tokens that stand for operators

    def run(self) -> Prepared:
        """Reads, decides and writes."""
        self.scan()
        result = self.result
        if len(self.tokens) <= MAXIMUM_TOKENS:
            self.decide()
        else:
            write(result, self.tokens, [None] * len(self.tokens), self.cuts)
        result.depth = depth_of(result.tokens)
        if result.fragments:
            open_clauses(result, self.tokens, self.starts)
        return result

    def scan(self) -> None:
        """Tokens without comments, cut lists and template blocks."""
        scanner = Scanner(self.text, self.dialect)
        found = cuts(self.text, self.dialect)
        self.cuts = {cut.start: cut for cut in found}
        pending = list(reversed(found))
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
            templates = templates or is_template(token, self.text)
            tokens.append(token)
        while tokens and tokens[-1].word == ";":
            tokens.pop()
        if templates:
            tokens, self.result.conditional = without_blocks(tokens, self.text, inside=self.blocks)
        self.result.faults = scanner.faults
        self.tokens = tokens

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
            if kind in (PLACEHOLDER, PIECE):
                replaced[index] = self.replace(index, token)
                if replaced[index] == "":
                    self.gone.add(index)
            elif kind == OPERATOR:
                replaced[index] = _SPELT.get(token.word)
            elif marked and kind in (STRING, QUOTED):
                text = self.text[token.start : token.stop]
                if HOLE in text or BOUND in text:
                    replaced[index] = self.inside(token, text)
        write(self.result, tokens, replaced, self.cuts)

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
            text = f":{atom.name}" if atom.name.isidentifier() else "?"
            return Marker("bound", text, atom.origin, atom.place, quoted=quoted)
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
            if style == "percent" and self.glued(before, token, after):
                style = "format"  # a part of a name is formatted in, not bound
            marker = Marker(style, text, place=self.raw.place(token.start, token.stop))
        name = self.mark(marker)
        if before is not None and before.kind == WORD and before.word in _LITERALS and self.before(index, 2) != ".":
            return f"'{name}'"
        if before is not None and before.word == "SET" and tokens[0].word in _FILLING:
            if after is None or after.word in _BEHIND_SET:
                return f"{name} = {name}"  # columns and values of an object (`INSERT INTO jar SET ?`)
        if marker.value or self.markers_only or (before is not None and before.word == "."):
            return name
        if self.glued(before, token, after):
            return name
        return self.hole(index, name, before, after)

    def glued(self, before: Token | None, token: Token, after: Token | None) -> bool:
        """Whether a placeholder is a part of a longer name."""
        if before is not None and before.stop == token.start and before.kind in (WORD, PIECE, PLACEHOLDER):
            return True
        return after is not None and after.start == token.stop and after.kind in (WORD, NUMBER)

    def before(self, index: int, steps: int) -> str:
        """The word of an earlier token, "" where there is none."""
        return self.tokens[index - steps].word if index >= steps else ""

    def hole(self, index: int, name: str, before: Token | None, after: Token | None) -> str:
        """What an interpolated value stands for, by its neighbours."""
        result = self.result
        result.alternatives = True
        marker = len(result.markers) - 1
        if before is None:
            query = self.query_due(index, name, after)
            return query if query is not None else self.leave_out(marker)
        query = self.query_due(index, name, after)
        if query is not None:
            return query
        if before.word == "," and after is not None and after.word in _VERBS:
            return f"{name} AS (SELECT {name})"  # a further CTE
        if self.ends_operand(index - 1):
            if self.inserts and before.word == ")" and (after is None or after.word in ("ON", "RETURNING")):
                return f"SELECT {name}"
            if self.updates and (after is None or after.word in ("WHERE", "FROM", "RETURNING")):
                return f"SET {name}"
            if self.is_operator(index, after):
                self.operators.add(index)
                return "="
            return self.leave_out(marker)
        if (before.kind == WORD and before.word in _OPERAND_ONLY) or before.word == ",":
            if self.begins_other(index, after):
                return self.leave_out(marker)
        return name

    def query_due(self, index: int, name: str, after: Token | None) -> str | None:
        """What stands for a whole query, or for the beginning of one; None where none is due."""
        tokens = self.tokens
        if index:
            before, earlier = tokens[index - 1].word, self.before(index, 2)
            due = before in _QUERY_DUE or (before == "ALL" and earlier in _QUERY_DUE)
            due = due or (before == "AS" and tokens[0].word == "CREATE")
            closed = after is not None and (after.word in _CLOSING or after.kind in (PIECE, PLACEHOLDER))
            if not (due or (before == "(" and earlier in _IN_PARENTHESES and closed)):
                return None
        elif after is not None and after.word != "FROM" and after.word not in _QUERY_DUE and after.word not in _TAILS:
            return None
        if after is not None and after.word in _TAILS:
            return f"SELECT {name} FROM {name}"  # noqa: S608 -- parsed, never run
        return f"SELECT {name}"

    def begins_other(self, index: int, after: Token | None) -> bool:
        """Whether another operand begins behind a hole, so that the hole is none; a mere name may be its alias."""
        if after is None or after.start == self.tokens[index].stop:
            return False
        if after.kind in (NUMBER, STRING):
            return True
        if after.kind not in (QUOTED, WORD) or (after.kind == WORD and after.word in _FOLLOWING):
            return False
        following = self.tokens[index + 2].word if index + 2 < len(self.tokens) else ""
        aliased = following in (",", ")", "", "FROM") and self.tokens[index - 1].word in (",", "SELECT", "DISTINCT")
        return not aliased

    def is_operator(self, index: int, after: Token | None) -> bool:
        """Whether a hole between two operands is what compares them."""
        if after is None or after.kind not in (STRING, NUMBER, PIECE, PLACEHOLDER):
            return False
        position = self.operand_start(index - 1)
        before = self.before(position, 1)
        if before == "AND" and self.before(self.operand_start(position - 2), 1) == "BETWEEN":
            return False
        if before in _VALUE_CONTEXT or (before == "(" and self.before(position, 2) not in _IN_PARENTHESES):
            return True
        if after.kind == PIECE:
            bound = self.text[after.start] == BOUND
        else:
            text = self.text[after.start : after.stop]
            bound = after.kind != PLACEHOLDER or self.style(text) not in ("brace", "template", "identifier-question")
        return bound and before in _ITEM_CONTEXT

    def operand_start(self, index: int) -> int:
        """The first token of the operand that ends with this one: `a`, `t.a`, `f(…)`."""
        tokens = self.tokens
        if tokens[index].word in (")", "]"):
            depth = 0
            while index > 0:
                depth += (tokens[index].word in (")", "]")) - (tokens[index].word in ("(", "["))
                if not depth:
                    break
                index -= 1
            if index and tokens[index - 1].kind == WORD and tokens[index - 1].word not in _DUE:
                index -= 1
        while index > 1 and tokens[index - 1].word == ".":
            index -= 2
        return index

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
        while index in self.gone:
            index -= 1
        if index < 0 or index in self.operators:
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
