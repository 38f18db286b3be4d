"""Expressions and calls of Python. libcst takes them apart and says what a text in the place of another needs.

Only the source of one expression is ever parsed here, never a file: the file may hold what libcst does not read, and
its other bytes are nobody's business. What libcst cannot give back as it was is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import libcst as cst

from dblint.fix.changes import WithheldError

_LONGEST = 10_000
"""Characters of an expression. libcst takes nested source apart by recursion, and ends the process where it is deep."""
_DEEPEST = 200
"""Signs by which an expression may nest."""
_NESTING = re.compile(r"[(\[{+\-~*/%@<>=!&|^.,:]|\b(?:not|lambda|await|if|and|or|in|is)\b")

_ATOM, _AWAIT, _POWER, _UNARY, _COMPARISON, _NOT, _AND, _OR, _CONDITIONAL, _LAMBDA, _LOOSE = (
    16, 15, 14, 13, 6, 5, 4, 3, 2, 1, 0,
)  # fmt: skip
"""How closely kinds of expressions bind, after the table of the language reference ("Operator precedence")."""

_BINARY: Mapping[type[cst.CSTNode], int] = {
    cst.BitOr: 7,
    cst.BitXor: 8,
    cst.BitAnd: 9,
    cst.LeftShift: 10,
    cst.RightShift: 10,
    cst.Add: 11,
    cst.Subtract: 11,
    cst.Multiply: 12,
    cst.MatrixMultiply: 12,
    cst.Divide: 12,
    cst.FloorDivide: 12,
    cst.Modulo: 12,
    cst.Power: _POWER,
}
_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BaseString,
    cst.BaseNumber,
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Ellipsis,
)

_HOLE = re.compile(r"\{\{|\}\}|\{([a-z]+)\}")
_TRIVIA = r"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*"
_OPERATOR = re.compile(rf"(?s)({_TRIVIA})([a-z]+(?:\s+[a-z]+)?|[&|~^]|[=!<>]=?)({_TRIVIA})")


class Hole(NamedTuple):
    """What fills a hole of a text: where its source begins and stops in the source of the expression, and the text
    that it has become since."""

    name: str
    start: int
    stop: int
    text: str


class _Parsed(NamedTuple):
    """An expression, how closely it binds, and whether it can stand on its own: else its lines need brackets."""

    node: cst.BaseExpression
    rank: int
    bare: bool


def expression(template: str, source: str, holes: Sequence[Hole]) -> str:
    """What becomes of an expression. `template` has named holes. Raises `WithheldError`."""
    literals, names = _pieces(template)
    known = {hole.name: hole for hole in holes}
    if set(names) != set(known):
        raise WithheldError("what the repair needs is not all there")
    filled = {name: _filling(hole.text, _needed(template)[name]) for name, hole in known.items()}
    ordered = sorted(holes, key=lambda hole: hole.start)
    gaps = _gaps(source, ordered)
    if [hole.name for hole in ordered] == names:
        literals = [_kept(gap, literal) for gap, literal in zip(gaps, literals, strict=True)]
    if _comments(gaps) > _comments(literals):
        raise WithheldError("a comment would be lost")
    parts = (filled[name] + literal for name, literal in zip(names, literals[1:], strict=True))
    written = "".join([literals[0], *parts])
    before, after = _parsed(source), _parsed(written)
    if after.rank < before.rank or (before.bare and not after.bare):
        written = f"({written})"
        _parsed(written)
    return written


def argument(source: str, keyword: str) -> str:
    """What becomes of a call that gets a keyword argument, `name=value`: in the place of one of that name, or as its
    last one. Raises `WithheldError`, also where it has it already."""
    call = _parsed(source).node
    added = cst.ensure_type(cst.parse_expression(f"f({keyword})"), cst.Call).args[0]
    if not isinstance(call, cst.Call) or added.keyword is None:
        raise WithheldError("there is no call to which an argument could be added")
    if any(argument.star == "**" for argument in call.args):
        raise WithheldError("what the call is given is not all written there")
    for number, given in enumerate(call.args):
        if given.keyword is not None and given.keyword.value == added.keyword.value:
            if given.value.deep_equals(added.value):
                raise WithheldError("the argument is there already")
            changed = given.with_changes(value=added.value)
            return _code(call.with_changes(args=[*call.args[:number], changed, *call.args[number + 1 :]]), source)
    return _code(call.with_changes(args=_appended(call, added)), source)


def _appended(call: cst.Call, added: cst.Arg) -> list[cst.Arg]:
    """The arguments with a further one, laid out as those before it."""
    *first, last = call.args or (None,)
    if last is None:
        return [added]
    between = call.args[-2].comma if first else cst.MaybeSentinel.DEFAULT
    begins = between.whitespace_after if isinstance(between, cst.Comma) else call.whitespace_before_args
    begins = begins if isinstance(begins, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")
    plain = _line_end(begins)
    if not isinstance(last.comma, cst.Comma):
        ends = last.whitespace_after_arg
        comma = cst.Comma(whitespace_after=_with_comment(plain, _comment(ends)))
        separated = last.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))
        return [*first, separated, added.with_changes(whitespace_after_arg=_line_end(ends))]
    ends = last.comma.whitespace_after
    separated = last.with_changes(comma=last.comma.with_changes(whitespace_after=_with_comment(plain, _comment(ends))))
    return [*first, separated, added.with_changes(comma=cst.Comma(whitespace_after=_line_end(ends)))]


def _comment(space: cst.BaseParenthesizableWhitespace) -> cst.TrailingWhitespace | None:
    """What stands behind the code on the first of the lines that a space goes over."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return None
    if any(line.comment is not None for line in space.empty_lines):
        raise WithheldError("comments stand where the argument would")
    return space.first_line


