"""What a Python file's facts hold besides the tree's shape: places, imports, faults, suppressions."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dblint.facts.tree import Fault, Import, Kind, Suppression, Tree, names_of
from dblint.frontends.python import extract
from tests.frontends.dump import dump


def imports(source: str) -> list[tuple[str, str, str, bool]]:
    facts = extract(dedent(source).encode(), "a.py")
    read = Tree(facts.body)
    assert all(read.kinds[one.node] == Kind.IMPORT for one in facts.interface.imports)
    return [(one.module, one.name, one.local, one.type_only) for one in facts.interface.imports]


def faults(source: str) -> list[tuple[str, str]]:
    """Each fault: its message and its span's text."""
    data = source.encode()
    return [
        (fault.message, data[fault.start : fault.stop].decode("utf-8", "replace"))
        for fault in extract(data, "a.py").faults
    ]


class TestPlaces:
    def test_every_node(self) -> None:
        source = b"\n@d\nclass A(B):  # c\n    x: int = (f)(1)[2:3]\n"
        read = Tree(extract(source, "a.py").body)
        assert [
            (names_of(Kind)[read.kinds[node]], source[read.starts[node] : read.stops[node]].decode())
            for node in range(1, len(read))
        ] == [
            ("CLASS", "class A(B):  # c\n    x: int = (f)(1)[2:3]"),
            ("NAME", "d"),
            ("NAME", "B"),
            ("BLOCK", "x: int = (f)(1)[2:3]"),
            ("ASSIGN", "x: int = (f)(1)[2:3]"),
            ("NAME", "x"),
            ("NAME", "int"),
            ("SUBSCRIPT", "(f)(1)[2:3]"),
            ("CALL", "(f)(1)"),
            ("NAME", "f"),
            ("NUMBER", "1"),
            ("SLICE", "2:3"),
            ("NUMBER", "2"),
            ("NUMBER", "3"),
        ]
        assert (read.starts[0], read.stops[0]) == (0, len(source))

    def test_elif_reaches_to_the_end_of_its_statement(self) -> None:
        source = b"if a: b\nelif c: d\nelse: e\nf\n"
        read = Tree(extract(source, "a.py").body)
        ifs = [node for node in range(len(read)) if read.kinds[node] == Kind.IF]
        assert [source[read.starts[node] : read.stops[node]] for node in ifs] == [
            b"if a: b\nelif c: d\nelse: e",
            b"elif c: d\nelse: e",
        ]

    def test_pair_of_a_pattern(self) -> None:
        source = b"match x:\n  case {'a': [b, c], -1 : d, **e}: pass\n"
        read = Tree(extract(source, "a.py").body)
        pairs = [node for node in range(len(read)) if read.kinds[node] == Kind.PAIR]
        assert [source[read.starts[node] : read.stops[node]] for node in pairs] == [b"'a': [b, c]", b"-1 : d"]

    def test_type_inside_a_string(self) -> None:
        source = 'é: "m.A[B]"'.encode()
        read = Tree(extract(source, "a.py").body)
        assert [
            (names_of(Kind)[read.kinds[node]], source[read.starts[node] : read.stops[node]])
            for node in range(3, len(read))
        ] == [("SUBSCRIPT", b"m.A[B]"), ("ATTRIBUTE", b"m.A"), ("NAME", b"m"), ("NAME", b"B")]

    def test_byte_order_mark_counts_in_offsets(self) -> None:
        read = Tree(extract(b"\xef\xbb\xbfab = 1\n", "a.py").body)
        assert (read.starts[1], read.stops[1]) == (3, 9)

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_line_ends(self, end: str) -> None:
        source = f"if a:{end}    b{end}c{end}".encode()
        facts = extract(source, "a.py")
        read = Tree(facts.body)
        names = [node for node in range(len(read)) if read.kinds[node] == Kind.NAME]
        assert [source[read.starts[node] : read.stops[node]] for node in names] == [b"a", b"b", b"c"]
        assert facts.faults == ()


class TestImports:
    def test_modules(self) -> None:
        assert imports("import a, b.c, d as e, f.g as h\n") == [
            ("a", "", "a", False),
            ("b", "", "b", False),
            ("d", "", "e", False),
            ("f.g", "", "h", False),
        ]

    def test_names(self) -> None:
        source = """
            from a.b import c, d as e
            from a import (  # first
                f,
                g as h,  # last
            )
            from . import i
            from ..j.k import l
            from .m import *
            from __future__ import annotations
        """
        assert imports(source) == [
            ("a.b", "c", "c", False),
            ("a.b", "d", "e", False),
            ("a", "f", "f", False),
            ("a", "g", "h", False),
            (".", "i", "i", False),
            ("..j.k", "l", "l", False),
            (".m", "*", "", False),
            ("__future__", "annotations", "annotations", False),
        ]

    def test_spaced_and_continued(self) -> None:
        assert imports("from . . a . \\\n b import c\nimport d . e as f\n") == [
            ("..a.b", "c", "c", False),
            ("d.e", "", "f", False),
        ]

    def test_scope_is_where_the_node_stands(self) -> None:
        facts = extract(b"def f():\n    import a\n", "a.py")
        (one,) = facts.interface.imports
        assert one == Import("a", "", "a", 3)
        assert Kind.FUNCTION in [Tree(facts.body).kinds[above] for above in Tree(facts.body).ancestors(one.node)]

    def test_type_checking(self) -> None:
        source = """
            if TYPE_CHECKING:
                from a import b
                try:
                    import c
                except ImportError:
                    pass
            else:
                from d import e
            if typing.TYPE_CHECKING: import f
            if not TYPE_CHECKING: import g
            if other:
                pass
            elif TYPE_CHECKING:
                import h
        """
        assert imports(source) == [
            ("a", "b", "b", True),
            ("c", "", "c", True),
            ("d", "e", "e", False),
            ("f", "", "f", True),
            ("g", "", "g", False),
            ("h", "", "h", True),
        ]


