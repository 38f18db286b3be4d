"""Statements and blocks."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from dblint.frontends.typescript import codes, grammar
from dblint.frontends.typescript.expressions import lower_opaque, lower_transparent
from dblint.frontends.typescript.lowering import Handler, Lowering
from dblint.frontends.typescript.values import string_content


def lower_block(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`{ … }` with statements."""
    index = low.emit(codes.BLOCK | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(node.children, codes.AS_BODY, index)


def lower_function_block(low: Lowering, node: Node, role: int, parent: int) -> None:
    """A function's block, which may begin with directives."""
    index = low.emit(codes.BLOCK | role, node.start_byte, node.end_byte, 0, parent)
    push_statements(low, node, index)


def push_statements(low: Lowering, node: Node, index: int) -> None:
    """Leaves the statements of a file or a function for later, directives known as such."""
    low.push_all(node.children, codes.AS_BODY, index)
    kinds = low.kinds
    stack = low.stack
    at = len(stack) - 1
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind < grammar.NAMED:
            if low.handlers[child.kind_id] is None:
                continue
            return
        if kind != grammar.EXPRESSION_STATEMENT or kinds[child.children[0].kind_id] != grammar.STRING:
            return
        stack[at] = (_lower_directive, child, codes.AS_BODY, index)
        at -= 1


def _lower_directive(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`"use server"`."""
    start, stop = string_content(low, node.children[0])
    low.emit(codes.DIRECTIVE | role, start, stop, low.strings[low.source[start:stop]], parent)


def lower_body(low: Lowering, node: Node, role: int, parent: int) -> None:
    """What a branch or a loop runs: always a BLOCK, also when it is one statement without braces."""
    kind = low.kinds[node.kind_id]
    if kind == grammar.STATEMENT_BLOCK:
        lower_block(low, node, role, parent)
        return
    index = low.emit(codes.BLOCK | role, node.start_byte, node.end_byte, 0, parent)
    if kind != grammar.EMPTY_STATEMENT:
        low.push(node, codes.AS_BODY, index)


def lower_nothing(_low: Lowering, _node: Node, _role: int, _parent: int) -> None:
    """A statement that does nothing."""


def lower_if(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`if`, `else if`, `else`."""
    index = low.emit(codes.IF | role, node.start_byte, node.end_byte, 0, parent)
    parts = low.parts(node)
    if len(parts) > 2 and low.kinds[parts[2].kind_id] == grammar.ELSE_CLAUSE:
        for statement in low.parts(parts[2])[:1]:
            branch = low.kinds[statement.kind_id] == grammar.IF_STATEMENT
            low.stack.append((lower_if if branch else lower_body, statement, codes.AS_ELSE, index))
    if len(parts) > 1:
        low.stack.append((lower_body, parts[1], codes.AS_BODY, index))
    low.push_all(parts[:1], codes.AS_CONDITION, index)


def lower_while(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`while`."""
    index = low.emit(codes.LOOP | role, node.start_byte, node.end_byte, low.strings[b"while"], parent)
    parts = low.parts(node)
    low.stack += [(lower_body, part, codes.AS_BODY, index) for part in parts[1:]]
    low.push_all(parts[:1], codes.AS_CONDITION, index)


def lower_do(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`do … while`."""
    index = low.emit(codes.LOOP | role, node.start_byte, node.end_byte, low.strings[b"do"], parent)
    parts = low.parts(node)
    low.push_all(parts[1:], codes.AS_CONDITION, index)
    low.stack += [(lower_body, part, codes.AS_BODY, index) for part in parts[:1]]


def lower_counter(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`for (init; condition; update)`."""
    index = low.emit(codes.LOOP | role, node.start_byte, node.end_byte, low.strings[b"counter"], parent)
    parts = low.parts(node)
    if len(parts) > 2:
        low.stack.append((lower_body, parts[-1], codes.AS_BODY, index))
    low.push_all(parts[2:-1], codes.AS_UPDATE, index)
    low.push_all(parts[1:2], codes.AS_CONDITION, index)
    low.push_all(parts[:1], codes.AS_INIT, index)


def lower_for(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`for … of`, `for await … of`, `for … in`."""
    kinds = low.kinds
    tokens = {kinds[child.kind_id] for child in node.children}
    code = codes.LOOP | role
    if grammar.AWAIT in tokens:
        code |= codes.WITH_ASYNC
    if grammar.CONST in tokens:
        code |= codes.WITH_CONSTANT | codes.WITH_DECLARATION
    elif grammar.LET in tokens:
        code |= codes.WITH_DECLARATION
    value = low.strings[b"for" if grammar.OF in tokens else b"for-in"]
    index = low.emit(code, node.start_byte, node.end_byte, value, parent)
    parts = low.parts(node)
    if len(parts) > 2:
        low.stack.append((lower_body, parts[-1], codes.AS_BODY, index))
    low.push_all(parts[-2:-1], codes.AS_ITERABLE, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


def lower_switch(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`switch`."""
    index = low.emit(codes.SWITCH | role, node.start_byte, node.end_byte, low.strings[b"switch"], parent)
    parts = low.parts(node)
    for body in parts[1:]:
        low.push_all(body.children, codes.AS_CASE, index)
    low.push_all(parts[:1], codes.AS_CONDITION, index)


def lower_case(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`case x:` with its statements."""
    index = low.emit(codes.CASE | role, node.start_byte, node.end_byte, 0, parent)
    low.stack.append((_lower_case_body, node, codes.AS_BODY, index))
    low.push_all(low.parts(node)[:1], codes.AS_TARGET, index)


def lower_default(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`default:` with its statements."""
    index = low.emit(codes.CASE | role, node.start_byte, node.end_byte, 0, parent)
    _push_case_body(low, low.parts(node), node.end_byte, codes.AS_BODY, index)


def _lower_case_body(low: Lowering, node: Node, role: int, parent: int) -> None:
    _push_case_body(low, low.parts(node)[1:], node.end_byte, role, parent)


def _push_case_body(low: Lowering, statements: list[Node], stop: int, role: int, parent: int) -> None:
    if len(statements) == 1 and low.kinds[statements[0].kind_id] == grammar.STATEMENT_BLOCK:
        low.push(statements[0], role, parent)
        return
    start = statements[0].start_byte if statements else stop
    index = low.emit(codes.BLOCK | role, start, stop, 0, parent)
    low.push_all(statements, codes.AS_BODY, index)


def lower_try(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`try`, `catch`, `finally`."""
    index = low.emit(codes.TRY | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    for part in reversed(low.parts(node)):
        kind = kinds[part.kind_id]
        if kind == grammar.CATCH_CLAUSE:
            low.push(part, codes.AS_CATCH, index)
        elif kind == grammar.FINALLY_CLAUSE:
            low.push_all(low.parts(part)[:1], codes.AS_FINALLY, index)
        else:
            low.push(part, codes.AS_BODY, index)


def lower_catch(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`catch (error: unknown) { … }`."""
    index = low.emit(codes.CATCH | role, node.start_byte, node.end_byte, 0, parent)
    kinds = low.kinds
    for part in reversed(low.parts(node)):
        kind = kinds[part.kind_id]
        if kind == grammar.STATEMENT_BLOCK:
            low.push(part, codes.AS_BODY, index)
        elif kind == grammar.TYPE_ANNOTATION:
            low.push(part, codes.AS_ANNOTATION, index)
        else:
            low.push(part, codes.AS_TARGET, index)


def lower_return(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`return x`."""
    index = low.emit(codes.RETURN | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_throw(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`throw x`."""
    index = low.emit(codes.RAISE | role, node.start_byte, node.end_byte, 0, parent)
    low.push_all(low.parts(node)[:1], codes.AS_VALUE, index)


def lower_break(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`break`, with or without a label."""
    low.emit(codes.BREAK | role, node.start_byte, node.end_byte, 0, parent)


def lower_continue(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`continue`, with or without a label."""
    low.emit(codes.CONTINUE | role, node.start_byte, node.end_byte, 0, parent)


def lower_labelled(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`label: statement` is the statement."""
    low.push_all(low.parts(node)[-1:], role, parent)


def lower_using(low: Lowering, node: Node, role: int, parent: int) -> None:
    """`using a = b, c = d` as the JavaScript grammar has it."""
    if any(low.kinds[child.kind_id] == grammar.AWAIT for child in node.children):
        role |= codes.WITH_ASYNC
    role |= codes.WITH_CONSTANT | codes.WITH_DECLARATION
    low.stack += [(_lower_using_declarator, part, role, parent) for part in reversed(low.parts(node))]


def _lower_using_declarator(low: Lowering, node: Node, role: int, parent: int) -> None:
    index = low.emit(codes.ITEM | role, node.start_byte, node.end_byte, 0, parent)
    parts = low.parts(node)
    low.push_all(parts[1:], codes.AS_VALUE, index)
    low.push_all(parts[:1], codes.AS_TARGET, index)


HANDLERS: Final[dict[str, Handler]] = {
    "break_statement": lower_break,
    "catch_clause": lower_catch,
    "continue_statement": lower_continue,
    "debugger_statement": lower_nothing,
    "else_clause": lower_transparent,
    "empty_statement": lower_nothing,
    "expression_statement": lower_transparent,
    "finally_clause": lower_transparent,
    "for_in_statement": lower_for,
    "for_statement": lower_counter,
    "if_statement": lower_if,
    "labeled_statement": lower_labelled,
    "return_statement": lower_return,
    "do_statement": lower_do,
    "statement_block": lower_block,
    "switch_case": lower_case,
    "switch_default": lower_default,
    "switch_statement": lower_switch,
    "throw_statement": lower_throw,
    "try_statement": lower_try,
    "using_declaration": lower_using,
    "while_statement": lower_while,
    "with_statement": lower_opaque,
}
