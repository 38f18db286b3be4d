"""Where the program makes rows of a table: statements that insert, and classes of models that are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dblint.facts.program import Call
from dblint.facts.query import Verb
from dblint.facts.tree import Kind, Role
from dblint.facts.uses import PROGRAM
from dblint.link.races.values import words
from dblint.link.values import FunctionValue, ProjectClass, options
from dblint.link.words import NAMES

if TYPE_CHECKING:
    from dblint.link.functions import Functions
    from dblint.link.models import Models

MAKING = frozenset({Verb.INSERT, Verb.UPSERT, Verb.MERGE})


class Maker(NamedTuple):
    """A place that makes rows, or saves one: its file, and the id of the function around it, "" at module level."""

    path: str
    function: str
    new: bool = True  # the row was not there before; false: that is not said
    form: bool = False  # a form of the model may make it


class Makers:
    """Answers who makes rows. One per project."""

    def __init__(self, functions: Functions, models: Models, calls: Sequence[Call]) -> None:
        self.functions = functions
        self.models = models
        self._inserts: dict[str, list[Maker]] = {}
        self._saving: set[tuple[str, Maker]] = set()
        """Those that save a row of which it is not said whether it was there before, with its table."""
        self._beyond: set[tuple[str, Maker]] = set()
        """Those that are written over the member that saves, and call it: who saves, their callers say."""
        types = functions.evaluator.tables.types
        forms = frozenset(name for name, row in types.items() if row.makes)
        for call in calls:
            if call.receiver.rpartition(" : ")[2] in forms:
                continue  # told by who uses the form
            for query in call.queries:
                if call.role in PROGRAM and query.verb in MAKING and not (call.text is not None and not query.table):
                    maker = Maker(call.place.path, call.function)
                    self._inserts.setdefault(query.table.lower(), []).append(maker)
                    if query.verb is Verb.UPSERT and query.rows == "one" and not query.where.elements:
                        self._saving.add((query.table.lower(), maker))
                        if call.member and call.function.endswith(f".{call.member.rpartition('.')[2]}"):
                            self._beyond.add((query.table.lower(), maker))
        self._classes: dict[str, list[ProjectClass]] | None = None

    def of(self, table: str) -> Sequence[Maker] | None:
        """The places of the program that make rows of the table; None where others may, too: its rows are written
        along with those of other tables, or its class is handed to functions of the program."""
        classes = self._declaring(table)
        if not classes or "" in self._inserts:
            return None
        found = list(self._inserts.get(table.lower(), ()))
        for cls in classes:
            made = self._made(cls)
            if made is None:
                return None
            found += made
        return found

    def seen(self, table: str) -> Sequence[Maker]:
        """The places of the program that are seen to make rows of the table; there may be others."""
        name = table.lower()
        found = [
            maker._replace(new=(name, maker) not in self._saving)
            for maker in self._inserts.get(name, ())
            if (name, maker) not in self._beyond
        ]
        beyond = [maker._replace(new=False) for maker in self._inserts.get(name, ()) if (name, maker) in self._beyond]
        saving = {(maker.path, maker.function) for maker in found}
        for cls in self._declaring(table):
            alone = self._saved_alone(cls)
            for path, node in self._named(cls):
                if self.functions.evaluator.tree(path).roles[node] != Role.CALLEE:
                    continue
                maker = self._maker(path, node)
                saved = (maker.path, maker.function) in saving or self._given(path, node - 1)
                if not alone or saved or self._saves(cls, path, node - 1):
                    found.append(maker)
        return [*found, *(self._by_forms(table) or beyond)]

    def _by_forms(self, table: str) -> list[Maker]:
        """Where the program uses the forms by which frameworks make rows of the table."""
        evaluator = self.functions.evaluator
        forms: dict[ProjectClass, None] = {}
        for cls in self._declaring(table):
            for path, node in self._named(cls):
                form = self._form(path, node)
                if form is not None:
                    forms.setdefault(form)
        found: list[Maker] = []
        for form in forms:
            for path, node in self._named(form):
                if evaluator.tree(path).roles[node] != Role.BASE:
                    new = self._made_by(form, path, node)
                    found.append(self._maker(path, node)._replace(new=new, form=True))
        return found

    def _made_by(self, form: ProjectClass, path: str, node: int) -> bool:
        """Whether a form is used for a new row."""
        tree = self.functions.evaluator.tree(path)
        if tree.roles[node] != Role.CALLEE:
            return False
        types = self.functions.evaluator.tables.types
        names = {types[one.name].changes_row for one in self.functions.evaluator.classes.library_types(form)} - {""}
        given = tree.with_role(tree.parents[node], Role.ARGUMENT)
        return bool(names) and not any(tree.kinds[one] == Kind.KEYWORD and tree.value(one) in names for one in given)

    def _form(self, path: str, node: int) -> ProjectClass | None:
        """The class that names a model as that of which it makes rows."""
        evaluator = self.functions.evaluator
        tree = evaluator.tree(path)
        assigned = tree.parents[node]
        if tree.kinds[assigned] != Kind.ASSIGN or tree.roles[node] != Role.VALUE:
            return None
        target = tree.child(assigned, Role.TARGET)
        words = [tree.value(target)] if target >= 0 and tree.kinds[target] == Kind.NAME else [""]
        for parent in tree.ancestors(node):
            if tree.kinds[parent] == Kind.FUNCTION:
                return None
            if tree.kinds[parent] == Kind.CLASS:
                form, named = ProjectClass(path, parent), ".".join(reversed(words))
                types = evaluator.classes.library_types(form)
                if any(evaluator.tables.types[one.name].makes == named for one in types):
                    return form
                words.append(tree.value(parent))
        return None

    def _saved_alone(self, cls: ProjectClass) -> bool:
        """Whether rows of a class are saved by a member of their own, and by no unit of work that got them."""
        types = self.functions.evaluator.tables.types
        rows = [types[one.name] for one in self.functions.evaluator.classes.library_types(cls)]
        return any(member.run == "upsert" for row in rows for member in row.members.values())

    def _saves(self, cls: ProjectClass, path: str, call: int) -> bool:
        """Whether the function saves the row by a name that it gave it, also by a member that the model writes anew."""
        evaluator = self.functions.evaluator
        tree = evaluator.tree(path)
        assigned, around = tree.parents[call], evaluator.scope(path).function(call)
        if tree.kinds[assigned] != Kind.ASSIGN or around < 0:
            return False
        row = words(tree, tree.child(assigned, Role.TARGET))
        types = [evaluator.tables.types[one.name] for one in evaluator.classes.library_types(cls)]
        names = {name for one in types for name, member in one.members.items() if member.run == "upsert"}
        node = tree.kinds.find(Kind.CALL, call + 1, tree.ends[around])
        while node >= 0:
            if tree.kinds[node + 1] == Kind.ATTRIBUTE and tree.value(node + 1) in names:
                if row and words(tree, node + 2) == row:
                    return True
            node = tree.kinds.find(Kind.CALL, node + 1, tree.ends[around])
        return False

    def _given(self, path: str, call: int) -> bool:
        """Whether a row goes somewhere where it is made: it is given to a call, or returned."""
        tree = self.functions.evaluator.tree(path)
        for parent in tree.ancestors(call):
            kind = tree.kinds[parent]
            if kind in (Kind.CALL, Kind.RETURN, Kind.YIELD):
                return True
            if kind in (Kind.ASSIGN, Kind.BLOCK, Kind.FUNCTION):
                return False
        return False

    def _maker(self, path: str, node: int) -> Maker:
        around = self.functions.evaluator.scope(path).function(node)
        return Maker(path, self.functions.id(path, around) if around >= 0 else "")

    def _declaring(self, table: str) -> list[ProjectClass]:
        if self._classes is None:
            self._classes = {}
            for cls in self.models.classes():
                declared = self.models.table(cls)
                if declared is not None:
                    self._classes.setdefault(declared.name.lower(), []).append(cls)
        return self._classes.get(table.lower(), [])

    def _made(self, cls: ProjectClass) -> list[Maker] | None:
        evaluator = self.functions.evaluator
        found: list[Maker] = []
        for path, node in self._named(cls):
            tree = evaluator.tree(path)
            if tree.roles[node] == Role.CALLEE:
                found.append(self._maker(path, node))
            elif tree.roles[node] == Role.ARGUMENT:
                call = tree.parents[node]
                callee = options(evaluator.value(path, call + 1)) if tree.kinds[call] == Kind.CALL else ()
                if any(isinstance(option, (FunctionValue, ProjectClass)) for option in callee):
                    return None
        return found

    def _named(self, cls: ProjectClass) -> Iterator[tuple[str, int]]:
        """Where the program names a class."""
        evaluator = self.functions.evaluator
        name = evaluator.tree(cls.path).value(cls.node)
        for path, node in evaluator.words.spelled(name):
            if not self.functions.running(path) or evaluator.tree(path).kinds[node] not in NAMES:
                continue
            for option in options(evaluator.value(path, node)):
                if isinstance(option, ProjectClass) and (option.path, option.node) == (cls.path, cls.node):
                    yield path, node
                    break
