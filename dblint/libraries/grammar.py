"""The grammar of library tables: what a row may say.

Five kinds of rows: types, their members, functions, idioms, fixes. A row describes behaviour in words from
closed sets (`words`), so that rules and link need no library's name. `docs/tables.md` explains each word.
What only some rows have stands in rooms of its own: `calling`, `connecting`, `declaring`, `migrating`, `showing`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from dblint.facts.fixes import Rewriting
from dblint.libraries.calling import Callback, Listener, NamedMethod, Provider
from dblint.libraries.connecting import Connects, SettingsFile
from dblint.libraries.declaring import ColumnType, OwnField, RelationMembers
from dblint.libraries.migrating import Alters, MigrationClass, Script, ScriptTool
from dblint.libraries.showing import Listing, Pages, Registers, Renders, Represents, ShownField, Tags
from dblint.libraries.words import (
    DeclaresWord,
    Direction,
    EffectWord,
    EntryWord,
    IteratesWord,
    ListWord,
    LoadingWord,
    OriginWord,
    PartWord,
    Reader,
    StandsWord,
    StringWord,
    TestWord,
    Trigger,
    TriggerWord,
    TruthWord,
    Verb,
)


class Slot(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where in a call something stands.

    `at`: `N` a positional argument, `name` a keyword, `N|name` either, `N.key.key` a path into an object
    literal, `N+` all positional arguments from N on, `*` all positional, `**` all keywords, `tagged` the
    template of a tagged call; several places are separated by spaces. `value` instead of `at`: a constant that the
    member itself implies.
    """

    at: str = ""
    value: str | int = ""
    reader: Reader = ""
    negate: bool = False
    join: Literal["and", "or"] = "and"
    descending: bool = False
    on: str = ""
    """Of a join: the argument that is its condition."""
    capped: bool = False
    """Of a limit: the member itself cuts larger numbers off."""
    how: str = ""
    """Of a join: the argument that says which one it is, by its last word (`JOIN.LEFT_OUTER`)."""
    without: str = ""
    """Of all keywords: those that are the member's own and no conditions or columns."""
    of: str = ""
    """Of keys: the argument that names another column whose values they are. Of columns that are computed of
    themselves: the argument that is added, or what else `value` says is done with it. Of a limit: the number of the
    first row, where `at` has that of the last."""
    nested: str = ""
    """Of relations that are loaded: the keys under which one holds those inside it. The first names nothing else, the
    others name columns, too. None: they stand in it directly."""
    named: str = ""
    """Of a list of statements, written as objects of one key each: the type whose members these keys are; what stands
    under a key are the member's keywords."""
    but: str = ""
    """Of columns: where an object names those that are left out; then it reads all others."""
    alias: str = ""
    """Of a join: the argument that is the table's other name in the statement."""
    loads: bool = False
    """Of columns: another model among them is loaded with the rows, by the relation that leads to it."""


