"""Values beside what says where a connection goes: they are its settings, and nobody gains a right by them."""

from __future__ import annotations

from tests.link.linked import linked, shape

PYTHON = """
import duckdb
import psycopg2
from flask import request


class Base:
    def __init__(self, configuration):
        self.configuration = configuration


class Runner(Base):
    def connect(self):
        return psycopg2.connect(user=self.configuration.get("user"), host=self.configuration["host"])

    def schema(self):
        chosen = self.configuration
        name = chosen.get("schema", "public")
        self.connect().cursor().execute("1 " + name)

    def another(self, options):
        self.connect().cursor().execute("2 " + options["schema"])

    def own(self, name):
        self.name = name
        self.connect().cursor().execute("3 " + name)


class Embedded:
    def __init__(self, configuration, table):
        self.path = configuration.get("path")
        self.extensions = [each.strip() for each in configuration.get("extensions", "").split(",")]
        self.table = table
        self.connection = duckdb.connect(self.path)

    def load(self):
        for each in self.extensions:
            prefix, name = each.split(".", 1)
            self.connection.execute(f"4 {name}")

    def read(self):
        self.connection.execute(f"5 {self.table}")


def opened(host, user):
    return psycopg2.connect(host=host, user=user)


def handed(settings):
    opened(settings.host, settings.user).cursor().execute(f"6 {settings.schema}")


def asked(settings):
    opened(settings.host, settings.user).cursor().execute(f"7 {settings.schema}")


def serve():
    asked(request.args)


def filled(settings):
    opened(settings["host"], settings["user"]).cursor().execute(f"8 {settings['schema']}")


def fill(host, schema):
    filled({"host": host, "user": "app", "schema": schema})


def logged(settings):
    print(settings.host)


def unconnected(connection: psycopg2.extensions.connection, settings):
    logged(settings)
    connection.cursor().execute(f"9 {settings.schema}")


def slow(options):
    duckdb.connect("shop.duckdb", config=options.config).execute(f"10 {options.name}")


def whole(settings):
    connection = psycopg2.connect(**settings)
    connection.cursor().execute(f"11 {settings['schema']}")


def nested(context):
    connection = psycopg2.connect(context.database.address)
    connection.cursor().execute(f"12 {context.database.schema}")
    connection.cursor().execute(f"13 {context.word}")
"""

SCRIPT = """
import { BigQuery } from '@google-cloud/bigquery';
import express from 'express';
import pg from 'pg';

const app = express();

class Client {
  constructor(connection) {
    this.connection = connection;
  }
  connect() {
    const { connection } = this;
    const config = { host: connection.host, port: connection.port || 5432 };
    config.ssl = true;
    this.client = new pg.Client(config);
  }
  run() {
    this.client.query(`1 ${this.connection.schema}`);
  }
}

function runQuery(query, connection) {
  const client = new Client(connection);
  client.connect();
}

function getSql(database) {
  return `2 ${database}`;
}

export function getSchema(connection, other) {
  const { schema } = connection;
  const pool = new pg.Pool();
  runQuery('SELECT 1', connection);
  pool.query(getSql(connection.database));
  pool.query(`3 ${schema}`);
  pool.query(`4 ${other.database}`);
}

function split(datasets) {
  return datasets.split(',').map((name) => name.trim());
}

function newBigQuery(connection) {
  return new BigQuery({ projectId: connection.projectId });
}

export function getTables(connection, names) {
  const client = newBigQuery(connection);
  const queries = split(connection.datasetName).map((name) => `5 ${name}`);
  client.query({ query: queries.join(' UNION ALL ') });
  client.query({ query: `6 ${names.first}` });
}

function search(options) {
  new pg.Client({ host: options.host }).query(`7 ${options.word}`);
}

app.get('/', (request, response) => {
  search(request.query);
});
"""


def texts(name: str, source: str) -> dict[str, str]:
    """Number at the beginning of a text → where its value comes from."""
    found = [shape(call.text) for call in linked({name: source}).calls if call.text is not None]
    pairs = [text.lstrip("(").split(" ", 1) for text in found]
    return {number: rest.partition(":")[0].strip("{") for number, rest in pairs if number.isdigit()}


def test_python() -> None:
    assert texts("shop.py", PYTHON) == {
        "1": "configuration",
        "2": "parameter",
        "3": "parameter",
        "4": "configuration",
        "5": "parameter",
        "6": "configuration",
        "7": "request",
        "8": "parameter",
        "9": "parameter",
        "10": "parameter",
        "11": "configuration",
        "12": "configuration",
        "13": "parameter",
    }


def test_scripts() -> None:
    assert texts("shop.js", SCRIPT) == {
        "1": "configuration",
        "2": "configuration",
        "3": "configuration",
        "4": "parameter",
        "5": "configuration",
        "6": "parameter",
        "7": "request",
    }


ASKED = """
const { Vault } = require('vaults');
const mysql = require('mysql2/promise');
const vault = new Vault();

exports.handler = async (event) => {
  const secret = JSON.parse(await vault.read({ name: event.secret }));
  const connection = await mysql.createConnection({ host: secret.host, user: secret.user });
  await connection.query('1 ' + event.table);
  await connection.query('2 ' + secret.schema);
};

exports.opened = async (event) => {
  const connection = await mysql.createConnection({ host: String(event.host), user: event.user });
  await connection.query('3 ' + event.table);
};
"""


def test_what_a_service_is_asked_by_says_nothing_of_what_it_gives() -> None:
    found = texts("shop.js", ASKED)
    assert (found["1"], found["3"]) == ("parameter", "configuration")
