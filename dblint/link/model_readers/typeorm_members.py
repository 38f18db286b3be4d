"""Decorators of TypeORM and its like: what the properties and classes of entities are marked with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.arguments import Site, entries, positional
from dblint.link.model_readers.shared import Surroundings, fields
from dblint.link.values import Expression, ExternalValue, LibraryFunction, ProjectClass, Value, options

PACKAGE = "typeorm#"
COLUMNS = frozenset(
    """Column PrimaryColumn PrimaryGeneratedColumn CreateDateColumn UpdateDateColumn DeleteDateColumn VersionColumn
    ObjectIdColumn ViewColumn""".split()
)
RELATIONS: Mapping[str, str] = {
    "ManyToOne": "to-one",
    "OneToOne": "to-one",
    "OneToMany": "to-many",
    "ManyToMany": "many-to-many",
    "TreeParent": "to-one",
    "TreeChildren": "to-many",
}


class Mark(msgspec.Struct, frozen=True):
    """A decorator of the library: its name, its arguments in order, and the object of options among them."""

    word: str
    site: Site
    arguments: tuple[Site, ...] = ()
    options: Mapping[str, Site] = msgspec.field(default_factory=dict)
    open: bool = False


class Member(msgspec.Struct, frozen=True):
    """A property with its marks."""

    name: str
    owner: ProjectClass
    node: int
    marks: tuple[Mark, ...]

    def mark(self, *words: str) -> Mark | None:
        """The first mark of one of these names."""
        return next((mark for mark in self.marks if mark.word in words), None)

    @property
    def column(self) -> Mark | None:
        """The mark that makes it a column."""
        return self.mark(*COLUMNS)

    @property
    def relation(self) -> Mark | None:
        """The mark that makes it a relation."""
        return self.mark(*RELATIONS)


class Members:
    """Reads decorators. One per reader."""

    def __init__(self, surroundings: Surroundings, package: str | tuple[str, ...] = PACKAGE) -> None:
        """`package`: how the paths of the library's decorators begin, or several such."""
        self.package = package
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self._bodies: dict[ProjectClass, tuple[tuple[Member, ...], bool]] = {}

    def body(self, cls: ProjectClass) -> tuple[tuple[Member, ...], bool]:
        """The marked properties that a class body declares, read once, and whether every decorator is known."""
        return self.evaluator.once(self._bodies, cls, self._body)

    def _body(self, cls: ProjectClass) -> tuple[tuple[Member, ...], bool]:
        members: list[Member] = []
        complete = True
        for name, node, _ in fields(self.evaluator, cls):
            marks, known = self.marks(cls.path, node)
            complete = complete and (known or any(mark.word in COLUMNS or mark.word in RELATIONS for mark in marks))
            if marks:
                members.append(Member(name, cls, node, marks))
        return tuple(members), complete

    def promises(self, member: Member) -> bool:
        """Whether a property is written to hold a promise (`books: Promise<Book[]>`)."""
        tree = self.evaluator.tree(member.owner.path)
        written = tree.child(member.node, Role.ANNOTATION)
        head = written + 1 if written >= 0 and tree.kinds[written] == Kind.SUBSCRIPT else written
        return head >= 0 and tree.kinds[head] == Kind.NAME and tree.value(head) == hosts.PROMISE

    def marks(self, path: str, node: int) -> tuple[tuple[Mark, ...], bool]:
        """The library's decorators on a class or property, and whether the others are none of the project's own."""
        tree = self.evaluator.tree(path)
        found: list[Mark] = []
        known = True
        for decorator in tree.with_role(node, Role.DECORATOR):
            call = tree.kinds[decorator] == Kind.CALL
            for option in options(self.evaluator.value(path, decorator + 1 if call else decorator)):
                word = self._word(option)
                if word:
                    found.append(self._mark(word, Site(path, decorator, None), call=call))
                elif not isinstance(option, (ExternalValue, LibraryFunction)):
                    known = False  # a decorator of the project may mark the property as a column
        return tuple(found), known

    def _mark(self, word: str, site: Site, *, call: bool) -> Mark:
        if not call:
            return Mark(word, site)
        tree = self.evaluator.tree(site.path)
        given: list[Site] = []
        named: dict[str, Site] = {}
        hidden = False
        for node, spread in positional(self.evaluator, site):
            argument = Site(site.path, node, None)
            hidden = hidden or spread
            held = self._object(argument)
            if held is not None:
                pairs, more = entries(self.evaluator, held)
                named.update(pairs)
                hidden = hidden or more
            else:
                given.append(argument)
                plain = tree.kinds[node] in (Kind.STRING, Kind.LIST, Kind.FUNCTION, Kind.CONSTANT)
                hidden = hidden or not (plain or self.plain.string(argument))
        return Mark(word, site, tuple(given), named, hidden)

    def _object(self, site: Site) -> Site | None:
        """The object literal that an argument is or holds."""
        if self.evaluator.tree(site.path).kinds[site.node] == Kind.OBJECT:
            return site
        for option in options(self.evaluator.value(site.path, site.node)):
            if isinstance(option, Expression) and self.evaluator.tree(option.path).kinds[option.node] == Kind.OBJECT:
                return Site(option.path, option.node, option.context)
        return None

    # Arguments

    def body_of(self, site: Site) -> Site | None:
        """What a function gives that stands as an argument (`() => User`)."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.FUNCTION:
            return None
        body = tree.child(site.node, Role.BODY)
        return Site(site.path, body, None) if body >= 0 and tree.kinds[body] != Kind.BLOCK else None

    def names(self, site: Site) -> tuple[str, ...] | None:
        """The properties that a list of texts names, or a function that gives them (`(x) => [x.a, x.b]`); None
        for anything else."""
        inner = self.body_of(site) or site
        tree = self.evaluator.tree(inner.path)
        kind = tree.kinds[inner.node]
        if kind == Kind.STRING:
            return (tree.value(inner.node),)
        if kind == Kind.ATTRIBUTE:
            return (tree.value(inner.node),)
        if kind == Kind.OBJECT:
            return tuple(tree.value(pair) for pair in tree.children(inner.node))
        if kind != Kind.LIST:
            return None
        found = [self._name(Site(inner.path, child, None)) for child in tree.children(inner.node)]
        return tuple(found) if all(found) else None

    def _name(self, site: Site) -> str:
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] == Kind.ATTRIBUTE else self.plain.string(site)

    def annotated(self, member: Member) -> Iterator[str]:
        """The words of the plain types that a property's annotation allows."""
        tree = self.evaluator.tree(member.owner.path)
        annotation = tree.child(member.node, Role.ANNOTATION)
        if annotation < 0:
            return
        parts = [annotation]
        if tree.kinds[annotation] == Kind.BINARY and tree.value(annotation) == "|":
            parts = list(tree.children(annotation))
        for part in parts:
            if tree.kinds[part] != Kind.CONSTANT:
                yield tree.value(part) if tree.kinds[part] == Kind.NAME else ""

    def _word(self, value: Value) -> str:
        """The name of one of the library's own decorators, else ""."""
        if isinstance(value, (ExternalValue, LibraryFunction)) and value.path.startswith(self.package):
            return value.path.partition("#")[2]
        return ""
