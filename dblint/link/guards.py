"""What tests on the way to a use say of a value: one of the program's own words, a number, a plain name.

A test counts where the use can only be reached with its answer: in its branch, behind a branch that
leaves (`if x not in NAMES: raise`), behind an assertion, or behind a call of a function that tests and
raises itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site
from dblint.link.asked import Asked
from dblint.link.patterns import catches, compiled, refuses
from dblint.link.tested import Part, Tested, opening, raises
from dblint.link.values import Expression, FunctionValue, LibraryClass, ProjectClass, options
from dblint.link.vocabularies import Vocabularies, constant

if TYPE_CHECKING:
    from dblint.link.origins import Origins

STATEMENTS = 400
"""Statements in front of a use that are looked at."""


_POSITIONS: dict[tuple[str, int | None], bool] = {
    ("==", -1): False,
    ("!=", -1): True,
    ("<", 0): False,
    (">=", 0): True,
    (">", -1): True,
}
"""Comparisons of a position with a number → the answer with which something was found."""


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
            return self.implied(site, statement + 1, True, binding)
        if kind == Kind.IF:
            body = tree.child(statement, Role.BODY)
            condition, other = tree.child(statement, Role.CONDITION), tree.child(statement, Role.ELSE)
            if body >= 0 and self._leaves(site, body):
                return self.implied(site, condition, False, binding) or self.asked.before(site, condition, binding)
            return self.implied(site, condition, True, binding) if other >= 0 and self._leaves(site, other) else None
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
                if kind == Kind.NAME:
                    pending += [(value, holds) for value in self._answer(site, node)]
        return None

    def _answer(self, site: Site, node: int) -> Iterator[int]:
        """`ok = x in NAMES`, `if not ok: raise`: the test whose answer a name holds."""
        tree = self.evaluator.tree(site.path)
        reached = self.evaluator.scope(site.path).reaching(node, tree.value(node)) or []
        bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
        if len(bindings) != 1 or tree.kinds[bindings[0]] != Kind.ASSIGN or tree.value(bindings[0]):
            return
        value, target = tree.child(bindings[0], Role.VALUE), tree.child(bindings[0], Role.TARGET)
        if min(value, target) >= 0 and tree.kinds[target] == Kind.NAME:
            if tree.kinds[value] in (Kind.BINARY, Kind.UNARY, Kind.CALL):
                yield value

    def _leaf(self, site: Site, node: int, holds: bool, binding: int) -> Origin | None:
        tree = self.evaluator.tree(site.path)
        if not holds and self.same(site, node, binding):
            return Origin.CONSTANT  # nothing: an empty text, no value
        if tree.kinds[node] == Kind.CALL:
            return self._test(site, node, binding, holds)
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
        listed = self._within(site, node, holds, binding) or self._found(site, node, holds, binding)
        if listed is not None or word not in ("==", "is", "!=", "is-not"):
            return listed
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

    def _within(self, site: Site, node: int, holds: bool, binding: int) -> Origin | None:
        """`set(names) <= NAMES`, `if set(names) - NAMES: raise`: all are among those."""
        tree = self.evaluator.tree(site.path)
        word, left, right = tree.value(node), tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if word == ">=":
            left, right = right, left
        if (word in ("<=", ">=") and holds) or (word == "-" and not holds):
            if self._elements(site, left, binding):
                return self.vocabularies.holds(Site(site.path, right, site.context))
        return None

    def _elements(self, site: Site, node: int, binding: int) -> bool:
        """Whether a set is made of the elements of the value and of nothing else."""
        tree = self.evaluator.tree(site.path)
        argument = tree.child(node, Role.ARGUMENT) if tree.kinds[node] == Kind.CALL else -1
        if argument < 0 or not self.same(site, argument, binding):
            return False
        row = self.origins.row(Site(site.path, node, site.context))
        return isinstance(row, Member) and row.string == "derived"

    def _found(self, site: Site, node: int, holds: bool, binding: int) -> Origin | None:
        """`NAMES.indexOf(name) === -1`: it stands somewhere in the list, or nowhere."""
        tree = self.evaluator.tree(site.path)
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if tree.kinds[left] != Kind.CALL or _POSITIONS.get((tree.value(node), _number(tree, right))) is not holds:
            return None
        row, argument = self.origins.untyped(site.path, left), tree.child(left, Role.ARGUMENT)
        if row is None or row.test != "position" or argument < 0 or not self.same(site, argument, binding):
            return None
        return self.vocabularies.holds(Site(site.path, left + 2, site.context))

    def _test(self, site: Site, call: int, binding: int, holds: bool) -> Origin | None:
        """A call whose answer says something: of a host's own test, or of a function of the project."""
        tree = self.evaluator.tree(site.path)
        callee = call + 1
        argument = tree.child(call, Role.ARGUMENT)
        row = self.origins.row(Site(site.path, call, site.context))
        if row is not None and row.test in ("every", "some"):
            return self._of_each(site, call, binding, holds) if (row.test == "every") == holds else None
        if not holds:
            return self._refused(site, call, row, binding) if row is not None else None
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
            if row.test == "type":
                typed = len(arguments) == 2 and self.same(site, arguments[0], binding)
                return self._of_type(site, arguments[1]) if typed else None
            whole, anchored = row.test == "whole-pattern", row.test == "pattern"
            if row.test == "number":
                return Origin.NUMBER if argument >= 0 and self.same(site, argument, binding) else None
            if self.origins.bound(Site(site.path, call, site.context)):
                pattern = compiled(self.evaluator, Site(site.path, callee + 1, site.context))
                if pattern is None or argument < 0 or not self.same(site, argument, binding):
                    return None
                return self._pattern(pattern, pattern.node, whole=whole, anchored=anchored)
            if len(arguments) > 1 and self.same(site, arguments[1], binding):
                return self._pattern(site, arguments[0], whole=whole, anchored=anchored)
            return None
        return self._method(site, callee + 1, argument, row, binding)

    def _of_each(self, site: Site, call: int, binding: int, holds: bool) -> Origin | None:
        """`all(name in NAMES for name in names)`, `names.every((name) => NAMES.includes(name))`: each element was
        tested, or (`any`, `some`) none failed."""
        tree = self.evaluator.tree(site.path)
        argument = tree.child(call, Role.ARGUMENT)
        if argument >= 0 and tree.kinds[argument] == Kind.FUNCTION:
            returned = list(self.evaluator.returns(FunctionValue(site.path, argument, None, site.context)))
            first = tree.child(argument, Role.PARAMETER)
            if first < 0 or not tree.value(first) or len(returned) != 1 or not self.same(site, call + 2, binding):
                return None
            return self.implied(Site(site.path, first, None), returned[0], holds, first)
        if argument < 0 or tree.kinds[argument] != Kind.COMPREHENSION or tree.child(argument, Role.CONDITION) >= 0:
            return None
        clauses, body = list(tree.with_role(argument, Role.CLAUSE)), tree.child(argument, Role.BODY)
        if len(clauses) != 1 or body < 0:
            return None
        target, iterable = tree.child(clauses[0], Role.TARGET), tree.child(clauses[0], Role.ITERABLE)
        if min(target, iterable) < 0 or tree.kinds[target] != Kind.NAME or not self.same(site, iterable, binding):
            return None
        return self.implied(Part(site.path, target, None), body, holds, clauses[0])

    def _refused(self, site: Site, call: int, row: Member | Untyped, binding: int) -> Origin | None:
        """A pattern that every dangerous text has a place for, and that was not found."""
        tree = self.evaluator.tree(site.path)
        arguments = list(tree.with_role(call, Role.ARGUMENT))
        pattern: Site | None = None
        if isinstance(row, Untyped) and row.test == "pattern":
            pattern = Site(site.path, call + 2, site.context)
        elif isinstance(row, Untyped) and row.test == "matched" and arguments:
            pattern, arguments = Site(site.path, arguments[0], site.context), [call + 2]
        elif isinstance(row, Member) and row.test == "pattern-inside" and arguments:
            if self.origins.bound(Site(site.path, call, site.context)):
                pattern = compiled(self.evaluator, Site(site.path, call + 2, site.context))
            else:
                pattern = Site(site.path, arguments.pop(0), site.context)
        if pattern is None or not arguments or not self.same(site, arguments[0], binding):
            return None
        for path, expression in self._held(pattern, pattern.node):
            tree = self.evaluator.tree(path)
            literal = tree.kinds[expression] in (Kind.STRING, Kind.REGEX)
            return Origin.CONSTANT if literal and catches(tree.value(expression)) else None
        return None

    def _of_type(self, site: Site, types: int) -> Origin | None:
        """NUMBER where every value of the classes prints as one."""
        tree = self.evaluator.tree(site.path)
        pending = [types]
        while pending:
            node = pending.pop()
            if tree.kinds[node] == Kind.TUPLE or (tree.kinds[node] == Kind.BINARY and tree.value(node) == "|"):
                pending += tree.children(node)
                continue
            classes = list(options(self.evaluator.value(site.path, node, site.context)))
            if not classes or not all(
                isinstance(cls, (LibraryClass, ProjectClass))
                and self.origins.declared.plain(cls) in ("number", "constant")
                for cls in classes
            ):
                return None
        return Origin.NUMBER

    def _method(self, site: Site, receiver: int, argument: int, row: Untyped, binding: int) -> Origin | None:
        if row.test == "plain":
            return Origin.CONSTANT if self.same(site, receiver, binding) else None
        if argument >= 0 and row.test == "matched":
            return (
                self._pattern(site, argument, whole=False, anchored=False)
                if self.same(site, receiver, binding)
                else None
            )
        if argument >= 0 and row.test == "subset":
            within = self._elements(site, receiver, binding)
            return self.vocabularies.holds(Site(site.path, argument, site.context)) if within else None
        if argument < 0 or row.test == "position" or not self.same(site, argument, binding):
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


def _number(tree: Tree, node: int) -> int | None:
    """A small whole number that stands in the source."""
    sign = 1
    if tree.kinds[node] == Kind.UNARY and tree.value(node) == "-":
        node, sign = tree.child(node, Role.VALUE), -1
    written = tree.value(node) if node >= 0 and tree.kinds[node] == Kind.NUMBER else ""
    return sign * int(written) if written in ("0", "1") else None
