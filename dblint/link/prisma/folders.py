"""Which files make up one schema.

Prisma takes a schema from one file, or from a folder: then every `.prisma` file below the folder belongs
to it. A folder is recognised as one by its only datasource.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dblint.facts.blocks import BlockKind, PrismaFile


def groups(files: Iterable[PrismaFile]) -> list[tuple[str, ...]]:
    """Sort files into schemas; return the paths of each, in order.

    Every file with a datasource is a schema. For a file without one its own folder and then those above are
    asked, nearest first, and the first that answers decides:

    1. Does the folder itself hold a datasource? (`schema/a.prisma` or `schema/models/a.prisma` beside
       `schema/source.prisma`)
    2. Does a folder directly in it? (`schema/models/a.prisma` beside `schema/base/source.prisma`; not asked
       of the root of the checkout)

    Exactly one datasource takes the file. With several, or none anywhere, the file is a schema of its own.
    """
    every = sorted({file.path: file for file in files}.values(), key=lambda file: _parts(file.path))
    holders: dict[tuple[str, ...], list[PrismaFile]] = {}
    parents: dict[tuple[str, ...], list[PrismaFile]] = {}
    for file in every:
        if _has_datasource(file):
            folder = _parts(file.path)[:-1]
            holders.setdefault(folder, []).append(file)
            if len(folder) > 1:
                parents.setdefault(folder[:-1], []).append(file)
    schemas: dict[str, list[str]] = {}
    for file in every:
        folder = _parts(file.path)[:-1]
        owner = file if _has_datasource(file) else _nearest(folder, holders, parents) or file
        schemas.setdefault(owner.path, []).append(file.path)
    return sorted((tuple(paths) for paths in schemas.values()), key=lambda paths: _parts(paths[0]))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _has_datasource(file: PrismaFile) -> bool:
    return any(block.kind is BlockKind.DATASOURCE for block in file.blocks)


def _nearest(folder: tuple[str, ...], *found: Mapping[tuple[str, ...], list[PrismaFile]]) -> PrismaFile | None:
    """Return the only file of the nearest folder, this one or one above it, that has any."""
    for depth in range(len(folder), -1, -1):
        for places in found:
            files = places.get(folder[:depth])
            if files is not None:
                return files[0] if len(files) == 1 else None
    return None
