"""Places where code gets at a table and runs nothing there."""

from __future__ import annotations

from dblint.facts.program import Handle
from dblint.facts.project import Project
from tests.link.linked import asked, linked

ENTITY = """
    import { Entity, PrimaryGeneratedColumn } from 'typeorm'

    @Entity()
    export class Invoice {
        @PrimaryGeneratedColumn() id: number
    }
    """


def project(text: str) -> Project:
    return linked({"entity.ts": ENTITY, "app.ts": text})


def told(handle: Handle) -> tuple[str, str, str, str]:
    return handle.kind, handle.member, handle.receiver, handle.table


def test_a_handle_tells_the_queries_that_run_on_it() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export async function pay(source: DataSource, id: number) {
            const invoices = source.getRepository(Invoice)
            await invoices.update(id, { paid: true })
            return invoices.findOneBy({ id })
        }
        """
    )
    (handle,) = found.handles
    assert told(handle) == ("handle", "getRepository", "typeorm:Repository", "invoice")
    assert handle.runs == tuple(call.place for call in found.calls)
    assert [call.member for call in found.calls] == ["update", "findOneBy"]


def test_a_handle_on_which_nothing_is_seen_to_run() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export const invoices = (source: DataSource) => source.getRepository(Invoice)
        """
    )
    (handle,) = found.handles
    assert (handle.table, handle.runs) == ("invoice", ())


def test_a_chain_that_runs_a_query_is_no_handle() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export const all = (source: DataSource) => source.getRepository(Invoice).find()
        """
    )
    assert found.handles == ()
    assert asked(found) == [("find", "typeorm:Repository", "select", "invoice")]


def test_a_handle_on_a_table_that_cannot_be_said() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'

        export function any(source: DataSource, entity) {
            const repository = source.getRepository(entity)
            return repository
        }
        """
    )
    (handle,) = found.handles
    assert told(handle) == ("handle", "getRepository", "typeorm:Repository", "")


def test_a_row_made_in_memory_runs_nothing() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export async function add(source: DataSource, given: object) {
            const one = source.getRepository(Invoice).create(given)
            const two = source.manager.create(Invoice, given)
            source.getRepository(Invoice).merge(one, given)
            return two
        }
        """
    )
    assert [told(handle) for handle in found.handles] == [
        ("entity", "create", "typeorm:Repository", "invoice"),
        ("entity", "create", "typeorm:EntityManager", "invoice"),
        ("entity", "merge", "typeorm:Repository", "invoice"),
    ]
    assert found.calls == ()


def test_a_row_that_is_looked_for_before_it_is_filled_runs_a_query() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export const filled = (source: DataSource, given: object) => source.getRepository(Invoice).preload(given)
        """
    )
    assert found.handles == ()
    assert asked(found) == [("preload", "typeorm:Repository", "select", "invoice")]


def test_a_builder_whose_last_link_is_text_is_built() -> None:
    found = project(
        """
        import { DataSource } from 'typeorm'
        import { Invoice } from './entity'

        export function unpaid(source: DataSource) {
            const query = source.getRepository(Invoice).createQueryBuilder('i').where('i.paid = false')
            return query
        }
        """
    )
    assert [(call.member, call.trigger, [query.table for query in call.queries]) for call in found.calls] == [
        ("where", "built", ["invoice"]),
        ("where", "call", []),
    ]


def test_rows_that_a_unit_of_work_is_given_and_a_statement_that_is_handed_in() -> None:
    found = linked(
        {
            "app.py": """
            import sqlalchemy as sa
            from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

            class Base(DeclarativeBase):
                pass

            class Jar(Base):
                __tablename__ = "jar"
                id: Mapped[int] = mapped_column(primary_key=True)

            def keep(session: Session):
                session.add(Jar(id=1))
                session.add_all([Jar(id=2), Jar(id=3)])

            def widened(query: sa.Select) -> sa.Select:
                return query.add_columns(sa.select(Jar.id).scalar_subquery())
            """
        }
    )
    assert [told(handle) for handle in found.handles] == [
        ("added", "add", "sqlalchemy:Session", "jar"),
        ("added", "add_all", "sqlalchemy:Session", "jar"),
    ]
    assert [(call.trigger, call.member, [query.table for query in call.queries]) for call in found.calls] == [
        ("built", "add_columns", [""]),
    ]
