"""Configuration: `dblint.toml`, or `[tool.dblint]` of `pyproject.toml`. It is data only and runs nothing.

The file belongs to the checkout that is reviewed, so it is read with care (regular, inside the root, bounded)
and can neither name code nor choose where output goes. Every mistake is an error with its place.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dblint.facts.program import FileRole
from dblint.sql.dialects import KNOWN, normal
from dblint.workspace.globs import affordable
from dblint.workspace.read import DEFAULT_MAX_FILE_SIZE, NotRegularError, TooLargeError, read_regular

SEVERITIES = ("error", "warning", "info")
"""From the gravest to the mildest."""

FILE_NAMES = ("dblint.toml", "pyproject.toml")
_FILE_SIZE = 1_000_000
_SIZE = re.compile(r"(\d{1,12})\s*(B|kB|KB|MB|GB)?")
_UNITS = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, None: 1}


class ConfigurationError(Exception):
    """A mistake in the configuration or on the command line; the text says where and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a user can set. Field names with `-` for `_` are the keys.

    `select` and `ignore` name rules, groups, `all` or `default`; an empty `select` means the rules that are on
    by default. `max_file_size` is in bytes. `roles` says what files are for where conventions are wrong:
    pattern → role. `source` is the file that was read, relative to the root, and `lines` where its keys stand.
    """

    dialect: str = ""
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "warning"
    max_file_size: int = DEFAULT_MAX_FILE_SIZE
    roles: Mapping[str, FileRole] = field(default_factory=dict)
    source: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Where a key stands, as errors begin: `dblint.toml:3: select`, or the option's name."""
        if key not in self.lines:
            return f"--{key}"
        line = self.lines[key]
        return f"{self.source}:{line}: {key}" if line else f"{self.source}: {key}"


def nearest(word: str, words: object) -> str:
    """` (did you mean "x"?)`, or "" where nothing comes near."""
    candidates = [str(candidate) for candidate in words] if isinstance(words, list | tuple | set | frozenset) else []
    close = get_close_matches(word[:64], sorted(candidates), n=1, cutoff=0.5)
    return f' (did you mean "{close[0]}"?)' if close else ""


def load(start: Path, root: Path) -> Configuration:
    """The configuration nearest to `start`, looked for upwards until `root`; the defaults where there is none.

    Raises `ConfigurationError` with file, line and key.
    """
    folder = start if start.is_relative_to(root) else root
    while True:
        for name in FILE_NAMES:
            found = _load_file(folder / name, root)
            if found is not None:
                return found
        if folder == root:
            return Configuration()
        folder = folder.parent


