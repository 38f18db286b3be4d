"""TypeScript expressions → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import lowered


def test_attribute_chain() -> None:
    assert lowered("a.b(c).d") == tree(
        """
        BODY ATTRIBUTE 'd'
          OBJECT CALL
            CALLEE ATTRIBUTE 'b'
              OBJECT NAME 'a'
            ARGUMENT NAME 'c'
        """
    )


def test_optional_chaining() -> None:
    assert lowered("a?.b?.[0]?.(c)") == tree(
        """
        BODY CALL OPTIONAL
          CALLEE SUBSCRIPT OPTIONAL
            OBJECT ATTRIBUTE 'b' OPTIONAL
              OBJECT NAME 'a'
            INDEX NUMBER '0'
          ARGUMENT NAME 'c'
        """
    )


def test_private_names() -> None:
    assert lowered("this.#a; #b in c") == tree(
        """
        BODY ATTRIBUTE '#a'
          OBJECT NAME 'self' SELF
        BODY BINARY 'in'
          LEFT NAME '#b'
          RIGHT NAME 'c'
        """
    )


def test_parentheses_and_non_null_are_nothing() -> None:
    assert lowered("((a!)).b!((c))") == tree(
        """
        BODY CALL
          CALLEE ATTRIBUTE 'b'
            OBJECT NAME 'a'
          ARGUMENT NAME 'c'
        """
    )


def test_subscripts() -> None:
    assert lowered('a[0]["b"]') == tree(
        """
        BODY SUBSCRIPT
          OBJECT SUBSCRIPT
            OBJECT NAME 'a'
            INDEX NUMBER '0'
          INDEX STRING 'b'
        """
    )


def test_this_super_and_meta_properties() -> None:
    assert lowered("this.a; super.b; import.meta.c; new.target") == tree(
        """
        BODY ATTRIBUTE 'a'
          OBJECT NAME 'self' SELF
        BODY ATTRIBUTE 'b'
          OBJECT NAME 'super'
        BODY ATTRIBUTE 'c'
          OBJECT ATTRIBUTE 'meta'
            OBJECT NAME 'import'
        BODY ATTRIBUTE 'target'
          OBJECT NAME 'new'
        """
    )


def test_call_with_type_arguments_and_spread() -> None:
    assert lowered("a.b<C, D>(e, ...f)") == tree(
        """
        BODY CALL
          CALLEE ATTRIBUTE 'b'
            OBJECT NAME 'a'
          TYPE_ARGUMENT NAME 'C'
          TYPE_ARGUMENT NAME 'D'
          ARGUMENT NAME 'e'
          ARGUMENT SPREAD
            VALUE NAME 'f'
        """
    )


def test_new() -> None:
    assert lowered("new a.B<C>(d); new E") == tree(
        """
        BODY CALL NEW
          CALLEE ATTRIBUTE 'B'
            OBJECT NAME 'a'
          TYPE_ARGUMENT NAME 'C'
          ARGUMENT NAME 'd'
        BODY CALL NEW
          CALLEE NAME 'E'
        """
    )


def test_dynamic_import_and_require() -> None:
    assert lowered('import("a"); require("b")') == tree(
        """
        BODY CALL
          CALLEE NAME 'import'
          ARGUMENT STRING 'a'
        BODY CALL
          CALLEE NAME 'require'
          ARGUMENT STRING 'b'
        """
    )


def test_constants() -> None:
    assert lowered("undefined; null; true; false") == tree(
        """
        BODY CONSTANT 'undefined'
        BODY CONSTANT 'null'
        BODY CONSTANT 'true'
        BODY CONSTANT 'false'
        """
    )


def test_numbers() -> None:
    assert lowered("1_000.5; 0xFF; 10n") == tree(
        """
        BODY NUMBER '1000.5'
        BODY NUMBER '0xFF'
        BODY NUMBER '10n'
        """
    )


def test_regular_expressions() -> None:
    assert lowered("/a\\/[/]b/gi") == tree(
        r"""
        BODY REGEX 'a\\/[/]b'
        """
    )


def test_strings_are_cooked() -> None:
    assert lowered('x = ["a\\n\\x41\\u0042\\u{43}\\101\\q", \'"\', ""]') == tree(
        r"""
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE LIST
            ELEMENT STRING 'a\nABCAq'
            ELEMENT STRING '"'
            ELEMENT STRING
        """
    )


def test_half_a_surrogate_pair() -> None:
    assert lowered('["\\ud83d\\ude00", "\\ud83d"]') == tree(
        """
        BODY LIST
          ELEMENT STRING '😀'
          ELEMENT STRING '�'
        """
    )


def test_templates() -> None:
    assert lowered("`a\\n${b}${c}d`") == tree(
        r"""
        BODY TEMPLATE
          ELEMENT STRING 'a\n'
          ELEMENT HOLE
            VALUE NAME 'b'
          ELEMENT HOLE
            VALUE NAME 'c'
          ELEMENT STRING 'd'
        """
    )


def test_template_without_text() -> None:
    assert lowered("[``, `${a}`]") == tree(
        """
        BODY LIST
          ELEMENT TEMPLATE
          ELEMENT TEMPLATE
            ELEMENT HOLE
              VALUE NAME 'a'
        """
    )


def test_nested_templates() -> None:
    assert lowered("`a${b ? `c${d}` : e}`") == tree(
        """
        BODY TEMPLATE
          ELEMENT STRING 'a'
          ELEMENT HOLE
            VALUE CONDITIONAL
              CONDITION NAME 'b'
              BODY TEMPLATE
                ELEMENT STRING 'c'
                ELEMENT HOLE
                  VALUE NAME 'd'
              ELSE NAME 'e'
        """
    )


def test_tagged_template() -> None:
    assert lowered("a.b`c${d}`") == tree(
        """
        BODY TAGGED
          CALLEE ATTRIBUTE 'b'
            OBJECT NAME 'a'
          ARGUMENT TEMPLATE
            ELEMENT STRING 'c'
            ELEMENT HOLE
              VALUE NAME 'd'
        """
    )


def test_operators_are_one_word() -> None:
    assert lowered("a && b || c; d === e; f !== g; h >>> i; j instanceof k; l in m") == tree(
        """
        BODY BINARY 'or'
          LEFT BINARY 'and'
            LEFT NAME 'a'
            RIGHT NAME 'b'
          RIGHT NAME 'c'
        BODY BINARY '=='
          LEFT NAME 'd'
          RIGHT NAME 'e'
        BODY BINARY '!='
          LEFT NAME 'f'
          RIGHT NAME 'g'
        BODY BINARY '>>'
          LEFT NAME 'h'
          RIGHT NAME 'i'
        BODY BINARY 'instanceof'
          LEFT NAME 'j'
          RIGHT NAME 'k'
        BODY BINARY 'in'
          LEFT NAME 'l'
          RIGHT NAME 'm'
        """
    )


def test_long_sums_nest_to_the_left() -> None:
    assert lowered("a + b + c") == tree(
        """
        BODY BINARY '+'
          LEFT BINARY '+'
            LEFT NAME 'a'
            RIGHT NAME 'b'
          RIGHT NAME 'c'
        """
    )


def test_unary_operators() -> None:
    assert lowered("!a; -b; +c; ~d; typeof e; void f; delete g.h; i++; --j") == tree(
        """
        BODY UNARY 'not'
          VALUE NAME 'a'
        BODY UNARY '-'
          VALUE NAME 'b'
        BODY UNARY '+'
          VALUE NAME 'c'
        BODY UNARY '~'
          VALUE NAME 'd'
        BODY UNARY 'typeof'
          VALUE NAME 'e'
        BODY UNARY 'void'
          VALUE NAME 'f'
        BODY UNARY 'delete'
          VALUE ATTRIBUTE 'h'
            OBJECT NAME 'g'
        BODY UNARY '++'
          VALUE NAME 'i'
        BODY UNARY '--'
          VALUE NAME 'j'
        """
    )


def test_nullish_and_conditional() -> None:
    assert lowered("a ?? b ? c : d") == tree(
        """
        BODY CONDITIONAL
          CONDITION BINARY '??'
            LEFT NAME 'a'
            RIGHT NAME 'b'
          BODY NAME 'c'
          ELSE NAME 'd'
        """
    )


def test_sequence() -> None:
    assert lowered("a, b, c") == tree(
        """
        BODY BINARY ','
          LEFT NAME 'a'
          RIGHT NAME 'b'
          RIGHT NAME 'c'
        """
    )


def test_assignments_are_expressions_too() -> None:
    assert lowered("if (a = b) c = d = e") == tree(
        """
        BODY IF
          CONDITION ASSIGN
            TARGET NAME 'a'
            VALUE NAME 'b'
          BODY BLOCK
            BODY ASSIGN
              TARGET NAME 'c'
              VALUE ASSIGN
                TARGET NAME 'd'
                VALUE NAME 'e'
        """
    )


def test_augmented_assignments() -> None:
    assert lowered("a += 1; b ??= 2; c ||= 3; d &&= 4; e >>>= 5; f **= 6") == tree(
        """
        BODY ASSIGN '+'
          TARGET NAME 'a'
          VALUE NUMBER '1'
        BODY ASSIGN '??'
          TARGET NAME 'b'
          VALUE NUMBER '2'
        BODY ASSIGN 'or'
          TARGET NAME 'c'
          VALUE NUMBER '3'
        BODY ASSIGN 'and'
          TARGET NAME 'd'
          VALUE NUMBER '4'
        BODY ASSIGN '>>'
          TARGET NAME 'e'
          VALUE NUMBER '5'
        BODY ASSIGN '**'
          TARGET NAME 'f'
          VALUE NUMBER '6'
        """
    )


def test_await_and_yield() -> None:
    assert lowered("async function* f() { await a; yield; yield b; yield* c }") == tree(
        """
        BODY FUNCTION 'f' ASYNC GENERATOR
          BODY BLOCK
            BODY AWAIT
              VALUE NAME 'a'
            BODY YIELD
            BODY YIELD
              VALUE NAME 'b'
            BODY YIELD DELEGATE
              VALUE NAME 'c'
        """
    )


def test_casts() -> None:
    assert lowered("a as B; c satisfies D; <E>f; g as const; h as unknown as I") == tree(
        """
        BODY CAST
          VALUE NAME 'a'
          ANNOTATION NAME 'B'
        BODY CAST
          VALUE NAME 'c'
          ANNOTATION NAME 'D'
        BODY CAST
          ANNOTATION NAME 'E'
          VALUE NAME 'f'
        BODY CAST
          VALUE NAME 'g'
          ANNOTATION NAME 'const'
        BODY CAST
          VALUE CAST
            VALUE NAME 'h'
            ANNOTATION NAME 'unknown'
          ANNOTATION NAME 'I'
        """
    )


def test_object_literal() -> None:
    assert lowered('x = { a: 1, "b-c": 2, 3: 4, [d]: 5, ["e"]: 6, f, ...g }') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE OBJECT
            ELEMENT PAIR 'a'
              VALUE NUMBER '1'
            ELEMENT PAIR 'b-c'
              VALUE NUMBER '2'
            ELEMENT PAIR '3'
              VALUE NUMBER '4'
            ELEMENT PAIR
              KEY NAME 'd'
              VALUE NUMBER '5'
            ELEMENT PAIR 'e'
              VALUE NUMBER '6'
            ELEMENT PAIR 'f'
              VALUE NAME 'f'
            ELEMENT SPREAD PAIRS
              VALUE NAME 'g'
        """
    )


