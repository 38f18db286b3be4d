"""What `query/lazy-relation-in-loop` says: of which relation, and how often it is asked for."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from dblint_rules.query.lazy_relation_in_list import check as listed
from dblint_rules.query.lazy_relation_in_loop import check

from dblint.facts.program import FileRole
from dblint.run import Request, run
from tests.link.linked import linked

ORDERS = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Shop(Base):
        __tablename__ = "shop"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Customer(Base):
        __tablename__ = "customer"
        id: Mapped[int] = mapped_column(primary_key=True)
        shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
        shop: Mapped[Shop] = relationship()
        orders: Mapped[list["Order"]] = relationship(back_populates="customer")

    class Order(Base):
        __tablename__ = "order"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
        customer: Mapped[Customer] = relationship(back_populates="orders")
        shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
        shop: Mapped[Shop] = relationship()

    class Line(Base):
        __tablename__ = "line"
        id: Mapped[int] = mapped_column(primary_key=True)
        shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
        shop: Mapped[Shop] = relationship()
        order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
        order: Mapped[Order] = relationship()

    def names(session: Session):
        for line in session.scalars(select(Line)):
            print(line.order.customer, line.shop.name)

    def parts(session: Session):
        for customer in session.scalars(select(Customer)):
            for order in customer.orders:
                print(order.customer.shop)
    """
SETUP = """
    from orders import Order, Shop
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    def init_db(session: Session, name):
        session.add(Shop(name=name))

    def of_shop(session: Session, shop_id):
        return session.scalars(select(Order).where(Order.shop_id == shop_id)).all()
    """
BOOKS = """
    from django.core.exceptions import ValidationError
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Book(models.Model):
        old = models.BooleanField()
        author = models.ForeignKey(Author, models.CASCADE)
        editor = models.ForeignKey(Author, models.CASCADE, null=True)

    def byline(book):
        if book.old:
            return book.author.name

    def pages(form):
        for book in Book.objects.all():
            print(book.editor)
        for book in Book.objects.all():
            print(byline(book))
        for book in Book.objects.all():
            if book.old and book.author.name:
                print(book)
        for book in Book.objects.all():
            print(book.author.name, book.author)
        for book in Book.objects.all():
            form.add_error("title", ValidationError(book.author.name))

    def look(model):
        for one in model.objects.all():
            print(one.author.name)

    def look_at_all():
        look(Book)
        look(Shelf)

    class Shelf(models.Model):
        book = models.ForeignKey(Book, models.CASCADE)

    def shelves():
        for shelf in Shelf.objects.prefetch_related("book"):
            print(shelf.book.author)
        for shelf in Shelf.objects.select_related("book"):
            print(shelf.book.author)
    """

AUTHOR = "`shelf.book.author` asks for book.author of Shelf"


NOTES = """
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.contenttypes.prefetch import GenericPrefetch
    from django.db import models

    class Note(models.Model):
        content_type = models.ForeignKey(ContentType, models.CASCADE)
        object_id = models.PositiveIntegerField()
        about = GenericForeignKey()

    class Mark(models.Model):
        kind = models.ForeignKey(ContentType, models.CASCADE)
        key = models.PositiveIntegerField(null=True)
        target = GenericForeignKey("kind", "key")

    def show():
        for note in Note.objects.all():
            print(note.about, note.object_id)
        for mark in Mark.objects.order_by("key"):
            print(mark.target)
        for note in Note.objects.prefetch_related("about__author"):
            print(note.about)
        for note in Note.objects.prefetch_related(GenericPrefetch("about", [])):
            print(note.about)
        for mark in Mark.objects.filter(key__isnull=True):
            print(mark.target)
    """

OWN = """
    from django.db import models

    class Person(models.Model):
        name = models.TextField()

    class Project(models.Model):
        name = models.TextField()

        def show(self):
            for member in self.member_set.all():
                print(member.person.name, member.project.name)
            for task in self.task_set.all():
                print(task.person.name)
            for member in self.member_set.select_related("person"):
                print(member.person.name)

    class Member(models.Model):
        project = models.ForeignKey(Project, models.CASCADE)
        person = models.ForeignKey(Person, models.CASCADE)

    class Task(models.Model):
        project = models.ForeignKey(Project, models.CASCADE)
        person = models.ForeignKey(Person, models.CASCADE)

    def load():
        return Project.objects.prefetch_related("task_set__person")

    def unread(chosen):
        return Project.objects.prefetch_related(*chosen)

    def loaded():
        return [member.person.name for member in Member.objects.prefetch_related("person").raw("SELECT * FROM a")]

    def loaded_behind():
        return [member.person.name for member in Member.objects.raw("SELECT * FROM a").prefetch_related("person")]

    def written():
        return [member.person.name for member in Member.objects.raw("SELECT * FROM app_member")]
    """