def _load_file(path: Path, root: Path) -> Configuration | None:
    """One file's configuration, or None where the file is absent or says nothing about dblint."""
    if not os.path.lexists(path):
        return None
    shown = path.relative_to(root).as_posix()
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise ConfigurationError(f"{shown}: is a link that leads out of the project")
        text = read_regular(real, _FILE_SIZE).decode("utf-8-sig")
        document = tomllib.loads(text)
    except NotRegularError:
        raise ConfigurationError(f"{shown}: is not a regular file") from None
    except TooLargeError as error:
        raise ConfigurationError(f"{shown}: is too large ({error.size} bytes, at most {_FILE_SIZE})") from None
    except OSError as error:
        raise ConfigurationError(f"{shown}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{shown}: not valid UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ConfigurationError(f"{shown}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        message, line = _toml_error(str(error))
        raise ConfigurationError(f"{shown}:{line}: {message}") from None
    if path.name == "pyproject.toml":
        tool = document.get("tool")
        if not isinstance(tool, dict) or "dblint" not in tool:
            return None
        table, header = tool["dblint"], "tool.dblint"
    else:
        table, header = document, ""
    if not isinstance(table, dict):
        raise ConfigurationError(f"{shown}: tool.dblint: expected a table")
    return _validated(table, shown, _key_lines(text, header))


def _toml_error(message: str) -> tuple[str, str]:
    """The parser's message apart from the line it names."""
    text, mark, place = message.partition(" (at ")
    line = place.partition(",")[0].removeprefix("line ")
    return text, line if mark and line.isdigit() else "end"


def _key_lines(text: str, header: str) -> dict[str, int]:
    """On which line each key of a table stands, as far as a key at the start of a line tells."""
    lines: dict[str, int] = {}
    current = ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            current = stripped.strip("[] \t").partition("]")[0].replace('"', "").replace(" ", "")
            if current.startswith(f"{header}." if header else "") and current != header:
                key = current.removeprefix(f"{header}." if header else "").partition(".")[0]
                lines.setdefault(key, number)
            continue
        key, mark, _ = stripped.partition("=")
        if mark and current == header:
            lines.setdefault(key.strip().strip("\"'"), number)
    return lines


def _validated(table: Mapping[str, Any], source: str, lines: Mapping[str, int]) -> Configuration:
    """The configuration that a table means. Raises at the first mistake."""
    keys = {
        entry.name.replace("_", "-"): entry.name
        for entry in fields(Configuration)
        if entry.name not in ("source", "lines")
    }
    known = {key: lines.get(key, 0) for key in table}
    result = Configuration(source=source, lines=known)
    for key, value in table.items():
        place = result.place(key)
        if key not in keys:
            suggestion = nearest(key, list(keys))
            raise ConfigurationError(f"{place}: unknown key{suggestion}")
        change: dict[str, Any] = {keys[key]: _READERS[key](value, place)}
        result = replace(result, **change)
    return result


def _kind(value: object) -> str:
    """What TOML calls a value of this kind."""
    names: dict[type, str] = {
        bool: "a boolean",
        int: "an integer",
        float: "a float",
        str: "a string",
        list: "an array",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"{place}: expected a string, found {_kind(value)}")
    return value


def _texts(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigurationError(f"{place}: expected an array of strings, found {_kind(value)}")
    for entry in value:
        if not isinstance(entry, str):
            raise ConfigurationError(f"{place}: expected an array of strings, found {_kind(entry)} in it")
    return tuple(value)


def read_dialect(value: object, place: str) -> str:
    """A dialect's name as the SQL room uses it."""
    name = _text(value, place)
    if not normal(name):
        suggestion = nearest(name.lower(), KNOWN | {"postgresql", "mariadb", "mssql"})
        raise ConfigurationError(f'{place}: unknown dialect "{name}"{suggestion}')
    return normal(name)


def read_severity(value: object, place: str) -> str:
    """One of `SEVERITIES`."""
    name = _text(value, place)
    if name not in SEVERITIES:
        choices = ", ".join(SEVERITIES)
        raise ConfigurationError(f'{place}: unknown severity "{name}"{nearest(name, SEVERITIES)}; one of {choices}')
    return name


def read_size(value: object, place: str) -> int:
    """A size in bytes: a number, or a text such as `"2 MB"`."""
    size = value
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if match is None:
            raise ConfigurationError(f'{place}: "{value}" is not a size; write bytes, or a text such as "2 MB"')
        size = int(match[1]) * _UNITS[match[2]]
    if isinstance(size, bool) or not isinstance(size, int):
        raise ConfigurationError(f"{place}: expected a size, found {_kind(value)}")
    if size < 1:
        raise ConfigurationError(f"{place}: a size is at least 1 byte")
    return size


def read_patterns(value: object, place: str) -> tuple[str, ...]:
    """Patterns of paths below the root."""
    patterns = _texts(value, place)
    for pattern in patterns:
        _check_pattern(pattern, place)
    return patterns


def _check_pattern(pattern: str, place: str) -> None:
    segments = pattern.split("/")
    if not pattern.strip() or ".." in segments:
        raise ConfigurationError(f'{place}: "{pattern}" is not a path below the project\'s root')
    if not affordable(pattern):
        raise ConfigurationError(f'{place}: "{pattern[:40]}" has too many wildcards')


def _selection(value: object, place: str) -> tuple[str, ...]:
    words = _texts(value, place)
    if not words:
        raise ConfigurationError(f'{place}: is empty; leave it out, or write ["default"]')
    return words


def read_role(word: object, place: str) -> FileRole:
    """One of the roles."""
    name = _text(word, place)
    roles = [role.value for role in FileRole]
    if name not in roles:
        raise ConfigurationError(f'{place}: unknown role "{name}"{nearest(name, roles)}; one of {", ".join(roles)}')
    return FileRole(name)


def _roles(value: object, place: str) -> dict[str, FileRole]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place}: expected a table of pattern = role, found {_kind(value)}")
    for pattern in value:
        _check_pattern(pattern, place)
    return {pattern: read_role(role, place) for pattern, role in value.items()}


_READERS: Mapping[str, Callable[[Any, str], object]] = {
    "dialect": read_dialect,
    "exclude": read_patterns,
    "select": _selection,
    "ignore": _texts,
    "fail-on": read_severity,
    "max-file-size": read_size,
    "roles": _roles,
}
