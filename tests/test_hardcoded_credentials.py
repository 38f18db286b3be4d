"""Which passwords `security/hardcoded-credentials` tells, and that it never tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dblint.facts.report import ReportedFinding
from dblint.report.sarif import render
from dblint.run import Request, run
from tests.test_index_not_concurrent import findings

RULE = "security/hardcoded-credentials"
SAYS = "in the source ({}): everyone who reads it, or its history, can connect; read it from the environment without a "
SAYS += "default, and change it on the server"


def of_call(folder: Path, arguments: str) -> list[ReportedFinding]:
    program = f"import os\nimport psycopg2\n\ndef find(host):\n    return psycopg2.connect({arguments})\n"
    return findings(folder, {"app.py": program}, RULE)


@pytest.mark.parametrize(
    ("arguments", "whose"),
    [
        ('"postgresql://app:Kx93blue@db.shop.io/app"', "the password of app at db.shop.io stands"),
        ('"postgresql://app:Kx93#bl@ue@db.shop.io/app"', "the password of app at db.shop.io stands"),
        ('"postgresql://app:Kx93blue@localhost/app"', "the password of app at localhost stands"),
        ('"host=10.0.0.7 user=app password=Kx93blue"', "the password of app at 10.0.0.7 stands"),
        ('host=host, user="app", password="Kx93blue"', "the password of app stands"),
        ('host=host, **{"password": "Kx93blue"}', "the database's password stands"),
        ('user="app", password="Kx93blue"', "the password of app stands"),
        ('host="db.shop.io", user="app", password="app"', "the password of *** at db.shop.io stands"),
        (
            'os.getenv("URL", "postgresql://app:Kx93blue@db.shop.io/app")',
            "the password of app at db.shop.io is what this falls back to, and stands",
        ),
        (
            'os.environ.get("URL") or "postgresql://app:Kx93blue@10.0.0.7/app"',
            "the password of app at 10.0.0.7 is what this falls back to, and stands",
        ),
        (
            'host=host, password=os.environ.get("PASSWORD", "Kx93blue")',
            "the database's password is what this falls back to, and stands",
        ),
        ('f"postgresql://app:Kx93blue@{host}/app"', "the password of app stands"),
    ],
)
def test_a_password(tmp_path: Path, arguments: str, whose: str) -> None:
    assert [found.message for found in of_call(tmp_path, arguments)] == [f"{whose} {SAYS.format('connect')}"]


@pytest.mark.parametrize(
    "arguments",
    [
        '"postgresql://app@db.shop.io/app"',
        '"postgresql://app:@db.shop.io/app"',
        'f"postgresql://app:{host}@db.shop.io/app"',
        '"postgresql://app:<password>@db.shop.io/app"',
        '"postgresql://user:password@db.shop.io/app"',
        '"postgresql://app:your_db_password@db.shop.io/app"',
        '"postgresql://app:Kx93blue@db.example.com/app"',
        '"postgresql://app:app@localhost/app"',
        '"postgresql://app:app@postgres/app"',
        '"postgresql://postgres:postgres123@db.shop.io/app"',
        'os.getenv("URL", "postgresql://app:Kx93blue@localhost/app")',
        'os.getenv("URL", "postgresql://app:Kx93blue@postgres:5432/app")',
        'host=os.getenv("HOST", "localhost"), password=os.getenv("PASSWORD", "Kx93blue")',
        'host="db.shop.io", password=""',
        'host="db.shop.io", password="xxx"',
        'host="db.shop.io", password=host',
        'host="db.shop.io", user="app", password="changeme"',
    ],
)
def test_no_password(tmp_path: Path, arguments: str) -> None:
    assert of_call(tmp_path, arguments) == []


def test_a_text_of_words_takes_no_time(tmp_path: Path) -> None:
    text = "sua" * 2_000 + "x" * 2_000 + "Q7"
    assert len(of_call(tmp_path, f'host="db.shop.io", user="app", password="{text}"')) == 1


def test_a_setting_however_it_is_written(tmp_path: Path) -> None:
    address = '"postgresql://app:Kx93blue@db.shop.io/app"'
    program = (
        f"class Config:\n    SQLALCHEMY_DATABASE_URI = {address}\n"
        f"app.config['SQLALCHEMY_DATABASE_URI'] = {address}\n"
        f"app.config.update(SQLALCHEMY_DATABASE_URI={address})\n"
        f"app.config.from_mapping({{'SQLALCHEMY_DATABASE_URI': {address}}})\n"
        f"OTHER_URI = {address}\nprint(SQLALCHEMY_DATABASE_URI)\n"
    )
    found = findings(tmp_path, {"config.py": program}, RULE)
    assert [(each.region.start.line, each.region.start.column) for each in found] == [
        (2, 49),
        (3, 59),
        (4, 61),
        (5, 71),
        (6, 31),
    ]


@pytest.mark.parametrize(("host", "count"), [("localhost", 0), ("db", 0), ("db.shop.io", 1)])
def test_an_address_for_where_the_environment_has_none(tmp_path: Path, host: str, count: int) -> None:
    program = f"import dj_database_url\n\nurl = dj_database_url.config(default='postgres://app:Kx93blue@{host}/app')\n"
    assert len(findings(tmp_path, {"settings.py": program}, RULE)) == count


def test_an_entry_that_is_no_database_of_that_setting(tmp_path: Path) -> None:
    program = "DATABASES = {'default': {'PASSWORD': 'Kx93blue'}}\n"
    assert findings(tmp_path, {"settings.py": program}, RULE) == []


def test_tests_and_examples_are_not_judged(tmp_path: Path) -> None:
    program = "import psycopg2\n\npsycopg2.connect('postgresql://app:Kx93blue@db.shop.io/app')\n"
    assert findings(tmp_path, {"tests/test_app.py": program, "examples/app.py": program}, RULE) == []


@pytest.mark.parametrize("written", ["Kx93blue", r"Kx93\x62lue", r"\u004bx93blue"])
def test_a_password_is_never_told(tmp_path: Path, written: str) -> None:
    program = (
        f'import psycopg2\n\nURL = "postgresql://app:{written}@db.shop.io/app"\n\n\n'
        "def first():\n    return psycopg2.connect(URL)  # Kx93blue\n"
    )
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(program)
    (tmp_path / "two" / "app.py").write_text(program.replace(written, "Another8x").replace("Kx93blue", "Another8x"))
    hashes = []
    for name in ("one", "two"):
        root = tmp_path / name
        result = run(Request(paths=[str(root)], root=root, isolated=True, overrides={"select": (RULE,)}))
        told = render(result.report, {name: loaded.rule for name, loaded in result.rules.items()})
        (found,) = result.report.findings
        told += repr(found)
        assert "***" in told
        assert not any(word in told for word in ("Kx93", "x62lue", "Another8x"))
        hashes.append((found.line_hash, found.key))
    if "\\" not in written:
        assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("head", "read"),
    [
        ("import environ\nenv = environ.Env()", "env('PASS', default='Kx93blue')"),
        ("import environ\nenv = environ.Env()", "env.str('PASS', default='Kx93blue')"),
        ("from environs import Env\nenv = Env()", "env('PASS', 'Kx93blue')"),
        ("from decouple import config", "config('PASS', default='Kx93blue')"),
    ],
)
def test_what_a_reader_of_the_environment_falls_back_to(tmp_path: Path, head: str, read: str) -> None:
    entry = f"'ENGINE': 'django.db.backends.postgresql', 'USER': 'app', 'HOST': 'db.shop.io', 'PASSWORD': {read}"
    program = f"{head}\n\nDATABASES = {{'default': {{{entry}}}}}\n"
    [found] = findings(tmp_path, {"settings.py": program}, RULE)
    assert found.message.startswith("the password of app at db.shop.io is what this falls back to")
    without = program.replace(", default='Kx93blue'", "").replace(", 'Kx93blue'", "")
    assert findings(tmp_path, {"settings.py": without}, RULE) == []


def test_an_address_that_a_reader_of_the_environment_falls_back_to(tmp_path: Path) -> None:
    program = (
        "import environ\n\nenv = environ.Env()\nurl = env.db('URL', default='postgres://app:Kx93blue@db.shop.io/a')\n"
    )
    assert len(findings(tmp_path, {"settings.py": program}, RULE)) == 1


ADDRESSES = """\
const url = 'postgresql://app:Kx93blue@db.shop.io/app';
documents.connect('mongodb+srv://admin:Kx93blue@cluster.shop.io/shop');
const cache = createClient({ url: `rediss://:Kx93blue@cache.shop.io:6380` });
const lake = process.env.LAKE ?? 'mysql://app:Kx93blue@10.0.0.7/lake';
knex({ client: 'pg', connection: url });
const near = [process.env.URL || 'mongodb://admin:Kx93blue@localhost/shop', 'mongodb://admin:Kx93blue@mongo/shop'];
const words = ['mongodb://user:password@db.shop.io', 'redis://:<password>@db.shop.io', 'mysql://a:Kx93@db.example.com'];
const none = ['mongodb://db.shop.io/shop', `redis://:${word}@cache.shop.io`, 'https://app:Kx93blue@shop.io'];
throw new Error('no answer from postgresql://app:Kx93blue@db.shop.io/app for a minute');
"""


def test_an_address_counts_whatever_takes_it(tmp_path: Path) -> None:
    found = findings(tmp_path, {"app.ts": ADDRESSES}, RULE)
    assert [(each.region.start.line, each.message) for each in found] == [
        (1, f"the password of app at db.shop.io stands {SAYS.format('postgresql://')}"),
        (2, f"the password of admin at cluster.shop.io stands {SAYS.format('mongodb+srv://')}"),
        (3, f"the database's password at cache.shop.io stands {SAYS.format('rediss://')}"),
        (4, f"the password of app at 10.0.0.7 is what this falls back to, and stands {SAYS.format('mysql://')}"),
    ]


def test_an_address_is_told_once(tmp_path: Path) -> None:
    program = (
        "import psycopg2\nfrom sqlalchemy import create_engine\n\n"
        "URL = 'postgresql://app:Kx93blue@db.shop.io/app'\nengine = create_engine(URL)\n\n\n"
        "def find():\n    return psycopg2.connect(URL)\n"
    )
    found = findings(tmp_path, {"app.py": program}, RULE)
    assert [(each.region.start.line, each.message) for each in found] == [
        (4, f"the password of app at db.shop.io stands {SAYS.format('connect')}"),
    ]
