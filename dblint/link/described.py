"""Functions of the project that a table describes: the user's own rows, which say what is not seen."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from dblint.facts.program import Diagnostic
from dblint.facts.tree import Kind, Role
from dblint.link.targets import Definition

if TYPE_CHECKING:
    from dblint.libraries.grammar import Library
    from dblint.link.types import Evaluator

_PACKAGES = ("__init__", "index")


def described(evaluator: Evaluator, library: Library) -> dict[tuple[str, int], str]:
    """File and node of each function of the project that a row of this library names → the row. A path may stand below
    any folder of the project, and where it does in several, all of them are meant."""
    modules = _modules(evaluator)
    return {
        function: name
        for name in library.functions
        for path, names in _ways(name, modules)
        for function in _functions(evaluator, path, names)
    }


def not_found(evaluator: Evaluator, library: Library) -> Iterator[Diagnostic]:
    """A note for each row that names nothing of the project, and no package that it imports."""
    modules = _modules(evaluator)
    found = set(evaluator.described.values())
    imported = {one.module for facts in evaluator.files.values() for one in facts.interface.imports}
    roots = {module.partition(".")[0] for module in imported}
    for name in library.functions:
        module, mark, _ = name.partition("#")
        ways = list(_ways(name, modules))
        used = module in imported if mark else module.partition(".")[0] in roots
        if name in found or (used and not ways):
            continue
        known = [
            f"{name.removesuffix('.'.join(names))}{word}"
            for path, names in ways
            for word in _words(evaluator, path, len(names))
        ]
        close = get_close_matches(name, known, n=1)
        near = f' (did you mean "{close[0]}"?)' if close else ""
        yield Diagnostic("note", ".", f'call: the project has no function "{name}"{near}', fails=False)


def _modules(evaluator: Evaluator) -> dict[tuple[str, bool], list[str]]:
    """The files by what modules may be called, and whether they are Python's."""
    modules: dict[tuple[str, bool], list[str]] = {}
    for path, facts in evaluator.files.items():
        words = posixpath.splitext(path)[0].split("/")
        for known in (words, words[:-1] if words[-1] in _PACKAGES else []):
            for start in range(len(known)):
                modules.setdefault(("/".join(known[start:]), facts.language == "python"), []).append(path)
    return modules


def _words(evaluator: Evaluator, path: str, number: int) -> Iterator[str]:
    """The names that a file has, or the members of its classes."""
    interface = evaluator.files[path].interface
    if number == 1:
        yield from interface.names
    else:
        tree = evaluator.tree(path)
        for node, cls in interface.classes.items():
            yield from (f"{tree.value(node)}.{member}" for member in cls.members)


def _ways(name: str, modules: dict[tuple[str, bool], list[str]]) -> Iterator[tuple[str, list[str]]]:
    """The files that the first words of a path name, with the words behind."""
    module, mark, rest = name.partition("#")
    if mark:
        stem = posixpath.normpath(module)
        for each in (stem, posixpath.splitext(stem)[0]):
            yield from ((path, rest.split(".")) for path in modules.get((each, False), ()))
        return
    words = name.split(".")
    for end in range(len(words) - 1, 0, -1):
        yield from ((path, words[end:]) for path in modules.get(("/".join(words[:end]), True), ()))


def _functions(evaluator: Evaluator, path: str, names: list[str]) -> Iterator[tuple[str, int]]:
    """The functions that a file has under a name, or a class of it under two. Only what is written is looked at: what
    values hold is asked when it is known what these functions give."""
    target = evaluator.names.export(path, names[0])
    if not isinstance(target, Definition) or len(names) > 2:
        return
    nodes: tuple[int, ...] = target.nodes
    if len(names) == 2:
        classes = evaluator.files[target.path].interface.classes
        own = [classes[node].members.get(names[1], ()) for node in nodes if node in classes]
        nodes = tuple(node for members in own for node in members)
    tree = evaluator.tree(target.path)
    for node in nodes:
        made = tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else node
        if made >= 0 and tree.kinds[made] == Kind.FUNCTION:
            yield target.path, made
