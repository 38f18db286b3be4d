"""Fields of the project's own objects: where what constructors put into them comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site
from dblint.link.hosts import CONSTRUCTORS
from dblint.link.texts.gathered import DECIDED
from dblint.link.values import Instance, ProjectClass, options

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins

NAMES = 4
"""Names on the way from an object to a value in it that are followed."""


class Fields:
    """Answers where fields come from. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator

    def of(self, site: Site) -> Origin | None:
        """The origin of `self.field.name` where only constructors fill the field; None where that cannot be seen."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        names: list[str] = []
        while tree.kinds[node] == Kind.ATTRIBUTE and len(names) < NAMES:
            names.append(tree.value(node))
            node += 1
        if not names or tree.kinds[node] != Kind.NAME or not self.own(site.path, node) or not self._read(site):
            return None
        name, *rest = reversed(names)
        if rest and self._object(Site(site.path, node - 1, site.context)):
            return None  # what an injected object holds is its own affair
        for option in options(self.evaluator.value(site.path, node, site.context)):
            if isinstance(option, Instance):
                for cls in self.evaluator.classes.mro(option.cls):
                    if isinstance(cls, ProjectClass) and (nodes := self._declared(cls, name)):
                        return self._filled(cls.path, nodes, tuple(rest))
        return None

    def _read(self, site: Site) -> bool:
        """Whether the field itself is what is wanted, or a text made of it: what the methods of an object give that a
        constructor was handed is no text of whoever constructs, nor is an object of a class."""
        tree = self.evaluator.tree(site.path)
        if tree.roles[site.node] == Role.OBJECT:
            callee = tree.parents[site.node]
            call = tree.parents[callee]
            called = tree.kinds[call] == Kind.CALL and tree.roles[callee] == Role.CALLEE
            row = self.origins.untyped(site.path, call) if called else None
            if row is None or row.string in ("", "keys"):
                return False
        return not self._object(site)

    def _object(self, site: Site) -> bool:
        """Whether an expression holds an object of a class, and no text or bundle of them."""
        return any(
            isinstance(option, Instance) and (not isinstance(option.cls, ProjectClass) or not self._shape(option.cls))
            for option in options(self.evaluator.value(site.path, site.node, site.context))
        )

    def _shape(self, cls: ProjectClass) -> bool:
        return self.evaluator.tree(cls.path).has(cls.node, Flag.INTERFACE)

    def _declared(self, cls: ProjectClass, name: str) -> tuple[int, ...]:
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        return interface.members.get(name, ()) if interface is not None else ()

    def own(self, path: str, node: int) -> bool:
        """Whether a name is the receiver of the method around it."""
        tree = self.evaluator.tree(path)
        if tree.has(node, Flag.SELF):
            return True
        reached = self.evaluator.scope(path).reaching(node, tree.value(node)) or ()
        return bool(reached) and all(
            tree.kinds[binding] == Kind.PARAMETER
            and self.evaluator.parameters.position(path, tree.parents[binding], binding) < 0
            for binding, _ in reached
        )

    def _filled(self, path: str, nodes: tuple[int, ...], keys: tuple[str, ...]) -> Origin | None:
        """What the bindings of a field put into it, as long as they are constructors' or the program's own."""
        tree = self.evaluator.tree(path)
        found: list[Origin] = []
        for node in nodes:
            if tree.kinds[node] == Kind.PARAMETER:
                found.append(self.origins.passing.passed(Site(path, node, None), tree.parents[node], node, keys))
                continue
            value, target = tree.child(node, Role.VALUE), tree.child(node, Role.TARGET)
            if tree.kinds[node] != Kind.ASSIGN or target < 0 or tree.value(node):
                return None
            if value < 0:
                continue
            given = self._part(Site(path, value, None), keys)
            function = self.evaluator.scope(path).function(node)
            constructed = function < 0 or tree.value(function) in CONSTRUCTORS or tree.kinds[target] == Kind.NAME
            if given is None or (not constructed and given in DECIDED):
                return None
            found.append(given)
        return self.origins.worst(found) if found else None

    def _part(self, site: Site, keys: tuple[str, ...]) -> Origin | None:
        """The origin of what is assigned, or of what stands under `keys` in it."""
        if not keys:
            return self.origins.of(site)
        part = self.origins.passing.part(site, keys)
        if part is not None:
            return part
        return self.origins.passing.of_parameter(site, site.node, keys)
