"""Imports and exports of TypeScript and JavaScript files."""

from __future__ import annotations

import pytest

from dblint.facts.tree import Export, Import, Kind, Tree
from tests.frontends.lowered_typescript import facts_of


def imports(source: str, suffix: str = "ts") -> tuple[Import, ...]:
    facts = facts_of(source, suffix)
    assert facts.faults == ()
    return facts.interface.imports


def exports(source: str, suffix: str = "ts") -> list[tuple[str, str, str, str]]:
    """Name, local name, module, and the exported node as written."""
    facts = facts_of(source, suffix)
    assert facts.faults == ()
    tree = Tree(facts.body)
    text = source.encode()
    return [
        (
            export.name,
            export.local,
            export.module,
            text[tree.starts[export.node] : tree.stops[export.node]].decode() if export.node >= 0 else "",
        )
        for export in facts.interface.exports
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import a from "m"', [Import("m", "default", "a", 1)]),
        ('import { a, b as c } from "m"', [Import("m", "a", "a", 1), Import("m", "b", "c", 1)]),
        ('import { default as a, "b-c" as d } from "m"', [Import("m", "default", "a", 1), Import("m", "b-c", "d", 1)]),
        ('import * as a from "m"', [Import("m", "*", "a", 1)]),
        ('import a, * as b from "m"', [Import("m", "default", "a", 1), Import("m", "*", "b", 1)]),
        ('import a, { b } from "m"', [Import("m", "default", "a", 1), Import("m", "b", "b", 1)]),
        ('import "m"', []),
        ('import {} from "m"', []),
        ('import type { a } from "m"', [Import("m", "a", "a", 1, True)]),
        ('import type a from "m"', [Import("m", "default", "a", 1, True)]),
        ('import type * as a from "m"', [Import("m", "*", "a", 1, True)]),
        ('import { type a, b, type c as d } from "m"', [
            Import("m", "a", "a", 1, True), Import("m", "b", "b", 1), Import("m", "c", "d", 1, True),
        ]),
        ('import { type } from "m"', [Import("m", "type", "type", 1)]),
        ('import a = require("m")', [Import("m", "", "a", 1)]),
        ('import a from "./b.json" with { type: "json" }', [Import("./b.json", "default", "a", 1)]),
        ('import a from "@b/c\\u0064"', [Import("@b/cd", "default", "a", 1)]),
        ('const a = require("m")', [Import("m", "", "a", 1)]),
        ('const a = require("m").b', [Import("m", "b", "a", 1)]),
        ('const { a, b: c, d = 1, e: { f }, ...g } = require("m")', [
            Import("m", "a", "a", 1), Import("m", "b", "c", 1), Import("m", "d", "d", 1),
        ]),
        ("var a = require(`m`) as B", [Import("m", "", "a", 1)]),
        ('let a; a = require("m")', [Import("m", "", "a", 3)]),
        ('const a = await import("m")', [Import("m", "*", "a", 1)]),
        ('const { a, default: b } = await import("m")', [Import("m", "a", "a", 1), Import("m", "default", "b", 1)]),
        ('const a = (await import("m")).b', [Import("m", "b", "a", 1)]),
        ("const a = require(b)", []),
        ('require("m"); f(require("m")); const a = f(require("m")); const b = require("m")(c)', []),
        ("const a = require()", []),
    ],
)  # fmt: skip
def test_imports(source: str, expected: list[Import]) -> None:
    assert list(imports(source)) == expected


