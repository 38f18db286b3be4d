"""Which templates a call fills, and with which mapping of names: where the function around it is handed the name, a
part of it, or the mapping, each of its callers says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.text import Hole, Literal
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.plain import Plain
from dblint.link.values import FunctionValue, options

if TYPE_CHECKING:
    from dblint.libraries.showing import Renders

CALLERS = 4
"""Functions that hand on a name or a mapping, one to the other."""
FILLED = 60
"""Calls that are looked at for one that fills a template."""
HOLES = 3
"""Parts of one template's name that are handed in."""


class Filled(msgspec.Struct, frozen=True):
    """A template that is filled: `call` hands in the mapping `given`, or fills it itself; `given` is None where there
    is none."""

    call: Site
    template: str
    given: Site | None


class _Step(msgspec.Struct, frozen=True):
    """A call on the way out. `words`: what the holes of the name are; `symbolic`: the others, as parameters of the
    function around the call. `depth`: how many calls are behind it."""

    call: Site
    given: Site | None
    words: Mapping[str, str]
    symbolic: Mapping[str, str]
    depth: int = 0


class Filling:
    """Finds what calls fill. One per evaluator."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.evaluator = plain.evaluator

    def of(self, call: Site, renders: Renders, named: Site | None) -> Iterator[Filled]:
        """The templates that a call fills; `named` is the expression of the name."""
        given = self.plain.argument(call, renders.context) if renders.context != "**" else None
        if named is None:
            return
        holes = self._holes(named)
        if holes is None:
            return
        pending = [_Step(call, given, {}, {hole: hole for hole in holes})]
        for _ in range(FILLED):
            if not pending:
                return
            step = pending.pop(0)
            whole = step.given is None or not self._handed(step.given)
            if whole and not step.symbolic:
                yield Filled(step.call, self._named(named, step.words), step.given)
                continue
            if step.depth < CALLERS:
                pending += self._outwards(step)

    def _holes(self, named: Site) -> tuple[str, ...] | None:
        """The parameters that a template's name is made of; None where something else is in it."""
        tree = self.evaluator.tree(named.path)
        if tree.kinds[named.node] == Kind.STRING:
            return ()
        shapes = self.plain.shapes(named)
        if len(shapes) != 1 or shapes[0].open:
            return None
        found: dict[str, None] = {}
        for piece in shapes[0].pieces:
            if isinstance(piece, Hole) and piece.parameter:
                found[piece.parameter] = None
            elif not isinstance(piece, Literal):
                return None
        return tuple(found) if len(found) <= HOLES else None

    def _named(self, named: Site, words: Mapping[str, str]) -> str:
        if not words:
            return self.plain.string(named)
        known = {name: (Literal(word),) for name, word in words.items()}
        return Plain(self.evaluator, self.plain.texts, given=known).string(named)

    def _handed(self, site: Site) -> str:
        """The parameter of the function around it that an expression is, "" where it is something else."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.NAME:
            return ""
        name = tree.value(site.node)
        bound = [binding for binding, _ in self.evaluator.scope(site.path).bindings(site.node, name) or ()]
        return name if len(bound) == 1 and tree.kinds[bound[0]] == Kind.PARAMETER else ""

    def _outwards(self, step: _Step) -> Iterator[_Step]:
        """What the callers of the function around a call hand in."""
        evaluator, path = self.evaluator, step.call.path
        around = evaluator.scope(path).function(step.call.node)
        called = evaluator.tree(path).value(around) if around >= 0 else ""
        for where, call in evaluator.words.called(called)[:FILLED] if called else ():
            if not any(
                isinstance(each, FunctionValue) and (each.path, each.node) == (path, around)
                for each in options(evaluator.value(where, call + 1))
            ):
                continue
            passed = {
                evaluator.tree(path).value(parameter): Site(where, node, None)
                for parameter, node in evaluator.parameters.matched(FunctionValue(path, around), where, call)
            }
            further = self._further(step, passed, Site(where, call, None))
            if further is not None:
                yield further

    def _further(self, step: _Step, passed: Mapping[str, Site], call: Site) -> _Step | None:
        """The same with what a caller hands in; None where it hands in what cannot be said."""
        given = step.given
        if given is not None and (name := self._handed(given)):
            if name not in passed:
                return None
            given = passed[name]
        words, symbolic = dict(step.words), dict[str, str]()
        for hole, name in step.symbolic.items():
            if name not in passed:
                return None
            word, handed = self.plain.string(passed[name]), self._handed(passed[name])
            if not word and not handed:
                return None
            if word:
                words[hole] = word
            else:
                symbolic[hole] = handed
        return replace(step, call=call, given=given, words=words, symbolic=symbolic, depth=step.depth + 1)
