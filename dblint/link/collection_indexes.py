"""Indexes that the program makes by calls (`orders.create_index("number", unique=True)`), as tables.

Where a database has collections of documents, nothing declares them. The calls that make their indexes are then what a
program says of them: which fields are unique, and which it looks for. What they say is known whole where every such
call could be read: those on the collection, and those of which cannot be said on which collection they are. A call that
makes the collection may say which fields its documents have, and of which types.

Source: PyMongo 4.15 API documentation, "collection" (`create_index`), "database" (`create_collection`), "operations"
(`IndexModel`); MongoDB 8.0 manual, "Indexes", "Schema Validation", "$jsonSchema".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from dblint.facts.program import FileRole
from dblint.facts.schema import DOCUMENT_KEY, Index, Key, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member, Slot
from dblint.libraries.reader import Tables
from dblint.link.arguments import Site, entries
from dblint.link.catalogue import QUIET
from dblint.link.chains.chains import Chains
from dblint.link.model_readers.documents import Documents
from dblint.link.models import Models
from dblint.link.types import Evaluator
from dblint.link.values import BoundMember, Instance, LibraryClass, Unknown, options

ORIGIN = "calls"


class _Change(NamedTuple):
    """What one call does to the indexes of a collection, "" where it cannot be said which; `read`: all of it.
    `taken`: the name of the index that it takes away, "" for any, None where it takes none."""

    table: str
    library: str
    database: str
    place: Place
    indexes: tuple[Index, ...]
    read: bool
    taken: str | None = None
    columns: tuple[SchemaColumn, ...] = ()


class CollectionIndexes:
    """Reads them. One per project."""

    def __init__(self, evaluator: Evaluator, chains: Chains, models: Models, roles: Mapping[str, FileRole]) -> None:
        self.evaluator = evaluator
        self.chains = chains
        self.roles = roles
        self.plain = models.surroundings.plain
        self.documents = Documents(models.surroundings, lambda _: (), lambda _: "")
        self._indexing = _indexing(evaluator.tables)
        """Members that make indexes or take them away."""

    def tables(self) -> list[Table]:
        """The collections on which the program makes indexes, with these, in order of name."""
        found: dict[str, list[_Change]] = {}
        for change in self._changes():
            found.setdefault(change.table, []).append(change)
        elsewhere = found.pop("", ())
        return [self._table(name, found[name], known=not elsewhere) for name in sorted(found)]

    @staticmethod
    def _table(name: str, changes: Sequence[_Change], *, known: bool) -> Table:
        taken = {change.taken for change in changes if change.taken is not None}
        several = [index for change in changes for index in change.indexes]
        made = {replace(index, place=None): index for index in reversed(several)}
        # In which order indexes are made and taken away is not known.
        indexes = tuple(index for index in reversed(made.values()) if not taken & {"", index.name, _named(index)})
        columns = {column.name: SchemaColumn(column.name) for index in indexes for column in index.columns}
        columns |= {column.name: column for change in changes for column in change.columns}
        columns.pop(DOCUMENT_KEY, None)
        return Table(
            name,
            origin=ORIGIN,
            database=changes[0].database,
            columns=(SchemaColumn(DOCUMENT_KEY, "", False, default_by="client"), *columns.values()),
            keys=(Key("primary", (DOCUMENT_KEY,)),),
            indexes=indexes,
            complete=known and any(change.indexes for change in changes) and all(change.read for change in changes),
            place=changes[0].place,
            idiom=changes[0].library,
            schemaless=True,
        )

    def _changes(self) -> Iterator[_Change]:
        words = _changing(self.evaluator.tables)
        calls = {call for word in words for call in self.evaluator.words.called(word)}
        for path, node in sorted(calls):
            if self.roles.get(path, FileRole.APP) not in QUIET:
                yield from self._made(Site(path, node, None))

    def _made(self, site: Site) -> Iterator[_Change]:
        """What a call does to indexes, if it does anything to them."""
        for callee in options(self.evaluator.value(site.path, site.node + 1)):
            if isinstance(callee, Unknown) and self.evaluator.tree(site.path).value(site.node + 1) in self._indexing:
                yield _Change("", "", "", self.plain.place(site), (), read=False)
            row = self.plain.row(site) if isinstance(callee, BoundMember) else None
            if isinstance(callee, BoundMember) and row is not None and row.validator is not None:
                yield from self._validated(row.validator, callee, site)
            if isinstance(callee, BoundMember) and row is not None and (row.index is not None or row.unindexes):
                table = self.chains.table_of(callee.receiver, row, site)
                library = self.evaluator.tables.library(callee.owner)
                database = self.evaluator.tables.libraries[library].dialect
                indexes, read = self._indexes(row, site)
                taken = self.plain.string(self.plain.argument(site, "0")) if row.unindexes else None
                where = self.plain.place(site)
                yield _Change(table, library, database, where, indexes, read and not row.unindexes, taken)
                return

    def _validated(self, slot: Slot, callee: BoundMember, site: Site) -> Iterator[_Change]:
        """The fields of the collection that a call makes, where it says by which schema documents are checked."""
        validator = self.plain.argument(site, slot.at)
        schema = self._entry(validator, "$jsonSchema") if validator is not None else None
        properties = self._entry(schema, "properties") if schema is not None else None
        made = self.evaluator.value(site.path, site.node)
        if schema is None or properties is None or not isinstance(made, Instance):
            return
        required = set(self.plain.strings(self._entry(schema, "required")))
        columns = tuple(
            SchemaColumn(
                name,
                self.plain.string(self._entry(said, "bsonType")),
                name not in required,
                place=self.plain.place(said),
            )
            for name, said in entries(self.evaluator, properties)[0]
        )
        library = self.evaluator.tables.library(callee.owner)
        database = self.evaluator.tables.libraries[library].dialect
        table = self.chains.table_of(made)
        if table:
            yield _Change(table, library, database, self.plain.place(site), (), read=True, columns=columns)

    def _entry(self, document: Site, key: str) -> Site | None:
        return dict(entries(self.evaluator, document)[0]).get(key)

    def _indexes(self, row: Member, site: Site) -> tuple[tuple[Index, ...], bool]:
        """The indexes that a call makes, and whether all of them could be read."""
        if row.index is None:
            return (), True
        if row.index.reader != "each":
            made = self.documents.index(site, {}, {"call": row.index.at})
            return ((made,) if made is not None else ()), made is not None
        found: list[Index] = []
        read = True
        listed = self.plain.argument(site, row.index.at)
        elements = self.plain.elements(listed)
        for element in elements:
            one = self.plain.held(element)
            slot = self._made_by(one)
            object_ = self.evaluator.tree(one.path).kinds[one.node] == Kind.OBJECT
            known = slot is not None or object_
            made = self.documents.index(one, {}, {"call": slot.at if slot else "", "fields": "key"}) if known else None
            read = read and made is not None
            found += [made] if made is not None else []
        literal = self.plain.literal(listed) if listed is not None else None
        kinds = (Kind.LIST, Kind.TUPLE)
        written = literal is not None and self.evaluator.tree(literal.path).kinds[literal.node] in kinds
        return tuple(found), read and written

    def _made_by(self, site: Site) -> Slot | None:
        """Where the fields stand in what makes an index."""
        if not self.plain.is_call(site):
            return None
        callee = self.plain.callee(site)
        for option in options(self.evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, LibraryClass):
                made = self.evaluator.tables.types[option.name].construct
                if made is not None and made.index is not None:
                    return made.index
        return None


def _named(index: Index) -> str:
    """The name that the driver gives to an index which the program does not name."""
    return "_".join(f"{column.name}_{-1 if column.descending else 1}" for column in index.columns)


@derived
def _indexing(tables: Tables) -> frozenset[str]:
    return frozenset(
        word
        for row in tables.types.values()
        for word, member in row.members.items()
        if member.index is not None or member.unindexes
    )


@derived
def _changing(tables: Tables) -> frozenset[str]:
    """Members that do so, and those that say what documents must be."""
    return _indexing(tables) | {
        word for row in tables.types.values() for word, member in row.members.items() if member.validator is not None
    }
