"""Django's models as tables: columns, keys, indexes, relations with both ends."""

from __future__ import annotations

from collections.abc import Mapping

from dblint.facts.program import FileRole
from dblint.facts.project import Project
from dblint.facts.schema import Index, Key, SchemaColumn, Table
from tests.link.linked import linked

SETTINGS = """
    INSTALLED_APPS = ["garden"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
    """
APPS = """
    from django.apps import AppConfig

    class GardenConfig(AppConfig):
        name = "garden"
        default_auto_field = "django.db.models.BigAutoField"
    """


def garden(models: str, settings: str = SETTINGS, more: Mapping[str, str] | None = None) -> Project:
    """An application of that name with these models."""
    files = {"conf/settings.py": settings, "garden/__init__.py": "", "garden/apps.py": APPS, "garden/models.py": models}
    return linked({**files, **(more or {})})


def columns(table: Table | None) -> list[tuple[str, str, bool | None]]:
    assert table is not None
    return [(column.name, column.type, column.nullable) for column in table.columns]


def keys(table: Table | None) -> list[tuple[str, ...]]:
    """Kind, columns and, of foreign ones, the target with its columns and what happens on deletion."""
    assert table is not None
    return [
        (key.kind, *key.columns, *((key.target, *key.target_columns, key.on_delete) if key.target else ()))
        for key in table.keys
    ]


def indexes(table: Table | None) -> list[str]:
    assert table is not None
    return [written(index) for index in table.indexes]


def written(index: Index) -> str:
    parts = [
        f"{'-' if part.descending else ''}{part.name}{' ' * bool(part.operator_class)}{part.operator_class}"
        for part in index.columns
    ]
    return f"{index.name}({', '.join(parts)})" + " unique" * index.unique + " where" * bool(index.predicate)


def relations(table: Table | None) -> list[tuple[str, str, str, str]]:
    assert table is not None
    return [(each.name, each.kind, each.target, each.inverse) for each in table.relations]


def column(project: Project, table: str, name: str) -> SchemaColumn:
    found = project.table(table)
    assert found is not None
    result = found.column(name)
    assert result is not None
    return result


# Columns


def test_every_kind_of_column_on_postgres() -> None:
    project = garden(
        """
        from django.contrib.postgres.fields import ArrayField
        from django.db import models

        class Plant(models.Model):
            name = models.CharField(max_length=80)
            note = models.TextField(blank=True)
            mail = models.EmailField(null=True)
            page = models.URLField(max_length=300)
            short = models.SlugField()
            height = models.DecimalField(max_digits=6, decimal_places=2)
            weight = models.FloatField()
            seeds = models.PositiveIntegerField()
            alive = models.BooleanField(default=True)
            sown = models.DateTimeField(auto_now_add=True)
            day = models.DateField()
            hour = models.TimeField()
            rest = models.DurationField()
            label = models.UUIDField(unique=True)
            extra = models.JSONField(default=dict)
            picture = models.ImageField()
            raw = models.BinaryField()
            address = models.GenericIPAddressField()
            tags = ArrayField(ArrayField(models.CharField(max_length=9)))
        """
    )
    assert columns(project.table("garden_plant")) == [
        ("id", "bigint", False),
        ("name", "varchar(80)", False),
        ("note", "text", False),
        ("mail", "varchar(254)", True),
        ("page", "varchar(300)", False),
        ("short", "varchar(50)", False),
        ("height", "numeric(6,2)", False),
        ("weight", "double precision", False),
        ("seeds", "integer", False),
        ("alive", "boolean", False),
        ("sown", "timestamp with time zone", False),
        ("day", "date", False),
        ("hour", "time", False),
        ("rest", "interval", False),
        ("label", "uuid", False),
        ("extra", "jsonb", False),
        ("picture", "varchar(100)", False),
        ("raw", "bytea", False),
        ("address", "inet", False),
        ("tags", "varchar(9)[][]", False),
    ]
    table = project.table("garden_plant")
    assert keys(table) == [("primary", "id"), ("unique", "label")]
    assert indexes(table) == ["(short)", "(short varchar_pattern_ops)"]
    assert table is not None
    assert table.complete


