"""TypeScript types → the neutral tree, as expressions."""

from __future__ import annotations

from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import lowered


def test_annotations() -> None:
    assert lowered("let a: string, b: A.B, c: unknown") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION NAME 'string'
        BODY ASSIGN DECLARATION
          TARGET NAME 'b'
          ANNOTATION ATTRIBUTE 'B'
            OBJECT NAME 'A'
        BODY ASSIGN DECLARATION
          TARGET NAME 'c'
          ANNOTATION NAME 'unknown'
        """
    )


def test_generic_types() -> None:
    assert lowered("let a: Map<string, A.B<C>>") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Map'
            INDEX NAME 'string'
            INDEX SUBSCRIPT
              OBJECT ATTRIBUTE 'B'
                OBJECT NAME 'A'
              INDEX NAME 'C'
        """
    )


def test_array_types() -> None:
    assert lowered("let a: string[][]") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Array'
            INDEX SUBSCRIPT
              OBJECT NAME 'Array'
              INDEX NAME 'string'
        """
    )


def test_readonly_and_parentheses_are_nothing() -> None:
    assert lowered("let a: readonly (A)[]") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Array'
            INDEX NAME 'A'
        """
    )


def test_unions_and_intersections() -> None:
    assert lowered("type A = | B | C & D | null") == tree(
        """
        BODY ALIAS 'A'
          VALUE BINARY '|'
            LEFT BINARY '|'
              LEFT NAME 'B'
              RIGHT BINARY '&'
                LEFT NAME 'C'
                RIGHT NAME 'D'
            RIGHT CONSTANT 'null'
        """
    )


def test_literal_types() -> None:
    assert lowered('type A = "a" | 1 | -2 | true | undefined') == tree(
        """
        BODY ALIAS 'A'
          VALUE BINARY '|'
            LEFT BINARY '|'
              LEFT BINARY '|'
                LEFT BINARY '|'
                  LEFT STRING 'a'
                  RIGHT NUMBER '1'
                RIGHT UNARY '-'
                  VALUE NUMBER '2'
              RIGHT CONSTANT 'true'
            RIGHT CONSTANT 'undefined'
        """
    )


def test_typeof_and_return_type() -> None:
    assert lowered("let a: ReturnType<typeof b.c>") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'ReturnType'
            INDEX UNARY 'typeof'
              VALUE ATTRIBUTE 'c'
                OBJECT NAME 'b'
        """
    )


def test_lookup() -> None:
    assert lowered('let a: A["b"]["c"]') == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION SUBSCRIPT
            OBJECT SUBSCRIPT
              OBJECT NAME 'A'
              INDEX STRING 'b'
            INDEX STRING 'c'
        """
    )


def test_keyof() -> None:
    assert lowered("let a: keyof B") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION OPAQUE
            NAME 'B'
        """
    )


def test_tuples() -> None:
    assert lowered("let a: [A, b: B, c?: C, D?, ...e: F[]]") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION TUPLE
            ELEMENT NAME 'A'
            ELEMENT NAME 'B'
            ELEMENT NAME 'C'
            ELEMENT NAME 'D'
            ELEMENT SPREAD
              VALUE SUBSCRIPT
                OBJECT NAME 'Array'
                INDEX NAME 'F'
        """
    )


def test_function_types() -> None:
    assert lowered("let a: (b: C, d?: E, ...f: G[]) => Promise<H>") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION FUNCTION ARROW
            PARAMETER PARAMETER 'b'
              ANNOTATION NAME 'C'
            PARAMETER PARAMETER 'd' OPTIONAL
              ANNOTATION NAME 'E'
            PARAMETER PARAMETER 'f' REST
              ANNOTATION SUBSCRIPT
                OBJECT NAME 'Array'
                INDEX NAME 'G'
            RETURNS SUBSCRIPT
              OBJECT NAME 'Promise'
              INDEX NAME 'H'
        """
    )


def test_shape() -> None:
    assert lowered(
        "let a: { b: C; readonly d?: E; f(g: H): I; get j(): K; (l: M): N; new (o: P): Q; [r: string]: S }"
    ) == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION CLASS INTERFACE
            BODY BLOCK
              BODY ASSIGN
                TARGET NAME 'b'
                ANNOTATION NAME 'C'
              BODY ASSIGN OPTIONAL
                TARGET NAME 'd'
                ANNOTATION NAME 'E'
              BODY FUNCTION 'f' METHOD
                PARAMETER PARAMETER 'g'
                  ANNOTATION NAME 'H'
                RETURNS NAME 'I'
              BODY FUNCTION 'j' METHOD GETTER
                RETURNS NAME 'K'
              BODY FUNCTION METHOD
                PARAMETER PARAMETER 'l'
                  ANNOTATION NAME 'M'
                RETURNS NAME 'N'
              BODY FUNCTION 'new' METHOD
                PARAMETER PARAMETER 'o'
                  ANNOTATION NAME 'P'
                RETURNS NAME 'Q'
              BODY OPAQUE
                ANNOTATION NAME 'S'
        """
    )


