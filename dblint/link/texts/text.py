"""Strings as the program assembles them: from expressions to `Text`.

A string can have several shapes (it is assigned in two branches); each is a `Text` of its own, up to a
limit. What is appended under a branch becomes `Optional`, what a loop appends becomes `Repeat`. What the
host's own functions and methods do with a string is said by the rows of its table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Hole, Literal, Optional, Origin, Piece, Place, Repeat, Text
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Untyped
from dblint.link.arguments import Site, entries
from dblint.link.texts.formats import CONVERTED
from dblint.link.texts.fragments import Fragments
from dblint.link.texts.gathered import DECIDED
from dblint.link.texts.listed import Lists
from dblint.link.texts.making import Making, at, judged
from dblint.link.texts.origins import Origins
from dblint.link.texts.quoting import doubled
from dblint.link.values import (
    BoundMember,
    Expression,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

ELEMENTS = 12
"""Texts of one list whose statements are told one by one."""
SHAPES = 4
DEPTH = 25
PIECES = 1_000
"""Pieces to which a name's text may grow; what is added to more cannot be said."""
FILLED = 1_000
"""Operands of one `+` that are no literals; a sum of more cannot be said."""


class Texts:
    """Reads assembled strings. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.origins = Origins(evaluator)
        self.origins.answers.texts = self
        self.lists = Lists(self)
        self.making = Making(self)
        self.fragments = Fragments(self)
        self._active: set[tuple[str, int]] = set()
        self._depth = 0
        self._cut = False
        """Whether an answer is lacking because a question of the same kind was still open."""
        self._assigned: dict[Site, list[Text]] = {}
        """What the assignments of a name's text give, where one is made of the one before it."""
        self._asked: set[tuple[str, int, str]] = set()

    def of(self, site: Site) -> list[Text]:
        """The shapes that the string at `site` can have, at most `SHAPES`, `ELEMENTS` of a loop's."""
        key = (site.path, site.node)
        if key in self._active or self._depth >= DEPTH:
            self._cut = True
            return [self.unknown(site)]
        self._active.add(key)
        self._depth += 1
        try:
            return self._of(site)[:ELEMENTS]
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
            return self.of(at(site, inner)) if inner >= 0 else [self.unknown(site)]
        if kind == Kind.CALL:
            return self._call(site)
        if kind == Kind.TAGGED:
            template = self.origins.filled(site)
            return self._template(at(site, template)) if template >= 0 else self.fragments.of(site)
        if kind == Kind.NAME:
            return self._name(site)
        if kind == Kind.SUBSCRIPT and tree.kinds[tree.child(node, Role.INDEX)] == Kind.SLICE:
            return [self.making.part(site, at(site, node + 1))]
        if kind == Kind.SUBSCRIPT:
            return self.making.looked_up(site, node + 1) or self._entry(site)
        if kind == Kind.ATTRIBUTE:
            return self._entry(site)
        return [self.unknown(site)]

    def _entry(self, site: Site) -> list[Text]:
        """What an attribute or an entry of a literal holds."""
        entry = self.origins.held.one(site)
        return self.of(entry) if entry is not None else self._held(site)

    def _literal(self, site: Site) -> Literal:
        tree = self.evaluator.tree(site.path)
        value = tree.value(site.node)
        start, stop = tree.starts[site.node], tree.stops[site.node]
        exact = len(value) == stop - start or len(value.encode("utf-8", "surrogatepass")) == stop - start
        return Literal(value, Place(site.path, start, stop), exact)

    def hole(self, site: Site) -> Piece:
        """An expression whose text is not known."""
        tree = self.evaluator.tree(site.path)
        origin = self.origins.of(site)
        name = tree.value(site.node) if tree.kinds[site.node] == Kind.NAME else ""
        return Hole(
            origin,
            self.origins.source(site, keys=True),
            self.evaluator.hand(site.path, site.node),
            parameter=name if name and self._is_parameter(site, name) else "",
            handed=self._handed(site),
            column=self.origins.answers.column(site) if origin is Origin.DATABASE else None,
        )

    def _handed(self, site: Site) -> bool:
        """Whether an expression is a parameter or is read from one."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT, Kind.CALL, Kind.AWAIT, Kind.CAST):
            node += 1
        if tree.kinds[node] != Kind.NAME:
            return False
        reached = self.evaluator.scope(site.path).reaching(node, tree.value(node)) or ()
        return any(
            tree.kinds[binding] == Kind.PARAMETER
            and self._iterable(site.path, binding, tree.value(node)) < 0
            and (node != site.node or not self.origins.passing.served(site.path, binding))
            for binding, _ in reached
        )

    def _is_parameter(self, site: Site, name: str) -> bool:
        scope = self.evaluator.scope(site.path)
        reached = scope.reaching(site.node, name) or ()
        tree = self.evaluator.tree(site.path)
        kinds, parents = tree.kinds, tree.parents
        return any(
            kinds[binding] == Kind.PARAMETER
            # Of the function, or of one around it that hands it to what runs it.
            and tree.contains(parents[binding], site.node)
            # What a test proves holds whatever the caller passes.
            and self.origins.guards.of(site, binding) is None
            for binding, _ in reached
        )

    def unknown(self, site: Site) -> Text:
        """A text that is nothing but that expression."""
        return Text((self.hole(site),))

    def inlined(self, site: Site) -> list[tuple[Piece, ...]]:
        """The pieces that an interpolated expression contributes: its own text where that is known."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] in (Kind.NUMBER, Kind.CONSTANT):
            return [(Hole(Origin.CONSTANT, tree.value(site.node), words=(tree.value(site.node),)),)]
        shapes = self.of(site)
        return [self.joined(shapes, site)] if shapes else [(self.hole(site),)]

    def joined(self, shapes: list[Text], site: Site) -> tuple[Piece, ...]:
        """The pieces of a string of several shapes, as one."""
        if len(shapes) > 1 and all(shape.constant for shape in shapes):
            words = tuple(
                "".join(piece.text for piece in shape.pieces if isinstance(piece, Literal)) for shape in shapes
            )
            if "" in words:
                first = next(shape for shape, word in zip(shapes, words, strict=True) if word)
                return (Optional(first.pieces),)
            return (Hole(Origin.CONSTANT, self.origins.source(site), words=words),)
        if len(shapes) > 1:
            full = max(shapes, key=lambda shape: (_decided(shape), len(shape.pieces)))
            empty = any(not shape.pieces or shape == Text((Literal(""),)) for shape in shapes)
            return (Optional(full.pieces),) if empty else full.pieces
        return shapes[0].pieces

    def _template(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        pieces: list[Piece] = []
        for child in tree.children(site.node):
            if tree.kinds[child] == Kind.STRING:
                pieces.append(self._literal(at(site, child)))
            elif tree.kinds[child] == Kind.HOLE:
                value = tree.child(child, Role.VALUE)
                if value < 0:
                    continue
                conversion = tree.value(child).strip(":")[-1:]
                if CONVERTED.get(conversion, Origin.NUMBER if conversion == "%" else None) is Origin.NUMBER:
                    pieces.append(Hole(Origin.NUMBER, self.origins.source(at(site, value))))
                else:
                    pieces += self.inlined(at(site, value))[0]
            else:
                for part in self.inlined(at(site, child)):
                    pieces += part
        return [Text(tuple(pieces))]

    def _binary(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        word = tree.value(site.node)
        if word == "+" and self.origins.numeric(site):
            return [self.unknown(site)]
        if word == "+":
            operands: list[int] = []
            node = site.node
            while tree.kinds[node] == Kind.BINARY and tree.value(node) == "+":
                operands.append(tree.child(node, Role.RIGHT))
                node = tree.child(node, Role.LEFT)
            operands.append(node)
            if sum(tree.kinds[operand] != Kind.STRING for operand in operands) > FILLED:
                return [self.unknown(site)]
            shapes: list[list[Piece]] = [[]]
            for operand in reversed(operands):
                parts = self.of(at(site, operand))
                if len(parts) * len(shapes) > SHAPES:
                    parts = parts[:1]
                if len(parts) > 1:
                    shapes = [[*shape, *part.pieces] for shape in shapes for part in parts]
                    continue
                for shape in shapes:
                    shape += parts[0].pieces
            return [Text(tuple(shape)) for shape in shapes]
        if word == "%":
            left, right = (tree.child(site.node, role) for role in (Role.LEFT, Role.RIGHT))
            return self.making.percent(site, self.of(at(site, left)), right)
        if word in ("or", "??"):
            first = self.of(at(site, tree.child(site.node, Role.LEFT)))
            if all(shape.constant and shape.pieces for shape in first):
                return first
            return list(dict.fromkeys([*first, *self.of(at(site, tree.child(site.node, Role.RIGHT)))]))
        if word == "and":
            right = tree.child(site.node, Role.RIGHT)
            return [Text((Optional(shape.pieces),)) for shape in self.of(at(site, right))]
        return [self.unknown(site)]

    def _conditional(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        shapes: list[Text] = []
        for role in (Role.BODY, Role.ELSE):
            part = tree.child(site.node, role)
            if part >= 0:
                shapes += self.of(at(site, part))
        return shapes or [self.unknown(site)]

    def _call(self, site: Site) -> list[Text]:
        tree = self.evaluator.tree(site.path)
        callee = site.node + 1
        if callee >= tree.ends[site.node] or self.origins.known(site) is not None:
            return [self.unknown(site)]
        row = self.origins.row(site)
        if row is not None and row.string:
            return self.making.made(site, row)
        if isinstance(row, Untyped) and row.list == "lookup":
            return self.making.looked_up(site, callee + 1) or self._entry(site)
        for option in options(self.evaluator.value(site.path, callee, site.context)):
            if isinstance(option, FunctionValue):
                return self._returned(site, option)
            if isinstance(option, LibraryClass) and self.evaluator.tables.types[option.name].composes:
                return self._composed(site)
            if isinstance(option, (LibraryFunction, BoundMember, Instance)) and self.fragments.made(site):
                return self.fragments.of(site)
        return [self.unknown(site)]

    def _composed(self, site: Site) -> list[Text]:
        """A piece of SQL in the library's own wrapper: that place is judged by itself, so its holes are not."""
        tree = self.evaluator.tree(site.path)
        argument = tree.child(site.node, Role.ARGUMENT)
        if argument < 0:
            return [self.unknown(site)]
        return [judged(shape) for shape in self.of(at(site, argument))]

    def _returned(self, site: Site, function: FunctionValue) -> list[Text]:
        """The texts that a project function returns for this call."""
        shapes: list[Text] = []
        given = {
            parameter: at(site, node)
            for parameter, node in self.evaluator.parameters.matched(function, site.path, site.node)
        }
        tree = self.evaluator.tree(site.path)
        spread = any(tree.kinds[node] == Kind.SPREAD for node in tree.with_role(site.node, Role.ARGUMENT))
        for node in self.evaluator.returns(function):
            found = self.of(Site(function.path, node, function.context))
            shapes += [self._substituted(shape, function, given, spread) for shape in found]
        unique = list(dict.fromkeys(shapes))
        return unique[:SHAPES] if unique else [self.unknown(site)]

    def _given(self, function: FunctionValue, given: dict[int, Site], spread: bool) -> dict[str, tuple[Piece, ...]]:
        """The names of a function's parameters → what a call passes for them, or what they are without it."""
        tree = self.evaluator.tree(function.path)
        names: dict[str, tuple[Piece, ...]] = {}
        for parameter in tree.with_role(function.node, Role.PARAMETER):
            name = tree.value(parameter)
            site = given.get(parameter)
            if site is not None and name:
                names[name] = self.inlined(site)[0]
            elif site is not None:
                pairs, _ = entries(self.evaluator, site)
                names.update({key: self.inlined(pair)[0] for key, pair in pairs})
            elif name and not spread and not tree.has(parameter, Flag.REST | Flag.PAIRS):
                default = tree.child(parameter, Role.DEFAULT)
                if default >= 0:
                    names[name] = self.inlined(Site(function.path, default, function.context))[0]
                elif self.evaluator.javascript(function.path):
                    names[name] = (Hole(Origin.CONSTANT, name, words=("undefined",)),)
        return names

    def _substituted(self, shape: Text, function: FunctionValue, given: dict[int, Site], spread: bool) -> Text:
        """Holes that are the function's parameters become what this call passes for them."""
        names = self._given(function, given, spread)
        absent = [filling for filling in names.values() if _nothing(filling)]

        def replaced(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
            out: list[Piece] = []
            for piece in pieces:
                if isinstance(piece, Hole) and piece.parameter in names:
                    given = names[piece.parameter]
                    out += doubled(Text(given), piece.doubled).pieces if piece.doubled else given
                elif isinstance(piece, Optional):
                    if not any(isinstance(part, Hole) and names.get(part.parameter) in absent for part in piece.pieces):
                        out.append(Optional(replaced(piece.pieces)))
                elif isinstance(piece, Repeat):
                    out.append(Repeat(replaced(piece.pieces), piece.separator))
                else:
                    out.append(piece)
            return tuple(out)

        return Text(replaced(shape.pieces), shape.open)

    def _name(self, site: Site) -> list[Text]:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        name = tree.value(site.node)
        reached = evaluator.scope(site.path).bindings(site.node, name, failing=self.origins.failing(site.path))
        if reached is None:
            return self._held(site)
        self._ask_earlier(site, name)
        shapes: list[Text] = []
        most = SHAPES
        for binding, always in reached:
            value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
            if tree.kinds[binding] != Kind.ASSIGN:
                elements = self._elements(site, binding, name)
                whole = self.unknown(site)
                fixed = [] if elements else self._fixed(site, binding, name)
                if fixed:
                    found = fixed
                    most = max(most, len(fixed))
                elif elements is None:
                    found = [self._tested(site, binding, whole)]
                else:
                    found = elements or [judged(whole) if _decided(whole) else whole]
            elif value < 0 or target < 0 or tree.kinds[target] != Kind.NAME:
                if value < 0 and tree.child(binding, Role.ANNOTATION) >= 0:
                    continue
                found = [self._tested(site, binding, self._unpacked(site, target, value, name))]
            elif tree.value(binding) == "+":
                shapes += self._appended(site, binding, target, value, always)
                break
            elif tree.value(binding) == "%" and not evaluator.javascript(site.path):
                before = self._given_by(site, target)
                shapes += [*self.making.percent(at(site, binding), before, value), *(() if always else before)]
                break
            else:
                found = [self._tested(site, binding, shape) for shape in self._given_by(site, value)]
            shapes = list(dict.fromkeys([*shapes, *found])) if shapes or len(found) > 1 else found
            if len(shapes) >= most:
                break
        return shapes[:most] or [self.unknown(site)]

    def _ask_earlier(self, site: Site, name: str) -> None:
        """Asks for the assignments that a name's text is made of one after the other (`q = q + …`), the first of them
        first: then no question waits for the one before it, however many there are."""
        key = (site.path, self.evaluator.scope(site.path).function(site.node), name)
        if key in self._asked:
            return
        self._asked.add(key)
        tree = self.evaluator.tree(site.path)
        try:
            for binding in self.evaluator.scope(site.path).earlier(site.node, name):
                value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
                if value < 0 or target < 0 or tree.kinds[target] != Kind.NAME:
                    continue
                if tree.value(binding) in ("+", "%"):
                    self._given_by(at(site, target), target)
                self._given_by(site, value)
        finally:
            self._asked.discard(key)

    def _given_by(self, site: Site, node: int) -> list[Text]:
        """The shapes of an expression that is assigned or added to, remembered where nothing cut them short."""
        key = Site(site.path, node, site.context)
        found = self._assigned.get(key)
        if found is None:
            outer, self._cut = self._cut, False
            found = [self._limited(site, shape) for shape in self.of(key)]
            if not self._cut:
                self._assigned[key] = found
            self._cut = self._cut or outer
        return found

    def _limited(self, site: Site, text: Text) -> Text:
        """The text, up to a number of pieces that no person's has: what follows is one that cannot be said."""
        end = Hole(Origin.UNKNOWN, self.origins.source(site))
        if len(text.pieces) <= PIECES or text.pieces[PIECES:] == (end,):
            return text
        return Text((*text.pieces[:PIECES], end))

    def _elements(self, site: Site, binding: int, name: str) -> list[Text] | None:
        """The texts of a list's elements in which somebody else decides a part, where a loop gives them to the name;
        None where it does not, or where they do not stand in the source."""
        iterable = self._iterable(site.path, binding, name)
        if iterable < 0 or self.origins.guards.of(site, binding) is not None:
            return None
        return self.lists.each(at(site, iterable))

    def _fixed(self, site: Site, binding: int, name: str) -> list[Text]:
        """The texts that a loop gives to the name, one after the other, where all of them are constants that stand in
        the source, perhaps as parts of its elements (`for sql, values in …`)."""
        tree = self.evaluator.tree(site.path)
        iterable, part = self._iterable(site.path, binding, name), -1
        target = tree.child(binding, Role.TARGET)
        if iterable < 0 and target >= 0 and tree.kinds[binding] in (Kind.LOOP, Kind.CLAUSE):
            names = list(tree.children(target)) if tree.kinds[target] in (Kind.TUPLE, Kind.LIST) else []
            if any(tree.kinds[node] != Kind.NAME for node in names):
                return []
            iterable = tree.child(binding, Role.ITERABLE)
            part = next((at for at, node in enumerate(names) if tree.value(node) == name), -1)
            if part < 0:
                return []
        if iterable < 0:
            return []
        found = self.lists.constants(at(site, iterable), part)
        return found if len(found) <= ELEMENTS else []

    def _iterable(self, path: str, binding: int, name: str) -> int:
        """What is iterated where a binding gives the whole element to the name, else -1."""
        tree = self.evaluator.tree(path)
        kind, target = tree.kinds[binding], tree.child(binding, Role.TARGET)
        if kind in (Kind.LOOP, Kind.CLAUSE) and target >= 0 and tree.kinds[target] == Kind.NAME:
            return tree.child(binding, Role.ITERABLE)
        if kind == Kind.PARAMETER and tree.value(binding) == name:
            function = tree.parents[binding]
            position = self.evaluator.parameters.position(path, function, binding)
            word, node = self.origins.passing.runs_for(path, function, position)
            return node if word == "element" else -1
        return -1

    def _unpacked(self, site: Site, target: int, value: int, name: str) -> Text:
        """`one, other = "a", "b"`: the part that stands at the name's own position."""
        tree = self.evaluator.tree(site.path)
        sequence = (Kind.TUPLE, Kind.LIST)
        if min(target, value) >= 0 and tree.kinds[target] in sequence and tree.kinds[value] in sequence:
            for one, other in zip(tree.children(target), tree.children(value), strict=False):
                if tree.kinds[one] == Kind.NAME and tree.value(one) == name:
                    return self.of(at(site, other))[0]
        return self.unknown(site)

    def _tested(self, site: Site, binding: int, shape: Text) -> Text:
        """The text that a name holds, after the tests on the way to its use."""
        if len(shape.pieces) != 1 or not isinstance(shape.pieces[0], Hole):
            return shape
        hole = shape.pieces[0]
        if hole.words or hole.origin not in (*DECIDED, Origin.UNKNOWN):
            return shape
        proved = self.origins.guards.of(site, binding)
        return Text((Hole(proved, hole.source, hole.place),)) if proved is not None else shape

    def _appended(self, site: Site, binding: int, target: int, value: int, always: bool) -> list[Text]:
        """`text += more`: the text before, and what is added (sometimes, or in a loop)."""
        tree = self.evaluator.tree(site.path)
        before = self._given_by(site, target)
        added = self._given_by(site, value)[0].pieces
        looped = any(
            tree.kinds[parent] == Kind.LOOP and not tree.contains(parent, site.node)
            for parent in tree.ancestors(binding)
        )
        tail: tuple[Piece, ...] = (Repeat(added),) if looped else added if always else (Optional(added),)
        return [shape if len(shape.pieces) > PIECES else Text((*shape.pieces, *tail)) for shape in before]

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
            kept = self._kept(option)
            if kept is not None:
                shapes += self.of(kept)
                continue
            fixed = self.fragments.fixed(option)
            shapes.append(fixed if fixed is not None else self.unknown(site))
        return shapes or [self.unknown(site)]

    def _kept(self, option: Value) -> Site | None:
        """The call that made an object which keeps the text that it was given (`string.Template`)."""
        step = option.steps[0] if isinstance(option, Instance) and option.steps else None
        made = step is not None and step.node >= 0 and step.name == "()" and step.member.string == "same"
        return Site(step.path, step.node, step.context) if step is not None and made else None


def _nothing(pieces: tuple[Piece, ...]) -> bool:
    """Whether a call passes nothing: pieces that stand only sometimes do not stand then."""
    return len(pieces) == 1 and isinstance(pieces[0], Hole) and pieces[0].words in (("null",), ("undefined",))


def _decided(text: Text) -> int:
    """How many holes of a text a caller decides."""
    return sum(isinstance(piece, Hole) and piece.origin in DECIDED for piece in text.pieces)
