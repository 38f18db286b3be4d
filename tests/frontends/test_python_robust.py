"""Whatever a .py file holds, it is lowered, in linear time and without recursion."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dblint.facts.tree import FileFacts, Kind, Role, Tree, names_of
from dblint.frontends.python import extract


def check(source: bytes) -> FileFacts:
    """The facts, after looking at what holds for every tree."""
    facts = extract(source, "a.py")
    read = Tree(facts.body)
    count = len(read)
    assert len(read.roles) == len(read.flags) == len(read.parents) == len(read.ends) == count
    assert len(read.starts) == len(read.stops) == count
    assert (read.kinds[0], read.parents[0], read.ends[0]) == (Kind.MODULE, -1, count)
    assert (read.starts[0], read.stops[0]) == (0, len(source))
    for node in range(1, count):
        parent = read.parents[node]
        assert read.kinds[node] in names_of(Kind)
        role = read.roles[node]
        assert role in names_of(Role)
        assert 0 <= parent < node < read.ends[node] <= read.ends[parent]
        assert 0 <= read.starts[node] <= read.stops[node] <= len(source)
        if role != Role.DECORATOR:
            assert read.starts[parent] <= read.starts[node]
            assert read.stops[node] <= read.stops[parent]
        read.value(node)
    for fault in facts.faults:
        assert 0 <= fault.start <= fault.stop <= len(source)
    for one in facts.interface.imports:
        assert read.kinds[one.node] == Kind.IMPORT
    for nodes in facts.interface.names.values():
        assert list(nodes) == sorted(nodes)
    return facts


LEVELS = 100_000
DEEP = {
    "parentheses": "x = " + "(" * LEVELS + "a" + ")" * LEVELS,
    "brackets": "x = " + "[" * LEVELS + "]" * LEVELS,
    "calls": "f(" * LEVELS + ")" * LEVELS,
    "chain": "x" + ".f(a=1)" * LEVELS,
    "not": "not " * LEVELS + "a",
    "lambda": "lambda: " * LEVELS + "1",
    "yield": "def f(): " + "(yield " * LEVELS + "1" + ")" * LEVELS,
    "dicts": "x = " + "{1:" * LEVELS + "2" + "}" * LEVELS,
    "sum": "x = " + "+".join(["1"] * 20_000),
    "comparison": "x" + "<y" * LEVELS,
    "assignments": "a = " * LEVELS + "1",
    "elif": "if a: b\n" + "elif c: d\n" * 20_000 + "else: e\n",
    "open parentheses": "(" * LEVELS,
    "open calls": "a[" * LEVELS,
    "adjacent strings": "x = " + '"a" ' * LEVELS,
    "annotation": "x: " + "L[" * 5_000 + '"a"' + "]" * 5_000,
    "patterns": "match x:\n  case " + "[" * 5_000 + "]" * 5_000 + ": pass",
    "mapping patterns": "match x:\n  case " + '{"a":' * 5_000 + "1" + "}" * 5_000 + ": pass",
    "suppressions": "# dblint: ignore[a/b] c\n" * 50_000,
    "conflicts": "<<<<<<< a\n=======\n>>>>>>> b\n" * 5_000,
    "globals": "def f():\n" + " global a\n a = 1\n" * 10_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", DEEP)
def test_deep_and_long(name: str) -> None:
    facts = extract(DEEP[name].encode(), "a.py")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def test_sum_is_left_deep() -> None:
    read = Tree(check(DEEP["sum"].encode()).body)
    assert read.kinds.count(bytes([Kind.BINARY])) == 19_999
    assert read.kinds.count(bytes([Kind.NUMBER])) == 20_000


def test_elif_chain_is_nested() -> None:
    read = Tree(check(DEEP["elif"].encode()).body)
    last = max(node for node in range(len(read)) if read.kinds[node] == Kind.IF)
    assert sum(read.kinds[above] == Kind.IF for above in read.ancestors(last)) == 20_000


FRAGMENTS = [
    *("def f(", "async def ", "class A(B):", "self", "*", "**", "/", "x", "=", ":=", "(", ")", "[", "]", "{", "}", ":"),
    *(
        "\n",
        "\n    ",
        "\n  ",
        "\r\n",
        "\r",
        "\f",
        " ",
        "\t",
        "\\\n",
        ";",
        ",",
        ".",
        "->",
        "@",
        "+",
        "-",
        "not in",
        "is not",
    ),
    *(
        "if ",
        "elif ",
        "else:",
        "for ",
        " in ",
        "while ",
        "try:",
        "except",
        "finally:",
        "with ",
        " as ",
        "match x:",
        "case ",
    ),
    *(
        "lambda ",
        "yield ",
        "from ",
        "import ",
        "await ",
        "return ",
        "raise ",
        "del ",
        "global ",
        "type X = ",
        "print ",
        "_",
    ),
    *(
        "f'",
        "'",
        '"',
        '"""',
        "{x!r:>{y}}",
        "{{",
        "b'\\xff'",
        "'a'",
        "1",
        "-1",
        "None",
        "...",
        "# dblint: a\n",
        "<<<<<<< a\n",
    ),
    *('x: "A[B]"', "é", "ﬁ", "😀", "\ufeff", "\u2028", "|"),
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
@example("match x:\n  case {-1: a, **b}, *_ if c:\n    pass")
@example("match x,:\n  case -\n  case 1,: pass")
@example("@a\n@b\n")
@example("x: 'A[' = 1")
@example("elif x: y")
@example("with a if b else c as")
@example("with not a if b else (c as d), e: f")
@example("[*a.b(*c.d), **e.f] = *g.h, *i or j if k else l")
@example("type(a).b = (yield) + [*c.d]")
@example("type[a] = ")
@example("match s pE,:")
@example("case 1: pass")
def test_fragments(source: str) -> None:
    check(source.encode())


@given(st.text())
def test_any_text(source: str) -> None:
    check(source.encode())


@given(st.binary())
def test_any_bytes(source: bytes) -> None:
    check(source)


@given(st.data())
def test_damaged_source(data: st.DataObject) -> None:
    """A sound file with a piece cut out and another put in."""
    start = data.draw(st.integers(0, len(SOUND)))
    stop = data.draw(st.integers(start, min(len(SOUND), start + 20)))
    check((SOUND[:start] + data.draw(st.sampled_from(FRAGMENTS)) + SOUND[stop:]).encode())


SOUND = """
import a.b as c
from .d import (e, f as g)

@dec(1)
class A(B[int], metaclass=M):
    x: "list[A] | None" = field(default={"k": 1, **o})

    async def m(self, *args: int, k=lambda y: y, **kw) -> "A":
        async with s.begin() as t, u:
            rows = [r async for r in t if r not in (1, 2)]
        if not rows: return f"a{rows[0]!r:>{w}}" "b"
        elif (n := len(rows)) > 1 < 2: yield n
        else: raise E from None
        match n:
            case {"a": [q, *_], -1: C(z=1)} | None as p if p: pass
            case _: del self.a, self.b
        try: self.c, d[0] = x = yield from y
        except* (E, F) as e: global v
        finally: v += a[1:2, ::3] if b else ~c
"""
