"""Collects what several processes do to each other's rows, where somebody asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Call, FileRole
from dblint.facts.races import Ensured, Recomputed
from dblint.link.races.ensured import Ensuring
from dblint.link.races.locks import Locks
from dblint.link.races.reads import Reads
from dblint.link.races.recomputed import Recomputing
from dblint.link.races.single import Single
from dblint.link.races.values import Values

if TYPE_CHECKING:
    from dblint.link.callgraph.callgraph import CallGraph
    from dblint.link.calls.calls import Calls
    from dblint.link.models import Models


class Races:
    """What was found. One per project."""

    def __init__(self) -> None:
        self.recomputed: tuple[Recomputed, ...] = ()
        self.ensured: tuple[Ensured, ...] = ()

    def collect(
        self,
        calls: Sequence[Call],
        collector: Calls,
        graph: CallGraph,
        models: Models,
        asked: Collection[FileRole] | None,
        *,
        recomputed: bool,
        ensured: bool,
    ) -> None:
        """`calls`: of the files in whose roles somebody asks (`asked`, None for all)."""
        if not (recomputed or ensured) or not calls:
            return
        functions = collector.functions
        reads = Reads(functions.evaluator, calls)
        values = Values(functions.evaluator, collector.origins)
        locks = Locks(functions, reads, graph.invocations)
        single = Single(functions, locks)
        paths = [path for path in functions.evaluator.files if asked is None or functions.role(path) in asked]
        if recomputed:
            found = Recomputing(functions, models, reads, locks, values, single).collect(calls, paths)
            self.recomputed = tuple(sorted(found, key=lambda each: each.place))
        if ensured:
            made = Ensuring(functions, models, reads, locks, values, single).collect(calls, paths)
            self.ensured = tuple(sorted(made, key=lambda each: each.place))
