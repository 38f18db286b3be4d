"""Functions that nothing in a whole program names."""

from __future__ import annotations

from dblint.facts.program import FileRole
from tests.link.linked import linked

SHOP = """\
    from celery import shared_task
    from django.contrib.syndication.views import Feed
    from django.db import models, transaction
    from django.db.models.signals import post_save
    from django.dispatch import receiver
    from django.views import View
    from framework import Mixin

    class Poll(models.Model):
        def count_votes(self): Poll.objects.first()
        def spend_votes(self): Poll.objects.first()
        def clean_votes(self): Poll.objects.first()
        def shown_votes(self): Poll.objects.first()

        @property
        def old_votes(self): Poll.objects.first()

    class Vote(models.Model):
        poll = models.ForeignKey(Poll, models.CASCADE)

        def vote(self): Poll.objects.first()

        @classmethod
        def make(cls): Poll.objects.first()

    class Archive(models.Model):
        def vote(self): Poll.objects.first()

    class Page(View):
        def get(self, request): Poll.objects.first()

    class Lost(View):
        def get(self, request): Poll.objects.first()

    class OldFeed(Feed):
        def items(self): Poll.objects.first()

    class Mixed(Mixin):
        def some_hook(self): Poll.objects.first()

    class Own:
        def some_work(self): Poll.objects.first()
        def job_by_path(self): Poll.objects.first()

    @receiver(post_save, sender=Poll)
    def poll_saved(sender, instance, **named): Poll.objects.first()

    @transaction.atomic
    def at_once(): Poll.objects.first()

    @shared_task
    def nightly_job(): Poll.objects.first()

    def called_once(): Poll.objects.first()
    def never_called(): Poll.objects.first()
    def get_lost_polls(): return count_lost_polls()
    def count_lost_polls(): Poll.objects.first()
    def handle_poll(): return count_shown_polls()
    def count_shown_polls(): Poll.objects.first()
    def create_app(): Poll.objects.first()

    called_once()
    Poll().count_votes()
    PAGES = [Page.as_view(), Mixed, Own, "shop.models.job_by_path", "shown_votes"]
    """
PARTS = {f"shop/part{number}.py": "from shop.models import Poll\n" for number in range(30)}


def unused(
    files: dict[str, str], manifests: dict[str, str] | None = None, roles: dict[str, FileRole] | None = None
) -> list[str]:
    project = linked(files, manifests, roles=roles)
    return [name.partition("::")[2] for name in project.functions if project.unused(name)]


def test_nothing_names_them_or_their_class() -> None:
    files = {"shop/models.py": SHOP, **PARTS}
    assert unused(files) == [
        "Archive.vote",
        "Lost.get",
        "OldFeed.items",
        "Own.some_work",
        "Poll.spend_votes",
        "Vote.make",
        "at_once",
        "count_lost_polls",
        "never_called",
        "get_lost_polls",
    ]
    assert unused({"shop/models.py": SHOP}) == []


def test_what_a_package_offers_is_for_others() -> None:
    built = '[build-system]\nrequires = ["poetry-core"]\n'
    files = {"shop/models.py": SHOP, **PARTS}
    assert unused(files, {"pyproject.toml": built}) == []
    assert "never_called" in unused(files, {"pyproject.toml": f"{built}\n[tool.poetry]\npackage-mode = false\n"})


def test_what_only_tests_call_the_program_does_not_run() -> None:
    files = {
        "shop/models.py": SHOP,
        **PARTS,
        "checks.py": "from shop.models import never_called\ndef check(): never_called()\ndef check_on(): check()\n",
    }
    assert "never_called" not in unused(files)
    found = unused(files, roles={"checks.py": FileRole.TEST})
    assert "never_called" in found
    assert "check_on" not in found


SHELF = """\
    const db = require('pg');
    const pool = new db.Pool();
    module.exports = function (Shelf) {
      Shelf.sortJars = async (jars) => Promise.all(jars.map(async (jar) => pool.query('SELECT 1', [jar])));
      Shelf.countJars = async () => pool.query('SELECT 2');
      Shelf.weighJars = async () => pool.query('SELECT 3');
      Shelf.chooseJars = async () => pool.query('SELECT 4');
      Shelf.getJars = async () => pool.query('SELECT 5');
      const own = {};
      own.paintJars = async () => pool.query('SELECT 6');
    };
    """
SCRIPTS = {
    "index.js": """\
    const Shelf = {};
    require('./shelf')(Shelf);
    Shelf.countJars();
    exports.run = (socket, heavy) => Shelf[heavy ? 'weighJars' : 'other']();
    exports.ask = (socket) => socket.emit('shelf.chooseJars');
    """,
    **{f"part{number}.js": "require('./index').run();\n" for number in range(30)},
}


def test_what_a_script_puts_on_a_parameter_and_nobody_names() -> None:
    asked = {"shelf.js": SHELF, **SCRIPTS}
    project = linked(asked)
    assert [call.text.pieces[0].text for call in project.calls if call.text and project.unused(call.function)] == [  # type: ignore[union-attr]
        "SELECT 1"
    ]
    published = '{"name": "shelf", "main": "index.js"}'
    assert unused(asked, {"package.json": published}) == []
    source = '{"name": "shelf", "main": "./index.ts", "types": "./index.ts"'
    assert unused(asked, {"package.json": f"{source}}}"}) == unused(asked)
    assert unused(asked, {"package.json": f'{source}, "publishConfig": {{"main": "dist/index.js"}}}}'}) == []
    assert unused(asked, roles={"shelf.js": FileRole.TEST}) == []
