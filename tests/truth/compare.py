"""Sets a `Query` beside the statement that was sent, clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from dblint.facts.query import Clause, Eager, Function, Query, Verb
from tests.truth.catalogue import UNKNOWN, Tables
from tests.truth.same import Form, Forms, Part, Said

JOINED = ("joined", "from-join")
"""Words by which a relation is loaded with the rows themselves."""
SEPARATE = ("separate",)
"""Words by which a relation is loaded by a statement of its own."""


class Result(NamedTuple):
    """What came of a comparison. `compared`: the clauses in which either side says something; `unknown`: those that
    dblint leaves open, wholly or in part, and that agree as far as they are said; `differs`: those that do not agree,
    with both sides."""

    compared: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    differs: tuple[tuple[str, str], ...] = ()


class Comparison:
    """One statement. `key`: an UPDATE is of one row, that its key names, by what the call is: nothing is said of it."""

    def __init__(self, said: Query, seen: Query, tables: Tables, bound: Sequence[object], *, key: bool = False) -> None:
        self.query = said
        self.said = Forms(said, tables)
        self.seen = Forms(seen, tables, bound)
        self.key = key
        self._compared: list[str] = []
        self._unknown: list[str] = []
        self._differs: list[tuple[str, str]] = []

    def result(self) -> Result:
        """All clauses."""
        verb, sent = self.said.query.verb, self.seen.query.verb
        if verb.reads:
            self._select()
        elif verb is Verb.UPSERT and sent is Verb.UPSERT:
            self._change()
        elif verb in (Verb.INSERT, Verb.UPSERT):
            self._insert()
        elif verb in (Verb.UPDATE, Verb.DELETE):
            self._change()
        same = verb is sent or (verb.reads and sent.reads)
        if not same and (verb, sent) != (Verb.UPSERT, Verb.INSERT):
            self._differs.append(("verb", f"{verb.value} / {sent.value}"))
        # Last, because reading the other clauses finds what is joined for them.
        sources, seen = self.said.sources(), self.seen.sources()
        joined = all(part.form[2] not in ("", "cross") for part in seen.parts[1:])
        unread = self.query.eager.open and joined  # what is loaded with the rows is joined to them
        self._clause("sources", Said(sources.parts, sources.open or unread), seen)
        return Result(tuple(self._compared), tuple(self._unknown), tuple(self._differs))

    def _select(self) -> None:
        said, seen = self.said, self.seen
        mine, sent = said.query, seen.query
        if mine.set_operation or sent.set_operation:
            self._parts()
            if mine.set_operation and sent.set_operation:
                self._tail()
            return
        exists = next(iter(mine.projection.values()), None) == Function("exists", ()) and mine.verb is Verb.AGGREGATE
        if not exists:
            self._clause("projection", self._projection(), self._sent_projection())
            self._bounds()
        where = seen.where()
        self._clause("where", said.where(), where if mine.sql else Said(_once(where.parts), where.open))
        self._clause("grouping", said.grouping(), seen.grouping())
        self._clause("having", said.having(), seen.having())
        self._clause("order", said.order(), seen.order(), ordered=True)
        unread = mine.projection.open and mine.where.open and mine.order.open
        if mine.distinct != sent.distinct and not mine.distinct and unread:
            self._unknown.append("distinct")
        elif mine.distinct != sent.distinct:
            self._differs.append(("distinct", f"{mine.distinct} / {sent.distinct}"))
        if not said.sqlite:
            self._clause("locks", said.clause(mine.locks, _word), seen.clause(sent.locks, _word))

    def _tail(self) -> None:
        self._clause("order", self.said.order(), self.seen.order(), ordered=True)
        self._bounds()

    def _bounds(self) -> None:
        said, seen = self.said, self.seen
        limit = seen.bounds(seen.query.limit)
        guards = said.query.expects in ("one", "unique") and not said.query.limit.possibly()
        if not (guards and all(_number(part.form) > 1 for part in limit.parts)):
            self._clause("limit", said.bounds(said.query.limit), limit)
        offset, sent = said.bounds(said.query.offset), seen.bounds(seen.query.offset)
        none = not offset and [part.form for part in sent.parts] == [("bound", 0)]
        self._clause("offset", offset, Said() if none else sent)

    def _parts(self) -> None:
        mine, sent = self.said.query, self.seen.query
        if mine.set_operation != sent.set_operation or len(mine.parts) != len(sent.parts):
            self._differs.append(("set operation", f"{mine.set_operation or '-'} / {sent.set_operation or '-'}"))
            return
        for one, other in zip(mine.parts, sent.parts, strict=True):
            inner = Comparison(one, other, self.said.tables, self.seen.bound or ()).result()
            self._compared += inner.compared
            self._unknown += inner.unknown
            self._differs += inner.differs

    def _projection(self) -> Said:
        """What dblint says is selected, with the relations that come along."""
        said = self.said
        projection = said.projection()
        parts = list(projection.parts)
        for eager in self.query.eager.values():
            if eager.strategy in JOINED:
                for label in self._joined(eager):
                    parts += map(Part, said._all(label))
        return Said(_once(parts), projection.open or self.query.eager.open)

    def _joined(self, eager: Eager) -> list[str]:
        scope = self.said.scope
        labels = []
        for index in range(1, len(eager.path) + 1):
            path = eager.path[:index]
            for hop in list(scope.along(path))[-1:]:
                if path not in scope.implied:
                    named = [label for _, label in scope.places[1:] if label.partition("#")[0] == hop[-1]]
                    scope.implied[path] = named[0] if named else scope.label(hop[-1])
                    if named:
                        del scope.implied[path]
                        labels.append(named[0])
                        continue
                labels.append(scope.implied[path])
        return labels

    def _sent_projection(self) -> Said:
        """What was selected, without the keys of objects that are made of it."""
        said, seen = self.said.projection(), self.seen.projection()
        forms = [part.form for part in said.parts]
        label = self.seen.scope.labels[0] if self.seen.scope.labels else ""
        table = self.seen.scope.table(label)
        keys = (
            [("column", label, name.lower()) for key in table.keys if key.kind == "primary" for name in key.columns]
            if table
            else []
        )
        entities = self.query.projection.possibly() and not self.query.sql and self.query.verb is not Verb.AGGREGATE
        if not entities:
            return seen
        return Said(tuple(part for part in seen.parts if part.form in forms or part.form not in keys), seen.open)

    def _insert(self) -> None:
        said, seen = self.said, self.seen
        if said.query.parts or seen.query.parts:
            if len(said.query.parts) != len(seen.query.parts):
                self._differs.append(("source", f"{len(said.query.parts)} / {len(seen.query.parts)}"))
            for one, other in zip(said.query.parts, seen.query.parts, strict=False):
                inner = Comparison(one, other, said.tables, seen.bound or ()).result()
                self._compared += inner.compared
                self._unknown += inner.unknown
                self._differs += inner.differs
        assigned, sent = said.assignments(), seen.assignments()
        names = {part.form[1] for part in assigned.parts}
        if not said.query.sql:
            sent = Said(tuple(part for part in sent.parts if part.form[1] in names or not self._default(part.form)))
        self._clause("assignments", assigned, sent)
        self._returning()

    def _default(self, form: Form) -> bool:
        """Whether a column is given what its model says where a program says nothing."""
        table = self.seen.scope.table(self.seen.scope.labels[0])
        column = table.column(form[1]) if table is not None else None
        return (
            form[1] == "_id" or form[2] in (("null",), ("bound", "")) or (column is not None and bool(column.default))
        )

    def _change(self) -> None:
        said, seen = self.said, self.seen
        if said.query.verb is not Verb.DELETE:
            self._clause("assignments", said.assignments(), seen.assignments())
        if not self.key:
            self._clause("where", said.where(), seen.where())
        self._clause("order", said.order(), seen.order(), ordered=True)
        self._returning()

    def _returning(self) -> None:
        """What a write gives back. What a library asks for by itself, of the rows that it wrote, is not compared; of a
        text, that is no more than their keys."""
        said, seen = self.said.returning(), self.seen.returning()
        own = self.seen.scope.labels[0] if self.seen.scope.labels else ""
        table = self.seen.scope.table(own)
        keys = {name.lower() for key in table.keys if key.kind == "primary" for name in key.columns} if table else set()
        by_itself = (
            part.form[0] in ("column", "star")
            and part.form[1] == own
            and (not self.query.sql or (part.form[0] == "column" and part.form[2] in keys))
            for part in seen.parts
        )
        if not said and all(by_itself):
            return
        self._clause("returning", said, seen)

    def _clause(self, name: str, said: Said, seen: Said, *, ordered: bool = False) -> None:
        if not said and not seen:
            return
        self._compared.append(name)
        agree = _in_order(said, seen) if ordered else _together(said, seen)
        if not agree:
            self._differs.append((name, f"{_shown(said)} / {_shown(seen)}"))
        elif said.open or any(_has_any(part.form) for part in said.parts):
            self._unknown.append(name)


def _once(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(part for at, part in enumerate(parts) if part not in parts[:at])


def _word(lock: str) -> Form:
    return ("lock", lock.lower().removeprefix("for "))


def _number(form: Form) -> float:
    if form[0] == "bound" and isinstance(form[1], int):
        return form[1]
    return int(form[2]) if form[0] == "literal" and form[2].isdigit() else 0


# Clauses


def _together(said: Said, seen: Said) -> bool:
    """Whether all that surely stands was sent, and nothing else was, in whatever order."""
    left = list(seen.parts)
    for part in sorted(said.parts, key=lambda part: _has_any(part.form)):
        found = next((each for each in left if same(part.form, each.form)), None)
        if found is not None:
            left.remove(found)
        elif part.always:
            return False
    return said.open or not left


def _in_order(said: Said, seen: Said) -> bool:
    """Whether the elements were sent one after the other; more may follow those of an open clause."""
    left = list(seen.parts)
    for part in said.parts:
        if left and same(part.form, left[0].form):
            left.pop(0)
        elif part.always:
            return False
    return said.open or not left


def _has_any(form: object) -> bool:
    """Whether something in a form is left open."""
    if isinstance(form, Forms):
        query = form.query
        clauses = (query.sources, query.projection, query.where, query.grouping, query.having, query.limit)
        return any(clause.open for clause in clauses) or any(_has_any(part.form) for part in form.where().parts)
    if not isinstance(form, tuple):
        return False
    return form[:1] == ("any",) or any(map(_has_any, form))


# Forms


def same(said: Form, seen: Form) -> bool:
    """Whether what dblint says is what was sent."""
    rule = _RULES.get(said[0])
    return rule(said, seen) if rule is not None else _alike(said, seen)


def _alike(said: Form, seen: Form) -> bool:
    """The same kind, with the same parts."""
    return said[0] == seen[0] and len(said) == len(seen) and all(map(_part, said[1:], seen[1:]))


def _part(said: object, seen: object) -> bool:
    if isinstance(said, tuple) and isinstance(seen, tuple):
        if said and seen and isinstance(said[0], str) and isinstance(seen[0], str):
            return same(said, seen)
        return len(said) == len(seen) and all(map(_part, said, seen))
    if isinstance(said, Forms) and isinstance(seen, Forms):
        return not Comparison(said.query, seen.query, said.tables, seen.bound or ()).result().differs
    return said == seen


def _any(said: Form, seen: Form) -> bool:
    return all(_within(column, seen) for column in said[1])


def _within(column: Form, form: object) -> bool:
    return form == column or (isinstance(form, tuple) and any(_within(column, part) for part in form))


def _parameter(said: Form, seen: Form) -> bool:
    return seen[0] in ("bound", "null")


def _handed(said: Form, seen: Form) -> bool:
    return seen[0] == "bound" or seen[:2] == ("literal", "number")


def _column(said: Form, seen: Form) -> bool:
    return said == seen or (said[1] == UNKNOWN and seen[0] == "column" and said[2] == seen[2])


def _literal(said: Form, seen: Form) -> bool:
    if seen[0] == "bound":
        return bool(_text(seen[1]) == said[2])
    if seen[0] == "boolean":
        return bool(said[2] in ("0", "1") and seen[1] is (said[2] == "1"))
    return said == seen


def _boolean(said: Form, seen: Form) -> bool:
    if seen[0] == "bound":
        return bool(seen[1] in (0, 1) and bool(seen[1]) is said[1])
    if seen[0] == "literal":
        return bool(seen[2] in ("0", "1") and (seen[2] == "1") is said[1])
    return said == seen


def _list(said: Form, seen: Form) -> bool:
    if seen[0] == "bound" and isinstance(seen[1], list):
        return bool(not said[1] or [item[-1] for item in said[1]] == [_text(value) for value in seen[1]])
    if seen[0] != "list":
        return False
    return not said[1] or (len(said[1]) == len(seen[1]) and all(map(_part, said[1], seen[1])))


def _like(said: Form, seen: Form) -> bool:
    if seen[0] != "like":
        return False
    _, before, inner, behind = said
    if seen[1:2] == (before,) and seen[3:] == (behind,) and same(inner, seen[2]):
        return True
    if seen[1] or seen[3] or seen[2][0] not in ("bound", "literal"):
        return False
    text = _text(seen[2][1] if seen[2][0] == "bound" else seen[2][2])
    if inner[0] == "literal":
        return bool(text == f"{before}{inner[2]}{behind}")
    return bool(inner[0] == "parameter" and text.startswith(before) and text.endswith(behind))


def _joined(said: Form, seen: Form) -> bool:
    """And, or: the same parts in whatever order."""
    if seen[0] != said[0]:
        return False
    return _together(Said(tuple(map(Part, said[1]))), Said(tuple(map(Part, seen[1]))))


def _compare(said: Form, seen: Form) -> bool:
    if seen[0] != "compare":
        return False
    _, left, operator, right = said
    if left[0] == "function" and left[1] == "is-null" and right == ("parameter",):
        return seen[2] in ("is", "is-not") and same(left[2][0], seen[1]) and seen[3] == ("null",)
    if operator == seen[2] in ("in", "not-in") and right[0] == seen[3][0] == "query" and same(left, seen[1]):
        one, other = right[1], seen[3][1]
        # Of a model's rows, what IN looks through are their keys.
        mine, sent = one.query, other.query
        if not (mine.sql or mine.projection.possibly()):
            if not _of_keys(other):
                return False
            mine, sent = (msgspec.structs.replace(each, projection=Clause()) for each in (mine, sent))
        return not Comparison(mine, sent, other.tables, other.bound or ()).result().differs
    if operator == "=" and seen[2] == "in" and seen[3][0] == "list" and len(seen[3][1]) == 1:
        return same(left, seen[1]) and same(right, seen[3][1][0])
    return operator == seen[2] and same(left, seen[1]) and same(right, seen[3])


def _function(said: Form, seen: Form) -> bool:
    """A function; of what EXISTS asks, what is selected and a limit of one row do not count. A function of something
    that is not said may stand inside of others."""
    if said[:2] == seen[:2] == ("function", "exists"):
        one, other = _asked(said), _asked(seen)
        if one is not None and other is not None:
            return not Comparison(_bare(one), _bare(other), other.tables, other.bound or ()).result().differs
    if len(said[2]) == 1 and said[2][0][0] == "any":
        return _named(said[1], seen) and _any(said[2][0], seen)
    return _alike(said, seen)


def _named(word: str, form: object) -> bool:
    """Whether a function of that name stands in a form."""
    if not isinstance(form, tuple):
        return False
    return form[:2] == ("function", word) or any(_named(word, part) for part in form)


def _asked(form: Form) -> Forms | None:
    """The query of which a function asks whether it has rows."""
    arguments = form[2]
    query = arguments[0][1] if len(arguments) == 1 and arguments[0][0] == "query" else None
    return query if isinstance(query, Forms) else None


def _of_keys(forms: Forms) -> bool:
    """Whether a query selects the primary key of its first source, and nothing else."""
    label = forms.scope.labels[0] if forms.scope.labels else ""
    table = forms.scope.table(label)
    primary = [key.columns for key in table.keys if key.kind == "primary"] if table is not None else []
    keys = [("column", label, name.lower()) for columns in primary for name in columns]
    return [part.form for part in forms.projection().parts] == keys


def _bare(forms: Forms) -> Query:
    return msgspec.structs.replace(forms.query, projection=Clause(), limit=Clause())


def _table(said: Form, seen: Form) -> bool:
    """A source: what is not said of its join is not compared."""
    if seen[0] != "table" or said[1] != seen[1]:
        return False
    _, _, join, on, inner = said
    if join is not None and join != seen[2]:
        return False
    return bool((on is None or _part(on, seen[3])) and _part(inner, seen[4]))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


_RULES: dict[str, Callable[[Form, Form], bool]] = {
    "any": _any,
    "column": _column,
    "parameter": _parameter,
    "handed": _handed,
    "literal": _literal,
    "boolean": _boolean,
    "list": _list,
    "like": _like,
    "and": _joined,
    "or": _joined,
    "compare": _compare,
    "function": _function,
    "table": _table,
}


def _shown(said: Said) -> str:
    parts = [("" if part.always else "sometimes ") + _form(part.form) for part in said.parts]
    return ", ".join([*parts, *(["…"] if said.open else [])]) or "-"


def _form(form: object) -> str:
    if isinstance(form, Forms):
        return f"({form.query.sql or form.query.table})"
    if not isinstance(form, tuple):
        return str(form)
    if form[:1] == ("column",):
        return f"{form[1]}.{form[2]}"
    if form[:1] == ("compare",):
        return " ".join(map(_form, form[1:]))
    return (
        f"{form[0]}({', '.join(map(_form, form[1:]))})"
        if form and isinstance(form[0], str)
        else ", ".join(map(_form, form))
    )
