"""Shapes: the class or type that the rows of a statement are read as, and its fields.

It is said by what stands at the call: a type argument, a type that is asserted or declared for what it gives, a class
that is handed to it, or to what made its cursor. Types that any row has (`dict`, `any`) are no shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Shape
from dblint.facts.query import Query, Star
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.shapes import named
from dblint.link import hosts
from dblint.link.arguments import Site, find
from dblint.link.classes import OF_THE_HOST
from dblint.link.targets import Definition
from dblint.link.values import ExternalValue, LibraryClass, LibraryFunction, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

DEPTH = 30
"""Types inside of types, and bases of bases, that are followed."""
_THROUGH = hosts.LISTS | (hosts.TRANSPARENT - hosts.PARTIAL)
_NAMES = (Kind.NAME, Kind.ATTRIBUTE)


def starred(queries: Iterable[Query]) -> bool:
    """Whether one of these asks for every column of something."""
    return any(
        isinstance(expression, Star)
        for query in queries
        for part in (query, *query.parts)
        for expression in part.projection.values()
    )


class Shapes:
    """Answers what rows are read as. One per collector of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._known: dict[tuple[str, int], Shape | None] = {}
        """Call → what its rows are read as."""
        self._types: dict[tuple[str, int], Shape | None] = {}
        """Written type → its shape."""

    def of(self, path: str, node: int) -> Shape | None:
        """The shape of the rows that the call at `node` gives; None where nothing there says it."""
        key = (path, node)
        if key not in self._known:
            self._known[key] = next(self._said(path, node), None)
        return self._known[key]

    def _said(self, path: str, node: int) -> Iterator[Shape]:
        tree = self.evaluator.tree(path)
        if tree.kinds[node] not in (Kind.CALL, Kind.TAGGED):
            return
        first = tree.child(node, Role.TYPE_ARGUMENT)
        types = [first, *(self._declared(path, node) if self.evaluator.javascript(path) else ())]
        yield from filter(None, (self._written(path, written) for written in types if written >= 0))
        handed = [shape for shape in self._handed(path, node) if shape is not None]
        if len(handed) == 1:
            yield handed[0]
        yield from self._factory(path, node)

    # Where it is written

    def _declared(self, path: str, node: int) -> Iterator[int]:
        """The types that the program asserts or declares for what a call gives, or for its rows; -1 for none."""
        tree = self.evaluator.tree(path)
        child = node
        for parent in tree.ancestors(node):
            kind, role = tree.kinds[parent], tree.roles[child]
            if kind == Kind.CAST:
                yield tree.child(parent, Role.ANNOTATION)
            elif kind == Kind.ASSIGN:
                yield tree.child(parent, Role.ANNOTATION)
                return
            elif kind == Kind.RETURN or (kind == Kind.FUNCTION and role == Role.BODY):
                function = parent if kind == Kind.FUNCTION else self.evaluator.scope(path).function(parent)
                yield tree.child(function, Role.RETURNS) if function >= 0 else -1
                return
            elif kind != Kind.AWAIT and not self._still_rows(path, parent):
                return
            child = parent

    def _still_rows(self, path: str, node: int) -> bool:
        """Whether what is read there of a result is its rows (`result.rows`) or one of them (`[0]`)."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.SUBSCRIPT:
            return any(tree.kinds[index] == Kind.NUMBER for index in tree.with_role(node, Role.INDEX))
        read = tree.kinds[node + 1] in (Kind.CALL, Kind.TAGGED, Kind.AWAIT)
        return tree.kinds[node] == Kind.ATTRIBUTE and read and tree.roles[node] != Role.CALLEE

    def _handed(self, path: str, node: int) -> Iterator[Shape | None]:
        """The classes that a call is given."""
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(node, Role.ARGUMENT):
            given = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.KEYWORD else argument
            if given >= 0 and tree.kinds[given] in (*_NAMES, Kind.SUBSCRIPT):
                yield self._written(path, given)

    def _factory(self, path: str, node: int) -> Iterator[Shape]:
        """The class that a cursor was told to read rows as where it was made."""
        tree = self.evaluator.tree(path)
        made = tree.child(node + 1, Role.OBJECT) if tree.kinds[node + 1] == Kind.ATTRIBUTE else -1
        if made >= 0 and tree.kinds[made] == Kind.NAME:
            reached = self.evaluator.scope(path).reaching(made, tree.value(made))
            made = -1
            if reached is not None and len(reached) == 1 and tree.kinds[reached[0][0]] in (Kind.ASSIGN, Kind.ITEM):
                made = tree.child(reached[0][0], Role.VALUE)
        if made >= 0 and tree.kinds[made] == Kind.AWAIT:
            made = tree.child(made, Role.VALUE)
        if made < 0 or tree.kinds[made] != Kind.CALL:
            return
        for argument in tree.with_role(made, Role.ARGUMENT):
            given = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.KEYWORD else -1
            if given >= 0 and tree.kinds[given] == Kind.CALL:
                yield from filter(None, self._reader(path, given))

    def _reader(self, path: str, call: int) -> Iterator[Shape | None]:
        for option in options(self.evaluator.value(path, call + 1)):
            row = self.evaluator.rows.row_of(option) if isinstance(option, LibraryFunction) else None
            if row is not None and row.rows_as:
                for site in find(self.evaluator, row.rows_as, Site(path, call, None)).sites:
                    yield self._written(site.path, site.node)

    # What is written

    def _written(self, path: str, node: int, depth: int = DEPTH) -> Shape | None:
        """The shape that a written type or class is, or of which it is a list; None inside of itself."""
        key = (path, node)
        if key not in self._types and depth > 0:
            self._types[key] = None
            self._types[key] = self._type(path, node, depth)
        return self._types.get(key)

    def _type(self, path: str, node: int, depth: int) -> Shape | None:
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.CLASS:
            return self._class(ProjectClass(path, node), "", depth)
        if kind == Kind.BINARY:
            parts = [child for child in tree.children(node) if tree.kinds[child] != Kind.CONSTANT]
            shapes = [self._written(path, part, depth - 1) for part in parts]
            return _both(shapes) if tree.value(node) == "&" or len(parts) == 1 else None
        if kind == Kind.SUBSCRIPT:
            return self._generic(path, node, depth)
        if kind not in _NAMES:
            return None
        alias = self._alias(path, node)
        if alias is not None:
            shape = self._written(*alias, depth - 1)
            return Shape(tree.value(node), shape.fields, shape.open) if shape is not None else None
        held = self.evaluator.value(path, node)
        return self._class(held, tree.value(node), depth) if isinstance(held, ProjectClass) else None

    def _alias(self, path: str, node: int) -> tuple[str, int] | None:
        """The type that a name stands for, where the program declares it so."""
        scope, name = self.evaluator.scope(path), self.evaluator.tree(path).value(node)
        if scope.tree.kinds[node] != Kind.NAME or not self.evaluator.javascript(path):
            return None
        reached = scope.reaching(node, name)
        nodes = [binding for binding, _ in reached or ()]
        if not nodes:
            target = self.evaluator.names.binding(path, name)
            if isinstance(target, Definition):
                path, nodes = target.path, [*target.nodes]
        tree = self.evaluator.tree(path)
        aliased = tree.child(nodes[0], Role.VALUE) if len(nodes) == 1 and tree.kinds[nodes[0]] == Kind.ALIAS else -1
        return (path, aliased) if aliased >= 0 else None

    def _generic(self, path: str, node: int, depth: int) -> Shape | None:
        tree = self.evaluator.tree(path)
        base = tree.child(node, Role.OBJECT)
        arguments = list(tree.with_role(node, Role.INDEX))
        if base < 0 or not arguments or tree.kinds[base] not in _NAMES:
            return None
        word = tree.value(base)
        if word in _THROUGH:
            return self._written(path, arguments[0], depth - 1)
        if word in hosts.PARTIAL and len(arguments) == 2:
            whole, words = self._written(path, arguments[0], depth - 1), self._words(path, arguments[1])
            if whole is None or not words:
                return None
            picks = word == "Pick"
            fields = tuple(field for field in whole.fields if (field in words) == picks)
            return Shape("", fields, whole.open and not picks)
        if tree.kinds[arguments[0]] == Kind.STRING:
            return None  # `Row['author']`: what a field holds
        held = self.evaluator.value(path, base)
        return self._class(held, word, depth) if isinstance(held, ProjectClass) else None

    def _words(self, path: str, node: int) -> frozenset[str]:
        """The words that a type lists; none where it is no list of words."""
        tree = self.evaluator.tree(path)
        parts = list(tree.children(node)) if tree.kinds[node] == Kind.BINARY else [node]
        words = [tree.value(part) for part in parts if tree.kinds[part] == Kind.STRING]
        return frozenset(words if len(words) == len(parts) else ())

    def _class(self, cls: ProjectClass, name: str, depth: int) -> Shape | None:
        """The fields of a class and of its bases; None where it is none that rows are read as."""
        tree = self.evaluator.tree(cls.path)
        shapes: list[Shape | None] = [self._own(cls)]
        for base in tree.with_role(cls.node, Role.BASE):
            if tree.kinds[base] == Kind.KEYWORD:
                continue
            generic = tree.child(base, Role.OBJECT) if tree.kinds[base] == Kind.SUBSCRIPT else base
            held = self.evaluator.value(cls.path, generic) if generic >= 0 else None
            known = isinstance(held, (ProjectClass, LibraryClass))
            said = held.path if isinstance(held, ExternalValue) else tree.value(base) if not known else ""
            if said in named("bare") or (isinstance(held, LibraryClass) and self._bare(held)):
                continue
            if said.partition(".")[0] in OF_THE_HOST and not self.evaluator.javascript(cls.path):
                return None  # an exception, an enumeration
            shape = self._written(cls.path, base, depth - 1) if not isinstance(held, LibraryClass) else None
            shapes.append(shape if shape is not None else Shape("", (), open=True))
        fields = tuple(dict.fromkeys(field for shape in shapes if shape is not None for field in shape.fields))
        hidden = any(shape.open for shape in shapes if shape is not None)
        return Shape(name or tree.value(cls.node), fields, hidden) if fields else None

    def _bare(self, cls: LibraryClass) -> bool:
        """Whether a base that a table describes brings no fields."""
        row = self.evaluator.tables.types[cls.name]
        return not row.declares and any(path in named("bare") for path in row.path)

    def _own(self, cls: ProjectClass) -> Shape:
        """The fields that the body of a class declares, else those that its constructor takes."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        members = interface.members if interface is not None else {}
        fields: list[str] = []
        for name, nodes in members.items():
            for node in nodes:
                if tree.kinds[node] == Kind.ASSIGN and tree.parents[node] == body:
                    fields += self._field(cls.path, node, name)
                elif tree.kinds[node] == Kind.PARAMETER:
                    fields.append(name)
        hidden = body >= 0 and any(tree.kinds[child] == Kind.OPAQUE for child in tree.children(body))
        constructors = members.get("__init__", ()) if not fields else ()
        for constructor in constructors[-1:]:
            _, *taken = tree.with_role(constructor, Role.PARAMETER)
            fields += [tree.value(parameter) for parameter in taken]
            hidden = hidden or any(tree.has(parameter, Flag.REST | Flag.PAIRS) for parameter in taken)
        return Shape("", tuple(fields), hidden)

    def _field(self, path: str, node: int, name: str) -> Iterator[str]:
        """The names of a field: its own, and the one that its declaration gives it outside of the program."""
        tree = self.evaluator.tree(path)
        annotation, value = tree.child(node, Role.ANNOTATION), tree.child(node, Role.VALUE)
        declares = value >= 0 and tree.kinds[value] == Kind.CALL
        if tree.has(node, Flag.STATIC) or (annotation < 0 and not declares):
            return
        if annotation >= 0 and tree.kinds[annotation] == Kind.SUBSCRIPT and tree.value(annotation + 1) == "ClassVar":
            return
        yield name
        for argument in tree.with_role(value, Role.ARGUMENT) if declares else ():
            if tree.kinds[argument] == Kind.KEYWORD and tree.value(argument) in named("aliases"):
                said = tree.child(argument, Role.VALUE)
                if said >= 0 and tree.kinds[said] == Kind.STRING:
                    yield tree.value(said)


def _both(shapes: Sequence[Shape | None]) -> Shape | None:
    """What has the fields of all of these."""
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return None
    fields = tuple(dict.fromkeys(field for shape in known for field in shape.fields))
    name = known[0].name if len(shapes) == 1 else ""
    return Shape(name, fields, len(known) < len(shapes) or any(shape.open for shape in known))
