from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from dblint.facts.program import Diagnostic
from dblint.workspace.discover import Workspace, discover, resolve
from dblint.workspace.read import read


def write(root: Path, *paths: str) -> None:
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("x\n")


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def found(*paths: Path, exclude: Sequence[str] = (), force_exclude: bool = False) -> Workspace:
    return discover(resolve([str(path) for path in paths]), exclude, force_exclude=force_exclude)


def said(workspace: Workspace) -> list[tuple[str, str, str]]:
    every = [*workspace.refused, *workspace.diagnostics]
    return [(diagnostic.kind, diagnostic.path, diagnostic.message) for diagnostic in every]


def test_git_lists_tracked_and_new_files(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "a.py", "new.sql", "b/c.ts", "b/readme.md", "package.json", "skipped/x.py", "gone.py")
    (tmp_path / ".gitignore").write_text("skipped/\n")
    git(tmp_path, "add", "a.py", "b/c.ts", "gone.py")
    (tmp_path / "gone.py").unlink()
    workspace = found(tmp_path)
    assert workspace.root == tmp_path
    assert workspace.sources == ("a.py", "b/c.ts", "new.sql")
    assert workspace.manifests == ("package.json",)
    assert said(workspace) == []


def test_a_file_brings_its_whole_project(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "app/a.py", "app/b.py", "schema.prisma")
    workspace = found(tmp_path / "app" / "a.py")
    assert workspace.root == tmp_path
    assert workspace.sources == ("app/a.py", "app/b.py", "schema.prisma")
    assert workspace.named == ("app/a.py",)
    assert [path for path in workspace.sources if workspace.reports_on(path)] == ["app/a.py"]


def test_a_folder_is_reported_on_by_whole_names(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "app/a.py", "apple/b.py")
    workspace = found(tmp_path / "app")
    assert [path for path in workspace.sources if workspace.reports_on(path)] == ["app/a.py"]


def test_without_git_a_manifest_marks_the_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "src/a.py", "other.sql")
    workspace = found(tmp_path / "src")
    assert workspace.root == tmp_path
    assert workspace.sources == ("other.sql", "src/a.py")


@pytest.mark.skipif(os.name == "nt", reason="has no sticky bit")
def test_a_folder_that_everybody_writes_to_is_no_project_unless_it_is_named(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    write(shared, "manage.py", "trial/a.py", "other/b.py")
    shared.chmod(0o1777)
    assert found(shared / "trial").root == shared / "trial"
    assert found(shared / "trial").sources == ("a.py",)
    assert found(shared / "trial" / "a.py").sources == ("a.py",)
    assert found(shared).sources == ("manage.py", "other/b.py", "trial/a.py")
    shared.chmod(0o777)
    assert found(shared / "trial").root == shared


def test_the_way_up_to_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "pyproject.toml", "src/shop/a.py", "other/b.py")
    monkeypatch.chdir(tmp_path / "src" / "shop")
    assert found(Path()).above == str(Path("..", ".."))
    monkeypatch.chdir(tmp_path)
    assert found(Path("src")).above == ""
    monkeypatch.chdir(tmp_path / "other")
    assert found(tmp_path / "src" / "shop").above == ".."


def test_without_git_a_workspace_file_marks_the_project_above_a_manifest(tmp_path: Path) -> None:
    write(tmp_path, "pnpm-workspace.yaml", "packages/a/package.json", "packages/a/x.ts", "packages/b/y.ts")
    workspace = found(tmp_path / "packages" / "a")
    assert workspace.root == tmp_path
    assert workspace.sources == ("packages/a/x.ts", "packages/b/y.ts")
    assert workspace.named == ("packages/a",)


def test_a_file_without_a_project_is_read_alone(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py")
    workspace = found(tmp_path / "a.py")
    assert workspace.sources == ("a.py",)


def test_home_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path, "package.json", "private.sql", "scratch/a.py")
    assert found(tmp_path / "scratch").sources == ("a.py",)
    assert found(tmp_path).sources == ("private.sql", "scratch/a.py")


