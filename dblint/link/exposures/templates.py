"""What templates read of the rows that they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint.facts.templates import Mark, TemplateFile
from dblint.facts.text import Place
from dblint.libraries.derived import derived
from dblint.link.accesses.origins import Row
from dblint.link.exposures.showing import Seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dblint.libraries.reader import Tables
    from dblint.link.exposures.showing import Showing
    from dblint.link.exposures.tags import Tags

FOLDERS = ("templates", "jinja2", "jinja")
"""Folders under which templates are named by the rest of their path."""
STEPS = 4_000
"""Marks that one filled template is followed through, those of the templates in it among them."""
NESTED = 12
"""Templates in templates, and loops in loops, that are followed."""
INSIDE = 60
"""Templates and blocks in one another whose names are read."""
_SAME = frozenset({"dictsort", "dictsortreversed", "sort", "list", "reverse", "unique", "default", "default_if_none"})
"""Filters that give the same rows, in whatever order."""
_SOME = frozenset({"slice"})
"""Filters that give some of the rows."""
_WHOLE = frozenset({"object_list", "all"})
"""What is asked of a page or query of rows for the rows themselves."""
ALIKE = 4
"""Templates of the same name that are followed: themes, and applications of which one writes another's anew."""


class _Held(msgspec.Struct, frozen=True):
    """What a name of a template holds: rows, or one of them, or what `through` names reads of one."""

    row: Row
    many: bool
    depth: int = 0
    """How many loops were open where the name was given this."""
    through: tuple[str, ...] = ()
    key: str = ""
    """Where the row lies in what a name holds, or in each element of it: a position, or the name in a mapping."""


class _Frame(msgspec.Struct):
    """A part of a template that is still to be followed."""

    file: TemplateFile
    at: int
    end: int
    names: dict[str, _Held | None]
    depth: int
    blocks: Mapping[str, tuple[TemplateFile, int]] = msgspec.field(default_factory=dict)
    loops: tuple[str, ...] = ()
    """The names that the loops around go through, outermost first; "" where it is no name alone."""


