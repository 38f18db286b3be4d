"""The tree of one Python file while it grows, and the constructs that need more than a table."""

from __future__ import annotations

import unicodedata
from array import array
from typing import TypeAlias

from tree_sitter import Node, Parser, Point, Range

from dblint.facts.tree import Body, Flag, Import, Kind, Role
from dblint.frontends import python_grammar as grammar
from dblint.frontends.python_strings import cooked, literal

Frame: TypeAlias = tuple[int, int, "grammar.Fields | None", int]
"""What is known while a node's children are walked: the open neutral node, the children's role or their roles by
field, and the FUNCTION, CLASS or MODULE around."""

Entered: TypeAlias = tuple[int, int, "Frame | None"]
"""What a construct leaves: the open node and the role of its further siblings (-1: as before), and the frame for
its children, or None where they are not walked."""

_ANNOTATION_DEPTH = 50
"""How many levels of brackets around a string are looked at before it is taken for a string."""

_TYPE_NODES = frozenset(
    {
        *("identifier", "attribute", "subscript", "binary_operator", "list", "tuple", "parenthesized_expression"),
        *("none", "true", "false", "ellipsis", "integer", "string", "string_start", "string_content", "string_end"),
        *(".", ",", "|", "[", "]", "(", ")"),
    }
)
"""What may stand in a string for it to be a type."""

_NO_TYPE_WORDS = frozenset({"None", "True", "False"})

_successors = array("i")


def _ends(count: int) -> array[int]:
    """1, 2, … count: where each node ends as long as nothing is in it."""
    if len(_successors) < count:
        _successors.extend(range(len(_successors) + 1, count + 1))
    return _successors[:count]


