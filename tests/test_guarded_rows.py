"""Queries behind `hasattr(self, "_x")`: told of rows that nothing puts the attribute on, and of no others. Rows that
lie beside other things in the elements of a list, or in a mapping by their keys; templates that components fill."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query import lazy_relation_in_list, n_plus_one

from tests.link.linked import linked

MODELS = """
    from django.conf import settings
    from django.db import models
    from django.db.models import Exists, OuterRef, Prefetch
    from django.utils.functional import cached_property

    class Author(models.Model):
        name = models.TextField()

    class BookQuerySet(models.QuerySet):
        def with_lent(self):
            return self.annotate(_lent=Exists(Loan.objects.filter(book=OuterRef("pk"), back=None)))

        def with_open(self):
            return self.prefetch_related(Prefetch("loans", Loan.objects.filter(back=None), to_attr="_open"))

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE)
        objects = BookQuerySet.as_manager()

        @property
        def lent(self):
            if not getattr(settings, "LENDING", True):
                return False
            if hasattr(self, "_lent"):
                return self._lent
            return self.loans.filter(back=None).exists()

        @property
        def open(self):
            if not hasattr(self, "_open"):
                return self.loans.exclude(back=None).first()
            return self._open[0]

        @property
        def counted(self):
            if hasattr(self, "_counted"):
                return self._counted
            return self.loans.count()

        @property
        def plugged(self):
            if hasattr(self, "_plugged"):
                return self._plugged
            return self.loans.last()

        @property
        def numbered(self):
            if hasattr(self, "_numbered"):
                return self._numbered
            return self.author.name

        @cached_property
        def last_loan(self):
            return self.loans.order_by("back").first()

        @property
        def overdue(self):
            return self.last_loan is not None

        @cached_property
        def first_loan(self):
            return self.loans.order_by("-back").first()

        @property
        def begun(self):
            return self.first_loan is not None

    class Counting(models.Manager):
        def get_queryset(self):
            return super().get_queryset().annotate(_counted=models.Count("loans"))

    class Loan(models.Model):
        book = models.ForeignKey(Book, models.CASCADE, related_name="loans")
        back = models.DateTimeField(null=True)
    """
VIEWS = """
    from django.shortcuts import render
    from django.views.generic import ListView
    from laces.components import Component
    from shop.models import Book, Loan

    def each(request):
        return render(request, "shop/each.html", {"books": Book.objects.all()})

    def nobody(request):
        return render(request, "shop/nobody.html", {"books": Book.objects.order_by("pk")})

    def put(request):
        return render(request, "shop/each.html", {"books": Book.objects.with_lent().with_open()})

    def ready(books):
        return books.with_lent().with_open()

    def put_elsewhere(request):
        books = ready(Book.objects.order_by("author_id"))
        return render(request, "shop/each.html", {"books": books})

    class Books(ListView):
        model = Book
        template_name = "shop/each.html"
        context_object_name = "books"

    class Ready(Books):
        def get_queryset(self):
            return super().get_queryset().with_lent().with_open()

    class Kept(ListView):
        template_name = "shop/kept.html"
        context_object_name = "books"

        def get_queryset(self):
            self.last_loan = None
            books = Book.objects.order_by("author_id")
            firsts = {loan.book_id: loan for loan in Loan.objects.filter(book__in=books)}
            for book in books:
                book.first_loan = firsts.get(book.pk)
            return books

    class Panel(Component):
        template_name = "shop/panel.html"

        def get_context_data(self, parent_context):
            context = super().get_context_data(parent_context)
            loans = Loan.objects.filter(back=None).values("book_id", "back")
            by_key = Book.objects.in_bulk([loan["book_id"] for loan in loans])
            last = []
            for loan in loans:
                book = by_key.get(loan["book_id"])
                if book:
                    last.append((loan["back"], book))
            context["last"] = last
            return context

    class Own(Component):
        template_name = "shop/panel.html"

        def get_context_data(self, parent_context):
            return {"last": [(1, book) for book in Book.objects.all()]}

        def render_html(self, parent_context=None):
            return ""

    class Numbers(Component):
        template_name = "shop/panel.html"

        def get_context_data(self, parent_context):
            return {"last": [(book, 1) for book in Book.objects.all()]}

    def named(request):
        shelf = []
        for book in Book.objects.all():
            shelf.append({"book": book, "no": len(shelf)})
        return render(request, "shop/named.html", {"shelf": shelf})

    def loaded(request):
        shelf = []
        for book in Book.objects.select_related("author"):
            shelf.append({"book": book, "no": len(shelf)})
        return render(request, "shop/named.html", {"shelf": shelf})

    def mixed(request):
        shelf = [{"book": Book.objects.get(pk=1)}]
        for book in Book.objects.all():
            shelf.append({"book": book})
        return render(request, "shop/named.html", {"shelf": shelf})
    """
FILES = {
    "shop/models.py": MODELS,
    "shop/views.py": VIEWS,
    "shop/templates/shop/each.html": (
        "{% for book in books %}{{ book.lent }}{{ book.open }}{{ book.counted }}{{ book.plugged }}{% endfor %}"
    ),
    "shop/templates/shop/nobody.html": "{% for book in books %}{{ book.numbered }}{% endfor %}",
    "shop/templates/shop/kept.html": "{% for book in books %}{{ book.overdue }}{{ book.begun }}{% endfor %}",
    "shop/templates/shop/panel.html": "{% for at, book in last %}{{ at.author }}{{ book.author.name }}{% endfor %}",
    "shop/templates/shop/named.html": (
        "{% for each in shelf %}{{ each.no.author }}{{ each.author }}"
        "{% with one=each.book %}{{ one.author.name }}{% endwith %}{% endfor %}"
    ),
}


def test_a_guard_hits_where_something_puts_the_attribute() -> None:
    """Nobody may say what puts `_plugged`, and a manager may put `_counted` on every row. What a row keeps of its own,
    the next one asks anew, unless the program sets it."""
    text = dedent(VIEWS).encode()
    found = []
    for finding in n_plus_one.check(linked(FILES)):
        given = [each for each in finding.related if each.message.startswith("the rows")]
        places = [text[: each.place.start].count(b"\n") for each in given]
        found.append((finding.message, [text.decode().splitlines()[line].strip() for line in places]))
    rows = ['return render(request, "shop/each.html", {"books": Book.objects.all()})', "class Books(ListView):"]
    assert found == [
        (f"`{asked}` reads shop_loan once per row that `shop/each.html` shows", rows)
        for asked in ("self.loans.filter().exists()", "self.loans.exclude().first()")
    ] + [("`self.last_loan` reads shop_loan once per row that `shop/kept.html` shows", ["class Kept(ListView):"])]


def test_rows_beside_other_things() -> None:
    text = dedent(VIEWS).encode()
    found = []
    for finding in lazy_relation_in_list.check(linked(FILES)):
        line = text.decode().splitlines()[text[: finding.place.start].count(b"\n")].strip()
        found.append((line, finding.message))
    shows = "each row that `shop/{}.html` shows asks for author of Book, which this query does not load"
    assert found == [
        ('return render(request, "shop/nobody.html", {"books": Book.objects.order_by("pk")})', shows.format("nobody")),
        ('by_key = Book.objects.in_bulk([loan["book_id"] for loan in loans])', shows.format("panel")),
        ('return {"last": [(book, 1) for book in Book.objects.all()]}', shows.format("panel")),
        ("for book in Book.objects.all():", shows.format("named")),
    ]
