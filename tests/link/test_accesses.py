"""Relations that loops read of rows: which query gave the rows, and whether it loaded the relation."""

from __future__ import annotations

from textwrap import dedent

from dblint.facts.program import Access
from dblint.facts.project import Project
from dblint.facts.query import Column, Compare
from tests.link.linked import linked

SHOP = """
    from django.db import models
    from django.utils.functional import cached_property

    class Author(models.Model):
        name = models.TextField()
        city = models.ForeignKey("City", models.CASCADE)

    class City(models.Model):
        name = models.TextField()

    class Tag(models.Model):
        name = models.TextField()

    class LoadedManager(models.Manager):
        def get_queryset(self):
            return super().get_queryset().select_related("author")

    class Book(models.Model):
        title = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        tags = models.ManyToManyField(Tag)
        objects = models.Manager()
        loaded = LoadedManager()

        @cached_property
        def heading(self):
            return self.author.city.name

        def label(self, full=False):
            if full:
                return self.author.name
            return self.title

        def checked(self):
            try:
                return self.title
            except ValueError:
                return self.author.name
    """
PAGES = """
    from shop.helpers import all_books, shown
    from shop.models import Author, Book

    def pages(flag, more):
        for book in Book.objects.all():
            book.author.city.name
        for book in Book.objects.select_related("author"):
            book.author.city.name, book.author_id
        for book in Book.loaded.filter(title="a"):
            book.author.name
        books = Book.objects.all()
        if flag:
            books = books.select_related("author")
        for book in books:
            book.author.name
        for number, book in enumerate(list(Book.objects.all())):
            book.heading, number.author
        for book in Book.objects.all():
            book.label(), book.label(True), book.checked(), shown(book)
        for book in all_books():
            author = book.author
            author.city
        for author in Author.objects.prefetch_related("books"):
            for book in author.books.all():
                book.author, book.tags.all().count()
        for author in Author.objects.all():
            for book in author.books.select_related("author"):
                book.author
        for book in Book.objects.prefetch_related(more):
            book.author
        for book in Book.objects.values("author"):
            book.author
        for book in Book.objects.select_related("author").union(Book.objects.filter(title="a")):
            book.author
        for book in Book.objects.filter(title="a").union(Book.objects.select_related("author"), all=True)[:50]:
            book.author
        for book in Book.objects.prefetch_related("tags").difference(Book.loaded.filter(title="a")):
            book.author, [tag.name for tag in book.tags.all()]
        for book in Book.objects.prefetch_related(more).intersection(Book.objects.filter(title="a")):
            book.author
    """
HELPERS = """
    from shop.models import Book

    def all_books():
        return [book for book in Book.objects.order_by("title") if book.title]

    def shown(book):
        return f"{book.author} {[tag.name for tag in book.tags.all()]}"
    """
SHELVES = """
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import models
    from shop.models import Book

    class Shelf(models.Model):
        owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shelf")

    def owners():
        return [user.shelf for user in get_user_model().objects.filter(is_active=True)]

    def shelves(flag):
        if flag:
            books = Book.objects.filter(title="a")
        else:
            books = Book.objects.exclude(title="b")
        for book in books:
            book.author
        for book in books.select_related("author"):
            book.author
        for book in books.select_related("author") if flag else Book.objects.order_by("title"):
            book.author

    def by_title(books, flag):
        books.sort(key=lambda book: book.title, reverse=flag)

    def count(books):
        by_title(books, True)
        return sum(1 for book in books if book.title)

    def attach(books, author):
        for book in books:
            book.author = author

    def attach_each(books, author):
        for book in books:
            attach([book], author)

    def given_on(author):
        books = list(Book.objects.all())
        count(books)
        by_title(books, False)
        [book.author for book in books]
        attach_each(books, author)
        [book.author for book in books]
    """


def read(project: Project, path: str, text: str) -> list[tuple[int, str, str, str]]:
    """The accesses of a file: the line, the path of relations, whether they were loaded, the way there."""

    def line(access: Access) -> int:
        return dedent(text).encode()[: access.place.start].count(b"\n") + 1

    return [
        (line(access), ".".join(access.path), access.loaded or "?", " ".join(step.source for step in access.steps))
        for access in project.accesses
        if access.place.path == path
    ]


