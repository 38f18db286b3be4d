"""The columns of Sequelize's attributes, in models and in migrations.

Source: Sequelize 6 documentation, "Other Data Types", and lib/dialects/*/data-types.js of 6.37.
"""

from __future__ import annotations

from collections.abc import Mapping

from dblint.facts.schema import SchemaColumn
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import DIMENSIONS
from dblint.link.plain import Plain

TYPES: Mapping[str, Mapping[str, str]] = {
    "STRING": {"any": "varchar(255)"}, "CHAR": {"any": "char(255)"}, "TEXT": {"any": "text"},
    "CITEXT": {"any": "citext"}, "TSVECTOR": {"any": "tsvector"}, "NUMBER": {"any": "decimal"},
    "TINYINT": {"any": "tinyint", "postgres": "smallint"}, "SMALLINT": {"any": "smallint"},
    "MEDIUMINT": {"any": "mediumint", "postgres": "integer"}, "INTEGER": {"any": "integer"},
    "BIGINT": {"any": "bigint"}, "FLOAT": {"any": "float"}, "REAL": {"any": "real"},
    "DOUBLE": {"any": "double precision"}, "DECIMAL": {"any": "decimal"}, "NUMERIC": {"any": "decimal"},
    "BOOLEAN": {"any": "boolean", "mysql": "tinyint(1)"}, "TIME": {"any": "time"},
    "DATE": {"any": "datetime", "postgres": "timestamptz"}, "DATEONLY": {"any": "date"}, "HSTORE": {"any": "hstore"},
    "JSON": {"any": "json"}, "JSONTYPE": {"any": "json"}, "JSONB": {"any": "jsonb"},
    "BLOB": {"any": "blob", "postgres": "bytea"}, "RANGE": {"any": "int4range"}, "ENUM": {"any": "enum"},
    "UUID": {"any": "uuid", "mysql": "char(36)"}, "INET": {"any": "inet"}, "CIDR": {"any": "cidr"},
    "MACADDR": {"any": "macaddr"}, "GEOMETRY": {"any": "geometry"}, "GEOGRAPHY": {"any": "geography"},
    "ARRAY": {"any": ""}, "VIRTUAL": {"any": ""},
}  # fmt: skip
SIZED = {
    "STRING": "varchar",
    "CHAR": "char",
    "DECIMAL": "decimal",
    "NUMERIC": "decimal",
    "DATE": "datetime",
}
"""Types whose arguments are a size."""
ANNOTATED = {
    "string": "STRING", "number": "INTEGER", "boolean": "BOOLEAN", "Date": "DATE", "Buffer": "BLOB", "bigint": "BIGINT"
}  # fmt: skip
"""What sequelize-typescript takes an annotated property for that says no type."""
CLIENT = frozenset({"UUIDV1", "UUIDV4", "NOW"})
"""Defaults that the library fills in."""


def word(plain: Plain, site: Site) -> str:
    """The name of a data type (`DataTypes.STRING(20)`, `STRING`, `DataTypes.STRING.BINARY`), "" for others."""
    tree = plain.evaluator.tree(site.path)
    node = plain.held(site).node if tree.kinds[site.node] == Kind.NAME else site.node
    for _ in range(DIMENSIONS):
        kind = tree.kinds[node]
        if kind in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node) in TYPES:
            return tree.value(node)
        if kind not in (Kind.ATTRIBUTE, Kind.CALL, Kind.CAST):
            return ""
        node += 1
    return ""


def arguments(plain: Plain, site: Site) -> list[Site]:
    """What a data type is made with."""
    tree = plain.evaluator.tree(site.path)
    node = site.node
    while tree.kinds[node] == Kind.ATTRIBUTE:
        node += 1
    if tree.kinds[node] != Kind.CALL:
        return []
    return [Site(site.path, child, site.context) for child in tree.with_role(node, Role.ARGUMENT)]


def type_of(plain: Plain, site: Site | None, dialect: str) -> str:
    """The database's own word for a data type; "" where it cannot be said."""
    suffix = ""
    for _ in range(DIMENSIONS):
        if site is None:
            return ""
        text = plain.string(site)
        if text:
            return text.lower() + suffix
        name, given = word(plain, site), arguments(plain, site)
        if name == "ARRAY":
            options = dict(entries(plain.evaluator, given[0])[0]) if given else {}
            site, suffix = options.get("type", given[0] if given else None), f"{suffix}[]"
            continue
        words = TYPES.get(name, {})
        found = words.get(dialect, words.get("any", ""))
        sizes = [plain.constant(one) for one in given]
        if name in SIZED and sizes and all(size.isdigit() for size in sizes):
            found = found if name == "DATE" else f"{SIZED[name]}({','.join(sizes)})"
        return found + suffix if found else ""
    return ""


def enumeration(plain: Plain, site: Site | None) -> tuple[str, ...]:
    """The words of an enumeration (`ENUM("a", "b")`, `ENUM({ values: […] })`); none where one cannot be said."""
    if site is None or word(plain, site) != "ENUM":
        return ()
    given = arguments(plain, site)
    options = dict(entries(plain.evaluator, given[0])[0]) if len(given) == 1 else {}
    if "values" in options:
        words = plain.strings(options["values"])
    elif len(given) == 1 and not plain.string(given[0]):
        words = plain.strings(given[0])
    else:
        words = tuple(plain.string(one) for one in given)
    return words if all(words) else ()


def column(
    plain: Plain,
    name: str,
    attribute: str,
    given: Mapping[str, Site],
    dialect: str,
    site: Site,
    *,
    inferred: str = "",
    client: bool = True,
) -> SchemaColumn:
    """The column of an attribute's options. `inferred`: the type that stands elsewhere; `client`: whether the library
    fills in defaults of its own kind, which a migration cannot."""
    kind = given.get("type")
    found = type_of(plain, kind, dialect) if kind is not None else _word_for(inferred, dialect)
    values = given.get("values")
    key = plain.true(given.get("primaryKey"))
    null = False if key else plain.constant(given.get("allowNull")) != "false"
    default, by = _default(plain, given, client=client)
    return SchemaColumn(
        name,
        found,
        nullable=null,
        default=default,
        attribute=attribute,
        default_by=by,
        place=plain.place(site),
        enum=enumeration(plain, kind) or (plain.strings(values) if values is not None else ()),
    )


def _word_for(name: str, dialect: str) -> str:
    words = TYPES.get(ANNOTATED.get(name, ""), {})
    return words.get(dialect, words.get("any", ""))


def _default(plain: Plain, given: Mapping[str, Site], *, client: bool) -> tuple[str, str]:
    if plain.true(given.get("autoIncrement")):
        return "", "database"
    site = given.get("defaultValue")
    if site is None:
        return "", ""
    tree = plain.evaluator.tree(site.path)
    kind = tree.kinds[site.node]
    if kind in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(site.node) in CLIENT:
        return "", "client"
    if kind == Kind.FUNCTION:
        return "", "client"
    if kind == Kind.CALL:
        called = tree.value(site.node + 1) if tree.kinds[site.node + 1] in (Kind.NAME, Kind.ATTRIBUTE) else ""
        inside = plain.argument(site, "0")
        if called == "literal":
            return plain.string(inside), "database"
        if called == "fn":
            return f"{plain.string(inside)}()", "database"
        return "", "client" if client else ""
    if plain.constant(site) in ("null", "undefined"):
        return "", ""
    return plain.source(site), "database"
