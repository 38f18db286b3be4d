"""Kinds, roles and flags of the neutral tree as plain numbers, each in its place of a node's code.

A node's code is `kind | role << 8 | flags << 16`, so that a handler that is given "role and flags"
adds its kind with one operation. Enum members would cost more than the lowering itself.
"""

from __future__ import annotations

from typing import Final

from dblint.facts.tree import Flag, Kind, Role

KIND_MASK: Final = 0xFF
ROLE_MASK: Final = 0xFF00

MODULE: Final = int(Kind.MODULE)
FUNCTION: Final = int(Kind.FUNCTION)
CLASS: Final = int(Kind.CLASS)
PARAMETER: Final = int(Kind.PARAMETER)
ALIAS: Final = int(Kind.ALIAS)
IMPORT: Final = int(Kind.IMPORT)
EXPORT: Final = int(Kind.EXPORT)
TYPE_PARAMETER: Final = int(Kind.TYPE_PARAMETER)
BLOCK: Final = int(Kind.BLOCK)
ASSIGN: Final = int(Kind.ASSIGN)
RETURN: Final = int(Kind.RETURN)
YIELD: Final = int(Kind.YIELD)
RAISE: Final = int(Kind.RAISE)
BREAK: Final = int(Kind.BREAK)
CONTINUE: Final = int(Kind.CONTINUE)
IF: Final = int(Kind.IF)
SWITCH: Final = int(Kind.SWITCH)
CASE: Final = int(Kind.CASE)
LOOP: Final = int(Kind.LOOP)
TRY: Final = int(Kind.TRY)
CATCH: Final = int(Kind.CATCH)
ITEM: Final = int(Kind.ITEM)
DIRECTIVE: Final = int(Kind.DIRECTIVE)
NAME: Final = int(Kind.NAME)
ATTRIBUTE: Final = int(Kind.ATTRIBUTE)
SUBSCRIPT: Final = int(Kind.SUBSCRIPT)
CALL: Final = int(Kind.CALL)
SPREAD: Final = int(Kind.SPREAD)
TAGGED: Final = int(Kind.TAGGED)
STRING: Final = int(Kind.STRING)
TEMPLATE: Final = int(Kind.TEMPLATE)
HOLE: Final = int(Kind.HOLE)
NUMBER: Final = int(Kind.NUMBER)
CONSTANT: Final = int(Kind.CONSTANT)
REGEX: Final = int(Kind.REGEX)
BINARY: Final = int(Kind.BINARY)
UNARY: Final = int(Kind.UNARY)
CONDITIONAL: Final = int(Kind.CONDITIONAL)
AWAIT: Final = int(Kind.AWAIT)
OBJECT: Final = int(Kind.OBJECT)
PAIR: Final = int(Kind.PAIR)
LIST: Final = int(Kind.LIST)
TUPLE: Final = int(Kind.TUPLE)
CAST: Final = int(Kind.CAST)
DEFAULTED: Final = int(Kind.DEFAULTED)
OPAQUE: Final = int(Kind.OPAQUE)

AS_NONE: Final = int(Role.NONE) << 8
AS_BODY: Final = int(Role.BODY) << 8
AS_DECORATOR: Final = int(Role.DECORATOR) << 8
AS_PARAMETER: Final = int(Role.PARAMETER) << 8
AS_RETURNS: Final = int(Role.RETURNS) << 8
AS_BASE: Final = int(Role.BASE) << 8
AS_ANNOTATION: Final = int(Role.ANNOTATION) << 8
AS_DEFAULT: Final = int(Role.DEFAULT) << 8
AS_TARGET: Final = int(Role.TARGET) << 8
AS_VALUE: Final = int(Role.VALUE) << 8
AS_CONDITION: Final = int(Role.CONDITION) << 8
AS_ELSE: Final = int(Role.ELSE) << 8
AS_CASE: Final = int(Role.CASE) << 8
AS_INIT: Final = int(Role.INIT) << 8
AS_ITERABLE: Final = int(Role.ITERABLE) << 8
AS_UPDATE: Final = int(Role.UPDATE) << 8
AS_CATCH: Final = int(Role.CATCH) << 8
AS_FINALLY: Final = int(Role.FINALLY) << 8
AS_OBJECT: Final = int(Role.OBJECT) << 8
AS_INDEX: Final = int(Role.INDEX) << 8
AS_CALLEE: Final = int(Role.CALLEE) << 8
AS_TYPE_ARGUMENT: Final = int(Role.TYPE_ARGUMENT) << 8
AS_ARGUMENT: Final = int(Role.ARGUMENT) << 8
AS_LEFT: Final = int(Role.LEFT) << 8
AS_RIGHT: Final = int(Role.RIGHT) << 8
AS_KEY: Final = int(Role.KEY) << 8
AS_ELEMENT: Final = int(Role.ELEMENT) << 8
AS_TYPE_PARAMETER: Final = int(Role.TYPE_PARAMETER) << 8

WITH_ASYNC: Final = int(Flag.ASYNC) << 16
WITH_GENERATOR: Final = int(Flag.GENERATOR) << 16
WITH_STATIC: Final = int(Flag.STATIC) << 16
WITH_REST: Final = int(Flag.REST) << 16
WITH_PAIRS: Final = int(Flag.PAIRS) << 16
WITH_OPTIONAL: Final = int(Flag.OPTIONAL) << 16
WITH_NEW: Final = int(Flag.NEW) << 16
WITH_INTERFACE: Final = int(Flag.INTERFACE) << 16
WITH_SELF: Final = int(Flag.SELF) << 16
WITH_ARROW: Final = int(Flag.ARROW) << 16
WITH_METHOD: Final = int(Flag.METHOD) << 16
WITH_GETTER: Final = int(Flag.GETTER) << 16
WITH_FIELD: Final = int(Flag.FIELD) << 16
WITH_CONSTANT: Final = int(Flag.CONSTANT) << 16
WITH_DECLARATION: Final = int(Flag.DECLARATION) << 16
WITH_DELEGATE: Final = int(Flag.DELEGATE) << 16
