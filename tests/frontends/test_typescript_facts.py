"""Places, faults and suppressions of TypeScript files."""

from __future__ import annotations

import pytest

from dblint.facts.tree import Fault, Kind, Suppression, Tree, names_of
from dblint.frontends.typescript import extract
from tests.frontends.dump import dump
from tests.frontends.lowered import tree
from tests.frontends.lowered_typescript import check_shape, facts_of


def texts(source: str, suffix: str = "ts") -> list[str]:
    """Every node below MODULE as its kind and what it spans."""
    data = source.encode()
    facts = extract(data, f"a.{suffix}")
    assert facts.faults == ()
    check_shape(facts.body, len(data))
    read = Tree(facts.body)
    return [
        f"{names_of(Kind)[read.kinds[node]]} {data[read.starts[node] : read.stops[node]].decode()}"
        for node in range(1, len(read))
    ]


def test_language_and_path() -> None:
    assert [facts_of("a", suffix).language for suffix in ("ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx")] == [
        *["typescript"] * 4,
        *["javascript"] * 4,
    ]
    assert facts_of("a").path == "a.ts"


def test_strings_span_what_is_between_the_quotes() -> None:
    assert texts("f('ä', \"\\n\", `b${c}\\t`)") == [
        "CALL f('ä', \"\\n\", `b${c}\\t`)",
        "NAME f",
        "STRING ä",
        "STRING \\n",
        "TEMPLATE `b${c}\\t`",
        "STRING b",
        "HOLE ${c}",
        "NAME c",
        "STRING \\t",
    ]


def test_declarations_and_parentheses() -> None:
    assert texts("const a = (1), b: C = { d };") == [
        "ASSIGN a = (1)",
        "NAME a",
        "NUMBER 1",
        "ASSIGN b: C = { d }",
        "NAME b",
        "NAME C",
        "OBJECT { d }",
        "PAIR d",
        "NAME d",
    ]


def test_decorators_stand_before_what_they_decorate() -> None:
    assert texts("@A export class B { @C() d(@E f) {} @G h = 1 }") == [
        "CLASS class B { @C() d(@E f) {} @G h = 1 }",
        "NAME A",
        "BLOCK { @C() d(@E f) {} @G h = 1 }",
        "FUNCTION d(@E f) {}",
        "CALL C()",
        "NAME C",
        "PARAMETER f",
        "NAME E",
        "BLOCK {}",
        "ASSIGN h = 1",
        "NAME G",
        "NAME h",
        "NUMBER 1",
    ]


def test_what_the_grammar_binds_too_loosely() -> None:
    assert texts("x = !await a.b<C>(d).e") == [
        "ASSIGN x = !await a.b<C>(d).e",
        "NAME x",
        "UNARY !await a.b<C>(d).e",
        "AWAIT await a.b<C>(d).e",
        "ATTRIBUTE a.b<C>(d).e",
        "CALL a.b<C>(d)",
        "ATTRIBUTE a.b",
        "NAME a",
        "NAME C",
        "NAME d",
    ]


def test_type_arguments_of_a_tag() -> None:
    assert texts("é; await a<B<C>, { d: E[] }>`f`") == [
        "NAME é",
        "AWAIT await a<B<C>, { d: E[] }>`f`",
        "TAGGED a<B<C>, { d: E[] }>`f`",
        "NAME a",
        "SUBSCRIPT B<C>",
        "NAME B",
        "NAME C",
        "CLASS { d: E[] }",
        "BLOCK { d: E[] }",
        "ASSIGN d: E[]",
        "NAME d",
        "SUBSCRIPT E[]",
        "NAME ",
        "NAME E",
        "TEMPLATE `f`",
        "STRING f",
    ]


def test_cases_and_bodies_without_braces() -> None:
    assert texts("if (a) b; switch (c) { case 1: d; e; default: }") == [
        "IF if (a) b;",
        "NAME a",
        "BLOCK b;",
        "NAME b",
        "SWITCH switch (c) { case 1: d; e; default: }",
        "NAME c",
        "CASE case 1: d; e;",
        "NUMBER 1",
        "BLOCK d; e;",
        "NAME d",
        "NAME e",
        "CASE default:",
        "BLOCK ",
    ]


