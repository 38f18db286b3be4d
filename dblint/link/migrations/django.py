"""Django's migrations: classes that extend `django.db.migrations.Migration`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dblint.facts.schema import Migration
from dblint.facts.tree import Kind, Role, Tree
from dblint.link.arguments import Site
from dblint.link.migrations.dialects import Choice, folder
from dblint.link.migrations.django_operations import Operations
from dblint.link.migrations.django_state import State
from dblint.link.migrations.hosts import Reading
from dblint.link.values import Instance, ProjectClass, options

BASES = frozenset({"django.db.migrations.Migration", "django.db.migrations.migration.Migration"})
CLASS = "Migration"
"""The only class of a module that Django looks for."""
CONCURRENT = frozenset({"create", "index", "concurrently"})
"""The words of PostgreSQL's statement."""
WORD = "concurrently"
"""How the names of Django's own operations for it end."""
SQUASHED = "_squashed_"
"""How `squashmigrations` names a migration that stands for others. It does so when its list of them is gone, too."""


class _Module(msgspec.Struct, frozen=True):
    """A module that is a migration."""

    path: str
    node: int
    chain: str
    label: str
    name: str
    dependencies: tuple[tuple[str, str], ...]
    replaces: tuple[tuple[str, str], ...]


class DjangoMigrations:
    """Reads the migrations of all applications."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self) -> list[Migration]:
        """The migrations of all applications, each after those that it depends on."""
        modules = [module for path in sorted(self.reading.evaluator.files) if (module := self._module(path))]
        state = State(self.reading.evaluator.applications.packaged())
        operations: dict[str, Operations] = {}
        choices = {chain: self.reading.dialects.choose(chain) for chain in sorted({module.chain for module in modules})}
        count: dict[str, int] = {}
        migrations: list[Migration] = []
        for module in _sorted(modules):
            choice, label = choices[module.chain], module.label
            if module.chain not in operations:
                operations[module.chain] = Operations(self.reading, state, label, choice.dialect)
            number = count[module.chain] = count.get(module.chain, 0) + 1
            migrations.append(self._migration(module, operations[module.chain], choice, number))
        return migrations

    def _module(self, path: str) -> _Module | None:
        facts = self.reading.evaluator.files[path]
        label = self._label(folder(folder(path)))
        # Django refuses such a label, so that nothing under it is ever run (the checks of `AppConfig`).
        if facts.language != "python" or (label and not label.isidentifier()):
            return None
        for node, interface in facts.interface.classes.items():
            if interface.name != CLASS or not interface.bases:
                continue
            if any(base in BASES for base in self.reading.bases(ProjectClass(path, node))):
                return _Module(
                    path,
                    node,
                    folder(path),
                    label,
                    path.rpartition("/")[2].removesuffix(".py"),
                    tuple(self._pairs(path, node, "dependencies")),
                    tuple(self._pairs(path, node, "replaces")),
                )
        return None

    def _pairs(self, path: str, node: int, attribute: str) -> Iterator[tuple[str, str]]:
        for element in self.reading.elements(self._assigned(path, node, attribute)):
            names = self.reading.strings(element)
            if len(names) == 2 and all(names):
                yield names[0], names[1]

    def _assigned(self, path: str, node: int, name: str) -> Site | None:
        evaluator = self.reading.evaluator
        tree = evaluator.tree(path)
        for member in reversed(evaluator.files[path].interface.classes[node].members.get(name, ())):
            value = tree.child(member, Role.VALUE) if tree.kinds[member] == Kind.ASSIGN else -1
            if value >= 0:
                return Site(path, value, None)
        return None

    def _concurrently(self, module: _Module) -> tuple[str, ...]:
        """The words of what is run instead under the other arm of the condition that the operations stand under, where
        they build an index concurrently."""
        chosen = self._assigned(module.path, module.node, "operations")
        if chosen is None:
            return ()
        evaluator = self.reading.evaluator
        tree = evaluator.tree(module.path)
        own = _arms(tree, chosen.node, module.node)
        found: set[str] = set()
        for member in evaluator.files[module.path].interface.classes[module.node].members.get("operations", ()):
            value = tree.child(member, Role.VALUE) if tree.kinds[member] == Kind.ASSIGN else -1
            arms = _arms(tree, member, module.node)
            if value >= 0 and any(own[branch] != arm for branch, arm in arms.items() if branch in own):
                words = self.reading.words_within(Site(module.path, value, None))
                if words >= CONCURRENT or any(word.startswith("add") and word.endswith(WORD) for word in words):
                    found |= words
        return tuple(sorted(found))

    def _migration(self, module: _Module, operations: Operations, choice: Choice, number: int) -> Migration:
        reading = self.reading
        result = operations.read(self._assigned(module.path, module.node, "operations"))
        atomic = reading.constant(self._assigned(module.path, module.node, "atomic"))
        return Migration(
            module.path,
            "django",
            module.chain,
            (str(number).rjust(8, "0"), module.name),
            name=f"{module.label}.{module.name}",
            dialect=choice.dialect,
            dialect_reason=choice.reason,
            dialect_sure=choice.sure,
            # Django opens a transaction only where the database can take DDL back.
            transactional=atomic != "false" and choice.dialect not in ("mysql", "oracle"),
            steps=tuple(result.steps),
            reversible=result.reversible,
            dependencies=tuple(f"{app}.{name}" for app, name in module.dependencies),
            place=reading.place(Site(module.path, module.node, None)),
            idiom="django",
            afterwards=self._afterwards(module),
            fresh=bool(module.replaces) or SQUASHED in module.name,
            written=reading.evaluator.files[module.path].written,
            concurrently=self._concurrently(module),
        )

    def _afterwards(self, module: _Module) -> bool:
        """Whether a migration says that it runs when no release is left that used what it takes away."""
        evaluator = self.reading.evaluator
        return any(
            evaluator.tables.types[name].afterwards
            for _, _, value in evaluator.classes.kept_in(ProjectClass(module.path, module.node))
            for option in options(value)
            if isinstance(option, Instance)
            for name in evaluator.classes.lineage(option.cls)
        )

    def _label(self, application: str) -> str:
        """The application's label: what its configuration says, else its folder's name."""
        configured = self.reading.evaluator.applications.configured_at(application, "label")
        return configured or application.rpartition("/")[2]


def _sorted(modules: list[_Module]) -> list[_Module]:
    """Each after those that it depends on; the names decide where nothing else does.

    A squashed migration does again what those that it replaces did, so that it is left out where they
    are still there; where they are gone it stands for them.
    """
    named = {(module.label, module.name): module for module in modules}
    standing: dict[tuple[str, str], tuple[str, str]] = {}
    left: set[tuple[str, str]] = set()
    for key, module in named.items():
        if module.replaces and all(replaced in named for replaced in module.replaces):
            left.add(key)
        else:
            standing.update(dict.fromkeys(module.replaces, key))
    before: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, module in named.items():
        wanted = [standing.get(dependency, dependency) for dependency in module.dependencies]
        before[key] = sorted(dependency for dependency in wanted if dependency in named and dependency != key)
    order: list[tuple[str, str]] = []
    done: set[tuple[str, str]] = set()
    for start in sorted(named):
        pending, active = [start], {start}
        while pending:
            current = pending[-1]
            waiting = [key for key in before[current] if key not in done and key not in active]
            if waiting and current not in done:
                pending.append(waiting[0])
                active.add(waiting[0])
                continue
            pending.pop()
            if current not in done:
                done.add(current)
                order.append(current)
    return [named[key] for key in order if key not in left]


def _arms(tree: Tree, node: int, end: int) -> dict[int, int]:
    """The conditions that a node stands under, up to `end`, each with the arm that it is in."""
    found: dict[int, int] = {}
    for parent in tree.ancestors(node):
        if parent == end:
            break
        if tree.kinds[parent] == Kind.IF:
            found[parent] = tree.roles[node]
        node = parent
    return found