def test_rows_of_a_django_query() -> None:
    files = {
        "shop/models.py": SHOP,
        "shop/helpers.py": HELPERS,
        "shop/pages.py": PAGES,
        "shop/shelves.py": SHELVES,
    }
    project = linked(files)
    assert read(project, "shop/shelves.py", SHELVES) == [
        (11, "shelf", "no", ""),
        (19, "author", "no", ""),
        (21, "author", "yes", ""),
        (23, "author", "no", ""),
        (23, "author", "yes", ""),
        (44, "author", "no", ""),
    ]
    assert read(project, "shop/pages.py", PAGES) == [
        (7, "author", "no", ""),
        (7, "author.city", "no", ""),
        (9, "author", "yes", ""),
        (9, "author.city", "no", ""),
        (11, "author", "yes", ""),
        (16, "author", "?", ""),
        (18, "author", "no", "book.heading"),
        (18, "author.city", "no", "book.heading"),
        (20, "author", "no", "book.label()"),
        (20, "author", "no", "shown()"),
        (20, "tags", "no", "shown()"),
        (22, "author", "no", ""),
        (23, "author.city", "no", ""),
        (25, "books", "yes", ""),
        (26, "books.author", "yes", ""),
        (26, "books.tags", "no", ""),
        (28, "books", "no", ""),
        (29, "author", "yes", ""),
        (31, "author", "?", ""),
        (35, "author", "yes", ""),
        (37, "author", "no", ""),
        (39, "author", "no", ""),
        (39, "tags", "yes", ""),
        (41, "author", "?", ""),
    ]
    whole = next(access for access in project.accesses if access.path == ("books", "tags"))
    assert (whole.root, whole.model, whole.target, whole.kind, whole.several) == (
        "Author",
        "Book",
        "Tag",
        "many-to-many",
        True,
    )
    assert [(call.member, call.memoised) for call in whole.calls] == [("count", True)]
    assert dedent(PAGES)[whole.given.start : whole.given.stop] == 'Author.objects.prefetch_related("books")'


