"""A transaction ends in every turn of a loop.

Told where a call that commits is made once for each element of a list or a query, by itself or as the only thing that
ends the transaction in a function of the project that the turn calls directly.

Not told: commits behind a condition that counts (`if number % 500 == 0`), and loops over parts; elements that are units
of their own: an error of one is met inside the loop, a turn acts outside of the program (mail, requests, files, tasks)
or waits for something else than queries, pauses, or leaves the loop; loops that poll or try again; short lists that
stand in the source; and autocommit, of which `query/write-in-loop` tells the statements.

Off by default: of five findings that were read one was wrong, and five are too few.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, Effect, FileRole, Frame, Invocation, Nature
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Rule

RULE = Rule(
    summary="a transaction ends in every turn of a loop",
    why=(
        "Each commit waits until the database has put its log on the disk: a thousand of them take seconds where one "
        "takes milliseconds. And where a turn fails, the turns before it stay: the work is half done, and running it "
        "again does that half twice."
    ),
    minimal="Commit once behind the loop{of}.",
    better="Where there are many elements, commit{of} after every few hundred of them.",
    complete=(
        "Open one transaction around the loop{of} with the library's own block for it, so that an error rolls all of "
        "it back, and remember how far the work has come where it has to go on from there."
    ),
    symptoms=("the disk is busy with the log of transactions", "a job that failed half-way did half of its work"),
    verify="SELECT datname, xact_commit, tup_inserted + tup_updated AS rows_written FROM pg_stat_database",
    verify_on=("postgres",),
    severity="info",
    confidence="medium",
    default=False,
    checklist=("1.5", "3.3"),
    looks_at="calls that commit",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
import sqlite3

from sqlalchemy import Integer, Text
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Line(Base):
    __tablename__ = "line"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text)

def store(session: Session, texts):
    for text in texts:
        session.add(Line(text=text))
        session.commit()  # finding

def add(session: Session, text):
    session.add(Line(text=text))
    session.commit()

def add_all(session: Session, texts):
    for text in texts:
        add(session, text)  # finding

def write(db: sqlite3.Connection, texts):
    for text in texts:
        db.execute("INSERT INTO line (text) VALUES (?)", (text,))
        db.commit()  # finding
""",
        ),
        Bad(
            "typescript",
            """\
import { DataSource } from 'typeorm';

export async function write(source: DataSource, texts: string[]) {
  const runner = source.createQueryRunner();
  for (const text of texts) {
    await runner.query('INSERT INTO line (text) VALUES ($1)', [text]);
    await runner.commitTransaction(); // finding
  }
}
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import sqlite3

def write(db: sqlite3.Connection, texts):
    for text in texts:
        db.execute("INSERT INTO line (text) VALUES (?)", (text,))
    db.commit()

def in_parts(db: sqlite3.Connection, texts):
    for number, text in enumerate(texts):
        db.execute("INSERT INTO line (text) VALUES (?)", (text,))
        if number % 500 == 0:
            db.commit()
    db.commit()

def each_by_itself(db: sqlite3.Connection, texts):
    for text in texts:
        try:
            db.execute("INSERT INTO line (text) VALUES (?)", (text,))
            db.commit()
        except sqlite3.Error:
            db.rollback()
""",
            title="one commit, parts, elements of their own",
        ),
    ),
)


def check(fact: Call | Invocation, project: Project) -> Iterator[Finding]:
    """One finding per call that commits in a loop, or that calls what does."""
    if isinstance(fact, Call):
        if Effect.COMMIT not in fact.effects:
            return
    elif not any(_commits(project, callee, fact) for callee in fact.callees):
        return
    loop = _loop(fact)
    if loop is None:
        return
    over = f" over {loop.source}" if loop.source else ""
    through = "" if isinstance(fact, Call) else f" by {fact.source or 'a function'}"
    yield Finding(
        fact.place,
        f"the transaction is committed{through} in every turn of the loop{over}",
        names={"of": over},
        related=(Related(loop.place, "the loop"),),
        sub="" if isinstance(fact, Call) else "function",
    )


def places(project: Project) -> Iterator[Place]:
    """The calls that commit."""
    return (call.place for call in project.calls if Effect.COMMIT in call.effects)


def _commits(project: Project, function: str, call: Invocation) -> bool:
    """Whether a function that is called by its name commits: what it is handed to may run it elsewhere."""
    known = project.functions.get(function)
    named = known is not None and call.source.removesuffix("()").rpartition(".")[2] == known.name
    return known is not None and named and known.commits and not known.memoised


def _loop(fact: Call | Invocation) -> Frame | None:
    """The loop whose every turn makes the call, where no turn is a unit of its own."""
    for frame in reversed(fact.frames):
        if frame.kind == "loop":
            own = frame.outside or frame.pauses or frame.leaves or frame.seeks or frame.selects or frame.concurrent
            return frame if frame.nature is Nature.EACH and not own else None
        if frame.kind in ("branch", "try", "catch", "finally", "closure"):
            return None
    return None
