from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import pytest

from dblint.builtin import BUILTIN
from dblint.check import CROSS_FUNCTION, Checked, Surroundings, check
from dblint.facts.program import Call, Effect, FileRole, Function, Invocation, Setting
from dblint.facts.project import Project
from dblint.facts.query import Query, Verb
from dblint.facts.report import Excerpt
from dblint.facts.schema import Migration, Table
from dblint.facts.text import Place
from dblint.facts.tree import Suppression
from dblint.frontends import directives
from dblint.frontends.extract import extract
from dblint.interrupts import StoppedError
from dblint.packs import LoadedRule, signature
from dblint.prose import redact
from dblint.rule import APPLICATION, Edit, Finding, Fix, Related, Remedy, Rule
from dblint.suppressions import Suppressions
from dblint.workspace.document import Document

RULE = Rule(
    summary="A call",
    why="Because.",
    minimal="Limit {table}.",
    better="Page through {table}, `{ take: 10 }`.",
    complete="Never {relation}.",
    severity="warning",
)
SOURCE = "# first\nx = db.run()\n\ny = db.run()\n"
CALLS = (Place("a.py", 12, 20), Place("a.py", 26, 34))


def rule(
    function: Callable[..., Iterable[Finding] | None],
    name: str = "query/call",
    roles: frozenset[FileRole] = APPLICATION,
) -> LoadedRule:
    """A rule around a check function."""
    feeds, wants_project, problem = signature(function)
    assert problem == ""
    values = {field: getattr(RULE, field) for field in RULE.__slots__}
    return LoadedRule(name, Rule(**(values | {"roles": roles})), function, feeds, wants_project)


def at(call: Call) -> Iterator[Finding]:
    yield Finding(call.place, f"{call.member} is called")


def project(**facts: object) -> Project:
    calls = tuple(Call(place, "run", "Database", effects=(Effect.QUERY,)) for place in CALLS)
    return Project(**({"calls": calls} | facts))  # type: ignore[arg-type]


def checked(
    *rules: LoadedRule,
    facts: Project | None = None,
    sources: Mapping[str, str] | None = None,
    **surroundings: object,
) -> Checked:
    texts = {"a.py": SOURCE} if sources is None else sources
    documents = {path: Document(path, text.encode()) for path, text in texts.items()}
    defaults: dict[str, object] = {
        "document": documents.get,
        "reports_on": lambda path: True,
        "known": {entry.id for entry in rules},
    }
    everything = (*rules, *BUILTIN.values())
    return check(facts or project(), everything, Surroundings(**(defaults | surroundings)))  # type: ignore[arg-type]


def told(result: Checked) -> list[tuple[str, str, int, int, str]]:
    return [
        (finding.rule, finding.region.path, finding.region.start.line, finding.region.start.column, finding.message)
        for finding in result.findings
    ]


def test_a_finding_is_built() -> None:
    result = checked(rule(at))
    assert told(result) == [
        ("query/call", "a.py", 2, 5, "run is called"),
        ("query/call", "a.py", 4, 5, "run is called"),
    ]
    first, second = result.findings
    assert first.severity == "warning"
    assert (first.region.stop.line, first.region.stop.column) == (2, 13)
    assert first.excerpt == Excerpt(1, ("# first", "x = db.run()", "", "y = db.run()"), 2, 4, 12)
    assert first.line_hash != second.line_hash
    assert first.key != second.key


def test_every_kind_of_fact() -> None:
    place = CALLS[0]
    seen: list[str] = []

    def look(fact: Call | Query | Invocation | Function | Table | Migration | Setting) -> None:
        seen.append(type(fact).__name__)

    def once(everything: Project) -> None:
        seen.append(type(everything).__name__)

    facts = Project(
        calls=(Call(place, "run", "D", queries=(Query(Verb.SELECT, place), Query(Verb.INSERT, place))),),
        invocations=(Invocation(place, "f", ("g",)),),
        functions={"f": Function("f", "f", place)},
        tables={"t": Table("t")},
        migrations=(Migration("a.py", "sql", "", ()),),
        settings=(Setting("pool", "5"),),
    )
    assert checked(rule(look), rule(once, "query/once"), facts=facts).findings == ()
    assert seen == ["Call", "Query", "Query", "Invocation", "Function", "Table", "Migration", "Setting", "Project"]


