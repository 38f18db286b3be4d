"""Values of the configuration and of options: how each is read, and what is said where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

import msgspec

from dblint.facts.program import FileRole
from dblint.sql.dialects import KNOWN, normal
from dblint.workspace.globs import affordable

SEVERITIES = ("error", "warning", "info")
"""From the gravest to the mildest."""

DIALECTS = frozenset(KNOWN | {"postgresql", "mariadb", "mssql"})
"""The names of dialects that are offered; more are understood."""

SIZE = r"\s*(\d{1,12})\s*(B|kB|KB|MB|GB)?\s*"
"""A size as text, as an expression that JSON schemas understand too."""

LONGEST = 86_400
"""Seconds that a limit can be."""
TIMEOUTS = ("server",)
"""Who may set a limit to the time of statements."""

MODULE = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"
"""The name of a Python module, as an expression that JSON schemas understand too."""

_SIZE = re.compile(SIZE)
_MODULE = re.compile(MODULE)
_UNITS = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, None: 1}
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ENTRY = re.compile(r"\[\d+\]")
"""A place in an array of tables, among keys."""

K = TypeVar("K")
T = TypeVar("T")


class ConfigurationError(Exception):
    """Mistakes in the configuration or on the command line, each with its place and what would be right. `rest` is what
    could be read beside them, None for nothing."""

    def __init__(self, *mistakes: str, rest: object = None) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.rest = rest


class Where(msgspec.Struct, frozen=True):
    """A place in a configuration file: the path of a key, and on which lines keys stand. As text it is how errors
    begin: `dblint.toml:3: paths."legacy/**".ignore`."""

    source: str
    lines: Mapping[tuple[str, ...], int] = msgspec.field(default_factory=dict)
    keys: tuple[str, ...] = ()

    def inside(self, key: str) -> Where:
        """The place of a key of this table."""
        return Where(self.source, self.lines, (*self.keys, key))

    def __str__(self) -> str:
        shown = "".join(key if _ENTRY.fullmatch(key) else f".{_shown(key)}" for key in self.keys).removeprefix(".")
        path = self.keys
        while path and path not in self.lines:
            path = path[:-1]
        line = self.lines.get(path, 0)
        return f"{self.source}:{line}: {shown}" if line else f"{self.source}: {shown}"


def _shown(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else f'"{key}"'


Named: TypeAlias = str | Where
"""A place of the configuration, or an option's name."""


def nearest(word: str, words: object) -> str:
    """` (did you mean "x"?)`, or "" where nothing comes near."""
    candidates = [str(candidate) for candidate in words] if isinstance(words, list | tuple | set | frozenset) else []
    folded = {candidate.lower(): candidate for candidate in sorted(candidates)}
    close = get_close_matches(word[:64].lower(), sorted(folded), n=1, cutoff=0.5)
    return f' (did you mean "{folded[close[0]]}"?)' if close else ""


def gather(read: Callable[[K], T], entries: Iterable[K]) -> list[T]:
    """What each entry is read as. Raises one `ConfigurationError` with the mistakes of all."""
    given: list[T] = []
    mistakes: list[str] = []
    for entry in entries:
        try:
            given.append(read(entry))
        except ConfigurationError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigurationError(*mistakes)
    return given


def kind(value: object) -> str:
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


def read_text(value: object, place: Named) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{place}: expected a string, found {kind(value)}")
    return value


def read_texts(value: object, place: Named) -> tuple[str, ...]:
    """An array of strings."""
    if not isinstance(value, list):
        raise ConfigurationError(f"{place}: expected an array of strings, found {kind(value)}")
    for entry in value:
        if not isinstance(entry, str):
            raise ConfigurationError(f"{place}: expected an array of strings, found {kind(entry)} in it")
    return tuple(value)


def read_dialect(value: object, place: Named) -> str:
    """A dialect's name as the SQL room uses it."""
    name = read_text(value, place)
    if not normal(name):
        raise ConfigurationError(f'{place}: unknown dialect "{name}"{nearest(name.lower(), DIALECTS)}')
    return normal(name)


def read_severity(value: object, place: Named) -> str:
    """One of `SEVERITIES`."""
    return _one_of(value, place, "severity", SEVERITIES)


def read_role(value: object, place: Named) -> FileRole:
    """One of the roles."""
    return FileRole(_one_of(value, place, "role", [role.value for role in FileRole]))


def _one_of(value: object, place: Named, what: str, words: Sequence[str]) -> str:
    name = read_text(value, place)
    if name not in words:
        choices = ", ".join(words)
        raise ConfigurationError(f'{place}: unknown {what} "{name}"{nearest(name, tuple(words))}; one of {choices}')
    return name


def read_size(value: object, place: Named) -> int:
    """A size in bytes: a number, or a text such as `"2 MB"`."""
    size = value
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        if match is None:
            raise ConfigurationError(f'{place}: "{value}" is not a size; write bytes, or a text such as "2 MB"')
        size = int(match[1]) * _UNITS[match[2]]
    if isinstance(size, bool) or not isinstance(size, int):
        raise ConfigurationError(f"{place}: expected a size, found {kind(value)}")
    if size < 1:
        raise ConfigurationError(f"{place}: a size is at least 1 byte")
    return size


def read_seconds(value: object, place: Named) -> float:
    """A time in seconds, 0 for any time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"{place}: expected a number of seconds, found {kind(value)}")
    if not 0 <= value <= LONGEST:
        raise ConfigurationError(f"{place}: is not from 0 (no limit) to {LONGEST} seconds")
    return value


def read_patterns(value: object, place: Named) -> tuple[str, ...]:
    """Patterns of paths below the root."""
    return tuple(gather(lambda pattern: read_pattern(pattern, place), read_texts(value, place)))


def read_pattern(pattern: str, place: Named) -> str:
    """A pattern of paths below the root that is cheap to match."""
    if not pattern.strip() or ".." in pattern.split("/"):
        raise ConfigurationError(f'{place}: "{pattern}" is not a path below the project\'s root')
    if not affordable(pattern):
        raise ConfigurationError(f'{place}: "{pattern[:40]}" has too many wildcards')
    return pattern


def read_timeouts(value: object, place: Named) -> str:
    """One of `TIMEOUTS`."""
    return _one_of(value, place, "place of timeouts", TIMEOUTS)


def read_names(value: object, place: Named) -> tuple[str, ...]:
    """Names, none of them empty."""

    def read(name: str) -> str:
        if not name.strip():
            raise ConfigurationError(f"{place}: names nothing")
        return name.strip()

    return tuple(gather(read, read_texts(value, place)))


def read_packs(value: object, place: Named) -> tuple[str, ...]:
    """Names of modules."""

    def read(name: str) -> str:
        if _MODULE.fullmatch(name) is None:
            raise ConfigurationError(f'{place}: "{name}" is not the name of a module')
        return name

    return tuple(gather(read, read_texts(value, place)))


def read_selection(value: object, place: Named) -> tuple[str, ...]:
    """Words that name rules, at least one."""
    words = read_texts(value, place)
    if not words:
        raise ConfigurationError(f'{place}: is empty; leave it out, or write ["default"]')
    return words
