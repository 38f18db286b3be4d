"""Postfix chains: `a.b`, `a[b]`, `a(b)`, ``a`b` ``, `a!`, with their type arguments.

The grammar binds type arguments too loosely: it reads `await f<T>(x)` as `(await f)<T>(x)` and `a + f<T>(x)`
as `(a + f)<T>(x)`. No postfix operator can follow an `await`, an operator or an arrow function that stands
without parentheses, so these are known by their shape. They are put right here: the prefix goes outside,
and the links of the chain go to the operand that they belong to.

`blanking` tells of the other thing that the grammar misreads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.blanking import TYPE_PREFIX, parse_types
from dblint.frontends.typescript.lowering import Handler, Link, Lowering

_LINKS: Final = frozenset(
    {
        grammar.CALL_EXPRESSION,
        grammar.MEMBER_EXPRESSION,
        grammar.SUBSCRIPT,
        grammar.NON_NULL,
        grammar.INSTANTIATION,
    }
)
_LOOSE: Final = frozenset(
    {
        grammar.ARROW_FUNCTION,
        grammar.ASSIGNMENT_EXPRESSION,
        grammar.AUGMENTED_ASSIGNMENT,
        grammar.AWAIT_EXPRESSION,
        grammar.BINARY_EXPRESSION,
        grammar.TERNARY,
        grammar.UNARY,
        grammar.YIELD,
    }
)


def lower_chain(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Any postfix expression."""
    _lower(low, node, role, parent, [])