def test_the_project_comes_second() -> None:
    def look(call: Call, project: Project) -> Iterator[Finding]:
        if project.table("books") is not None:
            yield Finding(call.place, "known")

    assert len(checked(rule(look), facts=project(tables={"books": Table("books")})).findings) == 2
    assert checked(rule(look)).findings == ()


def test_roles_and_named_paths() -> None:
    roles = {"a.py": FileRole.TEST}
    assert checked(rule(at), roles=roles).findings == ()
    assert len(checked(rule(at, roles=frozenset(FileRole)), roles=roles).findings) == 2
    assert checked(rule(at), reports_on=lambda path: path != "a.py").findings == ()


def test_the_ladder_and_the_idiom() -> None:
    def look(call: Call) -> Iterator[Finding]:
        remedy = Remedy("limit", {"count": "10"})
        yield Finding(call.place, "m", {"table": "books"}, remedy=remedy, idiom="orm")

    idioms = {"orm": {"limit": "{{ take: {count}, of: {{ {model} }} }}"}}
    finding = checked(rule(look), facts=project(idioms=idioms)).findings[0]
    assert finding.minimal == "Limit books."
    assert finding.better == "Page through books, `{ take: 10 }`."
    assert finding.complete == "Never <relation>."
    assert finding.repair == "{ take: 10, of: { <model> } }"
    assert checked(rule(look)).findings[0].repair == ""


def test_order_and_duplicates() -> None:
    def twice(call: Call) -> list[Finding]:
        return [Finding(call.place, "same"), Finding(call.place, "same")]

    backwards = project(calls=tuple(reversed(project().calls)))
    result = checked(rule(twice, "query/b"), rule(at, "query/a"), facts=backwards)
    assert [(finding.rule, finding.region.start.line) for finding in result.findings] == [
        ("query/a", 2),
        ("query/b", 2),
        ("query/a", 4),
        ("query/b", 4),
    ]
    other_order = checked(rule(at, "query/a"), rule(twice, "query/b"))
    assert other_order.findings == result.findings


def test_instances_of_one_place_become_one_finding() -> None:
    def look(everything: Project) -> Iterator[Finding]:
        for number in range(15):
            name = f"Model{number:02}"
            yield Finding(CALLS[0], f"{name} is loaded in a loop", {"table": name})

    [finding] = checked(rule(look)).findings
    assert finding.message == (
        "Model00 is loaded in a loop (also for Model01, Model02, Model03, Model04, Model05, Model06, Model07, "
        "Model08, Model09, Model10 and 4 more)"
    )


def test_their_further_places_are_told_together_unless_they_are_a_route() -> None:
    def instances(sub: str) -> Iterator[Finding]:
        for number, name in enumerate(("author", "book")):
            related = (Related(CALLS[1], "both"), Related(CALLS[number], f"of {name}"))
            yield Finding(CALLS[0], f"{name} is loaded in a loop", {"table": name}, related, sub=sub)

    def look(everything: Project) -> Iterator[Finding]:
        yield from instances("")

    def routed(everything: Project) -> Iterator[Finding]:
        yield from instances(CROSS_FUNCTION)

    [finding] = checked(rule(look)).findings
    assert finding.message == "author is loaded in a loop (also for book)"
    assert [place.message for place in finding.related] == ["both", "of author", "of book"]
    [finding] = checked(rule(routed)).findings
    assert [place.message for place in finding.related] == ["both", "of author"]


