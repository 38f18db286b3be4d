"""Variables, functions, parameters, classes and their members, enums, namespaces, type aliases."""

from __future__ import annotations

from functools import partial
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.expressions import lower_transparent, property_name
from dblint.frontends.typescript.lowering import Handler, Lowering
from dblint.frontends.typescript.statements import lower_block, lower_function_block
from dblint.frontends.typescript.types import lower_tuple_member

_PROPERTY_KINDS: Final = frozenset(
    {
        grammar.COMPUTED_NAME,
        grammar.IDENTIFIER,
        grammar.NUMBER,
        grammar.PRIVATE_NAME,
        grammar.PROPERTY_NAME,
        grammar.STRING,
    }
)


def lower_variables(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`const a = 1, b = 2`: one ASSIGN per name."""
    kind = low.kinds[node.children[0].kind_id]
    if kind == grammar.CONST:
        role |= codes.WITH_CONSTANT | codes.WITH_DECLARATION
    elif kind == grammar.LET:
        role |= codes.WITH_DECLARATION
    low.push_all(node.children, role, parent)


def lower_declarator(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a: T = 1`."""
    index = low.emit(codes.ASSIGN | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    value = False
    later: list[tuple[Node, int]] = []
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.EQUALS:
            value = True
        elif kind == grammar.TYPE_ANNOTATION:
            later.append((child, codes.AS_ANNOTATION))
        elif kind >= grammar.NAMED:
            later.append((child, codes.AS_VALUE if value else codes.AS_TARGET))
    for child, child_role in reversed(later):
        low.push(child, child_role, index)


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
        elif parameters is None and kind in _PROPERTY_KINDS:
            if own == grammar.ARROW_FUNCTION:
                parameters = child
            else:
                value, computed = property_name(low, child)
    if own == grammar.ARROW_FUNCTION:
        code |= codes.WITH_ARROW
    start, stop = _undecorated_start(low, node, within), node.end_byte
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
        name = next((child for child in node.children if kinds[child.kind_id] in _PROPERTY_KINDS), None)
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
    start = _undecorated_start(low, node, decorators)
    index = low.emit(code, start, node.end_byte, value, parent)
    if default is not None:
        low.push(default, codes.AS_DEFAULT, index)
    if annotation is not None:
        low.push(annotation, codes.AS_ANNOTATION, index)
    if not named:
        low.push(pattern, codes.AS_TARGET, index)
    if decorators:
        low.push_all(decorators, codes.AS_DECORATOR, index)


def _undecorated_start(low: Lowering, node: Node, decorators: list[Node]) -> int:
    """Where a definition starts behind the decorators in it."""
    if decorators:
        last = decorators[-1].end_byte
        for child in node.children:
            if child.start_byte >= last and (low.kinds[child.kind_id] or not child.is_named):
                return child.start_byte
    return node.start_byte


def lower_class(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Classes and interfaces."""
    kinds = low.kinds
    decorators: list[Node] = []
    bases: list[tuple[Handler, Node, int]] = []
    body: Node | None = None
    generic: Node | None = None
    value = 0
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.DECORATOR:
            decorators.append(child)
        elif kind == grammar.TYPE_PARAMETERS:
            generic = child
        elif kind in (grammar.TYPE_NAME, grammar.IDENTIFIER):
            value = low.strings[low.source[child.start_byte : child.end_byte]]
        elif kind in (grammar.CLASS_BODY, grammar.INTERFACE_BODY):
            body = child
        elif kind == grammar.HERITAGE:
            for clause in low.parts(child):
                _gather_bases(low, clause, bases)
        elif kind == grammar.EXTENDS_CLAUSE:
            _gather_bases(low, child, bases)
    start, stop = _undecorated_start(low, node, decorators), node.end_byte
    if low.decorators:
        decorators = low.decorators.pop(node.id, []) + decorators
    index = low.emit(codes.CLASS | role, start, stop, value, parent)
    if body is not None:
        low.stack.append((lower_class_body, body, codes.AS_BODY, index))
    low.stack += [(handler, base, base_role, index) for handler, base, base_role in reversed(bases)]
    if generic is not None:
        low.push_all(generic.children, codes.AS_TYPE_PARAMETER, index)
    low.push_all(decorators, codes.AS_DECORATOR, index)


def _gather_bases(low: Lowering, clause: Node, bases: list[tuple[Handler, Node, int]]) -> None:
    """Adds the classes of an `extends` or `implements` clause, or the one expression of the JavaScript grammar."""
    kinds = low.kinds
    kind = kinds[clause.kind_id]
    if kind not in (grammar.EXTENDS_CLAUSE, grammar.IMPLEMENTS_CLAUSE):
        bases.append((low.handlers[clause.kind_id] or lower_transparent, clause, codes.AS_BASE))
        return
    role = codes.AS_BASE | (codes.WITH_INTERFACE if kind == grammar.IMPLEMENTS_CLAUSE else 0)
    for part in low.parts(clause):
        if kinds[part.kind_id] == grammar.TYPE_ARGUMENTS:
            if bases:
                _, base, base_role = bases.pop()
                bases.append((partial(_lower_generic_base, arguments=part), base, base_role))
        else:
            bases.append((low.handlers[part.kind_id] or lower_transparent, part, role))


def _lower_generic_base(low: Lowering, node: Node, role: int, parent: int, *, arguments: Node) -> None:
    index = low.emit(codes.SUBSCRIPT | role, node.start_byte, arguments.end_byte, 0, parent)
    low.push_all(arguments.children, codes.AS_INDEX, index)
    low.push(node, codes.AS_OBJECT, index)


def lower_interface(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`interface A extends B { … }`."""
    lower_class(low, node, role | codes.WITH_INTERFACE, parent)


def lower_class_body(low: Lowering, node: Node, role: int, parent: int) -> None:
    """Members of a class or an interface. A method's decorators stand before it, not in it."""
    index = low.emit(codes.BLOCK | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    decorators: list[Node] = []
    members: list[Node] = []
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.DECORATOR:
            decorators.append(child)
            continue
        if kind >= grammar.NAMED:
            if decorators:
                low.decorators[child.id] = decorators
                decorators = []
            members.append(child)
        elif low.handlers[child.kind_id] is not None:
            members.append(child)
    low.push_all(members, codes.AS_BODY, index)


def lower_field(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A field of a class or an interface, a member of an enum with a value."""
    kinds = low.kinds
    code = codes.ASSIGN | role
    decorators: list[Node] = []
    name: Node | None = None
    annotation: Node | None = None
    value: Node | None = None
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.NOTHING:
            continue
        if kind == grammar.TYPE_ANNOTATION:
            annotation = child
        elif kind == grammar.DECORATOR:
            decorators.append(child)
        elif kind == grammar.STATIC:
            code |= codes.WITH_STATIC
        elif kind == grammar.QUESTION:
            code |= codes.WITH_OPTIONAL
        elif kind >= grammar.NAMED and kind != grammar.MODIFIER:
            if name is None:
                name = child
            else:
                value = child
    start = _undecorated_start(low, node, decorators)
    if low.decorators:
        decorators = low.decorators.pop(node.id, []) + decorators
    index = low.emit(code, start, node.end_byte, 0, parent)
    if value is not None:
        low.push(value, codes.AS_VALUE, index)
    if annotation is not None:
        low.push(annotation, codes.AS_ANNOTATION, index)
    if name is not None:
        low.stack.append((_lower_field_name, name, codes.AS_TARGET, index))
    if decorators:
        low.push_all(decorators, codes.AS_DECORATOR, index)


def _lower_field_name(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A field's name: NAME, or OPAQUE with the expression when it is computed."""
    start, stop = node.start_byte, node.end_byte
    value, computed = property_name(low, node)
    if computed is None:
        low.emit(codes.NAME | role, start, stop, value, parent)
        return
    index = low.emit(codes.OPAQUE | role, start, stop, 0, parent)
    low.push(computed, codes.AS_KEY, index)


def lower_enum(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`enum A { B, C = 1 }`: a CLASS with static members."""
    kinds = low.kinds
    value = 0
    members: list[Node] = []
    block_start, block_stop = node.start_byte, node.end_byte
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == grammar.IDENTIFIER:
            value = low.strings[low.source[child.start_byte : child.end_byte]]
        elif kind == grammar.ENUM_BODY:
            members = low.parts(child)
            block_start, block_stop = child.start_byte, child.end_byte
    index = low.emit(codes.CLASS | role, node.start_byte, node.end_byte, value, parent)
    block = low.emit(codes.BLOCK | codes.AS_BODY, block_start, block_stop, 0, index)
    member_role = codes.AS_BODY | codes.WITH_STATIC | codes.WITH_CONSTANT
    low.stack += [
        (_lower_enum_member if kinds[member.kind_id] in _PROPERTY_KINDS else lower_field, member, member_role, block)
        for member in reversed(members)
    ]


def _lower_enum_member(low: Lowering, node: Node, role: int, parent: int) -> None:
    index = low.emit(codes.ASSIGN | role, node.start_byte, node.end_byte, 0, parent)
    _lower_field_name(low, node, codes.AS_TARGET, index)


def lower_alias(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`type A = B`."""
    parts = low.parts(node)
    value = 0
    if parts:
        value = low.strings[low.source[parts[0].start_byte : parts[0].end_byte]]
    index = low.emit(codes.ALIAS | role, node.start_byte, node.end_byte, value, parent)
    if len(parts) > 1:
        low.push(parts[-1], codes.AS_VALUE, index)


def lower_import_alias(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`import A = B.C`: a constant."""
    code = codes.ASSIGN | role | codes.WITH_CONSTANT | codes.WITH_DECLARATION
    index = low.emit(code, node.start_byte, node.end_byte, 0, parent)
    parts = low.parts(node)
    low.push_all(parts[1:], codes.AS_VALUE, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


def lower_namespace(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`namespace A { … }`, `declare module "m" { … }`: its statements in a BLOCK."""
    kinds = low.kinds
    for child in node.children:
        if kinds[child.kind_id] == grammar.STATEMENT_BLOCK:
            lower_block(low, child, role, parent)
            return


def lower_static_block(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`static { … }` of a class."""
    low.push_all(low.parts(node)[:1], role | codes.WITH_STATIC, parent)


HANDLERS: Final[dict[str, Handler]] = {
    "abstract_class_declaration": lower_class,
    "abstract_method_signature": lower_method,
    "ambient_declaration": lower_transparent,
    "arrow_function": lower_function,
    "call_signature": lower_call_signature,
    "class": lower_class,
    "class_body": lower_class_body,
    "class_declaration": lower_class,
    "class_static_block": lower_static_block,
    "construct_signature": lower_construct_signature,
    "constructor_type": lower_function_type,
    "enum_assignment": lower_field,
    "enum_declaration": lower_enum,
    "field_definition": lower_field,
    "function_declaration": lower_function,
    "function_expression": lower_function,
    "function_signature": lower_function,
    "function_type": lower_function_type,
    "generator_function": lower_function,
    "generator_function_declaration": lower_function,
    "import_alias": lower_import_alias,
    "interface_body": lower_class_body,
    "interface_declaration": lower_interface,
    "internal_module": lower_namespace,
    "lexical_declaration": lower_variables,
    "method_definition": lower_method,
    "method_signature": lower_method,
    "module": lower_namespace,
    "optional_parameter": lower_parameter,
    "property_signature": lower_field,
    "public_field_definition": lower_field,
    "required_parameter": lower_parameter,
    "type_alias_declaration": lower_alias,
    "variable_declaration": lower_variables,
    "variable_declarator": lower_declarator,
}
