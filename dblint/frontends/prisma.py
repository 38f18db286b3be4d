"""Prisma schema files → `PrismaFile`: what one file says, with a fault for every line that says nothing.

The language is read line by line, as Prisma reads it: a field, an attribute or a property is one line.
Where Prisma gives a line up (arguments over several lines, a whole block on one line), the line is a
fault and its content is used all the same, so that the other stages still see the table.
"""

from __future__ import annotations

import re
from typing import TypeVar

from dblint.facts.blocks import Argument, Attribute, Block, BlockKind, Field, FieldType, Member, PrismaFile, Property
from dblint.facts.tree import Fault
from dblint.frontends.prisma_values import NAME, NEWLINE, PATH, SPACE, WORD, ValueReader

# No space is needed after the keyword: Prisma reads `modelA {` as a model named A.
_OPENING = re.compile(f"(model|view|enum|type|datasource|generator){SPACE}({NAME}){SPACE}{{")
_CLEAR_OPENING = re.compile(f"{SPACE}(?:model|view|enum|type|datasource|generator)[ \t]++{NAME}{SPACE}{{")
_ALIAS = re.compile(f"type{SPACE}{NAME}{SPACE}=")
_UNKNOWN_OPENING = re.compile(f"({NAME}){SPACE}(?:{NAME})?{SPACE}{{")
_UNSUPPORTED = re.compile(rf"Unsupported\({SPACE}")

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


