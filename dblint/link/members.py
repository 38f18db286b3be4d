"""Members of values: attributes, subscripts, elements, and what a row says a call gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dblint.facts.tree import Flag, Kind, Role
from dblint.libraries.grammar import Member
from dblint.link import hosts
from dblint.link.returns import TypeExpression, parse
from dblint.link.values import (
    UNKNOWN,
    Alternatives,
    BoundMember,
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
    Unknown,
    Value,
    join,
    options,
)

if TYPE_CHECKING:
    from dblint.link.types import Evaluator

Class = LibraryClass | ProjectClass


class Members:
    """Answers what members of values are. One per evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._mro: dict[Class, tuple[Class, ...]] = {}
        self._open: set[Class] = set()

    # Classes

    def mro(self, cls: Class) -> tuple[Class, ...]:
        """The class and its bases, nearest first; library types end a branch."""
        found = self._mro.get(cls)
        if found is not None:
            return found
        if isinstance(cls, LibraryClass):
            self._mro[cls] = (cls,)
            return (cls,)
        if cls in self._open:
            return (cls,)
        self._open.add(cls)
        order: list[Class] = [cls]
        with self.evaluator.partial() as partial:
            for base in self._bases(cls):
                order += [ancestor for ancestor in self.mro(base) if ancestor not in order]
            order.sort(key=lambda item: isinstance(item, LibraryClass))
        self._open.discard(cls)
        if not partial:
            self._mro[cls] = tuple(order)
        return tuple(order)

    def _bases(self, cls: ProjectClass) -> list[Class]:
        tree = self.evaluator.tree(cls.path)
        bases: list[Class] = []
        for node in tree.with_role(cls.node, Role.BASE):
            if tree.kinds[node] == Kind.KEYWORD:
                continue
            for option in options(self.evaluator.value(cls.path, node)):
                if isinstance(option, LibraryClass | ProjectClass):
                    bases.append(option)
                elif isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                    bases.append(option.cls)
        return bases

    def library_types(self, cls: Class) -> list[LibraryClass]:
        """The tables' types that a class is."""
        return [item for item in self.mro(cls) if isinstance(item, LibraryClass)]

    def parametrised(self, cls: Class, path: str, nodes: list[int], context: Context | None) -> Class:
        """`Repository<User>`: a class with its type parameters filled."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        if len(nodes) == 1 and tree.kinds[nodes[0]] == Kind.TUPLE:
            nodes = list(tree.children(nodes[0]))
        values = tuple(evaluator.value(path, node, context) for node in nodes)
        if isinstance(cls, ProjectClass):
            return ProjectClass(cls.path, cls.node, values)
        parameters = evaluator.tables.types[cls.name].parameters
        return LibraryClass(cls.name, tuple(zip(parameters, values, strict=False)))

    # Attributes

    def attribute(self, value: Value, name: str, path: str) -> Value:
        """What `value.name` holds."""
        if isinstance(value, Alternatives):
            return join([self.attribute(option, name, path) for option in value.options])
        evaluator = self.evaluator
        if isinstance(value, Instance):
            return self._of_instance(value, name)
        if isinstance(value, ProjectClass | LibraryClass):
            return self._of_class(value, name)
        if isinstance(value, ModuleValue):
            return evaluator.target(evaluator.names.export(value.path, name))
        if isinstance(value, ExternalValue):
            separator = "." if not evaluator.javascript(path) else "#" if "#" not in value.path else "."
            return evaluator.external(f"{value.path}{separator}{name}")
        if isinstance(value, Expression):
            return self._of_expression(value, name)
        if isinstance(value, FunctionValue) and name in ("bind", "call", "apply"):
            return value
        return UNKNOWN

    def _of_expression(self, value: Expression, name: str) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(value.path)
        if tree.kinds[value.node] != Kind.OBJECT:
            return UNKNOWN
        for pair in tree.children(value.node):
            if tree.kinds[pair] == Kind.PAIR and tree.value(pair) == name:
                node = tree.child(pair, Role.VALUE)
                return evaluator.value(value.path, node, value.context) if node >= 0 else UNKNOWN
            if tree.kinds[pair] == Kind.SPREAD:
                node = tree.child(pair, Role.VALUE)
                spread = evaluator.value(value.path, node, value.context) if node >= 0 else UNKNOWN
                found = self.attribute(spread, name, value.path)
                if not isinstance(found, Unknown):
                    return found
        return UNKNOWN

    def _of_instance(self, value: Instance, name: str) -> Value:
        evaluator = self.evaluator
        order = self.mro(value.cls)
        for cls in order:
            if isinstance(cls, ProjectClass):
                found = self._declared(cls, name, value, value.cls)
                if found is not None:
                    return found
                continue
            found = self._row_attribute(value, cls, name, value.cls)
            if found is not None:
                return found
        for cls in order:
            if isinstance(cls, LibraryClass):
                row = evaluator.tables.types[cls.name]
                if row.dynamic and name in evaluator.models:
                    return self._dynamic(value, cls, evaluator.models[name])
                if row.unknown == "same":
                    return BoundMember(value, cls.name, name)
        return Unknown("unknown member")

    def _dynamic(self, value: Instance, cls: LibraryClass, model: str) -> Value:
        row = self.evaluator.tables.types[cls.name]
        expression = parse(row.dynamic)
        made = self._expression(expression, value, cls, "", -1, None, SchemaModel(model))
        return replace(made, how=value.how, connection=value.connection) if isinstance(made, Instance) else made

    def _row_attribute(self, value: Instance, cls: LibraryClass, name: str, through: Class) -> Value | None:
        evaluator = self.evaluator
        found = evaluator.tables.member(cls.name, name)
        if found is not None:
            owner, row = found
            if row.attribute:
                return self.row_result(row, value, name, "", -1, None, through=through)
            return BoundMember(value, owner, name)
        delegate = evaluator.tables.types[cls.name].delegates
        if delegate:
            target = value.argument(delegate)
            if target is None:
                made = self._expression(parse(delegate), value, cls, "", -1, None, None)
                target = made.cls if isinstance(made, Instance) else None
            if isinstance(target, LibraryClass | ProjectClass):
                row_type = self.library_types(target)
                model = evaluator.tables.types[cls.name].model
                argument = value.argument(model) if model else None
                other = Instance(target, steps=value.steps, open=value.open, how=value.how, connection=value.connection)
                if argument is not None and row_type:
                    parameter = evaluator.tables.types[row_type[0].name].model
                    if parameter:
                        other = other.bound(parameter, argument)
                attribute = self._of_instance(other, name)
                if not isinstance(attribute, Unknown):
                    return attribute
        return None

    def _of_class(self, value: Class, name: str) -> Value:
        for cls in self.mro(value):
            if isinstance(cls, ProjectClass):
                found = self._declared(cls, name, None, value)
                if found is not None:
                    return found
                continue
            member = self.evaluator.tables.member(cls.name, name)
            if member is not None:
                _, row = member
                instance = Instance(value, cls.arguments, how=(f"the class {self.class_name(value)}",))
                if row.attribute:
                    return self.row_result(row, instance, name, "", -1, None, through=value)
                return BoundMember(instance, member[0], name)
        return Unknown("unknown member")

    def class_name(self, cls: Class) -> str:
        """A class's name for people."""
        if isinstance(cls, LibraryClass):
            return cls.name.partition(":")[2]
        return self.evaluator.tree(cls.path).value(cls.node)

    def _declared(self, cls: ProjectClass, name: str, instance: Instance | None, through: Class) -> Value | None:
        """A member that a project class declares itself; None when it does not."""
        evaluator = self.evaluator
        interface = evaluator.files[cls.path].interface.classes.get(cls.node)
        nodes = interface.members.get(name) if interface is not None else None
        if not nodes:
            return None
        tree = evaluator.tree(cls.path)
        receiver: Value = instance if instance is not None else through
        values: list[Value] = []
        for node in nodes:
            kind = tree.kinds[node]
            if kind == Kind.FUNCTION:
                decorators = evaluator.decorator_names(cls.path, node)
                if "staticmethod" in decorators:
                    return FunctionValue(cls.path, node)
                if "classmethod" in decorators:
                    return FunctionValue(cls.path, node, through)
                function = FunctionValue(cls.path, node, receiver)
                if decorators & hosts.PROPERTY_DECORATORS or tree.has(node, Flag.GETTER):
                    return evaluator.returned(function, Context(node, cls.path, receiver))
                values.append(function)
            elif kind == Kind.CLASS:
                return ProjectClass(cls.path, node)
            elif kind == Kind.PARAMETER:
                values.append(evaluator.bindings.parameter(cls.path, node, name, None))
            elif kind == Kind.ASSIGN:
                values.append(self._field(cls, node, name, receiver))
        value = join(values)
        return self._bind(value, through)

    def _field(self, cls: ProjectClass, node: int, name: str, receiver: Value) -> Value:
        evaluator = self.evaluator
        tree = evaluator.tree(cls.path)
        inside = evaluator.scope(cls.path).function(node)
        context = Context(inside, cls.path, receiver) if inside >= 0 and tree.contains(cls.node, inside) else None
        value_node = tree.child(node, Role.VALUE)
        annotation = tree.child(node, Role.ANNOTATION)
        value = evaluator.value(cls.path, value_node, context) if value_node >= 0 else UNKNOWN
        for target in tree.with_role(node, Role.TARGET):
            if tree.kinds[target] in (Kind.TUPLE, Kind.LIST, Kind.OBJECT) and value_node >= 0:
                value = evaluator.bindings.project(cls.path, target, value, name)
        if annotation >= 0 and isinstance(value, Unknown | Scalar | ExternalValue | Expression):
            declared = evaluator.annotation(cls.path, annotation, context)
            if not isinstance(declared, Unknown):
                return declared
        return value

    def _bind(self, value: Value, through: Class) -> Value:
        """A value read as a class attribute learns the class it was read through (descriptors)."""
        if not isinstance(value, Instance):
            return value
        for cls in self.library_types(value.cls):
            parameter = self.evaluator.tables.types[cls.name].bind
            if parameter and value.argument(parameter) is None:
                return value.bound(parameter, through)
        return value

    # Rows

    def constant(self, path: str) -> Value:
        """What a package's own object is (`django.db.connection`)."""
        library, row = self.evaluator.tables.functions[path]
        made = self._expression(parse(row.returns), None, LibraryClass(f"{library}:"), "", -1, None, None)
        return replace(made, how=(f"imported {path}",)) if isinstance(made, Instance) else made

    def row_of(self, value: BoundMember | LibraryFunction) -> Member | None:
        """The row of a member or function."""
        if isinstance(value, LibraryFunction):
            return self.evaluator.tables.functions[value.path][1]
        return self.evaluator.tables.types[value.owner].members.get(value.name)

    def call_member(self, callee: BoundMember, path: str, node: int, context: Context | None) -> Value:
        """What calling a table's member gives."""
        row = self.row_of(callee)
        if row is None:
            return replace(callee.receiver, open=True)
        return self.row_result(row, callee.receiver, callee.name, path, node, context)

    def row_result(
        self,
        row: Member,
        receiver: Instance | None,
        name: str,
        path: str,
        node: int,
        context: Context | None,
        through: Class | None = None,
    ) -> Value:
        """What a row's `returns` gives for a call at `node` (or a read, with node -1)."""
        if not row.returns:
            return UNKNOWN
        step = Step(row, name, path, node, context) if node >= 0 or row.attribute else None
        cls = self.library_types(receiver.cls)[0] if receiver is not None and self.library_types(receiver.cls) else None
        owner = through if through is not None else (receiver.cls if receiver is not None else None)
        made = self._expression(parse(row.returns), receiver, cls, path, node, context, owner)
        if isinstance(made, Instance) and row.run and isinstance(made.cls, ProjectClass):
            return made  # a row of the table: what found it is no part of what it does
        if isinstance(made, Instance) and step is not None and made is not receiver:
            steps = (*(receiver.steps if receiver is not None else ()), step)
            how = made.how or (receiver.how if receiver is not None else ()) or (f"{name}()",)
            connection = made.connection or (receiver.connection if receiver is not None else "")
            made = replace(
                made, steps=steps, how=how, connection=connection, open=receiver.open if receiver is not None else False
            )
        elif isinstance(made, Instance) and step is not None and receiver is not None:
            made = replace(receiver, steps=(*receiver.steps, step))
        return made

    def word(self, text: str, receiver: Instance | None, path: str, node: int, context: Context | None) -> Value:
        """What a word of the `returns` language means for a receiver."""
        cls = self.library_types(receiver.cls)[0] if receiver is not None and self.library_types(receiver.cls) else None
        made = self._expression(
            parse(text), receiver, cls, path, node, context, receiver.cls if receiver is not None else None
        )
        if isinstance(made, Instance) and receiver is not None and not made.how:
            return replace(made, how=receiver.how, connection=receiver.connection)
        return made

    def _expression(
        self,
        expression: TypeExpression,
        receiver: Instance | None,
        cls: LibraryClass | None,
        path: str,
        node: int,
        context: Context | None,
        owner: Value | None,
    ) -> Value:
        evaluator = self.evaluator
        if expression.listed:
            inner = replace(expression, listed=False)
            return ListOf(self._expression(inner, receiver, cls, path, node, context, owner))
        name = expression.name
        if expression.prefix in ("argument", "instance", "result"):
            given = self.argument(path, node, int(name), context)
            if expression.prefix == "argument":
                return given
            if expression.prefix == "instance":
                return evaluator.instance_of(given, "")
            results = [
                evaluator.returned(option, Context(option.node, option.path, option.receiver, (), option.context))
                for option in options(given)
                if isinstance(option, FunctionValue)
            ]
            return join(results) if results else UNKNOWN
        if name == "self":
            return receiver if receiver is not None else UNKNOWN
        if name in ("scalar", "none", "row"):
            return Scalar(name)
        if name == "unknown":
            return UNKNOWN
        if name == "element" and receiver is not None:
            return self.element(receiver)
        if name.isdigit():
            return self.argument(path, node, int(name), context)
        parameter = self._parameter(name, receiver, owner)
        if parameter is not None:
            if expression.prefix == "class":
                return parameter
            return (
                evaluator.instance_of(parameter, name)
                if isinstance(parameter, LibraryClass | ProjectClass)
                else Scalar("row")
            )
        library = cls.name.partition(":")[0] if cls is not None else ""
        full = name if ":" in name else self._library_of(name, library, path, node, context)
        if full not in evaluator.tables.types:
            return UNKNOWN
        row = evaluator.tables.types[full]
        arguments: list[tuple[str, Value]] = []
        for parameter_name, argument in zip(row.parameters, expression.arguments, strict=False):
            value = self._argument_value(argument, receiver, cls, path, node, context, owner)
            if value is not None:
                arguments.append((parameter_name, value))
        made = LibraryClass(full)
        if expression.prefix == "class":
            return LibraryClass(full, tuple(arguments))
        return Instance(made, tuple(arguments))

    def _library_of(self, name: str, library: str, path: str, node: int, context: Context | None) -> str:
        if library:
            return f"{library}:{name}"
        if node >= 0:
            callee = self.evaluator.value(path, node + 1, context)
            for option in options(callee):
                if isinstance(option, LibraryFunction):
                    return f"{self.evaluator.tables.functions[option.path][0]}:{name}"
        return name

    def _argument_value(
        self,
        argument: TypeExpression,
        receiver: Instance | None,
        cls: LibraryClass | None,
        path: str,
        node: int,
        context: Context | None,
        owner: Value | None,
    ) -> Value | None:
        if argument.name.isdigit() and not argument.prefix:
            given = self.argument(path, node, int(argument.name), context)
            return self._model_of(given)
        parameter = self._parameter(argument.name, receiver, owner)
        if parameter is not None:
            return parameter
        if argument.name == "model" and isinstance(owner, SchemaModel):
            return owner
        if argument.name == "Self":
            return owner
        if len(argument.name) == 1 and argument.name.isupper():
            return None
        made = self._expression(argument, receiver, cls, path, node, context, owner)
        return made.cls if isinstance(made, Instance) else None

    def _model_of(self, given: Value) -> Value | None:
        """The model that an argument names: a class, or a class behind a column of it."""
        for option in options(given):
            if isinstance(option, ProjectClass | LibraryClass):
                return option
            if isinstance(option, Instance) and isinstance(option.cls, ProjectClass):
                return option.cls
        return None

    def _parameter(self, name: str, receiver: Instance | None, owner: Value | None) -> Value | None:
        if name == "Self":
            return owner if isinstance(owner, LibraryClass | ProjectClass | SchemaModel) else None
        if receiver is None:
            return None
        value = receiver.argument(name)
        if value is not None:
            return value
        for ancestor in self.mro(receiver.cls):
            if isinstance(ancestor, LibraryClass):
                for key, bound in ancestor.arguments:
                    if key == name:
                        return bound
        return None

    def argument(self, path: str, node: int, position: int, context: Context | None) -> Value:
        """The value of a call's positional argument (or of its only type argument, when it has none)."""
        if node < 0:
            return UNKNOWN
        tree = self.evaluator.tree(path)
        seen = 0
        for argument in tree.with_role(node, Role.ARGUMENT):
            if tree.kinds[argument] in (Kind.KEYWORD, Kind.SPREAD):
                continue
            if seen == position:
                return self.evaluator.value(path, argument, context)
            seen += 1
        return UNKNOWN

    def construct(self, cls: LibraryClass, path: str, node: int, context: Context | None) -> Value:
        """What calling a library's class gives."""
        row = self.evaluator.tables.types[cls.name].construct
        how = (f"new {self.class_name(cls)}() in {path}",)
        if row is not None and row.returns:
            made = self._expression(parse(row.returns), Instance(cls, cls.arguments), cls, path, node, context, cls)
            if isinstance(made, Instance):
                return replace(made, how=how, steps=(Step(row, "()", path, node, context),))
            return made
        steps = (Step(row, "()", path, node, context),) if row is not None else ()
        return Instance(cls, cls.arguments, how=how, steps=steps, connection=f"{path}:{node}")

    def call_instance(self, value: Instance, path: str, node: int, context: Context | None) -> Value:
        """What calling an instance gives (`knex('users')`, `sessionmaker()()`)."""
        for cls in self.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name].call
            if row is not None:
                return self.row_result(row, value, "()", path, node, context)
        return UNKNOWN

    # Elements

    def element(self, value: Value) -> Value:
        """What iterating gives."""
        if isinstance(value, Alternatives):
            return join([self.element(option) for option in value.options])
        if isinstance(value, ListOf):
            return value.element
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            if tree.kinds[value.node] in (Kind.LIST, Kind.TUPLE, Kind.SET):
                values = [self.evaluator.value(value.path, child, value.context) for child in tree.children(value.node)]
                return join(values) if values else UNKNOWN
            return UNKNOWN
        if isinstance(value, Instance):
            for cls in self.library_types(value.cls):
                row = self.evaluator.tables.types[cls.name]
                if row.element:
                    return self._expression(parse(row.element), value, cls, "", -1, None, value.cls)
        return UNKNOWN

    def item(self, value: Value, position: int) -> Value:
        """What unpacking gives at a position."""
        if isinstance(value, Expression):
            tree = self.evaluator.tree(value.path)
            if tree.kinds[value.node] in (Kind.LIST, Kind.TUPLE):
                nodes = list(tree.children(value.node))
                if position < len(nodes):
                    return self.evaluator.value(value.path, nodes[position], value.context)
        return self.element(value)

    def subscript(self, value: Value, path: str, node: int, context: Context | None) -> Value:
        """What `value[index]` gives: a slice of a query, an element, a member, a class with arguments."""
        evaluator = self.evaluator
        tree = evaluator.tree(path)
        indices = list(tree.with_role(node, Role.INDEX))
        if isinstance(value, LibraryClass | ProjectClass):
            return self.parametrised(value, path, indices, context)
        if len(indices) == 1 and tree.kinds[indices[0]] == Kind.STRING:
            return self.attribute(value, tree.value(indices[0]), path)
        results: list[Value] = []
        for option in options(value):
            if isinstance(option, Instance):
                results.append(self._indexed(option, path, node, indices, context))
            elif isinstance(option, ListOf):
                sliced = bool(indices) and tree.kinds[indices[0]] == Kind.SLICE
                results.append(option if sliced else option.element)
            elif isinstance(option, ExternalValue | Unknown):
                # `Annotated[Session, Depends(get)]` as a value is an alias for an annotation.
                alias = isinstance(option, ExternalValue) and not evaluator.javascript(path)
                results.append(Expression(path, node, context) if alias else UNKNOWN)
            else:
                results.append(self.element(option))
        return join(results) if results else UNKNOWN

    def _indexed(self, value: Instance, path: str, node: int, indices: list[int], context: Context | None) -> Value:
        tree = self.evaluator.tree(path)
        for cls in self.library_types(value.cls):
            row = self.evaluator.tables.types[cls.name]
            if row.slice and indices and tree.kinds[indices[0]] == Kind.SLICE:
                return replace(value, steps=(*value.steps, Step(_SLICE, "[:]", path, node, context)))
        return self.element(value)

    def entered(self, value: Value) -> Value:
        """What `with value as x` gives to x."""
        results: list[Value] = []
        for option in options(value):
            if isinstance(option, Instance):
                for cls in self.library_types(option.cls):
                    word = self.evaluator.tables.types[cls.name].enter
                    if word and word != "self":
                        results.append(self.word(word, option, "", -1, None))
                        break
                else:
                    results.append(option)
            else:
                results.append(option)
        return join(results)

    def operator(self, word: str, values: list[Value]) -> Value:
        """What an overloaded operator gives: a query combined with another stays one."""
        for value in values:
            if word in ("|", "&") and isinstance(value, Instance) and value.steps:
                return replace(value, open=True)
        return Scalar("scalar")


_SLICE = Member()
"""The row behind a slice step; chains read its bounds from the node."""