def test_a_span_over_lines_is_cut_at_its_first() -> None:
    def look(everything: Project) -> Iterator[Finding]:
        yield Finding(Place("a.py", 12, 34), "long")
        yield Finding(Place("a.py", 12, 12), "nothing")
        yield Finding(Place("a.py", 9_999, 10_000), "behind the end")

    spans = [
        (finding.message, finding.region.start.line, finding.region.start.column, finding.region.stop.column)
        for finding in checked(rule(look)).findings
    ]
    assert spans == [("nothing", 2, 5, 6), ("long", 2, 5, 13), ("behind the end", 5, 1, 1)]


def test_columns_of_wide_characters() -> None:
    source = 's = "é😀"; db.run()\n'
    start = source.encode().index(b"db")
    facts = Project(calls=(Call(Place("a.py", start, start + 8), "run", "D"),))
    [finding] = checked(rule(at), facts=facts, sources={"a.py": source}).findings
    assert (finding.region.start.column, finding.region.start.utf16) == (11, 12)


def test_related_places() -> None:
    def look(call: Call) -> Iterator[Finding]:
        here, gone = Related(Place("b.py", 4, 5), "declared here"), Related(Place("c.py", 0, 1), "gone")
        yield Finding(call.place, "m", related=(here, gone), sub="cross-function")

    finding = checked(rule(look), sources={"a.py": SOURCE, "b.py": "one\ntwo\n"}).findings[0]
    [related] = finding.related
    assert (related.region.path, related.region.start.line, related.message) == ("b.py", 2, "declared here")
    assert related.excerpt == Excerpt(2, ("two",), 2, 0, 1)
    assert finding.route
    assert finding.sub == "cross-function"


def test_a_rule_that_fails_is_told_and_the_others_go_on() -> None:
    def fail(call: Call) -> Iterator[Finding]:
        raise KeyError("secret detail")

    def wrong(call: Call) -> list[object]:
        return [1]

    result = checked(rule(fail, "query/fails"), rule(wrong, "query/wrong"), rule(at))  # type: ignore[arg-type]
    assert told(result) == [
        ("internal-error", "a.py", 2, 5, "the rule query/fails failed: KeyError"),
        ("internal-error", "a.py", 2, 5, "the rule query/wrong failed: TypeError"),
        ("query/call", "a.py", 2, 5, "run is called"),
        ("query/call", "a.py", 4, 5, "run is called"),
    ]
    assert [(entry.kind, entry.path, entry.message) for entry in result.diagnostics] == [
        ("internal-error", "a.py", "the rule query/fails failed: KeyError"),
        ("internal-error", "a.py", "the rule query/wrong failed: TypeError"),
    ]
    assert len(result.tracebacks) == 2
    assert "secret detail" in result.tracebacks[0]


@pytest.mark.parametrize("error", [SystemExit(0), GeneratorExit(), asyncio.CancelledError()])
def test_what_else_a_rule_raises_is_a_failure_too(error: BaseException) -> None:
    def fail(call: Call) -> list[Finding]:
        raise error

    result = checked(rule(fail, "query/fails"), rule(at))
    assert told(result)[0] == ("internal-error", "a.py", 2, 5, f"the rule query/fails failed: {type(error).__name__}")
    assert len(told(result)) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, StoppedError])
def test_an_interrupt_gets_through(error: type[BaseException]) -> None:
    def stopped(call: Call) -> list[Finding]:
        raise error

    with pytest.raises(error):
        checked(rule(stopped))


PLACE = Place("a.py", 0, 1)


