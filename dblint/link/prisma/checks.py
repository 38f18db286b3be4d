"""What a database refuses: types, defaults, keys, indexes and names, after all attributes were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dblint.facts.blocks import Attribute, ValueKind
from dblint.link.prisma import natives, operator_classes
from dblint.link.prisma.connectors import Connector
from dblint.link.prisma.constraints import Constraint, constraints
from dblint.link.prisma.cycles import on_cycles
from dblint.link.prisma.declarations import (
    Composite,
    Configuration,
    Declarations,
    Enum,
    Index,
    Model,
    Report,
    ScalarField,
)
from dblint.link.prisma.relations import PairedRelation

_BLOBS = frozenset(
    {"Text", "LongText", "MediumText", "TinyText", "Blob", "TinyBlob", "MediumBlob", "LongBlob"}
)  # MySQL's types that an index takes only in part
_HEAP = frozenset({"text", "ntext", "image", "xml", "varbinary(max)", "varchar(max)", "nvarchar(max)"})


def check(declared: Declarations, relations: Sequence[PairedRelation], connector: Connector, report: Report) -> None:
    """Report what Prisma rejects about models, types and enums under this database."""
    checker = _Checker(declared.configuration, connector, report)
    checker.composites(declared.composites)
    for model in declared.models:
        checker.model(model)
    for enum in declared.enums:
        checker.enum(enum)
    checker.schemas(declared)
    checker.same_name(declared)
    checker.constraint_names(constraints(declared, relations, connector))


class _Checker:
    def __init__(self, configuration: Configuration, connector: Connector, report: Report) -> None:
        self.configuration = configuration
        self.connector = connector
        self.report = report

    def can(self, capability: str) -> bool:
        return capability in self.connector.can

    def on_model(self, model: Model, message: str) -> None:
        self.report.add(model.path, model.block.name_start, model.block.name_stop, message)

    def on_field(self, column: ScalarField, message: str) -> None:
        self.report.add(column.owner.path, column.node.start, column.node.stop, message)

    def on_index(self, index: Index, message: str) -> None:
        self.report.add(index.owner.path, index.node.start, index.node.stop, message)

    # Types

    def composites(self, composites: Sequence[Composite]) -> None:
        for composite in composites:
            block = composite.block
            if not self.can("composite"):
                message = f"{self.connector.title} has no composite types"
                self.report.add(composite.path, block.name_start, block.name_stop, message)
            for column in composite.scalars.values():
                self._type(column)
        self._endless(composites)

    def _endless(self, composites: Sequence[Composite]) -> None:
        """Report types that contain themselves with neither a list nor an optional field in between."""
        inside: dict[Composite, list[Composite]] = {
            composite: [
                column.composite for column in composite.scalars.values() if column.composite and column.required
            ]
            for composite in composites
        }
        for composite in on_cycles(inside):
            block = composite.block
            message = f"the type `{block.name}` contains itself without end"
            self.report.add(composite.path, block.name_start, block.name_stop, message)

    def enum(self, enum: Enum) -> None:
        if not self.can("enum"):
            message = f"{self.connector.title} has no enums"
            self.report.add(enum.path, enum.block.name_start, enum.block.name_stop, message)

    # Models

    def model(self, model: Model) -> None:
        if model.view:
            if "views" not in self.configuration.features:
                self.on_model(model, "a view needs the preview feature `views`")
        elif not model.ignored and not any(index.strict() for index in model.uniques()):
            message = f"the {model.block.kind} `{model.name}` needs an id or a unique key of required fields"
            self.on_model(model, message)
        for column in model.scalars.values():
            self._column(column)
        if model.id is not None:
            self._id(model, model.id)
        for index in model.indexes:
            self._index(index)
        self._names(model)
        self._shard_keys(model)
        self._fulltext(model)
        self._clustered(model)
        self._autoincrement(model)
        if self.can("documents"):
            self._document(model)

    def _column(self, column: ScalarField) -> None:
        where = self.connector.title
        many = column.node.type.many
        if column.scalar == "Json" and not self.can("json"):
            self.on_field(column, f"{where} has no Json")
        elif column.scalar == "Json" and many and not self.can("json-list"):
            self.on_field(column, f"{where} has no lists of Json")
        elif column.scalar == "Decimal" and not self.can("decimal"):
            self.on_field(column, f"{where} has no Decimal")
        elif many and not self.can("list") and column.kind != "composite":
            self.on_field(column, f"{where} has no lists")
        self._type(column)
        if column.default_name and not self.can("named-default"):
            self.on_field(column, f"{where} has no names for defaults")
        default = column.default
        if default is not None and default.kind is ValueKind.CALL:
            if default.text == "auto" and not self.can("auto"):
                self.on_field(column, f"{where} has no `auto()`")
            elif default.text == "sequence" and not self.can("sequence"):
                self.on_field(column, "no default function is named `sequence`")

    def _type(self, column: ScalarField) -> None:
        problem = natives.problem(column, self.connector, self.configuration.block)
        if problem:
            self.on_field(column, problem)

    def _id(self, model: Model, key: Index) -> None:
        if model.view:
            self.on_index(key, "a view has no primary key")
        if key.map and not self.can("named-primary-key"):
            self.on_index(key, f"{self.connector.title} has no names for primary keys")
        if len(key.fields) > 1 and not self.can("compound-id"):
            self.on_index(key, f"{self.connector.title} has no compound ids")
        if any(part.descending is not None for part in key.fields) and not self.can("sorted-id"):
            self.on_index(key, f"{self.connector.title} has no sorted ids")
        self._lengths(key)
        self._indexable(key)
        if key.clustered is not None and not self.can("clustered"):
            self.on_index(key, f"{self.connector.title} has no clustered keys")
        client_name = "_".join(part.field.name for part in key.fields)
        if len(key.fields) > 1 and client_name in model.scalars:
            self.on_index(key, f"the field `{client_name}` has the name that this compound id gets")

    def _index(self, index: Index) -> None:
        where = self.connector.title
        self._lengths(index)
        if index.method and index.method not in self.connector.methods:
            self.on_index(index, f"{where} has no {index.method} indexes")
        elif index.method == "Hash" and any(part.descending is not None for part in index.fields):
            self.on_index(index, "a Hash index has no order")
        if index.kind == "fulltext" and not self.can("fulltext"):
            self.on_index(index, f"{where} has no full-text indexes")
        if index.clustered is not None and not self.can("clustered"):
            self.on_index(index, f"{where} has no clustered indexes")
        if index.kind != "normal" and any(part.operator_class for part in index.fields):
            self.on_index(index, "only `@@index` has operator classes")
        if index.where and "partialIndexes" not in self.configuration.features:
            self.on_index(index, "`where` needs the preview feature `partialIndexes`")
        elif index.where and not self.can("partial"):
            self.on_index(index, f"{where} has no partial indexes")
        if index.owner.view and index.kind != "unique":
            self.on_index(index, "a view has no indexes")
        elif index.owner.view and index.map:
            self.on_index(index, "a unique key of a view is not in the database and has no name there")
        self._indexable(index)
        if index.kind == "normal":
            self._method(index)
        client_name = "_".join(step.name for part in index.fields for step in part.path)
        if index.kind == "unique" and len(index.fields) > 1 and client_name in index.owner.scalars:
            self.on_index(index, f"the field `{client_name}` has the name that this compound key gets")

    def _lengths(self, index: Index) -> None:
        for part in index.fields:
            if part.length is None:
                continue
            if not self.can("length") or index.kind == "fulltext":
                self.on_index(index, "the columns of this index cannot have a `length`")
            elif part.field.scalar not in ("String", "Bytes") and part.field.kind != "unsupported":
                self.on_index(index, f"`length` belongs to String and Bytes, not to `{part.field.name}`")

    def _indexable(self, index: Index) -> None:
        """Report types of which no index, or none without a length, can be made."""
        provider = self.connector.provider
        for part in index.fields:
            name = part.field.native_name
            if provider == "mysql" and name in _BLOBS and part.length is None and index.kind != "fulltext":
                self.on_index(index, f"`{part.field.name}` is of type {name}; an index needs its `length`")
            elif provider == "postgresql" and name == "Xml" and index.kind != "id":
                self.on_index(index, f"`{part.field.name}` is of type {name}, which no index takes")
            elif provider == "sqlserver":
                if natives.database_type(part.field, self.connector) in _HEAP and part.field.native is not None:
                    self.on_index(index, f"`{part.field.name}` is of type {name}, which no index takes")
                elif index.kind == "id" and part.field.scalar == "Bytes":
                    self.on_index(index, "an id cannot be of type Bytes")

    def _method(self, index: Index) -> None:
        if self.connector.provider == "postgresql":
            if index.method == "SpGist" and len(index.fields) != 1:
                self.on_index(index, "a SpGist index has one column")
            for part in index.fields:
                if part.raw_operator_class:
                    continue
                column = part.field
                problem = operator_classes.problem(
                    index.method or "BTree",
                    part.operator_class,
                    column.scalar,
                    column.native_name,
                    column.node.type.many,
                    column.kind == "unsupported",
                )
                if problem:
                    self.on_index(index, f"`{column.name}`: {problem}")
        elif self.connector.provider == "cockroachdb" and index.method == "Gin":
            for number, part in enumerate(index.fields):
                json = part.field.scalar == "Json"
                if part.operator_class:
                    self.on_index(index, "cockroachdb has no operator classes")
                elif not json and not part.field.node.type.many and part.field.kind != "unsupported":
                    self.on_index(index, f"`{part.field.name}` is neither Json nor a list, which Gin indexes take")
                elif json and number < len(index.fields) - 1:
                    self.on_index(index, "a Json column must be the last one of a Gin index")

    def _names(self, model: Model) -> None:
        """Report names of compound keys that clash: each becomes a property beside the fields."""
        named = [index for index in (model.id, *model.indexes) if index is not None and index.name]
        counted = Counter(index.name for index in named)
        fields = {*model.scalars, *(relation.node.name for relation in model.relations)}
        for index in named:
            if counted[index.name] > 1:
                self.on_index(index, f"two keys of `{model.name}` are named `{index.name}`")
            if index.name in fields:
                self.on_index(index, f"`{model.name}` has a field named `{index.name}` already")

    def _shard_keys(self, model: Model) -> None:
        for attribute, columns in model.shard_keys:
            message = ""
            optional = [column.name for column in columns if not column.required]
            if "shardKeys" not in self.configuration.features:
                message = "a shard key needs the preview feature `shardKeys`"
            elif not self.can("shard-key"):
                message = f"{self.connector.title} has no shard keys"
            elif not columns:
                message = "a shard key needs at least one field"
            elif optional and not model.ignored:
                message = f"a shard key needs required fields, which `{optional[0]}` is not"
            if message:
                self.report.add(model.path, attribute.start, attribute.stop, message)

    def _fulltext(self, model: Model) -> None:
        indexes = [index for index in model.indexes if index.kind == "fulltext"]
        if not self.can("fulltext"):
            return
        if len(indexes) > 1 and not self.can("many-fulltext"):
            for index in indexes:
                self.on_index(index, f"{self.connector.title} has one full-text index per model")
        for index in indexes:
            sorted_parts = [part.descending is not None for part in index.fields]
            if any(sorted_parts) and not self.can("sorted-fulltext"):
                self.on_index(index, "a full-text index has no order")
            elif _text_scattered(sorted_parts):
                self.on_index(index, "the text columns of a full-text index must stand together")

    def _clustered(self, model: Model) -> None:
        if not self.can("clustered"):
            return
        clustered = [index for index in model.indexes if index.clustered]
        if len(clustered) > 1 or (clustered and model.id is not None and model.id.clustered is not False):
            for index in clustered:
                self.on_index(index, f"`{model.name}` can be clustered by one key only")

    def _autoincrement(self, model: Model) -> None:
        columns = [column for column in model.scalars.values() if _calls(column, "autoincrement")]
        if not columns or model.view:
            return
        where = self.connector.title
        if not self.can("autoincrement"):
            for column in columns:
                self.on_field(column, f"{where} has no `autoincrement()`")
            return
        if len(columns) > 1 and not self.can("autoincrement-multiple"):
            self.on_model(model, f"`{model.name}` has more than one `autoincrement()`, which {where} has not")
        first = {index.fields[0].field.name for index in (model.id, *model.indexes) if index is not None}
        single = model.id.fields[0].field.name if model.id is not None and len(model.id.fields) == 1 else ""
        for column in columns:
            if column.name != single and not self.can("autoincrement-non-id"):
                self.on_field(column, f"{where} has `autoincrement()` on an id only")
            elif column.name not in first and not self.can("autoincrement-unindexed"):
                self.on_field(column, f"{where} has `autoincrement()` on indexed columns only")
            if where == "cockroachdb" and column.scalar == "Int":
                self.on_field(column, "cockroachdb has `autoincrement()` on BigInt only; `sequence()` fills an Int")

    def _document(self, model: Model) -> None:
        key = model.id
        if key is None and not model.view:
            self.on_model(model, f"`{model.name}` needs an `@id`")
        elif key is not None and len(key.fields) == 1 and key.fields[0].field.column != "_id":
            self.on_field(key.fields[0].field, 'the id of a document is mapped to "_id"')
        id_fields = set() if key is None else {part.field for part in key.fields}
        for column in model.scalars.values():
            if _calls(column, "auto") and (column.native_name != "ObjectId" or column not in id_fields):
                self.on_field(column, "`auto()` belongs on an id of type ObjectId")
            if _calls(column, "dbgenerated"):
                self.on_field(column, "mongodb has no `dbgenerated()`")
            if column.column != column.name and (column.column.startswith("$") or "." in column.column):
                self.on_field(column, "the name of a document's field has no dot and begins with no `$`")
        for index in model.indexes:
            same = [other for other in model.indexes if other is not index and _shape(other) == _shape(index)]
            if same:
                self.on_index(index, "there is another index over the same fields")
            if index.kind == "unique" and [part.field for part in index.fields] == list(id_fields):
                self.on_index(index, "an id is unique already")

    # Names

    def schemas(self, declared: Declarations) -> None:
        """Report an `@@schema` that is none of the datasource's, or is missing."""
        provider, known = self.connector.provider, self.configuration.schemas
        things: list[Model | Enum] = [*declared.models, *declared.enums]
        for thing in things:
            attribute: Attribute | None = thing.schema_attribute
            if attribute is None:
                enum_of_mysql = isinstance(thing, Enum) and provider == "mysql"
                if known is not None and self.can("schemas") and not enum_of_mysql:
                    block = thing.block
                    message = f"the {block.kind} `{block.name}` needs `@@schema`, as the datasource has `schemas`"
                    self.report.add(thing.path, block.name_start, block.name_stop, message)
            elif not self.can("schemas"):
                message = f"{self.connector.title} has no `@@schema`"
                self.report.add(thing.path, attribute.start, attribute.stop, message)
            elif thing.schema not in (known or ()):
                message = f"the schema `{thing.schema}` is not one of the datasource's `schemas`"
                self.report.add(thing.path, attribute.start, attribute.stop, message)

    def same_name(self, declared: Declarations) -> None:
        """Report tables and enums with the same name in the database."""
        for things, what in ((declared.models, "table"), (declared.enums, "enum")):
            seen: dict[tuple[str, str], str] = {}
            for thing in things:
                name = thing.table if isinstance(thing, Model) else thing.map
                earlier = seen.setdefault((thing.schema, name), thing.name)
                if earlier != thing.name:
                    message = f"`{thing.name}` and `{earlier}` are both the {what} `{name}`"
                    self.report.add(thing.path, thing.block.name_start, thing.block.name_stop, message)

    def constraint_names(self, every: Sequence[Constraint]) -> None:
        """Report names of constraints that are too long, or the same where the database wants them to differ."""
        longest = self.connector.longest_name
        for one in every:
            if one.written and len(one.name.encode()) > longest:
                message = f"the name `{one.name}` is longer than the {longest} bytes {self.connector.title} takes"
                self.report.add(one.path, one.start, one.stop, message)
        for extent, kinds in self.connector.scopes:
            together: dict[tuple[str, str], list[Constraint]] = {}
            for one in every:
                if one.kind in kinds:
                    within = {"database": "", "schema": one.schema, "model": one.model}[extent]
                    together.setdefault((within, one.name), []).append(one)
            for same in together.values():
                # Where foreign keys share the names of a model, Prisma does not compare indexes with each other.
                if kinds >= {"foreign", "index"} and all(one.kind == "index" for one in same):
                    continue
                for one in same[1:]:
                    message = f"another constraint is named `{one.name}` already; give one of them a `map`"
                    self.report.add(one.path, one.start, one.stop, message)


def _text_scattered(sorted_parts: Sequence[bool]) -> bool:
    """Tell whether text columns (those without an order) stand on both sides of ordered ones."""
    texts = [number for number, is_sorted in enumerate(sorted_parts) if not is_sorted]
    return bool(texts) and texts[-1] - texts[0] + 1 != len(texts)


def _calls(column: ScalarField, function: str) -> bool:
    default = column.default
    return default is not None and default.kind is ValueKind.CALL and default.text == function


def _shape(index: Index) -> list[tuple[object, ...]]:
    return [(tuple(part.path), part.descending, part.length) for part in index.fields]
