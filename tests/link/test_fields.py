"""Fields of objects in a text: what constructors put into them."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import pytest

from tests.link.linked import linked, only, shape


def python(body: str, more: str = "", arguments: str = "table") -> str:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    head = "import sqlite3\nfrom flask import request\nopened = sqlite3.connect('shop.db')\n\nclass Store:\n"
    method = "    def all(self):\n        opened.execute(f'TRUNCATE {self.table}')\n"
    source = f"{head}    def __init__(self, {arguments}):\n{lines}\n\n{method}\n{more}\n"
    return shape(only(linked({"app.py": source})).text)


@pytest.mark.parametrize(
    ("body", "more", "expected"),
    [
        ("self.table = table", "", "parameter"),
        ("self.table = table", "Store('customer')", "constant"),
        ("self.table = table", "Store('customer')\nStore(request.args['t'])", "request"),
        ("self.table = table", "def make(name):\n    return Store(name)", "parameter"),
        ("self.table = int(table)", "", "number"),
        ("if table not in ('a', 'b'):\n    raise ValueError\nself.table = table", "", "constant"),
        ("self.table = table", "class Other(Store):\n    pass\n\nOther('customer')", "constant"),
        ("self.table = table", "class Other(Store):\n    def __init__(self):\n        super().__init__('customer')", "constant"),
        ("self.table = table", "class Other(Store):\n    def __init__(self, name):\n        super().__init__(name)", "parameter"),
        ("self.table = load()", "", "unknown"),
    ],
)  # fmt: skip
def test_fields_of_python(body: str, more: str, expected: str) -> None:
    assert python(body, more) == f"TRUNCATE {{{expected}:self.table}}"


def test_a_field_that_other_methods_fill_cannot_be_said() -> None:
    more = "    def move(self, table):\n        self.table = table\n"
    source = python("self.table = None", more)
    assert source == "TRUNCATE {unknown:self.table}"


def typescript(constructor: str, field: str, more: str = "") -> str:
    method = "all(client: Client) { return client.query(`TRUNCATE ${FIELD}`); }".replace("FIELD", field)
    source = f"import {{ Client }} from 'pg';\nexport class Store {{\n  {constructor}\n  {method}\n}}\n{more}\n"
    return shape(only(linked({"app.ts": source})).text)


@pytest.mark.parametrize(
    ("constructor", "field", "more", "expected"),
    [
        ("constructor(private readonly options: { slot: string }) {}", "this.options.slot", "", "parameter"),
        ("constructor(private readonly options: { slot: string }) {}", "this.options.slot", "new Store({ slot: 'a' });", "constant"),
        ("constructor(private readonly options: { slot: number }) {}", "this.options.slot", "", "number"),
        ("constructor(private slot: string) {}", "this.slot", "", "parameter"),
        ("constructor(private slot: string) {}", "this.slot", "new Store('a');", "constant"),
        ("slot: string; constructor(slot: string) { this.slot = slot; }", "this.slot", "", "parameter"),
        ("slot: string; constructor(options: { slot: string }) { this.slot = options.slot; }", "this.slot", "new Store({ slot: 'a' });", "constant"),
        ("options: { slot: string }; constructor(options: { slot: string }) { this.options = options; }", "this.options.slot", "", "parameter"),
        ("constructor(private slot: string) {}", "this.slot.trim()", "", "parameter"),
        ("constructor(private names: Names) {}", "this.names.first()", "class Names { first() { return load(); } }", "unknown"),
        ("constructor(private names: Names) {}", "this.names.given.prefix", "class Names { get given() { return load(); } }", "unknown"),
        ("constructor(private names: Names) {}", "this.names.list.find((one) => one)", "interface Names { list: string[] }", "unknown"),
        ("constructor(private slot: string) {}", "this.slot", "class Other extends Store { constructor() { super('a'); } }", "constant"),
    ],
)  # fmt: skip
def test_fields_of_typescript(constructor: str, field: str, more: str, expected: str) -> None:
    assert typescript(constructor, field, more).startswith(f"TRUNCATE {{{expected}:")
