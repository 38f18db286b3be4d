"""What each node of tree-sitter's Python grammar becomes: tables that `python` walks by.

A node's numeric kind selects an action; most nodes need nothing but `PLAIN`, which opens a neutral
node as `Plain` says. What the children of a node are to it, is one role for all (`Plain.role`) or one
per grammar field (`Plain.fields`; the key None is for children without a field).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import tree_sitter_python
from tree_sitter import Language

from dblint.facts.tree import Kind, Role

LANGUAGE: Final = Language(tree_sitter_python.language())

ERROR_KIND: Final = 0xFFFF
"""What tree-sitter numbers an ERROR node."""

# Asked for as numbers: a search for `bytes` in `bytes` raises and catches an error before it looks.
BACKSLASH: Final = ord("\\")
RETURN: Final = ord("\r")
UNDERSCORE: Final = ord("_")

Fields = Mapping[int | None, int]
"""Field id → role."""


# Roles that exist while lowering only: they tell a node's handler what its parent makes of it. From
# `FIRST_PRIVATE` on they never reach the tree: FINAL_ROLES says what becomes of one that is left.
FIRST_PRIVATE: Final = 40
ROLE_PARAMETER: Final = 40  # in a parameter list: a bare identifier is a PARAMETER
ROLE_NAME: Final = 41  # the identifier is the value of the open node
ROLE_DEFINITION: Final = 42  # the function or class of a decorated definition, whose node is open already
ROLE_CASES: Final = 43  # the block of a `match`
ROLE_CASE_BODY: Final = 44
ROLE_GUARD: Final = 45
ROLE_KEY: Final = 46  # key of a dict: a constant becomes the value of the open PAIR
ROLE_PATTERN_KEY: Final = 47  # key in a mapping pattern, whose PAIR is not open yet
ROLE_PART: Final = 48  # part of a TEMPLATE
ROLE_RAW_PART: Final = 49  # part of a TEMPLATE without escapes
ROLE_PASSED_OVER: Final = 50
ROLE_MEMBER: Final = 51  # in a member type: the identifier is the value of the open node, the type its OBJECT

FINAL_ROLES: Final = bytes(
    {
        ROLE_PARAMETER: Role.PARAMETER,
        ROLE_GUARD: Role.CONDITION,
        ROLE_CASE_BODY: Role.BODY,
        ROLE_KEY: Role.KEY,
        ROLE_PATTERN_KEY: Role.KEY,
        ROLE_PART: Role.ELEMENT,
        ROLE_RAW_PART: Role.ELEMENT,
    }.get(role, role if role < FIRST_PRIVATE else Role.NONE)
    for role in range(256)
)


# What to do with a node: plain integers, because the walk compares them a quarter of a million times per
# megabyte. 0 skips it and what is in it; from ACTION_RARE on, `python_constructs` does it.
ACTION_TOKEN: Final = 1  # a keyword or mark that says something about the open node
ACTION_OPERATOR: Final = 2
ACTION_NAME: Final = 3
ACTION_PLAIN: Final = 4  # opens a node, by PLAIN
ACTION_THROUGH: Final = 5  # its children are its parent's, in its own role
ACTION_STRING: Final = 6
ACTION_ASSIGNMENT: Final = 7
ACTION_NUMBER: Final = 8
ACTION_BLOCK: Final = 9
ACTION_CONSTANT: Final = 10
ACTION_DEFINITION: Final = 11
ACTION_TYPE: Final = 12
ACTION_PAIR: Final = 13
ACTION_RARE: Final = 14
ACTION_CONTEXT: Final = 14  # its children are its parent's, in roles by CONTEXT
ACTION_DECORATED: Final = 15
ACTION_IMPORT: Final = 16
ACTION_STRING_CONTENT: Final = 17
ACTION_HOLE: Final = 18
ACTION_CONCATENATED: Final = 19
ACTION_EXPRESSION_LIST: Final = 20
ACTION_SPLAT: Final = 21  # `*x` and `**x`
ACTION_ELIF: Final = 22
ACTION_YIELD: Final = 23
ACTION_LAMBDA: Final = 24
ACTION_TUPLE_PATTERN: Final = 25
ACTION_AS_PATTERN: Final = 26
ACTION_TYPE_PARAMETERS: Final = 27
ACTION_MATCH: Final = 28
ACTION_CASE: Final = 29
ACTION_GUARD: Final = 30
ACTION_DOTTED_NAME: Final = 31
ACTION_WILDCARD: Final = 32  # `_` in a pattern
ACTION_MEMBER_TYPE: Final = 33
ACTION_GENERIC_TYPE: Final = 34
ACTION_ALIAS: Final = 35
ACTION_ERROR: Final = 36


class Plain(NamedTuple):
    """How a node is opened: its kind, its children's roles, and its value where that is a fixed word."""

    kind: int
    role: int
    fields: Fields | None
    word: bytes


