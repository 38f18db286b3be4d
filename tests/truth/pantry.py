"""The tables and rows that every fixture has, in SQL that SQLite and PostgreSQL read alike.

Libraries with models make the tables from their own, which have these names and columns.
"""

from __future__ import annotations

SCHEMA = (
    "CREATE TABLE shelf (id INTEGER PRIMARY KEY, room VARCHAR(40) NOT NULL)",
    """CREATE TABLE jar (id INTEGER PRIMARY KEY, shelf_id INTEGER NOT NULL REFERENCES shelf (id),
    label VARCHAR(80) NOT NULL, weight INTEGER NOT NULL, note VARCHAR(80))""",
    "CREATE TABLE tag (id INTEGER PRIMARY KEY, jar_id INTEGER NOT NULL REFERENCES jar (id), word VARCHAR(20) NOT NULL)",
)
"""Shelves hold jars, jars have tags."""
ROWS = (
    "INSERT INTO shelf (id, room) VALUES (1, 'cellar')",
    "INSERT INTO shelf (id, room) VALUES (2, 'kitchen')",
    "INSERT INTO jar (id, shelf_id, label, weight, note) VALUES (1, 1, 'plum', 300, NULL)",
    "INSERT INTO jar (id, shelf_id, label, weight, note) VALUES (2, 1, 'pear', 200, 'sweet')",
    "INSERT INTO jar (id, shelf_id, label, weight, note) VALUES (3, 2, 'fig', 400, NULL)",
    "INSERT INTO tag (id, jar_id, word) VALUES (1, 1, 'fruit')",
    "INSERT INTO tag (id, jar_id, word) VALUES (2, 1, 'blue')",
    "INSERT INTO tag (id, jar_id, word) VALUES (3, 2, 'fruit')",
)
NUMBER = 1
"""What fixtures are given as `number`: the key of a row that has others below it."""
