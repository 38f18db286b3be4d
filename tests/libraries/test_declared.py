"""Rows of JavaScript tables are true and complete by the types of their packages, and what says so can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dblint.libraries.reader import bundled, compile_tables, parse
from tests.libraries.declared import ask, folder_of, judged, packages
from tests.libraries.rows import Packages, told

SAID = packages()


def refuted(name: str, version: str = "") -> dict[str, str]:
    tables = bundled()
    library = tables.libraries[name]
    return judged(tables, library, SAID[name], ask(folder_of(name, version), tables, library, SAID[name]))


@pytest.mark.libraries
@pytest.mark.parametrize("name", sorted(name for name, said in SAID.items() if said.here))
def test_rows_are_true_and_complete(name: str) -> None:
    """By the versions in the lock file; not in the default suite, which it would make too slow."""
    assert told(refuted(name), SAID[name].absent.get("newest", {})) == {}


@pytest.mark.libraries
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "version"),
    [(name, version) for name, said in SAID.items() for version in ("lowest", "newest") if getattr(said, version)],
)
def test_rows_by_version(name: str, version: str) -> None:
    """By the lowest version that the table describes and by the newest one there is."""
    assert told(refuted(name, version), SAID[name].absent.get(version, {})) == {}


def test_every_javascript_table_is_asked_or_says_why_not() -> None:
    described = {name for name, library in bundled().libraries.items() if "javascript" in library.languages}
    assert described ^ SAID.keys() == set()
    assert [name for name, said in SAID.items() if bool(said.nothing) == bool(said.lowest or said.newest)] == []


DECLARED = """\
import { EventEmitter } from "node:events";

export interface Options<T> {
  where?: Partial<T>;
  page?: { size: number; filter: string | { by: string } };
  anything?: any;
}
export declare class Jar<T = unknown> extends EventEmitter {
  private constructor();
  static open(url: string): Jar;
  readonly size: number;
  find(options?: Options<T>): Promise<T[]>;
  find(id: number, options: Options<T>): Promise<T>;
  each(run: (row: T) => void, ...more: number[]): void;
  shake(times: number): this;
  private hidden(): void;
  protected inner(): void;
  _internal(): void;
  lid?(): void;
}
declare class Shelf extends Jar {
  stack(...jars: [Jar, Jar?]): void;
  pour(label: string, run: (row: unknown) => void): void;
}
export { Shelf as Rack };
export declare function sql(text: TemplateStringsArray, ...holes: unknown[]): string;
export declare namespace tools {
  function open(url: string): { jar: Jar };
}
export default tools;
"""
TABLE = """\
name = "jam"
languages = ["javascript"]
packages = ["jam"]

[types.Jar]
path = ["jam#Jar"]

[types.Jar.members]
"open" = { static = true, effects = ["connect"], returns = "Jar" }
"size" = { attribute = true, returns = "scalar" }
"inner" = { returns = "none" }
"find" = { run = "select", where = "0.where", limit = "0.page.size 1.page.size", set = "0.anything.a", \
text = "0.page.filter.by|1", returns = "row[]" }
"each" = { callback = { at = "0", fate = "each" }, parameters = "1+" }

[types.Jar.ignored]
"shake" = "moves nothing"
"lid" = "nothing is asked"

[types.Rack]
path = ["jam#Rack"]
extends = "Jar"

[types.Rack.members]
"stack" = { text = "0 1" }
"pour" = { text = "0", callback = { at = "1", fate = "each", gives = ["element"] } }
"find" = { run = "select", returns = "row" }

[types.Opened]

[types.Opened.members]
"jar" = { attribute = true, returns = "Jar" }

[functions]
"jam#sql" = { text = "tagged", tagged = "only", parameters = "1+" }
"jam#tools.open jam#default.open" = { effects = ["connect"], returns = "Opened" }
"""


@pytest.fixture(scope="module")
def jam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package of this name, and nothing else: not even the types of Node."""
    folder = tmp_path_factory.mktemp("jam")
    package = folder / "node_modules" / "jam"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "jam", "version": "1.0.0", "types": "index.d.ts"}))
    (package / "index.d.ts").write_text(DECLARED)
    return folder


