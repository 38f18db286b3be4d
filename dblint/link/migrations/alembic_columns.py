"""How SQLAlchemy writes the columns, constraints and indexes of a table."""

from __future__ import annotations

from collections.abc import Mapping

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, keywords, positional
from dblint.link.migrations.naming import Naming
from dblint.link.plain import Plain
from dblint.link.values import Expression, ExternalValue, FunctionValue, ProjectClass, Unknown, Value, options

CONSTRAINTS: Mapping[str, str] = {
    "PrimaryKeyConstraint": "primary",
    "UniqueConstraint": "unique",
    "ForeignKeyConstraint": "foreign",
    "CheckConstraint": "check",
    "ExcludeConstraint": "exclude",
}
TYPES: Mapping[str, str] = {
    "String": "varchar",
    "Unicode": "varchar",
    "UnicodeText": "text",
    "BigInteger": "bigint",
    "SmallInteger": "smallint",
    "DateTime": "datetime",
    "LargeBinary": "blob",
    "Enum": "enum",
    "Numeric": "numeric",
    "DOUBLE_PRECISION": "double precision",
}
"""SQLAlchemy's type → the database's word, where it is another than the type's own in lower case."""
OWN_TYPES: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "DateTime": "timestamp",
        "LargeBinary": "bytea",
        "Float": "double precision",
        "Double": "double precision",
    },
}
"""The same where a database has its own word."""
NAMED_BY = frozenset({"sqlalchemy", "geoalchemy2", "pgvector"})
"""Packages whose types are called like those of the database."""
DIMENSIONS = 6
"""How deep arrays of arrays are followed: as deep as PostgreSQL has them."""


