"""Where a value comes from: what may be put into a text without danger, and what a caller decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from dblint.facts.text import Origin
from dblint.facts.tree import Flag, Kind, Role, Tree
from dblint.libraries.grammar import Member, Untyped
from dblint.link.arguments import Site, find
from dblint.link.texts.answers import Answers
from dblint.link.texts.columns import Columns
from dblint.link.texts.connection_settings import ConnectionSettings
from dblint.link.texts.declared import Declared
from dblint.link.texts.fields import Fields
from dblint.link.texts.gathered import DECIDED, Gathered
from dblint.link.texts.guards import Guards
from dblint.link.texts.held import Held
from dblint.link.texts.leaving import Leaving
from dblint.link.texts.passing import Passing
from dblint.link.texts.vocabularies import entry_of_constants
from dblint.link.texts.written import Written
from dblint.link.values import (
    BoundMember,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ProjectClass,
    Scalar,
    Unknown,
    Value,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

ARITHMETIC = frozenset({"-", "*", "/", "//", "**", "<<", ">>", "==", "!=", "<", ">", "<=", ">=", "in", "not-in"})
DEPTH = 20
NAMES = 6
"""Names between a value and what it is given."""
LONGEST_KEY = 30
"""Characters of a key that are shown."""
WORK = 400
"""Questions asked for one outermost question until the answer is *cannot say*."""


class Origins:
    """Answers where values come from. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.declared = Declared(evaluator)
        self.columns = Columns(self)
        self.answers = Answers(self)
        self.leaving = Leaving(evaluator)
        self.guards = Guards(self)
        self.passing = Passing(self)
        self.gathered = Gathered(self)
        self.fields = Fields(self)
        self.connection_settings = ConnectionSettings(self)
        self.held = Held(self)
        self.written = Written(self)
        self._active: set[tuple[str, int]] = set()
        self._memo: dict[Site, Origin] = {}
        self._elements: dict[Site, Origin] = {}
        self._cut = False
        self._work = 0

    def source(self, site: Site, *, keys: bool = False) -> str:
        """A short name for an expression: the words of its chain, or of the first chain inside it. `keys`: with the
        one literal that stands in its brackets."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        while tree.kinds[node] not in _CHAIN and node + 1 < tree.ends[site.node]:
            node += 1
        words: list[str] = []
        for _ in range(8):
            kind = tree.kinds[node]
            if kind == Kind.ATTRIBUTE:
                words.append(tree.value(node))
                node += 1
            elif kind == Kind.CALL:
                words.append(f"({self._key(tree, node, Role.ARGUMENT) if keys else ''})")
                node += 1
            elif kind == Kind.SUBSCRIPT:
                words.append(f"[{self._key(tree, node, Role.INDEX) if keys else ''}]")
                node += 1
            elif kind == Kind.AWAIT:
                node += 1
            else:
                if kind == Kind.NAME:
                    words.append("this" if tree.has(node, Flag.SELF) and self._script(site) else tree.value(node))
                break
        return ".".join(reversed(words)).replace(".(", "(").replace(".[", "[") or "an expression"

    @staticmethod
    def _key(tree: Tree, node: int, role: int) -> str:
        """The literal of a call or subscript, as it is written; of several arguments the first."""
        found = list(tree.with_role(node, role))
        if not found or tree.kinds[found[0]] not in (Kind.STRING, Kind.NUMBER):
            return ""
        word = tree.value(found[0])[:LONGEST_KEY]
        written = f"'{word}'" if tree.kinds[found[0]] == Kind.STRING else word
        return f"{written}, …" if len(found) > 1 else written

    def _script(self, site: Site) -> bool:
        return self.evaluator.javascript(site.path)

    def failing(self, path: str) -> Callable[[int], bool] | None:
        """What says which handlers of a file do not go on; None where conversions fail by their answer, and do not
        raise (`Number(x)`)."""
        return None if self.evaluator.javascript(path) else partial(self.leaving.leaves, path)

    # Rows

    def row(self, call: Site) -> Member | Untyped | None:
        """The row that says what a call does: of its typed callee, or of a host's own method of that name."""
        callee = call.node + 1
        plain = True
        for option in options(self.evaluator.value(call.path, callee, call.context)):
            if isinstance(option, (BoundMember, LibraryFunction)):
                return self.evaluator.rows.row_of(option)
            if isinstance(option, LibraryClass):
                return self.evaluator.tables.types[option.name].construct
            plain = plain and isinstance(option, _PLAIN)
        return self.untyped(call.path, call.node) if plain else None

    def untyped(self, path: str, call: int) -> Untyped | None:
        """The row of a host's own method, by the name that is called."""
        tree = self.evaluator.tree(path)
        callee = call + 1
        if callee >= tree.ends[call] or tree.kinds[callee] != Kind.ATTRIBUTE:
            return None
        return self._named(path, tree.value(callee))

    def _named(self, path: str, name: str) -> Untyped | None:
        return self.evaluator.tables.untyped["javascript" if self.evaluator.javascript(path) else "python"].get(name)

    def key(self, path: str, node: int) -> str | None:
        """The key by which an attribute or a subscript reads a part of an object; None where it does not say one."""
        tree = self.evaluator.tree(path)
        if tree.kinds[node] == Kind.ATTRIBUTE:
            return tree.value(node)
        index = tree.child(node, Role.INDEX) if tree.kinds[node] == Kind.SUBSCRIPT else -1
        return tree.value(index) if index >= 0 and tree.kinds[index] == Kind.STRING else None

    def filled(self, call: Site) -> int:
        """The template of a tagged call that gives its text with the holes filled (`String.raw`), or -1."""
        row = self.row(call)
        known = row is not None and row.string == "template"
        return self.evaluator.tree(call.path).child(call.node, Role.ARGUMENT) if known else -1

    def bound(self, call: Site) -> bool:
        """Whether the callee is a member of a typed value, and no function of a module."""
        value = self.evaluator.value(call.path, call.node + 1, call.context)
        return any(isinstance(option, BoundMember) for option in options(value))

    def known(self, site: Site) -> Origin | None:
        """The origin that a call's row or a conversion gives; None when nothing is said."""
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(option, (BoundMember, LibraryFunction)):
                row = self.evaluator.rows.row_of(option)
                if row is not None and row.converts:
                    converted = self._converted(site, row.converts)
                    if converted is not None:
                        return converted
                if row is not None and (row.origin or row.safe_text):
                    return Origin(row.origin) if row.origin else Origin.RENDERED
            elif isinstance(option, LibraryClass):
                described = self.evaluator.tables.types[option.name]
                if described.scalar == "number":
                    return Origin.NUMBER
                if described.construct is not None and described.construct.safe_text:
                    return Origin(described.construct.origin) if described.construct.origin else Origin.RENDERED
        method = self.row(site)
        return Origin(method.origin) if isinstance(method, Untyped) and method.origin else None

    def _converted(self, call: Site, at: str) -> Origin | None:
        """What the conversion gives that a call is handed; None where it is handed none, or one that says nothing.
        Beside the key and the conversion stands what is given where there is nothing to convert."""
        for given in find(self.evaluator, at, call).sites:
            made = self.evaluator.value(given.path, given.node, given.context)
            numbers = [
                isinstance(option, LibraryClass) and self.evaluator.tables.types[option.name].scalar == "number"
                for option in options(made)
            ]
            if numbers and all(numbers):
                tree = self.evaluator.tree(call.path)
                rest = list(tree.with_role(call.node, Role.ARGUMENT))[1:]
                others = [node for node in rest if not tree.contains(node, given.node)]
                return self.worst([Origin.NUMBER, *(self.child(call, node) for node in others)])
        return None

    # Origins

    def of(self, site: Site) -> Origin:
        """The origin of an expression's value."""
        return self._asked(site, (site.path, site.node), self._memo, self._of)

    def _asked(
        self, site: Site, key: tuple[str, int], memo: dict[Site, Origin], answer: Callable[[Site], Origin]
    ) -> Origin:
        """Asks once. An answer that was cut short by an open question or by a bound is not kept."""
        found = memo.get(site)
        if found is not None:
            return found
        if not self._active:
            self._work = 0
        self._work += 1
        if key in self._active or len(self._active) >= DEPTH or self._work > WORK:
            self._cut = True
            return Origin.UNKNOWN
        outer, self._cut = self._cut, False
        self._active.add(key)
        try:
            result = answer(site)
        finally:
            self._active.discard(key)
        if not self._cut or not self._active:
            memo[site] = result
        self._cut = (self._cut or outer) and bool(self._active)
        return result

    def _of(self, site: Site) -> Origin:
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[site.node]
        if kind in (Kind.STRING, Kind.CONSTANT, Kind.REGEX):
            return Origin.CONSTANT
        if kind == Kind.NUMBER:
            return Origin.NUMBER
        if kind == Kind.UNARY:
            return Origin.NUMBER if tree.value(site.node) in ("-", "+", "~", "not") else Origin.UNKNOWN
        if kind == Kind.BINARY:
            if tree.value(site.node) in ARITHMETIC or self.numeric(site):
                return Origin.NUMBER
            return self.worst([self.child(site, child) for child in tree.children(site.node)])
        if kind == Kind.CONDITIONAL:
            parts = [tree.child(site.node, role) for role in (Role.BODY, Role.ELSE)]
            return self.worst([self.child(site, part) for part in parts if part >= 0])
        if kind in (Kind.AWAIT, Kind.CAST, Kind.SPREAD, Kind.HOLE, Kind.PAIR, Kind.KEYWORD):
            value = tree.child(site.node, Role.VALUE)
            return self.child(site, value) if value >= 0 else Origin.UNKNOWN
        if kind in (Kind.TEMPLATE, Kind.LIST, Kind.TUPLE, Kind.SET):
            return self.worst([self.child(site, child) for child in tree.children(site.node)] or [Origin.CONSTANT])
        if kind == Kind.COMPREHENSION:
            parts = [node for node in tree.children(site.node) if tree.roles[node] in (Role.BODY, Role.KEY, Role.VALUE)]
            return self.worst([self.child(site, part) for part in parts])
        if kind == Kind.CALL:
            return self._call(site)
        if kind == Kind.TAGGED:
            template = self.filled(site)
            return self.child(site, template) if template >= 0 else Origin.UNKNOWN
        if kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
            return self._member(site)
        if kind == Kind.NAME:
            return self._name(site)
        return Origin.UNKNOWN

    def numeric(self, site: Site) -> bool:
        """Whether a `+` adds numbers. In Python one that surely is no text of a number says so, for it cannot be
        added to a text."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.BINARY or tree.value(site.node) != "+":
            return False
        operands: list[int] = []
        pending = [site.node]
        while pending:
            node = pending.pop()
            if tree.kinds[node] == Kind.BINARY and tree.value(node) == "+":
                pending += tree.children(node)
            elif tree.kinds[node] in (Kind.STRING, Kind.TEMPLATE) or len(operands) > 8:
                return False
            else:
                operands.append(node)
        if not self.evaluator.javascript(site.path):
            if any(self._counts(Site(site.path, operand, site.context)) for operand in operands):
                return True
        return all(self.child(site, operand) is Origin.NUMBER for operand in operands)

    def _counts(self, site: Site) -> bool:
        """Whether a value is a number by itself, and not a text that shows one (`str(1)`, `day.isoformat()`)."""
        tree = self.evaluator.tree(site.path)
        node = site.node
        for _ in range(NAMES):
            kind = tree.kinds[node]
            if kind in (Kind.NUMBER, Kind.UNARY):
                return self.child(site, node) is Origin.NUMBER
            if kind == Kind.BINARY:
                return tree.value(node) in ARITHMETIC
            if kind == Kind.CALL:
                made = options(self.evaluator.value(site.path, node + 1, site.context))
                plain = any(isinstance(option, (LibraryClass, LibraryFunction)) for option in made)
                return plain and self.known(Site(site.path, node, site.context)) is Origin.NUMBER
            if kind != Kind.NAME:
                return False
            reached = self.evaluator.scope(site.path).reaching(node, tree.value(node)) or []
            bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
            if len(bindings) != 1 or tree.value(bindings[0]) not in ("", tree.value(node)):
                return False
            if tree.kinds[bindings[0]] == Kind.PARAMETER:
                annotation = tree.child(bindings[0], Role.ANNOTATION)
                return annotation >= 0 and self.declared.of(site.path, annotation) is Origin.NUMBER
            if tree.kinds[bindings[0]] != Kind.ASSIGN:
                return False
            target = tree.child(bindings[0], Role.TARGET)
            node = tree.child(bindings[0], Role.VALUE)
            if node < 0 or target < 0 or tree.kinds[target] != Kind.NAME:
                return False
        return False

    def child(self, site: Site, node: int) -> Origin:
        """The origin of another expression of the same file."""
        return self.of(Site(site.path, node, site.context))

    def _call(self, site: Site) -> Origin:
        known = self.known(site)
        if known is not None:
            return known
        tree = self.evaluator.tree(site.path)
        callee = site.node + 1
        row = self.row(site)
        if row is not None and row.string:
            parts = [self.child(site, node) for node in tree.with_role(site.node, Role.ARGUMENT)]
            if tree.kinds[callee] == Kind.ATTRIBUTE and (isinstance(row, Untyped) or self.bound(site)):
                parts.insert(0, self.child(site, callee + 1))
            if row.string in ("filled", "last"):
                parts = parts[-1:]
            worst = self.worst(parts[:1] if row.string in ("same", "replace", "replace-first") else parts)
            # The keys of what a function is given are rarely text of its caller's choice; a client's always are.
            return Origin.UNKNOWN if row.string == "keys" and worst is Origin.PARAMETER else worst
        if isinstance(row, Untyped) and row.element and tree.child(site.node, Role.ARGUMENT) >= 0:
            return self.iterated(site, site.node)
        for option in options(self.evaluator.value(site.path, callee, site.context)):
            if isinstance(option, FunctionValue):
                return self._returned(site, option)
        if tree.kinds[callee] == Kind.ATTRIBUTE:
            entries = self.held.of(site)
            if entries is not None:
                return self.held.origin(entries)
            looked_up = isinstance(row, Untyped) and row.list in ("lookup", "same")
            if not looked_up and self.declared.foreign(Site(site.path, callee + 1, site.context)):
                return Origin.UNKNOWN
            origin = self._read_from(site, callee + 1)
            if origin is Origin.PARAMETER and looked_up and self.written.number(site):
                return Origin.UNKNOWN
            if origin is Origin.PARAMETER:
                origin = self.answers.called(site) or origin
            return self._of_tested(site, origin)
        return Origin.UNKNOWN

    def _of_tested(self, site: Site, origin: Origin) -> Origin:
        """An origin, unless every element of the list that the value stands in was tested."""
        return (self.guards.element(site) or origin) if origin in DECIDED else origin

    def _returned(self, site: Site, function: FunctionValue) -> Origin:
        """What a function of the project returns; what its caller decides is what this call passes."""
        found = [self.of(Site(function.path, node, function.context)) for node in self.evaluator.returns(function)]
        return self.returned(site, found)

    def returned(self, site: Site, found: list[Origin]) -> Origin:
        """What a call gives whose function returns values of these origins."""
        tree = self.evaluator.tree(site.path)
        worst = self.worst(found)
        if worst is not Origin.PARAMETER:
            return worst
        passed = [self.child(site, node) for node in tree.with_role(site.node, Role.ARGUMENT)]
        kept = [origin for origin in found if origin is not Origin.PARAMETER]
        return self.worst([*(origin for origin in passed if origin in DECIDED), *kept, Origin.UNKNOWN])

    @staticmethod
    def through(origin: Origin) -> Origin:
        """What a method's result or an attribute inherits from the value it is read from."""
        kept = (Origin.REQUEST, Origin.PARAMETER, Origin.CONFIGURATION, Origin.DATABASE, Origin.SCHEMA)
        return origin if origin in kept else Origin.UNKNOWN

    @staticmethod
    def worst(origins: list[Origin]) -> Origin:
        """The origin that decides when several values meet."""
        for origin in (Origin.REQUEST, Origin.PARAMETER, Origin.DATABASE, Origin.UNKNOWN, Origin.CONFIGURATION):
            if origin in origins:
                return origin
        return origins[0] if origins else Origin.UNKNOWN

    def _member(self, site: Site) -> Origin:
        tree = self.evaluator.tree(site.path)
        proved = self.guards.of(site)
        if proved is not None:
            return proved
        entries = self.held.of(site)
        if entries is not None:
            return self.held.origin(entries)
        owner = self.evaluator.value(site.path, site.node + 1, site.context)
        if tree.kinds[site.node] == Kind.ATTRIBUTE:
            declared = self.declared_member(owner, tree.value(site.node))
            declared = declared or self.columns.of(site, owner)
            if declared is not None:
                return declared
            row = self._named(site.path, tree.value(site.node))
            if row is not None and row.origin and all(isinstance(option, _PLAIN) for option in options(owner)):
                return Origin(row.origin)
        elif entry_of_constants(self.evaluator, site, owner):
            return Origin.CONSTANT
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, Expression) and (option.path, option.node) != (site.path, site.node):
                return self.of(Site(option.path, option.node, option.context))
            if isinstance(option, (ExternalValue, Scalar)):
                break
        passed = self.passing.of_name(site, site.node, ())
        if passed is None:
            passed = self.fields.of(site)
        if passed is Origin.PARAMETER and self.connection_settings.of(site):
            return Origin.CONFIGURATION
        return passed if passed is not None else self._of_tested(site, self._read_from(site, site.node + 1))

    def declared_member(self, owner: Value, name: str) -> Origin | None:
        """What the declarations of a member say, where all owners agree."""
        found: Origin | None = None
        for option in options(owner):
            said = self.declared.member(option, name) if isinstance(option, Instance) else None
            if said is None and isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                said = self.passing.filled(option, name)
            if said is None:
                return None
            found = said
        return found

    def _read_from(self, site: Site, owner: int) -> Origin:
        """What is read from a value: a library's own object says it in a row; it is no caller's text."""
        tree = self.evaluator.tree(site.path)
        classes = self.evaluator.classes
        for option in options(self.evaluator.value(site.path, owner, site.context)):
            if isinstance(option, Scalar) and option.kind == "row":
                return self.answers.read(Site(site.path, owner, site.context))
            if isinstance(option, Instance) and classes.library_types(option.cls):
                for cls in classes.library_types(option.cls):
                    found = self.evaluator.tables.member(cls.name, tree.value(tree.parents[owner]))
                    if found is not None and found[1].origin:
                        return Origin(found[1].origin)
                    if self.evaluator.tables.types[cls.name].origin:
                        return Origin(self.evaluator.tables.types[cls.name].origin)
                return Origin.UNKNOWN
        origin = self.through(self.child(site, owner))
        return Origin.CONFIGURATION if origin is Origin.PARAMETER and self.connection_settings.of(site) else origin

    def _name(self, site: Site) -> Origin:
        evaluator = self.evaluator
        tree = evaluator.tree(site.path)
        name = tree.value(site.node)
        if tree.has(site.node, Flag.SELF):
            return Origin.UNKNOWN
        reached = evaluator.scope(site.path).reaching(site.node, name, failing=self.failing(site.path))
        if reached is None:
            for option in options(evaluator.value(site.path, site.node, site.context)):
                if isinstance(option, Expression):
                    return self.of(Site(option.path, option.node, option.context))
            return Origin.UNKNOWN
        found: list[Origin] = []
        for binding, _ in reached:
            if tree.kinds[binding] == Kind.CALL:
                continue
            found.append(self.tested(site, binding, self.bound_by(site, binding, name)))
        return self.worst([*found, *self.gathered.appended(site)])

    def tested(self, site: Site, binding: int, origin: Origin) -> Origin:
        """An origin after the tests on the way from a binding to its use."""
        return (self.guards.of(site, binding) or self._of_tested(site, origin)) if origin in DECIDED else origin

    def bound_by(self, site: Site, binding: int, name: str) -> Origin:
        """The origin of what a binding gives to a name."""
        tree = self.evaluator.tree(site.path)
        kind = tree.kinds[binding]
        if kind == Kind.ASSIGN:
            value, target = tree.child(binding, Role.VALUE), tree.child(binding, Role.TARGET)
            if value < 0:
                return Origin.UNKNOWN
            if tree.kinds[target] != Kind.NAME:
                return self.passing.unpacked(site, target, value, name)
            return self.child(site, value)
        if kind in (Kind.LOOP, Kind.CLAUSE):
            iterable = tree.child(binding, Role.ITERABLE)
            return self.iterated(site, iterable) if iterable >= 0 else Origin.UNKNOWN
        if kind == Kind.PARAMETER:
            return self.passing.parameter(site, binding, name)
        return Origin.UNKNOWN

    def iterated(self, site: Site, iterable: int) -> Origin:
        """The origin of the elements of what is iterated."""
        if iterable < 0:
            return Origin.UNKNOWN
        listed = Site(site.path, iterable, site.context)
        return self._asked(listed, (site.path, -iterable - 1), self._elements, self.gathered.of)


_PLAIN = (Unknown, ExternalValue, Scalar, Expression, ListOf)
"""Values that have no members of their own kind: strings, lists, what no table describes."""
_CHAIN = frozenset({Kind.NAME, Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT, Kind.AWAIT})
