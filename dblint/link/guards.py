"""What tests on the way to a use say of a value: one of the program's own words, a number, a plain name.

A test counts where the use can only be reached with its answer: in its branch, behind a branch that
leaves (`if x not in NAMES: raise`), behind an assertion, or behind a call of a function that tests and
raises itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site
from dblint.link.asked import Asked
from dblint.link.patterns import compiled, refuses
from dblint.link.tested import Part, Tested, opening, raises
from dblint.link.values import Expression, FunctionValue, options
from dblint.link.vocabularies import Vocabularies, constant

if TYPE_CHECKING:
    from dblint.link.origins import Origins

STATEMENTS = 400
"""Statements in front of a use that are looked at."""


class Guards:
    """Answers what tests prove. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.tested = Tested(self)
        self.asked = Asked(self)
        self.vocabularies = Vocabularies(origins)

    def of(self, site: Site, binding: int = -1) -> Origin | None:
        """What the tests around and before `site` prove of it; None for nothing. `binding`: the one through
        which the name at `site` is read."""
        return self._reached(site, site.node, binding)

    def element(self, site: Site) -> Origin | None:
        """What was tested of every element of the list that the value at `site` is one of, or a part of one."""
        return self.tested.element(site)

    def _reached(self, site: Site, node: int, binding: int = -1) -> Origin | None:
        """What the tests around and before `node` prove of the value at `site`."""
        tree = self.evaluator.tree(site.path)
        left = STATEMENTS
        child, parent = node, tree.parents[node]
        while parent >= 0:
            kind, role = tree.kinds[parent], tree.roles[child]
            if kind == Kind.FUNCTION and not tree.has(parent, Flag.ARROW):
                return None
            found: Origin | None = None
            if kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE):
                found = self.implied(site, tree.child(parent, Role.CONDITION), role == Role.BODY, binding)
            elif kind == Kind.COMPREHENSION and role in (Role.BODY, Role.VALUE, Role.KEY):
                for condition in tree.with_role(parent, Role.CONDITION):
                    found = found or self.implied(site, condition, True, binding)
            elif kind == Kind.BINARY and role == Role.RIGHT and tree.value(parent) in ("and", "or"):
                left_side = tree.child(parent, Role.LEFT)
                found = self.implied(site, left_side, tree.value(parent) == "and", binding)
            elif kind == Kind.CASE and role == Role.BODY:
                found = self._case(site, parent, binding)
            elif kind in (Kind.BLOCK, Kind.MODULE, Kind.CASE):
                for statement in tree.children(parent):
                    left -= 1
                    if statement >= child or left < 0:
                        break
                    found = found or self._passed(site, statement, binding)
            if found is not None:
                return found
            child, parent = parent, tree.parents[parent]
        return None

    def filtered(self, site: Site, closure: int) -> Origin | None:
        """What a function that answers yes proves of its first parameter (`names.filter(isColumn)`)."""
        for option in options(self.evaluator.value(site.path, closure, site.context)):
            if isinstance(option, FunctionValue):
                first = self.evaluator.tree(option.path).child(option.node, Role.PARAMETER)
                return self._answering(option, first)
        return None

    def _case(self, site: Site, case: int, binding: int) -> Origin | None:
        tree = self.evaluator.tree(site.path)
        subject = tree.child(tree.parents[case], Role.CONDITION)
        words = list(tree.with_role(case, Role.TARGET))
        if subject < 0 or not words or not self.same(site, subject, binding):
            return None
        return Origin.CONSTANT if all(constant(tree, word) for word in words) else None

    # Statements before the use

    def _passed(self, site: Site, statement: int, binding: int) -> Origin | None:
        """What a statement proves to everything after it."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[statement]
        if kind == Kind.OPAQUE and tree.value(statement) == "assert":
            return self.implied(site, statement + 1, True, binding)
        if kind == Kind.IF:
            body = tree.child(statement, Role.BODY)
            if body >= 0 and self._leaves(site, body):
                condition = tree.child(statement, Role.CONDITION)
                return self.implied(site, condition, False, binding) or self.asked.before(site, condition, binding)
            return None
        if kind == Kind.LOOP:
            return self._each(site, statement, binding)
        if kind in (Kind.CALL, Kind.AWAIT):
            call = statement if kind == Kind.CALL else tree.child(statement, Role.VALUE)
            if call >= 0 and tree.kinds[call] == Kind.CALL:
                return self._checked(site, call, binding)
        return None

    def _leaves(self, site: Site, body: int) -> bool:
        """Whether a branch ends by leaving, or gives the name another value."""
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node) if tree.kinds[site.node] == Kind.NAME else ""
        statements = list(tree.children(body)) if tree.kinds[body] == Kind.BLOCK else [body]
        for statement in statements:
            if self.origins.leaving.leaves(site.path, statement):
                return True
            if name and tree.kinds[statement] == Kind.ASSIGN and not tree.value(statement):
                target = tree.child(statement, Role.TARGET)
                if target >= 0 and tree.kinds[target] == Kind.NAME and tree.value(target) == name:
                    return True
        return False

    def _each(self, site: Site, loop: int, binding: int) -> Origin | None:
        """`for name in names: if name not in NAMES: raise`: each element was tested."""
        tree = self.evaluator.tree(site.path)
        iterable, target = tree.child(loop, Role.ITERABLE), tree.child(loop, Role.TARGET)
        if min(iterable, target) < 0 or not self.same(site, iterable, binding):
            return None
        return self.tested.loop(site.path, loop, ())

    def _checked(self, site: Site, call: int, binding: int) -> Origin | None:
        """A statement that calls a function of the project which tests its parameter and raises."""
        tree = self.evaluator.tree(site.path)
        if not any(self.same(site, argument, binding) for argument in tree.with_role(call, Role.ARGUMENT)):
            return None
        for option in options(self.evaluator.value(site.path, call + 1, site.context)):
            if not isinstance(option, FunctionValue):
                continue
            for parameter, argument in self.evaluator.parameters.matched(option, site.path, call):
                if self.same(site, argument, binding):
                    return self._raising(option, parameter)
        return None

    def _raising(self, function: FunctionValue, parameter: int) -> Origin | None:
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        if body < 0 or tree.kinds[body] != Kind.BLOCK or not tree.value(parameter):
            return None
        inner = Site(function.path, parameter, None)
        for statement in tree.children(body):
            if tree.kinds[statement] == Kind.IF:
                leaves = raises(tree, tree.child(statement, Role.BODY))
                condition = tree.child(statement, Role.CONDITION)
                found = self.implied(inner, condition, False, parameter) if leaves else None
            elif tree.kinds[statement] == Kind.OPAQUE and tree.value(statement) == "assert":
                found = self.implied(inner, statement + 1, True, parameter)
            else:
                found = None
            if found is not None:
                return found
        return self.tested.parameter(function, parameter, ())

    def _answering(self, function: FunctionValue, parameter: int) -> Origin | None:
        """What the answer yes of a function proves of a parameter: all that is returned but *no* must."""
        tree = self.evaluator.tree(function.path)
        returned = list(self.evaluator.returns(function))
        if parameter < 0 or not tree.value(parameter):
            return None
        given = Site(function.path, parameter, None)
        proved: list[Origin] = []
        for node in returned:
            if tree.kinds[node] == Kind.CONSTANT and tree.value(node) in ("false", "null", "undefined"):
                continue
            found = self.implied(given, node, True, parameter)
            if found is None and len(returned) > 1:
                found = self._reached(given, node) or self.asked.inside(function, parameter)
            if found is None:
                return None
            proved.append(found)
        return self.origins.worst(proved) if proved else None

    # Conditions

    def implied(self, site: Site, condition: int, truth: bool, binding: int) -> Origin | None:
        """What a condition that is known to be `truth` proves."""
        if condition < 0:
            return None
        pending = [(condition, truth)]
        tree = self.evaluator.tree(site.path)
        seen = 0
        while pending and seen < STATEMENTS:
            seen += 1
            node, holds = pending.pop()
            if node < 0:
                continue
            kind, word = tree.kinds[node], tree.value(node)
            if kind == Kind.UNARY and word == "not":
                pending.append((tree.child(node, Role.VALUE), not holds))
            elif kind == Kind.BINARY and word in ("and", "or"):
                sides = list(tree.children(node))
                if (word == "and") == holds:
                    pending += [(side, holds) for side in sides]
                    continue
                answers = [self.implied(site, side, holds, binding) for side in sides] if len(sides) < 9 else [None]
                if all(answer is not None for answer in answers):
                    return self.origins.worst([answer for answer in answers if answer is not None])
            else:
                found = self._leaf(site, node, holds, binding)
                if found is not None:
                    return found
        return None

    def _leaf(self, site: Site, node: int, holds: bool, binding: int) -> Origin | None:
        tree = self.evaluator.tree(site.path)
        if not holds and self.same(site, node, binding):
            return Origin.CONSTANT  # nothing: an empty text, no value
        if tree.kinds[node] == Kind.CALL:
            return self._test(site, node, binding) if holds else None
        if tree.kinds[node] != Kind.BINARY:
            return None
        word = tree.value(node)
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if min(left, right) < 0:
            return None
        if word in ("in", "not-in"):
            if (word == "in") == holds and self.same(site, left, binding):
                return self.vocabularies.holds(Site(site.path, right, site.context))
            return None
        if word not in ("==", "is", "!=", "is-not"):
            return None
        equal = (word in ("==", "is")) == holds
        for one, other in ((left, right), (right, left)):
            if tree.kinds[other] == Kind.CONSTANT and tree.value(other) in ("null", "undefined", "false"):
                return self._leaf(site, one, not equal, binding) if tree.kinds[one] == Kind.CALL else None
            if equal and self.same(site, one, binding) and constant(tree, other):
                return Origin.CONSTANT
            if equal and tree.kinds[one] == Kind.UNARY and tree.value(one) == "typeof":
                typed = tree.child(one, Role.VALUE)
                if typed >= 0 and tree.value(other) in ("number", "bigint", "boolean"):
                    return Origin.NUMBER if self.same(site, typed, binding) else None
        return None

    def _test(self, site: Site, call: int, binding: int) -> Origin | None:
        """A call whose yes says something: of a host's own test, or of a function of the project."""
        tree = self.evaluator.tree(site.path)
        callee = call + 1
        argument = tree.child(call, Role.ARGUMENT)
        row = self.origins.row(Site(site.path, call, site.context))
        if row is None or not row.test:
            if any(self.same(site, node, binding) for node in tree.with_role(call, Role.ARGUMENT)):
                for option in options(self.evaluator.value(site.path, callee, site.context)):
                    if isinstance(option, FunctionValue):
                        for parameter, given in self.evaluator.parameters.matched(option, site.path, call):
                            if self.same(site, given, binding):
                                return self._answering(option, parameter)
            return None
        if isinstance(row, Member):
            arguments = list(tree.with_role(call, Role.ARGUMENT))
            if row.test == "number":
                return Origin.NUMBER if argument >= 0 and self.same(site, argument, binding) else None
            if self.origins.bound(Site(site.path, call, site.context)):
                pattern = compiled(self.evaluator, Site(site.path, callee + 1, site.context))
                if pattern is None or argument < 0 or not self.same(site, argument, binding):
                    return None
                return self._pattern(pattern, pattern.node, whole=row.test == "whole-pattern", anchored=True)
            if len(arguments) > 1 and self.same(site, arguments[1], binding):
                return self._pattern(site, arguments[0], whole=row.test == "whole-pattern", anchored=True)
            return None
        return self._method(site, callee + 1, argument, row, binding)

    def _method(self, site: Site, receiver: int, argument: int, row: Untyped, binding: int) -> Origin | None:
        if row.test == "plain":
            return Origin.CONSTANT if self.same(site, receiver, binding) else None
        if argument < 0 or not self.same(site, argument, binding):
            return None
        if row.test == "pattern":
            return self._pattern(site, receiver, whole=False, anchored=False)
        return self.vocabularies.holds(Site(site.path, receiver, site.context))

    def _pattern(self, site: Site, node: int, *, whole: bool, anchored: bool) -> Origin | None:
        """A pattern turns every dangerous text down."""
        for path, expression in self._held(site, node):
            tree = self.evaluator.tree(path)
            if tree.kinds[expression] not in (Kind.STRING, Kind.REGEX):
                return None
            return Origin.CONSTANT if refuses(tree.value(expression), whole=whole, anchored=anchored) else None
        return None

    def _held(self, site: Site, node: int) -> Iterator[tuple[str, int]]:
        tree = self.evaluator.tree(site.path)
        if tree.kinds[node] in (Kind.STRING, Kind.REGEX):
            yield site.path, node
            return
        for option in options(self.evaluator.value(site.path, node, site.context)):
            if isinstance(option, Expression):
                yield option.path, option.node

    # The same value

    def same(self, site: Site, node: int, binding: int) -> bool:
        """Whether `node` reads the value that stands at `site`: the same names from the same binding."""
        tree = self.evaluator.tree(site.path)
        one, other = site.node, node
        if isinstance(site, Part):
            opened = opening(self, Site(site.path, node, site.context))
            if opened is None or opened[1] != site.keys:
                return False
            other = opened[0]
        while tree.kinds[other] in (Kind.CAST, Kind.AWAIT):
            other = tree.child(other, Role.VALUE)
        if tree.kinds[one] == Kind.PARAMETER:
            return tree.kinds[other] == Kind.NAME and self._reads(site.path, other, tree.value(one), one)
        for _ in range(8):
            if tree.kinds[one] != tree.kinds[other] or tree.value(one) != tree.value(other):
                return False
            if tree.kinds[one] == Kind.NAME:
                if one == other:
                    return False
                if binding >= 0:
                    return self._reads(site.path, other, tree.value(one), binding)
                scope = self.evaluator.scope(site.path)
                name = tree.value(one)
                return tree.has(one, Flag.SELF) or scope.reaching(one, name) == scope.reaching(other, name)
            if tree.kinds[one] == Kind.SUBSCRIPT:
                first, second = tree.child(one, Role.INDEX), tree.child(other, Role.INDEX)
                if (
                    min(first, second) < 0
                    or tree.kinds[first] != Kind.STRING
                    or tree.value(first) != tree.value(second)
                ):
                    return False
            elif tree.kinds[one] != Kind.ATTRIBUTE:
                return False
            one, other = one + 1, other + 1
        return False

    def _reads(self, path: str, node: int, name: str, binding: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.value(node) != name:
            return False
        if tree.parents[node] == binding:
            return True
        reached = self.evaluator.scope(path).reaching(node, name)
        return any(found == binding for found, _ in reached or ())
