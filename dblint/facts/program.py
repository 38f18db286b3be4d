"""What the program does with its databases: calls, the functions around them, and who calls whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from dblint.facts.query import Query
from dblint.facts.text import Place, Text


class FileRole(StrEnum):
    """What a file is for. Rules speak in some roles and not in others."""

    APP = "app"
    TEST = "test"
    SCRIPT = "script"
    SEED = "seed"
    MIGRATION = "migration"
    GENERATED = "generated"
    VENDORED = "vendored"
    EXAMPLE = "example"


class Effect(StrEnum):
    """What a library call does. A closed set: a table that names another is rejected."""

    QUERY = "query"
    BEGIN = "begin"
    LOCK = "lock"  # nobody else writes to the database until what is begun ends
    COMMIT = "commit"
    ROLLBACK = "rollback"
    CONNECT = "connect"
    ACQUIRE = "acquire"
    RELEASE = "release"
    CLOSE = "close"
    CHANGE_SCHEMA = "change-schema"


class Nature(StrEnum):
    """What a loop is for, where that decides whether a query per iteration can be one query."""

    EACH = "each"  # once per element
    CHUNK = "chunk"  # per slice of a longer list
    PAGE = "page"  # until no further page comes
    RETRY = "retry"  # until it succeeds
    POLL = "poll"  # forever, sleeping
    CONSTANT = "constant"  # over a short list that stands in the source
    UNKNOWN = "unknown"


class Handed(msgspec.Struct, frozen=True, array_like=True):
    """A value that is handed to a query's conditions, or assigned by it (`Value.place`), or what the query is begun on
    (`Call.handle_place`), as a loop around the query sees it: whether it changes with the element, and whether it is a
    list, of which there is one per element then. `anew`: it may be another one each time, whatever the element
    (`token_hex()`). `inserted`: it is a row that the same turn of the loop inserts, the key of one, or what its related
    rows are read from. `own`: the model of the loop's element, where the value is that element, a row, or its key."""

    place: Place
    varies: bool
    listed: bool = False
    anew: bool = False
    inserted: bool = False
    own: str = ""