def test_object_methods() -> None:
    assert lowered("x = { get a() {}, set a(b) {}, async *c() {}, [d()]() {} }") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE OBJECT
            ELEMENT PAIR 'a'
              VALUE FUNCTION 'a' METHOD GETTER
                BODY BLOCK
            ELEMENT PAIR 'a'
              VALUE FUNCTION 'a' METHOD
                PARAMETER PARAMETER 'b'
                BODY BLOCK
            ELEMENT PAIR 'c'
              VALUE FUNCTION 'c' ASYNC GENERATOR METHOD
                BODY BLOCK
            ELEMENT PAIR
              KEY CALL
                CALLEE NAME 'd'
              VALUE FUNCTION METHOD
                BODY BLOCK
        """
    )


def test_array_literal_with_elision() -> None:
    assert lowered("x = [1, , ...a]") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE LIST
            ELEMENT NUMBER '1'
            ELEMENT OPAQUE
            ELEMENT SPREAD
              VALUE NAME 'a'
        """
    )


def test_arrow_functions() -> None:
    assert lowered("a => b; async ({ c }) => { d }") == tree(
        """
        BODY FUNCTION ARROW
          PARAMETER PARAMETER 'a'
          BODY NAME 'b'
        BODY FUNCTION ASYNC ARROW
          PARAMETER PARAMETER
            TARGET OBJECT
              ELEMENT PAIR 'c'
                VALUE NAME 'c'
          BODY BLOCK
            BODY NAME 'd'
        """
    )


def test_function_and_class_expressions() -> None:
    assert lowered("x = function* f() {}; y = class A extends B {}") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE FUNCTION 'f' GENERATOR
            BODY BLOCK
        BODY ASSIGN
          TARGET NAME 'y'
          VALUE CLASS 'A'
            BASE NAME 'B'
            BODY BLOCK
        """
    )


def test_elements_are_opaque() -> None:
    assert lowered('x = <A b={c()} d="e" {...f}>g {h(i)} <B j={<C/>}/> {/* k */}</A>', "tsx") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE OPAQUE
            CALL
              CALLEE NAME 'c'
            SPREAD
              VALUE NAME 'f'
            CALL
              CALLEE NAME 'h'
              ARGUMENT NAME 'i'
            OPAQUE
              OPAQUE
        """
    )


def test_comments_in_odd_places() -> None:
    assert lowered("a /* b */ . /* c */ d /* e */ ( /* f */ g /* h */ )") == tree(
        """
        BODY CALL
          CALLEE ATTRIBUTE 'd'
            OBJECT NAME 'a'
          ARGUMENT NAME 'g'
        """
    )
