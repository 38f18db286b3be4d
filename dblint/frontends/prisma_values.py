"""Expressions of the Prisma schema language: strings, numbers, paths, calls, arrays, objects.

Positions here are character positions in the decoded text; nodes carry byte offsets.
"""

from __future__ import annotations

import re
from itertools import accumulate

from dblint.facts.blocks import Argument, Value, ValueKind
from dblint.facts.tree import Fault, Suppression
from dblint.frontends import directives

DEEPEST = 64
"""Levels of nesting that are read. No schema that means something comes near; deeper lines are a fault."""

# Unicode's space separators and the tab; a form feed is no space in this language.
# Repetitions are possessive (`*+`): nothing here is ever tried twice, however long it is.
SPACE = "[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*+"
# A letter of any script or an ASCII digit. Python also takes fractions and the like for parts of words.
_LETTER = "[0-9]|[^\\W\\d_\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u2189\u2460-\u249b\u24ea-\u24ff]"
NAME = f"(?:{_LETTER})(?:{_LETTER}|[_-])*+"
SPACES = re.compile(SPACE)
NEWLINE = re.compile("\r\n|\n|\r")
REST_OF_LINE = re.compile("[^\r\n]*")
WORD = re.compile(NAME)
PATH = re.compile(rf"{NAME}(?:\.(?:{NAME})?)*+")
_NUMBER = re.compile(r"-?[0-9]++(?:\.[0-9]++)?")
_STRING = re.compile(r'"((?:\\.|[^"\\\x00-\x1f])*+)"', re.DOTALL)
_HEXADECIMAL = re.compile("[0-9A-Fa-f]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CLOSERS = {ValueKind.CALL: ")", ValueKind.ARRAY: "]", ValueKind.OBJECT: "}"}


