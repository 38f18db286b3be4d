"""Configuration: `dblint.toml`, or `[tool.dblint]` of `pyproject.toml`. It is data only and runs nothing.

The file belongs to the checkout that is reviewed, so it is read with care (regular, inside the root, bounded)
and can neither name code nor choose where output goes. Every mistake is an error with its place. A file that is
named on the command line may lie anywhere; what the user's own file says holds where the project says nothing.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from dblint.config_calls import OwnCall
from dblint.config_keys import KEYS, PathRules, read_keys
from dblint.config_values import (
    SEVERITIES,
    ConfigurationError,
    Where,
    nearest,
    read_dialect,
    read_role,
    read_severity,
)
from dblint.facts.program import FileRole
from dblint.toml_lines import key_lines
from dblint.workspace.read import (
    DEFAULT_FILE_TIMEOUT,
    DEFAULT_MAX_FILE_SIZE,
    NotRegularError,
    TooLargeError,
    read_regular,
)

__all__ = [
    "SEVERITIES",
    "Configuration",
    "ConfigurationError",
    "PathRules",
    "load",
    "load_named",
    "load_users",
    "merged",
    "nearest",
    "read_dialect",
    "read_role",
    "read_severity",
    "users_file",
]

FILE_NAMES = ("dblint.toml", "pyproject.toml")
USERS_FILE = ("dblint", "dblint.toml")
"""The user's own configuration, below the folder for configurations."""
_OF_USERS = (
    "names code, which no file of the reviewed project may; your own configuration ({users}) may, or a file that lies "
    "elsewhere and that --config names"
)
_OF_PROJECTS = "is for a project to say, in its own configuration"
_FILE_SIZE = 1_000_000
_QUOTED = re.compile(r"""\"(?:\\.|[^"\\])*\"|'[^']*'""")
_MOST_DOTS = 300
"""In a key. The parser takes a time that grows with the square of its parts."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a user can set. Field names with `-` for `_` are the keys.

    `select` and `ignore` name rules, groups, `all` or `default`; an empty `select` means the rules that are on
    by default; `paths` changes that for the files of patterns. `max_file_size` is in bytes, `file_timeout` in seconds.
    `roles` says what files are for where conventions are wrong: pattern → role. `small_tables` names tables or models,
    `timeouts` is "" where nobody is said to set any. `source` is the file that was read, relative to the root, and
    `lines` where its keys stand, by their paths in it; `users` is the user's own file, and `of_user` the keys that were
    taken from there.
    """

    dialect: str = ""
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "warning"
    max_file_size: int = DEFAULT_MAX_FILE_SIZE
    file_timeout: float = DEFAULT_FILE_TIMEOUT
    roles: Mapping[str, FileRole] = msgspec.field(default_factory=dict)
    paths: tuple[PathRules, ...] = ()
    small_tables: tuple[str, ...] = ()
    timeouts: str = ""
    call: tuple[OwnCall, ...] = ()
    packs: tuple[str, ...] = ()
    source: str = ""
    lines: Mapping[tuple[str, ...], int] = msgspec.field(default_factory=dict)
    users: str = ""
    of_user: frozenset[str] = frozenset()

    def place(self, *keys: str) -> str:
        """Where a key stands, as errors begin: `dblint.toml:3: select`, or the option's name."""
        if keys[:1] not in self.lines:
            return f"--{keys[0]}"
        return str(Where(self.users if keys[0] in self.of_user else self.source, self.lines, keys))

    def place_of_call(self, function: str, word: str) -> str:
        """Where a word stands in the row of a function of the project."""
        number = next(number for number, call in enumerate(self.call) if call.function == function)
        return self.place("call", f"[{number}]", word)

    def sources(self) -> str:
        """The files that say something, the project's first."""
        return ", ".join(source for source in (self.source, self.users) if source)


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


def load_named(target: str, root: Path) -> Configuration:
    """The configuration in a file that the user names, which may lie outside the root. Reports know it by its path
    below the root, or by its name: where it lies on this machine is nobody's business.

    Raises `ConfigurationError` with file, line and key.
    """
    path = Path(os.path.abspath(target))  # noqa: PTH100 - shown as it is named, not as links resolve
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    document, text = _parsed(path, f"--config {target}", shown)
    configuration = _configuration(document, text, path.name, shown, _refused("user") if _inside(path, root) else {})
    if configuration is None:
        raise ConfigurationError(f"--config {target}: has no table tool.dblint")
    return configuration


def users_file() -> tuple[Path, str] | None:
    """Where the user's own configuration lies, whether it exists or not, and how it is shown: without what this
    machine's folders are called."""
    written = os.environ.get("XDG_CONFIG_HOME", "")
    if Path(written).is_absolute():
        return Path(written, *USERS_FILE), "/".join(("$XDG_CONFIG_HOME", *USERS_FILE))
    try:
        return Path(Path.home(), ".config", *USERS_FILE), "/".join(("~", ".config", *USERS_FILE))
    except RuntimeError:
        return None


