"""Lists of rows that are shown, as facts: the relations that are read of each row, and whether they were loaded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from dblint.facts.program import Asked, Call, Exposure, FileRole, Passage, Shown
from dblint.facts.templates import TemplateFile
from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role
from dblint.link.accesses.collecting import Way, whole_row
from dblint.link.accesses.loading import RAISES, UNSAID, YES, loaded
from dblint.link.accesses.origins import Origin, Row
from dblint.link.accesses.pinning import one_row
from dblint.link.accesses.reading import Passed
from dblint.link.arguments import Site
from dblint.link.exposures.asking import Asking
from dblint.link.exposures.handing import Handing
from dblint.link.exposures.listing import Listed, Lists
from dblint.link.exposures.showing import Seed, Showing
from dblint.link.exposures.tags import Tags
from dblint.link.exposures.templates import Templates
from dblint.link.model_readers.shared import Related
from dblint.link.values import Unknown

if TYPE_CHECKING:
    from dblint.link.accesses.collecting import Accesses
    from dblint.link.callgraph.callgraph import CallGraph

CHAIN = 8
"""Calls on what a relation gives, one behind another, that are followed."""
_Key: TypeAlias = tuple[tuple[str, ...], Place]
_CHOOSING = frozenset({"and", "or", "??"})
SHOWN = 400
"""Relations that one list reads of its rows, as far as they are followed."""


class Exposures:
    """Collects exposures. One per evaluator."""

    def __init__(
        self,
        accesses: Accesses,
        graph: CallGraph,
        templates: Sequence[TemplateFile],
        iterated: Callable[[str, int], Iterable[Call]],
    ) -> None:
        """`iterated`: as in `Asking`."""
        self.accesses = accesses
        self.origins = accesses.origins
        self.evaluator = accesses.evaluator
        self.functions = accesses.functions
        self.asking = Asking(accesses, graph, iterated)
        plain = self.origins.models.surroundings.plain
        showing = Showing(self.origins, plain)
        handing = Handing(self.origins, self.functions, accesses.frames.influence)
        read = Templates(showing, templates, Tags(plain))
        self.lists = Lists(self.origins, plain, showing, read, handing, accesses.frames.preconditions)

    def collected(self, asked: Collection[FileRole] | None = None) -> tuple[Exposure, ...]:
        """The lists that are shown by files in these roles (None: by all), in order of place."""
        found: dict[tuple[Place, Place, str, bool], Exposure] = {}
        for path in sorted(self.evaluator.files):
            role = self.functions.role(path)
            if self.evaluator.javascript(path) or (asked is not None and role not in asked):
                continue
            for listed in self.lists.of_file(path):
                exposure = self._exposure(listed, role)
                found.setdefault((exposure.place, exposure.given, exposure.by, bool(exposure.repeated)), exposure)
        return tuple(sorted(found.values(), key=lambda each: (each.place, each.given)))

    def _exposure(self, listed: Listed, role: FileRole) -> Exposure:
        origin = listed.origin
        handles: dict[Place, str] = {}
        drawn = [
            (*seeds, *(each for seed in seeds[:SHOWN] for each in self.lists.drawn(seed))) for seeds in listed.seeds
        ]
        through = self.asking.guarded.through(listed.place, origin)
        ways = [
            {(each.path, each.at): each for each in self._shown(origin, seeds, handles, through)} for seeds in drawn
        ]
        paths = [{path for path, _ in way} for way in ways]
        certain = set.intersection(*paths) if paths else set()
        shown = tuple(each for (path, _), each in sorted(ways[0].items()) if path in certain) if ways else ()
        outer, _ = self.accesses.outermost(origin, ())
        root = self.evaluator.classes.class_name(outer.model)
        place, query, idiom, asked = outer.place, outer.query, outer.idiom, self._asked(listed, ways, handles, through)
        repeated = tuple(filter(None, map(self._repeated, listed.repeated)))
        return Exposure(listed.place, listed.by, root, place, query, shown, listed.form, role, idiom, asked, repeated)

    def _repeated(self, seed: Seed) -> Shown | None:
        """What is asked of a row that is the same for each of those that are shown."""
        return self._of_relation(seed, seed.row, seed.related, seed.place, counts=seed.counts) if seed.related else None

    def _asked(
        self,
        listed: Listed,
        ways: Sequence[Mapping[_Key, Shown]],
        handles: Mapping[Place, str],
        through: frozenset[tuple[str, int]],
    ) -> tuple[Asked, ...]:
        """The queries that each of the ways to show the rows asks of each."""
        found: list[dict[Place, Asked]] = []
        for seeds, way in zip(listed.seeds, ways, strict=True):
            relations = [at for _, at in way]
            told: dict[Place, Asked] = {}
            for seed in seeds[:SHOWN]:
                for behind in (seed, *self.asking.onward(seed, through)):
                    for each in self.asking.of(behind, relations, handles, through):
                        told.setdefault(each.route.call.place, each)
            found.append(told)
        certain = set.intersection(*(set(each) for each in found)) if found else set()
        return tuple(found[0][place] for place in sorted(certain)) if found else ()

    def _shown(
        self, origin: Origin, seeds: tuple[Seed, ...], handles: dict[Place, str], through: frozenset[tuple[str, int]]
    ) -> Iterator[Shown]:
        """The relations that are read of each row. `handles` gets those of which more is asked than their rows."""
        start = Row(origin.model, origin)
        for seed in seeds[:SHOWN]:
            row = whole_row(start, seed.row)
            if seed.related is not None:
                shown = self._of_relation(seed, row, seed.related, seed.place, counts=seed.counts)
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
                places = [*current.sites, (current.path, read.node)]
                if not all(self.asking.guarded.reached(*place, through) for place in places):
                    continue
                branch = any(self._on_branch(*place) for place in places)
                asked = self._read(current.path, read.node, whole, read.related)
                shown = self._of_relation(
                    seed, whole, read.related, at, steps, source, counts=asked == "counts", branch=branch
                )
                if shown is not None and asked:
                    yield shown
                elif shown is not None:
                    handles[at] = shown.loaded

    def _on_branch(self, path: str, node: int) -> bool:
        """Whether a node stands on a branch of its function, other than one that asks whether a value is there."""
        tree = self.evaluator.tree(path)
        while node >= 0 and tree.kinds[node] not in (Kind.FUNCTION, Kind.CLASS):
            parent, role = tree.parents[node], tree.roles[node]
            kind = tree.kinds[parent] if parent >= 0 else 0
            if kind in (Kind.IF, Kind.CONDITIONAL) and role in (Role.BODY, Role.ELSE):
                condition = tree.child(parent, Role.CONDITION)
                if role == Role.ELSE or tree.kinds[condition] not in (Kind.NAME, Kind.ATTRIBUTE):
                    return True
            elif kind == Kind.CASE or (kind == Kind.BINARY and role == Role.RIGHT and tree.value(parent) in _CHOOSING):
                return True
            node = parent
        return False

    def _read(self, path: str, node: int, row: Row, related: Related) -> str:
        """What is asked of a relation that is read: `all` of its rows, what `counts` them, or "" for what no query can
        load before."""
        if not related.many or not self.origins.gives_handle(related):
            return "all"
        tree = self.evaluator.tree(path)
        for _ in range(CHAIN):
            parent = tree.parents[node]
            call = tree.parents[parent] if parent >= 0 else -1
            if call < 0 or tree.kinds[parent] != Kind.ATTRIBUTE or tree.kinds[call] != Kind.CALL:
                return "" if parent >= 0 and tree.kinds[parent] == Kind.ATTRIBUTE else "all"
            said = self.lists.showing.asks(row, related, tree.value(parent))
            if said != "all":
                return said
            node = call
        return ""

    def _of_relation(
        self,
        seed: Seed,
        row: Row,
        related: Related,
        at: Place,
        steps: tuple[Passage, ...] = (),
        source: str = "",
        *,
        counts: bool = False,
        branch: bool = False,
    ) -> Shown | None:
        origin = row.origin
        if origin is None or (not related.relation.kind and not related.inverse):
            return None
        if not self.origins.word(row.model, "lazy"):
            return None  # reading it asks for nothing
        _, walked = self.accesses.outermost(origin, (*row.path, related))
        said, identity = loaded(row, related), not related.many and self.origins.word(row.model, "identity")
        if (
            said != YES
            and identity
            and (row.model == related.model or one_row(self.evaluator, origin, (*row.path, related)))
        ):
            said = UNSAID
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
            any(each.many or isinstance(each.model, Unknown) for each in walked),
            counts,
            steps,
            branch,
            identity and not self.origins.models.held_elsewhere(related),
            tuple(each.query_name or each.name for each in walked),
            origin.raises if said == RAISES else "",
        )
