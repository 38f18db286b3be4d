"""Members of values: attributes that classes declare and that rows name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dblint.facts.tree import Flag, Kind, Role
from dblint.link import hosts
from dblint.link.beginnings import OF_A_PACKAGE, Beginnings
from dblint.link.classes import class_key
from dblint.link.members.below import Below
from dblint.link.members.declared import RELATION, Declared, type_rows
from dblint.link.members.related import Related
from dblint.link.own_libraries import type_of
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
    ModuleValue,
    ProjectClass,
    Scalar,
    SchemaModel,
    Super,
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator


class Members:
    """Answers what attributes of values hold. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.beginnings = Beginnings(evaluator)
        self.declared = Declared(evaluator)
        self.below = Below(self)
        self.related = Related(self)
        types = evaluator.tables.types
        self._statics = frozenset(
            f"{name.partition(':')[0]}:{row.statics}" for name, row in types.items() if row.statics
        )
        """The types whose members classes of models have themselves."""
        self.of_relations = RelationMethods(evaluator)
        self._below: dict[tuple[Instance, ProjectClass, str], Value] = {}
        """What the subclasses of a receiver's class have under a name."""
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
        """What a script puts on an object that is made empty, or with nothing under that name (`{ db: null }`), on a
        library's value, or on a model and its rows, behind the place where that is made (`db.orders = …`,
        `Order.prototype.pay = function () { … }`)."""
        evaluator = self.evaluator
        if isinstance(value, Expression):
            tree = evaluator.tree(value.path)
            empty = value.node + 1 == tree.ends[value.node] or isinstance(found, Scalar)
            if tree.kinds[value.node] != Kind.OBJECT or not (empty or evaluator.kept.by_any_key(value)):
                return found
        else:
            cls = value.cls if isinstance(value, Instance) else value
            if isinstance(value, FunctionValue) and evaluator.constructors.constructs(value.path, value.node):
                kept = evaluator.kept.attribute(value, name)
                return found if isinstance(kept, Unknown) else kept
            held = isinstance(value, Instance) and any(row.holds for row in type_rows(self.evaluator, value.cls))
            if held or (isinstance(value, Instance) and isinstance(value.cls, LibraryClass)):
                kept = evaluator.kept.attribute(value, name)
                if isinstance(kept, FunctionValue) and kept.receiver is None and not held:
                    return replace(kept, receiver=value)
                return found if isinstance(kept, Unknown) else kept
            if not isinstance(cls, ProjectClass) or not any(row.statics for row in type_rows(self.evaluator, cls)):
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
            return evaluator.once(self._of_classes, (value, name), self.of_class)
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
            below = self.evaluator.once(self._below, (value, value.cls, name), self.below.of_subclasses)
            return found if isinstance(below, Unknown) else below
        if isinstance(value.cls, ProjectClass) and self.below.left_open(found):
            return self.below.implemented(value, value.cls, name, found)
        return found

    def _own(self, question: tuple[Instance, str]) -> Value:
        """What a value has by its own class, whatever extends it."""
        value, name = question
        known = self._known(value, name)
        if known is not None:
            return known
        undescribed = self._undescribed(value, self.evaluator.classes.library_types(value.cls), name)
        if not isinstance(undescribed, Unknown):
            return undescribed
        return self.related.member(value.cls, name) or self.handed_on(value, name) or undescribed

    def _known(self, value: Instance, name: str) -> Value | None:
        """A member that a class of the project declares or a row names."""
        evaluator = self.evaluator
        classes = evaluator.classes
        own_row = self._of_own_type(value.cls, name)
        if own_row is not None:
            return self.row_attribute(value, own_row, name, value.cls)
        if isinstance(value.cls, LibraryClass) and value.cls.name in self._statics:
            model = value.argument(evaluator.tables.types[value.cls.name].model)
            own = classes.owner(model, name) if isinstance(model, ProjectClass) else None
            if own is not None and isinstance(model, ProjectClass):
                return self.declared.member(own, name, value, model)
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
            declared = self.declared.member(owner, name, value, value.cls)
            if declared == RELATION or (self._of_library(declared) and self.declared.annotated(owner, name)):
                return self.related.member(value.cls, name) or self._as_annotated(declared, value, owner, name)
            if isinstance(declared, Unknown) and self.declared.only_annotated(owner, name):
                # Said for those who check types: what it is, the library says.
                rows = (self.row_attribute(value, cls, name, value.cls) for cls in classes.library_types(value.cls))
                found = next((row for row in rows if row is not None), None) or self.of_relations.member(value, name)
                return found or declared
            if isinstance(declared, Instance) and declared.open:
                return self._as_annotated(declared, value, owner, name)
            if evaluator.properties.says_nothing(declared):
                put = evaluator.properties.read(name)
                return declared if isinstance(put, Unknown) else put
            return declared
        for cls in classes.library_types(value.cls):
            found = self.row_attribute(value, cls, name, value.cls)
            if found is not None:
                return found
        return self.of_relations.member(value, name)

    def _of_own_type(self, cls: Class, name: str) -> LibraryClass | None:
        """The table's type that a class of the project is itself, where a row of it describes the member."""
        own = type_of(self.evaluator, cls)
        return own if own is not None and self.evaluator.tables.member(own.name, name) is not None else None

    def _of_other_side(self, owner: ProjectClass, name: str, through: Class, *, static: bool) -> bool:
        """Whether a member is only one of the rows of a model where its class is asked, or the other way around."""
        if not any(row.statics for row in type_rows(self.evaluator, through)):
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
        if not self.declared.only_annotated(owner, name):
            return declared
        classes = self.evaluator.classes
        for cls in classes.library_types(through.cls if isinstance(through, Instance) else through):
            if isinstance(through, Instance):
                row = self.row_attribute(through, cls, name, through.cls)
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

    def _behind(self, value: Super, name: str) -> Value:
        """A member as the classes behind `value.after` have it, in the order of the receiver's own class."""
        receiver = value.receiver
        through = receiver.cls if isinstance(receiver, Instance) else receiver
        instance = receiver if isinstance(receiver, Instance) else None
        order = self.evaluator.classes.mro(through)
        if self._of_own_type(through, name) is not None:
            order = tuple(cls for cls in order if isinstance(cls, LibraryClass))
        position = next((at for at, cls in enumerate(order) if class_key(cls) == class_key(value.after)), -1)
        for cls in order[position + 1 :]:
            found: Value | None
            if isinstance(cls, LibraryClass):
                found = (
                    self.row_attribute(instance, cls, name, through)
                    if instance is not None
                    else self._row_of_class(cls, name, through)
                )
            else:
                interface = self.evaluator.files[cls.path].interface.classes.get(cls.node)
                declares = interface is not None and bool(interface.members.get(name))
                found = self.declared.member(cls, name, instance, through) if declares else None
            if found is not None:
                return found
        if instance is None:
            return Unknown("unknown member")
        mixed = self.below.mixed_in(instance, value.after, name) if instance.virtual else UNKNOWN
        return self._undescribed(instance, order, name) if isinstance(mixed, Unknown) else mixed

    def _undescribed(self, value: Instance, order: Sequence[Class], name: str) -> Value:
        """A member that no class declares and no row names."""
        evaluator = self.evaluator
        for cls in order:
            if not isinstance(cls, LibraryClass):
                continue
            row = evaluator.tables.types[cls.name]
            own = evaluator.own_classes.get(cls.name) if row.unknown != "same" else None
            owner = evaluator.classes.owner(own, name) if own is not None else None
            method = self.declared.member(owner, name, value, value.cls) if owner is not None else UNKNOWN
            if isinstance(method, FunctionValue):
                return method
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

    def row_attribute(self, value: Instance, cls: LibraryClass, name: str, through: Class) -> Value | None:
        """A member of a value as the row of a library's type that it is or extends has it; None where it has none."""
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

    def of_class(self, question: tuple[Class, str]) -> Value:
        """What a class itself has under a name."""
        value, name = question
        if name == "prototype":
            return Instance(value, value.arguments if isinstance(value, LibraryClass) else ())
        classes = self.evaluator.classes
        own_row = self._of_own_type(value, name)
        if own_row is not None:
            return self._row_of_class(own_row, name, value) or UNKNOWN
        owner = classes.owner(value, name)
        if owner is not None and self._of_other_side(owner, name, value, static=True):
            owner = None
        if owner is not None:
            declared = self.declared.member(owner, name, None, value)
            if isinstance(declared, Instance) and any(
                row.field == "many-to-many" for row in type_rows(self.evaluator, declared.cls)
            ):
                return self.related.member(value, name) or declared
            if self._stands_for_a_handle(value, name, declared):
                rows = (self._row_of_class(cls, name, value) for cls in classes.library_types(value))
                given = next((row for row in rows if row is not None), None)
                if not isinstance(given, Instance):
                    return declared
                packaged = all(isinstance(option, ExternalValue) for option in options(declared))
                return replace(given, steps=(*given.steps, OF_A_PACKAGE)) if packaged else replace(given, open=True)
            if not (isinstance(declared, Unknown) and self.declared.only_annotated(owner, name)):
                return self._as_annotated(declared, value, owner, name)
        if isinstance(value, ProjectClass):
            added = self.evaluator.added.member(value, "class", name)
            if added is not None:
                return added
        for cls in classes.library_types(value):
            found = self._row_of_class(cls, name, value)
            if found is not None:
                return found
        return self.related.referred(value, name) or self._inside(value, name) or Unknown("unknown member")

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
            name in row.related.split() for row in type_rows(self.evaluator, cls)
        )

    def _row_of_class(self, cls: LibraryClass, name: str, through: Class) -> Value | None:
        statics = self.evaluator.tables.types[cls.name].statics
        if statics:
            own = LibraryClass(f"{self.evaluator.tables.library(cls.name)}:{statics}")
            model = self.evaluator.tables.types[own.name].model
            how = (f"the class {self.evaluator.classes.class_name(through)}",)
            return self.row_attribute(Instance(own, ((model, through),), how=how), own, name, own)
        member = self.evaluator.tables.member(cls.name, name)
        if member is None:
            return None
        owner, row = member
        instance = Instance(through, cls.arguments, how=(f"the class {self.evaluator.classes.class_name(through)}",))
        if row.attribute:
            return self.evaluator.rows.result(row, instance, name, "", -1, None, through=through)
        return BoundMember(instance, owner, name)
