"""A finding's fix as reports tell it, and files with fixes made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from dblint.extraction import as_text
from dblint.facts.project import Project
from dblint.facts.report import Replacement, ReportedFix
from dblint.facts.tree import Fault
from dblint.fix.changes import Change, UnwrittenError, WithheldError, apply
from dblint.fix.resolve import resolve
from dblint.frontends.extract import extract
from dblint.frontends.source import decode
from dblint.report.visible import prose
from dblint.rule import Finding

if TYPE_CHECKING:
    from dblint.workspace.document import Document

Offering = Callable[[Finding, "Document", Collection[str]], ReportedFix | None]
"""Gives a finding's fix, None where there is none. It is told the finding's file and the secrets in it."""


def offering(project: Project) -> Offering:
    """What looks for the fixes of a project's findings."""

    def offer(finding: Finding, document: Document, secrets: Collection[str]) -> ReportedFix | None:
        if finding.fix is None:
            return None
        title, unsafe = finding.fix.title, finding.fix.unsafe
        try:
            changes = resolve(finding.fix, document.path, document.data, project.fixes.get(finding.idiom, {}))
            if unreadable(document.path, document.data, changes):
                raise WithheldError("the file could not be read with it")
            if any(prose(text) != text for text in (change.text.decode().replace("\r", "") for change in changes)):
                raise WithheldError("it holds characters that cannot be shown")
            if any(secret in change.text.decode() for change in changes for secret in secrets):
                raise WithheldError("it would tell a secret")
        except UnwrittenError:
            return None
        except WithheldError as error:
            return ReportedFix(title, (), unsafe, str(error))
        return ReportedFix(title, tuple(_replacement(change, document) for change in changes), unsafe)

    return offer


def _replacement(change: Change, document: Document) -> Replacement:
    start, stop = document.position(change.start), document.position(change.stop)
    return Replacement(start, stop, change.text.decode(), change.start, change.stop - change.start)


def changes_of(fix: ReportedFix) -> tuple[Change, ...]:
    """The changes that a fix makes."""
    return tuple(Change(each.offset, each.offset + each.length, each.text.encode()) for each in fix.replacements)


def unreadable(path: str, data: bytes, changes: Sequence[Change]) -> bool:
    """Whether the file, as UTF-8, has more faults with these changes than without."""
    return _faults(path, apply(data, changes)) > _faults(path, data)


def _faults(path: str, data: bytes) -> int:
    from dblint.frontends.prisma import extract as prisma

    if path.lower().endswith(".sql"):
        from dblint.sql.statements import split

        return len(split(data.decode()).faults)
    return len(prisma(data, path).faults if path.lower().endswith(".prisma") else extract(data, path).faults)


def made(path: str, content: bytes, changes: Sequence[Change]) -> bytes:
    """The file with these changes, in its own encoding. Raises `WithheldError` where that cannot be kept."""
    text = as_text(path, content)
    if isinstance(text, Fault):
        raise WithheldError(text.message)
    if text == content:
        return apply(content, changes)
    decoded = decode(content, "python")
    assert not isinstance(decoded, Fault)  # noqa: S101 - or it were no text
    try:
        if text.decode().encode(decoded.encoding) == content:
            return apply(text, changes).decode().encode(decoded.encoding)
    except UnicodeError:
        pass
    raise WithheldError(f"its encoding, {decoded.encoding}, cannot be kept")
