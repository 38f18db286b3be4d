"""Packages that are known to speak to a database and have no library table: a review names those it met."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import tomli

from dblint.libraries.reader import Tables

_LIST = "packages/undescribed.toml"


@cache
def listed() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Language → distribution → the import roots that it installs."""
    rows = tomli.loads(resources.files("dblint.libraries").joinpath(_LIST).read_text("utf-8"))
    return {language: {name: tuple(roots) for name, roots in packages.items()} for language, packages in rows.items()}


def undescribed(tables: Tables) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Those of the list that none of these tables describes for their language."""
    described = {
        language: {
            package
            for library in tables.libraries.values()
            if language in library.languages
            for package in library.packages
        }
        for language in listed()
    }
    return {
        language: {name: roots for name, roots in packages.items() if not described[language].intersection(roots)}
        for language, packages in listed().items()
    }
