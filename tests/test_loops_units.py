"""What loops do for a row that is no query per element, each beside the twin that is one: fallbacks, units of work,
branches, small limits and sessions of a turn's own."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query import lazy_relation_in_list, lazy_relation_in_loop, n_plus_one

from dblint.facts.project import Project
from tests.link.linked import linked

MODELS = """
    import requests
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.contrib.contenttypes.models import ContentType
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Page(models.Model):
        live = models.BooleanField()

        def publish(self):
            self.live = True
            self.save()

        def shown(self):
            return "live" if self.live else ""

    class Book(models.Model):
        label = models.TextField(null=True)
        kept = models.BooleanField()
        place = models.ForeignKey(Author, models.CASCADE, null=True, related_name="placed")
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")

        def title(self):
            return self.label or self.author.name

        def tell(self):
            requests.post("https://mail.example", json={"to": self.author.name})

        def either(self):
            return self.kept or self.author.name

    class Letter(models.Model):
        to = models.ForeignKey(Author, models.CASCADE)

    class Parcel(models.Model):
        to = models.ForeignKey(Author, models.CASCADE)

    class Revision(models.Model):
        content_type = models.ForeignKey(ContentType, models.CASCADE)
        object_id = models.IntegerField()
        of = GenericForeignKey("content_type", "object_id")

        def publish(self):
            return self.of.publish()

        def shown(self):
            return self.of.shown()
    """
PAGES = """
    import requests
    from celery import shared_task
    from shop.models import Author, Book, Letter, Parcel, Revision

    def fallbacks(write):
        for book in Book.objects.select_related("place"):
            write(book.label or book.author.name)
            write(book.label if book.label else book.author.name)
            write((book.place or book.author).name)
            write(book.title())
            write(f"{book.label or book.author}")

    def no_fallbacks(write, names):
        for book in Book.objects.filter(label="a"):
            write(book.kept or book.author.name)  # lazy
        for book in Book.objects.filter(label="b"):
            write(names or book.author.name)  # lazy
        for book in Book.objects.filter(label="c"):
            write(book.author.name or book.label)  # lazy
        for book in Book.objects.filter(label="d"):
            if book.label or book.author.name:  # lazy
                write(book)
        for book in Book.objects.filter(label="e"):
            write(book.either())  # lazy

    def publish():
        for revision in Revision.objects.all():
            revision.publish()
        for revision in Revision.objects.all():
            revision.of.publish()

    def show(write):
        for revision in Revision.objects.filter(object_id=1):
            write(revision.shown())  # lazy
        for revision in Revision.objects.filter(object_id=2):
            write(revision.of.shown())  # lazy

    def told():
        for book in Book.objects.filter(label="f"):
            book.tell()
        for book in Book.objects.filter(label="g"):
            requests.post("https://mail.example", json={"to": book.author.name})
        for book in Book.objects.filter(label="g"):
            if book.author.name:  # lazy
                requests.post("https://mail.example", json={"to": book.label})

    def archive(book, reason):
        book.label = reason
        book.save()

    def archived(write):
        for book in Book.objects.filter(label="h"):
            write(book.author.name)
            archive(book, "old")
            Letter.objects.filter(to_id=book.author_id).delete()
            Parcel.objects.create(to_id=book.author_id)

    def archived_now_and_then(write):
        for book in Book.objects.filter(label="i"):
            write(book.author.name)  # lazy
            archive(book, "old")
            Letter.objects.filter(to_id=book.author_id).delete()
            if book.kept:
                Parcel.objects.create(to_id=book.author_id)

    def of_kind(kind, write):
        if kind == "letter":
            sent = Letter.objects.select_related("to")
        else:
            sent = Parcel.objects.all()
        if kind == "letter":
            for each in sent:
                write(each.to.name)

    def of_other_kind(kind, write):
        if kind == "letter":
            sent = Letter.objects.select_related("to")
        else:
            sent = Parcel.objects.all()
        if kind == "parcel":
            for each in sent:
                write(each.to.name)  # lazy

    def of_kind_that_changes(kind, write):
        if kind == "letter":
            sent = Letter.objects.order_by("pk")
        else:
            sent = Parcel.objects.all()
        kind = write(kind)
        if kind == "letter":
            for each in sent:
                write(each.to.name)  # lazy

    @shared_task
    def of_one(keys):
        for book in Book.objects.filter(pk__in=keys).distinct():
            print(book.author.name)

    @shared_task
    def of_several(keys):
        for book in Book.objects.filter(pk__in=keys):
            print(book.author.name)  # lazy

    @shared_task
    def of_authors(keys):
        for book in Book.objects.filter(place__in=keys):
            print(book.author.name)  # lazy

    def ask(book, books):
        of_one.delay([book.pk])
        of_one(keys=[])
        of_several.delay([book.pk])
        of_several.delay(books)
        of_authors.delay([book.place_id])

    def first(write, size=10):
        for book in Book.objects.order_by("pk")[:size]:
            write(Author.objects.get(name=book.label))

    def many(write, size=100):
        for book in Book.objects.order_by("pk")[:size]:
            write(Author.objects.get(name=book.label))  # n+1
    """
ORDERS = """
    from sqlalchemy import select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "item"
        id: Mapped[int] = mapped_column(primary_key=True)
        part: Mapped[int]

    class Part(Base):
        __tablename__ = "part"
        id: Mapped[int] = mapped_column(primary_key=True)
        item: Mapped[int]

    def few(session: Session, write, most=5):
        for item in session.scalars(select(Item).limit(5)):
            write(session.scalars(select(Part).where(Part.item == item.part)).one())
        for item in session.query(Item).limit(most).all():
            write(session.query(Part).filter(Part.item == item.part).one())
        items = session.scalars(select(Item).order_by(Item.id).limit(5)).all()
        for item in items:
            write(session.scalars(select(Part).where(Part.item == item.part)).one())

    def many(session: Session, write, most):
        for item in session.scalars(select(Item).limit(50)):
            write(session.scalars(select(Part).where(Part.item == item.part)).one())  # n+1
        for item in session.query(Item).limit(most).all():
            write(session.query(Part).filter(Part.item == item.part).one())  # n+1

    def settled(items, make: sessionmaker[Session]):
        for item in items:
            with make() as session:
                part = session.scalars(select(Part).where(Part.item == item)).one()
                part.item = 3
                session.commit()

    def looked(items, make: sessionmaker[Session], write):
        for item in items:
            with make() as session:
                write(session.scalars(select(Part).where(Part.item == item)).one())  # n+1
    """


def _marked(text: str, mark: str) -> list[int]:
    return [at for at, line in enumerate(dedent(text).splitlines(), 1) if line.endswith(f"# {mark}")]


def _lines(project: Project, rule: object, path: str, text: str) -> list[int]:
    source = dedent(text)
    found = {finding.place for finding in rule.check(project)}  # type: ignore[attr-defined]
    return sorted({source.count("\n", 0, place.start) + 1 for place in found if place.path == path})


def test_what_is_left_alone_beside_its_twin() -> None:
    project = linked(
        {
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/pages.py": PAGES,
            "orders.py": ORDERS,
        }
    )
    assert _lines(project, lazy_relation_in_loop, "shop/pages.py", PAGES) == _marked(PAGES, "lazy")
    assert _lines(project, n_plus_one, "shop/pages.py", PAGES) == _marked(PAGES, "n+1")
    assert _lines(project, n_plus_one, "orders.py", ORDERS) == _marked(ORDERS, "n+1")


PROFILES = """
    from django.contrib.auth.models import User
    from django.db import models
    from rest_framework import fields, serializers, viewsets

    class Profile(models.Model):
        user = models.OneToOneField(User, models.CASCADE, primary_key=True)

        @property
        def settings(self):
            return self.user.settings

    class Setting(models.Model):
        user = models.ForeignKey(User, models.CASCADE, related_name="settings")
        name = models.TextField()

    class SettingSerializer(serializers.ModelSerializer):
        class Meta:
            model = Setting
            fields = ["name"]

    def hidden(field, permissions):
        class Hidden(field):
            def FIELD(self, instance):
                if all(each(instance) for each in permissions):
                    return super().FIELD(instance)
                raise fields.SkipField()
        return Hidden

    class ProfileSerializer(serializers.ModelSerializer):
        settings = hidden(SettingSerializer, [bool])(many=True, read_only=True)

        class Meta:
            model = Profile
            fields = ["settings"]

    class ProfileView(viewsets.ReadOnlyModelViewSet):
        queryset = Profile.objects.all()
        serializer_class = ProfileSerializer
    """


def test_a_field_that_says_itself_of_which_rows_it_is_read() -> None:
    def told(method: str) -> list[str]:
        project = linked({"shop/__init__.py": "", "shop/models.py": PROFILES.replace("FIELD", method)})
        return [finding.message for finding in lazy_relation_in_list.check(project)]

    assert told("get_attribute") == []
    assert told("get_label") == [
        "each row that `ProfileSerializer` shows asks for user.settings of Profile, which this query does not load"
    ]
