"""What the readers of documents share: fields, those of embedded documents among them, and references.

A reference is a foreign key that nobody enforces: a database of documents has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from dblint.facts.query import Clause, Order
from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import Related, Surroundings, place
from dblint.link.values import ProjectClass, Value, options

KEY = "_id"
EMBEDDED = 3
"""How deep documents inside of documents are followed."""
FIELDS = 500
"""Fields of one document, with those of the documents in it."""


class Field(msgspec.Struct, frozen=True):
    """A field of a document. `target`: the model that it refers to; `many`: it holds several; `embedded`: the class of
    the documents in it. `lazy`: reading it asks nothing."""

    name: str
    stored: str
    type: str
    place: Place | None
    nullable: bool | None = None
    default: str = ""
    default_by: str = ""
    unique: bool = False
    indexed: bool = False
    primary: bool = False
    choices: tuple[str, ...] = ()
    target: Value | None = None
    refers: bool = False
    many: bool = False
    on_delete: str = ""
    lazy: bool = False
    embedded: ProjectClass | None = None


class Declared(msgspec.Struct, frozen=True):
    """What a class says of its collection, besides fields."""

    table: str
    fields: tuple[Field, ...]
    complete: bool
    indexes: tuple[Index, ...] = ()
    order: Clause[Order] = Clause()


Fields = Callable[[ProjectClass], Iterable[Field]]


class Documents:
    """Makes tables and relations of what classes declare. One per reader."""

    def __init__(self, surroundings: Surroundings, fields: Fields, table: Callable[[Value], str]) -> None:
        """`fields`: those of a class, of its bases too. `table`: the name of the collection of a model."""
        self.surroundings = surroundings
        self.evaluator = surroundings.evaluator
        self.plain = surroundings.plain
        self.fields = fields
        self.table_name = table

    def table(self, model: ProjectClass, said: Declared) -> Table:
        """The table of a class."""
        where = place(self.evaluator, Site(model.path, model.node, None))
        primary = [field for field in said.fields if field.primary]
        columns = (
            [] if primary else [SchemaColumn(KEY, "objectId", False, attribute="id", place=where, default_by="client")]
        )
        indexes: list[Index] = []
        for field, path, attribute in self._all(said.fields):
            columns.append(
                SchemaColumn(
                    path,
                    field.type,
                    field.nullable if path == field.stored else True,
                    field.default,
                    attribute=attribute,
                    default_by=field.default_by,
                    place=field.place,
                    choices=field.choices,
                )
            )
            if field.unique or field.indexed:
                indexes.append(Index("", (IndexColumn(path),), field.unique, place=field.place))
        return Table(
            said.table,
            model=self.evaluator.classes.class_name(model),
            origin="model",
            columns=tuple(columns),
            keys=(Key("primary", (KEY,), place=primary[0].place if primary else where), *self._references(said.fields)),
            indexes=(*indexes, *said.indexes),
            relations=tuple(related.relation for related in self.relations(model, said.fields)),
            complete=said.complete,
            place=where,
            order=said.order,
        )

    def _references(self, fields: Sequence[Field]) -> Iterator[Key]:
        for field in fields:
            table = self.table_name(field.target) if field.refers and field.target is not None else ""
            if table and not field.many:
                yield Key(
                    "foreign", (field.stored,), "", table, (KEY,), field.on_delete, enforced=False, place=field.place,
                    on_delete_by="client",
                )  # fmt: skip

    def _all(self, fields: Sequence[Field]) -> Iterator[tuple[Field, str, str]]:
        """Fields with their paths, as they are stored and as the program has them, those of embedded documents behind
        what holds them."""
        pending = [(field, field.stored, field.name, 0) for field in reversed(fields)]
        for _ in range(FIELDS):
            if not pending:
                return
            field, path, attribute, depth = pending.pop()
            yield field, path, attribute
            if field.embedded is not None and depth < EMBEDDED:
                inner = list(self.fields(field.embedded))
                pending += [
                    (each, f"{path}.{each.stored}", f"{attribute}.{each.name}", depth + 1) for each in reversed(inner)
                ]

    def stored(self, fields: Sequence[Field]) -> dict[str, str]:
        """The paths of fields as the program has them → as they are stored."""
        return {attribute: path for _, path, attribute in self._all(fields)}

    def relations(self, model: ProjectClass, fields: Sequence[Field]) -> list[Related]:
        """The references of a document."""
        found: list[Related] = []
        for field in fields:
            if not field.refers:
                continue
            table = self.table_name(field.target) if field.target is not None else ""
            relation = Relation(
                field.name, table, "to-many" if field.many else "to-one", (field.stored,), (KEY,), place=field.place
            )
            if field.target is not None:
                found.append(Related(field.name, field.target, field.many, relation, model))
        return found

    def index(self, site: Site, stored: Mapping[str, str], options_: Mapping[str, str]) -> Index | None:
        """An index by what lists of indexes hold: a name, a list of names or pairs, or a call or document with them in
        `options_["fields"]`; None where it cannot be read."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        unique, method, predicate, name = False, "", "", ""
        keys: Site | None = site
        if kind == Kind.OBJECT:
            given = dict(entries(self.evaluator, site)[0])
            keys = given.get(options_["fields"])
            unique = self.plain.true(given.get("unique"))
            name = self.plain.string(given.get("name"))
            predicate = "partial" if "partialFilterExpression" in given or self.plain.true(given.get("sparse")) else ""
        elif kind == Kind.CALL:
            keys = self.plain.argument(site, options_["call"])
            unique = self.plain.true(self.plain.argument(site, "unique"))
            name = self.plain.string(self.plain.argument(site, "name"))
            partial = self.plain.argument(site, "partialFilterExpression") is not None
            predicate = "partial" if partial or self.plain.true(self.plain.argument(site, "sparse")) else ""
        if keys is None:
            return None
        columns: list[IndexColumn] = []
        one = self.plain.string(keys)
        for element in [keys] if one else self.plain.elements(keys):
            parts = self.plain.elements(element) if not self.plain.string(element) else []
            word = self.plain.string(parts[0] if parts else element)
            if not word:
                return None
            descending = word.startswith("-") or (len(parts) == 2 and self._descends(parts[1]))
            if word.startswith("$") or (len(parts) == 2 and self.plain.string(parts[1]) == "text"):
                method = "fulltext"
            if word.startswith("#"):
                method = "hash"
            word = word.lstrip("+-$#*()").replace("__", ".")
            head, _, rest = word.partition(".")
            if word in ("cls", "_cls"):
                continue
            path = f"{stored.get(head, head)}.{rest}" if rest else head
            columns.append(IndexColumn(stored.get(word, path), descending))
        where = place(self.evaluator, site)
        return Index(name, tuple(columns), unique, method, predicate, place=where) if columns else None

    def _descends(self, site: Site) -> bool:
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.UNARY:
            return tree.value(site.node) == "-"
        tables = self.evaluator.tables.types
        return any(
            tables[cls.name].direction == "descending"
            for option in options(self.evaluator.value(site.path, site.node, site.context))
            if (cls := getattr(option, "cls", None)) is not None and not isinstance(cls, ProjectClass)
        )
