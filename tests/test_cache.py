"""The store of what earlier runs computed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dblint.cache import Cache, CacheFolder, digest, open_cache, usual_folder

KEY = digest("a", b"b")


def opened(folder: Path) -> Cache:
    cache = open_cache(folder)
    assert cache is not None
    return cache


def entries(cache: Cache) -> list[Path]:
    return sorted(path for path in Path(cache.folder).glob("*/*/*") if "." not in path.name)


def kept(cache: Cache, data: bytes, key: bytes = KEY) -> Path:
    before = set(entries(cache))
    cache.put("facts", key, lambda: data)
    [path] = set(entries(cache)) - before
    return path


def test_an_entry_is_what_was_kept(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    for number, data in enumerate((b"", b"x", b"\0" * 1_000, os.urandom(50_000))):
        key = digest(str(number))
        kept(cache, data, key)
        assert cache.get("facts", key) == data
        assert cache.get("reports", key) is None
        assert cache.get("facts", digest("another")) is None


def test_parts_of_a_key_do_not_run_together() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", ""), digest("c", "ab")}) == 5
    assert digest("\udcff") != digest("\udcfe")


def test_nothing_lies_there_as_it_is(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    text = b"postgres://app:canary-7f3a@db/app" * 100
    path = kept(cache, text)
    data = path.read_bytes()
    assert b"canary" not in data
    assert KEY not in data
    assert KEY.hex() not in str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Path(cache.folder).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["shorter", "longer", "other", "empty", "tiny", "folder", "gone"])
def test_a_damaged_entry_is_none(tmp_path: Path, damage: str) -> None:
    cache = opened(tmp_path / "c")
    path = kept(cache, os.urandom(200))
    data = path.read_bytes()
    damaged = {
        "shorter": data[:-1],
        "longer": data + b"x",
        "other": data[:40] + bytes([data[40] ^ 1]) + data[41:],
        "empty": b"",
        "tiny": b"x",
    }
    if damage in damaged:
        path.write_bytes(damaged[damage])
    else:
        path.unlink()
        if damage == "folder":
            path.mkdir()
    assert cache.get("facts", KEY) is None
    if damage != "folder":
        cache.put("facts", KEY, lambda: b"again")
        assert cache.get("facts", KEY) == b"again"


def test_an_entry_of_another_key_is_none(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    path, other = kept(cache, b"one"), kept(cache, b"two", digest("other"))
    path.write_bytes(other.read_bytes())
    assert cache.get("facts", KEY) is None


def test_a_pipe_in_the_place_of_an_entry_is_not_waited_for(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    path = kept(cache, b"one")
    path.unlink()
    os.mkfifo(path)
    assert cache.get("facts", KEY) is None


def test_what_cannot_be_kept_is_not(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    cache.put("facts", KEY, lambda: "\ud800".encode())
    assert not entries(cache)
    (Path(cache.folder) / "reports").write_text("in the way")
    cache.put("reports", KEY, lambda: b"one")
    assert cache.get("reports", KEY) is None


def test_a_folder_that_others_write_to_is_none(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    Path(cache.folder).chmod(0o777)
    assert open_cache(tmp_path / "c") is None
    (tmp_path / "file").touch()
    assert open_cache(tmp_path / "file") is None
    assert open_cache(tmp_path / "file" / "below") is None


def test_pruning_takes_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = opened(tmp_path / "c")
    paths = [kept(cache, os.urandom(1_000), digest(str(number))) for number in range(8)]
    for number, path in enumerate(paths):
        when = time.time() - 86_400 * (10 - number)
        os.utime(path, (when, when))
    assert cache.get("facts", digest("0")) is not None
    left_behind, fresh = paths[0].with_name("x.1-1"), paths[0].with_name("y.2-2")
    left_behind.touch()
    os.utime(left_behind, (0, 0))
    fresh.touch()
    cache.prune(5_000)
    assert [path.exists() for path in paths] == [True, *[False] * 5, True, True]
    assert not left_behind.exists()
    assert fresh.exists()
    cache.prune(0)
    assert paths[0].exists(), "once a day"
    os.utime(Path(cache.folder, "pruned"), (0, 0))
    cache.prune(0)
    assert entries(cache) == []


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBLINT_CACHE_DIR", str(tmp_path / "named"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.platform", "linux")
    assert usual_folder() == tmp_path / "named"
    monkeypatch.setenv("DBLINT_CACHE_DIR", "")
    assert usual_folder() == tmp_path / "xdg" / "dblint"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert usual_folder() == tmp_path / "home" / ".cache" / "dblint"
    monkeypatch.setattr("sys.platform", "darwin")
    assert usual_folder() == tmp_path / "home" / "Library" / "Caches" / "dblint"


def test_a_folder_of_the_checkout_is_seen_through_links(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    assert CacheFolder(tmp_path / "link" / "cache").lies_in(tmp_path / "project")
    assert CacheFolder(tmp_path / "project").lies_in(tmp_path / "link")
    assert not CacheFolder(tmp_path / "projects").lies_in(tmp_path / "project")
