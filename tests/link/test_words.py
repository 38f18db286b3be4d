"""Where a project writes a word."""

from __future__ import annotations

from dblint.facts.tree import Tree
from dblint.frontends.extract import extract
from dblint.link.words import Words

FILES = {
    "b.py": "save = run(pool.map(load, save), key=store.load)\nload(load())\n",
    "a.ts": "x.load().load();\nload`t`;\nqueue.add(1, load);\n({load: load});\n",
    "c.py": "other = 1\n",
}


def words() -> tuple[Words, dict[str, Tree]]:
    facts = {path: extract(text.encode(), path) for path, text in FILES.items()}
    trees = {path: Tree(one.body) for path, one in facts.items()}
    return Words(facts, trees.__getitem__), trees


def shown(path: str, node: int, trees: dict[str, Tree]) -> str:
    tree = trees[path]
    return f"{path}: {FILES[path][tree.starts[node] : tree.stops[node]]}"


def test_nodes_are_found_in_the_order_of_files_and_sources() -> None:
    found, trees = words()
    assert [shown(path, node, trees) for path, node in found.spelled("save")] == ["b.py: save", "b.py: save"]
    assert [path for path, _ in found.spelled("load")] == ["a.ts"] * 6 + ["b.py"] * 4
    assert [path for path, _ in found.spelled("load", ["b.py", "c.py"])] == ["b.py"] * 4


def test_no_node_is_found_for_no_word_and_for_an_unknown_one() -> None:
    found, _ = words()
    assert list(found.spelled("")) == []
    assert list(found.spelled("missing")) == []
    assert found.called("missing") == []
    assert found.given("missing") == []


def test_calls_are_found_by_the_last_word_of_their_callee_but_no_tagged_template() -> None:
    found, trees = words()
    assert [shown(path, node, trees) for path, node in found.called("load")] == [
        "a.ts: x.load().load()",
        "a.ts: x.load()",
        "b.py: load(load())",
        "b.py: load()",
    ]


def test_what_is_given_comes_by_position_or_keyword_in_the_order_of_the_calls() -> None:
    found, trees = words()
    assert [
        (shown(one.path, one.call, trees), one.callee, one.key, shown(one.path, one.node, trees))
        for one in found.given("load")
    ] == [
        ("a.ts: queue.add(1, load)", "add", 1, "a.ts: load"),
        ("b.py: run(pool.map(load, save), key=store.load)", "run", "key", "b.py: store.load"),
        ("b.py: pool.map(load, save)", "map", 0, "b.py: load"),
    ]
