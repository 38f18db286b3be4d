"""Module-level names and classes, read from neutral trees."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dblint.facts.tree import ClassInterface, Export, FileFacts, Import, Kind, Tree, names_of
from dblint.frontends import interface
from dblint.frontends.python import extract
from dblint.frontends.typescript import extract as read_typescript


def facts_of(source: str) -> FileFacts:
    return extract(dedent(source).encode(), "a.py")


def names(source: str) -> dict[str, list[str]]:
    """Name → the kinds of its binding nodes."""
    facts = facts_of(source)
    kinds = facts.body.kinds
    return {name: [names_of(Kind)[kinds[node]] for node in nodes] for name, nodes in facts.interface.names.items()}


def members(source: str) -> dict[str, dict[str, list[str]]]:
    """Class → member → the binding nodes' text."""
    data = dedent(source).encode()
    facts = extract(data, "a.py")
    read = Tree(facts.body)
    return {
        cls.name: {
            name: [data[read.starts[node] : read.stops[node]].decode().partition("\n")[0] for node in nodes]
            for name, nodes in cls.members.items()
        }
        for cls in facts.interface.classes.values()
    }


class TestNames:
    def test_definitions(self) -> None:
        assert names("def f(): pass\nclass A: pass\ntype X = int\nx = 1\ny: int\n") == {
            "f": ["FUNCTION"],
            "A": ["CLASS"],
            "X": ["ALIAS"],
            "x": ["ASSIGN"],
            "y": ["ASSIGN"],
        }

    def test_under_statements(self) -> None:
        source = """
            if a:
                b = 1
            elif c:
                def d(): pass
            else:
                class e: pass
            try:
                f = 1
            except E as g:
                h = 1
            finally:
                i = 1
            with j as k, l as (m, n):
                o = 1
            for p, q in r:
                s = 1
            else:
                t = 1
            while u: v = 1
            match w:
                case 1: x = 1
        """
        assert names(source) == {
            "b": ["ASSIGN"],
            "d": ["FUNCTION"],
            "e": ["CLASS"],
            "f": ["ASSIGN"],
            "h": ["ASSIGN"],
            "i": ["ASSIGN"],
            "k": ["ITEM"],
            "m": ["ITEM"],
            "n": ["ITEM"],
            "o": ["ASSIGN"],
            "p": ["LOOP"],
            "q": ["LOOP"],
            "s": ["ASSIGN"],
            "t": ["ASSIGN"],
            "v": ["ASSIGN"],
            "x": ["ASSIGN"],
        }

    def test_targets(self) -> None:
        source = "a, (b, *c) = [d, e] = f = x\ng.h = i[0] = 1\nif (j := 1): pass\n[k := v for v in x]\n"
        assert list(names(source)) == ["a", "b", "c", "d", "e", "f", "j", "k"]

    def test_several_bindings_in_order(self) -> None:
        assert names("x = 1\ndef x(): pass\nfor x in y: pass\nx += 1\n") == {
            "x": ["ASSIGN", "FUNCTION", "LOOP", "ASSIGN"]
        }

    def test_what_is_local_is_not_there(self) -> None:
        source = """
            def f(a, b=1):
                c = 1
                def d(): pass
            class A:
                e = 1
                def g(self): pass
            h = lambda i: (j := i)
        """
        assert list(names(source)) == ["f", "A", "h"]

    def test_global_declarations(self) -> None:
        source = """
            def f():
                global a, b, c
                a = 1
                for b in x: pass
                local = 2
                def c():
                    a = 3
            class A:
                def m(self):
                    global d
                    d = 1
            d = 2
        """
        facts = facts_of(source)
        read = Tree(facts.body)
        found = facts.interface.names
        assert sorted(found) == ["A", "a", "b", "c", "d", "f"]
        assert [len(found[name]) for name in "abcd"] == [1, 1, 1, 2]
        assert found["d"][0] < found["d"][1]
        assert read.kinds[found["c"][0]] == Kind.FUNCTION

    def test_a_string_that_says_global_declares_nothing(self) -> None:
        assert list(names("def f():\n    x = 'global'\n    y = 1\n")) == ["f"]


