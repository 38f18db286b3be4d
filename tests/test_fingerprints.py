from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dblint.fingerprints import Keys, LineHashes


def test_an_empty_file() -> None:
    assert list(LineHashes("")) == ["c129715d7a2bc9a3:1"]


def test_repeated_lines() -> None:
    assert LineHashes("Lorem ipsum dolor sit amet.\n" * 10)[:10] == [
        "a7f2ff13bc495cf2:1",
        "a7f2ff13bc495cf2:2",
        "a7f2ff13bc495cf2:3",
        "a7f2ff13bc495cf2:4",
        "a7f2ff13bc495cf2:5",
        "a7f2ff13bc495cf2:6",
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
    ]


PROGRAM = "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n"
PROGRAM_HASHES = [
    "e54938cc54b302f1:1",
    "bb609acbe9138d60:1",
    "1131fd5871777f34:1",
    "5c482a0f8b35ea28:1",
    "54517377da7028d2:1",
    "2c644846cb18d53e:1",
    "f1b89f20de0d133:1",
]


def test_lines_that_differ() -> None:
    assert LineHashes(PROGRAM)[:7] == PROGRAM_HASHES


def test_spaces_and_line_ends_do_not_matter() -> None:
    assert LineHashes(PROGRAM.replace("\n", "\r\n"))[:7] == PROGRAM_HASHES
    assert LineHashes(PROGRAM.replace("\n", "\r"))[:7] == PROGRAM_HASHES
    assert LineHashes(PROGRAM.replace(" ", "\t  "))[:7] == PROGRAM_HASHES
    assert LineHashes(PROGRAM.replace("\n", " \n  "))[:7] == PROGRAM_HASHES


def slow_hashes(text: str) -> list[str]:
    """The definition, unit by unit."""
    units: list[int] = []
    previous = 0
    data = text.encode("utf-16-be")
    for high, low in zip(data[::2], data[1::2], strict=True):
        unit = high << 8 | low
        if unit not in (32, 9) and not (previous == 13 and unit == 10):
            units.append(10 if unit == 13 else unit)
        previous = unit
    units.append(65535)
    hashes: list[str] = []
    counts: dict[int, int] = {}
    for index, _ in enumerate(units):
        if index == 0 or units[index - 1] == 10:
            value = 0
            for unit in (units + [0] * 100)[index : index + 100]:
                value = (value * 37 + unit) % 2**64
            counts[value] = counts.get(value, 0) + 1
            hashes.append(f"{value:x}:{counts[value]}")
    return hashes


@settings(max_examples=100)
@given(st.text(st.sampled_from("ab \t\r\né😀"), max_size=300))
def test_the_definition(text: str) -> None:
    assert list(LineHashes(text)) == slow_hashes(text)


def test_keys_survive_moves_and_tell_equal_lines_apart() -> None:
    keys = Keys()
    first = keys.next("query/a", "a.py", "  x = 1")
    second = keys.next("query/a", "a.py", "x  =  1")
    assert first != second
    assert len(first) == len(second) == 32
    again = Keys()
    assert again.next("query/a", "a.py", "x = 1") == first
    assert again.next("query/b", "a.py", "x = 1") != first
    assert again.next("query/a", "b.py", "x = 1") != first