def resume(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Lowers a node that links were deferred for: see `Lowering.deferred`."""
    links = low.deferred.pop(node.id)
    low.cover(parent, node.start_byte, links[0][1].end_byte)
    _lower(low, node, role, parent, links)


def run(low: Lowering) -> None:
    """Works until nothing is left."""
    stack, deferred = low.stack, low.deferred
    pop = stack.pop
    while stack:
        handler, node, role, parent = pop()
        if deferred and node.id in deferred:
            resume(low, node, role, parent)
        else:
            handler(low, node, role, parent)


def _descend(low: Lowering, node: Node, links: list[Link]) -> Node:
    """Gathers the links of a chain, outermost first, and gives what they all start from."""
    kinds = low.kinds
    while True:
        kind = kinds[node.kind_id]
        if kind not in _LINKS:
            return node
        children = node.children
        if kind != grammar.NON_NULL:
            links.append((kind, node, children))
        node = children[0]
        if kinds[node.kind_id] < grammar.NAMED:
            node = next((child for child in children if kinds[child.kind_id] >= grammar.NAMED), node)
            if kinds[node.kind_id] < grammar.NAMED:
                return node


def _last_operand(low: Lowering, node: Node) -> Node:
    """What a postfix operator after a prefix or infix expression belongs to."""
    kinds = low.kinds
    while kinds[node.kind_id] in _LOOSE:
        parts = low.parts(node)
        if not parts or kinds[parts[-1].kind_id] == grammar.STATEMENT_BLOCK:
            break
        node = parts[-1]
    return node


def _lower(low: Lowering, node: Node, role: int, parent: int, links: list[Link]) -> None:
    """Lowers `node` with the links on the operand that they belong to."""
    base = _descend(low, node, links)
    kinds = low.kinds
    base_kind = kinds[base.kind_id]
    if links and base_kind in _LOOSE:
        operand = _last_operand(low, base)
        if operand is not base:
            # The operand's end is not yet the expression's: `resume` widens what is emitted until then.
            low.deferred[operand.id] = links
            low.push(base, role, parent)
            return
    source, strings = low.source, low.strings
    start = base.start_byte
    for kind, link, children in links:
        if kind == grammar.MEMBER_EXPRESSION:
            name = children[-1]
            if len(children) == 3:
                code = codes.ATTRIBUTE | role
                if kinds[children[1].kind_id] == grammar.OPTIONAL_CHAIN:
                    code |= codes.WITH_OPTIONAL
            else:
                name, code = _member(low, children, role)
            value = strings[source[name.start_byte : name.end_byte]]
            parent = low.emit(code, start, link.end_byte, value, parent)
            role = codes.AS_OBJECT
        elif kind == grammar.CALL_EXPRESSION:
            arguments = children[-1]
            code = codes.CALL | role
            typed: Sequence[Node] = ()
            if len(children) != 2:
                arguments, typed, code = _call(low, children, code)
            if kinds[arguments.kind_id] == grammar.TEMPLATE_STRING:
                parent = low.emit(code ^ codes.CALL ^ codes.TAGGED, start, link.end_byte, 0, parent)
                low.push(arguments, codes.AS_ARGUMENT, parent)
            else:
                parent = low.emit(code, start, link.end_byte, 0, parent)
                inner = arguments.children
                if len(inner) > 2:
                    low.push_all(inner, codes.AS_ARGUMENT, parent)
            if low.blanked and arguments.start_byte in low.blanked:
                low.stack.append((_lower_blanked, arguments, codes.AS_TYPE_ARGUMENT, parent))
            if typed:
                low.push_all(typed, codes.AS_TYPE_ARGUMENT, parent)
            role = codes.AS_CALLEE
        elif kind == grammar.SUBSCRIPT:
            code = codes.SUBSCRIPT | role
            if any(kinds[child.kind_id] == grammar.OPTIONAL_CHAIN for child in children):
                code |= codes.WITH_OPTIONAL
            parent = low.emit(code, start, link.end_byte, 0, parent)
            low.push_all(low.parts(link)[1:], codes.AS_INDEX, parent)
            role = codes.AS_OBJECT
        else:
            parent = low.emit(codes.SUBSCRIPT | role, start, link.end_byte, 0, parent)
            low.push_all(_type_arguments(low, children), codes.AS_INDEX, parent)
            role = codes.AS_OBJECT
    if base_kind == grammar.IDENTIFIER:
        stop = base.end_byte
        value = strings[source[start:stop]]
        low.emit((codes.NAME if stop > start else codes.OPAQUE) | role, start, stop, value, parent)
        if value == low.require and role == codes.AS_CALLEE:
            low.loads.append(parent)
        return
    if base_kind == grammar.IMPORT:
        low.emit(codes.NAME | role, start, base.end_byte, strings[b"import"], parent)
        if role == codes.AS_CALLEE:
            low.loads.append(parent)
        return
    handler: Handler | None = low.handlers[base.kind_id]
    if handler is not None:
        handler(low, base, role, parent)


def _lower_blanked(low: Lowering, node: Node, role: int, parent: int) -> None:
    """The type arguments before the template or the arguments `node`, blanked in what the grammar read."""
    stop = node.start_byte
    start = low.blanked[stop]
    types = Lowering(TYPE_PREFIX + low.source[start:stop], low.grammar, low.handlers)
    types.strings = low.strings
    root = types.emit(codes.MODULE, 0, len(types.source), 0, -1)
    types.push_all(parse_types(low.source, start, stop, low.grammar).children, codes.AS_BODY, root)
    run(types)
    # TYPE_PREFIX gives MODULE, ASSIGN, NAME, SUBSCRIPT (3), NAME; behind them stand the type arguments.
    shift = start - len(TYPE_PREFIX)
    moved: dict[int, int] = {}
    for index in range(5, types.count):
        code, begin, end, value, above = types.record(index)
        if above == 3:
            code, above = (code & ~codes.ROLE_MASK) | role, parent
        else:
            above = moved[above]
        moved[index] = low.emit(code, begin + shift, end + shift, value, above)


def _member(low: Lowering, children: Sequence[Node], role: int) -> tuple[Node, int]:
    """The name and the code of a member expression with comments or errors inside."""
    kinds = low.kinds
    code = codes.ATTRIBUTE | role
    name = children[-1]
    for child in children:
        kind = kinds[child.kind_id]
        if kind == grammar.OPTIONAL_CHAIN:
            code |= codes.WITH_OPTIONAL
        elif kind in (grammar.PROPERTY_NAME, grammar.PRIVATE_NAME):
            name = child
    return name, code


def _call(low: Lowering, children: Sequence[Node], code: int) -> tuple[Node, Sequence[Node], int]:
    """Arguments, type arguments and code of a call that has more than a function and arguments."""
    kinds = low.kinds
    arguments = children[-1]
    typed: Sequence[Node] = ()
    for child in children[1:]:
        kind = kinds[child.kind_id]
        if kind == grammar.TYPE_ARGUMENTS:
            typed = child.children
        elif kind == grammar.OPTIONAL_CHAIN:
            code |= codes.WITH_OPTIONAL
        elif kind in (grammar.ARGUMENTS, grammar.TEMPLATE_STRING):
            arguments = child
    return arguments, typed, code


def _type_arguments(low: Lowering, children: Sequence[Node]) -> Sequence[Node]:
    kinds = low.kinds
    return next((child.children for child in children if kinds[child.kind_id] == grammar.TYPE_ARGUMENTS), ())