def _line_end(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """The same space without what it says."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return space.with_changes(first_line=cst.TrailingWhitespace(newline=space.first_line.newline), empty_lines=[])


def _with_comment(
    space: cst.BaseParenthesizableWhitespace, line: cst.TrailingWhitespace | None
) -> cst.BaseParenthesizableWhitespace:
    """A space that says on its first line what another one did."""
    if line is None or line.comment is None:
        return space
    if not isinstance(space, cst.ParenthesizedWhitespace):
        raise WithheldError("a comment would be lost")
    return space.with_changes(first_line=line)


def _code(node: cst.BaseExpression, source: str) -> str:
    """The node as source."""
    written = cst.Module([], default_newline=_newline(source)).code_for_node(node)
    _parsed(written)
    return written


def _newline(source: str) -> str:
    """The line end that a source has, its first one."""
    found = re.search(r"\r\n|\n|\r", source)
    return found.group() if found else "\n"


def _parsed(source: str) -> _Parsed:
    """The expression that a source is. Raises `WithheldError` where it is none, or none that can be given back as it
    was."""
    if len(source) > _LONGEST or len(_NESTING.findall(source)) > _DEEPEST:
        raise WithheldError("the expression is too long")
    settings: cst.PartialParserConfig = cst.PartialParserConfig(default_newline=_newline(source))
    module = cst.Module([], default_newline=_newline(source))
    for bare in (True, False):
        text = source if bare else f"({source}{_newline(source)})"
        try:
            node = cst.parse_expression(text, settings)
            given_back = module.code_for_node(node)
        except RecursionError:
            raise WithheldError("the expression is too long") from None
        # libcst 1.9 ends in a TypeError of its own at `not(lambda: 0)`, which Python takes.
        except (cst.ParserSyntaxError, cst.CSTValidationError, TypeError):
            continue
        if given_back != text:
            break
        return _Parsed(node, _rank(node, bare=bare), bare)
    raise WithheldError("the expression is not read")


def _rank(node: cst.BaseExpression, *, bare: bool) -> int:
    """How closely an expression binds. `bare`: its parentheses are its own."""
    if len(node.lpar) > (not bare) or isinstance(node, _ATOMS):
        return _ATOM
    match node:
        case cst.Await():
            return _AWAIT
        case cst.BinaryOperation():
            return _BINARY[type(node.operator)]
        case cst.UnaryOperation():
            return _NOT if isinstance(node.operator, cst.Not) else _UNARY
        case cst.Comparison():
            return _COMPARISON
        case cst.BooleanOperation():
            return _AND if isinstance(node.operator, cst.And) else _OR
        case cst.IfExp():
            return _CONDITIONAL
        case cst.Lambda():
            return _LAMBDA
    return _LOOSE


def _filling(source: str, needed: int) -> str:
    """A source as it stands in a hole that needs that much."""
    found = _parsed(source)
    number = isinstance(found.node, cst.BaseNumber) and needed == _ATOM
    return f"({source})" if found.rank < needed or number or not found.bare else source


def _pieces(template: str) -> tuple[list[str], list[str]]:
    """The texts around the holes of a template, and the holes' names."""
    literals, names = [""], []
    position = 0
    for match in _HOLE.finditer(template):
        literals[-1] += template[position : match.start()]
        if match[1] is None:
            literals[-1] += match[0][0]
        else:
            names.append(match[1])
            literals.append("")
        position = match.end()
    literals[-1] += template[position:]
    return literals, names


@cache
def _needed(template: str) -> Mapping[str, int]:
    """How closely what fills a hole has to bind there."""
    literals, names = _pieces(template)
    code = "".join([literals[0], *(f"hole_{name}{text}" for name, text in zip(names, literals[1:], strict=True))])
    visitor = _Holes()
    cst.parse_expression(code).visit(visitor)
    return visitor.needed


class _Holes(cst.CSTVisitor):
    """Finds what stands around the holes."""

    def __init__(self) -> None:
        super().__init__()
        self.needed: dict[str, int] = {}
        self._around: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Name) and node.value.startswith("hole_"):
            need = _need(self._around[-1], node) if self._around else _LOOSE
            name = node.value.removeprefix("hole_")
            self.needed[name] = max(need, self.needed.get(name, _LOOSE))
        self._around.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:  # noqa: ARG002 - libcst's name
        self._around.pop()


