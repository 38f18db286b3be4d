"""What each reference holds: a demand-driven evaluator over the neutral trees.

An expression is evaluated when somebody asks, once per context; nothing is evaluated for its own sake.
Chains (`a.b().c()`) are walked by a loop, and everything else is bounded by a depth, so that input can
never exhaust the stack. What cannot be said is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from msgspec.structs import replace

from dblint.facts.text import Place
from dblint.facts.tree import FileFacts, Flag, Kind, Role, Tree
from dblint.libraries.reader import Tables
from dblint.link.added_members import AddedMembers
from dblint.link.annotations import Annotations
from dblint.link.array_methods import ArrayMethods
from dblint.link.asked_of import AskedOf
from dblint.link.bindings import Bindings
from dblint.link.called import Called
from dblint.link.called_on import CalledOn
from dblint.link.classes import Classes
from dblint.link.closures import Closures
from dblint.link.constructors import Constructors
from dblint.link.contextual import Contextual
from dblint.link.decorators import Decorators
from dblint.link.default_calls import DefaultCalls
from dblint.link.elements import Elements
from dblint.link.executors import Executors
from dblint.link.generics import Generics
from dblint.link.globals import Globals
from dblint.link.grown_members import GrownMembers
from dblint.link.handed_arguments import HandedArguments
from dblint.link.heard import Heard
from dblint.link.imported_calls import ImportedCalls
from dblint.link.injected import Injected
from dblint.link.kept import Kept
from dblint.link.loops.fates import Fates
from dblint.link.members.members import Members
from dblint.link.model_readers.django_applications import Applications
from dblint.link.module_objects import ModuleObjects
from dblint.link.names import Definition, External, Module, Names
from dblint.link.origins_narrowing import Narrowing, Tests
from dblint.link.origins_overrides import Overrides
from dblint.link.own_libraries import own_classes, own_libraries
from dblint.link.parameters import Parameters
from dblint.link.properties import Properties
from dblint.link.records import Records
from dblint.link.registered import Registered
from dblint.link.rows import Rows
from dblint.link.scopes import Scopes
from dblint.link.scripts import Scripts
from dblint.link.texts.handlers import Handlers
from dblint.link.values import (
    UNKNOWN,
    Alternatives,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ModuleValue,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    options,
)
from dblint.link.words import Words

if TYPE_CHECKING:
    from dblint.facts.schema import SchemaColumn, Table
    from dblint.link.model_readers.shared import Related

_Question = TypeVar("_Question", bound=Hashable)
_Answer = TypeVar("_Answer")
DEPTH_LIMIT = 40
"""Nested questions until the answer is *cannot say*. Real code needs fewer than twenty."""
WORK_LIMIT = 3_000
"""Questions asked for one outermost question until answers that were cut short are good enough for all. Where many
models refer to each other, all of them would be asked again for each otherwise, in twice the time."""
Key: TypeAlias = tuple[str, int, Context | None] | tuple[str, int, Context | None, str]


class Relations(Protocol):
    """Answers which attributes of models are relations, and which are columns."""

    def relation(self, model: Value, name: str) -> Related | None:
        """The relation behind an attribute of a model, None where it is none or cannot be said to be one."""

    def relations(self, model: Value) -> Mapping[str, Related]:
        """The relations that a model's class declares or inherits, by attribute."""

    def inverses(self, model: Value) -> Mapping[str, Related]:
        """What other models' relations add to a model, by attribute."""

    def table(self, model: Value) -> Table | None:
        """The table of a model, None where the class declares none."""

    def column(self, model: Value, name: str) -> SchemaColumn | None:
        """The column whose value an attribute of a model's rows holds, None where it is none or cannot be said."""

    def key(self, model: Value) -> frozenset[str]:
        """The names of the attribute that holds the key of a model's rows; none where it has no key of one column."""

    def classes(self) -> Sequence[ProjectClass]:
        """Every class of the project that declares a table."""

    def called(self, name: str) -> ProjectClass | None:
        """The only class of the project that declares a table and has this name."""

    def shaped(self, cls: ProjectClass) -> ProjectClass | None:
        """The model that a call makes whose rows the program says to be of this class or interface."""


