"""Who runs a function, as far as names tell: administrators alone, or tests alone.

A sign of administrators stands where a framework reads who may come in: on the function, its class and what surrounds
it (decorators, base classes, lists of permissions), among the other arguments of the call that it is handed to
(`router.delete("/users/:id", requireAdmin, async () => …)`) and in its own parameters (`Depends(require_admin)`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.link.functions import SITES
from dblint.link.hosts import CONSTRUCTORS
from dblint.link.loops.preconditions import Guard, Preconditions
from dblint.link.published import JAVASCRIPT, PYTHON
from dblint.link.values import BoundMember, FunctionValue, LibraryFunction, options
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.functions import Functions

ADMINISTRATORS = frozenset("admin admins administrator administrators staff superadmin superuser superusers".split())
"""Words for those who look after a program."""
GRANTED = frozenset("permission permissions perm perms role roles manager managers group groups".split())
"""Words of what only those have to whom somebody gave it (`permission_required`, `manager_can_enter`)."""
PERMITTED = frozenset("permission permissions perm perms".split())
"""The same words, as they are asked for in a function."""
OTHERS = frozenset("or not non no except self owner owners maybe optional".split())
"""Words with which a name lets others in, too (`require_admin_or_owner`, `IsAdminOrReadOnly`)."""
ASKED = frozenset(
    "is require requires required must only check ensure verify assert guard permission policy depends current get "
    "mixin middleware procedure route router controller".split()
)
"""Words of what lets people in (`require_admin`, `IsAdminUser`, `AdminGuard`, `adminProcedure`)."""
LISTS = frozenset("permission permissions guard guards decorators dependencies middleware middlewares roles".split())
"""Words in the names of a class's lists of what lets people in."""
PLAIN = frozenset({"staticmethod", "classmethod"})
"""Decorators that hand a function to nobody."""
CALLERS = 4
"""Calls from a branch to those that decide whether it runs."""
CHAIN = 20
"""Links of a chain of calls that are looked at."""


def _means(name: str, asked: bool) -> bool:
    """Whether a name means administrators and nobody else; `asked`: it has to be what lets people in."""
    found = frozenset(spelling.words(name))
    return bool(found & ADMINISTRATORS) and not found & OTHERS and not (asked and not found & ASKED)


