from __future__ import annotations

import tomllib

from dblint.toml_lines import key_lines

DOCUMENT = '''\
a = 1 # b = 2
"c d" = """
e = 3
[f]
"""
g = [  # [h]
  "]", ']', { i = 4 },
]
j.k = { l = [
  1,
] }

[ m . "n.]o" ]  # p
q = "x = \\" ["
r = \'\'\'
[s]\'\'\'
[[t]]
u = 1
[[t]]
u = 2
[v]'''


def test_lines() -> None:
    tomllib.loads(DOCUMENT)
    expected = {
        ("a",): 1,
        ("c d",): 2,
        ("g",): 6,
        ("j",): 9,
        ("j", "k"): 9,
        ("m",): 13,
        ("m", "n.]o"): 13,
        ("m", "n.]o", "q"): 14,
        ("m", "n.]o", "r"): 15,
        ("t",): 17,
        ("t", "[0]"): 17,
        ("t", "[0]", "u"): 18,
        ("t", "[1]"): 19,
        ("t", "[1]", "u"): 20,
        ("v",): 21,
    }
    assert key_lines(DOCUMENT) == expected
    assert key_lines(DOCUMENT.replace("\n", "\r\n")) == expected
