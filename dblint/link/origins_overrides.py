"""Methods that override a library's own and hand on all that they are given: `select()` of a base class that measures.

    def select(cls, *args, **kwargs):
        return cls._measured("select", args, kwargs)

    def _measured(cls, name, args, kwargs):
        return getattr(super(Base, cls), name)(*args, **kwargs)

A call of such a method is one of the member that it overrides, with the same arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.values import BoundMember, FunctionValue, Instance, LibraryClass, ProjectClass, Super, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


BETWEEN = 20
"""Methods between a call and the member that it reaches."""
_BRANCHES = frozenset({Kind.IF, Kind.CASE, Kind.CONDITIONAL, Kind.LOOP, Kind.CATCH, Kind.FUNCTION, Kind.COMPREHENSION})


class _Handing(NamedTuple):
    """A function whose one result is a call of a member behind its class: the member's name, a STRING node or that of a
    NAME (-1: `name` says it), and the names of what it hands on, all of it."""

    name: str
    node: int
    positional: str
    keywords: str


class _Behind(NamedTuple):
    """The member that a method stands for: its name ("": none), and the class behind which it is looked up."""

    name: str
    after: ProjectClass


class Overrides:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._of: dict[tuple[str, int], _Behind] = {}

    def behind(self, function: FunctionValue) -> BoundMember | None:
        """The library's member that a method stands for; None of every other."""
        receiver = function.receiver
        if not isinstance(receiver, (Instance, LibraryClass, ProjectClass)):
            return None
        key = (function.path, function.node)
        behind = self._of.get(key)
        if behind is None:
            behind = self._of[key] = self._read(*key)
        if not behind.name:
            return None
        found = options(self.evaluator.members.attribute(Super(receiver, behind.after), behind.name, function.path))
        return found[0] if len(found) == 1 and isinstance(found[0], BoundMember) else None

    def beyond(self, function: FunctionValue, path: str, call: int) -> BoundMember | None:
        """The library's member that a call of the project's method reaches, which calls the one behind it, and that one
        the next: `super().save()` with a mixin between, and `order.save()` where each of them surely calls on. None of
        every other call, and of members that run nothing."""
        evaluator, receiver = self.evaluator, function.receiver
        tree = evaluator.tree(path)
        if tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return None
        name, sure = tree.value(call + 1), not self._super(path, call + 2)
        if not isinstance(receiver, (Instance, LibraryClass, ProjectClass)) or evaluator.javascript(path):
            return None
        for _ in range(BETWEEN):
            cls = self._class(function.path, function.node)
            above = evaluator.constructors.calling(function) if cls >= 0 else -1
            if above < 0 or (sure and not self._surely(function, above)):
                return None
            behind = Super(receiver, ProjectClass(function.path, cls))
            found = options(evaluator.members.attribute(behind, name, function.path))
            if len(found) != 1:
                return None
            if isinstance(found[0], BoundMember):
                row = evaluator.rows.row_of(found[0])
                return found[0] if row is not None and row.run else None
            if not isinstance(found[0], FunctionValue):
                return None
            function = found[0]
        return None

    def _surely(self, function: FunctionValue, call: int) -> bool:
        """Whether no branch decides whether a function gets to a call in it."""
        tree = self.evaluator.tree(function.path)
        for parent in tree.ancestors(call):
            if parent == function.node:
                return True
            if tree.kinds[parent] in _BRANCHES:
                return False
        return False

    def _read(self, path: str, function: int) -> _Behind:
        nothing = _Behind("", ProjectClass(path, function))
        tree = self.evaluator.tree(path)
        parameters = list(tree.with_role(function, Role.PARAMETER))
        rest = [tree.value(each) for each in parameters if tree.has(each, Flag.REST)]
        pairs = [tree.value(each) for each in parameters if tree.has(each, Flag.PAIRS)]
        cls = self._class(path, function)
        if len(rest) != 1 or len(parameters) != 2 + len(pairs) or cls < 0 or self.evaluator.javascript(path):
            return nothing
        call = self._result(path, function)
        handing = self._handing(path, function, call)
        if handing is not None:
            given = (handing.positional, handing.keywords) == (rest[0], "".join(pairs))
            name = handing.name or self._text(path, handing.node)
            return _Behind(name, ProjectClass(path, cls)) if given and name else nothing
        if call < 0 or tree.kinds[call + 1] != Kind.ATTRIBUTE or tree.value(call + 2) != tree.value(parameters[0]):
            return nothing
        return self._through(path, function, call, (rest[0], "".join(pairs))) or nothing

    def _through(self, path: str, function: int, call: int, taken: tuple[str, str]) -> _Behind | None:
        """The member that another method of the same object calls, which is given its name and everything else."""
        evaluator, tree = self.evaluator, self.evaluator.tree(path)
        found = options(evaluator.value(path, call + 1))
        other = found[0] if len(found) == 1 else None
        if not isinstance(other, FunctionValue) or not all(self._once(path, function, name) for name in taken if name):
            return None
        target, cls = evaluator.tree(other.path), self._class(other.path, other.node)
        handing = self._handing(other.path, other.node, self._result(other.path, other.node))
        if handing is None or cls < 0:
            return None
        given = {target.value(of): node for of, node in evaluator.parameters.matched(other, path, call)}
        named = [given.get(each, -1) for each in (handing.positional, handing.keywords) if each]
        if [tree.value(node) if node >= 0 else "" for node in named] != [name for name in taken if name]:
            return None
        name = handing.name or self._text(other.path, handing.node)
        if not name and target.kinds[handing.node] == Kind.NAME and target.value(handing.node) in given:
            name = self._text(path, given[target.value(handing.node)])
        return _Behind(name, ProjectClass(other.path, cls)) if name else None

    def _result(self, path: str, function: int) -> int:
        """The call whose result a function gives, the only one; -1 where it gives others."""
        tree = self.evaluator.tree(path)
        returned = list(self.evaluator.returns(FunctionValue(path, function)))
        if len(returned) != 1:
            return -1
        node = returned[0]
        if tree.kinds[node] == Kind.NAME:
            reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
            assigned = [binding for binding, _ in reached if tree.kinds[binding] == Kind.ASSIGN]
            if len(reached) != 1 or not assigned or tree.value(assigned[0]):
                return -1
            node = tree.child(assigned[0], Role.VALUE)
        return node if node >= 0 and tree.kinds[node] == Kind.CALL else -1

    def _handing(self, path: str, function: int, call: int) -> _Handing | None:
        """Whether a call is one of a member behind the class, with nothing but what it hands on."""
        tree = self.evaluator.tree(path)
        handed = ["", ""]
        for argument in tree.with_role(call, Role.ARGUMENT) if call >= 0 else ():
            at = 1 if tree.has(argument, Flag.PAIRS) else 0
            if tree.kinds[argument] != Kind.SPREAD or tree.kinds[argument + 1] != Kind.NAME or handed[at]:
                return None
            handed[at] = tree.value(argument + 1)
        if not handed[0] or not all(self._once(path, function, name) for name in handed if name):
            return None
        callee = call + 1
        if tree.kinds[callee] == Kind.ATTRIBUTE and self._super(path, callee + 1):
            return _Handing(tree.value(callee), -1, *handed)
        asked = list(tree.with_role(callee, Role.ARGUMENT)) if tree.kinds[callee] == Kind.CALL else []
        if len(asked) == 2 and tree.value(callee + 1) == hosts.READS_BY_NAME and self._super(path, asked[0]):
            return _Handing("", asked[1], *handed)
        return None

    def _super(self, path: str, node: int) -> bool:
        tree = self.evaluator.tree(path)
        return tree.kinds[node] == Kind.CALL and tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) == "super"

    def _once(self, path: str, function: int, name: str) -> bool:
        """Whether a function does nothing with a parameter but to hand it on."""
        tree = self.evaluator.tree(path)
        uses = [node for node in tree.spelled(name) if tree.kinds[node] == Kind.NAME and tree.contains(function, node)]
        return len(uses) == 1

    def _text(self, path: str, node: int) -> str:
        tree = self.evaluator.tree(path)
        return tree.value(node) if node >= 0 and tree.kinds[node] == Kind.STRING else ""

    def _class(self, path: str, function: int) -> int:
        """The class in whose body a function stands; -1 where it stands in none."""
        tree = self.evaluator.tree(path)
        body = tree.parents[function]
        owner = tree.parents[body] if body >= 0 else -1
        return owner if owner >= 0 and tree.kinds[owner] == Kind.CLASS else -1
