"""Templates of Django and Jinja: the loops, names and attributes that they write between their braces.

Both languages are read alike: where they differ (calls in parentheses, `set`), the words of one mean nothing in the
other. Whatever a tag is that is not known here, the attributes that stand in it are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise

import msgspec

from dblint.facts.templates import Mark, TemplateFile
from dblint.facts.tree import Fault

__all__ = ["TemplateFile", "extract", "unread"]

_OPENING = re.compile(rb"\{[{%#]")
_CLOSING = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}"}
_WORD = re.compile(rb"[-+\s]*+(\w++)")
_TOKEN = re.compile(rb"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|[A-Za-z_]\w*+|\d[\w.]*+|[=!<>]=|[^\s]", re.DOTALL)
_NAME = re.compile(rb"[A-Za-z_]\w*+\Z")
_KEYWORDS = frozenset(
    b"and or not in is if else elif true false none True False None as with only by recursive".split()
)
_ENDING = {
    b"endfor": "for", b"endwith": "with", b"endblock": "block", b"endcache": "skip", b"endmacro": "skip",
}  # fmt: skip
_PASSED_OVER = {b"comment": b"endcomment", b"verbatim": b"endverbatim", b"raw": b"endraw"}
"""Tags whose inside is no template."""
_OF_THE_LANGUAGE = frozenset(
    b"if elif else ifchanged cycle firstof now url trans translate blocktrans blocktranslate plural load csrf_token do"
    b" debug autoescape filter lorem querystring regroup resetcycle spaceless templatetag widthratio empty static"
    b" import get_current_language from call".split()
)
"""Tags of Django and of Jinja that are no function of a program's own."""
_SKIPPED = frozenset((b"cache", b"macro"))
"""Tags whose inside is done some other time."""
MARKS = 20_000
"""Marks of one template that are kept."""
DEPTH = 200
"""Tags inside tags that are read; a template with more of them is read as far as there."""
TOKENS = 2_000
"""Words and signs of one tag that are looked at."""
BINDINGS = 50
"""Names that one tag gives values, as far as they are read."""
VALUE = 1_000
"""Bytes of such a value that are looked at."""


class _Path(msgspec.Struct):
    """A name with the attributes behind it, as it stands in an expression."""

    start: int
    stop: int
    names: list[str]
    filters: list[str]


