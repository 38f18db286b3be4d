"""Rows that loops and templates get by a setting's model, a kept query, a base's method, or a name put together."""

from __future__ import annotations

from textwrap import dedent

from dblint.facts.project import Project
from tests.link.linked import linked

MODELS = """
    from django.apps import apps
    from django.conf import settings
    from django.db import models

    class BookSet(models.QuerySet):
        def grouped(self):
            return Groups(self)

        def shown(self):
            return [book.author.name for book in self.exclude(title="b")]

        def loaded(self):
            return [book.author.name for book in self]

    class Groups:
        def __init__(self, books):
            self.books = books

        def __iter__(self):
            for book in self.books.order_by("title"):
                yield book.author, book

    class Author(models.Model):
        name = models.TextField()

    class Book(models.Model):
        title = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE)
        labels = models.ManyToManyField("Label", related_name="labelled")
        objects = BookSet.as_manager()

        @classmethod
        def copy_model(cls):
            return cls.copies.rel.related_model

    class Label(models.Model):
        name = models.TextField()

    class Copy(models.Model):
        book = models.ForeignKey(Book, models.CASCADE, related_name="copies")

    class Shelf(models.Model):
        owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shelves")
        best = models.ForeignKey(Book, models.CASCADE)
        authors = models.ManyToManyField(Author)

    def get_book_model():
        return apps.get_model(getattr(settings, "SHOP_BOOK_MODEL", "shop.Book"))
    """
POLICIES = """
    from shop.models import get_book_model

    class Policy:
        def __init__(self, model):
            self.model = model

        def seen_by(self, user):
            if user.is_superuser:
                return self.model.objects.all()
            return self.model.objects.filter(title="a")

    policy = Policy(get_book_model())

    class View:
        policy = policy

        def names(self, user):
            return [book.author.name for book in self.policy.seen_by(user)]
    """
LOOPS = """
    import search
    from shop.models import Book, get_book_model
    from shop.policies import policy

    def copies():
        for copy in get_book_model().copy_model().objects.all():
            copy.book.title
        for copy in get_book_model().copy_model().objects.select_related("book"):
            copy.book.title

    def seen(user, words):
        books = policy.seen_by(user).order_by("title")
        if words:
            books = search.found(books, words)
        for book in books:
            book.author.name
        for book in policy.seen_by(user).select_related("author"):
            book.author.name

    def found(words):
        for book in search.found(Book.objects.all(), words):
            book.author.name

    def grouped():
        return Book.objects.filter(title="a").grouped(), Book.objects.all().shown()

    def loaded():
        return Book.objects.select_related("author").loaded()
    """
FILES = {"shop/models.py": MODELS, "shop/policies.py": POLICIES, "shop/loops.py": LOOPS, "shop/settings.py": ""}


def accesses(project: Project, files: dict[str, str]) -> list[tuple[str, int, str, str, str]]:
    """File, line, what is read, whether it was loaded, and where the rows were asked for."""

    def line(path: str, start: int) -> int:
        return dedent(files[path]).encode()[:start].count(b"\n") + 1

    return [
        (
            each.place.path.rpartition("/")[2],
            line(each.place.path, each.place.start),
            each.source,
            each.loaded,
            f"{each.given.path.rpartition('/')[2]}:{line(each.given.path, each.given.start)}",
        )
        for each in project.accesses
    ]


def test_loops() -> None:
    assert accesses(linked(FILES), FILES) == [
        ("loops.py", 8, "copy.book", "no", "loops.py:7"),
        ("loops.py", 10, "copy.book", "yes", "loops.py:9"),
        ("loops.py", 17, "book.author", "no", "loops.py:13"),
        ("loops.py", 19, "book.author", "yes", "loops.py:18"),
        ("models.py", 11, "book.author", "no", "loops.py:26"),
        ("models.py", 14, "book.author", "yes", "loops.py:29"),
        ("models.py", 22, "book.author", "no", "loops.py:26"),
        ("policies.py", 19, "book.author", "no", "models.py:31"),
    ]


