"""MikroORM's entities as tables."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import linked
from tests.link.test_catalogue_django import column, columns, indexes, keys, relations

GARDEN = """
    import {
      Cascade, Check, Collection, Embeddable, Embedded, Entity, Enum, Formula, Index, ManyToMany, ManyToOne, OneToMany,
      OneToOne, PrimaryKey, Property, Ref, Unique,
    } from '@mikro-orm/core';

    export enum Kind { TREE = 'tree', HERB = 'herb' }

    @Embeddable()
    export class Place {
      @Property()
      street!: string;

      @Property({ fieldName: 'post' })
      code!: number;
    }

    @Entity({ abstract: true })
    export abstract class Base {
      @PrimaryKey()
      id!: number;

      @Property({ onCreate: () => new Date() })
      createdAt!: Date;
    }

    @Entity()
    @Index({ properties: ['name', 'kind'], name: 'by_name' })
    @Unique({ properties: ['bed', 'name'] })
    @Check({ expression: 'height > 0' })
    export class GardenPlant extends Base {
      @Property({ length: 80, unique: true })
      name!: string;

      @Property({ type: 'text', nullable: true })
      note?: string;

      @Property()
      nick?: string;

      @Property({ type: 'decimal', precision: 6, scale: 2, default: 0 })
      height!: number;

      @Property({ columnType: 'citext', index: true })
      latin!: string;

      @Enum({ items: () => Kind, default: Kind.TREE })
      kind = Kind.TREE;

      @Formula('height * 2')
      double!: number;

      @Property({ persist: false })
      count?: number;

      @ManyToOne(() => Bed)
      bed!: Bed;

      @ManyToOne({ entity: () => Bed, fieldName: 'old_bed', nullable: true, index: true })
      former?: Ref<Bed>;

      @OneToOne({ entity: () => Label, inversedBy: 'plant', cascade: [Cascade.ALL] })
      label!: Label;

      @ManyToMany(() => Tag)
      tags = new Collection<Tag>(this);

      @Embedded(() => Place)
      place!: Place;

      @Embedded(() => Place, { prefix: 'at_', nullable: true })
      other?: Place;

      @Embedded({ entity: () => Place, object: true })
      packed!: Place;
    }

    @Entity({ tableName: 'beds', schema: 'yard' })
    export class Bed {
      @PrimaryKey({ type: 'uuid' })
      id = v4();

      @OneToMany({ entity: () => GardenPlant, mappedBy: 'bed', eager: true })
      plants = new Collection<GardenPlant>(this);
    }

    @Entity()
    export class Label {
      @PrimaryKey()
      id!: number;

      @OneToOne(() => GardenPlant, (plant) => plant.label)
      plant!: GardenPlant;
    }

    @Entity()
    export class Tag {
      @PrimaryKey()
      id!: bigint;
    }

    @Entity({ discriminatorColumn: 'sort', discriminatorMap: { person: 'Person', guest: 'Guest' } })
    export class Person {
      @PrimaryKey()
      id!: number;
    }

    @Entity()
    export class Guest extends Person {
      @Property()
      until!: Date;
    }
    """


def garden(dialect: str = "postgres") -> Project:
    return linked({"src/garden.ts": GARDEN}, dialect=dialect)


# What follows is what MikroORM 6.6 makes of the same entities (`schema.getCreateSchemaSQL()`), beside `nick`, which is
# null or not by how metadata are read.


def test_columns() -> None:
    project = garden()
    assert columns(project.table("garden_plant")) == [
        ("id", "integer", False),
        ("created_at", "timestamptz", False),
        ("name", "varchar(80)", False),
        ("note", "text", True),
        ("nick", "varchar(255)", None),
        ("height", "numeric(6,2)", False),
        ("latin", "citext", False),
        ("kind", "text", False),
        ("bed_id", "uuid", False),
        ("old_bed", "uuid", True),
        ("label_id", "integer", True),
        ("place_street", "varchar(255)", False),
        ("place_post", "integer", False),
        ("at_street", "varchar(255)", True),
        ("at_post", "integer", True),
        ("packed", "jsonb", False),
    ]
    assert columns(project.table("person")) == [
        ("id", "integer", False),
        ("until", "timestamptz", True),
        ("sort", "text", False),
    ]
    assert [column(project, "garden_plant", name).default_by for name in ("id", "created_at", "kind", "latin")] == [
        "database",
        "client",
        "database",
        "",
    ]
    assert column(project, "garden_plant", "kind").enum == ("tree", "herb")


def test_keys_and_indexes() -> None:
    project = garden()
    plants = project.table("garden_plant")
    assert keys(plants) == [
        ("primary", "id"),
        ("unique", "name"),
        ("foreign", "bed_id", "beds", "id", ""),
        ("foreign", "old_bed", "beds", "id", "set null"),
        ("unique", "label_id"),
        ("foreign", "label_id", "label", "id", "cascade"),
        ("unique", "bed_id", "name"),
        ("check",),
    ]
    assert indexes(plants) == ["(latin)", "(old_bed)", "by_name(name, kind)"]
    assert indexes(garden("mysql").table("garden_plant")) == [
        "(latin)",
        "(bed_id)",
        "(old_bed)",
        "by_name(name, kind)",
    ]
    assert indexes(project.table("person")) == ["(sort)"]
    assert keys(project.table("garden_plant_tags")) == [
        ("primary", "garden_plant_id", "tag_id"),
        ("foreign", "garden_plant_id", "garden_plant", "id", "cascade"),
        ("foreign", "tag_id", "tag", "id", "cascade"),
    ]


def test_relations() -> None:
    project = garden()
    assert relations(project.table("garden_plant")) == [
        ("bed", "to-one", "beds", ""),
        ("former", "to-one", "beds", ""),
        ("label", "to-one", "label", "plant"),
        ("tags", "many-to-many", "tag", ""),
    ]
    assert relations(project.table("beds")) == [("plants", "to-many", "garden_plant", "bed")]
    assert {name: table.complete for name, table in project.tables.items()} == dict.fromkeys(
        ("beds", "garden_plant", "garden_plant_tags", "label", "person", "tag"), True
    )


def test_entities_that_calls_declare() -> None:
    project = linked(
        {
            "a.ts": """
            import { defineEntity, EntitySchema, p } from '@mikro-orm/core';

            export const Shelf = defineEntity({
              name: 'Shelf',
              indexes: [{ properties: ['name', 'depth'] }],
              properties: (p) => ({
                id: p.uuid().primary().onCreate(() => v4()),
                name: p.string().length(40).unique(),
                depth: p.decimal().precision(6).scale(2).nullable(),
                jars: () => p.oneToMany(Jar).mappedBy('shelf'),
              }),
            });
            export const Jar = new EntitySchema({
              name: 'Jar',
              tableName: 'glass',
              properties: {
                id: { type: 'number', primary: true },
                label: { type: 'string', fieldName: 'word', index: true },
                shelf: { kind: 'm:1', entity: () => Shelf, deleteRule: 'cascade' },
              },
            });
            """
        },
        dialect="postgres",
    )
    assert columns(project.table("shelf")) == [
        ("id", "uuid", False),
        ("name", "varchar(40)", False),
        ("depth", "numeric(6,2)", True),
    ]
    assert keys(project.table("shelf")) == [("primary", "id"), ("unique", "name")]
    assert indexes(project.table("shelf")) == ["(name, depth)"]
    assert relations(project.table("shelf")) == [("jars", "to-many", "glass", "shelf")]
    assert columns(project.table("glass")) == [
        ("id", "integer", False),
        ("word", "varchar(255)", False),
        ("shelf_id", "uuid", False),
    ]
    assert keys(project.table("glass")) == [("primary", "id"), ("foreign", "shelf_id", "shelf", "id", "cascade")]
    assert indexes(project.table("glass")) == ["(word)"]
