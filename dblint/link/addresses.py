"""Addresses of databases: URLs and lists of keywords, taken apart without losing where each part stands."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Literal

import msgspec

from dblint.facts.tree import Kind, Role, Tree

UNSAID = "\0"
"""Stands in an address for a part that the program puts in."""

_SHORTEST = 3
_URL = re.compile(r"(?:jdbc:)?[A-Za-z][\w+.-]*://")
_KEYWORDS = re.compile(r"\s*([\w -]*\w)\s*=\s*('(?:[^'\\]|\\.)*'|\{[^}]*\}|[^;\s]*)\s*;?")
_SEMICOLONS = re.compile(r"\s*([\w -]*\w)\s*=\s*('[^']*'|\{[^}]*\}|[^;]*?)\s*(?:;|$)")
_QUERY = re.compile(r"([^=&?]+)=([^&#]*)")
_EXAMPLE = re.compile(r"[<>{}\[\]$*]|^(?:your|my|some|the)[-_]|^your|^(?:my)?(?:host|hostname|server)$|^x+$")
_ROLES = {
    "password": "password", "pwd": "password", "passwd": "password", "pass": "password",
    "user": "user", "uid": "user", "userid": "user", "username": "user",
    "host": "host", "hostaddr": "host", "server": "host", "hostname": "host", "addr": "host", "address": "host",
    "datasource": "host", "networkaddress": "host",
}  # fmt: skip
"""A keyword, its letters alone → what it says."""

Protected = Literal["off", "optional", "unverified"]
_OFF = frozenset("false disable disabled off no 0".split())
_ON = frozenset("true yes on 1".split())
_MODES: dict[str, Protected] = {
    **dict.fromkeys(_OFF, "off"),
    **dict.fromkeys(("allow", "prefer", "preferred"), "optional"),
    "noverify": "unverified",
}
_TRUSTING: dict[str, Protected] = dict.fromkeys(_ON, "unverified")
_UNCHECKED: dict[str, Protected] = dict.fromkeys(_OFF, "unverified")
_PROTECTION: dict[str, dict[str, Protected]] = {
    **dict.fromkeys(("ssl", "sslmode", "tls", "usessl", "encrypt"), _MODES),
    **dict.fromkeys(("trustservercertificate", "tlsallowinvalidcertificates", "tlsinsecure"), _TRUSTING),
    **dict.fromkeys(("rejectunauthorized", "verifyservercertificate", "sslverifycert", "sslserverdnmatch"), _UNCHECKED),
    "sslcertreqs": {"none": "unverified", "certnone": "unverified"},
    "ssldisabled": dict.fromkeys(_ON, "off"),
    "sslaccept": {"acceptinvalidcerts": "unverified"},
}
"""An option of a connection, its letters alone → its words, their letters alone → what becomes of the connection."""


def leads_on(text: str) -> bool:
    """Whether so much stands behind `://` that it is connected to; a bare scheme is compared with."""
    return len(text.partition("://")[2]) >= _SHORTEST


def goes_on(tree: Tree, node: int) -> bool:
    """Whether this text begins a longer one, and what the program puts in stands behind it: a scheme is then that of
    an address (`f"sqlite:///{path}"`), however short it is."""
    parent, behind = tree.parents[node], tree.ends[node]
    if parent < 0 or tree.kinds[parent] != Kind.TEMPLATE or node != parent + 1:
        return False
    return behind < tree.ends[parent] and tree.kinds[behind] == Kind.HOLE


_LOOK_UP = re.compile(r"(?:get|pop|setdefault|str|string|url|uri|dsn|config|secret|parameter)$|env", re.IGNORECASE)


def is_default(tree: Tree, node: int) -> bool:
    """Whether a text counts only where something else says nothing: behind `or`, as the default of a look-up, of a
    parameter or of a class's field, or through a name that is used as such."""
    if _is_default(tree, node):
        return True
    above = tree.parents[node]
    if above < 0 or tree.kinds[above] != Kind.ASSIGN or tree.roles[node] != Role.VALUE:
        return False
    target = tree.child(above, Role.TARGET)
    if target < 0 or tree.kinds[target] != Kind.NAME:
        return False
    name = tree.value(target)
    return any(
        kind == Kind.NAME and tree.value(other) == name and _is_default(tree, other)
        for other, kind in enumerate(tree.kinds)
        if other != target
    )


