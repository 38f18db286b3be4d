"""Django's fields: what an attribute of a model class says about columns."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping

import msgspec

from dblint.facts.text import Place
from dblint.facts.tree import Kind, Role, Tree
from dblint.libraries.declaring import OwnField
from dblint.libraries.grammar import Type
from dblint.link.arguments import Site, keywords
from dblint.link.model_readers.shared import DIMENSIONS, Surroundings, Typed, arguments, fields, place, sized, typed
from dblint.link.values import (
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    ProjectClass,
    Unknown,
    Value,
    options,
)

OPTIONS = frozenset(
    """null unique primary_key db_index db_column default db_default to to_field on_delete related_name
    related_query_name through db_constraint db_table max_length max_digits decimal_places""".split()
)
"""What decides about columns, keys and indexes: a field class of the project may settle it in its constructor."""
SIZES = frozenset({"max_length", "max_digits", "decimal_places"})
"""Those of them that say only how large a value may be."""
RELATIONS = frozenset({"to-one", "one-to-one"})
_BUILTINS = frozenset(dir(builtins))


class Field(msgspec.Struct, frozen=True):
    """A field of a model. `kind` as in the rows of tables; `owner` is the class whose body has it, `hidden` the
    options that cannot be said, `sure` that nothing else is hidden."""

    name: str
    kind: str
    row: Type
    type_name: str
    place: Place | None
    owner: ProjectClass | LibraryClass
    given: Mapping[str, Site] = msgspec.field(default_factory=dict)
    first: Site | None = None
    call: Site | None = None
    own: tuple[ProjectClass, ...] = ()
    hidden: frozenset[str] = frozenset()
    sure: bool = True
    written: OwnField | None = None

    @property
    def relation(self) -> bool:
        """Whether it has a column that holds another row's key."""
        return self.kind in RELATIONS

    @property
    def column(self) -> str:
        """The name of its column, unless it names another one."""
        return f"{self.name}_id" if self.relation else self.name


class Body(msgspec.Struct, frozen=True):
    """What one class body declares: fields by name (None: an inherited one is taken away), and whether every
    attribute could be judged."""

    fields: Mapping[str, Field | None]
    complete: bool


