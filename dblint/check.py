"""Runs rules over the project's facts and makes of what they say the findings that are told.

A rule that raises does not stop the run: it becomes a finding that names rule and file. Secrets are
replaced here, once, so that no report can leak them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from dblint.annotated import misfits
from dblint.builtin import BUILTIN, INTERNAL_ERROR
from dblint.enclosing import statement_start
from dblint.facts.program import (
    Access,
    Brought,
    Call,
    Client,
    Connection,
    Diagnostic,
    Echo,
    Exposure,
    FileRole,
    Function,
    Invocation,
    Resource,
    Setting,
)
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.report import Excerpt, RelatedRegion, ReportedFinding, ReportedFix
from dblint.facts.schema import Migration, Table
from dblint.facts.text import Place
from dblint.facts.tree import Suppression
from dblint.fingerprints import Keys
from dblint.interrupts import INTERRUPTS
from dblint.packs import LoadedRule
from dblint.prose import fill, instantiate, redact
from dblint.rule import Finding, Related
from dblint.suppressions import Suppressions
from dblint.unanalysed import unanalysed

if TYPE_CHECKING:
    from dblint.workspace.document import Document

CROSS_FUNCTION = "cross-function"
"""The `sub` of findings whose related places are a route: from the finding, call by call, to its cause."""

_CONTEXT = 2
_LONGEST_LINE = 1_000
_LISTED = 10
_TELLING_SECRET = 6
"""Characters from which on a secret is replaced in every text of the run, and not only in its own file's."""


class Surroundings(msgspec.Struct, frozen=True):
    """What check needs to know besides facts and rules. `document` gives a file's text, or None where it is
    gone or has changed since it was read; `reports_on` says whether findings in a file are told; `known`
    are the ids of all rules; `statements` gives the facts of files, which say where their statements begin;
    `runs_in` says whether the rule of an id runs in a file; `fix` gives a finding's fix, from its file
    and the secrets in that, where somebody asks."""

    document: Callable[[str], Document | None]
    reports_on: Callable[[str], bool]
    roles: Mapping[str, FileRole] = msgspec.field(default_factory=dict)
    suppressions: Mapping[str, Sequence[Suppression]] = msgspec.field(default_factory=dict)
    known: Collection[str] = ()
    statements: Mapping[str, object] = msgspec.field(default_factory=dict)
    honour_suppressions: bool = True
    runs_in: Callable[[str, str], bool] = lambda rule, path: True  # noqa: ARG005 - everything runs everywhere
    fix: Callable[[Finding, Document, Collection[str]], ReportedFix | None] | None = None


class Checked(msgspec.Struct):
    """What check found. `tracebacks` are of rules that raised, for `--debug`; `fixable`: some rule says a fix, whether
    or not anybody asked for it."""

    findings: tuple[ReportedFinding, ...] = ()
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)
    tracebacks: list[str] = msgspec.field(default_factory=list)
    suppressed: int = 0
    fixable: bool = False


class _Said(msgspec.Struct, frozen=True):
    """A finding and the rule that said it."""

    rule: LoadedRule
    finding: Finding


def check(project: Project, rules: Sequence[LoadedRule], surroundings: Surroundings) -> Checked:
    """The findings of these rules, sorted by place; the order of rules and facts does not matter."""
    checked = Checked()
    wanted = [said for said in _said(project, rules, surroundings, checked) if _speaks(said, surroundings)]
    by_path: dict[str, list[_Said]] = {}
    for said in wanted:
        by_path.setdefault(said.finding.place.path, []).append(said)
    for path in surroundings.suppressions:
        if surroundings.reports_on(path):
            by_path.setdefault(path, [])
    telling = frozenset(said.finding.secret for said in wanted if len(said.finding.secret) >= _TELLING_SECRET)
    ran = {rule.id: rule for rule in rules}
    findings: list[ReportedFinding] = []
    for path in sorted(by_path):
        document = surroundings.document(path)
        if document is None:
            checked.diagnostics.append(
                Diagnostic("io-error", path, "changed or vanished while dblint was running: its findings are left out")
            )
            continue
        here = {name: rule for name, rule in ran.items() if surroundings.runs_in(name, path)}
        kept = _suppressed(path, by_path[path], document, surroundings, here, checked, project)
        secrets = telling | {secret for said in by_path[path] for secret in _secrets(said.finding, document)}
        checked.fixable |= any(said.finding.fix is not None for said in kept)
        builder = _Builder(project, document, secrets, surroundings)
        findings += builder.build(_merged(kept))
    checked.findings = tuple(findings)
    return checked


def _secrets(finding: Finding, document: Document) -> Iterator[str]:
    """A finding's secret as it is, and as its own place spells it where that is written with escapes."""
    if not finding.secret:
        return
    yield finding.secret
    written = document.between(finding.place.start, finding.place.stop)
    if finding.secret not in written:
        yield from filter(None, written.splitlines())


