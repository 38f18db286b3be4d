"""Addresses of databases that stand in the source as they are, whatever takes them."""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.tree import Kind, Tree
from dblint.libraries.technologies import technologies
from dblint.link.addresses import leads_on


def schemes() -> dict[str, str]:
    """The scheme of an address → the database that it is one of, "" for one that leads through a pooler."""
    named = technologies()
    found = {scheme: "" for row in named.poolers.values() for scheme in row.schemes}
    return found | {scheme: key for key, row in named.databases.items() for scheme in row.schemes}


def found(tree: Tree, known: dict[str, str]) -> Iterator[tuple[int, str]]:
    """The nodes of a file's addresses, each with its database: a text without blanks, or what puts parts into one."""
    if "://" not in "\n".join(tree.strings):  # one search of all words: nearly every file has none
        return
    for node, kind in enumerate(tree.kinds):
        if kind != Kind.STRING:
            continue
        word = tree.value(node)
        scheme, sign, _ = word.partition("://")
        database = known.get(scheme, known.get(scheme.partition("+")[0]))
        if not sign or database is None or not leads_on(word) or any(map(str.isspace, word)):
            continue
        above = tree.parents[node]
        if above >= 0 and tree.kinds[above] == Kind.TEMPLATE:
            if node == above + 1:
                yield above, database
        else:
            yield node, database
