"""Python expressions and annotations → the neutral tree."""

from __future__ import annotations

from tests.frontends.lowered import lowered, tree


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


def test_parentheses_are_nothing() -> None:
    assert lowered("((a)).b(((c)))") == tree(
        """
        BODY CALL
          CALLEE ATTRIBUTE 'b'
            OBJECT NAME 'a'
          ARGUMENT NAME 'c'
        """
    )


def test_call_arguments() -> None:
    assert lowered("f(a, *b, c=1, **d)") == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT NAME 'a'
          ARGUMENT SPREAD
            VALUE NAME 'b'
          ARGUMENT KEYWORD 'c'
            VALUE NUMBER '1'
          ARGUMENT SPREAD PAIRS
            VALUE NAME 'd'
        """
    )


def test_call_with_generator() -> None:
    assert lowered("f(x for x in y)") == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT COMPREHENSION 'generator'
            BODY NAME 'x'
            CLAUSE CLAUSE
              TARGET NAME 'x'
              ITERABLE NAME 'y'
        """
    )


def test_subscripts_and_slices() -> None:
    assert lowered("a[b, 1:2, ::3, :, *c]") == tree(
        """
        BODY SUBSCRIPT
          OBJECT NAME 'a'
          INDEX NAME 'b'
          INDEX SLICE
            START NUMBER '1'
            STOP NUMBER '2'
          INDEX SLICE
            STEP NUMBER '3'
          INDEX SLICE
          INDEX SPREAD
            VALUE NAME 'c'
        """
    )


def test_comparison_chain_has_its_first_operator() -> None:
    assert lowered("a < b <= c") == tree(
        """
        BODY BINARY '<'
          LEFT NAME 'a'
          RIGHT NAME 'b'
          RIGHT NAME 'c'
        """
    )


def test_comparisons() -> None:
    source = """
        a not in b
        a is not b
        a <> b
        a in b
        a is b
    """
    assert lowered(source) == tree(
        """
        BODY BINARY 'not-in'
          LEFT NAME 'a'
          RIGHT NAME 'b'
        BODY BINARY 'is-not'
          LEFT NAME 'a'
          RIGHT NAME 'b'
        BODY BINARY '!='
          LEFT NAME 'a'
          RIGHT NAME 'b'
        BODY BINARY 'in'
          LEFT NAME 'a'
          RIGHT NAME 'b'
        BODY BINARY 'is'
          LEFT NAME 'a'
          RIGHT NAME 'b'
        """
    )


def test_boolean_and_unary() -> None:
    assert lowered("not a and -b or ~c + +d") == tree(
        """
        BODY BINARY 'or'
          LEFT BINARY 'and'
            LEFT UNARY 'not'
              VALUE NAME 'a'
            RIGHT UNARY '-'
              VALUE NAME 'b'
          RIGHT BINARY '+'
            LEFT UNARY '~'
              VALUE NAME 'c'
            RIGHT UNARY '+'
              VALUE NAME 'd'
        """
    )


def test_arithmetic() -> None:
    assert lowered("a + b * c ** -d @ e // f % g << h >> i & j | k ^ l") == tree(
        """
        BODY BINARY '|'
          LEFT BINARY '&'
            LEFT BINARY '>>'
              LEFT BINARY '<<'
                LEFT BINARY '+'
                  LEFT NAME 'a'
                  RIGHT BINARY '%'
                    LEFT BINARY '//'
                      LEFT BINARY '@'
                        LEFT BINARY '*'
                          LEFT NAME 'b'
                          RIGHT BINARY '**'
                            LEFT NAME 'c'
                            RIGHT UNARY '-'
                              VALUE NAME 'd'
                        RIGHT NAME 'e'
                      RIGHT NAME 'f'
                    RIGHT NAME 'g'
                RIGHT NAME 'h'
              RIGHT NAME 'i'
            RIGHT NAME 'j'
          RIGHT BINARY '^'
            LEFT NAME 'k'
            RIGHT NAME 'l'
        """
    )


def test_conditional() -> None:
    assert lowered("a if b else c if d else e") == tree(
        """
        BODY CONDITIONAL
          BODY NAME 'a'
          CONDITION NAME 'b'
          ELSE CONDITIONAL
            BODY NAME 'c'
            CONDITION NAME 'd'
            ELSE NAME 'e'
        """
    )


def test_displays() -> None:
    source = """
        [a, *b]
        (a,)
        ()
        {a, *b}
        {}
    """
    assert lowered(source) == tree(
        """
        BODY LIST
          ELEMENT NAME 'a'
          ELEMENT SPREAD
            VALUE NAME 'b'
        BODY TUPLE
          ELEMENT NAME 'a'
        BODY TUPLE
        BODY SET
          ELEMENT NAME 'a'
          ELEMENT SPREAD
            VALUE NAME 'b'
        BODY OBJECT
        """
    )


