"""Blocks of Prisma schemas: a line is put in at their end."""

from __future__ import annotations

import re

from dblint.fix.changes import Change, WithheldError
from dblint.fix.lines import line_end
from dblint.frontends.prisma import extract

_INDENTATION = re.compile(rb"[ \t]*")


def line(data: bytes, start: int, added: str) -> Change:
    """Puts a line at the end of the block around an offset, behind a blank one where it is the first of its kind.
    Raises `WithheldError`."""
    block = next((block for block in extract(data, "").blocks if block.start <= start < block.stop), None)
    if block is None or data[block.stop - 1 : block.stop] != b"}":
        raise WithheldError("the block is not read")
    place = data.rfind(b"\n", block.start, block.stop) + 1
    if not place or data[place : block.stop - 1].strip():
        raise WithheldError("the block stands on one line")
    end = line_end(data, place)
    starts = [*(each.start for each in block.fields), *(each.start for each in block.attributes)]
    if not starts:
        raise WithheldError("the block is empty")
    first = data.rfind(b"\n", 0, min(starts)) + 1
    indentation = _INDENTATION.match(data, first)
    lead = indentation.group() if indentation is not None else b"  "
    blank = not block.attributes
    before = data[:place].rstrip(b" \t")
    spaced = blank and not before.endswith((b"\n\n", b"\n\r\n"))
    return Change(place, place, (end if spaced else b"") + lead + added.encode() + end)
