"""Rows of the grammar: which functions of a program a library calls, and what it gives them."""

from __future__ import annotations

import msgspec

from dblint.libraries.words import Fate, Verb


class Callback(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A function given as an argument: what becomes of it, and what it is given.

    `at`: the argument's position or keyword, or several of them (`"0|code 1|reverse_code"`).
    """

    at: str
    fate: Fate
    over: str = ""
    """The argument whose elements it is run for; "": those of what the member is called on."""
    gives: tuple[str, ...] = ()
    receiver: str = ""
    """What `this` is in the function, where it has one of its own: `self`, or a type."""
    concurrent: bool = False
    chunks: bool = False
    """It is run for several elements at a time."""
    passes: bool = False
    """The arguments behind it are what it is given."""
    arguments: str = ""
    """Where the list of what it is given stands."""
    named: str = ""
    """Where the mapping stands of what it is given by name."""
    thread: bool = False
    """It runs where it holds up no event loop: in another thread or process, or where what it waits for is awaited."""

    def at_argument(self, argument: str) -> bool:
        """Whether the argument at this position, or with this keyword, is such a function."""
        if self.at.endswith("+") and self.at[:-1].isdigit():
            return argument.isdigit() and int(argument) >= int(self.at[:-1])
        return argument == self.at or any(argument in places.split("|") for places in self.at.split())


class Listener(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a call makes a function run for each row that is written by itself.

    `signals`: where the signals stand (types that `tells`); "": what the member is called on is the signal, or `verbs`
    says when it runs. `function`: where the function stands; "": the one that this decorates, or the library's own.
    `model`: where the model stands; nothing there: every model. `row`, `cls`: the function's parameters that are
    given the row and its class; `made`: the one that says whether the row is new. `within`: the function is a method of
    the model that it listens to, and of those that extend it; `verbs` say when it runs where it cannot be said which
    signals these are.
    """

    signals: str = ""
    function: str = ""
    model: str = ""
    verbs: tuple[Verb, ...] = ()
    row: str = ""
    cls: str = ""
    made: str = ""
    within: bool = False


class NamedMethod(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the name of a method stands that the library calls (`at`, as slots have it), and what its parameters are
    given, as `handler` has it."""

    at: str
    gives: tuple[str, ...] = ()


class Provider(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How objects of the project say what a container injects: the keys under which the token stands, and a value, a
    function that makes one, or the class whose instance it is."""

    token: str
    value: str = ""
    factory: str = ""
    made: str = ""
