"""Type parameters: what fills them decides the table, and nothing else does."""

from __future__ import annotations

import pytest

from dblint.facts.project import Project
from tests.link.linked import asked, linked

ENTITIES = """
    import { Entity, PrimaryGeneratedColumn } from 'typeorm'

    export abstract class Base {
        @PrimaryGeneratedColumn() id: number
    }

    @Entity('invoices')
    export class Invoice extends Base {}

    @Entity('payments')
    export class Payment extends Base {}
    """


def project(text: str, **files: str) -> Project:
    return linked({"entities.ts": ENTITIES, "app.ts": text, **{f"{name}.ts": more for name, more in files.items()}})


def queries(text: str, **files: str) -> list[tuple[str, str, str]]:
    return [(member, verb, table) for member, _, verb, table in asked(project(text, **files))]


WRAPPER = """
    import { DataSource, EntityTarget, ObjectLiteral, ObjectType, Repository } from 'typeorm'

    export class Scope {}

    export class Connection {
        constructor(private source: DataSource) {}

        getRepository<E extends ObjectLiteral>(target: ObjectType<E> | string): Repository<E>
        getRepository<E extends ObjectLiteral>(scope: Scope | undefined, target: ObjectType<E>): Repository<E>
        getRepository<E extends ObjectLiteral>(one: any, two?: any): Repository<E> {
            return this.source.getRepository(two ?? one)
        }

        byIds<T extends ObjectLiteral>(type: new () => T, ids: number[]) {
            return this.getRepository(type).findByIds(ids)
        }
    }
    """


def test_the_overload_that_takes_as_many_arguments_as_are_given() -> None:
    assert queries(
        """
        import { Connection, Scope } from './wrapper'
        import { Invoice, Payment } from './entities'

        export function both(connection: Connection, scope: Scope) {
            connection.getRepository(scope, Invoice).find()
            connection.getRepository(Payment).count()
        }
        """,
        wrapper=WRAPPER,
    ) == [("find", "select", "invoices"), ("count", "aggregate", "payments"), ("findByIds", "select", "")]


def test_a_call_that_writes_its_type() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Invoice } from './entities'

        declare function provide<T>(token: string): Repository<T>
        export const all = () => provide<Invoice>('invoices').find()
        """
    ) == [("find", "select", "invoices")]


def test_a_type_that_nothing_fills_names_no_table() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'

        declare function provide<T>(token: string): Repository<T>
        export const all = () => provide('invoices').find()
        """
    ) == [("find", "select", "")]


def test_an_instance_of_the_entity_fills_its_type() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Invoice } from './entities'

        declare function repositoryOf<T>(row: T): Repository<T>
        export const touch = (invoice: Invoice) => repositoryOf(invoice).save(invoice)
        """
    ) == [("save", "upsert", "invoices")]


def test_a_repository_of_the_entity_fills_its_type() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Payment } from './entities'

        declare function cached<T>(repository: Repository<T>): Repository<T>
        export const all = (payments: Repository<Payment>) => cached(payments).find()
        """
    ) == [("find", "select", "payments")]


SERVICE = """
    import { Repository } from 'typeorm'
    import { Base } from './entities'

    export abstract class Service<E extends Base> {
        constructor(protected repository: Repository<E>) {}
        protected handle(): Repository<E> {
            return this.repository
        }
    }
    """


@pytest.mark.parametrize("member", ["repository", "handle()"])
def test_a_subclass_that_fills_its_base(member: str) -> None:
    assert queries(
        f"""
        import {{ Service }} from './service'
        import {{ Invoice }} from './entities'

        export class Invoices extends Service<Invoice> {{
            all() {{
                return this.{member}.find()
            }}
        }}
        """,
        service=SERVICE,
    ) == [("find", "select", "invoices")]


def test_a_subclass_of_a_subclass_that_hands_its_own_parameter_on() -> None:
    assert queries(
        """
        import { Service } from './service'
        import { Base, Payment } from './entities'

        class Audited<T extends Base> extends Service<T> {}
        export class Payments extends Audited<Payment> {
            all() {
                return this.repository.find()
            }
        }
        """,
        service=SERVICE,
    ) == [("find", "select", "payments")]


def test_an_instance_made_with_its_type_or_from_what_is_given() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Invoice, Payment } from './entities'

        class Store<E> {
            constructor(readonly repository: Repository<E>) {}
        }
        declare const any: Repository<any>
        export function both(payments: Repository<Payment>) {
            new Store<Invoice>(any).repository.find()
            new Store(payments).repository.find()
        }
        """
    ) == [("find", "select", "invoices"), ("find", "select", "payments")]


def test_the_generic_class_itself_names_no_table_and_not_what_its_parameter_extends() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Base } from './entities'

        export class Service<E extends Base> {
            constructor(protected repository: Repository<E>) {}
            all() {
                return this.repository.find()
            }
        }
        """
    ) == [("find", "select", "")]


def test_a_parameter_that_extends_a_client_is_one() -> None:
    assert queries(
        """
        import { EntityManager } from 'typeorm'
        import { Invoice } from './entities'

        export function count<M extends EntityManager>(manager: M) {
            return manager.count(Invoice)
        }
        """
    ) == [("count", "aggregate", "invoices")]


def test_a_value_with_the_name_of_a_type_parameter_stays_what_it_is() -> None:
    assert queries(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entities'

        export function all<Invoice>(source: DataSource, given: Invoice) {
            return source.getRepository(Invoice).find()
        }
        """
    ) == [("find", "select", "invoices")]


def test_a_word_that_fills_a_type_parameter_is_no_member() -> None:
    assert queries(
        """
        import { Repository } from 'typeorm'
        import { Invoice, Payment } from './entities'

        class Rows<Key extends keyof Stores> {
            public of: Pick<Stores, Key>
            constructor(private stores: Stores) { this.of = this.stores }
        }

        class Stores {
            invoices: Repository<Invoice>
            payments: Repository<Payment>
        }

        export class Bills {
            constructor(private rows: Rows<'invoices'>, private own: Stores['payments']) {}
            async all() {
                await this.rows.of.invoices.find()
                return this.own.find()
            }
        }
        """
    ) == [("find", "select", "invoices"), ("find", "select", "payments")]


def test_a_type_of_its_own_has_the_values_of_the_type_that_it_is_made_of() -> None:
    source = """
        from typing import NewType

        from sqlalchemy import text
        from sqlalchemy.orm import Session

        Reading = NewType("Reading", Session)
        Writing = NewType("Writing", Reading)

        def prices(session: Writing):
            return session.execute(text("SELECT amount FROM price")).all()
        """
    project = linked({"shop/__init__.py": "", "shop/prices.py": source})
    (call,) = (call for call in project.calls if call.member == "execute")
    assert [query.table for query in call.queries] == ["price"]
    assert not project.unresolved


def test_a_function_annotated_with_a_query_gives_the_chain_that_it_returns() -> None:
    source = """
        from django.db import models
        from django.db.models import QuerySet

        class Card(models.Model):
            balance = models.IntegerField()

        def locked() -> QuerySet[Card]:
            return Card.objects.order_by("pk").select_for_update()

        def given(cards: QuerySet[Card], few: bool) -> QuerySet[Card]:
            if few:
                return Card.objects.filter(balance=0)
            return cards

        def show(pk, cards):
            locked().get(pk=pk)
            given(cards, True).get(pk=pk)
        """
    project = linked({"shop/__init__.py": "", "shop/models.py": source})
    first, second = (call.queries[0] for call in project.calls if call.member == "get")
    assert [lock.value for lock in first.locks.elements] == ["update"]
    assert not first.where.open
    assert second.where.open