class _FileReader(ValueReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.blocks: list[Block] = []
        self.trailing = ""  # the documentation comment at the end of the last line
        self._inline = False  # inside a block on one line: an item need not end its line

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
        self._inline = True
        position, closed = self._body(kind, lines, begin)
        self._inline = False
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
                if self._inline:
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
        found = self._item(kind, begin, lenient=False)
        several_lines = False
        if found is None and self.text[self.stopped : self.stopped + 1] in ("\n", "\r", "/"):
            del self.faults[faults:]
            found = self._item(kind, begin, lenient=True)
            several_lines = found is not None
        if found is None:
            del self.faults[faults:]
            what = _EXPECTED[kind]
            message = "nested too deep to be read" if self.too_deep else f"this line is neither {what}"
            self.fault(begin, self.line_end(begin), message)
            documentation.clear()
            return self._after_newline(self.line_end(begin))
        item, stop = found
        end = self._line_ends(stop)
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

    def _line_ends(self, position: int) -> int:
        """Pass over the line end that must follow an item, and at most one comment before it.

        -1 where something else follows. Notes the comment as documentation.
        """
        self.trailing = ""
        position = self.spaces(position)
        if self._inline:
            return -1 if self.text.startswith(("\n", "\r"), position) else position
        comment = self.comment(position)
        if comment is not None:
            self.trailing = "" if comment[0] == "//" else comment[1].strip()
            position = self.spaces(comment[2])
        line = NEWLINE.match(self.text, position)
        if line is not None:
            return line.end()
        return position if position >= len(self.text) else -1

    @staticmethod
    def _keep(item: Field | Member | Property | Attribute | None, lines: _Lines, documentation: str) -> None:
        if isinstance(item, Field):
            lines.fields.append(_documented(item, documentation))
        elif isinstance(item, Member):
            lines.members.append(_documented(item, documentation))
        elif isinstance(item, Property):
            lines.properties.append(item)
        elif item is not None:
            lines.attributes.append(item)

    # Lines

    def _item(
        self, kind: BlockKind, position: int, lenient: bool
    ) -> tuple[Field | Member | Property | Attribute | None, int] | None:
        """Read the item that begins here; return it, or None where a fault says why, and what follows."""
        if kind in (BlockKind.DATASOURCE, BlockKind.GENERATOR):
            return self._property(position, lenient)
        if self.text.startswith("@@", position):
            return self._attribute(position, 2, lenient)
        if kind is BlockKind.ENUM:
            return self._member(position, lenient)
        return self._field(position, lenient)

    def _property(self, begin: int, lenient: bool) -> tuple[Property | None, int] | None:
        word = WORD.match(self.text, begin)
        equals = begin if word is None else self.spaces(word.end())
        if word is None or not self.text.startswith("=", equals):
            self.stopped = equals
            return None
        position = self.spaces(equals + 1)
        if NEWLINE.match(self.text, position) or self.text.startswith("//", position):
            self.fault(begin, equals + 1, f"the property `{word.group()}` has no value")
            return None, equals + 1
        self.careless = True
        found = self.value(position, lenient)
        self.careless = False
        if found is None:
            return None
        value, stop = found
        names = self.at(begin), self.at(word.end())
        return Property(word.group(), value, self.at(begin), self.at(stop), *names), stop

    def _attribute(self, begin: int, signs: int, lenient: bool) -> tuple[Attribute, int] | None:
        path = PATH.match(self.text, self.spaces(begin + signs))
        if path is None:
            self.stopped = begin
            return None
        stop = path.end()
        arguments: tuple[Argument, ...] = ()
        bracket = self.spaces(stop)
        if self.text.startswith("(", bracket):
            self.careless = "." in path.group()
            found = self.arguments(bracket, lenient)
            self.careless = False
            if found is None:
                return None
            arguments, stop = found
        return Attribute(path.group(), self.at(begin), self.at(stop), arguments), stop

    def _attributes(self, position: int, lenient: bool) -> tuple[tuple[Attribute, ...], int] | None:
        """Read the field attributes that follow; return them and the position after the last."""
        attributes: list[Attribute] = []
        while True:
            begin = self.spaces(position)
            if not self.text.startswith("@", begin):
                return tuple(attributes), position
            found = self._attribute(begin, 1, lenient)
            if found is None:
                return None
            attributes.append(found[0])
            position = found[1]

    def _member(self, begin: int, lenient: bool) -> tuple[Member, int] | None:
        word = WORD.match(self.text, begin)
        if word is None:
            self.stopped = begin
            return None
        found = self._attributes(word.end(), lenient)
        if found is None:
            return None
        attributes, stop = found
        start, name_stop = self.at(begin), self.at(word.end())
        return Member(word.group(), start, self.at(stop), start, name_stop, attributes), stop

    def _field(self, begin: int, lenient: bool) -> tuple[Field | None, int] | None:
        text = self.text
        word = WORD.match(text, begin)
        if word is None:
            self.stopped = begin
            return None
        position = self.spaces(word.end())
        if text.startswith(":", position):
            self.fault(position, position + 1, "a field's name is followed by its type, without a colon")
            position = self.spaces(position + 1)
        typed = self._field_type(position)
        if typed is not None:
            position = typed[1]
        found = self._attributes(position if typed is not None else word.end(), lenient)
        if found is None:
            return None
        attributes, stop = found
        if typed is None:
            if self._line_ends(stop) < 0:
                self.stopped = stop
                return None
            self.fault(begin, stop, f"the field `{word.group()}` has no type")
            return None, stop
        start, name_stop = self.at(begin), self.at(word.end())
        return Field(word.group(), typed[0], start, self.at(stop), start, name_stop, attributes), stop

    def _field_type(self, begin: int) -> tuple[FieldType, int] | None:
        text = self.text
        legacy_list = text.startswith("[", begin)
        base = self._base_type(self.spaces(begin + 1) if legacy_list else begin)
        if base is None:
            return None
        name, stop, unsupported = base
        many = optional = False
        suffix = self.spaces(stop)
        if legacy_list:
            if not text.startswith("]", suffix):
                return None
            stop, many = suffix + 1, True
            self.fault(begin, stop, f"a list is written `{name}[]`")
        elif text.startswith("[]", suffix):
            stop, many = suffix + 2, True
            question = self.spaces(stop)
            if text.startswith("?", question):
                stop = question + 1
                self.fault(begin, stop, "a list cannot be optional")
        elif text.startswith("?", suffix):
            stop, optional = suffix + 1, True
        elif text.startswith("!", suffix):
            stop = suffix + 1
            self.fault(suffix, stop, "a field is required without an exclamation mark")
        return FieldType(name, self.at(begin), self.at(stop), many, optional, unsupported), stop

    def _base_type(self, begin: int) -> tuple[str, int, bool] | None:
        unsupported = _UNSUPPORTED.match(self.text, begin)
        if unsupported is not None:
            string = self.string(unsupported.end())
            bracket = begin if string is None else self.spaces(string[1])
            if string is None or not self.text.startswith(")", bracket):
                return None
            return string[0].text, bracket + 1, True
        word = WORD.match(self.text, begin)
        return None if word is None else (word.group(), word.end(), False)


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
