"""Classes that show the rows of a query as a list: which query, and what is read of each row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.query import Eager, Element
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.libraries.showing import Listing, Registers, Renders
from dblint.link.accesses.collecting import whole_row
from dblint.link.accesses.origins import Origin, Row
from dblint.link.arguments import Site, entries, keywords
from dblint.link.exposures.accessors import Accessors
from dblint.link.exposures.columns import Columns
from dblint.link.exposures.filling import Filled, Filling
from dblint.link.exposures.rendering import Rendering
from dblint.link.exposures.showing import Seed, Showing, on_branch
from dblint.link.exposures.template_parts import Parts
from dblint.link.exposures.templates import Templates
from dblint.link.returns import parse
from dblint.link.values import (
    BoundMember,
    Class,
    Context,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.accesses.origins import Origins
    from dblint.link.exposures.handing import Handing
    from dblint.link.loops.preconditions import Preconditions
    from dblint.link.plain import Plain

JOINED = 5
"""Relations behind one another that a join without a word takes."""
RELATIONS = 200
"""Relations that such a join takes, as far as they are counted."""
REPRESENTING = 4
"""Classes of which one represents the rows, until it cannot be said."""


class Listed(msgspec.Struct, frozen=True):
    """Rows that something shows: the query, and the ways of showing them, of which each may be the one."""

    place: Place
    by: str
    origin: Origin
    seeds: tuple[tuple[Seed, ...], ...]
    form: str = ""
    repeated: tuple[Seed, ...] = ()
    """What is asked of another row for each of these: its row is told from that one's query."""


