"""Strings as the program assembles them: from expressions to `Text`.

A string can have several shapes (it is assigned in two branches); each is a `Text` of its own, up to a
limit. What is appended under a branch becomes `Optional`, what a loop appends becomes `Repeat`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.text import Hole, Literal, Optional, Origin, Parameter, Piece, Place, Repeat, Text
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.origins import Origins
from dblint.link.values import Expression, FunctionValue, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Fields: TypeAlias = Callable[[str], list[tuple[int, int, str, str]]]

SHAPES = 4
DEPTH = 25
UNCHANGED = frozenset(
    """strip lstrip rstrip trim trimStart trimEnd trimLeft trimRight lower upper toLowerCase toUpperCase encode
    decode replace replaceAll dedent toString as_string concat""".split()
)
"""String methods whose result is still the text they are called on, with the same holes."""


class Texts:
    """Reads assembled strings. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.origins = Origins(evaluator)
        self._active: set[tuple[str, int]] = set()
        self._depth = 0

    def of(self, site: Site) -> list[Text]:
        """The shapes that the string at `site` can have, at most `SHAPES`."""
        key = (site.path, site.node)
        if key in self._active or self._depth >= DEPTH:
            return [self._unknown(site)]
        self._active.add(key)
        self._depth += 1
        try:
            return self._of(site)[:SHAPES]
        finally:
            self._depth -= 1
            self._active.discard(key)

    def _of(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        node = site.node
        kind = tree.kinds[node]
        if kind == Kind.STRING:
            return [Text((self._literal(site),))]
        if kind == Kind.TEMPLATE:
            return self._template(site)
        if kind == Kind.BINARY:
            return self._binary(site)
        if kind == Kind.CONDITIONAL:
            return self._conditional(site)
        if kind in (Kind.AWAIT, Kind.CAST, Kind.ASSIGN):
            inner = tree.child(node, Role.VALUE)
            return self.of(self._at(site, inner)) if inner >= 0 else [self._unknown(site)]
        if kind == Kind.CALL:
            return self._call(site)
        if kind == Kind.NAME:
            return self._name(site)
        if kind == Kind.ATTRIBUTE or kind == Kind.SUBSCRIPT:
            return self._held(site)
        return [self._unknown(site)]

    def _at(self, site: Site, node: int) -> Site:
        return Site(site.path, node, site.context, site.when)

    def _literal(self, site: Site) -> Literal:
        tree = self.evaluator.tree(site.path)
        value = tree.value(site.node)
        start, stop = tree.starts[site.node], tree.stops[site.node]
        exact = len(value) == stop - start or len(value.encode("utf-8", "surrogatepass")) == stop - start
        return Literal(value, Place(site.path, start, stop), exact)

    def _hole(self, site: Site) -> Piece:
        tree = self.evaluator.tree(site.path)
        origin = self.origins.of(site)
        name = tree.value(site.node) if tree.kinds[site.node] == Kind.NAME else ""
        return Hole(
            origin,
            self.origins.source(site),
            Place(site.path, tree.starts[site.node], tree.stops[site.node]),
            parameter=name if name and self._is_parameter(site, name) else "",
        )

    def _is_parameter(self, site: Site, name: str) -> bool:
        scope = self.evaluator.scope(site.path)
        reached = scope.reaching(site.node, name) or ()
        kinds, parents = self.evaluator.tree(site.path).kinds, self.evaluator.tree(site.path).parents
        function = scope.function(site.node)
        return any(kinds[binding] == Kind.PARAMETER and parents[binding] == function for binding, _ in reached)

    def _unknown(self, site: Site) -> Text:
        return Text((self._hole(site),))

    def inlined(self, site: Site) -> list[tuple[Piece, ...]]:
        """The pieces that an interpolated expression contributes: its own text where that is known."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.NUMBER, Kind.CONSTANT):
            return [(Hole(Origin.CONSTANT, tree.value(site.node), words=(tree.value(site.node),)),)]
        shapes = self.of(site)
        if not shapes:
            return [(self._hole(site),)]
        if len(shapes) > 1 and all(shape.constant for shape in shapes):
            words = tuple(
                "".join(piece.text for piece in shape.pieces if isinstance(piece, Literal)) for shape in shapes
            )
            if "" in words:
                first = next(shape for shape, word in zip(shapes, words, strict=True) if word)
                return [(Optional(first.pieces),)]
            return [(Hole(Origin.CONSTANT, self.origins.source(site), words=words),)]
        if len(shapes) > 1:
            full = max(shapes, key=lambda shape: len(shape.pieces))
            empty = any(not shape.pieces or shape == Text((Literal(""),)) for shape in shapes)
            return [(Optional(full.pieces),) if empty else full.pieces]
        return [shapes[0].pieces]

    def _template(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        pieces: list[Piece] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.STRING:
                pieces.append(self._literal(self._at(site, child)))
            elif tree.kinds[child] == Kind.HOLE:
                value = tree.child(child, Role.VALUE)
                if value < 0:
                    continue
                if tree.value(child).strip(":")[-1:] in ("d", "f", "x", "n", "e", "g", "%"):
                    pieces.append(Hole(Origin.NUMBER, self.origins.source(self._at(site, value))))
                else:
                    pieces += self.inlined(self._at(site, value))[0]
            else:
                for part in self.inlined(self._at(site, child)):
                    pieces += part
        return [Text(tuple(pieces))]

    def tagged(self, site: Site) -> Text:
        """The template of a tagged call, whose holes the library binds or, for its own fragments, renders."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        pieces: list[Piece] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.STRING:
                pieces.append(self._literal(self._at(site, child)))
                continue
            value = tree.child(child, Role.VALUE)
            if value < 0:
                continue
            inner = self._at(site, value)
            pieces += self._bound(inner)
        return Text(tuple(pieces))

    def _bound(self, site: Site) -> list[Piece]:
        """What an interpolated value of a tagged template becomes."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.CALL, Kind.TAGGED):
            for option in options(evaluator.value(site.path, site.node + 1, site.context)):
                if isinstance(option, LibraryFunction):
                    row = evaluator.tables.functions[option.path][1]
                    if row.safe_text:
                        return [Hole(Origin.RENDERED, self.origins.source(site))]
                    argument = tree.child(site.node, Role.ARGUMENT)
                    if row.text is not None and argument >= 0:
                        return list(self.inlined(self._at(site, argument))[0])
        return [Parameter(self.origins.source(site), self.origins.of(site))]

    def _binary(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        word = tree.value(site.node)
        if word == "+":
            operands: list[int] = []
            node = site.node
            while tree.kinds[node] == Kind.BINARY and tree.value(node) == "+":
                operands.append(tree.child(node, Role.RIGHT))
                node = tree.child(node, Role.LEFT)
            operands.append(node)
            shapes: list[tuple[Piece, ...]] = [()]
            for operand in reversed(operands):
                parts = self.of(self._at(site, operand))
                if len(parts) * len(shapes) > SHAPES:
                    parts = parts[:1]
                shapes = [(*shape, *part.pieces) for shape in shapes for part in parts]
            return [Text(shape) for shape in shapes]
        if word == "%":
            return self._percent(site)
        if word in ("or", "??"):
            left = tree.child(site.node, Role.LEFT)
            return self.of(self._at(site, left))
        if word == "and":
            right = tree.child(site.node, Role.RIGHT)
            return [Text((Optional(shape.pieces),)) for shape in self.of(self._at(site, right))]
        return [self._unknown(site)]

    def _percent(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        left, right = tree.child(site.node, Role.LEFT), tree.child(site.node, Role.RIGHT)
        values: dict[str, int] = {}
        if tree.kinds[right] == Kind.TUPLE:
            values = {str(index): child for index, child in enumerate(tree.children(right))}
        elif tree.kinds[right] == Kind.OBJECT:
            values = {
                tree.value(pair): tree.child(pair, Role.VALUE)
                for pair in tree.children(right)
                if tree.kinds[pair] == Kind.PAIR and tree.value(pair)
            }
        else:
            values = {"0": right}
        return [
            Text(tuple(self._filled(site, shape.pieces, _percent_fields, values, right)))
            for shape in self.of(self._at(site, left))
        ]

    def _filled(
        self, site: Site, pieces: tuple[Piece, ...], fields: Fields, values: dict[str, int], fallback: int
    ) -> list[Piece]:
        """Replaces the fields of a format string by what fills them."""
        filled: list[Piece] = []
        position = 0
        for piece in pieces:
            if not isinstance(piece, Literal):
                filled.append(piece)
                continue
            done = 0
            for start, stop, name, conversion in fields(piece.text):
                if start > done:
                    filled.append(_part(piece, done, start))
                done = stop
                if conversion == "%":
                    filled.append(_part(piece, start, start + 1))
                    continue
                key = name
                if not name:
                    key = str(position)
                    position += 1
                node = values.get(key, -1)
                if conversion in ("d", "i", "f", "e", "g", "x", "o"):
                    filled.append(Hole(Origin.NUMBER, key))
                elif node >= 0:
                    filled += self.inlined(self._at(site, node))[0]
                else:
                    filled.append(self._hole(self._at(site, fallback)))
            if done < len(piece.text):
                filled.append(_part(piece, done, len(piece.text)))
        return filled

    def _conditional(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        shapes: list[Text] = []
        for role in (Role.BODY, Role.ELSE):
            part = tree.child(site.node, role)
            if part >= 0:
                shapes += self.of(self._at(site, part))
        return shapes or [self._unknown(site)]

    def _call(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        callee = site.node + 1
        if callee >= tree.ends[site.node]:
            return [self._unknown(site)]
        if self.origins.known(site) is not None:
            return [self._unknown(site)]
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            word = tree.value(callee)
            owner = self._at(site, callee + 1)
            if word == "format":
                return self._format(site, owner)
            if word == "join":
                return self._join(site, owner)
            if word in UNCHANGED:
                return self.of(owner)
        elif tree.kinds[callee] == Kind.NAME and tree.value(callee) in ("str", "String", "dedent"):
            argument = tree.child(site.node, Role.ARGUMENT)
            if argument >= 0:
                return self.of(self._at(site, argument))
        for option in options(self.evaluator.value(site.path, callee, site.context)):
            if isinstance(option, FunctionValue):
                return self._returned(site, option)
        return [self._unknown(site)]

    def _returned(self, site: Site, function: FunctionValue) -> list[Text]:
        """The texts that a project function returns for this call."""
        shapes: list[Text] = []
        given = {
            parameter: self._at(site, node)
            for parameter, node in self.evaluator.parameters.matched(function, site.path, site.node)
        }
        for node in self.evaluator.returns(function):
            found = self.of(Site(function.path, node, function.context))
            shapes += [self._substituted(shape, function, given) for shape in found]
        unique = list(dict.fromkeys(shapes))
        return unique[:SHAPES] if unique else [self._unknown(site)]

    def _substituted(self, shape: Text, function: FunctionValue, given: dict[int, Site]) -> Text:
        """Holes that are the function's parameters become what this call passes for them."""
        tree = self.evaluator.tree(function.path)
        names = {tree.value(parameter): site for parameter, site in given.items() if tree.value(parameter)}

        def replaced(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
            out: list[Piece] = []
            for piece in pieces:
                if isinstance(piece, Hole) and piece.parameter in names:
                    out += self.inlined(names[piece.parameter])[0]
                elif isinstance(piece, Optional):
                    out.append(Optional(replaced(piece.pieces)))
                elif isinstance(piece, Repeat):
                    out.append(Repeat(replaced(piece.pieces), piece.separator))
                else:
                    out.append(piece)
            return tuple(out)

        return Text(replaced(shape.pieces), shape.open)

    def _format(self, site: Site, owner: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        values: dict[str, int] = {}
        position = 0
        for argument in tree.with_role(site.node, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.KEYWORD:
                values[tree.value(argument)] = tree.child(argument, Role.VALUE)
            else:
                values[str(position)] = argument
                position += 1
        return [
            Text(tuple(self._filled(site, shape.pieces, _brace_fields, values, site.node))) for shape in self.of(owner)
        ]

    def _join(self, site: Site, owner: Site) -> list[Text]:
        """`separator.join(items)` and `items.join(separator)`."""
        tree = self.evaluator.tree(site.path)
        argument = tree.child(site.node, Role.ARGUMENT)
        if argument < 0:
            return [self._unknown(site)]
        separator, items = owner, self._at(site, argument)
        if self.evaluator.javascript(site.path):
            separator, items = items, owner
        words = self.of(separator)
        between = "".join(piece.text for piece in words[0].pieces if isinstance(piece, Literal))
        listed = self._elements(items)
        if listed is not None:
            return [Text(_separated(listed, between))]
        pieces = self._items(items)
        return [Text((Repeat(pieces, between),))] if pieces is not None else [self._unknown(items)]

    def _elements(self, site: Site) -> list[tuple[tuple[Piece, ...], bool]] | None:
        """The elements of a list that stands in the source, each with whether it always is there."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        pushed: list[tuple[tuple[Piece, ...], bool]] = []
        if tree.kinds[site.node] == Kind.NAME:
            for call in evaluator.scope(site.path).statements_on(site.node, tree.value(site.node)):
                callee = call + 1
                if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in ("append", "push", "add"):
                    if any(tree.kinds[parent] == Kind.LOOP for parent in tree.ancestors(call)):
                        return None
                    always = not evaluator.scope(site.path).conditional(call, -1)
                    arguments = tree.with_role(call, Role.ARGUMENT)
                    pushed += [(self.inlined(self._at(site, argument))[0], always) for argument in arguments]
                elif tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in ("extend", "insert", "unshift"):
                    return None
            value = evaluator.value(site.path, site.node, site.context)
            if not isinstance(value, Expression):
                return None
            site = Site(value.path, value.node, value.context)
            tree = evaluator.tree(site.path)
        if tree.kinds[site.node] not in (Kind.LIST, Kind.TUPLE):
            return None
        found: list[tuple[tuple[Piece, ...], bool]] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.SPREAD:
                return None
            found.append((self.inlined(self._at(site, child))[0], True))
        return [*found, *pushed]

    def _items(self, site: Site) -> tuple[Piece, ...] | None:
        """What the elements of a list look like; None when that cannot be said."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        kind = tree.kinds[node]
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
            pieces: list[Piece] = []
            for child in tree.children(node):
                pieces += self.inlined(self._at(site, child))[0]
            return tuple(pieces)
        if kind == Kind.COMPREHENSION:
            body = tree.child(node, Role.BODY)
            return self.inlined(self._at(site, body))[0] if body >= 0 else None
        if kind == Kind.BINARY and tree.value(node) == "*":
            left = tree.child(node, Role.LEFT)
            return self._items(self._at(site, left)) or self.inlined(self._at(site, left))[0]
        if kind == Kind.CALL and tree.kinds[node + 1] == Kind.ATTRIBUTE:
            word = tree.value(node + 1)
            if word in ("map", "flatMap"):
                closure = tree.child(node, Role.ARGUMENT)
                if closure >= 0 and tree.kinds[closure] == Kind.FUNCTION:
                    parts: list[Piece] = []
                    for returned in self.evaluator.returns(FunctionValue(site.path, closure, None, site.context)):
                        parts += self.inlined(self._at(site, returned))[0]
                    return tuple(parts)
            if word in ("filter", "fill", "slice", "concat", "sort", "reverse"):
                return self._items(self._at(site, node + 2))
        value = self.evaluator.value(site.path, node, site.context)
        for option in options(value):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                found = self._items(Site(option.path, option.node, option.context))
                if found is not None:
                    return (*found, *self._pushed(site))
        return None

    def _pushed(self, site: Site) -> tuple[Piece, ...]:
        """What is appended to the list after its literal."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.NAME:
            return ()
        name = tree.value(site.node)
        pieces: list[Piece] = []
        for binding in self.evaluator.scope(site.path).statements_on(site.node, name):
            callee = binding + 1
            if tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) in ("append", "push", "extend", "add"):
                for argument in tree.with_role(binding, Role.ARGUMENT):
                    pieces += self.inlined(self._at(site, argument))[0]
        return tuple(pieces)

    def _name(self, site: Site) -> list[Text]:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        name = tree.value(site.node)
        reached = evaluator.scope(site.path).reaching(site.node, name)
        if reached is None:
            return self._held(site)
        shapes: list[Text] = []
        for binding, always in reached:
            if tree.kinds[binding] == Kind.CALL:
                continue
            if tree.kinds[binding] != Kind.ASSIGN:
                shapes.append(self._unknown(site))
                continue
            value = tree.child(binding, Role.VALUE)
            target = tree.child(binding, Role.TARGET)
            if value < 0 or target < 0 or tree.kinds[target] != Kind.NAME:
                if value >= 0 or tree.child(binding, Role.ANNOTATION) < 0:
                    shapes.append(self._unknown(site))
                continue
            if tree.value(binding) == "+":
                shapes += self._appended(site, binding, target, value, always)
                return shapes[:SHAPES]
            shapes += self.of(self._at(site, value))
        unique = list(dict.fromkeys(shapes))
        return unique if unique else [self._unknown(site)]

    def _appended(self, site: Site, binding: int, target: int, value: int, always: bool) -> list[Text]:
        """`text += more`: the text before, and what is added (sometimes, or in a loop)."""
        tree = self.evaluator.tree(site.path)
        before = self._name(self._at(site, target))
        added = self.of(self._at(site, value))[0].pieces
        looped = any(
            tree.kinds[parent] == Kind.LOOP and not tree.contains(parent, site.node)
            for parent in tree.ancestors(binding)
        )
        tail: tuple[Piece, ...] = (Repeat(added),) if looped else added if always else (Optional(added),)
        return [Text((*shape.pieces, *tail)) for shape in before]

    def _held(self, site: Site) -> list[Text]:
        """The text behind a constant, an attribute or an imported name."""
        shapes: list[Text] = []
        value = self.evaluator.value(site.path, site.node, site.context)
        for option in options(value):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                other = self.evaluator.tree(option.path)
                if other.kinds[option.node] in (Kind.STRING, Kind.TEMPLATE, Kind.BINARY):
                    shapes += self.of(Site(option.path, option.node, option.context))
                    continue
            shapes.append(self._unknown(site))
        return shapes or [self._unknown(site)]


def _separated(elements: list[tuple[tuple[Piece, ...], bool]], between: str) -> tuple[Piece, ...]:
    """Elements with the separator between them; one that is there sometimes brings its separator along."""
    pieces: list[Piece] = []
    for number, (element, always) in enumerate(elements):
        separated = (Literal(between), *element) if number and between else element
        if always:
            pieces += separated
        else:
            pieces.append(Optional(separated))
    return tuple(pieces)


def _part(piece: Literal, start: int, stop: int) -> Literal:
    place = piece.place
    if place is not None and piece.exact:
        before = len(piece.text[:start].encode("utf-8", "surrogatepass"))
        length = len(piece.text[start:stop].encode("utf-8", "surrogatepass"))
        place = Place(place.path, place.start + before, place.start + before + length)
    return Literal(piece.text[start:stop], place, piece.exact)


def _percent_fields(text: str) -> list[tuple[int, int, str, str]]:
    """The fields of a %-format: (start, stop, name, conversion)."""
    fields: list[tuple[int, int, str, str]] = []
    index = text.find("%")
    while index >= 0 and index + 1 < len(text):
        stop, name = index + 1, ""
        if text[stop] == "(":
            close = text.find(")", stop)
            if close < 0:
                break
            name, stop = text[stop + 1 : close], close + 1
        while stop < len(text) and text[stop] in "#0- +.123456789":
            stop += 1
        if stop >= len(text):
            break
        if text[stop] in "sdifeEgGxXorac%":
            fields.append((index, stop + 1, name, text[stop].lower()))
        index = text.find("%", stop + 1)
    return fields


def _brace_fields(text: str) -> list[tuple[int, int, str, str]]:
    """The fields of a brace format: (start, stop, name, conversion)."""
    fields: list[tuple[int, int, str, str]] = []
    index = 0
    while index < len(text):
        character = text[index]
        if text.startswith(("{{", "}}"), index):
            fields.append((index, index + 2, "", "%"))
            index += 2
            continue
        if character == "{":
            close = text.find("}", index)
            if close < 0:
                break
            name, _, specification = text[index + 1 : close].partition(":")
            name = name.partition("!")[0].partition(".")[0].partition("[")[0]
            fields.append((index, close + 1, name, specification[-1:]))
            index = close + 1
            continue
        index += 1
    return fields
