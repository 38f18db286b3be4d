"""The relations that loops read of the rows of a query, in their own code and in what they call."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts import query
from dblint.facts.program import Access, Call, Effect, FileRole, Passage
from dblint.facts.query import Column, Compare
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.accesses.fallbacks import Fallbacks
from dblint.link.accesses.loading import RAISES, UNSAID, YES, covers, loaded
from dblint.link.accesses.origins import NESTED, Origin, Origins, Row
from dblint.link.accesses.origins_entities import Entities
from dblint.link.accesses.pinning import one_row
from dblint.link.accesses.reading import Passed, Read, Reading, Readings
from dblint.link.accesses.working import Working
from dblint.link.arguments import Site, find
from dblint.link.loops.callbacks import callback_of, handed_to, iterated_by
from dblint.link.loops.preconditions import Guard, conditions
from dblint.link.model_readers.shared import ON_READ, Related
from dblint.link.values import Class, ExternalValue, FunctionValue, LibraryClass, ProjectClass, Unknown, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.loops.frames import Frames

PASSAGES = 3
"""Calls between a loop and what reads a row that are followed."""
_LOOPS = frozenset({Kind.LOOP, Kind.COMPREHENSION})
_PER_ELEMENT = re.compile(b"[" + re.escape(bytes([Kind.LOOP, Kind.CLAUSE, Kind.FUNCTION])) + b"]", re.DOTALL)
_PER_ELEMENT_OR_CALLED = re.compile(
    b"[" + re.escape(bytes([Kind.LOOP, Kind.CLAUSE, Kind.FUNCTION, Kind.CALL])) + b"]", re.DOTALL
)
READS = 400
"""Relations that one loop reads, and calls that it makes of its rows, as far as they are followed."""


class Way(msgspec.Struct, frozen=True):
    """What is still to be read for a loop: what a function, or the loop itself, does with its rows."""

    readings: Readings
    path: str
    row: Row
    top: int
    steps: tuple[Passed, ...] = ()
    sites: tuple[tuple[str, int], ...] = ()


class Accesses:
    """Collects accesses. One per evaluator."""

    def __init__(self, origins: Origins, functions: Functions, frames: Frames, calls: Sequence[Call]) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.functions = functions
        self.frames = frames
        self.reading = Reading(origins, functions)
        self.entities = Entities(origins)
        self.fallbacks = Fallbacks(self.evaluator, origins.models)
        self.working = Working(self.evaluator, origins.models, frames.outside)
        self._names = frozenset(self._members())
        """What a row of some model may be asked for that leads to another one; none where no model loads lazily."""
        functions_of = self.evaluator.tables.functions.items()
        self._getters = frozenset(name.rpartition(".")[2] for name, (_, row) in functions_of if row.getter)
        """What makes functions that read attributes is called so."""
        self._within: dict[tuple[str, int, int, Class], Readings] = {}
        self._calls: dict[tuple[str, int], list[Call]] = {}
        self._asked: dict[str, list[Call]] = {}
        for call in calls:
            if Effect.QUERY in call.effects:
                self._calls.setdefault((call.place.path, call.place.start), []).append(call)
                self._asked.setdefault(call.function, []).append(call)

    def collected(self, asked: Collection[FileRole] | None = None) -> tuple[Access, ...]:
        """What the loops read of files in these roles (None: of all), in order of place."""
        found: dict[tuple[Place, Place, tuple[str, ...], Place, str], Access] = {}
        if not self._names:
            return ()
        models = (model for model in self.origins.models.classes() if self.origins.leads_on(model))
        languages = {self.evaluator.javascript(model.path) for model in models}
        for path in sorted(self.evaluator.files):
            if self.evaluator.javascript(path) not in languages:
                continue
            if asked is not None and self.functions.role(path) not in asked:
                continue
            for access in self._of_file(path):
                found.setdefault((access.place, access.at, access.path, access.given, access.root), access)
        return tuple(sorted(found.values(), key=lambda access: (access.place, access.at, access.path)))

    def _of_file(self, path: str) -> Iterator[Access]:
        tree = self.evaluator.tree(path)
        set_before: dict[tuple[int, Place], set[tuple[str, ...]]] = {}
        """What earlier loops of a function set on the rows of a query."""
        getters = not self._getters.isdisjoint(tree.strings)
        for match in (_PER_ELEMENT_OR_CALLED if getters else _PER_ELEMENT).finditer(tree.kinds):
            node = match.start()
            kind = tree.kinds[node]
            if kind == Kind.CALL:
                if tree.value(node + 1) in self._getters:
                    yield from self._of_getter(path, node)
                continue
            if sum(tree.kinds[parent] in _LOOPS for parent in tree.ancestors(node)) >= NESTED:
                continue
            if kind == Kind.FUNCTION:
                element, iterable = self._closure_element(path, node), self._gone_through(path, node)
            else:
                element, iterable = self.origins.taken(path, node)
            others = list(self._beside(path, node)) if kind != Kind.FUNCTION else []
            if element < 0 and not others:
                continue
            if kind == Kind.CLAUSE:
                start, stop = tree.parents[node], tree.ends[tree.parents[node]]
            else:
                body = tree.child(node, Role.BODY)
                start, stop = (body, tree.ends[body]) if body >= 0 else (node, node)
            for name, row in others:
                if row.origin is not None and self._mentioned(path, name, start, stop):
                    known = set_before.setdefault((self.evaluator.scope(path).function(node), row.origin.place), set())
                    yield from self._of_loop(path, node, start, stop, row, known, name)
            if element < 0 or not self._mentioned(path, element, start, stop):
                continue
            for origin in self.origins.rows(path, iterable) if iterable >= 0 else ():
                known = set_before.setdefault((self.evaluator.scope(path).function(node), origin.place), set())
                seed = element if kind == Kind.FUNCTION else node
                yield from self._of_loop(path, seed, start, stop, Row(origin.model, origin), known)

    def _beside(self, path: str, loop: int) -> Iterator[tuple[int, Row]]:
        """The NAMEs that hold rows of a loop otherwise than as its elements: parts of tuples, numbers of a list."""
        yield from self.entities.taken_apart(path, loop)
        name, listed, held = self.entities.numbered(path, loop)
        origins = self.origins.rows(path, held) if name >= 0 else ()
        if len(origins) == 1:
            yield name, Row(origins[0].model, origins[0], numbers=listed)

    def _of_getter(self, path: str, call: int) -> Iterator[Access]:
        """What a function reads of each row that it is handed, which a library makes for attributes by their names."""
        iterable = self._gone_through(path, call)
        rows = [row for row in self.origins.loops.counters.rows(path, call) if row.getter] if iterable >= 0 else []
        frame = self.frames.handed(path, call)
        if len(rows) != 1 or frame is None:
            return
        tree = self.evaluator.tree(path)
        for origin in self.origins.rows(path, iterable):
            readings = Readings()
            for site in find(self.evaluator, rows[0].getter, Site(path, call, None)).sites:
                if site.path != path or tree.kinds[site.node] != Kind.STRING:
                    continue
                current: Row | None = Row(origin.model, origin)
                for name in tree.value(site.node).split("."):
                    related = self.origins.models.relation(current.model, name) if current is not None else None
                    if current is None or related is None:
                        break
                    readings.reads.append(Read(site.node, current, related))
                    current = None if related.many else current.along(related)
            for way, read, whole in self.followed(Way(readings, path, Row(origin.model, origin), -1)):
                access = self._access(way, read, whole)
                if access is not None:
                    yield msgspec.structs.replace(access, frames=(*access.frames, frame))

    def _closure_element(self, path: str, function: int) -> int:
        """The first parameter of a function that is written where it is handed on; -1 where it is none."""
        tree = self.evaluator.tree(path)
        parameter = tree.child(function, Role.PARAMETER)
        return parameter if handed_to(tree, function) is not None and parameter >= 0 and tree.value(parameter) else -1

    def _gone_through(self, path: str, function: int) -> int:
        """What is gone through by the call that runs such a function per element; -1 where none does."""
        tree = self.evaluator.tree(path)
        handed = handed_to(tree, function)
        callback = callback_of(self.evaluator, path, *handed) if handed is not None else None
        if handed is None or callback is None or callback.fate != "each" or callback.gives[:1] != ("element",):
            return -1
        return iterated_by(tree, handed[0], callback)

    def _members(self) -> Iterator[str]:
        """The relations and methods of models that load lazily."""
        models, classes = self.origins.models, self.evaluator.classes
        for model in models.classes():
            if not self.origins.leads_on(model):
                continue
            yield classes.class_name(model)  # under its name a tuple holds a row of it
            yield from models.relations(model)
            yield from models.inverses(model)
            for cls in classes.mro(model):
                if isinstance(cls, ProjectClass):
                    interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
                    yield from interface.members if interface is not None else ()  # none where a call makes the class
        for library in models.led_to():
            if self.origins.leads_on(library):
                yield from models.inverses(library)

    def _mentioned(self, path: str, element: int, start: int, stop: int) -> bool:
        """Whether an element is asked for something that may lead to another row, or handed on: a cheap question before
        dear ones."""
        tree = self.evaluator.tree(path)
        name = tree.value(element)
        node = tree.kinds.find(Kind.NAME, start, stop)
        while node >= 0:
            if tree.value(node) == name and node != element:
                parent = tree.parents[node]
                read = tree.kinds[parent] == Kind.ATTRIBUTE and tree.roles[node] == Role.OBJECT
                if not read or tree.value(parent) in self._names:
                    return True
            node = tree.kinds.find(Kind.NAME, node + 1, stop)
        return False

    def _of_loop(
        self,
        path: str,
        loop: int,
        start: int,
        stop: int,
        row: Row,
        known: set[tuple[str, ...]],
        element: int = -1,
    ) -> Iterator[Access]:
        """`known`: what earlier loops set on the rows, to which this one adds. `element`: as of `Reading.of`."""
        readings = self.reading.of(path, start, stop, {loop: row}, element)
        readings.assigned.update((way, -1) for way in known)
        known.update(readings.assigned)
        for way, read, whole in self.followed(Way(readings, path, row, -1)):
            access = self._access(way, read, whole)
            if access is not None:
                yield access

    def followed(self, begin: Way) -> Iterator[tuple[Way, Read, Row]]:
        """The relations that are read on a way and in what it calls, each with the row told from the query."""
        pending, looked = [begin], 0
        while pending and looked < READS:
            way = pending.pop(0)
            for read in way.readings.reads:
                looked += 1
                whole = whole_row(way.row, read.row)
                before = [given for given, at in way.readings.assigned.items() if at < read.node]
                if _assigned(before, read) or (way is not begin and _assigned(begin.readings.assigned, read, way.row)):
                    continue
                if self._happens(way, read.node):
                    yield way, read, whole
            for passed in way.readings.passed:
                looked += 1
                further = self._further(way, passed)
                if further is not None:
                    pending.append(further)

    # Through functions

    def _further(self, way: Way, passed: Passed) -> Way | None:
        function = passed.function
        if len(way.steps) >= PASSAGES or any(_same(step.function, function) for step in way.steps):
            return None
        if passed.call >= 0 and self.functions.memoises(function):
            return None
        if not self._happens(way, passed.node):
            return None
        readings = self.inside(function, passed.parameter, passed.row.model)
        if not readings.reads and not readings.passed:
            return None
        top = way.top if way.steps else passed.node
        whole = whole_row(way.row, passed.row)
        return Way(readings, function.path, whole, top, (*way.steps, passed), (*way.sites, (way.path, passed.node)))

    def inside(self, function: FunctionValue, parameter: int, model: Class) -> Readings:
        """What a function reads of the row that one of its parameters holds."""
        key = (function.path, function.node, parameter, model)
        found = self._within.get(key)
        if found is None:
            tree = self.evaluator.tree(function.path)
            body = tree.child(function.node, Role.BODY)
            start, stop = (body, tree.ends[body]) if body >= 0 else (function.node, function.node)
            seed = parameter if parameter >= 0 else tree.child(function.node, Role.PARAMETER)
            found = self._within[key] = self.reading.of(function.path, start, stop, {seed: Row(model)})
        return found

    def _happens(self, way: Way, node: int) -> bool:
        """Whether what is done at a node is done as a function is called here, and anew for each row: not only where
        something went wrong."""
        if self._failing(way.path, node):
            return False
        if not way.steps:
            return True
        step = way.steps[-1]
        function = step.function
        if any(store.reach == "outside" for store in self.frames.preconditions.kept(way.path, node, function.node)):
            return False
        if step.call < 0:
            return True
        return not any(
            self._refused(way, guard) for guard in self.frames.preconditions.of(way.path, node, function.node)
        )

    def _refused(self, way: Way, guard: Guard) -> bool:
        """Whether a condition on a parameter surely does not hold on a way: a function on it leaves the parameter to
        its default, or those behind hand on what it was left to."""
        asked: Guard | bool | None = guard
        sites = [("", -1)] * (len(way.steps) - len(way.sites)) + list(way.sites)
        for step, (path, _) in zip(reversed(way.steps), reversed(sites), strict=True):
            if not isinstance(asked, Guard) or step.call < 0 or not path:
                break
            given = self.frames.preconditions.given(step.function, asked.name, path, step.call, asked.key)
            asked = self.frames.preconditions.holds(asked, given, ())
        return asked is False

    def _failing(self, path: str, node: int) -> bool:
        """Whether a node stands where an error is handled or made."""
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(node):
            if tree.kinds[parent] in (Kind.CATCH, Kind.RAISE):
                return True
            if tree.kinds[parent] == Kind.CALL and self._makes_error(path, parent + 1):
                return True
            if tree.kinds[parent] in (Kind.FUNCTION, Kind.CLASS):
                return False
        return False

    def _makes_error(self, path: str, callee: int) -> bool:
        """Whether a call makes an exception, by the name that the language's convention gives those (PEP 8)."""
        name = self.evaluator.tree(path).value(callee)
        if not name.endswith(("Error", "Exception")):
            return False
        found = options(self.evaluator.value(path, callee))
        return all(isinstance(value, (ExternalValue, LibraryClass, ProjectClass, Unknown)) for value in found)

    # The fact

    def _access(self, way: Way, read: Read, row: Row) -> Access | None:
        related, origin = read.related, row.origin
        if origin is None or (not related.relation.kind and not related.inverse):
            return None
        tree = self.evaluator.tree(way.path)
        at = Place(way.path, tree.starts[read.node], tree.stops[read.node])
        handle = related.many and self.origins.gives_handle(related)
        if not handle and not self._asks(tree, read, row.model):
            return None
        said = loaded(row, related)
        if handle and said == YES and self.origins.word(row.model, "becomes_list"):
            return None
        calls = self.on(at) if handle else ()
        if handle and not calls:
            return None
        first_path, top = (way.sites[0][0], way.top) if way.steps else (way.path, read.node)
        place = self.origins.chains.place(Site(first_path, top, None))
        frames, function = self.frames.of(first_path, top)
        identifier = self.functions.id(first_path, function) if function >= 0 else ""
        classes, models = self.evaluator.classes, self.origins.models
        target = models.table(related.model)
        origin, walked = self.outermost(origin, (*row.path, related))
        path = tuple(each.name for each in walked)
        if any(self.origins.models.relation(model, path[0]) is None for model in origin.models):
            return None  # no query could load it for each of the models that it is of in turn
        session = self.origins.word(row.model, "identity")
        identity = session and not related.many
        if said != YES and identity and self._may_be_known(row, read, identifier, place):
            said = UNSAID
        return Access(
            place,
            at,
            related.name,
            "many-to-many" if related.relation.kind == "many-to-many" else "to-many" if related.many else "to-one",
            classes.class_name(row.model),
            path,
            classes.class_name(origin.model),
            self.target(related),
            target.name if target is not None else "",
            said,
            origin.query,
            origin.place,
            frames,
            tuple(
                Passage(
                    self.origins.chains.place(Site(where, node, None)),
                    self.frames.words(where, node),
                    self.functions.id(step.function.path, step.function.node),
                )
                for (where, node), step in zip(way.sites, way.steps, strict=True)
            ),
            any(each.many or isinstance(each.model, Unknown) for each in walked),
            handle,
            calls,
            identity and not self.origins.models.held_elsewhere(related),
            related.relation.columns if not related.inverse else (),
            identifier,
            self.functions.role(first_path),
            self.frames.read(way.path, read.node),
            origin.idiom,
            not related.many and self._nullable(row, related),
            self._partly(way, read.node),
            session,
            self._keyed(row, read),
            any(self.fallbacks.behind(where, node) for where, node in (*way.sites, (way.path, read.node))),
            self._unit(way, read),
            self._of_listed(origin),
            tuple(each.query_name or each.name for each in walked),
            row.origin.raises if said == RAISES and row.origin is not None else "",
        )

    def _asks(self, tree: Tree, read: Read, model: Class) -> bool:
        """Whether reading a relation that was not loaded asks for it."""
        if self.origins.word(model, "lazy") or read.related.relation.eager == ON_READ:
            return True
        above = tree.parents[read.node]
        if read.related.many:
            return False
        if tree.kinds[above] == Kind.ATTRIBUTE and self._loads(read.related.model, tree.value(above)):
            outer = tree.parents[above]
            return tree.kinds[outer] == Kind.CALL and tree.roles[above] == Role.CALLEE
        return tree.kinds[above] == Kind.AWAIT and self.origins.word(model, "awaits")

    def _loads(self, model: object, name: str) -> bool:
        """Whether a member of the row that a relation leads to loads it where it was not loaded."""
        if not isinstance(model, (ProjectClass, LibraryClass)):
            return False
        classes, tables = self.evaluator.classes, self.evaluator.tables
        found = [tables.member(cls.name, name) for cls in classes.library_types(model)]
        return any(member is not None and bool(member[1].run) and member[1].loaded for member in found)

    def _of_listed(self, origin: Origin) -> bool:
        """Whether a query asks for the rows of the one key that is in a list."""
        table = self.origins.models.table(origin.model)
        unique = table.unique_sets() if table is not None else ()
        return any(
            isinstance(condition := element.value, Compare)
            and condition.operator == "in"
            and isinstance(condition.left, Column)
            and not condition.left.relation
            and frozenset((condition.left.name,)) in unique
            and (place := condition.handed) is not None
            and (node := self.evaluator.handed.get(place, -1)) >= 0
            and self.origins.chains.usual.lists_one(place.path, node)
            for element in origin.query.conjuncts()
        )

    def _unit(self, way: Way, read: Read) -> bool:
        """Whether what reads the relation is a unit of work."""
        if any(self.working.acts(step.function) for step in way.steps):
            return True
        return self.working.hands_on(way.path, read.node, read.related.model)

    def _keyed(self, row: Row, read: Read) -> str:
        """The attribute of a row that holds the key of the one at a relation's other end, where only that is read."""
        table = self.origins.models.table(row.model) if read.key and not read.related.inverse else None
        columns = [table.column(name) for name in read.related.relation.columns] if table is not None else []
        column = columns[0] if len(columns) == 1 else None
        name = "" if column is None else column.name if column.attribute == read.related.name else column.attribute
        return name if name != read.related.name else ""

    def _nullable(self, row: Row, related: Related) -> bool:
        """Whether a row's own column says that there may be none at the other end. Of a class that has no table it is
        that of those which extend it."""
        if related.inverse:
            return False
        models, model = self.origins.models, row.model
        tables = [models.table(model)]
        if tables[0] is None and isinstance(model, ProjectClass):
            tables = [models.table(each) for each in self.evaluator.classes.subclasses(model)]
        columns = [
            [column for name in related.relation.columns if (column := table.column(name)) is not None]
            for table in tables
            if table is not None
        ]
        said = [own for own in columns if own]
        return bool(said) and all(any(column.nullable for column in own) for own in said)

    def _partly(self, way: Way, node: int) -> bool:
        """Whether a condition behind the loop, on more than what the functions are given, decides whether a node of a
        way is reached."""
        places = [*way.sites[1:], (way.path, node)] if way.steps else []
        for (path, at), step in zip(places, way.steps, strict=True):
            tree = self.evaluator.tree(path)
            for condition, _ in conditions(tree, at, step.function.node, failing=False):
                if tree.kinds[condition] == Kind.BLOCK:
                    continue
                if tree.kinds.find(Kind.ATTRIBUTE, condition, tree.ends[condition]) >= 0:
                    return True
        return False

    def outermost(self, origin: Origin, walked: tuple[Related, ...]) -> tuple[Origin, tuple[Related, ...]]:
        """The query that loaded the rows of which a path of relations is read, and the path from there."""
        while (outer := self._outer(origin)) is not None and origin.relation is not None:
            walked = (*outer.path, origin.relation, *walked)
            origin = outer.origin if outer.origin is not None else origin
        return origin, walked

    def target(self, related: Related) -> str:
        """The name of the model that a relation leads to."""
        model = related.model
        return self.evaluator.classes.class_name(model) if isinstance(model, (ProjectClass, LibraryClass)) else ""

    @staticmethod
    def _outer(origin: Origin) -> Row | None:
        """The row whose query loaded the rows that a relation of it gives."""
        parent, relation = origin.parent, origin.relation
        if not origin.bare or relation is None or parent is None or parent.origin is None:
            return None
        return (
            parent
            if loaded(parent, relation) == YES and covers(parent.origin.query.eager, _path(parent, relation)) == YES
            else None
        )

    def _around(self, origin: Origin, model: Class, name: str) -> bool:
        """Whether a query loads a relation of rows of a model on a way that comes back to that model."""
        for element in origin.query.eager.elements:
            current: object = origin.model
            for step in element.value.path:
                if not isinstance(current, (ProjectClass, LibraryClass)):
                    break
                if current == model and step == name and step != element.value.path[0]:
                    return True
                related = self.origins.models.relation(current, step)
                current = related.model if related is not None else None
        return False

    def on(self, at: Place) -> tuple[Call, ...]:
        """The calls whose chain begins with a handle."""
        return tuple(call for call in self._calls.get((at.path, at.start), ()) if call.place.stop >= at.stop)

    def _may_be_known(self, row: Row, read: Read, function: str, place: Place) -> bool:
        """Whether the program may have the row at the other end already: all rows of the query lead to the same one,
        or its table was asked before."""
        origin = row.origin
        if origin is not None and one_row(self.evaluator, origin, (*row.path, read.related)):
            return True
        if origin is not None and not row.path:
            columns = read.related.relation.columns
            if any(self._of_rows(element.value, columns) for element in origin.query.conjuncts()):
                return True
        if origin is not None and self._around(origin, row.model, read.related.name):
            return True
        target = self.origins.models.table(read.related.model)
        current = origin
        if origin is not None and read.related.model in origin.beside:
            return True
        for _ in range(PASSAGES):
            if current is None:
                break
            if current.model == read.related.model:
                return True
            current = current.parent.origin if current.parent is not None else None
        name = target.name if target is not None else ""
        return any(
            call.place < place and query.table == name and call.place != (origin.place if origin else None)
            for call in self._asked.get(function, ())
            for query in call.queries
        )

    def _of_rows(self, condition: object, columns: Sequence[str]) -> bool:
        """Whether a condition is on the keys of rows that the program has (`id.in_(book.id for book in books)`)."""
        if not isinstance(condition, Compare) or condition.operator != "in" or not isinstance(condition.left, Column):
            return False
        place = condition.right.place if isinstance(condition.right, query.Value) else None
        node = self.evaluator.handed.get(place, -1) if place is not None and condition.left.name in columns else -1
        if place is None or node < 0:
            return False
        tree = self.evaluator.tree(place.path)
        body = tree.child(node, Role.BODY) if tree.kinds[node] == Kind.COMPREHENSION else -1
        return body >= 0 and tree.kinds[body] == Kind.ATTRIBUTE


def _path(row: Row, related: Related) -> list[str]:
    return [*(each.name for each in row.path), related.name]


def whole_row(row: Row, inner: Row) -> Row:
    """A row that is told from where a function gets it, told from the query."""
    return inner if inner.origin is not None else Row(inner.model, row.origin, (*row.path, *inner.path))


def _assigned(paths: Collection[tuple[str, ...]], read: Read, row: Row | None = None) -> bool:
    """Whether a relation on the way is given a value there."""
    before = () if row is None else tuple(each.name for each in row.path)
    names = (*before, *(each.name for each in read.row.path), read.related.name)
    return any(names[: len(path)] == path for path in paths)


def _same(function: FunctionValue, other: FunctionValue) -> bool:
    return (function.path, function.node) == (other.path, other.node)
