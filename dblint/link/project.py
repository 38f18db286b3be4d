"""Link: all files' facts, the tables and the manifests become one `Project`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from dblint.facts.blocks import PrismaFile
from dblint.facts.fixes import Rewriting
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
    Resource,
    Technology,
)
from dblint.facts.project import Project
from dblint.facts.query import Query
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.schema import Migration, SchemaColumn, Table
from dblint.facts.templates import TemplateFile
from dblint.facts.text import Text
from dblint.facts.tree import FileFacts
from dblint.facts.uses import Making, Uses
from dblint.frontends.sql import SqlFile
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Library
from dblint.libraries.reader import Tables, bundled
from dblint.link import environment, migrations, published, table_uses, technologies, undescribed, unread
from dblint.link.accesses.collecting import Accesses
from dblint.link.accesses.origins import Origins
from dblint.link.accesses.using import Using
from dblint.link.callgraph.callgraph import CallGraph
from dblint.link.calls.calls import Calls
from dblint.link.calls.telling import TEXT
from dblint.link.catalogue import build
from dblint.link.chains.chains import Chains
from dblint.link.clients import Clients
from dblint.link.collection_indexes import CollectionIndexes
from dblint.link.connections import Connections, of_files, of_schemas
from dblint.link.described import described, mistaken
from dblint.link.environment import SCHEMES, Environment
from dblint.link.exposures.collecting import Exposures
from dblint.link.exposures.handed import HandedRows
from dblint.link.exposures.listing import Lists
from dblint.link.exposures.showing import Showing
from dblint.link.exposures.templates import Templates
from dblint.link.functions import ASIDE, Functions
from dblint.link.handed_builders import HandedBuilders
from dblint.link.loops.frames import Frames
from dblint.link.makers import Makers
from dblint.link.migrations.drivers_runner import in_one_transaction
from dblint.link.models import Models
from dblint.link.names import Names
from dblint.link.own_libraries import library_files
from dblint.link.races.collecting import Races
from dblint.link.receivers import Receivers
from dblint.link.requests import Requests
from dblint.link.resources.openings import Openings
from dblint.link.responses import Responses
from dblint.link.runs import Runs
from dblint.link.starting import Starting
from dblint.link.texts.text import Texts
from dblint.link.types import Evaluator
from dblint.link.unused import Unused
from dblint.link.wrappers import Wrappers
from dblint.sql.query import parse

if TYPE_CHECKING:
    from dblint.link.prisma import PrismaSchema

W = TypeVar("W")

CLIENT = "@prisma/client"
"""The package that a schema's generated client is, wherever it is written."""


class LinkOptions(msgspec.Struct, frozen=True):
    """What decides the meaning of facts besides the facts. `asked`: the roles of the files whose calls somebody
    asks for, None for all. Every other file still says what its names, types and functions are, and migrations are
    read whatever is asked. `built`: calls that only build a query are asked for, too; those with SQL text always
    are. `feeds`: the facts that somebody asks for, None for all; of those that nothing else is made from, others are
    not collected. `small`: what the user calls tables that stay small; `timeouts` as in `Project`. `own`: the
    library whose functions are the project's own; `place`: where a word of the row of one is written."""

    dialect: str = ""
    roles: Mapping[str, FileRole] = msgspec.field(default_factory=dict)
    asked: frozenset[FileRole] | None = None
    built: bool = True
    uses: bool = True
    feeds: frozenset[type] | None = None
    tables: Tables | None = None
    own: str = ""
    place: Callable[[str, str], str] = lambda function, word: "call"  # noqa: ARG005 - nowhere in particular
    small: Sequence[str] = ()
    timeouts: str = ""

    def wants(self, feed: type) -> bool:
        """Whether somebody asks for these facts."""
        return self.feeds is None or feed in self.feeds or Project in self.feeds