def test_several_projects(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init")
        write(tmp_path / name, "a.py", "b.py")
    write(tmp_path, "three/a.py")
    workspace = found(tmp_path / "one" / "a.py", tmp_path / "two")
    assert workspace.root == tmp_path
    assert workspace.sources == ("one/a.py", "one/b.py", "two/a.py", "two/b.py")
    assert workspace.named == ("one/a.py", "two")


def test_a_repository_inside_a_repository_is_entered(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "a.py", "inner/b.py", "inner/ignored.py")
    git(tmp_path / "inner", "init")
    (tmp_path / "inner" / ".gitignore").write_text("ignored.py\n")
    assert found(tmp_path).sources == ("a.py", "inner/b.py")


def test_the_walk_honours_ignore_files(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py", "keep/b.py", "out/x.py", "deep/out/y.py", "deep/z.py", "deep/w.py")
    (tmp_path / ".gitignore").write_text("/b.py\nout/\nz.py\n")
    (tmp_path / "deep" / ".gitignore").write_text("!z.py\nw.py\n")
    assert found(tmp_path).sources == ("a.py", "deep/z.py", "keep/b.py")


def test_dependencies_are_never_walked(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "node_modules/p/x.js", ".venv/lib/y.py", "env/pyvenv.cfg", "env/lib/z.py", "vendor/v.py")
    assert found(tmp_path).sources == ("a.py", "vendor/v.py")
    git(tmp_path, "init")
    git(tmp_path, "add", "--all")
    assert found(tmp_path).sources == ("a.py", "vendor/v.py")


def test_an_ignored_path_is_read_when_it_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "a.py", "out/b.py", "out/c.py", "node_modules/p/x.js")
    (tmp_path / ".gitignore").write_text("out/\nnode_modules/\n")
    assert found(tmp_path / "out" / "b.py").sources == ("a.py", "out/b.py")
    assert found(tmp_path / "out").sources == ("a.py", "out/b.py", "out/c.py")
    assert found(tmp_path / "node_modules" / "p").sources == ("a.py", "node_modules/p/x.js")


def test_exclude_is_below_the_root_and_yields_to_named_files(tmp_path: Path) -> None:
    root = tmp_path / "build"
    git_root = root
    root.mkdir()
    git(git_root, "init")
    write(root, "a.py", "old/b.py", "old/c.sql")
    workspace = found(root, exclude=["old/"])
    assert (workspace.sources, workspace.excluded) == (("a.py",), 2)
    assert found(root, exclude=["build/"]).sources == ("a.py", "old/b.py", "old/c.sql")
    assert found(root / "old" / "b.py", exclude=["old/"]).named == ("old/b.py",)
    forced = found(root / "old" / "b.py", exclude=["old/"], force_exclude=True)
    assert (forced.named, forced.excluded) == ((), 2)
    assert "old/b.py" not in forced.sources


@pytest.mark.parametrize("repository", [True, False])
def test_what_is_excluded_counts_once(tmp_path: Path, repository: bool) -> None:
    write(tmp_path, "a.py", "vendor/b.py", "vendor/sub/c.py", "build/d.py", "pyproject.toml")
    if repository:
        git(tmp_path, "init")
    exclude = ["vendor/", "build/"]
    for paths, walked, listed in (
        ((".",), 2, 3),
        (("vendor",), 3, 3),
        (("vendor/sub",), 2, 3),
        (("vendor", "vendor/sub", "build"), 3, 3),
    ):
        workspace = found(*(tmp_path / path for path in paths), exclude=exclude)
        assert workspace.excluded == (listed if repository else walked), paths
    forced = found(tmp_path / "vendor" / "b.py", exclude=exclude, force_exclude=True)
    assert forced.excluded == (3 if repository else 2)


def test_special_files_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.sql"))
    write(tmp_path, "a.py")
    workspace = found(tmp_path)
    assert workspace.sources == ("a.py",)
    assert said(workspace) == [
        ("io-error", "pipe.py", "not a regular file"),
        ("io-error", "socket.sql", "not a regular file"),
    ]
    named = found(tmp_path / "pipe.py", Path("/dev/zero"))
    assert named.sources == ()
    assert said(named) == [
        ("io-error", str(tmp_path / "pipe.py"), "not a regular file"),
        ("io-error", "/dev/zero", "not a regular file"),
    ]
    answer = read(tmp_path, "pipe.py")
    assert answer == Diagnostic("io-error", "pipe.py", "not a regular file")


def test_a_folder_named_like_source_is_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "x.py/a.py", "y.sql/b.sql")
    assert found(tmp_path).sources == ("x.py/a.py", "y.sql/b.sql")
    assert found(tmp_path / "x.py").sources == ("a.py",)


