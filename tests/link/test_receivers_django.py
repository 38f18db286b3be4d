"""Receivers whose model is named by a string or a setting, or handed over by a framework."""

from __future__ import annotations

from tests.link.linked import asked, linked

MODELS = """
    from django.db import models

    class PaidManager(models.Manager):
        def get_queryset(self):
            return super().get_queryset().filter(paid=True)

    class Order(models.Model):
        paid = models.BooleanField()
        objects = PaidManager()
    """


def shop(app: str, path: str = "app.py") -> list[tuple[str, str, str, str]]:
    """What a file asks beside an application `shop` with one model."""
    return asked(linked({"shop/__init__.py": "", "shop/models.py": MODELS, path: app}))


# Models by name


def test_a_model_of_the_registry_is_the_class_of_that_name() -> None:
    assert (
        shop(
            app="""
        from django.apps import apps

        def count():
            return apps.get_model("shop", "Order").objects.count(), apps.get_model("shop.order").objects.count()
        """
        )
        == [("count", "PaidManager : django:Manager", "aggregate", "shop_order")] * 2
    )


def test_a_model_that_nobody_declares_is_a_query_whose_table_cannot_be_said() -> None:
    assert (
        shop(
            app="""
        from django.apps import apps

        def count(name):
            return apps.get_model("shop", "Invoice").objects.count(), apps.get_model(name).objects.count()
        """
        )
        == [("count", "django:Manager", "aggregate", "")] * 2
    )


