"""TypeScript functions, classes and enums → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import lowered


def test_function() -> None:
    assert lowered("async function* f(a, b: C = 1, d?: E, ...g: H[]): I {}") == tree(
        """
        BODY FUNCTION 'f' ASYNC GENERATOR
          PARAMETER PARAMETER 'a'
          PARAMETER PARAMETER 'b'
            ANNOTATION NAME 'C'
            DEFAULT NUMBER '1'
          PARAMETER PARAMETER 'd' OPTIONAL
            ANNOTATION NAME 'E'
          PARAMETER PARAMETER 'g' REST
            ANNOTATION SUBSCRIPT
              OBJECT NAME 'Array'
              INDEX NAME 'H'
          RETURNS NAME 'I'
          BODY BLOCK
        """
    )


def test_destructured_parameters() -> None:
    assert lowered("function f({ a, b: c = 1 }: D = {}, [e]: F, ...[g]) {}") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER
            TARGET OBJECT
              ELEMENT PAIR 'a'
                VALUE NAME 'a'
              ELEMENT PAIR 'b'
                VALUE DEFAULTED
                  TARGET NAME 'c'
                  DEFAULT NUMBER '1'
            ANNOTATION NAME 'D'
            DEFAULT OBJECT
          PARAMETER PARAMETER
            TARGET LIST
              ELEMENT NAME 'e'
            ANNOTATION NAME 'F'
          PARAMETER PARAMETER REST
            TARGET LIST
              ELEMENT NAME 'g'
          BODY BLOCK
        """
    )


def test_this_is_no_parameter() -> None:
    assert lowered("function f(this: A, b) {}") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'b'
          BODY BLOCK
        """
    )


def test_overloads_have_no_body() -> None:
    assert lowered("function f(a: A): B; function f(a) {} declare function g(): C") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'a'
            ANNOTATION NAME 'A'
          RETURNS NAME 'B'
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'a'
          BODY BLOCK
        BODY FUNCTION 'g'
          RETURNS NAME 'C'
        """
    )


def test_class() -> None:
    assert lowered("@A @b.C(d) export class E<T> extends F<T> implements G, H<I> {}") == tree(
        """
        BODY CLASS 'E'
          DECORATOR NAME 'A'
          DECORATOR CALL
            CALLEE ATTRIBUTE 'C'
              OBJECT NAME 'b'
            ARGUMENT NAME 'd'
          TYPE_PARAMETER TYPE_PARAMETER 'T'
          BASE SUBSCRIPT
            OBJECT NAME 'F'
            INDEX NAME 'T'
          BASE NAME 'G' INTERFACE
          BASE SUBSCRIPT INTERFACE
            OBJECT NAME 'H'
            INDEX NAME 'I'
          BODY BLOCK
        """
    )


def test_abstract_class() -> None:
    assert lowered("abstract class A { abstract b(): C; protected abstract d: E }") == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY FUNCTION 'b' METHOD
              RETURNS NAME 'C'
            BODY ASSIGN
              TARGET NAME 'd'
              ANNOTATION NAME 'E'
        """
    )


def test_class_extends_expressions() -> None:
    assert lowered("class A extends b(C) {} class D extends e.F<G>(h) {}") == tree(
        """
        BODY CLASS 'A'
          BASE CALL
            CALLEE NAME 'b'
            ARGUMENT NAME 'C'
          BODY BLOCK
        BODY CLASS 'D'
          BASE CALL
            CALLEE ATTRIBUTE 'F'
              OBJECT NAME 'e'
            TYPE_ARGUMENT NAME 'G'
            ARGUMENT NAME 'h'
          BODY BLOCK
        """
    )


def test_fields() -> None:
    assert lowered(
        'class A { a; b: B = 1; static readonly c?: C; #d = 2; "e-f"; [g()] = 3; declare h: I; accessor j!: K }'
    ) == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'a'
            BODY ASSIGN
              TARGET NAME 'b'
              ANNOTATION NAME 'B'
              VALUE NUMBER '1'
            BODY ASSIGN STATIC OPTIONAL
              TARGET NAME 'c'
              ANNOTATION NAME 'C'
            BODY ASSIGN
              TARGET NAME '#d'
              VALUE NUMBER '2'
            BODY ASSIGN
              TARGET NAME 'e-f'
            BODY ASSIGN
              TARGET OPAQUE
                KEY CALL
                  CALLEE NAME 'g'
              VALUE NUMBER '3'
            BODY ASSIGN
              TARGET NAME 'h'
              ANNOTATION NAME 'I'
            BODY ASSIGN
              TARGET NAME 'j'
              ANNOTATION NAME 'K'
        """
    )


