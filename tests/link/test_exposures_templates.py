"""Which template a name means where several have it, or none has it whole; what of a page are its rows; filters that
ask a row's methods."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import linked

SHOP = """
    from flask import Flask, render_template
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String)

    class Order(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        maker_id = db.Column(db.Integer, db.ForeignKey("person.id"))
        maker = db.relationship(Person, foreign_keys=[maker_id])
        buyer_id = db.Column(db.Integer, db.ForeignKey("person.id"))
        buyer = db.relationship(Person, foreign_keys=[buyer_id])

    def page(name):
        return Order.query.order_by(Order.id).paginate(page=1, per_page=50)

    @app.route("/paged")
    def paged():
        return render_template("paged.html", orders=Order.query.order_by(Order.id).paginate(page=1, per_page=50))

    @app.route("/themes")
    def themed():
        return render_template("orders/list.html", orders=Order.query.all())

    @app.route("/staff")
    def staff():
        return render_template("staff/orders/all.html", orders=Order.query.all())

    @app.route("/based")
    def based():
        return render_template("based.html", orders=Order.query.all())
    """
LOOP = "{{% for order in {} %}}{}{{% endfor %}}"
PAGES = {
    "shop.py": SHOP,
    "templates/paged.html": LOOP.format("orders.items", "{{ order.maker.name }}"),
    "themes/old/templates/orders/list.html": LOOP.format("orders", "{{ order.maker.name }}{{ order.buyer.name }}"),
    "themes/new/templates/orders/list.html": LOOP.format("orders", "<b>{{ order.buyer.name }}</b>"),
    "themes/old/templates/base.html": "{% block rows %}{% endblock %}",
    "themes/new/templates/base.html": LOOP.format("orders", "{{ order.buyer.name }}"),
    "themes/new/templates/based.html": '{% extends "base.html" %}',
    "themes/staff/templates/orders/all.html": LOOP.format("orders", "{{ order.maker.name }}"),
}


def shown(project: Project) -> list[tuple[str, list[str], list[str]]]:
    """(template, relations, places of templates) of every list, in the order of places."""
    return [
        (exposure.by, [".".join(each.path) for each in exposure.shown], [each.place.path for each in exposure.shown])
        for exposure in project.exposures
    ]


def test_templates_of_the_same_name_and_those_behind_a_prefix() -> None:
    assert shown(linked(PAGES)) == [
        ("paged.html", ["maker"], ["templates/paged.html"]),
        ("orders/list.html", ["buyer"], ["themes/new/templates/orders/list.html"]),
        ("staff/orders/all.html", ["maker"], ["themes/staff/templates/orders/all.html"]),
        ("based.html", ["buyer"], ["themes/new/templates/base.html"]),
    ]


BOOKS = """
    from django import template
    from django.db import models
    from django.shortcuts import render

    register = template.Library()

    class Author(models.Model):
        name = models.TextField()

    class Work(models.Model):
        title = models.TextField()
        best = models.TextField(null=True)

        @property
        def first(self):
            return self.editions.order_by("rank").first()

        def by(self, author):
            return self.editions.filter(author=author).first()

    class Edition(models.Model):
        work = models.ForeignKey(Work, models.CASCADE, related_name="editions")
        author = models.ForeignKey(Author, models.CASCADE)
        rank = models.IntegerField()

    @register.filter(name="first")
    def first_of(work):
        return work.first

    @register.filter
    def by(work, author):
        return work.by(author)

    @register.filter
    def kept(work):
        if hasattr(work, "found"):
            return work.found
        return work.first

    def works(request, number):
        return render(request, "works.html", {"works": Work.objects.all(), "author": number})

    def single(request, number):
        return render(request, "work.html", {"work": Work.objects.get(pk=number)})

    def others(request, number):
        return render(request, "others.html", {"works": Work.objects.all(), "author": number})
    """


def test_rows_come_from_where_they_are_gone_through() -> None:
    """Not from where only their number, or whether there are any, is asked."""
    text = (
        "{% if work.editions.exists %}{{ work.editions.count }}"
        "{% for edition in work.editions.all %}{{ edition.author.name }}{% endfor %}{% endif %}"
    )
    project = linked({"books/books.py": BOOKS, "books/templates/work.html": text})
    given = [(exposure.given, [".".join(each.path) for each in exposure.shown]) for exposure in project.exposures]
    assert [(text[place.start : place.stop], paths) for place, paths in given] == [("work.editions.all", ["author"])]


def test_a_filter_asks_what_the_methods_of_its_row_ask() -> None:
    project = linked(
        {
            "books/books.py": BOOKS,
            "books/templates/works.html": "{% for work in works %}{{ work|first }}{{ work|by:author }}{% endfor %}",
            "books/templates/others.html": "{% for work in works %}{{ work|kept }}{% endfor %}",
        }
    )
    assert [(exposure.by, [each.route.call.source for each in exposure.asked]) for exposure in project.exposures] == [
        ("works.html", ["self.editions.order_by().first()", "self.editions.filter().first()"]),
        ("others.html", []),
    ]
