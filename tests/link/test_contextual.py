"""What surrounds an expression tells what it is: types written there, and what the project puts under a key."""

from __future__ import annotations

import pytest

from tests.link.linked import asked, linked

ENTITIES = """
    import { Entity, PrimaryGeneratedColumn } from 'typeorm'

    @Entity('invoices')
    export class Invoice {
        @PrimaryGeneratedColumn() id: number
    }

    @Entity('payments')
    export class Payment {
        @PrimaryGeneratedColumn() id: number
    }
    """


def queries(text: str, **files: str) -> list[tuple[str, str, str]]:
    given = {"entities.ts": ENTITIES, "app.ts": text, **{f"{name}.ts": more for name, more in files.items()}}
    return [(member, verb, table) for member, _, verb, table in asked(linked(given))]


# Functions where their type is written

TYPES = """
    import { DataSource, EntityManager } from 'typeorm'
    import { PoolClient } from 'pg'

    export interface WithClient {
        <T = void>(callback: (client: PoolClient) => Promise<T>): Promise<T>
    }
    export interface Retrying extends WithClient {
        retried: WithClient
    }
    export type Task = (payload: object, helpers: { client: PoolClient }) => Promise<void>
    export interface Job {
        name: string
        run(source: DataSource): Promise<void>
        steps?: { last: (manager: EntityManager) => void }
    }
    export declare function schedule(...jobs: Job[]): void
    export declare function tasks(): Task
    """


@pytest.mark.parametrize(
    "text",
    [
        "export const f = (within: WithClient) => within(async client => client.query('DELETE FROM invoices'))",
        "export const f = (within: Retrying) => within(client => client.query('DELETE FROM invoices'))",
        "export const f = (within: Retrying) => within.retried(client => client.query('DELETE FROM invoices'))",
        "export const task: Task = async (payload, { client }) => { await client.query('DELETE FROM invoices') }",
        "export const list = { a: (async (p, h) => { h.client.query('DELETE FROM invoices') }) satisfies Task }",
        "export const given = (): Task => (payload, helpers) => helpers.client.query('DELETE FROM invoices')",
        "export function given(): Task { return (_, helpers) => helpers.client.query('DELETE FROM invoices') }",
        "schedule({ name: 'a', async run(source) { await source.query('DELETE FROM invoices') } })",
        "schedule({ name: 'a', run }, { name: 'b', run: s => s.query('DELETE FROM invoices') })",
        "const job: Job = { name: 'a', steps: { last: m => m.query('DELETE FROM invoices') } }",
        "class A { job: Job = { name: 'a', run: (s) => s.query('DELETE FROM invoices') } }",
    ],
)
def test_a_function_whose_type_is_written_around_it(text: str) -> None:
    imports = "import { Job, Retrying, Task, WithClient, schedule } from './types'\n"
    assert queries(imports + text, types=TYPES) == [("query", "delete", "invoices")]


@pytest.mark.parametrize(
    "text",
    [
        "export const task: Other = async (payload, { client }) => { await client.query('DELETE FROM invoices') }",
        "export const task: Task = async ({ client }) => { await client.query('DELETE FROM invoices') }",
        "schedule({ name: 'a', stop: source => source.query('DELETE FROM invoices') })",
        "const job = { name: 'a', run: (source) => source.query('DELETE FROM invoices') }",
    ],
)
def test_a_function_of_whose_type_nothing_is_said(text: str) -> None:
    assert queries("import { Task, schedule } from './types'\n" + text, types=TYPES) == []


def test_what_a_call_signature_returns() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'
        interface Connect {
            (name: string): DataSource
        }
        export const clean = (connect: Connect) => connect('main').query('DELETE FROM invoices')
        """
    ) == [("query", "delete", "invoices")]


def test_a_parameter_that_may_be_anything_is_what_its_callers_give() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entities'

        const count = (manager: any) => manager.count(Invoice)
        export const all = (source: DataSource) => source.transaction(manager => count(manager))
        """
    ) == [("count", "aggregate", "invoices")]


# Objects that take any key