def test_an_application_is_called_as_its_configuration_says() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/apps.py": """
            from django.apps import AppConfig

            class ShopConfig(AppConfig):
                name = "shop"
                label = "sales"
            """,
        "shop/models.py": """
            from django.db import models

            class Order(models.Model):
                paid = models.BooleanField()
            """,
        "app.py": """
            from django.apps import apps

            def count():
                return apps.get_model("sales", "Order").objects.count(), apps.get_model("shop", "Order").objects.count()
            """,
    }
    assert asked(linked(files)) == [
        ("count", "django:Manager", "aggregate", "sales_order"),
        ("count", "django:Manager", "aggregate", ""),
    ]


def test_of_several_labels_and_several_names_nobody_says_which_go_together() -> None:
    assert shop(
        app="""
        from django.apps import apps

        def one():
            for name in ("Order", "Line"):
                apps.get_model("shop", name).objects.count()

        def several():
            for label, name in (("shop", "Line"), ("stock", "Order")):
                apps.get_model(label, name).objects.count()
        """
    ) == [
        ("count", "PaidManager : django:Manager", "aggregate", "shop_order"),
        ("count", "django:Manager", "aggregate", ""),
        ("count", "django:Manager", "aggregate", ""),
    ]


def test_a_data_migration_is_given_the_models_of_its_time() -> None:
    assert shop(
        path="shop/migrations/0002_paid.py",
        app="""
        from django.db import migrations

        def forwards(apps, schema_editor):
            Order = apps.get_model("shop", "Order")
            Order.objects.filter(paid=None).update(paid=False)
            for order in Order.objects.all():
                order.save()

        def helper(apps):
            apps.get_model("shop", "Order").objects.count()

        class Migration(migrations.Migration):
            operations = [migrations.RunPython(forwards, reverse_code=migrations.RunPython.noop)]
        """,
    ) == [
        ("update", "django:Manager", "update", "shop_order"),
        ("iterate", "django:Manager", "select", "shop_order"),
        ("save", "django:HistoricalModel", "upsert", "shop_order"),
    ]


def test_the_way_back_of_a_data_migration_is_given_them_too() -> None:
    assert shop(
        path="shop/migrations/0002_paid.py",
        app="""
        from django.db import migrations

        def backwards(apps, schema_editor):
            apps.get_model("shop", "Order").objects.all().delete()

        class Migration(migrations.Migration):
            operations = [migrations.RunPython(migrations.RunPython.noop, reverse_code=backwards)]
        """,
    ) == [("delete", "django:Manager", "delete", "shop_order")]


# The user model


def test_the_user_model_is_the_one_that_the_settings_name() -> None:
    files = {
        "people/__init__.py": "",
        "people/models.py": """
            from django.contrib.auth.models import AbstractUser

            class Person(AbstractUser):
                pass
            """,
        "site/settings.py": """
            INSTALLED_APPS = ["people"]
            AUTH_USER_MODEL = "people.Person"
            """,
        "other.py": 'AUTH_USER_MODEL = "people.Nobody"',
        "app.py": """
            from django.apps import apps
            from django.conf import settings
            from django.contrib.auth import get_user_model

            def count():
                return get_user_model().objects.count(), apps.get_model(settings.AUTH_USER_MODEL).objects.count()
            """,
    }
    assert asked(linked(files)) == [("count", "django:UserManager", "aggregate", "people_person")] * 2


def test_the_user_model_of_a_project_that_says_nothing_is_the_library_s() -> None:
    assert shop(
        app="""
        from django.contrib.auth import get_user_model

        User = get_user_model()

        def show(name):
            return User.objects.create_user(name)
        """
    ) == [("create_user", "django:UserManager", "insert", "auth_user")]


# Managers made of managers


def test_a_manager_made_of_another_and_a_queryset_has_the_members_of_both() -> None:
    assert shop(
        app="""
        from django.db import models

        class ByDate(models.Manager):
            def newest(self):
                return self.order_by("-date").first()

        class Lines(models.QuerySet):
            def open(self):
                return self.filter(closed=None)

        class Line(models.Model):
            objects = ByDate.from_queryset(Lines)()

        def show():
            return Line.objects.open().count(), Line.objects.newest()
        """
    ) == [
        ("first", "ByDate : django:Manager", "select", "app_line"),
        ("count", "Lines : django:QuerySet", "aggregate", "app_line"),
    ]


def test_what_stands_behind_a_class_is_asked_of_its_bases_in_order() -> None:
    assert shop(
        app="""
        from shop.models import Order

        class Report:
            def rows(self):
                return Order.objects.none()

        class Monthly:
            def rows(self):
                return Order.objects.using("archive")

        class Both(Monthly, Report):
            def rows(self):
                return super().rows()

            def show(self):
                return self.rows().count()

            @classmethod
            def make(cls):
                return super().nothing().count()
        """
    ) == [("count", "PaidManager : django:Manager", "aggregate", "shop_order")]


def test_a_queryset_that_is_made_by_hand_is_of_the_model_given_to_it() -> None:
    assert shop(
        app="""
        from django.db import models

        class Lines(models.QuerySet):
            pass

        class LineManager(models.Manager):
            def get_queryset(self):
                return Lines(self.model, using=self._db)

            def closed(self):
                return self.get_queryset().exclude(closed=None)

        class Line(models.Model):
            objects = LineManager()

        def show():
            return Line.objects.closed().count(), Lines().count()
        """
    ) == [
        ("count", "Lines : django:QuerySet", "aggregate", "app_line"),
        ("count", "Lines : django:QuerySet", "aggregate", ""),
    ]


def test_a_manager_of_a_package_whose_base_is_described_elsewhere_keeps_its_model() -> None:
    assert shop(
        app="""
        from django.db import models
        from treebeard.mp_tree import MP_Node, MP_NodeManager

        class Leaves(models.QuerySet):
            def open(self):
                copy = self._clone()
                return copy

        class Branches(MP_NodeManager):
            pass

        class Branch(MP_Node):
            objects = Branches.from_queryset(Leaves)()

        def show():
            return Branch.objects.open().count(), Branch.add_root(name="x"), Branch.get_root_nodes().exists()
        """
    ) == [
        ("count", "Leaves : django:QuerySet", "aggregate", "app_branch"),
        ("add_root", "Branch : treebeard:MP_Node", "insert", "app_branch"),
        ("exists", "treebeard:NodeQuerySet", "aggregate", "app_branch"),
    ]


def test_behind_the_project_s_classes_stand_the_members_that_no_row_names() -> None:
    assert shop(
        app="""
        from django.db import models

        class Marked(models.QuerySet):
            def _clone(self):
                return super()._clone()

            def marked(self):
                return self._clone()

        class Line(models.Model):
            objects = Marked.as_manager()

        class Plain:
            def _clone(self):
                return super()._clone()

        def show():
            return Line.objects.marked().count(), Plain()._clone().count()
        """
    ) == [("count", "Marked : django:QuerySet", "aggregate", "app_line")]


# What is built by the project's own members


def built(app: str) -> list[tuple[str, str, str]]:
    """(member, verb, table) of the statements that are built and not run."""
    project = linked({"shop/__init__.py": "", "shop/models.py": MODELS, "app.py": app})
    return [
        (call.member, str(query.verb), query.table)
        for call in project.calls
        if call.trigger == "built"
        for query in call.queries
        if call.place.path == "app.py"
    ]


LINES = """
        from django.db import models

        class LineManager(models.Manager):
            def large(self):
                return self.filter(size__gt=100)

            def largest(self):
                return self.order_by("-size").first()

        class Line(models.Model):
            objects = LineManager()
