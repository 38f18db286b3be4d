"""What `query/get-or-create-race` says of reads on bare drivers."""

from __future__ import annotations

from pathlib import Path

from tests.test_index_not_concurrent import findings

SCHEMA = (
    "CREATE TABLE shelf (id integer primary key, name text);\nCREATE TABLE book (id integer primary key, code text);\n"
)
HEAD = "import sqlite3\n\nfrom sqlite_utils import Database\n\nopened = sqlite3.connect('shop.db')\n"
FUNCTION = """

def ensureNUMBER(base: Database, name):
    READ
    if not row:
        opened.execute('INSERT INTO shelf (name) VALUES (?)', [name])
"""
READS = {
    "row = opened.execute('SELECT id FROM shelf WHERE name IS ?', [name]).fetchone()": True,
    "row = next(opened.execute('SELECT id FROM shelf WHERE name = ?', [name]), None)": True,
    "row = list(opened.execute('SELECT id FROM shelf WHERE name = ?', [name]))": True,
    "row = next(base.query('SELECT id FROM shelf WHERE name = ?', [name]), None)": True,
    "row = list(base.query('SELECT id FROM shelf WHERE name = ?', [name]))": True,
    "row = list(base['shelf'].rows_where('name = ?', [name]))": True,
    "row = opened.execute('SELECT id FROM shelf WHERE name IS NOT ?', [name]).fetchone()": False,
    "row = next(opened.execute('SELECT id FROM book WHERE code = ?', [name]), None)": False,
    "row = chosen(opened.execute('SELECT id FROM shelf WHERE name = ?', [name]), None)": False,
}


def test_reads_that_decide_whether_a_row_is_inserted(tmp_path: Path) -> None:
    functions = [FUNCTION.replace("NUMBER", str(number)).replace("READ", read) for number, read in enumerate(READS)]
    files = {"app.py": f"{HEAD}{''.join(functions)}", "schema.sql": SCHEMA}
    lines = [finding.region.start.line for finding in findings(tmp_path, files, "query/get-or-create-race")]
    first = HEAD.count("\n") + 6
    assert lines == [first + 6 * number for number, told in enumerate(READS.values()) if told]
