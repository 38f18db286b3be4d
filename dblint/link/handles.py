"""Places where code gets at a table and runs nothing: handles, rows made in memory, rows that are added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dblint.facts.program import FileRole, Handle
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Tree
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.values import Instance, options

if TYPE_CHECKING:
    from dblint.link.chains.chains import Chains
    from dblint.link.functions import Functions
    from dblint.link.types import Evaluator


class Handles:
    """Collects handles, and which queries run on them. One per `Calls`."""

    def __init__(
        self, evaluator: Evaluator, chains: Chains, functions: Functions, roles: Mapping[str, FileRole]
    ) -> None:
        self.evaluator = evaluator
        self.chains = chains
        self.functions = functions
        self.roles = roles
        self._noted: list[tuple[str, int, Handle]] = []
        self._runs: dict[tuple[str, int], set[Place]] = {}

    def note(self, path: str, node: int, receiver: Instance | None, row: Member, name: str, receiver_name: str) -> None:
        """Remembers the call at `node`, which is inert or adds rows to a unit of work."""
        evaluator = self.evaluator
        classes = evaluator.classes
        site = Site(path, node, None)
        table, how, shown = "", receiver.how if receiver is not None else (f"imported {name}",), receiver_name
        if row.inert == "handle":
            for option in options(evaluator.value(path, node)):
                if isinstance(option, Instance):
                    table = self.chains.table_of(option)
                    types = classes.library_types(option.cls)
                    shown = types[0].name if types else classes.class_name(option.cls)
                    break
        elif row.adds:
            table = self._added(row, site)
        else:
            table = self.chains.table_of(receiver, row, site)
        function = evaluator.scope(path).function(node)
        self._noted.append(
            (
                path,
                node,
                Handle(
                    self.chains.place(site),
                    row.inert or "added",
                    name,
                    shown,
                    table,
                    resolved=how,
                    function=self.functions.id(path, function) if function >= 0 else "",
                    role=self.roles.get(path, FileRole.APP),
                    member_stop=member_stop(evaluator.tree(path), node),
                ),
            )
        )

    def _added(self, row: Member, site: Site) -> str:
        """The table of the rows that a call adds to a unit of work."""
        evaluator = self.evaluator
        for inner in find(evaluator, row.adds, site).sites:
            value = evaluator.value(inner.path, inner.node, inner.context)
            for option in (*options(value), *options(evaluator.elements.element(value))):
                table = self.chains.table_of(option) if isinstance(option, Instance) else ""
                if table:
                    return table
        return ""

    def ran(self, receiver: Instance, place: Place) -> None:
        """Remembers that a query ran on what the receiver's steps gave."""
        for step in receiver.steps:
            if step.member.inert == "handle":
                self._runs.setdefault((step.path, step.node), set()).add(place)

    def collected(self) -> tuple[Handle, ...]:
        """All handles, in the order of places. Complete once every file's calls were collected."""
        return tuple(
            sorted(
                (
                    Handle(
                        **{name: getattr(handle, name) for name in Handle.__struct_fields__ if name != "runs"},
                        runs=tuple(sorted(self._runs.get((path, node), ()))),
                    )
                    for path, node, handle in self._noted
                ),
                key=lambda handle: (handle.place, handle.member),
            )
        )


def member_stop(tree: Tree, node: int) -> int:
    """The offset behind the name of the member that is called at `node`; -1 where no member is written."""
    callee = node + 1
    if tree.kinds[node] not in (Kind.CALL, Kind.TAGGED) or callee >= tree.ends[node]:
        return -1
    return tree.stops[callee] if tree.kinds[callee] in (Kind.ATTRIBUTE, Kind.NAME) else -1
