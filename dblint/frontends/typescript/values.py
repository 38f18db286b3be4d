"""Literals, templates, objects and arrays, and the patterns that look like them."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.literals import cook_template
from dblint.frontends.typescript.lowering import Handler, Lowering, Work

PROPERTY_KINDS: Final = frozenset(
    {
        grammar.COMPUTED_NAME,
        grammar.IDENTIFIER,
        grammar.NUMBER,
        grammar.PRIVATE_NAME,
        grammar.PROPERTY_NAME,
        grammar.STRING,
    }
)
"""What names a member of an object or a class."""
_ELISION: Final = codes.OPAQUE | codes.AS_ELEMENT


def lower_constant(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`true`, `false`, `null`, `undefined`."""
    start, stop = node.start_byte, node.end_byte
    low.emit(codes.CONSTANT | role, start, stop, low.strings[low.source[start:stop]], parent)


def lower_number(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A number, without its separators."""
    start, stop = node.start_byte, node.end_byte
    text = low.source[start:stop].replace(b"_", b"")
    low.emit(codes.NUMBER | role, start, stop, low.strings[text], parent)


def lower_string(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A string; the span is what stands between the quotes."""
    start, stop = string_content(low, node)
    low.emit(codes.STRING | role, start, stop, low.strings[low.source[start:stop]], parent)


def string_content(low: Lowering, node: Node) -> tuple[int, int]:
    """The span between a string's quotes; the closing one may be missing."""
    start, stop = node.start_byte, node.end_byte
    if stop - start > 1 and low.source[start] == low.source[stop - 1]:
        return start + 1, stop - 1
    return min(start + 1, stop), stop


def lower_template(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A template: STRING and HOLE in order."""
    start, stop = node.start_byte, node.end_byte
    index = low.emit(codes.TEMPLATE | role, start, stop, 0, parent)
    kinds = low.kinds
    holes = [child for child in node.children if kinds[child.kind_id] == grammar.SUBSTITUTION]
    position = start + 1
    last = stop - 1 if stop - start > 1 and low.source[stop - 1] == 0x60 else stop
    later: list[Work] = []
    for hole in holes:
        before = hole.start_byte
        if before > position:
            later.append((partial(_lower_piece, start=position, stop=before), hole, codes.AS_ELEMENT, index))
        later.append((lower_hole, hole, codes.AS_ELEMENT, index))
        position = hole.end_byte
    if last > position:
        later.append((partial(_lower_piece, start=position, stop=last), node, codes.AS_ELEMENT, index))
    if holes:
        low.stack += reversed(later)
    else:
        for handler, child, child_role, child_parent in later:
            handler(low, child, child_role, child_parent)


def _lower_piece(low: Lowering, _node: Node, role: int, parent: int, *, start: int, stop: int) -> None:
    text = cook_template(low.source[start:stop].decode("utf-8", "replace"))
    low.emit(codes.STRING | role, start, stop, low.strings.intern(text), parent)


def lower_hole(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`${…}` of a template."""
    index = low.emit(codes.HOLE | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_regex(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A regular expression literal; its value is the pattern."""
    start, stop = node.start_byte, node.end_byte
    end = low.source.rfind(b"/", start + 1, stop)
    pattern = low.source[start + 1 : end if end > start else stop].decode("utf-8", "replace")
    low.emit(codes.REGEX | role, start, stop, low.strings.intern(pattern), parent)


def lower_array(low: Lowering, node: Node, role: int, parent: int) -> None:
    """An array literal or pattern. What an elision skips is an OPAQUE, so that positions count."""
    index = low.emit(codes.LIST | role, node.start_byte, node.end_byte, 0, parent)
    children = node.children
    kinds = low.kinds
    if any(
        kinds[child.kind_id] == grammar.COMMA and kinds[before.kind_id] < grammar.NAMED
        for before, child in pairwise(children)
    ):
        _push_elements_with_elisions(low, node, index)
    else:
        low.push_all(children, codes.AS_ELEMENT, index)


def _push_elements_with_elisions(low: Lowering, node: Node, index: int) -> None:
    later: list[Work] = []
    empty = True
    for child in node.children:
        kind = low.kinds[child.kind_id]
        handler = low.handlers[child.kind_id]
        if handler is not None:
            later.append((handler, child, codes.AS_ELEMENT, index))
            empty = False
        elif kind == grammar.COMMA:
            if empty:
                later.append((_lower_elision, child, codes.AS_ELEMENT, index))
            empty = True
    low.stack += reversed(later)


def _lower_elision(low: Lowering, node: Node, _role: int, parent: int) -> None:
    start = node.start_byte
    low.emit(_ELISION, start, start, 0, parent)


def lower_object(low: Lowering, node: Node, role: int, parent: int) -> None:
    """An object literal or pattern."""
    index = low.emit(codes.OBJECT | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_ELEMENT, index)


def lower_pair(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`key: value`, in a literal and in a pattern."""
    children = node.children
    if len(children) != 3:
        children = low.parts(node)
    value, computed = property_name(low, children[0])
    index = low.emit(codes.PAIR | role, node.start_byte, node.end_byte, value, parent)
    low.push(children[-1], codes.AS_VALUE, index)
    if computed is not None:
        low.push(computed, codes.AS_KEY, index)


def property_name(low: Lowering, node: Node) -> tuple[int, Node | None]:
    """A property's name as an index into the strings; or, when it is computed, 0 and the expression."""
    kind = low.kinds[node.kind_id]
    if kind == grammar.STRING:
        start, stop = string_content(low, node)
        return low.strings[low.source[start:stop]], None
    if kind == grammar.COMPUTED_NAME:
        parts = low.parts(node)
        if not parts:
            return 0, None
        if low.kinds[parts[0].kind_id] == grammar.STRING:
            return property_name(low, parts[0])
        return 0, parts[0]
    text = low.source[node.start_byte : node.end_byte]
    if kind == grammar.NUMBER:
        text = text.replace(b"_", b"")
    return low.strings[text], None


def lower_shorthand(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`{ a }`, in a literal and in a pattern."""
    start, stop = node.start_byte, node.end_byte
    value = low.strings[low.source[start:stop]]
    index = low.emit(codes.PAIR | role, start, stop, value, parent)
    low.emit(codes.NAME | codes.AS_VALUE, start, stop, value, index)


def lower_shorthand_default(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`{ a = 1 }` in a pattern."""
    parts = low.parts(node)
    if not parts:
        return
    start, stop = node.start_byte, node.end_byte
    name = parts[0]
    value = 0
    if low.kinds[name.kind_id] == grammar.SHORTHAND_PATTERN:
        value = low.strings[low.source[name.start_byte : name.end_byte]]
    pair = low.emit(codes.PAIR | role, start, stop, value, parent)
    index = low.emit(codes.DEFAULTED | codes.AS_VALUE, start, stop, 0, pair)
    low.push_all(parts[1:], codes.AS_DEFAULT, index)
    if value:
        low.emit(codes.NAME | codes.AS_TARGET, name.start_byte, name.end_byte, value, index)
    else:
        low.push(name, codes.AS_TARGET, index)


def lower_defaulted(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`a = 1` as an element of a pattern."""
    index = low.emit(codes.DEFAULTED | role, node.start_byte, node.end_byte, 0, parent)
    parts = low.parts(node)
    low.push_all(parts[1:], codes.AS_DEFAULT, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


def lower_rest(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`...rest` in a pattern."""
    index = low.emit(codes.SPREAD | role | codes.WITH_REST, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_VALUE, index)


def lower_spread(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`...x` in a call, an array or an object."""
    code = codes.SPREAD | role
    if low.kind_of(parent) == codes.OBJECT:
        code |= codes.WITH_PAIRS
    index = low.emit(code, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_VALUE, index)


HANDLERS: Final[dict[str, Handler]] = {
    "array": lower_array,
    "array_pattern": lower_array,
    "assignment_pattern": lower_defaulted,
    "false": lower_constant,
    "null": lower_constant,
    "number": lower_number,
    "object": lower_object,
    "object_assignment_pattern": lower_shorthand_default,
    "object_pattern": lower_object,
    "pair": lower_pair,
    "pair_pattern": lower_pair,
    "regex": lower_regex,
    "rest_pattern": lower_rest,
    "shorthand_property_identifier": lower_shorthand,
    "shorthand_property_identifier_pattern": lower_shorthand,
    "spread_element": lower_spread,
    "string": lower_string,
    "template_string": lower_template,
    "template_substitution": lower_hole,
    "true": lower_constant,
    "undefined": lower_constant,
}
