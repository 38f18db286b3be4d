"""Lists of rows that are shown, as facts: the relations that are read of each row, and whether they were loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from dblint.facts.program import Exposure, FileRole, Passage, Shown
from dblint.facts.text import Place
from dblint.link.accesses.collecting import Way, whole_row
from dblint.link.accesses.loading import UNSAID, YES, loaded
from dblint.link.accesses.origins import Origin, Row
from dblint.link.accesses.reading import Passed
from dblint.link.arguments import Site
from dblint.link.exposures.listing import Listed, Lists
from dblint.link.exposures.showing import Seed, Showing
from dblint.link.model_readers.shared import Related

if TYPE_CHECKING:
    from dblint.link.accesses.collecting import Accesses

SHOWN = 400
"""Relations that one list reads of its rows, as far as they are followed."""


class Exposures:
    """Collects exposures. One per evaluator."""

    def __init__(self, accesses: Accesses) -> None:
        self.accesses = accesses
        self.origins = accesses.origins
        self.evaluator = accesses.evaluator
        self.functions = accesses.functions
        plain = self.origins.models.surroundings.plain
        self.lists = Lists(self.origins, plain, Showing(self.origins, plain))

    def collected(self, asked: Collection[FileRole] | None = None) -> tuple[Exposure, ...]:
        """The lists that are shown by files in these roles (None: by all), in order of place."""
        found: dict[tuple[Place, Place, str], Exposure] = {}
        for path in sorted(self.evaluator.files):
            role = self.functions.role(path)
            if self.evaluator.javascript(path) or (asked is not None and role not in asked):
                continue
            for listed in self.lists.of_file(path):
                exposure = self._exposure(listed, role)
                found.setdefault((exposure.place, exposure.given, exposure.by), exposure)
        return tuple(sorted(found.values(), key=lambda each: (each.place, each.given)))

    def _exposure(self, listed: Listed, role: FileRole) -> Exposure:
        origin = listed.origin
        ways = [{(each.path, each.at): each for each in self._shown(origin, seeds)} for seeds in listed.seeds]
        paths = [{path for path, _ in way} for way in ways]
        certain = set.intersection(*paths) if paths else set()
        shown = tuple(each for (path, _), each in sorted(ways[0].items()) if path in certain) if ways else ()
        outer, _ = self.accesses.outermost(origin, ())
        root = self.evaluator.classes.class_name(outer.model)
        return Exposure(listed.place, listed.by, root, outer.place, outer.query, shown, listed.form, role, outer.idiom)

    def _shown(self, origin: Origin, seeds: tuple[Seed, ...]) -> Iterator[Shown]:
        start = Row(origin.model, origin)
        for seed in seeds[:SHOWN]:
            row = whole_row(start, seed.row)
            if seed.related is not None:
                shown = self._of_relation(seed, row, seed.related, seed.place, ())
                if shown is not None:
                    yield shown
            if seed.function is None or self.functions.memoises(seed.function):
                continue
            readings = self.accesses.inside(seed.function, seed.parameter, row.model)
            step = Passed(seed.function.node, row, seed.function, seed.parameter, -1)
            way = Way(readings, seed.function.path, row, seed.function.node, (step,))
            for current, read, whole in self.accesses.followed(way):
                tree = self.evaluator.tree(current.path)
                at = Place(current.path, tree.starts[read.node], tree.stops[read.node])
                sites = zip(current.sites, current.steps[1:], strict=True)
                steps = tuple(
                    Passage(
                        self.origins.chains.place(Site(where, node, None)),
                        self.accesses.frames.words(where, node),
                        self.functions.id(passed.function.path, passed.function.node),
                    )
                    for (where, node), passed in sites
                )
                source = self.accesses.frames.words(current.path, read.node)
                shown = self._of_relation(seed, whole, read.related, at, steps, source)
                if shown is not None:
                    yield shown

    def _of_relation(
        self, seed: Seed, row: Row, related: Related, at: Place, steps: tuple[Passage, ...], source: str = ""
    ) -> Shown | None:
        origin = row.origin
        if origin is None or (not related.relation.kind and not related.inverse):
            return None
        handle = related.many and self.origins.gives_handle(related)
        calls = self.accesses.on(at) if handle and source else ()
        if handle and source and not any(call.memoised for call in calls):
            return None
        _, walked = self.accesses.outermost(origin, (*row.path, related))
        said = loaded(row, related)
        if said != YES and not related.many and self.origins.word(row.model, "identity"):
            said = UNSAID if row.model == related.model else said
        table = self.origins.models.table(related.model)
        return Shown(
            seed.place,
            at,
            source,
            related.name,
            self.evaluator.classes.class_name(row.model),
            tuple(each.name for each in walked),
            self.accesses.target(related),
            table.name if table is not None else "",
            said,
            any(each.many for each in walked),
            handle,
            calls,
            steps,
        )
