"""The folder of npm packages: installed once, also by several at the same time, and no silence where it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.oracles import npm


def test_several_install_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ThreadPoolExecutor(3) as pool:
        folders = set(pool.map(lambda _number: npm.install(), range(3)))
    (folder,) = folders
    assert folder.parent == tmp_path / "dblint" / "test-oracles"
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in (folder / "node_modules").iterdir()} >= {"prisma-schema-6", "prisma-schema-8"}
    stamp = folder.stat().st_mtime_ns
    assert npm.install() == folder
    assert folder.stat().st_mtime_ns == stamp


def test_what_cannot_be_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(npm.OracleMissingError, match=r"npm ci .* failed"):
        npm.install()
    assert list((tmp_path / "dblint" / "test-oracles").iterdir()) == []


def test_a_script_that_fails_is_said(tmp_path: Path) -> None:
    script = tmp_path / "wrong.mjs"
    script.write_text("throw new Error('no such thing');\n")
    with pytest.raises(npm.OracleMissingError, match="no such thing"):
        npm.run(script, [])


def test_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr("sys.platform", "linux")
    assert npm.cache_folder() == tmp_path / ".cache" / "dblint"
    monkeypatch.setattr("sys.platform", "darwin")
    assert npm.cache_folder() == tmp_path / "Library" / "Caches" / "dblint"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here"))
    assert npm.cache_folder() == tmp_path / "here" / "dblint"
