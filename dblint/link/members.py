"""Members of values: attributes that classes declare and that rows name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.derived import derived
from dblint.libraries.grammar import Member, Slot, Type
from dblint.link import hosts
from dblint.link.beginnings import OF_A_PACKAGE, Beginnings
from dblint.link.classes import class_key
from dblint.link.relation_methods import RelationMethods
from dblint.link.returns import parse
from dblint.link.values import (
    NAMED,
    UNKNOWN,
    Alternatives,
    BoundMember,
    Class,
    Context,
    Expression,
    ExternalValue,
    FunctionValue,
    Instance,
    LibraryClass,
    LibraryFunction,
    ListOf,
    ModuleValue,
    ProjectClass,
    Scalar,
    SchemaModel,
    Step,
    Super,
    Unknown,
    Value,
    join,
    options,
    widen,
)

if TYPE_CHECKING:
    from dblint.libraries.reader import Tables
    from dblint.link.types import Evaluator


RELATION = Unknown("relation")
"""What an attribute holds that a model declares as a relation, until it is known where it leads."""


IMPLEMENTATIONS = 3
"""Classes that write a method of an interface, up to which a call of it may be a call of each."""
_SAYS_NOTHING = frozenset({Kind.STRING, Kind.CONSTANT, Kind.RAISE})
"""Statements of a body that leaves a method open: its docstring, `...`, an error."""


_Mixing: TypeAlias = tuple[tuple[ProjectClass, tuple[Class, ...]], ...]
"""Classes that mix one in, each with what stands beside that one in its order."""


def _loads(row: Type) -> bool:
    """Whether a row has members by which the relation that gave it is loaded where it was not."""
    return any(member.run and member.loaded for member in row.members.values())


class Members:
    """Answers what attributes of values hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.beginnings = Beginnings(evaluator)
        self._reading = _reading(evaluator.tables)
        """The last words of decorators by which a method is read as an attribute."""
        types = evaluator.tables.types
        self._statics = frozenset(
            f"{name.partition(':')[0]}:{row.statics}" for name, row in types.items() if row.statics
        )
        """The types whose members classes of models have themselves."""
        self.of_relations = RelationMethods(evaluator)
        self._below: dict[tuple[Instance, ProjectClass, str], Value] = {}
        """What the subclasses of a receiver's class have under a name."""
        self._left_open: dict[tuple[str, int], bool] = {}
        """Functions → whether they have no body that does anything."""
        self._mixing: dict[tuple[ProjectClass, ProjectClass | None], _Mixing] = {}
        self._of_instances: dict[tuple[Instance, str], Value] = {}
        self._of_classes: dict[tuple[Class, str], Value] = {}

    def attribute(self, value: Value, name: str, path: str) -> Value:
        """What `value.name` holds."""
        if isinstance(value, Alternatives):
            return join([self.attribute(option, name, path) for option in value.options])
        found = self._attribute(value, name, path)
        evaluator = self.evaluator
        if isinstance(value, Unknown) or not evaluator.kept.says_nothing(found):
            return found
        if evaluator.javascript(path):
            return self._put_later(value, name, found)
        kept = evaluator.kept.attribute(value, name)
        return found if isinstance(kept, Unknown) else kept

    def _put_later(self, value: Value, name: str, found: Value) -> Value:
        """What a script puts on an object that is made empty, on a library's value, or on a model and its rows, behind
        the place where that is made (`db.orders = …`, `Order.prototype.pay = function () { … }`)."""
        evaluator = self.evaluator
        if isinstance(value, Expression):
            tree = evaluator.tree(value.path)
            empty = value.node + 1 == tree.ends[value.node]
            if tree.kinds[value.node] != Kind.OBJECT or not (empty or evaluator.kept.by_any_key(value)):
                return found
        else:
            cls = value.cls if isinstance(value, Instance) else value
            if isinstance(value, FunctionValue) and evaluator.constructors.constructs(value.path, value.node):
                kept = evaluator.kept.attribute(value, name)
                return found if isinstance(kept, Unknown) else kept
            held = isinstance(value, Instance) and any(row.holds for row in self._rows(value.cls))
            if held or (isinstance(value, Instance) and isinstance(value.cls, LibraryClass)):
                kept = evaluator.kept.attribute(value, name)
                if isinstance(kept, FunctionValue) and kept.receiver is None and not held:
                    return replace(kept, receiver=value)
                return found if isinstance(kept, Unknown) else kept
            if not isinstance(cls, ProjectClass) or not any(row.statics for row in self._rows(cls)):
                return found
        kept = evaluator.kept.attribute(value, name)
        if isinstance(kept, FunctionValue) and not isinstance(value, Expression) and kept.receiver is None:
            return replace(kept, receiver=value)
        if not isinstance(kept, Unknown):
            return kept
        if isinstance(value, Expression) and evaluator.kept.by_any_key(value) and evaluator.relations is not None:
            return evaluator.relations.called(name) or found
        return found

    def _attribute(self, value: Value, name: str, path: str) -> Value:
        evaluator = self.evaluator
        if isinstance(value, Instance):
            if name in (hosts.CLASS_ATTRIBUTES if not evaluator.javascript(path) else hosts.SCRIPT_CLASS_ATTRIBUTES):
                return evaluator.rows.class_of(value)
            return self._of_instance(value, name)
        if isinstance(value, (ProjectClass, LibraryClass)):
            return evaluator.once(self._of_classes, (value, name), self._of_class)
        if isinstance(value, Super):
            return self._behind(value, name)
        if isinstance(value, ModuleValue) and value.path.endswith("/") and evaluator.javascript(path):
            return evaluator.globals.in_folder(value.path, name)
        if isinstance(value, ModuleValue):
            exported = evaluator.target(evaluator.names.export(value.path, name))
            if isinstance(exported, Unknown) and evaluator.javascript(value.path):
                return evaluator.module_objects.member(value.path, name)
            return exported
        if isinstance(value, ExternalValue):
            exports = evaluator.module_objects.exports(value, name, path) if evaluator.javascript(path) else None
            if exports is not None:
                return exports
            if value.path in hosts.GLOBALS and evaluator.javascript(path):
                held = evaluator.globals.value(name)
                return evaluator.host(path, name) if isinstance(held, Unknown) else held
            separator = "." if not evaluator.javascript(path) else "#" if "#" not in value.path else "."
            return evaluator.external(f"{value.path}{separator}{name}")
        if isinstance(value, Expression):
            return self._of_expression(value, name)
        if isinstance(value, LibraryFunction) and evaluator.javascript(path):
            found = evaluator.external(f"{value.path}{'.' if '#' in value.path else '#'}{name}")
            return UNKNOWN if isinstance(found, ExternalValue) else found
        if isinstance(value, FunctionValue):
            # A decorated function's own members: `task.run` is the function, `task.delay` is not.
            own = name in ("bind", "call", "apply", hosts.PROTOTYPE) and evaluator.javascript(path)
            return value if own or evaluator.decorators.direct(value, name) else UNKNOWN
        return UNKNOWN

    def _of_expression(self, value: Expression, name: str) -> Value:
        # An object may spread what it is assigned to (`state = {...state, a}`): that ends like every cycle.
        key = (value.path, value.node, value.context, name)
        return self.evaluator.guarded(key, self._entry, value, name)

    def _entry(self, value: Expression, name: str) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(value.path)
        if tree.kinds[value.node] != Kind.OBJECT:
            return evaluator.records.under(value, name)
        for pair in tree.children(value.node):
            if tree.kinds[pair] == Kind.PAIR and tree.value(pair) == name:
                node = tree.child(pair, Role.VALUE)
                held = evaluator.value(value.path, node, value.context) if node >= 0 else UNKNOWN
                if not isinstance(held, (Scalar, Unknown)) or not evaluator.javascript(value.path):
                    return held
                put = evaluator.globals.member(value, name)
                return held if isinstance(put, Unknown) else put
            if tree.kinds[pair] == Kind.SPREAD:
                node = tree.child(pair, Role.VALUE)
                spread = evaluator.value(value.path, node, value.context) if node >= 0 else UNKNOWN
                found = self.attribute(spread, name, value.path)
                if not isinstance(found, Unknown):
                    return found
        return evaluator.globals.member(value, name) if evaluator.javascript(value.path) else UNKNOWN

    def _of_instance(self, value: Instance, name: str) -> Value:
        found = self.evaluator.once(self._of_instances, (value, name), self._own)
        if (
            value.virtual
            and isinstance(value.cls, ProjectClass)
            and isinstance(found, (Unknown, Scalar, ExternalValue))
        ):
            below = self.evaluator.once(self._below, (value, value.cls, name), self._of_subclasses)
            return found if isinstance(below, Unknown) else below
        if isinstance(value.cls, ProjectClass) and self.left_open(found):
            return self._implemented(value, value.cls, name, found)
        return found

    def left_open(self, found: Value) -> bool:
        """Whether a member is a method that the classes below have to write: a signature without a body, or one
        that only says so."""
        for option in options(found):
            if not isinstance(option, FunctionValue):
                return False
            key = (option.path, option.node)
            left = self._left_open.get(key)
            if left is None:
                left = self._left_open[key] = self._without_body(*key)
            if not left:
                return False
        return True

    def _without_body(self, path: str, function: int) -> bool:
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        body = tree.child(function, Role.BODY)
        if body < 0 or evaluator.decorator_names(path, function) & hosts.ABSTRACT_DECORATORS:
            return True
        statements = list(tree.children(body)) if tree.kinds[body] == Kind.BLOCK else []
        return bool(statements) and all(tree.kinds[statement] in _SAYS_NOTHING for statement in statements)

    def overriding(self, function: FunctionValue) -> list[FunctionValue]:
        """The methods that classes below write in the place of one that is left open; none where it is not."""
        cls = self._owner(function)
        name = self.evaluator.tree(function.path).value(function.node)
        if cls is None or not name or not self.left_open(function):
            return []
        found: dict[tuple[str, int], FunctionValue] = {}
        for below in self.evaluator.classes.subclasses(cls):
            written = self._written(below, name)
            if written is not None and not self.left_open(written):
                found[written.path, written.node] = written
        return list(found.values())

    def overridden(self, function: FunctionValue) -> list[FunctionValue]:
        """The methods of the classes above that are left open for this one to be written."""
        cls = self._owner(function)
        name = self.evaluator.tree(function.path).value(function.node)
        above = self.evaluator.classes.mro(cls)[1:] if cls is not None and name else ()
        found = [self._written(ancestor, name) for ancestor in above if isinstance(ancestor, ProjectClass)]
        return [each for each in found if each is not None and self.left_open(each)]

    def _owner(self, function: FunctionValue) -> ProjectClass | None:
        """The class in whose body a function is written."""
        tree = self.evaluator.tree(function.path)
        around = next((at for at in tree.ancestors(function.node) if tree.kinds[at] in (Kind.FUNCTION, Kind.CLASS)), -1)
        return ProjectClass(function.path, around) if around >= 0 and tree.kinds[around] == Kind.CLASS else None

    def _written(self, cls: ProjectClass, name: str) -> FunctionValue | None:
        """The method of a name that a class's own body has."""
        tree = self.evaluator.tree(cls.path)
        body = tree.child(cls.node, Role.BODY)
        for node in tree.children(body) if body >= 0 else ():
            if tree.kinds[node] == Kind.FUNCTION and tree.value(node) == name:
                return FunctionValue(cls.path, node)
        return None

    def _implemented(self, value: Instance, cls: ProjectClass, name: str, found: Value) -> Value:
        """A method that is left open, and what the few classes that write it have; alone where they are many."""
        classes = self.evaluator.classes
        above = {class_key(ancestor) for ancestor in classes.mro(cls)}
        written: dict[tuple[str, int], Value] = {}
        for below in classes.subclasses(cls):
            owner = classes.owner(below, name)
            if owner is None or class_key(owner) in above or class_key(owner) in written:
                continue
            given = self._declared(owner, name, replace(value, cls=below, virtual=False), below)
            if isinstance(given, FunctionValue) and not self.left_open(given):
                written[class_key(owner)] = given
            if len(written) > IMPLEMENTATIONS:
                return found
        both = join([found, *written.values()])
        return found if isinstance(both, Unknown) else both

    def _of_subclasses(self, question: tuple[Instance, ProjectClass, str]) -> Value:
        """What the classes that extend the receiver's put where it has nothing (`model = None`, a mixin)."""
        value, cls, name = question
        classes = self.evaluator.classes
        above = {class_key(ancestor) for ancestor in classes.mro(cls)}
        values: list[Value] = []
        for below in classes.subclasses(cls):
            owner = classes.owner(below, name)
            if owner is not None and class_key(owner) not in above:
                given = self._declared(owner, name, replace(value, cls=below, virtual=False), below)
                values += [
                    option
                    for option in options(given)
                    if isinstance(option, (Instance, ProjectClass, LibraryClass, ListOf))
                ]
        return self._mixed_in(value, None, name) if not values else widen(values, classes.lineage)

    def _mixed_in(self, value: Instance, after: ProjectClass | None, name: str) -> Value:
        """What the classes that mix a receiver's class in have beside it under a name that it has not itself: what
        stands behind `after` in the order of each, or anywhere in it. Of many such classes, what is true of all."""
        classes = self.evaluator.classes
        cls = value.cls
        if not isinstance(cls, ProjectClass) or self.evaluator.javascript(cls.path):
            return UNKNOWN  # only Python has several bases
        found: list[Value] = []
        methods: dict[tuple[str, int], FunctionValue] = {}
        for below, beside in self.evaluator.once(self._mixing, (cls, after), self._mixed_with):
            receiver = replace(value, cls=below, virtual=False)
            for each in beside:
                given = self._of_base(receiver, each, name, below)
                if given is None:
                    continue
                for option in options(given):
                    if isinstance(option, FunctionValue) and isinstance(each, ProjectClass):
                        methods.setdefault(
                            (option.path, option.node), replace(option, receiver=replace(value, cls=each))
                        )
                    if not isinstance(option, Unknown) and option not in found:
                        found.append(option)
                break
        if len(found) <= IMPLEMENTATIONS:
            return join(found) if found else UNKNOWN
        bound = [option for option in found if isinstance(option, BoundMember)]
        rows: list[Value] = []
        if bound and len({(option.owner, option.name) for option in bound}) == 1:
            how = (f"one of {len(bound)} subclasses",)
            rows.append(replace(bound[0], receiver=Instance(LibraryClass(bound[0].owner), open=True, how=how)))
        if len(bound) + sum(isinstance(option, FunctionValue) for option in found) == len(found):
            few = len(methods) + len(rows) <= IMPLEMENTATIONS and bool(rows) == bool(bound)
            return join([*methods.values(), *rows]) if few else UNKNOWN
        return widen([option for option in found if isinstance(option, Instance)], classes.lineage)

    def _mixed_with(self, question: tuple[ProjectClass, ProjectClass | None]) -> _Mixing:
        """The classes that mix one in, each with those that stand in its order behind `after`, or anywhere, and are
        none that the one extends itself."""
        cls, after = question
        classes = self.evaluator.classes
        own = {class_key(ancestor) for ancestor in classes.mro(cls)}
        found: list[tuple[ProjectClass, tuple[Class, ...]]] = []
        for below in classes.subclasses(cls):
            order = [(class_key(each), each) for each in classes.mro(below)]
            behind = next((at for at, (key, _) in enumerate(order) if after and key == class_key(after)), -1)
            found.append((below, tuple(each for key, each in order[behind + 1 :] if key not in own)))
        return tuple(found)

    def _of_base(self, receiver: Instance, base: Class, name: str, through: Class) -> Value | None:
        """A member as one class has it that the receiver's extends; None where it has none of that name."""
        if isinstance(base, LibraryClass):
            return self._row_attribute(receiver, base, name, through)
        interface = self.evaluator.files[base.path].interface.classes.get(base.node)
        declares = interface is not None and bool(interface.members.get(name))
        return self._declared(base, name, receiver, through) if declares and isinstance(base, ProjectClass) else None

    def _own(self, question: tuple[Instance, str]) -> Value:
        """What a value has by its own class, whatever extends it."""
        value, name = question
        known = self._known(value, name)
        if known is not None:
            return known
        undescribed = self._undescribed(value, self.evaluator.classes.library_types(value.cls), name)
        if not isinstance(undescribed, Unknown):
            return undescribed
        return self._related(value.cls, name) or self.handed_on(value, name) or undescribed

    def _known(self, value: Instance, name: str) -> Value | None:
        """A member that a class of the project declares or a row names."""
        evaluator = self.evaluator
        classes = evaluator.classes
        if isinstance(value.cls, LibraryClass) and value.cls.name in self._statics:
            model = value.argument(evaluator.tables.types[value.cls.name].model)
            own = classes.owner(model, name) if isinstance(model, ProjectClass) else None
            if own is not None and isinstance(model, ProjectClass):
                return self._declared(own, name, value, model)
            added = evaluator.added.member(model, "class", name) if isinstance(model, ProjectClass) else None
            if added is not None:
                return added
        elif isinstance(value.cls, ProjectClass):
            added = evaluator.added.member(value.cls, "row", name)
            if added is not None:
                return added
        owner = classes.owner(value.cls, name)
        if owner is not None and self._of_other_side(owner, name, value.cls, static=False):
            owner = None
        if owner is not None:
            declared = self._declared(owner, name, value, value.cls)
            if declared == RELATION or (self._of_library(declared) and self._annotated(owner, name)):
                return self._related(value.cls, name) or self._as_annotated(declared, value, owner, name)
            if isinstance(declared, Unknown) and self._only_annotated(owner, name):
                # Said for those who check types: what it is, the library says.
                rows = (self._row_attribute(value, cls, name, value.cls) for cls in classes.library_types(value.cls))
                found = next((row for row in rows if row is not None), None) or self.of_relations.member(value, name)
                return found or declared
            if isinstance(declared, Instance) and declared.open:
                return self._as_annotated(declared, value, owner, name)
            if evaluator.properties.says_nothing(declared):
                put = evaluator.properties.read(name)
                return declared if isinstance(put, Unknown) else put
            return declared
        for cls in classes.library_types(value.cls):
            found = self._row_attribute(value, cls, name, value.cls)
            if found is not None:
                return found
        return self.of_relations.member(value, name)

    def _of_other_side(self, owner: ProjectClass, name: str, through: Class, *, static: bool) -> bool:
        """Whether a member is only one of the rows of a model where its class is asked, or the other way around."""
        if not any(row.statics for row in self._rows(through)):
            return False
        interface = self.evaluator.files[owner.path].interface.classes.get(owner.node)
        tree = self.evaluator.tree(owner.path)
        nodes = interface.members[name] if interface is not None else ()
        return not any(tree.kinds[node] == Kind.CLASS or tree.has(node, Flag.STATIC) is static for node in nodes)

    def _as_annotated(self, declared: Value, through: Instance | Class, owner: ProjectClass, name: str) -> Value:
        """A query that a class only says the type of (`query: OwnQuery`): what the library puts under that name, with
        the methods of that type, where the one extends the other."""
        if not isinstance(declared, Instance) or not declared.open or declared.steps:
            return declared
        if not self._only_annotated(owner, name):
            return declared
        classes = self.evaluator.classes
        for cls in classes.library_types(through.cls if isinstance(through, Instance) else through):
            if isinstance(through, Instance):
                row = self._row_attribute(through, cls, name, through.cls)
            else:
                row = self._row_of_class(cls, name, through)
            if isinstance(row, Instance) and row.steps and isinstance(row.cls, LibraryClass):
                if row.cls.name in classes.lineage(declared.cls):
                    return replace(row, cls=declared.cls)
                return row if classes.lineage(declared.cls)[0] in classes.lineage(row.cls) else declared
        return declared

    @staticmethod
    def _of_library(value: Value) -> bool:
        return isinstance(value, Instance) and isinstance(value.cls, LibraryClass)

    def _annotated(self, cls: ProjectClass, name: str) -> bool:
        """Whether a class says of a member what type it has (`comments: QuerySet["Comment"]`): what it is, another
        class may say, or the field that it is given."""
        tree = self.evaluator.tree(cls.path)
        nodes = self.evaluator.files[cls.path].interface.classes[cls.node].members[name]
        return all(tree.kinds[node] == Kind.ASSIGN and tree.child(node, Role.ANNOTATION) >= 0 for node in nodes)

    def _only_annotated(self, cls: ProjectClass, name: str) -> bool:
        """Whether a class says of a member what type it has and gives it no value."""
        tree = self.evaluator.tree(cls.path)
        nodes = self.evaluator.files[cls.path].interface.classes[cls.node].members[name]
        return all(tree.kinds[node] == Kind.ASSIGN and tree.child(node, Role.VALUE) < 0 for node in nodes)

    def handed_on(self, value: Instance, name: str) -> Value | None:
        """What a class gives for members that it does not have (`__getattr__`)."""
        owner = self.evaluator.classes.owner(value.cls, hosts.MISSING_MEMBER)
        if owner is None or self.evaluator.javascript(owner.path):
            return None
        interface = self.evaluator.files[owner.path].interface.classes[owner.node]
        for node in reversed(interface.members[hosts.MISSING_MEMBER]):
            function = FunctionValue(owner.path, node, value)
            parameter = self.evaluator.parameters.parameter_at(function, 0)
            if parameter >= 0:
                given = ((self.evaluator.tree(owner.path).value(parameter), Scalar("string", name)),)
                return self.evaluator.returned(function, Context(node, owner.path, value, given))
        return None

    def _related(self, cls: Class, name: str) -> Value | None:
        """What a relation gives: a row of the other model, or what gives several of them."""
        classes = self.evaluator.classes
        relations = self.evaluator.relations
        if relations is None or not any(
            self.evaluator.tables.types[item.name].declares for item in classes.library_types(cls)
        ):
            return None
        model = classes.behind(cls)
        related = relations.relation(model, name)
        if related is None or not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        how = (f"{name} of {classes.class_name(cls)}",)
        if not related.many:
            lazy = any("await" in row.runs_on or _loads(row) for row in self._rows(related.model))
            steps = (self._narrowed(name, related.relation.target_columns, single=True),) if lazy else ()
            return Instance(related.model, steps=steps, how=how)
        asked = next((word for row in self._rows(related.model) if (word := row.asked.get(related.relation.eager))), "")
        if asked:
            query = self._giving(related.model, asked)
            narrowed = self._narrowed(name, related.relation.columns)
            return replace(query, steps=(*query.steps, narrowed), how=how) if isinstance(query, Instance) else query
        row = next((row for row in self._rows(related.model) if row.related), None)
        if row is None:
            return ListOf(Instance(related.model, how=how))
        manager = self.handle(related.model)
        if manager is None:
            return None
        step = self._narrowed(name, related.relation.columns)
        arguments = manager.arguments
        made: Class = manager.cls
        between = related.relation.kind == "many-to-many"
        if word := row.joined if between else row.referring:
            made = LibraryClass(word, (("B", manager.cls),))
            if between and isinstance(related.join, (ProjectClass, LibraryClass)):
                arguments = (*arguments, ("J", related.join))
        return replace(manager, cls=made, arguments=arguments, steps=(*manager.steps, step), how=how)

    def handle(self, model: Class) -> Instance | None:
        """What asks for all rows of a model, where its library has such a thing."""
        row = next((row for row in self._rows(model) if row.related), None)
        gives = (self._giving(model, word) for word in row.related.split()) if row is not None else ()
        return next((value for value in gives if isinstance(value, Instance)), None)

    @staticmethod
    def _narrowed(name: str, columns: Sequence[str], *, single: bool = False) -> Step:
        """What keeps the rows of a relation to those of one row; `single`: there is only one."""
        column = columns[0] if columns else "*"
        row = Member(where=Slot(value=column), limit=Slot(value=1) if single else None, expects="one" if single else "")
        return Step(row, f"{name}.{column}", "", -1)

    def _giving(self, model: Class, word: str) -> Value:
        """What one of the words in `related` gives: an attribute of the model, or a type made with it."""
        if "<" not in word:
            return self._of_class((model, word))
        declaring = next((cls for cls in self.evaluator.classes.library_types(model) if self._declares(cls)), None)
        return self.evaluator.rows.expression(parse(word), None, declaring, "", -1, None, model)

    def _declares(self, cls: LibraryClass) -> bool:
        return bool(self.evaluator.tables.types[cls.name].declares)

    def _rows(self, cls: Class) -> Iterator[Type]:
        for item in self.evaluator.classes.library_types(cls):
            yield self.evaluator.tables.types[item.name]

    def _behind(self, value: Super, name: str) -> Value:
        """A member as the classes behind `value.after` have it, in the order of the receiver's own class."""
        receiver = value.receiver
        through = receiver.cls if isinstance(receiver, Instance) else receiver
        instance = receiver if isinstance(receiver, Instance) else None
        order = self.evaluator.classes.mro(through)
        position = next((at for at, cls in enumerate(order) if class_key(cls) == class_key(value.after)), -1)
        for cls in order[position + 1 :]:
            found: Value | None
            if isinstance(cls, LibraryClass):
                found = (
                    self._row_attribute(instance, cls, name, through)
                    if instance is not None
                    else self._row_of_class(cls, name, through)
                )
            else:
                interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
                declares = interface is not None and bool(interface.members.get(name))
                found = self._declared(cls, name, instance, through) if declares else None
            if found is not None:
                return found
        if instance is None:
            return Unknown("unknown member")
        mixed = self._mixed_in(instance, value.after, name) if instance.virtual else UNKNOWN
        return self._undescribed(instance, order, name) if isinstance(mixed, Unknown) else mixed

    def _undescribed(self, value: Instance, order: Sequence[Class], name: str) -> Value:
        """A member that no class declares and no row names."""
        evaluator = self.evaluator
        for cls in order:
            if not isinstance(cls, LibraryClass):
                continue
            row = evaluator.tables.types[cls.name]
            if row.settings:
                return self._setting(row.settings, name)
            grown = evaluator.grown.member(value, cls, name)
            if grown is not None:
                return grown
            if row.dynamic and name in evaluator.models:
                return self._dynamic(value, cls, SchemaModel(evaluator.models[name]))
            model = evaluator.relations.called(name) if row.dynamic and evaluator.relations is not None else None
            if model is not None:
                return self._dynamic(value, cls, model)
            if row.named and not name.startswith("_"):
                return self.named(value, cls, name)
            if row.unknown == "same" and not self._settles(name):
                return BoundMember(value, cls.name, name)
        if evaluator.properties.is_open(value.cls):
            return evaluator.properties.read(name)
        return Unknown("unknown member")

    def _settles(self, name: str) -> bool:
        """Whether a member is the host's own by which somebody waits for a value."""
        method = self.evaluator.tables.untyped["javascript"].get(name)
        return method is not None and method.settles

    def _dynamic(self, value: Instance, cls: LibraryClass, model: SchemaModel | ProjectClass) -> Value:
        row = self.evaluator.tables.types[cls.name]
        expression = parse(row.dynamic)
        made = self.evaluator.rows.expression(expression, value, cls, "", -1, None, model)
        return replace(made, how=value.how, connection=value.connection) if isinstance(made, Instance) else made

    def named(self, value: Instance, cls: LibraryClass, name: str) -> Value:
        """What a value gives for a name that is no member: what is of the table of that name, "" for any."""
        row = self.evaluator.tables.types[cls.name]
        around = value.argument(row.model) if row.model else None
        if isinstance(around, SchemaModel) and name:
            name = f"{around.name}.{name}"  # what is named inside of a table is another, whose name begins with its own
        model = SchemaModel(name, NAMED) if name else None
        made = self.evaluator.rows.expression(parse(row.named), None, cls, "", -1, None, model)
        return replace(made, how=value.how, connection=value.connection) if isinstance(made, Instance) else made

    def _setting(self, marker: str, name: str) -> Value:
        values = [self.evaluator.value(path, node) for path, node in self.evaluator.applications.setting(marker, name)]
        return join(values) if values else UNKNOWN

    def _row_attribute(self, value: Instance, cls: LibraryClass, name: str, through: Class) -> Value | None:
        evaluator = self.evaluator
        found = evaluator.tables.member(cls.name, name)
        if found is not None:
            owner, row = found
            if row.attribute:
                return self.evaluator.rows.result(row, value, name, "", -1, None, through=through)
            return BoundMember(value, owner, name)
        delegate = evaluator.tables.types[cls.name].delegates
        if delegate:
            target = value.argument(delegate)
            if target is None:
                made = self.evaluator.rows.expression(parse(delegate), value, cls, "", -1, None, None)
                target = made.cls if isinstance(made, Instance) else None
            if isinstance(target, (LibraryClass, ProjectClass)):
                row_type = self.evaluator.classes.library_types(target)
                model = evaluator.tables.types[cls.name].model
                argument = value.argument(model) if model else None
                before, hidden = self.beginnings.of(value)
                steps, is_open = (*before, *value.steps), value.open or hidden
                other = Instance(target, steps=steps, open=is_open, how=value.how, connection=value.connection)
                if argument is not None and row_type:
                    parameter = evaluator.tables.types[row_type[0].name].model
                    if parameter:
                        other = other.bound(parameter, argument)
                attribute = self._known(other, name)
                if attribute is not None and not isinstance(attribute, Unknown):
                    return attribute
        return None

    def _of_class(self, question: tuple[Class, str]) -> Value:
        value, name = question
        if name == "prototype":
            return Instance(value, value.arguments if isinstance(value, LibraryClass) else ())
        classes = self.evaluator.classes
        owner = classes.owner(value, name)
        if owner is not None and self._of_other_side(owner, name, value, static=True):
            owner = None
        if owner is not None:
            declared = self._declared(owner, name, None, value)
            if isinstance(declared, Instance) and any(row.field == "many-to-many" for row in self._rows(declared.cls)):
                return self._related(value, name) or declared
            if self._stands_for_a_handle(value, name, declared):
                rows = (self._row_of_class(cls, name, value) for cls in classes.library_types(value))
                given = next((row for row in rows if row is not None), None)
                if not isinstance(given, Instance):
                    return declared
                packaged = all(isinstance(option, ExternalValue) for option in options(declared))
                return replace(given, steps=(*given.steps, OF_A_PACKAGE)) if packaged else replace(given, open=True)
            if not (isinstance(declared, Unknown) and self._only_annotated(owner, name)):
                return self._as_annotated(declared, value, owner, name)
        if isinstance(value, ProjectClass):
            added = self.evaluator.added.member(value, "class", name)
            if added is not None:
                return added
        for cls in classes.library_types(value):
            found = self._row_of_class(cls, name, value)
            if found is not None:
                return found
        return self._referred(value, name) or self._inside(value, name) or Unknown("unknown member")

    def _inside(self, cls: Class, name: str) -> Value | None:
        """A library's type that stands in another one's namespace (a class in a class)."""
        tables = self.evaluator.tables
        for path in tables.types[cls.name].path if isinstance(cls, LibraryClass) else ():
            inner = tables.by_path.get(f"{path}{'.' if '#' in path else '#'}{name}")
            if inner is not None:
                return LibraryClass(inner)
        return None

    def _stands_for_a_handle(self, cls: Class, name: str, declared: Value) -> bool:
        """Whether a class has something of which nothing is known under a name where its library's models have what
        asks for their rows: so does this, in whatever way."""
        return isinstance(declared, (Unknown, ExternalValue)) and any(
            name in row.related.split() for row in self._rows(cls)
        )

    def _referred(self, cls: Class, name: str) -> Value | None:
        """What a model's class has under the name of a relation that another model's adds to it (`Author.books`)."""
        word = next((row.referred for row in self._rows(cls) if row.referred), "")
        relations = self.evaluator.relations
        related = (
            relations.relation(self.evaluator.classes.behind(cls), name) if word and relations is not None else None
        )
        if related is None or not related.inverse or not isinstance(related.model, (ProjectClass, LibraryClass)):
            return None
        given = (("R", related.model),)
        return Instance(LibraryClass(word, given), given, how=(f"{name} of {self.evaluator.classes.class_name(cls)}",))

    def _row_of_class(self, cls: LibraryClass, name: str, through: Class) -> Value | None:
        statics = self.evaluator.tables.types[cls.name].statics
        if statics:
            own = LibraryClass(f"{self.evaluator.tables.library(cls.name)}:{statics}")
            model = self.evaluator.tables.types[own.name].model
            how = (f"the class {self.evaluator.classes.class_name(through)}",)
            return self._row_attribute(Instance(own, ((model, through),), how=how), own, name, own)
        member = self.evaluator.tables.member(cls.name, name)
        if member is None:
            return None
        owner, row = member
        instance = Instance(through, cls.arguments, how=(f"the class {self.evaluator.classes.class_name(through)}",))
        if row.attribute:
            return self.evaluator.rows.result(row, instance, name, "", -1, None, through=through)
        return BoundMember(instance, owner, name)

    def _declared(self, cls: ProjectClass, name: str, instance: Instance | None, through: Class) -> Value:
        """A member that a project class declares itself."""
        evaluator = self.evaluator
        nodes = evaluator.files[cls.path].interface.classes[cls.node].members[name]
        tree = evaluator.tree(cls.path)
        receiver: Value = instance if instance is not None else through
        values: list[Value] = []
        said: list[Value] = []
        for node in nodes:
            kind = tree.kinds[node]
            if kind == Kind.FUNCTION:
                decorators = evaluator.decorator_names(cls.path, node)
                if "staticmethod" in decorators:
                    return FunctionValue(cls.path, node)
                if "classmethod" in decorators:
                    return FunctionValue(cls.path, node, through)
                function = FunctionValue(cls.path, node, receiver)
                if self._is_read(cls.path, node, decorators):
                    held = evaluator.returned(FunctionValue(cls.path, node, through), Context(node, cls.path, through))
                    return self._bind(held, through)
                if decorators & hosts.PROPERTY_DECORATORS or tree.has(node, Flag.GETTER):
                    return evaluator.returned(function, Context(node, cls.path, receiver))
                values.append(function)
            elif kind == Kind.CLASS:
                return ProjectClass(cls.path, node)
            elif kind == Kind.PARAMETER:
                context = evaluator.generics.context(cls, receiver)
                values.append(evaluator.parameters.parameter(cls.path, node, name, context))
            elif kind == Kind.ASSIGN:
                # What only says the type says less than what is put there.
                only = tree.child(node, Role.VALUE) < 0
                (said if only else values).append(self._field(cls, node, name, receiver))
        if not any(map(evaluator.complete, values)):
            values = [*said, *values]
        value = join(values)
        return self._bind(value, through)

    def _is_read(self, path: str, function: int, decorators: set[str]) -> bool:
        """Whether a row says of a decorator that what the function returns is read under its name."""
        evaluator = self.evaluator
        if decorators.isdisjoint(self._reading):
            return False
        for decorator in evaluator.tree(path).with_role(function, Role.DECORATOR):
            for option in options(evaluator.value(path, decorator)):
                if isinstance(option, LibraryFunction) and evaluator.tables.functions[option.path][1].reads:
                    return True
        return False

    def _field(self, cls: ProjectClass, node: int, name: str, receiver: Value) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(cls.path)
        inside = evaluator.scope(cls.path).function(node)
        context = (
            Context(inside, cls.path, receiver, evaluator.constructors.arguments(receiver, inside, cls.path))
            if inside >= 0 and tree.contains(cls.node, inside)
            else evaluator.generics.context(cls, receiver)
        )
        value_node = tree.child(node, Role.VALUE)
        annotation = tree.child(node, Role.ANNOTATION)
        value = evaluator.value(cls.path, value_node, context) if value_node >= 0 else UNKNOWN
        for target in tree.with_role(node, Role.TARGET):
            if tree.kinds[target] in (Kind.TUPLE, Kind.LIST, Kind.OBJECT) and value_node >= 0:
                value = evaluator.bindings.project(cls.path, target, value, name)
        if isinstance(receiver, Instance) and isinstance(value, Instance):
            value = self._kept(value)
        if isinstance(value, FunctionValue) and value.receiver is None and inside < 0:
            if evaluator.tree(value.path).has(value.node, Flag.METHOD) and not evaluator.javascript(value.path):
                value = replace(value, receiver=receiver)  # a method by another name (`load = partialmethod(_load, 1)`)
        if annotation >= 0 and isinstance(value, (Unknown, Scalar, ExternalValue, Expression)):
            declared = evaluator.annotations.annotation(cls.path, annotation, context)
            if not isinstance(declared, Unknown) and (
                not isinstance(value, Expression) or evaluator.any_known(declared)
            ):
                return declared
        injected = isinstance(value, Unknown) and value != RELATION and tree.child(node, Role.DECORATOR) >= 0
        if injected and evaluator.javascript(cls.path):
            return evaluator.injected.of(cls.path, node)
        return value

    def _kept(self, value: Instance) -> Value:
        """What a row has under the name of a model's field: a plain value where the field is a column."""
        for cls in self.evaluator.classes.library_types(value.cls):
            kind = self.evaluator.tables.types[cls.name].field
            if kind:
                return Scalar("column") if kind == "column" else RELATION
        return value

    def _bind(self, value: Value, through: Class) -> Value:
        """A value read as a model's attribute learns the class it was read through (descriptors)."""
        if not isinstance(value, Instance) or not any(row.declares for row in self._rows(through)):
            return value
        for cls in self.evaluator.classes.library_types(value.cls):
            parameter = self.evaluator.tables.types[cls.name].bind
            if parameter and value.argument(parameter) is None:
                return value.bound(parameter, through)
        return value


@derived
def _reading(tables: Tables) -> frozenset[str]:
    return frozenset(
        path.replace("#", ".").rpartition(".")[2] for path, (_, row) in tables.functions.items() if row.reads
    )
