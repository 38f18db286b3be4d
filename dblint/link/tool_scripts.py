"""What a migration tool gives to the functions of its scripts: `module.exports = { up(queryInterface) { … } }`.

Such a script imports nothing that says which tool runs it. It is one of a library that the program uses where its file
is numbered and each thing that its functions ask of what they are given is a member of the library's type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Script
from dblint.link.values import Instance, LibraryClass

if TYPE_CHECKING:
    from dblint.facts.tree import Tree
    from dblint.link.types import Evaluator


class ToolScripts:
    """Answers it for scripts in JavaScript. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        tables = evaluator.tables
        imported = {
            one.module
            for facts in evaluator.files.values()
            if facts.language != "python"
            for one in facts.interface.imports
        }
        self._scripts: Mapping[str, Script] = {
            name: row.script
            for name, row in tables.types.items()
            if row.script is not None
            and "javascript" in (library := tables.libraries[tables.library(name)]).languages
            and imported.intersection(library.packages)
        }
        self._words = {word for script in self._scripts.values() for word in (script.up, script.down)}
        self._of: dict[str, str] = {}

    def given(self, path: str, parameter: int, name: str) -> Instance | None:
        """What a name holds that a parameter of such a function binds; None for every other parameter."""
        if not self._scripts or not _numbered(path):
            return None
        tree = self.evaluator.tree(path)
        function = tree.parents[parameter]
        if self._word(tree, function) not in self._words or tree.child(function, Role.PARAMETER) != parameter:
            return None
        type_name = self.type_of(path)
        if not type_name or name != self._held(tree, parameter, self._scripts[type_name]):
            return None
        return Instance(LibraryClass(type_name), how=(f"given by what runs {path}",))

    def functions(self, path: str, word: str) -> Iterator[int]:
        """The functions of a script that go one way, by its word."""
        tree = self.evaluator.tree(path)
        found: dict[int, None] = {}
        for node in tree.spelled(word):
            for function in (node, node + 1, tree.child(tree.parents[node], Role.VALUE)):
                if 0 <= function < len(tree) and self._word(tree, function) == word:
                    found[function] = None
                    break
        yield from found

    def _word(self, tree: Tree, function: int) -> str:
        """The name of a function that stands in no other one."""
        if tree.kinds[function] != Kind.FUNCTION:
            return ""
        if any(tree.kinds[around] in (Kind.FUNCTION, Kind.CLASS) for around in tree.ancestors(function)):
            return ""
        if tree.value(function):
            return tree.value(function)
        above = tree.parents[function]
        if tree.kinds[above] == Kind.PAIR:
            return tree.value(above)
        target = tree.child(above, Role.TARGET) if tree.kinds[above] == Kind.ASSIGN else -1
        return tree.value(target) if target >= 0 and tree.kinds[target] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def _held(self, tree: Tree, parameter: int, script: Script) -> str:
        """The name under which a function has what it is given: its first parameter, or an entry of it."""
        if tree.value(parameter):
            return tree.value(parameter)
        target = tree.child(parameter, Role.TARGET)
        for pair in tree.children(target) if target >= 0 else ():
            if tree.kinds[pair] == Kind.PAIR and script.within and tree.value(pair) == script.within:
                value = tree.child(pair, Role.VALUE)
                return tree.value(value) if value >= 0 else ""
        return ""

    def type_of(self, path: str) -> str:
        """The type of what the functions of a script are given; "" where it is none, or more than one can be meant."""
        if not self._scripts or not _numbered(path):
            return ""
        found = self._of.get(path)
        if found is None:
            names = [name for name, script in self._scripts.items() if self._fits(path, name, script)]
            found = self._of[path] = names[0] if len(names) == 1 else ""
        return found

    def _fits(self, path: str, name: str, script: Script) -> bool:
        tree = self.evaluator.tree(path)
        members = self.evaluator.tables.types[name].members
        asked: set[str] = set()
        for word in (script.up, script.down):
            for function in self.functions(path, word):
                parameter = tree.child(function, Role.PARAMETER)
                held = self._held(tree, parameter, script) if parameter >= 0 else ""
                for node in tree.spelled(held) if held else ():
                    above = tree.parents[node]
                    if (
                        tree.kinds[node] == Kind.NAME
                        and tree.kinds[above] == Kind.ATTRIBUTE
                        and above in range(function, tree.ends[function])
                    ):
                        asked.add(tree.value(above))
        return bool(asked) and asked <= members.keys()


def _numbered(path: str) -> bool:
    """Whether a file's name begins with a number."""
    return path.rpartition("/")[2][:1].isdigit()
