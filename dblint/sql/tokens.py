"""SQL text to tokens: tolerant, linear, without recursion, positions in characters.

This lexer reads what databases read and what programs leave in their SQL besides: driver placeholders
(`%s`, `:name`, `$1`, `?`), format holes (`{name}`, `${x}`), templates (`{{ x }}`, `{% if %}`), and the
two private characters by which `placeholders` marks a text's pieces. Its regular expressions describe
single tokens and use possessive quantifiers only, so none of them backtracks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from dblint.sql.dialects import Profile, profile, words

WORD = 1  # identifier or keyword
QUOTED = 2  # "x", `x`, [x]
STRING = 3  # 'x', E'x', $$x$$
NUMBER = 4
OPERATOR = 5
PLACEHOLDER = 6  # %s %(x)s :x $1 ? ?? @x {x} ${x} {{ x }}
TEMPLATE = 7  # {% … %} and {# … #}
COMMENT = 8
PIECE = 9  # HOLE or BOUND
GROUP = 10  # a flat parenthesised group, in a skim only

HOLE = "\ue000"
"""Stands in a raw text for an interpolated value."""
BOUND = "\ue001"
"""Stands in a raw text for a bound value."""


__all__ = ["LexicalFault", "Scanner", "Token", "scan", "unquote", "unstring", "words"]


class Token(NamedTuple):
    """`word` is upper case for a WORD and the sign itself for an OPERATOR; "" otherwise."""

    kind: int
    start: int
    stop: int
    word: str


class LexicalFault(NamedTuple):
    """Something that is opened at `start` and never closed."""

    start: int
    message: str


_MESSAGES = {"'": "unterminated string", '"': "unterminated quoted identifier", "`": "unterminated quoted identifier"}
_BRACES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_COMMENT_EDGE = re.compile(r"/\*|\*/")


@cache
def _pattern(habits: Profile, skim: bool) -> re.Pattern[str]:
    """The pattern of one token; group numbers are in `Scanner.next`."""
    escaped = r"(?:[^{0}\\]++|\\.|{0}{0})*+"
    plain = r"[^{0}]*+(?:{0}{0}[^{0}]*+)*+"
    body = escaped if habits.backslash else plain
    string = r"[nN]?'" + body.format("'") + "'"
    quoted = ['"' + (escaped if habits.double_strings else plain).format('"') + '"', "`" + plain.format("`") + "`"]
    if habits.brackets:
        quoted.append(r"\[[^\]\r\n]*+\]")
    comments = [r"--[^\r\n]*+"]
    if habits.hash_comments:
        comments.append(r"#(?!\{)[^\r\n]*+")
    group = r"\((?:[\w\s.,+*=<>]++|-(?!-)|'[^'\\]*+')*+\)" if skim else r"(?!)"
    return re.compile(
        r"\s*+(?:"
        rf"({group})"  # 1
        r"|([eE]'(?:[^'\\]++|\\.|'')*+'|" + string + ")"  # 2
        r"|([^\W\d][\w$]*+)"  # 3
        r"|([(),;=]|\*(?!/))"  # 4
        r"|(0[xX][0-9a-fA-F]++|\d++(?:\.(?!\.)\d*+)?(?:[eE][+-]?\d++)?|\.\d++(?:[eE][+-]?\d++)?)"  # 5
        rf"|({'|'.join(quoted)})"  # 6
        rf"|({'|'.join(comments)})"  # 7
        r"|(/\*!?\d*+)"  # 8
        r"|(\$(?:[^\W\d]\w*+)?\$)"  # 9
        r"|(\{[{%\#])"  # 10
        r"|([\ue000\ue001])"  # 11
        r"|(%\([^()\s]*+\)[sdbtif]|%[sdbti](?![A-Za-z0-9])|\$\d++|[$\#]\{[^{}]*+\}|(?<![\w)\]\":]):[^\W\d]\w*+|(?<![\w)\]\":]):\d++"
        r"|(?<![\w)\]:]):'[^']*+'|(?<![\w)\]:]):\"[^\"]*+\"|@?@[^\W\d][\w.$]*+|\$[^\W\d]\w*+"
        r"|\{\w[\w.\[\]]*+(?:![rsa])?(?::[^{}'\"\s]*+)?\}|\{\}|\?\d*+(?![?|&\d])|\?\?(?![|&]))"  # 12
        r"|(['\"`])"  # 13
        r"|(<<->>|<->>|<<=|>>=|&&&|\|>>|<<\||<<%|%>>|&<\||\|&>|~<~|<~>|<%>|<#>|<\+>|<@>|~=|%>|<%(?![s(])|<->|!~~\*|!~~|!~\*|~~\*|->>|\#>>|<=>|\|\|/|\?\?[|&]|::|:=|->|\#>|\#-|<>|!=|<=|>=|\|\||\|/|&&|@>|<@|@@|@\?|\?\||\?&"
        r"|!~|~~|~\*|=>|\.\.|\*\*|<<|>>|%%|\*/|.)"  # 14
        r")",
        re.DOTALL,
    )


class Scanner:
    """Gives one token after another. `position` may be set between tokens, to jump."""

    __slots__ = ("_closed", "_conditional", "_habits", "_match", "faults", "position", "text")

    def __init__(self, text: str, dialect: str = "", *, skim: bool = False) -> None:
        self.text = text
        self.position = 1 if text.startswith("\ufeff") else 0
        self.faults: list[LexicalFault] = []
        self._habits = profile(dialect)
        self._match = _pattern(self._habits, skim).match
        self._conditional = 0
        self._closed: dict[str, bool] = {}

    def next(self) -> Token | None:
        """The next token, comments among them, or None at the end."""
        match = self._match(self.text, self.position)
        if match is None:
            self.position = len(self.text)
            return None
        group = match.lastindex or 14
        start, stop = match.span(group)
        self.position = stop
        if group == 3:
            return Token(WORD, start, stop, match.group(3).upper())
        if group == 4 or group == 14:
            sign = self.text[start:stop]
            if sign == "*/" and self._conditional:
                self._conditional -= 1
                return Token(COMMENT, start, stop, "")
            return Token(OPERATOR, start, stop, sign)
        if group == 5:
            return Token(NUMBER, start, stop, "")
        if group == 2:
            return Token(STRING, start, stop, "")
        if group == 6:
            return Token(QUOTED, start, stop, "")
        if group == 7:
            return Token(COMMENT, start, stop, "")
        if group == 12:
            return Token(PLACEHOLDER, start, stop, "")
        if group == 11:
            return Token(PIECE, start, stop, "")
        if group == 1:
            return Token(GROUP, start, stop, "")
        if group == 8:
            return self._comment(start, stop)
        if group == 9:
            return self._dollar(start, stop)
        if group == 10:
            return self._brace(start, stop)
        self.faults.append(LexicalFault(start, _MESSAGES[self.text[start]]))
        self.position = len(self.text)
        return Token(STRING if self.text[start] == "'" else QUOTED, start, len(self.text), "")

    def _comment(self, start: int, stop: int) -> Token:
        text = self.text
        if self._habits.conditional and text.startswith("!", start + 2):
            self._conditional += 1
            return Token(COMMENT, start, stop, "")
        end = -1
        if self._habits.nested:
            depth = 0
            for edge in _COMMENT_EDGE.finditer(text, start):
                depth += 1 if edge.group() == "/*" else -1
                if not depth:
                    end = edge.end()
                    break
        else:
            found = text.find("*/", start + 2)
            end = found + 2 if found >= 0 else -1
        if end < 0:
            self.faults.append(LexicalFault(start, "unterminated comment"))
            end = len(text)
        self.position = end
        return Token(COMMENT, start, end, "")

    def _dollar(self, start: int, stop: int) -> Token:
        if not self._habits.dollar:
            self.position = start + 1
            return Token(OPERATOR, start, start + 1, "$")
        text = self.text
        found = text.find(text[start:stop], stop)
        if found < 0:
            self.faults.append(LexicalFault(start, f"unterminated dollar quote {text[start:stop]}"))
            end = len(text)
        else:
            end = found + stop - start
        self.position = end
        return Token(STRING, start, end, "")

    def _brace(self, start: int, stop: int) -> Token:
        """A template tag. Where its end is missing once, it is missing for all that follow: linear."""
        text = self.text
        closing = _BRACES[text[start:stop]]
        found = -1 if self._closed.get(closing) else text.find(closing, stop)
        if found < 0:
            self._closed[closing] = True
            self.position = start + 1
            return Token(OPERATOR, start, start + 1, "{")
        self.position = found + 2
        return Token(PLACEHOLDER if closing == "}}" else TEMPLATE, start, found + 2, "")


def scan(text: str, dialect: str = "") -> tuple[list[Token], list[LexicalFault]]:
    """All tokens of a text, comments left out, and what is opened and never closed."""
    scanner = Scanner(text, dialect)
    tokens: list[Token] = []
    step = scanner.next
    token = step()
    while token is not None:
        if token.kind != COMMENT:
            tokens.append(token)
        token = step()
    return tokens, scanner.faults


def unquote(text: str) -> str:
    """The name that an identifier stands for, quoted or not."""
    if len(text) >= 2:
        first, last = text[0], text[-1]
        if first == last and first in '"`':
            return text[1:-1].replace(first * 2, first)
        if first == "[" and last == "]":
            return text[1:-1]
    return text


def unstring(text: str) -> str:
    """The text that a string literal stands for."""
    if text.startswith("$"):
        end = text.index("$", 1) + 1
        return text[end:-end] if len(text) >= 2 * end else text[end:]
    opening = text.find("'")
    if opening < 0:
        return unquote(text)
    return text[opening + 1 : -1].replace("''", "'")