PLUGIN = """
    import { DataSource } from 'typeorm'

    export interface Bag {
        [key: string]: any
    }
    export interface Kinds {
        [key: string]: any
    }
    export class Plugin {
        async run(options: Bag) {
            const source = options.source as DataSource
            const kinds = options.kinds as Kinds
            return source.getRepository(kinds['Invoice']).find()
        }
    }
    """


@pytest.mark.parametrize("key", ["kinds", "banana"])
def test_what_every_literal_puts_under_a_key(key: str) -> None:
    text = """
        import { Invoice, Payment } from './entities'
        import { Kinds } from './plugin'

        const kinds: Kinds = { Invoice, Payment }
        export async function load(source, name: string) {
            const loaded = await import(name)
            await new loaded.Plugin().run({ source, kinds })
            await new loaded.Plugin().run({ source, kinds, more: true })
        }
        """
    assert queries(text.replace("kinds", key), plugin=PLUGIN.replace("kinds", key)) == [("find", "select", "invoices")]


def test_literals_that_differ_under_a_key_say_nothing() -> None:
    assert queries(
        """
        import { Invoice, Payment } from './entities'

        export async function load(source, name: string) {
            const loaded = await import(name)
            await new loaded.Plugin().run({ source, kinds: { Invoice } })
            await new loaded.Plugin().run({ source, kinds: { Invoice: Payment } })
        }
        """,
        plugin=PLUGIN,
    ) == [("find", "select", "")]


def test_a_literal_of_which_it_cannot_be_said_what_it_holds_under_a_key() -> None:
    assert queries(
        """
        import { Invoice } from './entities'

        export async function load(source, name: string) {
            const loaded = await import(name)
            await new loaded.Plugin().run({ source, kinds: { Invoice } })
            await new loaded.Plugin().run({ source, kinds: { Invoice: loaded.kinds[name] } })
        }
        """,
        plugin=PLUGIN,
    ) == [("find", "select", "")]


def test_a_key_of_a_shape_that_lists_its_members_is_not_looked_for_elsewhere() -> None:
    assert queries(
        """
        import { Invoice } from './entities'

        export const literal = { kind: Invoice }
        """,
        closed="""
        import { DataSource } from 'typeorm'

        interface Closed { name: string }
        export const all = (source: DataSource, closed: Closed) => source.getRepository(closed.kind).find()
        """,
    ) == [("find", "select", "")]


@pytest.mark.parametrize("given", ["kinds", "kinds as Kinds", "whole.kinds"])
def test_an_open_shape_says_less_than_the_literal_that_fills_it(given: str) -> None:
    assert queries(
        f"""
        import {{ DataSource }} from 'typeorm'
        import {{ Invoice }} from './entities'

        interface Kinds {{ [key: string]: any }}
        const kinds = {{ Invoice }}
        const whole: {{ kinds: Kinds }} = {{ kinds }}
        const all = (source: DataSource, kinds: Kinds) => source.getRepository(kinds['Invoice']).find()
        export const run = (source: DataSource) => all(source, {given})
        """
    ) == [("find", "select", "invoices")]


# Functions that are handed on

POOL = """
    const { Pool } = require('pg')
    const pool = new Pool()

    async function withClient(work) {
        const client = await pool.connect()
        try {
            return await work(client)
        } finally {
            client.release()
        }
    }
    const retried = (work, times) => withClient(work)
    const later = work => ({ work })
    const renamed = work => { const run = work; return run(1) }
    module.exports = { withClient, retried, later, renamed }
    """
CALLER = """
    const { NAME } = require('./pool')
    NAME(client => client.query('DELETE FROM invoices'))
    """


@pytest.mark.parametrize("name", ["withClient", "retried"])
def test_what_a_function_of_the_project_gives_to_the_function_it_is_given(name: str) -> None:
    files = {"pool.js": POOL, "app.js": CALLER.replace("NAME", name)}
    assert ("query", "pg:Client", "delete", "invoices") in asked(linked(files))


@pytest.mark.parametrize("name", ["later", "renamed"])
def test_a_function_that_is_not_seen_to_be_called(name: str) -> None:
    files = {"pool.js": POOL, "app.js": CALLER.replace("NAME", name)}
    assert asked(linked(files)) == []


