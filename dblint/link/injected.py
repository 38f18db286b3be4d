"""What a container injects: into a parameter or a field under a decorator, by its row, and by what the project provides
under the token that the decorator names (`{ provide: TOKEN, useFactory: … }`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.calling import Provider
from dblint.link.values import (
    UNKNOWN,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

PROVIDERS = 400
"""Objects that provide something and are looked at."""
_Token = tuple[object, ...]


class Injected:
    """Answers what is injected. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._words = [library.provider for library in evaluator.tables.libraries.values() if library.provider]
        self._provided: dict[_Token, list[tuple[str, int, Provider]]] | None = None

    def of(self, path: str, node: int) -> Value:
        """What is injected into the parameter or field at `node`; `Unknown` where nothing is."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for decorator in tree.with_role(node, Role.DECORATOR):
            if tree.kinds[decorator] != Kind.CALL:
                continue
            for option in options(evaluator.value(path, decorator + 1)):
                row = evaluator.tables.functions[option.path][1] if isinstance(option, LibraryFunction) else None
                if row is None or not row.injects or not isinstance(option, LibraryFunction):
                    continue
                if row.injects.startswith(PROVIDED):
                    return self._by_token(path, decorator, int(row.injects.removeprefix(PROVIDED)))
                library = evaluator.rows.library_of(option)
                return evaluator.rows.given(row.injects, library, path, decorator)
        return UNKNOWN

    def _by_token(self, path: str, call: int, position: int) -> Value:
        arguments = list(self.evaluator.tree(path).with_role(call, Role.ARGUMENT))
        if len(arguments) <= position:
            return UNKNOWN
        given = arguments[position]
        for token in self._tokens(path, given):
            found = [self._made(*provider) for provider in self._providers().get(token, ())]
            known: list[Value] = [value for value in found if not isinstance(value, Unknown)]
            if known:
                return join(known)
        classes = [
            self.evaluator.annotations.instance_of(option, "")
            for option in options(self.evaluator.value(path, given))
            if isinstance(option, (ProjectClass, LibraryClass))
        ]
        return join(classes) if classes else UNKNOWN

    def _tokens(self, path: str, node: int) -> Iterator[_Token]:
        """What an expression is as a token: a text, a class, or what has a name of its own (`Symbol("pool")`)."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for option in options(evaluator.value(path, node)):
            if isinstance(option, Expression):
                held = evaluator.tree(option.path)
                if held.kinds[option.node] == Kind.STRING:
                    yield "text", held.value(option.node)
            elif isinstance(option, ProjectClass):
                yield "class", option.path, option.node
            elif isinstance(option, LibraryClass):
                yield "type", option.name
            elif isinstance(option, ExternalValue) and tree.kinds[node] == Kind.NAME:
                target = evaluator.names.binding(path, tree.value(node))
                if target is not None:
                    yield "name", target

    def _providers(self) -> dict[_Token, list[tuple[str, int, Provider]]]:
        """The objects that provide something, by their tokens."""
        if self._provided is not None:
            return self._provided
        found: dict[_Token, list[tuple[str, int, Provider]]] = {}
        self._provided = found
        with self.evaluator.partial() as partial:
            for word in self._words:
                for path, pair in list(self.evaluator.words.spelled(word.token))[:PROVIDERS]:
                    tree = self.evaluator.tree(path)
                    literal = tree.parents[pair]
                    value = tree.child(pair, Role.VALUE) if tree.kinds[pair] == Kind.PAIR else -1
                    if value >= 0 and tree.kinds[literal] == Kind.OBJECT and self.evaluator.javascript(path):
                        for token in self._tokens(path, value):
                            found.setdefault(token, []).append((path, literal, word))
        if partial:
            self._provided = None
        return found

    def _made(self, path: str, literal: int, word: Provider) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        for pair in tree.children(literal):
            name = tree.value(pair)
            node = tree.child(pair, Role.VALUE) if tree.kinds[pair] == Kind.PAIR else -1
            if node < 0 or name not in (word.value, word.factory, word.made):
                continue
            value = evaluator.value(path, node)
            if name == word.value:
                return value
            if name == word.made:
                return evaluator.annotations.instance_of(value, "")
            made = [
                evaluator.elements.awaited(each)
                for option in options(value)
                if isinstance(option, FunctionValue)
                for each in options(
                    evaluator.returned(option, Context(option.node, option.path, option.receiver, (), option.context))
                )
            ]
            return join(made) if made else UNKNOWN
        return UNKNOWN


PROVIDED = "provided:"
"""In a row, what says that the project provides it, under the token in the argument behind it."""
