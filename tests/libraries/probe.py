"""Says what is there of a library: run by the interpreter of an environment that has it, not by pytest.

Standard input: `{"setup": code, "types": {name: {"paths": [path], "members": [name]}}, "functions": [path]}`. Standard
output: `{"types": {name: {path: class}}, "functions": {path: callable}}`; null for what is not there. A class is
`{"methods": [name], "members": {name: callable or null}}`, a callable
`{"parameters": [[name, kind, needs a value]]}`, with null in place of the list where it has no signature (compiled
code) or is no callable. `setup` is run first; a path that begins with `made.` is a value in its names, of which the
class is asked.
Imports nothing but the standard library and what is asked about.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from functools import cache
from typing import Any


def resolve(path: str, made: dict[str, Any]) -> Any:
    """The object of that path. Raises `LookupError` where there is none."""
    head, _, rest = path.partition(".")
    if head == "made":
        return made[rest]
    parts = path.split(".")
    if len(parts) == 1:
        parts = ["builtins", *parts]
    for count in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        except Exception as error:
            raise LookupError(f"{type(error).__name__}: {error}") from error
        for name in parts[count:]:
            try:
                found = inspect.getattr_static(found, name) if inspect.isclass(found) else getattr(found, name)
            except AttributeError as error:
                raise LookupError(path) from error
        return found
    raise LookupError(path)


def callable_of(value: Any, bound: bool) -> dict[str, Any]:
    """The parameters of a function, without the receiver where it is `bound` to one."""
    if isinstance(value, classmethod | staticmethod):
        bound = bound and isinstance(value, classmethod)
        value = value.__func__
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return {"parameters": None}
    parameters = list(signature.parameters.values())
    if (
        bound
        and parameters
        and parameters[0].kind
        in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
    ):
        parameters = parameters[1:]
    return {
        "parameters": [[entry.name, entry.kind.name, entry.default is inspect.Parameter.empty] for entry in parameters]
    }


def set_by_instances(owner: type, name: str) -> bool:
    """Whether a method of the class or of a base sets the attribute, or an annotation declares it."""
    for base in owner.__mro__:
        if name in inspect.get_annotations(base) or name in getattr(base, "__slots__", ()):
            return True
        if name in assigned(base):
            return True
    return False


@cache
def assigned(owner: type) -> frozenset[str]:
    """The attributes that the class's own methods set on `self`, by its source; none where there is no source."""
    try:
        source = inspect.getsource(owner)
    except (OSError, TypeError):
        return frozenset()
    return frozenset(re.findall(r"\bself\.(\w+)\b[^=\n]*=(?!=)", source))


def class_of(owner: Any, members: list[str], made: bool = False) -> dict[str, Any]:
    """What is asked about one class, or the class of a value that was made, and all of its public methods."""
    given = owner
    if not inspect.isclass(owner) and made:
        owner = type(owner)
    if not inspect.isclass(owner):
        return {"methods": [], "members": {}, "callable": callable_of(owner, bound=False)}
    plain = set(dir(object))
    methods = []
    for name in dir(owner):
        if name.startswith("_") or name in plain:
            continue
        value = inspect.getattr_static(owner, name)
        if isinstance(value, classmethod | staticmethod) or (callable(value) and not inspect.isclass(value)):
            methods.append(name)
    told: dict[str, Any] = {}
    for name in members:
        try:
            value = inspect.getattr_static(owner, name)
        except AttributeError:
            # What a metaclass or `__getattr__` gives is there, too, for whoever asks the class itself.
            value = getattr(owner, name, None)
            if value is None and given is not owner and (value := getattr(given, name, None)) is not None:
                told[name] = callable_of(value, bound=False)  # the value's own `__getattr__` gives it, bound already
                continue
            if value is None:
                told[name] = {"parameters": None} if set_by_instances(owner, name) else None
                continue
        told[name] = (
            callable_of(value, bound=True) if callable(value) or hasattr(value, "__func__") else {"parameters": None}
        )
    return {"methods": sorted(methods), "members": told, "callable": callable_of(owner, bound=False)}


def main() -> None:
    """Answers standard input on standard output."""
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    made: dict[str, Any] = {}
    exec(asked.get("setup", ""), made)  # noqa: S102 - it is this project's own packages.toml
    answers: dict[str, Any] = {"types": {}, "functions": {}}
    for name, row in asked["types"].items():
        answers["types"][name] = {}
        for path in row["paths"]:
            try:
                answers["types"][name][path] = class_of(resolve(path, made), row["members"], path.startswith("made."))
            except LookupError:
                answers["types"][name][path] = None
    for path in asked["functions"]:
        try:
            value = resolve(path, made)
            made_by_class = isinstance(value, classmethod)
            known = callable(value) or isinstance(value, classmethod | staticmethod)
            answers["functions"][path] = callable_of(value, bound=made_by_class) if known else {"parameters": None}
        except LookupError:
            answers["functions"][path] = None
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
