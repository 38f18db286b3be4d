"""Writes a neutral tree for people: one line per node, indented, `ROLE KIND 'value' FLAGS`."""

from __future__ import annotations

from dblint.facts.tree import FileFacts, Flag, Kind, Role, Tree, names_of


def dump(facts: FileFacts, *, spans: bool = False) -> str:
    """The tree as text. The role NONE, empty values and absent flags are left out; `spans` adds `start-stop`."""
    tree = Tree(facts.body)
    lines = []
    depths: list[int] = []
    for node in range(len(tree)):
        parent = tree.parents[node]
        depth = 0 if parent < 0 else depths[parent] + 1
        depths.append(depth)
        role = tree.roles[node]
        words = [] if role == Role.NONE else [names_of(Role)[role]]
        words.append(names_of(Kind)[tree.kinds[node]])
        if tree.value(node):
            words.append(repr(tree.value(node)))
        words += [name for flag, name in names_of(Flag).items() if tree.flags[node] & flag]
        if spans:
            words.append(f"{tree.starts[node]}-{tree.stops[node]}")
        lines.append("  " * depth + " ".join(words))
    return "\n".join(lines)
