"""Types, lowered as expressions: `Repository<User>` is a SUBSCRIPT, `A | B` a BINARY, `{ a: B }` a CLASS."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.lowering import Handler, Lowering


def lower_type_name(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`User`, `string`, `any` …"""
    start, stop = node.start_byte, node.end_byte
    low.emit(codes.NAME | role, start, stop, low.strings[low.source[start:stop]], parent)


def lower_wrapped(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A type that only wraps another: parentheses, `readonly`, `: T`, a literal type, `T?` in a tuple."""
    low.push_all(low.parts(node)[:1], role, parent)


def lower_qualified(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A.B`."""
    parts = low.parts(node)
    last = parts[-1]
    value = low.strings[low.source[last.start_byte : last.end_byte]]
    index = low.emit(codes.ATTRIBUTE | role, node.start_byte, node.end_byte, value, parent)
    if len(parts) > 1:
        low.push(parts[0], codes.AS_OBJECT, index)


def lower_generic(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A<B, C>`."""
    index = low.emit(codes.SUBSCRIPT | role, node.start_byte, node.end_byte, 0, parent)
    for child in reversed(low.parts(node)):
        if low.kinds[child.kind_id] == grammar.TYPE_ARGUMENTS:
            low.push_all(child.children, codes.AS_INDEX, index)
        else:
            low.push(child, codes.AS_OBJECT, index)


def lower_union(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A | B`."""
    _lower_operator(low, node, role, parent, b"|")


def lower_intersection(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A & B`."""
    _lower_operator(low, node, role, parent, b"&")


def _lower_operator(low: Lowering, node: Node, role: int, parent: int, operator: bytes) -> None:
    parts = low.parts(node)
    if len(parts) < 2:  # the operator before the first type says nothing
        low.push_all(parts, role, parent)
        return
    index = low.emit(codes.BINARY | role, node.start_byte, node.end_byte, low.strings[operator], parent)
    low.push(parts[-1], codes.AS_RIGHT, index)
    low.push(parts[0], codes.AS_LEFT, index)


def lower_array_type(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A[]` is `Array<A>`; the name that is not written has an empty span."""
    start = node.start_byte
    index = low.emit(codes.SUBSCRIPT | role, start, node.end_byte, 0, parent)
    low.emit(codes.NAME | codes.AS_OBJECT, start, start, low.strings[b"Array"], index)
    low.push_all(low.parts(node)[:1], codes.AS_INDEX, index)


def lower_lookup(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`A["b"]`."""
    parts = low.parts(node)
    index = low.emit(codes.SUBSCRIPT | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(parts[1:], codes.AS_INDEX, index)
    low.push_all(parts[:1], codes.AS_OBJECT, index)


def lower_typeof(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`typeof x`."""
    index = low.emit(codes.UNARY | role, node.start_byte, node.end_byte, low.strings[b"typeof"], parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_tuple(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`[A, name: B, C?, ...D[]]`."""
    index = low.emit(codes.TUPLE | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_ELEMENT, index)


def lower_rest_type(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`...A[]` in a tuple."""
    index = low.emit(codes.SPREAD | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_tuple_member(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`name: A` in a tuple; its name is documentation."""
    parts = low.parts(node)
    if low.kinds[parts[0].kind_id] == grammar.REST_PATTERN:
        parent = low.emit(codes.SPREAD | role, node.start_byte, node.end_byte, 0, parent)
        role = codes.AS_VALUE
    low.push_all(parts[1:], role, parent)


def lower_object_type(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`{ a: A; b(): B }`: a CLASS that declares a shape. A mapped type has no word."""
    kinds = low.kinds
    start, stop = node.start_byte, node.end_byte
    members = low.parts(node)
    for member in members:
        if kinds[member.kind_id] == grammar.INDEX_SIGNATURE and any(
            kinds[child.kind_id] == grammar.MAPPED_CLAUSE for child in member.children
        ):
            low.emit(codes.OPAQUE | role, start, stop, 0, parent)
            return
    index = low.emit(codes.CLASS | role | codes.WITH_INTERFACE, start, stop, 0, parent)
    block = low.emit(codes.BLOCK | codes.AS_BODY, start, stop, 0, index)
    low.push_all(members, codes.AS_BODY, block)


def lower_index_signature(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`[key: string]: A`: OPAQUE with the type of what it holds."""
    index = low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)
    for child in node.children:
        if low.kinds[child.kind_id] == grammar.TYPE_ANNOTATION:
            low.push(child, codes.AS_ANNOTATION, index)


def lower_keyof(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`keyof A`: no word for it, but the type is seen."""
    index = low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_NONE, index)


def lower_type_parameter(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`T extends A = B`."""
    names = low.grammar.names
    parts = low.parts(node)
    value = low.strings[low.source[parts[0].start_byte : parts[0].end_byte]] if parts else 0
    index = low.emit(codes.TYPE_PARAMETER | role, node.start_byte, node.end_byte, value, parent)
    for child in reversed(parts[1:]):
        child_role = codes.AS_DEFAULT if names[child.kind_id] == "default_type" else codes.AS_ANNOTATION
        low.push_all(low.parts(child)[:1], child_role, index)


def lower_unknown_type(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A type without a word, passed over without descending."""
    low.emit(codes.OPAQUE | role, node.start_byte, node.end_byte, 0, parent)


HANDLERS: Final[dict[str, Handler]] = {
    "adding_type_annotation": lower_wrapped,
    "array_type": lower_array_type,
    "asserts": lower_unknown_type,
    "asserts_annotation": lower_wrapped,
    "conditional_type": lower_unknown_type,
    "existential_type": lower_unknown_type,
    "flow_maybe_type": lower_unknown_type,
    "generic_type": lower_generic,
    "index_signature": lower_index_signature,
    "index_type_query": lower_keyof,
    "infer_type": lower_unknown_type,
    "intersection_type": lower_intersection,
    "literal_type": lower_wrapped,
    "lookup_type": lower_lookup,
    "mapped_type_clause": lower_unknown_type,
    "nested_identifier": lower_qualified,
    "nested_type_identifier": lower_qualified,
    "object_type": lower_object_type,
    "omitting_type_annotation": lower_wrapped,
    "opting_type_annotation": lower_wrapped,
    "optional_type": lower_wrapped,
    "parenthesized_type": lower_wrapped,
    "predefined_type": lower_type_name,
    "readonly_type": lower_wrapped,
    "rest_type": lower_rest_type,
    "template_literal_type": lower_unknown_type,
    "tuple_type": lower_tuple,
    "type_annotation": lower_wrapped,
    "type_parameter": lower_type_parameter,
    "type_identifier": lower_type_name,
    "type_predicate": lower_unknown_type,
    "type_predicate_annotation": lower_wrapped,
    "type_query": lower_typeof,
    "union_type": lower_union,
}
