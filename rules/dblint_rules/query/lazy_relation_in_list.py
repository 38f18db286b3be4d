"""A relation is read of each row of a list that something else than a loop shows, and the rows' query did not load it.

The border to `query/lazy-relation-in-loop`: there a loop of the program reads the relation; here a serializer, a
response model, the list of an admin or a template does, to which the framework hands the rows.

Not reported: relations that the query, the mapping, a manager or the framework itself loads, or may load in a part that
cannot be read; relations of which only the key is shown, as the row has it; fields on which a class decides while it
runs, and classes of which one represents the rows by then, unless each of them shows the relation; what shows one row;
queries of few rows.

What it cannot say: how many rows a page has, and whether they all lead to the same row; whether code that gets the rows
loads more of them, where it is not the project's own.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dblint.facts.program import Exposure, FileRole, Shown
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._relations import few, loading, short, within

_SHOP = """\
from django.db import models

class City(models.Model):
    name = models.TextField()

class Author(models.Model):
    name = models.TextField()
    city = models.ForeignKey(City, models.CASCADE, null=True)

    def __str__(self):
        return self.name

class Tag(models.Model):
    name = models.TextField()

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)

    @property
    def town(self):
        return self.author.city.name
"""
_SERIALIZERS = """\
from rest_framework import serializers
from shop.models import Author, Book

class AuthorSerializer(serializers.ModelSerializer):
    city = serializers.StringRelatedField()

    class Meta:
        model = Author
        fields = ["name", "city"]

class BookSerializer(serializers.ModelSerializer):
    author = AuthorSerializer()

    class Meta:
        model = Book
        fields = ["title", "author"]

class KeysSerializer(serializers.ModelSerializer):
    tag_names = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["title", "author", "tag_names"]

    def get_tag_names(self, book):
        return [tag.name for tag in book.tags.all()]
"""
_ORDERS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    order: Mapped[Order] = relationship(back_populates="lines")

Sessions = sessionmaker()

def get_session():
    with Sessions() as session:
        yield session
"""
_PAGE = """\
{% extends "shop/base.html" %}
{% block content %}
  {% for book in books %}
    {{ book.title }} {{ book.author }}
    {% include "shop/tags.html" with shown=book only %}
  {% endfor %}
{% endblock %}
"""
_PAGES = {
    "shop/models.py": _SHOP,
    "shop/templates/shop/base.html": "<html>{% block content %}{% endblock %}</html>",
    "shop/templates/shop/page.html": _PAGE,
    "shop/templates/shop/tags.html": "{% for tag in shown.tags.all %}{{ tag.name }}{% endfor %}",
    "shop/templates/shop/book_list.html": "{% for book in object_list %}{{ book.author.city.name }}{% endfor %}",
}
_TABLES = """\
from django.template.loader import get_template

def follow(row, path):
    for part in path.split("."):
        row = getattr(row, part)
    return row

class Column:
    template_name = "shop/cell.html"

    def __init__(self, name, accessor=None):
        self.name = name
        self.accessor = accessor or name

    def value(self, row):
        return follow(row, self.accessor)

    def context(self, row):
        return {"column": self, "value": self.value(row)}

    def cell(self, row):
        return get_template(self.template_name).render(self.context(row))

class BooksColumn(Column):
    template_name = "shop/books.html"

    def context(self, row):
        context = super().context(row)
        context["author"] = row
        return context

class Table:
    def __init__(self, columns, rows):
        self.columns = columns
        self.rows = rows

    @property
    def lines(self):
        return [[column.cell(row) for column in self.columns] for row in self.rows]
"""
_COLUMNS = {
    "shop/models.py": _SHOP,
    "shop/tables.py": _TABLES,
    "shop/templates/shop/cell.html": "<td>{{ value }}</td>",
    "shop/templates/shop/books.html": "<td>{% for book in author.books.all %}{{ book.title }}{% endfor %}</td>",
    "shop/templates/shop/page.html": "<html>{% block content %}{% include 'shop/lines.html' %}{% endblock %}</html>",
    "shop/templates/shop/lines.html": "{% for line in table.lines %}{{ line.0 }} {{ line.1 }}{% endfor %}",
    "shop/templates/shop/own.html": """\
{% extends "shop/page.html" %}
{% block content %}{% for book in object_list %}{{ book.title }}{% endfor %}{% endblock %}
""",
}