class _Open:
    """A call, array or object whose end was not reached yet."""

    __slots__ = ("argument_name", "argument_start", "items", "kind", "start", "text")

    def __init__(self, kind: ValueKind, text: str, start: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.items: list[Argument] = []
        self.argument_start = start
        self.argument_name = ""


class ValueReader:
    """Reads expressions and comments from a text, gathering faults and suppressions.

    Strict reading knows no line ends inside an expression, like Prisma. Lenient reading passes over
    line ends and comments; whoever asks for it reports the fault.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.faults: list[Fault] = []
        self.suppressions: dict[int, Suppression] = {}  # by position: a line may be read twice
        self.stopped = 0  # where the last reading that failed stood
        self.too_deep = False
        self.careless = False  # Prisma overlooks stray commas and missing values in native types and properties
        self._last_line = (0, -1)  # the last line end that was looked for: from where, and where it is
        self._unclosed = len(text)  # from here on no block comment is closed
        self._offsets: list[int] | None = None
        if not text.isascii():
            self._offsets = [0, *accumulate(_width(character) for character in text)]

    def at(self, position: int) -> int:
        """Return the byte offset of a character position."""
        return position if self._offsets is None else self._offsets[position]

    def fault(self, start: int, stop: int, message: str) -> None:
        """Record a fault over a range of character positions."""
        self.faults.append(Fault(self.at(start), self.at(stop), message))

    def spaces(self, position: int) -> int:
        """Return the position after any spaces."""
        return _end(SPACES, self.text, position)

    def line_end(self, position: int) -> int:
        """Return the position of the line end at or after a position."""
        start, stop = self._last_line
        if not start <= position <= stop:
            stop = _end(REST_OF_LINE, self.text, position)
            self._last_line = (position, stop)
        return stop

    def comment(self, position: int) -> tuple[str, str, int] | None:
        """Return the kind (`//`, `///` or `/*`), the text and the end of the comment that begins here.

        A block comment that is never closed is none.
        """
        text = self.text
        if text.startswith("//", position):
            stop = self.line_end(position)
            kind = "///" if text.startswith("///", position) else "//"
            content = text[position + len(kind) : stop]
        elif text.startswith("/*", position):
            close = -1 if position >= self._unclosed else text.find("*/", position + 2)
            if close < 0:
                self._unclosed = min(position, self._unclosed)
                return None
            stop = close + 2
            kind, content = "/*", text[position + 2 : close]
        else:
            return None
        if directives.find(content.encode("utf-8", "replace")) >= 0:
            self.suppressions[position] = Suppression(self.at(position), self.at(stop), text[position:stop])
        return kind, content, stop

    def _skip(self, position: int, lenient: bool) -> int:
        position = self.spaces(position)
        while lenient:
            line = NEWLINE.match(self.text, position)
            comment = None if line else self.comment(position)
            if line is not None:
                position = line.end()
            elif comment is not None:
                position = comment[2]
            else:
                break
            position = self.spaces(position)
        return position

    def arguments(self, position: int, lenient: bool) -> tuple[tuple[Argument, ...], int] | None:
        """Read the list whose `(` stands here; return its arguments and the position after its `)`."""
        found = self._read(position, lenient, _Open(ValueKind.CALL, "", position))
        return None if found is None else (found[0].items, found[1])

    def value(self, position: int, lenient: bool = False) -> tuple[Value, int] | None:
        """Read the expression that begins here; return it and the position after it.

        None (see `stopped`) where there is none, or it does not end well.
        """
        return self._read(position, lenient, None)

    def _read(self, position: int, lenient: bool, outermost: _Open | None) -> tuple[Value, int] | None:
        text = self.text
        stack: list[_Open] = []
        done: Value | None = None
        if outermost is not None:
            stack.append(outermost)
            done, position = self._enter(outermost, position + 1, lenient)
        while True:
            if done is None:  # an expression is to follow
                if stack:
                    position = self._argument_name(stack[-1], position, lenient)
                    top = stack[-1]
                    if top.kind is ValueKind.CALL and top.argument_name and text[position : position + 1] in (",", ")"):
                        if not self.careless or top.text == "env":
                            message = f"the argument `{top.argument_name}` has no value"
                            self.fault(top.argument_start, position, message)
                        done = _NOTHING
                        continue
                    if top.kind is ValueKind.OBJECT and not top.argument_name:
                        break
                if len(stack) > DEEPEST:
                    self.too_deep = True
                    break
                opened = self._opening(position, lenient)
                if opened is not None:
                    frame, position = opened
                    stack.append(frame)
                    done, position = self._enter(frame, position, lenient)
                else:
                    simple = self._simple(position)
                    if simple is None:
                        break
                    done, position = simple
            elif not stack:
                return done, position
            else:  # a comma or the closing bracket is to follow
                top = stack[-1]
                if done is not _NOTHING:
                    top.items.append(Argument(done, self.at(top.argument_start), done.stop, top.argument_name))
                    position = self._skip(position, lenient)
                if text.startswith(_CLOSERS[top.kind], position):
                    position += 1
                    stack.pop()
                    done = self._close(top, position)
                elif text.startswith(",", position):
                    comma = position
                    position = self._skip(position + 1, lenient)
                    done = None
                    if text.startswith(_CLOSERS[top.kind], position):
                        if not _overlooked(stack, self.careless):
                            self.fault(comma, comma + 1, "a comma may not follow the last one")
                        done = _NOTHING
                else:
                    break
        self.stopped = position
        return None

    def _enter(self, frame: _Open, position: int, lenient: bool) -> tuple[Value | None, int]:
        """Look past an opening bracket: nothing was read yet, unless the bracket closes again at once."""
        position = self._skip(position, lenient)
        closes = self.text.startswith(_CLOSERS[frame.kind], position)
        if frame.kind is ValueKind.CALL and self.text.startswith(",", position):  # `(,)` is an empty list too
            closes = self.text.startswith(")", self._skip(position + 1, lenient))
        return (_NOTHING if closes else None), position

    def _close(self, frame: _Open, position: int) -> Value:
        return Value(frame.kind, self.at(frame.start), self.at(position), frame.text, tuple(frame.items))

    def _argument_name(self, frame: _Open, position: int, lenient: bool) -> int:
        """Note the name before an argument or pair, if it has one, and return the value's position."""
        frame.argument_start = position
        frame.argument_name = ""
        word = None if frame.kind is ValueKind.ARRAY else WORD.match(self.text, position)
        if word is not None:
            colon = self._skip(word.end(), lenient)
            if self.text.startswith(":", colon):
                frame.argument_name = word.group()
                position = self._skip(colon + 1, lenient)
        return position

    def _opening(self, position: int, lenient: bool) -> tuple[_Open, int] | None:
        first = self.text[position : position + 1]
        if first == "[":
            return _Open(ValueKind.ARRAY, "", position), position + 1
        if first == "{":
            return _Open(ValueKind.OBJECT, "", position), position + 1
        path = PATH.match(self.text, position)
        if path is None:
            return None
        bracket = self._skip(path.end(), lenient)
        if not self.text.startswith("(", bracket):
            return None
        return _Open(ValueKind.CALL, path.group(), position), bracket + 1

    def _simple(self, position: int) -> tuple[Value, int] | None:
        for kind, pattern in ((ValueKind.NUMBER, _NUMBER), (ValueKind.PATH, PATH)):
            found = pattern.match(self.text, position)
            if found is not None:
                stop = found.end()
                return Value(kind, self.at(position), self.at(stop), found.group()), stop
        return self.string(position)

    def string(self, position: int) -> tuple[Value, int] | None:
        """Read the string literal that begins here; return it and the position after it."""
        found = _STRING.match(self.text, position)
        if found is None:
            self.stopped = position
            return None
        stop = found.end()
        content = found.group(1)
        if "\\" in content:
            content = self._unescaped(content, position + 1)
        return Value(ValueKind.STRING, self.at(position), self.at(stop), content), stop

    def _unescaped(self, content: str, offset: int) -> str:
        pieces: list[str] = []
        position = 0
        while position < len(content):
            slash = content.find("\\", position)
            if slash < 0:
                pieces.append(content[position:])
                break
            pieces.append(content[position:slash])
            letter = content[slash + 1]
            position = slash + 2
            if letter in _ESCAPES:
                pieces.append(_ESCAPES[letter])
            elif letter == "u":
                character, position = _codepoint(content, slash)
                if character is None:
                    self.fault(offset + slash, offset + position, "an invalid Unicode escape")
                else:
                    pieces.append(character)
            else:
                self.fault(offset + slash, offset + position, f"an unknown escape `\\{letter}` in a string")
        return "".join(pieces)


_NOTHING = Value(ValueKind.PATH, -1, -1)
"""Stands for "no value, but look for the closing bracket"."""


def _overlooked(stack: list[_Open], careless: bool) -> bool:
    """Tell whether Prisma overlooks a comma before a bracket.

    It does in careless places and in the arguments of an index's column, but in no array.
    """
    top = stack[-1]
    if top.kind is not ValueKind.CALL or top.text == "env":
        return False
    return careless or any(frame.kind is not ValueKind.CALL for frame in stack)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return position if found is None else found.end()


def _width(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _codepoint(content: str, slash: int) -> tuple[str | None, int]:
    """Decode the four hexadecimal digits at `slash` + 2 (or a surrogate pair): the character, and what follows."""
    digits = _HEXADECIMAL.match(content, slash + 2)
    if digits is None:
        return None, slash + 2
    code, stop = int(digits.group(), 16), digits.end()
    if not 0xD800 <= code < 0xE000:
        return chr(code), stop
    low = _HEXADECIMAL.match(content, stop + 2) if content.startswith("\\u", stop) else None
    if code >= 0xDC00 or low is None or not 0xDC00 <= int(low.group(), 16) < 0xE000:
        return None, stop
    return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(), 16) - 0xDC00), low.end()
