"""Who uses a table: administrators, tests alone, a branch that nobody asks for; and which tables have few rows."""

from __future__ import annotations

import pytest

from dblint.facts.program import FileRole
from dblint.facts.uses import Uses
from tests.link.linked import linked

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Shop(db.Model):
    __tablename__ = "shop"
    id = db.Column(db.Integer, primary_key=True)


class Customer(db.Model):
    __tablename__ = "customer"
    id = db.Column(db.Integer, primary_key=True)
    shop_id = db.Column(db.Integer, db.ForeignKey("shop.id"))
    clerk_id = db.Column(db.Integer, db.ForeignKey("clerk.id"))


class Clerk(db.Model):
    __tablename__ = "clerk"
    id = db.Column(db.Integer, primary_key=True)
    shop_id = db.Column(db.Integer, db.ForeignKey("shop.id"))


class Duty(db.Model):
    __tablename__ = "duty"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)
    shop_id = db.Column(db.Integer, db.ForeignKey("shop.id"))


class ClerkDuty(db.Model):
    __tablename__ = "clerk_duty"
    id = db.Column(db.Integer, primary_key=True)
    clerk_id = db.Column(db.Integer, db.ForeignKey("clerk.id"))
    duty_id = db.Column(db.Integer, db.ForeignKey("duty.id"))
    daily = db.Column(db.Boolean)
"""


def uses(files: dict[str, str], roles: dict[str, FileRole] | None = None) -> Uses:
    return linked({"models.py": MODELS, **files}, roles=roles, dialect="postgres").uses


@pytest.mark.parametrize(
    ("before", "signature", "seldom"),
    [
        ("", "remove(key)", False),
        ("@require_admin\n", "remove(key)", True),
        ("@staff_member_required\n", "remove(key)", True),
        ("@require_admin_or_owner\n", "remove(key)", False),
        ("@require_permission('admin')\n", "remove(key)", True),
        ("@require_permission('edit')\n", "remove(key)", False),
        ("@roles_required(Role.ADMIN)\n", "remove(key)", True),
        ("@roles_required(Role.ADMIN, Role.USER)\n", "remove(key)", False),
        ("@app.delete('/admin/clerks/<key>')\n", "remove(key)", True),
        ("@app.delete('/clerks/<key>', dependencies=[Depends(require_admin)])\n", "remove(key)", True),
        ("", "remove(key, user=Depends(require_admin))", True),
        ("", "remove(key, user: Annotated[User, Depends(get_current_admin)])", True),
        ("", "remove(key, user=Depends(current_user))", False),
        ("", "remove(key, is_admin=False)", False),
    ],
)
def test_what_guards_a_function(before: str, signature: str, seldom: bool) -> None:
    text = f"from models import Clerk, db\n\n\n{before}def {signature}:\n    Clerk.query.filter_by(id=key).delete()\n"
    removal = uses({"clerks.py": text}).removal("clerk")
    assert removal is not None
    assert removal.seldom is seldom


@pytest.mark.parametrize(
    ("head", "seldom"),
    [
        ("class Clerks(Resource):\n", False),
        ("class Clerks(AdminRequiredMixin, Resource):\n", True),
        ("class Clerks(Resource):\n    permission_classes = [IsAdminUser]\n", True),
        ("class Clerks(Resource):\n    permission_classes = [IsAdminOrReadOnly]\n", False),
        ("@Controller('admin')\nclass Clerks:\n", True),
    ],
)
def test_what_guards_a_class(head: str, seldom: bool) -> None:
    body = "    def delete(self, key):\n        Clerk.query.filter_by(id=key).delete()\n"
    text = f"from models import Clerk, db\n\n\n{head}{body}"
    removal = uses({"clerks.py": text}).removal("clerk")
    assert removal is not None
    assert removal.seldom is seldom


RECENT = "from models import Clerk\n\n\ndef recent(shop):\n    return Clerk.query.filter(Clerk.shop_id == shop).all()\n"
CALLED = "from shop import recent\n\n\ndef {}(client):\n    assert recent(1)\n"


@pytest.mark.parametrize(
    ("files", "manifests", "sought"),
    [
        ({}, {}, True),
        ({"test_shop.py": CALLED.format("test_recent")}, {}, False),
        ({"test_shop.py": CALLED.format("test_recent"), "page.py": CALLED.format("page")}, {}, True),
        ({"test_shop.py": CALLED.format("test_recent"), "page.py": "PAGES = ['recent']\n"}, {}, True),
        ({"test_shop.py": CALLED.format("test_recent")}, {"pyproject.toml": "[build-system]\nrequires = []\n"}, True),
        ({"test_shop.py": CALLED.format("test_recent")}, {"pyproject.toml": "[project]\nname = 'shop'\n"}, False),
    ],
)
def test_what_tests_alone_call(files: dict[str, str], manifests: dict[str, str], sought: bool) -> None:
    project = linked(
        {"models.py": MODELS, "shop.py": RECENT, **files}, manifests, "postgres", {"test_shop.py": FileRole.TEST}
    )
    assert (project.uses.lookup("clerk", "shop_id") is not None) is sought


FOUND = """
from models import Customer


