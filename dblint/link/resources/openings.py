"""Finds the calls that open something, and makes facts of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dblint.facts.program import Effect, Exit, FileRole, Resource
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.closed import closed
from dblint.link.resources.fates import Fate, Fates
from dblint.link.resources.paths import Events, exits
from dblint.link.values import BoundMember, FunctionValue, Instance, LibraryClass, LibraryFunction, Value, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.environment import Environment
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames
    from dblint.link.types import Evaluator

WRAPPED = 2
"""Functions of the project between what opens a value and the one that has to close it."""
ONCE = 3
"""Functions between a command, or a module, and the one that opens a value for as long as the program lives."""

_TURNS = frozenset({"end", "continue"})
"""How a turn of a loop ends that another may follow."""
_COMING_BACK = frozenset({"return", "end", "raise"})


class _Opened(NamedTuple):
    """What a call opens: its type, the library, the member that closes it, whether it takes nothing before it is used,
    whether a pool lends it, and the pool's member that takes it back where it has none of its own."""

    kind: str
    library: str
    closing: str
    lazy: bool
    lent: bool = False
    taking: str = ""


_Candidate: TypeAlias = tuple[str, int, _Opened | None]
"""A call, and what it opens where that is known."""


class Openings:
    """Collects the resources of a project. Built once, after the calls."""

    def __init__(
        self,
        evaluator: Evaluator,
        functions: Functions,
        frames: Frames,
        roles: Mapping[str, FileRole],
        environment: Environment,
    ) -> None:
        self.evaluator = evaluator
        self.environment = environment
        self.functions = functions
        self.frames = frames
        self.roles = roles
        self.fates = Fates(evaluator)
        self._kinds = _kinds(evaluator.tables)
        """The types of what members and functions open."""
        self._leaving = _leaving(evaluator.tables)

    def collect(self, asked: frozenset[FileRole] | None) -> Iterator[Resource]:
        """The resources that functions of files of these roles open; None for all."""
        seen: set[tuple[str, int]] = set()
        level: list[_Candidate] = [(path, node, None) for path, node in self._candidates()]
        for _ in range(WRAPPED + 1):
            following: list[_Candidate] = []
            for path, node, through in level:
                if (path, node) in seen or (asked is not None and self.roles.get(path, FileRole.APP) not in asked):
                    continue
                found = through or self._opened(path, node)
                if found is None:
                    continue  # nor is it one by its word: a function of the project may give it
                seen.add((path, node))
                resource, given, lazy = self._resource(path, node, found, wrapped=through is not None)
                if resource is not None:
                    yield resource
                if given is not None and not self.functions.keeps(given):
                    following += [(*site, found._replace(lazy=lazy)) for site in self.functions.callers(given)]
            level = following

    def _candidates(self) -> Iterator[tuple[str, int]]:
        """Calls whose word may be that of a row that opens something."""
        opening, makers = _opening(self.evaluator.tables)
        words = set(opening)
        for maker in makers:
            words.update(self._holding(maker))
        for word in sorted(words):
            yield from self.evaluator.words.imported(word)

    def _holding(self, maker: str) -> Iterator[str]:
        """The names that are given what makes values when it is called (`Session = sessionmaker()`)."""
        for path, call in self.evaluator.words.imported(maker):
            tree = self.evaluator.tree(path)
            parent = tree.parents[call]
            if tree.kinds[parent] == Kind.ASSIGN:
                for target in tree.with_role(parent, Role.TARGET):
                    if tree.kinds[target] in (Kind.NAME, Kind.ATTRIBUTE):
                        yield tree.value(target)

    def _opened(self, path: str, node: int) -> _Opened | None:
        """What a call opens; None for nothing."""
        tree = self.evaluator.tree(path)
        for argument in tree.with_role(node, Role.ARGUMENT):
            if any(isinstance(option, FunctionValue) for option in options(self.evaluator.value(path, argument))):
                return None  # what is opened is given to that function
        for option in options(self.evaluator.value(path, node + 1)):
            row = self.fates.row(option)
            if row is not None and row.opens and not self._borrows(path, node, row):
                dialect, sure = self.environment.dialect(path, self._library(option))
                if sure and dialect in row.shared:
                    continue
                value = self.evaluator.value(path, node)
                lent = Effect.ACQUIRE.value in row.effects
                return _Opened(
                    self._type(value),
                    self._library(option),
                    self._closing(value, row),
                    row.opens == "used",
                    lent,
                    self._taking(value, option) if lent and isinstance(option, BoundMember) else "",
                )
        return None

    def _closing(self, value: Value, row: Member) -> str:
        """The member that closes what a row opens: what a pool lends is given back."""
        ways = (Effect.RELEASE.value, Effect.CLOSE.value)
        for effect in ways if Effect.ACQUIRE.value in row.effects else reversed(ways):
            for owner in self.fates.types(value):
                for name, member in owner.members.items():
                    if effect in member.effects:
                        return name
        return ""

    def _taking(self, value: Value, option: BoundMember) -> str:
        """The member of a pool that takes back what it lends, "" where that is given back by its own."""
        if any(
            Effect.RELEASE.value in member.effects for row in self.fates.types(value) for member in row.members.values()
        ):
            return ""
        tables = self.evaluator.tables
        owners = tables.lineages.get(option.owner, ())
        members = [each for owner in owners for each in tables.types[owner].members.items()]
        return next((name for name, member in members if Effect.RELEASE.value in member.effects), "")

    def _borrows(self, path: str, node: int, row: Member) -> bool:
        """Whether it is made on something opened that it is given, which somebody else closes."""
        tree = self.evaluator.tree(path)
        if row.borrows:
            found = find(self.evaluator, row.borrows, Site(path, node, None))
            if found.sites or found.open:
                return True
        for argument in tree.with_role(node, Role.ARGUMENT):
            value = tree.child(argument, Role.VALUE) if tree.kinds[argument] == Kind.KEYWORD else argument
            if value >= 0 and self._type(self.evaluator.value(path, value)) in self._kinds:
                return True
        return False

    def _library(self, option: Value) -> str:
        tables = self.evaluator.tables
        if isinstance(option, LibraryFunction):
            return tables.functions[option.path][0]
        if isinstance(option, LibraryClass):
            return tables.library(option.name)
        if isinstance(option, BoundMember):
            return tables.library(option.owner)
        if isinstance(option, Instance):
            types = self.evaluator.classes.library_types(option.cls)
            return tables.library(types[0].name) if types else ""
        return ""

    def _type(self, value: Value) -> str:
        for option in options(value):
            if isinstance(option, Instance):
                types = self.evaluator.classes.library_types(option.cls)
                return types[0].name if types else self.evaluator.classes.class_name(option.cls)
        return ""

    def _resource(
        self, path: str, node: int, opened: _Opened, *, wrapped: bool
    ) -> tuple[Resource | None, FunctionValue | None, bool]:
        """The fact; the function whose callers get the value instead, and whether that was not used yet there."""
        evaluator, lazy = self.evaluator, opened.lazy
        tree = evaluator.tree(path)
        function = evaluator.scope(path).function(node)
        lasts = function >= 0 and self._of_the_program(path, function)
        if function < 0 or closed(evaluator, path, node) or (lasts and not self._repeated(path, node)):
            return None, None, lazy
        parent = tree.parents[node]
        while tree.kinds[parent] in (Kind.AWAIT, Kind.CAST):
            parent = tree.parents[parent]
        given = parent if tree.kinds[parent] == Kind.RETURN else -1
        if given >= 0 or parent == function:
            return None, FunctionValue(path, function), lazy
        fate = self.fates.of(path, node, function)
        if fate.escapes:
            given_on = FunctionValue(path, function) if fate.escapes == "returned" else None
            return None, given_on, lazy and not fate.wakes
        leaves = frozenset(self._leaves(path, function))
        events = Events(
            node,
            frozenset(fate.ends),
            frozenset(self._failing(path, node, function, fate)),
            leaves,
            frozenset(fate.contexts),
            frozenset(fate.names),
            frozenset(fate.wakes) if lazy else None,
            frozenset(fate.takes),
        )
        turn = self._loop(path, node, function) if lasts else function
        found = exits(tree, turn, events)
        if found is None:
            return None, None, lazy
        if lasts:
            # What leaves the function ends the program, and with it what the last turn of the loop opened.
            found = [("end", at) for word, at in found if word in _TURNS]
        if not fate.ends and not any(word in _COMING_BACK for word, _ in found):
            return None, None, lazy  # the program ends with this function, or lives in it
        return (
            Resource(
                place=self._place(path, node),
                kind=opened.kind,
                name=fate.name,
                source=self.frames.words(path, node),
                function=self.functions.id(path, function),
                role=self.roles.get(path, FileRole.APP),
                exits=tuple(
                    Exit(word, self._place(path, at)) for word, at in sorted(found, key=lambda item: item[::-1])
                ),
                closed=tuple(self._place(path, at) for at in sorted({*fate.ends, *fate.contexts})),
                handed=fate.handed,
                entered=fate.kept,
                closing=opened.closing,
                idiom=opened.library,
                lent=opened.lent,
                lender=self._lender(path, node) if opened.taking and not wrapped else "",
                taking=opened.taking,
            ),
            None,
            lazy,
        )

    def _lender(self, path: str, call: int) -> str:
        """What the member that is called belongs to, as written."""
        owner = self.evaluator.tree(path).child(call + 1, Role.OBJECT)
        return self.frames.words(path, owner) if owner >= 0 else ""

    def _of_the_program(self, path: str, function: int, depth: int = 0) -> bool:
        """Whether a function runs once, because a process was started: a command, one that only modules call, or a
        plain one that such functions call outside of loops. What it opens lives as long as the program, as theirs
        does."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[function]
        if tree.kinds[parent] == Kind.CALL and tree.roles[function] == Role.CALLEE:
            return self.evaluator.scope(path).function(parent) < 0
        value = FunctionValue(path, function)
        command = self.functions.entries.command(value)
        beside = self.functions.aside(path)
        sites = [
            (file, call, self.evaluator.scope(file).function(call))
            for file, call in self.functions.callers(value)
            if beside or not self.functions.aside(file)
        ]
        inner = [site for site in sites if site[2] >= 0]
        if not inner:
            return command or bool(sites)
        if depth >= ONCE or not (command or self._plain(value)):
            return False
        return all(
            not self._repeated(file, call) and self._of_the_program(file, caller, depth + 1)
            for file, call, caller in inner
        )

    def _plain(self, function: FunctionValue) -> bool:
        """Whether all calls of a function can be seen: neither is it handed on, nor may a framework call it."""
        tree = self.evaluator.tree(function.path)
        aside = tree.has(function.node, Flag.METHOD) or tree.child(function.node, Role.DECORATOR) >= 0
        return not aside and not self.functions.handed_on(function)

    def _repeated(self, path: str, node: int) -> bool:
        """Whether a loop around a node reaches it more than once."""
        return next(self._loops(path, node), -1) >= 0

    def _loops(self, path: str, node: int) -> Iterator[int]:
        """Where the loops begin that reach a node more than once."""
        for frame in self.frames.of(path, node)[0]:
            if frame.kind == "loop" and not frame.leaves:
                yield frame.place.start

    def _loop(self, path: str, node: int, function: int) -> int:
        """The nearest statement around a node that reaches it more than once; the function where there is none."""
        tree = self.evaluator.tree(path)
        starts = set(self._loops(path, node))
        for parent in tree.ancestors(node):
            if parent == function or (tree.kinds[parent] == Kind.LOOP and tree.starts[parent] in starts):
                return parent
        return function

    def _failing(self, path: str, call: int, function: int, fate: Fate) -> Iterator[int]:
        """What may fail while the value is open. What prepares it for the block that closes it in the end (`BEGIN` in
        front of the `try`) is written there by everybody."""
        tree = self.evaluator.tree(path)
        last = max((parent for end in fate.ends if (parent := _finally(tree, end)) >= 0), default=-1)
        for node in {*fate.uses, *self._awaits(path, function, fate.names)}:
            prepares = call < node < last and any(node <= use < tree.ends[node] for use in fate.uses)
            if not prepares:
                yield node

    def _awaits(self, path: str, function: int, names: set[int]) -> Iterator[int]:
        """Waiting for something else may fail, too, while the value is open."""
        if not names:
            return
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.AWAIT, function, tree.ends[function])
        while node >= 0:
            if self.evaluator.scope(path).function(node) == function:
                yield node
            node = tree.kinds.find(Kind.AWAIT, node + 1, tree.ends[function])

    def _leaves(self, path: str, function: int) -> Iterator[int]:
        """The calls in a function that end the program."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.CALL, function, tree.ends[function])
        while node >= 0:
            if tree.kinds[node + 1] in (Kind.NAME, Kind.ATTRIBUTE) and tree.value(node + 1) in self._leaving:
                yield node
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[function])

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])


