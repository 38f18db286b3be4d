"""A library writes every statement to a log with the values that it was given.

Reported where an option of a client or the level of a logger that stands in the application's source says so. Not
reported: what stands behind a switch (any branch or condition, an option that is called one of development's, a file
that is called so): whoever put it there meant to choose; clients that leave the values out of their log, and loggers
of libraries that write nothing unless the program runs for development anyway (Django's `django.db.backends`, by
"Logging" of its documentation).

Of migrations it is told where what runs them reads levels from a file: an application that brings its schema up to
date when it starts keeps these levels for all that it asks from then on.

Off by default until its findings were read on enough code.
"""

from __future__ import annotations

from collections.abc import Iterator

from dblint.facts.program import Echo, FileRole
from dblint.rule import Bad, Finding, Good, Remedy, Rule

RULE = Rule(
    summary="statements are written to a log with their values",
    why=(
        "The values of statements are what people entrust to the application: names, addresses, tokens, hashes of "
        "passwords. A log is kept for months, is copied to services of others and is read by many who may not read "
        "the tables; and writing each statement costs time on every request."
    ),
    minimal="Take {option} out, or let a switch for development decide.",
    better="Keep statements and leave the values out of what {option} writes, where the library can do that.",
    complete=(
        "In place of {option}, log slow statements on the server (log_min_duration_statement, "
        "log_parameter_max_length = 0), and let a filter of the log refuse what looks personal."
    ),
    symptoms=("[cached since 0.01s ago] ('alice@example.com', …)", "passwords in application logs"),
    verify="SELECT name, setting FROM pg_settings WHERE name LIKE 'log_parameter_max_length%'",
    verify_on=("postgres",),
    severity="warning",
    confidence="medium",
    default=False,
    looks_at="places that make a library log its statements",
    cwe=(532,),
    security_severity="4.3",
    roles=frozenset({FileRole.APP, FileRole.MIGRATION}),
    bad=(
        Bad(
            "python",
            """\
import logging

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_engine("postgresql://db.shop.io/billing", echo=True)  # finding
other = create_async_engine("postgresql+asyncpg://db.shop.io/billing", echo="debug")  # finding

logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)  # finding
LOGGING = {
    "version": 1,
    "loggers": {
        "sqlalchemy.engine": {"level": "DEBUG", "handlers": ["console"]},  # finding
    },
}
""",
        ),
        Bad(
            "python",
            """\
from pydantic_settings import BaseSettings
from sqlalchemy import create_engine

class Settings(BaseSettings):
    WRITE_STATEMENTS: bool = True  # finding

settings = Settings()
engine = create_engine("postgresql://db.shop.io/billing", echo=settings.WRITE_STATEMENTS)
""",
            title="unless the environment says otherwise",
        ),
        Bad(
            "python",
            """\
import logging

from tortoise import Tortoise

logging.getLogger("tortoise.db_client").setLevel(logging.DEBUG)  # finding
logging.getLogger("tortoise").setLevel(logging.INFO)

async def start():
    await Tortoise.init(db_url="postgres://db.shop.io/billing", modules={"models": ["shop.models"]})
""",
        ),
        Bad(
            "python",
            """\
import logging

from peewee import PostgresqlDatabase
from pymongo import MongoClient

logger = logging.getLogger("peewee")
logger.setLevel(logging.DEBUG)  # finding
database = PostgresqlDatabase("billing", host="db.shop.io")
client = MongoClient("mongodb://db.shop.io/billing")
LOGGERS = {
    "pymongo.command": {"level": "DEBUG"},  # finding
    "pymongo.topology": {"level": "DEBUG"},
}
""",
        ),
    ),
    good=(
        Good(
            "python",
            """\
import logging
import os

from sqlalchemy import create_engine

from shop.configuration import settings

address = "postgresql://db.shop.io/billing"
create_engine(address)
create_engine(address, echo=False)
create_engine(address, echo=settings.DEBUG)
create_engine(address, echo=bool(os.environ.get("SQL_ECHO")))
create_engine(address, echo=True, hide_parameters=True)
create_engine(address, echo=True if settings.environment == "development" else False)
if settings.DEBUG:
    create_engine(address, echo=True)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
""",
        ),
    ),
)


def check(echo: Echo) -> Iterator[Finding]:
    """One finding per place that writes values to a log."""
    option = f"the logger {echo.name} at {echo.word}" if echo.logger else f"{echo.name}={echo.word}"
    option += f" in {echo.file}" if echo.file else ""
    unless = " unless the environment says otherwise" if echo.fallback else ""
    yield Finding(
        echo.place,
        f"{option} writes every statement with its values to the log{unless}",
        names={"option": option},
        remedy=Remedy("unlogged"),
        idiom=echo.library,
    )
