"""Manifests are read from bytes, tolerate what people write, and end on anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dblint.link.manifests import (
    PathMapping,
    ScriptManifests,
    matches_glob,
    read_json,
    read_package,
    read_pnpm_workspace,
    split_package,
)
from dblint.link.manifests_python import read_python_manifests
from dblint.link.paths import ancestors, join, shared_depth


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{\n  // a comment, with a comma\n  "a": [1, 2,],\n}', {"a": [1, 2]}),
        (b'{"paths": {"@/*": ["./src/*"]}, /* "@/*" */ "b": 2 /**/,}', {"paths": {"@/*": ["./src/*"]}, "b": 2}),
        (b'{"a": "// no, \\"comment\\" ,]", }', {"a": '// no, "comment" ,]'}),
        (b'{"a": 1, // last,\n /* , */ }', {"a": 1}),
        (b'{"a": [1, , 2]}', None),
        (b'{"a": "never ends', None),
        (b'{"a": 1 /* never ends', None),
        (b"", None),
        (b"\xff\xfe{", None),
    ],
)
def test_json_as_people_write_it(content: bytes, value: Any) -> None:
    assert read_json(content) == value


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b'"\\"' * 100_000, b"/" * 100_000])
def test_hostile_json_is_none(content: bytes) -> None:
    assert read_json(content) is None


def test_package() -> None:
    package = read_package(
        "packages/store",
        json.dumps(
            {
                "name": "@acme/store",
                "main": "dist/index.js",
                "types": "dist/index.d.ts",
                "source": "src/index.ts",
                "workspaces": {"packages": ["plugins/*"]},
                "dependencies": {"pg": "^8.0.0", "odd": 1},
                "devDependencies": {"pg": "*", "vitest": "^2"},
                "imports": {"#db": "./src/db.ts"},
            }
        ).encode(),
    )
    assert package is not None
    assert package.name == "@acme/store"
    assert package.entries == ("src/index.ts", "dist/index.js", "dist/index.d.ts")
    assert package.dependencies == {"pg": "^8.0.0", "vitest": "^2"}
    assert package.workspaces == ("plugins/*",)
    assert package.imports == {"#db": "./src/db.ts"}
    assert package.exports is None


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"{"])
def test_package_that_is_none(content: bytes) -> None:
    assert read_package("", content) is None


def test_package_with_wrong_kinds_of_values() -> None:
    package = read_package("", b'{"name": 1, "main": [], "workspaces": 3, "imports": [], "dependencies": "x"}')
    assert package is not None
    assert (package.name, package.entries, package.workspaces) == ("", (), ())
    assert (package.imports, package.dependencies) == ({}, {})


@pytest.mark.parametrize(
    ("content", "globs"),
    [
        (
            b"packages:\n  - apps/*\n  - 'packages/*' # ours\n\n  # not this\n  - \"!**/test\"\n",
            ("apps/*", "packages/*", "!**/test"),
        ),
        (b"packages:\n- apps/*\ncatalog:\n  - no\n", ("apps/*",)),
        (b"catalog:\n  a: 1\npackages: [ 'a/*', b ]\n", ("a/*", "b")),
        (b"catalog:\n  packages: 1\n", ()),
        (b"", ()),
    ],
)
def test_pnpm_workspace(content: bytes, globs: tuple[str, ...]) -> None:
    assert read_pnpm_workspace(content) == globs


@pytest.mark.parametrize(
    ("folder", "glob", "matches"),
    [
        ("packages/a", "packages/*", True),
        ("packages/a/b", "packages/*", False),
        ("packages", "packages/*", False),
        ("packages/a/b", "packages/**", True),
        ("packages", "packages/**", True),
        ("a/b/test", "**/test", True),
        ("test", "**/test", True),
        ("packages/plugin-pg", "./packages/plugin-*/", True),
        ("packages/plugin", "packages/plugin-*", False),
        ("packages/a-b-c", "packages/a*b*c", True),
        ("packages/abab", "packages/ab*bab", False),
        ("a/" * 60 + "b", "**/a/" * 20 + "c", False),
    ],
)
def test_workspace_globs(folder: str, glob: str, matches: bool) -> None:
    assert matches_glob(folder, glob) is matches


def test_split_package() -> None:
    assert split_package("pg") == ("pg", "")
    assert split_package("drizzle-orm/pg-core/columns") == ("drizzle-orm", "pg-core/columns")
    assert split_package("@acme/db/generated/client") == ("@acme/db", "generated/client")
    assert split_package("@acme") == ("@acme", "")


def configurations(**files: Any) -> ScriptManifests:
    return ScriptManifests({path: json.dumps(value).encode() for path, value in files["files"].items()})


def test_mapping_of_the_nearest_configuration() -> None:
    manifests = configurations(
        files={
            "tsconfig.json": {"compilerOptions": {"paths": {"@root/*": ["./*"]}}},
            "apps/web/tsconfig.json": {"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["./src/*"]}}},
            "apps/old/jsconfig.json": {"compilerOptions": {"baseUrl": "src"}},
        }
    )
    assert manifests.mappings("apps/web/src/pages") == (
        PathMapping("apps/web", "apps/web", (("@/*", ("apps/web/src/*",)),)),
    )
    assert manifests.mappings("apps/old/src") == (PathMapping("apps/old", "apps/old/src", ()),)
    assert manifests.mappings("packages/a") == (PathMapping("", None, (("@root/*", ("*",)),)),)


def test_inherited_options() -> None:
    manifests = configurations(
        files={
            "tools/package.json": {"name": "@acme/tsconfig"},
            "tools/base.json": {},
            "tools/tsconfig.base.json": {"compilerOptions": {"paths": {"base/*": ["lib/*"]}}},
            "tools/tsconfig.url.json": {"compilerOptions": {"baseUrl": "..", "paths": {"url/*": ["x/*"]}}},
            "a/tsconfig.json": {"extends": "../tools/tsconfig.base"},
            "b/tsconfig.json": {"extends": ["../tools/tsconfig.url.json", "@acme/tsconfig/tsconfig.base.json"]},
            "c/tsconfig.json": {
                "extends": "@acme/tsconfig/missing.json",
                "compilerOptions": {"paths": {"c": ["./c.ts"]}},
            },
            "d/tsconfig.json": {"extends": "./tsconfig.json", "compilerOptions": {"baseUrl": "../.."}},
            "e/tsconfig.json": {"extends": "../f/tsconfig.json"},
            "f/tsconfig.json": {"extends": "../e", "compilerOptions": {"paths": {"~/*": ["${configDir}/src/*"]}}},
        }
    )
    assert manifests.mappings("a") == (PathMapping("a", None, (("base/*", ("tools/lib/*",)),)),)
    # The later configuration wins, and its paths are relative to the inherited baseUrl.
    assert manifests.mappings("b") == (PathMapping("b", "", (("base/*", ("lib/*",)),)),)
    assert manifests.mappings("c") == (PathMapping("c", None, (("c", ("c/c.ts",)),)),)
    assert manifests.mappings("d") == ()  # a baseUrl outside the project
    assert manifests.mappings("e") == (PathMapping("e", None, (("~/*", ("e/src/*",)),)),)


def test_long_chain_of_configurations_ends() -> None:
    files: dict[str, Any] = {f"tsconfig.{i}.json": {"extends": f"./tsconfig.{i + 1}.json"} for i in range(3000)}
    files["tsconfig.3000.json"] = {"compilerOptions": {"baseUrl": "src"}}
    files["tsconfig.json"] = {"extends": "./tsconfig.0.json"}
    assert configurations(files=files).mappings("a/b") == (PathMapping("", "src", ()),)


def test_configuration_that_only_refers_to_others() -> None:
    manifests = configurations(
        files={
            "web/tsconfig.json": {
                "files": [],
                "references": [{"path": "./tsconfig.app.json"}, {"path": "../server"}, 3],
            },
            "web/tsconfig.app.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}},
            "server/tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./lib/*"]}}},
        }
    )
    assert manifests.mappings("web/src") == (PathMapping("web", None, (("@/*", ("web/src/*",)),)),)


def test_order_of_patterns() -> None:
    paths = {"*": ["./types/*"], "@/*": ["./src/*"], "@/db/*": ["./db/*"], "@/db": ["./db/main"]}
    manifests = configurations(files={"tsconfig.json": {"compilerOptions": {"paths": paths}}})
    (mapping,) = manifests.mappings("")
    assert [pattern for pattern, _ in mapping.paths] == ["@/db", "@/db/*", "@/*", "*"]


def test_members_of_workspaces() -> None:
    package = b'{"name": "a"}'
    manifests = ScriptManifests(
        {
            "package.json": b'{"workspaces": ["packages/*", "!packages/old"]}',
            "packages/a/package.json": package,
            "packages/old/package.json": package,
            "examples/a/package.json": package,
            "sub/pnpm-workspace.yaml": b"packages:\n  - libs/**\n",
            "sub/libs/x/y/package.json": package,
            "lerna/lerna.json": b'{"packages": ["modules/*"]}',
            "lerna/modules/m/package.json": package,
            "broken/package.json": b"{",
        }
    )
    assert manifests.members == {"packages/a", "sub/libs/x/y", "lerna/modules/m"}
    assert [package.folder for package in manifests.named["a"]] == [
        "examples/a",
        "lerna/modules/m",
        "packages/a",
        "packages/old",
        "sub/libs/x/y",
    ]


def test_python_roots() -> None:
    manifests = read_python_manifests(
        {
            "a/pyproject.toml": b'[tool.setuptools.package-dir]\n"" = "source"\n"x.y" = "vendor/x/y"\n'
            b'[tool.poetry]\npackages = [{include = "p", from = "poetry"}]\n'
            b'[tool.hatch.build.targets.wheel]\npackages = ["hatch/pkg"]\n'
            b'[tool.pytest.ini_options]\npythonpath = ["tests/support", ".."]\n[tool.mypy]\nmypy_path = "typed:more"\n',
            "b/setup.cfg": b"[options]\npackage_dir =\n    =lib\n[options.packages.find]\nwhere = found\n",
            "c/pytest.ini": b"[pytest]\npythonpath = . helpers\n",
            "d/pyproject.toml": b"[tool.setuptools\n",
            "e/setup.cfg": b"no section\n",
            "f/pyproject.toml": b"a = " + b"[" * 100_000,
        }
    )
    assert manifests.roots == {
        "",
        "a",
        "a/source",
        "a/vendor",
        "a/poetry",
        "a/hatch",
        "a/tests/support",
        "a/typed",
        "a/more",
        "b",
        "b/lib",
        "b/found",
        "c",
        "c/helpers",
        "d",
        "e",
        "f",
    }


def test_python_dependencies() -> None:
    manifests = read_python_manifests(
        {
            "pyproject.toml": b'[project]\nname = "Acme.Shop"\ndependencies = ["Django>=5", "psycopg[binary] ~= 3.2"]\n'
            b'[project.optional-dependencies]\nall = ["acme-shop[web]", "redis"]\n'
            b'[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n',
            "old/pyproject.toml": b'[tool.poetry]\nname = "old"\n[tool.poetry.dependencies]\npython = "^3.11"\n'
            b'SQLAlchemy = "^2"\n[tool.poetry.group.dev.dependencies]\nblack = "*"\n',
            "lib/setup.cfg": b"[metadata]\nname = lib\n[options]\ninstall_requires =\n    alembic>1\n    old\n"
            b"[options.extras_require]\nmysql = mysqlclient\n",
            "requirements/base.txt": b"# all\n-r other.txt\nzope.interface==5 ; python_version > '3'\n",
            "requirements-dev.in": b"Celery[redis]\n",
            "Pipfile": b'[packages]\npeewee = "*"\n[dev-packages]\n"pytest-xdist" = "*"\n',
            "notes.txt": b"flask\n",
        }
    )
    assert manifests.dependencies == {
        "django",
        "psycopg",
        "redis",
        "pytest",
        "python",
        "sqlalchemy",
        "black",
        "alembic",
        "mysqlclient",
        "zope_interface",
        "celery",
        "peewee",
        "pytest_xdist",
    }


def test_paths() -> None:
    assert join("a/b", "../c/./d.ts") == "a/c/d.ts"
    assert join("", "./x") == "x"
    assert join("a", "..") == ""
    assert join("a", "../../b") is None
    assert list(ancestors("a/b")) == ["a/b", "a", ""]
    assert shared_depth("a/b/c", "a/b/d") == 2
