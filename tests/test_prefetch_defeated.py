"""What `query/prefetch-defeated` says: which member asks for rows that were loaded."""

from __future__ import annotations

import pytest
from dblint_rules.query.prefetch_defeated import check

from tests.link.linked import linked

MODELS = """
    from django.db import models
    from shop.rows import Named

    class Tag(models.Model):
        name = models.TextField()
        objects = Named.as_manager()

    class Book(models.Model):
        tags = models.ManyToManyField(Tag)

        def newest(self):
            return list(self.tags.all().order_by("-id")[:3])

    def show(more):
        for book in {rows}:
            {body}
    """
ROWS = """
    from django.db import models

    class Named(models.QuerySet):
        def named(self):
            return self.exclude(name="").order_by("name")
    """
AGAIN = "asks again; go through all of them, which asks nothing, and pick or sort there"


@pytest.mark.parametrize(
    ("body", "source", "through", "member"),
    [
        ("list(book.tags.values_list('name', flat=True))", "book.tags.values_list()", "", "values_list"),
        ("list(book.tags.all().order_by('id')[:3])", "book.tags.all().order_by()[]", "", "order_by"),
        ("list(book.tags.filter(name='a').order_by('id'))", "book.tags.filter().order_by()", "", "filter"),
        ("print(book.tags.order_by('id').first())", "book.tags.order_by().first()", "", "order_by"),
        ("list(book.tags.named()[:2])", "book.tags.named()[]", "", "named"),
        ("print(book.tags.get(name='a'))", "book.tags.get()", "", "get"),
        ("print(book.newest())", "self.tags.all().order_by()[]", ", through `book.newest()`", "order_by"),
    ],
)
def test_the_member_that_asks_again_has_its_name(body: str, source: str, through: str, member: str) -> None:
    rows = "Book.objects.prefetch_related('tags')"
    [found] = check(linked({"shop/models.py": MODELS.format(rows=rows, body=body), "shop/rows.py": ROWS}))
    assert found.message == (
        f"`{source}` asks for tags of Book once per element of `Book.objects.prefetch_related()`{through}, which were "
        f"loaded with the rows: `{member}()` {AGAIN}"
    )


@pytest.mark.parametrize("body", ["list(book.tags.all()[:3])", "print(book.tags.count())"])
def test_what_takes_the_loaded_rows_asks_nothing(body: str) -> None:
    rows = "Book.objects.prefetch_related('tags')"
    assert list(check(linked({"shop/models.py": MODELS.format(rows=rows, body=body), "shop/rows.py": ROWS}))) == []
