"""What the rows of a JavaScript table claim of the types that its packages declare, and what is wrong with that.

`questions` makes what `probe.mjs` is asked, `judged` what its answers refute. `npm/NAME/packages.toml` says which
packages a table is about, in the words of `rows.Packages`.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dblint.libraries.grammar import Library, Member
from dblint.libraries.reader import SLOT_NAMES, Tables
from tests.libraries.packages_of_npm import COMPILER, HERE, compiler, installed, locked
from tests.libraries.rows import Packages, ignored_by, inherited, members_of, paths_of
from tests.oracles import npm

PROBE = Path(__file__).parent / "probe.mjs"
_POSITION = re.compile(r"\b(?:argument|instance|result|partial|entity|class-of|cast):(\d+)|<(\d+)>")
"""Arguments by which `returns` says what a call gives."""


def packages() -> dict[str, Packages]:
    """Table name → what its `packages.toml` says. Raises `TypeError` for a word that it does not know."""
    folders = sorted(path for path in HERE.iterdir() if path != COMPILER)
    return {folder.name: Packages(**tomllib.loads((folder / "packages.toml").read_text("utf-8"))) for folder in folders}


def folder_of(name: str, version: str = "") -> Path:
    """The folder whose `node_modules` holds the packages of a table in a version, `lowest` or `newest`; in none: as its
    lock file says, where it has one."""
    said = packages()[name]
    asked = version or "newest"
    return locked(name) if said.here and not version else installed(getattr(said, asked), said.generated.get(asked))


def questions(tables: Tables, library: Library, said: Packages) -> dict[str, Any]:
    """What the probe is asked about the packages of a table."""
    types: dict[str, Any] = {}
    for name, row in library.types.items():
        if paths := paths_of(name, row, said):
            members = {**inherited(tables, library, name), **row.members}
            types[name] = {
                "paths": list(paths),
                "members": {member: _asked(each) for member, each in members.items()},
                "construct": None if row.construct is None else _asked(row.construct),
                "call": None if row.call is None else _asked(row.call),
            }
    return {
        "setup": said.setup,
        "packages": list(library.packages),
        "types": types,
        "functions": {path: _asked(row) for path, row in library.functions.items()},
    }


def ask(folder: Path, tables: Tables, library: Library, said: Packages) -> dict[str, Any]:
    """The probe's answers about the packages in that folder, which never change: they are kept there. Raises
    `OracleMissingError` where it fails."""
    question, compiled_by = questions(tables, library, said), compiler()
    key = "\0".join((PROBE.read_text("utf-8"), compiled_by.name, json.dumps(question, sort_keys=True)))
    kept = folder / "answers" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    answers: dict[str, Any]
    if kept.is_file():
        answers = json.loads(kept.read_text("utf-8"))
        return answers
    answers = npm.run(PROBE, question, compiled_by, folder)
    kept.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=kept.parent, delete=False) as file:
        json.dump(answers, file)
    Path(file.name).replace(kept)
    return answers


def _asked(row: Member) -> dict[str, Any]:
    callbacks = {} if row.callback is None else dict.fromkeys(row.callback.at.split(), len(row.callback.gives))
    return {"places": sorted({place for _, place in _places(row)}), "callbacks": callbacks}


def _places(row: Member) -> Iterator[tuple[str, str]]:
    """Each place that a row names, and the word by which it does."""
    for word in sorted(SLOT_NAMES):
        slot = getattr(row, word)
        if slot is not None:
            for name, at in (
                (word, slot.at),
                (f"{word}.on", slot.on),
                (f"{word}.of", slot.of),
                (f"{word}.but", slot.but),
            ):
                yield from ((name, place) for place in at.split())
    if row.connects is not None:
        for word in ("address", "password", "user", "host", "tls", "limit", "echo", "hides"):
            at = getattr(row.connects, word).split()
            yield from ((f"connects.{word}", place) for place in at if not place.startswith("."))
    if row.callback is not None and row.callback.over:
        yield "callback.over", row.callback.over
    for word in ("upserts", "writes_only", "adds", "paginates", "converts"):
        yield from ((word, place) for place in getattr(row, word).split())
    if row.loads_all and row.loads_all != "*":
        yield "loads_all", row.loads_all
    if row.batch is not None:
        yield from ((f"batch.{word}", at) for word in ("rows", "size") if (at := getattr(row.batch, word)))
    if row.runs_scripts is not None:
        for word in ("listed", "entries"):
            yield from ((f"runs_scripts.{word}", at) for at in getattr(row.runs_scripts, word).split())
    yield from (("returns", match[1] or match[2]) for match in _POSITION.finditer(row.returns))


def judged(tables: Tables, library: Library, said: Packages, answers: Mapping[str, Any]) -> dict[str, str]:
    """Each claim of the table that the answers refute → what is wrong with it.

    A member that several paths of a type have is refuted where all of them refute it. Where a type is whole, its public
    methods and those of its class are known by their names: a row says both of a name that they share, or the class's
    own stand in the type of its `statics`."""
    wrong: dict[str, str] = {}
    for name, row in library.types.items():
        if name not in answers["types"]:
            continue
        found = {path: answer for path, answer in answers["types"][name].items() if answer is not None}
        for path in answers["types"][name].keys() - found.keys():
            wrong[f"types.{name} {path}"] = "there is no such type"
        if not found:
            continue
        for member, claim in {**inherited(tables, library, name), **row.members}.items():
            there = [answer["members"][member] for answer in found.values()]
            if problem := _member(claim, there, needed=member in row.members and not member.endswith("*")):
                wrong[f"types.{name}.{member}"] = problem
        for word, made in (("construct", row.construct), ("call", row.call)):
            signatures = [answer[word] for answer in found.values() if answer[word] is not None]
            if made is not None and (problem := _callable(made, signatures, f"nothing says that it can be: {word}")):
                wrong[f"types.{name} {word}"] = problem
        if name in said.whole:
            full = f"{library.name}:{name}"
            named = (row.statics, tables.types[full].delegates)  # the class's own, and what is looked up elsewhere
            sides = [full, *(other for each in named if (other := f"{library.name}:{each}") in tables.types)]
            known = {word for side in sides for word in (*members_of(tables, side), *ignored_by(tables, side))}
            public = {each for answer in found.values() for each in (*answer["methods"], *answer["statics"])}
            for method in sorted(public - known):
                wrong[f"types.{name}.{method}"] = "is neither a row nor ignored"
    for path, function in library.functions.items():
        answer = answers["functions"][path]
        if answer is None:
            wrong[f"functions.{path}"] = "there is no such function"
        elif not function.attribute and (problem := _called(function, [answer])):
            wrong[f"functions.{path}"] = problem
    for name in said.whole:
        if name not in library.types:
            wrong[f"types.{name}"] = "packages.toml calls it whole, and the table has no such type"
    return wrong


def _member(row: Member, there: list[dict[str, Any]], *, needed: bool) -> str:
    side, other = ("static", "instance") if row.static else ("instance", "static")
    answers = [answer[side] for answer in there if answer[side] is not None]
    if not answers and any(answer[other] is not None for answer in there):
        return f"is a member of {'its values' if row.static else 'the class'}"
    if not answers:
        return "there is no such member" if needed else ""
    if row.attribute:
        return "is a method" if all(answer["method"] for answer in answers) else ""
    return _called(row, answers)


def _called(row: Member, answers: list[dict[str, Any]]) -> str:
    callable_ones = [answer for answer in answers if answer["called"] is not False]
    if not callable_ones:
        return "cannot be called"
    # Of one whose type does not say how it is called, nothing is refuted.
    return "" if any(answer["called"] is None for answer in callable_ones) else _callable(row, callable_ones, "")


def _callable(row: Member, answers: list[dict[str, Any]], otherwise: str) -> str:
    """What is wrong with the places of a row by everything that it may be; `otherwise` where that is nothing."""
    if not answers:
        return otherwise
    places = [(word, place, place) for word, place in _places(row)]
    places += [("callback", place, f"callback {place}") for place in _asked(row)["callbacks"]]
    for word, place, name in places:
        problems = [answer["wrong"].get(name, "") for answer in answers]
        if all(problems):
            return f"{word} = {place!r}: {problems[0]}"
    return ""
