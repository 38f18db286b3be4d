"""What the first bytes of a file say of its role, beside its folder and its name.

A product has features that are called "third party" or "migrations"; their files import from the product around them,
or hold none of what a migration is made of. What begins with the import of a framework of tests is one, or helps them.
"""

from __future__ import annotations

import posixpath
import re

THIRD_PARTY = ("third_party", "third-party", "thirdparty")
"""Folders of copies, which are also what a feature of a product may be called."""
COMMANDS = "management/commands/"
"""Where Django looks for commands: by their names, they are no tests."""

_RELATIVE_PYTHON = re.compile(r"^[ \t]*from[ \t]+(\.+)", re.MULTILINE)
_ABSOLUTE_PYTHON = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*(?:\.\w+)*)", re.MULTILINE)
_SCRIPT = re.compile(r"""(?:\bfrom|\bimport|\brequire\(|\bimport\()[ \t]*(['"])([^'"\n]+)\1""")
_ALIASES = ("@/", "~/", "#/", "src/", "app/")
"""How imports from the root of a project's own source begin."""
_SOURCES = frozenset({"src", "lib", "libs", "source", "static", "public"})

_VERSION = re.compile(r"v?\d+(?:\.\d+)+")
_DATED = re.compile(
    r"^(?:module\.exports\s*=|export\s+default)\s*\{\s*(?:(?:\w+\s*:[^\n{}]*,|//[^\n]*)\s*)*?timestamp\s*:",
    re.MULTILINE,
)
_DOES = re.compile(r"^\s*(?:async\s+)?(?:method|migrate|run|up)\s*[(:]", re.MULTILINE)
_UP = re.compile(r"exports\.up\s*=|export\s+(?:async\s+)?(?:function|const)\s+up\b|module\.exports\s*=\s*\{[^}]*\bup\b")
_DOWN_REVISION = re.compile(r"^down_revision\b[^=\n]*=", re.MULTILINE)
_REVISION = re.compile(
    r"^class\s+Migration\b|\bmigrations\.Migration\b|^(?:down_)?revision\b[^=\n]*=|^__depends__\s*="
    r"|^from\s+yoyo\s+import|\bdef\s+(?:migrate|rollback)\(\s*migrator\b"
    r"|\b(?:create|alter|drop|rename|truncate)\s+(?:unique\s+)?(?:table|index|view|type|schema|sequence|column)\b",
    re.MULTILINE | re.IGNORECASE,
)
"""What a migration of some tool is made of, or the statements of one that needs no tool."""
_ENVIRONMENT = re.compile(r"^\s*(?:from|import)\s+alembic\b", re.MULTILINE)
_COMMENT_LINE = re.compile(r"#.*")
_DOCSTRING = re.compile(r"""\A\s*[rRbBuU]?("{3}|'{3})(?:.|\n)*?\1""")


_TESTING = frozenset({"vitest", "@jest/globals"})
_SCRIPT_TOP = re.compile(
    r"""\s*(?:/\*.*?\*/|//[^\n]*|;|(['"])use \w+\1|import\b\s*(type\b)?[^'"`;()]*?(['"])([^'"\n]+)\3)""", re.DOTALL
)
"""A comment, a directive or an import, with whether it takes only types, and its module."""
_LONG_STRING = re.compile(r"""("{3}|'{3}).*?(?:\1|\Z)""", re.DOTALL)
_PYTEST = re.compile(r"^(?:import|from)[ \t]+pytest\b", re.MULTILINE)
_PYTEST_USED = re.compile(r"^(?:@pytest\.|(?:async[ \t]+)?def test_|class Test)", re.MULTILINE)
_FACTORY = re.compile(r"^(?:import|from)[ \t]+factory\b", re.MULTILINE)
_FACTORY_USED = re.compile(
    r"^class \w+\([^)]*\b(?:DjangoModel|SQLAlchemyModel|MongoEngine)Factory\b"
    r"|\bfactory\.(?:Faker|Sequence|LazyAttribute|LazyFunction|SubFactory|RelatedFactory|Iterator|post_generation|fuzzy)\b",
    re.MULTILINE,
)
"""What factory_boy is used for; a module of the project may have its name."""


