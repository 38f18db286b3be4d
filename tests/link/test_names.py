"""Names are followed from file to file: imports, re-exports, packages, aliases, and what lies outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dblint.facts.tree import Builder, Export, FileFacts, Import, Interface, Kind, Role
from dblint.frontends.extract import extract
from dblint.link.names import Definition, External, Module, Names, Target


class Source:
    """A file that is built by hand: what its interface says, over a tree that has just these nodes."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.builder = Builder()
        self.parents = [self.builder.open(Kind.MODULE, Role.NONE, -1, 0, 0)]
        self.imports: list[Import] = []
        self.exports: list[Export] = []
        self.names: dict[str, tuple[int, ...]] = {}

    def node(self, kind: int, role: int = Role.BODY, value: str = "") -> int:
        node = self.builder.open(kind, role, self.parents[-1], 0, 0, value)
        self.builder.close(node)
        return node

    def enter(self, kind: int, role: int = Role.BODY, value: str = "") -> int:
        node = self.builder.open(kind, role, self.parents[-1], 0, 0, value)
        self.parents.append(node)
        return node

    def leave(self) -> None:
        self.builder.close(self.parents.pop())

    def define(self, *names: str, kind: int = Kind.FUNCTION) -> Source:
        for name in names:
            self.names[name] = (*self.names.get(name, ()), self.node(kind, value=name))
        return self

    def imports_from(self, module: str, *names: str) -> Source:
        """`name`, `name as local`, `* as local`, or `*`."""
        node = self.node(Kind.IMPORT)
        for written in names:
            name, _, local = written.partition(" as ")
            self.imports.append(Import(module, name, local or ("" if name == "*" else name), node))
        return self

    def imports_module(self, module: str, local: str) -> Source:
        self.imports.append(Import(module, "", local, self.node(Kind.IMPORT)))
        return self

    def exports_own(self, *names: str) -> Source:
        """`name`, or `local as name`."""
        for written in names:
            local, _, name = written.partition(" as ")
            self.exports.append(Export(name or local, local))
        return self

    def exports_from(self, module: str, *names: str) -> Source:
        """`name`, `local as name`, `* as name`, or `*`."""
        for written in names:
            local, _, name = written.partition(" as ")
            self.exports.append(Export(name or local, "" if written == "*" else local, module))
        return self

    def lists_public(self, *names: str) -> Source:
        """`__all__ = [...]`."""
        node = self.enter(Kind.ASSIGN)
        self.node(Kind.NAME, Role.TARGET, "__all__")
        self.enter(Kind.LIST, Role.VALUE)
        for name in names:
            self.node(Kind.STRING, Role.ELEMENT, name)
        self.leave()
        self.leave()
        self.names["__all__"] = (*self.names.get("__all__", ()), node)
        return self

    def facts(self, path: str) -> FileFacts:
        while self.parents:
            self.leave()
        interface = Interface(tuple(self.imports), tuple(self.exports), self.names)
        return FileFacts(path, self.language, interface, self.builder.finish())


def py() -> Source:
    return Source("python")


def ts() -> Source:
    return Source("typescript")


def names_of(
    files: Mapping[str, Source],
    manifests: Mapping[str, Any] | None = None,
    generated: Mapping[str, str] | None = None,
) -> Names:
    contents = {
        path: value if isinstance(value, bytes) else json.dumps(value).encode()
        for path, value in (manifests or {}).items()
    }
    return Names({path: source.facts(path) for path, source in files.items()}, contents, generated or {})


def node(name: str) -> External:
    module, _, inner = name.partition("#")
    return External(module, inner, "node")


def modules(names: Names, importer: str, *written: str) -> list[str | External | None]:
    return [names.module(importer, module) for module in written]


class TestExternal:
    def test_path_of_python(self) -> None:
        assert External("django.db", "models").path == "django.db.models"
        assert External("django.db", "models").attribute("QuerySet") == External("django.db.models", "QuerySet")
        assert External("redis").attribute("Redis").path == "redis.Redis"

    def test_path_of_javascript(self) -> None:
        assert node("pg").path == "pg"
        assert node("pg").attribute("Pool").path == "pg#Pool"
        assert node("pg#default").attribute("Pool").path == "pg#default.Pool"


