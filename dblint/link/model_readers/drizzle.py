"""Drizzle's tables: `pgTable("users", { id: serial().primaryKey() }, (table) => [index().on(table.id)])`, and what
`relations(users, …)` and `defineRelations(…)` say of how their rows lead to others.

Source: Drizzle ORM documentation, "SQL schema declaration", "Indexes & Constraints", "Relations", and the sources of
drizzle-orm 0.45: a column without a name is called as its key, in the words of `casing` where `drizzle()` is given it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind, Role
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import Related, Surroundings, arguments, replaced, sized, typed
from dblint.link.values import FunctionValue, Instance, ProjectClass, Value, options

DIALECTS: Mapping[str, str] = {
    "drizzle:PgTable": "postgres",
    "drizzle:MySqlTable": "mysql",
    "drizzle:SqliteTable": "sqlite",
}
LINKS = 40
"""Calls of a chain that are looked at."""
HOLE = "?"
CLIENT = frozenset({"$default", "$defaultFn", "$onUpdate", "$onUpdateFn"})
"""Defaults that the library fills in."""
GENERATED = frozenset(
    {"generatedAlwaysAs", "generatedAlwaysAsIdentity", "generatedByDefaultAsIdentity", "defaultNow", "defaultRandom"}
)
SERIAL = frozenset({"serial", "bigserial", "smallserial"})
_HUMP = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[0-9]+")


class Said(msgspec.Struct, frozen=True):
    """A chain that begins with a call: its words with the calls that they are of, the first one first."""

    first: Site
    calls: tuple[tuple[str, Site], ...]

    def call(self, *words: str) -> Site | None:
        """The call of one of these words."""
        return next((site for word, site in self.calls if word in words), None)


class Led(msgspec.Struct, frozen=True):
    """One relation as it is written: `columns` are those of its own table, `name` what it and its other end share."""

    attribute: str
    target: Value
    many: bool
    columns: tuple[str, ...]
    others: tuple[str, ...]
    name: str
    site: Site


class DrizzleModels:
    """Reads Drizzle's tables. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self._led: dict[ProjectClass, list[Led]] | None = None
        self._snake: bool | None = None

    # Chains

    def _chain(self, site: Site) -> Said | None:
        """What a chain of calls says (`text("name").notNull()`)."""
        tree = self.evaluator.tree(site.path)
        node, calls = site.node, list[tuple[str, Site]]()
        for _ in range(LINKS):
            if tree.kinds[node] != Kind.CALL:
                return None
            callee = node + 1
            here = Site(site.path, node, site.context)
            if tree.kinds[callee] == Kind.NAME:
                return Said(here, ((tree.value(callee), here), *reversed(calls)))
            if tree.kinds[callee] != Kind.ATTRIBUTE:
                return None
            calls.append((tree.value(callee), here))
            if tree.kinds[callee + 1] != Kind.CALL:
                return Said(here, tuple(reversed(calls)))
            node = callee + 1
        return None

    def _given(self, site: Site | None) -> Iterator[Site]:
        """What a function gives, or the expression itself."""
        if site is None:
            return
        found = [
            (option.path, node, option.context)
            for option in options(self.evaluator.value(site.path, site.node, site.context))
            if isinstance(option, FunctionValue)
            for node in self.evaluator.returns(option)
        ]
        yield from (Site(*each) for each in found) if found else (site,)

    # Tables

    def _dialect(self, model: ProjectClass) -> str:
        types = self.evaluator.classes.library_types(model)
        return next((DIALECTS[cls.name] for cls in types if cls.name in DIALECTS), self.surroundings.dialect)

    def _name(self, model: Value) -> str:
        if not isinstance(model, ProjectClass):
            return ""
        name = self.plain.string(self.plain.argument(Site(model.path, model.node, None), "0"))
        return self._prefixed(model, name) if name else ""

    def _prefixed(self, model: ProjectClass, name: str) -> str:
        """The name that a function makes of it which all tables are made with (`pgTableCreator((name) => …)`)."""
        tree = self.evaluator.tree(model.path)
        held = self.plain.held(Site(model.path, model.node + 1, None))
        made = self.evaluator.tree(held.path)
        if tree.kinds[model.node + 1] != Kind.NAME or made.kinds[held.node] != Kind.CALL:
            return name
        for site in self._given(self.plain.argument(held, "0")):
            inner = self.evaluator.tree(site.path)
            if inner.kinds[site.node] != Kind.TEMPLATE:
                return name if inner.kinds[site.node] == Kind.NAME else ""
            parts = [
                inner.value(child) if inner.kinds[child] == Kind.STRING else name for child in inner.children(site.node)
            ]
            return "".join(parts)
        return name

    def _schema(self, model: ProjectClass) -> str:
        """The schema that a table is made of (`pgSchema("shop").table(…)`)."""
        tree = self.evaluator.tree(model.path)
        if tree.kinds[model.node + 1] != Kind.ATTRIBUTE:
            return ""
        held = self.plain.held(Site(model.path, model.node + 2, None))
        if self.evaluator.tree(held.path).kinds[held.node] != Kind.CALL:
            return ""
        return self.plain.string(self.plain.argument(held, "0"))

    def table(self, model: ProjectClass) -> Table | None:
        """The table that a call declares; None where its name cannot be said."""
        name = self._name(model)
        if not name:
            return None
        dialect = self._dialect(model)
        site = Site(model.path, model.node, None)
        pairs, hidden = self._columns(model)
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        primary: list[str] = []
        for attribute, value in pairs:
            said = self._chain(self.plain.held(value))
            column = self._column(attribute, value, said, dialect)
            columns.append(column)
            if said is not None:
                if said.call("primaryKey") is not None:
                    primary.append(column.name)
                keys += self._keys(name, column.name, said)
        if primary:
            keys.insert(0, Key("primary", tuple(primary), place=self.plain.place(site)))
        indexes: list[Index] = []
        named = {column.attribute: column.name for column in columns}
        for each in self._extras(model):
            said = self._chain(each)
            if said is None:
                hidden = True
            else:
                self._extra(name, said, named, keys, indexes)
        keyed = {column for key in keys if key.kind == "primary" for column in key.columns}
        columns = [msgspec.structs.replace(one, nullable=False) if one.name in keyed else one for one in columns]
        return Table(
            name,
            self._schema(model),
            model=self.evaluator.classes.class_name(model),
            origin="model",
            database=dialect,
            columns=replaced(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self.relations(model).values()),
            complete=not hidden,
            place=self.plain.place(site),
        )

    def _columns(self, model: ProjectClass) -> tuple[list[tuple[str, Site]], bool]:
        given = list(self._given(self.plain.argument(Site(model.path, model.node, None), "1")))
        return entries(self.evaluator, given[0]) if len(given) == 1 else ([], True)

    def _column(self, attribute: str, site: Site, said: Said | None, dialect: str) -> SchemaColumn:
        place = self.plain.place(site)
        if said is None:
            return SchemaColumn(self._cased(attribute), attribute=attribute, place=place)
        name = self.plain.string(self.plain.argument(said.first, "0")) or self._cased(attribute)
        kind = self._type(site, said, dialect)
        key = said.call("primaryKey") is not None
        default, by = self._default(said)
        return SchemaColumn(
            name,
            f"{kind}[]" if kind and said.call("array") is not None else kind,
            nullable=not key and said.call("notNull") is None and said.calls[0][0] not in SERIAL,
            default=default,
            attribute=attribute,
            default_by=by,
            place=place,
            enum=self._words(said),
        )

    def _type(self, site: Site, said: Said, dialect: str) -> str:
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            kind = typed(self.evaluator, option.cls) if isinstance(option, Instance) else None
            if kind is not None and kind.row.column is not None:
                found = sized(self.plain, kind.row.column, lambda at: self._slot(said.first, at), dialect)
                return found or self._own_type(said)
        return ""

    def _slot(self, call: Site, at: str) -> Site | None:
        """What stands at one of several places, options first."""
        for place in at.split("|"):
            first, _, key = place.partition(".")
            given = self.plain.argument(call, first)
            site = dict(entries(self.evaluator, given)[0]).get(key) if given is not None else None
            if site is not None:
                return site
        return None

    def _own_type(self, said: Said) -> str:
        """The name of an enumeration that the database knows (`pgEnum("mood", …)`)."""
        held = self.plain.held(Site(said.first.path, said.first.node + 1, said.first.context))
        if self.evaluator.tree(held.path).kinds[held.node] != Kind.CALL:
            return ""
        return self.plain.string(self.plain.argument(held, "0"))

    def _words(self, said: Said) -> tuple[str, ...]:
        """The words of an enumeration that the database knows."""
        held = self.plain.held(Site(said.first.path, said.first.node + 1, said.first.context))
        at = held if self.evaluator.tree(held.path).kinds[held.node] == Kind.CALL else said.first
        words = self.plain.argument(at, "1")
        if said.calls[0][0] != "mysqlEnum" and at is said.first:
            return ()
        found = self.plain.strings(words) if words is not None else ()
        return found if all(found) else ()

    def _default(self, said: Said) -> tuple[str, str]:
        if any(word in CLIENT for word, _ in said.calls):
            return "", "client"
        if said.calls[0][0] in SERIAL or any(word in GENERATED for word, _ in said.calls):
            return "", "database"
        given = said.call("default")
        value = self.plain.argument(given, "0") if given is not None else None
        return (self.plain.source(value), "database") if value is not None else ("", "")

    def _cased(self, attribute: str) -> str:
        if self._snake is None:
            found = [self._slot(Site(path, call, None), "1.casing|0.casing") for path, call in self._opened()]
            self._snake = any(site is not None and self.plain.string(site) == "snake_case" for site in found)
        return "_".join(word.lower() for word in _HUMP.findall(attribute)) if self._snake else attribute

    def _opened(self) -> Iterator[tuple[str, int]]:
        yield from self.evaluator.words.imported("drizzle")

    # Keys and indexes

    def _keys(self, table: str, column: str, said: Said) -> Iterator[Key]:
        where = self.plain.place(said.first)
        unique = said.call("unique")
        if unique is not None:
            name = self.plain.string(self.plain.argument(unique, "0"))
            yield Key("unique", (column,), name or f"{table}_{column}_unique", place=where)
        references = said.call("references")
        if references is None:
            return
        for site in self._given(self.plain.argument(references, "0")):
            target, name = self._named(site)
            if target is not None and name:
                deleted, updated = (self._slot(references, f"1.{word}") for word in ("onDelete", "onUpdate"))
                yield Key(
                    "foreign",
                    (column,),
                    target=self._name(target),
                    target_columns=(name,),
                    on_delete=self.plain.string(deleted),
                    on_update=self.plain.string(updated),
                    place=where,
                )

    def _named(self, site: Site) -> tuple[ProjectClass | None, str]:
        """The table and the column that an attribute of one names (`users.id`)."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.ATTRIBUTE:
            return None, ""
        for option in options(self.evaluator.value(site.path, site.node + 1, site.context)):
            if isinstance(option, ProjectClass):
                model = ProjectClass(option.path, option.node)
                return model, self._named_column(model, tree.value(site.node))
        return None, ""

    def _named_column(self, model: ProjectClass, attribute: str) -> str:
        """The column behind an attribute, asked of its declaration alone."""
        for name, site in self._columns(model)[0]:
            if name == attribute:
                said = self._chain(self.plain.held(site))
                first = self.plain.argument(said.first, "0") if said is not None else None
                return self.plain.string(first) or self._cased(attribute)
        return ""

    def _extras(self, model: ProjectClass) -> Iterator[Site]:
        """What the third argument says of the table: a list, or the values of an object."""
        third = self.plain.argument(Site(model.path, model.node, None), "2")
        for site in self._given(third):
            tree = self.evaluator.tree(site.path)
            if tree.kinds[site.node] == Kind.OBJECT:
                yield from (value for _, value in entries(self.evaluator, site)[0])
            elif tree.kinds[site.node] == Kind.LIST:
                yield from (Site(site.path, child, site.context) for child in tree.children(site.node))

    def _extra(self, table: str, said: Said, named: Mapping[str, str], keys: list[Key], indexes: list[Index]) -> None:
        word = said.calls[0][0]
        where = self.plain.place(said.first)
        name = self.plain.string(self.plain.argument(said.first, "0"))
        on = said.call("on", "onOnly", "using")
        given = arguments(self.plain, on) if on is not None else []
        method = self.plain.string(given.pop(0)) if on is not None and on is said.call("using") and given else ""
        columns = [self._indexed(site, named) for site in given]
        names = tuple(column.name for column in columns)
        if word in ("index", "uniqueIndex") and columns:
            called = name or f"{table}_{'_'.join(names)}_index"
            predicate = said.call("where")
            text = self._sql(self.plain.argument(predicate, "0"), named) if predicate is not None else ""
            indexes.append(Index(called, tuple(columns), word == "uniqueIndex", method, text, place=where))
        elif word == "unique" and columns:
            keys.append(Key("unique", names, name or f"{table}_{'_'.join(names)}_unique", place=where))
        elif word == "primaryKey":
            listed = self.plain.elements(self._slot(said.first, "0.columns")) or arguments(self.plain, said.first)
            keys.append(Key("primary", tuple(self._indexed(site, named).name for site in listed), place=where))
        elif word == "foreignKey":
            own = tuple(
                self._indexed(site, named).name for site in self.plain.elements(self._slot(said.first, "0.columns"))
            )
            others = [self._named(site) for site in self.plain.elements(self._slot(said.first, "0.foreignColumns"))]
            target = self._name(others[0][0]) if others and others[0][0] is not None else table
            actions = [
                self.plain.string(self.plain.argument(call, "0")) if (call := said.call(each)) is not None else ""
                for each in ("onDelete", "onUpdate")
            ]
            called = self.plain.string(self._slot(said.first, "0.name"))
            keys.append(
                Key(
                    "foreign",
                    own,
                    called,
                    target,
                    tuple(name for _, name in others),
                    on_delete=actions[0],
                    on_update=actions[1],
                    place=where,
                )
            )
        elif word == "check":
            text = self._sql(self.plain.argument(said.first, "1"), named)
            keys.append(Key("check", (), name, place=where, expression=text))

    def _sql(self, site: Site | None, named: Mapping[str, str]) -> str:
        """The text of a piece of SQL, with a mark for each of its holes."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.TAGGED:
            return self.plain.source(site) or HOLE
        template = tree.child(site.node, Role.ARGUMENT)
        parts: list[str] = []
        for child in tree.children(template) if template >= 0 else ():
            if tree.kinds[child] == Kind.STRING:
                parts.append(tree.value(child))
                continue
            value = tree.child(child, Role.VALUE)
            attribute = tree.value(value) if value >= 0 and tree.kinds[value] == Kind.ATTRIBUTE else ""
            parts.append(named.get(attribute, HOLE))
        return "".join(parts).strip() or HOLE

    def _indexed(self, site: Site, named: Mapping[str, str]) -> IndexColumn:
        """A column of an index or key, with what is said of it behind (`table.weight.desc()`)."""
        tree = self.evaluator.tree(site.path)
        node, descending, operator_class = site.node, False, ""
        for _ in range(LINKS):
            if tree.kinds[node] != Kind.CALL or tree.kinds[node + 1] != Kind.ATTRIBUTE:
                break
            word = tree.value(node + 1)
            descending = descending or word == "desc"
            if word == "op":
                operator_class = self.plain.string(self.plain.argument(Site(site.path, node, site.context), "0"))
            node += 2
        if tree.kinds[node] == Kind.ATTRIBUTE and tree.value(node) in named:
            return IndexColumn(named[tree.value(node)], descending, operator_class=operator_class)
        return IndexColumn(self.plain.source(site), descending, expression=True, operator_class=operator_class)

    # Relations

    def _all_led(self) -> Mapping[ProjectClass, list[Led]]:
        if self._led is not None:
            return self._led
        found: dict[ProjectClass, list[Led]] = {}
        for path, call in self.evaluator.words.imported("relations"):
            given = arguments(self.plain, Site(path, call, None))
            if len(given) == 2:
                model = self._model(given[0])
                for site in self._given(given[1]) if model is not None else ():
                    for attribute, value in entries(self.evaluator, site)[0]:
                        led = self._read(attribute, value)
                        if led is not None and model is not None:
                            found.setdefault(model, []).append(led)
        for path, call in self.evaluator.words.imported("defineRelations"):
            self._defined(Site(path, call, None), found)
        if not self.evaluator.depth():
            self._led = found
        return found

    def _model(self, site: Site) -> ProjectClass | None:
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, ProjectClass) and self.evaluator.tree(option.path).kinds[option.node] == Kind.CALL:
                return ProjectClass(option.path, option.node)
        return None

    def _read(self, attribute: str, site: Site) -> Led | None:
        """`many(posts)`, `one(users, { fields: [posts.authorId], references: [users.id] })`."""
        tree = self.evaluator.tree(site.path)
        if tree.kinds[site.node] != Kind.CALL or tree.kinds[site.node + 1] != Kind.NAME:
            return None
        word, given = tree.value(site.node + 1), arguments(self.plain, site)
        target = self._model(given[0]) if given else None
        if word not in ("one", "many") or target is None:
            return None
        fields = [self._named(each)[1] for each in self.plain.elements(self._slot(site, "1.fields"))]
        others = [self._named(each)[1] for each in self.plain.elements(self._slot(site, "1.references"))]
        name = self.plain.string(self._slot(site, "1.relationName"))
        return Led(attribute, target, word == "many", tuple(fields), tuple(others), name, site)

    def _defined(self, call: Site, found: dict[ProjectClass, list[Led]]) -> None:
        """`defineRelations(schema, (r) => ({ users: { posts: r.many.posts({ from: r.users.id, … }) } }))`."""
        given = arguments(self.plain, call)
        relations = self.evaluator.relations
        for site in self._given(given[1]) if len(given) == 2 and relations is not None else ():
            for table, inner in entries(self.evaluator, site)[0]:
                model = relations.called(table) if relations is not None else None
                for attribute, value in entries(self.evaluator, inner)[0] if model is not None else ():
                    tree = self.evaluator.tree(value.path)
                    callee = value.node + 1
                    if tree.kinds[value.node] != Kind.CALL or tree.kinds[callee] != Kind.ATTRIBUTE:
                        continue
                    word = tree.value(callee + 1)
                    target = relations.called(tree.value(callee)) if relations is not None else None
                    if word in ("one", "many") and target is not None and model is not None:
                        columns = self._ends(self._slot(value, "0.from"), model)
                        others = self._ends(self._slot(value, "0.to"), target)
                        name = self.plain.string(self._slot(value, "0.alias"))
                        led = Led(attribute, target, word == "many", columns, others, name, value)
                        found.setdefault(model, []).append(led)

    def _ends(self, site: Site | None, model: ProjectClass) -> tuple[str, ...]:
        if site is None:
            return ()
        tree = self.evaluator.tree(site.path)
        listed = self.plain.elements(site) if tree.kinds[site.node] == Kind.LIST else [site]
        words = [tree.value(each.node) for each in listed if tree.kinds[each.node] == Kind.ATTRIBUTE]
        return tuple(name for word in words if (name := self._named_column(model, word)))

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a table by attribute."""
        led = self._all_led()
        found: dict[str, Related] = {}
        for each in led.get(ProjectClass(model.path, model.node), ()):
            back = (
                [
                    other
                    for other in led.get(each.target, ())
                    if other.target == model and other.name == each.name and other.columns and not each.columns
                ]
                if isinstance(each.target, ProjectClass)
                else []
            )
            held = each.columns if not each.many else ()
            others = each.others or (back[0].columns if len(back) == 1 else ())
            kind = "to-many" if each.many else "to-one"
            where = self.plain.place(each.site)
            relation = Relation(each.attribute, self._name(each.target), kind, held, others, place=where)
            found[each.attribute] = Related(
                each.attribute, each.target, each.many, relation, model, query_name=each.attribute
            )
        return found

    def joins(self, model: ProjectClass) -> Sequence[Table]:  # noqa: ARG002 - every table is declared
        """The tables between two models: all are declared."""
        return ()

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002 - both ends are declared
        """What its relations add to others: nothing."""
        return ()

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every table sorts nothing by itself."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column is declared."""
        return None
