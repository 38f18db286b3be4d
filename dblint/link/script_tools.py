"""Tools that the program makes to run numbered files of migrations (`runs_scripts`), and what they give to these."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.migrating import ScriptTool
from dblint.link.arguments import Site, find
from dblint.link.values import Expression, Instance, LibraryClass, Unknown, Value, join, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Made(msgspec.Struct, frozen=True):
    """A tool, and the call that makes it."""

    tool: ScriptTool
    site: Site


class ScriptTools:
    """Finds them. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        tables = evaluator.tables
        self._types = {
            name: row.construct.runs_scripts
            for name, row in tables.types.items()
            if row.construct is not None and row.construct.runs_scripts is not None
        }
        self._packages = {
            package for name in self._types for package in tables.libraries[tables.library(name)].packages
        }
        self._made: list[Made] | None = None
        self._owner: str | None = None

    def all(self) -> list[Made]:
        """Those that the program makes."""
        if self._made is None:
            self._made = []  # while what is called is asked for
            self._made = list(self._find())
        return self._made

    def _find(self) -> Iterator[Made]:
        evaluator = self.evaluator
        for path in sorted(evaluator.files) if self._types else ():
            imports = evaluator.files[path].interface.imports
            names = {one.local for one in imports if one.module in self._packages}
            if not names or not evaluator.javascript(path):
                continue
            tree = evaluator.tree(path)
            call = tree.kinds.find(Kind.CALL, 0, len(tree))
            while call >= 0:
                callee = tree.child(call, Role.CALLEE) if tree.has(call, Flag.NEW) else -1
                first = callee
                while first >= 0 and tree.kinds[first] == Kind.ATTRIBUTE:
                    first = tree.child(first, Role.OBJECT)
                if first >= 0 and tree.value(first) in names:
                    for option in options(evaluator.value(path, callee)):
                        if isinstance(option, LibraryClass) and option.name in self._types:
                            yield Made(self._types[option.name], Site(path, call, None))
                call = tree.kinds.find(Kind.CALL, call + 1, len(tree))

    def given(self, position: int) -> Value | None:
        """What the tools give to the functions of their files as the parameter at `position`; None where that cannot be
        said."""
        found = [
            self.evaluator.value(site.path, site.node, site.context)
            for made in self.all()
            for site in self._sites(made, position)
        ]
        known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
        return join(known) if known else None

    def owner(self, described: frozenset[str]) -> str:
        """The one of these types that they give a value of as the first parameter; "" for none."""
        if self._owner is not None:
            return self._owner
        with self.evaluator.partial() as partial:
            given = self.given(0) if self.all() else None
            classes = [option.cls for option in options(given) if isinstance(option, Instance)] if given else []
        lines = [name for cls in classes for name in self.evaluator.classes.lineage(cls)]
        owner = next((name for name in lines if name in described), "")
        if not (partial and self.evaluator.depth()):
            self._owner = owner
        return owner

    def _sites(self, made: Made, position: int) -> Iterator[Site]:
        """What stands for a parameter where a tool is made."""
        evaluator = self.evaluator
        listed = find(evaluator, made.tool.listed, made.site).sites if made.tool.listed else ()
        if made.tool.entries and position == 0 and not listed:
            yield from find(evaluator, made.tool.entries, made.site).sites
        for site in listed:
            written = Expression(site.path, site.node, site.context)
            for option in (written, *options(evaluator.value(site.path, site.node, site.context))):
                if isinstance(option, Expression) and evaluator.tree(option.path).kinds[option.node] == Kind.LIST:
                    tree = evaluator.tree(option.path)
                    elements = list(islice(tree.children(option.node), position + 1))
                    if len(elements) > position and all(tree.kinds[each] != Kind.SPREAD for each in elements):
                        yield Site(option.path, elements[position], option.context)
                    break
