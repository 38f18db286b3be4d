"""What tests on the way to a use say of a value: one of the program's own words, a number, a plain name.

A test counts where the use can only be reached with its answer: in its branch, behind a branch that
leaves (`if x not in NAMES: raise`), behind an assertion, or behind a call of a function that tests and
raises itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site
from dblint.link.texts.asked import Asked
from dblint.link.texts.proofs import Proofs
from dblint.link.texts.tested import Part, Tested, opening, raises
from dblint.link.texts.vocabularies import Vocabularies, constant
from dblint.link.values import FunctionValue, LibraryClass, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

STATEMENTS = 400
"""Statements in front of a use that are looked at."""


class Guards:
    """Answers what tests prove. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.vocabularies = Vocabularies(origins)
        self.tested = Tested(self)
        self.asked = Asked(self)
        self.proofs = Proofs(self)

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
                found = self.proofs.implied(site, tree.child(parent, Role.CONDITION), role == Role.BODY, binding)
            elif kind == Kind.COMPREHENSION and role in (Role.BODY, Role.VALUE, Role.KEY):
                for condition in tree.with_role(parent, Role.CONDITION):
                    found = found or self.proofs.implied(site, condition, True, binding)
            elif kind == Kind.BINARY and role == Role.RIGHT and tree.value(parent) in ("and", "or"):
                left_side = tree.child(parent, Role.LEFT)
                found = self.proofs.implied(site, left_side, tree.value(parent) == "and", binding)
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
                return self.answering(option, first)
        return None

    def _case(self, site: Site, case: int, binding: int) -> Origin | None:
        tree = self.evaluator.tree(site.path)
        subject = tree.child(tree.parents[case], Role.CONDITION)
        words = _words(tree, case)
        if subject < 0 or not words or not self.same(site, subject, binding):
            return None
        return Origin.CONSTANT if all(constant(tree, word) for word in words) else None

    # Statements before the use

    def _passed(self, site: Site, statement: int, binding: int) -> Origin | None:
        """What a statement proves to everything after it."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[statement]
        if kind == Kind.OPAQUE and tree.value(statement) == "assert":
            return self.proofs.implied(site, statement + 1, True, binding)
        if kind == Kind.IF:
            body = tree.child(statement, Role.BODY)
            condition, other = tree.child(statement, Role.CONDITION), tree.child(statement, Role.ELSE)
            if body >= 0 and self._leaves(site, body):
                found = self.proofs.implied(site, condition, False, binding)
                return found or self.asked.before(site, condition, binding)
            if other >= 0 and self._leaves(site, other):
                return self.proofs.implied(site, condition, True, binding)
            return None
        if kind == Kind.SWITCH:
            return self._switched(site, statement, binding)
        if kind == Kind.TRY:
            return self._tried(site, statement, binding)
        if kind == Kind.LOOP:
            return self._each(site, statement, binding)
        if kind in (Kind.CALL, Kind.AWAIT):
            call = statement if kind == Kind.CALL else tree.child(statement, Role.VALUE)
            if call >= 0 and tree.kinds[call] == Kind.CALL:
                return self._checked(site, call, binding)
        return None

    def _switched(self, site: Site, switch: int, binding: int) -> Origin | None:
        """`switch (x) { case "a": break; default: throw … }`: behind it, it was one of the words."""
        tree = self.evaluator.tree(site.path)
        subject = tree.child(switch, Role.CONDITION)
        if subject < 0 or not self.same(site, subject, binding):
            return None
        others = False
        for case in tree.with_role(switch, Role.CASE):
            body = tree.child(case, Role.BODY)
            leaves = body >= 0 and self._leaves(site, body, breaks=tree.value(switch) != "switch")
            words = _words(tree, case)
            others = others or not words
            if not leaves and not (words and all(constant(tree, word) for word in words)):
                return None
        return Origin.CONSTANT if others else None

    def _tried(self, site: Site, attempt: int, binding: int) -> Origin | None:
        """`try: int(x)`, `except ValueError: raise`: behind it, the conversion has been done."""
        tree = self.evaluator.tree(site.path)
        body = tree.child(attempt, Role.BODY)
        handlers = [tree.child(handler, Role.BODY) for handler in tree.with_role(attempt, Role.CATCH)]
        if body < 0 or not all(handler >= 0 and self._leaves(site, handler) for handler in handlers):
            return None
        for statement in tree.children(body):
            found = self._checked(site, statement, binding) if tree.kinds[statement] == Kind.CALL else None
            if found is not None:
                return found
        return None

    def _leaves(self, site: Site, body: int, *, breaks: bool = True) -> bool:
        """Whether a branch ends by leaving, or gives the name another value. `breaks`: a `break` leaves."""
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node) if tree.kinds[site.node] == Kind.NAME else ""
        statements = list(tree.children(body)) if tree.kinds[body] == Kind.BLOCK else [body]
        for statement in statements:
            if tree.kinds[statement] == Kind.BREAK and not breaks:
                return False
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
        """A statement that calls a function of the project which tests its parameter and raises, or a conversion that
        does."""
        tree = self.evaluator.tree(site.path)
        if not any(self.same(site, argument, binding) for argument in tree.with_role(call, Role.ARGUMENT)):
            return None
        if not self.evaluator.javascript(site.path) and self._made_number(site, call):
            return Origin.NUMBER
        for option in options(self.evaluator.value(site.path, call + 1, site.context)):
            if not isinstance(option, FunctionValue):
                continue
            for parameter, argument in self.evaluator.parameters.matched(option, site.path, call):
                if self.same(site, argument, binding):
                    return self._raising(option, parameter)
        return None

    def _made_number(self, site: Site, call: int) -> bool:
        made = list(options(self.evaluator.value(site.path, call + 1, site.context)))
        return len(made) == 1 and isinstance(made[0], LibraryClass) and self.origins.declared.plain(made[0]) == "number"

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
                found = self.proofs.implied(inner, condition, False, parameter) if leaves else None
            elif tree.kinds[statement] == Kind.OPAQUE and tree.value(statement) == "assert":
                found = self.proofs.implied(inner, statement + 1, True, parameter)
            else:
                found = None
            if found is not None:
                return found
        return self.tested.parameter(function, parameter, ())

    def answering(self, function: FunctionValue, parameter: int) -> Origin | None:
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
            found = self.proofs.implied(given, node, True, parameter)
            if found is None and len(returned) > 1:
                found = self._reached(given, node) or self.asked.inside(function, parameter)
            if found is None:
                return None
            proved.append(found)
        return self.origins.worst(proved) if proved else None

    # The same value

    def same(self, site: Site, node: int, binding: int) -> bool:
        """Whether `node` reads the value that stands at `site`: the same names from the same binding."""
        tree = self.evaluator.tree(site.path)
        one, other = site.node, self._spelled(site, node)
        if isinstance(site, Part):
            opened = opening(self, Site(site.path, other, site.context))
            if opened is None or opened[1] != site.keys:
                return False
            other = opened[0]
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

    def _spelled(self, site: Site, node: int) -> int:
        """What is only spelled differently at `node`: `name.lower()`, `str(name)`, `(name := …)`. Blanks and case make
        no text dangerous."""
        tree = self.evaluator.tree(site.path)
        for _ in range(8):
            kind = tree.kinds[node]
            inner = node
            if kind in (Kind.CAST, Kind.AWAIT):
                inner = tree.child(node, Role.VALUE)
            elif kind == Kind.ASSIGN and tree.kinds[tree.child(node, Role.TARGET)] == Kind.NAME:
                inner = tree.child(node, Role.TARGET)
            elif kind == Kind.CALL:
                arguments = list(tree.with_role(node, Role.ARGUMENT))
                if tree.kinds[node + 1] == Kind.ATTRIBUTE:
                    row: Member | Untyped | None = self.origins.untyped(site.path, node)
                    plain = all(constant(tree, argument) for argument in arguments)
                    inner = node + 2 if row is not None and row.string == "same" and plain else node
                elif tree.kinds[node + 1] == Kind.NAME and len(arguments) == 1:
                    row = self.origins.row(Site(site.path, node, site.context))
                    inner = arguments[0] if row is not None and row.string == "same" else node
            if inner in (node, -1):
                break
            node = inner
        return node

    def _reads(self, path: str, node: int, name: str, binding: int) -> bool:
        tree = self.evaluator.tree(path)
        if tree.value(node) != name:
            return False
        if tree.parents[node] == binding:
            return True
        reached = self.evaluator.scope(path).reaching(node, name)
        return any(found == binding for found, _ in reached or ())


def _words(tree: Tree, case: int) -> list[int]:
    """The patterns of a case, alternatives one by one; none for the case of all others."""
    words: list[int] = []
    pending = list(tree.with_role(case, Role.TARGET))
    while pending:
        node = pending.pop()
        if tree.kinds[node] == Kind.BINARY and tree.value(node) == "|":
            pending += tree.children(node)
        else:
            words.append(node)
    return words
