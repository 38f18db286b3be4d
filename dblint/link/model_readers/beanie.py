"""Beanie's documents as tables: Pydantic's fields by their annotations, and the inner class `Settings`.

Source: Beanie 2.0 documentation, "Defining a document", "Indexes", "Relations", "Inheritance".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from dblint.facts.schema import Index, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.arguments import Site
from dblint.link.model_readers import assigned, string
from dblint.link.model_readers.documents import KEY, Declared, Documents, Field
from dblint.link.model_readers.shared import Related, Surroundings, fields, place
from dblint.link.values import ExternalValue, LibraryClass, LibraryFunction, ProjectClass, Unknown, Value, options

_LINK, _BACK = "beanie:Link", "beanie:BackLink"
_VIEW = "beanie:View"
_INDEXED = "beanie.Indexed"
_TYPES: Mapping[str, str] = {
    "str": "string", "int": "long", "float": "double", "bool": "bool", "bytes": "binData", "dict": "object",
    "Dict": "object", "datetime": "date", "date": "date", "Decimal": "decimal", "DecimalAnnotation": "decimal",
    "UUID": "binData", "ObjectId": "objectId", "PydanticObjectId": "objectId", "EmailStr": "string",
    "HttpUrl": "string", "AnyUrl": "string", "SecretStr": "string",
}  # fmt: skip
"""The last word of an annotation that names no class of the project → the type that is kept (Beanie's encoder)."""
_CONSTRAINED = {"conint": "long", "constr": "string", "confloat": "double", "condecimal": "decimal"}
_SETTINGS = ("Settings", "Collection")
"""The inner class by its name in Beanie 1.8 and later, and before."""
_ASIDE = frozenset({"model_config", "Config", "revision_id"})
DEPTH = 8
"""Annotations in annotations that are followed."""


class BeanieModels:
    """Reads Beanie's documents. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.documents = Documents(surroundings, self.fields, self.table_name)
        self._bodies: dict[ProjectClass, tuple[Field, ...]] = {}

    # Classes

    def _classes(self, model: ProjectClass) -> list[ProjectClass]:
        return [cls for cls in self.evaluator.classes.mro(model) if isinstance(cls, ProjectClass)]

    def _is_document(self, cls: ProjectClass) -> bool:
        types = self.evaluator.tables.types
        return any(types[item.name].declares == "beanie" for item in self.evaluator.classes.library_types(cls))

    def settings(self, cls: ProjectClass) -> ProjectClass | None:
        """The inner class that a class writes itself."""
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        tree = self.evaluator.tree(cls.path)
        for word in _SETTINGS:
            for node in interface.members.get(word, ()) if interface is not None else ():
                if tree.kinds[node] == Kind.CLASS:
                    return ProjectClass(cls.path, node)
        return None

    def _says(self, cls: ProjectClass, word: str) -> Site | None:
        held = self.settings(cls)
        node = assigned(self.evaluator, held, word) if held is not None else -1
        return Site(cls.path, node, None) if node >= 0 else None

    def owner(self, model: ProjectClass) -> ProjectClass:
        """The class whose collection a document lies in: the base that says that it is the root, or itself."""
        for cls in self._classes(model):
            if self._is_document(cls) and self.plain.true(self._says(cls, "is_root")):
                return cls
        return model

    def name(self, owner: ProjectClass) -> str:
        """The collection's name: the setting, of a base where the class has no settings itself, or the class's."""
        for cls in self._classes(owner):
            if self.settings(cls) is None:
                continue
            site = self._says(cls, "name")
            if site is not None:
                return self.plain.string(site)
            held = self.settings(cls)
            if held is not None and (word := self._inherited(held)):
                return word
            break
        return self.evaluator.classes.class_name(owner)

    def _inherited(self, settings: ProjectClass) -> str:
        for cls in self._classes(settings)[1:]:
            if word := string(self.evaluator, cls, "name"):
                return word
        return ""

    def table_name(self, model: Value) -> str:
        """The collection of a document, "" for anything else."""
        return self.name(self.owner(model)) if isinstance(model, ProjectClass) else ""

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
            annotation = tree.child(node, Role.ANNOTATION)
            if annotation < 0 or name.startswith("_") or name in _ASIDE:
                continue
            field = self._annotated(
                Field(name, name, "", place(self.evaluator, Site(cls.path, node, None)), False),
                Site(cls.path, annotation, None),
            )
            if field is None:
                continue
            value = tree.child(node, Role.VALUE)
            yield self._defaulted(field, Site(cls.path, value, None)) if value >= 0 else field

    def _defaulted(self, field: Field, site: Site) -> Field:
        """A field with what stands behind it: a default, or `Field(default, alias=…)`."""
        default: Site | None = site
        if self.plain.is_call(site) and self.plain.word(self.plain.callee(site)) == "Field":
            alias = self.plain.string(self.plain.argument(site, "alias"))
            made = self.plain.argument(site, "default_factory")
            default = self.plain.argument(site, "0|default") or made
            field = replace(field, stored=alias or field.stored)
        if field.name == "id":
            field = replace(field, stored=KEY, primary=True, nullable=False)
        if default is None or self.evaluator.tree(default.path).value(default.node) in ("...", "Ellipsis"):
            return field
        return replace(field, default=self.plain.source(default), default_by="client")

    def _annotated(self, field: Field, site: Site, depth: int = DEPTH) -> Field | None:
        """A field by its annotation; None for what is no field."""
        tree = self.evaluator.tree(site.path)
        if field.name == "id":
            field = replace(field, stored=KEY, primary=True)
        while depth > 0:
            depth -= 1
            kind = tree.kinds[site.node]
            if kind == Kind.BINARY:
                parts = [part for part in tree.children(site.node) if tree.kinds[part] != Kind.CONSTANT]
                if len(parts) < len(list(tree.children(site.node))):
                    field = replace(field, nullable=True)
                if len(parts) != 1:
                    return field
                site = Site(site.path, parts[0], site.context)
                continue
            if kind == Kind.CALL:
                field = self._indexed(field, site)
                inner = self.plain.argument(site, "0|typ")
                if inner is None:
                    return replace(field, type=_CONSTRAINED.get(self.plain.word(self.plain.callee(site)), ""))
                site = inner
                continue
            if kind != Kind.SUBSCRIPT:
                return self._plain(field, site)
            word = self.plain.word(Site(site.path, site.node + 1, site.context))
            arguments = list(tree.with_role(site.node, Role.INDEX))
            if len(arguments) == 1 and tree.kinds[arguments[0]] == Kind.TUPLE:
                arguments = list(tree.children(arguments[0]))
            if not arguments:
                return field
            linked = self._link(Site(site.path, site.node + 1, site.context))
            if linked == _BACK or word == "ClassVar":
                return None
            if linked == _LINK:
                target = self._class(Site(site.path, arguments[0], site.context))
                return replace(field, type=field.type or "object", refers=True, target=target, sought=True)
            if word == "Optional":
                field = replace(field, nullable=True)
            elif word == "Annotated":
                for argument in arguments[1:]:
                    field = self._indexed(field, Site(site.path, argument, site.context))
            elif word in hosts.LISTS:
                field = replace(field, type="array", many=True)
            elif word in ("dict", "Dict", "Mapping"):
                return replace(field, type=field.type or "object")
            elif word not in hosts.TRANSPARENT and word != "Union":
                return field
            if word == "Union" and len(arguments) > 1:
                some = [part for part in arguments if tree.kinds[part] != Kind.CONSTANT]
                field = replace(field, nullable=field.nullable or len(some) < len(arguments))
                if len(some) != 1:
                    return field
                arguments = some
            site = Site(site.path, arguments[0], site.context)
        return field

    def _plain(self, field: Field, site: Site) -> Field | None:
        """A field whose annotation is a name."""
        tree = self.evaluator.tree(site.path)
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass):
                return self._of_class(field, ProjectClass(option.path, option.node))
        return replace(field, type=field.type or _TYPES.get(tree.value(site.node), ""))

    def _of_class(self, field: Field, cls: ProjectClass) -> Field:
        names = set(self.plain.bases(cls))
        if any(name.startswith("enum.") for name in names):
            return replace(field, type=field.type or ("string" if "enum.IntEnum" not in names else "long"))
        return replace(field, type=field.type or "object", embedded=cls if cls not in self._classes(cls)[1:] else None)

    def _link(self, site: Site) -> str:
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, LibraryClass):
                return option.name
        return ""

    def _class(self, site: Site) -> ProjectClass | None:
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass):
                return ProjectClass(option.path, option.node)
        return None

    def _indexed(self, field: Field, site: Site) -> Field:
        """A field around whose type, or beside it, `Indexed(…)` stands."""
        if not self.plain.is_call(site):
            return field
        callee = self.plain.callee(site)
        for option in options(self.evaluator.value(callee.path, callee.node, callee.context)):
            if isinstance(option, (LibraryFunction, ExternalValue)) and option.path.startswith(_INDEXED):
                return replace(field, indexed=True, unique=self.plain.true(self.plain.argument(site, "unique")))
        return field

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The collection of a document, with the fields of all that lie in it."""
        owner = self.owner(model)
        name = self.name(owner)
        if not name:
            return None
        found = {field.name: field for field in self.fields(owner)}
        below = self.evaluator.classes.subclasses(owner) if self.plain.true(self._says(owner, "is_root")) else ()
        for cls in below:
            for field in self.fields(cls):
                found.setdefault(field.name, replace(field, nullable=True))
        revision = Field(
            "revision_id", "revision_id", "binData", place(self.evaluator, Site(owner.path, owner.node, None)), True
        )
        own = (*found.values(), revision)
        stored = self.documents.stored(own) | {"id": KEY}
        indexes, known = self._indexes((owner, *below), stored)
        made = self.documents.table(owner, Declared(name, own, known and not self._unread(owner), indexes))
        views = any(cls.name == _VIEW for cls in self.evaluator.classes.library_types(owner))
        return replace(made, view=True, complete=False) if views else made

    def _unread(self, owner: ProjectClass) -> bool:
        for cls in self._classes(owner):
            tree = self.evaluator.tree(cls.path)
            for base in tree.with_role(cls.node, Role.BASE):
                if tree.kinds[base] == Kind.KEYWORD:
                    continue
                for option in options(self.evaluator.value(cls.path, base)):
                    if isinstance(option, Unknown) or (
                        isinstance(option, ExternalValue)
                        and not option.path.startswith(("pydantic.", "typing.", "abc."))
                    ):
                        return True
        return False

    def _indexes(self, classes: Sequence[ProjectClass], stored: Mapping[str, str]) -> tuple[tuple[Index, ...], bool]:
        found: list[Index] = []
        known = True
        for cls in dict.fromkeys(each for owner in classes for each in self._classes(owner)):
            site = self._says(cls, "indexes")
            if site is None:
                continue
            literal = self.plain.literal(site)
            known = known and self.evaluator.tree(literal.path).kinds[literal.node] in (Kind.LIST, Kind.TUPLE)
            for element in self.plain.elements(site):
                index = self.documents.index(element, stored, {"fields": "key", "call": "0|keys"})
                known = known and index is not None
                found += [index] if index is not None else []
        return tuple(found), known

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
        """The key, `id`, which no class need declare."""
        if not isinstance(model, ProjectClass) or name != "id":
            return None
        table = self.table(model)
        return table.column(KEY) if table is not None else None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:  # noqa: ARG002
        """The links of a document that were declared; one that is read asks nothing, and gives the link itself."""
        return {}

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002
        """What links add to their targets: nothing."""
        return ()
