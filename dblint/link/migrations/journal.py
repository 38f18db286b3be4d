"""What Drizzle's journal (`meta/_journal.json`) tells of the migrations beside it: when each one was generated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

_BEGIN = datetime(1970, 1, 1)
_LAST = 253_402_300_799_999
"""The last millisecond that a date can be."""


def times(data: bytes) -> dict[str, str]:
    """Names of migrations (`tag`), and when they were written (`when`, milliseconds) in the words of ISO 8601; none
    for what is no journal."""
    try:
        journal = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    entries = journal.get("entries") if isinstance(journal, dict) else None
    return dict(_told(entries)) if isinstance(entries, list) else {}


def _told(entries: list[object]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if isinstance(entry, dict):
            name, when = entry.get("tag"), entry.get("when")
            if isinstance(name, str) and isinstance(when, int) and 0 < when <= _LAST:
                yield name, (_BEGIN + timedelta(milliseconds=when)).isoformat()
