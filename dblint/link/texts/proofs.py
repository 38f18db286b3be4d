"""What a condition proves of a value, once its answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site
from dblint.link.texts.patterns import catches, compiled, refuses
from dblint.link.texts.tested import Part
from dblint.link.texts.vocabularies import constant
from dblint.link.values import Expression, FunctionValue, LibraryClass, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.texts.guards import Guards

PARTS = 400
"""Parts of a condition that are looked at."""
_POSITIONS: dict[tuple[str, int | None], bool] = {
    ("==", -1): False,
    ("!=", -1): True,
    ("<", 0): False,
    (">=", 0): True,
    (">", -1): True,
}
"""Comparisons of a position with a number → the answer with which something was found."""


class Proofs:
    """Reads conditions. One per evaluator."""

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.origins = guards.origins
        self.evaluator = guards.evaluator
        self.vocabularies = guards.vocabularies

    def implied(self, site: Site, condition: int, truth: bool, binding: int) -> Origin | None:
        """What a condition that is known to be `truth` proves."""
        if condition < 0:
            return None
        pending = [(condition, truth)]
        tree = self.evaluator.tree(site.path)
        seen = 0
        while pending and seen < PARTS:
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
        if not holds and self.guards.same(site, node, binding):
            return Origin.CONSTANT  # nothing: an empty text, no value
        if tree.kinds[node] == Kind.CALL:
            return self._test(site, node, binding, holds)
        if tree.kinds[node] == Kind.SUBSCRIPT and holds:
            index = tree.child(node, Role.INDEX)  # `if (!WORDS[name]) throw …`
            known = index >= 0 and tree.kinds[index] != Kind.SLICE and self.guards.same(site, index, binding)
            return self.vocabularies.holds(Site(site.path, node + 1, site.context)) if known else None
        if tree.kinds[node] != Kind.BINARY:
            return None
        word = tree.value(node)
        left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
        if min(left, right) < 0:
            return None
        if word in ("in", "not-in"):
            if (word == "in") == holds and self.guards.same(site, left, binding):
                return self.vocabularies.holds(Site(site.path, right, site.context))
            return None
        listed = self._within(site, node, holds, binding) or self._found(site, node, holds, binding)
        if listed is not None or word not in ("==", "is", "!=", "is-not"):
            return listed
        equal = (word in ("==", "is")) == holds
        for one, other in ((left, right), (right, left)):
            if tree.kinds[other] == Kind.CONSTANT and tree.value(other) in ("null", "undefined", "false"):
                return self._leaf(site, one, not equal, binding) if tree.kinds[one] == Kind.CALL else None
            if equal and self.guards.same(site, one, binding) and constant(tree, other):
                return Origin.CONSTANT
            if equal and tree.kinds[one] == Kind.UNARY and tree.value(one) == "typeof":
                typed = tree.child(one, Role.VALUE)
                if typed >= 0 and tree.value(other) in ("number", "bigint", "boolean"):
                    return Origin.NUMBER if self.guards.same(site, typed, binding) else None
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
        if argument < 0 or not self.guards.same(site, argument, binding):
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
        if row is None or row.test != "position" or argument < 0 or not self.guards.same(site, argument, binding):
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
            if any(self.guards.same(site, node, binding) for node in tree.with_role(call, Role.ARGUMENT)):
                for option in options(self.evaluator.value(site.path, callee, site.context)):
                    if isinstance(option, FunctionValue):
                        for parameter, given in self.evaluator.parameters.matched(option, site.path, call):
                            if self.guards.same(site, given, binding):
                                return self.guards.answering(option, parameter)
            return None
        if isinstance(row, Member):
            arguments = list(tree.with_role(call, Role.ARGUMENT))
            if row.test == "type":
                typed = len(arguments) == 2 and self.guards.same(site, arguments[0], binding)
                return self._of_type(site, arguments[1]) if typed else None
            if row.test in ("subclass", "attribute"):
                return None
            whole, anchored = row.test == "whole-pattern", row.test == "pattern"
            if row.test == "number":
                return Origin.NUMBER if argument >= 0 and self.guards.same(site, argument, binding) else None
            if self.origins.bound(Site(site.path, call, site.context)):
                pattern = compiled(self.evaluator, Site(site.path, callee + 1, site.context))
                if pattern is None or argument < 0 or not self.guards.same(site, argument, binding):
                    return None
                return self._pattern(pattern, pattern.node, whole=whole, anchored=anchored)
            if len(arguments) > 1 and self.guards.same(site, arguments[1], binding):
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
            if (
                first < 0
                or not tree.value(first)
                or len(returned) != 1
                or not self.guards.same(site, call + 2, binding)
            ):
                return None
            return self.implied(Site(site.path, first, None), returned[0], holds, first)
        if argument < 0 or tree.kinds[argument] != Kind.COMPREHENSION or tree.child(argument, Role.CONDITION) >= 0:
            return None
        clauses, body = list(tree.with_role(argument, Role.CLAUSE)), tree.child(argument, Role.BODY)
        if len(clauses) != 1 or body < 0:
            return None
        target, iterable = tree.child(clauses[0], Role.TARGET), tree.child(clauses[0], Role.ITERABLE)
        if (
            min(target, iterable) < 0
            or tree.kinds[target] != Kind.NAME
            or not self.guards.same(site, iterable, binding)
        ):
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
        if pattern is None or not arguments or not self.guards.same(site, arguments[0], binding):
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
            return Origin.CONSTANT if self.guards.same(site, receiver, binding) else None
        if argument >= 0 and row.test == "matched":
            return (
                self._pattern(site, argument, whole=False, anchored=False)
                if self.guards.same(site, receiver, binding)
                else None
            )
        if argument >= 0 and row.test == "subset":
            within = self._elements(site, receiver, binding)
            return self.vocabularies.holds(Site(site.path, argument, site.context)) if within else None
        if argument < 0 or row.test == "position" or not self.guards.same(site, argument, binding):
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


def _number(tree: Tree, node: int) -> int | None:
    """A small whole number that stands in the source."""
    sign = 1
    if tree.kinds[node] == Kind.UNARY and tree.value(node) == "-":
        node, sign = tree.child(node, Role.VALUE), -1
    written = tree.value(node) if node >= 0 and tree.kinds[node] == Kind.NUMBER else ""
    return sign * int(written) if written in ("0", "1") else None
