"""Which libraries a project uses, and whose members are called like the host's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Library
from dblint.link import hosts, table_words

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

_OTHERS = re.compile(r"(\w+):(?=[A-Z])")


class Foreign:
    """Which members of libraries are called like the host's own methods (`append`, `keys`): whose a call of them is,
    nobody can say by the name."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.tables = evaluator.tables
        roots: dict[str, set[str]] = {"python": set(), "javascript": set()}
        for facts in evaluator.files.values():
            language = "javascript" if evaluator.javascript(facts.path) else "python"
            separator = "/" if language == "javascript" else "."
            for imported in facts.interface.imports:
                words = imported.module.split(separator)
                roots[language].add(separator.join(words[:2] if words[0].startswith("@") else words[:1]))
        roots["javascript"] |= _required(evaluator)
        pending = [
            name
            for name, library in self.tables.libraries.items()
            if any(_is_used(library, language, roots[language]) for language in library.languages)
        ]
        for path in set(evaluator.own_libraries.values()):
            own = self.tables.by_path.get(path)
            pending.append(self.tables.functions[path][0] if own is None else self.tables.library(own))
        self.used: set[str] = set()
        """Libraries that the project imports, and those whose values they give."""
        while pending:
            name = pending.pop()
            if name not in self.used and name in self.tables.libraries:
                self.used.add(name)
                pending += _mentioned(self.tables)[name]

    def used_in(self, language: str) -> list[str]:
        """The libraries that the project uses and that are of a language."""
        return [name for name in self.used if language in self.tables.libraries[name].languages]

    def nobodys(self, language: str) -> frozenset[str]:
        """Members of which a call on an unknown receiver is no sign: those of libraries that the project does not use,
        unless they run a text, and the host's own names that only key-value stores have, too."""
        if language != "python":
            return frozenset()
        by_library = table_words.telling(self.tables)
        own = (by_library[name] for name in self.used if name in by_library)
        return self.tables.members[language].difference(table_words.running_a_text(self.tables)[language], *own)


def _required(evaluator: Evaluator) -> set[str]:
    """The packages whose names calls are handed: `require` in the midst of an expression is no import."""
    found: set[str] = set()
    packages = evaluator.tables.packages.keys()
    for facts in evaluator.files.values():
        if evaluator.javascript(facts.path) and not packages.isdisjoint(facts.body.strings):
            tree = evaluator.tree(facts.path)
            found.update(word for word in packages & set(facts.body.strings) if _is_handed(tree, word))
    return found


def _is_handed(tree: Tree, word: str) -> bool:
    for node in tree.spelled(word):
        if tree.kinds[node] == Kind.STRING and tree.roles[node] == Role.ARGUMENT:
            callee = tree.parents[node] + 1
            if tree.kinds[callee] != Kind.ATTRIBUTE or tree.value(callee) == hosts.REQUIRE:
                return True
    return False


def _is_used(library: Library, language: str, roots: set[str]) -> bool:
    if language == "javascript":
        return not roots.isdisjoint(library.packages)
    return any(package.partition(".")[0] in roots for package in library.packages) or _everywhere(library, roots)


def _everywhere(library: Library, roots: Collection[str]) -> bool:
    """Whether a library without packages of its own may be there: it lies in one that is imported, or in none."""
    if library.packages:
        return False
    paths = [*library.functions, *(path for row in library.types.values() for path in row.path)]
    return not paths or any("." not in path or path.partition(".")[0] in roots for path in paths)


@derived
def _mentioned(tables: Tables) -> Mapping[str, Collection[str]]:
    """Libraries → those whose types their tables name."""
    return {name: tuple(dict.fromkeys(_named(library))) for name, library in tables.libraries.items()}


def _named(library: Library) -> Iterator[str]:
    for row in library.types.values():
        for word in (row.element, row.keyed, row.enter, *row.extends, *(made.returns for made in row.members.values())):
            yield from _OTHERS.findall(word)
    for function in library.functions.values():
        yield from _OTHERS.findall(function.returns)
