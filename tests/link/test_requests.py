"""Functions that run while a client waits, what a client decides, and what frameworks answer with."""

from __future__ import annotations

from textwrap import dedent

from tests.link.linked import linked

DJANGO = {
    "shop/models.py": """
        from django.db import models

        class Book(models.Model):
            title = models.TextField()
    """,
    "shop/use.py": """
        from django.views import View
        from rest_framework.decorators import api_view
        from shop.models import Book

        def page(request):
            return titles()

        def titles():
            return [book.title for book in Book.objects.all()]

        def nightly():
            return [book.pk for book in Book.objects.all()]

        class Shelf(View):
            def get(self, request):
                return self.rows()

            def rows(self):
                return list(Book.objects.all())

        @api_view(["GET"])
        def listed(request):
            def inner():
                return list(Book.objects.all())
            return inner()
    """,
    "shop/urls.py": """
        from django.urls import path
        from shop.use import page

        urlpatterns = [path("", page)]
    """,
}


def test_a_framework_calls_them_or_what_they_call_does() -> None:
    project = linked(DJANGO)
    served = {name for name in project.functions if project.serves(name)}
    assert served == {
        "shop/use.py::page",
        "shop/use.py::titles",
        "shop/use.py::Shelf.get",
        "shop/use.py::Shelf.rows",
        "shop/use.py::listed",
        "shop/use.py::listed.inner",
    }
    assert "shop/use.py::nightly" in project.functions


FLASK = {
    "app.py": """
        from flask import Flask, request
        from flask.views import MethodView
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)

        class Book(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        @app.route("/")
        def index():
            size = request.args.get("size", 10, type=int)
            return few(size), few(min(size, 10)), Book.query.limit(int(request.args["size"]) + 1).all()

        def few(number):
            return Book.query.limit(number).all()

        class Books(MethodView):
            def get(self):
                size = int(request.args["size"])
                if size > 100:
                    size = 100
                page = int(request.args["page"])
                return Book.query.offset((page - 1) * 10).limit(size).all()

        def job(size):
            return Book.query.limit(size).all()
    """,
}


def test_a_client_decides_how_large_a_number_is() -> None:
    project = linked(FLASK)
    found = {
        (call.function.rpartition("::")[2], tuple(bound.asked for bound in query.limit.values()))
        for call in project.calls
        for query in call.queries
    }
    assert found == {("index", ("freely",)), ("few", ("freely",)), ("Books.get", ("within",)), ("job", ("",))}
    offsets = [bound.asked for call in project.calls for query in call.queries for bound in query.offset.values()]
    assert offsets == ["freely"]


VIEWS = {
    "shop/models.py": DJANGO["shop/models.py"],
    "shop/views.py": """
        from django.core.paginator import Paginator
        from django.shortcuts import render
        from django.views.generic import ListView, TemplateView
        from rest_framework.pagination import PageNumberPagination
        from rest_framework.viewsets import ModelViewSet
        from shop.models import Book

        def shelf(request):
            books = Book.objects.all()
            context = {"books": books, "few": Book.objects.all()[:3], "number": 3}
            context["more"] = Book.objects.order_by("title")
            context.update(last=Book.objects.order_by("-pk"))
            return render(request, "shelf.html", context)

        class Page(TemplateView):
            def get_context_data(self, **kwargs):
                context = super().get_context_data(**kwargs)
                context["books"] = Book.objects.all()
                return context

        class Whole(ListView):
            model = Book

        class Pages(ListView):
            queryset = Book.objects.all()
            paginate_by = 20

        class Own(Whole):
            model = Book

            def get(self, request):
                return None

        class Api(ModelViewSet):
            queryset = Book.objects.all()

        class Numbered(ModelViewSet):
            queryset = Book.objects.all()
            pagination_class = PageNumberPagination

        class Unpaged(ModelViewSet):
            queryset = Book.objects.all()
            pagination_class = None

        def pages(request):
            return Paginator(Book.objects.order_by("title"), 20)
    """,
}


def responses(files: dict[str, str]) -> list[tuple[str, str, str]]:
    texts = {path: dedent(text).encode() for path, text in files.items()}
    return [
        (each.kind, each.paged, texts[each.place.path][each.place.start : each.place.stop].decode())
        for each in linked(files).responses
    ]


def test_frameworks_hand_out_rows_of_queries_that_nobody_runs() -> None:
    rendered = [
        ("rendered", "", "books"),
        ("rendered", "", "Book.objects.all()[:3]"),
        ("rendered", "", 'Book.objects.order_by("title")'),
        ("rendered", "", 'Book.objects.order_by("-pk")'),
        ("rendered", "", "Book.objects.all()"),
        ("listed", "no", "Book"),
        ("listed", "yes", "Book.objects.all()"),
    ]
    paginated = ("paginated", "yes", 'Book.objects.order_by("title")')
    api = [("listed", word, "Book.objects.all()") for word in ("no", "yes", "no")]
    assert responses(VIEWS) == [*rendered, *api, paginated]
    settings = {**VIEWS, "settings.py": 'REST_FRAMEWORK = {"DEFAULT_PAGINATION_CLASS": "shop.Pages", "PAGE_SIZE": 9}'}
    api = [("listed", word, "Book.objects.all()") for word in ("yes", "yes", "no")]
    assert responses(settings) == [*rendered, *api, paginated]
