"""What a database answered: rows of its tables, or names that it keeps of its own tables and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dblint.facts import query as query_facts
from dblint.facts.query import Column, Function, Query, Star, Verb, When
from dblint.facts.text import Origin, Text
from dblint.facts.tree import Kind, Role
from dblint.libraries.grammar import Member
from dblint.link.arguments import Site, find
from dblint.link.values import UNKNOWN, Instance, Scalar, Value, options
from dblint.sql.query import looks_like_sql, parse

if TYPE_CHECKING:
    from dblint.link.texts.origins import Origins
    from dblint.link.texts.text import Texts

LINKS = 16
"""Links and names between a value and the statement that it was read by."""
NESTED = 20
"""Queries inside each other's FROM that are looked at."""


class Answers:
    """Answers what was read by which statement. One per evaluator."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.evaluator = origins.evaluator
        self.texts: Texts | None = None

    def read(self, site: Site) -> Origin:
        """The origin of what is read from a row, an iterated result or a list of them."""
        return self._judged(self._behind(site))

    def called(self, call: Site) -> Origin | None:
        """The origin of what a call on a receiver without a type gives, where a statement is handed to it, or to the
        same receiver right before; None where no statement is seen."""
        texts = self._handed(call)
        if not texts:
            tree = self.evaluator.tree(call.path)
            receiver = call.node + 2
            if tree.kinds[receiver] != Kind.NAME:
                return None
            texts = self._earlier(Site(call.path, receiver, call.context))
        return self._judged(texts) if texts else None

    def column(self, site: Site) -> tuple[str, str] | None:
        """The table and column that an entry or attribute of a row is (`row[0]`, `row["id"]`, `row.id`), or a name that
        a row is unpacked into; None where the statement does not say it."""
        tree = self.evaluator.tree(site.path)
        kind, at = tree.kinds[site.node], site.node
        if kind == Kind.NAME:
            return self._unpacked(site)
        if kind == Kind.SUBSCRIPT:
            at = tree.child(site.node, Role.INDEX)
            if at < 0 or tree.kinds[at] not in (Kind.NUMBER, Kind.STRING):
                return None
        elif kind != Kind.ATTRIBUTE:
            return None
        owner = Site(site.path, site.node + 1, site.context)
        if not _is_row(self.evaluator.value(owner.path, owner.node, owner.context)):
            return None
        return self._column_of(owner, tree.value(at), number=tree.kinds[at] == Kind.NUMBER)

    def _column_of(self, owner: Site, name: str, *, number: bool) -> tuple[str, str] | None:
        """The column at a position, or under a name, of rows, as all statements say that they may be of."""
        found = {_read(parse(text).query, name, number=number) for text in self._behind(owner)}
        return found.pop() if len(found) == 1 else None

    def _unpacked(self, site: Site) -> tuple[str, str] | None:
        """The column that a name holds by which rows are taken apart (`for number, state in rows`)."""
        tree = self.evaluator.tree(site.path)
        name = tree.value(site.node)
        reached = self.evaluator.scope(site.path).reaching(site.node, name) or ()
        bindings = [binding for binding, _ in reached]
        target = tree.child(bindings[0], Role.TARGET) if len(bindings) == 1 else -1
        if target < 0 or tree.kinds[target] not in (Kind.TUPLE, Kind.LIST):
            return None
        parts = list(tree.children(target))
        positions = [number for number, part in enumerate(parts) if tree.value(part) == name]
        if len(positions) != 1 or any(tree.kinds[part] != Kind.NAME for part in parts[: positions[0] + 1]):
            return None
        given = tree.child(bindings[0], Role.ITERABLE)
        value = self.evaluator.value(site.path, given, site.context) if given >= 0 else UNKNOWN
        if not _is_row(self.evaluator.elements.element(value)):
            return None
        return self._column_of(Site(site.path, given, site.context), str(positions[0]), number=True)

    def statement(self, call: Site) -> list[Text]:
        """The statement that a call runs or is handed, whatever its receiver is; none where none is seen."""
        row = self.origins.row(call)
        return self._slot(row, call) if isinstance(row, Member) and row.run else self._handed(call)

    def _earlier(self, name: Site) -> list[Text]:
        """The statement of the last call on a name, before its use, that ran one."""
        tree = self.evaluator.tree(name.path)
        for node, _ in self.evaluator.scope(name.path).reaching(name.node, tree.value(name.node)) or ():
            if tree.kinds[node] != Kind.CALL:
                break
            call = Site(name.path, node, name.context)
            texts = self.statement(call)
            if texts:
                return texts
        return []

    def _handed(self, call: Site) -> list[Text]:
        """The statement that a call of a member gets as its first argument; none where it is no SQL."""
        tree = self.evaluator.tree(call.path)
        argument = tree.child(call.node, Role.ARGUMENT)
        if self.texts is None or argument < 0 or tree.kinds[call.node + 1] != Kind.ATTRIBUTE:
            return []
        given = Site(call.path, argument, call.context)
        if tree.kinds[argument] == Kind.CALL:
            row = self.origins.row(given)
            if not isinstance(row, Member) or row.text is None:
                return []
            return self._slot(row, given)
        if tree.kinds[argument] not in (Kind.STRING, Kind.TEMPLATE, Kind.BINARY, Kind.NAME):
            return []
        return [text for text in self.texts.of(given) if looks_like_sql(text)]

    def _slot(self, row: Member, call: Site) -> list[Text]:
        """The texts in a row's slot, taken out of the library's own wrapper for them."""
        if self.texts is None or row.text is None:
            return []
        found: list[Text] = []
        for inner in find(self.evaluator, row.text.at, call).sites:
            sites: tuple[Site, ...] = (inner,)
            if self.evaluator.tree(inner.path).kinds[inner.node] == Kind.CALL:
                made = self.origins.row(inner)
                if isinstance(made, Member) and made.text is not None and not made.run:
                    sites = find(self.evaluator, made.text.at, inner).sites
            found += [text for site in sites for text in self.texts.of(site)]
        return found

    def _behind(self, site: Site) -> list[Text]:
        """The text of the statement whose result a value is a part of, as far as it can be followed."""
        path, node = site.path, site.node
        tree = self.evaluator.tree(path)
        scope = self.evaluator.scope(path)
        for _ in range(LINKS):
            for option in options(self.evaluator.value(path, node, site.context)):
                for step in reversed(option.steps) if isinstance(option, Instance) else ():
                    if step.member.run:
                        return self._slot(step.member, Site(step.path, step.node, step.context))
            kind = tree.kinds[node]
            if kind == Kind.CALL:
                call = Site(path, node, site.context)
                row = self.origins.row(call)
                if isinstance(row, Member) and row.run:
                    return self._slot(row, call)
                handed = self._handed(call)
                if handed:
                    return handed
                argument = tree.child(node, Role.ARGUMENT)
                wraps = row is not None and row.string == "derived" and tree.kinds[node + 1] != Kind.ATTRIBUTE
                node = argument if wraps and argument >= 0 else node + 1
            elif kind in (Kind.ATTRIBUTE, Kind.SUBSCRIPT):
                node += 1
            elif kind in (Kind.AWAIT, Kind.CAST):
                node = tree.child(node, Role.VALUE)
            elif kind == Kind.COMPREHENSION:
                node = tree.child(node, Role.BODY)
            elif kind == Kind.NAME:
                earlier = self._earlier(Site(path, node, site.context))
                if earlier:
                    return earlier
                reached = scope.reaching(node, tree.value(node)) or []
                bindings = [binding for binding, _ in reached if tree.kinds[binding] != Kind.CALL]
                if len(bindings) != 1:
                    return []
                role = Role.VALUE if tree.kinds[bindings[0]] == Kind.ASSIGN else Role.ITERABLE
                node = tree.child(bindings[0], role)
            else:
                return []
            if node < 0:
                return []
        return []

    @staticmethod
    def _judged(texts: list[Text]) -> Origin:
        """SCHEMA where nothing but the database's description of itself is read, UNKNOWN where its functions
        answer: what they read, or make, is not seen."""
        answered = Origin.SCHEMA
        for text in texts:
            query = parse(text).query
            pending = [query] if query is not None else []
            seen = 0
            while pending:
                seen += 1
                inner = pending.pop()
                sources = list(inner.sources.values())
                nested = [source.query for source in sources if source.query is not None]
                if inner.verb is Verb.COMMAND:
                    continue  # `PRAGMA table_info(t)`: no rows of a table
                if _of_functions(inner):
                    answered = Origin.UNKNOWN
                    continue
                if not sources or inner.sources.open or seen > NESTED:
                    return Origin.DATABASE
                if not all(source.of_catalogue or source.query is not None for source in sources):
                    return Origin.DATABASE
                pending += nested
            if not seen:
                return Origin.DATABASE
        return answered if texts else Origin.DATABASE


def _of_functions(query: Query) -> bool:
    """Whether a statement reads no table by itself, and gives what functions of the database make of its arguments."""
    made = [element.value for element in query.projection.elements]
    return (
        query.verb is Verb.SELECT
        and not (query.sources.possibly() or query.projection.open or query.parts or query.ctes)
        and any(isinstance(each, Function) for each in made)
        and all(isinstance(each, (Function, query_facts.Value)) for each in made)
        and next(iter(query.nested()), None) is None
    )


def _is_row(value: Value) -> bool:
    """Whether a value is a row that a statement gave, whichever it is."""
    rows = list(options(value))
    return bool(rows) and all(isinstance(option, Scalar) and option.kind == "row" for option in rows)


def _read(query: Query | None, name: str, *, number: bool) -> tuple[str, str] | None:
    """The table and column that a statement reads at a position, or under a name, into its rows."""
    if query is None or query.verb is not Verb.SELECT or query.projection.open or query.parts or query.ctes:
        return None
    selected = [element.value for element in query.projection.elements]
    if query.sources.open or any(element.when is not When.ALWAYS for element in query.projection.elements):
        return None
    sources = list(query.sources.values())
    if number:
        index = int(name) if name.isdigit() else len(selected)
        every = any(isinstance(each, Star) for each in selected[: index + 1])
        found = selected[index] if index < len(selected) and not every else None
    elif len(selected) == 1 and isinstance(selected[0], Star) and len(sources) == 1:
        found = Column(name)
    else:
        # Other names that columns are given are no part of a query's shape.
        renamed = " as " in f" {' '.join(query.sql.lower().split())} "
        same = [each for each in selected if isinstance(each, Column) and each.name == name]
        found = same[0] if len(same) == 1 and not renamed else None
    if not isinstance(found, Column) or found.relation:
        return None
    own = found.table.lower()
    owners = [each for each in sources if not own or own in (each.alias.lower(), each.name.lower())]
    return (owners[0].name, found.name) if len(owners) == 1 and owners[0].real else None
