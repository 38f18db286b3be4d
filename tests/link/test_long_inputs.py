"""Long code: what is put together in many steps is followed, and what has no end ends in *cannot say*."""

# ruff: noqa: S608 - one case per line reads best; the texts are what is read here

from __future__ import annotations

from cProfile import Profile

import pytest

from dblint.facts.project import Project
from dblint.facts.text import Hole, Origin
from tests.link.linked import asked, linked, only, shape

BEFORE = "import sqlite3\nopened = sqlite3.connect('shop.db')\n"


def python(body: str, parameters: str = "value, also") -> Project:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    project = linked({"app.py": f"{BEFORE}def run({parameters}):\n{lines}"})
    assert project.diagnostics == ()
    return project


def text(project: Project) -> str:
    found = only(project).text
    assert found is not None
    return shape(found)


@pytest.mark.parametrize("times", [1, 8, 16, 30, 200])
@pytest.mark.parametrize("added", ["text = text + ' OR id = ' + value", "text += ' OR id = ' + value"])
def test_a_text_that_is_assigned_again_and_again(times: int, added: str) -> None:
    body = "text = 'SELECT id FROM invoice WHERE 1'\n" + f"{added}\n" * times + "opened.execute(text)"
    assert text(python(body)) == "SELECT id FROM invoice WHERE 1" + " OR id = {parameter:value}" * times


@pytest.mark.parametrize("times", [1, 30, 600])
def test_a_text_that_grows_under_conditions(times: int) -> None:
    body = "text = 'SELECT id FROM invoice WHERE 1'\n" + "if also:\n    text += ' AND paid'\n" * times
    assert text(python(body + "opened.execute(text)")) == "SELECT id FROM invoice WHERE 1" + "[ AND paid]" * times


def test_a_text_that_grows_without_an_end_cannot_be_said() -> None:
    body = "text = 'SELECT id FROM invoice WHERE 1'\n" + "text += ' OR id = ' + value\n" * 2_500
    found = only(python(body + "opened.execute(text)")).text
    assert found is not None
    assert len(found.pieces) == 1_001
    assert found.pieces[-1] == Hole(Origin.UNKNOWN, "text")


@pytest.mark.parametrize("terms", [50, 500])
def test_a_sum_of_many_terms(terms: int) -> None:
    body = "opened.execute('SELECT id FROM invoice WHERE 1'" + " + ' OR id = ' + value" * terms + ")"
    assert text(python(body)) == "SELECT id FROM invoice WHERE 1" + " OR id = {parameter:value}" * terms


@pytest.mark.slow
def test_a_sum_of_100_000_terms() -> None:
    python("opened.execute('SELECT id'" + " + ' OR id = ' + value" * 50_000 + ")")
    body = "pool.query('SELECT id'" + " + ' OR id = ' + value" * 50_000 + ");"
    script = (
        f"import {{ Pool }} from 'pg';\nconst pool = new Pool();\nexport function run(value: string) {{ {body} }}\n"
    )
    assert linked({"app.ts": script}).diagnostics == ()


def test_a_chain_of_many_statements() -> None:
    project = python("opened" + ".execute('SELECT id FROM invoice')" * 1_600)
    assert [table for *_, table in asked(project)] == ["invoice"] * 1_600


MODELS = "from django.db import models\nclass Invoice(models.Model):\n    paid = models.BooleanField()\n"


def conditions(calls: str) -> tuple[int, bool]:
    project = linked({"shop/models.py": MODELS, "shop/views.py": f"from shop.models import Invoice\n{calls}"})
    (query,) = (query for call in project.calls for query in call.queries)
    assert query.table == "shop_invoice"
    return len(query.where.elements), query.where.open


@pytest.mark.parametrize(("times", "expected"), [(200, (200, False)), (2_000, (249, True))])
def test_a_chain_of_many_conditions(times: int, expected: tuple[int, bool]) -> None:
    assert conditions(f"list(Invoice.objects{'.filter(paid=True)' * times})\n") == expected


def test_loops_in_loops_cost_what_their_number_is_squared() -> None:
    """Each of the calls is told with all loops around it: twice as many loops are four times the work."""

    def work(loops: int) -> int:
        lines = [f"{BEFORE}def run(part0):", "    print(part0)"]
        for number in range(loops):
            indent = " " * (4 + number)
            lines.append(f"{indent}for part{number + 1} in part{number}.parts:")
            lines.append(f"{indent} opened.execute('SELECT id FROM part WHERE id = ?', (part{number + 1}.id,))")
        profile = Profile()
        profile.enable()
        project = linked({"app.py": "\n".join(lines)})
        profile.disable()
        assert [len(call.frames) for call in project.calls if call.queries] == list(range(1, loops + 1))
        return sum(entry.callcount for entry in profile.getstats())

    work(1)  # what is read once for all projects
    alone = work(0)
    assert work(20) - alone < 6 * (work(10) - alone)


def test_functions_that_call_each_other_are_evaluated_once() -> None:
    names = [f"step{number}" for number in range(12)]
    bodies = [
        f"def {name}(item, other=None):\n"
        + "".join(f"    if item == '{other}':\n        return {other}(item, {name})\n" for other in names)
        + "    return Invoice.objects.filter(paid=item)\n"
        for name in names
    ]
    source = f"from shop.models import Invoice\n{''.join(bodies)}def run():\n    return step0(True).first()\n"
    project = linked({"shop/models.py": MODELS, "shop/views.py": source})
    assert [
        (call.member, query.table) for call in project.calls for query in call.queries if call.member == "first"
    ] == [("first", "shop_invoice")]


def test_a_statement_counts_only_on_a_builder() -> None:
    project = linked(
        {
            "app.ts": """
            import { DataSource } from "typeorm";
            export async function run(source: DataSource, only: boolean) {
                const found = source.createQueryBuilder().from("invoice", "i");
                found.where("i.paid = true");
                if (only) { found.andWhere("i.id = 1"); }
                source.createQueryBuilder().from("other", "o");
                return await found.getMany();
            }
            """
        }
    )
    assert [(member, table) for member, _, _, table in asked(project)] == [("getMany", "invoice")]


def test_classes_that_extend_one_another_in_circles() -> None:
    names = [f"C{number}" for number in range(30)]
    bases = ", ".join(names)
    classes = "".join(f"interface {name} extends {bases} {{ f{name}: string }}\n" for name in names)
    source = (
        "import { Pool } from 'pg';\nconst opened = new Pool();\n"
        f"{classes}export const run = (row: C0) => opened.query('SELECT ' + row.fC1);\n"
    )
    found = only(linked({"app.ts": source})).text
    assert found is not None
    assert shape(found) == "SELECT {parameter:row.fC1}"
