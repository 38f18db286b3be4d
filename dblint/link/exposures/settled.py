"""Texts that a constructor leaves on its object: `self.accessor = accessor or name`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site

if TYPE_CHECKING:
    from dblint.link.exposures.showing import Showing
    from dblint.link.values import FunctionValue, ProjectClass

BASES = 6
"""Constructors of bases that are followed."""
_OTHERWISE = frozenset({"or", "??"})


class _Given(msgspec.Struct, frozen=True):
    """What a constructor is called with: its own parameters by name, and what it may only hand on."""

    named: Mapping[str, Site]
    rest: tuple[Site, ...]
    pairs: Mapping[str, Site]


class Settled:
    """Reads what constructors keep. One per evaluator."""

    def __init__(self, showing: Showing) -> None:
        self.showing = showing
        self.evaluator = showing.evaluator

    def text(self, cls: ProjectClass, made: Site, attribute: str) -> str:
        """What the object that the call at `made` makes keeps under a name, where that is one text of the program;
        "" where it is anything else."""
        found: list[Site | None] = []
        for function, given in self._constructors(cls, made):
            found += (self._said(function, value, given) for value in self._kept(function, attribute))
        if not found:
            setting = self.showing.setting(cls, attribute)
            return self.showing.plain.string(setting) if setting is not None else ""
        texts = {self.showing.plain.string(site) if site is not None else "" for site in found}
        return texts.pop() if len(texts) == 1 else ""

    def _constructors(self, cls: ProjectClass, made: Site) -> Iterator[tuple[FunctionValue, _Given]]:
        """The constructors that run, each with what it is given."""
        constructors = self.evaluator.constructors
        current = constructors.of(cls)
        if current is None:
            return
        tree = self.evaluator.tree(made.path)
        positional: list[Site] = []
        keywords: dict[str, Site] = {}
        for argument in tree.with_role(made.node, Role.ARGUMENT):
            kind = tree.kinds[argument]
            if kind == Kind.SPREAD:
                return  # what it holds cannot be said
            if kind == Kind.KEYWORD:
                keywords[tree.value(argument)] = Site(made.path, tree.child(argument, Role.VALUE), made.context)
            else:
                positional.append(Site(made.path, argument, made.context))
        for _ in range(BASES):
            given = self._bound(current, positional, keywords)
            yield current, given
            call, above = constructors.calling(current), constructors.behind(cls, current)
            if call < 0 or above is None:
                return
            passed = self._passed(current, call, given)
            if passed is None:
                return
            current, (positional, keywords) = above, passed

    def _bound(self, function: FunctionValue, positional: list[Site], keywords: dict[str, Site]) -> _Given:
        tree = self.evaluator.tree(function.path)
        named: dict[str, Site] = {}
        rest: tuple[Site, ...] = ()
        left = list(positional)
        open_to_any = False
        for parameter in [*tree.with_role(function.node, Role.PARAMETER)][1:]:
            name = tree.value(parameter)
            if tree.has(parameter, Flag.REST):
                rest, left = tuple(left), []
            elif tree.has(parameter, Flag.PAIRS):
                open_to_any = True
            elif left:
                named[name] = left.pop(0)
            elif name in keywords:
                named[name] = keywords[name]
            elif (otherwise := tree.child(parameter, Role.DEFAULT)) >= 0:
                named[name] = Site(function.path, otherwise, None)
        pairs = {name: site for name, site in keywords.items() if name not in named} if open_to_any else {}
        return _Given(named, rest, pairs)

    def _passed(self, function: FunctionValue, call: int, given: _Given) -> tuple[list[Site], dict[str, Site]] | None:
        """What a constructor hands to that of its base; None where that cannot be said."""
        tree = self.evaluator.tree(function.path)
        positional: list[Site] = []
        keywords: dict[str, Site] = {}
        for argument in tree.with_role(call, Role.ARGUMENT):
            kind = tree.kinds[argument]
            if kind == Kind.SPREAD:
                name = self._parameter(function, tree.child(argument, Role.VALUE))
                if name < 0 or not tree.has(name, Flag.REST | Flag.PAIRS):
                    return None
                if tree.has(argument, Flag.PAIRS):
                    keywords.update(given.pairs)
                else:
                    positional += given.rest
                continue
            value = tree.child(argument, Role.VALUE) if kind == Kind.KEYWORD else argument
            site = self._said(function, value, given) or Site(function.path, value, None)
            if kind == Kind.KEYWORD:
                keywords[tree.value(argument)] = site
            else:
                positional.append(site)
        return positional, keywords

    def _parameter(self, function: FunctionValue, node: int) -> int:
        """The parameter of a function that an expression is, -1 where it is anything else."""
        tree = self.evaluator.tree(function.path)
        if node < 0 or tree.kinds[node] != Kind.NAME:
            return -1
        reached = self.evaluator.scope(function.path).reaching(node, tree.value(node)) or []
        binding = reached[0][0] if len(reached) == 1 else -1
        own = binding >= 0 and tree.parents[binding] == function.node and tree.kinds[binding] == Kind.PARAMETER
        return binding if own else -1

    def _said(self, function: FunctionValue, node: int, given: _Given) -> Site | None:
        """The expression that a parameter is given, of several the first that is not nothing; None where that cannot
        be said."""
        tree = self.evaluator.tree(function.path)
        for _ in range(BASES):
            if tree.kinds[node] != Kind.BINARY or tree.value(node) not in _OTHERWISE:
                break
            left, right = tree.child(node, Role.LEFT), tree.child(node, Role.RIGHT)
            first = self._said_by_name(function, left, given)
            if first is None:
                return None
            if not self._nothing(first):
                return first
            node = right
        return self._said_by_name(function, node, given)

    def _said_by_name(self, function: FunctionValue, node: int, given: _Given) -> Site | None:
        tree = self.evaluator.tree(function.path)
        if tree.kinds[node] in (Kind.STRING, Kind.CONSTANT):
            return Site(function.path, node, None)
        parameter = self._parameter(function, node)
        return given.named.get(tree.value(parameter)) if parameter >= 0 else None

    def _nothing(self, site: Site) -> bool:
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] == Kind.STRING:
            return not tree.value(site.node)
        return tree.kinds[site.node] == Kind.CONSTANT and tree.value(site.node) in ("null", "false")

    def _kept(self, function: FunctionValue, attribute: str) -> Iterator[int]:
        """What a constructor sets an attribute of its object to."""
        tree = self.evaluator.tree(function.path)
        own = tree.child(function.node, Role.PARAMETER)
        node, stop = tree.kinds.find(Kind.ASSIGN, function.node), tree.ends[function.node]
        while 0 <= node < stop:
            target, value = tree.child(node, Role.TARGET), tree.child(node, Role.VALUE)
            if target >= 0 and value >= 0 and tree.kinds[target] == Kind.ATTRIBUTE:
                of_itself = tree.kinds[target + 1] == Kind.NAME and tree.value(target + 1) == tree.value(own)
                if of_itself and tree.value(target) == attribute:
                    yield value
            node = tree.kinds.find(Kind.ASSIGN, node + 1)
