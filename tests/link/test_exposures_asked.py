"""Queries of their own that lists ask of each of their rows, and what hands rows to them."""

from __future__ import annotations

from textwrap import dedent

from tests.link.linked import linked

SHOP = """
    from django.db import models

    class City(models.Model):
        name = models.TextField()

    class Author(models.Model):
        name = models.TextField()
        city = models.ForeignKey(City, models.CASCADE, null=True)
        active = models.BooleanField()

        @property
        def newest(self):
            return self.books.order_by("-id")[0]

        @property
        def total(self):
            if hasattr(self, "_total"):
                return self._total
            return self.books.filter(title="x").count()

        @property
        def known(self):
            if self._known is None:
                return self.books.filter(title="x").exists()

        @property
        def living(self):
            if self.active:
                return City.objects.filter(name=self.name).exists()

    class Book(models.Model):
        isbn = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")

    class Review(models.Model):
        isbn = models.TextField()
    """
ADMIN = """
    from django.contrib import admin
    from django.db.models import Prefetch
    from shop.models import Author, Book

    @admin.register(Author)
    class AuthorAdmin(admin.ModelAdmin):
        list_display = ["name", "newest", "total", "known", "living", "written", "first", "others"]

        def get_queryset(self, request):
            books = Book.objects.order_by("isbn")
            return super().get_queryset(request).prefetch_related(Prefetch("books", queryset=books))

        def written(self, author):
            return author.books.filter(isbn="a").count()

        def first(self, author):
            return author.books.first()

        def others(self, author):
            return Book.objects.count()
    """
SERIALIZERS = """
    from rest_framework import generics, serializers
    from shop.models import Author, Book, Review

    def stars(isbn):
        return Review.objects.filter(isbn=isbn).count()

    class BookSerializer(serializers.ModelSerializer):
        stars = serializers.SerializerMethodField()
        known = serializers.SerializerMethodField()
        kept = serializers.SerializerMethodField("kept_for")

        class Meta:
            model = Book
            fields = ["stars", "known", "kept"]

        def get_stars(self, book):
            if self.context["request"].user.is_anonymous:
                return None
            return stars(book.isbn)

        def get_known(self, book):
            known = self.context.get("known")
            if known is None:
                known = {review.isbn for review in Review.objects.filter(isbn__in=[book.isbn])}
            return book.isbn in known

        def kept_for(self, book):
            if book.isbn not in self.cache:
                self.cache[book.isbn] = Review.objects.get(isbn=book.isbn)
            return self.cache[book.isbn]

    class Brief:
        brief = []

        def get_queryset(self):
            found = super().get_queryset()
            return found.prefetch_related(None).prefetch_related(*self.brief) if self.short else found

    class Books(Brief, generics.ListAPIView):
        queryset = Book.objects.all()
        serializer_class = BookSerializer
        brief = ["author"]
    """
TAGS = """
    from django import template
    from django.core.paginator import Paginator
    from django.shortcuts import render
    from django.views.generic.base import TemplateResponseMixin
    from django.views.generic.list import BaseListView
    from shop.models import Author, Book

    register = template.Library()

    @register.simple_tag
    def city_of(author, size=50):
        return author.city.name

    @register.inclusion_tag("shop/row.html", takes_context=True, name="row")
    def shown(context, author, book=None):
        return {"shown": book, "author": author}

    @register.filter(name="upper_name")
    def upper(book):
        return book.author.name

    @register.simple_tag
    def twice(book):
        return book.author

    @register.simple_tag(name="twice")
    def again(book):
        return book.author

    def page(request):
        authors = Author.objects.filter(name="x")
        if "order" in request.GET:
            authors = authors.order_by("name")
        paginator = Paginator(authors, per_page=20)
        return render(request, "shop/authors.html", {"authors": paginator.get_page(2)})

    class Base(TemplateResponseMixin, BaseListView):
        pass

    class Books(Base):
        template_name = "shop/books.html"

        def get_queryset(self):
            return Book.objects.all()

    class Twice(Base):
        model = Book
        template_name = "shop/twice.html"
    """
SHOP_API = dedent(SERIALIZERS)
FILES = {
    "shop/models.py": SHOP,
    "shop/admin.py": ADMIN,
    "shop/api.py": SERIALIZERS,
    "shop/pages.py": TAGS,
    "shop/templates/shop/authors.html": "{% for a in authors %}{% city_of a size=20 as c %}{{ c }}{% endfor %}",
    "shop/templates/shop/books.html": "{% for b in object_list %}{% row a book=b %}{{ b|upper_name }}{% endfor %}",
    "shop/templates/shop/row.html": "{{ shown.author.city }}{{ author.books }}",
    "shop/templates/shop/twice.html": "{% for b in object_list %}{% twice b %}{% endfor %}",
}


def test_queries_of_each_row() -> None:
    project = linked(FILES)
    asked = {
        exposure.by: [(each.route.call.source, len(each.route.steps), each.loaded) for each in exposure.asked]
        for exposure in project.exposures
    }
    assert asked == {
        "AuthorAdmin": [
            ("author.books.filter().count()", 0, "yes"),
            ("author.books.first()", 0, "yes"),
            ("self.books.order_by()", 0, "yes"),
            ("City.objects.filter().exists()", 0, "no"),
        ],
        "BookSerializer": [("Review.objects.filter().count()", 1, "no")],
        "shop/authors.html": [],
        "shop/books.html": [],
    }


def test_tags_filters_and_pages() -> None:
    project = linked(FILES)
    shown = {
        exposure.by: [(each.source, ".".join(each.path), each.loaded) for each in exposure.shown]
        for exposure in project.exposures
        if exposure.place.path == "shop/pages.py"
    }
    assert shown == {
        "shop/authors.html": [("author.city", "city", "no")],
        "shop/books.html": [("book.author", "author", "no"), ("", "author", "no"), ("", "author.city", "no")],
    }


def test_what_a_class_spreads_is_loaded() -> None:
    books = next(each for each in linked(FILES).exposures if each.by == "BookSerializer")
    eager = books.rows.eager
    assert [(each.value.path, each.when) for each in eager.elements] == [(("author",), "sometimes")]
    assert not eager.open
    assert (books.given.path, SHOP_API.encode()[books.given.start : books.given.stop]) == (
        "shop/api.py",
        b"Book.objects.all()",
    )
