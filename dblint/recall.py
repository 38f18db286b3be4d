"""Reports of earlier runs: a run into which nothing went that was not there before is told again, not made again.

What goes into a report: the contents of all files and manifests that are read, which these are, what the configuration
and the command line say, the baseline, and what computes it (`dblint.provenance`). Where the project lies does not:
no report holds that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dblint import baseline
from dblint.builtin import BUILTIN
from dblint.cache import Cache, digest, open_cache
from dblint.config import ConfigurationError
from dblint.extraction import Extracted, content_digest, kept
from dblint.facts.program import Diagnostic
from dblint.facts.report import Report, ReportedFinding
from dblint.judged import gone
from dblint.packs import Found, LoadedRule, load
from dblint.provenance import Imported, imported, of_facts, of_reports
from dblint.workspace.read import read

if TYPE_CHECKING:
    from dblint.config import Configuration
    from dblint.run import Request
    from dblint.workspace.discover import Workspace

REPORTS = "reports"
"""The shelf of the cache that holds reports."""

_PASSING = ("io-error", "internal-error")
"""Kinds of diagnostics of which the next run may know nothing, although nothing has changed."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    report: Report
    rules: tuple[str, ...]
    known: tuple[ReportedFinding, ...]
    fixed: tuple[baseline.Entry, ...]
    unjudged: tuple[baseline.Entry, ...]
    imported: tuple[Imported, ...]
    fixes: bool = False


class Rules(Mapping[str, LoadedRule]):
    """The rules that ran, by id. Each is imported when somebody asks for it: most formats do not."""

    def __init__(self, ids: Sequence[str], found: Mapping[str, Found]) -> None:
        self._found = {name: found.get(name) for name in ids}

    def __getitem__(self, name: str) -> LoadedRule:
        found = self._found[name]
        return load(found) if found is not None else BUILTIN[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Recalled(msgspec.Struct, frozen=True):
    """A report as it was made, the rules that ran, and all findings beside the baseline. `fixes`: findings that have
    fixes are told with them."""

    report: Report
    rules: Mapping[str, LoadedRule]
    compared: baseline.Compared
    fixes: bool = False


class Earlier(msgspec.Struct, frozen=True):
    """What earlier runs have kept: the cache, the digest of what computes facts, and the digests of the sources, or
    why there are none."""

    cache: Cache | None = None
    version: bytes = b""
    digests: Mapping[str, bytes | Diagnostic] = msgspec.field(default_factory=dict)

    def digest(self, path: str) -> bytes:
        """The digest of a file, b"" where there is none."""
        found = self.digests.get(path, b"")
        return found if isinstance(found, bytes) else b""

    def extracted(self, path: str) -> Extracted | None:
        """What a file of this content gave to an earlier run."""
        content = self.digest(path)
        return kept(self.cache, self.version, path, content) if self.cache is not None and content else None


def earlier_runs(request: Request, configuration: Configuration, workspace: Workspace) -> Earlier:
    """What earlier runs have kept. Raises `ConfigurationError` where the user names a folder of the checkout for it."""
    if request.cache is None:
        return Earlier()
    if request.cache.lies_in(workspace.root):
        if request.cache.option:
            raise ConfigurationError(f"{request.cache.option}: lies in the project that is reviewed")
        return Earlier()
    cache, version = open_cache(request.cache.path), of_facts()
    if cache is None or version is None:
        return Earlier()
    digests: dict[str, bytes | Diagnostic] = {}
    unsaved = workspace.named if request.stand_in is not None else ()
    for path in workspace.sources:
        if path not in unsaved:
            data = read(workspace.root, path, configuration.max_file_size)
            digests[path] = data if isinstance(data, Diagnostic) else content_digest(data)
    return Earlier(cache, version, digests)


def report_key(
    request: Request,
    configuration: Configuration,
    workspace: Workspace,
    found: Mapping[str, Found],
    contents: Mapping[str, bytes | Diagnostic],
    manifests: Mapping[str, bytes],
) -> bytes | None:
    """The key of the report that this run makes, None where what computes it cannot be read. `contents` are the
    digests of the sources, or why there are none."""
    computing = of_reports(configuration.packs)
    if computing is None:
        return None
    read: list[bytes | str] = []
    for path in workspace.sources:
        content = contents[path]
        read += [path, content if isinstance(content, bytes) else repr(content)]
    for path, data in manifests.items():
        read += [path, data]
    asked = (
        replace(configuration, of_user=frozenset()),
        sorted(configuration.of_user),  # a set has another order in each process
        tuple(request.ignore),
        bool(request.overrides.get("select")),
        request.honour_suppressions,
        tuple(request.baseline),
        sorted(gone(workspace.root, request.baseline)),
        (workspace.named, workspace.missing, workspace.refused, workspace.diagnostics, workspace.excluded),
        [(rule.id, rule.module, rule.pack) for rule in found.values()],
    )
    return digest(computing, repr(asked), str(len(workspace.sources)), *read)


def recalled(cache: Cache, key: bytes, found: Mapping[str, Found]) -> Recalled | None:
    """The report of a key, None where there is none."""
    stored = cache.get(REPORTS, key)
    if stored is None:
        return None
    try:
        entry = msgspec.msgpack.decode(stored, type=_Kept)
    except msgspec.MsgspecError:
        return None
    if not all(module.is_the_same() for module in entry.imported):
        return None
    compared = baseline.Compared(entry.report.findings, entry.known, entry.fixed, entry.unjudged)
    return Recalled(entry.report, Rules(entry.rules, found), compared, entry.fixes)


def keep(cache: Cache, key: bytes, made: Recalled, packs: Sequence[str]) -> None:
    """Keeps a report that rules of these packs have made, unless something of it may be otherwise the next time."""
    modules = imported(packs)
    if modules is None or any(diagnostic.kind in _PASSING for diagnostic in made.report.diagnostics):
        return
    compared = made.compared
    entry = _Kept(
        made.report, tuple(made.rules), compared.known, compared.fixed, compared.unjudged, modules, made.fixes
    )
    cache.put(REPORTS, key, lambda: msgspec.msgpack.encode(entry))
