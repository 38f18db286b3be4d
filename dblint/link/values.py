"""What a reference can hold, as far as link can say. Values are immutable and comparable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias, TypeVar

from dblint.facts.query import When
from dblint.libraries.grammar import Member, Slot

_Hashed = TypeVar("_Hashed")


def _hashed_once(cls: type[_Hashed]) -> type[_Hashed]:
    """Lets a value remember its hash: contexts hold values that hold contexts, many of them shared, and hashing all
    of it again at each look-up takes longer the deeper calls nest, without a bound."""
    compute = cls.__hash__

    def digest(self: _Hashed) -> int:
        found: int = self.hashed  # type: ignore[attr-defined]
        if not found:
            found = compute(self) or 1
            object.__setattr__(self, "hashed", found)
        return found

    cls.__hash__ = digest  # type: ignore[assignment]
    return cls


def _hash() -> int:
    return field(default=0, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Cannot say. `cause` sorts what did not resolve for people."""

    cause: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, string, boolean or null: nothing has members that matter here. `text`: which string, where that
    is known and stands nowhere in the source."""

    kind: str = ""
    text: str = ""


@_hashed_once
@dataclass(frozen=True, slots=True)
class Context:
    """In whose name a function's body is read: its receiver and the arguments that are worth knowing."""

    function: int = -1
    path: str = ""
    receiver: Value | None = None
    arguments: tuple[tuple[str, Value], ...] = ()
    outer: Context | None = None
    types: tuple[tuple[int, Value], ...] = ()
    """Type parameters of the function, with the classes that the call fills in."""
    hashed: int = _hash()


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that is read where it stands: strings, object and list literals."""

    path: str
    node: int
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, set or stream whose elements all look like `element`."""

    element: Value


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project used as a value."""

    path: str


@dataclass(frozen=True, slots=True)
class ExternalValue:
    """A name of a package that no table describes."""

    path: str


@dataclass(frozen=True, slots=True)
class LibraryFunction:
    """A function that a table describes."""

    path: str


@_hashed_once
@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the project, bound to a receiver when read from an instance or class."""

    path: str
    node: int
    receiver: Value | None = None
    context: Context | None = None
    hashed: int = _hash()


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


@dataclass(frozen=True, slots=True)
class SchemaModel:
    """A model that only a schema file declares; `name` as the schema writes it."""

    name: str
    schema: str = ""


@_hashed_once
@dataclass(frozen=True, slots=True)
class Step:
    """One link of a call chain that has a row: what was called where, and whether it always is."""

    member: Member = field(hash=False)
    name: str
    path: str
    node: int
    context: Context | None = None
    when: When = When.ALWAYS
    hashed: int = _hash()


@_hashed_once
@dataclass(frozen=True, slots=True)
class Instance:
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
    hashed: int = _hash()

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


@dataclass(frozen=True, slots=True)
class Super:
    """A receiver whose members are looked up behind the class `after` (`super()`)."""

    receiver: Instance | LibraryClass | ProjectClass
    after: ProjectClass


@dataclass(frozen=True, slots=True)
class BoundMember:
    """A member of a typed receiver, read and not called yet."""

    receiver: Instance
    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several values."""

    options: tuple[Value, ...]


Class: TypeAlias = LibraryClass | ProjectClass
"""A class, whoever wrote it."""
Value: TypeAlias = (
    Unknown
    | Scalar
    | Expression
    | ListOf
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


def widen(values: list[Value], types: Callable[[Class], Sequence[LibraryClass]]) -> Value:
    """The join of what the subclasses of one class have under one name. Where that is too many things, what they
    have in common: an instance of the same library's type, or a class that extends it, of a model that cannot
    be said."""
    joined = join(values) if values else UNKNOWN
    if not isinstance(joined, Unknown) or not values:
        return joined
    shared: set[str] = set()
    for value in values:
        cls = value.cls if isinstance(value, Instance) else value
        found = types(cls) if isinstance(cls, (LibraryClass, ProjectClass)) else ()
        shared.add(found[0].name if found else "")
    if len(shared) != 1 or "" in shared:
        return joined
    common = LibraryClass(shared.pop())
    if all(isinstance(value, Instance) for value in values):
        return Instance(common, open=True, how=(f"one of {len(values)} subclasses",))
    return common if not any(isinstance(value, Instance) for value in values) else joined


def _merge(left: Value, right: Value) -> Value | None:
    if not isinstance(left, Instance) or not isinstance(right, Instance):
        return None
    if left.cls != right.cls or left.arguments != right.arguments:
        return None
    shared = 0
    for one, other in zip(left.steps, right.steps, strict=False):
        if (one.path, one.node, one.name) != (other.path, other.node, other.name):
            break
        shared += 1
    steps = [
        one if one.when is other.when else _sometimes(one)
        for one, other in zip(left.steps[:shared], right.steps[:shared], strict=True)
    ]
    rest = left.steps[shared:], right.steps[shared:]
    steps += [_sometimes(step) for steps in rest for step in steps if step is not ONE_OF_SEVERAL]
    if all(map(narrows, rest)):
        steps.append(ONE_OF_SEVERAL)
    return replace(left, steps=tuple(steps), open=left.open or right.open)


def narrows(steps: tuple[Step, ...]) -> bool:
    """Whether a condition is among these steps that always stands there."""
    return any(step.member.where is not None and step.when is When.ALWAYS for step in steps)


ONE_OF_SEVERAL = Step(Member(where=Slot(value="*")), "one of several", "", -1)
"""Says of a chain made of several that each of them has a condition, although none has all of them."""


def _sometimes(step: Step) -> Step:
    return step if step.when is When.SOMETIMES else replace(step, when=When.SOMETIMES)