def _is_default(tree: Tree, node: int) -> bool:
    above = tree.parents[node]
    while above >= 0 and tree.kinds[above] in (Kind.TEMPLATE, Kind.CAST):
        node, above = above, tree.parents[above]
    if above < 0:
        return False
    kind = tree.kinds[above]
    if kind == Kind.BINARY:
        return tree.value(above) in ("or", "??") and node != above + 1
    if kind in (Kind.PARAMETER, Kind.DEFAULTED):
        return tree.roles[node] == Role.DEFAULT
    if kind == Kind.KEYWORD:
        return tree.value(above) == "default"
    if kind == Kind.ASSIGN:  # a class of settings takes each field from the environment first
        body = tree.parents[above]
        holder = tree.parents[body] if body >= 0 else -1
        return holder >= 0 and tree.kinds[body] == Kind.BLOCK and tree.kinds[holder] == Kind.CLASS
    if kind != Kind.CALL or tree.roles[node] != Role.ARGUMENT:
        return False
    first = next((child for child in tree.children(above) if tree.roles[child] == Role.ARGUMENT), node)
    callee = tree.child(above, Role.CALLEE)
    return first != node and _LOOK_UP.search(tree.value(callee)) is not None


class Span(msgspec.Struct, frozen=True):
    """A part of an address."""

    text: str
    start: int


class Address(msgspec.Struct):
    """What an address says. `host` is "" where it names none."""

    password: Span | None = None
    user: str = ""
    host: str = ""
    options: list[tuple[str, Span]] = msgspec.field(default_factory=list)


def protection(name: str, word: str) -> Protected | None:
    """What an option (`sslmode`, `ssl.rejectUnauthorized`) with this word makes of a connection, None where it leaves
    it protected or says nothing about that."""
    return _PROTECTION.get(_plain(name.rpartition(".")[2]), {}).get(_plain(word))


def reach(host: str) -> str:
    """How far away a host is, by its name: see `Host.kind`."""
    name = host.lower().rstrip(".")
    if name in ("", ".", "(local)", "::1", "0.0.0.0") or name.startswith(("/", "%2f", "127.")):  # noqa: S104 - a name
        return "local"
    if name == "localhost" or name.endswith((".localhost", "docker.internal")):
        return "local"
    labels = name.split(".")
    if _EXAMPLE.search(name) or labels[-1] in ("example", "test", "invalid") or labels[-2:-1] == ["example"]:
        return "example"
    if all(label.isdigit() for label in labels) or ":" in name:
        try:
            return "private" if ip_address(name).is_private else "remote"
        except ValueError:
            return "service"
    if len(labels) == 1:
        return "service"
    return "private" if labels[-1] in ("local", "internal", "lan", "svc", "home", "corp", "intranet") else "remote"


def parse(text: str) -> Address | None:
    """An address taken apart, None where the text is none."""
    scheme = _URL.match(text)
    if scheme is not None:
        return _url(text, scheme.end())
    if "=" not in text:
        return None
    found = Address()
    for match in (_SEMICOLONS if ";" in text else _KEYWORDS).finditer(text):
        _take(found, match[1], match[2], match.start(2))
    return found


def _url(text: str, start: int) -> Address:
    found = Address()
    stop = min((place for sign in "/?;" if (place := text.find(sign, start)) >= 0), default=len(text))
    behind = text.rfind("@", start, stop)
    if behind >= 0:
        user, colon, password = text[start:behind].partition(":")
        found.user = user
        if colon:
            found.password = Span(password, start + len(user) + 1)
    found.host = _host(text[behind + 1 if behind >= 0 else start : stop])
    pairs = _SEMICOLONS if text[stop : stop + 1] == ";" else _QUERY
    begin = stop + 1 if pairs is _SEMICOLONS else text.find("?", stop) + 1
    for match in pairs.finditer(text, begin) if begin > 0 else ():
        _take(found, match[1], match[2], match.start(2))
    return found


def _host(text: str) -> str:
    """The first host without its port."""
    first = text.partition(",")[0]
    if first.startswith("["):
        return first[1:].partition("]")[0]
    return first.partition(":")[0]


def _take(found: Address, name: str, value: str, start: int) -> None:
    if value[:1] in ("'", "{") and len(value) > 1:
        value, start = value[1:-1], start + 1
    role = _ROLES.get(_plain(name))
    if role == "password":
        found.password = Span(value, start)
    elif role == "user":
        found.user = value
    elif role == "host":
        # SQL Server writes protocol and port around the name: tcp:name,1433.
        found.host = value.rpartition(":")[2].partition(",")[0] if value.startswith("tcp:") else _host(value)
    else:
        found.options.append((name.strip(), Span(value, start)))


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word).lower()
