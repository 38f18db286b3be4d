"""What `query/lazy-relation-in-list` says: one finding per query and path, with the repair of what surely asks."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query.lazy_relation_in_list import check

from tests.link.linked import linked

FILES = {
    "shop/models.py": """
        from django.db import models

        class City(models.Model):
            name = models.TextField()

        class Author(models.Model):
            kind = models.TextField()
            city = models.ForeignKey(City, models.CASCADE)
            twin = models.ForeignKey("self", models.CASCADE, null=True)

            @property
            def place(self):
                return self.city.name if self.kind == "a" else ""

        class Book(models.Model):
            author = models.ForeignKey(Author, models.CASCADE, null=True)
            tags = models.ManyToManyField(City)

            @property
            def place(self):
                if self.author:
                    return self.author.place
                return ""

            @property
            def twin(self):
                if self.author_id == 7:
                    return self.author.twin.kind
        """,
    "shop/api.py": """
        from django.contrib import admin
        from rest_framework import serializers, viewsets
        from shop.models import Book

        class PlaceSerializer(serializers.ModelSerializer):
            class Meta:
                model = Book
                fields = ["place"]

        class TwinSerializer(serializers.ModelSerializer):
            number = serializers.SerializerMethodField()

            class Meta:
                model = Book
                fields = ["twin", "number"]

            def get_number(self, book):
                return book.tags.count()

        class Places(viewsets.ModelViewSet):
            queryset = Book.objects.all()
            serializer_class = PlaceSerializer

        class Others(Places):
            serializer_class = PlaceSerializer

        class Twins(viewsets.ModelViewSet):
            queryset = Book.objects.all()
            serializer_class = TwinSerializer

        @admin.register(Book)
        class BookAdmin(admin.ModelAdmin):
            list_display = ["place"]
        """,
}


def test_what_is_said() -> None:
    found = []
    text = dedent(FILES["shop/api.py"]).encode()
    for finding in check(linked(FILES)):
        line = text[: finding.place.start].count(b"\n") + 1
        assert finding.remedy is not None
        related = [each.message for each in finding.related]
        found.append((line, finding.message, finding.remedy.name, finding.remedy.holes["path"], related))
    shows = "each row that `{}` shows asks for {} of Book, which this query does not load"
    read = ["`PlaceSerializer` shows what reads it", "`self.author` is read", "`self.author` is read"]
    behind = ["calls `self.author.place`", "`self.city` is read"]
    assert found == [
        (22, shows.format("PlaceSerializer", "author"), "eager-load-one", "author", [*read, *behind]),
        (
            29,
            shows.format("TwinSerializer", "tags"),
            "eager-count",
            "tags",
            ["`TwinSerializer` shows what reads it", "`book.tags` is read"],
        ),
        (
            29,
            shows.format("TwinSerializer", "author.twin").replace("asks", "and that passes a condition asks"),
            "eager-load-one-inside",
            "author__twin",
            ["`TwinSerializer` shows what reads it", "`self.author.twin` is read", "`self.author` is read"],
        ),
        (
            34,
            shows.format("BookAdmin", "author"),
            "eager-load-one-admin",
            "author",
            ["`BookAdmin` shows what reads it", *read[1:], *behind],
        ),
    ]


def test_what_an_admin_loads_by_itself_stays_loaded() -> None:
    """A list of its own in `list_select_related` replaces what it loads of its columns."""
    models = FILES["shop/models.py"].replace(
        "tags =", "editor = models.ForeignKey(City, models.CASCADE)\n            tags ="
    )
    api = FILES["shop/api.py"].replace('list_display = ["place"]', 'list_display = ["editor", "place"]')
    remedies = [finding.remedy for finding in check(linked({"shop/models.py": models, "shop/api.py": api}))]
    assert [remedy.holes["paths"] for remedy in remedies if remedy and remedy.name == "eager-load-one-admin"] == [
        '"author__city", "editor"'
    ]


ONE = {
    "shop/models.py": """
        from django.db import models

        class User(models.Model):
            name = models.TextField()

        class Project(models.Model):
            owner = models.ForeignKey(User, models.CASCADE)

        class Member(models.Model):
            project = models.ForeignKey(Project, models.CASCADE)
            user = models.ForeignKey(User, models.CASCADE)
        """,
    "shop/templates/page.html": """
        {{ project.owner }}
        {% for member in project.member_set.all %}{{ member.user.name }} {{ member.project.id }}{% endfor %}
        """,
    "shop/templates/loaded.html": "{% for member in project.member_set.all %}{{ member.user.name }}{% endfor %}",
    "shop/templates/owner.html": "{{ project.owner.name }}",
    "shop/views.py": """
        from django.shortcuts import get_object_or_404, render
        from shop.models import Project

        def page(request, key):
            context = {"project": get_object_or_404(Project, pk=key)}
            return render(request, "page.html", context)

        def loaded(request, key):
            project = get_object_or_404(Project.objects.prefetch_related("member_set__user"), pk=key)
            return render(request, "loaded.html", {"project": project})

        def owner(request, key):
            return render(request, "owner.html", {"project": Project.objects.get(pk=key)})
        """,
}


def test_rows_of_a_relation_of_the_one_row_that_a_template_is_given() -> None:
    [found] = check(linked(ONE))
    assert (found.place.path, found.message) == (
        "shop/templates/page.html",
        "each row that `page.html` shows asks for user of Member, which this query does not load",
    )
    assert [(each.place.path, each.message) for each in found.related] == [
        ("shop/templates/page.html", "`page.html` shows user"),
        ("shop/views.py", "`page.html` is given the row here"),
    ]


PICKED = {
    "shop/models.py": """
        from django.db import models

        class Device(models.Model):
            name = models.TextField()

        class Interface(models.Model):
            device = models.ForeignKey(Device, models.CASCADE)

        class Circuit(models.Model):
            name = models.TextField()

            def _end(self, side):
                for end in self.ends.all():
                    if end.side == side:
                        return end
                return None

            @property
            def end_a(self):
                return self._end("A")

        class End(models.Model):
            side = models.TextField()
            circuit = models.ForeignKey(Circuit, models.CASCADE, related_name="ends")
            interface = models.ForeignKey(Interface, models.CASCADE)
        """,
    "shop/api.py": """
        from rest_framework import serializers, viewsets
        from shop.models import Circuit, Interface, End, Device

        class DeviceSerializer(serializers.ModelSerializer):
            class Meta:
                model = Device
                fields = ["name"]

        class InterfaceSerializer(serializers.ModelSerializer):
            device = DeviceSerializer()
            class Meta:
                model = Interface
                fields = ["device"]

        class EndSerializer(serializers.ModelSerializer):
            interface = InterfaceSerializer()
            class Meta:
                model = End
                fields = ["interface", "side"]

        class CircuitSerializer(serializers.ModelSerializer):
            end_a = EndSerializer(read_only=True)
            class Meta:
                model = Circuit
                fields = ["name", "end_a"]

        class Circuits(viewsets.ModelViewSet):
            queryset = Circuit.objects.prefetch_related("ends__interface")
            serializer_class = CircuitSerializer

        class Circuits2(viewsets.ModelViewSet):
            queryset = Circuit.objects.prefetch_related("ends__interface__device")
            serializer_class = CircuitSerializer
        """,
}


def test_a_property_that_picks_a_row_of_a_relation_shows_that_relation() -> None:
    shows = "each row that `CircuitSerializer` shows asks for ends.interface.device of Circuit"
    assert [found.message for found in check(linked(PICKED))] == [f"{shows}, which this query does not load"]


def test_queries_of_a_file_whose_rows_one_list_may_be_given_are_told_together() -> None:
    views = """
        from django.shortcuts import render
        from shop.models import Book

        def page(request, newest):
            if newest:
                books = sorted(Book.objects.filter(id__gt=3), key=str)
            else:
                books = Book.objects.exclude(id=3)
            return render(request, "shop/page.html", {"books": books})

        def other(request):
            return render(request, "shop/page.html", {"books": Book.objects.all()})
        """
    page = "{% for book in books %}{{ book.author.kind }}{% endfor %}"
    files = {"shop/models.py": FILES["shop/models.py"], "shop/views.py": views, "shop/templates/shop/page.html": page}
    source = dedent(views)
    first, second = check(linked(files))
    assert source[first.place.start :].startswith("Book.objects.filter(id__gt=3)")
    assert [
        source[each.place.start : each.place.stop] for each in first.related if each.message.startswith("nor does")
    ] == ["Book.objects.exclude(id=3)"]
    assert source[second.place.start :].startswith("Book.objects.all()")


CELLS = {
    "shop/models.py": """
        from django.db import models

        class Author(models.Model):
            name = models.TextField()

        class Book(models.Model):
            author = models.ForeignKey(Author, models.CASCADE)
            pages = models.IntegerField()

        class Shelf(models.Model):
            author = models.ForeignKey(Author, models.CASCADE)
        """,
    "shop/admin.py": """
        from django.contrib import admin
        from django.template.loader import render_to_string
        from shop.models import Book, Shelf

        @admin.register(Book)
        class BookAdmin(admin.ModelAdmin):
            list_display = ("id", "by")

            def by(self, book):
                if book.pages == 0:
                    return ""
                return render_to_string("shop/by.html", {"work": book}) if book.pages > 1 else ""

        @admin.register(Shelf)
        class ShelfAdmin(admin.ModelAdmin):
            list_display = ("id", "of")

            def of(self, shelf):
                return render_to_string("shop/by.html", {"work": shelf})
        """,
    "shop/templates/shop/by.html": "{{ work.author.name }}",
}


def test_a_cell_that_is_filled_under_a_condition() -> None:
    loaded = "which this query does not load"
    assert sorted(finding.message for finding in check(linked(CELLS))) == [
        f"each row that `BookAdmin` shows and that passes a condition asks for author of Book, {loaded}",
        f"each row that `ShelfAdmin` shows asks for author of Shelf, {loaded}",
    ]


def test_each_view_is_told_where_it_says_its_rows() -> None:
    files = {
        "shop/models.py": FILES["shop/models.py"],
        "shop/api.py": """
            from rest_framework import serializers, viewsets
            from shop.models import Book

            class AuthorSerializer(serializers.ModelSerializer):
                class Meta:
                    model = Book
                    fields = ["author"]
                    depth = 1

            class Tagged(viewsets.ModelViewSet):
                def get_queryset(self):
                    return super().get_queryset().prefetch_related("tags")

            class Books(Tagged):
                queryset = Book.objects.all()
                serializer_class = AuthorSerializer

            class Signed(Tagged):
                queryset = Book.objects.exclude(author=None)
                serializer_class = AuthorSerializer
            """,
    }
    texts = {path: dedent(text).lstrip("\n") for path, text in files.items()}
    lines = texts["shop/api.py"].splitlines()
    found = list(check(linked(texts)))
    told = {lines[texts["shop/api.py"].count("\n", 0, each.place.start)].strip() for each in found}
    assert told == {"queryset = Book.objects.all()", "queryset = Book.objects.exclude(author=None)"}
