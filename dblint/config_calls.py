"""The configuration's `[[call]]`: functions of the project, described in the words of library tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from dblint.config_values import ConfigurationError, Where, gather, kind, nearest, read_text
from dblint.libraries.grammar import Library, Member
from dblint.libraries.reader import SLOT_NAMES, with_slots

OWN = "configuration"
"""The name of the library that the rows of a configuration make."""

WORDS = (
    "run", "effects", "returns", "expects", "rows", "table", "text", "piece", "parameters", "where", "columns", "set",
    "order", "limit", "offset", "callback", "tagged",
)  # fmt: skip
"""The words of library tables that describe a call of the project's own function."""

FUNCTION = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+|[^#\s]+#[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)?"
"""The path of a function: `package.module.function`, `package.module.Class.method`, `folder/module#function`."""
RETURNS = r"scalar|none|unknown|(argument|instance):\d+|[a-z0-9_]+:[A-Za-z]\w*(\[\])?"
_FUNCTION = re.compile(FUNCTION)
_RETURNS = re.compile(RETURNS)
_PLACE = re.compile(r"\*|\*\*|tagged|(\d+\+?|[A-Za-z_]\w*)(\.[A-Za-z_]\w*)*")
_ARGUMENTS = '0, "sql" or "0|sql"'
_ERROR = re.compile(r"(?P<why>.*?)(?: - at `\$(?P<path>[^`]*)`)?")


class OwnCall(msgspec.Struct, frozen=True):
    """A function of the project, by its path, and what a call of it does."""

    function: str
    row: Member


def read_calls(value: object, place: Where) -> tuple[OwnCall, ...]:
    """The rows of `[[call]]`."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ConfigurationError(f"{place}: expected an array of tables, found {kind(value)}")
    places = [place.inside(f"[{number}]") for number in range(len(value))]
    read = gather(lambda number: _read(value[number], places[number]), range(len(value)))
    named = [call.function for call in read]
    for number, name in enumerate(named):
        if name in named[:number]:
            raise ConfigurationError(f'{places[number].inside("function")}: "{name}" is described twice')
    return tuple(read)


def _read(table: Mapping[str, Any], place: Where) -> OwnCall:
    known = ("function", *WORDS)
    mistakes = [f"{place.inside(key)}: unknown key{nearest(key, known)}" for key in table if key not in known]
    name = ""
    try:
        name = _function(table.get("function"), place)
    except ConfigurationError as error:
        mistakes += error.mistakes
    words = {key: table[key] for key in WORDS if key in table}
    for key, value in words.items():
        mistakes += _mistake(key, value, place.inside(key))
    if not mistakes:
        mistakes += _lacking(words, place)
    if mistakes:
        raise ConfigurationError(*mistakes)
    return OwnCall(name, msgspec.convert(with_slots(words), Member))


def _function(value: object, place: Where) -> str:
    if value is None:
        raise ConfigurationError(f"{place}: function is missing")
    name = read_text(value, place.inside("function"))
    if _FUNCTION.fullmatch(name) is None:
        message = f'"{name}" is not the path of a function, such as app.db.run, app.db.Database.run or src/db#run'
        raise ConfigurationError(f"{place.inside('function')}: {message}")
    return name


def _mistake(key: str, value: object, place: Where) -> list[str]:
    """What is wrong with a word of a row, as it is written."""
    if key in SLOT_NAMES and (isinstance(value, bool) or not isinstance(value, int | str | dict)):
        return [f"{place}: expected an argument ({_ARGUMENTS}), found {kind(value)}"]
    [(key, value)] = with_slots({key: value}).items()
    try:
        row = msgspec.convert({key: value}, Member)
    except msgspec.ValidationError as error:
        return [_told(key, value, str(error), place)]
    if key == "returns" and _RETURNS.fullmatch(row.returns) is None:
        allowed = "scalar, none, unknown, argument:N, instance:N, or the type of a library (sqlite3:Cursor)"
        return [f'{place}: "{row.returns}" is none of {allowed}']
    if key in SLOT_NAMES:
        slot = getattr(row, key)
        wrong = [each for each in re.split(r"[| ]", slot.at) if slot.at and _PLACE.fullmatch(each) is None]
        return [f'{place}: "{each}" says no argument; write {_ARGUMENTS}' for each in wrong]
    return []


def _told(key: str, value: object, error: str, place: Where) -> str:
    """An error of the grammar in the words of the configuration."""
    row = definitions()["call"]["properties"][key]
    allowed = row.get("enum") or row.get("items", {}).get("enum")
    unknown = [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)]
    unknown = [word for word in unknown if allowed and word not in allowed]
    if unknown:
        near = nearest(unknown[0], allowed)
        return f'{place}: unknown word "{unknown[0]}"{near}; one of {", ".join(filter(None, allowed))}'
    match = _ERROR.fullmatch(error)
    path = (match["path"] or "").removeprefix(f".{key}") if match else ""
    why = match["why"] if match else error
    return f"{place}{path}: {why[:1].lower()}{why[1:]}"


def _lacking(words: Mapping[str, object], place: Where) -> list[str]:
    """What a row has to say besides."""
    if not {"run", "effects", "text"} & words.keys():
        return [f"{place}: says nothing about the call; add run, effects or text"]
    if words.get("run") == "text" and "text" not in words:
        return [f'{place}: run = "text" needs text, the argument that is the SQL']
    if words.get("run", "text") != "text" and not {"table", "text"} & words.keys():
        return [f'{place}: run = "{words["run"]}" needs table, the argument that says which']
    return []


def library(calls: tuple[OwnCall, ...]) -> Library:
    """The rows as a library of their own."""
    return Library(OWN, ("python", "javascript"), functions={call.function: call.row for call in calls})


def definitions() -> dict[str, Any]:
    """The JSON schemas of a row (`call`) and of where in a call something stands (`slot`)."""
    (_,), components = msgspec.json.schema_components([Member])
    properties = components["Member"]["properties"]
    slot = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}, _plain(components["Slot"])]}
    reference = {"$ref": "#/definitions/slot"}
    described = {word: reference if word in SLOT_NAMES else _inlined(properties[word], components) for word in WORDS}
    described["returns"] = {"type": "string", "pattern": f"^({RETURNS})$"}
    row = {
        "type": "object",
        "properties": {"function": {"type": "string", "pattern": f"^({FUNCTION})$"}, **described},
        "required": ["function"],
        "additionalProperties": False,
    }
    return {"call": row, "slot": slot}


def _inlined(row: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """What a word may be, with nothing that stands elsewhere."""
    several = row.get("anyOf", ())
    for option in several:
        if "$ref" in option:
            return _plain(components[option["$ref"].rpartition("/")[2]])
    if several:
        return {"enum": sorted(word for option in several for word in option["enum"] if word)}
    return {key: value for key, value in row.items() if key not in ("default", "description")}


def _plain(struct: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a table of the grammar without what is said to people who write it in Python."""
    properties = {
        key: {name: value for name, value in row.items() if name not in ("default", "description")}
        for key, row in struct["properties"].items()
    }
    kept = {key: struct[key] for key in ("required", "additionalProperties") if struct.get(key) not in (None, [])}
    return {"type": "object", "properties": properties, **kept}