class TestFaults:
    def test_sane_file_has_none(self) -> None:
        assert faults("x = 1\n") == []

    @pytest.mark.parametrize("source", ["", "\n", "# only a comment", "\ufeff", "\ufeff# comment\n", "x = 1", "\f\n"])
    def test_almost_nothing_is_sane(self, source: str) -> None:
        facts = extract(source.encode(), "a.py")
        assert facts.faults == ()
        assert Tree(facts.body).kinds[0] == Kind.MODULE

    def test_sane_parts_are_lowered(self) -> None:
        source = b"def f(:\n    return g(a)\nx = 1\n\ny = = h(2)\n"
        facts = extract(source, "a.py")
        read = Tree(facts.body)
        assert facts.faults == (Fault(6, 6, "syntax error: missing )"), Fault(35, 36, "syntax error"))
        calls = [node for node in range(len(read)) if read.kinds[node] == Kind.CALL]
        assert [source[read.starts[node] : read.stops[node]] for node in calls] == [b"g(a)", b"h(2)"]

    def test_error_is_opaque_and_shows_its_children(self) -> None:
        facts = extract(b"x = f(1\n", "a.py")
        assert facts.faults == (Fault(0, 7, "syntax error"),)
        assert dump(facts) == "MODULE\n  BODY OPAQUE\n    NAME 'x'\n    NAME 'f'\n    NUMBER '1'"

    def test_open_bracket_ends_with_its_statement(self) -> None:
        source = b"class A:\n    def f(self):\n        return self.g(\n\n    def h(self): pass\n\ndef k(): pass\n"
        facts = extract(source, "a.py")
        assert [source[fault.start : fault.stop] for fault in facts.faults] == [b"return self.g("]
        assert list(facts.interface.names) == ["A", "k"]
        (cls,) = facts.interface.classes.values()
        assert list(cls.members) == ["f", "h"]

    def test_error_around_the_whole_file(self) -> None:
        source = b"import a\ndef f(): pass\nclass B(C):\n    y = 1\n    def m(s"
        facts = extract(source, "a.py")
        assert [source[fault.start : fault.stop] for fault in facts.faults] == [b"class B(C):", b"def m(s"]
        assert [one.module for one in facts.interface.imports] == ["a"]
        assert "f" in facts.interface.names

    def test_unterminated_string(self) -> None:
        assert faults('a = 1\nx = "abc\ny = 2\n') == [("syntax error", '"')]

    def test_conflict_markers(self) -> None:
        source = "<<<<<<< HEAD\na = 1\n||||||| base\na = 0\n=======\na = 2\n>>>>>>> branch\nb = (\n"
        assert faults(source) == [
            ("merge conflict marker", "<<<<<<< HEAD"),
            ("merge conflict marker", "||||||| base"),
            ("merge conflict marker", "======="),
            ("merge conflict marker", ">>>>>>> branch"),
            ("syntax error", "b = ("),
        ]

    def test_marks_inside_a_string_are_none(self) -> None:
        assert faults('x = """\n<<<<<<< a\n=======\n>>>>>>> b\n"""\ny = = 1\n') == [("syntax error", "=")]

    def test_template_of_another_language(self) -> None:
        assert faults("{% if x %}\nclass {{ name }}(Model):\n    pass\n{% endif %}\n") != []


class TestSuppressions:
    def test_comments(self) -> None:
        source = b"a  # dblint: ignore[x/y] why\n# dblint:off\n# other\nf(  # dblint: b\n)\n"
        assert extract(source, "a.py").suppressions == (
            Suppression(3, 28, "# dblint: ignore[x/y] why"),
            Suppression(29, 41, "# dblint:off"),
            Suppression(54, 65, "# dblint: b"),
        )

    def test_behind_another_comment(self) -> None:
        assert extract(b"a  # noqa: E1  # dblint: ignore[x/y]\n", "a.py").suppressions == (
            Suppression(15, 36, "# dblint: ignore[x/y]"),
        )

    def test_in_an_import(self) -> None:
        assert len(extract(b"from a import (\n    b,  # dblint: c\n)\n", "a.py").suppressions) == 1

    @pytest.mark.parametrize(
        "source",
        ['x = "# dblint: no"', "'''\n# dblint: no\n'''", "f'# dblint: {a}'", "x = dblint\n"],
    )
    def test_text_of_a_string_is_none(self, source: str) -> None:
        assert extract(source.encode(), "a.py").suppressions == ()