class Runs:
    """Answers who runs functions. One per project."""

    def __init__(
        self, functions: Functions, preconditions: Preconditions, published: frozenset[tuple[str, str]]
    ) -> None:
        """`published`: language and folder of the packages that other programs take functions from."""
        self.functions = functions
        self.evaluator = functions.evaluator
        self.preconditions = preconditions
        self.published = published
        self._administrators: dict[tuple[str, int], bool] = {}
        self._tests: dict[str, bool] = {}
        self._asked: dict[Place, bool] = {}
        running = frozenset(filter(functions.running, self.evaluator.files))
        scripts = frozenset(filter(self.evaluator.javascript, running))
        self._program = {False: running - scripts, True: scripts}
        """The files of the program, by whether they are scripts."""

    def administrators(self, identifier: str) -> bool:
        """Whether only administrators run the function, by what guards it."""
        function = self.functions.value(identifier)
        return function is not None and self._admits(function, CALLERS)

    def granted(self, identifier: str) -> bool:
        """Whether a decorator or base class lets only those run the function, or all that call it, who have a
        permission or a role."""
        function = self.functions.value(identifier)
        if function is None:
            return False
        if self._asks(function):
            return True
        sites = [site for site in self.functions.callers(function) if self._speaks(function, site[0])]
        around = [FunctionValue(path, self.evaluator.scope(path).function(call)) for path, call in sites]
        return bool(around) and all(one.node >= 0 and self._asks(one) for one in around)

    def _asks(self, function: FunctionValue) -> bool:
        tree = self.evaluator.tree(function.path)
        for node in (function.node, *tree.ancestors(function.node)):
            if tree.kinds[node] not in (Kind.FUNCTION, Kind.CLASS):
                continue
            for guard in (*tree.with_role(node, Role.DECORATOR), *tree.with_role(node, Role.BASE)):
                if any(GRANTED.intersection(spelling.words(name)) for name in _names(tree, guard)):
                    return True
        return self._refuses(function)

    def _refuses(self, function: FunctionValue) -> bool:
        """Whether a function begins by leaving where somebody lacks a permission (`if not user.has_perm(…): raise`)."""
        tree = self.evaluator.tree(function.path)
        body = tree.child(function.node, Role.BODY)
        for statement in tree.children(body) if body >= 0 and tree.kinds[body] == Kind.BLOCK else ():
            if tree.kinds[statement] != Kind.IF:
                continue
            condition, then = tree.child(statement, Role.CONDITION), tree.child(statement, Role.BODY)
            asks = condition >= 0 and any(
                tree.kinds[node] in NAMES and PERMITTED.intersection(spelling.words(tree.value(node)))
                for node in range(condition, tree.ends[condition])
            )
            if asks and then >= 0 and any(tree.kinds[one] in (Kind.RAISE, Kind.RETURN) for one in tree.children(then)):
                return True
        return False

    def _admits(self, function: FunctionValue, depth: int) -> bool:
        key = (function.path, function.node)
        found = self._administrators.get(key)
        if found is None:
            self._administrators[key] = False  # what calls itself says nothing by that
            found = self._guarded(function) or self._behind(function, depth)
            self._administrators[key] = found
        return found

    def _behind(self, function: FunctionValue, depth: int) -> bool:
        """Whether every call that may be of the function stands in one that a guard lets administrators into."""
        name = self.functions.name(function)
        if not depth or not name or name in CONSTRUCTORS:
            return False
        sites = self._spoken(function, name)
        if not sites or len(sites) > SITES or self._published(function.path):
            return False
        around = [
            FunctionValue(path, self.evaluator.scope(path).function(call))
            for path, call in sites
            if not self._of_another(function, path, call)
        ]
        # Where else a function goes is a dear question, and most functions are called by modules or by nobody.
        if not around or any(one.node < 0 for one in around) or self.functions.handed_on(function):
            return False
        return all(self._admits(one, depth - 1) for one in around)

    def _of_another(self, function: FunctionValue, path: str, call: int) -> bool:
        """Whether what is called is known, and is not this function."""
        called = options(self.evaluator.value(path, call + 1))
        own = (function.path, function.node)
        known = (FunctionValue, BoundMember, LibraryFunction)
        return all(
            isinstance(one, known) and not (isinstance(one, FunctionValue) and (one.path, one.node) == own)
            for one in called
        )

    def tests(self, identifier: str) -> bool:
        """Whether tests alone call the function: their calls are found, and the program does not even spell its name.
        Nobody can say it of what a published package offers, nor of what a decorator hands on."""
        found = self._tests.get(identifier)
        if found is None:
            function = self.functions.value(identifier)
            found = function is not None and self._tested(function)
            self._tests[identifier] = found
        return found

    def asked(self, place: Place) -> bool:
        """Whether somebody may run what stands there: a branch that asks for a parameter (`if author:`) is run by
        nobody where no call, nor one that passes its own parameter on, hands it in."""
        found = self._asked.get(place)
        if found is None:
            found = self._asked[place] = self._reached(place)
        return found

    def _reached(self, place: Place) -> bool:
        evaluator = self.evaluator
        tree = evaluator.tree(place.path)
        starts = tree.starts.tolist()
        node = starts.index(place.start) if place.start in starts else -1
        if node < 0:  # a placeholder stands inside its string
            holding = (at for at in range(len(tree)) if tree.starts[at] <= place.start < tree.stops[at])
            node = max(holding, default=-1)
        around = evaluator.scope(place.path).function(node) if node >= 0 else -1
        if around < 0:
            return True
        return self._met(FunctionValue(place.path, around), self.preconditions.of(place.path, node, around), CALLERS)

    def _met(self, function: FunctionValue, guards: tuple[Guard, ...], depth: int) -> bool:
        """Whether a call of the function may meet the conditions on its parameters."""
        name = self.functions.name(function)
        if not guards or not depth or not name or name in CONSTRUCTORS:
            return True
        sites = self._spoken(function, name)
        if not sites or len(sites) > SITES or self._published(function.path) or self.functions.handed_on(function):
            return True
        return any(self._hands(function, guards, path, call, depth) for path, call in sites)

    def _hands(self, function: FunctionValue, guards: tuple[Guard, ...], path: str, call: int, depth: int) -> bool:
        """Whether a call, which may be of another function where that is not known, meets the conditions."""
        further: list[Guard] = []
        for guard in guards:
            given = self.preconditions.given(function, guard.name, path, call, guard.key)
            holds = self.preconditions.holds(guard, given, ())
            if holds is False:
                return False
            if isinstance(holds, Guard):
                further.append(holds)
        if self._of_another(function, path, call):
            return False
        around = self.evaluator.scope(path).function(call)
        return around < 0 or self._met(FunctionValue(path, around), tuple(further), depth - 1)

    def _spoken(self, function: FunctionValue, name: str) -> list[tuple[str, int]]:
        """The calls of the program that may be of a function, and one more than `SITES` where there are too many."""
        calls = self.functions.uses.calls(function, name)
        return list(islice((site for site in calls if self._speaks(function, site[0])), SITES + 1))

    def _speaks(self, function: FunctionValue, path: str) -> bool:
        """Whether a file is of the program and in the function's language."""
        return path in self._program[self.evaluator.javascript(function.path)]

    # Administrators

    def _guarded(self, function: FunctionValue) -> bool:
        tree = self.evaluator.tree(function.path)
        for node in (function.node, *tree.ancestors(function.node)):
            kind = tree.kinds[node]
            if kind not in (Kind.FUNCTION, Kind.CLASS):
                continue
            if any(self._lets_in(tree, decorator) for decorator in tree.with_role(node, Role.DECORATOR)):
                return True
            if kind == Kind.CLASS and self._class(tree, node):
                return True
            if kind == Kind.FUNCTION and (self._handed(tree, node) or self._parameters(tree, node)):
                return True
        return False

    def _lets_in(self, tree: Tree, decorator: int) -> bool:
        """`@require_admin`, `@require_permission("admin")`, `@Roles(Role.ADMIN)`, `@UseGuards(AdminGuard)`,
        `@Controller("admin/users")`."""
        callee = decorator + 1 if tree.kinds[decorator] == Kind.CALL else decorator
        names = tuple(_chained(tree, callee))
        if any(OTHERS.intersection(spelling.words(name)) for name in names):
            return False
        if any(ADMINISTRATORS.intersection(spelling.words(name)) for name in names):
            return True
        if callee == decorator:
            return False
        arguments = [node for node in tree.with_role(decorator, Role.ARGUMENT) if tree.kinds[node] != Kind.KEYWORD]
        given = [list(_named(tree, node)) for node in arguments]
        if given and all(each and all(_means(name, asked=False) for name in each) for each in given):
            return True
        return any(_means(name, asked=True) for name in _names(tree, decorator))

    def _class(self, tree: Tree, node: int) -> bool:
        """`class Users(AdminView)`, `permission_classes = [IsAdminUser]`."""
        for base in tree.with_role(node, Role.BASE):
            if any(_means(name, asked=False) for name in _chained(tree, base)):
                return True
        body = tree.child(node, Role.BODY)
        for child in tree.children(body) if body >= 0 else ():
            if tree.kinds[child] == Kind.ASSIGN and LISTS.intersection(spelling.words(tree.value(child + 1))):
                value = tree.child(child, Role.VALUE)
                if value >= 0 and any(_means(name, asked=True) for name in _names(tree, value)):
                    return True
        return False

    def _handed(self, tree: Tree, node: int) -> bool:
        """Whether the call that a function is written into lets administrators in."""
        call = tree.parents[node]
        if call < 0 or tree.roles[node] != Role.ARGUMENT or tree.kinds[call] != Kind.CALL:
            return False
        beside = [name for argument in tree.with_role(call, Role.ARGUMENT) for name in _named(tree, argument)]
        if any(name.startswith("/") and ADMINISTRATORS & {*name.lower().split("/")} for name in beside):
            return True
        return any(_means(name, asked=True) for name in (*_chained(tree, call + 1), *beside))

    def _parameters(self, tree: Tree, node: int) -> bool:
        """`user = Depends(require_admin)`, `user: Annotated[User, Depends(current_admin)]`."""
        for parameter in tree.with_role(node, Role.PARAMETER):
            for inner in range(parameter + 1, tree.ends[parameter]):
                if tree.kinds[inner] in NAMES and tree.roles[inner] == Role.ARGUMENT:
                    if _means(tree.value(inner), asked=True):
                        return True
        return False

    # Tests

    def _tested(self, function: FunctionValue) -> bool:
        name = self.functions.name(function)
        if not name or name.startswith("__") or self._published(function.path):
            return False
        tree = self.evaluator.tree(function.path)
        if not all(tree.value(node) in PLAIN for node in tree.with_role(function.node, Role.DECORATOR)):
            return False
        if tree.has(function.node, Flag.GETTER) or tree.roles[function.node] == Role.ARGUMENT:
            return False
        sites = self.functions.sites(function)
        if not sites or any(self.functions.running(path) for path, _ in sites):
            return False
        for path, node in self.evaluator.words.spelled(name):
            if self._speaks(function, path) and not _defines(self.evaluator.tree(path), node):
                return False
        return not any(
            name in (imported.name, imported.local)
            for path, facts in self.evaluator.files.items()
            if self._speaks(function, path)
            for imported in facts.interface.imports
        )

    def _published(self, path: str) -> bool:
        language = JAVASCRIPT if self.evaluator.javascript(path) else PYTHON
        return any(
            spoken == language and (not folder or path.startswith(f"{folder}/")) for spoken, folder in self.published
        )


