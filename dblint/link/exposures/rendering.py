"""Calls that fill templates: with which template, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.link.arguments import Site
from dblint.link.values import BoundMember, LibraryFunction, Value, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.libraries.showing import Renders
    from dblint.link.accesses.origins import Origins
    from dblint.link.plain import Plain


class Rendering:
    """Reads such calls. One per evaluator."""

    def __init__(self, origins: Origins, plain: Plain) -> None:
        self.origins = origins
        self.plain = plain
        self.evaluator = plain.evaluator
        self.words = words_of(self.evaluator.tables)
        """The names of what fills a template, or gets one to be filled."""

    def of(self, call: Site) -> tuple[str, Site | None]:
        """The name of the template that a call fills, and the expression of what it may name; "" and None of any other
        call."""
        tree = self.evaluator.tree(call.path)
        if tree.kinds[call.node + 1] not in (Kind.ATTRIBUTE, Kind.NAME) or tree.value(call.node + 1) not in self.words:
            return "", None
        callees = options(self.evaluator.value(call.path, call.node + 1, call.context))
        callee = callees[0] if len(callees) == 1 else None
        row = self.evaluator.rows.row_of(callee) if isinstance(callee, (LibraryFunction, BoundMember)) else None
        word = row.renders if row is not None else None
        if word is None or not word.context or word.context == "**":
            return "", None
        return self.named(callee, word, call), self.plain.argument(call, word.context)

    def named(self, callee: Value | None, word: Renders, call: Site) -> str:
        """The name of the template that a call fills; "" where it cannot be said."""
        return self.plain.string(self.name(callee, word, call))

    def name(self, callee: Value | None, word: Renders, call: Site) -> Site | None:
        """The expression that names the template which a call fills."""
        if word.template:
            return self.plain.argument(call, word.template)
        # `get_template(name).render(context)`: the template was named where it was got.
        step = next(iter(callee.receiver.steps), None) if isinstance(callee, BoundMember) else None
        got = step.member.renders if step is not None and step.node >= 0 else None
        if step is None or got is None or not got.template:
            return None
        return self.plain.argument(Site(step.path, step.node, step.context), got.template)

    def is_parameter(self, path: str, node: int, parameter: int) -> bool:
        """Whether an expression is a parameter of the function around it, as it was given."""
        tree = self.evaluator.tree(path)
        if node < 0 or tree.kinds[node] != Kind.NAME or tree.value(node) != tree.value(parameter):
            return False
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or []
        return [binding for binding, _ in reached] == [parameter]

    def of_itself(self, path: str, node: int, own: str) -> bool:
        """Whether an expression is an attribute of the object that a method is called on, which it calls `own`."""
        tree = self.evaluator.tree(path)
        return tree.kinds[node] == Kind.ATTRIBUTE and tree.kinds[node + 1] == Kind.NAME and tree.value(node + 1) == own

    def put(self, path: str, function: int, node: int) -> Iterator[tuple[str, int]]:
        """What is put into the mapping that a name holds, by key."""
        tree = self.evaluator.tree(path)
        for use in self.origins.lending.uses(path, function, tree.value(node)):
            parent = tree.parents[use]
            index = tree.child(parent, Role.INDEX) if tree.kinds[parent] == Kind.SUBSCRIPT else -1
            assign = tree.parents[parent]
            if index < 0 or tree.kinds[index] != Kind.STRING or tree.kinds[assign] != Kind.ASSIGN:
                continue
            value = tree.child(assign, Role.VALUE)
            if tree.roles[parent] == Role.TARGET and value >= 0:
                yield tree.value(index), value


@derived
def words_of(tables: Tables) -> frozenset[str]:
    """The names of what fills a template, or gets one to be filled."""
    return frozenset(
        name for row in tables.types.values() for name, member in row.members.items() if member.renders
    ) | frozenset(path.rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.renders)