def test_the_same_columns_on_another_database() -> None:
    models = """
        from django.db import models

        class Plant(models.Model):
            seeds = models.PositiveIntegerField()
            note = models.TextField()
            label = models.UUIDField()
        """
    mysql = garden(models, SETTINGS.replace("postgresql", "mysql"))
    sqlite = garden(models, SETTINGS.replace("postgresql", "sqlite3"))
    assert [kind for _, kind, _ in columns(mysql.table("garden_plant"))] == [
        "bigint", "integer unsigned", "longtext", "char(32)",
    ]  # fmt: skip
    assert [kind for _, kind, _ in columns(sqlite.table("garden_plant"))] == [
        "integer", "integer unsigned", "text", "char(32)",
    ]  # fmt: skip


def test_defaults_are_the_clients_or_the_databases() -> None:
    project = garden(
        """
        from django.db import models
        from django.db.models.functions import Now

        def fresh():
            return "x"

        class Plant(models.Model):
            seeds = models.IntegerField(default=3)
            kind = models.CharField(max_length=9, db_default="tree")
            made = models.DateTimeField(auto_now=True)
            code = models.CharField(max_length=9, default=fresh)
            bare = models.IntegerField()
        """
    )
    told = [(name, column(project, "garden_plant", name)) for name in ("seeds", "kind", "made", "code", "bare")]
    assert [(name, found.default, found.default_by) for name, found in told] == [
        ("seeds", "3", "client"),
        ("kind", "'tree'", "database"),
        ("made", "", "client"),
        ("code", "", "client"),
        ("bare", "", ""),
    ]


def test_choices_are_what_the_code_allows_and_no_enumeration() -> None:
    project = garden(
        """
        from django.db import models

        KINDS = [("t", "Tree"), ("h", "Herb")]

        class Plant(models.Model):
            kind = models.CharField(max_length=1, choices=KINDS)
            size = models.CharField(max_length=1, choices=sizes())
        """
    )
    assert column(project, "garden_plant", "kind").choices == ("t", "h")
    assert column(project, "garden_plant", "kind").enum == ()
    assert column(project, "garden_plant", "size").choices == ()


def test_a_column_of_another_name_and_an_own_key() -> None:
    project = garden(
        """
        from django.db import models

        class Plant(models.Model):
            code = models.CharField(max_length=9, primary_key=True, db_column="plant_code")

        class Leaf(models.Model):
            plant = models.ForeignKey(Plant, models.PROTECT, db_column="of", db_index=False)
        """
    )
    assert columns(project.table("garden_plant")) == [("plant_code", "varchar(9)", False)]
    assert keys(project.table("garden_plant")) == [("primary", "plant_code")]
    assert column(project, "garden_plant", "plant_code").attribute == "code"
    assert columns(project.table("garden_leaf")) == [("id", "bigint", False), ("of", "varchar(9)", False)]
    assert keys(project.table("garden_leaf")) == [
        ("primary", "id"),
        ("foreign", "of", "garden_plant", "plant_code", "protect"),
    ]
    assert indexes(project.table("garden_leaf")) == []


def test_a_field_class_of_the_project() -> None:
    project = garden(
        """
        from django.db import models

        class Code(models.CharField):
            def __init__(self, *args, **kwargs):
                kwargs["max_length"] = 12
                kwargs.setdefault("unique", True)
                super().__init__(*args, **kwargs)

        class Address(models.Field):
            def db_type(self, connection):
                return "macaddr"

        class Weight(models.Field):
            def get_internal_type(self):
                return "FloatField"

        class Plant(models.Model):
            code = Code()
            other = Code(unique=False, null=True)
            address = Address()
            weight = Weight()
        """
    )
    table = project.table("garden_plant")
    assert columns(table)[1:] == [
        ("code", "varchar(12)", False),
        ("other", "varchar(12)", True),
        ("address", "macaddr", False),
        ("weight", "double precision", False),
    ]
    assert keys(table) == [("primary", "id"), ("unique", "code")]
    assert table is not None
    assert table.complete


def test_what_a_field_class_hides_leaves_the_table_open() -> None:
    project = garden(
        """
        from django.db import models
        from elsewhere import PatternField

        class Code(models.CharField):
            def __init__(self, *args, **kwargs):
                if len(args) > 1:
                    kwargs["unique"] = True
                super().__init__(*args, **kwargs)

        class Plant(models.Model):
            code = Code(max_length=4)

        class Leaf(models.Model):
            pattern = PatternField()

        class Root(models.Model):
            depth = models.IntegerField()
        """
    )
    told = {name: project.table(f"garden_{name}") for name in ("plant", "leaf", "root")}
    assert {name: table.complete for name, table in told.items() if table} == {
        "plant": False,
        "leaf": False,
        "root": True,
    }
    assert keys(told["plant"]) == [("primary", "id")]


