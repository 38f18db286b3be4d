"""Rows that a framework puts into an answer, where the program itself runs no query: those that a template is given,
and those that a class of views lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import FileRole, Response
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, find
from dblint.link.exposures.rendering import words_of
from dblint.link.exposures.showing import Showing
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.showing import Pages
    from dblint.link.accesses.origins import Origin, Origins
    from dblint.link.functions import Functions

ENTRIES = 60
"""Entries of one template's mapping that are looked at."""
NOTHING = frozenset({"null", "false", "0"})
"""Words by which a class says that it does not page."""


_CLASSES = (LibraryClass, ProjectClass)


class Responses:
    """Finds them. One per project."""

    def __init__(self, origins: Origins, functions: Functions) -> None:
        self.origins = origins
        self.functions = functions
        self.evaluator = origins.evaluator
        self.plain = origins.models.surroundings.plain
        self.showing = Showing(origins, self.plain)
        tables = self.evaluator.tables
        self._rendering = words_of(tables)
        self._paginating = frozenset(
            name.rpartition(".")[2]
            for row in tables.types.values()
            if row.construct is not None and row.construct.paginates
            for name in row.path
        )
        self._contexts = frozenset(name for row in tables.types.values() for name in row.contexts)

    def collected(self, asked: Collection[FileRole] | None = None) -> tuple[Response, ...]:
        """The answers of files in these roles (None: of all), in order of place."""
        found: dict[tuple[Place, Place], Response] = {}
        for path in sorted(self.evaluator.files):
            if self.evaluator.javascript(path) or (asked is not None and self.functions.role(path) not in asked):
                continue
            for response in (*self._rendered(path), *self._listed(path)):
                found.setdefault((response.place, response.given), response)
        return tuple(sorted(found.values(), key=lambda each: (each.place, each.given)))

    # Templates

    def _rendered(self, path: str) -> Iterator[Response]:
        tree = self.evaluator.tree(path)
        words = frozenset(tree.strings)  # most files have none of those that are looked for
        node = tree.kinds.find(Kind.CALL) if words & (self._rendering | self._paginating) else -1
        while node >= 0:
            if tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node + 1) in self._rendering:
                for site in self._mappings(path, node):
                    yield from self._entries(path, site.node)
            if tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node + 1) in self._paginating:
                yield from self._paginated(path, node)
            node = tree.kinds.find(Kind.CALL, node + 1)
        node = tree.kinds.find(Kind.FUNCTION) if words & self._contexts else -1
        while node >= 0:
            if tree.value(node) in self._contexts and self._makes_context(path, node):
                for returned in self.evaluator.returns(FunctionValue(path, node)):
                    yield from self._entries(path, returned)
            node = tree.kinds.find(Kind.FUNCTION, node + 1)

    def _mappings(self, path: str, node: int) -> Iterator[Site]:
        """What a call gives to a template, in its own file."""
        for option in options(self.evaluator.value(path, node + 1)):
            row = self.evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
            if row is not None and row.renders:
                sites = find(self.evaluator, row.renders.context, Site(path, node, None)).sites
                yield from (site for site in sites if site.path == path)

    def _paginated(self, path: str, node: int) -> Iterator[Response]:
        """The rows of a query that is handed to what reads it page by page."""
        for option in options(self.evaluator.value(path, node + 1)):
            classes = self.evaluator.classes.library_types(option) if isinstance(option, _CLASSES) else []
            for row in (self.evaluator.tables.types[cls.name].construct for cls in classes):
                if row is not None and row.paginates:
                    for site in find(self.evaluator, row.paginates, Site(path, node, None)).sites:
                        yield from (
                            replace(each, kind="paginated", paged="yes") for each in self._given(path, site.node)
                        )
                    return

    def _makes_context(self, path: str, node: int) -> bool:
        """Whether a method makes what its class gives to a template."""
        tree = self.evaluator.tree(path)
        owner = tree.parents[tree.parents[node]] if tree.parents[node] >= 0 else -1
        if owner < 0 or tree.kinds[owner] != Kind.CLASS:
            return False
        types = self.evaluator.classes.library_types(ProjectClass(path, owner))
        return any(tree.value(node) in self.evaluator.tables.types[cls.name].contexts for cls in types)

    def _entries(self, path: str, mapping: int) -> Iterator[Response]:
        """The rows among the values of a mapping: of a literal, and of what is put into the name that holds it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        literals, values = [mapping], []
        if tree.kinds[mapping] == Kind.NAME:
            name, around = tree.value(mapping), scope.function(mapping)
            reached = scope.reaching(mapping, name) or ()
            literals = [tree.child(at, Role.VALUE) for at, _ in reached if tree.kinds[at] == Kind.ASSIGN]
            for use in self.origins.lending.uses(path, around, name) if around >= 0 else ():
                parent = tree.parents[use]
                statement = tree.parents[parent]
                if tree.kinds[parent] == Kind.SUBSCRIPT and tree.roles[parent] == Role.TARGET:
                    values.append(tree.child(statement, Role.VALUE) if not tree.value(statement) else -1)
                elif tree.kinds[parent] == Kind.ATTRIBUTE and tree.value(parent) == "update":
                    literals += tree.with_role(statement, Role.ARGUMENT) if tree.kinds[statement] == Kind.CALL else []
        for literal in literals[:ENTRIES]:
            if literal >= 0 and tree.kinds[literal] == Kind.OBJECT:
                pairs = [child for child in tree.children(literal) if tree.kinds[child] == Kind.PAIR]
                values += [tree.child(pair, Role.VALUE) for pair in pairs]
            elif literal >= 0 and tree.kinds[literal] == Kind.KEYWORD:
                values.append(tree.child(literal, Role.VALUE))
        for value in values[:ENTRIES]:
            if value >= 0:
                yield from self._given(path, value)

    def _given(self, path: str, node: int) -> Iterator[Response]:
        """The rows of a lazy query that nothing ran before."""
        if not all(self._lazy(option) for option in options(self.evaluator.value(path, node))):
            return
        around = self.evaluator.scope(path).function(node)
        function = self.functions.id(path, around) if around >= 0 else ""
        place = self.origins.chains.place(Site(path, node, None))
        span = self.origins.chains.place(Site(path, around, None)) if around >= 0 else place
        for origin in self.origins.rows(path, node):
            # What stands now and then in a query that another function begins, callers may differ in.
            begun = origin.place.path == path and span.start <= origin.place.start < span.stop
            if begun or not (origin.query.where.sometimes() or origin.query.limit.sometimes()):
                yield self._response(place, origin, "rendered", function, "")

    def _lazy(self, value: Value) -> bool:
        if not isinstance(value, Instance) or not value.steps or value.empty():
            return False
        types = self.evaluator.tables.types
        return any(types[cls.name].runs_on for cls in self.evaluator.classes.library_types(value.cls))

    # Classes of views

    def _listed(self, path: str) -> Iterator[Response]:
        for node in sorted(self.evaluator.files[path].interface.classes):
            cls = ProjectClass(path, node)
            types = [self.evaluator.tables.types[base.name] for base in self.evaluator.classes.library_types(cls)]
            word = next((row.pages for row in types if row.pages is not None), None)
            if word is None or not self._declares(cls, word) or self._decides(cls, word):
                continue
            place = self._place(cls, word)
            for origin in self._rows(cls, word):
                yield self._response(place, origin, "listed", "", self._paged(cls, word))

    def _declares(self, cls: ProjectClass, word: Pages) -> bool:
        """Whether a class says itself which rows it lists, so that it is no base of those that do."""
        members = self.evaluator.files[cls.path].interface.classes[cls.node].members
        return any(name in members for name in (word.rows, *word.names))

    def _decides(self, cls: ProjectClass, word: Pages) -> bool:
        """Whether a class decides itself what it lists, or has a base that nobody has read and that may."""
        if self.evaluator.classes.unread(cls):
            return True
        if any(self._of_a_base(cls, name) for name in (word.rows, *self._contexts)):
            return True
        return any(self.evaluator.classes.owner(cls, name) is not None for name in word.decides)

    def _of_a_base(self, cls: ProjectClass, name: str) -> bool:
        """Whether a base of the project writes a method: it may hand out pages in its own way."""
        owner = self.evaluator.classes.owner(cls, name)
        return owner is not None and (owner.path, owner.node) != (cls.path, cls.node)

    def _place(self, cls: ProjectClass, word: Pages) -> Place:
        """Where the class says which rows it lists."""
        members = self.evaluator.files[cls.path].interface.classes[cls.node].members
        nodes = next(members[name] for name in (word.rows, *word.names) if members.get(name))
        tree = self.evaluator.tree(cls.path)
        node = nodes[-1]
        if tree.kinds[node] == Kind.ASSIGN and tree.child(node, Role.VALUE) >= 0:
            node = tree.child(node, Role.VALUE)
        return self.origins.chains.place(Site(cls.path, node, None))

    def _rows(self, cls: ProjectClass, word: Pages) -> Iterator[Origin]:
        receiver = Instance(cls)
        site = Site(cls.path, cls.node, None)
        for option in options(self.evaluator.members.attribute(receiver, word.rows, "")):
            value: Value = option
            if isinstance(option, FunctionValue):
                value, site = self.showing.given(word.rows, receiver), Site(option.path, option.node, None)
            elif isinstance(option, BoundMember):
                row = self.evaluator.rows.row_of(option)
                if row is not None:
                    value = self.evaluator.rows.result(row, receiver, option.name, "", -1, None)
            for chain in options(value):
                origin = self.origins.of_value(chain, site)
                if origin is not None:
                    yield origin

    def _paged(self, cls: ProjectClass, word: Pages) -> str:
        """Whether a class hands out its rows in pages: `yes`, `no`, "" for what cannot be said."""
        if any(self.showing.written(cls, name) is not None for name in word.by):
            return ""
        for name in word.by:
            setting = self.showing.setting(cls, name)
            if setting is not None:
                return "no" if self.plain.constant(setting) in NOTHING else "yes"
        if any(self.evaluator.classes.owner(cls, name) is not None for name in word.by):
            return ""
        return self._by_setting(word) if word.setting else "no"

    def _by_setting(self, word: Pages) -> str:
        """What the program's settings say for all classes that say nothing."""
        name, key = word.setting.split(".")
        found = ""
        for path, node in self.evaluator.words.spelled(name):
            tree = self.evaluator.tree(path)
            assigned = tree.parents[node]
            if tree.kinds[node] != Kind.NAME or tree.kinds[assigned] != Kind.ASSIGN or self.functions.aside(path):
                continue
            value = tree.child(assigned, Role.VALUE)
            if tree.roles[node] != Role.TARGET or value < 0 or tree.kinds[value] != Kind.OBJECT:
                return ""
            children = list(tree.children(value))
            if any(tree.kinds[child] != Kind.PAIR for child in children):
                return ""
            pairs = {tree.value(child): tree.child(child, Role.VALUE) for child in children}
            if key in pairs and self.plain.constant(Site(path, pairs[key], None)) not in NOTHING:
                return "yes"
            found = "no"
        if not found and not any(True for _ in self.evaluator.words.spelled(name)):
            return "no"
        return found

    def _response(self, place: Place, origin: Origin, kind: str, function: str, paged: str) -> Response:
        role = self.functions.role(place.path)
        return Response(place, kind, origin.query, origin.place, paged, function, role, origin.idiom)
