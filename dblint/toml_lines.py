"""On which line each key of a TOML document stands: the standard library's parser does not say.

Read beside the parser, of a text that it has accepted; a key inside an inline table stands where its table does.
"""

from __future__ import annotations

import re
import tomllib

_PIECE = re.compile(
    r"#[^\n]*"
    r'|"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|[\[\]{}=\n]"
    r"""|[^#"'\[\]{}=\n]+""",
    re.DOTALL,
)


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each table and key by its path from the top. The tables of an array are told apart by their places
    in it: `("call", "[0]", "run")`."""
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    number, depth, written = 1, 0, ""
    in_value = False
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece == "\n" and not depth:
            header = written.strip()
            if not in_value and header.startswith("["):
                table = _table(header, counts)
                _enter(lines, table, number)
            written, in_value = "", False
        elif in_value:
            depth += (piece in "[{") - (piece in "]}") if len(piece) == 1 else 0
        elif piece == "=":
            path = (*table, *_path(written))
            # A dotted key makes the tables on its way.
            for end in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:end], number)
            in_value = True
        elif not piece.startswith("#"):
            written += piece
        number += piece.count("\n")
    header = written.strip()
    if not in_value and header.startswith("["):
        _enter(lines, _table(header, counts), number)
    return lines


def _table(header: str, counts: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """The path of a table that begins; `counts`: how many tables each array has so far."""
    path: tuple[str, ...] = ()
    parts = _path(header.removeprefix("[").removeprefix("[").rstrip("]"))
    for number, part in enumerate(parts, 1):
        path = (*path, part)
        if number == len(parts) and header.startswith("[["):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, f"[{counts[path] - 1}]")
    return path


def _enter(lines: dict[tuple[str, ...], int], table: tuple[str, ...], number: int) -> None:
    """Says where a table begins, and the tables and arrays around it that are not written before."""
    for end in range(1, len(table) + 1):
        lines.setdefault(table[:end], number)
    lines.setdefault(table, number)


def _path(written: str) -> tuple[str, ...]:
    """A dotted key, part by part, as the parser reads it."""
    try:
        value: object = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(value, dict):
        [(part, value)] = value.items()
        parts.append(part)
    return tuple(parts)
