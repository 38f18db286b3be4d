"""The primary key that Django gives to a model that a migration creates without one."""

from __future__ import annotations

import pytest

from dblint.facts.schema import Key, Table
from tests.link.linked import linked


def stored(operations: str, settings: str = "") -> dict[str, Table]:
    """The tables that one migration leaves behind."""
    text = "from django.db import migrations, models\n\nTEXT = models.TextField\n\n\n"
    text += f"class Migration(migrations.Migration):\n    operations = [\n{operations}\n    ]\n"
    files = {
        "conf/settings.py": f'INSTALLED_APPS = ["shop"]\n{settings}\n',
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": text,
    }
    (tables,) = linked(files).stored.values()
    return dict(tables)


def keys(table: Table) -> list[tuple[str, tuple[str, ...], str]]:
    return [(key.kind, key.columns, key.target) for key in table.keys]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [("", "integer"), ('DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"', "bigint")],
)
def test_a_model_without_a_key_has_an_id(settings: str, kind: str) -> None:
    table = stored('migrations.CreateModel("Visit", [("page", models.TextField())])', settings)["shop_visit"]
    assert keys(table) == [("primary", ("id",), "")]
    first = table.columns[0]
    assert (first.name, first.type, first.nullable, first.default_by) == ("id", kind, False, "database")
    assert [column.name for column in table.columns] == ["id", "page"]
    assert table.complete


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        ("", [("primary", ("id",), "")]),
        (", bases=(models.Model,)", [("primary", ("id",), "")]),
        (
            ', bases=("shop.page",)',
            [("primary", ("page_ptr_id",), ""), ("foreign", ("page_ptr_id",), "shop_page")],
        ),
        (
            ', bases=(models.Model, "Page")',
            [("primary", ("page_ptr_id",), ""), ("foreign", ("page_ptr_id",), "shop_page")],
        ),
    ],
)
def test_a_model_that_extends_another_has_its_key(bases: str, expected: list[tuple[str, tuple[str, ...], str]]) -> None:
    operations = 'migrations.CreateModel("Page", [("name", models.TextField(primary_key=True))]),\n'
    operations += f'migrations.CreateModel("Visit", [("at", models.DateTimeField())]{bases}),'
    tables = stored(operations)
    assert keys(tables["shop_visit"]) == expected
    assert keys(tables["shop_page"]) == [("primary", ("name",), "")]


@pytest.mark.parametrize(
    "fields",
    ['[("page", FIELDS["page"])]', "FIELDS"],
)
def test_fields_that_cannot_be_read_may_be_the_key(fields: str) -> None:
    table = stored(f'migrations.CreateModel("Visit", {fields})')["shop_visit"]
    assert [key for key in table.keys if isinstance(key, Key) and key.kind == "primary"] == []
    assert not table.complete
