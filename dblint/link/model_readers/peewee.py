"""Peewee's models as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.called_fields import CalledFields, Field
from dblint.link.model_readers.peewee_relations import KEY, PEEWEE, Model, Relations
from dblint.link.model_readers.shared import Related, Surroundings, arguments, place, replaced, sized
from dblint.link.values import UNKNOWN, FunctionValue, LibraryClass, ProjectClass, Value, options

_NO_WORD = re.compile(r"[^\w]+")
_WORDS = re.compile("(.)_*([A-Z][a-z]+)"), re.compile("([a-z0-9])_*([A-Z])")


class PeeweeModels:
    """Reads Peewee's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.called = CalledFields(surroundings)
        self.relating = Relations(self)
        self._models: dict[ProjectClass, Model] = {}

    # Classes

    def model(self, cls: ProjectClass) -> Model:
        """A model class, read once."""
        return self.evaluator.once(self._models, ProjectClass(cls.path, cls.node), self._read)

    def _read(self, cls: ProjectClass) -> Model:
        found, complete = self.called.inherited(cls, PEEWEE)
        table = self._table_name(cls)
        names = {name: self._column_name(item) for name, item in found.items() if item.kind in _COLUMNS}
        declared = [name for name, item in found.items() if self.called.flag(item, "primary_key")]
        key: tuple[str, ...] | None = tuple(declared[-1:])
        written = self._option(cls, "primary_key")
        implicit = False
        if written is not None and self.plain.is_call(written):
            key = tuple(self.plain.string(each) for each in arguments(self.plain, written))
        elif written is not None and self.plain.constant(written) == "false" and not declared:
            key = None
        elif not declared:
            key, implicit = ("id",), True
        own = self.called.body(cls).fields
        abstract = not table or (not own and bool(self.evaluator.classes.subclasses(cls)))
        name = self.evaluator.classes.class_name(cls)
        return Model(cls, name, table, found, names, key, complete, abstract, implicit)

    def _option(self, cls: ProjectClass, *words: str, inherited: bool = True) -> Site | None:
        """What the options of a class say of the first of these words, or those of a base."""
        for base in self.evaluator.classes.mro(cls) if inherited else (cls,):
            holder = self.called.options(base) if isinstance(base, ProjectClass) else None
            for word in words:
                site = self.called.option(holder, word)
                if site is not None:
                    return site
        return None

    def _table_name(self, cls: ProjectClass) -> str:
        """The name of the table of a class (`Metadata.__init__`), "" where it cannot be said."""
        site = self._option(cls, "table_name", "db_table", inherited=False)
        if site is not None:
            return self.plain.string(site)
        name = self.evaluator.classes.class_name(cls)
        function = self._option(cls, "table_function")
        if function is not None:
            return self._given(function, name)
        legacy = self._option(cls, "legacy_table_names")
        if legacy is not None and self.plain.constant(legacy) == "false":
            return snake_case(name)
        return _NO_WORD.sub("_", name.lower())

    def _given(self, site: Site, name: str) -> str:
        """The name that a function of the project gives, "" for what it does not say by a word and the class's name."""
        found: set[str] = set()
        for option in options(self.evaluator.value(site.path, site.node)):
            if not isinstance(option, FunctionValue):
                return ""
            found |= {self._made(option.path, node, name) for node in self.evaluator.returns(option)}
        return found.pop() if len(found) == 1 else ""

    def _made(self, path: str, node: int, name: str) -> str:
        tree = self.evaluator.tree(path)
        parts: list[int] = []
        while tree.kinds[node] == Kind.BINARY and tree.value(node) == "+":
            parts.append(tree.child(node, Role.RIGHT))
            node = tree.child(node, Role.LEFT)
        text = ""
        for part in (node, *reversed(parts)):
            lower = tree.kinds[part] == Kind.CALL and tree.kinds[part + 1] == Kind.ATTRIBUTE
            inner = part + 2 if lower else part
            if tree.kinds[inner] == Kind.ATTRIBUTE and tree.value(inner) == "__name__":
                if lower and tree.value(part + 1) != "lower":
                    return ""
                text += name.lower() if lower else name
                continue
            word = self.plain.string(Site(path, part, None))
            if not word:
                return ""
            text += word
        return text

    def _column_name(self, item: Field) -> str:
        for word in ("column_name", "db_column"):
            if word in item.given:
                return self.plain.string(item.given[word])
        return item.name if not item.relation or item.name.endswith("_id") else f"{item.name}_id"

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a class; None for one that others extend and that has no field of its own."""
        found = self.model(model)
        if found.abstract:
            return None
        where = place(self.evaluator, Site(model.path, model.node, None))
        columns = [self._column(found, item) for item in found.fields.values() if item.kind in _COLUMNS]
        if found.implicit:
            columns.insert(0, SchemaColumn("id", self.type(KEY), False, attribute="id", default_by="database"))
            columns[0] = msgspec.structs.replace(columns[0], place=where)
        keys: list[Key] = []
        indexes: list[Index] = []
        if found.key:
            keys.append(Key("primary", tuple(map(found.column, found.key)), place=where))
        for item in found.fields.values():
            if item.kind in _COLUMNS:
                keys += self._keys(found, item)
                index = self._index(found, item)
                indexes += [index] if index is not None else []
        complete = self._composite(found, keys, indexes) and found.complete
        complete = self._added(found) and complete and "" not in {column.name for column in columns}
        schema = self._option(model, "schema")
        return Table(
            found.table,
            schema=self.plain.string(schema) if schema is not None else "",
            model=found.name,
            origin="model",
            columns=replaced(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self.relating.own(found)),
            complete=complete,
            place=where,
        )

    def type(self, name: str) -> str:
        """The database's word for a column of one of the library's types."""
        column = self.evaluator.tables.types[f"{PEEWEE}:{name}"].column
        return column.word(self.surroundings.dialect) if column is not None else ""

    def _column(self, found: Model, item: Field) -> SchemaColumn:
        default, by = "", ""
        if "default" in item.given:
            default, by = self.plain.source(item.given["default"]), "client"
        elif item.type_name in COUNTING:
            by = "database"
        for text in self._constraints(item):
            if text.upper().startswith("DEFAULT"):
                default, by = text[len("DEFAULT") :].strip(), "database"
        key = item.name in (found.key or ())
        return SchemaColumn(
            found.names[item.name],
            self._reference(found, item) if item.relation else self._word(item),
            nullable=False if key else self.called.flag(item, "null"),
            default=default,
            attribute=item.name,
            default_by=by,
            place=item.place,
        )

    def _constraints(self, item: Field) -> list[str]:
        """The texts of what a field has besides (`constraints=[SQL("DEFAULT 1")]`)."""
        texts = []
        for each in self.plain.elements(item.given.get("constraints")):
            inner = self.plain.argument(each, "0|sql") if self.plain.is_call(each) else None
            texts.append(self.plain.string(inner))
        return texts

    def _word(self, item: Field) -> str:
        """The database's word for the column of a field; that of a class of the project where it says it."""
        for own in item.own:
            site = self.called.option(own, "field_type")
            if site is not None:
                return self.plain.string(site).lower()
        column = item.row.column
        if column is None:
            return ""
        if column.element:
            inner = self.plain.argument(item.site, column.element)
            cls = next(iter(options(self.evaluator.value(inner.path, inner.node))), UNKNOWN) if inner else UNKNOWN
            element = self.evaluator.tables.types[cls.name].column if isinstance(cls, LibraryClass) else None
            word = element.word(self.surroundings.dialect) if element is not None else ""
            return f"{word}[]" if word else ""
        return sized(self.plain, column, lambda slot: self.plain.argument(item.site, slot), self.surroundings.dialect)

    def _reference(self, found: Model, item: Field) -> str:
        """The type of a column that refers to another's: that of counters without their counting."""
        seen: set[tuple[ProjectClass, str]] = set()
        while item.relation:
            target = self.relating.target(found, item)
            if not isinstance(target, ProjectClass) or (found.cls, item.name) in seen:
                return ""
            seen.add((found.cls, item.name))
            other = self.model(target)
            word = self.relating.pointed(item) or (other.key[0] if other.key and len(other.key) == 1 else "")
            if word == "id" and other.implicit:
                return self.type("IntegerField")
            if word not in other.fields:
                return ""
            found, item = other, other.fields[word]
        counting = COUNTING.get(item.type_name, "")
        return self.type(counting) if counting else self._word(item)

    def _keys(self, found: Model, item: Field) -> Iterator[Key]:
        if item.name not in (found.key or ()) and self.called.flag(item, "unique"):
            yield Key("unique", (found.names[item.name],), place=item.place)
        if item.relation:
            target = self.relating.target(found, item)
            deletes = self.plain.string(item.given.get("on_delete") or self.plain.argument(item.site, "3"))
            updates = self.plain.string(item.given.get("on_update") or self.plain.argument(item.site, "4"))
            yield Key(
                "foreign",
                (found.names[item.name],),
                self.plain.string(item.given.get("constraint_name")),
                self.relating.target_table(target),
                self.relating.target_columns(item, target),
                on_delete=deletes.lower(),
                on_update=updates.lower(),
                place=item.place,
            )

    def _index(self, found: Model, item: Field) -> Index | None:
        """The index that a field has by itself; `ForeignKeyField.__init__` has one unless it is told otherwise."""
        if item.name in (found.key or ()) or self.called.flag(item, "unique"):
            return None
        wanted = self.called.flag(item, "index") if "index" in item.given else item.row.indexed
        if wanted is False:
            return None
        method = self.plain.string(item.given.get("index_type"))
        return Index("", (IndexColumn(found.names[item.name]),), method=method.lower(), place=item.place)

    def _composite(self, found: Model, keys: list[Key], indexes: list[Index]) -> bool:
        """Adds the indexes of several columns and the constraints that the options name; False where one cannot be
        read."""
        complete = True
        for element in self.plain.elements(self._option(found.cls, "indexes")):
            parts = self.plain.elements(element)
            words = self.plain.strings(parts[0]) if parts else ()
            unique = self.plain.constant(parts[1]) if len(parts) == 2 else ""
            if not words or not all(words) or unique not in ("true", "false"):
                complete = False
                continue
            where = place(self.evaluator, element)
            names = tuple(map(found.column, words))
            if unique == "true":
                keys.append(Key("unique", names, place=where))
            else:
                indexes.append(Index("", tuple(map(IndexColumn, names)), place=where))
        for element in self.plain.elements(self._option(found.cls, "constraints")):
            inner = self.plain.argument(element, "0|constraint") if self.plain.is_call(element) else None
            text = self.plain.string(inner)
            if self.plain.is_call(element) and self.plain.word(self.plain.callee(element)) == "Check" and text:
                keys.append(Key("check", (), expression=text, place=place(self.evaluator, element)))
            else:
                complete = False
        return complete

    def _added(self, found: Model) -> bool:
        """Whether no index is added to the class behind its body (`Article.add_index(…)`)."""
        for path, node in self.evaluator.words.spelled("add_index"):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] == Kind.ATTRIBUTE and tree.kinds[node + 1] == Kind.NAME:
                if tree.value(node + 1) == found.name:
                    return False
        return True

    # Relations

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by attribute; those of its bases are its own."""
        return {related.name: related for related in self.relating.own(self.model(model))}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What a model's relations add to their targets."""
        return self.relating.inverses(self.model(model))

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables that its many-to-many relations need."""
        return self.relating.joins(self.model(model))

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, model: Value, name: str) -> SchemaColumn | None:  # noqa: ARG002 - no attribute is
        """None: the key that no class declares is a column of its table."""
        return None


def snake_case(name: str) -> str:
    """A class's name as `make_snake_case` writes it (`UserProfile` becomes `user_profile`)."""
    for pattern in _WORDS:
        name = pattern.sub(r"\1_\2", name)
    return name.lower()


_COLUMNS = frozenset({"column", "to-one"})
COUNTING = {f"{PEEWEE}:{name}": kind for name, kind in {
    "AutoField": "IntegerField", "BigAutoField": "BigIntegerField", "IdentityField": "IntegerField",
}.items()}  # fmt: skip
"""Fields whose values the database counts → the type of what refers to them."""
