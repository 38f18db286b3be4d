"""SQLAlchemy's tables without classes."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager

from tests.truth.adapters.sqlalchemy import databases
from tests.truth.capture import Each, Recorder


def library(note: Recorder) -> AbstractContextManager[Each]:
    """Connections for the fixture's tables."""
    return databases(note, importlib.import_module("tables").metadata)
