"""What the host languages' own functions and methods make of strings, by the words of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.text import Hole, Literal, Optional, Origin, Piece, Place, Repeat, Text
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site
from dblint.link.texts.formats import CONVERTED, Fields, brace_fields, dollar_fields, part, percent_fields
from dblint.link.texts.mappings import filling
from dblint.link.texts.patterns import compiled, strips
from dblint.link.texts.quoting import QUOTES, doubled, undone
from dblint.link.values import Expression, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts


class Making:
    """Follows strings through functions. One per reader of texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.evaluator = texts.evaluator
        self.origins = texts.origins

    def made(self, site: Site, row: Member | Untyped) -> list[Text]:
        """What a function or method of strings makes, by the word of its row."""
        tree = self.evaluator.tree(site.path)
        arguments = [at(site, node) for node in tree.with_role(site.node, Role.ARGUMENT)]
        method = isinstance(row, Untyped) or (tree.kinds[site.node + 1] == Kind.ATTRIBUTE and self.origins.bound(site))
        subject = at(site, site.node + 2) if method else arguments.pop(0) if arguments else None
        word = row.string
        if subject is not None and word == "filled":
            return [self._derived(site, arguments)]
        if subject is None or word in ("derived", "keys", "mapping"):
            return [self._derived(site, [*([subject] if subject else []), *arguments])]
        if word == "same":
            return self.texts.of(subject)
        if word == "extended":
            return [Text(shape.pieces, open=True) for shape in self.texts.of(subject)]
        if word == "last":
            return self.texts.of(arguments[-1] if arguments else subject)
        if word in _FIELDS:
            return self._format(site, subject, *_FIELDS[word])
        if word == "percent":
            values = {str(index): argument for index, argument in enumerate(arguments)}
            return [
                Text(tuple(self._filled(site, shape.pieces, percent_fields, values, site.node)))
                for shape in self.texts.of(subject)
            ]
        if word == "concat":
            pieces = tuple(piece for argument in arguments for piece in self.texts.inlined(argument)[0])
            return [Text((*shape.pieces, *pieces)) for shape in self.texts.of(subject)]
        if word == "join" and arguments:
            separator, items = (
                (arguments[0], subject) if self.evaluator.javascript(site.path) else (subject, arguments[0])
            )
            return self.texts.lists.joined(separator, items)
        if word == "join":
            return self.texts.lists.joined(subject, subject)
        if word == "substitute" and method:
            pattern = compiled(self.evaluator, subject)
            return (
                self._replaced(arguments[1], pattern, arguments[0])
                if pattern and len(arguments) > 1
                else [self._derived(site, arguments)]
            )
        if word == "substitute" and len(arguments) > 1:
            return self._replaced(arguments[1], subject, arguments[0])
        if len(arguments) < 2:
            return self.texts.of(subject)
        return self._replaced(subject, *arguments[:2], first=word == "replace-first")

    def part(self, site: Site, whole: Site) -> Text:
        """A slice of a text: nobody decides it who did not decide the whole."""
        shapes = self.texts.of(whole)
        holes = [hole for shape in shapes for hole in _holes(shape.pieces)]
        origin = self.origins.worst([hole.origin for hole in holes]) if holes else Origin.CONSTANT
        tree = self.evaluator.tree(site.path)
        place = Place(site.path, tree.starts[site.node], tree.stops[site.node])
        parameter = next((hole.parameter for hole in holes if hole.parameter), "")
        handed = any(hole.handed for hole in holes)
        return Text((Hole(origin, self.origins.source(site), place, parameter=parameter, handed=handed),))

    def _derived(self, site: Site, sources: list[Site]) -> Text:
        """Some text made of others: a hole that comes from where they come from."""
        tree = self.evaluator.tree(site.path)
        holes = [hole for source in sources for hole in _holes(self.texts.inlined(source)[0])]
        parameter = next((hole.parameter for hole in holes if hole.parameter), "")
        handed = any(hole.handed for hole in holes)
        place = Place(site.path, tree.starts[site.node], tree.stops[site.node])
        origin, shown = self.origins.of(site), self.origins.source(site, keys=True)
        return Text((Hole(origin, shown, place, parameter=parameter, handed=handed),))

    def _replaced(self, subject: Site, old: Site, new: Site, *, first: bool = False) -> list[Text]:
        """`text.replace(old, new)`: what is quoted or stripped by it, or put in the place of a word. `first`: only
        the first occurrence is replaced, unless flags of a pattern say each."""
        tree = self.evaluator.tree(subject.path)
        shapes = self.texts.of(subject)
        pattern = tree.kinds[old.node] == Kind.REGEX or (
            tree.kinds[old.node] == Kind.STRING and (subject.path != old.path or subject.node > old.node)
        )
        olds, news = self.texts.of(old), self.texts.of(new)
        before = tree.value(old.node) if tree.kinds[old.node] == Kind.REGEX else _word(olds)
        after = _word(news)
        each = not first or self._flagged(old)
        if each and before in QUOTES and after == before * 2:
            return [doubled(shape, before) for shape in shapes]
        shapes = [undone(shape, before, after) for shape in shapes]
        if each and pattern and before and after in ("", "_") and strips(before):
            return [_changed(shape, Origin.IDENTIFIER) for shape in shapes]
        if before and not pattern and after is None:
            filling = self.texts.inlined(new)[0]
            return [Text(_put(shape.pieces, before, filling), shape.open) for shape in shapes]
        return shapes

    def _flagged(self, pattern: Site) -> bool:
        """Whether flags stand behind a literal pattern: one that replaces has them to replace each."""
        tree = self.evaluator.tree(pattern.path)
        if tree.kinds[pattern.node] != Kind.REGEX:
            return False
        written = len(tree.value(pattern.node).encode("utf-8", "surrogatepass"))
        return tree.stops[pattern.node] - tree.starts[pattern.node] > written + 2

    def looked_up(self, site: Site, owner: int) -> list[Text]:
        """An entry of a mapping or list of the program's own: one of its words, whatever the key is."""
        tree = self.evaluator.tree(site.path)
        index = tree.child(site.node, Role.INDEX)
        if index >= 0 and tree.kinds[index] in (Kind.STRING, Kind.NUMBER, Kind.SLICE, Kind.UNARY):
            return []
        if tree.kinds[owner] == Kind.NAME and self.evaluator.scope(site.path).grown(owner, tree.value(owner)):
            return []
        words: list[str] = []
        for option in options(self.evaluator.value(site.path, owner, site.context)):
            if not isinstance(option, Expression):
                return []
            other = self.evaluator.tree(option.path)
            if other.kinds[option.node] not in (Kind.OBJECT, Kind.LIST, Kind.TUPLE):
                return []
            for child in other.children(option.node):
                value = other.child(child, Role.VALUE) if other.kinds[child] == Kind.PAIR else child
                if value < 0 or other.kinds[child] == Kind.SPREAD:
                    return []
                shapes = self.texts.of(Site(option.path, value, option.context))
                known = [_word([shape]) for shape in shapes]
                if None in known:
                    return []
                words += [word for word in known if word]
        if not words:
            return []
        found = [Text((Hole(Origin.CONSTANT, self.origins.source(site), words=tuple(dict.fromkeys(words))),))]
        default = list(tree.with_role(site.node, Role.ARGUMENT))[1:2] if tree.kinds[site.node] == Kind.CALL else []
        return [*found, *(shape for node in default for shape in self.texts.of(at(site, node)))]

    def percent(self, site: Site, shapes: list[Text], right: int) -> list[Text]:
        """`format % values`, where `shapes` are those of the format."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[right] == Kind.TUPLE:
            values = {str(index): at(site, child) for index, child in enumerate(tree.children(right))}
        else:
            values = {"0": at(site, right), **filling(self.origins, at(site, right))}
            values |= self.origins.held.listed(at(site, right))
        return [
            Text(tuple(self._filled(site, shape.pieces, percent_fields, values, right, (at(site, right),))))
            for shape in shapes
        ]

    def _filled(
        self,
        site: Site,
        pieces: tuple[Piece, ...],
        fields: Fields,
        values: dict[str, Site],
        fallback: int,
        mappings: tuple[Site, ...] = (),
    ) -> list[Piece]:
        """Replaces the fields of a format string by what fills them; `mappings`: what fills those with names."""
        filled: list[Piece] = []
        position = 0
        for piece in pieces:
            if not isinstance(piece, Literal):
                filled.append(piece)
                continue
            done = 0
            for start, stop, name, conversion in fields(piece.text):
                if start > done:
                    filled.append(part(piece, done, start))
                done = stop
                if conversion == "%":
                    filled.append(part(piece, start, start + 1))
                    continue
                key = name
                if not name:
                    key = str(position)
                    position += 1
                given = values.get(key)
                under = self._under(mappings, name) if name and conversion not in CONVERTED else ()
                if under:
                    filled += under
                elif conversion in CONVERTED:
                    source = self.origins.source(given) if given is not None else key
                    filled.append(Hole(CONVERTED[conversion], source))
                elif given is not None:
                    filled += self.texts.inlined(given)[0]
                else:
                    filled.append(self.texts.hole(at(site, fallback)))
            if done < len(piece.text):
                filled.append(part(piece, done, len(piece.text)))
        return filled

    def _under(self, mappings: tuple[Site, ...], key: str) -> tuple[Piece, ...]:
        """What stands under a key of a literal; nothing where that cannot be seen."""
        for mapping in mappings:
            entries = self.origins.held.under(mapping, (key,))
            if entries is not None and len(entries) == 1 and not entries[0].whole:
                return self.texts.inlined(entries[0].site)[0]
            if entries is not None:
                return (Hole(self.origins.held.origin(entries), f"{self.origins.source(mapping)}['{key}']"),)
        return ()

    def _format(self, site: Site, owner: Site, fields: Fields, mapped: bool) -> list[Text]:
        """A format, filled by what a call is given; `mapped`: what stands there without a keyword is a mapping."""
        tree = self.evaluator.tree(site.path)
        values: dict[str, Site] = {}
        position = 0
        mappings: list[Site] = []
        fallback = site.node
        for argument in tree.with_role(site.node, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.KEYWORD:
                values[tree.value(argument)] = at(site, tree.child(argument, Role.VALUE))
            elif mapped or (tree.kinds[argument] == Kind.SPREAD and tree.has(argument, Flag.PAIRS)):
                fallback = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.SPREAD else argument
                mappings.append(at(site, fallback))
                values = {**filling(self.origins, at(site, fallback)), **values}
            else:
                values[str(position)] = at(site, argument)
                position += 1
        return [
            Text(tuple(self._filled(site, shape.pieces, fields, values, fallback, tuple(mappings))))
            for shape in self.texts.of(owner)
        ]


_FIELDS = {"format": (brace_fields, False), "format-map": (brace_fields, True), "dollar": (dollar_fields, True)}
"""Words for what fills a format → where its fields are, and whether a mapping fills them."""


def at(site: Site, node: int) -> Site:
    """Another expression of the same file, read in the same context."""
    return Site(site.path, node, site.context, site.when)


def _word(shapes: list[Text]) -> str | None:
    """The one literal that the shapes are; None when they are anything else."""
    if len(shapes) != 1 or not shapes[0].constant:
        return None
    return "".join(piece.text for piece in shapes[0].pieces if isinstance(piece, Literal))


def _holes(pieces: tuple[Piece, ...]) -> Iterator[Hole]:
    pending = list(reversed(pieces))
    while pending:
        piece = pending.pop()
        if isinstance(piece, Hole):
            yield piece
        elif isinstance(piece, (Optional, Repeat)):
            pending.extend(reversed(piece.pieces))


def _changed(text: Text, origin: Origin) -> Text:
    """The text with what a caller decides in it quoted or stripped."""
    return Text(
        tuple(
            Hole(origin, piece.source, piece.place) if isinstance(piece, Hole) and not piece.words else piece
            for piece in text.pieces
        ),
        text.open,
    )


def judged(text: Text) -> Text:
    """The text with its holes marked as judged elsewhere; of what is quoted or a placeholder, more is known."""
    return Text(
        tuple(
            Hole(Origin.RENDERED, piece.source, piece.place)
            if isinstance(piece, Hole) and not piece.words and piece.origin not in _SAFE
            else piece
            for piece in text.pieces
        ),
        text.open,
    )


_SAFE = frozenset({Origin.IDENTIFIER, Origin.PLACEHOLDERS})


def _put(pieces: tuple[Piece, ...], word: str, filling: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces with `filling` in the place of a word of their literals."""
    out: list[Piece] = []
    for piece in pieces:
        if not isinstance(piece, Literal):
            out.append(piece)
            continue
        done, found = 0, piece.text.find(word)
        while found >= 0:
            out += (part(piece, done, found), *filling)
            done = found + len(word)
            found = piece.text.find(word, done)
        out.append(part(piece, done, len(piece.text)) if done else piece)
    return tuple(out)
