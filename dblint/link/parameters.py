"""What a function's parameters hold, and which arguments fill them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.query import When
from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.returns import OWN
from dblint.link.texts.handlers import REQUEST
from dblint.link.values import (
    ONE_OF_SEVERAL,
    UNKNOWN,
    Alternatives,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    join,
    narrows,
    options,
    widen,
)
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


CALL_SITE_LIMIT = 12
"""Call sites asked for what a parameter without an annotation holds; beyond, *cannot say*."""
IMPORTED_LIMIT = 60
"""The same of call sites that are known to mean the function by what their files import: nobody else's are among
them."""

AGREEING = 3
"""Calls of a common word that have to pass the same type for all to pass it."""
CARRIED = 24
"""Steps of a chain that are carried into a function, the last ones; of a longer one, more may have been asked for."""
_Call: TypeAlias = tuple[str, int, int, str, int]
"""A function's file, node and how many arguments it got before; a call's file and node."""


class Parameters:
    """Answers what parameters hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._receiving: dict[tuple[str, int], bool] = {}
        """Functions → whether their first parameter is what they are called on."""
        self._positions: dict[tuple[str, int], dict[int, int]] = {}
        """Functions → the positions of their parameters."""
        self._matched: dict[_Call, tuple[tuple[int, int], ...]] = {}
        """Calls of functions → what `matched` gives for them."""
        self._calls_on_itself: dict[tuple[str, int], tuple[int, int] | None] = {}
        """Calls → what `_on_itself` says of them."""

    def parameter(self, path: str, node: int, name: str, context: Context | None) -> Value:
        """What a parameter gives to a name: itself, or a part of it where it is destructured."""
        given = self.evaluator.scripts.entry(path, node, name)
        if given is not None:
            return given
        return self._part(path, node, self.whole(path, node, context), name)

    def whole(self, path: str, node: int, context: Context | None) -> Value:
        """What a parameter holds: given by the context, annotated, given to a closure, its default, or
        what the project's call sites pass."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        function = tree.parents[node]
        own = tree.value(node)
        seen = context
        while seen is not None:
            if seen.function == function and seen.path == path:
                for key, value in seen.arguments:
                    if key == (own or str(node)):
                        return value
                break
            seen = seen.outer
        position = self.position(path, function, node)
        if not tree.has(function, Flag.ARROW) and self._method(path, function) and position == -1:
            return (
                evaluator.called_on.receiver(path, node, context)
                if not self._classmethod(path, function)
                else self._class(path, function, context)
            )
        annotation = tree.child(node, Role.ANNOTATION)
        if annotation >= 0:
            declared = evaluator.annotations.annotation(path, annotation, context)
            if evaluator.annotations.variable(declared):
                declared = self._from_call_sites(path, function, node)
            if evaluator.properties.says_nothing(declared):
                handed = self._from_call_sites(path, function, node)
                declared = handed if not isinstance(handed, Unknown) else declared
            if not isinstance(declared, Unknown):
                return evaluator.begun(declared)
        if tree.child(node, Role.DECORATOR) >= 0 and evaluator.javascript(path):
            held = evaluator.injected.of(path, node)
            if not isinstance(held, Unknown):
                return held
        script = evaluator.scripts.given(path, function, position) if evaluator.javascript(path) else None
        if script is not None:
            return script
        injected = self.injected(path, node, context)
        if injected is not None:
            return injected
        given = evaluator.closures.given(path, function, position, context)
        if not isinstance(given, Unknown):
            return given
        given = evaluator.closures.given_by_name(path, function, position)
        if not isinstance(given, Unknown):
            return given
        if tree.child(function, Role.DECORATOR) >= 0:
            given = evaluator.decorators.given(path, function, position, own)
            if not isinstance(given, Unknown):
                return given
        heard = evaluator.heard.given(path, function, own)
        if not isinstance(heard, Unknown):
            return heard
        word, library = evaluator.handlers.given(path, function, position)
        if word and word != REQUEST:
            return self._framework(word, library, evaluator.called_on.receiver(path, node, context))
        if (
            position == 0
            and tree.has(function, Flag.METHOD)
            and not isinstance(shown := evaluator.shown(path, function), Unknown)
        ):
            return shown
        default = tree.child(node, Role.DEFAULT)
        if default >= 0:
            value = evaluator.value(path, default, context)
            if not isinstance(value, (Unknown, Scalar, Expression, ExternalValue)):
                return value
        if annotation < 0 or tree.value(annotation) in hosts.UNTYPED:
            return self._from_call_sites(path, function, node)
        return UNKNOWN

    def _framework(self, word: str, library: str, receiver: Value) -> Value:
        """What a framework gives to a parameter; more may have been put into a query than is said of it."""
        rows = self.evaluator.rows
        if OWN in word:
            given = rows.word(word, receiver, "", -1, None) if isinstance(receiver, Instance) else UNKNOWN
        else:
            given = rows.made(word, library)
        how = (f"given by {library}",)
        opened = [self.evaluator.opened(option) for option in options(given)]
        return join([replace(option, how=how) if isinstance(option, Instance) else option for option in opened])

    def _part(self, path: str, node: int, value: Value, name: str) -> Value:
        target = self.evaluator.tree(path).child(node, Role.TARGET)
        if target < 0:
            return value
        part = self.evaluator.bindings.project(path, target, value, name)
        return self._of_literals(path, node, target, name) if isinstance(value, Unknown) else part

    def _of_literals(self, path: str, node: int, target: int, name: str) -> Value:
        """The part of a destructured parameter that is what tables describe in the objects that all of its callers
        write out (`make({ db: pool })`)."""
        evaluator = self.evaluator
        function = evaluator.tree(path).parents[node]
        given = [
            evaluator.bindings.project(path, target, evaluator.value(site, argument), name)
            for site, call in self._sites(path, function)
            for argument in self._passed(path, function, node, site, call)
            if evaluator.tree(site).kinds[argument] == Kind.OBJECT
        ]
        known = [value for value in given if evaluator.any_known(value)]
        return join(known) if known and len(known) == len(given) else UNKNOWN

    def injected(self, path: str, node: int, context: Context | None) -> Value | None:
        """`session = Depends(get_session)`: a default whose row hands back what a function makes."""
        default = self.evaluator.tree(path).child(node, Role.DEFAULT)
        if default < 0 or self.evaluator.tree(path).kinds[default] != Kind.CALL:
            return None
        value = self.evaluator.value(path, default, context)
        return value if isinstance(value, Instance) else None

    def position(self, path: str, function: int, parameter: int) -> int:
        """A parameter's position among positional arguments; -1 for a method's receiver."""
        positions = self._positions.get((path, function))
        if positions is None:
            parameters = self.evaluator.tree(path).with_role(function, Role.PARAMETER)
            first = self._first_position(path, function)
            positions = self._positions[path, function] = {node: at for at, node in enumerate(parameters, first)}
        found = positions.get(parameter)
        return found if found is not None else self._first_position(path, function) + len(positions)

    def _first_position(self, path: str, function: int) -> int:
        return -1 if self._implicit_receiver(path, function) else 0

    def _implicit_receiver(self, path: str, function: int) -> bool:
        found = self._receiving.get((path, function))
        if found is None:
            evaluator = self.evaluator
            found = self._receiving[path, function] = (
                not evaluator.javascript(path)
                and self._method(path, function)
                and "staticmethod" not in evaluator.decorator_names(path, function)
            )
        return found

    def _method(self, path: str, function: int) -> bool:
        tree = self.evaluator.tree(path)
        return tree.has(function, Flag.METHOD)

    def _classmethod(self, path: str, function: int) -> bool:
        return "classmethod" in self.evaluator.decorator_names(path, function)

    def _class(self, path: str, function: int, context: Context | None) -> Value:
        seen = context
        while seen is not None:
            if seen.receiver is not None:
                return seen.receiver
            seen = seen.outer
        tree = self.evaluator.tree(path)
        for parent in tree.ancestors(function):
            if tree.kinds[parent] == Kind.CLASS:
                return ProjectClass(path, parent)
        return UNKNOWN

    def parameter_at(self, function: FunctionValue, position: int) -> int:
        """The PARAMETER node that a positional argument fills, or -1."""
        tree = self.evaluator.tree(function.path)
        first = self._first_position(function.path, function.node)
        for at, node in enumerate(tree.with_role(function.node, Role.PARAMETER), first):
            if at == position or (tree.has(node, Flag.REST) and at <= position):
                return node
        return -1

    def arguments(
        self, function: FunctionValue, path: str, call: int, context: Context | None
    ) -> tuple[tuple[str, Value], ...]:
        """The arguments of a call that are worth carrying into the function: typed things and functions."""
        return tuple(
            (self.evaluator.tree(function.path).value(parameter) or str(parameter), value)
            for parameter, node in self.matched(function, path, call)
            if (value := self.carried(self.evaluator.value(path, node, context))) is not None
        )

    def carried(self, value: Value) -> Value | None:
        """What of an argument is worth carrying into a function; None for the others."""
        if isinstance(value, Alternatives):
            value = self._said(value)
        if isinstance(value, Instance):
            return replace(value, steps=value.steps[-CARRIED:], open=value.open or len(value.steps) > CARRIED)
        if isinstance(value, (FunctionValue, ProjectClass, LibraryClass, LibraryFunction)):
            return value
        return None

    def _said(self, value: Alternatives) -> Value:
        """The one of several queries that says whose rows it asks for, where the others are of any model at all."""
        mro = self.evaluator.classes.mro
        models = [arg for option in value.options if isinstance(option, Instance) for _, arg in option.arguments]
        bases = {base for model in models if isinstance(model, ProjectClass) for base in mro(model)[1:]}
        said = [
            option
            for option in value.options
            if not isinstance(option, Instance)
            or not any(isinstance(arg, LibraryClass) and arg in bases for _, arg in option.arguments)
        ]
        return said[0] if len(said) == 1 and isinstance(said[0], Instance) else value

    def matched(self, function: FunctionValue, path: str, call: int) -> tuple[tuple[int, int], ...]:
        """Pairs of (PARAMETER node of the function, argument's value node) of a call."""
        # Each parameter asks for them, of each call of its function.
        question = (function.path, function.node, function.given, path, call)
        return self.evaluator.once(self._matched, question, self._pairs)

    def _pairs(self, question: _Call) -> tuple[tuple[int, int], ...]:
        function, node, given, path, call = question
        return tuple(self._match(FunctionValue(function, node, given=given), path, call))

    def _match(self, function: FunctionValue, path: str, call: int) -> Iterator[tuple[int, int]]:
        tree = self.evaluator.tree(path)
        target = self.evaluator.tree(function.path)
        position = self._first(function, path, call)
        for argument in tree.with_role(call, Role.ARGUMENT):
            kind = tree.kinds[argument]
            if kind == Kind.KEYWORD:
                name = tree.value(argument)
                for parameter in target.with_role(function.node, Role.PARAMETER):
                    if target.value(parameter) == name:
                        value = tree.child(argument, Role.VALUE)
                        if value >= 0:
                            yield parameter, value
            elif kind == Kind.SPREAD:
                return
            else:
                parameter = self.parameter_at(function, position)
                if parameter >= 0:
                    yield parameter, argument
                position += 1

    def _first(self, function: FunctionValue, path: str, call: int) -> int:
        """The position that a call's first argument fills: behind what was given before."""
        if function.given:
            return function.given
        name = self.evaluator.tree(function.path).value(function.node)
        tree = self.evaluator.tree(path)
        callee = call + 1
        before = self.evaluator.decorators.before(function.path, function.node)
        if name in hosts.CONSTRUCTORS or self.evaluator.javascript(path):
            return before
        if tree.kinds[callee] in NAMES and tree.value(callee) == name:
            return before
        for option in options(self.evaluator.value(path, callee)):
            if isinstance(option, FunctionValue) and (option.path, option.node) == (function.path, function.node):
                return option.given or before
        return before

    def _from_call_sites(self, path: str, function: int, parameter: int) -> Value:
        """What the project passes for a parameter that says nothing about itself, whoever it is asked for."""
        key = (path, parameter, None, "passed")
        return self.evaluator.remembered(key, self._passed_by_all, path, function, parameter)

    def _passed_by_all(self, path: str, function: int, parameter: int) -> Value:
        if self.evaluator.tree(path).has(parameter, Flag.REST | Flag.PAIRS):
            return UNKNOWN
        every = self._sites(path, function)
        sites = self._narrowed(path, function, every)
        handed = [
            self._of_program(path, self.evaluator.value(given.path, given.node))
            for given in self.evaluator.handed_arguments.of(path, function)
            if given.parameter == parameter
        ]
        if not sites and not handed:
            return self._from_base(path, function, parameter, every)
        values = [
            self._of_program(path, self.evaluator.value(site_path, node))
            for site_path, call in sites
            for node in self._passed(path, function, parameter, site_path, call)
        ]
        values += [
            self._of_program(path, self.evaluator.value(through, node))
            for site_path, call in sites
            for through, node in self._spread(path, function, parameter, site_path, call)
        ]
        values += handed
        known: list[Value] = [
            replace(value, steps=tuple(replace(step, when=When.SOMETIMES) for step in value.steps))
            if isinstance(value, Instance) and len(values) > 1
            else value
            for value in values
            if not isinstance(value, (Unknown, Scalar, Expression, ExternalValue))
        ]
        if not known:
            return self._from_base(path, function, parameter, every)
        if self.evaluator.tree(path).value(function) in hosts.CONSTRUCTORS and any(map(_is_class, known)):
            if any(isinstance(value, Unknown) for value in values):
                return UNKNOWN  # one of several objects, each of which has a class of its own
        made = widen(known, self.evaluator.classes.lineage)
        unseen = len(sites) < len(every) or any(isinstance(value, Unknown) for value in values)
        if isinstance(made, Instance) and made.steps and unseen:
            return self.evaluator.opened(made)
        if isinstance(made, Instance) and all(isinstance(value, Instance) and narrows(value.steps) for value in values):
            return replace(made, steps=(*made.steps, ONE_OF_SEVERAL))
        return made

    def _agree(self, places: list[tuple[str, int]]) -> bool:
        """Whether several places hold objects of one type, which says nothing of a model."""
        evaluator = self.evaluator
        held = [evaluator.value(*place) for place in places]
        for value in held:
            if not isinstance(value, Instance) or not isinstance(held[0], Instance) or value.cls != held[0].cls:
                return False
            types = evaluator.classes.library_types(value.cls)
            model = evaluator.tables.types[types[0].name].model if types else ""
            if model and value.argument(model) is not None:
                return False
        return len(held) >= AGREEING

    def _from_base(self, path: str, function: int, parameter: int, sites: list[tuple[str, int]]) -> Value:
        """What a base passes to a method that its subclass writes anew (`self.get_children(self.get_object())`), as it
        runs for that subclass."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        own = next((node for node in tree.ancestors(function) if tree.kinds[node] in (Kind.CLASS, Kind.FUNCTION)), -1)
        if own < 0 or tree.kinds[own] != Kind.CLASS or not tree.has(function, Flag.METHOD):
            return UNKNOWN
        known_calls = self._calls_on_itself
        for site in sites:
            if site not in known_calls:
                known_calls[site] = self._on_itself(*site)
        calls = [(*site, around) for site in sites if (around := known_calls[site]) is not None]
        calls = [call for call in calls if (call[0], call[2][1]) != (path, own)]
        if not calls:
            return UNKNOWN
        cls = ProjectClass(path, own)
        above = {(base.path, base.node) for base in evaluator.classes.mro(cls) if isinstance(base, ProjectClass)}
        receiver = Instance(cls, how=(f"the class {tree.value(own)}, of which a base calls it",))
        me = FunctionValue(path, function)
        values = [
            evaluator.value(site, node, Context(method, site, receiver))
            for site, call, (method, around) in calls
            if (site, around) in above
            for matched, node in self.matched(me, site, call)
            if matched == parameter
        ]
        known: list[Value] = [
            value for value in values if not isinstance(value, (Unknown, Scalar, Expression, ExternalValue))
        ]
        return widen(known, evaluator.classes.lineage)

    def _on_itself(self, path: str, call: int) -> tuple[int, int] | None:
        """The method and the class around a call of a method of the same object (`self.name(…)`); None for others. As
        it is written, since many functions have a name."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        callee = call + 1
        if tree.kinds[callee] != Kind.ATTRIBUTE or tree.kinds[callee + 1] != Kind.NAME:
            return None
        method = evaluator.scope(path).function(call)
        first = tree.child(method, Role.PARAMETER) if method >= 0 and tree.has(method, Flag.METHOD) else -1
        if first < 0 or tree.value(first) != tree.value(callee + 1) or not self._implicit_receiver(path, method):
            return None
        around = next((node for node in tree.ancestors(method) if tree.kinds[node] == Kind.CLASS), -1)
        return (method, around) if around >= 0 else None

    def _of_program(self, path: str, value: Value) -> Value:
        """What is passed to a function, as the function's own program knows it: an instance of a class that only
        tests or examples declare is one of the nearest base that stands in the program."""
        aside = self.evaluator.aside
        if not isinstance(value, Instance) or path in aside:
            return value
        if not isinstance(value.cls, ProjectClass) or value.cls.path not in aside:
            return value
        bases = (base for base in self.evaluator.classes.mro(value.cls) if isinstance(base, ProjectClass))
        base = next((base for base in bases if base.path not in aside), None)
        return value if base is None else replace(value, cls=base)

    def handed(self, path: str, function: int, parameter: int) -> list[tuple[str, int]]:
        """What all callers of a function pass for a parameter, where they are few and all of them are seen: nobody
        calls a function of that name of which it cannot be said which one it is, and nobody does anything with the
        function but calling it."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        sites = self._sites(path, function) if tree.value(function) not in hosts.CONSTRUCTORS else []
        if not sites or len(sites) > CALL_SITE_LIMIT or tree.child(parameter, Role.DEFAULT) >= 0:
            return []
        if any(self._kept(*place) for place in evaluator.words.spelled(self._called(path, function))):
            return []
        found: list[tuple[str, int]] = []
        for site_path, call in sites:
            callees = options(evaluator.value(site_path, call + 1))
            passed = self._passed(path, function, parameter, site_path, call)
            if any(isinstance(callee, (Unknown, Scalar)) for callee in callees) or len(passed) > 1:
                return []
            if not passed and any(self._is(callee, path, function) for callee in callees):
                return []
            found += [(site_path, node) for node in passed]
        return found

    def passed(self, path: str, function: int, parameter: int) -> list[tuple[str, int]]:
        """What the callers of a function that are seen pass for a parameter, the first of them where they are many."""
        sites = self._sites(path, function)
        return [
            (site_path, node)
            for site_path, call in self._narrowed(path, function, sites) or sites[:CALL_SITE_LIMIT]
            for node in self._passed(path, function, parameter, site_path, call)
        ]

    def _narrowed(self, path: str, function: int, sites: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """The calls of a function's name that are asked what they pass: all where they are few, else those that mean
        the function by what their files import; none where that cannot be said."""
        if len(sites) <= CALL_SITE_LIMIT:
            return sites
        meant = self._counting(path, self.evaluator.imported_calls.of(path, function, self._called(path, function)))
        return meant if len(meant) <= IMPORTED_LIMIT else []

    def call_sites(self, path: str, function: int) -> list[tuple[str, int]]:
        """The calls of what has a function's name, each with its file, which may be of another one's."""
        return self._sites(path, function)

    def _sites(self, path: str, function: int) -> list[tuple[str, int]]:
        """The calls of what has a function's name."""
        name = self._called(path, function)
        sites = self.evaluator.words.called(name) if name else []
        if self.evaluator.tree(path).value(function) in hosts.CONSTRUCTORS:
            sites = [*sites, *self.evaluator.constructors.sites(path, function)]
        if self.evaluator.javascript(path):
            sites = list(dict.fromkeys([*sites, *self.evaluator.default_calls.of(path, function)]))
        return self._counting(path, sites)

    def _kept(self, path: str, node: int) -> bool:
        """Whether a name is written for anything but a call or an assignment to it."""
        tree = self.evaluator.tree(path)
        return tree.kinds[node] in NAMES and tree.roles[node] not in (Role.CALLEE, Role.TARGET)

    def _called(self, path: str, function: int) -> str:
        """The word by which a function is called: its own name, its class's where it is a constructor, or that of what
        it is assigned to."""
        tree = self.evaluator.tree(path)
        name = tree.value(function)
        if name in hosts.CONSTRUCTORS:
            owner = next((node for node in tree.ancestors(function) if tree.kinds[node] == Kind.CLASS), -1)
            name = tree.value(owner) if owner >= 0 else ""
        return name or self.assigned_name(path, function)

    def _passed(self, path: str, function: int, parameter: int, site_path: str, call: int) -> list[int]:
        """What a call passes for a parameter, once for each way in which it may call the function."""
        if self.evaluator.javascript(site_path) is not self.evaluator.javascript(path):
            return []  # a word of the other language's
        me = FunctionValue(path, function)
        if self.evaluator.default_calls.loads_folder(site_path, call):
            return [node for matched, node in self.matched(me, site_path, call) if matched == parameter]
        return [
            node
            for callee in options(self.evaluator.value(site_path, call + 1))
            if self._is(callee, path, function)
            for matched, node in self.matched(me, site_path, call)
            if matched == parameter
        ]

    def _spread(self, path: str, function: int, parameter: int, site: str, call: int) -> Iterator[tuple[str, int]]:
        """What those pass for a parameter whose arguments a call hands on as they are (`Made(*arguments)`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(site)
        before = 0
        for argument in tree.with_role(call, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.KEYWORD:
                continue
            if tree.kinds[argument] != Kind.SPREAD:
                before += 1
                continue
            node = tree.child(argument, Role.VALUE)
            rest = self._rest(site, node) if node >= 0 else -1
            at = self.position(path, function, parameter) - before
            if (
                rest < 0
                or at < 0
                or not any(self._is(callee, path, function) for callee in options(evaluator.value(site, call + 1)))
            ):
                return
            giving = tree.parents[rest]
            at += self.position(site, giving, rest)
            every = self._sites(site, giving)
            narrowed = self._narrowed(site, giving, every)
            found: list[tuple[str, int]] = []
            for other, caller in narrowed or _some(every):
                given = self._positional(other, caller)
                if at < len(given) and any(
                    self._is(callee, site, giving) for callee in options(evaluator.value(other, caller + 1))
                ):
                    found.append((other, given[at]))
            if narrowed or self._agree(found):
                yield from found
            return

    def _rest(self, path: str, node: int) -> int:
        """The parameter that takes all further arguments of a function around, where nothing else gives the name."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] != Kind.NAME:
            return -1
        for function in (above for above in tree.ancestors(node) if tree.kinds[above] == Kind.FUNCTION):
            for parameter in tree.with_role(function, Role.PARAMETER):
                if tree.value(parameter) == tree.value(node):
                    return parameter if tree.has(parameter, Flag.REST) else -1
        return -1

    def _positional(self, path: str, call: int) -> list[int]:
        """The arguments of a call that stand by themselves, up to the first that is several."""
        tree = self.evaluator.tree(path)
        found: list[int] = []
        for argument in tree.with_role(call, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.SPREAD:
                break
            if tree.kinds[argument] != Kind.KEYWORD:
                found.append(argument)
        return found

    def _is(self, callee: Value, path: str, function: int) -> bool:
        """Whether what is called is the function, or the class whose constructor it is."""
        if isinstance(callee, FunctionValue):
            return (callee.path, callee.node) == (path, function)
        tree = self.evaluator.tree(path)
        if tree.value(function) not in hosts.CONSTRUCTORS or not isinstance(callee, ProjectClass):
            return False
        if callee.path == path and tree.contains(callee.node, function):
            return True
        inherited = self.evaluator.constructors.of(callee)
        return inherited is not None and (inherited.path, inherited.node) == (path, function)

    def _counting(self, path: str, sites: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """The calls that say what the program gives to a function of this file: those of tests and examples do where
        there are no others."""
        aside = self.evaluator.aside
        return sites if path in aside else [site for site in sites if site[0] not in aside] or sites

    def assigned_name(self, path: str, function: int) -> str:
        """The name that a function without one is assigned to, or the key that it stands under."""
        tree = self.evaluator.tree(path)
        parent = tree.parents[function]
        if parent >= 0 and tree.kinds[parent] == Kind.ASSIGN:
            target = tree.child(parent, Role.TARGET)
            if target >= 0 and tree.kinds[target] in (Kind.NAME, Kind.ATTRIBUTE):
                return tree.value(target)
        if parent >= 0 and tree.kinds[parent] == Kind.PAIR:
            return tree.value(parent)
        return ""


def _some(sites: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """As many of many calls as are asked at all, taken from all over the program: of as many files as possible."""
    files: dict[str, list[tuple[str, int]]] = {}
    for site in sites:
        files.setdefault(site[0], []).append(site)
    several = list(files.values())[:: len(files) // CALL_SITE_LIMIT + 1]
    share = CALL_SITE_LIMIT // len(several) if several else 0
    few = sum(len(each) for each in several if len(each) <= share)
    many = sum(len(each) > share for each in several)
    share = max(share, (CALL_SITE_LIMIT - few) // many if many else 0)
    return [site for each in several for site in each[:: max(1, -(-len(each) // share))]]


def _is_class(value: Value) -> bool:
    return isinstance(value, (ProjectClass, LibraryClass))