"""


def test_a_statement_that_a_method_of_the_manager_builds_is_built_where_it_is_called() -> None:
    assert built(
        LINES
        + """
        def show(request):
            return {"lines": Line.objects.large()}
        """
    ) == [("filter", "select", "app_line"), ("large", "select", "app_line")]


def test_a_method_of_the_manager_that_runs_its_statement_itself_builds_none() -> None:
    assert built(
        LINES
        + """
        def show(request):
            return {"line": Line.objects.largest(), "other": request.objects.large(), "third": Line.objects.unknown()}
        """
    ) == [("filter", "select", "app_line")]


# Classes behind values


def test_a_class_is_reached_from_its_instances_and_its_options() -> None:
    assert shop(
        app="""
        from shop.models import Order

        def again(number):
            order = Order.objects.get(pk=number)
            type(order).objects.count()
            order.__class__.objects.count()
            order._meta.model.objects.count()
            Order._meta.default_manager.count()
            Order.objects.all().model.objects.count()
            getattr(order, "__class__").objects.count()
            getattr(Order, number).count()
        """
    ) == [
        ("get", "PaidManager : django:Manager", "select", "shop_order"),
        *[("count", "PaidManager : django:Manager", "aggregate", "shop_order")] * 3,
        ("count", "django:Manager", "aggregate", "shop_order"),
        *[("count", "PaidManager : django:Manager", "aggregate", "shop_order")] * 2,
    ]


def test_the_model_of_a_queryset_that_nobody_knows_is_a_model_whose_table_cannot_be_said() -> None:
    assert shop(
        app="""
        from django.db import models

        class Lines(models.QuerySet):
            def siblings(self):
                return self.model.objects.count()
        """
    ) == [("count", "django:Manager", "aggregate", "")]


def test_a_function_that_gives_the_name_of_a_model() -> None:
    assert shop(
        app="""
        from django.apps import apps
        from django.conf import settings

        def name():
            return getattr(settings, "SHOP_MODEL", "shop.Order")

        def model():
            return apps.get_model(name())

        def show():
            return model().objects.count()
        """
    ) == [("count", "PaidManager : django:Manager", "aggregate", "shop_order")]


def test_a_package_that_swaps_models_names_them_too() -> None:
    assert (
        shop(
            app="""
        import swapper
        from django.apps import apps

        Order = swapper.load_model("shop", "Order")

        def show():
            return Order.objects.count(), apps.get_model(swapper.get_model_name("shop", "Order")).objects.count()
        """
        )
        == [("count", "PaidManager : django:Manager", "aggregate", "shop_order")] * 2
    )


def test_a_package_of_models_may_have_a_module_of_its_own_name() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/models/__init__.py": "from .models import Order",
        "shop/models/models.py": """
            from django.db import models

            class Order(models.Model):
                pass

            def show():
                return Order.objects.count()
            """,
    }
    assert asked(linked(files)) == [("count", "django:Manager", "aggregate", "shop_order")]


# What a class leaves to those that extend it


def test_what_a_base_leaves_open_is_what_its_subclasses_put_there() -> None:
    assert shop(
        app="""
        from shop.models import Order

        class View:
            model = None
            queryset = None

            def count(self):
                return self.model.objects.count()

            def rows(self):
                return self.queryset.exists()

            def other(self):
                return self.nothing.count()

        class OrderView(View):
            model = Order
            queryset = Order.objects.all()
        """
    ) == [
        ("count", "PaidManager : django:Manager", "aggregate", "shop_order"),
        ("exists", "PaidManager : django:Manager", "aggregate", "shop_order"),
    ]


def test_of_many_subclasses_only_what_they_share_is_said() -> None:
    models = "\n".join(f"        class Line{number}(models.Model):\n            pass" for number in range(12))
    views = "\n".join(f"        class View{number}(View):\n            model = Line{number}" for number in range(12))
    assert shop(
        app=f"""
        from django.db import models

        class View:
            model = None

            def count(self):
                return self.model.objects.count()

{models}

