"""The client of a Prisma schema: members that extensions add, handles by their types, questions of one tick."""

from __future__ import annotations

from dblint.facts.program import Effect
from dblint.facts.query import Column, Compare
from tests.link.linked import asked, linked

SCHEMA = """\
datasource db {
  provider = "sqlite"
  url = "file:x"
}
model Jar {
  id Int @id
  label String @unique
  weight Int
  lids Lid[]
}
model Lid {
  id Int @id
  jar Jar @relation(fields: [jarId], references: [id])
  jarId Int @map("jar_id")
}
"""
DELEGATE = "prisma:Delegate"
DB = """\
import { Prisma, PrismaClient } from '@prisma/client';
const base = new PrismaClient();
const named = {
  async byLabel(label: string) { return Prisma.getExtensionContext(this).findUnique({ where: { label } }); },
};
export const extension = Prisma.defineExtension((client) =>
  client.$extends({ model: { lid: { async newest() { return client.lid.findFirst({ orderBy: { id: 'desc' } }); } } } }),
);
export const store = base.$extends(extension).$extends({
  client: { $heavy(weight: number) { return base.jar.findMany({ where: { weight } }); } },
  model: {
    jar: named,
    $allModels: { async exists(where: object) { return (await (this as any).count({ where })) > 0; } },
  },
});
"""


def test_functions_of_an_extension_are_members() -> None:
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "db.ts": DB,
            "use.ts": """\
                import { store } from './db';
                export async function all(labels: string[]) {
                  for (const label of labels) {
                    await store.jar.byLabel(label);
                    await store.lid.newest();
                    await store.$heavy(3);
                    await store.jar.exists({ label });
                  }
                }
                """,
        }
    )
    assert asked(project) == [
        ("findUnique", DELEGATE, "select", "Jar"),
        ("findFirst", DELEGATE, "select", "Lid"),
        ("findMany", DELEGATE, "select", "Jar"),
        ("count", DELEGATE, "aggregate", ""),
    ]
    assert [(each.source, each.cause) for each in project.unresolved] == []


def test_what_transactions_give_by_their_types() -> None:
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "use.ts": """\
                import { Prisma, PrismaClient } from '@prisma/client';
                const store = new PrismaClient();
                type Inside = Parameters<Parameters<typeof store.$transaction>[0]>[0];
                type By = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];
                function weigh(work: PrismaClient, most: number) {}
                type Mine = Parameters<typeof weigh>[0];
                export const a = (work: Inside) => work.jar.count();
                export const b = (work: By) => work.jar.findMany();
                export const c = (work: Mine) => work.lid.findMany();
                export const e = (lids: Prisma.LidDelegate) => lids.findMany();
                export const f = (jars: Prisma.LadDelegate) => jars.findMany();
                export const d = (work: Parameters<typeof weigh>[1]) => work.lid.deleteMany();
                """,
        }
    )
    assert asked(project) == [
        ("count", DELEGATE, "aggregate", "Jar"),
        ("findMany", DELEGATE, "select", "Jar"),
        ("findMany", DELEGATE, "select", "Lid"),
        ("findMany", DELEGATE, "select", "Lid"),
    ]


WHERE = {
    "{ id }": "same-tick",
    "{ id, weight: 3 }": "same-tick",
    "{ id, weight: { equals: 3 } }": "same-tick",
    "{ id, weight: { gt: 3 } }": "",
    "{ id, lids: { some: { id: 3 } } }": "",
    "{ id, OR: [{ weight: 3 }, { weight: 4 }] }": "",
    "where": "same-tick",
}


def test_only_equalities_are_put_together() -> None:
    """Prisma Client API, "Query optimization": all criteria use equality, on columns of the model itself."""
    calls = "\n".join(f"  store.jar.findUnique({{ where: {where} }});" for where in WHERE)
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "use.ts": "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
            f"export function all(id: number, where: any) {{\n{calls}\n}}\n",
        }
    )
    found = [call.batches for call in project.calls if Effect.QUERY in call.effects]
    assert dict(zip(WHERE, found, strict=True)) == WHERE


def _written(statement: str) -> list[str]:
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "use.ts": "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
            f"export function all(id: number) {{\n  return store.{statement};\n}}\n",
        }
    )
    (call,) = [call for call in project.calls if Effect.QUERY in call.effects]
    return [element.value.column for element in call.queries[0].assignments.elements]


