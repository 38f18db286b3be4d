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
    """The line of each table and key by its path from the top. A table of an array has the array's path."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    number, depth, written = 1, 0, ""
    in_value = False
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece == "\n" and not depth:
            header = written.strip()
            if not in_value and header.startswith("["):
                table = _path(header.removeprefix("[").removeprefix("[").rstrip("]"))
                lines.setdefault(table, number)
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
        lines.setdefault(_path(header.removeprefix("[").removeprefix("[").rstrip("]")), number)
    return lines


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
