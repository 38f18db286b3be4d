"""Postfix chains: `a.b`, `a[b]`, `a(b)`, ``a`b` ``, `a!`, with their type arguments.

The grammar binds type arguments too loosely: it reads `await f<T>(x)` as `(await f)<T>(x)`, `a + f<T>(x)`
as `(a + f)<T>(x)`, and a typed tagged template ``f<T>`x` `` as the comparison ``(f < T) > `x` ``. No
postfix operator can follow an `await`, an operator or an arrow function that stands without parentheses,
and a comparison with a template means nothing, so all these are known by their shape. They are put right
here: the prefix goes outside, and the links of the chain go to the operand that they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.lowering import Handler, Link, Lowering
from dblint.frontends.typescript.types import lower_object_as_type

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
_TYPED_CALL: Final = 1  # a link made here: a call or tagged template that the grammar read as a comparison


def lower_chain(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Any postfix expression."""
    _lower(low, node, role, parent, [])


def resume(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A node that links were deferred for (see `Lowering.deferred`)."""
    links, instead = low.deferred.pop(node.id)
    if instead is None:
        low.cover(parent, node.start_byte, links[0][1].end_byte)
        _lower(low, node, role, parent, links)
    else:
        low.cover(parent, instead.start_byte, links[0][1].end_byte)
        _lower(low, instead, role, parent, links)


def lower_comparison(low: Lowering, parts: Sequence[Node], role: int, parent: int) -> bool:
    """Lowers ``(f < T) > `x` `` as what it is. False when the parts of a `>` comparison are no such thing."""
    kinds = low.kinds
    comparison, rest = parts[0], parts[-1]
    if kinds[comparison.kind_id] != grammar.BINARY_EXPRESSION:
        return False
    if not any(kinds[child.kind_id] == grammar.LESS for child in comparison.children):
        return False
    callee, type_argument = low.parts(comparison)[0], low.parts(comparison)[-1]
    top = rest
    while kinds[top.kind_id] == grammar.BINARY_EXPRESSION:
        top = low.parts(top)[0]
    links: list[Link] = []
    base = _descend(low, top, links)
    kind = kinds[base.kind_id]
    if kind != grammar.TEMPLATE_STRING and not (kind == grammar.PARENTHESIZED and is_import_type(low, type_argument)):
        return False
    links.append((_TYPED_CALL, base, (type_argument,)))
    if top is rest:
        _lower(low, callee, role, parent, links)
    else:
        low.deferred[top.id] = (links, callee)
        low.push(rest, role, parent)
    return True


def is_import_type(low: Lowering, node: Node) -> bool:
    """Whether this is `typeof import(…)`, which the grammar knows as an expression only."""
    kinds = low.kinds
    if kinds[node.kind_id] != grammar.UNARY or low.source[node.start_byte : node.start_byte + 6] != b"typeof":
        return False
    base = _descend(low, low.parts(node)[-1], [])
    return kinds[base.kind_id] == grammar.IMPORT


def lower_import_type_call(low: Lowering, parts: Sequence[Node], role: int, parent: int) -> None:
    """`f<typeof import("m")>()`, whose end the grammar cannot read: the comparison is a call."""
    _lower(low, parts[0], role, parent, [(_TYPED_CALL, parts[-1], (parts[-1],))])


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
            low.deferred[operand.id] = (links, None)
            low.push(base, role, parent)
            return
    source, strings = low.source, low.strings
    start = base.start_byte
    last = len(links) - 1
    skip = False
    for position, (kind, link, children) in enumerate(links):
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
            if position < last and links[position + 1][0] == grammar.INSTANTIATION and not typed:
                typed = _type_arguments(low, links[position + 1][2])
                skip = True
            if kinds[arguments.kind_id] == grammar.TEMPLATE_STRING:
                parent = low.emit(code ^ codes.CALL ^ codes.TAGGED, start, link.end_byte, 0, parent)
                low.push(arguments, codes.AS_ARGUMENT, parent)
            else:
                parent = low.emit(code, start, link.end_byte, 0, parent)
                inner = arguments.children
                if len(inner) > 2:
                    low.push_all(inner, codes.AS_ARGUMENT, parent)
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
        elif kind == _TYPED_CALL:
            tagged = kinds[link.kind_id] == grammar.TEMPLATE_STRING
            parent = low.emit((codes.TAGGED if tagged else codes.CALL) | role, start, link.end_byte, 0, parent)
            if link is not children[0]:
                low.push(link, codes.AS_ARGUMENT, parent)
            type_argument = children[0]
            if kinds[type_argument.kind_id] == grammar.OBJECT:
                low.stack.append((lower_object_as_type, type_argument, codes.AS_TYPE_ARGUMENT, parent))
            else:
                low.push(type_argument, codes.AS_TYPE_ARGUMENT, parent)
            role = codes.AS_CALLEE
        elif skip:
            skip = False
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
