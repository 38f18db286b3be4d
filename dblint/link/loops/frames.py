"""What surrounds a call inside its function: loops, branches, transactions, error handling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.program import Frame, Nature
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.arguments import Site, listed
from dblint.link.loops.altering import filled
from dblint.link.loops.at_once import at_once_elsewhere
from dblint.link.loops.becoming import Becoming
from dblint.link.loops.callbacks import callback_of, gathered, gathered_later, handed_to, iterated_by
from dblint.link.loops.distinctions import told_apart
from dblint.link.loops.exits import leaves, seeks, selects
from dblint.link.loops.files import opens
from dblint.link.loops.first_turns import first_only
from dblint.link.loops.handing import Given, Handing
from dblint.link.loops.influence import Influence
from dblint.link.loops.lazies import Lazies
from dblint.link.loops.loops import Loops
from dblint.link.loops.outside import Outside
from dblint.link.loops.pauses import Pauses
from dblint.link.loops.preconditions import Preconditions, Store
from dblint.link.loops.resolvers import Resolvers
from dblint.link.loops.sieves import Sieves
from dblint.link.loops.steady import Steady
from dblint.link.texts.origins import LONGEST_KEY
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class _Subject:
    """What frames are read around: a call, and what decides which table or database it asks."""

    __slots__ = ("_frames", "_given", "_handed", "_stores", "node", "path", "targets")

    def __init__(
        self,
        frames: Frames,
        path: str,
        node: int,
        targets: Callable[[], tuple[int, ...]],
        given: Callable[[], tuple[Given, ...]],
    ) -> None:
        self.path = path
        self.node = node
        self.targets = targets
        self._handed = given
        self._given: tuple[Given, ...] | None = None
        self._frames = frames
        self._stores: tuple[Store, ...] | None = None

    @property
    def asks(self) -> bool:
        """Whether it is known to ask a database."""
        return self._handed is not tuple

    def stores(self) -> tuple[Store, ...]:
        """Where what it gives is kept, asked for only once and only inside a loop."""
        if self._stores is None:
            function = self._frames.evaluator.scope(self.path).function(self.node)
            self._stores = self._frames.preconditions.kept(self.path, self.node, function)
        return self._stores

    def given(self) -> tuple[Given, ...]:
        """The values that its queries are handed."""
        if self._given is None:
            self._given = self._handed()
        return self._given


class Frames:
    """Reads frames. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.loops = Loops(evaluator)
        self.influence = Influence(evaluator)
        self.handing = Handing(evaluator, self.influence)
        self.steady = Steady(evaluator, self.handing.anew)
        self.preconditions = Preconditions(evaluator, Lazies(evaluator))
        self.outside = Outside(evaluator, self.loops.counters)
        self.becoming = Becoming(evaluator, self.loops.counters)
        self.sieves = Sieves(self.influence)
        self.resolvers = Resolvers(evaluator)
        self.pauses = Pauses(self.loops.counters)
        self._spans: dict[Place, int] = {}

    def of(
        self,
        path: str,
        node: int,
        targets: Callable[[], tuple[int, ...]] = tuple,
        given: Callable[[], tuple[Given, ...]] = tuple,
    ) -> tuple[tuple[Frame, ...], int]:
        """The frames around `node`, outermost first, and the function they stand in (-1: the module).
        `targets` gives the expressions that decide which table or database is asked, `given` what its conditions
        are handed.

        A function literal that is run once per element, or once in place, is part of the function around
        it; any other function literal is a function of its own.
        """
        tree = self.evaluator.tree(path)
        kinds, roles, parents = tree.kinds, tree.roles, tree.parents
        frames: list[Frame] = []
        subject = _Subject(self, path, node, targets, given)
        if kinds[node] == Kind.ATTRIBUTE:
            frames += self._run_by(path, node)
        child, parent = node, parents[node]
        while parent >= 0:
            kind, role = kinds[parent], roles[child]
            if kind == Kind.LOOP and role in (Role.BODY, Role.CONDITION, Role.UPDATE):
                frames.append(self._loop(path, parent, subject))
            elif kind == Kind.COMPREHENSION and self._inside(tree, parent, child):
                frames.append(self._comprehension(path, parent, subject))
            elif kind == Kind.IF and role in (Role.BODY, Role.ELSE):
                arm = "else" if role == Role.ELSE else ""
                frames.append(Frame("branch", self._place(path, parent), construct=arm))
            elif kind == Kind.TRY and role == Role.BODY:
                frames.append(Frame("try", self._place(path, parent)))
            elif kind == Kind.CATCH:
                frames.append(Frame("catch", self._place(path, parent)))
            elif kind == Kind.TRY and role == Role.FINALLY:
                frames.append(Frame("finally", self._place(path, parent)))
            elif kind == Kind.WITH and role == Role.BODY:
                frames.append(self._with(path, parent))
            elif kind == Kind.FUNCTION and role != Role.DECORATOR:
                frame = self._closure(path, parent, subject)
                if frame is None:
                    break
                frames.append(frame)
            elif kind == Kind.CLASS:
                break
            child, parent = parent, parents[parent]
        if parent >= 0 and kinds[parent] == Kind.FUNCTION and self.evaluator.javascript(path):
            resolved = self._resolved(path, parent, subject)
            frames += [resolved] if resolved is not None else []
        frames.reverse()
        return tuple(frames), parent if parent >= 0 and kinds[parent] == Kind.FUNCTION else -1

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    @staticmethod
    def _inside(tree: Tree, comprehension: int, child: int) -> bool:
        """Whether a part of a comprehension runs per element: all but the first clause's iterable."""
        if tree.kinds[child] != Kind.CLAUSE:
            return True
        return child != next(tree.with_role(comprehension, Role.CLAUSE), -1)

    def _with(self, path: str, node: int) -> Frame:
        tree = self.evaluator.tree(path)
        values = [tree.child(item, Role.VALUE) for item in tree.with_role(node, Role.ITEM)]
        kind = "transaction" if any(value >= 0 and self._begins(path, value) for value in values) else "with"
        source = _words(tree, values[0]) if values and values[0] >= 0 else ""
        return Frame(kind, self._place(path, node), source=source)

    def _begins(self, path: str, node: int) -> bool:
        """Whether what is entered is a call that begins a transaction."""
        called = self.evaluator.tree(path).kinds[node] == Kind.CALL
        return called and any("begin" in row.effects for row in self.loops.counters.rows(path, node))

    # Loops

    def _loop(self, path: str, loop: int, subject: _Subject) -> Frame:
        tree = self.evaluator.tree(path)
        iterable = tree.child(loop, Role.ITERABLE)
        target = tree.child(loop, Role.TARGET)
        scope = self.evaluator.scope(path)
        names = tuple(scope.targets(target)) if target >= 0 else ()
        if iterable >= 0:
            nature, over = self.loops.iterated(path, iterable), iterable
            if nature is Nature.EACH and told_apart(self.evaluator, path, loop):
                nature = Nature.CONSTANT
        else:
            turns = self.loops.turns(path, loop)
            names, nature, over = turns.names, turns.nature, turns.over
        return self._element(
            subject,
            loop,
            names,
            source=self._iterable_words(path, over),
            construct=tree.value(loop),
            nature=nature,
            over=iterable,
            through=over,
            leaves=leaves(tree, loop, subject.node),
            seeks=seeks(tree, loop, subject.node),
            concurrent=self._collected(path, loop, subject.node),
        )

    def _collected(self, path: str, loop: int, call: int) -> bool:
        """Whether what a call gives is put into a list that is awaited at once behind the loop."""
        tree = self.evaluator.tree(path)
        added = tree.parents[call]
        if tree.kinds[added] != Kind.CALL or tree.roles[call] != Role.ARGUMENT:
            return False
        if tree.kinds[added + 1] != Kind.ATTRIBUTE or tree.kinds[added + 2] != Kind.NAME:
            return False
        awaits = tree.kinds.find(Kind.AWAIT, loop, tree.ends[loop]) >= 0
        appended = self.loops.counters.list_word(path, added) == "append"
        return appended and not awaits and gathered_later(tree, loop, tree.value(added + 2))

    def _element(
        self,
        subject: _Subject,
        loop: int,
        names: tuple[str, ...],
        *,
        source: str,
        construct: str,
        nature: Nature,
        place: Place | None = None,
        concurrent: bool = False,
        leaves: bool = False,
        seeks: bool = False,
        over: int = -1,
        through: int = -1,
    ) -> Frame:
        """The frame of whatever runs the subject once per element; `names` hold what changes. `over`: what a statement
        iterates, `through`: what any loop goes through, -1 where no expression says it."""
        path, tree = subject.path, self.evaluator.tree(subject.path)
        dependent = self.influence.depends(path, (subject.node,), loop, names)
        closer = dependent and nature is Nature.EACH
        asks = not dependent and nature is Nature.EACH and subject.asks
        if closer:
            self._spans[place or self._place(path, loop)] = loop
        sides = self.loops.differences.sides(path, through) if closer and through >= 0 else ()
        return Frame(
            "loop",
            place or self._place(path, loop),
            source=source,
            construct=construct,
            variables=names,
            nature=nature,
            dependent=dependent,
            concurrent=concurrent,
            leaves=leaves or (closer and first_only(tree, loop, subject.node)),
            seeks=seeks,
            selects=closer and selects(tree, loop, subject.node, names),
            kept=(closer or asks) and self._kept(subject, loop, names),
            elsewhere=closer and self.influence.depends(path, subject.targets(), loop, names),
            handed=self.handing.seen_by(path, loop, names, subject.given()) if closer else (),
            awaited=self._awaited(path, loop) if closer else (),
            outside=self.outside.inside(path, loop) if closer else (),
            passes=self.sieves.passing(tree, path, loop, subject.node, names) if closer else "",
            same=asks and self.steady.same(path, subject.node, loop),
            pauses=(closer or asks) and self.pauses.beside(path, loop, subject.node),
            filled=filled(self.influence, tree, path, loop, subject.node, names) if closer else (),
            queried=closer and over >= 0 and self._queried(path, over),
            opens=closer and not self.evaluator.javascript(path) and opens(tree, loop, names),
            stored=closer and self._stored(path, loop, names),
            at_once=closer and at_once_elsewhere(tree, loop, subject.node, through, partial(self._is_listed, path)),
            without=self.loops.differences.sources(path, sides) if sides else (),
            mutual=bool(sides) and self.loops.differences.mutual(path, sides),
        )

    def _is_listed(self, path: str, call: int) -> bool:
        """Whether a call's first argument is a list: surely, or by the host's own method that makes one."""
        tree = self.evaluator.tree(path)
        given = tree.child(call, Role.ARGUMENT)
        language = "javascript" if self.evaluator.javascript(path) else "python"
        named = given >= 0 and tree.kinds[given] == Kind.CALL and tree.kinds[given + 1] == Kind.ATTRIBUTE
        row = self.evaluator.tables.untyped[language].get(tree.value(given + 1)) if named else None
        return listed(self.evaluator, Site(path, call, None)) or (
            row is not None and (row.element or row.list == "same")
        )

    def _stored(self, path: str, loop: int, names: tuple[str, ...]) -> bool:
        """Whether a loop's element is surely a row: by the first place in the loop that reads it."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.NAME, loop, tree.ends[loop])
        while node >= 0:
            if tree.value(node) in names and tree.roles[node] != Role.TARGET:
                return self.handing.inserted.of_row(path, node, names)
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[loop])
        return False

    def _queried(self, path: str, iterable: int) -> bool:
        """Whether an expression is surely a query that runs where it is iterated."""
        types = self.evaluator.tables.types
        found = list(options(self.evaluator.value(path, iterable)))
        return bool(found) and all(
            isinstance(value, Instance)
            and any(types[cls.name].runs_on for cls in self.evaluator.classes.library_types(value.cls))
            for value in found
        )

    def _awaited(self, path: str, loop: int) -> tuple[Place, ...]:
        """The expressions behind `await` inside a loop."""
        tree = self.evaluator.tree(path)
        found: list[Place] = []
        node = tree.kinds.find(Kind.AWAIT, loop, tree.ends[loop])
        while node >= 0:
            found.append(self._place(path, node + 1))
            node = tree.kinds.find(Kind.AWAIT, node + 1, tree.ends[loop])
        return tuple(found)

    def _kept(self, subject: _Subject, loop: int, names: tuple[str, ...]) -> bool:
        """Whether what the subject gives is kept in a store that outlives the loop."""
        tree = self.evaluator.tree(subject.path)
        stores = subject.stores()
        if tree.kinds[loop] == Kind.FUNCTION:  # what all elements give together, where a function is run for each
            call = tree.parents[loop]
            function = self.evaluator.scope(subject.path).function(call)
            stores += self.preconditions.kept(subject.path, call, function, names=False)
        return any(
            store.root not in names and (store.binding < 0 or not tree.contains(loop, store.binding))
            for store in stores
        )

    def span(self, place: Place) -> int:
        """The node of a loop whose frame was given, or -1."""
        return self._spans.get(place, -1)

    def _comprehension(self, path: str, node: int, subject: _Subject) -> Frame:
        tree = self.evaluator.tree(path)
        clause = next(tree.with_role(node, Role.CLAUSE), -1)
        names: tuple[str, ...] = ()
        for each in tree.with_role(node, Role.CLAUSE):
            target = tree.child(each, Role.TARGET)
            names += tuple(self.evaluator.scope(path).targets(target)) if target >= 0 else ()
        iterable = tree.child(clause, Role.ITERABLE) if clause >= 0 else -1
        return self._element(
            subject,
            node,
            names,
            source=self._iterable_words(path, iterable),
            construct="comprehension",
            nature=self.loops.iterated(path, iterable) if iterable >= 0 else Nature.UNKNOWN,
            concurrent=gathered(tree, node),
            through=iterable,
            seeks=tree.value(node) == "generator" and self._sought(path, node),
        )

    def _sought(self, path: str, node: int) -> bool:
        """Whether elements are handed to what stops at the first that it looks for."""
        tree = self.evaluator.tree(path)
        call = tree.parents[node]
        if tree.kinds[call] != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
            return False
        return any(row.iterates == "until-first" for row in self.loops.counters.rows(path, call))

    def _closure(self, path: str, function: int, subject: _Subject) -> Frame | None:
        """The frame of a function literal whose fate is known; None when it is a function of its own."""
        tree = self.evaluator.tree(path)
        handed = handed_to(tree, function)
        if handed is None:
            return self._called_in_place(path, function, tree.parents[function])
        parent, index = handed
        callback = callback_of(self.evaluator, path, parent, index)
        if callback is None:
            return None
        if callback.fate == "each":
            concurrent = callback.concurrent or gathered(tree, parent)
            each = self._each(path, parent, function, subject, iterated_by(tree, parent, callback), concurrent)
            if callback.chunks:
                each = msgspec.structs.replace(each, nature=Nature.CHUNK)
            return msgspec.structs.replace(each, thread=True) if callback.thread else each
        if callback.fate == "transaction":
            return Frame("transaction", self._place(path, parent), thread=callback.thread)
        if callback.fate in ("once", "builder", "conditional"):
            return Frame("closure", self._place(path, parent), thread=callback.thread)
        return None

    def handed(self, path: str, node: int) -> Frame | None:
        """The frame of a call that runs what stands there as an argument once per element, which is no function literal
        (`map(getter, rows)`); None where nothing does."""
        tree = self.evaluator.tree(path)
        handed = handed_to(tree, node)
        callback = callback_of(self.evaluator, path, *handed) if handed is not None else None
        if handed is None or callback is None or callback.fate != "each":
            return None
        call = handed[0]
        iterated = iterated_by(tree, call, callback)
        return Frame(
            "loop",
            self._place(path, call),
            source=self._iterable_words(path, iterated),
            construct=tree.value(call + 1),
            nature=self.loops.iterated(path, iterated) if iterated >= 0 else Nature.EACH,
            dependent=True,
            concurrent=callback.concurrent or gathered(tree, call),
            thread=callback.thread,
        )

    def _run_by(self, path: str, node: int) -> list[Frame]:
        """The frame of a call that runs a member which it is handed as a function; none where nothing does."""
        tree = self.evaluator.tree(path)
        handed = handed_to(tree, node)
        callback = callback_of(self.evaluator, path, *handed) if handed is not None else None
        if handed is None or callback is None:
            return []
        if callback.fate == "once":
            return [Frame("closure", self._place(path, handed[0]), thread=callback.thread)]
        each = self.handed(path, node)
        return [each] if each is not None else []

    def _called_in_place(self, path: str, function: int, parent: int) -> Frame | None:
        tree = self.evaluator.tree(path)
        if parent >= 0 and tree.kinds[parent] == Kind.CALL and tree.roles[function] == Role.CALLEE:
            return Frame("closure", self._place(path, parent))
        return None

    def _each(self, path: str, node: int, function: int, subject: _Subject, iterated: int, concurrent: bool) -> Frame:
        tree = self.evaluator.tree(path)
        scope = self.evaluator.scope(path)
        names: list[str] = []
        for parameter in tree.with_role(function, Role.PARAMETER):
            name = tree.value(parameter)
            target = tree.child(parameter, Role.TARGET)
            names += [name] if name else list(scope.targets(target)) if target >= 0 else []
        return self._element(
            subject,
            function,
            tuple(names),
            source=self._iterable_words(path, iterated),
            construct=tree.value(node + 1),
            nature=self.loops.iterated(path, iterated) if iterated >= 0 else Nature.EACH,
            place=self._place(path, node),
            concurrent=concurrent,
            through=iterated,
        )

    def _resolved(self, path: str, function: int, subject: _Subject) -> Frame | None:
        """The frame of a server that calls a function for each object of a list, of which it gives a field; None where
        none does."""
        listed = self.resolvers.listed(path, function)
        if not listed:
            return None
        each = self._each(path, function, function, subject, -1, concurrent=True)
        return msgspec.structs.replace(each, source=listed, construct="resolver")

    def words(self, path: str, node: int) -> str:
        """An expression's chain of words, for people."""
        return _words(self.evaluator.tree(path), node)

    def read(self, path: str, node: int) -> str:
        """What reads an attribute, for people, also where that is named by a string."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.STRING:
            return tree.value(node)
        owner, names = node, ""
        while tree.kinds[owner] == Kind.ATTRIBUTE:
            owner, names = owner + 1, f".{tree.value(owner)}{names}"
        named = self._read_by_name(path, tree, owner)
        return f"{named}{names}" if named else _words(tree, node)

    def gathered(self, path: str, node: int) -> bool:
        """Whether what a call gives is awaited at once with all others."""
        return gathered(self.evaluator.tree(path), node)

    def iterated(self, path: str, node: int) -> Nature:
        """What iterating an expression is."""
        return self.loops.iterated(path, node)

    def _iterable_words(self, path: str, iterable: int) -> str:
        """What is iterated, for people: the list behind `enumerate(…)`, the object behind `Object.entries(…)`, the
        attribute that `getattr(…)` reads, what `[None, *rows]` and `rows + [None]` have besides a few elements."""
        if iterable < 0:
            return ""
        tree = self.evaluator.tree(path)
        for _ in range(8):
            argument = _most(tree, iterable)
            if tree.kinds[iterable] == Kind.CALL and tree.kinds[iterable + 1] in (Kind.NAME, Kind.ATTRIBUTE):
                argument = self.loops.wrapped(path, iterable)
            if argument < 0:
                break
            iterable = argument
        return self._read_by_name(path, tree, iterable) or _words(tree, iterable)

    def _read_by_name(self, path: str, tree: Tree, call: int) -> str:
        """The attribute that a call reads by its name, which stands in the source; "" for any other expression."""
        given = [*tree.with_role(call, Role.ARGUMENT)] if tree.kinds[call] == Kind.CALL else []
        if len(given) < 2 or tree.kinds[given[1]] != Kind.STRING or not tree.value(given[1]).isidentifier():
            return ""
        if not any(row.returns.startswith("member:") for row in self.loops.counters.rows(path, call)):
            return ""
        owner = _words(tree, given[0])
        return f"{owner}.{tree.value(given[1])[:LONGEST_KEY]}" if owner else ""


def _most(tree: Tree, node: int) -> int:
    """The part that most elements of an expression come from, which has no chain of words itself; -1: none."""
    kind = tree.kinds[node]
    if kind in _LISTS:
        spread = [tree.child(child, Role.VALUE) for child in tree.children(node) if tree.kinds[child] == Kind.SPREAD]
        return spread[0] if len(spread) == 1 else -1
    if kind == Kind.BINARY and tree.value(node) in ("+", "|"):
        sides = [tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)]
        return next((side for side in sides if side >= 0 and tree.kinds[side] not in _LISTS), -1)
    if kind == Kind.CONDITIONAL:
        sides = [tree.child(node, Role.BODY), tree.child(node, Role.ELSE)]
        return next((side for side in sides if side >= 0 and tree.kinds[side] not in (*_LISTS, Kind.CONSTANT)), -1)
    if kind == Kind.COMPREHENSION:
        clause = tree.child(node, Role.CLAUSE)
        return tree.child(clause, Role.ITERABLE) if clause >= 0 else -1
    return -1


_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)


def _words(tree: Tree, node: int) -> str:
    words: list[str] = []
    for _ in range(8):
        kind = tree.kinds[node]
        if kind == Kind.ATTRIBUTE:
            words.append(tree.value(node))
            node += 1
        elif kind in (Kind.CALL, Kind.NAME):
            if kind == Kind.NAME:
                words.append("this" if tree.has(node, Flag.SELF) else tree.value(node))
                break
            words.append("()")
            node += 1
        elif kind == Kind.SUBSCRIPT:
            words.append(_index(tree, node))
            node += 1
        elif kind in (Kind.AWAIT, Kind.CAST) or (kind == Kind.BINARY and tree.value(node) in ("or", "??")):
            node += 1
        else:
            break
    text = ""
    for word in reversed(words):
        text += word if word in ("", "()") or word[0] == "[" else ("." if text else "") + word
    return text


def _index(tree: Tree, subscript: int) -> str:
    """The brackets of a subscript, with the key where it is one word; "" for a part of a list, which is one, too."""
    index = tree.child(subscript, Role.INDEX)
    kind = tree.kinds[index] if index >= 0 else Kind.OPAQUE
    if kind == Kind.SLICE:
        return ""
    if kind == Kind.STRING:
        return f"['{tree.value(index)[:LONGEST_KEY]}']"
    return f"[{tree.value(index)}]" if kind in (Kind.NUMBER, Kind.NAME) else "[…]"
