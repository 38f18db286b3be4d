"""What Django's migrations know of the models at a point in an application's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.link.arguments import Site, keywords
from dblint.link.migrations.hosts import Reading

TYPES: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint", "BinaryField": "bytea",
        "BooleanField": "boolean", "NullBooleanField": "boolean", "CharField": "varchar", "DateField": "date",
        "DateTimeField": "timestamp with time zone", "DecimalField": "numeric", "DurationField": "interval",
        "EmailField": "varchar", "FileField": "varchar", "FilePathField": "varchar", "ImageField": "varchar",
        "FloatField": "double precision", "IntegerField": "integer", "BigIntegerField": "bigint",
        "GenericIPAddressField": "inet", "IPAddressField": "inet", "JSONField": "jsonb",
        "PositiveBigIntegerField": "bigint", "PositiveIntegerField": "integer",
        "PositiveSmallIntegerField": "smallint", "SlugField": "varchar", "SmallIntegerField": "smallint",
        "TextField": "text", "TimeField": "time", "URLField": "varchar", "UUIDField": "uuid",
    },
    "mysql": {
        "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint", "BinaryField": "longblob",
        "BooleanField": "bool", "NullBooleanField": "bool", "CharField": "varchar", "DateField": "date",
        "DateTimeField": "datetime(6)", "DecimalField": "numeric", "DurationField": "bigint",
        "EmailField": "varchar", "FileField": "varchar", "FilePathField": "varchar", "ImageField": "varchar",
        "FloatField": "double precision", "IntegerField": "integer", "BigIntegerField": "bigint",
        "GenericIPAddressField": "char(39)", "IPAddressField": "char(15)", "JSONField": "json",
        "PositiveBigIntegerField": "bigint unsigned", "PositiveIntegerField": "integer unsigned",
        "PositiveSmallIntegerField": "smallint unsigned", "SlugField": "varchar", "SmallIntegerField": "smallint",
        "TextField": "longtext", "TimeField": "time(6)", "URLField": "varchar", "UUIDField": "char(32)",
    },
    "sqlite": {
        "AutoField": "integer", "BigAutoField": "integer", "SmallAutoField": "integer", "BinaryField": "blob",
        "BooleanField": "bool", "NullBooleanField": "bool", "CharField": "varchar", "DateField": "date",
        "DateTimeField": "datetime", "DecimalField": "decimal", "DurationField": "bigint",
        "EmailField": "varchar", "FileField": "varchar", "FilePathField": "varchar", "ImageField": "varchar",
        "FloatField": "real", "IntegerField": "integer", "BigIntegerField": "bigint",
        "GenericIPAddressField": "char(39)", "IPAddressField": "char(15)", "JSONField": "text",
        "PositiveBigIntegerField": "bigint unsigned", "PositiveIntegerField": "integer unsigned",
        "PositiveSmallIntegerField": "smallint unsigned", "SlugField": "varchar", "SmallIntegerField": "smallint",
        "TextField": "text", "TimeField": "time", "URLField": "varchar", "UUIDField": "char(32)",
    },
}  # fmt: skip
"""The column types of each backend (`DatabaseWrapper.data_types`); lengths are put behind `varchar`."""
LENGTHS = {"EmailField": "254", "SlugField": "50", "URLField": "200", "FileField": "100", "ImageField": "100"}
"""The default `max_length`, where there is one."""
DIMENSIONS = 6
"""How deep arrays of arrays are followed: as deep as PostgreSQL has them."""
RELATIONS = frozenset({"ForeignKey", "OneToOneField", "TreeForeignKey", "ParentalKey"})
UNIQUE_RELATIONS = frozenset({"OneToOneField"})
MANY = frozenset({"ManyToManyField", "TreeManyToManyField", "ParentalManyToManyField"})
VIRTUAL = frozenset({"GenericForeignKey", "GenericRelation"})
INDEXED = frozenset({"SlugField"})


@dataclass(frozen=True, slots=True)
class Field:
    """A model field: its column, and what the database keeps for it besides."""

    name: str
    kind: str
    column: SchemaColumn
    unique: bool = False
    indexed: bool = False
    primary: bool = False
    target: str = ""  # of a relation: `app.model` in lower case, "" for cannot say
    constrained: bool = True
    through: bool = False  # a many-to-many relation whose table another model makes
    table: str = ""
    place: Place | None = None

    @property
    def relation(self) -> bool:
        """Whether it has a foreign key."""
        return self.kind in RELATIONS

    @property
    def many(self) -> bool:
        """Whether it has a table of its own and no column."""
        return self.kind in MANY

    @property
    def virtual(self) -> bool:
        """Whether the database knows nothing of it."""
        return self.kind in VIRTUAL


@dataclass(slots=True)
class Model:
    """A model: its table and fields."""

    label: str
    name: str
    table: str
    named: bool = False  # by `db_table`
    managed: bool = True
    fields: dict[str, Field] = field(default_factory=dict)
    unique_together: tuple[tuple[str, ...], ...] = ()
    index_together: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> str:
        """The column of a field; a field that is not known is called as its column."""
        found = self.fields.get(name)
        return found.column.name if found is not None else name

    def columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of several fields."""
        return tuple(self.column(name) for name in names)