def load_users(root: Path) -> Configuration:
    """The user's own configuration; the defaults where there is none. Where it lies in the project that is reviewed,
    it can name no code.

    Raises `ConfigurationError` with file, line and key.
    """
    place = users_file()
    if place is None or not os.path.lexists(place[0]):
        return Configuration()
    path, shown = place
    document, text = _parsed(path, shown, shown)
    refused = _refused("project") | (_refused("user") if _inside(path, root) else {})
    return _configuration(document, text, path.name, shown, refused) or Configuration()


def merged(configuration: Configuration, users: Configuration) -> Configuration:
    """A project's configuration, with the user's keys that it does not have."""
    # A file with mistakes has lines of keys that there are not, too.
    taken = KEYS.keys() & {key for (key, *_) in users.lines} - {key for (key, *_) in configuration.lines}
    if not taken:
        return configuration
    lines = {path: line for path, line in users.lines.items() if path[0] in taken}
    values: dict[str, Any] = {name: getattr(users, name) for name in (key.replace("-", "_") for key in taken)}
    return replace(
        configuration,
        **values,
        lines={**configuration.lines, **lines},
        users=users.source,
        of_user=frozenset(taken),
    )


def _refused(whose: str) -> dict[str, str]:
    """The keys that only this one's configuration may have, and what is said where another has them."""
    place = users_file()
    why = _OF_USERS.format(users=place[1] if place else "dblint.toml") if whose == "user" else _OF_PROJECTS
    return {key: why for key, row in KEYS.items() if row.whose == whose}


def _inside(path: Path, root: Path) -> bool:
    """Whether a file lies in a folder, by its name or by what its name leads to."""
    return path.is_relative_to(root) or path.resolve().is_relative_to(root.resolve())


def _load_file(path: Path, root: Path) -> Configuration | None:
    """One file's configuration, or None where the file is absent or says nothing about dblint."""
    if not os.path.lexists(path):
        return None
    shown = path.relative_to(root).as_posix()
    try:
        real = path.resolve(strict=True)
    except OSError as error:
        raise ConfigurationError(f"{shown}: cannot be read: {error.strerror}") from None
    if not real.is_relative_to(root.resolve()):
        raise ConfigurationError(f"{shown}: is a link that leads out of the project")
    document, text = _parsed(real, shown, shown)
    return _configuration(document, text, path.name, shown, _refused("user"))


def _parsed(path: Path, named: str, shown: str) -> tuple[dict[str, Any], str]:
    """A TOML file and its text. Errors of reading name it as `named`, those of its content as `shown`."""
    try:
        text = read_regular(path, _FILE_SIZE).decode("utf-8-sig")
        if any(_QUOTED.sub("", line).partition("=")[0].count(".") > _MOST_DOTS for line in text.split("\n")):
            raise ConfigurationError(f"{shown}: nested too deeply")
        return tomllib.loads(text), text
    except NotRegularError:
        raise ConfigurationError(f"{named}: is not a regular file") from None
    except TooLargeError as error:
        raise ConfigurationError(f"{named}: is too large ({error.size} bytes, at most {_FILE_SIZE})") from None
    except OSError as error:
        raise ConfigurationError(f"{named}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{shown}: not valid UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ConfigurationError(f"{shown}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        message, line = _toml_error(str(error))
        raise ConfigurationError(f"{shown}:{line}: {message}") from None


def _toml_error(message: str) -> tuple[str, str]:
    """The parser's message apart from the line it names."""
    text, mark, place = message.partition(" (at ")
    line = place.partition(",")[0].removeprefix("line ")
    return text, line if mark and line.isdigit() else "end"


def _configuration(
    document: Mapping[str, Any], text: str, name: str, shown: str, refused: Mapping[str, str]
) -> Configuration | None:
    """What a document says about dblint, None where it says nothing. `refused`: keys that it may not have. Raises
    with every mistake."""
    lines = key_lines(text)
    table: object = document
    if name == "pyproject.toml":
        tool = document.get("tool")
        if not isinstance(tool, dict) or "dblint" not in tool:
            return None
        table = tool["dblint"]
        lines = {path[2:]: line for path, line in lines.items() if path[:2] == ("tool", "dblint")}
    if not isinstance(table, dict):
        raise ConfigurationError(f"{shown}: tool.dblint: expected a table")
    place = Where(shown, lines)
    mistakes: list[str] = []
    if isinstance(tool := table.get("tool"), dict) and "dblint" in tool:
        # Only where keys stand at the top of the file; below that header it is a header too many.
        header = place.inside("tool").inside("dblint")
        mistakes.append(f"{header}: only pyproject.toml needs this header; here, keys stand at the top of the file")
        table = {key: value for key, value in table.items() if key != "tool"}
    read, wrong = read_keys(table, place, KEYS, refused)
    values = {key.replace("-", "_"): value for key, value in read.items()}
    placed = {(key,): 0 for key in table} | {path: line for path, line in lines.items() if path}
    configuration = Configuration(**values, source=shown, lines=placed)
    if mistakes or wrong:
        raise ConfigurationError(*mistakes, *wrong, rest=configuration)
    return configuration
