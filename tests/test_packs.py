from __future__ import annotations

import sys

import pytest

from dblint.builtin import BUILTIN
from dblint.config import ConfigurationError
from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.schema import Migration, Table
from dblint.interrupts import StoppedError
from dblint.packs import PackError, find, load, tables
from dblint.selection import Words, select
from dblint.testing import all_examples
from tests.conftest import Pack

RULE = """
from __future__ import annotations
from collections.abc import Iterator
from dblint.facts.program import Call
from dblint.facts.project import Project
from dblint.facts.schema import Migration, Table
from dblint.rule import Bad, Finding, Good, Rule

RULE = Rule(
    summary="A call",
    why="Because.",
    minimal="Less.",
    better="Even less.",
    complete="None.",
    severity="warning",
    bad=(Bad("python", "x()  # finding"),),
    good=(Good("python", "x()"),),
)
"""
CHECK = """
def check(call: Call) -> Iterator[Finding]:
    yield Finding(call.place, "a call")
"""


def test_a_rule_is_found_by_its_path(pack: Pack) -> None:
    pack.add("query/long_name.py", RULE + CHECK)
    pack.add("schema/other.py", RULE + CHECK)
    pack.add("query/_shared.py", "")
    found = find([pack.name])
    assert list(found) == ["query/long-name", "schema/other"]
    assert found["query/long-name"].group == "query"
    rule = load(found["query/long-name"])
    assert (rule.feeds, rule.wants_project) == ((Call,), False)
    assert rule.rule.summary == "A call"


def test_what_a_rule_is_fed(pack: Pack) -> None:
    pack.add(
        "query/several.py",
        RULE + "def check(fact: Call | Table | Migration, project: Project) -> list[Finding]:\n    return []\n",
    )
    rule = load(find([pack.name])["query/several"])
    assert (rule.feeds, rule.wants_project) == ((Call, Table, Migration), True)
    assert Project not in rule.feeds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("RULE = 1\n", "RULE is missing or not a dblint.rule.Rule"),
        (RULE, "the function check is missing"),
        (RULE + "def check(): ...", "check takes one fact and optionally the project"),
        (RULE + "def check(call: Cal): ...", "check's annotations cannot be resolved: name 'Cal' is not defined"),
        (
            RULE + "def check(call: Call | int): ...",
            "check cannot be fed int (known: Call, Query, Invocation, Access, Brought, Exposure, Function, Resource, ",
        ),
        (RULE + "def check(call): ...", "check's first parameter has no annotation"),
        (RULE + "def check(call: Call, p: int): ...", "check's second parameter is annotated Project or left out"),
        (RULE + CHECK + "places = 1\n", "places is no function"),
        (RULE.replace('"Because."', '""') + CHECK, "why is empty"),
        (RULE.replace("Even less.", "Less.") + CHECK, "minimal, better and complete do not differ"),
        (RULE.replace('"warning"', '"bad"') + CHECK, 'severity "bad" is none of error, warning, info'),
        (
            RULE.replace('severity="warning"', 'severity="error", security_severity="11"') + CHECK,
            'security_severity "11" is no number from 0.1 to 10.0',
        ),
        (RULE.replace("  # finding", "") + CHECK, 'a Bad example marks no line with the word "finding" in a comment'),
        (RULE.replace('Bad("python"', 'Bad("perl"') + CHECK, 'the language "perl" is none of'),
        (RULE.replace('(Good("python", "x()"),)', "()") + CHECK, "an example is missing"),
        (RULE.replace('(Bad("python", "x()  # finding"),)', "()") + CHECK, "an example is missing"),
        (RULE.replace('(Bad("python", "x()  # finding"),)', "None") + CHECK, "bad is no tuple[dblint.rule.Bad, ...]"),
        (RULE.replace('Bad("python", "x()  # finding")', '"x"') + CHECK, "bad is no tuple[dblint.rule.Bad, ...]"),
        (RULE.replace('"x()  # finding"', "None") + CHECK, "bad is no tuple[dblint.rule.Bad, ...]"),
        (RULE.replace('"A call"', "None") + CHECK, "summary is no str"),
        (RULE.replace('"warning"', '"warning", roles=frozenset({"app"})') + CHECK, "roles is no frozenset["),
        (RULE + "check = type\n", "check's parameters are not known: "),
        ("raise SystemExit(0)", "cannot be imported: SystemExit: 0"),
        ("class Skipped(BaseException): ...\nraise Skipped('no')", "cannot be imported: Skipped: no"),
        ("import nowhere_at_all", "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = (", "cannot be imported: SyntaxError"),
    ],
)
def test_a_broken_rule_is_named(pack: Pack, text: str, problem: str) -> None:
    pack.add("query/broken.py", text)
    with pytest.raises(PackError) as caught:
        load(find([pack.name])["query/broken"])
    message = str(caught.value)
    assert message.startswith("pack strangers_rules: strangers_rules.query.broken")
    assert problem in message