def test_triggers_of_a_package_change_no_table() -> None:
    """django-pgtrigger 4 writes its operations into migrations; of another package nobody knows what they do."""
    migration = """
        import {package}.migrations
        from django.db import migrations, models

        class Migration(migrations.Migration):
            operations = [
                migrations.CreateModel("Plant", [("id", models.AutoField(primary_key=True))]),
                {package}.migrations.AddTrigger("plant", trigger={package}.Trigger("a")),
                {package}.migrations.RemoveTrigger("plant", "a"),
            ]
        """
    complete = {}
    for package in ("pgtrigger", "elsewhere"):
        project = linked({"garden/migrations/0001_initial.py": migration.format(package=package)})
        complete[package] = [tables["garden_plant"].complete for tables in project.stored.values()]
    assert complete == {"pgtrigger": [True], "elsewhere": [False]}


def test_what_a_field_class_hands_on_hides_nothing() -> None:
    """Options that it takes and gives to its base as they are, with their defaults; sizes are no keys."""
    project = garden(
        """
        from django.db import models

        class Mixin:
            def __init__(self, *args, source=None, **kwargs):
                self.source = source
                super().__init__(*args, **kwargs)

        class Remote(Mixin, models.CharField):
            def __init__(self, *args, max_length=255, unique=True, checks=None, **kwargs):
                super().__init__(*args, max_length=max_length, unique=unique, validators=checks or [], **kwargs)

        class Short(models.CharField):
            def __init__(self, *args, max_length=9, **kwargs):
                super().__init__(*args, max_length=max_length - 1, **kwargs)

        class Changed(models.CharField):
            def __init__(self, *args, unique=False, **kwargs):
                super().__init__(*args, unique=not unique, **kwargs)

        class Plant(models.Model):
            remote = Remote(source="id")
            other = Remote(unique=False, max_length=7)

        class Leaf(models.Model):
            short = Short()

        class Root(models.Model):
            changed = Changed()
        """
    )
    told = {name: project.table(f"garden_{name}") for name in ("plant", "leaf", "root")}
    assert [table is not None and table.complete for table in told.values()] == [True, True, False]
    assert columns(told["plant"])[1:] == [("remote", "varchar(255)", False), ("other", "varchar(7)", False)]
    assert keys(told["plant"]) == [("primary", "id"), ("unique", "remote")]


def test_managers_and_helpers_are_no_columns() -> None:
    project = garden(
        """
        import logging
        from django.db import models

        class Plants(models.QuerySet):
            pass

        class Helper:
            pass

        class Plant(models.Model):
            LOGGER = logging.getLogger(__name__)
            KINDS = ("a", "b")
            helper = Helper()
            objects = Plants.as_manager()

            def name(self):
                return ""
        """
    )
    table = project.table("garden_plant")
    assert columns(table) == [("id", "bigint", False)]
    assert table is not None
    assert table.complete


# Options


def test_names_groups_indexes_and_constraints() -> None:
    project = garden(
        """
        from django.contrib.postgres.indexes import GinIndex
        from django.db import models
        from django.db.models import Q

        class Plant(models.Model):
            name = models.CharField(max_length=9)
            row = models.IntegerField()
            place = models.IntegerField()
            tags = models.JSONField()

            class Meta:
                db_table = "plants"
                unique_together = [("row", "place")]
                indexes = [models.Index(fields=["-row", "name"], name="by_row"), GinIndex(fields=["tags"])]
                constraints = [
                    models.UniqueConstraint(fields=["name"], name="one_name"),
                    models.UniqueConstraint(fields=["row"], condition=Q(place=0), name="first"),
                    models.CheckConstraint(condition=Q(row__gt=0), name="%(class)s_row"),
                ]
        """
    )
    table = project.table("plants")
    assert table is not None
    assert [(key.kind, key.columns, key.name) for key in table.keys] == [
        ("primary", ("id",), ""),
        ("unique", ("row", "place"), ""),
        ("unique", ("name",), "one_name"),
        ("check", (), "plant_row"),
    ]
    assert indexes(table) == ["by_row(-row, name)", "(tags)", "first(row) unique where"]
    assert [index.method for index in table.indexes] == ["", "gin", ""]
    assert table.complete


