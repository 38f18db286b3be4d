"""Datasources and generators: which database, which features, where the client goes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dblint.facts.blocks import Block, BlockKind, PrismaFile, Property, Value, ValueKind
from dblint.facts.text import Place
from dblint.link.prisma.connectors import ANY, CONNECTORS
from dblint.link.prisma.declarations import Configuration, Report

_FEATURES_WORDS = """
aggregateApi atomicNumberOperations clientExtensions cockroachDb connectOrCreate createMany dataProxy deno
distinct driverAdapters extendedIndexes extendedWhereUnique fieldReference filteredRelationCount filterJson
fullTextIndex fullTextSearch fullTextSearchPostgres groupBy improvedQueryRaw interactiveTransactions
jsonProtocol microsoftSqlServer middlewares mongoDb mongodb multiSchema namedConstraints nApi napi
nativeDistinct nativeTypes omitApi orderByAggregateGroup orderByNulls orderByRelation postgresqlExtensions
prismaSchemaFolder queryCompiler referentialActions referentialIntegrity relationJoins reactNative
schemaEngineDriverAdapters selectRelationCount shardKeys strictUndefinedChecks tracing transactionApi typedSql
uncheckedScalarInputs views
"""
_FEATURES = frozenset(_FEATURES_WORDS.split())
# Features that only one of the two generations of the schema language knows, by `modern`.
_FEATURES_OF = {False: frozenset({"metrics"}), True: frozenset({"partialIndexes"})}
_URLS = ("url", "directUrl", "shadowDatabaseUrl")


class Generator(msgspec.Struct, frozen=True, array_like=True):
    """A generator. `output` is the path as written, relative to the folder of `path`; "" where none is written."""

    name: str
    provider: str
    path: str
    output: str = ""
    features: tuple[str, ...] = ()
    place: Place | None = None


def read(files: Sequence[PrismaFile], report: Report) -> tuple[Configuration, tuple[Generator, ...]]:
    """Read the datasource and the generators of a schema."""
    sources = [(file.path, block) for file in files for block in file.blocks if block.kind is BlockKind.DATASOURCE]
    if len(sources) > 1:
        for path, block in sources[1:]:
            report.add(path, block.name_start, block.name_stop, "a schema may have only one datasource")
    configuration = Configuration()
    if sources:
        path, block = sources[0]
        configuration = Configuration(block, path, modern=not any(one.name == "url" for one in block.properties))
    generators = tuple(
        _generator(block, file.path, configuration.modern or not sources, report)
        for file in files
        for block in file.blocks
        if block.kind is BlockKind.GENERATOR
    )
    configuration.features = frozenset(feature for generator in generators for feature in generator.features)
    if configuration.block is not None:
        _datasource(configuration, configuration.block, report)
    return configuration, generators


def _variable(value: Value) -> str:
    """Return the name in `env("NAME")`, or ""."""
    return value.items[0].value.text if _is_variable(value) else ""


def _is_variable(value: Value) -> bool:
    return (
        value.kind is ValueKind.CALL
        and value.text == "env"
        and [(item.name, item.value.kind) for item in value.items] == [("", ValueKind.STRING)]
    )


def _string(one: Property, path: str, report: Report) -> str:
    """Return a property that must be a string, or come from the environment (then "")."""
    if one.value.kind is ValueKind.STRING:
        return one.value.text
    if not _is_variable(one.value):
        report.add(path, one.value.start, one.value.stop, f'`{one.name}` must be a string or env("…")')
    return ""


def _strings(one: Property, path: str, report: Report) -> tuple[str, ...]:
    texts = []
    for element in one.value.elements():
        if element.kind is ValueKind.STRING:
            texts.append(element.text)
        else:
            report.add(path, element.start, element.stop, f"`{one.name}` must hold strings")
    return tuple(texts)


def _generator(block: Block, path: str, modern: bool, report: Report) -> Generator:
    properties = {one.name: one for one in block.properties}
    provider, output = "", ""
    features: tuple[str, ...] = ()
    if "provider" in properties:
        provider = _string(properties["provider"], path, report)
    else:
        report.add(path, block.name_start, block.name_stop, f"the generator `{block.name}` has no `provider`")
    if "output" in properties:
        output = _string(properties["output"], path, report)
    engine = properties.get("engineType")
    if engine is not None and engine.value.kind is not ValueKind.STRING:
        report.add(path, engine.value.start, engine.value.stop, "`engineType` must be a string")
    targets = properties.get("binaryTargets")
    for target in () if targets is None else targets.value.elements():
        if target.kind is not ValueKind.STRING and not _is_variable(target):
            report.add(path, target.start, target.stop, "`binaryTargets` must hold strings")
    preview = properties.get("previewFeatures")
    if preview is not None:
        features = _strings(preview, path, report)
        for feature in features:
            if feature not in _FEATURES and feature not in _FEATURES_OF[modern]:
                report.add(path, preview.value.start, preview.value.stop, f"no preview feature is named `{feature}`")
    for one in block.properties:
        for element in one.value.elements():
            if element.kind is ValueKind.CALL and element.text == "env" and not _is_variable(element):
                report.add(path, element.start, element.stop, "`env` takes the name of one variable, as a string")
    place = Place(path, block.name_start, block.name_stop)
    return Generator(block.name, provider, path, output, features, place)


def _datasource(configuration: Configuration, block: Block, report: Report) -> None:
    path = configuration.path
    properties = {one.name: one for one in block.properties}
    provider = properties.pop("provider", None)
    connector = ANY
    if provider is None:
        report.add(path, block.name_start, block.name_stop, f"the datasource `{block.name}` has no `provider`")
    elif provider.value.kind is not ValueKind.STRING:
        report.add(path, provider.value.start, provider.value.stop, "`provider` must be a string")
    elif provider.value.text not in CONNECTORS:
        message = f"no database provider is named `{provider.value.text}`"
        report.add(path, provider.value.start, provider.value.stop, message)
    else:
        connector = CONNECTORS[provider.value.text]
    configuration.provider = connector.provider
    _urls(configuration, properties, report)
    _relation_mode(configuration, properties, report)
    schemas = properties.pop("schemas", None)
    if schemas is not None:
        names = _strings(schemas, path, report)
        configuration.schemas = names
        if not names or len(set(names)) < len(names):
            what = "must name at least one schema" if not names else "names a schema twice"
            report.add(path, schemas.value.start, schemas.value.stop, f"`schemas` {what}")
        elif connector is not ANY and "schemas" not in connector.can:
            report.add(path, schemas.start, schemas.stop, f"{connector.provider} has no `schemas`")
    extensions = properties.get("extensions")
    if extensions is not None and "extensions" in connector.can:
        del properties["extensions"]
        _extensions(configuration, extensions, report)
    if connector is ANY:
        return
    for one in properties.values():
        report.add(path, one.start, one.stop, f"a datasource has no property `{one.name}`")


def _urls(configuration: Configuration, properties: dict[str, Property], report: Report) -> None:
    path, urls = configuration.path, {name: properties.pop(name) for name in _URLS if name in properties}
    for name, one in urls.items():
        if configuration.modern:
            report.add(path, one.start, one.stop, f"`{name}` stands in prisma.config.ts where `url` does")
        else:
            _string(one, path, report)
    if "url" in urls:
        configuration.url_variable = _variable(urls["url"].value)
    if "directUrl" in urls:
        configuration.direct_url_variable = _variable(urls["directUrl"].value)
    shadow = urls.get("shadowDatabaseUrl")
    for name in ("url", "directUrl"):
        if shadow is not None and name in urls and _same(shadow.value, urls[name].value):
            report.add(path, shadow.start, shadow.stop, f"the shadow database is the database of `{name}`")


def _same(one: Value, other: Value) -> bool:
    if one.kind is ValueKind.STRING:
        return other.kind is ValueKind.STRING and bool(one.text) and one.text == other.text
    return bool(_variable(one)) and _variable(one) == _variable(other)


def _relation_mode(configuration: Configuration, properties: dict[str, Property], report: Report) -> None:
    path = configuration.path
    mode, legacy = properties.pop("relationMode", None), properties.pop("referentialIntegrity", None)
    connector = CONNECTORS.get(configuration.provider, ANY)
    configuration.emulated = "emulated-only" in connector.can
    if mode is not None and legacy is not None:
        report.add(path, legacy.start, legacy.stop, "`referentialIntegrity` is the old name of `relationMode`")
    one = mode or legacy
    if one is None:
        return
    if one.value.kind is not ValueKind.STRING or one.value.text not in ("prisma", "foreignKeys"):
        message = f'`{one.name}` must be "prisma" or "foreignKeys"'
        report.add(path, one.value.start, one.value.stop, message)
    elif configuration.emulated and one.value.text != "prisma":
        report.add(path, one.value.start, one.value.stop, f"{connector.provider} has no foreign keys")
    else:
        configuration.emulated = one.value.text == "prisma"


def _extensions(configuration: Configuration, one: Property, report: Report) -> None:
    path = configuration.path
    if "postgresqlExtensions" not in configuration.features:
        message = "`extensions` needs the preview feature `postgresqlExtensions`"
        report.add(path, one.start, one.stop, message)
    for element in one.value.elements():
        good = element.kind is ValueKind.PATH or (
            element.kind is ValueKind.CALL
            and all(
                item.name in ("map", "schema", "version") and item.value.kind is ValueKind.STRING
                for item in element.items
            )
        )
        if not good or "-" in element.text or element.text[:1].isdigit():
            message = "an extension is a name with optional `map`, `schema` and `version`"
            report.add(path, element.start, element.stop, message)
