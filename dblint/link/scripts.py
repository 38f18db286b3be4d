"""Files that a tool of migrations runs by functions of fixed names (`script` of a type), and what these are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Kind, Role
from dblint.libraries.migrating import Script
from dblint.link.script_tools import ScriptTools
from dblint.link.values import FunctionValue, Instance, LibraryClass, Value, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class ScriptFile(msgspec.Struct, frozen=True):
    """A file whose functions a tool runs with a value of a type."""

    type: str
    script: Script
    up: FunctionValue
    down: FunctionValue | None = None


class Scripts:
    """Finds them among numbered files of JavaScript. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        tables = evaluator.tables
        self._types = {
            name: row.script
            for name, row in tables.types.items()
            if row.script is not None and "javascript" in tables.libraries[tables.library(name)].languages
        }
        imported = {
            one.module
            for facts in evaluator.files.values()
            if facts.language != "python"
            for one in facts.interface.imports
        }
        self._used = {
            name for name in self._types if imported.intersection(tables.libraries[tables.library(name)].packages)
        }
        """Those of the libraries that the project imports."""
        self._files: dict[str, ScriptFile | None] = {}
        self.tools = ScriptTools(evaluator)

    def of(self, path: str) -> ScriptFile | None:
        """What a file is for such a tool; None for any other file."""
        if path not in self._files:
            self._files[path] = None  # while its own exports are asked for
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: str) -> ScriptFile | None:
        name = path.rpartition("/")[2]
        if not self._types or not name[:1].isdigit() or not self.evaluator.javascript(path):
            return None
        for owner in sorted(self._types, key=lambda each: each not in self._used):
            script = self._types[owner]
            up = self._exported(path, script.up)
            if up is not None and self._takes(owner, up):
                return ScriptFile(owner, script, up, self._exported(path, script.down))
        for made in self.tools.all():
            up, owner = self._exported(path, made.tool.up), self.tools.owner(frozenset(self._types))
            if up is not None and owner:
                return ScriptFile(owner, self._types[owner], up, self._exported(path, made.tool.down))
        return None

    def _exported(self, path: str, name: str) -> FunctionValue | None:
        target = self.evaluator.names.export(path, name) if name else None
        found = options(self.evaluator.target(target)) if target is not None else ()
        functions = [option for option in found if isinstance(option, FunctionValue) and option.path == path]
        return functions[0] if len(functions) == 1 else None

    def _takes(self, owner: str, function: FunctionValue) -> bool:
        """Whether a function's first parameter is asked for what a type has, or is annotated with it."""
        evaluator, tree = self.evaluator, self.evaluator.tree(function.path)
        parameter = evaluator.parameters.parameter_at(function, 0)
        if parameter < 0:
            return False
        annotation = tree.child(parameter, Role.ANNOTATION)
        if annotation >= 0:
            declared = options(evaluator.annotations.annotation(function.path, annotation, None))
            return any(isinstance(option, Instance) and self._is(owner, option) for option in declared)
        name, row = self._held(function.path, parameter, self._types[owner]), evaluator.tables.types[owner]
        asked: list[bool] = []
        node = tree.kinds.find(Kind.NAME, function.node, tree.ends[function.node]) if name else -1
        while node >= 0:
            parent = tree.parents[node]
            if tree.value(node) == name and tree.roles[node] == Role.CALLEE and row.call is not None:
                return True
            if tree.value(node) == name and tree.roles[node] == Role.OBJECT and tree.kinds[parent] == Kind.ATTRIBUTE:
                known = evaluator.tables.member(owner, tree.value(parent)) is not None
                if known or tree.roles[parent] == Role.CALLEE:
                    asked.append(known)
            node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[function.node])
        return bool(asked) and all(asked)

    def _held(self, path: str, parameter: int, script: Script) -> str:
        """The name under which a function has what it is given: its first parameter, or an entry of it."""
        tree = self.evaluator.tree(path)
        target = tree.child(parameter, Role.TARGET)
        for pair in tree.children(target) if target >= 0 and script.within else ():
            value = tree.child(pair, Role.VALUE) if tree.kinds[pair] == Kind.PAIR else -1
            if value >= 0 and tree.value(pair) == script.within:
                return tree.value(value)
        return tree.value(parameter)

    def _is(self, owner: str, value: Instance) -> bool:
        return owner in self.evaluator.classes.lineage(value.cls)

    def entry(self, path: str, parameter: int, name: str) -> Value | None:
        """What a name holds that the first parameter of such a function binds, where it is an entry of an object; None
        for any other."""
        if not self._types or not path.rpartition("/")[2][:1].isdigit():
            return None
        function = self.evaluator.tree(path).parents[parameter]
        found = self.given(path, function, 0) if self.evaluator.tree(path).child(parameter, Role.TARGET) >= 0 else None
        script = self.of(path)
        if found is None or script is None or name != self._held(path, parameter, script.script):
            return None
        return found

    def given(self, path: str, function: int, position: int) -> Value | None:
        """What the tool gives to a function as its parameter at `position`; None where no tool runs it."""
        if not path.rpartition("/")[2][:1].isdigit():
            return None
        found = self.of(path)
        if found is not None and function not in _nodes(found.up, found.down):
            return None
        if found is not None and position == 0:
            return Instance(
                LibraryClass(found.type), how=(f"given to {self.evaluator.tree(path).value(function) or 'it'}",)
            )
        if found is not None and self.tools.owner(frozenset(self._types)) not in ("", found.type):
            return None
        for made in self.tools.all():
            if function in _nodes(self._exported(path, made.tool.up), self._exported(path, made.tool.down)):
                return self.tools.given(position)
        return None


def _nodes(*functions: FunctionValue | None) -> list[int]:
    return [each.node for each in functions if each is not None]
