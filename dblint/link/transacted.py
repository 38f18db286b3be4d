"""Queries inside of a transaction's callback that the transaction knows nothing of.

A library hands a transaction to a function, and only what goes through that handle runs in it: the handle is asked
itself, or it is given to each call, as an argument or an option. Whether something asks the handle is said by names:
the parameter, and whatever the callback makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.program import Bypassed
from dblint.facts.text import Place
from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.loops.callbacks import callback_of, handed_to
from dblint.link.returns import parse
from dblint.link.values import BoundMember, FunctionValue, Instance, options

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

DEPTH = 4
"""Names through which something is followed to the handle."""
_IN_PLACE = ("each", "once", "builder", "conditional")
_CHAIN = (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.AWAIT, Kind.CAST, Kind.TAGGED)
"""What a chain of calls is made of, beside the name that it begins with."""


class Transacted:
    """Finds such queries. One per collector of calls."""

    def __init__(self, evaluator: Evaluator, source: Callable[[Site], str]) -> None:
        """`source` gives the words of an expression."""
        self.evaluator = evaluator
        self._source = source
        self._carrying: dict[str, bool] = {}
        self._ambient: dict[str, bool] = {}

    def bypassed(self, path: str, node: int, row: Member, receiver: Instance | None, library: str) -> Bypassed | None:
        """The transaction that the query of the call at `node` surely goes past; None where it is asked of the handle,
        stands in no callback, or cannot be said."""
        for begins, function, handle, type_ in self._around(path, node):
            tree = self.evaluator.tree(path)
            client = self._words(path, self._client(path, begins))
            told = Bypassed(self._place(path, begins), client, tree.value(handle) if handle >= 0 else "")
            slots = self._slots(path, node, row, receiver)
            if self._ambiently(library):
                return None
            if slots:
                return None if self._given(path, node, function, slots) else self._by_option(told, slots[0][0])
            if type_.partition(":")[0] != library or not self._carries(type_):
                return None
            root = self._root(path, node)
            if root < 0 or not self._outside(path, root, function) or self._names_handle(path, node, function, DEPTH):
                return None
            return None if self._another(path, root, begins, type_) else told
        return None

    def withheld(self, path: str, node: int) -> Bypassed | None:
        """The transaction around a call whose handle it does not name: what is called cannot ask anything in it."""
        for begins, function, handle, type_ in self._around(path, node):
            library = type_.partition(":")[0]
            if self._ambiently(library) or handle < 0 or self._names_handle(path, node, function, DEPTH):
                return None
            client, name = self._words(path, self._client(path, begins)), self.evaluator.tree(path).value(handle)
            return Bypassed(self._place(path, begins), client, name, library=library)
        return None

    def _given(self, path: str, node: int, function: int, slots: list[tuple[str, Site]]) -> bool:
        """Whether a chain of calls may be given the transaction, as a row says or in another way."""
        if any(found.sites or found.open for found in (find(self.evaluator, at, site) for at, site in slots)):
            return True
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _CHAIN:
            for argument in tree.with_role(node, Role.ARGUMENT):
                if self._names_handle(path, argument, function, DEPTH):
                    return True
            node += 1
        return False

    @staticmethod
    def _by_option(told: Bypassed, place: str) -> Bypassed:
        """The same with the name of the option, where the transaction is handed over by one."""
        option = place.rpartition(".")[2]
        return told if option.isdigit() else replace(told, option=option)

    def early(self, path: str, node: int, row: Member) -> tuple[Place, ...]:
        """The statements of a list that a call runs together which have run before, as each is awaited in there."""
        if not row.collects:
            return ()
        return tuple(
            self._place(site.path, child)
            for site in find(self.evaluator, row.collects, Site(path, node, None)).sites
            if self.evaluator.tree(site.path).kinds[site.node] == Kind.LIST
            for child in self.evaluator.tree(site.path).children(site.node)
            if self.evaluator.tree(site.path).kinds[child] == Kind.AWAIT
        )

    def _place(self, path: str, node: int) -> Place:
        tree = self.evaluator.tree(path)
        return Place(path, tree.starts[node], tree.stops[node])

    def _around(self, path: str, node: int) -> Iterator[tuple[int, int, int, str]]:
        """The call that hands a transaction to the nearest such function around a node, the function, its parameter
        that is the handle (-1: it takes none), and the handle's type; nothing where there is none."""
        tree = self.evaluator.tree(path)
        current = tree.parents[node]
        while current >= 0:
            if tree.kinds[current] == Kind.CLASS:
                return
            if tree.kinds[current] == Kind.FUNCTION:
                handed = handed_to(tree, current)
                callback = callback_of(self.evaluator, path, *handed) if handed is not None else None
                if handed is None or callback is None:
                    return
                if callback.fate == "transaction":
                    gives = enumerate(callback.gives)
                    position = next((at for at, given in gives if given[:1].isupper() or ":" in given), -1)
                    library = self._library(path, handed[0])
                    if position < 0 or not library:
                        return
                    parameters = list(tree.with_role(current, Role.PARAMETER))
                    handle = parameters[position] if position < len(parameters) else -1
                    if self._stored(path, current):
                        return
                    given = parse(callback.gives[position]).name
                    yield handed[0], current, handle, given if ":" in given else f"{library}:{given}"
                    return
                if callback.fate not in _IN_PLACE:
                    return
            current = tree.parents[current]

    def _stored(self, path: str, function: int) -> bool:
        """Whether a callback puts its handle into an object, by which others find it."""
        tree = self.evaluator.tree(path)
        node = tree.kinds.find(Kind.ASSIGN, function, tree.ends[function])
        while node >= 0:
            target, value = tree.child(node, Role.TARGET), tree.child(node, Role.VALUE)
            if target >= 0 and value >= 0 and tree.kinds[target] in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                if self._names_handle(path, value, function, 0):
                    return True
            node = tree.kinds.find(Kind.ASSIGN, node + 1, tree.ends[function])
        return False

    def _library(self, path: str, call: int) -> str:
        """The library whose row says what a call does."""
        for option in options(self.evaluator.value(path, call + 1)):
            if isinstance(option, BoundMember):
                return self.evaluator.tables.library(option.owner)
        return ""

    def _ambiently(self, library: str) -> bool:
        """Whether the project makes the library hand transactions on by itself."""
        found = self._ambient.get(library)
        if found is None:
            words = self.evaluator.tables.libraries[library].ambient
            found = any(True for word in words for _ in self.evaluator.words.spelled(word))
            self._ambient[library] = found
        return found

    def _names_handle(self, path: str, node: int, function: int, depth: int) -> bool:
        """Whether an expression names what the callback is given, or something that is made of it."""
        tree, scope = self.evaluator.tree(path), self.evaluator.scope(path)
        name = tree.kinds.find(Kind.NAME, node, tree.ends[node])
        while name >= 0:
            for binding, _ in scope.bindings(name, tree.value(name)) or ():
                if not tree.contains(function, binding):
                    continue
                if self._parameter_of(path, binding, function):
                    return True
                made = binding if tree.kinds[binding] in (Kind.ASSIGN, Kind.ITEM) else -1
                if made >= 0 and (not depth or self._names_handle(path, made, function, depth - 1)):
                    return True
            name = tree.kinds.find(Kind.NAME, name + 1, tree.ends[node])
        return False

    def _parameter_of(self, path: str, binding: int, function: int) -> bool:
        tree = self.evaluator.tree(path)
        while binding > function:
            if tree.kinds[binding] == Kind.PARAMETER and tree.parents[binding] == function:
                return True
            binding = tree.parents[binding]
        return False

    def _root(self, path: str, node: int) -> int:
        """The name that a chain of calls begins with; -1 where it begins with something else, or a function of the
        project gives a part of it: that may know of the transaction."""
        tree = self.evaluator.tree(path)
        while tree.kinds[node] in _CHAIN:
            if tree.kinds[node] in (Kind.CALL, Kind.TAGGED):
                held = list(options(self.evaluator.value(path, node + 1)))
                if any(isinstance(option, FunctionValue) for option in held):
                    return -1
            node += 1
        return node if tree.kinds[node] == Kind.NAME else -1

    def _outside(self, path: str, root: int, function: int) -> bool:
        """Whether a name has its value from outside of the callback."""
        tree = self.evaluator.tree(path)
        if tree.has(root, Flag.SELF):
            return True
        bindings = self.evaluator.scope(path).bindings(root, tree.value(root))
        return bindings is None or not any(tree.contains(function, binding) for binding, _ in bindings)

    def _slots(self, path: str, node: int, row: Member, receiver: Instance | None) -> list[tuple[str, Site]]:
        """The places of a chain where its library is handed a transaction."""
        found = [(row.transaction.at, Site(path, node, None))] if row.transaction is not None else []
        found += [
            (step.member.transaction.at, Site(step.path, step.node, None))
            for step in (receiver.steps if receiver is not None else ())
            if step.member.transaction is not None and step.node >= 0
        ]
        return found

    def _carries(self, name: str) -> bool:
        """Whether queries are asked of a handle itself."""
        types, found = self.evaluator.tables.types, self._carrying.get(name)
        if found is not None:
            return found
        pending, seen = [name], set[str]()
        while pending:
            current = pending.pop()
            row = types.get(current)
            if row is None or current in seen:
                continue
            seen.add(current)
            if row.dynamic or row.call or any(each.run or each.builds or each.inert for each in row.members.values()):
                self._carrying[name] = True
                return True
            own = current.partition(":")[0]
            pending += [base if ":" in base else f"{own}:{base}" for base in (*row.extends, row.delegates) if base]
        self._carrying[name] = False
        return False

    def _another(self, path: str, root: int, begins: int, handle: str) -> bool:
        """Whether what a query is asked of may be another client than the one that began the transaction, or a handle
        itself."""
        tree, types = self.evaluator.tree(path), self.evaluator.tables.types
        held = self._types(path, root)
        if handle in held or any(types[name].handle == "transaction" for name in held):
            return True
        client = self._client(path, begins)
        own = self._types(path, client) if client else frozenset[str]()
        node = root
        while own:
            if self._types(path, node) == own:
                return self._words(path, node) != self._words(path, client)
            parent = tree.parents[node]
            if tree.kinds[parent] != Kind.ATTRIBUTE or tree.roles[node] != Role.OBJECT:
                break
            node = parent
        return False

    def _client(self, path: str, begins: int) -> int:
        """What a transaction is begun on, or 0."""
        tree = self.evaluator.tree(path)
        return begins + 2 if tree.kinds[begins + 1] == Kind.ATTRIBUTE else 0

    def _types(self, path: str, node: int) -> frozenset[str]:
        classes = self.evaluator.classes
        return frozenset(
            cls.name
            for option in options(self.evaluator.value(path, node))
            if isinstance(option, Instance)
            for cls in classes.library_types(option.cls)
        )

    def _words(self, path: str, node: int) -> str:
        return self._source(Site(path, node, None)) if node else ""
