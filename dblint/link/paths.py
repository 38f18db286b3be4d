"""Paths of a project as strings: relative to its root, with "/"; the root itself is ""."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def parent(path: str) -> str:
    """The folder of a path; "" is the project root."""
    return path.rpartition("/")[0]


def join(folder: str, relative: str) -> str | None:
    """`relative` seen from `folder`, without `.` and `..`; None when it leaves the project."""
    parts = folder.split("/") if folder else []
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def ancestors(folder: str) -> Iterator[str]:
    """The folder itself, then the folders above it up to the project root ""."""
    while folder:
        yield folder
        folder = parent(folder)
    yield ""


def shared_depth(one: str, other: str) -> int:
    """How many folders two paths share from the top."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


def generated_folders(generated: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Folders with what is generated there, the inner ones first; one outside the project counts as none."""
    placed = {join("", folder): library for folder, library in sorted(generated.items())}
    return tuple(
        sorted(((folder, library) for folder, library in placed.items() if folder), key=lambda it: -len(it[0]))
    )