class Lists:
    """Reads classes that show lists. One per evaluator."""

    def __init__(
        self,
        origins: Origins,
        plain: Plain,
        showing: Showing,
        templates: Templates,
        handing: Handing | None = None,
        preconditions: Preconditions | None = None,
    ) -> None:
        self.handing = handing
        self.preconditions = preconditions
        self.origins = origins
        self.evaluator = origins.evaluator
        self.plain = plain
        self.showing = showing
        self.accessors = Accessors(showing)
        self.templates = templates
        self.filling = Filling(plain)
        self.rendering = Rendering(origins, plain)
        self._everywhere_read: dict[tuple[str, str, Value], tuple[Seed, ...]] = {}
        self.models = origins.models
        tables = self.evaluator.tables
        self._loading = _loading(tables)
        self.registered = self.evaluator.registered
        self._registering = self.registered.words
        self._showing = _showing(tables)
        """Word of a member that shows one row → the arguments by which its rows say that they are given it."""
        self._respond = _respond(tables)
        self._rendering = self.rendering.words
        self.columns = Columns(showing, templates, self.rendering)
        self.parts = Parts(origins)

    def of_file(self, path: str) -> Iterator[Listed]:
        """The lists that the classes and calls of a file show."""
        for node in sorted(self.evaluator.files[path].interface.classes):
            cls = ProjectClass(path, node)
            listing = self.word(cls)
            if listing is not None and listing.by:
                yield from self._view(cls, listing)
            elif listing is not None and listing.template:
                yield from self._page(cls, listing)
        tree = self.evaluator.tree(path)
        several = {
            tree.parents[each] for word in self._many for each in tree.spelled(word) if tree.kinds[each] == Kind.KEYWORD
        }
        # A call that shows a list has one of these words, and most files have none of them.
        node = tree.kinds.find(Kind.CALL) if not self._words.isdisjoint(tree.strings) else -1
        while node >= 0:
            kind = tree.kinds[node + 1]
            name = tree.value(node + 1) if kind in (Kind.ATTRIBUTE, Kind.NAME) else ""
            if name in self._registering:
                yield from self._registered(path, node)
            elif name in self._rendering:
                yield from self._rendered(path, node)
            elif name in self._showing and kind == Kind.ATTRIBUTE:
                if any(self._loop(path, node, argument) >= 0 for argument in self._showing[name]):
                    yield from self._one_by_one(path, node)
            elif name in self._tables:
                yield from self._tabled(path, node)
            elif name and node in several:
                yield from self._represented(path, node)
            node = tree.kinds.find(Kind.CALL, node + 1)
        for handed in self.handing.of_file(path) if self.handing is not None else ():
            place = self.origins.chains.place(Site(path, handed.node, None))
            seed = Seed(place, Row(handed.origin.model), None, handed.function, handed.parameter)
            name = self.evaluator.tree(handed.function.path).value(handed.function.node)
            yield Listed(place, name or "a function", handed.origin, ((seed,),))
        node = tree.kinds.find(Kind.FUNCTION) if self._respond else -1
        while node >= 0:
            if tree.child(node, Role.DECORATOR) >= 0:
                yield from self._responds(path, node)
            node = tree.kinds.find(Kind.FUNCTION, node + 1)

    def word(self, cls: Class) -> Listing | None:
        """What its library says of a class that shows lists: first of all one that says of which rows; None of any
        other."""
        types = self.evaluator.tables.types
        found = [word for base in self.evaluator.classes.library_types(cls) if (word := types[base.name].lists)]
        return next((word for word in found if word.rows), next(iter(found), None))

    # What represents rows, by a class of it

    def _view(self, cls: ProjectClass, listing: Listing) -> Iterator[Listed]:
        if not self._plainly(cls, listing) or not self._answers(cls, listing):
            return
        receiver = Instance(cls)
        representing = self._representing(cls, listing, receiver)
        if not representing:
            return
        for origin in self._rows(cls, listing, receiver):
            row = Row(origin.model)
            seeds = tuple(tuple(self._read(each, row)) for each in representing)
            names = sorted({self.evaluator.classes.class_name(each) for each in representing})
            yield Listed(self._named(cls), ", ".join(names), origin, seeds)

    def _plainly(self, cls: ProjectClass, listing: Listing) -> bool:
        """Whether a class shows its rows by what its library does, and loads no more of them on the way."""
        method = self.showing.written(cls, listing.method) if listing.method else None
        if method is not None and not self.showing.hands_on(method, listing.method):
            own = listing.represent and self.showing.asks_itself(method, listing.represent)
            if not own or not self.showing.asks_itself(method, listing.rows):
                return False
        ways = [*listing.through, *listing.settles]
        found = [function for name in ways if (function := self.showing.written(cls, name)) is not None]
        found += [method] if method is not None else []
        return not any(self._loads(function) for function in found)

    def _answers(self, cls: ProjectClass, listing: Listing) -> bool:
        """Whether clients may ask for the list."""
        verbs = self.plain.strings(self._setting(cls, listing.answers))
        return not verbs or "" in verbs or listing.verb in verbs

    def _loads(self, function: FunctionValue) -> bool:
        """Whether a function tells some query what to load."""
        tree = self.evaluator.tree(function.path)
        node, stop = tree.kinds.find(Kind.CALL, function.node), tree.ends[function.node]
        while 0 <= node < stop:
            if tree.kinds[node + 1] in (Kind.ATTRIBUTE, Kind.NAME) and tree.value(node + 1) in self._loading:
                return True
            node = tree.kinds.find(Kind.CALL, node + 1)
        return False

    def _representing(self, cls: ProjectClass, listing: Listing, receiver: Instance) -> list[ProjectClass]:
        """The classes of which one represents the rows; none where it cannot be said."""
        for name in reversed(listing.by):
            if self.evaluator.classes.owner(cls, name) is None:
                continue
            found = list(options(self.showing.given(name, receiver)))
            classes = [option for option in found if isinstance(option, ProjectClass)]
            whole = len(classes) == len(found) and len(found) <= REPRESENTING
            whole = whole and not (self._tables and any(map(self._loads_itself, classes)))
            return classes if whole and all(self.showing.word(each) is not None for each in classes) else []
        return []

    def _rows(self, cls: ProjectClass, listing: Listing, receiver: Instance) -> list[Origin]:
        """The queries of the rows that a class shows; none where they may be of several models, of which something else
        says which one it is. What may be of any model says nothing beside those of one."""
        every = list(self._queries(cls, listing, receiver))
        bases = {base for origin in every for base in self.evaluator.classes.mro(origin.model)[1:]}
        found = [origin for origin in every if not isinstance(origin.model, LibraryClass) or origin.model not in bases]
        return found if len({origin.model for origin in found}) == 1 else []

    def _queries(self, cls: ProjectClass, listing: Listing, receiver: Instance) -> Iterator[Origin]:
        found = self.evaluator.members.attribute(receiver, listing.rows, cls.path)
        for option in options(found):
            value: Value = option
            site = Site(cls.path, cls.node, None)
            if isinstance(option, FunctionValue):
                value = self.showing.given(listing.rows, receiver)
                site = Site(option.path, option.node, None)
            elif isinstance(option, BoundMember):
                row = self.evaluator.rows.row_of(option)
                site = self._said(cls, row) or site
                value = (
                    self.evaluator.rows.result(row, receiver, option.name, "", -1, None) if row is not None else option
                )
            for chain in options(value):
                empty = isinstance(chain, Instance) and chain.empty()
                origin = self.origins.of_value(chain, site) if not empty else None
                if origin is not None:
                    yield replace(origin, place=self._own(cls, listing, origin.place))

    def _own(self, cls: ProjectClass, listing: Listing, place: Place) -> Place:
        """Where a class says whose rows it shows, if the query passes through code that other classes share with it."""
        tree = self.evaluator.tree(cls.path)
        if place.path == cls.path and tree.starts[cls.node] <= place.start < tree.stops[cls.node]:
            return place
        for base in self.evaluator.classes.library_types(cls):
            member = self.evaluator.tables.member(base.name, listing.rows)
            said = self._said(cls, member[1]) if member is not None else None
            if said is not None and said.path == cls.path and tree.contains(cls.node, said.node):
                return self.origins.chains.place(said)
        return place

    def _said(self, cls: ProjectClass, row: Member | None) -> Site | None:
        """Where a class says whose rows a library's member gives."""
        expression = parse(row.returns) if row is not None and row.returns else None
        own = expression is not None and expression.prefix == "own"
        names = expression.name.partition("=")[0].split("|") if expression is not None and own else []
        found = (self._setting(cls, name) for name in names)
        return next((site for site in found if site is not None), None)

    # What names what it shows of a model's rows

    def _registered(self, path: str, node: int) -> Iterator[Listed]:
        """The list of a class that a call registers for a model."""
        word, library = self.registered.said(path, node)
        if word is None:
            return
        cls: Class | None = self.registered.by(path, node, word)
        if cls is None:
            full = f"{library}:{word.otherwise}"
            cls = LibraryClass(full) if full in self.evaluator.tables.types and word.by else None
        listing = self.word(cls) if cls is not None else None
        if cls is None or listing is None:
            return
        for model in self.registered.models(path, node, word):
            yield from self._of_model(cls, model, listing, word, Site(path, node, None))

    def registrations(self) -> Iterator[tuple[ProjectClass, ProjectClass]]:
        """The classes of the project that are registered for a model, each with the model."""
        return ((cls, model) for cls, model, _ in self.registered.every())

    def _of_model(
        self, cls: Class, model: ProjectClass, listing: Listing, word: Registers, site: Site
    ) -> Iterator[Listed]:
        receiver = Instance(cls, ((word.parameter, model),))
        if isinstance(cls, ProjectClass):
            if any(self.showing.written(cls, name) is not None for name in listing.settles):
                return
            if not self._plainly(cls, listing):
                return
        names = self._setting(cls, listing.names)
        row = Row(model)
        seeds: list[Seed] = []
        joined = False
        elements = self.plain.elements(names) if names is not None else []
        place = self.origins.chains.place(site) if isinstance(cls, LibraryClass) else self._named(cls)
        given = self.origins.chains.place(names) if names is not None else place
        if names is None and (isinstance(cls, LibraryClass) or not self.evaluator.classes.unread(cls)):
            for name in listing.default:
                seeds += self._shown(cls, name, row, given)
        for element in elements:
            name = self.plain.string(element)
            where = self.origins.chains.place(element)
            related = self.models.relation(model, name) if name else None
            joined = joined or (related is not None and not related.many and not related.inverse)
            seeds += self._shown(cls, name, row, where) if name else self._function(element, row, where)
        if isinstance(cls, ProjectClass):
            rows = list(self._queries(cls, listing, receiver))
        else:
            rows = list(self._all(cls, listing, receiver, site))
        for origin in rows:
            if origin.model == model and (loading := self._loading_too(cls, listing, joined, origin)) is not None:
                begun = isinstance(cls, ProjectClass) and self.showing.written(cls, listing.rows) is not None
                told = loading if begun else replace(loading, place=given)
                form = "" if begun else listing.eager
                yield Listed(place, self.evaluator.classes.class_name(cls), told, (tuple(seeds),), form)

    def _all(self, cls: LibraryClass, listing: Listing, receiver: Instance, site: Site) -> Iterator[Origin]:
        member = self.evaluator.tables.member(cls.name, listing.rows)
        if member is not None:
            chain = self.evaluator.rows.result(member[1], receiver, listing.rows, "", -1, None)
            origin = self.origins.of_value(chain, site)
            if origin is not None:
                yield origin

    def _shown(self, cls: Class, name: str, row: Row, place: Place) -> Iterator[Seed]:
        """What a name in a list of names stands for: a field, a method of the class, or whatever a row has."""
        related = self.models.relation(row.model, name)
        if related is None and self.models.column(row.model, name) is not None:
            return
        if related is None and (function := self._written(cls, name)) is not None:
            parameter = self.evaluator.parameters.parameter_at(function, 0)
            yield Seed(place, row, None, function, parameter)
            return
        whole = related is not None or name.startswith("__")
        yield from self.showing.path(place, row, [name] if whole else name.split("__"))
        further = row.along(related) if related is not None and not related.many else None
        if further is not None:
            yield from self.showing.text(place, further)

    def _written(self, cls: Class, name: str) -> FunctionValue | None:
        return self.showing.written(cls, name) if isinstance(cls, ProjectClass) else None

    def _function(self, element: Site, row: Row, place: Place) -> Iterator[Seed]:
        """A function that stands among the names."""
        for option in options(self.evaluator.value(element.path, element.node, element.context)):
            if isinstance(option, FunctionValue):
                yield Seed(place, row, None, option, self.evaluator.parameters.parameter_at(option, 0))

    def _loading_too(self, cls: Class, listing: Listing, joined: bool, origin: Origin) -> Origin | None:
        """The query with what the library adds to it; None where that cannot be said."""
        if not listing.loads or any(element.value.strategy == "joined" for element in origin.query.eager.elements):
            return origin
        setting = self._setting(cls, listing.loads)
        if setting is None or self.plain.constant(setting) == "false":
            paths = self._surely(origin.model) if joined else []
        elif self.plain.constant(setting) == "true":
            paths = self._surely(origin.model)
        else:
            texts = self.plain.strings(setting)
            if "" in texts:
                return None
            paths = [tuple(text.split("__")) for text in texts]
        eager = origin.query.eager
        elements = (*eager.elements, *(Element(Eager(path, "joined")) for path in paths))
        return replace(origin, query=replace(origin.query, eager=replace(eager, elements=elements)))

    def _surely(self, model: Class) -> list[tuple[str, ...]]:
        """The paths of relations to one row that each row has."""
        found: list[tuple[str, ...]] = []
        pending: list[tuple[Class, tuple[str, ...]]] = [(model, ())]
        while pending and len(found) < RELATIONS:
            current, above = pending.pop(0)
            table = self.models.table(current)
            for name, related in self.models.relations(current).items():
                columns = [table.column(column) for column in related.relation.columns] if table is not None else []
                if related.many or not columns or any(column is None or column.nullable for column in columns):
                    continue
                path = (*above, name)
                found.append(path)
                if len(path) < JOINED and isinstance(related.model, (ProjectClass, LibraryClass)):
                    pending.append((related.model, path))
        return found

    # What is represented where it is called for

    def _represented(self, path: str, node: int) -> Iterator[Listed]:
        """The rows that a call hands to a class that represents each."""
        tree = self.evaluator.tree(path)
        callees = options(self.evaluator.value(path, node + 1))
        cls = callees[0] if len(callees) == 1 else None
        word = self.showing.word(cls) if isinstance(cls, ProjectClass) else None
        site = Site(path, node, None)
        if word is None or not isinstance(cls, ProjectClass):
            return
        if not self.plain.true(self.plain.argument(site, word.many)):
            return
        first = next(iter(tree.with_role(node, Role.ARGUMENT)), -1)
        if first < 0 or tree.kinds[first] == Kind.KEYWORD:
            return
        for origin in self.origins.rows(path, first):
            seeds = self._left(path, node, self.showing.of(cls, Row(origin.model)))
            yield Listed(self.origins.chains.place(site), self.evaluator.classes.class_name(cls), origin, (seeds,))

    def _tabled(self, path: str, node: int) -> Iterator[Listed]:
        """The rows that a call hands to a class that shows them all."""
        callees = options(self.evaluator.value(path, node + 1))
        cls = callees[0] if len(callees) == 1 else None
        word = self.showing.word(cls) if isinstance(cls, ProjectClass) else None
        given = self.plain.argument(Site(path, node, None), word.rows) if word is not None and word.rows else None
        if given is None or not isinstance(cls, ProjectClass) or self._loads_itself(cls):
            return
        for origin in self.origins.rows(given.path, given.node):
            seeds = self._left(path, node, self._read(cls, Row(origin.model)))
            place = self.origins.chains.place(Site(path, node, None))
            yield Listed(place, self.evaluator.classes.class_name(cls), origin, (seeds,))

    def _read(self, cls: ProjectClass, row: Row) -> Iterator[Seed]:
        """What a class reads of a row that represents it."""
        word = self.showing.word(cls)
        return self.accessors.of(cls, row) if word is not None and word.adds else self.showing.of(cls, row)

    def _loads_itself(self, cls: ProjectClass) -> bool:
        """Whether some method of a class, or of a base, says what is loaded."""
        for base in self.evaluator.classes.mro(cls):
            for name in (
                self.evaluator.files[base.path].interface.classes[base.node].members
                if isinstance(base, ProjectClass)
                else ()
            ):
                method = self.showing.written(base, name)
                if method is not None and self._loads(method):
                    return True
        return False

    @cached_property
    def _tables(self) -> frozenset[str]:
        """The names of classes that show all rows they are given."""
        tables, files = self.evaluator.tables, self.evaluator.files
        showing = {
            name.partition(":")[0] for name, row in tables.types.items() if row.represents and row.represents.rows
        }
        packages = {package for name in showing for package in tables.libraries[name].packages}
        imports = (each.module.partition(".")[0] for file in files.values() for each in file.interface.imports)
        if packages.isdisjoint(imports):
            return frozenset()
        classes = (ProjectClass(path, node) for path, file in files.items() for node in file.interface.classes)
        words = ((self.showing.word(cls), cls) for cls in classes)
        return frozenset(self.evaluator.classes.class_name(cls) for word, cls in words if word and word.rows)

    @cached_property
    def _words(self) -> frozenset[str]:
        return self._registering | self._rendering | self._showing.keys() | self._many | self._tables

    @cached_property
    def _many(self) -> frozenset[str]:
        """The keywords by which a class that represents a row represents several."""
        rows = self.evaluator.tables.types.values()
        return frozenset(row.represents.many for row in rows if row.represents is not None)

    def _responds(self, path: str, node: int) -> Iterator[Listed]:
        """The rows that a function gives whose decorator, or annotation, says what represents each."""
        tree = self.evaluator.tree(path)
        for decorator in tree.with_role(node, Role.DECORATOR):
            if tree.kinds[decorator] != Kind.CALL:
                continue
            for option in options(self.evaluator.value(path, decorator + 1)):
                row = self.evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
                if row is None or not row.responds:
                    continue
                said = self.plain.argument(Site(path, decorator, None), row.responds)
                annotations = [said.node if said is not None else tree.child(node, Role.RETURNS)]
                if said is not None and tree.kinds[said.node] == Kind.OBJECT:  # one for each status
                    annotations = [tree.child(pair, Role.VALUE) for pair in tree.children(said.node)]
                for annotation in annotations:
                    cls, several = self.showing.represented(path, annotation) if annotation >= 0 else (None, False)
                    if cls is not None and several:
                        yield from self._given(path, node, cls)

    def _given(self, path: str, node: int, cls: ProjectClass) -> Iterator[Listed]:
        for returned in self.evaluator.returns(FunctionValue(path, node)):
            for origin in self.origins.rows(path, returned):
                seeds = tuple(self.showing.of(cls, Row(origin.model)))
                place = self.origins.chains.place(Site(path, returned, None))
                yield Listed(place, self.evaluator.classes.class_name(cls), origin, (seeds,))

    def _one_by_one(self, path: str, node: int) -> Iterator[Listed]:
        """The rows that a loop hands, one by one, to a class that represents each: as the code is for everyone, else as
        it is for each object that has the method around it."""
        found = tuple(each for each, _ in self._shown_by(path, node, None))
        yield from found
        around = self.evaluator.scope(path).function(node)
        if found or around < 0:
            return
        told: set[tuple[Class, str, Place]] = set()
        askers, said = self.origins.askers, set[Hashable]()
        for asker in askers.of(path, around):
            if asker.says in said:
                continue
            if self.preconditions is not None and not askers.reaches(self.preconditions, asker, node):
                continue
            said.add(asker.says)
            call = self.origins.chains.place(Site(asker.calls[0].path, asker.calls[0].call, None))
            for each, everyones in self._shown_by(path, node, asker.context):
                # A query of the object's own model is one of the call: each of them asks for others there.
                key = (each.origin.model, each.by, each.origin.place)
                if key not in told:
                    told.add(key)
                    yield each if everyones else replace(each, origin=replace(each.origin, place=call))

    def _shown_by(self, path: str, node: int, context: Context | None) -> Iterator[tuple[Listed, bool]]:
        """The rows, as the code is read in a context, and whether their query is the same without it."""
        tree = self.evaluator.tree(path)
        callees = options(self.evaluator.value(path, node + 1, context))
        classes: list[ProjectClass] = []
        for callee in callees:
            row = self.evaluator.rows.row_of(callee) if isinstance(callee, BoundMember) else None
            cls = callee.receiver.cls if isinstance(callee, BoundMember) else None
            if row is None or not row.shows or not isinstance(cls, ProjectClass):
                return
            classes.append(cls)
        if not classes or len(classes) > (1 if context is None else REPRESENTING):
            return
        loop = self._loop(path, node, row.shows) if row is not None else -1
        if loop < 0:
            return
        if context is not None and not any(map(self.showing.leads_on, classes)):
            return  # what each object is asked for is dear, and nothing would be told of it
        iterable = tree.child(loop, Role.ITERABLE)
        same = {origin.place for origin in self.origins.rows(path, iterable)}
        for origin in self.origins.rows(path, iterable, context):
            seeds = tuple(tuple(self.showing.of(cls, Row(origin.model))) for cls in classes)
            names = sorted({self.evaluator.classes.class_name(cls) for cls in classes})
            listed = Listed(self.origins.chains.place(Site(path, node, None)), ", ".join(names), origin, seeds)
            yield listed, origin.place in same

    def _loop(self, path: str, node: int, argument: str) -> int:
        """The loop whose element a call is given as this argument, by its name alone; -1 where there is none."""
        tree = self.evaluator.tree(path)
        given = self.plain.argument(Site(path, node, None), argument)
        if given is None or tree.kinds[given.node] != Kind.NAME:
            return -1
        name = tree.value(given.node)
        reached = self.evaluator.scope(path).reaching(given.node, name) or []
        loop = reached[0][0] if len(reached) == 1 else -1
        if loop < 0 or tree.kinds[loop] not in (Kind.LOOP, Kind.CLAUSE):
            return -1
        element = self.origins.element(path, loop)
        return loop if element >= 0 and tree.value(element) == name else -1

    # Templates

    def _rendered(self, path: str, node: int) -> Iterator[Listed]:
        """The rows that a call hands to a template."""
        callee, renders = self._renders(path, node)
        if renders is not None and renders.names:
            call = Site(path, node, None)
            yield from self._everywhere(call, renders, self.rendering.name(callee, renders, call))
        for call, named, name, value in self._filled(path, node):
            origins = self.origins.rows(value.path, value.node)
            for origin in origins:
                seeds = self._left(value.path, value.node, self.templates.of(named, (name,), Row(origin.model)))
                if seeds:
                    yield Listed(self.origins.chains.place(call), named, origin, (seeds,))
            if not origins:
                yield from self._in_parts(self.origins.chains.place(call), named, name, value)
                yield from self._of_one(call, Site(path, node, None), named, name, value)

    def _of_one(self, call: Site, filling: Site, named: str, name: str, value: Site) -> Iterator[Listed]:
        """The rows of relations of the one row that a template is given."""
        row = self.origins.row(value.path, value.node)
        if row is not None and row.origin is not None:
            read = tuple(self.templates.of(named, (name,), Row(row.model), many=False))
            yield from self._of_row(call, filling, named, row, read)

    def _everywhere(self, call: Site, renders: Renders, template: Site | None) -> Iterator[Listed]:
        """The rows of relations of a row that every template may name."""
        for filled in self.filling.of(call, renders, template):
            for name, text in renders.names.items():
                named = filled.template
                if not self.templates.each(named) or not self.templates.mentions(named, name.partition(".")[0]):
                    continue
                for held in options(self.evaluator.rows.made(text, "")):
                    key = (named, name, held)
                    if key not in self._everywhere_read and isinstance(held, Instance):
                        self._everywhere_read[key] = tuple(self.templates.of(named, (name,), Row(held.cls), many=False))
                    if isinstance(held, Instance) and self._everywhere_read[key]:
                        yield from self._of_row(filled.call, call, named, Row(held.cls), self._everywhere_read[key])

    def _of_row(self, call: Site, filling: Site, named: str, row: Row, read: Sequence[Seed]) -> Iterator[Listed]:
        """The rows of relations of one row of which a template reads this."""
        said: dict[tuple[str, ...], Place] = {}
        found: dict[tuple[str, ...], tuple[Row, list[Seed]]] = {}
        anew: dict[str, list[Seed]] = {}
        for seed in read:
            walked = seed.row.path
            if seed.around and not any(related.many for related in walked):
                anew.setdefault(next(filter(None, seed.around), ""), []).append(seed)
            at = next((at for at, related in enumerate(walked) if related.many), -1)
            names = tuple(related.name for related in walked[: at + 1])
            if at < 0:
                if seed.related is not None and seed.related.many and not seed.counts:
                    said.setdefault((*(related.name for related in walked), seed.related.name), seed.place)
                continue
            inner = Row(seed.row.model, None, walked[at + 1 :])
            found.setdefault(names, (seed.row, []))[1].append(replace(seed, row=inner))
        for names, (first, seeds) in found.items():
            parent: Row | None = row
            *before, last = first.path[: len(names)]
            for related in before:
                parent = parent.along(related) if parent is not None else None
            place = said.get(names)
            origin = self.origins.of_relation(parent, last, place) if parent is not None and place is not None else None
            # What gives a query is asked anew by the template: nothing was set on these rows.
            left = tuple(seeds) if self.origins.gives_handle(last) else self._left(call.path, call.node, seeds)
            if left and origin is not None:
                yield Listed(self.origins.chains.place(call), named, origin, (left,))
        yield from self._anew(call, filling, named, row, anew)

    def _anew(
        self, call: Site, filling: Site, named: str, row: Row, anew: Mapping[str, Sequence[Seed]]
    ) -> Iterator[Listed]:
        """The rows in a template's loops over which it asks anew for what one other row has. `anew`: by the name that
        the loop goes through."""
        for again, template, name, value in self._filled(filling.path, filling.node) if any(anew) else ():
            same = name in anew and (again, template) == (call, named)
            for origin in self.origins.rows(value.path, value.node) if same else ():
                seeds = (replace(seed, row=whole_row(row, seed.row)) for seed in anew[name])
                yield Listed(self.origins.chains.place(call), named, origin, ((),), repeated=tuple(seeds))

    def _filled(self, path: str, node: int) -> Iterator[tuple[Site, str, str, Site]]:
        """What a call gives a template, or lets its callers give: the call that gives it, the template, the name, and
        the value."""
        callee, renders = self._renders(path, node)
        if renders is None:
            return
        call = Site(path, node, None)
        for filled in self.filling.of(call, renders, self.rendering.name(callee, renders, call)):
            if not self.templates.each(filled.template):
                continue
            for name, values in self._context(filled, renders.context).items():
                if len(values) == 1 and self.templates.mentions(filled.template, name):
                    yield filled.call, filled.template, name, values[0]

    def _renders(self, path: str, node: int) -> tuple[Value | None, Renders | None]:
        """What a call that fills a template calls, and how it does so."""
        callees = options(self.evaluator.value(path, node + 1)) if self.templates else ()
        callee = callees[0] if len(callees) == 1 else None
        row = self.evaluator.rows.row_of(callee) if isinstance(callee, (LibraryFunction, BoundMember)) else None
        renders = row.renders if row is not None else None
        return callee, renders if renders is not None and renders.context else None

    def drawn(self, seed: Seed) -> Iterator[Seed]:
        """What the templates read of a row that its function fills with it."""
        function = seed.function
        if function is None or not self.templates:
            return
        tree, scope = self.evaluator.tree(function.path), self.evaluator.scope(function.path)
        parameter = seed.parameter if seed.parameter >= 0 else tree.child(function.node, Role.PARAMETER)
        node, stop = tree.kinds.find(Kind.CALL, function.node), tree.ends[function.node]
        while 0 <= node < stop:
            if tree.value(node + 1) in self._rendering and tree.kinds[node + 1] in (Kind.ATTRIBUTE, Kind.NAME):
                for _, named, name, site in self._filled(function.path, node):
                    held = site.path == function.path and tree.kinds[site.node] == Kind.NAME
                    reached = scope.reaching(site.node, tree.value(site.node)) if held else None
                    if reached and [binding for binding, _ in reached] == [parameter]:
                        branch = seed.branch or on_branch(tree, node)
                        for each in self.templates.of(named, (name,), seed.row, many=False):
                            yield replace(each, branch=branch)
            node = tree.kinds.find(Kind.CALL, node + 1)

    def _left(self, path: str, node: int, seeds: Iterable[Seed]) -> tuple[Seed, ...]:
        """What is read of rows where their function does not set it on them itself."""
        tree = self.evaluator.tree(path)
        function = self.evaluator.scope(path).function(node)
        start, stop = (function, tree.ends[function]) if function >= 0 else (0, len(tree.kinds))
        put: set[str] = set()
        at = tree.kinds.find(Kind.ATTRIBUTE, start, stop)
        while at >= 0:
            if tree.roles[at] == Role.TARGET:
                put.add(tree.value(at))
            at = tree.kinds.find(Kind.ATTRIBUTE, at + 1, stop)
        return tuple(seed for seed in seeds if not put & self._first(seed))

    @staticmethod
    def _first(seed: Seed) -> set[str]:
        """The first relation on the way to what is read."""
        walked = (*seed.row.path, *((seed.related,) if seed.related is not None else ()))
        return {related.name for related in walked[:1]}

    def _context(self, filled: Filled, at: str) -> dict[str, list[Site]]:
        """What a template may name: each with the expressions of which one is its value."""
        found: dict[str, list[Site]] = {}
        if at == "**":
            for name, site in keywords(self.evaluator, filled.call)[0]:
                found.setdefault(name, []).append(site)
            return found
        return self._entries(filled.given) if filled.given is not None else found

    def _entries(self, given: Site) -> dict[str, list[Site]]:
        """What stands in a mapping, also what is put into it later: by key, the expressions of which one is there."""
        found: dict[str, list[Site]] = {}
        for name, site in entries(self.evaluator, given)[0]:
            found.setdefault(name, []).append(site)
        tree = self.evaluator.tree(given.path)
        if tree.kinds[given.node] != Kind.NAME:
            return found
        around = self.evaluator.scope(given.path).function(given.node)
        for name, value in self.rendering.put(given.path, around, given.node):
            found.setdefault(name, []).append(Site(given.path, value, given.context))
        for use in self.origins.lending.uses(given.path, around, tree.value(given.node)):
            if self._extends(given.path, tree.parents[use], use):
                for name, site in self._more(Site(given.path, tree.parents[tree.parents[use]], given.context)):
                    found.setdefault(name, []).append(site)
        return found

    def _extends(self, path: str, attribute: int, name: int) -> bool:
        """Whether a name is a mapping into which a call puts more (`context.update(…)`)."""
        tree = self.evaluator.tree(path)
        if tree.kinds[attribute] != Kind.ATTRIBUTE or tree.roles[attribute] != Role.CALLEE or name != attribute + 1:
            return False
        word = self.evaluator.tables.untyped["python"].get(tree.value(attribute))
        return word is not None and word.list == "extend"

    def _more(self, call: Site) -> Iterator[tuple[str, Site]]:
        """What a call puts into a mapping: by another one, and by keywords."""
        yield from keywords(self.evaluator, call)[0]
        given = self.plain.argument(call, "0")
        if given is not None:
            yield from entries(self.evaluator, given)[0]

    def _page(self, cls: ProjectClass, listing: Listing) -> Iterator[Listed]:
        """The rows that a class shows by a template."""
        if not self.templates or not self._plainly(cls, listing):
            return
        yield from self._besides(cls, listing)
        if not listing.rows:
            return
        called = self.plain.string(self._setting(cls, listing.called))
        for origin in self._rows(cls, listing, Instance(cls)):
            model = self.evaluator.classes.class_name(origin.model).lower()
            named = self.plain.string(self._setting(cls, listing.template))
            if not named and self._setting(cls, listing.template) is None:
                named = listing.unnamed.replace("{application}", self._application(origin.model)).replace(
                    "{model}", model
                )
            names = (*([called] if called else ()), *(name.replace("{model}", model) for name in listing.known))
            if seeds := tuple(self.columns.of(cls, names, Row(origin.model), named, listing.itself)):
                yield Listed(self._named(cls), self.evaluator.classes.class_name(cls), origin, (seeds,))
            if not self.templates.each(named):
                continue
            seeds = tuple(self.templates.of(named, names, Row(origin.model)))
            if seeds:
                yield Listed(self._named(cls), named, origin, (seeds,))

    def _besides(self, cls: ProjectClass, listing: Listing) -> Iterator[Listed]:
        """The rows that a class gives its template besides."""
        named = self.plain.string(self._setting(cls, listing.template))
        if not listing.context or not self.templates.each(named):
            return
        found: dict[str, list[Site]] = {}
        for function in self._giving(cls, listing.context):
            given: dict[str, list[Site]] = {}
            for returned in self.evaluator.returns(function):
                for name, sites in self._entries(Site(function.path, returned, None)).items():
                    given.setdefault(name, []).extend(site for site in sites if site not in given.get(name, ()))
            found = {**given, **found}  # what a method puts there lies over what that of the base put
        for name, sites in found.items():
            if len(sites) == 1 and self.templates.mentions(named, name):
                for origin in self.origins.rows(sites[0].path, sites[0].node):
                    read = self.templates.of(named, (name,), Row(origin.model))
                    seeds = self._left(sites[0].path, sites[0].node, read)
                    if seeds:
                        yield Listed(self._named(cls), named, origin, (seeds,))
                yield from self._in_parts(self._named(cls), named, name, sites[0])

    def _in_parts(self, place: Place, named: str, name: str, value: Site) -> Iterator[Listed]:
        """The rows in the elements of a list that a template is given."""
        for part in self.parts.of(value):
            model = part.path[-1].model if part.path else part.origin.model
            if isinstance(model, (ProjectClass, LibraryClass)):
                read = self.templates.of(named, (name,), Row(model, None, part.path), key=part.key)
                seeds = self._left(value.path, value.node, read)
                if seeds:
                    yield Listed(place, named, part.origin, (seeds,))

    def _giving(self, cls: ProjectClass, name: str) -> Iterator[FunctionValue]:
        """The methods of a name that a class runs: its own, and those of its bases as far as each calls the next."""
        for base in self.evaluator.classes.mro(cls):
            function = self.showing.own(base, name) if isinstance(base, ProjectClass) else None
            if function is not None:
                yield function
                if not self.showing.hands_on(function, name):
                    return

    def _application(self, model: Class) -> str:
        """The folder of a model's application, by which its templates are named."""
        folder = model.path.rpartition("/")[0] if isinstance(model, ProjectClass) else ""
        return folder.removesuffix("/models").rpartition("/")[2]

    # Classes

    def _setting(self, cls: Class, name: str) -> Site | None:
        return self.showing.setting(cls, name) if isinstance(cls, ProjectClass) and name else None

    def _named(self, cls: Class) -> Place:
        """The first line of a class."""
        if isinstance(cls, LibraryClass):
            return Place("", 0, 0)
        tree = self.evaluator.tree(cls.path)
        return Place(cls.path, tree.starts[cls.node], tree.stops[cls.node])


@derived
def _loading(tables: Tables) -> frozenset[str]:
    return frozenset(
        name
        for row in tables.types.values()
        for name, member in row.members.items()
        if member.eager is not None and member.eager.reader == "relation-path"
    ) | frozenset(path.rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.eager is not None)


@derived
def _showing(tables: Tables) -> Mapping[str, Set[str]]:
    found: dict[str, set[str]] = {}
    for row in tables.types.values():
        for name, member in row.members.items():
            if member.shows:
                found.setdefault(name, set()).add(member.shows)
    return found


@derived
def _respond(tables: Tables) -> bool:
    return any(member.responds for row in tables.types.values() for member in row.members.values())
