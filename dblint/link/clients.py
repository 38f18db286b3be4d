"""How the program configures its clients: whether the time of a statement is limited, and what is written to logs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dblint.facts.program import Client, Echo, FileRole
from dblint.facts.text import Literal, Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.derived import derived
from dblint.link import literal_addresses, settings_files
from dblint.link.arguments import Site, entries, find
from dblint.link.connections import Connections, Leaf, Said
from dblint.link.values import Instance, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

LIMITS = re.compile(
    r"statement_?timeout|command_?timeout|query_?timeout|transaction_?timeout|max_?execution_?time"
    r"|max_?statement_?time|read_?timeout|call_?timeout|socket_?timeout_?ms|(?<![a-z])timeout_?ms",
    re.IGNORECASE,
)
"""What the servers' and drivers' own limits of a statement's time are called."""
_SERVERS = (
    *("statement_timeout", "max_execution_time", "max_statement_time", "transaction_timeout"),
    *("maxtimems", "maxtime_ms", "max_timems", "max_time_ms"),
)
"""Those that a program sets by a statement, or of each by itself."""
_FOR_DEVELOPMENT = re.compile(r"(?:^|_)(?:dev|development|debug|local|test|testing|tests)(?:_|$)", re.IGNORECASE)
"""Names of files of settings that no production has."""
_TO_COPY = re.compile(r"[_.-](?:examples?|samples?|template|dist)$", re.IGNORECASE)
"""Ends of names of files that people copy, and nobody runs."""
_SWITCH = re.compile(r"debug|dev|local|test", re.IGNORECASE)
_ABSENT = frozenset({"false", "null", "undefined", "0"})
_LOW = {"debug": ("debug", "10"), "info": ("debug", "info", "10", "20")}
"""The highest level at which statements are written → the levels at which they are."""
_STANDS_FOR_ITSELF = (Kind.STRING, Kind.CONSTANT, Kind.NUMBER)
_BEHIND = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.MIGRATION, FileRole.VENDORED, FileRole.GENERATED})


