"""Objection's models as tables: what a class says of its table, its key and how its rows lead to others.

Source: Objection 3 documentation, "Models" and "Relations", and lib/model of 3.1.5: `tableName`, `idColumn` (`id` where
it is not said), `jsonSchema` (properties of rows; the database knows nothing of it), `relationMappings` (an object, or
a function that gives one; `join` names columns with their tables).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dblint.facts.schema import OUTLINE, Key, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind
from dblint.link.arguments import Site, entries
from dblint.link.model_readers.shared import JOIN, Related, Surroundings, place
from dblint.link.values import (
    UNKNOWN,
    Context,
    Expression,
    FunctionValue,
    ProjectClass,
    SchemaModel,
    Value,
    options,
)

KINDS: Mapping[str, str] = {
    "BelongsToOneRelation": "to-one",
    "HasOneRelation": "to-one",
    "HasOneThroughRelation": "to-one",
    "HasManyRelation": "to-many",
    "ManyToManyRelation": "many-to-many",
}
KEY = "id"
"""The column of the key where a model says nothing of it."""


class ObjectionModels:
    """Reads Objection's models. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator

    # What a class says

    def _said(self, model: ProjectClass, name: str) -> Site | None:
        """The expression that a static member of a class is, or that its getter or function gives; None where it is
        none, or one of several."""
        pending = list(options(self.evaluator.members.attribute(model, name, model.path)))
        if len(pending) != 1:
            return None
        value = pending[0]
        if isinstance(value, FunctionValue):
            around = Context(value.node, value.path, value.receiver, value.bound, value.context)
            given = options(self.evaluator.returned(value, around))
            value = given[0] if len(given) == 1 else UNKNOWN
        return Site(value.path, value.node, value.context) if isinstance(value, Expression) else None

    def _name(self, model: Value) -> str:
        return self.plain.string(self._said(model, "tableName")) if isinstance(model, ProjectClass) else ""

    def _key(self, model: ProjectClass) -> tuple[str, ...]:
        said = self._said(model, "idColumn")
        if said is None:
            return (KEY,)
        several = self.plain.strings(said)
        one = self.plain.string(said)
        return tuple(several) if several else (one,) if one else ()

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of a model; None for bases, which name none."""
        name = self._name(model)
        if not name:
            return None
        schema, _, table = name.rpartition(".")
        where = place(self.evaluator, Site(model.path, model.node, None))
        key = self._key(model)
        columns = [SchemaColumn(word, place=where) for word in key if word]
        columns += [column for column in self._properties(model) if column.name not in key]
        relations = self.relations(model)
        return Table(
            table,
            schema,
            model=self.evaluator.classes.class_name(model),
            origin="model",
            columns=tuple(columns),
            keys=(Key("primary", key, place=where),) if key and all(key) else (),
            relations=tuple(related.relation for related in relations.values()),
            complete=False,
            place=where,
            options=(OUTLINE,),
        )

    def _properties(self, model: ProjectClass) -> list[SchemaColumn]:
        """The properties that a model's rows are checked for, which are columns of its table."""
        schema = self._said(model, "jsonSchema")
        given = dict(entries(self.evaluator, schema)[0]).get("properties") if schema is not None else None
        pairs = entries(self.evaluator, given)[0] if given is not None else []
        return [SchemaColumn(name, place=place(self.evaluator, site)) for name, site in pairs]

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables between two models that no model stands for."""
        return [
            self._between(related)
            for related in self.relations(model).values()
            if isinstance(related.join, SchemaModel) and related.relation.kind == "many-to-many"
        ]

    @staticmethod
    def _between(related: Related) -> Table:
        name = related.join.name if isinstance(related.join, SchemaModel) else ""
        where = related.relation.place
        return Table(name, origin="model", complete=False, place=where, options=(OUTLINE,))

    # Relations

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of a model by name."""
        said = self._said(model, "relationMappings")
        found: dict[str, Related] = {}
        for name, site in entries(self.evaluator, said)[0] if said is not None else ():
            related = self._related(model, name, site)
            if related is not None:
                found[name] = related
        return found

    def _related(self, model: ProjectClass, name: str, site: Site) -> Related | None:
        given = dict(entries(self.evaluator, site)[0])
        kind = KINDS.get(self._word(given.get("relation")), "")
        join = dict(entries(self.evaluator, given["join"])[0]) if "join" in given else {}
        if not kind or not join:
            return None
        target = self._model(given.get("modelClass"))
        own, other = self._columns(join.get("from")), self._columns(join.get("to"))
        through = dict(entries(self.evaluator, join["through"])[0]) if "through" in join else {}
        word = self._word(given.get("relation"))
        held = own[1] if word == "BelongsToOneRelation" else ()
        relation = Relation(
            name,
            self._name(target) or other[0],
            kind,
            held,
            other[1] if not through else (),
            place=place(self.evaluator, site),
        )
        between: Value = UNKNOWN
        if through:
            table = self._columns(through.get("from"))[0]
            joining = self._model(through.get("modelClass"))
            between = joining if isinstance(joining, ProjectClass) else SchemaModel(table, JOIN) if table else UNKNOWN
        return Related(name, target, kind != "to-one", relation, model, query_name=name, join=between)

    def _word(self, site: Site | None) -> str:
        """The last word of what a relation's kind is written as (`Model.HasManyRelation`)."""
        if site is None:
            return ""
        tree = self.evaluator.tree(site.path)
        return tree.value(site.node) if tree.kinds[site.node] in (Kind.NAME, Kind.ATTRIBUTE) else ""

    def _columns(self, site: Site | None) -> tuple[str, tuple[str, ...]]:
        """The table and the columns of one end of a join (`"persons.id"`, or a list of such)."""
        if site is None:
            return "", ()
        words = self.plain.strings(site) or (self.plain.string(site),)
        tables = {word.rpartition(".")[0] for word in words}
        names = tuple(word.rpartition(".")[2] for word in words)
        return (tables.pop() if len(tables) == 1 else ""), names if all(names) else ()

    def _model(self, site: Site | None) -> Value:
        """The model that a relation leads to: a class, a function that gives one, or the path of a file that exports
        it, of which only the name is read."""
        if site is None:
            return UNKNOWN
        found: list[Value] = []
        for option in options(self.evaluator.value(site.path, site.node, site.context)):
            if isinstance(option, FunctionValue):
                around = Context(option.node, option.path, option.receiver, option.bound, option.context)
                found += options(self.evaluator.returned(option, around))
            else:
                found.append(option)
        classes = [option for option in found if isinstance(option, ProjectClass)]
        if len(found) == len(classes) == 1:
            return ProjectClass(classes[0].path, classes[0].node)
        return self._by_file(site)

    def _by_file(self, site: Site) -> Value:
        """The only model that a file of that name exports (`path.join(__dirname, "Person")`)."""
        tree = self.evaluator.tree(site.path)
        words = [tree.value(node) for node in range(site.node, tree.ends[site.node]) if tree.kinds[node] == Kind.STRING]
        stem = words[-1].rpartition("/")[2].partition(".")[0] if words else ""
        found: list[ProjectClass] = []
        for path in sorted(self.evaluator.files) if stem else ():
            if path.rpartition("/")[2].partition(".")[0] == stem and self.evaluator.javascript(path):
                classes = self.evaluator.files[path].interface.classes
                found += [cls for node in classes if self._name(cls := ProjectClass(path, node))]
        return found[0] if len(found) == 1 else UNKNOWN

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002 - both ends are declared
        """What its relations add to others: nothing."""
        return ()

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column that is known is declared."""
        return None
