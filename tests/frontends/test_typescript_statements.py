"""TypeScript statements and destructuring → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import lowered


def test_declarations() -> None:
    assert lowered("const a = 1, b: C = 2; let d; var e") == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'a'
          VALUE NUMBER '1'
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'b'
          ANNOTATION NAME 'C'
          VALUE NUMBER '2'
        BODY ASSIGN DECLARATION
          TARGET NAME 'd'
        BODY ASSIGN
          TARGET NAME 'e'
        """
    )


def test_destructuring() -> None:
    assert lowered('const { a, b: c, d = 1, e: { f } = {}, [g]: h, "i-j": k, ...l } = m') == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET OBJECT
            ELEMENT PAIR 'a'
              VALUE NAME 'a'
            ELEMENT PAIR 'b'
              VALUE NAME 'c'
            ELEMENT PAIR 'd'
              VALUE DEFAULTED
                TARGET NAME 'd'
                DEFAULT NUMBER '1'
            ELEMENT PAIR 'e'
              VALUE DEFAULTED
                TARGET OBJECT
                  ELEMENT PAIR 'f'
                    VALUE NAME 'f'
                DEFAULT OBJECT
            ELEMENT PAIR
              KEY NAME 'g'
              VALUE NAME 'h'
            ELEMENT PAIR 'i-j'
              VALUE NAME 'k'
            ELEMENT SPREAD REST
              VALUE NAME 'l'
          VALUE NAME 'm'
        """
    )


def test_array_destructuring() -> None:
    assert lowered("const [a, , b = 1, ...[c]] = d; [e, f] = g") == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET LIST
            ELEMENT NAME 'a'
            ELEMENT OPAQUE
            ELEMENT DEFAULTED
              TARGET NAME 'b'
              DEFAULT NUMBER '1'
            ELEMENT SPREAD REST
              VALUE LIST
                ELEMENT NAME 'c'
          VALUE NAME 'd'
        BODY ASSIGN
          TARGET LIST
            ELEMENT NAME 'e'
            ELEMENT NAME 'f'
          VALUE NAME 'g'
        """
    )


def test_if_else() -> None:
    assert lowered("if (a) b; else if (c) { d } else e") == tree(
        """
        BODY IF
          CONDITION NAME 'a'
          BODY BLOCK
            BODY NAME 'b'
          ELSE IF
            CONDITION NAME 'c'
            BODY BLOCK
              BODY NAME 'd'
            ELSE BLOCK
              BODY NAME 'e'
        """
    )


def test_for_of() -> None:
    assert lowered("for (const [a, b] of c) { d }") == tree(
        """
        BODY LOOP 'for' CONSTANT DECLARATION
          TARGET LIST
            ELEMENT NAME 'a'
            ELEMENT NAME 'b'
          ITERABLE NAME 'c'
          BODY BLOCK
            BODY NAME 'd'
        """
    )


def test_for_await_for_in_and_without_declaration() -> None:
    assert lowered("for await (let a of b) c; for (var d in e) {} for (f.g of h);") == tree(
        """
        BODY LOOP 'for' ASYNC DECLARATION
          TARGET NAME 'a'
          ITERABLE NAME 'b'
          BODY BLOCK
            BODY NAME 'c'
        BODY LOOP 'for-in'
          TARGET NAME 'd'
          ITERABLE NAME 'e'
          BODY BLOCK
        BODY LOOP 'for'
          TARGET ATTRIBUTE 'g'
            OBJECT NAME 'f'
          ITERABLE NAME 'h'
          BODY BLOCK
        """
    )


def test_counter() -> None:
    assert lowered("for (let i = 0, j; i < 1; i++) a; for (;;);") == tree(
        """
        BODY LOOP 'counter'
          INIT ASSIGN DECLARATION
            TARGET NAME 'i'
            VALUE NUMBER '0'
          INIT ASSIGN DECLARATION
            TARGET NAME 'j'
          CONDITION BINARY '<'
            LEFT NAME 'i'
            RIGHT NUMBER '1'
          UPDATE UNARY '++'
            VALUE NAME 'i'
          BODY BLOCK
            BODY NAME 'a'
        BODY LOOP 'counter'
          BODY BLOCK
        """
    )


def test_while_and_do() -> None:
    assert lowered("while (a) b; do { c } while (d)") == tree(
        """
        BODY LOOP 'while'
          CONDITION NAME 'a'
          BODY BLOCK
            BODY NAME 'b'
        BODY LOOP 'do'
          BODY BLOCK
            BODY NAME 'c'
          CONDITION NAME 'd'
        """
    )