PINNED = """
    from flask import render_template
    from orders import Customer, Line
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    def of_one(session: Session, key):
        for line in session.scalars(select(Line).where(Line.order_id == key)):
            print(line.order.customer.shop)

    def of_another(session: Session, key):
        for line in session.scalars(select(Line).where(Line.shop_id == key)):
            print(line.order.customer)

    def of_many(session: Session, key):
        for line in session.scalars(select(Line).where(Line.order_id > key)):
            print(line.order.customer)

    def several(session: Session, key):
        for customer in session.scalars(select(Customer).where(Customer.shop_id == key)):
            print(customer.orders)

    class Lines:
        @classmethod
        def by(cls, session: Session, **conditions):
            return session.query(Line).filter_by(**conditions)

    def of_one_by_name(session: Session, key):
        for line in Lines.by(session, order_id=key).all():
            print(line.order.customer)

    def of_another_by_name(session: Session, key):
        for line in Lines.by(session, shop_id=key).all():
            print(line.order.customer)

    def page(session: Session, key):
        return render_template("lines.html", lines=session.scalars(select(Line).where(Line.shop_id == key)).all())

    def page_of_one(session: Session, key):
        return render_template("lines.html", lines=session.scalars(select(Line).where(Line.order_id == key)).all())
    """


def told(files: dict[str, str], roles: dict[str, FileRole] | None = None) -> list[tuple[int, str]]:
    """The line and the message of each finding, in order of place."""
    text = {path: dedent(source).encode() for path, source in files.items()}
    found = sorted(check(linked(files, roles=roles)), key=lambda finding: finding.place)
    return [(text[each.place.path][: each.place.start].count(b"\n") + 1, each.message) for each in found]


def test_rows_that_are_found_again_by_their_keys() -> None:
    assert told({"orders.py": ORDERS}) == [
        (
            38,
            (
                "`line.order` asks for order and order.customer of Line once per distinct customer of "
                "`session.scalars()` (also for shop)"
            ),
        ),
        (42, "`customer.orders` asks for orders of Customer once per element of `session.scalars()`"),
    ]


def test_one_row_behind_a_key_that_the_query_pins() -> None:
    """All lines of one order have one order, and its customer; of other conditions, and of several rows, it is told."""
    files = {"orders.py": ORDERS, "pinned.py": PINNED}
    own = told({"orders.py": ORDERS})
    asked = "`line.order` asks for order and order.customer of Line once per distinct customer of `session.scalars()`"
    assert [each for each in told(files) if each not in own] == [
        (13, asked),
        (17, asked),
        (21, "`customer.orders` asks for orders of Customer once per element of `session.scalars()`"),
        (34, asked.replace("session.scalars()", "Lines.by().all()")),
    ]
    shown = "{% for line in lines %}{{ line.order.customer.id }}{% endfor %}"
    project = linked({**files, "templates/lines.html": shown})
    (finding,) = listed(project)
    assert finding.message == (
        "each row that `lines.html` shows asks for order.customer of Line, "
        "which this query does not load, once per distinct one"
    )


def test_few_rows_are_found_again() -> None:
    """A shop is made where the program is set up."""
    lines = [line for line, message in told({"orders.py": ORDERS, "cli/setup.py": SETUP}) if "shop" in message]
    assert lines == []


def test_which_elements_ask() -> None:
    assert told({"shop/models.py": BOOKS}) == [
        (19, "`book.editor` asks for editor of Book once per element of `Book.objects.all()` that has one"),
        (
            21,
            (
                "`byline()` asks for author of Book once per element of `Book.objects.all()` that passes a condition, "
                "through `book.author`"
            ),
        ),
        (23, "`book.author` asks for author of Book once per element of `Book.objects.all()` that passes a condition"),
        (26, "`book.author` asks for author of Book once per element of `Book.objects.all()`"),
        (43, f"{AUTHOR} once per distinct book of `Shelf.objects.prefetch_related()`"),
        (45, f"{AUTHOR} once per element of `Shelf.objects.select_related()`"),
    ]


