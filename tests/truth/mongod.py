"""A server that speaks as much of MongoDB's protocol as drivers need, with the rows of `pantry` in memory.

It answers what looks like a document where one is asked for and changes nothing: what counts is what it is sent.
Source: MongoDB's manual, "Wire Protocol" (OP_MSG, and OP_QUERY for the first word), "Database Commands".
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bson
from bson.int64 import Int64

_QUERY, _REPLY, _MESSAGE = 2004, 1, 2013
_HEADER = struct.Struct("<iiii")
Document = dict[str, Any]

ROWS: dict[str, list[Document]] = {
    "shelf": [{"_id": 1, "room": "cellar"}, {"_id": 2, "room": "kitchen"}],
    "jar": [
        {"_id": 1, "shelf": 1, "label": "plum", "weight": 300, "note": None, "lid": {"colour": "red"}},
        {"_id": 2, "shelf": 1, "label": "pear", "weight": 200, "note": "sweet", "lid": {"colour": "blue"}},
        {"_id": 3, "shelf": 2, "label": "fig", "weight": 400, "note": None, "lid": {"colour": "red"}},
    ],
    "tag": [{"_id": 1, "jar": 1, "word": "fruit"}, {"_id": 2, "jar": 1, "word": "blue"}],
}
"""The rows of `pantry` as documents: shelves hold jars, jars have tags."""


class _Handler(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self) -> None:
        while (header := self._read(_HEADER.size)) is not None:
            length, request, _, code = _HEADER.unpack(header)
            body = self._read(length - _HEADER.size)
            if body is None:
                return
            if code == _QUERY:
                end = body.index(b"\0", 4) + 1
                answer = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(answered(bson.decode(body[end + 8 :])))
                self._write(_REPLY, request, answer)
            elif code == _MESSAGE:
                flags = struct.unpack_from("<I", body)[0]
                answer = struct.pack("<IB", 0, 0) + bson.encode(
                    answered(_sections(body[4 : -4 if flags & 1 else None]))
                )
                if not flags & 2:
                    self._write(_MESSAGE, request, answer)

    def _read(self, length: int) -> bytes | None:
        found = b""
        while len(found) < length:
            part = self.request.recv(length - len(found))
            if not part:
                return None
            found += part
        return found

    def _write(self, code: int, request: int, body: bytes) -> None:
        self.request.sendall(_HEADER.pack(_HEADER.size + len(body), 0, request, code) + body)


def _sections(body: bytes) -> Document:
    """The command of a message, with the documents that stand beside it."""
    command: Document = {}
    beside: Document = {}
    at = 0
    while at < len(body):
        kind, size = body[at], struct.unpack_from("<i", body, at + 1)[0]
        section = body[at + 1 : at + 1 + size]
        if kind == 0:
            command = bson.decode(section)
        else:
            end = section.index(b"\0", 4)
            beside[section[4:end].decode()] = bson.decode_all(section[end + 1 :])
        at += 1 + size
    return command | beside


def answered(command: Document) -> Document:
    """The answer to a command."""
    word = next(iter(command))
    name = command[word] if isinstance(command[word], str) else ""
    if word.lower() in ("hello", "ismaster"):
        return _HELLO
    if word == "find":
        rows = [row for row in ROWS.get(name, []) if _matches(row, command.get("filter", {}))]
        return _cursor(name, rows[: command.get("limit") or None])
    if word == "aggregate":
        groups = [stage["$group"] for stage in command["pipeline"] if "$group" in stage]
        counts = [stage["$count"] for stage in command["pipeline"] if "$count" in stage]
        made = [dict.fromkeys(names, 2) for names in (*groups, *([each] for each in counts))]
        return _cursor(name, made[-1:] or ROWS.get(name, []))
    if word == "getMore":
        return _cursor(command["collection"], [], "nextBatch")
    if word == "listCollections":
        return _cursor("$cmd.listCollections", [{"name": each, "type": "collection"} for each in ROWS])
    if word == "listIndexes":
        return _cursor(name, [{"v": 2, "key": {"_id": 1}, "name": "_id_"}])
    if word == "count":
        return {"n": len(ROWS.get(name, [])), "ok": 1}
    if word == "distinct":
        return {"values": [row.get(command["key"]) for row in ROWS.get(name, [])], "ok": 1}
    if word == "findAndModify":
        found = [row for row in ROWS.get(name, []) if _matches(row, command.get("query", {}))]
        return {"value": found[0] if found else None, "lastErrorObject": {"n": len(found)}, "ok": 1}
    if word in ("insert", "update", "delete"):
        return {"n": 1, "nModified": 1, "ok": 1}
    if word == "buildInfo":
        return {"version": "8.0.0", "versionArray": [8, 0, 0, 0], "ok": 1}
    return {"ok": 1}


_HELLO: Document = {
    "isWritablePrimary": True, "ismaster": True, "maxBsonObjectSize": 1 << 24, "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000, "logicalSessionTimeoutMinutes": 30, "connectionId": 1, "minWireVersion": 0,
    "maxWireVersion": 21, "readOnly": False, "setName": "rs", "hosts": ["localhost:1"], "ok": 1,
}  # fmt: skip
"""What a primary of a set says of itself: only these have transactions."""


def _cursor(name: str, rows: list[Document], batch: str = "firstBatch") -> Document:
    return {"cursor": {"id": Int64(0), "ns": f"pantry.{name}", batch: rows}, "ok": 1}


def _matches(row: Document, conditions: Document) -> bool:
    """Whether a row has the values that a filter asks for; of anything but equality, it has."""
    for name, value in conditions.items():
        if name.startswith("$") or "." in name:
            continue
        listed = isinstance(value, dict) and "$in" in value
        plain = listed or not isinstance(value, dict | bson.Regex)
        if plain and row.get(name) not in (value["$in"] if listed else [value]):
            return False
    return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server that runs."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"mongodb://127.0.0.1:{server.server_address[1]}/pantry?directConnection=true"
        finally:
            server.shutdown()
            thread.join()
