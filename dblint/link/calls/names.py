"""By which names calls are looked for in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts, table_words
from dblint.link.calls.foreign import Foreign
from dblint.link.values import ProjectClass

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

LINKS = 200
"""Links of a chain among which a handle is looked for."""
_CHOOSING = frozenset({"or", "and", "??"})
_CHOICES = 20
"""Nodes among which the values are looked for that an expression chooses from."""


def _assigned(*kinds: int) -> re.Pattern[bytes]:
    """Assignments of such values to a name."""
    started = re.escape(bytes([Kind.ASSIGN, Kind.NAME]))
    return re.compile(started + b"[" + re.escape(bytes(kinds)) + b"]", re.DOTALL)


_ASSIGNED = _assigned(Kind.ATTRIBUTE, Kind.CONDITIONAL, Kind.BINARY)
_ASSIGNED_OR_BOUND = _assigned(Kind.ATTRIBUTE, Kind.CONDITIONAL, Kind.BINARY, Kind.CALL, Kind.CAST)


class Names:
    """The names of members, functions and types that tables describe. One per collector of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._imports: dict[str, frozenset[str]] = {}
        self._held: dict[str, dict[str, str]] = {}
        foreign = Foreign(evaluator)
        tables = evaluator.tables
        self.running = {
            language: evaluator.tables.members[language] - foreign.nobodys(language)
            for language in ("python", "javascript")
        }
        """Members of tables' types that run something, without those that are nobody's for sure, by language."""
        self.rows = {language: self._told(foreign, language) for language in table_words.LANGUAGES}
        """Members that a row tells something of, by language."""
        running = table_words.running_uses(tables)
        triggers = {trigger for used in foreign.used for trigger in running[used]}
        self.triggers = frozenset({*triggers, *(["async-iterate"] if "iterate" in triggers else [])})
        """The uses by which a value of one of the libraries runs that the project uses: no other use is looked at."""
        self.taking_functions = table_words.taking_functions(tables)
        """Members of tables' types that take a function, by language."""
        self.running_text = table_words.given_a_text(tables)
        """Members of tables' types that run a text, in the language that has a `with`."""
        self.described = {path.replace("#", ".").rpartition(".")[2] for path in set(evaluator.described.values())}
        """The names of functions of the project that rows describe."""
        self.described_in = table_words.described_in_modules(tables)
        """Module → the names of the functions and types that rows describe in it."""
        waiting = table_words.run_by_waiting(tables)
        self.awaited = {
            language: frozenset().union(*map(waiting.__getitem__, foreign.used_in(language)))
            for language in table_words.LANGUAGES
        }
        """Members of the libraries' types that give what is run by waiting for it, by language."""
        waiting_types = table_words.waiting_types(tables)
        self.begun_by = frozenset().union(
            *(waiting_types[name] for name in foreign.used_in("javascript") if name in waiting_types)
        )
        """Types of the libraries some of whose values run by waiting for them, in JavaScript."""
        self.begun_without = not table_words.begun_without_member(tables).isdisjoint(foreign.used)
        """Whether something else than a member may begin what is run by waiting for it."""
        types = evaluator.tables.types
        calls = [
            row.call
            for name, row in types.items()
            if row.call is not None and evaluator.tables.library(name) in foreign.used
        ]
        self.called = not foreign.used.isdisjoint(table_words.called_for_waiting(tables))
        """Whether values of the libraries are called themselves, for what is run by waiting for it."""
        self.tags = any(row.tagged for row in calls)
        """Whether such values are tags of templates."""
        asking = table_words.asking_when_read(tables)
        self.reads = {
            language: frozenset().union(*map(asking.__getitem__, foreign.used_in(language)))
            for language in table_words.LANGUAGES
        }
        """Attributes that ask the database when they are read, by language."""
        self.handles = table_words.lazy_attributes(tables)
        self._own_steps: dict[str, frozenset[str]] = {}

    def _told(self, foreign: Foreign, language: str) -> frozenset[str]:
        """The members that a row tells something of: those of the libraries that are used, those that are nobody's
        where they run something all the same, and those that methods of the project are called like, too: who calls
        these is noted."""
        evaluator, tables = self.evaluator, self.evaluator.tables
        by_name, by_library = table_words.told_by_name(tables)[language], table_words.told_by_library(tables)
        told = by_name.union(*map(by_library.__getitem__, foreign.used_in(language)))
        acting = table_words.acting(tables)
        hosts_own = [name for name, library in tables.libraries.items() if not library.packages]
        wanted = self.running[language].union(*map(acting.__getitem__, {*foreign.used_in(language), *hosts_own}))
        methods = {
            name
            for facts in evaluator.files.values()
            if evaluator.javascript(facts.path) is (language == "javascript")
            for cls in facts.interface.classes.values()
            for name in cls.members
        }
        return told & (wanted | methods)

    def own_steps(self, language: str) -> frozenset[str]:
        """The names of the methods by which the project's own classes of queries go on with a query."""
        found = self._own_steps.get(language)
        if found is None:
            classes = self.evaluator.classes
            found = self._own_steps[language] = frozenset(
                name
                for facts in self.evaluator.files.values()
                if self.evaluator.javascript(facts.path) is (language == "javascript")
                for node, own in facts.interface.classes.items()
                if own.bases and own.members and classes.underway(ProjectClass(facts.path, node))
                for name in own.members
                if not name.startswith("_")
            )
        return found

    def imported(self, path: str, name: str) -> bool:
        """Whether a bare name may be a library's function or class, or a class that extends one: it is imported
        somewhere in the file, or a class of it that extends another or is a library's own."""
        names = self._imports.get(path)
        if names is None:
            interface, tree = self.evaluator.files[path].interface, self.evaluator.tree(path)
            imports = interface.imports
            names = self._imports[path] = frozenset(
                {imported.local for imported in imports}.union(
                    *(self.described_in.get(imported.module, ()) for imported in imports if imported.name == "*"),
                    (
                        tree.value(cls)
                        for cls, own in interface.classes.items()
                        if own.bases or (path, cls) in self.evaluator.own_libraries
                    ),
                )
            )
        return name in names

    def bound_to(self, path: str, running: frozenset[str]) -> Mapping[str, str]:
        """The bare names of a file that are given a member that may run something (`run = cursor.execute`), with that
        member's name."""
        found = self._held.get(path)
        if found is None:
            tree = self.evaluator.tree(path)
            found = self._held[path] = {}
            binds = hosts.BIND in tree.strings and self.evaluator.javascript(path)
            for match in (_ASSIGNED_OR_BOUND if binds else _ASSIGNED).finditer(tree.kinds):
                target, value = match.start() + 1, match.start() + 2
                if tree.ends[target] == value and tree.roles[target] == Role.TARGET and tree.roles[value] == Role.VALUE:
                    for chosen in choices(tree, value):
                        plain = tree.kinds[chosen] == Kind.ATTRIBUTE
                        member = tree.value(chosen) if plain else _wrapped(tree, chosen, running)
                        if member in running:
                            found[tree.value(target)] = member
        return found

    def through_handle(self, tree: Tree, callee: int, language: str) -> bool:
        """Whether a chain reads an attribute that some row gives lazy values for: its members may be the
        project's own, by whatever name."""
        handles = self.handles[language]
        for node in range(callee + 1, callee + 1 + LINKS):
            if tree.kinds[node] == Kind.ATTRIBUTE:
                if tree.value(node) in handles:
                    return True
            elif tree.kinds[node] != Kind.CALL:
                return False
        return False


def choices(tree: Tree, node: int) -> Iterator[int]:
    """The expressions of which one is what an expression gives (`a if c else b`, `a or b`); any other alone."""
    pending = [node]
    for _ in range(_CHOICES):
        if not pending:
            return
        node = pending.pop()
        if tree.kinds[node] == Kind.CONDITIONAL:
            pending += [part for role in (Role.ELSE, Role.BODY) if (part := tree.child(node, role)) >= 0]
        elif tree.kinds[node] == Kind.BINARY:
            pending += tree.children(node) if tree.value(node) in _CHOOSING else ()
        else:
            yield node


def _wrapped(tree: Tree, call: int, running: frozenset[str]) -> str:
    """The member that a call makes another function of (`promisify(db.run.bind(db))`): one that it does not call."""
    if tree.kinds[call] not in (Kind.CALL, Kind.CAST):
        return ""
    node = tree.kinds.find(Kind.ATTRIBUTE, call, tree.ends[call])
    while node >= 0:
        if tree.value(node) in running and tree.roles[node] != Role.CALLEE:
            return tree.value(node)
        node = tree.kinds.find(Kind.ATTRIBUTE, node + 1, tree.ends[call])
    return ""
