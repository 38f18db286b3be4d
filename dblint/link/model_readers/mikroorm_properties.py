"""What MikroORM's entities say of their properties: by decorators, by `defineEntity` with its builders
(`p.string().length(80)`), and by `EntitySchema` with objects; all three read as the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import Surroundings
from dblint.link.model_readers.typeorm_members import Mark, Member, Members
from dblint.link.values import UNKNOWN, Instance, LibraryClass, ListOf, ProjectClass, Value, options

PACKAGES = tuple(
    f"@mikro-orm/{name}#"
    for name in (
        "core knex sql postgresql mysql mariadb sqlite better-sqlite libsql mssql mongodb decorators/legacy "
        "decorators/es"
    ).split()
)
RELATIONS: Mapping[str, str] = {
    "ManyToOne": "to-one",
    "OneToOne": "to-one",
    "OneToMany": "to-many",
    "ManyToMany": "many-to-many",
}
DECORATORS = frozenset({*RELATIONS, "PrimaryKey", "SerializedPrimaryKey", "Property", "Enum", "Formula", "Embedded"})
BUILDERS: Mapping[str, str] = {
    "manyToOne": "ManyToOne",
    "oneToOne": "OneToOne",
    "oneToMany": "OneToMany",
    "manyToMany": "ManyToMany",
    "embedded": "Embedded",
    "enum": "Enum",
    "formula": "Formula",
}
KINDS: Mapping[str, str] = {
    "m:1": "ManyToOne",
    "1:1": "OneToOne",
    "1:m": "OneToMany",
    "m:n": "ManyToMany",
    "embedded": "Embedded",
    "MANY_TO_ONE": "ManyToOne",
    "ONE_TO_ONE": "OneToOne",
    "ONE_TO_MANY": "OneToMany",
    "MANY_TO_MANY": "ManyToMany",
    "EMBEDDED": "Embedded",
}
LINKS = 40
"""Calls of a chain that are looked at."""


class Property(msgspec.Struct, frozen=True):
    """A property of an entity. `word`: the decorator's name, also of what is written otherwise. `options`: what is said
    of it, by the words of the library; `flags`: what is said of it without a value. `type`: the word for its type where
    the builder is that. `target`: the entity that a relation names; `inner`: the property of that which leads back."""

    name: str
    word: str
    site: Site
    options: Mapping[str, Site] = msgspec.field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    type: str = ""
    target: Site | None = None
    inner: Site | None = None
    member: Member | None = None
    open: bool = False


class Declaration(msgspec.Struct, frozen=True):
    """An entity: its options, its own properties, the marks of its class, and whether all of that is known."""

    model: ProjectClass
    name: str
    options: Mapping[str, Site]
    properties: tuple[Property, ...]
    marks: tuple[Mark, ...]
    complete: bool
    above: Value = UNKNOWN
    """The entity that it says to extend, where a class does not."""


class Properties:
    """Reads what declares entities. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.members = Members(surroundings, PACKAGES)
        self._found: dict[ProjectClass, Declaration | None] = {}

    def of(self, model: ProjectClass) -> Declaration | None:
        """What a class or call declares by itself, without what it extends; None for what is no part of an entity."""
        return self.evaluator.once(self._found, ProjectClass(model.path, model.node), self._of)

    def _of(self, model: ProjectClass) -> Declaration | None:
        tree = self.evaluator.tree(model.path)
        if tree.kinds[model.node] == Kind.CALL:
            return self._called(model)
        marks, known = self.members.marks(model.path, model.node)
        body, all_known = self.members.body(model)
        entity = next((mark for mark in marks if mark.word in ("Entity", "Embeddable")), None)
        found = [self._decorated(member) for member in body if member.mark(*DECORATORS) is not None]
        if entity is None and not found:
            return None
        complete = known and all_known and not (entity is not None and entity.open)
        given = entity.options if entity is not None else {}
        return Declaration(model, tree.value(model.node), given, tuple(found), marks, complete)

    # By decorators

    def _decorated(self, member: Member) -> Property:
        mark = member.mark(*DECORATORS)
        assert mark is not None  # noqa: S101 - what has none is no property
        given = [argument for argument in mark.arguments if mark.word != "Formula"]
        target = mark.options.get("entity", given[0] if given else None)
        inner = mark.options.get("mappedBy", given[1] if len(given) > 1 else None)
        site = Site(member.owner.path, member.node, None)
        return Property(
            member.name, mark.word, site, mark.options, target=target, inner=inner, member=member, open=mark.open
        )

    # By calls

    def _called(self, model: ProjectClass) -> Declaration | None:
        call = Site(model.path, model.node, None)
        first = self.plain.argument(call, "0")
        if first is None:
            return None
        pairs, hidden = entries(self.evaluator, first)
        said = dict(pairs)
        if not said:
            return None
        found: list[Property] = []
        given = said.get("properties")
        if given is not None:
            inside, more = entries(self.evaluator, self.members.body_of(given) or given)
            hidden = hidden or more
            found = [self._built(name, value) for name, value in inside]
        name = self.plain.string(said.get("name")) or self.evaluator.classes.class_name(model)
        above = self.model_at(said["extends"]) if "extends" in said else UNKNOWN
        return Declaration(model, name, said, tuple(found), (), not hidden, above)

    def _built(self, name: str, value: Site) -> Property:
        site = self.members.body_of(value) or value
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.CALL:
            site = self.plain.literal(self.plain.held(site))
            tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.OBJECT:
            return self._of_object(name, site)
        calls = self._chain(site)
        if not calls:
            return Property(name, "Property", site, open=True)
        (word, first), *rest = calls
        given = {each: argument for each, call in rest if (argument := self.plain.argument(call, "0")) is not None}
        flags = frozenset(each for each, _ in rest) - set(given)
        kind = BUILDERS.get(word, "Property")
        argument = self.plain.argument(first, "0")
        if kind == "Enum" and argument is not None:
            given["items"] = argument
        if word == "type" and argument is not None:
            given["type"] = argument
        return Property(
            name,
            kind,
            site,
            given,
            flags,
            word if kind == "Property" and word != "type" else "",
            argument if kind in RELATIONS or kind == "Embedded" else None,
            given.get("mappedBy"),
        )

    def _of_object(self, name: str, site: Site) -> Property:
        pairs, hidden = entries(self.evaluator, site)
        said = dict(pairs)
        kind = said.get("kind", said.get("reference"))
        word = "" if kind is None else KINDS.get(self.plain.string(kind) or self.plain.word(kind), "")
        word = word or ("Enum" if self.plain.true(said.get("enum")) else "Property")
        target = said.get("entity", said.get("type") if word in RELATIONS else None)
        return Property(name, word, site, said, target=target, inner=said.get("mappedBy"), open=hidden)

    def _chain(self, site: Site) -> list[tuple[str, Site]]:
        """The words of a chain of calls with the calls that they are of, the first one first."""
        tree = self.evaluator.tree(site.path)
        node, calls = site.node, list[tuple[str, Site]]()
        for _ in range(LINKS):
            if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
                return []
            calls.append((tree.value(node + 1), Site(site.path, node, site.context)))
            if tree.kinds[node + 2] != Kind.CALL:
                return calls[::-1]
            node += 2
        return []

    # What properties say

    def flag(self, said: Property, *words: str) -> bool:
        """Whether one of these is surely said of a property."""
        return any(word in said.flags or self.plain.true(said.options.get(word)) for word in words)

    def denied(self, said: Property, word: str) -> bool:
        """Whether this is surely said not to be so."""
        return word in said.options and self.plain.constant(said.options[word]) == "false"

    def text(self, said: Property, *words: str) -> str:
        """The text under the first of these words that has one."""
        return next((text for word in words if (text := self.plain.string(said.options.get(word)))), "")

    def texts(self, said: Property, *words: str) -> tuple[str, ...]:
        """The texts under the first of these words that lists some."""
        return next((found for word in words if (found := self.plain.strings(said.options.get(word)))), ())

    def optional(self, said: Property) -> bool:
        """Whether a property is written `name?`: metadata that is read of the sources takes that for nullable, and such
        that is kept of types at run time does not."""
        member = said.member
        return member is not None and self.evaluator.tree(member.owner.path).has(member.node, Flag.OPTIONAL)

    def initial(self, said: Property) -> Site | None:
        """The value that the class itself gives a property."""
        member = said.member
        if member is None:
            return None
        value = self.evaluator.tree(member.owner.path).child(member.node, Role.VALUE)
        return Site(member.owner.path, value, None) if value >= 0 else None

    def annotated(self, said: Property) -> Sequence[str]:
        """The words of the types that a property's annotation allows, else that of its first value."""
        member = said.member
        if member is None:
            return ()
        found = [word for word in self.members.annotated(member) if word]
        if found:
            return found
        tree = self.evaluator.tree(member.owner.path)
        value = tree.child(member.node, Role.VALUE)
        words = {Kind.STRING: "string", Kind.NUMBER: "number"}
        if value >= 0 and tree.kinds[value] in words:
            return (words[tree.kinds[value]],)
        if value >= 0 and tree.kinds[value] == Kind.CONSTANT and tree.value(value) in ("true", "false"):
            return ("boolean",)
        if value >= 0 and tree.kinds[value] == Kind.CALL and tree.value(value + 1) == "Date":
            return ("Date",)
        return ()

    # Entities

    def target(self, said: Property) -> Value:
        """The entity that a relation leads to: the one that it names, else the one of its type."""
        if said.target is not None:
            return self.model_at(said.target)
        member = said.member
        if member is None:
            return UNKNOWN
        tree = self.evaluator.tree(member.owner.path)
        annotation = tree.child(member.node, Role.ANNOTATION)
        value = tree.child(member.node, Role.VALUE)
        held: list[Value] = []
        if annotation >= 0:
            held += options(self.evaluator.annotations.annotation(member.owner.path, annotation, None))
        if value >= 0:
            held += options(self.evaluator.value(member.owner.path, value))
        return next(self._models(held), UNKNOWN)

    def model_at(self, site: Site) -> Value:
        """The entity that an expression is, gives, or names."""
        inner = self.members.body_of(site) or site
        tree = self.evaluator.tree(inner.path)
        if tree.kinds[inner.node] == Kind.STRING:
            relations = self.evaluator.relations
            return (relations.called(tree.value(inner.node)) if relations is not None else None) or UNKNOWN
        held = options(self.evaluator.value(inner.path, inner.node, inner.context))
        found = [ProjectClass(each.path, each.node) for each in held if isinstance(each, ProjectClass)]
        return found[0] if len(found) == 1 else UNKNOWN

    def _models(self, held: Sequence[Value]) -> Iterator[Value]:
        """The entities that values are of, also inside of what holds one or several."""
        for option in held:
            cls: Value | None = option.element if isinstance(option, ListOf) else option
            cls = cls.cls if isinstance(cls, Instance) else cls
            if isinstance(option, Instance) and isinstance(cls, LibraryClass):
                model = self.evaluator.tables.types[cls.name].model
                cls = (option.argument(model) if model else None) or UNKNOWN
            if isinstance(cls, ProjectClass):
                yield ProjectClass(cls.path, cls.node)
