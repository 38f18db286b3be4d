"""Functions that a framework calls: what it gives to their parameters.

A function is such a handler by its decorator, or as a method that subclasses of a library's class define.
What is handed to a library by name is answered where parameters are.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.classes import class_key
from dblint.link.values import (
    BoundMember,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

REQUEST = "request"
"""The word for a parameter whose value is itself what the client sent."""


_AROUND = (Kind.FUNCTION, Kind.CLASS)


class Handlers:
    """Knows what frameworks give. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._calling: dict[str, list[tuple[ProjectClass, str]]] | None = None
        self._seeking = False
        self._exporting: dict[str, tuple[tuple[frozenset[str], tuple[str, ...], str], ...]] = {}
        """Files → the names of their exports that libraries call, what these are given, and which library says it."""
        self._directives = {
            word: (gives, library.name)
            for library in evaluator.tables.libraries.values()
            for word, gives in library.directives.items()
        }

    def given(self, path: str, function: int, position: int) -> tuple[str, str]:
        """The word for what the parameter at `position` is given and the library that says it; ("", "")
        when no framework is known to call the function."""
        if position < 0:
            return "", ""
        decorated = self._decorated(path, function)
        if decorated[0]:
            return _word(decorated[0], position), decorated[1]
        hooked = self._hooked(path, function)
        if hooked[0]:
            return _word(hooked[0], position), hooked[1]
        named = self._named(path, function)
        if named[0]:
            return _word(named[0], position), named[1]
        exported = self.exported(path, function)
        return (_word(exported[0], position), exported[1]) if exported[0] else ("", "")

    def exported(self, path: str, function: int) -> tuple[tuple[str, ...], str]:
        """What a library gives to a function that it calls because the file exports it, or that a directive opens to
        clients; ((), "") where none does."""
        if not self.evaluator.javascript(path):
            return (), ""
        tree = self.evaluator.tree(path)
        directed = self._directed(tree, tree.child(function, Role.BODY))
        if directed[0]:
            return directed
        asked = self._exporting.get(path)
        if asked is None:
            asked = self._exporting[path] = tuple(self._exported_by(path, tree))
        if not asked:
            return (), ""
        above = tree.parents[function]
        name = tree.value(function) or self.evaluator.parameters.assigned_name(path, function)
        whole = above >= 0 and tree.kinds[above] == Kind.EXPORT
        for export in self.evaluator.files[path].interface.exports:
            if not whole and export.local not in (name, "") and export.name != name:
                continue
            for names, gives, library in asked:
                if export.name in names or not names:
                    target = self.evaluator.names.export(path, export.name)
                    for option in options(self.evaluator.target(target)):
                        if isinstance(option, FunctionValue) and (option.path, option.node) == (path, function):
                            return gives, library
        return (), ""

    def _exported_by(self, path: str, tree: Tree) -> Iterator[tuple[frozenset[str], tuple[str, ...], str]]:
        """The names of a file's exports that a library calls (none: all), with what it gives to them."""
        for library in self.evaluator.tables.libraries.values():
            for pattern, named in library.exported.items():
                if fnmatchcase(f"/{path}", pattern):
                    yield from ((frozenset(names.split()), gives, library.name) for names, gives in named.items())
        directed = self._directed(tree, 0)
        if directed[0]:
            yield frozenset(), *directed

    def _directed(self, tree: Tree, block: int) -> tuple[tuple[str, ...], str]:
        """What a directive at the head of a block says."""
        if block < 0 or block + 1 >= tree.ends[block] or tree.kinds[block + 1] != Kind.DIRECTIVE:
            return (), ""
        return self._directives.get(tree.value(block + 1), ((), ""))

    def decorator(self, path: str, parameter: int) -> str:
        """The origin that a decorator of a parameter says (`@Query() name`), or ""."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for decorator in tree.with_role(parameter, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(path, callee)):
                if isinstance(option, LibraryFunction):
                    row = evaluator.tables.functions[option.path][1]
                    return self._converted(path, decorator, row) or row.origin
        return ""

    def _converted(self, path: str, decorator: int, row: Member) -> str:
        """What the conversions that a parameter's decorator is given make of what was sent, or "" where it stays what
        it is. A conversion that nobody described may check it."""
        evaluator = self.evaluator
        made = ""
        if not row.converts or evaluator.tree(path).kinds[decorator] != Kind.CALL:
            return made
        for site in find(evaluator, row.converts, Site(path, decorator, None)).sites:
            for option in options(evaluator.value(site.path, site.node)):
                cls = option.cls if isinstance(option, Instance) else option
                if isinstance(cls, LibraryClass):
                    made = evaluator.tables.types[cls.name].origin or made
                elif isinstance(cls, ProjectClass):
                    made = Origin.UNKNOWN
        return made

    def addressed(self, path: str, function: int, name: str) -> str:
        """The origin of what a part of an address gives to the parameter of that name, or ""."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for decorator in tree.with_role(function, Role.DECORATOR):
            if tree.kinds[decorator] != Kind.CALL:
                continue
            for option in options(evaluator.value(path, decorator + 1)):
                row = evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
                if row is None or not row.address:
                    continue
                for site in find(evaluator, row.address, Site(path, decorator, None)).sites:
                    other = evaluator.tree(site.path)
                    written = other.value(site.node) if other.kinds[site.node] == Kind.STRING else ""
                    for word, converter in _parts(written):
                        if word == name:
                            return dict(pair.split() for pair in row.converters).get(converter, REQUEST)
        return ""

    def _decorated(self, path: str, function: int) -> tuple[tuple[str, ...], str]:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for decorator in tree.with_role(function, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            for option in options(evaluator.value(path, callee)):
                if isinstance(option, (BoundMember, LibraryFunction)):
                    row = evaluator.rows.row_of(option)
                    if row is not None and row.handler:
                        return row.handler, evaluator.rows.library_of(option)
                    if row is not None and row.listener is not None and row.listener.signals:
                        given = self._signalled(row.listener.signals, Site(path, decorator, None))
                        if given:
                            return given, evaluator.rows.library_of(option)
                elif isinstance(option, Instance):
                    for cls in evaluator.classes.library_types(option.cls):
                        row = evaluator.tables.types[cls.name].call
                        if row is not None and row.handler:
                            return row.handler, evaluator.tables.library(cls.name)
        return (), ""

    def _signalled(self, signals: str, call: Site) -> tuple[str, ...]:
        """What the signals that a decorator names give to a function: what one says that is connected to them."""
        evaluator = self.evaluator
        if evaluator.tree(call.path).kinds[call.node] != Kind.CALL:
            return ()
        found = [(site.path, site.node) for site in find(evaluator, signals, call).sites]
        for path, node in list(found):
            tree = evaluator.tree(path)
            if tree.kinds[node] in (Kind.LIST, Kind.TUPLE):
                found += [(path, element) for element in tree.children(node)]
        for path, node in found:
            for option in options(evaluator.value(path, node)):
                for cls in evaluator.classes.library_types(option.cls) if isinstance(option, Instance) else ():
                    for member in evaluator.tables.types[cls.name].members.values():
                        if member.callback is not None and member.callback.gives:
                            return (*member.callback.gives, "")
        return ()

    def _named(self, path: str, function: int) -> tuple[tuple[str, ...], str]:
        """What a method is given that something in the body of its class, of one above or of one below, names
        (`CharFilter(method="search")`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        naming = self._methods()
        body = tree.parents[function]
        owner = tree.parents[body] if body >= 0 else -1
        if not naming or owner < 0 or tree.kinds[owner] != Kind.CLASS:
            return (), ""
        mro = evaluator.classes.mro
        above: set[tuple[str, int]] | None = None  # many classes name a method of one word: asked once for all of them
        for cls, named in naming.get(tree.value(function), ()):
            if not any(class_key(each) == (path, owner) for each in mro(cls)):
                if above is None:
                    above = {class_key(each) for each in mro(ProjectClass(path, owner))}
                related = class_key(cls) in above
            else:
                related = True
            if related:
                row = evaluator.tables.types[named].calls
                return (row.gives if row is not None else ()), evaluator.tables.library(named)
        return (), ""

    def _methods(self) -> dict[str, list[tuple[ProjectClass, str]]]:
        """Methods that something in a class's body names → that class, and the type of what names it."""
        evaluator = self.evaluator
        if self._seeking:
            evaluator.cut()
            return {}
        if self._calling is not None:
            return self._calling
        found: dict[str, list[tuple[ProjectClass, str]]] = {}
        self._seeking = True
        for word, types in sorted(evaluator.tables.naming.items()):
            for path, node in evaluator.words.spelled(word):
                tree = evaluator.tree(path)
                value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.KEYWORD else -1
                call = tree.parents[node]
                if value < 0 or tree.kinds[value] != Kind.STRING or tree.kinds[call] != Kind.CALL:
                    continue
                around = next((each for each in tree.ancestors(call) if tree.kinds[each] in _AROUND), -1)
                if around < 0 or tree.kinds[around] != Kind.CLASS:
                    continue
                for option in options(evaluator.value(path, call + 1)):
                    of = evaluator.classes.lineage(option) if isinstance(option, (LibraryClass, ProjectClass)) else ()
                    named = next((each for each in of if each in types), "")
                    if named:
                        found.setdefault(tree.value(value), []).append((ProjectClass(path, around), named))
        self._calling, self._seeking = found, False
        return found

    def _hooked(self, path: str, function: int) -> tuple[tuple[str, ...], str]:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        name = tree.value(function)
        body = tree.parents[function]
        owner = tree.parents[body] if body >= 0 else -1
        if name not in evaluator.tables.hooks or owner < 0 or tree.kinds[owner] != Kind.CLASS:
            return (), ""
        for cls in evaluator.classes.mro(ProjectClass(path, owner)):
            if isinstance(cls, LibraryClass):
                for ancestor in evaluator.tables.lineages[cls.name]:
                    given = evaluator.tables.types[ancestor].hooks.get(name)
                    if given is not None:
                        return given, evaluator.tables.library(ancestor)
        return (), ""


def _parts(address: str) -> Iterator[tuple[str, str]]:
    """The names of the parts of an address that vary, each with its converter: `/<int(min=1):id>/<name>`."""
    for piece in address.split("<")[1:]:
        part, closed, _ = piece.partition(">")
        converter, _, word = part.rpartition(":")
        if closed:
            yield word, converter.partition("(")[0]


def _word(words: tuple[str, ...], position: int) -> str:
    return words[min(position, len(words) - 1)]