class TestPythonModules:
    def test_absolute_and_relative(self) -> None:
        names = names_of(
            {
                "shop/__init__.py": py(),
                "shop/models.py": py(),
                "shop/orders/__init__.py": py(),
                "shop/orders/views.py": py(),
                "shop/orders/forms.py": py(),
            }
        )
        assert modules(
            names,
            "shop/orders/views.py",
            "shop.models",
            "shop",
            ".forms",
            ".",
            "..models",
            "..",
            "...",
            ".missing",
            "....",
        ) == [
            "shop/models.py",
            "shop/__init__.py",
            "shop/orders/forms.py",
            "shop/orders/__init__.py",
            "shop/models.py",
            "shop/__init__.py",
            "/",
            None,
            None,
        ]
        assert modules(names, "shop/__init__.py", ".models", ".orders.views", "django.db") == [
            "shop/models.py",
            "shop/orders/views.py",
            External("django.db"),
        ]

    def test_package_before_module_before_stub(self) -> None:
        names = names_of(
            {"main.py": py(), "a.py": py(), "a/__init__.py": py(), "b.pyi": py(), "b.py": py(), "c.pyi": py()}
        )
        assert modules(names, "main.py", "a", "b", "c") == ["a/__init__.py", "b.py", "c.pyi"]

    def test_folder_without_init(self) -> None:
        names = names_of({"app/sub/thing.py": py(), "main.py": py()})
        assert modules(names, "main.py", "app", "app.sub", "app.sub.thing", "app.sub.other") == [
            "app/",
            "app/sub/",
            "app/sub/thing.py",
            External("app.sub.other"),
        ]
        assert names.export("app/", "sub") == Module("app/sub/")
        assert names.export("app/sub/", "thing") == Module("app/sub/thing.py")
        assert names.export("app/sub/", "other") is None

    def test_nearest_root_first(self) -> None:
        names = names_of(
            {
                "one/manage.py": py(),
                "one/core/__init__.py": py(),
                "one/core/models.py": py(),
                "two/manage.py": py(),
                "two/core/__init__.py": py(),
                "two/core/models.py": py(),
                "two/extra/__init__.py": py(),
            }
        )
        assert names.module("one/core/models.py", "core.models") == "one/core/models.py"
        assert names.module("two/core/models.py", "core.models") == "two/core/models.py"
        assert names.module("one/core/models.py", "extra") == "two/extra/__init__.py"

    def test_declared_source_folder(self) -> None:
        files = {
            "lib/store/__init__.py": py(),
            "tests/test_store.py": py(),
            "src/cli.py": py(),
            "plain/x/__init__.py": py(),
        }
        manifests = {"pyproject.toml": b'[tool.setuptools.package-dir]\n"" = "lib"\n'}
        names = names_of(files, manifests)
        assert modules(names, "tests/test_store.py", "store", "cli", "x") == [
            "lib/store/__init__.py",
            "src/cli.py",
            External("x"),
        ]
        assert names_of(files).module("tests/test_store.py", "store") == External("store")
        assert names_of(files).module("lib/store/__init__.py", "store") == "lib/store/__init__.py"

    def test_module_beside_a_script(self) -> None:
        names = names_of(
            {
                "tools/run.py": py(),
                "tools/helpers.py": py(),
                "app/__init__.py": py(),
                "app/a.py": py(),
                "app/b.py": py(),
            }
        )
        assert names.module("tools/run.py", "helpers") == "tools/helpers.py"
        assert names.module("app/a.py", "b") == External("b")  # inside a package nothing is found beside

    def test_libraries_are_not_shadowed(self) -> None:
        manifests = {"pyproject.toml": b'[project]\nname = "shop"\ndependencies = ["redis", "alembic"]\n'}
        files = {
            "backend/app/redis.py": py(),
            "backend/app/main.py": py(),
            "backend/app/types.py": py(),
            "backend/app/other.py": py(),
            "alembic/versions/one.py": py(),
            "tests/celery/__init__.py": py(),
            "tests/celery/test_a.py": py(),
            "tests/test_b.py": py(),
            "redis.py": py(),
        }
        names = names_of(files, manifests)
        # `redis.py` beside the importer is most likely imported as `backend.app.redis`; the one at the root is found.
        assert modules(names, "backend/app/main.py", "types", "other", "redis") == [
            External("types"),
            "backend/app/other.py",
            "redis.py",
        ]
        assert names.module("redis.py", "redis") == External("redis")
        assert names.module("backend/app/redis.py", "backend.app.redis") == "backend/app/redis.py"
        assert names.module("backend/app/main.py", "alembic") == External("alembic")
        assert names.module("backend/app/main.py", "alembic.versions.one") == "alembic/versions/one.py"
        assert names.module("backend/app/main.py", "celery") == External("celery")
        assert names.module("tests/test_b.py", "celery") == "tests/celery/__init__.py"

    def test_folder_that_hides_an_undeclared_library(self) -> None:
        names = names_of(
            {
                "alembic/env.py": py(),
                "main.py": py().imports_from("alembic", "op", "env").imports_module("alembic", "alembic"),
            }
        )
        assert names.binding("main.py", "op") == External("alembic", "op")
        assert names.binding("main.py", "env") == Module("alembic/env.py")
        assert names.attribute(Module("alembic/"), "context") == External("alembic", "context")

    def test_generated_package(self) -> None:
        names = names_of({"app/__init__.py": py(), "app/a.py": py()}, generated={"app/client": "prisma"})
        assert modules(names, "app/a.py", ".client", ".client.models", "app.client") == [External("prisma")] * 3


