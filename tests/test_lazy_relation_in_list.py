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