@pytest.mark.parametrize(
    ("finding", "wrong"),
    [
        (Finding(None, "a call"), "place is no dblint.facts.text.Place"),  # type: ignore[arg-type]
        (Finding(Place("a.py", None, 1), "a call"), "place is no dblint.facts.text.Place"),  # type: ignore[arg-type]
        (Finding(PLACE, None), "message is no str"),  # type: ignore[arg-type]
        (Finding(PLACE, "", {"table": None}), r"names is no collections.abc.Mapping\[str, str\]"),  # type: ignore[dict-item]
        (Finding(PLACE, "", related=(Related(PLACE, 1),)), "related is no tuple"),  # type: ignore[arg-type]
        (Finding(PLACE, "", remedy="index"), "remedy is no dblint.rule.Remedy"),  # type: ignore[arg-type]
        (Finding(PLACE, "", fix=Fix("", ("index",))), "fix is no dblint.rule.Fix"),  # type: ignore[arg-type]
        (Finding(PLACE, "", fix=Fix("", (Edit("not", PLACE, {"a": 1}),))), "fix is no"),  # type: ignore[dict-item]
    ],
)
def test_a_finding_that_cannot_be_told_is_a_failure(finding: Finding, wrong: str) -> None:
    def gives(call: Call) -> list[Finding]:
        return [finding]

    result = checked(rule(gives, "query/gives"))
    assert told(result) == [("internal-error", "a.py", 2, 5, "the rule query/gives failed: TypeError")]
    assert re.search(f"check gave a Finding whose {wrong}", result.tracebacks[0])


def test_a_file_that_changed_meanwhile() -> None:
    result = checked(rule(at), sources={})
    assert result.findings == ()
    [diagnostic] = result.diagnostics
    assert (diagnostic.kind, diagnostic.path, diagnostic.fails) == ("io-error", "a.py", True)


SECRET = "hunter2-hunter2"  # noqa: S105 - what must not be told


def test_secrets_are_replaced_everywhere() -> None:
    source = f'first = "{SECRET}"\nconnect("db://me:{SECRET}@host"); {SECRET}\n'
    start = source.index("connect")

    def look(everything: Project) -> Iterator[Finding]:
        place = Place("a.py", start, start + len(f'connect("db://me:{SECRET}@host")'))
        yield Finding(
            place,
            f"the password {SECRET} stands here",
            {"table": SECRET},
            related=(Related(Place("b.py", 0, 4), SECRET),),
            remedy=Remedy("bind", {"value": SECRET}),
            idiom="driver",
            secret=SECRET,
        )
        yield Finding(Place("a.py", 0, 5), "another")
        yield Finding(Place("b.py", 0, 5), "in another file")

    facts = Project(idioms={"driver": {"bind": "use {value}"}})
    result = checked(rule(look), facts=facts, sources={"a.py": source, "b.py": f"x = {SECRET}\n"})
    assert SECRET not in repr(result.findings)
    assert result.findings[1].message == "the password *** stands here"
    excerpt = result.findings[1].excerpt
    assert excerpt == Excerpt(1, ('first = "***"', 'connect("db://me:***@host"); ***'), 2, 0, 27)
    open_hash = checked(
        rule(at), facts=project(calls=(Call(Place("a.py", start, start + 3), "m", "D"),)), sources={"a.py": source}
    )
    assert result.findings[1].line_hash != open_hash.findings[0].line_hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("app:shelf@host 'shelf' \\nshelf", "app:***@host '***' \\n***"),
        ("shelf_book bookshelf shelf2 Shelf", "shelf_book bookshelf shelf2 Shelf"),
        ("aKx93b Kx93_x", "a***b ***_x"),
    ],
)
def test_a_secret_that_is_a_plain_word_is_left_in_longer_names(text: str, told: str) -> None:
    assert redact(text, ["shelf", "Kx93"]) == told


def test_short_secrets_do_not_garble_other_files() -> None:
    def look(everything: Project) -> Iterator[Finding]:
        yield Finding(Place("a.py", 0, 3), "m", secret="db")  # noqa: S106 - what must not be told
        yield Finding(Place("b.py", 0, 3), "db is fine here")

    result = checked(rule(look), facts=Project(), sources={"a.py": "db = 1\n", "b.py": "db = 2\n"})
    assert [finding.message for finding in result.findings] == ["m", "db is fine here"]
    assert result.findings[0].excerpt == Excerpt(1, ("*** = 1",), 1, 0, 4)


