"""A file, or a string with several statements, to its statements. Linear and iterative.

The splitter knows what ends a statement and what does not (strings, comments, `BEGIN … END` bodies,
`DELIMITER`, `GO`, psql's own commands, COPY data, the markers of migration tools, template tags). It
knows nothing of what a statement means.
"""

from __future__ import annotations

from typing import NamedTuple

from dblint.sql.dialects import normal
from dblint.sql.tokens import COMMENT, OPERATOR, PLACEHOLDER, TEMPLATE, WORD, LexicalFault, Scanner, Token, scan, words

__all__ = ["Directive", "LexicalFault", "Split", "Statement", "boundaries", "split"]


class Statement(NamedTuple):
    """One statement, `text[start:stop]`, without its terminator and the comments around it.

    `kind`: "sql", "meta" (a psql command), "copy-data" (rows for the COPY before it) or "template-only"
    (nothing but template tags). `section`: "up", "down" or "", by the migration tool's own markers.
    """

    start: int
    stop: int
    text: str
    kind: str = "sql"
    section: str = ""


class Directive(NamedTuple):
    """A comment that speaks to dblint, as written."""

    start: int
    stop: int
    text: str


class Split(NamedTuple):
    """A text's statements in order, the comments for dblint, and what is opened and never closed."""

    statements: tuple[Statement, ...]
    directives: tuple[Directive, ...]
    faults: tuple[LexicalFault, ...]


_SECTIONS = {
    "migrate:up": "up",
    "migrate:down": "down",
    "+migrate up": "up",
    "+migrate down": "down",
    "+goose up": "up",
    "+goose down": "down",
}
_WHOLE_SECTIONS = {"up migration": "up", "down migration": "down", "//@undo": "down", "@undo": "down"}
_BLOCK_BEGINS = frozenset({"+goose statementbegin", "+migrate statementbegin"})
_BLOCK_ENDS = frozenset({"+goose statementend", "+migrate statementend"})
_ROUTINES = words("TRIGGER PROCEDURE PROC FUNCTION EVENT PACKAGE TASK")
_OBJECTS = words("TABLE INDEX VIEW UNIQUE SCHEMA DATABASE TYPE SEQUENCE EXTENSION RULE POLICY ROLE USER DOMAIN")
_TRANSACT = frozenset({"tsql", "fabric"})
_COMPOUND = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})


def split(text: str, dialect: str = "") -> Split:
    """The statements of a text.

    Without a known dialect the text is read by the standard's rules; where that leaves something
    unclosed, or a quote stands behind a backslash, and MySQL's rules (backslashes escape, `#` comments)
    leave nothing unclosed, by MySQL's.
    """
    dialect = normal(dialect)
    result = _Splitter(text, dialect).run()
    escaped = "\\'" in text if not result.faults else text[result.faults[0].start] in "'\"`"
    if not dialect and escaped:
        other = _Splitter(text, "mysql").run()
        if not other.faults:
            return other
    return result


_VERBS = words(
    "SELECT INSERT UPDATE DELETE WITH MERGE CREATE ALTER DROP TRUNCATE RENAME SET BEGIN COMMIT ROLLBACK GRANT REVOKE "
    "DECLARE EXEC EXECUTE CALL IF PRINT"
)
_CONTINUED = words(
    "AS UNION ALL EXCEPT INTERSECT MINUS ( , THEN DO EXPLAIN ANALYZE FOR ON BEGIN ELSE OR AND = END BEFORE AFTER"
)


def boundaries(text: str, dialect: str = "") -> list[int]:
    """Where a statement may begin in a text whose statements have no terminators.

    At its first token, and at each verb that begins a line outside of parentheses.
    """
    tokens, _ = scan(text, normal(dialect))
    found: list[int] = []
    depth = 0
    last = 0
    before = ""
    for kind, start, stop, word in tokens:
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif (
            kind == WORD
            and word in _VERBS
            and depth == 0
            and before not in _CONTINUED
            and found
            and "\n" in text[last:start]
        ):
            found.append(start)
        if not found:
            found.append(start)
        last, before = stop, word
    return found


