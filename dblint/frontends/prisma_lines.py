"""The lines of Prisma blocks: fields, enum values, properties and block attributes."""

from __future__ import annotations

import re
from typing import TypeAlias

from dblint.facts.blocks import Argument, Attribute, BlockKind, Field, FieldType, Member, Property
from dblint.frontends.prisma_values import NEWLINE, PATH, SPACE, WORD, ValueReader

Item: TypeAlias = Field | Member | Property | Attribute

_UNSUPPORTED = re.compile(rf"Unsupported\({SPACE}")


class LineReader(ValueReader):
    """Reads what one line of a block holds."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.trailing = ""  # the documentation comment at the end of the last line
        self.inline = False  # inside a block on one line: an item need not end its line

    def line_ends(self, position: int) -> int:
        """Pass over the line end that must follow an item, and at most one comment before it.

        -1 where something else follows. Notes the comment as documentation.
        """
        self.trailing = ""
        position = self.spaces(position)
        if self.inline:
            return -1 if self.text.startswith(("\n", "\r"), position) else position
        comment = self.comment(position)
        if comment is not None:
            self.trailing = "" if comment[0] == "//" else comment[1].strip()
            position = self.spaces(comment[2])
        line = NEWLINE.match(self.text, position)
        if line is not None:
            return line.end()
        return position if position >= len(self.text) else -1

    def item(self, kind: BlockKind, position: int, lenient: bool) -> tuple[Item | None, int] | None:
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
            if not self.text.startswith("@", begin) or self.text.startswith("@@", begin):
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
            if self.line_ends(stop) < 0:
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
