"""Rows of the grammar: how a program says which database it reaches."""

from __future__ import annotations

import msgspec


class Connects(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where it stands how a database is reached: places as slots have them; in a setting `0` is its value.

    `each`: every entry of the setting that has the key `marker` is one connection. `fallback`: the address counts
    only where the environment names none.
    """

    address: str = ""
    password: str = ""
    user: str = ""
    host: str = ""
    tls: str = ""
    fallback: bool = False
    each: bool = False
    marker: str = ""
    limit: str = ""
    """Options by which the time of a statement is limited; what they are called or say tells (`link/clients.py`).
    `.name`: an attribute of what is opened."""
    echo: str = ""
    """The option by which statements are written to a log, with their values."""
    hides: str = ""
    """The option that leaves the values out there."""


class SettingsFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the options of a file say that is written as INI files are. `folder`: the option that names the folder whose
    programs are given the file; `settings`: options that say how a database is reached, `0` is their value."""

    folder: str = ""
    settings: dict[str, Connects] = {}
