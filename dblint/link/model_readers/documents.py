"""What the readers of documents share: fields, those of embedded documents among them, and references.

A reference is a foreign key that nobody enforces: a database of documents has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from dblint.facts.query import Clause, Order
from dblint.facts.schema import OF_REFERENCE, Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries, keywords
from dblint.link.model_readers.shared import Related, Surroundings, place
from dblint.link.values import ProjectClass, Value, options

KEY = "_id"
METHODS = {
    "text": "fulltext", "TEXT": "fulltext", "hashed": "hash", "HASHED": "hash", "2d": "2d", "GEO2D": "2d",
    "2dsphere": "2dsphere", "GEOSPHERE": "2dsphere",
}  # fmt: skip
"""What stands beside a field in the place of a direction, as a text or as a driver's constant → how the index works."""
EMBEDDED = 3
"""How deep documents inside of documents are followed."""
FIELDS = 500
"""Fields of one document, with those of the documents in it."""


class Field(msgspec.Struct, frozen=True):
    """A field of a document. `target`: the model that it refers to; `many`: it holds several; `embedded`: the class of
    the documents in it. `lazy`: reading it asks nothing. `sought`: a reference is looked for by its key in it, and not
    by itself."""

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
    sought: bool = False


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
                    on_delete_by="client", sought=(f"{field.stored}{OF_REFERENCE}",) if field.sought else (),
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
        given: dict[str, Site] = {}
        if kind == Kind.OBJECT:
            given = dict(entries(self.evaluator, site)[0])
            keys = given.get(options_["fields"])
            unique = self.plain.true(given.get("unique"))
            name = self.plain.string(given.get("name"))
            predicate = "partial" if "partialFilterExpression" in given or self.plain.true(given.get("sparse")) else ""
        elif kind == Kind.CALL:
            keys = self.plain.argument(site, options_["call"])
            named, hidden = keywords(self.evaluator, site)
            given = dict(named)
            settings = self.plain.argument(site, "1") if self.evaluator.javascript(site.path) else None
            if settings is not None:
                named, hidden = entries(self.evaluator, settings)
                given = dict(named)
            if hidden:
                return None
            unique = self.plain.true(given.get("unique"))
            name = self.plain.string(given.get("name"))
            partial = "partialFilterExpression" in given
            predicate = "partial" if partial or self.plain.true(given.get("sparse")) else ""
        if keys is None or any(word in given and not self.plain.constant(given[word]) for word in ("unique", "sparse")):
            return None
        columns: list[IndexColumn] = []
        for word, how in self._pairs(keys):
            if not word:
                return None
            descending = word.startswith("-") or (how is not None and self._descends(how))
            if how is not None:
                method = METHODS.get(self.plain.string(how) or self.plain.word(how), method)
            if word.startswith("$"):
                method = "fulltext"
            if word.startswith("#"):
                method = "hash"
            word = word.lstrip("+-$#*()").replace("__", ".").removesuffix(OF_REFERENCE)
            if not word:
                return None  # of every field, whatever it is called
            head, _, rest = word.partition(".")
            if word in ("cls", "_cls"):
                continue
            path = f"{stored.get(head, head)}.{rest}" if rest else head
            columns.append(IndexColumn(stored.get(word, path), descending))
        where = place(self.evaluator, site)
        return Index(name, tuple(columns), unique, method, predicate, place=where) if columns else None

    def _pairs(self, keys: Site) -> Iterator[tuple[str, Site | None]]:
        """The fields of an index ("" for one that cannot be read), each with what stands beside it, such as its
        direction: a name, a list of names and pairs, or a document."""
        one = self.plain.string(keys)
        literal = self.plain.literal(keys)
        if one:
            yield one, None
        elif self.evaluator.tree(literal.path).kinds[literal.node] == Kind.OBJECT:
            pairs, hidden = entries(self.evaluator, literal)
            yield from pairs
            if hidden:
                yield "", None
        else:
            for element in self.plain.elements(keys):
                parts = self.plain.elements(element) if not self.plain.string(element) else []
                how = parts[1] if len(parts) == 2 else None
                yield self.plain.string(parts[0] if parts else element), how

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
