"""The keys of the configuration: how each is read, and what the JSON schema of the file says of it.

A key is a row of `KEYS` and a field of `Configuration`; the schema and the check of unknown keys come of the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from dblint.config_calls import definitions, read_calls
from dblint.config_values import (
    DIALECTS,
    LONGEST,
    MODULE,
    SEVERITIES,
    SIZE,
    TIMEOUTS,
    ConfigurationError,
    Where,
    gather,
    kind,
    nearest,
    read_dialect,
    read_names,
    read_packs,
    read_pattern,
    read_patterns,
    read_role,
    read_seconds,
    read_selection,
    read_severity,
    read_size,
    read_texts,
    read_timeouts,
)
from dblint.facts.program import FileRole
from dblint.workspace.read import DEFAULT_FILE_TIMEOUT, DEFAULT_MAX_FILE_SIZE


class PathRules(msgspec.Struct, frozen=True):
    """Which rules run in the files of a pattern: `select` beside those that run everywhere, `ignore` not."""

    pattern: str
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Key(msgspec.Struct, frozen=True):
    """`read` gives the value that a TOML value means, or raises `ConfigurationError`; `schema` is what JSON schemas
    can say of it; `about` tells people what the key is for. `whose` configuration may have it."""

    read: Callable[[Any, Where], object]
    about: str
    schema: Mapping[str, Any]
    whose: Literal["project", "user", "both"] = "project"


def read_keys(
    table: Mapping[str, Any], place: Where, keys: Mapping[str, Key], refused: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Any], list[str]]:
    """The values of a table's keys, and what is wrong with the others. `refused`: keys that this table may not have →
    why."""
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, value in table.items():
        inside = place.inside(key)
        if key in refused:
            mistakes.append(f"{inside}: {refused[key]}")
        elif key not in keys:
            mistakes.append(f"{inside}: unknown key{nearest(key, list(keys))}")
        else:
            try:
                values[key] = keys[key].read(value, inside)
            except ConfigurationError as error:
                mistakes += error.mistakes
                if error.rest is not None:
                    values[key] = error.rest
    return values, mistakes


def read_table(table: Mapping[str, Any], place: Where, keys: Mapping[str, Key]) -> dict[str, Any]:
    """The values of a table's keys. Raises `ConfigurationError` with every mistake."""
    values, mistakes = read_keys(table, place, keys)
    if mistakes:
        raise ConfigurationError(*mistakes)
    return values


def _roles(value: object, place: Where) -> dict[str, FileRole]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place}: expected a table of pattern = role, found {kind(value)}")

    def read(pattern: str) -> tuple[str, FileRole]:
        inside = place.inside(pattern)
        return read_pattern(pattern, inside), read_role(value[pattern], inside)

    return dict(gather(read, value))


def _paths(value: object, place: Where) -> tuple[PathRules, ...]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place}: expected a table of pattern = rules, found {kind(value)}")

    def read(pattern: str) -> PathRules:
        inside, rules = place.inside(pattern), value[pattern]
        read_pattern(pattern, inside)
        if pattern.startswith(("!", "#")):
            raise ConfigurationError(f'{inside}: "{pattern[0]}" has no meaning here: a pattern names files')
        if not isinstance(rules, dict):
            raise ConfigurationError(f"{inside}: expected a table with select or ignore, found {kind(rules)}")
        words, wrong = read_keys(rules, inside, _PATH_KEYS)
        mistakes.extend(wrong)
        return PathRules(pattern, **words)

    mistakes: list[str] = []
    found: list[PathRules] = []
    for pattern in value:
        try:
            found.append(read(pattern))
        except ConfigurationError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigurationError(*mistakes, rest=tuple(found))
    return tuple(found)


_PATTERNS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 512}}
_WORDS = {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9-]+(/[a-z0-9-]+)*$"}}
_AT_LEAST_ONE = {**_WORDS, "minItems": 1}

_PATH_KEYS: Mapping[str, Key] = {
    "select": Key(read_selection, "Rules and groups that run here too.", _AT_LEAST_ONE),
    "ignore": Key(read_texts, "Rules and groups that do not run here.", _WORDS),
}


def _object(keys: Mapping[str, Key]) -> dict[str, Any]:
    properties = {key: {"description": row.about, **row.schema} for key, row in keys.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


KEYS: Mapping[str, Key] = {
    "dialect": Key(
        read_dialect,
        "The databases' SQL dialect, whatever else the project says of it.",
        {"type": "string", "enum": sorted(DIALECTS)},
    ),
    "exclude": Key(read_patterns, "Paths that are not read, as .gitignore writes them, from the root.", _PATTERNS),
    "select": Key(
        read_selection,
        "The rules that run: ids, groups, `default` (those that are on by themselves) or `all`.",
        {**_AT_LEAST_ONE, "default": ["default"]},
        "both",
    ),
    "ignore": Key(read_texts, "Rules and groups that do not run.", _WORDS, "both"),
    "fail-on": Key(
        read_severity,
        "The severity from which on a finding makes the exit code 1.",
        {"type": "string", "enum": list(SEVERITIES), "default": "warning"},
        "both",
    ),
    "max-file-size": Key(
        read_size,
        "Larger files are skipped, and named: bytes, or a text such as `2 MB`.",
        {
            "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{SIZE}$"}],
            "default": DEFAULT_MAX_FILE_SIZE,
        },
        "both",
    ),
    "file-timeout": Key(
        read_seconds,
        "Seconds that reading one file may take before it is given up, and named; 0 for any time.",
        {"type": "number", "minimum": 0, "maximum": LONGEST, "default": DEFAULT_FILE_TIMEOUT},
    ),
    "roles": Key(
        _roles,
        "What files are for, where conventions are wrong: pattern = role. The first pattern that fits decides.",
        {"type": "object", "additionalProperties": {"type": "string", "enum": [role.value for role in FileRole]}},
    ),
    "paths": Key(
        _paths,
        "Which rules run in the files of a pattern. Of several patterns that fit, the later changes what the earlier "
        "left.",
        {"type": "object", "additionalProperties": _object(_PATH_KEYS)},
    ),
    "small-tables": Key(
        read_names,
        "Tables, by their names or their models', that hold few rows and stay so: to read one whole is cheap, and to "
        "index it quick.",
        {"type": "array", "items": {"type": "string", "pattern": r"\S"}},
    ),
    "timeouts": Key(
        read_timeouts,
        "`server`: the database server sets a limit to the time of every statement.",
        {"type": "string", "enum": list(TIMEOUTS)},
    ),
    "call": Key(
        read_calls,
        "Functions of the project that reach a database in a way that is not seen, in the words of library tables.",
        {"type": "array", "items": {"$ref": "#/definitions/call"}},
    ),
    "packs": Key(
        read_packs,
        "Rule packs that run beside the installed ones, by the names of their modules. Not in a file of the project.",
        {"type": "array", "items": {"type": "string", "pattern": f"^{MODULE}$"}},
        "user",
    ),
}
"""The keys of `dblint.toml` and of `[tool.dblint]`, in the order in which they are explained."""


def schema() -> str:
    """The JSON schema of the configuration, as `docs/configuration.schema.json` holds it. Draft 7 is what editors
    read for TOML."""
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of dblint",
        "description": "dblint.toml, or the table tool.dblint of pyproject.toml.",
        **_object(KEYS),
        "definitions": definitions(),
    }
    return json.dumps(document, indent=2) + "\n"
