"""The project's functions: their ids, and the places that call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.program import FileRole, Function
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.facts.uses import PROGRAM
from dblint.link import hosts
from dblint.link.alone import Alone
from dblint.link.coroutines import Coroutines
from dblint.link.entries import Entries
from dblint.link.hosts import CONSTRUCTORS
from dblint.link.loops.callbacks import callback_of, iterated_by
from dblint.link.uses import Uses
from dblint.link.values import (
    ExternalValue,
    FunctionValue,
    Instance,
    ProjectClass,
    Unknown,
    options,
)
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

SITES = 300
"""Call sites of one name that are resolved; a name with more of them is a common word."""
OWN_SITES = 50
"""Those of a method outside of tests up to which it is tests alone that make its word common: they are resolved all the
same."""
ASIDE = frozenset({FileRole.TEST, FileRole.EXAMPLE})
"""Files that run beside the program."""


class Functions:
    """Names functions and finds their call sites. One per evaluator."""

    def __init__(self, evaluator: Evaluator, roles: Mapping[str, FileRole] | None = None) -> None:
        """`roles`: what files are for; a file without one is part of the application."""
        self.evaluator = evaluator
        self.uses = Uses(evaluator)
        self.entries = Entries(evaluator)
        self.alone = Alone(self)
        self.coroutines = Coroutines(self)
        self._roles = roles if roles is not None else {}
        self._handed_on: dict[tuple[str, int], bool] = {}
        self._ids: dict[tuple[str, int], str] = {}
        self._values: dict[str, FunctionValue] = {}
        self._sites: dict[tuple[str, int], list[tuple[str, int]]] = {}
        self._noted: dict[tuple[str, int], dict[tuple[str, int], None]] = {}
        self._given_by_name: dict[str, list[tuple[str, int, int, int, bool]]] = {}

    def id(self, path: str, node: int) -> str:
        """The id of the function at `node`: `path::Class.method`."""
        found = self._ids.get((path, node))
        if found is not None:
            return found
        tree = self.evaluator.tree(path)
        names: list[str] = []
        current = node
        while current >= 0:
            if tree.kinds[current] in (Kind.FUNCTION, Kind.CLASS):
                names.append(tree.value(current) or self._given_name(path, current) or f"<{tree.starts[current]}>")
            current = tree.parents[current]
        identifier = f"{path}::{'.'.join(reversed(names))}"
        if identifier in self._values:
            identifier = f"{identifier}@{tree.starts[node]}"
        self._ids[path, node] = identifier
        self._values[identifier] = FunctionValue(path, node)
        return identifier

    def value(self, identifier: str) -> FunctionValue | None:
        """The function of an id."""
        return self._values.get(identifier)

    def name(self, function: FunctionValue) -> str:
        """A function's own name."""
        tree = self.evaluator.tree(function.path)
        return tree.value(function.node) or self._given_name(function.path, function.node)

    def _given_name(self, path: str, node: int) -> str:
        tree = self.evaluator.tree(path)
        parent = tree.parents[node]
        while parent >= 0 and tree.kinds[parent] in (Kind.CAST, Kind.CALL) and tree.kinds[parent] != Kind.BLOCK:
            if tree.kinds[parent] == Kind.CALL and tree.roles[node] != Role.ARGUMENT:
                return ""
            node, parent = parent, tree.parents[parent]
        if parent >= 0 and tree.kinds[parent] == Kind.ASSIGN:
            target = tree.child(parent, Role.TARGET)
            if target >= 0 and tree.kinds[target] in (Kind.NAME, Kind.ATTRIBUTE):
                return tree.value(target)
        if parent >= 0 and tree.kinds[parent] == Kind.PAIR:
            return tree.value(parent)
        return ""

    def fact(self, identifier: str) -> Function:
        """The function as a fact."""
        value = self._values[identifier]
        tree = self.evaluator.tree(value.path)
        asynchronous = tree.has(value.node, Flag.ASYNC)
        return Function(
            identifier,
            self.name(value),
            Place(value.path, tree.starts[value.node], tree.stops[value.node]),
            kind=self._kind(value),
            memoised=self.memoises(value),
            asynchronous=asynchronous,
            thread=any(row.callback is not None and row.callback.thread for row, _ in self.entries.rows(value)),
            awaits=asynchronous and self.coroutines.awaits(value),
            threaded=asynchronous and self.coroutines.threaded(value),
            unnamed=asynchronous and self.coroutines.unnamed(value),
        )

    def _kind(self, function: FunctionValue) -> str:
        if self.entries.command(function):
            return "command"
        asynchronous = self.evaluator.tree(function.path).has(function.node, Flag.ASYNC)
        return "start" if asynchronous and self.alone.alone(function) else ""

    def keeps(self, function: FunctionValue) -> bool:
        """Whether a decorator keeps what the function gives, or may: one of a package that no table describes."""
        tree = self.evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
            found = options(self.evaluator.value(function.path, callee))
            if all(isinstance(option, (ExternalValue, Unknown)) for option in found):
                return True
        return self.memoises(function)

    def memoises(self, function: FunctionValue) -> bool:
        """Whether a decorator keeps what the function gives for the same arguments: a library's, or one of the
        project's own."""
        if any(row.memoises for row, _ in self.entries.rows(function)):
            return True
        return self.evaluator.decorators.memoises(function.path, function.node)

    def note(self, function: FunctionValue, path: str, call: int) -> None:
        """Keeps a call of this function that was met while calls were collected."""
        self._noted.setdefault((function.path, function.node), {}).setdefault((path, call))

    def callers(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls that surely call this function: those that its names find, and those that were met, which is all
        that is known of a common word."""
        noted = self._noted.get((function.path, function.node), ())
        return list(dict.fromkeys([*self.sites(function), *noted, *self._reads(function)]))

    def _reads(self, function: FunctionValue) -> Iterator[tuple[str, int]]:
        """The attributes whose reading calls the function: of a property."""
        evaluator = self.evaluator
        path, name = function.path, self.name(function)
        if evaluator.javascript(path):
            return
        if not evaluator.decorator_names(path, function.node) & hosts.PROPERTY_DECORATORS:
            return
        tree = evaluator.tree(path)
        owner = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
        places = [
            (file, node)
            for file, node in evaluator.words.spelled(name)
            if evaluator.tree(file).kinds[node] == Kind.ATTRIBUTE and evaluator.tree(file).roles[node] != Role.TARGET
        ]
        for file, node in places if len(places) <= SITES and owner >= 0 else ():
            for option in options(evaluator.value(file, node + 1)):
                cls = evaluator.classes.owner(option.cls, name) if isinstance(option, Instance) else None
                if cls is not None and (cls.path, cls.node) == (path, owner):
                    yield file, node
                    break

    def sites(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls that surely call this function; none where its name is a common word."""
        key = (function.path, function.node)
        found = self._sites.get(key)
        if found is not None:
            return found
        self._sites[key] = sites = list(self._resolve(function))
        return sites

    def every(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls that are made of the function where the program runs: what tests and examples call it with is
        no answer to what the program does."""
        sites = self.reaching(function)
        if self.name(function) in CONSTRUCTORS:
            sites = [*sites, *self._by_subclasses(function)]
        return [site for site in sites if self._counts(function, site[0])]

    def unsaid(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls of the program that may be of a method because of its name alone."""
        sites = self.uses.unsaid(function, self.name(function))
        return [site for site in sites if self._counts(function, site[0])]

    def uncalled(self, function: FunctionValue) -> bool:
        """Whether no call of the program is one of this function: all that are written so call others, it is no value
        anywhere, and its name stands in no text."""
        name = self.name(function)
        if not name or self.every(function) or self.handed_on(function):
            return False
        for path, call in self.uses.calls(function, name):
            called = options(self.evaluator.value(path, call + 1)) if self._counts(function, path) else ()
            if not all(isinstance(option, FunctionValue) for option in called):
                return False
        for path, node in self.evaluator.words.spelled(name):
            tree = self.evaluator.tree(path)
            whole = tree.kinds[node] == Kind.STRING and tree.kinds[tree.parents[node]] != Kind.TEMPLATE
            if whole and self._counts(function, path):
                return False
        return True

    def chosen(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls by a name that a script chooses from texts, the function's among them: `store[up ? 'first' :
        'last'](…)`, also by a name of the function around it that holds the text."""
        name = self.name(function)
        found: dict[tuple[str, int], None] = {}
        script = self.evaluator.javascript(function.path)
        for path, node in self.evaluator.words.spelled(name) if script else ():
            tree = self.evaluator.tree(path)
            if tree.kinds[node] == Kind.STRING and self.evaluator.javascript(path) and self._counts(function, path):
                for call in self._calls_by(path, node):
                    held = self.evaluator.value(path, call + 2)
                    for option in options(self.evaluator.members.attribute(held, name, path)):
                        if isinstance(option, FunctionValue) and option.node == function.node:
                            if option.path == function.path:
                                found[path, call] = None
        return list(found)

    def _calls_by(self, path: str, text: int) -> Iterator[int]:
        """The calls of members whose name is a text, or one of two that a test chooses from."""
        tree = self.evaluator.tree(path)
        node = text
        while tree.kinds[tree.parents[node]] == Kind.CONDITIONAL and tree.roles[node] in (Role.BODY, Role.ELSE):
            node = tree.parents[node]
        above = tree.parents[node]
        uses = [node]
        if tree.kinds[above] == Kind.ASSIGN and tree.roles[node] == Role.VALUE:
            target, function = tree.child(above, Role.TARGET), self.evaluator.scope(path).function(above)
            if tree.kinds[target] != Kind.NAME or function < 0:
                return
            uses = [use for use in tree.spelled(tree.value(target)) if tree.contains(function, use)]
        for use in uses:
            member = tree.parents[use]
            if tree.kinds[member] == Kind.SUBSCRIPT and tree.roles[use] == Role.INDEX:
                if tree.roles[member] == Role.CALLEE and tree.kinds[tree.parents[member]] == Kind.CALL:
                    yield tree.parents[member]

    def _by_subclasses(self, constructor: FunctionValue) -> Iterator[tuple[str, int]]:
        """The calls of a constructor that the classes make which extend its class: by their own names where they
        have no other constructor, else by `super`."""
        evaluator = self.evaluator
        tree = evaluator.tree(constructor.path)
        name = tree.value(constructor.node)
        owner = next((node for node in tree.ancestors(constructor.node) if tree.kinds[node] == Kind.CLASS), -1)
        if owner < 0:
            return
        for cls in evaluator.classes.subclasses(ProjectClass(constructor.path, owner)):
            nearest = evaluator.classes.owner(cls, name)
            if nearest is None or (nearest.path, nearest.node) == (constructor.path, owner):
                for path, call in evaluator.words.called(evaluator.tree(cls.path).value(cls.node)):
                    found = options(evaluator.value(path, call + 1))
                    if any(
                        isinstance(one, ProjectClass) and (one.path, one.node) == (cls.path, cls.node) for one in found
                    ):
                        yield path, call
            elif (nearest.path, nearest.node) == (cls.path, cls.node):
                other = evaluator.tree(cls.path)
                word = "super" if evaluator.javascript(cls.path) else name
                for path, call in evaluator.words.called(word):
                    if path == cls.path and other.contains(cls.node, call) and _above(other, call):
                        yield path, call

    def handed_on(self, function: FunctionValue) -> bool:
        """Whether nobody can name all its calls: it is a value somewhere, and whoever has it calls it as they like."""
        key = (function.path, function.node)
        if key not in self._handed_on:
            self._handed_on[key] = False  # a question inside its own answer
            name = self.name(function)
            self._handed_on[key] = name not in CONSTRUCTORS and self.uses.handed_on(function, name)
        return self._handed_on[key]

    def running(self, path: str) -> bool:
        """Whether a file is part of the running program."""
        return self.role(path) in PROGRAM

    def role(self, path: str) -> FileRole:
        """What a file is for."""
        return self._roles.get(path, FileRole.APP)

    def aside(self, path: str) -> bool:
        """Whether a file is a test or an example."""
        return self._roles.get(path) in ASIDE

    def _counts(self, function: FunctionValue, path: str) -> bool:
        """Whether what a file does says what becomes of the function where the program runs."""
        return self._roles.get(path) not in ASIDE or self._roles.get(function.path) in ASIDE

    def reaching(self, function: FunctionValue) -> list[tuple[str, int]]:
        """The calls of a function, and of the methods that it overrides: those reach it too."""
        found = list(self.sites(function))
        for base in self.overridden(function):
            found += [site for site in self.sites(base) if site not in found]
        return found

    def overridden(self, function: FunctionValue) -> Iterator[FunctionValue]:
        """The methods of base classes of the project that a method overrides."""
        evaluator = self.evaluator
        tree = evaluator.tree(function.path)
        name = tree.value(function.node)
        if not tree.has(function.node, Flag.METHOD) or not name or name in CONSTRUCTORS:
            return
        owner = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
        for cls in evaluator.classes.mro(ProjectClass(function.path, owner)) if owner >= 0 else ():
            if not isinstance(cls, ProjectClass) or (cls.path, cls.node) == (function.path, owner):
                continue
            interface = evaluator.files[cls.path].interface.classes.get(cls.node)
            for node in interface.members.get(name, ()) if interface is not None else ():
                if evaluator.tree(cls.path).kinds[node] == Kind.FUNCTION:
                    yield FunctionValue(cls.path, node)

    def surely(self, function: FunctionValue, path: str, call: int) -> bool:
        """Whether a call that may call this function calls no other: neither another branch's, nor that of another
        class which writes the same method of an interface."""
        tree = self.evaluator.tree(function.path)
        return all(
            option.path == function.path and tree.parents[option.node] == tree.parents[function.node]
            for option in self.alternatives(path, call)
        )

    def alternatives(self, path: str, call: int) -> list[FunctionValue]:
        """The functions of which a call may be, without those that are left open for others."""
        functions = [
            option for option in options(self.evaluator.value(path, call + 1)) if isinstance(option, FunctionValue)
        ]
        return [function for function in functions if not self.evaluator.members.below.left_open(function)]

    def _resolve(self, function: FunctionValue) -> Iterator[tuple[str, int]]:
        evaluator = self.evaluator
        name = self.name(function)
        tree = evaluator.tree(function.path)
        if name in CONSTRUCTORS:
            owner = next((node for node in tree.ancestors(function.node) if tree.kinds[node] == Kind.CLASS), -1)
            name = tree.value(owner) if owner >= 0 else ""
        if not name:
            return
        candidates = self.uses.calls(function, name)
        if len(candidates) > SITES:
            role = self._roles.get  # as `aside`: a common word has thousands of calls
            own = [site for site in candidates if role(site[0]) not in ASIDE]
            few = len(own) <= OWN_SITES and tree.has(function.node, Flag.METHOD)
            candidates = own if few else evaluator.imported_calls.of(function.path, function.node, name)
        script = evaluator.javascript(function.path)
        for path, call in candidates:
            if evaluator.javascript(path) is not script:
                continue  # a word of the other language's
            for option in options(evaluator.value(path, call + 1)):
                if isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node):
                    yield path, call
                    break
                if (
                    isinstance(option, ProjectClass)
                    and option.path == function.path
                    and tree.contains(option.node, function.node)
                ):
                    yield path, call
                    break

    def per_element(self, function: FunctionValue, position: int) -> list[tuple[str, int, str]]:
        """What loops of the program's give to the function's parameter at `position`: the file, what is iterated,
        and the word for which part of it (`element`, `index`, "")."""
        found: list[tuple[str, int, str]] = []
        for path, call, argument, iterated, _ in self._given_to_each(function):
            if iterated < 0 or self.evaluator.tree(path).roles[argument] != Role.ARGUMENT:
                continue
            index = list(self.evaluator.tree(path).with_role(call, Role.ARGUMENT)).index(argument)
            callback = callback_of(self.evaluator, path, call, index)
            if callback is not None and self._counts(function, path):
                word = callback.gives[position] if position < len(callback.gives) else ""
                found.append((path, iterated, "element" if callback.over else word))
        return found

    def given_to_each(self, function: FunctionValue) -> Iterator[tuple[str, int, int, bool]]:
        """The calls that hand this function, by name, to something that runs it per element, each with what
        is iterated (-1: it is run once), and whether it runs beside the event loop."""
        for path, call, _, iterated, thread in self._given_to_each(function):
            yield path, call, iterated, thread

    def _given_to_each(self, function: FunctionValue) -> Iterator[tuple[str, int, int, int, bool]]:
        name = self.name(function)
        given = self._given_by_name.get(name)
        if given is None:
            given = self._given_by_name[name] = list(self._handing(name))
        for path, call, argument, iterated, thread in given:
            for option in options(self.evaluator.value(path, argument)):
                if isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node):
                    yield path, call, argument, iterated, thread

    def _handing(self, name: str) -> Iterator[tuple[str, int, int, int, bool]]:
        """The calls that hand what has this name to a loop, or on to where it is run: the file, the call, the
        argument, what is iterated, whether it runs beside the event loop."""
        evaluator = self.evaluator
        for path, call, callee, key, argument in evaluator.words.given(name):
            looping = evaluator.tables.looping["javascript" if evaluator.javascript(path) else "python"]
            if callee not in looping:
                # What a call makes of it may be handed on (`map(partial(load, opened), keys)`).
                tree, argument = evaluator.tree(path), call
                call = tree.parents[argument]
                if tree.roles[argument] != Role.ARGUMENT or tree.kinds[call] != Kind.CALL:
                    continue
                if tree.kinds[call + 1] not in NAMES or tree.value(call + 1) not in looping:
                    continue
                key = list(tree.with_role(call, Role.ARGUMENT)).index(argument)
            callback = callback_of(evaluator, path, call, key)
            if callback is None:
                continue
            iterated = iterated_by(evaluator.tree(path), call, callback) if callback.fate == "each" else -1
            if iterated >= 0 or (callback.passes and callback.fate != "later"):
                yield path, call, argument, iterated, callback.thread


def _above(tree: Tree, call: int) -> bool:
    """Whether a call is `super(…)` or `super().__init__(…)`."""
    callee = call + 1
    if tree.kinds[callee] == Kind.ATTRIBUTE and tree.kinds[callee + 1] == Kind.CALL:
        callee += 2
    return tree.kinds[callee] == Kind.NAME and tree.value(callee) == "super"