def test_lists_and_sets_will_do(pack: Pack) -> None:
    text = RULE.replace('(Good("python", "x()"),)', '[Good("python", "x()")]')
    pack.add("query/a.py", text.replace('"warning"', '"warning", cwe=[89], roles=set()') + CHECK)
    assert load(find([pack.name])["query/a"]).rule.cwe[0] == 89


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "StoppedError"])
def test_an_interrupt_is_no_fault_of_a_pack(pack: Pack, name: str) -> None:
    pack.add("query/a.py", f"from dblint.interrupts import StoppedError\nraise {name}")
    with pytest.raises((KeyboardInterrupt, StoppedError)):
        load(find([pack.name])["query/a"])


def test_a_folder_that_is_no_package(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    pack.add("schema/b.py", RULE + CHECK)
    for folder in ("_shared", "data", "libraries"):
        (pack.root / folder).mkdir()
    (pack.root / "_shared" / "words.py").touch()
    (pack.root / "data" / "words.txt").touch()
    (pack.root / "libraries" / "acme.py").touch()
    assert list(find([pack.name])) == ["query/a", "schema/b"]
    (pack.root / "schema" / "__init__.py").unlink()
    message = f"pack {pack.name}: {pack.name}.schema has no __init__.py, so its rules are not found: "
    with pytest.raises(PackError) as caught:
        find([pack.name])
    assert str(caught.value) == f"{message}add one, or begin the folder's name with _"


def test_a_pack_without_any_package(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    (pack.root / "__init__.py").unlink()
    assert list(find([pack.name])) == ["query/a"]
    del sys.modules[pack.name], sys.modules[f"{pack.name}.query"]
    (pack.root / "query" / "__init__.py").unlink()
    with pytest.raises(PackError, match=rf"^pack {pack.name}: {pack.name}.query has no __init__.py"):
        find([pack.name])


def test_a_pack_that_is_not_there() -> None:
    with pytest.raises(PackError, match=r"^pack no_such_rules: no_such_rules cannot be imported: ModuleNotFoundError"):
        find(["no_such_rules"])


def test_a_module_is_no_pack() -> None:
    with pytest.raises(PackError, match=r"^pack dblint.rule: dblint.rule is not a package$"):
        find(["dblint.rule"])


def test_a_rule_needs_a_group(pack: Pack) -> None:
    pack.add("alone.py", RULE + CHECK)
    with pytest.raises(PackError, match="lies in no group"):
        find([pack.name])


def test_two_packs_with_the_same_rule(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    other = pack.another("too")
    other.add("query/a.py", RULE + CHECK)
    with pytest.raises(PackError, match=r'the rule "query/a" is already in pack strangers_rules$'):
        find([pack.name, other.name])


def chosen(pack: Pack, wanted: tuple[str, ...] = (), unwanted: tuple[str, ...] = ()) -> list[str]:
    selection = select(find([pack.name]), BUILTIN, Words("--select", wanted), Words("--ignore", unwanted))
    return [rule.id for rule in selection.rules]


def test_selection(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    pack.add("query/b.py", RULE.replace('severity="warning"', 'severity="warning", default=False') + CHECK)
    pack.add("schema/c.py", RULE + CHECK)
    builtin = ["internal-error", "invalid-suppression"]
    unused = "unused-suppression"
    assert chosen(pack) == [*builtin, "query/a", "schema/c", unused]
    assert chosen(pack, ("query",)) == ["query/a", "query/b"]
    assert chosen(pack, ("query/b", "schema")) == ["query/b", "schema/c"]
    assert chosen(pack, ("default", "query/b")) == [*builtin, "query/a", "query/b", "schema/c", unused]
    assert chosen(pack, ("all",)) == [*builtin, "query/a", "query/b", "schema/c", unused]
    assert chosen(pack, (), ("query", unused)) == [*builtin, "schema/c"]
    assert chosen(pack, ("all",), ("default",)) == ["query/b"]
    with pytest.raises(ConfigurationError, match=r'^--ignore: there is no rule or group "querry" \(did you mean'):
        chosen(pack, (), ("querry",))


def test_a_name_without_its_group_is_answered_with_the_rules_that_are_called_so(pack: Pack) -> None:
    for path in ("of_some_very_long_group/a.py", "query/a.py", "of_some_very_long_group/b.py", "query/bb.py"):
        pack.add(path, RULE + CHECK)
    long, start = "of-some-very-long-group", "--select: there is no rule or group"
    for word, meant in (("b", f'"{long}/b"'), ("a", f'"{long}/a" or "query/a"')):
        with pytest.raises(ConfigurationError) as error:
            chosen(pack, (word,))
        assert str(error.value) == f'{start} "{word}" (did you mean {meant}?)'


def test_only_what_runs_is_imported(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    pack.add("query/broken.py", "x = (")
    assert chosen(pack, ("query/a",)) == ["query/a"]
    assert "query/a" in chosen(pack, (), ("query/broken",))


TABLE = """
name = "acme"
languages = ["python"]
packages = ["acme_store"]
[types.Store]
path = "acme_store.Store"
[types.Store.members]
"fetch" = { run = "text", text = 0 }
[functions]
"acme_store.connect" = { returns = "Store", effects = ["connect"] }
"""


def test_a_pack_brings_library_tables(pack: Pack) -> None:
    pack.add("query/a.py", RULE + CHECK)
    pack.add("libraries/acme.toml", TABLE)
    assert list(find([pack.name])) == ["query/a"]
    known = tables([pack.name])
    assert known.by_path["acme_store.Store"] == "acme:Store"
    assert known.member("acme:Store", "fetch") is not None
    assert known.libraries.keys() - tables([]).libraries.keys() == {"acme"}


def test_the_examples_of_a_pack_are_read_with_its_tables(pack: Pack) -> None:
    code = "import acme_store\\n\\nacme_store.connect().fetch('SELECT 1')  # finding\\n"
    pack.add("query/a.py", RULE.replace("x()  # finding", code) + CHECK)
    pack.add("libraries/acme.toml", TABLE)
    for example in all_examples(pack.name):
        example.verify()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            TABLE.replace('connect"]', 'conect"]'),
            "libraries/acme.toml: functions.acme_store.connect: Invalid enum value 'conect' - at `$.effects[0]`",
        ),
        (
            TABLE.replace("run =", "runs ="),
            "libraries/acme.toml: types.Store: Object contains unknown field `runs` - at `$.members[...]`",
        ),
        ("x = ", "libraries/acme.toml: Invalid value (at end of document)"),
        ('name = "acme"\n', "libraries/acme.toml: Object missing required field `languages`"),
        (TABLE.replace('"acme"', '"django"'), "django: there is a table of this name already"),
        (
            TABLE.replace("acme_store.Store", "sqlite3.Connection"),
            "acme: types.Store: sqlite3.Connection is sqlite3:Connection already",
        ),
        (
            TABLE.replace("acme_store.connect", "sqlite3.connect"),
            "acme: functions.sqlite3.connect: sqlite3 describes it already",
        ),
        (
            TABLE.replace('returns = "Store"', 'returns = "Shop"'),
            'acme: functions.acme_store.connect: returns "Shop", which no table declares',
        ),
        (
            TABLE.replace("text = 0", 'text = 0, returns = "<Store"'),
            'acme: types.Store.fetch: returns "<Store": a type expression needs a name',
        ),
        (
            TABLE + '[untyped.append]\nlist = "extend"\n',
            "acme: untyped.append: is described for python already",
        ),
        (
            TABLE.replace("[types.Store]", '[types.Store]\nextends = "Base"'),
            "acme:Store: extends acme:Base, which no table declares",
        ),
    ],
)
def test_a_broken_library_table_is_named(pack: Pack, text: str, problem: str) -> None:
    pack.add("query/a.py", RULE + CHECK)
    pack.add("libraries/acme.toml", text)
    with pytest.raises(PackError) as caught:
        tables([pack.name])
    assert str(caught.value) == f"pack {pack.name}: {problem}"