class TestPythonNames:
    def test_two_spellings_of_a_library(self) -> None:
        source = (
            py()
            .imports_module("django.db.models", "m")
            .imports_from("django.db", "models")
            .imports_module("django", "django")
        )
        names = names_of({"a.py": source})
        assert names.binding("a.py", "m") == names.binding("a.py", "models") == External("django.db", "models")
        django = names.binding("a.py", "django")
        assert django == External("django")
        db = names.attribute(django, "db")
        assert db is not None
        assert names.attribute(db, "models") == External("django.db", "models")

    def test_through_packages(self) -> None:
        names = names_of(
            {
                "shop/__init__.py": py(),
                "shop/models/__init__.py": py().imports_from(".order", "Order").imports_from(".base", "Base as Root"),
                "shop/models/order.py": py().define("Order", kind=Kind.CLASS),
                "shop/models/base.py": py().define("Base", kind=Kind.CLASS),
                "shop/views.py": py()
                .imports_from("shop", "models as m")
                .imports_from("shop.models", "Order", "Root", "order"),
                "main.py": py().imports_module("shop", "shop"),
            }
        )
        order = Definition("shop/models/order.py", "Order", (1,))
        assert names.binding("shop/views.py", "Order") == order
        assert names.binding("shop/views.py", "Root") == Definition("shop/models/base.py", "Base", (1,))
        assert names.binding("shop/views.py", "m") == Module("shop/models/__init__.py")
        assert names.binding("shop/views.py", "order") == Module("shop/models/order.py")
        assert names.binding("shop/views.py", "missing") is None
        target: Target | None = names.binding("main.py", "shop")
        for name in ("models", "order", "Order"):
            assert target is not None
            target = names.attribute(target, name)
        assert target == order
        assert names.attribute(order, "objects") is None

    def test_package_name_before_submodule(self) -> None:
        files = {"p/__init__.py": py().imports_from(".run", "run"), "p/run.py": py().define("run")}
        assert names_of(files).export("p/__init__.py", "run") == Definition("p/run.py", "run", (1,))
        files = {"p/__init__.py": py().imports_from(".", "run"), "p/run.py": py().define("run")}
        assert names_of(files).export("p/__init__.py", "run") == Module("p/run.py")
        assert names_of(files).binding("p/__init__.py", "run") == Module("p/run.py")

    def test_all_bindings_are_given(self) -> None:
        names = names_of({"a.py": py().imports_from("lib", "f").define("f", "g", "f")})
        assert names.binding("a.py", "f") == Definition("a.py", "f", (2, 4))

    def test_star_imports(self) -> None:
        names = names_of(
            {
                "s/__init__.py": py(),
                "s/base.py": py().define("DEBUG", "_secret").imports_from("os", "path"),
                "s/extra.py": py().define("DEBUG", "CACHES", "_hidden").lists_public("CACHES", "_hidden"),
                "s/local.py": py().imports_from(".base", "*").imports_from(".extra", "*"),
                "s/twice.py": py().imports_from(".local", "*"),
            }
        )
        assert names.binding("s/twice.py", "DEBUG") == Definition("s/base.py", "DEBUG", (1,))
        assert names.export("s/twice.py", "CACHES") == Definition("s/extra.py", "CACHES", (2,))
        assert names.binding("s/local.py", "_hidden") == Definition("s/extra.py", "_hidden", (3,))
        assert names.binding("s/twice.py", "_hidden") is None
        assert names.binding("s/local.py", "_secret") is None
        assert names.binding("s/local.py", "path") == External("os", "path")

    def test_later_star_import_wins(self) -> None:
        names = names_of(
            {
                "a.py": py().define("f"),
                "b.py": py().define("f"),
                "c.py": py().imports_from("a", "*").imports_from("b", "*"),
            }
        )
        assert names.binding("c.py", "f") == Definition("b.py", "f", (1,))

    def test_public_list_that_cannot_be_read(self) -> None:
        extra = py().define("f", "g").lists_public("f")
        extra.enter(Kind.ASSIGN, value="+")
        extra.node(Kind.ATTRIBUTE, Role.VALUE, "__all__")
        extra.leave()
        extra.names["__all__"] = (*extra.names["__all__"], 6)
        names = names_of({"extra.py": extra, "a.py": py().imports_from("extra", "*")})
        assert names.binding("a.py", "g") == Definition("extra.py", "g", (2,))

    def test_star_import_of_a_library(self) -> None:
        names = names_of(
            {
                "a.py": py().imports_from("django.db.models", "*").imports_from("local", "*"),
                "local.py": py().define("mine"),
            }
        )
        assert names.binding("a.py", "Q") == External("django.db.models", "Q")
        assert names.export("a.py", "Q") == External("django.db.models", "Q")
        assert names.binding("a.py", "mine") == Definition("local.py", "mine", (1,))
        assert names.binding("a.py", "len") is None
        assert names.binding("a.py", "_private") is None

    def test_import_in_a_function_is_no_module_level_name(self) -> None:
        source = py()
        source.enter(Kind.FUNCTION, value="f")
        source.enter(Kind.BLOCK)
        source.imports_from("lib", "helper")
        source.leave()
        source.leave()
        names = names_of({"a.py": source, "lib.py": py().define("helper")})
        assert names.binding("a.py", "helper") is None
        assert names.imported("a.py", source.imports[0]) == Definition("lib.py", "helper", (1,))

    def test_what_replaces_a_failed_import(self) -> None:
        source = py()
        source.enter(Kind.TRY)
        source.enter(Kind.BLOCK)
        source.imports_from("fast", "load", "dump", "only")
        source.leave()
        source.enter(Kind.CATCH, Role.CATCH)
        source.enter(Kind.BLOCK)
        source.imports_from("slow", "load")
        source.define("dump", kind=Kind.ASSIGN)
        source.define("other")
        source.leave()
        source.leave()
        source.leave()
        names = names_of({"a.py": source})
        assert names.binding("a.py", "load") == External("fast", "load")
        assert names.binding("a.py", "dump") == External("fast", "dump")
        assert names.binding("a.py", "other") == Definition("a.py", "other", (8,))

    def test_what_replaces_an_import_that_leads_nowhere(self) -> None:
        source = py()
        source.enter(Kind.IF)
        source.imports_from(".missing", "f")
        source.enter(Kind.BLOCK, Role.ELSE)
        source.define("f")
        source.leave()
        source.leave()
        names = names_of({"a.py": source})
        assert names.binding("a.py", "f") == Definition("a.py", "f", (4,))

    def test_circles_end(self) -> None:
        names = names_of(
            {
                "a.py": py().imports_from("b", "x", "*"),
                "b.py": py().imports_from("a", "x", "*").imports_module("a", "a"),
            }
        )
        assert names.binding("a.py", "x") is None
        assert names.export("b.py", "y") is None
        assert names.binding("b.py", "a") == Module("a.py")

    def test_long_chain(self) -> None:
        files = {f"m{i}.py": py().imports_from(f"m{i + 1}", "f") for i in range(5000)}
        files["m5000.py"] = py().define("f")
        assert names_of(files).binding("m0.py", "f") == Definition("m5000.py", "f", (1,))