def test_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    write(outside, "far.py")
    write(root, "package.json", "real/a.py")
    (root / "again").symlink_to("real")
    (root / "alias.py").symlink_to("real/a.py")
    (root / "up").symlink_to("..")
    (root / "slash").symlink_to("/")
    (root / "loop").symlink_to("loop")
    (root / "far.py").symlink_to(outside / "far.py")
    (root / "dangling.py").symlink_to("nowhere.py")
    workspace = found(root)
    assert workspace.sources == ("real/a.py",)
    assert said(workspace) == []
    assert found(root / "alias.py").named == ("real/a.py",)
    assert found(root / "again").named == ("real",)
    assert said(found(root / "loop")) == [("io-error", str(root / "loop"), "a symbolic link that leads back to itself")]
    assert said(found(root / "dangling.py")) == [("io-error", str(root / "dangling.py"), "a symbolic link to nothing")]
    git(root, "init")
    assert found(root).sources == ("real/a.py",)


def test_missing_and_unknown_paths(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "notes.md")
    workspace = found(tmp_path / "a.py", tmp_path / "nothing.py", tmp_path / "a.py" / "b.py", tmp_path / "notes.md")
    assert workspace.missing == (str(tmp_path / "nothing.py"), str(tmp_path / "a.py" / "b.py"))
    assert workspace.named == ("a.py",)
    assert said(workspace) == [("note", "notes.md", "not a kind of file that dblint reads: skipped")]


def test_the_same_file_named_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py")
    monkeypatch.chdir(tmp_path)
    assert found(Path("a.py"), Path("./a.py"), tmp_path / "a.py").named == ("a.py",)


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n.py")
    write(tmp_path, name)
    assert found(tmp_path).sources == (name,)
    git(tmp_path, "init")
    assert found(tmp_path).sources == (name,)


def test_git_runs_nothing_of_the_checkout(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, "a.py")
    canary = tmp_path / "canary"
    script = tmp_path / "hook"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor"):
        git(tmp_path, "config", key, str(script))
    assert found(tmp_path).sources == ("a.py",)
    assert not canary.exists()


def test_without_git_installed_the_folder_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init")
    write(tmp_path, "a.py", "out/b.py")
    (tmp_path / ".gitignore").write_text("out/\n")
    monkeypatch.setattr("dblint.workspace.listing.shutil.which", lambda name: None)
    workspace = found(tmp_path)
    assert workspace.sources == ("a.py",)
    assert said(workspace) == [("note", ".", "git is not installed: the folder is walked instead")]


def test_a_repository_that_git_refuses_is_walked(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    workspace = found(tmp_path)
    assert workspace.sources == ("a.py",)
    assert said(workspace) == [("note", ".", "git cannot list the files: the folder is walked instead")]


def test_costly_patterns_of_ignore_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a" * 200 + ".py", "b.py")
    (tmp_path / ".gitignore").write_text("*a" * 40 + "b\nb.py\n")
    assert found(tmp_path).sources == ("a" * 200 + ".py",)


def test_templates_are_read_in_their_folders(tmp_path: Path) -> None:
    write(
        tmp_path,
        "app/templates/app/a.html",
        "app/jinja2/b.j2",
        "app/static/c.html",
        "templates/d.txt",
        "templates.html",
    )
    assert found(tmp_path).sources == ("app/jinja2/b.j2", "app/templates/app/a.html")
    git(tmp_path, "init")
    assert found(tmp_path).sources == ("app/jinja2/b.j2", "app/templates/app/a.html")