def test_a_long_line_is_cut() -> None:
    source = "a" * 5_000 + "db.run()" + "b" * 5_000
    facts = Project(calls=(Call(Place("a.py", 5_000, 5_008), "run", "D"),))
    [finding] = checked(rule(at), facts=facts, sources={"a.py": source}).findings
    excerpt = finding.excerpt
    assert excerpt is not None
    [line] = excerpt.lines
    assert len(line) == 1_002
    assert line[excerpt.start : excerpt.stop] == "db.run()"


def suppressed(source: str, *rules: LoadedRule, known: Iterable[str] = (), **options: object) -> Checked:
    """The calls of a source and its comments, checked. A source that is Python also says where statements begin."""
    calls, comments, offset = [], [], 0
    for line in source.splitlines(keepends=True):
        if "db.run()" in line:
            start = offset + line.index("db.run()")
            calls.append(Call(Place("a.py", start, start + 8), "run", "D"))
        if directives.find(line.encode()) >= 0:
            mark = next(mark for mark in ("{/*", "/*", "//", "--", "#") if mark in line)
            start = line.index(mark) + (mark == "{/*")
            text = line[start:].rstrip("\n").removesuffix("}")
            comments.append(Suppression(offset + start, offset + start + len(text), text))
        offset += len(line)
    rules = rules or (rule(at),)
    return checked(
        *rules,
        facts=Project(calls=tuple(calls)),
        sources={"a.py": source},
        suppressions={"a.py": comments},
        known={*known, *(entry.id for entry in rules)},
        statements={"a.py": extract(source.encode(), "a.py")},
        **options,
    )


@pytest.mark.parametrize(
    "source",
    [
        "db.run()  # dblint: ignore[query/call] known\n",
        "# dblint: ignore[query/call] known\ndb.run()\n",
        "// dblint: ignore[query/call]: known\ndb.run()\n",
        "/* dblint: ignore[ query/call ] known */\ndb.run()\n",
        "-- dblint:ignore[query/call] - known\ndb.run()\n",
        "{/* dblint: ignore[query/call] known */}\ndb.run()\n",
        "# dblint: ignore[query/call] known\n# dblint: ignore[query/other] also\ndb.run()\n",
        "# dblint: ignore[query/other, query/call] known\ndb.run()\n",
        "# dblint: ignore[query/call] known\n# ruff: noqa\n# and why\ndb.run()\n",
    ],
)
def test_a_suppression_hides(source: str) -> None:
    result = suppressed(source, known={"query/other"})
    assert told(result) == []
    assert result.suppressed == 1


@pytest.mark.parametrize(
    "source",
    [
        "# dblint: ignore[query/call] known\nresult = f(\n    1,\n    db.run(),\n)\n",
        "def f():\n    # dblint: ignore[query/call] known\n    return (\n        db.run()\n    )\n",
        "# dblint: ignore[query/call] known\nfor x in (\n    db.run()\n):\n    pass\n",
    ],
)
def test_a_suppression_above_a_statement_hides_in_all_of_it(source: str) -> None:
    result = suppressed(source)
    assert told(result) == []
    assert result.suppressed == 1


def test_a_suppression_above_a_block_says_nothing_of_the_statements_inside() -> None:
    result = suppressed("# dblint: ignore[query/call] known\nfor x in y:\n    z()\n    db.run()\n")
    assert [(name, line) for name, _, line, *_ in told(result)] == [("unused-suppression", 1), ("query/call", 4)]


def test_a_suppression_behind_the_first_line_of_a_statement_is_for_that_line_alone() -> None:
    result = suppressed("f(  # dblint: ignore[query/call] known\n    db.run()\n)\n")
    assert [(name, line) for name, _, line, *_ in told(result)] == [("unused-suppression", 1), ("query/call", 2)]


