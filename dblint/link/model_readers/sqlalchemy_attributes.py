"""SQLAlchemy's mapped attributes: columns and relations as class bodies declare them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.model_readers.shared import Surroundings, fields, typed
from dblint.link.values import (
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    ProjectClass,
    Unknown,
    options,
)

MAPPED = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped"})
"""Annotations that make an attribute a mapped one."""
MANY = frozenset({"list", "List", "set", "Set", "Sequence", "Collection", "tuple", "dict"})
PLAIN_TYPES: Mapping[str, str] = {
    "int": "integer", "str": "varchar", "bool": "boolean", "float": "float", "datetime": "datetime", "date": "date",
    "time": "time", "timedelta": "interval", "Decimal": "numeric", "bytes": "blob", "UUID": "uuid",
}  # fmt: skip
"""The type of a column that only an annotation gives one (`registry.type_annotation_map`)."""
ON_POSTGRES = {"datetime": "timestamp", "bytes": "bytea", "float": "double precision"}
RESERVED = frozenset(
    {"__tablename__", "__table_args__", "__mapper_args__", "__abstract__", "__bind_key__", "__table__"}
)


class Annotation(msgspec.Struct, frozen=True):
    """What an annotation says of an attribute: the word of the type, the model's expression, whether there may
    be none or several; `site` is a call that stands in `Annotated`."""

    word: str = ""
    inner: Site | None = None
    optional: bool = False
    many: bool = False
    site: Site | None = None


class Attribute(msgspec.Struct, frozen=True):
    """A mapped attribute. `kind`: column, relation, through, virtual; `site` is the call that makes it, None where only
    an annotation does."""

    name: str
    kind: str
    site: Site | None
    annotation: Annotation | None
    owner: ProjectClass
    node: int


class Body(msgspec.Struct, frozen=True):
    """The mapped attributes of one class body, and whether every one of its members could be judged."""

    attributes: tuple[Attribute, ...]
    complete: bool


class Attributes:
    """Reads class bodies. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.postgres = surroundings.dialect == "postgres"
        self._bodies: dict[ProjectClass, Body] = {}

    def body(self, cls: ProjectClass) -> Body:
        """The attributes that a class declares itself, read once."""
        return self.evaluator.once(self._bodies, cls, self._body)

    def shaped(self, cls: ProjectClass) -> bool:
        """Whether every annotation of a class is a field, and a column where the class has a table."""
        types = self.evaluator.tables.types
        return any(types[base.name].naming == "lower" for base in self.evaluator.classes.library_types(cls))

    def _field(self, cls: ProjectClass, name: str, node: int, surely: bool) -> tuple[Attribute | None, bool]:
        """A field of a class whose annotations are its fields, and whether all is known of it."""
        tree = self.evaluator.tree(cls.path)
        written, value = tree.child(node, Role.ANNOTATION), tree.child(node, Role.VALUE)
        if written < 0 or name.startswith("_") or not surely:
            return None, surely or written < 0
        annotation = self._inside(Annotation(), Site(cls.path, written, None))
        if annotation.word == "ClassVar":
            return None, True
        made, known = self._made(Site(cls.path, value, None)) if value >= 0 else (None, True)
        kind, site = made if made is not None else ("column", annotation.site)
        return Attribute(name, kind, site, annotation, cls, node), known or made is None

    def _body(self, cls: ProjectClass) -> Body:
        tree = self.evaluator.tree(cls.path)
        shaped = self.shaped(cls)
        found: list[Attribute] = []
        complete = True
        for name, node, surely in fields(self.evaluator, cls):
            if name in RESERVED:
                continue
            if shaped:
                attribute, known = self._field(cls, name, node, surely)
                complete = complete and known
                found += [attribute] if attribute is not None else []
                continue
            written = tree.child(node, Role.ANNOTATION)
            annotation = self.annotation(Site(cls.path, written, None)) if written >= 0 else None
            value = tree.child(node, Role.VALUE)
            if value < 0:
                if annotation is not None:
                    found.append(Attribute(name, "column", annotation.site, annotation, cls, node))
                continue
            made, known = self._made(Site(cls.path, value, None))
            complete = complete and known and (surely or made is None)
            if made is not None:
                found.append(Attribute(name, made[0], made[1], annotation, cls, node))
        for name, site in self._declared(cls):
            made, known = self._made(site)
            complete = complete and known
            if made is not None:
                found.append(Attribute(name, made[0], made[1], None, cls, site.node))
        return Body(tuple(found), complete)

    def _declared(self, cls: ProjectClass) -> Iterator[tuple[str, Site]]:
        """What methods return that stand for attributes (`@declared_attr`)."""
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        tree = self.evaluator.tree(cls.path)
        for name, nodes in interface.members.items() if interface is not None else ():
            function = nodes[-1]
            if name in RESERVED or tree.kinds[function] != Kind.FUNCTION:
                continue
            if self.evaluator.decorator_names(cls.path, function) & {"declared_attr", "cascading"}:
                for node in self.evaluator.returns(FunctionValue(cls.path, function)):
                    yield name, Site(cls.path, node, None)

    def _made(self, site: Site) -> tuple[tuple[str, Site | None] | None, bool]:
        """The kind of an attribute with this value and the call that makes it, and whether all is known of it."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind not in (Kind.CALL, Kind.NAME, Kind.ATTRIBUTE):
            return None, True
        if kind == Kind.CALL:
            for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
                found = typed(self.evaluator, option)
                if found is not None and found.row.field:
                    inner = self._column_of(site) if found.row.field == "virtual" else None
                    return ("column", inner) if inner is not None else (found.row.field, site), True
        known = True
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Instance):
                found = typed(self.evaluator, option.cls)
                if found is not None and found.row.field:
                    step = option.steps[0] if option.steps else None
                    at = Site(step.path, step.node, step.context) if step is not None else None
                    return (found.row.field, at), at is not None
            elif isinstance(option, (ExternalValue, Unknown)) and kind == Kind.CALL:
                known = known and self._of_the_language(site, option)
        return None, known

    def _column_of(self, site: Site) -> Site | None:
        """The column that an attribute is which is made of one (`column_property(Column(…), Base.name)`); None of what
        the database computes."""
        first = self.evaluator.tree(site.path).child(site.node, Role.ARGUMENT)
        if first < 0 or self.evaluator.tree(site.path).kinds[first] != Kind.CALL:
            return None
        for option in options(self.evaluator.value(site.path, first + 1, site.context)):
            found = typed(self.evaluator, option)
            if found is not None and found.row.field == "column":
                return Site(site.path, first, site.context)
        return None

    def _of_the_language(self, site: Site, value: ExternalValue | Unknown) -> bool:
        """Whether what is called belongs to the language itself."""
        if isinstance(value, ExternalValue):
            return value.path.partition(".")[0].removesuffix("()") in sys.stdlib_module_names | set(dir(builtins))
        tree = self.evaluator.tree(site.path)
        node = site.node
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT) and node + 1 < tree.ends[node]:
            node += 1
        return tree.kinds[node] in (Kind.STRING, Kind.TEMPLATE, Kind.LIST, Kind.OBJECT)

    # Annotations

    def annotation(self, site: Site) -> Annotation | None:
        """What `Mapped[…]` says; None for any other annotation."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.SUBSCRIPT or self._word(site) not in MAPPED:
            return None
        inner = tree.child(site.node, Role.INDEX)
        found = Annotation(many=self._word(site) != "Mapped")
        return self._inside(found, Site(site.path, inner, site.context)) if inner >= 0 else found

    def _inside(self, found: Annotation, site: Site) -> Annotation:
        for _ in range(6):
            tree = self.evaluator.tree(site.path)
            kind = tree.kinds[site.node]
            if kind == Kind.BINARY and tree.value(site.node) == "|":
                parts = [part for part in tree.children(site.node) if tree.kinds[part] != Kind.CONSTANT]
                found = replace(found, optional=found.optional or len(parts) < 2)
                if len(parts) != 1:
                    return found
                site = Site(site.path, parts[0], site.context)
            elif kind == Kind.SUBSCRIPT:
                word, inner = self._word(site), tree.child(site.node, Role.INDEX)
                if inner < 0:
                    return found
                if word == "Annotated":
                    parts = list(tree.children(inner)) if tree.kinds[inner] == Kind.TUPLE else [inner]
                    for part in tree.with_role(site.node, Role.INDEX):
                        parts += [part] if part not in parts and part != inner else []
                    calls = [Site(site.path, part, site.context) for part in parts[1:] if tree.kinds[part] == Kind.CALL]
                    columns = [call for call in calls if self._made(call)[0] is not None]
                    found = replace(found, site=columns[0] if columns else found.site)
                    site = Site(site.path, parts[0], site.context)
                elif word == "Optional":
                    found, site = replace(found, optional=True), Site(site.path, inner, site.context)
                elif word in MANY:
                    found, site = replace(found, many=True), Site(site.path, inner, site.context)
                else:
                    return replace(found, word=word)
            elif kind in (Kind.NAME, Kind.ATTRIBUTE):
                alias = self._alias(site)
                if alias is None:
                    return replace(found, word=tree.value(site.node), inner=site)
                site = alias
            elif kind == Kind.STRING:
                return replace(found, word=tree.value(site.node), inner=site)
            else:
                return found
        return found

    def _alias(self, site: Site) -> Site | None:
        """The annotation that a name stands for (`key = Annotated[int, mapped_column(…)]`)."""
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression):
                tree = self.evaluator.tree(option.path)
                if tree.kinds[option.node] in (Kind.SUBSCRIPT, Kind.BINARY):
                    return Site(option.path, option.node, option.context)
        return None

    def _word(self, site: Site) -> str:
        tree = self.evaluator.tree(site.path)
        base = tree.child(site.node, Role.OBJECT)
        return tree.value(base) if base >= 0 and tree.kinds[base] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def plain_type(self, annotation: Annotation) -> str:
        """The database's word for a column of which only an annotation says the type, "" for cannot say."""
        if annotation.inner is None or annotation.many:
            return ""
        value = self.evaluator.value(annotation.inner.path, annotation.inner.node, annotation.inner.context)
        if any(isinstance(option, ProjectClass) for option in options(value)):
            return ""
        return (ON_POSTGRES if self.postgres else {}).get(annotation.word) or PLAIN_TYPES.get(annotation.word, "")