def test_options_that_cannot_be_read_leave_the_table_open() -> None:
    project = garden(
        """
        from django.db import models

        class Plant(models.Model):
            name = models.CharField(max_length=9)

            class Meta:
                indexes = made_elsewhere()
        """
    )
    table = project.table("garden_plant")
    assert table is not None
    assert not table.complete


# Bases


def test_an_abstract_base_gives_fields_options_and_names() -> None:
    project = garden(
        """
        from django.db import models

        class Stamped(models.Model):
            made = models.DateTimeField()
            maker = models.ForeignKey("auth.User", models.CASCADE, related_name="%(app_label)s_%(class)s_made")

            class Meta:
                abstract = True
                indexes = [models.Index(fields=["made"], name="%(class)s_made")]

        class Plant(Stamped):
            name = models.TextField()

        class Leaf(Stamped):
            made = None

            class Meta:
                db_table = "leaves"
        """
    )
    assert "garden_stamped" not in project.tables
    plant, leaf = project.table("garden_plant"), project.table("leaves")
    assert [name for name, _, _ in columns(plant)] == ["id", "made", "maker_id", "name"]
    assert indexes(plant) == ["(maker_id)", "plant_made(made)"]
    assert relations(plant) == [("maker", "to-one", "auth_user", "garden_plant_made")]
    assert [name for name, _, _ in columns(leaf)] == ["id", "maker_id"]
    assert indexes(leaf) == ["(maker_id)"]


def test_a_model_that_extends_another_has_its_key() -> None:
    project = garden(
        """
        from django.db import models

        class Plant(models.Model):
            name = models.TextField()

        class Tree(Plant):
            height = models.IntegerField()

        class Nicest(Tree):
            class Meta:
                proxy = True

        class Leaf(models.Model):
            tree = models.ForeignKey(Nicest, models.SET_NULL, null=True)
        """
    )
    tree = project.table("garden_tree")
    assert columns(tree) == [("plant_ptr_id", "bigint", False), ("height", "integer", False)]
    assert keys(tree) == [("primary", "plant_ptr_id"), ("foreign", "plant_ptr_id", "garden_plant", "id", "cascade")]
    assert relations(tree) == [("plant_ptr", "to-one", "garden_plant", "tree")]
    assert "garden_nicest" not in project.tables
    assert keys(project.table("garden_leaf"))[1:] == [("foreign", "tree_id", "garden_tree", "plant_ptr_id", "set null")]


def test_a_base_from_a_package_without_a_table_leaves_the_table_open() -> None:
    project = garden(
        """
        from django.db import models
        from elsewhere.models import Sortable

        class Plant(Sortable, models.Model):
            name = models.TextField()
        """
    )
    table = project.table("garden_plant")
    assert table is not None
    assert not table.complete


# Relations


def test_relations_and_what_the_other_end_calls_them() -> None:
    project = garden(
        """
        from django.conf import settings
        from django.db import models

        class Plant(models.Model):
            parent = models.ForeignKey("self", models.CASCADE, null=True)
            bed = models.ForeignKey("Bed", models.DO_NOTHING, related_name="plants", db_constraint=False)
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
            ticket = models.OneToOneField("garden.Ticket", models.RESTRICT)
            visitors = models.ManyToManyField("auth.User", related_name="visited")
            neighbours = models.ManyToManyField("self")

        class Bed(models.Model):
            pass

        class Ticket(models.Model):
            number = models.IntegerField(unique=True)

        class Stay(models.Model):
            ticket = models.ForeignKey(Ticket, models.CASCADE, to_field="number")
        """
    )
    plant = project.table("garden_plant")
    assert relations(plant) == [
        ("parent", "to-one", "garden_plant", "plant_set"),
        ("bed", "to-one", "garden_bed", "plants"),
        ("owner", "to-one", "auth_user", ""),
        ("ticket", "to-one", "garden_ticket", "plant"),
        ("visitors", "many-to-many", "auth_user", "visited"),
        ("neighbours", "many-to-many", "garden_plant", ""),
    ]
    assert keys(plant) == [
        ("primary", "id"),
        ("foreign", "parent_id", "garden_plant", "id", "cascade"),
        ("foreign", "bed_id", "garden_bed", "id", "do nothing"),
        ("foreign", "owner_id", "auth_user", "id", "set null"),
        ("unique", "ticket_id"),
        ("foreign", "ticket_id", "garden_ticket", "id", "restrict"),
    ]
    assert plant is not None
    assert [(key.columns[0], key.enforced) for key in plant.keys if key.kind == "foreign"] == [
        ("parent_id", True), ("bed_id", False), ("owner_id", True), ("ticket_id", True),
    ]  # fmt: skip
    assert {key.on_delete_by for key in plant.keys if key.kind == "foreign"} == {"client"}
    assert indexes(plant) == ["(parent_id)", "(bed_id)", "(owner_id)"]
    assert keys(project.table("garden_stay"))[1] == (
        "foreign", "ticket_id", "garden_ticket", "number", "cascade",
    )  # fmt: skip