def link(files: Sequence[object], manifests: Mapping[str, bytes], options: LinkOptions) -> Project:
    """The linked view of a project. Order-free: the same files in another order give the same project."""
    tables = options.tables if options.tables is not None else bundled()
    programs = {item.path: item for item in files if isinstance(item, FileFacts)}
    schema_files = [item for item in files if isinstance(item, PrismaFile)]
    schemas = _schemas(schema_files)
    models = {table.model: table for schema in schemas for table in schema.tables if table.model}
    names = Names(programs, manifests, _generated(schemas))
    surroundings = environment.read(tables, options.dialect, programs, options.roles, manifests, _providers(schemas))
    members = {_client_name(model): model for model in models}
    aside = {path for path, role in options.roles.items() if role in ASIDE}
    evaluator = Evaluator(programs, names, tables, members, tuple(_enumerations(schemas)), aside)
    unfound: list[Diagnostic] = []
    if options.own in tables.libraries:
        evaluator.described = described(evaluator, tables.libraries[options.own])
        unfound = [*mistaken(evaluator, tables.libraries[options.own], options.place)]
    texts = Texts(evaluator)
    registry = Models(evaluator, models, texts, surroundings.only(), options.roles)
    registry.prepare()
    chains = Chains(evaluator, texts, registry, _parse)
    frames = Frames(evaluator)
    evaluator.shown = _handed_rows(Origins(evaluator, chains, registry, frames.loops, surroundings)).row
    functions = Functions(evaluator, options.roles)
    offered = published.read(manifests, evaluator.files)
    unused = Unused(functions, registry, offered, [item for item in files if isinstance(item, TemplateFile)])
    texts.origins.passing.functions = functions
    texts.origins.passing.unused = unused
    collector = Calls(
        evaluator, chains, frames, functions, surroundings, options.roles, built=options.built, uses=options.uses
    )
    failures: list[Diagnostic] = []
    calls: list[Call] = []
    for path in sorted(programs):
        if options.asked is not None and options.roles.get(path, FileRole.APP) not in options.asked:
            continue
        try:
            calls += list(collector.collect(path))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one file must not hide the others
            failures.append(Diagnostic("internal-error", path, f"calls not collected: {type(error).__name__}: {error}"))
    calls = Wrappers(collector).wrapped(calls)
    calls += HandedBuilders(collector).told(calls) if options.built else []
    calls.sort(key=lambda call: (call.place, call.member))
    graph = CallGraph(
        functions, frames, options.roles, Receivers(functions, registry, collector.asking), collector.telling.transacted
    )
    graph.build(calls, collector.origins)
    races = _races(calls, collector, graph, registry, options, failures)
    resources = _resources(Openings(evaluator, functions, frames, options.roles, surroundings), options, failures)
    changes, notes = migrations.read(
        evaluator,
        texts,
        [item for item in files if isinstance(item, SqlFile)],
        surroundings,
        manifests,
        options.roles,
        _providers(schemas),
    )
    changes = in_one_transaction(changes, evaluator, frames, options.roles)
    connections: tuple[Connection, ...] = ()
    reading = Connections(evaluator, texts, options.roles)
    if options.wants(Connection):
        connections = (
            *reading.collected(),
            *of_files(manifests, tables, options.roles),
            *_of_schemas(schema_files, options.roles),
        )
    paths = [change.path for change in changes]
    asked = options.wants(Client) or options.wants(Echo)
    configured = Clients(evaluator, reading, options.roles, paths, manifests) if asked else None
    partly = {note.path for note in notes if note.start >= 0}
    runs = Runs(functions, frames.preconditions, offered)
    catalogue = (
        build(
            [*(table for schema in schemas for table in schema.tables), *registry.all()], changes, options.roles, partly
        )
        .with_collections(CollectionIndexes(evaluator, chains, registry, options.roles).tables())
        .with_small(options.small)
    )
    built = cache(lambda: [*calls, *collector.aside()])
    makers = cache(lambda: Makers(functions, registry, built()))
    return Project(
        roles=options.roles,
        calls=tuple(calls),
        handles=collector.handles.collected(),
        resources=resources,
        recomputed=races.recomputed,
        ensured=races.ensured,
        invocations=tuple(graph.invocations),
        functions=graph.facts,
        tables=catalogue.tables,
        ambiguous=catalogue.ambiguous,
        declared=catalogue.declared,
        stored=catalogue.stored,
        history=catalogue.history,
        former=catalogue.former,
        migrations=changes,
        settings=surroundings.settings,
        dialects=_dialects(surroundings, changes),
        timeouts=options.timeouts,
        connections=connections,
        clients=configured.clients() if configured is not None and options.wants(Client) else (),
        echoes=configured.echoes() if configured is not None and options.wants(Echo) else (),
        unresolved=tuple(sorted(collector.unresolved, key=lambda item: item.place)),
        technologies=technologies.read(
            tables,
            names,
            programs,
            [item for item in files if isinstance(item, PrismaFile)],
            manifests,
            options.roles,
            changes,
        )
        if options.feeds is None or Technology in options.feeds
        else (),
        undescribed=undescribed.read(tables, names, programs, options.roles, manifests),
        diagnostics=(*_diagnostics(schemas), *unread.judge(programs, tables), *notes, *failures, *unfound),
        idioms=_idioms(tables),
        fixes=_fixes(tables),
        find_routes=graph.routes,
        find_onward=graph.onward,
        acts_after=graph.acts_after,
        works_on=graph.works_on,
        kept=_kept(tables),
        serves=Requests(functions).serves,
        starts=Starting(functions, graph.callers).starts,
        unused=unused.unused,
        administered=runs.administrators,
        libraries=library_files(evaluator.own_libraries, names, programs),
        remarks={path: item.remarks for path, item in programs.items() if item.remarks},
        find_responses=cache(
            partial(
                Responses(Origins(evaluator, chains, registry, frames.loops, surroundings), functions).collected,
                options.asked,
            )
        ),
        find_accesses=cache(
            partial(
                _accesses,
                Origins(evaluator, chains, registry, frames.loops, surroundings),
                functions,
                frames,
                graph,
                calls,
                options.asked,
                [item for item in files if isinstance(item, TemplateFile)],
                collector.iterated,
            )
        ),
        find_uses=cache(lambda: table_uses.read(built(), catalogue.tables, runs, makers())) if options.uses else Uses,
        find_used=cache(lambda: table_uses.used(built(), runs)) if options.uses else frozenset,
        makings=cache(partial(_makings, makers, runs)),
    )


