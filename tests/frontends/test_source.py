"""Bytes → text, and byte offsets → lines and columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dblint.facts.tree import Fault
from dblint.frontends.source import Decoded, LineTable, Position, decode


class TestDecode:
    @pytest.mark.parametrize("data", [b"", b"x = 1\n", "é ✓ 😀".encode(), b"\f\r\n\r"])
    def test_utf_8_is_itself(self, data: bytes) -> None:
        assert decode(data, "python") == decode(data, "sql") == Decoded(data, "utf-8")

    def test_byte_order_mark_stays(self) -> None:
        assert decode(b"\xef\xbb\xbfx", "typescript") == Decoded(b"\xef\xbb\xbfx")

    @pytest.mark.parametrize("language", ["python", "typescript", "sql", "prisma"])
    def test_invalid_utf_8(self, language: str) -> None:
        assert decode(b"ab\xffc", language) == Fault(2, 3, "not valid UTF-8 at byte 2")
        assert decode(b"\xef\xbb\xbfa\xe9", language) == Fault(4, 5, "not valid UTF-8 at byte 4")
        assert decode(b"\xed\xa0\x80", language) == Fault(0, 1, "not valid UTF-8 at byte 0")

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")],
    )
    def test_wide_encodings_are_named(self, encoding: str, name: str) -> None:
        found = decode("select 1;\n".encode(encoding), "sql")
        assert isinstance(found, Fault)
        assert found.message == f"{name} is not supported; save the file as UTF-8"

    def test_nul(self) -> None:
        assert decode(b"x = 1\n\0", "python") == Fault(6, 7, "NUL byte at byte 6")

    def test_binary(self) -> None:
        assert decode(b"\x7fELF\x02\x01\x01\0\0\0\0\0\x03", "sql") == Fault(7, 8, "binary file")


class TestDeclaredEncoding:
    @pytest.mark.parametrize(
        "first", ["# coding: {}", "#!/bin/x\n# -*- coding: {} -*-", "\f# vim: set fileencoding={} :"]
    )
    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "koi8-r", "shift_jis", "big5"])
    def test_is_re_encoded(self, first: str, encoding: str) -> None:
        text = first.format(encoding) + "\nx = '" + ("é" if encoding in ("latin-1", "cp1252") else "Д") + "'\n"
        found = decode(text.encode(encoding), "python")
        assert isinstance(found, Decoded)
        assert found.data == text.encode()
        assert found.encoding != "utf-8"

    @pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf_8", "U8", "utf-8-sig", "ascii"])
    def test_utf_8_by_any_name(self, name: str) -> None:
        data = f"# coding: {name}\n".encode()
        assert decode(data, "python") == Decoded(data)

    @pytest.mark.parametrize(
        "name",
        [
            *("nosuch", "rot13", "hex", "base64", "zip", "idna", "punycode", "undefined"),
            *("unicode_escape", "raw-unicode-escape", "utf-7", "utf-16", "utf_32_le", "cp037", "mbcs"),
        ],
    )
    def test_no_encoding_of_source_text(self, name: str) -> None:
        assert decode(f"# coding: {name}\n".encode(), "python") == Fault(
            10, 10 + len(name), f"unknown source encoding: {name}"
        )

    def test_bytes_that_the_encoding_does_not_have(self) -> None:
        assert decode(b"# coding: cp1252\n\x81", "python") == Fault(17, 18, "not valid cp1252 at byte 17")

    def test_only_in_the_first_two_lines_and_in_comments(self) -> None:
        for data in (
            b"\n\n# coding: nosuch\n",
            b"x\n# coding: nosuch\n",
            b"s = '''\n# coding: nosuch'''",
            b"x # coding: a",
        ):
            assert decode(data, "python") == Decoded(data)
        assert isinstance(decode(b"\r\n# coding: nosuch", "python"), Fault)
        assert isinstance(decode(b"\r# coding: nosuch\r", "python"), Fault)

    def test_other_languages_have_none(self) -> None:
        assert decode(b"# coding: nosuch\n", "sql") == Decoded(b"# coding: nosuch\n")

    def test_against_a_byte_order_mark(self) -> None:
        assert decode(b"\xef\xbb\xbf# coding: latin-1\n", "python") == Fault(
            13, 20, "source encoding latin-1 contradicts the UTF-8 byte order mark"
        )
        assert decode(b"\xef\xbb\xbf# coding: utf-8\n", "python") == Decoded(b"\xef\xbb\xbf# coding: utf-8\n")


class TestLineTable:
    def test_every_line_end(self) -> None:
        table = LineTable(b"a\nb\r\nc\rd\n\re")
        assert len(table) == 6
        assert [table.text(line) for line in range(1, 7)] == ["a", "b", "c", "d", "", "e"]
        assert [table.line_of(offset) for offset in range(12)] == [1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6]

    @pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x0bb", "a\x0cb", "a\x85b", "a\x1cb"])
    def test_nothing_else_ends_a_line(self, text: str) -> None:
        assert len(LineTable(text.encode())) == 1

    def test_end_of_file(self) -> None:
        assert [len(LineTable(data)) for data in (b"", b"a", b"a\n", b"a\r", b"\n")] == [1, 1, 2, 2, 2]
        assert LineTable(b"a\n").position(2) == Position(2, 1, 1)
        assert LineTable(b"").position(0) == Position(1, 1, 1)

    def test_columns(self) -> None:
        table = LineTable("é😀x\n\ty".encode())
        assert table.position(0) == Position(1, 1, 1)
        assert table.position(2) == Position(1, 2, 2)
        assert table.position(6) == Position(1, 3, 4)
        assert table.position(7) == Position(1, 4, 5)
        assert table.position(9) == Position(2, 2, 2)

    def test_inside_a_character_is_its_start(self) -> None:
        assert LineTable("a😀".encode()).position(3) == Position(1, 2, 2)

    def test_offsets_outside_are_drawn_in(self) -> None:
        table = LineTable(b"ab\ncd")
        assert table.position(-5) == Position(1, 1, 1)
        assert table.position(99) == Position(2, 3, 3)
        assert table.line_of(99) == 2

    def test_byte_order_mark_takes_no_column(self) -> None:
        table = LineTable(b"\xef\xbb\xbfab\ncd")
        assert [table.position(offset).column for offset in (0, 3, 4, 5)] == [1, 1, 2, 3]
        assert table.position(6) == Position(2, 1, 1)
        assert table.text(1) == "ab"
        assert table.line_span(1) == (3, 5)
        assert LineTable(b"\xef\xbb\xbf").text(1) == ""

    def test_span_leaves_the_line_end_out(self) -> None:
        table = LineTable(b"a\r\nbc\r\r\nd")
        assert [table.line_span(line) for line in range(1, 5)] == [(0, 1), (3, 5), (6, 6), (8, 9)]

    @pytest.mark.parametrize("line", [0, -1, 3])
    def test_no_such_line(self, line: int) -> None:
        with pytest.raises(IndexError):
            LineTable(b"a\nb").text(line)

    @given(st.text(st.sampled_from("aé😀\n\r\u2028\t\ufeff")))
    def test_agrees_with_counting_characters(self, text: str) -> None:
        table = LineTable(text.encode())
        line, column, wide = 1, 1, 1
        for index, character in enumerate(text):
            offset = len(text[:index].encode())
            if index == 0 and character == "\ufeff":
                assert table.position(offset) == Position(1, 1, 1)
                continue
            assert table.position(offset) == Position(line, column, wide)
            column += 1
            wide += 1 + (character > "\uffff")
            if character == "\n" or (character == "\r" and not text.startswith("\n", index + 1)):
                line, column, wide = line + 1, 1, 1
        assert table.position(len(text.encode())) == Position(line, column, wide)


@given(st.binary(), st.sampled_from(["python", "sql"]))
def test_any_bytes(data: bytes, language: str) -> None:
    found = decode(data, language)
    if isinstance(found, Decoded):
        found.data.decode()
    else:
        assert 0 <= found.start <= found.stop <= len(data)