class Batch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One statement has all rows that are given at `rows`, unless a size of parts stands at `size` ("": none can be
    given). `parts`: dialects for which the library makes parts by itself."""

    rows: str = "0"
    size: str = ""
    parts: tuple[str, ...] = ()


class Member(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a member of a type, or a function, does when it is called (or read, with `attribute`)."""

    attribute: bool = False
    static: bool = False
    run: Verb | Literal[""] = ""
    builds: Verb | Literal[""] = ""
    """Begins a statement of this verb without running it (`select()`, `createQueryBuilder()`)."""
    inert: Literal["", "handle", "entity"] = ""
    """Runs nothing: gives a handle on a table (`getRepository(User)`), or makes or fills a row in memory."""
    effects: tuple[EffectWord, ...] = ()
    returns: str = ""
    expects: Literal["", "one", "unique", "many", "stream"] = ""
    rows: Literal["", "one", "many", "handed", "given", "listed"] = ""
    conflict: Literal["", "nothing", "update"] = ""
    """What its insert does where a row with these values is there: nothing, or it changes that row."""
    writes_only: str = ""
    """The argument that lists the attributes of the row that it writes; where it is not given, it writes all."""
    upserts: str = ""
    """The argument that, where it is true, makes an update one that inserts what it does not find."""
    counts_only: str = ""
    """The argument that, where it is true, makes it give no rows but their number."""
    relates: Literal["", "adds", "removes"] = ""
    """Its statement relates the row that it was begun on to others, or ends that: of a many-to-many relation it writes
    rows between them, else those that hold the key."""
    reads: bool = False
    """As a decorator: what the function returns is what is read under its name, also through the class."""
    changes: str = ""
    """What it gives is a change of a document by this operator, of the fields that its first argument names."""
    compares: str = ""
    """What it gives is a condition: its first argument compared with the second by this operator; `and`, `or`, `not`:
    its arguments, which are conditions."""
    resets: tuple[str, ...] = ()
    where: Slot | None = None
    having: Slot | None = None
    columns: Slot | None = None
    aggregate: str = ""
    alias: str = ""
    """The argument that is the other name of the table that the statement is of."""
    set: Slot | None = None
    group: Slot | None = None
    order: Slot | None = None
    limit: Slot | None = None
    offset: Slot | None = None
    eager: Slot | None = None
    loading: LoadingWord = ""
    """How the relations in `eager` are loaded: by a join of the library's own (`joined`), from one that the
    statement has (`from-join`), by further statements for the rows of all (`separate`), by one when they are read
    (`on-read`), or never (`refused`)."""
    loads_all: str = ""
    """The keyword that, where it is true, makes it load whatever rows refer to, at once and without a word which; `*`:
    it always does."""
    into: Slot | None = None
    """The attribute that what `eager` names is kept under; reading the relation itself asks then."""
    lock: Slot | None = None
    transaction: Slot | None = None
    """Where it is handed the transaction that it runs in; without one it runs outside of all."""
    collects: str = ""
    """The argument that is a list of statements, which it runs together."""
    stands: StandsWord = ""
    """What a call of it stands for inside a statement: the column that its first argument names, that of the statement
    around it (`outer`), a value, conditions, those in its arguments put together (`and`, `or`, `not`), the rows of a
    query, or whether it has any."""
    distinct: bool = False
    computes: Literal["", "selected", "named"] = ""
    """Its arguments are computed and have names for later steps: they are selected, too, or only named."""
    reverses: bool = False
    """It turns the order around."""
    combines: Literal["", "union", "union all", "intersect", "intersect all", "except", "except all"] = ""
    """The statement so far becomes the first of several whose rows are put together; its arguments are the others. What
    the first one loads along is loaded with the rows of all."""
    returning: Slot | None = None
    table: Slot | None = None
    cte: Slot | None = None
    """The name that a part of the statement is given, by which what follows may name it as a table; with the value
    `recursive` that part itself, too."""
    join: Slot | None = None
    text: Slot | None = None
    piece: bool = False
    """The text is a piece of a statement, never a whole one."""
    query: Slot | None = None
    key: Slot | None = None
    """The keys that a command of a key-value store is about."""
    field: Slot | None = None
    """Of such a command: the part of what lies under the key that it reads or sets; none: all of it."""
    value: Slot | None = None
    """Of such a command: what it sets that to."""
    whole: bool = False
    """The command goes through all that the database holds."""
    index: Slot | None = None
    """The fields of an index that it makes on the table of what it is called on, with the reader `each` a list of what
    makes such; its keywords say the rest. Of a type's `construct`: what an index is made by."""
    validator: Slot | None = None
    """What the documents of the collection that it gives are checked by (`$jsonSchema`)."""
    unindexes: bool = False
    """It takes indexes away from the table of what it is called on."""
    parameters: Slot | None = None
    stages: Slot | None = None
    """The list of steps that rows go through one after the other, each of which is a clause or more."""
    callback: Callback | None = None
    connects: Connects | None = None
    """Its arguments say how a database is reached."""
    listener: Listener | None = None
    """It makes a function run for each row that is written by itself, and not for those that are written together."""
    declares: DeclaresWord = ""
    """A decorator that makes a class declare a table, read by that reader."""
    extends: str = ""
    """A decorator of classes: the type whose members they have, too."""
    tagged: Literal["", "only", "also", "text"] = ""
    safe_text: bool = False
    log_levels: str = ""
    """The argument that is a file which says the levels of loggers."""
    alters: Alters | None = None
    """What a call of it changes of the schema, once a migration runs."""
    origin: OriginWord = ""
    """Where what it gives comes from; on a decorator of a parameter, where the parameter does."""
    parsed: bool = False
    """What it gives was parsed: objects and lists may stand where a text is expected."""
    converts: str = ""
    """The argument that is a conversion: where it is given, what it makes is what the member gives."""
    rows_as: str = ""
    """The argument that is the class as which a cursor that is made with what this gives reads its rows."""
    string: StringWord = ""
    """How its result is made from the text it is called on (a function: from its first argument)."""
    test: TestWord = ""
    """`pattern`: it answers whether argument 1 matches the pattern in argument 0, from its beginning."""
    consumes: TriggerWord = ""
    """What it does with its first argument, or with those in `consumed`; a lazy query runs by it."""
    consumed: str = "0"
    """Which arguments it consumes: `N`, `N+` each from N on, or `N[]` the elements of the list there."""
    handler: tuple[str, ...] = ()
    """As a decorator it makes a function that the framework calls: what the parameters are given, in order;
    the last word holds for all further ones."""
    job: bool = False
    """As a decorator it makes a function that runs by itself, later or by the clock: no client waits for it."""
    threads: bool = False
    """The framework runs functions without `async` that it decorates, or that it is handed, in threads of its own."""
    entry: EntryWord = ""
    """As a decorator it makes a function that a process is started for, which ends with it: a command of a command
    line. `returns` is then what the function's name holds from there on (a group of further commands)."""
    address: str = ""
    """As a decorator: the argument that is an address, whose parts (`<int:id>`) are given to the parameters that
    they name."""
    converters: tuple[str, ...] = ()
    """What becomes of a part by its converter (`int number`); of any other a client's own text."""
    batches: Literal["", "same-tick", "flush"] = ""
    injects: str = ""
    """As a decorator of a parameter or a field: what a container gives to it, in the words of `returns`; `provided:N`:
    what the project provides under the token in argument N."""
    resolves: bool = False
    """As a decorator: the method gives a field of an object, and is called once for each object that is handed out."""
    fields_of: str = ""
    """As a decorator of a class: the argument that names the class whose fields such methods give."""
    called_on: str = ""
    """As a decorator of a class: what its methods are called on in the place of its instances, in the words of
    `returns`."""
    answers: str = ""
    """As a decorator: the argument, a function that gives the class of what is answered with, in a list where several
    are."""
    resolvers: str = ""
    """The argument that holds functions which give fields of objects, in objects by type and field."""
    validates: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    """Keywords by which it refuses larger numbers."""
    reduces: Literal["", "sum", "max", "min", "first", "some", "every", "filter"] = ""
    """What it makes of the elements of its first argument (`filter`: of its second, by the function in the first)."""
    magnitude: Literal["", "same", "least"] = ""
    """How large the number is that it gives: as large as one of its arguments, or as the least of them."""
    """Keywords by which it checks what a client sent before the function gets it."""
    memoises: bool = False
    """A second call with the same arguments asks nothing; as a decorator it makes such a function."""
    prefetched: tuple[str, ...] = ()
    """Members of the same object after whose call it asks nothing, as they asked for all before; and names of the
    project's settings (in capitals) by which the library does that by itself."""
    iterates: IteratesWord = ""
    """What iterating its result is: over the elements of its first argument (`same`), lists of them, numbers, the
    entries of a mapping that is made of its first argument or of its keywords (`entries`); or it iterates its first
    argument itself until it finds one (`until-first`), over pairs of a key and some of its elements (`groups`), or
    over the elements of all arguments, one after the other (`joined`)."""
    excepts: bool = False
    """It leaves out of its first argument's elements what the others hold."""
    gathers: bool = False
    """It makes a list or mapping, to which the program adds elements later."""
    records: int = -1
    """It makes a class of records: the position of the argument that names the places."""
    limits_time: bool = False
    """What is asked while its result is entered is given up after some time."""
    waits: bool = False
    """It does nothing for some time."""
    steady: bool = False
    """What it gives serves all elements of a loop as well: the time by a clock."""
    few: bool = False
    """It gives few rows, however large their table is: as many as a tree is deep."""
    acts: bool = False
    """It does something outside of the program and its databases that stays done, or begins what does."""
    serves: bool = False
    """From here on the program answers requests: what the same function calls besides runs where the program starts."""
    of: str = ""
    """The type parameter whose model the statement is of, where it is not the type's own; `own:A|B`: it is what the
    receiver's class has under the first of these names, or what its method of that name gives, with more behind it;
    `instance-of-own:A|B`: its model is the class that stands there; `related:S`: it is of what the relation of the
    receiver leads to that the text at the slot S names."""
    runs_if: str = ""
    """The argument that, where it is false, makes it run nothing."""
    runs_with: str = ""
    """The arguments without which it does nothing of the kind."""
    kept: bool = False
    """What it is called on is kept by what it is given, and is no longer its maker's to close."""
    loaded: bool = False
    """On a relation that was loaded before, it asks nothing."""
    flat: bool = False
    """What further models give of a statement becomes attributes of its rows themselves."""
    empty: bool | None = None
    """What it gives holds no rows, so that the database is never asked; false: it may hold some, whatever it was made
    from."""
    leaves: bool = False
    """It never comes back: it raises or ends the program."""
    responds: str = ""
    """A decorator: the keyword that says which class represents what the function gives; without it, its annotation."""
    shows: str = ""
    """What stands there is represented by the class that it is a member of."""
    renders: Renders | None = None
    """It fills a template with what it is given."""
    paginates: str = ""
    """Where the query stands that it reads page by page, as slots have it."""
    tags: Tags | None = None
    """A decorator: it makes a function that templates call."""
    registers: Registers | None = None
    """It makes a class show the rows of a model."""
    opens: bool | Literal["used"] = False
    """What it gives has to be closed by whoever called it; `used`: it takes nothing before it is first used."""
    shared: tuple[str, ...] = ()
    """Databases where it gives everybody the same one, which takes nothing: it opens nothing there."""
    borrows: str = ""
    """The argument that is what it works on: where that is given, it opens nothing, as whoever made that closes it."""
    batch: Batch | None = None
    """How many rows one statement gets."""
    seeks: bool = False
    """It reads a row by its `where`, and inserts one where there is none, as two statements."""
    adds: str = ""
    """The arguments that are rows made in memory, or lists of them, which the unit of work inserts when it ends."""
    unfolds: bool = False
    """It gives what it is called on as a mapping: its attributes by their names."""
    getter: str = ""
    """What it gives is a function that reads attributes of what it is given: the arguments that name them, each as a
    dotted path."""
    refreshes: bool = False
    """It loads again the very row that it is called on or given."""
    direct: tuple[str, ...] = ()
    """As a decorator: members of what it makes that are the function itself, run where they are called."""
    generator: Literal["", "rows", "statement"] = ""
    """What it gives is no list: its rows come as it is iterated (`rows`), and nothing is asked before that
    (`statement`)."""
    takes: Literal["", "all", "some"] = ""
    """What it takes of the rows that its receiver holds: every one, as they are, or some of them."""
    loads: str = ""
    """It gives what the files of a folder export, by their names: the argument that says which folder."""
    grows: dict[str, str] = {}
    """Places of objects whose functions become members of the values of a type of this table: `0.client` → `Client`; of
    a type with a model, objects of them by the model's name (a key that begins with `$`: of every model)."""
    runs_scripts: ScriptTool | None = None
    """Of a type's `construct`: what it makes runs numbered files of migrations."""
    grants: dict[str, str] = {}
    """Members of types of this table that their values have because of such a call → the place of what they are, or of
    the function that gives it: `Client.$kysely` → `0.kysely`."""
    puts: str = ""
    """It keeps something on an object: `A/B/C`, the object in argument A (`self`: what it is called on), the argument
    with the name under which it is kept there (nothing: the object holds one thing), the argument that is kept."""
    idiom: str = ""
    """Its repairs are written as the library's idioms of this ending (`bind-execute`), where there are any."""
    blocking: bool | None = None


