"""What every reader of sqlglot's trees needs: positions, names, the markers of placeholders."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dblint.facts.text import Origin, Place
from dblint.sql.prepared import PREFIX, Marker, Prepared

__all__ = ["LONGEST", "NodeReader", "marker_number", "operands", "unwrapped"]

LONGEST = 200
"""Characters of a value's or an opaque expression's text that are kept."""


def marker_number(name: str) -> int:
    """The number of the marker that a name is, -1 where it is none (or only has one in it)."""
    if name.startswith(PREFIX) and name.endswith("__"):
        digits = name[len(PREFIX) : -2]
        if digits.isdigit():
            return int(digits)
    return -1


def unwrapped(node: exp.Expr) -> exp.Expr:
    """The node without parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def operands(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    """The operands of a chain of one connector, in order."""
    pending = [node]
    while pending:
        inner = unwrapped(pending.pop())
        if type(inner) is kind:
            pending.append(inner.expression)
            pending.append(inner.this)
        else:
            yield inner


class NodeReader:
    """Knows one prepared statement and the dialect by which its tree was read."""

    def __init__(self, prepared: Prepared, dialect: str) -> None:
        self.prepared = prepared
        self.dialect = dialect

    def span(self, node: exp.Expr) -> tuple[int, int] | None:
        """From the first to the last character of what is known of a node."""
        start, stop = -1, -1
        for inner in node.walk():
            meta = inner._meta
            if meta and "start" in meta:
                begin, end = meta["start"], meta["end"] + 1
                if start < 0 or begin < start:
                    start = begin
                if end > stop:
                    stop = end
        return (start, stop) if start >= 0 else None

    def place(self, node: exp.Expr) -> Place | None:
        """Where a node stands in the source."""
        span = self.span(node)
        return self.prepared.place(*span) if span else None

    def show(self, node: exp.Expr) -> str:
        """A node as written, shortened."""
        span = self.span(node)
        text = self.prepared.show(*span) if span else ""
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"

    def bare(self, node: exp.Expr) -> Marker | None:
        """The marker that an expression is, None for every other expression."""
        if isinstance(node, exp.Column):
            if len(node.parts) != 1:
                return None
            node = node.this
        if isinstance(node, exp.Identifier):
            number = marker_number(node.this)
            if 0 <= number < len(self.prepared.markers):
                return self.prepared.markers[number]
        return None

    def hole(self, node: exp.Expr) -> Marker | None:
        """The interpolated marker that an expression is."""
        marker = self.bare(unwrapped(node))
        return marker if marker is not None and not marker.value else None

    def known(self, name: str) -> str:
        """A name as far as it is known: "" where a part of it is interpolated."""
        return "" if PREFIX in name else name

    def named(self, node: exp.Expr) -> str:
        """The name that a node ends in, as far as it is known."""
        if isinstance(node, exp.Column | exp.Dot):
            last = node.this if isinstance(node, exp.Column) else node.args.get("expression")
            return self.named(last) if isinstance(last, exp.Expr) else ""
        return self.known(node.name)

    def written(self, left: exp.Expr, right: exp.Expr) -> str | None:
        """The operator between two operands where the parser was given another: "" when it is interpolated."""
        if not self.prepared.operators:
            return None
        before, after = self.span(left), self.span(right)
        if before is None or after is None:
            return None
        return next((word for at, word in self.prepared.operators.items() if before[1] <= at < after[0]), None)

    def filled(self, text: str) -> tuple[str, Origin]:
        """A literal's text with its holes as written, and where the first of them comes from."""
        origin = Origin.CONSTANT
        first, *rest = text.split(PREFIX)
        parts = [first]
        for part in rest:
            digits, end, tail = part.partition("__")
            number = int(digits) if end and digits.isdigit() and len(digits) < 9 else -1
            if not 0 <= number < len(self.prepared.markers):
                parts.append(PREFIX + part)
                continue
            marker = self.prepared.markers[number]
            parts += (marker.text, tail)
            if origin is Origin.CONSTANT:
                origin = marker.origin
        return "".join(parts), origin