RULE = Rule(
    summary="a relation is loaded once per row of a list that is shown",
    why=(
        "A serializer, an admin's list or a template names an attribute, and the framework reads it of each row: if it "
        "is a relation that was not loaded, a page of a hundred rows asks a hundred times. Nothing at the query says "
        "so, and nothing at the field says what the query loads."
    ),
    minimal="Add {relation} to what the query of the {root} rows loads.",
    better=(
        "Put what a list shows and what its query loads side by side: give each serializer or template of {root} one "
        "function that makes its query."
    ),
    complete=(
        "Ask for each list of {root} in a test, with three rows and with thirty, and compare the numbers of "
        "statements; return fewer nested rows where nobody reads {relation}."
    ),
    symptoms=("an endpoint gets slower with its page size", "the same SELECT by key for each row of a page"),
    verify="SELECT calls, rows / calls AS rows_per_call, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 25",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    uses=True,
    checklist=("1.2",),
    looks_at="relations that lists show of their rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from rest_framework import generics, viewsets
from shop.models import Book
from shop.serializers import BookSerializer, KeysSerializer

class BookView(viewsets.ModelViewSet):
    queryset = Book.objects.select_related("author")  # finding
    serializer_class = BookSerializer

class KeysView(generics.ListAPIView):
    serializer_class = KeysSerializer

    def get_queryset(self):
        return Book.objects.filter(title__startswith="A")  # finding

def export():
    return BookSerializer(Book.objects.order_by("title"), many=True).data  # finding
""",
            title="nested serializers, fields that a method makes, and rows that are handed to a serializer",
            path="shop/api.py",
            files={"shop/models.py": _SHOP, "shop/serializers.py": _SERIALIZERS},
        ),
        Bad(
            "python",
            """\
from django.contrib import admin
from shop.models import Book

@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "town", "labels"]  # finding

    def labels(self, book):
        return ", ".join(tag.name for tag in book.tags.all())
""",
            title="the list of an admin: a property of the model, and a method",
            path="shop/admin.py",
            files={"shop/models.py": _SHOP},
        ),
        Bad(
            "python",
            """\
from django.shortcuts import render
from django.views.generic import ListView
from shop.models import Book

def page(request):
    books = Book.objects.select_related("author")  # finding
    return render(request, "shop/page.html", {"books": books})

class Books(ListView):
    model = Book  # finding
""",
            title="templates of Django, with those that they extend and include",
            path="shop/views.py",
            files=_PAGES,
        ),
        Bad(
            "python",
            """\
from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session
from orders import Order

def page(session: Session):
    orders = session.scalars(select(Order)).all()  # finding
    return render_template("orders.html", orders=orders)
""",
            title="a template of Jinja",
            path="pages.py",
            files={
                "orders.py": _ORDERS,
                "templates/orders.html": "{% for order in orders %}{{ order.customer.name }}{% endfor %}",
            },
        ),
        Bad(
            "python",
            """\
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session
from orders import Order, get_session

router = APIRouter()

class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

class CustomerOut(Out):
    name: str

class OrderOut(Out):
    id: int
    customer: CustomerOut

@router.get("/orders", response_model=list[OrderOut])
def orders(session: Session = Depends(get_session)):
    return session.scalars(select(Order)).all()  # finding

@router.get("/old")
def old(session: Session = Depends(get_session)) -> list[OrderOut]:
    found = session.query(Order).filter(Order.customer_id > 10).all()  # finding
    return found

def export(session: Session):
    return [OrderOut.model_validate(order) for order in session.query(Order)]  # finding
""",
            title="response models",
            path="api.py",
            files={"orders.py": _ORDERS},
        ),
        Bad(
            "python",
            """\
from django.template.loader import render_to_string
from django.views.generic import TemplateView
from shop.models import Book

def send(name, context):
    context["name"] = name
    return render_to_string("shop/%s.html" % name, context)

def report(context):
    return send("report", context)

def daily():
    context = {"books": Book.objects.order_by("author_id", "title")}  # finding
    return report(context)

class Listing(TemplateView):
    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.update({"books": Book.objects.select_related("author")})  # finding
        return context

class Titles(Listing):
    template_name = "shop/page.html"

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "heading": "Titles"}
""",
            title="templates whose name and rows callers hand in, and rows that the method of a base gives",
            path="shop/views.py",
            files={
                **_PAGES,
                "shop/templates/shop/report.html": (
                    "{% regroup books by author as groups %}"
                    "{% for group in groups %}{{ group.grouper.name }} {{ group.list|length }}{% endfor %}"
                ),
            },
        ),
        Bad(
            "python",
            """\
from django.views.generic import ListView
from shop.models import Author, Book
from shop.tables import BooksColumn, Column, Table

class Listing(ListView):
    template_name = "shop/page.html"

    def get_table(self, rows):
        return Table(self.columns, rows)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["table"] = self.get_table(context["object_list"])
        return context