def test_types_without_a_word() -> None:
    assert lowered("type A = [{ [B in C]: D }, E extends F ? G : H, `i${J}`]") == tree(
        """
        BODY ALIAS 'A'
          VALUE TUPLE
            ELEMENT OPAQUE
            ELEMENT OPAQUE
            ELEMENT OPAQUE
        """
    )


def test_constructor_types() -> None:
    assert lowered("type A = new <B>(c: C) => B") == tree(
        """
        BODY ALIAS 'A'
          VALUE FUNCTION ARROW
            TYPE_PARAMETER TYPE_PARAMETER 'B'
            PARAMETER PARAMETER 'c'
              ANNOTATION NAME 'C'
            RETURNS NAME 'B'
        """
    )


def test_import_types() -> None:
    assert lowered('let a: import("b").C') == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION ATTRIBUTE 'C'
            OBJECT CALL
              CALLEE NAME 'import'
              ARGUMENT STRING 'b'
        """
    )


def test_predicates() -> None:
    assert lowered("function a(b): b is C {} function d(e): asserts e {}") == tree(
        """
        BODY FUNCTION 'a'
          PARAMETER PARAMETER 'b'
          RETURNS OPAQUE
          BODY BLOCK
        BODY FUNCTION 'd'
          PARAMETER PARAMETER 'e'
          RETURNS OPAQUE
          BODY BLOCK
        """
    )


def test_this_type() -> None:
    assert lowered("let a: this") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION NAME 'self' SELF
        """
    )


def test_interface() -> None:
    assert lowered("interface A<T> extends B<T>, C.D { e: F; g?(): H }") == tree(
        """
        BODY CLASS 'A' INTERFACE
          TYPE_PARAMETER TYPE_PARAMETER 'T'
          BASE SUBSCRIPT
            OBJECT NAME 'B'
            INDEX NAME 'T'
          BASE ATTRIBUTE 'D'
            OBJECT NAME 'C'
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'e'
              ANNOTATION NAME 'F'
            BODY FUNCTION 'g' METHOD
              RETURNS NAME 'H'
        """
    )


def test_alias() -> None:
    assert lowered("type A<T = B> = C") == tree(
        """
        BODY ALIAS 'A'
          VALUE NAME 'C'
        """
    )


def test_type_parameters() -> None:
    assert lowered("function f<T extends A<B>, const U = C>(a: T) {}") == tree(
        """
        BODY FUNCTION 'f'
          TYPE_PARAMETER TYPE_PARAMETER 'T'
            ANNOTATION SUBSCRIPT
              OBJECT NAME 'A'
              INDEX NAME 'B'
          TYPE_PARAMETER TYPE_PARAMETER 'U'
            DEFAULT NAME 'C'
          PARAMETER PARAMETER 'a'
            ANNOTATION NAME 'T'
          BODY BLOCK
        """
    )


def test_type_parameters_of_classes_and_their_members() -> None:
    assert lowered("class A<T> extends B<T> { c = <U,>(): U => {}; d<V>(private e: V) {} }") == tree(
        """
        BODY CLASS 'A'
          TYPE_PARAMETER TYPE_PARAMETER 'T'
          BASE SUBSCRIPT
            OBJECT NAME 'B'
            INDEX NAME 'T'
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'c'
              VALUE FUNCTION ARROW
                TYPE_PARAMETER TYPE_PARAMETER 'U'
                RETURNS NAME 'U'
                BODY BLOCK
            BODY FUNCTION 'd' METHOD
              TYPE_PARAMETER TYPE_PARAMETER 'V'
              PARAMETER PARAMETER 'e' FIELD
                ANNOTATION NAME 'V'
              BODY BLOCK
        """
    )


def test_unique_symbol() -> None:
    assert lowered("let a: unique symbol") == tree(
        """
        BODY ASSIGN DECLARATION
          TARGET NAME 'a'
          ANNOTATION NAME 'unique symbol'
        """
    )