def _field(name: str) -> int:
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise LookupError(name)
    return number


def _fields(default: int = Role.NONE, **roles: int) -> Fields:
    """A complete table: every field of the grammar has a role."""
    table: dict[int | None, int] = dict.fromkeys(range(1, LANGUAGE.field_count + 1), default)
    table[None] = default
    for name, role in roles.items():
        table[_field(name.rstrip("_"))] = role
    return table


_KINDS: Final = [
    (LANGUAGE.node_kind_for_id(number), LANGUAGE.node_kind_is_named(number))
    for number in range(LANGUAGE.node_kind_count)
]
"""Name of each numeric kind, and whether it is named."""


def _numbers(name: str, *, named: bool = True) -> list[int]:
    """Every numeric kind of that name: an alias has a number of its own. Keywords and marks are not `named`."""
    numbers = [number for number, kind in enumerate(_KINDS) if kind == (name, named)]
    if not numbers:
        raise LookupError(name)
    return numbers


IF_FIELDS: Final = _fields(condition=Role.CONDITION, consequence=Role.BODY, alternative=Role.ELSE)
ASSIGNMENT_FIELDS: Final = _fields(left=Role.TARGET, type=Role.ANNOTATION, right=Role.VALUE)
PAIR_FIELDS: Final = _fields(key=ROLE_KEY, value=Role.VALUE)
PAIR_OF_COMPREHENSION_FIELDS: Final = _fields(key=Role.KEY, value=Role.VALUE)
ALIAS_FIELDS: Final = _fields(left=ROLE_NAME, right=Role.VALUE)
DECORATED_FIELDS: Final = _fields(Role.DECORATOR, definition=ROLE_DEFINITION)
LAMBDA_FIELDS: Final = _fields(parameters=ROLE_PARAMETER, body=Role.BODY)
MATCH_FIELDS: Final = _fields(subject=Role.CONDITION, body=ROLE_CASES)
SUBJECT_FIELDS: Final = _fields(subject=Role.ELEMENT, body=ROLE_CASES)
CASE_FIELDS: Final = _fields(Role.TARGET, guard=ROLE_GUARD, consequence=ROLE_CASE_BODY)
SEQUENCE_CASE_FIELDS: Final = _fields(Role.ELEMENT, guard=ROLE_GUARD, consequence=ROLE_CASE_BODY)
_COMPREHENSION_FIELDS: Final = _fields(Role.CLAUSE, body=Role.BODY)

DEFINITIONS: Final[Mapping[int, tuple[int, Fields]]] = {
    number: (kind, fields)
    for name, kind, fields in (
        (
            "function_definition",
            Kind.FUNCTION,
            _fields(
                name=ROLE_NAME,
                type_parameters=ROLE_PASSED_OVER,
                parameters=ROLE_PARAMETER,
                return_type=Role.RETURNS,
                body=Role.BODY,
            ),
        ),
        (
            "class_definition",
            Kind.CLASS,
            _fields(name=ROLE_NAME, type_parameters=ROLE_PASSED_OVER, superclasses=Role.BASE, body=Role.BODY),
        ),
    )
    for number in _numbers(name)
}