def test_the_tables_between_two_models() -> None:
    project = garden(
        """
        from django.db import models

        class Plant(models.Model):
            visitors = models.ManyToManyField("auth.User")
            neighbours = models.ManyToManyField("self", db_table="beside")
            beds = models.ManyToManyField("Bed", through="Stay")

        class Bed(models.Model):
            pass

        class Stay(models.Model):
            plant = models.ForeignKey(Plant, models.CASCADE)
            bed = models.ForeignKey(Bed, models.CASCADE)
        """
    )
    assert columns(project.table("garden_plant_visitors")) == [
        ("id", "bigint", False), ("plant_id", "bigint", False), ("user_id", "integer", False),
    ]  # fmt: skip
    assert keys(project.table("garden_plant_visitors")) == [
        ("primary", "id"),
        ("foreign", "plant_id", "garden_plant", "id", "cascade"),
        ("foreign", "user_id", "auth_user", "id", "cascade"),
        ("unique", "plant_id", "user_id"),
    ]
    assert [name for name, _, _ in columns(project.table("beside"))] == ["id", "from_plant_id", "to_plant_id"]
    assert "garden_plant_beds" not in project.tables


def test_the_projects_own_users() -> None:
    project = garden(
        """
        from django.conf import settings
        from django.contrib.auth import get_user_model
        from django.db import models

        class Plant(models.Model):
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
            keeper = models.ForeignKey(get_user_model(), models.CASCADE, related_name="kept")
        """,
        SETTINGS + '    AUTH_USER_MODEL = "people.Person"\n',
        {
            "people/__init__.py": "",
            "people/models.py": """
                from django.contrib.auth.models import AbstractUser
                from django.db import models

                class Person(AbstractUser):
                    number = models.CharField(max_length=9, primary_key=True)
                """,
        },
    )
    assert keys(project.table("garden_plant"))[1:] == [
        ("foreign", "owner_id", "people_person", "number", "cascade"),
        ("foreign", "keeper_id", "people_person", "number", "cascade"),
    ]
    person = project.table("people_person")
    assert {"password", "last_login", "is_superuser", "username", "email", "date_joined", "number"} <= {
        name for name, _, _ in columns(person)
    }
    assert ("unique", "username") in keys(person)
    assert relations(person)[0] == ("groups", "many-to-many", "auth_group", "user_set")


def test_keys_of_places() -> None:
    project = garden(
        """
        from django.db import models

        class Plant(models.Model):
            name = models.TextField(unique=True)
        """
    )
    table = project.table("garden_plant")
    assert table is not None
    place = table.keys[1].place
    assert isinstance(table.keys[1], Key)
    assert place is not None
    assert (place.path, place.stop - place.start) == ("garden/models.py", len("models.TextField(unique=True)"))


# Which application a model belongs to

PART = """
    from django.db import models

    class Row(models.Model):
        name = models.TextField()
    """


def declared(files: Mapping[str, str]) -> list[str]:
    """The tables that these files declare."""
    return sorted(linked(files).declared)


def test_a_part_of_an_application_has_a_module_of_models_and_no_label() -> None:
    files = {
        "conf/settings.py": "INSTALLED_APPS = ('django.contrib.auth', 'core')\n",
        "core/__init__.py": "",
        "core/models.py": "from core.order.models import Order\n",
        "core/order/__init__.py": "",
        "core/order/models.py": """
            from django.db import models

            class Order(models.Model):
                name = models.TextField()

            class Line(models.Model):
                order = models.ForeignKey("core.Order", models.CASCADE)
            """,
        "core/stock/models/__init__.py": PART,
    }
    project = linked(files)
    assert sorted(project.declared) == ["core_line", "core_order", "core_row"]
    assert relations(project.table("core_line")) == [("order", "to-one", "core_order", "line_set")]


