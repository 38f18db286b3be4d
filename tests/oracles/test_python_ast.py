"""The Python front end compared with CPython's own parser, on the standard library.

Both say, for every expression and definition, what it is, where it stands and which word it carries. Left out
is what the two describe differently on purpose: annotations (a string may be lowered as a type), patterns of
`case`, what stands inside f-strings (CPython 3.11 misplaces it), strings that are keys of a dict, and where statements
with a block end (tree-sitter counts a comment behind their last line in).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from dblint.facts.tree import Kind, Role, Tree, names_of
from dblint.frontends.python import extract

LIBRARY = Path(ast.__file__).parent
MODULES = [
    *("argparse", "ast", "asyncio/base_events", "asyncio/tasks", "bdb", "calendar", "codecs", "collections/__init__"),
    *("configparser", "contextlib", "csv", "dataclasses", "datetime", "difflib", "doctest", "email/message", "enum"),
    *("fractions", "functools", "heapq", "http/client", "inspect", "json/decoder", "logging/__init__", "mailbox"),
    *("opcode", "pathlib", "pickle", "random", "shutil", "smtplib", "statistics", "subprocess", "tarfile", "textwrap"),
    *("threading", "traceback", "types", "typing", "unittest/mock", "urllib/parse", "weakref", "xml/dom/minidom"),
]

Word = tuple[str, int, int, str]
"""What a node is, where it starts and stops, and its word."""

EXPRESSIONS: dict[type[ast.AST], int] = {
    ast.Call: Kind.CALL,
    ast.Attribute: Kind.ATTRIBUTE,
    ast.Subscript: Kind.SUBSCRIPT,
    ast.Name: Kind.NAME,
    ast.Lambda: Kind.FUNCTION,
    ast.List: Kind.LIST,
    ast.Set: Kind.SET,
    ast.Dict: Kind.OBJECT,
    ast.IfExp: Kind.CONDITIONAL,
    ast.Await: Kind.AWAIT,
    ast.Yield: Kind.YIELD,
    ast.YieldFrom: Kind.YIELD,
    ast.UnaryOp: Kind.UNARY,
    ast.BinOp: Kind.BINARY,
    ast.Compare: Kind.BINARY,
    ast.ListComp: Kind.COMPREHENSION,
    ast.SetComp: Kind.COMPREHENSION,
    ast.DictComp: Kind.COMPREHENSION,
    ast.GeneratorExp: Kind.COMPREHENSION,
    ast.Starred: Kind.SPREAD,
    ast.NamedExpr: Kind.ASSIGN,
    ast.keyword: Kind.KEYWORD,
    ast.Assign: Kind.ASSIGN,
    ast.AnnAssign: Kind.ASSIGN,
    ast.AugAssign: Kind.ASSIGN,
    ast.Return: Kind.RETURN,
    ast.Raise: Kind.RAISE,
    ast.Delete: Kind.DELETE,
    ast.For: Kind.LOOP,
    ast.AsyncFor: Kind.LOOP,
    ast.While: Kind.LOOP,
    ast.Try: Kind.TRY,
    ast.With: Kind.WITH,
    ast.AsyncWith: Kind.WITH,
    ast.If: Kind.IF,
    ast.Break: Kind.BREAK,
    ast.Continue: Kind.CONTINUE,
    ast.FunctionDef: Kind.FUNCTION,
    ast.AsyncFunctionDef: Kind.FUNCTION,
    ast.ClassDef: Kind.CLASS,
    ast.ExceptHandler: Kind.CATCH,
}
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not-in", ast.Is: "is", ast.IsNot: "is-not", ast.Not: "not", ast.USub: "-", ast.UAdd: "+",
    ast.Invert: "~",
}  # fmt: skip
WITH_BLOCK = frozenset({"IF", "LOOP", "TRY", "WITH", "CATCH", "CLASS", "FUNCTION"})
COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}


class Offsets:
    """CPython's lines and columns → byte offsets."""

    def __init__(self, source: bytes) -> None:
        self.starts = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]

    def span(self, node: ast.AST) -> tuple[int, int]:
        start: int = self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        stop: int = self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return start, stop


def left_out(module: ast.Module, offsets: Offsets) -> list[tuple[int, int]]:
    """The spans in which nothing is compared."""
    spans = []
    for node in ast.walk(module):
        inside = [getattr(node, name, None) for name in ("annotation", "returns", "pattern")]
        spans += [offsets.span(part) for part in inside if isinstance(part, ast.AST)]
        if isinstance(node, ast.JoinedStr):
            spans.append(offsets.span(node))
    return spans


def of_cpython(module: ast.Module, offsets: Offsets) -> Iterator[Word]:
    keys = {id(key) for node in ast.walk(module) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(module):
        kind = EXPRESSIONS.get(type(node))
        if kind is not None:
            yield (names_of(Kind)[kind], *offsets.span(node), word(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in keys:
            value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            yield ("STRING", *offsets.span(node), value)


def word(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.keyword):
        return node.arg or "**"
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.AugAssign):
        return OPERATORS[type(node.op)]
    if isinstance(node, ast.Compare):
        return OPERATORS[type(node.ops[0])]
    if isinstance(node, ast.For | ast.AsyncFor):
        return "for"
    if isinstance(node, ast.While):
        return "while"
    return COMPREHENSIONS.get(type(node), "")


def of_dblint(read: Tree, source: bytes) -> Iterator[Word]:
    compared = set(EXPRESSIONS.values())
    for node in range(1, len(read)):
        kind, start, stop, value = read.kinds[node], read.starts[node], read.stops[node], read.value(node)
        parent = read.parents[node]
        above, role = read.kinds[parent], read.roles[node]
        if kind == Kind.NAME and (above == Kind.CATCH and role == Role.TARGET):
            continue  # no node in CPython
        if kind == Kind.NAME and above == Kind.OPAQUE and read.value(parent) in ("global", "nonlocal"):
            continue
        if kind == Kind.STRING and above == Kind.TEMPLATE and read.roles[parent] == Role.KEY:
            continue
        if kind == Kind.BINARY and value in ("and", "or"):
            continue  # one node for a whole chain in CPython
        if kind == Kind.SPREAD and source.startswith(b"**", start):
            if above == Kind.OBJECT:
                continue
            kind, value = Kind.KEYWORD, "**"
        if kind == Kind.STRING or kind in compared:
            yield names_of(Kind)[kind], start, stop, value


def comparable(words: Iterator[Word]) -> Iterator[Word]:
    """Strings as one text: CPython's spans have the quotes, and adjacent strings are one of them."""
    strings: list[Word] = []
    for kind, start, stop, value in words:
        if kind == "STRING":
            strings.append((kind, start, stop, value))
        else:
            yield kind, start, 0 if kind in WITH_BLOCK else stop, value
    strings.sort(key=lambda one: one[1])
    yield ("STRINGS", 0, 0, "".join(value for _, _, _, value in strings))


@pytest.mark.parametrize("name", MODULES)
def test_agrees(name: str) -> None:
    source = (LIBRARY / f"{name}.py").read_bytes()
    module = ast.parse(source)
    offsets = Offsets(source)
    spans = left_out(module, offsets)
    facts = extract(source, "a.py")
    assert facts.faults == ()

    def shown(words: Iterator[Word]) -> Counter[Word]:
        kept = (one for one in words if not any(start <= one[1] and one[2] <= stop for start, stop in spans))
        return Counter(comparable(kept))

    theirs = shown(of_cpython(module, offsets))
    ours = shown(of_dblint(Tree(facts.body), source))
    assert ours - theirs == Counter()
    assert theirs - ours == Counter()