class TestClasses:
    def test_bases_without_keywords(self) -> None:
        facts = facts_of("class A(B, c.D[int], metaclass=M): pass")
        (cls,) = facts.interface.classes.values()
        kinds = facts.body.kinds
        assert (cls.name, [kinds[node] for node in cls.bases]) == ("A", [Kind.NAME, Kind.SUBSCRIPT])
        assert facts.interface.classes == {cls.node: cls}

    def test_members(self) -> None:
        source = """
            class A:
                x = y = 1
                z: int
                a, b = 1, 2
                if x:
                    w = 1
                def f(self): pass
                @property
                def g(self): pass
                async def h(self): pass
                class B: inner = 1
        """
        assert members(source) == {
            "A": {
                "x": ["x = y = 1"],
                "y": ["x = y = 1"],
                "z": ["z: int"],
                "a": ["a, b = 1, 2"],
                "b": ["a, b = 1, 2"],
                "w": ["w = 1"],
                "f": ["def f(self): pass"],
                "g": ["def g(self): pass"],
                "h": ["async def h(self): pass"],
                "B": ["class B: inner = 1"],
            },
            "B": {"inner": ["inner = 1"]},
        }

    def test_attributes_through_the_receiver_whatever_its_name(self) -> None:
        source = """
            class A:
                def __init__(this, other):
                    this.a: int = 1
                    this.b, (this.c, local) = 1, 2
                    this.d = this.e = 1
                    this.f += 1
                    if (this.x): this.g = 1
                    other.no = 1
                    this.no.no = this.no[0] = this.no().no = 1
                    self.no = 1
                @classmethod
                def k(cls): cls.h = 1
                @staticmethod
                def s(this): this.no = 1
        """
        assert list(members(source)["A"]) == ["__init__", "a", "b", "c", "d", "e", "f", "g", "k", "h", "s"]

    def test_functions_inside_methods(self) -> None:
        source = """
            class A:
                def m(self):
                    def sees(): self.a = 1
                    def hides(self): self.no = 1
                    f(lambda: (self.b))
                    class B:
                        def n(self): self.c = 1
                    self.d = 1
                e = lambda self: (no := self)
        """
        assert members(source) == {
            "A": {
                "m": ["def m(self):"],
                "a": ["self.a = 1"],
                "d": ["self.d = 1"],
                "e": ["e = lambda self: (no := self)"],
            },
            "B": {"n": ["def n(self): self.c = 1"], "c": ["self.c = 1"]},
        }

    def test_classes_in_functions_are_there(self) -> None:
        assert list(members("def f():\n    class A: x = 1\n")) == ["A"]


class TestReceiverByFlag:
    """Languages whose methods have no parameter for the receiver."""

    def read(self, source: str) -> FileFacts:
        facts = read_typescript(dedent(source).encode(), "a.ts")
        assert facts.faults == ()
        return facts

    def test_fields_parameters_and_assignments(self) -> None:
        source = """
            class A extends B {
                x = 1
                private static y: number
                handler = () => { this.a = 1 }
                constructor(private readonly service: S, plain: P) {
                    plain.no = 1
                    this.b = 1
                    f(() => { this.c = 1 })
                    f(function () { this.no = 1 })
                    const o = { m() { this.no = 1 } }
                    class C { z = 1 }
                    ;[this.d, this.e.no] = [1, 2]
                    this.g ??= h()
                }
                m() {}
            }
        """
        facts = self.read(source)
        found = {cls.name: list(cls.members) for cls in facts.interface.classes.values()}
        assert found == {
            "A": ["x", "y", "handler", "a", "constructor", "service", "b", "c", "d", "g", "m"],
            "C": ["z"],
        }
        (first, *_) = facts.interface.classes.values()
        assert facts.body.kinds[first.members["service"][0]] == Kind.PARAMETER

    def test_blocks_keep_their_own_names(self) -> None:
        source = """
            const a = 1
            let [b, { c, d: e = 1, ...f }] = g
            export const h = 1
            if (a) { const no = 1; var i = 1 }
            for (const no of a) {}
            function j() { const no = 1 }
            export default function k() {}
            export class L {}
            const m = function no() {}
            const n = class no {}
        """
        assert list(self.read(source).interface.names) == ["a", "b", "c", "e", "f", "h", "i", "j", "k", "L", "m", "n"]


def test_imports_and_exports_are_handed_on() -> None:
    tree = Tree(facts_of("x = 1").body)
    imports, exports = (Import("a", "b", "c", 0),), (Export("d"),)
    built = interface.build(tree, imports, exports)
    assert (built.imports, built.exports, built.names, built.classes) == (imports, exports, {"x": (1,)}, {})


def test_members_hold_nodes() -> None:
    facts = facts_of("class A:\n    x = 1\n    def f(self): self.x = 2\n")
    assert facts.interface.classes == {1: ClassInterface("A", 1, (), {"x": (3, 9), "f": (6,)})}


@pytest.mark.parametrize("source", ["", "def f(", "class A(", "class A:\n  def f(self", "self.x = 1", "class : x = 1"])
def test_broken_files(source: str) -> None:
    facts = facts_of(source)
    for nodes in facts.interface.names.values():
        assert all(0 < node < len(facts.body.kinds) for node in nodes)
