"""What a reference can hold, as far as link can say. Values are immutable and comparable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from dblint.facts.query import When
from dblint.libraries.grammar import Member, Slot


class Unknown(msgspec.Struct, frozen=True):
    """Cannot say. `cause` sorts what did not resolve for people."""

    cause: str = ""


class Scalar(msgspec.Struct, frozen=True):
    """A number, string, boolean or null: nothing has members that matter here. `text`: which string, where that
    is known and stands nowhere in the source."""

    kind: str = ""
    text: str = ""


class Context(msgspec.Struct, frozen=True, cache_hash=True):
    """In whose name a function's body is read: its receiver and the arguments that are worth knowing."""

    function: int = -1
    path: str = ""
    receiver: Value | None = None
    arguments: tuple[tuple[str, Value], ...] = ()
    outer: Context | None = None
    types: tuple[tuple[int, Value], ...] = ()
    """Type parameters of the function, with the classes that the call fills in."""


class Expression(msgspec.Struct, frozen=True):
    """An expression that is read where it stands: strings, object and list literals."""

    path: str
    node: int
    context: Context | None = None


class ListOf(msgspec.Struct, frozen=True):
    """A list, set or stream whose elements all look like `element`."""

    element: Value


class PairOf(msgspec.Struct, frozen=True):
    """An entry of a mapping: a key, of which nothing is said, and what lies under it."""

    value: Value


class ModuleValue(msgspec.Struct, frozen=True):
    """A module of the project used as a value."""

    path: str


class ExternalValue(msgspec.Struct, frozen=True):
    """A name of a package that no table describes."""

    path: str


class LibraryFunction(msgspec.Struct, frozen=True):
    """A function that a table describes."""

    path: str


class FunctionValue(msgspec.Struct, frozen=True, cache_hash=True):
    """A function of the project, bound to a receiver when read from an instance or class."""

    path: str
    node: int
    receiver: Value | None = None
    context: Context | None = None
    given: int = 0
    """Positional arguments that it got already (`partial`)."""
    bound: tuple[tuple[str, Value], ...] = ()
    """Of these and of keywords that it got: those that are worth knowing."""


class LibraryClass(NamedTuple):
    """A type of a table, used as a class. `arguments` bind its type parameters."""

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()


class ProjectClass(NamedTuple):
    """A class of the project. A tuple, as classes are looked up more often than any other value: its hash and its
    comparison cost no call."""

    path: str
    node: int
    arguments: tuple[Value, ...] = ()


NAMED = "named"
"""The schema of a table that code calls by its name: `SchemaModel.name` is the table's."""


class SchemaModel(msgspec.Struct, frozen=True):
    """A model that only a schema file declares; `name` as the schema writes it."""

    name: str
    schema: str = ""


UNSAID = "unsaid"
"""The value of a slot of which nothing can be said."""


class Step(msgspec.Struct, frozen=True):
    """One link of a call chain that has a row: what was called where, and whether it always is."""

    member: Member
    name: str
    path: str
    node: int
    context: Context | None = None
    when: When = When.ALWAYS

    @property
    def narrows(self) -> bool:
        """Whether no call, but a relation of a row keeps the rows to its own."""
        where = self.member.where
        return self.node < 0 and where is not None and where.value not in ("", UNSAID)

    def __hash__(self) -> int:
        return hash((self.name, self.path, self.node, self.context, self.when))


class Instance(msgspec.Struct, frozen=True, cache_hash=True):
    """An instance of a class, with the chain of calls that made it what it is.

    `open`: a call on the way had no row, so more may have happened than the steps say.
    """

    cls: LibraryClass | ProjectClass
    arguments: tuple[tuple[str, Value], ...] = ()
    steps: tuple[Step, ...] = ()
    open: bool = False
    how: tuple[str, ...] = ()
    connection: str = ""
    virtual: bool = False
    """The receiver that a method is read with by itself: its class may be any that extends `cls`."""
    made: tuple[tuple[str, Value], ...] = ()
    """Of a class of the project: the classes that its constructor was given, by parameter."""

    def argument(self, name: str) -> Value | None:
        """The value of a type parameter."""
        for key, value in self.arguments:
            if key == name:
                return value
        return None

    def stepped(self, step: Step) -> tuple[tuple[Step, ...], bool]:
        """The steps with one more, and whether more may have happened than they say: a chain remembers its first
        `STEPS`."""
        full = len(self.steps) >= STEPS
        return (self.steps if full else (*self.steps, step)), self.open or full

    def empty(self) -> bool:
        """Whether it is a query that holds no rows, whatever the database has."""
        said = [step for step in self.steps if step.member.empty is not None]
        return bool(said) and bool(said[-1].member.empty) and said[-1].when is When.ALWAYS

    def without_empty(self) -> Instance:
        """The same without what makes it empty: somebody adds to it."""
        return replace(self, steps=tuple(step for step in self.steps if not step.member.empty))

    def bound(self, name: str, value: Value) -> Instance:
        """The same with a type parameter set."""
        kept = tuple(pair for pair in self.arguments if pair[0] != name)
        return replace(self, arguments=(*kept, (name, value)))


class Super(msgspec.Struct, frozen=True):
    """A receiver whose members are looked up behind the class `after` (`super()`)."""

    receiver: Instance | LibraryClass | ProjectClass
    after: ProjectClass


