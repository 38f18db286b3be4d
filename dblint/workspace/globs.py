"""Shell patterns as ignore files and configuration write them, with a bound on what matching can cost."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathspec

_WILDCARDS = 8
_LENGTH = 512


def affordable(pattern: str) -> bool:
    """Whether matching the pattern stays cheap on any path. Patterns become backtracking expressions, whose
    cost grows with the power of the number of wildcards, and they come from a checkout."""
    return len(pattern) <= _LENGTH and sum(pattern.count(mark) for mark in "*?[") <= _WILDCARDS


class Patterns:
    """A list of patterns in the language of .gitignore; the last one that fits decides."""

    __slots__ = ("__dict__", "_fitting", "_lines", "refused")

    def __init__(self, lines: Iterable[str]) -> None:
        kept: list[str] = []
        refused: list[str] = []
        for line in lines:
            (kept if affordable(line) or line.startswith("#") else refused).append(line)
        self._lines = tuple(kept)
        self.refused = tuple(refused)
        """Patterns that were left out because matching them could take too long."""
        self._fitting: list[str] = []

    def __bool__(self) -> bool:
        return any(line.strip() and not line.startswith("#") for line in self._lines)

    @cached_property
    def _spec(self) -> pathspec.GitIgnoreSpec:
        import pathspec

        return pathspec.GitIgnoreSpec.from_lines(self._lines)

    def decide(self, path: str) -> bool | None:
        """True where the path (folders end in `/`) is matched, False where it is taken back, else None."""
        return self._spec.check_file(path).include

    def match(self, path: str) -> bool:
        """Whether the path, or a folder that it lies in, is matched."""
        fits = bool(self) and bool(self.decide(path))
        if fits:
            self._fitting.append(path)
        return fits

    def idle(self) -> tuple[str, ...]:
        """The patterns that take something out, and would have fitted none of the paths that were matched so far."""
        patterns = (line for line in self._lines if line.strip() and not line.startswith(("!", "#")))
        return tuple(
            pattern for pattern in patterns if not any(Patterns([pattern]).decide(path) for path in self._fitting)
        )
