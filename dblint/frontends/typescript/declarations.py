"""Variables, functions, parameters, classes and their members, enums, namespaces, type aliases."""

from __future__ import annotations

from functools import partial
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.expressions import lower_transparent
from dblint.frontends.typescript.functions import undecorated_start
from dblint.frontends.typescript.lowering import Handler, Lowering
from dblint.frontends.typescript.values import PROPERTY_KINDS, property_name


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
    start, stop = undecorated_start(low, node, decorators), node.end_byte
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
    start = undecorated_start(low, node, decorators)
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
        (_lower_enum_member if kinds[member.kind_id] in PROPERTY_KINDS else lower_field, member, member_role, block)
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
    """`namespace A { … }`, `declare module "m" { … }`: its statements in a BLOCK with its name."""
    kinds = low.kinds
    start = stop = node.start_byte
    for child in low.parts(node):
        if kinds[child.kind_id] != grammar.STATEMENT_BLOCK:
            quote = kinds[child.kind_id] == grammar.STRING
            start, stop = child.start_byte + quote, child.end_byte - quote
        else:
            value = low.strings[low.source[start:stop]]
            index = low.emit(codes.BLOCK | role, child.start_byte, child.end_byte, value, parent)
            low.push_all(child.children, codes.AS_BODY, index)
            return


def lower_ambient(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`declare …`; of `declare global { … }` the statements, in a BLOCK of that name."""
    block = node.children[-1] if node.children else node
    if low.kinds[block.kind_id] != grammar.STATEMENT_BLOCK:
        lower_transparent(low, node, role, parent)
        return
    index = low.emit(codes.BLOCK | role, block.start_byte, block.end_byte, low.strings[b"global"], parent)
    low.push_all(block.children, codes.AS_BODY, index)


def lower_static_block(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`static { … }` of a class."""
    low.push_all(low.parts(node)[:1], role | codes.WITH_STATIC, parent)


HANDLERS: Final[dict[str, Handler]] = {
    "abstract_class_declaration": lower_class,
    "ambient_declaration": lower_ambient,
    "class": lower_class,
    "class_body": lower_class_body,
    "class_declaration": lower_class,
    "class_static_block": lower_static_block,
    "enum_assignment": lower_field,
    "enum_declaration": lower_enum,
    "field_definition": lower_field,
    "import_alias": lower_import_alias,
    "interface_body": lower_class_body,
    "interface_declaration": lower_interface,
    "internal_module": lower_namespace,
    "lexical_declaration": lower_variables,
    "module": lower_namespace,
    "property_signature": lower_field,
    "public_field_definition": lower_field,
    "type_alias_declaration": lower_alias,
    "variable_declaration": lower_variables,
    "variable_declarator": lower_declarator,
}