def test_spread_reaches_around_its_expression() -> None:
    source = """
        [*a.b(c, d), e]
        {*f()[0]}
        g(*h.i())
        return *j or k, l
        x[*m.n]
    """
    assert lowered(source) == tree(
        """
        BODY LIST
          ELEMENT SPREAD
            VALUE CALL
              CALLEE ATTRIBUTE 'b'
                OBJECT NAME 'a'
              ARGUMENT NAME 'c'
              ARGUMENT NAME 'd'
          ELEMENT NAME 'e'
        BODY SET
          ELEMENT SPREAD
            VALUE SUBSCRIPT
              OBJECT CALL
                CALLEE NAME 'f'
              INDEX NUMBER '0'
        BODY CALL
          CALLEE NAME 'g'
          ARGUMENT SPREAD
            VALUE CALL
              CALLEE ATTRIBUTE 'i'
                OBJECT NAME 'h'
        BODY RETURN
          VALUE TUPLE
            ELEMENT SPREAD
              VALUE BINARY 'or'
                LEFT NAME 'j'
                RIGHT NAME 'k'
            ELEMENT NAME 'l'
        BODY SUBSCRIPT
          OBJECT NAME 'x'
          INDEX SPREAD
            VALUE ATTRIBUTE 'n'
              OBJECT NAME 'm'
        """
    )


def test_dict_keys_that_are_constant_are_values() -> None:
    assert lowered("{'a': 1, 2: b, 1_000: c, k: d, 'x' 'y': e, f'{z}': f, None: g, **h}") == tree(
        """
        BODY OBJECT
          ELEMENT PAIR 'a'
            VALUE NUMBER '1'
          ELEMENT PAIR '2'
            VALUE NAME 'b'
          ELEMENT PAIR '1000'
            VALUE NAME 'c'
          ELEMENT PAIR
            KEY NAME 'k'
            VALUE NAME 'd'
          ELEMENT PAIR
            KEY TEMPLATE
              ELEMENT STRING 'x'
              ELEMENT STRING 'y'
            VALUE NAME 'e'
          ELEMENT PAIR
            KEY TEMPLATE
              ELEMENT HOLE
                VALUE NAME 'z'
            VALUE NAME 'f'
          ELEMENT PAIR
            KEY CONSTANT 'null'
            VALUE NAME 'g'
          ELEMENT SPREAD PAIRS
            VALUE NAME 'h'
        """
    )


def test_comprehensions() -> None:
    source = """
        [a async for x, y in z if c if d for k in l]
        {a for x in y}
        {a: b for x in y if c}
    """
    assert lowered(source) == tree(
        """
        BODY COMPREHENSION 'list'
          BODY NAME 'a'
          CLAUSE CLAUSE ASYNC
            TARGET TUPLE
              ELEMENT NAME 'x'
              ELEMENT NAME 'y'
            ITERABLE NAME 'z'
          CONDITION NAME 'c'
          CONDITION NAME 'd'
          CLAUSE CLAUSE
            TARGET NAME 'k'
            ITERABLE NAME 'l'
        BODY COMPREHENSION 'set'
          BODY NAME 'a'
          CLAUSE CLAUSE
            TARGET NAME 'x'
            ITERABLE NAME 'y'
        BODY COMPREHENSION 'dict'
          KEY NAME 'a'
          VALUE NAME 'b'
          CLAUSE CLAUSE
            TARGET NAME 'x'
            ITERABLE NAME 'y'
          CONDITION NAME 'c'
        """
    )


def test_constants_and_numbers() -> None:
    assert lowered("f(True, False, None, ..., 1_000, 0x_ff, 1.5e3, 2j)") == tree(
        """
        BODY CALL
          CALLEE NAME 'f'
          ARGUMENT CONSTANT 'true'
          ARGUMENT CONSTANT 'false'
          ARGUMENT CONSTANT 'null'
          ARGUMENT CONSTANT '...'
          ARGUMENT NUMBER '1000'
          ARGUMENT NUMBER '0xff'
          ARGUMENT NUMBER '1.5e3'
          ARGUMENT NUMBER '2j'
        """
    )


def test_await() -> None:
    assert lowered("await a.b()") == tree(
        """
        BODY AWAIT
          VALUE CALL
            CALLEE ATTRIBUTE 'b'
              OBJECT NAME 'a'
        """
    )


def test_conditional_inside_slice_and_lambda() -> None:
    assert lowered("a[b if c else d : (lambda: e)]") == tree(
        """
        BODY SUBSCRIPT
          OBJECT NAME 'a'
          INDEX SLICE
            START CONDITIONAL
              BODY NAME 'b'
              CONDITION NAME 'c'
              ELSE NAME 'd'
            STOP FUNCTION ARROW
              BODY NAME 'e'
        """
    )


