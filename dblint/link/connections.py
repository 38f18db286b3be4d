"""Where the program says how a database is reached: calls that connect, settings, a schema's datasource.

Only what stands in the source as the program's own word is told: a password, an option. What comes from elsewhere
is open. An address that stands in the source is told also where nothing that is described takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dblint.facts.blocks import BlockKind, PrismaFile, ValueKind
from dblint.facts.program import Connection, FileRole, Given, Host, Protection
from dblint.facts.text import Literal, Place, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.connecting import Connects
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member
from dblint.libraries.reader import Tables
from dblint.link import literal_addresses, settings_files
from dblint.link.addresses import UNSAID, Address, Span, is_default, parse, protection, reach
from dblint.link.arguments import Found, Site, entries, find
from dblint.link.functions import ASIDE
from dblint.link.plain import Plain
from dblint.link.values import BoundMember, Expression, Instance, LibraryClass, LibraryFunction, options

if TYPE_CHECKING:
    from dblint.link.texts.text import Texts
    from dblint.link.types import Evaluator

FOLLOWED = 30
"""Expressions that are looked at for one value."""
_QUIET = ASIDE | {FileRole.VENDORED, FileRole.GENERATED}


class Leaf(msgspec.Struct, frozen=True):
    """An expression that may be the value. `fallback`: it is so only where something else says nothing."""

    site: Site
    fallback: bool


class _Values(msgspec.Struct, frozen=True):
    """The texts that a slot may hold, and whether it may hold something that cannot be said."""

    given: tuple[Given, ...] = ()
    open: bool = False


class Said(NamedTuple):
    """A call or setting that says how a database is reached: its row, whose it is, what is called or set, where it
    stands, and what gives the values at a place of the row."""

    row: Connects
    library: str
    member: str
    site: Site
    slot: Callable[[str], Found]


class Connections:
    """Collects the connections of a project."""

    def __init__(self, evaluator: Evaluator, texts: Texts, roles: Mapping[str, FileRole]) -> None:
        self.evaluator = evaluator
        self.texts = texts
        self.plain = Plain(evaluator, texts)
        self._within = [path for path in evaluator.files if roles.get(path, FileRole.APP) not in _QUIET]
        self._roles = roles
        self._taken: set[Place] = set()  # of texts that a described call or setting takes

    def collected(self) -> tuple[Connection, ...]:
        """All connections that host languages write, in the order of their places."""
        found = [
            connection
            for said in self.said()
            for connection in self._read(said.row, said.library, said.member, said.site, said.slot)
        ]
        found += self._written()
        return tuple(sorted(found, key=lambda each: (each.place, each.member)))

    def said(self) -> Iterator[Said]:
        """The calls and settings that say how a database is reached."""
        yield from self._called()
        yield from self._set()

    # Calls

    def _called(self) -> Iterator[Said]:
        within = set(self._within)
        for word, javascript in _words(self.evaluator.tables):
            for path, node in self.evaluator.words.imported(word):
                if path in within and self.evaluator.javascript(path) is javascript:
                    yield from self._call(path, node, word)

    def _call(self, path: str, node: int, word: str) -> Iterator[Said]:
        tables = self.evaluator.tables
        for option in options(self.evaluator.value(path, node + 1)):
            library, row = "", None
            if isinstance(option, LibraryFunction):
                library, row = tables.functions[option.path]
            elif isinstance(option, LibraryClass):
                library, row = tables.library(option.name), tables.types[option.name].construct
            elif isinstance(option, BoundMember):
                declared = tables.member(option.owner, option.name)
                if declared is not None:
                    library, row = tables.library(declared[0]), declared[1]
            if row is not None and row.connects is not None:
                call = Site(path, node, None)
                yield Said(row.connects, library, word, call, partial(self._slot, call))
                return

    def _slot(self, call: Site, at: str) -> Found:
        return find(self.evaluator, at, call)

    # Settings

    def _set(self) -> Iterator[Said]:
        for library in self.evaluator.tables.libraries.values():
            for name, row in library.connections.items():
                for site in self._named(name, "javascript" in library.languages):
                    for value in self._each(site, row):
                        yield Said(row, library.name, name, value, partial(self._inside, value))

    def _named(self, name: str, javascript: bool) -> Iterator[Site]:
        """The values that the project gives to a setting, however it is written."""
        for path, node in self.evaluator.words.spelled(name, self._within):
            if self.evaluator.javascript(path) is not javascript:
                continue
            tree = self.evaluator.tree(path)
            kind, above = tree.kinds[node], tree.parents[node]
            holder = -1
            if kind in (Kind.PAIR, Kind.KEYWORD):
                holder = node
            elif kind in (Kind.NAME, Kind.ATTRIBUTE) and tree.roles[node] == Role.TARGET:
                holder = above
            elif kind == Kind.STRING and tree.kinds[above] == Kind.SUBSCRIPT and tree.roles[above] == Role.TARGET:
                holder = tree.parents[above]
            value = tree.child(holder, Role.VALUE) if holder >= 0 else -1
            if value >= 0 and tree.kinds[holder] in (Kind.PAIR, Kind.KEYWORD, Kind.ASSIGN):
                yield Site(path, value, None)

    def _each(self, site: Site, row: Connects) -> Iterator[Site]:
        if not row.each:
            yield site
            return
        for _, value in entries(self.evaluator, site)[0]:
            pairs, _ = entries(self.evaluator, value)
            if any(name == row.marker for name, _ in pairs):
                yield value

    def _inside(self, value: Site, at: str) -> Found:
        """What `0.KEY.KEY` points at in the value itself."""
        several = []
        for place in at.split():
            sites, hidden = [value], False
            for key in place.split(".")[1:]:
                pairs = [entries(self.evaluator, site) for site in sites]
                sites = [inner for found, _ in pairs for name, inner in found if name == key]
                hidden = hidden or any(more for _, more in pairs)
            several.append(Found(tuple(sites), hidden and not sites))
        return Found(tuple(site for found in several for site in found.sites), any(found.open for found in several))

    # Addresses that something else takes

    def _written(self) -> Iterator[Connection]:
        known = literal_addresses.schemes()
        for path in self._within:
            tree = self.evaluator.tree(path)
            for node, database in literal_addresses.found(tree, known):
                site = Site(path, node, None)
                for shape in self.texts.of(site):
                    address = self._address(shape)
                    places = {piece.place for piece in shape.pieces if isinstance(piece, Literal) and piece.place}
                    if address is None or not address[1].host or not self._taken.isdisjoint(places):
                        continue
                    # Near by, it is how a development environment starts, as far as can be said.
                    near = reach(address[1].host) in ("local", "service")
                    common = Connection(
                        self.plain.place(site),
                        "",
                        f"{address[0].partition('://')[0]}://",
                        role=self._roles.get(path, FileRole.APP),
                        database=database,
                    )
                    yield _joined(common, *address, shape, fallback=near or is_default(tree, node))

    # What a connection says

    def _read(
        self, row: Connects, library: str, member: str, call: Site, slot: Callable[[str], Found]
    ) -> Iterator[Connection]:
        passwords = self._values(slot(row.password), row.password) if row.password else _Values()
        hosts = self._values(slot(row.host), row.host) if row.host else _Values()
        users = self._values(slot(row.user), row.user) if row.user else _Values()
        protections: list[Protection] = []
        for at in row.tls.split():
            protections += self._protections(slot(at), at)
        place = self.plain.place(call)
        common = Connection(
            place,
            library,
            member,
            passwords=passwords.given,
            users=tuple(each.text for each in users.given),
            hosts=tuple(_host(each.text) for each in hosts.given),
            open=hosts.open,
            protections=tuple(protections),
            role=self._roles.get(call.path, FileRole.APP),
        )
        addresses = slot(row.address) if row.address else Found()
        read = 0
        for site in addresses.sites:
            leaves, _ = self.leaves(site)
            for leaf in leaves:
                for shape in self.shapes(leaf):
                    address = self._address(shape)
                    if address is None:
                        continue
                    read += 1
                    self._taken.update(
                        piece.place for piece in shape.pieces if isinstance(piece, Literal) and piece.place is not None
                    )
                    yield _joined(common, *address, shape, leaf.fallback or row.fallback)
        if not read:
            unread = addresses.open or any(not self._is_object(site) for site in addresses.sites)
            named = common.hosts or common.open
            hosts_here = common.hosts if named or unread else (_host(""),)
            yield Connection(
                common.place,
                library,
                member,
                common.passwords,
                common.users,
                hosts_here,
                common.open or (unread and not common.hosts),
                common.protections,
                common.role,
            )

    def _is_object(self, site: Site) -> bool:
        """Whether it is an object of options, where an address could stand instead."""
        return self.evaluator.tree(site.path).kinds[site.node] == Kind.OBJECT

    def _address(self, shape: Text) -> tuple[str, Address] | None:
        text = "".join(piece.text if isinstance(piece, Literal) else UNSAID for piece in shape.pieces)
        address = parse(text)
        return (text, address) if address is not None else None

    def _protections(self, found: Found, at: str) -> Iterator[Protection]:
        name = at.partition("|")[0].partition(".")[2] if at[:1].isdigit() else at
        name = name or at.rpartition("|")[2]
        for site in found.sites:
            for leaf in self.leaves(site)[0]:
                tree = self.evaluator.tree(leaf.site.path)
                if tree.kinds[leaf.site.node] not in (Kind.STRING, Kind.CONSTANT, Kind.NUMBER):
                    continue
                word = tree.value(leaf.site.node)
                meant = protection(name, word)
                if meant is not None:
                    yield Protection(meant, name, word, self.plain.place(leaf.site), leaf.fallback)

    def _values(self, found: Found, at: str) -> _Values:
        name = at.split()[0].rpartition("|")[2].rpartition(".")[2]
        given: list[Given] = []
        hidden = found.open
        for site in found.sites:
            leaves, more = self.leaves(site)
            hidden = hidden or more
            for leaf in leaves:
                for shape in self.shapes(leaf):
                    pieces = [piece for piece in shape.pieces if isinstance(piece, Literal)]
                    if len(pieces) != len(shape.pieces) or not pieces or pieces[0].place is None:
                        hidden = True
                        continue
                    text = "".join(piece.text for piece in pieces)
                    given.append(Given(name, text, pieces[0].place, leaf.fallback))
        return _Values(tuple(given), hidden)

    def shapes(self, leaf: Leaf) -> Sequence[Text]:
        """The texts of an expression that is written as one."""
        tree = self.evaluator.tree(leaf.site.path)
        if tree.kinds[leaf.site.node] in (Kind.STRING, Kind.TEMPLATE, Kind.BINARY):
            return self.texts.of(leaf.site)
        return ()

    def leaves(self, site: Site) -> tuple[list[Leaf], bool]:
        """The expressions that may be the value: through names, defaults, choices, look-ups in the environment. True
        when it may be something else, too."""
        leaves: list[Leaf] = []
        hidden = False
        pending = [Leaf(site, fallback=False)]
        for _ in range(FOLLOWED):
            if not pending:
                break
            leaf = pending.pop(0)
            path, node, context = leaf.site.path, leaf.site.node, leaf.site.context
            tree = self.evaluator.tree(path)
            kind = tree.kinds[node]
            if kind == Kind.BINARY and tree.value(node) in ("or", "??"):
                sides = list(tree.children(node))
                # What stands behind a literal is never reached, and never in front of one but instead of it.
                pending += [
                    Leaf(Site(path, side, context), leaf.fallback or position > 0)
                    for position, side in enumerate(sides)
                ]
            elif kind == Kind.CONDITIONAL:
                pending += [
                    Leaf(Site(path, tree.child(node, role), context), leaf.fallback) for role in (Role.BODY, Role.ELSE)
                ]
            elif kind in (Kind.CAST, Kind.AWAIT):
                pending.append(Leaf(Site(path, tree.child(node, Role.VALUE), context), leaf.fallback))
            elif kind == Kind.CALL:
                hidden = True
                pending += [Leaf(default, fallback=True) for default in self._defaults(leaf.site)]
            elif kind in (Kind.STRING, Kind.TEMPLATE, Kind.BINARY, Kind.CONSTANT, Kind.NUMBER):
                leaves.append(leaf)
            elif kind in (Kind.NAME, Kind.ATTRIBUTE):
                followed = self._followed(leaf)
                hidden = hidden or not followed
                pending += followed
            else:
                hidden = True
        return leaves, hidden or bool(pending)

    def _defaults(self, call: Site) -> Iterable[Site]:
        """What a look-up in the configuration gives where nothing is configured."""
        for option in options(self.evaluator.value(call.path, call.node + 1, call.context)):
            rows: list[Member | None] = []
            if isinstance(option, LibraryFunction):
                rows = [self.evaluator.tables.functions[option.path][1]]
            elif isinstance(option, BoundMember):
                rows = [self.evaluator.rows.row_of(option)]
            elif isinstance(option, Instance):
                classes, tables = self.evaluator.classes, self.evaluator.tables
                rows = [tables.types[owner.name].call for owner in classes.library_types(option.cls)]
            if any(row is not None and row.origin == "configuration" for row in rows):
                yield from find(self.evaluator, "1|default", call).sites

    def _followed(self, leaf: Leaf) -> list[Leaf]:
        held = self.plain.held(leaf.site)
        if held != leaf.site:
            return [Leaf(held, leaf.fallback)]
        tree = self.evaluator.tree(leaf.site.path)
        value = self.evaluator.value(leaf.site.path, leaf.site.node, leaf.site.context)
        found = [
            Site(option.path, option.node, option.context)
            for option in options(value)
            if isinstance(option, Expression) and (option.path, option.node) != (leaf.site.path, leaf.site.node)
        ]
        # An object's own field, or the last of several assignments, is what nobody has put something else in.
        owned = tree.kinds[leaf.site.node] == Kind.ATTRIBUTE and any(
            isinstance(owner, Instance)
            for owner in options(self.evaluator.value(leaf.site.path, leaf.site.node + 1, leaf.site.context))
        )
        fallback = leaf.fallback or owned or len(found) > 1
        return [Leaf(site, fallback) for site in found]


def _last(path: str) -> str:
    """The last word of a path, which calls of it end in."""
    return path.replace("#", ".").rpartition(".")[2]


def _host(name: str) -> Host:
    return Host(name, reach(name))


def _joined(common: Connection, text: str, address: Address, shape: Text, fallback: bool) -> Connection:
    """What an address and the options beside it say together."""
    passwords = list(common.passwords)
    password = address.password
    if password is not None and password.text and UNSAID not in password.text:
        place = _place(shape, password)
        if place is not None:
            passwords.append(Given("", password.text, place, fallback))
    protections = list(common.protections)
    for name, span in address.options:
        meant = protection(name, span.text)
        place = _place(shape, span)
        if meant is not None and place is not None:
            protections.append(Protection(meant, name, span.text, place, fallback))
    said = address.host and UNSAID not in address.host
    unsaid = UNSAID in address.host or (not address.host and UNSAID in text.partition("?")[0] and "://" not in text)
    hosts = (_host(address.host),) if said else common.hosts if common.hosts or unsaid or common.open else (_host(""),)
    return Connection(
        common.place,
        common.library,
        common.member,
        tuple(passwords),
        (address.user,) if address.user and UNSAID not in address.user else common.users,
        hosts,
        unsaid or (common.open and not said),
        tuple(protections),
        common.role,
        common.database,
    )


def _place(shape: Text, span: Span) -> Place | None:
    """Where a part of an assembled text stands; of the whole literal where it is written with escapes."""
    start = 0
    for piece in shape.pieces:
        length = len(piece.text) if isinstance(piece, Literal) else len(UNSAID)
        if start <= span.start < start + length:
            if not isinstance(piece, Literal) or piece.place is None:
                return None
            if not piece.exact:
                return piece.place
            before, inside = piece.text[: span.start - start], piece.text[span.start - start :][: len(span.text)]
            first = piece.place.start + len(before.encode("utf-8", "surrogatepass"))
            return Place(piece.place.path, first, first + len(inside.encode("utf-8", "surrogatepass")))
        start += length
    return None


def of_files(manifests: Mapping[str, bytes], tables: Tables, roles: Mapping[str, FileRole]) -> Iterator[Connection]:
    """The addresses that files of settings write out; none in which something stands for what another file says."""
    for path in sorted(manifests):
        name = path.rpartition("/")[2]
        for library in tables.libraries.values():
            described = library.files.get(name)
            for option in settings_files.options(path, manifests[path]) if described is not None else ():
                row = described.settings.get(option.name) if described is not None else None
                if row is None or not row.address or "%(" in option.value:
                    continue
                text = option.value.replace("%%", "%")
                address = parse(text)
                if address is not None and literal_addresses.schemes().get(text.partition("://")[0].partition("+")[0]):
                    exact = text == option.value
                    common = Connection(option.place, library.name, option.name, role=roles.get(path, FileRole.APP))
                    yield _joined(common, text, address, Text((Literal(text, option.place, exact),)), fallback=False)


def of_schemas(files: Iterable[PrismaFile], library: str, roles: Mapping[str, FileRole]) -> Iterator[Connection]:
    """The addresses that datasources write out."""
    for file in files:
        for block in file.blocks:
            if block.kind is not BlockKind.DATASOURCE:
                continue
            for line in block.properties:
                if line.value.kind is not ValueKind.STRING or not line.name.lower().endswith("url"):
                    continue
                text = line.value.text
                address = parse(text)
                if address is None:
                    continue
                quoted = Place(file.path, line.value.start, line.value.stop)
                exact = quoted.stop - quoted.start == len(text.encode()) + 2
                inner = Place(file.path, quoted.start + 1, quoted.stop - 1)
                yield _joined(
                    Connection(
                        Place(file.path, line.start, line.stop),
                        library,
                        line.name,
                        role=roles.get(file.path, FileRole.APP),
                    ),
                    text,
                    address,
                    Text((Literal(text, inner, exact),)),
                    fallback=False,
                )


@derived
def _words(tables: Tables) -> Sequence[tuple[str, bool]]:
    """The last words of what connects, in their order, and whether it is called in JavaScript."""
    found: set[tuple[str, bool]] = set()
    for library in tables.libraries.values():
        rows = [(_last(path), row) for path, row in library.functions.items()]
        for described in library.types.values():
            rows += described.members.items()
            if described.construct is not None:
                rows += [(_last(path), described.construct) for path in described.path]
        javascript = "javascript" in library.languages
        found.update((word, javascript) for word, row in rows if row.connects is not None)
    return sorted(found)