_PLAIN: Final[Mapping[str, tuple[int, int | Fields, str]]] = {
    "module": (Kind.MODULE, Role.BODY, ""),
    # Statements
    "augmented_assignment": (Kind.ASSIGN, ASSIGNMENT_FIELDS, ""),
    "return_statement": (Kind.RETURN, Role.VALUE, ""),
    "raise_statement": (Kind.RAISE, _fields(Role.VALUE, cause=Role.NONE), ""),
    "break_statement": (Kind.BREAK, Role.NONE, ""),
    "continue_statement": (Kind.CONTINUE, Role.NONE, ""),
    "delete_statement": (Kind.DELETE, Role.VALUE, ""),
    "if_statement": (Kind.IF, IF_FIELDS, ""),
    "for_statement": (
        Kind.LOOP,
        _fields(left=Role.TARGET, right=Role.ITERABLE, body=Role.BODY, alternative=Role.ELSE),
        "for",
    ),
    "while_statement": (Kind.LOOP, _fields(condition=Role.CONDITION, body=Role.BODY, alternative=Role.ELSE), "while"),
    "try_statement": (Kind.TRY, _fields(Role.CATCH, body=Role.BODY), ""),
    "except_clause": (Kind.CATCH, _fields(Role.BODY, value=Role.ANNOTATION, alias=Role.TARGET), ""),
    "with_statement": (Kind.WITH, _fields(Role.ITEM, body=Role.BODY), ""),
    "with_item": (Kind.ITEM, Role.VALUE, ""),
    "global_statement": (Kind.OPAQUE, Role.NONE, "global"),
    "nonlocal_statement": (Kind.OPAQUE, Role.NONE, "nonlocal"),
    "assert_statement": (Kind.OPAQUE, Role.NONE, "assert"),
    "print_statement": (Kind.OPAQUE, Role.NONE, "print"),
    "exec_statement": (Kind.OPAQUE, Role.NONE, "exec"),
    # Parameters
    "typed_parameter": (Kind.PARAMETER, _fields(ROLE_NAME, type=Role.ANNOTATION), ""),
    "default_parameter": (Kind.PARAMETER, _fields(name=ROLE_NAME, value=Role.DEFAULT), ""),
    "typed_default_parameter": (
        Kind.PARAMETER,
        _fields(name=ROLE_NAME, type=Role.ANNOTATION, value=Role.DEFAULT),
        "",
    ),
    # Expressions
    "attribute": (Kind.ATTRIBUTE, _fields(object=Role.OBJECT, attribute=ROLE_NAME), ""),
    "call": (Kind.CALL, _fields(function=Role.CALLEE, arguments=Role.ARGUMENT), ""),
    "subscript": (Kind.SUBSCRIPT, _fields(value=Role.OBJECT, subscript=Role.INDEX), ""),
    "slice": (Kind.SLICE, Role.START, ""),
    "keyword_argument": (Kind.KEYWORD, _fields(name=ROLE_NAME, value=Role.VALUE), ""),
    "parenthesized_list_splat": (Kind.SPREAD, Role.VALUE, ""),
    "splat_type": (Kind.SPREAD, Role.VALUE, ""),
    "named_expression": (Kind.ASSIGN, _fields(name=Role.TARGET, value=Role.VALUE), ""),
    "await": (Kind.AWAIT, Role.VALUE, ""),
    # An operator between two children makes RIGHT of what follows.
    "binary_operator": (Kind.BINARY, Role.LEFT, ""),
    "boolean_operator": (Kind.BINARY, Role.LEFT, ""),
    "comparison_operator": (Kind.BINARY, Role.LEFT, ""),
    "union_type": (Kind.BINARY, Role.LEFT, ""),
    "not_operator": (Kind.UNARY, Role.VALUE, "not"),
    "unary_operator": (Kind.UNARY, Role.VALUE, ""),
    "conditional_expression": (Kind.CONDITIONAL, Role.BODY, ""),
    "dictionary": (Kind.OBJECT, Role.ELEMENT, ""),
    "list": (Kind.LIST, Role.ELEMENT, ""),
    "tuple": (Kind.TUPLE, Role.ELEMENT, ""),
    "set": (Kind.SET, Role.ELEMENT, ""),
    "pattern_list": (Kind.TUPLE, Role.ELEMENT, ""),
    "list_comprehension": (Kind.COMPREHENSION, _COMPREHENSION_FIELDS, "list"),
    "set_comprehension": (Kind.COMPREHENSION, _COMPREHENSION_FIELDS, "set"),
    "dictionary_comprehension": (Kind.COMPREHENSION, _COMPREHENSION_FIELDS, "dict"),
    "generator_expression": (Kind.COMPREHENSION, _COMPREHENSION_FIELDS, "generator"),
    "for_in_clause": (Kind.CLAUSE, _fields(left=Role.TARGET, right=Role.ITERABLE), ""),
    # Patterns of `case`
    "list_pattern": (Kind.LIST, Role.ELEMENT, ""),
    "union_pattern": (Kind.BINARY, Role.LEFT, ""),
    "complex_pattern": (Kind.BINARY, Role.LEFT, ""),
    "class_pattern": (Kind.CALL, Role.CALLEE, ""),
    "keyword_pattern": (Kind.KEYWORD, ROLE_NAME, ""),
    "dict_pattern": (Kind.OBJECT, _fields(Role.ELEMENT, key=ROLE_PATTERN_KEY, value=Role.VALUE), ""),
}

PLAIN: Final[Mapping[int, Plain]] = {
    number: Plain(
        kind,
        children if isinstance(children, int) else Role.NONE,
        None if isinstance(children, int) else children,
        word.encode(),
    )
    for name, (kind, children, word) in _PLAIN.items()
    for number in _numbers(name)
}

CONTEXT: Final[Mapping[int, int]] = {
    number: role
    for name, role in {
        "else_clause": Role.ELSE,
        "finally_clause": Role.FINALLY,
        "format_specifier": ROLE_PART,
    }.items()
    for number in _numbers(name)
}
"""Kind → role of its children, which are its parent's."""

