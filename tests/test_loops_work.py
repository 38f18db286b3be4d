"""Turns of loops that are units of work, beside which one more query is little, each beside the twin that is none."""

from __future__ import annotations

from textwrap import dedent

from dblint_rules.query import lazy_relation_in_loop, n_plus_one, write_in_loop

from dblint.facts.project import Project
from tests.link.linked import linked

MODELS = """
    from django.db import models

    class Owner(models.Model):
        name = models.TextField()

        def rename(self, name):
            self.name = name
            self.save()

        def shown(self):
            return self.name

    class Account(models.Model):
        owner = models.OneToOneField(Owner, models.CASCADE)
        old = models.BooleanField()

    class Shop(models.Model):
        owner = models.ForeignKey(Owner, models.CASCADE)

    class Order(models.Model):
        shop = models.ForeignKey(Shop, models.CASCADE)
        done = models.BooleanField()

    class Line(models.Model):
        order = models.ForeignKey(Order, models.CASCADE)

    class Note(models.Model):
        order = models.ForeignKey(Order, models.SET_NULL, null=True)
        account = models.ForeignKey(Account, models.CASCADE)

        def send(self, text):
            note = Note(account=self.account)
            note.save()
            Order.objects.filter(pk=self.order_id).update(done=True)
            Note.objects.filter(pk=note.pk).update(order=None)

        def send_late(self, text):
            note = Note(account=self.account)
            note.save()
            if text:
                Order.objects.filter(pk=self.order_id).update(done=True)
                Note.objects.filter(pk=note.pk).update(order=None)
    """
PRUNED = """
    from shop.models import Account, Line, Note, Order, Owner, Shop

    def prune(write):
        for account in Account.objects.filter(old=True):
            write(account.owner.name)
            account.owner.delete()

    def prune_orders(write):
        for order in Order.objects.filter(done=True):
            write(order.shop.owner_id)  # lazy
            order.delete()  # write

    def prune_owners(keys):
        for key in keys:
            Owner.objects.filter(pk=key).delete()

    def prune_lines(keys):
        for key in keys:
            Line.objects.filter(pk=key).delete()  # write

    def send(write):
        for note in Note.objects.filter(order=None):
            write(note.account.old)
            note.send("a")

    def send_late(write):
        for note in Note.objects.exclude(order=None):
            write(note.account.old)  # lazy
            note.send_late("a")
    """