def _need(around: cst.CSTNode, node: cst.CSTNode) -> int:
    """How closely an expression has to bind that stands there; parentheses never harm."""
    match around:
        case cst.BinaryOperation(operator=cst.Power()):
            return _ATOM
        case cst.BinaryOperation():
            return _BINARY[type(around.operator)] + (around.right is node)
        case cst.UnaryOperation(operator=cst.Not()):
            return _NOT
        case cst.UnaryOperation():
            return _UNARY
        case cst.Arg():
            return _LAMBDA
    return _ATOM


def _gaps(source: str, holes: Sequence[Hole]) -> list[str]:
    """What stands around the holes."""
    starts = [0, *(hole.stop for hole in holes)]
    stops = [*(hole.start for hole in holes), len(source)]
    if any(start > stop for start, stop in zip(starts, stops, strict=True)):
        raise WithheldError("what the repair keeps overlaps")
    return [source[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _kept(gap: str, literal: str) -> str:
    """A text with the line ends and comments around an operator in whose place it stands."""
    old, new = _OPERATOR.fullmatch(gap), _OPERATOR.fullmatch(literal)
    if old is None or new is None:
        return literal
    before, after = (mine if mine.strip(" \t") else its for mine, its in ((old[1], new[1]), (old[3], new[3])))
    return f"{before}{new[2]}{after}"


def _comments(texts: Sequence[str]) -> int:
    """How many comments there are, or what may be some."""
    return sum(text.count("#") for text in texts)
