"""Relations as models are asked for them: by attribute, from both ends."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from dblint.facts.blocks import PrismaFile
from dblint.frontends.extract import extract
from dblint.libraries.reader import bundled
from dblint.link import prisma
from dblint.link.models import Models, Related
from dblint.link.names import Names
from dblint.link.types import Evaluator
from dblint.link.values import LibraryClass, ProjectClass, SchemaModel, Unknown, Value

LIBRARY = """
    from django.db import models

    class Author(models.Model):
        pass

    class Publisher(models.Model):
        authors = models.ManyToManyField(Author, related_name="publishers")

    class Item(models.Model):
        publisher = models.ForeignKey(Publisher, models.CASCADE, related_query_name="stock")

        class Meta:
            abstract = True

    class Book(Item):
        author = models.ForeignKey(Author, models.CASCADE)
        keeper = models.ForeignKey("auth.User", models.CASCADE, related_name="kept")
        lost = models.ForeignKey("elsewhere.Thing", models.CASCADE)

    class Cover(models.Model):
        book = models.OneToOneField(Book, models.CASCADE)

    class Atlas(Book):
        maps = models.IntegerField()
    """


def models(files: Mapping[str, str]) -> Models:
    """The models of these files."""
    facts = {path: extract(dedent(text).encode(), path) for path, text in files.items()}
    evaluator = Evaluator(facts, Names(facts, {}, {}), bundled(), {})
    return Models(evaluator, {})


def cls(found: Models, name: str) -> ProjectClass:
    """The class of that name."""
    for path, facts in found.evaluator.files.items():
        for node, interface in facts.interface.classes.items():
            if interface.name == name:
                return ProjectClass(path, node)
    raise KeyError(name)


def end(found: Models, model: Value, name: str) -> tuple[str, bool, bool] | None:
    """The model behind an attribute, whether there are several, and whether another model declares it."""
    related = found.relation(model, name)
    return (word(found, related), related.many, related.inverse) if related is not None else None


def word(found: Models, related: Related) -> str:
    other = related.model
    assert isinstance(other, ProjectClass | LibraryClass | SchemaModel | Unknown)
    if isinstance(other, ProjectClass | LibraryClass):
        return found.evaluator.classes.class_name(other)
    return other.name if isinstance(other, SchemaModel) else "?"


def test_a_relation_from_the_end_that_declares_it() -> None:
    found = models({"library/models.py": LIBRARY})
    book = cls(found, "Book")
    assert end(found, book, "author") == ("Author", False, False)
    assert end(found, book, "publisher") == ("Publisher", False, False)
    assert end(found, book, "keeper") == ("User", False, False)
    assert end(found, book, "lost") == ("?", False, False)
    assert end(found, cls(found, "Publisher"), "authors") == ("Author", True, False)
    assert end(found, book, "title") is None


def test_a_relation_from_the_other_end() -> None:
    found = models({"library/models.py": LIBRARY})
    author, publisher = cls(found, "Author"), cls(found, "Publisher")
    assert end(found, author, "book_set") == ("Book", True, True)
    assert end(found, author, "publishers") == ("Publisher", True, True)
    assert end(found, publisher, "book_set") == ("Book", True, True)
    assert end(found, cls(found, "Book"), "cover") == ("Cover", False, True)
    assert end(found, LibraryClass("django:User"), "kept") == ("Book", True, True)
    assert end(found, author, "cover_set") is None
    assert end(found, author, "item_set") is None


def test_a_table_that_extends_another_has_its_relations() -> None:
    found = models({"library/models.py": LIBRARY})
    atlas = cls(found, "Atlas")
    assert end(found, atlas, "author") == ("Author", False, False)
    assert end(found, atlas, "book_ptr") == ("Book", False, False)
    assert end(found, atlas, "cover") == ("Cover", False, True)
    assert end(found, cls(found, "Book"), "atlas") == ("Atlas", False, True)
    assert sorted(found.inverses(cls(found, "Author"))) == ["book_set", "publishers"]


def test_what_conditions_call_a_relation() -> None:
    found = models({"library/models.py": LIBRARY})
    related = found.relation(cls(found, "Author"), "book_set")
    stock = found.relation(cls(found, "Publisher"), "book_set")
    assert related is not None
    assert stock is not None
    assert (related.query_name, stock.query_name) == ("book", "stock")


def test_models_of_a_schema_file() -> None:
    text = """
        datasource db {
          provider = "postgresql"
          url = "x"
        }
        model Invoice {
          id Int @id
          lines Line[]
        }
        model Line {
          id Int @id
          invoiceId Int
          invoice Invoice @relation(fields: [invoiceId], references: [id])
        }
        """
    file = extract(dedent(text).encode(), "schema.prisma")
    assert isinstance(file, PrismaFile)
    tables = {table.model: table for table in prisma.join([file]).tables}
    found = Models(models({}).evaluator, tables)
    assert end(found, SchemaModel("Line"), "invoice") == ("Invoice", False, False)
    assert end(found, SchemaModel("Invoice"), "lines") == ("Line", True, False)
    assert end(found, SchemaModel("Invoice"), "id") is None
