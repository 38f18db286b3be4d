"""Python constructs that need more than a table."""

from __future__ import annotations

from tree_sitter import Node, Parser, Point, Range

from dblint.facts.tree import Flag, Import, Kind, Role
from dblint.frontends import python_grammar as grammar
from dblint.frontends.python_growth import Entered
from dblint.frontends.python_patterns import Patterns
from dblint.frontends.python_strings import cooked, literal

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

_COOKED = frozenset(b"\\\r{}")
"""Bytes that stand for another text where they stand between the holes of a formatted string."""

_PART_PARSER = Parser(grammar.LANGUAGE)


class Constructs(Patterns):
    """What is too rare for the walk itself."""

    __slots__ = ()

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
        plain = grammar.BACKSLASH not in text and grammar.RETURN not in text
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
        statement = self._read_apart(start, stop)
        if statement is None or statement.child_count != 1:
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
        self.reserve(expression.descendant_count)
        self.walk(expression, parent, role, type_stop=stop)
        return True

    def _read_apart(self, start: int, stop: int) -> Node | None:
        """Parses that part of the source alone; None where it is anything but one expression or assignment."""
        # The points only have to be in order: offsets alone are used.
        _PART_PARSER.included_ranges = [Range(Point(0, 0), Point(0, stop - start), start, stop)]
        module = _PART_PARSER.parse(self.source).root_node
        if module.has_error or module.named_child_count != 1:
            return None
        statement = module.named_children[0]
        return statement if statement.type == "expression_statement" else None

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
        if not _COOKED.isdisjoint(text):
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
        if action == grammar.ACTION_ALIAS:
            left = node.child_by_field_name("left")
            if (
                left is not None
                and self.source[left.start_byte] in b"(["
                and self._type_call(node, role, parent, scope)
            ):
                return parent, -1, None
            alias = self.add(Kind.ALIAS, role, parent, start, stop)
            return parent, -1, (alias, Role.NONE, grammar.ALIAS_FIELDS, scope)
        if action == grammar.ACTION_ERROR:
            return parent, -1, (self.add(Kind.OPAQUE, role, parent, start, stop), Role.NONE, None, scope)
        return self.enter_pattern(action, node, role, parent, scope)

    def _type_call(self, node: Node, role: int, parent: int, scope: int) -> bool:
        """Lowers `type(x).y = z`, of which the grammar makes a type alias; False where it is no assignment."""
        start = node.start_byte
        # Without its first letter, `type` is a name like any other.
        statement = self._read_apart(start + 1, node.end_byte)
        if statement is None:
            return False
        self.reserve(statement.descendant_count)
        index = len(self.kinds)
        self.walk(statement, parent, role, scope)
        while index < len(self.kinds) and self.starts[index] == start + 1:
            self.starts[index] = start
            index += 1
        self.values[index - 1] = self.name(b"type")
        return True

    def _splat(self, node: Node, role: int, parent: int, scope: int) -> Entered:
        """`*x` or `**x`: a parameter, an argument, a part of a display, of a target or of a pattern."""
        start, stop = node.start_byte, node.end_byte
        flag = 0
        if node.type != "list_splat":
            flag = Flag.PAIRS if self.source.startswith(b"**", start) else Flag.REST
        if role == grammar.ROLE_PARAMETER:
            parameter = self.add(Kind.PARAMETER, role, parent, start, stop, 0, flag)
            return parent, -1, (parameter, grammar.ROLE_NAME, None, scope)
        if role == grammar.ROLE_NAME:  # `*x: int`: the parameter is open
            self.flags[parent] |= flag
            return parent, -1, (parent, role, None, scope)
        if role == Role.ELEMENT:
            parent = self.leave(parent, Kind.PAIR)
        spread = self.add(Kind.SPREAD, role, parent, start, stop, 0, flag)
        if self.begins(parent, role):
            self.misplaced.append(spread)
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