class Growth:
    """Nodes in pre-order, in arrays like those of `Body`; strings are interned."""

    __slots__ = (
        "_forward_parser",
        "ends",
        "flags",
        "imports",
        "inserted",
        "kinds",
        "minus",
        "names",
        "parents",
        "roles",
        "source",
        "starts",
        "stops",
        "strings",
        "texts",
        "values",
    )

    def __init__(self, source: bytes, capacity: int) -> None:
        """`capacity`: at least the number of nodes to come; `reserve` makes room for more."""
        self.source = source
        self.kinds = bytearray()
        self.roles = bytearray()
        self.parents = array("i")
        self.starts = array("i")
        self.stops = array("i")
        self.values = array("i")
        # These two are rarely other than their default, and so stand ready instead of growing.
        self.flags = array("H", bytes(2 * capacity))
        self.ends = _ends(capacity)
        self.strings: list[str] = [""]
        self.names: dict[bytes, int] = {}
        self.texts: dict[bytes, int] = {b"": 0}
        self.imports: list[Import] = []
        self.inserted: list[int] = []
        """Nodes that stay open for later siblings of the syntax node they began with; `finish` ends their parents."""
        self.minus = -1
        """Where a `-` stands that belongs to the number after it (patterns have no unary operator)."""
        self._forward_parser: Parser | None = None

    def reserve(self, count: int) -> None:
        """Makes room for `count` more nodes than were foreseen."""
        self.flags.extend(bytes(count))
        self.ends.extend(range(len(self.ends) + 1, len(self.ends) + count + 1))

    def text(self, text: bytes) -> int:
        """The index of a text in the file's string table."""
        index = self.texts.get(text)
        if index is None:
            index = len(self.strings)
            self.texts[text] = index
            self.strings.append(text.decode("utf-8", "replace"))
        return index

    def name(self, text: bytes) -> int:
        """The index of an identifier, in the form in which Python compares identifiers."""
        index = self.names.get(text)
        if index is None:
            normal = text
            if not text.isascii():
                normal = unicodedata.normalize("NFKC", text.decode("utf-8", "replace")).encode()
            index = self.names[text] = self.text(normal)
        return index

    def add(self, kind: int, role: int, parent: int, start: int, stop: int, value: int = 0, flags: int = 0) -> int:
        """Adds a node and gives its index."""
        index = len(self.kinds)
        self.kinds.append(kind)
        self.roles.append(role)
        self.parents.append(parent)
        self.starts.append(start)
        self.stops.append(stop)
        self.values.append(value)
        if flags:
            self.flags[index] = flags
        return index

    def root(self, length: int) -> None:
        """Makes the first node the MODULE of a file of that length, also where nothing but an error was read."""
        self.starts[0], self.stops[0] = 0, length
        if self.kinds[0] != Kind.MODULE:
            self.kinds[0] = Kind.MODULE
            for index, parent in enumerate(self.parents):
                if parent == 0:
                    self.roles[index] = Role.BODY

    def finish(self) -> Body:
        """The finished tree."""
        ends, parents, stops = self.ends, self.parents, self.stops
        for index in reversed(self.inserted):
            parent = parents[index]
            ends[parent] = max(ends[parent], ends[index])
            child = index + 1
            while child < ends[index]:
                stops[index] = max(stops[index], stops[child])
                child = ends[child]
        count = len(self.kinds)
        return Body(
            bytes(self.kinds),
            bytes(self.roles.translate(grammar.FINAL_ROLES)),
            self.flags[:count].tobytes(),
            parents.tobytes(),
            ends[:count].tobytes(),
            self.starts.tobytes(),
            stops.tobytes(),
            self.values.tobytes(),
            tuple(self.strings),
        )

    def walk(self, root: Node, parent: int, role: int, type_stop: int = 0) -> None:
        """Lowers what is below `root` under the open node `parent`. What ends before `type_stop` is a type."""
        raise NotImplementedError

    # Strings

    def string(self, node: Node, role: int, parent: int, scope: int, *, in_type: bool) -> Entered:
        """A string literal of any form."""
        start, stop = node.start_byte, node.end_byte
        read = literal(self.source, start, stop)
        if role == grammar.ROLE_PATTERN_KEY:
            parent, role = self.pattern_key(parent, start, stop)
        if read.formatted:
            part = grammar.ROLE_RAW_PART if read.raw else grammar.ROLE_PART
            if role not in (grammar.ROLE_PART, grammar.ROLE_RAW_PART) or self.kinds[parent] != Kind.TEMPLATE:
                inner = self.add(Kind.TEMPLATE, role, parent, start, stop)
                return parent, -1, (inner, part, None, scope)
            return parent, -1, (parent, part, None, scope)
        text = self.source[read.start : read.stop]
        plain = b"\\" not in text and b"\r" not in text
        if in_type and plain and not read.binary and self._forward_reference(text, role, parent, read.start, read.stop):
            return parent, -1, None
        value = self.text(text if plain else cooked(text, raw=read.raw, binary=read.binary))
        if role == grammar.ROLE_KEY:
            self.values[parent] = value
        else:
            self.add(Kind.STRING, role, parent, read.start, read.stop, value)
        return parent, -1, None

    def _forward_reference(self, text: bytes, role: int, parent: int, start: int, stop: int) -> bool:
        """Lowers the text of a string as the type that it names; False where it names none."""
        if not self._is_type_position(role, parent):
            return False
        name = text.decode("utf-8", "replace")
        if name.isidentifier() and name not in _NO_TYPE_WORDS:
            self.add(Kind.NAME, role, parent, start, stop, self.name(text))
            return True
        if not text or text[:1].isspace():
            return False
        if self._forward_parser is None:
            self._forward_parser = Parser(grammar.LANGUAGE)
        # The points only have to be in order: offsets alone are used.
        self._forward_parser.included_ranges = [Range(Point(0, 0), Point(0, stop - start), start, stop)]
        module = self._forward_parser.parse(self.source).root_node
        if module.has_error or module.named_child_count != 1:
            return False
        statement = module.named_children[0]
        if statement.type != "expression_statement" or statement.child_count != 1:
            return False
        pending = list(statement.children)
        while pending:
            node = pending.pop()
            if node.type not in _TYPE_NODES:
                return False
            pending.extend(node.children)
        (expression,) = statement.children
        if expression.type not in ("attribute", "subscript", "binary_operator", "none"):
            return False
        self.reserve(module.descendant_count)
        self.walk(expression, parent, role, stop)
        return True

    def _is_type_position(self, role: int, node: int) -> bool:
        """Whether a string stands for a type, when it stands in an annotation."""
        kinds, roles = self.kinds, self.roles
        for _ in range(_ANNOTATION_DEPTH):
            if role in (Role.ANNOTATION, Role.RETURNS):
                return True
            kind = kinds[node]
            if kind == Kind.SUBSCRIPT and role == Role.INDEX:
                callee = self.strings[self.values[node + 1]]
                if callee == "Literal":
                    return False
                if callee == "Annotated" and len(kinds) > self.ends[node + 1]:
                    return False
            elif kind == Kind.ALIAS:
                return role == Role.VALUE
            elif kind not in (Kind.LIST, Kind.TUPLE, Kind.BINARY, Kind.SPREAD):
                return False
            role, node = roles[node], self.parents[node]
        return False

    def _string_content(self, node: Node, role: int, parent: int) -> None:
        """Text between the holes of a formatted string."""
        start, stop = node.start_byte, node.end_byte
        text = self.source[start:stop]
        if b"\\" in text or b"\r" in text or b"{" in text or b"}" in text:
            text = cooked(text, raw=role == grammar.ROLE_RAW_PART, formatted=True)
        self.add(Kind.STRING, role, parent, start, stop, self.text(text))

    def _hole(self, node: Node, role: int, parent: int, scope: int) -> Entered:
        """`{value!r:>10}`. What follows the value is the node's own value."""
        start, stop = node.start_byte, node.end_byte
        value = 0
        for child in node.children[1:]:
            if child.type in ("=", "type_conversion", "format_specifier"):
                last = stop - 1 if self.source.endswith(b"}", start, stop) else stop
                value = self.text(self.source[child.start_byte : last])
                break
        inner = self.add(Kind.HOLE, role, parent, start, stop, value)
        return parent, -1, (inner, Role.VALUE, None, scope)

    # The other constructs

    def enter(self, action: int, node: Node, role: int, parent: int, scope: int) -> Entered:
        """A construct of the actions from ACTION_RARE on."""
        start, stop = node.start_byte, node.end_byte
        if action == grammar.ACTION_CONTEXT:
            return parent, -1, (parent, grammar.CONTEXT[node.kind_id], None, scope)
        if action == grammar.ACTION_IMPORT:
            statement = self.add(Kind.IMPORT, role, parent, start, stop)
            self._import(node, statement)
            return parent, -1, None
        if action == grammar.ACTION_DECORATED:
            # What it is, and where it begins, is known when its definition comes.
            definition = self.add(Kind.OPAQUE, role, parent, start, stop)
            return parent, -1, (definition, Role.NONE, grammar.DECORATED_FIELDS, scope)
        if action == grammar.ACTION_STRING_CONTENT:
            self._string_content(node, role, parent)
            return parent, -1, None
        if action == grammar.ACTION_HOLE:
            return self._hole(node, role, parent, scope)
        if action == grammar.ACTION_CONCATENATED:
            if role == grammar.ROLE_PATTERN_KEY:
                parent, role = self.pattern_key(parent, start, stop)
            template = self.add(Kind.TEMPLATE, role, parent, start, stop)
            return parent, -1, (template, grammar.ROLE_PART, None, scope)
        if action == grammar.ACTION_EXPRESSION_LIST:
            if self.kinds[parent] == Kind.DELETE:
                return parent, -1, (parent, role, None, scope)
            return parent, -1, (self.add(Kind.TUPLE, role, parent, start, stop), Role.ELEMENT, None, scope)
        if action == grammar.ACTION_SPLAT:
            return self._splat(node, role, parent, scope)
        if action == grammar.ACTION_ELIF:
            if self.kinds[parent] == Kind.IF:
                # It holds what follows in the same `if` statement too.
                parent = self.add(Kind.IF, role, parent, start, self.stops[parent])
                self.inserted.append(parent)
                return parent, -1, (parent, Role.NONE, grammar.IF_FIELDS, scope)
            return parent, -1, (self.add(Kind.IF, role, parent, start, stop), Role.NONE, grammar.IF_FIELDS, scope)
        if action == grammar.ACTION_YIELD:
            if self.kinds[scope] == Kind.FUNCTION:
                self.flags[scope] |= Flag.GENERATOR
            return parent, -1, (self.add(Kind.YIELD, role, parent, start, stop), Role.VALUE, None, scope)
        if action == grammar.ACTION_LAMBDA:
            function = self.add(Kind.FUNCTION, role, parent, start, stop, 0, Flag.ARROW)
            return parent, -1, (function, Role.NONE, grammar.LAMBDA_FIELDS, function)
        if action == grammar.ACTION_TYPE_PARAMETERS:
            if role in (grammar.ROLE_PASSED_OVER, grammar.ROLE_NAME):
                return parent, -1, None
            return parent, -1, (parent, Role.INDEX, None, scope)
        if action == grammar.ACTION_GENERIC_TYPE:
            if role == grammar.ROLE_NAME:  # `type X[T] = …`
                return parent, -1, (parent, role, None, scope)
            return parent, -1, (self.add(Kind.SUBSCRIPT, role, parent, start, stop), Role.OBJECT, None, scope)
        if action == grammar.ACTION_MEMBER_TYPE:
            attribute = self.add(Kind.ATTRIBUTE, role, parent, start, stop)
            return parent, -1, (attribute, grammar.ROLE_MEMBER, None, scope)
        if action == grammar.ACTION_ERROR:
            return parent, -1, (self.add(Kind.OPAQUE, role, parent, start, stop), Role.NONE, None, scope)
        return self._enter_pattern(action, node, role, parent, scope)

    def _splat(self, node: Node, role: int, parent: int, scope: int) -> Entered:
        """`*x` or `**x`: a parameter, a part of a target, of a pattern or of a dict."""
        start, stop = node.start_byte, node.end_byte
        flag = Flag.PAIRS if self.source.startswith(b"**", start) else Flag.REST
        if role == grammar.ROLE_PARAMETER:
            parameter = self.add(Kind.PARAMETER, role, parent, start, stop, 0, flag)
            return parent, -1, (parameter, grammar.ROLE_NAME, None, scope)
        if role == grammar.ROLE_NAME:  # `*x: int`: the parameter is open
            self.flags[parent] |= flag
            return parent, -1, (parent, role, None, scope)
        if role == Role.ELEMENT:
            parent = self._leave(parent, Kind.PAIR)
        spread = self.add(Kind.SPREAD, role, parent, start, stop, 0, flag)
        return parent, -1, (spread, Role.VALUE, None, scope)

    def _import(self, node: Node, statement: int) -> None:
        """Notes the names that an import statement binds."""
        source = self.source
        module = ""
        is_from = False
        found = node.child_by_field_name("module_name")
        if found is not None:
            is_from = True
            module = self._dotted(found)
        elif node.type == "future_import_statement":
            is_from = True
            module = "__future__"
        for child in node.named_children:
            local = ""
            kind = child.type
            if kind == "aliased_import":
                alias = child.child_by_field_name("alias")
                name = child.child_by_field_name("name")
                if alias is None or name is None:
                    continue
                local = source[alias.start_byte : alias.end_byte].decode("utf-8", "replace")
                child = name
            elif kind == "wildcard_import":
                self.imports.append(Import(module, "*", "", statement))
                continue
            elif kind != "dotted_name" or child == found:
                continue
            name_text = self._dotted(child)
            if is_from:
                self.imports.append(Import(module, name_text, local or name_text, statement))
            elif local:
                self.imports.append(Import(name_text, "", local, statement))
            else:
                top = name_text.partition(".")[0]
                self.imports.append(Import(top, "", top, statement))

    def _dotted(self, node: Node) -> str:
        """A dotted name as one word, whatever stands between its parts."""
        text = self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        if text.isidentifier():
            return text
        parts: list[str] = []
        pending = [node]
        while pending:
            part = pending.pop()
            if part.child_count:
                pending.extend(reversed(part.children))
            elif part.type in ("identifier", "."):
                parts.append(self.source[part.start_byte : part.end_byte].decode("utf-8", "replace"))
        return "".join(parts)

    # Patterns of `case`

    def _enter_pattern(self, action: int, node: Node, role: int, parent: int, scope: int) -> Entered:
        start, stop = node.start_byte, node.end_byte
        if action == grammar.ACTION_AS_PATTERN:
            if self.kinds[parent] in (Kind.ITEM, Kind.CATCH):
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
                parent = self._leave(parent, Kind.TUPLE)
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
        parent = self._leave(parent, Kind.TUPLE)
        if role == grammar.ROLE_CASES:
            return parent, (parent, Role.CASE, None, scope)
        return parent, (self.add(Kind.BLOCK, role, parent, start, stop), Role.BODY, None, scope)

    def pattern_key(self, parent: int, start: int, stop: int) -> tuple[int, int]:
        """Opens a PAIR of a mapping pattern, whose grammar has none; it stays open until the next key."""
        parent = self._leave(parent, Kind.PAIR)
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

    def _leave(self, parent: int, kind: int) -> int:
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
