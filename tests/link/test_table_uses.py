"""What the program's queries do with its tables: deletions with what goes along, and look-ups by foreign keys."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.uses import Uses
from tests.link.linked import linked

SCHEMA = """
CREATE TABLE shop (id bigint PRIMARY KEY, name text);
CREATE TABLE customer (id bigint PRIMARY KEY, mail text UNIQUE, shop_id bigint REFERENCES shop (id) ON DELETE CASCADE);
CREATE TABLE invoice (
  id bigint PRIMARY KEY,
  number text UNIQUE,
  state text,
  customer_id bigint REFERENCES customer (id) ON DELETE CASCADE
);
CREATE TABLE line (id bigint PRIMARY KEY, invoice_id bigint REFERENCES invoice (id));
CREATE TABLE visit (
  id bigint PRIMARY KEY,
  at timestamp,
  gone timestamp,
  customer_id bigint REFERENCES customer (id)
);
CREATE INDEX visit_at ON visit (at);
CREATE TABLE visit_part (
  visit_id bigint REFERENCES visit (id),
  shop_id bigint REFERENCES shop (id),
  PRIMARY KEY (visit_id, shop_id)
);
"""
PROGRAM = """
import psycopg


def work(connection: psycopg.Connection, value):
    connection.execute({!r}, [value])
