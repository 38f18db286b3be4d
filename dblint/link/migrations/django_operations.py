"""What each of Django's migration operations does to the schema."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from dblint.facts.schema import (
    Change,
    Direction,
    Operation,
    Step,
)
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.migrations.django_changes import Changes
from dblint.link.migrations.django_state import Model, State
from dblint.link.migrations.hosts import MISSING, Reading, framed
from dblint.link.migrations.statements import opaque
from dblint.link.values import ProjectClass, options

PACKAGES = ("django.db.migrations.", "django.contrib.postgres.operations.", "pgtrigger.migrations.")
"""Where operations are known by their names; the last is django-pgtrigger 4."""
WITHOUT_TABLES: Mapping[str, str] = {
    "CreateCollation": "create collation",
    "RemoveCollation": "drop collation",
    "CreateExtension": "create extension",
    "BloomExtension": "create extension",
    "BtreeGinExtension": "create extension",
    "BtreeGistExtension": "create extension",
    "CITextExtension": "create extension",
    "CryptoExtension": "create extension",
    "HStoreExtension": "create extension",
    "TrigramExtension": "create extension",
    "UnaccentExtension": "create extension",
    "AddTrigger": "create trigger",
    "RemoveTrigger": "drop trigger",
}
"""Operations that change no table."""
STATE_ONLY = frozenset({"AlterModelOptions", "AlterModelManagers", "AlterModelTableComment", "AlterConstraint"})
REVERSE = {"RunSQL": "1|reverse_sql", "RunPython": "1|reverse_code"}
NESTED = 20
"""How deep operations inside operations are followed."""


class Result(msgspec.Struct):
    """The steps of one migration. `reversible`: every operation can be taken back."""

    steps: list[Step]
    reversible: bool = True


class Operations:
    """Reads the operations of one application's migrations, in order: what they do depends on those before."""

    def __init__(self, reading: Reading, state: State, label: str, dialect: str) -> None:
        self.reading = reading
        self.state = state
        self.label = label
        self.dialect = dialect
        self.changes = Changes(reading, state, label, dialect)

    def read(self, operations: Site | None) -> Result:
        """The steps of a list of operations."""
        result = Result([])
        # Each entry: the call, whether the database is changed, whether the state is.
        pending = [(site, True, True, 0) for site in reversed(self.reading.elements(operations))]
        while pending:
            site, database, state, depth = pending.pop()
            word = self._word(site)
            if word == "SeparateDatabaseAndState":
                inner = (("1|state_operations", False, state), ("0|database_operations", database, False))
                for at, on_database, on_state in inner:
                    if depth < NESTED:
                        sites = self.reading.elements(self.reading.argument(site, at))
                        pending += [(each, on_database, on_state, depth + 1) for each in reversed(sites)]
                continue
            if not database and word not in self.changes.readers:
                continue
            before = None if state else self._kept()
            result.steps += self._steps(site, word, result) if database else self._silent(site, word)
            if before is not None:
                self._restore(before)
        return result

    def _kept(self) -> dict[tuple[str, str], Model]:
        """The state as it is: database operations inside of a separation leave it alone."""
        return {
            key: Model(
                model.label, model.name, model.table, model.named, model.managed, dict(model.fields),
                model.unique_together, model.index_together,
            )
            for key, model in self.state.models.items()
            if key[0] == self.label
        }  # fmt: skip

    def _restore(self, before: dict[tuple[str, str], Model]) -> None:
        for key in [key for key in self.state.models if key[0] == self.label]:
            del self.state.models[key]
        self.state.models.update(before)

    def _silent(self, site: Site, word: str) -> list[Step]:
        self.changes.readers[word](site, word)
        return []

    def _steps(self, site: Site, word: str, result: Result) -> list[Step]:
        up = Step(MISSING)
        place = self.reading.place(site)
        if word == "RunSQL":
            return self._run_sql(site, result)
        if word == "RunPython":
            code = self.reading.argument(site, "0|code")
            name = self.reading.word(code) if code is not None else ""
            if self.reading.argument(site, REVERSE[word]) is None:
                result.reversible = False
            operation = Operation(Change.OTHER, name="run code", place=place, dialect=self.dialect, value=name)
            words = self.reading.words(code) if code is not None else frozenset()
            return [framed(up, replace(operation, options=(("data", ""),), words=words))]
        if word in STATE_ONLY:
            return []
        reader = self.changes.readers.get(word)
        if reader is None:
            own = self.reading.word(self.reading.callee(site)) if self.reading.is_call(site) else ""
            own = WITHOUT_TABLES.get(word, own)
            return [framed(up, opaque(place, self.dialect, own or "unknown operation"))]
        return [framed(up, operation) for operation in reader(site, word)]

    def _word(self, site: Site) -> str:
        """The operation's name in Django; that of a project's own operation is the one that it extends, unless
        its arguments are its own."""
        if not self.reading.is_call(site):
            return ""
        callee = self.reading.callee(site)
        path = self.reading.path_of(callee)
        if not path.startswith(PACKAGES) or self._constructed(callee):
            return ""
        return path.rpartition(".")[2]

    def _constructed(self, callee: Site) -> bool:
        """Whether a class of the project says itself what it is constructed with."""
        evaluator = self.reading.evaluator
        for option in options(evaluator.value(callee.path, callee.node, callee.context)):
            for cls in evaluator.classes.mro(option) if isinstance(option, ProjectClass) else ():
                if isinstance(cls, ProjectClass):
                    interface = evaluator.files[cls.path].interface.classes.get(cls.node)
                    if interface is not None and "__init__" in interface.members:
                        return True
        return False

    # SQL

    def _run_sql(self, site: Site, result: Result) -> list[Step]:
        reading = self.reading
        steps: list[Step] = []
        reverse = reading.argument(site, REVERSE["RunSQL"])
        if reverse is None:
            result.reversible = False
        for text, direction in ((reading.argument(site, "0|sql"), Direction.UP), (reverse, Direction.DOWN)):
            for part in self._texts(text):
                steps += reading.sql(part, self.dialect, Step(MISSING, direction), reading.place(site))
        return steps

    def _texts(self, site: Site | None) -> list[Site]:
        """One text, or a list of texts and of pairs of a text and its parameters."""
        if site is None:
            return []
        kinds = self.reading.evaluator.tree(site.path).kinds
        if kinds[site.node] == Kind.ATTRIBUTE:
            owner = Site(site.path, site.node + 1, site.context)
            if self.reading.path_of(owner).startswith(PACKAGES):
                return []  # `RunSQL.noop`
        literal = self.reading.literal(site)
        kinds = self.reading.evaluator.tree(literal.path).kinds
        if kinds[literal.node] != Kind.LIST:
            return [site]
        found: list[Site] = []
        for element in self.reading.elements(literal):
            tree = self.reading.evaluator.tree(element.path)
            if tree.kinds[element.node] in (Kind.TUPLE, Kind.LIST):
                found += self.reading.elements(element)[:1]
            elif tree.kinds[element.node] != Kind.CONSTANT:
                found.append(element)
        return found
