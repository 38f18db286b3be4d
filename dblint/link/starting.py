"""Functions that run before a program serves anybody, where it starts or is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from dblint.facts import spelling
from dblint.facts.program import FileRole, Invocation
from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.link.arguments import Site, find
from dblint.link.few import COMMANDS, DATABASE, SETTING_UP, STARTING
from dblint.link.requests import Requests
from dblint.link.values import BoundMember, FunctionValue, Instance, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.functions import Functions

CALLERS = 4
"""Functions around a place in which a sign is looked for that it runs there."""
STARTUP = "startup"
"""The word in the names of decorators by which frameworks take what runs before they serve (`@driver.on_startup`)."""
BOOTING = frozenset({"boot", STARTUP})
"""Words in the names of functions by which a program starts."""
WHOLE = frozenset({"bootstrap"})
"""Whole names of such functions: with another word beside it, it may be what an application makes for a user."""
FILES = SETTING_UP - {"installation"}
"""Names of files that set a program up, and are no subject of applications."""
PREPARING = STARTING - {"create"}
"""Words that with a database's make the name of a function that prepares the program's own, and none of a user's."""
START = "start"
"""What rows say of what runs before a program serves."""


class Starting:
    """Answers it. One per project."""

    def __init__(self, functions: Functions, callers: Callable[[str], Iterable[Invocation]]) -> None:
        """`callers`: the places that call a function, as far as they are known."""
        self.functions = functions
        self.evaluator = functions.evaluator
        self.callers = callers
        self.requests = Requests(functions)
        self._found: dict[str, bool] = {}
        self._servers: tuple[frozenset[str], frozenset[str]] | None = None

    def starts(self, identifier: str) -> bool:
        """Whether a function runs only where the program starts or is set up: by a row of what takes it, by its own
        name or that of its file, or as nothing else calls it."""
        found = self._found.get(identifier)
        if found is None:
            self._found[identifier] = False
            found = self._found[identifier] = self._only(identifier, CALLERS)
        return found

    def _only(self, identifier: str, depth: int) -> bool:
        """Whether this, or only what does, calls a function, over so many calls."""
        if self._at_start(identifier):
            return True
        callers = {
            (invocation.function, invocation.place.path)
            for invocation in self.callers(identifier)
            if not self.functions.aside(invocation.place.path)
        }
        if not depth or not callers or self.served(identifier) or self._handed_on(identifier):
            return False
        return all(
            caller != identifier and self._only(caller, depth - 1) if caller else self._module_serves(path)
            for caller, path in callers
        )

    def served(self, identifier: str) -> bool:
        """Whether a framework calls a function, for requests or jobs, whoever else does."""
        function = self.functions.value(identifier)
        if function is None:
            return False
        jobs = any(row.handler or row.job for row, _ in self.functions.entries.rows(function))
        return jobs or self.requests.answers(function)

    def _handed_on(self, identifier: str) -> bool:
        """Whether somebody may call a function whom nobody sees: by a clock, for an event."""
        function = self.functions.value(identifier)
        return function is None or self.functions.handed_on(function)

    def signed(self, identifier: str) -> bool:
        """Whether a function itself says that one process alone runs it: it is a command, stands in a script, or is
        taken or named as what sets the program up."""
        function = self.functions.value(identifier)
        if function is None:
            return False
        if self.functions.entries.command(function) or self.functions.role(function.path) is not FileRole.APP:
            return True
        if self._taken(function):
            return True
        named = frozenset(spelling.words(function.path.replace("__init__", "")))
        last = _last(identifier)
        return bool(named & (COMMANDS | SETTING_UP) or last & COMMANDS or (last & STARTING and last & DATABASE))

    def _module_serves(self, path: str) -> bool:
        """Whether a module has the program serve, itself or by a function that does."""
        functions, modules = self._serving()
        calling = (each for identifier in functions for each in self.callers(identifier))
        return path in modules or any(not each.function and each.place.path == path for each in calling)

    def _serving(self) -> tuple[frozenset[str], frozenset[str]]:
        """The functions from whose calls on the program serves, and the modules that make such calls themselves."""
        if self._servers is None:
            functions, modules = set[str](), set[str]()
            for word in _serving_words(self.evaluator.tables):
                for path, call in self.evaluator.words.imported(word):
                    if self.functions.aside(path) or not self._serves_from(path, call):
                        continue
                    around = self.evaluator.scope(path).function(call)
                    if around < 0:
                        modules.add(path)
                    else:
                        functions.add(self.functions.id(path, around))
            self._servers = frozenset(functions), frozenset(modules)
        return self._servers

    def _serves_from(self, path: str, call: int) -> bool:
        rows = (
            self.evaluator.rows.row_of(option)
            for option in options(self.evaluator.value(path, call + 1))
            if isinstance(option, (BoundMember, LibraryFunction))
        )
        return any(row is not None and row.serves for row in rows)

    def _at_start(self, identifier: str) -> bool:
        function = self.functions.value(identifier)
        if function is None:
            return False
        if self._taken(function) or identifier in self._serving()[0]:
            return True
        if _sets_up(identifier):
            return True
        last = _last(identifier)
        named = bool(last & BOOTING) or last == WHOLE or bool(last & PREPARING and last & DATABASE)
        return named and not self._serves(identifier)

    def _serves(self, identifier: str) -> bool:
        """Whether a function that answers requests leads to one, over a few calls; those of a set-up's own pages do
        not count."""
        level, seen = [identifier], {identifier}
        for _ in range(CALLERS):
            following: list[str] = []
            for each in level:
                if _sets_up(each):
                    continue
                if self.served(each):
                    return True
                callers = (invocation.function for invocation in self.callers(each))
                following += (caller for caller in dict.fromkeys(callers) if caller not in seen)
                seen.update(following)
            level = following
        return False

    def _taken(self, function: FunctionValue) -> bool:
        """Whether a decorator's row says that what it takes runs at the start, its name does, or that of the signal
        which it is given."""
        if any(row.entry == START for row, _ in self.functions.entries.rows(function)):
            return True
        decorators = self.evaluator.decorator_names(function.path, function.node)
        return any(STARTUP in spelling.words(name) for name in decorators) or self._hears(function)

    def _hears(self, function: FunctionValue) -> bool:
        """Whether a decorator connects a function with signals that are all sent at the start."""
        tree = self.evaluator.tree(function.path)
        for decorator in tree.with_role(function.node, Role.DECORATOR):
            if tree.kinds[decorator] != Kind.CALL:
                continue
            for option in options(self.evaluator.value(function.path, decorator + 1)):
                row = self.evaluator.rows.row_of(option) if isinstance(option, (BoundMember, LibraryFunction)) else None
                if row is None or row.listener is None or not row.listener.signals:
                    continue
                sites = find(self.evaluator, row.listener.signals, Site(function.path, decorator, None)).sites
                sent = [self._sent(site.path, node) for site in sites for node in self._each(site.path, site.node)]
                if sent and all(sent):
                    return True
        return False

    def _each(self, path: str, node: int) -> Iterable[int]:
        """A signal, or the signals of a list."""
        tree = self.evaluator.tree(path)
        return tree.children(node) if tree.kinds[node] in (Kind.LIST, Kind.TUPLE) else (node,)

    def _sent(self, path: str, node: int) -> bool:
        """Whether a signal is sent at the start: a row by which it connects functions says it."""
        return any(
            any(row.entry == START for row in self.evaluator.tables.types[cls.name].members.values())
            for option in options(self.evaluator.value(path, node))
            if isinstance(option, Instance)
            for cls in self.evaluator.classes.library_types(option.cls)
        )


@derived
def _serving_words(tables: Tables) -> Sequence[str]:
    """The last words of what has a program serve."""
    words = {path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.serves}
    words |= {name for row in tables.types.values() for name, member in row.members.items() if member.serves}
    return sorted(words)


def _sets_up(identifier: str) -> bool:
    """Whether a function stands in a file that is called after what sets a program up (`setup.js`)."""
    return identifier.partition("::")[0].rpartition("/")[2].partition(".")[0].lower() in FILES


def _last(identifier: str) -> frozenset[str]:
    """The words of a function's own name."""
    return frozenset(spelling.words(identifier.rpartition("::")[2].rpartition(".")[2]))