def test_methods() -> None:
    assert lowered("class A { constructor(a) { super() } static async *b() {} get c(): D { } set c(d) {} }") == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY FUNCTION 'constructor' METHOD
              PARAMETER PARAMETER 'a'
              BODY BLOCK
                BODY CALL
                  CALLEE NAME 'super'
            BODY FUNCTION 'b' ASYNC GENERATOR STATIC METHOD
              BODY BLOCK
            BODY FUNCTION 'c' METHOD GETTER
              RETURNS NAME 'D'
              BODY BLOCK
            BODY FUNCTION 'c' METHOD
              PARAMETER PARAMETER 'd'
              BODY BLOCK
        """
    )


def test_methods_with_other_names() -> None:
    assert lowered('class A { #e() {} "f"() {} [g()]() {} 1() {} }') == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY FUNCTION '#e' METHOD
              BODY BLOCK
            BODY FUNCTION 'f' METHOD
              BODY BLOCK
            BODY FUNCTION METHOD
              KEY CALL
                CALLEE NAME 'g'
              BODY BLOCK
            BODY FUNCTION '1' METHOD
              BODY BLOCK
        """
    )


def test_decorated_members() -> None:
    assert lowered("class A { @B() c: D; @E @F(g) h() {} @I() get j() {} }") == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY ASSIGN
              DECORATOR CALL
                CALLEE NAME 'B'
              TARGET NAME 'c'
              ANNOTATION NAME 'D'
            BODY FUNCTION 'h' METHOD
              DECORATOR NAME 'E'
              DECORATOR CALL
                CALLEE NAME 'F'
                ARGUMENT NAME 'g'
              BODY BLOCK
            BODY FUNCTION 'j' METHOD GETTER
              DECORATOR CALL
                CALLEE NAME 'I'
              BODY BLOCK
        """
    )


def test_parameter_properties() -> None:
    assert lowered("class A { constructor(private a: B, @C() public readonly d = 1, override e?: F, g) {} }") == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY FUNCTION 'constructor' METHOD
              PARAMETER PARAMETER 'a' FIELD
                ANNOTATION NAME 'B'
              PARAMETER PARAMETER 'd' FIELD
                DECORATOR CALL
                  CALLEE NAME 'C'
                DEFAULT NUMBER '1'
              PARAMETER PARAMETER 'e' OPTIONAL FIELD
                ANNOTATION NAME 'F'
              PARAMETER PARAMETER 'g'
              BODY BLOCK
        """
    )


def test_static_block() -> None:
    assert lowered("class A { static { b() } }") == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY BLOCK STATIC
              BODY CALL
                CALLEE NAME 'b'
        """
    )


def test_enums() -> None:
    assert lowered('enum A { B, C = 2, "d" } declare const enum E { F = "g" }') == tree(
        """
        BODY CLASS 'A'
          BODY BLOCK
            BODY ASSIGN STATIC CONSTANT
              TARGET NAME 'B'
            BODY ASSIGN STATIC CONSTANT
              TARGET NAME 'C'
              VALUE NUMBER '2'
            BODY ASSIGN STATIC CONSTANT
              TARGET NAME 'd'
        BODY CLASS 'E'
          BODY BLOCK
            BODY ASSIGN STATIC CONSTANT
              TARGET NAME 'F'
              VALUE STRING 'g'
        """
    )


def test_declare() -> None:
    assert lowered("declare const a: B; declare class C { d(): E }") == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'a'
          ANNOTATION NAME 'B'
        BODY CLASS 'C'
          BODY BLOCK
            BODY FUNCTION 'd' METHOD
              RETURNS NAME 'E'
        """
    )


def test_import_alias() -> None:
    assert lowered("import a = b.c") == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'a'
          VALUE ATTRIBUTE 'c'
            OBJECT NAME 'b'
        """
    )


def test_what_only_the_javascript_grammar_reads() -> None:
    assert lowered(
        """
        class A extends B { static c = 1; static get d() {} #e; @f g(h, { i }, j = 1, ...k) {} }
        a?.5:b
        """,
        "js",
    ) == tree(
        """
        BODY CLASS 'A'
          BASE NAME 'B'
          BODY BLOCK
            BODY ASSIGN STATIC
              TARGET NAME 'c'
              VALUE NUMBER '1'
            BODY FUNCTION 'd' STATIC METHOD GETTER
              BODY BLOCK
            BODY ASSIGN
              TARGET NAME '#e'
            BODY FUNCTION 'g' METHOD
              DECORATOR NAME 'f'
              PARAMETER PARAMETER 'h'
              PARAMETER PARAMETER
                TARGET OBJECT
                  ELEMENT PAIR 'i'
                    VALUE NAME 'i'
              PARAMETER PARAMETER 'j'
                DEFAULT NUMBER '1'
              PARAMETER PARAMETER 'k' REST
              BODY BLOCK
        BODY CONDITIONAL
          CONDITION NAME 'a'
          BODY NUMBER '.5'
          ELSE NAME 'b'
        """
    )
