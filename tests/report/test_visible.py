from __future__ import annotations

import pytest

from dblint.report.visible import prose, scalars, visible, visible_line, visible_path, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb", "a    b"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]8;;http://x\x07", "␛]8;;http://x␇"),
        ("a\nb\r\x00\x7f", "a␊b␍␀␡"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202enimda", "user\\u202enimda"),
        ("a\u200bb\ufeff\u2028", "a\\u200bb\\ufeff\\u2028"),
        ("\ud800", "\\ud800"),
        ("a\ufffeb\uffff\U0001ffff", "a\\ufffeb\\uffff\U0001ffff"),
        ("\U000e0041", "\\U000e0041"),
        ("é😀日本", "é😀日本"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("日本", 4), ("😀", 2), ("e\u0301", 1), ("é", 1)])
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


def test_no_workflow_commands() -> None:
    for text, path, line in (
        ("a::b", "a::b", "a::b"),
        ("::error::x", "./::error::x", "\\x3a:error::x"),
        ("  ::x", "./  ::x", "  \\x3a:x"),
    ):
        assert (visible_path(text), visible_line(text)) == (path, line)


def test_prose() -> None:
    assert prose("é\ud800😀\x1b[0m\n\ta\u202e\x9b") == "é\\ud800😀␛[0m\n\ta\\u202e\\x9b"
    assert prose("a\n\té") == "a\n\té"


def test_scalars() -> None:
    assert scalars("é\ud800😀\x1b") == "é\\ud800😀\x1b"
