"""What several processes do to each other's rows: values that are computed from what was read before, and rows that are
made because none was found."""

from __future__ import annotations

import msgspec

from dblint.facts.program import FileRole
from dblint.facts.text import Place


class Recomputed(msgspec.Struct, frozen=True, array_like=True):
    """A column of a row that the program sets to a value which it computes from what it read of the same column.

    `place`: the computation. `operator`: `+` or `-`. `amount`: what is added or taken away, as written, "" where that
    is not one expression. `number`: it is surely a number, whatever the column is. `write`: the call that sends it to
    the database; None where a unit of work sends it that somebody else ends. `reads`: the calls that read the row, as
    far as they are seen. `locked`: something that runs before it, here or in a function that calls this one, locks rows
    or takes another lock. `conceded`: a comment in the function says that others may do the same meanwhile. `compared`:
    the write asks that the row is still as it was read. `made`: the row was made here, so that nobody else knows it.
    `guarded`: it is computed only in one state of the row, which the function changes: whoever comes second should not
    have come as far. `key`: it is no column of a row but what lies under this key of a key-value store, as the program
    may write it; `field`: the part of it, "" for all. `column` is then the key as far as it is known (`visits:*`), and
    `owner` what sends the command, "" where it has no name. `alone`: only one process runs what does it, and whatever
    else in the program sets the column.
    """

    place: Place
    table: str
    column: str
    operator: str
    amount: str = ""
    number: bool = False
    write: Place | None = None
    reads: tuple[Place, ...] = ()
    locked: bool = False
    compared: bool = False
    made: bool = False
    conceded: bool = False
    repeated: bool = False  # a loop that is not about the row does it to the same row in each of its turns
    attribute: str = ""  # what the program calls the column
    owner: str = ""  # the row, as written, in a chain of words
    model: str = ""
    function: str = ""
    role: FileRole = FileRole.APP
    idiom: str = ""
    guarded: bool = False
    key: str = ""
    field: str = ""
    alone: bool = False


class Ensured(msgspec.Struct, frozen=True, array_like=True):
    """A row that is inserted because a read of the same table found none.

    `place`: the insert; `read`: the read, the same place where a member of a library does both. `columns`: those that
    the read compares with values (all of them: it has no other condition). `same`: those of them that the insert surely
    gives the same value; `fixed`: those of `columns` whose value stands in the program. `inserted`: every
    column that it gives a value; `open`: it may give others, too. `caught`: a violation of a unique constraint is met
    there. `locked`, `conceded`: as of `Recomputed`. `alone`: only one process runs it: a command, a script, what runs
    before the program serves. `made`: it belongs to a row that the program has just made, so that nobody else knows
    it. `spread`: the mapping whose entries both are given as well, for columns that are not said. `listed`: the read is
    of many rows, in whose values that of the column was not found. `computed`: those of `inserted` whose value may be
    another one each time. `unchecked`: other inserts of the same columns into the table that no read comes before.
    `derived`: those of `inserted` whose value is put together of nothing but what the read asks for. `claimed`: only
    the first of two comes through what the program does before: it takes a state of the row that the values belong to,
    which nobody may have taken before, or asks another system, which says that there is such a thing already.
    `refused`: where the read finds a row, the program raises.
    """

    place: Place
    read: Place
    table: str
    columns: tuple[str, ...]
    same: tuple[str, ...] = ()
    inserted: tuple[str, ...] = ()
    open: bool = False
    caught: bool = False
    locked: bool = False
    conceded: bool = False
    alone: bool = False
    made: bool = False
    model: str = ""
    function: str = ""
    role: FileRole = FileRole.APP
    idiom: str = ""
    fixed: tuple[str, ...] = ()
    spread: str = ""
    listed: bool = False
    computed: tuple[str, ...] = ()
    unchecked: tuple[Place, ...] = ()
    derived: tuple[str, ...] = ()
    claimed: bool = False
    refused: bool = False
