"""The conductor: discover → extract → link → check."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from dblint import __version__, baseline
from dblint.builtin import BUILTIN
from dblint.cache import CacheFolder
from dblint.check import Surroundings, check
from dblint.config import SEVERITIES, Configuration, load, load_named, load_users, merged
from dblint.config_calls import OWN
from dblint.diagnostics import told, unread
from dblint.extraction import MORE, Extracted, Task, as_text, content_digest, extract_one
from dblint.facts.program import Diagnostic, FileRole, Technology
from dblint.facts.project import Project
from dblint.facts.report import Position, Report, ReportedFile, ReportedFix
from dblint.facts.text import Place
from dblint.facts.tree import Fault, Suppression
from dblint.facts.uses import PROGRAM
from dblint.harm import only, order
from dblint.judged import gone, judge
from dblint.libraries.reader import Tables
from dblint.mistakes import Mistakes
from dblint.packs import FROM_CALLS, NO_RULES, Found, LoadedRule, PackError, installed_packs, tables
from dblint.recall import Earlier, Recalled, earlier_runs, keep, recalled, report_key
from dblint.rule import Finding
from dblint.selection import Selection, chosen, wrong_words
from dblint.stated import described, idle, mistaken
from dblint.summary import summarise
from dblint.workspace.discover import Workspace, discover, resolve
from dblint.workspace.document import Document
from dblint.workspace.read import MANIFEST_SIZE, TooLargeError, read, read_regular
from dblint.workspace.roles import overriding, shadowed


class Asked(msgspec.Struct, frozen=True):
    """What rules ask for: the roles of the files that are searched for calls, whether calls that only build a query
    are wanted, what rules are fed, and whether they ask what tables are used for."""

    roles: frozenset[FileRole]
    built: bool = False
    feeds: frozenset[type] = frozenset()
    uses: bool = False


Mapper: TypeAlias = Callable[[Callable[[Task], Extracted], Iterable[Task]], Iterable[Extracted]]
"""Runs a function over tasks, here or in other processes, and gives the results in any order."""


class StandIn(msgspec.Struct, frozen=True):
    """What stands in for the content of a named file, which need not exist: `read` is given the file's path below
    the root and the size limit."""

    name: str
    read: Callable[[str, int], bytes | Diagnostic]


def _unwatched(doing: str, done: int = 0, total: int = 0) -> None:
    """Tells nobody how far a run is."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `overrides` replaces fields of the configuration that was found; `ignore` is added to its
    own; `select` are the rules that run where nobody selects any. `root` fixes the project's root, which is otherwise
    found. `configuration` names a file that is taken instead of the one that would be found. `users`: the user's own
    configuration counts, too. `packs` None means the installed ones; those that the configuration names are added.
    `baseline` are the findings that are known and not told again. `feeds` are facts that are wanted besides those that
    rules are fed. `cache` holds what files gave to earlier runs; `recall`: a report that an earlier run made of the
    very same will do, which knows of no linked project. `fixes`: findings are told with their fixes. `contents`: what
    is taken for the content of files, by their paths below the root. `watch` is told what is being done, and how many
    files of how many are (0 of 0 for what cannot be counted)."""

    paths: Sequence[str]
    root: Path | None = None
    select: tuple[str, ...] = ()
    configuration: str = ""
    isolated: bool = False
    users: bool = False
    overrides: Mapping[str, Any] = msgspec.field(default_factory=dict)
    ignore: Sequence[str] = ()
    roles: Mapping[str, FileRole] = msgspec.field(default_factory=dict)
    packs: Sequence[str] | None = None
    force_exclude: bool = False
    honour_suppressions: bool = True
    baseline: Sequence[baseline.Entry] = ()
    stand_in: StandIn | None = None
    feeds: frozenset[type] = frozenset()
    mapper: Mapper = map
    cache: CacheFolder | None = None
    recall: bool = False
    fixes: bool = False
    contents: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    watch: Callable[[str, int, int], None] = _unwatched


class Analysis(msgspec.Struct):
    """The linked project and how it came about. `calls_read` as in `Summary`."""

    workspace: Workspace
    configuration: Configuration
    project: Project
    files: Mapping[str, Extracted]
    diagnostics: list[Diagnostic]
    tracebacks: list[str]
    contents: Mapping[str, bytes | Diagnostic] = msgspec.field(default_factory=dict)
    calls_read: bool = True

    def document(self) -> Callable[[str], Document | None]:
        """Gives the text of files that were extracted, as long as they are what they were, and of manifests."""
        return lru_cache(maxsize=256)(self._document)

    def position(self) -> Callable[[Place], Position | None]:
        """Gives the line and column of a place, None where its file is gone."""
        document = self.document()

        def locate(place: Place) -> Position | None:
            found = document(place.path)
            return found.region(place.start, place.stop).start if found is not None else None

        return locate

    def _document(self, path: str) -> Document | None:
        extracted = self.files.get(path)
        if extracted is None and path in self.workspace.manifests:
            settings = read(self.workspace.root, path, self.configuration.max_file_size)
            text = settings if isinstance(settings, Diagnostic) else as_text(path, settings)
            return None if isinstance(text, Diagnostic | Fault) else Document(path, text)
        if extracted is None or not extracted.digest:
            return None
        data = self.contents.get(path)
        if data is None:
            data = read(self.workspace.root, path, self.configuration.max_file_size)
        if isinstance(data, Diagnostic) or content_digest(data) != extracted.digest:
            return None
        decoded = as_text(path, data)
        return None if isinstance(decoded, Fault) else Document(path, decoded)


class Result(msgspec.Struct, frozen=True):
    """What a run gave. `rules` are those that ran, by id; `missing` are named paths that do not exist; `compared`
    are all findings beside the baseline, of which the report holds the new ones. `linked` is what they were found in,
    None where an earlier run has found them. `runs_in` says whether the rule of an id runs in a file, `found` are the
    rules of all packs. `fixes`: findings that have fixes are told with them."""

    report: Report
    rules: Mapping[str, LoadedRule]
    workspace: Workspace
    configuration: Configuration
    compared: baseline.Compared
    tracebacks: tuple[str, ...] = ()
    linked: Analysis | None = None
    runs_in: Callable[[str, str], bool] = lambda rule, path: True  # noqa: ARG005 - everything runs everywhere
    found: Mapping[str, Found] = msgspec.field(default_factory=dict)
    fixes: bool = False

    @property
    def analysis(self) -> Analysis:
        """What the findings were found in. Raises ValueError where an earlier run has found them (`Request.recall`)."""
        if self.linked is None:
            raise ValueError("the report is an earlier run's")
        return self.linked

    @property
    def missing(self) -> tuple[str, ...]:
        """Named paths that do not exist, as given."""
        return self.workspace.missing

    def accepted(self) -> Result:
        """The same result with everything that was found in the baseline."""
        new = tuple(finding for finding in self.report.findings if not baseline.can_be_known(finding))
        known = self.report.summary.known + len(self.report.findings) - len(new)
        summary = msgspec.structs.replace(self.report.summary, known=known)
        return replace(self, report=msgspec.structs.replace(only(self.report, new), summary=summary))

    @property
    def incomplete(self) -> bool:
        """Whether something that was named could not be read."""
        return bool(self.missing) or any(diagnostic.fails for diagnostic in self.workspace.refused)

    def exit_code(self, *, allow_parse_errors: bool = False) -> int:
        """0 clean, 1 findings at or above `fail-on` or a file that could not be analysed, 2 a named path is
        missing or something inside failed."""
        if self.missing or any(diagnostic.kind == "internal-error" for diagnostic in self.report.diagnostics):
            return 2
        failing = SEVERITIES[: SEVERITIES.index(self.configuration.fail_on) + 1]
        if any(finding.severity in failing for finding in self.report.findings):
            return 1
        return int(not allow_parse_errors and any(diagnostic.fails for diagnostic in self.report.diagnostics))


def run(request: Request) -> Result:
    """Reviews the named paths. Raises `ConfigurationError` and `PackError`; whatever files hold, it does not
    raise for that."""
    configuration, workspace, mistakes = _prepare(request)
    found = mistakes.found(configuration.packs)
    if not found and not mistakes and request.packs is None:
        raise PackError(NO_RULES)
    earlier = earlier_runs(request, configuration, workspace)
    manifests, key = _manifests(workspace) if earlier.cache is not None else {}, None
    usual = request.stand_in is None and not request.contents
    if earlier.cache is not None and request.recall and usual and not mistakes:
        key = report_key(request, configuration, workspace, found, earlier.digests, manifests)
        known = recalled(earlier.cache, key, found) if key else None
        if known is not None and (known.fixes or not request.fixes):
            return Result(known.report, known.rules, workspace, configuration, known.compared, found=found)
    only = bool(request.overrides.get("select"))
    mistakes.words(lambda: wrong_words(found, configuration, request.ignore, only=only))
    libraries = _libraries(configuration, mistakes)
    selection = chosen(found, configuration, request.ignore, only=only)
    analysis = _analyse(request, configuration, workspace, _asked(selection.rules, request.feeds), earlier, libraries)
    result = _checked(request, analysis, selection, found)
    if earlier.cache is not None:
        lasting = all(file.lasting and file.digest == earlier.digest(path) for path, file in analysis.files.items())
        if key and lasting and not result.tracebacks and manifests == _manifests(workspace):
            keep(
                earlier.cache,
                key,
                Recalled(result.report, result.rules, result.compared, result.fixes),
                configuration.packs,
            )
        earlier.cache.prune()
    return result


def _asked(rules: Sequence[LoadedRule], feeds: frozenset[type]) -> Asked:
    """What these rules ask for, and facts that are wanted besides: the summary names what a project uses."""
    fed = [rule.rule for rule in rules if FROM_CALLS.intersection(rule.feeds)]
    uses = any(rule.rule.uses for rule in rules)
    return Asked(
        frozenset(role for rule in fed for role in rule.roles) | (PROGRAM if uses else frozenset()),
        any(rule.built for rule in fed),
        frozenset(feed for rule in rules for feed in rule.feeds) | feeds | {Technology},
        uses,
    )


def _checked(request: Request, analysis: Analysis, selection: Selection, found: Mapping[str, Found]) -> Result:
    """What the rules say of a linked project. `found` are the rules of all packs."""
    workspace, rules = analysis.workspace, selection.rules
    suppressions = _suppressions(analysis.files)
    surroundings = Surroundings(
        document=analysis.document(),
        reports_on=workspace.reports_on,
        roles={path: extracted.role for path, extracted in analysis.files.items()},
        suppressions=suppressions,
        known=found.keys(),
        statements={path: analysis.files[path].facts for path in suppressions},
        honour_suppressions=request.honour_suppressions,
        runs_in=selection.runs_in,
        fix=_offering(analysis.project) if request.fixes else None,
    )
    request.watch("checking", 0, 0)
    checked = check(analysis.project, rules, surroundings)
    diagnostics = told([*analysis.diagnostics, *checked.diagnostics], surroundings, workspace.refused)
    used = {rule.id: rule for rule in rules}
    judged = judge(analysis, selection, diagnostics, gone(workspace.root, request.baseline))
    compared = baseline.compare(checked.findings, request.baseline, judged)
    summary = summarise(analysis, checked.suppressed, diagnostics, compared)
    used |= {finding.rule: BUILTIN[finding.rule] for finding in compared.new if finding.rule in BUILTIN}
    ordered = order(compared.new, lambda one: one.confidence or used[one.rule].rule.confidence, analysis.project)
    report = Report(compared.new, diagnostics, summary, __version__, _files(analysis), ordered)
    tracebacks = (*analysis.tracebacks, *checked.tracebacks)
    by_id, configuration = dict(sorted(used.items())), analysis.configuration
    runs_in = selection.runs_in
    fixes = request.fixes or not checked.fixable
    return Result(report, by_id, workspace, configuration, compared, tracebacks, analysis, runs_in, found, fixes)


def _offering(project: Project) -> Callable[[Finding, Document, Collection[str]], ReportedFix | None]:
    """What looks for fixes. Few runs need any of it."""
    from dblint.fix.offer import offering

    return offering(project)


def analyse(request: Request) -> Analysis:
    """Everything but the rules. Raises as `run` does."""
    configuration, workspace, mistakes = _prepare(request)
    libraries = _libraries(configuration, mistakes)
    earlier = earlier_runs(request, configuration, workspace)
    analysis = _analyse(request, configuration, workspace, None, earlier, libraries)
    if earlier.cache is not None:
        earlier.cache.prune()
    return analysis


def _libraries(configuration: Configuration, mistakes: Mistakes) -> Tables:
    """The library tables of a run. Raises with everything that is wrong with what it was told."""
    libraries = mistakes.tables(lambda: described(tables(configuration.packs), configuration))
    mistakes.tell()
    assert libraries is not None  # noqa: S101 - or there is a mistake
    return libraries


def _prepare(request: Request) -> tuple[Configuration, Workspace, Mistakes]:
    """Finds the project and its configuration, with all packs of the run."""
    mistakes = Mistakes()
    targets = resolve(request.paths, request.root, request.stand_in.name if request.stand_in else "")
    configuration = Configuration()
    if request.configuration:
        configuration = mistakes.configuration(lambda: load_named(request.configuration, targets.root))
    elif not request.isolated:
        configuration = mistakes.configuration(lambda: load(targets.start(), targets.root))
    if request.users:
        configuration = merged(configuration, mistakes.configuration(lambda: load_users(targets.root)))
    overrides = {name: value for name, value in request.overrides.items() if value}
    lines = {key: line for key, line in configuration.lines.items() if key[0].replace("-", "_") not in overrides}
    configuration = replace(configuration, **overrides)
    if request.select and not configuration.select:
        configuration = replace(configuration, select=request.select)
    named = installed_packs() if request.packs is None else request.packs
    packs = tuple(dict.fromkeys([*named, *configuration.packs]))
    # The first pattern that fits decides, and of the same pattern what the request says.
    others = {pattern: role for pattern, role in configuration.roles.items() if pattern not in request.roles}
    configuration = replace(configuration, lines=lines, roles={**request.roles, **others}, packs=packs)
    workspace = discover(targets, configuration.exclude, force_exclude=request.force_exclude)
    notes = idle(workspace, configuration, request.roles)
    return configuration, replace(workspace, diagnostics=(*workspace.diagnostics, *notes)), mistakes


def _analyse(
    request: Request,
    configuration: Configuration,
    workspace: Workspace,
    asked: Asked | None,
    earlier: Earlier,
    libraries: Tables,
) -> Analysis:
    files: dict[str, Extracted] = {}
    diagnostics = list(workspace.diagnostics)
    tracebacks: list[str] = []
    contents: dict[str, bytes | Diagnostic] = {}
    if workspace.named:
        root, limit, total = str(workspace.root), configuration.max_file_size, len(workspace.sources)
        if request.stand_in is not None:
            unsaved = [path for path in workspace.named if path not in request.contents]
            contents = {path: request.stand_in.read(path, limit) for path in unsaved}
        contents.update(request.contents)
        doing = f"reading {workspace.above}:" if workspace.above else "reading"
        known: list[Extracted] = []
        tasks: list[Task] = []
        sources = frozenset(workspace.sources)
        for path in workspace.sources:
            found = earlier.extracted(path) if path not in contents else None
            if found is not None:
                known.append(found)
            else:
                content, timeout = contents.get(path), configuration.file_timeout
                tasks.append(Task(root, path, limit, content, earlier.cache, earlier.version, timeout, total))
        for done, extracted in enumerate(chain(known, request.mapper(extract_one, tasks)), 1):
            request.watch(doing, done, total)
            pattern = overriding(extracted.path, configuration.roles)
            if pattern is not None:
                role, sign = configuration.roles[pattern], f'the pattern "{pattern}" of the user'
                extracted = replace(extracted, role=role, sign=sign)
            elif extracted.role is FileRole.APP and (package := shadowed(extracted.path, sources)):
                extracted = replace(extracted, role=FileRole.EXAMPLE, sign=f'"{package}" is imported in its place')
            files[extracted.path] = extracted
            diagnostics += extracted.diagnostics
            tracebacks += [extracted.traceback] if extracted.traceback else []
    files = dict(sorted(files.items()))
    request.watch("joining what was read", 0, 0)
    try:
        project = _link(workspace, configuration, files, asked, libraries)
    except Exception as error:  # noqa: BLE001 - the run goes on to say what happened
        tracebacks.append(traceback.format_exc())
        diagnostics.append(Diagnostic("internal-error", "", f"linking failed: {type(error).__name__}{MORE}"))
        project = Project()
    diagnostics += project.diagnostics
    diagnostics += mistaken(project, configuration)
    diagnostics += unread(files, {diagnostic.path for diagnostic in project.diagnostics})
    calls_read = asked is None or FileRole.APP in asked.roles
    return Analysis(workspace, configuration, project, files, diagnostics, tracebacks, contents, calls_read)


def _link(
    workspace: Workspace,
    configuration: Configuration,
    files: Mapping[str, Extracted],
    asked: Asked | None,
    libraries: Tables,
) -> Project:
    from dblint.link.project import LinkOptions, link

    facts = [extracted.facts for extracted in files.values() if extracted.facts is not None]
    roles = {path: extracted.role for path, extracted in files.items()}
    small, timeouts = configuration.small_tables, configuration.timeouts
    options = LinkOptions(configuration.dialect, roles, tables=libraries, own=OWN, small=small, timeouts=timeouts)
    options = replace(options, place=configuration.place_of_call)
    if asked is not None:
        options = replace(options, asked=asked.roles, built=asked.built, feeds=asked.feeds, uses=asked.uses)
    return link(facts, _manifests(workspace), options)


def _manifests(workspace: Workspace) -> dict[str, bytes]:
    """The manifests' bytes. One that cannot be read, or is too large, is as good as none."""
    manifests: dict[str, bytes] = {}
    for path in workspace.manifests:
        try:
            manifests[path] = read_regular(workspace.root / path, MANIFEST_SIZE)
        except (OSError, TooLargeError):
            continue
    return manifests


def _suppressions(files: Mapping[str, Extracted]) -> dict[str, tuple[Suppression, ...]]:
    """The comments that speak to dblint, by file."""
    by_path = {path: getattr(extracted.facts, "suppressions", ()) for path, extracted in files.items()}
    return {path: comments for path, comments in by_path.items() if comments}


def _files(analysis: Analysis) -> tuple[ReportedFile, ...]:
    """The files that findings are told for, each with its role."""
    return tuple(
        ReportedFile(path, extracted.role.value, extracted.sign)
        for path, extracted in analysis.files.items()
        if analysis.workspace.reports_on(path)
    )
