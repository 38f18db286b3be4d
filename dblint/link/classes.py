"""Classes: their bases, and which library types they are."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.link.generics import UNBOUND
from dblint.link.own_libraries import type_of
from dblint.link.values import (
    Class,
    Context,
    ExternalValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Unknown,
    Value,
    options,
)
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator


OF_THE_HOST = frozenset({*dir(builtins), *sys.stdlib_module_names})
"""The names that Python has without an import, and its own modules."""
ANCESTORS = 2_000
"""Steps to bases that are gone for one class: classes that extend one another in a circle have no end."""
SUBCLASSES = 400
"""Subclasses of one class that are looked at."""


def class_key(cls: Class) -> tuple[str, int]:
    """Which class it is, whatever its parameters hold."""
    return (cls.name, -1) if isinstance(cls, LibraryClass) else (cls.path, cls.node)


def linearised(orders: list[tuple[Class, ...]]) -> list[Class]:
    """The bases of a class in the order in which Python looks for a member (C3), given the orders of its own bases:
    none goes before a class that extends it. Where there is no such order, each as it comes first."""
    if len(orders) == 1:
        return list(orders[0])
    rest = [list(order) for order in orders if order]
    rest.append([order[0] for order in rest])
    found: list[Class] = []
    while rest := [order for order in rest if order]:
        behind = {cls for order in rest for cls in order[1:]}
        taken = next((order[0] for order in rest if order[0] not in behind), rest[0][0])
        found.append(taken)
        rest = [[cls for cls in order if cls != taken] for order in rest]
    return found


class Classes:
    """Answers what classes are. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._mro: dict[Class, tuple[Class, ...]] = {}
        self._direct: dict[ProjectClass, list[Class]] = {}
        self._open: set[Class] = set()
        self._asked = 0
        self._library_types: dict[Class, list[LibraryClass]] = {}
        self._owners: dict[Class, dict[str, ProjectClass]] = {}
        self._builders: dict[str, bool] = {}
        self._named_as_base: dict[str, list[ProjectClass]] | None = None
        """Last word of a base → the classes that write it, in the order of files and of their sources."""
        self._models: dict[str, str] | None = None
        self._handles: dict[tuple[str, int], str] | None = None
        """A class that stands where a model has what asks for its rows → the library's type of such things."""
        self._seeking = False
        self._taken: set[tuple[str, int]] = set()
        """The classes that were taken for such things."""
        self._read: frozenset[str] | None = None
        self._unknown: dict[tuple[str, int], bool] = {}
        self._subclasses: dict[tuple[str, int], tuple[ProjectClass, ...]] = {}
        self._made: dict[tuple[str, int], tuple[LibraryClass, str]] = {}
        """Calls that make a class of their own → what it extends, and its name."""
        self._extended: frozenset[str] | None = None
        self._calling: frozenset[str] | None = None
        self._calling_open: set[tuple[str, int]] = set()
        self._called_on: dict[tuple[str, int], Value | None] = {}
        self._calls_on_others = any(row.called_on for row in evaluator.tables.types.values())

    def mro(self, cls: Class) -> tuple[Class, ...]:
        """The class and its bases, nearest first; library types end a branch."""
        found = self._mro.get(cls)
        if found is not None:
            return found
        if isinstance(cls, LibraryClass):
            return self._of_library(cls)
        self._asked = self._asked + 1 if self._open else 0
        if cls in self._open or self._asked > ANCESTORS:
            self.evaluator.cut()
            return (cls,)
        self._open.add(cls)
        order: list[Class] = [cls]
        with self.evaluator.partial() as partial:
            own = type_of(self.evaluator, cls)
            order += [own] if own is not None else []
            order += [base for base in linearised([self.mro(base) for base in self._based(cls)]) if base != own]
            assumed = self._assumed(order)
            order += [assumed] if assumed is not None else []
            order = [
                *(item for item in order if isinstance(item, ProjectClass)),
                *self._nearest_first([item for item in order if isinstance(item, LibraryClass)]),
            ]
        self._open.discard(cls)
        if not partial:
            self._mro[cls] = tuple(order)
        return tuple(order)

    def _nearest_first(self, types: list[LibraryClass]) -> list[LibraryClass]:
        """The same types, one that extends another before it: of `class Own(Base, Tree)`, where `Base` is a model and
        `Tree` a kind of models, the members of the kind go first."""
        lineages = self.evaluator.tables.lineages
        order: list[LibraryClass] = []
        while types:
            free = (
                item
                for item in types
                if not any(item.name != other.name and item.name in lineages[other.name] for other in types)
            )
            order.append(next(free, types[0]))
            types = [item for item in types if item is not order[-1]]
        return order

    def _assumed(self, order: Sequence[Class]) -> LibraryClass | None:
        """The model of a library that a class extends through a base that nobody has read: its own body, or that of
        a base in the project, holds the library's fields."""
        types = self.evaluator.tables.types
        own = [cls for cls in order if isinstance(cls, ProjectClass)]
        if any(isinstance(cls, LibraryClass) and types[cls.name].declares for cls in order):
            return None
        if self.evaluator.javascript(own[0].path) or not any(map(self._unread, own)):
            return None
        if not any(isinstance(cls, LibraryClass) for cls in order):
            handle = next((name for cls in own if (name := self._standing().get(class_key(cls)))), None)
            if handle is not None:
                self._taken.add(class_key(order[0]))
                return LibraryClass(handle)
        for cls in own:
            for option in self._made_in(cls):
                for name in self._names_of(option):
                    model = self._assumable().get(self.evaluator.tables.library(name))
                    if model is not None and types[name].field:
                        return LibraryClass(model)
        return None

    def assumed_handle(self, cls: Class) -> bool:
        """Whether it is only by where it stands (`objects = Own()`) that a class is known to ask for a model's rows: a
        base of it that nobody has read may do more."""
        return bool(self._taken) and any(class_key(each) in self._taken for each in self.mro(cls))

    def _standing(self) -> Mapping[tuple[str, int], str]:
        """The project's classes that stand where a model has what asks for its rows, and the library's type of it."""
        if self._seeking:
            self.evaluator.cut()
            return {}
        if self._handles is None:
            self._seeking = True
            found: dict[tuple[str, int], str] = {}
            evaluator = self.evaluator
            words = {word for model in self._assumable().values() for word in self._handle_words(model)}
            for path, facts in sorted(evaluator.files.items()):
                if facts.language != "python":
                    continue
                for node, interface in facts.interface.classes.items():
                    if not interface.bases or not words.intersection(interface.members):
                        continue
                    kept = [option for word in words for option in self._called_for(path, node, word)]
                    model = self._model_like(ProjectClass(path, node)) if kept else ""
                    if model:
                        handle = self._handle_of(model)
                        found |= {class_key(cls): handle for cls in kept if handle}
            self._handles, self._seeking = found, False
        return self._handles

    def _handle_words(self, model: str) -> list[str]:
        return [word for word in self.evaluator.tables.types[model].related.split() if "<" not in word]

    def _handle_of(self, model: str) -> str:
        """The library's type of what asks for the rows of a model, "" where none is said."""
        types = self.evaluator.tables.types
        for word in self._handle_words(model):
            row = types[model].members.get(word)
            name = f"{self.evaluator.tables.library(model)}:{row.returns.partition('<')[0]}" if row is not None else ""
            if name in types:
                return name
        return ""

    def _called_for(self, path: str, cls: int, word: str) -> Iterator[ProjectClass]:
        """The project's classes of which the body of a class keeps an instance under a name."""
        tree = self.evaluator.tree(path)
        for node in self.evaluator.files[path].interface.classes[cls].members.get(word, ())[-1:]:
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0 and tree.kinds[value] == Kind.CALL:
                for option in options(self.evaluator.value(path, value + 1)):
                    if isinstance(option, ProjectClass):
                        yield option

    def _model_like(self, cls: ProjectClass) -> str:
        """The model of a library that a class extends, as far as its bases and what their bodies keep say it without
        asking what else these are; "" for none."""
        tables = self.evaluator.tables
        pending, seen = [cls], {class_key(cls)}
        while pending and len(seen) < SUBCLASSES:
            current = pending.pop()
            for base in self._based(current):
                if isinstance(base, LibraryClass):
                    if tables.types[base.name].declares:
                        return self._assumable().get(tables.types[base.name].declares, "")
                elif class_key(base) not in seen:
                    seen.add(class_key(base))
                    pending.append(base)
            for option in self._made_in(current):
                if isinstance(option, LibraryClass) and tables.types[option.name].field:
                    model = self._assumable().get(tables.library(option.name))
                    if model is not None:
                        return model
        return ""

    def _assumable(self) -> Mapping[str, str]:
        """Library → its model that classes are taken to extend."""
        if self._models is None:
            types = self.evaluator.tables.types
            self._models = {
                self.evaluator.tables.library(name): name for name, row in sorted(types.items()) if row.assumed
            }
        return self._models

    def made(self, path: str, call: int, base: LibraryClass, name: str) -> ProjectClass:
        """The class that a call makes (`sequelize.define("order", …)`), which extends a type of a table. The call
        stands for it as a class's own node does."""
        self._made[path, call] = (base, name)
        return ProjectClass(path, call)

    def _made_at(self, cls: ProjectClass) -> tuple[LibraryClass, str] | None:
        """What the class extends that a call makes, and its name; None where it makes none."""
        if (cls.path, cls.node) not in self._made:
            self.evaluator.value(cls.path, cls.node)
        return self._made.get((cls.path, cls.node))

    def by_calls(self) -> Iterator[ProjectClass]:
        """The classes that calls make, in the order of files and of their sources for each word."""
        by_language = _makers(self.evaluator.tables)
        words = dict.fromkeys(word for words in by_language.values() for word in words)
        for word in (*words, *self._made_to_make()):
            for path, call in self.evaluator.words.imported(word):
                makers = by_language["javascript" if self.evaluator.javascript(path) else "python"]
                least = makers.get(word) if word in words else -1
                given = sum(1 for _ in self.evaluator.tree(path).with_role(call, Role.ARGUMENT))
                if least is not None and given > least:
                    made = ProjectClass(path, call)
                    if made in options(self.evaluator.value(path, call)):
                        yield made

    def _made_to_make(self) -> Iterator[str]:
        """The names of what calls give that makes classes when it is called (`const table = pgTableCreator(…)`)."""
        for word in _makers_of_makers(self.evaluator.tables):
            for path, call in self.evaluator.words.imported(word):
                named = self.evaluator.parameters.assigned_name(path, call)
                yield from (named,) if named else ()

    def unread(self, cls: ProjectClass) -> bool:
        """Whether a class has a base, or one of its bases in the project has one, of which only the name is known."""
        return any(self._unread(each) for each in self.mro(cls) if isinstance(each, ProjectClass))

    def _unread(self, cls: ProjectClass) -> bool:
        """Whether a class has a base of which only the name is known. The language's own are none, and those of a
        library whose models are known: what its table does not name is no model."""
        return self.evaluator.once(self._unknown, class_key(cls), self._named_only)

    def _named_only(self, key: tuple[str, int]) -> bool:
        path, cls = key
        tree = self.evaluator.tree(path)
        for node in tree.with_role(cls, Role.BASE):
            if tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE):
                for option in options(self.evaluator.value(path, node)):
                    if isinstance(option, ExternalValue) and option.path.partition(".")[0] not in self._known():
                        return True
        return False

    def _known(self) -> frozenset[str]:
        """The packages of whose classes it is known which are models."""
        if self._read is None:
            libraries = self.evaluator.tables.libraries
            self._read = OF_THE_HOST.union(*(libraries[name].packages for name in self._assumable()))
        return self._read

    def kept_in(self, cls: ProjectClass) -> Iterator[tuple[str, int, Value]]:
        """What the body of a class keeps that a call makes: the name, the assignment, and the value."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        for name, nodes in interface.members.items() if interface is not None else ():
            node = nodes[-1]
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0 and tree.kinds[value] == Kind.CALL and tree.parents[node] == body:
                yield name, node, self.evaluator.value(cls.path, value)

    def _made_in(self, cls: ProjectClass) -> Iterator[Value]:
        """The classes of which the body of a class keeps instances."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        for nodes in interface.members.values() if interface is not None else ():
            node = nodes[-1]
            value = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else -1
            if value >= 0 and tree.kinds[value] == Kind.CALL and tree.parents[node] == body:
                yield from options(self.evaluator.value(cls.path, value + 1))

    def _names_of(self, value: Value) -> Iterator[str]:
        """The tables' types that a class is, and those that they extend."""
        for cls in self.mro(value) if isinstance(value, (LibraryClass, ProjectClass)) else ():
            if isinstance(cls, LibraryClass):
                yield from self.evaluator.tables.lineages[cls.name]

    def _of_library(self, cls: LibraryClass) -> tuple[Class, ...]:
        """A library's class, with the members of the class that it was made from before its own."""
        row = self.evaluator.tables.types[cls.name]
        base = next((value for key, value in cls.arguments if key == row.base), None) if row.base else None
        order: list[Class] = [cls]
        if isinstance(base, (ProjectClass, LibraryClass)):
            behind = [ancestor for ancestor in self.mro(base) if class_key(ancestor) != class_key(cls)]
            order = [
                *(ancestor for ancestor in behind if isinstance(ancestor, ProjectClass)),
                cls,
                *(ancestor for ancestor in behind if isinstance(ancestor, LibraryClass)),
            ]
        if not isinstance(base, ProjectClass) or base in self._mro:
            self._mro[cls] = tuple(order)
        return tuple(order)

    def behind(self, cls: Class) -> Value:
        """The model that a library's model stands for, or the class itself."""
        if isinstance(cls, LibraryClass):
            row = self.evaluator.tables.types[cls.name]
            if row.declares and row.model:
                return next((value for key, value in cls.arguments if key == row.model), cls)
        return cls

    def _based(self, cls: ProjectClass) -> list[Class]:
        """The bases of a class, nearest first. Nobody may change the list."""
        return self.evaluator.once(self._direct, cls, self._bases)

    def _bases(self, cls: ProjectClass) -> list[Class]:
        tree = self.evaluator.tree(cls.path)
        if tree.kinds[cls.node] == Kind.CALL:
            made = self._made_at(cls)
            return [made[0]] if made is not None else []
        bases: list[Class] = []
        context = Context(-1, cls.path, Instance(cls)) if cls.arguments else None
        for node in tree.with_role(cls.node, Role.BASE):
            if tree.kinds[node] == Kind.KEYWORD:
                continue
            value = self.evaluator.value(cls.path, node, context)
            if isinstance(value, Unknown) and tree.kinds[node] == Kind.SUBSCRIPT:
                # `interface A extends Omit<B, 'c'>`: a type, not a class.
                value = self.evaluator.annotations.annotation(cls.path, node, context)
            for option in options(value):
                if isinstance(option, (LibraryClass, ProjectClass)):
                    bases.append(option)
                elif isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                    bases.append(option.cls)
        return [*bases, *self._decorated(cls)]

    def _decorated(self, cls: ProjectClass) -> Iterator[LibraryClass]:
        """The tables' types that the decorators of a class make it one of."""
        tree = self.evaluator.tree(cls.path)
        for decorator in tree.with_role(cls.node, Role.DECORATOR):
            node = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            word = tree.value(node) if tree.kinds[node] in NAMES else ""
            for option in options(self.evaluator.value(cls.path, node)) if word in self._extending_words() else ():
                if isinstance(option, LibraryFunction):
                    library, row = self.evaluator.tables.functions[option.path]
                    if row.extends:
                        yield LibraryClass(row.extends if ":" in row.extends else f"{library}:{row.extends}")

    def called_on(self, cls: ProjectClass) -> Value | None:
        """What the methods of a class are called on where its instances are none of what it describes (a type of an
        interface that shows rows: a row); None for every other class."""
        key = class_key(cls)
        if key in self._called_on:
            return self._called_on[key]
        if key in self._calling_open:
            self.evaluator.cut()
            return None
        self._calling_open.add(key)
        with self.evaluator.partial() as partial:
            found = self._called(cls)
        self._calling_open.discard(key)
        if not partial:
            self._called_on[key] = found
        return found

    def _called(self, cls: ProjectClass) -> Value | None:
        evaluator, tables = self.evaluator, self.evaluator.tables
        tree = evaluator.tree(cls.path)
        for decorator in tree.with_role(cls.node, Role.DECORATOR):
            if tree.kinds[decorator] != Kind.CALL or tree.value(decorator + 1) not in self._calling_words():
                continue
            for option in options(evaluator.value(cls.path, decorator + 1)):
                row = tables.functions[option.path][1] if isinstance(option, LibraryFunction) else None
                if row is not None and row.called_on and isinstance(option, LibraryFunction):
                    library = evaluator.rows.library_of(option)
                    return evaluator.rows.given(row.called_on, library, cls.path, decorator)
        if self._calls_on_others:
            for base in self.library_types(cls):
                word = tables.types[base.name].called_on
                if word:
                    return evaluator.rows.word(word, Instance(cls), cls.path, -1, None)
        return None

    def _calling_words(self) -> frozenset[str]:
        """Last words of decorators of classes that say what their methods are called on."""
        if self._calling is None:
            functions = self.evaluator.tables.functions.items()
            self._calling = frozenset(
                path.replace("#", ".").rpartition(".")[2] for path, (_, row) in functions if row.called_on
            )
        return self._calling

    def _extending_words(self) -> frozenset[str]:
        """Last words of decorators that make a class one of a table's types, under the names of their packages."""
        if self._extended is None:
            functions = self.evaluator.tables.functions.items()
            self._extended = frozenset(
                path.replace("#", ".").rpartition(".")[2] for path, (_, row) in functions if row.extends
            )
        return self._extended

    def underway(self, cls: Class) -> bool:
        """Whether its instances are queries that are being built: one that somebody else hands over may have any
        clause already. What queries are begun on (a manager) has none, unless a function is handed it or gives it
        (`Evaluator.begun`): it may be that of a relation."""
        return any(self._building(item.name) for item in self.library_types(cls)[:1])

    def _building(self, name: str) -> bool:
        """Whether a table's type is that of queries that are being built."""
        found = self._builders.get(name)
        if found is None:
            tables = self.evaluator.tables
            found = self._builders[name] = not tables.types[name].delegates and any(
                member.returns == "self" and member.where is not None
                for owner in tables.lineages[name]
                for member in tables.types[owner].members.values()
            )
        return found

    def library_types(self, cls: Class) -> list[LibraryClass]:
        """The tables' types that a class is."""
        found = self._library_types.get(cls)
        if found is None:
            found = [item for item in self.mro(cls) if isinstance(item, LibraryClass)]
            if cls in self._mro:
                self._library_types[cls] = found
        return found

    def enumerates(self, cls: Class) -> bool:
        """Whether a class holds plain values: its attributes are its members, as of an enumeration, no columns."""
        types = self.evaluator.tables.types
        return any(types[each.name].scalar for each in self.library_types(cls))

    def lineage(self, cls: Class) -> list[str]:
        """The tables' types that a class is, and those that they extend, nearest first."""
        lineages = self.evaluator.tables.lineages
        return list(dict.fromkeys(name for item in self.library_types(cls) for name in lineages[item.name]))

    def owner(self, cls: Class, name: str) -> ProjectClass | None:
        """The nearest of the project's classes that declares a member."""
        owners = self._owners.get(cls)
        if owners is None:
            owners = {}
            for ancestor in reversed(self.mro(cls)):
                if isinstance(ancestor, ProjectClass):
                    interface = self.evaluator.files[ancestor.path].interface.classes.get(ancestor.node)
                    for member, nodes in interface.members.items() if interface is not None else ():
                        if nodes:
                            owners[member] = ancestor
            if cls in self._mro:
                self._owners[cls] = owners
        return owners.get(name)

    def subclasses(self, cls: ProjectClass) -> tuple[ProjectClass, ...]:
        """The project's classes that extend a class, directly or not, nearest first: those of tests and examples
        where there are no others, as with calls."""
        key = class_key(cls)
        found = self._subclasses.get(key)
        if found is not None:
            return found
        order: list[ProjectClass] = []
        seen = {key}
        pending = [cls]
        with self.evaluator.partial() as partial:
            while pending and len(order) < SUBCLASSES:
                current = pending.pop(0)
                for candidate in self._extending(self.class_name(current)):
                    if class_key(candidate) in seen:
                        continue
                    if any(class_key(base) == class_key(current) for base in self._based(candidate)):
                        seen.add(class_key(candidate))
                        order.append(candidate)
                        pending.append(candidate)
        aside = self.evaluator.aside
        if cls.path not in aside:
            order = [below for below in order if below.path not in aside] or order
        if not partial:
            self._subclasses[key] = tuple(order)
        return tuple(order)

    def _extending(self, name: str) -> list[ProjectClass]:
        """The classes that write a base whose last word is `name`."""
        if self._named_as_base is None:
            self._named_as_base = self._by_base()
        return self._named_as_base.get(name, [])

    def _by_base(self) -> dict[str, list[ProjectClass]]:
        found: dict[str, list[ProjectClass]] = {}
        for path, file in sorted(self.evaluator.files.items()):
            tree = self.evaluator.tree(path)
            for node, interface in sorted(file.interface.classes.items()):
                words: set[str] = set()
                for base in interface.bases:
                    name = base + 1 if tree.kinds[base] in (Kind.SUBSCRIPT, Kind.CALL) else base
                    if tree.kinds[name] in NAMES:
                        words.add(tree.value(name))
                for word in words:
                    found.setdefault(word, []).append(ProjectClass(path, node))
        return found

    def parametrised(self, cls: Class, path: str, nodes: list[int], context: Context | None) -> Class:
        """`Repository<User>`: a class with its type parameters filled."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        if len(nodes) == 1 and tree.kinds[nodes[0]] == Kind.TUPLE:
            nodes = list(tree.children(nodes[0]))
        values = tuple(self._argument(path, node, context) for node in nodes)
        if isinstance(cls, ProjectClass):
            return ProjectClass(cls.path, cls.node, values)
        row = evaluator.tables.types[cls.name]
        parameters = row.parameters
        if evaluator.javascript(path) and row.model in parameters[: len(values)]:
            at = parameters.index(row.model)
            values = (*values[:at], self._shaped(values[at], path, nodes[at], context), *values[at + 1 :])
        return LibraryClass(cls.name, tuple(zip(parameters, values, strict=False)))

    def _argument(self, path: str, node: int, context: Context | None) -> Value:
        """What fills a type parameter: an expression, or the name of a class as a text, since it is declared later
        (`class Orders(QuerySet["Order"])`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        if tree.kinds[node] == Kind.STRING and not evaluator.javascript(path):
            first, *further = tree.value(node).split(".")
            target = evaluator.names.binding(path, first) if first.isidentifier() else None
            named = evaluator.target(target)
            for word in further:
                named = evaluator.members.attribute(named, word, path)
            if isinstance(named, (LibraryClass, ProjectClass)):
                return named
        return evaluator.value(path, node, context)

    def _shaped(self, value: Value, path: str, node: int, context: Context | None) -> Value:
        """The model whose rows a written type stands for: a model itself, or the shape of its rows."""
        relations = self.evaluator.relations
        held: list[Value] = list(options(value))
        # A type parameter that nothing fills is any model, and not what it extends.
        if value is not UNBOUND and not any(isinstance(option, (ProjectClass, LibraryClass)) for option in held):
            declared = options(self.evaluator.annotations.annotation(path, node, context))
            held = [
                LibraryClass(option.cls.name, option.arguments) if isinstance(option.cls, LibraryClass) else option.cls
                for option in declared
                if isinstance(option, Instance)
            ]
        for option in held:
            inner: Value | None = option
            if isinstance(option, LibraryClass):
                inner = dict(option.arguments).get(self.evaluator.tables.types[option.name].model)
            if isinstance(inner, ProjectClass):
                model = relations.shaped(inner) if relations is not None else None
                return model or inner
        return value

    def class_name(self, cls: Class) -> str:
        """A class's name for people."""
        if isinstance(cls, LibraryClass):
            return cls.name.partition(":")[2]
        tree = self.evaluator.tree(cls.path)
        if tree.kinds[cls.node] == Kind.CALL:
            made = self._made_at(cls)
            return made[1] if made is not None else ""
        return tree.value(cls.node)


@derived
def _makers(tables: Tables) -> Mapping[str, Mapping[str, int]]:
    """Language → last words of what makes classes → how many arguments it takes more of than this."""
    makers: dict[str, dict[str, int]] = {"python": {}, "javascript": {}}
    for library in tables.libraries.values():
        rows = library.types.values()
        members = [pair for row in rows for pair in row.members.items()]
        members += [(path, row.construct) for row in rows for path in row.path if row.construct is not None]
        for name, row in (*library.functions.items(), *members):
            if row.returns.startswith("subclass:"):
                word = name.replace("#", ".").rpartition(".")[2]
                needed = int((*row.returns.split("/"), "", "")[2] or -1)
                for language in library.languages:
                    makers[language][word] = min(makers[language].get(word, needed), needed)
    return makers


@derived
def _makers_of_makers(tables: Tables) -> Sequence[str]:
    """The last words of functions that give what makes classes when it is called."""
    types = tables.types
    makers = {name for name, row in types.items() if row.call is not None and row.call.returns[:9] == "subclass:"}
    return [
        name.replace("#", ".").rpartition(".")[2]
        for library in (tables.libraries.values() if makers else ())
        for name, row in library.functions.items()
        if f"{library.name}:{row.returns}" in makers
    ]
