"""Packs in temporary folders, a user who has configured nothing, and a cache for each, for all tests."""

from __future__ import annotations

import functools
import gc
import itertools
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path

import pytest


class Pack:
    """A rule pack in a temporary folder on the import path."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root / name
        self.name = name
        self.root.mkdir()
        (self.root / "__init__.py").touch()

    def add(self, path: str, text: str) -> None:
        """Writes one module of the pack."""
        target = self.root / path
        target.parent.mkdir(exist_ok=True)
        (target.parent / "__init__.py").touch()
        target.write_text(textwrap.dedent(text))

    def another(self, name: str) -> Pack:
        """A second pack beside this one."""
        return Pack(self.root.parent, f"{self.name}_{name}")


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end: it is not looked through for garbage again and again."""
    gc.freeze()
    gc.set_threshold(20_000)


@functools.cache
def _registered(path: tuple[str, ...], group: str) -> EntryPoints:
    return entry_points(group=group)


@pytest.fixture(scope="session", autouse=True)
def registered_once() -> Iterator[None]:
    """What is installed is read once per import path: a process of dblint does so once, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dblint.packs.entry_points", lambda *, group: _registered(tuple(sys.path), group))
        yield


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that do not exist yet, one after the other."""
    folder = tmp_path_factory.mktemp("caches")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def cache_folder(caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where dblint keeps what it has computed in this test: never in the user's own folder, and nothing from tests that
    have replaced a part of it."""
    folder = next(caches)
    monkeypatch.setenv("DBLINT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user's configurations, which is empty: that of whoever runs the tests says nothing."""
    folder = tmp_path_factory.getbasetemp() / "settings-of-nobody"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


@pytest.fixture
def pack(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pack]:
    """An empty pack, forgotten after the test."""
    folder = tmp_path_factory.mktemp("packs")
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Pack(folder, "strangers_rules")
    for name in set(sys.modules) - before:
        if name.startswith("strangers_rules"):
            del sys.modules[name]