class _Asked(dict[str, _Answer]):
    """What is known of files, computed where it is first asked for: link asks it of nearly every node that it looks
    at, and looking into a dictionary is no call of Python."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[str], _Answer]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, path: str) -> _Answer:
        found = self[path] = self._compute(path)
        return found


class Partial:
    """Watches whether an open question cuts an answer short."""

    __slots__ = ("_evaluator", "_outer", "_was_cut")

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._was_cut = False

    def __enter__(self) -> Partial:
        self._outer = self._evaluator.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._was_cut = self._evaluator.end(self._outer)

    def __bool__(self) -> bool:
        return self._was_cut


class Evaluator:
    """Answers what an expression holds."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        names: Names,
        tables: Tables,
        models: Mapping[str, str],
        enumerations: Collection[str] = (),
        aside: Collection[str] = (),
    ) -> None:
        """`models`: how client members name schema models (`user` → `User`). `enumerations`: the names of packages
        that hold an enumeration of a schema. `aside`: files that run beside the program (tests, examples)."""
        self.files = files
        self.names = names
        self.tables = tables
        self.models = models
        self.enumerations = frozenset(enumerations)
        self.aside = frozenset(aside)
        self.tree: Callable[[str], Tree] = _Asked(lambda path: Tree(files[path].body)).__getitem__
        """The file's tree."""
        self.scope: Callable[[str], Scopes] = _Asked(lambda path: Scopes(files[path], self.tree(path))).__getitem__
        """The file's scopes."""
        self.javascript: Callable[[str], bool] = _Asked(
            lambda path: path != "" and files[path].language != "python"
        ).__getitem__
        """Whether the file is TypeScript or JavaScript; no file ("") is neither."""
        self.words = Words(files, self.tree)
        self.classes = Classes(self)
        self.members = Members(self)
        self.called = Called(self)
        self.called_on = CalledOn(self)
        self.added = AddedMembers(self)
        self.grown = GrownMembers(self)
        self.module_objects = ModuleObjects(self)
        self.rows = Rows(self)
        self.narrowing = Narrowing(self)
        self.tested: Callable[[str], Tests] = _Asked(self.narrowing.tests).__getitem__
        """The tests of classes in a file that hold somewhere."""
        self.overrides = Overrides(self)
        self.kept = Kept(self)
        self.records = Records(self)
        self.globals = Globals(self)
        self.scripts = Scripts(self)
        self.elements = Elements(self)
        self.array_methods = ArrayMethods(self)
        self.annotations = Annotations(self)
        self.parameters = Parameters(self)
        self.generics = Generics(self)
        self.closures = Closures(self)
        self.constructors = Constructors(self)
        self.executors = Executors(self)
        self.imported_calls = ImportedCalls(self)
        self.default_calls = DefaultCalls(self)
        self.asked_of = AskedOf(self)
        self.decorators = Decorators(self)
        self.handed_arguments = HandedArguments(self)
        self.heard = Heard(self)
        self.registered = Registered(self)
        self.fates = Fates(self)
        self.contextual = Contextual(self)
        self.properties = Properties(self)
        self.bindings = Bindings(self)
        self.applications = Applications(self)
        self.handlers = Handlers(self)
        self.injected = Injected(self)
        self.relations: Relations | None = None
        """Who says what attributes of models lead to other models."""
        self.handed: dict[Place, int] = {}
        """Where values stand that are handed to queries → their nodes, as far as queries were read."""
        self.described: Mapping[tuple[str, int], str] = {}
        """File and node of functions of the project that rows describe → the row's name."""
        self.shown: Callable[[str, int], Value] = lambda path, function: UNKNOWN  # noqa: ARG005 - no list is known
        """Gives the row that a list hands to a method of the project, by its file and node."""
        self.own_libraries = own_libraries(names, tables)
        self.own_classes = own_classes(self.own_libraries, tables)
        self._memo: dict[Key, Value] = {}
        self._active: dict[Key, int] = {}
        self._cuts = 0
        """The depths of the open questions that cut short what is being answered: bit `depth + 1` for each, the first
        bit for one before all of them."""
        self._held: dict[Key, tuple[Value, int]] = {}
        """Answers that were cut short, and by which questions."""
        self._waiting: dict[int, list[Key]] = {}
        """Depth of a question → those of these answers that are forgotten once it is closed."""
        self._work = 0
        self._decorators: dict[tuple[str, int], set[str]] = {}

    def hand(self, path: str, node: int) -> Place:
        """The place of a value that is handed to a query, kept so that its node is found again."""
        tree = self.tree(path)
        place = Place(path, tree.starts[node], tree.stops[node])
        self.handed[place] = node
        return place

    # Expressions

    def value(self, path: str, node: int, context: Context | None = None) -> Value:
        """What the expression at `node` holds."""
        key = (path, node, context)
        found = self._memo.get(key)  # most questions were asked before
        return found if found is not None else self.guarded(key, self._chain, path, node, context)

    def guarded(self, key: Key, compute: Callable[..., Value], *arguments: object) -> Value:
        """Asks once: remembers answers, ends cycles and too deep questions with *cannot say*.

        An answer that was found while an outer question was still open may lack what that question will say. It is
        good as long as the questions that cut it short stay open, for it would be found so again; it is forgotten
        with the last of them that was asked, or the order of questions would decide what is known in the end. Where the
        work for one outermost question grows too large, it is remembered all the same.
        """
        found = self._memo.get(key)
        if found is not None:
            return found
        depth = self._active.get(key)
        if depth is not None:
            self._cuts |= 2 << depth
            return _CYCLE
        held = self._held.get(key)
        if held is not None:
            self._cuts |= held[1]
            return held[0]
        depth = len(self._active)
        if depth >= DEPTH_LIMIT:
            self._cuts |= _OUTERMOST
            return _TOO_DEEP
        outer, self._cuts = self._cuts, 0
        if depth == 0:
            self._work = 0
        self._work += 1
        self._active[key] = depth
        try:
            result = compute(*arguments)
        finally:
            del self._active[key]
            for other in self._waiting.pop(depth, ()):
                self._held.pop(other, None)
        above = self._cuts & ((2 << depth) - 1)
        if not above or self._work > WORK_LIMIT:
            self._memo[key] = result
            above = 0
        elif depth:
            self._held[key] = result, above
            self._waiting.setdefault(max(above.bit_length() - 2, 0), []).append(key)
        self._cuts = outer | above
        return result

    def remembered(self, key: Key, compute: Callable[..., Value], *arguments: object) -> Value:
        """As `guarded`, for what many questions ask on their way and that ends no cycle itself: the questions in it do.
        What was cut short is good as long as the questions that cut it short stay open, here, too; not what was asked
        too deep (or cut short by the outermost question, which looks the same): fewer are open elsewhere."""
        found = self._memo.get(key)
        if found is not None:
            return found
        held = self._held.get(key)
        if held is not None:
            self._cuts |= held[1]
            return held[0]
        outer, self._cuts = self._cuts, 0
        try:
            result = compute(*arguments)
        finally:
            cuts = self._cuts
            self._cuts |= outer
        if not cuts:
            self._memo[key] = result
        elif self._active and not cuts & _OUTERMOST:
            self._held[key] = result, cuts
            self._waiting.setdefault(max(cuts.bit_length() - 2, 0), []).append(key)
        return result

    def partial(self) -> Partial:
        """Work whose result may be remembered only if nothing cut it short: `with evaluator.partial() as partial`,
        and `partial` is true afterwards where an open question did."""
        return Partial(self)

    def begin(self) -> int:
        """Starts to watch for cuts; gives what `end` wants back."""
        outer, self._cuts = self._cuts, 0
        return outer

    def end(self, outer: int) -> bool:
        """Whether anything was cut short since `begin`."""
        cut = self._cuts != 0
        self._cuts |= outer
        return cut

    def once(
        self, memo: dict[_Question, _Answer], question: _Question, answer: Callable[[_Question], _Answer]
    ) -> _Answer:
        """An answer that `memo` keeps, unless an open question cut it short."""
        found = memo.get(question)
        if found is None:
            # As `partial`, which would be seven calls, and this is asked for most attributes.
            outer, self._cuts = self._cuts, 0
            try:
                found = answer(question)
            finally:
                cuts = self._cuts
                self._cuts |= outer
            if not cuts:
                memo[question] = found
        return found

    def depth(self) -> int:
        """How many questions are open: where one that is none of the evaluator's own begins (see `cut`)."""
        return len(self._active)

    def cut(self, opened: int = 1) -> None:
        """Says that an answer was cut short by an open question that is none of the evaluator's own. `opened`: the
        depth at which that one began; what was asked before it is not cut short."""
        self._cuts |= 1 << opened

    def closed(self, outer: int, opened: int) -> bool:
        """As `end`, of a question of its own that began at the depth `opened`: whether another one than itself cut it
        short."""
        if not self._cuts & ((1 << opened) - 1):
            self._cuts = outer
            return False
        return self.end(outer)

    def around(self, path: str, node: int, context: Context | None) -> Context | None:
        """The frames of `context` that the code at `node` stands in: what a name holds that was bound outside of a
        function does not depend on who calls the function that uses it."""
        while context is not None:
            if context.path == path:
                function = context.function
                if function < 0 or function < node < self.tree(path).ends[function]:
                    return context
            context = context.outer
        return None

    def _chain(self, path: str, node: int, context: Context | None) -> Value:
        tree = self.tree(path)
        kinds, roles = tree.kinds, tree.roles
        links: list[int] = []
        root = node
        while kinds[root] in _LINKS:
            links.append(root)
            first = root + 1
            if first >= tree.ends[root] or roles[first] not in _LINK_ROLES:
                return UNKNOWN
            root = first
        named = kinds[root] == Kind.NAME
        known = self.bindings.everywhere.get((path, tree.value(root))) if named else None
        value = self._root(path, root, context) if known is None or tree.flags[root] & Flag.SELF else known
        narrows = bool(self.tested(path))
        if named:
            if isinstance(value, Unknown):
                value = self._asked(path, root, value)
            if narrows:
                value = self.narrowing.narrowed(path, root, value, context)
        for link in reversed(links):
            value = self._apply(path, link, value, context)
            if isinstance(value, Unknown) and kinds[link] == Kind.ATTRIBUTE:
                value = self._asked(path, link, value)
            if narrows and kinds[link] in _NARROWED:
                value = self.narrowing.narrowed(path, link, value, context)
            if not self._cuts:
                self._memo[path, link, context] = value
        return value

    def _asked(self, path: str, node: int, unknown: Unknown) -> Value:
        """What a receiver holds by what is asked of it, where nothing else says it."""
        found = self.asked_of.of(path, node)
        return unknown if isinstance(found, Unknown) else found

    def _apply(self, path: str, node: int, value: Value, context: Context | None) -> Value:
        tree = self.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.ATTRIBUTE:
            return self.members.attribute(value, tree.value(node), path)
        if kind == Kind.CALL or kind == Kind.TAGGED:
            return self.called.given(path, node, value, context)
        if kind == Kind.SUBSCRIPT:
            return self.elements.subscript(value, path, node, context)
        if kind == Kind.CAST:
            annotation = tree.child(node, Role.ANNOTATION)
            return value if annotation < 0 else self.cast(value, path, annotation, context)
        return self.awaited(path, node, value)

    def cast(self, value: Value, path: str, annotation: int, context: Context | None) -> Value:
        """What a value is that the program says to be of a type: itself, where it says more than the type does."""
        if not isinstance(value, (Unknown, Scalar, ExternalValue, Expression)):
            return value
        tree = self.tree(path)
        if tree.kinds[annotation] == Kind.STRING:
            word, *members = tree.value(annotation).split(".")
            named = self.name(path, annotation, word, context) if word.isidentifier() else UNKNOWN
            for member in members:
                named = self.members.attribute(named, member, path)
            declared = self.annotations.instance_of(named, members[-1] if members else word)
        else:
            declared = self.annotations.annotation(path, annotation, context)
        if not isinstance(declared, (Instance, ListOf, Alternatives, ProjectClass)):
            return value
        # A shape of the project's own: the literal that fills it says more than it does.
        return value if isinstance(value, Expression) and not self.any_known(declared) else declared

    def awaited(self, path: str, node: int, value: Value) -> Value:
        """What `await` gives at `node`: promises are transparent, and a value that sends its query when it is awaited
        gives what its row says."""
        given = [self.elements.awaited(option) for option in options(value)]
        if all(one is other for one, other in zip(given, options(value), strict=True)):
            return value
        return join(given) if self.awaits(path, node) else value

    def awaits(self, path: str, node: int) -> bool:
        """Whether an `await` is for what stands behind it, and not for the coroutine of a function that gives it."""
        tree = self.tree(path)
        inner = tree.child(node, Role.VALUE)
        if inner < 0 or tree.kinds[inner] != Kind.CALL:
            return inner >= 0
        called = options(self.value(path, inner + 1))
        return not any(
            isinstance(option, FunctionValue) and self.tree(option.path).has(option.node, Flag.ASYNC)
            for option in called
        )

    def _root(self, path: str, node: int, context: Context | None) -> Value:
        tree = self.tree(path)
        kind = tree.kinds[node]
        if kind == Kind.NAME:
            return self.name(path, node, tree.value(node), context)
        if kind in _LITERALS:
            return Expression(path, node, context)
        if kind in _SCALARS:
            return Scalar(kind=_SCALARS[kind])
        if kind == Kind.FUNCTION:
            receiver = context.receiver if context and tree.has(node, Flag.ARROW) else None
            return FunctionValue(path, node, receiver, context)
        if kind == Kind.CLASS:
            return ProjectClass(path, node)
        if kind == Kind.CONDITIONAL:
            parts = [tree.child(node, Role.BODY), tree.child(node, Role.ELSE)]
            return join([self.value(path, part, context) for part in parts if part >= 0])
        if kind == Kind.BINARY:
            if tree.value(node) in ("or", "??", "and", "||"):
                if tree.value(node) == "or" and context is not None and self._handed_class(path, node + 1, context):
                    return self.value(path, node + 1, context)
                return join([self.value(path, child, context) for child in tree.children(node)])
            if tree.value(node) in ("+", "%"):
                return Expression(path, node, context)
            return self.elements.operator(
                tree.value(node), [self.value(path, child, context) for child in tree.children(node)]
            )
        if kind == Kind.ASSIGN:
            value = tree.child(node, Role.VALUE)
            return self.value(path, value, context) if value >= 0 else UNKNOWN
        if kind == Kind.COMPREHENSION:
            body = tree.child(node, Role.BODY)
            return ListOf(self.value(path, body, context)) if body >= 0 else UNKNOWN
        if kind == Kind.YIELD:
            return UNKNOWN
        return UNKNOWN

    def _handed_class(self, path: str, node: int, context: Context) -> bool:
        """Whether a name is a parameter that this call gives a class: what stands in its stead counts no more."""
        tree = self.tree(path)
        if tree.kinds[node] != Kind.NAME or self.scope(path).function(node) != context.function:
            return False
        name = tree.value(node)
        given = any(key == name and isinstance(held, (ProjectClass, LibraryClass)) for key, held in context.arguments)
        reached = self.scope(path).reaching(node, name) if given and path == context.path else None
        return reached is not None and [tree.kinds[binding] for binding, _ in reached] == [Kind.PARAMETER]

    def name(self, path: str, node: int, name: str, context: Context | None) -> Value:
        """What a name holds at its use."""
        tree = self.tree(path)
        if tree.flags[node] & Flag.SELF:
            return self.called_on.receiver(path, node, context)
        if name == "super":
            return self.called_on.above(path, node, context)
        return self.bindings.name(path, node, name, context)

    # Calls

    def decorator_names(self, path: str, node: int) -> set[str]:
        """The last words of a function's or class's decorators."""
        known = self._decorators.get((path, node))
        if known is not None:
            return known
        tree = self.tree(path)
        found = self._decorators[path, node] = set()
        for decorator in tree.with_role(node, Role.DECORATOR):
            current = decorator
            while tree.kinds[current] in (Kind.CALL, Kind.OPAQUE) and current + 1 < tree.ends[decorator]:
                current += 1
            if tree.kinds[current] in (Kind.NAME, Kind.ATTRIBUTE):
                found.add(tree.value(current))
        return found

    def returned(self, function: FunctionValue, context: Context | None) -> Value:
        """The join of what a function's `return`s give, or what its annotation says."""
        return self.guarded((function.path, -function.node - 2, context), self._returned, function, context)

    def _returned(self, function: FunctionValue, context: Context | None) -> Value:
        annotation = self.tree(function.path).child(function.node, Role.RETURNS)
        declared = self.annotations.annotation(function.path, annotation, context) if annotation >= 0 else UNKNOWN
        if self.complete(declared):
            return self._chained(function, context, self.begun(declared))
        values = [self.value(function.path, returned, context) for returned in self.returns(function)]
        if self.javascript(function.path) and self.tree(function.path).has(function.node, Flag.ASYNC):
            # Its promise is kept once what it returns has settled.
            values = [join([self.elements.awaited(option) for option in options(value)]) for value in values]
        body = join(values) if values else UNKNOWN
        if isinstance(body, (Unknown, Scalar, ExternalValue)):
            return self.begun(declared)
        if isinstance(body, Instance) and body.steps and any(isinstance(value, Unknown) for value in values):
            body = self.opened(body)  # what one of the returns gives may be another chain
        return self.begun(declared) if self.tables_know(declared) and not self.complete(body) else body

    def _chained(self, function: FunctionValue, context: Context | None, declared: Value) -> Value:
        """What a function gives whose annotation names a query: the chain that it returns says what the annotation
        cannot (its conditions, what it loads and locks), where all that it returns is such a chain."""
        if not isinstance(declared, Instance) or not declared.open:
            return declared
        library = self._library_of(declared)
        values = [self.value(function.path, returned, context) for returned in self.returns(function)]
        found = [option for value in values for option in options(value)]
        chains = all(
            isinstance(option, Instance) and option.steps and self._library_of(self.opened(option)) == library
            for option in found
        )
        return join(found) if found and chains else declared

    def _library_of(self, value: Value) -> str:
        """The library of an open chain's type; "" for every other value."""
        if not isinstance(value, Instance) or not value.open:
            return ""
        return next((self.tables.library(cls.name) for cls in self.classes.library_types(value.cls)), "")

    def begun(self, value: Value) -> Value:
        """What a declared type gives: into a query of that type more may have been put than its type says."""
        return self.opened(value) if isinstance(value, Instance) and not value.steps else value

    def opened(self, value: Value) -> Value:
        """A value into which more may have been put than its steps say, where its type is one of chains: whatever is
        called on them gives the same chain."""
        if not isinstance(value, Instance) or value.open:
            return value
        rows = (self.tables.types[cls.name] for cls in self.classes.library_types(value.cls))
        return replace(value, open=True) if any(row.unknown for row in rows) else value

    def complete(self, value: Value) -> bool:
        """Whether a value is an instance of a table's type whose model, where it has one, is known."""
        if not isinstance(value, Instance):
            return False
        types = self.classes.library_types(value.cls)
        if not types:
            return False
        model = self.tables.types[types[0].name].model
        held = self.rows.parameter(model, value) if model else None
        return not model or (held is not None and not self.annotations.variable(held))

    def tables_know(self, value: Value) -> bool:
        """Whether a value is an instance of some table's type, directly or by inheritance."""
        return isinstance(value, Instance) and any(isinstance(cls, LibraryClass) for cls in self.classes.mro(value.cls))

    def any_known(self, value: Value) -> bool:
        """Whether one of a value's alternatives is an instance of some table's type."""
        return any(self.tables_know(option) for option in options(value))

    def returns(self, function: FunctionValue) -> Iterator[int]:
        """The returned expressions of a function, in order."""
        tree = self.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        if body < 0:
            return
        if tree.kinds[body] != Kind.BLOCK:
            yield body
            return
        wanted = (Kind.RETURN, Kind.YIELD) if tree.has(function.node, Flag.GENERATOR) else (Kind.RETURN,)
        node, end = body, tree.ends[body]
        kinds = tree.kinds
        while node < end:
            kind = kinds[node]
            if kind == Kind.FUNCTION or kind == Kind.CLASS:
                node = tree.ends[node]
                continue
            if kind in wanted:
                value = tree.child(node, Role.VALUE)
                if value >= 0:
                    yield value
            node += 1

    # Targets of imports and module-level names

    def target(self, target: Definition | Module | External | None) -> Value:
        """The value behind a resolved name."""
        if target is None:
            return UNKNOWN
        if isinstance(target, Module):
            return ModuleValue(target.path)
        if isinstance(target, External):
            # A module may be called as a host's own type is (`import string`).
            module = any(target.path in words for words in self.tables.globals.values())
            return ExternalValue(target.path) if module else self.external(target.path)
        return self.bindings.of_module(target.path, target.nodes, target.name)

    def external(self, path: str) -> Value:
        """A name of a package: a table's type or function, or only its path."""
        type_name = self.tables.by_path.get(path)
        if type_name is not None:
            return LibraryClass(type_name)
        if path in self.tables.functions:
            row = self.tables.functions[path][1]
            if row.attribute:
                return self.rows.constant(path)
            return LibraryFunction(path)
        return ExternalValue(path)

    def host(self, path: str, name: str) -> Value:
        """A name that nothing binds: the host language's own, where a table describes it."""
        if name in self.tables.globals["javascript" if self.javascript(path) else "python"]:
            return self.external(name)
        if name == "exports" and self.javascript(path):
            return ModuleValue(path)
        kept = self.globals.value(name) if self.javascript(path) else UNKNOWN
        if isinstance(kept, Unknown) and name not in self.tables.packages:
            return ExternalValue(name)
        return kept  # a name that is only spelt like a package is not the package


_CYCLE = Unknown("cycle")
_TOO_DEEP = Unknown("too deep")
_OUTERMOST = 2
"""Cut short by the question at depth 0."""
_LINKS = frozenset({Kind.ATTRIBUTE, Kind.CALL, Kind.TAGGED, Kind.SUBSCRIPT, Kind.CAST, Kind.AWAIT})
_NARROWED = frozenset({Kind.ATTRIBUTE, Kind.SUBSCRIPT})
_LINK_ROLES = frozenset({Role.OBJECT, Role.CALLEE, Role.VALUE})
_LITERALS = frozenset({Kind.STRING, Kind.TEMPLATE, Kind.OBJECT, Kind.LIST, Kind.TUPLE, Kind.SET})
_SCALARS: dict[int, str] = {
    Kind.NUMBER: "number",
    Kind.CONSTANT: "constant",
    Kind.REGEX: "pattern",
    Kind.UNARY: "scalar",
}