class Fields:
    """Reads class bodies. One per reader."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self._bodies: dict[ProjectClass, Body] = {}
        self._settled: dict[ProjectClass, tuple[dict[str, Site], dict[str, Site], frozenset[str]]] = {}

    def body(self, cls: ProjectClass) -> Body:
        """The fields that a class declares itself, read once."""
        return self.evaluator.once(self._bodies, cls, self._body)

    def _body(self, cls: ProjectClass) -> Body:
        tree = self.evaluator.tree(cls.path)
        found: dict[str, Field | None] = {}
        complete = True
        for name, node, surely in fields(self.evaluator, cls):
            value = tree.child(node, Role.VALUE)
            if value < 0:
                continue
            kind = tree.kinds[value]
            if kind == Kind.CONSTANT:
                if tree.value(value) == "null":
                    found[name] = None
                continue
            if kind != Kind.CALL:
                if kind in (Kind.NAME, Kind.ATTRIBUTE, Kind.CONDITIONAL) and self._is_field(cls, value):
                    complete = False
                continue
            made, known = self._made(cls, name, value)
            if made is not None:
                found[name] = made
            complete = complete and known and (surely or made is None)
        return Body(found, complete)

    def _is_field(self, cls: ProjectClass, node: int) -> bool:
        """Whether an expression that is no call holds a field."""
        for option in options(self.evaluator.value(cls.path, node)):
            if isinstance(option, Instance):
                found = typed(self.evaluator, option.cls)
                if found is not None and found.row.field:
                    return True
        return False

    def _made(self, cls: ProjectClass, name: str, node: int) -> tuple[Field | None, bool]:
        """The field that a call makes, and whether all is known of what the call is."""
        callee = self.evaluator.value(cls.path, node + 1)
        known = True
        for option in options(callee):
            if isinstance(option, (LibraryClass, ProjectClass)):
                found = typed(self.evaluator, option)
                if found is not None:
                    if any(self._contributes(own) for own in found.own):
                        return None, False
                    made = self._field(cls, name, Site(cls.path, node, None), found) if found.row.field else None
                    return made, made is None or made.sure
                if isinstance(option, ProjectClass) and not self.closed(option):
                    known = False
            elif isinstance(option, FunctionValue):
                # A function of the project may make a field; what it is given is not followed.
                known = known and not self._is_field(cls, node)
            elif isinstance(option, (ExternalValue, Unknown)) and not self.harmless(cls, node + 1, option):
                known = False
        return None, known

    def closed(self, cls: ProjectClass) -> bool:
        """Whether all bases of a class are known, so that it is nothing but what they are."""
        for ancestor in self.evaluator.classes.mro(cls):
            if not isinstance(ancestor, ProjectClass):
                continue
            tree = self.evaluator.tree(ancestor.path)
            for base in tree.with_role(ancestor.node, Role.BASE):
                if tree.kinds[base] == Kind.KEYWORD:
                    continue
                for option in options(self.evaluator.value(ancestor.path, base)):
                    if isinstance(option, (ExternalValue, Unknown)) and not self.harmless(ancestor, base, option):
                        return False
        return True

    def harmless(self, cls: ProjectClass, node: int, value: Value) -> bool:
        """Whether something is of the language itself."""
        tree = self.evaluator.tree(cls.path)
        if isinstance(value, ExternalValue):
            return value.path.partition(".")[0] in sys.stdlib_module_names
        while tree.kinds[node] in (Kind.ATTRIBUTE, Kind.CALL, Kind.SUBSCRIPT) and node + 1 < tree.ends[node]:
            node += 1
        return tree.kinds[node] in (Kind.STRING, Kind.TEMPLATE) or tree.value(node) in _BUILTINS

    def _contributes(self, cls: ProjectClass) -> bool:
        """Whether a class says itself what it adds to a model."""
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        return interface is not None and "contribute_to_class" in interface.members

    def called(self, site: Site, name: str, owner: ProjectClass) -> Field | None:
        """The field that a call makes, wherever it stands; None where it makes none that is known."""
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            found = typed(self.evaluator, option)
            if found is not None and found.row.field:
                return self._field(owner, name, site, found)
        return None

    def _field(self, cls: ProjectClass, name: str, site: Site, found: Typed) -> Field:
        pairs, hidden = keywords(self.evaluator, site)
        given = dict(pairs)
        positional = arguments(self.plain, site)
        unknown: set[str] = set()
        for own in found.own:
            fixed, defaults, unsaid = self.settled(own)
            given.update(fixed)
            given = {**defaults, **given}
            unknown |= unsaid
        return Field(
            name,
            found.row.field,
            found.row,
            found.name,
            place(self.evaluator, site),
            cls,
            given,
            positional[0] if positional else None,
            site,
            found.own,
            frozenset(unknown),
            not hidden and unknown <= SIZES,
        )

    # Field classes of the project

    def settled(self, cls: ProjectClass) -> tuple[dict[str, Site], dict[str, Site], frozenset[str]]:
        """The options that a field class fixes in its constructor, those that it gives a default, and those of
        which it says something else."""
        found = self._settled.get(cls)
        if found is None:
            found = self._settled[cls] = self._read_constructor(cls)
        return found

    def _read_constructor(self, cls: ProjectClass) -> tuple[dict[str, Site], dict[str, Site], frozenset[str]]:
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        tree = self.evaluator.tree(cls.path)
        fixed: dict[str, Site] = {}
        defaults: dict[str, Site] = {}
        mentioned: dict[str, int] = {}
        for function in interface.members.get("__init__", ()) if interface is not None else ():
            body = tree.child(function, Role.BODY) if tree.kinds[function] == Kind.FUNCTION else -1
            passed = _passed(tree, function, body)
            defaults.update({word: Site(cls.path, node, None) for word, node in passed.items() if node >= 0})
            for parameter in tree.with_role(function, Role.PARAMETER):
                if tree.value(parameter) in OPTIONS and tree.value(parameter) not in passed:
                    mentioned[tree.value(parameter)] = 2
            for node in range(body, tree.ends[body] if body >= 0 else -1):
                kind = tree.kinds[node]
                if kind not in (Kind.STRING, Kind.KEYWORD) or tree.value(node) not in OPTIONS:
                    continue
                word = tree.value(node)
                if word in passed:
                    continue
                mentioned[word] = mentioned.get(word, 0) + 1
                value, default = _given(tree, body, node)
                if value >= 0:
                    (defaults if default else fixed)[word] = Site(cls.path, value, None)
        several = {word for word, count in mentioned.items() if count > 1}
        unsaid = frozenset(mentioned) - (fixed.keys() | defaults.keys()) | several
        return (
            {word: site for word, site in fixed.items() if word not in unsaid},
            {word: site for word, site in defaults.items() if word not in unsaid},
            unsaid,
        )

    def column_type(self, item: Field) -> str:
        """The database's word for a field's column, "" for cannot say."""
        suffix = ""
        for _ in range(DIMENSIONS):
            row = self._kept(item)
            if isinstance(row, str):
                return f"{row}{suffix}" if row else ""
            if row.column is None:
                return ""
            if row.column.element or row.column.same:
                inner = self._element(item, row.column.element or row.column.same)
                if inner is None:
                    return ""
                item, suffix = inner, f"{suffix}[]" if row.column.element else suffix
                continue
            size = item.written.size if item.written is not None else ""
            word = sized(self.plain, row.column, item.given.get, self.surroundings.dialect)
            if size and word:
                word = f"{word.partition('(')[0]}({size})"
            if "max_length" in item.hidden and row.column.size:
                word = word.partition("(")[0]
            return f"{word}{suffix}" if word else ""
        return ""

    def choices(self, item: Field) -> tuple[str, ...]:
        """The values that the code allows, where it lists them."""
        site = item.given.get("choices")
        if site is None:
            return ()
        words: list[str] = []
        for element in self.plain.elements(site):
            inner = self.plain.elements(element)
            word = self.plain.string(inner[0]) or self.plain.constant(inner[0]) if len(inner) == 2 else ""
            if not word:
                return ()
            words.append(word)
        return tuple(words)

    def _element(self, item: Field, slots: str) -> Field | None:
        position, _, name = slots.partition("|") if "|" in slots else ("", "", slots)
        site = item.given.get(name) or (item.first if position == "0" else None)
        if site is None or not self.plain.is_call(site) or not isinstance(item.owner, ProjectClass):
            return None
        return self.called(site, item.name, item.owner)

    def _kept(self, item: Field) -> str | Type:
        """The type that a field class of the project names itself, else the row that says it."""
        for own in item.own:
            interface = self.evaluator.files[own.path].interface.classes.get(own.node)
            members = interface.members if interface is not None else {}
            for method in ("db_type", "get_internal_type"):
                if method not in members:
                    continue
                texts = {
                    self.plain.string(Site(own.path, returned, None))
                    for node in members[method]
                    for returned in self.evaluator.returns(FunctionValue(own.path, node))
                }
                text = next(iter(texts)) if len(texts) == 1 else ""
                if method == "db_type":
                    return text.lower()
                return self.evaluator.tables.types.get(f"django:{text}", "")
        return item.row


def _passed(tree: Tree, function: int, body: int) -> dict[str, int]:
    """The options that a constructor takes and hands to the one above as they are (`max_length=max_length`), each with
    its default, -1 for none."""
    found: dict[str, int] = {}
    for parameter in tree.with_role(function, Role.PARAMETER):
        word = tree.value(parameter)
        if word not in OPTIONS or body < 0:
            continue
        spelled = [node for node in range(body, tree.ends[body]) if tree.value(node) == word]
        if len(spelled) != 2 or tree.kinds[spelled[0]] != Kind.KEYWORD or tree.kinds[spelled[1]] != Kind.NAME:
            continue
        value, _ = _given(tree, body, spelled[0])
        if value == spelled[1]:
            found[word] = tree.child(parameter, Role.DEFAULT)
    return found


def _given(tree: Tree, body: int, node: int) -> tuple[int, bool]:
    """What a mention of an option gives it: `kwargs["x"] = …`, `super().__init__(x=…)`, or, as a default,
    `kwargs.setdefault("x", …)`; -1 for anything else and for what is done only sometimes."""
    if tree.kinds[node] == Kind.KEYWORD:
        call = tree.parents[node]
        callee = call + 1
        made = tree.kinds[callee] == Kind.ATTRIBUTE and tree.value(callee) == "__init__"
        statement = tree.parents[call]
        return (tree.child(node, Role.VALUE), False) if made and statement == body else (-1, False)
    above = tree.parents[node]
    statement = tree.parents[above]
    if tree.kinds[above] == Kind.SUBSCRIPT and tree.kinds[statement] == Kind.ASSIGN:
        value = tree.child(statement, Role.VALUE)
        plain = tree.parents[statement] == body and tree.roles[above] == Role.TARGET and not tree.value(statement)
        return (value, False) if plain else (-1, False)
    if tree.kinds[above] == Kind.CALL and tree.value(above + 1) == "setdefault" and statement == body:
        given = [child for child in tree.with_role(above, Role.ARGUMENT) if child != node]
        if len(given) == 1:
            return given[0], True
    return -1, False
