"""Relations inside relations as one text."""

from __future__ import annotations

import pytest

from dblint.link.eager_graphs import paths_of


@pytest.mark.parametrize(
    ("text", "paths", "more"),
    [
        ("pets", ["pets"], False),
        ("[pets, movies]", ["pets", "movies"], False),
        ("pets.[toys, owner.home]", ["pets", "pets.toys", "pets.owner", "pets.owner.home"], False),
        ("[pets.[toys, owner], movies(named, old) as films]", ["pets", "pets.toys", "pets.owner", "movies"], False),
        ("children.^3", ["children"], True),
        ("*", [], True),
        ("pets.?", ["pets"], True),
        ("", [], False),
        ("[[[pets", ["pets"], False),
        ("]]]pets", ["pets"], False),
    ],
)
def test_paths(text: str, paths: list[str], more: bool) -> None:
    found, hidden = paths_of(text)
    assert ([".".join(path) for path in found], hidden) == (paths, more)
