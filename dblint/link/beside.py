"""What runs for each row that is written by itself: methods of models, and functions that listen.

Which methods and signals these are say the tables (`beside`, `tells`, `listener`). A listener of every model counts for
a model unless its first guards surely leave that one out; where they ask what the model is like and cannot be read, or
where nobody can say which function it is, it counts as one that may do nothing for this one. Where a call names a model
and it cannot be said which, it is taken to be another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.query import Verb
from dblint.facts.schema import Beside
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.calling import Listener
from dblint.libraries.derived import derived
from dblint.link.arguments import Site, find
from dblint.link.classes import class_key
from dblint.link.loops.influence import Influence
from dblint.link.values import Class, FunctionValue, Instance, LibraryClass, ProjectClass, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.models import Models

_QUIET = frozenset({Kind.STRING, Kind.TEMPLATE, Kind.IMPORT, Kind.ASSIGN, Kind.FUNCTION})
"""Statements in front of a guard that do nothing for a row."""
ACTS, MAY, LEAVES = "acts", "may", "leaves"
_LISTS = (Kind.LIST, Kind.TUPLE, Kind.SET)
_SAME = {"==": True, "is": True, "in": True, "!=": False, "is-not": False, "not-in": False}


class Heard(msgspec.Struct, frozen=True):
    """A function that listens: to which verbs, of which models (none: every model), and the parameters that are given
    the row and its class."""

    beside: Beside
    models: tuple[tuple[str, int], ...]
    function: FunctionValue | None
    listener: Listener


def ordered(found: Iterable[Beside]) -> tuple[Beside, ...]:
    """In the order of their places; those of one place by name and verbs."""
    return tuple(sorted(found, key=lambda beside: (beside.place, beside.name, beside.verbs)))


class Besides:
    """Answers what runs beside the rows of a model. One per evaluator."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self.evaluator = models.evaluator
        self.plain = models.surroundings.plain
        self.influence = Influence(models.evaluator)
        self._heard: dict[str, tuple[Heard, ...]] | None = None
        self._within: dict[tuple[str, int], set[Beside]] = {}
        """Class → its methods that listen to its own rows, since `_heard` was made."""

    def of(self, model: ProjectClass) -> tuple[Beside, ...]:
        """What runs for each row of a model's own that is written by itself, in the order of its places."""
        listening = self._listening().get(self.models.declared_by(model), ())
        found = {*self._methods(model), *self._kept(model)}
        for heard in listening:
            if not heard.models or class_key(model) in heard.models:
                acting: dict[str, list[Verb]] = {}
                for verb in heard.beside.verbs:
                    acting.setdefault(self._acts(heard, model, verb), []).append(verb)
                for how in (ACTS, MAY):
                    if how in acting:
                        found.add(Beside(heard.beside.name, tuple(acting[how]), heard.beside.place, how == MAY))
        return ordered(found)

    def _methods(self, model: ProjectClass) -> Iterator[Beside]:
        """The methods of a library's models that a class or a base of it in the project writes anew."""
        evaluator = self.evaluator
        for cls in evaluator.classes.library_types(model):
            for ancestor in evaluator.tables.lineages[cls.name]:
                for name, verbs in evaluator.tables.types[ancestor].beside.items():
                    owner = evaluator.classes.owner(model, name)
                    if owner is not None:
                        node = evaluator.files[owner.path].interface.classes[owner.node].members[name][-1]
                        yield Beside(name, tuple(map(Verb, verbs)), self._place(owner.path, node))

    def _kept(self, model: ProjectClass) -> Iterator[Beside]:
        """What a class or a base of it in the project keeps that hears of its rows, and its methods that do."""
        evaluator = self.evaluator
        for cls in evaluator.classes.mro(model):
            if not isinstance(cls, ProjectClass):
                continue
            yield from self._within.get(class_key(cls), ())
            for name, node, value in evaluator.classes.kept_in(cls):
                verbs = {
                    verb
                    for option in options(value)
                    if isinstance(option, Instance)
                    for each in evaluator.classes.lineage(option.cls)
                    for verb in evaluator.tables.types[each].hears
                }
                if verbs:
                    yield Beside(name, tuple(verb for verb in Verb if verb in verbs), self._place(cls.path, node))

    # Listeners

    def _listening(self) -> dict[str, tuple[Heard, ...]]:
        """The functions that listen, by the library whose models they hear of."""
        if self._heard is None:
            found: dict[str, list[Heard]] = {}
            for word in _listening_words(self.evaluator.tables):
                for path, call in self.evaluator.words.imported(word):
                    if not self.models.surroundings.quiet(path):
                        for library, heard in self._connected(Site(path, call, None)):
                            found.setdefault(library, []).append(heard)
            self._heard = {library: tuple(several) for library, several in found.items()}
        return self._heard

    def _connected(self, call: Site) -> Iterator[tuple[str, Heard]]:
        row = self.plain.row(call)
        listener = row.listener if row is not None else None
        if listener is None:
            return
        if listener.within:
            self._listens_within(call, listener)
            return
        verbs: dict[str, set[str]] = {}
        if listener.verbs:
            verbs = {library: set(listener.verbs) for library in self._declaring(call, listener)}
        else:
            for name in self._signals(call, listener):
                verbs.setdefault(self.evaluator.tables.library(name), set()).update(
                    self.evaluator.tables.types[name].tells
                )
        if not verbs:
            return
        models = self._models(call, listener)
        if models is None:
            return
        for function in self._functions(call, listener):
            site = call if function is None else Site(function.path, function.node, None)
            name = "" if function is None else self.evaluator.tree(function.path).value(function.node)
            for library, several in verbs.items():
                told = tuple(verb for verb in Verb if verb.value in several)
                beside = Beside(name, told, self._place(site.path, site.node))
                yield library, Heard(beside, models, function, listener)

    def _listens_within(self, call: Site, listener: Listener) -> None:
        """Notes the method that a call decorates beside the class that it stands in."""
        tree = self.evaluator.tree(call.path)
        method = tree.parents[call.node]
        cls = next((above for above in tree.ancestors(method) if tree.kinds[above] == Kind.CLASS), -1)
        if tree.roles[call.node] == Role.DECORATOR and tree.kinds[method] == Kind.FUNCTION and cls >= 0:
            told = {verb for name in self._signals(call, listener) for verb in self.evaluator.tables.types[name].tells}
            verbs = tuple(verb for verb in Verb if verb in (told or listener.verbs))
            beside = Beside(tree.value(method), verbs, self._place(call.path, method))
            self._within.setdefault((call.path, cls), set()).add(beside)

    def _declaring(self, call: Site, listener: Listener) -> set[str]:
        """The libraries that declare the models which a call names."""
        keys = self._models(call, listener) or ()
        types = self.evaluator.tables.types
        declaring = {
            types[name].declares if node < 0 else self.models.declared_by(ProjectClass(name, node))
            for name, node in keys
        }
        return declaring - {""}

    def _signals(self, call: Site, listener: Listener) -> Iterator[str]:
        """The types of the signals that a call connects."""
        tree = self.evaluator.tree(call.path)
        if listener.signals:
            sites = list(find(self.evaluator, listener.signals, call).sites)
        else:
            owner = tree.child(call.node + 1, Role.OBJECT)
            sites = [Site(call.path, owner, call.context)] if owner >= 0 else []
        for site in sites:
            for each in self.plain.elements(site) or [site]:
                for option in options(self.evaluator.value(each.path, each.node, each.context)):
                    cls = option.cls if isinstance(option, Instance) else None
                    if isinstance(cls, LibraryClass) and self.evaluator.tables.types[cls.name].tells:
                        yield cls.name

    def _functions(self, call: Site, listener: Listener) -> list[FunctionValue | None]:
        """The functions that a call makes listen; None for one that cannot be said, or for a library's own."""
        tree = self.evaluator.tree(call.path)
        if not listener.function:
            above = tree.parents[call.node]
            decorates = tree.roles[call.node] == Role.DECORATOR and tree.kinds[above] == Kind.FUNCTION
            return [FunctionValue(call.path, above) if decorates else None]
        found: list[FunctionValue | None] = []
        for site in find(self.evaluator, listener.function, call).sites:
            values = options(self.evaluator.value(site.path, site.node, site.context))
            found += [value for value in values if isinstance(value, FunctionValue)]
        return found or [None]

    def _models(self, call: Site, listener: Listener) -> tuple[tuple[str, int], ...] | None:
        """The models of which a function hears, none for every model; None for cannot say."""
        slot = find(self.evaluator, listener.model, call)
        found: list[tuple[str, int]] = []
        for site in slot.sites:
            if self.plain.constant(site) != "null":
                named = self._named(site)
                if not named:
                    return None
                found += named
        return tuple(found) if found or not slot.open else None

    def _named(self, site: Site) -> list[tuple[str, int]]:
        """The models that an expression names, none for cannot say."""
        evaluator = self.evaluator
        values = list(options(evaluator.value(site.path, site.node, site.context)))
        label, _, name = self.plain.string(site).rpartition(".")
        if name:
            model = evaluator.applications.model(label, name)
            values = [model] if model is not None else []
        classes = [value for value in values if isinstance(value, (ProjectClass, LibraryClass))]
        if any(isinstance(cls, LibraryClass) and not evaluator.tables.types[cls.name].table for cls in classes):
            return []  # some model
        return [class_key(cls) for cls in classes] if len(classes) == len(values) else []

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    # Guards

    def _acts(self, heard: Heard, model: ProjectClass, verb: Verb) -> str:
        """Whether a listener does anything for rows of a model that a statement of this verb writes: `acts` where
        nothing surely keeps it from that, `may` where what the model is like decides and cannot be said."""
        function = heard.function
        if function is None:
            return ACTS if heard.models else MAY
        body = self.evaluator.tree(function.path).child(function.node, Role.BODY)
        if body < 0:
            return ACTS
        found = self._block(_Row(function, heard.listener, model, verb), body)
        return ACTS if found == MAY and heard.models else found

    def _block(self, row: _Row, block: int) -> str:
        """What is done in a block: `acts`, `may`, `leaves` (the function ends before), "" (it goes on behind it)."""
        tree = self.evaluator.tree(row.function.path)
        end, unsaid = "", False
        for statement in tree.children(block) if tree.kinds[block] == Kind.BLOCK else (block,):
            kind = tree.kinds[statement]
            if kind in _QUIET or (kind == Kind.OPAQUE and tree.value(statement) == "pass"):
                continue
            if kind == Kind.RETURN and not (
                tree.child(statement, Role.VALUE) >= 0 and not _plain(tree.kinds[statement + 1])
            ):
                return end or LEAVES
            if kind == Kind.LOOP and self._of_the_model(row, tree.child(statement, Role.ITERABLE)):
                end = MAY
                continue
            if kind != Kind.IF:
                return MAY if unsaid else ACTS
            condition = tree.child(statement, Role.CONDITION)
            holds = self._holds(row, condition)
            branches = [tree.child(statement, Role.BODY)] if holds is not False else []
            if holds is not True:
                branches.append(tree.child(statement, Role.ELSE))
            ways = {self._block(row, branch) if branch >= 0 else "" for branch in branches}
            decides = any(self._of_the_model(row, part) for part in self._unsaid(row, condition))
            if ACTS in ways and not decides and not unsaid:
                return ACTS
            if ways & {ACTS, MAY}:
                end = MAY
            if "" not in ways:
                return end or LEAVES
            unsaid = unsaid or (decides and LEAVES in ways)
        return end

    def _unsaid(self, row: _Row, condition: int) -> list[int]:
        """The parts of a condition of which it cannot be said whether they hold."""
        tree = self.evaluator.tree(row.function.path)
        pending, found = [condition], []
        while pending:
            part = pending.pop()
            if part < 0 or self._holds(row, part) is not None:
                continue
            kind, word = tree.kinds[part], tree.value(part)
            if (kind == Kind.UNARY and word == "not") or (kind == Kind.BINARY and word in ("and", "or")):
                pending += tree.children(part)
            else:
                found.append(part)
        return found

    def _of_the_model(self, row: _Row, node: int) -> bool:
        """Whether an expression is decided by the row's class, or by what is made of the row other than by reading
        its own values."""
        if node < 0:
            return False
        path, listener = row.function.path, row.listener
        tree = self.evaluator.tree(path)
        deciding = self.influence.parameters(path, [node], row.function.node)
        if listener.cls and listener.cls in deciding:
            return True
        if not listener.row or listener.row not in deciding:
            return False
        name = tree.kinds.find(Kind.NAME, node, tree.ends[node])
        while name >= 0:
            if tree.value(name) == listener.row and tree.kinds[tree.parents[name]] == Kind.ATTRIBUTE:
                return False
            name = tree.kinds.find(Kind.NAME, name + 1, tree.ends[node])
        return True

    def _holds(self, row: _Row, condition: int) -> bool | None:
        """Whether a condition holds for every row of the model, or for none; None for cannot say."""
        path = row.function.path
        tree = self.evaluator.tree(path)
        kind = tree.kinds[condition] if condition >= 0 else 0
        if kind == Kind.UNARY and tree.value(condition) == "not":
            inner = self._holds(row, condition + 1)
            return None if inner is None else not inner
        if kind == Kind.BINARY and tree.value(condition) in ("and", "or"):
            sides = [self._holds(row, side) for side in tree.children(condition)]
            decides = tree.value(condition) == "or"
            return decides if decides in sides else None if None in sides else not decides
        if kind == Kind.BINARY and tree.value(condition) in _SAME:
            left, right = list(tree.children(condition))[:2]
            if not self._is(row, left, row.listener.cls):
                return None
            same = self._one_of(row, right, lambda cls: class_key(cls) == class_key(row.model))
            return None if same is None else same == _SAME[tree.value(condition)]
        if kind == Kind.NAME and row.verb is Verb.INSERT and self._is(row, condition, row.listener.made):
            return True
        if kind != Kind.CALL:
            return None
        if row.verb is Verb.INSERT and self._looks_up(row, condition, row.listener.made):
            return True
        return self._answers(row, condition)

    def _looks_up(self, row: _Row, call: int, name: str) -> bool:
        """Whether a call reads the entry of this name in what the function is given by name (`named.get("made")`)."""
        path = row.function.path
        tree = self.evaluator.tree(path)
        key, callee = tree.child(call, Role.ARGUMENT), call + 1
        if not name or key < 0 or tree.kinds[key] != Kind.STRING or tree.value(key) != name:
            return False
        if tree.kinds[callee] != Kind.ATTRIBUTE or tree.kinds[callee + 1] != Kind.NAME:
            return False
        reads = self.evaluator.tables.untyped["javascript" if self.evaluator.javascript(path) else "python"]
        word = reads.get(tree.value(callee))
        reached = self.evaluator.scope(path).reaching(callee + 1, tree.value(callee + 1)) or []
        return (
            word is not None
            and word.list == "lookup"
            and bool(reached)
            and all(
                tree.kinds[binding] == Kind.PARAMETER
                and tree.has(binding, Flag.PAIRS)
                and tree.parents[binding] == row.function.node
                for binding, _ in reached
            )
        )

    def _answers(self, row: _Row, call: int) -> bool | None:
        path = row.function.path
        tree = self.evaluator.tree(path)
        member = self.plain.row(Site(path, call, None))
        test = member.test if member is not None else ""
        given = list(tree.with_role(call, Role.ARGUMENT))
        if len(given) != 2 or not self._is(row, given[0], row.listener.cls if test == "subclass" else row.listener.row):
            return None
        if test == "attribute" and tree.kinds[given[1]] == Kind.STRING:
            return self._has(row.model, tree.value(given[1]))
        if test in ("type", "subclass"):
            keys = {class_key(cls) for cls in self.evaluator.classes.mro(row.model)}
            return self._one_of(row, given[1], lambda cls: class_key(cls) in keys)
        return None

    def _is(self, row: _Row, node: int, name: str) -> bool:
        tree = self.evaluator.tree(row.function.path)
        return bool(name) and tree.kinds[node] == Kind.NAME and tree.value(node) == name

    def _one_of(self, row: _Row, node: int, fits: Callable[[Class], bool]) -> bool | None:
        """Whether one of the classes that an expression names fits; None where one of them cannot be said."""
        site = Site(row.function.path, node, None)
        literal = self.evaluator.tree(site.path).kinds[node] in _LISTS
        unsaid = False
        for each in self.plain.elements(site) if literal else [site]:
            for option in options(self.evaluator.value(each.path, each.node, each.context)):
                if not isinstance(option, (ProjectClass, LibraryClass)):
                    unsaid = True
                elif fits(option):
                    return True
        return None if unsaid else False

    def _has(self, model: ProjectClass, name: str) -> bool | None:
        """Whether rows of a model have an attribute of that name."""
        classes, tables = self.evaluator.classes, self.evaluator.tables
        table = self.models.table(model)
        if classes.owner(model, name) is not None or self.models.relation(model, name) is not None:
            return True
        if any(tables.member(cls.name, name) is not None for cls in classes.library_types(model)):
            return True
        if table is not None and table.column(name) is not None:
            return True
        return False if table is not None and not classes.unread(model) else None


class _Row(msgspec.Struct, frozen=True):
    """A row of a model that a listener is told of."""

    function: FunctionValue
    listener: Listener
    model: ProjectClass
    verb: Verb


def _plain(kind: int) -> bool:
    return kind in (Kind.CONSTANT, Kind.NAME, Kind.NUMBER)


@derived
def _listening_words(tables: Tables) -> Sequence[str]:
    """The last words of what makes functions listen."""
    words = {path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.listener}
    words |= {name for row in tables.types.values() for name, member in row.members.items() if member.listener}
    return sorted(words)
