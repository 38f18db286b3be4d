"""What only asks is let through, and nothing else, however it is dressed."""

from __future__ import annotations

import pytest

from dblint.sql.readonly import complaint

READING = """
SELECT 1
SELECT pid, state FROM pg_stat_activity WHERE state = 'idle in transaction';
WITH t AS (SELECT oid FROM pg_class) SELECT count(*) FROM t
SELECT a FROM t UNION ALL SELECT b FROM u
SELECT pg_size_pretty(pg_total_relation_size('invoice'))
SELECT conrelid::regclass FROM pg_constraint
SELECT query FROM pg_stat_statements WHERE query ILIKE 'delete from%; drop -- '
EXPLAIN SELECT 1
EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM invoice
EXPLAIN (ANALYZE ON, FORMAT JSON) SELECT * FROM invoice
EXPLAIN ANALYZE WITH t AS (SELECT 1) SELECT * FROM t
EXPLAIN FORMAT=JSON SELECT * FROM invoice
EXPLAIN QUERY PLAN SELECT * FROM invoice
ANALYZE FORMAT=JSON SELECT * FROM invoice
SHOW ENGINE INNODB STATUS
SHOW CREATE TABLE invoice
SHOW GLOBAL STATUS LIKE 'Threads%'
SHOW max_connections
PRAGMA integrity_check
PRAGMA table_info('invoice')
PRAGMA main.journal_mode
db.invoice.find({paid: false, "lines.amount": {$gt: 10}}).sort({due: -1}).explain("executionStats")
db.invoice.explain('executionStats').aggregate([{$match: {paid: false}}])
db.invoice.aggregate([{ $indexStats: {} }])
db.invoice.getIndexes()
db.serverStatus()
""".strip().splitlines()

CHANGING = r"""
DELETE FROM invoice
UPDATE invoice SET paid = true
INSERT INTO t SELECT 1
DROP TABLE invoice
TRUNCATE invoice
VACUUM
ANALYZE invoice
ANALYZE
SET lock_timeout = 0
CALL refresh()
DO $$ BEGIN END $$
COPY t TO PROGRAM 'sh'
SELECT 1; DELETE FROM invoice
SELECT 1 /*! INTO OUTFILE 'x' */
SELECT 1 -- more
SELECT * INTO copy FROM invoice
SELECT * FROM invoice INTO OUTFILE '/tmp/x'
SELECT * FROM invoice FOR UPDATE
SELECT * FROM invoice LOCK IN SHARE MODE
WITH gone AS (DELETE FROM invoice RETURNING *) SELECT * FROM gone
WITH a AS (SELECT 1), b AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT * FROM a, b
SELECT * FROM (WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT * FROM x) y
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
SELECT pg_catalog.pg_terminate_backend(1)
SELECT nextval('invoice_id_seq')
SELECT set_config('a', 'b', false)
SELECT pg_sleep(1)
SELECT "pg_sleep"(1)
SELECT load_extension('x')
SELECT to_file('x', 'y')
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM dblink('', 'delete')
SELECT @a := 1
SELECT '\'; DELETE FROM t; --'
SELECT $$; DELETE FROM t; $$
SELECT $a$ ' $a$; DELETE FROM t; SELECT '
EXPLAIN ANALYZE DELETE FROM invoice
EXPLAIN (ANALYZE) UPDATE invoice SET a = 1
EXPLAIN DELETE FROM invoice
EXPLAIN ANALYZE WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x
EXPLAIN ANALYZE SELECT nextval('s')
EXPLAIN invoice
ANALYZE WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x
SHOW TABLES; DROP TABLE invoice
SHOW (DELETE FROM invoice)
PRAGMA journal_mode = wal
PRAGMA journal_mode(wal)
PRAGMA user_version(3)
PRAGMA optimize
PRAGMA wal_checkpoint
PRAGMA integrity_check; DELETE FROM t
db.invoice.deleteMany({})
db.invoice.drop()
db.dropDatabase()
db.invoice.find({}).forEach(remove)
db.invoice.find({$where: "sleep(1)"})
db.invoice.aggregate([{$match: {}}, {$out: "copy"}])
db.invoice.aggregate([{"$merge": {into: "copy"}}])
db.invoice.explain("executionStats").remove({})
db.invoice.find({a: process.exit()})
db.invoice.find(); db.invoice.drop()
db.invoice.find({}).count(db.dropDatabase())
db["invoice"].drop()
db.adminCommand({shutdown: 1})
db.invoice
db.
db
""".strip().splitlines()


@pytest.mark.parametrize("statement", READING)
def test_what_only_asks(statement: str) -> None:
    assert complaint(statement) == ""


@pytest.mark.parametrize("statement", [*CHANGING, "", " ; ", "SELECT 1 #", "nonsense ("])
def test_whatever_else(statement: str) -> None:
    assert complaint(statement) != ""


def test_why() -> None:
    assert complaint("WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x") == "it holds DELETE"
    assert complaint("SELECT pg_terminate_backend(1)") == (
        "it calls pg_terminate_backend, which is not known to only read"
    )
    assert complaint("EXPLAIN ANALYZE DELETE FROM t") == "what stands behind EXPLAIN is no SELECT"
    assert complaint("SELECT 1; SELECT 2") == "it is more than one statement"
