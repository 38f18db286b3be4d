"""What Django's migrations know of the models at a point in an application's history."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.link.arguments import Site, keywords
from dblint.link.migrations.hosts import Reading
from dblint.link.model_readers.django_applications import MARKER
from dblint.link.model_readers.django_fields import Fields as ModelFields
from dblint.link.model_readers.django_names import DEFAULT_USER, USER_SETTING, Names
from dblint.link.model_readers.shared import Surroundings, patterned
from dblint.link.values import ProjectClass

RELATIONS = frozenset({"to-one", "one-to-one"})


class Field(msgspec.Struct, frozen=True):
    """A model field: its column, and what the database keeps for it besides."""

    name: str
    kind: str  # the last word of its class
    column: SchemaColumn
    shape: str = "column"  # as the rows of tables say it
    unique: bool = False
    indexed: bool = False
    primary: bool = False
    collated: bool = False  # by a collation of its own
    target: str = ""  # of a relation: `app.model` in lower case, "" for cannot say
    constrained: bool = True
    through: bool = False  # a many-to-many relation whose table another model makes
    table: str = ""
    place: Place | None = None

    @property
    def relation(self) -> bool:
        """Whether it has a foreign key."""
        return self.shape in RELATIONS

    @property
    def many(self) -> bool:
        """Whether it has a table of its own and no column."""
        return self.shape == "many-to-many"

    @property
    def virtual(self) -> bool:
        """Whether the database knows nothing of it."""
        return self.shape in ("virtual", "to-any", "to-many")


class Model(msgspec.Struct):
    """A model: its table and fields."""

    label: str
    name: str
    table: str
    named: bool = False  # by `db_table`
    managed: bool = True
    fields: dict[str, Field] = msgspec.field(default_factory=dict)
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

    def __init__(self, otherwise: Mapping[tuple[str, str], str]) -> None:
        """`otherwise`: the tables of models whose migrations are not the project's."""
        self.otherwise = otherwise
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
        return found.table if found is not None else self.otherwise.get((label, name), f"{label}_{name}")


class Fields:
    """Reads fields, and says what the database keeps for them."""

    def __init__(self, reading: Reading, state: State, dialect: str) -> None:
        self.reading = reading
        self.state = state
        self.dialect = dialect
        surroundings = Surroundings(reading, dialect)
        self.models = ModelFields(surroundings)
        self.names = Names(surroundings)

    def read(self, site: Site | None, name: str, label: str, model: str) -> Field:
        """The field that a call constructs."""
        if site is None or not self.reading.is_call(site):
            return Field(name, "", SchemaColumn(name))
        reading = self.reading
        callee = reading.callee(site)
        path = reading.path_of(callee)
        kind = path.rpartition(".")[2] or reading.word(callee)
        made = self.models.called(site, name, ProjectClass(site.path, site.node))
        shape = made.kind if made is not None else "column"
        relation = shape in RELATIONS
        given = made.given if made is not None else dict(keywords(reading.evaluator, site)[0])
        primary = reading.true(given.get("primary_key"))
        column = reading.string(given.get("db_column")) or (made.column if made is not None else name)
        null = reading.true(given.get("null")) or kind == "NullBooleanField"
        default, by = self._default(given)
        unique = reading.true(given.get("unique")) or shape == "one-to-one" or primary
        index = reading.constant(given.get("db_index"))
        wanted = made is not None and made.row.indexed
        return Field(
            name,
            kind,
            SchemaColumn(
                column,
                self.models.column_type(made) if made is not None and not relation else "",
                nullable=null and not primary,
                default=default,
                attribute=name,
                default_by=by,
                place=reading.place(site),
                choices=self.models.choices(made) if made is not None else (),
            ),
            shape=shape,
            unique=unique,
            indexed=(index == "true" or (index != "false" and wanted)) and not unique,
            primary=primary,
            collated="db_collation" in given,
            target=self._target(site, label, model) if relation or shape == "many-to-many" else "",
            constrained=reading.constant(given.get("db_constraint")) != "false",
            through="through" in given,
            table=reading.string(given.get("db_table")),
            place=reading.place(site),
        )

    def added_key(self, site: Site, label: str) -> Field:
        """The primary key that Django gives to a model that is created without one: a reference to the model that it
        extends, which its bases name, or `id`."""
        where = self.reading.place(site)
        extended = next(filter(None, self.reading.strings(self.reading.argument(site, "3|bases"))), "")
        if extended:
            base = extended.lower() if "." in extended else f"{label}.{extended.lower()}"
            name = f"{base.partition('.')[2]}_ptr"
            column = SchemaColumn(f"{name}_id", nullable=False, attribute=name, place=where)
            return Field(
                name, "OneToOneField", column, "one-to-one", unique=True, primary=True, target=base, place=where
            )
        tables = self.reading.evaluator.tables
        path = self.names.key_field(site.path)
        row = tables.types.get(tables.by_path.get(path, ""))
        word = row.column.type.get("any", row.column.word(self.dialect)) if row is not None and row.column else ""
        column = SchemaColumn("id", word, nullable=False, attribute="id", default_by="database", place=where)
        return Field("id", path.rpartition(".")[2], column, unique=True, primary=True, place=where)

    def _default(self, given: Mapping[str, Site]) -> tuple[str, str]:
        if "db_default" in given:
            return self.reading.source(given["db_default"]), "database"
        if "db_persist" in given:
            return "", "database"  # a generated column
        if "default" in given and self.reading.constant(given["default"]) != "null":
            # Django adds the column with it and drops it from the database again.
            return self.reading.source(given["default"]), "client"
        # What Django gives existing rows (`effective_default`): the time, or an empty text.
        added = any(self.reading.true(given.get(word)) for word in ("auto_now", "auto_now_add", "blank"))
        return "", "client" if added else ""

    def _target(self, site: Site, label: str, model: str) -> str:
        named = self.reading.argument(site, "0|to")
        text = self.reading.string(named).lower()
        if not text and named is not None and self.reading.word(named) == USER_SETTING:
            applications = self.reading.evaluator.applications
            text = "" if applications.setting(MARKER, USER_SETTING) else DEFAULT_USER.lower()
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

    def pattern_index(self, item: Field) -> Index | None:
        """The second index that Django builds on PostgreSQL beside a unique key or an index of text, for LIKE with a
        prefix. A collation may leave it out: not every one knows patterns."""
        if item.relation or not (item.unique or item.indexed) or item.collated:
            return None
        return next(iter(patterned(item.column, self.dialect, item.place)), None)

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
