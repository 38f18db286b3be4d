"""Calls of MongoDB's shell that only read: a chain from `db` whose members and arguments are known."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_$][\w$]*)|(?P<string>\"[^\"\\\n]*\"|'[^'\\\n]*')|(?P<number>-?\d+(?:\.\d+)?)|"
    r"(?P<sign>[.(){}\[\]:,]))"
)
_COLLECTION = frozenset(
    """
    aggregate count countDocuments distinct estimatedDocumentCount explain find findOne getIndexes indexStats
    isCapped stats storageSize totalIndexSize totalSize dataSize
    """.split()
)
_CURSOR = frozenset("batchSize count explain hint limit maxTimeMS project projection skip sort toArray pretty".split())
_DATABASE = frozenset(
    "currentOp getCollectionInfos getCollectionNames getProfilingStatus hostInfo serverStatus stats version".split()
)
_WORDS = frozenset("true false null".split())
_WRITING = frozenset("$out $merge $where $function $accumulator".split())
_EXPLAINED = frozenset("aggregate count distinct find".split())


def is_reading(text: str) -> bool:
    """Whether the text is one call that reads documents, plans, indexes or figures and nothing else."""
    tokens = _tokens(text)
    return tokens is not None and _chain(tokens)


def _tokens(text: str) -> list[tuple[str, str]] | None:
    tokens: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            return None
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


def _chain(tokens: list[tuple[str, str]]) -> bool:
    """`db.<collection>.<member>(…)…` or `db.<member>(…)`: every member known, every argument a literal."""
    if tokens[:1] != [("name", "db")]:
        return False
    members: list[str] = []
    position, called = 1, False
    while position < len(tokens):
        if tokens[position] != ("sign", ".") or tokens[position + 1 : position + 2] == []:
            return False
        kind, name = tokens[position + 1]
        position += 2
        if kind != "name":
            return False
        is_call = tokens[position : position + 1] == [("sign", "(")]
        if not is_call:
            if called or members:  # one collection, in front of every call
                return False
            members.append("")
            continue
        stop = _closing(tokens, position)
        if stop < 0 or not _literals(tokens[position + 1 : stop]):
            return False
        called = True
        members.append(name)
        position = stop + 1
    return called and _known(members)


def _known(members: list[str]) -> bool:
    if members[0]:
        return len(members) == 1 and members[0] in _DATABASE
    first, *rest = members[1:]
    if first not in _COLLECTION:
        return False
    if first == "explain" and rest:
        first, *rest = rest
        if first not in _EXPLAINED:
            return False
    return set(rest) <= _CURSOR


def _closing(tokens: list[tuple[str, str]], start: int) -> int:
    """Where the bracket that is opened at `start` is closed, -1 where it is not."""
    pairs = {")": "(", "]": "[", "}": "{"}
    opened: list[str] = []
    for position in range(start, len(tokens)):
        kind, sign = tokens[position]
        if kind != "sign":
            continue
        if sign in "([{":
            opened.append(sign)
        elif sign in pairs:
            if not opened or opened.pop() != pairs[sign]:
                return -1
            if not opened:
                return position
    return -1


def _literals(tokens: list[tuple[str, str]]) -> bool:
    """Whether arguments are documents, lists, strings and numbers only, and name no stage that writes or runs code."""
    for position, (kind, text) in enumerate(tokens):
        if kind == "sign" and text in "().":
            return False
        if kind in ("name", "string") and text.strip("'\"") in _WRITING:
            return False
        is_key = tokens[position + 1 : position + 2] == [("sign", ":")]
        if kind == "name" and not is_key and text not in _WORDS:
            return False
    return True
