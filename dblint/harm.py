"""The order of harm, in which people are told findings: the one order of the text report, Markdown and reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dblint.facts.project import Project
from dblint.facts.report import Report, ReportedFinding
from dblint.packs import CONFIDENCES
from dblint.report.grouping import SEVERITIES

GROUPS = ("security", "transaction", "connection", "schema", "query", "operation", "migration")
"""Of findings that are equally grave and sure, those come first that cannot be undone: what strangers read or write,
then rows that are lost or wrong; then what stops the program, then what holds it up. Migrations come last, the newest
first: most of a history has run already, and what has run harms nobody any more. Other groups come behind."""


RANKS = (
    "security/sql-injection",
    "security/operator-injection",
    "security/raw-template-called-as-function",
    "security/hardcoded-credentials",
    "security/tls-disabled",
    "security/logged-parameters",
    "connection/connection-not-closed",
    "connection/no-statement-timeout",
    "schema/float-for-money",
    "schema/missing-primary-key",
    "schema/unindexed-foreign-key",
    "schema/client-side-default",
    "query/write-without-where",
    "query/undefined-widens-filter",
    "query/missing-transaction-option",
    "query/outer-client-in-transaction",
    "query/floating-query",
    "query/awaited-in-transaction-array",
    "query/boolean-operator-on-columns",
    "query/null-comparison",
    "query/query-never-executed",
    "query/read-modify-write",
    "query/get-or-create-race",
    "query/keyspace-scan",
    "query/sync-call-in-async",
    "query/lazy-relation-in-async",
    "query/n-plus-one",
    "query/lazy-relation-in-loop",
    "query/lazy-relation-in-list",
    "query/prefetch-defeated",
    "query/write-in-loop",
    "query/command-in-loop",
    "query/commit-in-loop",
    "query/loop-invariant-query",
    "query/eager-collection-with-limit",
    "query/bulk-without-batch-size",
    "query/unbounded-result",
    "query/user-controlled-limit",
    "query/filter-in-memory",
    "query/aggregate-in-memory",
    "query/unstable-pagination",
    "query/limit-without-order",
    "query/deep-offset",
    "query/len-instead-of-count",
    "query/rows-for-existence",
    "query/eager-collection-by-mapping",
    "query/eager-load-unused",
    "query/select-star",
    "query/leading-wildcard-like",
    "query/null-equality",
    "migration/destructive-operation",
    "migration/index-not-concurrent",
)
"""Within a group: rows that are lost or wrong for good, then what stops or slows everybody, then what a few see. Rules
of other packs come behind, by name."""


def order(
    findings: Sequence[ReportedFinding], confidence: Callable[[ReportedFinding], str], project: Project
) -> tuple[int, ...]:
    """The numbers of the findings, the most harmful first: by severity, confidence, group and rank."""
    history = {migration.path: migration.order for migration in project.migrations}

    def harm(number: int) -> tuple[int, int, int, int, str]:
        finding = findings[number]
        group = finding.rule.partition("/")[0]
        return (
            SEVERITIES.index(finding.severity),
            CONFIDENCES.index(sure) if (sure := confidence(finding)) in CONFIDENCES else len(CONFIDENCES),
            GROUPS.index(group) if group in GROUPS else len(GROUPS),
            RANKS.index(finding.rule) if finding.rule in RANKS else len(RANKS),
            finding.rule,
        )

    def newest(number: int) -> tuple[str, ...]:
        finding = findings[number]
        return history.get(finding.region.path, ()) if finding.rule.startswith("migration/") else ()

    # Sorting keeps what stands first: findings of one migration stay in the order of their places.
    return tuple(sorted(sorted(range(len(findings)), key=newest, reverse=True), key=harm))


def only(report: Report, findings: Sequence[ReportedFinding]) -> Report:
    """The report with some of its findings only, in the same order."""
    kept = {id(finding): number for number, finding in enumerate(findings)}
    told = [kept[id(report.findings[number])] for number in report.order if id(report.findings[number]) in kept]
    return msgspec.structs.replace(report, findings=tuple(findings), order=tuple(told))