class Templates:
    """Reads templates. One per evaluator."""

    def __init__(self, showing: Showing, files: Sequence[TemplateFile], tags: Tags | None = None) -> None:
        self.showing = showing
        self.tags = tags
        self._files: dict[str, list[TemplateFile]] = {}
        self._prefixed: dict[str, list[TemplateFile]] = {}
        """Those that a loader with a prefix names by the folder around theirs (`admin/templates/user.html`)."""
        self._whole_rows = _WHOLE | _pages(showing.evaluator.tables)
        self._words: dict[str, frozenset[str]] = {}
        for file in sorted(files, key=lambda file: file.path):
            folders = file.path.split("/")
            for at, folder in enumerate(folders[:-1]):
                if folder in FOLDERS:
                    rest = "/".join(folders[at + 1 :])
                    self._files.setdefault(rest, []).append(file)
                    if at:
                        self._prefixed.setdefault(f"{folders[at - 1]}/{rest}", []).append(file)

    def __bool__(self) -> bool:
        return bool(self._files)

    def named(self, name: str, around: TemplateFile | None = None) -> TemplateFile | None:
        """The template of a name; None where there is none, or several of which one hides the others. `around`: the
        one that names it, beside which it is looked for first: themes have templates of the same names."""
        found = self.each(name)
        if len(found) > 1 and around is not None:
            folder = _folder(around.path)
            found = [file for file in found if _folder(file.path) == folder]
        return found[0] if len(found) == 1 else None

    def each(self, name: str) -> list[TemplateFile]:
        """The templates of a name: of several, settings say which one hides the others."""
        found = self._files.get(name) or self._prefixed.get(name, [])
        return found if len(found) <= ALIKE else []

    def mentions(self, name: str, word: str) -> bool:
        """Whether a template of a name, or one that may be in it, names something."""
        return any(self._mentions(file, word) for file in self.each(name))

    def _mentions(self, file: TemplateFile, word: str) -> bool:
        if not self._words.get(file.path):
            marks = file.marks
            whole = any(mark.kind in ("include", "extends") for mark in marks)
            self._words[file.path] = frozenset({"*"} if whole else {mark.path[0] for mark in marks if mark.path})
        words = self._words[file.path]
        return word in words or "*" in words

    def words(self, name: str, named: Callable[[tuple[str, ...]], str]) -> frozenset[str]:
        """The names that a filled template uses, with the templates in it. `named`: the template that a path of
        attributes names."""
        found: set[str] = set()
        pending = [self._whole(file, {}) for file in self.each(name)]
        for _ in range(STEPS):
            if not pending:
                break
            frame = pending[-1]
            if frame.at >= frame.end:
                pending.pop()
                continue
            mark = frame.file.marks[frame.at]
            here, frame.at = frame.at, mark.end if mark.kind in ("block", "skip") else frame.at + 1
            if mark.kind == "block":
                inside, at = frame.blocks.get(mark.names[0], (frame.file, here))
                if len(pending) < INSIDE:
                    pending.append(_Frame(inside, at + 1, inside.marks[at].end, {}, frame.depth, frame.blocks))
            elif mark.kind == "include":
                other = self.named(mark.names[0] or named(mark.path), frame.file)
                if other is not None and frame.depth < NESTED:
                    pending.append(self._whole(other, {}, frame.depth + 1))
            elif mark.path:
                found.add(mark.path[0])
        return frozenset(found)

    def of(self, name: str, variables: Sequence[str], row: Row, *, many: bool = True, key: str = "") -> Iterator[Seed]:
        """What a template reads of each of the rows that these names hold there; not `many`: of the one that they
        hold. `key`: where in each of the elements the row lies. Of several templates, what each of them reads."""
        held = _Held(row, many=many, key=key)
        yield from self._agreed(name, {variable: held for variable in variables if variable})

    def filled(self, name: str, variables: Mapping[str, tuple[str, ...]], row: Row) -> Iterator[Seed]:
        """What a template reads of the one row that its names hold, or of what is read of it by these attributes."""
        held = {variable: _Held(row, many=False, through=parts) for variable, parts in variables.items()}
        yield from self._agreed(name, held)

    def _agreed(self, name: str, held: Mapping[str, _Held | None]) -> Iterator[Seed]:
        """What each of the templates of a name reads, as the first one does."""
        first, *others = self.each(name) or (None,)
        if first is None:
            return
        read = [{_what(seed) for seed in self._followed(file, held)} for file in others if file is not None]
        for seed in self._followed(first, held):
            if all(_what(seed) in each for each in read):
                yield seed

    def _followed(self, file: TemplateFile, names: Mapping[str, _Held | None]) -> Iterator[Seed]:
        pending = [self._whole(file, dict(names))]
        looked = 0
        while pending and looked < STEPS:
            frame = pending.pop()
            while frame.at < frame.end and looked < STEPS:
                looked += 1
                mark = frame.file.marks[frame.at]
                yield from self._mark(frame, mark, pending)
                frame.at = mark.end if mark.kind in ("for", "block", "skip") else frame.at + 1

    def _whole(
        self, file: TemplateFile, names: dict[str, _Held | None], depth: int = 0, loops: tuple[str, ...] = ()
    ) -> _Frame:
        """The template that a template comes to, with what fills its blocks."""
        blocks: dict[str, tuple[TemplateFile, int]] = {}
        base: TemplateFile | None = file
        for _ in range(NESTED):
            extended = next((mark for mark in file.marks if mark.kind == "extends"), None)
            for at, mark in enumerate(file.marks):
                if mark.kind == "block":
                    blocks.setdefault(mark.names[0], (file, at))
            base = self.named(extended.names[0], file) if extended is not None else None
            if base is None:
                break
            file = base
        return _Frame(file, 0, len(file.marks), names, depth, blocks, loops)

    def _mark(self, frame: _Frame, mark: Mark, pending: list[_Frame]) -> Iterator[Seed]:
        place = Place(frame.file.path, mark.start, mark.stop)
        if mark.kind == "block":
            file, at = frame.blocks.get(mark.names[0], (frame.file, frame.at))
            stop, names = file.marks[at].end, dict(frame.names)
            pending.append(_Frame(file, at + 1, stop, names, frame.depth, frame.blocks, frame.loops))
        elif mark.kind == "include":
            other = self.named(mark.names[0], frame.file)
            if other is not None and frame.depth < NESTED:
                names = self._given(frame) if mark.bare else dict(frame.names)
                pending.append(self._whole(other, names, frame.depth + 1, frame.loops))
        elif mark.kind in ("text", "read", "set", "for", "given"):
            held, seeds = self._path(frame, mark, place)
            yield from seeds
            row = held is not None and not held.many and not held.key
            if held is not None and row:
                yield from self._handed(frame, mark, held.row, pending)
            if mark.kind == "text" and held is not None and row and not mark.filters:
                yield from self.showing.text(place, held.row)
            same = held if held is not None and self._unchanged(held, mark) else None
            if mark.kind == "set":
                frame.names = {**frame.names, **dict.fromkeys(mark.names, same)}
            elif mark.kind == "for":
                inside = {**frame.names, **dict.fromkeys(mark.names), **self._element(frame, mark, same)}
                if frame.depth < NESTED:
                    plain = len(mark.path) == 1 and not mark.filters and mark.path[0] not in frame.names
                    loops = (*frame.loops, mark.path[0] if plain else "")
                    depth = frame.depth + 1
                    pending.append(_Frame(frame.file, frame.at + 1, mark.end, inside, depth, frame.blocks, loops))

    @staticmethod
    def _element(frame: _Frame, mark: Mark, held: _Held | None) -> dict[str, _Held | None]:
        """What the names of a loop hold, of those that hold a row."""
        if held is None or not held.many:
            return {}
        depth = len(frame.loops) + 1
        if len(mark.names) == 1:
            return {mark.names[0]: _Held(held.row, False, depth, key=held.key)}
        apart = int(held.key) if held.key.isdecimal() else len(mark.names)
        return {mark.names[apart]: _Held(held.row, False, depth)} if apart < len(mark.names) else {}

    def _handed(self, frame: _Frame, mark: Mark, row: Row, pending: list[_Frame]) -> Iterator[Seed]:
        """What a tag or a filter of the program's own makes of a row that it is given."""
        if self.tags is None:
            return
        place = Place(frame.file.path, mark.start, mark.stop)
        if mark.filters:
            yield from self.tags.seeds("filter", mark.filters[0], "0", row, place)
        elif mark.kind == "given":
            name, given = mark.names
            yield from self.tags.seeds("tag", name, given, row, place)
            template, names = self.tags.filled(name, given)
            file = self.named(template, frame.file)
            if file is not None and names and frame.depth < NESTED:
                held: dict[str, _Held | None] = {each: _Held(row, False, len(frame.loops)) for each in names}
                pending.append(self._whole(file, held, frame.depth + 1, frame.loops))

    @staticmethod
    def _unchanged(held: _Held, mark: Mark) -> bool:
        """Whether the filters that something goes through leave it what it is, or some of several rows of each row."""
        inside = any(related.many for related in held.row.path)
        return set(mark.filters) <= (_SAME | _SOME if inside else _SAME)

    def _given(self, frame: _Frame) -> dict[str, _Held | None]:
        """The names that the tag itself gives a template which sees no others."""
        found: dict[str, _Held | None] = {}
        at = frame.at - 1
        while at >= 0 and frame.file.marks[at].kind == "set" and frame.file.marks[at].end == frame.at + 1:
            for name in frame.file.marks[at].names:
                found[name] = frame.names.get(name)
            at -= 1
        return found

    def _path(self, frame: _Frame, mark: Mark, place: Place) -> tuple[_Held | None, list[Seed]]:
        """What a path of attributes gives, and what is read on the way."""
        seeds: list[Seed] = []
        held = frame.names.get(mark.path[0]) if mark.path else None
        parts = [*(held.through if held is not None else ()), *mark.path[1:]]
        if held is None and parts and mark.path[0] not in frame.names:
            held = frame.names.get(f"{mark.path[0]}.{parts[0]}")  # `request.user`
            parts = [*(held.through if held is not None else ()), *parts[1:]]
        while held is not None and parts:
            part = parts.pop(0)
            if held.many:
                held = held if part in self._whole_rows else None
                continue
            if held.key:
                held = replace(held, key="") if part == held.key else None
                continue
            row = held.row
            related = self.showing.models.relation(row.model, part)
            if related is None:
                runs = mark.kind == "for" and not parts and set(mark.filters) <= _SAME | _SOME
                read = self.showing.attribute(place, row, part)
                seeds += (replace(seed, runs=runs) for seed in read)
                return None, seeds
            further = row.along(related)
            if not related.many:
                seeds.append(Seed(place, row, related))
                held = _Held(further, False, held.depth) if further is not None else None
                continue
            said = "all"
            if self.showing.origins.gives_handle(related):
                said = self.showing.asks(row, related, parts.pop(0)) if parts else ""
            if said:
                around = frame.loops[held.depth :][::-1] if self.showing.origins.gives_handle(related) else ()
                seeds.append(Seed(place, row, related, counts=said == "counts", around=around))
            held = _Held(further, True, held.depth) if further is not None and said == "all" else None
        return held, seeds


def _folder(path: str) -> str:
    """The folder by whose rest a template is named: the first of those that are called so."""
    folders = path.split("/")
    at = next((at for at, folder in enumerate(folders[:-1]) if folder in FOLDERS), 0)
    return "/".join(folders[: at + 1])


def _what(seed: Seed) -> tuple[object, ...]:
    """What is read, wherever it stands."""
    return seed.row, seed.related, seed.function, seed.parameter, seed.counts


@derived
def _pages(tables: Tables) -> frozenset[str]:
    """What pages of libraries call the rows that going through them gives as well."""
    types = tables.types.values()
    return frozenset(
        name
        for row in types
        if row.element
        for name, member in row.members.items()
        if member.attribute and member.returns == f"{row.element}[]"
    )
