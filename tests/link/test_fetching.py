"""Rows that a statement leaves in its cursor, and that a second call hands out."""

from __future__ import annotations

from tests.link.linked import linked

HEAD = """\
import sqlite3

def use(connection: sqlite3.Connection, other, flag, keep, show):
    c = connection.cursor()
"""

TAKEN = {
    'c.execute("SELECT id FROM book")\nreturn len(c.fetchall())': "number",
    'c.execute("SELECT id FROM book")\nrows = c.fetchall()\nif rows:\n    show()': "truth",
    'c.execute("SELECT id FROM book")\nrows = list(c)\nreturn len(rows)': "number",
    'try:\n    c.execute("SELECT id FROM book")\nexcept ValueError:\n    return 0\nreturn len(c.fetchall())': "number",
    'if flag:\n    c.execute("SELECT id FROM book")\nelse:\n    c.execute("SELECT id FROM book WHERE 1")\n'
    "return len(c.fetchall())": "number number",
    'with other:\n    c.execute("SELECT id FROM book")\nreturn len(c.fetchall())': "number",
    'c.execute("SELECT id FROM book")\nif len(c.fetchall()) > 7:\n    show()': "number",
    'other.c = connection.cursor()\nother.c.execute("SELECT id FROM book")\nreturn len(other.c.fetchall())': "",
    # Another use comes first, or may.
    'c.execute("SELECT id FROM book")\nif flag:\n    return len(c.fetchall())\nreturn c.fetchone()': "",
    'c.execute("SELECT id FROM book")\nkeep(c)\nreturn len(c.fetchall())': "",
    'c.execute("SELECT id FROM book")\nreturn c.fetchone(), len(c.fetchall())': "",
    'c.execute("SELECT id FROM book")\nreturn flag and len(c.fetchall())': "",
    'c.execute("SELECT id FROM book")\nreturn [len(c.fetchall()) for each in flag]': "",
    'c.execute("SELECT id FROM book")\ndef later():\n    return len(c.fetchall())\nreturn later': "",
    'c.execute("SELECT id FROM book")\nwhile flag:\n    show(len(c.fetchall()))': "",
    'for each in flag:\n    c.execute("SELECT id FROM book")\nreturn len(c.fetchall())': "",
    'c.execute("SELECT id FROM book")\nc = other\nreturn len(c.fetchall())': "",
    # The rows themselves are needed.
    'c.execute("SELECT id FROM book")\nrows = c.fetchall()\nshow(len(rows))\nreturn rows': "",
    'c.execute("SELECT id FROM book")\nreturn len(c.fetchmany(3))': "",
}

FETCHED = {
    'c.execute("SELECT id FROM book")\nreturn c.fetchall()': True,
    'rows = c.execute("SELECT id FROM book").fetchall()\nreturn rows': True,
    'd = connection.execute("SELECT id FROM book")\nrows = d.fetchall()\nd.close()\nreturn rows': True,
    'c.execute("SELECT id FROM book")\nreturn c.fetchone()': False,
    'for row in c.execute("SELECT id FROM book"):\n    show(row)': False,
    'd = connection.execute("SELECT id FROM book")\nif flag:\n    return d.fetchone()\nreturn d.fetchall()': False,
    'c.execute("SELECT id FROM book")\nif flag:\n    return c.fetchall()': False,
}


def _files(bodies: list[str]) -> dict[str, str]:
    return {
        f"use{number:02}.py": HEAD + "".join(f"    {line}\n" for line in body.splitlines())
        for number, body in enumerate(bodies)
    }


def test_what_is_taken_of_rows_that_a_second_call_hands_out() -> None:
    project = linked(_files([*TAKEN]))
    found = dict.fromkeys(TAKEN, "")
    for number, body in enumerate(TAKEN):
        kinds = [call.taken.kind for call in project.calls if call.place.path == f"use{number:02}.py" and call.taken]
        found[body] = " ".join(kinds)
    assert found == TAKEN


def test_whether_all_rows_become_a_list() -> None:
    project = linked(_files([*FETCHED]))
    found = {
        body: any(call.fetched for call in project.calls if call.place.path == f"use{number:02}.py")
        for number, body in enumerate(FETCHED)
    }
    assert found == FETCHED


def test_columns_of_the_rows_of_a_text() -> None:
    select = 'c.execute("SELECT id, pages AS length, upper(title) FROM book")\n'
    bodies = {
        select + "return sum(row[1] for row in c.fetchall())": ("sum", ("pages",)),
        select + "return sum(pages for number, pages, title in c)": ("sum", ("pages",)),
        select + 'return [row["id"] for row in c.fetchall() if row["pages"] > flag]': ("filter", ("pages",)),
        select + 'return [row for row in c.fetchall() if row.get("pages") == 3]': ("filter", ("pages",)),
        select + "for number, pages, title in c.fetchall():\n    if pages > flag:\n        show(number)": (
            "filter",
            ("pages",),
        ),
        select + "return max(row[2] for row in c.fetchall())": None,  # computed
        select + "return sum(pages for number, pages in c)": None,  # other columns than it selects
        select + "return sum(row[-1] for row in c)": None,
        select + "return [row for row in c if number_of(row) > row[0]]": None,
        select + "return [number for number, pages, title in c if pages > number]": ("filter", ("pages", "id")),
        'c.execute("SELECT * FROM book")\nreturn sum(row[1] for row in c)': None,
        'c.execute("SELECT * FROM book")\nreturn sum(row["pages"] for row in c)': ("sum", ("pages",)),
    }
    project = linked(_files([*bodies]))
    found = {}
    for number, body in enumerate(bodies):
        made = [call.reduced for call in project.calls if call.place.path == f"use{number:02}.py"]
        found[body] = next(((each.kind, each.columns) for each in made if each is not None), None)
    assert found == bodies
