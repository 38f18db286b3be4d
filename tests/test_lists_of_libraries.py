"""Queries per row that libraries beside an ORM ask or make a program ask: the lines that are told, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

from dblint_rules.query import lazy_relation_in_list, lazy_relation_in_loop, n_plus_one

from dblint.facts.project import Project
from dblint.rule import Finding
from tests.link.linked import linked

Check = Callable[[Project], Iterator[Finding]]


def told(files: dict[str, str], *checks: Check) -> list[tuple[str, str]]:
    """The lines with findings, stripped, each with its message."""
    project = linked(files)
    found = []
    for check in checks:
        for finding in check(project):
            text = dedent(files[finding.place.path]).encode()
            line = text[: finding.place.start].count(b"\n")
            found.append((text.decode().splitlines()[line].strip(), finding.message))
    return sorted(found)


CHECKERS = """
    from django.contrib.auth.models import User
    from django.db import models
    from guardian.core import ObjectPermissionChecker
    from guardian.shortcuts import get_users_with_perms

    class Project(models.Model):
        name = models.TextField()

    def each(user: User):
        checker = ObjectPermissionChecker(user)
        return [one for one in Project.objects.all() if checker.has_perm("change_project", one)]

    def anew(user: User):
        return [one for one in Project.objects.all() if ObjectPermissionChecker(user).has_perm("view_project", one)]

    def watchers():
        for one in Project.objects.all():
            print([user.pk for user in get_users_with_perms(one)])
    """
BATCHED = """
    from django.contrib.auth.models import User
    from guardian.core import ObjectPermissionChecker
    from app import Project

    def batched(user: User):
        rows = list(Project.objects.all())
        checker = ObjectPermissionChecker(user)
        checker.prefetch_perms(rows)
        return [one for one in rows if checker.has_perm("change_project", one)]

    def handed_on(user: User):
        rows = list(Project.objects.all())
        checker = ObjectPermissionChecker(user)
        fill(checker, rows)
        return [one for one in rows if checker.has_perm("change_project", one)]

    def fill(checker: ObjectPermissionChecker, rows):
        checker.prefetch_perms(rows)

    def given(checker: ObjectPermissionChecker):
        return [one for one in Project.objects.all() if checker.has_perm("change_project", one)]
    """


def test_a_checker_asks_per_object_unless_it_asked_for_all_before() -> None:
    each = "guardian_userobjectpermission once per element of `Project.objects.all()`"
    watchers = (
        "print([user.pk for user in get_users_with_perms(one)])",
        "`get_users_with_perms()` reads auth_user once per element of `Project.objects.all()`",
    )
    loop = "return [one for one in Project.objects.all() if {}]"
    found = [
        watchers,
        (
            loop.format('ObjectPermissionChecker(user).has_perm("view_project", one)'),
            f"`ObjectPermissionChecker().has_perm()` reads {each}",
        ),
        (loop.format('checker.has_perm("change_project", one)'), f"`checker.has_perm()` reads {each}"),
    ]
    assert told({"app.py": CHECKERS, "batched.py": BATCHED}, n_plus_one.check) == found
    setting = {"app.py": CHECKERS, "settings.py": "GUARDIAN_AUTO_PREFETCH = True\n"}
    assert told(setting, n_plus_one.check) == [watchers]


def test_what_a_row_has_beside_it_is_a_query_for_each() -> None:
    """Of a tree, and in the order of a date; a serializer iterates the query that it is given."""
    files = {
        "app.py": """
            from django.db import models
            from rest_framework import serializers, viewsets
            from treenode.models import TreeNodeModel

            class Shelf(TreeNodeModel):
                made = models.DateTimeField()

                def get_before(self):
                    return self.get_previous_by_made()

            class ShelfSerializer(serializers.ModelSerializer):
                inner = serializers.SerializerMethodField()
                kept = serializers.SerializerMethodField()
                cached = serializers.SerializerMethodField()

                class Meta:
                    model = Shelf
                    fields = ["inner", "kept", "cached"]

                def get_inner(self, shelf):
                    rows = shelf.get_children_queryset()
                    return ShelfSerializer(rows, many=True).data

                def get_kept(self, shelf):
                    kept = self.context.get("kept")
                    if kept is not None:
                        rows = kept.get(shelf.pk, [])
                    else:
                        rows = shelf.get_siblings_queryset()
                    return ShelfSerializer(rows, many=True).data

                def get_cached(self, shelf):
                    return [child.pk for child in shelf.get_children()]

            class Shelves(viewsets.ModelViewSet):
                queryset = Shelf.objects.all()
                serializer_class = ShelfSerializer

            def listed():
                for shelf in Shelf.objects.all():
                    print(shelf.get_next_by_made(), shelf.tn_children_count)
                for shelf in Shelf.objects.all():
                    print(shelf.get_before())
            """
    }
    assert told(files, n_plus_one.check) == [
        (
            "print(shelf.get_before())",
            "`shelf.get_before()` reads app_shelf once per element of `Shelf.objects.all()`",
        ),
        (
            "print(shelf.get_next_by_made(), shelf.tn_children_count)",
            "`shelf.get_next_by_made()` reads app_shelf once per element of `Shelf.objects.all()`",
        ),
        (
            "return ShelfSerializer(rows, many=True).data",
            "`rows` reads app_shelf once per row that `ShelfSerializer` shows",
        ),
    ]


def test_rows_that_a_sort_by_names_goes_through() -> None:
    files = {
        "app.py": """
            from flask_sqlalchemy import SQLAlchemy
            from funcy import partial
            from sqlalchemy_utils import sort_query
            db = SQLAlchemy()

            class Star(db.Model):
                id = db.Column(db.Integer, primary_key=True)
                board_id = db.Column(db.Integer)

                @classmethod
                def has(cls, board):
                    return cls.query.filter(cls.board_id == board.id).count() > 0

            class Board(db.Model):
                id = db.Column(db.Integer, primary_key=True)

            def described(board):
                return {"id": board.id, "star": Star.has(board)}

            def paginate(rows, page, describe):
                return [describe(row) for row in rows.paginate(page, 25).items]

            def _sorted(rows, default):
                return sort_query(rows.order_by(None), default)

            in_order = partial(_sorted, default="-id")

            class Plain:
                def __init__(self, board):
                    self.number = board.id

            def boards(page):
                return paginate(in_order(Board.query), page, described)

            def numbers(page):
                return paginate(in_order(Board.query), page, Plain)
            """
    }
    assert told(files, n_plus_one.check) == [
        (
            'return {"id": board.id, "star": Star.has(board)}',
            "`Star.has()` reads star once per row that `described` shows",
        )
    ]


SHOP = """
    from django.db import models

    class City(models.Model):
        name = models.TextField()

    class Author(models.Model):
        name = models.TextField()
        city = models.ForeignKey(City, models.CASCADE, related_name="authors")

    class Book(models.Model):
        title = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        tags = models.ManyToManyField(City)
    """
SCHEMAS = """
    from typing import List
    from ninja import Field, FilterSchema, ModelSchema, Query, Router, Schema
    from ninja.pagination import paginate
    from shop.models import Author, Book

    router = Router()

    class AuthorSchema(Schema):
        name: str

    class BookSchema(Schema):
        title: str
        author: AuthorSchema

    class PathSchema(Schema):
        city_name: str = Field(None, alias="author.city.name")

    class ResolvedSchema(Schema):
        author: str

        @staticmethod
        def resolve_author(row):
            return row.author.name

    class KeysSchema(ModelSchema):
        class Meta:
            model = Book
            fields = ["title", "author", "tags"]

    class AllSchema(ModelSchema):
        author: AuthorSchema

        class Meta:
            model = Book
            fields = "__all__"

    class AuthorKeys(ModelSchema):
        class Meta:
            model = Author
            fields = "__all__"

    class BookFilter(FilterSchema):
        title: str = None

    @router.get("/books", response=List[BookSchema])
    def books(request):
        return Book.objects.filter(title="a")

    @router.get("/loaded", response=list[BookSchema])
    def loaded(request):
        return Book.objects.select_related("author")

    @router.get("/paths", response={200: List[PathSchema]})
    @paginate
    def paths(request, filters: BookFilter = Query(...)):
        return filters.filter(Book.objects.filter(title="b"))

    @router.get("/resolved", response=List[ResolvedSchema])
    def resolved(request):
        return Book.objects.filter(title="c")

    @router.get("/keys", response=List[KeysSchema])
    def keys(request):
        return Book.objects.filter(title="d")

    @router.get("/all", response=List[AllSchema])
    def everything(request):
        return Book.objects.filter(title="e").prefetch_related("tags")

    @router.get("/authors", response=List[AuthorKeys])
    def authors(request):
        return Author.objects.all()

    @router.get("/one/{number}", response=BookSchema)
    def one(request, number: int):
        return Book.objects.get(pk=number)
    """


def test_schemas_read_relations_of_each_row_of_a_list() -> None:
    found = told({"shop/models.py": SHOP, "shop/api.py": SCHEMAS}, lazy_relation_in_list.check)
    said = "each row that `{}` shows asks for {} of Book, which this query does not load"
    assert found == [
        ('return Book.objects.filter(title="a")', said.format("BookSchema", "author")),
        ('return Book.objects.filter(title="c")', said.format("ResolvedSchema", "author")),
        ('return Book.objects.filter(title="d")', said.format("KeysSchema", "tags")),
        ('return Book.objects.filter(title="e").prefetch_related("tags")', said.format("AllSchema", "author")),
        ('return filters.filter(Book.objects.filter(title="b"))', said.format("PathSchema", "author.city")),
    ]


TEXTS = (
    SHOP
    + """
    class Named(models.Model):
        city = models.ForeignKey(City, models.CASCADE)

        def __str__(self):
            return self.city.name

    class Owner(models.Model):
        named = models.ForeignKey(Named, models.CASCADE)
    """
)
TABLES = """
    import django_tables2 as tables
    from django_tables2 import RequestConfig, SingleTableView
    from django.shortcuts import render
    from shop.models import Book, Author, Owner

    class PathTable(tables.Table):
        city = tables.Column(accessor="author__city__name")

    class DotTable(tables.Table):
        city = tables.Column(accessor="author.city.name")

    class ModelTable(tables.Table):
        class Meta:
            model = Book

    class FieldsTable(tables.Table):
        class Meta:
            model = Book
            fields = ("title", "tags")

    class ExcludedTable(tables.Table):
        class Meta:
            model = Book
            exclude = ["author"]

    class TextTable(tables.Table):
        class Meta:
            model = Owner

    class RenderedTable(tables.Table):
        title = tables.Column()
        def render_title(self, value, record):
            return record.author.name

    class HiddenTable(tables.Table):
        author = tables.Column(visible=False)

    class LoadingTable(tables.Table):
        author = tables.Column()
        def __init__(self, data, **kwargs):
            super().__init__(data.select_related("author"), **kwargs)

    def paths(request):
        table = PathTable(Book.objects.filter(title="a"))
        RequestConfig(request).configure(table)
        return render(request, "x.html", {"table": table})

    def others(request):
        DotTable(Book.objects.filter(title="b"))
        ModelTable(Book.objects.filter(title="c"))
        FieldsTable(Book.objects.filter(title="d"))
        ExcludedTable(Book.objects.filter(title="e"))
        TextTable(data=Owner.objects.select_related("named"))
        RenderedTable(Book.objects.filter(title="f"))
        HiddenTable(Book.objects.filter(title="g"))
        LoadingTable(Book.objects.filter(title="h"))
        PathTable(Book.objects.select_related("author__city"))

    class Books(SingleTableView):
        model = Book
        table_class = PathTable

    class Loaded(SingleTableView):
        queryset = Book.objects.select_related("author__city")
        table_class = PathTable
    """


def test_columns_read_relations_of_each_row_of_a_table() -> None:
    found = told({"shop/models.py": TEXTS, "shop/views.py": TABLES}, lazy_relation_in_list.check)
    said = "each row that `{}` shows asks for {} of {}, which this query does not load"
    assert found == [
        ('DotTable(Book.objects.filter(title="b"))', said.format("DotTable", "author.city", "Book")),
        ('FieldsTable(Book.objects.filter(title="d"))', said.format("FieldsTable", "tags", "Book")),
        ('ModelTable(Book.objects.filter(title="c"))', said.format("ModelTable", "author", "Book")),
        ('RenderedTable(Book.objects.filter(title="f"))', said.format("RenderedTable", "author", "Book")),
        (
            'TextTable(data=Owner.objects.select_related("named"))',
            said.format("TextTable", "named.city", "Owner"),
        ),
        ("model = Book", said.format("PathTable", "author.city", "Book")),
        ('table = PathTable(Book.objects.filter(title="a"))', said.format("PathTable", "author.city", "Book")),
    ]


TAGGED = """
    from django.db import models
    from rest_framework import serializers, viewsets
    from taggit.managers import TaggableManager
    from taggit.models import GenericTaggedItemBase, TagBase
    from taggit.serializers import TagListSerializerField

    class Label(TagBase):
        color = models.TextField()

    class Labelled(GenericTaggedItemBase):
        tag = models.ForeignKey(Label, models.CASCADE, related_name="items")

    class Note(models.Model):
        tags = TaggableManager("Labels", through=Labelled)
        words = TaggableManager()

    class NoteSerializer(serializers.ModelSerializer):
        tags = TagListSerializerField()

        class Meta:
            model = Note
            fields = ["id", "tags"]

    class Notes(viewsets.ModelViewSet):
        queryset = Note.objects.all()
        serializer_class = NoteSerializer

    class Loaded(viewsets.ModelViewSet):
        queryset = Note.objects.prefetch_related("tags")
        serializer_class = NoteSerializer

    def colors():
        return [[label.color for label in note.tags.all()] for note in Note.objects.filter(words__name="a")]

    def words():
        return [word.name for note in Note.objects.prefetch_related("words") for word in note.words.all()]
    """


def test_tags_are_a_relation_through_the_rows_between() -> None:
    files = {"shop/__init__.py": "", "shop/models.py": TAGGED}
    assert told(files, lazy_relation_in_list.check, lazy_relation_in_loop.check) == [
        (
            "queryset = Note.objects.all()",
            "each row that `NoteSerializer` shows asks for tags of Note, which this query does not load",
        ),
        (
            'return [[label.color for label in note.tags.all()] for note in Note.objects.filter(words__name="a")]',
            "`note.tags` asks for tags of Note once per element of `Note.objects.filter()`",
        ),
    ]
    project = linked(files)
    relations = {one.name: one.target for one in project.tables["shop_note"].relations}
    assert relations == {"tags": "shop_label", "words": "taggit_tag"}