class Clients:
    """Reads clients. One per project."""

    def __init__(
        self,
        evaluator: Evaluator,
        connections: Connections,
        roles: Mapping[str, FileRole],
        migrations: Iterable[str] = (),
        manifests: Mapping[str, bytes] | None = None,
    ) -> None:
        """`migrations`: the paths of the project's migrations. `manifests`: the files of settings among others."""
        self._manifests = manifests or {}
        self.evaluator = evaluator
        self.connections = connections
        self._roles = roles
        self._schemes = literal_addresses.schemes()
        self._said = list(connections.said())
        beside = Counter(path.rpartition("/")[0].rpartition("/")[0] for path in migrations)
        self._folders = {folder for folder, count in beside.items() if folder and count > 1}

    def clients(self) -> tuple[Client, ...]:
        """The places that configure a client whose library can limit the time of a statement."""
        found: dict[Place, Client] = {}
        limited = self._limited_otherwise()
        for said in self._said:
            stem = said.site.path.rpartition("/")[2].rpartition(".")[0]
            if said.row.limit and not self._migrates(said) and not _TO_COPY.search(stem):
                place = self.connections.plain.place(said.site)
                limit = self._limit(said)
                found[place] = Client(
                    place,
                    said.library,
                    said.member,
                    self._dialect(said),
                    "" if limit == "no" and limited else limit,
                    self._role(said.site.path),
                )
        return tuple(found[place] for place in sorted(found))

    def _role(self, path: str) -> FileRole:
        return self._roles.get(path, FileRole.APP)

    def _migrates(self, said: Said) -> bool:
        """Whether a call stands beside a folder of migrations, which it connects for: those take as long as they do."""
        folder = said.site.path.rpartition("/")[0]
        return not said.row.each and folder in self._folders

    # Limits

    def _limited_otherwise(self) -> bool:
        """Whether the program names a server's limit anywhere: a statement that sets it, a listener, an option that is
        put together elsewhere; or enters a limit for what it does within."""
        named = any(
            name in words
            for path, file in self.evaluator.files.items()
            if self._role(path) not in _BEHIND
            for words in ("\n".join(file.body.strings).lower(),)  # no limit's name has a line's end in it
            for name in _SERVERS
        )
        return named or any(
            isinstance(option, LibraryFunction) and option.path == function
            for function in _limiting(self.evaluator.tables)
            for path, node in self.evaluator.words.standing(function.rpartition(".")[2], Role.CALLEE)
            for option in options(self.evaluator.value(path, node))
        )

    def _limit(self, said: Said) -> str:
        hidden = False
        for at in said.row.limit.split():
            if at.startswith("."):
                hidden = hidden or self._assigned(at[1:])
                continue
            found = said.slot(at)
            hidden = hidden or found.open
            named = LIMITS.search(at.rpartition(".")[2]) is not None
            for site in found.sites:
                leaves, more = self.connections.leaves(site)
                hidden = hidden or more
                for leaf in leaves:
                    tree = self.evaluator.tree(leaf.site.path)
                    word = tree.value(leaf.site.node) if tree.kinds[leaf.site.node] in _STANDS_FOR_ITSELF else ""
                    if named and word not in _ABSENT:
                        return "yes"
                    if any(LIMITS.search(text) for text in self._texts(leaf)):
                        return "yes"
        for text in self._addresses(said):
            if LIMITS.search(text.partition("?")[2]):
                return "yes"
        return "" if hidden else "no"

    def _assigned(self, name: str) -> bool:
        """Whether the program gives a value to an attribute of this name, which may be the open connection's."""
        return any(
            self.evaluator.tree(path).kinds[node] == Kind.ATTRIBUTE and self._role(path) not in _BEHIND
            for path, node in self.evaluator.words.standing(name, Role.TARGET)
        )

    def _texts(self, leaf: Leaf) -> Iterator[str]:
        for shape in self.connections.shapes(leaf):
            yield "".join(piece.text for piece in shape.pieces if isinstance(piece, Literal))

    def _addresses(self, said: Said) -> Iterator[str]:
        """What stands in the source of the client's address."""
        for site in said.slot(said.row.address).sites if said.row.address else ():
            for leaf in self.connections.leaves(site)[0]:
                yield from self._texts(leaf)

    def _dialect(self, said: Said) -> str:
        library = self.evaluator.tables.libraries[said.library]
        if library.dialect:
            return library.dialect
        found: set[str] = set()
        for text in self._addresses(said):
            scheme, sign, _ = text.partition("://")
            if sign:
                own = library.engines.get(f"{scheme}://", "")
                found.add(self._schemes.get(scheme, self._schemes.get(scheme.partition("+")[0], own)))
        if said.row.marker:
            for site in said.slot(f"0.{said.row.marker}").sites:
                for leaf in self.connections.leaves(site)[0]:
                    found |= {library.engines.get(text, "") for text in self._texts(leaf)}
        return found.pop() if len(found) == 1 else ""

    # Logs

    def echoes(self) -> tuple[Echo, ...]:
        """The places that make a library write statements with their values to a log, for good."""
        found = {echo.place: echo for echo in (*self._options(), *self._levels(), *self._configured(), *self._files())}
        return tuple(found[place] for place in sorted(found))

    def _options(self) -> Iterator[Echo]:
        """Options of clients."""
        for said in self._said:
            if not said.row.echo or self._off(said):
                continue
            for site in said.slot(said.row.echo).sites:
                leaves = self.connections.leaves(site)[0] or self._fields(site)
                chosen = self.evaluator.tree(site.path).kinds[site.node] == Kind.CONDITIONAL or len(leaves) != 1
                for leaf in leaves:
                    tree = self.evaluator.tree(leaf.site.path)
                    word = tree.value(leaf.site.node) if tree.kinds[leaf.site.node] in _STANDS_FOR_ITSELF else "false"
                    switched = leaf.site != site and self._switch(site)
                    if chosen or switched or word in _ABSENT or self._behind(site) or self._behind(leaf.site):
                        continue
                    yield Echo(
                        self.connections.plain.place(leaf.site),
                        said.library,
                        self._option(said),
                        word,
                        leaf.fallback,
                        self._role(site.path),
                    )

    @staticmethod
    def _option(said: Said) -> str:
        """What an option is called: a setting is one itself, or holds it."""
        at = said.row.echo.split()[0]
        return (at.partition(".")[2] or said.member) if at[:1].isdigit() else at

    def _fields(self, site: Site) -> list[Leaf]:
        """What the class of a settings object gives to a field, which the environment may say otherwise."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.ATTRIBUTE:
            return []
        name, found = tree.value(site.node), []
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            cls = option.cls if isinstance(option, Instance) else None
            owner = self.evaluator.classes.owner(cls, name) if cls is not None else None
            if owner is None:
                continue
            interface = self.evaluator.files[owner.path].interface.classes.get(owner.node)
            for node in interface.members.get(name, ()) if interface is not None else ():
                there = self.evaluator.tree(owner.path)
                value = there.child(node, Role.VALUE) if there.kinds[node] == Kind.ASSIGN else -1
                if value >= 0:
                    found.append(Leaf(Site(owner.path, value, None), fallback=True))
        return found

    def _switch(self, site: Site) -> bool:
        """Whether an option is what a switch for development says (`echo=settings.DEBUG`)."""
        tree = self.evaluator.tree(site.path)
        return any(
            tree.kinds[node] in (Kind.NAME, Kind.ATTRIBUTE) and _SWITCH.search(tree.value(node))
            for node in range(site.node, tree.ends[site.node])
        )

    def _off(self, said: Said) -> bool:
        """Whether the values are left out, or may be."""
        if not said.row.hides:
            return False
        hiding = said.slot(said.row.hides)
        return any(self.evaluator.tree(site.path).value(site.node) != "false" for site in hiding.sites)

    def _levels(self) -> Iterator[Echo]:
        """`getLogger(NAME).setLevel(LEVEL)`."""
        for library, name, level in self._loggers():
            for path, node in self.evaluator.words.spelled(name, self._within()):
                tree = self.evaluator.tree(path)
                call = tree.parents[node]
                if tree.kinds[node] != Kind.STRING or call < 0 or tree.kinds[call] != Kind.CALL:
                    continue
                if not self._is_logger(path, call):
                    continue
                setting = self._setting(path, call)
                argument = tree.child(setting, Role.ARGUMENT) if setting >= 0 else -1
                if argument < 0 or not self._low(tree, argument, level) or self._behind(Site(path, setting, None)):
                    continue
                place = Place(path, tree.starts[setting], tree.stops[setting])
                yield Echo(place, library, name, self._word(tree, argument), role=self._role(path), logger=True)

    def _is_logger(self, path: str, call: int) -> bool:
        """Whether a call gives a logger, by its row."""
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, LibraryFunction):
                return self.evaluator.tables.functions[option.path][1].returns == "Logger"
        return False

    def _setting(self, path: str, call: int) -> int:
        """The call that sets the level of the logger that a call gives, there or by its name; -1: none does."""
        tree = self.evaluator.tree(path)
        above = tree.parents[call]
        if tree.kinds[above] == Kind.ATTRIBUTE and tree.value(above) == "setLevel":
            return tree.parents[above]
        target = tree.child(above, Role.TARGET) if tree.kinds[above] == Kind.ASSIGN else -1
        if target < 0 or tree.kinds[target] != Kind.NAME:
            return -1
        for node in tree.spelled(tree.value(target)):
            member = tree.parents[node]
            if node > call and tree.kinds[member] == Kind.ATTRIBUTE and tree.value(member) == "setLevel":
                return tree.parents[member]
        return -1

    def _configured(self) -> Iterator[Echo]:
        """Entries of a mapping that configures logs: `{NAME: {"level": LEVEL}}`."""
        for library, name, level in self._loggers():
            for path, node in self.evaluator.words.spelled(name, self._within()):
                tree = self.evaluator.tree(path)
                if tree.kinds[node] != Kind.PAIR:
                    continue
                pairs, _ = entries(self.evaluator, Site(path, tree.child(node, Role.VALUE), None))
                for key, value in pairs:
                    there = self.evaluator.tree(value.path)
                    if key != "level" or not self._low(there, value.node, level):
                        continue
                    if self._behind(value) or self._behind(Site(path, node, None)):
                        continue
                    place = self.connections.plain.place(value)
                    yield Echo(place, library, name, self._word(there, value.node), role=self._role(path), logger=True)

    def _files(self) -> Iterator[Echo]:
        """Calls that read the levels of loggers from a file of settings."""
        for function, log_levels in _reading_levels(self.evaluator.tables).items():
            for path, call in self.evaluator.words.called(function.rpartition(".")[2]):
                held = options(self.evaluator.value(path, call + 1))
                if not any(isinstance(option, LibraryFunction) and option.path == function for option in held):
                    continue
                if self._role(path) in _BEHIND - {FileRole.MIGRATION}:
                    continue
                if self._behind(Site(path, call, None), self._words(path, call, log_levels)):
                    continue
                tree = self.evaluator.tree(path)
                place = Place(path, tree.starts[call], tree.stops[call])
                for file in self._given(path, Site(path, call, None), log_levels):
                    said = settings_files.levels(file, self._manifests[file])
                    for library, name, level in self._loggers():
                        _, word = said.get(name, ("", ""))
                        if word.lower() in _LOW[level]:
                            role = self._role(path)
                            yield Echo(place, library, name, word, role=role, logger=True, file=file)

    def _words(self, path: str, call: int, at: str) -> frozenset[str]:
        """The names at a place of a call: tests of them ask whether there is anything to hand on."""
        sites = find(self.evaluator, at, Site(path, call, None)).sites
        return frozenset(self.connections.plain.word(site) for site in sites) - {""}

    def _given(self, path: str, call: Site, at: str) -> Iterator[str]:
        """The files of settings that a call is given: the one that it names, or the one that names its folder, or lies
        there."""
        named = [self.connections.plain.string(site) for site in find(self.evaluator, at, call).sites]
        own = path.rpartition("/")[0]
        for file in sorted(self._manifests):
            for library in self.evaluator.tables.libraries.values():
                described = library.files.get(file.rpartition("/")[2])
                if described is None or not described.folder:
                    continue
                folder = settings_files.folder_of(file, self._manifests[file], described.folder)
                beside = folder == own or (folder is None and file.rpartition("/")[0] == own)
                if file in named or (beside and not any(named)):
                    yield file

    def _loggers(self) -> Iterator[tuple[str, str, str]]:
        for library in self.evaluator.tables.libraries.values():
            for name, level in library.loggers.items():
                yield library.name, name, level

    def _within(self) -> list[str]:
        return [path for path in self.evaluator.files if self._role(path) not in _BEHIND]

    @staticmethod
    def _word(tree: Tree, node: int) -> str:
        return tree.value(node) if tree.kinds[node] in (Kind.STRING, Kind.ATTRIBUTE, Kind.NAME, Kind.NUMBER) else ""

    def _low(self, tree: Tree, node: int, level: str) -> bool:
        """Whether a level that stands in the source is so low that statements are written."""
        return self._word(tree, node).lower() in _LOW[level]

    def _behind(self, site: Site, own: frozenset[str] = frozenset()) -> bool:
        """Whether something stands behind a switch: in a branch, for whoever asks for it, or in a file that is called
        one of development's. `own`: a branch whose condition names one of these is none."""
        tree = self.evaluator.tree(site.path)
        stem = site.path.rpartition("/")[2].partition(".")[0]
        if _FOR_DEVELOPMENT.search(stem):
            return True
        child = site.node
        for parent in tree.ancestors(site.node):
            if tree.kinds[parent] in (Kind.IF, Kind.CONDITIONAL) and tree.roles[child] in (Role.BODY, Role.ELSE):
                condition = tree.child(parent, Role.CONDITION)
                named = range(condition, tree.ends[condition]) if own and condition >= 0 else ()
                if not any(tree.value(node) in own for node in named):
                    return True
            child = parent
        return False


@derived
def _reading_levels(tables: Tables) -> Mapping[str, str]:
    """Functions that read the levels of loggers from a file of settings → where they are given it."""
    return {function: row.log_levels for function, (_, row) in tables.functions.items() if row.log_levels}


@derived
def _limiting(tables: Tables) -> Sequence[str]:
    """Functions within which what takes too long is ended."""
    return [function for function, (_, row) in tables.functions.items() if row.limits_time]
