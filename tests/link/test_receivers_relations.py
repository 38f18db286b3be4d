"""Receivers that attributes of Django's models lead to: forward, back, and through a table between."""

from __future__ import annotations

from dblint.facts.project import Project
from dblint.facts.query import Column, Compare
from tests.link.linked import answer, asked, linked, only

BOOKS = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Tag(models.Model):
        word = models.TextField()

    class Sold(models.QuerySet):
        def sold(self):
            return self.filter(sold=True)

    class Book(models.Model):
        author = models.ForeignKey(Author, on_delete=models.CASCADE)
        editor = models.ForeignKey("Author", null=True, on_delete=models.SET_NULL, related_name="edited")
        tags = models.ManyToManyField(Tag)
        objects = Sold.as_manager()
    """


def library(app: str) -> Project:
    """An application `books` and a file that uses it."""
    return linked({"books/__init__.py": "", "books/models.py": BOOKS, "app.py": app})


def shown(app: str) -> list[tuple[str, str, str, str]]:
    return [found for found in asked(library(app)) if found[0] != "get"]


def test_a_relation_back_gives_the_other_model_s_manager() -> None:
    assert shown(
        """
        from books.models import Author

        def show(number):
            author = Author.objects.get(pk=number)
            author.book_set.filter(title="x").first()
            author.edited.sold().count()
            author.reviewed.count()
        """
    ) == [
        ("first", "django:RelatedManager", "select", "books_book"),
        ("count", "Sold : django:QuerySet", "aggregate", "books_book"),
    ]


def test_a_relation_back_is_narrowed_to_its_row() -> None:
    call = only(
        library(
            """
        from books.models import Author

        def show(author: Author):
            return author.edited.first()
        """
        )
    )
    assert answer(call.queries[0].where) == "yes"
    assert answer(call.queries[0].order) == "yes"
    (condition,) = call.queries[0].where.values()
    assert isinstance(condition, Compare)
    assert condition.left == Column("editor_id")


def test_a_relation_forward_gives_a_row_of_the_other_model() -> None:
    assert shown(
        """
        from books.models import Book

        def show(number):
            book = Book.objects.get(pk=number)
            book.author.save()
            book.author.edited.count()
            book.title.save()
        """
    ) == [
        ("save", "Author : django:Model", "upsert", "books_author"),
        ("count", "django:RelatedManager", "aggregate", "books_book"),
    ]


def test_changes_of_a_many_to_many_relation_are_made_in_the_table_between() -> None:
    assert shown(
        """
        from books.models import Book, Tag

        def show(book: Book, tag: Tag):
            book.tags.add(tag)
            book.tags.clear()
            book.tags.count()
            tag.book_set.remove(book)
            book.tags.through.objects.count()
            Book.tags.through.objects.count()
        """
    ) == [
        ("add", "django:ManyManager", "insert", "books_book_tags"),
        ("clear", "django:ManyManager", "delete", "books_book_tags"),
        ("count", "django:ManyManager", "aggregate", "books_tag"),
        ("remove", "django:ManyManager", "delete", "books_book_tags"),
        ("count", "django:Manager", "aggregate", "books_book_tags"),
        ("count", "django:Manager", "aggregate", "books_book_tags"),
    ]


def test_changes_of_a_relation_back_are_made_in_the_other_model_s_table() -> None:
    assert shown(
        """
        from books.models import Author, Book

        def show(author: Author, book: Book):
            author.book_set.add(book)
        """
    ) == [("add", "django:RelatedManager", "update", "books_book")]


def test_the_table_between_may_be_a_model() -> None:
    app = """
        from django.db import models

        class Person(models.Model):
            pass

        class Team(models.Model):
            members = models.ManyToManyField(Person, through="Membership")

        class Membership(models.Model):
            team = models.ForeignKey(Team, on_delete=models.CASCADE)
            person = models.ForeignKey(Person, on_delete=models.CASCADE)

        def show(team: Team, person: Person):
            team.members.add(person)
            Team.members.through.objects.count()
        """
    assert asked(linked({"teams/__init__.py": "", "teams/models.py": app})) == [
        ("add", "django:ManyManager", "insert", "teams_membership"),
        ("count", "django:Manager", "aggregate", "teams_membership"),
    ]


def test_a_relation_that_may_have_been_loaded_before_does_not_surely_ask() -> None:
    project = library(
        """
        from books.models import Author

        def show(author: Author):
            author.edited.all().count()
            author.edited.filter(sold=True).count()
            for book in author.edited.all():
                print(book)
            for book in author.edited.order_by("title"):
                print(book)
        """
    )
    assert [(call.member, call.memoised) for call in project.calls if call.queries and call.trigger != "built"] == [
        ("count", True),
        ("count", False),
        ("iterate", True),
        ("iterate", False),
    ]


def test_a_relation_of_a_package_s_model_leads_to_a_model_of_that_package() -> None:
    app = """
        from django.db import models
        from taggit.models import TaggedItemBase

        class TaggedBook(TaggedItemBase):
            pass

        def show(item: TaggedBook):
            item.tag.save()
        """
    assert asked(linked({"books/__init__.py": "", "books/models.py": app})) == [
        ("save", "taggit:Tag", "upsert", "taggit_tag")
    ]


def test_what_is_deleted_softly_is_updated() -> None:
    app = """
        from django.db import models
        from django_softdelete.models import SoftDeleteModel

        class Book(SoftDeleteModel):
            pass

        def show(book: Book):
            Book.objects.filter(id=1).delete()
            Book.deleted_objects.filter(id=1).hard_delete()
            book.delete()
            book.hard_delete()
        """
    assert [
        (verb, table) for _, _, verb, table in asked(linked({"books/__init__.py": "", "books/models.py": app}))
    ] == [
        ("update", "books_book"),
        ("delete", "books_book"),
        ("update", "books_book"),
        ("delete", "books_book"),
    ]


def test_relations_that_only_the_models_below_have() -> None:
    code = """
        from django.contrib.contenttypes.fields import GenericRelation
        from django.db import models

        class Tunnel(models.Model):
            pass

        class Interface(models.Model):
            class Meta:
                abstract = True

            def generic(self):
                return self.tunnels.first()

            def added(self):
                return self.addresses.count()

            def nobody(self):
                return self.masks.count()

        class Physical(Interface):
            tunnels = GenericRelation(Tunnel)

        class Virtual(Interface):
            tunnels = GenericRelation(Tunnel)

        class Address(models.Model):
            interface = models.ForeignKey(Physical, models.CASCADE, related_name="addresses")

        class Copying:
            def copied(self):
                type(self).objects.create()
                self.__class__.objects.filter(pk=self.pk).update(name="")

        class Cup(Copying, models.Model):
            name = models.TextField()
        """
    assert asked(linked({"net/models.py": code})) == [
        ("first", "django:RelatedManager", "select", "net_tunnel"),
        ("count", "django:RelatedManager", "aggregate", "net_address"),
        ("create", "django:Manager", "insert", "net_cup"),
        ("update", "django:Manager", "update", "net_cup"),
    ]
