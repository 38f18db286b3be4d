"""`query/sync-call-in-async` where a coroutine asks a database for its schema by SQLAlchemy's inspector."""

from __future__ import annotations

from dblint_rules.query.sync_call_in_async import check

from tests.link.linked import linked

APP = """
    from fastapi import FastAPI
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.ext.asyncio import AsyncEngine

    app = FastAPI()
    engine = create_engine("postgresql://")

    @app.get("/schemas")
    async def schemas():
        return inspect(engine).get_schema_names()

    @app.get("/columns")
    async def columns(table):
        inspector = inspect(engine)
        return inspector.has_table(table) and inspector.get_columns(table)

    @app.get("/beside")
    async def beside(other: AsyncEngine):
        async with other.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).get_table_names())

    @app.get("/of_a_class")
    async def of_a_class(model):
        return [each.key for each in inspect(model).relationships], inspect(engine).default_schema_name

    def plain():
        return inspect(engine).get_schema_names()
    """


def test_an_inspector_asks_the_database() -> None:
    holds = "holds up the event loop until the database has answered"
    assert sorted(finding.message for finding in check(linked({"app.py": APP}))) == [
        f"`inspect().get_schema_names()` in the coroutine schemas() {holds}",
        f"`inspector.has_table()` in the coroutine columns() {holds}; so does another call there",
    ]