def test_a_transaction_that_a_function_of_the_project_begins() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entities'

        declare const source: DataSource
        function inTransaction(work: any) {
            return source.transaction(work)
        }
        inTransaction(async manager => manager.count(Invoice))
        """
    ) == [("count", "aggregate", "invoices")]


# Types that are made of types


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("interface Given extends Omit<Wide, 'name'> { more: string }", "given.source"),
        ("interface Given extends Partial<Wide> {}", "given.source"),
        ("type Given = { manager: Pick<DataSource['manager'], 'count'> }", "given.manager"),
    ],
)
def test_a_member_of_a_type_that_is_made_of_another(kind: str, read: str) -> None:
    call = "manager.count(Invoice)" if read.endswith("source") else "count(Invoice)"
    assert queries(
        f"""
        import {{ DataSource }} from 'typeorm'
        import {{ Invoice }} from './entities'

        interface Wide {{ source: DataSource; name: string }}
        {kind}
        export const count = (given: Given) => {read}.{call}
        """
    ) == [("count", "aggregate", "invoices")]


# Names of models, containers, relations


def test_a_model_by_its_name() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'

        export async function both(source: DataSource) {
            await source.getRepository('Invoice').find()
            await source.manager.count('Payment')
            await source.getRepository('Nothing').find()
        }
        """
    ) == [
        ("find", "select", "invoices"),
        ("count", "aggregate", "payments"),
        ("find", "select", "Nothing"),
    ]


def test_a_container_gives_what_it_is_asked_for() -> None:
    assert queries(
        """
        import { NestFactory } from '@nestjs/core'
        import { Repository } from 'typeorm'
        import { Invoice } from './entities'

        class Invoices {
            constructor(readonly repository: Repository<Invoice>) {}
        }
        export async function main(module) {
            const app = await NestFactory.create(module)
            return app.get(Invoices).repository.find()
        }
        """
    ) == [("find", "select", "invoices")]


def test_a_relation_is_written_to_a_table_that_is_not_said() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entities'

        export const add = (source: DataSource, invoice: Invoice, payment: object) =>
            source.getRepository(Invoice).createQueryBuilder().relation('payments').of(invoice).add(payment)
        """
    ) == [("add", "update", "")]


def test_a_child_entity_stands_in_the_table_of_what_it_extends() -> None:
    assert queries(
        """
        import { ChildEntity, DataSource, Entity, TableInheritance } from 'typeorm'

        @Entity('documents')
        @TableInheritance({ column: 'kind' })
        abstract class Document {}

        abstract class Dated extends Document {}

        @ChildEntity()
        class Receipt extends Dated {}

        @Entity()
        class Copy extends Document {}

        export async function both(source: DataSource) {
            await source.getRepository(Receipt).find()
            await source.getRepository(Copy).find()
        }
        """
    ) == [("find", "select", "documents"), ("find", "select", "copy")]


@pytest.mark.parametrize(
    "declared",
    [
        "declare global { namespace Shop { interface Event { client: PoolClient } } }",
        "declare module 'server' { interface Event { client: PoolClient } }",
        "declare module 'server' { interface Event { name: string } interface Event { client: PoolClient } }",
    ],
)
def test_a_type_that_the_project_declares_into_another_name_space(declared: str) -> None:
    imports = "" if "Shop" in declared else "import { Event } from 'server'\n"
    kind = "Shop.Event" if "Shop" in declared else "Event"
    call = "export const clean = (event: KIND) => event.client.query('DELETE FROM invoices')"
    assert queries(imports + call.replace("KIND", kind), globals="import { PoolClient } from 'pg'\n" + declared) == [
        ("query", "delete", "invoices")
    ]


def test_a_type_of_the_same_name_in_another_name_space() -> None:
    assert (
        queries(
            """
        export const clean = (event: Shop.Event) => event.client.query('DELETE FROM invoices')
        """,
            globals="""
        import { PoolClient } from 'pg'
        declare global { namespace Stall { interface Event { client: PoolClient } } }
        """,
        )
        == []
    )