class TestScriptModules:
    def test_relative(self) -> None:
        names = names_of(
            {
                "src/a.ts": ts(),
                "src/b.tsx": ts(),
                "src/c/index.ts": ts(),
                "src/d.js": ts(),
                "src/d.d.ts": ts(),
                "src/e.d.ts": ts(),
                "src/f.server.ts": ts(),
                "src/g.mts": ts(),
                "src/h.ts": ts(),
                "src/h/index.ts": ts(),
                "src/index.ts": ts(),
            }
        )
        assert modules(
            names, "src/a.ts", "./b", "./c", "./c/index", "./d", "./e", "./f.server", "./g.mjs", "./b.js"
        ) == [
            "src/b.tsx",
            "src/c/index.ts",
            "src/c/index.ts",
            "src/d.js",
            "src/e.d.ts",
            "src/f.server.ts",
            "src/g.mts",
            "src/b.tsx",
        ]
        assert modules(names, "src/c/index.ts", "..", "../", ".", "../h", "../h/", "../h.ts", "../../src/a.js") == [
            "src/index.ts",
            "src/index.ts",
            "src/c/index.ts",
            "src/h.ts",
            "src/h/index.ts",
            "src/h.ts",
            "src/a.ts",
        ]
        assert modules(names, "src/a.ts", "./missing", "./logo.svg", "../../x", "./b?raw") == [None] * 4

    def test_source_is_meant_by_the_name_of_its_output(self) -> None:
        names = names_of({"a.ts": ts(), "b.ts": ts(), "b.js": ts(), "c.js": ts(), "d.cts": ts(), "e.config.ts": ts()})
        assert modules(names, "a.ts", "./b.js", "./c.js", "./d.cjs", "./e.config.js", "./b.ts") == [
            "b.ts",
            "c.js",
            "d.cts",
            "e.config.ts",
            "b.ts",
        ]

    def test_folder_with_a_package(self) -> None:
        names = names_of(
            {"a.ts": ts(), "lib/main.ts": ts(), "lib/index.ts": ts(), "own/index.ts": ts()},
            {"lib/package.json": {"main": "./main"}, "own/package.json": {"main": "."}},
        )
        assert modules(names, "a.ts", "./lib", "./own") == ["lib/main.ts", "own/index.ts"]

    def test_libraries(self) -> None:
        names = names_of({"a.ts": ts()})
        assert modules(names, "a.ts", "pg", "node:fs", "drizzle-orm/pg-core", "@acme/db/client", "#db", "") == [
            node("pg"),
            node("node:fs"),
            node("drizzle-orm/pg-core"),
            node("@acme/db/client"),
            External("#db", "", "node"),
            node(""),
        ]

    def test_path_mappings(self) -> None:
        options = {
            "baseUrl": ".",
            "paths": {"@/*": ["./src/*", "./generated/*"], "db": ["./src/db"], "x/*/y": ["./src/*"]},
        }
        names = names_of(
            {"src/db.ts": ts(), "src/lib/pool.ts": ts(), "generated/api.ts": ts(), "tools/run.ts": ts()},
            {"tsconfig.json": {"compilerOptions": options}, "package.json": {"name": "app"}},
        )
        assert modules(names, "src/db.ts", "@/lib/pool", "@/api", "db", "x/db/y", "tools/run", "src/lib/pool.js") == [
            "src/lib/pool.ts",
            "generated/api.ts",
            "src/db.ts",
            "src/db.ts",
            "tools/run.ts",
            "src/lib/pool.ts",
        ]
        assert modules(names, "src/db.ts", "@/missing", "@/style.css", "pg") == [None, None, node("pg")]

    def test_mapping_to_installed_packages_is_no_path_of_the_project(self) -> None:
        paths = {"*": ["./types/*"], "old/*": ["./node_modules/new/*"]}
        names = names_of(
            {"a.ts": ts(), "types/odd.d.ts": ts()}, {"tsconfig.json": {"compilerOptions": {"paths": paths}}}
        )
        assert modules(names, "a.ts", "odd", "pg", "old/x") == ["types/odd.d.ts", node("pg"), node("old/x")]

    def test_imports_of_a_package(self) -> None:
        package = {
            "imports": {
                "#db": "./src/db.js",
                "#lib/*": {"types": "./dist/*.d.ts", "default": "./src/lib/*.js"},
                "#pg": "pg",
                "#loop": "#loop",
            }
        }
        names = names_of({"src/db.ts": ts(), "src/lib/a.ts": ts()}, {"package.json": package})
        assert modules(names, "src/lib/a.ts", "#db", "#lib/a", "#pg", "#loop", "#other") == [
            "src/db.ts",
            "src/lib/a.ts",
            node("pg"),
            External("#loop", "", "node"),
            External("#other", "", "node"),
        ]

    def test_workspace_packages(self) -> None:
        names = names_of(
            {
                "apps/web/a.ts": ts(),
                "packages/db/src/index.ts": ts(),
                "packages/db/src/client.ts": ts(),
                "packages/ui/index.ts": ts(),
                "packages/ui/forms/field.tsx": ts(),
                "packages/core/src/index.ts": ts(),
                "packages/core/src/shared/a.ts": ts(),
                "packages/plain/src/index.js": ts(),
            },
            {
                "package.json": {"workspaces": ["apps/*", "packages/*"]},
                "apps/web/package.json": {
                    "name": "web",
                    "dependencies": {"@acme/db": "workspace:*", "@acme/core": "1.2.3"},
                },
                "packages/db/package.json": {
                    "name": "@acme/db",
                    "exports": {
                        ".": {"types": "./dist/index.d.ts", "import": "./dist/index.mjs"},
                        "./client": {"import": {"types": "./dist/client.d.mts", "default": "./dist/client.mjs"}},
                    },
                },
                "packages/ui/package.json": {"name": "@acme/ui", "main": "./index.ts"},
                "packages/core/package.json": {
                    "name": "@acme/core",
                    "main": "dist/index.js",
                    "exports": {".": "./dist/esm/index.js", "./lib/*": "./lib/*.js"},
                },
                "packages/plain/package.json": {"name": "plain"},
            },
        )
        assert modules(names, "apps/web/a.ts", "@acme/db", "@acme/db/client", "@acme/ui", "@acme/ui/forms/field") == [
            "packages/db/src/index.ts",
            "packages/db/src/client.ts",
            "packages/ui/index.ts",
            "packages/ui/forms/field.tsx",
        ]
        assert modules(
            names, "apps/web/a.ts", "@acme/core", "@acme/core/lib/shared/a", "plain", "@acme/ui/style.css"
        ) == [
            "packages/core/src/index.ts",
            "packages/core/src/shared/a.ts",
            "packages/plain/src/index.js",
            None,
        ]

    def test_what_a_build_writes(self) -> None:
        names = names_of(
            {
                "p/src/index.ts": ts(),
                "p/src/cli.ts": ts(),
                "p/src/lib/a.ts": ts(),
                "q/a.ts": ts(),
                "p/bin/run.js": ts(),
            },
            {"p/package.json": {"name": "p", "main": "dist/bundle.js"}, "q/package.json": {"name": "q"}},
        )
        assert modules(names, "q/a.ts", "p", "p/lib", "p/dist/esm/cli.js", "p/lib/a", "p/lib/b") == [
            "p/src/index.ts",
            "p/src/index.ts",
            "p/src/cli.ts",
            "p/src/lib/a.ts",
            External("p/lib/b", "", "node"),
        ]
        assert modules(names, "q/a.ts", "../p/dist/cli", "../p/other/cli", "../r/dist/cli") == [
            "p/src/cli.ts",
            None,
            None,
        ]
        assert modules(names, "p/bin/run.js", "../dist/cli", "..") == ["p/src/cli.ts", "p/src/index.ts"]

    def test_options_of_the_package_itself(self) -> None:
        paths = {"@acme/ui/forms": ["./src/forms/public"]}
        names = names_of(
            {"ui/src/forms/public.ts": ts(), "app/a.ts": ts()},
            {
                "ui/package.json": {"name": "@acme/ui", "exports": {".": "./out/index.js"}},
                "ui/tsconfig.json": {"compilerOptions": {"paths": paths}},
                "app/package.json": {"name": "app"},
            },
        )
        assert names.module("app/a.ts", "@acme/ui/forms") == "ui/src/forms/public.ts"

    def test_spelling_of_aliases(self) -> None:
        names = names_of(
            {"src/db/index.ts": ts(), "src/db.ts": ts(), "src/custom.d.ts": ts()},
            {"tsconfig.json": {"compilerOptions": {"baseUrl": "src/", "paths": {"@/*": ["./*"]}}}},
        )
        assert modules(names, "src/db.ts", "@/db", "@/db/", "@//db", "@/db/../db", "/src/db", "./custom.d", "db/") == [
            "src/db.ts",
            "src/db/index.ts",
            "src/db.ts",
            "src/db.ts",
            "src/db.ts",
            "src/custom.d.ts",
            "src/db/index.ts",
        ]

    def test_exports(self) -> None:
        exports = {
            "./*": "./src/*.ts",
            "./a/*": [{"browser": "./src/browser/*.ts", "default": "./src/node/*.ts"}, None],
            "./legacy/": "./src/old/",
            "./types": {"types": "./types.d.ts", "default": "./types.js"},
            "./private/*": None,
        }
        names = names_of(
            {
                "p/src/x.ts": ts(),
                "p/src/browser/y.ts": ts(),
                "p/src/node/y.ts": ts(),
                "p/src/old/z.ts": ts(),
                "p/types.d.ts": ts(),
                "p/types.js": ts(),
                "q/a.ts": ts(),
            },
            {"p/package.json": {"name": "p", "exports": exports}, "q/package.json": {"name": "q"}},
        )
        assert modules(names, "q/a.ts", "p/x", "p/a/y", "p/legacy/z", "p/types") == [
            "p/src/x.ts",
            "p/src/node/y.ts",
            "p/src/old/z.ts",
            "p/types.js",
        ]

    def test_package_of_the_name_of_a_library(self) -> None:
        names = names_of(
            {"examples/pg/index.ts": ts(), "examples/pg/a.ts": ts(), "src/a.ts": ts(), "other/a.ts": ts()},
            {
                "package.json": {"name": "app", "dependencies": {"pg": "^8"}},
                "examples/pg/package.json": {"name": "pg", "dependencies": {"pg": "^8"}},
                "other/package.json": {"name": "other", "dependencies": {"pg": "file:../examples/pg"}},
            },
        )
        assert names.module("src/a.ts", "pg") == node("pg")
        assert names.module("examples/pg/a.ts", "pg") == node("pg")
        assert names.module("other/a.ts", "pg") == "examples/pg/index.ts"

    def test_packages_of_one_name(self) -> None:
        names = names_of(
            {
                "one/api/a.ts": ts(),
                "one/db/index.ts": ts(),
                "two/db/index.ts": ts(),
                "two/api/a.ts": ts(),
                "a.ts": ts(),
            },
            {"one/db/package.json": {"name": "db"}, "two/db/package.json": {"name": "db"}}
            | {f"{folder}/api/package.json": {"name": "api"} for folder in ("one", "two")},
        )
        assert names.module("one/api/a.ts", "db") == "one/db/index.ts"
        assert names.module("two/api/a.ts", "db") == "two/db/index.ts"
        assert names.module("a.ts", "db") == "one/db/index.ts"

    def test_generated_folder(self) -> None:
        names = names_of(
            {"packages/db/index.ts": ts(), "packages/db/generated/client/index.d.ts": ts(), "app/a.ts": ts()},
            {
                "packages/db/package.json": {
                    "name": "@acme/db",
                    "exports": {".": "./index.ts", "./client": "./generated/client"},
                },
                "tsconfig.json": {"compilerOptions": {"paths": {"@db/*": ["./packages/db/*"]}}},
            },
            {"./packages/db/generated/client/": "@prisma/client", "packages/db/generated": "other", "../out": "lost"},
        )
        assert (
            modules(names, "packages/db/index.ts", "./generated/client", "./generated/client/index.js")
            == [node("@prisma/client")] * 2
        )
        assert (
            modules(names, "app/a.ts", "@db/generated/client", "@acme/db/client", "@acme/db/generated/client/enums")
            == [node("@prisma/client")] * 3
        )
        assert names.module("packages/db/index.ts", "./generated/clients") == node("other")
        assert names.module("packages/db/index.ts", "./generate") is None


