"""MongoEngine's documents as tables.

Source: MongoEngine 0.29 documentation, "Defining documents"; its source for what it does not say there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dblint.facts.query import Clause, Column, Element, Order
from dblint.facts.schema import Index, IndexColumn, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries, keywords
from dblint.link.model_readers import assigned
from dblint.link.model_readers.documents import KEY, Declared, Documents, Field
from dblint.link.model_readers.shared import Related, Surroundings, Typed, fields, place, typed
from dblint.link.values import ExternalValue, ProjectClass, Unknown, Value, options

_LAZY = "mongoengine:LazyReferenceField"
_LISTS = ("mongoengine:ListField", "mongoengine:SortedListField", "mongoengine:EmbeddedDocumentListField")
_MAPS = ("mongoengine:MapField",)
_EMBEDS = ("mongoengine:EmbeddedDocumentField", "mongoengine:EmbeddedDocumentListField")
_DECIMAL = "mongoengine:DecimalField"
_SELF = "self"
_RULES = {"CASCADE": "cascade", "NULLIFY": "set null", "DENY": "restrict"}
"""What becomes of a document whose reference is deleted → in the words of foreign keys."""
DEPTH = 4
"""Lists in lists that are followed."""


class MongoEngineModels:
    """Reads MongoEngine's documents. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.documents = Documents(surroundings, self.fields, self.table_name)
        self._bodies: dict[ProjectClass, tuple[Field, ...]] = {}
        self._named: dict[str, list[ProjectClass]] | None = None

    # Classes

    def _classes(self, model: ProjectClass) -> list[ProjectClass]:
        return [cls for cls in self.evaluator.classes.mro(model) if isinstance(cls, ProjectClass)]

    def meta(self, cls: ProjectClass) -> Mapping[str, Site]:
        """The entries of `meta` that a class writes itself."""
        node = assigned(self.evaluator, cls, "meta")
        if node < 0:
            return {}
        return dict(entries(self.evaluator, Site(cls.path, node, None))[0])

    def _abstract(self, cls: ProjectClass) -> bool:
        return self.plain.true(self.meta(cls).get("abstract"))

    def _is_document(self, cls: ProjectClass) -> bool:
        types = self.evaluator.tables.types
        return any(types[item.name].declares == "mongoengine" for item in self.evaluator.classes.library_types(cls))

    def owner(self, model: ProjectClass) -> ProjectClass | None:
        """The class whose collection a document lies in: its farthest base that is a document and not abstract."""
        if self._abstract(model):
            return None
        found = model
        for cls in self._classes(model):
            if self._is_document(cls) and not self._abstract(cls):
                found = cls
        return found

    def name(self, owner: ProjectClass) -> str:
        """The collection's name; "" where the program computes it."""
        for cls in self._classes(owner):
            site = self.meta(cls).get("collection")
            if site is not None:
                return self.plain.string(site)
        name = self.evaluator.classes.class_name(owner)
        return "".join(f"_{word}" if word.isupper() else word for word in name).strip("_").lower()

    def table_name(self, model: Value) -> str:
        """The collection of a document, "" for anything else."""
        owner = self.owner(model) if isinstance(model, ProjectClass) else None
        return self.name(owner) if owner is not None else ""

    # Fields

    def fields(self, cls: ProjectClass) -> list[Field]:
        """The fields of a class, those of its bases first."""
        found: dict[str, Field] = {}
        for each in reversed(self._classes(cls)):
            for field in self.evaluator.once(self._bodies, each, self._body):
                found.pop(field.name, None)
                found[field.name] = field
        return list(found.values())

    def _body(self, cls: ProjectClass) -> tuple[Field, ...]:
        return tuple(self._read(cls))

    def _read(self, cls: ProjectClass) -> Iterator[Field]:
        tree = self.evaluator.tree(cls.path)
        for name, node, _ in fields(self.evaluator, cls):
            value = tree.child(node, Role.VALUE)
            if value < 0 or tree.kinds[value] != Kind.CALL:
                continue
            site = Site(cls.path, value, None)
            made = self._typed(site)
            if made is not None and made.row.field:
                yield self._field(cls, name, site, made)

    def _typed(self, site: Site) -> Typed | None:
        if self.evaluator.tree(site.path).kinds[site.node] != Kind.CALL:
            return None
        return typed(self.evaluator, self.evaluator.value(site.path, site.node + 1, site.context))

    def _field(self, cls: ProjectClass, name: str, site: Site, made: Typed) -> Field:
        given = dict(keywords(self.evaluator, site)[0])
        flags = {word: self.plain.true(given.get(word)) for word in ("primary_key", "unique", "required")}
        inner, many = self._inside(site, made)
        core = self._typed(inner) or made
        target = embedded = None
        refers = core.row.field == "to-one"
        first = self.plain.argument(inner, "0|document_type") if inner is not None else None
        if refers and first is not None:
            target = self._model(cls, first)
        elif core.name in _EMBEDS and first is not None:
            found = self._model(cls, first)
            embedded = found if found != cls else None
        kind = made.row.column.word("mongodb") if made.row.column is not None else ""
        if made.name == _DECIMAL and self.plain.true(given.get("force_string")):
            kind = "string"
        if refers and not many and self.plain.true(self.plain.argument(inner, "1|dbref")):
            kind = "object"
        default = given.get("default")
        rule = self.plain.argument(inner, "2|reverse_delete_rule")
        return Field(
            name,
            KEY if flags["primary_key"] else self.plain.string(given.get("db_field")) or name,
            kind,
            place(self.evaluator, site),
            nullable=not (flags["required"] or flags["primary_key"]),
            default=self.plain.source(default) if default is not None else "",
            default_by="client" if default is not None else "",
            unique=flags["unique"] and "unique_with" not in given,
            primary=flags["primary_key"],
            choices=tuple(word for word in self.plain.strings(given.get("choices")) if word),
            target=target,
            refers=refers,
            many=many,
            on_delete=_RULES.get(self.plain.word(rule), "") if rule is not None else "",
            lazy=core.name == _LAZY,
            embedded=embedded,
        )

    def _inside(self, site: Site, made: Typed) -> tuple[Site, bool]:
        """The field that lists hold, and whether there is a list."""
        many = made.name in _LISTS
        for _ in range(DEPTH):
            if made.name not in (_LISTS[:2] + _MAPS):
                break
            inner = self.plain.argument(site, "0|field")
            found = self._typed(inner) if inner is not None else None
            if inner is None or found is None:
                break
            site, made, many = inner, found, many or found.name in _LISTS
        return site, many

    def _model(self, cls: ProjectClass, site: Site) -> ProjectClass | None:
        """The document that a field names: a class, its name, or `"self"`."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass):
                return ProjectClass(option.path, option.node)
        word = self.plain.string(site)
        if word == _SELF:
            return cls
        if self._named is None:
            self._named = {}
            for path, file in sorted(self.evaluator.files.items()):
                for node in file.interface.classes:
                    self._named.setdefault(self.evaluator.tree(path).value(node), []).append(ProjectClass(path, node))
        found = [each for each in self._named.get(word.rpartition(".")[2], ()) if word and self._embeddable(each)]
        return found[0] if len(found) == 1 else None

    def _embeddable(self, cls: ProjectClass) -> bool:
        return any(item.name.startswith("mongoengine:") for item in self.evaluator.classes.library_types(cls))

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The collection of a document, with the fields of all that lie in it; None for abstract ones."""
        owner = self.owner(model)
        if owner is None or not (name := self.name(owner)):
            return None
        found = {field.name: field for field in self.fields(owner)}
        below = self.evaluator.classes.subclasses(owner)
        for cls in below:
            for field in self.fields(cls):
                found.setdefault(field.name, self._sometimes(field))
        own = tuple(found.values())
        stored = self.documents.stored(own) | {"id": KEY, "pk": KEY}
        indexes, known = self._indexes((owner, *below), stored)
        complete = known and not self._unread(owner)
        return self.documents.table(owner, Declared(name, own, complete, indexes, self._order(owner, stored)))

    @staticmethod
    def _sometimes(field: Field) -> Field:
        """A field that only some of a collection's documents have."""
        return Field(
            field.name, field.stored, field.type, field.place, True, field.default, field.default_by,
            choices=field.choices, target=field.target, refers=field.refers, many=field.many, lazy=field.lazy,
            embedded=field.embedded, indexed=field.indexed or field.unique,
        )  # fmt: skip

    def _unread(self, owner: ProjectClass) -> bool:
        """Whether a base is one of which only the name is known."""
        for cls in self._classes(owner):
            tree = self.evaluator.tree(cls.path)
            for base in tree.with_role(cls.node, Role.BASE):
                found = options(self.evaluator.value(cls.path, base))
                if any(isinstance(option, (ExternalValue, Unknown)) for option in found):
                    return True
        return False

    def _indexes(self, classes: Sequence[ProjectClass], stored: Mapping[str, str]) -> tuple[tuple[Index, ...], bool]:
        found: list[Index] = []
        known = True
        bases = dict.fromkeys(each for cls in classes for each in self._classes(cls))
        for cls in bases:
            site = self.meta(cls).get("indexes")
            for element in self.plain.elements(site):
                index = self.documents.index(element, stored, {"fields": "fields", "call": "0|fields"})
                known = known and index is not None
                found += [index] if index is not None else []
            if site is not None:
                literal = self.plain.literal(site)
                kinds = self.evaluator.tree(literal.path).kinds
                known = known and kinds[literal.node] in (Kind.LIST, Kind.TUPLE)
            found += self._together(cls, stored)
        return tuple(found), known

    def _together(self, cls: ProjectClass, stored: Mapping[str, str]) -> Iterator[Index]:
        """What `unique_with` makes: one index of several fields."""
        tree = self.evaluator.tree(cls.path)
        for name, node, _ in fields(self.evaluator, cls):
            value = tree.child(node, Role.VALUE)
            if value < 0 or tree.kinds[value] != Kind.CALL:
                continue
            site = self.plain.argument(Site(cls.path, value, None), "unique_with")
            if site is not None:
                one = self.plain.string(site)
                words = (one,) if one else self.plain.strings(site)
                if words and all(words):
                    names = [stored.get(word, word).replace("__", ".") for word in (*words, name)]
                    yield Index("", tuple(IndexColumn(word) for word in names), True, place=place(self.evaluator, site))

    def _order(self, owner: ProjectClass, stored: Mapping[str, str]) -> Clause[Order]:
        """What documents are sorted by where a query does not say it: the option `ordering`."""
        for cls in self._classes(owner):
            site = self.meta(cls).get("ordering")
            if site is not None:
                words = self.plain.strings(site)
                keys = [
                    Element(Order(Column(stored.get(word.lstrip("+-"), word.lstrip("+-"))), word[0] == "-", by="model"))
                    for word in words
                    if word
                ]
                return Clause(tuple(keys), "" in words)
        return Clause()

    # Relations

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002 - lists hold references themselves
        """The collections between two others: none."""
        return ()

    def others(self) -> Sequence[Table]:
        """The collections that are declared without a class: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, model: Value, name: str) -> SchemaColumn | None:
        """The key, which is `pk` whatever it is called, and `id` where no field is it."""
        if not isinstance(model, ProjectClass) or name not in ("pk", "id"):
            return None
        table = self.table(model)
        return table.column(KEY) if table is not None else None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The references of a document by attribute, except for those that are only followed when they are told to."""
        eager = [field for field in self.fields(model) if not field.lazy]
        return {related.name: related for related in self.documents.relations(model, eager)}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002
        """What references add to their targets: nothing."""
        return ()