class Columns:
    """Reads `Column(…)` and what stands beside it in a table."""

    def __init__(self, reading: Plain, dialect: str) -> None:
        self.reading = reading
        self.dialect = dialect
        self.naming = Naming(reading)

    def column(self, site: Site, table: str, attribute: str = "") -> tuple[SchemaColumn, list[Key], Index | None, bool]:
        """A `Column(…)`: the column, its keys, its index, and whether it is (part of) the primary key.

        `attribute`: what the class calls it, which is its name where it says no other.
        """
        reading = self.reading
        # Read once: each of a column's words is looked for, and most columns have few.
        given: dict[str, Site] = {}
        for keyword, value in keywords(reading.evaluator, site)[0]:
            given.setdefault(keyword, value)
        arguments = [Site(site.path, node, site.context) for node, _ in positional(reading.evaluator, site)]
        if arguments and (not attribute or reading.string(arguments[0])):
            first = arguments.pop(0)
        else:
            first = None
        name = reading.string(given.get("name") or first) or attribute
        kind = given.get("type_")
        keys: list[Key] = []
        identity = False
        for argument in arguments:
            word = self.word(argument)
            if word == "ForeignKey":
                keys.append(self.foreign(argument, name))
            elif word in ("Identity", "Computed", "Sequence"):
                identity = True
            elif word not in CONSTRAINTS and kind is None:
                kind = argument
        primary = reading.true(given.get("primary_key"))
        server = given.get("server_default")
        text = self.default(server) if server is not None else ""
        told = "database" if server is not None or identity else ""
        if not told and given.get("default") is not None:
            told = "client"
        unique = reading.true(given.get("unique"))
        indexed = reading.true(given.get("index"))
        if unique and not indexed:
            keys.append(Key("unique", (name,), place=reading.place(site)))
        index = None
        if indexed:
            index = Index(self.naming.index(table, name), (IndexColumn(name),), unique, place=reading.place(site))
        null = reading.constant(given.get("nullable"))
        column = SchemaColumn(
            name,
            self.kind(kind) if kind is not None else "",
            nullable=null != "false" and not primary,
            default=text,
            attribute=attribute,
            default_by=told,
            place=reading.place(site),
            enum=self.words(kind) if kind is not None else (),
        )
        return column, keys, index, primary

    def kind(self, site: Site) -> str:
        """The database's word for a type; the type's own in lower case where nothing better is known."""
        suffix = ""
        site = self.behind(site)
        for _ in range(DIMENSIONS):
            inner = self.reading.argument(site, "0|item_type") if self.reading.is_call(site) else None
            if self.word(site) != "ARRAY" or inner is None:
                break
            site, suffix = self.behind(inner), f"{suffix}[]"
        word = self.word(site)
        if not self._named(site):
            return ""
        name = OWN_TYPES.get(self.dialect, {}).get(word) or TYPES.get(word, word.lower())
        sizes: list[str] = []
        if self.reading.is_call(site) and word not in ("Enum", "ARRAY"):
            for at in ("0|length|precision", "1|scale"):
                size = self.reading.constant(self.reading.argument(site, at))
                sizes += [size] if size.isdigit() else []
        zoned = self.dialect == "postgres" and word in ("DateTime", "TIMESTAMP")
        if zoned and self.reading.true(self.reading.argument(site, "0|timezone")):
            name = "timestamp with time zone"
        return f"{name}({','.join(sizes)}){suffix}" if sizes else f"{name}{suffix}"

    def behind(self, site: Site) -> Site:
        """The type that a type of the project's own is kept as (`impl`), without variants for other databases
        and what only watches its values."""
        for _ in range(DIMENSIONS):
            callee = self.reading.callee(site) if self.reading.is_call(site) else site
            word = self.reading.word(callee)
            tree = self.reading.evaluator.tree(site.path)
            if callee is not site and word == "with_variant":
                owner = tree.child(callee.node, Role.OBJECT)
                inner = Site(site.path, owner, site.context) if owner >= 0 else None
            elif callee is not site and word == "as_mutable":
                inner = self.reading.argument(site, "0")
            else:
                inner = self._kept_as(callee)
            if inner is None:
                break
            site = inner
        return site

    def _kept_as(self, site: Site) -> Site | None:
        evaluator = self.reading.evaluator
        for option in options(evaluator.value(site.path, site.node, site.context)):
            cls = evaluator.classes.owner(option, "impl") if isinstance(option, ProjectClass) else None
            # A type that chooses by database (`load_dialect_impl`) is not said to be kept as any one.
            if cls is not None and evaluator.classes.owner(cls, "load_dialect_impl") is None:
                tree = evaluator.tree(cls.path)
                for node in reversed(evaluator.files[cls.path].interface.classes[cls.node].members["impl"]):
                    value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
                    if value >= 0:
                        return Site(cls.path, value, None)
        return None

    def _named(self, site: Site) -> bool:
        """Whether a type's own name says what it is: that of a package does, one of the project does not."""
        callee = self.reading.callee(site) if self.reading.is_call(site) else site
        evaluator = self.reading.evaluator
        kind = evaluator.tree(callee.path).kinds[callee.node]
        if kind not in (Kind.NAME, Kind.ATTRIBUTE):
            return False
        value = evaluator.value(callee.path, callee.node, callee.context)
        if kind == Kind.NAME and isinstance(value, Unknown):
            return False
        return all(self._of_the_library(option) for option in options(value))

    def _of_the_library(self, value: Value) -> bool:
        if isinstance(value, ExternalValue):
            return value.path.partition(".")[0] in NAMED_BY
        return not isinstance(value, (ProjectClass, FunctionValue, Expression))

    def words(self, site: Site) -> tuple[str, ...]:
        """The words of an enumeration: those that are listed, or the names of a class's members."""
        site = self.behind(site)
        if not self.reading.is_call(site) or self.word(site).upper() != "ENUM":
            return ()
        found: list[str] = []
        for node, _ in positional(self.reading.evaluator, site):
            argument = Site(site.path, node, site.context)
            text = self.reading.string(argument)
            if text:
                found.append(text)
                continue
            value = self.reading.evaluator.value(site.path, node, site.context)
            if not isinstance(value, ProjectClass):
                return ()
            tree = self.reading.evaluator.tree(value.path)
            members = self.reading.evaluator.files[value.path].interface.classes[value.node].members
            found += [name for name, nodes in members.items() if tree.kinds[nodes[0]] == Kind.ASSIGN]
        return tuple(found)

    def default(self, site: Site) -> str:
        """A default as SQL writes it, or the function that gives it."""
        return self.reading.string(site) or self.reading.constant(site) or f"{self.word(site)}()".lower()

    def word(self, site: Site) -> str:
        """The last word of what is called or named."""
        return self.reading.word(self.reading.callee(site) if self.reading.is_call(site) else site)

    def foreign(self, site: Site, column: str) -> Key:
        """The key of a `ForeignKey(…)` that stands in a column."""
        target, _, key = self.reading.string(self.reading.argument(site, "0|column")).rpartition(".")
        return Key(
            "foreign",
            (column,),
            self.reading.string(self.reading.argument(site, "name")),
            target.rpartition(".")[2],
            (key,) if key else (),
            on_delete=self.reading.string(self.reading.argument(site, "ondelete")).lower(),
            on_update=self.reading.string(self.reading.argument(site, "onupdate")).lower(),
            place=self.reading.place(site),
        )

    def constraint(self, site: Site, kind: str) -> Key:
        """A constraint that stands in a table."""
        reading = self.reading
        name = self.reading.string(reading.argument(site, "name"))
        place = reading.place(site)
        if kind == "foreign":
            columns = reading.strings(reading.argument(site, "0|columns"))
            targets = [name.rpartition(".") for name in reading.strings(reading.argument(site, "1|refcolumns"))]
            return Key(
                kind,
                columns,
                name,
                targets[0][0].rpartition(".")[2] if targets else "",
                tuple(key for _, _, key in targets),
                on_delete=reading.string(reading.argument(site, "ondelete")).lower(),
                on_update=reading.string(reading.argument(site, "onupdate")).lower(),
                place=place,
            )
        given = [Site(site.path, node, site.context) for node, _ in positional(reading.evaluator, site)]
        if kind == "check":
            return Key(kind, (), name, place=place, expression=reading.string(given[0] if given else None))
        return Key(kind, tuple(reading.string(argument) for argument in given), name, place=place)

    def table_index(self, site: Site) -> Index:
        """An `Index(…)` that stands in a table."""
        given = [Site(site.path, node, site.context) for node, _ in positional(self.reading.evaluator, site)]
        columns = tuple(self.index_column(argument) for argument in given[1:])
        unique = self.reading.true(self.reading.argument(site, "unique"))
        return Index(self.reading.string(given[0] if given else None), columns, unique, place=self.reading.place(site))

    def index_column(self, site: Site) -> IndexColumn:
        """A column's name, or an expression; "?" where its text is not known."""
        tree = self.reading.evaluator.tree(site.path)
        text = self.reading.string(site)
        return IndexColumn(text or "?", expression=tree.kinds[site.node] != Kind.STRING)

    def constructed(self, site: Site) -> Site:
        """The call that made what a name holds."""
        if self.reading.is_call(site):
            return site
        tree = self.reading.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.NAME:
            reached = self.reading.evaluator.scope(site.path).reaching(site.node, tree.value(site.node)) or []
            for binding, _ in reached:
                value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
                if value >= 0 and tree.kinds[value] == Kind.CALL:
                    return Site(site.path, value, site.context)
        return site
