"""Files of settings that are written as INI files are (`[files]` of tables): their options, with their places."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

import msgspec

from dblint.facts.text import Place

_OPTION = re.compile(r"(?P<name>[^\s#;\[=:][^=:]*?)\s*[=:]\s*(?P<value>.*?)\s*$")
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_HERE = "%(here)s"
"""The folder of the file itself."""


class Option(msgspec.Struct, frozen=True):
    """An option of a section, its value as it is written, and where that stands."""

    section: str
    name: str
    value: str
    place: Place


def options(path: str, data: bytes) -> Iterator[Option]:
    """The options of a file that have a value on their line, in order. What has no text in UTF-8 has none."""
    section, start = "", 0
    for line in data.decode("utf-8", "replace").splitlines(keepends=True):
        text = line.rstrip("\r\n")
        if heading := _SECTION.match(text):
            section = heading["name"].strip()
        elif found := _OPTION.match(text):
            before = len(text[: found.start("value")].encode())
            place = Place(path, start + before, start + before + len(found["value"].encode()))
            yield Option(section, found["name"].lower(), found["value"], place)
        start += len(line.encode())


def folder_of(path: str, data: bytes, word: str) -> str | None:
    """The folder that an option of a file names, below the root; None where it names none there."""
    own = path.rpartition("/")[0]
    for option in options(path, data):
        if option.name == word:
            named = option.value.replace(_HERE, ".")
            whole = posixpath.normpath(posixpath.join(own, named))
            return None if ":" in named or whole.startswith(("..", "/")) else whole.removeprefix(".")
    return None


def levels(path: str, data: bytes) -> Mapping[str, tuple[str, str]]:
    """The loggers that a file of `logging.config.fileConfig` configures, each with its section and level."""
    names: dict[str, str] = {}
    said: dict[str, str] = {}
    used: set[str] = set()
    for option in options(path, data):
        if option.section == "loggers" and option.name == "keys":
            used = {f"logger_{key.strip()}" for key in option.value.split(",")}
        elif option.name == "qualname":
            names[option.section] = option.value
        elif option.name == "level":
            said[option.section] = option.value
    return {name: (section, said[section]) for section, name in names.items() if section in said and section in used}
