"""Where `security/sql-injection` finds SQL text: every place that a library takes some, whole statements and pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.run import Request, run

TYPEORM = """\
import express from 'express';
import { Brackets, Column, DataSource, Entity, FindOptionsWhere, ObjectLiteral, Raw, Repository } from 'typeorm';

@Entity()
export class Customer { @Column() name: string; }

const app = express();
const source = new DataSource({ type: 'postgres' });

app.get('/customers', async (request, response) => {
  const { a } = request.query;
  const repository = source.getRepository(Customer);
  const qb = repository.createQueryBuilder('c');
  %s
});

export class Service {
  constructor(private repository: Repository<Customer>) {}

  %s
}
"""
PYTHON = """\
import psycopg
from django.db import models
from django.db.models import F, Func
from django.db.models.expressions import RawSQL
from flask import request
from psycopg import sql
from sqlalchemy import Column, Integer, func, literal_column, select, text
from sqlalchemy.orm import DeclarativeBase, Session

class Customer(models.Model):
    name = models.TextField()

class Base(DeclarativeBase):
    pass

class Row(Base):
    __tablename__ = "row"
    id = Column(Integer, primary_key=True)

def page(session: Session, opened: psycopg.Connection, a, b):
    q = request.args["q"]
    %s
"""


def findings(folder: Path, text: str, name: str) -> list[str]:
    (folder / name).write_text(text)
    request = Request(
        paths=[str(folder)], root=folder, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    messages = [found.message for found in run(request).report.findings]
    for role in ("a name", "a part of the statement", "a statement"):
        messages = [message.replace(f" where {role} stands", "") for message in messages]
    return messages


@pytest.mark.parametrize(
    ("statement", "sink"),
    [
        ("qb.orderBy(a)", "qb.orderBy()"),
        ("qb.orderBy({ [a]: 'ASC' })", "qb.orderBy()"),
        ("qb.addOrderBy('c.' + a)", "qb.addOrderBy()"),
        ("qb.groupBy(`${a}`)", "qb.groupBy()"),
        ("qb.addGroupBy(a)", "qb.addGroupBy()"),
        ("qb.select(['c.id', `lower(${a})`])", "qb.select()"),
        ("qb.addSelect(`count(${a})`, 'n')", "qb.addSelect()"),
        ("qb.distinctOn([a])", "qb.distinctOn()"),
        ("qb.having(`count(c.id) > ${a}`)", "qb.having()"),
        ("qb.leftJoin('c.orders', 'o', `o.state = '${a}'`)", "qb.leftJoin()"),
        ("qb.innerJoinAndSelect('c.orders', 'o', `o.state = '${a}'`)", "qb.innerJoinAndSelect()"),
        ("qb.leftJoinAndMapOne('c.last', 'c.orders', 'o', `o.state = '${a}'`)", "qb.leftJoinAndMapOne()"),
        ("qb.update(Customer).set({ name: () => `'${a}'` })", "qb.update().set()"),
        ("qb.returning(`${a}`)", "qb.returning()"),
        ("repository.update(1, { name: () => `'${a}'` })", "repository.update()"),
        ("qb.where(new Brackets(inner => inner.where(`c.name = '${a}'`)))", "inner.where()"),
        ("qb.where(inner => 'c.id IN ' + inner.subQuery().select(`${a}`).getQuery())", "inner.subQuery().select()"),
        ("repository.find({ where: { name: Raw(alias => `${alias} = '${a}'`) } })", "Raw()"),
        ("repository.find({ where: { name: Raw(`'${a}'`) } })", "Raw()"),
        ("source.query(String.raw`SELECT id FROM c WHERE name = '${a}'`)", "source.query()"),
    ],
)
def test_typeorm_takes_text_there(tmp_path: Path, statement: str, sink: str) -> None:
    said = findings(tmp_path, TYPEORM % (f"await {statement};", ""), "app.ts")
    assert said == [f"the request's `a` reaches the SQL text of `{sink}`"]


@pytest.mark.parametrize(
    "statement",
    [
        "qb.where('c.name = :a', { a }).orderBy('c.name').getMany()",
        "qb.orderBy('c.name', a).getMany()",
        "qb.where({ name: a }).getMany()",
        "qb.update(Customer).set({ name: a }).execute()",
        "repository.update(1, { name: a })",
        "qb.leftJoin('c.orders', 'o', 'o.state = :a', { a }).getMany()",
        "repository.find({ where: { name: Raw(alias => `${alias} > :a`, { a }) } })",
        "qb.orderBy(`${qb.alias}.name`).getMany()",
        "qb.andWhere(inner => 'c.id IN ' + inner.subQuery().select('x.id').from(Customer, 'x').getQuery())",
    ],
)
def test_typeorm_binds_or_quotes_there(tmp_path: Path, statement: str) -> None:
    assert findings(tmp_path, TYPEORM % (f"await {statement};", ""), "app.ts") == []


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("sorted(order: string)", "qb.orderBy(order)"),
        ("sorted(order: string[])", "order.forEach(each => qb.addOrderBy(each))"),
    ],
)
def test_a_piece_that_is_a_declared_text_is_no_callers_business(tmp_path: Path, method: str, expected: str) -> None:
    body = f"{method} {{ const qb = this.repository.createQueryBuilder('c'); {expected}; }}"
    (said,) = findings(tmp_path, TYPEORM % ("", body), "app.ts")
    assert said.endswith("and is a parameter of the function")


@pytest.mark.parametrize("declared", ["", ": FindOptionsWhere<Customer>", ": ObjectLiteral", ": Brackets"])
def test_a_piece_that_may_be_an_object_cannot_be_said(tmp_path: Path, declared: str) -> None:
    body = f"found(where{declared}) {{ return this.repository.createQueryBuilder('c').where(where).getMany(); }}"
    assert findings(tmp_path, TYPEORM % ("", body), "app.ts") == []


@pytest.mark.parametrize(
    ("statement", "sink"),
    [
        ("Customer.objects.extra(where=[\"name = '%s'\" % q])", "Customer.objects.extra()"),
        ("Customer.objects.extra(select={'x': f'lower({q})'})", "Customer.objects.extra()"),
        ("Customer.objects.extra({'x': f'lower({q})'})", "Customer.objects.extra()"),
        ("Customer.objects.extra(tables=[q])", "Customer.objects.extra()"),
        ("Customer.objects.extra(order_by=[q])", "Customer.objects.extra()"),
        ("Customer.objects.annotate(x=RawSQL(q, []))", "RawSQL()"),
        ("Customer.objects.annotate(x=Func(F('name'), function=q))", "Func()"),
        ("Customer.objects.raw(q)", "Customer.objects.raw()"),
        ("session.execute(select(literal_column(q)))", "literal_column()"),
        ("session.execute(select(func.lower(literal_column(q))))", "literal_column()"),
        ("session.execute(select(Row).order_by(text(q)))", "text()"),
        ("session.query(Row).filter(text(f\"id = '{q}'\"))", "text()"),
    ],
)
def test_python_s_libraries_take_text_there(tmp_path: Path, statement: str, sink: str) -> None:
    assert findings(tmp_path, PYTHON % statement, "app.py") == [
        f"the request's `request.args['q']` reaches the SQL text of `{sink}`"
    ]


def test_a_function_s_name_in_a_template(tmp_path: Path) -> None:
    statement = "Customer.objects.annotate(x=Func(F('name'), template=f'{q}(%(expressions)s)'))"
    assert findings(tmp_path, PYTHON % statement, "app.py") == [
        "the request's `request.args['q']` reaches the SQL text of `Func()` where the name of a function stands"
    ]


@pytest.mark.parametrize(
    ("statement", "sink"),
    [
        ("session.execute(select(Row).order_by(text(a)))", "text()"),
        ("session.execute(select(literal_column(a)))", "literal_column()"),
        ("Customer.objects.extra(where=[a])", "Customer.objects.extra()"),
        ("opened.execute(sql.SQL('SELECT id FROM t WHERE {}').format(sql.SQL(a)))", "sql.SQL()"),
        ("opened.execute(sql.SQL('SELECT id FROM t WHERE ') + sql.SQL(a))", "sql.SQL()"),
    ],
)
def test_a_piece_that_is_one_parameter(tmp_path: Path, statement: str, sink: str) -> None:
    said = findings(tmp_path, PYTHON % statement, "app.py")
    assert said == [f"`a` is put into the SQL text of `{sink}`, and is a parameter of the function"]


@pytest.mark.parametrize(
    "statement",
    [
        "opened.execute(a)",
        "opened.execute(sql.SQL(a))",
        "session.execute(text(a))",
        "Customer.objects.raw(a)",
        "Customer.objects.extra(where=['name = %s'], params=[q])",
        "Customer.objects.annotate(x=RawSQL('lower(%s)', [q]))",
    ],
)
def test_a_whole_statement_that_is_one_parameter_is_its_callers_business(tmp_path: Path, statement: str) -> None:
    assert findings(tmp_path, PYTHON % statement, "app.py") == []


def test_a_piece_is_judged_where_it_is_written(tmp_path: Path) -> None:
    text = PYTHON % "session.execute(select(Row).order_by(text(a)))" + (
        "\ndef first(session: Session, opened: psycopg.Connection):\n"
        "    page(session, opened, 'id', 1)\n"
        "    page(session, opened, 'id ' + request.args['order'], 1)\n"
    )
    assert findings(tmp_path, text, "app.py") == [
        "the request's `request.args['order']` reaches the SQL text of `page()`"
    ]


def test_a_piece_stands_for_a_part_of_the_statement(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PYTHON % "session.execute(select(Row).order_by(text(a)))")
    request = Request(
        paths=[str(tmp_path)], root=tmp_path, isolated=True, overrides={"select": ("security/sql-injection",)}
    )
    (found,) = run(request).report.findings
    assert found.message.endswith("where a part of the statement stands, and is a parameter of the function")