def test_string_that_is_a_name() -> None:
    assert lowered('x: "User" = 1') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION NAME 'User'
          VALUE NUMBER '1'
        """
    )


def test_strings_inside_annotations() -> None:
    assert lowered('def f(x: Optional["m.User"], y: "list[User] | None") -> Mapped[List["Post"]]: ...') == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'x'
            ANNOTATION SUBSCRIPT
              OBJECT NAME 'Optional'
              INDEX ATTRIBUTE 'User'
                OBJECT NAME 'm'
          PARAMETER PARAMETER 'y'
            ANNOTATION BINARY '|'
              LEFT SUBSCRIPT
                OBJECT NAME 'list'
                INDEX NAME 'User'
              RIGHT CONSTANT 'null'
          RETURNS SUBSCRIPT
            OBJECT NAME 'Mapped'
            INDEX SUBSCRIPT
              OBJECT NAME 'List'
              INDEX NAME 'Post'
          BODY BLOCK
            BODY CONSTANT '...'
        """
    )


def test_nested_quotes() -> None:
    assert lowered("x: \"Mapped['User']\"") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Mapped'
            INDEX NAME 'User'
        """
    )


def test_literal_strings_stay_strings() -> None:
    assert lowered('x: Literal["a", "b"] | typing.Literal["c"]') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION BINARY '|'
            LEFT SUBSCRIPT
              OBJECT NAME 'Literal'
              INDEX STRING 'a'
              INDEX STRING 'b'
            RIGHT SUBSCRIPT
              OBJECT ATTRIBUTE 'Literal'
                OBJECT NAME 'typing'
              INDEX STRING 'c'
        """
    )


def test_only_the_first_argument_of_annotated_is_a_type() -> None:
    assert lowered('x: Annotated["A", "b", Depends("c")]') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Annotated'
            INDEX NAME 'A'
            INDEX STRING 'b'
            INDEX CALL
              CALLEE NAME 'Depends'
              ARGUMENT STRING 'c'
        """
    )


def test_strings_that_are_no_type_stay_strings() -> None:
    assert lowered('def f(a: "x y", b: "f()", c: "", d: "1", g: f("B"), h: "A" "B", i: {"C": 1}): ...') == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'a'
            ANNOTATION STRING 'x y'
          PARAMETER PARAMETER 'b'
            ANNOTATION STRING 'f()'
          PARAMETER PARAMETER 'c'
            ANNOTATION STRING
          PARAMETER PARAMETER 'd'
            ANNOTATION STRING '1'
          PARAMETER PARAMETER 'g'
            ANNOTATION CALL
              CALLEE NAME 'f'
              ARGUMENT STRING 'B'
          PARAMETER PARAMETER 'h'
            ANNOTATION TEMPLATE
              ELEMENT STRING 'A'
              ELEMENT STRING 'B'
          PARAMETER PARAMETER 'i'
            ANNOTATION OBJECT
              ELEMENT PAIR 'C'
                VALUE NUMBER '1'
          BODY BLOCK
            BODY CONSTANT '...'
        """
    )


def test_callable_types() -> None:
    assert lowered('x: Callable[["A", int], "B"]') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION SUBSCRIPT
            OBJECT NAME 'Callable'
            INDEX LIST
              ELEMENT NAME 'A'
              ELEMENT NAME 'int'
            INDEX NAME 'B'
        """
    )


def test_types_of_the_grammar() -> None:
    assert lowered("def f(x: list[int] | None, y: dict[str, int].keys, *z: *Ts): ...") == tree(
        """
        BODY FUNCTION 'f'
          PARAMETER PARAMETER 'x'
            ANNOTATION BINARY '|'
              LEFT SUBSCRIPT
                OBJECT NAME 'list'
                INDEX NAME 'int'
              RIGHT CONSTANT 'null'
          PARAMETER PARAMETER 'y'
            ANNOTATION ATTRIBUTE 'keys'
              OBJECT SUBSCRIPT
                OBJECT NAME 'dict'
                INDEX NAME 'str'
                INDEX NAME 'int'
          PARAMETER PARAMETER 'z' REST
            ANNOTATION SPREAD
              VALUE NAME 'Ts'
          BODY BLOCK
            BODY CONSTANT '...'
        """
    )


def test_alias_value_is_a_type() -> None:
    assert lowered('type X = "A"') == tree(
        """
        BODY ALIAS 'X'
          VALUE NAME 'A'
        """
    )


def test_strings_outside_annotations_stay_strings() -> None:
    assert lowered('x: int = "A"') == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          ANNOTATION NAME 'int'
          VALUE STRING 'A'
        """
    )