ORDERS = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customer"
        id: Mapped[int] = mapped_column(primary_key=True)
        orders: Mapped[list["Order"]] = relationship(back_populates="customer")
        notes: Mapped[list["Note"]] = relationship(lazy="selectin")

    class Order(Base):
        __tablename__ = "order"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
        customer: Mapped[Customer] = relationship(back_populates="orders")

    class Note(Base):
        __tablename__ = "note"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    """
LISTS = """
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session, joinedload
    from orders import Customer, Order

    def lists(session: Session, number: int):
        for order in session.execute(select(Order)).scalars().all():
            order.customer.orders
        for order in session.execute(select(Order)):
            order.customer
        for order in session.scalars(select(Order.id)):
            order.customer
        for order in session.query(Order).filter(Order.id > number):
            order.customer
        for order in session.query(Order).filter_by(customer_id=number).all():
            order.customer

    def of_customers(session: Session):
        for customer in session.scalars(select(Customer).options(joinedload(Customer.orders))).unique():
            customer.notes
            for order in customer.orders:
                order.customer.notes
        for order in session.scalars(select(Order)):
            order.customer

    async def waited(session: AsyncSession):
        for order in (await session.scalars(select(Order))).all():
            order.customer

    def given(customer: Customer):
        return [order.customer for order in customer.orders]
    """


def test_rows_of_a_sqlalchemy_statement() -> None:
    project = linked({"orders.py": ORDERS, "lists.py": LISTS})
    assert read(project, "lists.py", LISTS) == [
        (10, "customer", "no", ""),
        (10, "customer.orders", "no", ""),
        (16, "customer", "no", ""),
        (18, "customer", "?", ""),
        (22, "notes", "yes", ""),
        (23, "orders", "yes", ""),
        (24, "orders.customer", "yes", ""),
        (24, "orders.customer.notes", "yes", ""),
        (26, "customer", "?", ""),
        (30, "customer", "raises", ""),
        (33, "customer", "yes", ""),
    ]


USED = """
    from shop.models import Author, Book

    def used(keep, flag):
        for book in Book.objects.select_related("author").prefetch_related("tags"):
            print(book.heading)
        books = Book.objects.select_related("author")
        if len(books) > 3:
            return [book.title for book in books]
        keep(Book.objects.select_related("author"))
        one = Book.objects.select_related("author").get(title="a")
        print(one.author_id)
        try:
            other = Book.objects.select_related("author").get(title="a")
        except Book.DoesNotExist:
            other = None
        print(other.author)
        for book in Book.objects.select_related("author__city"):
            author = book.author or flag
            print(author.city.name if author else "")
        for book in Book.objects.select_related("owner"):
            print(book.owner)
        return None
    """


def test_what_is_loaded_and_read() -> None:
    project = linked({"shop/models.py": SHOP, "used.py": USED})
    source = dedent(USED)
    assert [
        (source[: brought.place.start].count("\n") + 1, ".".join(brought.path), brought.read)
        for brought in project.brought
    ] == [
        (5, "author", True),
        (5, "tags", False),
        (7, "author", False),
        (11, "author", False),
        (18, "author.city", True),
    ]


def test_what_a_default_keeps_from_running_is_not_read() -> None:
    """Also where a function in between hands its own default on."""
    models = SHOP.replace(
        "        def checked(self):",
        """        def told(self, full=False):
            return self.label(full)

        def whole(self, full=True):
            return self.label(full=full)

        def checked(self):""",
    )
    pages = """
        from shop.models import Book

        def pages(more):
            for book in Book.objects.all():
                book.told()
            for book in Book.objects.all():
                book.told(full=True)
            for book in Book.objects.all():
                book.told(more)
            for book in Book.objects.all():
                book.whole()
            for book in Book.objects.all():
                book.whole(False)
            for book in Book.objects.all():
                outer(book)

        def outer(book):
            return book.told()
        """
    project = linked({"shop/models.py": models, "pages.py": pages})
    source = dedent(pages)
    assert [(source[: each.place.start].count("\n") + 1, ".".join(each.path)) for each in project.accesses] == [
        (8, "author"),
        (10, "author"),
        (12, "author"),
    ]


def test_loops_in_loops_are_followed_so_far() -> None:
    lines = ["from shop.models import Book", "def deep(book: Book):"]
    for depth in range(25):
        outer = f"book{depth - 1}" if depth else "book"
        lines.append(f"{' ' * (depth + 1)}for book{depth} in {outer}.author.books.all():")
    lines.append(f"{' ' * 26}print(book0.author.name, book24.author.name)")
    project = linked({"shop/models.py": SHOP, "deep.py": "\n".join(lines)})
    assert not project.diagnostics
    read = [access.source for access in project.accesses if access.frames and access.loaded == "yes"]
    assert [source for source in read if source in ("book0.author", "book24.author")] == ["book0.author"] * 2


def test_a_manager_of_several_models_is_asked_where_its_callers_ask() -> None:
    models = """
        from django.db import models

        class CompanyManager(models.Manager):
            def get_queryset(self):
                return super().get_queryset().filter(hidden=False)

            def all(self):
                found = []
                found = self.get_queryset()
                if found.exists():
                    found = found.filter(active=True)
                return found

            def filter(self, *args, **kwargs):
                return super().filter(*args, **kwargs)

        class Author(models.Model):
            hidden = models.BooleanField()

        class Book(models.Model):
            author = models.ForeignKey(Author, models.CASCADE)
            hidden = models.BooleanField()
            objects = CompanyManager()

        class Note(models.Model):
            author = models.ForeignKey(Author, models.CASCADE)
            hidden = models.BooleanField()
            pinned = models.BooleanField()
            objects = CompanyManager()
        """
    pages = """
        from shop.models import Author, Book, Note

        def several():
            for book in Book.objects.all():
                print(book.author.name)
            notes = Note.objects.filter(hidden=True)
            for note in notes:
                print(note.author.name)
            ordered = Note.objects.filter(hidden=True).order_by("pk")
            for note in ordered:
                print(note.author.name)
            for note in Note.objects.filter(pinned=True, author=1):
                print(note.author.name)
            for author in Author.objects.all():
                notes = author.note_set.all()
                for note in notes:
                    print(note.author.name, note.hidden)
        """
    project = linked({"shop/models.py": models, "shop/pages.py": pages})
    source = dedent(pages).encode()
    back = project.accesses[-1]
    assert (back.relation, back.loaded) == ("author", "yes")
    assert [
        (access.given.path, source[access.given.start : access.given.stop].decode(), access.root)
        for access in project.accesses[:-1]
    ] == [
        ("shop/pages.py", "Book.objects.all()", "Book"),
        ("shop/pages.py", "Note.objects.filter(hidden=True)", "Note"),
        ("shop/pages.py", 'Note.objects.filter(hidden=True).order_by("pk")', "Note"),
        ("shop/pages.py", "Note.objects.filter(pinned=True, author=1)", "Note"),
    ]
    compared = [
        condition.left.name
        for element in project.accesses[-2].rows.conjuncts()
        if isinstance(condition := element.value, Compare) and isinstance(condition.left, Column)
    ]
    assert compared == ["hidden", "pinned", "author_id"]
