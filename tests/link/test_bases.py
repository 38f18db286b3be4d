"""In which order the bases of a class are asked for a member."""

from __future__ import annotations

from tests.link.linked import asked, linked


def test_a_librarys_type_goes_before_the_one_that_it_extends() -> None:
    files = {
        "models.py": """
            from django.db import models
            from mptt.models import MPTTModel

            class Base(models.Model):
                class Meta:
                    abstract = True

            class Site(Base, MPTTModel):
                pass

            class Region(MPTTModel, Base):
                pass
            """,
        "app.py": """
            from models import Region, Site

            def below(site: Site, region: Region):
                return list(site.get_descendants()), list(region.get_descendants())
            """,
    }
    assert [(verb, table) for _, _, verb, table in asked(linked(files))] == [
        ("select", "models_site"),
        ("select", "models_region"),
    ]


def test_no_base_goes_before_a_class_that_extends_it() -> None:
    files = {
        "app.py": """
            from django.db import models

            class Line(models.Model):
                pass

            class Note(models.Model):
                pass

            class Base:
                def asked(self):
                    return Line.objects

            class Plain(Base):
                pass

            class Special(Base):
                def asked(self):
                    return Note.objects

            class Both(Plain, Special):
                pass

            def show():
                return Plain().asked().count(), Both().asked().count()
            """
    }
    assert [table for *_, table in asked(linked(files))] == ["app_line", "app_note"]
