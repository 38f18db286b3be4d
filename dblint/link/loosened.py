"""Values that a client sends into the filter of a document store, where an object is read as operators.

A body that was parsed holds whatever the client wrote: where a text is expected, `{"$ne": null}` may come. Nothing is
said of a value that the program has looked at: by `typeof`, by a method of it, or by handing it, or what holds it, to a
function before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.program import Loose
from dblint.facts.text import Hole, Origin, Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator

DEPTH = 4
"""Names through which a value is followed to what was sent."""
_READER = "mql"
_TOGETHER = frozenset({"$and", "$or", "$nor"})
"""Operators whose operands are filters."""
_CODE = "$where"
_COMPUTED = (Kind.TEMPLATE, Kind.BINARY)


class Loosened:
    """Finds such values. One per collector of calls."""

    def __init__(self, evaluator: Evaluator, texts: Texts) -> None:
        self.evaluator = evaluator
        self.texts = texts
        self._guarded: dict[str, bool] = {}

    def of(self, path: str, node: int, row: Member, receiver: Instance | None, library: str) -> tuple[Loose, ...]:
        """Those in the filters of a call, and of the chain that it ends; none where the project has the library
        refuse operators."""
        slots = [(row.where, Site(path, node, None))] if row.where is not None else []
        slots += [
            (step.member.where, Site(path, step.node, None))
            for step in (receiver.steps if receiver is not None else ())
            if step.member.where is not None and step.node >= 0 and step.path == path
        ]
        found: dict[Place, Loose] = {}
        for slot, call in slots:
            if slot.reader == _READER and not self._refuses(library):
                for site in find(self.evaluator, slot.at, call).sites:
                    found.update((each.place, each) for each in self._inside(site, call.node))
        return tuple(found.values())

    def _refuses(self, library: str) -> bool:
        found = self._guarded.get(library)
        if found is None:
            words = self.evaluator.tables.libraries[library].sanitizes
            found = any(True for word in words for _ in self.evaluator.words.spelled(word))
            self._guarded[library] = found
        return found

    def _inside(self, filter_: Site, call: int) -> Iterator[Loose]:
        tree = self.evaluator.tree(filter_.path)
        pending = [filter_.node]
        while pending:
            node = pending.pop()
            if tree.kinds[node] == Kind.LIST:
                pending += tree.children(node)
            elif tree.kinds[node] != Kind.OBJECT:
                if self._sent(filter_.path, node, call):
                    yield Loose(self._place(filter_.path, node), "filter")
            else:
                for pair in tree.children(node):
                    value = tree.child(pair, Role.VALUE) if tree.kinds[pair] == Kind.PAIR else -1
                    if value < 0:
                        continue
                    key = tree.value(pair)
                    if key in _TOGETHER:
                        pending.append(value)
                    elif key == _CODE:
                        if tree.kinds[value] in _COMPUTED and self._foreign(filter_.path, value):
                            yield Loose(self._place(filter_.path, value), "code")
                    elif not key.startswith("$") and self._sent(filter_.path, value, call):
                        yield Loose(self._place(filter_.path, value), "value")

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    def _foreign(self, path: str, node: int) -> bool:
        """Whether a text holds what a client or a caller decides."""
        return any(
            isinstance(piece, Hole) and (piece.origin is Origin.REQUEST or piece.handed)
            for text in self.texts.of(Site(path, node, None))
            for piece in text.pieces
        )

    def _sent(self, path: str, node: int, call: int) -> bool:
        """Whether a value surely is as a client sent it, of whatever type, and nobody has looked at it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        words: list[str] = []
        for _ in range(DEPTH):
            while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.AWAIT, Kind.CAST, Kind.CALL, Kind.SUBSCRIPT):
                row = self._row(path, node)
                if row is not None:
                    return row.parsed and not self._looked_at(path, call, frozenset([*words, tree.value(node)]))
                if tree.kinds[node] == Kind.CALL:
                    return False
                words.append(tree.value(node))
                node += 1
            if tree.kinds[node] != Kind.NAME:
                return False
            words.append(tree.value(node))
            bindings = scope.reaching(node, tree.value(node)) or []
            binding = bindings[0][0] if len(bindings) == 1 else -1
            if binding < 0 or tree.kinds[binding] != Kind.ASSIGN or tree.value(binding):
                return False
            node = tree.child(binding, Role.VALUE)
            if node < 0:
                return False
        return False

    def _row(self, path: str, node: int) -> Member | None:
        """The row of the member of a library's type that is read or called there."""
        tree, classes = self.evaluator.tree(path), self.evaluator.classes
        read = node + 1 if tree.kinds[node] == Kind.CALL else node
        if tree.kinds[read] != Kind.ATTRIBUTE:
            return None
        for option in options(self.evaluator.value(path, read + 1)):
            for cls in classes.library_types(option.cls) if isinstance(option, Instance) else ():
                found = self.evaluator.tables.member(cls.name, tree.value(read))
                if found is not None:
                    return found[1]
        return None

    def _looked_at(self, path: str, call: int, words: frozenset[str]) -> bool:
        """Whether something before a call asks of what type one of these is, or takes it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        function = scope.function(call)
        outer = scope.function(function) if function >= 0 else -1
        if function >= 0 and _checked_before(tree, function):
            return True
        start = max(outer if outer >= 0 else function, 0)
        for node in range(start, call):
            if tree.kinds[node] not in (Kind.NAME, Kind.ATTRIBUTE) or tree.value(node) not in words:
                continue
            parent, role = tree.parents[node], tree.roles[node]
            kind = tree.kinds[parent]
            if kind == Kind.UNARY and tree.value(parent) == "typeof":
                return True
            if kind == Kind.CALL and role == Role.ARGUMENT:
                return True
            if kind == Kind.ATTRIBUTE and role == Role.OBJECT and tree.roles[parent] == Role.CALLEE:
                return True
            if kind == Kind.BINARY and tree.value(parent) == "instanceof":
                return True
        return False


def _checked_before(tree: Tree, function: int) -> bool:
    """Whether a handler is registered behind something that was made for it, which may check what comes
    (`post('/', validated(schema), handler)`)."""
    parent = tree.parents[function]
    if tree.kinds[parent] != Kind.CALL or tree.roles[function] != Role.ARGUMENT:
        return False
    before = [node for node in tree.with_role(parent, Role.ARGUMENT) if node < function]
    return any(tree.kinds[node] in (Kind.CALL, Kind.LIST, Kind.SPREAD) for node in before)
