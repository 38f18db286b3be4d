"""Carries out the review checklist: what a run found, set beside what was looked at."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dblint.check import feed
from dblint.checklist import CHECKLIST, Line
from dblint.facts.program import (
    Access,
    Brought,
    Call,
    Client,
    Connection,
    Echo,
    Effect,
    Exposure,
    Function,
    Invocation,
    Resource,
    Setting,
    Technology,
)
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.report import ReportedFinding
from dblint.facts.review import (
    FINDINGS,
    IN_PART,
    NOT_APPLICABLE,
    NOT_LOOKED,
    NOTHING,
    Harm,
    Inventory,
    Looked,
    Named,
    Review,
    ReviewedGroup,
    ReviewedLine,
)
from dblint.facts.schema import Migration, Table
from dblint.facts.spelling import together
from dblint.facts.text import Hole, Literal, Optional, Origin, Parameter, Piece, Place, Repeat
from dblint.facts.uses import PROGRAM
from dblint.interrupts import INTERRUPTS
from dblint.libraries.technologies import technologies
from dblint.packs import LoadedRule, tables
from dblint.run import Result
from dblint.sql.dialects import normal
from dblint.verifying import Verifying
from dblint.workspace.document import Document
from dblint.workspace.read import MANIFEST_SIZE, TooLargeError, read_regular

ASSEMBLY = ("4.1", "4.5")
"""The lines that how SQL is sent speaks of."""

_NOUNS: Mapping[type, str] = {
    Call: "calls of libraries",
    Query: "queries",
    Invocation: "calls of the project's functions",
    Access: "relations that loops read of rows",
    Exposure: "lists of rows that are shown",
    Brought: "relations that queries load with their rows",
    Function: "functions",
    Resource: "values that functions open and have to close",
    Recomputed: "columns that are set to what the program computes from them",
    Ensured: "rows that are inserted because a read found none",
    Table: "tables",
    Migration: "migrations",
    Setting: "settings",
    Connection: "places that say how a database is reached",
    Client: "places that configure a client",
    Echo: "places that write statements to a log",
}
"""What a rule looks at that says nothing itself."""
_DECIDED = frozenset({Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE})
_CONFIGURED = frozenset({"datasource", "setting", "address"})
_KINDS = ("database", "orm", "driver", "pooler")
_OF_CONNECTIONS = frozenset({Connection, Resource})


def review(result: Result, every: Iterable[LoadedRule], failed: Callable[[str], None] = lambda _: None) -> Review:
    """The review of a run that was asked for `Technology`. `every`: the rules of all packs, also those that the run
    left out. `failed` is told the traceback of a rule that cannot say what it looks at."""
    analysis = result.analysis
    line = _lines(result)
    configured = analysis.configuration.dialect
    named = _databases(analysis.project)
    databases = {*named, configured} - {""} if configured or _is_sure(analysis.project) else set()
    found = list(_named(analysis.project, line))
    unseen = _Unseen.of(analysis.project, analysis.workspace.reports_on)
    counted = _inventory(result, line, unseen.of_queries)
    lines = _Lines(result, list(every), databases, counted, unseen, failed)
    return Review(
        result.report,
        tuple(named for named, understood in found if understood),
        tuple(named for named, understood in found if not understood),
        configured,
        tuple(ReviewedGroup(group.title, tuple(map(lines.reviewed, group.lines))) for group in CHECKLIST),
        counted,
        tuple(_harms(result, [configured] if configured else [each for each in databases if not _is_beside(each)])),
        lines.besides(),
    )


def _lines(result: Result) -> Callable[[Place], int]:
    """Gives the line of a place in a source file or a manifest; 0 where it cannot be said."""
    workspace, position = result.analysis.workspace, result.analysis.position()
    manifests: dict[str, Document | None] = {}

    def manifest(path: str) -> Document | None:
        try:
            return Document(path, read_regular(workspace.root / path, MANIFEST_SIZE))
        except (OSError, TooLargeError):
            return None

    def locate(place: Place) -> int:
        if place.path not in result.analysis.files:
            if place.path not in manifests:
                manifests[place.path] = manifest(place.path)
            document = manifests[place.path]
            return document.line_of(place.start) if document is not None else 0
        found = position(place)
        return found.line if found is not None else 0

    return locate


# The environment


def _named(project: Project, line: Callable[[Place], int]) -> Iterator[tuple[Named, bool]]:
    """What was found, each once at its surest place, and whether it is understood."""
    for group, understood in _groups(project):
        first = group[0]
        note = "beside the database" if first.kind == "database" and _is_beside(first.key) else ""
        surest: dict[str, str] = {}
        for one in group:  # the surest sign comes first
            surest.setdefault(one.place.path, one.sign)
        signs = Counter(surest.values())
        more = signs.pop(first.sign) - 1
        path = first.place.path
        named = Named(first.kind, first.name, first.sign, path, line(first.place), more, note, tuple(signs.items()))
        yield named, understood


def _groups(project: Project) -> Iterator[tuple[list[Technology], bool]]:
    """The places that name one thing, the surest first, and whether it is understood."""
    undescribed = {one.package for one in project.undescribed}
    groups: dict[tuple[str, str], list[Technology]] = {}
    for one in project.technologies:
        groups.setdefault((one.kind, one.name), []).append(one)
    for (kind, _), group in sorted(groups.items(), key=lambda item: _KINDS.index(item[0][0])):
        # Drivers that only a manifest names may be used by what loads them and is understood: as a check says.
        used = any(one.sign != "requirement" for one in group)
        loaded = kind == "driver" and not used and undescribed.isdisjoint(one.key for one in group)
        yield group, loaded or any(one.understood for one in group)


class _Unseen(NamedTuple):
    """The names of what the reviewed files use and no table describes, so that nobody sees what goes through it."""

    of_queries: tuple[str, ...]
    """What queries, tables and migrations may go through: not what speaks to nothing but a database beside."""
    of_connections: tuple[str, ...]
    """What connections may go through."""

    @classmethod
    def of(cls, project: Project, reports_on: Callable[[str], bool]) -> _Unseen:
        """Those of a project."""
        groups = [group for group, understood in _groups(project) if not understood]
        found = [group[0] for group in groups if any(reports_on(one.place.path) for one in group)]
        queries = tuple(one.name for one in found if one.kind in ("orm", "driver") and not _speaks_beside(one.key))
        return cls(queries, tuple(one.name for one in found))

    def by(self, rule: LoadedRule) -> tuple[str, ...]:
        """Those through which there may be more of what a rule looks at."""
        return self.of_queries if _OF_CONNECTIONS.isdisjoint(rule.feeds) else self.of_connections


def _speaks_beside(package: str) -> bool:
    """Whether a package speaks to a database that stands beside the one that holds the data."""
    rows = [rows[package] for rows in technologies().packages.values() if package in rows]
    return any(_is_beside(row.database) for row in rows)


def _databases(project: Project) -> set[str]:
    """All databases that are named, by their words, also those beside the one that holds the data."""
    return {one.key for one in project.technologies if one.kind == "database"} | set(project.dialects)


def _is_beside(database: str) -> bool:
    row = technologies().databases.get(database)
    return row is not None and row.beside


def _is_sure(project: Project) -> bool:
    """Whether the project speaks to the databases that are named and to no other: its configuration names them, or
    nothing is used that could speak to another. A manifest alone says nothing: it may mean the tests'. What the
    environment overrides says nothing either, nor does anything beside a driver that speaks to several."""
    signs = {one.sign for one in project.technologies if one.kind == "database" and not _is_beside(one.key)}
    packages = technologies().packages.values()
    open_to_any = {name for named in packages for name, row in named.items() if not row.database}
    speaking = {one.kind for one in project.technologies if one.key in open_to_any}
    if "driver" in speaking:
        return False
    if not signs.isdisjoint(_CONFIGURED):
        return True
    return "orm" not in speaking and not signs.isdisjoint(("import", "migrations"))


# The lines


class _Lines:
    """Says what became of the lines of the checklist."""

    def __init__(
        self,
        result: Result,
        every: Sequence[LoadedRule],
        databases: Collection[str],
        counted: Inventory,
        unseen: _Unseen,
        failed: Callable[[str], None],
    ) -> None:
        self._failed = failed
        self._result = result
        self._counted = counted
        self._unseen = unseen
        self._databases = sorted(databases)
        self._no_line: list[LoadedRule] = []
        self._by_line: dict[str, list[LoadedRule]] = {}
        for rule in sorted(every, key=lambda rule: rule.id):
            if not rule.rule.checklist:
                self._no_line.append(rule)
            for name in rule.rule.checklist:
                self._by_line.setdefault(name, []).append(rule)
        self._counts: dict[str, Looked] = {}

    def reviewed(self, line: Line) -> ReviewedLine:
        """What was looked at for a line."""

        def told(state: str, reason: str = "", looked: tuple[Looked, ...] = ()) -> ReviewedLine:
            return ReviewedLine(line.id, line.title, state, reason, looked, line.proxy)

        if self._databases and all(database in line.pointless for database in self._databases):
            reasons = dict.fromkeys(line.pointless[each] for each in self._databases)
            return told(NOT_APPLICABLE, "; ".join([*reasons, "no other database is named"]))
        stated = line.elsewhere.get(self._result.configuration.timeouts)
        if stated:
            return told(NOT_APPLICABLE, stated)
        rules = self._by_line.get(line.id, [])
        if not rules:
            return told(NOT_LOOKED, "no rule yet")
        ran = [rule for rule in rules if rule.id in self._result.rules]
        if not ran:
            return told(NOT_LOOKED, f"left out: {', '.join(rule.id for rule in rules)}")
        fitting = [rule for rule in ran if self._fits(rule)]
        if not fitting:
            called = sorted({technologies().called(normal(each)) for rule in ran for each in rule.rule.databases})
            return told(NOT_APPLICABLE, f"is about {' and '.join(called)}, which nothing here speaks to")
        looked = tuple(self._looked(rule) for rule in fitting)
        silent = tuple(rule.id for rule in rules if rule not in ran)
        nothing = all(each.places == 0 for each in looked)
        unseen = dict.fromkeys(name for each in looked for name in each.unseen)
        if any(each.findings for each in looked):
            state = FINDINGS
        elif nothing:
            state = NOT_LOOKED if unseen else NOTHING
        else:
            state = IN_PART
        # Where nothing was there, all that was looked for is said.
        part = line.part(each.rule for each in looked if each.places != 0 or nothing)
        reason = self._unsure(line)
        if nothing:
            reason = f"what goes through {together(unseen)} is not understood" if unseen else ""
        return ReviewedLine(line.id, line.title, state, reason, looked, line.proxy, part, silent)

    def besides(self) -> tuple[Looked, ...]:
        """What the rules that belong to no line looked at."""
        ran = (rule for rule in self._no_line if rule.id in self._result.rules and self._fits(rule))
        return tuple(map(self._looked, ran))

    def _unsure(self, line: Line) -> str:
        """What keeps a line from being proven although it was looked at."""
        unknown = self._counted.unknown
        if not unknown or line.id not in ASSEMBLY:
            return ""
        return f"of {unknown} text{'' if unknown == 1 else 's'} a part could not be followed: not proven, see below"

    def _fits(self, rule: LoadedRule) -> bool:
        """Whether the rule is about a database that the project may speak to."""
        wanted = {normal(database) for database in rule.rule.databases}
        return not wanted or not self._databases or not wanted.isdisjoint(self._databases)

    def _looked(self, rule: LoadedRule) -> Looked:
        known = self._counts.get(rule.id)
        if known is None:
            findings = sum(finding.rule == rule.id for finding in self._result.report.findings)
            noun = rule.rule.looks_at or ", ".join(_NOUNS.get(kind, "places") for kind in rule.feeds)
            places, unseen = self._places(rule), self._unseen.by(rule)
            known = self._counts[rule.id] = Looked(rule.id, noun, places, findings, unseen)
        return known

    def _places(self, rule: LoadedRule) -> int | None:
        """How many places the rule judged, in files where it runs and speaks."""
        analysis = self._result.analysis
        places: set[object] = set()
        if rule.places is not None:
            try:
                places.update(rule.places(analysis.project))
            except INTERRUPTS:
                raise
            except BaseException:  # noqa: BLE001 - a rule is a stranger's code
                self._failed(traceback.format_exc())
                return None
        elif Project in rule.feeds:
            return None
        else:
            places.update(_place(fact) for kind in rule.feeds for fact in feed(analysis.project, kind))
        return sum(isinstance(place, Place) and self._speaks(rule, place.path) for place in places)

    def _speaks(self, rule: LoadedRule, path: str) -> bool:
        extracted = self._result.analysis.files.get(path)
        return (
            extracted is not None
            and self._result.analysis.workspace.reports_on(path)
            and extracted.role in rule.rule.roles
            and self._result.runs_in(rule.id, path)
        )


def _place(fact: object) -> Place | None:
    """Where a fact stands."""
    place = getattr(fact, "place", None)
    if place is None and isinstance(path := getattr(fact, "path", None), str):
        return Place(path, 0, 0)
    return place if isinstance(place, Place) else None


# How SQL is sent


def _inventory(result: Result, line: Callable[[Place], int], unseen: tuple[str, ...]) -> Inventory:
    """Every place of application code and scripts that runs queries, once, by how its SQL comes about."""
    kinds: dict[Place, str] = {}
    order = ("built", "bound", "constant", "passed", "own", "decided", "unknown")
    for call in result.analysis.project.calls:
        if call.role not in PROGRAM or not result.analysis.workspace.reports_on(call.place.path):
            continue
        # What runs a text that another call is given is no further place.
        builds = Effect.QUERY in call.effects and any(not query.sql for query in call.queries)
        if (call.text is None and not builds) or _is_name(call):
            continue
        kind = _sent(call)
        known = kinds.get(call.place, kind)
        kinds[call.place] = max(kind, known, key=order.index)  # a place with several texts counts as its worst
    counts = dict.fromkeys(order, 0)
    for kind in kinds.values():
        counts[kind] += 1

    def first(wanted: str) -> tuple[str, int]:
        places = sorted(place for place, kind in kinds.items() if kind == wanted)
        return (places[0].path, line(places[0])) if places else ("", 0)

    return Inventory(**counts, first_decided=first("decided"), first_unknown=first("unknown"), unseen=unseen)


def _is_name(call: Call) -> bool:
    """Whether the text that a call is given is no more than a name for a statement that a library builds, as that of
    a function (`Func("id", function="COUNT")`)."""
    pieces = call.text.pieces if call.piece and call.text is not None and not call.text.open else ()
    return len(pieces) == 1 and isinstance(pieces[0], Literal) and pieces[0].text.isidentifier()


def _sent(call: Call) -> str:
    """How the SQL of a call comes about."""
    if call.text is None:
        return "built"
    pieces = list(_flat(call.text.pieces))
    holes = [piece for piece in pieces if isinstance(piece, Hole) and not piece.words]
    if len(pieces) == 1 and holes and holes[0].handed and holes[0].origin is Origin.PARAMETER:
        return "passed"
    if any(hole.origin in _DECIDED for hole in holes):
        return "decided"
    if call.text.open or any(hole.origin is Origin.UNKNOWN for hole in holes):
        return "unknown"
    if any(isinstance(piece, Hole) for piece in pieces):
        return "own"
    return "bound" if call.parameters_bound or any(isinstance(piece, Parameter) for piece in pieces) else "constant"


def _flat(pieces: Iterable[Piece]) -> Iterator[Piece]:
    pending = list(pieces)
    while pending:
        piece = pending.pop()
        if isinstance(piece, Optional | Repeat):
            pending.extend(piece.pieces)
        else:
            yield piece


# The findings


def _harms(result: Result, databases: Collection[str]) -> Iterator[Harm]:
    """The findings in the order of harm, those of one rule and confidence together."""
    verifying = Verifying(result, databases, tables(result.analysis.configuration.packs))
    groups: dict[tuple[str, str, str], list[ReportedFinding]] = {}
    for finding in result.report.by_harm():
        confidence = finding.confidence or result.rules[finding.rule].rule.confidence
        groups.setdefault((finding.severity, confidence, finding.rule), []).append(finding)
    for (severity, confidence, name), findings in groups.items():
        rule = result.rules[name].rule
        verifiable = verifying.fitting(rule, findings)
        yield Harm(
            name,
            rule.summary,
            severity,
            confidence,
            rule.default,
            rule.checklist,
            rule.verify if verifiable else "",
            tuple(technologies().called(normal(database)) for database in rule.verify_on),
            tuple(findings),
            verifiable,
        )