WRITES = {
    "lid.update({ where: { id }, data: { jar: { connect: { id } } } })": ["jar_id"],
    "lid.update({ where: { id }, data: { jar: { disconnect: true } } })": ["jar_id"],
    "lid.update({ where: { id }, data: { jar: { update: { weight: 3 } } } })": [],
    "lid.create({ data: { id, jar: { create: { id, label: 'x', weight: 3 } } } })": ["id", "jar_id"],
    "jar.update({ where: { id }, data: { weight: { increment: 3 }, lids: { create: { id } } } })": ["weight"],
    "jar.update({ where: { id }, data: { label: { set: 'x' } } })": ["label"],
}


def test_nested_writes_set_the_columns_of_the_row_itself() -> None:
    assert {statement: _written(statement) for statement in WRITES} == WRITES


NESTED = {
    "lid.update({ where: { id }, data: { jar: { connect: { id } } } })": False,
    "lid.create({ data: { id, jar: { create: { id, label: 'x', weight: 3 } } } })": True,
    "jar.create({ data: { id, lids: { connect: [{ id }] } } })": True,
    "jar.create({ data: { id, lids: id ? { createMany: { data: [] } } : undefined } })": True,
    "jar.create({ data: { id, lids: undefined } })": False,
    "jar.create({ data: { id, label: 'x' } })": False,
}


def test_writes_that_may_write_rows_of_a_relation() -> None:
    calls = "\n".join(f"  store.{statement};" for statement in NESTED)
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "use.ts": "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
            f"export function all(id: number) {{\n{calls}\n}}\n",
        }
    )
    found = [call.queries[0].nests for call in project.calls if Effect.QUERY in call.effects]
    assert dict(zip(NESTED, found, strict=True)) == NESTED


READ = {
    "jar.findMany({ select: { id: true, lids: true, weight: false } })": ["id", "id"],
    "lid.findMany({ select: { jar: { select: { label: true } } } })": ["jar_id"],
    "jar.findMany({ select: { label: true, _count: { select: { lids: true } } } })": ["label", ""],
    "jar.findMany({ omit: { label: true, weight: false } })": ["id", "weight"],
    "jar.findMany({ omit: { label: secret } })": None,
    "jar.findMany({ omit: hidden })": None,
}


def test_columns_that_are_read() -> None:
    found: dict[str, list[str] | None] = {}
    for statement in READ:
        project = linked(
            {
                "schema.prisma": SCHEMA,
                "use.ts": "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
                f"export function all(secret: boolean, hidden: any) {{\n  return store.{statement};\n}}\n",
            }
        )
        (call,) = [call for call in project.calls if Effect.QUERY in call.effects]
        shown = call.queries[0].projection
        found[statement] = None if shown.open else [getattr(each.value, "name", "") for each in shown.elements]
    assert found == READ


ORDERS = {
    "{ weight: 'desc' }": [("weight", (), True)],
    "{ weight: { sort: 'desc', nulls: 'last' } }": [("weight", (), True)],
    "[{ jar: { label: 'desc' } }, { id: 'asc' }]": [("label", ("jar",), True), ("id", (), False)],
    "{ jar: { lids: { _count: 'desc' } } }": [("", (), True)],
}


def test_what_rows_are_sorted_by() -> None:
    for order, expected in ORDERS.items():
        project = linked(
            {
                "schema.prisma": SCHEMA,
                "use.ts": "import { PrismaClient } from '@prisma/client';\nconst store = new PrismaClient();\n"
                f"export const all = () => store.lid.findMany({{ orderBy: {order} }});\n",
            }
        )
        (call,) = [call for call in project.calls if Effect.QUERY in call.effects]
        found = [
            (
                getattr(each.value.expression, "name", ""),
                getattr(each.value.expression, "relation", ()),
                each.value.descending,
            )
            for each in call.queries[0].order.elements
        ]
        assert found == expected, order


def test_objects_under_a_name_that_stand_elsewhere() -> None:
    project = linked(
        {
            "schema.prisma": SCHEMA,
            "use.ts": """\
                import { PrismaClient } from '@prisma/client';
                const db = new PrismaClient();

                function heavy(weight: number, label?: string) {
                  if (!label) return { weight };
                  return { weight, label };
                }

                export async function all(ids: number[], weight: number) {
                  await db.lid.deleteMany({ where: { id: 3, jar: heavy(weight) } });
                  const listed = { in: ids };
                  await db.lid.findMany({ where: { id: listed, jarId: weight } });
                }
                """,
        }
    )
    conditions = [
        (part.value.left.relation, part.value.left.name, part.value.operator)
        for call in project.calls
        for query in call.queries
        for part in query.conjuncts()
        if isinstance(part.value, Compare) and isinstance(part.value.left, Column)
    ]
    assert conditions == [
        ((), "id", "="),
        (("jar",), "weight", "="),
        ((), "id", "in"),
        ((), "jar_id", "="),
    ]
    assert [query.where.open for call in project.calls for query in call.queries] == [True, False]