CONSTANTS: Final[Mapping[int, bytes]] = {
    number: word
    for name, word in {"true": b"true", "false": b"false", "none": b"null", "ellipsis": b"..."}.items()
    for number in _numbers(name)
}

_ARITHMETIC: Final = ("+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^")
_OTHER_OPERATORS: Final = ("~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "is")
OPERATORS: Final[Mapping[int, bytes]] = {
    number: word.encode()
    for name, word in {
        **{operator: operator for operator in (*_ARITHMETIC, *_OTHER_OPERATORS)},
        **{operator + "=": operator for operator in _ARITHMETIC},
        "<>": "!=",
        "not in": "not-in",
        "is not": "is-not",
    }.items()
    for number in _numbers(name, named=False)
}
"""Kind → the operator's word; of an augmented assignment, the operator that it applies."""

MINUS: Final = frozenset(_numbers("-", named=False))
COMMA: Final = frozenset(_numbers(",", named=False))
AS: Final = frozenset(_numbers("as", named=False))
ASYNC: Final = frozenset(_numbers("async", named=False))

_ACTIONS: Final[Mapping[str, int]] = {
    "identifier": ACTION_NAME,
    "expression_statement": ACTION_THROUGH,
    "parenthesized_expression": ACTION_THROUGH,
    "argument_list": ACTION_THROUGH,
    "parameters": ACTION_THROUGH,
    "lambda_parameters": ACTION_THROUGH,
    "decorator": ACTION_THROUGH,
    "with_clause": ACTION_THROUGH,
    "case_pattern": ACTION_THROUGH,
    "as_pattern_target": ACTION_THROUGH,
    "chevron": ACTION_THROUGH,
    "constrained_type": ACTION_THROUGH,
    "string": ACTION_STRING,
    "assignment": ACTION_ASSIGNMENT,
    "integer": ACTION_NUMBER,
    "float": ACTION_NUMBER,
    "block": ACTION_BLOCK,
    "function_definition": ACTION_DEFINITION,
    "class_definition": ACTION_DEFINITION,
    "type": ACTION_TYPE,
    "pair": ACTION_PAIR,
    "decorated_definition": ACTION_DECORATED,
    "import_statement": ACTION_IMPORT,
    "import_from_statement": ACTION_IMPORT,
    "future_import_statement": ACTION_IMPORT,
    "string_content": ACTION_STRING_CONTENT,
    "interpolation": ACTION_HOLE,
    "format_expression": ACTION_HOLE,
    "concatenated_string": ACTION_CONCATENATED,
    "expression_list": ACTION_EXPRESSION_LIST,
    "list_splat": ACTION_SPLAT,
    "list_splat_pattern": ACTION_SPLAT,
    "dictionary_splat_pattern": ACTION_SPLAT,
    "dictionary_splat": ACTION_SPLAT,
    "splat_pattern": ACTION_SPLAT,
    "elif_clause": ACTION_ELIF,
    "yield": ACTION_YIELD,
    "lambda": ACTION_LAMBDA,
    "tuple_pattern": ACTION_TUPLE_PATTERN,
    "as_pattern": ACTION_AS_PATTERN,
    "type_parameter": ACTION_TYPE_PARAMETERS,
    "match_statement": ACTION_MATCH,
    "case_clause": ACTION_CASE,
    "if_clause": ACTION_GUARD,
    "dotted_name": ACTION_DOTTED_NAME,
    "member_type": ACTION_MEMBER_TYPE,
    "generic_type": ACTION_GENERIC_TYPE,
    "type_alias_statement": ACTION_ALIAS,
}

_TOKENS: Final[Mapping[str, int]] = {
    ":": ACTION_TOKEN,
    "if": ACTION_TOKEN,
    "else": ACTION_TOKEN,
    "as": ACTION_TOKEN,
    "async": ACTION_TOKEN,
    "from": ACTION_TOKEN,
    "_": ACTION_WILDCARD,
}


def _actions() -> bytes:
    table = bytearray(ERROR_KIND + 1)
    for number in PLAIN:
        table[number] = ACTION_PLAIN
    for number in CONTEXT:
        table[number] = ACTION_CONTEXT
    for number in CONSTANTS:
        table[number] = ACTION_CONSTANT
    for number in OPERATORS:
        table[number] = ACTION_OPERATOR
    for name, action in _ACTIONS.items():
        for number in _numbers(name):
            table[number] = action
    for name, action in _TOKENS.items():
        for number in _numbers(name, named=False):
            table[number] = action
    table[ERROR_KIND] = ACTION_ERROR
    return bytes(table)


ACTIONS: Final = _actions()
"""Kind → action."""
