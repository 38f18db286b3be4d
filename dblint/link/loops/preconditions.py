"""Under which conditions an expression runs, as far as the caller of its function decides them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.arguments import Site, entries
from dblint.link.hosts import CONSTRUCTORS
from dblint.link.loops.stores import MAKING, fillings, lacks, made_for, under
from dblint.link.values import Expression, FunctionValue, LibraryClass, ProjectClass

if TYPE_CHECKING:
    from dblint.link.loops.lazies import Lazies
    from dblint.link.types import Evaluator

_GOING = (Kind.RETURN, Kind.CONTINUE, Kind.BREAK)
_LEAVING = (*_GOING, Kind.RAISE)
_SHORTCUTS = frozenset({"and", "or", "??"})
_NOTHING = frozenset({"null", "undefined"})
_FALSE = frozenset({"null", "undefined", "false"})
_UNSAID = "unsaid"
PARTS = 16
"""Conditions read for one place."""


class Guard(msgspec.Struct, frozen=True):
    """What a parameter must be for a place to be reached. `test`: given (something, true), absent (nothing,
    false), equal or unequal to `constant`. `key`: not the parameter itself, but what its object has under it. `member`:
    the constant is a member of a class (`Kind.near`)."""

    name: str
    test: str
    constant: str = ""
    key: str = ""
    member: bool = False


class Passed(msgspec.Struct, frozen=True):
    """A parameter of the calling function that a call hands on: what its object has is for that function's callers to
    say."""

    name: str


class Store(msgspec.Struct, frozen=True):
    """Where a result is kept, so that it is not asked for again. `root` is the first name of the store;
    `reach` says where that name is bound: inside the function, as a parameter, or outside."""

    root: str
    reach: str  # "local" | "parameter" | "outside"
    binding: int = -1


class Preconditions:
    """Reads conditions. One per evaluator."""

    def __init__(self, evaluator: Evaluator, lazies: Lazies) -> None:
        self.evaluator = evaluator
        self.lazies = lazies
        self._words: dict[str, frozenset[str]] = {}
        self._matched: dict[tuple[FunctionValue, str, int], dict[int, int]] = {}
        """Functions and calls of them → what the call gives for each parameter."""

    # Conditions on parameters

    def of(self, path: str, node: int, function: int) -> tuple[Guard, ...]:
        """The conditions on parameters of `function` under which `node` runs."""
        tree = self.evaluator.tree(path)
        found: list[Guard] = []
        for condition, holds in conditions(tree, node, function):
            for name, guard in tests(tree, condition, holds):
                if tree.kinds[name] == Kind.NAME and self._parameter(path, name, function):
                    found.append(guard)
                else:
                    parameter, key = self._part(path, name, function)
                    if parameter:
                        found.append(replace(guard, name=parameter, key=key))
            if len(found) >= PARTS:
                break
        return tuple(dict.fromkeys(found))

    def optional(self, path: str, node: int, function: int) -> bool:
        """Whether `node` runs by what the object whose method it stands in was made with, or was made without: an
        attribute that its constructor alone sets, to what it is given or to nothing."""
        tree = self.evaluator.tree(path)
        if not tree.has(function, Flag.METHOD):
            return False
        return any(
            tree.kinds[name] == Kind.ATTRIBUTE
            and tree.kinds[name + 1] == Kind.NAME
            and self._receiver(path, name + 1, function)
            and guard.test in ("given", "absent")
            and self._made_without(path, function, tree.value(name))
            for condition, holds in conditions(tree, node, function)
            if tree.contains(tree.parents[condition], node)  # what comes behind a branch that leaves is the usual way
            for name, guard in tests(tree, condition, holds)
        )

    def _receiver(self, path: str, name: int, function: int) -> bool:
        """Whether a NAME is the object that a method is called on."""
        tree = self.evaluator.tree(path)
        if tree.has(name, Flag.SELF):
            return True
        reached = self.evaluator.scope(path).reaching(name, tree.value(name)) or ()
        return any(
            tree.kinds[binding] == Kind.PARAMETER
            and tree.parents[binding] == function
            and self.evaluator.parameters.position(path, function, binding) == -1
            for binding, _ in reached
        )

    def _made_without(self, path: str, function: int, name: str) -> bool:
        """Whether a class's attribute is set by its constructor alone, and may be given nothing there."""
        tree = self.evaluator.tree(path)
        cls = next((each for each in tree.ancestors(function) if tree.kinds[each] == Kind.CLASS), -1)
        interface = self.evaluator.files[path].interface.classes.get(cls)
        absent = False
        for binding in interface.members.get(name, ()) if interface is not None else ():
            around = self.evaluator.scope(path).function(binding)
            if tree.kinds[binding] != Kind.ASSIGN or (around >= 0 and tree.value(around) not in CONSTRUCTORS):
                return False
            value = tree.child(binding, Role.VALUE)
            if around < 0 or value < 0 or tree.kinds[value] != Kind.NAME:
                continue
            for parameter, _ in self.evaluator.scope(path).reaching(value, tree.value(value)) or ():
                default = tree.child(parameter, Role.DEFAULT) if tree.kinds[parameter] == Kind.PARAMETER else -1
                absent = absent or (default >= 0 and _default(tree, default) == "absent")
        return absent

    def _parameter(self, path: str, name: int, function: int) -> bool:
        """Whether a NAME is a parameter of the function that still holds what the caller gave."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        reached = scope.reaching(name, tree.value(name))
        return bool(reached) and all(
            tree.kinds[binding] == Kind.PARAMETER and tree.parents[binding] == function for binding, _ in reached or ()
        )

    def _part(self, path: str, node: int, function: int) -> tuple[str, str]:
        """The parameter and the key of its object that an expression reads, directly or through the one name that
        it was given; empty words where it does not."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        key = ""
        if tree.kinds[node] == Kind.NAME:
            reached = scope.reaching(node, tree.value(node)) or []
            assigned = reached[0][0] if len(reached) == 1 else -1
            if assigned < 0 or tree.kinds[assigned] != Kind.ASSIGN or tree.value(assigned):
                return "", ""
            target, value = tree.child(assigned, Role.TARGET), tree.child(assigned, Role.VALUE)
            if value < 0 or not function <= assigned < tree.ends[function]:
                return "", ""
            if tree.kinds[target] == Kind.OBJECT:
                key, default = _key(tree, target, tree.value(node))
                if default >= 0:
                    return "", ""
            node = value
        if not key and tree.kinds[node] == Kind.ATTRIBUTE:
            key, node = tree.value(node), node + 1
        if not key or tree.kinds[node] != Kind.NAME or not self._or_empty(path, node, function):
            return "", ""
        return tree.value(node), key

    def _or_empty(self, path: str, name: int, function: int) -> bool:
        """Whether a NAME is a parameter of the function that still holds the object which the caller gave, or an empty
        one in its stead (`options = options || {}`), which has nothing under any key."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        given = False
        for binding, _ in scope.reaching(name, tree.value(name)) or ():
            if tree.kinds[binding] == Kind.PARAMETER and tree.parents[binding] == function:
                given = True
                continue
            value = tree.child(binding, Role.VALUE) if tree.kinds[binding] == Kind.ASSIGN else -1
            if value >= 0 and tree.kinds[value] == Kind.BINARY and tree.value(value) in ("or", "??"):
                left = tree.child(value, Role.LEFT)
                if tree.kinds[left] != Kind.NAME or tree.value(left) != tree.value(name):
                    return False
                given = given or self._parameter(path, left, function)
                value = tree.child(value, Role.RIGHT)
            elif value >= 0 and tree.value(binding) in ("or", "??"):
                given = True
            if value < 0 or not _empty(tree, value):
                return False
        return given

    def given(
        self, function: FunctionValue, name: str, path: str, call: int, key: str = ""
    ) -> Site | Passed | str | None:
        """What a call gives for the parameter `name` (or for a key of its object): an expression, or as a word what
        stands in its stead (`absent`, or a default's constant as `=text`); None where it cannot be said."""
        target = self.evaluator.tree(function.path)
        tree = self.evaluator.tree(path)
        for parameter in target.with_role(function.node, Role.PARAMETER):
            own = target.value(parameter)
            if own and own != name:
                continue
            pattern = -1 if own else target.child(parameter, Role.TARGET)
            if not own and (pattern < 0 or name not in self.evaluator.scope(function.path).targets(pattern)):
                continue
            if target.has(parameter, Flag.REST | Flag.PAIRS):
                return None
            argument = self.evaluator.once(self._matched, (function, path, call), self._match).get(parameter, -1)
            if argument < 0:
                fallback = target.child(parameter, Role.DEFAULT)
                if any(tree.kinds[node] == Kind.SPREAD for node in tree.with_role(call, Role.ARGUMENT)) or pattern >= 0:
                    return None
                if fallback < 0 and not self.evaluator.javascript(function.path):
                    # The call's receiver, or what a decorator fills: in Python nothing may be left out.
                    return self._called_on(function, parameter, path, call, key)
                return "absent" if key and fallback >= 0 and _empty(target, fallback) else _default(target, fallback)
            default = -1
            if not own:
                key, default = _key(target, pattern, name)
                if not key:
                    return None
            site = Site(path, argument, None)
            return self._entry(target, key, default, site) if key else site
        return None

    def _called_on(
        self, function: FunctionValue, parameter: int, path: str, call: int, key: str
    ) -> Site | Passed | str | None:
        """What the object that a method is called on, or whose property is read, has under a key; `_UNSAID` where
        that cannot be said, None of any other parameter."""
        if not key or self.evaluator.parameters.position(function.path, function.node, parameter) != -1:
            return None
        tree = self.evaluator.tree(path)
        callee = call if tree.kinds[call] == Kind.ATTRIBUTE else call + 1
        if tree.kinds[callee] != Kind.ATTRIBUTE:
            return _UNSAID
        receiver = callee + 1
        around = self.evaluator.scope(path).function(receiver)
        if tree.kinds[receiver] == Kind.NAME and around >= 0 and self._parameter(path, receiver, around):
            return Passed(tree.value(receiver))
        return self._field(Site(path, receiver, None), key) or _UNSAID

    def _match(self, question: tuple[FunctionValue, str, int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for parameter, node in self.evaluator.parameters.matched(*question):
            found.setdefault(parameter, node)
        return found

    def _entry(self, target: Tree, key: str, default: int, argument: Site) -> Site | Passed | str | None:
        """What an object has under a key, or else the default of a destructuring parameter."""
        tree = self.evaluator.tree(argument.path)
        if tree.kinds[argument.node] == Kind.NAME and default < 0:
            function = self.evaluator.scope(argument.path).function(argument.node)
            if function >= 0 and self._parameter(argument.path, argument.node, function):
                return Passed(tree.value(argument.node))
        field = self._field(argument, key)
        if field is not None:
            return field
        pairs, hidden = entries(self.evaluator, argument)
        for other, site in reversed(pairs):
            if other == key:
                return site
        return _default(target, default) if (pairs and not hidden) or _empty(tree, argument.node) else None

    def _field(self, argument: Site, key: str) -> Site | None:
        """What an object was made with as one of the fields that its class declares (`Event(kind=kind)`)."""
        scope = self.evaluator.scope(argument.path)
        tree = scope.tree
        node = argument.node
        if tree.kinds[node] == Kind.NAME:
            reached = scope.reaching(node, tree.value(node)) or []
            assigned = reached[0][0] if len(reached) == 1 else -1
            node = tree.child(assigned, Role.VALUE) if assigned >= 0 and tree.kinds[assigned] == Kind.ASSIGN else -1
        if node < 0 or tree.kinds[node] != Kind.CALL or self.evaluator.javascript(argument.path):
            return None
        cls = self.evaluator.value(argument.path, node + 1)
        owner = self.evaluator.classes.owner(cls, key) if isinstance(cls, ProjectClass) else None
        if owner is None:
            return None
        members = self.evaluator.files[owner.path].interface.classes[owner.node].members[key]
        declares = self.evaluator.tree(owner.path)
        if any(declares.child(member, Role.ANNOTATION) < 0 for member in members):
            return None
        for given in tree.with_role(node, Role.ARGUMENT):
            if tree.kinds[given] == Kind.KEYWORD and tree.value(given) == key:
                return Site(argument.path, tree.child(given, Role.VALUE), None)
        return None

    def holds(self, guard: Guard, given: Site | Passed | str | None, variables: tuple[str, ...]) -> bool | Guard | None:
        """Whether a guard holds for what a call gives: yes, no, cannot say, or the same as a guard on a
        parameter of the calling function. `variables` are those of the loops around the call."""
        if given is None:
            return None
        if given == _UNSAID:  # what is done for an object that lacks something is the usual way
            return True if guard.test in ("absent", "unequal") else None
        if isinstance(given, str):
            return _decide(guard, given)
        if isinstance(given, Passed):
            return replace(guard, name=given.name) if given.name not in variables else None
        if guard.member:
            member = self._member(given)
            if member:
                return (member == guard.constant) == (guard.test == "equal")
        constant = self._constant(given)
        if constant is not None:
            return _decide(guard, constant) if not guard.member else None
        tree = self.evaluator.tree(given.path)
        if tree.kinds[given.node] == Kind.NAME:
            name = tree.value(given.node)
            function = self.evaluator.scope(given.path).function(given.node)
            if name in variables and guard.test == "equal":
                return False  # at most one of the elements
            passed = function >= 0 and name not in variables and self._parameter(given.path, given.node, function)
            if passed and (guard.test != "absent" or self._optional(given)):
                return replace(guard, name=name, key="")
        function = self.evaluator.scope(given.path).function(given.node)
        parameter, key = self._part(given.path, given.node, function) if function >= 0 else ("", "")
        if parameter and parameter not in variables:
            return replace(guard, name=parameter, key=key)
        if guard.test == "absent":
            return False  # something is handed in: the branch is for calls that give nothing
        return None

    def _member(self, site: Site) -> str:
        """The member of one of the project's enumerations that an expression names, "" for any other."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.ATTRIBUTE or tree.kinds[site.node + 1] not in (Kind.NAME, Kind.ATTRIBUTE):
            return ""
        cls = self.evaluator.value(site.path, site.node + 1)
        types = self.evaluator.tables.types
        bases = self.evaluator.classes.mro(cls) if isinstance(cls, ProjectClass) else ()
        if any(isinstance(base, LibraryClass) and types[base.name].scalar == "constant" for base in bases):
            return f"{tree.value(site.node + 1)}.{tree.value(site.node)}"
        return ""

    def _optional(self, site: Site) -> bool:
        """Whether a NAME is a parameter that a caller may leave out."""
        scope = self.evaluator.scope(site.path)
        tree = scope.tree
        for binding, _ in scope.reaching(site.node, tree.value(site.node)) or ():
            if tree.child(binding, Role.DEFAULT) >= 0 or tree.has(binding, Flag.OPTIONAL) or not tree.value(binding):
                return True
        return False

    def _constant(self, site: Site) -> str | None:
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind == Kind.CONSTANT:
            return "absent" if tree.value(site.node) in _FALSE else f"={tree.value(site.node)}"
        if kind in (Kind.STRING, Kind.NUMBER):
            return f"={tree.value(site.node)}"
        if kind in (Kind.NAME, Kind.ATTRIBUTE):
            value = self.evaluator.value(site.path, site.node)
            if isinstance(value, Expression):
                other = self.evaluator.tree(value.path)
                if other.kinds[value.node] == Kind.STRING:
                    return f"={other.value(value.node)}"
        return None

    # Stores

    def kept(self, path: str, node: int, function: int, *, names: bool = True) -> tuple[Store, ...]:
        """The stores that keep what `node` gives, where the place is reached only if the store lacks it, and the object
        whose attribute a query is that keeps its rows. `names`: a name of the function is one, too."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        stop = tree.ends[function] if function >= 0 else len(tree)
        # What fails where the store has it is asked once per key all the same.
        found = list(conditions(tree, node, function, failing=False))
        if function >= 0 and self._made_for_store(path, function):
            return (Store("", "outside"),)
        held = (self._store(path, node + 1, function, False),) if self.lazies.kept(path, node) else ()
        asked = list(_asked_under(tree, node, function))
        if not found and not asked:
            return held
        return held + tuple(
            self._store(path, filling.root, function, tree.roles[filling.root] == Role.TARGET)
            for filling in fillings(tree, node, stop, self._growing(path))
            if (names or tree.roles[filling.root] != Role.TARGET)
            and (
                any(lacks(scope, condition, holds, filling) for condition, holds in found)
                or any(
                    under(tree, filling.root, test) and lacks(scope, condition, False, filling)
                    for test, condition in asked
                )
            )
        )

    def _growing(self, path: str) -> frozenset[str]:
        """The words by which the host's lists and sets get further elements."""
        language = "javascript" if self.evaluator.javascript(path) else "python"
        found = self._words.get(language)
        if found is None:
            rows = self.evaluator.tables.untyped[language].items()
            found = self._words[language] = frozenset(word for word, row in rows if row.list in ("append", "extend"))
        return found

    def _made_for_store(self, path: str, function: int) -> bool:
        """Whether a function is only ever handed to stores, which call it for what they lack."""
        tree = self.evaluator.tree(path)
        if not any(True for word in MAKING for _ in tree.spelled(word)):
            return False
        name = tree.value(function) or self.evaluator.parameters.assigned_name(path, function)
        if not name:
            return made_for(tree, function, -1)
        within = self.evaluator.scope(path).function(function)
        uses = [
            node
            for _, node in self.evaluator.words.spelled(name, [path])
            if tree.kinds[node] == Kind.NAME and tree.roles[node] != Role.TARGET
        ]
        own = within >= 0 and all(tree.contains(within, node) for node in uses)
        return own and bool(uses) and all(made_for(tree, function, node) for node in uses)

    def _store(self, path: str, root: int, function: int, named: bool) -> Store:
        """The store whose first name stands at `root`. `named`: it is that name and not what the name holds."""
        scope = self.evaluator.scope(path)
        tree = scope.tree
        name = tree.value(root)
        reached = scope.reaching(root, name)
        if tree.has(root, Flag.SELF):
            return Store("self", "parameter")
        if not reached:
            return Store(name, "outside")
        bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
        parameter = next((binding for binding in bindings if tree.kinds[binding] == Kind.PARAMETER), -1)
        if parameter >= 0 and named and tree.parents[parameter] == function:
            return Store(name, "local", parameter)
        if parameter >= 0:
            receiver = tree.parents[parameter] == function and (
                self.evaluator.parameters.position(path, function, parameter) == -1
            )
            return Store("self" if receiver else name, "parameter", parameter)
        if bindings and function >= 0 and not tree.contains(function, bindings[-1]):
            return Store(name, "outside")
        return Store(name, "local", bindings[-1] if bindings else -1)


def conditions(tree: Tree, node: int, function: int, failing: bool = True) -> Iterator[tuple[int, bool]]:
    """The conditions that decide whether `node` runs, each with how it must come out: those of the branches
    around it inside `function`, those that leave earlier in the same blocks (unless they fail and `failing` is not
    set), and what failed where an error is handled."""
    child = node
    for parent in tree.ancestors(node):
        if parent == function:
            return
        kind, role = tree.kinds[parent], tree.roles[child]
        if kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE):
            condition = tree.child(parent, Role.CONDITION)
            if condition >= 0:
                yield condition, role == Role.BODY
        elif kind == Kind.CATCH:
            attempt = tree.child(tree.parents[parent], Role.BODY)
            if attempt >= 0:
                yield attempt, False
        elif kind == Kind.BLOCK:
            for earlier in tree.children(parent):
                if earlier >= child:
                    break
                if tree.kinds[earlier] == Kind.IF and tree.child(earlier, Role.ELSE) < 0:
                    condition, body = tree.child(earlier, Role.CONDITION), tree.child(earlier, Role.BODY)
                    if condition >= 0 and body >= 0 and _leaves(tree, body, _LEAVING if failing else _GOING):
                        yield condition, False
                elif tree.kinds[earlier] == Kind.TRY:
                    attempt = tree.child(earlier, Role.BODY)
                    if attempt >= 0 and _leaves(tree, attempt, _GOING):
                        yield attempt, False
        elif kind == Kind.BINARY and tree.value(parent) in _SHORTCUTS and role == Role.RIGHT:
            left = tree.child(parent, Role.LEFT)
            if left >= 0:
                yield left, tree.value(parent) == "and"
        elif kind == Kind.ASSIGN and tree.value(parent) in ("or", "??") and role == Role.VALUE:
            target = tree.child(parent, Role.TARGET)
            if target >= 0:
                yield target, False
        child = parent


def _asked_under(tree: Tree, node: int, function: int) -> Iterator[tuple[int, int]]:
    """The tests under which something before `node` leaves if a condition holds, each with that condition (`if
    use_cache:` around `if key in known: return known[key]`): who says no to the test asks for no store at all."""
    child = node
    for parent in tree.ancestors(node):
        if parent == function:
            return
        for earlier in tree.children(parent) if tree.kinds[parent] == Kind.BLOCK else ():
            if earlier >= child:
                break
            test, body = tree.child(earlier, Role.CONDITION), tree.child(earlier, Role.BODY)
            if tree.kinds[earlier] != Kind.IF or min(test, body) < 0 or tree.kinds[body] != Kind.BLOCK:
                continue
            for inner in tree.children(body):
                condition, leaving = tree.child(inner, Role.CONDITION), tree.child(inner, Role.BODY)
                if tree.kinds[inner] == Kind.IF and min(condition, leaving) >= 0 and _leaves(tree, leaving, _GOING):
                    yield test, condition
        child = parent


def _leaves(tree: Tree, body: int, leaving: tuple[int, ...]) -> bool:
    if tree.kinds[body] != Kind.BLOCK:
        return tree.kinds[body] in leaving
    return any(
        tree.kinds[statement] in leaving
        or (tree.kinds[statement] == Kind.TRY and all(_leaves(tree, part, leaving) for part in _ways(tree, statement)))
        for statement in tree.children(body)
    )


def _ways(tree: Tree, attempt: int) -> list[int]:
    """The blocks of which one runs last where something is tried: what is tried, and each that handles an error."""
    handlers = [child for child in tree.children(attempt) if tree.kinds[child] == Kind.CATCH]
    bodies = [tree.child(each, Role.BODY) for each in handlers]
    return [
        tree.child(attempt, Role.BODY),
        *(body if body >= 0 else each for body, each in zip(bodies, handlers, strict=True)),
    ]


def tests(tree: Tree, condition: int, holds: bool) -> Iterator[tuple[int, Guard]]:
    """The tests of names and attributes that must hold for a condition to come out so, each with their node."""
    pending = [(condition, holds)]
    for _ in range(PARTS):
        if not pending:
            return
        node, wanted = pending.pop()
        kind = tree.kinds[node]
        if kind == Kind.UNARY and tree.value(node) == "not":
            inner = tree.child(node, Role.VALUE)
            if inner >= 0:
                pending.append((inner, not wanted))
        elif kind in (Kind.NAME, Kind.ATTRIBUTE):
            yield node, Guard(tree.value(node), "given" if wanted else "absent")
        elif kind == Kind.BINARY and tree.value(node) == ("and" if wanted else "or"):
            pending += [(child, wanted) for child in tree.children(node)]
        elif kind == Kind.BINARY and tree.value(node) in ("==", "!=", "is", "is-not"):
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            if left < 0 or right < 0 or tree.kinds[left] not in (Kind.NAME, Kind.ATTRIBUTE):
                continue
            same = (tree.value(node) in ("==", "is")) == wanted
            if tree.kinds[right] == Kind.CONSTANT and tree.value(right) in _NOTHING:
                yield left, Guard(tree.value(left), "absent" if same else "given")
            elif tree.kinds[right] in (Kind.STRING, Kind.NUMBER):
                yield left, Guard(tree.value(left), "equal" if same else "unequal", tree.value(right))
            elif tree.kinds[right] == Kind.ATTRIBUTE and tree.kinds[right + 1] in (Kind.NAME, Kind.ATTRIBUTE):
                member = f"{tree.value(right + 1)}.{tree.value(right)}"
                yield left, Guard(tree.value(left), "equal" if same else "unequal", member, member=True)


def _decide(guard: Guard, constant: str) -> bool:
    """Whether a guard holds for a constant, or for nothing (`absent`)."""
    if guard.test in ("given", "absent"):
        given = constant not in ("absent", "=", "=0")
        return given == (guard.test == "given")
    return (constant == f"={guard.constant}") == (guard.test == "equal")


def _default(tree: Tree, node: int) -> str | None:
    """A default value as a word; nothing where there is none."""
    if node < 0:
        return "absent"
    kind = tree.kinds[node]
    if kind == Kind.CONSTANT:
        return "absent" if tree.value(node) in _FALSE else f"={tree.value(node)}"
    return f"={tree.value(node)}" if kind in (Kind.STRING, Kind.NUMBER) else None


def _empty(tree: Tree, node: int) -> bool:
    """Whether an expression is an object that stands there with nothing in it."""
    return tree.kinds[node] == Kind.OBJECT and tree.ends[node] == node + 1


def _key(tree: Tree, pattern: int, name: str) -> tuple[str, int]:
    """The key that a destructuring pattern reads into `name`, and the node of its default (-1: none)."""
    for pair in tree.children(pattern):
        if tree.kinds[pair] != Kind.PAIR:
            continue
        value = tree.child(pair, Role.VALUE)
        default = -1
        if value >= 0 and tree.kinds[value] == Kind.DEFAULTED:
            default = tree.child(value, Role.DEFAULT)
            value = tree.child(value, Role.TARGET)
        if value >= 0 and tree.kinds[value] == Kind.NAME and tree.value(value) == name:
            return tree.value(pair), default
    return "", -1