class _Splitter:
    """One pass over a text."""

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self.scanner = Scanner(text, dialect, skim=True)
        self.statements: list[Statement] = []
        self.directives: list[Directive] = []
        self.faults: list[LexicalFault] = []
        self.section = ""
        self.delimiter = ";"
        self.held = False  # between StatementBegin and StatementEnd
        self.batches = dialect in _TRANSACT and any(line.strip().upper() == "GO" for line in text.splitlines())
        self.seen = 0  # where the token before ended
        self.reset()

    def reset(self) -> None:
        """Forgets the current statement."""
        self.first = -1
        self.last = 0
        self.head: list[str] = []  # the first words
        self.bare = True  # nothing but template tags so far
        self.routine: bool | None = None  # has a body with statements of its own; None: not known yet
        self.blocks = 0
        self.entered = False  # a block was opened
        self.depth = 0
        self.copies = False
        self.previous = ""

    def run(self) -> Split:
        """Reads the whole text."""
        token = self.scanner.next()
        while token is not None:
            if token.kind == COMMENT:
                self.comment(token)
            elif not self.special(token):
                self.take(token)
            self.seen = self.scanner.position
            token = self.scanner.next()
        if self.blocks > 0 and self.entered:
            self.faults.append(LexicalFault(self.first, "BEGIN without its END"))
        self.finish()
        faults = sorted((*self.scanner.faults, *self.faults))
        return Split(tuple(self.statements), tuple(self.directives), tuple(faults))

    def finish(self) -> None:
        """Ends the current statement before its terminator."""
        if self.first >= 0:
            self.add(self.first, self.last, "template-only" if self.bare else "sql")
        self.reset()

    def add(self, start: int, stop: int, kind: str) -> None:
        """Records a statement."""
        self.statements.append(Statement(start, stop, self.text[start:stop], kind, self.section))

    def comment(self, token: Token) -> None:
        """Comments carry the markers of tools and directives for dblint."""
        text = self.text[token.start : token.stop]
        if "dblint:" in text:
            self.directives.append(Directive(token.start, token.stop, text))
        if not text.startswith("--"):
            return
        parts = text[2:].lower().split()
        phrase = " ".join(parts)
        if phrase.startswith("> statement-breakpoint"):
            self.finish()
            return
        section = (
            _WHOLE_SECTIONS.get(phrase) or _SECTIONS.get(" ".join(parts[:2])) or _SECTIONS.get(" ".join(parts[:1]))
        )
        if section:
            self.finish()
            self.section = section
            self.held = False
        elif phrase in _BLOCK_BEGINS:
            self.finish()
            self.held = True
        elif phrase in _BLOCK_ENDS:
            self.finish()
            self.held = False

    def special(self, token: Token) -> bool:
        """Whether the token was a terminator or a client's own command, which is done then."""
        kind, start, stop, word = token
        text = self.text
        if self.delimiter != ";":
            delimiter = self.delimiter
            found = text.find(delimiter, start, stop) if kind == WORD else start
            if found >= 0 and text.startswith(delimiter, found):
                if found > start:
                    self.take(Token(WORD, start, found, word[: found - start]))
                self.finish()
                self.scanner.position = found + len(delimiter)
                return True
        if kind == OPERATOR:
            if word == ";" and self.delimiter == ";":
                return self.semicolon(stop)
            if word == "#" and self.first < 0 and not self.dialect:  # MySQL's comment: no statement begins so
                self.scanner.position = self._line_end(start)
                return True
            if word == "\\" and (self.first < 0 or text[start + 1 : start + 2] in ("g", "w")):
                self.meta(start)
                return True
            if word == "/" and self.dialect in ("", "oracle") and self._alone(start, stop):
                self.finish()
                return True
        elif kind == WORD:
            if word == "DELIMITER" and self.dialect in ("", "mysql") and self._begins_line(start):
                self.delimit(stop)
                return True
            if word == "GO" and (not self.dialect or self.dialect in _TRANSACT) and self._alone(start, stop):
                self.finish()
                self.scanner.position = self._line_end(stop)
                return True
        return False

    def semicolon(self, stop: int) -> bool:
        """Whether this `;` ends the statement and is no part of a body."""
        if self.first < 0:
            return True
        if self.held or (self.blocks > 0 and self.entered) or (self.routine and self.batches):
            return False
        if self.depth > 0 and "RULE" in self.head[1:4]:
            return False
        copies = self.copies
        self.finish()
        if copies:
            self.copy_data(stop)
        return True

    def take(self, token: Token) -> None:
        """Adds a token to the current statement."""
        kind, start, stop, word = token
        if self.first < 0:
            self.first = start
        if kind == OPERATOR and word == ";":
            self.previous = word
            return
        self.last = stop
        if kind not in (PLACEHOLDER, TEMPLATE) or not self.text.startswith(("{{", "{%", "{#"), start):
            self.bare = False
        if kind == WORD:
            self.word(word)
        elif word == "(":
            self.depth += 1
        elif word == ")":
            self.depth -= 1
        self.previous = word

    def word(self, word: str) -> None:
        """Follows the head of a statement and its blocks."""
        head = self.head
        if len(head) < 8:
            head.append(word)
            if self.routine is None:
                self.routine = self._has_body(word)
        if word == "STDIN" and head[0] == "COPY" and self.previous == "FROM":
            self.copies = True
        if not self.routine:
            return
        if word == "BEGIN" or (word == "CASE" and self.previous != "END"):
            self.blocks += 1
            self.entered = self.entered or word == "BEGIN"
        elif word == "END":
            self.blocks -= 1
        elif (word in _COMPOUND and self.previous == "END") or (
            word in ("TRAN", "TRANSACTION", "DISTRIBUTED") and self.previous == "BEGIN"
        ):
            self.blocks += 1 if self.previous == "END" else -1

    def _has_body(self, word: str) -> bool | None:
        """Whether the statement has a body of statements, as far as its head tells by now."""
        first = self.head[0]
        if len(self.head) == 1:
            if word in ("CREATE", "ALTER"):
                return None
            if self.dialect in _TRANSACT:
                return word in ("IF", "WHILE", "BEGIN")
            return self.dialect == "oracle" and word in ("BEGIN", "DECLARE")
        if word in _ROUTINES:
            return first == "CREATE" or self.dialect in _TRANSACT or self.dialect == "oracle"
        return False if word in _OBJECTS else None

    def delimit(self, stop: int) -> None:
        """`DELIMITER x`: from here on `x` ends statements, and the text is MySQL's."""
        end = self._line_end(stop)
        self.finish()
        self.delimiter = self.text[stop:end].strip() or ";"
        if not self.dialect:
            self.dialect = "mysql"
            faults = self.scanner.faults
            self.scanner = Scanner(self.text, "mysql", skim=True)
            self.scanner.faults = faults
        self.scanner.position = end

    def meta(self, start: int) -> None:
        """A psql command takes the rest of its line, and ends the statement before it."""
        end = self._line_end(start)
        self.finish()
        self.add(start, start + len(self.text[start:end].rstrip()), "meta")
        self.scanner.position = end

    def copy_data(self, position: int) -> None:
        """The rows of a COPY run from the next line to one that holds only a backslash and a dot."""
        text = self.text
        begin = self._line_end(position) + 1
        if text[position:begin].strip():
            return
        end = begin if text.startswith("\\.", begin) else text.find("\n\\.", begin) + 1
        if end <= 0:
            return
        if end > begin:
            self.add(begin, end, "copy-data")
        self.scanner.position = end + 2

    def _line_end(self, position: int) -> int:
        found = self.text.find("\n", position)
        return len(self.text) if found < 0 else found

    def _begins_line(self, start: int) -> bool:
        gap = self.text[self.seen : start]
        return not self.seen or "\n" in gap or "\r" in gap

    def _alone(self, start: int, stop: int) -> bool:
        """Whether what stands there stands alone on its line (`GO 5` counts as alone)."""
        if not self._begins_line(start):
            return False
        rest = self.text[stop : self._line_end(stop)].strip()
        return not rest or rest.isdigit() or rest.startswith("--")