def feed(project: Project, kind: type) -> Iterable[object]:
    """All facts of one kind."""
    if kind is Query:
        return (query for call in project.calls for query in call.queries)
    if kind is Access:
        return project.accesses
    if kind is Exposure:
        return project.exposures
    if kind is Brought:
        return project.brought
    feeds: dict[type, Iterable[object]] = {
        Call: project.calls,
        Invocation: project.invocations,
        Function: project.functions.values(),
        Resource: project.resources,
        Recomputed: project.recomputed,
        Ensured: project.ensured,
        Table: project.tables.values(),
        Migration: project.migrations,
        Setting: project.settings,
        Connection: project.connections,
        Client: project.clients,
        Echo: project.echoes,
        Project: (project,),
    }
    return feeds[kind]


def _said(
    project: Project, rules: Sequence[LoadedRule], surroundings: Surroundings, checked: Checked
) -> Iterator[_Said]:
    """Everything that the rules say, failures of rules among it: one per rule and file in which the rule runs."""
    for rule in rules:
        failed: set[str] = set()
        for kind in rule.feeds:
            for fact in feed(project, kind):
                try:
                    answer = rule.check(fact, project) if rule.wants_project else rule.check(fact)
                    said = [_Said(rule, _finding(finding)) for finding in answer or ()]
                except INTERRUPTS:
                    raise
                except BaseException as error:  # noqa: BLE001 - a rule is a stranger's code
                    place = _place(fact)
                    if place.path in failed or (place.path and not surroundings.runs_in(rule.id, place.path)):
                        continue
                    failed.add(place.path)
                    checked.tracebacks.append(traceback.format_exc())
                    message = f"the rule {rule.id} failed: {type(error).__name__}"
                    if place.path:
                        yield _Said(BUILTIN[INTERNAL_ERROR], Finding(place, message))
                    checked.diagnostics.append(Diagnostic("internal-error", place.path, message, place.start))
                else:
                    yield from said


def _finding(value: object) -> Finding:
    if not isinstance(value, Finding):
        raise TypeError(f"check gave {type(value).__name__}, not a Finding")
    wrong = next(misfits(value), "")
    if wrong:
        raise TypeError(f"check gave a Finding whose {wrong}")
    return value


def _place(fact: object) -> Place:
    """Where a fact stands, as far as it says."""
    place = getattr(fact, "place", None)
    if isinstance(place, Place):
        return place
    path = getattr(fact, "path", "")
    return Place(path if isinstance(path, str) else "", 0, 0)


def _speaks(said: _Said, surroundings: Surroundings) -> bool:
    """Whether the rule runs in the file and speaks in its role, and the file is among those that are reported on."""
    path = said.finding.place.path
    role = surroundings.roles.get(path, FileRole.APP)
    if not surroundings.reports_on(path) or role not in said.rule.rule.roles:
        return False
    return said.rule.id == INTERNAL_ERROR or surroundings.runs_in(said.rule.id, path)


def _suppressed(
    path: str,
    found: list[_Said],
    document: Document,
    surroundings: Surroundings,
    ran: Mapping[str, LoadedRule],
    checked: Checked,
    project: Project,
) -> list[_Said]:
    """The findings that no comment hides, and what is to be said about the comments."""
    comments = surroundings.suppressions.get(path, ()) if surroundings.honour_suppressions else ()
    if not comments:
        return found
    suppressions = Suppressions(comments, document, surroundings.known)
    start = statement_start(surroundings.statements.get(path))
    kept = []
    for said in found:
        line = document.line_of(said.finding.place.start)
        first = document.line_of(start(said.finding.place.start))
        if said.rule.id in BUILTIN or not suppressions.hides(said.rule.id, line, first):
            kept.append(said)
        else:
            checked.suppressed += 1
    unread = unanalysed(path, surroundings.statements.get(path), project, document, start)
    for complaint in suppressions.complaints(ran, unread):
        if complaint.rule in ran:
            place = Place(path, complaint.start, complaint.stop)
            kept.append(_Said(ran[complaint.rule], Finding(place, complaint.message)))
    return kept


def _merged(found: list[_Said]) -> list[_Said]:
    """One finding per rule and place, in the order of places. Where the instances of one place speak of
    different things (the models of a shared base class), the first lists the others."""
    groups: dict[tuple[Place, str, str], list[_Said]] = {}
    for said in found:
        message = said.finding.message if said.rule.id in BUILTIN else ""
        groups.setdefault((said.finding.place, said.rule.id, message), []).append(said)
    merged = []
    for _, group in sorted(groups.items(), key=lambda item: item[0]):
        first, *others = sorted(group, key=lambda said: said.finding.message)
        merged.append(_Said(first.rule, _listing(first.finding, [said.finding for said in others])))
    return merged


