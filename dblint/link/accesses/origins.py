"""Where rows come from: the query that gave them, followed from the place where they are used back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from dblint.facts.query import Bound, Clause, Element, Query, Source, Verb, When
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.accesses.excluding import Excluding
from dblint.link.accesses.gathered_rows import GatheredRows
from dblint.link.accesses.lending import Lending
from dblint.link.accesses.mentioned import Mentioned
from dblint.link.accesses.origins_askers import Askers
from dblint.link.accesses.sharing import Sharing
from dblint.link.arguments import Site, find
from dblint.link.model_readers.shared import ON_READ, Related
from dblint.link.values import (
    ONE_OF_SEVERAL,
    BoundMember,
    Class,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dblint.libraries.grammar import Member, Type, Untyped
    from dblint.link.chains.chains import Chains
    from dblint.link.environment import Environment
    from dblint.link.loops.loops import Loops
    from dblint.link.models import Models
    from dblint.link.types import Evaluator

STEPS = 24
"""Names, wrappers, calls and alternatives through which rows are followed back."""
NESTED = 12
"""Loops inside loops, each over a relation of the one around it, that are followed."""
SOURCES = 4
"""Queries that the rows of one place may be of, until it cannot be said."""
At: TypeAlias = tuple[str, int, Context | None]
"""An expression, and in whose name it is read."""


class Origin(msgspec.Struct, frozen=True):
    """The query that gave rows of a model.

    `sure`: nothing that cannot be read comes between. `many`: it gives any number of rows. `relation`: it asks for the
    rows of this relation of one row, `parent` where that can be followed further; `bare`: for all of them, as they may
    have been loaded before; `alone`: no query of the program does that. `awaited`: it is run in a way in which nothing
    is loaded later; `raises` is what reading it raises then. `models`: those that it is of in turn, this one among
    them; () where it is of one. `looked`: attributes that were read of each row before, when it was put into a list.
    `through`: the functions that say a part of it, or that it was followed back through, each by its file and node, -1
    for the code of a module. `beside`: the models whose rows it gives in the same tuples.
    """

    query: Query
    place: Place
    idiom: str
    model: Class
    many: bool
    relation: Related | None = None
    parent: Row | None = None
    bare: bool = False
    awaited: bool = False
    models: tuple[Class, ...] = ()
    alone: bool = False
    through: frozenset[tuple[str, int]] = frozenset()
    looked: frozenset[str] = frozenset()
    beside: tuple[Class, ...] = ()
    raises: str = ""


def _limited(origin: Origin, limit: Bound) -> Origin:
    query = origin.query
    elements = (*query.limit.elements, Element(limit))
    limits = msgspec.structs.replace(query.limit, elements=elements)
    return msgspec.structs.replace(origin, query=msgspec.structs.replace(query, limit=limits))


class Row(msgspec.Struct, frozen=True):
    """A row: of a query, behind relations to one row each. `origin` is None where its query cannot be said.

    What has `parts` is no row but a tuple that holds some, each at its place; `numbers`: it is the number of a row in
    the list that is called so."""

    model: Class
    origin: Origin | None = None
    path: tuple[Related, ...] = ()
    parts: tuple[Row | None, ...] = ()
    numbers: str = ""

    def along(self, related: Related) -> Row | None:
        """The row that one of its relations leads to."""
        if not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        return Row(related.model, self.origin, (*self.path, related))


class Origins:
    """Follows rows back. One per evaluator."""

    def __init__(
        self, evaluator: Evaluator, chains: Chains, models: Models, loops: Loops, environment: Environment
    ) -> None:
        self.evaluator = evaluator
        self.chains = chains
        self.models = models
        self.loops = loops
        self.environment = environment
        self.excluding = Excluding(evaluator)
        self.lending = Lending(evaluator)
        self.mentioned = Mentioned(evaluator)
        self.sharing = Sharing(self)
        self.gathered = GatheredRows(self)
        self.askers = Askers(evaluator)
        self._rows: dict[At, tuple[Origin, ...]] = {}
        self._open: set[At] = set()
        self._steps: dict[Place, tuple[str, int]] = {}
        """Where queries of lazy values were said, by their places."""

    # Several rows

    def rows(self, path: str, node: int, context: Context | None = None) -> tuple[Origin, ...]:
        """The queries of which an expression may hold the rows; none where one of them cannot be said. `context`: in
        whose name the code is read."""
        key = (path, node, context)
        if key in self._open or len(self._open) >= NESTED:
            return ()
        found = self._rows.get(key)
        if found is None:
            self._open.add(key)
            try:
                found = self._rows[key] = self._followed(key)
            finally:
                self._open.discard(key)
        return found

    def _followed(self, begin: At) -> tuple[Origin, ...]:
        """First as the code is for everyone; where that says nothing, as it is for the objects that it is asked of."""
        found, depends = self._walked(begin, anew=begin[2] is not None)
        return self._walked(begin, anew=True)[0] if depends and not found else found

    def _walked(self, begin: At, *, anew: bool) -> tuple[tuple[Origin, ...], bool]:
        """The queries, and whether they depend on the objects whose methods are called on the way. `anew`: what these
        methods give is read for each of them, and a query of theirs is one of the call."""
        pending, seen = [begin], {begin}
        taken: set[At] = set()  # what a member is called on that takes rows of a model out of it
        found: dict[tuple[Place, Class], Origin] = {}
        limits: dict[At, Bound] = {}  # the slices around what is looked at
        shared: dict[At, Site] = {}  # the calls of methods that the library's own callers ask
        called: dict[At, Place] = {}  # the calls of methods that are read for the object that is asked
        mappings: set[At] = set()  # what holds the rows in lists, by keys
        looked: dict[At, frozenset[str]] = {}  # what was read of the rows before
        depends = False
        for _ in range(STEPS):
            if not pending:
                break
            current = pending.pop()
            path, node, context = current
            put = self.gathered.behind(path, node, mapping=current in mappings)
            behind: tuple[list[Origin], list[At]] | None
            if put is not None:
                held = [(*each, context if each[0] == path else None) for each in (*put.rows, *put.mappings)]
                mappings.update(held[len(put.rows) :])
                behind = ([], held)
            else:
                behind = self._behind(*current, current in taken, anew) if current not in mappings else None
            if not anew:
                depends = depends or self._depends(path, node)
            if behind is None:
                return (), depends
            origins, further = behind
            before = looked.get(current, frozenset()) | (put.looked if put is not None else frozenset())
            if before:
                looked.update((each, before) for each in further)
                origins = [msgspec.structs.replace(origin, looked=before) for origin in origins]
            limit = limits.get(current) or self._sliced(path, node)
            if limit is not None:
                limits.update((each, limit) for each in further)
                origins = [_limited(origin, limit) for origin in origins]
            asked = shared.get(current) or self.sharing.call(path, node)
            if asked is not None:
                shared.update((each, asked) for each in further)
                origins = [self.sharing.asked(origin, asked) for origin in origins]
            place = called.get(current)
            if place is not None:
                origins = [msgspec.structs.replace(origin, place=place) for origin in origins]
            elif context is None and any(each[2] is not None for each in further):
                place = self.chains.place(Site(path, node, None))
            if place is not None:
                called.update((each, place) for each in further)
            found.update(((origin.place, origin.model), origin) for origin in origins)
            pending += [each for each in further if each not in seen]
            seen.update(further)
            if current in taken or self._takes(*current):
                taken.update(further)
        places = {place for place, _ in found}
        if pending or len(places) > SOURCES:
            return (), depends
        through = self._functions((path, node) for path, node, _ in seen)
        replaced = (msgspec.structs.replace(each, through=each.through | through) for each in found.values())
        return tuple(replaced), depends

    def _functions(self, nodes: Iterable[tuple[str, int]]) -> frozenset[tuple[str, int]]:
        """The functions that nodes stand in."""
        return frozenset((path, self.evaluator.scope(path).function(node)) for path, node in nodes)

    def _depends(self, path: str, node: int) -> bool:
        """Whether an expression calls a method that may ask for other rows for each object that has it."""
        if self.evaluator.tree(path).kinds[node] != Kind.CALL:
            return False
        callees = options(self.evaluator.value(path, node + 1))
        return any(isinstance(each, FunctionValue) and self.askers.decide(each) for each in callees)

    def _sliced(self, path: str, node: int) -> Bound | None:
        """How many rows a slice leaves, where it says an end."""
        tree = self.evaluator.tree(path)
        index = tree.child(node, Role.INDEX) if tree.kinds[node] == Kind.SUBSCRIPT else -1
        stop = tree.child(index, Role.STOP) if index >= 0 and tree.kinds[index] == Kind.SLICE else -1
        if stop < 0:
            return None
        number = self.models.surroundings.plain.constant(Site(path, stop, None))
        return Bound(int(number)) if number.isdecimal() else Bound(usual=self.chains.usual.number(path, stop))

    def _overridden(self, origins: list[Origin]) -> bool:
        """Whether a query of a lazy value is said in a method that overrides the library's own."""
        steps = [self._steps[origin.place] for origin in origins if origin.place in self._steps]
        return any(self.sharing.holds(path, node) for path, node in steps)

    def _takes(self, path: str, node: int, context: Context | None) -> bool:
        """Whether a call gives rows of a model that it takes out of what it is called on."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
            return False
        return self._model(self.evaluator.elements.element(self.evaluator.value(path, node, context))) is not None

    def _behind(
        self, path: str, node: int, context: Context | None, taken: bool, anew: bool
    ) -> tuple[list[Origin], list[At]] | None:
        """The queries that an expression itself is, and the expressions that it stands for; None: cannot say."""
        tree = self.evaluator.tree(path)
        kind = tree.kinds[node]
        if kind in (Kind.AWAIT, Kind.CAST):
            return [], [(path, node + 1, context)]
        if kind == Kind.CONDITIONAL:
            return [], [(path, tree.child(node, Role.BODY), context), (path, tree.child(node, Role.ELSE), context)]
        if kind == Kind.BINARY and tree.value(node) in ("or", "??"):
            return [], [(path, tree.child(node, Role.LEFT), context), (path, tree.child(node, Role.RIGHT), context)]
        left = tree.child(node, Role.LEFT) if kind == Kind.BINARY and tree.value(node) == "|" else -1
        if left >= 0 and not self._empty(path, left, context):
            # What the first of two queries loads along is loaded with the rows of both.
            return ([], [(path, left, context)]) if self._lazy(path, left, context) is not None else None
        if kind in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return ([], []) if tree.ends[node] == node + 1 else None
        if kind == Kind.COMPREHENSION:
            return self._sieved(path, node, context)
        lazy = self._lazy(path, node, context)
        if lazy is not None:
            named = self._named(path, node, context) if kind == Kind.NAME and self._overridden(lazy) else None
            return named if named is not None and named[1] else (lazy, [])
        if kind == Kind.NAME:
            return self._named(path, node, context)
        if kind == Kind.CALL:
            return self._called(path, node, context, taken, anew)
        if kind == Kind.SUBSCRIPT:
            index = tree.child(node, Role.INDEX)
            return ([], [(path, node + 1, context)]) if index >= 0 and tree.kinds[index] == Kind.SLICE else None
        if kind == Kind.ATTRIBUTE:
            origin = self._relation(path, node, context)
            kept = self._kept(path, node) or self._page(path, node, context) if origin is None else []
            return ([origin], []) if origin is not None else ([], kept) if kept else None
        return None

    def _known(self, value: Value) -> Sequence[Value]:
        """What a value may be, but for what packages give that nothing describes and lists that a call makes empty, if
        it may be anything else."""
        found = options(value)
        return [option for option in found if not self._says_nothing(option)] or found

    def _says_nothing(self, value: Value | None) -> bool:
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            return tree.kinds[value.node] == Kind.CALL and tree.child(value.node, Role.ARGUMENT) < 0
        return isinstance(value, ExternalValue)

    def _empty(self, path: str, node: int, context: Context | None) -> bool:
        """Whether an expression may be a query that gives nothing, so that another one united with it is that one."""
        found = options(self.evaluator.value(path, node, context))
        return any(isinstance(option, Instance) and option.empty() for option in found)

    def _lazy(self, path: str, node: int, context: Context | None) -> list[Origin] | None:
        """The queries of lazy values, but for those that hold no rows; None where an expression holds something
        else."""
        found: list[Origin] = []
        for option in self._known(self.evaluator.value(path, node, context)):
            if isinstance(option, Instance) and option.empty():
                continue
            origin = self._of_chain(option, path, node) if isinstance(option, Instance) else None
            if origin is None or self._any_model(origin.model):
                return None
            found.append(origin)
        if len(found) > 1:
            found = self._reached(path, node, found)
        models: dict[Place, dict[Class, None]] = {}
        for origin in found:
            models.setdefault(origin.place, {})[origin.model] = None
        return [msgspec.structs.replace(origin, models=tuple(models[origin.place])) for origin in found]

    def _reached(self, path: str, node: int, found: list[Origin]) -> list[Origin]:
        """The queries that may be those of an expression as the branches go: not one that was said where a name is
        something else than it is here."""
        said = [self._steps.get(origin.place, ("", -1)) for origin in found]
        kept = [
            origin
            for origin, (where, step) in zip(found, said, strict=True)
            if where != path or not self.excluding.excludes(path, node, step)
        ]
        return kept or found

    def _any_model(self, model: Class) -> bool:
        """Whether a model is that of which a library's models all are, and says nothing: whose rows they are, those say
        who call the code (`self` of a class of queries)."""
        row = self._type(model) if isinstance(model, LibraryClass) else None
        return row is not None and bool(row.declares) and not row.table

    def _of_chain(self, chain: Instance, path: str, node: int) -> Origin | None:
        row = self._type(chain.cls)
        if row is None or not row.runs_on or not chain.steps:
            return None
        model = self._model(self.evaluator.elements.element(chain))
        if model is None or not self._whole(chain):
            return None
        library = self.library(chain.cls)
        site = Site(path, node, None)
        query = self.chains.implicit(chain, site, self.environment.dialect(path, library)[0])[0]
        written = [step for step in chain.steps if step.node >= 0]
        # Where it is said for all of its rows: what is asked for sometimes may stand in a function that others share.
        last = next((step for step in reversed(written) if step.when is When.ALWAYS), written[-1] if written else None)
        place = self.chains.place(Site(last.path, last.node, None) if last is not None else site)
        if last is not None:
            self._steps[place] = (last.path, last.node)
        related, parent, bare = self._narrowed(chain, site)
        alone, through = self._alone(related, parent), self._functions((step.path, step.node) for step in written)
        return Origin(query, place, library, model, True, related, parent, bare, alone=alone, through=through)

    def of_value(self, chain: Value, site: Site) -> Origin | None:
        """The query that a value runs which a class gives as the rows that it shows; `site` is where it says so."""
        if not isinstance(chain, Instance):
            return None
        row = self._type(chain.cls)
        if chain.steps or row is None or not row.runs_on or not row.delegates:
            return self._of_chain(chain, site.path, site.node)
        model = self._model(self.evaluator.elements.element(chain))
        if model is None:
            return None
        library = self.library(chain.cls)
        query = self.chains.implicit(chain, site, self.environment.dialect(site.path, library)[0])[0]
        return Origin(query, self.chains.place(site), library, model, True)

    def _narrowed(self, chain: Instance, site: Site) -> tuple[Related | None, Row | None, bool]:
        """The relation whose rows a chain asks for, the row that it is read of, and whether for all of them."""
        at = next(
            (at for at, step in enumerate(chain.steps) if step is not ONE_OF_SEVERAL and step.narrows),
            -1,
        )
        if at < 0:
            return None, None, False
        bare = not chain.open and all(step.member.loaded for step in chain.steps[at + 1 :])
        handle = self.chains.handle(chain, site)
        tree = self.evaluator.tree(handle.path)
        if tree.kinds[handle.node] != Kind.ATTRIBUTE:
            return None, None, bare
        owner = self.evaluator.value(handle.path, handle.node + 1)
        related = self.models.relation(owner.cls, tree.value(handle.node)) if isinstance(owner, Instance) else None
        return related, self.row(handle.path, handle.node + 1), bare

    def _whole(self, chain: Instance) -> bool:
        """Whether the rows of a chain are rows of its model: no step asks for anything else of them."""
        for step in chain.steps:
            columns = step.member.columns
            if columns is None or columns.reader != "operators" or columns.loads or step.node < 0:
                continue
            if not step.member.builds or not self._entity(Site(step.path, step.node, step.context)):
                return False
        return True

    def _entity(self, call: Site) -> bool:
        """Whether a call is given one class and nothing else."""
        tree = self.evaluator.tree(call.path)
        given = list(tree.with_role(call.node, Role.ARGUMENT))
        return len(given) == 1 and isinstance(self.evaluator.value(call.path, given[0], call.context), ProjectClass)

    def _named(self, path: str, node: int, context: Context | None) -> tuple[list[Origin], list[At]] | None:
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        name = tree.value(node)
        reached = scope.reaching(node, name)
        if not reached or self.lending.may_load(path, node, name):
            return None
        further: list[At] = []
        elsewhere: list[At] = []
        assigned = [binding for binding, _ in reached if tree.kinds[binding] == Kind.ASSIGN]
        for binding, _ in reached:
            kind = tree.kinds[binding]
            if any(tree.contains(tree.parents[later], binding) for later in assigned if binding < later < node):
                continue  # every way from here leads through the later one
            if len(reached) > 1 and self.excluding.excludes(path, node, binding):
                continue
            if kind == Kind.ASSIGN:
                target, value = tree.child(binding, Role.TARGET), tree.child(binding, Role.VALUE)
                if tree.value(binding) or value < 0 or tree.kinds[target] != Kind.NAME:
                    return None
                held = self.evaluator.value(path, value, context) if len(reached) > 1 else None
                (elsewhere if self._says_nothing(held) else further).append((path, value, context))
            elif kind == Kind.PARAMETER:
                given = self._handed(path, tree.parents[binding], binding)
                if not given:
                    return None
                further += [(*each, None) for each in given]
            elif kind in (Kind.LOOP, Kind.CLAUSE) and (grouped := self._grouped(path, binding, name)) >= 0:
                further.append((path, grouped, context))
            elif kind != Kind.CALL or self.loops.counters.list_word(path, binding) != "same":
                return None
        # What a package that nothing describes made of the rows on some way says nothing of those on the others.
        return [], further or elsewhere

    def _grouped(self, path: str, loop: int, name: str) -> int:
        """The rows that a call puts into groups, where a loop gives a name each of these; -1 for everything else."""
        tree = self.evaluator.tree(path)
        target, iterable = tree.child(loop, Role.TARGET), tree.child(loop, Role.ITERABLE)
        if target < 0 or iterable < 0 or tree.kinds[target] != Kind.TUPLE or tree.kinds[iterable] != Kind.CALL:
            return -1
        parts = list(tree.children(target))
        if len(parts) != 2 or tree.kinds[parts[1]] != Kind.NAME or tree.value(parts[1]) != name:
            return -1
        groups = any(row.iterates == "groups" for row in self.loops.counters.rows(path, iterable))
        return tree.child(iterable, Role.ARGUMENT) if groups else -1

    def _kept(self, path: str, node: int) -> list[At]:
        """What the calls of a class hand to its constructor, where that keeps it under the name that is read, and
        nothing else is kept under it."""
        tree = self.evaluator.tree(path)
        cls = next((parent for parent in tree.ancestors(node) if tree.kinds[parent] == Kind.CLASS), -1)
        if cls < 0 or tree.kinds[node + 1] != Kind.NAME or self._receiver(path, node + 1) < 0:
            return []
        members = self.evaluator.files[path].interface.classes[cls].members.get(tree.value(node), ())
        value = tree.child(members[0], Role.VALUE) if len(members) == 1 else -1
        function = self.evaluator.scope(path).function(members[0]) if value >= 0 else -1
        if function < 0 or tree.value(function) not in hosts.CONSTRUCTORS or tree.kinds[value] != Kind.NAME:
            return []
        bound = self.evaluator.scope(path).reaching(value, tree.value(value)) or []
        if len(bound) != 1 or tree.kinds[bound[0][0]] != Kind.PARAMETER:
            return []
        return [(*each, None) for each in self.evaluator.parameters.passed(path, function, bound[0][0])]

    def _page(self, path: str, node: int, context: Context | None) -> list[At]:
        """What holds rows of a model, of which an attribute gives all that it holds (`page.items`)."""
        given = self.evaluator.value(path, node, context)
        owner = options(self.evaluator.value(path, node + 1, context))
        page = owner[0] if len(owner) == 1 else None
        if not isinstance(given, ListOf) or not isinstance(page, Instance) or not self._is_library(page):
            return []
        types = self.evaluator.classes.library_types(page.cls)
        found = self.evaluator.tables.member(types[0].name, self.evaluator.tree(path).value(node))
        row = found[1] if found is not None else None
        whole = row is not None and row.attribute and not row.run and self._model(given.element) is not None
        return [(path, node + 1, context)] if whole and self.evaluator.elements.element(page) == given.element else []

    def _receiver(self, path: str, node: int) -> int:
        """The parameter that a name is, if it is what a method is called on; else -1."""
        bound = self.evaluator.scope(path).reaching(node, self.evaluator.tree(path).value(node)) or []
        tree, binding = self.evaluator.tree(path), bound[0][0] if len(bound) == 1 else -1
        if binding < 0 or tree.kinds[binding] != Kind.PARAMETER:
            return -1
        return binding if self.evaluator.parameters.position(path, tree.parents[binding], binding) == -1 else -1

    def _handed(self, path: str, function: int, parameter: int) -> list[tuple[str, int]]:
        """What callers hand in for a parameter: the queries that a method of theirs is called on, where it is those."""
        parameters = self.evaluator.parameters
        if parameters.position(path, function, parameter) != -1:
            return parameters.handed(path, function, parameter)
        tree = self.evaluator.tree(path)
        cls = next((each for each in tree.ancestors(function) if tree.kinds[each] == Kind.CLASS), -1)
        row = self._type(ProjectClass(path, cls)) if cls >= 0 else None
        if row is None or not row.runs_on:
            return []
        found: list[tuple[str, int]] = []
        for where, call in self.evaluator.words.called(tree.value(function)):
            own = self.evaluator.tree(where)
            callees = options(self.evaluator.value(where, call + 1)) if own.kinds[call + 1] == Kind.ATTRIBUTE else ()
            if any(isinstance(each, FunctionValue) and (each.path, each.node) == (path, function) for each in callees):
                found.append((where, call + 2))
        return found

    def _called(
        self, path: str, node: int, context: Context | None, taken: bool, anew: bool
    ) -> tuple[list[Origin], list[At]] | None:
        wrapped = self.loops.wrapped(path, node)
        if wrapped >= 0:
            return [], [(path, wrapped, context)]
        behind = max(self._some(path, node), self._mapped(path, node))
        if behind >= 0:
            return [], [(path, behind, context)]
        tree = self.evaluator.tree(path)
        if any(row.iterates == "joined" for row in self.loops.counters.rows(path, node)):
            given = list(tree.with_role(node, Role.ARGUMENT))
            whole = given and all(tree.kinds[each] not in (Kind.SPREAD, Kind.KEYWORD) for each in given)
            return ([], [(path, each, context) for each in given]) if whole else None
        keyed = self._keyed(path, node)
        if keyed is not None:
            return [keyed], []
        origins: list[Origin] = []
        further: list[At] = []
        for option in self._known(self.evaluator.value(path, node + 1, context)):
            if isinstance(option, FunctionValue):
                returned = list(self.evaluator.returns(option))
                if self.evaluator.tree(option.path).has(option.node, Flag.GENERATOR) or not returned:
                    return None
                inner = None
                if anew and (context is not None or self.askers.decide(option)):
                    inner = self.evaluator.called.context(option, path, node, context)
                further += [(option.path, each, inner) for each in returned]
            elif isinstance(option, BoundMember):
                row = self.evaluator.rows.row_of(option)
                if row is not None and row.run:
                    origin = self._run(option, row, path, node, context, taken)
                    if origin is None or not origin.many:
                        return None
                    origins.append(origin)
                elif row is not None and row.eager is not None:
                    return None  # rows of a statement that was written out, for which more is loaded
                elif tree.kinds[node + 1] == Kind.ATTRIBUTE and not self._of_columns(path, node, context):
                    further.append((path, node + 2, context))
                else:
                    return None
            elif isinstance(option, LibraryFunction) and (
                origin := self._by_function(option, path, node, context, taken)
            ):
                origins.append(origin)
            elif isinstance(option, LibraryClass) and (paged := self._paged(option, path, node)):
                further += [(*each, context) for each in paged]
            else:
                return None
        return (origins, further) if origins or further else None

    def _by_function(
        self, function: LibraryFunction, path: str, node: int, context: Context | None, taken: bool
    ) -> Origin | None:
        """The query of a library's function that gives the rows of one that it is handed."""
        row = self.evaluator.rows.row_of(function)
        if row is None or not row.run or row.query is None:
            return None
        origin = self._run(function, row, path, node, context, taken)
        return origin if origin is not None and origin.many else None

    def _some(self, path: str, node: int) -> int:
        """The rows that a function is given which gives some of them (`filter(wanted, rows)`); -1 for none."""
        rows = self.loops.counters.rows(path, node)
        if len(rows) != 1 or rows[0].reduces != "filter" or rows[0].callback is None:
            return -1
        sites = find(self.evaluator, rows[0].callback.over, Site(path, node, None)).sites
        return sites[0].node if len(sites) == 1 and sites[0].path == path else -1

    def _mapped(self, path: str, node: int) -> int:
        """The rows that a mapping was made of, where a call gives what it holds, with its keys or without
        (`{row.key: row for row in rows}.values()`); -1 for everything else."""
        tree = self.evaluator.tree(path)
        row = self._of_the_host(path, node)
        if row is None or row.iterates != "same" or row.list or tree.child(node, Role.ARGUMENT) >= 0:
            return -1
        made = node + 2
        if tree.kinds[made] == Kind.NAME:
            reached = self.evaluator.scope(path).reaching(made, tree.value(made)) or []
            binding = reached[0][0] if len(reached) == 1 else -1
            if binding < 0 or tree.kinds[binding] != Kind.ASSIGN or self.lending.may_load(path, made, tree.value(made)):
                return -1
            made = tree.child(binding, Role.VALUE)
        if made < 0 or tree.kinds[made] != Kind.COMPREHENSION:
            return -1
        clauses, value = list(tree.with_role(made, Role.CLAUSE)), tree.child(made, Role.VALUE)
        if len(clauses) != 1 or value < 0:
            return -1
        target = tree.child(clauses[0], Role.TARGET)
        same = tree.kinds[target] == tree.kinds[value] == Kind.NAME and tree.value(target) == tree.value(value)
        return tree.child(clauses[0], Role.ITERABLE) if same else -1

    def _keyed(self, path: str, node: int) -> Origin | None:
        """The query whose rows a mapping holds, each by its key, where a call gives them all."""
        tree = self.evaluator.tree(path)
        row = self._of_the_host(path, node)
        if row is None or row.iterates != "same" or row.list or row.string == "keys":
            return None
        if tree.child(node, Role.ARGUMENT) >= 0:
            return None
        found = self._by_key(path, node + 2)
        return found.origin if found is not None else None

    def _of_the_host(self, path: str, call: int) -> Untyped | None:
        """What a call of a member does to a value of the host's own."""
        tree = self.evaluator.tree(path)
        if tree.kinds[call] != Kind.CALL or tree.kinds[call + 1] != Kind.ATTRIBUTE:
            return None
        language = "javascript" if self.evaluator.javascript(path) else "python"
        return self.evaluator.tables.untyped[language].get(tree.value(call + 1))

    def _of_columns(self, path: str, node: int, context: Context | None) -> bool:
        """Whether a call gives a query of a model whose rows are no rows of it (`values_list()`)."""
        given = options(self.evaluator.value(path, node, context))
        for option in given:
            row = self._type(option.cls) if isinstance(option, Instance) else None
            if row is None or not row.model or not row.runs_on or row.element != "row":
                return False
        return bool(given)

    def _paged(self, cls: LibraryClass, path: str, node: int) -> list[tuple[str, int]]:
        """The query whose rows an object hands out in pages."""
        row = self.evaluator.tables.types[cls.name].construct
        sites = find(self.evaluator, row.paginates, Site(path, node, None)).sites if row and row.paginates else ()
        return [(site.path, site.node) for site in sites]

    def _run(
        self,
        member: BoundMember | LibraryFunction,
        row: Member,
        path: str,
        node: int,
        context: Context | None,
        taken: bool = False,
    ) -> Origin | None:
        """The query of a call that gives rows of a model; `taken`: they are taken out of what it gives."""
        if row.run not in ("select", "text"):
            return None
        chain = member.receiver if isinstance(member, BoundMember) else None
        if row.run == "select" and chain is not None and not self._whole(chain):
            return None
        given = self.evaluator.value(path, node, context)
        listed = isinstance(given, ListOf) or (isinstance(given, Instance) and self._is_library(given))
        model = self._model(self.evaluator.elements.element(given) if listed else given)
        if model is None and taken and isinstance(given, Instance):
            held = [value for _, value in given.arguments if isinstance(value, ProjectClass)]
            model = held[0] if len(held) == 1 and self.word(held[0], "lazy") else None
        if model is None:
            return None
        site = Site(path, node, context)
        if row.run == "text" and row.query is None:
            if chain is not None and any(step.member.eager is not None for step in chain.steps):
                return None  # what its rows load was said before
            return self._written(model, self.chains.place(site), many=listed)
        library = self.library(chain.cls if chain is not None else model)
        name = member.name if isinstance(member, BoundMember) else member.path.rpartition(".")[2]
        queries, texts = self.chains.run(chain, row, site, self.environment.dialect(path, library)[0], name)
        if texts or len(queries) != 1:
            return None
        receiver = self._type(chain.cls) if chain is not None else None
        awaited = receiver.blocking is False if receiver is not None else row.blocking is False
        query = queries[0]
        related, parent, bare = self._narrowed(chain, site) if chain is not None else (None, None, False)
        alone = self._alone(related, parent)
        steps = [(step.path, step.node) for step in chain.steps if step.node >= 0] if chain is not None else []
        through = self._functions([*steps, (path, node)])
        place = self.chains.place(site)
        raises = receiver.raises_later if receiver is not None else ""
        return Origin(
            query, place, library, model, listed, related, parent, bare, awaited, (), alone, through, raises=raises
        )

    def _written(self, model: Class, place: Place, *, many: bool) -> Origin | None:
        """A statement that is written out and gives rows of a model (`Book.objects.raw(…)`): it loads no others."""
        table = self.models.table(model)
        source = Source(table.name if table is not None else "", model=self.evaluator.classes.class_name(model))
        query = Query(Verb.SELECT, place, sources=Clause((Element(source),)))
        return Origin(query, place, self.library(model), model, many) if many else None

    def _is_library(self, value: Instance) -> bool:
        return isinstance(value.cls, LibraryClass) and not self.models.relations(value.cls)

    def _sieved(self, path: str, node: int, context: Context | None) -> tuple[list[Origin], list[At]] | None:
        """A list of some of the elements of another one, as they are."""
        tree = self.evaluator.tree(path)
        clauses = list(tree.with_role(node, Role.CLAUSE))
        body = tree.child(node, Role.BODY)
        if len(clauses) != 1 or tree.kinds[body] != Kind.NAME:
            return None
        target, iterable = tree.child(clauses[0], Role.TARGET), tree.child(clauses[0], Role.ITERABLE)
        same = tree.kinds[target] == Kind.NAME and tree.value(target) == tree.value(body)
        return ([], [(path, iterable, context)]) if same else None

    def _relation(self, path: str, node: int, context: Context | None) -> Origin | None:
        """The rows of a relation that an attribute gives as a list."""
        tree = self.evaluator.tree(path)
        owner = self.evaluator.value(path, node + 1, context)
        if not isinstance(owner, Instance):
            return None
        related = self.models.relation(owner.cls, tree.value(node))
        if related is None or not related.many or not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        return self.of_relation(self.row(path, node + 1), related, self.chains.place(Site(path, node, None)))

    def of_relation(self, parent: Row | None, related: Related, place: Place) -> Origin | None:
        """The rows that a relation of one row gives, all of them."""
        if not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        table = self.models.table(related.model)
        source = Source(table.name if table is not None else "", model=self.evaluator.classes.class_name(related.model))
        query = Query(Verb.SELECT, place, sources=Clause((Element(source),)))
        alone, model = self._alone(related, parent), related.model
        return Origin(query, place, self.library(model), model, True, related, parent, True, alone=alone)

    def _alone(self, related: Related | None, parent: Row | None) -> bool:
        """Whether the rows of a relation, read of a row whose query cannot be said, were surely not loaded before."""
        if (
            related is None
            or (parent is not None and parent.origin is not None)
            or related.relation.eager not in ("", ON_READ)
        ):
            return False
        model = related.model
        if not isinstance(model, (ProjectClass, LibraryClass)) or (related.inverse and self.word(model, "identity")):
            return False
        return not self.mentioned.any_of(related.name, self.evaluator.classes.class_name(model))

    # One row

    def row(self, path: str, node: int) -> Row | None:
        """The row that an expression holds, with its query where that can be said."""
        walked: list[str] = []
        found: Row | None = None
        for _ in range(STEPS):
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if kind in (Kind.AWAIT, Kind.CAST):
                node += 1
            elif kind == Kind.ATTRIBUTE:
                walked.append(tree.value(node))
                node += 1
            elif kind == Kind.SUBSCRIPT:
                found = self._one(self.rows(path, node + 1)) or self._by_key(path, node + 1)
                break
            elif kind == Kind.CALL:
                behind = self._given(path, node)
                if isinstance(behind, Row):
                    found = behind
                    break
                if behind is None:
                    return None
                path, node = behind
            elif kind == Kind.NAME:
                behind = self._held(path, node)
                if isinstance(behind, Row):
                    found = behind
                    break
                if behind is None:
                    return None
                path, node = behind
            else:
                return None
        for name in reversed(walked):
            related = self.models.relation(found.model, name) if found is not None else None
            if found is None or related is None or related.many:
                return None
            found = found.along(related)
        return found

    def element(self, path: str, loop: int) -> int:
        """The NAME that a loop, or the clause of a comprehension, gives each element; -1 where it takes it apart."""
        tree = self.evaluator.tree(path)
        target, iterable = tree.child(loop, Role.TARGET), tree.child(loop, Role.ITERABLE)
        if target < 0 or iterable < 0:
            return -1
        if tree.kinds[target] == Kind.NAME:
            return target
        parts = list(tree.children(target)) if tree.kinds[target] == Kind.TUPLE else []
        if len(parts) != 2 or tree.kinds[parts[1]] != Kind.NAME or tree.kinds[iterable] != Kind.CALL:
            return -1
        rows = self.loops.counters.rows(path, iterable)
        # Rows are not taken apart, so that what goes through a single list and gives two things counts.
        counted = any(row.iterates == "same" and row.consumed == "0" and not row.string for row in rows)
        return parts[1] if counted else -1

    def taken(self, path: str, loop: int) -> tuple[int, int]:
        """The NAME that a loop gives each of some rows, and the expression that holds these: one of several lists that
        it goes through together (`zip(rows, others)`), or what a mapping has beside its keys, too. -1 for none."""
        tree = self.evaluator.tree(path)
        element = self.element(path, loop)
        iterable = tree.child(loop, Role.ITERABLE)
        target = tree.child(loop, Role.TARGET)
        if element >= 0 or iterable < 0 or tree.kinds[target] != Kind.TUPLE or tree.kinds[iterable] != Kind.CALL:
            return element, iterable
        parts = list(tree.children(target))
        row = self._of_the_host(path, iterable)
        if (
            row is not None
            and len(parts) == 2
            and tree.kinds[parts[1]] == Kind.NAME
            and (self._mapped(path, iterable) >= 0 or self._keyed(path, iterable) is not None)
        ):
            return parts[1], iterable
        together = [row for row in self.loops.counters.rows(path, iterable) if row.iterates == "same"]
        given = list(tree.with_role(iterable, Role.ARGUMENT))
        if not together or any(row.consumed != "0+" for row in together) or len(given) != len(parts):
            return -1, -1
        for part, each in zip(parts, given, strict=True):
            if tree.kinds[part] == Kind.NAME and tree.kinds[each] != Kind.SPREAD and self.rows(path, each):
                return part, each
        return -1, -1

    @staticmethod
    def _one(origins: tuple[Origin, ...]) -> Row | None:
        return Row(origins[0].model, origins[0]) if len(origins) == 1 else None

    def _by_key(self, path: str, node: int) -> Row | None:
        """One of the rows that an expression holds in a mapping, each by its key."""
        key = (path, node, None)
        if key in self._open or len(self._open) >= NESTED:
            return None
        self._open.add(key)
        try:
            return self._in_mapping(path, node)
        finally:
            self._open.discard(key)

    def _in_mapping(self, path: str, node: int) -> Row | None:
        for _ in range(STEPS):
            tree = self.evaluator.tree(path)
            if tree.kinds[node] == Kind.NAME:
                reached = self.evaluator.scope(path).bindings(node, tree.value(node)) or []
                binding = reached[0][0] if len(reached) == 1 else -1
                if binding < 0 or tree.kinds[binding] != Kind.ASSIGN or tree.value(binding):
                    return None
                if self.lending.may_load(path, node, tree.value(node)):
                    return None
                node = tree.child(binding, Role.VALUE)
            elif tree.kinds[node] == Kind.CALL:
                callees = options(self.evaluator.value(path, node + 1))
                callee = callees[0] if len(callees) == 1 else None
                row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
                given = self.evaluator.value(path, node)
                held = self._type(given.cls) if isinstance(given, Instance) else None
                if row is None or held is None or not held.keyed or not isinstance(callee, BoundMember):
                    return None
                origin = self._run(callee, row, path, node, None, taken=True)
                return Row(origin.model, msgspec.structs.replace(origin, many=True)) if origin is not None else None
            elif tree.kinds[node] == Kind.AWAIT:
                node += 1
            else:
                return None
            if node < 0:
                return None
        return None

    def _given(self, path: str, node: int) -> Row | tuple[str, int] | None:
        """The row that a call gives, or the expression that gives it."""
        if self.loops.counters.list_word(path, node) == "lookup":
            of = self.evaluator.tree(path).kinds[node + 1] == Kind.ATTRIBUTE
            if of and (found := self._by_key(path, node + 2)) is not None:
                return found
        callees = options(self.evaluator.value(path, node + 1))
        callee = callees[0] if len(callees) == 1 else None
        if isinstance(callee, FunctionValue):
            other = self.evaluator.tree(callee.path)
            returned = [each for each in self.evaluator.returns(callee) if other.kinds[each] != Kind.CONSTANT]
            return (callee.path, returned[0]) if len(returned) == 1 else None
        if not isinstance(callee, (BoundMember, LibraryFunction)):
            return None
        row = self.evaluator.rows.row_of(callee)
        if row is None or not row.run or (isinstance(callee, LibraryFunction) and row.query is None):
            return None
        origin = self._run(callee, row, path, node, None)
        return Row(origin.model, origin) if origin is not None and not origin.many else None

    def _held(self, path: str, node: int) -> Row | tuple[str, int] | None:
        """The row that a name holds, or the expression that it was given."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        if tree.has(node, Flag.SELF):
            return None
        reached = scope.reaching(node, tree.value(node))
        binding = reached[0][0] if reached and len(reached) == 1 else -1
        if binding < 0:
            return None
        kind = tree.kinds[binding]
        if kind in (Kind.LOOP, Kind.CLAUSE):
            target, iterable = self.taken(path, binding)
            if target < 0 or tree.value(target) != tree.value(node):
                return None
            return self._one(self.rows(path, iterable))
        if kind == Kind.ASSIGN:
            target, value = tree.child(binding, Role.TARGET), tree.child(binding, Role.VALUE)
            plain = not tree.value(binding) and value >= 0 and tree.kinds[target] == Kind.NAME
            return (path, value) if plain else None
        if kind == Kind.PARAMETER:
            given = self.evaluator.parameters.handed(path, tree.parents[binding], binding)
            return given[0] if len(given) == 1 else None
        return None

    # Types

    def _model(self, value: Value) -> Class | None:
        """The model that a row is of, where its relations lead to the database again."""
        found = {option.cls for option in options(value) if isinstance(option, Instance)}
        if len(found) != 1 or any(not isinstance(option, Instance) for option in options(value)):
            return None
        cls = found.pop()
        return cls if isinstance(cls, (ProjectClass, LibraryClass)) and self.leads_on(cls) else None

    def leads_on(self, cls: Class) -> bool:
        """Whether relations of a model's rows lead to the database again: they are loaded when they are read, or give
        what asks for them."""
        if self.word(cls, "lazy") or self.word(cls, "related"):
            return True
        return any(related.relation.eager == ON_READ for related in self.models.relations(cls).values())

    def word(self, cls: Class, name: str) -> bool:
        """Whether a word of a type's row holds of a class."""
        types = self.evaluator.tables.types
        return any(getattr(types[base.name], name) for base in self.evaluator.classes.library_types(cls))

    def gives_handle(self, related: Related) -> bool:
        """Whether a relation to several rows gives what asks for them, and not the rows."""
        return isinstance(related.model, (ProjectClass, LibraryClass)) and self.word(related.model, "related")

    def _type(self, cls: Class) -> Type | None:
        types = self.evaluator.classes.library_types(cls)
        return self.evaluator.tables.types[types[0].name] if types else None

    def library(self, cls: Class) -> str:
        """The library whose idioms say how a query is written."""
        tables = self.evaluator.tables
        for base in self.evaluator.classes.library_types(cls):
            for ancestor in tables.lineages.get(base.name, (base.name,)):
                library = tables.library(ancestor)
                if "eager-load-one" in tables.libraries[library].idioms:
                    return library
        return ""
