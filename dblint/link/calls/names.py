"""By which names calls are looked for in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.link import hosts, table_words
from dblint.link.calls.foreign import Foreign

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

LINKS = 200
"""Links of a chain among which a handle is looked for."""
_ASSIGNED = re.compile(re.escape(bytes([Kind.ASSIGN, Kind.NAME, Kind.ATTRIBUTE])), re.DOTALL)
_ASSIGNED_OR_BOUND = re.compile(
    re.escape(bytes([Kind.ASSIGN, Kind.NAME])) + b"[" + re.escape(bytes([Kind.ATTRIBUTE, Kind.CALL, Kind.CAST])) + b"]",
    re.DOTALL,
)


class Names:
    """The names of members, functions and types that tables describe. One per collector of calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._imports: dict[str, frozenset[str]] = {}
        self._held: dict[str, dict[str, str]] = {}
        foreign = Foreign(evaluator)
        tables = evaluator.tables
        self.rows = {
            language: table_words.told_by_name(tables)[language].union(
                *(
                    table_words.told_by_library(tables)[name]
                    for name in foreign.used
                    if language in tables.libraries[name].languages
                )
            )
            for language in table_words.LANGUAGES
        }
        """Members that a row tells something of, by language."""
        self.running = {
            language: evaluator.tables.members[language] - foreign.nobodys(language)
            for language in ("python", "javascript")
        }
        """Members of tables' types that run something, without those that are nobody's for sure, by language."""
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
        self.awaited = table_words.run_by_waiting(tables)
        """Members of tables' types that give what is run by waiting for it, by language."""
        types = evaluator.tables.types
        calls = [
            row.call
            for name, row in types.items()
            if row.call is not None and evaluator.tables.library(name) in foreign.used
        ]
        self.called = bool(calls)
        """Whether values of the libraries are called themselves."""
        self.tags = any(row.tagged for row in calls)
        """Whether such values are tags of templates."""
        asking = table_words.asking_when_read(tables)
        self.reads = {
            language: frozenset(
                name for used in foreign.used if language in tables.libraries[used].languages for name in asking[used]
            )
            for language in table_words.LANGUAGES
        }
        """Attributes that ask the database when they are read, by language."""
        self.handles = table_words.lazy_attributes(tables)

    def imported(self, path: str, name: str) -> bool:
        """Whether a bare name may be a library's function or class, or a class that extends one: it is imported
        somewhere in the file, or a class of it that extends another."""
        names = self._imports.get(path)
        if names is None:
            interface, tree = self.evaluator.files[path].interface, self.evaluator.tree(path)
            imports = interface.imports
            names = self._imports[path] = frozenset(
                {imported.local for imported in imports}.union(
                    *(self.described_in.get(imported.module, ()) for imported in imports if imported.name == "*"),
                    (tree.value(cls) for cls, own in interface.classes.items() if own.bases),
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
                    plain = tree.kinds[value] == Kind.ATTRIBUTE
                    member = tree.value(value) if plain else _wrapped(tree, value, running)
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


def _wrapped(tree: Tree, call: int, running: frozenset[str]) -> str:
    """The member that a call makes another function of (`promisify(db.run.bind(db))`): one that it does not call."""
    node = tree.kinds.find(Kind.ATTRIBUTE, call, tree.ends[call])
    while node >= 0:
        if tree.value(node) in running and tree.roles[node] != Role.CALLEE:
            return tree.value(node)
        node = tree.kinds.find(Kind.ATTRIBUTE, node + 1, tree.ends[call])
    return ""