class TestScriptNames:
    def test_libraries(self) -> None:
        names = names_of(
            {"a.ts": ts().imports_from("pg", "Pool", "default as pg", "* as all").imports_module("knex", "knex")}
        )
        assert names.binding("a.ts", "Pool") == node("pg#Pool")
        assert names.binding("a.ts", "knex") == node("knex")
        namespace, default = names.binding("a.ts", "all"), names.binding("a.ts", "pg")
        assert (namespace, default) == (node("pg"), node("pg#default"))
        assert namespace is not None
        assert names.attribute(namespace, "Pool") == node("pg#Pool")
        assert default is not None
        assert names.attribute(default, "Pool") == node("pg#default.Pool")

    def test_exports(self) -> None:
        names = names_of(
            {
                "a.ts": ts().define("f", "g").exports_own("f", "g as h", "g as default"),
                "b.ts": ts().imports_from("./a", "default as g", "h", "f as ff", "g as hidden", "* as a"),
            }
        )
        g = Definition("a.ts", "g", (2,))
        assert names.binding("b.ts", "g") == names.binding("b.ts", "h") == names.export("a.ts", "default") == g
        assert names.binding("b.ts", "ff") == Definition("a.ts", "f", (1,))
        assert names.binding("b.ts", "hidden") is None
        assert names.export("b.ts", "g") is None
        assert names.binding("b.ts", "a") == Module("a.ts")
        assert names.attribute(Module("a.ts"), "h") == g

    def test_exported_expression(self) -> None:
        call = ts()
        call.exports.append(Export("default", node=call.node(Kind.CALL)))
        name = ts().define("db")
        name.exports.append(Export("default", node=name.node(Kind.NAME, value="db")))
        free = ts()
        free.exports.append(Export("default", node=free.node(Kind.NAME, value="globalThing")))
        names = names_of({"call.ts": call, "name.ts": name, "free.ts": free})
        assert names.export("call.ts", "default") == Definition("call.ts", "default", (1,))
        assert names.export("name.ts", "default") == Definition("name.ts", "db", (1,))
        assert names.export("free.ts", "default") == Definition("free.ts", "default", (1,))

    def test_re_exports(self) -> None:
        names = names_of(
            {
                "index.ts": ts()
                .exports_from("./a", "f", "g as renamed", "default as main")
                .exports_from("./b", "*")
                .exports_from("./c", "* as c")
                .exports_from("pg", "Pool", "* as pg")
                .imports_from("./c", "deep")
                .exports_own("deep as passed"),
                "a.ts": ts().define("f", "g", "h").exports_own("f", "g", "h as default"),
                "b.ts": ts().define("b", "x").exports_own("b", "x as default").exports_from("./c", "*"),
                "c.ts": ts().define("deep").exports_own("deep"),
                "use.ts": ts().imports_from(".", "deep", "b"),
            }
        )
        deep = Definition("c.ts", "deep", (1,))
        assert {name: names.export("index.ts", name) for name in ("f", "renamed", "main", "b", "c", "Pool", "pg")} == {
            "f": Definition("a.ts", "f", (1,)),
            "renamed": Definition("a.ts", "g", (2,)),
            "main": Definition("a.ts", "h", (3,)),
            "b": Definition("b.ts", "b", (1,)),
            "c": Module("c.ts"),
            "Pool": node("pg#Pool"),
            "pg": node("pg"),
        }
        assert names.export("index.ts", "deep") == names.export("index.ts", "passed") == deep
        assert names.binding("use.ts", "deep") == deep
        assert names.export("index.ts", "x") is None

    def test_stars_do_not_pass_the_default_on(self) -> None:
        names = names_of(
            {"a.ts": ts().exports_from("./b", "*"), "b.ts": ts().define("x").exports_own("x as default", "x")}
        )
        assert names.export("a.ts", "default") == Module("a.ts")
        assert names.export("a.ts", "x") == Definition("b.ts", "x", (1,))

    def test_star_of_a_library_comes_last(self) -> None:
        names = names_of(
            {
                "index.ts": ts()
                .exports_from("./missing", "*")
                .exports_from("@prisma/client", "*")
                .exports_from("./own", "*"),
                "own.ts": ts().define("prisma").exports_own("prisma"),
                "outer.ts": ts().exports_from("./index", "*"),
            }
        )
        assert names.export("outer.ts", "prisma") == Definition("own.ts", "prisma", (1,))
        assert names.export("outer.ts", "PrismaClient") == node("@prisma/client#PrismaClient")

    def test_file_without_default_export_is_its_own(self) -> None:
        names = names_of({"a.js": Source("javascript").define("f").exports_own("f"), "b.ts": ts().define("f")})
        assert names.export("a.js", "default") == Module("a.js")
        assert names.export("b.ts", "default") is None

    def test_types_beside_javascript(self) -> None:
        names = names_of(
            {
                "a.js": Source("javascript").define("run").exports_own("run"),
                "a.d.ts": ts().define("run", "Options").exports_own("run", "Options"),
                "b.ts": ts().imports_from("./a.js", "run", "Options"),
            }
        )
        assert names.binding("b.ts", "run") == Definition("a.js", "run", (1,))
        assert names.binding("b.ts", "Options") == Definition("a.d.ts", "Options", (2,))

    def test_circles_end(self) -> None:
        names = names_of(
            {
                "a.ts": ts().exports_from("./b", "*", "x"),
                "b.ts": ts().exports_from("./a", "*", "x").exports_from("./b", "*"),
            }
        )
        assert names.export("a.ts", "x") is None
        assert names.export("b.ts", "y") is None

    def test_long_chains(self) -> None:
        files = {f"m{i}.ts": ts().exports_from(f"./m{i + 1}", "f") for i in range(3000)}
        files |= {f"s{i}.ts": ts().exports_from(f"./s{i + 1}", "*") for i in range(3000)}
        files |= {"m3000.ts": ts().define("f").exports_own("f"), "s3000.ts": ts().define("g").exports_own("g")}
        names = names_of(files)
        assert names.export("m0.ts", "f") == Definition("m3000.ts", "f", (1,))
        assert names.export("s0.ts", "g") == Definition("s3000.ts", "g", (1,))

    def test_commonjs(self) -> None:
        files = {
            "value.js": "class Pool {}\nmodule.exports = Pool",
            "created.js": "module.exports = new Pool()",
            "object.js": "function query() {}\nmodule.exports = { query, run: (x) => x, ...require('./members') }",
            "members.js": "exports.close = function () {}\nfunction open() {}\nmodule.exports.open = open",
            "passed.js": "module.exports = require('./value')",
            "outside.js": "module.exports = require('pg')",
            "both.ts": "const shared = 1\nexport = shared",
            "use.js": "const Value = require('./value')\nconst created = require('./created')\n"
            "const object = require('./object')\nconst { query, close, run: start } = require('./object')\n"
            "const { open } = require('./members')\nconst members = require('./members')\n"
            "const passed = require('./passed')\nconst { Client } = require('./outside')\nconst pg = require('pg')\n"
            "const { Pool } = require('pg')\nconst open2 = require('./members').open\n"
            "let late = require('pg')\nlate = 1\n",
            "use.ts": "import Value from './value'\nimport * as object from './object'\n"
            "import shared = require('./both')\n"
            "import whole from './object'\nimport members from './members'\n",
        }
        facts = {path: extract(text.encode(), path) for path, text in files.items()}
        names = Names(facts, {}, {})

        def own(path: str, name: str) -> Definition:
            return Definition(path, name, facts[path].interface.names[name])

        def exported(path: str, name: str) -> Definition:
            (export,) = (one for one in facts[path].interface.exports if one.name == name)
            return Definition(path, name, (export.node,))

        def bound(path: str, *wanted: str) -> dict[str, Target | None]:
            return {name: names.binding(path, name) for name in wanted}

        assert bound("use.js", "Value", "created", "object", "query", "close", "start") == {
            "Value": own("value.js", "Pool"),
            "created": exported("created.js", "default"),
            "object": Module("object.js"),
            "query": own("object.js", "query"),
            "close": exported("members.js", "close"),
            "start": exported("object.js", "run"),
        }
        assert bound("use.js", "open", "members", "passed", "Client", "pg", "Pool", "open2") == {
            "open": own("members.js", "open"),
            "members": Module("members.js"),
            "passed": own("value.js", "Pool"),
            "Client": node("pg#Client"),
            "pg": node("pg"),
            "Pool": node("pg#Pool"),
            "open2": own("members.js", "open"),
        }
        assert names.binding("use.js", "late") == own("use.js", "late")  # assigned again after the import
        assert bound("use.ts", "Value", "object", "shared", "whole", "members") == {
            "Value": own("value.js", "Pool"),
            "object": Module("object.js"),
            "shared": own("both.ts", "shared"),
            "whole": Module("object.js"),
            "members": Module("members.js"),
        }
        assert names.attribute(Module("object.js"), "query") == own("object.js", "query")

    def test_import_in_a_function(self) -> None:
        source = ts()
        source.enter(Kind.FUNCTION, value="load")
        source.imports_from("./a", "f")
        source.leave()
        names = names_of({"a.ts": ts().define("f").exports_own("f"), "b.ts": source})
        assert names.binding("b.ts", "f") is None
        assert names.imported("b.ts", source.imports[0]) == Definition("a.ts", "f", (1,))


