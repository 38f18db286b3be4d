"""The walk over a Python file's syntax tree: one cursor, no recursion, no call for what every file is full of."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.facts.tree import Flag, Kind, Role
from dblint.frontends import python_grammar as grammar
from dblint.frontends.python_constructs import Constructs
from dblint.frontends.python_grammar import (
    ACTION_ASSIGNMENT,
    ACTION_BLOCK,
    ACTION_CONSTANT,
    ACTION_DEFINITION,
    ACTION_NAME,
    ACTION_NUMBER,
    ACTION_OPERATOR,
    ACTION_PAIR,
    ACTION_PLAIN,
    ACTION_STRING,
    ACTION_THROUGH,
    ACTION_TYPE,
    BACKSLASH,
    FIRST_PRIVATE,
    RETURN,
    ROLE_DEFINITION,
    ROLE_KEY,
    ROLE_MEMBER,
    ROLE_NAME,
    ROLE_PARAMETER,
    ROLE_PATTERN_KEY,
    UNDERSCORE,
)
from dblint.frontends.python_growth import Frame

# Members of an enumeration cost a look-up each time, and these are needed for nearly every node.
_ASSIGN: Final = Kind.ASSIGN
_BINARY: Final = Kind.BINARY
_BLOCK: Final = Kind.BLOCK
_CLASS: Final = Kind.CLASS
_COMPREHENSION: Final = Kind.COMPREHENSION
_CONDITIONAL: Final = Kind.CONDITIONAL
_CONSTANT: Final = Kind.CONSTANT
_FUNCTION: Final = Kind.FUNCTION
_KEYWORD: Final = Kind.KEYWORD
_NAME: Final = Kind.NAME
_NUMBER: Final = Kind.NUMBER
_OPAQUE: Final = Kind.OPAQUE
_PAIR: Final = Kind.PAIR
_PARAMETER: Final = Kind.PARAMETER
_SLICE: Final = Kind.SLICE
_STRING: Final = Kind.STRING
_UNARY: Final = Kind.UNARY
_YIELD: Final = Kind.YIELD
_BODY: Final = Role.BODY
_CONDITION: Final = Role.CONDITION
_ELSE: Final = Role.ELSE
_NONE: Final = Role.NONE
_OBJECT: Final = Role.OBJECT
_RIGHT: Final = Role.RIGHT
_START: Final = Role.START
_STEP: Final = Role.STEP
_STOP: Final = Role.STOP
_TARGET: Final = Role.TARGET
_VALUE: Final = Role.VALUE
_ASYNC: Final = Flag.ASYNC
_DELEGATE: Final = Flag.DELEGATE
_METHOD: Final = Flag.METHOD

_QUOTES: Final = {34: b'"""', 39: b"'''"}