SHELVES = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Shelf(Base):
        __tablename__ = "shelf"
        id: Mapped[int] = mapped_column(primary_key=True)
        jars: Mapped[list["Jar"]] = relationship()

    class Jar(Base):
        __tablename__ = "jar"
        id: Mapped[int] = mapped_column(primary_key=True)
        shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
        lids: Mapped[list["Lid"]] = relationship()

    class Lid(Base):
        __tablename__ = "lid"
        id: Mapped[int] = mapped_column(primary_key=True)
        jar_id: Mapped[int] = mapped_column(ForeignKey("jar.id"))

    def empty(session: Session):
        for shelf in session.scalars(select(Shelf)):
            for jar in shelf.jars:
                session.delete(jar)

    def empty_first(session: Session, write):
        for shelf in session.scalars(select(Shelf).where(Shelf.id > 1)):
            for jar in shelf.jars:  # lazy
                write(jar.id)
            session.delete(shelf)

    def empty_some(session: Session, write):
        for shelf in session.scalars(select(Shelf).where(Shelf.id > 2)):
            for jar in shelf.jars:  # lazy
                if write(jar.id):
                    session.delete(jar)
    """
FILES = """
    import { PrismaClient } from '@prisma/client';
    import { RateLimiter } from 'limiter';
    import { match } from 'ts-pattern';

    const client = new PrismaClient();

    const fetched = async (key: string) => {
      const answer = await fetch(key);
      return answer.arrayBuffer();
    };

    const listen = (key: string) => {
      match(key).on('end', () => fetched(key));
    };

    const load = async (kind: string, key: string) =>
      await match(kind).with('here', () => key).with('there', async () => fetched(key)).exhaustive();

    export async function sign(items: { id: number }[], seal: (file: unknown) => void) {
      for (const item of items) {
        const file = await client.file.findUniqueOrThrow({ where: { id: item.id } });
        const bytes = await load(file.kind, file.key);
        seal(bytes);
      }
      for (const item of items) {
        const file = await client.file.findUniqueOrThrow({ where: { id: item.id } });
        if (!file) throw new Error('gone');
        const answer = await fetch(file.key);
        seal(answer);
      }
      for (const item of items) {
        const file = await client.file.findUniqueOrThrow({ where: { id: item.id } }); // n+1
        listen(file.key);
      }
      for (const item of items) {
        const file = await client.file.findUniqueOrThrow({ where: { id: item.id } }); // n+1
        if (file.kind === 'there') seal(await load(file.kind, file.key));
      }
      for (const item of items) {
        const files = await client.file.findMany({ where: { kind: item.id } }); // n+1
        seal(await load('there', files[0].key));
      }
      const limiter = new RateLimiter({ tokensPerInterval: 15, interval: 'second' });
      for (const item of items) {
        await limiter.removeTokens(1);
        seal(await client.file.findMany({ where: { kind: item.id } }));
      }
      for (const item of items) {
        limiter.tryRemoveTokens(1);
        seal(await client.file.findMany({ where: { kind: item.id } })); // n+1
      }
      await Promise.all(items.map(async (item) => {
        const file = await client.file.findFirst({ where: { id: item.id } });
        seal(await load(file.kind, file.key));
      }));
      await Promise.all(items.map(async (item) => {
        const files = await client.file.findMany({ where: { kind: item.id } }); // n+1
        seal(await load('there', files[0].key));
      }));
    }
    """
SCHEMA = """
    datasource db {
      provider = "postgresql"
      url      = env("DATABASE_URL")
    }
    generator client {
      provider = "prisma-client-js"
    }
    model File {
      id   Int @id
      key  String
      kind String
    }
    """


def _marked(text: str, mark: str) -> list[int]:
    return [at for at, line in enumerate(dedent(text).splitlines(), 1) if line.endswith((f"# {mark}", f"// {mark}"))]


def _lines(project: Project, rule: object, path: str, text: str) -> list[int]:
    source = dedent(text)
    found = {finding.place for finding in rule.check(project)}  # type: ignore[attr-defined]
    return sorted({source.count("\n", 0, place.start) + 1 for place in found if place.path == path})


def test_deletes_that_take_much_along_and_writes_of_what_is_called() -> None:
    project = linked(
        {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/pruned.py": PRUNED, "shelves.py": SHELVES}
    )
    assert _lines(project, lazy_relation_in_loop, "shop/pruned.py", PRUNED) == _marked(PRUNED, "lazy")
    assert _lines(project, write_in_loop, "shop/pruned.py", PRUNED) == _marked(PRUNED, "write")
    assert _lines(project, lazy_relation_in_loop, "shelves.py", SHELVES) == _marked(SHELVES, "lazy")


def test_a_row_beside_what_another_service_gives() -> None:
    project = linked({"app.ts": FILES, "schema.prisma": SCHEMA})
    assert _lines(project, n_plus_one, "app.ts", FILES) == _marked(FILES, "n+1")


TREES = """
    from django.db import models
    from mptt.models import MPTTModel
    from treebeard.mp_tree import MP_Node

    class Place(MPTTModel):
        keeper = models.ForeignKey("auth.User", models.CASCADE)

    class Page(MP_Node):
        alias = models.ForeignKey("self", models.CASCADE, null=True)

        def get_ancestors(self, inclusive=False):
            return Page.objects.filter(path__in=self.steps(inclusive))

    def shown(page: Page, place: Place):
        for above in page.get_ancestors().filter(depth__gt=1):
            print(above.alias.path)
        for above in place.get_ancestors():
            print(above.keeper.username)
            print(Page.objects.filter(alias=above.pk).count())
        above = place.get_ancestors(include_self=True)
        print([each.keeper.username for each in above])
        for below in place.get_descendants():
            print(below.keeper.username)  # lazy
            print(Page.objects.filter(alias=below.pk).count())  # n+1
        for above in page.get_ancestors():
            for below in above.get_children():
                print(below.alias.path)  # lazy
    """


def test_what_lies_above_a_node_of_a_tree_is_few() -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": TREES})
    assert _lines(project, n_plus_one, "shop/models.py", TREES) == _marked(TREES, "n+1")
    assert _lines(project, lazy_relation_in_loop, "shop/models.py", TREES) == _marked(TREES, "lazy")


MAILED = """
    import random
    import requests
    from django.core.mail import send_mail
    from shop.models import Account, Order, Owner

    def owner_of(key):
        return Owner.objects.filter(pk=key).first()

    def orders_of(key):
        return list(Order.objects.filter(shop=key))

    def remind(owner, text):
        send_mail("a", text, "a@example.org", [owner.name])

    def by_a_long_way(owner):
        first(owner)

    def first(owner):
        second(owner)

    def second(owner):
        third(owner)

    def third(owner):
        fourth(owner)

    def fourth(owner):
        remind(owner, "x")

    def remind_all(keys):
        for key in keys:
            by_a_long_way(owner_of(key))
        for key in keys:
            remind(owner_of(key), "x")
        for key in keys:
            owner = owner_of(key)
            remind(owner, "x")
        for key in keys:
            owner = owner_of(key)
            if owner:
                remind(owner, "x")
        for key in keys:
            owner = owner_of(key)
            if owner is not None:
                requests.post("https://example.org", data=owner.name)
        for key in keys:
            owner = owner_of(key)  # n+1
            if owner.name:
                remind(owner, "x")
        for key in keys:
            owner = owner_of(key)  # n+1
            if keys:
                remind(owner, "x")
        for key in keys:
            orders = orders_of(key)  # n+1
            remind(orders[0], "x")
        for key in keys:
            remind(key, "x")
            print(owner_of(key))  # n+1

    def retire(key):
        Owner.objects.filter(pk=key).update(name="")
        send_mail("a", "x", "a@example.org", [key])

    def retire_all(keys):
        for key in keys:
            if owner_of(key):
                retire(key)
        for key in keys:
            if not Owner.objects.filter(pk=key).exists():
                retire(key)
        for key in keys:
            if Owner.objects.filter(pk=key).exists():  # n+1
                continue
            retire(key)
        for key in keys:
            if owner_of(key):  # n+1
                remind(key, "x")
        for key in keys:
            if owner_of(key):  # n+1
                print(key)
            else:
                retire(key)

    def reached(connect):
        for account in Account.objects.filter(old=True):
            try:
                with connect(account.owner) as found:
                    print(found)
                    break
            except OSError:
                pass
        for account in Account.objects.filter(old=True):
            try:
                with connect(account.owner) as found:  # lazy
                    print(found)
            except OSError:
                pass

    def some_of(keys):
        for key in random.sample(keys, k=min(3, len(keys))):
            print(owner_of(key))
        for key in random.sample(keys, 200):
            print(owner_of(key))  # n+1
        for key in keys[: min(4, len(keys))]:
            print(owner_of(key))
        for key in keys[: max(4, len(keys))]:
            print(owner_of(key))  # n+1

    class Sender:
        def deliver(self, shop, text):
            raise NotImplementedError

        def describe(self, shop):
            raise NotImplementedError

    class MailSender(Sender):
        def deliver(self, shop, text):
            send_mail("a", text, "a@example.org", [shop.name])

        def describe(self, shop):
            return shop.name

    SENDERS = {}

    def register(kind):
        SENDERS[kind.__name__] = kind

    def deliver(name, shop):
        return SENDERS[name]().deliver(shop, "x")

    def describe(name, shop):
        return SENDERS[name]().describe(shop)

    def deliver_all(name):
        for order in Order.objects.filter(done=True):
            deliver(name, order.shop)
        for order in Order.objects.filter(done=True):
            describe(name, order.shop)  # lazy
        for account in Account.objects.filter(old=True):
            account.owner.rename("x")
        for account in Account.objects.filter(old=True):
            account.owner.shown()  # lazy

    def tell_all():
        for order in Order.objects.filter(done=True):
            shop = order.shop
            remind(shop, "x")
        for order in Order.objects.filter(done=True):
            remind(order, "x")
            print(order.shop.owner_id)  # lazy
        for order in Order.objects.filter(done=True):
            if order.shop.owner_id:  # lazy
                remind(order, "x")
    """


VIEWS = """
    from rest_framework import mixins, viewsets

    class Checked:
        def check_row(self, row):
            if not self.queryset.filter(pk=row.pk).exists():
                raise LookupError(row)

        def write_all(self, rows):
            for row in rows:
                self.perform_update(self.get_serializer(row))
            for row in rows:
                self.perform_destroy(row)
            for row in rows:
                self.perform_check(row)  # n+1

        def perform_check(self, row):
            self.check_row(row)

    class Views(Checked, mixins.UpdateModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet):
        def perform_update(self, serializer):
            self.check_row(serializer.save())

        def perform_destroy(self, instance):
            self.check_row(instance)
            super().perform_destroy(instance)
    """


ORDERS = """
    from shop.models import Order
    from shop.views import Views

    class Orders(Views):
        queryset = Order.objects.all()
    """


def test_hooks_that_save_what_a_view_is_sent_or_delete_its_row() -> None:
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": VIEWS, "shop/orders.py": ORDERS}
    assert _lines(linked(files), n_plus_one, "shop/views.py", VIEWS) == _marked(VIEWS, "n+1")


def test_a_row_that_functions_read_and_a_relation_beside_a_mail() -> None:
    project = linked({"shop/__init__.py": "", "shop/models.py": MODELS, "shop/mailed.py": MAILED})
    assert _lines(project, n_plus_one, "shop/mailed.py", MAILED) == _marked(MAILED, "n+1")
    assert _lines(project, lazy_relation_in_loop, "shop/mailed.py", MAILED) == _marked(MAILED, "lazy")


STARTED = """
    const path = require('path');
    const { Pool } = require('pg');
    const { kindsOf } = require('kinds');

    const pool = new Pool();

    async function refresh(kinds) {
      for (const kind of kinds) {
        await pool.query('INSERT INTO kind (name) VALUES ($1)', [kind]);
      }
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind]));
      }
    }

    async function bootMaster(kinds) {
      await refresh(kinds);
    }

    async function reload(kinds) {
      for (const kind of kinds) {
        await pool.query('INSERT INTO kind (name) VALUES ($1)', [kind]); // write
      }
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind])); // n+1
      }
    }

    async function bootAgain(kinds) {
      await reload(kinds);
    }

    async function repeat() {
      for (const kind of await kindsOf('all')) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind])); // n+1
      }
    }

    async function bootRepeated() {
      await repeat();
      setInterval(repeat, 60000);
    }

    async function choose(kinds) {
      await reload(kinds);
    }

    async function bootPage(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind])); // n+1
      }
    }

    async function bootstrapShop(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind])); // n+1
      }
    }

    async function bootstrap(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind]));
      }
    }

    module.exports = { bootMaster, bootAgain, bootRepeated, bootPage, bootstrapShop, bootstrap, choose };
    """
RECEIVED = """
    from django.db.models.signals import post_migrate, post_save
    from django.dispatch import receiver
    from labels import labels
    from shop.models import Owner

    @receiver(post_migrate)
    def fill(sender, **named):
        for name in labels():
            print(Owner.objects.filter(name=name).count())

    @receiver([post_migrate, post_save])
    def fill_often(sender, **named):
        for name in labels():
            print(Owner.objects.filter(name=name).count())  # n+1
    """


def test_what_runs_only_where_a_program_starts() -> None:
    project = linked(
        {
            "boot.js": STARTED,
            "setup.js": """
                const express = require('express');
                const { bootMaster } = require('./boot');
                const app = express();
                app.post('/finalize', async (request, response) => {
                  await bootMaster(request.body.kinds);
                  response.end();
                });
                """,
            "pages.js": """
                const express = require('express');
                const { bootPage } = require('./boot');
                const app = express();
                app.get('/page', async (request, response) => {
                  await bootPage(request.query.kinds);
                  response.end();
                });
                """,
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/signals.py": RECEIVED,
        }
    )
    assert _lines(project, n_plus_one, "boot.js", STARTED) == _marked(STARTED, "n+1")
    assert _lines(project, write_in_loop, "boot.js", STARTED) == _marked(STARTED, "write")
    assert _lines(project, n_plus_one, "shop/signals.py", RECEIVED) == _marked(RECEIVED, "n+1")


SERVED = """
    const http = require('http');
    const https = require('node:https');
    const { Pool } = require('pg');
    const { pages } = require('./pages');

    const pool = new Pool();

    async function seed(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind]));
      }
    }

    async function fill(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind]));
      }
    }

    async function often(kinds) {
      for (const kind of kinds) {
        console.log(await pool.query('SELECT id FROM kind WHERE name = $1', [kind])); // n+1
      }
    }

    async function startServer(kinds) {
      await seed(kinds);
      await often(kinds);
      https.createServer(pages).listen(443);
    }

    startServer(process.argv);
    fill(process.argv);
    setInterval(often, 60000);
    """
WORKING = """
    const { Pool } = require('pg');

    const pool = new Pool();

    async function remove(key) {
      await pool.query('DELETE FROM line WHERE id = $1', [key]);
    }

    async function close(key) {
      await pool.query('UPDATE invoice SET open = false WHERE id = $1', [key]);
    }

    async function note(key) {
      await pool.query('INSERT INTO note (key) VALUES ($1)', [key]);
    }

    async function inPages(key, work, options) {
      options = options || {};
      if (options.progress) {
        options.progress.total = await pool.query('SELECT count(*) FROM line WHERE invoice_id = $1', [key]);
      }
      const { rows } = await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]);
      await work(rows);
    }

    async function counted(key, options = {}) {
      if (options.count) {
        return pool.query('SELECT count(*) FROM line WHERE invoice_id = $1', [key]);
      }
      return 0;
    }

    async function replaced(key, options) {
      options = other(options);
      return options.count && pool.query('SELECT count(*) FROM line WHERE invoice_id = $1', [key]);
    }

    async function each(keys) {
      for (const key of keys) {
        const lines = await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]);
        for (const line of lines.rows) {
          await remove(line.id);
        }
        await close(key);
        await note(key);
      }
      for (const key of keys) {
        const lines = await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]); // n+1
        for (const line of lines.rows) {
          await remove(line.id);
        }
        await close(key);
        await close(key);
      }
      for (const key of keys) {
        const lines = await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]); // n+1
        console.log(lines);
        await remove(key);
        await close(key);
        await note(key);
      }
      for (const key of keys) {
        const lines = await pool.query('SELECT id FROM line WHERE invoice_id = $1', [key]);
        const ids = lines.rows.map((line) => line.id);
        if (ids.length > 0) {
          await remove({ input: { ids } });
        }
        await close(key);
        await note(key);
      }
      for (const key of keys) {
        await inPages(key, async (rows) => {
          await note(rows);
        });
      }
      for (const key of keys) {
        await inPages(key, async (rows) => { // n+1
          console.log(rows);
        });
      }
      for (const key of keys) {
        await counted(key);
        await counted(key, {});
        await counted(key, { page: 1 });
      }
      for (const key of keys) {
        await counted(key, { count: true }); // n+1
      }
      for (const key of keys) {
        await replaced(key); // n+1
      }
    }
    """


def test_what_a_program_does_before_it_serves_and_turns_that_do_several_things() -> None:
    project = linked({"server.js": SERVED, "pages.js": "exports.pages = () => 1;", "app.js": WORKING})
    assert _lines(project, n_plus_one, "server.js", SERVED) == _marked(SERVED, "n+1")
    assert _lines(project, n_plus_one, "app.js", WORKING) == _marked(WORKING, "n+1")
