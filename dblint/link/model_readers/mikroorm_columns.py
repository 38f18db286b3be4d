"""The columns that MikroORM makes of properties.

Source: MikroORM 6.6, `MetadataDiscovery`, `Platform` and its dialects, `UnderscoreNamingStrategy`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dblint.facts.schema import SchemaColumn
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.mikroorm_properties import Properties, Property
from dblint.link.model_readers.shared import Surroundings, place
from dblint.link.values import ProjectClass

TYPES: Mapping[str, Mapping[str, str]] = {
    "string": {"postgres": "varchar(255)", "mysql": "varchar(255)", "sqlite": "text"},
    "text": {"any": "text"},
    "character": {"any": "char"},
    "integer": {"postgres": "integer", "sqlite": "integer", "any": "int"},
    "smallint": {"sqlite": "integer", "any": "smallint"},
    "tinyint": {"postgres": "smallint", "sqlite": "integer", "any": "tinyint"},
    "mediumint": {"postgres": "integer", "sqlite": "integer", "any": "mediumint"},
    "bigint": {"sqlite": "integer", "any": "bigint"},
    "boolean": {"postgres": "boolean", "mysql": "tinyint(1)", "sqlite": "integer"},
    "datetime": {"postgres": "timestamptz", "any": "datetime"},
    "date": {"any": "date"},
    "time": {"any": "time"},
    "float": {"postgres": "real", "sqlite": "real", "any": "float"},
    "double": {"postgres": "double precision", "sqlite": "real", "any": "double"},
    "decimal": {"any": "numeric"},
    "uuid": {"postgres": "uuid", "mysql": "varchar(36)", "sqlite": "text"},
    "json": {"postgres": "jsonb", "any": "json"},
    "blob": {"postgres": "bytea", "mysql": "blob", "sqlite": "blob"},
    "array": {"postgres": "text[]", "any": "text"},
    "enum": {"postgres": "text", "sqlite": "text", "any": "enum"},
}
WORDS: Mapping[str, str] = {
    "string": "string", "String": "string", "StringType": "string", "text": "text", "TextType": "text",
    "character": "character", "number": "integer", "Number": "integer", "int": "integer", "integer": "integer",
    "IntegerType": "integer", "smallint": "smallint", "SmallIntType": "smallint", "tinyint": "tinyint",
    "TinyIntType": "tinyint", "mediumint": "mediumint", "bigint": "bigint", "BigIntType": "bigint",
    "boolean": "boolean", "Boolean": "boolean", "BooleanType": "boolean", "bool": "boolean", "Date": "datetime",
    "datetime": "datetime", "DateTimeType": "datetime", "date": "date", "DateType": "date", "time": "time",
    "TimeType": "time", "float": "float", "FloatType": "float", "double": "double", "DoubleType": "double",
    "decimal": "decimal", "DecimalType": "decimal", "uuid": "uuid", "UuidType": "uuid", "json": "json",
    "JsonType": "json", "object": "json", "blob": "blob", "BlobType": "blob", "Buffer": "blob", "uint8array": "blob",
    "array": "array", "ArrayType": "array", "EnumArrayType": "array", "enum": "enum", "EnumType": "enum",
}  # fmt: skip
"""A type as options, classes of types and annotations name it → what it is among `TYPES`."""
_STABLE = frozenset({Kind.STRING, Kind.NUMBER, Kind.CONSTANT, Kind.ATTRIBUTE})
_HUMP = re.compile(r"([a-z])([A-Z])")
STRATEGY = "namingStrategy"
STRATEGIES: Mapping[str, str] = {"UnderscoreNamingStrategy": "snake", "EntityCaseNamingStrategy": "plain"}


class ColumnMaker:
    """Makes columns, and names them. One per reader."""

    def __init__(self, surroundings: Surroundings, properties: Properties) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.properties = properties
        self._naming: str | None = None

    # Names

    def naming(self) -> str:
        """How tables and columns are called that name themselves not: `snake`, `plain`, or "" where a strategy of the
        project decides."""
        if self._naming is None:
            holding = [
                facts
                for path, facts in self.evaluator.files.items()
                if STRATEGY in facts.body.strings and not self.surroundings.quiet(path)
            ]
            said = {
                next((how for word, how in STRATEGIES.items() if word in facts.body.strings), "") for facts in holding
            }
            self._naming = "snake" if not holding else said.pop() if len(said) == 1 else ""
        return self._naming

    def called(self, name: str) -> str:
        """A class or property in the words of the naming strategy."""
        return _HUMP.sub(r"\1_\2", name).lower() if self.naming() != "plain" else name

    def foreign(self, name: str, key: str) -> str:
        """The column by which a relation refers to `key`."""
        return f"{self.called(name)}_{key}" if self.naming() != "plain" else f"{name}_{key}"

    # Columns

    def column(self, said: Property, prefix: str = "", attribute: str = "") -> SchemaColumn:
        """The column of a property that is none of a relation; inside of another one, with what its name begins."""
        properties = self.properties
        default, by = self._default(said)
        return SchemaColumn(
            prefix + (properties.text(said, "fieldName", "name") or self.called(said.name)),
            self.type(said),
            nullable=self.nullable(said),
            default=default,
            attribute=attribute or said.name,
            default_by=by,
            place=place(self.evaluator, said.site),
            enum=self._enum(said),
        )

    def nullable(self, said: Property) -> bool | None:
        """Whether a column may be null; None where that is said by how metadata are read."""
        if self.properties.flag(said, "nullable", "strictNullable"):
            return True
        if "nullable" in said.options and not self.properties.denied(said, "nullable"):
            return None
        return None if self.properties.optional(said) and "nullable" not in said.options else False

    def primary(self, said: Property) -> bool:
        """Whether a property is of the key."""
        return said.word == "PrimaryKey" or self.properties.flag(said, "primary")

    def kept(self, said: Property) -> bool:
        """Whether a property has a column."""
        formula = said.word == "Formula" or "formula" in said.options
        virtual = formula or said.word == "SerializedPrimaryKey" or "serializedPrimaryKey" in said.options
        return not virtual and not self.properties.denied(said, "persist")

    def type(self, said: Property) -> str:
        """The database's word for the type of a column, "" where that cannot be said."""
        properties, plain = self.properties, self.plain
        written = properties.text(said, "columnType")
        if written or "columnType" in said.options:
            return written.lower()
        word = said.type
        site = said.options.get("type")
        if site is not None:
            inner = properties.members.body_of(site) or site
            word = plain.string(inner) or plain.word(inner)
        if said.word == "Enum":
            return self.kind("integer" if self._numbered(said) else "enum" if self._enum(said) else "")
        if not word and site is None:
            words = set(properties.annotated(said))
            word = words.pop() if len(words) == 1 else ""
        known = WORDS.get(word, "")
        if not known:
            return word.lower() if site is not None and plain.string(site) else ""
        kind = self.kind(known)
        sizes = [
            size
            for key in ("length", "precision", "scale")
            if (size := plain.constant(said.options.get(key))).isdigit()
        ]
        return f"{kind.partition('(')[0]}({','.join(sizes)})" if sizes and kind != "text" else kind

    def kind(self, word: str) -> str:
        """The database's own word for a kind of `TYPES`."""
        words = TYPES.get(word, {})
        return words.get(self.surroundings.dialect, words.get("any", ""))

    def _default(self, said: Property) -> tuple[str, str]:
        """The default, and who fills it in."""
        properties, plain = self.properties, self.plain
        raw = properties.text(said, "defaultRaw")
        if raw:
            return raw, "database"
        if "default" in said.options:
            return plain.source(said.options["default"]), "database"
        if "generated" in said.options or properties.flag(said, "autoincrement"):
            return "", "database"
        if self.primary(said) and WORDS.get(self._word(said), "") in ("integer", "bigint", "smallint"):
            return "", "database"
        initial = properties.initial(said)
        if initial is not None and self.evaluator.tree(initial.path).kinds[initial.node] in _STABLE:
            # Since 6 a value that is the same for every new row is the column's default.
            return plain.source(initial), "database"
        if properties.flag(said, "version") or "onCreate" in said.options or initial is not None:
            return "", "client"
        return "", ""

    def _word(self, said: Property) -> str:
        site = said.options.get("type")
        word = said.type or ("" if site is None else self.plain.string(site) or self.plain.word(site))
        return word or next(iter(self.properties.annotated(said)), "")

    def _enum(self, said: Property) -> tuple[str, ...]:
        """The words of an enumeration: listed, or the values of an enum's members."""
        return tuple(self.plain.string(site) for site in self._items(said) if self.plain.string(site))

    def _numbered(self, said: Property) -> bool:
        items = self._items(said)
        return bool(items) and all(self.plain.constant(site).isdigit() for site in items)

    def _items(self, said: Property) -> list[Site]:
        site = said.options.get("items", said.target if said.word == "Enum" else None)
        if said.word != "Enum" or site is None:
            return []
        inner = self.properties.members.body_of(site) or site
        listed = self.plain.elements(inner)
        if listed:
            return listed
        model = self.properties.model_at(inner)
        tree = self.evaluator.tree(inner.path)
        if tree.kinds[inner.node] == Kind.STRING or not isinstance(model, ProjectClass):
            return []
        return self._members(model.path, model.node)

    def _members(self, path: str, node: int) -> list[Site]:
        tree = self.evaluator.tree(path)
        interface = self.evaluator.files[path].interface.classes.get(node)
        nodes = [nodes[0] for nodes in interface.members.values()] if interface is not None else []
        values = [tree.child(each, Role.VALUE) for each in nodes if tree.kinds[each] == Kind.ASSIGN]
        return [Site(path, value, None) for value in values if value >= 0]