"""


def uses(*statements: str, role: FileRole = FileRole.APP) -> Uses:
    return program(*statements, role=role).uses


def program(*statements: str, role: FileRole = FileRole.APP) -> Project:
    """What is seen of a program that runs these statements, one a file."""
    from dblint.frontends import sql
    from dblint.frontends.extract import extract
    from dblint.link.project import LinkOptions, link

    facts: list[object] = [sql.extract(SCHEMA.encode(), "schema.sql")]
    facts += [extract(PROGRAM.format(text).encode(), f"work{at}.py") for at, text in enumerate(statements)]
    roles = {f"work{at}.py": role for at in range(len(statements))}
    return link(facts, {}, LinkOptions(dialect="postgres", roles=roles))


def removed(found: Uses) -> dict[str, tuple[str, str]]:
    return {table: (removal.place.path, removal.through) for table, removal in found.removals.items()}


def sought(found: Uses) -> dict[str, str]:
    return {".".join(key): lookup.kind for key, lookup in found.lookups.items()}


def test_deletions_go_on_through_keys_that_cascade() -> None:
    found = program("SELECT id FROM line", "DELETE FROM shop WHERE id = %s")
    assert removed(found.uses) == {
        "shop": ("work1.py", ""),
        "customer": ("work1.py", "shop"),
        "invoice": ("work1.py", "shop"),
    }
    assert found.used == {"line", "shop"}


def test_rows_that_are_deleted_themselves_come_first() -> None:
    found = uses("DELETE FROM shop WHERE id = %s", "DELETE FROM invoice WHERE id = %s")
    assert removed(found)["invoice"] == ("work1.py", "")


@pytest.mark.parametrize("role", [FileRole.TEST, FileRole.MIGRATION, FileRole.SEED])
def test_what_is_not_the_program_does_not_count(role: FileRole) -> None:
    assert uses("DELETE FROM shop WHERE id = %s", role=role) == Uses()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT id FROM invoice WHERE customer_id = %s", {"invoice.customer_id": "condition"}),
        ("UPDATE invoice SET state = 'x' WHERE customer_id IN (%s)", {"invoice.customer_id": "condition"}),
        ("SELECT i.id FROM invoice i WHERE i.customer_id = %s AND i.state = 'x'", {"invoice.customer_id": "condition"}),
        ("SELECT id FROM invoice WHERE id = %s AND customer_id = 1", {}),
        ("SELECT id FROM invoice WHERE number = %s AND customer_id = 1", {}),
        ("SELECT id FROM invoice WHERE customer_id > %s", {}),
        ("SELECT id FROM invoice WHERE customer_id = %s OR state = 'x'", {}),
        ("SELECT id FROM invoice WHERE state = %s", {}),
        (
            "SELECT i.id FROM customer c JOIN invoice i ON i.customer_id = c.id WHERE c.mail = %s",
            {"invoice.customer_id": "join"},
        ),
        (
            "SELECT i.id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE c.mail = %s",
            {"invoice.customer_id": "join"},
        ),
        ("SELECT i.id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE i.number = %s", {}),
        ("SELECT i.id FROM invoice i JOIN customer c ON c.id = i.customer_id", {}),
        (
            "SELECT id FROM line WHERE invoice_id IN (SELECT id FROM invoice WHERE customer_id = %s)",
            {"line.invoice_id": "condition", "invoice.customer_id": "condition"},
        ),
        ("SELECT id FROM visit WHERE customer_id = %s AND at >= '2020-01-01' AND at < '2020-02-01'", {}),
        ("SELECT id FROM visit WHERE customer_id = %s AND at BETWEEN '2020-01-01' AND '2020-02-01'", {}),
        ("SELECT id FROM visit WHERE customer_id = %s AND at < '2020-02-01'", {"visit.customer_id": "condition"}),
        (
            "SELECT id FROM visit WHERE customer_id = %s AND gone >= '2020-01-01' AND gone < '2020-02-01'",
            {"visit.customer_id": "condition"},
        ),
        (
            (
                "SELECT p.id FROM visit v JOIN visit_part p ON p.visit_id = v.id "
                "WHERE p.shop_id = %s AND v.at >= '2020-01-01' AND v.at < '2020-02-01'"
            ),
            {},
        ),
        (
            "SELECT p.id FROM visit v JOIN visit_part p ON p.visit_id = v.id WHERE p.shop_id = %s",
            {"visit_part.shop_id": "condition"},
        ),
        (
            (
                "SELECT p.id FROM visit v JOIN visit_part p ON p.visit_id = v.id JOIN shop s ON s.id = p.shop_id "
                "WHERE s.name = %s AND v.at >= '2020-01-01' AND v.at < '2020-02-01'"
            ),
            {},
        ),
    ],
)
def test_look_ups(statement: str, expected: dict[str, str]) -> None:
    assert sought(uses(statement)) == expected


MODELS = """
    from django.db import models


    class Shop(models.Model):
        name = models.TextField()


    class Customer(models.Model):
        mail = models.TextField()
        shop = models.ForeignKey(Shop, models.CASCADE, db_index=False, related_name="customers")
    """


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("list(Customer.objects.filter(shop=1))", "condition"),
        ("list(Customer.objects.filter(shop_id=1))", "condition"),
        ('list(Customer.objects.filter(shop__name="a"))', "join"),
        ('list(Shop.objects.prefetch_related("customers"))', "relation"),
        ("Customer.objects.get(pk=1, shop=2)", ""),
        ("list(Customer.objects.select_related('shop'))", ""),
    ],
)
def test_look_ups_of_a_model(code: str, expected: str) -> None:
    view = f"from shop.models import Customer, Shop\n\n\ndef work():\n    return {code}\n"
    settings = 'INSTALLED_APPS = ["shop"]\n'
    found = linked({"settings.py": settings, "shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": view})
    lookup = found.uses.lookup("shop_customer", "shop_id")
    assert (lookup.kind if lookup is not None else "") == expected


def test_a_deletion_of_something_that_cannot_be_named() -> None:
    models = "from django.db import models\n\n\nclass Shop(models.Model):\n    pass\n"
    view = "from django.db.models import QuerySet\n\n\ndef work(rows: QuerySet):\n    rows.delete()\n"
    files = {"settings.py": 'INSTALLED_APPS = ["shop"]\n', "shop/__init__.py": "", "shop/models.py": models}
    assert not linked(files).uses.anything
    assert linked({**files, "shop/views.py": view}).uses.anything


@pytest.mark.parametrize(
    ("package", "receiver", "deletes", "expected"),
    [
        ("mongodb", "MongoClient", "db.db('shop').collection(name).deleteMany({ a: 1 })", False),
        ("ioredis", "Redis", "db.del(name)", False),
        ("knex", "Knex", "db(name).where('a', 1).del()", True),
    ],
)
def test_a_deletion_where_there_are_no_tables(package: str, receiver: str, deletes: str, expected: bool) -> None:
    code = f"""
        import {{ {receiver} }} from '{package}';
        export async function work(db: {receiver}, name: string) {{
          await {deletes};
        }}
        """
    assert linked({"work.ts": code}).uses.anything is expected


REBUILT = """
import { Knex } from 'knex';
export async function rebuild(db: Knex) {
  const jars = await db('jar').select('id');
  await db('shelf').EMPTIED;
  for (const jar of jars) await db('shelf').insert({ jar_id: jar.id });
}
"""


@pytest.mark.parametrize(
    ("emptied", "derived"),
    [("truncate()", {"shelf"}), ("del()", {"shelf"}), ("where('id', 1).del()", set()), ("limit(5).del()", set())],
)
def test_a_table_whose_rows_a_function_makes_of_others(emptied: str, derived: set[str]) -> None:
    assert linked({"work.ts": REBUILT.replace("EMPTIED", emptied)}).uses.derived == derived


def test_what_a_script_makes_up() -> None:
    files = {"scripts/fill.ts": REBUILT.replace("EMPTIED", "del()")}
    assert not linked(files, roles={"scripts/fill.ts": FileRole.SCRIPT}).uses.derived
