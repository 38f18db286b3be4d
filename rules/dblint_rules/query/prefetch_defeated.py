"""A relation was loaded with the rows, and is asked for again by a query of its own.

The border to `query/n-plus-one`: where the rows' query loaded the relation, this rule tells the query that asks again,
and the other one is silent; where nothing loaded it, the other one tells it.

Not reported: what reads the loaded rows, whatever it makes of them (all of them, their number, whether there are any;
the first one, where the model says an order); what writes; relations that were loaded under another attribute.

What it cannot say: whether the loaded rows are used elsewhere, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Call, FileRole
from dblint.facts.project import Project
from dblint.facts.text import Place
from dblint.rule import Bad, Finding, Good, Related, Remedy, Rule
from dblint_rules.query._loops import asks_again, elements_of, loop_of

_SHOP = """\
from django.db import models

class Tag(models.Model):
    name = models.TextField()

class Chapter(models.Model):
    title = models.TextField()
    book = models.ForeignKey("Book", models.CASCADE, related_name="chapters")

    class Meta:
        ordering = ["title"]

class Book(models.Model):
    title = models.TextField()
    tags = models.ManyToManyField(Tag)

    def first_tags(self):
        return self.tags.filter(name__startswith="a").count()
"""

RULE = Rule(
    summary="a prefetched relation is asked for again",
    why=(
        "What was loaded with the rows serves only those who take all of it. A condition, an order or a selection of "
        "columns is another query: the loop asks once per row, and the query that loaded all of them before was for "
        "nothing."
    ),
    minimal="Pick from the {relation} that were loaded, in the program.",
    better="Load the {relation} that are needed, with their condition and order, under a name of their own.",
    complete="Let the query of {root} count or select what the list shows, so that no {relation} are loaded for it.",
    symptoms=("two queries for the same rows", "a query per row in spite of an eager load"),
    verify="SELECT query, calls FROM pg_stat_statements WHERE query LIKE '%WHERE%' ORDER BY calls DESC LIMIT 20",
    verify_on=("postgres",),
    severity="warning",
    confidence="high",
    checklist=("1.2",),
    looks_at="relations that loops read of rows",
    roles=frozenset({FileRole.APP, FileRole.SCRIPT}),
    bad=(
        Bad(
            "python",
            """\
from shop.models import Book

def tags():
    for book in Book.objects.prefetch_related("tags", "chapters"):
        print([tag.name for tag in book.tags.order_by("name")])  # finding
        print(book.tags.first(), book.chapters.filter(title="1").exists())  # finding

def counted():
    return [book.first_tags() for book in Book.objects.prefetch_related("tags")]  # finding
""",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
        Bad(
            "typescript",
            """\
import { EntityManager } from '@mikro-orm/postgresql';
import { Collection, Entity, ManyToOne, OneToMany, PrimaryKey, Property } from '@mikro-orm/core';

@Entity()
export class Shelf {
  @PrimaryKey()
  id!: number;

  @OneToMany(() => Jar, (jar) => jar.shelf)
  jars = new Collection<Jar>(this);
}

@Entity()
export class Jar {
  @PrimaryKey()
  id!: number;

  @Property()
  weight!: number;

  @ManyToOne(() => Shelf)
  shelf!: Shelf;
}

export async function heavy(em: EntityManager) {
  for (const shelf of await em.find(Shelf, {}, { populate: ['jars'] })) {
    console.log(await shelf.jars.matching({ where: { weight: { $gt: 3 } } })); // finding
  }
}
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
from django.db.models import Prefetch
from shop.models import Book, Tag

def tags(tag):
    for book in Book.objects.prefetch_related("tags", "chapters"):
        print(sorted(tag.name for tag in book.tags.all()), book.tags.count(), book.tags.all().exists())
        print(book.chapters.first(), len(book.chapters.all()))
        book.tags.add(tag)

def some():
    shown = Prefetch("tags", queryset=Tag.objects.order_by("name"), to_attr="shown")
    return [(book.shown, book.title) for book in Book.objects.prefetch_related(shown)]
""",
            path="shop/pages.py",
            files={"shop/models.py": _SHOP},
        ),
    ),
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per place in a loop."""
    told: set[Place] = set()
    for access in project.accesses:
        calls = [call for call in access.calls if asks_again(access, call)]
        loop = loop_of(access)
        if not calls or loop is None or access.place in told:
            continue
        if any((function := project.functions.get(step.callee)) and function.changes for step in access.steps):
            continue
        told.add(access.place)
        call = calls[0]
        relation = ".".join(access.path)
        related = [Related(loop.place, f"the loop over {elements_of(loop)}")]
        related += [Related(step.place, f"calls `{step.source}`") for step in access.steps if step.source]
        if access.steps:
            related.append(Related(call.place, f"`{call.source}` asks"))
        related.append(Related(access.given, f"the query of the {access.root} rows, which loads {relation}"))
        through = f", through `{access.steps[0].source}`" if access.steps else ""
        yield Finding(
            access.place,
            f"`{call.source}` asks for {relation} of {access.root} once per element of {elements_of(loop)}{through}, "
            f"which were loaded with the rows: {_again(call)} asks again; go through all of them, "
            "which asks nothing, and pick or sort there",
            names={"relation": access.relation, "root": access.root, "table": access.table},
            related=tuple(related),
            remedy=Remedy(
                "eager-load-filtered",
                {"path": "__".join(access.path), "relation": access.relation, "target": access.target},
            ),
            idiom=access.idiom,
            sub="cross-function" if access.steps else "read",
        )


def _again(call: Call) -> str:
    """What asks: the member, or that what the relation gives is awaited."""
    return "awaiting it" if call.trigger == "await" and not call.anew else f"`{call.anew or call.member}()`"


def places(project: Project) -> Iterator[Place]:
    """The relations that were loaded with the rows of a loop."""
    yield from (access.place for access in project.accesses if access.handle and access.loaded == "yes")
