"""What is wrong with what a run was told, in its configuration and on the command line: gathered, and told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from dblint.config import Configuration, ConfigurationError
from dblint.packs import Found, PackError, find

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables

T = TypeVar("T")


class Mistakes:
    """Takes the mistakes of each step, and lets the next ones look at what could be read."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._of_packs: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._told or self._of_packs)

    def configuration(self, load: Callable[[], Configuration]) -> Configuration:
        """What a file says, without the keys that cannot be read."""
        try:
            return load()
        except ConfigurationError as error:
            self._told += error.mistakes
            return error.rest if isinstance(error.rest, Configuration) else Configuration()

    def found(self, packs: Sequence[str]) -> dict[str, Found]:
        """The rules of the packs that can be used."""
        try:
            return find(packs)
        except PackError:
            usable = [pack for pack in packs if self._pack(lambda pack=pack: find((pack,))) is not None]  # type: ignore[misc]
            return self._pack(lambda: find(usable)) or {}

    def tables(self, described: Callable[[], Tables]) -> Tables | None:
        """The library tables, None where those of a pack or rows of the configuration are wrong."""
        try:
            return None if self._of_packs else described()
        except PackError as error:
            self._of_packs.append(str(error))
        except ConfigurationError as error:
            self._told += error.mistakes
        return None

    def words(self, wrong: Callable[[], Sequence[str]]) -> None:
        """Words that name no rule. Those of a pack that cannot be used are not known."""
        self._told += () if self._of_packs else wrong()

    def tell(self) -> None:
        """Raises with everything that is wrong."""
        if self._told:
            raise ConfigurationError(*self._told, *self._of_packs)
        if self._of_packs:
            raise PackError(*self._of_packs)

    def _pack(self, use: Callable[[], T]) -> T | None:
        try:
            return use()
        except PackError as error:
            self._of_packs.append(str(error))
            return None
