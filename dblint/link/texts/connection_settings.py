"""Settings of a connection: values that are read from the same object as what says where a connection goes.

Whoever sets the host, the user and the password of a connection decides what may be done through it, so a name beside
them (a database's, an extension's) gives nobody a right that they lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Effect
from dblint.facts.tree import Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site, entries, find
from dblint.link.texts.gathered import DECIDED
from dblint.link.values import (
    BoundMember,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.texts.origins import Origins

FOLLOWED = 60
"""Expressions that are looked at for what goes into one connection, or for one object."""
HANDS = 4
"""Functions through which settings are followed that each hands on what it was given."""
CALLS = 300
"""Calls that connect which are looked at; a project with more of them is no program that has settings for each."""
SITES = 50
"""Call sites of a function that are asked for the settings which they hand in."""


class _Holder(NamedTuple):
    """What holds an object, and the keys on the way to it: a parameter, or a member (`name`) of a class."""

    path: str
    node: int
    name: str
    keys: tuple[str, ...]


class ConnectionSettings:
    """Answers whether a value is read from an object that says where a connection goes. One per reader of origins."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self._settings: set[_Holder] | None = None

    def of(self, site: Site, below: tuple[str, ...] = ()) -> bool:
        """Whether what is read (with `below`: from what stands at `site`, under these keys) is a field of an object of
        which another field says where a connection goes, and whose field no caller of the project fills by itself."""
        if self.origins.passing.functions is None:
            return False  # who calls what is not known yet
        read = self._objects(site, below)
        if not read or not all(holder.keys for holder in read):
            return False
        if not self._all().issuperset(holder._replace(keys=holder.keys[:-1]) for holder in read):
            return False
        return not any(self._filled(holder) for holder in read)

    def _filled(self, holder: _Holder) -> bool:
        """Whether a call puts what somebody decides under the keys of what it hands in."""
        part = self.origins.passing.part
        return not holder.name and any(part(given, holder.keys) in DECIDED for given in self._handed_in(holder))

    def _handed_in(self, holder: _Holder) -> Iterator[Site]:
        """What the project's calls give a parameter."""
        functions = self.origins.passing.functions
        function = FunctionValue(holder.path, self.evaluator.tree(holder.path).parents[holder.node])
        for path, call in functions.every(function)[:SITES] if functions is not None else ():
            for parameter, node in self.evaluator.parameters.matched(function, path, call):
                if parameter == holder.node:
                    yield Site(path, node, None)

    # Objects

    def _objects(self, site: Site, below: tuple[str, ...] = ()) -> list[_Holder]:
        """Whatever may hold the object at `site`, or what stands under these keys of it."""
        found: list[_Holder] = []
        pending = [(site, below)]
        for _ in range(FOLLOWED):
            if not pending:
                break
            at, keys = pending.pop()
            tree, node = self.evaluator.tree(at.path), at.node
            kind = tree.kinds[node]
            key = self._key(at)
            if key is not None:
                owner = node + 2 if kind == Kind.CALL else node + 1
                pending.append((Site(at.path, owner, at.context), (key, *keys)))
            elif kind in (Kind.AWAIT, Kind.CAST):
                pending.append((Site(at.path, tree.child(node, Role.VALUE), at.context), keys))
            elif (kind == Kind.BINARY and tree.value(node) in ("or", "??")) or kind == Kind.CONDITIONAL:
                roles = (Role.LEFT, Role.RIGHT, Role.BODY, Role.ELSE)
                sides = [side for side in (tree.child(node, role) for role in roles) if side >= 0]
                pending += [(Site(at.path, side, at.context), keys) for side in sides]
            elif kind == Kind.NAME and keys and self.origins.fields.own(at.path, node):
                for holder, values in self._members(at, keys[0]):
                    found.append(holder._replace(keys=keys[1:]))
                    pending += [(value, keys[1:]) for value in values]
            elif kind == Kind.NAME:
                for parameter, more in self._bound(at):
                    found += [parameter._replace(keys=(*parameter.keys, *keys))] if parameter is not None else []
                    pending += [(value, (*inner, *keys)) for value, inner in more]
            elif kind == Kind.PARAMETER:
                found.append(_Holder(at.path, node, "", keys))
        return found

    def _key(self, site: Site) -> str | None:
        """The key by which an expression reads a part of an object; None where it does not."""
        tree, node = self.evaluator.tree(site.path), site.node
        if tree.kinds[node] == Kind.CALL and self._looks_up(site.path, node):
            given = tree.child(node, Role.ARGUMENT)
            return tree.value(given) if given >= 0 and tree.kinds[given] == Kind.STRING else None
        return self.origins.key(site.path, node)

    def _looks_up(self, path: str, call: int) -> bool:
        row = self.origins.untyped(path, call)
        return isinstance(row, Untyped) and row.list == "lookup"

    def _members(self, own: Site, name: str) -> Iterator[tuple[_Holder, list[Site]]]:
        """The member of the class around a method, and what is assigned to it there."""
        for option in options(self.evaluator.value(own.path, own.node, own.context)):
            cls = self.evaluator.classes.owner(option.cls, name) if isinstance(option, Instance) else None
            if cls is None:
                continue
            tree = self.evaluator.tree(cls.path)
            declared = self.evaluator.files[cls.path].interface.classes[cls.node].members.get(name, ())
            values = [tree.child(node, Role.VALUE) if tree.kinds[node] == Kind.ASSIGN else node for node in declared]
            kinds = tree.kinds
            plain = [node for node in values if node >= 0 and kinds[node] not in (Kind.FUNCTION, Kind.CLASS)]
            yield _Holder(cls.path, cls.node, name, ()), [Site(cls.path, node, None) for node in plain]

    def _bound(self, site: Site) -> Iterator[tuple[_Holder | None, list[tuple[Site, tuple[str, ...]]]]]:
        """The parameters that a name is, and the values that it is given with the keys that it has there."""
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node)
        for binding, _ in self.evaluator.scope(site.path).reaching(site.node, name) or ():
            kind, target = tree.kinds[binding], tree.child(binding, Role.TARGET)
            keys: tuple[str, ...] = ()
            if target >= 0 and tree.kinds[target] != Kind.NAME:
                keys = tuple(self.origins.passing.keys(site.path, target, name))
                if not keys:
                    continue
            if kind == Kind.PARAMETER:
                yield _Holder(site.path, binding, "", keys), []
            elif kind == Kind.ASSIGN and (value := tree.child(binding, Role.VALUE)) >= 0:
                yield None, [(Site(site.path, value, site.context), keys)]

    # What connects

    def _all(self) -> set[_Holder]:
        """The objects of which a part says where a connection goes, also where they are handed on from."""
        if self._settings is None:
            found: set[_Holder] = set()
            self._settings = found
            reading = _Reading()
            for site in self._places():
                self._read(site, reading)
            for _ in range(HANDS):
                fresh, reading.owners = reading.owners - found, set()
                values, reading.values = reading.values - reading.asked, set()
                if not fresh and not values:
                    break
                found |= fresh
                reading.asked |= values
                for holder in sorted(fresh):
                    for given in self._handed_in(holder) if not holder.name else ():
                        reading.owners.update(self._objects(given, holder.keys))
                for holder in sorted(values):
                    for given in self._handed_in(holder):
                        self._read_part(given, holder.keys, reading)
            found |= reading.owners
        return self._settings

    def _places(self) -> Iterator[Site]:
        """What says, in the calls that connect, where these go."""
        evaluator = self.evaluator
        calls: dict[tuple[str, int], None] = {}
        for word, javascript in _words(evaluator.tables):
            for path, node in evaluator.words.imported(word):
                if evaluator.javascript(path) is javascript and self.origins.passing.counts(path):
                    calls[path, node] = None
        for path, node in list(calls)[:CALLS]:
            call = Site(path, node, None)
            row = self._row(call)
            if row is None:
                continue
            connects = row.connects
            said = (connects.address, connects.host, connects.user, connects.password) if connects is not None else ()
            sites = [site for at in said if at for site in find(evaluator, at, call).sites]
            tree = evaluator.tree(path)
            arguments = list(tree.with_role(node, Role.ARGUMENT))
            spread = [tree.child(each, Role.VALUE) for each in arguments if tree.kinds[each] == Kind.SPREAD]
            first = arguments[:1] if not sites and arguments[:1] != spread[:1] else []
            yield from sites
            yield from (Site(path, each, None) for each in (*first, *spread) if tree.kinds[each] != Kind.KEYWORD)

    def _row(self, call: Site) -> Member | None:
        """The row of a call that connects."""
        for option in options(self.evaluator.value(call.path, call.node + 1)):
            row: Member | None = None
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
            elif isinstance(option, LibraryClass):
                row = self.evaluator.tables.types[option.name].construct
            if row is not None and _connects(row):
                return row
        return None

    def _read_part(self, site: Site, keys: tuple[str, ...], reading: _Reading) -> None:
        """Reads what stands under these keys of what a caller hands in."""
        sites = [site]
        for key in keys:
            sites = [value for each in sites for name, value in entries(self.evaluator, each)[0] if name == key]
        for each in sites:
            self._read(each, reading)

    def _read(self, site: Site, reading: _Reading) -> None:
        """Notes the objects of which parts stand in an expression, and the parameters that do."""
        pending = [site]
        reading.owners.update(self._objects(site))
        for _ in range(FOLLOWED):
            if not pending:
                break
            at = pending.pop()
            if (at.path, at.node) in reading.seen:
                continue
            reading.seen.add((at.path, at.node))
            tree = self.evaluator.tree(at.path)
            asked = 0
            for node in range(at.node, tree.ends[at.node]):
                if node < asked:
                    continue
                if tree.roles[node] == Role.ARGUMENT and self._asks(at, tree.parents[node]):
                    asked = tree.ends[node]  # what a service is asked by is none of what it gives
                    continue
                each = Site(at.path, node, at.context)
                kind = tree.kinds[node]
                if kind == Kind.NAME and tree.roles[node] not in (Role.TARGET, Role.KEY):
                    for holder, values in self._bound(each):
                        reading.values.update([holder] if holder is not None else ())
                        pending += [value for value, _ in values]
                elif kind == Kind.CALL:
                    for option in options(self.evaluator.value(at.path, node + 1, at.context)):
                        if isinstance(option, FunctionValue):
                            returns = self.evaluator.returns(option)
                            pending += [Site(option.path, one, option.context) for one in returns]
                if self._whole(each):
                    holders = [holder for holder in self._objects(each) if holder.keys]
                    reading.owners.update(holder._replace(keys=holder.keys[:-1]) for holder in holders)
                    if kind == Kind.ATTRIBUTE and self.origins.fields.own(at.path, node + 1):
                        for _, sites in self._members(Site(at.path, node + 1, at.context), tree.value(node)):
                            pending += sites

    def _asks(self, site: Site, call: int) -> bool:
        """Whether a call asks something that a package without a table has made (`secrets.get(name)`)."""
        tree, callee = self.evaluator.tree(site.path), call + 1
        if tree.kinds[call] != Kind.CALL or tree.kinds[callee] != Kind.ATTRIBUTE:
            return False
        held = options(self.evaluator.value(site.path, callee, site.context))
        return bool(held) and all(isinstance(each, ExternalValue) and "(" in each.path for each in held)

    def _whole(self, site: Site) -> bool:
        """Whether an expression reads a part of an object, and nothing reads a part of that."""
        tree = self.evaluator.tree(site.path)
        if self._key(site) is None or tree.roles[site.node] == Role.CALLEE:
            return False
        above = tree.parents[site.node]
        if tree.roles[site.node] != Role.OBJECT:
            return True
        if tree.kinds[above] == Kind.ATTRIBUTE and tree.roles[above] == Role.CALLEE:
            return not self._looks_up(site.path, tree.parents[above])
        return self._key(Site(site.path, above, site.context)) is None


class _Reading:
    """What was found of the settings of connections, and the parameters that hold one of them."""

    def __init__(self) -> None:
        self.owners: set[_Holder] = set()
        self.values: set[_Holder] = set()
        self.asked: set[_Holder] = set()
        self.seen: set[tuple[str, int]] = set()


def _connects(row: Member) -> bool:
    return row.connects is not None or (bool(row.opens) and Effect.CONNECT.value in row.effects)


@derived
def _words(tables: Tables) -> Sequence[tuple[str, bool]]:
    """The last words of what connects, in their order, and whether it is called in JavaScript."""
    found: set[tuple[str, bool]] = set()
    for library in tables.libraries.values():
        rows = [(path.replace("#", ".").rpartition(".")[2], row) for path, row in library.functions.items()]
        for described in library.types.values():
            rows += described.members.items()
            if described.construct is not None:
                rows += [(path.replace("#", ".").rpartition(".")[2], described.construct) for path in described.path]
        found.update((word, "javascript" in library.languages) for word, row in rows if _connects(row))
    return sorted(found)
