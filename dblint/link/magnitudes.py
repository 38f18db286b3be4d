"""Whether a client decides how large a number is, and whether anything on the way limits it.

Where texts come from is another question (`link/texts/origins`): a number is harmless in a text whoever sent it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site
from dblint.link.texts.handlers import REQUEST
from dblint.link.values import BoundMember, Instance, LibraryFunction, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

CALLERS = 6
"""Functions through whose parameters a number is followed back."""
STEPS = 60
"""Expressions that one number is followed back through."""
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in", "not-in"})
"""Operators by which a program may refuse a number, or choose another one."""
CARRYING = frozenset({"+", "-", "*", "or", "??"})
"""Operators whose result grows with an operand."""
_PLAIN = frozenset({Kind.AWAIT, Kind.CAST, Kind.UNARY, Kind.KEYWORD, Kind.SPREAD})


class Magnitudes:
    """Answers it. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self._asked: dict[tuple[str, int, bool], bool] = {}
        self._active: list[tuple[str, int, bool]] = []

    def asked(self, site: Site, *, freely: bool) -> bool:
        """Whether a client's request surely decides the number; `freely`: nothing that is seen limits it, nor may
        anything that cannot be read."""
        key = (site.path, site.node, freely)
        found = self._asked.get(key)
        if found is not None:
            return found
        if key in self._active or len(self._active) >= CALLERS:
            return False
        self._active.append(key)
        try:
            found = self._followed(site, freely)
        finally:
            self._active.pop()
        if not self._active:
            self._asked[key] = found
        return found

    def _followed(self, site: Site, freely: bool) -> bool:
        pending, seen = [site], {(site.path, site.node)}
        sent = False
        for _ in range(STEPS):
            if not pending:
                return sent
            current = pending.pop()
            if self._sent(current, freely):
                sent = True
                continue
            following = self._behind(current, freely)
            if following is None:
                if freely:
                    return False
                continue
            for each in following:
                if (each.path, each.node) not in seen:
                    seen.add((each.path, each.node))
                    pending.append(each)
        return sent and not freely

    # One step back

    def _behind(self, site: Site, freely: bool) -> list[Site] | None:
        """What an expression's number is made of; None where something limits it, or that cannot be said."""
        tree = self.evaluator.tree(site.path)
        kind, node = tree.kinds[site.node], site.node
        if kind in (Kind.NUMBER, Kind.CONSTANT, Kind.STRING):
            return []
        if kind in _PLAIN:
            value = tree.child(node, Role.VALUE)
            return [self._at(site, value)] if value >= 0 else None
        if kind == Kind.BINARY:
            sides = [child for child in tree.children(node) if tree.roles[child] in (Role.LEFT, Role.RIGHT)]
            return [self._at(site, side) for side in sides] if tree.value(node) in CARRYING or not freely else None
        if kind == Kind.CONDITIONAL:
            if freely and self._compares(site.path, tree.child(node, Role.CONDITION)):
                return None
            return [self._at(site, tree.child(node, role)) for role in (Role.BODY, Role.ELSE)]
        if kind == Kind.CALL:
            return self._called(site, freely)
        if kind == Kind.NAME:
            return self._named(site, freely)
        return None

    def _at(self, site: Site, node: int) -> Site:
        return Site(site.path, node, site.context)

    def _called(self, site: Site, freely: bool) -> list[Site] | None:
        """`int(x)` and `max(x, y)` are as large as what they are given, `min(x, y)` is not."""
        tree = self.evaluator.tree(site.path)
        row = self.origins.row(site)
        carries = isinstance(row, Member) and row.magnitude == "same"
        least = isinstance(row, Member) and row.magnitude == "least"
        if carries or (least and not freely):
            arguments = [each for each in tree.with_role(site.node, Role.ARGUMENT) if tree.kinds[each] != Kind.KEYWORD]
            return [self._at(site, each) for each in arguments]
        return None

    def _named(self, site: Site, freely: bool) -> list[Site] | None:
        tree, scope = self.evaluator.tree(site.path), self.evaluator.scope(site.path)
        name = tree.value(site.node)
        if freely and self._tested(site, name):
            return None
        reached = scope.reaching(site.node, name)
        if not reached:
            return None
        found: list[Site] = []
        for binding, _ in reached:
            kind = tree.kinds[binding]
            if kind == Kind.ASSIGN and tree.kinds[tree.child(binding, Role.TARGET)] == Kind.NAME:
                value = tree.child(binding, Role.VALUE)
                if value < 0:
                    return None
                found.append(self._at(site, value))
            elif kind == Kind.PARAMETER:
                given = self._given(site, binding, freely)
                if given is None:
                    return None
                found += given
            else:
                return None
        return found

    def _given(self, site: Site, parameter: int, freely: bool) -> list[Site] | None:
        """What the callers that are seen hand in, of whom each decides."""
        tree = self.evaluator.tree(site.path)
        function = tree.parents[parameter]
        passed = self.evaluator.parameters.passed(site.path, function, parameter)
        found = [Site(path, node, None) for path, node in passed]
        # One caller that hands in what a client sent is enough: others may limit theirs.
        free = [each for each in found if self.asked(each, freely=freely)]
        return free[:1] or (None if freely else found)

    # What a client sent

    def _sent(self, site: Site, freely: bool) -> bool:
        """Whether the very expression is what a client sent, as it was or made a number."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind == Kind.NAME:
            reached = self.evaluator.scope(site.path).reaching(site.node, tree.value(site.node)) or ()
            return any(
                tree.kinds[binding] == Kind.PARAMETER and self._handed(site.path, binding, freely)
                for binding, _ in reached
            ) and not (freely and self._tested(site, tree.value(site.node)))
        if kind not in (Kind.CALL, Kind.SUBSCRIPT, Kind.ATTRIBUTE):
            return False
        callee = site.node + 1
        if kind == Kind.CALL and tree.kinds[callee] != Kind.ATTRIBUTE:
            return False
        owner = callee + 1 if kind == Kind.CALL else callee
        return self._read(site, owner)

    def _read(self, site: Site, owner: int) -> bool:
        """Whether a value is read of what a client sent: of a type that a row says it of."""
        types = self.evaluator.tables.types
        for option in options(self.evaluator.value(site.path, owner, site.context)):
            for cls in self.evaluator.classes.library_types(option.cls) if isinstance(option, Instance) else ():
                if types[cls.name].origin == REQUEST:
                    return True
        return self.origins.of(self._at(site, owner)) is Origin.REQUEST

    def _handed(self, path: str, parameter: int, freely: bool) -> bool:
        """Whether a framework hands a client's number to a parameter; `freely`: its declaration does not limit it."""
        tree = self.evaluator.tree(path)
        function = tree.parents[parameter]
        position = self.evaluator.parameters.position(path, function, parameter)
        word, _ = self.evaluator.handlers.given(path, function, position)
        if word != REQUEST or self.evaluator.parameters.injected(path, parameter, None) is not None:
            return False
        annotation = tree.child(parameter, Role.ANNOTATION)
        if annotation >= 0 and not self._numeric(path, annotation):
            return False
        declared = [tree.child(parameter, role) for role in (Role.ANNOTATION, Role.DEFAULT)]
        return not freely or not any(self._limits(path, node) for node in declared)

    def _numeric(self, path: str, annotation: int) -> bool:
        """Whether a declared type is one of numbers, in a union or with metadata, and of nothing that is a class."""
        tree = self.evaluator.tree(path)
        names = [node for node in range(annotation, tree.ends[annotation]) if tree.kinds[node] == Kind.NAME]
        return any(tree.value(node) == "int" for node in names) and not any(
            isinstance(option, ProjectClass) for node in names for option in options(self.evaluator.value(path, node))
        )

    def _limits(self, path: str, declared: int) -> bool:
        """Whether a declaration holds a call that limits a number, or one that nobody has read."""
        if declared < 0:
            return False
        tree = self.evaluator.tree(path)
        return any(
            tree.kinds[node] == Kind.CALL and (self._bounded(path, node) or self._row(path, node) is None)
            for node in range(declared, tree.ends[declared])
        )

    def _bounded(self, path: str, call: int) -> bool:
        """Whether a call is given the keyword by which it refuses larger numbers."""
        tree = self.evaluator.tree(path)
        row = self._row(path, call)
        given = {tree.value(node) for node in tree.with_role(call, Role.ARGUMENT) if tree.kinds[node] == Kind.KEYWORD}
        return row is not None and bool(given.intersection(row.limits))

    def _row(self, path: str, call: int) -> Member | None:
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, (BoundMember, LibraryFunction)):
                return self.evaluator.rows.row_of(option)
        return None

    # Tests

    def _tested(self, site: Site, name: str) -> bool:
        """Whether the function around compares what the name holds with anything, or a condition of it is asked of
        something else: it may refuse what is too large."""
        tree, scope = self.evaluator.tree(site.path), self.evaluator.scope(site.path)
        function = scope.function(site.node)
        if function < 0:
            return True
        return any(
            tree.kinds[tree.parents[node]] == Kind.BINARY and tree.value(tree.parents[node]) in COMPARISONS
            for node in self._spelled(site.path, function, name)
        )

    def _spelled(self, path: str, function: int, name: str) -> Iterator[int]:
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.NAME, function, tree.ends[function])
        while node >= 0:
            if tree.value(node) == name:
                yield node
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[function])

    def _compares(self, path: str, condition: int) -> bool:
        tree = self.evaluator.tree(path)
        return condition >= 0 and any(
            tree.kinds[node] == Kind.BINARY and tree.value(node) in COMPARISONS
            for node in range(condition, tree.ends[condition])
        )
