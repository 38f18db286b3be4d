"""The grammars, and one numbering of node kinds for all of them.

tree-sitter numbers kinds per grammar. The constants here number the kinds that the lowering asks for
by name; `Grammar.kinds` maps a grammar's own number to them, so that one lowering reads TypeScript,
TSX and JavaScript.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Parser

ERROR_KIND: Final = 0xFFFF
"""tree-sitter's number for ERROR nodes, in every grammar."""

NUMBERS: Final = ERROR_KIND + 1
"""Tables indexed by a grammar's own numbers have room for ERROR_KIND, so that no look-up needs a check."""

# Tokens. Everything below NAMED is no node of its own to the lowering.
NOTHING: Final = 0
ASYNC: Final = 1
AWAIT: Final = 2
CONST: Final = 3
LET: Final = 4
STAR: Final = 5
GET: Final = 6
STATIC: Final = 7
QUESTION: Final = 8
EQUALS: Final = 9
ARROW: Final = 10
OF: Final = 11
USING: Final = 12
TYPE: Final = 13
TYPEOF: Final = 14
DEFAULT: Final = 15
NAMESPACE: Final = 16
COMMA: Final = 17
READONLY: Final = 18
OPTIONAL_CHAIN: Final = 19

NAMED: Final = 40
OTHER: Final = 40  # a named node that nobody asks for by name
ARGUMENTS: Final = 41
ARROW_FUNCTION: Final = 42
ASSIGNMENT_EXPRESSION: Final = 43
ASSIGNMENT_PATTERN: Final = 44
AUGMENTED_ASSIGNMENT: Final = 45
AWAIT_EXPRESSION: Final = 46
BINARY_EXPRESSION: Final = 47
CALL_EXPRESSION: Final = 48
CLASS_BODY: Final = 49
CLASS_DECLARATION: Final = 50
COMPUTED_NAME: Final = 51
DECORATOR: Final = 52
ELSE_CLAUSE: Final = 53
EXPORT_STATEMENT: Final = 54
EMPTY_STATEMENT: Final = 55
EXPORT_CLAUSE: Final = 56
EXPRESSION_STATEMENT: Final = 57
EXTENDS_CLAUSE: Final = 58
FORMAL_PARAMETERS: Final = 59
HERITAGE: Final = 60
IDENTIFIER: Final = 61
IF_STATEMENT: Final = 62
IMPLEMENTS_CLAUSE: Final = 63
IMPORT: Final = 64
IMPORT_CLAUSE: Final = 65
IMPORT_REQUIRE: Final = 66
INSTANTIATION: Final = 67
JSX_ATTRIBUTE: Final = 68
JSX_ELEMENT: Final = 69
JSX_EXPRESSION: Final = 70
JSX_OPENING: Final = 71
MAPPED_CLAUSE: Final = 72
MEMBER_EXPRESSION: Final = 73
MODIFIER: Final = 74  # accessibility or override
NAMED_IMPORTS: Final = 75
NAMESPACE_EXPORT: Final = 76
NAMESPACE_IMPORT: Final = 77
NON_NULL: Final = 78
NUMBER: Final = 79
PRIVATE_NAME: Final = 80
PROPERTY_NAME: Final = 81
REST_PATTERN: Final = 82
SHORTHAND_PATTERN: Final = 83
STATEMENT_BLOCK: Final = 84
STRING: Final = 85
SUBSCRIPT: Final = 86
SUBSTITUTION: Final = 87
TEMPLATE_STRING: Final = 88
TERNARY: Final = 89
THIS: Final = 90
TYPE_ANNOTATION: Final = 91
TYPE_ARGUMENTS: Final = 92
TYPE_PARAMETERS: Final = 93
TYPE_NAME: Final = 94
UNARY: Final = 95
VARIABLE_DECLARATION: Final = 96
YIELD: Final = 97
CATCH_CLAUSE: Final = 98
FINALLY_CLAUSE: Final = 99
INDEX_SIGNATURE: Final = 100
INTERNAL_MODULE: Final = 101
PARAMETER: Final = 102
INTERFACE_BODY: Final = 103
ENUM_BODY: Final = 104
AMBIENT: Final = 105
FUNCTION_EXPRESSION: Final = 106
CLASS_EXPRESSION: Final = 107
DECLARATION: Final = 108  # a declaration that is neither a variable's nor a class's nor a namespace's

_TOKENS: Final = {
    "async": ASYNC,
    "await": AWAIT,
    "const": CONST,
    "let": LET,
    "*": STAR,
    "get": GET,
    "static get": GET,
    "static": STATIC,
    "?": QUESTION,
    "=": EQUALS,
    "=>": ARROW,
    "of": OF,
    "using": USING,
    "type": TYPE,
    "typeof": TYPEOF,
    "default": DEFAULT,
    "namespace": NAMESPACE,
    ",": COMMA,
    "readonly": READONLY,
    "?.": OPTIONAL_CHAIN,
}

