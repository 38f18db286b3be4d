"""Fields that a class body makes by calls (`name = CharField(null=True)`), as several libraries write them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping

import msgspec

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Type
from dblint.link.arguments import Site, keywords
from dblint.link.model_readers.shared import Surroundings, Typed, fields, place, typed
from dblint.link.values import (
    ExternalValue,
    Instance,
    LibraryFunction,
    ProjectClass,
    Unknown,
    Value,
    options,
)

_BUILTINS = frozenset(dir(builtins))


class Field(msgspec.Struct, frozen=True):
    """A field: `kind` as in the rows of tables, `site` the call that makes it, `given` its keywords. `own`: the
    project's own field classes on the way, nearest first; `sure`: nothing that it is made with is hidden."""

    name: str
    kind: str
    row: Type
    type_name: str
    site: Site
    place: Place
    given: Mapping[str, Site] = msgspec.field(default_factory=dict)
    own: tuple[ProjectClass, ...] = ()
    sure: bool = True

    @property
    def relation(self) -> bool:
        """Whether it has a column that holds another row's key."""
        return self.kind in ("to-one", "one-to-one")


class Body(msgspec.Struct, frozen=True):
    """What one class body declares: fields by name (None: an inherited one is taken away), and whether every
    attribute could be judged."""

    fields: Mapping[str, Field | None]
    complete: bool


