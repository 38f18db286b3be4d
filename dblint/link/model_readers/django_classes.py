"""Django's model classes: what each takes over from its bases, what its key is, and where relations lead."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dblint.facts.schema import SchemaColumn
from dblint.facts.tree import Kind, Role
from dblint.link.model_readers.django_fields import Field, Fields
from dblint.link.model_readers.django_names import Names
from dblint.link.model_readers.shared import Surroundings, arguments
from dblint.link.values import UNKNOWN, Class, ExternalValue, LibraryClass, ProjectClass, Unknown, Value, options

COMPOSITE = "django:CompositePrimaryKey"
FOLLOWED = 6
"""How far a key that is a relation is followed to the key that it holds."""


class Model(msgspec.Struct):
    """A model class, read: its fields with those of its abstract bases, and the tables above it."""

    cls: ProjectClass
    name: str
    label: str
    table: str
    abstract: bool = False
    proxy: Class | None = None
    managed: bool = True
    fields: dict[str, Field] = msgspec.field(default_factory=dict)
    groups: tuple[tuple[str, ...], ...] = ()
    """Fields that a library's base has an index over."""
    parents: list[Class] = msgspec.field(default_factory=list)
    complete: bool = True
    names: dict[str, str] = msgspec.field(default_factory=dict)
    """Field → column."""
    key: tuple[str, ...] = ()
    """The columns of a key that is of several fields."""

    def column(self, name: str) -> str:
        """The column of a field; `pk` is the key."""
        if name == "pk":
            return next((self.names[key] for key, item in self.fields.items() if item.given.get("primary_key")), "id")
        return self.names.get(name, name)

    def columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of several fields."""
        return tuple(self.column(name) for name in names)


class Classes:
    """Reads model classes. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.names = Names(surroundings)
        self.fields = Fields(surroundings)
        self._models: dict[ProjectClass, Model] = {}
        self._primaries: dict[Value, tuple[SchemaColumn, Field | None] | None] = {}
        self._library: dict[str, dict[str, Field]] = {}
        self._targets: dict[tuple[ProjectClass, str], Value] = {}

    # The class and what it takes over

    def model(self, cls: ProjectClass) -> Model:
        """A model class, read once."""
        found = self._models.get(cls)
        if found is None:
            with self.evaluator.partial() as partial:
                found = self._read(cls)
            if not partial:
                self._models[cls] = found
        return found

    def _read(self, cls: ProjectClass) -> Model:
        names = self.names
        meta = names.meta(cls)
        name = self.evaluator.tree(cls.path).value(cls.node)
        own = {word: names.assigned(meta, word, inherited=False) for word in ("abstract", "proxy")}
        label = names.option(meta, "app_label") or names.applications.label(cls.path)
        table = names.option(meta, "db_table") or f"{label}_{name.lower()}"
        found = Model(cls, name, label, table, abstract=self.plain.true(own["abstract"]))
        found.managed = self.plain.constant(names.assigned(meta, "managed")) != "false"
        inherited: set[Class] = set()
        order: list[Class] = []
        for base in self.evaluator.classes.mro(cls):
            if base in inherited or not self._model_base(base):
                continue
            if base != cls and self._concrete(base):
                if not isinstance(base, ProjectClass) or not self._is_proxy(base):
                    found.parents.append(base)
                else:
                    found.proxy = found.proxy or base
                inherited.update(self.evaluator.classes.mro(base))
            else:
                order.append(base)
        if self.plain.true(own["proxy"]):
            found.proxy = next(iter(found.parents), found.proxy)
            return found
        for base in reversed(order):
            self._take(found, base)
        behind = [base for base in self.evaluator.classes.mro(cls) if base not in inherited]
        found.complete = found.complete and self._known_bases(behind)
        for key, item in found.fields.items():
            found.names[key] = self.plain.string(item.given.get("db_column")) or item.column
        composite = next((item for item in found.fields.values() if item.type_name == COMPOSITE), None)
        if composite is not None and composite.call is not None:
            words = tuple(map(self.plain.string, arguments(self.plain, composite.call)))
            found.key = found.columns(words)
            found.complete = found.complete and len(words) > 1 and all(words)
        return found

    def _model_base(self, cls: Class) -> bool:
        if isinstance(cls, LibraryClass):
            return self.evaluator.tables.types[cls.name].declares == "django"
        return self.names.is_model(cls)

    def _concrete(self, cls: Class) -> bool:
        """Whether a base has a table of its own."""
        if isinstance(cls, LibraryClass):
            return bool(self.evaluator.tables.types[cls.name].table)
        return not self.plain.true(self.names.assigned(self.names.meta(cls), "abstract", inherited=False))

    def _is_proxy(self, cls: ProjectClass) -> bool:
        return self.plain.true(self.names.assigned(self.names.meta(cls), "proxy", inherited=False))

    def _take(self, found: Model, base: Class) -> None:
        """Adds the fields of a class to those of the classes above it."""
        if isinstance(base, LibraryClass):
            for ancestor in reversed(self.evaluator.tables.lineages[base.name]):
                found.fields.update(self.library_fields(ancestor))
                found.groups += self.evaluator.tables.types[ancestor].indexes
            return
        body = self.fields.body(base)
        found.complete = found.complete and body.complete
        for name, item in body.fields.items():
            if item is None:
                found.fields.pop(name, None)
            else:
                found.fields.pop(name, None)
                found.fields[name] = item

    def _known_bases(self, order: Sequence[Class]) -> bool:
        for cls in order:
            if not isinstance(cls, ProjectClass):
                continue
            tree = self.evaluator.tree(cls.path)
            for base in tree.with_role(cls.node, Role.BASE):
                if tree.kinds[base] == Kind.KEYWORD:
                    continue
                for option in options(self.evaluator.value(cls.path, base)):
                    if isinstance(option, (ExternalValue, Unknown)) and not self.fields.harmless(cls, base, option):
                        return False
        return True

    def library_fields(self, name: str) -> dict[str, Field]:
        """The fields of a model that a library itself declares, without those of its bases."""
        found = self._library.get(name)
        if found is None:
            types = self.evaluator.tables.types
            found = self._library[name] = {}
            for word, written in types[name].fields.items():
                full = written.type if ":" in written.type else f"{name.partition(':')[0]}:{written.type}"
                row = types[full]
                found[word] = Field(word, row.field, row, full, None, LibraryClass(name), written=written)
        return found

    # Keys

    def primary(self, model: Value) -> tuple[SchemaColumn, Field | None] | None:
        """The key of a model: its column (with the type that a reference to it has), and the field behind it;
        None for cannot say."""
        return self.evaluator.once(self._primaries, model, self._primary)

    def _primary(self, model: Value) -> tuple[SchemaColumn, Field | None] | None:
        for _ in range(FOLLOWED):
            if isinstance(model, LibraryClass):
                if not self._concrete(model):
                    return None
                return SchemaColumn("id", "integer", nullable=False, attribute="id", default_by="database"), None
            if not isinstance(model, ProjectClass) or not self.names.is_model(model):
                return None
            found = self.model(model)
            while found.proxy is not None and isinstance(found.proxy, ProjectClass):
                found = self.model(found.proxy)
            if found.key:
                return None
            item = next((item for item in found.fields.values() if self.flag(item, "primary_key")), None)
            if item is None and found.parents:
                parent = found.parents[0]
                pointer, column = self.pointer(parent)
                above = self.primary_type(parent)
                return SchemaColumn(column, above, nullable=False, attribute=pointer), None
            if item is None:
                return msgspec.structs.replace(self.implicit(model.path), type=self._counted(model.path, "any")), None
            if not item.relation:
                return SchemaColumn(found.names[item.name], self.reference(item), False, attribute=item.name), item
            above_type = self.primary_type(self.target(found, item))
            return SchemaColumn(found.names[item.name], above_type, False, attribute=item.name), item
        return None

    def primary_type(self, model: Value) -> str:
        """The type of a column that refers to a model's key, "" for cannot say."""
        seen: set[Value] = set()
        while model not in seen and len(seen) < FOLLOWED:
            seen.add(model)
            if not isinstance(model, ProjectClass) or not self.names.is_model(model):
                found = self.primary(model) if isinstance(model, LibraryClass) else None
                return found[0].type if found is not None else ""
            read = self.model(model)
            if isinstance(read.proxy, (ProjectClass, LibraryClass)):
                model = read.proxy
                continue
            if read.key:
                return ""
            item = next((item for item in read.fields.values() if self.flag(item, "primary_key")), None)
            if item is None and read.parents:
                model = read.parents[0]
            elif item is None:
                return self._counted(read.cls.path, "any")
            elif item.relation:
                model = self.target(read, item)
            else:
                return self.reference(item)
        return ""

    def implicit(self, path: str) -> SchemaColumn:
        """The key of a model in this file that declares none."""
        word = self._counted(path, self.surroundings.dialect)
        return SchemaColumn("id", word, nullable=False, attribute="id", default_by="database")

    def _counted(self, path: str, dialect: str) -> str:
        """The type of such a key; `any`: of a column that refers to it."""
        row = self.evaluator.tables.types.get(self.evaluator.tables.by_path.get(self.names.key_field(path), ""))
        return row.column.word(dialect) if row is not None and row.column is not None else ""

    def reference(self, item: Field) -> str:
        """The type of a column that refers to a field: that of counters without their counting."""
        column = item.row.column
        if item.type_name.endswith("AutoField") and column is not None:
            return column.type.get("any", "")
        return self.fields.column_type(item)

    def pointer(self, parent: Class) -> tuple[str, str]:
        """The attribute and column by which a table refers to the one that it extends."""
        name = f"{self.evaluator.classes.class_name(parent).lower()}_ptr"
        return name, f"{name}_id"

    def flag(self, item: Field, word: str) -> bool | None:
        """An option that is true or false; None for cannot say."""
        if word in item.hidden:
            return None
        if word == "primary_key" and self.plain.true(item.given.get("parent_link")):
            return True
        site = item.given.get(word)
        if site is None:
            written = item.written
            if written is not None:
                return {"null": written.null, "unique": written.unique, "db_index": written.indexed or None}.get(
                    word, False
                )
            return False
        constant = self.plain.constant(site)
        return constant == "true" if constant in ("true", "false") else None

    def enforced(self, item: Field) -> bool:
        """Whether the database checks what a relation refers to."""
        return "db_constraint" not in item.given or self.flag(item, "db_constraint") is not False

    # Options

    def options(self, found: Model) -> ProjectClass | None:
        """The class of options that counts: the model's own, else that of the nearest abstract base."""
        own = self.names.meta(found.cls)
        if own is not None:
            return own
        above: set[Class] = set()
        for parent in found.parents:
            above.update(self.evaluator.classes.mro(parent))
        for base in self.evaluator.classes.mro(found.cls)[1:]:
            if isinstance(base, ProjectClass) and base not in above and (meta := self.names.meta(base)) is not None:
                return meta
        return None

    def filled(self, found: Model, text: str) -> str:
        """A name with the class's and application's put where an abstract class leaves them open."""
        return text.replace("%(class)s", found.name.lower()).replace("%(app_label)s", found.label)

    # Targets of relations

    def target(self, found: Model, item: Field) -> Value:
        """The model that a relation leads to."""
        key = (found.cls, item.name)
        value = self._targets.get(key)
        if value is None:
            with self.evaluator.partial() as partial:
                value = self._target(found, item)
            if not partial:
                self._targets[key] = value
        return value

    def _target(self, found: Model, item: Field) -> Value:
        if "to" in item.hidden:
            return UNKNOWN
        if item.written is not None:
            library = item.owner.name.partition(":")[0] if isinstance(item.owner, LibraryClass) else ""
            to = item.written.to
            if to == "Self":
                return found.cls
            return LibraryClass(to if ":" in to else f"{library}:{to}") if to else UNKNOWN
        if item.row.between:
            return self._behind(found, item)
        site = item.given.get("to") or item.first
        return self.names.target(site, found.cls) if site is not None else UNKNOWN

    def _behind(self, found: Model, item: Field) -> Value:
        """The model that a field of the rows between leads to."""
        between, name = self.between(found, item), item.row.between.partition(".")[2]
        if isinstance(between, ProjectClass) and self.names.is_model(between):
            other = self.model(between)
            field = other.fields.get(name)
            return self.target(other, field) if field is not None and field.relation else UNKNOWN
        if isinstance(between, LibraryClass):
            for ancestor in self.evaluator.tables.lineages[between.name]:
                field = self.library_fields(ancestor).get(name)
                if field is not None:
                    return self._target(found, field)
        return UNKNOWN

    def between(self, found: Model, item: Field) -> Value:
        """The model of the rows between that a field names, or that its library has for it; `UNKNOWN` where there is
        none of that."""
        site = item.given.get("through")
        if site is not None:
            return self.names.target(site, found.cls)
        if "through" in item.hidden or not item.row.between:
            return UNKNOWN
        library = item.type_name.partition(":")[0]
        return LibraryClass(f"{library}:{item.row.between.partition('.')[0]}")

    def target_table(self, item: Field, target: Value) -> str:
        """The table that a relation leads to, "" for cannot say; a model outside of the project is called by
        Django's rule."""
        name = self.table_name(target)
        if name or item.written is not None or item.row.between:
            return name
        site = item.given.get("to") or item.first
        text = self.plain.string(site)
        label, _, model = text.rpartition(".")
        return f"{label}_{model}".lower() if label else ""

    def table_name(self, model: Value) -> str:
        """The table that rows of a model are kept in, "" for cannot say and for abstract models."""
        if isinstance(model, LibraryClass):
            return self.evaluator.tables.types[model.name].table
        if not isinstance(model, ProjectClass) or not self.names.is_model(model):
            return ""
        seen: set[ProjectClass] = set()
        while model not in seen:
            seen.add(model)
            found = self.model(model)
            if isinstance(found.proxy, LibraryClass):
                return self.evaluator.tables.types[found.proxy.name].table
            if found.proxy is None:
                return "" if found.abstract else found.table
            model = found.proxy
        return ""

    def target_columns(self, item: Field, target: Value) -> tuple[str, ...]:
        """The columns that a relation's own refer to, none for cannot say."""
        word = self.plain.string(item.given.get("to_field"))
        if word:
            other = self.model(target) if isinstance(target, ProjectClass) and self.names.is_model(target) else None
            return (other.column(word),) if other is not None else (word,)
        above = self.primary(target)
        return (above[0].name,) if above is not None else ()

    def target_type(self, found: Model, item: Field) -> str:
        """The type of a relation's column: that of what it refers to."""
        target = self.target(found, item)
        word = self.plain.string(item.given.get("to_field"))
        if word and isinstance(target, ProjectClass) and self.names.is_model(target):
            other = self.model(target).fields.get(word)
            return self.reference(other) if other is not None and not other.relation else ""
        return self.primary_type(target)