def test_a_row_of_any_table() -> None:
    assert told({"notes.py": NOTES}) == [
        (19, "`note.about` asks for about of Note once per element of `Note.objects.all()`"),
        (21, "`mark.target` asks for target of Mark once per element of `Mark.objects.order_by()` that has one"),
    ]
    assert {found.remedy.name for found in check(linked({"notes.py": NOTES})) if found.remedy} == {"eager-load-many"}


def test_rows_of_an_object_s_own_relation_that_no_query_loads_before() -> None:
    written = "`member.person` asks for person of Member once per element of `Member.objects.raw()`"
    assert told({"app/models.py": OWN}) == [(39, written)]
    assert told({"app/models.py": OWN.replace("*chosen", "'name'")}) == [
        (12, "`member.person` asks for person of Member once per element of `self.member_set.all()`"),
        (39, written),
    ]


def test_a_row_has_the_key_of_the_one_that_it_leads_to() -> None:
    models = """
        from django.db import models

        class Author(models.Model):
            name = models.TextField()

        class Book(models.Model):
            author = models.ForeignKey(Author, models.CASCADE)

        def keys():
            return [(book.author.pk, book.author.id) for book in Book.objects.all()]

        def names():
            return [(book.author.pk, book.author.name) for book in Book.objects.order_by("pk")]
        """
    invoices = """
        from peewee import ForeignKeyField, Model, SqliteDatabase

        class Customer(Model):
            class Meta:
                database = SqliteDatabase("shop.db")

        class Invoice(Model):
            customer = ForeignKeyField(Customer)

            class Meta:
                database = SqliteDatabase("shop.db")

        def customers():
            return [invoice.customer.id for invoice in Invoice.select()]
        """
    found = list(check(linked({"shop/models.py": models, "invoices.py": invoices})))
    assert sorted(finding.names["minimal"] for finding in found) == [
        "Let the query of the Book rows load author with them.",
        "Read author_id in the place of author and its key: the Book rows have it.",
        "Read customer_id in the place of customer and its key: the Invoice rows have it.",
    ]


SLICED = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE)

    def newest(most=10):
        return [book.author.name for book in Book.objects.order_by("-id")[:most]]

    def oldest(most=10):
        books = Book.objects.order_by("id")[:most]
        return [book.author.name for book in books]

    def longest(most=500):
        return [book.author.name for book in Book.objects.order_by("author_id")[:most]]

    def queued(most=10):
        return [book.author.name for book in Book.objects.order_by("author_id")[:most]]

    def show():
        return newest(), oldest(500), longest(), queued.delay(most=500)

    def second(title):
        whole = Book.objects.filter(title=title).union(Book.objects.select_related("author"))
        return [book.author.name for book in whole]
    """


def test_a_slice_whose_end_a_default_says_and_a_union_whose_second_query_loads() -> None:
    written = "`book.author` asks for author of Book once per element of"
    tests = "from shop.models import newest\n\ndef test_newest():\n    assert newest(500) == []\n"
    files = {"shop/models.py": SLICED, "tests/test_shop.py": tests}
    assert told(files, {"tests/test_shop.py": FileRole.TEST}) == [
        (15, f"{written} `books`"),
        (18, f"{written} `Book.objects.order_by()`"),
        (21, f"{written} `Book.objects.order_by()`"),
        (28, f"{written} `whole`"),
    ]


TURNS = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Tag(models.Model):
        name = models.TextField()

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE)
        title = models.TextField()

    def looked_for():
        for book in Book.objects.all():
            Tag.objects.get_or_create(name=book.title)
            Author.objects.get_or_create(name=book.title)
            print(book.author.name)
            book.save()

    def written():
        for book in Book.objects.all():
            Tag.objects.create(name=book.title)
            Author.objects.create(name=book.title)
            print(book.author.name)
            book.save()
    """


def test_a_turn_that_looks_for_rows_first_need_not_write_them() -> None:
    assert told({"shop/models.py": TURNS}) == [
        (18, "`book.author` asks for author of Book once per element of `Book.objects.all()`")
    ]


