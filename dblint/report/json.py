"""Everything that is known of a run, as one JSON document; `docs/report.schema.json` says what stands in it.

Both come from the types in `dblint.facts.report`: what is added there is in the document and in the schema.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from dblint.facts.report import Excerpt, Replacement, Report
from dblint.report.visible import prose, scalars

FORMAT = 1
"""The document's number: raised when something in it is taken away or gets another meaning."""

_TITLE = "A report of dblint"
_FORMAT = {"const": FORMAT, "description": "Raised when something is taken away or gets another meaning."}


def render(report: Report) -> str:
    """The report as one document. Control characters and lone surrogates are visible in its texts; paths are as they
    are, but for surrogates, which readers of JSON refuse."""
    return json.dumps({"format": FORMAT, **_value(report)}, ensure_ascii=True, indent=1) + "\n"


def _value(value: Any) -> Any:
    """A fact as JSON has it. Facts of a report are a few levels deep, whatever was reviewed."""
    if isinstance(value, Excerpt):
        value = _shown(value)
    if isinstance(value, Replacement):  # what it holds is written into a file as it is
        return {name: _value(getattr(value, name)) for name in value.__struct_fields__} | {"text": value.text}
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: scalars(field) if name == "path" else _value(field) for name, field in fields.items()}
    if isinstance(value, tuple):
        return [_value(entry) for entry in value]
    return prose(value) if isinstance(value, str) else value


def _shown(excerpt: Excerpt) -> Excerpt:
    """The excerpt with its mark where it is in what is visible of its line."""
    line = excerpt.lines[excerpt.line - excerpt.first]
    start, stop = (len(prose(line[:place])) for place in (excerpt.start, excerpt.stop))
    return msgspec.structs.replace(excerpt, start=start, stop=stop)


def schema() -> str:
    """The JSON schema of the document, as text. A reader must expect further properties."""
    from msgspec import inspect

    definitions: dict[str, Any] = {}
    root = inspect.type_info(Report)
    assert isinstance(root, inspect.StructType)  # noqa: S101 - for the type checker
    described = _struct(root, definitions)
    described["required"].insert(0, "format")
    described["properties"] = {"format": _FORMAT, **described["properties"]}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        **described,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, indent=1) + "\n"


def _struct(described: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """A struct as an object, all of whose fields are always there."""
    fields = {field.name: _type(field.type, definitions) for field in described.fields}
    text = " ".join((described.cls.__doc__ or "").split())
    return {"description": text, "type": "object", "required": list(fields), "properties": fields}


def _type(described: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """A field's type. Structs are described once, in `$defs`."""
    from msgspec import inspect

    match described:
        case inspect.Metadata():
            return {**_type(described.type, definitions), **(described.extra_json_schema or {})}
        case inspect.StructType():
            name = described.cls.__name__
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _struct(described, definitions)
            return {"$ref": f"#/$defs/{name}"}
        case inspect.VarTupleType():
            return {"type": "array", "items": _type(described.item_type, definitions)}
        case inspect.UnionType():
            return {"anyOf": [_type(kind, definitions) for kind in described.types]}
        case inspect.IntType():
            return {"type": "integer"} if described.ge is None else {"type": "integer", "minimum": described.ge}
    names: dict[type, str] = {inspect.StrType: "string", inspect.BoolType: "boolean", inspect.NoneType: "null"}
    return {"type": names[type(described)]}
