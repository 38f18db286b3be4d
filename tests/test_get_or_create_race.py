"""What `query/get-or-create-race` proposes where rows with other values may be several; files that are not imported."""

from __future__ import annotations

from pathlib import Path

from tests.test_index_not_concurrent import findings

MODELS = """\
from django.db import models

OPEN = "open"

class Report(models.Model):
    subject = models.IntegerField()
    state = models.CharField(max_length=10)

def report(subject):
    if not Report.objects.filter(subject=subject, state=OPEN).exists():
        Report.objects.create(subject=subject, state=OPEN)
"""


def test_a_constant_of_the_program_makes_the_index_partial(tmp_path: Path) -> None:
    found = findings(tmp_path, {"shop/models.py": MODELS}, "query/get-or-create-race")
    assert [(finding.region.start.line, finding.minimal) for finding in found] == [
        (11, "Add a unique index on subject of the rows with this state to shop_report (a partial index).")
    ]


def test_nobody_imports_a_module_that_a_package_hides(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        {"shop/models.py": MODELS, "shop/models/__init__.py": "", "other/models.py": MODELS},
        "query/get-or-create-race",
    )
    assert [finding.region.path for finding in found] == ["other/models.py"]
