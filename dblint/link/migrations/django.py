"""Django's migrations: classes that extend `django.db.migrations.Migration`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dblint.facts.schema import Migration
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site
from dblint.link.migrations.dialects import folder
from dblint.link.migrations.django_operations import Operations
from dblint.link.migrations.django_state import State
from dblint.link.migrations.hosts import Reading
from dblint.link.values import ProjectClass

BASES = frozenset({"django.db.migrations.Migration", "django.db.migrations.migration.Migration"})
CLASS = "Migration"
"""The only class of a module that Django looks for."""
CONFIGURATION = "apps.py"


@dataclass(frozen=True, slots=True)
class _Module:
    """A module that is a migration."""

    path: str
    node: int
    name: str
    dependencies: tuple[tuple[str, str], ...]
    replaces: tuple[str, ...]


class DjangoMigrations:
    """Reads the migrations of all applications."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self) -> list[Migration]:
        """The migrations, by application and order."""
        chains: dict[str, list[_Module]] = {}
        for path in sorted(self.reading.evaluator.files):
            module = self._module(path)
            if module is not None:
                chains.setdefault(folder(path), []).append(module)
        state = State()
        return [
            migration for chain, modules in sorted(chains.items()) for migration in self._chain(chain, modules, state)
        ]

    def _module(self, path: str) -> _Module | None:
        facts = self.reading.evaluator.files[path]
        if facts.language != "python":
            return None
        for node, interface in facts.interface.classes.items():
            if interface.name != CLASS or not interface.bases:
                continue
            if any(base in BASES for base in self.reading.bases(ProjectClass(path, node))):
                name = path.rpartition("/")[2].removesuffix(".py")
                return _Module(
                    path,
                    node,
                    name,
                    tuple(self._pairs(path, node, "dependencies")),
                    tuple(name for _, name in self._pairs(path, node, "replaces")),
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

    def _chain(self, chain: str, modules: list[_Module], state: State) -> Iterator[Migration]:
        reading = self.reading
        choice = reading.dialects.choose(chain)
        label = self._label(folder(chain))
        operations = Operations(reading, state, label, choice.dialect)
        for number, module in enumerate(_sorted(modules, label)):
            result = operations.read(self._assigned(module.path, module.node, "operations"))
            atomic = reading.constant(self._assigned(module.path, module.node, "atomic"))
            yield Migration(
                module.path,
                "django",
                chain,
                (str(number).rjust(8, "0"), module.name),
                name=f"{label}.{module.name}",
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
            )

    def _label(self, application: str) -> str:
        """The application's label: what its configuration says, else its folder's name."""
        evaluator = self.reading.evaluator
        path = f"{application}/{CONFIGURATION}" if application else CONFIGURATION
        facts = evaluator.files.get(path)
        for node in facts.interface.classes if facts is not None else ():
            label = self.reading.string(self._assigned(path, node, "label"))
            if label:
                return label
        return application.rpartition("/")[2]


def _sorted(modules: list[_Module], label: str) -> list[_Module]:
    """Each after those of its own application that it depends on; the names decide where nothing else does.

    A squashed migration does again what those that it replaces did, so that it is left out where they
    are still there.
    """
    named = {module.name: module for module in modules}
    left = {module.name for module in modules if module.replaces and all(name in named for name in module.replaces)}
    before = {
        module.name: [name for app, name in module.dependencies if app == label and name in named] for module in modules
    }
    order: list[str] = []
    done: set[str] = set()
    for start in sorted(named):
        pending = [start]
        active = {start}
        while pending:
            current = pending[-1]
            waiting = [name for name in before[current] if name not in done and name not in active]
            if current in done or not waiting:
                pending.pop()
                if current not in done:
                    done.add(current)
                    order.append(current)
                continue
            pending.append(min(waiting))
            active.add(pending[-1])
    return [named[name] for name in order if name not in left]
