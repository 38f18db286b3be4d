"""Functions, methods, signatures and their parameters."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.lowering import Handler, Lowering
from dblint.frontends.typescript.statements import lower_function_block
from dblint.frontends.typescript.types import lower_tuple_member
from dblint.frontends.typescript.values import PROPERTY_KINDS, property_name


def lower_function(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Functions, arrow functions, methods and signatures of all these."""
    kinds = low.kinds
    own = kinds[node.kind_id]
    code = codes.FUNCTION | role
    value = 0
    computed: Node | None = None
    parameters: Node | None = None
    returns: Node | None = None
    body: Node | None = None
    arrow = False
    within: list[Node] = []
    generic: Node | None = None
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.NOTHING:
            continue
        if kind == grammar.FORMAL_PARAMETERS:
            parameters = child
        elif kind == grammar.STATEMENT_BLOCK:
            body = child
        elif kind == grammar.TYPE_ANNOTATION:
            returns = child
        elif kind == grammar.TYPE_PARAMETERS:
            generic = child
        elif kind == grammar.ASYNC:
            code |= codes.WITH_ASYNC
        elif kind == grammar.ARROW:
            arrow = True
        elif kind == grammar.STATIC:
            code |= codes.WITH_STATIC
        elif kind == grammar.GET:
            code |= codes.WITH_GETTER
            if child.end_byte - child.start_byte > 3:  # the JavaScript grammar's one token `static get`
                code |= codes.WITH_STATIC
        elif kind == grammar.STAR:
            code |= codes.WITH_GENERATOR
        elif kind == grammar.DECORATOR:  # the JavaScript grammar has a method's decorators in the method
            within.append(child)
        elif arrow:
            body = child if kind >= grammar.NAMED else body
        elif parameters is None and kind in PROPERTY_KINDS:
            if own == grammar.ARROW_FUNCTION:
                parameters = child
            else:
                value, computed = property_name(low, child)
    if own == grammar.ARROW_FUNCTION:
        code |= codes.WITH_ARROW
    start, stop = undecorated_start(low, node, within), node.end_byte
    decorators = low.decorators.pop(node.id, within) if low.decorators else within
    index = low.emit(code, start, stop, value, parent)
    stack = low.stack
    if body is not None:
        if kinds[body.kind_id] == grammar.STATEMENT_BLOCK:
            stack.append((lower_function_block, body, codes.AS_BODY, index))
        else:
            low.push(body, codes.AS_BODY, index)
    if returns is not None:
        low.push(returns, codes.AS_RETURNS, index)
    if parameters is not None:
        if kinds[parameters.kind_id] == grammar.FORMAL_PARAMETERS:
            _push_parameters(low, parameters, index)
        else:
            stack.append((lower_bare_parameter, parameters, codes.AS_PARAMETER, index))
    if computed is not None and low.kind_of(parent) != codes.PAIR:
        low.push(computed, codes.AS_KEY, index)
    if generic is not None:
        low.push_all(generic.children, codes.AS_TYPE_PARAMETER, index)
    if decorators:
        low.push_all(decorators, codes.AS_DECORATOR, index)


def _push_parameters(low: Lowering, parameters: Node, index: int) -> None:
    children = parameters.children
    if len(children) == 2:
        return
    kinds, handlers = low.kinds, low.handlers
    for child in reversed(children):
        kind = kinds[child.kind_id]
        handler = handlers[child.kind_id]
        if handler is None:
            continue
        if kind != grammar.PARAMETER and kind >= grammar.NAMED:
            handler = lower_bare_parameter
        low.stack.append((handler, child, codes.AS_PARAMETER, index))