def test_a_suppression_of_a_file() -> None:
    comment = "# dblint: ignore-file[query/call] kept for the old client"
    result = suppressed(f"db.run()\nx = 1\ndb.run()\n\n{comment}\n", rule(at), rule(at, "query/other"))
    assert told(result) == [
        ("query/other", "a.py", 1, 1, "run is called"),
        ("query/other", "a.py", 3, 1, "run is called"),
    ]
    assert result.suppressed == 2
    message = '"query/call" reports nothing here: remove it from the suppression'
    assert told(suppressed(f"x = 1\n{comment}\n")) == [("unused-suppression", "a.py", 2, 1, message)]
    assert told(suppressed("x = 1\n# dblint: ignore-file because\n")) == [
        (
            "invalid-suppression",
            "a.py",
            2,
            1,
            'the suppression names no rule; write "dblint: ignore-file[group/rule] reason"',
        )
    ]


def test_a_comment_behind_code_does_not_reach_the_next_line() -> None:
    result = suppressed("db.run()  # dblint: ignore[query/call] known\ndb.run()\n")
    assert told(result) == [("query/call", "a.py", 2, 1, "run is called")]


def test_a_suppression_hides_no_other_rule() -> None:
    result = suppressed("db.run()  # dblint: ignore[query/call] known\n", rule(at), rule(at, "query/other"))
    assert told(result) == [("query/other", "a.py", 1, 1, "run is called")]


@pytest.mark.parametrize(
    ("comment", "name", "message"),
    [
        (
            "# dblint: ignore",
            "invalid-suppression",
            'the suppression names no rule; write "dblint: ignore[group/rule] reason"',
        ),
        (
            "# dblint: ignore[] because",
            "invalid-suppression",
            'the suppression names no rule; write "dblint: ignore[group/rule] reason"',
        ),
        (
            "# dblint: ignore[query/cal] because",
            "invalid-suppression",
            'there is no rule "query/cal" (did you mean "query/call"?)',
        ),
        (
            "# dblint: disable[query/call] because",
            "invalid-suppression",
            '"dblint: disable" says nothing; write "dblint: ignore[group/rule] reason"',
        ),
        (
            "# dblint: ignore[unused-suppression] because",
            "invalid-suppression",
            'no comment hides "unused-suppression": it is dblint\'s own, and --ignore leaves it out',
        ),
        (
            "# dblint: ignore[internal-error] because",
            "invalid-suppression",
            'no comment hides "internal-error": it is dblint\'s own',
        ),
    ],
)
def test_an_invalid_suppression_hides_nothing(comment: str, name: str, message: str) -> None:
    result = suppressed(f"db.run()  {comment}\n")
    assert [(finding.rule, finding.severity, finding.message) for finding in result.findings] == [
        ("query/call", "warning", "run is called"),
        (name, "error", message),
    ]


FORM = 'write "dblint: ignore[group/rule] reason"'
BEHIND = 'the suppression stands behind other text; begin a comment with "dblint: ignore[group/rule] reason"'


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# dblint ignore[query/call] known", f'"dblint ignore[" says nothing; {FORM}'),
        ("# dblint ignore query/call", f'"dblint ignore" says nothing; {FORM}'),
        ("# DBLINT: IGNORE[query/call] known", f'"DBLINT: IGNORE[" says nothing; {FORM}'),
        ("# dblint: Ignore[query/call] known", f'"dblint: Ignore" says nothing; {FORM}'),
        ("# dblint-ignore[query/call] known", f'"dblint-ignore[" says nothing; {FORM}'),
        ("# dblint : ignore-file[query/call] known", f'"dblint : ignore-file[" says nothing; {FORM}'),
        ("# one row, dblint: ignore[query/call] known", BEHIND),
        ("# TODO dblint: ignore[query/call] known", BEHIND),
    ],
)
def test_a_suppression_that_is_misspelled_is_told(comment: str, message: str) -> None:
    result = suppressed(f"db.run()  {comment}\n")
    assert [(finding.rule, finding.message) for finding in result.findings] == [
        ("query/call", "run is called"),
        ("invalid-suppression", message),
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "# as dblint ignores it",
        "# write `dblint: ignore[query/call] reason`",
        "# see dblint/ignore",
        "# mydblint: ignore[x]",
    ],
)
def test_what_is_no_suppression(comment: str) -> None:
    assert [finding.rule for finding in suppressed(f"db.run()  {comment}\n").findings] == ["query/call"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// x // dblint: ignore[query/call] known", ["// dblint: ignore[query/call] known"]),
        ("/** dblint: ignore[query/call] known */", ["/** dblint: ignore[query/call] known */"]),
        ("/**\n * dblint: ignore[query/call] known\n */", ["/**\n * dblint: ignore[query/call] known\n */"]),
        ("// DBLint ignore[query/call]", ["// DBLint ignore[query/call]"]),
        ("const a = 'dblint: ignore[query/call]'", []),
    ],
)
def test_suppressions_of_typescript_are_found(text: str, expected: list[str]) -> None:
    facts = extract(f"{text}\ndb.run()\n".encode(), "a.ts")
    assert [comment.text for comment in facts.suppressions] == expected


