"""The lines that rules tell people to paste run where they are pasted: words of the library, databases, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

from dblint_rules.query import get_or_create_race, lazy_relation_in_list, lazy_relation_in_loop, n_plus_one

from dblint.facts.project import Project
from dblint.prose import instantiate
from dblint.rule import Finding
from tests.link.linked import linked

SHOP = """
    from django.db import models

    class City(models.Model):
        name = models.TextField()

    class Author(models.Model):
        city = models.ForeignKey(City, models.CASCADE)

    class Portrait(models.Model):
        author = models.OneToOneField(Author, models.CASCADE, related_query_name="picture")
        name = models.TextField()

    class Tag(models.Model):
        name = models.TextField()

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE)
        editor = models.ForeignKey(Author, models.CASCADE, related_name="edited", related_query_name="of_editor")
        reader = models.ForeignKey(Author, models.CASCADE, related_name="read")
        tags = models.ManyToManyField(Tag)
        kind = models.TextField()
    """
VIEWS = """
    from django.db.models import Count, Q
    from django.shortcuts import render
    from shop.models import Author, Book, City, Tag

    def authors(request):
        return render(request, "shop/authors.html", {"authors": Author.objects.all()})

    def counts():
        for author in Author.objects.all():
            print(author.book_set.count())
        for author in Author.objects.all():
            print(author.edited.count())
        for author in Author.objects.all():
            print(author.read.count())
        for tag in Tag.objects.all():
            print(tag.book_set.count())

    def shown():
        for author in Author.objects.all():
            print(author.portrait.name)
        for city in City.objects.all():
            for author in city.author_set.all():
                print(author.portrait.name)

    def seen_by(viewer, **more):
        found = Book.objects.filter(**more).exclude(reader=viewer)
        if viewer.picky:
            found = found.filter(author__in=viewer.liked())
        return found.annotate(liked=Count("tags", filter=Q(tags__in=viewer.liked())))

    def ranked(viewers, book):
        for viewer in viewers:
            print(seen_by(viewer, id=book.id).first())

    def compared(viewers, book):
        for viewer in viewers:
            print(Book.objects.filter(id=book.id).annotate(n=Count("tags", filter=Q(tags=viewer))).first())
    """


def pasted(project: Project, *checks: Callable[[Project], Iterator[Finding]]) -> list[tuple[str, str]]:
    """(what the finding's place says, the line to paste) of every finding, in the order of places."""
    found = []
    for check in checks:
        for finding in sorted(check(project), key=lambda each: (each.place.path, each.place.start)):
            remedy, idioms = finding.remedy, project.idioms.get(finding.idiom, {})
            line = "" if remedy is None else instantiate(idioms.get(remedy.name, ""), remedy.holes)
            found.append((finding.message, line))
    return found


def test_conditions_call_a_relation_s_other_end_by_a_word_of_their_own() -> None:
    """`related_query_name`, else `related_name`, else the model's name; `…_set` is what rows and prefetches call it
    (Django 5.2, ForeignKey.related_query_name; `get_related_selections` of its compiler)."""
    project = linked(
        {
            "shop/models.py": SHOP,
            "shop/views.py": VIEWS,
            "shop/templates/shop/authors.html": (
                "{% for author in authors %}{{ author.book_set.count }}{{ author.portrait.name }}{% endfor %}"
            ),
        }
    )
    lines = [line for _, line in pasted(project, lazy_relation_in_loop.check, lazy_relation_in_list.check)]
    assert lines == [
        '.annotate(number=Count("book", distinct=True))',
        '.annotate(number=Count("of_editor", distinct=True))',
        '.annotate(number=Count("read", distinct=True))',
        '.annotate(number=Count("book", distinct=True))',
        '.select_related("picture")',
        '.prefetch_related("author_set")',
        '.select_related("picture")',
        '.annotate(number=Count("book", distinct=True))',
        '.select_related("picture")',
    ]


def test_no_key_is_pasted_where_something_else_of_the_query_changes() -> None:
    found = pasted(linked({"shop/models.py": SHOP, "shop/views.py": VIEWS}), n_plus_one.check)
    assert found == [
        ("`seen_by().first()` reads shop_book once per element of `viewers`", ""),
        ("`Book.objects.filter().annotate().first()` reads shop_book once per element of `viewers`", ""),
    ]


def inserts(project: Project) -> Iterator[Finding]:
    for ensured in project.ensured:
        yield from get_or_create_race.check(ensured, project)


PLANTS = """
    from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
    from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

    class Base(DeclarativeBase):
        pass

    class Bed(Base):
        __tablename__ = "bed"
        id = mapped_column(Integer, primary_key=True)
        name = mapped_column(String(20), unique=True)

    class Plant(Base):
        __tablename__ = "plant"
        id = mapped_column(Integer, primary_key=True)
        kind = mapped_column(String(20))
        __mapper_args__ = {"polymorphic_on": kind}

    class Tree(Plant):
        __tablename__ = "tree"
        id = mapped_column(ForeignKey("plant.id"), primary_key=True)
        code = mapped_column(String(20), unique=True)

    def bed(session: Session, name):
        if session.query(Bed).filter_by(name=name).first() is None:
            session.add(Bed(name=name))

    def tree(session: Session, code):
        if session.query(Tree).filter_by(code=code).first() is None:
            session.add(Tree(code=code))
    """


def test_an_insert_that_ignores_conflicts_only_where_one_statement_does_it() -> None:
    """`ON CONFLICT` is no word of MySQL, and `insert(Tree)` would leave out the row of plant."""
    caught = (
        "with session.begin_nested(): session.add({}(…)) inside a try; where it raises IntegrityError, select the row"
    )
    ignored = (
        "insert(Bed).values(name=…).on_conflict_do_nothing() of sqlalchemy.dialects.postgresql (or sqlite), then "
        "select the row"
    )
    lines = {}
    for dialect in ("postgres", "mysql"):
        project = linked({"plants.py": dedent(PLANTS)}, dialect=dialect)
        lines[dialect] = [line for _, line in pasted(project, inserts)]
    assert lines == {
        "postgres": [ignored, caught.format("Tree")],
        "mysql": [caught.format("Bed"), caught.format("Tree")],
    }
