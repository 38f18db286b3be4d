"""Where the statement around a place begins."""

from __future__ import annotations

import pytest

from dblint.enclosing import statement_start
from dblint.frontends import prisma, sql
from dblint.frontends.extract import extract


@pytest.mark.parametrize(
    ("path", "source", "statement"),
    [
        ("a.py", "x = 1\ny = [\n    f(HERE),\n]\n", "y ="),
        ("a.py", "for x in (\n    HERE\n):\n    pass\n", "for"),
        ("a.py", "for x in y:\n    z = (\n        HERE\n    )\n", "z ="),
        ("a.ts", "const a = 1;\nconst rows = await Promise.all(\n  ids.map((id) => f(HERE)),\n);\n", "rows ="),
        ("a.ts", "ids.map((id) => {\n  const a = f(\n    HERE,\n  );\n});\n", "a = f"),
        ("a.ts", "if (x)\n  g(\n    HERE\n  );\n", "g("),
        ("a.sql", "-- “first”\nSELECT 'ä';\n\nSELECT\n  HERE\nFROM t;\n", "SELECT\n"),
        ("schema.prisma", "model A {\n  HERE Int\n}\n", "HERE"),
    ],
)
def test_the_start(path: str, source: str, statement: str) -> None:
    data = source.encode()
    facts: object = extract(data, path) if path.endswith((".py", ".ts")) else None
    if path.endswith(".sql"):
        facts = sql.extract(data, path)
    elif path.endswith(".prisma"):
        facts = prisma.extract(data, path)
    start = statement_start(facts)(data.index(b"HERE"))
    assert data[start:].decode().startswith(statement)
