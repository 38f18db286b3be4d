"""What a call stands for inside a statement is said by its type, not by its name."""

from __future__ import annotations

from dblint.facts.query import Assignment, Clause, Column, Compare, Condition, Function, Or, Subquery, Value
from tests.link.linked import linked

SHOP = """
    from django.db.models import Exists as Any, F as Field, OuterRef as Outer, Q as Where, Model
    from django.db import models
    from shop.words import F, Q

    class Order(Model):
        paid = models.BooleanField()
        total = models.IntegerField()
        sum = models.IntegerField()

    class Line(Model):
        order = models.ForeignKey(Order, on_delete=models.CASCADE)

    def show(number):
        list(Order.objects.filter(Where(total=1) | Where(total=2)))
        list(Order.objects.filter(total=Field("sum")))
        list(Order.objects.filter(models.Q(total=models.F("sum")), Any(Line.objects.filter(order=Outer("pk")))))
        list(Order.objects.filter(Q(total=1)))
        list(Order.objects.filter(total=F("sum")))
        Order.objects.update(total=models.F("total") + 1, sum=models.Value(3))
    """
WORDS = """
    def F(name):
        return len(name)

    def Q(**words):
        return words
    """


def test_by_type_and_not_by_name() -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": SHOP, "shop/words.py": WORDS})
    queries = [query for call in sorted(project.calls, key=lambda call: call.place) for query in call.queries]
    either, column, both, own, number, written = [query for query in queries if query.table == "shop_order"]
    total, summed = Column("total"), Column("sum")

    def condition(clause: Clause[Condition]) -> Condition:
        (element,) = clause.elements
        return element.value

    assert condition(either.where) == Or(
        (Compare(total, "=", Value("number", "1")), Compare(total, "=", Value("number", "2")))
    )
    assert condition(column.where) == Compare(total, "=", summed)
    same, exists = both.where.values()
    assert same == Compare(total, "=", summed)
    assert isinstance(exists, Compare)
    assert isinstance(exists.left, Function)
    assert exists.left.name == "exists"
    (inner,) = exists.left.arguments
    assert isinstance(inner, Subquery)
    assert inner.query.table == "shop_line"
    assert own.where.open
    assert not own.where.elements
    handed = condition(number.where)
    assert isinstance(handed, Compare)
    assert isinstance(handed.right, Value)
    assert handed.right.kind == "parameter"
    assert list(written.assignments.values()) == [
        Assignment("total", Function("+", (total, Value("number", "1")))),
        Assignment("sum", Value("number", "3")),
    ]


def test_a_member_that_no_row_describes_stands_for_nothing() -> None:
    source = """
        from django.contrib.sites.models import Site
        from django.db import models

        class Shop(models.Model):
            site = models.ForeignKey(Site, on_delete=models.CASCADE)

        def shop():
            return Shop.objects.get(site=Site.objects.of_today())
        """
    project = linked({"shop/__init__.py": "", "shop/models.py": source})
    assert not project.diagnostics
    (asked,) = (query for call in project.calls for query in call.queries if query.table == "shop_shop")
    (element,) = asked.where.elements
    assert isinstance(element.value, Compare)
    assert element.value.left == Column("site_id")
