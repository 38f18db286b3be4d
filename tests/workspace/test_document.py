from __future__ import annotations

import pytest

from dblint.workspace.document import Document


def columns(data: bytes, part: bytes) -> tuple[int, int, int, int]:
    """Line, column, last column and UTF-16 column of a part of the data."""
    start = data.index(part)
    region = Document("a.py", data).region(start, start + len(part))
    return region.start.line, region.start.column, region.stop.column, region.start.utf16


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(end: bytes) -> None:
    data = end.join([b"one", b"", b"  db.run()", b""])
    document = Document("a.py", data)
    assert columns(data, b"db.run()") == (3, 3, 11, 3)
    assert document.text(3) == "  db.run()"
    assert len(document.hashes(frozenset())) == len(document)
    assert document.line_before(data.index(b"db")) == "  "
    assert document.line_behind(data.index(b".run")) == ".run()"


def test_characters_of_several_bytes() -> None:
    assert columns("\ufeffdb.run()".encode(), b"db.run()") == (1, 1, 9, 1)
    assert columns("s = 'é'; db.run()".encode(), b"db.run()") == (1, 10, 18, 10)
    assert columns("s = '😀'; db.run()".encode(), b"db.run()") == (1, 10, 18, 11)
    assert columns("\ta\u2028b\x0c db.run()".encode(), b"db.run()") == (1, 7, 15, 7)


def test_a_region_never_leaves_its_line() -> None:
    data = "aé\r\nlast".encode()
    document = Document("a.py", data)

    def region(start: int, stop: int) -> tuple[int, int, int, int]:
        found = document.region(start, stop)
        return found.start.line, found.start.column, found.stop.line, found.stop.column

    assert region(0, 100) == (1, 1, 1, 3)
    assert region(1, 1) == (1, 2, 1, 3)
    assert region(4, 5) == (1, 3, 1, 3)
    assert region(-5, -1) == (1, 1, 1, 2)
    assert region(50, 60) == (2, 5, 2, 5)
    assert region(7, 2) == (2, 3, 2, 4)


def test_hashes_hide_secrets() -> None:
    document = Document("a.py", b"password = 'hunter2'\nx\n")
    other = Document("a.py", b"password = 'another'\nx\n")
    assert list(document.hashes(frozenset())) != list(other.hashes(frozenset()))
    assert list(document.hashes(frozenset({"hunter2"}))) == list(other.hashes(frozenset({"another"})))
