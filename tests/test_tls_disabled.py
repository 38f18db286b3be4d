"""Which options `security/tls-disabled` tells: by what they say, and by where the connection leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_index_not_concurrent import findings

RULE = "security/tls-disabled"
OFF = "nothing between program and server is encrypted"
OPTIONAL = "it is encrypted only where the other end likes to, and whoever stands between says that it does not"
UNVERIFIED = "it is encrypted with whoever answers, as no certificate is checked"
VERIFY = "sslmode=verify-full with the authority's certificate checks it"
CHECK = "leave it to the driver's check, and hand it the certificate of the server's authority"


def of_python(folder: Path, arguments: str) -> list[str]:
    program = f"import os\nimport psycopg2\n\ndef find(host):\n    return psycopg2.connect({arguments})\n"
    return [found.message for found in findings(folder, {"app.py": program}, RULE)]


def of_typescript(folder: Path, options: str) -> list[str]:
    program = f"import {{ Pool }} from 'pg';\n\nexport const pool = new Pool({options});\n"
    return [found.message for found in findings(folder, {"app.ts": program}, RULE)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('host="db.shop.io", sslmode="disable"', f"sslmode=disable on the connection to db.shop.io: {OFF}; {VERIFY}"),
        (
            '"postgresql://db.shop.io/a?sslmode=allow"',
            f"sslmode=allow on the connection to db.shop.io: {OPTIONAL}; {VERIFY}",
        ),
        ('"host=52.1.2.3 sslmode=prefer"', f"sslmode=prefer on the connection to 52.1.2.3: {OPTIONAL}; {VERIFY}"),
        (
            'host="db.shop.io", sslmode=os.getenv("SSLMODE", "disable")',
            f"sslmode=disable on the connection to db.shop.io: {OFF}; {VERIFY}",
        ),
        ('"postgresql://db.shop.io/a?ssl=false"', f"ssl=false on the connection to db.shop.io: {OFF}; {CHECK}"),
    ],
)
def test_an_option_on_the_way_to_another_machine(tmp_path: Path, arguments: str, message: str) -> None:
    assert of_python(tmp_path, arguments) == [message]


@pytest.mark.parametrize(
    "arguments",
    [
        'host="db.shop.io", sslmode="require"',
        'host="db.shop.io", sslmode="verify-full"',
        'host="db.shop.io", sslmode=host',
        'host="localhost", sslmode="disable"',
        'host="127.0.0.1", sslmode="disable"',
        'host="/var/run/postgresql", sslmode="disable"',
        'host="postgres", sslmode="disable"',
        'host="10.0.0.7", sslmode="disable"',
        'host="db.example.com", sslmode="disable"',
        'host=host, sslmode="disable"',
        'host=os.environ["HOST"], sslmode="prefer"',
        'sslmode="disable"',
        '"postgresql:///a?sslmode=disable"',
        'f"postgresql://{host}/a?sslmode=disable"',
    ],
)
def test_an_option_of_which_nothing_can_be_said(tmp_path: Path, arguments: str) -> None:
    assert of_python(tmp_path, arguments) == []


@pytest.mark.parametrize(
    "options",
    [
        "{ connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: false } }",
        "{ host: process.env.HOST ?? 'localhost', ssl: { rejectUnauthorized: false } }",
        "{ ssl: { rejectUnauthorized: false } }",
        "{ connectionString: process.env.A, ssl: process.env.B === 'yes' ? { rejectUnauthorized: false } : false }",
        "{ connectionString: process.env.A, ssl: process.env.B && { rejectUnauthorized: false } }",
        "{ connectionString: process.env.A, ...(process.env.B ? { ssl: { rejectUnauthorized: false } } : {}) }",
    ],
)
def test_a_certificate_that_is_not_checked(tmp_path: Path, options: str) -> None:
    assert of_typescript(tmp_path, options) == [
        f"ssl.rejectUnauthorized=false on the connection to the database: {UNVERIFIED}; {CHECK}"
    ]


@pytest.mark.parametrize(
    "options",
    [
        "{ host: 'localhost', ssl: { rejectUnauthorized: false } }",
        "{ connectionString: 'postgres://app@postgres/app', ssl: { rejectUnauthorized: false } }",
        "{ connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: true } }",
        "{ connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: process.env.A !== 'no' } }",
        "{ connectionString: process.env.DATABASE_URL, ssl: false }",
        "{ connectionString: process.env.DATABASE_URL, tls: { rejectUnauthorized: false } }",
    ],
)
def test_a_certificate_that_is_checked_or_need_not_be(tmp_path: Path, options: str) -> None:
    assert of_typescript(tmp_path, options) == []
