"""What `query/n-plus-one` says of loops whose calls lead to several tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

PROGRAM = """\
import sqlite3

opened = sqlite3.connect("shop.db")


def lines(key):
    return opened.execute("SELECT id FROM line WHERE invoice_id = ?", (key,)).fetchall()


def details(key):
    customer = opened.execute("SELECT id FROM customer WHERE invoice_id = ?", (key,)).fetchone()
    address = opened.execute("SELECT id FROM address WHERE invoice_id = ?", (key,)).fetchone()
    return customer, address, lines(key)


def page(keys):
    for key in keys:
        CALL
"""


@pytest.mark.parametrize(
    ("call", "messages"),
    [
        ("lines(key)", ["`lines()` reads line once per element of `keys`"]),
        ("details(key)", ["`details()` reads customer, address and line once per element of `keys`"]),
        (
            "details(key), lines(key)",
            [
                "`details()` reads customer, address and line once per element of `keys`",
                "`lines()` reads line once per element of `keys`",
            ],
        ),
    ],
)
def test_a_call_that_leads_to_several_tables_is_told_once(tmp_path: Path, call: str, messages: list[str]) -> None:
    (tmp_path / "app.py").write_text(PROGRAM.replace("CALL", call), "utf-8")
    request = Request(paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("query/n-plus-one",)})
    assert [item.message for item in run(request).report.findings] == messages
