"""Kinds, roles and flags of the neutral tree as plain numbers, each in its place of a node's code.

A node's code is `kind | role << 8 | flags << 16`, so that a handler that is given "role and flags"
adds its kind with one operation. Enum members would cost more than the lowering itself.
"""

from __future__ import annotations

from typing import Final

from dblint.facts.tree import Flag, Kind, Role

KIND_MASK: Final = 0xFF
ROLE_MASK: Final = 0xFF00

MODULE: Final = Kind.MODULE
FUNCTION: Final = Kind.FUNCTION
CLASS: Final = Kind.CLASS
PARAMETER: Final = Kind.PARAMETER
ALIAS: Final = Kind.ALIAS
IMPORT: Final = Kind.IMPORT
EXPORT: Final = Kind.EXPORT
TYPE_PARAMETER: Final = Kind.TYPE_PARAMETER
BLOCK: Final = Kind.BLOCK
ASSIGN: Final = Kind.ASSIGN
RETURN: Final = Kind.RETURN
YIELD: Final = Kind.YIELD
RAISE: Final = Kind.RAISE
BREAK: Final = Kind.BREAK
CONTINUE: Final = Kind.CONTINUE
IF: Final = Kind.IF
SWITCH: Final = Kind.SWITCH
CASE: Final = Kind.CASE
LOOP: Final = Kind.LOOP
TRY: Final = Kind.TRY
CATCH: Final = Kind.CATCH
ITEM: Final = Kind.ITEM
DIRECTIVE: Final = Kind.DIRECTIVE
NAME: Final = Kind.NAME
ATTRIBUTE: Final = Kind.ATTRIBUTE
SUBSCRIPT: Final = Kind.SUBSCRIPT
CALL: Final = Kind.CALL
SPREAD: Final = Kind.SPREAD
TAGGED: Final = Kind.TAGGED
STRING: Final = Kind.STRING
TEMPLATE: Final = Kind.TEMPLATE
HOLE: Final = Kind.HOLE
NUMBER: Final = Kind.NUMBER
CONSTANT: Final = Kind.CONSTANT
REGEX: Final = Kind.REGEX
BINARY: Final = Kind.BINARY
UNARY: Final = Kind.UNARY
CONDITIONAL: Final = Kind.CONDITIONAL
AWAIT: Final = Kind.AWAIT
OBJECT: Final = Kind.OBJECT
PAIR: Final = Kind.PAIR
LIST: Final = Kind.LIST
TUPLE: Final = Kind.TUPLE
CAST: Final = Kind.CAST
DEFAULTED: Final = Kind.DEFAULTED
OPAQUE: Final = Kind.OPAQUE

AS_NONE: Final = Role.NONE << 8
AS_BODY: Final = Role.BODY << 8
AS_DECORATOR: Final = Role.DECORATOR << 8
AS_PARAMETER: Final = Role.PARAMETER << 8
AS_RETURNS: Final = Role.RETURNS << 8
AS_BASE: Final = Role.BASE << 8
AS_ANNOTATION: Final = Role.ANNOTATION << 8
AS_DEFAULT: Final = Role.DEFAULT << 8
AS_TARGET: Final = Role.TARGET << 8
AS_VALUE: Final = Role.VALUE << 8
AS_CONDITION: Final = Role.CONDITION << 8
AS_ELSE: Final = Role.ELSE << 8
AS_CASE: Final = Role.CASE << 8
AS_INIT: Final = Role.INIT << 8
AS_ITERABLE: Final = Role.ITERABLE << 8
AS_UPDATE: Final = Role.UPDATE << 8
AS_CATCH: Final = Role.CATCH << 8
AS_FINALLY: Final = Role.FINALLY << 8
AS_OBJECT: Final = Role.OBJECT << 8
AS_INDEX: Final = Role.INDEX << 8
AS_CALLEE: Final = Role.CALLEE << 8
AS_TYPE_ARGUMENT: Final = Role.TYPE_ARGUMENT << 8
AS_ARGUMENT: Final = Role.ARGUMENT << 8
AS_LEFT: Final = Role.LEFT << 8
AS_RIGHT: Final = Role.RIGHT << 8
AS_KEY: Final = Role.KEY << 8
AS_ELEMENT: Final = Role.ELEMENT << 8
AS_TYPE_PARAMETER: Final = Role.TYPE_PARAMETER << 8

WITH_ASYNC: Final = Flag.ASYNC << 16
WITH_GENERATOR: Final = Flag.GENERATOR << 16
WITH_STATIC: Final = Flag.STATIC << 16
WITH_REST: Final = Flag.REST << 16
WITH_PAIRS: Final = Flag.PAIRS << 16
WITH_OPTIONAL: Final = Flag.OPTIONAL << 16
WITH_NEW: Final = Flag.NEW << 16
WITH_INTERFACE: Final = Flag.INTERFACE << 16
WITH_SELF: Final = Flag.SELF << 16
WITH_ARROW: Final = Flag.ARROW << 16
WITH_METHOD: Final = Flag.METHOD << 16
WITH_GETTER: Final = Flag.GETTER << 16
WITH_FIELD: Final = Flag.FIELD << 16
WITH_CONSTANT: Final = Flag.CONSTANT << 16
WITH_DECLARATION: Final = Flag.DECLARATION << 16
WITH_DELEGATE: Final = Flag.DELEGATE << 16
