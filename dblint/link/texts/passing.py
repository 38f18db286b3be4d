"""What the project, a framework or a declared type gives to parameters, as far as texts are concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.texts.gathered import DECIDED
from dblint.link.texts.handlers import REQUEST
from dblint.link.texts.mappings import filling
from dblint.link.values import Expression, FunctionValue, Instance, ProjectClass, Scalar, Value, options

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.texts.origins import Origins
    from dblint.link.unused import Unused

HARMLESS = frozenset(
    {Origin.CONSTANT, Origin.NUMBER, Origin.RENDERED, Origin.IDENTIFIER, Origin.PLACEHOLDERS, Origin.SCHEMA}
)
_PRINTED = {"number": Origin.NUMBER, "constant": Origin.CONSTANT}
"""What a library gives to a function → what its values print as."""
_UNDECIDED = HARMLESS | {Origin.UNKNOWN}
HANDS = 4
"""Functions through which a parameter is followed that each hands on as it is."""
SITES = 12
"""Call sites of a function that are asked for what they pass, besides those that pass a literal; beyond, nobody can
say what is passed where all of these are harmless."""
PLAIN = 1000
"""Call sites of a function that are looked at for literals; beyond, its caller decides."""
_LITERALS = frozenset({Kind.STRING, Kind.NUMBER})


class Passing:
    """Answers where parameters come from. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.functions: Functions | None = None
        self.unused: Unused | None = None
        self._literals: dict[str, list[tuple[str, int]]] = {}
        self._onward: set[tuple[str, int, tuple[str, ...]]] = set()

    def parameter(self, site: Site, node: int, name: str) -> Origin:
        """A parameter: a number by its declared type, a client's where a framework calls the function, a
        constant when the project passes nothing else.

        The types of TypeScript are gone when the program runs. Inside the project the compiler has checked
        what is passed, so a declared number is one; what a framework hands to a decorated parameter is not
        checked by anyone, so there the type says nothing.
        """
        tree = self.evaluator.tree(site.path)
        function = tree.parents[node]
        parameters = self.evaluator.parameters
        position = parameters.position(site.path, function, node)
        if position < 0:
            return Origin.UNKNOWN  # the method's own receiver
        decorator = self.evaluator.handlers.decorator(site.path, node)
        if decorator:
            return Origin(decorator)
        addressed = self.evaluator.handlers.addressed(site.path, function, name)
        if addressed:
            return Origin(addressed)
        given = self.evaluator.closures.given(site.path, function, position, site.context)
        if isinstance(given, Scalar) and given.kind in _PRINTED:
            return _PRINTED[given.kind]
        each = self._per_element(site, function, position)
        if each is not None:
            return each
        target = tree.child(node, Role.TARGET)
        keys = self.keys(site.path, target, name) if target >= 0 else []
        declared = self._annotation(site, node, keys if target >= 0 else None)
        if declared is not None:
            return declared
        word, _ = self.evaluator.handlers.given(site.path, function, position)
        if word == REQUEST and parameters.injected(site.path, node, None) is None:
            # What a declaration checks before the function gets it may be any text or a few: nobody can say.
            return Origin.UNKNOWN if self.origins.declared.validated(site.path, node) else Origin.REQUEST
        if target >= 0:
            held = parameters.parameter(site.path, node, name, site.context)
            owner = self._owner(site, node, keys)
            if owner is not None:
                return owner
            for option in options(held):
                if isinstance(option, Expression):
                    return self.origins.of(Site(option.path, option.node, option.context))
        passed = self.passed(site, function, node, tuple(keys))
        # An option of a command is its user's own, like what the environment says, unless somebody else hands it in.
        return Origin.CONFIGURATION if passed is Origin.PARAMETER and self._of_command(site.path, function) else passed

    def _of_command(self, path: str, function: int) -> bool:
        """Whether a function is a command of a command line, which who starts it gives its options."""
        value = FunctionValue(path, function)
        return self.functions is not None and self.functions.entries.command(value)

    def served(self, path: str, parameter: int) -> bool:
        """Whether a framework gives the parameter what a client sent, so that no caller of the project hands it in."""
        tree = self.evaluator.tree(path)
        function = tree.parents[parameter]
        handlers = self.evaluator.handlers
        if handlers.decorator(path, parameter) or handlers.addressed(path, function, tree.value(parameter)):
            return True
        position = self.evaluator.parameters.position(path, function, parameter)
        return handlers.given(path, function, position)[0] == REQUEST

    def counts(self, path: str) -> bool:
        """Whether what a file does says what becomes of values where the program runs."""
        return self.functions is None or not self.functions.aside(path)

    def _owner(self, site: Site, node: int, keys: list[str]) -> Origin | None:
        """`({ query }) => …`: a part of a framework's own object, by its row."""
        held = self.evaluator.parameters.whole(site.path, node, site.context)
        return self.row_origin(held, keys[0]) if keys else None

    def _annotation(self, site: Site, node: int, keys: list[str] | None) -> Origin | None:
        """What the declared type says of a parameter, or of the member of it at `keys`."""
        annotation = self.evaluator.tree(site.path).child(node, Role.ANNOTATION)
        if annotation < 0:
            return None
        if keys is None:
            return self.origins.declared.of(site.path, annotation)
        held = self.evaluator.annotations.annotation(site.path, annotation, site.context)
        for key in keys[:-1]:
            held = self.evaluator.members.attribute(held, key, site.path)
        return self.origins.declared_member(held, keys[-1]) if keys else None

    def _per_element(self, site: Site, function: int, position: int) -> Origin | None:
        """A parameter of a function literal that runs per element: the element, or its index."""
        word, iterable = self.runs_for(site.path, function, position)
        if word == "index":
            return Origin.NUMBER
        return self.origins.iterated(site, iterable) if word == "element" else None

    def runs_for(self, path: str, function: int, position: int) -> tuple[str, int]:
        """What a loop of the host's own gives to the parameter of a function literal at `position` (`element`,
        `index`, ""), and what is iterated."""
        tree = self.evaluator.tree(path)
        call = tree.parents[function]
        if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[function] != Role.ARGUMENT:
            return "", -1
        row = self.origins.untyped(path, call)
        given = row.callback if row is not None else None
        if given is None or given.fate != "each" or not 0 <= position < len(given.gives):
            return "", -1
        return given.gives[position], call + 2

    def passed(self, site: Site, function: int, parameter: int, keys: tuple[str, ...]) -> Origin:
        """PARAMETER, unless every call that the project makes passes something harmless or what who runs the program
        sets, or one passes what a client sent. `keys`: the way to the part of the parameter that is asked for."""
        if self.functions is None:
            return Origin.PARAMETER
        value = FunctionValue(site.path, function)
        position = self.evaluator.parameters.position(site.path, function, parameter)
        word = self.evaluator.tree(site.path).value(parameter)
        sites = self.functions.every(value)
        if keys:
            sites = [*sites, *self.functions.chosen(value)]
        if self.unused is not None and len(sites) <= SITES:
            sites = [each for each in sites if not self.unused.within(*each)]
        looped = self.functions.per_element(value, position) if not keys else []
        if not (sites or looped) or len(sites) > PLAIN or self.functions.handed_on(value):
            return Origin.PARAMETER
        found = [self._part_of_element(path, iterated, word) for path, iterated, word in looped]
        asked = 0
        for path, call in sites:
            nodes = [
                node for matched, node in self.evaluator.parameters.matched(value, path, call) if matched == parameter
            ]
            kinds = self.evaluator.tree(path).kinds
            if nodes and not keys and all(kinds[node] in _LITERALS for node in nodes):
                found.append(Origin.CONSTANT)
                continue
            asked += 1
            if asked > SITES:
                found.append(Origin.UNKNOWN)
                break
            found += [self._given(Site(path, node, None), keys) for node in nodes]
            mapped = self._mapped(Site(path, call, None), word, keys) if not nodes else None
            if mapped is not None:
                found.append(mapped)
            elif not nodes and self._spread(path, call) >= 0:
                found += self._forwarded(path, call, position, keys)
            elif not nodes:
                found.append(self._default(site, parameter, keys))
        if found and all(origin in HARMLESS for origin in found):
            same = set(found)
            return found[0] if len(same) == 1 else Origin.CONSTANT
        if Origin.REQUEST in found:
            return Origin.REQUEST
        # Where the project itself makes every call, and nobody says what one of them passes, nobody can say.
        if found and all(origin in _UNDECIDED for origin in found):
            return Origin.PARAMETER if self._passed_unsaid(value, parameter, keys) else Origin.UNKNOWN
        own = found and all(origin in _UNDECIDED or origin is Origin.CONFIGURATION for origin in found)
        return Origin.CONFIGURATION if own else Origin.PARAMETER

    def _passed_unsaid(self, function: FunctionValue, parameter: int, keys: tuple[str, ...]) -> bool:
        """Whether a call that is of the function by all that its name says hands in what its own caller decides."""
        sites = self.functions.unsaid(function) if self.functions is not None else []
        matched = self.evaluator.parameters.matched
        return any(
            self._given(Site(path, node, None), keys) in (Origin.PARAMETER, Origin.REQUEST)
            for path, call in sites[:SITES]
            for given, node in matched(function, path, call)
            if given == parameter
        )

    def _part_of_element(self, path: str, iterated: int, word: str) -> Origin:
        if word == "element":
            return self.origins.iterated(Site(path, iterated, None), iterated)
        return Origin.NUMBER if word == "index" else Origin.PARAMETER

    def _default(self, site: Site, parameter: int, keys: tuple[str, ...]) -> Origin:
        """What a parameter holds that a call does not pass."""
        default = self.evaluator.tree(site.path).child(parameter, Role.DEFAULT)
        return self._given(Site(site.path, default, None), keys) if default >= 0 else Origin.CONSTANT

    def _given(self, site: Site, keys: tuple[str, ...]) -> Origin:
        if not keys and self.evaluator.tree(site.path).kinds[site.node] == Kind.OBJECT:
            return self._bundle(site)
        part = self.part(site, keys) if keys else self.origins.of(site)
        if part is None and len(self._onward) < HANDS:
            part = self._handed_on(site, keys)
        return part if part is not None else self.origins.through(self.origins.of(site))

    def _bundle(self, site: Site) -> Origin:
        """A literal of values: whether somebody decides one of them. It never is an object of a request."""
        children = self.evaluator.tree(site.path).children(site.node)
        decided = any(self.origins.child(site, child) in DECIDED for child in children)
        return Origin.PARAMETER if decided else Origin.UNKNOWN

    def _handed_on(self, site: Site, keys: tuple[str, ...]) -> Origin | None:
        """What callers put under these keys into a parameter that is handed on as it is, and into which its function
        puts nothing under them; None for another value."""
        tree = self.evaluator.tree(site.path)
        function = self.evaluator.scope(site.path).function(site.node)
        key = (site.path, function, keys)
        if tree.kinds[site.node] != Kind.NAME or function < 0 or key in self._onward:
            return None
        if any(
            tree.roles[node] == Role.TARGET and tree.kinds[node] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT)
            for node in tree.spelled(keys[0])
            if tree.contains(function, node)
        ):
            return None
        self._onward.add(key)
        try:
            return self.of_parameter(site, site.node, keys)
        finally:
            self._onward.discard(key)

    def _mapped(self, call: Site, name: str, keys: tuple[str, ...]) -> Origin | None:
        """`find(**given)`: what stands under the parameter's name in a literal that was given that name before."""
        tree = self.evaluator.tree(call.path)
        for argument in tree.with_role(call.node, Role.ARGUMENT):
            if tree.kinds[argument] == Kind.SPREAD and tree.has(argument, Flag.PAIRS):
                mapping = Site(call.path, tree.child(argument, Role.VALUE), call.context)
                entries = self.origins.held.under(mapping, (name, *keys)) if mapping.node >= 0 else None
                if entries:
                    return self.origins.held.origin(entries)
                given = filling(self.origins, mapping).get(name) if mapping.node >= 0 else None
                if given is not None:
                    return self._given(given, keys)
        return None

    def _spread(self, path: str, call: int) -> int:
        """The position at which a call spreads a list into its arguments, or -1."""
        tree = self.evaluator.tree(path)
        for position, argument in enumerate(tree.with_role(call, Role.ARGUMENT)):
            if tree.kinds[argument] == Kind.SPREAD:
                return position
        return -1

    def _forwarded(self, path: str, call: int, position: int, keys: tuple[str, ...]) -> list[Origin]:
        """`(...all) => inner(...all)`: what the calls of the outer function pass at the same place. What is
        passed on such a detour may have been tested on the way, which is not seen: nobody can say."""
        tree = self.evaluator.tree(path)
        start = self._spread(path, call)
        spread = list(tree.with_role(call, Role.ARGUMENT))[start]
        rest = tree.child(spread, Role.VALUE)
        if rest < 0 or tree.kinds[rest] != Kind.NAME or self.functions is None:
            return [Origin.PARAMETER]
        for binding, _ in self.evaluator.scope(path).reaching(rest, tree.value(rest)) or ():
            if tree.kinds[binding] != Kind.PARAMETER or not tree.has(binding, Flag.REST):
                continue
            outer = FunctionValue(path, tree.parents[binding])
            wanted = self.evaluator.parameters.position(path, outer.node, binding) + position - start
            sites = self.functions.every(outer)
            found: list[Origin] = []
            for place, site in sites if len(sites) <= SITES else ():
                arguments = list(self.evaluator.tree(place).with_role(site, Role.ARGUMENT))
                if self._spread(place, site) < 0 and wanted < len(arguments):
                    found.append(self._given(Site(place, arguments[wanted], None), keys))
            return [origin if origin in HARMLESS else Origin.UNKNOWN for origin in found] or [Origin.PARAMETER]
        return [Origin.PARAMETER]

    def part(self, site: Site, keys: tuple[str, ...]) -> Origin | None:
        """The origin of what stands under `keys` in a value; None when that cannot be seen."""
        sites = [site]
        for number, key in enumerate(keys):
            further: list[Site] = []
            for each in sites:
                held = self.evaluator.value(each.path, each.node, each.context)
                said = self.row_origin(held, key)
                if said is None and number == len(keys) - 1:
                    said = self.origins.declared_member(held, key)
                if said is not None:
                    return said
                pairs, more = entries(self.evaluator, each)
                matching = [value for name, value in pairs if name == key]
                if not matching and (more or not pairs):
                    return None
                further += matching
            sites = further
        return self.origins.worst(
            [self.origins.of(Site(each.path, each.node, each.context)) for each in sites] or [Origin.CONSTANT]
        )

    def row_origin(self, held: Value, name: str) -> Origin | None:
        """What the row of a member of a library's type says."""
        for option in options(held):
            for cls in self.evaluator.classes.library_types(option.cls) if isinstance(option, Instance) else ():
                found = self.evaluator.tables.member(cls.name, name)
                if found is not None and found[1].origin:
                    return Origin(found[1].origin)
        return None

    def filled(self, owner: Instance, name: str) -> Origin | None:
        """A member that the project fills with quoted text where it makes a value of the type: quoted by
        agreement wherever it is read."""
        words = {
            self.evaluator.classes.class_name(cls)
            for cls in self.evaluator.classes.mro(owner.cls)
            if isinstance(cls, ProjectClass)
        }
        for word in sorted(words):
            for path, literal in self._annotated(word):
                for key, value in entries(self.evaluator, Site(path, literal, None))[0]:
                    if key == name and self.origins.of(value) in (Origin.IDENTIFIER, Origin.RENDERED):
                        return Origin.IDENTIFIER
        return None

    def _annotated(self, word: str) -> list[tuple[str, int]]:
        """The object literals that are assigned to names of a type of this name."""
        found = self._literals.get(word)
        if found is None:
            found = self._literals[word] = []
            for path, node in self.evaluator.words.spelled(word):
                tree = self.evaluator.tree(path)
                above = tree.parents[node]
                annotation = above if tree.kinds[above] == Kind.SUBSCRIPT and above + 1 == node else node
                above = tree.parents[annotation]
                if tree.roles[annotation] != Role.ANNOTATION or tree.kinds[above] != Kind.ASSIGN:
                    continue
                value = tree.child(above, Role.VALUE)
                if value >= 0 and tree.kinds[value] == Kind.OBJECT and self.evaluator.javascript(path):
                    found.append((path, value))
        return found

    def of_name(self, site: Site, node: int, below: tuple[str, ...]) -> Origin | None:
        """`options.name` on a parameter: what the project's calls pass under that name; None for another value, and
        where it is no more than a caller's. `below`: further names on the way from `node`."""
        passed = self.of_parameter(site, node, below)
        return passed if passed is not Origin.PARAMETER else None

    def of_parameter(self, site: Site, node: int, below: tuple[str, ...]) -> Origin | None:
        """`options.name` on a parameter: what the project's calls pass under that name; None for another value."""
        tree = self.evaluator.tree(site.path)
        keys = list(reversed(below))
        while len(keys) < 4 and (key := self.origins.key(site.path, node)) is not None:
            keys.append(key)
            node += 1
        if tree.kinds[node] != Kind.NAME or not keys:
            return None
        for binding, _ in self.evaluator.scope(site.path).reaching(node, tree.value(node)) or ():
            if tree.kinds[binding] != Kind.PARAMETER or tree.value(binding) != tree.value(node):
                return None
            function = tree.parents[binding]
            if self.evaluator.parameters.position(site.path, function, binding) < 0:
                return None
            return self.passed(site, function, binding, tuple(reversed(keys)))
        return None

    def unpacked(self, site: Site, target: int, value: int, name: str) -> Origin:
        """The part of a value that destructuring gives to a name."""
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        sequence = (Kind.TUPLE, Kind.LIST)
        if tree.kinds[target] in sequence and tree.kinds[value] in sequence:
            for one, other in zip(tree.children(target), tree.children(value), strict=False):
                if name in evaluator.scope(site.path).targets(one):
                    return self.origins.child(site, other)
        keys = self.keys(site.path, target, name)
        if not keys:
            return self.origins.through(self.origins.child(site, value))
        part = self.part(Site(site.path, value, site.context), tuple(keys))
        if part is not None:
            return part
        passed = self.of_name(site, value, tuple(keys))
        if passed is not None:
            return passed
        origin = self.origins.through(self.origins.child(site, value))
        settings = origin is Origin.PARAMETER and self.origins.connection_settings.of(
            Site(site.path, value, site.context), tuple(keys)
        )
        return Origin.CONFIGURATION if settings else origin

    def keys(self, path: str, target: int, name: str) -> list[str]:
        """The keys on the way to a name in an object pattern; empty when the pattern has other parts."""
        tree = self.evaluator.tree(path)
        for node in range(target, tree.ends[target]):
            if tree.kinds[node] != Kind.NAME or tree.value(node) != name or tree.roles[node] == Role.KEY:
                continue
            keys: list[str] = []
            for parent in tree.ancestors(node):
                if tree.kinds[parent] == Kind.PAIR:
                    keys.append(tree.value(parent))
                elif tree.kinds[parent] not in (Kind.OBJECT, Kind.DEFAULTED):
                    return []
                if parent == target:
                    return list(reversed(keys))
        return []
