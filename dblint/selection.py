"""Which rules a run uses, and in which files: what the configuration and the command line select and ignore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from dblint.builtin import BUILTIN
from dblint.config import Configuration, ConfigurationError, nearest
from dblint.packs import Found, LoadedRule, load
from dblint.workspace.globs import Patterns


class Words(msgspec.Struct, frozen=True):
    """Words that name rules (a rule's id, a group, `all` or `default`), with the place where they were written."""

    place: str
    words: Sequence[str] = ()


_NOTHING = Words("")


class PathWords(msgspec.Struct, frozen=True):
    """What is selected and ignored in the files of a pattern, in the language of .gitignore."""

    pattern: str
    select: Words
    ignore: Words


class _Row(msgspec.Struct, frozen=True):
    """A `PathWords` as ids of rules."""

    patterns: Patterns
    select: frozenset[str]
    ignore: frozenset[str]


class Selection(msgspec.Struct, frozen=True):
    """The rules of a run, in the order of their ids, and where each runs."""

    rules: tuple[LoadedRule, ...]
    _everywhere: frozenset[str]
    _nowhere: frozenset[str] = frozenset()
    _rows: tuple[_Row, ...] = ()
    _known: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)

    def runs_in(self, rule: str, path: str) -> bool:
        """Whether the rule of this id runs in this file. Of several patterns that fit, the later one decides."""
        if not self._rows:
            return rule in self._everywhere
        running = self._known.get(path)
        if running is None:
            running = self._everywhere
            for row in self._rows:
                if row.patterns.match(path):
                    running = (running | row.select) - row.ignore
            running = self._known[path] = running - self._nowhere
        return rule in running


def chosen(found: Mapping[str, Found], configuration: Configuration, ignore: Sequence[str], *, only: bool) -> Selection:
    """The rules that a configuration and the command line choose: `ignore` names rules that run in no file, `only`
    says that what is selected was selected there, so that no pattern of the configuration adds to it.

    Raises `ConfigurationError` with every word that names nothing, and `PackError`.
    """
    return select(found, BUILTIN, *_written(configuration, ignore, only=only))


def wrong_words(
    found: Mapping[str, Found], configuration: Configuration, ignore: Sequence[str], *, only: bool
) -> list[str]:
    """What `chosen` would raise because of words that name nothing."""
    wanted, unwanted, by_path, nowhere = _written(configuration, ignore, only=only)
    return _mistakes(_Naming(found, BUILTIN), wanted, unwanted, by_path, nowhere)


def _written(
    configuration: Configuration, ignore: Sequence[str], *, only: bool
) -> tuple[Words, Words, list[PathWords], Words]:
    """What is wanted, unwanted, changed in files of patterns, and wanted nowhere."""
    place = configuration.place
    by_path = [
        PathWords(
            row.pattern,
            Words(place("paths", row.pattern, "select"), () if only else row.select),
            Words(place("paths", row.pattern, "ignore"), row.ignore),
        )
        for row in configuration.paths
    ]
    wanted, unwanted = Words(place("select"), configuration.select), Words(place("ignore"), configuration.ignore)
    return wanted, unwanted, by_path, Words("--ignore", ignore)


def _mistakes(
    naming: _Naming, wanted: Words, unwanted: Words, by_path: Sequence[PathWords], nowhere: Words
) -> list[str]:
    written = [wanted, unwanted, *(words for row in by_path for words in (row.select, row.ignore)), nowhere]
    return [mistake for words in written for mistake in naming.mistakes(words)]


def select(
    found: Mapping[str, Found],
    builtin: Mapping[str, LoadedRule],
    wanted: Words,
    unwanted: Words,
    by_path: Sequence[PathWords] = (),
    nowhere: Words = _NOTHING,
) -> Selection:
    """The rules that a run uses: those wanted (where nothing is, the rules that are on by default) without those
    unwanted, changed in the files of patterns; those of `nowhere` in no file. A rule that never runs is not imported.

    Raises `ConfigurationError` with every word that names nothing, and `PackError`.
    """
    naming = _Naming(found, builtin)
    mistakes = _mistakes(naming, wanted, unwanted, by_path, nowhere)
    if mistakes:
        raise ConfigurationError(*mistakes)
    never = naming.ids(nowhere)
    dropped = naming.ids(unwanted) | never
    everywhere = naming.ids(Words(wanted.place, wanted.words or ("default",)), dropped) - dropped
    rows = [_Row(Patterns([row.pattern]), naming.ids(row.select, never), naming.ids(row.ignore)) for row in by_path]
    ids = everywhere.union(*(row.select for row in rows)) - never
    return Selection(tuple(naming.load(name) for name in sorted(ids)), everywhere, never, tuple(rows))


class _Naming:
    """What words mean."""

    def __init__(self, found: Mapping[str, Found], builtin: Mapping[str, LoadedRule]) -> None:
        self._everything = frozenset(found) | frozenset(builtin)
        self._groups: dict[str, set[str]] = {}
        for name in self._everything:
            if "/" in name:
                self._groups.setdefault(name.partition("/")[0], set()).add(name)
        self.load = cache(lambda name: builtin[name] if name in builtin else load(found[name]))

    def ids(self, named: Words, besides: frozenset[str] = frozenset()) -> frozenset[str]:
        """The rules that the words name. Of those `besides` it is not asked whether they are on by default."""
        ids: set[str] = set()
        for word in named.words:
            if word == "all":
                ids |= self._everything
            elif word == "default":
                ids |= {name for name in self._everything - besides if self.load(name).rule.default}
            else:
                ids |= self._groups.get(word, {word})
        return frozenset(ids)

    def mistakes(self, named: Words) -> list[str]:
        """What is to be said of the words that mean nothing."""
        known = {*self._everything, *self._groups, "all", "default"}

        def meant(word: str) -> str:
            """A name without its group is that of these rules: another pack may have one that is called the same."""
            full = sorted(name for name in known if name.rpartition("/")[2] == word)
            return f""" (did you mean {" or ".join(f'"{name}"' for name in full)}?)""" if full else nearest(word, known)

        return [
            f'{named.place}: there is no rule or group "{word}"{meant(word)}'
            for word in named.words
            if word not in known
        ]
