"""Which unread parts of host-language files may hide a finding.

A part is told by the words that error recovery left of it: a member name that some table runs, an import
of a package that has a table, or a string that begins like SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dblint.facts.program import Diagnostic
from dblint.facts.tree import FileFacts, Kind, Tree
from dblint.libraries.reader import Tables
from dblint.sql.query import looks_like_sql

_WORDS = (Kind.NAME, Kind.ATTRIBUTE)


def judge(files: Mapping[str, FileFacts], tables: Tables) -> Iterator[Diagnostic]:
    """A diagnostic per fault; it fails the run only where a finding may be hidden."""
    for path in sorted(files):
        facts = files[path]
        if not facts.faults:
            continue
        tree = Tree(facts.body)
        running = tables.members["python" if facts.language == "python" else "javascript"]
        told: set[int] = set()
        for fault, following in zip(facts.faults, (*facts.faults[1:], None), strict=True):
            statement = _statement(tree, fault.start)
            start, stop = fault.start, fault.stop
            if following is not None and following.message == fault.message:
                # Markers of one conflict: what stands between them has lost its place.
                stop = following.start
            if statement > 0:
                start, stop = min(start, tree.starts[statement]), max(stop, tree.stops[statement])
            fails = len(tree) <= 1 or _hides(facts, tree, tables, running, start, stop)
            if fails and statement > 0:
                # One statement that could not be read is one thing to repair, however many faults it has.
                fails = statement not in told
                told.add(statement)
            yield Diagnostic("parse-error", path, fault.message, fault.start, fails=fails)


def _statement(tree: Tree, offset: int) -> int:
    """The statement of the module in which a byte stands, or the one that ends right before it."""
    found = -1
    for node in tree.children(0) if len(tree) else ():
        if tree.starts[node] > offset:
            break
        found = node
    return found


def _hides(facts: FileFacts, tree: Tree, tables: Tables, running: frozenset[str], start: int, stop: int) -> bool:
    for imported in facts.interface.imports:
        if start <= tree.starts[imported.node] <= stop:
            root = imported.module.split("/")[0] if facts.language != "python" else imported.module.split(".")[0]
            if imported.module in tables.packages or root in tables.packages:
                return True
    for node in range(len(tree)):
        if tree.stops[node] < start or tree.starts[node] > stop:
            continue
        kind = tree.kinds[node]
        if kind in _WORDS:
            if tree.value(node) in running:
                return True
        elif kind == Kind.STRING and looks_like_sql(tree.value(node)):
            return True
    return False