class State:
    """The models of all applications, by label and name in lower case."""

    def __init__(self) -> None:
        self.models: dict[tuple[str, str], Model] = {}

    def model(self, label: str, name: str) -> Model:
        """A model; one that no migration made is called by Django's rule."""
        key = (label, name.lower())
        if key not in self.models:
            self.models[key] = Model(label, name, f"{label}_{name.lower()}")
        return self.models[key]

    def table(self, target: str) -> str:
        """The table of `app.model`, or ""."""
        label, _, name = target.partition(".")
        if not name:
            return ""
        found = self.models.get((label, name))
        return found.table if found is not None else f"{label}_{name}"


class Fields:
    """Reads fields, and says what the database keeps for them."""

    def __init__(self, reading: Reading, state: State, dialect: str) -> None:
        self.reading = reading
        self.state = state
        self.dialect = dialect

    def read(self, site: Site | None, name: str, label: str, model: str) -> Field:
        """The field that a call constructs."""
        if site is None or not self.reading.is_call(site):
            return Field(name, "", SchemaColumn(name))
        reading = self.reading
        callee = reading.callee(site)
        path = reading.path_of(callee)
        kind = path.rpartition(".")[2] or reading.word(callee)
        given = dict(keywords(reading.evaluator, site)[0])
        primary = reading.true(given.get("primary_key"))
        relation = kind in RELATIONS
        column = reading.string(given.get("db_column")) or (f"{name}_id" if relation else name)
        null = reading.true(given.get("null")) or kind == "NullBooleanField"
        default, by = self._default(given)
        unique = reading.true(given.get("unique")) or kind in UNIQUE_RELATIONS or primary
        index = reading.constant(given.get("db_index"))
        return Field(
            name,
            kind,
            SchemaColumn(
                column,
                self._type(kind, site, given),
                nullable=null and not primary,
                default=default,
                attribute=name,
                default_by=by,
                place=reading.place(site),
            ),
            unique=unique,
            indexed=(index == "true" or (index != "false" and (relation or kind in INDEXED))) and not unique,
            primary=primary,
            target=self._target(site, label, model) if relation or kind in MANY else "",
            constrained=reading.constant(given.get("db_constraint")) != "false",
            through="through" in given,
            table=reading.string(given.get("db_table")),
            place=reading.place(site),
        )

    def _default(self, given: Mapping[str, Site]) -> tuple[str, str]:
        if "db_default" in given:
            return self.reading.source(given["db_default"]), "database"
        if "default" in given:
            # Django adds the column with it and drops it from the database again.
            return self.reading.source(given["default"]), "client"
        added = any(self.reading.true(given.get(word)) for word in ("auto_now", "auto_now_add"))
        return "", "client" if added else ""

    def _type(self, kind: str, site: Site, given: Mapping[str, Site]) -> str:
        suffix = ""
        for _ in range(DIMENSIONS):
            inner = self.reading.argument(site, "0|base_field") if kind == "ArrayField" else None
            if inner is None or not self.reading.is_call(inner):
                break
            kind = self.reading.path_of(self.reading.callee(inner)).rpartition(".")[2]
            site, given, suffix = inner, dict(keywords(self.reading.evaluator, inner)[0]), f"{suffix}[]"
        name = TYPES.get(self.dialect, {}).get(kind, "")
        if name == "varchar":
            length = self.reading.constant(given.get("max_length")) or LENGTHS.get(kind, "")
            name = f"varchar({length})" if length.isdigit() else name
        elif kind == "DecimalField" and name:
            digits = self.reading.constant(given.get("max_digits"))
            places = self.reading.constant(given.get("decimal_places"))
            name = f"{name}({digits},{places})" if digits and places else name
        return f"{name}{suffix}" if name else ""

    def _target(self, site: Site, label: str, model: str) -> str:
        text = self.reading.string(self.reading.argument(site, "0|to")).lower()
        if text == "self":
            return f"{label}.{model.lower()}"
        return text if "." in text or not text else f"{label}.{text}"

    # What the database keeps

    def keys(self, item: Field) -> list[Key]:
        """The keys that a field brings."""
        keys: list[Key] = []
        column = (item.column.name,)
        if item.primary:
            keys.append(Key("primary", column, place=item.place))
        elif item.unique:
            keys.append(Key("unique", column, place=item.place))
        if item.relation and item.constrained:
            keys.append(Key("foreign", column, "", self.state.table(item.target), place=item.place))
        return keys

    def index(self, item: Field) -> Index | None:
        """The index that a field brings."""
        if not item.indexed:
            return None
        return Index("", (IndexColumn(item.column.name),), place=item.place)

    def joining(self, model: Model, item: Field) -> Table | None:
        """The table of a many-to-many relation, where Django makes it."""
        if not item.many or item.through:
            return None
        target = self.state.table(item.target)
        own = f"{model.name.lower()}_id"
        other = f"{item.target.partition('.')[2]}_id"
        if item.target == f"{model.label}.{model.name.lower()}":
            own, other = f"from_{own}", f"to_{other}"
        known = bool(item.target)
        columns = (SchemaColumn(own, nullable=False), SchemaColumn(other, nullable=False)) if known else ()
        keys: list[Key] = [Key("primary", ("id",))]
        indexes: list[Index] = []
        if known:
            keys.append(Key("foreign", (own,), "", model.table))
            keys.append(Key("foreign", (other,), "", target))
            keys.append(Key("unique", (own, other)))
            indexes = [Index("", (IndexColumn(own),)), Index("", (IndexColumn(other),))]
        return Table(
            item.table or f"{model.table}_{item.name}",
            origin="migration",
            columns=(SchemaColumn("id", nullable=False, default_by="database"), *columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            complete=known,
            place=item.place,
        )