@pytest.mark.parametrize("reverse", [False, True])
def test_answers_do_not_depend_on_the_order_of_files(reverse: bool) -> None:
    files = {
        "x/manage.py": py(),
        "x/core/__init__.py": py(),
        "y/manage.py": py(),
        "y/core/__init__.py": py(),
        "z.py": py().imports_module("core", "core"),
        "a/index.ts": ts(),
        "b/index.ts": ts(),
        "c.ts": ts().imports_module("shared", "shared"),
    }
    packages = {"a/package.json": {"name": "shared"}, "b/package.json": {"name": "shared"}}
    ordered = dict(reversed(files.items())) if reverse else files
    names = names_of(ordered, dict(reversed(packages.items())) if reverse else packages)
    assert names.binding("z.py", "core") == Module("x/core/__init__.py")
    assert names.binding("c.ts", "shared") == Module("a/index.ts")


_WORDS = st.sampled_from(
    ["", ".", "./*", "./src/*", "*", "@/*", "./a", "../x", "a", "@acme/a", "#a", "default", "types", "/", "~"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)
_PACKAGES = st.dictionaries(
    st.sampled_from(["name", "main", "types", "exports", "imports", "workspaces", "dependencies"]), _VALUES
)
_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "extends": _VALUES,
        "references": _VALUES,
        "compilerOptions": st.dictionaries(st.sampled_from(["paths", "baseUrl"]), _VALUES),
    },
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(_PACKAGES, _VALUES), _PACKAGES, st.one_of(_OPTIONS, _VALUES), _OPTIONS)
def test_any_manifest_leaves_an_answer(root: Any, inner: Any, options: Any, inner_options: Any) -> None:
    files = {"a/a.ts": ts(), "a/index.ts": ts(), "src/b.ts": ts(), "a/c.py": py()}
    manifests = {
        "package.json": root,
        "a/package.json": inner,
        "tsconfig.json": options,
        "a/tsconfig.json": inner_options,
    }
    names = names_of(files, manifests)
    for importer in ("a/a.ts", "src/b.ts"):
        for module in ("a", "@acme/a", "@acme/a/b", "#a", "#b", "@/b", "./a", "..", "", "/", "*", "@", "a/./b/"):
            found = names.module(importer, module)
            assert found is None or isinstance(found, External) or found in files