def found(shop=None, clerk=None):
    query = Customer.query
    if shop:
        query = query.filter(Customer.shop_id == shop)
    if clerk:
        query = query.filter(Customer.clerk_id == clerk)
    return query


def listed(shop, clerk=None):
    return found(shop, clerk).all()
"""


@pytest.mark.parametrize(
    ("call", "columns"),
    [
        ("listed(1)", {"shop_id"}),
        ("listed(1, 2)", {"shop_id", "clerk_id"}),
        ("listed(1, clerk=None)", {"shop_id"}),
        ("listed(*given)", {"shop_id", "clerk_id"}),
    ],
)
def test_a_branch_that_nobody_asks_for(call: str, columns: set[str]) -> None:
    page = f"from shop import listed\n\n\ndef page(given):\n    return {call}\n"
    found = uses({"shop.py": FOUND, "page.py": page})
    assert {column for table, column in found.lookups if table == "customer"} == columns


LISTS = """
from models import Clerk, Duty, db


def clerks(shop):
    return Clerk.query.filter(Clerk.shop_id == shop).all()


def duties(shop):
    return Duty.query.filter(Duty.shop_id == shop).all()
"""
MADE = "from models import Shop, db\n\n\ndef {}():\n    db.session.add(Shop())\n"


@pytest.mark.parametrize(
    ("makers", "few"),
    [
        ({}, set()),
        ({"cli.py": MADE.format("shop")}, {"shop", "clerk_duty"}),
        ({"handlers/setup.py": MADE.format("shop")}, {"shop", "clerk_duty"}),
        ({"base.py": MADE.format("init_db")}, {"shop", "clerk_duty"}),
        ({"base.py": MADE.format("shop")}, set()),
        ({"cli.py": MADE.format("shop"), "pages.py": MADE.format("sign_up")}, set()),
        (
            {
                "cli.py": MADE.format("shop"),
                "store.py": "from models import Shop\n\n\ndef add(m):\n    m()\n\n\nadd(Shop)\n",
            },
            set(),
        ),
    ],
)
def test_tables_of_few_rows(makers: dict[str, str], few: set[str]) -> None:
    found = uses({"lists.py": LISTS, **makers})
    assert set(found.few) == few
    assert set(found.whole) == ({"clerk", "duty"} if few else set())


def test_tenants_that_are_deleted_where_the_program_is_used() -> None:
    leave = "from models import Shop\n\n\ndef leave(key):\n    Shop.query.filter_by(id=key).delete()\n"
    assert uses({"lists.py": LISTS, "cli.py": MADE.format("shop"), "pages.py": leave}).few == frozenset()


def test_the_plainest_look_up_comes_first() -> None:
    def page(query: str) -> str:
        return f"from models import Clerk, Customer\n\n\ndef page(key):\n    return {query}.all()\n"

    joined = page("Customer.query.join(Clerk, Customer.clerk_id == Clerk.id).filter(Clerk.id == key)")
    plain = page("Customer.query.filter(Customer.clerk_id == key)")
    both = page("Customer.query.filter(Customer.clerk_id == key, Customer.shop_id == key)")
    found = uses({"a.py": joined, "b.py": both, "c/admin.py": plain, "d.py": plain})
    lookup = found.lookup("customer", "clerk_id")
    assert lookup is not None
    assert (lookup.place.path, lookup.kind, lookup.beside) == ("d.py", "condition", ())
    lookup = found.lookup("customer", "shop_id")
    assert lookup is not None
    assert (lookup.place.path, lookup.beside) == ("b.py", ("clerk_id",))
