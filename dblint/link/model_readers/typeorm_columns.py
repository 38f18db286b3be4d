"""The columns that TypeORM makes of properties."""

from __future__ import annotations

from collections.abc import Mapping

from dblint.facts.schema import SchemaColumn
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import Surroundings, place
from dblint.link.model_readers.typeorm_members import Mark, Member, Members
from dblint.link.values import ProjectClass, options

TYPES: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "string": "varchar",
        "number": "integer",
        "boolean": "boolean",
        "Date": "timestamp",
        "Buffer": "bytea",
    },
    "mysql": {"string": "varchar", "number": "int", "boolean": "tinyint", "Date": "datetime", "Buffer": "blob"},
    "sqlite": {"string": "varchar", "number": "integer", "boolean": "boolean", "Date": "datetime", "Buffer": "blob"},
}
"""The type of a column that only its annotation gives one."""
NORMAL: Mapping[str, str] = {
    "simple-json": "text", "simple-array": "text", "simple-enum": "enum", "String": "varchar", "Number": "integer",
    "Boolean": "boolean", "Date": "timestamp",
}  # fmt: skip
DATES = frozenset({"CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn"})
PRECISE: Mapping[str, str] = {"mysql": "datetime(6)", "sqlite": "datetime"}
"""The type of such dates where it is no timestamp."""


class ColumnMaker:
    """Makes columns. One per reader."""

    def __init__(self, surroundings: Surroundings, members: Members) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.dialect = surroundings.dialect
        self.members = members

    def column(self, member: Member, mark: Mark, called: str) -> SchemaColumn:
        """The column of a property; `called` is its name where it names itself not."""
        plain = self.plain
        default, by = self._default(member, mark)
        null = plain.constant(mark.options.get("nullable")) == "true" or mark.word == "DeleteDateColumn"
        return SchemaColumn(
            plain.string(mark.options.get("name")) or called,
            self._type(member, mark),
            nullable=null,
            default=default,
            attribute=member.name,
            default_by=by,
            place=place(self.evaluator, Site(member.owner.path, member.node, None)),
            enum=self._enum(mark),
        )

    def _type(self, member: Member, mark: Mark) -> str:
        plain = self.plain
        written = mark.options.get("type")
        named = plain.string(written) or (plain.word(written) if written is not None else "")
        first = plain.string(mark.arguments[0]) if mark.arguments else ""
        if mark.word == "PrimaryGeneratedColumn":
            if first == "uuid":
                return "uuid" if self.dialect == "postgres" else "varchar(36)"
            named = named or ("int" if self.dialect == "mysql" else "integer")
        elif not named and first:
            named = first
        if not named and mark.word in DATES:
            return PRECISE.get(self.dialect, "timestamp")
        if not named and mark.word == "VersionColumn":
            named = "integer"
        if not named and written is None:
            words = set(self.members.annotated(member))
            named = TYPES.get(self.dialect, {}).get(words.pop(), "") if len(words) == 1 else ""
        if not named:
            return ""
        word = NORMAL.get(named, named.lower())
        sizes = [
            plain.constant(mark.options.get(key)) or plain.string(mark.options.get(key))
            for key in ("length", "precision", "scale")
        ]
        sizes = [size for size in sizes if size.isdigit()]
        suffix = "[]" if plain.true(mark.options.get("array")) else ""
        return f"{word}({','.join(sizes)}){suffix}" if sizes else f"{word}{suffix}"

    def _default(self, member: Member, mark: Mark) -> tuple[str, str]:
        """The default, and who fills it in: the database, but for keys that the library makes."""
        if mark.word == "PrimaryGeneratedColumn":
            made = (
                bool(mark.arguments) and self.plain.string(mark.arguments[0]) == "uuid" and self.dialect != "postgres"
            )
            return "", "client" if made else "database"
        if member.mark("CreateDateColumn", "UpdateDateColumn") is not None:
            return "now()", "database"
        if member.mark("Generated") is not None or mark.word == "VersionColumn":
            return "", "database"
        site = mark.options.get("default")
        if site is None:
            return "", ""
        inner = self.members.body_of(site)
        if inner is not None:
            return self.plain.string(inner), "database"
        if self.evaluator.tree(site.path).kinds[site.node] == Kind.CONSTANT and self.plain.constant(site) in (
            "null",
            "undefined",
        ):
            return "", ""
        return self.plain.source(site), "database"

    def _enum(self, mark: Mark) -> tuple[str, ...]:
        """The words of an enumeration: listed, or the values of an enum's members."""
        site = mark.options.get("enum")
        if site is None:
            return ()
        words = self.plain.strings(site)
        if words:
            return words if all(words) else ()
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass):
                interface = self.evaluator.files[option.path].interface.classes[option.node]
                tree = self.evaluator.tree(option.path)
                found = [
                    self._member_text(option.path, nodes[0])
                    for nodes in interface.members.values()
                    if tree.kinds[nodes[0]] == Kind.ASSIGN
                ]
                return tuple(found) if all(found) else ()
        return tuple(self.plain.string(value) for _, value in self.pairs(site))

    def _member_text(self, path: str, node: int) -> str:
        value = self.evaluator.tree(path).child(node, Role.VALUE)
        return self.plain.string(Site(path, value, None)) if value >= 0 else ""

    def pairs(self, site: Site) -> list[tuple[str, Site]]:
        """The pairs of an object that an expression is or holds."""
        return entries(self.evaluator, site)[0]