_NODES: Final = {
    "arguments": ARGUMENTS,
    "arrow_function": ARROW_FUNCTION,
    "assignment_expression": ASSIGNMENT_EXPRESSION,
    "assignment_pattern": ASSIGNMENT_PATTERN,
    "augmented_assignment_expression": AUGMENTED_ASSIGNMENT,
    "await_expression": AWAIT_EXPRESSION,
    "binary_expression": BINARY_EXPRESSION,
    "call_expression": CALL_EXPRESSION,
    "class_body": CLASS_BODY,
    "class_declaration": CLASS_DECLARATION,
    "abstract_class_declaration": CLASS_DECLARATION,
    "computed_property_name": COMPUTED_NAME,
    "decorator": DECORATOR,
    "else_clause": ELSE_CLAUSE,
    "empty_statement": EMPTY_STATEMENT,
    "export_clause": EXPORT_CLAUSE,
    "export_statement": EXPORT_STATEMENT,
    "expression_statement": EXPRESSION_STATEMENT,
    "extends_clause": EXTENDS_CLAUSE,
    "extends_type_clause": EXTENDS_CLAUSE,
    "formal_parameters": FORMAL_PARAMETERS,
    "class_heritage": HERITAGE,
    "identifier": IDENTIFIER,
    "if_statement": IF_STATEMENT,
    "implements_clause": IMPLEMENTS_CLAUSE,
    "import": IMPORT,
    "import_clause": IMPORT_CLAUSE,
    "import_require_clause": IMPORT_REQUIRE,
    "instantiation_expression": INSTANTIATION,
    "jsx_attribute": JSX_ATTRIBUTE,
    "jsx_element": JSX_ELEMENT,
    "jsx_self_closing_element": JSX_ELEMENT,
    "jsx_expression": JSX_EXPRESSION,
    "jsx_opening_element": JSX_OPENING,
    "mapped_type_clause": MAPPED_CLAUSE,
    "member_expression": MEMBER_EXPRESSION,
    "accessibility_modifier": MODIFIER,
    "override_modifier": MODIFIER,
    "named_imports": NAMED_IMPORTS,
    "namespace_export": NAMESPACE_EXPORT,
    "namespace_import": NAMESPACE_IMPORT,
    "non_null_expression": NON_NULL,
    "number": NUMBER,
    "private_property_identifier": PRIVATE_NAME,
    "property_identifier": PROPERTY_NAME,
    "rest_pattern": REST_PATTERN,
    "shorthand_property_identifier_pattern": SHORTHAND_PATTERN,
    "statement_block": STATEMENT_BLOCK,
    "string": STRING,
    "subscript_expression": SUBSCRIPT,
    "template_substitution": SUBSTITUTION,
    "template_string": TEMPLATE_STRING,
    "ternary_expression": TERNARY,
    "this": THIS,
    "type_annotation": TYPE_ANNOTATION,
    "asserts_annotation": TYPE_ANNOTATION,
    "type_predicate_annotation": TYPE_ANNOTATION,
    "omitting_type_annotation": TYPE_ANNOTATION,
    "adding_type_annotation": TYPE_ANNOTATION,
    "opting_type_annotation": TYPE_ANNOTATION,
    "type_arguments": TYPE_ARGUMENTS,
    "type_parameters": TYPE_PARAMETERS,
    "type_identifier": TYPE_NAME,
    "unary_expression": UNARY,
    "lexical_declaration": VARIABLE_DECLARATION,
    "variable_declaration": VARIABLE_DECLARATION,
    "yield_expression": YIELD,
    "catch_clause": CATCH_CLAUSE,
    "finally_clause": FINALLY_CLAUSE,
    "index_signature": INDEX_SIGNATURE,
    "internal_module": INTERNAL_MODULE,
    "module": INTERNAL_MODULE,
    "required_parameter": PARAMETER,
    "optional_parameter": PARAMETER,
    "interface_body": INTERFACE_BODY,
    "enum_body": ENUM_BODY,
    "ambient_declaration": AMBIENT,
    "function_expression": FUNCTION_EXPRESSION,
    "generator_function": FUNCTION_EXPRESSION,
    "class": CLASS_EXPRESSION,
    "function_declaration": DECLARATION,
    "generator_function_declaration": DECLARATION,
    "function_signature": DECLARATION,
    "interface_declaration": DECLARATION,
    "type_alias_declaration": DECLARATION,
    "enum_declaration": DECLARATION,
    "import_alias": DECLARATION,
}

_PASSED_OVER: Final = frozenset({"comment", "html_comment", "hash_bang_line"})


class Grammar:
    """One tree-sitter grammar: its parser, its kinds by our numbers, and its kinds' names by its own."""

    __slots__ = ("kinds", "name", "names", "parser")

    def __init__(self, name: str, language: Language) -> None:
        self.name = name
        self.parser = Parser(language)
        kinds = bytearray(NUMBERS)
        self.names: dict[int, str] = {}
        for number in range(language.node_kind_count):
            if not language.node_kind_is_visible(number):
                continue
            kind = language.node_kind_for_id(number)
            if kind is None:
                continue
            if not language.node_kind_is_named(number):
                kinds[number] = _TOKENS.get(kind, NOTHING)
            elif kind == "optional_chain":
                kinds[number] = OPTIONAL_CHAIN
            elif kind not in _PASSED_OVER:
                kinds[number] = _NODES.get(kind, OTHER)
                self.names[number] = kind
        self.kinds = bytes(kinds)


@lru_cache
def load_grammar(name: str) -> Grammar:
    """The grammar `typescript`, `tsx` or `javascript`."""
    if name == "typescript":
        return Grammar(name, Language(tree_sitter_typescript.language_typescript()))
    if name == "tsx":
        return Grammar(name, Language(tree_sitter_typescript.language_tsx()))
    return Grammar(name, Language(tree_sitter_javascript.language()))