class _Reader:
    """Collects the marks of one template."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.marks: list[Mark] = []
        self.open: list[tuple[str, int, list[int]]] = []
        """What is open: its word, its mark (-1: the module), and the marks that hold as far as its end."""
        self.whole: list[int] = []

    def read(self) -> tuple[Mark, ...]:
        position = 0
        while len(self.marks) < MARKS and len(self.open) < DEPTH:
            opening = _OPENING.search(self.source, position)
            if opening is None:
                break
            end = self.source.find(_CLOSING[opening.group()], opening.end())
            if end < 0:
                break
            position = end + 2
            if opening.group() == b"{{":
                self._written(opening.end(), end)
            elif opening.group() == b"{%":
                position = self._tag(opening.end(), end, position)
        while self.open:
            self._close()
        self._end(self.whole)
        return tuple(self.marks)

    def _written(self, start: int, stop: int) -> None:
        for number, path in enumerate(self._paths(start, stop)):
            self._add("text" if not number else "read", path.start, path.stop, path=path)

    def _tag(self, start: int, stop: int, position: int) -> int:
        """One tag; where the template goes on behind it."""
        word = _WORD.match(self.source, start, stop)
        if word is None:
            return position
        name, inside = word.group(1), word.end()
        if name in _PASSED_OVER:
            behind = re.compile(rb"\{%%[-+\s]*+%b\b" % _PASSED_OVER[name]).search(self.source, position)
            return behind.start() if behind is not None else len(self.source)
        if name in _ENDING:
            while self.open and any(kind == _ENDING[name] for kind, _, _ in self.open):
                if self._close() == _ENDING[name]:
                    break
        elif name == b"for":
            self._for(inside, stop)
        elif name in (b"with", b"set"):
            self._with(inside, stop, name == b"with")
        elif name in (b"include", b"extends"):
            self._other(name.decode(), inside, stop)
        elif name == b"block":
            written = _WORD.match(self.source, inside, stop)
            said = written.group(1).decode("utf-8", "replace") if written is not None else ""
            self._begin("block", self._add("block", inside, stop, names=(said,)))
        elif name in _SKIPPED:
            self._begin("skip", self._add("skip", inside, stop))
        elif name in _OF_THE_LANGUAGE:
            self._regroup(inside, stop) if name == b"regroup" else self._reads(inside, stop)
            self._named(inside, stop)
        else:
            self._given(name.decode("utf-8", "replace"), inside, stop)
            self._named(inside, stop)
        return position

    def _for(self, start: int, stop: int) -> None:
        names: list[str] = []
        for token in self._tokens(start, stop):
            if token.group() == b"in":
                paths = self._paths(token.end(), stop)
                first = paths[0] if paths and not self.source[token.end() : paths[0].start].strip() else None
                at = (first.start, first.stop) if first is not None else (token.end(), stop)
                self._begin("for", self._add("for", *at, names=tuple(names), path=first))
                for path in paths[1:]:
                    self._add("read", path.start, path.stop, path=path)
                return
            if _NAME.match(token.group()):
                names.append(token.group().decode())
        self._begin("for", self._add("for", start, stop))

    def _with(self, start: int, stop: int, scoped: bool) -> None:
        self._begin("with", -1) if scoped and b"=" in self.source[start:stop] else None
        begun = scoped and b"=" in self.source[start:stop]
        if scoped and not begun:
            self._begin("with", -1)
            paths = self._paths(start, stop)
            tokens = [token.group() for token in self._tokens(start, stop)]
            if paths and len(tokens) > 2 and tokens[-2] == b"as" and _NAME.match(tokens[-1]):
                path = paths[0]
                self._keep(self._add("set", path.start, path.stop, names=(tokens[-1].decode(),), path=path))
            return
        self._bindings(start, stop)
        if not scoped and b"=" not in self.source[start:stop]:
            self._named(start, stop)

    def _bindings(self, start: int, stop: int) -> list[int]:
        """The names that are given values here (`a=book.author`): their marks."""
        made: list[int] = []
        tokens = self._tokens(start, stop)
        for token, sign in pairwise(tokens):
            if len(made) >= BINDINGS:
                break
            if sign.group() != b"=" or not _NAME.match(token.group()):
                continue
            first = next(iter(self._paths(sign.end(), min(stop, sign.end() + VALUE))), None)
            first = first if first is not None and not self.source[sign.end() : first.start].strip() else None
            at = (first.start, first.stop) if first is not None else (sign.end(), sign.end())
            mark = self._add("set", *at, names=(token.group().decode(),), path=first)
            self._keep(mark)
            made.append(mark)
        return made

    def _other(self, kind: str, start: int, stop: int) -> None:
        """Another template that is put in, or that this one fills."""
        tokens = [token.group() for token in self._tokens(start, stop)]
        literal = bool(tokens) and tokens[0][:1] in (b'"', b"'") and (len(tokens) < 2 or tokens[1] in _BEHIND)
        name = tokens[0][1:-1].decode("utf-8", "replace") if literal else ""
        self._begin("with", -1)
        self._bindings(start, stop) if kind == "include" else None
        first = next(iter(self._paths(start, stop)), None) if not literal else None
        said = first is not None and len(first.names) > 1 and not self.source[start : first.start].strip()
        self._add(
            kind,
            start,
            stop,
            names=(name,),
            path=first if said else None,
            bare=b"only" in tokens or b"without" in tokens,
        )
        self._close()

    def _reads(self, start: int, stop: int) -> None:
        for path in self._paths(start, stop):
            if len(path.names) > 1:
                self._add("read", path.start, path.stop, path=path)

    def _regroup(self, start: int, stop: int) -> None:
        """`regroup books by author as groups`: the attribute is read of each element."""
        tokens = self._tokens(start, stop)
        words = [token.group() for token in tokens]
        at = words.index(b"by") if b"by" in words else -1
        rows = self._paths(start, tokens[at].start())[:1] if at > 0 else []
        attribute = self._paths(tokens[at].end(), stop)[:1] if at > 0 else []
        if rows and attribute:
            self._begin("for", self._add("for", rows[0].start, rows[0].stop, names=(_ELEMENT,), path=rows[0]))
            read = _Path(attribute[0].start, attribute[0].stop, [_ELEMENT, *attribute[0].names], [])
            self._add("read", read.start, read.stop, path=read)
            self._close()

    def _given(self, tag: str, start: int, stop: int) -> None:
        """What a tag is given that is not the language's own: a name, or a path, at a position or by keyword."""
        tokens = self._tokens(start, stop)
        paths = {path.start: path for path in self._paths(start, stop)}
        position = 0
        before = b""
        for index, token in enumerate(tokens):
            word = token.group()
            following = tokens[index + 1].group() if index + 1 < len(tokens) else b""
            if following == b"=" and _NAME.match(word):
                keyword = word.decode()
            elif before == b"=":
                keyword = tokens[index - 2].group().decode("utf-8", "replace")
            else:
                keyword = ""
            begins = word != b"=" and following != b"=" and before not in (b".", b"|", b":")
            if word == b"as" and begins:
                break
            if begins and word not in (b".", b"|", b":"):
                path = paths.pop(token.start(), None)
                if path is not None:
                    self._add("given", path.start, path.stop, names=(tag, keyword or str(position)), path=path)
                position += not keyword
            before = word
        for path in paths.values():
            if len(path.names) > 1:
                self._add("read", path.start, path.stop, path=path)

    def _named(self, start: int, stop: int) -> None:
        """A name that a tag gives its result (`{% url 'x' as address %}`): from here on it holds something else."""
        tokens = [token.group() for token in self._tokens(start, stop)]
        if len(tokens) > 1 and tokens[-2] == b"as" and _NAME.match(tokens[-1]):
            self._keep(self._add("set", start, stop, names=(tokens[-1].decode(),)))

    def _paths(self, start: int, stop: int) -> list[_Path]:
        """The names in an expression, each with the attributes and filters behind it, in order."""
        return sorted(self._found(start, stop), key=lambda path: path.start)

    def _found(self, start: int, stop: int) -> Iterator[_Path]:
        tokens = self._tokens(start, stop)
        current: _Path | None = None
        around: list[_Path | None] = []  # before each parenthesis that is open
        argument: _Path | None = None  # of a filter, behind a colon
        before = b""
        for index, token in enumerate(tokens):
            word = token.group()
            if _NAME.match(word):
                text = word.decode()
                named = index + 1 < len(tokens) and tokens[index + 1].group() == b"="
                if before == b".":
                    end = argument or current
                    if end is not None:
                        end.names.append(text)
                        end.stop = token.end()
                elif before == b"|" and current is not None:
                    if argument is not None:
                        yield argument
                        argument = None
                    current.filters.append(text)
                elif before == b":" and current is not None and current.filters:
                    argument = _Path(token.start(), token.end(), [text], [])
                elif before != b"|" and word not in _KEYWORDS:
                    yield from filter(None, (current, argument))
                    current, argument = None if named else _Path(token.start(), token.end(), [text], []), None
            elif word in (b"(", b"["):
                around.append(current if before not in (b"=", b",", b"(", b"[") else None)
                if argument is not None:
                    yield argument
                current, argument = None, None
            elif word in (b")", b"]"):
                yield from filter(None, (current, argument))
                current, argument = around.pop() if around else None, None
            elif before == b"." and word[:1].isdigit() and current is not None:
                (argument or current).names.append(word.decode())
            elif word not in (b".", b"|", b":") and before != b":":
                yield from filter(None, (current, argument))
                current, argument = None, None
            before = word
        yield from filter(None, (*around, current, argument))

    def _tokens(self, start: int, stop: int) -> list[re.Match[bytes]]:
        return list(islice(_TOKEN.finditer(self.source, start, stop), TOKENS))

    def _add(
        self,
        kind: str,
        start: int,
        stop: int,
        *,
        names: tuple[str, ...] = (),
        path: _Path | None = None,
        bare: bool = False,
    ) -> int:
        at = len(self.marks)
        written = tuple(path.names) if path is not None else ()
        filters = tuple(path.filters) if path is not None else ()
        self.marks.append(Mark(kind, start, stop, at + 1, names, written, filters, bare))
        return at

    def _begin(self, word: str, mark: int) -> None:
        self.open.append((word, mark, []))

    def _keep(self, mark: int) -> None:
        (self.open[-1][2] if self.open else self.whole).append(mark)

    def _close(self) -> str:
        word, mark, kept = self.open.pop()
        self._end([*kept, mark] if mark >= 0 else kept)
        return word

    def _end(self, marks: list[int]) -> None:
        for mark in marks:
            self.marks[mark] = msgspec.structs.replace(self.marks[mark], end=len(self.marks))


_ELEMENT = ""
"""What an element is called that has no name."""
_BEHIND = (b"with", b"only", b"ignore", b"without")
"""What may stand behind the name of another template."""


def extract(source: bytes, path: str) -> TemplateFile:
    """The marks of a template. `source` is UTF-8; offsets are its bytes."""
    return TemplateFile(path, _Reader(source).read() if b"{%" in source or b"{{" in source else ())


def unread(path: str, fault: Fault) -> TemplateFile:
    """A file that is no text."""
    return TemplateFile(path, faults=(fault,))
