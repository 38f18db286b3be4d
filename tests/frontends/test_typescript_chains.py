"""What the grammar binds wrongly, put right: prefixes of typed calls, typed tagged templates."""

from __future__ import annotations

from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import lowered


def test_await_before_a_typed_call() -> None:
    assert lowered("await a.b<C>(d)") == tree(
        """
        BODY AWAIT
          VALUE CALL
            CALLEE ATTRIBUTE 'b'
              OBJECT NAME 'a'
            TYPE_ARGUMENT NAME 'C'
            ARGUMENT NAME 'd'
        """
    )


def test_await_before_a_chain_behind_a_typed_call() -> None:
    assert lowered("await a.b<C>(d).e()[0]!.f") == tree(
        """
        BODY AWAIT
          VALUE ATTRIBUTE 'f'
            OBJECT SUBSCRIPT
              OBJECT CALL
                CALLEE ATTRIBUTE 'e'
                  OBJECT CALL
                    CALLEE ATTRIBUTE 'b'
                      OBJECT NAME 'a'
                    TYPE_ARGUMENT NAME 'C'
                    ARGUMENT NAME 'd'
              INDEX NUMBER '0'
        """
    )


def test_operators_before_a_typed_call() -> None:
    assert lowered("!a<B>(c); d + e<F>(g)") == tree(
        """
        BODY UNARY 'not'
          VALUE CALL
            CALLEE NAME 'a'
            TYPE_ARGUMENT NAME 'B'
            ARGUMENT NAME 'c'
        BODY BINARY '+'
          LEFT NAME 'd'
          RIGHT CALL
            CALLEE NAME 'e'
            TYPE_ARGUMENT NAME 'F'
            ARGUMENT NAME 'g'
        """
    )


def test_several_prefixes_before_a_typed_call() -> None:
    assert lowered("x = !(await a) && -await b<C>(d)") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE BINARY 'and'
            LEFT UNARY 'not'
              VALUE AWAIT
                VALUE NAME 'a'
            RIGHT UNARY '-'
              VALUE AWAIT
                VALUE CALL
                  CALLEE NAME 'b'
                  TYPE_ARGUMENT NAME 'C'
                  ARGUMENT NAME 'd'
        """
    )


def test_parentheses_hold_the_prefix() -> None:
    assert lowered("(await a<B>(c)).d") == tree(
        """
        BODY ATTRIBUTE 'd'
          OBJECT AWAIT
            VALUE CALL
              CALLEE NAME 'a'
              TYPE_ARGUMENT NAME 'B'
              ARGUMENT NAME 'c'
        """
    )


def test_typed_tag() -> None:
    assert lowered("a.sql<B>`c${d}`") == tree(
        """
        BODY TAGGED
          CALLEE ATTRIBUTE 'sql'
            OBJECT NAME 'a'
          TYPE_ARGUMENT NAME 'B'
          ARGUMENT TEMPLATE
            ELEMENT STRING 'c'
            ELEMENT HOLE
              VALUE NAME 'd'
        """
    )


def test_awaited_typed_tag() -> None:
    assert lowered("const x = await a.sql<B[]>`c`") == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'x'
          VALUE AWAIT
            VALUE TAGGED
              CALLEE ATTRIBUTE 'sql'
                OBJECT NAME 'a'
              TYPE_ARGUMENT SUBSCRIPT
                OBJECT NAME 'Array'
                INDEX NAME 'B'
              ARGUMENT TEMPLATE
                ELEMENT STRING 'c'
        """
    )


def test_typed_tag_with_several_arguments_in_a_call() -> None:
    assert lowered('f(a, sql<B, C>`d`.as("e"))') == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT NAME 'a'
          ARGUMENT CALL
            CALLEE ATTRIBUTE 'as'
              OBJECT TAGGED
                CALLEE NAME 'sql'
                TYPE_ARGUMENT NAME 'B'
                TYPE_ARGUMENT NAME 'C'
                ARGUMENT TEMPLATE
                  ELEMENT STRING 'd'
            ARGUMENT STRING 'e'
        """
    )


def test_typed_tag_with_a_shape() -> None:
    assert lowered("x = sql<{ a: B; c?: D | null }>`e`") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE TAGGED
            CALLEE NAME 'sql'
            TYPE_ARGUMENT CLASS INTERFACE
              BODY BLOCK
                BODY ASSIGN
                  TARGET NAME 'a'
                  ANNOTATION NAME 'B'
                BODY ASSIGN OPTIONAL
                  TARGET NAME 'c'
                  ANNOTATION BINARY '|'
                    LEFT NAME 'D'
                    RIGHT CONSTANT 'null'
            ARGUMENT TEMPLATE
              ELEMENT STRING 'e'
        """
    )


