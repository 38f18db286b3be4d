"""Objects of the program's own that a view hands on with its rows, and of which each shows something of every row."""

from __future__ import annotations

from textwrap import dedent

from tests.link.linked import linked

MODELS = """
    from django.db import models

    class City(models.Model):
        name = models.TextField()

    class Author(models.Model):
        name = models.TextField()
        city = models.ForeignKey(City, models.CASCADE)

    class Book(models.Model):
        title = models.TextField()
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        editor = models.ForeignKey(Author, models.CASCADE, related_name="edited")
        tags = models.ManyToManyField(City)

        @property
        def twins(self):
            return Book.objects.filter(title=self.title)

        def others(self):
            return Book.objects.filter(title="A")

        def __str__(self):
            return self.author.name
    """
COLUMNS = """
    from django.template.loader import get_template, render_to_string

    def follow(item, path):
        current = item
        for bit in path.split("__"):
            current = getattr(current, bit)
        return current

    def said(item, path):
        return path.split("__")

    class Base:
        template_name = None

        def __init__(self, name, label=None, accessor=None):
            self.name = name
            self.accessor = accessor or name

        @property
        def template(self):
            return get_template(self.template_name)

        def context(self, row, parent):
            return {"row": row, "column": self, "parent": parent["row"]}

        def cell(self, row, parent):
            context = self.context(row, parent)
            return self.template.render(context)

    class Column(Base):
        template_name = "cell.html"

        def value(self, row):
            if callable(self.accessor):
                return self.accessor(row)
            return follow(row, self.accessor)

        def context(self, row, parent):
            context = super().context(row, parent)
            context["value"] = self.value(row)
            return context

    class Handed(Column):
        def __init__(self, *args, extra, **kwargs):
            super().__init__(*args, **kwargs)
            self.extra = extra

    class Fixed(Column):
        def __init__(self, **kwargs):
            super().__init__("editor", label=kwargs.pop("label", ""), **kwargs)

    class Tagged(Column):
        template_name = "tags.html"

    class Twins(Base):
        template_name = "twins.html"

    class Silent(Column):
        def value(self, row):
            return self.name

    class Plain:
        attribute = "editor"

        def __init__(self, label):
            self.label = label

        def show(self, row):
            read = {"item": row, "label": self.label, "it": getattr(row, self.attribute)}
            return render_to_string("plain.html", read)

    class Named:
        def __init__(self, name):
            self.name = name

        def show(self, row):
            return said(row, self.name)

    class Two:
        def __init__(self, name):
            self.name = name

        def show(self, row, other):
            return render_to_string("plain.html", {"item": row, "other": other})

    class Table:
        def __init__(self, columns, rows):
            self.columns = columns
            self.rows = rows
    """
VIEWS = """
    from django.views.generic import ListView
    from shop.columns import Column, Fixed, Handed, Named, Plain, Silent, Table, Tagged, Twins, Two
    from shop.models import Author, Book

    class Listing(ListView):
        template_name = "list.html"
        results = "results.html"
        model = Book

        def get_table(self, rows, caption=""):
            table = Table(self.columns, rows)
            table.caption = caption
            return table

        def get_context_data(self, **kwargs):
            context = super().get_context_data(**kwargs)
            context["table"] = self.get_table(context["object_list"])
            return context

    class Relations(Listing):
        columns = [Column("title"), Column("author__city"), Handed("x", "y", "editor", extra=1)]

    class Loaded(Listing):
        queryset = Book.objects.select_related("author__city", "editor")
        columns = [Column("title"), Column("a", accessor="author__city"), Fixed()]

    class Made(Listing):
        @property
        def columns(self):
            return [Fixed(label="x"), Tagged("tags")]

    class Filled(Listing):
        columns = [Twins("x"), Column("others")]

    class Wholes(Listing):
        columns = [Plain("x")]

    class Nothing(Listing):
        columns = [Silent("author"), Named("author"), Two("author"), Column(str), Column("author_id"), Column("nobody")]

    class Own(Listing):
        template_name = "own.html"
        columns = [Column("author")]

    class Results(Listing):
        results = "other.html"
        columns = [Column("author")]

    class Alone(Listing):
        columns = [Column("author")]

        def get_table(self, rows, caption=""):
            return rows

    class Itself(ListView):
        template_name = "results.html"
        model = Book
        columns = [Column("author")]

        def get_context_data(self, **kwargs):
            return super().get_context_data(table=Table(columns=self.columns, rows=self.object_list), **kwargs)
    """
