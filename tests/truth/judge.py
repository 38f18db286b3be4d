"""Sets all that dblint says of a fixture beside all that the fixture sent.

Both are gathered by the statement of the fixture that they stand in. What a call needs besides its own query is told
by its words: relations that are loaded by statements of their own are those of `eager`, and what a unit of work sends
later is looked for from there to the end of the function.

In a fixture, a comment on a line of the statement lists what is not known yet:
`# unknown: order projection` (in JavaScript `// unknown: …`) clauses that dblint leaves open,
`# unsaid: delete tag` a statement beside those that it tells there.
What is wrong, or told or sent by only one of both, cannot be listed.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from dblint.facts.program import Call, Effect
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.schema import DOCUMENT_DATABASES
from dblint.frontends.typescript.grammar import load_grammar
from dblint.sql.query import parse_script
from dblint.sql.tokens import PLACEHOLDER, scan
from tests.truth.commands import Reader
from tests.truth.compare import SEPARATE, Comparison, Result
from tests.truth.notes import Note
from tests.truth.same import MARK

_LISTED = re.compile(r"(?:#|//) (unknown|unsaid): ([^#/]+?)\s*(?=#|//|$)")
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START", "PRAGMA", "SET", "DEALLOCATE")
"""What libraries send around statements: transactions, settings of the connection."""

_TRUNCATE = re.compile(r"^truncate (?:table )?(.*?)(?: restart identity)?$", re.IGNORECASE)


class Seen(NamedTuple):
    """A statement that was sent."""

    query: Query
    bound: tuple[object, ...]
    sql: str
    line: int


class Told(NamedTuple):
    """A query that dblint tells, and the call that it is of."""

    call: Call
    query: Query


class Entry(NamedTuple):
    """Something of the list: `word` is unknown, unsaid, differs, unheard (no call there at all), unsent (nothing was
    sent for it)."""

    path: str
    line: int
    word: str
    what: str


class Verdict(NamedTuple):
    """What came of a fixture. `compared`: how many clauses; `reasons`: both sides of what differs, for people."""

    entries: tuple[Entry, ...]
    compared: int
    statements: int
    reasons: tuple[str, ...] = ()


def read(note: Note, dialect: str) -> list[Seen]:
    """The statements of a note, with marks for what was bound, so that a value is told from a literal."""
    if dialect in DOCUMENT_DATABASES:
        reader = Reader()
        queries = list(reader.queries(note.sql))
        return [
            Seen(msgspec.structs.replace(query, dialect=dialect), tuple(reader.bound), note.sql, note.start)
            for query in queries
        ]
    sent = note.sql  # TRUNCATE takes all rows away, as DELETE does
    note = note._replace(sql=_TRUNCATE.sub(r"DELETE FROM \1", note.sql))
    tokens, _ = scan(note.sql, dialect)
    bound: list[object] = []
    text, position, index = "", 0, 0
    for token in tokens:
        if token.kind != PLACEHOLDER:
            continue
        word = note.sql[token.start : token.stop].removeprefix("%(").removesuffix(")s").strip("%:$@")
        if isinstance(note.parameters, Mapping):
            value = note.parameters[word]
        else:
            place = int(word) - 1 if word.isdigit() else index
            value = note.parameters[place]
        index += 1
        text += f"{note.sql[position : token.start]}{MARK + len(bound)}"
        bound.append(value)
        position = token.stop
    text += note.sql[position:]
    found: list[Seen] = []
    for parsed in parse_script(text, dialect).statements:
        if parsed.query is None or parsed.error:
            raise AssertionError(f"not read: {parsed.error}: {note.sql}")
        query = msgspec.structs.replace(parsed.query, dialect=dialect)
        found.append(Seen(query, tuple(bound), sent, note.start))
    return found


def judge(files: Mapping[str, str], project: Project, notes: Iterable[Note], dialect: str) -> Verdict:
    """What dblint says of `files` beside what they sent."""
    sent = _sent(files, notes, dialect)
    told, acting, commands = _told(files, project, dialect)
    entries: list[Entry] = []
    reasons: list[str] = []
    compared = statements = 0
    later: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for key in sorted({*sent, *told}, key=lambda key: (key[0], key[1])):
        path, line = key
        function, seen = sent.get(key, ("", []))
        statements += len(seen)
        here = told.get(key, [])
        if key in commands:
            seen = [each for each in seen if not _TRUNCATE.match(each.sql)]
        for each in [each for each in here if each.call.batches == "flush"]:
            here.remove(each)
            later[path, each.call.function.rpartition("::")[2]].append(each)
        if seen and not here and key not in acting:
            entries.append(Entry(path, line, "unheard", _shown(seen[0])))
            continue
        pending = here + later.pop((path, function), []) if seen else here
        unit = _Unit(pending, seen, project)
        unit.run()
        compared += unit.compared
        entries += [Entry(path, line, word, what) for word, what in unit.found]
        reasons += [f"{path}:{line}: {reason}" for reason in unit.reasons]
    for (path, _), rest in later.items():
        entries += [Entry(path, 0, "unsent", f"{each.query.verb.value} {each.query.table}") for each in rest]
    return Verdict(tuple(sorted(entries)), compared, statements, tuple(reasons))


def listed(files: Mapping[str, str]) -> tuple[Entry, ...]:
    """What comments of the fixture list."""
    found: list[Entry] = []
    for path, text in files.items():
        units = _units(path, text)
        for number, line in enumerate(text.splitlines(), 1):
            for word, what in _LISTED.findall(line):
                names = what.split() if word != "unsaid" else [each.strip() for each in what.split(",")]
                found += [Entry(path, units.get(number, number), word, name) for name in names]
    return tuple(sorted(found))


class _Unit:
    """One statement of the fixture."""

    def __init__(self, told: Sequence[Told], seen: Sequence[Seen], project: Project) -> None:
        self.told = list(told)
        self.left = list(seen)
        self.project = project
        self.found: list[tuple[str, str]] = []
        self.reasons: list[str] = []
        self.compared = 0

    def run(self) -> None:
        for each in self.told:
            upserts = any(seen.query.verb is Verb.UPSERT for seen in self.left)
            if each.query.verb is Verb.UPSERT and not each.query.sql and not upserts:
                self._upsert(each)
            elif self.left:
                results = [(self._compare(each, seen), seen) for seen in self.left]
                result, seen = min(results, key=lambda pair: (_verbs(pair[0]), len(pair[0].differs)))
                self._take(result, seen)
                self._eager(each)
            else:
                self.found.append(("unsent", f"{each.query.verb.value} {each.query.table}"))
        self.found += [("unsaid", _shown(seen)) for seen in self.left]
        self.compared += len(self.left)

    def _compare(self, told: Told, seen: Seen, *, key: bool = False) -> Result:
        return Comparison(told.query, seen.query, self.project.tables, seen.bound, key=key).result()

    def _take(self, result: Result, seen: Seen) -> None:
        self.left.remove(seen)
        self.compared += len(result.compared)
        self.found += [("unknown", name) for name in result.unknown]
        self.found += [("differs", name) for name, _ in result.differs]
        self.reasons += [f"{name}: {sides}\n    {seen.sql}" for name, sides in result.differs]

    def _upsert(self, told: Told) -> None:
        """An upsert of a library: a SELECT by its condition, then an INSERT, or an UPDATE of the row by its key."""
        verbs = (Verb.SELECT, Verb.INSERT, Verb.UPDATE)
        mine = [seen for seen in self.left if seen.query.verb in verbs and seen.query.table == told.query.table]
        if not mine:
            self.found.append(("unsent", f"{told.query.verb.value} {told.query.table}"))
        unknown: set[str] = set()
        for seen in mine:
            verb = seen.query.verb
            query = msgspec.structs.replace(told.query, verb=verb)
            if verb is Verb.SELECT:
                query = msgspec.structs.replace(query, expects="one")
            result = self._compare(Told(told.call, query), seen, key=True)
            self._take(result._replace(unknown=tuple(set(result.unknown) - unknown)), seen)
            unknown |= set(result.unknown)

    def _eager(self, told: Told) -> None:
        """The statements that load the relations of a query, one for each table on the way."""
        scope = Comparison(told.query, told.query, self.project.tables, ()).said.scope
        expected: dict[tuple[str, ...], str] = {}
        for eager in told.query.eager.values():
            if eager.strategy in SEPARATE:
                for index, hop in enumerate(scope.along(eager.path)):
                    expected[eager.path[: index + 1]] = hop[-1]
        for path, table in expected.items():
            self.compared += 1
            loads = [seen for seen in self.left if seen.query.verb is Verb.SELECT and table in _tables(seen.query)]
            if loads:
                self.left.remove(loads[0])
            else:
                self.found.append(("differs", "eager"))
                self.reasons.append(f"eager: {'.'.join(path)} / -")


def _verbs(result: Result) -> int:
    return sum(name == "verb" for name, _ in result.differs)


def _tables(query: Query) -> list[str]:
    return [source.name.lower() for source in query.sources.values()]


def _shown(seen: Seen) -> str:
    return f"{seen.query.verb.value} {seen.query.table}".strip()


# Where things stand


Key = tuple[str, int]
"""A file, and the line on which a statement of it begins."""


def _units(path: str, text: str) -> dict[int, int]:
    """Line → the line on which the innermost statement begins; of a compound one, its head only."""
    found: dict[int, int] = {}
    for start, stop in _statements(text) if path.endswith(".py") else _scripted(text):
        for line in range(start, stop + 1):
            found[line] = max(found.get(line, 0), start)
    return found


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each statement in Python."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            stop = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            yield node.lineno, max(stop, node.lineno)


def _scripted(text: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each statement in TypeScript."""
    waiting = [load_grammar("typescript").parser.parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        waiting += node.named_children
        if node.type.endswith(("_statement", "_declaration", "_definition")):
            body = node.child_by_field_name("body") or node.child_by_field_name("consequence")
            yield node.start_point.row + 1, (body.start_point if body else node.end_point).row + 1


def _sent(files: Mapping[str, str], notes: Iterable[Note], dialect: str) -> dict[Key, tuple[str, list[Seen]]]:
    """Statements by where they were sent, with the function. The same one that a loop sends again counts once."""
    units = {path: _units(path, text) for path, text in files.items()}
    found: dict[Key, tuple[str, list[Seen]]] = {}
    for note in notes:
        if note.sql.split(None, 1)[0].upper().rstrip(";") in _CONTROL:
            continue
        _, seen = found.setdefault((note.path, units[note.path].get(note.start, note.start)), (note.function, []))
        if all(each.sql != note.sql for each in seen):
            seen += read(note, dialect)
    return found


def _told(files: Mapping[str, str], project: Project, dialect: str) -> tuple[dict[Key, list[Told]], set[Key], set[Key]]:
    """Queries by where they are told; where something is told that acts without one; where a command is told."""
    units = {path: _units(path, text) for path, text in files.items()}
    found: dict[Key, list[Told]] = defaultdict(list)
    acting: set[Key] = set()
    commands: set[Key] = set()
    for call in project.calls:
        line = files[call.place.path].encode()[: call.place.start].count(b"\n") + 1
        key = call.place.path, units[call.place.path].get(line, line)
        if call.effects:
            acting.add(key)
        if any(query.verb is Verb.COMMAND for query in call.queries):
            commands.add(key)
        if Effect.QUERY in call.effects:
            found[key] += (Told(call, query) for query in _whole(call.queries, dialect))
    return found, acting, commands


def _whole(queries: Iterable[Query], dialect: str) -> Iterator[Query]:
    for query in queries:
        if query.verb not in (Verb.COMMAND, Verb.DDL):
            yield msgspec.structs.replace(query, dialect=dialect)
