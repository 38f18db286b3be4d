"""SQLModel's columns: what annotations and `Field(…)` say of them (SQLModel 0.0.22 to 0.0.50: `get_column_from_field`,
`get_sqlalchemy_type`)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, SchemaColumn
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.migrations.alembic_columns import Columns
from dblint.link.model_readers.shared import Surroundings, place
from dblint.link.model_readers.sqlalchemy_attributes import Annotation, Attribute, Attributes
from dblint.link.values import LibraryClass, ProjectClass, options

TEXTS = frozenset(
    """EmailStr IPv4Address IPv4Network IPv6Address IPv6Network Path NameEmail SecretStr Literal constr""".split()
)
"""Annotations besides `str` whose values are kept as texts."""
UNSAID = frozenset({"datetime", "AwareDatetime"})
"""Annotations whose column has a time zone in newer versions and none in older ones."""
SIZES: Mapping[str, tuple[str, ...]] = {"str": ("max_length",), "Decimal": ("max_digits", "decimal_places")}
"""The arguments of `Field` that say how long a text or how precise a number may be."""


class Shapes:
    """Reads the columns of classes whose annotations are their columns. One per reader of models."""

    def __init__(self, surroundings: Surroundings, columns: Columns, attributes: Attributes) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.columns = columns
        self.attributes = attributes

    def column(self, attribute: Attribute, table: str) -> tuple[SchemaColumn, list[Key], Index | None, bool]:
        """The column of an attribute, its keys, its index, and whether it is (part of) the primary key."""
        site = attribute.site or (attribute.annotation.site if attribute.annotation is not None else None)
        whole = self._argument(site, "sa_column")
        if whole is not None:
            column, own, index, primary = self.columns.column(self.columns.constructed(whole), table, attribute.name)
            given = column.default_by or ("client" if self._given(attribute, site) else "")
            return msgspec.structs.replace(column, attribute=attribute.name, default_by=given), own, index, primary
        plain = self.plain
        where = place(self.evaluator, site or Site(attribute.owner.path, attribute.node, None))
        name = plain.string(self._argument(site, "sa_column_kwargs.name")) or attribute.name
        primary = self._true(site, "primary_key")
        unique = self._true(site, "unique") or self._true(site, "sa_column_kwargs.unique")
        indexed = self._true(site, "index") or self._true(site, "sa_column_kwargs.index")
        written = plain.constant(self._argument(site, "nullable|sa_column_kwargs.nullable"))
        annotation = attribute.annotation or Annotation()
        keys: list[Key] = [Key("unique", (name,), place=where)] if unique and not indexed else []
        target = self._argument(site, "foreign_key")
        if target is not None:
            keys.append(
                self._foreign(name, plain.string(target), plain.string(self._argument(site, "ondelete")), where)
            )
        named = self.columns.naming.index(table, name) if indexed else ""
        index = Index(named, (IndexColumn(name),), unique, place=where) if indexed else None
        server = self._argument(site, "sa_column_kwargs.server_default")
        kind, words = self._type(site, annotation)
        column = SchemaColumn(
            name,
            kind,
            nullable=(written == "true" if written else annotation.optional) and not primary,
            default=self.columns.default(server) if server is not None else "",
            attribute=attribute.name,
            default_by="database" if server is not None else "client" if self._given(attribute, site) else "",
            place=where,
            enum=words,
        )
        return column, keys, index, primary

    def _argument(self, site: Site | None, at: str) -> Site | None:
        return self.plain.argument(site, at) if site is not None else None

    def _true(self, site: Site | None, at: str) -> bool:
        return self.plain.true(self._argument(site, at))

    @staticmethod
    def _foreign(name: str, target: str, on_delete: str, where: Place) -> Key:
        table, _, column = target.rpartition(".")
        key = Key("foreign", (name,), "", table.rpartition(".")[2], (column,) if column else ())
        return msgspec.structs.replace(key, on_delete=on_delete.lower(), place=where)

    def _given(self, attribute: Attribute, site: Site | None) -> bool:
        """Whether the program gives a value where none is set: a default that is not None, or what makes one."""
        if self._argument(site, "default_factory|sa_column_kwargs.default") is not None:
            return True
        tree = self.evaluator.tree(attribute.owner.path)
        value = tree.child(attribute.node, Role.VALUE) if attribute.site is None else -1
        default = Site(attribute.owner.path, value, None) if value >= 0 else self._argument(site, "default|0")
        if default is None:
            return False
        kind = self.evaluator.tree(default.path).kinds[default.node]
        said = self.plain.constant(default)
        return kind != Kind.OPAQUE and said not in ("null", "...", "ellipsis", "Ellipsis")

    def _type(self, site: Site | None, annotation: Annotation) -> tuple[str, tuple[str, ...]]:
        """The database's word for the type, with the words of an enumeration."""
        given = self._argument(site, "sa_type")
        if given is not None:
            return self.columns.kind(given), self.columns.words(given)
        words = self._enumeration(annotation)
        if words:
            return "enum", words
        if annotation.word in UNSAID and self.attributes.postgres:
            return "", ()
        word = "str" if annotation.word in TEXTS else annotation.word
        kind = self.attributes.plain_type(msgspec.structs.replace(annotation, word=word))
        sizes = [self.plain.constant(self._argument(site, at)) for at in SIZES.get(word, ()) if kind]
        sizes = [size for size in sizes if size.isdigit()]
        return (f"{kind}({','.join(sizes)})" if sizes else kind), ()

    def _enumeration(self, annotation: Annotation) -> tuple[str, ...]:
        """The names of the members of an enumeration that an annotation names."""
        inner = annotation.inner
        for option in options(self.evaluator.value(inner.path, inner.node, inner.context)) if inner is not None else ():
            if not isinstance(option, ProjectClass):
                continue
            types = self.evaluator.tables.types
            bases = [cls for cls in self.evaluator.classes.mro(option) if isinstance(cls, LibraryClass)]
            if any(types[cls.name].scalar == "constant" for cls in bases):
                tree = self.evaluator.tree(option.path)
                members = self.evaluator.files[option.path].interface.classes[option.node].members
                return tuple(name for name, nodes in members.items() if tree.kinds[nodes[0]] == Kind.ASSIGN)
        return ()