class CalledFields:
    """Reads class bodies. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self._bodies: dict[ProjectClass, Body] = {}

    def body(self, cls: ProjectClass) -> Body:
        """The fields that a class declares itself, read once."""
        return self.evaluator.once(self._bodies, ProjectClass(cls.path, cls.node), self._body)

    def _body(self, cls: ProjectClass) -> Body:
        tree = self.evaluator.tree(cls.path)
        found: dict[str, Field | None] = {}
        complete = True
        for name, node, surely in fields(self.evaluator, cls):
            value = tree.child(node, Role.VALUE)
            if value < 0:
                continue
            kind = tree.kinds[value]
            if kind == Kind.CONSTANT and tree.value(value) == "null":
                found[name] = None
            elif kind == Kind.CALL:
                made, known = self._made(name, Site(cls.path, value, None))
                if made is not None:
                    found[name] = made
                complete = complete and known and (surely or made is None)
            elif kind in (Kind.NAME, Kind.ATTRIBUTE, Kind.CONDITIONAL) and self._holds_field(cls, value):
                complete = False
        return Body(found, complete)

    def _holds_field(self, cls: ProjectClass, node: int) -> bool:
        """Whether an expression that is no call holds a field."""
        for option in options(self.evaluator.value(cls.path, node)):
            if isinstance(option, Instance):
                found = typed(self.evaluator, option.cls)
                if found is not None and found.row.field:
                    return True
        return False

    def _made(self, name: str, site: Site) -> tuple[Field | None, bool]:
        """The field that a call makes, and whether all is known of what the call is."""
        known = True
        for option in options(self.evaluator.value(site.path, site.node + 1)):
            found = self._type(option)
            if found is not None:
                made = self.field(name, site, found) if found.row.field else None
                return made, made is None or made.sure
            if isinstance(option, (ExternalValue, Unknown)) and not self.harmless(site.path, site.node + 1, option):
                known = False
        return None, known

    def called(self, name: str, site: Site) -> Field | None:
        """The field that a call makes; None where it makes none."""
        return self._made(name, site)[0]

    def _type(self, option: Value) -> Typed | None:
        """The type of fields that a class is, or that a function of the library makes."""
        if isinstance(option, LibraryFunction):
            library, row = self.evaluator.tables.functions[option.path]
            name = row.returns if ":" in row.returns else f"{library}:{row.returns}"
            described = self.evaluator.tables.types.get(name)
            return Typed(name, described) if described is not None and described.field else None
        return typed(self.evaluator, option)

    def field(self, name: str, site: Site, found: Typed) -> Field:
        """The field that a call of a type makes."""
        pairs, hidden = keywords(self.evaluator, site)
        constructed = any(self._constructs(own) for own in found.own)
        return Field(
            name,
            found.row.field,
            found.row,
            found.name,
            site,
            place(self.evaluator, site),
            dict(pairs),
            found.own,
            not hidden and not constructed,
        )

    def _constructs(self, cls: ProjectClass) -> bool:
        """Whether a field class of the project may settle its options itself."""
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        return interface is not None and "__init__" in interface.members

    def harmless(self, path: str, node: int, value: Value) -> bool:
        """Whether something is of the language itself."""
        tree = self.evaluator.tree(path)
        if isinstance(value, ExternalValue):
            return value.path.partition(".")[0] in sys.stdlib_module_names
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT) and node + 1 < tree.ends[node]:
            node += 1
        return tree.kinds[node] in (Kind.STRING, Kind.TEMPLATE) or tree.value(node) in _BUILTINS

    def inherited(self, cls: ProjectClass, declared_by: str) -> tuple[dict[str, Field], bool]:
        """The fields of a class with those of its bases, nearest first to win, and whether all are known.
        `declared_by`: only bases that this reader reads hand fields down; "": every base does."""
        found: dict[str, Field] = {}
        complete = self.known_bases(cls)
        for base in reversed(self.evaluator.classes.mro(cls)):
            if not isinstance(base, ProjectClass) or (declared_by and not self._reads(base, declared_by)):
                continue
            body = self.body(base)
            complete = complete and body.complete
            for name, item in body.fields.items():
                found.pop(name, None)
                if item is not None:
                    found[name] = item
        return found, complete

    def _reads(self, cls: ProjectClass, declared_by: str) -> bool:
        types = self.evaluator.tables.types
        return any(types[base.name].declares == declared_by for base in self.evaluator.classes.library_types(cls))

    def known_bases(self, cls: ProjectClass) -> bool:
        """Whether all bases of a class, and theirs, are known."""
        return all(
            not isinstance(option, (ExternalValue, Unknown)) or self.harmless(path, node, option)
            for path, node in self._bases(cls)
            for option in options(self.evaluator.value(path, node))
        )

    def _bases(self, cls: ProjectClass) -> Iterator[tuple[str, int]]:
        for base in self.evaluator.classes.mro(cls):
            if isinstance(base, ProjectClass):
                tree = self.evaluator.tree(base.path)
                for node in tree.with_role(base.node, Role.BASE):
                    if tree.kinds[node] != Kind.KEYWORD:
                        yield base.path, node

    def options(self, cls: ProjectClass, word: str = "Meta") -> ProjectClass | None:
        """The class of options that a class body declares itself."""
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        tree = self.evaluator.tree(cls.path)
        for node in reversed(interface.members.get(word, ()) if interface is not None else ()):
            if tree.kinds[node] == Kind.CLASS:
                return ProjectClass(cls.path, node)
        return None

    def option(self, holder: ProjectClass | None, word: str) -> Site | None:
        """What a class of options, or one that it extends, gives to a word."""
        for cls in self.evaluator.classes.mro(holder) if holder is not None else ():
            if not isinstance(cls, ProjectClass):
                continue
            for name, node, _ in fields(self.evaluator, cls):
                if name == word:
                    value = self.evaluator.tree(cls.path).child(node, Role.VALUE)
                    return Site(cls.path, value, None) if value >= 0 else None
        return None

    def flag(self, item: Field, *words: str) -> bool | None:
        """An option that is true or false, by any of its names; None for cannot say."""
        site = next((item.given[word] for word in words if word in item.given), None)
        if site is None:
            return False if item.sure else None
        constant = self.plain.constant(site)
        return constant == "true" if constant in ("true", "false") else None


class ByName:
    """The project's classes by their names. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self._classes: dict[str, list[ProjectClass]] | None = None

    def only(self, name: str, path: str, declared_by: str) -> ProjectClass | None:
        """The class of that name that a reader reads: in that file, else the only one of the application."""
        evaluator = self.surroundings.evaluator
        if self._classes is None:
            self._classes = {}
            for file, facts in evaluator.files.items():
                for node, interface in facts.interface.classes.items():
                    self._classes.setdefault(interface.name.lower(), []).append(ProjectClass(file, node))
        types = evaluator.tables.types
        found = [
            cls
            for cls in self._classes.get(name.lower(), ())
            if any(types[base.name].declares == declared_by for base in evaluator.classes.library_types(cls))
        ]
        here = [cls for cls in found if cls.path == path]
        loud = [cls for cls in found if not self.surroundings.quiet(cls.path)]
        found = here or (loud if len(found) > 1 else found)
        return found[0] if len(found) == 1 else None
