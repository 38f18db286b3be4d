"""Prisma schema files → `PrismaFile`: what one file says, with a fault for every line that says nothing.

The language is read line by line, as Prisma reads it: a field, an attribute or a property is one line.
Where Prisma gives a line up (arguments over several lines, a whole block on one line), the line is a
fault and its content is used all the same, so that the other stages still see the table.
"""

from __future__ import annotations

import re
from typing import TypeVar

from dblint.facts.blocks import Attribute, Block, BlockKind, Field, Member, PrismaFile, Property
from dblint.facts.tree import Fault
from dblint.frontends.prisma_lines import Item, LineReader
from dblint.frontends.prisma_values import NAME, NEWLINE, SPACE

# No space is needed after the keyword: Prisma reads `modelA {` as a model named A.
_OPENING = re.compile(f"(model|view|enum|type|datasource|generator){SPACE}({NAME}){SPACE}{{")
_CLEAR_OPENING = re.compile(f"{SPACE}(?:model|view|enum|type|datasource|generator)[ \t]++{NAME}{SPACE}{{")
_ALIAS = re.compile(f"type{SPACE}{NAME}{SPACE}=")
_UNKNOWN_OPENING = re.compile(f"({NAME}){SPACE}(?:{NAME})?{SPACE}{{")

_Item = TypeVar("_Item")


def extract(source: bytes, path: str) -> PrismaFile:
    """Read one schema file. Never raises for what the bytes say: faults name what could not be read."""
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        return PrismaFile(path, faults=(Fault(0, min(2, len(source)), "the file is UTF-16; a schema is UTF-8"),))
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        return PrismaFile(path, faults=(Fault(error.start, error.end, f"not valid UTF-8 at byte {error.start}"),))
    nul = source.find(b"\0")
    if nul >= 0:
        return PrismaFile(path, faults=(Fault(nul, nul + 1, f"a NUL byte at byte {nul}"),))
    return _FileReader(text).file(path)


class _Lines:
    """What stands in a block, as it is gathered."""

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.members: list[Member] = []
        self.properties: list[Property] = []
        self.attributes: list[Attribute] = []


