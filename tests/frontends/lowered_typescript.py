"""TypeScript source → its tree as text, for the tests of the TypeScript front end."""

from __future__ import annotations

from textwrap import dedent

from dblint.facts.tree import Body, FileFacts, Role, Tree
from dblint.frontends.typescript import extract
from tests.frontends.dump import dump


def facts_of(source: str, suffix: str = "ts") -> FileFacts:
    """The facts of a source, indented or not."""
    return extract(dedent(source).strip("\n").encode(), f"a.{suffix}")


def lowered(source: str, suffix: str = "ts") -> str:
    """The tree below MODULE of a source without faults."""
    facts = facts_of(source, suffix)
    assert facts.faults == ()
    first, *lines = dump(facts).splitlines()
    assert first == "MODULE"
    return "\n".join(line[2:] for line in lines)


def check_shape(body: Body, size: int) -> None:
    """Fails unless every node lies in its parent, in the tree and (but for decorators) in the source."""
    tree = Tree(body)
    kinds, parents, ends, starts, stops = tree.kinds, tree.parents, tree.ends, tree.starts, tree.stops
    assert (parents[0], ends[0], starts[0], stops[0]) == (-1, len(kinds), 0, size)
    for node in range(1, len(kinds)):
        parent = parents[node]
        assert 0 <= parent < node < ends[node] <= ends[parent]
        assert starts[node] <= stops[node]
        if tree.roles[node] != Role.DECORATOR:
            assert starts[parent] <= starts[node], node
            assert stops[node] <= stops[parent], node