ARMS = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Work(models.Model):
        old = models.BooleanField()
        author = models.ForeignKey(Author, models.CASCADE)
        editor = models.ForeignKey(Author, models.CASCADE, null=True)

        class Meta:
            abstract = True

    class Book(Work):
        pages = models.IntegerField()

    class Comic(Book):
        colour = models.TextField()

    def halves():
        first, second = [], []
        for book in Book.objects.all():
            if book.old:
                first.append(book.author.name)
            else:
                second.append(book.author.name)
        for book in Book.objects.all():
            if book.old:
                first.append(book.author.name)
            elif book.pages:
                second.append(book.author.name)

    def edited(works: list[Work]):
        for work in Work.objects.all():
            print(work.editor)
    """


def test_both_arms_of_a_condition_and_the_column_of_a_class_without_a_table() -> None:
    each = "asks for author of Book once per element of `Book.objects.all()`"
    assert told({"shop/models.py": ARMS}) == [
        (25, f"`book.author` {each}"),
        (30, f"`book.author` {each} that passes a condition"),
        (36, "`work.editor` asks for editor of Work once per element of `Work.objects.all()` that has one"),
    ]


COMMAND = """
    import click
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from orders import Customer, Order

    def made():
        ...

    @click.command()
    def report():
        session: Session = made()
        for order in session.scalars(select(Order)):
            print(order.shop.name)
        for customer in session.scalars(select(Customer)):
            print(customer.orders)

    def page():
        session: Session = made()
        for order in session.scalars(select(Order)):
            print(order.shop.name)
    """


def test_a_command_asks_once_for_each_of_the_distinct_rows() -> None:
    orders = ORDERS.partition("    def names(")[0]
    assert told({"orders.py": orders, "report.py": COMMAND}) == [
        (16, "`customer.orders` asks for orders of Customer once per element of `session.scalars()`"),
        (21, "`order.shop` asks for shop of Order once per distinct shop of `session.scalars()`"),
    ]


def test_what_one_loop_asks_for_is_told_once() -> None:
    models = """
        from django.db import models

        class Shelf(models.Model):
            label = models.TextField()

        class Jar(models.Model):
            shelf = models.ForeignKey(Shelf, models.CASCADE)
            lid = models.ForeignKey(Shelf, models.CASCADE, related_name="lids")
        """
    views = """
        from shop.models import Jar

        def one_loop():
            for jar in Jar.objects.filter(pk__gt=9):
                print(jar.shelf.label, jar.lid.label)

        def two_loops():
            jars = Jar.objects.filter(pk__gt=9)
            shelves = [jar.shelf.label for jar in jars]
            return shelves, [jar.lid.label for jar in jars]
        """
    once = "of Jar once per element of"
    assert told({"shop/models.py": models, "shop/views.py": views}) == [
        (6, f"`jar.shelf` asks for shelf {once} `Jar.objects.filter()` (also for lid)"),
        (10, f"`jar.shelf` asks for shelf {once} `jars`"),
        (11, f"`jar.lid` asks for lid {once} `jars`"),
    ]


def test_the_repair_of_a_loop_loads_all_that_it_asks_for(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        dedent("""
            from django.db import models

            class Shelf(models.Model):
                label = models.TextField()

            class Jar(models.Model):
                shelf = models.ForeignKey(Shelf, models.CASCADE)
                room = models.ForeignKey(Shelf, models.CASCADE, related_name="+")
                lids = models.ManyToManyField(Shelf, related_name="+")

            def printed():
                for jar in Jar.objects.filter(pk__gt=9):
                    print(jar.shelf.label, jar.shelf.pk, [lid.label for lid in jar.lids.all()], jar.room.label)
            """)
    )
    [finding] = run(Request(paths=[str(tmp_path)], root=tmp_path, isolated=True)).report.findings
    assert finding.minimal == "Let the query of the Jar rows load shelf, lids and room with them."
    assert finding.repair == '.select_related("shelf")\n.prefetch_related("lids")\n.select_related("room")'
    assert [place.message for place in finding.related] == [
        "the loop over `Jar.objects.filter()`",
        "the query of the Jar rows, which does not load shelf",
        "shelf is read here, too",
        "`jar.lids` asks for lids of Jar once per element of `Jar.objects.filter()`",
        "`jar.room` asks for room of Jar once per element of `Jar.objects.filter()`",
    ]
