"""Whatever a file holds, extraction ends, soon, and with a sound tree."""

from __future__ import annotations

import gc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dblint.facts.tree import FileFacts, Kind
from dblint.frontends.typescript import extract
from tests.frontends.lowered_typescript import check_shape

DEPTH = 20_000
DEEPEST = 100_000

DEEP = {
    "parentheses": ("ts", "(" * DEEPEST + "a" + ")" * DEEPEST, 1),
    "blocks": ("ts", "{" * DEEPEST + "}" * DEEPEST, DEEPEST),
    "holes": ("ts", "`${" * DEEPEST + "a" + "}`" * DEEPEST, 2 * DEEPEST + 1),
    "arrays": ("ts", "x=" + "[" * DEEPEST + "]" * DEEPEST, DEEPEST + 2),
    "objects": ("ts", "x=" + "{a:" * DEEPEST + "1" + "}" * DEEPEST, 2 * DEEPEST + 3),
    "calls": ("ts", "f(" * DEPTH + ")" * DEPTH, 2 * DEPTH),
    "chain": ("ts", "a" + ".b()" * DEEPEST, 2 * DEEPEST + 1),
    "typed chain behind await": ("ts", "await a" + ".b<C>()" * DEPTH, 3 * DEPTH + 2),
    "sum": ("ts", "a" + "+a" * DEEPEST, 2 * DEEPEST + 1),
    "negation": ("ts", "!" * DEPTH + "a", DEPTH + 1),
    "else if": ("ts", "if(a){}" + "else if(a){}" * DEPTH, 3 * DEPTH + 3),
    "arrow functions": ("ts", "()=>" * DEPTH + "a", DEPTH + 1),
    "functions": ("ts", "function f(){" * DEPTH + "}" * DEPTH, 2 * DEPTH),
    "type arguments": ("ts", "let x:" + "A<" * DEPTH + "B" + ">" * DEPTH, 2 * DEPTH + 3),
    "shapes": ("ts", "type T=" + "{a:" * DEPTH + "B" + "}" * DEPTH, 4 * DEPTH + 2),
    "elements": ("tsx", "x=" + "<a>" * DEPTH + "</a>" * DEPTH, DEPTH + 2),
    "patterns": ("ts", "let " + "[" * DEPTH + "]" * DEPTH + "=a", DEPTH + 2),
}


@pytest.mark.parametrize("name", DEEP)
def test_depth(name: str) -> None:
    suffix, source, count = DEEP[name]
    facts = extract(source.encode(), f"a.{suffix}")
    assert facts.faults == ()
    assert len(facts.body.kinds) == count + 1
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


@pytest.mark.parametrize("text", ["(", "{", "[", "`${", ")", "a<", "f<T>`", "<a>", "export ", "a?.b<c>("])
def test_what_never_closes(text: str) -> None:
    source = (text * 20_000).encode()
    facts = extract(source, "a.tsx")
    check_shape(facts.body, len(source))
    assert facts.faults


@pytest.mark.slow
def test_a_minified_line() -> None:
    one = (
        "function a%d(e,t){if(!e)return t?.n;for(var r=0,o=e.length;r<o;r++)t[e[r]]="
        "function(n){return n&&n.x?i(n.x,`q${n}`):void 0}(e[r]);return{k:t,v:[1,2,/x+/g]}}"
    )
    source = "!function(){" + ";".join(one % number for number in range(13_000)) + "}();"
    assert len(source) > 2_000_000
    assert "\n" not in source
    gc.disable()  # as the command line does
    facts = extract(source.encode(), "a.min.js")
    gc.enable()
    assert facts.faults == ()
    assert facts.body.kinds.count(Kind.CALL) == 2 * 13_000 + 1


PIECES = [
    *"(){}[]<>`;:,.=+-*/!?&|@#\\'\"\n \r",
    *("${", "}`", "=>", "...", "?.", "??", "a", "b.c", "f<T>(x)", "f<T>`x`", "1", "'s'", "/r/", "// c\n", "/* c */"),
    *("await ", "async ", "function ", "class A ", "new ", "import ", "export ", "default ", "from 'm'", "const "),
    *("let ", "type T = ", "interface I ", "enum E ", "case ", "switch ", "if ", "else ", "for ", " of ", " in "),
    *("do ", "while ", "try ", "catch ", "return ", "yield ", "typeof ", " as ", " satisfies ", "<A b={c}>", "</A>"),
    *("<D/>", "& text"),
    *("require('m')", "module.exports = ", "exports.a = ", "@dec ", "static ", "get ", "abstract ", "declare "),
    "using ",
    *("dblint: ", "é", "\u2028", "\ud7ff", "\N{GRINNING FACE}", "\0"),
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["ts", "tsx", "js"]))
@settings(max_examples=400, deadline=None)
def test_any_pieces(text: str, suffix: str) -> None:
    source = text.encode()
    facts = extract(source, f"a.{suffix}")
    check_shape(facts.body, len(source))
    assert all(0 <= fault.start <= fault.stop <= len(source) for fault in facts.faults)
    assert all(-1 <= export.node < len(facts.body.kinds) for export in facts.interface.exports)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes(source: bytes) -> None:
    check_shape(extract(source, "a.ts").body, len(source))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_in_a_string_survives(text: str) -> None:
    source = "x = " + msgspec.json.encode(text).decode()
    facts = extract(source.encode(), "a.ts")
    assert facts.faults == ()
    assert text in facts.body.strings
