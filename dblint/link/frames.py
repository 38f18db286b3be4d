"""What surrounds a call inside its function: loops, branches, transactions, error handling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.program import Frame, Nature
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.values import BoundMember, Expression, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

_WRAPPERS = frozenset("enumerate reversed sorted list tuple set zip".split())
_SLEEPS = frozenset("sleep setTimeout delay wait".split())
SHORT = 8
"""A list of literals up to this length is a constant: a query per element is written by hand."""


class Frames:
    """Reads frames. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def of(self, path: str, node: int) -> tuple[tuple[Frame, ...], int]:
        """The frames around `node`, outermost first, and the function they stand in (-1: the module).

        A function literal that is run once per element, or once in place, is part of the function around
        it; any other function literal is a function of its own.
        """
        tree = self.evaluator.tree(path)
        kinds, roles, parents = tree.kinds, tree.roles, tree.parents
        frames: list[Frame] = []
        child, parent = node, parents[node]
        while parent >= 0:
            kind, role = kinds[parent], roles[child]
            if kind == Kind.LOOP and role in (Role.BODY, Role.CONDITION, Role.UPDATE):
                frames.append(self._loop(path, parent, node))
            elif kind == Kind.COMPREHENSION and self._inside(tree, parent, child):
                frames.append(self._comprehension(path, parent, node))
            elif kind == Kind.IF and role in (Role.BODY, Role.ELSE):
                frames.append(Frame("branch", self._place(path, parent)))
            elif kind == Kind.TRY and role == Role.BODY:
                frames.append(Frame("try", self._place(path, parent)))
            elif kind == Kind.CATCH:
                frames.append(Frame("catch", self._place(path, parent)))
            elif kind == Kind.TRY and role == Role.FINALLY:
                frames.append(Frame("finally", self._place(path, parent)))
            elif kind == Kind.WITH and role == Role.BODY:
                frames.append(Frame("with", self._place(path, parent), source=self._with(path, parent)))
            elif kind == Kind.FUNCTION and role != Role.DECORATOR:
                frame = self._closure(path, parent, node)
                if frame is None:
                    break
                frames.append(frame)
            elif kind == Kind.CLASS:
                break
            child, parent = parent, parents[parent]
        frames.reverse()
        return tuple(frames), parent if parent >= 0 and kinds[parent] == Kind.FUNCTION else -1

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    @staticmethod
    def _inside(tree: Tree, comprehension: int, child: int) -> bool:
        """Whether a part of a comprehension runs per element: all but the first clause's iterable."""
        if tree.kinds[child] != Kind.CLAUSE:
            return True
        return child != next(tree.with_role(comprehension, Role.CLAUSE), -1)

    def _with(self, path: str, node: int) -> str:
        tree = self.evaluator.tree(path)
        item = tree.child(node, Role.ITEM)
        value = tree.child(item, Role.VALUE) if item >= 0 else -1
        return _words(tree, value) if value >= 0 else ""

    # Loops

    def _loop(self, path: str, loop: int, call: int) -> Frame:
        tree = self.evaluator.tree(path)
        iterable = tree.child(loop, Role.ITERABLE)
        target = tree.child(loop, Role.TARGET)
        scope = self.evaluator.scope(path)
        names = tuple(scope.targets(target)) if target >= 0 else ()
        word = tree.value(loop)
        if word == "counter":
            initial = tree.child(loop, Role.INIT)
            names = (
                tuple(scope.targets(tree.child(initial, Role.TARGET)))
                if initial >= 0 and tree.child(initial, Role.TARGET) >= 0
                else ()
            )
        nature = self._nature(path, loop, iterable)
        return Frame(
            "loop",
            Place(path, tree.starts[loop], tree.stops[loop]),
            source=self._iterable_words(tree, loop, iterable),
            construct=word,
            variables=names,
            nature=nature,
            dependent=self._dependent(path, call, loop, names),
            leaves=self._leaves(tree, loop, call),
        )

    def _comprehension(self, path: str, node: int, call: int) -> Frame:
        tree = self.evaluator.tree(path)
        clause = next(tree.with_role(node, Role.CLAUSE), -1)
        names: tuple[str, ...] = ()
        for each in tree.with_role(node, Role.CLAUSE):
            target = tree.child(each, Role.TARGET)
            names += tuple(self.evaluator.scope(path).targets(target)) if target >= 0 else ()
        iterable = tree.child(clause, Role.ITERABLE) if clause >= 0 else -1
        gathered = self._gathered(tree, node)
        return Frame(
            "loop",
            self._place(path, node),
            source=self._iterable_words(tree, node, iterable),
            construct="comprehension",
            variables=names,
            nature=self._iterated(path, iterable) if iterable >= 0 else Nature.UNKNOWN,
            dependent=self._dependent(path, call, node, names),
            concurrent=gathered,
        )

    @staticmethod
    def _gathered(tree: Tree, node: int) -> bool:
        parent = tree.parents[node]
        if parent >= 0 and tree.kinds[parent] == Kind.SPREAD:
            parent = tree.parents[parent]
        return (
            parent >= 0
            and tree.kinds[parent] == Kind.CALL
            and tree.value(parent + 1) in ("gather", "all", "allSettled")
        )

    def _closure(self, path: str, function: int, call: int) -> Frame | None:
        """The frame of a function literal whose fate is known; None when it is a function of its own."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[function]
        if parent < 0 or tree.roles[function] != Role.ARGUMENT or tree.kinds[parent] != Kind.CALL:
            return self._called_in_place(path, function, parent)
        callee = parent + 1
        index = str([*tree.with_role(parent, Role.ARGUMENT)].index(function))
        for option in options(self.evaluator.value(path, callee)):
            if isinstance(option, BoundMember | LibraryFunction):
                row = self.evaluator.rows.row_of(option)
                if row is not None and row.callback is not None and row.callback.at_argument(index):
                    if row.callback.fate == "each":
                        return self._each(path, parent, function, call, row.callback.concurrent)
                    if row.callback.fate in ("transaction", "once", "builder"):
                        return Frame(
                            "transaction" if row.callback.fate == "transaction" else "closure",
                            self._place(path, parent),
                        )
                    return None
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            untyped = self.evaluator.tables.untyped["javascript" if self.evaluator.javascript(path) else "python"]
            method = untyped.get(tree.value(callee))
            if method is not None and method.callback is not None and method.callback.at_argument(index):
                if method.callback.fate == "each":
                    return self._each(path, parent, function, call, self._gathered(tree, parent))
                if method.callback.fate in ("once", "conditional"):
                    return Frame("closure", self._place(path, parent))
        return None

    def _called_in_place(self, path: str, function: int, parent: int) -> Frame | None:
        tree = self.evaluator.tree(path)
        if parent >= 0 and tree.kinds[parent] == Kind.CALL and tree.roles[function] == Role.CALLEE:
            return Frame("closure", self._place(path, parent))
        return None

    def _each(self, path: str, node: int, function: int, call: int, concurrent: bool) -> Frame:
        tree = self.evaluator.tree(path)
        scope = self.evaluator.scope(path)
        names: list[str] = []
        for parameter in tree.with_role(function, Role.PARAMETER):
            name = tree.value(parameter)
            target = tree.child(parameter, Role.TARGET)
            names += [name] if name else list(scope.targets(target)) if target >= 0 else []
        receiver = node + 2 if tree.kinds[node + 1] == Kind.ATTRIBUTE else node + 1
        return Frame(
            "loop",
            Place(path, tree.starts[node], tree.stops[node]),
            source=_words(tree, receiver),
            construct=tree.value(node + 1),
            variables=tuple(names),
            nature=self._iterated(path, receiver),
            dependent=self._dependent(path, call, function, tuple(names)),
            concurrent=concurrent,
        )

    def words(self, path: str, node: int) -> str:
        """An expression's chain of words, for people."""
        return _words(self.evaluator.tree(path), node)

    def iterated(self, path: str, node: int) -> Nature:
        """What iterating an expression is."""
        return self._iterated(path, node)

    @staticmethod
    def _iterable_words(tree: Tree, loop: int, iterable: int) -> str:
        """What is iterated, for people: the list behind `enumerate(…)` or behind an index."""
        if iterable < 0:
            condition = tree.child(loop, Role.CONDITION) if tree.kinds[loop] == Kind.LOOP else -1
            bound = tree.child(condition, Role.RIGHT) if condition >= 0 and tree.kinds[condition] == Kind.BINARY else -1
            if bound >= 0 and tree.kinds[bound] == Kind.ATTRIBUTE and tree.value(bound) == "length":
                return _words(tree, bound + 1)
            return ""
        for _ in range(4):
            if tree.kinds[iterable] != Kind.CALL or tree.kinds[iterable + 1] != Kind.NAME:
                break
            argument = tree.child(iterable, Role.ARGUMENT)
            if tree.value(iterable + 1) not in _WRAPPERS or argument < 0:
                break
            iterable = argument
        return _words(tree, iterable)

    # What a loop is for

    def _nature(self, path: str, loop: int, iterable: int) -> Nature:
        tree = self.evaluator.tree(path)
        word = tree.value(loop)
        if iterable >= 0:
            return self._iterated(path, iterable)
        if word == "counter":
            return self._counter(tree, loop)
        if word in ("while", "do"):
            return self._while(tree, loop)
        return Nature.UNKNOWN

    def _iterated(self, path: str, node: int) -> Nature:
        """What iterating an expression is: over literals, over slices of a list, over elements."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT):
            children = list(tree.children(node))
            if any(tree.kinds[child] == Kind.SPREAD for child in children):
                return Nature.EACH
            return Nature.CONSTANT if len(children) <= SHORT * 4 else Nature.EACH
        if kind == Kind.CALL and tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE):
            callee = tree.value(node + 1)
            arguments = list(tree.with_role(node, Role.ARGUMENT))
            if callee == "range":
                if all(tree.kinds[argument] == Kind.NUMBER for argument in arguments):
                    return Nature.RETRY if len(arguments) == 1 else Nature.CONSTANT
                return Nature.CHUNK if len(arguments) == 3 else Nature.EACH
            if callee in ("batched", "chunked", "chunk", "chunks", "batch", "batches", "grouper", "ichunked"):
                return Nature.CHUNK
            if (
                callee
                in (
                    "enumerate",
                    "reversed",
                    "sorted",
                    "list",
                    "tuple",
                    "set",
                    "entries",
                    "keys",
                    "values",
                    "items",
                    "zip",
                )
                and arguments
            ):
                return self._iterated(path, arguments[0])
            if (
                tree.kinds[node + 1] == Kind.ATTRIBUTE
                and not arguments
                and callee in ("entries", "keys", "values", "items")
            ):
                return self._iterated(path, node + 2)
        if kind in (Kind.NAME, Kind.ATTRIBUTE):
            value = self.evaluator.value(path, node)
            if isinstance(value, Expression) and (value.path, value.node) != (path, node):
                other = self.evaluator.tree(value.path)
                if (
                    other.kinds[value.node] in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT)
                    and other.ends[value.node] - value.node > 1
                ):
                    if not self._grows(path, node):
                        return self._iterated(value.path, value.node)
        return Nature.EACH

    def _grows(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return False
        return bool(self.evaluator.scope(path).statements_on(node, tree.value(node)))

    @staticmethod
    def _counter(tree: Tree, loop: int) -> Nature:
        update = tree.child(loop, Role.UPDATE)
        if update >= 0 and tree.kinds[update] == Kind.ASSIGN and tree.value(update) == "+":
            return Nature.CHUNK
        condition = tree.child(loop, Role.CONDITION)
        if condition >= 0 and tree.kinds[condition] == Kind.BINARY:
            right = tree.child(condition, Role.RIGHT)
            if right >= 0 and tree.kinds[right] == Kind.NUMBER:
                return Nature.RETRY
            if right >= 0 and tree.kinds[right] == Kind.ATTRIBUTE and tree.value(right) == "length":
                return Nature.EACH
        return Nature.UNKNOWN

    @staticmethod
    def _while(tree: Tree, loop: int) -> Nature:
        """A `while` runs until something is done: polling when it sleeps, retrying when it catches what
        failed and leaves what succeeded, else paging or walking a chain."""
        nodes = range(loop, tree.ends[loop])
        if any(tree.kinds[node] == Kind.CALL and tree.value(node + 1) in _SLEEPS for node in nodes):
            return Nature.POLL
        for node in nodes:
            if tree.kinds[node] == Kind.TRY:
                inside = range(node, tree.ends[node])
                if any(tree.kinds[inner] in (Kind.RETURN, Kind.BREAK) for inner in inside):
                    return Nature.RETRY
        return Nature.PAGE

    @staticmethod
    def _leaves(tree: Tree, loop: int, call: int) -> bool:
        """Whether the iteration that makes the call surely leaves the loop after it."""
        child, parent = call, tree.parents[call]
        while parent >= 0 and parent != loop:
            if tree.kinds[parent] in (Kind.RETURN, Kind.RAISE):
                return True
            if tree.kinds[parent] == Kind.BLOCK:
                following = tree.ends[child]
                while following < tree.ends[parent]:
                    if tree.kinds[following] in (Kind.RETURN, Kind.BREAK, Kind.RAISE):
                        return True
                    following = tree.ends[following]
            if tree.kinds[parent] == Kind.FUNCTION:
                return False
            child, parent = parent, tree.parents[parent]
        return False

    def _dependent(self, path: str, call: int, loop: int, variables: tuple[str, ...]) -> bool:
        """Whether the call's receiver or arguments depend on what changes per iteration."""
        if not variables:
            return False
        tree = self.evaluator.tree(path)
        wanted = set(variables)
        names = _names(tree, call)
        if names & wanted:
            return True
        scope = self.evaluator.scope(path)
        seen: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name in seen or len(seen) > 60:
                continue
            seen.add(name)
            for binding, _ in scope.reaching(call, name) or ():
                if not tree.contains(loop, binding) or binding == loop:
                    continue
                found = _names(tree, binding)
                if found & wanted:
                    return True
                pending += list(found - seen)
                # What a branch or inner loop decides depends on its condition, too.
                for parent in tree.ancestors(binding):
                    if parent == loop:
                        break
                    if tree.kinds[parent] in (Kind.LOOP, Kind.CLAUSE):
                        iterable = tree.child(parent, Role.ITERABLE)
                        if iterable >= 0 and _names(tree, iterable) & wanted:
                            return True
        return False


def _names(tree: Tree, node: int) -> set[str]:
    kinds = tree.kinds
    found: set[str] = set()
    position = kinds.find(Kind.NAME, node, tree.ends[node])
    while position >= 0:
        found.add(tree.value(position))
        position = kinds.find(Kind.NAME, position + 1, tree.ends[node])
    return found


def _words(tree: Tree, node: int) -> str:
    words: list[str] = []
    for _ in range(8):
        kind = tree.kinds[node]
        if kind == Kind.ATTRIBUTE:
            words.append(tree.value(node))
            node += 1
        elif kind in (Kind.CALL, Kind.NAME):
            words.append("()" if kind == Kind.CALL else tree.value(node))
            if kind == Kind.NAME:
                break
            node += 1
        elif kind in (Kind.AWAIT, Kind.SUBSCRIPT):
            node += 1
        else:
            break
    text = ""
    for word in reversed(words):
        text += word if word == "()" else ("." if text else "") + word
    return text
