"""Fixes, executed: a program answers the same after its fixes as before, with the real library on SQLite.

`fixtures/answers/<library>` asks in many functions. `# fixed` stands behind those that a safe fix changes, `# unsafe`
behind those that are changed only where it is asked for; every other function stays as it is.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dblint.fix.rounds import fix
from dblint.run import Request

FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "answers"
PROGRAM = Path(__file__).parent.parent / "executed" / "plays.py"
LIBRARIES = sorted(path.name for path in FOLDER.iterdir())
HEAD = re.compile(r"def ((?!_)\w+)\(.*:(?:  # (\w+))?")
RULES = (
    "query/len-instead-of-count",
    "query/rows-for-existence",
    "query/null-equality",
    "query/null-comparison",
    "query/boolean-operator-on-columns",
)
OTHER: dict[str, dict[str, tuple[str, str]]] = {
    "django": {
        # A count leaves out what the rows are sorted by: the first number is of rows that differ in nothing shown.
        "ordered_by_many": ("9", "6"),
        "ordered_by_an_expression": ("9", "6"),
        "in_an_order_that_is_given": ("9", "6"),
        "distinct_ordered": ("6", "3"),
        "distinct_ordered_by_another_table": ("6", "2"),
        "distinct_in_its_own_order": ("6", "4"),
        "grouped_in_an_order": ("6", "3"),
        # `and` gives the last Q, or the first that is empty; `or` the first that is not; `not` a boolean.
        "both_of_them": ("[1, 3, 5]", "[1]"),
        "either_of_them": ("[1, 2]", "[1, 2, 3, 5]"),
        "empty_and": ("[1, 2, 3, 4, 5, 6]", "[1, 2]"),
        # `~Q(number=1)` is exclude(): it keeps the rows whose number is null.
        "neither": ("TypeError", "[3, 4, 5, 6]"),
        "before_a_comparison": ("TypeError", "[2]"),
    },
    "sqlalchemy": {
        # `all()` gives an object once, however often the join gave its row: the first number is of invoices.
        "joined": ("3", "6"),
        "loaded_from_a_join": ("3", "6"),
        # There are rows, and the object in the first of them is None: the first answer is right.
        "of_joined_null": ("True", "False"),
        "count_of_joined_null": ("True", "False"),
        "joined_by_a_flag": ("True", "False"),
        "joined_on_the_other_side": ("True", "False"),
        # `and` and `or` give one half: an expression of `==` is taken for false, a column for true.
        "both": ("[1, 2]", "[1]"),
        "either": ("[1, 3, 5]", "[1, 2, 3, 5]"),
        "within_an_or": ("[1, 2, 3, 4]", "[1, 3, 4]"),
        "within_an_and": ("[3]", "[1, 3]"),
        # `not` gives a boolean, for all rows or none. In SQL `number <> 1` does not hold where the number is null.
        "neither": ("[]", "[2, 4, 6]"),
        "not_equal": ("[1, 2, 3, 4, 5, 6]", "[3, 4]"),
        "not_different": ("[]", "[1, 2]"),
        "removed_wrongly": ("[]", "[1, 2, 5, 6]"),
        # `in` asks each element whether it is equal, which `IS NULL` refuses to tell. In SQL `IN` and `NOT IN` do not
        # hold where the number is null, and `NOT IN` never holds with a null among the values.
        "one_of": ("[]", "[1, 2, 3, 4]"),
        "one_of_what_is_given": ("[]", "[1, 2, 3, 4]"),
        "one_of_or_none": ("TypeError", "[1, 2]"),
        "none_of": ("[1, 2, 3, 4, 5, 6]", "[3, 4]"),
        "none_of_or_none": ("TypeError", "[]"),
        # `is` asks whether the column object is None.
        "is_none": ("[]", "[5, 6]"),
        "is_not_none": ("[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4]"),
        "none_and_more": ("[3, 4]", "[3, 4, 5, 6]"),
    },
    "flask_sqlalchemy": {"orphans_by_the_program": ("[]", "[3, 4]"), "first_and_unpaid": ("[1, 2]", "[2]")},
    "sqlmodel": {"orphans_by_the_program": ("[]", "[3, 4]"), "first_and_unpaid": ("[1, 2]", "[2]")},
}
"""Function → its answer before a fix that is only made where it is asked for, and after it. Where the first answer is
right, or may have been meant, is why it is not made unasked; of conditions that the program decides it never is."""


def functions(folder: Path) -> dict[str, tuple[str, str]]:
    """Function → its text, and what stands behind its head."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        if path.name != "play.py":
            for part in re.split(r"\n(?=def )", path.read_text("utf-8"))[1:]:
                if head := HEAD.match(part):
                    found[head[1]] = (part, head[2] or "")
    return found


class Fixed(NamedTuple):
    changed: dict[str, set[str]]
    answers: dict[str, dict[str, str]]


def fixed(root: Path) -> dict[str, Fixed]:
    """Library → its functions that are changed, and what they answer, with the fixes that are made: none, safe, all."""
    folders: dict[tuple[str, str], Path] = {}
    for library in LIBRARIES:
        for kind in ("none", "safe", "all"):
            folder = folders[library, kind] = root / f"{library}-{kind}"
            shutil.copytree(FOLDER / library, folder)
            request = Request(paths=[str(folder)], root=folder, isolated=True, packs=("dblint_rules",), select=RULES)
            if kind != "none":
                for path, text in fix(request, unsafe=kind == "all").after.items():
                    (folder / path).write_bytes(text)
    done = subprocess.run(
        [sys.executable, "-P", "-B", str(PROGRAM), *map(str, folders.values())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    played = dict(zip(folders, json.loads(done.stdout), strict=True))
    return {library: _of(library, folders, played) for library in LIBRARIES}


def _of(library: str, folders: dict[tuple[str, str], Path], played: dict[tuple[str, str], Any]) -> Fixed:
    before = functions(folders[library, "none"])
    after = {kind: functions(folders[library, kind]) for kind in ("safe", "all")}
    changed = {kind: {name for name in before if before[name] != found[name]} for kind, found in after.items()}
    return Fixed(changed, {kind: played[library, kind][0]["answers"] for kind in ("none", "safe", "all")})


@pytest.mark.timeout(300)
def test_fixes_keep_the_answers(tmp_path: Path) -> None:
    """One test, so that the programs run once."""
    for library, (changed, answers) in fixed(tmp_path).items():
        said = {name: word for name, (_, word) in functions(FOLDER / library).items()}
        made = {
            name: "fixed" if name in changed["safe"] else "unsafe" if name in changed["all"] else "" for name in said
        }
        assert made == said, library
        before = answers["none"]
        assert before.keys() == said.keys(), library
        assert answers["safe"] == before, library
        other = {name: (text, answers["all"][name]) for name, text in before.items() if answers["all"][name] != text}
        assert other == OTHER[library], library