class Lowering(Constructs):
    """The walk. What Python files are full of is done here, in line; the rest is left to `Constructs.enter`."""

    __slots__ = ()

    def walk(self, root: Node, parent: int, role: int, scope: int = 0, type_stop: int = 0) -> None:
        """Lowers `root` and what is below it under the open node `parent`. What ends before `type_stop` is a type."""
        source = self.source
        kinds, roles, parents = self.kinds, self.roles, self.parents
        starts, stops, values, flags, ends = self.starts, self.stops, self.values, self.flags, self.ends
        add_kind, add_role, add_parent = kinds.append, roles.append, parents.append
        add_start, add_stop, add_value = starts.append, stops.append, values.append
        known_name, known_text = self.names.get, self.texts.get
        actions, plain, quotes = grammar.ACTIONS, grammar.PLAIN, _QUOTES

        cursor = root.walk()
        first_child, next_sibling, goto_parent = (
            cursor.goto_first_child,
            cursor.goto_next_sibling,
            cursor.goto_parent,
        )
        frames: list[Frame] = []
        push, pop = frames.append, frames.pop
        # What the children of the syntax node around are: all `child_role`, or each by its field.
        child_role = role
        fields: grammar.Fields | None = None
        count = len(kinds)

        while True:
            node: Node = cursor.node  # type: ignore[assignment]
            kind = node.kind_id
            action = actions[kind]
            if action > ACTION_OPERATOR:
                role = child_role if fields is None else fields[cursor.field_id]
                start = node.start_byte
                stop = node.end_byte

                if action == ACTION_NAME:
                    text = source[start:stop]
                    value = known_name(text)
                    if value is None:
                        value = self.name(text)
                    kind = _NAME
                    if role >= FIRST_PRIVATE:
                        if role in (ROLE_NAME, ROLE_MEMBER):
                            values[parent] = value
                            if fields is None and kinds[parent] == _KEYWORD:
                                child_role = _VALUE  # what follows in `name=pattern`
                            kind = 0
                        elif role == ROLE_PARAMETER:
                            kind = _PARAMETER
                    if kind:
                        add_kind(kind)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(value)
                        count += 1

                elif action == ACTION_PLAIN:
                    push((parent, child_role, fields, scope))
                    kind, child_role, fields, text = plain[kind]
                    add_kind(kind)
                    add_role(role)
                    add_parent(parent)
                    add_start(start)
                    add_stop(stop)
                    add_value(self.text(text) if text else 0)
                    parent = count
                    count += 1
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_THROUGH:
                    push((parent, child_role, fields, scope))
                    child_role = role
                    fields = None
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_STRING:
                    text = b"\\"
                    quote = quotes.get(source[start])
                    if quote is not None and role != ROLE_PATTERN_KEY and start >= type_stop:
                        # No prefix: the usual case.
                        width = 3 if stop - start >= 6 and source.startswith(quote, start) else 1
                        start += width
                        stop -= width
                        if start <= stop and source.startswith(quote[:width], stop):
                            text = source[start:stop]
                    if BACKSLASH in text or RETURN in text:
                        parent, _, frame = self.string(node, role, parent, scope, in_type=node.start_byte < type_stop)
                        count = len(kinds)
                        if frame is not None:
                            push((parent, child_role, fields, scope))
                            parent, child_role, fields, scope = frame
                            if first_child():
                                continue
                            parent, child_role, fields, scope = pop()
                    else:
                        value = known_text(text)
                        if value is None:
                            value = self.text(text)
                        if role == ROLE_KEY:
                            values[parent] = value
                        else:
                            add_kind(_STRING)
                            add_role(role)
                            add_parent(parent)
                            add_start(start)
                            add_stop(stop)
                            add_value(value)
                            count += 1

                elif action == ACTION_ASSIGNMENT:
                    push((parent, child_role, fields, scope))
                    child_role = _NONE
                    fields = grammar.ASSIGNMENT_FIELDS
                    if role != _VALUE or kinds[parent] != _ASSIGN:  # `a = b = c` is one ASSIGN
                        add_kind(_ASSIGN)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(0)
                        parent = count
                        count += 1
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_NUMBER:
                    text = source[start:stop]
                    if UNDERSCORE in text:
                        text = text.replace(b"_", b"")
                    if role == ROLE_PATTERN_KEY or self.minus >= 0:
                        parent = self.pattern_number(text, role, parent, start, stop)
                        count = len(kinds)
                    elif role == ROLE_KEY:
                        values[parent] = self.text(text)
                    else:
                        add_kind(_NUMBER)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(self.text(text))
                        count += 1

                elif action == ACTION_BLOCK:
                    if role < FIRST_PRIVATE:
                        push((parent, child_role, fields, scope))
                        add_kind(_BLOCK)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(0)
                        parent = count
                        count += 1
                        child_role = _BODY
                        fields = None
                    else:
                        parent, inner = self.case_block(role, parent, start, stop, scope)
                        count = len(kinds)
                        push((parent, child_role, fields, scope))
                        parent, child_role, fields, scope = inner
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_CONSTANT:
                    if role == ROLE_PATTERN_KEY:
                        parent, role = self.pattern_key(parent, start, stop)
                        count = len(kinds)
                    add_kind(_CONSTANT)
                    add_role(role)
                    add_parent(parent)
                    add_start(start)
                    add_stop(stop)
                    add_value(self.text(grammar.CONSTANTS[kind]))
                    count += 1

                elif action == ACTION_DEFINITION:
                    if role != ROLE_DEFINITION:
                        push((parent, child_role, fields, scope))
                        kind, fields = grammar.DEFINITIONS[kind]
                        add_kind(kind)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(0)
                        parent = count
                        count += 1
                    else:
                        # The node is open since its first decorator.
                        push((parent, child_role, fields, scope))
                        kind, fields = grammar.DEFINITIONS[kind]
                        kinds[parent] = kind
                        starts[parent] = start
                        stops[parent] = stop
                    if kind == _FUNCTION and kinds[scope] == _CLASS:
                        flags[parent] = _METHOD
                    scope = parent
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_TYPE:
                    push((parent, child_role, fields, scope))
                    if stop > type_stop:
                        type_stop = stop
                    child_role = _OBJECT if role == ROLE_MEMBER else role
                    fields = None
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                elif action == ACTION_PAIR:
                    push((parent, child_role, fields, scope))
                    if kinds[parent] == _COMPREHENSION:
                        fields = grammar.PAIR_OF_COMPREHENSION_FIELDS
                    else:
                        fields = grammar.PAIR_FIELDS
                        add_kind(_PAIR)
                        add_role(role)
                        add_parent(parent)
                        add_start(start)
                        add_stop(stop)
                        add_value(0)
                        parent = count
                        count += 1
                    if first_child():
                        continue
                    parent, child_role, fields, scope = pop()

                else:
                    parent, further, frame = self.enter(action, node, role, parent, scope)
                    if further >= 0:
                        child_role = further
                    count = len(kinds)
                    if frame is not None:
                        push((parent, child_role, fields, scope))
                        parent, child_role, fields, scope = frame
                        if first_child():
                            continue
                        parent, child_role, fields, scope = pop()

            elif action:
                above = kinds[parent]
                if action == ACTION_OPERATOR:
                    if above == _BINARY:
                        if kind in grammar.MINUS and (count == parent + 1 or values[parent]):
                            self.minus = node.start_byte
                        else:
                            if not values[parent]:
                                values[parent] = self.text(grammar.OPERATORS[kind])
                            child_role = _RIGHT
                    elif above in (_UNARY, _ASSIGN):
                        if not values[parent]:
                            values[parent] = self.text(grammar.OPERATORS[kind])
                    elif kind in grammar.MINUS and above != _OPAQUE:
                        self.minus = node.start_byte
                elif kind in grammar.AS:
                    if fields is None:
                        child_role = _TARGET
                        parent = self.leave_for_target(parent)
                elif above == _SLICE:
                    child_role = _STOP if child_role == _START else _STEP
                elif above == _CONDITIONAL:
                    child_role = _CONDITION if child_role == _BODY else _ELSE
                elif kind in grammar.ASYNC:
                    flags[parent] |= _ASYNC
                elif above == _YIELD:
                    flags[parent] |= _DELEGATE

            while not next_sibling():
                if not goto_parent():
                    return
                ends[parent] = count
                parent, child_role, fields, scope = pop()
