"""Expressions, literals and destructuring patterns."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.chains import lower_chain
from dblint.frontends.typescript.lowering import Handler, Lowering

_OPERATORS: Final = {
    b"&&": b"and",
    b"||": b"or",
    b"===": b"==",
    b"!==": b"!=",
    b">>>": b">>",
    b"!": b"not",
}
"""Host operators whose neutral word differs from what the source says."""

JSX_PARTS: Final = frozenset({grammar.JSX_ATTRIBUTE, grammar.JSX_ELEMENT, grammar.JSX_EXPRESSION})


def lower_transparent(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A node that only wraps another: parentheses, `x!`, an annotation's colon."""
    handlers = low.handlers
    for child in node.children:
        handler = handlers[child.kind_id]
        if handler is not None:
            low.stack.append((handler, child, role, parent))
            return


def lower_opaque(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A construct without a word: its expressions are seen, its value is unknown."""
    index = low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_NONE, index)


def lower_name(low: Lowering, node: Node, role: int, parent: int) -> None:
    """An identifier."""
    start, stop = node.start_byte, node.end_byte
    low.emit(codes.NAME | role, start, stop, low.strings[low.source[start:stop]], parent)


def lower_this(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`this`."""
    value = low.strings[b"self"]
    low.emit(codes.NAME | role | codes.WITH_SELF, node.start_byte, node.end_byte, value, parent)


def lower_new(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`new X(…)`."""
    index = low.emit(codes.CALL | role | codes.WITH_NEW, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    callee: Node | None = None
    typed: list[Node] = []
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.ARGUMENTS:
            low.push_all(child.children, codes.AS_ARGUMENT, index)
        elif kind == grammar.TYPE_ARGUMENTS:
            typed = child.children
        elif kind >= grammar.NAMED and callee is None:
            callee = child
    low.push_all(typed, codes.AS_TYPE_ARGUMENT, index)
    if callee is not None:
        low.push(callee, codes.AS_CALLEE, index)


def lower_await(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`await x`, and `await using x = y`, which the grammar reads as one."""
    parts = low.parts(node)
    if parts and low.kinds[parts[0].kind_id] == grammar.ASSIGNMENT_EXPRESSION and _is_using(low, parts[0]):
        low.stack.append((lower_assignment, parts[0], role | codes.WITH_ASYNC, parent))
        return
    index = low.emit(codes.AWAIT | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(parts[:1], codes.AS_VALUE, index)


def lower_yield(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`yield x`, `yield* x`."""
    code = codes.YIELD | role
    kinds = low.kinds
    if any(kinds[child.kind_id] == grammar.STAR for child in node.children):
        code |= codes.WITH_DELEGATE
    index = low.emit(code, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_unary(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`!x`, `-x`, `typeof x`, `++x`, `x++` …"""
    children = node.children
    kinds = low.kinds
    operator = children[0]
    if kinds[operator.kind_id] >= grammar.NAMED:
        operator = children[-1]
    text = low.source[operator.start_byte : operator.end_byte]
    value = low.strings[_OPERATORS.get(text, text)]
    index = low.emit(codes.UNARY | role, node.start_byte, node.end_byte, value, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_binary(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a + b`, `a && b`, `a instanceof b` …"""
    children = node.children
    operator = children[1] if len(children) == 3 else _operator(children)
    kinds = low.kinds
    parts = [child for child in children if kinds[child.kind_id] >= grammar.NAMED]
    if len(parts) < 2:
        lower_opaque(low, node, role, parent)
        return
    text = low.source[operator.start_byte : operator.end_byte]
    value = low.strings[_OPERATORS.get(text, text)]
    index = low.emit(codes.BINARY | role, node.start_byte, node.end_byte, value, parent)
    low.push(parts[-1], codes.AS_RIGHT, index)
    low.push(parts[0], codes.AS_LEFT, index)


def _operator(children: list[Node]) -> Node:
    """The operator of a binary expression with comments or errors inside."""
    return next((child for child in children if not child.is_named), children[0])


def lower_sequence(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a, b, c`."""
    parts = low.parts(node)
    index = low.emit(codes.BINARY | role, node.start_byte, node.end_byte, low.strings[b","], parent)
    low.push_all(parts[1:], codes.AS_RIGHT, index)
    low.push_all(parts[:1], codes.AS_LEFT, index)


def lower_ternary(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`c ? a : b`."""
    index = low.emit(codes.CONDITIONAL | role, node.start_byte, node.end_byte, 0, parent)
    parts = low.parts(node)
    low.push_all(parts[2:], codes.AS_ELSE, index)
    low.push_all(parts[1:2], codes.AS_BODY, index)
    low.push_all(parts[:1], codes.AS_CONDITION, index)


def lower_assignment(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a = b`, and `using a = b`, which the grammar reads as one."""
    parts = low.parts(node)
    start, stop = node.start_byte, node.end_byte
    if _is_using(low, node):
        role |= codes.WITH_CONSTANT | codes.WITH_DECLARATION
        index = low.emit(codes.ITEM | role, start, stop, 0, parent)
    else:
        index = low.emit(codes.ASSIGN | role, start, stop, 0, parent)
        if low.source.startswith((b"module.exports", b"exports."), start):
            low.commonjs.append(index)
    low.push_all(parts[1:], codes.AS_VALUE, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


def _is_using(low: Lowering, assignment: Node) -> bool:
    return low.kinds[assignment.children[0].kind_id] == grammar.USING


def lower_augmented(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a += b`, `a ??= b` …; the value is the operator without its `=`."""
    parts = low.parts(node)
    operator = _operator(node.children)
    text = low.source[operator.start_byte : operator.end_byte - 1]
    value = low.strings[_OPERATORS.get(text, text)]
    index = low.emit(codes.ASSIGN | role, node.start_byte, node.end_byte, value, parent)
    low.push_all(parts[1:], codes.AS_VALUE, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


def lower_as(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`x as T`, `x satisfies T`, `x as const`."""
    parts = low.parts(node)
    index = low.emit(codes.CAST | role, node.start_byte, node.end_byte, 0, parent)
    if len(parts) > 1:
        low.push(parts[-1], codes.AS_ANNOTATION, index)
    else:
        last = node.children[-1]
        if low.kinds[last.kind_id] == grammar.CONST:
            low.stack.append((lower_name, last, codes.AS_ANNOTATION, index))
    low.push_all(parts[:1], codes.AS_VALUE, index)


def lower_assertion(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`<T>x`."""
    parts = low.parts(node)
    index = low.emit(codes.CAST | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(parts[1:], codes.AS_VALUE, index)
    if parts and low.kinds[parts[0].kind_id] == grammar.TYPE_ARGUMENTS:
        low.push_all(low.parts(parts[0])[:1], codes.AS_ANNOTATION, index)


def lower_meta(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`import.meta`, `new.target`."""
    children = node.children
    start, stop = node.start_byte, node.end_byte
    first, last = children[0], children[-1]
    value = low.strings[low.source[last.start_byte : last.end_byte]]
    index = low.emit(codes.ATTRIBUTE | role, start, stop, value, parent)
    lower_name(low, first, codes.AS_OBJECT, index)


def lower_jsx(low: Lowering, node: Node, role: int, parent: int) -> None:
    """An element: OPAQUE with the expressions of its attributes and children; text is passed over."""
    index = low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    later: list[Node] = []
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.JSX_OPENING:
            later += [part for part in child.children if kinds[part.kind_id] in JSX_PARTS]
        elif kind in JSX_PARTS or child.is_error:
            later.append(child)
    low.push_all(later, codes.AS_NONE, index)


def lower_jsx_attribute(low: Lowering, node: Node, role: int, parent: int) -> None:
    """An attribute: its value, unless it is a string."""
    value = node.children[-1]
    if low.kinds[value.kind_id] in (grammar.JSX_EXPRESSION, grammar.JSX_ELEMENT):
        low.push(value, role, parent)


HANDLERS: Final[dict[str, Handler]] = {
    "as_expression": lower_as,
    "assignment_expression": lower_assignment,
    "augmented_assignment_expression": lower_augmented,
    "await_expression": lower_await,
    "binary_expression": lower_binary,
    "call_expression": lower_chain,
    "computed_property_name": lower_transparent,
    "decorator": lower_transparent,
    "identifier": lower_name,
    "import": lower_name,
    "instantiation_expression": lower_chain,
    "jsx_attribute": lower_jsx_attribute,
    "jsx_element": lower_jsx,
    "jsx_expression": lower_transparent,
    "jsx_self_closing_element": lower_jsx,
    "member_expression": lower_chain,
    "meta_property": lower_meta,
    "new_expression": lower_new,
    "non_null_expression": lower_chain,
    "parenthesized_expression": lower_transparent,
    "private_property_identifier": lower_name,
    "property_identifier": lower_name,
    "satisfies_expression": lower_as,
    "sequence_expression": lower_sequence,
    "subscript_expression": lower_chain,
    "super": lower_name,
    "ternary_expression": lower_ternary,
    "this": lower_this,
    "this_type": lower_this,
    "type_assertion": lower_assertion,
    "unary_expression": lower_unary,
    "update_expression": lower_unary,
    "yield_expression": lower_yield,
}
