"""What the readers of models share: the surroundings that they read in, and relations as seen from both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from dblint.facts.program import FileRole
from dblint.facts.query import Clause, Order
from dblint.facts.schema import Index, IndexColumn, Relation, SchemaColumn, Table
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.libraries.declaring import ColumnType
from dblint.libraries.grammar import Type
from dblint.link.arguments import Site, positional
from dblint.link.plain import Plain
from dblint.link.types import Evaluator
from dblint.link.values import UNKNOWN, LibraryClass, ProjectClass, SchemaModel, Value, options

DIMENSIONS = 6
"""How deep arrays of arrays are followed: as deep as PostgreSQL has them."""
QUIET = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED})
"""Files whose settings and models are not the application's own."""


JOIN = "join"
"""The schema of a table between two models that no class stands for; `SchemaModel.name` is the table's."""


ON_READ = "on-read"
"""`Relation.eager` of a relation that is loaded when it is read, of a library in which others are not."""


class Related(msgspec.Struct, frozen=True):
    """One end of a relation: the attribute of a model that leads to another model, or to the same.

    `model` is the one at the other end (a class of the project, a library's own, or one of a schema file),
    `Unknown` where it cannot be said. `many`: the attribute gives several. `relation` is what the model
    `declared_by` says; `inverse`: this is its other end, which the library adds to the target. `query_name`
    is what conditions call it where they have a word of their own (`filter(book__title=…)`). `join`: the model
    of the rows between, of a many-to-many relation.
    """

    name: str
    model: Value
    many: bool
    relation: Relation
    declared_by: ProjectClass | LibraryClass | SchemaModel
    inverse: bool = False
    query_name: str = ""
    join: Value = UNKNOWN


class Surroundings(msgspec.Struct, frozen=True):
    """What a reader may ask besides the class: plain values, the catalogue's dialect, the files' roles."""

    plain: Plain
    dialect: str
    roles: Mapping[str, FileRole] = msgspec.field(default_factory=dict)

    @property
    def evaluator(self) -> Evaluator:
        """What expressions hold."""
        return self.plain.evaluator

    def quiet(self, path: str) -> bool:
        """Whether a file is none of the application's own."""
        return self.roles.get(path, FileRole.APP) in QUIET


class Reader(Protocol):
    """Reads the classes that one library makes tables of."""

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a class; None where it has none of its own (bases, mixins)."""

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables that its many-to-many relations need and that nobody declares."""

    def others(self) -> Iterable[Table]:
        """The tables that are declared without a class."""

    def ordered(self, model: ProjectClass) -> Clause[Order] | None:
        """How rows are sorted that a class reads, where it says so itself and another one declares their table."""

    def implied(self, model: Value, name: str) -> SchemaColumn | None:
        """The column behind an attribute that no class declares; None for none."""

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a class by attribute, those that it inherits too."""

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:
        """What its relations add to other models: each with the model that gets it."""


@runtime_checkable
class Registering(Protocol):
    """A reader whose library keeps the classes under names that they may choose."""

    def registered(self, model: ProjectClass) -> str:
        """The name under which the library keeps a class; "" where nothing declares it."""


def place(evaluator: Evaluator, site: Site) -> Place:
    """The span of an expression."""
    tree = evaluator.tree(site.path)
    return Place(site.path, tree.starts[site.node], tree.stops[site.node])


def fields(evaluator: Evaluator, cls: ProjectClass) -> Iterator[tuple[str, int, bool]]:
    """The attributes that a class body assigns itself: name, ASSIGN node, and whether it surely does. The last
    of several assignments counts."""
    interface = evaluator.files[cls.path].interface.classes.get(cls.node)
    if interface is None:
        return
    tree = evaluator.tree(cls.path)
    body = tree.child(cls.node, Role.BODY)
    parents, kinds = tree.parents, tree.kinds
    for name, nodes in interface.members.items():
        for node in reversed(nodes):
            if kinds[node] != Kind.ASSIGN:
                continue
            if parents[node] == body:
                yield name, node, True
                break
            if not _in_function(evaluator, cls, node):
                yield name, node, False
                break


def _in_function(evaluator: Evaluator, cls: ProjectClass, node: int) -> bool:
    tree = evaluator.tree(cls.path)
    for parent in tree.ancestors(node):
        if parent == cls.node:
            return False
        if tree.kinds[parent] in (Kind.FUNCTION, Kind.CLASS):
            return True
    return True


class Typed(msgspec.Struct, frozen=True):
    """What a value is an instance of, as far as column types go: the library's row behind it, and the project's
    own classes on the way, nearest first."""

    name: str
    row: Type
    own: tuple[ProjectClass, ...] = ()


def typed(evaluator: Evaluator, cls: Value) -> Typed | None:
    """The row of the first library type that a class is and that says something of fields or columns."""
    for option in options(cls):
        if not isinstance(option, (LibraryClass, ProjectClass)):
            continue
        own: list[ProjectClass] = []
        for ancestor in evaluator.classes.mro(option):
            if isinstance(ancestor, ProjectClass):
                own.append(ancestor)
                continue
            row = evaluator.tables.types[ancestor.name]
            if row.field or row.column is not None:
                return Typed(ancestor.name, row, tuple(own))
    return None


def sized(plain: Plain, row: ColumnType, given: Callable[[str], Site | None], dialect: str) -> str:
    """The database's word for a column that a row describes, with its size; `given` finds what stands at a slot."""
    word = row.word(dialect)
    for slot, words in row.variants.items():
        if plain.true(given(slot)):
            word = words.get(dialect, words.get("any", word))
    sizes: list[str] = []
    for slot in row.size if word else ():
        site = given(slot)
        if site is not None:
            size = plain.constant(site)
            if not size.isdigit():
                return word
            sizes.append(size)
    if not sizes and word and row.default_size:
        sizes = [row.default_size]
    return f"{word}({','.join(sizes)})" if sizes else word


PATTERNS: Mapping[str, str] = {"varchar": "varchar_pattern_ops", "text": "text_pattern_ops"}


def patterned(column: SchemaColumn, dialect: str, where: Place | None) -> list[Index]:
    """The index by which PostgreSQL finds texts by how they begin: Django makes it beside that of the field
    (`_create_like_index_sql` of Django 5.2)."""
    word = PATTERNS.get(column.type.partition("(")[0], "")
    if dialect != "postgres" or not word or "[" in column.type:
        return []
    return [Index("", (IndexColumn(column.name, operator_class=word),), place=where)]


def arguments(plain: Plain, site: Site) -> list[Site]:
    """A call's positional arguments."""
    return [Site(site.path, node, site.context) for node, spread in positional(plain.evaluator, site) if not spread]


def replaced(columns: Sequence[SchemaColumn]) -> tuple[SchemaColumn, ...]:
    """Columns by name: the later of two takes the earlier one's place."""
    found: dict[str, SchemaColumn] = {}
    for column in columns:
        found[column.name.lower()] = column
    return tuple(found.values())


def first(values: Value) -> Value:
    """The only thing that a reference can hold, else unknown."""
    found = list(options(values))
    return found[0] if len(found) == 1 else UNKNOWN
