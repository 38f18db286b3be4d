"""Python string literals: what the program sees of them, and where their text stands."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dblint.facts.tree import Kind, Tree, names_of
from dblint.frontends.python import extract
from dblint.frontends.python_strings import cooked
from tests.frontends.lowered import lowered, tree


def strings(source: str) -> list[tuple[str, str]]:
    """Each STRING: its span's text and its value."""
    data = source.encode()
    facts = extract(data, "a.py")
    assert facts.faults == ()
    read = Tree(facts.body)
    return [
        (data[read.starts[node] : read.stops[node]].decode(), read.value(node))
        for node in range(len(read))
        if read.kinds[node] == Kind.STRING
    ]


@pytest.mark.parametrize(
    ("literal", "text", "value"),
    [
        ("'a'", "a", "a"),
        ('"a\'b"', "a'b", "a'b"),
        ("''", "", ""),
        ("''''''", "", ""),
        ("'''a\n\"b\" '''", 'a\n"b" ', 'a\n"b" '),
        ('u"a"', "a", "a"),
        ("r'\\d'", "\\d", "\\d"),
        ("b'a'", "a", "a"),
        ("Rb'\\x'", "\\x", "\\x"),
        ("'é ✓ 😀'", "é ✓ 😀", "é ✓ 😀"),
        (r"'\n\t\\\'\"\x41\101\0'", r"\n\t\\\'\"\x41\101\0", "\n\t\\'\"AA\0"),
        (r"'\u00e9\U0001F600\N{BULLET}'", r"\u00e9\U0001F600\N{BULLET}", "é😀•"),
        (r"'\q\u12\xg'", r"\q\u12\xg", r"\q\u12\xg"),
        (r"'\N{nonsense}'", r"\N{nonsense}", r"\N{nonsense}"),
        (r"b'\u0041\N{BULLET}\xff'", r"\u0041\N{BULLET}\xff", "\\u0041\\N{BULLET}\xff"),
        ("'a\\\nb'", "a\\\nb", "ab"),
        ("'''a\r\nb\rc'''", "a\r\nb\rc", "a\nb\nc"),
        ("r'''a\r\nb'''", "a\r\nb", "a\nb"),
        # No UTF-8, and so no cache and no report, can hold half of a surrogate pair.
        (r"'\ud83d'", r"\ud83d", "\ufffd"),
        (r"'\UFFFFFFFF'", r"\UFFFFFFFF", "\ufffd"),
    ],
)
def test_value_and_span(literal: str, text: str, value: str) -> None:
    assert strings(f"x = {literal}\n") == [(text, value)]


@given(st.text(st.sampled_from("\\abnxuUN{}01789AFg'\" \n\ré"), max_size=12), st.booleans())
def test_cooked_agrees_with_python(text: str, raw: bool) -> None:
    literal = ("r" if raw else "") + "'''" + text + "'''"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python does not know
        try:
            value = ast.literal_eval(literal)
        except (SyntaxError, ValueError):
            return
    if not isinstance(value, str) or text.endswith("'") or "'''" in text:
        return
    assert cooked(text.encode(), raw=raw).decode() == "".join(
        "\ufffd" if 0xD800 <= ord(character) < 0xE000 else character for character in value
    )


def test_adjacent_strings_are_one_template() -> None:
    assert lowered("x = 'a' r'\\b' f'{c}d' b'e'") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'x'
          VALUE TEMPLATE
            ELEMENT STRING 'a'
            ELEMENT STRING '\\\\b'
            ELEMENT HOLE
              VALUE NAME 'c'
            ELEMENT STRING 'd'
            ELEMENT STRING 'e'
        """
    )


def test_formatted() -> None:
    assert lowered("f'a{b}c{{d}}\\n{e!r:>10}{f=}{g = !s}'") == tree(
        """
        BODY TEMPLATE
          ELEMENT STRING 'a'
          ELEMENT HOLE
            VALUE NAME 'b'
          ELEMENT STRING 'c{d}\\n'
          ELEMENT HOLE '!r:>10'
            VALUE NAME 'e'
          ELEMENT HOLE '='
            VALUE NAME 'f'
          ELEMENT HOLE '= !s'
            VALUE NAME 'g'
        """
    )


def test_spans_of_a_formatted_string() -> None:
    data = "x = f'é{b!r}c' 'd'".encode()
    read = Tree(extract(data, "a.py").body)
    found = [
        (names_of(Kind)[read.kinds[node]], data[read.starts[node] : read.stops[node]].decode())
        for node in range(3, len(read))
    ]
    assert found == [
        ("TEMPLATE", "f'é{b!r}c' 'd'"),
        ("STRING", "é"),
        ("HOLE", "{b!r}"),
        ("NAME", "b"),
        ("STRING", "c"),
        ("STRING", "d"),
    ]


def test_raw_formatted_keeps_backslashes() -> None:
    assert lowered("rf'\\d{a}\\n{{'") == tree(
        """
        BODY TEMPLATE
          ELEMENT STRING '\\\\d'
          ELEMENT HOLE
            VALUE NAME 'a'
          ELEMENT STRING '\\\\n{'
        """
    )


def test_holes_in_format_specifications() -> None:
    assert lowered("f'{a:>{b!r}.{c:{d}}}x'") == tree(
        """
        BODY TEMPLATE
          ELEMENT HOLE ':>{b!r}.{c:{d}}'
            VALUE NAME 'a'
            ELEMENT HOLE '!r'
              VALUE NAME 'b'
            ELEMENT HOLE ':{d}'
              VALUE NAME 'c'
              ELEMENT HOLE
                VALUE NAME 'd'
          ELEMENT STRING 'x'
        """
    )


def test_nested_formatted() -> None:
    assert lowered("""f'{f"{a["b"]}" "c"}'""") == tree(
        """
        BODY TEMPLATE
          ELEMENT HOLE
            VALUE TEMPLATE
              ELEMENT HOLE
                VALUE SUBSCRIPT
                  OBJECT NAME 'a'
                  INDEX STRING 'b'
              ELEMENT STRING 'c'
        """
    )


def test_holes_hold_any_expression() -> None:
    assert lowered("f'{a, b}{*c,}{(lambda: 1)}{ {2: d}[2] }'") == tree(
        """
        BODY TEMPLATE
          ELEMENT HOLE
            VALUE TUPLE
              ELEMENT NAME 'a'
              ELEMENT NAME 'b'
          ELEMENT HOLE
            VALUE TUPLE
              ELEMENT SPREAD
                VALUE NAME 'c'
          ELEMENT HOLE
            VALUE FUNCTION ARROW
              BODY NUMBER '1'
          ELEMENT HOLE
            VALUE SUBSCRIPT
              OBJECT OBJECT
                ELEMENT PAIR '2'
                  VALUE NAME 'd'
              INDEX NUMBER '2'
        """
    )


def test_template_strings_and_empty_ones() -> None:
    assert lowered("t'a{b}' ''\nf''") == tree(
        """
        BODY TEMPLATE
          ELEMENT STRING 'a'
          ELEMENT HOLE
            VALUE NAME 'b'
          ELEMENT STRING
        BODY TEMPLATE
        """
    )


def test_identifiers_are_normalised_and_strings_are_not() -> None:
    assert lowered("ﬁ = 'ﬁ'") == tree(
        """
        BODY ASSIGN
          TARGET NAME 'fi'
          VALUE STRING 'ﬁ'
        """
    )