class _Documentation:
    """The `///` and `/* */` comments that stand before the next thing: Prisma takes both as documentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._gap = False

    def add(self, kind: str, content: str) -> None:
        if self._gap:
            self.clear()
        if kind != "//":
            self._lines.append(content.strip())

    def gap(self) -> None:
        self._gap = True

    def clear(self) -> None:
        self._lines.clear()
        self._gap = False

    def take(self, *, adjacent: bool = False) -> str:
        """Return the documentation and forget it; `adjacent`: none after an empty line."""
        text = "" if adjacent and self._gap else "\n".join(self._lines)
        self.clear()
        return text


class _FileReader(LineReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.blocks: list[Block] = []

    def file(self, path: str) -> PrismaFile:
        text = self.text
        position = 1 if text.startswith("\ufeff") else 0
        documentation = _Documentation()
        invalid = -1  # where a run of lines that mean nothing begins
        while position < len(text):
            begin = position = self.spaces(position)
            line = NEWLINE.match(text, position)
            if line is not None:
                documentation.gap()
                position = line.end()
                continue
            comment = self.comment(position)
            if comment is not None:
                documentation.add(comment[0], comment[1])
                position = self._after_newline(comment[2])
                continue
            if position >= len(text):
                break
            opening = _OPENING.match(text, position)
            if opening is not None:
                invalid = -1
                position = self._block(opening, documentation.take(adjacent=True))
                continue
            documentation.clear()
            stop = self.line_end(position)
            unknown = _UNKNOWN_OPENING.match(text, position)
            if unknown is not None:
                invalid = -1
                self.fault(begin, stop, f"a block cannot begin with `{unknown.group(1)}`")
                position = self._after_unknown_block(stop)
                continue
            if _ALIAS.match(text, position):
                self.fault(begin, stop, "a type needs a block of fields; types have no aliases")
            elif text.startswith("/*", position):
                self.fault(begin, stop, "a comment that is not closed")
            elif invalid < 0:
                self.fault(begin, stop, "this line begins no block and is no comment")
                invalid = begin
            position = self._after_newline(stop)
        suppressions = tuple(self.suppressions[start] for start in sorted(self.suppressions))
        return PrismaFile(path, tuple(self.blocks), tuple(self.faults), suppressions)

    def _after_newline(self, position: int) -> int:
        line = NEWLINE.match(self.text, position)
        return position if line is None else line.end()

    def _after_unknown_block(self, position: int) -> int:
        """Pass over a block that is not read, to after its `}` or before the next block."""
        while position < len(self.text):
            position = self._after_newline(position)
            if _CLEAR_OPENING.match(self.text, position):
                return position
            stop = self.line_end(position)
            if self.text.startswith("}", self.spaces(position)):
                return stop
            position = stop
        return position

    # Blocks

    def _block(self, opening: re.Match[str], documentation: str) -> int:
        kind = BlockKind(opening.group(1))
        faults = len(self.faults)
        # Prisma passes over whatever follows the brace on its line.
        lines = _Lines()
        position, closed = self._body(kind, lines, self._after_newline(self.line_end(opening.end())))
        read = closed and len(self.faults) == faults
        one_line = None if read else self._one_line_block(kind, opening.end())
        if one_line is None:
            if not closed:
                self.fault(opening.start(), opening.end(), f"the {kind} `{opening.group(2)}` is not closed")
        else:
            lines, position = one_line
            del self.faults[faults:]
            message = f"the {kind} `{opening.group(2)}` stands on one line; a block needs a line for each of its parts"
            self.fault(opening.start(), position, message)
        if kind is BlockKind.ENUM and not lines.members and len(self.faults) == faults:
            self.fault(opening.start(2), opening.end(2), f"the enum `{opening.group(2)}` has no values")
        self.blocks.append(
            Block(
                kind,
                opening.group(2),
                self.at(opening.start()),
                self.at(position),
                self.at(opening.start(2)),
                self.at(opening.end(2)),
                tuple(lines.fields),
                tuple(lines.members),
                tuple(lines.properties),
                tuple(lines.attributes),
                documentation,
            )
        )
        return position

    def _one_line_block(self, kind: BlockKind, position: int) -> tuple[_Lines, int] | None:
        """Read a block that ends on the line it begins on; return its parts and the position after its brace."""
        stop = self.line_end(position)
        begin = self.spaces(position)
        if self.text.find("}", begin, stop) < 0 or self.text.startswith(("//", "/*"), begin):
            return None
        lines = _Lines()
        faults = len(self.faults)
        self.inline = True
        position, closed = self._body(kind, lines, begin)
        self.inline = False
        if closed and position <= stop:
            return lines, position
        del self.faults[faults:]
        return None

    def _body(self, kind: BlockKind, lines: _Lines, position: int) -> tuple[int, bool]:
        """Read a block's lines; return the position after it and whether its brace was found."""
        text = self.text
        documentation = _Documentation()
        line_begins = True
        while position < len(text):
            if line_begins and _CLEAR_OPENING.match(text, position):
                return position, False
            position = self.spaces(position)
            line = NEWLINE.match(text, position)
            if line is not None:
                if self.inline:
                    return position, False
                if line_begins:
                    documentation.gap()
                line_begins = True
                position = line.end()
                continue
            if text.startswith("}", position):
                return position + 1, True
            comment = self.comment(position)
            if comment is not None:
                documentation.add(comment[0], comment[1])
                position = comment[2]
                line_begins = False
                continue
            if position >= len(text):
                break
            position = self._line(kind, lines, position, documentation)
            line_begins = True
        return position, False

    def _line(self, kind: BlockKind, lines: _Lines, begin: int, documentation: _Documentation) -> int:
        """Read one line of a block; return the position after it. What cannot be read is a fault."""
        text = self.text
        faults = len(self.faults)
        self.too_deep = False
        found = self.item(kind, begin, lenient=False)
        several_lines = False
        if found is None and self.text[self.stopped : self.stopped + 1] in ("\n", "\r", "/"):
            del self.faults[faults:]
            found = self.item(kind, begin, lenient=True)
            several_lines = found is not None
        if found is None:
            del self.faults[faults:]
            what = _EXPECTED[kind]
            message = "nested too deep to be read" if self.too_deep else f"this line is neither {what}"
            self.fault(begin, self.line_end(begin), message)
            documentation.clear()
            return self._after_newline(self.line_end(begin))
        item, stop = found
        end = self.line_ends(stop)
        if several_lines:
            self.fault(begin, stop, "an attribute or a property may not go over several lines")
        position = self.spaces(stop)
        if end >= 0:
            position = end
        elif text.startswith("}", position):
            self.fault(position, position + 1, "the closing brace must stand on a line of its own")
        else:
            self.fault(position, self.line_end(position), "what follows on this line cannot be read")
            position = self._after_newline(self.line_end(position))
        comments = [comment for comment in (documentation.take(), self.trailing) if comment]
        self._keep(item, lines, "\n".join(comments))
        return position

    @staticmethod
    def _keep(item: Item | None, lines: _Lines, documentation: str) -> None:
        if isinstance(item, Field):
            lines.fields.append(_documented(item, documentation))
        elif isinstance(item, Member):
            lines.members.append(_documented(item, documentation))
        elif isinstance(item, Property):
            lines.properties.append(item)
        elif item is not None:
            lines.attributes.append(item)


_EXPECTED = {
    BlockKind.MODEL: "a field nor an attribute",
    BlockKind.VIEW: "a field nor an attribute",
    BlockKind.TYPE: "a field nor an attribute",
    BlockKind.ENUM: "a value nor an attribute",
    BlockKind.DATASOURCE: "a property nor a comment",
    BlockKind.GENERATOR: "a property nor a comment",
}


def _documented(item: _Item, documentation: str) -> _Item:
    if not documentation:
        return item
    parts = {name: getattr(item, name) for name in item.__struct_fields__}  # type: ignore[attr-defined]
    return type(item)(**{**parts, "documentation": documentation})