def _handed_rows(origins: Origins) -> HandedRows:
    plain = origins.models.surroundings.plain
    showing = Showing(origins, plain)
    return HandedRows(Lists(origins, plain, showing, Templates(showing, ())))


def _accesses(
    origins: Origins,
    functions: Functions,
    frames: Frames,
    graph: CallGraph,
    calls: Sequence[Call],
    asked: frozenset[FileRole] | None,
    templates: Sequence[TemplateFile],
    iterated: Callable[[str, int], Iterable[Call]],
) -> tuple[Callable[[], Sequence[Access]], Callable[[], Sequence[Brought]], Callable[[], Sequence[Exposure]]]:
    accesses = Accesses(origins, functions, frames, calls)
    using = Using(accesses)
    exposures = Exposures(accesses, graph, templates, iterated)

    def brought() -> Sequence[Brought]:
        return tuple(sorted(using.collected(asked), key=lambda each: (each.place, each.path)))

    return (
        cache(partial(accesses.collected, asked)),
        cache(brought),
        cache(partial(exposures.collected, asked)),
    )


def _makings(makers: Callable[[], Makers], runs: Runs, table: str) -> Sequence[Making]:
    return table_uses.makings(makers().seen(table), runs)


@derived
def _kept(tables: Tables) -> Mapping[str, Table]:
    return {
        name.lower(): Table(name, columns=tuple(map(SchemaColumn, columns)), complete=True)
        for library in tables.libraries.values()
        for name, columns in library.keeps.items()
    }


def _dialects(surroundings: Environment, changes: Sequence[Migration]) -> tuple[str, ...]:
    named = {migration.dialect for migration in changes if migration.dialect_sure}
    return tuple(sorted({*named, *surroundings.databases, surroundings.configured} - {""}))


def _resources(openings: Openings, options: LinkOptions, failures: list[Diagnostic]) -> tuple[Resource, ...]:
    """What functions open; a fault of ours there hides nothing else."""
    if not options.wants(Resource):
        return ()
    try:
        return tuple(sorted(openings.collect(options.asked), key=lambda resource: resource.place))
    except Exception as error:  # noqa: BLE001 - as with the calls of a file
        failures.append(Diagnostic("internal-error", "", f"resources not collected: {type(error).__name__}: {error}"))
        return ()


