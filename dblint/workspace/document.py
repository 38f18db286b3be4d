"""The text of a file that has findings: places for people, lines to show."""

from __future__ import annotations

from functools import cached_property

from dblint.facts.report import Position, Region
from dblint.fingerprints import LineHashes
from dblint.frontends.source import LineTable
from dblint.prose import redact


class Document:
    """One file as UTF-8 bytes, offsets in which are what facts hold."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._data = data
        self._table = LineTable(data)

    def __len__(self) -> int:
        return len(self._table)

    @property
    def data(self) -> bytes:
        """The file as UTF-8."""
        return self._data

    def position(self, offset: int) -> Position:
        """The place of an offset."""
        return self._position(offset)

    def line_of(self, offset: int) -> int:
        """The line that a byte offset is on."""
        return self._table.line_of(offset)

    def text(self, line: int) -> str:
        """A line without its end."""
        return self._table.text(line)

    def line_before(self, offset: int) -> str:
        """What stands before an offset on its line."""
        start, _ = self._table.line_span(self._table.line_of(offset))
        return self._data[start:offset].decode("utf-8", "replace")

    def line_behind(self, offset: int) -> str:
        """What stands from an offset to the end of its line."""
        _, stop = self._table.line_span(self._table.line_of(offset))
        return self._data[offset:stop].decode("utf-8", "replace")

    def between(self, start: int, stop: int) -> str:
        """What stands between two offsets."""
        return self._data[start:stop].decode("utf-8", "replace")

    def region(self, start: int, stop: int) -> Region:
        """The span as one line's part: spans that go on are cut at the first line's end, and a span of
        nothing takes one character where there is one."""
        start = min(max(start, 0), len(self._data))
        line = self._table.line_of(start)
        line_start, line_stop = self._table.line_span(line)
        start = min(max(start, line_start), line_stop)
        stop = min(max(stop, start), line_stop)
        if stop == start < line_stop:
            stop = start + 1
            while stop < line_stop and self._data[stop] & 0xC0 == 0x80:
                stop += 1
        return Region(self.path, self._position(start), self._position(stop))

    def _position(self, offset: int) -> Position:
        place = self._table.position(offset)
        return Position(place.line, place.column, place.utf16_column)

    def hashes(self, secrets: frozenset[str]) -> LineHashes:
        """GitHub's hash of every line, with secrets replaced."""
        if not secrets:
            return self._hashes
        return LineHashes(redact(self._text, secrets))

    @cached_property
    def _text(self) -> str:
        return self._data.decode("utf-8", "replace")

    @cached_property
    def _hashes(self) -> LineHashes:
        return LineHashes(self._text)
