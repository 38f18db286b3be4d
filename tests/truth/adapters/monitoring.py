"""What the drivers of MongoDB have in common: a listener that notes commands, as JSON."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from types import FrameType
from typing import Any

import bson
from pymongo import monitoring

from tests.truth.capture import Recorder

COMMANDS = frozenset("find aggregate insert update delete count distinct findAndModify".split())
"""Commands that read or write documents."""
_ASIDE = frozenset("lsid $db $clusterTime txnNumber autocommit startTransaction $readPreference ordered cursor".split())
WAITING: ContextVar[FrameType | None] = ContextVar("WAITING", default=None)
"""The frame of the fixture that waits for a thread which sends."""


class Listener(monitoring.CommandListener):  # type: ignore[misc]  # its module is not read
    """Notes each command where the fixture sends it."""

    def __init__(self, note: Recorder) -> None:
        self.note = note

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in COMMANDS:
            command = {name: plain(value) for name, value in event.command.items() if name not in _ASIDE}
            self.note(json.dumps(command), frame=WAITING.get())

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing: what was sent counts."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing: what was sent counts."""


def plain(value: Any) -> Any:
    """A value as JSON holds it; a pattern as MongoDB's extended JSON does."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bson.Regex | re.Pattern):
        options = "i" if value.flags & re.IGNORECASE else ""
        return {"$regularExpression": {"pattern": value.pattern, "options": options}}
    if isinstance(value, bson.DBRef):
        return plain(value.id)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