class Filled(msgspec.Struct, frozen=True, array_like=True):
    """A value that is set on a row before it is written: what it is called in the program, and whether it changes
    with the row."""

    name: str
    varies: bool


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """Something that surrounds a call inside its function, outermost first in `Call.frames`.

    `kind`: loop, branch, try, catch, finally, with, transaction, closure. For a loop, `source` is what
    is iterated, as written, `construct` how (for, while, comprehension, map, forEach …; for a branch
    `else`: it is the other arm of the condition), `variables` the names bound per iteration, and `dependent`
    says that the call's arguments or receiver depend on them. `concurrent`: iterations run at once (`Promise.all`).
    """

    kind: str
    place: Place
    source: str = ""
    construct: str = ""
    variables: tuple[str, ...] = ()
    nature: Nature = Nature.UNKNOWN
    dependent: bool = False
    concurrent: bool = False
    # the iteration that makes the call always leaves the loop after it, or has no other one make it
    leaves: bool = False
    seeks: bool = False  # the loop is left with the first element for which the call finds something
    selects: bool = False  # the call is made only for the one element that equals a constant
    kept: bool = False  # what the call gives is kept in a store that outlives the loop, and asked for once per key
    # the element decides which table or which database is asked, or how many rows of what is found
    elsewhere: bool = False
    handed: tuple[Handed, ...] = ()  # the values of the call's queries of which something can be said
    awaited: tuple[Place, ...] = ()  # what an iteration waits for: queries, and whatever else
    outside: tuple[Place, ...] = ()  # calls by which an iteration acts outside of the program
    filled: tuple[Filled, ...] = ()  # what an iteration sets on the element that the call is made on, if that is all
    same: bool = False  # no element decides what the call asks, and nothing else that it is made of can differ
    pauses: bool = False  # the iteration that makes the call surely pauses, too
    thread: bool = False  # of a closure: it runs in another thread, or otherwise beside the event loop
    # Elements that the call is made for: "" all, "some" by a condition, "few" by one value or by what differs,
    # "changed": those that are not yet what they are set to
    passes: str = ""
    queried: bool = False  # what is iterated is a query, which runs there: its elements are rows that are stored
    opens: bool = False  # an iteration opens the file that its element is, or is the name of
    stored: bool = False  # its element is surely a row that a query gave
    at_once: bool = False  # the other arm of a branch around the loop hands all elements to such a call at once
    # its elements are those of one list that another has not: the expressions that both are made of
    without: tuple[Place, ...] = ()
    mutual: bool = False  # a loop of the function goes through what the other list has and this one has not, too


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What the rows of a statement are read as: a class or a type of the project, by its name ("" where it has none),
    and the names of its fields, also those that they have outside of the program. `open`: it may have more."""

    name: str
    fields: tuple[str, ...]
    open: bool = False

    def takes(self, *names: str) -> bool:
        """Whether a column goes by one of these names into a field; `authorId` is `author_id`."""
        fields = {_plain(field) for field in self.fields}
        return any(_plain(name) in fields for name in names if name)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


class Taking(msgspec.Struct, frozen=True, array_like=True):
    """One expression that takes something of the rows of a read without needing any of them. `kind`: `number` (how
    many there are), `truth` (whether there is one). `place`: the expression (`len(rows)`, `len(rows) > 0`); `subject`:
    the rows, or their number, in it. `absent`: it holds where there is no row. `query`: the query that gives them,
    where it stands in there (`books.filter(…)` of `books.filter(…).all()`)."""

    kind: str
    place: Place
    subject: Place
    absent: bool = False
    query: Place | None = None


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """All that the program takes of what a read gives, where that is less than the rows: their number, or only whether
    there is one, by the expressions that take it, in order."""

    kind: str
    by: tuple[Taking, ...]


class Reduced(msgspec.Struct, frozen=True, array_like=True):
    """What a program makes of the rows of a read, which a database could have made. `kind`: `filter` (it leaves some
    out), `first` (it picks one), `some` (it asks whether one is so), or a sum, greatest or least value: `sum`, `max`,
    `min`. `place`: the expression or loop that makes it; `columns`: the attributes of a row that it reads for that, of
    an aggregate its own first. `some`: a condition leaves rows out; `flags`: the attributes of which it asks only
    whether they are true."""

    kind: str
    place: Place
    columns: tuple[str, ...]
    some: bool = False
    flags: tuple[str, ...] = ()


class Bypassed(msgspec.Struct, frozen=True, array_like=True):
    """A transaction that hands itself to a function in which a query is asked that runs outside of it. `place`: the
    call that begins it, on `client`, as written; `handle`: the function's name for it, "" where it takes none.
    `option`: the name under which the query would be given the handle; "": the handle is asked itself, or handed in
    as an argument."""

    place: Place
    client: str = ""
    handle: str = ""
    option: str = ""
    library: str = ""  # whose transaction it is, where a function is called that is not given the handle


class Loose(msgspec.Struct, frozen=True, array_like=True):
    """What a client sends into a filter, as it is: a `value` of a field, which may be an object of operators, the whole
    `filter`, or a part of a text that the database runs as `code`."""

    place: Place
    kind: str


class Call(msgspec.Struct, frozen=True, array_like=True):
    """One place where code makes a library act, also where no call is written (`trigger`: call, iterate,
    len, truth, index, await, template)."""

    place: Place
    member: str
    receiver: str  # the receiver's type, as `dblint queries` shows it
    resolved: tuple[str, ...] = ()  # how the receiver was resolved, step by step
    trigger: str = "call"
    effects: tuple[Effect, ...] = ()
    queries: tuple[Query, ...] = ()
    text: Text | None = None
    piece: bool = False  # the text is a piece of a statement, not the whole of one
    parameters_bound: bool | None = None
    function: str = ""  # id of the function around it, "" at module level
    frames: tuple[Frame, ...] = ()
    role: FileRole = FileRole.APP
    database: str = ""
    dialect: str = ""
    dialect_sure: bool = False
    batches: str = ""  # "same-tick": calls of one tick become one query; "flush": its change is sent with others, later
    memoised: bool = False
    refreshes: bool = False  # it loads again the row that it is given
    blocking: bool = False  # it surely holds up its thread until it is done
    refuses: str = ""  # what it raises where it would hold up an event loop
    embedded: bool = False  # the database runs in the program itself: it is no round trip
    prepared: bool = False  # it runs a statement that was parsed before
    unbatched: str = ""  # who decides how many rows its one statement gets: "caller" | "query"; "": cannot say
    seeks: bool = False  # it reads a row, and inserts one where there is none, as two statements
    idiom: str = ""  # key into Project.idioms
    source: str = ""  # the call as written, shortened
    result: str = ""  # how the result, or all of them, is used: returned, iterated, assigned, dropped, unknown
    member_stop: int = -1  # offset behind the member's name: up to here stands the chain; -1: none is written
    handle: str = ""  # what the query's chain is begun on, as written (`Book.objects`, `shelf.books`)
    handle_place: Place | None = None
    begun: bool = False  # its statement is begun in the function around it, which nobody hands another one
    shape: Shape | None = None  # what the rows of a text that asks for every column are read as
    # nothing runs it: "dropped" is what it builds, "unread" the name of that, "unawaited", "uniterated" what it gives
    unrun: str = ""
    reduced: Reduced | None = None  # all that becomes of the rows, where a database could have made it
    taken: Taken | None = None  # what is taken of the rows, or of their number; None: the rows, or cannot say
    commands: tuple[Query, ...] = ()  # what it asks of a key-value store, see `Query.of_keys`; none of `queries`
    fetched: bool = False  # all rows of its text surely become a list, there or in a later call
    anew: str = ""  # of a relation's rows: the member by which others are asked for than an earlier query has loaded
    operator: str = ""  # of the trigger `truth`: the operator that asks whether there are rows, where it is one
    bypassed: Bypassed | None = None  # the transaction around it in which it surely does not run
    floats: bool = False  # it runs, and nobody waits for the promise that it gives
    untagged: bool = False  # a tag of templates, called as a function with a text
    loose: tuple[Loose, ...] = ()  # what a client sends into its filters, where that may be more than a value
    dropped: tuple[Place, ...] = ()  # values of its filter that may be undefined: their conditions are left out then
    early: tuple[Place, ...] = ()  # statements of a list that it runs together, which have run before by themselves
    first: bool = False  # its rows are returned, and who calls the function takes no more than the first of them

    @property
    def asked(self) -> tuple[Query, ...]:
        """All that it asks: queries of rows, and commands of keys."""
        return (*self.queries, *self.commands)


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """A call, or the read of a property, by which a row is handed on: where, as written, and to which function."""

    place: Place
    source: str
    callee: str


class Access(msgspec.Struct, frozen=True, array_like=True):
    """A relation that is read of rows of a query, of each in a loop.

    `place` is where the loop reads it, or calls what does (`steps`: the calls on the way, the loop's own first); `at`,
    the attribute itself. `path`: the relations that lead from the query's rows to this one, this one last, as rows call
    them, `queried` as conditions do; `model` is whose it is, `root` the model of the query's rows; `several`: one of
    the path leads to several rows, or to a row of any table. `loaded`: `yes`, the query or the mapping loads it before;
    `no`, it asks the database; `raises`, it cannot be loaded any more, and reading it raises `raised`; "", cannot say.
    `rows`: the query, `given` where it stands, which may be another function; `handle`: it is read to call something on
    it, and asks by those `calls` alone. `identity`: rows that the program has are found by their keys without a
    question. `nullable`: a row need not have one at the other end, as the relation's column says. `partly`: something
    on the way, behind the loop, decides whether it is read of this row. `fallback`: it is read only where another value
    of the row is empty. `unit`: what reads it is a unit of work: a function that acts outside of the program, or a
    method that the row at the other end has, or may have, and that changes rows or acts so. `alone`: the rows are those
    of the one key in a list.
    """

    place: Place
    at: Place
    relation: str
    kind: str  # to-one | to-many | many-to-many
    model: str
    path: tuple[str, ...]
    root: str
    target: str  # the model at the other end
    table: str
    loaded: str
    rows: Query
    given: Place
    frames: tuple[Frame, ...] = ()
    steps: tuple[Passage, ...] = ()
    several: bool = False
    handle: bool = False
    calls: tuple[Call, ...] = ()  # what is called on the handle and asks
    identity: bool = False
    columns: tuple[str, ...] = ()  # of the row's own table, by which it leads on
    function: str = ""
    role: FileRole = FileRole.APP
    source: str = ""
    idiom: str = ""  # key into Project.idioms
    nullable: bool = False
    partly: bool = False
    session: bool = False  # the row is one of a unit of work, which forgets at a commit what was loaded of its rows
    keyed: str = ""
    fallback: bool = False
    unit: bool = False
    alone: bool = False
    queried: tuple[str, ...] = ()
    raised: str = ""


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """A relation that is read of each row that is shown.

    `place`: where it is said that it is shown (a serializer's field, a name in a list, a line of a template); `at`:
    where it is read, behind the calls in `steps`, and `source`, how it is written there. `path`, `queried`: the
    relations from the query's rows to this one, as of an `Access`; the model `model` declares it; `target`, `table`:
    the model and table at its other end. `loaded`, `raised`: as of an `Access`. `several`: some relation
    of the path leads to several rows, or to a row of any table. `counts`: only how many rows there are is asked, or
    whether there are any. `branch`: it is read on a branch that asks for something else than whether the row is there.
    `identity`: as of an `Access`.
    """

    place: Place
    at: Place
    source: str
    relation: str
    model: str
    path: tuple[str, ...]
    target: str
    table: str
    loaded: str = ""
    several: bool = False
    counts: bool = False
    steps: tuple[Passage, ...] = ()
    branch: bool = False
    identity: bool = False
    queried: tuple[str, ...] = ()
    raised: str = ""


class Invocation(msgspec.Struct, frozen=True, array_like=True):
    """A place where one project function calls another (or hands it to a loop). `acts_from`: in a loop, a call of what
    acts outside of the program, which a turn comes to from this character of the file on, unless a row is not there;
    -1 of all others."""

    place: Place
    function: str
    callees: tuple[str, ...]
    frames: tuple[Frame, ...] = ()
    role: FileRole = FileRole.APP
    source: str = ""
    result: str = ""  # how the result is used, as `Call.result` says it
    recursive: bool = False  # the callee comes back to the function around the call
    awaited: bool = False  # what it gives is awaited there and then
    bypassed: Bypassed | None = None  # the transaction around it whose handle the callee is not given
    descends: bool = False  # the callee is the function around the call, which is given a row of the loop, or its key
    acts_from: int = -1


class Route(msgspec.Struct, frozen=True, array_like=True):
    """How a function reaches a query: the call sites passed on the way, and the call at the end. `handed`: of the way
    from one invocation, the values of the query as the nearest loop around that invocation sees them. `unsure`: on the
    way it is tested what an object was made with, and may have been made without."""

    steps: tuple[Invocation, ...]
    call: Call
    handed: tuple[Handed, ...] = ()
    unsure: bool = False


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A query that is asked of each row that is shown, by what a function of the program makes of it.

    `place`: where it is said that this is shown, as in `Shown`. `route`: the way from that function to the query, with
    what changes with the row among its values. `loaded`: whether the relation of which it asks was loaded with the
    rows, as in `Shown`; "no" of what is asked of no relation.
    """

    place: Place
    route: Route
    loaded: str = "no"


class Exposure(msgspec.Struct, frozen=True, array_like=True):
    """A list of rows that something shows which is no loop of the program: a serializer, an admin's list, a template.

    `place`: what shows them (a view, a call), and `by`: the name of what says how (`BookSerializer`, `books.html`).
    `rows`: the query, whose place is `given`; its rows are of the model `root`. `shown`: the relations that are
    read of each, `asked`: the queries of their own that are asked of each, `repeated`: relations of another row, the
    same for all of them, that are asked for anew for each. `form`: the idioms of this ending say how the query is told
    what to load, where there are any.
    """

    place: Place
    by: str
    root: str
    given: Place
    rows: Query
    shown: tuple[Shown, ...]
    form: str = ""
    role: FileRole = FileRole.APP
    idiom: str = ""  # key into Project.idioms
    asked: tuple[Asked, ...] = ()
    repeated: tuple[Shown, ...] = ()


class Response(msgspec.Struct, frozen=True, array_like=True):
    """Rows that a framework puts into an answer, where the program itself runs no query.

    `place`: the value that a template is given, or where a class of views says which rows it lists; `kind`: `rendered`,
    `listed`, or `paginated` where the query is handed to what reads it page by page. `rows`: the query, built at
    `given`. `paged`: whether they are handed out in pages: `yes`, `no`, or "" where it cannot be said. `function`: the
    id of the function around, "" where there is none.
    """

    place: Place
    kind: str
    rows: Query
    given: Place
    paged: str = ""
    function: str = ""
    role: FileRole = FileRole.APP
    idiom: str = ""  # key into Project.idioms


class Brought(msgspec.Struct, frozen=True, array_like=True):
    """A relation that a query is told to load with its rows, where all that becomes of the rows was followed.

    `place`: where it is told; `path`: the relations from the query's rows, whose model is `root`, to this one, () where
    everything is loaded that they refer to. `read`: something reads it of them, or one behind it; anything of it.
    """

    place: Place
    path: tuple[str, ...]
    root: str
    read: bool
    role: FileRole = FileRole.APP
    idiom: str = ""  # key into Project.idioms


class Handle(msgspec.Struct, frozen=True, array_like=True):
    """A place where code gets at a table and runs nothing.

    `kind`: `handle`, a value on which queries run later (`runs`: the places of those that were seen), `entity`, a row
    made or filled in memory, or `added`, rows that the unit of work inserts when it ends. `table` is "" where it cannot
    be said.
    """

    place: Place
    kind: str
    member: str
    receiver: str  # the type of the handle, or of what makes the entity
    table: str = ""
    runs: tuple[Place, ...] = ()
    resolved: tuple[str, ...] = ()
    function: str = ""  # id of the function around it, "" at module level
    role: FileRole = FileRole.APP
    member_stop: int = -1


class Exit(msgspec.Struct, frozen=True, array_like=True):
    """A way out of a function. `kind`: `return`, `raise`, `error` (something that is called there fails), `end`."""

    kind: str
    place: Place


class Resource(msgspec.Struct, frozen=True, array_like=True):
    """A value that a function opens, keeps to itself and has to close: a connection, a pool's client, a session.

    `exits`: the ways out of the function on which it is still open. `closed`: where it is closed, on whatever way. One
    that is returned, stored or closed by what takes it over is none of these facts. `handed`: it is given to something
    of which nobody can say whether it closes it. One that takes a connection when it is first used is open from there.
    """

    place: Place
    kind: str  # its type, as `dblint queries` shows it
    name: str = ""  # the name that holds it; "": none does
    source: str = ""  # the call that opens it, as written, shortened
    function: str = ""
    role: FileRole = FileRole.APP
    exits: tuple[Exit, ...] = ()
    closed: tuple[Place, ...] = ()
    handed: bool = False
    entered: bool = False  # a `with` is entered with it that does something else than closing it
    closing: str = ""  # the member that closes it
    idiom: str = ""  # key into Project.idioms
    lent: bool = False  # a pool lends it
    lender: str = ""  # the pool, as written, where only a member of its own takes it back
    taking: str = ""  # that member


class Function(msgspec.Struct, frozen=True, array_like=True):
    """A function of the project. `id` is `path::qualified.name`."""

    id: str
    name: str
    place: Place
    # command: a process is started for it, and ends with it; start: its event loop has nothing else to do while it runs
    # (it is what the loop was made for, or runs before what the loop serves); "": cannot say
    kind: str = ""
    memoised: bool = False
    asynchronous: bool = False
    commits: bool = False  # it ends a transaction itself
    changes: bool = False  # it, or a function that it calls, changes rows or ends a transaction
    acts: bool = False  # called in a loop, it does something outside of the program, or a function that it calls does
    thread: bool = False  # a decorator makes its calls run in another thread
    # of a coroutine function:
    awaits: bool = False  # it waits for something by `await`, `async with` or `async for`
    threaded: bool = False  # frameworks alone run it, which run functions without `async` in threads
    unnamed: bool = False  # nothing in the project names it, so that nobody is seen to run it


class Given(msgspec.Struct, frozen=True, array_like=True):
    """A value of a connection that stands in the source. `fallback`: it counts only where the environment, or
    whoever makes the object, says nothing."""

    name: str  # how it is called there: `password`, `PASSWORD`, `passwd`; "" for a part of an address
    text: str
    place: Place
    fallback: bool = False


class Protection(msgspec.Struct, frozen=True, array_like=True):
    """An option that takes a connection's protection away. `kind`: `off` (not encrypted), `optional` (encrypted only
    where both ends like to), `unverified` (encrypted, whoever answers)."""

    kind: str
    name: str
    word: str
    place: Place
    fallback: bool = False


class Host(msgspec.Struct, frozen=True, array_like=True):
    """A machine by its name. `kind`: `local` (this one), `service` (a name of the network that the program runs in),
    `private` (an address or zone of such a network), `example` (reserved for documents), `remote`."""

    name: str
    kind: str


class Connection(msgspec.Struct, frozen=True, array_like=True):
    """A place that says how a database is reached: a call that connects, a setting, a schema's datasource.

    `hosts`: those that it may name, with the name "" for the driver's own default; `open`: another one may be meant.
    An address that stands in the source counts wherever it goes; `library` is "" where none that is described takes it,
    and `database` says what it is an address of.
    """

    place: Place
    library: str  # key into Project.idioms
    member: str  # what is called or set
    passwords: tuple[Given, ...] = ()
    users: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    open: bool = False
    protections: tuple[Protection, ...] = ()
    role: FileRole = FileRole.APP
    database: str = ""


class Client(msgspec.Struct, frozen=True, array_like=True):
    """A place that configures a client of a database: a call that makes an engine, a pool or a connection, an entry of
    a setting.

    `dialect`: the database, "" where it cannot be said. `limit`: whether the time of a statement is limited there:
    `yes`; `no`, all options that could are seen, and nothing of the program limits it otherwise; "", cannot say.
    """

    place: Place
    library: str  # key into Project.idioms
    member: str  # what is called or set
    dialect: str = ""
    limit: str = ""
    role: FileRole = FileRole.APP


class Echo(msgspec.Struct, frozen=True, array_like=True):
    """A place that makes a library write statements to a log with the values that they were given: an option of a
    client, a logger's level. None is one that stands behind a switch for development, in whatever way that is told.

    `fallback`: so only where the environment, or whoever makes the object, says nothing. `logger`: it is a level, which
    stands in `file` where the place only reads that one.
    """

    place: Place
    library: str
    name: str  # the option, or the logger
    word: str  # its value, or its level
    fallback: bool = False
    role: FileRole = FileRole.APP
    logger: bool = False
    file: str = ""


class Setting(msgspec.Struct, frozen=True, array_like=True):
    """A configuration fact: a URL's sslmode, a pool's size, a migration runner's database."""

    name: str
    value: str
    place: Place | None = None


class Undescribed(msgspec.Struct, frozen=True, array_like=True):
    """A database package that the project uses and no library table describes. `files`: how many import it; `path`:
    the first of them, or the manifest that requires it where none does."""

    package: str
    language: str  # python | javascript
    files: int
    path: str
    place: Place | None = None


class Technology(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A database, or what it is reached by, and one place that says so.

    `kind`: database, orm, driver, pooler. `key`: a database's own word, which dialects and addresses use; a package's
    name. `sign`: how it is seen there: `datasource`, `setting`, `address`, `default address` (one that counts where
    nothing else is configured), `import`, `requirement`, `migrations`.
    `understood`: some table describes it.
    """

    kind: str
    name: str
    key: str
    place: Place
    sign: str
    understood: bool = True


class Unresolved(msgspec.Struct, frozen=True, array_like=True):
    """A call whose member some table runs, on a receiver that could not be resolved."""

    place: Place
    member: str
    source: str
    cause: str


DiagnosticKind: TypeAlias = Annotated[
    str, msgspec.Meta(extra_json_schema={"enum": ["parse-error", "io-error", "internal-error", "note"]})
]
"""What kind of thing went wrong."""


class Diagnostic(msgspec.Struct, frozen=True, array_like=True):
    """What could not be read or done. `kind`: parse-error, io-error, internal-error, note.
    `fails` says that a finding may be hidden by it, so that the run cannot be called clean."""

    kind: DiagnosticKind
    path: str
    message: str
    start: int = -1
    fails: bool = True
    line: int = 0