class Type(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A library's type.

    `parameters` name its type parameters; `model` says which of them is the table's model. `step`:
    whether a chain member copies the receiver or changes it in place. `element` is what iterating gives.
    `bind`: the parameter that becomes the class through which the value is read as a class attribute.
    `base`: the parameter that holds the class which this one was made from; its members come first.
    `settings`: every member is what the project's settings give to that name; a module that binds the name
    written here holds settings.
    `delegates`: members not found here are looked up on this type. `dynamic`: every member that names a
    model of the project's schema is a value of this type. `declares`: subclasses declare tables, read by
    that reader.
    """

    path: tuple[str, ...] = ()
    table: str = ""
    """The table of a model that the library itself declares."""
    naming: Literal["", "lower", "snake"] = ""
    """How the library names the table of a subclass that does not name it itself; "": it does not."""
    column: ColumnType | None = None
    """The column that a value of this type is kept in, or a field of this type makes."""
    field: Literal[
        "", "column", "to-one", "one-to-one", "to-many", "many-to-many", "relation", "to-any", "through", "virtual"
    ] = ""
    """What an attribute of a model is that holds a value of this type. `relation`: the other end decides which;
    `to-any`: other columns of the row say of which table and row; `through`: an attribute (the second argument) of the
    rows of a relation (the first); `virtual`: the table knows nothing of it."""
    indexed: bool = False
    """A field of this type has an index unless it says otherwise."""
    fields: dict[str, OwnField] = {}
    """What a model that the library itself declares has, in order."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """The indexes that such a model has besides, by fields."""
    assumed: bool = False
    """Of a model: a class with a base that nobody has read extends it, where its body holds the library's fields."""
    related: str = ""
    """Of a model: its own attributes of which the first that it has gives what a relation to several rows gives,
    narrowed to them; or that type itself (`Rows<Self>`). "": such a relation gives a list."""
    asked: dict[str, str] = {}
    """Of a model: how a relation to several rows is loaded (`dynamic`) → what it gives then in a list's place, a query
    that is narrowed to them."""
    awaits: bool = False
    """Of a model: a relation of its rows to one row that was not loaded is loaded when it is awaited."""
    becomes_list: bool = False
    """Of a model: a relation to several rows that was loaded is a plain list, of which nothing can be asked."""
    joined: str = ""
    """Of a model: the type that a many-to-many relation gives instead, made from that attribute's; its parameters
    `B` and `J` hold what it is made from and the model of the rows between."""
    referring: str = ""
    """Of a model: the type that any other relation to several rows gives instead, made from that attribute's (`B`)."""
    referred: str = ""
    """Of a model: the type of what the class itself has under the name of a relation that another model's adds to it;
    its parameter `R` holds that model."""
    between: str = ""
    """Of a field that is a many-to-many relation: the model of the rows between where no argument names one, and the
    field of them that leads to the other model (`TaggedItem.tag`). That model has nothing of the relation."""
    lazy: bool = False
    """Of a model: a relation of its rows that was not loaded is loaded when it is read."""
    statics: str = ""
    """Of a model: the type whose members the class itself has, of that class as its model. Its own members are those of
    rows."""
    of_model: str = ""
    """The path of the type for one model of a schema, whose name stands at `{model}`."""
    adds_members: dict[str, Literal["class", "row", "query"]] = {}
    """Of what models are made of: the words under which it is given functions that become members of the model, with
    whether the class itself has them, its rows, or its queries."""
    relation_members: RelationMembers | None = None
    """Of a model: the methods that its rows have for each of its relations, by names made of both
    (`author.getBooks()`)."""
    identity: bool = False
    """Of a model: a row that was loaded before is found by its key again, without a question."""
    begins: str = ""
    """The method of which every query of it is what it gives, where a class of the project has one of its own."""
    parameters: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    model: str = ""
    step: Literal["copy", "mutate"] = "copy"
    element: str = ""
    tuples: bool = False
    """Its rows are tuples of what the statement selects, with a name for each."""
    keyed: str = ""
    """What it gives for any key (`connections["replica"]`); "": what its element is."""
    runs_on: tuple[Trigger, ...] = ()
    named: str = ""
    """What it gives for any name that is none of its members, by attribute or by key: `Self` is the table of that
    name there."""
    direction: Direction = ""
    """Its value is a direction to sort in."""
    slice: bool = False
    scalar: Literal["", "number", "string", "constant"] = ""
    """Its values are plain: numbers and what prints like them, strings, or one of the program's constants."""
    origin: OriginWord = ""
    """Where what is read from its values comes from, whatever it is called."""
    composes: bool = False
    """Its values are pieces of SQL text that are put together; each is judged where it is made."""
    beside: dict[str, tuple[Verb, ...]] = {}
    """Of a model: methods that a subclass may write anew, and that run for each row that a statement of these verbs
    writes by itself; a statement for many rows passes them by."""
    tells: tuple[Verb, ...] = ()
    """It is a signal: its listeners run for each row that a statement of these verbs writes by itself, and not for
    those that one statement writes together."""
    hears: tuple[Verb, ...] = ()
    """Of what a model keeps in its body (`history = Records()`): it runs for each row that a statement of these verbs
    writes by itself, of that model and of those that extend it."""
    entries: dict[str, EntryWord] = {}
    """Methods that the library calls on subclasses when a process is started for just them."""
    pages: Pages | None = None
    """Subclasses answer requests with the rows of a query, in pages or all at once."""
    called_on: str = ""
    """What methods of subclasses are called on in the place of their instances, in the words of `returns`."""
    contexts: tuple[str, ...] = ()
    """Methods of subclasses that give the mapping which a template is given."""
    serves: bool = False
    """Subclasses answer requests: their methods run while a client waits."""
    hooks: dict[str, tuple[str, ...]] = {}
    """Methods that the library calls on subclasses → what their parameters are given, as `handler` has it."""
    calls: NamedMethod | None = None
    """Of what a class keeps in its body: it names a method of that class, which the library calls."""
    afterwards: bool = False
    """A migration that keeps one in its body runs when no release is left that used what it takes away."""
    script: Script | None = None
    """Numbered files of migrations are given one."""
    migrates: MigrationClass | None = None
    """Subclasses are migrations."""
    bind: str = ""
    bound_by: str = ""
    """The attribute that says it, too, where the program sets it (`manager.model = Book`)."""
    base: str = ""
    settings: str = ""
    delegates: str = ""
    dynamic: str = ""
    settles: str = ""
    """What awaiting it gives; "": itself."""
    verb: Verb | Literal[""] = ""
    """What a statement does that was begun elsewhere, where a value of this type holds one."""
    names_table: str = ""
    """Which of its parameters is a text that names the table which its statement begins with."""
    aliases: bool = False
    """It is another name for its model, under which a statement has the model's table once more."""
    stands: StandsWord = ""
    """What a value of it stands for inside a statement, whatever was called on it: as of a member."""
    names_functions: bool = False
    """Its members are functions of the database, by their names (`fn.lower(…)`)."""
    declares: DeclaresWord = ""
    transparent: bool = False
    """What is annotated with it is of the type of its first type argument (`Loaded<User>`)."""
    unknown: Literal["", "same"] = ""
    batches: Literal["", "same-tick", "flush"] = ""
    """What its members run is sent with other calls: later (`flush`), or with those of the same tick."""
    columns: Literal["", "all", "each"] = ""
    """It stands for columns of a table, or of what a statement selects: for all of them at once, or its members do for
    one each, by name or by key."""
    merges: bool = False
    """Two of it by `|` or `&` are one query: it loads what the first does, in the order of the second where that has
    one, under conditions of both."""
    caches: bool = False
    awaited: tuple[str, ...] = ()
    """Members whose call runs nothing before what it gives is awaited; `*`: every one that runs something."""
    promises: tuple[str, ...] = ()
    """Members that do at once what they say and give a promise of it; `*`: every one that runs something."""
    asked_by: tuple[str, ...] = ()
    """Members that say of a receiver of which nothing else is known that it is of this type: those which are given a
    model or a statement of the library first. Where two types have the same, the awaited call is of that whose member
    is `awaited`."""
    tracked: bool = False
    """Of a model: what is set on attributes of its rows is sent when the unit of work ends."""
    blocking: bool | None = None
    """Whether what its members do holds up their thread until it is done."""
    refuses: str = ""
    """What its members raise where they would hold up an event loop."""
    raises_later: str = ""
    """What it raises where a relation is read that its rows were not loaded with: it waits for nothing then."""
    holds: bool = False
    """Programs put on its values what they like, and find it there under the same name."""
    embedded: bool = False
    prepared: bool = False
    """It is a statement that was parsed before: running it once more costs no more than what it does."""
    """The database runs in the program itself: a statement is no round trip."""
    makes: str = ""
    """Classes of it make and change rows of the model that this attribute of theirs names (`Meta.model`)."""
    changes_row: str = ""
    """Of these classes: the argument that is the row to change; without it, a row is made."""
    represents: Represents | None = None
    """Classes of it show rows: what they read of each."""
    shown: ShownField | None = None
    """It is a field of such a class."""
    lists: Listing | None = None
    """Classes of it show the rows of a query."""
    handle: Literal["", "transaction"] = ""
    undefined: Literal["", "drops-filter", "null", "error"] = ""
    construct: Member | None = None
    call: Member | None = None
    enter: str = ""
    """What `with value as x` gives; `argument:N`: what its class was given where the value was made."""
    on_enter: tuple[EffectWord, ...] = ()
    on_exit: tuple[EffectWord, ...] = ()
    members: dict[str, Member] = {}
    defaults: dict[str, Slot] = {}
    """Clauses that every query of this type has unless a member says otherwise (`columns`)."""
    ignored: dict[str, str] = {}
    """Public methods of which nothing is to be said → why. Those that are neither rows nor here were forgotten."""


class Untyped(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A host language's own method, matched by name on receivers without a type (a string, an array, a
    promise): what becomes of the function given to it, and how its result is made from the receiver. What
    the receiver is is never said."""

    callback: Callback | None = None
    element: bool = False
    """The result is a list of what the function gives."""
    string: StringWord = ""
    origin: OriginWord = ""
    """What it gives, or is when it is read, whatever the receiver."""
    list: ListWord = ""
    """What it does with the elements of a list."""
    part: PartWord = ""
    """What it gives of a mapping: what lies under its keys (`values`), or pairs of a key and that (`pairs`)."""
    iterates: IteratesWord = ""
    """What iterating its result is: over the receiver's elements (`same`), those from one position to another, or the
    parts of a text (`parts`)."""
    excepts: bool = False
    """It leaves out of the receiver's elements what its arguments hold."""
    test: TestWord = ""
    """What its answer says of a text: the argument is one of the receiver's elements, matches the receiver (a
    pattern), or the receiver is `plain`, made of letters and digits."""
    consumes: TriggerWord = ""
    """What it does with its first argument; a lazy query runs by it."""
    itself: bool = False
    """It gives what it is called on, or what that stands for."""
    settles: bool = False
    """It waits for what it is called on, by which a lazy query runs; a function that it is given gets what came of
    that, and what the function gives is waited for, too."""


class Truth(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What an expression of columns is taken for where the host asks whether it is true; "" where nobody says."""

    equal: TruthWord = ""
    """`==` of two things."""
    unequal: TruthWord = ""
    """`!=` of two things."""
    compared: TruthWord = ""
    """Every other comparison, and what functions and methods make of columns."""
    column: TruthWord = ""
    """A model's attribute that holds a column, as it is."""
    condition: TruthWord = ""
    """An object that holds conditions (`Q(…)`)."""


class Library(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One table."""

    name: str
    languages: tuple[Literal["python", "javascript"], ...]
    packages: tuple[str, ...] = ()
    """Import roots that say a file uses this library."""
    reexports: dict[str, tuple[str, ...]] = {}
    """A package → those that export all that it does, unless a row says otherwise of them."""
    dialect: str = ""
    """The database it speaks to, when it speaks to one only."""
    types: dict[str, Type] = {}
    functions: dict[str, Member] = {}
    untyped: dict[str, Untyped] = {}
    idioms: dict[str, str] = {}
    fixes: dict[str, Rewriting] = {}
    """A remedy of `dblint.facts.fixes.FIXES` → how a program writes it into source; endings as those of idioms."""
    engines: dict[str, str] = {}
    """A string that configures this library for a database → the dialect (`django.db.backends.mysql`)."""
    drivers: dict[str, str] = {}
    """A package in a manifest → the dialect that it speaks."""
    loggers: dict[str, Literal["debug", "info"]] = {}
    """A logger that statements are written to with their values → the lowest level that keeps them out of it is the
    one above this."""
    connections: dict[str, Connects] = {}
    """A setting that says how a database is reached."""
    files: dict[str, SettingsFile] = {}
    """Files of the project by their names, without folders."""
    provider: Provider | None = None
    """How the project says what a container injects."""
    exported: dict[str, dict[str, tuple[str, ...]]] = {}
    """Files of the project, by patterns of their paths → the names that they export of functions which the library
    calls → what their parameters are given, as in `handler`."""
    directives: dict[str, tuple[str, ...]] = {}
    """A directive (`"use server"`) at the head of a function, or of a file for all that it exports, by which clients
    call these functions → what their parameters are given."""
    truth: Truth = Truth()
    sanitizes: tuple[str, ...] = ()
    """Words by which a program makes it, or something before it, refuse operators in what a client sends."""
    ambient: tuple[str, ...] = ()
    """Words by which a program makes it hand its transactions on to every query by itself."""
    keeps: dict[str, tuple[str, ...]] = {}
    """A table that the library makes for its own use, by a name that nobody else gives one → its columns, in order."""
