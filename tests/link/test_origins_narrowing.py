"""Values whose class a test says, where it holds."""

from __future__ import annotations

from textwrap import dedent

from tests.link.linked import asked, linked

MODELS = """
    from django.db import models

    class Author(models.Model):
        name = models.TextField()

    class Book(models.Model):
        author = models.ForeignKey(Author, models.CASCADE)

        def copies(self):
            return Copy.objects.filter(book=self).count()

    class Copy(models.Model):
        book = models.ForeignKey(Book, models.CASCADE)
        author = models.ForeignKey(Author, models.CASCADE)

        def copies(self):
            return Book.objects.filter(copy=self).count()
    """
USES = {
    # where it holds
    "if isinstance(thing, Book): thing.copies()": ["copy"],
    "if isinstance(thing, (Book, Copy)): thing.copies()": ["book", "copy"],
    "if more and isinstance(thing, Copy): thing.copies()": ["book"],
    "isinstance(thing, Book) and thing.copies()": ["copy"],
    "x = thing.copies() if isinstance(thing, Book) else None": ["copy"],
    "if isinstance(things[0], Book): things[0].copies()": ["copy"],
    "if isinstance(thing.of, Book): thing.of.copies()": ["copy"],
    "if not isinstance(thing, Book): return\n    thing.copies()": ["copy"],
    "if isinstance(thing, Book):\n        pass\n    elif isinstance(thing, Copy): thing.copies()": ["book"],
    "if more: return\n    elif not isinstance(thing, Book): raise more\n    thing.copies()": ["copy"],
    # where it does not
    "if more: pass\n    elif not isinstance(thing, Book): return\n    thing.copies()": [],
    "if more: return\n    elif not isinstance(thing, Book): return\n    else: pass\n    thing.copies()": [],
    "if isinstance(thing, Book): pass\n    thing.copies()": [],
    "if isinstance(thing, Book): pass\n    else: thing.copies()": [],
    "if not isinstance(thing, Book): thing.copies()": [],
    "if more or isinstance(thing, Book): thing.copies()": [],
    "if isinstance(thing, Book):\n        thing = more\n        thing.copies()": [],
    "if isinstance(things[0], Book): things[1].copies()": [],
    "if isinstance(thing, (Book, more)): thing.copies()": [],
    "if isinstance(thing, str): thing.copies()": [],
    "assert isinstance(thing, Book)\n    thing.copies()": ["copy"],
    "assert more and isinstance(thing, Book), more\n    thing.copies()": ["copy"],
    "if isinstance(given, Book): given.copies()": ["copy"],
    "assert more or isinstance(thing, Book)\n    thing.copies()": [],
    "assert more, isinstance(thing, Book)\n    thing.copies()": [],
    "assert not isinstance(thing, Book)\n    thing.copies()": [],
    # which of several kinds an element is
    "for each in things:\n        if isinstance(each, Book): each.copies()": [],
    # what is known better stays
    "thing = Copy.objects.first()\n    if isinstance(thing, Book): thing.copies()": ["book"],
}


def test_a_test_of_its_class_says_what_a_value_is() -> None:
    head = "from shop.models import Book, Copy\n\n"
    files = {"shop/models.py": dedent(MODELS)}
    for number, use in enumerate(USES):
        code = f"{head}def use(given, more):\n    thing, things = given.one, given.all()\n    {use}\n"
        files[f"shop/uses_{number:02}.py"] = code
    project = linked(files)
    found: dict[str, set[str]] = {}
    for invocation in project.invocations:
        for callee in invocation.callees:
            table = "copy" if callee.endswith("Book.copies") else "book"
            found.setdefault(invocation.place.path, set()).add(table)
    expected = {f"shop/uses_{number:02}.py": set(tables) for number, tables in enumerate(USES.values()) if tables}
    assert found == expected


def test_a_mapping_of_many_classes_holds_what_all_of_them_are() -> None:
    kinds = "".join(f"class Kind{number}(Kind):\n    pass\n\n" for number in range(12))
    code = "from django.db import models\n\nclass Book(models.Model):\n    pass\n\nclass Kind:\n"
    code += "    def all(self):\n        return list(Book.objects.all())\n\n" + kinds + "class Other:\n    pass\n\n"
    entries = ", ".join(f"'{number}': Kind{number}" for number in range(12))
    code += f"KINDS = {{{entries}}}\nMORE = {{{entries}, 'other': Other}}\n\n"
    code += "def one(key):\n    KINDS.get(key)().all()\n\ndef other(key):\n    MORE.get(key)().all()\n"
    callees = [callee for each in linked({"shop/models.py": code}).invocations for callee in each.callees]
    assert callees == ["shop/models.py::Kind.all"]


def test_a_test_of_a_library_s_class_types_what_nothing_else_does() -> None:
    code = """
        from django.db.models import Manager, QuerySet
        from sqlalchemy.orm import Session
        from shop.models import Book

        def run(session, text):
            if not isinstance(session, Session):
                raise TypeError(session)
            session.execute(text)

        def counted(rows):
            return rows.count() if isinstance(rows, (Manager, QuerySet)) else len(rows)

        def known():
            books = Book.objects.filter(author=1)
            assert isinstance(books, QuerySet)
            return books.first()

        def unknown(session, text):
            if isinstance(session, dict):
                session.execute(text)
        """
    assert asked(linked({"shop/models.py": MODELS, "shop/use.py": code}))[-4:] == [
        ("execute", "sqlalchemy:Session", "unknown", ""),
        ("count", "django:Manager", "aggregate", ""),
        ("count", "django:QuerySet", "aggregate", ""),
        ("first", "django:Manager", "select", "shop_book"),
    ]


def test_a_test_of_a_library_s_class_narrows_what_it_extends() -> None:
    project = linked(
        {
            "app.py": """
                from peewee import Database, MySQLDatabase, PostgresqlDatabase

                def names(database: Database):
                    if isinstance(database, PostgresqlDatabase):
                        return database.execute_sql("SELECT tablename FROM pg_tables")
                    return database.execute_sql("SELECT name FROM jar")

                def own(database: PostgresqlDatabase):
                    if isinstance(database, (Database, MySQLDatabase)):
                        return database.execute_sql("SELECT id FROM lid")
                """
        }
    )
    assert [(receiver, table) for _, receiver, _, table in asked(project)] == [
        ("peewee:PostgresqlDatabase", "pg_tables"),
        ("peewee:Database", "jar"),
        ("peewee:PostgresqlDatabase", "lid"),
    ]