{views}
        """
    ) == [("count", "django:Manager", "aggregate", "")]


def test_a_subclass_s_own_value_is_not_another_s() -> None:
    assert (
        shop(
            app="""
        from shop.models import Order

        class View:
            model = None

        class OrderView(View):
            model = Order

        class Other(View):
            def count(self):
                return self.model.objects.count()
        """
        )
        == []
    )


def test_a_manager_in_a_class_that_is_no_model_is_of_no_model() -> None:
    assert shop(
        app="""
        from django.db import models
        from shop.models import Order

        class View:
            queryset = models.Manager()

            def count(self):
                return self.queryset.count()
        """
    ) == [("count", "django:Manager", "aggregate", "")]


def test_a_package_s_model_keeps_its_manager_in_a_migration() -> None:
    assert shop(
        path="shop/migrations/0002_types.py",
        app="""
        from django.db import migrations

        def forwards(apps, schema_editor):
            apps.get_model("contenttypes", "ContentType").objects.get_by_natural_key("shop", "order")
            apps.get_model("shop", "Order").objects.get_by_natural_key("order")

        class Migration(migrations.Migration):
            operations = [migrations.RunPython(forwards)]
        """,
    ) == [("get_by_natural_key", "django:ContentTypeManager", "select", "django_content_type")]


def test_a_member_that_both_a_queryset_and_a_described_manager_may_have() -> None:
    assert built(
        """
        from django.db import models
        from mptt.managers import TreeManager
        from mptt.models import MPTTModel

        class Rows(models.QuerySet):
            pass

        class Branches(models.Manager.from_queryset(Rows), TreeManager):
            pass

        class Branch(MPTTModel):
            objects = Branches()

        def show():
            return Branch.objects.add_related_count(Branch.objects.all(), Branch, "parent", "count")
        """
    ) == [("add_related_count", "select", "app_branch"), ("all", "select", "app_branch")]


def test_a_statement_that_may_be_of_one_of_two_models_is_told_for_each_once() -> None:
    assert built(
        """
        from django.db import models

        class Line(models.Model):
            pass

        class Note(models.Model):
            pass

        def show(first):
            model = Line if first else Note
            return model.objects.filter(id=1)
        """
    ) == [("filter", "select", "app_line"), ("filter", "select", "app_note")]


def test_a_class_with_fields_and_an_unread_base_is_a_model() -> None:
    project = linked(
        {
            "shop/models.py": """
                from django.db import models
                from django_extensions.db.models import TimeStampedModel
                from elsewhere import Base, Form, fields

                class Named(TimeStampedModel):
                    class Meta:
                        abstract = True

                class Item(TimeStampedModel):
                    shop = models.TextField()
                    owner = models.ForeignKey("Owner", models.CASCADE)

                class Owner(Named):
                    name = models.TextField()

                class Other(Base):
                    name = fields.TextField()

                class Late(Base):
                    def __init__(self):
                        self.name = models.TextField()

                class Plain(dict):
                    name = models.TextField()
                """,
            "shop/views.py": """
                from shop.models import Item, Late, Other, Owner, Plain

                def view(key):
                    item = Item.objects.get(pk=key)
                    item.owner.item_set.filter(shop="a").delete()
                    Owner.objects.create(name="b")
                    return Other.objects.get(pk=key), Late.objects.get(pk=key), Plain.objects.get(pk=key)
                """,
        }
    )
    assert asked(project) == [
        ("get", "django:Manager", "select", "shop_item"),
        ("delete", "django:RelatedManager", "delete", "shop_item"),
        ("create", "django:Manager", "insert", "shop_owner"),
    ]
    tables = {name: table.complete for name, table in project.declared.items()}
    assert tables == {"shop_item": False, "shop_owner": False}


# Connections by their alias


def test_a_connection_is_named_by_its_alias_also_where_that_is_written_out() -> None:
    project = linked(
        {
            "app.py": """
                from django.db import DEFAULT_DB_ALIAS, connections

                def run(alias):
                    connections["replica"].cursor().execute("SELECT 1 FROM a")
                    connections[alias].cursor().execute("SELECT 1 FROM b")
                    connections[DEFAULT_DB_ALIAS].cursor().execute("SELECT 1 FROM c")
                    for connection in connections.all():
                        connection.cursor().execute("SELECT 1 FROM d")
                    for name in connections:
                        name.cursor().execute("SELECT 1 FROM e")
                """,
        }
    )
    assert [each for each in asked(project) if each[3]] == [
        ("execute", "django:Cursor", "select", table) for table in "abcd"
    ]


# Classes that subclasses complete

GENERIC = """
    from django.db import models
    from django.shortcuts import get_object_or_404
    from django.views import View

    class ObjectView(View):
        queryset = None

        def get_object(self, **kwargs):
            return get_object_or_404(self.queryset.all(), **kwargs)

    class ChildrenView(ObjectView):
        def get_children(self, request, parent):
            raise NotImplementedError

        def get(self, request, pk):
            return list(self.get_children(request, self.get_object(pk=pk)))

    class DeleteView(ObjectView):
        def post(self, request, pk):
            self.get_object(pk=pk).delete()
    """
SHOP = """
    from django.conf import settings
    from django.db import models

    class User(models.Model):
        pass

    class JarQuerySet(models.QuerySet):
        def full(self):
            return self.filter(full=True)

    class JarManager(models.Manager):
        def get_queryset(self):
            return JarQuerySet(self.model, using=self._db)

    class Shelf(models.Model):
        owner = models.OneToOneField(settings.AUTH_USER_MODEL, related_name="shelf", on_delete=models.CASCADE)

    class Jar(models.Model):
        full = models.BooleanField()
        shelf = models.ForeignKey(Shelf, related_name="jars", on_delete=models.CASCADE)
    """
VIEWS = """
    from generic import ChildrenView, DeleteView
    from shop.models import Jar, Shelf
    from django.views import View

    class ShelfJarsView(ChildrenView):
        queryset = Shelf.objects.all()

        def get_children(self, request, parent):
            return parent.jars.filter(full=True)

    class MineView(View):
        def post(self, request):
            request.user.shelf.save()
    """


def test_what_a_base_hands_to_a_method_of_the_subclass_is_of_that_subclass() -> None:
    models = "".join(f"class Thing{number}(models.Model):\n    pass\n\n" for number in range(10))
    begun = ["models.QuerySet(Thing0)", *(f"Thing{number}.objects.all()" for number in range(1, 10))]
    things = "from django.db import models\nfrom generic import DeleteView\n\n" + models
    things += "".join(f"class Deletes{at}(DeleteView):\n    queryset = {made}\n\n" for at, made in enumerate(begun))
    project = linked(
        {
            "generic.py": GENERIC,
            "settings.py": 'AUTH_USER_MODEL = "shop.User"\nINSTALLED_APPS = ["shop"]\n',
            "shop/__init__.py": "",
            "shop/models.py": SHOP,
            "views.py": VIEWS,
            "things.py": things,
        }
    )
    told = [
        (call.place.path, call.trigger, call.member, call.receiver, query.table)
        for call in project.calls
        if call.place.path != "things.py"
        for query in call.queries
    ]
    assert told == [
        ("generic.py", "call", "get_object_or_404", "django.shortcuts.get_object_or_404", ""),
        ("generic.py", "iterate", "iterate", "django:RelatedManager", "shop_jar"),
        ("generic.py", "call", "delete", "django:Model", ""),
        ("shop/models.py", "built", "filter", "django:QuerySet", ""),
        ("shop/models.py", "built", "JarQuerySet", "django:QuerySet", ""),
        ("views.py", "built", "all", "django:Manager", "shop_shelf"),
        ("views.py", "built", "filter", "django:RelatedManager", "shop_jar"),
        ("views.py", "call", "save", "Shelf : django:Model", "shop_shelf"),
    ]


# Classes that are mixed in


def test_a_mixin_has_what_stands_beside_it_where_it_is_mixed_in() -> None:
    models = "".join(
        f"\n    class M{at}(Guarded, models.Model):\n        size = models.IntegerField()\n" for at in range(4)
    )
    views = "".join(f"\n    class V{at}(Own):\n        queryset = models.M{at}.objects.all()\n" for at in range(4))
    files = {
        "shop/__init__.py": "",
        "shop/models.py": f"""
    from django.db import models

    class Guarded:
        def save(self, *args, **kwargs):
            return super().save(*args, **kwargs)

        def other(self):
            return super().nothing()

    class Single:
        def gone(self):
            self.delete()

    class Only(Single, models.Model):
        pass
{models}""",
        "shop/views.py": f"""
    from rest_framework.generics import GenericAPIView
    from shop import models

    class Counted:
        def count(self):
            return self.get_queryset().filter(size=1).count()

    class Own(Counted, GenericAPIView):
        def get_queryset(self):
            return super().get_queryset().filter(size=2)
{views}""",
    }
    assert asked(linked(files)) == [
        ("save", "django:Model", "upsert", ""),
        ("delete", "Only : django:Model", "delete", "shop_only"),
        *(("count", "django:Manager", "aggregate", f"shop_m{at}") for at in range(4)),
    ]


def test_an_admin_has_the_rows_of_the_model_that_it_is_registered_for() -> None:
    assert shop(
        """
        from django.contrib import admin
        from shop.models import Order

        @admin.register(Order)
        class Orders(admin.ModelAdmin):
            def get_queryset(self, request):
                return super().get_queryset(request).filter(paid=True)

            def counted(self, request):
                return self.get_queryset(request).count()

        class Nowhere(admin.ModelAdmin):
            def counted(self, request):
                return self.get_queryset(request).count()
        """
    ) == [("count", "PaidManager : django:Manager", "aggregate", "shop_order")]
