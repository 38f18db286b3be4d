"""TypeORM's entities as tables."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import linked
from tests.link.test_catalogue_django import columns, indexes, keys, relations
from tests.link.test_catalogue_sqlalchemy import complete
from tests.link.test_models import cls, end, models

ALL = """
    import {
      Check, ChildEntity, Column, CreateDateColumn, DeleteDateColumn, Entity, Index, JoinColumn, JoinTable, ManyToMany,
      ManyToOne, OneToMany, OneToOne, PrimaryColumn, PrimaryGeneratedColumn, TableInheritance, Unique, UpdateDateColumn,
      VersionColumn, ViewColumn, ViewEntity,
    } from 'typeorm';
    """


def garden(text: str, dialect: str = "postgres", more: str = "") -> Project:
    files = {"src/garden.ts": f"{ALL}\n{text}"}
    return linked({**files, **({"src/source.ts": more} if more else {})}, dialect=dialect)


PLANT = """
    export enum Kind { TREE = 'tree', HERB = 'herb' }

    @Entity()
    export class GardenPlant {
      @PrimaryGeneratedColumn('uuid')
      id: string;

      @Column({ length: 80, unique: true })
      name: string;

      @Column({ type: 'text', nullable: true })
      note?: string | null;

      @Column('decimal', { precision: 6, scale: 2, default: 0 })
      height: number;

      @Index()
      @Column({ name: 'sown_in', default: 2000 })
      year: number;

      @Column({ type: 'enum', enum: Kind, default: Kind.TREE })
      kind: int;

      @Column({ type: 'varchar', array: true, default: () => "'{}'" })
      tags: string[];

      @Column({ type: 'simple-json' })
      extra: object;

      @Column({ default: true })
      alive: boolean;

      @CreateDateColumn()
      made: Date;

      @DeleteDateColumn()
      gone: Date;

      @VersionColumn()
      version: number;

      plain: string;
    }
    """


def test_columns() -> None:
    table = garden(PLANT).table("garden_plant")
    assert columns(table) == [
        ("id", "uuid", False),
        ("name", "varchar(80)", False),
        ("note", "text", True),
        ("height", "decimal(6,2)", False),
        ("sown_in", "integer", False),
        ("kind", "enum", False),
        ("tags", "varchar[]", False),
        ("extra", "text", False),
        ("alive", "boolean", False),
        ("made", "timestamp", False),
        ("gone", "timestamp", True),
        ("version", "integer", False),
    ]
    assert keys(table) == [("primary", "id"), ("unique", "name")]
    assert indexes(table) == ["(sown_in)"]
    assert table is not None
    assert {each.attribute: (each.default, each.default_by) for each in table.columns if each.default_by} == {
        "id": ("", "database"),
        "height": ("0", "database"),
        "year": ("2000", "database"),
        "kind": ("'tree'", "database"),
        "tags": ("'{}'", "database"),
        "alive": ("true", "database"),
        "made": ("now()", "database"),
        "version": ("", "database"),
    }
    assert next(each for each in table.columns if each.name == "kind").enum == ("tree", "herb")
    assert table.complete


def test_the_same_columns_on_another_database() -> None:
    table = garden(PLANT, "mysql").table("garden_plant")
    kinds = {name: kind for name, kind, _ in columns(table)}
    assert (kinds["id"], kinds["sown_in"], kinds["alive"], kinds["made"]) == (
        "varchar(36)", "int", "tinyint", "datetime(6)",
    )  # fmt: skip


def test_marks_of_the_class() -> None:
    table = garden(
        """
        @Entity('plants', { schema: 'garden' })
        @Index('by_row', ['row', 'bed'], { unique: true })
        @Index((plant: Plant) => [plant.place])
        @Unique('one', ['place', 'row'])
        @Check('positive', '"row" > 0')
        export class Plant {
          @PrimaryColumn() row: number;
          @PrimaryColumn() place: number;
          @ManyToOne(() => Bed) bed: Bed;
        }

        @Entity()
        export class Bed {
          @PrimaryGeneratedColumn() id: number;
        }
        """
    ).table("plants")
    assert table is not None
    assert table.schema == "garden"
    assert keys(table) == [
        ("primary", "row", "place"),
        ("foreign", "bedId", "bed", "id", ""),
        ("unique", "place", "row"),
        ("check",),
    ]
    assert [(key.name, key.expression) for key in table.keys[2:]] == [("one", ""), ("positive", '"row" > 0')]
    assert indexes(table) == ["by_row(row, bedId) unique", "(place)"]


RELATED = """
    @Entity()
    export class Plant {
      @PrimaryGeneratedColumn() id: number;

      @ManyToOne(() => Bed, (bed) => bed.plants, { onDelete: 'CASCADE', nullable: false, eager: true })
      bed: Bed;

      @Column()
      keeperId: string;

      @ManyToOne(() => Keeper, 'kept', { createForeignKeyConstraints: false })
      keeper: Keeper;

      @ManyToOne(() => Bed)
      @JoinColumn({ name: 'first_bed' })
      first: Bed;

      @OneToOne(() => Ticket, (ticket) => ticket.plant)
      @JoinColumn()
      ticket: Ticket;

      @ManyToMany(() => Keeper, (keeper) => keeper.visited)
      @JoinTable()
      visitors: Keeper[];
    }

    @Entity()
    export class Bed {
      @PrimaryGeneratedColumn('uuid') id: string;
      @OneToMany(() => Plant, (plant) => plant.bed) plants: Plant[];
    }

    @Entity()
    export class Keeper {
      @PrimaryColumn({ type: 'varchar', length: 9 }) code: string;
      @OneToMany(() => Plant, 'keeper') kept: Plant[];
      @ManyToMany(() => Plant, (plant) => plant.visitors) visited: Plant[];
    }

    @Entity()
    export class Ticket {
      @PrimaryGeneratedColumn() id: number;
      @OneToOne(() => Plant, (plant) => plant.ticket) plant: Plant;
    }
    """


def test_relations_and_the_columns_that_hold_them() -> None:
    project = garden(RELATED)
    table = project.table("plant")
    assert columns(table) == [
        ("id", "integer", False),
        ("keeperId", "varchar", False),
        ("bedId", "uuid", False),
        ("keeperCode", "varchar(9)", True),
        ("first_bed", "uuid", True),
        ("ticketId", "integer", True),
    ]
    assert keys(table) == [
        ("primary", "id"),
        ("foreign", "bedId", "bed", "id", "cascade"),
        ("foreign", "keeperCode", "keeper", "code", ""),
        ("foreign", "first_bed", "bed", "id", ""),
        ("foreign", "ticketId", "ticket", "id", ""),
        ("unique", "ticketId"),
    ]
    assert relations(table) == [
        ("bed", "to-one", "bed", "plants"),
        ("keeper", "to-one", "keeper", "kept"),
        ("first", "to-one", "bed", ""),
        ("ticket", "to-one", "ticket", "plant"),
        ("visitors", "many-to-many", "keeper", "visited"),
    ]
    assert table is not None
    assert [key.enforced for key in table.keys if key.kind == "foreign"] == [True, False, True, True]
    assert [(each.columns, each.eager) for each in table.relations[:2]] == [
        (("bedId",), "joined"),
        (("keeperCode",), ""),
    ]
    assert columns(project.table("ticket")) == [("id", "integer", False)]
    assert relations(project.table("bed")) == [("plants", "to-many", "plant", "bed")]


def test_the_table_between_two_entities() -> None:
    table = garden(RELATED).table("plant_visitors_keeper")
    assert columns(table) == [("plantId", "integer", False), ("keeperCode", "varchar(9)", False)]
    assert keys(table) == [
        ("primary", "plantId", "keeperCode"),
        ("foreign", "plantId", "plant", "id", "cascade"),
        ("foreign", "keeperCode", "keeper", "code", "cascade"),
    ]
    assert indexes(table) == ["(plantId)", "(keeperCode)"]
    assert complete(table)


def test_relations_by_property() -> None:
    found = models({"src/garden.ts": f"{ALL}\n{RELATED}"})
    assert end(found, cls(found, "Plant"), "bed") == ("Bed", False, False)
    assert end(found, cls(found, "Bed"), "plants") == ("Plant", True, False)
    assert end(found, cls(found, "Keeper"), "visited") == ("Plant", True, False)
    assert end(found, cls(found, "Plant"), "keeperId") is None


def test_bases_and_kinds_of_one_entity() -> None:
    project = garden(
        """
        export abstract class Stamped {
          @PrimaryGeneratedColumn() id: number;
          @UpdateDateColumn() changed: Date;
        }

        @Entity()
        export class Bed extends Stamped {
          @Column() size: number;
        }

        @Entity()
        @TableInheritance({ column: 'kind' })
        export class Plant extends Stamped {
          @Column() name: string;
        }

        @ChildEntity()
        export class Tree extends Plant {
          @Column() height: number;
        }

        @ViewEntity({ name: 'tall' })
        export class Tall {
          @ViewColumn() name: string;
        }
        """
    )
    assert sorted(project.tables) == ["bed", "plant", "tall"]
    assert columns(project.table("bed")) == [
        ("id", "integer", False), ("changed", "timestamp", False), ("size", "integer", False),
    ]  # fmt: skip
    assert [complete(project.table(name)) for name in ("bed", "plant")] == [True, False]
    tall = project.table("tall")
    assert tall is not None
    assert tall.view


def test_what_decorators_of_the_project_do_is_not_known() -> None:
    project = garden(
        """
        import { IsString } from 'class-validator';

        export function Money() {
          return (target: object, name: string) => register(target, name);
        }

        @Entity()
        export class Plant {
          @PrimaryGeneratedColumn() id: number;
          @Money() price: number;
        }

        @Entity()
        export class Bed {
          @PrimaryGeneratedColumn() id: number;
          @IsString() note: string;
        }

        @Entity()
        export class Leaf {
          @PrimaryGeneratedColumn() id: number;
          @Column(() => Size) size: Size;
        }
        """
    )
    assert [complete(project.table(name)) for name in ("plant", "bed", "leaf")] == [False, True, False]
    assert columns(project.table("plant")) == [("id", "integer", False)]


def test_names_that_a_strategy_gives() -> None:
    text = """
        @Entity()
        export class Plant {
          @PrimaryGeneratedColumn() id: number;
          @Column() sownIn: number;
          @Column({ name: 'tallness' }) height: number;
          @ManyToOne(() => Plant) motherPlant: Plant;
        }
        """
    head = "import { DataSource } from 'typeorm';\n"
    snake = f"{head}import {{ SnakeNamingStrategy }} from 'typeorm-naming-strategies';\n"
    known = garden(text, more=f"{snake}new DataSource({{ namingStrategy: new SnakeNamingStrategy() }});").table("plant")
    other = garden(text, more=f"{head}new DataSource({{ namingStrategy: new Own() }});").table("plant")
    assert [name for name, _, _ in columns(known)] == ["id", "sown_in", "tallness", "mother_plant_id"]
    assert complete(known)
    assert not complete(other)
