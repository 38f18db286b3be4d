"""Where a value comes from: what may be put into a text without danger, and what a caller decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role
from dblint.link.arguments import Site
from dblint.link.values import (
    BoundMember,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryFunction,
    Scalar,
    options,
)

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.types import Evaluator

NUMBERS = frozenset(
    {"int", "float", "number", "bigint", "Decimal", "bool", "boolean", "UUID", "date", "datetime", "Date"}
)
"""Annotations whose values carry no SQL of their own when they are written into a text."""
CONVERSIONS = frozenset(
    {"int", "float", "len", "bool", "Number", "parseInt", "parseFloat", "BigInt", "Boolean", "abs", "round"}
)
ARITHMETIC = frozenset({"-", "*", "/", "//", "**", "<<", ">>", "==", "!=", "<", ">", "<=", ">="})
HARMLESS = frozenset(
    {Origin.CONSTANT, Origin.NUMBER, Origin.RENDERED, Origin.IDENTIFIER, Origin.PLACEHOLDERS, Origin.SCHEMA}
)
DEPTH = 12
SITES = 12


class Origins:
    """Answers where values come from. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.functions: Functions | None = None
        self._active: set[tuple[str, int]] = set()

    def source(self, site: Site) -> str:
        """A short name for an expression: the words of its chain."""
        tree = self.evaluator.tree(site.path)
        words: list[str] = []
        node = site.node
        for _ in range(8):
            kind = tree.kinds[node]
            if kind == Kind.ATTRIBUTE:
                words.append(tree.value(node))
                node += 1
            elif kind == Kind.CALL:
                words.append("()")
                node += 1
            elif kind == Kind.SUBSCRIPT:
                words.append("[]")
                node += 1
            elif kind == Kind.AWAIT:
                node += 1
            else:
                if kind == Kind.NAME:
                    words.append(tree.value(node))
                break
        return ".".join(reversed(words)).replace(".()", "()").replace(".[]", "[]") or "an expression"

    def known(self, site: Site) -> Origin | None:
        """The origin that a call's row or a conversion gives; None when nothing is said."""
        tree = self.evaluator.tree(site.path)
        callee = site.node + 1
        if tree.kinds[callee] == Kind.NAME and tree.value(callee) in CONVERSIONS:
            if self.evaluator.scope(site.path).reaching(callee, tree.value(callee)) is None:
                return Origin.NUMBER
        for option in options(self.evaluator.value(site.path, callee, site.context)):
            if isinstance(option, BoundMember | LibraryFunction):
                row = self.evaluator.rows.row_of(option)
                if row is not None and (row.origin or row.safe_text):
                    return Origin(row.origin) if row.origin else Origin.RENDERED
        return None

    def of(self, site: Site) -> Origin:
        """The origin of an expression's value."""
        key = (site.path, site.node)
        if key in self._active or len(self._active) >= DEPTH:
            return Origin.UNKNOWN
        self._active.add(key)
        try:
            return self._of(site)
        finally:
            self._active.discard(key)

    def _of(self, site: Site) -> Origin:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind in (Kind.STRING, Kind.CONSTANT):
            return Origin.CONSTANT
        if kind == Kind.NUMBER:
            return Origin.NUMBER
        if kind == Kind.UNARY:
            return Origin.NUMBER if tree.value(site.node) in ("-", "+", "~", "not") else Origin.UNKNOWN
        if kind == Kind.BINARY:
            if tree.value(site.node) in ARITHMETIC:
                return Origin.NUMBER
            return self.worst([self._child(site, child) for child in tree.children(site.node)])
        if kind == Kind.CONDITIONAL:
            parts = [tree.child(site.node, role) for role in (Role.BODY, Role.ELSE)]
            return self.worst([self._child(site, part) for part in parts if part >= 0])
        if kind in (Kind.TEMPLATE, Kind.LIST, Kind.TUPLE, Kind.HOLE, Kind.AWAIT, Kind.CAST, Kind.SPREAD):
            return self.worst([self._child(site, child) for child in tree.children(site.node)] or [Origin.CONSTANT])
        if kind == Kind.CALL:
            known = self.known(site)
            if known is not None:
                return known
            callee = site.node + 1
            if tree.kinds[callee] == Kind.ATTRIBUTE:
                return self._read_from(site, callee + 1)
            return Origin.UNKNOWN
        if kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
            return self._member(site)
        if kind == Kind.NAME:
            return self._name(site)
        return Origin.UNKNOWN

    def _child(self, site: Site, node: int) -> Origin:
        return self.of(Site(site.path, node, site.context, site.when))

    @staticmethod
    def _through(origin: Origin) -> Origin:
        """What a method's result or an attribute inherits from the value it is read from."""
        return origin if origin in (Origin.REQUEST, Origin.PARAMETER, Origin.CONFIGURATION) else Origin.UNKNOWN

    @staticmethod
    def worst(origins: list[Origin]) -> Origin:
        """The origin that decides when several values meet."""
        for origin in (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE, Origin.UNKNOWN, Origin.CONFIGURATION):
            if origin in origins:
                return origin
        return origins[0] if origins else Origin.UNKNOWN

    def _member(self, site: Site) -> Origin:
        value = self.evaluator.value(site.path, site.node, site.context)
        for option in options(value):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                return self.of(Site(option.path, option.node, option.context))
            if isinstance(option, ExternalValue | Scalar):
                break
        return self._read_from(site, site.node + 1)

    def _read_from(self, site: Site, owner: int) -> Origin:
        """What is read from a value: a library's own object says it in a row; it is no caller's text."""
        tree = self.evaluator.tree(site.path)
        classes = self.evaluator.classes
        for option in options(self.evaluator.value(site.path, owner, site.context)):
            if isinstance(option, Instance) and classes.library_types(option.cls):
                for cls in classes.library_types(option.cls):
                    found = self.evaluator.tables.member(cls.name, tree.value(tree.parents[owner]))
                    if found is not None and found[1].origin:
                        return Origin(found[1].origin)
                return Origin.UNKNOWN
        return self._through(self._child(site, owner))

    def _name(self, site: Site) -> Origin:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        name = tree.value(site.node)
        if tree.has(site.node, Flag.SELF):
            return Origin.UNKNOWN
        reached = evaluator.scope(site.path).reaching(site.node, name)
        if reached is None:
            value = evaluator.value(site.path, site.node, site.context)
            for option in options(value):
                if isinstance(option, Expression):
                    return self.of(Site(option.path, option.node, option.context))
            return Origin.UNKNOWN
        return self.worst(
            [self._binding(site, binding, name) for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
        )

    def _binding(self, site: Site, binding: int, name: str) -> Origin:
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[binding]
        if kind == Kind.ASSIGN:
            value = tree.child(binding, Role.VALUE)
            return self._child(site, value) if value >= 0 else Origin.UNKNOWN
        if kind in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(binding, Role.ITERABLE)
            return self._iterated(site, iterable) if iterable >= 0 else Origin.UNKNOWN
        if kind == Kind.PARAMETER:
            return self.parameter(site, binding, name)
        return Origin.UNKNOWN

    def _iterated(self, site: Site, iterable: int) -> Origin:
        tree = self.evaluator.tree(site.path)
        if tree.kinds[iterable] in (Kind.LIST, Kind.TUPLE, Kind.SET):
            return self.worst([self._child(site, child) for child in tree.children(iterable)] or [Origin.CONSTANT])
        value = self.evaluator.value(site.path, iterable, site.context)
        for option in options(value):
            if isinstance(option, Expression):
                other = self.evaluator.tree(option.path)
                if other.kinds[option.node] in (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.OBJECT):
                    inner = Site(option.path, option.node, option.context)
                    return self.worst(
                        [self._child(inner, child) for child in other.children(option.node)] or [Origin.CONSTANT]
                    )
        return self._through(self._child(site, iterable))

    def parameter(self, site: Site, node: int, name: str) -> Origin:
        """A parameter: a number by its annotation, a constant when the project passes nothing else."""
        tree = self.evaluator.tree(site.path)
        function = tree.parents[node]
        position = self.evaluator.parameters.position(site.path, function, node)
        if position < 0:
            return Origin.UNKNOWN  # the method's own receiver
        each = self._per_element(site, function, position)
        if each is not None:
            return each
        annotation = tree.child(node, Role.ANNOTATION)
        if annotation >= 0 and tree.child(node, Role.TARGET) >= 0:
            annotation = self._member_annotation(site.path, annotation, name)
        if annotation >= 0:
            words = [
                tree.value(item)
                for item in range(annotation, tree.ends[annotation])
                if tree.kinds[item] in (Kind.NAME, Kind.ATTRIBUTE)
            ]
            if words and all(word in NUMBERS or word in ("None", "Optional") for word in words):
                return Origin.NUMBER
            if tree.kinds[annotation] in (Kind.STRING, Kind.CONSTANT) or "Literal" in words:
                return Origin.CONSTANT
            if not words and tree.kinds[annotation] == Kind.BINARY:
                return Origin.CONSTANT
        return self._passed(site, function, node)

    def _per_element(self, site: Site, function: int, position: int) -> Origin | None:
        """A parameter of a function literal that runs per element: the element, or its index."""
        tree = self.evaluator.tree(site.path)
        call = tree.parents[function]
        if call < 0 or tree.kinds[call] != Kind.CALL or tree.roles[function] != Role.ARGUMENT:
            return None
        callee = call + 1
        if tree.kinds[callee] != Kind.ATTRIBUTE:
            return None
        host = "javascript" if self.evaluator.javascript(site.path) else "python"
        row = self.evaluator.tables.untyped[host].get(tree.value(callee))
        if row is None or row.callback.fate != "each" or position >= len(row.callback.gives):
            return None
        word = row.callback.gives[position]
        if word == "index":
            return Origin.NUMBER
        return self._iterated(site, callee + 1) if word == "element" else None

    def _member_annotation(self, path: str, annotation: int, name: str) -> int:
        """The annotation of one member of an object type, or -1."""
        tree = self.evaluator.tree(path)
        for node in range(annotation, tree.ends[annotation]):
            if tree.kinds[node] == Kind.ASSIGN:
                target = tree.child(node, Role.TARGET)
                if target >= 0 and tree.value(target) == name:
                    return tree.child(node, Role.ANNOTATION)
        return -1

    def _passed(self, site: Site, function: int, parameter: int) -> Origin:
        """PARAMETER, unless every call that the project makes passes something harmless."""
        if self.functions is None:
            return Origin.PARAMETER
        value = FunctionValue(site.path, function)
        sites = self.functions.sites(value)
        if not sites or len(sites) > SITES:
            return Origin.PARAMETER
        found: list[Origin] = []
        for path, call in sites:
            passed = [
                node for matched, node in self.evaluator.parameters.matched(value, path, call) if matched == parameter
            ]
            found += [self.of(Site(path, node, None)) for node in passed]
        if found and all(origin in HARMLESS for origin in found):
            return Origin.CONSTANT
        return Origin.PARAMETER