def test_labels_are_nothing() -> None:
    assert lowered("a: for (const b of c) { continue a; break a }") == tree(
        """
        BODY LOOP 'for' CONSTANT DECLARATION
          TARGET NAME 'b'
          ITERABLE NAME 'c'
          BODY BLOCK
            BODY CONTINUE
            BODY BREAK
        """
    )


def test_switch() -> None:
    assert lowered("switch (a) { case 1: case b: { c; break } default: d; e }") == tree(
        """
        BODY SWITCH 'switch'
          CONDITION NAME 'a'
          CASE CASE
            TARGET NUMBER '1'
            BODY BLOCK
          CASE CASE
            TARGET NAME 'b'
            BODY BLOCK
              BODY NAME 'c'
              BODY BREAK
          CASE CASE
            BODY BLOCK
              BODY NAME 'd'
              BODY NAME 'e'
        """
    )


def test_try_catch_finally() -> None:
    assert lowered("try { a } catch (e: unknown) { b } finally { c }") == tree(
        """
        BODY TRY
          BODY BLOCK
            BODY NAME 'a'
          CATCH CATCH
            TARGET NAME 'e'
            ANNOTATION NAME 'unknown'
            BODY BLOCK
              BODY NAME 'b'
          FINALLY BLOCK
            BODY NAME 'c'
        """
    )


def test_catch_without_a_name() -> None:
    assert lowered("try {} catch {} try {} catch ({ a }) {}") == tree(
        """
        BODY TRY
          BODY BLOCK
          CATCH CATCH
            BODY BLOCK
        BODY TRY
          BODY BLOCK
          CATCH CATCH
            TARGET OBJECT
              ELEMENT PAIR 'a'
                VALUE NAME 'a'
            BODY BLOCK
        """
    )


def test_return_and_throw() -> None:
    assert lowered("function f() { return; return a; throw new B() }") == tree(
        """
        BODY FUNCTION 'f'
          BODY BLOCK
            BODY RETURN
            BODY RETURN
              VALUE NAME 'a'
            BODY RAISE
              VALUE CALL NEW
                CALLEE NAME 'B'
        """
    )


def test_directives() -> None:
    assert lowered('"use strict"; "use server"; a; "b"') == tree(
        """
        BODY DIRECTIVE 'use strict'
        BODY DIRECTIVE 'use server'
        BODY NAME 'a'
        BODY STRING 'b'
        """
    )


def test_directive_of_a_function() -> None:
    assert lowered('const f = () => { "use server"; a }') == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'f'
          VALUE FUNCTION ARROW
            BODY BLOCK
              BODY DIRECTIVE 'use server'
              BODY NAME 'a'
        """
    )


def test_using() -> None:
    assert lowered("using a = b(); await using c = d()") == tree(
        """
        BODY ITEM CONSTANT DECLARATION
          TARGET NAME 'a'
          VALUE CALL
            CALLEE NAME 'b'
        BODY ITEM ASYNC CONSTANT DECLARATION
          TARGET NAME 'c'
          VALUE CALL
            CALLEE NAME 'd'
        """
    )


def test_using_as_the_javascript_grammar_has_it() -> None:
    assert lowered("using a = b(); await using c = d(); e?.5:f", "js") == tree(
        """
        BODY ITEM CONSTANT DECLARATION
          TARGET NAME 'a'
          VALUE CALL
            CALLEE NAME 'b'
        BODY ITEM ASYNC CONSTANT DECLARATION
          TARGET NAME 'c'
          VALUE CALL
            CALLEE NAME 'd'
        BODY CONDITIONAL
          CONDITION NAME 'e'
          BODY NUMBER '.5'
          ELSE NAME 'f'
        """
    )


def test_namespaces_are_blocks() -> None:
    assert lowered('namespace A.B { const c = 1 } declare module "d" { let e } declare global { var f }') == tree(
        """
        BODY BLOCK 'A.B'
          BODY ASSIGN CONSTANT DECLARATION
            TARGET NAME 'c'
            VALUE NUMBER '1'
        BODY BLOCK 'd'
          BODY ASSIGN DECLARATION
            TARGET NAME 'e'
        BODY BLOCK 'global'
          BODY ASSIGN
            TARGET NAME 'f'
        """
    )


def test_nothing() -> None:
    assert lowered("; debugger; {}") == tree(
        """
        BODY BLOCK
        """
    )


def test_with() -> None:
    assert lowered("with (a) { b() }", "js") == tree(
        """
        BODY OPAQUE
          NAME 'a'
          BLOCK
            BODY CALL
              CALLEE NAME 'b'
        """
    )