def test_an_application_inside_of_another_keeps_its_own_label() -> None:
    files = {
        "conf/settings.py": "INSTALLED_APPS = ['core', 'core.order']\n",
        "core/__init__.py": "",
        "core/order/__init__.py": "",
        "core/order/models.py": PART,
        "core/stock/__init__.py": "",
        "core/stock/models.py": PART.replace("Row", "Item"),
    }
    assert declared(files) == ["core_item", "order_row"]


def test_settings_name_applications_in_lists_that_are_added_up() -> None:
    files = {
        "conf/__init__.py": "",
        "conf/base.py": "OWN = ['core', *EXTRA]\nEXTRA = ['stock']\n",
        "conf/settings.py": """
            from conf.base import OWN

            INSTALLED_APPS = ["django.contrib.auth"] + OWN
            INSTALLED_APPS += ("sales",)
            """,
        **{
            f"{name}/{file}": text
            for name in ("core", "stock", "sales")
            for file, text in {"__init__.py": "", "parts/models.py": PART}.items()
        },
    }
    assert declared(files) == ["core_row", "sales_row", "stock_row"]


def test_the_configuration_that_the_settings_name_gives_the_label() -> None:
    files = {
        "conf/settings.py": "INSTALLED_APPS = ['site.core.configuration.Second', 'site.other.apps.Other']\n",
        "site/__init__.py": "",
        "site/core/__init__.py": "",
        "site/core/configuration.py": """
            from django.apps import AppConfig

            class First(AppConfig):
                name = "site.core"
                label = "first"

            class Second(AppConfig):
                name = "site.core"
                label = "second"
            """,
        "site/core/parts/models.py": PART,
        "site/other/__init__.py": "",
        "site/other/apps.py": "from django.apps import AppConfig\nclass Other(AppConfig):\n    name = 'site.other'\n",
        "site/other/parts/models.py": PART,
    }
    assert declared(files) == ["other_row", "second_row"]


def test_a_folder_with_a_configuration_holds_its_parts_where_no_settings_are_read() -> None:
    configuration = "from django.apps import AppConfig\nclass Core(AppConfig):\n    name = 'core'\n"
    assert declared({"core/apps.py": configuration, "core/order/models.py": PART}) == ["core_row"]
    assert declared({"core/models.py": "", "core/order/models.py": PART}) == ["order_row"]


UNMANAGED = """
    from django.db import models

    class Plant(models.Model):
        label = models.CharField(max_length=20, db_column="name")
        bed = models.ForeignKey("Bed", models.DO_NOTHING)

        class Meta:
            managed = False
            db_table = "plant"
            ordering = ["label"]

    class Bed(models.Model):
        class Meta:
            managed = False
            db_table = "bed"
    """
SCHEMA = """
    CREATE TABLE bed (id bigint PRIMARY KEY);
    CREATE TABLE plant (id bigint, name varchar(30) NOT NULL, bed_id bigint REFERENCES bed);
    """


def test_what_a_model_does_not_manage_is_as_the_projects_sql_makes_it() -> None:
    project = garden(UNMANAGED, more={"schema.sql": SCHEMA})
    table = project.table("plant")
    assert columns(table) == [("id", "bigint", True), ("name", "varchar(30)", False), ("bed_id", "bigint", True)]
    assert keys(table) == [("foreign", "bed_id", "bed", "")]
    assert table is not None
    assert table.place is not None
    assert (table.place.path, table.complete, table.options, table.model) == ("schema.sql", True, (), "Plant")
    assert [each.attribute for each in table.columns] == ["id", "label", "bed"]
    assert relations(table) == [("bed", "to-one", "bed", "plant_set")]
    assert keys(project.declared["plant"])[0] == ("primary", "id")


def test_what_nothing_but_an_unmanaged_model_describes_is_as_it_says() -> None:
    table = garden(UNMANAGED).table("plant")
    assert keys(table)[0] == ("primary", "id")
    assert table is not None
    assert table.options == (("managed", "false"),)


def test_a_managed_model_counts_beside_sql() -> None:
    table = garden(UNMANAGED.replace("managed = False", ""), more={"schema.sql": SCHEMA}).table("plant")
    assert keys(table)[0] == ("primary", "id")


def test_a_schema_of_tests_is_not_the_projects() -> None:
    files = {"garden/__init__.py": "", "garden/models.py": UNMANAGED, "tests/schema.sql": SCHEMA}
    table = linked(files, roles={"tests/schema.sql": FileRole.TEST}).table("plant")
    assert table is not None
    assert table.options == (("managed", "false"),)