def tested_with(name: str, head: str) -> str:
    """The framework or the factory of tests that a file imports at its top, and that is for tests alone; "" for none.
    One that it only mentions, or takes types of, says nothing."""
    if name.endswith((".py", ".pyi")):
        if "pytest" not in head and "factory" not in head:  # most files, and their strings are not looked for
            return ""
        text = _LONG_STRING.sub("", head)
        if _PYTEST.search(text) and _PYTEST_USED.search(text):
            return "pytest"
        return "factory" if _FACTORY.search(text) and _FACTORY_USED.search(text) else ""
    top = _SCRIPT_TOP.match(head.removeprefix("\ufeff"))
    while top is not None:
        if top.group(4) in _TESTING and not top.group(2):
            return top.group(4)
        top = _SCRIPT_TOP.match(top.string, top.end())
    return ""


def is_own(folders: list[str], name: str, head: str) -> bool:
    """Whether a file below a folder of `THIRD_PARTY` is the project's own: it is called like the folder, or imports
    from outside of it, or the folder stands deep inside of a package and holds no folder per copy."""
    at = next(index for index, folder in enumerate(folders) if folder in THIRD_PARTY)
    stem = re.sub(r"[-_]", "", name.partition(".")[0])
    if stem.startswith("thirdpart"):
        return True
    before, below = folders[:at], folders[at + 1 :]
    outside = _python_outside if name.endswith((".py", ".pyi")) else _script_outside
    if outside(before, below, head):
        return True
    deep = len([folder for folder in before if folder not in _SOURCES]) > 2
    return deep and not below


def _python_outside(before: list[str], below: list[str], head: str) -> bool:
    # One dot is the file's own package.
    if any(len(match.group(1)) - 1 > len(below) for match in _RELATIVE_PYTHON.finditer(head)):
        return True
    for match in _ABSOLUTE_PYTHON.finditer(head):
        words = match.group(1).lower().split(".")
        if words[0] in before and not set(words) & set(THIRD_PARTY):
            return True
    return False


def _script_outside(before: list[str], below: list[str], head: str) -> bool:  # noqa: ARG001 - paths name no package
    for match in _SCRIPT.finditer(head):
        module = match.group(2).lower()
        if module.startswith(_ALIASES):
            if not any(name in module for name in THIRD_PARTY):
                return True
        elif module.startswith("."):
            inside = posixpath.normpath(posixpath.join("/".join(("x", *below)), module))
            if not inside.startswith("x"):
                return True
    return False


def is_revision(folder: str, name: str, head: str) -> bool:
    """Whether a Python file is a revision of Alembic in a folder whose name says so only to Alembic: `versions` below
    wherever `script_location` lies (Alembic documentation, "The Migration Environment")."""
    within = folder.rpartition("/")[2] == "versions" and name.endswith(".py")
    return within and _DOWN_REVISION.search(head) is not None


def is_up_and_down(folder: str, name: str, head: str) -> bool:
    """Whether a numbered script in a folder that speaks of migrations exports `up`, by which tools run such files (Knex
    documentation, "Migrations")."""
    script = name[:1].isdigit() and name.endswith((".js", ".ts", ".cjs", ".mjs", ".cts", ".mts"))
    return script and "migrat" in folder and _UP.search(head) is not None


def is_dated_step(folder: str, name: str, head: str) -> bool:
    """Whether a script in a folder that is called after a version (`upgrades/1.10.0`) exports when it was written and
    what it does: a program's own upgrade runs it once, in that order."""
    script = name.endswith((".js", ".ts", ".cjs", ".mjs", ".cts", ".mts"))
    versioned = script and _VERSION.fullmatch(folder.rpartition("/")[2]) is not None
    return versioned and _DATED.search(head) is not None and _DOES.search(head) is not None


def is_migration(folders: list[str], name: str, head: str) -> bool:
    """Whether a Python file in a folder of migrations, or of such a name, looks like a migration."""
    if not head.strip() or _REVISION.search(head):
        return True
    if not folders or name in ("migrations.py", "migration.py"):
        return False
    if name == "__init__.py":
        return not _COMMENT_LINE.sub("", _DOCSTRING.sub("", head)).strip()
    if name == "env.py":
        return _ENVIRONMENT.search(head) is not None
    return any(character.isdigit() for character in name) or folders[-2:] == ["alembic", "versions"]
