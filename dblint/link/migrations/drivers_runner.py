"""Folders of SQL files that the program runs by itself: whether a transaction stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import FileRole
from dblint.facts.schema import Migration
from dblint.facts.tree import Kind, Role
from dblint.link import hosts
from dblint.link.values import BoundMember, options

if TYPE_CHECKING:
    from dblint.link.loops.frames import Frames
    from dblint.link.types import Evaluator

RUNNER = "sql"
"""The word for files that no known tool runs."""
READS = 200
"""Places where files are read that are looked at."""


def in_one_transaction(
    migrations: Sequence[Migration], evaluator: Evaluator, frames: Frames, roles: Mapping[str, FileRole]
) -> tuple[Migration, ...]:
    """The migrations, those of a folder that no tool is known to run with what the program's own code does around the
    text that it reads of files and runs. Nothing is said where there are several such folders, or the code runs texts
    of files inside and outside of a transaction."""
    unsaid = [each for each in migrations if each.runner == RUNNER and each.transactional is None]
    if len({each.chain for each in unsaid}) != 1:
        return tuple(migrations)
    runs = {
        any(frame.kind == "transaction" for frame in frames.of(path, call, tuple)[0])
        for path, call in _runs(evaluator)
        if roles.get(path, FileRole.APP) is not FileRole.TEST
    }
    if runs != {True}:
        return tuple(migrations)
    said = {each.path for each in unsaid}
    return tuple(replace(each, transactional=True) if each.path in said else each for each in migrations)


def _runs(evaluator: Evaluator) -> Iterator[tuple[str, int]]:
    """The calls that run the text of a file, which the function around them reads."""
    seen = 0
    for word in sorted(hosts.FILE_METHODS):
        for path, member in evaluator.words.spelled(word):
            tree = evaluator.tree(path)
            read = tree.parents[member]
            if tree.kinds[member] != Kind.ATTRIBUTE or tree.kinds[read] != Kind.CALL or evaluator.javascript(path):
                continue
            seen += 1
            if seen > READS:
                return
            yield from ((path, call) for call in _handed(evaluator, path, read) if _runs_text(evaluator, path, call))


def _handed(evaluator: Evaluator, path: str, read: int) -> Iterator[int]:
    """The calls that what is read is handed to, at once or by the name that it is given."""
    tree = evaluator.tree(path)
    parent = tree.parents[read]
    if tree.roles[read] == Role.ARGUMENT:
        yield parent
    target = tree.child(parent, Role.TARGET) if tree.kinds[parent] == Kind.ASSIGN else -1
    function = evaluator.scope(path).function(read)
    if target < 0 or tree.kinds[target] != Kind.NAME or function < 0:
        return
    node = tree.kinds.find(Kind.NAME, parent, tree.ends[function])
    while node >= 0:
        if tree.roles[node] == Role.ARGUMENT and tree.value(node) == tree.value(target):
            bound = evaluator.scope(path).bindings(node, tree.value(node)) or ()
            if any(binding == parent for binding, _ in bound):
                yield tree.parents[node]
        node = tree.kinds.find(Kind.NAME, node + 1, tree.ends[function])


def _runs_text(evaluator: Evaluator, path: str, call: int) -> bool:
    for option in options(evaluator.value(path, call + 1)):
        row = evaluator.rows.row_of(option) if isinstance(option, BoundMember) else None
        if row is not None and row.run == "text" and row.text is not None:
            return True
    return False