class BoundMember(msgspec.Struct, frozen=True):
    """A member of a typed receiver, read and not called yet."""

    receiver: Instance
    owner: str
    name: str


class Alternatives(msgspec.Struct, frozen=True):
    """One of several values."""

    options: tuple[Value, ...]


Class: TypeAlias = LibraryClass | ProjectClass
"""A class, whoever wrote it."""
Value: TypeAlias = (
    Unknown
    | Scalar
    | Expression
    | ListOf
    | PairOf
    | ModuleValue
    | ExternalValue
    | LibraryFunction
    | FunctionValue
    | LibraryClass
    | ProjectClass
    | SchemaModel
    | Instance
    | BoundMember
    | Super
    | Alternatives
)

UNKNOWN = Unknown()
STEPS = 250
"""Links of a chain that are remembered."""
ALTERNATIVES = 8
"""Different things that a reference may hold until the answer is *cannot say*."""


def options(value: Value) -> tuple[Value, ...]:
    """The value, or each of its alternatives."""
    return value.options if isinstance(value, Alternatives) else (value,)


def join(values: list[Value]) -> Value:
    """What a reference holds when it may hold any of these.

    Chains that begin alike become one chain: steps that all have stay as they are, the others are
    there sometimes. Unknown alternatives are dropped when something is known, for a name that is
    sometimes a repository is one for everyone who reads the call.
    """
    if len(values) == 1:
        return values[0]
    known: list[Value] = []
    places: set[tuple[str, int]] = set()
    for value in values:
        for option in options(value):
            if isinstance(option, Expression):
                if (option.path, option.node) in places:
                    continue
                places.add((option.path, option.node))
            elif isinstance(option, Unknown) or option in known:
                continue
            if len(known) >= ALTERNATIVES:
                return Unknown("too many alternatives")
            for index, other in enumerate(known):
                merged = _merge(other, option)
                if merged is not None:
                    known[index] = merged
                    break
            else:
                known.append(option)
    if not known:
        return values[0] if values else UNKNOWN
    if any(not isinstance(value, Scalar) for value in known):
        known = [value for value in known if not isinstance(value, Scalar)]
    return known[0] if len(known) == 1 else Alternatives(tuple(known))


def widen(values: list[Value], types: Callable[[Class], Sequence[str]]) -> Value:
    """The join of what the subclasses of one class have under one name. Where that is too many things, what they
    have in common: an instance of the nearest type of a table that all of them are, or a class that extends it, of a
    model that cannot be said. `types`: the tables' types that a class is, nearest first."""
    joined = join(values) if values else UNKNOWN
    if not isinstance(joined, Unknown) or not values:
        return joined
    shared: dict[str, None] | None = None
    for value in values:
        cls = value.cls if isinstance(value, Instance) else value
        found = types(cls) if isinstance(cls, (LibraryClass, ProjectClass)) else ()
        shared = dict.fromkeys(name for name in found if shared is None or name in shared)
    if not shared:
        return joined
    common = LibraryClass(next(iter(shared)))
    if all(isinstance(value, Instance) for value in values):
        return Instance(common, open=True, how=(f"one of {len(values)} subclasses",))
    return common if not any(isinstance(value, Instance) for value in values) else joined


def _merge(left: Value, right: Value) -> Value | None:
    if not isinstance(left, Instance) or not isinstance(right, Instance):
        return None
    if left.cls != right.cls or left.arguments != right.arguments or left.made != right.made:
        return None
    if left.empty() or right.empty():  # which asks nothing: what is asked is what the other one says
        return right if left.empty() else left
    shared = _alike(left.steps, right.steps)
    rest = left.steps[shared:], right.steps[shared:]
    # Begun at two places, by a client or by its transaction, chains may go on as one.
    ended = _alike(rest[0][::-1], rest[1][::-1])
    between = [steps[: len(steps) - ended] for steps in rest]
    steps = [_both(one, other) for one, other in zip(left.steps[:shared], right.steps[:shared], strict=True)]
    steps += [_sometimes(step) for part in between for step in part if step is not ONE_OF_SEVERAL]
    if all(map(narrows, between)):
        steps.append(ONE_OF_SEVERAL)
    if ended:
        steps += [_both(one, other) for one, other in zip(rest[0][-ended:], rest[1][-ended:], strict=True)]
    return replace(left, steps=tuple(steps), open=left.open or right.open)


def _alike(left: Sequence[Step], right: Sequence[Step]) -> int:
    """How many steps are the same, from the first on."""
    shared = 0
    for one, other in zip(left, right, strict=False):
        if (one.path, one.node, one.name) != (other.path, other.node, other.name):
            break
        shared += 1
    return shared


def _both(one: Step, other: Step) -> Step:
    return one if one.when is other.when else _sometimes(one)


def narrows(steps: tuple[Step, ...]) -> bool:
    """Whether a condition is among these steps that always stands there."""
    return any(step.member.where is not None and step.when is When.ALWAYS for step in steps)


ONE_OF_SEVERAL = Step(Member(where=Slot(value="*")), "one of several", "", -1)
"""Says of a chain made of several that each of them has a condition, although none has all of them."""


def _sometimes(step: Step) -> Step:
    return step if step.when is When.SOMETIMES else replace(step, when=When.SOMETIMES)
