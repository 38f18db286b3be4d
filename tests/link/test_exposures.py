"""Lists of rows that are shown by something else than a loop: what is read of each row, and whether it was loaded."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from dblint.facts.project import Project
from tests.link.linked import linked

SHOP = """
    from django.db import models

    class City(models.Model):
        name = models.TextField()

    class Author(models.Model):
        name = models.TextField()
        city = models.ForeignKey(City, models.CASCADE)
        agent = models.ForeignKey("self", models.CASCADE, null=True)

        def __str__(self):
            return f"{self.name} {self.city.name}"

    class Tag(models.Model):
        name = models.TextField()
        owner = models.ForeignKey(Author, models.CASCADE)

    class Book(models.Model):
        title = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        editor = models.ForeignKey(Author, models.CASCADE, null=True, related_name="edited")
        tags = models.ManyToManyField(Tag)

        @property
        def town(self):
            return self.author.city.name
    """
SERIALIZERS = """
    from rest_framework import serializers
    from shop.models import Author, Book, Tag

    class TagSerializer(serializers.ModelSerializer):
        class Meta:
            model = Tag
            fields = ["name", "owner"]

    class AuthorSerializer(serializers.ModelSerializer):
        city = serializers.StringRelatedField()
        books = serializers.SlugRelatedField(slug_field="title", many=True)
        secret = serializers.CharField(source="agent.name", write_only=True)

        class Meta:
            model = Author
            fields = ["name", "city", "secret", "books"]

    class BookSerializer(serializers.ModelSerializer):
        author = AuthorSerializer(read_only=True)
        editor_name = serializers.CharField(source="editor.name")
        labels = TagSerializer(source="tags", many=True)
        heading = serializers.SerializerMethodField()
        number = serializers.SerializerMethodField("count_tags")

        class Meta:
            model = Book
            fields = ("title", "author", "editor_name", "labels", "heading", "number", "town")

        def get_heading(self, book):
            return book.author.agent.name

        def count_tags(self, book):
            return book.tags.count() + book.tags.filter(name="a").count()

    class AllSerializer(serializers.ModelSerializer):
        class Meta:
            model = Book
            fields = "__all__"

    class DeepSerializer(serializers.ModelSerializer):
        class Meta:
            model = Book
            exclude = ["editor"]
            depth = 1

    class OwnSerializer(serializers.ModelSerializer):
        author = AuthorSerializer()

        class Meta:
            model = Book
            fields = ["author"]

        def to_representation(self, book):
            return {"editor": book.editor.name}

    class ChosenSerializer(OwnSerializer):
        def get_fields(self):
            return {}

        def to_representation(self, book):
            return super().to_representation(book)
    """
VIEWS = """
    from rest_framework import generics, viewsets
    from shop.models import Book
    from shop.serializers import *

    class Books(viewsets.ModelViewSet):
        queryset = Book.objects.select_related("editor")
        serializer_class = BookSerializer

    class Loading:
        def get_queryset(self):
            books = super().get_queryset()
            if self.request.user:
                return books.filter(title="a").prefetch_related("tags")
            return books.prefetch_related("tags")

    class Loaded(Loading, generics.ListAPIView):
        queryset = Book.objects.all()
        serializer_class = AllSerializer

    class Deep(generics.ListCreateAPIView):
        queryset = Book.objects.all()

        def get_serializer_class(self):
            return DeepSerializer

    class Written(viewsets.ModelViewSet):
        queryset = Book.objects.all()
        serializer_class = AllSerializer
        http_method_names = ["post", "put"]

    class Nothing(viewsets.ModelViewSet):
        queryset = Book.objects.none()
        serializer_class = AllSerializer

    class One(generics.RetrieveUpdateAPIView):
        queryset = Book.objects.all()
        serializer_class = AllSerializer

    class Either(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.all()

        def get_serializer_class(self):
            return AllSerializer if self.action == "list" else DeepSerializer

    class Own(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.filter(author=None)
        serializer_class = OwnSerializer

    class Chosen(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.all()
        serializer_class = ChosenSerializer

    class Paged(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.all()
        serializer_class = AllSerializer

        def paginate_queryset(self, queryset):
            return super().paginate_queryset(queryset.prefetch_related("tags"))

    def export(request, books):
        return AllSerializer(Book.objects.all()[:9], many=True).data, AllSerializer(books, many=True)

    class Anew(viewsets.ReadOnlyModelViewSet):
        queryset = Book.objects.order_by("title")
        serializer_class = AllSerializer

        def list(self, request):
            page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
            return self.get_serializer(page, many=True).data

    class Otherwise(Anew):
        def list(self, request):
            return []
    """
ADMIN = """
    from django.contrib import admin
    from shop.models import Author, Book, City, Tag

    def heading(book):
        return book.author.agent

    @admin.register(Book)
    class BookAdmin(admin.ModelAdmin):
        list_display = ("title", "author", "editor", "town", "labels", heading)

        def labels(self, book):
            return ", ".join(tag.name for tag in book.tags.all())

    class AuthorAdmin(admin.ModelAdmin):
        list_select_related = ["agent"]

    class TagAdmin(admin.ModelAdmin):
        list_display = ["name", "owner__city__name"]

        def get_queryset(self, request):
            return super().get_queryset(request).select_related("owner")

    admin.site.register(Author, AuthorAdmin)
    admin.site.register(Tag, TagAdmin)
    admin.site.register([City])
    """


def read(project: Project, path: str, files: Mapping[str, str]) -> dict[str, list[str]]:
    """What lists show: the line and name of what shows → each path, whether it was loaded, and where that is said."""

    def line(path: str, start: int) -> int:
        return dedent(files[path]).encode()[:start].count(b"\n") + 1

    found: dict[str, list[str]] = {}
    for exposure in project.exposures:
        if exposure.place.path == path:
            key = f"{line(path, exposure.place.start)} {exposure.by} {line(exposure.given.path, exposure.given.start)}"
            told = found.setdefault(key, [])
            for shown in exposure.shown:
                words = [".".join(shown.path), shown.loaded or "?", *(["counts"] if shown.counts else [])]
                text = " ".join(
                    [*words, f"{shown.place.path.rpartition('/')[2]}:{line(shown.place.path, shown.place.start)}"]
                )
                told += [text] if text not in told else []
    return found


PAGES = """
    from django.shortcuts import render
    from django.template.response import TemplateResponse
    from django.views.generic import ListView, TemplateView
    from shop.models import Author, Book; from django_filters.views import FilterView

    def page(request):
        books = Book.objects.select_related("author__city")
        context = {"title": "a"}
        context["books"] = books
        return render(request, "shop/page.html", context)

    def nested(request):
        return TemplateResponse(request, "shop/authors.html", {"authors": Author.objects.prefetch_related("books")})

    class Books(ListView):
        model = Book
        context_object_name = "shown"

    class Besides(TemplateView):
        template_name = "shop/page.html"

        def get_context_data(self, **kwargs):
            context = super().get_context_data(**kwargs)
            context["books"] = Book.objects.filter(title="a")
            return context

    def put(request, authors):
        books = Book.objects.all()
        for book in books:
            book.author = authors[book.author_id]
        return render(request, "shop/page.html", {"books": books})

    def unknown(request, books):
        return render(request, "shop/page.html", {"books": books, "book": Book.objects.first()})

    class Chosen(FilterView):
        model = Book

    class Filtered(FilterView):
        def get_queryset(self):
            return Book.objects.select_related("editor")
    """
PAGE = """
    {% extends "shop/base.html" %}
    {% block content %}
    {% for book in books|dictsort:"title" %}
      {{ book.author }} {{ book.tags.count }}{% if book.tags.first %}{% endif %}{{ book.editor_id }}
      {% include "shop/row.html" with item=book only %}
      {% with book=other %}{{ book.editor }}{% endwith %}
      {% cache 500 %}{{ book.editor.agent.name }}{% endcache %}
    {% endfor %}
    {% for book in books|slice:":5" %}{{ book.editor }}{% endfor %}
    {% endblock %}
    {% block lost %}{% for book in books %}{{ book.editor.agent.city }}{% endfor %}{% endblock %}
    """
FILES = {
    "shop/models.py": SHOP,
    "shop/serializers.py": SERIALIZERS,
    "shop/views.py": VIEWS,
    "shop/admin.py": ADMIN,
    "shop/pages.py": PAGES,
    "shop/templates/shop/page.html": PAGE,
    "shop/templates/shop/base.html": "<html>{% block content %}{% endblock %}</html>",
    "shop/templates/shop/row.html": "{{ item.editor.name }}{{ book.tags.all }}",
    "shop/templates/shop/authors.html": """
        {% for author in authors %}{% for book in author.books.all|slice:":3" %}{{ book.town }}
        {% for tag in book.tags.all %}{{ tag.owner.name }}{% endfor %}{{ book.author.name }}{% endfor %}{% endfor %}
        """,
    "shop/templates/shop/book_list.html": "{% for b in shown %}{{ b.editor.name }}{% endfor %}",
    "shop/templates/shop/book_filter.html": "{% for b in object_list %}{{ b.editor.name }}{% endfor %}",
}


def test_serializers_admins_and_templates() -> None:
    project = linked(FILES)
    assert read(project, "shop/views.py", FILES) == {
        "6 BookSerializer 7": [
            "author no serializers.py:28",
            "author no serializers.py:20",
            "author no serializers.py:23",
            "author.agent no serializers.py:23",
            "author.books no serializers.py:12",
            "author.city no serializers.py:28",
            "author.city no serializers.py:11",
            "editor yes serializers.py:21",
            "tags no serializers.py:22",
            "tags no counts serializers.py:24",
        ],
        "17 AllSerializer 18": ["tags ? serializers.py:39"],
        "21 DeepSerializer 22": ["author no serializers.py:44", "tags no serializers.py:44"],
        "40 AllSerializer, DeepSerializer 41": ["tags no serializers.py:39"],
        "46 OwnSerializer 47": ["editor no serializers.py:54"],
        "50 ChosenSerializer 51": ["editor no serializers.py:61"],
        "62 AllSerializer 62": ["tags no serializers.py:39"],
        "64 AllSerializer 65": ["tags no serializers.py:39"],
    }
    assert read(project, "shop/admin.py", FILES) == {
        "9 BookAdmin 10": [
            "author yes admin.py:10",
            "author.agent no admin.py:10",
            "author.city yes admin.py:10",
            "editor no admin.py:10",
            "editor.city no admin.py:10",
            "tags no admin.py:10",
        ],
        "15 AuthorAdmin 15": ["city no admin.py:15"],
        "18 TagAdmin 22": ["owner yes admin.py:19", "owner.city no admin.py:19"],
        "26 ModelAdmin 26": [],
    }
    assert read(project, "shop/pages.py", FILES) == {
        "11 shop/page.html 8": [
            "author yes page.html:5",
            "author.city yes page.html:5",
            "editor no row.html:1",
            "tags no counts page.html:5",
        ],
        "20 shop/page.html 25": [
            "author no page.html:5",
            "author.city no page.html:5",
            "editor no row.html:1",
            "tags no counts page.html:5",
        ],
        "32 shop/page.html 29": ["editor no row.html:1", "tags no counts page.html:5"],
        "14 shop/authors.html 14": [
            "books yes authors.html:2",
            "books.author yes authors.html:2",
            "books.author yes authors.html:3",
            "books.author.city no authors.html:2",
            "books.tags no authors.html:3",
            "books.tags.owner no authors.html:3",
        ],
        "16 shop/book_list.html 17": ["editor no book_list.html:1"],
        "37 shop/book_filter.html 38": ["editor no book_filter.html:1"],
        "40 shop/book_filter.html 42": ["editor yes book_filter.html:1"],
    }


def test_of_two_templates_of_a_name_counts_what_both_read() -> None:
    files = {**FILES, "old/templates/shop/page.html": PAGE, "old/templates/shop/authors.html": PAGE}
    project = linked(files)
    assert [exposure.by for exposure in project.exposures if exposure.place.path == "shop/pages.py"] == [
        "shop/page.html",
        "shop/book_list.html",
        "shop/page.html",
        "shop/page.html",
        "shop/book_filter.html",
        "shop/book_filter.html",
    ]


MODELS = """
    from fastapi import APIRouter
    from flask import render_template
    from pydantic import BaseModel
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customer"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Order(Base):
        __tablename__ = "order"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
        customer: Mapped[Customer] = relationship()
        lines: Mapped[list["Line"]] = relationship(back_populates="order")

        @property
        def size(self):
            return len(self.lines)

    class Line(Base):
        __tablename__ = "line"
        id: Mapped[int] = mapped_column(primary_key=True)
        order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
        order: Mapped[Order] = relationship(back_populates="lines")
        maker_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
        maker: Mapped[Customer] = relationship()

    class Named(BaseModel):
        id: int

    class LineOut(BaseModel):
        maker: Named | None
        order: Named

    class OrderOut(Named):
        customer: Named
        lines: list[LineOut] = []

    class SizeOut(BaseModel):
        size: int

    router = APIRouter()

    @router.get("/a", response_model=list[OrderOut])
    def several(session: Session):
        return session.scalars(select(Order).options(joinedload(Order.customer))).all()

    @router.get("/b")
    def annotated(session: Session) -> list[SizeOut]:
        return session.query(Order).all()

    @router.get("/c", response_model=OrderOut)
    def one(session: Session):
        return session.get(Order, 1)

    @router.get("/d", response_model=list[OrderOut])
    async def waited(session: AsyncSession):
        return (await session.scalars(select(Order))).all()

    def handed(session: Session):
        return [OrderOut.model_validate(order) for order in session.query(Order)]

    def page(session: Session):
        return render_template("orders.html", orders=session.query(Order).all(), other=1)
    """


def test_response_models_and_templates_of_jinja() -> None:
    inner = "{% for line in order.lines %}{{ line.maker.id }}{% endfor %}"
    template = f"{{% for order in orders %}}{{{{ order.size }}}}{inner}{{% endfor %}}"
    files = {"orders.py": MODELS, "templates/orders.html": template}
    project = linked(files)
    whole = ["customer {} orders.py:43", "lines no orders.py:44"]
    inside = ["lines.maker no orders.py:39", "lines.order yes orders.py:40"]
    assert read(project, "orders.py", files) == {
        "53 OrderOut 53": [whole[0].format("yes"), whole[1], *inside],
        "57 SizeOut 57": ["lines no orders.py:47"],
        "65 OrderOut 65": [
            "customer raises orders.py:43",
            "lines raises orders.py:44",
            "lines.maker raises orders.py:39",
            "lines.order yes orders.py:40",
        ],
        "68 OrderOut 68": [whole[0].format("no"), whole[1], *inside],
        "71 orders.html 71": ["lines no orders.html:1", "lines.maker no orders.html:1"],
    }


LONG = """
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import ForeignKey

    db = SQLAlchemy(Flask(__name__))

    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String)

    class Board(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, ForeignKey("user.id"))
        user = db.relationship(User)

    def described(board):
        return board.user.name

    def narrowed(boards, key):
        if key:
            boards = boards.filter(Board.id < key)
        return boards

    def paged(rows, describe):
        return [describe(row) for row in rows.paginate(1, 20).items]

    def page(key):
        boards = Board.query.filter(Board.id > 1)
        boards = boards.filter(Board.id > 2).filter(Board.id > 3).filter(Board.id > 4).filter(Board.id > 5)
        boards = boards.filter(Board.id > 6).filter(Board.id > 7).filter(Board.id > 8).filter(Board.id > 9)
        return paged(narrowed(boards, key), described)

    def users():
        return paged(User.query, str)
    """


def test_a_long_chain_that_a_function_is_handed_says_what_it_loads_and_where() -> None:
    project = linked({"boards.py": LONG})
    [exposure] = [each for each in project.exposures if each.by == "described"]
    assert [(shown.path, shown.loaded) for shown in exposure.shown] == [(("user",), "no")]
    assert dedent(LONG).encode()[exposure.given.start : exposure.given.stop].endswith(b"filter(Board.id > 9)")
