"""What a name can stand for: a definition of the project, a module of the project, or something outside."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Definition(msgspec.Struct, frozen=True):
    """A name that a file of the project binds by itself; `nodes` are the binding nodes in that file's tree, in order.

    An anonymous default export has the name "default" and the exported expression as its node.
    """

    path: str
    name: str
    nodes: tuple[int, ...]


class Module(msgspec.Struct, frozen=True):
    """A module of the project as a value. `path` is a project file, or, for a Python package without
    `__init__.py`, its folder with a "/" at the end, which is no file of the project."""

    path: str


class External(msgspec.Struct, frozen=True):
    """Something that is not in the project: `name` of `module`, or the module itself where `name` is "".

    For Python the last step stands in `name` however the import is spelled (`import a.b` and
    `from a import b` both give `External("a", "b")`); only a top-level module has no name, and what
    `Names.module` answers. `ecosystem` is "python" or "node"; JavaScript and TypeScript are both "node".
    """

    module: str
    name: str = ""
    ecosystem: str = "python"

    @property
    def path(self) -> str:
        """How library tables name it: `django.db.models` for Python, `pg#Pool` for JavaScript."""
        if not self.name:
            return self.module
        return f"{self.module}{'.' if self.ecosystem == 'python' else '#'}{self.name}"

    def attribute(self, name: str) -> External:
        """What `.name` on it is."""
        if self.ecosystem == "python":
            return External(self.path, name)
        return External(self.module, f"{self.name}.{name}" if self.name else name, self.ecosystem)


Target: TypeAlias = Definition | Module | External


def python_external(dotted: str) -> External:
    """The outside thing of that dotted path."""
    module, _, name = dotted.rpartition(".")
    return External(module, name) if module else External(name)
