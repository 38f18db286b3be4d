"""Functions of the project that a table describes: the user's own rows, which say what is not seen."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from dblint.facts.program import Diagnostic
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.reader import SLOT_NAMES
from dblint.link.targets import Definition

if TYPE_CHECKING:
    from dblint.libraries.grammar import Library, Member
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


def mistaken(evaluator: Evaluator, library: Library, place: Callable[[str, str], str]) -> Iterator[Diagnostic]:
    """A note for each row that names nothing of the project and no package that it imports, and for each argument that
    the function of a row does not have. `place` says where a word of the row of a function is written."""
    modules = _modules(evaluator)
    functions: dict[str, list[tuple[str, int]]] = {}
    for function, name in evaluator.described.items():
        functions.setdefault(name, []).append(function)
    imported = {one.module for facts in evaluator.files.values() for one in facts.interface.imports}
    roots = {module.partition(".")[0] for module in imported}
    for name, row in library.functions.items():
        module, mark, _ = name.partition("#")
        ways = list(_ways(name, modules))
        used = module in imported if mark else module.partition(".")[0] in roots
        if name in functions:
            for word, message in _wrong_arguments(evaluator, name, row, functions[name]):
                yield Diagnostic("note", ".", f"{place(name, word)}: {message}", fails=False)
        elif not used or ways:
            message = _unfound(evaluator, name, ways)
            yield Diagnostic("note", ".", f"{place(name, 'function')}: {message}", fails=False)


def _unfound(evaluator: Evaluator, name: str, ways: Sequence[tuple[str, list[str]]]) -> str:
    """Why a path names no function, and what may be meant."""
    for path, names in ways:
        target = evaluator.names.export(path, names[0])
        if isinstance(target, Definition) and len(names) == 1:
            classes = evaluator.files[target.path].interface.classes
            methods = [member for node in target.nodes if node in classes for member in classes[node].members]
            if any(node in classes for node in target.nodes):
                such = f", such as {name}.{_most_telling(methods)}" if methods else ""
                return f'"{name}" is a class; name one of its methods{such}'
        default = evaluator.names.export(path, "default") if "#" in name else None
        if isinstance(default, Definition) and default.name == names[0] and not isinstance(target, Definition):
            return f'"{name}" is exported as default; write "{name.partition("#")[0]}#default"'
    known = [
        f"{name.removesuffix('.'.join(names))}{word}"
        for path, names in ways
        for word in _words(evaluator, path, len(names))
    ]
    close = get_close_matches(name, [word for word in known if word != name], n=1)
    if name in known:
        return f'"{name}" is no function that is written there'
    return f'the project has no function "{name}"' + (f' (did you mean "{close[0]}"?)' if close else "")


def _most_telling(methods: Sequence[str]) -> str:
    """The first method that is no special one, or the first."""
    return next((method for method in methods if not method.startswith("_") and method != "constructor"), methods[0])


def _wrong_arguments(
    evaluator: Evaluator, name: str, row: Member, functions: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, str]]:
    """The words of a row that name arguments which none of its functions has, with what is said of each."""
    for word in SLOT_NAMES:
        slot = getattr(row, word)
        for place in slot.at.split() if slot is not None else ():
            if not any(_takes(evaluator, function, place) for function in functions):
                names = ", ".join(_parameters(evaluator, *functions[0])) or "none"
                yield word, f'"{name}" has no argument "{place}" (it has: {names})'


def _takes(evaluator: Evaluator, function: tuple[str, int], place: str) -> bool:
    """Whether a function has an argument at a place of a call, by one of the words for it."""
    path, node = function
    tree = evaluator.tree(path)
    parameters = list(tree.with_role(node, Role.PARAMETER))
    names = _parameters(evaluator, path, node)
    rest = any(tree.has(parameter, Flag.REST) for parameter in parameters)
    for way in place.split("|"):
        first = way.partition(".")[0].removesuffix("+")
        if not first[:1].isalnum() and first[:1] != "_":
            return True  # all of them
        if first.isdigit() and (rest or int(first) < len(names)):
            return True
        if not first.isdigit() and (first in names or first == "tagged" or evaluator.javascript(path)):
            return True
        if not first.isdigit() and any(tree.has(parameter, Flag.PAIRS) for parameter in parameters):
            return True
    return False


def _parameters(evaluator: Evaluator, path: str, node: int) -> list[str]:
    """The names of a function's parameters, without a method's receiver."""
    tree = evaluator.tree(path)
    names = [tree.value(parameter) or "…" for parameter in tree.with_role(node, Role.PARAMETER)]
    method = not evaluator.javascript(path) and tree.has(node, Flag.METHOD)
    return names[1:] if method and "staticmethod" not in evaluator.decorator_names(path, node) else names


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