def lower_method(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A method of a class, or of an object, where it is the value of a PAIR."""
    if low.kind_of(parent) == codes.OBJECT:
        start, stop = node.start_byte, node.end_byte
        kinds = low.kinds
        name = next((child for child in node.children if kinds[child.kind_id] in PROPERTY_KINDS), None)
        value, computed = property_name(low, name) if name is not None else (0, None)
        parent = low.emit(codes.PAIR | role, start, stop, value, parent)
        low.stack.append((lower_function, node, codes.AS_VALUE | codes.WITH_METHOD, parent))
        if computed is not None:
            low.push(computed, codes.AS_KEY, parent)
        return
    lower_function(low, node, role | codes.WITH_METHOD, parent)


def lower_call_signature(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`(a: A): B` and `new (a: A): B` in an interface."""
    lower_function(low, node, role | codes.WITH_METHOD, parent)


def lower_construct_signature(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`new (a: A): B` in an interface: a FUNCTION named `new`."""
    code = codes.FUNCTION | role | codes.WITH_METHOD
    index = low.emit(code, node.start_byte, node.end_byte, low.strings[b"new"], parent)
    _push_signature(low, low.parts(node), index)


def lower_function_type(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`(a: A) => B` and `new (a: A) => B` as types."""
    index = low.emit(codes.FUNCTION | role | codes.WITH_ARROW, node.start_byte, node.end_byte, 0, parent)
    _push_signature(low, low.parts(node), index)


def _push_signature(low: Lowering, parts: list[Node], index: int) -> None:
    kinds = low.kinds
    for part in reversed(parts):
        kind = kinds[part.kind_id]
        if kind == grammar.FORMAL_PARAMETERS:
            _push_parameters(low, part, index)
        elif kind == grammar.TYPE_PARAMETERS:
            low.push_all(part.children, codes.AS_TYPE_PARAMETER, index)
        else:
            low.push(part, codes.AS_RETURNS, index)


def lower_parameter(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A parameter of a TypeScript function; `this: T` is none."""
    kinds = low.kinds
    if low.kind_of(parent) == codes.TUPLE:
        lower_tuple_member(low, node, role, parent)
        return
    code = codes.PARAMETER | role
    decorators: list[Node] = []
    pattern: Node | None = None
    annotation: Node | None = None
    default: Node | None = None
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.NOTHING:
            continue
        if kind == grammar.TYPE_ANNOTATION:
            annotation = child
        elif kind == grammar.DECORATOR:
            decorators.append(child)
        elif kind in (grammar.MODIFIER, grammar.READONLY):
            code |= codes.WITH_FIELD
        elif kind == grammar.QUESTION:
            code |= codes.WITH_OPTIONAL
        elif kind >= grammar.NAMED:
            if pattern is None:
                pattern = child
            else:
                default = child
    if pattern is None or kinds[pattern.kind_id] == grammar.THIS:
        return
    _emit_parameter(low, node, code, parent, decorators, pattern, annotation, default)


def lower_bare_parameter(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A parameter without a node of its own: `x => …`, and every one of the JavaScript grammar."""
    parts = [node]
    if low.kinds[node.kind_id] == grammar.ASSIGNMENT_PATTERN:
        parts = low.parts(node)
    default = parts[1] if len(parts) > 1 else None
    _emit_parameter(low, node, codes.PARAMETER | role, parent, [], parts[0], None, default)


def _emit_parameter(
    low: Lowering,
    node: Node,
    code: int,
    parent: int,
    decorators: list[Node],
    pattern: Node,
    annotation: Node | None,
    default: Node | None,
) -> None:
    kinds = low.kinds
    if kinds[pattern.kind_id] == grammar.REST_PATTERN:
        code |= codes.WITH_REST
        pattern = next(iter(low.parts(pattern)), pattern)
    value = 0
    named = kinds[pattern.kind_id] == grammar.IDENTIFIER
    if named:
        value = low.strings[low.source[pattern.start_byte : pattern.end_byte]]
    start = undecorated_start(low, node, decorators)
    index = low.emit(code, start, node.end_byte, value, parent)
    if default is not None:
        low.push(default, codes.AS_DEFAULT, index)
    if annotation is not None:
        low.push(annotation, codes.AS_ANNOTATION, index)
    if not named:
        low.push(pattern, codes.AS_TARGET, index)
    if decorators:
        low.push_all(decorators, codes.AS_DECORATOR, index)


def undecorated_start(low: Lowering, node: Node, decorators: list[Node]) -> int:
    """Where a definition starts behind the decorators in it."""
    if decorators:
        last = decorators[-1].end_byte
        for child in node.children:
            if child.start_byte >= last and (low.kinds[child.kind_id] or not child.is_named):
                return child.start_byte
    return node.start_byte


HANDLERS: Final[dict[str, Handler]] = {
    "abstract_method_signature": lower_method,
    "arrow_function": lower_function,
    "call_signature": lower_call_signature,
    "construct_signature": lower_construct_signature,
    "constructor_type": lower_function_type,
    "function_declaration": lower_function,
    "function_expression": lower_function,
    "function_signature": lower_function,
    "function_type": lower_function_type,
    "generator_function": lower_function,
    "generator_function_declaration": lower_function,
    "method_definition": lower_method,
    "method_signature": lower_method,
    "optional_parameter": lower_parameter,
    "required_parameter": lower_parameter,
}
