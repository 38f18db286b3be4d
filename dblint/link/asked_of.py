"""What a receiver is of which nothing is said, by what is asked of it.

`def get(db_session, key)` that nobody calls, or whose callers cannot be seen, says nothing of its parameter. But who
asks it for `query(User)`, where `User` is a model, asks something that only a session has: the argument says so,
never the name. Rows of tables name such members (`asked_by`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.blocking import awaited
from dblint.link.loops.stores import chain
from dblint.link.values import UNKNOWN, Instance, ProjectClass, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class AskedOf:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._calls: dict[str, dict[tuple[int, str], list[int]]] = {}
        """File → the code and the words of a receiver → the calls that may say what it is."""
        self._known: dict[tuple[str, int, str], Value] = {}
        self._open: dict[tuple[str, int, str], int] = {}

    def of(self, path: str, node: int) -> Value:
        """What the name or attribute at `node` holds; `UNKNOWN` where nothing that is asked of it tells."""
        calls = self._calls.get(path)
        if calls is None:
            calls = self._calls[path] = self._read(path)
        if not calls:
            return UNKNOWN
        tree = self.evaluator.tree(path)
        words = chain(tree, node)
        if not words:
            return UNKNOWN
        scope = _scope(tree, node, words)
        asked = calls.get((scope, words))
        if asked is None:
            return UNKNOWN
        question = (path, scope, words)
        if question in self._known:
            return self._known[question]
        evaluator = self.evaluator
        if question in self._open:
            evaluator.cut(self._open[question])
            return UNKNOWN
        self._open[question] = opened = evaluator.depth()
        outer = evaluator.begin()
        try:
            found = next(self._told(path, asked), UNKNOWN)
        finally:
            cut = evaluator.closed(outer, opened)
            del self._open[question]
        if not cut:
            self._known[question] = found
        return found

    def _read(self, path: str) -> dict[tuple[int, str], list[int]]:
        """The calls of a file that may say what their receiver is, by their words alone."""
        evaluator = self.evaluator
        found: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        tree = evaluator.tree(path)
        for member in evaluator.tables.asked_by["javascript" if evaluator.javascript(path) else "python"]:
            for node in tree.spelled(member):
                if tree.kinds[node] != Kind.ATTRIBUTE or tree.roles[node] != Role.CALLEE:
                    continue
                words = chain(tree, node + 1)
                if words and tree.kinds[node - 1] == Kind.CALL:
                    found[_scope(tree, node, words), words].append(node - 1)
        return dict(found)

    def _told(self, path: str, calls: list[int]) -> Iterator[Value]:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for call in calls:
            member = tree.value(call + 1)
            first = next(iter(tree.with_role(call, Role.ARGUMENT)), -1)
            if first < 0 or tree.kinds[first] == Kind.SPREAD:
                continue
            if tree.kinds[first] == Kind.KEYWORD:
                first = tree.child(first, Role.VALUE)
            libraries = set(self._libraries(evaluator.value(path, first)))
            for name in evaluator.tables.asked_by["javascript" if evaluator.javascript(path) else "python"][member]:
                library, _, word = name.partition(":")
                row = evaluator.tables.types[name]
                if library in libraries and awaited(tree, call) == (member in row.awaited or "*" in row.awaited):
                    made = evaluator.rows.made(word, library)
                    if isinstance(made, Instance):
                        yield Instance(made.cls, how=(f"asked for {member}() of what {library} describes",))

    def _libraries(self, value: Value) -> Iterator[str]:
        """The libraries whose model, or whose statement, a value is."""
        evaluator = self.evaluator
        for option in options(value):
            if isinstance(option, ProjectClass):
                for name in evaluator.classes.lineage(option):
                    if evaluator.tables.types[name].declares:
                        yield name.partition(":")[0]
            elif isinstance(option, Instance):
                for name in evaluator.classes.lineage(option.cls):
                    yield name.partition(":")[0]


def _scope(tree: Tree, node: int, words: str) -> int:
    """The code in which the same words are the same receiver: the outermost function around it, below a class; the
    class, where they begin with what its methods are called on."""
    scope = -1
    for around in tree.ancestors(node):
        if tree.kinds[around] == Kind.FUNCTION:
            scope = around
        elif tree.kinds[around] == Kind.CLASS:
            if scope >= 0 and tree.has(scope, Flag.METHOD):
                first = tree.child(scope, Role.PARAMETER)
                root, _, rest = words.partition(".")
                if rest and first >= 0 and tree.value(first) == root:
                    return around
            return scope
    return scope
