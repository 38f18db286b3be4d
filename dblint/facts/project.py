"""`Project`: the linked view of a code base. Only link builds it; rules look things up in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dblint.facts.fixes import Rewriting
from dblint.facts.program import (
    Access,
    Brought,
    Call,
    Client,
    Connection,
    Diagnostic,
    Echo,
    Exposure,
    FileRole,
    Function,
    Handle,
    Invocation,
    Resource,
    Response,
    Route,
    Setting,
    Technology,
    Undescribed,
    Unresolved,
)
from dblint.facts.races import Ensured, Recomputed
from dblint.facts.schema import Migration, Table
from dblint.facts.text import Place
from dblint.facts.tree import Remark
from dblint.facts.uses import Making, Uses


@dataclass(frozen=True, slots=True)
class Project:
    """Facts of a whole code base, with look-ups by key. A rule that is fed per fact never iterates it."""

    roles: Mapping[str, FileRole] = field(default_factory=dict)
    calls: Sequence[Call] = ()
    handles: Sequence[Handle] = ()
    """Where code gets at a table and runs nothing there."""
    resources: Sequence[Resource] = ()
    """What functions open and have to close. Collected where somebody asks."""
    recomputed: Sequence[Recomputed] = ()
    """Columns that the program sets to what it computes from what it read of them. Collected where somebody asks."""
    ensured: Sequence[Ensured] = ()
    """Rows that are inserted because a read found none. Collected where somebody asks."""
    invocations: Sequence[Invocation] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    """Table name, lower case → table: as models and schema files declare it, with the keys and indexes that
    only migrations and DDL make added to it; without a declaration, as the migrations leave it behind. A name
    that is declared twice, or that databases have in different shapes, is not here: see `ambiguous`."""
    ambiguous: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    """Table name, lower case → the tables of that name, of which none can be said to be meant."""
    declared: Mapping[str, Table] = field(default_factory=dict)
    """Table name, lower case → the table as the code's models or schema files declare it, and nothing else."""
    stored: Mapping[str, Mapping[str, Table]] = field(default_factory=dict)
    """Chain of migrations → table name, lower case → the table as the chain leaves it behind, and nothing else.
    A file of DDL that is no part of a chain is one itself."""
    migrations: Sequence[Migration] = ()
    settings: Sequence[Setting] = ()
    dialects: tuple[str, ...] = ()
    """The databases that configuration, drivers or chains of migrations name."""
    timeouts: str = ""
    """Who, by the user's word, sets a limit to the time of every statement: `server`; "": nobody says."""
    connections: Sequence[Connection] = ()
    """Where the program says how databases are reached. Collected where somebody asks."""
    clients: Sequence[Client] = ()
    """Where the program configures its clients of databases. Collected where somebody asks."""
    echoes: Sequence[Echo] = ()
    """Where it makes a library write statements with their values to a log. Collected where somebody asks."""
    unresolved: Sequence[Unresolved] = ()
    technologies: Sequence[Technology] = ()
    """The databases and what they are reached by, with every place that says so, the surest first. Collected where
    somebody asks."""
    undescribed: Sequence[Undescribed] = ()
    """Database packages that no table describes: what goes through them is not seen."""
    diagnostics: Sequence[Diagnostic] = ()
    idioms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Library → remedy → how that library writes it, with named holes."""
    fixes: Mapping[str, Mapping[str, Rewriting]] = field(default_factory=dict)
    """The same keys as `idioms` → remedy → how a program writes it into source."""
    history: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Migration path → tables (lower case) that it makes itself and that surely do not exist before it runs: to
    them nobody else has rows or locks yet. A table that only gets its name there is none of them."""
    former: Mapping[tuple[Place, str], Table] = field(default_factory=dict)
    """Place of an operation that drops or changes a table, empties it or takes a column, and the table's name (lower
    case) → the table as its chain has it just before. What one place does to several shapes of a table is not here."""

    find_routes: Callable[[str], Sequence[Route]] = field(
        default=lambda function: (),  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Gives `routes` of a function, by its id."""
    find_onward: Callable[[Place, str], Sequence[Route]] = field(
        default=lambda place, function: (),  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Gives the routes of the function of that id which hold for its call at that place."""

    acts_after: Callable[[Place, Place], bool] = field(
        default=lambda place, loop: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether a turn of the loop at the second place that asks something at the first (a call, a relation that is read)
    surely acts outside of the program behind it, also where it waits for what that gives (a file, an answer), unless a
    row is not there."""

    works_on: Callable[[Place, Place], bool] = field(
        default=lambda place, loop: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether a turn of the loop at the second place calls several functions that change rows, and hands the rows that
    its call at the first has read to one of them: as a list, or one by one."""

    find_uses: Callable[[], Uses] = field(default=Uses, repr=False, compare=False)
    """Gives `uses`, found at its first call: few projects have a place where a rule asks, and it is work."""
    find_used: Callable[[], frozenset[str]] = field(default=frozenset, repr=False, compare=False)
    """Gives `used`, found at its first call."""
    kept: Mapping[str, Table] = field(default_factory=dict)
    """Tables that libraries make for their own use (a migration tool's list of what has run), by name in lower case.
    They are not among `tables`: nobody can repair them."""

    find_accesses: Callable[
        [], tuple[Callable[[], Sequence[Access]], Callable[[], Sequence[Brought]], Callable[[], Sequence[Exposure]]]
    ] = field(default=lambda: (tuple, tuple, tuple), repr=False, compare=False)
    """Gives what gives `accesses`, `brought` and `exposures`, each found at its first call."""

    makings: Callable[[str], Sequence[Making]] = field(
        default=lambda table: (),  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """The places where the program is seen to make rows of a table, by statements or by its model's class."""

    serves: Callable[[str], bool] = field(
        default=lambda function: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether the function of that id runs while a client waits: a framework calls it for a request, or such a function
    does. One of which that is not said may do so all the same, for a framework that no table describes."""

    starts: Callable[[str], bool] = field(
        default=lambda function: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether the function of that id runs only where the program starts or is set up."""

    unused: Callable[[str], bool] = field(
        default=lambda function: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether nothing in the program names the function of that id, or the class by which alone it is reached: nobody
    is seen to run it."""

    administered: Callable[[str], bool] = field(
        default=lambda function: False,  # noqa: ARG005 - nothing is known of any
        repr=False,
        compare=False,
    )
    """Whether only administrators run the function of that id, by what guards it."""

    libraries: frozenset[str] = frozenset()
    """The files of packages that are themselves a library which a table describes: who calls what they offer writes
    statements by it, and is judged where that is done."""

    remarks: Mapping[str, Sequence[Remark]] = field(default_factory=dict)
    """File → the comments in it in which the author says of the code beside it what a rule would say."""

    find_responses: Callable[[], Sequence[Response]] = field(default=tuple, repr=False, compare=False)
    """Gives `responses`, found at its first call."""

    @property
    def responses(self) -> Sequence[Response]:
        """Rows that frameworks put into answers, of queries that the program does not run itself, in order of place."""
        return self.find_responses()

    @property
    def accesses(self) -> Sequence[Access]:
        """Relations that are read of rows, in order of place."""
        return self.find_accesses()[0]()

    @property
    def brought(self) -> Sequence[Brought]:
        """Relations that queries load whose rows can be followed, in order of place."""
        return self.find_accesses()[1]()

    @property
    def exposures(self) -> Sequence[Exposure]:
        """Lists of rows that are shown by something else than a loop, in order of place."""
        return self.find_accesses()[2]()

    @property
    def uses(self) -> Uses:
        """What the program's queries do with its tables."""
        return self.find_uses()

    @property
    def used(self) -> frozenset[str]:
        """The tables that a query of the program was seen to read or write (who is the program: `Uses`), names in
        lower case: a fraction of the work for `uses`."""
        return self.find_used()

    def table(self, name: str) -> Table | None:
        """The table of that name, or None where it is not known."""
        key = name.lower()
        return self.tables.get(key) or (self.kept.get(key) if key not in self.ambiguous else None)

    def databases(self, name: str) -> tuple[Table, ...]:
        """The table of that name as each chain of migrations that knows it leaves it behind."""
        key = name.lower()
        return tuple(tables[key] for tables in self.stored.values() if key in tables)

    def routes(self, function: str) -> Sequence[Route]:
        """How this function reaches queries; shortest routes first, one per query."""
        return self.find_routes(function)

    def onward(self, invocation: Invocation) -> Iterator[Route]:
        """How this very call reaches queries: what it hands in does not exclude that, and each iteration of the loops
        around it asks anew. A function that several names lead to counts once."""
        for callee in invocation.callees:
            yield from self.find_onward(invocation.place, callee)