def test_import_in_a_function_carries_its_node() -> None:
    facts = facts_of('function f() { const a = require("m"); }\nimport b from "n"')
    tree = Tree(facts.body)
    required, imported = facts.interface.imports
    assert tree.kinds[required.node] == Kind.ASSIGN
    assert [tree.kinds[node] for node in tree.ancestors(required.node)] == [Kind.BLOCK, Kind.FUNCTION, Kind.MODULE]
    assert tree.kinds[imported.node] == Kind.IMPORT
    assert tree.parents[imported.node] == 0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("export const a = 1, b = 2", [("a", "a", "", ""), ("b", "b", "", "")]),
        ("export const { a, b: [c, d = e], ...f } = g", [(name, name, "", "") for name in "acdf"]),
        ("export function a() {} export async function* b() {}", [("a", "a", "", ""), ("b", "b", "", "")]),
        ("export class A {} export abstract class B {}", [("A", "A", "", ""), ("B", "B", "", "")]),
        ("@D() export class A {}", [("A", "A", "", "")]),
        ("export interface A {} export type B = C; export enum D {}", [(name, name, "", "") for name in "ABD"]),
        ("export const enum A {} export declare const b: C", [("A", "A", "", ""), ("b", "b", "", "")]),
        ("export namespace A { export const b = 1 }", [("A", "A", "", "")]),
        ("export declare function f(): A", [("f", "f", "", "")]),
        ("export { a, b as c, d as default }", [("a", "a", "", ""), ("c", "b", "", ""), ("default", "d", "", "")]),
        ("export type { A, B as C }", [("A", "A", "", ""), ("C", "B", "", "")]),
        ('export { a, default as b } from "m"', [("a", "a", "m", ""), ("b", "default", "m", "")]),
        ('export { a as "b-c" } from "m"', [("b-c", "a", "m", "")]),
        ('export * from "m"', [("*", "", "m", "")]),
        ('export * as a from "m"', [("a", "*", "m", "")]),
        ('export type * from "m"', [("*", "", "m", "")]),
        ("export default a", [("default", "a", "", "a")]),
        ("export default a.b(c)", [("default", "", "", "a.b(c)")]),
        ("export default () => 1", [("default", "", "", "() => 1")]),
        ("export default function a() {}", [("default", "a", "", "function a() {}")]),
        ("export default function () {}", [("default", "", "", "function () {}")]),
        ("export default class A {}", [("default", "A", "", "class A {}")]),
        ("@D export default class {}", [("default", "", "", "class {}")]),
        ("export default abstract class A {}", [("default", "A", "", "abstract class A {}")]),
        ("export default interface A {}", [("default", "A", "", "interface A {}")]),
        ("export default { a: 1 }", [("default", "", "", "{ a: 1 }")]),
        ('export default "a"', [("default", "", "", "a")]),
        ("export = a", [("default", "a", "", "a")]),
        ("export = { a, b: 1 }", [("default", "", "", "{ a, b: 1 }"), ("a", "a", "", "a"), ("b", "", "", "1")]),
        ("export import a = b.c", [("a", "a", "", "")]),
        ("export as namespace a", []),
        ('declare module "m" { export const a: B; export default a }', []),
    ],
)
def test_exports(source: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert exports(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("module.exports = a", [("default", "a", "", "a")]),
        ("module.exports = f()", [("default", "", "", "f()")]),
        ("module.exports = class A {}", [("default", "A", "", "class A {}")]),
        (
            'module.exports = { a, b: c, "d-e": f(), [g]: 1, h() {} }',
            [
                ("default", "", "", '{ a, b: c, "d-e": f(), [g]: 1, h() {} }'),
                ("a", "a", "", "a"),
                ("b", "c", "", "c"),
                ("d-e", "", "", "f()"),
                ("h", "", "", "h() {}"),
            ],
        ),
        (
            'module.exports = { ...require("./a") }',
            [("default", "", "", '{ ...require("./a") }'), ("*", "", "./a", "")],
        ),
        ('module.exports = require("./a")', [("*", "", "./a", ""), ("default", "", "", 'require("./a")')]),
        ("module.exports.a = b", [("a", "b", "", "b")]),
        ("exports.a = () => 1", [("a", "", "", "() => 1")]),
        ("exports.a = exports.b = c", [("a", "c", "", "c"), ("b", "c", "", "c")]),
        ("exports = module.exports = a", [("default", "a", "", "a")]),
        ("exports.a = void 0; exports.a = b", [("a", "b", "", "b")]),
        ("exports.a.b = c; module.b = c; exportsOf.a = c; this.exports.a = c", []),
    ],
)
def test_commonjs_exports(source: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert exports(source, "js") == expected


def test_the_default_export_of_a_name_is_a_child_of_export() -> None:
    facts = facts_of("export default a")
    assert facts.interface.exports == (Export("default", "a", "", 2),)
    assert list(facts.body.kinds) == [Kind.MODULE, Kind.EXPORT, Kind.NAME]


def test_names_and_classes_of_the_interface() -> None:
    facts = facts_of(
        """
        import { a } from "m"
        const { b, c: [d] } = a
        export class E extends F { g = 1; constructor(private h: I) { super(); this.j = h } k() {} }
        let l = class { m() {} }
        """
    )
    interface = facts.interface
    assert set(interface.names) == {"b", "d", "E", "l"}
    assert [(cls.name, sorted(cls.members)) for cls in interface.classes.values()] == [
        ("E", ["constructor", "g", "h", "j", "k"]),
        ("", ["m"]),
    ]