def _finally(tree: Tree, end: int) -> int:
    """The `try` that always closes by this call, or -1."""
    child = end
    for parent in tree.ancestors(end):
        if tree.kinds[parent] == Kind.TRY and tree.roles[child] == Role.FINALLY:
            return parent
        if tree.kinds[parent] == Kind.FUNCTION:
            return -1
        child = parent
    return -1


@derived
def _kinds(tables: Tables) -> frozenset[str]:
    return frozenset(
        gives if ":" in gives else f"{library.name}:{gives}"
        for library in tables.libraries.values()
        for rows in (*(row.members for row in library.types.values()), library.functions)
        for gives in (row.returns.rpartition("=")[2] for row in rows.values() if row.opens)
    )


@derived
def _leaving(tables: Tables) -> frozenset[str]:
    return frozenset(
        path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.leaves
    )


@derived
def _opening(tables: Tables) -> tuple[frozenset[str], frozenset[str]]:
    """The last words of what opens something, and of what makes values that do when they are called."""
    words: set[str] = set()
    makers: set[str] = set()
    for row in tables.types.values():
        words.update(name for name, member in row.members.items() if member.opens)
        last = {path.replace("#", ".").rpartition(".")[2] for path in row.path}
        if row.construct is not None and row.construct.opens:
            words |= last
        if row.call is not None and row.call.opens:
            makers |= last
    words.update(path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.opens)
    return frozenset(words), frozenset(makers)