MADE = Packages(whole=("Jar", "Rack"), setup='const opened = default0.open("");', made={"Opened": "opened"})


def wrong(folder: Path, table: str, said: Packages = MADE) -> dict[str, str]:
    library = parse(table.encode(), "jam.toml")
    tables = compile_tables({"jam": library})
    return judged(tables, library, said, ask(folder, tables, library, said))


def test_true_rows_are_not_refuted(jam: Path) -> None:
    assert wrong(jam, TABLE) == {}


FALSE = """\
name = "jam"
languages = ["javascript"]
packages = ["jam"]

[types.Jar]
path = ["jam#Jar"]
construct = { text = "0" }

[types.Jar.members]
"open" = { effects = ["connect"], returns = "Jar<1>" }
"size" = { returns = "scalar" }
"lid" = { attribute = true, returns = "scalar" }
"shakes hidden" = { returns = "self" }
"find" = { static = true, returns = "row[]" }
"each" = { callback = { at = "1", fate = "each" } }

[types.Rack]
path = ["jam#Rack", "jam#Shelf"]

[types.Rack.members]
"open" = { static = true, text = "url|0", returns = "Jar<1>" }
"find" = { run = "select", where = "0.wheres", columns = "0.page.count", text = "0.page.filter.by|2", returns = "row" }
"stack" = { text = "2" }
"pour" = { text = "1", callback = { at = "1", fate = "each", gives = ["element", "index"] } }
"each" = { callback = { at = "0", over = "0.run", fate = "each" } }

[types.Opened]

[types.Opened.members]
"jar lid" = { attribute = true, returns = "Jar" }

[functions]
"jam#sqls" = { returns = "scalar" }
"jam#default.open" = { text = "tagged", tagged = "only", returns = "Opened" }
"jam#tools" = { returns = "Opened" }
"""
REFUTED = {
    "types.Jar construct": "nothing says that it can be: construct",
    "types.Jar.open": "is a member of the class",
    "types.Jar.size": "cannot be called",
    "types.Jar.lid": "is a method",
    "types.Jar.shakes": "there is no such member",
    "types.Jar.hidden": "there is no such member",
    "types.Jar.find": "is a member of its values",
    "types.Jar.each": "callback = '1': it takes no function there",
    "types.Jar.shake": "is neither a row nor ignored",
    "types.Rack jam#Shelf": "there is no such type",
    "types.Rack.open": "text = 'url|0': no argument has a name in JavaScript",
    "types.Rack.find": "columns = '0.page.count': nothing that it takes at 0 has page.count",
    "types.Rack.stack": "text = '2': it takes 1 by position",
    "types.Rack.pour": "callback = '1': a function there is given 1 arguments",
    "types.Rack.each": "callback.over = '0.run': nothing that it takes at 0 has run",
    "types.Rack.lid": "is neither a row nor ignored",
    "types.Rack.shake": "is neither a row nor ignored",
    "types.Opened.lid": "there is no such member",
    "functions.jam#sqls": "there is no such function",
    "functions.jam#default.open": "text = 'tagged': it is no tag of a template",
    "functions.jam#tools": "cannot be called",
    "types.Lid": "packages.toml calls it whole, and the table has no such type",
}


def test_false_rows_are_refuted(jam: Path) -> None:
    said = Packages(whole=("Jar", "Rack", "Lid"), setup=MADE.setup, made=MADE.made)
    assert wrong(jam, FALSE, said) == REFUTED


def test_what_is_absent_is_told_exactly() -> None:
    wrong = {"types.Jar.lid": "is a method", "types.Jar.shake": "is neither a row nor ignored"}
    absent = {"types.Jar.lid": "since 2", "types.Jar.open": "since 2"}
    assert told(wrong, absent) == {
        "types.Jar.shake": "is neither a row nor ignored",
        "types.Jar.open": "is said to be absent, and holds",
    }
