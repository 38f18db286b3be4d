"""Which libraries a project uses, and whose members are called like the host's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from dblint.libraries.grammar import Library
from dblint.link import table_words

if TYPE_CHECKING:
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
        # `require` in the midst of an expression is no import.
        packages = self.tables.packages.keys()
        for facts in evaluator.files.values():
            if evaluator.javascript(facts.path):
                roots["javascript"] |= packages & set(facts.body.strings)
        pending = [
            name
            for name, library in self.tables.libraries.items()
            if any(_is_used(library, language, roots[language]) for language in library.languages)
        ]
        self.used: set[str] = set()
        """Libraries that the project imports, and those whose values they give."""
        while pending:
            name = pending.pop()
            if name not in self.used and name in self.tables.libraries:
                self.used.add(name)
                pending += _mentioned(self.tables.libraries[name])

    def nobodys(self, language: str) -> frozenset[str]:
        """Members of which a call on an unknown receiver is no sign: those of libraries that the project does not use,
        unless they run a text, and the host's own names that only key-value stores have, too."""
        if language != "python":
            return frozenset()
        by_library = table_words.telling(self.tables)
        own = (by_library[name] for name in self.used if name in by_library)
        return self.tables.members[language].difference(table_words.running_a_text(self.tables)[language], *own)


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


def _mentioned(library: Library) -> Iterator[str]:
    """The libraries whose types a table names."""
    for row in library.types.values():
        for word in (row.element, row.keyed, row.enter, *row.extends, *(made.returns for made in row.members.values())):
            yield from _OTHERS.findall(word)
    for function in library.functions.values():
        yield from _OTHERS.findall(function.returns)