FILES = {
    "shop/models.py": MODELS,
    "shop/columns.py": COLUMNS,
    "shop/views.py": VIEWS,
    "shop/templates/list.html": "{% block all %}{% include view.results|default:'results.html' %}{% endblock %}",
    "shop/templates/own.html": "{% extends 'list.html' %}{% block all %}{{ table.caption|safe }}{% endblock %}",
    "shop/templates/results.html": "{% for line in table.lines %}{{ line }}{% endfor %}",
    "shop/templates/other.html": "{% for book in object_list %}{{ book.title }}{% endfor %}",
    "shop/templates/cell.html": "<td>{% for each in value %}{{ each.title }}{% endfor %}{{ parent.editor }}</td>",
    "shop/templates/tags.html": "{% for tag in value.all|slice:':5' %}{{ tag.name }}{% endfor %}",
    "shop/templates/twins.html": "{% for book in row.twins %}{{ book.title }}{% endfor %}{{ row.others.count }}",
    "shop/templates/plain.html": "{{ item }}{{ other.author.name }}{{ it.name }}",
}


def test_what_columns_show_of_every_row() -> None:
    project = linked({**FILES, "shop/templates/own.html": FILES["shop/templates/own.html"].replace("table", "caption")})
    found = {
        exposure.by: [f"{'.'.join(shown.path)} {shown.loaded}" for shown in exposure.shown]
        for exposure in project.exposures
        if exposure.place.path == "shop/views.py"
    }
    assert found == {
        "Relations": ["author no", "author.city no", "editor no"],
        "Loaded": ["author yes", "author.city yes", "editor yes"],
        "Made": ["editor no", "tags no"],
        "Filled": [],
        "Wholes": ["author no", "editor no"],
        "Itself": ["author no"],
    }
    asked = {
        (exposure.by, each.place.path, each.route.call.source)
        for exposure in project.exposures
        for each in exposure.asked
    }
    assert asked == {("Filled", "shop/templates/twins.html", "Book.objects.filter()")}


def test_a_template_that_shows_what_comes_of_the_columns() -> None:
    shown = linked(FILES).exposures
    assert "Own" in {exposure.by for exposure in shown}


def test_a_query_beside_one_of_any_model_is_what_a_method_is_given() -> None:
    """Without it, the model of a parameter would be that of what others pass."""
    views = """
        from django.apps import apps
        from django.views.generic import ListView
        from shop.columns import Column, Table
        from shop.models import Author, Book

        def resolved(model):
            if isinstance(model, str):
                return apps.get_model(*model.split("."))
            return model

        class Listing(ListView):
            template_name = "results.html"

            def get_queryset(self):
                return self.ordered(self.get_base_queryset())

            def ordered(self, queryset):
                return queryset.order_by("pk")

            def get_context_data(self, **kwargs):
                context = super().get_context_data(**kwargs)
                context["table"] = Table(self.columns, context["object_list"])
                return context

        class Books(Listing):
            columns = [Column("author")]

            def get_base_queryset(self):
                return resolved(Book)._default_manager.all()

        class Authors(Listing):
            columns = [Column("city")]

            def get_queryset(self):
                return self.ordered(Author.objects.all())
        """
    project = linked({**FILES, "shop/views.py": dedent(views)})
    found = {exposure.by: (exposure.root, [shown.path for shown in exposure.shown]) for exposure in project.exposures}
    assert found == {"Books": ("Book", [("author",)]), "Authors": ("Author", [("city",)])}
