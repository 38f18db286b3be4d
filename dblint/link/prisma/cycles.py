"""Cycles in a graph."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)


def on_cycles(graph: Mapping[_Node, Iterable[_Node]]) -> list[_Node]:
    """Return the nodes that lie on a cycle or between two cycles, in the order of the graph.

    What is not on one falls away from either end, in time linear in the number of edges.
    """
    forward = {node: list(following) for node, following in graph.items()}
    backward: dict[_Node, list[_Node]] = {node: [] for node in forward}
    for node, following in forward.items():
        for other in following:
            backward[other].append(node)
    left = set(forward)
    for ahead, behind in ((forward, backward), (backward, forward)):
        degree = {node: sum(other in left for other in ahead[node]) for node in left}
        ends = [node for node in left if not degree[node]]
        while ends:
            node = ends.pop()
            left.discard(node)
            for other in behind[node]:
                if other in left:
                    degree[other] -= 1
                    if not degree[other]:
                        ends.append(other)
    return [node for node in forward if node in left]