PAGES = """
    from django.shortcuts import render
    from django.template.loader import render_to_string
    from django.views.generic import TemplateView
    from shop.models import Book, Label

    def send(name, context, kind="html"):
        return render_to_string(f"mail/{name}.{kind}", context)

    def write(name, to, context):
        context["to"] = to
        return send(name, context, "html")

    def news(to):
        return write("news", to, {"books": Book.objects.order_by("title")})

    def loaded(to):
        context = {"books": Book.objects.select_related("author")}
        return write("news", to, context)

    def other(to, name):
        return write(name, to, {"books": Book.objects.all()}), write("none", to, {"books": Book.objects.all()})

    def chosen(request, key):
        book = Book.objects.get(pk=key)
        labels = Label.objects.all()
        return render(request, "mail/labels.html", {"book": book, "labels": labels, "books": Book.objects.none()})

    def shelves(request):
        return render(request, "mail/shelves.html")

    class Base(TemplateView):
        template_name = "mail/base.html"

        def get_context_data(self, **kwargs):
            context = super().get_context_data(**kwargs)
            context.update({"books": Book.objects.filter(title="a")}, labels=Label.objects.all())
            return context

    class Below(Base):
        template_name = "mail/news.html"

        def get_context_data(self, **kwargs):
            context = super().get_context_data(**kwargs)
            context["labels"] = []
            return context

    class Instead(Base):
        template_name = "mail/news.html"

        def get_context_data(self, **kwargs):
            return {"labels": Label.objects.all()}
    """
MAILS = {
    "shop/models.py": MODELS,
    "shop/pages.py": PAGES,
    "shop/templates/mail/news.html": "{% regroup books by author as groups %}{% for g in groups %}{{ g }}{% endfor %}",
    "shop/templates/mail/base.html": "{% for label in labels %}{{ label.labelled.all }}{% endfor %}",
    "shop/templates/mail/labels.html": """
        {% for label in labels %}{% if label in book.labels.all %}{% endif %}
        {% include "mail/inner.html" with labels=more %}{% with own=label.labelled.all %}{% endwith %}{% endfor %}
        {% with own=book.labels.all %}{% for label in labels %}{{ own }}{{ book.author.name }}{% endfor %}{% endwith %}
        {% for number in numbers %}{{ book.labels.count }}{% endfor %}
        """,
    "shop/templates/mail/shelves.html": """
        {% for shelf in request.user.shelves.all %}{{ shelf.best.title }}{% endfor %}
        {% for request in requests %}{% for s in request.user.shelves.all %}{{ s.authors.all }}{% endfor %}{% endfor %}
        {% for shelf in user.shelves.all %}{{ shelf.authors.all }}{% endfor %}
        """,
    "shop/templates/mail/inner.html": "{% for label in labels %}{{ label.name }}{{ book.labels.count }}{% endfor %}",
}


def test_templates() -> None:
    def line(path: str, start: int) -> int:
        return dedent(MAILS[path]).encode()[:start].count(b"\n") + 1

    project = linked(MAILS)
    shown = [
        f"{line(each.place.path, each.place.start)} {each.by} {line(each.given.path, each.given.start)} "
        + " ".join(f"{'.'.join(one.path)}={one.loaded}" for one in each.shown)
        for each in project.exposures
        if each.shown
    ]
    assert shown == [
        "15 mail/news.html 15 author=no",
        "19 mail/news.html 18 author=yes",
        "27 mail/labels.html 26 labelled=no",
        "30 mail/shelves.html 2 best=no",
        "32 mail/base.html 37 labelled=no",
        "40 mail/news.html 37 author=no",
    ]
    repeated = [
        (each.root, each.by, line(each.place.path, each.place.start), line(one.place.path, one.place.start), one.path)
        for each in project.exposures
        for one in each.repeated
    ]
    assert repeated == [
        ("Label", "mail/labels.html", 27, 2, ("labels",)),
        ("Label", "mail/labels.html", 27, 1, ("labels",)),
    ]
