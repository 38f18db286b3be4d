"""The patterns of Python's `match`, which are lowered like the expressions that they look like."""

from __future__ import annotations

from tree_sitter import Node

from dblint.facts.tree import Kind, Role
from dblint.frontends import python_grammar as grammar
from dblint.frontends.python_growth import Entered, Frame, Growth


class Patterns(Growth):
    """What the grammar has in patterns only. Some of its nodes are missing, and are put in here."""

    __slots__ = ()

    def enter_pattern(self, action: int, node: Node, role: int, parent: int, scope: int) -> Entered:
        """Lowers a construct of `match`, or one whose meaning a pattern changes."""
        start, stop = node.start_byte, node.end_byte
        if action == grammar.ACTION_AS_PATTERN:
            outer = parent
            while self.kinds[outer] > Kind.ITEM and self.stops[outer] == stop:
                outer = self.parents[outer]
            if self.kinds[outer] in (Kind.ITEM, Kind.CATCH):
                if outer != parent:
                    self.pending_targets.append((parent, outer))
                return parent, -1, (parent, role, None, scope)
            return parent, -1, (self.add(Kind.ASSIGN, role, parent, start, stop), Role.VALUE, None, scope)
        if action == grammar.ACTION_MATCH:
            switch = self.add(Kind.SWITCH, role, parent, start, stop)
            if not any(child.kind_id in grammar.COMMA for child in node.children):
                return parent, -1, (switch, Role.NONE, grammar.MATCH_FIELDS, scope)
            subjects = node.children_by_field_name("subject")
            inner = self._insert_tuple(Role.CONDITION, switch, subjects)
            return parent, -1, (inner, Role.NONE, grammar.SUBJECT_FIELDS, scope)
        if action == grammar.ACTION_CASE:
            case = self.add(Kind.CASE, role, parent, start, stop)
            if not any(child.kind_id in grammar.COMMA for child in node.children):
                return parent, -1, (case, Role.NONE, grammar.CASE_FIELDS, scope)
            patterns = [child for child in node.named_children if child.type == "case_pattern"]
            inner = self._insert_tuple(Role.TARGET, case, patterns)
            return parent, -1, (inner, Role.NONE, grammar.SEQUENCE_CASE_FIELDS, scope)
        if action == grammar.ACTION_GUARD:
            if role == grammar.ROLE_GUARD:
                parent = self.leave(parent, Kind.TUPLE)
            return parent, -1, (parent, Role.CONDITION, None, scope)
        if action == grammar.ACTION_TUPLE_PATTERN:
            return self._tuple_pattern(node, role, parent, scope)
        if action == grammar.ACTION_WILDCARD:
            if self.kinds[parent] != Kind.CASE:
                self.add(Kind.NAME, role, parent, start, stop, self.name(b"_"))
            return parent, -1, None
        # ACTION_DOTTED_NAME
        if role == grammar.ROLE_PATTERN_KEY:
            parent, role = self.pattern_key(parent, start, stop)
        self._dotted_name(node, role, parent)
        # In a class pattern, arguments follow.
        return parent, Role.ARGUMENT if role == Role.CALLEE else -1, None

    def case_block(self, role: int, parent: int, start: int, stop: int, scope: int) -> tuple[int, Frame]:
        """The block of a `match` or of a `case`; gives the open node and the frame for what is in the block."""
        parent = self.leave(parent, Kind.TUPLE)
        if role == grammar.ROLE_CASES:
            return parent, (parent, Role.CASE, None, scope)
        return parent, (self.add(Kind.BLOCK, role, parent, start, stop), Role.BODY, None, scope)

    def pattern_key(self, parent: int, start: int, stop: int) -> tuple[int, int]:
        """Opens a PAIR of a mapping pattern, whose grammar has none; it stays open until the next key."""
        parent = self.leave(parent, Kind.PAIR)
        pair = self.add(Kind.PAIR, Role.ELEMENT, parent, start, stop)
        self.inserted.append(pair)
        return pair, grammar.ROLE_KEY

    def pattern_number(self, text: bytes, role: int, parent: int, start: int, stop: int) -> int:
        """A number that is the key of a mapping pattern, or has its minus before it; gives the open node."""
        minus, self.minus = self.minus, -1
        if minus >= 0 and self.source[minus + 1 : start].strip(b" \t\f\\\r\n"):
            minus = -1  # of another number, lost in a syntax error
        if role == grammar.ROLE_PATTERN_KEY:
            parent, _ = self.pattern_key(parent, start if minus < 0 else minus, stop)
            self.values[parent] = self.text(text if minus < 0 else b"-" + text)
            return parent
        outer = parent
        if minus >= 0:
            outer = self.add(Kind.UNARY, role, parent, minus, stop, self.text(b"-"))
            role = Role.VALUE
            self.ends[outer] = outer + 2
        if role == grammar.ROLE_KEY:
            self.values[outer] = self.text(text)
        else:
            self.add(Kind.NUMBER, role, outer, start, stop, self.text(text))
        return parent

    def _insert_tuple(self, role: int, parent: int, elements: list[Node]) -> int:
        """Opens a TUPLE for a sequence without brackets; it stays open until guard or block."""
        inner = self.add(Kind.TUPLE, role, parent, elements[0].start_byte, elements[-1].end_byte)
        self.inserted.append(inner)
        return inner

    def leave(self, parent: int, kind: int) -> int:
        """Ends the open node if it is of that kind, and gives the one around it."""
        if self.kinds[parent] != kind:
            return parent
        self.ends[parent] = len(self.kinds)
        return self.parents[parent]

    def _tuple_pattern(self, node: Node, role: int, parent: int, scope: int) -> Entered:
        start, stop = node.start_byte, node.end_byte
        if role == grammar.ROLE_PARAMETER:  # Python 2: `def f((a, b))`
            parameter = self.add(Kind.PARAMETER, role, parent, start, stop)
            inner = self.add(Kind.TUPLE, Role.TARGET, parameter, start, stop)
            self.inserted.append(inner)
            return parent, -1, (inner, Role.ELEMENT, None, scope)
        if role == grammar.ROLE_NAME:
            role = Role.TARGET
        children = [child for child in node.children if child.type != "comment"]
        if len(children) == 3 and not self._is_splat(children[1]):
            # Parentheses around one pattern make no tuple.
            return parent, -1, (parent, role, None, scope)
        return parent, -1, (self.add(Kind.TUPLE, role, parent, start, stop), Role.ELEMENT, None, scope)

    @staticmethod
    def _is_splat(node: Node) -> bool:
        if node.type == "case_pattern" and node.child_count == 1:
            node = node.children[0]
        return node.type in ("splat_pattern", "list_splat_pattern", "ERROR")

    def _dotted_name(self, node: Node, role: int, parent: int) -> None:
        """`a.b.c`, outermost node first."""
        parts = [child for child in node.named_children if child.type == "identifier"]
        end = len(self.kinds) + len(parts)
        for part in reversed(parts[1:]):
            value = self.name(self.source[part.start_byte : part.end_byte])
            attribute = self.add(Kind.ATTRIBUTE, role, parent, node.start_byte, part.end_byte, value)
            self.ends[attribute] = end
            parent, role = attribute, Role.OBJECT
        if parts:
            first = parts[0]
            value = self.name(self.source[first.start_byte : first.end_byte])
            self.add(Kind.NAME, role, parent, first.start_byte, first.end_byte, value)
