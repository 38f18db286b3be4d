"""Rows of the grammar: how rows are shown, by classes, templates and their tags."""

from __future__ import annotations

from typing import Literal

import msgspec

from dblint.libraries.words import ShownWord


class Represents(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How classes say what they read of a row that they show (a serializer). Attributes of the class, or of a class in
    it (`Meta.fields`).

    `fields`: the names of what is read; `all`: the word there for every field of the model; `without`: the names of
    what is not; `depth`: how many relations deep the rows at their other ends are shown, where nothing else is said of
    them. `method`: what makes all of it, given the row; `decides`: members by which a class says itself what is read.
    `source`, `many`, `hidden`: keywords of a field: the attribute that it reads (`whole`: the row itself), whether
    there are several, that it is not read. `annotated`: what the class annotates is read, and beside it what `fields`
    names, if there is such a word. `resolver`: the method that gives an annotated field its value, given the row
    (`resolve_{name}`; `row`: the parameter that is the row).

    `rows`: the argument that is the query whose rows a class shows, all of them. `adds`: what it declares is read
    beside what `fields` names, or beside all fields of the model; a row of another model is read to become a text then.
    `divides`: what parts a path besides a dot; `visible`: a keyword of a field that is not read where it is false.
    `takes`: the method by which a field takes its value of the row; one that a class of the project writes says itself
    what is read of which row.
    """

    annotated: bool = False
    fields: str = ""
    all: str = ""
    without: str = ""
    depth: str = ""
    method: str = ""
    decides: tuple[str, ...] = ()
    source: str = ""
    whole: str = ""
    many: str = ""
    hidden: str = ""
    takes: str = ""
    resolver: str = ""
    row: str = ""
    rows: str = ""
    adds: bool = False
    divides: str = ""
    visible: str = ""


class ShownField(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a field of such a class reads of the attribute that it stands for.

    `value`: the attribute; `key`: only its key, which the row has where it leads to one; `text`: what it is as a text;
    `attribute`: the attribute of it that the argument `name` says; `method`: what the method of its own class reads
    that `name` says, `otherwise` where nothing does; `rows`: all rows of a relation; `nothing`. `makes`: the method
    that is given the value.
    """

    kind: ShownWord = ""
    name: str = ""
    otherwise: str = ""
    makes: str = ""


class Listing(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How classes say that they show the rows of a query as a list.

    `rows`: the method that gives the query; `by`: the attribute, or the method, that says which class represents each
    row; `names`: the attribute that names what is shown of it, and `default` where there is none. `method`: what does
    it; a class that writes it anew shows what that one shows. `through`: methods through which the rows go before.
    `loads`: the attribute that says which relations a join is added for: paths, true for all that every row has, false
    for these if `names` has one of them; `settles`: methods that say any of this themselves.
    """

    rows: str = ""
    by: tuple[str, ...] = ()
    names: str = ""
    default: tuple[str, ...] = ()
    method: str = ""
    represent: str = ""
    """The method by which a `method` that is written anew still shows its rows as the class says, if it asks for
    `rows`, too."""
    through: tuple[str, ...] = ()
    answers: str = ""
    verb: str = ""
    """The attribute that says which of a client's verbs are answered, and the one that asks for the list."""
    loads: str = ""
    settles: tuple[str, ...] = ()
    template: str = ""
    """The attribute that names the template that shows the rows; where there is none, its name is made of the model's
    application and its own, by `unnamed`. `called`: the attribute that says what the list is called there besides
    `known`, in which the model's name may stand."""
    context: str = ""
    """The method that gives the template what else it may name."""
    unnamed: str = ""
    itself: str = ""
    """What the template calls the object of the class."""
    called: str = ""
    known: tuple[str, ...] = ()
    eager: str = ""
    """The idioms by which a class of this type says what is loaded are those of this ending, where there are any."""


class Pages(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a class hands out the rows of a query, and whether in pages.

    `rows`: the method that gives the query; `names`: attributes that say it. `by`: attributes, or methods, that say how
    many rows a page has; where none stands there, the key of a setting of the program does (`SETTING.KEY`), and where
    there is none, all rows are handed out. `decides`: members by which a class does any of this itself.
    """

    rows: str
    names: tuple[str, ...]
    by: tuple[str, ...]
    setting: str = ""
    decides: tuple[str, ...] = ()


class Renders(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a call stands that fills a template: the template's name ("" of a member of what an earlier call got by
    that name), and the mapping of what it may name ("" of a call that only gets the template). `names`: what every
    template may name besides, with what it is there (`request.user`)."""

    template: str
    context: str
    names: dict[str, str] = {}


class Registers(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a call says that the rows of a model are shown by a class: its places, as slots have them. `by`: "" for the
    class that it decorates."""

    model: str
    by: str = ""
    parameter: str = ""
    """The type parameter of that class that is the model then."""
    otherwise: str = ""
    """The type of its own that shows them where no class is given."""


class Tags(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a decorator makes a function that templates call: with what a tag is given, or a filter's value.

    `kind`: `tag`, `filter`. `name`: where its name stands, the function's own otherwise. `context`: the keyword that,
    where it is true, puts the template's context before what the tag is given. `template`: where the template stands
    that is filled with the mapping which the function returns.
    """

    kind: Literal["tag", "filter"]
    name: str = ""
    context: str = ""
    template: str = ""