def test_the_module_is_the_whole_file() -> None:
    facts = extract(b"\xef\xbb\xbf// a\nb\n", "a.ts")
    assert dump(facts, spans=True) == "MODULE 0-10\n  BODY NAME 'b' 8-9"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const a = ;", [Fault(8, 9, "the syntax here is not understood")]),
        ("if (a) {", [Fault(8, 8, "`}` is missing here")]),
        ("a b c", [Fault(0, 3, "the syntax here is not understood")]),
        ("f(); }", [Fault(5, 6, "the syntax here is not understood")]),
        ("x = `\\u00`", [Fault(5, 9, "the syntax here is not understood")]),
    ],
)
def test_faults(source: str, expected: list[Fault]) -> None:
    facts = extract(source.encode(), "a.ts")
    check_shape(facts.body, len(source))
    assert list(facts.faults) == expected


def test_what_stands_around_a_fault_is_lowered() -> None:
    facts = facts_of("a(); b( c.d() ] ); function e() { f(; g() }")
    calls = [node for node in range(len(facts.body.kinds)) if facts.body.kinds[node] == Kind.CALL]
    read = Tree(facts.body)
    assert [read.value(read.child(call, 24)) for call in calls] == ["a", "b", "d", "f", "g"]
    assert facts.faults


def test_an_error_is_opaque_where_it_stands() -> None:
    facts = facts_of("f(a ] b)\ng()")
    assert dump(facts) == tree(
        """
        MODULE
          BODY CALL
            CALLEE NAME 'f'
            ARGUMENT NAME 'a'
            ARGUMENT OPAQUE
              NAME 'b'
          BODY CALL
            CALLEE NAME 'g'
        """
    )


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("x = <A>Terms & conditions {b}</A>", "tsx"),
        ("x = <A>& {b} conditions</A>", "tsx"),
        ('x = <A b="c?d=1&e=2" />', "tsx"),
        ("x = <A in={b} />", "jsx"),
        ("String.raw`\\u00 ${a} \\u{b`", "ts"),
        ('export type * from "m"', "ts"),
        ("x = a?.5:b", "js"),
        ("const a = await b<C[]>`d`", "ts"),
        ('f(await b<typeof import("c")>())', "ts"),
    ],
)
def test_valid_code_is_no_fault(source: str, suffix: str) -> None:
    facts = facts_of(source, suffix)
    check_shape(facts.body, len(source))
    assert facts.faults == ()


def test_text_of_an_element_is_no_expression() -> None:
    facts = facts_of("x = <A>& {b} conditions</A>", "tsx")
    assert dump(facts) == tree(
        """
        MODULE
          BODY ASSIGN
            TARGET NAME 'x'
            VALUE OPAQUE
              NAME 'b'
        """
    )


def test_an_unfinished_escape_stays_as_written() -> None:
    facts = facts_of("String.raw`\\u00 ${a} \\u{b`")
    assert dump(facts) == tree(
        r"""
        MODULE
          BODY TAGGED
            CALLEE ATTRIBUTE 'raw'
              OBJECT NAME 'String'
            ARGUMENT TEMPLATE
              ELEMENT STRING '\\u00 '
              ELEMENT HOLE
                VALUE NAME 'a'
              ELEMENT STRING ' \\u{b'
        """
    )


def test_line_ends_of_a_template_are_line_feeds() -> None:
    facts = extract(b"x = `a\r\nb\\\r\nc`", "a.ts")
    assert "ELEMENT STRING 'a\\nbc'" in dump(facts)


def test_suppressions() -> None:
    source = (
        "// dblint: allow a/b\n"
        "x = 1 /* no word of it */ /* dblint: allow c/d */\n"
        'y = "dblint: this is a string"\n'
        "z = <A>{/* dblint: allow e/f dblint: */}dblint: text</A>\n"
    )
    facts = extract(source.encode(), "a.tsx")
    assert facts.suppressions == tuple(
        Suppression(source.index(text), source.index(text) + len(text), text)
        for text in ("// dblint: allow a/b", "/* dblint: allow c/d */", "/* dblint: allow e/f dblint: */")
    )


@pytest.mark.parametrize(
    ("source", "sound"),
    [
        ("let x: {\n  id: string\n  [key: string]: any\n} = f()", True),
        (
            "interface A {\r\n  id: string // what it is\r\n  [key: string]: any\r\n  more: B\r\n  [other: C]: D\r\n}",
            True,
        ),
        ("type A = {\n  id: B\n    ['key']\n}", True),
        ("type A = {\n  id: string [key: string]: any\n}", False),
    ],
)
def test_a_member_of_an_object_type_ends_with_its_line_before_a_bracket(source: str, sound: bool) -> None:
    facts = extract(source.encode(), "a.tsx")
    assert (facts.faults == ()) is sound