class Books(Listing):
    model = Book  # finding
    columns = [Column("title"), Column("town", accessor="author.city.name")]

class Authors(Listing):
    model = Author  # finding
    columns = [Column("name"), BooksColumn("books", accessor="name")]
""",
            title="columns of the program's own, which read what they are named after or fill a template with each row",
            path="shop/views.py",
            files=_COLUMNS,
        ),
        Bad(
            "python",
            """\
from django.shortcuts import render
from shop.models import Tag

def cloud(request):
    return render(request, "shop/cloud.html", {"tags": Tag.objects.order_by("name")})  # finding
""",
            title="how many rows the other end of a relation has",
            path="shop/views.py",
            files={
                "shop/models.py": _SHOP,
                "shop/templates/shop/cloud.html": (
                    "{% for tag in tags %}{{ tag.name }} {{ tag.book_set.count }}{% endfor %}"
                ),
            },
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.contrib import admin
from rest_framework import generics, viewsets
from shop.models import Book
from shop.serializers import BookSerializer, KeysSerializer

class Loaded:
    def get_queryset(self):
        return super().get_queryset().select_related("author__city")

class BookView(Loaded, viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

class KeysView(generics.ListAPIView):
    queryset = Book.objects.prefetch_related("tags")
    serializer_class = KeysSerializer

class OneView(generics.RetrieveAPIView):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author"]
    raw_id_fields = ["tags"]
""",
            title="loaded on the way, keys, one row, and what the framework joins by itself",
            path="shop/api.py",
            files={"shop/models.py": _SHOP, "shop/serializers.py": _SERIALIZERS},
        ),
        Good(
            "python",
            """\
from django.shortcuts import render
from django.views.generic import ListView
from shop.models import Book

def page(request):
    context = {}
    context["books"] = Book.objects.select_related("author").prefetch_related("tags")
    return render(request, "shop/page.html", context)

class Books(ListView):
    queryset = Book.objects.select_related("author__city")
    model = Book

def one(request, key):
    return render(request, "shop/tags.html", {"shown": Book.objects.get(pk=key)})
""",
            title="pages whose queries load what their templates show",
            path="shop/views.py",
            files=_PAGES,
        ),
        Good(
            "python",
            """\
from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from orders import Line, Order

def page(session: Session):
    orders = session.scalars(select(Order).options(joinedload(Order.customer))).all()
    return render_template("orders.html", orders=orders)

def of_one_customer(session: Session, key: int):
    orders = session.scalars(select(Order).where(Order.customer_id == key)).all()
    return render_template("orders.html", orders=orders)

def of_one_order(session: Session, key: int):
    return render_template("lines.html", lines=session.scalars(select(Line).where(Line.order_id == key)).all())
""",
            title="relations that are loaded with the rows, and rows that all have the same one",
            path="pages.py",
            files={
                "orders.py": _ORDERS,
                "templates/orders.html": "{% for order in orders %}{{ order.customer.name }}{% endfor %}",
                "templates/lines.html": "{% for line in lines %}{{ line.order.customer.name }}{% endfor %}",
            },
        ),
        Good(
            "python",
            """\
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from orders import Order, get_session

router = APIRouter()

class LineOut(BaseModel):
    id: int

class OrderOut(BaseModel):
    id: int
    customer_id: int
    lines: list[LineOut]

@router.get("/orders", response_model=list[OrderOut])
def orders(session: Session = Depends(get_session)):
    return session.scalars(select(Order).options(selectinload(Order.lines))).all()

@router.get("/orders/{key}", response_model=OrderOut)
def order(key: int, session: Session = Depends(get_session)):
    return session.get(Order, key)
""",
            title="response models whose relations are loaded, and of one row",
            path="api.py",
            files={"orders.py": _ORDERS},
        ),
        Good(
            "python",
            """\
from django.views.generic import ListView
from shop.models import Author, Book
from shop.tables import BooksColumn, Column, Table

class Listing(ListView):
    template_name = "shop/page.html"

    def get_table(self, rows):
        return Table(self.columns, rows)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["table"] = self.get_table(context["object_list"])
        return context

class Books(Listing):
    queryset = Book.objects.select_related("author__city")
    columns = [Column("title"), Column("town", accessor="author.city.name")]

class Authors(Listing):
    queryset = Author.objects.prefetch_related("books")
    columns = [Column("name"), BooksColumn("books", accessor="name")]

class Titles(Listing):
    model = Book
    columns = [Column("title"), Column("key", accessor="author_id")]

class Own(Listing):
    model = Book
    template_name = "shop/own.html"
    columns = [Column("town", accessor="author.city.name")]
""",
            path="shop/views.py",
            files=_COLUMNS,
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per query and path of relations: the lists that show it of the query's rows. Where one list may be
    given the rows of several queries of a file, the first is told with the others."""
    told: dict[tuple[str, str, tuple[str, ...], frozenset[Place]], _Told] = {}
    groups: dict[Place, dict[tuple[str, ...], list[tuple[Exposure, Shown]]]] = {}
    for exposure in project.exposures:
        if few(project, exposure.rows):
            continue
        for shown in exposure.shown:
            if shown.loaded == "no" and not (shown.identity and short(project, shown.table)):
                groups.setdefault(exposure.given, {}).setdefault(shown.path, []).append((exposure, shown))
    for given, paths in groups.items():
        sure = [path for path, reads in paths.items() if not all(shown.branch for _, shown in reads)]
        ends = [path for path in sure if not any(within(path, other) for other in sure)]
        ends += [
            path
            for path in paths
            if not any(within(path, other) for other in paths)
            and not any(within(other, path) or other == path for other in ends)
        ]
        for whole in ends:
            reads = list(paths[whole])
            for path in sorted(path for path in paths if within(path, whole) or within(whole, path)):
                reads += paths.pop(path)
            key = (given.path, reads[0][0].root, whole, frozenset(exposure.place for exposure, _ in reads))
            if key in told and given not in key[3]:
                told[key].further.append(given)
            else:
                told[key] = _Told(given, whole, reads)
    for each in told.values():
        yield _finding(project, each)


class _Told(msgspec.Struct, frozen=True):
    """A query, the path of relations that lists show of its rows, and where they do; `further`: other queries whose
    rows the same lists may be given."""

    given: Place
    whole: tuple[str, ...]
    reads: list[tuple[Exposure, Shown]]
    further: list[Place] = msgspec.field(default_factory=list)


def places(project: Project) -> Iterator[Place]:
    """The relations that lists show."""
    yield from (shown.place for exposure in project.exposures for shown in exposure.shown)


def _finding(project: Project, told: _Told) -> Finding:
    given, whole, reads = told.given, told.whole, told.reads
    exposure, _ = reads[0]
    last = next(shown for _, shown in reads if shown.path == whole)
    relation = ".".join(whole)
    related: dict[tuple[Place, str], None] = {}
    for each, shown in reads:
        name = ".".join(shown.path)
        if shown.source:
            related.setdefault((shown.place, f"`{each.by}` shows what reads it"))
            for step in shown.steps:
                related.setdefault((step.place, f"calls `{step.source}`"))
            related.setdefault((shown.at, f"`{shown.source}` is read"))
        else:
            related.setdefault((shown.place, f"`{each.by}` shows {name}"))
        if given.path == shown.place.path and each.place.path != given.path:
            related.setdefault((each.place, f"`{each.by}` is given the row here"))
    for other in told.further:
        related.setdefault((other, "nor does this query, whose rows it may show as well"))
    by = sorted({each.by for each, _ in reads})
    more = f" and {len(by) - 1} more" if len(by) > 1 else ""
    passing = " and that passes a condition" if all(shown.branch for _, shown in reads if shown.path == whole) else ""
    distinct = ", once per distinct one" if all(shown.identity for _, shown in reads) else ""
    return Finding(
        given,
        f"each row that `{by[0]}`{more} shows{passing} asks for {relation} of {exposure.root}, "
        f"which this query does not load{distinct}",
        names={"root": exposure.root, "relation": relation, "table": last.table},
        related=tuple(Related(place, text) for place, text in related if place != given),
        remedy=_remedy(project, exposure, last, whole),
        idiom=exposure.idiom,
    )


def _remedy(project: Project, exposure: Exposure, shown: Shown, path: tuple[str, ...]) -> Remedy:
    """What the query of the rows says to load the relation."""
    holes = {
        "path": "__".join(path),
        "queried": "__".join(shown.queried),
        "root": exposure.root,
        "first": path[0],
        "model": shown.model,
        "relation": shown.relation,
    }
    if shown.counts:
        return Remedy("eager-count", holes)
    # What a class is told to load may replace what it loads by itself.
    every = {path: shown.queried}
    every |= {one.path: one.queried for one in exposure.shown if not one.several and not one.counts}
    ends = [one for one in every if not any(one != other and within(one, other) for other in every)]
    holes["paths"] = ", ".join(f'"{"__".join(every[one])}"' for one in ends)
    formed = f"eager-load-{'many' if shown.several else 'one'}-{exposure.form}"
    known = exposure.form and formed in project.idioms.get(exposure.idiom, {})
    return Remedy(formed if known else loading(path, several=shown.several), holes)
