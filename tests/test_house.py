"""The house rules that no linter checks."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from dblint.facts.program import FileRole
from dblint.facts.tree import FileFacts
from dblint.libraries.reader import bundled
from dblint.libraries.undescribed import listed, undescribed
from dblint.packs import find, load

HERE = Path(__file__).resolve().parent.parent
RULES = sorted((HERE / "rules" / "dblint_rules").glob("*/[!_]*.py"))
HOSTS = {"python", "javascript", "typescript"}


def libraries() -> set[str]:
    return {name.replace("_", "") for name in bundled().libraries} | HOSTS


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_no_rule_names_a_library_or_a_host_language(path: Path) -> None:
    assert not words(path.stem) & libraries()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    code = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert any(function.name == "check" for function in code)
    said = {
        word
        for function in code
        for node in ast.walk(function)
        for text in (
            [node.id]
            if isinstance(node, ast.Name)
            else [node.attr]
            if isinstance(node, ast.Attribute)
            else [node.value]
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            else []
        )
        for word in words(text)
    }
    assert not said & libraries()


def test_every_rule_is_found_and_sound() -> None:
    found = find(["dblint_rules"])
    assert sorted(found) == sorted(f"{path.parent.name}/{path.stem}".replace("_", "-") for path in RULES)
    for entry in found.values():
        assert load(entry).rule.summary


def test_no_rule_speaks_where_nobody_can_repair_anything() -> None:
    unrepairable = {FileRole.GENERATED, FileRole.VENDORED}
    beside = {FileRole.TEST, FileRole.EXAMPLE}
    for entry in find(["dblint_rules"]).values():
        roles = load(entry).rule.roles
        assert not roles & unrepairable, entry.id
        assert entry.group not in ("query", "schema", "connection") or not roles & beside, entry.id


def test_no_package_that_has_a_table_is_listed_as_not_understood() -> None:
    assert undescribed(bundled()) == listed()
    for packages in listed().values():
        roots = [root for named in packages.values() for root in named]
        assert len(roots) == len(set(roots))
        assert list(packages) == sorted(packages, key=str.lower)


def test_kinds_of_labels_name_rules_that_exist() -> None:
    mapping: dict[str, list[str]] = json.loads((HERE / "tests" / "eval" / "mapping.json").read_text(encoding="utf-8"))
    patterns = [pattern for kind in mapping.values() for pattern in kind]
    assert all(len(kind) == len(set(kind)) for kind in mapping.values())
    assert all(re.fullmatch(r"\^[a-z-]+/[a-z0-9-]+\$", pattern) for pattern in patterns)
    assert {pattern[1:-1] for pattern in patterns} <= set(find(["dblint_rules"]))


def test_the_readme_names_every_table_and_every_dependency() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8").lower()
    for name in bundled().libraries:
        assert name.replace("_", "-") in readme.replace("pep 249", "pep249")
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=!~ ]", requirement)[0]
        assert name in readme or f"-{name.rsplit('-', 1)[-1]}" in readme
    for path in RULES:
        assert f"`{path.parent.name}/{path.stem.replace('_', '-')}`" in readme


def test_the_continuous_check_is_the_readme_s_command() -> None:
    assert "\n./check\n" in (HERE / "README.md").read_text(encoding="utf-8")
    assert 'exec ./check "$@"' in (HERE / ".ci" / "run").read_text(encoding="utf-8")
    for script in ("check", ".ci/run"):
        assert os.access(HERE / script, os.X_OK)


def test_every_word_of_the_table_grammar_is_explained() -> None:
    from dblint.libraries import calling, grammar

    document = (HERE / "docs" / "tables.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`\[?([a-z_]+)\]?`", document))
    for struct in (grammar.Slot, calling.Callback, grammar.Member, grammar.Type, grammar.Library):
        fields = set(struct.__struct_fields__) - {"types", "functions", "untyped", "members"}
        assert fields <= explained, sorted(fields - explained)


def test_file_facts_hold_nothing_of_the_machine() -> None:
    assert not {"root", "version", "dialect", "configuration"} & set(FileFacts.__struct_fields__)
