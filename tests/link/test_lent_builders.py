"""Builders that a script lends to functions of its own, which change them in place."""

from __future__ import annotations

import pytest

from dblint.facts.program import Effect
from dblint.facts.query import Column, Compare, Condition, When
from tests.link.linked import linked

PROGRAM = """
    import { Column, DataSource, Entity, PrimaryGeneratedColumn, SelectQueryBuilder } from 'typeorm';

    @Entity('jar')
    export class Jar {
      @PrimaryGeneratedColumn() id: number;
      @Column() shelf: number;
      @Column() label: string;
    }
    const source = new DataSource({ type: 'postgres' });

    function labelled(builder: SelectQueryBuilder<Jar>, label?: string) {
      if (label) builder.andWhere('jar.label = :label', { label });
    }
    const first = (count: number, builder) => { builder.orderBy('jar.id').take(count); };
    function told(builder: SelectQueryBuilder<Jar>) {
      console.log('jars', builder.alias);
    }
    function handed(builder: SelectQueryBuilder<Jar>) {
      labelled(builder, 'x');
    }
    class Shelf {
      constructor(private readonly number: number) {}
      keep(builder: SelectQueryBuilder<Jar>) {
        builder.andWhere('jar.shelf = :shelf', { shelf: this.number });
      }
      async jars(label: string, some: boolean) {
        const builder = source.getRepository(Jar).createQueryBuilder('jar');
        LENT
        return await builder.getMany();
      }
    }
"""


def column(condition: Condition) -> str:
    assert isinstance(condition, Compare)
    assert isinstance(condition.left, Column)
    return condition.left.name


LABEL, SHELF = ("label", When.SOMETIMES), ("shelf", When.ALWAYS)


@pytest.mark.parametrize(
    ("lent", "where", "limited", "opened"),
    [
        ("", [], False, False),
        ("labelled(builder, label);", [LABEL], False, False),
        ("this.keep(builder);", [SHELF], False, False),
        ("this.keep(builder); labelled(builder, label);", [SHELF, LABEL], False, False),
        ("if (some) this.keep(builder);", [("shelf", When.SOMETIMES)], False, False),
        ("builder.where('jar.shelf = 1'); labelled(builder, label);", [SHELF, LABEL], False, False),
        ("labelled(builder, label); builder.where('jar.shelf = 1');", [SHELF], False, False),
        ("first(3, builder);", [], True, False),
        ("await first(3, builder);", [], True, False),
        # It is only read, or somebody else is given it.
        ("told(builder);", [], False, False),
        ("handed(builder);", [], False, True),
        ("const own = labelled; unknown(builder);", [], False, False),
    ],
)
def test_a_function_that_is_lent_a_builder_changes_it(
    lent: str, where: list[tuple[str, When]], limited: bool, opened: bool
) -> None:
    project = linked({"jars.ts": PROGRAM.replace("LENT", lent)})
    (query,) = next(call for call in project.calls if Effect.QUERY in call.effects).queries
    assert [(column(element.value), element.when) for element in query.where.elements] == where
    assert (query.limit.surely(), query.where.open) == (limited, opened)
    assert query.sources.open is False


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("builder.where('jar.shelf = 1'); builder.where('jar.label = 1');", [("label", When.ALWAYS)]),
        ("builder.where('jar.shelf = 1'); if (some) builder.where('jar.label = 1');", ["shelf", "label"]),
        ("if (some) { builder.where('jar.shelf = 1'); } else { builder.where('jar.label = 1'); }", ["label", "shelf"]),
        ("if (some) builder.where('jar.shelf = 1'); builder.where('jar.label = 1');", [("label", When.ALWAYS)]),
    ],
)
def test_a_condition_that_a_branch_says_anew_leaves_the_one_before_it_there(
    said: str, where: list[str | tuple[str, When]]
) -> None:
    project = linked({"jars.ts": PROGRAM.replace("LENT", said)})
    (query,) = next(call for call in project.calls if Effect.QUERY in call.effects).queries
    found = [(column(element.value), element.when) for element in query.where.elements]
    assert found == [each if isinstance(each, tuple) else (each, When.SOMETIMES) for each in where]