def _defines(tree: Tree, node: int) -> bool:
    """Whether a function gets its name here."""
    if tree.kinds[node] == Kind.FUNCTION:
        return True
    assigned = tree.parents[node]
    return tree.roles[node] == Role.TARGET and tree.kinds[assigned] == Kind.ASSIGN


def _chained(tree: Tree, node: int) -> Iterator[str]:
    """The names that a chain of members and calls is made of, the last first."""
    for _ in range(CHAIN):
        kind = tree.kinds[node]
        if kind in NAMES:
            yield tree.value(node)
        if kind not in (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT):
            return
        node += 1


def _named(tree: Tree, node: int) -> Iterator[str]:
    """What an argument names: the last word of a name, a text, the elements of a list."""
    kind = tree.kinds[node]
    if kind in (*NAMES, Kind.STRING):
        yield tree.value(node)
    elif kind in (Kind.LIST, Kind.TUPLE):
        for child in tree.children(node):
            yield from _named(tree, child) if tree.kinds[child] not in (Kind.LIST, Kind.TUPLE) else ("",)
    elif kind == Kind.CALL and tree.kinds[node + 1] in NAMES:
        yield tree.value(node + 1)


def _names(tree: Tree, node: int) -> Iterator[str]:
    """Every name that is written in an expression."""
    for inner in range(node, tree.ends[node]):
        if tree.kinds[inner] in NAMES:
            yield tree.value(inner)
