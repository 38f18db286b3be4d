"""Decorators of the project that keep what a function gives."""

from __future__ import annotations

from pathlib import Path

from tests.test_index_not_concurrent import findings

DECORATORS = """
import asyncio
import sqlite3
from functools import wraps

opened = sqlite3.connect("shop.db")
shared = {}


def by_error(function):
    kept = {}

    @wraps(function)
    def wrapper(*arguments):
        try:
            return kept[arguments]
        except KeyError:
            kept[arguments] = value = function(*arguments)
            return value

    return wrapper


def by_key(size):
    def decorator(function):
        def wrapper(key):
            if key not in shared:
                shared[key] = function(key)
            return shared[key]

        return wrapper

    return decorator


def by_get(function):
    kept = {}

    def wrapper(key):
        found = kept.get(key)
        if found is None:
            found = function(key)
            kept[key] = found
        return found

    return wrapper


def by_attribute(function):
    def wrapper(key):
        if wrapper.kept is None:
            wrapper.kept = function(key)
        return wrapper.kept

    wrapper.kept = None
    return wrapper


def counted(function):
    calls = {}

    def wrapper(key):
        if key in calls:
            print(calls[key])
        calls[key] = function(key)
        return calls[key]

    return wrapper


def each_time(function):
    def wrapper(key):
        kept = {}
        if key in kept:
            return kept[key]
        kept[key] = function(key)
        return kept[key]

    return wrapper


def allowed(function):
    def wrapper(key):
        if key in shared:
            return shared[key]
        return function(key)

    return wrapper
"""

CALLED = """
@DECORATOR
def name(key):
    return opened.execute("SELECT name FROM shelf WHERE id = ?", (key,)).fetchone()


def NAMED_names(keys):
    for key in keys:
        print(name(key))
"""


def test_a_decorator_of_the_project_keeps_what_a_function_gives(tmp_path: Path) -> None:
    decorators = ["by_error", "by_key(8)", "by_get", "by_attribute", "counted", "each_time", "allowed"]
    files = {"app/__init__.py": "", "app/keeping.py": DECORATORS}
    for number, decorator in enumerate(decorators):
        text = CALLED.replace("DECORATOR", decorator).replace("NAMED", decorator.partition("(")[0])
        files[f"app/part{number}.py"] = f"from app.keeping import *\n{text}"
    found = findings(tmp_path, files, "query/n-plus-one")
    told = sorted(decorators[int(finding.region.path[-4])] for finding in found)
    assert told == ["allowed", "counted", "each_time"]
