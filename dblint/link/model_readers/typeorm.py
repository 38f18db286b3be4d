"""TypeORM entities as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dblint.facts.schema import Index, IndexColumn, Key, Relation, SchemaColumn, Table
from dblint.facts.tree import Kind
from dblint.link.arguments import Site
from dblint.link.model_readers import snake
from dblint.link.model_readers.shared import ON_READ, Related, Surroundings, place, replaced
from dblint.link.model_readers.typeorm_columns import ColumnMaker
from dblint.link.model_readers.typeorm_members import RELATIONS, Mark, Member, Members
from dblint.link.model_readers.typeorm_names import Naming, camel
from dblint.link.values import UNKNOWN, ProjectClass, Value, options

CLASSES = ("Entity", "ViewEntity", "ChildEntity")
FOLLOWED = 6
"""How far a key that is a relation is followed to the key that it holds."""


class TypeOrmModels:
    """Reads TypeORM's entities. One per evaluator."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.plain = surroundings.plain
        self.evaluator = surroundings.evaluator
        self.members = Members(surroundings)
        self.columns = ColumnMaker(surroundings, self.members)
        self.naming = Naming(surroundings)
        self._mapped: dict[ProjectClass, tuple[dict[str, Member], bool]] = {}

    # Names

    def _entity(self, model: ProjectClass) -> Mark | None:
        marks, _ = self.members.marks(model.path, model.node)
        return next((mark for mark in marks if mark.word in CLASSES), None)

    def _owner(self, model: ProjectClass) -> ProjectClass | None:
        """The entity whose table a class has: its own, or that of the entity that it is a kind of."""
        entity = self._entity(model)
        if entity is None:
            return None
        if entity.word != "ChildEntity":
            return model
        for cls in self.evaluator.classes.mro(model)[1:]:
            if isinstance(cls, ProjectClass):
                above = self._entity(cls)
                if above is not None and above.word != "ChildEntity":
                    return cls
        return None

    def _name(self, model: ProjectClass) -> str:
        """The name of an entity's table."""
        entity = self._entity(model)
        name = self.plain.string(entity.options.get("name")) if entity is not None else ""
        if entity is not None and not name and entity.arguments:
            name = self.plain.string(entity.arguments[0])
        return name or snake(self.evaluator.tree(model.path).value(model.node))

    def _table_of(self, model: Value) -> str:
        owner = self._owner(model) if isinstance(model, ProjectClass) else None
        return self._name(owner) if owner is not None else ""

    # Members

    def _all(self, model: ProjectClass) -> tuple[dict[str, Member], bool]:
        """The marked properties of an entity with those of the classes above it, and whether all are known."""
        found = self._mapped.get(model)
        if found is not None:
            return found
        members: dict[str, Member] = {}
        complete = True
        for cls in reversed(self.evaluator.classes.mro(model)):
            if isinstance(cls, ProjectClass):
                body, known = self.members.body(cls)
                complete = complete and known and self._known_base(cls)
                members.update({member.name: member for member in body})
        self._mapped[model] = (members, complete)
        return members, complete

    def _known_base(self, cls: ProjectClass) -> bool:
        interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
        return len(self.evaluator.classes.mro(cls)) > 1 or interface is None or not interface.bases

    # Tables

    def table(self, model: ProjectClass) -> Table | None:
        """The table of an entity; that of the entity that it is a kind of for a child; None for bases."""
        owner = self._owner(model)
        entity = self._entity(owner) if owner is not None else None
        if owner is None or entity is None:
            return None
        members, complete = self._all(owner)
        where = place(self.evaluator, Site(owner.path, owner.node, None))
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        indexes: list[Index] = []
        primary: list[str] = []
        named: dict[str, tuple[str, ...]] = {}
        for member in members.values():
            mark = member.column
            if mark is None or member.relation is not None:
                continue
            if mark.arguments and self.members.body_of(mark.arguments[0]) is not None:
                complete = False  # a class of columns inside of this one
                continue
            complete = complete and not mark.open
            column = self.columns.column(member, mark, self.naming.called(member.name))
            columns.append(column)
            named[member.name] = (column.name,)
            if mark.word in ("PrimaryColumn", "PrimaryGeneratedColumn", "ObjectIdColumn") or self.plain.true(
                mark.options.get("primary")
            ):
                primary.append(column.name)
            if self.plain.true(mark.options.get("unique")):
                keys.append(Key("unique", (column.name,), place=column.place))
        for member in members.values():
            mark = member.relation
            if mark is not None:
                complete = complete and not mark.open
                joined = self._join_columns(owner, member, columns)
                named[member.name] = tuple(column.name for column in joined)
                keys += self._foreign(member, mark, joined)
                if self.plain.true(mark.options.get("primary")):
                    primary += named[member.name]
        if primary:
            keys.insert(0, Key("primary", tuple(dict.fromkeys(primary)), place=where))
        for member in members.values():
            complete = self._marked(member.marks, named, named.get(member.name, ()), keys, indexes) and complete
        marks, _ = self.members.marks(owner.path, owner.node)
        complete = self._marked(marks, named, (), keys, indexes) and complete
        special = {mark.word for mark in marks} & {"TableInheritance", "Tree"}
        return Table(
            self._name(owner),
            schema=self.plain.string(entity.options.get("schema")),
            model=self.evaluator.tree(owner.path).value(owner.node),
            origin="model",
            view=entity.word == "ViewEntity",
            columns=replaced(columns),
            keys=tuple(keys),
            indexes=tuple(indexes),
            relations=tuple(related.relation for related in self.relations(owner).values()),
            complete=complete and not special and bool(self.naming.how()) and not entity.open,
            place=where,
        )

    def _join_columns(self, owner: ProjectClass, member: Member, columns: list[SchemaColumn]) -> list[SchemaColumn]:
        """The columns that hold a relation, added to the others where no property stands for them."""
        found: list[SchemaColumn] = []
        mark = member.relation
        if mark is None or not self._holds(member):
            return found
        target = self._target(owner, member)
        null = self.plain.constant(mark.options.get("nullable")) != "false"
        where = place(self.evaluator, Site(member.owner.path, member.node, None))
        for name, key in self._joined(member, target):
            known = next((column for column in columns if column.name == name), None)
            if known is None:
                kind = key.type if key is not None else ""
                known = SchemaColumn(name, kind, null, attribute=member.name, place=where)
                columns.append(known)
            found.append(known)
        return found

    def _holds(self, member: Member) -> bool:
        """Whether a relation's columns are in this table."""
        word = member.relation.word if member.relation is not None else ""
        return word in ("ManyToOne", "TreeParent") or (word == "OneToOne" and member.mark("JoinColumn") is not None)

    def _joined(self, member: Member, target: Value) -> list[tuple[str, SchemaColumn | None]]:
        """The names of the columns that hold a relation, each with the column that it refers to."""
        join = member.mark("JoinColumn")
        given: list[Mapping[str, Site]] = []
        if join is not None and join.options:
            given = [join.options]
        elif join is not None and join.arguments:
            given = [dict(self.columns.pairs(element)) for element in self.plain.elements(join.arguments[0])]
        primary = self._primary(target)
        if not given:
            return [(self.naming.foreign(member.name, key.attribute or key.name), key) for key in primary] or (
                [(self.naming.foreign(member.name, "id"), None)] if not isinstance(target, ProjectClass) else []
            )
        found: list[tuple[str, SchemaColumn | None]] = []
        for position, options_ in enumerate(given):
            word = self.plain.string(options_.get("referencedColumnName"))
            key = next((column for column in self._columns(target) if word and column.attribute == word), None)
            key = key or (primary[position] if position < len(primary) else None)
            otherwise = self.naming.foreign(member.name, word or (key.attribute if key is not None else "id"))
            found.append((self.plain.string(options_.get("name")) or otherwise, key))
        return found

    def _primary(self, model: Value) -> list[SchemaColumn]:
        """The columns of an entity's key that are properties of their own."""
        words = ("PrimaryColumn", "PrimaryGeneratedColumn", "ObjectIdColumn")
        return [column for column, mark in self._plain_columns(model) if mark.word in words]

    def _columns(self, model: Value) -> list[SchemaColumn]:
        return [column for column, _ in self._plain_columns(model)]

    def _plain_columns(self, model: Value) -> Iterator[tuple[SchemaColumn, Mark]]:
        if not isinstance(model, ProjectClass):
            return
        for member in self._all(model)[0].values():
            mark = member.column
            if mark is not None and member.relation is None:
                yield self.columns.column(member, mark, self.naming.called(member.name)), mark

    def _foreign(self, member: Member, mark: Mark, joined: Sequence[SchemaColumn]) -> list[Key]:
        if not joined:
            return []
        columns = tuple(column.name for column in joined)
        target = self._target(member.owner, member)
        where = place(self.evaluator, Site(member.owner.path, member.node, None))
        keys = [
            Key(
                "foreign",
                columns,
                self._constraint(member),
                self._table_of(target),
                tuple(key.name for _, key in self._joined(member, target) if key is not None),
                on_delete=self.plain.string(mark.options.get("onDelete")).lower(),
                on_update=self.plain.string(mark.options.get("onUpdate")).lower(),
                enforced=self.plain.constant(mark.options.get("createForeignKeyConstraints")) != "false",
                place=where,
            )
        ]
        return [*keys, Key("unique", columns, place=where)] if mark.word == "OneToOne" else keys

    def _constraint(self, member: Member) -> str:
        join = member.mark("JoinColumn")
        return self.plain.string(join.options.get("foreignKeyConstraintName")) if join is not None else ""

    def _marked(
        self,
        marks: Sequence[Mark],
        named: Mapping[str, tuple[str, ...]],
        own: tuple[str, ...],
        keys: list[Key],
        indexes: list[Index],
    ) -> bool:
        """Adds the indexes and constraints of a class or property; False where one cannot be read."""
        known = True
        for mark in marks:
            if mark.word not in ("Index", "Unique", "Check", "Exclusion"):
                continue
            where = place(self.evaluator, mark.site)
            texts = [self.plain.string(argument) for argument in mark.arguments]
            if mark.word in ("Check", "Exclusion"):
                name = texts[0] if len(texts) > 1 else ""
                kind = "check" if mark.word == "Check" else "exclude"
                keys.append(Key(kind, (), name, place=where, expression=texts[-1] if texts else ""))
                continue
            lists = [argument for argument, text in zip(mark.arguments, texts, strict=True) if not text]
            names = self.members.names(lists[0]) if lists else None
            columns = tuple(column for name in names or () for column in named.get(name, (self.naming.called(name),)))
            if not lists:
                columns = own
            name = next((text for text in texts if text), "")
            known = known and bool(columns) and not mark.open
            if not columns:
                continue
            if mark.word == "Unique":
                keys.append(Key("unique", columns, name, place=where))
            else:
                indexes.append(
                    Index(
                        name,
                        tuple(IndexColumn(column) for column in columns),
                        self.plain.true(mark.options.get("unique")),
                        predicate=self.plain.string(mark.options.get("where")),
                        place=where,
                    )
                )
        return known

    # Relations

    def ordered(self, *_: object) -> None:
        """Every class has a table of its own: nothing."""

    def implied(self, *_: object) -> SchemaColumn | None:
        """None: every column is declared."""
        return None

    def relations(self, model: ProjectClass) -> Mapping[str, Related]:
        """The relations of an entity by property."""
        members, _ = self._all(model)
        found: dict[str, Related] = {}
        for member in members.values():
            mark = member.relation
            if mark is None:
                continue
            target = self._target(model, member)
            kind = RELATIONS[mark.word]
            pairs = self._joined(member, target) if self._holds(member) else []
            relation = Relation(
                member.name,
                self._table_of(target),
                kind,
                tuple(name for name, _ in pairs),
                tuple(key.name for _, key in pairs if key is not None),
                self._inverse(mark),
                self._loaded(member, mark),
                place=place(self.evaluator, Site(member.owner.path, member.node, None)),
            )
            found[member.name] = Related(member.name, target, kind != "to-one", relation, model, query_name=member.name)
        return found

    def _loaded(self, member: Member, mark: Mark) -> str:
        """How a relation is loaded: with its row, when it is read, or "" where only a query that names it does."""
        if self.plain.true(mark.options.get("eager")):
            return "joined"
        lazily = self.plain.true(mark.options.get("lazy")) or self.members.promises(member)
        return ON_READ if lazily else ""

    def _inverse(self, mark: Mark) -> str:
        if len(mark.arguments) < 2:
            return ""
        names = self.members.names(mark.arguments[1])
        return names[0] if names and len(names) == 1 else ""

    def _target(self, model: ProjectClass, member: Member) -> Value:
        """The entity that a relation leads to."""
        mark = member.relation
        if mark is None or mark.word.startswith("Tree"):
            return ProjectClass(model.path, model.node)
        written = mark.arguments[0] if mark.arguments else None
        inner = (self.members.body_of(written) or written) if written is not None else None
        if inner is None:
            return UNKNOWN
        tree = self.evaluator.tree(inner.path)
        if tree.kinds[inner.node] == Kind.STRING:
            return self._by_name(tree.value(inner.node))
        found = [
            option
            for option in options(self.evaluator.value(inner.path, inner.node, inner.context))
            if isinstance(option, ProjectClass)
        ]
        return ProjectClass(found[0].path, found[0].node) if len(found) == 1 else UNKNOWN

    def _by_name(self, name: str) -> Value:
        found = [
            ProjectClass(path, node)
            for path in sorted(self.evaluator.files)
            for node, interface in self.evaluator.files[path].interface.classes.items()
            if interface.name == name and self._entity(ProjectClass(path, node)) is not None
        ]
        return found[0] if len(found) == 1 else UNKNOWN

    def inverses(self, model: ProjectClass) -> Sequence[tuple[Value, Related]]:  # noqa: ARG002 - both ends are declared
        """What its relations add to others: nothing."""
        return ()

    def others(self) -> Sequence[Table]:
        """The tables that are declared without a class: none."""
        return ()

    # Tables between two entities

    def joins(self, model: ProjectClass) -> Sequence[Table]:
        """The tables of the many-to-many relations that an entity owns."""
        if self._owner(model) != model:
            return ()
        return [
            self._join(model, member, join)
            for member in self._all(model)[0].values()
            if member.mark("ManyToMany") is not None and (join := member.mark("JoinTable")) is not None
        ]

    def _join(self, model: ProjectClass, member: Member, mark: Mark) -> Table:
        target = self._target(model, member)
        own, other = self._name(model), self._table_of(target)
        where = place(self.evaluator, Site(member.owner.path, member.node, None))
        name = self.plain.string(mark.options.get("name")) or snake(f"{own}_{member.name}_{other}")
        columns: list[SchemaColumn] = []
        keys: list[Key] = []
        for entity, table, option in ((model, own, "joinColumn"), (target, other, "inverseJoinColumn")):
            given = dict(self.columns.pairs(mark.options[option])) if option in mark.options else {}
            for key in self._primary(entity):
                column = self.plain.string(given.get("name")) or self.naming.foreign(camel(table), key.name)
                if column in {each.name for each in columns}:
                    column = f"{column}_2"
                columns.append(SchemaColumn(column, key.type, nullable=False, place=where))
                keys.append(
                    Key("foreign", (column,), "", table, (key.name,), "cascade", on_update="cascade", place=where)
                )
        names = tuple(column.name for column in columns)
        return Table(
            name,
            origin="model",
            columns=tuple(columns),
            keys=(Key("primary", names, place=where), *keys) if names else (),
            indexes=tuple(Index("", (IndexColumn(column),), place=where) for column in names),
            complete=bool(other) and len(columns) > 1 and bool(self.naming.how()),
            place=where,
        )
