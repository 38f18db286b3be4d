"""What the rows of a library table claim of the library itself, and what is wrong with that.

`questions` makes what `probe.py` is asked, `judged` what its answers refute. `packages.toml` says which packages a
table is about, and what of it only one version has. `declared.py` is the same for JavaScript.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dblint.libraries.grammar import Library, Member, Type
from dblint.libraries.reader import SLOT_NAMES, Tables, bundled
from tests.libraries.environments import DEBIAN, environment, variables

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Packages:
    """How a table's library is got, and what is said of it (`packages.toml`).

    `newest`, `lowest`: requirements; `lowest` is the oldest that installs on the interpreters that dblint supports.
    `debian:NAME` among them is a package of Debian: such a table is asked by the slow suite alone.
    `whole`: types of which every public method is a row or ignored. `setup`: code that the probe runs first; names
    that it makes are asked as `made.NAME` for the types in `made`, which have no path of their own. `absent`: version →
    a claim that does not hold there → why. `slow`: why the test environment does not have it, so that the slow suite
    alone asks. `nothing`: why there is nothing to ask. `generated`: version → `files` that are written beside installed
    npm packages, by their paths, and what Node is told to `run` there, once: what makes types of a project's own.
    """

    newest: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    setup: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    slow: str = ""
    nothing: str = ""
    absent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    generated: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        """Whether the test environment itself has it."""
        return (
            not self.slow
            and not self.nothing
            and not any(name.startswith(f"{DEBIAN}:") for name in (*self.lowest, *self.newest))
        )


def packages() -> dict[str, Packages]:
    """Table name → what `packages.toml` says of it. Raises `TypeError` for a word that it does not know."""
    raw = tomllib.loads((HERE / "packages.toml").read_text("utf-8"))
    return {name: Packages(**row) for name, row in raw.items()}


def members_of(tables: Tables, name: str) -> dict[str, Member]:
    """The rows of a type and of all that it extends, nearest first."""
    found: dict[str, Member] = {}
    for owner in tables.lineages[name]:
        for member, row in tables.types[owner].members.items():
            found.setdefault(member, row)
    return found


def ignored_by(tables: Tables, name: str) -> set[str]:
    """The methods that a type, or one that it extends, ignores."""
    return {member for owner in tables.lineages[name] for member in tables.types[owner].ignored}


def paths_of(name: str, row: Type, said: Packages) -> tuple[str, ...]:
    """Where the probe finds a type; nothing where it can be asked about none."""
    made = said.made.get(name)
    return (*row.path, *((f"made.{made}",) if made else ()))


def inherited(tables: Tables, library: Library, name: str) -> dict[str, Member]:
    """The rows that a type has from types without a path, which nobody can ask about by themselves: what drivers have
    in common. They need not all be there, but what is there takes what they say."""
    own = library.types[name].members
    return {
        member: row
        for owner in tables.lineages[f"{library.name}:{name}"]
        if not tables.types[owner].path
        for member, row in tables.types[owner].members.items()
        if member not in own and members_of(tables, f"{library.name}:{name}")[member] is row
    }


def questions(tables: Tables, library: Library, said: Packages) -> dict[str, Any]:
    """What the probe is asked about the library of a table."""
    return {
        "setup": said.setup,
        "types": {
            name: {"paths": list(paths), "members": [*row.members, *inherited(tables, library, name)]}
            for name, row in library.types.items()
            if (paths := paths_of(name, row, said))
        },
        "functions": list(library.functions),
    }


def ask(python: str, tables: Tables, library: Library, said: Packages) -> dict[str, Any]:
    """The probe's answers, by the interpreter of that environment. Raises `CalledProcessError` where it fails."""
    done = subprocess.run(
        [python, "-P", str(HERE / "probe.py")],
        input=json.dumps(questions(tables, library, said)),
        capture_output=True,
        text=True,
        check=False,
        env=variables(python),
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def judged(tables: Tables, library: Library, said: Packages, answers: Mapping[str, Any]) -> dict[str, str]:
    """Each claim of the table that the answers refute → what is wrong with it. A name that is ignored may be there in
    some versions only: nothing is said of it."""
    wrong: dict[str, str] = {}
    for name, row in library.types.items():
        if name not in answers["types"]:
            continue
        found = {path: answer for path, answer in answers["types"][name].items() if answer is not None}
        for path in answers["types"][name].keys() - found.keys():
            wrong[f"types.{name} {path}"] = "there is no such type"
        if not found:
            continue
        for member, said_of_it in (*row.members.items(), *inherited(tables, library, name).items()):
            there = [answer["members"][member] for answer in found.values() if answer["members"].get(member)]
            # Names that are only begun are made for what a subclass declares, which the class itself has not.
            if not there and member in row.members and not member.endswith("*"):
                wrong[f"types.{name}.{member}"] = "there is no such member"
            elif there and not said_of_it.attribute:
                for problem in places(said_of_it, there[0]["parameters"]):
                    wrong[f"types.{name}.{member}"] = problem
        if row.construct is not None:
            for answer in found.values():
                for problem in places(row.construct, answer["callable"]["parameters"]):
                    wrong[f"types.{name} construct"] = problem
        if name in said.whole:
            full = f"{library.name}:{name}"
            known = members_of(tables, full).keys() | ignored_by(tables, full)
            for method in sorted({method for answer in found.values() for method in answer["methods"]} - known):
                wrong[f"types.{name}.{method}"] = "is neither a row nor ignored"
    for path, function in library.functions.items():
        answer = answers["functions"][path]
        if answer is None:
            wrong[f"functions.{path}"] = "there is no such function"
        else:
            for problem in places(function, answer["parameters"]):
                wrong[f"functions.{path}"] = problem
    for name in said.whole:
        if name not in library.types:
            wrong[f"types.{name}"] = "packages.toml calls it whole, and the table has no such type"
    return wrong


def told(wrong: Mapping[str, str], absent: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a table in one version: what is refuted there and `absent` does not name, and what it names
    though nothing refutes it."""
    needless = dict.fromkeys(absent.keys() - wrong.keys(), "is said to be absent, and holds")
    return {claim: problem for claim, problem in wrong.items() if claim not in absent} | needless


def places(row: Member, parameters: list[tuple[str, str, bool]] | None) -> Iterator[str]:
    """What is wrong with the places that a row names, by the parameters of what it describes; None: no signature."""
    if parameters is None:
        return
    for word in sorted(SLOT_NAMES):
        slot = getattr(row, word)
        if slot is not None and slot.at:
            for place in slot.at.split():
                yield from (f"{word} = {place!r}: {problem}" for problem in _place(place, parameters))
    for word in ("address", "password", "user", "host", "tls"):
        if row.connects is not None and (at := getattr(row.connects, word)):
            for place in at.split():
                yield from (f"connects.{word} = {place!r}: {problem}" for problem in _place(place, parameters))
    if row.loads_all and row.loads_all != "*":
        yield from (f"loads_all = {row.loads_all!r}: {problem}" for problem in _place(row.loads_all, parameters))
    if row.callback is not None:
        for place in row.callback.at.split():
            yield from (f"callback = {place!r}: {problem}" for problem in _place(place, parameters))


def _place(place: str, parameters: list[tuple[str, str, bool]]) -> Iterator[str]:
    kinds = [kind for _, kind, _ in parameters]
    by_order = [name for name, kind, _ in parameters if kind in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
    by_name = [name for name, kind, _ in parameters if kind in ("KEYWORD_ONLY", "POSITIONAL_OR_KEYWORD")]
    rest, words = "VAR_POSITIONAL" in kinds, "VAR_KEYWORD" in kinds
    if place == "tagged":
        return
    if place == "*":
        if not rest and not by_order:
            yield "it takes nothing by position"
        return
    if place == "**":
        if not words and not by_name:
            yield "it takes nothing by name"
        return
    heads = [alternative.partition(".")[0] for alternative in place.split("|")]
    positions = [int(head.rstrip("+")) for head in heads if head.rstrip("+").isdecimal()]
    names = [head for head in heads if not head.rstrip("+").isdecimal()]
    for position in positions:
        if position >= len(by_order):
            if not rest:
                yield f"it takes {len(by_order)} by position"
        elif names and by_order[position] not in names and by_order[position] in by_name:
            yield f"what stands at {position} is called {by_order[position]}"
    if names and not words and not set(names) & set(by_name):
        if not positions or positions[0] >= len(by_order) or by_order[positions[0]] in by_name:
            yield f"it takes {', '.join(by_name) or 'nothing'} by name"
        else:
            yield "it takes that by position only"


def main() -> None:
    """Prints what is wrong with the tables that are named in one version, a line each: the one at hand, or with
    `--lowest` or `--newest` as first argument one in an environment of its own."""
    from tests.libraries import declared  # which needs this module

    version = sys.argv[1].removeprefix("--") if sys.argv[1:2] and sys.argv[1].startswith("--") else ""
    tables = bundled()
    for name in sys.argv[2 if version else 1 :]:
        library = tables.libraries[name]
        if "javascript" in library.languages:
            said = declared.packages()[name]
            folder = declared.folder_of(name, version)
            refuted = declared.judged(tables, library, said, declared.ask(folder, tables, library, said))
        else:
            said = packages().get(name, Packages())
            python = environment(getattr(said, version)) if version else sys.executable
            refuted = judged(tables, library, said, ask(python, tables, library, said))
        for claim, problem in told(refuted, said.absent.get(version or "newest", {})).items():
            print(f"{name}: {claim}: {problem}")


if __name__ == "__main__":
    main()
