"""What functions are given that listen to signals: the row that was written, and its class (`@receiver(post_save,
sender=Order) def counted(sender, instance, **named)`).

Rows of tables say how functions are connected, and which of their parameters these are (`listener`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dblint.facts.tree import Kind, Role
from dblint.libraries.calling import Listener
from dblint.libraries.derived import derived
from dblint.link.arguments import Site, find
from dblint.link.values import (
    UNKNOWN,
    BoundMember,
    Class,
    Expression,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ProjectClass,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator

SENDERS = 6
"""Classes of rows that one function hears of, up to which its row may be of each."""


@dataclass(frozen=True, slots=True)
class _Listening:
    """How listeners are written."""

    parameters: frozenset[str]
    """What they call the row that was written, and its class."""
    connecting: tuple[str, ...]
    """Members by which a function is connected that stands among the arguments."""
    signals: frozenset[str]
    """Types that have members by which functions are connected."""


@derived
def _listening(tables: Tables) -> _Listening:
    members = [(name, word, row) for name, each in tables.types.items() for word, row in each.members.items()]
    rows = [*(row for _, row in tables.functions.values()), *(row for _, _, row in members)]
    listeners = [row.listener for row in rows if row.listener is not None]
    connecting = {word for _, word, row in members if (row.listener and row.listener.row and row.listener.function)}
    return _Listening(
        frozenset(name for each in listeners for name in (each.row, each.cls) if name),
        tuple(sorted(connecting)),
        frozenset(name for name, _, row in members if row.listener is not None),
    )


class Heard:
    """Answers it. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._listening = _listening(evaluator.tables)
        self._connected: dict[tuple[str, int], list[tuple[Site, Listener]]] | None = None
        self._reading = False

    def given(self, path: str, function: int, name: str) -> Value:
        """What the parameter of a name is given; `UNKNOWN` of every function that listens to nothing, or to whatever
        is written."""
        if name not in self._listening.parameters or self.evaluator.javascript(path):
            return UNKNOWN
        found: list[Value] = []
        for call, listener in (*self._decorating(path, function), *self._connecting(path, function)):
            classes = self._classes(call, listener) if name in (listener.row, listener.cls) else []
            if not classes:
                return UNKNOWN
            found += [cls if name == listener.cls else self._row(cls, call.path) for cls in classes]
        return join(found) if 0 < len(found) <= SENDERS else UNKNOWN

    @staticmethod
    def _row(cls: Class, path: str) -> Instance:
        return Instance(cls, how=(f"heard of in {path}",))

    def _decorating(self, path: str, function: int) -> Iterator[tuple[Site, Listener]]:
        tree = self.evaluator.tree(path)
        for decorator in tree.with_role(function, Role.DECORATOR):
            if tree.kinds[decorator] == Kind.CALL:
                yield from self._of_call(path, decorator)

    def _of_call(self, path: str, call: int) -> Iterator[tuple[Site, Listener]]:
        for option in options(self.evaluator.value(path, call + 1)):
            if not isinstance(option, (BoundMember, LibraryFunction)):
                continue
            row = self.evaluator.rows.row_of(option)
            if row is not None and row.listener is not None and not row.listener.within:
                yield Site(path, call, None), row.listener

    def _connecting(self, path: str, function: int) -> list[tuple[Site, Listener]]:
        if self._connected is None:
            if self._reading:
                self.evaluator.cut()
                return []
            self._reading = True
            self._connected = self._read()
            self._reading = False
        return self._connected.get((path, function), [])

    def _read(self) -> dict[tuple[str, int], list[tuple[Site, Listener]]]:
        """The calls that connect functions, by the function."""
        evaluator = self.evaluator
        found: defaultdict[tuple[str, int], list[tuple[Site, Listener]]] = defaultdict(list)
        for word in self._listening.connecting:
            for path, node in evaluator.words.spelled(word):
                tree = evaluator.tree(path)
                if tree.kinds[node] != Kind.ATTRIBUTE or tree.roles[node] != Role.CALLEE or evaluator.javascript(path):
                    continue
                for call, listener in self._of_call(path, node - 1):
                    for site in find(evaluator, listener.function, call).sites if listener.function else ():
                        for option in options(evaluator.value(site.path, site.node)):
                            if isinstance(option, FunctionValue):
                                found[option.path, option.node].append((call, listener))
        return dict(found)

    def _classes(self, call: Site, listener: Listener) -> list[Class]:
        """The models of whose rows a call makes a function hear; none for cannot say, and where it hears of all."""
        evaluator = self.evaluator
        if listener.signals and not all(map(self._tells, self._of_slot(listener.signals, call))):
            return []
        found: list[Class] = []
        for site in find(evaluator, listener.model, call).sites:
            for option in options(evaluator.value(site.path, site.node)):
                label, _, name = self._string(option).rpartition(".")
                if label:
                    option = evaluator.applications.model(label, name) or UNKNOWN
                declares = isinstance(option, (ProjectClass, LibraryClass)) and any(
                    evaluator.tables.types[each.name].declares for each in evaluator.classes.library_types(option)
                )
                if not isinstance(option, (ProjectClass, LibraryClass)) or not declares:
                    return []
                found.append(option)
        return found

    def _string(self, value: Value) -> str:
        if not isinstance(value, Expression):
            return ""
        tree = self.evaluator.tree(value.path)
        return tree.value(value.node) if tree.kinds[value.node] == Kind.STRING else ""

    def _of_slot(self, slot: str, call: Site) -> Iterator[Value]:
        """What stands at a slot, one or a list of them."""
        tree = self.evaluator.tree(call.path)
        for site in find(self.evaluator, slot, call).sites:
            listed = site.path == call.path and tree.kinds[site.node] in (Kind.LIST, Kind.TUPLE)
            for node in tree.children(site.node) if listed else (site.node,):
                yield self.evaluator.value(site.path, node)

    def _tells(self, value: Value) -> bool:
        """Whether it is a signal that a table describes."""
        cls = value.cls if isinstance(value, Instance) else None
        return isinstance(cls, LibraryClass) and cls.name in self._listening.signals