def test_typed_tag_with_a_union() -> None:
    assert lowered("x = sql<A | null>`b`") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE TAGGED
            CALLEE NAME 'sql'
            TYPE_ARGUMENT BINARY '|'
              LEFT NAME 'A'
              RIGHT CONSTANT 'null'
            ARGUMENT TEMPLATE
              ELEMENT STRING 'b'
        """
    )


def test_typed_tag_in_an_arrow_function() -> None:
    assert lowered("f(() => sql<Record<A, B>>`c`)") == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT FUNCTION ARROW
            BODY TAGGED
              CALLEE NAME 'sql'
              TYPE_ARGUMENT SUBSCRIPT
                OBJECT NAME 'Record'
                INDEX NAME 'A'
                INDEX NAME 'B'
              ARGUMENT TEMPLATE
                ELEMENT STRING 'c'
        """
    )


def test_typed_tags_nest() -> None:
    assert lowered("sql`${sql<A>`${b<C>`d`}`} ${e}`") == tree(
        """
        BODY TAGGED
          CALLEE NAME 'sql'
          ARGUMENT TEMPLATE
            ELEMENT HOLE
              VALUE TAGGED
                CALLEE NAME 'sql'
                TYPE_ARGUMENT NAME 'A'
                ARGUMENT TEMPLATE
                  ELEMENT HOLE
                    VALUE TAGGED
                      CALLEE NAME 'b'
                      TYPE_ARGUMENT NAME 'C'
                      ARGUMENT TEMPLATE
                        ELEMENT STRING 'd'
            ELEMENT STRING ' '
            ELEMENT HOLE
              VALUE NAME 'e'
        """
    )


def test_comparison_with_a_typed_tag() -> None:
    assert lowered("x = a < b<C>`d`") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE BINARY '<'
            LEFT NAME 'a'
            RIGHT TAGGED
              CALLEE NAME 'b'
              TYPE_ARGUMENT NAME 'C'
              ARGUMENT TEMPLATE
                ELEMENT STRING 'd'
        """
    )


def test_comparisons_and_typed_calls_as_typescript_tells_them_apart() -> None:
    assert lowered("a < b > c; d < e, f > (g)") == tree(
        """
        BODY BINARY '>'
          LEFT BINARY '<'
            LEFT NAME 'a'
            RIGHT NAME 'b'
          RIGHT NAME 'c'
        BODY CALL
          CALLEE NAME 'd'
          TYPE_ARGUMENT NAME 'e'
          TYPE_ARGUMENT NAME 'f'
          ARGUMENT NAME 'g'
        """
    )


def test_call_typed_by_an_import() -> None:
    assert lowered('const a = await b<typeof import("c")>(); d<typeof import("e")>(f)') == tree(
        """
        BODY ASSIGN CONSTANT DECLARATION
          TARGET NAME 'a'
          VALUE AWAIT
            VALUE CALL
              CALLEE NAME 'b'
              TYPE_ARGUMENT UNARY 'typeof'
                VALUE CALL
                  CALLEE NAME 'import'
                  ARGUMENT STRING 'c'
        BODY CALL
          CALLEE NAME 'd'
          TYPE_ARGUMENT UNARY 'typeof'
            VALUE CALL
              CALLEE NAME 'import'
              ARGUMENT STRING 'e'
          ARGUMENT NAME 'f'
        """
    )


def test_closing_tag_before_a_closing_backtick() -> None:
    assert lowered("x = a < b + `<i>${c}</i>`") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE BINARY '<'
            LEFT NAME 'a'
            RIGHT BINARY '+'
              LEFT NAME 'b'
              RIGHT TEMPLATE
                ELEMENT STRING '<i>'
                ELEMENT HOLE
                  VALUE NAME 'c'
                ELEMENT STRING '</i>'
        """
    )


def test_instantiation_without_a_call() -> None:
    assert lowered("x = a<B>") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE SUBSCRIPT
            OBJECT NAME 'a'
            INDEX NAME 'B'
        """
    )