def _races(
    calls: Sequence[Call],
    collector: Calls,
    graph: CallGraph,
    models: Models,
    options: LinkOptions,
    failures: list[Diagnostic],
) -> Races:
    """What several processes do to each other's rows; a fault of ours there hides nothing else."""
    races = Races()
    try:
        races.collect(
            calls,
            collector,
            graph,
            models,
            options.asked,
            recomputed=options.wants(Recomputed),
            ensured=options.wants(Ensured),
        )
    except Exception as error:  # noqa: BLE001 - as with the calls of a file
        failures.append(Diagnostic("internal-error", "", f"races not collected: {type(error).__name__}: {error}"))
    return races


def _parse(text: Text, dialect: str) -> list[Query]:
    parsed = parse(text, dialect)
    if parsed.query is None and parsed.error and dialect:
        parsed = parse(text)  # what the project's database does not read may be meant for another one
    queries = parsed.queries or ((parsed.query,) if parsed.query is not None else ())
    return list(queries)


# Most repositories have no such schema: what reads them is imported for one.


def _schemas(files: list[PrismaFile]) -> list[PrismaSchema]:
    if not files:
        return []
    from dblint.link import prisma

    by_path = {file.path: file for file in files}
    return [prisma.join([by_path[path] for path in group]) for group in prisma.groups(files)]


def _of_schemas(files: list[PrismaFile], roles: Mapping[str, FileRole]) -> Iterable[Connection]:
    if not files:
        return ()
    from dblint.link.prisma.tables import IDIOM

    return of_schemas(files, IDIOM, roles)


@derived
def _idioms(tables: Tables) -> Mapping[str, Mapping[str, str]]:
    return _endings(tables, lambda library: library.idioms)


@derived
def _fixes(tables: Tables) -> Mapping[str, Mapping[str, Rewriting]]:
    return _endings(tables, lambda library: library.fixes)


def _endings(tables: Tables, of: Callable[[Library], Mapping[str, W]]) -> dict[str, Mapping[str, W]]:
    """Library → remedy → how it is written; `library-ending` for members whose repairs are written their own way,
    `library-text` for those that are given SQL text."""
    found: dict[str, Mapping[str, W]] = {}
    for library in tables.libraries.values():
        written = of(library)
        found[library.name] = written
        types = {owner for name in library.types for owner in tables.lineages[f"{library.name}:{name}"]}
        members = [row for owner in sorted(types) for row in tables.types[owner].members.values()]
        rows = [row for row in (*members, *library.functions.values()) if row.idiom]
        text = {**written, **_ending(written, TEXT)}
        found[f"{library.name}-{TEXT}"] = text
        for ending in sorted({row.idiom for row in rows}):
            given = any(row.text for row in rows if row.idiom == ending)
            found[f"{library.name}-{ending}"] = {**(text if given else written), **_ending(written, ending)}
    return found


def _ending(written: Mapping[str, W], ending: str) -> dict[str, W]:
    return {key.removesuffix(f"-{ending}"): text for key, text in written.items() if key.endswith(f"-{ending}")}


def _providers(schemas: Sequence[PrismaSchema]) -> dict[str, str]:
    return {
        schema.paths[0]: SCHEMES.get(schema.provider, schema.provider)
        for schema in schemas
        if schema.provider and schema.paths
    }


def _generated(schemas: Sequence[PrismaSchema]) -> dict[str, str]:
    """Folders that a schema's client generator writes to → the package that they stand in for."""
    folders: dict[str, str] = {}
    for schema in schemas:
        for generator in schema.generators:
            if generator.output and generator.provider in ("prisma-client", "prisma-client-js"):
                base = posixpath.dirname(generator.path)
                folders[posixpath.normpath(posixpath.join(base, generator.output))] = CLIENT
    return folders


def _enumerations(schemas: Sequence[PrismaSchema]) -> Iterator[str]:
    """The client's names of a schema's enumerations."""
    for schema in schemas:
        for enumeration in schema.enums:
            yield from (f"{CLIENT}#{enumeration.model}", f"{CLIENT}#$Enums.{enumeration.model}")


def _client_name(model: str) -> str:
    """How the client names a model: its name with a small first letter."""
    return model[:1].lower() + model[1:]


def _diagnostics(schemas: Sequence[PrismaSchema]) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic("parse-error", path, fault.message, fault.start)
        for schema in schemas
        for path, fault in schema.faults
    )