def _listing(first: Finding, others: Sequence[Finding]) -> Finding:
    """The first finding, with the names that differ in the others, and with their further places. It has a fix where
    all of them have the same."""
    if any((other.fix, other.idiom) != (first.fix, first.idiom) for other in others):
        first = replace(first, fix=None)
    if all(other.message == first.message for other in others):
        return first
    for name, value in first.names.items():
        more = sorted({other.names.get(name, "") for other in others} - {value, ""})
        if more:
            rest = f" and {len(more) - _LISTED} more" if len(more) > _LISTED else ""
            message = f"{first.message} (also for {', '.join(more[:_LISTED])}{rest})"
            told = (first,) if first.sub == CROSS_FUNCTION else (first, *others)  # a route is one way
            related = dict.fromkeys(place for finding in told for place in finding.related)
            return replace(first, message=message, related=tuple(related))
    return first


class _Builder:
    """Builds the findings of one file. They come in the order of their places."""

    def __init__(
        self,
        project: Project,
        document: Document,
        secrets: frozenset[str],
        surroundings: Surroundings,
    ) -> None:
        self._project = project
        self._document = document
        self._secrets = secrets
        self._documents = surroundings.document
        self._fix = surroundings.fix
        self._keys = Keys()

    def build(self, found: Sequence[_Said]) -> Iterator[ReportedFinding]:
        """The findings as they are told."""
        if not found:
            return
        hashes = self._document.hashes(self._secrets)
        for said in found:
            finding, rule = said.finding, said.rule.rule
            region = self._document.region(finding.place.start, finding.place.stop)
            line = region.start.line
            names = {name: self._safe(value) for name, value in finding.names.items()}
            yield ReportedFinding(
                rule=said.rule.id,
                severity=rule.severity,
                message=self._safe(finding.message),
                region=region,
                sub=finding.sub,
                excerpt=self._excerpt(self._document, finding.place, _CONTEXT),
                related=tuple(filter(None, map(self._related, finding.related))),
                route=finding.sub == CROSS_FUNCTION,
                minimal=fill(rule.minimal, names),
                better=fill(rule.better, names),
                complete=fill(rule.complete, names),
                repair=self._repair(finding),
                line_hash=hashes[min(line, len(hashes)) - 1],
                confidence=finding.confidence,
                fix=self._fix(finding, self._document, self._secrets) if self._fix is not None else None,
                key=self._keys.next(said.rule.id, region.path, self._safe(self._document.text(line))),
            )

    def _safe(self, text: str) -> str:
        return redact(text, self._secrets) if self._secrets else text

    def _repair(self, finding: Finding) -> str:
        """The remedies as the library at hand writes them, a line each; "" where none is known."""
        idioms = self._project.idioms.get(finding.idiom, {})
        written: dict[str, None] = {}
        for remedy in (finding.remedy, *finding.further):
            if remedy is not None:
                holes = {name: self._safe(value) for name, value in remedy.holes.items()}
                # What the rule could not name is written the way the library has for it.
                empty = {name: instantiate(idioms[name], holes) for name in holes if not holes[name] and name in idioms}
                written[instantiate(idioms.get(remedy.name, ""), {**holes, **empty})] = None
        return "\n".join(filter(None, written))

    def _related(self, related: Related) -> RelatedRegion | None:
        """A further place; left out where its file is gone."""
        same = related.place.path == self._document.path
        document = self._document if same else self._documents(related.place.path)
        if document is None:
            return None
        region = document.region(related.place.start, related.place.stop)
        return RelatedRegion(region, self._safe(related.message), self._excerpt(document, related.place, 0))

    def _excerpt(self, document: Document, place: Place, context: int) -> Excerpt:
        """The lines around a place, without secrets, and where the mark goes on what is left."""
        region = document.region(place.start, place.stop)
        number = region.start.line
        first, last = max(1, number - context), min(len(document), number + context)
        lines = {line: self._safe(document.text(line)) for line in range(first, last + 1)}
        while first < number and not lines[first].strip():
            first += 1
        while last > number and not lines[last].strip():
            last -= 1
        text = document.text(number)
        start, stop = region.start.column - 1, region.stop.column - 1
        before = self._safe(text[:start])
        marked = self._safe(text[start:stop])
        behind = lines[number][len(before) + len(marked) :]
        if before + marked + behind != lines[number]:  # a secret lies across the mark's edge
            before, marked = "", lines[number]
        start, stop = len(before), len(before) + len(marked)
        if len(lines[number]) > _LONGEST_LINE:
            cut = max(0, start - _LONGEST_LINE // 4)
            lines[number] = ("…" if cut else "") + lines[number][cut : cut + _LONGEST_LINE] + "…"
            start, stop = (position - cut + bool(cut) for position in (start, stop))
            stop = min(stop, len(lines[number]))
        shown = tuple(lines[line][: _LONGEST_LINE + 2] for line in range(first, last + 1))
        return Excerpt(first, shown, number, start, stop)