@pytest.mark.parametrize(
    ("name", "between", "hidden"),
    [
        ("a.ts", "// eslint-disable-next-line no-foo", True),
        ("a.ts", "// @ts-ignore\n/* istanbul ignore next */", True),
        ("a.tsx", "{/* prettier-ignore */}", True),
        ("a.ts", "", False),
        ("a.ts", "f() // prettier-ignore", False),
        ("a.ts", "/* a */ f() /* b */", False),
        ("a.ts", "#private = 1", False),
        ("a.py", "# noqa: E501", True),
        ("a.py", "//", False),
        ("a.sql", "-- squawk-ignore-next-statement\n# of MySQL", True),
        ("a.sql", "#temporary", False),
        ("schema.prisma", "/// documentation", True),
    ],
)
def test_comments_for_other_tools_may_stand_between(name: str, between: str, hidden: bool) -> None:
    sign = {"py": "#", "sql": "--"}.get(name.partition(".")[2], "//")
    comment = f"{sign} dblint: ignore[query/call] known"
    document = Document(name, f"{comment}\n{between}\ndb.run()".encode())
    found = Suppressions([Suppression(0, len(comment), comment)], document, {"query/call"})
    line = between.count("\n") + 3
    assert found.hides("query/call", line, line) == hidden


@pytest.mark.parametrize(
    "text", ["/** dblint: ignore[query/call] known */", "/**\n * dblint: ignore[query/call] known\n */"]
)
def test_a_suppression_between_stars(text: str) -> None:
    data = f"{text}\ndb.run()\n".encode()
    found = Suppressions(extract(data, "a.ts").suppressions, Document("a.ts", data), {"query/call"})
    line = text.count("\n") + 2
    assert found.hides("query/call", line, line)
    assert list(found.complaints({"query/call"})) == []


def test_an_unused_suppression_is_told() -> None:
    result = suppressed("x = 1  # dblint: ignore[query/call] because\n")
    assert told(result) == [
        ("unused-suppression", "a.py", 1, 8, '"query/call" reports nothing here: remove it from the suppression')
    ]
    assert result.findings[0].severity == "warning"


def test_nothing_is_said_of_rules_that_did_not_run() -> None:
    assert told(suppressed("x = 1  # dblint: ignore[query/off] because\n", known={"query/off"})) == []


def test_a_suppression_without_a_reason_hides_and_is_told() -> None:
    result = suppressed("db.run()  # dblint: ignore[query/call]\n")
    assert told(result) == [("unused-suppression", "a.py", 1, 11, 'the suppression of "query/call" gives no reason')]
    assert result.suppressed == 1


def test_a_comment_that_only_mentions_dblint() -> None:
    assert told(suppressed("x = 1  # see dblint: it is a linter\n")) == []


def test_suppressions_can_be_ignored() -> None:
    result = suppressed("db.run()  # dblint: ignore[query/call]\n", honour_suppressions=False)
    assert told(result) == [("query/call", "a.py", 1, 1, "run is called")]
